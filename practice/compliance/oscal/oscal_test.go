package oscal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/defenseunicorns/go-oscal/src/pkg/validation"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"binnacle/estate"
	"binnacle/feed"
	feedoscal "binnacle/feed/oscal"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/compliance/oscal"
)

// schema is the official schema of all models. The library that brings it compiles it anew for every document, which takes a second
// each, so it is compiled here once, from the same file.
var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	file, _ := runtime.FuncForPC(reflect.ValueOf(validation.NewValidator).Pointer()).FileLine(reflect.ValueOf(validation.NewValidator).Pointer())
	path := filepath.Join(filepath.Dir(file), "../../internal/schemas/oscal_complete_schema-"+strings.ReplaceAll(oscal.Version, ".", "-")+".json")
	text, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer text.Close()
	doc, err := jsonschema.UnmarshalJSON(text)
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("oscal.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("oscal.json")
})

// valid makes sure that a document is one by the official schema of its version.
func valid(t testing.TB, f practice.File) {
	t.Helper()
	s, err := schema()
	if err != nil {
		t.Fatalf("the schema cannot be read: %v", err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(f.Content))
	if err != nil {
		t.Fatalf("%s: %v", f.Name, err)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%s is not valid: %v", f.Name, err)
	}
}

// The library itself agrees with the schema that it brings.
func TestTheLibraryFindsADocumentValid(t *testing.T) {
	c, scope, _, _, _ := shop(t)
	f := c.files(scope)[0]
	v, err := validation.NewValidatorDesiredVersion(f.Content, oscal.Version)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Validate(); err != nil {
		t.Error(err)
	}
	s, err := schema()
	if err != nil {
		t.Fatal(err)
	}
	if s.Validate(map[string]any{"catalog": map[string]any{"uuid": "x"}}) == nil {
		t.Error("the schema finds anything valid")
	}
}

// company is an estate that documents are imported into.
type company struct {
	t    testing.TB
	snap *estate.Snapshot
	ids  int
	now  model.Time
}

func newCompany(t testing.TB) *company {
	return &company{t: t, snap: estate.Empty(), now: model.Time(1_900_000_000_000)}
}

func (c *company) newID() model.ID {
	c.ids++
	return model.ID{0: 1, 6: 0x70, 13: byte(c.ids >> 16), 14: byte(c.ids >> 8), 15: byte(c.ids)}
}

func (c *company) view() estate.View { return c.snap.View(model.MustDate("2027-03-04")) }

func (c *company) apply(changes []model.Change) {
	c.t.Helper()
	c.now += 1000
	next, err := c.snap.Apply(model.Stamp{Seq: c.snap.Stamp().Seq + 1, At: c.now}, changes)
	if err != nil {
		c.t.Fatal(err)
	}
	c.snap = next
}

// put creates a record as a person does and returns a ref to it.
func (c *company) put(rec model.Record) model.Ref {
	c.t.Helper()
	rec.Base().ID, rec.Base().Origin = c.newID(), model.PersonSource
	if problems := c.snap.Schema().Of(rec).Check(rec); len(problems) > 0 {
		c.t.Fatal(problems)
	}
	change, _ := model.Difference(c.snap.Schema().Of(rec), nil, rec)
	c.apply([]model.Change{change})
	return rec.Base().Ref()
}

// take imports documents as one whole.
func (c *company) take(files ...practice.File) *feed.Plan {
	c.t.Helper()
	var all *feed.Batch
	for _, f := range files {
		b, err := feed.Read(context.Background(), feedoscal.Format, c.snap.Schema(), feed.Input{Name: f.Name, Data: f.Content})
		if err != nil {
			c.t.Fatalf("%s: %v", f.Name, err)
		}
		if all == nil {
			all = b
		} else {
			all.Join(b)
		}
	}
	plan := feed.Reconcile(c.view(), all, feed.Options{Now: c.now, NewID: c.newID, Rank: feedoscal.Format.Rank})
	for _, r := range plan.Refused {
		c.t.Errorf("refused: %v", r)
	}
	c.apply(plan.Changes)
	return plan
}

func (c *company) files(about model.Ref) []practice.File {
	c.t.Helper()
	files, err := oscal.Files(c.view(), about)
	if err != nil {
		c.t.Fatal(err)
	}
	again, _ := oscal.Files(c.view(), about)
	if diff := cmp.Diff(files, again); diff != "" {
		c.t.Errorf("the same view gives other bytes:\n%s", diff)
	}
	for _, f := range files {
		valid(c.t, f)
	}
	return files
}

// uuids returns every UUID that a document gives to something.
func uuids(t testing.TB, content []byte) map[string]bool {
	t.Helper()
	var doc any
	if err := json.Unmarshal(content, &doc); err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	var walk func(any)
	walk = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			if id, ok := value["uuid"].(string); ok {
				out[strings.ToLower(id)] = true
			}
			for _, v := range value {
				walk(v)
			}
		case []any:
			for _, v := range value {
				walk(v)
			}
		}
	}
	walk(doc)
	return out
}

// rootOf returns the UUID of a document itself.
func rootOf(t testing.TB, content []byte) string {
	t.Helper()
	var doc map[string]struct {
		UUID string `json:"uuid"`
	}
	if err := json.Unmarshal(content, &doc); err != nil {
		t.Fatal(err)
	}
	for _, body := range doc {
		return strings.ToLower(body.UUID)
	}
	return ""
}

// kept makes sure that a document has every UUID of another.
func kept(t testing.TB, what string, was, is []byte) {
	t.Helper()
	now := uuids(t, is)
	for _, id := range slices.Sorted(maps.Keys(uuids(t, was))) {
		if !now[id] {
			t.Errorf("%s loses %s", what, id)
		}
	}
}

// Documents that other programs wrote keep every identifier on the way in and out, each by itself and all together.
func TestExamplesKeepEveryIdentifier(t *testing.T) {
	const folder = "../../../../shared/data/01-oscal/examples"
	paths, _ := filepath.Glob(folder + "/*/json/*.json")
	if len(paths) == 0 {
		t.Skip("the folder ../shared/data is not there")
	}
	together := newCompany(t)
	var all []practice.File
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f := practice.File{Name: filepath.Base(path), Content: content}
		if !strings.Contains(path, "-min.json") {
			all = append(all, f)
		}
		t.Run(f.Name, func(t *testing.T) {
			c := newCompany(t)
			c.take(f)
			roundTrip(t, c, []practice.File{f})
		})
	}
	together.take(all...)
	roundTrip(t, together, all)
}

// roundTrip writes the documents of an estate again, imports them into it and into a new one, and writes them once more.
func roundTrip(t *testing.T, c *company, files []practice.File) {
	t.Helper()
	written := map[string]practice.File{}
	var out []practice.File
	for d := range estate.Each[*model.OscalDocument](c.view()) {
		for _, f := range c.files(d.Ref()) {
			written[d.Identifier] = f
			out = append(out, f)
		}
	}
	for _, f := range files {
		kept(t, f.Name, f.Content, written[rootOf(t, f.Content)].Content)
	}
	if len(written) != len(files) {
		t.Errorf("%d documents became %d", len(files), len(written))
	}
	fresh := newCompany(t)
	fresh.take(out...)
	for d := range estate.Each[*model.OscalDocument](fresh.view()) {
		for _, f := range fresh.files(d.Ref()) {
			kept(t, "the second round trip of "+f.Name, written[d.Identifier].Content, f.Content)
		}
	}
}

// shop is an estate of ours: a framework, a scope, controls with tests, a finding with its risk and what is planned.
func shop(t testing.TB) (c *company, scope, audit, framework, baseline model.Ref) {
	c = newCompany(t)
	framework = c.put(&model.Framework{Meta: model.Meta{Key: "harbour", Name: "Harbour Rules", Description: "Rules of the harbour."}, Edition: "2", Published: model.MustDate("2026-01-01")})
	group := c.put(&model.Requirement{Meta: model.Meta{Key: "harbour.5", Name: "Ropes"}, Framework: framework, Number: "5", Identifier: "5", Type: model.RequirementGroup, Position: 1})
	req := func(id, name string, position int, change ...func(*model.Requirement)) model.Ref {
		r := &model.Requirement{Meta: model.Meta{Key: "harbour." + id, Name: name}, Framework: framework, Parent: group, Number: id, Identifier: id, Type: model.RequirementControl, Position: position, Statement: "Do it with [Assignment: rope]."}
		for _, f := range change {
			f(r)
		}
		return c.put(r)
	}
	moor := req("5.1", "Mooring", 1, func(r *model.Requirement) {
		r.Parameters = []model.RequirementParameter{{Identifier: "rope", Label: "a rope"}, {Identifier: "knot", Choices: "bowline | hitch", Value: "bowline"}}
		r.Guidance, r.Objectives = "Wet ropes hold less.", "- Look at the knot."
	})
	watch := req("5.2", "Watch", 2, func(r *model.Requirement) { r.Related = []model.Ref{moor} })
	req("5.3", "Old rule", 3, func(r *model.Requirement) { r.Withdrawn, r.MovedTo = true, []model.Ref{watch} })
	away := req("5.4", "Anchors", 4)
	baseline = c.put(&model.Baseline{Meta: model.Meta{Key: "small-boats", Name: "Small boats"}, Frameworks: []model.Ref{framework}, Includes: []model.Ref{moor, watch, away}, Values: []model.ParameterValue{{Parameter: "rope", Value: "hemp"}}})
	scope = c.put(&model.ComplianceScope{Meta: model.Meta{Key: "pier", Name: "The pier"}, Baselines: []model.Ref{baseline}, Sensitivity: model.LevelMedium,
		Applicability: []model.ApplicabilityChoice{{Requirement: away, Reason: "There are no anchors on a pier."}}})
	audit = c.put(&model.Audit{Meta: model.Meta{Key: "audit-2027", Name: "Audit 2027"}, Scope: scope, From: model.MustDate("2027-01-01"), Until: model.MustDate("2027-12-31")})
	knots := c.put(&model.Control{Meta: model.Meta{Key: "knots", Name: "Knots"}, Statement: "Tie bowlines.", Satisfies: []model.Satisfaction{{Requirement: moor, Coverage: "full", State: "implemented", Remarks: "Every boat."}}})
	c.put(&model.Control{Meta: model.Meta{Key: "guard", Name: "Guard"}, Automated: true, Satisfies: []model.Satisfaction{{Requirement: watch, State: "planned"}, {Requirement: moor, State: "partial"}}})
	test := c.put(&model.ControlTest{Meta: model.Meta{Key: "pull-test", Name: "Pull test"}, Controls: []model.Ref{knots}, Method: "test", Steps: "Pull."})
	obs := c.put(&model.Observation{Meta: model.Meta{Key: "pull-test.2027-03-01"}, Test: test, Result: model.TestFailed, Collected: model.TimeOf(model.MustDate("2027-03-01").Time()), Text: "Boat 7 drifted.", Subjects: []model.Ref{knots}, Evidence: []model.EvidenceItem{{Text: "A photograph", Link: "https://pier.example/7"}}})
	finding := c.put(&model.Finding{Meta: model.Meta{Key: "f-1", Name: "Boat 7 is loose"}, State: model.FindingOpen, Test: test, Controls: []model.Ref{knots}, Observations: []model.Ref{obs}, Audit: audit})
	risk := c.put(&model.Risk{Meta: model.Meta{Key: "r-1", Name: "Boats drift"}, State: model.RiskOpen, Found: finding, InherentLikelihood: model.LevelHigh, Likelihood: model.LevelMedium, Impact: model.LevelVeryHigh, Treatment: "mitigate"})
	c.put(&model.PlanItem{Meta: model.Meta{Key: "p-1", Name: "New ropes"}, State: "running", Findings: []model.Ref{finding}, Risks: []model.Ref{risk}, Due: model.MustDate("2027-06-30"), Milestones: []model.Milestone{{Name: "Ropes bought", Due: model.MustDate("2027-05-01")}}})
	return c, scope, audit, framework, baseline
}

func TestEstateOfOurs(t *testing.T) {
	c, scope, audit, framework, baseline := shop(t)
	for what, about := range map[string][]model.Ref{"scope": {scope, framework, baseline}, "audit": {audit, framework, baseline}} {
		var files []practice.File
		var names []string
		for _, ref := range about {
			files = append(files, c.files(ref)...)
		}
		for _, f := range files {
			names = append(names, f.Name)
		}
		if len(files) != 7 {
			t.Errorf("the %s gives %v", what, names)
		}
		// In a new estate the documents make records of their own, with the same identifiers.
		fresh := newCompany(t)
		plan := fresh.take(files...)
		for _, n := range plan.Notes {
			t.Logf("%s: note: %s", what, n)
		}
		fresh.take(files...)
		var again []practice.File
		for _, kind := range []string{"ComplianceScope", "Audit"} {
			for rec := range fresh.view().All(kind) {
				again = append(again, fresh.files(rec.Base().Ref())...)
			}
		}
		written := map[string]bool{}
		for _, f := range again {
			maps.Copy(written, uuids(t, f.Content))
		}
		for _, f := range files {
			for id := range uuids(t, f.Content) {
				if !written[id] && !strings.Contains(f.Name, ".catalog.") && !strings.Contains(f.Name, ".profile.") {
					t.Errorf("%s: %s of %s is lost", what, id, f.Name)
				}
			}
		}
		// In the estate that wrote them, they make nothing new.
		before := c.snap
		own := c.take(files...)
		for _, line := range own.Lines {
			if line.Outcome == feed.Created && line.Kind != "OscalDocument" && line.Kind != "Source" {
				t.Errorf("%s: %s/%s was created", what, line.Kind, line.Key)
			}
		}
		c.snap = before
	}
}

// Keys, numbers and states come back as they were.
func TestMeaningComesBack(t *testing.T) {
	c, scope, _, framework, baseline := shop(t)
	fresh := newCompany(t)
	fresh.take(slices.Concat(c.files(scope), c.files(framework), c.files(baseline))...)
	for _, name := range []string{"Control/knots", "Control/guard", "ControlTest/pull-test", "Observation/pull-test.2027-03-01", "Finding/f-1", "Risk/r-1", "PlanItem/p-1", "ComplianceScope/pier"} {
		kind, key, _ := strings.Cut(name, "/")
		if fresh.view().Find(kind, key) == nil {
			t.Errorf("%s is lost", name)
		}
	}
	o, _ := fresh.view().Find("Observation", "pull-test.2027-03-01").(*model.Observation)
	if o == nil || o.Result != model.TestFailed || len(o.Evidence) != 1 || o.Evidence[0].Link != "https://pier.example/7" {
		t.Errorf("the observation is %+v", o)
	}
	r, _ := fresh.view().Find("Risk", "r-1").(*model.Risk)
	if r == nil || r.InherentLikelihood != model.LevelHigh || r.Likelihood != model.LevelMedium || r.Impact != model.LevelVeryHigh || r.Found.IsZero() {
		t.Errorf("the risk is %+v", r)
	}
	p, _ := fresh.view().Find("PlanItem", "p-1").(*model.PlanItem)
	if p == nil || p.State != "running" || p.Due != model.MustDate("2027-06-30") || len(p.Milestones) != 1 || len(p.Findings) != 1 || len(p.Risks) != 1 {
		t.Errorf("the item of the plan is %+v", p)
	}
	k, _ := fresh.view().Find("Control", "knots").(*model.Control)
	if k == nil || len(k.Satisfies) != 1 || k.Satisfies[0].State != "implemented" || k.Satisfies[0].Remarks != "Every boat." {
		t.Errorf("the control is %+v", k)
	}
}

func TestRealCatalogueIsValidWhenWrittenAgain(t *testing.T) {
	const folder = "../../../../shared/data/01-oscal/"
	for _, name := range []string{"NIST_SP-800-53_rev5_catalog_2021-06.json", "NIST_CSF_v2.0_catalog.xml"} {
		content, err := os.ReadFile(folder + name)
		if err != nil {
			t.Skip("the folder ../shared/data is not there")
		}
		c := newCompany(t)
		c.take(practice.File{Name: name, Content: content})
		for f := range estate.Each[*model.Framework](c.view()) {
			file, err := oscal.Catalog(c.view(), f)
			if err != nil {
				t.Fatal(err)
			}
			valid(t, file)
			if bytes.HasPrefix(content, []byte("{")) {
				kept(t, name, content, file.Content)
			}
			before := c.view().Count("Requirement")
			plan := c.take(file)
			if now := c.view().Count("Requirement"); now != before || plan.Kinds["Requirement"].Created > 0 {
				t.Errorf("%s: %d requirements became %d", name, before, now)
			}
		}
	}
}

func TestNothingToWrite(t *testing.T) {
	c := newCompany(t)
	empty := c.put(&model.ComplianceScope{Meta: model.Meta{Key: "empty"}})
	bare := c.put(&model.Framework{Meta: model.Meta{Key: "bare"}})
	for _, test := range []struct {
		about model.Ref
		want  string
	}{{empty, "nothing is required in the scope empty"}, {bare, "has no requirements"}, {model.Ref{}, "are written for"}} {
		if _, err := oscal.Files(c.view(), test.about); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("the error is %v; it should say %q", err, test.want)
		}
	}
}
