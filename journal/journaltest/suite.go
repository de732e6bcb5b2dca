// Package journaltest is the suite that every back end of the journal passes.
package journaltest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"binnacle/journal"
	"binnacle/model"
)

// Place is somewhere that one journal can be kept.
type Place struct {
	// Open opens a handle on the journal. Every call opens another.
	Open func() (journal.Journal, error)
	// Exec runs a statement behind the back of the journal. Tables are written as {journal_entry}, parameters as ?.
	Exec func(t testing.TB, statement string, args ...any)
	// Query reads rows behind the back of the journal, written as for Exec. Views are written as {view:application}.
	Query func(t testing.TB, query string, args ...any) [][]any
}

// Run runs the whole suite. Fresh makes an empty place.
func Run(t *testing.T, fresh func(t testing.TB) Place) {
	tests := []struct {
		name string
		test func(*testing.T, func(testing.TB) Place)
	}{
		{"EmptyJournal", testEmpty},
		{"EntriesComeBackInOrder", testOrder},
		{"RowsAreTheStateNow", testRows},
		{"BehindIsRefused", testBehind},
		{"WrongCommitsLeaveNothing", testRefused},
		{"KeysAreUnique", testKeys},
		{"ReopenKeepsEverything", testReopen},
		{"HistoryOfARecord", testHistory},
		{"EntryAtAMoment", testAt},
		{"LargeEntry", testLarge},
		{"WatchSeesOtherHandles", testWatch},
		{"WritersTakeTurns", testWriters},
		{"AnyHistoryIsKept", testAnyHistory},
		{"ErasureKeepsTheProof", testErasure},
		{"ErasureIsForGood", testErasedBytes},
		{"ErasureNeedsTheValueGone", testErasureRefused},
		{"CheckpointsAreKept", testCheckpoints},
		{"NotesKeptElsewhere", testKept},
		{"TamperingIsFound", testTampering},
		{"EveryByteMatters", testFlips},
		{"DumpAndLoad", testDump},
		{"DamagedDumpIsRefused", testDamagedDump},
		{"Views", testViews},
		{"ViewsOfOwnKinds", testOwnViews},
		{"SampleOfEveryFormat", testSamples},
		{"NewerSchemaIsRefused", testNewer},
		{"ContextEnds", testContext},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.test(t, fresh) })
	}
}

// open opens a handle that is closed when the test ends.
func open(t testing.TB, p Place) journal.Journal {
	t.Helper()
	j, err := p.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	return j
}

// add appends commits and ends the test where that fails.
func add(t testing.TB, j journal.Journal, commits ...journal.Commit) {
	t.Helper()
	if err := j.Append(t.Context(), commits[0].Entry.Seq-1, commits); err != nil {
		t.Fatal(err)
	}
}

// sameEntry compares entries as they are stored.
var sameEntry = cmp.Options{cmpopts.IgnoreUnexported(model.Change{}), cmpopts.EquateEmpty()}

// all reads entries.
func all(t testing.TB, j journal.Journal, after, upto uint64) []journal.Entry {
	t.Helper()
	var out []journal.Entry
	for e, err := range j.Entries(t.Context(), after, upto) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// asJSON writes entries in the form in which they are compared where there are many.
func asJSON(t testing.TB, entries []journal.Entry) []byte {
	t.Helper()
	out, err := json.Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func history(t testing.TB, j journal.Journal, id model.ID) []journal.Entry {
	t.Helper()
	var out []journal.Entry
	for e, err := range j.History(t.Context(), id) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

// readRows reads all rows.
func readRows(t testing.TB, j journal.Journal) (uint64, []journal.Row) {
	t.Helper()
	head, rows, err := j.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []journal.Row
	for r, err := range rows {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return head, out
}

// sameRows checks that a journal has the rows that a pen has written. Bodies are
// compared as records, because a database may write JSON in its own way.
func sameRows(t testing.TB, j journal.Journal, p *Pen) {
	t.Helper()
	head, rows := readRows(t, j)
	if head != p.Head() {
		t.Errorf("the rows are of entry %d, want %d", head, p.Head())
	}
	want := p.Rows()
	for _, r := range rows {
		w, ok := want[r.ID]
		delete(want, r.ID)
		if !ok {
			t.Errorf("there is a row of %s %s, which is not there", r.Kind, r.Key)
			continue
		}
		rec, err := p.schema.Kind(r.Kind).Decode(r.Body)
		if err != nil {
			t.Errorf("the body of %s: %v", r.Key, err)
			continue
		}
		r.Body = p.schema.Kind(r.Kind).Encode(rec)
		if diff := cmp.Diff(w, r); diff != "" {
			t.Errorf("row (-want +got):\n%s", diff)
		}
	}
	for _, w := range want {
		t.Errorf("the row of %s %s is missing", w.Kind, w.Key)
	}
}

// proved checks that a journal verifies, and returns the report.
func proved(t testing.TB, j journal.Journal, kept ...string) journal.Report {
	t.Helper()
	report, err := j.Proof().Verify(t.Context(), kept, nil)
	if err != nil {
		t.Fatal("verify:", err)
	}
	for _, f := range report.Problems {
		t.Errorf("verify: entry %d, record %s: %s", f.Seq, f.ID, f.Text)
	}
	return report
}

// refuted reports whether verify finds something.
func refuted(t testing.TB, j journal.Journal, kept ...string) (journal.Report, bool) {
	t.Helper()
	report, err := j.Proof().Verify(t.Context(), kept, nil)
	return report, err != nil || len(report.Problems) > 0
}

// story writes a small journal in which everything happens at least once.
func story(p *Pen) []journal.Commit {
	var out []journal.Commit
	say := func(why string) { out = append(out, p.Commit(why)) }
	vendor := &model.Vendor{}
	vendor.Key, vendor.Name = "nordwind", "Nordwind Software"
	v := p.Create(vendor)
	say("a vendor")
	shop := Application("web-shop", 1)
	shop.Vendor = model.Ref(v)
	s := p.Create(shop)
	b := p.Create(Application("billing", 2))
	h := p.Create(Person("jd", "Johanna Dorn", "johanna.dorn@example.com"))
	say("applications and a person")
	p.Edit(s, func(r model.Record) { r.(*model.Application).Users = 900000 })
	p.Edit(h, func(r model.Record) { r.(*model.Person).Email = "j.dorn@example.com" })
	say("edits")
	p.Edit(s, func(r model.Record) { r.Base().Key = "billing-x" })
	p.Edit(b, func(r model.Record) { r.Base().Key = "web-shop" })
	p.Edit(s, func(r model.Record) { r.Base().Key = "billing" })
	say("two applications swap their keys")
	gone := p.Record(b)
	p.Remove(b)
	say("a removal")
	back := model.Clone(gone)
	p.Create(back)
	p.Edit(v, func(r model.Record) {
		r.Base().Description = "Ünïcödé, \"quotes\",\nlines and <b>tags</b> \u2028 👩‍🚀"
	})
	say("the removal is undone")
	out[len(out)-1].Entry.Undoes = 5
	p.Entries[len(p.Entries)-1].Undoes = 5
	return out
}

func testEmpty(t *testing.T, fresh func(testing.TB) Place) {
	j := open(t, fresh(t))
	if head, err := j.Head(t.Context()); head != 0 || err != nil {
		t.Errorf("head = %d, %v; want 0", head, err)
	}
	if got := all(t, j, 0, 0); len(got) != 0 {
		t.Errorf("entries: %v", got)
	}
	if _, rows := readRows(t, j); len(rows) != 0 {
		t.Errorf("rows: %v", rows)
	}
	if err := j.Append(t.Context(), 0, nil); err != nil {
		t.Error("appending nothing:", err)
	}
	const emptyTree = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if report := proved(t, j); report.Root != emptyTree {
		t.Errorf("the root of the empty tree is %s, want %s", report.Root, emptyTree)
	}
	if _, err := j.Proof().Checkpoint(t.Context()); err != nil {
		t.Error(err)
	}
	proved(t, j)
}

func testOrder(t *testing.T, fresh func(testing.TB) Place) {
	j, p := open(t, fresh(t)), NewPen(t)
	commits := story(p)
	add(t, j, commits[:2]...)
	for _, c := range commits[2:] {
		add(t, j, c)
	}
	if diff := cmp.Diff(p.Entries, all(t, j, 0, 0), sameEntry); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	for after := uint64(0); after <= p.Head(); after++ {
		for upto := after; upto <= p.Head(); upto++ {
			if upto == 0 {
				continue
			}
			if diff := cmp.Diff(p.Entries[after:upto], all(t, j, after, upto), sameEntry); diff != "" {
				t.Errorf("entries after %d up to %d (-want +got):\n%s", after, upto, diff)
			}
		}
	}
	for range j.Entries(t.Context(), 0, 0) {
		break
	}
	proved(t, j)
}

func testRows(t *testing.T, fresh func(testing.TB) Place) {
	j, p := open(t, fresh(t)), NewPen(t)
	for _, c := range story(p) {
		add(t, j, c)
	}
	sameRows(t, j, p)
	kd := &model.KindDefinition{Label: "Vessel"}
	kd.Key = "Vessel"
	fd := &model.FieldDefinition{Kind: "Vessel", Field: "flag", Type: "text"}
	fd.Key = "Vessel.flag"
	p.Create(fd)
	p.Create(kd)
	add(t, j, p.Commit("a kind of our own"))
	sameRows(t, j, p)
	_, rows := readRows(t, j)
	if rows[0].Kind != "KindDefinition" || rows[1].Kind != "FieldDefinition" {
		t.Errorf("the rows begin with %s and %s, want definitions of kinds and then of fields", rows[0].Kind, rows[1].Kind)
	}
	_, once, err := j.Rows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range once {
		break
	}
	add(t, j, p.Bulk("more", 10))
	sameRows(t, j, p)
}

func testBehind(t *testing.T, fresh func(testing.TB) Place) {
	place := fresh(t)
	one, two, p := open(t, place), open(t, place), NewPen(t)
	commits := story(p)
	add(t, one, commits[0])
	err := two.Append(t.Context(), 0, commits[:1])
	var behind journal.Behind
	if !errors.As(err, &behind) || behind.Head != 1 {
		t.Errorf("the second writer got %v, want Behind with head 1", err)
	}
	add(t, two, commits[1])
	if err := one.Append(t.Context(), 1, commits[1:2]); !errors.As(err, &behind) || behind.Head != 2 {
		t.Errorf("the first writer got %v, want Behind with head 2", err)
	}
	if err := one.Append(t.Context(), 3, commits[3:4]); err == nil || errors.As(err, &behind) {
		t.Errorf("a writer that knows more than the journal got %v, want an error that is not Behind", err)
	}
	proved(t, one)
}

func testRefused(t *testing.T, fresh func(testing.TB) Place) {
	j, p := open(t, fresh(t)), NewPen(t)
	for _, c := range story(p) {
		add(t, j, c)
	}
	good := func() journal.Commit {
		q := NewPen(t)
		q.head, q.at, q.made = p.head, p.at, 500
		q.Create(Application("new-one", 1))
		q.Create(Application("new-two", 2))
		return q.Commit("new")
	}
	tests := []struct {
		name, want string
		spoil      func(*journal.Commit)
	}{
		{"a number too high", "entry 9 stands where entry 7", func(c *journal.Commit) { c.Entry.Seq += 2 }},
		{"time runs back", "before the last entry", func(c *journal.Commit) { c.Entry.At = 1 }},
		{"an unknown operation", "not something that a change can do", func(c *journal.Commit) { c.Entry.Changes[0].Op = "mend" }},
		{"no id", "no id", func(c *journal.Commit) { c.Entry.Changes[0].ID = model.ID{} }},
		{"fields out of order", "order of names", func(c *journal.Commit) { slices.Reverse(c.Entry.Changes[0].Fields) }},
		{"a row is missing", "rows of 1", func(c *journal.Commit) { c.Rows = c.Rows[:1] }},
		{"a row too many", "does not change", func(c *journal.Commit) { c.Rows[1].ID[15]++ }},
		{"a row without body", "removed", func(c *journal.Commit) { c.Rows[1].Body = nil }},
		{"a row twice", "two rows", func(c *journal.Commit) { c.Rows[1] = c.Rows[0] }},
		{"created twice", "there already", func(c *journal.Commit) { c.Entry.Changes[1] = c.Entry.Changes[0] }},
		{"a key that is taken", "taken", func(c *journal.Commit) { c.Rows[1].Key = "billing" }},
		{"an id that is taken", "taken", func(c *journal.Commit) {
			id := p.Entries[0].Changes[0].ID
			c.Entry.Changes[1].ID, c.Rows[1].ID = id, id
		}},
		{"an edit of nothing", "0 of them are there", func(c *journal.Commit) { c.Entry.Changes[1].Op = model.Edit }},
		{"a removal of nothing", "not there|0 of them are there", func(c *journal.Commit) {
			c.Entry.Changes[1].Op, c.Rows[1].Body = model.Remove, nil
		}},
	}
	for _, test := range tests {
		c := good()
		test.spoil(&c)
		err := j.Append(t.Context(), p.Head(), []journal.Commit{c})
		if err == nil || !slices.ContainsFunc(strings.Split(test.want, "|"), func(w string) bool { return strings.Contains(err.Error(), w) }) {
			t.Errorf("%s: the error is %v, want one with %q", test.name, err, test.want)
		}
		if head, _ := j.Head(t.Context()); head != p.Head() {
			t.Fatalf("%s: the head is %d, want %d", test.name, head, p.Head())
		}
	}
	second := good()
	second.Entry.Seq += 2
	if err := j.Append(t.Context(), p.Head(), []journal.Commit{good(), second}); err == nil {
		t.Error("a good commit with a bad one behind it was accepted")
	}
	sameRows(t, j, p)
	proved(t, j)
	add(t, j, good())
}

func testKeys(t *testing.T, fresh func(testing.TB) Place) {
	j, p := open(t, fresh(t)), NewPen(t)
	a := p.Create(Application("a", 1))
	b := p.Create(Application("b", 2))
	c := p.Create(Application("c", 3))
	vendor := &model.Vendor{}
	vendor.Key = "a"
	p.Create(vendor)
	add(t, j, p.Commit("one key in two kinds"))
	key := func(id model.ID, to string) { p.Edit(id, func(r model.Record) { r.Base().Key = to }) }
	key(a, "b")
	key(b, "c")
	key(c, "a")
	add(t, j, p.Commit("keys go round"))
	p.Remove(a)
	key(c, "b")
	p.Create(Application("a", 4))
	add(t, j, p.Commit("keys become free and are taken"))
	taken := NewPen(t)
	taken.head, taken.at, taken.made = p.head, p.at, 900
	taken.Create(Application("b", 5))
	if err := j.Append(t.Context(), p.Head(), []journal.Commit{taken.Commit("taken")}); !errors.Is(err, journal.ErrTaken) {
		t.Errorf("a second record with the key b: %v, want ErrTaken", err)
	}
	sameRows(t, j, p)
	proved(t, j)
}

func testReopen(t *testing.T, fresh func(testing.TB) Place) {
	place, p := fresh(t), NewPen(t)
	var key string
	for _, c := range story(p) {
		j, err := place.Open()
		if err != nil {
			t.Fatal(err)
		}
		add(t, j, c)
		now, err := j.Proof().VerifierKey(t.Context())
		if err != nil || key != "" && now != key {
			t.Errorf("the key is %q, %v; it was %q", now, err, key)
		}
		key = now
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := j.Head(t.Context()); err == nil {
			t.Error("a closed journal still answers")
		}
	}
	j := open(t, place)
	if diff := cmp.Diff(p.Entries, all(t, j, 0, 0), sameEntry); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
	sameRows(t, j, p)
	proved(t, j)
}

func testHistory(t *testing.T, fresh func(testing.TB) Place) {
	j, p := open(t, fresh(t)), NewPen(t)
	for _, c := range story(p) {
		add(t, j, c)
	}
	want := map[model.ID][]journal.Entry{}
	for _, e := range p.Entries {
		for _, c := range e.Changes {
			of := want[c.ID]
			if n := len(of); n == 0 || of[n-1].Seq != e.Seq {
				only := e
				only.Changes = nil
				of = append(of, only)
			}
			last := &of[len(of)-1]
			last.Changes = append(last.Changes, c)
			want[c.ID] = of
		}
	}
	for id, w := range want {
		if diff := cmp.Diff(w, history(t, j, id), sameEntry); diff != "" {
			t.Errorf("history of %s (-want +got):\n%s", id, diff)
		}
	}
	if got := history(t, j, p.ID()); len(got) != 0 {
		t.Errorf("history of nothing: %v", got)
	}
}

func testAt(t *testing.T, fresh func(testing.TB) Place) {
	j, p := open(t, fresh(t)), NewPen(t)
	for i, at := range []model.Time{1000, 2000, 2000, 2000, 5000} {
		p.At(at)
		add(t, j, p.Bulk(fmt.Sprint("at", i), 1))
	}
	for moment, want := range map[model.Time]uint64{0: 0, 999: 0, 1000: 1, 1999: 1, 2000: 4, 4999: 4, 5000: 5, 1 << 50: 5} {
		if got, err := j.At(t.Context(), moment); got != want || err != nil {
			t.Errorf("At(%d) = %d, %v; want %d", moment, got, err, want)
		}
	}
}

func testLarge(t *testing.T, fresh func(testing.TB) Place) {
	j, p := open(t, fresh(t)), NewPen(t)
	const n = 3000
	c := p.Bulk("bulk", n)
	big := c.Entry.Changes[0].ID
	add(t, j, c)
	p.Edit(big, func(r model.Record) { r.Base().Description = strings.Repeat("long ", 200000) })
	add(t, j, p.Commit("a text of a million bytes"))
	for i := range c.Entry.Changes {
		if i%2 == 0 {
			p.Edit(c.Entry.Changes[i].ID, func(r model.Record) { r.(*model.Application).Users += 7 })
		} else if i%7 == 0 {
			p.Remove(c.Entry.Changes[i].ID)
		}
	}
	add(t, j, p.Commit("many edits and removals"))
	if !bytes.Equal(asJSON(t, p.Entries), asJSON(t, all(t, j, 0, 0))) {
		t.Error("the entries differ")
	}
	if got := history(t, j, big); len(got) != 3 {
		t.Errorf("the record has %d entries, want 3", len(got))
	}
	sameRows(t, j, p)
	report := proved(t, j)
	if want := uint64(len(p.Entries[0].Changes) + 1 + len(p.Entries[2].Changes)); report.Changes != want {
		t.Errorf("verify looked at %d changes, want %d", report.Changes, want)
	}
}

func testContext(t *testing.T, fresh func(testing.TB) Place) {
	j, p := open(t, fresh(t)), NewPen(t)
	ended, end := context.WithCancel(t.Context())
	end()
	if err := j.Append(ended, 0, []journal.Commit{p.Bulk("x", 2000)}); err == nil {
		t.Error("an append whose context has ended succeeds")
	}
	if head, err := j.Head(t.Context()); head != 0 || err != nil {
		t.Errorf("head = %d, %v; want 0", head, err)
	}
	add(t, j, NewPen(t).Bulk("y", 2000))
	reading, stop := context.WithCancel(t.Context())
	_, rows, err := j.Rows(reading)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	time.Sleep(10 * time.Millisecond)
	var failed error
	n := 0
	for _, err := range rows {
		failed = err
		n++
	}
	if failed == nil && n < 2000 {
		t.Error("reading stops early without an error")
	}
	var dump bytes.Buffer
	if err := j.Proof().Dump(ended, &dump); err == nil {
		t.Error("a dump whose context has ended succeeds")
	}
	proved(t, j)
}
