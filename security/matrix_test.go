package security

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binnacle/access"
	"binnacle/model"
	"binnacle/practice"
)

var update = flag.Bool("update", false, "write the golden files anew")

// thing is a record that the matrix asks for.
type thing struct {
	sort, key string
	own, dark bool
}

var things = []thing{{"own", ownKey, true, false}, {"other", foreignKey, false, false}, {"confidential", secretKey, false, true}}

// allowed tells from the lines of a role alone, without any code of the program,
// whether something may be done with an application.
func allowed(role *model.Role, what string, th thing) bool {
	extent := func(p model.Permission) model.Extent {
		switch what {
		case "write":
			return p.Write
		case "approve":
			return p.Approve
		}
		return p.Read
	}
	best, got := 0, model.Extent("none")
	for _, p := range role.Permissions {
		rank := map[string]int{"*": 1, "Applications": 2, "Application": 3}[p.Kinds]
		if rank > best {
			best, got = rank, extent(p)
		}
	}
	if what != "read" && !allowed(role, "read", th) {
		return false
	}
	if th.dark && !th.own && !role.ReadsConfidential {
		return false
	}
	return got == "all" || got == "own" && th.own
}

// way is one way to reach a record.
type way struct {
	name string
	need string
	// try reports whether the way was open.
	try func(m *matrixCase) (bool, reply)
}

// matrixCase is one role that asks for one thing.
type matrixCase struct {
	page, program *visitor
	th            thing
	word          string
	w             *world
}

// shows reports whether an answer tells of the thing.
func (m *matrixCase) shows(r reply) bool {
	return r.status == http.StatusOK && strings.Contains(r.body, m.word)
}

func readPage(path string) func(*matrixCase) (bool, reply) {
	return func(m *matrixCase) (bool, reply) {
		r := m.page.get(strings.ReplaceAll(path, "KEY", m.th.key))
		return m.shows(r), r
	}
}

func readProgram(path string) func(*matrixCase) (bool, reply) {
	return func(m *matrixCase) (bool, reply) {
		r := m.program.get(strings.ReplaceAll(path, "KEY", m.th.key))
		return m.shows(r), r
	}
}

// ways are all the ways to an application. Those that change something only try.
func ways() []way {
	return []way{
		{"page of the record", "read", readPage("/records/Application/KEY")},
		{"history of the record", "read", readPage("/records/Application/KEY/history")},
		{"list", "read", readPage("/records/Application?where=key%3DKEY")},
		{"list in the past", "read", readPage("/records/Application?where=key%3DKEY&as_of=HEAD")},
		{"search", "read", readPage("/search?q=KEY")},
		{"picker", "read", readPage("/pick?kinds=Application&q=KEY")},
		{"palette", "read", readPage("/palette?q=KEY")},
		{"export CSV", "read", readPage("/records/Application/export?format=csv&where=key%3DKEY")},
		{"export JSON", "read", readPage("/records/Application/export?format=json&where=key%3DKEY")},
		{"graph", "read", readPage("/pictures/graph.json?focus=Application/KEY")},
		{"question", "read", readPage("/questions/architecture.dependencies?record=Application/KEY")},
		{"REST record", "read", readProgram("/api/v1/records/Application/KEY")},
		{"REST list", "read", readProgram("/api/v1/records/Application?where=key%3DKEY")},
		{"REST search", "read", readProgram("/api/v1/search?q=KEY")},
		{"REST history", "read", readProgram("/api/v1/records/Application/KEY/history")},
		{"REST export", "read", readProgram("/api/v1/export/Application.csv?where=key%3DKEY")},
		{"form to edit", "write", func(m *matrixCase) (bool, reply) {
			r := m.page.get("/records/Application/" + m.th.key + "/edit")
			return r.status == http.StatusOK, r
		}},
		{"REST change", "write", func(m *matrixCase) (bool, reply) {
			r := m.program.send(http.MethodPatch, "/api/v1/records/Application/"+m.th.key+"?dry_run=true", `{"tags":["tried"]}`, "If-Match", "*")
			return r.status == http.StatusOK, r
		}},
		{"page to delete", "approve", func(m *matrixCase) (bool, reply) {
			r := m.page.get("/records/Application/" + m.th.key + "/delete")
			return r.status == http.StatusOK, r
		}},
		{"REST removal", "approve", func(m *matrixCase) (bool, reply) {
			r := m.program.do(http.MethodDelete, "/api/v1/records/Application/"+m.th.key+"?dry_run=true&cascade=true", nil, "If-Match", "*")
			return r.status == http.StatusOK || r.status == http.StatusNoContent, r
		}},
	}
}

// TestV8_3_1_Matrix tries every way to a record for every role and every sort
// of record, compares it with what the lines of the role say, and keeps the outcome as a table.
func TestV8_3_1_Matrix(t *testing.T) {
	w := newWorld(t)
	var out strings.Builder
	head := itoa(w.Head().Seq)
	for _, role := range access.DeliveredRoles() {
		page, program := w.as(t, role.Key), w.withToken(t, role.Key, "approve")
		fmt.Fprintf(&out, "\n%s\n", role.Key)
		for _, way := range ways() {
			fmt.Fprintf(&out, "  %-24s", way.name)
			for _, th := range things {
				m := &matrixCase{page: page, program: program, th: th, w: w, word: map[string]string{"own": ownWord, "other": foreignWord, "confidential": secretWord}[th.sort]}
				open, r := way.try(m)
				if strings.Contains(way.name, "past") {
					r = page.get(strings.ReplaceAll("/records/Application?where=key%3D"+th.key+"&as_of=HEAD", "HEAD", head))
					open = m.shows(r)
				}
				if want := allowed(role, way.need, th); open != want {
					t.Errorf("%s, %s of %s: open is %v, and the lines of the role say %v: %v", role.Key, way.name, th.sort, open, want, r)
				}
				if r.status >= 500 {
					t.Errorf("%s, %s of %s: %v", role.Key, way.name, th.sort, r)
				}
				fmt.Fprintf(&out, "  %-12s %-3s", th.sort, map[bool]string{true: "yes", false: "-"}[open])
			}
			fmt.Fprintln(&out)
		}
	}
	golden(t, "matrix.txt", out.String())
}

// TestV8_3_1_EveryRoute asks every route of every door as a stranger, as an
// employee and as somebody who administers, and keeps the outcome as a table. A
// new route shows up in it by itself.
func TestV8_3_1_EveryRoute(t *testing.T) {
	w := newWorld(t)
	var out strings.Builder
	stranger, employee, admin := w.stranger(t), w.as(t, "employee"), w.as(t, "administrator")
	fmt.Fprintf(&out, "%-60s %-9s %-9s %s\n", "route", "stranger", "employee", "administrator")
	for _, route := range routes(w) {
		method, path, _ := strings.Cut(route, " ")
		if strings.Contains(path, "/sign-out") || strings.Contains(path, "events") || method != http.MethodGet && strings.HasPrefix(path, "/me") {
			continue
		}
		fmt.Fprintf(&out, "%-60s", route)
		for _, v := range []*visitor{stranger, employee, admin} {
			r := v.do(method, fill(path), nil, "Sec-Fetch-Site", "same-origin")
			fmt.Fprintf(&out, " %-9d", r.status)
			if r.status >= 500 {
				t.Errorf("%s as %s: %v", route, v.name, r)
			}
			if v == stranger && r.status < 300 && !open(path) {
				t.Errorf("%s is open to strangers: %v", route, r)
			}
		}
		fmt.Fprintln(&out)
	}
	golden(t, "routes.txt", strings.ReplaceAll(out.String(), " \n", "\n"))
}

// open reports whether a route is meant for people who are not signed in.
func open(path string) bool {
	for _, prefix := range []string{"/assets/", "/sign-in", "/first", "/sso", "/csp", "/invite", "/reset", "/join"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return path == "/api/v1/openapi.json" || strings.HasPrefix(path, "/scim/v2/ServiceProviderConfig")
}

// fill puts a value into every gap of a route.
func fill(path string) string {
	for gap, value := range map[string]string{"{kind}": "Application", "{key}": foreignKey, "{seq}": "1", "{name}": "lifecycle.exposure", "{provider}": "none", "{$}": ""} {
		path = strings.ReplaceAll(path, gap, value)
	}
	for {
		a := strings.Index(path, "{")
		b := strings.Index(path, "}")
		if a < 0 || b < a {
			return path
		}
		path = path[:a] + "x" + path[b+1:]
	}
}

// TestV8_2_2_EveryQuestion asks every question as every role that does not read
// what is confidential, with the record as parameter where it takes one.
func TestV8_2_2_EveryQuestion(t *testing.T) {
	w := newWorld(t)
	roles := crawled(t)
	for _, role := range roles {
		page := w.as(t, role)
		for _, a := range practice.List(w.Practices) {
			path := "/questions/" + a.Name() + "?format=json"
			for _, f := range a.Parameters() {
				if f.IsRef() {
					path += "&" + f.Name + "=" + darkFor(f.To)
				}
			}
			if r := page.get(path); strings.Contains(strings.ToLower(r.body), secretWord) || r.status >= 500 {
				t.Errorf("%s as %s: %v", path, role, r)
			}
		}
	}
}

// darkFor returns a confidential record of one of some kinds.
func darkFor(kinds []string) string {
	for _, kind := range kinds {
		if key, ok := outwardKinds[kind]; ok {
			return kind + "/" + key + "-in-the-dark"
		}
	}
	return "Application/" + secretKey
}

// golden compares a text with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a, b := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			t.Errorf("%s, line %d: was %q, is %q (write it anew with -update where that is meant)", path, i+1, x, y)
			return
		}
	}
}
