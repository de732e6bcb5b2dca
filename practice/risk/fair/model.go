package fair

import "math"

// Model is a risk made ready for simulation.
type Model struct {
	name   uint64
	counts *counts
	// once are the forms that every event brings, and again those that come when others react.
	once, again []draw
	// fixed and fixedAgain are what is sure of them.
	fixed, fixedAgain float64
	// reaction is the probability of a reaction, and reacts the share of random numbers that bring one.
	reaction float64
	reacts   uint64
	// causes are the common causes and own is how much of the hidden normal value is the risk's own.
	causes []Share
	own    float64
	// mean and variance are those of what one event costs.
	mean, variance float64
	forms          []FormMean
	susceptibility float64
	strong         bool
	// Scaled says that the correlations with common causes were together more than can be, and were made smaller.
	Scaled bool
}

// FormMean is what one form of loss costs on average.
type FormMean struct {
	// Event is what it costs on average for each event, reactions that do not come counted as nothing.
	Event float64
	// Year is what it costs on average in a year.
	Year float64
}

// draw is one form of loss that is drawn from a table.
type draw struct {
	table *table
	scale float64
}

// mostEvent is what no event costs more than, so that sums stay numbers.
const mostEvent = 1e36

// New makes a risk ready for simulation.
func New(r Risk) (*Model, error) {
	if err := r.Check(); err != nil {
		return nil, err
	}
	m := &Model{name: r.Name, counts: newCounts(r.frequencies(), r.AtMostOnce)}
	if !r.Frequency.Given() && !r.Susceptibility.Given() {
		m.susceptibility, m.strong = r.susceptibility(), true
	}
	m.setLosses(&r)
	m.setCauses(r.Causes)
	return m, nil
}

func (m *Model) setLosses(r *Risk) {
	rate := r.Rate
	if rate == 0 {
		rate = 1
	}
	scale := float64((1 - r.Cuts.Loss) * rate)
	if r.Reaction.Given() {
		for _, n := range newQuantity(r.Reaction, 1).nodes(16, 12) {
			m.reaction += float64(n.value * n.weight)
		}
		m.reaction = float64(min(m.reaction, 1) * (1 - r.Cuts.Reaction))
	}
	m.reacts = math.MaxUint64
	if m.reaction < 1 {
		m.reacts = uint64(math.Ldexp(m.reaction, 64))
	}
	var primary, secondary, primaryVar, secondaryVar float64
	m.forms = make([]FormMean, len(r.Forms))
	for i, f := range r.Forms {
		if !f.Amount.Given() {
			continue
		}
		q := newQuantity(f.Amount, mostEvent)
		mean, variance := float64(q.mean*scale), float64(float64(q.variance*scale)*scale)
		m.forms[i].Event = mean
		switch {
		case f.Secondary:
			m.forms[i].Event = float64(mean * m.reaction)
			secondary, secondaryVar = secondary+mean, secondaryVar+variance
			if q.point {
				m.fixedAgain += mean
			} else {
				m.again = append(m.again, draw{newTable(q), scale})
			}
		default:
			primary, primaryVar = primary+mean, primaryVar+variance
			if q.point {
				m.fixed += mean
			} else {
				m.once = append(m.once, draw{newTable(q), scale})
			}
		}
		m.forms[i].Year = float64(m.forms[i].Event * m.counts.mean)
	}
	p := m.reaction
	m.mean = primary + float64(p*secondary)
	m.variance = primaryVar + float64(p*secondaryVar) + float64(float64(p*(1-p))*float64(secondary*secondary))
}

// setCauses keeps the causes. Where the squares of the correlations add up to more than 1 they are scaled down to it, because no values can have such correlations.
func (m *Model) setCauses(causes []Share) {
	sum := 0.0
	for _, c := range causes {
		if c.Correlation > 0 {
			m.causes = append(m.causes, c)
			sum += float64(c.Correlation * c.Correlation)
		}
	}
	if sum > 1 {
		m.Scaled = sum > 1+1e-9
		root := math.Sqrt(sum)
		for i := range m.causes {
			m.causes[i].Correlation /= root
		}
		sum = 1
	}
	m.own = math.Sqrt(max(0, 1-sum))
}

// Frequency returns the mean number of losses in a year.
func (m *Model) Frequency() float64 { return m.counts.mean }

// Event returns the mean of what one event costs.
func (m *Model) Event() float64 { return m.mean }

// Expected returns the mean of what a year costs, without chance: the mean number of losses times the mean of one.
func (m *Model) Expected() float64 { return float64(m.counts.mean * m.mean) }

// NoLoss returns the probability that a year has no loss, without chance.
func (m *Model) NoLoss() float64 { return m.counts.noLoss() }

// Susceptibility returns the probability that the threat is stronger than what resists, and false where it is not computed from these.
func (m *Model) Susceptibility() (float64, bool) { return m.susceptibility, m.strong }

// Reaction returns the probability that others react to an event, after the protections.
func (m *Model) Reaction() float64 { return m.reaction }

// Forms returns what each form of loss costs on average, in the order of the risk.
func (m *Model) Forms() []FormMean { return m.forms }

// drawnEvents is how many events of a year are drawn one by one. The rest of them, if any, is drawn as a sum: lognormal with
// the mean and the variance of the sum (Fenton and Wilkinson).
const drawnEvents = 64

// loss returns what the events of a year cost.
func (m *Model) loss(losses uint64, year, events int) float64 {
	seed := at(losses, year)
	stride := len(m.once) + len(m.again) + 1
	sum := 0.0
	for e := range min(events, drawnEvents) {
		s := seed + gamma*uint64(e*stride)
		cost := m.fixed
		for i := range m.once {
			s += gamma
			cost += float64(m.once[i].table.draw(mix(s)) * m.once[i].scale)
		}
		if m.reaction > 0 {
			s += gamma
			if u := mix(s); u < m.reacts {
				cost += m.fixedAgain
				for i := range m.again {
					s += gamma
					cost += float64(m.again[i].table.draw(mix(s)) * m.again[i].scale)
				}
			}
		}
		sum += min(cost, mostEvent)
	}
	if events > drawnEvents {
		sum += m.rest(mix(seed), float64(events-drawnEvents))
	}
	return sum
}

// rest returns what many events cost together.
func (m *Model) rest(u uint64, events float64) float64 {
	mean, variance := float64(events*m.mean), float64(events*m.variance)
	if mean <= 0 || variance <= 0 {
		return mean
	}
	square := log(1 + variance/float64(mean*mean))
	return exp(log(mean) - float64(0.5*square) + float64(math.Sqrt(square)*normal(unit(u))))
}

// years adds what the years from one on cost to a list, one element for each year. Shift is what the common causes add to
// the hidden normal value of each year, and nil without any.
func (m *Model) years(seed uint64, from int, shift, to []float64) {
	number, losses := stream(seed, forCounts, m.name), stream(seed, forLosses, m.name)
	if m.counts.mean <= 0 {
		return
	}
	if shift == nil {
		none := m.counts.none()
		state := number + gamma*uint64(from)
		for i := range to {
			state += gamma
			if u := mix(state); u >= none {
				if n := m.counts.draw(u); n > 0 {
					to[i] += m.loss(losses, from+i, n)
				}
			}
		}
		return
	}
	first := m.counts.first() - 1e-9
	z := borders()
	for i := range to {
		u := at(number, from+i)
		if shift[i]+float64(m.own*ceiling(u, z)) < first {
			continue
		}
		if n := m.counts.drawNormal(m.hidden(u, shift[i])); n > 0 {
			to[i] += m.loss(losses, from+i, n)
		}
	}
}

// hidden returns the normal value behind the number of losses of a year.
func (m *Model) hidden(u uint64, shift float64) float64 {
	return shift + float64(m.own*normal(unit(u)))
}

// shiftOf writes what the common causes add to the hidden normal value of each year, or returns nil where there are none.
func (m *Model) shiftOf(seed uint64, from int, into []float64, waves func(cause uint64) []float64) []float64 {
	if len(m.causes) == 0 {
		return nil
	}
	clear(into)
	for _, c := range m.causes {
		for i, z := range waves(c.Cause) {
			into[i] += float64(c.Correlation * z)
		}
	}
	return into
}

// wave returns the normal value of a cause in a year.
func wave(cause uint64, year int) float64 { return normal(unit(at(cause, year))) }

// Year returns what one year costs, the same as in a simulation of many.
func (m *Model) Year(seed uint64, year int) float64 {
	if m.counts.mean <= 0 {
		return 0
	}
	u := at(stream(seed, forCounts, m.name), year)
	var n int
	if len(m.causes) == 0 {
		n = m.counts.draw(u)
	} else {
		shift := 0.0
		for _, c := range m.causes {
			shift += float64(c.Correlation * wave(stream(seed, forCauses, c.Cause), year))
		}
		n = m.counts.drawNormal(m.hidden(u, shift))
	}
	if n == 0 {
		return 0
	}
	return m.loss(stream(seed, forLosses, m.name), year, n)
}
