package questions

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/frame"
)

// visitor asks pages in the name of somebody.
type visitor struct {
	t     *testing.T
	world *doortest.World
	site  *frame.Site
	pages *pages
	who   *access.Principal
}

func newVisitor(t *testing.T, w *doortest.World, who *access.Principal) *visitor {
	return &visitor{t, w, frame.New(w.House, frame.Options{}), &pages{running: newRunning()}, who}
}

// get asks a page and returns its status and what it shows.
func (v *visitor) get(h frame.Handler, address string) (int, string) {
	v.t.Helper()
	return v.send(h, httptest.NewRequest(http.MethodGet, address, nil))
}

func (v *visitor) post(h frame.Handler, address string, form url.Values) (int, string) {
	v.t.Helper()
	r := httptest.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.send(h, r)
}

func (v *visitor) send(h frame.Handler, r *http.Request) (int, string) {
	v.t.Helper()
	if rest, ok := strings.CutPrefix(r.URL.Path, "/questions/"); ok {
		name, _, _ := strings.Cut(rest, "/")
		r.SetPathValue("name", name)
	}
	out := httptest.NewRecorder()
	visit := &frame.Visit{Site: v.site, House: v.world.House, W: out, R: r, Who: v.who, Moment: door.MomentOf(r.URL.Query()), Face: "both"}
	if err := h(visit); err != nil {
		return 0, err.Error()
	}
	return out.Code, out.Body.String()
}

func contains(t *testing.T, page string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(page, want) {
			_, main, _ := strings.Cut(page, "<main")
			t.Errorf("%q is not on the page:\n%.1500s", want, main)
		}
	}
}

// TestQuestions looks at what a person does with questions, over the demo company.
func TestQuestions(t *testing.T) {
	w := doortest.Demo(t)
	v := newVisitor(t, w, w.As("cio", "", "cio"))

	t.Run("the list finds by words and by type", func(t *testing.T) {
		_, page := v.get(v.pages.index, "/questions?q=owner&type=action")
		contains(t, page, "Assign owner")
		if strings.Contains(page, ">Impact<") {
			t.Error("a question is among the actions")
		}
	})
	t.Run("a required parameter is asked for before anything is answered", func(t *testing.T) {
		status, page := v.get(v.pages.question, "/questions/architecture.impact")
		contains(t, page, "Fill in what is marked", `name="record"`)
		if status != http.StatusOK {
			t.Errorf("the status is %d", status)
		}
	})
	t.Run("an answer with the ways to take it along", func(t *testing.T) {
		_, page := v.get(v.pages.question, "/questions/architecture.impact?record=Host%2Frtm-db-01&at=2027-12-31")
		contains(t, page, "Dependents", "binnacle ask architecture.impact --record Host/rtm-db-01 --at 2027-12-31", "/api/v1/questions/architecture.impact?at=2027-12-31&amp;record=Host%2Frtm-db-01", "/records/Application/booking-engine?at=2027-12-31")
	})
	t.Run("a wrong value is named at its field", func(t *testing.T) {
		status, page := v.get(v.pages.question, "/questions/architecture.impact?record=Host%2Fnowhere")
		contains(t, page, `class="error"`)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("the status is %d", status)
		}
	})
	t.Run("a name that is no parameter is refused", func(t *testing.T) {
		_, page := v.get(v.pages.question, "/questions/lifecycle.timeline?colour=red")
		contains(t, page, "has no such parameter")
	})
	t.Run("the whole as JSON is that of every door", func(t *testing.T) {
		_, body := v.get(v.pages.question, "/questions/lifecycle.timeline.json?quarters=2")
		var out map[string]any
		if err := json.Unmarshal([]byte(body), &out); err != nil || out["series"] == nil || out["table"] == nil {
			t.Errorf("%v: %.200s", err, body)
		}
	})
	t.Run("a table as CSV and as a workbook", func(t *testing.T) {
		_, body := v.get(v.pages.question, "/questions/lifecycle.timeline.csv?part=table")
		contains(t, body, "Quarter,Ends,Technology")
		if _, body = v.get(v.pages.question, "/questions/lifecycle.timeline.xlsx"); !strings.HasPrefix(body, "PK") {
			t.Error("that is no workbook")
		}
	})
	t.Run("the records behind a number are listed", func(t *testing.T) {
		_, page := v.get(v.pages.from, "/questions/lifecycle.timeline/from?part=ending")
		contains(t, page, "/records/", "<table")
	})
	t.Run("a check says whether it holds, with the evidence", func(t *testing.T) {
		_, page := v.get(v.pages.question, "/questions/architecture.every_application_has_owner")
		contains(t, page, "Does not hold", "/questions/architecture.assign_owner?records=Application%2F")
	})
}

// TestActions checks that looking changes nothing, and that nobody commits what they have not seen.
func TestActions(t *testing.T) {
	w := doortest.Demo(t)
	v := newVisitor(t, w, w.As("cio", "", "cio"))
	address := "/questions/architecture.assign_owner?owner=platform"
	head := w.Head().Seq
	_, page := v.get(v.pages.question, address)
	contains(t, page, "changes proposed", "One entry, which you can undo.", "Customs Gateway")
	if w.Head().Seq != head {
		t.Fatal("looking has changed the estate")
	}
	seen := proposed(page)

	status, _ := v.post(v.pages.do, "/questions/architecture.assign_owner", url.Values{"owner": {"platform"}, "proposed": {"something else"}})
	if status != http.StatusConflict || w.Head().Seq != head {
		t.Fatalf("a proposal that nobody saw was answered with %d", status)
	}
	status, text := v.post(v.pages.do, "/questions/architecture.assign_owner", url.Values{"owner": {"platform"}, "proposed": {seen}, "why": {"Nobody had them"}})
	if status != http.StatusSeeOther || w.Head().Seq != head+1 {
		t.Fatalf("making the changes was answered with %d %.300s", status, text)
	}
	if _, page = v.get(v.pages.question, address); !strings.Contains(page, "Nothing to do") {
		t.Error("there is still something to do")
	}

	// Who may only read sees the proposal and the reason, but no button.
	if _, err := w.Undo(t.Context(), v.who, head+1, "", false); err != nil {
		t.Fatal(err)
	}
	reader := newVisitor(t, w, w.As("audit", "", "auditor"))
	_, page = reader.get(reader.pages.question, address)
	contains(t, page, "changes proposed", "do not allow you")
	if strings.Contains(page, "One entry, which you can undo.") {
		t.Error("who may only read can accept")
	}
	before := reader.owner("customs-gateway")
	_, page = v.get(v.pages.question, address)
	if status, text = reader.post(reader.pages.do, "/questions/architecture.assign_owner", url.Values{"owner": {"platform"}, "proposed": {proposed(page)}}); status != 0 || !strings.Contains(text, "do not allow you") {
		t.Errorf("who may only read was answered with %d %.200s", status, text)
	}
	if got := reader.owner("customs-gateway"); got != before || got == "platform" {
		t.Errorf("who may only read has changed the owner from %s to %s: %s", before, got, text)
	}
}

// owner returns the key of the owner of an application.
func (v *visitor) owner(key string) string {
	snap := v.world.Store.Snapshot()
	return snap.Get(snap.Find("Application", key).Base().Owner).Base().Key
}

// proposed returns the digest of the proposal that a page shows.
func proposed(page string) string {
	_, rest, _ := strings.Cut(page, `name="proposed" value="`)
	digest, _, _ := strings.Cut(rest, `"`)
	return digest
}

func TestTiles(t *testing.T) {
	w := doortest.Demo(t)
	v := newVisitor(t, w, w.As("cio", "ajansen", "cio"))
	form := url.Values{"quarters": {"4"}, "tile_part": {"series"}, "tile_new": {"My board: Ends & more"}, "tile_title": {"What ends"}, "tile_width": {"6"}}
	if status, text := v.post(v.pages.saveTile, "/questions/lifecycle.timeline/tile", form); status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, text)
	}
	form.Del("tile_new")
	form.Set("tile_board", "my-board-ends-more")
	if status, text := v.post(v.pages.saveTile, "/questions/lifecycle.timeline/tile", form); status != http.StatusSeeOther {
		t.Fatalf("%d %s", status, text)
	}
	b := w.Store.Snapshot().Find("Board", "my-board-ends-more").(*model.Board)
	if len(b.Tiles) != 2 || b.Tiles[1].Question != "lifecycle.timeline" || b.Tiles[1].Parameters != "quarters=4" || b.Tiles[1].Width != 6 || b.Tiles[1].Part != "series" {
		t.Errorf("the tiles are %+v", b.Tiles)
	}
	form.Set("tile_part", "nonsense")
	if _, text := v.post(v.pages.saveTile, "/questions/lifecycle.timeline/tile", form); !strings.Contains(text, "no part") {
		t.Errorf("a part that is not there gave %q", text)
	}
}

// TestPicturesHideWhatIsOutOfSight puts a confidential application between two others and looks at every picture.
func TestPicturesHideWhatIsOutOfSight(t *testing.T) {
	w := doortest.Open(t)
	open, secret, capability, goal := &model.Application{}, &model.Application{}, &model.Capability{}, &model.Host{}
	for rec, key := range map[model.Record]string{open: "open-app", secret: "secret-app", capability: "sell", goal: "db-host"} {
		rec.Base().Key, rec.Base().Name = key, strings.ToUpper(key)
	}
	w.Put(capability, goal)
	secret.Confidential, secret.Capabilities, secret.RunsOn, secret.Active = true, []model.Ref{capability.Ref()}, []model.Ref{goal.Ref()}, model.MustDate("2027-01-01")
	w.Put(secret)
	open.DependsOn, open.Capabilities, open.Active = []model.Ref{secret.Ref()}, []model.Ref{capability.Ref()}, model.MustDate("2027-01-01")
	w.Put(open)
	addresses := []struct {
		handler frame.Handler
		address string
	}{
		{capabilities, "/pictures/capabilities?open=sell"}, {capabilities, "/pictures/capabilities?by=unsupported&open=sell"}, {capabilities, "/pictures/capabilities?by=contracts&open=sell"},
		{roadmap, "/pictures/roadmap"}, {roadmap, "/pictures/roadmap?group=phase"}, {graph, "/pictures/graph?focus=Application%2Fopen-app&depth=6"}, {graph, "/pictures/graph?focus=Host%2Fdb-host&depth=6&direction=down"},
		{graphJSON, "/pictures/graph.json?focus=Application%2Fopen-app&depth=6"}, {graphJSON, "/pictures/graph.json?focus=Capability%2Fsell&depth=6&direction=up"},
	}
	staff, officer := newVisitor(t, w, w.As("eve", "", "engineer")), newVisitor(t, w, w.As("cio", "", "cio"))
	shown := 0
	for _, a := range addresses {
		if _, page := staff.get(a.handler, a.address); strings.Contains(strings.ToLower(page), "secret") {
			t.Errorf("%s shows what is confidential", a.address)
		}
		if _, page := officer.get(a.handler, a.address); strings.Contains(strings.ToLower(page), "secret-app") {
			shown++
		}
	}
	if shown < 6 {
		t.Errorf("only %d of %d pictures show it to who may see it: the test proves nothing", shown, len(addresses))
	}
	if _, text := staff.get(graph, "/pictures/graph?focus=Application%2Fsecret-app"); !strings.Contains(text, "there is no") {
		t.Errorf("asking for it by name gave %.200q", text)
	}
	_, hidden := staff.get(graphJSON, "/pictures/graph.json?focus=Application%2Fsecret-app")
	if _, absent := staff.get(graphJSON, "/pictures/graph.json?focus=Application%2Fnothing-app"); strings.ReplaceAll(hidden, "secret", "nothing") != absent {
		t.Errorf("what is hidden can be told from what is not there: %q and %q", hidden, absent)
	}
}

// TestSlowAnswers checks that a page does not hang: the answer is made once, in the background, and fetched later by
// whoever asked for it.
func TestSlowAnswers(t *testing.T) {
	r := newRunning()
	release, asked := make(chan struct{}), make(chan struct{}, 10)
	slow := func(context.Context) (door.Answer, error) {
		asked <- struct{}{}
		<-release
		return door.Answer{Value: "done"}, nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	if _, working, err := r.ask(ctx, "ada", "q", time.Millisecond, slow); working == 0 || err != nil {
		t.Fatalf("the first look waited: %v", err)
	}
	cancel()
	if _, working, _ := r.ask(t.Context(), "ada", "q", time.Millisecond, slow); working == 0 {
		t.Fatal("the second look waited")
	}
	close(release)
	answer, _, err := r.ask(t.Context(), "ada", "q", time.Minute, slow)
	if err != nil || answer.Value != "done" {
		t.Fatalf("%v %v", answer.Value, err)
	}
	if len(asked) != 1 {
		t.Errorf("the question was answered %d times", len(asked))
	}
	stuck := make(chan struct{})
	defer close(stuck)
	for _, key := range []string{"1", "2", "3", "4"} {
		r.ask(t.Context(), "bob", key, time.Millisecond, func(context.Context) (door.Answer, error) { <-stuck; return door.Answer{}, nil })
	}
	if _, _, err := r.ask(t.Context(), "bob", "5", time.Millisecond, slow); err == nil {
		t.Error("a fifth question at once was taken")
	}
	if _, _, err := r.ask(t.Context(), "eve", "6", time.Minute, func(context.Context) (door.Answer, error) { panic("broken") }); err == nil || !strings.Contains(err.Error(), "fault") {
		t.Errorf("a question that breaks gave %v", err)
	}
}
