package access

import (
	"slices"
	"strings"
	"testing"

	"binnacle/estate"
	"binnacle/model"
)

// blind is an estate in which Ann, who is CIO, and Ben, who is CTO, score two databases blindly, and an auditor looks on.
type blind struct {
	*world
	matrix *model.DecisionMatrix
	// scores are what Ann and Ben scored.
	scores map[string]*model.MatrixScoring
}

func openBlind(t *testing.T) *blind {
	t.Helper()
	b := &blind{world: openWorld(t), scores: map[string]*model.MatrixScoring{}}
	roles := map[string]string{"ann": "cio", "ben": "cto", "eve": "auditor"}
	m := &model.DecisionMatrix{State: model.MatrixOpen, Blind: true, Options: []model.MatrixOption{{Name: "Postgres"}}, Criteria: []model.MatrixCriterion{{Name: "Ease", Weight: 1}}}
	m.Key, m.Name = "databases", "Databases"
	for _, user := range []string{"ann", "ben", "eve"} {
		a := b.person(user, roles[user])
		p := &model.Person{}
		p.Key, p.Name = user, user
		must(t, b.create(b.ctx(), "ada", "Prepare", model.PersonSource, p))
		b.edit(user, func(acc *model.Account) { acc.Person = p.Ref() })
		if a.Key != "eve" {
			m.Scorers = append(m.Scorers, p.Ref())
		}
	}
	must(t, b.create(b.ctx(), "ada", "Prepare", model.PersonSource, m))
	b.matrix = m
	for i, user := range []string{"ann", "ben"} {
		s := &model.MatrixScoring{Matrix: m.Ref(), Scorer: m.Scorers[i], Scores: []model.MatrixScore{{Option: "Postgres", Criterion: "Ease", Score: float64(3 + i), Note: "heliotrope"}}}
		s.Key, s.Name, s.Description = "databases-"+user, "Scores", "heliotrope"
		must(t, b.create(b.ctx(), user, "Score", model.PersonSource, s))
		b.scores[user] = s
	}
	remark := &model.Comment{About: b.scores["ann"].Ref(), Text: "heliotrope indeed", Author: b.account("ann").Ref()}
	remark.Key = "remark"
	must(t, b.create(b.ctx(), "ann", "Comment", model.PersonSource, remark))
	return b
}

// seen lists the keys of the scores that somebody finds in a view, in each way that there is to find them.
func seen(t *testing.T, v estate.View, b *blind) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	put := func(way string, rec model.Record) {
		if s, ok := rec.(*model.MatrixScoring); ok {
			out[way] = append(out[way], s.Key)
		}
	}
	for rec := range v.All("MatrixScoring") {
		put("all", rec)
	}
	page, err := v.List(estate.Query{Kind: "MatrixScoring"})
	must(t, err)
	for _, rec := range page.Records {
		put("list", rec)
	}
	if page.Total != len(out["list"]) || v.Count("MatrixScoring") != len(out["list"]) {
		t.Errorf("%d of %d are listed, and %d counted", len(out["list"]), page.Total, v.Count("MatrixScoring"))
	}
	for _, key := range []string{"databases-ann", "databases-ben"} {
		s := b.store.Snapshot().Find("MatrixScoring", key)
		if rec := v.Find("MatrixScoring", key); rec != nil {
			put("find", rec)
		}
		put("get", v.Get(s.Base().Ref()))
		for e := range v.In(s.(*model.MatrixScoring).Scorer) {
			put("in of the scorer", e.Record)
		}
	}
	for e := range v.In(b.matrix.Ref()) {
		put("in of the matrix", e.Record)
	}
	for _, hit := range v.Search("heliotrope", 0) {
		put("search", hit.Record)
		if c, ok := hit.Record.(*model.Comment); ok {
			put("comment", b.store.Snapshot().Get(c.About))
		}
	}
	for _, c := range estate.Differences(estate.Empty(), v.Snapshot()) {
		if c.Kind == "MatrixScoring" {
			put("history", v.Get(model.Ref(c.ID)))
		}
	}
	for _, keys := range out {
		slices.Sort(keys)
	}
	return out
}

// sees fails where somebody finds other scores than these in any way.
func (b *blind) sees(user, when string, v estate.View, want ...string) {
	b.t.Helper()
	for way, keys := range seen(b.t, v, b) {
		for _, key := range keys {
			if way != "comment" && !slices.Contains(want, key) {
				b.t.Errorf("%s sees %s through %s %s", user, key, way, when)
			}
			if way == "comment" && !slices.Contains(want, "databases-ann") {
				b.t.Errorf("%s sees a comment on the scores of Ann %s", user, when)
			}
		}
	}
	got := seen(b.t, v, b)["all"]
	if !slices.Equal(got, want) {
		b.t.Errorf("%s sees %v %s, want %v", user, got, when, want)
	}
}

// what somebody sees of a snapshot.
func (b *blind) view(user string, snap *estate.Snapshot) estate.View {
	b.t.Helper()
	return snap.View(model.MustDate("2027-07-01")).Through(b.in(user).Sight(snap))
}

func (b *blind) set(change func(*model.DecisionMatrix)) {
	b.t.Helper()
	must(b.t, amend(b.ctx(), b.Service, b.matrix.Ref(), "ada", "Prepare", model.PersonSource, change))
}

// While a matrix is scored blindly, everybody sees the own scores and nobody else's, not even those who read everything. Closing it opens them to all.
func TestBlindScoresAreSealed(t *testing.T) {
	b := openBlind(t)
	now := b.store.Snapshot()
	b.sees("ann", "while it is scored", b.view("ann", now), "databases-ann")
	b.sees("ben", "while it is scored", b.view("ben", now), "databases-ben")
	b.sees("eve", "while it is scored", b.view("eve", now))
	b.sees("nobody", "while it is scored", now.View(0).Open())
	b.sees("nobody", "while it is scored", now.View(0).WithoutSealed())

	past, err := b.store.AsOf(b.ctx(), now.Stamp().Seq-1)
	must(t, err)
	b.sees("eve", "in the past", b.view("eve", past))
	b.sees("ben", "in the past", b.view("ben", past), "databases-ben")

	scenario, _, err := now.Overlay([]model.Change{b.edited(func(m *model.DecisionMatrix) { m.State = model.MatrixClosed })})
	must(t, err)
	b.sees("eve", "under a scenario that closes it", b.view("eve", scenario))

	b.set(func(m *model.DecisionMatrix) { m.State = model.MatrixDraft })
	b.sees("eve", "while it is a draft again", b.view("eve", b.store.Snapshot()))
	b.set(func(m *model.DecisionMatrix) { m.State = model.MatrixOpen })

	b.set(func(m *model.DecisionMatrix) { m.State = model.MatrixClosed })
	for _, user := range []string{"ann", "ben", "eve"} {
		b.sees(user, "after it was closed", b.view(user, b.store.Snapshot()), "databases-ann", "databases-ben")
		b.sees(user, "of the past, after it was closed", b.view(user, now), "databases-ann", "databases-ben")
	}
	b.sees("nobody", "after it was closed", b.store.Snapshot().View(0).WithoutSealed(), "databases-ann", "databases-ben")
}

// A matrix that is not scored blindly hides nothing.
func TestOpenScoresAreSeen(t *testing.T) {
	b := openBlind(t)
	b.set(func(m *model.DecisionMatrix) { m.Blind = false })
	b.sees("eve", "though it is not blind", b.view("eve", b.store.Snapshot()), "databases-ann", "databases-ben")
}

// edited returns the change of the matrix.
func (b *blind) edited(change func(*model.DecisionMatrix)) model.Change {
	b.t.Helper()
	before := b.store.Snapshot().Get(b.matrix.Ref()).(*model.DecisionMatrix)
	after := model.Clone(before)
	change(after)
	c, _ := model.Difference(b.store.Snapshot().Schema().Of(after), before, after)
	return c
}

// rescored returns the change of the scores of somebody.
func (b *blind) rescored(user string, change func(*model.MatrixScoring)) model.Change {
	b.t.Helper()
	before := b.store.Snapshot().Get(b.scores[user].Ref()).(*model.MatrixScoring)
	after := model.Clone(before)
	change(after)
	c, _ := model.Difference(b.store.Snapshot().Schema().Of(after), before, after)
	return c
}

// Nobody breaks the seal by changing what it hangs on, and nobody scores in the name of another, or after scores were seen.
func TestSealHolds(t *testing.T) {
	b := openBlind(t)
	better := func(s *model.MatrixScoring) {
		s.Scores = []model.MatrixScore{{Option: "Postgres", Criterion: "Ease", Score: 9}}
	}
	try := func(user, what string, c model.Change, want string) {
		t.Helper()
		snap := b.store.Snapshot()
		p := b.in(user)
		err := p.Check(snap.View(model.MustDate("2027-07-01")).Through(p.Sight(snap)), []model.Change{c})
		switch {
		case want == "" && err != nil:
			t.Errorf("%s may not %s: %v", user, what, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s may %s: %v", user, what, err)
		}
	}
	new := &model.MatrixScoring{Matrix: b.matrix.Ref(), Scorer: b.matrix.Scorers[1]}
	new.ID, new.Key = b.store.NewID(), "forged"
	forged, _ := model.Difference(b.store.Snapshot().Schema().Of(new), nil, new)
	try("ann", "turn blind scoring off", b.edited(func(m *model.DecisionMatrix) { m.Blind = false }), "close it to see them")
	try("ann", "change the weights", b.edited(func(m *model.DecisionMatrix) { m.Criteria = []model.MatrixCriterion{{Name: "Ease", Weight: 2}} }), "once somebody has scored")
	try("ann", "change her scores", b.rescored("ann", better), "")
	try("ann", "change what she does not see", b.rescored("ben", better), "read")
	try("ann", "score for Ben", forged, "own name")
	try("ann", "close it", b.edited(func(m *model.DecisionMatrix) { m.State = model.MatrixClosed }), "")
	b.set(func(m *model.DecisionMatrix) { m.State = model.MatrixClosed })
	try("ann", "change her scores when all are seen", b.rescored("ann", better), "not open for scores")
	try("ann", "change the scores of Ben", b.rescored("ben", better), "own name")
	try("ann", "have it scored again", b.edited(func(m *model.DecisionMatrix) { m.State = model.MatrixOpen }), "not scored again")
}

// What an experiment was to show stays as it was when work began.
func TestExitCriteriaStay(t *testing.T) {
	w := openWorld(t)
	w.person("ann", "cto")
	e := &model.Experiment{State: model.ExperimentRunning, Criteria: []model.ExitCriterion{{Name: "Latency", Better: model.LessIsBetter, Target: 50, Unit: "ms"}}}
	e.Key = "search"
	e.CriteriaDigest = e.DigestOfCriteria()
	must(t, w.create(w.ctx(), "ada", "Prepare", model.PersonSource, e))
	for _, test := range []struct {
		what    string
		change  func(*model.Experiment)
		allowed bool
	}{
		{"a value was measured", func(e *model.Experiment) {
			e.Criteria[0].Measured, e.Criteria[0].MeasuredOn = 47, model.MustDate("2027-06-01")
		}, true},
		{"the target is lowered", func(e *model.Experiment) { e.Criteria[0].Target = 500 }, false},
		{"a criterion goes", func(e *model.Experiment) { e.Criteria = nil }, false},
		{"the digest is made anew", func(e *model.Experiment) { e.Criteria[0].Target = 500; e.CriteriaDigest = e.DigestOfCriteria() }, false},
		{"the day is put back", func(e *model.Experiment) { e.CriteriaSet = model.MustDate("2020-01-01") }, false},
		{"something else changes", func(e *model.Experiment) { e.Hypothesis = "It is quicker" }, true},
	} {
		p, snap := w.in("ann"), w.store.Snapshot()
		before := snap.Get(e.Ref()).(*model.Experiment)
		after := model.Clone(before)
		after.Criteria = slices.Clone(before.Criteria)
		test.change(after)
		c, _ := model.Difference(snap.Schema().Of(after), before, after)
		err := p.Check(snap.View(0).Through(p.Sight(snap)), []model.Change{c})
		if (err == nil) != test.allowed {
			t.Errorf("%s: %v", test.what, err)
		}
		if undo := p.CheckUndo(snap.View(0).Through(p.Sight(snap)), []model.Change{c}, true); !test.allowed && undo == nil {
			t.Errorf("%s by undoing", test.what)
		}
	}
}
