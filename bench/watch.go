package main

import (
	"fmt"
	"time"
)

// watch measures time on the clock and time of the processor, of all cores together. Where others use the machine too, the second says more.
type watch struct {
	began time.Time
	spent time.Duration
}

func begin() watch { return watch{time.Now(), processorTime()} }

// lap is what a watch shows.
type lap struct{ clock, processor time.Duration }

func (w watch) lap() lap { return lap{time.Since(w.began), processorTime() - w.spent} }

// String writes both times.
func (l lap) String() string {
	return fmt.Sprintf("%.2f s (processor %.2f s)", l.clock.Seconds(), l.processor.Seconds())
}

// quicker returns the lap with less time of the processor, and the other one where this was never measured.
func (l lap) quicker(other lap) lap {
	if other.clock == 0 || l.processor < other.processor {
		return l
	}
	return other
}
