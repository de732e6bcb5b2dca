package jobs_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/jobs"
	"binnacle/journal/sqlite"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/store"
)

// slips is a format of these tests: one line for each charge, "account month service amount", such as "42 2027-06 Ovens 9.10".
// "? text" is a line to refuse, "! text" one to warn of, "stop" the end of all reading and "fault" a fault of the reader.
var slips = feed.Bulk{Name: "slips", Label: "Slips", Series: facts.Costs, Read: readSlips}

func readSlips(_ context.Context, in feed.BulkInput, sink feed.Sink) error {
	if err := sink.Columns([]string{"ProviderName", "BillingAccountId", "ServiceName", "BillingCurrency"}); err != nil {
		return err
	}
	scan := bufio.NewScanner(in.Reader())
	for n := 1; scan.Scan(); n++ {
		words := strings.Fields(scan.Text())
		at := feed.Where{Line: n, Column: 1}
		switch words[0] {
		case "?":
			sink.Refuse(feed.Refusal{Where: at, Reason: "it cannot be read"})
			continue
		case "!":
			sink.Warn(feed.Refusal{Where: at, Reason: "it looks wrong"})
			continue
		case "stop":
			return errors.New("the slip is torn")
		case "fault":
			panic("torn")
		}
		from := model.MustDate(words[1] + "-01")
		w, err := sink.Part(feed.Scope{Provider: "Baker Cloud", Account: words[0], From: from, Until: from.AddMonths(1).AddDays(-1)})
		if err != nil {
			return err
		}
		row := []string{"Baker Cloud", words[0], words[2], "EUR"}
		amount, err := facts.ParseDecimal(words[3])
		if err != nil {
			return err
		}
		line := facts.Line{Start: facts.SecondsOf(from), End: facts.SecondsOf(from) + 3600, Row: int64(n)}
		line.Values[facts.Billed], line.Values[facts.Effective] = amount, amount
		if line.Item, err = w.Item(facts.HashOf(row), func() []string { return row }); err != nil {
			return err
		}
		if err := w.Add(&line); err != nil {
			return err
		}
	}
	return scan.Err()
}

func slip(name, text string) feed.Input {
	return feed.Input{Name: name, Data: []byte(text), Bulk: &slips}
}

// till is an estate with bulk lines beside it.
type till struct {
	*store.Store
	lines *facts.Memory
	t     testing.TB
	now   time.Time
}

func newTill(t testing.TB) *till {
	t.Helper()
	b := &till{lines: facts.NewMemory(true), t: t, now: time.Date(2027, 7, 1, 9, 0, 0, 0, time.UTC)}
	j, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "estate.db"))
	if err != nil {
		t.Fatal(err)
	}
	if b.Store, err = store.Open(t.Context(), j, store.Options{Now: func() time.Time { return b.now }}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Store.Close() })
	return b
}

func (b *till) try(opt jobs.ImportOptions, inputs ...feed.Input) (*jobs.ImportReport, error) {
	opt.Facts, opt.Who = b.lines, "ada"
	b.now = b.now.Add(time.Second)
	return jobs.Import(b.t.Context(), b.Store, func(yield func(feed.Input, error) bool) {
		for _, in := range inputs {
			if !yield(in, nil) {
				return
			}
		}
	}, all.Detect, opt)
}

func (b *till) take(opt jobs.ImportOptions, inputs ...feed.Input) *jobs.ImportReport {
	b.t.Helper()
	report, err := b.try(opt, inputs...)
	if err != nil {
		b.t.Fatal(err)
	}
	return report
}

// total adds up what counts in a snapshot.
func (b *till) total(snap *estate.Snapshot) string {
	b.t.Helper()
	v := snap.View(b.Today()).With(facts.NewReader(b.lines, 1<<20))
	var sum facts.Sum
	for _, load := range practice.LoadsOf(v, facts.Costs) {
		r, err := practice.FactsOf(v).Rollup(load.ID)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, m := range r.Months {
			sum.AddSum(m.Sums[facts.Billed])
		}
	}
	return sum.String()
}

// kept counts the loads whose lines are there.
func (b *till) kept() int {
	b.t.Helper()
	headers, err := b.lines.Loads(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return len(headers)
}

// want compares the total that counts now, and how many loads are kept.
func (b *till) want(total string, loads int) {
	b.t.Helper()
	if got := b.total(b.Snapshot()); got != total || b.kept() != loads {
		b.t.Errorf("the total is %s with %d loads kept, want %s with %d", got, b.kept(), total, loads)
	}
}

func TestARestatedMonthCountsOnceAndUndoBringsTheOldOneBack(t *testing.T) {
	b := newTill(t)
	first := b.take(jobs.ImportOptions{}, slip("june.txt", "42 2027-06 Ovens 9.10\n42 2027-06 Mills 0.000000000000000001\n"))
	b.want("9.100000000000000001", 1)
	second := b.take(jobs.ImportOptions{}, slip("june-2.txt", "42 2027-06 Ovens 11\n"))
	b.want("11", 2)
	got := second.Files[0].Loads[0]
	want := &jobs.LoadReport{Key: "baker-cloud-42-2027-06-2", Outcome: feed.Created, Series: "cost", Provider: "Baker Cloud", Account: "42", From: model.MustDate("2027-06-01"), Until: model.MustDate("2027-06-30"), Lines: 1,
		Totals: totals("11", "11", "0", "0"), Replaces: []string{"baker-cloud-42-2027-06"}, Difference: totals("1.899999999999999999", "1.899999999999999999", "0", "0")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the report differs (-want +got):\n%s", diff)
	}
	entry := second.Files[0].Entry
	if first.Files[0].Entry == 0 || entry <= first.Files[0].Entry {
		t.Fatalf("entries %d and %d", first.Files[0].Entry, entry)
	}
	if _, err := b.Undo(t.Context(), entry, "ada", "Wrong bill"); err != nil {
		t.Fatal(err)
	}
	b.want("9.100000000000000001", 2)
	for seq, want := range map[uint64]string{first.Files[0].Entry: "9.100000000000000001", entry: "11", entry + 1: "9.100000000000000001"} {
		snap, err := b.AsOf(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.total(snap); got != want {
			t.Errorf("as of entry %d the total is %s, want %s", seq, got, want)
		}
	}
	load := b.Snapshot().Find("Load", "baker-cloud-42-2027-06")
	history, err := b.History(t.Context(), load.Base().Ref())
	if err != nil || len(history) != 3 {
		t.Errorf("the history of the load has %d entries, %v; want created, replaced and brought back", len(history), err)
	}
}

func totals(amounts ...string) []jobs.LoadSum {
	var out []jobs.LoadSum
	for i, a := range amounts {
		out = append(out, jobs.LoadSum{Measure: facts.Costs.Measures[i], Currency: "EUR", Amount: a})
	}
	return out
}

func TestTheSameContentAgainChangesNothing(t *testing.T) {
	b := newTill(t)
	june := slip("june.txt", "42 2027-06 Ovens 9\n43 2027-06 Ovens 1\n")
	b.take(jobs.ImportOptions{}, june)
	head := b.Snapshot().Stamp().Seq
	june.Name = "copy.txt"
	report := b.take(jobs.ImportOptions{}, june)
	b.want("10", 2)
	if b.Snapshot().Stamp().Seq != head || report.Total != (feed.Counts{Unchanged: 2}) || len(report.Files[0].Notes) != 1 || report.Files[0].Loads[1].Outcome != feed.Unchanged {
		t.Errorf("entry %d after %d, %+v, %q", b.Snapshot().Stamp().Seq, head, report.Total, report.Files[0].Notes)
	}
	twice := slip("july.txt", "42 2027-07 Ovens 5\n")
	also := twice
	also.Name = "july-copy.txt"
	b.take(jobs.ImportOptions{}, twice, also)
	b.want("15", 3)
}

func TestContentsOfOneImportBelongTogether(t *testing.T) {
	b := newTill(t)
	one, two, three := slip("1.txt", "42 2027-06 Ovens 1\n"), slip("2.txt", "42 2027-06 Ovens 2\n"), slip("3.txt", "42 2027-06 Ovens 4\n")
	report := b.take(jobs.ImportOptions{}, one, two)
	b.want("3", 2)
	if a, z := report.Files[0].Entry, report.Files[1].Entry; a == 0 || a != z {
		t.Errorf("the files are in entries %d and %d, want one", a, z)
	}
	b.take(jobs.ImportOptions{}, one, two, three)
	b.want("7", 3)
	b.take(jobs.ImportOptions{}, slip("4.txt", "42 2027-06 Ovens 8\n"))
	b.want("8", 4)
	b.take(jobs.ImportOptions{Append: true}, slip("5.txt", "42 2027-06 Ovens 16\n"))
	b.want("24", 5)
	b.take(jobs.ImportOptions{Source: "other"}, slip("6.txt", "42 2027-06 Ovens 32\n"))
	b.want("56", 6)
}

func TestAFolderOfOldAndNewBillsStaysAsItIs(t *testing.T) {
	b := newTill(t)
	old, restated := slip("june.txt", "42 2027-06 Ovens 1\n"), slip("june-2.txt", "42 2027-06 Ovens 2\n")
	b.take(jobs.ImportOptions{}, old)
	b.take(jobs.ImportOptions{}, restated)
	report := b.take(jobs.ImportOptions{}, old, restated, slip("july.txt", "42 2027-07 Ovens 4\n"))
	b.want("6", 3)
	if report.Files[0].Loads[0].Outcome != feed.Unchanged || len(report.Files[0].Notes) != 1 {
		t.Errorf("of the old bill is said %+v, %q", report.Files[0].Loads[0], report.Files[0].Notes)
	}
	b.take(jobs.ImportOptions{}, old)
	b.want("5", 4)
}

func TestADryRunTellsAllAndKeepsNothing(t *testing.T) {
	b := newTill(t)
	b.take(jobs.ImportOptions{}, slip("june.txt", "42 2027-06 Ovens 9\n"))
	head := b.Snapshot().Stamp().Seq
	report := b.take(jobs.ImportOptions{DryRun: true}, slip("june-2.txt", "? x\n42 2027-06 Ovens 7\n! y\n"))
	b.want("9", 1)
	load := report.Files[0].Loads[0]
	if b.Snapshot().Stamp().Seq != head || load.Difference[0].Amount != "-2" || load.Refused != 1 || load.Warnings != 1 || load.Key != "baker-cloud-42-2027-06-2" {
		t.Errorf("entry %d after %d, %+v", b.Snapshot().Stamp().Seq, head, load)
	}
	old, would := report.After.Find("Load", "baker-cloud-42-2027-06").(*model.Load), report.After.Find("Load", load.Key).(*model.Load)
	if old.State != model.LoadReplaced || would.State != model.LoadCounts || would.Replaces[0] != old.Ref() {
		t.Errorf("as it would be, the old load is %s and the new one %s", old.State, would.State)
	}
}

func TestLinesThatAreWrongAreCountedAndTheFirstAreTold(t *testing.T) {
	b := newTill(t)
	report := b.take(jobs.ImportOptions{}, slip("june.txt", "42 2027-06 Ovens 9\n"+strings.Repeat("? x\n", 1500)+strings.Repeat("! y\n", 1200)+"43 2027-06 Ovens 1\n? z\n"))
	f := report.Files[0]
	if f.Counts.Refused != 1501 || len(f.Refused) != 1000 || f.Warned != 1200 || len(f.Warnings) != 1000 || f.Refused[0].Where != (feed.Where{File: "june.txt", Line: 2, Column: 1}) {
		t.Errorf("%d of %d refusals, %d of %d warnings, the first %v", len(f.Refused), f.Counts.Refused, len(f.Warnings), f.Warned, f.Refused[0])
	}
	for key, want := range map[string][2]int{"baker-cloud-42-2027-06": {1500, 1200}, "baker-cloud-43-2027-06": {1, 0}} {
		if load := b.Snapshot().Find("Load", key).(*model.Load); [2]int{load.RefusedLines, load.Warnings} != want {
			t.Errorf("%s has %d lines refused and %d warnings, want %v", key, load.RefusedLines, load.Warnings, want)
		}
	}
}

func TestAContentThatCannotBeReadLeavesNothing(t *testing.T) {
	for text, want := range map[string]string{"stop": "the slip is torn", "fault": "a fault in Binnacle", "42 2027-06 Ovens much": "much"} {
		b := newTill(t)
		report := b.take(jobs.ImportOptions{}, slip("june.txt", "42 2027-06 Ovens 9\n"+text+"\n"), slip("july.txt", "42 2027-07 Ovens 1\n"))
		b.want("1", 1)
		if f := report.Files[0]; !strings.Contains(f.Error, want) || f.Counts.Refused != 1 || len(f.Loads) != 0 {
			t.Errorf("%s: %q, %+v", text, f.Error, f.Counts)
		}
	}
}

func TestWhatMayNotBeWrittenIsRefusedAndItsLinesGo(t *testing.T) {
	deny := errors.New("you may not write loads")
	b := newTill(t)
	never := jobs.ImportOptions{Allow: func(*estate.Snapshot, *model.Change) error { return deny }}
	report := b.take(never, slip("june.txt", "42 2027-06 Ovens 9\n"))
	b.want("0", 0)
	if !strings.Contains(report.Files[0].Error, deny.Error()) {
		t.Error(report.Files[0].Error)
	}
	b.take(jobs.ImportOptions{}, slip("june.txt", "42 2027-06 Ovens 9\n"))
	onlyNew := jobs.ImportOptions{Allow: func(_ *estate.Snapshot, c *model.Change) error {
		if c.Version > 0 {
			return deny
		}
		return nil
	}}
	report = b.take(onlyNew, slip("more.txt", "42 2027-06 Ovens 1\n42 2027-07 Ovens 2\n"))
	b.want("11", 2)
	f := report.Files[0]
	if len(f.Refused) != 1 || f.Refused[0].Reason != deny.Error() || f.Created != 1 || f.Counts.Refused != 1 || f.Loads[0].Outcome != feed.Refused {
		t.Errorf("%+v %v", f.Counts, f.Refused)
	}
	unseen := jobs.ImportOptions{Sight: func(*estate.Snapshot) estate.Sight {
		return estate.SightFunc(func(r model.Record) bool { return model.NameOf(r) != "Load" })
	}}
	report = b.take(unseen, slip("unseen.txt", "42 2027-06 Ovens 5\n"))
	b.want("11", 2)
	if len(report.Files[0].Refused) != 1 {
		t.Errorf("%+v", report.Files[0])
	}
}

func TestAnEstateWithoutAPlaceForLinesRefusesThem(t *testing.T) {
	b := newTill(t)
	b.lines = nil
	report, err := jobs.Import(t.Context(), b.Store, func(yield func(feed.Input, error) bool) { yield(slip("june.txt", "42 2027-06 Ovens 9\n"), nil) }, all.Detect, jobs.ImportOptions{})
	if err != nil || !strings.Contains(report.Files[0].Error, "cannot be kept here") {
		t.Errorf("%v %+v", err, report.Files[0])
	}
}

func TestLinesThatNoRecordEverKnewAreSweptAfterADay(t *testing.T) {
	b := newTill(t)
	undone := b.take(jobs.ImportOptions{}, slip("june.txt", "42 2027-06 Ovens 9\n"))
	if _, err := b.Undo(t.Context(), undone.Files[0].Entry, "ada", ""); err != nil {
		t.Fatal(err)
	}
	w, err := b.lines.Write(t.Context(), facts.Header{Load: store.NewID(), Series: "cost", Columns: []string{"A"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		after   time.Duration
		dropped int
	}{{time.Hour, 0}, {25 * time.Hour, 1}, {26 * time.Hour, 0}} {
		b.now = time.Now().Add(step.after)
		n, err := jobs.SweepFacts(t.Context(), b.Store, b.lines)
		if err != nil || n != step.dropped {
			t.Errorf("after %s: %d dropped, %v; want %d", step.after, n, err, step.dropped)
		}
	}
	if b.kept() != 1 {
		t.Errorf("%d loads are kept; the one that was taken back belongs to the past and stays", b.kept())
	}
}

// Whatever is restated and taken back in whatever order: what counts is the newest bill of each month that was not taken back.
func TestRestatingAndUndoingLeavesNoTrace(t *testing.T) {
	b, account := newTill(t), 0
	total := func() string {
		var sum facts.Sum
		for load := range estate.Each[*model.Load](b.View()) {
			if amount, err := facts.ParseDecimal(load.Totals[0].Amount); load.State == model.LoadCounts && load.Subject == fmt.Sprint(account) && err == nil {
				sum.Add(amount)
			}
		}
		return sum.String()
	}
	rapid.Check(t, func(r *rapid.T) {
		account++
		type step struct {
			entry uint64
			total string
		}
		past := []step{{0, "0"}}
		for i := range rapid.IntRange(1, 6).Draw(r, "steps") {
			if len(past) > 1 && rapid.Bool().Draw(r, "undo") {
				last := past[len(past)-1]
				past = past[:len(past)-1]
				if _, err := b.Undo(t.Context(), last.entry, "ada", ""); err != nil {
					r.Fatal(err)
				}
			} else {
				month := rapid.IntRange(5, 6).Draw(r, "month")
				report := b.take(jobs.ImportOptions{}, slip("x.txt", fmt.Sprintf("%d 2027-%02d Ovens %d.%02d\n", account, month, rapid.IntRange(-99, 999).Draw(r, "amount"), i+1)))
				past = append(past, step{report.Files[0].Entry, total()})
			}
			if got, want := total(), past[len(past)-1].total; got != want {
				r.Fatalf("the total is %s, want %s", got, want)
			}
		}
	})
}
