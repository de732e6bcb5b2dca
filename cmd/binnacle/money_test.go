package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"binnacle/journal/journaltest/pgtest"
)

func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"binnacle": main}) }

// TestMoney runs the whole way of money with the program as it is delivered: from one back end to the other, in both directions.
func TestMoney(t *testing.T) {
	sample, err := filepath.Abs("../../../shared/data/04-focus/focus_sample.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(sample); err != nil {
		t.Skip("the FOCUS sample is not there: ", err)
	}
	for name, there := range map[string]bool{"from SQLite to PostgreSQL": true, "from PostgreSQL to SQLite": false} {
		t.Run(name, func(t *testing.T) {
			database := pgtest.Database(t)
			testscript.Run(t, testscript.Params{Files: []string{"testdata/money.txtar"}, RequireExplicitExec: true, Setup: func(env *testscript.Env) error {
				env.Setenv("USER", "ada")
				env.Setenv("HOME", env.WorkDir)
				env.Setenv("FOCUS_SAMPLE", sample)
				from, other := "BINNACLE_", "OTHER_"
				if !there {
					from, other = other, from
				}
				env.Setenv(from+"DATA", filepath.Join(env.WorkDir, "data"))
				env.Setenv(from+"DATABASE", "")
				env.Setenv(other+"DATA", "")
				env.Setenv(other+"DATABASE", database)
				return nil
			}})
		})
	}
}
