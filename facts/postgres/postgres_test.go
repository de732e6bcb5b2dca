package postgres_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"binnacle/facts"
	"binnacle/facts/factstest"
	"binnacle/facts/postgres"
	"binnacle/journal/journaltest/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestStore(t *testing.T) {
	where := pgtest.Database(t)
	n := 0
	factstest.Run(t, func(t *testing.T) facts.Store {
		n++
		return open(t, fmt.Sprintf("%s&search_path=test%d", where, n))
	})
}

// TestOthersWhoWriteAreLeftAlone opens the same schema while another program writes, and after its connections broke.
func TestOthersWhoWriteAreLeftAlone(t *testing.T) {
	where := pgtest.Database(t)
	first := open(t, where)
	h := facts.Header{Load: factstest.ID(1), Series: "cost", Columns: []string{"A", "B", "C", "D"}}
	begin := func() facts.Writer {
		t.Helper()
		w, err := first.Write(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Item(facts.Hash{1}, func() []string { return []string{"a", "b", "c", "d"} }); err != nil {
			t.Fatal(err)
		}
		if err := w.Add(&facts.Line{Start: 1_800_000_000, End: 1_800_003_600}); err != nil {
			t.Fatal(err)
		}
		return w
	}
	w := begin()
	second := open(t, where)
	if n, err := facts.Sweep(t.Context(), second, nil, time.Now().Add(time.Hour)); err != nil || n != 0 {
		t.Errorf("%d loads of another writer were swept, %v", n, err)
	}
	if _, err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := second.Drop(t.Context(), h.Load); err != nil {
		t.Fatal(err)
	}
	w = begin()
	kill(t, where)
	third := open(t, where)
	if loads, err := third.Loads(t.Context()); err != nil || len(loads) != 0 {
		t.Errorf("the loads are %v, %v", loads, err)
	}
	if _, err := w.Commit(t.Context()); err == nil {
		t.Error("a load was committed whose rows another program had swept")
	}
	w = begin()
	if _, err := w.Commit(t.Context()); err != nil {
		t.Errorf("after the connections broke the store does not go on: %v", err)
	}
}

// kill ends all other connections to the database, as a broken network does.
func kill(t *testing.T, where string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if _, err := c.Exec(t.Context(), "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, where string) *postgres.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}
