package cli_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binnacle/api"
	"binnacle/cli"
	"binnacle/door/doortest"
	"binnacle/model"
	every "binnacle/practice/all"
)

// far is a server with a small estate, and the command line before it.
type far struct {
	*doortest.World
	t      *testing.T
	server *httptest.Server
	token  string
}

func openFar(t *testing.T) *far {
	t.Helper()
	w := doortest.Open(t)
	def := &model.KindDefinition{Label: "Vessel"}
	def.Key = "Vessel"
	field := &model.FieldDefinition{Kind: "Application", Field: "register", Type: "text"}
	field.Key = "Application.register"
	w.Put(def, field)
	team, host, app, second := &model.Team{}, &model.Host{OperatingSystem: "Debian", OSVersion: "12", CPUs: 4}, &model.Application{Criticality: "high"}, &model.Application{}
	team.Key, host.Key, app.Key, second.Key = "web", "db-01", "shop", "blog"
	team.Name, app.Name, app.Tags = "Web team", "Web <shop>", []string{"a", "b; c"}
	w.Put(team)
	host.Owner = team.Ref()
	w.Put(host)
	app.RunsOn, app.Owner = []model.Ref{host.Ref()}, team.Ref()
	w.Put(app, second)
	person := &model.Person{}
	person.Key = "max"
	w.Put(person)
	p := *w.As("max", "max", "cio", "administrator")
	p.Proved, p.Session = w.Now(), "test"
	secret, err := w.Access.NewToken(t.Context(), &p, "test", "approve", w.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	f := &far{World: w, t: t, server: httptest.NewServer(api.Handler(w.House, api.Options{})), token: secret}
	t.Cleanup(f.server.Close)
	return f
}

// run runs a command with some variables of the environment.
func (f *far) run(env map[string]string, args ...string) (code int, out, problems string) {
	f.t.Helper()
	var stdout, stderr bytes.Buffer
	code = cli.Main(context.Background(), args, cli.Env{Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, OpenJournal: openJournal, OpenFacts: openFacts,
		Practices: every.Practices(), Version: "test", Now: f.Now, Getenv: func(name string) string { return env[name] }})
	return code, stdout.String(), stderr.String()
}

func (f *far) there(args ...string) (int, string, string) {
	return f.run(map[string]string{"BINNACLE_SERVER": f.server.URL, "BINNACLE_TOKEN": f.token, "USER": "max"}, args...)
}

// TestAServerSaysTheSame asks the same of an estate here and over the network: every letter of the answer is the same.
func TestAServerSaysTheSame(t *testing.T) {
	f := openFar(t)
	here := map[string]string{"BINNACLE_DATA": f.Dir, "USER": "max"}
	for _, command := range []string{
		"get applications", "get applications --limit 1", "get hosts --where cpus>=4 --sort -cpus", "get apps --columns key,owner,version,created,changed", "get Application --search shop",
		"get Application/shop", "get Host db-01", "get Application/nothing", "get nothing", "get hosts --where colour=red", "get hosts --sort colour", "get Team", "search web", "search shop --kind Application", "search nothing-at-all",
		"questions", "questions lifecycle", "questions lifecycle.exposure", "questions none", "ask lifecycle.exposure", "ask architecture.impact Host/db-01", "ask architecture.impact Host/none", "ask architecture.impact",
		"ask architecture.orphans --limit 2", "check", "kinds", "kinds Application", "kinds Vessel", "sources",
		"history", "history --limit 2", "history Application/shop", "diff --as-of 2", "scenario", "export Application Host", "export --format json", "export Host --format csv",
	} {
		formats := []string{"table", "json", "csv", "yaml"}
		if strings.HasPrefix(command, "export") {
			formats = []string{""}
		}
		for _, format := range formats {
			args := strings.Fields(command)
			if format != "" {
				args = append(args, "--format", format)
			}
			wantCode, want, wantErr := f.run(here, args...)
			code, out, problems := f.there(args...)
			if code != wantCode || out != want {
				t.Errorf("%s: the code is %d and not %d (-here +there):\n%s\nhere: %s\nthere: %s", strings.Join(args, " "), code, wantCode, cmp.Diff(want, out), wantErr, problems)
			}
		}
	}
}

// TestWritingToAServer has the exit codes of writing here.
func TestWritingToAServer(t *testing.T) {
	f := openFar(t)
	csv := filepath.Join(t.TempDir(), "hosts.csv")
	if err := os.WriteFile(csv, []byte("key,cpus\nnew-1,4\nnew-2,many\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		command string
		code    int
		wants   string
	}{
		{"set Application/news name=News owner=web tags=x;y register=7", 0, "Application/news  created"},
		{"set Application/news name=Newer", 0, "1 edited, entry"},
		{"set Application/news name=Newer", 0, "Nothing to change."},
		{"set Application/news tags+=z --why More", 0, "x; y; z"},
		{"set Application/news name=Old --version 1", 4, "Newer Old yes"},
		{"set Application/news criticality=very", 3, ""},
		{"set Application/news runs_on=nothing", 3, ""},
		{"set Application/news colour=red", 2, ""},
		{"set Application/plan name=P --dry-run", 0, "dry run"},
		{"set Application/news name=Planned --scenario later", 0, "in the scenario later"},
		{"get Application/news --scenario later --format json", 0, `"name": "Planned"`},
		{"scenario show later", 0, "Planned"},
		{"scenario merge later --why Agreed", 0, "edited, entry"},
		{"scenario drop later", 1, ""},
		{"delete Host/db-01", 3, "Application/shop"},
		{"delete Host/db-01 --cascade --dry-run", 0, "deleted"},
		{"delete Application/news", 0, "1 deleted"},
		{"history Application/news", 0, "(deleted)"},
		{"import " + csv + " --kind Host", 3, "1 created"},
		{"get Host/new-1 --format csv", 0, "new-1"},
		{"do architecture.assign_owner --owner Team/web --dry-run", 0, ""},
		{"verify", 2, ""}, {"backup x", 2, ""}, {"serve", 2, ""}, {"init", 2, ""}, {"erase Person/max", 2, ""},
	} {
		code, out, problems := f.there(strings.Fields(test.command)...)
		if code != test.code || !strings.Contains(strings.Join(strings.Fields(out), " "), strings.Join(strings.Fields(test.wants), " ")) {
			t.Errorf("%s: the code is %d and not %d, or %q is missing:\n%s%s", test.command, code, test.code, test.wants, out, problems)
		}
		if strings.Contains(out+problems, f.token) {
			t.Errorf("%s prints the token", test.command)
		}
	}
	if code, out, problems := f.there("undo", "5", "--dry-run"); code != 0 && code != 3 && code != 4 {
		t.Errorf("undo: %d %s%s", code, out, problems)
	}
}

// TestHowATokenIsGiven and what is refused before anything is sent.
func TestHowATokenIsGiven(t *testing.T) {
	f := openFar(t)
	open, closed := filepath.Join(t.TempDir(), "open"), filepath.Join(t.TempDir(), "closed")
	for name, mode := range map[string]os.FileMode{open: 0o644, closed: 0o600} {
		if err := os.WriteFile(name, []byte(f.token+"\n"), mode); err != nil {
			t.Fatal(err)
		}
	}
	server := f.server.URL
	for _, test := range []struct {
		args []string
		code int
	}{
		{[]string{"get", "Host", "--server", server, "--token", f.token}, 0},
		{[]string{"get", "Host", "--server", server, "--token-file", closed}, 0},
		{[]string{"get", "Host", "--server", server, "--token-file", open}, 2},
		{[]string{"get", "Host", "--server", server}, 2},
		{[]string{"get", "Host", "--server", server, "--token", "bnc_wrong"}, 1},
		{[]string{"get", "Host", "--server", "http://binnacle.example.com", "--token", f.token}, 2},
		{[]string{"get", "Host", "--server", "ftp://binnacle.example.com", "--token", f.token}, 2},
		{[]string{"get", "Host", "--server", server, "--data", f.Dir, "--token", f.token}, 2},
	} {
		code, out, problems := f.run(nil, test.args...)
		if code != test.code || strings.Contains(out+problems, f.token) {
			t.Errorf("%v: the code is %d and not %d:\n%s%s", test.args[:3], code, test.code, out, problems)
		}
	}
}
