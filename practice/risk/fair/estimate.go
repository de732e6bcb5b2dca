package fair

import (
	"fmt"
	"math"
	"slices"
	"sync"
)

// Shape says how values lie within an estimate.
type Shape int

// The shapes.
const (
	// PERT is the modified PERT distribution of Vose: low and high are the limits, likely is the peak.
	PERT Shape = iota
	// Lognormal has low and high as the ends of a 90 % interval. Likely does not bear on it.
	Lognormal
	// Uniform has every value between low and high as likely as any other.
	Uniform
)

// Estimate is a calibrated range. The zero estimate says that nothing was estimated.
type Estimate struct {
	// Low is the low end.
	Low float64
	// Likely is the value thought most likely.
	Likely float64
	// High is the high end.
	High float64
	// Shape says how values lie between and beyond.
	Shape Shape
	// Peak is how strongly values gather around the likely one in PERT, Vose's gamma. 0 means 4.
	Peak float64
	// Set says that something was estimated even where all numbers are 0.
	Set bool
}

// Exactly returns an estimate that is sure.
func Exactly(x float64) Estimate { return Estimate{Low: x, Likely: x, High: x, Set: true} }

// Given reports whether something was estimated.
func (e Estimate) Given() bool { return e != Estimate{} && e != Estimate{Shape: e.Shape} }

// half90 is the normal value of one end of a 90 % interval.
const half90 = 1.6448536269514722

// widest is how many times the high end of a lognormal range may be its low end.
const widest = 1e12

// check says what is wrong with an estimate whose values must lie between 0 and a limit.
func (e Estimate) check(most float64) error {
	for _, x := range []float64{e.Low, e.Likely, e.High} {
		switch {
		case math.IsNaN(x) || math.IsInf(x, 0):
			return fmt.Errorf("%v..%v..%v has something that is not a number: write low..likely..high", e.Low, e.Likely, e.High)
		case x < 0:
			return fmt.Errorf("%v is below 0: it must be 0 or more", x)
		case x > most:
			return fmt.Errorf("%v is above %v: that is the most it can be", x, most)
		}
	}
	switch {
	case e.Low > e.Likely || e.Likely > e.High:
		return fmt.Errorf("%v, %v and %v must rise", e.Low, e.Likely, e.High)
	case e.Peak < 0 || math.IsNaN(e.Peak) || e.Peak > 1000:
		return fmt.Errorf("the weight of the peak is %v: it must be between 0 and 1000", e.Peak)
	case e.Shape == Lognormal && e.Low != e.High && e.Low <= 0:
		return fmt.Errorf("the low end is %v: a lognormal range needs one above 0", e.Low)
	case e.Shape == Lognormal && e.Low > 0 && e.High/e.Low > widest:
		return fmt.Errorf("the high end is more than %g times the low end: narrow the range", widest)
	}
	return nil
}

// quantity is an estimate made ready for computing.
type quantity struct {
	Estimate
	point          bool
	mean, variance float64
	// mu and sigma are those of the logarithm, where the shape is lognormal.
	mu, sigma float64
	// beta is the distribution between the ends, where the shape is PERT.
	beta *beta
	// most is what no value is above.
	most float64
}

func newQuantity(e Estimate, most float64) *quantity {
	q := &quantity{Estimate: e, mean: e.Low, most: most}
	a, m, b := e.Low, e.Likely, e.High
	span := b - a
	switch {
	case span <= 0:
		q.point = true
	case e.Shape == Lognormal:
		l, u := log(a), log(b)
		q.mu, q.sigma = float64(0.5*(l+u)), (u-l)/(2*half90)
		square := float64(q.sigma * q.sigma)
		q.mean = exp(q.mu + float64(0.5*square))
		q.variance = float64(float64((exp(square)-1)*q.mean) * q.mean)
	case e.Shape == Uniform:
		q.mean, q.variance = a+float64(span/2), float64(span*span)/12
	default:
		g := e.Peak
		if g == 0 {
			g = 4
		}
		q.mean = (a + float64(g*m) + b) / (g + 2)
		q.variance = float64((q.mean-a)*(b-q.mean)) / (g + 3)
		q.beta = newBeta(1+float64(g*(m-a))/span, 1+float64(g*(b-m))/span)
	}
	return q
}

// quantile returns the value whose distance from the nearer end of the distribution is a probability, below or above it. The
// distance is at most a half, and given apart from the side so that far tails keep their digits.
func (q *quantity) quantile(tail float64, upper bool) float64 {
	var x float64
	switch {
	case q.point:
		x = q.Low
	case q.Shape == Lognormal:
		z := normal(tail)
		if upper {
			z = -z
		}
		x = exp(q.mu + float64(q.sigma*z))
	case q.Shape == Uniform && upper:
		x = q.High - float64(tail*(q.High-q.Low))
	case q.Shape == Uniform:
		x = q.Low + float64(tail*(q.High-q.Low))
	default:
		p := tail
		if upper {
			p = 1 - tail
		}
		x = q.Low + float64(q.beta.quantile(p)*(q.High-q.Low))
	}
	return min(x, q.most)
}

// value returns the value that lies above a share p of all.
func (q *quantity) value(p float64) float64 {
	if p > 0.5 {
		return q.quantile(1-p, true)
	}
	return q.quantile(p, false)
}

// cdf returns the probability of a value below x.
func (q *quantity) cdf(x float64) float64 {
	switch {
	case q.point:
		if x > q.Low {
			return 1
		}
		return 0
	case q.Shape == Lognormal:
		if x <= 0 {
			return 0
		}
		return below((log(x) - q.mu) / q.sigma)
	case x <= q.Low:
		return 0
	case x >= q.High:
		return 1
	case q.Shape == Uniform:
		return (x - q.Low) / (q.High - q.Low)
	}
	return q.beta.cdf((x - q.Low) / (q.High - q.Low))
}

// lower returns the part of the mean that comes from the lowest values, up to a share p of all.
func (q *quantity) lower(p float64) float64 {
	switch {
	case p <= 0:
		return 0
	case p >= 1 || q.point:
		return float64(q.mean * p)
	case q.Shape == Lognormal:
		return float64(q.mean * below(normal(p)-q.sigma))
	case q.Shape == Uniform:
		return float64(p*q.Low) + float64(float64(float64(p*p)*(q.High-q.Low))/2)
	}
	return float64(p*q.Low) + float64((q.High-q.Low)*q.beta.lower(p))
}

// betaCells is into how many cells the range of a beta distribution is cut, and betaStep is the width of one.
const (
	betaCells = 1024
	betaStep  = 1.0 / betaCells
)

// beta is a beta distribution between 0 and 1, whose parameters are at least 1, as a table. The cells are narrow near the ends: their
// borders are x = t²(3-2t) for t in equal steps. Each is integrated with three points of Gauss and Legendre.
type beta struct {
	// share[i] is the probability of a value below the border i, and part[i] what these values add to the mean.
	share, part [betaCells + 1]float64
}

// betaGrid holds what is the same for all beta distributions.
type betaGrid struct {
	x                        [betaCells + 1]float64
	at, left, right, stretch [3 * betaCells]float64
}

// grid is made when somebody asks for it first.
var grid = sync.OnceValue(func() *betaGrid {
	g := &betaGrid{}
	for i := range g.x {
		g.x[i] = smooth(float64(float64(i) * betaStep))
	}
	const away = 0.7745966692414834
	for i := range betaCells {
		for j, node := range [3]float64{-away, 0, away} {
			t := float64((float64(i) + 0.5 + float64(0.5*node)) * betaStep)
			k := 3*i + j
			g.at[k] = smooth(t)
			g.left[k] = log(g.at[k])
			g.right[k] = log(smooth(1 - t))
			g.stretch[k] = float64(t * (1 - t))
			if j == 1 {
				g.stretch[k] *= 8.0 / 5
			}
		}
	}
	return g
})

func smooth(t float64) float64 { return float64(float64(t*t) * (3 - float64(2*t))) }

func newBeta(a, b float64) *beta {
	g, out := grid(), &beta{}
	// The density is scaled by its height at the peak, so that no parameters make it vanish.
	peak := 0.5
	if a+b > 2 {
		peak = (a - 1) / (a + b - 2)
	}
	scale := 0.0
	if peak > 0 && peak < 1 {
		scale = float64((a-1)*log(peak)) + float64((b-1)*log(1-peak))
	}
	for i := range betaCells {
		mass, part := 0.0, 0.0
		for k := 3 * i; k < 3*i+3; k++ {
			f := float64(exp(float64((a-1)*g.left[k])+float64((b-1)*g.right[k])-scale) * g.stretch[k])
			mass += f
			part += float64(f * g.at[k])
		}
		out.share[i+1], out.part[i+1] = out.share[i]+mass, out.part[i]+part
	}
	all := out.share[betaCells]
	for i := range out.share {
		out.share[i] /= all
		out.part[i] /= all
	}
	return out
}

// cell returns the cell in which a share of all values ends, and how far into it.
func (b *beta) cell(p float64) (int, float64) {
	i, found := slices.BinarySearch(b.share[:], p)
	if !found {
		i--
	}
	i = min(max(i, 0), betaCells-1)
	width := b.share[i+1] - b.share[i]
	if width <= 0 {
		return i, 0
	}
	return i, min(1, (p-b.share[i])/width)
}

func (b *beta) quantile(p float64) float64 {
	i, f := b.cell(p)
	return smooth(float64((float64(i) + f) * betaStep))
}

func (b *beta) lower(p float64) float64 {
	i, f := b.cell(p)
	return b.part[i] + float64(f*(b.part[i+1]-b.part[i]))
}

func (b *beta) cdf(x float64) float64 {
	g := grid()
	i, found := slices.BinarySearch(g.x[:], x)
	if found {
		return b.share[i]
	}
	i = min(max(i-1, 0), betaCells-1)
	// Within a cell t is looked for by halving, since x is a polynomial of it.
	low, high := 0.0, 1.0
	for range 24 {
		mid := float64(0.5 * (low + high))
		if smooth(float64((float64(i)+mid)*betaStep)) <= x {
			low = mid
		} else {
			high = mid
		}
	}
	return b.share[i] + float64(low*(b.share[i+1]-b.share[i]))
}

// Mean returns the mean of what was estimated.
func (e Estimate) Mean() float64 {
	if !e.Given() || e.check(mostAmount) != nil {
		return 0
	}
	return newQuantity(e, mostAmount).mean
}
