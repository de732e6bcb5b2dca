package desk_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/desk"
	"binnacle/web/frame"
)

// browser visits the pages in somebody's name.
type browser struct {
	t      *testing.T
	w      *doortest.World
	site   *frame.Site
	secret string
}

func visit(t *testing.T, w *doortest.World) *browser {
	s := frame.New(w.House, frame.Options{})
	desk.Mount(s)
	return &browser{t: t, w: w, site: s}
}

// as signs somebody in.
func (b *browser) as(name, person string, roles ...string) *browser {
	b.t.Helper()
	p := b.w.As(name, person, roles...)
	secret, err := b.w.Access.Begin(b.t.Context(), p.Account.Ref(), "192.0.2.7", "test", "password")
	if err != nil {
		b.t.Fatal(err)
	}
	out := *b
	out.secret = secret
	return &out
}

func (b *browser) do(r *http.Request) *httptest.ResponseRecorder {
	if b.secret != "" {
		r.AddCookie(&http.Cookie{Name: frame.SessionCookie, Value: b.secret})
	}
	w := httptest.NewRecorder()
	b.site.ServeHTTP(w, r)
	return w
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	return b.do(httptest.NewRequest("GET", path, nil))
}

func (b *browser) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func application(key, name string, confidential bool) *model.Application {
	a := &model.Application{}
	a.Key, a.Name, a.Confidential = key, name, confidential
	return a
}

// harbour is an estate with one thing that everybody sees and one that few do.
func harbour(t *testing.T) (*doortest.World, *browser) {
	w := doortest.Open(t)
	w.As("ada", "")
	carla := &model.Person{}
	carla.Key, carla.Name = "carla", "Carla"
	w.Put(carla)
	w.Put(application("crane", "Harbour crane control", false))
	w.Put(application("merger", "Harbour merger plan", true))
	w.Put(&model.Scenario{Meta: model.Meta{Key: "sell", Name: "Sell the harbour", Owner: carla.Ref()}, State: "open"})
	return w, visit(t, w)
}

// edit gives a field of an application a new value, at a moment.
func edit(t *testing.T, w *doortest.World, who string, m door.Moment, key, field, value, why string) door.Receipt {
	t.Helper()
	p := w.Principal(who)
	v, err := w.Look(t.Context(), p, m)
	if err != nil {
		t.Fatal(err)
	}
	c, err := w.Build(t.Context(), p, v, door.Edit{Kind: "Application", Key: key, Set: map[string]any{field: value}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.Write(t.Context(), p, m, door.Tx{Why: why, Changes: []model.Change{c}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestNobodyReadsWhatIsConfidential(t *testing.T) {
	w, b := harbour(t)
	cio, clerk := b.as("cio", "carla", "cio"), b.as("clerk", "", "employee")
	edit(t, w, "cio", door.Moment{}, "merger", "description", "Buy the dockyard", "Talks about the merger")
	edit(t, w, "cio", door.Moment{Scenario: "sell"}, "merger", "description", "Sell it all", "Sell after the merger")
	for _, path := range []string{"/search?q=harbour", "/search?q=merger&kind=Application", "/pick?kinds=Application&q=", "/pick?kinds=Application&q=merger", "/pick?q=harbour", "/palette?q=harbour",
		"/palette?q=merger", "/history", "/history?kind=Application", "/scenarios"} {
		t.Run(path, func(t *testing.T) {
			for name, who := range map[string]*browser{"cio": cio, "clerk": clerk} {
				answer := who.get(path)
				if answer.Code != http.StatusOK {
					t.Fatalf("%s gets %d: %s", name, answer.Code, answer.Body)
				}
				// What was asked for is said back: that is no secret.
				body := strings.ReplaceAll(answer.Body.String(), `Search: merger`, "")
				body = strings.ReplaceAll(body, `value="merger"`, "")
				body = strings.ReplaceAll(body, "q=merger", "")
				seen := strings.Contains(body, "merger") || strings.Contains(body, "dockyard")
				if name == "clerk" && seen {
					t.Errorf("the clerk reads about the merger")
				}
				if name == "cio" && !seen && path != "/scenarios" {
					t.Errorf("the CIO does not find the merger")
				}
			}
		})
	}
	if body := clerk.get("/search?q=harbour").Body.String(); !strings.Contains(body, "crane") || !strings.Contains(body, `Everything <span class="count">1</span>`) {
		t.Error("the clerk does not find the crane, or the count tells of more than that")
	}
	if strings.Contains(clerk.get("/scenarios").Body.String(), "Sell the harbour") {
		t.Error("the clerk sees a scenario about what is confidential")
	}
	seq := w.Head().Seq - 1
	for _, path := range []string{"/history/" + number(seq), "/history/" + number(seq) + "/undo", "/scenarios/sell"} {
		if code := clerk.get(path).Code; code != http.StatusNotFound {
			t.Errorf("%s: the clerk gets %d", path, code)
		}
	}
	if code := clerk.post("/history/" + number(seq) + "/undo").Code; code != http.StatusNotFound {
		t.Errorf("the clerk may undo what is confidential: %d", code)
	}
}

func TestStrangersAreLedToTheDoor(t *testing.T) {
	_, b := harbour(t)
	for _, path := range []string{"/search?q=harbour", "/pick?kinds=Application", "/palette", "/fresh?since=0", "/history", "/history/1", "/scenarios", "/help", "/nothing-here"} {
		answer := b.get(path)
		if to := answer.Header().Get("Location"); answer.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in") {
			t.Errorf("%s: %d, to %q", path, answer.Code, to)
		}
	}
}

func TestPicking(t *testing.T) {
	_, b := harbour(t)
	cio := b.as("cio", "carla", "cio")
	for query, want := range map[string][]string{
		"kinds=Application&q=har": {"crane", "merger"},
		"kinds=Application":       {"crane", "merger"},
		"kinds=Host&q=har":        nil,
		"kinds=any&q=crane":       {"crane"},
		"kinds=Application&q=zzz": nil,
	} {
		var got []struct{ Kind, Key, Name string }
		answer := cio.get("/pick?" + query)
		if err := json.Unmarshal(answer.Body.Bytes(), &got); err != nil {
			t.Fatalf("%s: %v: %s", query, err, answer.Body)
		}
		var keys []string
		for _, g := range got {
			keys = append(keys, g.Key)
		}
		if diff := cmp.Diff(want, keys); diff != "" {
			t.Errorf("%s:\n%s", query, diff)
		}
	}
	if code := cio.get("/pick?kinds=Nonsense").Code; code != http.StatusBadRequest {
		t.Errorf("a kind that there is not gives %d", code)
	}
}

func TestPaletteLeadsEverywhere(t *testing.T) {
	_, b := harbour(t)
	cio := b.as("cio", "carla", "cio")
	for query, want := range map[string]string{"": "/boards", "hist": "/history", "crane": "/records/Application/crane", "new appl": "/records/Application/new", "dark": "/theme", "exposure": "/questions/lifecycle.exposure"} {
		var got []struct{ Path, Post string }
		if err := json.Unmarshal(cio.get("/palette?q="+url.QueryEscape(query)).Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		found := false
		for _, g := range got {
			found = found || g.Path == want || g.Post == want
		}
		if !found {
			t.Errorf("%q does not lead to %s: %v", query, want, got)
		}
	}
	clerk := b.as("clerk", "", "employee")
	if body := clerk.get("/palette?q=new+appl").Body.String(); strings.Contains(body, "Application/new") {
		t.Error("a clerk is offered to make what he may not")
	}
}

func TestUndoing(t *testing.T) {
	w, b := harbour(t)
	cio := b.as("cio", "carla", "cio")
	b.as("other", "", "cio")
	first := edit(t, w, "cio", door.Moment{}, "crane", "description", "Lifts boxes", "Describe the crane").Stamp.Seq
	page := cio.get("/history/" + number(first)).Body.String()
	for _, want := range []string{"Describe the crane", "Lifts boxes", "/history/" + number(first) + "/undo"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the entry does not say %q", want)
		}
	}
	if page := cio.get("/history/" + number(first) + "/undo").Body.String(); !strings.Contains(page, "Take it back") || !strings.Contains(page, "<del>Lifts boxes</del>") {
		t.Errorf("what would be taken back is not shown:\n%s", page)
	}
	if n := w.Head().Seq; n != first {
		t.Errorf("looking at what would be undone made entry %d", n)
	}
	edit(t, w, "other", door.Moment{}, "crane", "description", "Lifts ships", "Correct it")
	answer := cio.post("/history/" + number(first) + "/undo")
	if body := answer.Body.String(); answer.Code != http.StatusConflict || !strings.Contains(body, "Lifts boxes") || !strings.Contains(body, "Lifts ships") || !strings.Contains(body, "It is now") {
		t.Errorf("the conflict is not shown with its sides: %d\n%s", answer.Code, body)
	}
	last := w.Head().Seq
	if answer := cio.post("/history/" + number(last) + "/undo"); answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != "/history/"+number(last+1) {
		t.Errorf("undoing: %d to %q", answer.Code, answer.Header().Get("Location"))
	}
	if page := cio.get("/history").Body.String(); !strings.Contains(page, "takes back entry "+number(last)) {
		t.Error("the history does not tell what was taken back")
	}
	if code := cio.get("/history/999").Code; code != http.StatusNotFound {
		t.Errorf("an entry that there is not gives %d", code)
	}
}

func TestHistoryOfOnePersonAndOneKind(t *testing.T) {
	w, b := harbour(t)
	cio := b.as("cio", "carla", "cio")
	edit(t, w, "cio", door.Moment{}, "crane", "description", "Lifts boxes", "By the CIO")
	for query, want := range map[string]bool{"": true, "?who=cio": true, "?who=nobody": false, "?kind=Application": true, "?kind=Host": false, "?before=2": false} {
		if got := strings.Contains(cio.get("/history"+query).Body.String(), "By the CIO"); got != want {
			t.Errorf("%s: shown %v, want %v", query, got, want)
		}
	}
	for i := range 60 {
		edit(t, w, "cio", door.Moment{}, "crane", "description", "Version "+number(uint64(i)), "Step "+number(uint64(i)))
	}
	page := cio.get("/history?kind=Application").Body.String()
	if strings.Contains(page, "Step 9<") || !strings.Contains(page, "Step 10<") || !strings.Contains(page, "Older entries") {
		t.Error("the first page does not end after 50 entries")
	}
}

func TestScenarios(t *testing.T) {
	w, b := harbour(t)
	cio := b.as("cio", "carla", "cio")
	if answer := cio.post("/scenarios", "name", "Move to the cloud!"); answer.Header().Get("Location") != "/scenarios/move-to-the-cloud" {
		t.Fatalf("%d to %q", answer.Code, answer.Header().Get("Location"))
	}
	if answer := cio.post("/scenarios", "name", "Move to the cloud"); answer.Code != http.StatusUnprocessableEntity || !strings.Contains(answer.Body.String(), "there is such a record already") {
		t.Errorf("the same key again gives %d", answer.Code)
	}
	under := door.Moment{Scenario: "move-to-the-cloud"}
	edit(t, w, "cio", under, "crane", "description", "In the cloud", "Move the crane")
	page := cio.get("/scenarios/move-to-the-cloud").Body.String()
	for _, want := range []string{"Move the crane", "<ins>In the cloud</ins>", "1 edited", "/scenarios/move-to-the-cloud/merge"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of the scenario does not say %q", want)
		}
	}
	edit(t, w, "cio", door.Moment{}, "crane", "description", "On the quay", "Meanwhile")
	if page := cio.get("/scenarios/move-to-the-cloud").Body.String(); !strings.Contains(page, "On the quay") || !strings.Contains(page, "no longer fit") || strings.Contains(page, `/merge"`) {
		t.Error("the conflict is not shown, or it may be merged all the same")
	}
	cio.post("/scenarios/move-to-the-cloud/merge")
	if rec := w.Store.Snapshot().Find("Application", "crane"); rec.Base().Description != "On the quay" {
		t.Error("a scenario in conflict was merged")
	}
	cio.post("/history/" + number(w.Head().Seq) + "/undo")
	if answer := cio.post("/scenarios/move-to-the-cloud/merge", "why", "Approved"); answer.Code != http.StatusSeeOther {
		t.Fatalf("merging: %d %s", answer.Code, answer.Body)
	}
	if rec := w.Store.Snapshot().Find("Application", "crane"); rec.Base().Description != "In the cloud" {
		t.Error("the merge did nothing")
	}
	if answer := cio.post("/scenarios/sell/drop"); answer.Code != http.StatusSeeOther || w.Store.Snapshot().Find("Scenario", "sell").(*model.Scenario).State != "dropped" {
		t.Errorf("dropping: %d", answer.Code)
	}
}

// TestDifferentFieldsAreNoConflict edits one field in a scenario and others outside, of a record that a source brought.
func TestDifferentFieldsAreNoConflict(t *testing.T) {
	w := doortest.Demo(t)
	carla := &model.Person{}
	carla.Key = "carla"
	w.Put(carla)
	w.Put(&model.Scenario{Meta: model.Meta{Key: "move", Owner: carla.Ref()}, State: "open"})
	b := visit(t, w).as("carla", "carla", "cio")
	edit(t, w, "carla", door.Moment{Scenario: "move"}, "web-cms", "name", "Cloud content", "Rename")
	edit(t, w, "carla", door.Moment{}, "web-cms", "description", "Films too", "Films")
	edit(t, w, "carla", door.Moment{}, "web-cms", "tags", "films", "Tag")
	if page := b.get("/scenarios/move").Body.String(); strings.Contains(page, "no longer fit") {
		t.Error("different fields are taken for a conflict")
	}
	b.post("/scenarios/move/merge")
	rec := w.Store.Snapshot().Find("Application", "web-cms").Base()
	for _, field := range []string{"name", "description", "tags"} {
		if rec.OriginOf(field) != model.PersonSource {
			t.Errorf("%s is said to come from %q", field, rec.OriginOf(field))
		}
	}
	if rec.Name != "Cloud content" || rec.Description != "Films too" {
		t.Errorf("the record is now %q: %q", rec.Name, rec.Description)
	}
}

func TestFaceAndTheme(t *testing.T) {
	_, b := harbour(t)
	cio := b.as("cio", "carla", "cio")
	for _, c := range []struct{ path, name, value, to, location, cookie string }{
		{"/face", "face", "outward", "/history?kind=Host", "/history?kind=Host", "face=outward"},
		{"/face", "face", "both", "https://example.org/", "/", "face=both"},
		{"/face", "face", "both", "//example.org/", "/", "face=both"},
		{"/theme", "theme", "dark", "/help", "/help", "theme=dark"},
		{"/theme", "theme", "auto", `/\example.org`, "/", "theme=;"},
	} {
		answer := cio.post(c.path, c.name, c.value, "to", c.to)
		if got := answer.Header().Get("Location"); got != c.location || !strings.Contains(answer.Header().Get("Set-Cookie"), c.cookie) {
			t.Errorf("%s=%s to %s leads to %q with %q", c.name, c.value, c.to, got, answer.Header().Get("Set-Cookie"))
		}
	}
	if code := cio.post("/face", "face", "sideways").Code; code != http.StatusBadRequest {
		t.Errorf("a face that there is not gives %d", code)
	}
}

func TestFreshCountsWhatOthersDid(t *testing.T) {
	w, b := harbour(t)
	cio, clerk := b.as("cio", "carla", "cio"), b.as("clerk", "", "employee")
	since := number(w.Head().Seq)
	edit(t, w, "cio", door.Moment{}, "crane", "description", "Lifts boxes", "Describe the crane")
	edit(t, w, "cio", door.Moment{}, "merger", "description", "Hush", "Talks")
	for name, c := range map[string]struct {
		who  *browser
		want string
	}{"their own": {cio, `"entries":0`}, "what one sees": {clerk, `"entries":1`}} {
		if got := c.who.get("/fresh?since=" + since).Body.String(); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestHelpNamesEveryQuestion(t *testing.T) {
	_, b := harbour(t)
	page := b.as("cio", "carla", "cio").get("/help").Body.String()
	for _, want := range []string{"lifecycle.exposure", "architecture.", "Scenario", "Ctrl"} {
		if !strings.Contains(page, want) {
			t.Errorf("help does not speak of %s", want)
		}
	}
}

func number(n uint64) string {
	raw, _ := json.Marshal(n)
	return string(raw)
}
