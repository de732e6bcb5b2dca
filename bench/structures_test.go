package main

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/go-memdb"
	"github.com/tidwall/btree"

	"binnacle/estate"
	"binnacle/model"
)

// The structures that could hold the estate in memory, each with what every
// snapshot needs: records by id and by kind and key. The figures in
// ARCHITECTURE.md come from:
//
//	RECORDS=1000000 go test -bench Structures -run '^$' -benchtime 1x ./bench

// structure is one way to hold records so that readers of an older snapshot never notice a change.
type structure interface {
	// load makes the first snapshot.
	load(records []*model.Host)
	// find looks a record up by its key.
	find(key string) *model.Host
	// change makes the next snapshot, in which one record is another.
	change(rec *model.Host)
}

func recordsWanted() int {
	if n, err := strconv.Atoi(os.Getenv("RECORDS")); err == nil {
		return n
	}
	return 20_000
}

func hosts(n int) []*model.Host {
	out := make([]*model.Host, n)
	for i := range out {
		h := &model.Host{Serial: fmt.Sprintf("SN%08d", i)}
		h.ID = model.ID{0: 1, 6: 0x70, 12: byte(i >> 24), 13: byte(i >> 16), 14: byte(i >> 8), 15: byte(i)}
		h.Key, h.Version = keyOf("Host", i), 1
		out[i] = h
	}
	return out
}

func BenchmarkStructures(b *testing.B) {
	records := hosts(recordsWanted())
	for name, fresh := range map[string]func() structure{
		"snapshot": func() structure { return &inSnapshot{} },
		"go-memdb": func() structure { return &inMemDB{} },
		"btree":    func() structure { return &inTrees{} },
		"maps":     func() structure { return &inMaps{} },
	} {
		b.Run(name+"/load", func(b *testing.B) {
			for b.Loop() {
				before := heap()
				s := fresh()
				s.load(records)
				b.ReportMetric(float64(heap()-before)/float64(len(records)), "B/record")
				runtime.KeepAlive(s)
			}
		})
		s := fresh()
		s.load(records)
		b.Run(name+"/find", func(b *testing.B) {
			i := 0
			for b.Loop() {
				i = (i + 7919) % len(records)
				if s.find(records[i].Key) == nil {
					b.Fatal("it is lost")
				}
			}
		})
		b.Run(name+"/change", func(b *testing.B) {
			i := 0
			for b.Loop() {
				i = (i + 7919) % len(records)
				s.change(s.find(records[i].Key))
			}
		})
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// inSnapshot is what Binnacle uses. It also keeps refs, identities and what is sorted, which the others here do not.
type inSnapshot struct{ snap *estate.Snapshot }

func (s *inSnapshot) load(records []*model.Host) {
	s.snap, _ = estate.Load(model.Stamp{Seq: 1}, func(yield func(model.Record) bool) {
		for _, r := range records {
			if !yield(r) {
				return
			}
		}
	})
}

func (s *inSnapshot) find(key string) *model.Host {
	rec, _ := s.snap.Find("Host", key).(*model.Host)
	return rec
}

func (s *inSnapshot) change(rec *model.Host) {
	after := model.Clone(rec)
	after.Status += "x"
	c, _ := model.Difference(s.snap.Schema().Of(rec), rec, after)
	s.snap, _ = s.snap.Apply(model.Stamp{Seq: s.snap.Stamp().Seq + 1}, []model.Change{c})
}

type inMemDB struct{ db *memdb.MemDB }

func (m *inMemDB) load(records []*model.Host) {
	m.db, _ = memdb.NewMemDB(&memdb.DBSchema{Tables: map[string]*memdb.TableSchema{"record": {Name: "record", Indexes: map[string]*memdb.IndexSchema{
		"id":  {Name: "id", Unique: true, Indexer: &memdb.StringFieldIndex{Field: "Serial"}},
		"key": {Name: "key", Unique: true, Indexer: &memdb.StringFieldIndex{Field: "Key"}},
	}}}})
	txn := m.db.Txn(true)
	for _, r := range records {
		if err := txn.Insert("record", r); err != nil {
			panic(err)
		}
	}
	txn.Commit()
}

func (m *inMemDB) find(key string) *model.Host {
	rec, err := m.db.Txn(false).First("record", "key", key)
	if err != nil || rec == nil {
		return nil
	}
	return rec.(*model.Host)
}

func (m *inMemDB) change(rec *model.Host) {
	after := model.Clone(rec)
	after.Status += "x"
	txn := m.db.Txn(true)
	if err := txn.Insert("record", after); err != nil {
		panic(err)
	}
	txn.Commit()
}

type inTrees struct{ byID, byKey *btree.BTreeG[*model.Host] }

func (t *inTrees) load(records []*model.Host) {
	t.byID = btree.NewBTreeG(func(a, b *model.Host) bool { return string(a.ID[:]) < string(b.ID[:]) })
	t.byKey = btree.NewBTreeG(func(a, b *model.Host) bool { return strings.Compare(a.Key, b.Key) < 0 })
	for _, r := range records {
		t.byID.Set(r)
		t.byKey.Set(r)
	}
}

func (t *inTrees) find(key string) *model.Host {
	probe := &model.Host{}
	probe.Key = key
	rec, _ := t.byKey.Get(probe)
	return rec
}

func (t *inTrees) change(rec *model.Host) {
	after := model.Clone(rec)
	after.Status += "x"
	t.byID, t.byKey = t.byID.Copy(), t.byKey.Copy()
	t.byID.Set(after)
	t.byKey.Set(after)
}

type inMaps struct {
	byID  map[model.ID]*model.Host
	byKey map[string]*model.Host
}

func (m *inMaps) load(records []*model.Host) {
	m.byID, m.byKey = make(map[model.ID]*model.Host, len(records)), make(map[string]*model.Host, len(records))
	for _, r := range records {
		m.byID[r.ID], m.byKey[r.Key] = r, r
	}
}

func (m *inMaps) find(key string) *model.Host { return m.byKey[key] }

func (m *inMaps) change(rec *model.Host) {
	after := model.Clone(rec)
	after.Status += "x"
	m.byID, m.byKey = maps.Clone(m.byID), maps.Clone(m.byKey)
	m.byID[rec.ID], m.byKey[rec.Key] = after, after
}
