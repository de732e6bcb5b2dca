package standards

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// CatalogueIn says which guidance is shown.
type CatalogueIn struct {
	// Standard shows one standard alone, with who follows it.
	Standard model.Ref `to:"Standard"`
	// Retired shows what does not hold any more too.
	Retired bool
}

// CatalogueOut is the guidance that holds.
type CatalogueOut struct {
	// Effective is how much of it holds.
	Effective practice.Figure
	// Unmeasured is what holds and no scorecard measures.
	Unmeasured practice.Figure
	// Standards are the standards, reference architectures, golden paths and guidelines.
	Standards practice.Table[StandardRow]
	// Followers are the records that a scorecard measures against it, where one standard was asked for.
	Followers practice.Table[FollowerRow]
	// Findings are what is out of date.
	Findings []practice.Finding
}

// StandardRow is one standard.
type StandardRow struct {
	// Standard is the standard.
	Standard practice.Link
	// Type says what sort of guidance it is.
	Type model.StandardType
	// State says whether it holds.
	State model.StandardState
	// Edition is the version that holds today.
	Edition string
	// Also are older versions that may be followed still, with their last day.
	Also string
	// Followed is how many records fulfil everything that scorecards measure of it.
	Followed int
	// Exempted is how many need not.
	Exempted int
	// NotFollowed is how many should and do not.
	NotFollowed int
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy model.Date
	// Owner is who answers for it.
	Owner practice.Link
}

// FollowerRow is how one record follows a standard.
type FollowerRow struct {
	// Record is the record.
	Record practice.Link
	// Owner is who answers for it.
	Owner practice.Link
	// Follows says whether it does: yes, no or exempted.
	Follows string
	// Lacks are the criteria that it does not fulfil.
	Lacks []string
}

// Catalogue shows the standards, reference architectures and golden paths with the edition that holds, and who follows them.
func Catalogue(v estate.View, in CatalogueIn) (CatalogueOut, error) {
	var out CatalogueOut
	var effective, unmeasured []practice.Link
	list := slices.Collect(estate.Each[*model.Standard](v))
	slices.SortFunc(list, func(a, b *model.Standard) int { return cmp.Compare(a.Key, b.Key) })
	for _, s := range list {
		if !in.Standard.IsZero() && s.Ref() != in.Standard || in.Standard.IsZero() && s.State == "retired" && !in.Retired {
			continue
		}
		row := StandardRow{Standard: practice.To(s), Type: s.Type, State: s.State, ReviewBy: s.ReviewBy, Owner: practice.OwnerOf(v, s)}
		row.Edition, row.Also = editions(s, v.At())
		followers := followersOf(v, s)
		for _, f := range followers {
			row.Followed += b2i(f.Follows == "yes")
			row.Exempted += b2i(f.Follows == "exempted")
			row.NotFollowed += b2i(f.Follows == "no")
		}
		if s.State == "effective" {
			effective = append(effective, row.Standard)
			if len(followers) == 0 {
				unmeasured = append(unmeasured, row.Standard)
			}
		}
		if !in.Standard.IsZero() {
			out.Followers.Rows = followers
		}
		out.Standards.Rows = append(out.Standards.Rows, row)
		out.Findings = append(out.Findings, standardFaults(v, s, row)...)
	}
	practice.WorstFirst(out.Findings)
	out.Effective, out.Unmeasured = practice.Counted("standards", practice.Neither, effective), practice.Counted("standards", practice.Lower, unmeasured)
	return out, nil
}

// editions returns the version of a standard that holds on a day, the newest that has begun, and the older ones that may be followed still.
func editions(s *model.Standard, at model.Date) (now, also string) {
	var newest *model.StandardEdition
	for i, e := range s.Editions {
		if e.Effective <= at && (e.Until.IsZero() || at <= e.Until) && (newest == nil || e.Effective > newest.Effective) {
			newest = &s.Editions[i]
		}
	}
	if newest == nil {
		return "", ""
	}
	for _, e := range s.Editions {
		if e.Version != newest.Version && e.Effective <= at && !e.Until.IsZero() && at <= e.Until {
			if also != "" {
				also += ", "
			}
			also += fmt.Sprintf("%s until %s", e.Version, e.Until)
		}
	}
	return newest.Version, also
}

// followersOf returns how records follow a standard, as the scorecards that measure it say.
func followersOf(v estate.View, standard *model.Standard) []FollowerRow {
	rows := map[model.Ref]*FollowerRow{}
	for _, card := range cardsOf(v) {
		var mine []int
		for i, c := range card.Criteria {
			if c.Standard == standard.Ref() || c.Standard.IsZero() && len(card.Standards) == 1 && card.Standards[0] == standard.Ref() {
				mine = append(mine, i)
			}
		}
		if len(mine) == 0 {
			continue
		}
		s := scoreOf(v, card)
		for i := range s.records {
			r := &s.records[i]
			ref := r.rec.Base().Ref()
			if rows[ref] == nil {
				rows[ref] = &FollowerRow{Record: practice.To(r.rec), Owner: practice.OwnerOf(v, r.rec), Follows: "yes"}
			}
			row := rows[ref]
			for _, c := range mine {
				switch {
				case slices.Contains(r.failed, c):
					row.Follows, row.Lacks = "no", append(row.Lacks, card.Criteria[c].Name)
				case slices.Contains(r.exempted, c) && row.Follows == "yes":
					row.Follows = "exempted"
				}
			}
		}
	}
	var out []FollowerRow
	for _, row := range rows {
		out = append(out, *row)
	}
	slices.SortFunc(out, func(a, b FollowerRow) int {
		return cmp.Or(cmp.Compare(a.Follows, b.Follows), cmp.Compare(a.Record.Key, b.Record.Key))
	})
	return out
}

// standardFaults says what is out of date about a standard.
func standardFaults(v estate.View, s *model.Standard, row StandardRow) []practice.Finding {
	var out []practice.Finding
	add := func(sev practice.Severity, from []practice.Link, text string, args ...any) {
		out = append(out, practice.Finding{Severity: sev, Text: fmt.Sprintf(text, args...), About: row.Standard, From: from, Owner: row.Owner})
	}
	if s.State != "effective" {
		return nil
	}
	if row.Edition == "" && len(s.Editions) > 0 {
		add(practice.Medium, nil, "%s is in effect, and no edition of it holds on %s.", s.Title(), v.At())
	}
	if !s.ReviewBy.IsZero() && s.ReviewBy < v.At() {
		add(practice.Low, nil, "%s was to be looked at by %s.", s.Title(), s.ReviewBy)
	}
	for _, ref := range s.Decisions {
		d, ok := estate.Look[*model.DecisionRecord](v, ref)
		if ok && (d.State == model.DecisionSuperseded || d.State == model.DecisionRejected || d.State == model.DecisionDeprecated) {
			add(practice.Medium, []practice.Link{practice.To(d)}, "%s rests on %s, which is %s.", s.Title(), d.Title(), d.State)
		}
	}
	return out
}

// ExemptionsIn says how early the end of an exemption is told.
type ExemptionsIn struct {
	// Within is how many days before its end an exemption is told. The default is 30.
	Within int `min:"0" max:"3650" unit:"days"`
}

// ExemptionsOut is who need not follow what.
type ExemptionsOut struct {
	// Holding are the exemptions that hold today.
	Holding practice.Figure
	// Asked are those that wait for an answer.
	Asked practice.Figure
	// Overdue are those that have ended and are still relied on.
	Overdue practice.Figure
	// Exemptions are the exemptions, those that end first at the top.
	Exemptions practice.Table[ExemptionRow]
	// Findings are exemptions that end soon, and those that have ended and are still relied on.
	Findings []practice.Finding
}

// ExemptionRow is one exemption.
type ExemptionRow struct {
	// Exemption is the exception.
	Exemption practice.Link
	// From are the standards and scorecards that it is from.
	From []practice.Link
	// Subjects are the things that it holds for. Empty means all.
	Subjects []practice.Link
	// State says where it stands: asked, holds, not begun, ended, rejected or withdrawn.
	State string
	// Expires is the last day on which it holds.
	Expires model.Date
	// Days is how many days are left. It is negative where it has ended.
	Days int `unit:"days"`
	// Relied are the things that do not fulfil what it is from, and need it.
	Relied []practice.Link
	// Owner is who answers for it.
	Owner practice.Link
}

// Exemptions shows who need not follow which standard or criterion and until when, and finds those that end soon or have ended and are still relied on.
func Exemptions(v estate.View, in ExemptionsIn) (ExemptionsOut, error) {
	var out ExemptionsOut
	var holding, asked, overdue []practice.Link
	for _, e := range exemptionsOf(v) {
		row := exemptionRow(v, e)
		out.Exemptions.Rows = append(out.Exemptions.Rows, row)
		switch row.State {
		case "holds":
			holding = append(holding, row.Exemption)
		case "asked":
			asked = append(asked, row.Exemption)
		}
		f, told := exemptionFinding(v, e, row, cmp.Or(in.Within, 30))
		if told {
			out.Findings = append(out.Findings, f)
			if row.State == "ended" {
				overdue = append(overdue, row.Exemption)
			}
		}
	}
	slices.SortStableFunc(out.Exemptions.Rows, func(a, b ExemptionRow) int { return cmp.Compare(a.Expires, b.Expires) })
	practice.WorstFirst(out.Findings)
	out.Holding, out.Asked = practice.Counted("exemptions", practice.Neither, holding), practice.Counted("exemptions", practice.Neither, asked)
	out.Overdue = practice.Counted("exemptions", practice.Lower, overdue)
	return out, nil
}

// exemptionsOf returns the exceptions from standards and scorecards, by key.
func exemptionsOf(v estate.View) []*model.Exception {
	var out []*model.Exception
	for e := range estate.Each[*model.Exception](v) {
		if len(exemptedFrom(v, e)) > 0 {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b *model.Exception) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// exemptedFrom returns the standards and scorecards that an exception is from.
func exemptedFrom(v estate.View, e *model.Exception) []model.Record {
	var out []model.Record
	for _, ref := range e.From {
		switch rec := v.Get(ref).(type) {
		case *model.Standard:
			out = append(out, rec)
		case *model.Scorecard:
			out = append(out, rec)
		}
	}
	return out
}

func exemptionRow(v estate.View, e *model.Exception) ExemptionRow {
	row := ExemptionRow{Exemption: practice.To(e), From: practice.ToAll(exemptedFrom(v, e)), Subjects: linksOf(v, e.Subjects), State: string(e.State), Expires: e.Expires, Owner: practice.OwnerOf(v, e)}
	if !e.Expires.IsZero() {
		row.Days = int(e.Expires - v.At())
	}
	switch {
	case e.State == "requested" || e.State == "":
		row.State = "asked"
	case e.State != model.ExceptionApproved:
	case holds(e, v.At()):
		row.State = "holds"
	case e.Start > v.At():
		row.State = "not begun"
	default:
		row.State = "ended"
	}
	if row.State == "holds" || row.State == "ended" {
		row.Relied = reliedOn(v, e)
	}
	return row
}

// reliedOn returns the records that do not fulfil a criterion that an exception is from, whether it still holds or not.
func reliedOn(v estate.View, e *model.Exception) []practice.Link {
	var out []practice.Link
	subjects := map[model.Ref]bool{}
	for _, ref := range e.Subjects {
		subjects[ref] = true
	}
	for _, card := range cardsOf(v) {
		covered := make([]bool, len(card.Criteria))
		some := false
		for i, c := range card.Criteria {
			covered[i] = covers(e, card, c)
			some = some || covered[i]
		}
		if !some {
			continue
		}
		s := scoreOf(v, card)
		for i := range s.records {
			r := &s.records[i]
			if len(subjects) > 0 && !subjects[r.rec.Base().Ref()] {
				continue
			}
			lacks := func(c int) bool { return covered[c] }
			if link := practice.To(r.rec); (slices.ContainsFunc(r.failed, lacks) || slices.ContainsFunc(r.exempted, lacks)) && !slices.Contains(out, link) {
				out = append(out, link)
			}
		}
	}
	return out
}

// exemptionFinding says that an exemption ends soon or has ended, where somebody still needs it.
func exemptionFinding(v estate.View, e *model.Exception, row ExemptionRow, within int) (practice.Finding, bool) {
	f := practice.Finding{About: row.Exemption, From: row.Relied, Owner: row.Owner}
	again := &practice.Mend{Action: "standards.request_exemption", Parameters: map[string]string{"name": e.Title()}}
	switch {
	case row.State == "ended" && len(row.Relied) > 0:
		f.Severity, f.Mend = practice.High, again
		f.Text = fmt.Sprintf("%s ended on %s, and %s still does not fulfil what it is from.", e.Title(), e.Expires, practice.Some(row.Relied))
	case row.State == "ended" && len(row.Subjects) > 0 && !measurable(v, e):
		f.Severity, f.Mend, f.From = practice.Medium, again, row.Subjects
		f.Text = fmt.Sprintf("%s ended on %s, and no scorecard tells whether %s follows by now: ask, and ask for it again or withdraw it.", e.Title(), e.Expires, practice.Some(row.Subjects))
	case row.State == "holds" && e.Expires.IsZero():
		f.Severity, f.Text = practice.Medium, fmt.Sprintf("%s has no end: an exemption is for a time.", e.Title())
	case row.State == "holds" && row.Days <= within && len(row.Relied) > 0:
		f.Severity, f.Mend = practice.Low, again
		f.Text = fmt.Sprintf("%s ends on %s, and %s does not fulfil what it is from yet.", e.Title(), e.Expires, practice.Some(row.Relied))
	case row.State == "holds" && len(row.Relied) == 0 && len(row.Subjects) > 0 && measurable(v, e):
		f.Severity, f.Text = practice.Info, fmt.Sprintf("%s is not needed any more: everything that it is for fulfils what it is from.", e.Title())
		f.Mend = &practice.Mend{Action: "security.withdraw_exception", Parameters: map[string]string{"exception": e.Key}}
	default:
		return f, false
	}
	return f, true
}

// measurable reports whether a scorecard measures what an exception is from.
func measurable(v estate.View, e *model.Exception) bool {
	return slices.ContainsFunc(cardsOf(v), func(card *model.Scorecard) bool {
		return slices.ContainsFunc(card.Criteria, func(c model.ScorecardCriterion) bool { return covers(e, card, c) })
	})
}
