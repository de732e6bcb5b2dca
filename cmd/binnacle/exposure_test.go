package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/defenseunicorns/go-oscal/src/pkg/validation"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"binnacle/practice/compliance/oscal"
)

// TestExposure runs frameworks, vulnerabilities and risks through the program as it is delivered, with files of others.
func TestExposure(t *testing.T) {
	samples, err := filepath.Abs("../../../shared/data")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(samples); err != nil {
		t.Skip("the samples are not there: ", err)
	}
	testscript.Run(t, testscript.Params{Files: []string{"testdata/exposure.txtar"}, RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("USER", "ada")
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("BINNACLE_DATA", filepath.Join(env.WorkDir, "data"))
			env.Setenv("SAMPLES", samples)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"pairs": pairs, "oscal": validOSCAL, "inside": inside},
	})
}

// pairs holds an answer of security.matches in JSON against a list of the samples: pairs NAME FILE. Both are sets.
func pairs(ts *testscript.TestScript, neg bool, args []string) {
	var expected map[string][][]string
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(filepath.Join(ts.Getenv("SAMPLES"), "03-vulnerabilities/expected-matches.json"))), &expected))
	var answer struct {
		Pairs struct {
			Rows []struct{ Component, Version, Advisory string }
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &answer))
	var got [][]string
	for _, row := range answer.Pairs.Rows {
		got = append(got, []string{row.Component, row.Version, row.Advisory})
	}
	if diff := cmp.Diff(asSet(expected[args[0]]), asSet(got)); (diff != "") != neg {
		ts.Fatalf("the pairs of %s differ (-want +got):\n%s", args[0], diff)
	}
}

func asSet(list [][]string) [][]string {
	list = slices.Clone(list)
	slices.SortFunc(list, slices.Compare)
	return slices.CompactFunc(list, slices.Equal)
}

// inside makes sure that every requirement that applies by one statement of applicability applies by the other: inside FILE FILE.
func inside(ts *testscript.TestScript, neg bool, args []string) {
	small, large := applicable(ts, args[0]), applicable(ts, args[1])
	missing := slices.DeleteFunc(slices.Clone(small), func(number string) bool { return slices.Contains(large, number) })
	if len(small) == 0 || (len(missing) > 0) != neg {
		ts.Fatalf("of %d requirements %v are missing", len(small), missing)
	}
}

func applicable(ts *testscript.TestScript, file string) []string {
	var answer struct {
		Statement struct {
			Rows []struct {
				Number  string
				Applies bool
			}
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(file)), &answer))
	var out []string
	for _, row := range answer.Statement.Rows {
		if row.Applies {
			out = append(out, row.Number)
		}
	}
	return out
}

// validOSCAL makes sure that a file is valid by the official schema: oscal FILE.
func validOSCAL(ts *testscript.TestScript, neg bool, args []string) {
	content := bytes.TrimSpace([]byte(ts.ReadFile(args[0])))
	v, err := validation.NewValidatorDesiredVersion(content, oscal.Version)
	ts.Check(err)
	if err := v.Validate(); (err != nil) != neg {
		ts.Fatalf("%s: %v", args[0], err)
	}
}
