package door_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"binnacle/access"
	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/estate"
	"binnacle/model"
)

// TestBlindScoresThroughTheHouse lets two people score blindly, and looks for what they wrote in everything that the house shows to others: answers, lists, files, the history and the journal.
func TestBlindScoresThroughTheHouse(t *testing.T) {
	w := doortest.Open(t)
	ann, ben := &model.Person{}, &model.Person{}
	ann.Key, ben.Key = "ann", "ben"
	w.Put(ann, ben)
	m := &model.DecisionMatrix{State: model.MatrixOpen, Method: model.WeightedMatrix, Blind: true, Scorers: []model.Ref{ann.Ref(), ben.Ref()},
		Options: []model.MatrixOption{{Name: "North"}, {Name: "South"}}, Criteria: []model.MatrixCriterion{{Name: "Ease", Weight: 1}}}
	m.Key = "hosting"
	w.Put(m)
	w.As("ann", "ann", "cio")
	w.As("ben", "ben", "cto")
	w.As("eve", "", "auditor")
	submit := func(who, scores string) uint64 {
		t.Helper()
		p := w.Principal(who)
		if _, _, err := w.Do(t.Context(), p, door.Moment{}, "research.submit_scores", map[string]any{"matrix": "hosting", "scores": scores}, "", false); err != nil {
			t.Fatal(err)
		}
		return w.Head().Seq
	}
	entry := submit("ann", "North: Ease = 771 (heliotrope); South: Ease = 772")
	submit("ben", "North: Ease = 3; South: Ease = 4")
	score := w.Store.View().Find("MatrixScoring", "hosting-ann").Base().Ref()

	for _, who := range []string{"ben", "eve"} {
		if got := lookFor(t, w, w.Principal(who), score, entry, door.Moment{}); len(got) > 0 {
			t.Errorf("%s finds the scores of Ann: %v", who, got)
		}
	}
	if got := lookFor(t, w, w.Principal("ann"), score, entry, door.Moment{}); len(got) < 5 {
		t.Errorf("Ann finds her own scores only in %v", got)
	}
	answer, err := w.Ask(t.Context(), w.Principal("ben"), door.Moment{}, "research.matrix", map[string]any{"matrix": "hosting"})
	if err != nil || len(answer.Parts()) == 0 {
		t.Fatal(err)
	}
	if _, err := w.Undo(t.Context(), w.Principal("ben"), entry, "", false); err == nil {
		t.Error("Ben takes the scores of Ann back")
	}
	if _, _, err := w.Do(t.Context(), w.Principal("ben"), door.Moment{}, "research.close_matrix", map[string]any{"matrix": "hosting"}, "", false); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"ben", "eve"} {
		if got := lookFor(t, w, w.Principal(who), score, entry, door.Moment{}); len(got) < 5 {
			t.Errorf("after it was closed %s finds the scores of Ann only in %v", who, got)
		}
	}
	if _, err := w.Undo(t.Context(), w.Principal("ben"), w.Head().Seq, "", false); err == nil {
		t.Error("the matrix is opened again after everybody saw the scores")
	}
	if _, _, err := w.Do(t.Context(), w.Principal("ben"), door.Moment{}, "research.submit_scores", map[string]any{"matrix": "hosting", "scores": "North: Ease = 9"}, "", false); err == nil {
		t.Error("Ben scores after he saw the scores of Ann")
	}
}

// lookFor returns where somebody finds a scoring, or what is written in it.
func lookFor(t *testing.T, w *doortest.World, p *access.Principal, score model.Ref, entry uint64, m door.Moment) []string {
	t.Helper()
	var found []string
	v, err := w.Look(t.Context(), p, m)
	if err != nil {
		t.Fatal(err)
	}
	put := func(where string, is bool) {
		if is {
			found = append(found, where)
		}
	}
	put("get", v.Get(score) != nil)
	for _, hit := range v.Search("heliotrope", 0) {
		put("search", hit.Record != nil)
	}
	if page, err := v.List(estate.Query{Kind: "MatrixScoring", Where: []estate.Condition{{Field: "key", Op: estate.Is, Values: []string{"hosting-ann"}}}}); err == nil {
		put("list", page.Total > 0)
	}
	if _, err := w.History(t.Context(), p, score, 0, 0); err == nil {
		put("history", true)
	}
	if _, err := w.Entry(t.Context(), p, entry); err == nil {
		put("entry", true)
	}
	entries, err := w.Entries(t.Context(), p, 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		for _, c := range e.Changes {
			put("journal", model.Ref(c.ID) == score)
		}
	}
	for _, name := range []string{"csv", "json"} {
		f, err := door.FormatNamed(name)
		if err != nil {
			t.Fatal(err)
		}
		l, err := door.ListingOf(v.Schema().Kind("MatrixScoring"), url.Values{})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := l.Export(&out, v, f); err != nil {
			t.Fatal(err)
		}
		put(name, strings.Contains(out.String(), "hosting-ann"))
	}
	for _, question := range []string{"research.matrix", "research.matrices", "research.decisions_due"} {
		parameters := map[string]any{}
		if question == "research.matrix" {
			parameters["matrix"] = "hosting"
		}
		answer, err := w.Ask(t.Context(), p, m, question, parameters)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range answer.Parts() {
			if part.Grid == nil {
				continue
			}
			for _, row := range part.Grid.Rows {
				for _, cell := range row {
					put(question, strings.Contains(cell.Text, "771"))
				}
			}
		}
	}
	return found
}
