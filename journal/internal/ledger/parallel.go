package ledger

import (
	"iter"
	"runtime"
)

// inOrder yields what work makes of every item, in the order of the items,
// while all processors work on the items ahead.
func inOrder[In, Out any](items iter.Seq2[In, error], work func(In) Out) iter.Seq2[Out, error] {
	type job struct {
		out chan Out
		err error
	}
	return func(yield func(Out, error) bool) {
		processors := runtime.GOMAXPROCS(0)
		queue := make(chan job, 2*processors)
		slots := make(chan struct{}, processors)
		stop := make(chan struct{})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			defer close(queue)
			for item, err := range items {
				j := job{out: make(chan Out, 1), err: err}
				select {
				case queue <- j:
				case <-stop:
					return
				}
				if err != nil {
					return
				}
				slots <- struct{}{}
				go func() {
					j.out <- work(item)
					<-slots
				}()
			}
		}()
		// The items are read from a transaction that belongs to the caller, so the reader must be done before it goes on.
		defer func() {
			close(stop)
			for range queue {
			}
			<-ended
		}()
		for j := range queue {
			if j.err != nil {
				var none Out
				yield(none, j.err)
				return
			}
			if !yield(<-j.out, nil) {
				return
			}
		}
	}
}

// each yields the items of a list.
func each[T any](items []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
	}
}
