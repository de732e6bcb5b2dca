package architecture

import (
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ImpactIn says whose failure is looked at.
type ImpactIn struct {
	// Record is what fails.
	Record model.Ref `to:"any" is:"required"`
	// Limit is how many rows the table has at most. 0 means all.
	Limit int `min:"0"`
}

// ImpactOut says what depends on a record and what stops without it.
type ImpactOut struct {
	// Applications are the applications that stop.
	Applications practice.Figure
	// Services are the services that stop.
	Services practice.Figure
	// Capabilities are the capabilities that the business loses.
	Capabilities practice.Figure
	// Processes are the processes of the business that stop.
	Processes practice.Figure
	// Products are the products that cannot be sold or used.
	Products practice.Figure
	// Goals are the goals that are in danger.
	Goals practice.Figure
	// Revenue is what customers paid for these products in the last full year.
	Revenue practice.Figure
	// Weakened is what still works because enough of what it needs is left.
	Weakened practice.Figure
	// Findings say what the business loses, the worst first.
	Findings []practice.Finding
	// Dependents are all records that depend on this one, the nearest first.
	Dependents practice.Table[Dependent]
	// Picture shows the way of the failure.
	Picture practice.Picture
}

// Dependent is something that depends on a record.
type Dependent struct {
	// Record is what depends on it.
	Record practice.Link
	// Kind is the kind of that record.
	Kind string
	// Effect says what a failure does: stops, weakened, unharmed or retired.
	Effect Effect
	// Depth is how many links lie between the two.
	Depth int
	// Criticality says how much the business depends on it.
	Criticality model.Criticality
	// Owner is who answers for it.
	Owner practice.Link
	// Path is the chain from the failure to it.
	Path practice.Path
}

// Effect says what a failure does to something that depends on what failed.
type Effect string

// The effects of a failure.
const (
	// Stops means that it fails too.
	Stops Effect = "stops"
	// Weakened means that it works, with less to fall back on.
	Weakened Effect = "weakened"
	// Unharmed means that something between the two keeps it working.
	Unharmed Effect = "unharmed"
	// Retired means that its life has ended before the date.
	Retired Effect = "retired"
)

// Impact tells what depends on a record, through which chains, and what stops
// for the business if the record fails. Redundancy counts: what needs only some
// of several parts is weakened and does not stop while enough of them are left.
func Impact(v estate.View, in ImpactIn) (ImpactOut, error) {
	rec := v.Get(in.Record)
	if rec == nil {
		return ImpactOut{}, model.Problem{Field: "record", Text: "there is no such record"}
	}
	effects := effectsOf(v, in.Record)
	reach := v.Reach(estate.Down, in.Record)
	var out ImpactOut
	stopped := map[string][]practice.Link{}
	var weakened []practice.Link
	var revenue []model.Money
	for i, s := range reach.Steps[1:] {
		effect := effects[s.Record.Base().Ref()]
		switch {
		case practice.Gone(s.Record, v.At()):
			effect = Retired
		case effect == Stops:
			kind := model.NameOf(s.Record)
			stopped[kind] = append(stopped[kind], practice.To(s.Record))
			if p, ok := s.Record.(*model.Product); ok {
				revenue = append(revenue, p.Revenue)
			}
			if f, ok := lossOf(v, rec, s.Record, reach.Path(i+1)); ok {
				out.Findings = append(out.Findings, f)
			}
		case effect == Weakened:
			weakened = append(weakened, practice.To(s.Record))
		default:
			effect = Unharmed
		}
		if in.Limit == 0 || len(out.Dependents.Rows) < in.Limit {
			out.Dependents.Rows = append(out.Dependents.Rows, Dependent{
				Record: practice.To(s.Record), Kind: model.NameOf(s.Record), Effect: effect, Depth: s.Depth, Criticality: practice.CriticalityOf(s.Record),
				Owner: practice.OwnerOf(v, s.Record), Path: practice.PathOf(reach.Path(i + 1)),
			})
		}
	}
	count := func(kind, unit string) practice.Figure { return practice.Counted(unit, practice.Lower, stopped[kind]) }
	out.Applications, out.Services = count("Application", "applications"), count("Service", "services")
	out.Capabilities, out.Processes = count("Capability", "capabilities"), count("Process", "processes")
	out.Products, out.Goals = count("Product", "products"), count("Goal", "goals")
	out.Revenue = practice.SumOf("a year", practice.Lower, revenue, stopped["Product"])
	if len(revenue) == 0 {
		out.Revenue = practice.Figure{Unit: "a year", Better: practice.Lower, Note: "no product stops"}
	}
	out.Weakened = practice.Counted("records", practice.Neither, weakened)
	out.Dependents.Note = leftOut(len(reach.Steps)-1, len(out.Dependents.Rows))
	practice.WorstFirst(out.Findings)
	out.Picture = pictureOf(reach, func(s estate.Step) practice.Severity {
		if s.Depth == 0 || effects[s.Record.Base().Ref()] == Stops {
			return practice.SeverityOf(practice.CriticalityOf(s.Record))
		}
		return practice.Info
	})
	return out, nil
}

// effectsOf returns what stops and what is weakened when a record fails.
func effectsOf(v estate.View, ref model.Ref) map[model.Ref]Effect {
	outage := v.Fail(ref)
	out := make(map[model.Ref]Effect, len(outage.Steps))
	for _, s := range outage.Steps {
		out[s.Record.Base().Ref()] = Stops
	}
	for _, rec := range outage.Weakened {
		out[rec.Base().Ref()] = Weakened
	}
	return out
}

// lossOf makes a finding of something critical that stops.
func lossOf(v estate.View, failed, lost model.Record, path []estate.Step) (practice.Finding, bool) {
	c := practice.CriticalityOf(lost)
	if model.Rank(c) < model.Rank(model.CriticalityHigh) {
		return practice.Finding{}, false
	}
	kind := v.Schema().Of(lost)
	return practice.Finding{
		Severity: practice.SeverityOf(c),
		Text:     fmt.Sprintf("If %s fails, the %s stops. Its criticality is %s.", failed.Base().Title(), spoken(kind, lost), c),
		About:    practice.To(lost),
		Paths:    []practice.Path{practice.PathOf(path)},
		Owner:    practice.OwnerOf(v, lost),
	}, true
}

// DependenciesIn says of what the dependencies are looked for.
type DependenciesIn struct {
	// Record is what depends on others.
	Record model.Ref `to:"any" is:"required"`
	// Kinds limits the table to some kinds, such as Host or Vendor. None means all.
	Kinds []string
	// Limit is how many rows the table has at most. 0 means all.
	Limit int `min:"0"`
}

// DependenciesOut is everything that a record depends on.
type DependenciesOut struct {
	// Count is how many records it depends on.
	Count practice.Figure
	// Dependencies are the records that it depends on, the nearest first.
	Dependencies practice.Table[Dependency]
	// Picture shows how they hang together.
	Picture practice.Picture
}

// Dependency is something that a record depends on.
type Dependency struct {
	// Record is what it depends on.
	Record practice.Link
	// Kind is the kind of that record.
	Kind string
	// Alone says that its failure alone would stop what was asked about.
	Alone bool
	// Depth is how many links lie between the two.
	Depth int
	// Owner is who answers for it.
	Owner practice.Link
	// Path is the chain that leads to it.
	Path practice.Path
}

// Dependencies tells what a record depends on, through which chains, and which
// of these things would stop it alone because nothing else can take their place.
func Dependencies(v estate.View, in DependenciesIn) (DependenciesOut, error) {
	if v.Get(in.Record) == nil {
		return DependenciesOut{}, model.Problem{Field: "record", Text: "there is no such record"}
	}
	kinds, err := practice.KindsOf(v, in.Kinds)
	if err != nil {
		return DependenciesOut{}, err
	}
	reach := v.Reach(estate.Up, in.Record)
	g := upFrom(v, in.Record)
	play := newFailure(g)
	var out DependenciesOut
	var from []practice.Link
	for i, s := range reach.Steps[1:] {
		if !among(kinds, model.NameOf(s.Record)) {
			continue
		}
		from = append(from, practice.To(s.Record))
		if in.Limit > 0 && len(from) > in.Limit {
			continue
		}
		play.of(g.place[s.Record.Base().Ref()])
		out.Dependencies.Rows = append(out.Dependencies.Rows, Dependency{
			Record: practice.To(s.Record), Kind: model.NameOf(s.Record), Alone: play.failed(0), Depth: s.Depth, Owner: practice.OwnerOf(v, s.Record), Path: practice.PathOf(reach.Path(i + 1)),
		})
	}
	out.Count = practice.Counted("records", practice.Neither, from)
	out.Dependencies.Note = leftOut(len(from), len(out.Dependencies.Rows))
	out.Picture = pictureOf(reach, func(estate.Step) practice.Severity { return "" })
	return out, nil
}
