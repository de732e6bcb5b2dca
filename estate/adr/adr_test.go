package adr_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/estate/adr"
	"binnacle/model"
)

const nygard = `# 7. Keep charts in one place

Date: 2026-03-04

## Status

Accepted

Supersedes [3. Charts on every desk](0003-charts-on-every-desk.md)

## Context

Nobody finds the newest chart.

## Decision

We will keep all charts in the chart room.

## Consequences

The chart room must be dry.
`

const madr3 = `---
status: proposed
date: 2026-03-04
deciders: Ada Day, Ben Oar
consulted: [Cy Reef, "Dee Fog, harbour"]
informed:
  - everybody
---
# Use paper charts

Technical story: the compass was wrong.

## Context and Problem Statement

Screens go dark.

` + "```\n## Status\n\nnot a heading\n```" + `

<!-- This is an optional element. -->
## Decision Drivers

* Light
* Salt,
  which is everywhere

## Considered Options

1. Paper
2. Screens

## Decision Outcome

Chosen option: "Paper", because it works "in the dark".

### Positive Consequences

- No batteries

### Negative Consequences

- Wet paper

## Pros and Cons of the Options

### Paper

* Good, because cheap

## Costs

Some.

## Links

* [ADR-0002](0002-ink.md)
`

func TestNygard(t *testing.T) {
	d := adr.Parse("doc/adr/0007-keep-charts.md", nygard)
	want := &model.DecisionRecord{Meta: model.Meta{Key: "adr-0007-keep-charts", Name: "Keep charts in one place"}, Number: 7, State: "accepted", Decided: model.MustDate("2026-03-04"),
		StatusText: "Accepted\n\nSupersedes [3. Charts on every desk](0003-charts-on-every-desk.md)", Context: "Nobody finds the newest chart.", Outcome: "We will keep all charts in the chart room.",
		Consequences: "The chart room must be dry.", Path: "doc/adr/0007-keep-charts.md", Text: nygard}
	if diff := cmp.Diff(want, d.Record()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	links := []adr.Relation{{Supersedes: true, Words: "3. Charts on every desk", File: "0003-charts-on-every-desk.md", Number: 3}}
	if diff := cmp.Diff(links, d.Relations()); diff != "" {
		t.Errorf("links (-want +got):\n%s", diff)
	}
}

func TestMADR(t *testing.T) {
	for _, text := range []string{madr3, strings.ReplaceAll(madr3, "\n", "\r\n")} {
		r := adr.Parse("0009-paper.md", text).Record()
		r.Text = ""
		want := &model.DecisionRecord{Meta: model.Meta{Key: "adr-0009-paper", Name: "Use paper charts", Description: "Technical story: the compass was wrong."}, Number: 9, State: "proposed", StatusText: "proposed",
			Decided: model.MustDate("2026-03-04"), MakerNames: []string{"Ada Day", "Ben Oar"}, Consulted: []string{"Cy Reef", "Dee Fog, harbour"}, Informed: []string{"everybody"},
			Context: "Screens go dark.\n\n```\n## Status\n\nnot a heading\n```", Drivers: []string{"Light", "Salt,\nwhich is everywhere"}, Considered: []string{"Paper", "Screens"}, Chosen: "Paper",
			Outcome: `Chosen option: "Paper", because it works "in the dark".`, Consequences: "### Positive Consequences\n\n- No batteries\n\n### Negative Consequences\n\n- Wet paper",
			Arguments: "### Paper\n\n* Good, because cheap", Sections: []model.DecisionSection{{Heading: "Costs", Text: "Some."}}, More: "* [ADR-0002](0002-ink.md)", Path: "0009-paper.md"}
		if diff := cmp.Diff(want, r); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestStatus reads the states in the ways that people write them.
func TestStatus(t *testing.T) {
	body := "\n## Context\n\nc\n\n## Decision\n\nd\n"
	for _, row := range []struct {
		head  string
		state model.DecisionState
		day   string
	}{
		{"# T\n\n## Status\n\nAccepted\n", "accepted", ""},
		{"# T\n\n## Status\n\n**Accepted** on 2026-02-03\n", "accepted", "2026-02-03"},
		{"# T\n\n## Status\n\n✅ Accepted\n", "accepted", ""},
		{"# T\n\n## Status\n\n✅\n", "accepted", ""},
		{"# T\n\n## Status\n\n🚫 Rejected\n", "rejected", ""},
		{"# T\n\n## Status\n\nProposed on 2026-01-02\n\nAccepted on 2026-02-03\n", "accepted", "2026-02-03"},
		{"# T\n\n## Status\n\nAccepted\n\nSuperceded by [9. Other](0009-other.md)\n", "superseded", ""},
		{"# T\n\n## Status\n\nAmended by [9. Open review](0009-open-review.md)\n\nAccepted\n", "accepted", ""},
		{"# T\n\n## Status\n\nSupersedes [9. Rejected things](0009.md)\n\nProposed\n", "proposed", ""},
		{"# T\n\n## Status\n\nPartly superseded\n", "accepted", ""},
		{"# T\n\n## Status\n\nPending\n", "proposed", ""},
		{"# T\n\n## Status\n\nNot accepted\n", "rejected", ""},
		{"# T\n\n## Status\n\n~~Proposed~~ Deprecated\n", "deprecated", ""},
		{"# T\n\n## Status\n\nWhat is the status, such as proposed, accepted, rejected, deprecated, superseded, etc.?\n", "draft", ""},
		{"# T\n\n* Status: accepted\n* Deciders: Ada\n* Date: 2026-02-03\n", "accepted", "2026-02-03"},
		{"# T\n\n- Status: superseded by [ADR-0005](0005-x.md)\n", "superseded", ""},
		{"# T\n\n**Status:** Draft\n", "draft", ""},
		{"# T\n\nStatus: Approved  \nDate: 3 February 2026\n", "accepted", "2026-02-03"},
		{"# T\n\n| Status | Accepted |\n|---|---|\n| Date | 2026-02-03 |\n", "accepted", "2026-02-03"},
		{"# T\n\n![status: rejected](https://img.shields.io/badge/status-rejected-red.svg)\n", "rejected", ""},
		{"# T\n\n[![superseded](https://img.shields.io/badge/status-superseeded_by_ADR_0001-orange.svg?style=flat-square)](0001-x.md)\n", "superseded", ""},
		{"T\n===\n\nStatus\n------\n\nAccepted\n", "accepted", ""},
		{"# T\n\n## Status: Accepted\n", "accepted", ""},
		{"---\nstatus: \"accepted\"\ndate: 2026-02-03\n---\n# T\n", "accepted", "2026-02-03"},
		{"---\nstatus: superseded by ADR-0123\n---\n# T\n", "superseded", ""},
		{"---\nstatus: {proposed | rejected | accepted | deprecated | superseded by ADR-0123}\ndate: {YYYY-MM-DD when the decision was last updated}\n---\n# T\n", "draft", ""},
		{"---\nparent: Decisions\n---\n# T\n", "", ""},
	} {
		d := adr.Parse("x.md", row.head+body)
		r := d.Record()
		day := ""
		if !r.Decided.IsZero() {
			day = r.Decided.String()
		}
		if r.State != row.state || day != row.day || r.Name != "T" || r.Outcome != "d" {
			t.Errorf("%q: state %q, day %q, name %q and outcome %q, want %q and %q", row.head, r.State, day, r.Name, r.Outcome, row.state, row.day)
		}
		if kind, sure := d.Kind(); kind != adr.ARecord || sure < 50 {
			t.Errorf("%q: it is a %q of %d", row.head, kind, sure)
		}
	}
}

func TestNumbersAndKeys(t *testing.T) {
	for _, row := range []struct {
		file, title string
		number      int
		name, key   string
	}{
		{"0012-use-ink.md", "# Use ink", 12, "Use ink", "adr-0012-use-ink"},
		{"0012-use-ink.md", "# 3. Use ink", 12, "Use ink", "adr-0012-use-ink"},
		{"use-ink.md", "# Use ink", 0, "Use ink", "use-ink"},
		{"use-ink.md", "# ADR-004: Use ink", 4, "Use ink", "adr-0004-use-ink"},
		{"adr-005.md", "# ADR 5 - Use ink", 5, "Use ink", "adr-0005-use-ink"},
		{"20260203-use-ink.md", "# Use ink", 0, "Use ink", "20260203-use-ink"},
		{"x.md", "# 3 ways to sail", 0, "3 ways to sail", "x"},
		{"0000-first.md", "# First", 0, "First", "adr-0000-first"},
	} {
		r := adr.Parse(row.file, row.title+"\n").Record()
		if r.Number != row.number || r.Name != row.name || r.Key != row.key {
			t.Errorf("%s, %s: %d, %q, %s", row.file, row.title, r.Number, r.Name, r.Key)
		}
	}
}

func TestYStatement(t *testing.T) {
	d := adr.Parse("y.md", "# Charts\n\nIn the context of night watches, facing dark screens, we decided for paper charts and neglected tablets, to achieve sight, accepting wet hands.\n")
	r := d.Record()
	if kind, _ := d.Kind(); kind != adr.ARecord || r.Chosen != "paper charts" || !strings.HasPrefix(r.Outcome, "In the context of") {
		t.Errorf("kind %q, chosen %q, outcome %q", kind, r.Chosen, r.Outcome)
	}
}

func TestNoRecords(t *testing.T) {
	for name, text := range map[string]string{
		"a page":       "# Estate\n\nAll of it.\n",
		"a blip":       "---\nring: adopt\nquadrant: tools\n---\n# Ink\n\n## Context\n\nx\n\n## Decision\n\ny\n",
		"nothing":      "",
		"a code fence": "# T\n\n```\n## Context\n## Decision\n```\n",
	} {
		if kind, sure := adr.Parse("x.md", text).Kind(); kind != adr.NoRecord || sure != 0 {
			t.Errorf("%s is a %q", name, kind)
		}
	}
	if kind, _ := adr.Parse("index.md", "# Architecture Decision Records\n\n* [ADR-1](0001-x.md)\n").Kind(); kind != adr.AList {
		t.Errorf("a list of decisions is a %q", kind)
	}
}

// TestEdits changes one thing after the other and looks that nothing else changes.
func TestEdits(t *testing.T) {
	for _, row := range []struct {
		name, text, old, new string
		edit                 func(*model.DecisionRecord)
	}{
		{"the state of Nygard's form", nygard, "\nAccepted\n\nSup", "\nDeprecated\n\nSup", func(r *model.DecisionRecord) { r.State = "deprecated" }},
		{"the title keeps its number", nygard, "# 7. Keep charts in one place", "# 7. Charts", func(r *model.DecisionRecord) { r.Name = "Charts" }},
		{"the day", nygard, "2026-03-04", "2026-05-06", func(r *model.DecisionRecord) { r.Decided = model.MustDate("2026-05-06") }},
		{"the decision", nygard, "We will keep all charts in the chart room.", "No.", func(r *model.DecisionRecord) { r.Outcome = "No." }},
		{"a new section in its place", nygard, "## Decision\n", "## Considered Options\n\n* one\n* two\n\n## Decision\n", func(r *model.DecisionRecord) { r.Considered = []string{"one", "two"} }},
		{"the status of MADR", madr3, "status: proposed", "status: accepted", func(r *model.DecisionRecord) { r.State = "accepted" }},
		{"names of MADR", madr3, "deciders: Ada Day, Ben Oar", "deciders: Ada Day", func(r *model.DecisionRecord) { r.MakerNames = r.MakerNames[:1] }},
		{"a list keeps its marks", madr3, "1. Paper\n2. Screens", "1. Paper\n1. Stars", func(r *model.DecisionRecord) { r.Considered = []string{"Paper", "Stars"} }},
		{"what was chosen", madr3, `"Paper"`, `"Screens"`, func(r *model.DecisionRecord) { r.Chosen = "Screens" }},
		{"a section of its own", madr3, "Some.", "None.", func(r *model.DecisionRecord) { r.Sections = []model.DecisionSection{{Heading: "Costs", Text: "None."}} }},
		{"a section goes", madr3, "## Costs\n\nSome.\n\n", "", func(r *model.DecisionRecord) { r.Sections = nil }},
		{"a confirmation", madr3, "## Pros and", "### Confirmation\n\nWe look.\n\n## Pros and", func(r *model.DecisionRecord) { r.Confirmation = "We look." }},
		{"a badge", "# T\n\n![status](https://img.shields.io/badge/status-proposed-blue.svg)\n\n## Context\n\nc\n\n## Decision\n\nd\n", "status-proposed-", "status-accepted-", func(r *model.DecisionRecord) { r.State = "accepted" }},
		{"a first status", "# T\n\n## Context and Problem Statement\n\nc\n\n## Decision Outcome\n\nd\n", "# T\n\n## Context", "---\nstatus: accepted\n---\n# T\n\n## Context", func(r *model.DecisionRecord) { r.State = "accepted" }},
	} {
		r := adr.Parse("0007-x.md", row.text).Record()
		row.edit(r)
		if strings.Count(row.text, row.old) == 0 {
			t.Fatalf("%s: %q is not in the text", row.name, row.old)
		}
		if diff := cmp.Diff(strings.Replace(row.text, row.old, row.new, 1), string(adr.Write(r))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", row.name, diff)
		}
	}
}

// drawRecord draws a decision record as people write them here.
func drawRecord(t *rapid.T) *model.DecisionRecord {
	line := rapid.StringMatching(`[A-Z][a-zäé]{1,8}( [a-z"'(),]{0,5}[a-z0-9]{1,6}){0,6}[.!]?`)
	para := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.OneOf(line, rapid.Map(line, func(s string) string { return "* " + s }), rapid.Just("```\n## code\n```")), 0, 4).Draw(t, "lines"), "\n\n")
	})
	lines := rapid.SliceOfN(rapid.StringMatching(`[A-Z][a-z]{1,8}(, [a-z]{2,4}|\n[a-z]{2,6})?`), 0, 3)
	names := rapid.SliceOfN(rapid.StringMatching(`[A-Z][a-z]{1,6}( [A-Z][a-z]{1,6})?(, [A-Z][a-z]{2,4})?`), 0, 3)
	some := func(list []string) []string {
		if len(list) == 0 {
			return nil
		}
		return list
	}
	r := &model.DecisionRecord{Number: rapid.IntRange(1, 9999).Draw(t, "number"), State: rapid.SampledFrom([]model.DecisionState{"", "draft", "proposed", "accepted", "rejected", "deprecated"}).Draw(t, "state"),
		MakerNames: some(names.Draw(t, "makers")), Consulted: some(names.Draw(t, "consulted")), Informed: some(names.Draw(t, "informed")), Context: para.Draw(t, "context"), Drivers: some(lines.Draw(t, "drivers")),
		Considered: some(lines.Draw(t, "options")), Consequences: para.Draw(t, "consequences"), Confirmation: para.Draw(t, "confirmation"), Arguments: para.Draw(t, "arguments"), More: para.Draw(t, "more")}
	r.StatusText = string(r.State)
	r.Name = rapid.StringMatching(`Use [a-z]{2,8}( [a-z"]{2,6}){0,3}`).Draw(t, "name")
	r.Description = rapid.SampledFrom([]string{"", "In short.", "In short.\n\nAnd long."}).Draw(t, "description")
	if rapid.Bool().Draw(t, "dated") {
		r.Decided = model.MustDate("2020-01-01").AddDays(rapid.IntRange(0, 4000).Draw(t, "day"))
	}
	if r.Outcome = para.Draw(t, "outcome"); rapid.Bool().Draw(t, "chosen") {
		r.Outcome, r.Chosen = "Chosen option: \"Ink\", because\n\n"+r.Outcome, "Ink"
		r.Outcome = strings.TrimSpace(r.Outcome)
	}
	if r.Outcome == "" {
		r.Outcome = "We do."
	}
	for _, h := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"Costs", "Risks", "Security"}), 0, 2, rapid.ID).Draw(t, "sections") {
		r.Sections = append(r.Sections, model.DecisionSection{Heading: h, Text: para.Draw(t, "text")})
	}
	r.Path = adr.FileName(&model.DecisionRecord{Number: r.Number, Meta: model.Meta{Key: "use-ink"}})
	return r
}

func bare(r *model.DecisionRecord) *model.DecisionRecord {
	out := model.Clone(r)
	out.Key, out.Text = "", ""
	return out
}

// TestReadingWhatIsWritten: what is rendered as MADR 4 reads as the same record.
func TestReadingWhatIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawRecord(t)
		text := adr.Render(r)
		got := adr.Parse(r.Path, text).Record()
		if diff := cmp.Diff(bare(r), bare(got)); diff != "" {
			t.Fatalf("(-want +got):\n%s\nin\n%s", diff, text)
		}
		if again := string(adr.Write(got)); again != text {
			t.Fatalf("unchanged, it is written as\n%s\nand not as\n%s", again, text)
		}
	})
}

// TestEditingWhatWasRead: a file whose record was edited reads as the edited record, in whatever form it is.
func TestEditingWhatWasRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from, to := drawRecord(t), drawRecord(t)
		text := adr.Render(from)
		if rapid.Bool().Draw(t, "nygard") {
			text = nygard
		}
		if rapid.Bool().Draw(t, "windows") {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		r := adr.Parse("0007-x.md", text).Record()
		want := model.Clone(r)
		want.Context, want.Drivers, want.Considered, want.Arguments, want.More = to.Context, to.Drivers, to.Considered, to.Arguments, to.More
		want.Name, want.Outcome, want.Chosen = to.Name, to.Outcome, to.Chosen
		if rapid.Bool().Draw(t, "names") && from.MakerNames != nil {
			want.MakerNames = to.MakerNames
		}
		out := string(adr.Write(want))
		got := adr.Parse("0007-x.md", out).Record()
		if diff := cmp.Diff(bare(want), bare(got)); diff != "" {
			t.Fatalf("(-want +got):\n%s\nof\n%s\nmade\n%s", diff, text, out)
		}
	})
}

func samples(t testing.TB) []string {
	files, _ := filepath.Glob("../../../shared/data/14-adr/*/*.md")
	if len(files) == 0 {
		t.Skip("the folder ../shared/data/14-adr is not there")
	}
	return files
}

// TestFilesOfOthers: every file is written back to the last byte, and the states are those that a reader of the files finds.
func TestFilesOfOthers(t *testing.T) {
	states := map[string]map[model.DecisionState]int{}
	for _, file := range samples(t) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Base(filepath.Dir(file))
		d := adr.Parse(filepath.Base(file), string(data))
		kind, _ := d.Kind()
		if filepath.Base(file) == "index.md" {
			if kind != adr.AList {
				t.Errorf("%s is a %q", file, kind)
			}
			continue
		}
		r := d.Record()
		if kind != adr.ARecord || r.Name == "" || r.Context == "" || r.Outcome == "" {
			t.Errorf("%s: a %q with the name %q", file, kind, r.Name)
		}
		if string(adr.Write(r)) != string(data) {
			t.Errorf("%s is not written as it was", file)
		}
		if again := adr.Parse(r.Path, adr.Render(r)).Record(); again.Context != r.Context || again.State != r.State || again.Chosen != r.Chosen || again.Decided != r.Decided {
			t.Errorf("%s reads otherwise after it was written as MADR 4", file)
		}
		if states[folder] == nil {
			states[folder] = map[model.DecisionState]int{}
		}
		states[folder][r.State]++
	}
	// GOV.UK: 29 say Accepted, one Approved and one Partly superseded; six say Pending and one Proposed. Of MADR's own, one is on hold and the template is a draft; the others say nothing.
	want := map[string]map[model.DecisionState]int{"alphagov-govuk-aws": {"accepted": 30, "proposed": 7, "superseded": 1}, "madr": {"": 18, "proposed": 1, "draft": 1}}
	if diff := cmp.Diff(want, states); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(nygard)
	f.Add(madr3)
	f.Add("---\nstatus: [\n---\n# {x}\r\n\r\nStatus\n---\n<!--\n## Decision\n")
	f.Fuzz(func(t *testing.T, text string) {
		d := adr.Parse("0001-x.md", text)
		d.Kind()
		d.Relations()
		r := d.Record()
		if r.Text != "" && string(adr.Write(r)) != text {
			t.Fatalf("%q is written as %q", text, adr.Write(r))
		}
		r.State, r.Context, r.Name, r.Drivers = "accepted", "x", "y", []string{"z"}
		adr.Write(r)
		adr.Render(r)
	})
}
