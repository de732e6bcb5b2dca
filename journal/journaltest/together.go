package journaltest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"binnacle/journal"
	"binnacle/model"
)

func testWatch(t *testing.T, fresh func(testing.TB) Place) {
	place := fresh(t)
	one, two, p := open(t, place), open(t, place), NewPen(t)
	seen := two.Watch(t.Context())
	own := one.Watch(t.Context())
	expect := func(name string, ch <-chan struct{}) {
		t.Helper()
		select {
		case _, ok := <-ch:
			if !ok {
				t.Fatalf("%s: the channel is closed", name)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: nothing came", name)
		}
	}
	expect("at the start", seen)
	expect("at the start", own)
	for _, c := range story(p) {
		add(t, one, c)
		expect("the handle that wrote", own)
		for head := uint64(0); head < c.Entry.Seq; {
			expect("the other handle", seen)
			var err error
			if head, err = two.Head(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// testWriters has eight writers on two handles that all count the same record
// up. No count may be lost, and all must see the same order.
func testWriters(t *testing.T, fresh func(testing.TB) Place) {
	place := fresh(t)
	handles := []journal.Journal{open(t, place), open(t, place)}
	const writers, each = 8, 12
	var mu sync.Mutex
	order := make([]string, 0, writers*each)
	var group sync.WaitGroup
	for w := range writers {
		group.Go(func() {
			for i := range each {
				name := fmt.Sprintf("writer-%d-%d", w, i)
				if err := insist(t, handles[w%2], name, func(seq uint64) {
					mu.Lock()
					defer mu.Unlock()
					for uint64(len(order)) < seq {
						order = append(order, "")
					}
					order[seq-1] = name
				}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	entries := all(t, handles[0], 0, 0)
	if len(entries) != writers*each {
		t.Fatalf("there are %d entries, want %d", len(entries), writers*each)
	}
	for i, e := range entries {
		if e.Why != order[i] {
			t.Errorf("entry %d is of %s, and %s was told that it is", e.Seq, e.Why, order[i])
		}
	}
	proved(t, handles[1])
}

// insist appends one record, and tries again until it is not behind.
func insist(t testing.TB, j journal.Journal, name string, done func(seq uint64)) error {
	for {
		head, err := j.Head(t.Context())
		if err != nil {
			return err
		}
		p := NewPen(t)
		p.head, p.made, p.at = head, head*2, 1800000000000+model.Time(head)
		p.Create(Application(name, int(head)))
		c := p.Commit(name)
		err = j.Append(t.Context(), head, []journal.Commit{c})
		if _, behind := errors.AsType[journal.Behind](err); behind {
			continue
		}
		if err == nil {
			done(head + 1)
		}
		return err
	}
}

// testAnyHistory makes up histories of creations, edits, removals, restorations and
// erasures, and checks after each commit that rows, entries and proof agree.
func testAnyHistory(t *testing.T, fresh func(testing.TB) Place) {
	rounds := 0
	rapid.Check(t, func(rt *rapid.T) {
		if rounds++; rounds > 15 {
			return
		}
		j, p := open(t, fresh(t)), NewPen(t)
		var ids []model.ID
		gone := map[model.ID]model.Record{}
		commits := rapid.IntRange(1, 8).Draw(rt, "commits")
		var group []journal.Commit
		for n := range commits {
			steps := rapid.IntRange(1, 12).Draw(rt, "steps")
			for s := range steps {
				anyStep(rt, p, &ids, gone, fmt.Sprintf("k-%d-%d", n, s))
			}
			if p.open == nil {
				continue
			}
			group = append(group, p.Commit("made up"))
			if rapid.Bool().Draw(rt, "together") {
				continue
			}
			add(t, j, group...)
			group = nil
		}
		if len(group) > 0 {
			add(t, j, group...)
		}
		sameRows(t, j, p)
		proved(t, j)
		if got := all(t, j, 0, 0); len(got) != len(p.Entries) {
			rt.Errorf("there are %d entries, want %d", len(got), len(p.Entries))
		}
		for _, id := range ids {
			want := 0
			for _, e := range p.Entries {
				if slices.ContainsFunc(e.Changes, func(c model.Change) bool { return c.ID == id }) {
					want++
				}
			}
			if got := history(t, j, id); len(got) != want {
				rt.Errorf("the record %s has %d entries in its history, want %d", id, len(got), want)
			}
		}
		if t.Failed() {
			rt.FailNow()
		}
	})
}

// anyStep does something to some record.
func anyStep(rt *rapid.T, p *Pen, ids *[]model.ID, gone map[model.ID]model.Record, key string) {
	what := rapid.SampledFrom([]string{"create", "create", "edit", "edit", "rename", "remove", "restore", "erase"}).Draw(rt, "what")
	if what == "create" || len(*ids) == 0 {
		*ids = append(*ids, p.Create(Person(key, "Full Name "+key, key+"@example.com")))
		return
	}
	id := rapid.SampledFrom(*ids).Draw(rt, "record")
	rec := p.Record(id)
	switch {
	case rec == nil && what == "restore":
		back := model.Clone(gone[id])
		back.Base().Key = key
		p.Create(back)
	case rec == nil:
	case what == "edit":
		p.Edit(id, func(r model.Record) { r.(*model.Person).Email = key + "@example.org" })
	case what == "rename":
		p.Edit(id, func(r model.Record) { r.Base().Key = key })
	case what == "remove":
		gone[id] = rec
		p.Remove(id)
	case what == "erase":
		if rec.(*model.Person).FullName != "" {
			p.Edit(id, func(r model.Record) { r.(*model.Person).FullName = "" })
			p.Erase(id, "full_name")
		}
	}
}
