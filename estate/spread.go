package estate

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// spreadBlock is how many calls of Spread one goroutine makes in a row.
const spreadBlock = 256

// Spread calls do for every number below n, on all cores where there is enough
// to do. The calls must not depend on each other. It returns when all are done.
func Spread(n int, do func(i int)) {
	workers := min(runtime.GOMAXPROCS(0), n/spreadBlock)
	if workers < 2 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for {
				from := int(next.Add(spreadBlock)) - spreadBlock
				if from >= n {
					return
				}
				for i := from; i < min(n, from+spreadBlock); i++ {
					do(i)
				}
			}
		})
	}
	wait.Wait()
}
