// Package pgtest starts a PostgreSQL server for tests, where one is installed.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a PostgreSQL server that runs for the tests of one program.
type Server struct {
	// Dir is the folder with its socket.
	Dir string

	cmd   *exec.Cmd
	stdin io.Closer
	next  int
}

var (
	mu     sync.Mutex
	shared *Server
	users  int
)

// Main runs the tests of a package with one server for all of them. Without it,
// the server is started anew whenever no test uses it any more. It is for TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
func Main(m *testing.M) int {
	mu.Lock()
	users++
	mu.Unlock()
	defer release()
	return m.Run()
}

// Database returns the address of a new and empty database, which is there
// until the test ends. The test is skipped where PostgreSQL is not installed,
// and fails where the environment says CI=true.
func Database(t testing.TB) string {
	t.Helper()
	s := Start(t)
	mu.Lock()
	s.next++
	name := fmt.Sprintf("test_%d", s.next)
	mu.Unlock()
	s.run(t, "CREATE DATABASE "+name)
	t.Cleanup(func() { s.run(t, "DROP DATABASE "+name+" WITH (FORCE)") })
	return s.Address(name)
}

// Start returns the server of this program, which is started where it does not
// run yet. The test is skipped, or fails, as [Database] says.
func Start(t testing.TB) *Server {
	t.Helper()
	mu.Lock()
	defer mu.Unlock()
	if shared == nil {
		bin, err := find()
		if err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skip("not tested against PostgreSQL: ", err)
		}
		s, err := start(bin)
		if err != nil {
			t.Fatal(err)
		}
		shared = s
	}
	users++
	t.Cleanup(release)
	return shared
}

// release stops the server when the last one that uses it is done.
func release() {
	mu.Lock()
	defer mu.Unlock()
	if users--; users == 0 && shared != nil {
		shared.stdin.Close()
		shared.cmd.Wait()
		shared = nil
	}
}

// Address returns the address of a database on the server.
func (s *Server) Address(database string) string {
	u := url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: url.Values{"host": {s.Dir}, "user": {"binnacle"}}.Encode()}
	return u.String()
}

func (s *Server) run(t testing.TB, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := pgx.Connect(ctx, s.Address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}

// find returns the folder with the programs of the newest PostgreSQL.
func find() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errors.New("initdb and postgres are neither on the PATH nor in /usr/lib/postgresql: install PostgreSQL")
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(newest), nil
}

// script runs the server until its input ends, which it does too when the tests are killed.
const script = `
"$1/postgres" -D "$2/data" -c listen_addresses= -c unix_socket_directories="$2" -c fsync=on -c max_connections=100 >"$2/log" 2>&1 &
pid=$!
cat >/dev/null
kill -QUIT $pid
wait $pid
rm -rf "$2"
`

func start(bin string) (*Server, error) {
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	attr, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"), "-U", "binnacle", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = attr, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	s := &Server{Dir: dir, cmd: exec.Command("/bin/sh", "-c", script, "sh", bin, dir)}
	s.cmd.SysProcAttr, s.cmd.Dir = attr, dir
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	if err := s.wait(); err != nil {
		s.stdin.Close()
		s.cmd.Wait()
		return nil, err
	}
	return s, nil
}

// unprivileged returns how to run as somebody else than root, whom PostgreSQL refuses.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() != 0 {
		return attr, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			return nil, err
		}
		attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		return attr, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody")
}

// wait waits until the server answers.
func (s *Server) wait() error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		c, err := pgx.Connect(ctx, s.Address("postgres"))
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(s.Dir, "log"))
			return fmt.Errorf("PostgreSQL does not start: %w\n%s", err, log)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
