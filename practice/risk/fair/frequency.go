package fair

import (
	"math"
	"slices"
)

// capabilitySteps is how many strengths of a threat stand for all of them.
const capabilitySteps = 2048

// susceptibility returns the probability that a threat is stronger than the strongest of what resists. Adding something that resists never
// makes it greater: every strength of the threat is held against the product of the probabilities of weaker resistance.
func (r *Risk) susceptibility() float64 {
	capability := newQuantity(r.Capability, 100)
	var resist []*quantity
	for _, e := range append([]Estimate{r.Resistance}, r.Strengths...) {
		if e.Given() {
			resist = append(resist, newQuantity(e, 100))
		}
	}
	weaker := func(strength float64) float64 {
		p := 1.0
		for _, q := range resist {
			p = float64(p * q.cdf(strength))
		}
		if len(resist) == 0 && strength <= 0 {
			return 0
		}
		return p
	}
	if capability.point {
		return weaker(capability.Low)
	}
	sum := 0.0
	for i := range capabilitySteps {
		sum += weaker(capability.value((float64(i) + 0.5) / capabilitySteps))
	}
	return sum / capabilitySteps
}

// frequencies returns how often losses happen in a year, as values with their probabilities.
func (r *Risk) frequencies() []node {
	left := float64((1 - r.Cuts.Contact) * (1 - r.Cuts.Action))
	var parts []*quantity
	scale := left
	switch {
	case r.Frequency.Given():
		parts = append(parts, newQuantity(r.Frequency, mostOften))
	case r.Threat.Given():
		parts = append(parts, newQuantity(r.Threat, mostOften))
	default:
		parts = append(parts, newQuantity(r.Contact, mostOften), newQuantity(r.Action, 1))
	}
	if !r.Frequency.Given() {
		if r.Susceptibility.Given() {
			parts = append(parts, newQuantity(r.Susceptibility, 1))
		} else {
			scale = float64(scale * r.susceptibility())
		}
	}
	wide := 0
	for _, q := range parts {
		if !q.point {
			wide++
		}
	}
	per, halvings := 16, 12
	switch {
	case wide == 2:
		per, halvings = 4, 7
	case wide > 2:
		per, halvings = 2, 5
	}
	out := []node{{scale, 1}}
	for _, q := range parts {
		values := q.nodes(per, halvings)
		next := make([]node, 0, len(out)*len(values))
		for _, a := range out {
			for _, b := range values {
				next = append(next, node{min(float64(a.value*b.value), mostOften), float64(a.weight * b.weight)})
			}
		}
		out = next
	}
	return out
}

// counts is how many losses a year brings, as a distribution.
type counts struct {
	mean float64
	// frequency is the mean frequency, which is more than the mean where a year brings one loss at most.
	frequency float64
	// upTo[k] is the share of random numbers that bring k losses or fewer. The last one is all of them.
	upTo []uint64
	// normal[k] is the standard normal value below which a year has k losses or fewer.
	normal []float64
	// many is the number of losses at even steps of probability, where there are too many to count one by one.
	many []float64
}

// mostCounted is the greatest frequency that is counted loss by loss.
const mostCounted = 300

func newCounts(frequencies []node, atMostOnce bool) *counts {
	c := &counts{}
	top := 0.0
	for _, n := range frequencies {
		c.frequency += float64(n.value * n.weight)
		top = max(top, n.value)
	}
	var share []float64
	switch {
	case atMostOnce:
		once := 0.0
		for _, n := range frequencies {
			once += float64(min(n.value, 1) * n.weight)
		}
		c.mean, share = once, []float64{1 - once, once}
	case top > mostCounted:
		c.mean = c.frequency
		c.many = manyCounts(frequencies)
		return c
	default:
		c.mean, share = c.frequency, poissonShares(frequencies, top)
	}
	sum := 0.0
	for _, s := range share[:len(share)-1] {
		sum += s
		if !(sum < 1-0x1p-50) {
			break
		}
		c.upTo = append(c.upTo, uint64(math.Ldexp(max(sum, 0), 64)))
		c.normal = append(c.normal, normal(max(sum, 0x1p-60)))
	}
	if sum <= 0 {
		// No random number brings fewer than the last count.
		c.upTo, c.normal = nil, nil
		for range len(share) - 1 {
			c.upTo, c.normal = append(c.upTo, 0), append(c.normal, math.Inf(-1))
		}
	}
	c.upTo, c.normal = append(c.upTo, math.MaxUint64), append(c.normal, math.Inf(1))
	return c
}

// poissonShares returns the probability of each number of events, where their number is Poisson about each frequency.
func poissonShares(frequencies []node, top float64) []float64 {
	share := make([]float64, int(top+float64(12*math.Sqrt(top)))+25)
	for _, n := range frequencies {
		p := float64(exp(-n.value) * n.weight)
		for k := range share {
			share[k] += p
			p = float64(p*n.value) / float64(k+1)
			if p < 1e-19 && float64(k) > n.value {
				break
			}
		}
	}
	return share
}

// countSteps is into how many steps of probability large numbers of losses are cut.
const countSteps = 1024

// manyCounts returns numbers of events at even steps of probability, where they are so many that the number about
// each frequency is close to normal.
func manyCounts(frequencies []node) []float64 {
	inner := 16
	if len(frequencies) > 1000 {
		inner = 3
	}
	all := make([]node, 0, inner*len(frequencies))
	z := make([]float64, inner)
	for i := range z {
		z[i] = normal((float64(i) + 0.5) / float64(inner))
	}
	for _, n := range frequencies {
		for _, x := range z {
			all = append(all, node{max(0, n.value+float64(x*math.Sqrt(n.value))), n.weight / float64(inner)})
		}
	}
	slices.SortFunc(all, func(a, b node) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
	out := make([]float64, countSteps)
	i, sum := 0, 0.0
	for k := range out {
		for i < len(all)-1 && sum+all[i].weight < (float64(k)+0.5)/countSteps {
			sum += all[i].weight
			i++
		}
		out[k] = math.Floor(all[i].value + 0.5)
	}
	return out
}

// draw turns a random number into a number of losses. A greater one gives as many or more.
func (c *counts) draw(u uint64) int {
	if c.many != nil {
		return int(c.many[u>>54])
	}
	k := 0
	if c.mean > 16 {
		k, _ = slices.BinarySearch(c.upTo, u)
	}
	for k < len(c.upTo)-1 && u >= c.upTo[k] {
		k++
	}
	return k
}

// drawNormal turns a standard normal value into a number of losses.
func (c *counts) drawNormal(x float64) int {
	if c.many != nil {
		return int(c.many[min(int(float64(below(x)*countSteps)), countSteps-1)])
	}
	k := 0
	if c.mean > 16 {
		k, _ = slices.BinarySearch(c.normal, x)
	}
	for k < len(c.normal)-1 && x >= c.normal[k] {
		k++
	}
	return k
}

// none returns below which random numbers a year has no loss.
func (c *counts) none() uint64 {
	if c.many != nil {
		return 0
	}
	return c.upTo[0]
}

// first returns below which normal values a year has no loss.
func (c *counts) first() float64 {
	if c.many != nil {
		return math.Inf(-1)
	}
	return c.normal[0]
}

// noLoss returns the probability that a year has no loss.
func (c *counts) noLoss() float64 {
	if c.many != nil {
		return 0
	}
	if len(c.upTo) == 1 {
		return 1
	}
	return math.Ldexp(float64(c.upTo[0]), -64)
}
