package suppliers_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/practice/suppliers"
)

func day(text string) model.Date {
	if text == "" {
		return 0
	}
	return model.MustDate(text)
}

func days(n int) model.Duration {
	d, err := model.ParseDuration(strings.Repeat("1d", n))
	if err != nil {
		panic(err)
	}
	return d
}

// contract makes an active contract of its first and last day.
func contract(start, end string, change ...func(*model.Contract)) *model.Contract {
	c := &model.Contract{Start: day(start), End: day(end), State: "active"}
	for _, f := range change {
		f(c)
	}
	return c
}

func renews(months int) func(*model.Contract) {
	return func(c *model.Contract) { c.AutoRenew = months }
}
func notice(n int) func(*model.Contract) { return func(c *model.Contract) { c.Notice = days(n) } }
func noticeMonths(n int) func(*model.Contract) {
	return func(c *model.Contract) { c.NoticeMonths = n }
}
func business(country string) func(*model.Contract) {
	return func(c *model.Contract) { c.NoticeRule, c.NoticeCountry = "business", country }
}
func rule(r model.NoticeRule) func(*model.Contract) {
	return func(c *model.Contract) { c.NoticeRule = r }
}
func most(n int) func(*model.Contract) { return func(c *model.Contract) { c.MostRenewals = n } }
func given(on string) func(*model.Contract) {
	return func(c *model.Contract) { c.NoticeGiven = day(on) }
}
func state(s model.ContractState) func(*model.Contract) {
	return func(c *model.Contract) { c.State = s }
}
func amended(a model.ContractAmendment) func(*model.Contract) {
	return func(c *model.Contract) { c.Amendments = append(c.Amendments, a) }
}

// TestWorkedContracts holds contracts whose days were counted by hand. Weekdays: 31 December 2026 is a Thursday.
func TestWorkedContracts(t *testing.T) {
	type stand struct {
		Stage                                        suppliers.Stage
		From, Until, NoticeBy, Exit, Missed, EndsFor string
	}
	for _, c := range []struct {
		name string
		c    *model.Contract
		on   string
		want stand
	}{
		// 31 December back by 31 days is 30 November, by 30 more 31 October, by 29 more 2 October: 31+30+29 = 90.
		{"90 calendar days", contract("2026-01-01", "2026-12-31", renews(12), notice(90)), "2026-06-01",
			stand{"running", "2026-01-01", "2026-12-31", "2026-10-02", "2026-12-31", "", ""}},
		// From 30 September three months lead to 30 December, from 1 October to 1 January, which is too late.
		{"three months", contract("2026-01-01", "2026-12-31", renews(12), noticeMonths(3)), "2026-09-30",
			stand{"running", "2026-01-01", "2026-12-31", "2026-09-30", "2026-12-31", "", ""}},
		// One day later the day has passed: the contract goes on for the year 2027, whose day is 30 September 2027.
		{"three months, missed by a day", contract("2026-01-01", "2026-12-31", renews(12), noticeMonths(3)), "2026-10-01",
			stand{"running", "2026-01-01", "2026-12-31", "2027-09-30", "2027-12-31", "2026-09-30", ""}},
		// Twelve months from 29 February 2024 are over on 27 February 2025, since the anniversary is 28 February. Anniversaries: 28 February
		// 2026 and 2027, and 29 February 2028. The fourth year ends on the day before, 28 February 2028; less 28 days is 31 January, less two more 29 January.
		{"began on a leap day", contract("2024-02-29", "2025-02-27", renews(12), notice(30)), "2027-06-01",
			stand{"running", "2027-02-28", "2028-02-28", "2028-01-29", "2028-02-28", "", ""}},
		// Years that begin on 1 March end on the last day of February, which 2028 is the 29th. Two months before it: from 31 December two months lead to the
		// last day of February, from 1 January to 1 March.
		{"ends with February, in a leap year", contract("2024-03-01", "2025-02-28", renews(12), noticeMonths(2)), "2027-06-01",
			stand{"running", "2027-03-01", "2028-02-29", "2027-12-31", "2028-02-29", "", ""}},
		// A month from 31 January leads to 28 February, two to 31 March: the second month is 28 February to 30 March. 30 - 10 = 20.
		{"months from the 31st", contract("2026-01-31", "2026-02-27", renews(1), notice(10)), "2026-03-05",
			stand{"running", "2026-02-28", "2026-03-30", "2026-03-20", "2026-03-30", "", ""}},
		// Back from the end: 31, 30, 29, 28 December (4), Friday 25 and Saturday 26 are holidays, 24, 23, 22, 21 (8), weekend, 18, 17 (10). The day before is Wednesday 16.
		{"ten business days in Germany", contract("2026-01-01", "2026-12-31", renews(12), notice(10), business("DE")), "2026-06-01",
			stand{"running", "2026-01-01", "2026-12-31", "2026-12-16", "2026-12-31", "", ""}},
		// In Great Britain Boxing Day is a Saturday in 2026, so Monday 28 is free: 31, 30, 29 (3), 24, 23 (5). The day before is Tuesday 22.
		{"five business days in Great Britain", contract("2026-01-01", "2026-12-31", renews(12), notice(5), business("GB")), "2026-06-01",
			stand{"running", "2026-01-01", "2026-12-31", "2026-12-22", "2026-12-31", "", ""}},
		// Without holidays: 31, 30, 29, 28 (4), weekend, 25 (5). The day before is Thursday 24.
		{"five business days in a country without a list", contract("2026-01-01", "2026-12-31", renews(12), notice(5), business("SG")), "2026-06-01",
			stand{"running", "2026-01-01", "2026-12-31", "2026-12-24", "2026-12-31", "", ""}},
		// From 31 October a month leads to 30 November. 31 October 2026 is a Saturday, so that notice must be there on Friday 30.
		{"a month, on a business day", contract("2025-12-01", "2026-11-30", renews(12), noticeMonths(1), business("DE")), "2026-06-01",
			stand{"running", "2025-12-01", "2026-11-30", "2026-10-30", "2026-11-30", "", ""}},
		// 30 November less 30 days is 31 October, which has passed. 31 December less 30 days is 1 December.
		{"to the end of a month", contract("2020-01-01", "", notice(30), rule("before_month_end")), "2026-11-22",
			stand{"running", "2020-01-01", "", "2026-12-01", "2026-12-31", "", ""}},
		// 31 December less 42 days is 19 November: passed. 31 March less 31 is 28 February, less 11 more 17 February.
		{"six weeks to the end of a quarter", contract("2020-01-01", "", notice(42), rule("before_quarter_end")), "2026-11-22",
			stand{"running", "2020-01-01", "", "2027-02-17", "2027-03-31", "", ""}},
		// 30 September 2026 has passed, so that only the next year can be the last.
		{"three months to the end of a year", contract("2020-05-01", "", noticeMonths(3), rule("before_year_end")), "2026-11-22",
			stand{"running", "2020-05-01", "", "2027-09-30", "2027-12-31", "", ""}},
		// Three months from 30 November are over on 28 February, the last day of that month. No day can be missed.
		{"at any time with three months", contract("2020-05-01", "", noticeMonths(3)), "2026-11-30",
			stand{"running", "2020-05-01", "", "", "2027-02-28", "", ""}},
		// 2023 was agreed, 2024 and 2025 are the two renewals: it is over with 2025 and nobody need give notice.
		{"renews twice at most", contract("2023-01-01", "2023-12-31", renews(12), notice(90), most(2)), "2025-03-01",
			stand{"runs_out", "2025-01-01", "2025-12-31", "", "2025-12-31", "", "2025-12-31"}},
		{"ended, as its state says", contract("2026-01-01", "2026-12-31", renews(12), notice(90), state("ended")), "2026-06-01",
			stand{"over", "2026-01-01", "2026-12-31", "", "", "", ""}},
		{"ended, as its dates say", contract("2025-01-01", "2025-12-31", notice(90)), "2026-01-01",
			stand{"over", "2025-01-01", "2025-12-31", "", "", "", "2025-12-31"}},
		// The last day is still a day of the contract.
		{"on its last day", contract("2025-01-01", "2025-12-31", notice(90)), "2025-12-31",
			stand{"runs_out", "2025-01-01", "2025-12-31", "", "2025-12-31", "", "2025-12-31"}},
		// The first renewal, the year 2025, is prolonged on 1 June 2025 until 30 June 2027: less 30 is 31 May, less 31 30 April, less 29 1 April.
		{"an amendment with a new end", contract("2024-01-01", "2024-12-31", renews(12), notice(90), amended(model.ContractAmendment{On: day("2025-06-01"), End: day("2027-06-30")})), "2026-11-22",
			stand{"running", "2025-01-01", "2027-06-30", "2027-04-01", "2027-06-30", "", ""}},
		// Six months before the end would be 30 June, but they hold from 1 August only. On 31 July thirty days are still enough, on 1 August it is too late.
		{"an amendment with a longer notice", contract("2026-01-01", "2026-12-31", renews(12), notice(30), amended(model.ContractAmendment{On: day("2026-08-01"), NoticeMonths: 6})), "2026-06-15",
			stand{"running", "2026-01-01", "2026-12-31", "2026-07-31", "2026-12-31", "", ""}},
		{"an amendment that stops the renewal", contract("2026-01-01", "2026-12-31", renews(12), notice(90), amended(model.ContractAmendment{On: day("2026-05-01"), EndsForGood: true})), "2026-11-22",
			stand{"runs_out", "2026-01-01", "2026-12-31", "", "2026-12-31", "", "2026-12-31"}},
		// It would have ended with 2025; the renewal that was agreed begins on the next day.
		{"an agreed renewal", contract("2025-01-01", "2025-12-31", amended(model.ContractAmendment{On: day("2026-01-01"), End: day("2027-12-31")})), "2026-11-22",
			stand{"runs_out", "2026-01-01", "2027-12-31", "", "2027-12-31", "", "2027-12-31"}},
		{"notice in time", contract("2026-01-01", "2026-12-31", renews(12), noticeMonths(3), given("2026-09-30")), "2026-11-22",
			stand{"notice_given", "2026-01-01", "2026-12-31", "", "2026-12-31", "", "2026-12-31"}},
		// 1 October is a day too late, so that it ends with the next year.
		{"notice a day too late", contract("2026-01-01", "2026-12-31", renews(12), noticeMonths(3), given("2026-10-01")), "2026-11-22",
			stand{"notice_given", "2026-01-01", "2026-12-31", "", "2027-12-31", "2026-09-30", "2027-12-31"}},
		{"notice that a new agreement takes back", contract("2026-01-01", "2026-12-31", renews(12), noticeMonths(3), given("2026-09-01"), amended(model.ContractAmendment{On: day("2026-10-15"), End: day("2027-12-31")})), "2026-11-22",
			stand{"running", "2026-01-01", "2027-12-31", "2027-09-30", "2027-12-31", "", ""}},
		// Ends by months, each with its last day of notice: 30 November 31 August, 31 December 30 September, 31 January 31 October, 28 February 30 November.
		{"terms shorter than the notice", contract("2025-01-01", "2025-12-31", renews(1), noticeMonths(3)), "2026-11-22",
			stand{"running", "2026-11-01", "2026-11-30", "2026-11-30", "2027-02-28", "", ""}},
		// Notice of 22 November with six weeks reaches 3 January, so that the first end of a quarter is 31 March.
		{"notice to the end of a quarter", contract("2020-01-01", "", notice(42), rule("before_quarter_end"), given("2026-11-22")), "2026-12-24",
			stand{"notice_given", "2020-01-01", "2027-03-31", "", "2027-03-31", "", "2027-03-31"}},
		{"not begun", contract("2027-01-01", "2027-12-31", renews(12), notice(90)), "2026-11-22",
			stand{"ahead", "2027-01-01", "2027-12-31", "2027-10-02", "2027-12-31", "", ""}},
		{"draft", contract("2027-01-01", "2027-12-31", renews(12), notice(90), state("draft")), "2026-11-22",
			stand{"draft", "2027-01-01", "2027-12-31", "", "", "", ""}},
		{"end before start", contract("2026-12-31", "2026-01-01", renews(12), notice(90)), "2026-06-01",
			stand{"contradictory", "2026-12-31", "2026-01-01", "", "", "", ""}},
		{"without a notice period", contract("2026-01-01", "2026-12-31", renews(12)), "2026-06-01",
			stand{"running", "2026-01-01", "2026-12-31", "", "2026-12-31", "", ""}},
	} {
		s := suppliers.StandingOn(c.c, day(c.on))
		got := stand{s.Stage, s.Term.From.String(), s.Term.Until.String(), s.NoticeBy.String(), s.Exit.String(), s.Missed.String(), s.Ends.String()}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s on %s (-want +got):\n%s", c.name, c.on, diff)
		}
	}
}

// TestNotesSayWhatWasAssumed makes sure that nobody takes an assumption for knowledge.
func TestNotesSayWhatWasAssumed(t *testing.T) {
	for _, c := range []struct {
		c    *model.Contract
		want string
	}{
		{contract("2026-01-01", "2026-12-31", renews(12), notice(5), business("SG")), "The holidays of SG are not known"},
		{contract("2026-01-01", "2026-12-31", renews(12), notice(5), business("")), "No country says which holidays count"},
		{contract("2026-01-01", "2026-12-31", renews(12), notice(5), business("DE")), "those of its regions do not"},
		{contract("2026-01-01", "2026-12-31", renews(12)), "There is no notice period"},
		{contract("2026-12-31", "2026-01-01"), "is before the start"},
		{contract("2020-01-01", "", noticeMonths(1)), "Notice is possible on any day; the contract then ends on 2026-12-22"},
		{contract("2026-01-01", "2026-12-31", renews(12), noticeMonths(3), given("2026-10-01")), "came after 2026-09-30"},
		{contract("2026-01-01", "2026-12-31", renews(12), state("terminated")), "nobody said when notice was given"},
		{contract("2026-01-01", "2026-12-31", renews(12), noticeMonths(3), given("2026-09-01"), amended(model.ContractAmendment{On: day("2026-10-15"), End: day("2027-12-31")})), "takes it back"},
	} {
		s := suppliers.StandingOn(c.c, day("2026-11-22"))
		if !strings.Contains(strings.Join(s.Notes, " "), c.want) {
			t.Errorf("the notes are %q, want %q", s.Notes, c.want)
		}
	}
}

// TestLawsOfNotice holds for every contract: notice on the last day is in time and a day later it is not, and terms follow each other without a gap.
func TestLawsOfNotice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := day("2019-12-31") + model.Date(rapid.IntRange(0, 800).Draw(t, "start"))
		c := contract(start.String(), (start + model.Date(rapid.IntRange(20, 800).Draw(t, "length"))).String(),
			renews(rapid.IntRange(1, 36).Draw(t, "renews")))
		if rapid.Bool().Draw(t, "in months") {
			c.NoticeMonths = rapid.IntRange(1, 12).Draw(t, "months")
		} else {
			c.Notice = days(rapid.IntRange(1, 200).Draw(t, "days"))
		}
		c.NoticeRule = model.NoticeRule(rapid.SampledFrom([]string{"", "calendar", "business"}).Draw(t, "rule"))
		c.NoticeCountry = rapid.SampledFrom([]string{"", "DE", "US", "GB", "AU", "XX"}).Draw(t, "country")
		on := start + model.Date(rapid.IntRange(0, 3000).Draw(t, "on"))
		s := suppliers.StandingOn(c, on)
		if s.Stage != suppliers.Running || s.NoticeBy < on || s.Exit <= s.NoticeBy {
			t.Fatalf("a contract that renews is %+v", s)
		}
		with := *c
		with.NoticeGiven = s.NoticeBy
		if got := suppliers.StandingOn(&with, on); got.Ends != s.Exit {
			t.Fatalf("notice on the last day, %s, ends it on %s, want %s", s.NoticeBy, got.Ends, s.Exit)
		}
		with.NoticeGiven = s.NoticeBy + 1
		if got := suppliers.StandingOn(&with, on); got.Ends <= s.Exit {
			t.Fatalf("notice a day too late, %s, ends it on %s", with.NoticeGiven, got.Ends)
		}
		last := suppliers.Term{Until: c.Start - 1}
		n := 0
		for term := range suppliers.TermsOf(c) {
			if term.From != last.Until+1 || term.Until < term.From || term.Renewal != n {
				t.Fatalf("after %+v comes %+v", last, term)
			}
			last = term
			if n++; n > 20 {
				break
			}
		}
	})
}

// TestNoContractIsTooOdd plays contracts with amendments, notices and rules in any combination: an answer always comes, and it never contradicts itself.
func TestNoContractIsTooOdd(t *testing.T) {
	date := func(t *rapid.T, name string) model.Date {
		if rapid.IntRange(0, 4).Draw(t, name+" is unset") == 0 {
			return 0
		}
		return day("2020-01-01") + model.Date(rapid.IntRange(0, 3000).Draw(t, name))
	}
	rapid.Check(t, func(t *rapid.T) {
		c := &model.Contract{Start: date(t, "start"), End: date(t, "end"), NoticeGiven: date(t, "given"), AutoRenew: rapid.IntRange(0, 24).Draw(t, "renews"), MostRenewals: rapid.IntRange(0, 3).Draw(t, "most"), NoticeMonths: rapid.IntRange(0, 6).Draw(t, "months")}
		c.State = model.ContractState(rapid.SampledFrom([]string{"", "draft", "active", "terminated", "ended"}).Draw(t, "state"))
		c.NoticeRule = model.NoticeRule(rapid.SampledFrom([]string{"", "calendar", "business", "before_month_end", "before_quarter_end", "before_year_end"}).Draw(t, "rule"))
		for range rapid.IntRange(0, 3).Draw(t, "amendments") {
			a := model.ContractAmendment{On: date(t, "on"), End: date(t, "new end"), AutoRenew: rapid.IntRange(0, 12).Draw(t, "new renewal"), NoticeMonths: rapid.IntRange(0, 3).Draw(t, "new notice"), EndsForGood: rapid.Bool().Draw(t, "for good")}
			c.Amendments = append(c.Amendments, a)
		}
		on := day("2020-01-01") + model.Date(rapid.IntRange(0, 4000).Draw(t, "day"))
		s := suppliers.StandingOn(c, on)
		switch {
		case s.Stage == "":
			t.Fatalf("no stage: %+v", s)
		case !s.NoticeBy.IsZero() && (s.NoticeBy < on || s.Exit < s.NoticeBy):
			t.Fatalf("a day of notice that is past, or after the exit: %+v", s)
		case s.Live() && !s.Ends.IsZero() && s.Ends < on:
			t.Fatalf("in force after its end: %+v", s)
		case s.Stage == suppliers.Over && c.State != "ended" && (s.Ends.IsZero() || s.Ends >= on):
			t.Fatalf("over before its end: %+v", s)
		}
		if _, err := suppliers.Outstanding(c, on, s.Exit); err != nil {
			t.Fatal(err)
		}
	})
}
