package radar

import (
	"cmp"
	"fmt"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// CheckIn says which radar is checked.
type CheckIn struct {
	// Radar is the radar. Unset means that of the company.
	Radar model.Ref `to:"Radar"`
}

// none is the verdict where there is no radar.
func none() practice.Verdict {
	return practice.Verdict{Unknown: true, Text: "There is no radar yet, so there is nothing to check."}
}

// HoldNotGrowing checks that nothing began to use what is on hold after it was put there.
func HoldNotGrowing(v estate.View, in CheckIn) (practice.Verdict, error) {
	return driftVerdict(v, in, model.RingHold, func(d DriftOut) []practice.Link { return d.Growing.From },
		"Nothing began to use any of %s on hold since it is there.", "%d of %s on hold have users that began after it was put there.", "on hold")
}

// AdoptedIsUsed checks that something uses every blip in adopt, as far as its use can be measured.
func AdoptedIsUsed(v estate.View, in CheckIn) (practice.Verdict, error) {
	return driftVerdict(v, in, model.RingAdopt, func(d DriftOut) []practice.Link { return d.Unused.From },
		"Something uses each of %s in adopt.", "%d of %s in adopt nothing uses.", "in adopt")
}

// driftVerdict judges the blips of one meaning by what the estate proves.
func driftVerdict(v estate.View, in CheckIn, means model.RingMeaning, failing func(DriftOut) []practice.Link, pass, fail, where string) (practice.Verdict, error) {
	r, err := radarOf(v, in.Radar)
	if err != nil || r == nil {
		return none(), err
	}
	drift, err := Drift(v, DriftIn{Radar: r.Ref()})
	if err != nil {
		return practice.Verdict{}, err
	}
	b := newBoard(v, r)
	var out practice.Verdict
	untold := 0
	for _, row := range drift.Blips.Rows {
		if b.means(row.Ring) == means {
			out.Checked = append(out.Checked, row.Blip)
			untold += row.Untold
		}
	}
	bad := failing(drift)
	for _, f := range drift.Findings {
		for _, link := range bad {
			if f.About == link {
				out.Findings = append(out.Findings, f)
			}
		}
	}
	all := practice.Count(len(out.Checked), "blip", "blips")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No blip "+where+" can be measured, so there is nothing to check."
	case len(bad) > 0:
		out.Text = fmt.Sprintf(fail, len(bad), all)
	default:
		out.Pass, out.Text = true, fmt.Sprintf(pass, all)
	}
	if means == model.RingHold && untold > 0 && len(out.Checked) > 0 {
		out.Text += fmt.Sprintf(" Of %s nobody can tell when it began.", practice.Count(untold, "use", "uses"))
	}
	return out, nil
}

// RationaleTold checks that every blip says why it lies where it lies, by itself or by the decision record that it rests on.
func RationaleTold(v estate.View, in CheckIn) (practice.Verdict, error) {
	r, err := radarOf(v, in.Radar)
	if err != nil || r == nil {
		return none(), err
	}
	b := newBoard(v, r)
	var out practice.Verdict
	for _, blip := range b.blips {
		link := practice.To(blip)
		out.Checked = append(out.Checked, link)
		if strings.TrimSpace(blip.Rationale) == "" && v.Get(blip.Decision) == nil {
			owner := practice.OwnerOf(v, blip)
			if owner.IsZero() {
				owner = practice.OwnerOf(v, r)
			}
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s lies in %s and does not say why.", blip.Title(), b.ringName(blip.Ring)), About: link, From: []practice.Link{link}, Owner: owner})
		}
	}
	all := practice.Count(len(out.Checked), "blip", "blips")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "The radar shows no blip, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("%d of %s do not say why they lie where they lie.", len(out.Findings), all)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Each of %s says why it lies where it lies.", all)
	}
	return out, nil
}

// ReviewedInTimeIn says how often a radar is to be published.
type ReviewedInTimeIn struct {
	// Months is after how many months a radar needs a new edition. The default is 12.
	Months int `min:"1" max:"120" unit:"months"`
}

// ReviewedInTime checks that every radar was published, and every open trend and bet looked at, when it was due.
func ReviewedInTime(v estate.View, in ReviewedInTimeIn) (practice.Verdict, error) {
	var out practice.Verdict
	add := func(rec model.Record, mend *practice.Mend, text string, args ...any) {
		link := practice.To(rec)
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf(text, args...), About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, rec), Mend: mend})
	}
	months := cmp.Or(in.Months, 12)
	for r := range estate.Each[*model.Radar](v) {
		b := newBoard(v, r)
		if len(b.blips) == 0 {
			continue
		}
		out.Checked = append(out.Checked, practice.To(r))
		mend := &practice.Mend{Action: "radar.publish", Parameters: map[string]string{"radar": r.Key}}
		switch e := b.last(); {
		case e == nil:
			add(r, mend, "%s was never published.", r.Title())
		case e.Published.AddMonths(months) < v.At():
			add(r, mend, "%s was published last on %s, more than %s ago.", r.Title(), e.Published, practice.Count(months, "month", "months"))
		}
	}
	for t := range estate.Each[*model.Trend](v) {
		if t.State == model.TrendHere || t.State == model.TrendGone {
			continue
		}
		out.Checked = append(out.Checked, practice.To(t))
		if due, how := reviewOf(t); !due.IsZero() && due < v.At() {
			add(t, &practice.Mend{Action: "radar.review_trend", Parameters: map[string]string{"trend": t.Key}}, "The trend %s was to be looked at again by %s (%s).", t.Title(), due, how)
		}
	}
	for b := range estate.Each[*model.TechnologyBet](v) {
		if b.State != "" && b.State != model.BetOpen {
			continue
		}
		out.Checked = append(out.Checked, practice.To(b))
		if !b.ReviewBy.IsZero() && b.ReviewBy < v.At() {
			add(b, &practice.Mend{Action: "radar.decide_bet", Parameters: map[string]string{"bet": b.Key}}, "The bet %s was to be looked at again by %s.", b.Title(), b.ReviewBy)
		}
	}
	all := practice.Count(len(out.Checked), "radar, trend or bet", "radars, trends and bets")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "There is neither a radar nor a trend nor a bet, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("%d of %s are overdue.", len(out.Findings), all)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("None of %s is overdue.", all)
	}
	return out, nil
}
