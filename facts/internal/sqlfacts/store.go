// Package sqlfacts keeps facts in tables of an SQL database. The lines of a load
// are packed column by column into chunks; its sums are rows that other tools can read.
package sqlfacts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"binnacle/facts"
	"binnacle/model"
)

// Store is a store of facts in a database.
type Store struct {
	// quick confirms before its writes are on disk; what sure confirms is on disk, and with it what quick wrote before.
	quick, sure *sql.DB
	d           Dialect
	pump        *pump
	// writers is how many loads are being written. They share the memory.
	writers atomic.Int64
	once    sync.Once
	closing error
}

// Open makes the tables where they are missing and removes what writers left
// behind that are gone. The store owns the databases from now on, also where Open fails.
func Open(ctx context.Context, quick, sure *sql.DB, d Dialect) (*Store, error) {
	s := &Store{quick: quick, sure: sure, d: d}
	s.pump = newPump(s)
	err := s.migrate(ctx)
	if err == nil {
		_, err = s.sweep(ctx, func(session int64, _ time.Time) (bool, error) {
			alive, err := d.Alive(ctx, session)
			return !alive, err
		})
	}
	if err != nil {
		err = d.Explain(err)
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close ends the use of the store. Loads that are not committed are lost.
func (s *Store) Close() error {
	s.once.Do(func() {
		s.pump.close()
		s.closing = errors.Join(s.d.Close(), s.quick.Close(), s.sure.Close())
	})
	return s.closing
}

// SweepUnfinished removes the rows of loads that were begun before a moment, were never committed and whose writers are gone.
func (s *Store) SweepUnfinished(ctx context.Context, before time.Time) (int, error) {
	return s.sweep(ctx, func(session int64, begun time.Time) (bool, error) {
		if !begun.Before(before) || session == s.d.Session {
			return false, nil
		}
		alive, err := s.d.Alive(ctx, session)
		return !alive, err
	})
}

// sweep removes the loads without end for which gone says so.
func (s *Store) sweep(ctx context.Context, gone func(session int64, begun time.Time) (bool, error)) (int, error) {
	type left struct{ n, session, begun int64 }
	var found []left
	rows, err := s.sure.QueryContext(ctx, s.d.text("SELECT n, session, begun FROM {s}load WHERE NOT EXISTS (SELECT 1 FROM {s}done WHERE load = n)"))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var l left
		if err := rows.Scan(&l.n, &l.session, &l.begun); err != nil {
			return 0, err
		}
		found = append(found, l)
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	count := 0
	for _, l := range found {
		if ok, err := gone(l.session, time.UnixMilli(l.begun)); err != nil {
			return count, err
		} else if !ok {
			continue
		}
		if err := s.remove(ctx, l.n); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

// remove removes the rows of a load that was never committed.
func (s *Store) remove(ctx context.Context, n int64) error {
	_, err := s.sure.ExecContext(ctx, s.d.text("DELETE FROM {s}load WHERE n = ? AND NOT EXISTS (SELECT 1 FROM {s}done WHERE load = n)"), n)
	return err
}

// Loads returns the headers of all loads that were committed, in the order in which they were begun.
func (s *Store) Loads(ctx context.Context) ([]facts.Header, error) {
	rows, err := s.sure.QueryContext(ctx, s.d.text("SELECT l.id, l.series, l.columns, d.committed FROM {s}load l JOIN {s}done d ON d.load = l.n ORDER BY l.n"))
	if err != nil {
		return nil, s.d.Explain(err)
	}
	defer rows.Close()
	var out []facts.Header
	for rows.Next() {
		var id, series, columns string
		var committed int64
		if err := rows.Scan(&id, &series, &columns, &committed); err != nil {
			return nil, err
		}
		h, err := headerOf(id, series, columns, committed)
		if err != nil {
			return nil, err
		}
		out = append(out, h)
	}
	return out, rows.Err()
}

func headerOf(id, series, columns string, committed int64) (facts.Header, error) {
	h := facts.Header{Series: series, Committed: time.UnixMilli(committed).UTC()}
	var err error
	if h.Load, err = model.ParseID(id); err == nil {
		err = json.Unmarshal([]byte(columns), &h.Columns)
	}
	if err != nil {
		return h, fmt.Errorf("the header of load %s is damaged: %w", id, err)
	}
	return h, nil
}

// Drop removes a load.
func (s *Store) Drop(ctx context.Context, load model.ID) error {
	done, err := s.sure.ExecContext(ctx, s.d.text("DELETE FROM {s}load WHERE n = (SELECT load FROM {s}done WHERE id = ?)"), load.String())
	if err != nil {
		return fmt.Errorf("drop load %s: %w", load, s.d.Explain(err))
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("load %s: %w", load, facts.ErrNone))
	}
	return nil
}
