package research_test

import (
	"testing"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/practicetest"
	"binnacle/practice/research"
)

// step asks an action on a day and applies what it proposes.
func step(t *testing.T, snap *estate.Snapshot, day, name string, parameters map[string]any) *estate.Snapshot {
	t.Helper()
	asked, err := practice.Find([]*practice.Practice{&research.Practice}, name)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := asked.Ask(snap.View(model.MustDate(day)).With(practice.Beside{Anybody: true}), parameters)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	next, err := snap.Apply(model.Stamp{Seq: snap.Stamp().Seq + 1}, answer.(practice.Proposal).Changes)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return next
}

// An experiment from its start to what it opens: it is measured, extended, measured again and graduated. The blip moves, and the decision record and the roadmap item say what is expected.
func TestStoryOfAnExperiment(t *testing.T) {
	snap, err := practicetest.Estate(`
- {kind: Person, key: ann, name: Ann}
- {kind: Technology, key: vectors, name: Vectorbase}
- {kind: Radar, key: company}
- {kind: Blip, key: vectorbase, name: Vectorbase, radar: company, technology: vectors, quadrant: Platforms, ring: Assess, state: shown}
- {kind: Product, key: shop, name: Shop}
- {kind: Experiment, key: search, name: Search, state: hypothesis, hypothesis: It finds more., sponsor: ann, technologies: [vectors], cap: 500 EUR, until: 2027-04-30, criteria: [{name: Empty, better: less, target: 8, unit: "%", before: 12}, {name: Latency, better: less, target: 150, unit: ms, before: 90}]}
`)
	if err != nil {
		t.Fatal(err)
	}
	snap = step(t, snap, "2027-03-01", "research.start", map[string]any{"experiment": "search"})
	began := snap
	snap = step(t, snap, "2027-04-01", "research.measure", map[string]any{"experiment": "search", "criterion": "empty", "value": 7.5})
	snap = step(t, snap, "2027-04-20", "research.extend", map[string]any{"experiment": "search", "by": "ann", "until": "2027-05-31", "reason": "Latency comes next"})
	snap = step(t, snap, "2027-05-20", "research.measure", map[string]any{"experiment": "search", "criterion": "latency", "value": 120})
	due, err := research.DecisionsDue(snap.View(model.MustDate("2027-05-20")), research.DecisionsDueIn{})
	if err != nil || len(due.Findings) != 1 || due.Findings[0].Mend.Action != "research.graduate" {
		t.Errorf("what is due: %+v %v", due.Findings, err)
	}
	snap = step(t, snap, "2027-05-21", "research.graduate", map[string]any{"experiment": "search", "by": "ann", "ring": "Trial", "product": "shop"})

	v := snap.View(model.MustDate("2027-05-21"))
	e := v.Find("Experiment", "search").(*model.Experiment)
	blip := v.Get(e.Blip).(*model.Blip)
	record := v.Get(e.Record).(*model.DecisionRecord)
	item := v.Get(e.Opens).(*model.RoadmapItem)
	if e.State != model.ExperimentDecided || e.Decision != model.Graduate || e.FirstUntil != model.MustDate("2027-04-30") || e.CriteriaDigest != e.DigestOfCriteria() {
		t.Errorf("the experiment: %+v", e)
	}
	if blip.Ring != "Trial" || blip.Since != model.MustDate("2027-05-21") || blip.Decision != record.Ref() {
		t.Errorf("the blip: %+v", blip)
	}
	if record.State != model.DecisionAccepted || record.ReviewBy != model.MustDate("2028-05-21") || len(record.Effects) != 2 || record.Effects[1].Predicted != 120 || record.Effects[1].Before != 90 {
		t.Errorf("the decision record: %+v", record)
	}
	if item.Product != v.Find("Product", "shop").Base().Ref() || len(item.Outcomes) != 2 || item.Name != "Search" {
		t.Errorf("the roadmap item: %+v", item)
	}
	if check, err := research.CriteriaFirst(v, research.CriteriaFirstIn{}); err != nil || !check.Pass {
		t.Errorf("the check: %+v %v", check, err)
	}
	// What snapshots share was not written to.
	if before := began.Find("Experiment", "search").(*model.Experiment); !before.Criteria[0].MeasuredOn.IsZero() || began.Find("Blip", "vectorbase").(*model.Blip).Ring != "Assess" {
		t.Errorf("the past was changed: %+v", before)
	}
}

// A second extension, and a start of what runs, are refused.
func TestStepsThatAreRefused(t *testing.T) {
	snap, err := practicetest.Estate(`
- {kind: Person, key: ann, name: Ann}
- {kind: Experiment, key: search, state: running, cap: 500 EUR, start: 2027-03-01, until: 2027-04-30, extended: 2027-04-01}
`)
	if err != nil {
		t.Fatal(err)
	}
	for name, parameters := range map[string]map[string]any{
		"research.extend":   {"by": "ann", "until": "2027-06-30", "reason": "Once more"},
		"research.start":    {},
		"research.kill":     {"by": "ann", "reason": " "},
		"research.graduate": {"by": "ann"},
	} {
		asked, _ := practice.Find([]*practice.Practice{&research.Practice}, name)
		parameters["experiment"] = "search"
		if answer, err := asked.Ask(snap.View(model.MustDate("2027-04-10")).With(practice.Beside{Anybody: true}), parameters); err == nil {
			t.Errorf("%s is allowed: %+v", name, answer)
		}
	}
}
