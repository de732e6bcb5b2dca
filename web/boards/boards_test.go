package boards_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/store"
	"binnacle/web/boards"
	"binnacle/web/frame"
)

// browser visits the pages in somebody's name.
type browser struct {
	t      *testing.T
	site   *frame.Site
	secret string
	face   string
}

func visit(t *testing.T, w *doortest.World, name string, roles ...string) *browser {
	t.Helper()
	s := frame.New(w.House, frame.Options{})
	boards.Mount(s)
	secret, err := w.Access.Begin(t.Context(), w.As(name, "", roles...).Account.Ref(), "192.0.2.7", "test", "password")
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, site: s, secret: secret}
}

func (b *browser) do(r *http.Request) *httptest.ResponseRecorder {
	b.t.Helper()
	r.AddCookie(&http.Cookie{Name: frame.SessionCookie, Value: b.secret})
	if b.face != "" {
		r.AddCookie(&http.Cookie{Name: "face", Value: b.face})
	}
	w := httptest.NewRecorder()
	b.site.ServeHTTP(w, r)
	return w
}

// get returns a page, which must be there.
func (b *browser) get(path string) string {
	b.t.Helper()
	w := b.do(httptest.NewRequest("GET", path, nil))
	if w.Code != http.StatusOK {
		b.t.Fatalf("GET %s: %d\n%s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

func (b *browser) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// has checks that a page says some things and does not say others, which start with an exclamation mark.
func has(t *testing.T, page string, words ...string) {
	t.Helper()
	for _, w := range words {
		bare, not := strings.CutPrefix(w, "!")
		if strings.Contains(page, bare) == not {
			t.Errorf("the page and %q: it should%s be there", bare, map[bool]string{true: " not"}[not])
		}
	}
}

func TestAnEmptyEstateShowsTheFirstSteps(t *testing.T) {
	w := doortest.Open(t)
	has(t, visit(t, w, "cio", "cio").get("/"), "Load the demo", "Import a file", "See the charter", "!Manage access")
	has(t, visit(t, w, "eva", "employee").get("/"), "!Load the demo", "See the charter")
}

func TestReadyBoardsOverTheDemo(t *testing.T) {
	b := visit(t, doortest.Demo(t), "cio", "cio")
	for path, words := range map[string][]string{
		"/boards/cio":               {"What needs attention", "Information security", "Yasmin Mertens", "off target", "/questions/lifecycle.exposure?kinds=Host", "nothing measures yet", "!Top line"},
		"/boards/cto":               {"The top line", "Technical leadership", "!Daily operations", "What moved", "What to decide", "What is at risk", "What it earns", "Blips moved or new in the edition of 2026-05-12", "OpenTelemetry to Adopt", "/questions/product.promises", "/questions/research.decisions_due"},
		"/boards/both":              {"Inward", "Outward", "Shared by both offices", "The handshake"},
		"/boards/ceo":               {"Course 2028", "Terminal gate renewal", "One officer or two", "over budget", "What it earns", "What is promised", "What it costs", "/questions/product.customers"},
		"/boards/cmo":               {"Products", "Key results", "What marketing owes and waits for", "What the market does", "Of them from portals", "/questions/product.market"},
		"/boards/technology":        {"what the estate proves", "Open bets", "Who builds the new customs gateway", "EDI-Kontor", "!Handed in", "Decisions that hold", "!There is no radar yet"},
		"/boards/product":           {"Growth in a year", "Promises that will not hold", "Kestrel Freight", "Under way", "Competitors", "!End of life"},
		"/boards/delivery":          {"metrics by service", "metrics by team", "What stands against delivering", "Freezes", "Hours that half of the requests took"},
		"/boards/money":             {"Largest savings"},
		"/boards/risk":              {"Treatments that buy most"},
		"/boards":                   {"Both hats", "Make a board", "Technology", "Delivery"},
		"/boards/cio?at=2029-01-01": {"/questions/lifecycle.exposure?at=2029-01-01&amp;kinds=Host"},
	} {
		page := b.get(path)
		has(t, page, append(words, `<script src="/assets/app.js`, "!style=")...)
		alone(t, path, page)
	}
	// The face chooses the board at home.
	for face, words := range map[string][]string{"inward": {"Daily operations", "!The top line"}, "outward": {"The top line", "!Daily operations"}} {
		b.face = face
		has(t, b.get("/"), append(words, "Rules for remote access", "What changed lately", "Freshness of sources")...)
	}
}

// pieceID is the id of a piece of a board.
var pieceID = regexp.MustCompile(` id="((?:tile|gauge|piece)-[^"]+)"`)

// alone checks that no two pieces of a board share an id: a link to it would lead to the wrong one.
func alone(t *testing.T, path, page string) {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range pieceID.FindAllStringSubmatch(page, -1) {
		if seen[m[1]] {
			t.Errorf("%s has two pieces with the id %s", path, m[1])
		}
		seen[m[1]] = true
	}
}

// TestAnEmptyEstateSaysWhatToDoNext opens the outward boards before anything is known: each piece leads to what would fill it.
func TestAnEmptyEstateSaysWhatToDoNext(t *testing.T) {
	w := doortest.Open(t)
	w.Put(&model.Team{Meta: model.Meta{Key: "crew"}})
	b := visit(t, w, "cto", "cto")
	for path, words := range map[string][]string{
		"/boards/cto":        {"/questions/radar.adopt_defaults", "/records/Experiment/new", "/records/Product/new", "!Moved since then"},
		"/boards/technology": {"/questions/radar.adopt_defaults", "/records/Experiment/new", "!Open bets"},
		"/boards/product":    {"/records/Product/new", "!Competitors"},
		"/boards/delivery":   {"Nothing is known about deliveries yet", "Import an export", "/records/Repository/new", "!metrics by team"},
		"/boards/ceo":        {"/records/Product/new", "/records/Customer/new", "Import a bill"},
	} {
		has(t, b.get(path), words...)
	}
	// Who may not add products is not led to the form.
	has(t, visit(t, w, "desk", "service-desk").get("/boards/product"), "No product is known yet", "Or it is not for you to see", "!/records/Product/new")
}

func TestAServiceDeskSeesNothingOfTheOffices(t *testing.T) {
	b := visit(t, doortest.Demo(t), "desk", "service-desk")
	has(t, b.get("/boards/cio"), "!Yasmin Mertens", "!Rules for remote access", "as it is delivered")
	has(t, b.get("/compare?page=/&left=as_of%3D1&right="), "!>Responsibilities<", "Hosts")
}

// TestABoardOfOnesOwn makes a board, puts tiles on it, arranges them, shares and deletes it.
func TestABoardOfOnesOwn(t *testing.T) {
	w := doortest.Demo(t)
	w.As("cio", "eokafor", "cio")
	b, other := visit(t, w, "cio"), visit(t, w, "eva", "engineer")
	if got := b.post("/boards", "name", "Ports & gates!").Header().Get("Location"); got != "/boards/ports-gates/arrange" {
		t.Fatalf("the new board leads to %q", got)
	}
	for _, tile := range [][]string{
		{"question", "lifecycle.exposure", "part", "hosts", "p.kinds", "Host, Service", "width", "3"},
		{"question", "architecture.every_application_has_owner", "title", "Owners"},
		{"question", "architecture.orphans", "parameters", "problems=no_owner", "part", "table"},
	} {
		if w := b.post("/boards/ports-gates/tiles", tile...); w.Code != http.StatusSeeOther {
			t.Fatalf("adding %v: %d %s", tile, w.Code, w.Body)
		}
	}
	tiles := func() []model.Tile { return w.Store.Snapshot().Find("Board", "ports-gates").(*model.Board).Tiles }
	want := []model.Tile{
		{Question: "lifecycle.exposure", Parameters: "kinds=Host&kinds=Service", Part: "hosts", Width: 3},
		{Question: "architecture.every_application_has_owner", Title: "Owners"},
		{Question: "architecture.orphans", Parameters: "problems=no_owner", Part: "table"},
	}
	if diff := cmp.Diff(want, tiles()); diff != "" {
		t.Fatalf("the tiles (-want +got):\n%s", diff)
	}
	has(t, b.get("/boards/ports-gates"), "Owners", "lost-and-found", `span-3`, `/questions/lifecycle.exposure?kinds=Host&amp;kinds=Service`)
	b.post("/boards/ports-gates/tiles/2", "question", "architecture.orphans", "do", "up")
	b.post("/boards/ports-gates/tiles/0", "question", "lifecycle.exposure", "do", "remove")
	if diff := cmp.Diff([]model.Tile{want[2], want[1]}, tiles()); diff != "" {
		t.Errorf("after moving and removing (-want +got):\n%s", diff)
	}
	for _, wrong := range [][]string{
		{"/boards/ports-gates/tiles/0", "question", "lifecycle.exposure", "do", "remove"},
		{"/boards/ports-gates/tiles/9", "question", "architecture.orphans", "do", "up"},
		{"/boards/ports-gates/tiles", "question", "architecture.orphans", "parameters", "sails=3"},
		{"/boards/ports-gates/tiles", "question", "architecture.orphans", "width", "13"},
	} {
		if w := b.post(wrong[0], wrong[1:]...); w.Code != http.StatusBadRequest {
			t.Errorf("%v: %d, want 400", wrong, w.Code)
		}
	}
	if w := other.do(httptest.NewRequest("GET", "/boards/ports-gates", nil)); w.Code != http.StatusNotFound {
		t.Errorf("somebody else sees the board before it is shared: %d", w.Code)
	}
	b.post("/boards/ports-gates/settings", "name", "Ports", "shared", "yes")
	has(t, other.get("/boards/ports-gates"), "Ports", "!Arrange")
	if w := other.post("/boards/ports-gates/delete"); w.Code != http.StatusNotFound && w.Code != http.StatusForbidden {
		t.Errorf("somebody else may delete the board: %d", w.Code)
	}
	if w := b.post("/boards/ports-gates/delete"); w.Code != http.StatusSeeOther || len(b.get("/boards")) == 0 {
		t.Errorf("the board cannot be deleted: %d", w.Code)
	}
}

// TestCompareShowsTheDifference gives an application an owner and compares before with after.
func TestCompareShowsTheDifference(t *testing.T) {
	w := doortest.Open(t)
	b := visit(t, w, "cio", "cio")
	team, app := &model.Team{}, &model.Application{}
	team.Key, app.Key, app.Name = "crew", "shop", "The shop"
	w.Put(team)
	before := w.Store.Snapshot().Stamp().Seq
	w.Put(app)
	path := func(page string) string {
		return "/compare?" + url.Values{"page": {page}, "left": {fmt.Sprintf("as_of=%d", before)}, "right": {""}, "kind": {"Application"}}.Encode()
	}
	has(t, b.get(path("/questions/architecture.orphans?problems=no_owner")), "Unowned", "1, worse", "1 added, 0 removed", "The shop", "As of entry")
	has(t, b.get(path("/records/Application")), "Applications", "The shop", "added")
	has(t, b.get(path("/records/Application/shop")), "The shop")
	old := w.Store.Snapshot().Find("Application", "shop").(*model.Application)
	changed := model.Clone(old)
	changed.Name, changed.Criticality = "The old shop", "low"
	other := &model.Application{}
	other.Key, other.Name, other.Criticality = "kiosk", "The kiosk", "high"
	seq := w.Store.Snapshot().Stamp().Seq
	w.Put(other)
	change, _ := model.Difference(w.Store.Snapshot().Schema().Of(app), old, changed)
	if _, err := w.Store.Commit(t.Context(), store.Tx{Who: "test", Why: "Rename", Changes: []model.Change{change}}); err != nil {
		t.Fatal(err)
	}
	list := func(query string) string {
		return "/compare?" + url.Values{"page": {"/records/Application?" + query}, "left": {fmt.Sprintf("as_of=%d", seq)}, "right": {""}}.Encode()
	}
	has(t, b.get(list("columns=name,criticality")), "Rows of the list", "1 added, 0 removed, 1 changed, 0 the same", "The old shop", "Low")
	has(t, b.get(list("where=name~kiosk")), "1 added, 0 removed, 0 changed, 0 the same")
	has(t, b.get(list("where=name%3DThe+shop")), "0 added, 1 removed, 0 changed, 0 the same")
	for sort, first := range map[string]string{"name": "kiosk", "-name": "old shop"} {
		if _, rows, _ := strings.Cut(b.get(list("columns=name&sort="+sort)), "Rows of the list"); !strings.Contains(rows[:strings.Index(rows, "</tr>")+strings.Index(rows[strings.Index(rows, "</tr>")+5:], "</tr>")+5], first) {
			t.Errorf("sorted by %s, %s is not first", sort, first)
		}
	}
	has(t, b.get(list("where=nonsense%3D1")), "The list cannot be made like this")
	has(t, b.get(path("/questions/sailing.knots")), "not there yet")
	has(t, b.get("/compare?page=//evil.example/&left=&right=at%3D2030-01-01"), `!href="//evil`, "The two estates have the same records")
	r := b.do(httptest.NewRequest("GET", "/compare?page=/boards/cio&left_as_of=3&left_at=&left_scenario=&right_as_of=&right_at=2029-01-01&right_scenario=", nil))
	if got, want := r.Header().Get("Location"), "/compare?left=as_of%3D3&page=%2Fboards%2Fcio&right=at%3D2029-01-01"; got != want {
		t.Errorf("the form leads to %s, want %s", got, want)
	}
	if r := b.do(httptest.NewRequest("GET", "/compare?left=as_of%3Dyesterday&right=", nil)); r.Code != http.StatusBadRequest {
		t.Errorf("a moment that is none: %d, want 400", r.Code)
	}
}

func TestATileThatFailsDoesNotBreakTheBoard(t *testing.T) {
	w := doortest.Open(t)
	b := visit(t, w, "cio", "cio")
	board := &model.Board{Shared: true, Tiles: []model.Tile{{Question: "sailing.knots"}, {Question: "architecture.orphans", Parameters: "sails=3"}, {Question: "architecture.orphans", Part: "unowned"}}}
	board.Key = "mixed"
	w.Put(board)
	has(t, b.get("/boards/mixed"), "not there yet", "no such parameter", "Unowned")
}
