package openvex

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/openvex/go-vex/pkg/vex"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

// document is what a maker would state. It is our own invention.
const document = `{"@context":"https://openvex.dev/ns/v0.2.0","@id":"https://acme.example/vex/1","author":"Acme","timestamp":"2027-03-01T08:00:00Z","version":3,
"statements":[
 {"vulnerability":{"name":"CVE-2027-0001"},"products":[{"@id":"pkg:npm/tide@2.0.1"},{"@id":"web-shop"}],"status":"not_affected","justification":"vulnerable_code_not_in_execute_path"},
 {"vulnerability":{"name":"CVE-2027-0002"},"timestamp":"2027-02-01T08:00:00Z","products":[{"@id":"pkg:oci/shop@sha256:aa","subcomponents":[{"@id":"pkg:npm/buoy@1.0"}]}],"status":"affected","action_statement":"Upgrade."},
 {"vulnerability":{"name":"CVE-2027-0003"},"products":[{"@id":"x","identifiers":{"cpe23":"cpe:2.3:a:acme:x:1:*:*:*:*:*:*:*"}}],"status":"fixed"},
 {"vulnerability":{"name":"CVE-2027-0004"},"products":[{"@id":"pkg:npm/a"}],"status":"not_affected"},
 {"vulnerability":{"name":"CVE-2027-0005"},"products":[{"@id":"pkg:npm/a"}],"status":"maybe"}]}`

func TestStatements(t *testing.T) {
	b := feedtest.Read(t, Format, "vex.json", []byte(document))
	var got []string
	for _, s := range feedtest.Records[*model.VexStatement](b) {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s", s.Vulnerability, s.Status, s.Justification, s.Action, strings.Join(s.Products, " "), s.Author, s.Stated))
	}
	want := []string{
		"CVE-2027-0001|not_affected|vulnerable_code_not_in_execute_path||pkg:npm/tide@2.0.1|Acme|2027-03-01T08:00:00Z",
		"CVE-2027-0001|not_affected|vulnerable_code_not_in_execute_path||web-shop|Acme|2027-03-01T08:00:00Z",
		"CVE-2027-0002|affected||Upgrade.|pkg:npm/buoy@1.0|Acme|2027-02-01T08:00:00Z",
		"CVE-2027-0003|fixed|||cpe:2.3:a:acme:x:1:*:*:*:*:*:*:*|Acme|2027-03-01T08:00:00Z",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
	if len(b.Refused) != 2 || b.Refused[0].Where.Path != "statements[3]" || b.Complete {
		t.Errorf("refused = %v", b.Refused)
	}
}

// A statement about a product that the estate knows by its name is about that record, also when the record comes later.
func TestProductsAreFoundInTheEstate(t *testing.T) {
	shop := &model.Application{Meta: model.Meta{ID: model.ID{15: 9}, Key: "web-shop", Version: 1}}
	without, _ := estate.Load(model.Stamp{Seq: 1}, slices.Values([]model.Record{}))
	with, _ := estate.Load(model.Stamp{Seq: 1}, slices.Values([]model.Record{shop}))
	b := feedtest.Read(t, Format, "vex.json", []byte(document))
	for i, snap := range []*estate.Snapshot{with, without, with} {
		n := byte(0)
		plan := feed.Reconcile(snap.View(model.MustDate("2027-03-02")), b, feed.Options{Now: 1, NewID: func() model.ID { n++; return model.ID{0: 2, 15: n} }})
		about := 0
		for _, c := range plan.Changes {
			if s, ok := c.Result().(*model.VexStatement); ok && len(s.Subjects) == 1 && s.Subjects[0] == shop.Ref() && len(s.Products) == 0 {
				about++
			}
		}
		if want := (i + 1) % 2; about != want {
			t.Errorf("estate %d: %d statements are about the shop, not %d", i, about, want)
		}
	}
}

// What the library of OpenVEX takes for a document, this reader takes too, statement by statement.
func TestAgainstTheLibrary(t *testing.T) {
	good := document[:strings.Index(document, ",\n {\"vulnerability\":{\"name\":\"CVE-2027-0004\"")] + "]}"
	doc, err := vex.Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	b := feedtest.Read(t, Format, "vex.json", []byte(good))
	for _, s := range doc.Statements {
		if !slices.ContainsFunc(feedtest.Records[*model.VexStatement](b), func(own *model.VexStatement) bool {
			return own.Vulnerability == string(s.Vulnerability.Name) && string(own.Status) == string(s.Status) && string(own.Justification) == string(s.Justification)
		}) {
			t.Errorf("the statement about %s was lost", s.Vulnerability.Name)
		}
	}
}

func TestHostile(t *testing.T) {
	feedtest.Refuses(t, Format, [][3]string{
		{"no id", `{"@context":"https://openvex.dev/ns","author":"a","statements":[]}`, "@id"},
		{"no author", `{"@context":"https://openvex.dev/ns","@id":"a","statements":[]}`, "author"},
		{"no statements", `{"@context":"https://openvex.dev/ns","@id":"a","author":"b"}`, "no list of statements"},
		{"cut off", document[:300], "cannot be read"},
	})
	feedtest.Detects(t, Format, [][2]string{{"document", document}}, [][2]string{{"nothing", ""}, {"other", `{"@context":"x"}`}})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(document))
	f.Add([]byte(`{"@id":"a","author":"b","statements":[{"vulnerability":"CVE-1","products":["x",{"@id":"pkg:a/b@%zz"}],"status":"fixed"},3]}`))
	feedtest.Fuzz(f, Format)
}
