package sqlfacts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"strings"

	"binnacle/facts"
	"binnacle/model"
)

// ending is the row that makes a load count. What the other rows say must fit to it.
type ending struct {
	lines, items, groups, chunks int64
	// whole is how many items are combinations of values as lines have them, and more how many combinations there are beside.
	whole, more int64
	// first and last are the first and last day that is measured, or nothing.
	first, last string
	sums        []string
}

// sum returns the checksum of the row.
func (e *ending) sum(id string) int64 {
	text := fmt.Sprint(id, e.lines, e.items, e.whole, e.more, e.groups, e.chunks, e.first, e.last, e.sums)
	return int64(crc32.Checksum([]byte(text), crc32.MakeTable(crc32.Castagnoli)))
}

// load is a load that is committed.
type load struct {
	facts.Header
	ending
	n      int64
	series facts.Series
	tables tables
}

// find returns a load that is committed.
func (s *Store) find(ctx context.Context, id model.ID) (*load, error) {
	l := &load{}
	var series, columns, sums string
	var committed, sum int64
	var first, last sql.NullString
	err := s.sure.QueryRowContext(ctx, s.d.text(`SELECT l.n, l.series, l.columns, d.committed, d.lines, CAST(d.first_day AS TEXT), CAST(d.last_day AS TEXT),
		d.items, d.whole, d.more, d.grps, d.chunks, d.sums, d.sum FROM {s}load l JOIN {s}done d ON d.load = l.n WHERE d.id = ?`), id.String()).
		Scan(&l.n, &series, &columns, &committed, &l.lines, &first, &last, &l.items, &l.whole, &l.more, &l.groups, &l.chunks, &sums, &sum)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("load %s: %w", id, facts.ErrNone)
	}
	if err != nil {
		return nil, s.d.Explain(err)
	}
	l.first, l.last, l.sums = first.String, last.String, strings.Fields(sums)
	if l.sum(id.String()) != sum {
		return nil, fmt.Errorf("the end of load %s is damaged: its checksum does not fit. Restore it from a backup", id)
	}
	if l.Header, err = headerOf(id.String(), series, columns, committed); err != nil {
		return nil, err
	}
	known := false
	if l.series, known = facts.SeriesOf(series); !known {
		return nil, fmt.Errorf("load %s is of the series %q, which a later release has written", id, series)
	}
	l.tables = tablesOf(l.series)
	return l, nil
}

// Rollup returns a load added up. It is an error where the rows do not add up to what was committed.
func (s *Store) Rollup(ctx context.Context, id model.ID) (*facts.Rollup, error) {
	l, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	out := &facts.Rollup{Header: l.Header, Whole: int(l.whole), GroupColumns: l.Daily()}
	if out.Items, err = s.rows(ctx, l, "i", len(l.Columns), l.items); err != nil {
		return nil, err
	}
	if out.Groups, err = s.rows(ctx, l, "g", len(out.GroupColumns), l.groups); err != nil {
		return nil, err
	}
	if out.Months, err = s.totals(ctx, l, &l.tables.month, "item", "month", l.items); err != nil {
		return nil, err
	}
	if out.Days, err = s.totals(ctx, l, &l.tables.day, "grp", "day", l.groups); err != nil {
		return nil, err
	}
	return out, nil
}

// rows reads the packed items or groups of a load.
func (s *Store) rows(ctx context.Context, l *load, part string, columns int, want int64) ([][]string, error) {
	out := make([][]string, 0, want)
	err := s.blocks(ctx, l, part, columns, want, func(rows [][]string) error {
		out = append(out, rows...)
		return nil
	})
	return out, err
}

// blocks reads the packed rows of a part of a load, block by block.
func (s *Store) blocks(ctx context.Context, l *load, part string, columns int, want int64, take func(rows [][]string) error) error {
	rows, err := s.sure.QueryContext(ctx, s.d.text("SELECT seq, data, sum FROM {s}block WHERE load = ? AND part = ? ORDER BY seq"), l.n, part)
	if err != nil {
		return s.d.Explain(err)
	}
	defer rows.Close()
	got := int64(0)
	for rows.Next() {
		var seq, sum int64
		var data sql.RawBytes
		if err := rows.Scan(&seq, &data, &sum); err != nil {
			return err
		}
		place := blockPlace(l.Load, part, seq)
		raw, err := facts.Unseal(place, data, uint32(sum))
		if err != nil {
			return err
		}
		more, err := facts.UnpackItems(raw, columns)
		if err != nil {
			return fmt.Errorf("%s: %w", place, err)
		}
		got += int64(len(more))
		if err := take(more); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return s.d.Explain(err)
	}
	if got != want {
		return fmt.Errorf("load %s has %d combinations of values in its blocks %s, and should have %d: it is damaged, or was just dropped", l.Load, got, part, want)
	}
	return nil
}

// totals reads the sums of a load, adds up those that were written in parts, and checks them against what was committed.
func (s *Store) totals(ctx context.Context, l *load, t *table, of, at string, numbers int64) ([]facts.Total, error) {
	columns := []string{of, "CAST(" + at + " AS TEXT)", "lines"}
	for _, c := range t.columns[t.sums:] {
		columns = append(columns, "CAST("+c+" AS TEXT)")
	}
	rows, err := s.sure.QueryContext(ctx, s.d.text("SELECT "+strings.Join(columns, ", ")+" FROM {s}"+t.name+" WHERE load = ?"), l.n)
	if err != nil {
		return nil, s.d.Explain(err)
	}
	defer rows.Close()
	measures := len(l.series.Measures)
	sums := facts.NewSums(measures)
	total := facts.Total{Sums: make([]facts.Sum, measures)}
	all := facts.Total{Sums: make([]facts.Sum, measures)}
	var number int64
	var day sql.RawBytes
	texts := make([]sql.RawBytes, measures)
	into := []any{&number, &day, &total.Lines}
	for i := range texts {
		into = append(into, &texts[i])
	}
	days := dates{}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		if number < 0 || number >= numbers {
			return nil, fmt.Errorf("the table %s is damaged: load %s has no %s %d", t.name, l.Load, of, number)
		}
		total.Of = uint32(number)
		if total.At, err = days.parse(day); err != nil {
			return nil, fmt.Errorf("the table %s is damaged: load %s, %s %d: %w", t.name, l.Load, of, number, err)
		}
		for i, text := range texts {
			if total.Sums[i], err = facts.ParseSum([]byte(text)); err != nil {
				return nil, fmt.Errorf("the table %s is damaged: load %s, %s %d: %w", t.name, l.Load, of, number, err)
			}
			all.Sums[i].AddSum(total.Sums[i])
		}
		all.Lines += total.Lines
		sums.Add(total)
	}
	if err := rows.Err(); err != nil {
		return nil, s.d.Explain(err)
	}
	if all.Lines != l.lines {
		return nil, fmt.Errorf("the table %s has sums of %d lines of load %s, and %d were committed: it is damaged, or the load was just dropped", t.name, all.Lines, l.Load, l.lines)
	}
	for i, sum := range all.Sums {
		if got := sum.String(); i >= len(l.sums) || got != l.sums[i] {
			return nil, fmt.Errorf("the table %s is damaged: the %s of load %s adds up to %s, which is not what was committed", t.name, l.series.Measures[i], l.Load, got)
		}
	}
	return sums.Totals(), nil
}

// dates reads days, of which there are few, without reading the same text twice in a row.
type dates struct {
	text string
	day  model.Date
}

func (d *dates) parse(text []byte) (model.Date, error) {
	if string(text) == d.text && d.day != 0 {
		return d.day, nil
	}
	day, err := model.ParseDate(string(text))
	d.text, d.day = string(text), day
	return day, err
}

// Lines yields the lines of a load, one chunk after another.
func (s *Store) Lines(ctx context.Context, id model.ID, items map[uint32]bool) iter.Seq2[facts.Line, error] {
	return func(yield func(facts.Line, error) bool) {
		l, err := s.find(ctx, id)
		if err != nil {
			yield(facts.Line{}, err)
			return
		}
		if items != nil && len(items) == 0 {
			return
		}
		merged, err := s.merged(ctx, l)
		if err != nil {
			yield(facts.Line{}, err)
			return
		}
		n := int64(0)
		for seq := range l.chunks {
			raw, err := s.chunk(ctx, l, seq)
			if err != nil {
				yield(facts.Line{}, err)
				return
			}
			for line, err := range facts.UnpackLines(raw, len(l.series.Measures)) {
				if err == nil && int64(line.Item) >= l.whole+l.more {
					err = fmt.Errorf("there is no item %d", line.Item)
				}
				if err != nil {
					yield(facts.Line{}, fmt.Errorf("%s: %w", chunkPlace(id, seq), err))
					return
				}
				n++
				own := *line
				if own.Own = own.Item; int64(own.Own) >= l.whole {
					own.Item = merged[int64(own.Own)-l.whole]
				}
				if (items == nil || items[own.Item]) && !yield(own, nil) {
					return
				}
			}
		}
		if n != l.lines {
			yield(facts.Line{}, fmt.Errorf("load %s has %d lines in its chunks, and %d were committed: it is damaged", id, n, l.lines))
		}
	}
}

// chunk reads the packed lines of one chunk.
func (s *Store) chunk(ctx context.Context, l *load, seq int64) ([]byte, error) {
	var data []byte
	var sum int64
	place := chunkPlace(l.Load, seq)
	err := s.sure.QueryRowContext(ctx, s.d.text("SELECT data, sum FROM {s}chunk WHERE load = ? AND seq = ?"), l.n, seq).Scan(&data, &sum)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("%s is missing: it is damaged, or the load was just dropped", place)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", place, s.d.Explain(err))
	}
	return facts.Unseal(place, data, uint32(sum))
}
