package rule_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/estate/rule"
	"binnacle/model"
)

var hosts = model.Builtin().Kind("Host")

// noNames names no record: the text of a ref is its id.
var noNames = estate.View{}

func host(key string) *model.Host {
	h := &model.Host{CPUs: 4, OperatingSystem: "Debian", Memory: 8}
	h.Key, h.Tags = key, []string{"lab"}
	h.Ports = nil
	return h
}

func compile(t testing.TB, text string) *rule.Program {
	t.Helper()
	p, err := rule.NewPrograms().Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func snapshot(t testing.TB, records ...model.Record) estate.View {
	t.Helper()
	for i, rec := range records {
		rec.Base().ID = model.ID{15: byte(i + 1), 14: byte(i >> 8), 0: 1}
	}
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values(records))
	if err != nil {
		t.Fatal(err)
	}
	return snap.View(0)
}

func TestHolds(t *testing.T) {
	rec := host("a")
	v := snapshot(t, rec)
	for text, want := range map[string]string{
		"true":              "true",
		"record.cpus == 4":  "true",
		"record.cpus > 4":   "false",
		`record.rack == ""`: "true",
		"has(record.rack)":  "false",
		"!has(record.rack)": "true",
		`has(record.rack) ? record.rack == "x" : true`: "true",
		`record["operating_system"] == "Debian"`:       "true",
		`record.tags.exists(t, t == "lab")`:            "true",
		`"cpus" in record`:                             "true",
		`"rack" in record`:                             "false",
		"record.ports.size() == 0":                     "true",
		"size(record) > 2":                             "true",
		"record.colour == 1":                           "no such key",
		`record.cpus > "four"`:                         "no such overload",
		"record.tags.map(a, record.tags.map(b, record.tags.map(c, 1))).size() == 1": "true",
	} {
		p := compile(t, text)
		holds, err := p.Holds(hosts, rec, v)
		got := fmt.Sprint(holds)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestFieldsThatARuleNames(t *testing.T) {
	for text, want := range map[string]string{
		`has(record.rack) && record.cpus > 1`:      "cpus,rack true",
		`record["cpus"] > 1`:                       "cpus true",
		`record.tags.all(t, t != record.rack)`:     "rack,tags true",
		`"cpus" in record`:                         " false",
		`record.exists(k, k == "cpus")`:            " false",
		"true":                                     " true",
		`[record.cpus].exists(record, record > 1)`: "cpus false",
		`record[record.rack] == "x"`:               "rack false",
	} {
		names, known := compile(t, text).Fields()
		if got := fmt.Sprintf("%s %t", strings.Join(names, ","), known); got != want {
			t.Errorf("%s names %s, want %s", text, got, want)
		}
	}
	if diff := cmp.Diff([]string{"colour"}, compile(t, "record.colour == record.rack").Unknown(hosts)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeCompiled(t *testing.T) {
	for text, want := range map[string]string{"1 +": "Syntax error", "1 + 1": "true or false", "ship.name == ''": "undeclared reference", "": "Syntax error"} {
		if _, err := rule.NewPrograms().Compile(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// A rule that would take for ever is stopped.
func TestWorkIsBounded(t *testing.T) {
	rec := host("a")
	for i := range 200 {
		rec.Tags = append(rec.Tags, fmt.Sprint("tag-", i))
	}
	p := compile(t, "record.tags.all(a, record.tags.all(b, record.tags.all(c, a != b + c)))")
	if _, err := p.Holds(hosts, rec, snapshot(t, rec)); err == nil || !strings.Contains(err.Error(), "cost") {
		t.Errorf("the error is %v", err)
	}
}

// Looking at columns gives what looking at each record gives, whatever the rule and the records.
func TestColumnsAgreeWithRecords(t *testing.T) {
	rules := []string{"true", "false", "has(record.rack)", `record.rack == "r1"`, "record.cpus >= 2", `has(record.rack) && record.cpus > 1 || record.memory == 8.0`, `record.tags.exists(t, t == "x")`,
		`"rack" in record`, `!has(record.rack) && record.rack == ""`, `!has(record.rack) || record.cpus > 1 && record.memory > 0.0`, `record.cpus / record.memory == 1 || record.cpus == 2 || record.tags.all(t, t == "x")`, `record.cpus > 0 && record.cpus / (record.cpus - 1) == 2 && record.operating_system != ""`, "record.cpus / record.cpus == 1", `record.rack + record.operating_system == "r1Debian" || record.cpus == 1`, "has(record.ports) == false",
		`"r1" != record.rack`, `record.rack == ""`, `record.rack != "" && record.operating_system != "r1"`, `record.cpus == "1"`, `record.cpus != "0"`, `record.tags != "x"`, `record.key == "h03" || record.key == "h04"`}
	rapid.Check(t, func(rt *rapid.T) {
		var records []model.Record
		for i := range rapid.IntRange(1, 40).Draw(rt, "hosts") {
			h := &model.Host{CPUs: rapid.IntRange(0, 3).Draw(rt, "cpus"), Rack: rapid.SampledFrom([]string{"", "r1", "r2"}).Draw(rt, "rack"), Memory: float64(rapid.IntRange(0, 1).Draw(rt, "memory") * 8)}
			h.OperatingSystem = rapid.SampledFrom([]string{"", "Debian"}).Draw(rt, "system")
			h.Tags = rapid.SampledFrom([][]string{nil, {"x"}, {"x", "y"}}).Draw(rt, "tags")
			h.Key = fmt.Sprintf("h%02d", i)
			records = append(records, h)
		}
		v := snapshot(t, records...)
		cols := rule.NewColumns(hosts, records, v)
		p := compile(t, rapid.SampledFrom(rules).Draw(rt, "rule"))
		var among []int
		if rapid.Bool().Draw(rt, "some") {
			among = cols.Matching("rack", nil, func(rec model.Record) bool { return rec.(*model.Host).Rack == "r1" })
			if among == nil {
				among = []int{}
			}
		}
		var want []int
		for i, rec := range records {
			if among != nil && rec.(*model.Host).Rack != "r1" {
				continue
			}
			if ok, err := p.Holds(hosts, rec, v); !ok || err != nil {
				want = append(want, i)
			}
		}
		var got []int
		for _, b := range cols.Broken(p, among) {
			got = append(got, b.Place)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatalf("(-each +columns):\n%s", diff)
		}
	})
}

// FuzzRules: whatever somebody writes is compiled or refused, and evaluated or stopped.
func FuzzRules(f *testing.F) {
	for _, seed := range []string{"true", `record.rack == ""`, "has(record.tags)", "record.tags.map(t, t)", "[1].all(x, x > 0)", `record["a"]["b"]`, "{", "record.a.b.c == 1", "1/0 == 1"} {
		f.Add(seed)
	}
	rec := host("a")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := rule.NewPrograms().Compile(text)
		if err != nil {
			return
		}
		_, _ = p.Holds(hosts, rec, noNames)
	})
}

// BenchmarkOneRule evaluates one rule over 100,000 records, with the columns read anew each time.
func BenchmarkOneRule(b *testing.B) {
	var records []model.Record
	for i := range 100_000 {
		h := &model.Host{CPUs: i % 64, Rack: fmt.Sprint("r", i%500)}
		h.Key = fmt.Sprint("h", i)
		records = append(records, h)
	}
	p := compile(b, `record.rack != "" && record.cpus >= 0`)
	for b.Loop() {
		rule.NewColumns(hosts, records, noNames).Broken(p, nil)
	}
}
