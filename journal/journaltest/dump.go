package journaltest

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/journal"
)

// dumped returns the dump of a journal.
func dumped(t testing.TB, j journal.Journal) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := j.Proof().Dump(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func testDump(t *testing.T, fresh func(testing.TB) Place) {
	Transfer(t, fresh, fresh)
}

// Transfer takes a journal from one kind of place to another by Dump and Load,
// and checks that nothing is lost: entries, rows, keys, checkpoints and proof.
func Transfer(t *testing.T, from, to func(testing.TB) Place) {
	a, b := written(t, from(t)), open(t, to(t))
	kept, err := a.Proof().Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Proof().Load(t.Context(), bytes.NewReader(dumped(t, a))); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(proved(t, a, kept), proved(t, b, kept)); diff != "" {
		t.Errorf("the report differs (-from +to):\n%s", diff)
	}
	if diff := cmp.Diff(all(t, a, 0, 0), all(t, b, 0, 0), sameEntry); diff != "" {
		t.Errorf("the entries differ (-from +to):\n%s", diff)
	}
	for _, read := range []func(journal.Journal) (any, error){
		func(j journal.Journal) (any, error) { return j.Proof().VerifierKey(t.Context()) },
		func(j journal.Journal) (any, error) { return j.Proof().Checkpoints(t.Context()) },
		func(j journal.Journal) (any, error) { return j.Head(t.Context()) },
	} {
		one, err := read(a)
		if err != nil {
			t.Fatal(err)
		}
		two, err := read(b)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(one, two); diff != "" {
			t.Errorf("what was loaded differs (-from +to):\n%s", diff)
		}
	}
	_, rows := readRows(t, a)
	for _, r := range rows {
		if diff := cmp.Diff(history(t, a, r.ID), history(t, b, r.ID), sameEntry); diff != "" {
			t.Errorf("the history of %s differs (-from +to):\n%s", r.Key, diff)
		}
	}
	head, _ := b.Head(t.Context())
	p := NewPen(t)
	p.head, p.at, p.made = head, 1900000000000, 5000
	add(t, b, p.Bulk("after", 3))
	later, err := b.Proof().Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	proved(t, b, kept, later)
	if err := b.Proof().Load(t.Context(), bytes.NewReader(dumped(t, a))); err == nil {
		t.Error("a dump was loaded into a journal that is not empty")
	}
}

// testDamagedDump loads dumps that are cut, changed or put in another order.
func testDamagedDump(t *testing.T, fresh func(testing.TB) Place) {
	whole := dumped(t, written(t, fresh(t)))
	lines := bytes.SplitAfter(whole, []byte("\n"))
	lines = lines[:len(lines)-1]
	j := open(t, fresh(t))
	refuse := func(name string, dump []byte) {
		t.Helper()
		if err := j.Proof().Load(t.Context(), bytes.NewReader(dump)); err == nil {
			t.Fatalf("%s: it was loaded", name)
		}
		if head, err := j.Head(t.Context()); head != 0 || err != nil {
			t.Fatalf("%s: something was kept: head %d, %v", name, head, err)
		}
	}
	refuse("nothing", nil)
	for i := range lines {
		refuse("a line is missing", slices.Concat(slices.Concat(lines[:i]...), slices.Concat(lines[i+1:]...)))
		refuse("the end is missing", slices.Concat(lines[:i]...))
		if i > 0 {
			swapped := slices.Clone(lines)
			swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
			refuse("two lines are swapped", slices.Concat(swapped...))
		}
	}
	for at := 0; at < len(whole); at += max(1, len(whole)/150) {
		changed := bytes.Clone(whole)
		changed[at] ^= 2
		refuse("a byte is changed", changed)
	}
	refuse("something follows the end", append(bytes.Clone(whole), lines[0]...))
	if err := j.Proof().Load(t.Context(), bytes.NewReader(whole)); err != nil {
		t.Error("the whole dump:", err)
	}
	proved(t, j)
}
