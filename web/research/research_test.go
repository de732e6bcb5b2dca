package research_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/research"
)

type visitor struct {
	t      *testing.T
	site   *frame.Site
	secret string
}

func as(t *testing.T, w *doortest.World, name, person string, roles ...string) *visitor {
	t.Helper()
	s := frame.New(w.House, frame.Options{})
	research.Mount(s)
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
	for _, bad := range []string{" style=", "<style", " onclick"} {
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

// bench has an idea, a hypothesis that can start, an experiment that is late, and one that was killed.
func bench(t *testing.T) *doortest.World {
	w := doortest.Open(t)
	today := w.Today()
	mara, noa, ben := named(&model.Person{}, "mara", "Mara Lindqvist"), named(&model.Person{}, "noa", "Noa Nys"), named(&model.Person{}, "ben", "Ben Bos")
	ferry := named(&model.Product{}, "ferry", "Ferry trips")
	r := named(&model.Radar{Scope: "company"}, "company", "Company radar")
	w.Put(mara, noa, ben, ferry, r)
	blip := named(&model.Blip{Radar: r.Ref(), Quadrant: "Tools", Ring: "Assess", State: model.BlipShown}, "search", "Search by meaning")
	w.Put(blip)
	criteria := []model.ExitCriterion{{Name: "Answers", Better: model.MoreIsBetter, Target: 60, Unit: "%", Before: 20}, {Name: "Cost", Better: model.LessIsBetter, Target: 0.1, Unit: "EUR"}}
	w.Put(named(&model.Experiment{State: model.ExperimentIdea, Horizon: "h3"}, "tractors", "Yard tractors"),
		named(&model.Experiment{State: model.ExperimentHypothesis, Sponsor: mara.Ref(), Hypothesis: "With **it**, answers come at once. <img src=x onerror=alert(1)>", Cap: model.MustMoney("20000 EUR"), Until: today.AddDays(90), Criteria: criteria, Blip: blip.Ref()}, "answers", "Answers at once"),
		named(&model.Experiment{State: model.ExperimentRunning, Sponsor: noa.Ref(), Cap: model.MustMoney("10000 EUR"), Spent: model.MustMoney("9000 EUR"), Start: today.AddDays(-100), Until: today.AddDays(-4), CriteriaSet: today.AddDays(-100), Criteria: criteria}, "prices", "Prices by demand"),
		named(&model.Experiment{State: model.ExperimentDecided, Decision: model.Kill, Decided: today.AddDays(-50), Reason: "Too **slow**."}, "wallet", "Boarding by wallet"))
	return w
}

// TestPipeline reads the columns with money, time and criteria.
func TestPipeline(t *testing.T) {
	w := bench(t)
	v := as(t, w, "cto", "mara", "cto")
	page := v.page("/experiments")
	picks(t, page, "section.stage[data-stage=idea] h3", "Yard tractors")
	picks(t, page, "section.stage[data-stage=hypothesis] h3", "Answers at once")
	picks(t, page, "section.stage[data-stage=running] h3", "Prices by demand")
	picks(t, page, "section.stage[data-stage=running] .cap strong", "9 000 EUR")
	picks(t, page, "section.stage[data-stage=running] .cap .muted", "90 %")
	picks(t, page, "section.stage[data-stage=running] svg.level.warn", "")
	picks(t, page, "section.stage[data-stage=running] p.late-words", "4 days over until 2027-06-27")
	picks(t, page, "section.stage[data-stage=decided] .badge", "Killed")
	picks(t, v.page("/experiments?horizon=h3"), ".trial h3", "Yard tractors")
}

// TestExperiment carries one through: it starts, is measured, extended and graduated with a decision record and a roadmap item.
func TestExperiment(t *testing.T) {
	w := bench(t)
	v := as(t, w, "cto", "mara", "cto")
	page := v.page("/experiments/answers")
	picks(t, page, ".hypothesis strong", "it")
	picks(t, page, ".hypothesis img")
	picks(t, page, ".way-of li.on strong", "Hypothesis")
	picks(t, page, "table.criteria td .badge", "Not measured", "Not measured")
	picks(t, page, ".acts summary", "Start it")
	leads(t, v.post("/experiments/answers/do/start"), "/experiments/answers")
	leads(t, v.post("/experiments/answers/do/measure", "criterion", "Answers", "value", "71"), "/experiments/answers")
	leads(t, v.post("/experiments/answers/do/evidence", "text", "A run over 400 questions."), "/experiments/answers")
	leads(t, v.post("/experiments/answers/do/extend", "until", w.Today().AddDays(120).String(), "reason", "One more month"), "/experiments/answers")
	page = v.page("/experiments/answers")
	picks(t, page, "table.criteria td .badge", "Met", "Not measured")
	picks(t, page, "#criteria h2 .count", "1 of 2 met")
	picks(t, page, ".acts summary", "Measure a criterion", "Graduate it", "Kill it", "Add evidence")
	picks(t, page, "#act-research-graduate select[name=ring] option", "Choose…", "Adopt", "Trial", "Assess", "Hold")
	if got := v.post("/experiments/answers/do/graduate", "ring", "Trial", "title", "Search by meaning for guests"); got.Code != 400 {
		t.Errorf("it is graduated with a criterion that was not measured and without a reason: %d", got.Code)
	}
	leads(t, v.post("/experiments/answers/do/graduate", "ring", "Trial", "title", "Search by meaning for guests", "product", "Product/ferry", "item", "Answers in the app", "bucket", "next", "review_by", "2028-07-01", "reason", "Good **enough**"), "/experiments/answers")
	page = v.page("/experiments/answers")
	picks(t, page, ".way-of li.end .badge", "Graduated")
	snap := w.Store.Snapshot()
	record, _ := snap.Find("DecisionRecord", "graduate-answers").(*model.DecisionRecord)
	item, _ := snap.Find("RoadmapItem", "answers").(*model.RoadmapItem)
	if record == nil || record.Name != "Search by meaning for guests" || record.ReviewBy.String() != "2028-07-01" || item == nil || item.Name != "Answers in the app" || snap.Find("Blip", "search").(*model.Blip).Ring != "Trial" {
		t.Errorf("what followed is %+v and %+v", record, item)
	}
	picks(t, page, ".aside-facts a[href=/decisions/graduate-answers]", "Search by meaning for guests")
	picks(t, page, ".aside-facts a[href=/radar/company/blips/search]", "Search by meaning")
	leads(t, v.post("/experiments/answers/comments", "text", "Well done."), "/experiments/answers#discussion")
}

// TestKill ends an experiment, and lets nobody do so who may not.
func TestKill(t *testing.T) {
	w := bench(t)
	stranger := as(t, w, "joe", "ben", "auditor")
	picks(t, stranger.page("/experiments/prices"), ".acts summary")
	if got := stranger.post("/experiments/prices/do/kill", "reason", "No"); got.Code != http.StatusForbidden {
		t.Errorf("a stranger ends an experiment: %d", got.Code)
	}
	v := as(t, w, "cto", "mara", "cto")
	leads(t, v.post("/experiments/prices/do/kill", "reason", "Nobody took it."), "/experiments/prices")
	picks(t, v.page("/experiments/prices"), ".way-of li.end .badge", "Killed")
	for path, want := range map[string]int{"/experiments/prices/do/remove": 404, "/experiments/nothing/do/kill": 404} {
		if got := v.post(path); got.Code != want {
			t.Errorf("%s answers %d", path, got.Code)
		}
	}
}

// sheet is a decision matrix of two options and two criteria that two people score blindly.
func sheet(t *testing.T) *doortest.World {
	w := bench(t)
	snap := w.Store.Snapshot()
	mara, noa := snap.Find("Person", "mara"), snap.Find("Person", "noa")
	w.Put(named(&model.DecisionMatrix{Type: "tool", Method: model.WeightedMatrix, State: model.MatrixOpen, Blind: true, Due: w.Today().AddDays(9), Scorers: []model.Ref{mara.Base().Ref(), noa.Base().Ref()},
		Options:  []model.MatrixOption{{Name: "Tempo", Price: model.MustMoney("18000 EUR")}, {Name: "Elastic"}},
		Criteria: []model.MatrixCriterion{{Name: "Search", Weight: 1, Better: model.MoreIsBetter, Help: "From 1 to 9"}, {Name: "Cost", Weight: 3, Better: model.MoreIsBetter}}}, "traces", "Where traces go"))
	return w
}

// TestBlindScores has two people score, each without seeing the other, closes the matrix, and chooses.
func TestBlindScores(t *testing.T) {
	w := sheet(t)
	noa, mara := as(t, w, "noa", "noa", "cto"), as(t, w, "mara", "mara", "cto")
	leads(t, noa.post("/matrices/traces/scores", "score.0.0", "2", "score.1.0", "9", "score.0.1", "8", "score.1.1", "3", "note.1.0", "we know (all of) it", "as", "final"), "/matrices/traces")
	page := noa.page("/matrices/traces")
	picks(t, page, "#sealed strong", "Scored blindly.")
	picks(t, page, "table.matrix-table td.num", "2", "8", "9", "3")
	if !strings.Contains(page, `value="we know (all of) it"`) {
		t.Error("the own note is gone")
	}
	page = mara.page("/matrices/traces")
	picks(t, page, "table.matrix-table td.num", "–", "–", "–", "–")
	for _, secret := range []string{"we know", "ranks", "would lead"} {
		if strings.Contains(page, secret) {
			t.Errorf("a sealed matrix tells %q", secret)
		}
	}
	wrong := mara.post("/matrices/traces/scores", "score.0.0", "7", "as", "final")
	if wrong.Code != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body.String(), "These are missing") || !strings.Contains(wrong.Body.String(), `value="7"`) {
		t.Errorf("half of the scores are taken, or what was written is gone: %d", wrong.Code)
	}
	leads(t, mara.post("/matrices/traces/scores", "score.0.0", "7", "as", "draft"), "/matrices/traces")
	leads(t, mara.post("/matrices/traces/scores", "score.0.0", "4", "score.1.0", "5,5", "score.0.1", "8", "score.1.1", "4", "as", "final"), "/matrices/traces")
	leads(t, mara.post("/matrices/traces/do/close"), "/matrices/traces")
	page = mara.page("/matrices/traces")
	picks(t, page, "table.matrix-table tr.here th .rank", "1")
	picks(t, page, "table.matrix-table td.num", "3 2 to 4", "8", "7.25 5.5 to 9", "3.5 3 to 4")
	picks(t, page, "#sealed")
	picks(t, page, "#agreement dd", "1. Tempo, 2. Elastic", "1. Tempo, 2. Elastic")
	if turns := doortest.Pick(t, page, "#sensitivity li"); len(turns) == 0 || !strings.Contains(turns[0], "in the place of 25 %, Elastic would be level") && !strings.Contains(turns[0], "in the place of 75 %, Elastic would be level") {
		t.Errorf("what turns the ranking: %q", turns)
	}
	picks(t, page, "select[name=option] option", "Choose…", "Tempo (1.)", "Elastic (2.)")
	if got := mara.post("/matrices/traces/do/choose", "option", "Elastic"); got.Code != 400 {
		t.Errorf("the second is chosen without a reason: %d", got.Code)
	}
	leads(t, mara.post("/matrices/traces/do/choose", "option", "Elastic", "reason", "We **run** it"), "/matrices/traces")
	page = mara.page("/matrices/traces")
	picks(t, page, "table.matrix-table .badge", "chosen")
	picks(t, page, ".prose strong", "run")
	picks(t, mara.page("/matrices"), ".matrix-cards li p strong", "Elastic")
}

// TestNotAsked shows a matrix to somebody who is not asked to score.
func TestNotAsked(t *testing.T) {
	w := sheet(t)
	v := as(t, w, "ben", "ben", "cto")
	page := v.page("/matrices/traces")
	picks(t, page, "form.score-form")
	if !strings.Contains(page, "You are not one of those who are asked to score.") {
		t.Error("it does not say why there is no form")
	}
	if got := v.post("/matrices/traces/scores", "score.0.0", "7", "as", "draft"); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("somebody who is not asked scores: %d", got.Code)
	}
	picks(t, v.page("/matrices"), ".matrix-cards h2", "Where traces go")
	if got := v.send(httptest.NewRequest("GET", "/matrices/nothing", nil)); got.Code != 404 {
		t.Errorf("a matrix that is not there answers %d", got.Code)
	}
}
