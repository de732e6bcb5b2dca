package architecture

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// AvailabilityIn says whose availability is computed.
type AvailabilityIn struct {
	// Record is the service, the application or whatever else depends on parts.
	Record model.Ref `to:"any" is:"required"`
	// Target is the availability that is wanted, in percent. The default is what the service promises.
	Target model.Percent `min:"0" max:"100" unit:"%"`
}

// AvailabilityOut says how available something can be.
type AvailabilityOut struct {
	// Availability is the share of time that it works, together with everything that it needs.
	Availability practice.Figure
	// DowntimeYear is how long it is away in a year of 8,760 hours.
	DowntimeYear practice.Figure
	// DowntimeMonth is how long it is away in a twelfth of such a year.
	DowntimeMonth practice.Figure
	// Parts is how many parts it stands on that can have a figure.
	Parts practice.Figure
	// Assumed is how many of these have no figure. They are taken as working always.
	Assumed practice.Figure
	// Findings say what keeps it from its target, and where the graph goes in a circle.
	Findings []practice.Finding
	// Costs are the parts that cost most, the dearest first.
	Costs practice.Table[PartCost]
}

// PartCost is what one part costs in availability.
type PartCost struct {
	// Part is the part.
	Part practice.Link
	// Own is how often the part itself works, in percent.
	Own model.Percent
	// Importance is how much the whole gains for each point that the part gains, from 0 to 1, as Birnbaum defined it.
	Importance float64
	// Lost is how many hours of downtime a year would go away if the part never failed.
	Lost float64 `label:"Lost h a year"`
	// Owner is who answers for the part.
	Owner practice.Link
}

const (
	hoursInYear = 8760
	// diagramLimit is how many nodes a diagram may have before bounds take the place of the exact figure.
	diagramLimit = 1_000_000
	// stateLimit is how many states of failure are played for the bounds.
	stateLimit = 20_000
)

// Availability computes how available something is from the availability of its
// parts, all of which fail independently. A part that is shared counts once,
// however many ways lead to it. Parts of which only some are needed are redundant.
//
// Parts without a figure are taken as working always, so the truth is not better
// than the answer. Records that need each other in a circle count as one, which
// works only while all of them work.
func Availability(v estate.View, in AvailabilityIn) (AvailabilityOut, error) {
	rec := v.Get(in.Record)
	if rec == nil {
		return AvailabilityOut{}, model.Problem{Field: "record", Text: "there is no such record"}
	}
	g := upFrom(v, in.Record)
	var parts, assumed []practice.Link
	for _, p := range g.parts {
		if own, can := ownAvailability(p.rec); can {
			parts = append(parts, practice.To(p.rec))
			if own == 0 {
				assumed = append(assumed, practice.To(p.rec))
			}
		}
	}
	out := AvailabilityOut{Parts: practice.Counted("parts", practice.Neither, parts), Assumed: practice.Counted("parts", practice.Lower, assumed)}
	g, circles := g.untied()
	for _, c := range circles {
		out.Findings = append(out.Findings, practice.Finding{
			Severity: practice.Low, Text: fmt.Sprintf("%s need each other in a circle. They count as one that works only while all of them work.", practice.Some(c)), From: c,
		})
	}
	result := solve(g, diagramLimit)
	out.fill(v, g, result)
	if len(assumed) > 0 {
		out.Availability.Note += fmt.Sprintf("; %s without a figure and taken as working always: %s", practice.Count(len(assumed), "part is", "parts are"), practice.Some(assumed))
	}
	out.compare(v, rec, cmp.Or(in.Target, targetOf(rec)), result)
	return out, nil
}

func targetOf(rec model.Record) model.Percent {
	if s, ok := rec.(*model.Service); ok {
		return s.TargetAvailability
	}
	return 0
}

// ownAvailability returns how often a record itself works, and whether its kind can say so.
func ownAvailability(rec model.Record) (model.Percent, bool) {
	switch r := rec.(type) {
	case *model.Application:
		return r.Availability, true
	case *model.Service:
		return r.Availability, true
	case *model.Host:
		return r.Availability, true
	case *model.NetworkDevice:
		return r.Availability, true
	case *model.CloudResource:
		return r.Availability, true
	case *model.Site:
		return r.Availability, true
	}
	return 0, false
}

// solution is the availability of the first part of a graph.
type solution struct {
	// low and high are bounds. They are equal where the figure is exact.
	low, high float64
	// variables are the parts that can fail, and rises by how much the whole rises with each of them.
	variables []int32
	rises     []float64
}

// chanceOf returns the probability that a part itself works.
func chanceOf(p part) float64 {
	if p.rec != nil {
		if own, _ := ownAvailability(p.rec); own > 0 {
			return math.Min(1, float64(own)/100)
		}
	}
	return 1
}

// solve computes the availability of the first part of a graph without circles:
// exactly where the diagram stays within a limit, in bounds otherwise.
func solve(g *graph, limit int) solution {
	d := newDiagram(limit)
	b := &builder{graph: g, diagram: d, made: make([]int32, len(g.parts)), names: make([]int32, len(g.parts))}
	var s solution
	s.variables = b.order()
	p := make([]float64, len(s.variables))
	for i, at := range s.variables {
		p[i] = chanceOf(g.parts[at])
	}
	f, err := b.function(0)
	if errors.Is(err, errTooLarge) {
		s.low, s.high = bounds(g, s.variables, p)
		return s
	}
	s.low, s.rises = d.chance(f, p)
	s.high = s.low
	return s
}

// builder makes the function of a graph in a diagram.
type builder struct {
	*graph
	diagram *diagram
	// made are the functions of parts, plus one.
	made []int32
	// names are the variables of parts, plus one.
	names []int32
}

// order names the variables in the order in which a walk from the first part
// meets them, which keeps what belongs together close in the diagram.
func (b *builder) order() []int32 {
	var out []int32
	seen := make([]bool, len(b.parts))
	stack := []int32{0}
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[at] {
			continue
		}
		seen[at] = true
		if chanceOf(b.parts[at]) < 1 {
			out = append(out, at)
			b.names[at] = int32(len(out))
		}
		needs := b.needs(at)
		for _, n := range slices.Backward(needs) {
			stack = append(stack, n)
		}
	}
	return out
}

// needs lists all parts that a part needs, with and without redundancy.
func (g *graph) needs(at int32) []int32 {
	out := slices.Clone(g.parts[at].all)
	for _, s := range g.parts[at].some {
		out = append(out, s.of...)
	}
	return out
}

// function returns the function that holds where a part works.
func (b *builder) function(at int32) (int32, error) {
	if b.made[at] > 0 {
		return b.made[at] - 1, nil
	}
	f := always
	join := func(g int32, err error) error {
		if err == nil {
			f, err = b.diagram.and(g, f)
		}
		return err
	}
	p := b.parts[at]
	for _, s := range p.some {
		of := make([]int32, len(s.of))
		for i, n := range s.of {
			g, err := b.function(n)
			if err != nil {
				return 0, err
			}
			of[i] = g
		}
		if err := join(b.diagram.atLeast(min(s.need, len(of)), of)); err != nil {
			return 0, err
		}
	}
	for _, n := range slices.Backward(p.all) {
		if err := join(b.function(n)); err != nil {
			return 0, err
		}
	}
	if b.names[at] > 0 {
		if err := join(b.diagram.variable(b.names[at] - 1)); err != nil {
			return 0, err
		}
	}
	b.made[at] = f + 1
	return f, nil
}

// bounds plays no, one and two failures at a time. What these states say is
// certain; the rest of the probability lies between the bounds.
func bounds(g *graph, variables []int32, p []float64) (low, high float64) {
	play := newFailure(g)
	none := 1.0
	for _, x := range p {
		none *= x
	}
	works, fails := none, 0.0
	count := func(chance float64, parts ...int32) {
		play.of(parts...)
		if play.failed(0) {
			fails += chance
		} else {
			works += chance
		}
	}
	for i, at := range variables {
		count(none*(1-p[i])/p[i], at)
	}
	left := stateLimit
	for i := range variables {
		for j := range i {
			if left--; left < 0 {
				return works, 1 - fails
			}
			count(none*(1-p[i])/p[i]*(1-p[j])/p[j], variables[i], variables[j])
		}
	}
	return works, 1 - fails
}

// fill writes the figures and the table of a solution.
func (out *AvailabilityOut) fill(v estate.View, g *graph, s solution) {
	down := (1 - s.low) * hoursInYear
	out.Availability = practice.Figure{Value: round(s.low * 100), Unit: "%", Better: practice.Higher, Note: "exact for the figures of the parts"}
	if s.high > s.low {
		out.Availability.Note = fmt.Sprintf("the graph is too entangled to be exact: the truth lies between %g and %g %%", round(s.low*100), round(s.high*100))
	}
	out.DowntimeYear = practice.Figure{Value: round(down), Unit: "h", Better: practice.Lower}
	out.DowntimeMonth = practice.Figure{Value: round(down * 60 / 12), Unit: "min", Better: practice.Lower}
	for i, at := range s.variables {
		if s.rises == nil || s.rises[i] == 0 {
			continue
		}
		p := g.parts[at]
		own, _ := ownAvailability(p.rec)
		out.Costs.Rows = append(out.Costs.Rows, PartCost{
			Part: practice.To(p.rec), Own: own, Importance: round(s.rises[i]), Lost: round(s.rises[i] * (1 - chanceOf(p)) * hoursInYear), Owner: practice.OwnerOf(v, p.rec),
		})
	}
	slices.SortStableFunc(out.Costs.Rows, func(a, b PartCost) int {
		return cmp.Or(cmp.Compare(b.Lost, a.Lost), cmp.Compare(b.Importance, a.Importance), cmp.Compare(a.Part.Key, b.Part.Key))
	})
	const most = 50
	out.Costs.Note = leftOut(len(out.Costs.Rows), most)
	out.Costs.Rows = out.Costs.Rows[:min(most, len(out.Costs.Rows))]
	if s.rises == nil {
		out.Costs.Note = "what each part costs is told only where the figure is exact"
	}
}

// compare sets the target and finds what keeps the record from it.
func (out *AvailabilityOut) compare(v estate.View, rec model.Record, target model.Percent, s solution) {
	if target == 0 {
		return
	}
	t := float64(target)
	out.Availability.Target = &t
	if round(s.high*100) >= t {
		return
	}
	f := practice.Finding{
		Severity: practice.SeverityOf(practice.CriticalityOf(rec)),
		Text:     fmt.Sprintf("%s is to be available %g %% of the time and can reach at most %g %%.", rec.Base().Title(), t, math.Round(s.high*1e8)/1e6),
		About:    practice.To(rec), Owner: practice.OwnerOf(v, rec),
	}
	if len(out.Costs.Rows) > 0 {
		dearest := out.Costs.Rows[0]
		f.Text += fmt.Sprintf(" %s costs most of it: %g hours a year.", dearest.Part.Title(), math.Round(dearest.Lost*100)/100)
		f.From = []practice.Link{dearest.Part}
	}
	out.Findings = append([]practice.Finding{f}, out.Findings...)
}

// round leaves nine places: what lies behind them is noise of the arithmetic.
func round(x float64) float64 { return math.Round(x*1e9) / 1e9 }
