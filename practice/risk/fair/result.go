package fair

import (
	"math"
	"slices"
)

// Result is what simulated years cost.
type Result struct {
	// Years is how many years were simulated.
	Years int
	// Seed names the random numbers.
	Seed uint64
	// Mean is the mean of all years: the annualised loss expectancy.
	Mean float64
	// Error is the standard error of the mean.
	Error float64
	// Maximum is the worst year.
	Maximum float64

	// losses are the years with a loss, the least first.
	losses []float64
}

// Summarise makes a result of what each year costs. The list may be reused afterwards.
func Summarise(years []float64, o Options) *Result { return summarise(slices.Clone(years), o) }

// summarise does the same and keeps the list.
func summarise(years []float64, o Options) *Result {
	r := &Result{Years: len(years), Seed: o.Seed}
	if r.Years == 0 {
		return r
	}
	sums := [2]float64{}
	for from := 0; from < len(years); from += blockYears {
		sum, squares := 0.0, 0.0
		for _, x := range years[from:min(from+blockYears, len(years))] {
			sum += x
			squares += float64(x * x)
		}
		sums[0] += sum
		sums[1] += squares
	}
	n := float64(r.Years)
	r.Mean = sums[0] / n
	if r.Years > 1 {
		r.Error = math.Sqrt(max(0, sums[1]/n-float64(r.Mean*r.Mean)) / (n - 1))
	}
	kept := years[:0]
	for _, x := range years {
		if x > 0 {
			kept = append(kept, x)
		}
	}
	sortLosses(kept)
	r.losses = kept
	if len(kept) > 0 {
		r.Maximum = kept[len(kept)-1]
	}
	return r
}

// NoLoss returns the share of years without a loss.
func (r *Result) NoLoss() float64 {
	if r.Years == 0 {
		return 1
	}
	return float64(r.Years-len(r.losses)) / float64(r.Years)
}

// Quantile returns the least amount that a share p of all years does not cost more than.
func (r *Result) Quantile(p float64) float64 {
	i := int(math.Ceil(float64(p*float64(r.Years))-1e-9)) - 1
	i = min(max(i, 0), r.Years-1) - (r.Years - len(r.losses))
	if i < 0 || len(r.losses) == 0 {
		return 0
	}
	return r.losses[i]
}

// tailYears returns how many years are the worst 1 - p of all, at least one.
func tailYears(years int, p float64) int {
	return min(max(int(math.Floor(float64(float64(years)*(1-p))+0.5)), 1), years)
}

// Tail returns the mean of the worst years, a share 1 - p of all: the tail value at risk.
func (r *Result) Tail(p float64) float64 {
	if r.Years == 0 {
		return 0
	}
	n := tailYears(r.Years, p)
	sum := 0.0
	for _, x := range r.losses[max(0, len(r.losses)-n):] {
		sum += x
	}
	return sum / float64(n)
}

// Exceeds returns the share of years that cost more than an amount.
func (r *Result) Exceeds(amount float64) float64 {
	if r.Years == 0 || amount < 0 {
		return b2f(r.Years > 0)
	}
	i, _ := slices.BinarySearchFunc(r.losses, amount, func(x, amount float64) int {
		if x <= amount {
			return -1
		}
		return 1
	})
	return float64(len(r.losses)-i) / float64(r.Years)
}

func b2f(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// XY is a point of a curve: an amount and the probability that a year costs more.
type XY struct{ Amount, Probability float64 }

// Curve returns the loss exceedance curve at some amounts in equal steps of their logarithm, from the least loss of one
// in a thousand loss years to the worst year.
func (r *Result) Curve(points int) []XY {
	if len(r.losses) == 0 || points < 1 {
		return nil
	}
	low, high := r.losses[len(r.losses)/1000], r.Maximum
	if low == high || points == 1 {
		return []XY{{high, r.Exceeds(high)}}
	}
	start, step := log(low), (log(high)-log(low))/float64(points-1)
	out := make([]XY, points)
	for i := range out {
		x := exp(start + float64(step*float64(i)))
		switch i {
		case 0:
			x = low
		case points - 1:
			x = high
		}
		out[i] = XY{x, r.Exceeds(x)}
	}
	return out
}

// sortLosses sorts amounts, none of which is below 0: digit by digit of their bits, which rise as the amounts do.
func sortLosses(list []float64) {
	if len(list) < 512 {
		slices.Sort(list)
		return
	}
	const digit = 11
	from := make([]uint64, len(list))
	to := make([]uint64, len(list))
	for i, x := range list {
		from[i] = math.Float64bits(x)
	}
	var counts [6][1 << digit]int
	for _, b := range from {
		for d := range counts {
			counts[d][b>>(digit*d)&(1<<digit-1)]++
		}
	}
	for d := range counts {
		shift := digit * d
		if counts[d][from[0]>>shift&(1<<digit-1)] == len(list) {
			continue
		}
		at := 0
		for i, n := range counts[d] {
			counts[d][i] = at
			at += n
		}
		for _, b := range from {
			k := b >> shift & (1<<digit - 1)
			to[counts[d][k]] = b
			counts[d][k]++
		}
		from, to = to, from
	}
	for i, b := range from {
		list[i] = math.Float64frombits(b)
	}
}
