package journaltest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"binnacle/journal"
	"binnacle/model"
)

// Bench measures a back end. Fresh makes an empty place.
func Bench(b *testing.B, fresh func(b testing.TB) Place) {
	b.Run("AppendBulk100k", func(b *testing.B) { benchBulk(b, fresh) })
	b.Run("AppendSingleBy16", func(b *testing.B) { benchSingle(b, fresh) })
	b.Run("Rows100k", func(b *testing.B) { benchRows(b, fresh) })
	b.Run("Verify100k", func(b *testing.B) { benchVerify(b, fresh) })
}

const benchSize = 100_000

func benchBulk(b *testing.B, fresh func(testing.TB) Place) {
	for b.Loop() {
		b.StopTimer()
		j := open(b, fresh(b))
		c := NewPen(b).Bulk("bulk", benchSize)
		b.StartTimer()
		add(b, j, c)
	}
	b.ReportMetric(float64(b.N)*benchSize/b.Elapsed().Seconds(), "records/s")
}

// benchSingle has 16 writers that each wait until their own edit is durable.
// Edits that come while others are written go together, as in the store.
func benchSingle(b *testing.B, fresh func(testing.TB) Place) {
	j, p := open(b, fresh(b)), NewPen(b)
	c := p.Bulk("edit", 1000)
	add(b, j, c)
	type edit struct {
		id   model.ID
		done chan error
	}
	edits := make(chan edit, 16)
	var group sync.WaitGroup
	go func() {
		for first := range edits {
			waiting := []edit{first}
			for len(waiting) < 16 {
				select {
				case next, ok := <-edits:
					if ok {
						waiting = append(waiting, next)
						continue
					}
				default:
				}
				break
			}
			head := p.Head()
			var commits []journal.Commit
			for _, e := range waiting {
				p.Edit(e.id, func(r model.Record) { r.(*model.Application).Users++ })
				commits = append(commits, p.Commit("one edit"))
			}
			err := j.Append(b.Context(), head, commits)
			for _, e := range waiting {
				e.done <- err
			}
		}
	}()
	b.ResetTimer()
	for w := range 16 {
		group.Go(func() {
			for i := w; i < b.N; i += 16 {
				e := edit{c.Entry.Changes[i%1000].ID, make(chan error)}
				edits <- e
				if err := <-e.done; err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
	close(edits)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "edits/s")
}

func benchRows(b *testing.B, fresh func(testing.TB) Place) {
	j := open(b, fresh(b))
	add(b, j, NewPen(b).Bulk("bulk", benchSize))
	b.ResetTimer()
	for range b.N {
		n := 0
		_, rows, err := j.Rows(b.Context())
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range rows {
			if err != nil {
				b.Fatal(err)
			}
			n++
		}
		if n != benchSize {
			b.Fatalf("%d rows", n)
		}
	}
	b.ReportMetric(float64(b.N)*benchSize/b.Elapsed().Seconds(), "rows/s")
}

func benchVerify(b *testing.B, fresh func(testing.TB) Place) {
	j := open(b, fresh(b))
	add(b, j, NewPen(b).Bulk("bulk", benchSize))
	b.ResetTimer()
	for range b.N {
		report, err := j.Proof().Verify(b.Context(), nil, nil)
		if err != nil || len(report.Problems) > 0 {
			b.Fatal(errors.Join(err, errors.New(fmt.Sprint(report.Problems))))
		}
	}
	b.ReportMetric(float64(b.N)*benchSize/b.Elapsed().Seconds(), "changes/s")
}
