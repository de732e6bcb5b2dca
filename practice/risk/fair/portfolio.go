package fair

import "slices"

// Portfolio is what several risks cost together.
type Portfolio struct {
	*Result
	// Contributions are the parts of the risks, in their order.
	Contributions []Contribution
	// TailFrom is the share of years that the tail leaves out, such as 0.95.
	TailFrom float64
	// TailYears is how many years the tail has.
	TailYears int
	// TailMean is the tail value at risk: the mean of the worst years. It is the sum of the contributions.
	TailMean float64
}

// Contribution is the part of a risk in what all of them cost.
type Contribution struct {
	// Mean is its part of the mean of all years.
	Mean float64
	// Tail is its part of the mean of the worst years (Euler's allocation of the tail value at risk).
	Tail float64
}

// SimulateAll returns what several risks cost together, with the contribution of each to the mean and to the mean of the worst years, a share 1 - tail of all.
func SimulateAll(models []*Model, o Options, tail float64) *Portfolio {
	o.Years = max(o.Years, 0)
	total := make([]float64, o.Years)
	sums := make([][]float64, o.blocks())
	each(o.blocks(), func(_, b int) {
		w := newWaves(o, b)
		sum := make([]float64, len(models))
		room := make([]float64, w.length)
		to := total[w.from : w.from+w.length]
		for i, m := range models {
			clear(room)
			w.add(m, room)
			for y, x := range room {
				if x > 0 {
					sum[i] += x
					to[y] += x
				}
			}
		}
		sums[b] = sum
	})
	p := &Portfolio{Contributions: make([]Contribution, len(models)), TailFrom: tail}
	for _, sum := range sums {
		for i, x := range sum {
			p.Contributions[i].Mean += x
		}
	}
	for i := range p.Contributions {
		p.Contributions[i].Mean /= float64(max(o.Years, 1))
	}
	worst := worstYears(total, tail)
	p.TailYears = len(worst)
	each(len(models), func(_, i int) {
		sum := 0.0
		for _, y := range worst {
			sum += models[i].Year(o.Seed, y)
		}
		p.Contributions[i].Tail = sum / float64(max(len(worst), 1))
	})
	for _, c := range p.Contributions {
		p.TailMean += c.Tail
	}
	p.Result = summarise(total, o)
	return p
}

// worstYears returns the worst years, a share 1 - p of all, in the order of time. Of years that cost the same the earlier ones count.
func worstYears(total []float64, p float64) []int {
	if len(total) == 0 {
		return nil
	}
	n := tailYears(len(total), p)
	sorted := slices.Clone(total)
	sortLosses(sorted)
	limit := sorted[len(sorted)-n]
	more := len(sorted) - upper(sorted, limit)
	room := n - more
	out := make([]int, 0, n)
	for y, x := range total {
		switch {
		case x > limit:
			out = append(out, y)
		case x == limit && room > 0:
			room--
			out = append(out, y)
		}
	}
	return out
}

// upper returns how many amounts of a sorted list are not above a limit.
func upper(sorted []float64, limit float64) int {
	i, _ := slices.BinarySearchFunc(sorted, limit, func(x, limit float64) int {
		if x <= limit {
			return -1
		}
		return 1
	})
	return i
}
