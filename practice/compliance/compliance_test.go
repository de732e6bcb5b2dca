package compliance_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/compliance"
	"binnacle/practice/practicetest"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &compliance.Practice)
}

// TestInference holds every relation of NIST IR 8477, and equivalent-to of OSCAL, against every state: what follows for B where A stands so.
func TestInference(t *testing.T) {
	const s, p, nothing = compliance.Satisfied, compliance.Partly, compliance.NotAssessed
	for _, c := range []struct {
		relation                model.MappingRelation
		satisfied, partly, not_ compliance.State
	}{
		{model.EqualTo, s, p, nothing},
		{model.EquivalentTo, s, p, nothing},
		{model.SupersetOf, s, nothing, nothing},
		{model.SubsetOf, p, p, nothing},
		{model.IntersectsWith, p, nothing, nothing},
		{model.NoRelationship, nothing, nothing, nothing},
	} {
		for from, want := range map[compliance.State]compliance.State{compliance.Satisfied: c.satisfied, compliance.Partly: c.partly, compliance.NotSatisfied: c.not_, compliance.NotAssessed: nothing, compliance.NotApplicable: nothing} {
			if got := compliance.Infer(c.relation, from); got != want {
				t.Errorf("A %s B, and A is %s: B is %s, want %s", c.relation, from, got, want)
			}
		}
		if c.relation == model.SubsetOf || c.relation == model.IntersectsWith {
			if compliance.Infer(c.relation, compliance.Satisfied) == compliance.Satisfied {
				t.Errorf("%s never satisfies", c.relation)
			}
		}
	}
}

func TestInverses(t *testing.T) {
	for a, b := range map[model.MappingRelation]model.MappingRelation{
		model.SubsetOf: model.SupersetOf, model.SupersetOf: model.SubsetOf, model.EqualTo: model.EqualTo, model.EquivalentTo: model.EquivalentTo,
		model.IntersectsWith: model.IntersectsWith, model.NoRelationship: model.NoRelationship,
	} {
		if got := compliance.Inverse(a); got != b {
			t.Errorf("the inverse of %s is %s, want %s", a, got, b)
		}
	}
}

// ladder is an estate with three frameworks: a1 is met by a tested control, and mappings lead from a1 to b1 and from b1 to c1.
func ladder(first, second, state string) string {
	return fmt.Sprintf(`
- {kind: Framework, key: a}
- {kind: Framework, key: b}
- {kind: Framework, key: c}
- {kind: Requirement, key: a1, framework: a, type: requirement}
- {kind: Requirement, key: b1, framework: b, type: requirement}
- {kind: Requirement, key: c1, framework: c, type: requirement}
- {kind: Control, key: k, satisfies: [{requirement: a1, coverage: full, state: implemented}]}
- {kind: ControlTest, key: t, controls: [k], method: examine}
- {kind: Observation, key: o, test: t, result: pass, collected: "2027-01-01T00:00:00Z", expires: "2027-12-31T00:00:00Z"}
- {kind: RequirementMapping, key: m1, from: a1, into: b1, relation: %s, state: %s}
- {kind: RequirementMapping, key: m2, from: b1, into: c1, relation: %s}
`, first, state, second)
}

func stateOf(t *testing.T, snap *estate.Snapshot, requirement, at string) compliance.State {
	t.Helper()
	v := snap.View(model.MustDate(at))
	out, err := compliance.Requirement(v, compliance.RequirementIn{Requirement: v.Find("Requirement", requirement).Base().Ref()})
	if err != nil {
		t.Fatal(err)
	}
	return out.State
}

// Mappings are not chained, drafts do not count, and a mapping is read in both directions.
func TestMappingsAreNotChained(t *testing.T) {
	for _, c := range []struct {
		first, second, state string
		b, c                 compliance.State
	}{
		{"equal_to", "equal_to", "complete", compliance.Satisfied, compliance.NotAssessed},
		{"superset_of", "superset_of", "not_complete", compliance.Satisfied, compliance.NotAssessed},
		{"subset_of", "equal_to", "complete", compliance.Partly, compliance.NotAssessed},
		{"equal_to", "equal_to", "draft", compliance.NotAssessed, compliance.NotAssessed},
		{"equal_to", "equal_to", "deprecated", compliance.NotAssessed, compliance.NotAssessed},
		{"equal_to", "equal_to", "superseded", compliance.NotAssessed, compliance.NotAssessed},
	} {
		snap := load(t, ladder(c.first, c.second, c.state))
		if b := stateOf(t, snap, "b1", "2027-06-01"); b != c.b {
			t.Errorf("%+v: b1 is %s", c, b)
		}
		if got := stateOf(t, snap, "c1", "2027-06-01"); got != c.c {
			t.Errorf("%+v: c1 is %s", c, got)
		}
	}
	turned := strings.Replace(ladder("superset_of", "equal_to", "complete"), "from: a1, into: b1", "from: b1, into: a1", 1)
	if b := stateOf(t, load(t, turned), "b1", "2027-06-01"); b != compliance.Partly {
		t.Errorf("b1 is a superset of a1, which is satisfied: b1 is %s", b)
	}
}

func load(t testing.TB, text string) *estate.Snapshot {
	t.Helper()
	snap, err := practicetest.Estate(text)
	if err != nil {
		t.Fatal(err)
	}
	return snap
}

// An observation counts on its last moment and never afterwards.
func TestWhatHasExpiredNeverPasses(t *testing.T) {
	snap := load(t, ladder("equal_to", "equal_to", "complete"))
	rapid.Check(t, func(rt *rapid.T) {
		at := model.MustDate("2027-01-01").AddDays(rapid.IntRange(-400, 800).Draw(rt, "day"))
		got := stateOf(t, snap, "a1", at.String())
		if inside := at >= model.MustDate("2027-01-01") && at < model.MustDate("2027-12-31"); (got == compliance.Satisfied) != inside {
			rt.Fatalf("on %s a1 is %s", at, got)
		}
	})
}

// Another control never lowers how far requirements are covered, and another one that works never lowers how they stand.
func TestMoreControlsNeverLowerCoverage(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		coverage := rapid.SampledFrom([]string{"full", "partial"})
		state := rapid.SampledFrom([]string{"implemented", "partial", "planned", "alternative", "not_applicable"})
		result := rapid.SampledFrom([]string{"pass", "fail", "unknown", "error", ""})
		control := func(i int, result string) string {
			out := fmt.Sprintf("- {kind: Control, key: k%d, satisfies: [{requirement: r, coverage: %s, state: %s}]}\n", i, coverage.Draw(rt, "coverage"), state.Draw(rt, "state"))
			if result != "" {
				out += fmt.Sprintf("- {kind: ControlTest, key: t%d, controls: [k%d], method: examine}\n- {kind: Observation, key: o%d, test: t%d, result: %s, collected: \"2027-01-01T00:00:00Z\"}\n", i, i, i, i, result)
			}
			return out
		}
		text := "- {kind: Framework, key: f}\n- {kind: Requirement, key: r, framework: f, type: requirement}\n"
		for i := range rapid.IntRange(0, 3).Draw(rt, "controls") {
			text += control(i, result.Draw(rt, "result"))
		}
		look := func(text string) (int, int) {
			v := load(t, text).View(model.MustDate("2027-02-01"))
			out, err := compliance.Framework(v, compliance.FrameworkIn{Framework: v.Find("Framework", "f").Base().Ref()})
			if err != nil {
				rt.Fatal(err)
			}
			return model.Rank(out.Requirements.Rows[0].Covered), model.Rank(out.Requirements.Rows[0].State)
		}
		cover, stands := look(text)
		if after, _ := look(text + control(9, result.Draw(rt, "further"))); after < cover {
			rt.Fatalf("a further control lowers the coverage from %d to %d:\n%s", cover, after, text)
		}
		works := "- {kind: Control, key: k8, satisfies: [{requirement: r}]}\n- {kind: ControlTest, key: t8, controls: [k8], method: examine}\n- {kind: Observation, key: o8, test: t8, result: pass, collected: \"2027-01-01T00:00:00Z\"}\n"
		if _, after := look(text + works); after < stands {
			rt.Fatalf("a further control that works lowers the state from %d to %d:\n%s", stands, after, text)
		}
	})
}

// company is an estate that changes by what actions propose.
type company struct {
	t    *testing.T
	snap *estate.Snapshot
}

// do lets an action propose at a moment, and applies it.
func (c *company) do(now, action string, parameters map[string]any) practice.Proposal {
	c.t.Helper()
	asked, err := practice.Find([]*practice.Practice{&compliance.Practice, &trouble}, action)
	if err != nil {
		c.t.Fatal(err)
	}
	moment, err := model.ParseTime(now)
	if err != nil {
		c.t.Fatal(err)
	}
	v := c.snap.View(moment.Date()).With(practice.Beside{Practices: []*practice.Practice{&compliance.Practice, &trouble}, Now: moment})
	answer, err := asked.Ask(v, parameters)
	if err != nil {
		c.t.Fatal(err)
	}
	p := answer.(practice.Proposal)
	if len(p.Changes) > 0 {
		stamp := model.Stamp{Seq: c.snap.Stamp().Seq + 1, At: moment}
		if c.snap, err = c.snap.Apply(stamp, p.Changes); err != nil {
			c.t.Fatal(err)
		}
	}
	return p
}

func (c *company) finding() *model.Finding {
	c.t.Helper()
	var out *model.Finding
	for f := range estate.Each[*model.Finding](c.snap.View(0)) {
		if out != nil {
			c.t.Fatal("there are two findings")
		}
		out = f
	}
	return out
}

// set changes a record by hand.
func (c *company) set(rec model.Record) {
	c.t.Helper()
	before := c.snap.Get(rec.Base().Ref())
	change, _ := model.Difference(c.snap.Schema().Of(rec), before, rec)
	var err error
	if c.snap, err = c.snap.Apply(model.Stamp{Seq: c.snap.Stamp().Seq + 1}, []model.Change{change}); err != nil {
		c.t.Fatal(err)
	}
}

// trouble is a practice whose check has a fault.
var trouble = practice.Practice{Name: "trouble", Questions: []practice.Question{
	practice.Check("falls", func(estate.View, struct{}) (practice.Verdict, error) { panic("the check fell over") }),
	practice.Ask("talks", func(estate.View, struct{}) (struct{}, error) { return struct{}{}, nil }),
}}

// A finding lives: open, accepted under an exception, open again when that ends, mended, open again when it fails anew, mended and closed.
func TestTheLifeOfAFinding(t *testing.T) {
	c := &company{t, load(t, `
- {kind: Person, key: ada}
- {kind: Host, key: s1}
- {kind: Control, key: owners}
- {kind: ControlTest, key: owned, controls: [owners], ControlTest.kind: Host, rule: has(record.owner), severity: critical, treat: plan}
- {kind: Exception, key: e, from: [Control/owners], state: approved, start: 2027-03-02, expires: 2027-03-03}
`)}
	step := func(day string, want model.FindingState) *model.Finding {
		t.Helper()
		c.do(day+"T10:00:00Z", "compliance.run_tests", nil)
		f := c.finding()
		if f.State != want {
			t.Fatalf("on %s the finding is %s, want %s", day, f.State, want)
		}
		return f
	}
	f := step("2027-03-01", model.FindingOpen)
	if f.Due != model.MustDate("2027-03-08") {
		t.Errorf("what is critical is due on %s", f.Due)
	}
	step("2027-03-02", model.FindingAccepted)
	step("2027-03-04", model.FindingOpen)
	host := model.Clone(c.snap.Find("Host", "s1").(*model.Host))
	host.Owner = c.snap.Find("Person", "ada").Base().Ref()
	c.set(host)
	step("2027-03-05", model.FindingMended)
	host = model.Clone(c.snap.Find("Host", "s1").(*model.Host))
	host.Owner = model.Ref{}
	c.set(host)
	if f = step("2027-03-06", model.FindingOpen); !f.Mended.IsZero() {
		t.Error("the finding is open and was mended")
	}
	v := c.snap.View(0)
	if n := v.Count("Risk"); n != 1 {
		t.Errorf("there are %d risks", n)
	}
	for i := range estate.Each[*model.PlanItem](v) {
		if i.State != model.PlanOpen || v.Count("PlanItem") != 1 {
			t.Errorf("there are %d items, one is %s", v.Count("PlanItem"), i.State)
		}
	}
	if v.Count("Observation") != 5 {
		t.Errorf("five runs left %d observations", v.Count("Observation"))
	}
}

// A test that cannot be run says why, and the others are run all the same.
func TestFaultyTestsStopNobody(t *testing.T) {
	c := &company{t, load(t, `
- {kind: Host, key: s1, owner: ada}
- {kind: Person, key: ada}
- {kind: ControlTest, key: a-falls, check: trouble.falls}
- {kind: ControlTest, key: b-talks, check: trouble.talks}
- {kind: ControlTest, key: c-parameters, check: compliance.controls_tested, parameters: "share=many"}
- {kind: ControlTest, key: d-unread, check: compliance.controls_tested, parameters: "a=%zz"}
- {kind: ControlTest, key: e-text, ControlTest.kind: Host, rule: "record.owner =="}
- {kind: ControlTest, key: f-number, ControlTest.kind: Host, rule: "1 + 1"}
- {kind: ControlTest, key: g-kind, ControlTest.kind: Ship, rule: "true"}
- {kind: ControlTest, key: h-where, ControlTest.kind: Host, rule: "true", where: "colour=red"}
- {kind: ControlTest, key: i-good, ControlTest.kind: Host, rule: has(record.owner)}
`)}
	c.do("2027-03-01T10:00:00Z", "compliance.run_tests", nil)
	wants := map[string]string{
		"a-falls": "the check fell over", "b-talks": "is no check", "c-parameters": "many", "d-unread": "name=value", "e-text": "cannot be read",
		"f-number": "true or false", "g-kind": `no kind "Ship"`, "h-where": "colour",
	}
	for o := range estate.Each[*model.Observation](c.snap.View(0)) {
		key, _, _ := strings.Cut(o.Key, ".")
		want, faulty := wants[key]
		if faulty && (o.Result != model.TestError || !strings.Contains(o.Text, want)) || !faulty && o.Result != model.TestPassed {
			t.Errorf("%s: %s: %s", key, o.Result, o.Text)
		}
		if len(o.Digest) != 64 || o.Position != 1 || o.Method == "" {
			t.Errorf("%s has the digest %q, the position %d and the method %q", key, o.Digest, o.Position, o.Method)
		}
	}
	if n := c.snap.View(0).Count("Observation"); n != 9 {
		t.Errorf("there are %d observations", n)
	}
}

// A test sees what is confidential only where it is confidential itself, and then what it found is too. Neither a rule nor a check, nor
// how many records were looked at, tells whoever may write a test what they may not read.
func TestNothingConfidentialIsTold(t *testing.T) {
	text := `
- {kind: Host, key: secret, confidential: true}
- {kind: Host, key: open, owner: Person/ann}
- {kind: Person, key: ann, full_name: Ann}
- {kind: Comment, key: note, about: Host/secret, text: "It fails."}
- {kind: Board, key: notes, owner: Person/ann}
- {kind: ControlTest, key: owned, ControlTest.kind: Host, rule: has(record.owner)}
- {kind: ControlTest, key: guess, ControlTest.kind: Host, rule: record.key != "secret"}
- {kind: ControlTest, key: count, ControlTest.kind: Host, where: confidential=true, rule: "true"}
- {kind: ControlTest, key: notes, ControlTest.kind: Comment, rule: "!record.text.contains('fails')"}
- {kind: ControlTest, key: boards, ControlTest.kind: Board, rule: "false"}
`
	results := func(more string) map[string]*model.Observation {
		c := &company{t, load(t, text+more)}
		c.do("2027-03-01T10:00:00Z", "compliance.run_tests", nil)
		out := map[string]*model.Observation{}
		for o := range estate.Each[*model.Observation](c.snap.View(0)) {
			key, _, _ := strings.Cut(o.Key, ".")
			out[key] = o
		}
		return out
	}
	got := results("- {kind: ControlTest, key: deep, ControlTest.kind: Host, rule: has(record.owner), confidential: true}\n")
	for key, want := range map[string]struct {
		result model.TestResult
		looked int
	}{"owned": {model.TestPassed, 1}, "guess": {model.TestPassed, 1}, "count": {model.TestUnknown, 0}, "notes": {model.TestUnknown, 0}, "boards": {model.TestUnknown, 0}, "deep": {model.TestFailed, 2}} {
		o := got[key]
		if o == nil || o.Result != want.result || o.Looked != want.looked || o.Confidential != (key == "deep") {
			t.Errorf("%s: got %+v, want %+v", key, o, want)
		}
	}
}

// The same view always gives the same proposal.
func TestRunsAreReproducible(t *testing.T) {
	text := `
- {kind: Host, key: s1}
- {kind: ControlTest, key: owned, ControlTest.kind: Host, rule: has(record.owner), treat: plan}
`
	a, b := &company{t, load(t, text)}, &company{t, load(t, text)}
	x, _ := json.Marshal(a.do("2027-03-01T10:00:00Z", "compliance.run_tests", nil))
	y, _ := json.Marshal(b.do("2027-03-01T10:00:00Z", "compliance.run_tests", nil))
	if !bytes.Equal(x, y) {
		t.Error("two runs over the same estate differ")
	}
}

// An evidence package is a ZIP that is always the same, whose digests are right, and whose page needs nothing from elsewhere.
func TestEvidencePackage(t *testing.T) {
	snap := load(t, ladder("equal_to", "equal_to", "complete")+`
- {kind: Requirement, key: nasty, name: "<script>alert(1)</script>", framework: a, type: requirement, statement: "a & b"}
- {kind: Attachment, key: file, about: Observation/o2, file_name: photo.jpg, digest: abc}
- {kind: Observation, key: o2, test: t, result: pass, collected: "2027-05-01T00:00:00Z", expires: "2027-12-31T00:00:00Z", evidence: [{subject: Attachment/file, text: "A photo.", holds: true}]}
`)
	v := snap.View(model.MustDate("2027-06-01"))
	one, err := compliance.EvidencePackage(v, compliance.EvidencePackageIn{})
	if err != nil {
		t.Fatal(err)
	}
	two, _ := compliance.EvidencePackage(v, compliance.EvidencePackageIn{})
	if !bytes.Equal(one.Package.Content, two.Package.Content) {
		t.Error("the same estate gives two packages")
	}
	files := unzip(t, one.Package.Content)
	for line := range strings.Lines(files["SHA256SUMS"]) {
		digest, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		sum := sha256.Sum256([]byte(files[name]))
		if hex.EncodeToString(sum[:]) != digest {
			t.Errorf("%s has another digest", name)
		}
	}
	page := files["index.html"]
	for _, bad := range []string{"<script", "http://", "https://", " style=", "onclick"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	for _, want := range []string{"&lt;script&gt;", "a &amp; b", "2027-05-01T00:00:00Z", "photo.jpg", "abc"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	var records []struct {
		Kind   string
		Record map[string]any
	}
	if err := json.Unmarshal([]byte(files["records.json"]), &records); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range records {
		seen[fmt.Sprint(r.Kind, "/", r.Record["key"])] = true
	}
	for _, want := range []string{"Requirement/a1", "Control/k", "ControlTest/t", "Observation/o", "Observation/o2", "Attachment/file"} {
		if !seen[want] {
			t.Errorf("%s is not among the records", want)
		}
	}
	var manifest struct {
		Journal model.Stamp
		Files   []struct{ Name, SHA256 string }
	}
	if err := json.Unmarshal([]byte(files["manifest.json"]), &manifest); err != nil || manifest.Journal.Seq != 1 || len(manifest.Files) < 3 {
		t.Errorf("the manifest is %+v, %v", manifest, err)
	}
	if one.Requirements.Value != 4 || one.Observations.Value != 2 {
		t.Errorf("%g requirements and %g observations", one.Requirements.Value, one.Observations.Value)
	}
}

func unzip(t *testing.T, content []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range r.File {
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(raw)
	}
	return out
}
