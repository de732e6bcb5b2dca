package research

import (
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// PortfolioIn says over which time research is looked at.
type PortfolioIn struct {
	// From is the first day. Experiments that were decided before it are left out. Unset means all that there were.
	From model.Date
}

// PortfolioOut is research by horizon.
type PortfolioOut struct {
	// Experiments is how many there are.
	Experiments practice.Figure
	// Success is the share of what was decided that was graduated.
	Success practice.Figure
	// Saved is what killed experiments did not spend of their caps.
	Saved practice.Figure
	// Findings are what is out of balance.
	Findings []practice.Finding
	// Horizons are the horizons, the nearest first.
	Horizons practice.Table[HorizonRow]
	// Decided are the experiments that ended, newest first.
	Decided practice.Table[DecidedRow]
	// Mix shows the horizons and what is in them.
	Mix practice.Picture
}

// HorizonRow is the research of one horizon.
type HorizonRow struct {
	// Horizon is the horizon. It is empty for experiments of which nobody says it.
	Horizon model.Horizon
	// Experiments is how many there are.
	Experiments int
	// Running is how many run.
	Running int
	// Caps are the caps of all that began, in the currency of the books.
	Caps model.Money
	// Spent is what they have cost.
	Spent model.Money
	// Graduated is how many were graduated.
	Graduated int
	// Killed is how many were killed.
	Killed int
	// Success is the share of what was decided that was graduated.
	Success *float64 `unit:"%"`
	// Saved is what killed ones did not spend of their caps.
	Saved model.Money
	// Unknown is how many there are whose cost cannot be told. They are not in the sum.
	Unknown int
}

// DecidedRow is an experiment that ended.
type DecidedRow struct {
	// Experiment is the experiment.
	Experiment practice.Link
	// Decision says how it ended.
	Decision model.ExperimentDecision
	// Decided is the day of the decision.
	Decided model.Date
	// Days is how long it ran.
	Days *int
	// Criteria says how the exit criteria stood.
	Criteria string
	// Spent is what it cost.
	Spent model.Money
	// Saved is what it did not spend of its cap, where it was killed.
	Saved model.Money
	// Moved is the blip that it moved.
	Moved practice.Link
	// Opened is the roadmap item that it opened.
	Opened practice.Link
	// Record is the decision record that was written.
	Record practice.Link
	// Reason says why, and what was learned.
	Reason string
}

// Portfolio shows research by horizon: how many experiments, what they may cost and have cost, how many were graduated and killed, and what killing early has saved. A
// success rate near 100 % says that nothing is tried whose end is open.
func Portfolio(v estate.View, in PortfolioIn) (PortfolioOut, error) {
	var out PortfolioOut
	by := map[model.Horizon][]standing{}
	var all []practice.Link
	var decided []standing
	for e := range estate.Each[*model.Experiment](v) {
		if e.State == model.ExperimentDecided && !e.Decided.IsZero() && e.Decided < in.From {
			continue
		}
		s := standingOf(v, e)
		all = append(all, practice.To(e))
		by[e.Horizon] = append(by[e.Horizon], s)
		if e.State == model.ExperimentDecided {
			decided = append(decided, s)
		}
	}
	slices.SortStableFunc(decided, func(a, b standing) int { return int(b.e.Decided) - int(a.e.Decided) })
	var saved []model.Money
	var ended, good, killed []practice.Link
	for _, s := range decided {
		row := DecidedRow{Experiment: practice.To(s.e), Decision: s.e.Decision, Decided: s.e.Decided, Criteria: s.criteria(), Saved: s.saved(), Moved: practice.To(v.Get(s.e.Blip)), Opened: practice.To(v.Get(s.e.Opens)), Record: practice.To(v.Get(s.e.Record)), Reason: s.e.Reason}
		if s.spend.unknown == "" {
			row.Spent = s.spend.total
		}
		if !s.e.Start.IsZero() && !s.e.Decided.IsZero() {
			days := int(s.e.Decided) - int(s.e.Start) + 1
			row.Days = &days
		}
		ended = append(ended, row.Experiment)
		switch s.e.Decision {
		case model.Graduate:
			good = append(good, row.Experiment)
		case model.Kill:
			killed, saved = append(killed, row.Experiment), append(saved, row.Saved)
		}
		out.Decided.Rows = append(out.Decided.Rows, row)
	}
	for _, h := range []model.Horizon{"h1", "h2", "h3", ""} {
		if list := by[h]; len(list) > 0 || h != "" {
			out.Horizons.Rows = append(out.Horizons.Rows, horizonOf(h, list))
			for _, s := range list {
				out.Mix.Nodes = append(out.Mix.Nodes, practice.Node{Link: practice.To(s.e), Group: labelOf(h), Value: s.spend.limit.Float()})
			}
		}
	}
	out.Mix.Type = practice.MapPicture
	out.Experiments = practice.Counted("experiments", practice.Neither, all)
	out.Success = practice.Figure{Unit: "%", From: ended, Unknown: len(ended) == 0, Note: "nothing was decided yet"}
	if len(ended) > 0 {
		out.Success.Value = *rounded(practice.Share(len(good), len(ended)))
		out.Success.Note = practice.Count(len(good), "experiment", "experiments") + " of " + practice.Count(len(ended), "decided one", "decided ones") + " graduated"
	}
	out.Saved = sum(saved, killed, "")
	if len(all) > 0 && len(by["h3"]) == 0 && len(by["h2"]) == 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: "No experiment looks beyond the business of today: all are of the first horizon.", From: all})
	}
	if len(by[""]) > 0 {
		for _, s := range by[""] {
			out.Findings = append(out.Findings, s.finding(v, practice.Info, "", "Nobody says when %s is expected to bear fruit: set its horizon.", s.e.Title()))
		}
	}
	return out, nil
}

func labelOf(h model.Horizon) string {
	for _, o := range h.Options() {
		if o.Value == string(h) {
			return o.Label
		}
	}
	return "No horizon"
}

// saved returns what a killed experiment did not spend of its cap, or nothing.
func (s standing) saved() model.Money {
	if s.e.Decision != model.Kill || s.spend.unknown != "" || s.spend.limit.IsZero() {
		return model.Money{}
	}
	rest, err := s.spend.limit.Add(s.spend.total.Neg())
	if err != nil || rest.Sign() < 0 {
		return model.Money{}
	}
	return rest
}

// horizonOf adds up one horizon.
func horizonOf(h model.Horizon, list []standing) HorizonRow {
	row := HorizonRow{Horizon: h, Experiments: len(list)}
	ended := 0
	for _, s := range list {
		if running(s.e) {
			row.Running++
		}
		if s.e.State == model.ExperimentDecided {
			ended++
			switch s.e.Decision {
			case model.Graduate:
				row.Graduated++
			case model.Kill:
				row.Killed++
			}
		}
		if s.e.Start.IsZero() {
			continue
		}
		if s.spend.unknown != "" {
			row.Unknown++
			continue
		}
		row.Caps, row.Spent, row.Saved = plus(row.Caps, s.spend.limit), plus(row.Spent, s.spend.total), plus(row.Saved, s.saved())
	}
	if ended > 0 {
		row.Success = rounded(practice.Share(row.Graduated, ended))
	}
	return row
}

// plus adds money of the currency of the books. Nothing and an amount is the amount.
func plus(a, b model.Money) model.Money {
	switch {
	case a.IsZero():
		return b
	case b.IsZero():
		return a
	}
	c, err := a.Add(b)
	if err != nil {
		return a
	}
	return c
}

// spentNow returns what an experiment has cost so far, for sentences.
func spentNow(s standing) string {
	if s.spend.unknown != "" {
		return "an amount that nobody can tell (" + s.spend.unknown + ")"
	}
	if s.spend.total.IsZero() {
		return "nothing"
	}
	return s.spend.total.String()
}
