package radar_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/radar"
)

type visitor struct {
	t      *testing.T
	site   *frame.Site
	secret string
}

func as(t *testing.T, w *doortest.World, name, person string, roles ...string) *visitor {
	t.Helper()
	s := frame.New(w.House, frame.Options{})
	radar.Mount(s)
	secret, err := w.Access.Begin(t.Context(), w.As(name, person, roles...).Account.Ref(), "192.0.2.7", "test", "password")
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, s, secret}
}

func (v *visitor) send(r *http.Request) *httptest.ResponseRecorder {
	r.AddCookie(&http.Cookie{Name: frame.SessionCookie, Value: v.secret})
	out := httptest.NewRecorder()
	v.site.ServeHTTP(out, r)
	return out
}

func (v *visitor) get(path string) *httptest.ResponseRecorder {
	return v.send(httptest.NewRequest("GET", path, nil))
}

func (v *visitor) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.send(r)
}

// has checks that a page says some things and does not say others, which start with an exclamation mark.
func has(t *testing.T, page *httptest.ResponseRecorder, status int, want ...string) {
	t.Helper()
	if page.Code != status {
		t.Fatalf("status %d instead of %d: %s", page.Code, status, page.Body)
	}
	for _, w := range append(want, "! style=", "!<style", "! onclick") {
		bare, not := strings.CutPrefix(w, "!")
		if strings.Contains(page.Body.String(), bare) == not {
			t.Errorf("the page and %q: it should%s be there", bare, map[bool]string{true: " not"}[not])
		}
	}
}

func leads(t *testing.T, got *httptest.ResponseRecorder, to string) {
	t.Helper()
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != to {
		t.Fatalf("status %d to %q instead of %q: %s", got.Code, got.Header().Get("Location"), to, got.Body)
	}
}

func named[R model.Record](rec R, key, name string) R {
	rec.Base().Key, rec.Base().Name = key, name
	return rec
}

// sky has a radar with four blips and an edition in which one lay further out, one was there that is gone, and one was not there yet.
func sky(t *testing.T) *doortest.World {
	w := doortest.Open(t)
	mara, noa := named(&model.Person{}, "mara", "Mara Lindqvist"), named(&model.Person{}, "noa", "Noa N")
	r := named(&model.Radar{Scope: "company"}, "company", "Company radar")
	w.Put(mara, noa, r)
	blip := func(key, name, quadrant, ring string) *model.Blip {
		b := named(&model.Blip{Radar: r.Ref(), Quadrant: quadrant, Ring: ring, State: model.BlipShown, Since: w.Today().AddMonths(-2), Rationale: "We know " + name + " **well**. <script>x</script>"}, key, name)
		w.Put(b)
		return b
	}
	golang, jenkins, k6 := blip("go", "Go", "Languages & Frameworks", "Adopt"), blip("jenkins", "Jenkins", "Tools", "Hold"), blip("k6", "k6", "Tools", "Trial")
	w.Put(named(&model.Blip{Radar: r.Ref(), Quadrant: "Tools", Ring: "Assess", State: model.BlipProposed}, "dagger", "Dagger"))
	w.Put(named(&model.RadarEdition{Radar: r.Ref(), Published: w.Today().AddMonths(-6), Summary: "The **spring** edition.", Blips: []model.EditionBlip{
		{Blip: golang.Ref(), Name: "Go", Quadrant: "Languages & Frameworks", Ring: "Trial", Moved: model.MoveNew}, {Blip: jenkins.Ref(), Name: "Jenkins", Quadrant: "Tools", Ring: "Hold", Moved: model.MoveNew},
		{Name: "Flash", Quadrant: "Tools", Ring: "Hold", Moved: model.MoveNew}}}, "spring", "Spring"))
	w.Put(named(&model.RadarVote{Blip: k6.Ref(), Voter: noa.Ref(), Ring: "Adopt", Reason: "It is good", Cast: w.Today().AddDays(-3)}, "v1", ""), named(&model.RadarVote{Blip: k6.Ref(), Voter: noa.Ref(), Ring: "Assess", Reason: "It was not", Cast: w.Today().AddDays(-30)}, "v0", ""))
	return w
}

// TestRadar shows the picture with the list, filters it, and shows an edition.
func TestRadar(t *testing.T) {
	w := sky(t)
	v := as(t, w, "cto", "mara", "cto")
	leads(t, v.get("/radar"), "/radar/company")
	has(t, v.get("/radar?all=yes"), 200, "Company radar", "<strong>3</strong> blips")
	has(t, v.get("/radar/company"), 200, "<svg", "/radar/company/blips/go", "Moved in", "New", "Jenkins", "Proposed", "Dagger", "Propose a blip", "Publish an edition", "Votes: Adopt 1", "!<script>x", "<strong>2</strong> moved or new")
	has(t, v.get("/radar/company?ring=Hold"), 200, "blips/jenkins", "!blips/k6", `aria-current="true">Hold <span class="count">1</span>`)
	has(t, v.get("/radar/company?moved=new"), 200, "blips/k6", "!blips/jenkins", "!blips/go")
	has(t, v.get("/radar/company?q=jenk"), 200, "blips/jenkins", "!blips/go")
	has(t, v.get("/radar/company?ring=Hold&moved=new"), 200, "No blip fits")
	has(t, v.get("/radar/company?edition=spring"), 200, "The <strong>spring</strong> edition.", "Flash", "!Publish an edition", "!blips/k6")
	if page := v.get("/radar/company?edition=nothing"); page.Code < 400 || page.Code >= 500 {
		t.Errorf("an edition that is not there answers %d", page.Code)
	}
	has(t, v.get("/radar/nothing"), 404)
}

// TestBlip reads a blip, votes twice, moves it, and talks about it.
func TestBlip(t *testing.T) {
	w := sky(t)
	v := as(t, w, "cto", "mara", "cto")
	has(t, v.get("/radar/company/blips/k6"), 200, "We know k6 <strong>well</strong>.", "!<script>x", "<strong>Noa N</strong>: Adopt", "!It was not", "It is good", `action="/radar/company/blips/k6/do/vote"`)
	has(t, v.get("/radar/company/blips/go"), 200, "Over the editions", `href="/radar/company?edition=spring"`, "Trial")
	for _, ring := range []string{"Hold", "Adopt"} {
		leads(t, v.post("/radar/company/blips/k6/do/vote", "ring", ring, "reason", "I tried it"), "/radar/company/blips/k6")
	}
	has(t, v.get("/radar/company/blips/k6"), 200, "<strong>You</strong>: Adopt", "!<strong>You</strong>: Hold", "Vote again")
	// Nobody votes in another name.
	v.post("/radar/company/blips/k6/do/vote", "ring", "Trial", "person", "noa", "voter", "noa")
	has(t, v.get("/radar/company/blips/k6"), 200, "<strong>Noa N</strong>: Adopt", "<strong>You</strong>: Trial")
	leads(t, v.post("/radar/company/blips/k6/do/move", "ring", "Adopt", "reason", "All teams use it"), "/radar/company/blips/k6")
	if b := w.Store.Snapshot().Find("Blip", "k6").(*model.Blip); b.Ring != "Adopt" {
		t.Errorf("it lies in %s", b.Ring)
	}
	leads(t, v.post("/radar/company/blips/k6/comments", "text", "Fine."), "/radar/company/blips/k6#discussion")
	has(t, v.post("/radar/company/blips/k6/do/remove"), 404)
	has(t, v.get("/radar/company/blips/nothing"), 404)
	employee := as(t, w, "joe", "", "employee")
	if page := employee.post("/radar/company/blips/k6/do/move", "ring", "Hold", "reason", "no"); page.Code < 400 {
		t.Errorf("an employee moves blips: %d", page.Code)
	}
}

// TestCompare holds the radar against its edition.
func TestCompare(t *testing.T) {
	w := sky(t)
	v := as(t, w, "cto", "mara", "cto")
	page := v.get("/radar/company/compare")
	has(t, page, 200, "from 2027-01-01 to now", "Moved in", "No longer shown", "Flash", "k6", "1 blip lies where it lay")
	has(t, v.get("/radar/company/compare?from=&to="), 200, "Nothing moved")
	has(t, v.get("/radar/company/compare?from=nothing"), 404)
}

// TestTheFirstRadar starts a radar where there is none.
func TestTheFirstRadar(t *testing.T) {
	w := doortest.Open(t)
	v := as(t, w, "cto", "", "cto")
	has(t, v.get("/radar"), 200, "There is no radar yet", "Start a radar")
	leads(t, v.post("/radar", "name", "Our radar"), "/radar")
	if page := v.get("/radar"); page.Code != 303 {
		t.Fatalf("status %d: %s", page.Code, page.Body)
	}
}
