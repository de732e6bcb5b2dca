package products_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/products"
)

type visitor struct {
	t      *testing.T
	site   *frame.Site
	secret string
}

func as(t *testing.T, w *doortest.World, name, person string, roles ...string) *visitor {
	t.Helper()
	s := frame.New(w.House, frame.Options{})
	products.Mount(s)
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

func (v *visitor) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.send(r)
}

// page reads a page, which must be there and hold no styles and scripts of its own.
func (v *visitor) page(path string) string {
	v.t.Helper()
	out := v.send(httptest.NewRequest("GET", path, nil))
	if out.Code != 200 {
		v.t.Fatalf("%s: status %d: %s", path, out.Code, out.Body)
	}
	for _, bad := range []string{" style=", "<style", " onclick", "<script>alert"} {
		if strings.Contains(out.Body.String(), bad) {
			v.t.Errorf("%s holds %q", path, bad)
		}
	}
	return out.Body.String()
}

// picks checks what the elements say that a selector names.
func picks(t *testing.T, page, selector string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, doortest.Pick(t, page, selector)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", selector, diff)
	}
}

func leads(t *testing.T, got *httptest.ResponseRecorder, to string) string {
	t.Helper()
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != to {
		t.Fatalf("status %d to %q instead of %q: %s", got.Code, got.Header().Get("Location"), to, got.Body)
	}
	for _, c := range got.Result().Cookies() {
		if c.Name == "toast" {
			said, _ := url.QueryUnescape(c.Value)
			_, text, _ := strings.Cut(said, "|")
			return text
		}
	}
	return ""
}

func named[R model.Record](rec R, key, name string) R {
	rec.Base().Key, rec.Base().Name = key, name
	return rec
}

// shop has two products. One can do two person-months in a quarter and has three items: one waits for another that comes later, and a customer was promised one.
func shop(t *testing.T) *doortest.World {
	w := doortest.Open(t)
	today := w.Today()
	mara, crew := named(&model.Person{}, "mara", "Mara Lindqvist"), named(&model.Team{}, "crew", "Crew")
	app := named(&model.Application{Lifecycle: model.Lifecycle{PhaseOut: today.AddMonths(-1)}}, "desk", "Desk")
	ferry := named(&model.Product{Scoring: model.ScoreRICE, Capacity: 2, Revenue: model.MustMoney("1000000 EUR")}, "ferry", "Ferry trips")
	freight := named(&model.Product{Scoring: model.ScoreWSJF}, "freight", "Freight")
	acme := named(&model.Customer{Revenue: model.MustMoney("90000 EUR")}, "acme", "Acme")
	w.Put(mara, crew, app, ferry, freight, acme)
	wallet := named(&model.Idea{Product: ferry.Ref(), State: model.IdeaPlanned, Reach: 400, Impact: 2, Confidence: 80, Effort: 2, Received: today.AddMonths(-3), Requests: []model.CustomerRequest{{Customer: acme.Ref(), Value: model.MustMoney("12000 EUR"), Promised: today.AddDays(40), Words: "Soon <script>alert(1)</script>"}}}, "wallet", "Tickets in the wallet")
	other := named(&model.Idea{Product: ferry.Ref(), State: model.IdeaNew, Votes: 3, Received: today.AddDays(-5)}, "wallet-2", "Wallet tickets")
	w.Put(wallet, other, named(&model.Idea{Product: freight.Ref(), State: model.IdeaReviewed, UserValue: 8, TimeCriticality: 4, RiskReduction: 1, JobSize: 5}, "papers", "Papers as data"))
	gate := named(&model.RoadmapItem{Product: ferry.Ref(), Bucket: "next", State: model.RoadmapPlanned, Due: today.AddDays(200), Effort: 1, Confidence: 60, Value: model.MustMoney("50000 EUR")}, "gate", "New gates")
	w.Put(gate)
	w.Put(named(&model.RoadmapItem{Product: ferry.Ref(), Bucket: "now", State: model.RoadmapRunning, Start: today, Due: today.AddDays(90), Effort: 9, Confidence: 80, Team: crew.Ref(), Ideas: []model.Ref{wallet.Ref()}, DependsOn: []model.Ref{gate.Ref()}, RunsOn: []model.Ref{app.Ref()}}, "pass", "Board with the phone"),
		named(&model.RoadmapItem{Product: ferry.Ref(), State: model.RoadmapDelivered, Done: today.AddDays(-30)}, "page", "A page about pets"),
		named(&model.RoadmapItem{Product: freight.Ref(), Bucket: "later", State: model.RoadmapProposed}, "slots", "Slots at the gate"))
	return w
}

// TestRoadmap reads the columns, the filters, the warnings and the load of the quarters.
func TestRoadmap(t *testing.T) {
	w := shop(t)
	v := as(t, w, "pm", "mara", "product-manager", "cto")
	page := v.page("/roadmap")
	picks(t, page, "section.bucket[data-bucket=now] li.item-card h3", "Board with the phone")
	picks(t, page, "section.bucket[data-bucket=next] li.item-card h3", "New gates")
	picks(t, page, "section.bucket[data-bucket=later] li.item-card h3", "Slots at the gate")
	picks(t, page, "#item-pass .item-ground .badge", "Phase out")
	risks := strings.Join(doortest.Pick(t, page, "#item-pass .item-risks li"), "\n")
	for _, want := range []string{"Promised to Acme for 2027-08-10: comes later", "needs New gates", "phased out"} {
		if !strings.Contains(risks, want) {
			t.Errorf("the card does not say %q:\n%s", want, risks)
		}
	}
	picks(t, page, "#item-pass .item-move button", "Next →")
	picks(t, page, "#item-gate .item-move button", "← Now", "Later →")
	if !slices.ContainsFunc(doortest.Pick(t, page, "#capacity li.bad"), func(s string) bool { return strings.Contains(s, "too many") }) {
		t.Error("no quarter holds too much")
	}
	if strings.Contains(page, "A page about pets") || !strings.Contains(v.page("/roadmap?done=yes"), "A page about pets") {
		t.Error("what is done stands there unasked, or not where it is asked for")
	}
	picks(t, v.page("/roadmap/freight"), "li.item-card h3", "Slots at the gate")
	picks(t, v.page("/roadmap?team=Team/crew"), "li.item-card h3", "Board with the phone")
	if got := v.send(httptest.NewRequest("GET", "/roadmap/nothing", nil)); got.Code != 404 {
		t.Errorf("a product that is not there answers %d", got.Code)
	}
}

// TestMove puts cards into other columns and tells what that does.
func TestMove(t *testing.T) {
	w := shop(t)
	v := as(t, w, "pm", "mara", "product-manager", "cto")
	said := leads(t, v.post("/roadmap/items/pass/move", "bucket", "later", "back", "/roadmap/ferry"), "/roadmap/ferry#item-pass")
	if !strings.HasPrefix(said, "Board with the phone stands under Later now.") || !strings.Contains(said, "Acme was promised it for 2027-08-10") {
		t.Errorf("it says %q", said)
	}
	picks(t, v.page("/roadmap"), "section.bucket[data-bucket=later] li.item-card h3", "Board with the phone", "Slots at the gate")
	leads(t, v.post("/roadmap/items/pass/move", "bucket", "later", "back", "https://elsewhere.example/"), "/#item-pass")
	if got := v.post("/roadmap/items/pass/move", "bucket", "never"); got.Code != 400 {
		t.Errorf("a column that is not there answers %d", got.Code)
	}
	guest := as(t, w, "joe", "", "engineer")
	picks(t, guest.page("/roadmap"), ".item-move button")
	if got := guest.post("/roadmap/items/pass/move", "bucket", "now"); got.Code != http.StatusForbidden {
		t.Errorf("a stranger moves cards: %d", got.Code)
	}
}

// TestInbox reads ideas by state and product, with scores.
func TestInbox(t *testing.T) {
	w := shop(t)
	v := as(t, w, "pm", "mara", "product-manager", "cto")
	page := v.page("/ideas")
	picks(t, page, ".idea-main h2 a", "Tickets in the wallet", "Wallet tickets", "Papers as data")
	picks(t, page, "#idea-wallet .idea-score strong", "320")
	picks(t, page, "#idea-papers .idea-score strong", "2.6")
	picks(t, page, "#idea-wallet-2 .idea-score span", "no score")
	picks(t, page, "#idea-wallet-2 .votes strong", "3")
	picks(t, page, "#idea-papers select[name=job_size] option[selected]", "5")
	picks(t, page, "#idea-wallet select[name=impact] option[selected]", "2: high")
	picks(t, page, "#idea-papers input[name=reach]")
	picks(t, v.page("/ideas?state=new"), ".idea-main h2 a", "Wallet tickets")
	picks(t, v.page("/ideas?product=Product/freight"), ".idea-main h2 a", "Papers as data")
	picks(t, v.page("/ideas?state=declined"), ".empty h2", "No idea is here")
}

// TestWhatBecomesOfAnIdea scores, merges, plans and declines ideas.
func TestWhatBecomesOfAnIdea(t *testing.T) {
	w := shop(t)
	v := as(t, w, "pm", "mara", "product-manager", "cto")
	page := v.page("/ideas/wallet")
	picks(t, page, ".big-score strong", "320")
	picks(t, page, ".wishes li strong", "Acme")
	leads(t, v.post("/ideas/papers/do/score", "job_size", "1"), "/ideas/papers")
	picks(t, v.page("/ideas/papers"), ".big-score strong", "13")
	leads(t, v.post("/ideas/wallet/do/merge", "ideas", "Idea/wallet-2", "back", "/ideas"), "/ideas")
	picks(t, v.page("/ideas/wallet-2"), ".idea-line a", "Ferry trips", "Tickets in the wallet")
	picks(t, v.page("/ideas"), "#idea-wallet .votes strong", "3")
	leads(t, v.post("/ideas/papers/do/plan", "bucket", "next", "effort", "9"), "/ideas/papers")
	picks(t, v.page("/roadmap/freight"), "section.bucket[data-bucket=next] h3", "Papers as data")
	if got := v.post("/ideas/wallet/do/decline"); got.Code != 400 {
		t.Errorf("an idea is declined without an answer: %d", got.Code)
	}
	leads(t, v.post("/ideas/wallet/do/decline", "answer", "The readers are **too slow**."), "/ideas/wallet")
	page = v.page("/ideas/wallet")
	picks(t, page, ".prose strong", "too slow")
	picks(t, page, ".acts .button")
	leads(t, v.post("/ideas/wallet/comments", "text", "A pity."), "/ideas/wallet#discussion")
	if got := v.post("/ideas/wallet/do/remove"); got.Code != 404 {
		t.Errorf("an action that is not there answers %d", got.Code)
	}
}

// TestEverybodySubmits sends in an idea as an employee, who sees it and does not decide about it.
func TestEverybodySubmits(t *testing.T) {
	w := shop(t)
	v := as(t, w, "joe", "mara", "employee")
	page := v.page("/ideas")
	picks(t, page, ".idea-submit summary", "Submit an idea")
	picks(t, page, ".idea-submit input[name=value]")
	picks(t, page, ".idea-main h2 a")
	leads(t, v.post("/ideas", "title", "Quiet cabins", "text", "Away from the engine"), "/ideas?state=new")
	page = v.page("/ideas?state=new")
	picks(t, page, ".idea-main h2 a", "Quiet cabins")
	picks(t, page, ".idea-end .acts .button")
	if got := v.post("/ideas", "text", "Nothing"); got.Code != 400 {
		t.Errorf("an idea without a title answers %d", got.Code)
	}
}
