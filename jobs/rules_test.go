package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/jobs"
	"binnacle/journal/sqlite"
	"binnacle/model"
	"binnacle/store"
)

// lines is a format for tests. Its first line names the source; the others are
// site KEY and host KEY SERIAL SITE RACK, where - is no value.
var lines = feed.Format{
	Name: "lines", Label: "lines", Rank: 50,
	Detect: func(data []byte) int {
		if bytes.HasPrefix(data, []byte("source ")) {
			return 100
		}
		return 0
	},
	Read: func(_ context.Context, in feed.Input, b *feed.Batch) error {
		for i, line := range strings.Split(strings.TrimSpace(string(in.Data)), "\n") {
			w, at := strings.Fields(strings.ReplaceAll(line, " -", " \x00")), b.At(i+1, 0, "")
			for i := range w {
				w[i] = strings.Trim(w[i], "\x00")
			}
			switch w[0] {
			case "source":
				b.Source.Key = w[1]
			case "site":
				b.Add(&model.Site{Meta: model.Meta{Key: w[1]}}, at)
			case "host":
				h := &model.Host{Meta: model.Meta{Key: w[1]}, Serial: w[2], Rack: w[4]}
				if w[3] != "" {
					h.Site = b.LinkTo(feed.Link{Kinds: []string{"Site"}, Text: w[3], Where: at})
				}
				b.Add(h, at, feed.External(w[1]))
			default:
				return fmt.Errorf("line %d: %q is neither a site nor a host", i+1, w[0])
			}
		}
		return nil
	},
}

func detectLines(data []byte) (feed.Format, error) {
	if lines.Detect(data) == 0 {
		return feed.Format{}, feed.ErrUnknownFormat
	}
	return lines, nil
}

func openStore(t testing.TB) *store.Store {
	t.Helper()
	j, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "binnacle.db"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), j, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// contents are the files of an import; a name and a text follow each other.
func contents(files ...string) iter.Seq2[feed.Input, error] {
	return func(yield func(feed.Input, error) bool) {
		for i := 0; i < len(files); i += 2 {
			if !yield(feed.Input{Name: files[i], Data: []byte(files[i+1])}, nil) {
				return
			}
		}
	}
}

func importLines(t testing.TB, s *store.Store, opt jobs.ImportOptions, files ...string) *jobs.ImportReport {
	t.Helper()
	report, err := jobs.Import(t.Context(), s, contents(files...), detectLines, opt)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// hostsOf writes the hosts of an estate as key, serial, site and rack.
func hostsOf(s *estate.Snapshot) map[string]string {
	out := map[string]string{}
	for rec := range s.View(0).All("Host") {
		h := rec.(*model.Host)
		_, site, _ := s.View(0).NameOf(h.Site)
		out[h.Key] = h.Serial + " " + site + " " + h.Rack
	}
	return out
}

func TestTheOrderOfFilesDoesNotMatter(t *testing.T) {
	outer := t
	rapid.Check(t, func(t *rapid.T) {
		files := []string{"source one\nhost a S1 hq R1\nhost b S2 lab -", "source two\nsite hq\nhost c S3 lab R3", "source three\nsite lab\nhost a2 S1 - R9", "source four\nhost d S4 nowhere -"}
		var want map[string]string
		for range 2 {
			order := rapid.Permutation(files).Draw(t, "order")
			var named []string
			for _, text := range order {
				source, _, _ := strings.Cut(text, "\n")
				named = append(named, source+".txt", text)
			}
			s := openStore(outer)
			report, err := jobs.Import(context.Background(), s, contents(named...), detectLines, jobs.ImportOptions{Who: "anna"})
			if err != nil {
				t.Fatal(err)
			}
			got := hostsOf(s.Snapshot())
			if s.Close(); len(got) != 3 || report.Total.Refused != 1 || report.Total.Created != 5 {
				t.Fatalf("%v: %v, counts %+v", order, got, report.Total)
			}
			if want == nil {
				want = got
			} else if !maps.Equal(got, want) {
				t.Fatalf("%v: %v, want %v", order, got, want)
			}
		}
	})
}

func TestADryRunSaysWhatTheRunThenDoes(t *testing.T) {
	s := openStore(t)
	importLines(t, s, jobs.ImportOptions{}, "old", "source scan\nsite hq\nhost a S1 hq R1\nhost b S2 hq R1")
	files := []string{"x", "source other\nhost z S9 lab R1\nhost a S1 - R2", "new", "source scan\nsite lab\nhost a S1 lab R2\nhost c S3 nowhere -\nhost d S4 hq -", "bad", "nonsense"}
	before := s.Snapshot()
	dry := importLines(t, s, jobs.ImportOptions{DryRun: true, Complete: true}, files...)
	if s.Snapshot() != before {
		t.Fatal("a dry run changed the estate")
	}
	real := importLines(t, s, jobs.ImportOptions{Complete: true}, files...)
	if dry.Total != real.Total || real.Total.Stale == 0 || real.Total.Refused != 2 {
		t.Errorf("the dry run says %+v, the run %+v", dry.Total, real.Total)
	}
	for i, f := range real.Files {
		d := dry.Files[i]
		outcomes := func(ls []feed.Line) (out []string) {
			for _, l := range ls {
				out = append(out, fmt.Sprint(l.Outcome, l.Kind, l.Key))
			}
			return out
		}
		if f.Counts != d.Counts || f.Error != d.Error || !slices.Equal(outcomes(f.Lines), outcomes(d.Lines)) || fmt.Sprint(f.Refused, f.Kept, f.Notes) != fmt.Sprint(d.Refused, d.Kept, d.Notes) {
			t.Errorf("%s: the dry run says %+v %v, the run %+v %v", f.File, d.Counts, outcomes(d.Lines), f.Counts, outcomes(f.Lines))
		}
		if d.Entry != 0 {
			t.Errorf("%s: the dry run made entry %d", f.File, d.Entry)
		}
	}
}

func TestWhatARuleRefusesLeavesTheRest(t *testing.T) {
	s := openStore(t)
	rule := &model.Rule{Meta: model.Meta{Key: "racks", ID: s.NewID()}, Kind: "Host", Expression: `record.rack != "R13"`, Message: "there is no rack 13"}
	c, _ := model.Difference(s.Snapshot().Schema().Kind("Rule"), nil, rule)
	if _, err := s.Commit(t.Context(), store.Tx{Changes: []model.Change{c}}); err != nil {
		t.Fatal(err)
	}
	report := importLines(t, s, jobs.ImportOptions{}, "f", "source scan\nsite hq\nhost a S1 hq R1\nhost b S2 hq R13\nhost c S3 hq -")
	if report.Total.Created != 3 || report.Total.Refused != 1 || len(report.Files[0].Refused) != 1 {
		t.Fatalf("the counts are %+v", report.Total)
	}
	if r := report.Files[0].Refused[0]; r.Reason != "there is no rack 13" || r.Where.Line != 4 || r.Record != "Host/b" {
		t.Errorf("the refusal is %+v", r)
	}
	if got := slices.Sorted(maps.Keys(hostsOf(s.Snapshot()))); !slices.Equal(got, []string{"a", "c"}) {
		t.Errorf("the hosts are %v", got)
	}
}

func TestASecondImportMakesNoChanges(t *testing.T) {
	s := openStore(t)
	files := []string{"f", "source scan\nsite hq\nhost a S1 hq R1\nhost b S2 hq -"}
	importLines(t, s, jobs.ImportOptions{}, files...)
	before := s.Snapshot()
	report := importLines(t, s, jobs.ImportOptions{}, files...)
	if want := (feed.Counts{Unchanged: 3}); report.Total != want {
		t.Errorf("the counts are %+v, want %+v", report.Total, want)
	}
	for _, c := range estate.Differences(before, s.Snapshot()) {
		if c.Kind != "Source" {
			t.Errorf("the second import changed %+v", c)
		}
	}
}

func TestWhatCannotBeReadIsToldAndLeavesTheRest(t *testing.T) {
	s := openStore(t)
	broken := func(yield func(feed.Input, error) bool) {
		_ = yield(feed.Input{Name: "gone"}, errors.New("the file is gone")) &&
			yield(feed.Input{Name: "poem", Data: []byte("roses are red")}, nil) &&
			yield(feed.Input{Name: "half", Data: []byte("source scan\nship x")}, nil) &&
			yield(feed.Input{Name: "good", Data: []byte("source scan\nsite hq")}, nil)
	}
	report, err := jobs.Import(t.Context(), s, broken, detectLines, jobs.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"the file is gone", "not a format", "neither a site nor a host", ""} {
		if f := report.Files[i]; want == "" && f.Error != "" || !strings.Contains(f.Error, want) {
			t.Errorf("%s: the error is %q, want %q", f.File, f.Error, want)
		}
	}
	if want := (feed.Counts{Created: 1, Refused: 3}); report.Total != want {
		t.Errorf("the counts are %+v, want %+v", report.Total, want)
	}
}

func TestSomebodyElseIsFaster(t *testing.T) {
	s := openStore(t)
	importLines(t, s, jobs.ImportOptions{}, "f", "source scan\nsite hq\nhost a S1 hq R1")
	inputs := func(yield func(feed.Input, error) bool) {
		if !yield(feed.Input{Name: "f", Data: []byte("source scan\nhost a S1 hq R2")}, nil) {
			return
		}
		host := model.Clone(s.Snapshot().Find("Host", "a").(*model.Host))
		host.Status = "mine"
		host.SetOrigin("status", model.PersonSource)
		c, _ := model.Difference(s.Snapshot().Schema().Kind("Host"), s.Snapshot().Get(host.Ref()), host)
		if _, err := s.Commit(t.Context(), store.Tx{Who: "berta", Changes: []model.Change{c}}); err != nil {
			t.Error(err)
		}
	}
	report, err := jobs.Import(t.Context(), s, inputs, detectLines, jobs.ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	host := s.Snapshot().Find("Host", "a").(*model.Host)
	if host.Rack != "R2" || host.Status != "mine" || report.Total.Edited != 1 {
		t.Errorf("the host is in %s with the status %s, counts %+v", host.Rack, host.Status, report.Total)
	}
}
