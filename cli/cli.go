// Package cli is the door for people and programs at a command line. It parses
// commands, asks the store and the practices, and prints answers as tables or in
// forms that programs read.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/journal"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/store"
	"binnacle/vault"
)

// Env is everything that the command line takes from the world around it.
type Env struct {
	// Stdin is what import reads for the name -.
	Stdin io.Reader
	// Stdout receives answers.
	Stdout io.Writer
	// Stderr receives errors, warnings and progress.
	Stderr io.Writer
	// Getenv reads a variable of the environment. Unset means that of the process.
	Getenv func(name string) string
	// OpenJournal opens the journal at a place: the path of a file, or the address of a PostgreSQL database.
	// It makes the journal where there is none.
	OpenJournal func(ctx context.Context, where string) (journal.Journal, error)
	// OpenVault opens the vault at a place: the path of a file, or the address of a PostgreSQL database.
	OpenVault func(ctx context.Context, where string) (vault.Vault, error)
	// OpenFacts opens the bulk lines at a place: the path of a file, or the address of a PostgreSQL database. It makes the
	// store where there is none. Unset means that none are kept.
	OpenFacts func(ctx context.Context, where string) (facts.Store, error)
	// Practices are the disciplines whose questions can be asked.
	Practices []*practice.Practice
	// Demo holds the files of the demo company.
	Demo fs.FS
	// DemoFiles names the files of the demo in the order in which they are imported. None means all.
	DemoFiles []string
	// Version is the release of the program.
	Version string
	// Now tells the time. Unset means the clock of the machine.
	Now func() time.Time
	// NewID makes ids. Unset means UUIDs of version 7.
	NewID func() model.ID
	// Terminal says that answers are read by a person at a terminal: colours are used.
	Terminal bool
	// Watched says that errors are read by a person at a terminal: progress is shown.
	Watched bool
	// Width is how many columns the terminal has. 0 means that lines are as long as they need to be.
	Width int
}

// DatabaseFile is the name of the database in a data directory.
const DatabaseFile = "binnacle.db"

// VaultFile is the name of the vault in a data directory.
const VaultFile = "vault.db"

// FactsFile is the name of the database of bulk lines in a data directory.
const FactsFile = "facts.db"

// The exit codes of the program.
const (
	// ExitOK says that everything was done.
	ExitOK = 0
	// ExitFailure says that something went wrong.
	ExitFailure = 1
	// ExitUsage says that the command was not understood.
	ExitUsage = 2
	// ExitRefused says that something was not taken because it is not right.
	ExitRefused = 3
	// ExitConflict says that somebody else changed the same record.
	ExitConflict = 4
	// ExitVerify says that a verification or a check does not hold.
	ExitVerify = 5
)

// Main runs one command and returns the exit code.
func Main(ctx context.Context, args []string, env Env) (code int) {
	env = env.withDefaults()
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(env.Stderr, "binnacle: a fault in Binnacle stopped the command: %v\n", r)
			code = ExitFailure
		}
	}()
	s := &session{env: env}
	defer s.close()
	err := run(ctx, s, args)
	if closed := s.close(); err == nil {
		err = closed
	}
	return report(env.Stderr, err)
}

func (e Env) withDefaults() Env {
	if e.Getenv == nil {
		e.Getenv = os.Getenv
	}
	if e.Now == nil {
		e.Now = time.Now
	}
	if e.NewID == nil {
		e.NewID = store.NewID
	}
	if e.Version == "" {
		e.Version = "dev"
	}
	return e
}

// coded is an error with an exit code of its own. Without an error inside, what is to be said has been said.
type coded struct {
	code int
	err  error
}

// Error returns the text of the error inside.
func (c coded) Error() string {
	if c.err == nil {
		return ""
	}
	return c.err.Error()
}

// Unwrap returns the error inside.
func (c coded) Unwrap() error { return c.err }

func usage(format string, args ...any) error {
	return coded{ExitUsage, fmt.Errorf(format, args...)}
}

func refuse(format string, args ...any) error {
	return coded{ExitRefused, fmt.Errorf(format, args...)}
}

// report writes an error, one line for each thing that is wrong, and returns the exit code.
func report(w io.Writer, err error) int {
	if err == nil {
		return ExitOK
	}
	for line := range strings.SplitSeq(strings.TrimSpace(err.Error()), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			fmt.Fprintf(w, "binnacle: %s\n", clean(line))
		}
	}
	var c coded
	var refused *store.Refused
	var conflict *estate.Conflict
	switch {
	case errors.As(err, &c):
		return c.code
	case errors.As(err, &conflict):
		return ExitConflict
	case errors.As(err, &refused):
		return ExitRefused
	}
	return ExitFailure
}
