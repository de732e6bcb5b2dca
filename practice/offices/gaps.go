package offices

import (
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// GapsOut is where nobody answers for something.
type GapsOut struct {
	// Unanswered is how many responsibilities nobody is accountable for.
	Unanswered practice.Figure
	// Vacant is how many offices nobody holds, or somebody who has left.
	Vacant practice.Figure
	// WithoutDeputy is how many offices go dark when their holder is away.
	WithoutDeputy practice.Figure
	// Findings say what is open, the worst first.
	Findings []practice.Finding
}

// Gaps finds what nobody answers for: responsibilities without anybody
// accountable or whose only accountable person has left, offices that are vacant
// or whose holder has left, and offices without a deputy.
func Gaps(v estate.View, _ struct{}) (GapsOut, error) {
	var out GapsOut
	var unanswered, vacant, alone []practice.Link
	add := func(s practice.Severity, about practice.Link, owner practice.Link, text string, args ...any) {
		out.Findings = append(out.Findings, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: about, Owner: owner})
	}
	if adopted(v) {
		for _, l := range linesOf(v) {
			switch staying := l.staying(v.At()); {
			case len(l.refs) == 0:
				unanswered = append(unanswered, l.link)
				add(practice.High, l.link, practice.Link{}, "Nobody answers for %s.", l.link.Title())
			case len(staying) == 0:
				unanswered = append(unanswered, l.link)
				add(practice.High, l.link, l.accountable[0], "%s, who answered for %s, has left.", l.accountable[0].Title(), l.link.Title())
			}
		}
	}
	for o := range estate.Each[*model.Office](v) {
		link := practice.To(o)
		holder := v.Get(o.Holder)
		switch {
		case holder == nil:
			vacant = append(vacant, link)
			add(practice.High, link, practice.Link{}, "Nobody holds the office %s.", o.Title())
		case practice.HasLeft(holder, v.At()):
			vacant = append(vacant, link)
			add(practice.High, link, practice.To(holder), "%s, who held the office %s, has left.", holder.Base().Title(), o.Title())
		}
		if !slices.ContainsFunc(o.Deputies, func(ref model.Ref) bool { d := v.Get(ref); return d != nil && !practice.HasLeft(d, v.At()) }) {
			alone = append(alone, link)
			add(practice.Low, link, practice.To(holder), "The office %s has no deputy.", o.Title())
		}
	}
	practice.WorstFirst(out.Findings)
	out.Unanswered = practice.Counted("responsibilities", practice.Lower, unanswered)
	out.Vacant = practice.Counted("offices", practice.Lower, vacant)
	out.WithoutDeputy = practice.Counted("offices", practice.Lower, alone)
	if !adopted(v) {
		out.Unanswered.Unknown, out.Unanswered.Note = true, "no charter is adopted yet"
	}
	if v.Count("Office") == 0 {
		out.Vacant.Unknown, out.Vacant.Note = true, "there are no offices yet"
		out.WithoutDeputy.Unknown, out.WithoutDeputy.Note = true, "there are no offices yet"
	}
	return out, nil
}

// staying returns those accountable who have not left: offices always stay.
func (l line) staying(at model.Date) []model.Record {
	return slices.DeleteFunc(slices.Clone(l.refs), func(rec model.Record) bool { return practice.HasLeft(rec, at) })
}

// OverlapsIn says what counts as an overlap.
type OverlapsIn struct {
	// Strict counts lines too that belong to both faces and that exactly the two offices share.
	Strict bool
}

// OverlapsOut is where several answer for the same.
type OverlapsOut struct {
	// Overlaps is how many responsibilities more than one is accountable for.
	Overlaps practice.Figure
	// Shared is how many responsibilities two share because they belong to both faces.
	Shared practice.Figure
	// Findings name them.
	Findings []practice.Finding
}

// Overlaps finds responsibilities that more than one is accountable for: where
// two answer, each may wait for the other. Lines that belong to both faces and
// that two share are told apart, since they may be meant so.
func Overlaps(v estate.View, in OverlapsIn) (OverlapsOut, error) {
	var out OverlapsOut
	var overlaps, shared []practice.Link
	if adopted(v) {
		for _, l := range linesOf(v) {
			if len(l.refs) < 2 {
				continue
			}
			f := practice.Finding{Severity: practice.Medium, About: l.link, From: l.accountable,
				Text: fmt.Sprintf("%d answer for %s: %s. Keep one, and let the others be responsible or consulted.", len(l.refs), l.link.Title(), practice.Some(l.accountable))}
			if l.shared() && !in.Strict {
				shared = append(shared, l.link)
				f.Severity, f.Text = practice.Info, fmt.Sprintf("%s share %s, which belongs to both faces.", practice.Some(l.accountable), l.link.Title())
			} else {
				overlaps = append(overlaps, l.link)
			}
			out.Findings = append(out.Findings, f)
		}
	}
	practice.WorstFirst(out.Findings)
	out.Overlaps = practice.Counted("responsibilities", practice.Lower, overlaps)
	out.Shared = practice.Counted("responsibilities", practice.Neither, shared)
	if !adopted(v) {
		out.Overlaps.Unknown, out.Overlaps.Note = true, "no charter is adopted yet"
		out.Shared.Unknown, out.Shared.Note = true, "no charter is adopted yet"
	}
	return out, nil
}

// OneAccountableEach checks that for every responsibility of the charter exactly
// one office or person is accountable who still works here. Lines that belong to
// both faces may be shared by two unless strict is asked for.
func OneAccountableEach(v estate.View, in OverlapsIn) (practice.Verdict, error) {
	if !adopted(v) {
		return practice.Verdict{Unknown: true, Text: "No charter is adopted yet, so there is nothing to check."}, nil
	}
	gaps, err := Gaps(v, struct{}{})
	if err != nil {
		return practice.Verdict{}, err
	}
	overlaps, err := Overlaps(v, in)
	if err != nil {
		return practice.Verdict{}, err
	}
	var out practice.Verdict
	for _, l := range linesOf(v) {
		out.Checked = append(out.Checked, l.link)
	}
	for _, f := range slices.Concat(gaps.Findings, overlaps.Findings) {
		if f.About.Kind == "Responsibility" && f.Severity != practice.Info {
			out.Findings = append(out.Findings, f)
		}
	}
	practice.WorstFirst(out.Findings)
	all := practice.Count(len(out.Checked), "responsibility", "responsibilities")
	out.Pass = len(out.Findings) == 0
	out.Text = fmt.Sprintf("Somebody answers for each of %s, and nowhere two.", all)
	if !out.Pass {
		out.Text = fmt.Sprintf("%d of %s have nobody or too many who answer for them.", len(out.Findings), all)
	}
	return out, nil
}
