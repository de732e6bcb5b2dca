package demo_test

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"binnacle/demo"
	"binnacle/estate"
	"binnacle/facts"
	factssqlite "binnacle/facts/sqlite"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/jobs"
	"binnacle/journal/sqlite"
	"binnacle/model"
	"binnacle/practice"
	practices "binnacle/practice/all"
	"binnacle/store"
)

// The tests of this file load the company as people do and ask the questions that should find what is planted about the outward face.

// noon is the moment at which the company is loaded and looked at.
var noon = time.Date(2026, time.November, 21, 12, 0, 0, 0, time.UTC)

// company is the whole company, loaded once for all tests of the file.
var company = sync.OnceValues(func() (estate.View, error) {
	none := estate.View{}
	dir, err := tempDir()
	if err != nil {
		return none, err
	}
	j, err := sqlite.Open(ctx, filepath.Join(dir, "binnacle.db"))
	if err != nil {
		return none, err
	}
	s, err := store.Open(ctx, j, store.Options{Now: func() time.Time { return noon }})
	if err != nil {
		return none, err
	}
	lines, err := factssqlite.Open(ctx, filepath.Join(dir, "facts.db"))
	if err != nil {
		return none, err
	}
	files := demo.Files()
	report, err := jobs.Import(ctx, s, func(yield func(feed.Input, error) bool) {
		for _, name := range demo.Order {
			data, err := fs.ReadFile(files, name)
			if !yield(feed.Input{Name: name, Data: data, Release: feed.ReleaseNamed(name)}, err) {
				return
			}
		}
	}, all.Detect, jobs.ImportOptions{Who: "test", Why: "Load the demo", Facts: lines})
	if err == nil && report.Total.Refused > 0 {
		err = fmt.Errorf("%d items were refused", report.Total.Refused)
	}
	return s.Snapshot().View(model.TimeOf(noon).Date()).With(practice.Beside{Reader: facts.NewReader(lines, 64<<20), Practices: practices.Practices(), Now: model.TimeOf(noon), Anybody: true}), err
})

// ask asks a question and returns the parts of its answer.
func ask(t *testing.T, name string, parameters map[string]any) []practice.Part {
	t.Helper()
	v, err := company()
	if err != nil {
		t.Fatal(err)
	}
	asked, err := practice.Find(practices.Practices(), name)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := asked.Ask(v, parameters)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if verdict, ok := answer.(practice.Verdict); ok {
		return []practice.Part{{Name: "findings", Findings: verdict.Findings}}
	}
	return asked.Parts(answer)
}

// row returns the cells of the first row of a table that names a record, by the heads of their columns.
func row(t *testing.T, parts []practice.Part, table, key string) map[string]string {
	t.Helper()
	for _, p := range parts {
		if p.Name != table || p.Grid == nil {
			continue
		}
		for _, cells := range p.Grid.Rows {
			if len(cells[0].Links) == 1 && cells[0].Links[0].Key == key || cells[0].Text == key {
				out := map[string]string{}
				for i, c := range p.Grid.Columns {
					out[c.Name] = cells[i].Text
				}
				return out
			}
		}
	}
	t.Fatalf("no row of %s is about %s", table, key)
	return nil
}

func number(t *testing.T, cells map[string]string, column string) float64 {
	t.Helper()
	var n float64
	if _, err := fmt.Sscan(cells[column], &n); err != nil {
		t.Fatalf("%s is %q in %v", column, cells[column], cells)
	}
	return n
}

func TestOutwardProblemsAreFound(t *testing.T) {
	for _, c := range []struct {
		question   string
		parameters map[string]any
		about      string // the key of what the finding is about; empty where it is about no record
		says       string
	}{
		{"radar.drift", nil, "opentelemetry", "is to be adopted, and nothing uses it"},
		{"radar.drift", nil, "edge-boxes", "is in Assess, and 3 things of high criticality already use it"},
		{"radar.drift", nil, "", "spring-jdbc, and no radar shows it"},
		{"radar.adopted_is_used", nil, "opentelemetry", "nothing uses it"},
		{"radar.trends", nil, "shore-power", "no bet, experiment or idea follows from it"},
		{"radar.bets", nil, "bet-own-pricing", "was to be looked at again by 2026-11-15"},
		{"research.within_time", nil, "pricing-by-demand-model", "was over on 2026-10-30"},
		{"research.within_cap", nil, "pricing-by-demand-model", "12000"},
		{"product.no_promise_late", nil, "idea-papers-as-data", "Nordspan Logistics was promised Take consignment notes as data for 2027-01-31"},
		{"product.no_promise_late", nil, "idea-reefer-alarm", "21 days ago, and it is not there"},
		{"product.roadmap_fits", nil, "freight-lanes", "2027 Q1 holds"},
		{"product.outcomes", nil, "portal-renewed", "should have been looked at by 2026-09-01"},
		{"partners.conflicts", nil, "seeblick", "competes with our vendor"},
		{"partners.no_obligation_late", nil, "", "40 hours of pictures from Gdynia"},
		{"partners.partner", map[string]any{"partner": "seeblick"}, "", "Ownership"},
		{"partners.health", nil, "optigate-partnership", "is in danger"},
		{"partners.health", nil, "papierlos", "money"},
		{"research.matrices", nil, "customs-supplier", "nothing is chosen yet"},
		{"people.adopted_on_several", nil, "opentelemetry-tracing", "one person alone can do it"},
		{"people.officers_learn", nil, "", "Emeka Okafor"},
		{"standards.reviewed_in_time", nil, "adr-0005-events-behind-the-harbour-bus", "was to be looked at by 2026-02-20"},
		{"standards.review_due", nil, "adr-0007-functions-for-what-happens-rarely", "2 predicted effects have not been measured"},
		{"standards.catalogue", nil, "database-standard", "rests on Keep one database for all critical systems, which is superseded"},
		{"standards.campaigns", nil, "silver-before-summer", "is behind: 5 of 9 are at Silver, and by now it should be 6"},
		{"standards.exemptions_in_time", nil, "x-customs-runbook", "ended on 2026-07-31"},
		{"standards.one_accountable", nil, "right-switch-off", "nobody who is accountable"},
		{"standards.one_accountable", nil, "right-risk", "has 2 who are accountable"},
		{"standards.one_accountable", nil, "right-freeze", "nobody who is responsible"},
		{"delivery.repositories", nil, "", "Nobody knows what is built from commerce/price-scraper"},
		{"delivery.quality", nil, "gate-control", "failed by chance"},
		{"delivery.no_freeze_broken", nil, "web-shop", "went to production in Change of the timetable"},
		{"delivery.gate", map[string]any{"of": "Application/web-shop"}, "web-shop", "at most 15 % are wanted"},
		{"delivery.lead_time", nil, "freight-booking", "in the stage deploy"},
		{"delivery.every_service_measured", nil, "customs-gateway", "No deployment of Customs Gateway"},
	} {
		var all []string
		found := false
		for _, p := range ask(t, c.question, c.parameters) {
			for _, f := range p.Findings {
				all = append(all, f.About.Key+": "+f.Text)
				found = found || (c.about == "" || f.About.Key == c.about) && strings.Contains(f.Text, c.says)
			}
		}
		if !found {
			t.Errorf("%s does not say of %q that it %q. It says:\n  %s", c.question, c.about, c.says, strings.Join(all, "\n  "))
		}
	}
}

// What is on hold stands in bills of materials, and the components prove it.
func TestBlipsOnHoldAreInUse(t *testing.T) {
	drift := ask(t, "radar.drift", nil)
	for blip, users := range map[string]float64{"lodash": 3, "log4j-1": 3, "struts": 1, "jquery": 1} {
		cells := row(t, drift, "blips", blip)
		if cells["ring"] != "Hold" || number(t, cells, "users") != users || !strings.Contains(cells["components"], "/") {
			t.Errorf("%s: %v", blip, cells)
		}
	}
}

func TestDecisionsAndWhatCameOfThem(t *testing.T) {
	outcomes := ask(t, "standards.outcomes", nil)
	if cells := row(t, outcomes, "effects", "adr-0003-buy-the-roster-and-keep-our-own-for-a-year"); cells["met"] != "wrong way" {
		t.Errorf("the roster: %v", cells)
	}
	if cells := row(t, outcomes, "effects", "adr-0011-forecast-arrivals-by-our-own-model"); cells["met"] != "met" {
		t.Errorf("the forecast of arrivals: %v", cells)
	}
	if cells := row(t, ask(t, "standards.scorecards", nil), "scorecards", "ready-for-production"); number(t, cells, "records") != 21 || number(t, cells, "at_target") != 5 {
		t.Errorf("ready for production: %v", cells)
	}
}

// The five metrics of the services that the story is about.
func TestDeliveryOfTheServices(t *testing.T) {
	quarter := ask(t, "delivery.dora", map[string]any{"compare": true})
	shop := row(t, quarter, "rows", "web-shop")
	if n := number(t, shop, "per_week"); n < 5 || n > 7 {
		t.Errorf("the shop is delivered %v times a week, not daily", n)
	}
	if now, before := number(t, shop, "fail_rate"), number(t, shop, "fail_rate_before"); now < 2*before {
		t.Errorf("the change fail rate of the shop went from %v to %v, and it was planted to double at least", before, now)
	}
	if freight := row(t, quarter, "rows", "freight-booking"); number(t, freight, "lead_time") < 14*24 || number(t, freight, "per_week") > 0.6 {
		t.Errorf("freight: %v", freight)
	}
	if booking := row(t, quarter, "rows", "booking-engine"); number(t, booking, "lead_time") > 24 || number(t, booking, "per_week") < 2.5 || number(t, booking, "fail_rate") > 6 {
		t.Errorf("bookings on the platform: %v", booking)
	}
	v, err := company()
	if err != nil {
		t.Fatal(err)
	}
	asked, err := practice.Find(practices.Practices(), "delivery.dora")
	if err != nil {
		t.Fatal(err)
	}
	answer, err := asked.Ask(v.On(model.MustDate("2026-02-28")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if before := row(t, asked.Parts(answer), "rows", "booking-engine"); number(t, before, "lead_time") < 150 || number(t, before, "per_week") > 0.6 {
		t.Errorf("bookings before the platform: %v", before)
	}
	customs := row(t, ask(t, "delivery.dora", map[string]any{"window": "365d"}), "counted", "customs-gateway")
	if number(t, customs, "deployments") != 1 || number(t, customs, "never_reached") != 2 || number(t, customs, "failed") != 1 {
		t.Errorf("customs: %v", customs)
	}
}

// Three people have scored, the first two offers are close, and nobody has chosen; and whoever we try data with has money until March.
func TestChoicesAndStartups(t *testing.T) {
	if cells := row(t, ask(t, "research.matrices", nil), "matrices", "customs-supplier"); cells["first"] != "EDI-Kontor" || cells["state"] != "Closed" && cells["state"] != "closed" || cells["chosen"] != "" {
		t.Errorf("the supplier of customs: %v", cells)
	}
	if cells := row(t, ask(t, "partners.startups", nil), "startups", "papierlos"); cells["money"] != "2027-03-14" {
		t.Errorf("Papierlos: %v", cells)
	}
}
