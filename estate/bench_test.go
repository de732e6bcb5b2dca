package estate

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"binnacle/model"
)

// records is how many records the benchmarks are about. The environment may say
// another number: BINNACLE_RECORDS=1000000 go test -bench . ./estate
var records = sync.OnceValue(func() int {
	if n, err := strconv.Atoi(os.Getenv("BINNACLE_RECORDS")); err == nil && n >= 100 {
		return n
	}
	return 100_000
})

func benchID(i int) model.ID {
	return model.ID{0: 1, 6: 0x70, 8: byte(i * 7), 9: byte(i * 13), 12: byte(i >> 24), 13: byte(i >> 16), 14: byte(i >> 8), 15: byte(i)}
}

// generated makes a company of so many records with about three refs each: sites,
// hosts on sites and on other hosts, and applications on hosts and on each other.
func generated(n int) []model.Record {
	dice := rand.New(rand.NewPCG(1, 2))
	out := make([]model.Record, n)
	sites := max(n/1000, 1)
	hosts := n * 6 / 10
	ref := func(from, to int) model.Ref { return model.Ref(benchID(from + dice.IntN(max(to-from, 1)))) }
	for i := range out {
		meta := model.Meta{ID: benchID(i), Key: fmt.Sprintf("r%07d", i), Name: fmt.Sprintf("Record %d of %s", i, [...]string{"Commerce", "Finance", "Logistics"}[i%3]), Version: 1, Origin: "scan"}
		switch {
		case i < sites:
			out[i] = &model.Site{Meta: meta, Country: "DE"}
		case i < hosts:
			h := &model.Host{Meta: meta, Serial: fmt.Sprintf("S%07d", i), CPUs: dice.IntN(64), Site: ref(0, sites), OperatingSystem: "Debian", OSVersion: "12", Status: "active"}
			if i > sites+10 && dice.IntN(2) == 0 {
				h.RunsOn = ref(sites, i)
			}
			out[i] = h
		default:
			a := &model.Application{Meta: meta, Criticality: model.CriticalityHigh, Users: dice.IntN(1000)}
			for range 1 + dice.IntN(3) {
				a.RunsOn = append(a.RunsOn, ref(sites, hosts))
			}
			if i > hosts+10 {
				a.DependsOn = append(a.DependsOn, ref(hosts, i))
			}
			out[i] = a
		}
	}
	return out
}

var companies sync.Map

// benchmarked returns the estate of the benchmarks, which is made once.
func benchmarked(b testing.TB) *Snapshot {
	made, _ := companies.LoadOrStore(records(), sync.OnceValue(func() *Snapshot {
		s, err := loadAll(generated(records()))
		if err != nil {
			b.Fatal(err)
		}
		return s
	}))
	return made.(func() *Snapshot)()
}

func loadAll(all []model.Record) (*Snapshot, error) {
	return Load(model.Stamp{Seq: 1, At: 1}, func(yield func(model.Record) bool) {
		for _, rec := range all {
			if !yield(rec) {
				return
			}
		}
	})
}

func BenchmarkLoad(b *testing.B) {
	all := generated(records())
	for b.Loop() {
		if _, err := loadAll(all); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(all))*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkApplyOneEdit(b *testing.B) {
	s := benchmarked(b)
	k := s.schema.Kind("Host")
	first := max(records()/1000, 1)
	for i := 0; b.Loop(); i++ {
		host := s.Get(model.Ref(benchID(first + i%(records()/2)))).(*model.Host)
		after := model.Clone(host)
		after.CPUs++
		c, _ := model.Difference(k, host, after)
		next, err := s.Apply(model.Stamp{Seq: s.stamp.Seq + 1}, []model.Change{c})
		if err != nil {
			b.Fatal(err)
		}
		s = next
	}
}

func BenchmarkApplyOneCreation(b *testing.B) {
	s := benchmarked(b)
	k := s.schema.Kind("Host")
	for i := 0; b.Loop(); i++ {
		c, _ := model.Difference(k, nil, &model.Host{Meta: model.Meta{ID: benchID(1<<24 + i), Key: fmt.Sprint("new-", i)}, Site: model.Ref(benchID(0))})
		next, err := s.Apply(model.Stamp{Seq: s.stamp.Seq + 1}, []model.Change{c})
		if err != nil {
			b.Fatal(err)
		}
		s = next
	}
}

func BenchmarkList(b *testing.B) {
	q := Query{Kind: "Host", Where: []Condition{{"cpus", AtLeast, []string{"32"}}}, Sort: []Sort{{"cpus", true}}, Limit: 50}
	page := func(b *testing.B, s *Snapshot) {
		if got, err := s.View(0).List(q); err != nil || len(got.Records) == 0 {
			b.Fatal(len(got.Records), err)
		}
	}
	b.Run("again", func(b *testing.B) {
		s := benchmarked(b)
		for b.Loop() {
			page(b, s)
		}
	})
	b.Run("first", func(b *testing.B) {
		s := *benchmarked(b)
		for b.Loop() {
			s.lazy = newLazy()
			page(b, &s)
		}
	})
	b.Run("after an edit each", func(b *testing.B) {
		s := benchmarked(b)
		page(b, s)
		host := s.Get(model.Ref(benchID(max(records()/1000, 1)))).(*model.Host)
		for b.Loop() {
			after := model.Clone(host)
			after.CPUs++
			c, _ := model.Difference(s.schema.Kind("Host"), host, after)
			s, _ = s.Apply(model.Stamp{Seq: s.stamp.Seq + 1}, []model.Change{c})
			host = s.Get(host.Ref()).(*model.Host)
			page(b, s)
		}
	})
}

// BenchmarkReach compares what hangs on a record with a search of bare arrays over the same graph.
func BenchmarkReach(b *testing.B) {
	s := benchmarked(b)
	starts := make([]uint32, 64)
	for i := range starts {
		starts[i], _ = s.slotOf(benchID(i * (records() / 2) / len(starts)))
	}
	f := s.makeFlow(Down)
	b.Run("bare arrays", func(b *testing.B) {
		seen, queue := make([]bool, s.nodes.n), make([]uint32, 0, s.nodes.n)
		n := 0
		for i := 0; b.Loop(); i++ {
			queue = append(queue[:0], starts[i%len(starts)])
			seen[queue[0]] = true
			for at := 0; at < len(queue); at++ {
				for _, e := range f.edges[f.first[queue[at]]:f.first[queue[at]+1]] {
					if !seen[e.slot] {
						seen[e.slot] = true
						queue = append(queue, e.slot)
					}
				}
			}
			for _, slot := range queue {
				seen[slot] = false
			}
			n += len(queue)
		}
		b.ReportMetric(float64(n)/float64(b.N), "records/op")
	})
	walk := func(name string, reach func(v View, start model.Ref) int) {
		b.Run(name, func(b *testing.B) {
			n := 0
			for i := 0; b.Loop(); i++ {
				n += reach(s.View(0), s.nodes.at(starts[i%len(starts)]).rec.Base().Ref())
			}
			b.ReportMetric(float64(n)/float64(b.N), "records/op")
		})
	}
	walk("Size", func(v View, start model.Ref) int { return v.Size(Down, start) })
	walk("Reach", func(v View, start model.Ref) int { return len(v.Reach(Down, start).Steps) })
	walk("Fail", func(v View, start model.Ref) int { return len(v.Fail(start).Steps) })
}

func BenchmarkSearch(b *testing.B) {
	s := benchmarked(b)
	for name, text := range map[string]string{"one record": "r0000100", "a word of many and one of few": "finance 100", "a word of a third": "logistics"} {
		b.Run(name, func(b *testing.B) {
			s.View(0).Search(text, 20)
			for b.Loop() {
				if len(s.View(0).Search(text, 20)) == 0 {
					b.Fatal("nothing was found")
				}
			}
		})
	}
}

func BenchmarkMemory(b *testing.B) {
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for b.Loop() {
		before := heap()
		s, err := loadAll(generated(records()))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(heap()-before)/float64(records()), "B/record")
		runtime.KeepAlive(s)
	}
}
