package journaltest

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"binnacle/journal"
	"binnacle/model"
)

// erased writes a journal in which the data of a person is erased, and returns the person.
func erased(t testing.TB, j journal.Journal, p *Pen) model.ID {
	t.Helper()
	for _, c := range story(p) {
		add(t, j, c)
	}
	id := p.Create(Person("mm", "Maximilian Mustermann", "max.mustermann@example.com"))
	p.Create(Person("kf", "Klara Feld", "klara.feld@example.com"))
	add(t, j, p.Commit("two persons"))
	p.Edit(id, func(r model.Record) { r.(*model.Person).Email = "m.mustermann@example.com" })
	add(t, j, p.Commit("another address"))
	p.Edit(id, func(r model.Record) {
		r.(*model.Person).FullName, r.(*model.Person).Email, r.(*model.Person).Phone = "", "", ""
		r.Base().Name = "Former colleague"
	})
	p.Erase(id, "full_name", "email", "phone")
	return id
}

func testErasure(t *testing.T, fresh func(testing.TB) Place) {
	place := fresh(t)
	j, p := open(t, place), NewPen(t)
	id := erased(t, j, p)
	note, err := j.Proof().Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	add(t, j, p.Commit("erase"))
	p.Edit(id, func(r model.Record) { r.(*model.Person).Email = "new@example.com" })
	add(t, j, p.Commit("a new address is not touched"))
	report := proved(t, j, note)
	if report.Kept != 1 || report.Checkpoints != 1 {
		t.Errorf("%d kept and %d issued checkpoints agree, want 1 and 1", report.Kept, report.Checkpoints)
	}
	// Three values at the creation, one at the edit, three at the erasure itself.
	if report.Erased != 7 {
		t.Errorf("%d values are erased, want 7", report.Erased)
	}
	entries := history(t, j, id)
	if len(entries) != 4 {
		t.Fatalf("the history has %d entries, want 4", len(entries))
	}
	for i, e := range entries[:3] {
		for _, f := range e.Changes[0].Fields {
			personal := slices.Contains([]string{"full_name", "email", "phone"}, f.Name)
			if f.Erased != personal || personal && (f.Before != nil || f.After != nil) || !personal && f.Before == nil && f.After == nil {
				t.Errorf("entry %d of the history: %s is erased: %t, before %s, after %s", i, f.Name, f.Erased, f.Before, f.After)
			}
		}
	}
	if f, _ := entries[3].Changes[0].Field("email"); string(f.After) != `"new@example.com"` {
		t.Errorf("the address after the erasure is %s", f.After)
	}
	sameRows(t, j, p)
	for _, e := range all(t, j, 7, 8) {
		if f, ok := e.Changes[0].Field("full_name"); ok && f.After != nil {
			t.Errorf("Entries still yields %s", f.After)
		}
	}
	undo := p.Entries[8].Changes[0].Inverse(5)
	if f, _ := undo.Field("full_name"); f.Erased {
		t.Error("the pen's own entry was changed")
	}
}

// testErasedBytes looks for the erased values in everything that the database stores.
func testErasedBytes(t *testing.T, fresh func(testing.TB) Place) {
	place := fresh(t)
	j, p := open(t, place), NewPen(t)
	erased(t, j, p)
	add(t, j, p.Commit("erase"))
	add(t, j, p.Bulk("filler", 3))
	var dump bytes.Buffer
	if err := j.Proof().Dump(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	for e := range j.Entries(t.Context(), 0, 0) {
		for _, c := range e.Changes {
			for _, f := range c.Fields {
				fmt.Fprintf(&dump, "%s %s\n", f.Before, f.After)
			}
		}
	}
	for _, table := range []string{"entry", "record"} {
		for _, row := range place.Query(t, "SELECT * FROM {journal_"+table+"}") {
			for _, v := range row {
				if b, ok := v.([]byte); ok {
					v = string(b)
				}
				fmt.Fprintln(&dump, v)
			}
		}
	}
	for _, secret := range []string{"Mustermann", "mustermann@", "5550100\"\nnull"} {
		if strings.Contains(dump.String(), secret) {
			t.Errorf("%q is still stored", secret)
		}
	}
	if !strings.Contains(dump.String(), "klara.feld@example.com") {
		t.Error("a value that was not erased is gone")
	}
}

func testErasureRefused(t *testing.T, fresh func(testing.TB) Place) {
	j, p := open(t, fresh(t)), NewPen(t)
	id := p.Create(Person("mm", "Max", "max@example.com"))
	add(t, j, p.Commit("a person"))
	p.Edit(id, func(r model.Record) { r.(*model.Person).Phone = "" })
	p.Erase(id, "phone", "email")
	head := p.Head()
	c := p.Commit("the address is still there")
	if err := j.Append(t.Context(), head, []journal.Commit{c}); err == nil || !strings.Contains(err.Error(), "still has a value of email") {
		t.Errorf("erasing a value that is still there: %v", err)
	}
	c.Erase[0].Fields = []string{"phone"}
	add(t, j, c)
	p.Edit(id, func(r model.Record) { r.(*model.Person).Email = "other@example.com" })
	p.Erase(id, "email")
	add(t, j, p.Commit("the old address goes and the new one stays"))
	p.Remove(id)
	p.Erase(id, "email", "full_name")
	add(t, j, p.Commit("the person goes with all its data"))
	proved(t, j)
	for _, e := range history(t, j, id) {
		for _, name := range []string{"email", "full_name", "phone"} {
			if f, ok := e.Changes[0].Field(name); ok && (f.Before != nil || f.After != nil) {
				t.Errorf("entry %d still has %s: %s %s", e.Seq, name, f.Before, f.After)
			}
		}
	}
}

func testCheckpoints(t *testing.T, fresh func(testing.TB) Place) {
	j, p := open(t, fresh(t)), NewPen(t)
	var notes []string
	for _, c := range story(p) {
		add(t, j, c)
		n, err := j.Proof().Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		again, err := j.Proof().Checkpoint(t.Context())
		if err != nil || again != n {
			t.Errorf("a second checkpoint of the same tree: %q, %v", again, err)
		}
		notes = append(notes, n)
	}
	got, err := j.Proof().Checkpoints(t.Context())
	if err != nil || !slices.Equal(got, notes) {
		t.Errorf("checkpoints: %q, %v; want %q", got, err, notes)
	}
	key, err := j.Proof().VerifierKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range notes {
		opened, err := note.Open([]byte(n), note.VerifierList(verifier))
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("%s\n%d\n", verifier.Name(), i+1); !strings.HasPrefix(opened.Text, want) {
			t.Errorf("checkpoint %d says %q, want it to begin with %q", i+1, opened.Text, want)
		}
	}
	if report := proved(t, j, notes...); report.Checkpoints != len(notes) || report.Kept != len(notes) {
		t.Errorf("%d issued and %d kept checkpoints agree, want %d", report.Checkpoints, report.Kept, len(notes))
	}
}

// testKept is about the checkpoints that somebody has kept elsewhere: they show
// what the journal alone cannot show.
func testKept(t *testing.T, fresh func(testing.TB) Place) {
	write := func(last string) (journal.Journal, string) {
		j, p := open(t, fresh(t)), NewPen(t)
		for _, c := range story(p) {
			add(t, j, c)
		}
		add(t, j, p.Bulk(last, 2))
		n, err := j.Proof().Checkpoint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return j, n
	}
	good, kept := write("one")
	other, strange := write("one")
	proved(t, good, kept)
	proved(t, other, strange)
	if _, found := refuted(t, good, strange); !found {
		t.Error("a checkpoint of another journal, signed with another key, passes")
	}
	if _, found := refuted(t, good, "nonsense"); !found {
		t.Error("a text that is no note passes")
	}
	if _, found := refuted(t, good, strings.Replace(kept, "\n7\n", "\n6\n", 1)); !found {
		t.Error("a checkpoint whose size was changed passes")
	}

	// A fork: the same keys and the same beginning, and then another entry.
	var dump bytes.Buffer
	beginning, p := open(t, fresh(t)), NewPen(t)
	for _, c := range story(p) {
		add(t, beginning, c)
	}
	early, err := beginning.Proof().Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := beginning.Proof().Dump(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	fork := open(t, fresh(t))
	if err := fork.Proof().Load(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	q := *p
	q.records = maps.Clone(p.records)
	add(t, beginning, p.Bulk("left", 1))
	add(t, fork, q.Bulk("right", 1))
	left, err := beginning.Proof().Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	proved(t, beginning, early, left)
	proved(t, fork, early)
	if report, found := refuted(t, fork, early, left); !found || report.Kept != 1 {
		t.Errorf("the fork passes with the checkpoint of the other side, or fails with that of the common beginning: %+v", report)
	}

	// An old copy: everything after the checkpoint is gone.
	dump.Reset()
	if err := fork.Proof().Dump(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	old := open(t, fresh(t))
	if err := old.Proof().Load(t.Context(), &dump); err != nil {
		t.Fatal(err)
	}
	add(t, fork, q.Bulk("later", 1))
	late, err := fork.Proof().Checkpoint(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	proved(t, old)
	if _, found := refuted(t, old, late); !found {
		t.Error("a journal whose end was taken off passes with the checkpoint of the end")
	}
}
