package forecast

import (
	"fmt"
	"math"
)

// smoothing is exponential smoothing with additive errors, in the form of its errors:
//
//	e = y − (level + φ trend + season)
//	level ← level + φ trend + α e,  trend ← φ trend + β e,  season ← season + γ e
type smoothing struct {
	trends  bool
	season  int
	alpha   float64
	beta    float64
	gamma   float64
	phi     float64
	level   float64
	slope   float64
	factors []float64
	// values is how many values it was fitted to, and sse the sum of the squared errors of one step.
	values int
	sse    float64
}

// choose fits the models that the history is long enough for and returns the one with the best criterion.
func choose(series []float64, season int) smoothing {
	if !seasonal(series, season) {
		season = 0
	}
	best := fit(series, false, season)
	if trend := fit(series, true, season); trend.criterion() < best.criterion() {
		best = trend
	}
	return best
}

// seasonal reports whether two whole cycles or more resemble each other: whether the changes to the value of one cycle before
// are clearly smaller than those to a value of another season, measured by the autocorrelation of what is left when the trend is taken away.
func seasonal(series []float64, season int) bool {
	n := len(series)
	if season < 2 || n < 2*season {
		return false
	}
	level, slope, _ := line(series, 0)
	rest, sum := make([]float64, n), 0.0
	for i, v := range series {
		rest[i] = v - level - slope*float64(i)
		sum += rest[i] * rest[i]
	}
	if sum == 0 {
		return false
	}
	at := func(lag int) float64 {
		c := 0.0
		for i := lag; i < n; i++ {
			c += rest[i] * rest[i-lag]
		}
		return c / sum
	}
	// The bound of Bartlett for the lag of a cycle, at one side of 95 %. A sum over n − lag pairs is scaled up, for short series.
	spread := 1.0
	for lag := 1; lag < season; lag++ {
		spread += 2 * at(lag) * at(lag) * float64(n-season) / float64(n)
	}
	return at(season)*float64(n)/float64(n-season) > 1.645*math.Sqrt(min(spread, 3)/float64(n-season))
}

// line fits a straight line and, where there is a season, the mean of each season around it, by least squares.
func line(series []float64, season int) (level, slope float64, factors []float64) {
	n := len(series)
	factors = make([]float64, max(season, 1))
	for range 50 {
		var sx, sy, sxx, sxy float64
		for i, v := range series {
			x, y := float64(i), v-factors[i%len(factors)]
			sx, sy, sxx, sxy = sx+x, sy+y, sxx+x*x, sxy+x*y
		}
		f := float64(n)
		slope = (f*sxy - sx*sy) / (f*sxx - sx*sx)
		level = (sy - slope*sx) / f
		if season < 2 {
			break
		}
		sums, counts, mean := make([]float64, season), make([]float64, season), 0.0
		for i, v := range series {
			sums[i%season] += v - level - slope*float64(i)
			counts[i%season]++
		}
		for s := range sums {
			factors[s] = sums[s] / counts[s]
			mean += factors[s] / float64(season)
		}
		for s := range factors {
			factors[s] -= mean
		}
	}
	return level, slope, factors
}

// fit finds the parameters that make the errors of one step smallest: first on a grid, then by ever smaller steps in one direction at a time.
func fit(series []float64, trends bool, season int) smoothing {
	start := smoothing{trends: trends, season: season, phi: 1, values: len(series)}
	head := series
	if most := max(10, 2*season); len(head) > most {
		head = head[:most]
	}
	level, slope, factors := line(head, season)
	start.level, start.slope, start.factors = level-slope, slope, factors
	if !trends {
		start.slope = 0
		start.level = 0
		count := min(len(head), max(season, 5))
		for i, v := range head[:count] {
			start.level += (v - factors[i%len(factors)]) / float64(count)
		}
	}
	betas, gammas, phis := []float64{0}, []float64{0}, []float64{1}
	if trends {
		betas, phis = []float64{0, 0.02, 0.1, 0.3}, []float64{0.85, 0.94, 0.98, 0.998}
	}
	if season > 1 {
		gammas = []float64{0, 0.05, 0.2}
	}
	best := start
	best.sse = math.Inf(1)
	try := func(a, b, g, p float64) bool {
		s := start
		s.alpha, s.beta, s.gamma, s.phi = a, b, g, p
		if a < 0.01 || a > 0.99 || b < 0 || b > a || g < 0 || g > 1-a || trends && (p < 0.8 || p > 0.998) {
			return false
		}
		if !trends && (b != 0 || p != 1) || season < 2 && g != 0 {
			return false
		}
		if s.run(series); s.sse < best.sse {
			best = s
			return true
		}
		return false
	}
	for _, a := range []float64{0.02, 0.1, 0.25, 0.5, 0.75, 0.95} {
		for _, b := range betas {
			for _, g := range gammas {
				for _, p := range phis {
					try(a, b, g, p)
				}
			}
		}
	}
	for step := 0.08; step > 0.002; step /= 2 {
		for range 6 {
			b := best
			moved := try(b.alpha+step, b.beta, b.gamma, b.phi) || try(b.alpha-step, b.beta, b.gamma, b.phi)
			moved = try(best.alpha, best.beta+step, best.gamma, best.phi) || try(best.alpha, best.beta-step, best.gamma, best.phi) || moved
			moved = try(best.alpha, best.beta, best.gamma+step, best.phi) || try(best.alpha, best.beta, best.gamma-step, best.phi) || moved
			moved = try(best.alpha, best.beta, best.gamma, best.phi+step/2) || try(best.alpha, best.beta, best.gamma, best.phi-step/2) || moved
			if !moved {
				break
			}
		}
	}
	return best
}

// run follows a series and adds up the squared errors of one step.
func (s *smoothing) run(series []float64) {
	s.factors = append([]float64(nil), s.factors...)
	s.sse = 0
	for i, v := range series {
		f := &s.factors[i%len(s.factors)]
		e := v - (s.level + s.phi*s.slope + *f)
		s.level += s.phi*s.slope + s.alpha*e
		s.slope = s.phi*s.slope + s.beta*e
		*f += s.gamma * e
		s.sse += e * e
	}
}

// parameters counts what was fitted: the weights, the level, the trend and the season.
func (s *smoothing) parameters() float64 {
	k := 2.0
	if s.trends {
		k += 3
	}
	if s.season > 1 {
		k += float64(s.season)
	}
	return k
}

// freedom is how many values are left to tell the variance from. The weights do not count as fully as what the series starts from.
func (s *smoothing) freedom() float64 {
	k := 1.5
	if s.trends {
		k += 1.5
	}
	if s.season > 1 {
		k += float64(s.season - 1)
	}
	return max(float64(s.values)-k, 2)
}

func (s *smoothing) sigma() float64 { return math.Sqrt(s.sse / s.freedom()) }

// criterion is Akaike's, corrected for short series. Models that differ in the trend alone are compared, so that the season counts in neither.
func (s *smoothing) criterion() float64 {
	n, k := float64(s.values), s.parameters()+1
	if s.season > 1 {
		k -= float64(s.season)
	}
	return n*math.Log(s.sse/n+1e-300) + 2*k + 2*k*(k+1)/max(n-k-1, 1)
}

func (s *smoothing) method() Method {
	switch {
	case s.trends && s.season > 1:
		return TrendSeason
	case s.trends:
		return Trend
	case s.season > 1:
		return LevelSeason
	}
	return Level
}

func (s *smoothing) why(n, season int) string {
	trend := "no trend that helps"
	if s.trends {
		trend = "a trend, which fades"
	}
	switch {
	case s.sse == 0:
		return fmt.Sprintf("All %d values follow the same pattern, so the ranges have no width.", n)
	case s.season > 1:
		return fmt.Sprintf("The %d values have a pattern that comes back every %d and %s.", n, s.season, trend)
	case season < 2:
		return fmt.Sprintf("The %d values have %s.", n, trend)
	case n < 2*season:
		return fmt.Sprintf("The %d values have %s. A season cannot be told from less than two cycles of %d.", n, trend, season)
	}
	return fmt.Sprintf("The %d values have %s and no pattern that comes back every %d.", n, trend, season)
}

// ahead returns means and variances of the next values.
func (s *smoothing) ahead(horizon int) (means, variances []float64) {
	n := float64(s.values)
	sigma := s.sigma()
	reach, sum, power := 0.0, 0.0, 1.0
	for h := 1; h <= horizon; h++ {
		power *= s.phi
		reach += power
		if !s.trends {
			reach = 0
		}
		at := (s.values + h - 1) % len(s.factors)
		means = append(means, s.level+reach*s.slope+s.factors[at])
		// What is not known of level, trend and season at the end of the history. A weight that forgets the past leaves fewer values to tell them from.
		memory := min(n, 2/s.alpha)
		start := 1 / memory
		if s.trends {
			start += 12 * reach * reach / (n * n * n)
		}
		if s.season > 1 {
			start += float64(s.season-1) / n
		}
		// The last factor is for what fitting takes away from the errors of short series. It was found by simulation.
		variances = append(variances, sigma*sigma*(1+sum+start*(1-s.alpha))*(1+4/n))
		// The effect of an error on the value h steps later.
		c := s.alpha + s.beta*reach
		if s.season > 1 && h%s.season == 0 {
			c += s.gamma
		}
		sum += c * c
	}
	return means, variances
}
