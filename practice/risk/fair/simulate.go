package fair

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// blockYears is how many years are simulated in one go. Sums are taken block by block, so that they do not depend on who did which.
const blockYears = 4096

// Options say how to simulate.
type Options struct {
	// Years is how many years are simulated.
	Years int
	// Seed names the random numbers. The same seed gives the same result.
	Seed uint64
}

// each calls work for every number below n, on all cores.
func each(n int, work func(worker, i int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var next atomic.Int64
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				work(w, i)
			}
		})
	}
	group.Wait()
}

// waves are the normal values of common causes in the years of one block.
type waves struct {
	seed   uint64
	from   int
	length int
	known  map[uint64][]float64
	room   []float64
}

func (w *waves) of(cause uint64) []float64 {
	if z, ok := w.known[cause]; ok {
		return z
	}
	z := make([]float64, w.length)
	s := stream(w.seed, forCauses, cause)
	for i := range z {
		z[i] = wave(s, w.from+i)
	}
	w.known[cause] = z
	return z
}

// add adds a block of years of a model to a list.
func (w *waves) add(m *Model, to []float64) {
	m.years(w.seed, w.from, m.shiftOf(w.seed, w.from, w.room, w.of), to)
}

// newWaves returns the waves of a block.
func newWaves(o Options, block int) *waves {
	from := block * blockYears
	length := min(blockYears, o.Years-from)
	return &waves{seed: o.Seed, from: from, length: length, known: map[uint64][]float64{}, room: make([]float64, length)}
}

func (o Options) blocks() int { return (o.Years + blockYears - 1) / blockYears }

// Years returns what each year costs in which all risks may happen.
func Years(models []*Model, o Options) []float64 {
	total := make([]float64, max(o.Years, 0))
	each(o.blocks(), func(_, b int) {
		w := newWaves(o, b)
		for _, m := range models {
			w.add(m, total[w.from:w.from+w.length])
		}
	})
	return total
}

// Simulate returns what all risks together cost in a year.
func Simulate(models []*Model, o Options) *Result { return summarise(Years(models, o), o) }

// sharedValues is how many normal values of causes are kept for all risks at most.
const sharedValues = 1 << 23

// allWaves returns the normal values of all causes in all years, or nil where they are too many to keep.
func allWaves(models []*Model, o Options) map[uint64][]float64 {
	var causes []uint64
	out := map[uint64][]float64{}
	for _, m := range models {
		for _, c := range m.causes {
			if _, ok := out[c.Cause]; !ok {
				out[c.Cause] = nil
				causes = append(causes, c.Cause)
			}
		}
	}
	if len(causes)*o.Years > sharedValues {
		return nil
	}
	for _, c := range causes {
		z := make([]float64, max(o.Years, 0))
		s := stream(o.Seed, forCauses, c)
		each(o.blocks(), func(_, b int) {
			for i := b * blockYears; i < min((b+1)*blockYears, o.Years); i++ {
				z[i] = wave(s, i)
			}
		})
		out[c] = z
	}
	return out
}

// Each returns what each risk costs in a year by itself.
func Each(models []*Model, o Options) []*Result {
	out := make([]*Result, len(models))
	shared := allWaves(models, o)
	each(len(models), func(_, i int) {
		years := make([]float64, max(o.Years, 0))
		for b := range o.blocks() {
			w := newWaves(o, b)
			for cause, z := range shared {
				w.known[cause] = z[w.from : w.from+w.length]
			}
			w.add(models[i], years[w.from:w.from+w.length])
		}
		out[i] = summarise(years, o)
	})
	return out
}

// NewAll makes risks ready for simulation, on all cores. A risk that cannot be counted has no model and an error that says why.
func NewAll(risks []Risk) ([]*Model, []error) {
	models, errs := make([]*Model, len(risks)), make([]error, len(risks))
	each(len(risks), func(_, i int) { models[i], errs[i] = New(risks[i]) })
	return models, errs
}
