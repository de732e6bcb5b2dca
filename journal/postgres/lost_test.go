package postgres

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"binnacle/journal"
	"binnacle/journal/journaltest"
	"binnacle/journal/journaltest/pgtest"
)

// line stands between a journal and its database and can break at the moment that matters.
type line struct {
	to string

	mu sync.Mutex
	// breaks says when the connection that commits next is lost.
	breaks string
	conns  []net.Conn
	down   bool
}

// newLine opens a line and returns the address of the database behind it.
func newLine(t *testing.T, dsn string) (*line, string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{to: filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432")}
	t.Cleanup(func() {
		listener.Close()
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, c := range l.conns {
			c.Close()
		}
	})
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go l.carry(c)
		}
	}()
	host, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = url.Values{"host": {host}, "port": {port}, "user": {"binnacle"}, "sslmode": {"disable"}}.Encode()
	return l, u.String()
}

func (l *line) carry(client net.Conn) {
	defer client.Close()
	l.mu.Lock()
	down := l.down
	l.mu.Unlock()
	if down {
		return
	}
	server, err := net.Dial("unix", l.to)
	if err != nil {
		return
	}
	defer server.Close()
	l.mu.Lock()
	l.conns = append(l.conns, client, server)
	l.mu.Unlock()
	go func() {
		io.Copy(client, server)
		client.Close()
	}()
	buffer := make([]byte, 64<<10)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			return
		}
		breaks := ""
		if bytes.Contains(bytes.ToLower(buffer[:n]), []byte("commit\x00")) {
			l.mu.Lock()
			breaks, l.breaks = l.breaks, ""
			l.down = l.down || strings.HasSuffix(breaks, "for good")
			l.mu.Unlock()
		}
		if strings.HasPrefix(breaks, "before") {
			return
		}
		if strings.HasPrefix(breaks, "after") {
			client.Close()
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
		if breaks != "" {
			// The server ends the commit, and nobody hears of it.
			io.Copy(io.Discard, server)
			return
		}
	}
}

// TestConnectionLostInCommit loses the connection just before and just after the
// server hears of a commit. The caller must be told the truth, or that it is not known.
func TestConnectionLostInCommit(t *testing.T) {
	dsn := pgtest.Database(t)
	l, through := newLine(t, dsn)
	j, err := Open(t.Context(), through)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	p := journaltest.NewPen(t)
	if err := j.Append(t.Context(), 0, []journal.Commit{p.Bulk("good", 3)}); err != nil {
		t.Fatal(err)
	}
	lost := func(breaks string, head uint64, c journal.Commit) error {
		l.mu.Lock()
		l.breaks = breaks
		l.mu.Unlock()
		return j.Append(t.Context(), head, []journal.Commit{c})
	}
	head := func() uint64 {
		t.Helper()
		direct, err := Open(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		defer direct.Close()
		n, err := direct.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	second := p.Bulk("second", 3)
	if err := lost("before", 1, second); err == nil || errors.Is(err, journal.ErrUnknown) || head() != 1 {
		t.Errorf("lost before the commit: %v, and the head is %d; want an error and 1", err, head())
	}
	if err := lost("after", 1, second); err != nil || head() != 2 {
		t.Errorf("lost after the commit: %v, and the head is %d; want no error and 2", err, head())
	}
	third := p.Bulk("third", 3)
	if err := lost("after for good", 2, third); !errors.Is(err, journal.ErrUnknown) {
		t.Errorf("lost for good: %v, want ErrUnknown", err)
	}
	direct, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer direct.Close()
	if report, err := direct.Proof().Verify(t.Context(), nil, nil); err != nil || len(report.Problems) > 0 {
		t.Errorf("verify: %v %v", err, report.Problems)
	}
}

// TestWriterWhoseConnectionIsCut cuts writers off while they write. Nothing by half may stay.
func TestWriterWhoseConnectionIsCut(t *testing.T) {
	dsn := pgtest.Database(t)
	j, err := Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	p := journaltest.NewPen(t)
	if err := j.Append(t.Context(), 0, []journal.Commit{p.Bulk("good", 3)}); err != nil {
		t.Fatal(err)
	}
	c := p.Bulk("large", 20000)
	ended := make(chan error)
	go func() { ended <- j.Append(t.Context(), 1, []journal.Commit{c}) }()
	for over := false; !over; {
		_, err := j.store.pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE pid <> pg_backend_pid() AND datname = current_database() AND query ILIKE 'copy%journal_record%'`)
		if err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			if err == nil {
				t.Skip("the append was too fast to be cut off")
			}
			over = true
		default:
		}
	}
	if head, err := j.Head(t.Context()); head != 1 || err != nil {
		t.Errorf("the head is %d, %v; want 1", head, err)
	}
	if err := j.Append(t.Context(), 1, []journal.Commit{c}); err != nil {
		t.Error("the second try:", err)
	}
	if report, err := j.Proof().Verify(t.Context(), nil, nil); err != nil || len(report.Problems) > 0 {
		t.Errorf("verify: %v %v", err, report.Problems)
	}
}

// TestHostileNames makes views whose names try to break out of their quotes.
func TestHostileNames(t *testing.T) {
	j, err := Open(t.Context(), pgtest.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	if err := j.store.SyncViews(t.Context(), journaltest.HostileViews()); err != nil {
		t.Fatal(err)
	}
	for _, v := range journaltest.HostileViews() {
		n := -1
		query := "SELECT count(" + quote(v.Columns[0].Name) + ") FROM binnacle_views." + quote(v.Name)
		if err := j.store.pool.QueryRow(t.Context(), query).Scan(&n); err != nil || n != 0 {
			t.Errorf("%q: %d, %v", v.Name, n, err)
		}
	}
	if err := j.store.SyncViews(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// TestSchemas keeps two journals in one database, in schemas that the search path names.
func TestSchemas(t *testing.T) {
	dsn := pgtest.Database(t)
	for _, schema := range []string{"north", `"South West"`} {
		j, err := Open(t.Context(), dsn+"&search_path="+url.QueryEscape(schema))
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		if head, err := j.Head(t.Context()); head != 0 || err != nil {
			t.Errorf("%s: head %d, %v; want an empty journal", schema, head, err)
		}
		if err := j.Append(t.Context(), 0, []journal.Commit{journaltest.NewPen(t).Bulk("x", 2)}); err != nil {
			t.Error(schema, err)
		}
	}
	for path, want := range map[string]string{"": "binnacle", `"$user", public`: "binnacle", "Acme,public": "acme", `"Acme ""1""", public`: `Acme "1"`} {
		if got := schemaOf(path); got != want {
			t.Errorf("schemaOf(%q) = %q, want %q", path, got, want)
		}
	}
}

// TestCommitsAreOnDisk checks that a server that does not care for the last commits is told to.
func TestCommitsAreOnDisk(t *testing.T) {
	for set, want := range map[string]string{"off": "on", "local": "on", "remote_apply": "remote_apply"} {
		j, err := Open(t.Context(), pgtest.Database(t)+"&synchronous_commit="+set)
		if err != nil {
			t.Fatal(err)
		}
		tx, err := j.store.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := tx.QueryRow(t.Context(), j.store.sql(lockHead)).Scan(&got); err != nil || got != want {
			t.Errorf("synchronous_commit = %s becomes %q, %v; want %q", set, got, err, want)
		}
		tx.Rollback(t.Context())
		j.Close()
	}
}
