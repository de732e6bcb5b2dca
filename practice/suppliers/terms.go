package suppliers

import (
	"cmp"
	"iter"
	"slices"
	"time"

	"binnacle/model"
)

// How days are counted here.
//
// Months: so many months later is the same day of the month, or the last day of a month that has no such day: 31 January and one
// month is 28 February, or 29 in a leap year. Renewals and anniversaries are counted from the first day and not from the one
// before, so that a short month does not pull the days after it along: 31 January, 28 February, 31 March.
//
// Notice: the day of the notice does not count, the last day of the term does. Thirty days before 31 December are over with a
// notice of 1 December. Three months before an end mean the last day from which three months lead no further than the end.

// Terms are what holds of a contract on a day: what was signed, with every amendment until then.
type Terms struct {
	// NoticeDays is how many days before the end notice must have been given. Parts of a day count as a day.
	NoticeDays int
	// NoticeMonths is how many months before the end notice must have been given. It takes the place of the days.
	NoticeMonths int
	// AutoRenew is by how many months the contract goes on where nobody gives notice. 0 means that it ends.
	AutoRenew int
	// AnnualCost is what was agreed for a year, before price steps and indexation.
	AnnualCost model.Money
	// CostSince is the day since which that cost holds.
	CostSince model.Date
	// Amendments is how many amendments hold.
	Amendments int
}

// knowsNotice reports whether there is a notice period.
func (t Terms) knowsNotice() bool { return t.NoticeDays > 0 || t.NoticeMonths > 0 }

// TermsOn returns the terms of a contract on a day. Amendments count from their day on, in the order of their days.
func TermsOn(c *model.Contract, day model.Date) Terms {
	t := Terms{NoticeDays: wholeDays(c.Notice), NoticeMonths: c.NoticeMonths, AutoRenew: c.AutoRenew, AnnualCost: c.AnnualCost, CostSince: c.Start}
	for _, a := range amendmentsOf(c) {
		if a.On > day {
			break
		}
		t.Amendments++
		switch {
		case a.NoticeMonths > 0:
			t.NoticeMonths = a.NoticeMonths
		case a.Notice > 0:
			t.NoticeDays, t.NoticeMonths = wholeDays(a.Notice), 0
		}
		switch {
		case a.EndsForGood:
			t.AutoRenew = 0
		case a.AutoRenew > 0:
			t.AutoRenew = a.AutoRenew
		}
		if !a.AnnualCost.IsZero() {
			t.AnnualCost, t.CostSince = a.AnnualCost, a.On
		}
	}
	return t
}

// amendmentsOf returns the amendments of a contract in the order of their days.
func amendmentsOf(c *model.Contract) []model.ContractAmendment {
	out := slices.Clone(c.Amendments)
	slices.SortStableFunc(out, func(a, b model.ContractAmendment) int { return cmp.Compare(a.On, b.On) })
	return out
}

func wholeDays(d model.Duration) int {
	const day = 24 * time.Hour
	return int((time.Duration(d) + day - 1) / day)
}

// Term is one stretch of a contract, from its first to its last day.
type Term struct {
	// From is the first day. Unset means that nobody knows it.
	From model.Date
	// Until is the last day. Unset means without end.
	Until model.Date
	// Renewal counts how often the contract went on by itself until this term. 0 is a term that was agreed.
	Renewal int
	// Last says that the contract does not go on after this term.
	Last bool
}

// TermsOf yields the terms of a contract, one after the other, for as long as
// it goes on by itself. An amendment that sets a new end changes the term in which it falls, or starts a new one where the
// contract is over, and automatic renewals count from the beginning again. Notice that came in time ends a contract with its
// term; notice that came too late ends it one term later. An agreement on a new end that is younger than the notice takes it back.
func TermsOf(c *model.Contract) iter.Seq[Term] {
	ends := slices.DeleteFunc(amendmentsOf(c), func(a model.ContractAmendment) bool { return a.End.IsZero() })
	return func(yield func(Term) bool) {
		notice := c.NoticeGiven
		t := Term{From: c.Start, Until: c.End}
		anchor, months := anchorOf(t)
		agree := func(a model.ContractAmendment) {
			t.Until, t.Renewal = a.End, 0
			if a.On > notice {
				notice = 0
			}
			anchor, months = anchorOf(t)
		}
		for {
			for len(ends) > 0 && (t.Until.IsZero() || ends[0].On <= t.Until) {
				agree(ends[0])
				ends = ends[1:]
			}
			if t.Until.IsZero() {
				yield(t)
				return
			}
			terms := TermsOn(c, t.Until)
			noticed := !notice.IsZero() && inTime(c, notice, t.Until)
			renews := terms.AutoRenew > 0 && (c.MostRenewals == 0 || t.Renewal < c.MostRenewals) && !noticed
			t.Last = !renews && len(ends) == 0
			if !yield(t) || t.Last {
				return
			}
			if renews {
				months += terms.AutoRenew
				t = Term{From: t.Until + 1, Until: anchor.AddMonths(months) - 1, Renewal: t.Renewal + 1}
				continue
			}
			t = Term{From: ends[0].On}
			agree(ends[0])
			ends = ends[1:]
		}
	}
}

// anchorOf returns the day from which the ends of later terms are counted in
// months, and how many months after it the term ends. Where a term is a whole number of months long that is its first day.
func anchorOf(t Term) (anchor model.Date, months int) {
	if !t.From.IsZero() && !t.Until.IsZero() {
		a, b := t.From.Time(), (t.Until + 1).Time()
		n := 12*(b.Year()-a.Year()) + int(b.Month()-a.Month())
		if n > 0 && t.From.AddMonths(n) == t.Until+1 {
			return t.From, n
		}
	}
	return t.Until + 1, 0
}

// inTime reports whether a notice is early enough for an end. Where nobody knows the notice period, every notice until the end is.
func inTime(c *model.Contract, notice, end model.Date) bool {
	last, known := noticeDay(c, end)
	if !known {
		last = end
	}
	return notice <= last
}

// noticeDay returns the last day on which notice ends a contract at an end, and
// false where there is no notice period. Each day is judged by the notice period that holds on that day.
func noticeDay(c *model.Contract, end model.Date) (model.Date, bool) {
	cuts := amendmentsOf(c)
	for len(cuts) > 0 && cuts[len(cuts)-1].On > end {
		cuts = cuts[:len(cuts)-1]
	}
	last := model.Date(0)
	for upTo := end; ; {
		terms := TermsOn(c, upTo)
		since := model.Date(0)
		if len(cuts) > 0 {
			since = cuts[len(cuts)-1].On
		}
		if !terms.knowsNotice() {
			return last, !last.IsZero()
		}
		day := min(lastDayFor(c, terms, end), upTo)
		if day >= since || len(cuts) == 0 {
			return day, true
		}
		if last.IsZero() {
			last = day
		}
		upTo, cuts = since-1, cuts[:len(cuts)-1]
	}
}

// lastDayFor returns the last day on which notice under some terms is in time for an end.
func lastDayFor(c *model.Contract, t Terms, end model.Date) model.Date {
	business := c.NoticeRule == "business"
	switch {
	case t.NoticeMonths > 0:
		day := end.AddMonths(-t.NoticeMonths)
		for (day + 1).AddMonths(t.NoticeMonths) <= end {
			day++
		}
		if business {
			day = workdayBefore(c.NoticeCountry, day)
		}
		return day
	case business:
		return workdaysBack(c.NoticeCountry, end, t.NoticeDays)
	}
	return end.AddDays(-t.NoticeDays)
}

// afterNotice returns the day with which a notice period is over that begins with a notice.
func afterNotice(c *model.Contract, t Terms, notice model.Date) model.Date {
	switch {
	case t.NoticeMonths > 0:
		return notice.AddMonths(t.NoticeMonths)
	case c.NoticeRule == "business":
		return workdaysAhead(c.NoticeCountry, notice, t.NoticeDays)
	}
	return notice.AddDays(t.NoticeDays)
}

// periodMonths returns how long the periods are with whose end notice ends a contract, and 0 where its rule knows none.
func periodMonths(rule model.NoticeRule) int {
	switch rule {
	case "before_month_end":
		return 1
	case "before_quarter_end":
		return 3
	case "before_year_end":
		return 12
	}
	return 0
}

// periodEnd returns the last day of the calendar month, quarter or year that a day is in.
func periodEnd(day model.Date, months int) model.Date {
	y, m, _ := day.Time().Date()
	first := (int(m) - 1) / months * months
	return model.NewDate(y, time.Month(first+months+1), 1) - 1
}

// exitFor returns the first end that a notice on a day reaches in a contract
// that notice may end at any time or at the end of a period, with the last day on which notice reaches the same end. Where there is no notice period both are unset.
func exitFor(c *model.Contract, notice model.Date) (exit, last model.Date) {
	months := periodMonths(c.NoticeRule)
	if months == 0 {
		t := TermsOn(c, notice)
		if !t.knowsNotice() {
			return 0, 0
		}
		return afterNotice(c, t, notice), notice
	}
	for end := periodEnd(notice, months); ; end = periodEnd(end+1, months) {
		last, known := noticeDay(c, end)
		if !known {
			return 0, 0
		}
		if last >= notice {
			return end, last
		}
	}
}
