package standards

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// DecisionsIn says which decisions are listed.
type DecisionsIn struct {
	// State lists decisions in this state alone. Unset means all.
	State model.DecisionState
	// Touches lists decisions about this record alone.
	Touches model.Ref `to:"any"`
}

// DecisionsOut is every decision record with where it stands.
type DecisionsOut struct {
	// Holding are the decisions that are accepted.
	Holding practice.Figure
	// Open are the decisions that wait for an answer.
	Open practice.Figure
	// Overdue are accepted decisions whose day of review is past.
	Overdue practice.Figure
	// Untold are decisions whose text says no status.
	Untold practice.Figure
	// Decisions are the decisions, the newest first.
	Decisions practice.Table[DecisionRow]
	// Findings are proposals that have waited for more than 90 days.
	Findings []practice.Finding
}

// DecisionRow is one decision.
type DecisionRow struct {
	// Decision is the decision record.
	Decision practice.Link
	// Number is its number in its folder.
	Number int
	// State says where it stands. Empty means that its text does not say.
	State model.DecisionState
	// Decided is the day on which it was last brought up to date.
	Decided model.Date
	// Age is how long ago that was. It is empty where the day is not known.
	Age *int `unit:"days"`
	// Touches are the things that it is about.
	Touches []practice.Link
	// SupersededBy are the decisions that take its place.
	SupersededBy []practice.Link
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy model.Date
	// Measured says how many of its predicted effects were measured.
	Measured string
	// Owner is who answers for it.
	Owner practice.Link
}

// patience is how many days a proposal may wait for an answer.
const patience = 90

// Decisions lists the decision records with their state, their age, what they are about and when they are to be looked at again.
func Decisions(v estate.View, in DecisionsIn) (DecisionsOut, error) {
	var out DecisionsOut
	var holding, open, overdue, untold []practice.Link
	for _, d := range allDecisions(v) {
		if in.State != "" && d.State != in.State || !in.Touches.IsZero() && !slices.Contains(d.Touches, in.Touches) {
			continue
		}
		link := practice.To(d)
		row := DecisionRow{Decision: link, Number: d.Number, State: d.State, Decided: d.Decided, Touches: linksOf(v, d.Touches), SupersededBy: practice.ToAll(supersededBy(v, d)), ReviewBy: d.ReviewBy, Owner: practice.OwnerOf(v, d)}
		if !d.Decided.IsZero() {
			age := int(v.At() - d.Decided)
			row.Age = &age
		}
		if len(d.Effects) > 0 {
			row.Measured = fmt.Sprintf("%d of %d", measured(d), len(d.Effects))
		}
		out.Decisions.Rows = append(out.Decisions.Rows, row)
		switch d.State {
		case model.DecisionAccepted:
			holding = append(holding, link)
			if late(v, d) {
				overdue = append(overdue, link)
			}
		case model.DecisionProposed:
			open = append(open, link)
			if row.Age != nil && *row.Age > patience {
				out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, About: link, Owner: row.Owner, From: []practice.Link{link},
					Text: fmt.Sprintf("%s has been proposed for %d days: decide about it.", d.Title(), *row.Age), Mend: &practice.Mend{Action: "standards.decide", Parameters: map[string]string{"decision": d.Key}}})
			}
		case "":
			untold = append(untold, link)
		}
	}
	slices.SortStableFunc(out.Decisions.Rows, func(a, b DecisionRow) int {
		return cmp.Or(cmp.Compare(b.Decided, a.Decided), cmp.Compare(b.Number, a.Number))
	})
	out.Holding, out.Open = practice.Counted("decisions", practice.Neither, holding), practice.Counted("decisions", practice.Lower, open)
	out.Overdue, out.Untold = practice.Counted("decisions", practice.Lower, overdue), practice.Counted("decisions", practice.Lower, untold)
	return out, nil
}

// allDecisions returns the decision records by key.
func allDecisions(v estate.View) []*model.DecisionRecord {
	out := slices.Collect(estate.Each[*model.DecisionRecord](v))
	slices.SortFunc(out, func(a, b *model.DecisionRecord) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// supersededBy returns the decisions that take the place of one, by key.
func supersededBy(v estate.View, d *model.DecisionRecord) []*model.DecisionRecord {
	var out []*model.DecisionRecord
	for e := range v.In(d.Ref()) {
		if by, ok := e.Record.(*model.DecisionRecord); ok && e.Field.Name == "supersedes" {
			out = append(out, by)
		}
	}
	slices.SortFunc(out, func(a, b *model.DecisionRecord) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// measured counts the effects of a decision that were measured.
func measured(d *model.DecisionRecord) int {
	n := 0
	for _, e := range d.Effects {
		if !e.MeasuredOn.IsZero() {
			n++
		}
	}
	return n
}

// late reports whether the day of review of a decision is past and nobody has looked since.
func late(v estate.View, d *model.DecisionRecord) bool {
	return !d.ReviewBy.IsZero() && d.ReviewBy < v.At() && d.Reviewed < d.ReviewBy
}

// DecisionIn says which decision is shown.
type DecisionIn struct {
	// Decision is the decision record.
	Decision model.Ref `to:"DecisionRecord" is:"required"`
}

// DecisionOut is one decision with everything around it.
type DecisionOut struct {
	// State says where it stands, as the text has it.
	State string
	// Decided is the day on which it was last brought up to date.
	Decided model.Date
	// Chosen is the option that was chosen.
	Chosen string
	// Context says what the problem is.
	Context string
	// Outcome says what was decided and why.
	Outcome string
	// Consequences say what follows.
	Consequences string
	// Options are the options that were considered.
	Options practice.Table[OptionRow]
	// Touches are the things that it is about, and the standards that rest on it.
	Touches practice.Table[TouchRow]
	// Effects are what it was expected to bring, and what it brought.
	Effects practice.Table[EffectRow]
	// Lineage shows the decisions before and after it.
	Lineage practice.Picture
	// Findings are what is wrong with it.
	Findings []practice.Finding
}

// OptionRow is an option that was considered.
type OptionRow struct {
	// Option is the option.
	Option string
	// Chosen says whether it is the one that was chosen.
	Chosen bool
}

// TouchRow is something that a decision is about or that rests on it.
type TouchRow struct {
	// Record is the thing.
	Record practice.Link
	// How says what it has to do with the decision.
	How string
	// Owner is who answers for it.
	Owner practice.Link
}

// Decision shows one decision record: what was decided, about what, what came before and after it, and what was expected of it.
func Decision(v estate.View, in DecisionIn) (DecisionOut, error) {
	d, err := looked[*model.DecisionRecord](v, "decision", in.Decision)
	if err != nil {
		return DecisionOut{}, err
	}
	out := DecisionOut{State: cmp.Or(d.StatusText, string(d.State)), Decided: d.Decided, Chosen: d.Chosen, Context: d.Context, Outcome: d.Outcome, Consequences: d.Consequences}
	for _, o := range d.Considered {
		out.Options.Rows = append(out.Options.Rows, OptionRow{o, d.Chosen != "" && (o == d.Chosen || len(o) > len(d.Chosen) && o[:len(d.Chosen)] == d.Chosen)})
	}
	touch := func(rec model.Record, how string) {
		if rec != nil {
			out.Touches.Rows = append(out.Touches.Rows, TouchRow{practice.To(rec), how, practice.OwnerOf(v, rec)})
		}
	}
	for _, ref := range d.Touches {
		touch(v.Get(ref), "is touched by it")
	}
	for e := range v.In(d.Ref()) {
		if e.Field.Name != "supersedes" && e.Field.Name != "relates" {
			touch(e.Record, "names it as its "+e.Field.Label)
		}
	}
	for _, e := range d.Effects {
		out.Effects.Rows = append(out.Effects.Rows, effectRow(d, e))
	}
	family := familyOf(v, d)
	out.Lineage = lineagePicture(v, family)
	for _, f := range lineageFaults(v, family) {
		if f.About.ID == d.ID || slices.ContainsFunc(f.From, func(l practice.Link) bool { return l.ID == d.ID }) {
			out.Findings = append(out.Findings, f)
		}
	}
	if f, due := reviewFinding(v, d, 0); due {
		out.Findings = append(out.Findings, f)
	}
	return out, nil
}
