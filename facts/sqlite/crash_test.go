package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"binnacle/facts"
	"binnacle/facts/factstest"
	"binnacle/facts/sqlite"
)

// victimPath in the environment makes a test program a writer that is going to be killed.
const victimPath = "BINNACLE_TEST_FACTS_VICTIM"

func TestMain(m *testing.M) {
	if path := os.Getenv(victimPath); path != "" {
		victim(path)
		return
	}
	os.Exit(m.Run())
}

// victimLines is how many lines each load of the victim has, each of 1.50.
const victimLines = 20_000

var victimColumns = []string{"ProviderName", "BillingCurrency", "ResourceId"}

// victim writes loads for ever and says which ones have been committed.
func victim(path string) {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path)
	if err != nil {
		fmt.Println("failed", err)
		return
	}
	loads, err := s.Loads(ctx)
	if err != nil {
		fmt.Println("failed", err)
		return
	}
	for n := len(loads) + 1; ; n++ {
		if err := writeLines(ctx, s, n, victimLines); err != nil {
			fmt.Println("failed", err)
			return
		}
		fmt.Println("committed", n)
	}
}

func writeLines(ctx context.Context, s facts.Store, n, lines int) error {
	w, err := begin(ctx, s, n, lines)
	if err == nil {
		_, err = w.Commit(ctx)
	}
	return err
}

// begin writes lines of a load and leaves it to the caller to end it.
func begin(ctx context.Context, s facts.Store, n, lines int) (facts.Writer, error) {
	w, err := s.Write(ctx, facts.Header{Load: factstest.ID(n), Series: "cost", Columns: victimColumns})
	if err != nil {
		return nil, err
	}
	line := facts.Line{}
	line.Values[facts.Billed] = factstest.Num("1.50")
	for i := range lines {
		line.Start, line.Row = int64(1_800_000_000+i), int64(i+2)
		line.End = line.Start + 1
		if line.Item, err = w.Item(facts.Hash{uint64(i % 3000)}, func() []string { return []string{"P", "EUR", fmt.Sprint("r", i%3000)} }); err == nil {
			err = w.Add(&line)
		}
		if err != nil {
			w.Abort()
			return nil, err
		}
	}
	return w, nil
}

// TestKilledWriterLeavesNothingByHalf kills a writer at random moments, again and again on the same file.
func TestKilledWriterLeavesNothingByHalf(t *testing.T) {
	path := filepath.Join(t.TempDir(), "facts.db")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	last, swept := 0, 0
	for range 6 {
		c := exec.Command(self)
		c.Env = append(os.Environ(), victimPath+"="+path)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		// A slow machine gets the time it needs: the moment counts from the first load that was committed.
		killing := time.AfterFunc(time.Minute, func() { c.Process.Kill() })
		begun := false
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if text, ok := strings.CutPrefix(lines.Text(), "failed "); ok {
				t.Error(text)
			}
			fmt.Sscanf(lines.Text(), "committed %d", &last)
			if !begun {
				begun = true
				killing.Reset(rand.N(500 * time.Millisecond))
			}
		}
		c.Wait()
		killing.Stop()
		swept += count(t, path, "SELECT count(*) FROM load WHERE n NOT IN (SELECT load FROM done)")
		there := whole(t, path)
		if there < last || there > last+1 {
			t.Errorf("%d loads are there, and %d were said to be committed", there, last)
		}
		last = there
		for _, table := range []string{"chunk", "block", "cost_month", "cost_day", "cost_group", "load"} {
			key := "load"
			if table == "load" {
				key = "n"
			}
			if n := count(t, path, "SELECT count(*) FROM "+table+" WHERE "+key+" NOT IN (SELECT load FROM done)"); n > 0 {
				t.Errorf("the table %s still has %d rows that do not count", table, n)
			}
		}
		if marks, _ := filepath.Glob(path + "-writer-*"); len(marks) > 0 {
			t.Errorf("marks were left behind: %v", marks)
		}
	}
	if last == 0 || swept == 0 {
		t.Errorf("%d loads were committed and %d swept: the writer was never killed in the middle of one", last, swept)
	}
}

// whole opens the file and checks that every load in it is whole. It returns how many there are.
func whole(t *testing.T, path string) int {
	t.Helper()
	s := open(t, path)
	defer s.Close()
	loads, err := s.Loads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range loads {
		r, err := s.Rollup(t.Context(), h.Load)
		if err != nil {
			t.Fatal(err)
		}
		var sum facts.Sum
		n := int64(0)
		for _, month := range r.Months {
			sum.AddSum(month.Sums[facts.Billed])
			n += month.Lines
		}
		lines := int64(0)
		for _, err := range s.Lines(t.Context(), h.Load, nil) {
			if err != nil {
				t.Fatal(err)
			}
			lines++
		}
		if n != victimLines || lines != n || sum.String() != "30000" {
			t.Errorf("load %s has %d lines, %d in its sums, and %s", h.Load, lines, n, sum)
		}
	}
	return len(loads)
}

func database(t *testing.T, path string) *sql.DB {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func count(t *testing.T, path, query string) (n int) {
	t.Helper()
	if err := database(t, path).QueryRow(query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestOthersWhoWriteAreLeftAlone opens the file while another program, or another part of this one, writes to it.
func TestOthersWhoWriteAreLeftAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "facts.db")
	first := open(t, path)
	w, err := begin(t.Context(), first, 1, victimLines)
	if err != nil {
		t.Fatal(err)
	}
	second := open(t, path)
	if n, err := facts.Sweep(t.Context(), second, nil, time.Now().Add(time.Hour)); err != nil || n != 0 {
		t.Errorf("%d loads of another writer were swept, %v", n, err)
	}
	if _, err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := begin(t.Context(), first, 2, victimLines); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := second.SweepUnfinished(t.Context(), time.Now().Add(time.Hour)); err != nil || n != 1 {
		t.Errorf("%d loads of a writer that is gone were swept, want 1; %v", n, err)
	}
	second.Close()
	if n := whole(t, path); n != 1 {
		t.Errorf("%d loads are there, want 1", n)
	}
}

// TestDamageIsFound changes what is stored. Whoever reads it must be told where.
func TestDamageIsFound(t *testing.T) {
	for name, c := range map[string]struct{ change, want string }{
		"a bit of a chunk":           {"UPDATE chunk SET data = CAST(substr(data, 1, 99) || x'00' || substr(data, 101) AS BLOB) WHERE seq = 1", "chunk 1 is damaged"},
		"chunks in the wrong places": {"UPDATE chunk SET data = (SELECT data FROM chunk WHERE seq = 0), sum = (SELECT sum FROM chunk WHERE seq = 0) WHERE seq = 1", "chunk 1 is damaged"},
		"a chunk is missing":         {"DELETE FROM chunk WHERE seq = 2", "chunk 2 is missing"},
		"a block of items":           {"UPDATE block SET data = CAST(data || x'00' AS BLOB) WHERE part = 'i' AND seq = 1", "block i1 is damaged"},
		"a block is missing":         {"DELETE FROM block WHERE part = 'i' AND seq = 2", "blocks i"},
		"a sum":                      {`UPDATE cost_month SET "BilledCost" = '10.51' WHERE item = 7`, "cost_month is damaged"},
		"a sum that is no number":    {`UPDATE cost_day SET "BilledCost" = 'much'`, "cost_day is damaged"},
		"a day":                      {"UPDATE cost_day SET day = 'yesterday'", "cost_day is damaged"},
		"sums are missing":           {"DELETE FROM cost_month WHERE item = 9", "cost_month has sums of"},
		"an item that is not there":  {"UPDATE cost_month SET item = 3000000 WHERE item = 9", "no item 3000000"},
		"what was committed":         {"UPDATE done SET lines = lines + 1", "the end of load"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "facts.db")
			s := open(t, path)
			if err := writeLines(t.Context(), s, 1, victimLines); err != nil {
				t.Fatal(err)
			}
			if _, err := database(t, path).Exec(c.change); err != nil {
				t.Fatal(err)
			}
			_, err := s.Rollup(t.Context(), factstest.ID(1))
			for _, failed := range s.Lines(t.Context(), factstest.ID(1), nil) {
				if failed != nil && err == nil {
					err = failed
				}
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), factstest.ID(1).String()) {
				t.Errorf("the error is %v: it must name the load and say %q", err, c.want)
			}
		})
	}
}

// TestManyItemsStayBounded writes more items than the memory of a writer holds: they are written in parts that readers add up.
func TestManyItemsStayBounded(t *testing.T) {
	const items = 250_000
	path := filepath.Join(t.TempDir(), "facts.db")
	s := open(t, path)
	w, err := s.Write(t.Context(), facts.Header{Load: factstest.ID(1), Series: "usage", Columns: []string{"Subject", "Metric"}})
	if err != nil {
		t.Fatal(err)
	}
	line := facts.Line{Start: 1_800_000_000, End: 1_800_003_600}
	line.Values[0] = factstest.Num("0.25")
	first, again := uint32(0), uint32(0)
	for i := range items + 1 {
		subject := fmt.Sprint("Application/", i%items)
		if line.Item, err = w.Item(facts.Hash{uint64(i % items), 3}, func() []string { return []string{subject, "requests"} }); err == nil {
			err = w.Add(&line)
		}
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = line.Item
		}
		again = line.Item
	}
	// The number of long ago is still good.
	line.Item = first
	if err := w.Add(&line); err != nil {
		t.Fatal(err)
	}
	if again == first {
		t.Error("the writer still knows the first item: it keeps all of them in memory")
	}
	if _, err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := s.Rollup(t.Context(), factstest.ID(1))
	if err != nil {
		t.Fatal(err)
	}
	var months facts.Sum
	of := map[string]int64{}
	for _, m := range r.Months {
		months.AddSum(m.Sums[0])
		of[r.Items[m.Of][0]] += m.Lines
	}
	if len(of) != items || of["Application/0"] != 3 || of["Application/1"] != 1 || months.String() != "62500.5" {
		t.Errorf("%d subjects, the first with %d lines, and %s in all", len(of), of["Application/0"], months)
	}
}

// TestLaterRelease refuses tables that a later release has changed.
func TestLaterRelease(t *testing.T) {
	path := filepath.Join(t.TempDir(), "facts.db")
	open(t, path).Close()
	if _, err := database(t, path).Exec("UPDATE format SET n = 99"); err != nil {
		t.Fatal(err)
	}
	if s, err := sqlite.Open(t.Context(), path); err == nil {
		s.Close()
		t.Error("the file of a later release was opened")
	}
}

// TestReportsCanRead asks the tables as a tool for reports does.
func TestReportsCanRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "facts.db")
	s := open(t, path)
	if err := writeLines(t.Context(), s, 1, 3000); err != nil {
		t.Fatal(err)
	}
	if _, err := begin(t.Context(), s, 2, 20_000); err != nil {
		t.Fatal(err)
	}
	for _, view := range []string{"cost_by_month", "cost_by_day"} {
		var load, provider, service sql.NullString
		var lines int64
		var billed float64
		if err := database(t, path).QueryRow(`SELECT load, "ProviderName", "ServiceName", sum(lines), sum("BilledCost") FROM `+view+` GROUP BY 1, 2, 3`).
			Scan(&load, &provider, &service, &lines, &billed); err != nil {
			t.Fatal(err)
		}
		if load.String != factstest.ID(1).String() || provider.String != "P" || service.Valid || lines != 3000 || billed != 4500 {
			t.Errorf("%s says %v %v %v %d %v", view, load, provider, service, lines, billed)
		}
	}
}
