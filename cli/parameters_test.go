package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestArranged(t *testing.T) {
	parser, err := newParser(&session{env: Env{Getenv: func(string) string { return "" }}}, &grammar{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ in, want string }{
		{"get Host --limit 2", "get Host --limit=2"},
		{"--limit 2 get Host", "get --limit=2 Host"},
		{"--who get get Host", "get --who=get Host"},
		{"get --sort -cpus Host", "get --sort=-cpus Host"},
		{"--why now scenario merge x", "scenario merge --why=now x"},
		{"checkpoint -o file", "checkpoint --output=file"},
		{"import - --dry-run", "import - --dry-run"},
		{"set Host/a -- -x=1", "set Host/a -- -x=1"},
		{"--application shop ask fleet.hosts", "ask --application shop fleet.hosts"},
		{"-q history", "history -q"},
		{"nonsense get", "nonsense get"},
		{"scenario", "scenario"},
	} {
		if d := cmp.Diff(tc.want, strings.Join(arranged(parser, strings.Fields(tc.in)), " ")); d != "" {
			t.Errorf("%s (-want +got):\n%s", tc.in, d)
		}
	}
}

// FuzzArranged arranges any arguments: nothing is lost and nothing panics.
func FuzzArranged(f *testing.F) {
	for _, seed := range []string{"get Host --limit 2", "--who get get Host", "ask x --y", "-- -x", "-o", "--limit"} {
		f.Add(seed)
	}
	parser, err := newParser(&session{env: Env{Getenv: func(string) string { return "" }}}, &grammar{}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line string) {
		args := strings.Fields(line)
		letters := func(list []string) int {
			n := 0
			for _, a := range list {
				n += len(strings.ReplaceAll(strings.ReplaceAll(a, "=", ""), "--output", "-o"))
			}
			return n
		}
		if strings.Contains(line, "--output") || strings.Contains(line, "-o") {
			arranged(parser, args)
			return
		}
		if got := arranged(parser, args); letters(got) != letters(args) {
			t.Errorf("%q became %q", args, got)
		}
	})
}
