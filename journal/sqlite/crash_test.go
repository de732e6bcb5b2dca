package sqlite

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"math/rand/v2"

	"github.com/google/go-cmp/cmp"

	"binnacle/journal"
	"binnacle/journal/journaltest"
)

// The variables of the environment that make a test program a writer that is going to be killed.
const (
	victimPath  = "BINNACLE_TEST_VICTIM"
	victimLimit = "BINNACLE_TEST_FILE_LIMIT"
	// crashRounds asks for more rounds than a usual run has.
	crashRounds = "BINNACLE_TEST_CRASH_ROUNDS"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(victimPath); path != "" {
		victim(path)
		return
	}
	os.Exit(m.Run())
}

// victim appends entries for ever and says which ones have been acknowledged.
func victim(path string) {
	if limit, err := strconv.ParseUint(os.Getenv(victimLimit), 10, 64); err == nil {
		// From this size on, a file takes no more bytes: a write ends in the middle.
		signal.Ignore(syscall.SIGXFSZ)
		syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit})
	}
	ctx := context.Background()
	j, err := Open(ctx, path)
	if err != nil {
		fmt.Println("failed", err)
		return
	}
	for {
		head, err := j.Head(ctx)
		if err != nil {
			fmt.Println("failed", err)
			return
		}
		if err := j.Append(ctx, head, []journal.Commit{numbered(nil, head)}); err != nil {
			fmt.Println("failed", err)
			return
		}
		fmt.Println("acknowledged", head+1)
	}
}

// numbered returns the commit that follows an entry. It is the same whoever asks.
func numbered(t testing.TB, head uint64) journal.Commit {
	p := journaltest.NewPen(t)
	p.Continue(head, 40*head)
	n := 1 + int(head*7)%23
	return p.Bulk(fmt.Sprint("entry-", head+1), n)
}

// acknowledged runs a victim until it fails or is killed, and returns the last entry that it acknowledged.
func acknowledged(t *testing.T, path string, life time.Duration, limit string) uint64 {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), victimPath+"="+path, victimLimit+"="+limit)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	killing := time.AfterFunc(life, func() { c.Process.Kill() })
	defer killing.Stop()
	last := uint64(0)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fmt.Sscanf(lines.Text(), "acknowledged %d", &last)
	}
	c.Wait()
	return last
}

// intact checks that a journal has all entries up to one, that they are the right ones, and that the proof holds.
func intact(t *testing.T, path string, atLeast uint64) uint64 {
	t.Helper()
	j, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	n := uint64(0)
	for e, err := range j.Entries(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		want := numbered(t, n).Entry
		if e.Why != want.Why || len(e.Changes) != len(want.Changes) {
			t.Fatalf("entry %d is %q with %d changes, want %q with %d", e.Seq, e.Why, len(e.Changes), want.Why, len(want.Changes))
		}
		n++
	}
	if n < atLeast {
		t.Errorf("%d entries were acknowledged, and %d are there", atLeast, n)
	}
	report, err := j.Proof().Verify(t.Context(), nil, nil)
	if err != nil || len(report.Problems) > 0 {
		t.Errorf("verify: %v %v", err, report.Problems)
	}
	return n
}

// TestKilledWriterLosesNothing kills a writer at random moments, again and again on the same file.
func TestKilledWriterLosesNothing(t *testing.T) {
	rounds := 6
	if n, err := strconv.Atoi(os.Getenv(crashRounds)); err == nil {
		rounds = n
	}
	path := filepath.Join(t.TempDir(), "journal.db")
	last := uint64(0)
	for range rounds {
		last = max(last, acknowledged(t, path, 50*time.Millisecond+rand.N(250*time.Millisecond), ""))
		if there := intact(t, path, last); there > last+1 {
			t.Errorf("%d entries are there, and at most %d were begun", there, last+1)
		}
	}
	if last == 0 {
		t.Error("no entry was ever acknowledged")
	}
	t.Logf("%d entries in %d rounds", last, rounds)
}

// TestWriteErrors lets the disk refuse bytes from some size of a file on, in the
// middle of whatever is written. What was acknowledged must be there afterwards.
func TestWriteErrors(t *testing.T) {
	for limit := 70_000; limit < 800_000; limit += 61_001 {
		path := filepath.Join(t.TempDir(), "journal.db")
		last := acknowledged(t, path, 10*time.Second, strconv.Itoa(limit))
		if there := intact(t, path, last); there > last {
			t.Errorf("limit %d: the writer was told that entry %d failed, and %d entries are there", limit, last+1, there)
		}
		// Once the disk takes bytes again, work goes on.
		j, err := Open(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if err := j.Append(t.Context(), last, []journal.Commit{numbered(t, last)}); err != nil {
			t.Errorf("limit %d: %v", limit, err)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFullDisk lets the database itself run out of pages, page by page. An
// append succeeds or leaves nothing, and the same handle goes on afterwards.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, s := openStore(t, path)
	for head := uint64(0); head < 5; head++ {
		if err := j.Append(t.Context(), head, []journal.Commit{numbered(t, head)}); err != nil {
			t.Fatal(err)
		}
	}
	refused := 0
	for pages := 10; pages < 200; pages++ {
		if _, err := s.writer.exec(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
		head, err := j.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = j.Append(t.Context(), head, []journal.Commit{numbered(t, head)})
		after, headErr := j.Head(t.Context())
		if headErr != nil {
			t.Fatal(headErr)
		}
		if err != nil && after != head || err == nil && after != head+1 {
			t.Fatalf("%d pages: the append says %v, and the head went from %d to %d", pages, err, head, after)
		}
		if err != nil {
			refused++
		}
	}
	if refused == 0 {
		t.Error("the disk was never full")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	intact(t, path, 5)
}

// TestTornLog cuts the log of a running journal at many places, as a loss of
// power may leave it. Every entry that was on disk before the cut is there, and none by half.
func TestTornLog(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	j, _ := openStore(t, path)
	var sizes []int64
	for head := range uint64(12) {
		if err := j.Append(t.Context(), head, []journal.Commit{numbered(t, head)}); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, info.Size())
	}
	database, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	log, err := os.ReadFile(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	for cut := int64(0); cut <= int64(len(log)); cut += int64(len(log))/120 + 1 {
		torn := filepath.Join(dir, fmt.Sprintf("torn-%d.db", cut))
		for name, data := range map[string][]byte{torn: database, torn + "-wal": log[:cut]} {
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		whole := uint64(0)
		for _, size := range sizes {
			if size <= cut {
				whole++
			}
		}
		if cut < 200_000 && whole == 0 {
			// The tables themselves may be in the part that is cut off; then a new journal is made.
			j, err := Open(t.Context(), torn)
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			j.Close()
			continue
		}
		if got := intact(t, torn, whole); got != whole {
			t.Errorf("cut at %d of %d: %d entries are there, want %d", cut, len(log), got, whole)
		}
	}
}

// TestFlippedFile flips bits all over the file. Where the content is not what it
// was, opening, reading or verifying must say so.
func TestFlippedFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "journal.db")
	j, _ := openStore(t, path)
	for head := range uint64(4) {
		if err := j.Append(t.Context(), head, []journal.Commit{numbered(t, head)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := j.Proof().Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := contents(t, path)
	if err != nil {
		t.Fatal(err)
	}
	found, harmless := 0, 0
	copied := filepath.Join(dir, "flipped.db")
	for at := 0; at < len(whole); at += 1 + rand.IntN(len(whole)/200) {
		flipped := append([]byte(nil), whole...)
		flipped[at] ^= 1 << rand.IntN(8)
		os.Remove(copied + "-wal")
		os.Remove(copied + "-shm")
		if err := os.WriteFile(copied, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := contents(t, copied)
		switch {
		case err != nil:
			found++
		case cmp.Equal(want, got):
			harmless++
		default:
			t.Errorf("byte %d: the content changed and nothing is found:\n%s", at, cmp.Diff(want, got))
		}
	}
	t.Logf("%d flips were found and %d changed nothing that is stored", found, harmless)
}

// contents reads and verifies everything that a file stores.
func contents(t *testing.T, path string) (out []string, err error) {
	j, err := Open(t.Context(), path)
	if err != nil {
		return nil, err
	}
	defer j.Close()
	report, err := j.Proof().Verify(t.Context(), nil, nil)
	if err != nil {
		return nil, err
	}
	if len(report.Problems) > 0 {
		return nil, errors.New(report.Problems[0].Text)
	}
	out = append(out, fmt.Sprint(report))
	for e, err := range j.Entries(t.Context(), 0, 0) {
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf("%d %s %s %s %s", e.Seq, e.At, e.Who, e.Why, e.Source))
		for _, c := range e.Changes {
			out = append(out, fmt.Sprintf("%s %s %s %d %v", c.Op, c.Kind, c.ID, c.Version, c.Fields))
			for h, err := range j.History(t.Context(), c.ID) {
				if err != nil {
					return nil, err
				}
				out = append(out, fmt.Sprint(h.Seq, len(h.Changes)))
			}
		}
	}
	_, rows, err := j.Rows(t.Context())
	if err != nil {
		return nil, err
	}
	for r, err := range rows {
		if err != nil {
			return nil, err
		}
		out = append(out, fmt.Sprintf("%s %s %s %d %v %v %s", r.Kind, r.ID, r.Key, r.Version, r.Created, r.Changed, r.Body))
	}
	notes, err := j.Proof().Checkpoints(t.Context())
	if err != nil {
		return nil, err
	}
	key, err := j.Proof().VerifierKey(t.Context())
	return append(append(out, notes...), key), err
}

// TestFileIsPrivate checks that only the owner may read a new file and its log.
func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal #1?.db")
	j, _ := openStore(t, path)
	if err := j.Append(t.Context(), 0, []journal.Commit{numbered(t, 0)}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has the mode %o, want 600", filepath.Base(name), mode)
		}
	}
}

// TestErasedBytesAreGone looks for an erased value in the bytes of the file and its log.
func TestErasedBytesAreGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	j, s := openStore(t, path)
	p := journaltest.NewPen(t)
	id := p.Create(journaltest.Person("zq", "Zacharias Quint", "zacharias.quint@example.com"))
	for i, c := range []journal.Commit{p.Commit("a person"), journaltest.Forget(p, id)} {
		if err := j.Append(t.Context(), uint64(i), []journal.Commit{c}); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		if info, err := os.Stat(path + "-wal"); err == nil && info.Size() == 0 {
			break
		}
		s.nudge(true)
		time.Sleep(50 * time.Millisecond)
	}
	for _, name := range []string{path, path + "-wal"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"Quint", "zacharias.quint"} {
			if containsText(data, secret) {
				t.Errorf("%s still has %q", filepath.Base(name), secret)
			}
		}
	}
}

func containsText(data []byte, text string) bool {
	for i := range len(data) - len(text) + 1 {
		if string(data[i:i+len(text)]) == text {
			return true
		}
	}
	return false
}

// TestDiskThatDoesNotConfirm checks that a journal whose disk did not confirm a write takes no more.
func TestDiskThatDoesNotConfirm(t *testing.T) {
	j, s := openStore(t, filepath.Join(t.TempDir(), "journal.db"))
	s.broken = errors.New("disk I/O error")
	err := j.Append(t.Context(), 0, []journal.Commit{numbered(t, 0)})
	if !errors.Is(err, s.broken) {
		t.Errorf("the append says %v", err)
	}
	if head, err := j.Head(t.Context()); head != 0 || err != nil {
		t.Errorf("reading goes on: %d, %v", head, err)
	}
}

// TestHostileNames makes a view whose names try to break out of their quotes.
func TestHostileNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.db")
	_, s := openStore(t, path)
	if err := s.SyncViews(t.Context(), journaltest.HostileViews()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, v := range journaltest.HostileViews() {
		n := -1
		if err := db.QueryRow("SELECT count(" + quote(v.Columns[0].Name) + ") FROM " + quote(v.Name)).Scan(&n); err != nil || n != 0 {
			t.Errorf("%q: %d, %v", v.Name, n, err)
		}
	}
	if err := s.SyncViews(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// openStore opens a journal together with what is inside it.
func openStore(t *testing.T, path string) (*Journal, *store) {
	t.Helper()
	j, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j, j.store
}
