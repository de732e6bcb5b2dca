package choice

import "math"

// Agreement returns how far rankings of the same options by several people agree: Kendall's coefficient of concordance with ties, from 0 for no agreement
// to 1 for full agreement (Kendall and Babington Smith, 1939). Each row has the values that one person gives the options, a higher one better. It reports
// false where there is nothing to compare: fewer than two people or options, or nobody who ranks one above another.
func Agreement(values [][]float64) (float64, bool) {
	people := float64(len(values))
	if people < 2 || len(values[0]) < 2 {
		return 0, false
	}
	options := float64(len(values[0]))
	sums := make([]float64, len(values[0]))
	ties := 0.0
	for _, row := range values {
		ranks := Ranks(row)
		count := map[int]float64{}
		for _, r := range ranks {
			count[r]++
		}
		for i, r := range ranks {
			// Those that share a place all take the middle of the places that they fill.
			sums[i] += float64(r) + (count[r]-1)/2
		}
		for _, n := range count {
			ties += n*n*n - n
		}
	}
	mean, off := people*(options+1)/2, 0.0
	for _, s := range sums {
		off += (s - mean) * (s - mean)
	}
	most := people*people*(options*options*options-options) - people*ties
	if most <= 0 {
		return 0, false
	}
	return min(1, 12*off/most), true
}

// Spread returns the mean of values and their standard deviation over all of them. It is 0 and 0 for none.
func Spread(values []float64) (mean, deviation float64) {
	if len(values) == 0 {
		return 0, 0
	}
	for _, x := range values {
		mean += x / float64(len(values))
	}
	for _, x := range values {
		deviation += (x - mean) * (x - mean) / float64(len(values))
	}
	return mean, math.Sqrt(deviation)
}
