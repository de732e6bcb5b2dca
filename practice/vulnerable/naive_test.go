package vulnerable_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"binnacle/feed"
	"binnacle/feed/osv"
	"binnacle/model"
	"binnacle/practice/vulnerable"
)

// number is a version of three numbers, which every ecosystem puts in the same order.
type number [3]int

func (n number) compare(m number) int { return slices.Compare(n[:], m[:]) }

// ecosystem says how an ecosystem writes versions and packages.
type ecosystem struct{ name, purl, version string }

var ecosystems = []ecosystem{
	{"npm", "pkg:npm/thing", "%d.%d.%d"}, {"PyPI", "pkg:pypi/thing", "%d.%d.%d"}, {"Maven", "pkg:maven/org.example/thing", "%d.%d.%d"}, {"Go", "pkg:golang/example.com/thing", "v%d.%d.%d"},
	{"crates.io", "pkg:cargo/thing", "%d.%d.%d"}, {"RubyGems", "pkg:gem/thing", "%d.%d.%d"}, {"NuGet", "pkg:nuget/Thing", "%d.%d.%d"}, {"Packagist", "pkg:composer/example/thing", "%d.%d.%d"},
	{"Debian:12", "pkg:deb/debian/thing", "%d.%d.%d-1"}, {"Alpine:v3.20", "pkg:apk/alpine/thing", "%d.%d.%d-r0"},
}

// packages are the names as advisories write them, by ecosystem.
var packages = map[string]string{"Maven": "org.example:thing", "Go": "example.com/thing", "NuGet": "Thing", "Packagist": "example/thing"}

// span is a range of an advisory: from an introduction until a mend, or until the last version that has it, or without an end.
type span struct {
	from, until number
	zero        bool
	end         string // fixed, last_affected or empty
}

// has is the algorithm of OSV, written down as plainly as it can be.
func (s span) has(v number) bool {
	if !s.zero && v.compare(s.from) < 0 {
		return false
	}
	switch s.end {
	case "fixed":
		return v.compare(s.until) < 0
	case "last_affected":
		return v.compare(s.until) <= 0
	}
	return true
}

// TestMatchesAgreeWithPlainEvaluation makes advisories and components by chance, and holds the matches of the whole way, from the
// file over the ranges in VERS notation to the index, against a plain evaluation of the same numbers.
func TestMatchesAgreeWithPlainEvaluation(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 7))
	draw := func() number { return number{r.IntN(3), r.IntN(12), r.IntN(4)} }
	for round := range 8 {
		h := newHouse(t)
		var want []string
		eco := func(i int) ecosystem { return ecosystems[i%len(ecosystems)] }
		have := map[int][]number{}
		var changes []model.Change
		for i := range ecosystems {
			for range 12 {
				v := draw()
				if slices.Contains(have[i], v) {
					continue
				}
				have[i] = append(have[i], v)
				c := &model.Component{PackageURL: eco(i).purl + "@" + text(eco(i), v), Version: text(eco(i), v)}
				c.ID, c.Key = h.newID(), fmt.Sprintf("c-%d-%s", i, text(eco(i), v))
				change, _ := model.Difference(h.snap.Schema().Of(c), nil, c)
				changes = append(changes, change)
			}
		}
		h.apply(changes)
		var batch *feed.Batch
		for n := range 60 {
			i := r.IntN(len(ecosystems))
			spans, exact, withdrawn := spans(r, draw), []number(nil), r.IntN(10) == 0
			for range r.IntN(3) {
				exact = append(exact, draw())
			}
			id := fmt.Sprintf("TEST-%d-%d", round, n)
			b, err := feed.Read(context.Background(), osv.Format, h.snap.Schema(), feed.Input{Name: id + ".json", Data: osvText(id, eco(i), spans, exact, withdrawn)})
			if err != nil {
				t.Fatal(err)
			}
			if batch == nil {
				batch = b
			} else {
				batch.Join(b)
			}
			for _, v := range have[i] {
				in := slices.Contains(exact, v) || slices.ContainsFunc(spans, func(s span) bool { return s.has(v) })
				if in && !withdrawn {
					want = append(want, fmt.Sprintf("c-%d-%s %s", i, text(eco(i), v), id))
				}
			}
		}
		h.reconcile(batch)
		var got []string
		for _, m := range vulnerable.In(h.snap.View(today)).Matches() {
			got = append(got, m.Component.Key+" "+m.Advisory.Key)
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := gocmp.Diff(want, got); diff != "" || len(want) == 0 {
			t.Fatalf("round %d: the matches differ (-want +got):\n%s", round, diff)
		}
	}
}

func text(e ecosystem, v number) string { return fmt.Sprintf(e.version, v[0], v[1], v[2]) }

// spans draws ranges that neither touch nor overlap, as one list of events has them, in rising order.
func spans(r *rand.Rand, draw func() number) []span {
	var ends []number
	for len(ends) < 4 {
		if v := draw(); !slices.Contains(ends, v) && v != (number{}) {
			ends = append(ends, v)
		}
	}
	slices.SortFunc(ends, number.compare)
	kind := []string{"fixed", "last_affected"}[r.IntN(2)]
	out := []span{{from: ends[0], until: ends[1], zero: r.IntN(3) == 0, end: kind}, {from: ends[2], until: ends[3], end: kind}}
	if r.IntN(3) == 0 {
		out[1].end = ""
	}
	return out[:1+r.IntN(2)]
}

// osvText writes an advisory in the format of OSV.
func osvText(id string, e ecosystem, spans []span, exact []number, withdrawn bool) []byte {
	var events []map[string]string
	bare := func(v number) string {
		out := text(e, v)
		if e.name == "Go" {
			out = out[1:]
		}
		return out
	}
	for _, s := range spans {
		from := bare(s.from)
		if s.zero {
			from = "0"
		}
		events = append(events, map[string]string{"introduced": from})
		if s.end != "" {
			events = append(events, map[string]string{s.end: bare(s.until)})
		}
	}
	var versions []string
	for _, v := range exact {
		versions = append(versions, bare(v))
	}
	rangeType := "ECOSYSTEM"
	if e.name == "Go" {
		rangeType = "SEMVER"
	}
	doc := map[string]any{"schema_version": "1.6.0", "id": id, "modified": "2026-01-01T00:00:00Z", "affected": []any{map[string]any{
		"package": map[string]string{"ecosystem": e.name, "name": cmp.Or(packages[e.name], "thing")},
		"ranges":  []any{map[string]any{"type": rangeType, "events": events}}, "versions": versions,
	}}}
	if withdrawn {
		doc["withdrawn"] = "2026-02-01T00:00:00Z"
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return raw
}
