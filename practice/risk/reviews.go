package risk

import (
	"cmp"
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// reviewDays says after how many days a risk of a level is to be looked at again, where nobody set a day.
func reviewDays(l model.Level) int {
	switch l {
	case model.LevelVeryHigh:
		return 30
	case model.LevelHigh:
		return 90
	case model.LevelMedium:
		return 180
	}
	return 365
}

// dueOf returns the day by which a risk is to be looked at again, and how it follows.
func dueOf(r *model.Risk, m *model.RiskMatrix) (model.Date, string) {
	if !r.ReviewBy.IsZero() {
		return r.ReviewBy, "set"
	}
	from, why := r.Reviewed, "the last review"
	if from.IsZero() {
		from, why = r.Created.At.Date(), "its entry into the register"
	}
	if from.IsZero() || r.Reviewed.IsZero() && r.Created.At.IsZero() {
		return 0, "never reviewed"
	}
	days := reviewDays(cellOf(m, r.Likelihood, r.Impact))
	return from.AddDays(days), fmt.Sprintf("%d days after %s, by its level", days, why)
}

// acceptance says what is wrong with the acceptance of a risk, or returns nothing.
func acceptance(v estate.View, r *model.Risk) (text string, severity practice.Severity) {
	accepted := r.Treatment == model.TreatAccept || r.State == model.RiskAccepted
	switch {
	case !accepted:
		return "", ""
	case r.AcceptedBy.IsZero():
		return "is accepted and nobody has signed for it", practice.High
	case r.AcceptedUntil.IsZero():
		return "is accepted without an end", practice.Medium
	case r.AcceptedUntil < v.At():
		return fmt.Sprintf("was accepted until %s, and that is over", r.AcceptedUntil), practice.High
	case practice.HasLeft(v.Get(r.AcceptedBy), v.At()):
		return "was accepted by somebody who has left", practice.Medium
	}
	return "", ""
}

// lapses are the findings about who answers for a risk and when it is looked at.
func lapses(v estate.View, r *model.Risk, m *model.RiskMatrix) []practice.Finding {
	link := practice.To(r)
	var out []practice.Finding
	add := func(s practice.Severity, action, text string, args ...any) {
		f := practice.Finding{Severity: s, Text: r.Title() + " " + fmt.Sprintf(text, args...) + ".", About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, r)}
		if action != "" {
			f.Mend = &practice.Mend{Action: action, Parameters: map[string]string{"risk": r.Key}}
		}
		out = append(out, f)
	}
	if text := unowned(v, r); text != "" {
		add(practice.Medium, "", "%s", text)
	}
	if due, how := dueOf(r, m); !due.IsZero() && due < v.At() {
		add(practice.Medium, "risk.review", "was to be looked at again by %s (%s)", due, how)
	}
	if text, severity := acceptance(v, r); text != "" {
		add(severity, "risk.accept", "%s", text)
	}
	return out
}

// unowned says what is wrong with who answers for a risk, or nothing.
func unowned(v estate.View, r *model.Risk) string {
	owner := v.Get(r.Owner)
	switch {
	case owner == nil:
		return "has nobody who answers for it"
	case practice.HasLeft(owner, v.At()):
		return "belongs to somebody who has left"
	}
	return ""
}

// ReviewsIn says how far ahead to look.
type ReviewsIn struct {
	// Within is how many days ahead are looked at. The default is 30.
	Within int `min:"0" max:"3650"`
	// Owner limits the answer to risks that one person or team answers for.
	Owner model.Ref `to:"Person,Team"`
}

// ReviewsOut are the risks that somebody has to look at.
type ReviewsOut struct {
	// Overdue is how many were to be looked at before today.
	Overdue practice.Figure
	// Soon is how many are to be looked at within the days asked for.
	Soon practice.Figure
	// Ending is how many acceptances are over or end within the days asked for.
	Ending practice.Figure
	// Findings name them, the worst first.
	Findings []practice.Finding
	// Reviews are the risks with their days, the earliest first.
	Reviews practice.Table[ReviewRow]
}

// ReviewRow is a day on which a risk needs somebody.
type ReviewRow struct {
	// On is the day.
	On model.Date
	// Risk is the risk.
	Risk practice.Link
	// What is what is due: a review, or the end of an acceptance.
	What string
	// Why says how the day follows.
	Why string
	// DaysLeft is how many days are left, below 0 where it is over.
	DaysLeft int
	// Reviewed is the day on which the risk was looked at last.
	Reviewed model.Date
	// Level is the level of risk by the matrix.
	Level model.Level
	// Owner is who answers for it.
	Owner practice.Link
}

// Reviews lists the risks that are to be looked at again and the acceptances that end. Where nobody set a day, it follows
// from the level: 30 days for very high, 90 for high, 180 for medium, otherwise a year.
func Reviews(v estate.View, in ReviewsIn) (ReviewsOut, error) {
	var out ReviewsOut
	m, _ := matrixOf(v, model.Ref{})
	until := v.At().AddDays(cmp.Or(in.Within, 30))
	var overdue, soon, ending []practice.Link
	for _, r := range openRisks(v, func(r *model.Risk) bool { return in.Owner.IsZero() || r.Owner == in.Owner }) {
		link := practice.To(r)
		add := func(on model.Date, what, why string) {
			out.Reviews.Rows = append(out.Reviews.Rows, ReviewRow{on, link, what, why, int(on - v.At()), r.Reviewed, cellOf(m, r.Likelihood, r.Impact), practice.OwnerOf(v, r)})
		}
		due, how := dueOf(r, m)
		switch {
		case due.IsZero():
			add(v.At(), "review", how)
			soon = append(soon, link)
		case due <= until:
			add(due, "review", how)
			if due < v.At() {
				overdue = append(overdue, link)
			} else {
				soon = append(soon, link)
			}
		}
		if (r.Treatment == model.TreatAccept || r.State == model.RiskAccepted) && !r.AcceptedUntil.IsZero() && r.AcceptedUntil <= until {
			add(r.AcceptedUntil, "end of acceptance", "set")
			ending = append(ending, link)
		}
		for _, f := range lapses(v, r, m) {
			if f.Mend != nil {
				out.Findings = append(out.Findings, f)
			}
		}
	}
	sortRows(out.Reviews.Rows, func(r ReviewRow) model.Date { return r.On })
	practice.WorstFirst(out.Findings)
	out.Overdue, out.Soon = practice.Counted("risks", practice.Lower, overdue), practice.Counted("risks", practice.Neither, soon)
	out.Ending = practice.Counted("acceptances", practice.Lower, ending)
	return out, nil
}

// held makes a verdict about all open risks: wrong says what does not hold for one, or nothing.
func held(v estate.View, fine, bad string, wrong func(*model.Risk) *practice.Finding) practice.Verdict {
	var out practice.Verdict
	for _, r := range openRisks(v, nil) {
		link := practice.To(r)
		out.Checked = append(out.Checked, link)
		if f := wrong(r); f != nil {
			f.About, f.From, f.Owner = link, []practice.Link{link}, practice.OwnerOf(v, r)
			out.Findings = append(out.Findings, *f)
		}
	}
	practice.WorstFirst(out.Findings)
	all := practice.Count(len(out.Checked), "open risk", "open risks")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "There is no open risk in the register, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("%d of %s %s.", len(out.Findings), all, bad)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Of %s %s.", all, fine)
	}
	return out
}

// ReviewedInTimeIn says how much delay is allowed.
type ReviewedInTimeIn struct {
	// Grace is how many days a review may be late. The default is 0.
	Grace int `min:"0" max:"365"`
}

// ReviewedInTime checks that every open risk was looked at again by the day that was set, or by the day that follows from its level.
func ReviewedInTime(v estate.View, in ReviewedInTimeIn) (practice.Verdict, error) {
	m, _ := matrixOf(v, model.Ref{})
	return held(v, "each was looked at in time", "were not looked at in time", func(r *model.Risk) *practice.Finding {
		due, how := dueOf(r, m)
		if due.IsZero() {
			return &practice.Finding{Severity: practice.Low, Text: r.Title() + " was never looked at again and has no day for it.", Mend: mend("risk.review", r)}
		}
		if due.AddDays(in.Grace) >= v.At() {
			return nil
		}
		return &practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("%s was to be looked at again by %s (%s).", r.Title(), due, how), Mend: mend("risk.review", r)}
	}), nil
}

func mend(action string, r *model.Risk) *practice.Mend {
	return &practice.Mend{Action: action, Parameters: map[string]string{"risk": r.Key}}
}

// AcceptedNotExpired checks that every accepted risk was accepted by somebody who is still there, until a day that is not over.
func AcceptedNotExpired(v estate.View, _ struct{}) (practice.Verdict, error) {
	return held(v, "no acceptance is over or without a name", "are accepted without a name, without an end or for longer than was said", func(r *model.Risk) *practice.Finding {
		text, severity := acceptance(v, r)
		if text == "" {
			return nil
		}
		return &practice.Finding{Severity: severity, Text: r.Title() + " " + text + ".", Mend: mend("risk.accept", r)}
	}), nil
}

// EveryRiskOwned checks that every open risk has an owner who is still there.
func EveryRiskOwned(v estate.View, _ struct{}) (practice.Verdict, error) {
	return held(v, "each has somebody who answers for it", "have nobody who answers for them", func(r *model.Risk) *practice.Finding {
		if text := unowned(v, r); text != "" {
			return &practice.Finding{Severity: practice.Medium, Text: r.Title() + " " + text + "."}
		}
		return nil
	}), nil
}
