package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"binnacle/facts"
	"binnacle/feed"
)

// Taken returns the reader of lines that were received before, one as JSON on each line. All of them become one
// load: what a provider told at an address between two takings.
func Taken(provider, receiver string) *feed.Bulk {
	return &feed.Bulk{
		Name: "delivery-inbox", Label: "Received delivery events", Help: "Events that a code provider sent to Binnacle.", Series: facts.Delivery,
		Detect: func([]byte) int { return 0 },
		Read: func(ctx context.Context, in feed.BulkInput, sink feed.Sink) error {
			return readTaken(ctx, in, sink, provider, receiver)
		},
	}
}

func readTaken(ctx context.Context, in feed.BulkInput, sink feed.Sink, provider, receiver string) error {
	content, err := io.ReadAll(in.Reader())
	if err != nil {
		return err
	}
	var lines []Line
	for n, text := range bytes.Split(content, []byte{'\n'}) {
		if len(text) == 0 {
			continue
		}
		var l Line
		if err := json.Unmarshal(text, &l); err != nil {
			return fmt.Errorf("line %d: it is no event that was received: %w", n+1, err)
		}
		lines = append(lines, l)
	}
	w, err := newWriter(in, sink, provider, receiver)
	if err != nil || len(lines) == 0 {
		return err
	}
	first, last := lines[0].Start, lines[0].Start
	for _, l := range lines {
		first, last = min(first, l.Start), max(last, l.Start)
	}
	w.period(facts.DayOf(first), facts.DayOf(last))
	for i := range lines {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := w.write(&lines[i], i+1); err != nil {
			return err
		}
	}
	return nil
}
