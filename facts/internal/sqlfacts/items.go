package sqlfacts

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"binnacle/facts"
	"binnacle/model"
)

// merged returns the item of the roll-up of each combination of values that was merged.
func (s *Store) merged(ctx context.Context, l *load) ([]uint32, error) {
	if l.more == 0 {
		return nil, nil
	}
	out := make([]uint32, 0, l.more)
	err := s.blocks(ctx, l, "m", 1, l.more, func(rows [][]string) error {
		for _, row := range rows {
			n, err := strconv.ParseUint(row[0], 10, 32)
			if err != nil || int64(n) < l.whole || int64(n) >= l.items {
				return fmt.Errorf("load %s has a combination of values that was merged into the item %q, which is not there: it is damaged", l.Load, row[0])
			}
			out = append(out, uint32(n))
		}
		return nil
	})
	return out, err
}

// items reads the combinations of values of a load, some blocks at a time.
type items struct {
	ctx   context.Context
	store *Store
	load  *load
	// parts are where the blocks of the items of the roll-up and of what is merged there begin.
	parts map[string][]blockStart
	// open are the blocks that were read last, the newest at the end.
	open []openBlock
}

type blockStart struct{ seq, first int64 }

type openBlock struct {
	part string
	seq  int64
	rows [][]string
}

// mostOpen is how many blocks are held.
const mostOpen = 8

// Items opens the values of the columns of single lines.
func (s *Store) Items(ctx context.Context, id model.ID) (facts.Items, error) {
	l, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &items{ctx: ctx, store: s, load: l, parts: map[string][]blockStart{}}
	rows, err := s.sure.QueryContext(ctx, s.d.text("SELECT part, seq, count FROM {s}block WHERE load = ? AND part IN ('i', 'x') ORDER BY part, seq"), l.n)
	if err != nil {
		return nil, s.d.Explain(err)
	}
	defer rows.Close()
	next := map[string]int64{}
	for rows.Next() {
		var part string
		var seq, count int64
		if err := rows.Scan(&part, &seq, &count); err != nil {
			return nil, err
		}
		out.parts[part] = append(out.parts[part], blockStart{seq, next[part]})
		next[part] += count
	}
	if err := rows.Err(); err != nil {
		return nil, s.d.Explain(err)
	}
	if next["i"] != l.items || next["x"] != l.more {
		return nil, fmt.Errorf("load %s has %d combinations of values in its blocks, and should have %d: it is damaged, or was just dropped", id, next["i"]+next["x"], l.items+l.more)
	}
	return out, nil
}

// Len returns how many combinations of values there are.
func (i *items) Len() int { return int(i.load.whole + i.load.more) }

// Values returns the values of a number.
func (i *items) Values(own uint32) ([]string, error) {
	part, n := "i", int64(own)
	if n >= i.load.whole {
		part, n = "x", n-i.load.whole
	}
	starts := i.parts[part]
	at, exact := slices.BinarySearchFunc(starts, n, func(b blockStart, n int64) int { return int(b.first - n) })
	if !exact {
		at--
	}
	if at < 0 || int(own) >= i.Len() {
		return nil, fmt.Errorf("load %s has no item %d", i.load.Load, own)
	}
	rows, err := i.block(part, starts[at].seq)
	if err != nil {
		return nil, err
	}
	if n -= starts[at].first; n < int64(len(rows)) {
		return rows[n], nil
	}
	return nil, fmt.Errorf("%s has %d combinations of values and no other: it is damaged", blockPlace(i.load.Load, part, starts[at].seq), len(rows))
}

// block returns the rows of a block, which it holds where it was asked for lately.
func (i *items) block(part string, seq int64) ([][]string, error) {
	for n := len(i.open) - 1; n >= 0; n-- {
		if b := i.open[n]; b.part == part && b.seq == seq {
			return b.rows, nil
		}
	}
	var data []byte
	var sum int64
	place := blockPlace(i.load.Load, part, seq)
	err := i.store.sure.QueryRowContext(i.ctx, i.store.d.text("SELECT data, sum FROM {s}block WHERE load = ? AND part = ? AND seq = ?"), i.load.n, part, seq).Scan(&data, &sum)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", place, i.store.d.Explain(err))
	}
	raw, err := facts.Unseal(place, data, uint32(sum))
	if err != nil {
		return nil, err
	}
	rows, err := facts.UnpackItems(raw, len(i.load.Columns))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", place, err)
	}
	if len(i.open) == mostOpen {
		i.open = slices.Delete(i.open, 0, 1)
	}
	i.open = append(i.open, openBlock{part, seq, rows})
	return rows, nil
}
