package jobs_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"binnacle/feed"
	"binnacle/feed/manifest"
	"binnacle/jobs"
	"binnacle/journal"
	"binnacle/journal/journaltest/pgtest"
	"binnacle/journal/postgres"
	"binnacle/journal/sqlite"
	"binnacle/store"
)

// childVariable tells a copy of this test program that it is the one to be killed, and which journal it writes.
const childVariable = "BINNACLE_CRASH_CHILD"

func TestMain(m *testing.M) {
	if where := os.Getenv(childVariable); where != "" {
		if err := importUntilKilled(where); err != nil {
			fmt.Println("error", err)
		}
		os.Exit(1)
	}
	os.Exit(pgtest.Main(m))
}

// hostsAnImport is how many hosts each import of the crash test brings.
const hostsAnImport = 20

// crashImports is how many imports are acknowledged in all.
const crashImports = 100

func openWhere(ctx context.Context, where string) (*store.Store, error) {
	var j journal.Journal
	var err error
	if strings.HasPrefix(where, "postgres:") {
		j, err = postgres.Open(ctx, where)
	} else {
		j, err = sqlite.Open(ctx, where)
	}
	if err != nil {
		return nil, err
	}
	return store.Open(ctx, j, store.Options{})
}

// importUntilKilled imports one manifest after the other and says so after each.
func importUntilKilled(where string) error {
	ctx := context.Background()
	s, err := openWhere(ctx, where)
	if err != nil {
		return err
	}
	for n := s.View().Count("Host") / hostsAnImport; ; n++ {
		report, err := jobs.Import(ctx, s, one(manifestOf(n)), detectManifest, jobs.ImportOptions{Who: "crash"})
		if err != nil {
			return err
		}
		if report.Total.Created != hostsAnImport {
			return fmt.Errorf("import %d: %+v", n, report.Total)
		}
		fmt.Println("done", n)
	}
}

func detectManifest([]byte) (feed.Format, error) { return manifest.Format, nil }

func one(in feed.Input) func(yield func(feed.Input, error) bool) {
	return func(yield func(feed.Input, error) bool) { yield(in, nil) }
}

func manifestOf(n int) feed.Input {
	var text strings.Builder
	for i := range hostsAnImport {
		fmt.Fprintf(&text, "---\nkind: Host\nkey: host-%d-%d\nserial: CRASH%d-%d\n", n, i, n, i)
	}
	return feed.Input{Name: fmt.Sprintf("hosts-%d.yaml", n), Data: []byte(text.String())}
}

func TestKillInTheMiddleOfImportsLosesNothingAcknowledged(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { killWhileImporting(t, filepath.Join(t.TempDir(), "crash.db")) })
	t.Run("PostgreSQL", func(t *testing.T) { killWhileImporting(t, pgtest.Database(t)) })
}

func killWhileImporting(t *testing.T, where string) {
	acknowledged := -1
	for round := 0; acknowledged < crashImports-1; round++ {
		if round > 4*crashImports {
			t.Fatalf("only %d imports were acknowledged in %d rounds", acknowledged+1, round)
		}
		acknowledged = max(acknowledged, runAndKill(t, where, 1+rand.IntN(12)))
		verifyAfterKill(t, where, acknowledged)
	}
}

// runAndKill lets a child import until it has said so a number of times, and
// kills it at some moment of the next import. It returns the last import that was acknowledged.
func runAndKill(t *testing.T, where string, after int) int {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"="+where)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	last := -1
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		if word != "done" {
			t.Fatalf("the child says %q", lines.Text())
		}
		last, _ = strconv.Atoi(rest)
		if after--; after == 0 {
			time.Sleep(time.Duration(rand.IntN(4000)) * time.Microsecond)
			child.Process.Kill()
		}
	}
	child.Wait()
	return last
}

func verifyAfterKill(t *testing.T, where string, acknowledged int) {
	t.Helper()
	ctx := t.Context()
	s, err := openWhere(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	v := s.View()
	if n := v.Count("Host"); n%hostsAnImport != 0 {
		t.Fatalf("%d hosts are there: an import was taken by half", n)
	}
	for n := range acknowledged + 1 {
		for i := range hostsAnImport {
			if v.Find("Host", fmt.Sprintf("host-%d-%d", n, i)) == nil {
				t.Fatalf("import %d was acknowledged, but its host %d is not there", n, i)
			}
		}
	}
	report, err := s.Verify(ctx, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range report.Problems {
		t.Errorf("verify: entry %d: %s", p.Seq, p.Text)
	}
}
