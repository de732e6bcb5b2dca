package partners_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/practice/partners"
	"binnacle/practice/practicetest"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &partners.Practice)
}

// The calendar has the days ahead and no others, each under a name that stays when the day moves, and says who answers for it.
func TestCalendar(t *testing.T) {
	snap, err := practicetest.Estate(`
- {kind: Person, key: ada, name: Ada Day}
- {kind: Partner, key: bright, name: Brightsea, type: startup, stage: active, sponsor: ada}
- {kind: PartnerAgreement, key: pact, name: Pact, partner: bright, start: 2026-01-01, end: 2027-12-31, notice_by: 2027-03-31, obligations: [{side: ours, text: Late already, due: 2027-01-01}, {side: theirs, text: "Show the report, please.", due: 2027-03-20}, {side: both, text: Done, due: 2027-04-20, done: 2027-02-01}]}
`)
	if err != nil {
		t.Fatal(err)
	}
	out, err := partners.Agreements(snap.View(model.MustDate("2027-03-04")), partners.AgreementsIn{})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(out.Calendar.Content), "\r\n ", "")
	id := snap.Find("PartnerAgreement", "pact").Base().ID.String()
	for _, want := range []string{
		"SUMMARY:Last day of notice: Pact (Brightsea)\r\n", "DTSTART;VALUE=DATE:20270331\r\n", "DTEND;VALUE=DATE:20270401\r\n", "UID:" + id + "-notice@binnacle\r\n", "TRIGGER:-P90D\r\n",
		"SUMMARY:End of the agreement: Pact (Brightsea)\r\n", "DTSTART;VALUE=DATE:20271231\r\n",
		"SUMMARY:Brightsea owes: Show the report\\, please\r\n", "UID:" + id + "-obligation-2@binnacle\r\n", "Answers for it: Ada Day",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "BEGIN:VEVENT"); n != 3 {
		t.Errorf("there are %d events, want 3: notice, end and one obligation", n)
	}
}

// Companies that are the same are found, and others are not.
func TestCompanyName(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Acme Robotics GmbH & Co. KG", "acme robotics"},
		{"ACME  Robotics", "acme robotics"},
		{"Acme Robotics, Inc.", "acme robotics"},
		{"Acme Labs", "acme labs"},
		{"Ships B.V.", "ships"},
		{"AG", "ag"},
		{"", ""},
		// The legal form counts at the end alone.
		{"Co Pilots Ltd", "co pilots"},
	} {
		if got := partners.CompanyName(c.name); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestDomainOf(t *testing.T) {
	for _, c := range []struct{ address, want string }{
		{"https://www.example.co.uk/about", "example.co.uk"},
		{"example.com", "example.com"},
		{"http://shop.Example.com:8080/", "example.com"},
		// Pages at a place that many companies share name none of them.
		{"https://github.com/acme", ""},
		{"https://acme.github.io", "acme.github.io"},
		{"", ""},
		{"not an address", ""},
		{"https://127.0.0.1/", ""},
	} {
		if got := partners.DomainOf(c.address); got != c.want {
			t.Errorf("%q: %q, want %q", c.address, got, c.want)
		}
	}
}

// The fit is a weighted mean: (2 × 4 + 1 × 1) / 3 = 3, and a weight that is not set counts as 1.
func TestFitOf(t *testing.T) {
	if _, ok := partners.FitOf(nil); ok {
		t.Error("nobody scored, and there is a fit")
	}
	got, ok := partners.FitOf([]model.PartnerFit{{Criterion: "strategy", Score: 4, Weight: 2}, {Criterion: "finances", Score: 1}})
	if !ok || got != 3 {
		t.Errorf("the fit is %g, want 3", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		var list []model.PartnerFit
		low, high := 5.0, 0.0
		for range rapid.IntRange(1, 9).Draw(t, "criteria") {
			f := model.PartnerFit{Score: rapid.Float64Range(0, 5).Draw(t, "score"), Weight: rapid.Float64Range(0.1, 10).Draw(t, "weight")}
			list, low, high = append(list, f), math.Min(low, f.Score), math.Max(high, f.Score)
		}
		fit, _ := partners.FitOf(list)
		if fit < low-1e-9 || fit > high+1e-9 {
			t.Fatalf("the fit %g is outside of its scores, %g to %g", fit, low, high)
		}
		for i := range list {
			list[i].Weight *= 2
		}
		if again, _ := partners.FitOf(list); math.Abs(again-fit) > 1e-9 {
			t.Fatalf("doubling every weight changes the fit from %g to %g", fit, again)
		}
	})
}

// FuzzCompanies: no text of a website or a name breaks anything, and names are found again.
func FuzzCompanies(f *testing.F) {
	for _, s := range []string{"Acme GmbH", "https://www.example.co.uk/about", "://", "http://[::1", "co.", "a b  c ltd ltd"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := partners.CompanyName(text)
		if again := partners.CompanyName(once); again != once {
			t.Errorf("%q becomes %q, and that becomes %q", text, once, again)
		}
		if d := partners.DomainOf(text); d != strings.ToLower(d) {
			t.Errorf("the domain of %q is %q", text, d)
		}
	})
}
