package security_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/practicetest"
	"binnacle/practice/security"
)

var today = model.MustDate("2026-11-22")

// drawn draws the records of a small estate: things, components of three packages, advisories and findings.
func drawn(t *rapid.T) []string {
	apps := []string{"a", "b", "c"}
	var out []string
	for _, app := range apps {
		line := "{kind: Application, key: " + app
		for field, values := range map[string][]string{"criticality": {"", "low", "critical"}, "exposure": {"", "small", "open"}, "safety_impact": {"", "negligible", "critical"}} {
			if value := rapid.SampledFrom(values).Draw(t, field); value != "" {
				line += ", " + field + ": " + value
			}
		}
		out = append(out, line+"}")
	}
	for n := range rapid.IntRange(1, 8).Draw(t, "components") {
		app, pkg := rapid.SampledFrom(apps).Draw(t, "app"), rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "package")
		version := fmt.Sprintf("1.%d.0", rapid.IntRange(0, 3).Draw(t, "version"))
		out = append(out, fmt.Sprintf(`{kind: Component, key: c%d, application: Application/%s, package_url: "pkg:npm/%s@%s", version: %s}`, n, app, pkg, version, version))
	}
	for n := range rapid.IntRange(1, 6).Draw(t, "advisories") {
		line := fmt.Sprintf(`{kind: Advisory, key: CVE-2026-100%d, published: "2026-%02d-01T00:00:00Z", affected: [{package: "pkg:npm/%s", ecosystem: npm, ranges: ["vers:npm/<1.%d.0"]}]`,
			n, rapid.IntRange(1, 11).Draw(t, "month"), rapid.SampledFrom([]string{"x", "y", "z"}).Draw(t, "of"), rapid.IntRange(1, 4).Draw(t, "below"))
		if rapid.Bool().Draw(t, "exploited") {
			line += ", exploited: 2026-11-01"
		}
		if rapid.Bool().Draw(t, "scored") {
			line += `, vectors: ["CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"]`
		}
		out = append(out, line+"}")
	}
	for n := range rapid.IntRange(0, 4).Draw(t, "findings") {
		rule := rapid.SampledFrom([]string{"CVE-2026-1000", "CVE-2026-9999", "rule-1"}).Draw(t, "rule")
		kind := map[bool]string{true: "code", false: "vulnerability"}[rule == "rule-1"]
		out = append(out, fmt.Sprintf(`{kind: ScanFinding, key: f%d, subject: Application/%s, type: %s, rule: %s, severity: %s, package_url: "pkg:npm/x@1.0.0", seen: "2026-11-02T00:00:00Z"}`,
			n, rapid.SampledFrom(apps).Draw(t, "in"), kind, rule, rapid.SampledFrom([]string{"low", "high", "critical"}).Draw(t, "severity")))
	}
	return out
}

func viewOf(t testing.TB, lines []string) estate.View {
	snap, err := practicetest.Estate("- " + strings.Join(lines, "\n- "))
	if err != nil {
		t.Fatal(err)
	}
	return snap.View(today)
}

type fataler struct {
	testing.TB
	t *rapid.T
}

func (f fataler) Fatal(args ...any) { f.t.Fatal(args...) }

// TestQueueIsATotalOrder: no two rows stand for the same, the rows fall by decision and then rise by deadline, and the order of the records does not matter.
func TestQueueIsATotalOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines := drawn(rt)
		rows := queue(rt, viewOf(fataler{t, rt}, lines))
		seen := map[string]bool{}
		for n, row := range rows {
			name := strings.Join([]string{row.Issue, string(row.Type), row.Application.Key, row.Target}, "|")
			if seen[name] {
				rt.Fatalf("%s is there twice", name)
			}
			seen[name] = true
			if row.Place != n+1 {
				rt.Fatalf("row %d has place %d", n, row.Place)
			}
			if n == 0 {
				continue
			}
			before := rows[n-1]
			if model.Rank(before.Decision) < model.Rank(row.Decision) {
				rt.Fatalf("%s stands before %s", before.Decision, row.Decision)
			}
			if before.Decision == row.Decision && before.Due > row.Due {
				rt.Fatalf("due %s stands before %s", before.Due, row.Due)
			}
		}
		other := queue(rt, viewOf(fataler{t, rt}, rapid.Permutation(lines).Draw(rt, "order")))
		if diff := cmp.Diff(names(rows), names(other)); diff != "" {
			rt.Fatalf("another order of the records gives another queue:\n%s", diff)
		}
	})
}

func queue(t *rapid.T, v estate.View) []security.QueueRow {
	out, err := security.Queue(v, security.QueueIn{})
	if err != nil {
		t.Fatal(err)
	}
	return out.Queue.Rows
}

func names(rows []security.QueueRow) []string {
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%s %s %s %s", r.Issue, r.Application.Key, r.Decision, r.Due))
	}
	return out
}

// TestNotAffectedNeverAdds: a statement that something is not affected only takes rows out of the matches and of the queue, and what it takes is still there when asked for.
func TestNotAffectedNeverAdds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		lines := drawn(rt)
		before := viewOf(fataler{t, rt}, lines)
		statement := fmt.Sprintf(`{kind: VexStatement, key: s, vulnerability: CVE-2026-100%d, products: ["pkg:npm/%s"], status: not_affected, justification: component_not_present, author: us, stated: "2026-11-03T00:00:00Z"}`,
			rapid.IntRange(0, 5).Draw(rt, "of"), rapid.SampledFrom([]string{"x", "y", "z"}).Draw(rt, "product"))
		after := viewOf(fataler{t, rt}, append(slices.Clone(lines), statement))
		was, is := pairs(rt, before, false), pairs(rt, after, false)
		for _, row := range is {
			if !slices.Contains(was, row) {
				rt.Fatalf("%s came with the statement", row)
			}
		}
		if diff := cmp.Diff(was, pairs(rt, after, true)); diff != "" {
			rt.Fatalf("what is silenced is not visible any more:\n%s", diff)
		}
		if a, b := queue(rt, before), queue(rt, after); len(b) > len(a) {
			rt.Fatalf("the queue grew from %d to %d rows", len(a), len(b))
		}
	})
}

func pairs(t *rapid.T, v estate.View, silenced bool) []string {
	out, err := security.Matches(v, security.MatchesIn{IncludeSilenced: silenced})
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for _, r := range out.Pairs.Rows {
		rows = append(rows, fmt.Sprintf("%s %s@%s %s", r.Record.Key, r.Component, r.Version, r.Advisory))
	}
	return rows
}

// TestClocks: the clock starts with the later of the component in its version and the advisory, as the stamps of their imports say, and does not start anew with
// other changes. A component that came in another version counts from then.
func TestClocks(t *testing.T) {
	day := func(n int) model.Time { return model.TimeOf(today.AddDays(n).Time().Add(12 * time.Hour)) }
	app := &model.Application{Meta: model.Meta{ID: practicetest.IDOf(1), Key: "shop", Version: 1}, Criticality: model.CriticalityCritical, Exposure: model.ExposureOpen, SafetyImpact: "negligible"}
	for _, c := range []struct {
		name               string
		component, version int
		advisory, changed  int
		want, due          string
	}{
		{"the advisory came last", -300, 0, -1, -1, "2026-11-21", "2026-11-23"},
		{"the component came last", -5, 0, -200, -200, "2026-11-17", "2026-11-19"},
		{"a later change of the advisory does not matter", -300, 0, -50, -1, "2026-10-03", "2026-10-05"},
		{"the component came in another version", -300, -3, -200, -200, "2026-11-19", "2026-11-21"},
	} {
		t.Run(c.name, func(t *testing.T) {
			part := &model.Component{Meta: model.Meta{ID: practicetest.IDOf(2), Key: "shop/x", Version: 1, Created: model.Stamp{Seq: 1, At: day(c.component)}, Changed: model.Stamp{Seq: 1, At: day(0)}},
				Application: app.Ref(), PackageURL: "pkg:npm/x@1.0.0", Version: "1.0.0"}
			if c.version != 0 {
				part.VersionSince = day(c.version)
			}
			advisory := &model.Advisory{Meta: model.Meta{ID: practicetest.IDOf(3), Key: "CVE-2026-1", Version: 1, Created: model.Stamp{Seq: 2, At: day(c.advisory)}, Changed: model.Stamp{Seq: 3, At: day(c.changed)}},
				Published: day(-400), Exploited: today - 10, Vectors: []string{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},
				Affected: []model.AffectedPackage{{Package: "pkg:npm/x", Ecosystem: "npm", Ranges: []string{"vers:npm/<2.0.0"}}}}
			snap, err := estate.Load(model.Stamp{Seq: 4, At: day(0)}, slices.Values([]model.Record{app, part, advisory}))
			if err != nil {
				t.Fatal(err)
			}
			out, err := security.Queue(snap.View(today).With(practice.Beside{Now: day(0)}), security.QueueIn{})
			if err != nil || len(out.Queue.Rows) != 1 {
				t.Fatalf("%v, %d rows", err, len(out.Queue.Rows))
			}
			if row := out.Queue.Rows[0]; row.Decision != model.SSVCImmediate || row.Known.String() != c.want || row.Due.String() != c.due {
				t.Errorf("%s, known %s, due %s (%s); want known %s, due %s", row.Decision, row.Known, row.Due, row.Left, c.want, c.due)
			}
		})
	}
}
