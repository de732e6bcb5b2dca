package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"binnacle/facts"
	"binnacle/facts/sqlite"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/feed/focus"
	"binnacle/jobs"
	journal "binnacle/journal/sqlite"
	"binnacle/store"
)

// bulkFile in the environment makes this program import a bill and say how it went, in a process of its
// own whose memory is that of the import alone.
const bulkFile = "BINNACLE_BENCH_BULK_FILE"

// bulkResult is what an import says of itself.
type bulkResult struct {
	// Lines is how many lines were taken, in Seconds.
	Lines   int64
	Seconds float64
	// Resident is the most memory that the process had until the lines counted, and RollupResident until they were read added up, in bytes.
	Resident, RollupResident int64
	// Size is how large the database is, in bytes.
	Size int64
	// Rollup is how long it takes to read the load added up.
	Rollup float64
	// Billed is what each load adds up to.
	Billed []string
}

// bulk imports bills of hourly lines: the usual one, and one in which no line
// resembles another, for which a tenth of the lines must do. Beside it, sqlite3 puts the same file into a plain table.
func bulk(r *run) error {
	path := filepath.Join(r.dir, "bill.csv")
	defer os.Remove(path)
	made, err := writeBill(path, r.lines, false)
	if err != nil {
		return err
	}
	peer, err := plainImport(r, path)
	if err != nil {
		return err
	}
	got, err := importBill(r, path)
	if err != nil {
		return err
	}
	if got.Lines != made.lines || !slices.Equal(got.Billed, []string{made.billed}) {
		return fmt.Errorf("facts: %d lines with %v billed were kept, and %d with %s were made", got.Lines, got.Billed, made.lines, made.billed)
	}
	r.report("FOCUS lines imported: read, checked, added up, durable and counting", peer, ">= 150,000/s in <= 300 MB", "%s, roll-up in %.0f ms", got, got.Rollup*1000)
	if _, err := writeBill(path, max(1, r.lines/10), true); err != nil {
		return err
	}
	if got, err = importBill(r, path); err != nil {
		return err
	}
	r.report("a bill in which every line is another item", "", "<= 300 MB", "%s, roll-up in %.0f ms with %.0f MB resident", got, got.Rollup*1000, float64(got.RollupResident)/1e6)
	return nil
}

// String writes how an import went.
func (got bulkResult) String() string {
	return fmt.Sprintf("%.0f lines/s, %.0f MB resident, %.1f B a line on disk", float64(got.Lines)/got.Seconds, float64(got.Resident)/1e6, float64(got.Size)/float64(got.Lines))
}

// plainImport puts the file into a plain table with sqlite3, where that is installed.
func plainImport(r *run, path string) (string, error) {
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		return "sqlite3 is not installed", nil
	}
	database := filepath.Join(r.dir, "plain-bill.db")
	defer os.Remove(database)
	began := time.Now()
	if out, err := exec.CommandContext(r.ctx, program, database, "-cmd", ".mode csv", ".import '"+path+"' bill").CombinedOutput(); err != nil {
		return "", fmt.Errorf("sqlite3 .import: %w: %s", err, out)
	}
	took := time.Since(began).Seconds()
	info, err := os.Stat(database)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("sqlite3 .import into a plain table %.0f/s, %.0f B a line on disk", float64(r.lines)/took, float64(info.Size())/float64(r.lines)), nil
}

// importBill runs this program again for one import.
func importBill(r *run, path string) (bulkResult, error) {
	var got bulkResult
	self, err := os.Executable()
	if err != nil {
		return got, err
	}
	c := exec.CommandContext(r.ctx, self)
	c.Env = append(os.Environ(), bulkFile+"="+path)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return got, fmt.Errorf("import %s: %w", path, err)
	}
	return got, json.Unmarshal(out, &got)
}

// importChild imports the file that the environment names, and writes the result. It returns false where there is none.
func importChild() (bool, error) {
	path := os.Getenv(bulkFile)
	if path == "" {
		return false, nil
	}
	debug.SetGCPercent(200)
	if profile := os.Getenv("BINNACLE_BENCH_BULK_PROFILE"); profile != "" {
		stop, err := startProfile(profile)
		if err != nil {
			return true, err
		}
		defer stop()
	}
	got, err := importInto(context.Background(), path)
	if err != nil {
		return true, err
	}
	return true, json.NewEncoder(os.Stdout).Encode(got)
}

// importInto imports a bill as every door does: into an estate with its bulk lines beside it, up to the entry that lets them count.
func importInto(ctx context.Context, path string) (bulkResult, error) {
	var got bulkResult
	dir, err := os.MkdirTemp(filepath.Dir(path), "import-")
	if err != nil {
		return got, err
	}
	defer os.RemoveAll(dir)
	j, err := journal.Open(ctx, filepath.Join(dir, "binnacle.db"))
	if err != nil {
		return got, err
	}
	estate, err := store.Open(ctx, j, store.Options{})
	if err != nil {
		return got, err
	}
	defer estate.Close()
	database := filepath.Join(dir, "facts.db")
	lines, err := sqlite.Open(ctx, database)
	if err != nil {
		return got, err
	}
	defer lines.Close()
	if err := got.read(ctx, estate, lines, path); err != nil {
		return got, err
	}
	if got.Resident, err = mostResident(); err != nil {
		return got, err
	}
	began := time.Now()
	headers, err := lines.Loads(ctx)
	if err != nil {
		return got, err
	}
	for _, h := range headers {
		if _, err := lines.Rollup(ctx, h.Load); err != nil {
			return got, err
		}
	}
	got.Rollup = time.Since(began).Seconds()
	if got.RollupResident, err = mostResident(); err != nil {
		return got, err
	}
	if err := lines.Close(); err != nil {
		return got, err
	}
	info, err := os.Stat(database)
	if err == nil {
		got.Size = info.Size()
	}
	return got, err
}

// read imports the bill and notes how that went.
func (got *bulkResult) read(ctx context.Context, estate *store.Store, lines facts.Store, path string) error {
	in := feed.Input{Name: filepath.Base(path), Open: func() (*feed.Stream, error) { return feed.OpenStream(path) }, Bulk: &focus.Format}
	began := time.Now()
	report, err := jobs.Import(ctx, estate, func(yield func(feed.Input, error) bool) { yield(in, nil) }, all.Detect, jobs.ImportOptions{Who: "bench", Facts: lines})
	if err != nil {
		return err
	}
	got.Seconds = time.Since(began).Seconds()
	file := report.Files[0]
	if file.Error != "" || file.Counts.Refused > 0 || file.Warned > 0 {
		return fmt.Errorf("the bill was not taken as it is: %s %v %v", file.Error, file.Refused, file.Warnings)
	}
	for _, load := range file.Loads {
		got.Lines += int64(load.Lines)
		for _, total := range load.Totals {
			if total.Measure == facts.Costs.Measures[facts.Billed] {
				got.Billed = append(got.Billed, total.Amount)
			}
		}
	}
	return nil
}

// mostResident returns the most memory that this process ever had, where the system tells.
func mostResident() (int64, error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, nil
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kb * 1024, err
		}
	}
	return 0, nil
}
