package main

import (
	"fmt"
	"runtime"
	"time"

	"binnacle/feed"
	"binnacle/store"
)

// batchSize is how many records are loaded as one entry.
const batchSize = 100_000

// load compares, checks and makes durable the whole world.
func load(r *run) error {
	if err := r.open(); err != nil {
		return err
	}
	r.world = newWorld()
	var busy time.Duration
	n := 0
	for b := range r.world.batches(r.store.Snapshot().Schema(), r.size, batchSize) {
		began := time.Now()
		plan := feed.Reconcile(r.store.View(), b, feed.Options{Now: r.store.Now(), NewID: r.store.NewID, Rank: 50})
		if len(plan.Refused) > 0 {
			return fmt.Errorf("load: %s", plan.Refused[0])
		}
		if _, err := r.store.Commit(r.ctx, store.Tx{Who: "bench", Why: "Load", Source: "bench", Changes: plan.Changes}); err != nil {
			return fmt.Errorf("load: %w", err)
		}
		busy += time.Since(began)
		n += plan.Counts.Created
	}
	r.size, r.loaded = n, r.store.Snapshot().Stamp().Seq
	r.report("bulk load, compared, checked and durable", "PocketBase 5,600/s", ">= 50,000/s", "%.0f records/s", float64(n)/busy.Seconds())
	return nil
}

// memory measures the heap that one record takes, with everything that belongs to it.
func memory(r *run) error {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	r.report("memory", "PocketBase 900 to 2,900 B", "<= 1,500 B", "%.0f B a record", float64(m.HeapAlloc)/float64(r.size))
	return nil
}

// start closes the estate and opens it again.
func start(r *run) error {
	if err := r.store.Close(); err != nil {
		return err
	}
	r.store = nil
	runtime.GC()
	began := time.Now()
	if err := r.open(); err != nil {
		return err
	}
	r.report("start on the SQLite file", "", "<= 10 s", "%.1f s", time.Since(began).Seconds())
	return nil
}
