package delivery

import (
	"math"
	"slices"
)

// mostExact is how many steps an exact answer may take.
const mostExact = 20_000_000

// mostPeriods is how many periods a forecast looks ahead at most.
const mostPeriods = 520

// Exactly returns the probability that a number of items is done within 1, 2, … periods, where each period is like one of the past, all of these equally likely and independent. It is the
// exact answer, by convolution. Items below 1 are done at once.
func Exactly(history []int, items, periods int) []float64 {
	out := make([]float64, periods)
	if items < 1 || len(history) == 0 {
		for i := range out {
			out[i] = float64(b2i(items < 1))
		}
		return out
	}
	shares := sharesOf(history)
	// left[n] is the probability that n items are left. Those with none left are in done.
	left := make([]float64, items+1)
	left[items] = 1
	done := 0.0
	for p := range periods {
		next := make([]float64, items+1)
		for n := 1; n <= items; n++ {
			if left[n] == 0 {
				continue
			}
			for _, s := range shares {
				if s.items >= n {
					done += left[n] * s.share
				} else {
					next[n-s.items] += left[n] * s.share
				}
			}
		}
		left = next
		out[p] = min(done, 1)
	}
	return out
}

type itemShare struct {
	items int
	share float64
}

// sharesOf returns how likely each number of items is.
func sharesOf(history []int) []itemShare {
	sorted := slices.Sorted(slices.Values(history))
	var out []itemShare
	for _, n := range sorted {
		if len(out) == 0 || out[len(out)-1].items != n {
			out = append(out, itemShare{items: n})
		}
		out[len(out)-1].share++
	}
	for i := range out {
		out[i].share /= float64(len(history))
	}
	return out
}

// Simulated returns the same as [Exactly], found by drawing so many futures. A seed gives the same numbers everywhere.
func Simulated(history []int, items, periods, futures int, seed uint64) []float64 {
	out := make([]float64, periods)
	if items < 1 || len(history) == 0 {
		return Exactly(history, items, periods)
	}
	ended := make([]int, periods+1)
	for f := range futures {
		left, p := items, 0
		for ; p < periods; p++ {
			if left -= history[draw(seed, f, p, len(history))]; left <= 0 {
				break
			}
		}
		ended[p]++
	}
	sum := 0
	for p := range out {
		sum += ended[p]
		out[p] = float64(sum) / float64(futures)
	}
	return out
}

// AtLeast returns for 0, 1, 2, … items the probability that so many are done within some periods: the exact answer by convolution.
func AtLeast(history []int, periods int) []float64 {
	sums := []float64{1}
	shares := sharesOf(history)
	for range periods {
		next := make([]float64, len(sums)+max(0, lastItems(shares)))
		for n, p := range sums {
			for _, s := range shares {
				next[n+s.items] += p * s.share
			}
		}
		sums = next
	}
	for i := len(sums) - 2; i >= 0; i-- {
		sums[i] += sums[i+1]
	}
	return sums
}

// AtLeastSimulated returns the same as [AtLeast], found by drawing so many futures.
func AtLeastSimulated(history []int, periods, futures int, seed uint64) []float64 {
	totals := make([]int, futures)
	for f := range totals {
		for p := range periods {
			totals[f] += history[draw(seed, f, p, len(history))]
		}
	}
	slices.Sort(totals)
	out := make([]float64, totals[futures-1]+1)
	at := 0
	for n := range out {
		for at < futures && totals[at] < n {
			at++
		}
		out[n] = float64(futures-at) / float64(futures)
	}
	return out
}

func lastItems(shares []itemShare) int {
	if len(shares) == 0 {
		return 0
	}
	return shares[len(shares)-1].items
}

// draw returns a number below n for a future and a period: SplitMix64 (Steele, Lea and Flood, 2014) of the seed and the two.
func draw(seed uint64, future, period, n int) int {
	x := seed*0x9e3779b97f4a7c15 + uint64(future)*0xd1342543de82ef95 + uint64(period)*0x2545f4914f6cdd1d
	for range 2 {
		x += 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		x ^= x >> 31
	}
	return int(math.Floor(float64(x>>11) / (1 << 53) * float64(n)))
}

// Within returns the first number of periods whose probability is at least a confidence, or 0 where there is none.
func Within(probabilities []float64, confidence float64) int {
	for i, p := range probabilities {
		if p >= confidence-1e-12 {
			return i + 1
		}
	}
	return 0
}

// Most returns the greatest number of items whose probability is at least a confidence.
func Most(probabilities []float64, confidence float64) int {
	out := 0
	for n, p := range probabilities {
		if p >= confidence-1e-12 {
			out = n
		}
	}
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
