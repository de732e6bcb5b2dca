package vulnerable_test

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice/vulnerable"
)

// put creates or edits records and returns a ref to the first.
func (h *house) put(records ...model.Record) model.Ref {
	h.t.Helper()
	var changes []model.Change
	for _, rec := range records {
		if rec.Base().ID.IsZero() {
			rec.Base().ID = h.newID()
		}
		if change, differs := model.Difference(h.snap.Schema().Of(rec), h.snap.Get(rec.Base().Ref()), rec); differs {
			changes = append(changes, change)
		}
	}
	h.apply(changes)
	return records[0].Base().Ref()
}

func (h *house) index() *vulnerable.Index { return vulnerable.In(h.snap.View(today)) }

func day(t testing.TB, text string) model.Date {
	d, err := model.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func moment(t testing.TB, text string) model.Time {
	m, err := model.ParseTime(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shop is an estate with one application, which carries a capability that serves a goal, and one old library in it.
func shop(t testing.TB) (h *house, app model.Ref) {
	h = newHouse(t)
	goal := h.put(&model.Goal{Meta: model.Meta{Key: "grow", Name: "Grow"}})
	selling := h.put(&model.Capability{Meta: model.Meta{Key: "selling", Name: "Selling"}, Criticality: model.CriticalityHigh, Goals: []model.Ref{goal}})
	host := h.put(&model.Host{Meta: model.Meta{Key: "web-1", Name: "web-1"}, IPs: []string{"10.0.0.5", "198.51.100.7"}})
	app = h.put(&model.Application{Meta: model.Meta{Key: "shop", Name: "Shop"}, Capabilities: []model.Ref{selling}, RunsOn: []model.Ref{host}, PackageURL: "pkg:generic/shop", SafetyImpact: "negligible"})
	h.put(&model.Component{Meta: model.Meta{Key: "shop/old", Name: "old"}, Application: app, PackageURL: "pkg:npm/old@1.0.0", Version: "1.0.0"})
	h.put(advisory("GHSA-aaaa-bbbb-cccc", "pkg:npm/old", "npm", "vers:npm/>=0|<1.2.0", "CVE-2024-0001"))
	return h, app
}

func advisory(key, purl, ecosystem, ranges string, aliases ...string) *model.Advisory {
	return &model.Advisory{
		Meta: model.Meta{Key: key}, Aliases: aliases, Vectors: []string{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
		Affected: []model.AffectedPackage{{Package: purl, Ecosystem: ecosystem, Ranges: []string{ranges}, Fixed: []string{"0.5.0", "1.2.0", "2.0.0"}}},
	}
}

// fits lists the matches as component, version, advisory, mend and vulnerability.
func fits(x *vulnerable.Index) []string {
	var out []string
	for _, m := range x.Matches() {
		out = append(out, strings.TrimSpace(strings.Join([]string{m.Component.Key, m.Package, m.Version, m.Advisory.Key, m.Fixed, m.Group.ID, m.Perhaps}, " ")))
	}
	return out
}

func TestAMatchAndItsGroup(t *testing.T) {
	h, _ := shop(t)
	h.put(&model.Advisory{Meta: model.Meta{Key: "CVE-2024-0001"}, Exploited: day(t, "2026-08-01"), Ransomware: true, ExploitScored: day(t, "2026-08-20"), ExploitProbability: 0.9, ExploitModel: "v4"})
	want := []string{"shop/old pkg:npm/old 1.0.0 GHSA-aaaa-bbbb-cccc 1.2.0 CVE-2024-0001"}
	x := h.index()
	if diff := gocmp.Diff(want, fits(x)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	g := x.Group("cve-2024-0001")
	if g == nil || g != x.Group("GHSA-AAAA-bbbb-cccc") || len(g.Advisories) != 2 || len(x.MatchesOf(g)) != 1 {
		t.Fatalf("the two advisories are not one vulnerability: %+v", g)
	}
	s := x.SignalsOf(g)
	if s.Exploitation.Value != "active" || !s.Ransomware || s.Automatable.Value != "yes" || s.TechnicalImpact.Value != "total" || s.Probability != 0.9 || s.Score.Value != 9.8 || s.Severity != model.SeverityCritical {
		t.Errorf("the signals are %+v", s)
	}
	if x.Group("CVE-1999-9999") != nil {
		t.Error("a vulnerability that nobody told of is known")
	}
	if got := x.Fits("pkg:npm/old@1.1.0"); len(got) != 1 {
		t.Errorf("a version that no component has fits %v", got)
	}
}

func TestWhatDoesNotMatch(t *testing.T) {
	h, app := shop(t)
	withdrawn := advisory("GHSA-with-draw-nnnn", "pkg:npm/old", "npm", "vers:npm/*")
	withdrawn.Withdrawn = moment(t, "2026-01-01T00:00:00Z")
	lost := &model.Component{Meta: model.Meta{Key: "shop/lost", Sightings: []model.Sighting{{Source: "bom", Stale: moment(t, "2026-02-01T00:00:00Z")}}}, Application: app, PackageURL: "pkg:npm/old@0.9.0"}
	h.put(withdrawn, lost,
		&model.Component{Meta: model.Meta{Key: "shop/mended"}, Application: app, PackageURL: "pkg:npm/old@1.2.0"},
		&model.Component{Meta: model.Meta{Key: "shop/other"}, Application: app, PackageURL: "pkg:pypi/old@1.0.0"},
		&model.Component{Meta: model.Meta{Key: "shop/unversioned"}, Application: app, PackageURL: "pkg:npm/old"})
	if got := fits(h.index()); len(got) != 1 {
		t.Errorf("the matches are %v", got)
	}
}

func TestReleasesOfDistributions(t *testing.T) {
	h, app := shop(t)
	h.put(advisory("DEBIAN-1", "pkg:deb/debian/curl", "Debian:12", "vers:deb/>=0|<7.88.1-10"))
	for key, purl := range map[string]string{
		"shop/a": "pkg:deb/debian/curl@7.80.0-1?distro=debian-12.4", "shop/b": "pkg:deb/debian/curl@7.80.0-1?distro=bullseye",
		"shop/c": "pkg:deb/debian/libcurl4@7.80.0-1?distro=bookworm&upstream=curl", "shop/d": "pkg:deb/debian/curl@7.80.0-1",
	} {
		h.put(&model.Component{Meta: model.Meta{Key: key}, Application: app, PackageURL: purl})
	}
	want := []string{"shop/a ", "shop/c ", "shop/d perhaps"}
	var got []string
	for _, m := range h.index().Matches() {
		if m.Advisory.Key == "DEBIAN-1" {
			perhaps := ""
			if m.Perhaps != "" {
				perhaps = "perhaps"
			}
			got = append(got, m.Component.Key+" "+perhaps)
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAChangeIsSeen(t *testing.T) {
	h, app := shop(t)
	if len(h.index().Matches()) != 1 {
		t.Fatal("nothing matches")
	}
	c := model.Clone(h.snap.Find("Component", "shop/old")).(*model.Component)
	c.PackageURL, c.Version = "pkg:npm/old@1.2.0", "1.2.0"
	h.put(c)
	if got := fits(h.index()); len(got) != 0 {
		t.Errorf("after the upgrade: %v", got)
	}
	h.put(advisory("GHSA-new", "pkg:npm/old", "npm", "vers:npm/1.2.0"))
	if got := fits(h.index()); len(got) != 1 {
		t.Errorf("after a new advisory: %v", got)
	}
	h.put(&model.Component{Meta: model.Meta{Key: "shop/z"}, Application: app, PackageURL: "pkg:npm/old@1.2.0"})
	if got := fits(h.index()); len(got) != 2 {
		t.Errorf("after a new component: %v", got)
	}
}

func TestWhatIsOutOfSightDoesNotMatch(t *testing.T) {
	h, app := shop(t)
	h.put(&model.Component{Meta: model.Meta{Key: "shop/secret"}, Application: app, PackageURL: "pkg:npm/old@1.0.0"})
	without := func(key string) estate.Sight {
		return estate.SightFunc(func(rec model.Record) bool { return rec.Base().Key != key })
	}
	if got := vulnerable.In(h.snap.View(today).Through(without("shop/secret"))).Matches(); len(got) != 1 || got[0].Component.Key != "shop/old" {
		t.Errorf("without a component: %v", got)
	}
	if got := vulnerable.In(h.snap.View(today).Through(without("GHSA-aaaa-bbbb-cccc"))).Matches(); len(got) != 0 {
		t.Errorf("without the advisory: %v", got)
	}
	if got := h.index().Matches(); len(got) != 2 {
		t.Errorf("with everything: %v", got)
	}
}

func TestStatements(t *testing.T) {
	states := func(change func(h *house, app model.Ref)) string {
		h, app := shop(t)
		change(h, app)
		x := h.index()
		s := x.StatusOf(&x.Matches()[0])
		out := string(s.Status)
		if s.Silenced {
			out += " silenced"
		}
		return out
	}
	vex := func(status model.VexStatus, author, stated string, products []string, subjects ...model.Ref) *model.VexStatement {
		return &model.VexStatement{
			Meta: model.Meta{Key: author + stated}, Vulnerability: "CVE-2024-0001", Status: status, Author: author, Stated: moment(t, stated+"T00:00:00Z"), Products: products, Subjects: subjects,
		}
	}
	tests := []struct {
		name   string
		change func(h *house, app model.Ref)
		want   string
	}{
		{"nobody has said anything", func(*house, model.Ref) {}, "affected"},
		{"of the package in every version", func(h *house, _ model.Ref) {
			h.put(vex("not_affected", "Us", "2026-01-01", []string{"pkg:npm/old"}))
		}, "not_affected silenced"},
		{"of this version", func(h *house, _ model.Ref) {
			h.put(vex("fixed", "Us", "2026-01-01", []string{"pkg:npm/old@1.0.0"}))
		}, "fixed silenced"},
		{"of another version", func(h *house, _ model.Ref) {
			h.put(vex("not_affected", "Us", "2026-01-01", []string{"pkg:npm/old@1.0.1"}))
		}, "affected"},
		{"of the application", func(h *house, app model.Ref) {
			h.put(vex("under_investigation", "Us", "2026-01-01", nil, app))
		}, "under_investigation"},
		{"of the application by its package URL", func(h *house, app model.Ref) {
			h.put(vex("not_affected", "Us", "2026-01-01", []string{"pkg:generic/shop"}))
		}, "not_affected silenced"},
		{"of the package in another application", func(h *house, _ model.Ref) {
			other := h.put(&model.Application{Meta: model.Meta{Key: "other"}})
			h.put(vex("not_affected", "Us", "2026-01-01", []string{"pkg:npm/old"}, other))
		}, "affected"},
		{"of nothing", func(h *house, _ model.Ref) { h.put(vex("not_affected", "Us", "2026-01-01", nil)) }, "affected"},
		{"later takes the place of earlier", func(h *house, app model.Ref) {
			h.put(vex("not_affected", "Us", "2026-01-01", nil, app), vex("affected", "Us", "2026-02-01", nil, app))
		}, "affected"},
		{"what will be said later does not count", func(h *house, app model.Ref) {
			h.put(vex("not_affected", "Us", "2026-01-01", nil, app), vex("affected", "Us", "2027-02-01", nil, app))
		}, "not_affected silenced"},
		{"the more careful of two authors", func(h *house, app model.Ref) {
			h.put(vex("not_affected", "Vendor", "2026-02-01", nil, app), vex("under_investigation", "Other", "2026-01-01", nil, app))
		}, "under_investigation"},
		{"what people here say comes first", func(h *house, app model.Ref) {
			ours := vex("not_affected", "Us", "2026-01-01", nil, app)
			ours.Origin = model.PersonSource
			h.put(ours, vex("affected", "Vendor", "2026-02-01", nil, app))
		}, "not_affected silenced"},
	}
	for _, test := range tests {
		if got := states(test.change); got != test.want {
			t.Errorf("%s: %s; want %s", test.name, got, test.want)
		}
	}
}

func TestTheSubjectAndItsWayToTheGoal(t *testing.T) {
	h, app := shop(t)
	h.put(&model.Advisory{Meta: model.Meta{Key: "CVE-2024-0001"}, Exploited: day(t, "2026-08-01")})
	x := h.index()
	s := x.SubjectOf(app)
	if s.Exposure.Value != "open" || !strings.Contains(s.Exposure.Why, "198.51.100.7") || s.Public.Value != "yes" || s.Mission.Value != "mef_failure" || s.Human.Value != "medium" {
		t.Errorf("the subject is %+v", s)
	}
	if got := x.Paths(&x.Matches()[0]); got != "old → Shop → Selling → Grow" {
		t.Errorf("the way is %s", got)
	}
	a := x.Assess(x.Group("CVE-2024-0001"), app)
	if a.Least != model.SSVCOutOfCycle || a.Most != model.SSVCOutOfCycle || !a.Certain() || a.TimelineMost != "3_days_forensic" || a.CoordinatorMost != "act" {
		t.Errorf("the decision is %s to %s, %s, %s", a.Least, a.Most, a.TimelineMost, a.CoordinatorMost)
	}
}

func TestExposure(t *testing.T) {
	tests := []struct {
		name string
		app  model.Application
		ips  []string
		want string
	}{
		{"set by people", model.Application{Exposure: "small"}, []string{"198.51.100.7"}, "small"},
		{"a public address", model.Application{}, []string{"192.168.1.1", "2001:db8::1"}, "open"},
		{"private addresses", model.Application{}, []string{"10.1.1.1", "fd00::1", "100.64.3.2"}, "controlled"},
		{"addresses that say nothing", model.Application{}, []string{"127.0.0.1", "fe80::1"}, ""},
		{"no address", model.Application{}, nil, ""},
		{"run by a provider", model.Application{Hosting: "saas"}, nil, ""},
	}
	for _, test := range tests {
		h := newHouse(t)
		host := h.put(&model.Host{Meta: model.Meta{Key: "h"}, IPs: test.ips})
		app := test.app
		app.Meta, app.RunsOn = model.Meta{Key: "a"}, []model.Ref{host}
		ref := h.put(&app)
		if got := h.index().SubjectOf(ref).Exposure; got.Value != test.want {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
	h := newHouse(t)
	saas := h.put(&model.Application{Meta: model.Meta{Key: "a"}, Hosting: "saas"})
	if got := h.index().SubjectOf(saas).Exposure; got.Value != "open" {
		t.Errorf("software as a service: %+v", got)
	}
	inner := h.put(&model.Host{Meta: model.Meta{Key: "i"}, IPs: []string{"10.0.0.1"}})
	dark := h.put(&model.Host{Meta: model.Meta{Key: "d"}})
	part := h.put(&model.Application{Meta: model.Meta{Key: "b"}, RunsOn: []model.Ref{inner, dark}})
	if got := h.index().SubjectOf(part).Exposure; got.Known() || got.Least != "controlled" || got.Most != "open" {
		t.Errorf("one private host and one that is not known: %+v", got)
	}
}

func TestScoresOfEveryDay(t *testing.T) {
	h, _ := shop(t)
	packed := func(p uint64) string {
		text, err := model.PackScores([]model.ExploitScore{{Number: 1, Probability: p, Percentile: p / 2}, {Number: 7, Probability: 1, Percentile: 1}})
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	h.put(&model.ExploitScores{Meta: model.Meta{Key: "epss-2024"}, Model: "v4", Scored: day(t, "2026-08-20"), Year: 2024, Vulnerabilities: 2, Packed: packed(400_000_000)})
	x := h.index()
	if s := x.SignalsOf(x.Group("CVE-2024-0001")); s.Probability != 0.4 || s.Percentile != 0.2 || s.Model != "v4" {
		t.Errorf("the score is %+v", s)
	}
	before := vulnerable.In(h.snap.View(day(t, "2026-08-19")))
	if s := before.SignalsOf(before.Group("CVE-2024-0001")); !s.Scored.IsZero() {
		t.Errorf("before that day the score is %v", s.Probability)
	}
	// A catalogue of exploited vulnerabilities was never imported, so that active cannot be ruled out.
	if s := x.SignalsOf(x.Group("CVE-2024-0001")); s.Exploitation.Known() || s.Exploitation.Most != "active" || s.InCatalogue.Known() {
		t.Errorf("without a catalogue: %+v", s.Exploitation)
	}
}

func TestGroupsAreSorted(t *testing.T) {
	h, _ := shop(t)
	h.put(advisory("OSV-2", "pkg:npm/old", "npm", "vers:npm/*"), advisory("OSV-1", "pkg:npm/old", "npm", "vers:npm/*", "GHSA-zzzz-zzzz-zzzz"))
	var got []string
	for _, g := range h.index().Groups() {
		got = append(got, g.ID)
	}
	if want := []string{"CVE-2024-0001", "GHSA-zzzz-zzzz-zzzz", "OSV-2"}; !slices.Equal(want, got) {
		t.Errorf("the vulnerabilities are %v", got)
	}
}

// What a component had before is taken over where it is the very same record, wherever others come, go and change around it.
func TestMatchesAfterChangesAreThoseFromCold(t *testing.T) {
	h := newHouse(t)
	app := h.put(&model.Application{Meta: model.Meta{Key: "shop", Name: "Shop"}})
	h.put(advisory("GHSA-aaaa-bbbb-cccc", "pkg:npm/old", "npm", "vers:npm/>=0|<1.2.0", "CVE-2024-0001"))
	part := func(key, version string) *model.Component {
		return &model.Component{Meta: model.Meta{Key: key}, Application: app, PackageURL: "pkg:npm/old@" + version, Version: version}
	}
	h.put(part("shop/b", "1.0.0"), part("shop/d", "1.0.0"), part("shop/f", "2.0.0"))
	h.index()
	for _, step := range []struct {
		name, version string
		want          []string
	}{
		{"shop/c", "1.1.0", []string{"shop/b", "shop/c", "shop/d"}},
		{"shop/a", "0.1.0", []string{"shop/a", "shop/b", "shop/c", "shop/d"}},
		{"shop/b", "1.2.0", []string{"shop/a", "shop/c", "shop/d"}},
		{"shop/f", "1.1.9", []string{"shop/a", "shop/c", "shop/d", "shop/f"}},
		{"shop/g", "3.0.0", []string{"shop/a", "shop/c", "shop/d", "shop/f"}},
	} {
		next := part(step.name, step.version)
		if old := h.snap.Find("Component", step.name); old != nil {
			next.Meta = *old.Base()
		}
		h.put(next)
		var got []string
		for _, m := range h.index().Matches() {
			got = append(got, m.Component.Key)
		}
		if diff := gocmp.Diff(step.want, got); diff != "" {
			t.Errorf("after %s became %s (-want +got):\n%s", step.name, step.version, diff)
		}
	}
}
