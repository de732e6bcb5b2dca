// Binnacle knows a company's whole technology estate. This is the only place that knows every part of the program.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/mattn/go-isatty"

	"binnacle/cli"
	"binnacle/demo"
	"binnacle/facts"
	factspostgres "binnacle/facts/postgres"
	factssqlite "binnacle/facts/sqlite"
	"binnacle/journal"
	"binnacle/journal/postgres"
	"binnacle/journal/sqlite"
	practices "binnacle/practice/all"
	"binnacle/vault"
	vaultpostgres "binnacle/vault/postgres"
	vaultsqlite "binnacle/vault/sqlite"
)

func main() {
	// The estate lives in memory and most of it stays: collecting half as often costs some memory and saves much time.
	debug.SetGCPercent(200)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	terminal := isatty.IsTerminal(os.Stdout.Fd()) || isatty.IsCygwinTerminal(os.Stdout.Fd())
	width := 0
	if terminal {
		width = terminalWidth(os.Stdout)
	}
	code := cli.Main(ctx, os.Args[1:], cli.Env{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
		OpenJournal: openJournal, OpenVault: openVault, OpenFacts: openFacts, Practices: practices.Practices(), Demo: demo.Files(), DemoFiles: demo.Order, Version: version(),
		Terminal: terminal, Watched: isatty.IsTerminal(os.Stderr.Fd()), Width: width,
	})
	stop()
	os.Exit(code)
}

// openJournal chooses the back end: PostgreSQL for an address, SQLite for a file.
func openJournal(ctx context.Context, where string) (journal.Journal, error) {
	if strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://") {
		return postgres.Open(ctx, where)
	}
	return sqlite.Open(ctx, where)
}

// openVault does the same for the vault.
func openVault(ctx context.Context, where string) (vault.Vault, error) {
	if strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://") {
		return vaultpostgres.Open(ctx, where, nil)
	}
	return vaultsqlite.Open(ctx, where, nil)
}

// openFacts does the same for the bulk lines.
func openFacts(ctx context.Context, where string) (facts.Store, error) {
	if strings.HasPrefix(where, "postgres://") || strings.HasPrefix(where, "postgresql://") {
		return factspostgres.Open(ctx, where)
	}
	return factssqlite.Open(ctx, where)
}

// release is the name of the release. The build sets it.
var release = ""

// version returns the name of the release, or the revision that the program was built from.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "dev"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return "dev-" + setting.Value[:min(12, len(setting.Value))]
		}
	}
	return "dev"
}
