package facts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"binnacle/model"
)

// Sweep drops loads that were committed before a moment and that the estate
// never knew: their import ended after the lines were durable and before its records were. It
// also removes what writers that are gone left behind before that moment. It returns how many loads were removed.
func Sweep(ctx context.Context, s Store, known func(model.ID) bool, before time.Time) (int, error) {
	loads, err := s.Loads(ctx)
	if err != nil {
		return 0, fmt.Errorf("sweep the facts: %w", err)
	}
	n := 0
	for _, h := range loads {
		if !h.Committed.Before(before) || known(h.Load) {
			continue
		}
		if err := s.Drop(ctx, h.Load); err != nil && !errors.Is(err, ErrNone) {
			return n, fmt.Errorf("sweep the facts: %w", err)
		}
		n++
	}
	if left, ok := s.(interface {
		SweepUnfinished(ctx context.Context, before time.Time) (int, error)
	}); ok {
		more, err := left.SweepUnfinished(ctx, before)
		if err != nil {
			return n, fmt.Errorf("sweep the facts: %w", err)
		}
		n += more
	}
	return n, nil
}
