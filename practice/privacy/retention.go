package privacy

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// RetentionIn says whose time limits are looked at.
type RetentionIn struct {
	// Activity limits the answer to one processing and its data sets.
	Activity model.Ref `to:"ProcessingActivity"`
}

// RetentionOut says until when personal data is kept.
type RetentionOut struct {
	// Limited is the share of the categories and data sets that have a time limit, in percent.
	Limited practice.Figure
	// Unlimited is how many have none.
	Unlimited practice.Figure
	// Past is how many keep data past their limit.
	Past practice.Figure
	// Longer is how many data sets keep data longer than the records of processing say.
	Longer practice.Figure
	// Findings say what to do, the worst first.
	Findings []practice.Finding
	// Limits are the time limits, those of processing first.
	Limits practice.Table[Limit]
}

// Limit is until when something is kept.
type Limit struct {
	// About is the processing or the data set.
	About practice.Link
	// Category is which data of the processing.
	Category string
	// Keep is for how long it is kept.
	Keep string
	// After is what the time is counted from.
	After string
	// Reason is why it is kept for so long.
	Reason string
	// Verdict says how that stands.
	Verdict LimitVerdict
	// Until is the day by which the oldest of it is to be erased, where that can be told.
	Until model.Date
	// Owner is who answers for it.
	Owner practice.Link
}

// LimitVerdict says how a time limit stands.
type LimitVerdict string

// The verdicts.
const (
	// LimitKept means that there is a limit and that nothing shows that it is not kept.
	LimitKept LimitVerdict = "limited"
	// LimitNone means that nobody said until when data is kept.
	LimitNone LimitVerdict = "unlimited"
	// LimitPast means that data is there past the limit.
	LimitPast LimitVerdict = "past"
	// LimitLonger means that a data set is kept longer than processing says.
	LimitLonger LimitVerdict = "longer"
)

// Retention tells until when personal data is kept (GDPR Art. 5(1)(e), and Art. 30(1)(f) where possible): which categories of processing and which data sets have no time
// limit, which keep data past it, and which data sets keep it longer than the records of processing say. Of processing that has ended the limits count
// from its last day; of a data set they count from the day of its oldest data, where that is known.
func Retention(v estate.View, in RetentionIn) (RetentionOut, error) {
	var out RetentionOut
	b := bookOf(v)
	var wanted []model.Ref
	for _, a := range b.activities {
		if !in.Activity.IsZero() && a.Ref() != in.Activity {
			continue
		}
		wanted = append(wanted, a.DataSets...)
		if a.Role != "processor" {
			out.Limits.Rows = append(out.Limits.Rows, b.activityLimits(a)...)
		}
	}
	for _, d := range b.sets {
		if in.Activity.IsZero() || slices.Contains(wanted, d.Ref()) {
			out.Limits.Rows = append(out.Limits.Rows, b.setLimit(d))
		}
	}
	var all, limited, none, past, longer []practice.Link
	for _, row := range out.Limits.Rows {
		all = append(all, row.About)
		rec := v.Get(model.Ref(row.About.ID))
		what := row.About.Title()
		if row.Category != "" {
			what = row.Category + " of " + what
		}
		switch row.Verdict {
		case LimitNone:
			none = append(none, row.About)
			f := b.about(rec, practice.Medium, "Nobody said until when %s is kept.", what)
			if row.About.Kind == "ProcessingActivity" {
				f.Text += " GDPR Art. 30(1)(f) asks for it where possible."
			}
			out.Findings = append(out.Findings, f)
			continue
		case LimitPast:
			past = append(past, row.About)
			out.Findings = append(out.Findings, b.about(rec, practice.High, "%s should have been erased by %s, and nothing says that it was.", what, row.Until))
		case LimitLonger:
			longer = append(longer, row.About)
			out.Findings = append(out.Findings, b.about(rec, practice.Medium, "%s is kept for %s, longer than the processing that uses it says.", what, row.Keep))
		}
		limited = append(limited, row.About)
	}
	practice.WorstFirst(out.Findings)
	out.Limited = practice.Figure{Value: practice.Share(len(limited), len(all)), Unit: "%", Better: practice.Higher, Unknown: len(all) == 0, From: all}
	out.Unlimited = practice.Counted("limits", practice.Lower, none)
	out.Past = practice.Counted("limits", practice.Lower, past)
	out.Longer = practice.Counted("data sets", practice.Lower, longer)
	return out, nil
}

// endOf returns the last day on which what is of a day may be kept.
func endOf(r model.RetentionLimit, from model.Date) model.Date {
	if r.Months > 0 {
		return from.AddMonths(r.Months)
	}
	return from.AddDays(wholeDays(r.Keep))
}

// wholeDays returns how many days a time takes. A part of a day counts as a day.
func wholeDays(d model.Duration) int {
	const day = 24 * time.Hour
	return int((time.Duration(d) + day - 1) / day)
}

// limitOf returns the time limit for a category, the one of its own before the one for all.
func limitOf(a *model.ProcessingActivity, category string) (model.RetentionLimit, bool) {
	for _, name := range []string{category, "all"} {
		for _, r := range a.Retention {
			if limited(r) && alike(r.Category, name) {
				return r, true
			}
		}
	}
	return model.RetentionLimit{}, false
}

// activityLimits returns the time limits of processing, category by category.
func (b *book) activityLimits(a *model.ProcessingActivity) []Limit {
	var categories []string
	for _, d := range a.Data {
		categories = append(categories, d.Category)
	}
	for _, r := range a.Retention {
		if !slices.ContainsFunc(categories, func(c string) bool { return alike(c, r.Category) }) && (!alike(r.Category, "all") || len(a.Data) == 0) {
			categories = append(categories, r.Category)
		}
	}
	if len(categories) == 0 {
		categories = []string{"all data"}
	}
	var out []Limit
	for _, c := range categories {
		row := Limit{About: practice.To(a), Category: c, Verdict: LimitNone, Owner: responsible(b.view, a)}
		if r, ok := limitOf(a, c); ok {
			row.Keep, row.After, row.Reason, row.Verdict = lengthText(r), r.After, r.Reason, LimitKept
			if over(a, b.view.At()) && !a.Ended.IsZero() {
				row.Until = endOf(r, a.Ended)
				if row.Until < b.view.At() && (a.Erased.IsZero() || a.Erased > b.view.At()) {
					row.Verdict = LimitPast
				}
			}
		}
		if over(a, b.view.At()) && !a.Erased.IsZero() && a.Erased <= b.view.At() {
			row.Verdict, row.Keep = LimitKept, first(row.Keep, "erased on "+a.Erased.String())
		}
		out = append(out, row)
	}
	return out
}

// setLimit returns the time limit of a data set: its own, or the longest of the processing that uses it where every one has a limit for all of its data. A limit that counts from an
// event, such as the end of a contract, says nothing about the age of the data and is not held against it.
func (b *book) setLimit(d *model.DataSet) Limit {
	row := Limit{About: practice.To(d), Verdict: LimitNone, Owner: responsible(b.view, d)}
	at := cmp.Or(d.Oldest, b.view.At())
	longest, by, known := b.longest(d, at)
	end := at.AddDays(wholeDays(d.Retention))
	switch {
	case d.Retention > 0:
		row.Keep, row.Verdict = d.Retention.String(), LimitKept
		if known && by.after == "" && end > longest {
			row.Verdict = LimitLonger
			row.Reason = fmt.Sprintf("%s allows %s", by.about, by.text)
		}
	case known:
		row.Keep, row.After, row.Verdict, end = by.text, by.after, LimitKept, longest
		row.Reason = "as " + by.about + " says"
		if by.after != "" {
			return row
		}
	default:
		return row
	}
	if !d.Oldest.IsZero() {
		row.Until = end
		if end < b.view.At() {
			row.Verdict = LimitPast
		}
	}
	return row
}

// said is a time limit that processing sets.
type said struct{ about, text, after string }

// longest returns the last day on which data of a day may be kept by the records of the processing that uses a data set, and which of them says so. It is
// not known where none uses it, or where one of them has no limit for some of its data.
func (b *book) longest(d *model.DataSet, from model.Date) (end model.Date, by said, known bool) {
	for _, a := range b.uses[d.Ref()] {
		for _, c := range a.Data {
			r, ok := limitOf(a, c.Category)
			if !ok {
				return 0, said{}, false
			}
			if e := endOf(r, from); e > end {
				end, by, known = e, said{a.Title(), lengthText(r), r.After}, true
			}
		}
	}
	return end, by, known
}
