package cli_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"binnacle/cli"
	"binnacle/demo"
	"binnacle/facts"
	factspostgres "binnacle/facts/postgres"
	factssqlite "binnacle/facts/sqlite"
	"binnacle/journal"
	"binnacle/journal/journaltest/pgtest"
	"binnacle/journal/postgres"
	"binnacle/journal/sqlite"
	"binnacle/model"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"binnacle": program}) }

// program is the command as the scripts run it: with a clock that goes on by a
// minute with every command, beginning at noon of 21 November 2026, and ids that follow from the clock.
func program() {
	tick := nextTick()
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC).Add(time.Duration(tick) * time.Minute)
	made := 0
	os.Exit(cli.Main(context.Background(), os.Args[1:], cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, OpenJournal: openJournal, OpenFacts: openFacts, Practices: practices(), Demo: company(), Version: "test",
		Now: func() time.Time { return now },
		NewID: func() model.ID {
			made++
			return model.ID{0x01, 0x90, 2: byte(tick >> 8), 3: byte(tick), 6: 0x70, 8: 0x80, 13: byte(made >> 16), 14: byte(made >> 8), 15: byte(made)}
		},
	}))
}

// nextTick counts the commands of a script, in a file of it.
func nextTick() int {
	name := filepath.Join(os.Getenv("TICKS"), ".ticks")
	text, _ := os.ReadFile(name)
	n, _ := strconv.Atoi(string(text))
	if err := os.WriteFile(name, []byte(strconv.Itoa(n+1)), 0o600); err != nil {
		panic(err)
	}
	return n + 1
}

func openJournal(ctx context.Context, where string) (journal.Journal, error) {
	if strings.HasPrefix(where, "postgres") {
		return postgres.Open(ctx, where)
	}
	return sqlite.Open(ctx, where)
}

// openFacts opens the bulk lines in a file or a database.
func openFacts(ctx context.Context, where string) (facts.Store, error) {
	if strings.HasPrefix(where, "postgres://") {
		return factspostgres.Open(ctx, where)
	}
	return factssqlite.Open(ctx, where)
}

// company is what the scripts load as the demo: the real one, or a small one of their own.
func company() fs.FS {
	if os.Getenv("WHOLE_DEMO") != "" {
		return demo.Files()
	}
	return fstest.MapFS{"estate.yaml": &fstest.MapFile{Data: []byte("kind: Team\nkey: web\n---\nkind: Application\nkey: shop\nowner: Team/web\ncriticality: high\n")}}
}

func params(files []string, database string) testscript.Params {
	return testscript.Params{
		Files: files, RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("TICKS", env.WorkDir)
			env.Setenv("USER", "ada")
			env.Setenv("HOME", env.WorkDir)
			if database != "" {
				env.Setenv("BINNACLE_DATABASE", database)
			} else {
				env.Setenv("BINNACLE_DATA", filepath.Join(env.WorkDir, "data"))
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	}
}

// exits runs a command and wants a certain exit code: exits 4 binnacle set …
func exits(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: exits code command…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(code) != args[0] {
		ts.Fatalf("the exit code is %d and not %s", code, args[0])
	}
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no scripts: %v", err)
	}
	testscript.Run(t, params(files, ""))
}

// TestScriptsOnPostgres runs the scripts that tell the back ends apart, if anything does.
func TestScriptsOnPostgres(t *testing.T) {
	for _, name := range []string{"set", "time", "conflict", "scenario", "delete", "import", "erase", "verify", "custom"} {
		t.Run(name, func(t *testing.T) {
			testscript.Run(t, params([]string{"testdata/" + name + ".txtar"}, pgtest.Database(t)))
		})
	}
}
