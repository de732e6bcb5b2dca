package product

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// TreeIn says which tree is shown.
type TreeIn struct {
	// Product limits the tree to one product.
	Product model.Ref `to:"Product"`
}

// TreeOut is the tree from outcomes to opportunities, solutions and experiments.
type TreeOut struct {
	// Opportunities is how many there are.
	Opportunities practice.Figure
	// Unsolved is how many have no solution, neither themselves nor in their parts.
	Unsolved practice.Figure
	// Solutions is how many open ideas serve an opportunity.
	Solutions practice.Figure
	// Adrift is how many open ideas serve no opportunity.
	Adrift practice.Figure
	// Untested is how many solutions are planned and no experiment has tested them.
	Untested practice.Figure
	// Findings say what is missing, the worst first.
	Findings []practice.Finding
	// Picture is the tree.
	Picture practice.Picture
	// Table lists the branches: each opportunity with each solution and each experiment.
	Table practice.Table[TreeRow]
}

// TreeRow is a branch of the tree.
type TreeRow struct {
	// Product is the product.
	Product practice.Link
	// Outcome is the key result that the opportunity would move.
	Outcome practice.Link
	// Opportunity is the need, with the wider ones that it is part of.
	Opportunity practice.Path
	// Score says how much there is to win: importance plus what is missing in satisfaction (Ulwick), from 1 to 9. Empty where nobody judged.
	Score *float64
	// Solution is the idea that would serve it.
	Solution practice.Link
	// State says where the idea stands.
	State model.IdeaState
	// Experiment is what tests the idea.
	Experiment practice.Link
	// Tested says where the experiment stands, or what was decided.
	Tested string
}

// OpportunityScore returns how much there is to win by serving a need, after Ulwick's opportunity algorithm: importance plus the larger of importance less
// satisfaction and 0. The levels count 1 to 5. It reports false where one of them is not known.
func OpportunityScore(importance, satisfaction model.Level) (float64, bool) {
	i, s := model.Rank(importance), model.Rank(satisfaction)
	if i == 0 || s == 0 {
		return 0, false
	}
	return float64(i + max(0, i-s)), true
}

// Tree shows the way from the outcomes of products over the opportunities that would move them and the ideas that would serve these to the
// experiments that test the ideas, and finds opportunities without a solution, solutions without an opportunity and what is planned without a test.
func Tree(v estate.View, in TreeIn) (TreeOut, error) {
	var out TreeOut
	t := &grower{v: v, out: &out, places: map[model.ID]int{}}
	out.Picture.Type = practice.GraphPicture
	for _, o := range every[*model.Opportunity](v) {
		if ofProduct(in.Product, o.Product) {
			t.opportunity(o)
		}
	}
	for _, i := range every[*model.Idea](v) {
		if ofProduct(in.Product, i.Product) && openIdea(i) && v.Get(i.Opportunity) == nil {
			t.adrift = append(t.adrift, practice.To(i))
			if stateOf(i) != model.IdeaNew {
				t.finding(practice.Low, i, i.Product, nil, "%s serves no opportunity: say which need it meets.", i.Title())
			}
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b TreeRow) int {
		return cmp.Or(cmp.Compare(a.Product.Key, b.Product.Key), cmp.Compare(a.Outcome.Key, b.Outcome.Key), cmp.Compare(a.Opportunity.String(), b.Opportunity.String()), cmp.Compare(a.Solution.Key, b.Solution.Key), cmp.Compare(a.Experiment.Key, b.Experiment.Key))
	})
	practice.WorstFirst(out.Findings)
	out.Opportunities = practice.Counted("opportunities", practice.Neither, t.all)
	out.Unsolved = practice.Counted("opportunities", practice.Lower, t.unsolved)
	out.Solutions = practice.Counted("ideas", practice.Neither, t.solutions)
	out.Adrift = practice.Counted("ideas", practice.Lower, t.adrift)
	out.Untested = practice.Counted("ideas", practice.Lower, t.untested)
	return out, nil
}

// grower grows a tree.
type grower struct {
	v                                          estate.View
	out                                        *TreeOut
	places                                     map[model.ID]int
	all, unsolved, solutions, adrift, untested []practice.Link
}

func (t *grower) finding(severity practice.Severity, about model.Record, product model.Ref, m *practice.Mend, text string, args ...any) {
	t.out.Findings = append(t.out.Findings, practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: practice.To(about), Owner: answersFor(t.v, about, product), Mend: m})
}

// node returns the place of a record in the picture.
func (t *grower) node(rec model.Record, group string) int {
	id := rec.Base().ID
	at, there := t.places[id]
	if !there {
		at = len(t.out.Picture.Nodes)
		t.places[id] = at
		t.out.Picture.Nodes = append(t.out.Picture.Nodes, practice.Node{Link: practice.To(rec), Group: group})
	}
	return at
}

func (t *grower) join(from, to int, label string) {
	join := practice.Join{From: from, To: to, Label: label}
	if !slices.Contains(t.out.Picture.Edges, join) {
		t.out.Picture.Edges = append(t.out.Picture.Edges, join)
	}
}

func (t *grower) opportunity(o *model.Opportunity) {
	v := t.v
	row := TreeRow{Product: practice.To(v.Get(o.Product)), Outcome: practice.To(v.Get(o.Outcome)), Opportunity: lineage(v, o)}
	if s, ok := OpportunityScore(o.Importance, o.Satisfaction); ok {
		row.Score = &s
	}
	t.all = append(t.all, practice.To(o))
	at := t.node(o, "Opportunity")
	switch parent, ok := estate.Look[*model.Opportunity](v, o.Parent); {
	case ok:
		t.join(t.node(parent, "Opportunity"), at, "")
	case v.Get(o.Outcome) != nil:
		t.join(t.node(v.Get(o.Outcome), "Outcome"), at, "")
	case v.Get(o.Product) != nil:
		t.join(t.node(v.Get(o.Product), "Product"), at, "")
	}
	var ideas []*model.Idea
	for _, i := range holders[*model.Idea](v, o.Ref(), "opportunity") {
		if s := stateOf(i); s != model.IdeaDeclined && s != model.IdeaMerged {
			ideas = append(ideas, i)
		}
	}
	if len(ideas) == 0 {
		t.out.Table.Rows = append(t.out.Table.Rows, row)
		if len(holders[*model.Opportunity](v, o.Ref(), "parent")) == 0 {
			t.unsolved = append(t.unsolved, practice.To(o))
			severity := practice.Low
			if row.Score != nil && *row.Score >= 6 {
				severity = practice.Medium
			}
			t.finding(severity, o, o.Product, mend("submit_idea", "opportunity", o.Key), "Nothing is thought of yet that would serve %s.", o.Title())
		}
	}
	for _, i := range ideas {
		t.solution(i, at, row)
	}
}

func (t *grower) solution(i *model.Idea, from int, row TreeRow) {
	t.solutions = append(t.solutions, practice.To(i))
	at := t.node(i, "Solution")
	t.join(from, at, "")
	row.Solution, row.State = practice.To(i), stateOf(i)
	tests := holders[*model.Experiment](t.v, i.Ref(), "solution")
	if len(tests) == 0 {
		row.Tested = "not tested"
		t.out.Table.Rows = append(t.out.Table.Rows, row)
		if row.State == model.IdeaPlanned {
			t.untested = append(t.untested, row.Solution)
			t.finding(practice.Medium, i, i.Product, nil, "%s is planned, and no experiment has tested what it rests on.", i.Title())
		}
		return
	}
	killed := false
	for _, e := range tests {
		t.join(at, t.node(e, "Experiment"), "")
		row.Experiment, row.Tested = practice.To(e), string(cmp.Or(e.State, model.ExperimentIdea))
		if e.Decision != "" {
			row.Tested = string(e.Decision)
		}
		killed = killed || e.Decision == model.Kill
		t.out.Table.Rows = append(t.out.Table.Rows, row)
	}
	if killed && row.State == model.IdeaPlanned {
		t.finding(practice.High, i, i.Product, mend("decline_idea", "idea", i.Key), "%s is planned, and an experiment has shown that it does not do what it was to do.", i.Title())
	}
}

// lineage returns the chain of wider opportunities down to one. A circle of them is cut.
func lineage(v estate.View, o *model.Opportunity) practice.Path {
	chain := practice.Path{practice.To(o)}
	for next, ok := estate.Look[*model.Opportunity](v, o.Parent); ok; next, ok = estate.Look[*model.Opportunity](v, next.Parent) {
		if slices.Contains(chain, practice.To(next)) {
			break
		}
		chain = append(chain, practice.To(next))
	}
	slices.Reverse(chain)
	return chain
}
