package sarif

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

// lint is what a scanner of code would report of a repository. It is our own invention.
const lint = `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{
"tool":{"driver":{"name":"Reef","semanticVersion":"3.1.0","rules":[
 {"id":"js/injection","name":"Injection","shortDescription":{"text":"Text goes into a query"},"helpUri":"https://reef.example/injection","properties":{"security-severity":"8.8","tags":["security","external/cwe/cwe-089"]}},
 {"id":"js/unused","defaultConfiguration":{"level":"note"},"messageStrings":{"default":{"text":"{0} is never used in {1}."}}}]}},
"invocations":[{"executionSuccessful":true,"endTimeUtc":"2027-03-01T10:00:00Z"}],
"versionControlProvenance":[{"repositoryUri":"https://git.example/acme/shop.git"}],
"artifacts":[{"location":{"uri":"src/a%20b.js"}}],
"results":[
 {"ruleId":"js/injection","message":{"text":"Bad."},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"src/login.js"},"region":{"startLine":42,"startColumn":7}}}],"partialFingerprints":{"primaryLocationLineHash":"abc:1"}},
 {"ruleIndex":1,"message":{"id":"default","arguments":["x","y.js"]},"locations":[{"physicalLocation":{"artifactLocation":{"index":0},"region":{"startLine":1}}}]},
 {"ruleIndex":1,"message":{"id":"default","arguments":["x","y.js"]},"locations":[{"physicalLocation":{"artifactLocation":{"index":0},"region":{"startLine":9}}}]},
 {"ruleId":"js/injection","message":{"text":"Old."},"baselineState":"absent"},
 {"ruleId":"js/injection","kind":"pass","message":{"text":"Fine."}},
 {"ruleId":"js/injection","level":"error","message":{"text":"Known."},"suppressions":[{"kind":"external","status":"accepted","justification":"A test."}]},
 {"ruleId":"CVE-2027-0001","level":"error","message":{"text":"tide has it"},"suppressions":[{"kind":"external","status":"rejected"}]},
 {"message":{"text":"No rule."}}]}]}`

func rows(b *feed.Batch) []string {
	var out []string
	for _, f := range feedtest.Records[*model.ScanFinding](b) {
		out = append(out, fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s", f.Type, f.Rule, f.Severity, f.State, f.Location, f.Message, f.Reason))
	}
	return out
}

func TestResults(t *testing.T) {
	b := feedtest.Read(t, Format, "reef.sarif", []byte(lint))
	want := []string{
		"code|js/injection|high|open|src/login.js:42:7|Bad.|",
		"code|js/unused|low|open|src/a b.js:1|x is never used in y.js.|",
		"code|js/unused|low|open|src/a b.js:9|x is never used in y.js.|",
		"code|js/injection|high|dismissed||Known.|A test.",
		"vulnerability|CVE-2027-0001|high|open||tide has it|",
	}
	if diff := cmp.Diff(want, rows(b)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if b.Source.Key != "reef:git.example/acme/shop" || b.Source.Describes != "https://git.example/acme/shop.git" || b.Source.Produced.String() != "2027-03-01T10:00:00Z" {
		t.Errorf("source = %+v", b.Source)
	}
	if len(b.Refused) != 1 || b.Refused[0].Where.Path != "runs[0].results[7]" || b.Complete {
		t.Errorf("refused = %v, complete = %t", b.Refused, b.Complete)
	}
	f := feedtest.Records[*model.ScanFinding](b)[0]
	if f.Name != "Text goes into a query" || f.Tool != "Reef 3.1.0" || f.Fingerprint != "primaryLocationLineHash=abc:1" || f.Link != "https://reef.example/injection" {
		t.Errorf("the finding is %+v", f)
	}
}

// next makes ids for tests.
func next() func() model.ID {
	n := byte(0)
	return func() model.ID { n++; return model.ID{0: 2, 6: 0x70, 8: 0x80, 15: n} }
}

// What a scanner reports is about the application whose repository was scanned. What it no longer reports becomes stale, and what a person has dismissed stays so.
func TestFindingsOfOneTargetComeAndGo(t *testing.T) {
	shop := &model.Application{Meta: model.Meta{ID: model.ID{15: 9}, Key: "web-shop", Version: 1}, Repository: "git@git.example:Acme/Shop.git"}
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values([]model.Record{shop}))
	if err != nil {
		t.Fatal(err)
	}
	whole := strings.Replace(lint, `,
 {"message":{"text":"No rule."}}`, "", 1)
	ids := next()
	take := func(text string, at model.Date) *feed.Plan {
		b := feedtest.Read(t, Format, "reef.sarif", []byte(text))
		plan := feed.Reconcile(snap.View(at), b, feed.Options{Now: model.TimeOf(at.Time()), NewID: ids, Rank: 50})
		if snap, err = snap.Apply(model.Stamp{Seq: snap.Stamp().Seq + 1, At: model.TimeOf(at.Time())}, plan.Changes); err != nil {
			t.Fatal(err)
		}
		return plan
	}
	if p := take(whole, model.MustDate("2027-03-01")); p.Counts.Created != 5 || p.Counts.Refused != 0 {
		t.Fatalf("counts = %+v, refused = %v", p.Counts, p.Refused)
	}
	for rec := range snap.View(model.MustDate("2027-03-01")).All("ScanFinding") {
		if rec.(*model.ScanFinding).Subject != shop.Ref() {
			t.Errorf("%s is not about the shop", rec.Base().Key)
		}
	}
	if p := take(whole, model.MustDate("2027-03-02")); p.Counts.Unchanged != 5 || p.Counts.Edited+p.Counts.Stale+p.Counts.Created != 0 {
		t.Errorf("the same again: %+v", p.Counts)
	}
	without := strings.Replace(whole, `{"ruleId":"js/injection","message":{"text":"Bad."}`, `{"ruleId":"js/injection","baselineState":"absent","message":{"text":"Bad."}`, 1)
	if p := take(without, model.MustDate("2027-03-03")); p.Counts.Stale != 1 || p.Counts.Unchanged != 4 {
		t.Errorf("one is mended: %+v", p.Counts)
	}
}

func TestHostile(t *testing.T) {
	feedtest.Refuses(t, Format, [][3]string{
		{"another version", `{"version":"2.0.0","runs":[]}`, "version 2.1.0 is read"},
		{"no runs", `{"version":"2.1.0"}`, "no list of runs"},
		{"no tool", `{"version":"2.1.0","runs":[{"results":[]}]}`, "no run that can be read"},
		{"cut off", lint[:200], "ends too early"},
		{"a list", `[]`, "a JSON object"},
	})
	feedtest.Detects(t, Format, [][2]string{{"SARIF", lint}}, [][2]string{{"nothing", ""}, {"JSON", `{"runs":1}`}, {"CycloneDX", `{"bomFormat":"CycloneDX"}`}})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(lint))
	f.Add([]byte(`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"ruleIndex":-1},{"rule":{"index":9,"toolComponent":{"index":-2}}},3,{"ruleId":"a/b/c","message":{"text":"{0}{9}","arguments":[{}]}}]}]}`))
	feedtest.Fuzz(f, Format)
}
