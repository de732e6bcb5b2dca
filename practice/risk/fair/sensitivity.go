package fair

import (
	"math"
	"slices"
)

// Bar says how much one factor moves the mean loss of a year.
type Bar struct {
	// Factor is the factor.
	Factor Factor
	// Low is the mean loss with the factor at its low end and the others at their likely values.
	Low float64
	// High is the mean loss with the factor at its high end.
	High float64
	// Rank is Spearman's correlation between the factor and the mean loss, when all factors vary within their ranges.
	Rank float64
}

// Swing returns by how much the two ends differ.
func (b Bar) Swing() float64 { return math.Abs(b.High - b.Low) }

// values are numbers in the place of the estimates of a risk.
type values struct {
	frequency, threat, contact, action, susceptibility, reaction float64
	amounts                                                      []float64
}

// mean returns the mean loss of a year with exactly these values.
func (r *Risk) mean(v *values) float64 {
	left := float64((1 - r.Cuts.Contact) * (1 - r.Cuts.Action))
	f := v.frequency
	if !r.Frequency.Given() {
		f = v.threat
		if !r.Threat.Given() {
			f = float64(v.contact * min(v.action, 1))
		}
		f = float64(f * min(v.susceptibility, 1))
	}
	f = float64(f * left)
	if r.AtMostOnce {
		f = min(f, 1)
	}
	event := 0.0
	for i, form := range r.Forms {
		part := v.amounts[i]
		if form.Secondary {
			part = float64(part*min(v.reaction, 1)) * (1 - r.Cuts.Reaction)
		}
		event += part
	}
	rate := r.Rate
	if rate == 0 {
		rate = 1
	}
	return float64(float64(float64(f*event)*(1-r.Cuts.Loss)) * rate)
}

// set puts a number in the place of a factor.
func (v *values) set(f Factor, x float64) {
	switch {
	case f.Form >= 0:
		v.amounts[f.Form] = x
	case f.Name == "event_frequency":
		v.frequency = x
	case f.Name == "threat_frequency":
		v.threat = x
	case f.Name == "contact_frequency":
		v.contact = x
	case f.Name == "action_probability":
		v.action = x
	case f.Name == "susceptibility":
		v.susceptibility = x
	case f.Name == "secondary_frequency":
		v.reaction = x
	}
}

// resists reports whether a factor bears on the result through the susceptibility alone.
func (f Factor) resists() bool { return f.Form < 0 && f.most == 100 }

// rankDraws is how often all factors are drawn for the rank correlation.
const rankDraws = 2000

// Tornado returns how much each factor moves the mean loss of a year, the one with the widest swing first, and the mean loss with all at
// their likely values. Threats and what resists them keep their ranges where they are not the factor that is moved, because two points would make a success certain or impossible.
func Tornado(r Risk, seed uint64) (bars []Bar, likely float64, err error) {
	if err := r.Check(); err != nil {
		return nil, 0, err
	}
	factors := r.Factors()
	base := &values{amounts: make([]float64, len(r.Forms))}
	strong := !r.Frequency.Given() && !r.Susceptibility.Given()
	if strong {
		base.susceptibility = r.susceptibility()
	}
	for _, f := range factors {
		base.set(f, f.estimate.Likely)
	}
	likely = r.mean(base)
	for _, f := range factors {
		at := func(x float64) float64 {
			v := *base
			v.amounts = slices.Clone(base.amounts)
			if f.resists() {
				moved := r
				moved.Strengths = slices.Clone(r.Strengths)
				f.put(&moved, Exactly(x))
				v.susceptibility = moved.susceptibility()
			} else {
				v.set(f, x)
			}
			return r.mean(&v)
		}
		bars = append(bars, Bar{Factor: f, Low: at(f.estimate.Low), High: at(f.estimate.High)})
	}
	r.rank(bars, seed, strong)
	slices.SortStableFunc(bars, func(a, b Bar) int {
		switch x, y := a.Swing(), b.Swing(); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return bars, likely, nil
}

// rank fills in the rank correlations.
func (r *Risk) rank(bars []Bar, seed uint64, strong bool) {
	drawn := make([][]float64, len(bars))
	for i, b := range bars {
		q := newQuantity(b.Factor.estimate, b.Factor.most)
		s := stream(seed, forFactors, r.Name^uint64(i+1)*gamma)
		drawn[i] = make([]float64, rankDraws)
		for k := range drawn[i] {
			drawn[i][k] = q.value(unit(at(s, k)))
		}
	}
	means := make([]float64, rankDraws)
	v := &values{amounts: make([]float64, len(r.Forms))}
	for k := range means {
		capability, resistance := 0.0, 0.0
		for i, b := range bars {
			x := drawn[i][k]
			switch {
			case !b.Factor.resists():
				v.set(b.Factor, x)
			case b.Factor.Name == "threat_capability":
				capability = x
			default:
				resistance = max(resistance, x)
			}
		}
		if strong {
			v.susceptibility = b2f(capability > resistance)
		}
		means[k] = r.mean(v)
	}
	ranked := ranks(means)
	for i := range bars {
		bars[i].Rank = correlation(ranks(drawn[i]), ranked)
	}
}

// ranks returns the place of each value among all, equal values sharing the mean of their places.
func ranks(list []float64) []float64 {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case list[a] < list[b]:
			return -1
		case list[a] > list[b]:
			return 1
		}
		return 0
	})
	out := make([]float64, len(list))
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && list[order[j]] == list[order[i]] {
			j++
		}
		for _, k := range order[i:j] {
			out[k] = float64(i+j-1) / 2
		}
		i = j
	}
	return out
}

// correlation returns Pearson's correlation of two lists of ranks, and 0 where one of them does not vary.
func correlation(a, b []float64) float64 {
	n := float64(len(a))
	var meanA, meanB float64
	for i := range a {
		meanA += a[i] / n
		meanB += b[i] / n
	}
	var ab, aa, bb float64
	for i := range a {
		x, y := a[i]-meanA, b[i]-meanB
		ab += float64(x * y)
		aa += float64(x * x)
		bb += float64(y * y)
	}
	if aa < 1 || bb < 1 {
		return 0
	}
	return ab / math.Sqrt(float64(aa*bb))
}
