package security_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"
	openvex "github.com/openvex/go-vex/pkg/vex"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/cyclonedx"
	"binnacle/feed/osv"
	"binnacle/model"
	"binnacle/practice/security"
)

const samples = "../../../shared/data"

// house is an estate that the real feeds fill from the samples.
type house struct {
	t    *testing.T
	snap *estate.Snapshot
	ids  int
}

func newHouse(t *testing.T) *house {
	if _, err := os.Stat(samples); err != nil {
		t.Skip("the folder ../shared/data is not there")
	}
	return &house{t: t, snap: estate.Empty()}
}

func (h *house) newID() model.ID {
	h.ids++
	return model.ID{0: 1, 6: 0x70, 8: 0x80, 13: byte(h.ids >> 16), 14: byte(h.ids >> 8), 15: byte(h.ids)}
}

// take imports the files that fit a pattern, for a release where one is named.
func (h *house) take(f feed.Format, pattern, release string) {
	h.t.Helper()
	files, err := filepath.Glob(filepath.Join(samples, pattern))
	if err != nil || len(files) == 0 {
		h.t.Fatalf("no file fits %s: %v", pattern, err)
	}
	var whole *feed.Batch
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			h.t.Fatal(err)
		}
		b, err := feed.Read(context.Background(), f, h.snap.Schema(), feed.Input{Name: file, Data: data, Release: release})
		if err != nil {
			h.t.Fatal(err)
		}
		if whole == nil {
			whole = b
		} else {
			whole.Join(b)
		}
	}
	now := model.TimeOf(today.Time())
	plan := feed.Reconcile(h.snap.View(today), whole, feed.Options{Now: now, NewID: h.newID, Rank: 50})
	if h.snap, err = h.snap.Apply(model.Stamp{Seq: h.snap.Stamp().Seq + 1, At: now}, plan.Changes); err != nil {
		h.t.Fatal(err)
	}
}

const bridge = "02-sbom/cyclonedx-bom-examples/SBOM/proton-bridge/proton-bridge-v"

// The question lists exactly the pairs that the samples expect, and they are in JSON by component, version and advisory.
func TestMatchesOfRealBills(t *testing.T) {
	for name, c := range map[string]struct{ bill, advisories, want, prefix string }{
		"proton-bridge": {bridge + "1.6.3.bom.json", "03-vulnerabilities/osv-go/*.json", "proton-bridge-v1.6.3 x osv-go", "pkg:golang/"},
		"keycloak":      {"02-sbom/cyclonedx-bom-examples/SBOM/keycloak-10.0.2/bom.json", "03-vulnerabilities/osv-maven_zeppelin-server-vulnerabilities.json", "keycloak-10.0.2 x osv-maven", "pkg:maven/"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.take(cyclonedx.Format, c.bill, "")
			h.take(osv.Format, c.advisories, "")
			raw, err := os.ReadFile(samples + "/03-vulnerabilities/expected-matches.json")
			if err != nil {
				t.Fatal(err)
			}
			var expected map[string][][]string
			if err := json.Unmarshal(raw, &expected); err != nil {
				t.Fatal(err)
			}
			want := expected[c.want]
			slices.SortFunc(want, slices.Compare)
			out, err := security.Matches(h.snap.View(today), security.MatchesIn{})
			if err != nil {
				t.Fatal(err)
			}
			var got [][]string
			for _, row := range out.Pairs.Rows {
				pkg := strings.TrimPrefix(row.Component, c.prefix)
				if c.prefix == "pkg:maven/" {
					pkg = strings.Replace(pkg, "/", ":", 1)
				}
				got = append(got, []string{pkg, row.Version, row.Advisory})
			}
			slices.SortFunc(got, slices.Compare)
			if diff := cmp.Diff(want, slices.CompactFunc(got, slices.Equal)); diff != "" {
				t.Errorf("the pairs differ (-want +got):\n%s", diff)
			}
		})
	}
}

// Two releases of the mail bridge differ in seven packages, as the samples say, and the newer one has fewer vulnerabilities.
func TestDifferenceOfRealReleases(t *testing.T) {
	h := newHouse(t)
	h.take(cyclonedx.Format, bridge+"1.6.3.bom.json", "1.6.3")
	h.take(cyclonedx.Format, bridge+"1.8.0.bom.json", "1.8.0")
	h.take(osv.Format, "03-vulnerabilities/osv-go/*.json", "")
	v := h.snap.View(today)
	find := func(version string) model.Ref {
		for r := range estate.Each[*model.Release](v) {
			if r.Version == version {
				return r.Ref()
			}
		}
		t.Fatalf("there is no release %s", version)
		return model.Ref{}
	}
	out, err := security.Difference(v, security.DifferenceIn{Old: find("1.6.3"), New: find("1.8.0")})
	if err != nil {
		t.Fatal(err)
	}
	if out.Changed.Value != 7 || out.Added.Value != 0 || out.Removed.Value != 0 {
		t.Errorf("%g changed, %g added, %g removed; want 7, 0, 0", out.Changed.Value, out.Added.Value, out.Removed.Value)
	}
	same, err := security.Difference(v, security.DifferenceIn{Old: find("1.8.0"), New: find("1.8.0")})
	if err != nil || len(same.Components.Rows)+len(same.Vulnerabilities.Rows) != 0 {
		t.Errorf("a release differs from itself: %v %v", err, same.Components.Rows)
	}
	if queue, err := security.Queue(v, security.QueueIn{}); err != nil || len(queue.Queue.Rows) != 0 {
		t.Errorf("releases that were never delivered are work to be done: %v, %d rows", err, len(queue.Queue.Rows))
	}
}

// The documents that are handed out are read and found valid by the libraries of the formats, say the same, and are the same for the same data.
func TestDocumentsOfRealBills(t *testing.T) {
	h := newHouse(t)
	h.take(cyclonedx.Format, bridge+"1.6.3.bom.json", "")
	h.take(osv.Format, "03-vulnerabilities/osv-go/*.json", "")
	var app model.Ref
	for a := range estate.Each[*model.Application](h.snap.View(today)) {
		app = a.Ref()
	}
	rec := &model.VexStatement{Vulnerability: "GO-2020-0017", Subjects: []model.Ref{app}, Status: model.VexNotAffected, Justification: "vulnerable_code_not_in_execute_path", Impact: "Tokens are never read.", Author: "us"}
	rec.ID, rec.Key = h.newID(), "jwt"
	change, _ := model.Difference(h.snap.Schema().Of(rec), nil, rec)
	next, err := h.snap.Apply(model.Stamp{Seq: 9, At: model.TimeOf(today.Time())}, []model.Change{change})
	if err != nil {
		t.Fatal(err)
	}
	out, err := security.Vex(next.View(today), security.VexIn{Application: app})
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openvex.Parse(out.OpenVEX.Content)
	if err != nil {
		t.Fatalf("OpenVEX: %v", err)
	}
	silent := 0
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if err := s.Validate(); err != nil {
			t.Errorf("statement %d of OpenVEX: %v", i, err)
		}
		if s.Status == openvex.StatusNotAffected {
			silent++
		}
	}
	if silent != 1 || doc.Version != 9 || doc.Timestamp.Format("2006-01-02") != "2026-11-22" || !strings.HasPrefix(doc.ID, "urn:uuid:") {
		t.Errorf("%d statements of not affected, version %d of %s, %s", silent, doc.Version, doc.Timestamp, doc.ID)
	}
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(out.CycloneDX.Content), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
		t.Fatalf("CycloneDX: %v", err)
	}
	if len(*bom.Vulnerabilities) != len(doc.Statements) || len(doc.Statements) == 0 {
		t.Errorf("%d vulnerabilities in CycloneDX, %d statements in OpenVEX", len(*bom.Vulnerabilities), len(doc.Statements))
	}
	checkSchema(t, out.CycloneDX.Content)
	refs := map[string]bool{}
	for _, c := range *bom.Components {
		refs[c.BOMRef] = true
	}
	for _, vuln := range *bom.Vulnerabilities {
		for _, a := range *vuln.Affects {
			if !refs[a.Ref] {
				t.Errorf("%s affects %s, which is not in the document", vuln.ID, a.Ref)
			}
		}
	}
	b := feed.NewBatch(model.Builtin(), "vex.json")
	if err := cyclonedx.Format.Read(t.Context(), feed.Input{Name: "vex.json", Data: out.CycloneDX.Content}, b); err != nil || len(b.Refused) > 0 {
		t.Errorf("our own reader refuses it: %v %v", err, b.Refused)
	}
	again, err := security.Vex(next.View(today.AddDays(3)), security.VexIn{Application: app})
	if err != nil || !bytes.Equal(again.OpenVEX.Content, out.OpenVEX.Content) || !bytes.Equal(again.CycloneDX.Content, out.CycloneDX.Content) {
		t.Errorf("the same data gives other documents on another day: %v", err)
	}
}

// checkSchema checks a document against the schema of CycloneDX 1.5.
func checkSchema(t *testing.T, document []byte) {
	t.Helper()
	c := jsonschema.NewCompiler()
	for _, name := range []string{"bom-1.5.schema.json", "spdx.schema.json", "jsf-0.82.schema.json"} {
		raw, err := os.Open(filepath.Join(samples, "02-sbom/cyclonedx-spec-tests/schema", name))
		if err != nil {
			t.Fatal(err)
		}
		schema, err := jsonschema.UnmarshalJSON(raw)
		raw.Close()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("http://cyclonedx.org/schema/"+name, schema); err != nil {
			t.Fatal(err)
		}
	}
	schema, err := c.Compile("http://cyclonedx.org/schema/bom-1.5.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Errorf("the document does not follow the schema: %v", err)
	}
}
