package lifecycle

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// PlanIn says whose life is shown.
type PlanIn struct {
	// Kinds are the kinds that are shown. The default is Application, Service and Product.
	Kinds []string
	// Months is how far the plan looks ahead. The default is 36.
	Months int `min:"1" max:"600" unit:"months"`
}

// PlanOut is the life of applications and other records on a roadmap.
type PlanOut struct {
	// Planned is how many records have dates of their life.
	Planned practice.Figure
	// Undated is how many records have none.
	Undated practice.Figure
	// Retiring is how many records end their life in the months shown.
	Retiring practice.Figure
	// Roadmap shows each record from the day it came into use to its end, in the lane of its owner.
	Roadmap practice.Picture
	// Findings are plans that do not fit together, the worst first.
	Findings []practice.Finding
	// Table lists the records by their next change.
	Table practice.Table[LifeRow]
}

// LifeRow is the life of one record.
type LifeRow struct {
	// Record is whose life it is.
	Record practice.Link
	// Kind is the kind of that record.
	Kind string
	// Phase is the phase on the date.
	Phase model.Phase
	// Next is the phase that comes next.
	Next model.Phase
	// On is the day when it comes.
	On model.Date
	// EndOfLife is the day when it is no longer used.
	EndOfLife model.Date
	// Criticality says how much the business depends on it.
	Criticality model.Criticality
	// Owner is who answers for it.
	Owner practice.Link
}

// Plan shows when applications, services and products come into use and retire,
// and finds plans that do not fit: something that others still need after its end,
// and a phasing out without an end.
func Plan(v estate.View, in PlanIn) (PlanOut, error) {
	kinds, err := practice.KindsOf(v, in.Kinds, "Application", "Service", "Product")
	if err != nil {
		return PlanOut{}, err
	}
	horizon := v.At().AddMonths(cmp.Or(in.Months, 36))
	out := PlanOut{Roadmap: practice.Picture{Type: practice.RoadmapPicture}}
	var planned, undated, retiring []practice.Link
	for _, kind := range kinds {
		for rec := range v.All(kind) {
			l, ok := rec.(interface{ Phases() model.Lifecycle })
			if !ok {
				continue
			}
			life, link := l.Phases(), practice.To(rec)
			if life == (model.Lifecycle{}) {
				undated = append(undated, link)
				continue
			}
			planned = append(planned, link)
			row := LifeRow{Record: link, Kind: kind, Phase: life.PhaseAt(v.At()), EndOfLife: life.EndOfLife, Criticality: practice.CriticalityOf(rec), Owner: practice.OwnerOf(v, rec)}
			row.Next, row.On = nextPhase(life, v.At())
			out.Table.Rows = append(out.Table.Rows, row)
			if life.EndOfLife > v.At() && life.EndOfLife <= horizon {
				retiring = append(retiring, link)
			}
			found := conflicts(v, rec, life)
			out.Findings = append(out.Findings, found...)
			if from := cmp.Or(life.Active, life.PhaseIn, life.Plan, life.PhaseOut); from <= horizon && (life.EndOfLife.IsZero() || life.EndOfLife >= v.At()) {
				node := practice.Node{Link: link, Group: row.Owner.Title(), From: from, Until: life.EndOfLife}
				if len(found) > 0 {
					node.Severity = found[0].Severity
				}
				out.Roadmap.Nodes = append(out.Roadmap.Nodes, node)
			}
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b LifeRow) int {
		return cmp.Or(cmp.Compare(orLast(a.On), orLast(b.On)), cmp.Compare(a.Record.Key, b.Record.Key))
	})
	slices.SortStableFunc(out.Findings, func(a, b practice.Finding) int { return cmp.Compare(b.Severity.Weight(), a.Severity.Weight()) })
	out.Planned = practice.Counted("records", practice.Neither, planned)
	out.Undated = practice.Counted("records", practice.Lower, undated)
	out.Retiring = practice.Counted("records", practice.Neither, retiring)
	return out, nil
}

func orLast(d model.Date) model.Date {
	if d.IsZero() {
		return 1<<31 - 1
	}
	return d
}

// nextPhase returns the phase that comes next after a day, and when.
func nextPhase(l model.Lifecycle, at model.Date) (model.Phase, model.Date) {
	next, on := model.PhaseUnknown, model.Date(0)
	for _, step := range []struct {
		phase model.Phase
		from  model.Date
	}{{model.PhasePlan, l.Plan}, {model.PhasePhaseIn, l.PhaseIn}, {model.PhaseActive, l.Active}, {model.PhasePhaseOut, l.PhaseOut}, {model.PhaseEndOfLife, l.EndOfLife}} {
		if step.from > at && (on.IsZero() || step.from < on) {
			next, on = step.phase, step.from
		}
	}
	return next, on
}

// conflicts finds what does not fit in the life of a record.
func conflicts(v estate.View, rec model.Record, life model.Lifecycle) []practice.Finding {
	var out []practice.Finding
	if !life.EndOfLife.IsZero() {
		if needing := neededAfter(v, rec, life.EndOfLife); len(needing) > 0 {
			worst := model.Criticality("")
			for _, n := range needing {
				if c := practice.CriticalityOf(n); model.Rank(c) > model.Rank(worst) {
					worst = c
				}
			}
			links := practice.ToAll(needing)
			out = append(out, practice.Finding{
				Severity: practice.SeverityOf(worst), About: practice.To(rec), From: links, Owner: practice.OwnerOf(v, rec),
				Text: fmt.Sprintf("%s ends its life on %s, but %s it afterwards: %s.", rec.Base().Title(), life.EndOfLife, practice.Count(len(links), "record needs", "records need"), practice.Some(links)),
			})
		}
	}
	if life.EndOfLife.IsZero() && !life.PhaseOut.IsZero() && life.PhaseOut <= v.At() {
		out = append(out, practice.Finding{
			Severity: practice.Low, About: practice.To(rec), Owner: practice.OwnerOf(v, rec),
			Text: fmt.Sprintf("%s is being phased out since %s, but nobody set the day of its end.", rec.Base().Title(), life.PhaseOut),
		})
	}
	return out
}

// neededAfter lists what needs a record directly and lives on after its end.
func neededAfter(v estate.View, rec model.Record, end model.Date) []model.Record {
	var out []model.Record
	for e := range v.In(rec.Base().Ref()) {
		if e.Field.Flow == model.Needs && !practice.Gone(e.Record, end) && !slices.Contains(out, e.Record) {
			out = append(out, e.Record)
		}
	}
	return out
}
