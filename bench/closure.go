package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"binnacle/estate"
	"binnacle/model"
)

// bare is the graph as two plain arrays, the quickest form there is.
type bare struct {
	first, to []uint32
	ids       []model.ID
	place     map[model.ID]uint32
	seen      []uint64
	queue     []uint32
}

// newBare copies the edges along which a failure travels down.
func newBare(v estate.View) *bare {
	g := &bare{place: map[model.ID]uint32{}}
	for _, k := range v.Schema().Kinds() {
		for rec := range v.All(k.Name) {
			g.place[rec.Base().ID] = uint32(len(g.ids))
			g.ids = append(g.ids, rec.Base().ID)
		}
	}
	for _, id := range g.ids {
		g.first = append(g.first, uint32(len(g.to)))
		for e := range v.Out(model.Ref(id)) {
			if e.Field.Flow == model.Serves {
				g.to = append(g.to, g.place[e.Record.Base().ID])
			}
		}
		for e := range v.In(model.Ref(id)) {
			if e.Field.Flow == model.Needs {
				g.to = append(g.to, g.place[e.Record.Base().ID])
			}
		}
	}
	g.first = append(g.first, uint32(len(g.to)))
	g.seen = make([]uint64, len(g.ids)/64+1)
	return g
}

func (g *bare) reach(start uint32) int {
	clear(g.seen)
	g.queue = append(g.queue[:0], start)
	g.seen[start/64] |= 1 << (start % 64)
	for i := 0; i < len(g.queue); i++ {
		at := g.queue[i]
		for _, to := range g.to[g.first[at]:g.first[at+1]] {
			if g.seen[to/64]&(1<<(to%64)) == 0 {
				g.seen[to/64] |= 1 << (to % 64)
				g.queue = append(g.queue, to)
			}
		}
	}
	return len(g.queue)
}

// starts picks records whose closures are worth measuring: sites, network devices, hosts and vendors.
func starts(v estate.View, n int) []model.Ref {
	random := rand.New(rand.NewPCG(3, 4))
	var out []model.Ref
	for _, kind := range []string{"Site", "NetworkDevice", "Host", "Application"} {
		for range n / 4 {
			if rec := v.Find(kind, keyOf(kind, random.IntN(v.Count(kind)))); rec != nil {
				out = append(out, rec.Base().Ref())
			}
		}
	}
	return out
}

// closures measures everything downstream of a record.
func closures(r *run) error {
	v := r.store.View()
	g := newBare(v)
	refs := starts(v, 200)
	var ours, bares []time.Duration
	largest := 0
	began := time.Now()
	v.Size(estate.Down, refs[0])
	first := time.Since(began)
	for _, ref := range refs {
		began := time.Now()
		n := v.Size(estate.Down, ref)
		ours = append(ours, time.Since(began))
		began = time.Now()
		m := g.reach(g.place[model.ID(ref)])
		bares = append(bares, time.Since(began))
		if n != m {
			return fmt.Errorf("closure: %d records, but the bare search reaches %d", n, m)
		}
		largest = max(largest, n)
	}
	sum := func(d []time.Duration) (total time.Duration) {
		for _, x := range d {
			total += x
		}
		return total
	}
	r.report("everything downstream of a record", fmt.Sprintf("bare arrays: median %s, worst %s", median(bares), slices.Max(bares)), "<= 2x bare",
		"%.2fx bare; median %s, worst %s, largest %d; the very first %s", float64(sum(ours))/float64(sum(bares)), median(ours), slices.Max(ours), largest, first.Round(time.Millisecond))
	return nil
}

func median(d []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(d))
	return sorted[len(sorted)/2]
}
