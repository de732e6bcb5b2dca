package endoflife

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

// compass is a product as the repository of endoflife.date would describe it. It is our own invention.
const compass = `---
title: Compass OS
category: os
tags: linux-distribution maritime
permalink: /compass-os
alternate_urls:
  - /compass
releasePolicyLink: https://compass.example/policy
changelogTemplate: "https://compass.example/notes/{{'__LATEST__'|replace:'.','-'}}"
releaseLabel: "__RELEASE_CYCLE__ (__CODENAME__)"
eoasColumn: true
identifiers:
  - repology: compassos
  - purl: pkg:deb/compass/compass-os@4.1?arch=amd64
  - purl: pkg:npm/%40compass/os
  - cpe: cpe:2.3:o:compass:compass_os
  - cpe: cpe:/o:compass:compass_os:4

releases:
  - releaseCycle: "5"
    codename: Ecliptic
    releaseDate: 2026-02-01
    lts: 2026-09-01
    eoas: 2027-02-01
    eol: 2028-02-01
    eoes: false
    latest: "5.1"
    latestReleaseDate: 2026-08-14

  - releaseCycle: 4.10
    releaseDate: 2024-02-01
    lts: true
    eoas: true
    eol: 2026-02-01
    eoes: 2029-02-01
    latest: "4.10.3"
    link: https://compass.example/four/__RELEASE_CYCLE__

  - releaseCycle: "3"
    releaseLabel: "Three"
    releaseDate: 2022-02-01
    eol: true
    eoes: true
    discontinued: 2023-01-01
    link: null

  - releaseCycle: "rolling"
    releaseDate: 2021-01-01
    eoas: false
    eol: false
---

> [Compass OS](https://compass.example) points the way
> on ships.

More text.
`

func readText(t *testing.T, name, text string) *feed.Batch {
	t.Helper()
	return feedtest.Read(t, Format, name, []byte(text))
}

func technology(t *testing.T, b *feed.Batch) *model.Technology {
	t.Helper()
	if len(b.Items) != 1 {
		t.Fatalf("%d records were proposed, not 1; refused: %v", len(b.Items), b.Refused)
	}
	tech := *b.Items[0].Record.(*model.Technology)
	tech.ID = model.ID{}
	return &tech
}

func TestProductFile(t *testing.T) {
	b := readText(t, "compass-os.md", compass)
	want := &model.Technology{
		Meta:        model.Meta{Key: "compass-os", Name: "Compass OS", Description: "[Compass OS](https://compass.example) points the way on ships.", Tags: []string{"linux-distribution", "maritime"}},
		Category:    "os",
		Aliases:     []string{"compass", "compassos"},
		PackageURLs: []string{"pkg:deb/compass/compass-os?arch=amd64", "pkg:npm/%40compass/os"},
		CPEs:        []string{"cpe:/o:compass:compass_os", "cpe:2.3:o:compass:compass_os"},
		Link:        "https://endoflife.date/compass-os",
		PolicyLink:  "https://compass.example/policy",
		ExternalID:  "compass-os",
		Cycles: []model.Cycle{
			{Name: "5", Label: "5 (Ecliptic)", Released: day("2026-02-01"), LTS: true, LTSFrom: day("2026-09-01"), ActiveSupport: day("2027-02-01"),
				SecuritySupport: day("2028-02-01"), Latest: "5.1", LatestReleased: day("2026-08-14"), Link: "https://compass.example/notes/5-1"},
			{Name: "4.10", Released: day("2024-02-01"), LTS: true, ActiveEnded: true, SecuritySupport: day("2026-02-01"), ExtendedSupport: day("2029-02-01"),
				Latest: "4.10.3", Link: "https://compass.example/four/4.10"},
			{Name: "3", Label: "Three", Released: day("2022-02-01"), Unsupported: true, ExtendedUnavailable: true, Discontinued: day("2023-01-01")},
			{Name: "rolling", Released: day("2021-01-01"), Supported: true},
		},
	}
	if diff := cmp.Diff(want, technology(t, b)); diff != "" {
		t.Errorf("the technology differs (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"products": 1, "cycles": 4, "purl identifiers": 2, "cpe identifiers": 2}, b.Contents); diff != "" {
		t.Errorf("the counts differ (-want +got):\n%s", diff)
	}
	if len(b.Refused) != 0 {
		t.Errorf("refused: %v", b.Refused)
	}
	if b.Source.Key != "endoflife" || b.Source.Format != "endoflife" {
		t.Errorf("the source is %q in the format %q", b.Source.Key, b.Source.Format)
	}
	if problems := model.Builtin().Kind("Technology").Check(b.Items[0].Record); len(problems) != 0 {
		t.Errorf("the record would be refused: %v", problems)
	}
}

func day(text string) model.Date { return model.MustDate(text) }

func TestInterfaceVersion1(t *testing.T) {
	const product = `{"name":"sextant","label":"Sextant","aliases":["sx"],"category":"db","tags":["db","nautical"],
	"identifiers":[{"id":"pkg:github/sextant/sextant","type":"purl"},{"id":"cpe:2.3:a:sextant:sextant","type":"cpe"}],
	"links":{"html":"https://endoflife.date/sextant","releasePolicy":null},
	"releases":[{"name":"2","codename":null,"label":"2 (LTS)","releaseDate":"2025-01-01","isLts":true,"ltsFrom":null,"isEoas":false,"eoasFrom":"2026-01-01",
	 "isEol":false,"eolFrom":null,"isEoes":null,"eoesFrom":null,"isMaintained":true,"latest":{"name":"2.4","date":"2025-06-01","link":"https://s.example/2.4"}},
	 {"name":"1","codename":null,"label":"1","releaseDate":"2023-01-01","isLts":false,"ltsFrom":null,"isEoas":true,"eoasFrom":null,
	 "isEol":true,"eolFrom":"2024-12-31","isEoes":true,"eoesFrom":null,"isMaintained":false,"latest":null}]}`
	want := &model.Technology{
		Meta:        model.Meta{Key: "sextant", Name: "Sextant", Tags: []string{"nautical"}},
		Category:    "db",
		Aliases:     []string{"sx"},
		PackageURLs: []string{"pkg:github/sextant/sextant"},
		CPEs:        []string{"cpe:2.3:a:sextant:sextant"},
		Link:        "https://endoflife.date/sextant",
		ExternalID:  "sextant",
		Cycles: []model.Cycle{
			{Name: "2", Released: day("2025-01-01"), LTS: true, ActiveSupport: day("2026-01-01"), Supported: true,
				Latest: "2.4", LatestReleased: day("2025-06-01"), Link: "https://s.example/2.4"},
			{Name: "1", Released: day("2023-01-01"), ActiveEnded: true, SecuritySupport: day("2024-12-31"), ExtendedUnavailable: true},
		},
	}
	for name, text := range map[string]string{
		"one product":  `{"schema_version":"1.1.0","last_modified":"2026-03-01T14:05:52+01:00","result":` + product + `}`,
		"all products": `{"schema_version":"1.1.0","total":1,"result":[` + product + `]}`,
		"in UTF-16":    "\xff\xfe" + wide(`{"schema_version":"1.1.0","total":1,"result":[`+product+`]}`),
	} {
		if got := Format.Detect([]byte(text)); got < 90 {
			t.Errorf("%s: detected with %d", name, got)
		}
		b := readText(t, "sextant.json", text)
		if diff := cmp.Diff(want, technology(t, b)); diff != "" {
			t.Errorf("%s: the technology differs (-want +got):\n%s", name, diff)
		}
		if name == "one product" && b.Source.Produced.String() != "2026-03-01T13:05:52Z" {
			t.Errorf("the source says it was produced at %s", b.Source.Produced)
		}
	}
}

func wide(text string) string {
	var out strings.Builder
	for _, r := range text {
		out.WriteByte(byte(r))
		out.WriteByte(byte(r >> 8))
	}
	return out.String()
}

// In the older interface, the booleans under support and extendedSupport say that support goes on.
func TestOlderListOfCycles(t *testing.T) {
	text := `[{"cycle":"9","releaseDate":"2024-05-01","support":true,"eol":false,"extendedSupport":false,"latest":"9.1","latestReleaseDate":"2024-09-01","lts":false},
	{"cycle":"10","releaseDate":"2025-05-01","support":"2026-05-01","eol":"2027-05-01","extendedSupport":true,"lts":true},
	{"cycle":"8","releaseDate":"2020-05-01","support":false,"eol":true,"lts":false}]`
	if got := Format.Detect([]byte(text)); got < 80 {
		t.Errorf("detected with %d", got)
	}
	got := technology(t, readText(t, "dir/astrolabe.json", text))
	want := &model.Technology{Meta: model.Meta{Key: "astrolabe"}, ExternalID: "astrolabe", Cycles: []model.Cycle{
		{Name: "10", Released: day("2025-05-01"), LTS: true, ActiveSupport: day("2026-05-01"), SecuritySupport: day("2027-05-01")},
		{Name: "9", Released: day("2024-05-01"), Supported: true, ExtendedUnavailable: true, Latest: "9.1", LatestReleased: day("2024-09-01")},
		{Name: "8", Released: day("2020-05-01"), Unsupported: true, ActiveEnded: true},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the technology differs (-want +got):\n%s", diff)
	}
}

func TestWrongItemsAreRefusedOneByOne(t *testing.T) {
	b := readText(t, "bad.md", `---
title: Bad
permalink: /bad
identifiers:
  - purl: deb/bad
  - cpe: cpe:/a:bad:bad
releases:
  - releaseCycle: "3"
    releaseDate: 2026-01-01
    eol: soon
  - releaseCycle: "2"
    releaseDate: 2025-01-01
    eol: 2026-13-01
  - releaseCycle: "1"
    releaseDate: 2024-01-01
    eol: 2025-01-01
  - releaseDate: 2023-01-01
    eol: true
  - just text
  - releaseCycle: "1"
    eol: false
---
`)
	var got []string
	for _, r := range b.Refused {
		got = append(got, r.String())
	}
	want := []string{
		`bad.md:5:5: identifiers[0]: Technology/bad: package_urls: "deb/bad" is not a package URL: it must start with pkg:`,
		`bad.md:8:5: releases[0].eol: Technology/bad: cycles: "soon" is neither a date nor true or false: write it as 2027-06-30`,
		`bad.md:11:5: releases[1].eol: Technology/bad: cycles: "2026-13-01" is neither a date nor true or false: write it as 2027-06-30`,
		`bad.md:17:5: releases[3].releaseCycle: Technology/bad: cycles: the cycle has no name`,
		`bad.md:19:5: releases[4]: Technology/bad: cycles: a cycle is wanted here, with names and values`,
		`bad.md:20:5: releases[5].releaseCycle: Technology/bad: cycles: the cycle 1 is listed twice: this one was left out`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the refusals differ (-want +got):\n%s", diff)
	}
	if cycles := technology(t, b).Cycles; len(cycles) != 1 || cycles[0].Name != "1" {
		t.Errorf("the cycles kept are %v", cycles)
	}
}

func TestTemplates(t *testing.T) {
	values := map[string]string{"RELEASE_CYCLE": "7.2.5", "CODENAME": "Lodestar", "LATEST": "1.20.0", "LATEST_RELEASE_DATE": "2026-03-14"}
	for _, test := range []struct{ template, want string }{
		{"__RELEASE_CYCLE__ '__CODENAME__'", "7.2.5 'Lodestar'"},
		{"{{'__RELEASE_CYCLE__'|split:'.'|pop|join:'.'}} TL{{'__RELEASE_CYCLE__'|split:'.'|last}}", "7.2 TL5"},
		{`https://x/{{ "__LATEST__" | replace: ".", "-" }}/#__LATEST__`, "https://x/1-20-0/#1.20.0"},
		{"{{'__LATEST__'|drop_zero_patch}}", "1.20"},
		{"{{'__LATEST__'|split:'.'|slice:0,2|join:'_'}}", "1_20"},
		{"{{'__LATEST_RELEASE_DATE__'|split:'-'|pop|join:'/'}}", "2026/03"},
		{"__RELEASE_CYCLE__{%if r.codename %} ({{r.codename}}){%endif%}", "7.2.5 (Lodestar)"},
		{"v{% if '__RELEASE_CYCLE__'=='__LATEST__' %}same{% else %}other{% endif %}", "vother"},
		{"v{% if '__RELEASE_CYCLE__.0'!='__LATEST__' %}/__LATEST__{% endif %}", "v/1.20.0"},
		{"{% assign x = 1 %}{{x}}", "cannot"},
		{"{{'a'|wonder}}", "cannot"},
		{"{{'a'", "cannot"},
		{"{% if 'a' %}b", "cannot"},
		{"__RELEASE_DATE__", "cannot"},
	} {
		got, ok := render(test.template, values)
		if !ok {
			got = "cannot"
		}
		if got != test.want {
			t.Errorf("%s gives %q, not %q", test.template, got, test.want)
		}
	}
}

// Contents that cannot be read as a whole say why.
func TestRefusedContents(t *testing.T) {
	feedtest.Refuses(t, Format, [][3]string{
		{"empty", "", "empty"},
		{"half JSON", `{"schema_version":"1.1.0","result":{"name":"x"`, "ends too early"},
		{"deep JSON", strings.Repeat("[", 5000), "nested more than 100 deep"},
		{"two JSON values", `[] []`, "more behind the end"},
		{"no front matter", "just text", "no front matter"},
		{"broken YAML", "---\ntitle: [a\n---\n", "not YAML"},
		{"deep YAML", "---\na: " + strings.Repeat("[", 500) + strings.Repeat("]", 500) + "\n---\n", "nested too deeply"},
		{"bomb of anchors", "---\n" + bomb() + "---\n", "too often"},
		{"NUL bytes", "---\ntitle: a\x00b\n---\n", "NUL"},
		{"Latin-1", "---\ntitle: caf\xe9 \n---\n", "UTF-8"},
		{"another answer", `{"a":1}`, "no member called result"},
	})
	b := feed.NewBatch(model.Builtin(), "long")
	b.Limits.Bytes = 100
	if err := Format.Read(context.Background(), feed.Input{Data: []byte(compass)}, b); err == nil {
		t.Error("a content beyond the limit was read")
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	err := Format.Read(cancelled, feed.Input{Data: []byte(`{"result":[{"name":"a"}]}`)}, feed.NewBatch(model.Builtin(), "x"))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled reading ended with %v", err)
	}
}

func bomb() string {
	var out strings.Builder
	out.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 9; i++ {
		fmt.Fprintf(&out, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
	}
	return out.String()
}

func TestDetect(t *testing.T) {
	feedtest.Detects(t, Format, [][2]string{
		{"product", compass},
		{"product behind a byte-order mark", "\xef\xbb\xbf" + compass},
		{"product behind blank lines and a comment", "\n\n# a comment\n" + compass},
		{"product with carriage returns", strings.ReplaceAll(compass, "\n", "\r\n")},
	}, [][2]string{
		{"a blog post", "---\ntitle: Hello\npermalink: /hello\n---\ntext"},
		{"a catalog", "---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: x\n"},
		{"XML", "<?xml version=\"1.0\"?><nmaprun/>"},
		{"an export of NetBox", `[{"model":"dcim.device","pk":1,"fields":{}}]`},
		{"a table", "cycle,eol\n1,true\n"},
		{"nothing", ""},
	})
}

// The order of the cycles in the file does not matter.
func TestOrderOfCyclesDoesNotMatter(t *testing.T) {
	entries := []string{
		`{"cycle":"1.9","releaseDate":"2024-01-01","eol":false}`, `{"cycle":"1.10","releaseDate":"2024-01-01","eol":false}`,
		`{"cycle":"2","releaseDate":"2025-01-01","eol":"2026-01-01"}`, `{"cycle":"0.x","eol":true}`,
	}
	want := []string{"2", "1.10", "1.9", "0.x"}
	rapid.Check(t, func(t *rapid.T) {
		text := "[" + strings.Join(rapid.Permutation(entries).Draw(t, "entries"), ",") + "]"
		b := feed.NewBatch(model.Builtin(), "x")
		if err := Format.Read(context.Background(), feed.Input{Name: "x.json", Data: []byte(text)}, b); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range b.Items[0].Record.(*model.Technology).Cycles {
			got = append(got, c.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("the order differs (-want +got):\n%s", diff)
		}
	})
}

func TestSamples(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/05-endoflife/products/*.md")
	if len(files) == 0 {
		t.Skip("the folder ../shared/data/05-endoflife is not there")
	}
	total := map[string]int{}
	var all []*model.Technology
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := Format.Detect(text); got != 95 {
			t.Errorf("%s: detected with %d", file, got)
		}
		b := readText(t, filepath.Base(file), string(text))
		for what, n := range b.Contents {
			total[what] += n
		}
		if len(b.Refused) != 0 {
			t.Errorf("%s: refused: %v", file, b.Refused)
		}
		all = append(all, technology(t, b))
		for _, problem := range model.Builtin().Kind("Technology").Check(b.Items[0].Record) {
			t.Errorf("%s: %v", file, problem)
		}
	}
	if diff := cmp.Diff(map[string]int{"products": 464, "cycles": 8351, "purl identifiers": 940, "cpe identifiers": 479}, total); diff != "" {
		t.Errorf("the counts differ (-want +got):\n%s", diff)
	}
	got := map[string]int{}
	for _, tech := range all {
		for _, c := range tech.Cycles {
			for what, is := range map[string]bool{
				"end of life on a day": !c.SecuritySupport.IsZero(), "end of life": c.Unsupported, "no end of life": c.Supported,
				"active until": !c.ActiveSupport.IsZero(), "active ended": c.ActiveEnded, "extended until": !c.ExtendedSupport.IsZero(), "extended ended": c.ExtendedUnavailable,
				"long term from": !c.LTSFrom.IsZero(), "discontinued on a day": !c.Discontinued.IsZero(),
			} {
				if is {
					got[what]++
				}
			}
		}
	}
	want := map[string]int{
		"end of life on a day": 7228, "end of life": 479, "no end of life": 644, "active until": 2290, "active ended": 417, "extended until": 466, "extended ended": 24,
		"long term from": 108, "discontinued on a day": 136,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the states of support differ (-want +got):\n%s", diff)
	}
}

// Of all files that other programs wrote, only those of this format are detected.
func TestDetectNothingElse(t *testing.T) {
	feedtest.DetectsOnly(t, Format, func(path string) bool {
		return strings.HasPrefix(path, "05-endoflife/products/")
	})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(compass))
	f.Add([]byte(`[{"cycle":"9","eol":false}]`))
	f.Add([]byte(`{"schema_version":"1","result":{"name":"a","releases":[{"name":"1","isEol":true}]}}`))
	f.Add([]byte("---\na: &a [*a]\nreleases: {{'\n---\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c := Format.Detect(data); c < 0 || c > 100 {
			t.Fatalf("detected with %d", c)
		}
		b := feed.NewBatch(model.Builtin(), "fuzz")
		if Format.Read(context.Background(), feed.Input{Name: "fuzz.json", Data: data}, b) != nil {
			return
		}
		for _, item := range b.Items {
			for _, problem := range model.Builtin().Kind("Technology").Check(item.Record) {
				if strings.Contains(problem.Text, "control character") {
					t.Fatalf("%v in %q", problem, data)
				}
			}
		}
	})
}
