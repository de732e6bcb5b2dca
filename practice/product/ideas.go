package product

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// IdeasIn says which ideas are ranked.
type IdeasIn struct {
	// Product limits the answer to one product.
	Product model.Ref `to:"Product"`
	// Customer limits the answer to what one customer asked for.
	Customer model.Ref `to:"Customer"`
	// State limits the answer to one state. Unset means all that are open: new, reviewed and planned.
	State model.IdeaState
	// Scoring ranks by one method, whatever the products say.
	Scoring model.ScoringMethod
}

// IdeasOut is what customers and colleagues want.
type IdeasOut struct {
	// Ideas is how many there are.
	Ideas practice.Figure
	// Unread is how many nobody has looked at.
	Unread practice.Figure
	// Unscored is how many have no score.
	Unscored practice.Figure
	// Customers is how many customers asked for something.
	Customers practice.Figure
	// Value is the revenue in a year that customers named with what they asked for. Each customer is counted once, with the largest value.
	Value practice.Figure
	// Findings say what cannot be scored, what is waiting for long, and what looks like the same idea twice.
	Findings []practice.Finding
	// Ranking lists the ideas by product and place, those without a score last.
	Ranking practice.Table[RankedIdea]
}

// RankedIdea is an idea with its place among those of its product.
type RankedIdea struct {
	// Place is the place among the ideas of the product, from 1. Equal scores share a place. 0 means that there is no score.
	Place int
	// Idea is the idea.
	Idea practice.Link
	// Product is the product that it is about.
	Product practice.Link
	// State says where it stands.
	State model.IdeaState
	// Method is the method of scoring.
	Method model.ScoringMethod
	// Score is the score, rounded to two places. Places follow from the exact score.
	Score *float64
	// Lacks says why there is no score.
	Lacks string
	// Customers are the customers that asked for it.
	Customers []practice.Link
	// Value is the revenue in a year that they named, each customer once, in the currency of the books.
	Value model.Money
	// Revenue is what these customers pay in a year in all.
	Revenue model.Money
	// Promised is the earliest day that one of them was promised.
	Promised model.Date
	// Votes is how many votes it has, with those of ideas that were merged into it.
	Votes int
	// Received is the day on which it came in.
	Received model.Date
	// Opportunity is the opportunity that it would serve.
	Opportunity practice.Link
	// Alike are ideas that seem to say the same.
	Alike []practice.Link
	// Owner is who answers for it.
	Owner practice.Link
}

// patience is how many days a new idea may wait for somebody to look at it.
const patience = 30

// Ideas ranks what customers and colleagues want of each product, by the way of scoring that the product has chosen, with
// the value of the customers who asked, the votes, and ideas that seem to say the same.
func Ideas(v estate.View, in IdeasIn) (IdeasOut, error) {
	var out IdeasOut
	p := purseOf(v)
	chosen := chosenIdeas(v, in)
	scored, faults := scoreAll(v, p, chosen, in.Scoring)
	out.Findings = append(out.Findings, faults...)
	alike := duplicates(chosen)
	var all, unread, unscored []practice.Link
	asking := map[model.Ref]request{}
	for _, s := range scored {
		row := s.row(v, p)
		row.Alike = alike[s.idea.Ref()]
		out.Ranking.Rows = append(out.Ranking.Rows, row)
		all = append(all, row.Idea)
		if row.State == model.IdeaNew {
			unread = append(unread, row.Idea)
		}
		if s.score.Unknown != "" {
			unscored = append(unscored, row.Idea)
		}
		for _, q := range s.requests {
			if before, seen := asking[q.customer.Ref()]; !seen || more(q.books, before.books) {
				asking[q.customer.Ref()] = q
			}
		}
		out.Findings = append(out.Findings, s.findings(v, row)...)
	}
	sortRanking(out.Ranking.Rows)
	practice.WorstFirst(out.Findings)
	list := make([]request, 0, len(asking))
	for _, q := range asking {
		list = append(list, q)
	}
	slices.SortFunc(list, func(a, b request) int { return cmp.Compare(a.customer.Key, b.customer.Key) })
	out.Ideas = practice.Counted("ideas", practice.Neither, all)
	out.Unread = practice.Counted("ideas", practice.Lower, unread)
	out.Unscored = practice.Counted("ideas", practice.Lower, unscored)
	out.Customers = practice.Counted("customers", practice.Neither, customersOf(list))
	t := valueOf(p, list)
	out.Value = t.figure(practice.Neither, customersOf(list), "")
	return out, nil
}

// chosenIdeas returns the ideas that are asked for, by key.
func chosenIdeas(v estate.View, in IdeasIn) []*model.Idea {
	var out []*model.Idea
	for _, i := range every[*model.Idea](v) {
		fits := openIdea(i)
		if in.State != "" {
			fits = stateOf(i) == in.State
		}
		if !in.Customer.IsZero() {
			fits = fits && slices.ContainsFunc(i.Requests, func(r model.CustomerRequest) bool { return r.Customer == in.Customer })
		}
		if fits && ofProduct(in.Product, i.Product) {
			out = append(out, i)
		}
	}
	return out
}

// scoredIdea is an idea with what its score is made of.
type scoredIdea struct {
	idea     *model.Idea
	product  *model.Product
	method   model.ScoringMethod
	score    Score
	place    int
	requests []request
	votes    int
}

// scoreAll scores ideas, each among those of its product, and tells what is wrong with a way of scoring.
func scoreAll(v estate.View, p *purse, ideas []*model.Idea, method model.ScoringMethod) ([]*scoredIdea, []practice.Finding) {
	var findings []practice.Finding
	groups := map[model.Ref][]*model.Idea{}
	var order []model.Ref
	for _, i := range ideas {
		if groups[i.Product] == nil {
			order = append(order, i.Product)
		}
		groups[i.Product] = append(groups[i.Product], i)
	}
	var out []*scoredIdea
	for _, ref := range order {
		product, _ := estate.Look[*model.Product](v, ref)
		s := newScorer(product, method)
		findings = append(findings, s.findings(v, groups[ref])...)
		first := len(out)
		scores := make([]Score, len(groups[ref]))
		for n, i := range groups[ref] {
			one := s.score(v, p, i)
			scores[n] = one.score
			out = append(out, one)
		}
		for n, place := range Ranks(scores) {
			out[first+n].place = place
		}
	}
	return out, findings
}

// formulaWrong is why ideas have no score where the formula of their product is wrong, which is told once.
const formulaWrong = "the formula of the product is wrong"

// scorer scores the ideas of one product.
type scorer struct {
	product *model.Product
	method  model.ScoringMethod
	formula *Formula
	err     error
}

func newScorer(product *model.Product, method model.ScoringMethod) *scorer {
	s := &scorer{product: product, method: method}
	text := ""
	if product != nil {
		s.method, text = cmp.Or(method, product.Scoring), product.Formula
	}
	s.method = cmp.Or(s.method, model.ScoreRICE)
	if s.method == model.ScoreFormula {
		s.formula, s.err = NewFormula(text)
	}
	return s
}

// findings tells what is wrong with the way of scoring as a whole.
func (s *scorer) findings(v estate.View, ideas []*model.Idea) []practice.Finding {
	about, owner, of := practice.Link{}, practice.Link{}, "the ideas without a product"
	if s.product != nil {
		about, owner, of = practice.To(s.product), answersFor(v, s.product, s.product.Ref()), s.product.Title()
	}
	var out []practice.Finding
	if s.err != nil {
		out = append(out, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("The ideas of %s cannot be scored: %v.", of, s.err), About: about, Owner: owner})
	}
	if s.method == model.ScoreWSJF {
		if columns := WSJFColumns(ideas); len(columns) > 0 {
			out = append(out, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("WSJF is relative, and of %s no idea has a 1 in %s: give the smallest a 1.", of, strings.Join(columns, ", ")), About: about, From: practice.ToAll(ideas), Owner: owner})
		}
	}
	return out
}

func (s *scorer) score(v estate.View, p *purse, i *model.Idea) *scoredIdea {
	merged := holders[*model.Idea](v, i.Ref(), "merged_into")
	out := &scoredIdea{idea: i, product: s.product, method: s.method, requests: requestsOf(v, p, append([]*model.Idea{i}, merged...)...), votes: i.Votes}
	switch {
	case s.err != nil:
		out.score = Score{Unknown: formulaWrong}
	case s.method == model.ScoreWSJF:
		out.score = WSJF(i.UserValue, i.TimeCriticality, i.RiskReduction, i.JobSize)
	case s.method == model.ScoreFormula:
		t := valueOf(p, out.requests)
		more := Figures{Customers: len(out.requests), Value: t.sum.Float()}
		if !i.Received.IsZero() && i.Received < v.At() {
			more.Age = int(v.At() - i.Received)
		}
		out.score = s.formula.Score(i, more)
	default:
		out.score = RICE(i.Reach, i.Impact, i.Confidence, i.Effort)
	}
	return out
}

func (s *scoredIdea) row(v estate.View, p *purse) RankedIdea {
	i := s.idea
	row := RankedIdea{Place: s.place, Idea: practice.To(i), State: stateOf(i), Method: s.method, Lacks: s.score.Unknown, Customers: customersOf(s.requests), Votes: s.votes,
		Received: i.Received, Opportunity: practice.To(v.Get(i.Opportunity)), Owner: answersFor(v, i, i.Product)}
	if s.product != nil {
		row.Product = practice.To(s.product)
	}
	if s.score.Unknown == "" {
		shown := math.Round(100*s.score.Value) / 100
		row.Score = &shown
	}
	value, revenue := valueOf(p, s.requests), total{purse: p}
	for _, q := range s.requests {
		revenue.add(q.customer.Revenue)
		row.Promised = earliest(row.Promised, q.promised)
	}
	row.Value, row.Revenue = value.sum, revenue.sum
	return row
}

// findings tells what is wrong with one idea.
func (s *scoredIdea) findings(v estate.View, row RankedIdea) []practice.Finding {
	var out []practice.Finding
	i := s.idea
	add := func(severity practice.Severity, m *practice.Mend, text string, args ...any) {
		out = append(out, practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: row.Idea, Owner: row.Owner, Mend: m})
	}
	if i.Product.IsZero() {
		add(practice.Low, nil, "%s is about no product: say which.", i.Title())
	}
	waits := int(v.At() - i.Received)
	switch {
	case row.State == model.IdeaNew && !i.Received.IsZero() && waits > patience:
		add(practice.Medium, mend("score_idea", "idea", i.Key), "%s came in %d days ago and nobody has looked at it.", i.Title(), waits)
	case s.score.Unknown != "" && row.State != model.IdeaNew && openIdea(i) && s.score.Unknown != formulaWrong:
		add(practice.Low, mend("score_idea", "idea", i.Key), "%s has no score: %s.", i.Title(), s.score.Unknown)
	}
	for _, note := range s.score.Notes {
		add(practice.Info, mend("score_idea", "idea", i.Key), "The score of %s rests on an unusual figure: %s.", i.Title(), note)
	}
	for _, q := range s.requests {
		if q.lost {
			add(practice.Low, nil, "What %s named for %s, %s, is not counted, because there is no exchange rate for it.", q.customer.Title(), i.Title(), q.value)
		}
	}
	for _, link := range row.Alike {
		other, ok := estate.Look[*model.Idea](v, model.Ref(link.ID))
		if ok && goesOn(i, other) {
			add(practice.Low, mend("merge_ideas", "into", i.Key, "ideas", other.Key), "%s and %s seem to say the same: merge them if they do.", i.Title(), other.Title())
		}
	}
	return out
}

// goesOn reports whether an idea is the one to go on where another says the same: the one that is further, then the one that came first.
func goesOn(i, other *model.Idea) bool {
	undated := func(x *model.Idea) model.Date { return cmp.Or(x.Received, model.MustDate("9999-12-31")) }
	return cmp.Or(model.Rank(stateOf(other))-model.Rank(stateOf(i)), cmp.Compare(undated(i), undated(other)), cmp.Compare(i.Key, other.Key)) < 0
}

// sortRanking puts ideas by product and place, and those without a place last by value and votes.
func sortRanking(rows []RankedIdea) {
	slices.SortStableFunc(rows, func(a, b RankedIdea) int {
		unknown := func(r RankedIdea) int {
			if r.Place == 0 {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(a.Product.Key, b.Product.Key), unknown(a)-unknown(b), a.Place-b.Place, descending(a.Value, b.Value), b.Votes-a.Votes, cmp.Compare(a.Idea.Key, b.Idea.Key))
	})
}
