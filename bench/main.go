// Command bench measures the numbers to beat on an estate of its own making,
// beside the same work on plain SQLite, on PostgreSQL where it is installed,
// and on bare Go. It prints one table, with ratios.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"binnacle/journal/sqlite"
	"binnacle/store"
)

// run is what the measurements share.
type run struct {
	ctx   context.Context
	size  int
	dir   string
	path  string
	store *store.Store
	// loaded is the last entry of the load.
	loaded uint64
	world  *world
	rows   []line
	// lines is how many lines the bill has.
	lines int
	// only names the steps to measure. None means all.
	only []string
}

// line is one line of the table that is printed.
type line struct {
	what, peer, budget, got string
}

func (r *run) report(what, peer, budget, format string, args ...any) {
	l := line{what, peer, budget, fmt.Sprintf(format, args...)}
	r.rows = append(r.rows, l)
	fmt.Fprintf(os.Stderr, "%s  %s: %s (%s)\n", time.Now().Format(time.TimeOnly), l.what, l.got, l.peer)
}

func main() {
	size := flag.Int("records", 1_000_000, "how many records the estate has")
	profile := flag.String("profile", "", "write a profile of the processor time to this file")
	dir := flag.String("dir", "", "where to keep the database; a folder that is removed at the end when empty")
	lines := flag.Int("lines", 10_000_000, "how many lines the bill of the step facts has")
	only := flag.String("only", "", "measure only these steps, with commas between: facts, allocate, money, risk, controls, grants, delivery, vulnerabilities, advisories, radar, memory, start, closures, lists, records, edits, past, served, pocketbase, plain")
	flag.Parse()
	if is, err := importChild(); is {
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	// The program itself runs with this setting.
	debug.SetGCPercent(200)
	if *profile != "" {
		stop, err := startProfile(*profile)
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		defer stop()
	}
	if err := measure(*size, *lines, *dir, strings.FieldsFunc(*only, func(c rune) bool { return c == ',' })); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// startProfile writes a profile of the processor time to a file until stop is called.
func startProfile(path string) (stop func(), err error) {
	f, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return pprof.StopCPUProfile, pprof.StartCPUProfile(f)
}

// wants reports whether something is to be measured.
func (r *run) wants(step string) bool { return len(r.only) == 0 || slices.Contains(r.only, step) }

func measure(size, lines int, dir string, only []string) error {
	if dir == "" {
		made, err := os.MkdirTemp("", "binnacle-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		dir = made
	}
	alone := []string{"radar", "facts", "allocate", "money", "risk", "vulnerabilities", "advisories", "controls", "grants", "delivery"}
	bare := len(only) > 0 && !slices.ContainsFunc(only, func(step string) bool { return !slices.Contains(alone, step) })
	r := &run{ctx: context.Background(), size: size, lines: lines, dir: dir, path: filepath.Join(dir, "bench.db"), only: only}
	for _, step := range []struct {
		name string
		do   func(*run) error
	}{{"facts", bulk}, {"allocate", allocated}, {"money", money}, {"risk", risks}, {"controls", controlled}, {"grants", granted}, {"delivery", delivered}, {"vulnerabilities", vulnerabilities}, {"advisories", archived}, {"radar", drifted}, {"load", load}, {"memory", memory}, {"start", start}, {"closures", closures}, {"lists", lists}, {"records", records}, {"edits", edits}, {"past", past}, {"served", served}, {"plain", plain}} {
		// Without the load there is nothing to measure but what makes an estate of its own.
		if (step.name != "load" || bare) && !r.wants(step.name) {
			continue
		}
		if err := step.do(r); err != nil {
			return err
		}
	}
	if !bare {
		if err := r.store.Close(); err != nil {
			return err
		}
		fmt.Printf("\n%d records, %d refs, ", r.size, r.world.refs)
	}
	fmt.Printf("%d cores, %s\n\n", runtime.GOMAXPROCS(0), runtime.Version())
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "what\tBinnacle\tbudget\tbeside it, in this run")
	for _, l := range r.rows {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", l.what, l.got, l.budget, l.peer)
	}
	return w.Flush()
}

// open opens the estate of the run.
func (r *run) open() error {
	j, err := sqlite.Open(r.ctx, r.path)
	if err != nil {
		return err
	}
	r.store, err = store.Open(r.ctx, j, store.Options{})
	return err
}
