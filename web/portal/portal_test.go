package portal_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/portal"
)

func named[R model.Record](rec R, key, name string) R {
	rec.Base().Key, rec.Base().Name = key, name
	return rec
}

// hidden is a word that stands in everything that a visitor must not see.
const hidden = "Zanzibar"

// shop has two products with a portal each, one for everybody and one for customers, and much that is not for visitors.
func shop(t *testing.T) (w *doortest.World, quiet, foreign, secret *model.Idea) {
	w = doortest.Open(t)
	w.First()
	ferry, freight := named(&model.Product{Vision: hidden}, "ferry", "Ferry tickets"), named(&model.Product{}, "freight", hidden+" freight")
	buyer, other := named(&model.Customer{}, "buyer", hidden+" Ltd"), named(&model.Customer{}, "other", hidden+" Inc")
	w.Put(ferry, freight, buyer, other)
	day := w.Today()
	quiet = named(&model.Idea{Product: ferry.Ref(), State: model.IdeaNew, Public: true, PublicText: "No music.", From: hidden, Requests: []model.CustomerRequest{{Customer: buyer.Ref(), Words: hidden}}}, "quiet", "A quiet deck")
	quiet.Description = hidden
	foreign = named(&model.Idea{Product: freight.Ref(), State: model.IdeaNew, Public: true}, "foreign", hidden+" of freight")
	secret = named(&model.Idea{Product: ferry.Ref(), State: model.IdeaNew, Public: true}, "secret", hidden+" in the dark")
	secret.Confidential = true
	dark := named(&model.RoadmapItem{Product: ferry.Ref(), Bucket: "now", State: model.RoadmapPlanned, Public: true}, "dark", hidden+" item")
	dark.Confidential = true
	w.Put(quiet, foreign, secret, dark, named(&model.Idea{Product: ferry.Ref(), State: model.IdeaNew}, "own", hidden+" of our own"), named(&model.Idea{Product: ferry.Ref(), State: model.IdeaDeclined, Public: true, Answer: "It costs too much."}, "no", "Free coffee"),
		named(&model.RoadmapItem{Product: ferry.Ref(), Bucket: "now", State: model.RoadmapPlanned, Public: true, PublicText: "Until an hour before departure. <script>alert(1)</script>"}, "seats", "Seats that move"),
		named(&model.RoadmapItem{Product: ferry.Ref(), Bucket: "next", State: model.RoadmapPlanned}, "inner", hidden+" inside"),
		named(&model.Announcement{Product: ferry.Ref(), Public: true, Published: day.AddDays(-3), Text: "Every night."}, "nights", "Night crossings"),
		named(&model.Announcement{Product: ferry.Ref(), Public: true, Published: day.AddDays(3)}, "soon", hidden+" soon"),
		named(&model.Portal{Product: ferry.Ref(), Open: true, Audience: "everybody", Welcome: "Tell **us**.", ShowsRoadmap: true, TakesIdeas: true}, "ferry", hidden+" portal"),
		named(&model.Portal{Product: freight.Ref(), Open: true, Audience: "customers", Customers: []model.Ref{buyer.Ref()}, TakesIdeas: true}, "freight", hidden+" portal of freight"),
		named(&model.Portal{Product: ferry.Ref(), Audience: "everybody", TakesIdeas: true}, "closed", hidden+" closed"))
	return w, quiet, foreign, secret
}

// visitor is somebody with a browser whom nobody knows.
type visitor struct {
	t    *testing.T
	site http.Handler
	from string
	jar  map[string]*http.Cookie
}

func visit(t *testing.T, w *doortest.World, from string) *visitor {
	s := frame.New(w.House, frame.Options{})
	portal.Mount(s)
	return &visitor{t, s, from, map[string]*http.Cookie{}}
}

func (v *visitor) do(r *http.Request) *httptest.ResponseRecorder {
	r.RemoteAddr = v.from
	for _, c := range v.jar {
		r.AddCookie(c)
	}
	out := httptest.NewRecorder()
	v.site.ServeHTTP(out, r)
	for _, c := range out.Result().Cookies() {
		v.jar[c.Name] = c
	}
	return out
}

func (v *visitor) get(path string) *httptest.ResponseRecorder {
	return v.do(httptest.NewRequest("GET", path, nil))
}

func (v *visitor) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return v.do(r)
}

const here, elsewhere = "192.0.2.10:1000", "192.0.2.11:1000"

// ideas returns the ideas that came in on a portal.
func ideas(w *doortest.World) (out []*model.Idea) {
	for rec := range w.Store.Snapshot().View(w.Today()).All("Idea") {
		if i := rec.(*model.Idea); i.Channel == "portal" {
			out = append(out, i)
		}
	}
	return out
}

func votes(w *doortest.World, i *model.Idea) int {
	return w.Store.Snapshot().Get(i.Ref()).(*model.Idea).Votes
}

// TestThePortalShowsWhatIsPublicAndNothingElse reads the page as a stranger does.
func TestThePortalShowsWhatIsPublicAndNothingElse(t *testing.T) {
	w, _, _, _ := shop(t)
	page := visit(t, w, here).get("/portal/ferry")
	body := page.Body.String()
	if page.Code != 200 {
		t.Fatalf("status %d: %s", page.Code, body)
	}
	for _, want := range []string{"<h1>Ferry tickets</h1>", "Tell <strong>us</strong>.", "Seats that move", "Until an hour before departure.", "Night crossings", "28 June 2027", "A quiet deck", "No music.", "Not planned", "It costs too much."} {
		if !strings.Contains(body, want) {
			t.Errorf("%q is not there", want)
		}
	}
	for _, not := range []string{hidden, "<script", " style=", "Binnacle", "/records/", "/sign-in", "app.js", "onclick"} {
		if strings.Contains(body, not) {
			t.Errorf("%q is there: %s", not, body)
		}
	}
	if csp := page.Header().Get("Content-Security-Policy"); strings.Contains(csp, "script-src") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("the policy is %s", csp)
	}
	if page.Header().Get("X-Robots-Tag") != "" {
		t.Error("a portal for everybody may be found by search engines")
	}
}

// TestWhatIsNotThereAnswersAlike tries what is closed, unknown, limited or not of portals.
func TestWhatIsNotThereAnswersAlike(t *testing.T) {
	w, quiet, _, _ := shop(t)
	v := visit(t, w, here)
	first := v.get("/portal/unknown")
	if first.Code != 404 || strings.Contains(first.Body.String(), "unknown") {
		t.Fatalf("status %d: %s", first.Code, first.Body)
	}
	for _, path := range []string{"/portal/closed", "/portal/freight", "/portal/freight?link=" + strings.Repeat("0", 48), "/portal/freight?link=" + strings.Repeat("x", 5000), "/portal/%00", "/portal/Ferry%20tickets"} {
		page := v.get(path)
		if page.Code != 404 || page.Body.String() != first.Body.String() || fmt.Sprint(page.Header()) != fmt.Sprint(first.Header()) {
			t.Errorf("%s answers %d %v: %s", path, page.Code, page.Header(), page.Body)
		}
	}
	for _, path := range []string{"/portal/closed", "/portal/freight", "/portal/unknown"} {
		if page := v.post(path+"/ideas", "title", "An idea"); page.Code != 404 || page.Body.String() != first.Body.String() {
			t.Errorf("%s takes ideas: %d", path, page.Code)
		}
		if page := v.post(path+"/votes", "idea", quiet.ID.String()); page.Code != 404 || page.Body.String() != first.Body.String() {
			t.Errorf("%s takes votes: %d", path, page.Code)
		}
	}
	if first.Header().Get("X-Robots-Tag") == "" {
		t.Error("what is not there may be found by search engines")
	}
	for _, path := range []string{"/portals", "/portals/ferry"} {
		if page := v.get(path); page.Code != 303 || !strings.HasPrefix(page.Header().Get("Location"), "/sign-in") {
			t.Errorf("%s is open: %d", path, page.Code)
		}
	}
}

// TestIdeas sends ideas: a good one, one too long, one of a program, and too many.
func TestIdeas(t *testing.T) {
	w, _, _, _ := shop(t)
	v := visit(t, w, here)
	if page := v.post("/portal/ferry/ideas", "title", "Pets\u202e on\r\nboard", "text", "A dog\r\nin the cabin.", "from", ""); page.Code != 303 || page.Header().Get("Location") != "/portal/ferry?done=idea" {
		t.Fatalf("status %d: %s", page.Code, page.Body)
	}
	got := ideas(w)
	if len(got) != 1 || got[0].Name != "Pets on board" || got[0].Description != "A dog\nin the cabin." || got[0].State != model.IdeaNew || got[0].Public || got[0].Received != w.Today() || len(got[0].Requests) != 0 || got[0].Product.IsZero() {
		t.Fatalf("kept %+v", got)
	}
	if page := v.get("/portal/ferry?done=idea"); !strings.Contains(page.Body.String(), "Your idea has arrived") || strings.Contains(page.Body.String(), "Pets") {
		t.Error("an idea that nobody has looked at is shown, or nobody is thanked")
	}
	for _, bad := range [][]string{{"title", ""}, {"title", " \u200b "}, {"title", strings.Repeat("x", 121)}, {"title", "ok", "text", strings.Repeat("x", 4001)}, {"title", "ok", "from", strings.Repeat("x", 81)}} {
		if page := v.post("/portal/ferry/ideas", bad...); page.Code != 422 || !strings.Contains(page.Body.String(), `role="alert"`) {
			t.Errorf("%.40v is taken: %d", bad, page.Code)
		}
	}
	if page := v.post("/portal/ferry/ideas", "title", "ok", "text", strings.Repeat("x", 40<<10)); page.Code != 413 {
		t.Errorf("a body that is too long is taken: %d", page.Code)
	}
	if page := v.post("/portal/ferry/ideas", "title", "Buy pills", "website", "http://pills.example"); page.Code != 303 || len(ideas(w)) != 1 {
		t.Errorf("what a program sends is taken: %d", page.Code)
	}
	// Fields that the form does not have change nothing.
	if page := v.post("/portal/ferry/ideas", "title", "Two", "public", "yes", "state", "planned", "votes", "99", "product", "freight"); page.Code != 303 {
		t.Fatalf("status %d", page.Code)
	}
	for _, i := range ideas(w) {
		if i.Public || i.State != model.IdeaNew || i.Votes != 0 || w.Store.Snapshot().Get(i.Product).Base().Key != "ferry" {
			t.Errorf("a visitor set fields: %+v", i)
		}
	}
	for n := range 3 {
		v.post("/portal/ferry/ideas", "title", fmt.Sprint("More ", n))
	}
	if page := v.post("/portal/ferry/ideas", "title", "One too many"); page.Code != 429 || len(ideas(w)) != 5 {
		t.Errorf("status %d with %d ideas", page.Code, len(ideas(w)))
	}
	if page := visit(t, w, elsewhere).post("/portal/ferry/ideas", "title", "From elsewhere"); page.Code != 303 {
		t.Errorf("one address keeps others out: %d", page.Code)
	}
	w.Advance(61 * time.Minute)
	if page := v.post("/portal/ferry/ideas", "title", "Later"); page.Code != 303 {
		t.Errorf("after an hour nothing is taken: %d", page.Code)
	}
}

// TestVotes votes once, again, for what belongs to others, for what is in the dark, and from another site.
func TestVotes(t *testing.T) {
	w, quiet, foreign, secret := shop(t)
	v := visit(t, w, here)
	for range 3 {
		v.jar = map[string]*http.Cookie{}
		if page := v.post("/portal/ferry/votes", "idea", quiet.ID.String()); page.Code != 303 {
			t.Fatalf("status %d", page.Code)
		}
	}
	if n := votes(w, quiet); n != 1 {
		t.Errorf("%d votes of one address count", n)
	}
	if page := v.get("/portal/ferry"); !strings.Contains(page.Body.String(), "You voted") {
		t.Error("the page does not say that the vote counts")
	}
	visit(t, w, elsewhere).post("/portal/ferry/votes", "idea", quiet.ID.String())
	visit(t, w, "[2001:db8::1]:99").post("/portal/ferry/votes", "idea", quiet.ID.String())
	visit(t, w, "[2001:db8::ffff]:99").post("/portal/ferry/votes", "idea", quiet.ID.String())
	if n := votes(w, quiet); n != 3 {
		t.Errorf("%d votes instead of 3: one for each address, and one for a network of version 6", n)
	}
	nothing := v.get("/portal/unknown").Body.String()
	no := w.Store.Snapshot().Find("Idea", "no")
	for _, id := range []string{foreign.ID.String(), secret.ID.String(), w.Store.Snapshot().Find("Idea", "own").Base().ID.String(), no.Base().ID.String(), w.Store.Snapshot().Find("Product", "ferry").Base().ID.String(), "", "x", "quiet", strings.Repeat("9", 9000)} {
		if page := v.post("/portal/ferry/votes", "idea", id); page.Code != 404 || page.Body.String() != nothing {
			t.Errorf("a vote for %.40s answers %d", id, page.Code)
		}
	}
	for _, i := range []*model.Idea{foreign, secret} {
		if votes(w, i) != 0 {
			t.Errorf("a vote counts for %s", i.Key)
		}
	}
	r := httptest.NewRequest("POST", "/portal/ferry/votes", strings.NewReader("idea="+quiet.ID.String()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if page := v.do(r); page.Code != 403 {
		t.Errorf("a form of another site is taken: %d", page.Code)
	}
	for e := range w.Store.Snapshot().View(w.Today()).All("Idea") {
		if strings.Contains(fmt.Sprintf("%+v", e), "192.0.2") {
			t.Error("the address of a visitor stands in a record")
		}
	}
}

var madeLink = regexp.MustCompile(`value="([^"]*\?link=[0-9a-f]{48})"`)

// TestLinks makes a link for a customer, opens the portal with it, sends an idea in its name, and takes the link back.
func TestLinks(t *testing.T) {
	w, _, foreign, _ := shop(t)
	s := frame.New(w.House, frame.Options{})
	portal.Mount(s)
	member := func(name string, roles ...string) *visitor {
		secret, err := w.Access.Begin(t.Context(), w.As(name, "", roles...).Account.Ref(), "192.0.2.7", "test", "password")
		if err != nil {
			t.Fatal(err)
		}
		return &visitor{t, s, here, map[string]*http.Cookie{frame.SessionCookie: {Name: frame.SessionCookie, Value: secret}}}
	}
	cto, employee := member("cto", "cto"), member("joe", "employee")
	if page := cto.post("/portals/freight/links", "customer", "other"); page.Code != 422 {
		t.Errorf("a link for a customer that the portal is not for: %d", page.Code)
	}
	if page := employee.post("/portals/freight/links", "customer", "buyer"); page.Code < 400 {
		t.Errorf("an employee makes links: %d", page.Code)
	}
	page := cto.post("/portals/freight/links", "customer", "buyer", "note", "by mail")
	made := madeLink.FindStringSubmatch(page.Body.String())
	if page.Code != 200 || made == nil {
		t.Fatalf("status %d: %s", page.Code, page.Body)
	}
	if again := cto.get("/portals/freight"); strings.Contains(again.Body.String(), "?link=") || !strings.Contains(again.Body.String(), "by mail") {
		t.Error("the link is shown twice, or not listed")
	}
	link := made[1][strings.Index(made[1], "/portal/"):]
	v := visit(t, w, here)
	if open := v.get(link); open.Code != 303 || open.Header().Get("Location") != "/portal/freight" {
		t.Fatalf("the link answers %d", open.Code)
	}
	open := v.get("/portal/freight")
	if open.Code != 200 || open.Header().Get("X-Robots-Tag") == "" || strings.Contains(open.Body.String(), "link=") {
		t.Fatalf("status %d: %s", open.Code, open.Body)
	}
	if sent := v.post("/portal/freight/ideas", "title", "Lanes at night"); sent.Code != 303 {
		t.Fatalf("status %d", sent.Code)
	}
	if got := ideas(w); len(got) != 1 || len(got[0].Requests) != 1 || w.Store.Snapshot().Get(got[0].Requests[0].Customer).Base().Key != "buyer" {
		t.Errorf("kept %+v", got)
	}
	if v.post("/portal/freight/votes", "idea", foreign.ID.String()); votes(w, foreign) != 1 {
		t.Error("the vote of a customer does not count")
	}
	// A link of one portal opens no other one, and nothing of the house.
	if other := v.get("/portals/freight"); other.Code != 303 {
		t.Errorf("a link opens the house: %d", other.Code)
	}
	items, err := w.Vault.List(t.Context(), "portal.links", "", "", 0)
	if err != nil || len(items) != 1 || strings.Contains(string(items[0].Value)+items[0].Key, link[len(link)-48:]) {
		t.Errorf("the secret is kept: %v %v", items, err)
	}
	_, digest, _ := strings.Cut(items[0].Key, "/")
	if gone := employee.post("/portals/freight/links/" + digest[:16] + "/revoke"); gone.Code < 400 {
		t.Errorf("an employee takes links back: %d", gone.Code)
	}
	if gone := cto.post("/portals/freight/links/" + digest[:16] + "/revoke"); gone.Code != 303 {
		t.Fatalf("status %d", gone.Code)
	}
	if closed := v.get("/portal/freight"); closed.Code != 404 {
		t.Errorf("a link that was taken back answers %d", closed.Code)
	}
}
