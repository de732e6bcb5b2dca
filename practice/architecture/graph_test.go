package architecture

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/practicetest"
)

// company draws a small estate without circles: services made of services and
// hosts, with and without redundancy, and a few records that serve others.
func company(t *rapid.T) *estate.Snapshot {
	var records []model.Record
	var hosts, services []model.Ref
	add := func(rec model.Record, key string) model.Ref {
		m := rec.Base()
		m.ID, m.Key, m.Version = practicetest.IDOf(len(records)+1), key, 1
		records = append(records, rec)
		return m.Ref()
	}
	some := func(from []model.Ref, label string) []model.Ref {
		if len(from) == 0 {
			return nil
		}
		return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, min(3, len(from)), rapid.ID[model.Ref]).Draw(t, label)
	}
	percent := func(label string) model.Percent {
		return model.Percent(rapid.SampledFrom([]float64{0, 50, 90, 99, 100}).Draw(t, label))
	}
	site := add(&model.Site{Availability: percent("site")}, "site")
	for i := range rapid.IntRange(1, 5).Draw(t, "hosts") {
		h := &model.Host{Availability: percent("host")}
		if i%2 == 0 {
			h.Site = site
		}
		hosts = append(hosts, add(h, fmt.Sprintf("host-%d", i)))
	}
	for i := range rapid.IntRange(1, 5).Draw(t, "services") {
		s := &model.Service{Availability: percent("service"), BuiltFrom: some(slices.Concat(hosts, services), "built from"), DependsOn: some(services, "depends on"), BuiltFromNeeded: rapid.IntRange(0, 4).Draw(t, "needed")}
		s.Criticality = rapid.SampledFrom([]model.Criticality{"", "low", "high", "critical"}).Draw(t, "criticality")
		services = append(services, add(s, fmt.Sprintf("service-%d", i)))
	}
	add(&model.Contract{Covers: some(hosts, "covers")}, "contract")
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values(records))
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// TestAvailabilityEqualsTheSumOverAllStates plays every combination of failures
// through the estate itself, and adds up the chances of those in which the service works.
func TestAvailabilityEqualsTheSumOverAllStates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		snap := company(t)
		v := snap.View(1)
		for s := range estate.Each[*model.Service](v) {
			var parts []model.Ref
			var p []float64
			for _, step := range v.Reach(estate.Up, s.Ref()).Steps {
				if own, _ := ownAvailability(step.Record); own > 0 && own < 100 {
					parts, p = append(parts, step.Record.Base().Ref()), append(p, float64(own)/100)
				}
			}
			want := 0.0
			for state := range 1 << len(parts) {
				chance := 1.0
				var failed []model.Ref
				for i := range parts {
					if state>>i&1 == 1 {
						failed = append(failed, parts[i])
						chance *= 1 - p[i]
					} else {
						chance *= p[i]
					}
				}
				if v.Fail(failed...).Find(s.Ref()) < 0 {
					want += chance
				}
			}
			out, err := Availability(v, AvailabilityIn{Record: s.Ref()})
			if err != nil {
				t.Fatal(err)
			}
			if got := out.Availability.Value / 100; math.Abs(got-want) > 1e-9 {
				t.Errorf("%s: %v, want %v", s.Key, got, want)
			}
		}
	})
}

func mustUntie(v estate.View, ref model.Ref) *graph {
	g, _ := upFrom(v, ref).untied()
	return g
}

// TestBoundsHoldTheExactFigure makes the diagram too small, so that bounds must do.
func TestBoundsHoldTheExactFigure(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := company(t).View(1)
		for s := range estate.Each[*model.Service](v) {
			g := mustUntie(v, s.Ref())
			exact, bounded := solve(g, diagramLimit), solve(g, 2)
			if len(bounded.variables) == 0 {
				continue
			}
			if bounded.low > exact.low+1e-12 || bounded.high < exact.low-1e-12 {
				t.Errorf("%s: the exact %v is not between %v and %v", s.Key, exact.low, bounded.low, bounded.high)
			}
		}
	})
}

// TestImportanceIsWhatThePartGains compares importance with the difference that it stands for.
func TestImportanceIsWhatThePartGains(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := company(t).View(1)
		for s := range estate.Each[*model.Service](v) {
			g := mustUntie(v, s.Ref())
			was := solve(g, diagramLimit)
			for i, at := range was.variables {
				perfect := model.Clone(g.parts[at].rec)
				setAvailability(perfect, 100)
				old := g.parts[at].rec
				g.parts[at].rec = perfect
				gain := solve(g, diagramLimit).low - was.low
				g.parts[at].rec = old
				if want := was.rises[i] * (1 - chanceOf(g.parts[at])); math.Abs(gain-want) > 1e-9 {
					t.Errorf("%s: a perfect %s gains %v, importance says %v", s.Key, old.Base().Key, gain, want)
				}
			}
		}
	})
}

func setAvailability(rec model.Record, p model.Percent) {
	switch r := rec.(type) {
	case *model.Service:
		r.Availability = p
	case *model.Host:
		r.Availability = p
	case *model.Site:
		r.Availability = p
	}
}

// TestSinglePointsAreWhatTheEstateSays fails every record through the estate itself.
func TestSinglePointsAreWhatTheEstateSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := company(t).View(1)
		hide := rapid.Bool().Draw(t, "hide")
		if hide {
			v = v.Through(estate.SightFunc(func(rec model.Record) bool { return rec.Base().Key != "host-1" }))
		}
		want := map[string]int{}
		for _, kind := range []string{"Site", "Host", "Service", "Contract"} {
			for rec := range v.All(kind) {
				for _, s := range v.Fail(rec.Base().Ref()).Steps[1:] {
					if model.Rank(practice.CriticalityOf(s.Record)) >= model.Rank(model.CriticalityHigh) {
						want[rec.Base().Key]++
					}
				}
			}
		}
		out, err := SinglePoints(v, SinglePointsIn{Kinds: []string{"Site", "Host", "Service", "Contract"}, Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, row := range out.Points.Rows {
			got[row.Record.Key] = row.Stops
			if first, last := row.Path[0], row.Path[len(row.Path)-1]; first != row.Record || last != row.Stopped[0] {
				t.Errorf("the path of %s goes from %s to %s", row.Record, first, last)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("single points %v, want %v", got, want)
		}
	})
}

// TestCirclesOnlyMakeItWorse compares a graph with circles with what every state of it says.
func TestCirclesOnlyMakeItWorse(t *testing.T) {
	snap, err := practicetest.Estate(`
- {kind: Host, key: x, availability: 90}
- {kind: Service, key: a, availability: 99, built_from: [Service/b, Host/x], built_from_needed: 1}
- {kind: Service, key: b, availability: 98, depends_on: [Service/a]}
- {kind: Service, key: c, availability: 97, depends_on: [Service/b, Service/d]}
- {kind: Service, key: d, depends_on: [Service/e]}
- {kind: Service, key: e, availability: 96, depends_on: [Service/d]}
`)
	if err != nil {
		t.Fatal(err)
	}
	v := snap.View(1)
	c := v.Find("Service", "c").Base().Ref()
	out, err := Availability(v, AvailabilityIn{Record: c})
	if err != nil {
		t.Fatal(err)
	}
	if want := 100 * 0.97 * 0.99 * 0.98 * 0.96; math.Abs(out.Availability.Value-want) > 1e-7 {
		t.Errorf("%v, want %v: a and b work only together, and so do d and e", out.Availability.Value, want)
	}
	if len(out.Findings) != 2 {
		t.Errorf("%d circles are named, want 2", len(out.Findings))
	}
}

// TestManySharedPartsStayExact has 40 redundant pairs on shared racks, which no list of states could add up.
func TestManySharedPartsStayExact(t *testing.T) {
	var records []model.Record
	add := func(rec model.Record, key string) model.Ref {
		m := rec.Base()
		m.ID, m.Key, m.Version = practicetest.IDOf(len(records)+1), key, 1
		records = append(records, rec)
		return m.Ref()
	}
	power := add(&model.Site{Availability: 99.9}, "power")
	all := &model.Service{}
	for i := range 40 {
		pair := &model.Service{BuiltFromNeeded: 1}
		for j := range 2 {
			pair.BuiltFrom = append(pair.BuiltFrom, add(&model.Host{Availability: 99, Site: power}, fmt.Sprintf("host-%d-%d", i, j)))
		}
		all.BuiltFrom = append(all.BuiltFrom, add(pair, fmt.Sprintf("pair-%d", i)))
	}
	ref := add(all, "all")
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values(records))
	if err != nil {
		t.Fatal(err)
	}
	out, err := Availability(snap.View(1), AvailabilityIn{Record: ref})
	if err != nil {
		t.Fatal(err)
	}
	if want := 100 * 0.999 * math.Pow(1-0.01*0.01, 40); math.Abs(out.Availability.Value-want) > 1e-7 {
		t.Errorf("%v, want %v", out.Availability.Value, want)
	}
}
