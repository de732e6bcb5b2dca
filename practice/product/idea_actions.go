package product

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// create gives a new record its key and its id.
func create(v estate.View, rec model.Record) {
	m, kind := rec.Base(), model.NameOf(rec)
	m.Key = practice.FreeKey(v, kind, practice.Slug(m.Name))
	m.ID = practice.NewID(v, kind, m.Key)
}

// put adds the change from one record to another to a proposal, if there is one. A nil before creates.
func put(v estate.View, out *practice.Proposal, before, after model.Record) {
	if change, differs := model.Difference(v.Schema().Of(after), before, after); differs {
		out.Changes = append(out.Changes, change)
	}
}

// tell adds a sentence to a proposal.
func tell(out *practice.Proposal, severity practice.Severity, about model.Record, text string, args ...any) {
	out.Findings = append(out.Findings, practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: practice.To(about)})
}

func problem(field, text string, args ...any) error {
	return model.Problem{Field: field, Text: fmt.Sprintf(text, args...)}
}

// ideaOf returns the idea that an action is about. One that was merged is refused.
func ideaOf(v estate.View, ref model.Ref) (*model.Idea, error) {
	i, ok := estate.Look[*model.Idea](v, ref)
	if !ok {
		return nil, problem("idea", "there is no such idea")
	}
	if into, merged := estate.Look[*model.Idea](v, i.MergedInto); merged && stateOf(i) == model.IdeaMerged {
		return nil, problem("idea", "%s was merged into %s: use that", i.Title(), into.Key)
	}
	return i, nil
}

// SubmitIdeaIn is an idea.
type SubmitIdeaIn struct {
	// Title says in a few words what is wanted.
	Title string `is:"required"`
	// Text says what it is for and how it would help. Markdown is understood.
	Text string `is:"long"`
	// Product is the product that it is about.
	Product model.Ref `to:"Product"`
	// Opportunity is the opportunity that it would serve.
	Opportunity model.Ref `to:"Opportunity"`
	// Customer is the customer that wants it.
	Customer model.Ref `to:"Customer"`
	// Value is the revenue in a year that hangs on it for this customer.
	Value model.Money
	// Channel is how it came in. Unset means that somebody wrote it here.
	Channel model.IdeaChannel
	// From is the name or the mail address of whoever sent it.
	From string
}

// SubmitIdea proposes to keep an idea, a wish or a complaint, with the customer who has it, and names ideas that seem to say the same.
func SubmitIdea(v estate.View, in SubmitIdeaIn) (practice.Proposal, error) {
	title := strings.Join(strings.Fields(in.Title), " ")
	if title == "" {
		return practice.Proposal{}, problem("title", "say in a few words what is wanted")
	}
	i := &model.Idea{State: model.IdeaNew, Product: in.Product, Opportunity: in.Opportunity, Channel: cmp.Or(in.Channel, "form"), Received: v.At(), From: in.From}
	i.Name, i.Description = title, in.Text
	if o, ok := estate.Look[*model.Opportunity](v, in.Opportunity); ok {
		i.Product = cmp.Or(i.Product, o.Product)
	}
	if !in.Customer.IsZero() {
		i.Requests = []model.CustomerRequest{{Customer: in.Customer, Value: in.Value, Asked: v.At()}}
	} else if !in.Value.IsZero() {
		return practice.Proposal{}, problem("value", "say which customer's value it is")
	}
	create(v, i)
	out := practice.Proposal{Why: "Idea: " + title}
	put(v, &out, nil, i)
	open := append(chosenIdeas(v, IdeasIn{Product: i.Product}), i)
	for _, l := range duplicates(open)[i.Ref()] {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: l.Title() + " seems to say the same: merge them if it does.", About: l, Mend: mend("merge_ideas", "into", l.Key, "ideas", i.Key)})
	}
	return out, nil
}

// MergeIdeasIn says which ideas say the same.
type MergeIdeasIn struct {
	// Into is the idea that goes on.
	Into model.Ref `to:"Idea" is:"required"`
	// Ideas are the ideas that say the same and end.
	Ideas []model.Ref `to:"Idea" is:"required"`
}

// MergeIdeas proposes that one idea goes on for several: it takes over their requests, each customer once with the largest value and the earliest
// promise, and their votes, and roadmap items that carried them out carry it out instead.
func MergeIdeas(v estate.View, in MergeIdeasIn) (practice.Proposal, error) {
	into, err := ideaOf(v, in.Into)
	if err != nil {
		return practice.Proposal{}, err
	}
	p := purseOf(v)
	after := model.Clone(into)
	out := practice.Proposal{}
	var merged []*model.Idea
	for _, ref := range in.Ideas {
		one, err := ideaOf(v, ref)
		switch {
		case err != nil:
			return practice.Proposal{}, err
		case ref == in.Into:
			return practice.Proposal{}, problem("ideas", "%s cannot be merged into itself", one.Title())
		case slices.Contains(merged, one):
			continue
		case !one.Product.IsZero() && !into.Product.IsZero() && one.Product != into.Product:
			tell(&out, practice.Low, one, "%s is about another product than %s.", one.Title(), into.Title())
		}
		merged = append(merged, one)
		after.Requests = joined(p, after.Requests, one.Requests)
		after.Votes += one.Votes
		after.Product = cmp.Or(after.Product, one.Product)
		after.Opportunity = cmp.Or(after.Opportunity, one.Opportunity)
		after.Received = earliest(after.Received, one.Received)
		gone := model.Clone(one)
		// The votes and the requests are in the other idea now. They are taken off here, so that nothing counts twice.
		gone.State, gone.MergedInto, gone.Requests, gone.Votes = model.IdeaMerged, in.Into, nil, 0
		put(v, &out, one, gone)
	}
	// What was merged into one of them before is in the one that goes on now.
	for _, one := range merged {
		for _, earlier := range holders[*model.Idea](v, one.Ref(), "merged_into") {
			if earlier.ID != into.ID {
				moved := model.Clone(earlier)
				moved.MergedInto = in.Into
				put(v, &out, earlier, moved)
			}
		}
	}
	put(v, &out, into, after)
	moveItems(v, &out, merged, in.Into)
	out.Why = fmt.Sprintf("Merge %s into %s", practice.Some(practice.ToAll(merged)), into.Title())
	return out, nil
}

// moveItems lets roadmap items and experiments that were for ideas be for another one.
func moveItems(v estate.View, out *practice.Proposal, from []*model.Idea, to model.Ref) {
	seen := map[model.Ref]bool{}
	for _, one := range from {
		for _, item := range holders[*model.RoadmapItem](v, one.Ref(), "ideas") {
			if seen[item.Ref()] {
				continue
			}
			seen[item.Ref()] = true
			after := model.Clone(item)
			after.Ideas = nil
			for _, ref := range item.Ideas {
				if slices.ContainsFunc(from, func(i *model.Idea) bool { return i.Ref() == ref }) {
					ref = to
				}
				if !slices.Contains(after.Ideas, ref) {
					after.Ideas = append(after.Ideas, ref)
				}
			}
			put(v, out, item, after)
		}
		for _, e := range holders[*model.Experiment](v, one.Ref(), "solution") {
			after := model.Clone(e)
			after.Solution = to
			put(v, out, e, after)
		}
	}
}

// joined joins requests, each customer once: with the largest value, the first day of asking, the earliest promise and all words.
func joined(p *purse, a, b []model.CustomerRequest) []model.CustomerRequest {
	var out []model.CustomerRequest
	for _, r := range slices.Concat(a, b) {
		at := slices.IndexFunc(out, func(o model.CustomerRequest) bool { return o.Customer == r.Customer })
		if at < 0 {
			out = append(out, r)
			continue
		}
		o := &out[at]
		old, _ := p.convert(o.Value)
		if now, _ := p.convert(r.Value); more(now, old) || o.Value.IsZero() {
			o.Value = r.Value
		}
		o.Asked, o.Promised = earliest(o.Asked, r.Asked), earliest(o.Promised, r.Promised)
		if r.Words != "" && !strings.Contains(o.Words, r.Words) {
			o.Words = strings.TrimSpace(o.Words + " " + r.Words)
		}
	}
	return out
}

// ScoreIdeaIn are the figures of an idea.
type ScoreIdeaIn struct {
	// Idea is the idea.
	Idea model.Ref `to:"Idea" is:"required"`
	// Reach is how many customers or events it touches in a quarter.
	Reach float64 `min:"0"`
	// Impact is how much it moves each of them: 3 massive, 2 high, 1 medium, 0.5 low, 0.25 minimal.
	Impact float64 `min:"0" max:"3"`
	// Confidence is how sure one may be of the figures: 100 high, 80 medium, 50 low.
	Confidence model.Percent `min:"0" max:"100" unit:"%"`
	// Effort is the work of all.
	Effort float64 `min:"0" unit:"person-months"`
	// UserValue is the value for users and the business, on the scale 1, 2, 3, 5, 8, 13, 20.
	UserValue float64 `min:"0"`
	// TimeCriticality is how fast the value decays, on the same scale.
	TimeCriticality float64 `min:"0"`
	// RiskReduction is the risk that it reduces or the opportunity that it enables, on the same scale.
	RiskReduction float64 `min:"0"`
	// JobSize is how large the job is, on the same scale.
	JobSize float64 `min:"0"`
}

// ScoreIdea proposes figures of an idea and says which score they give. What is left out stays as it is. A new idea counts as looked at then.
func ScoreIdea(v estate.View, in ScoreIdeaIn) (practice.Proposal, error) {
	before, err := ideaOf(v, in.Idea)
	if err != nil {
		return practice.Proposal{}, err
	}
	after := model.Clone(before)
	for _, f := range []struct {
		to    *float64
		value float64
	}{{&after.Reach, in.Reach}, {&after.Impact, in.Impact}, {&after.Effort, in.Effort}, {&after.UserValue, in.UserValue}, {&after.TimeCriticality, in.TimeCriticality}, {&after.RiskReduction, in.RiskReduction}, {&after.JobSize, in.JobSize}} {
		*f.to = cmp.Or(f.value, *f.to)
	}
	after.Confidence = cmp.Or(in.Confidence, after.Confidence)
	if stateOf(before) == model.IdeaNew {
		after.State = model.IdeaReviewed
	}
	out := practice.Proposal{Why: "Score " + before.Title()}
	put(v, &out, before, after)
	product, _ := estate.Look[*model.Product](v, after.Product)
	s := newScorer(product, "").score(v, purseOf(v), after)
	if s.score.Unknown != "" {
		tell(&out, practice.Low, before, "There is no score yet: %s.", s.score.Unknown)
		return out, nil
	}
	tell(&out, practice.Info, before, "The score is %s.", number(s.score.Value))
	for _, note := range s.score.Notes {
		tell(&out, practice.Info, before, "Unusual: %s.", note)
	}
	return out, nil
}

// DeclineIdeaIn says what is not going to be done.
type DeclineIdeaIn struct {
	// Idea is the idea.
	Idea model.Ref `to:"Idea" is:"required"`
	// Answer is what those who asked are told. Markdown is understood.
	Answer string `is:"required long"`
}

// DeclineIdea proposes that an idea is not done, with the answer for those who asked, and names customers to whom it was promised.
func DeclineIdea(v estate.View, in DeclineIdeaIn) (practice.Proposal, error) {
	before, err := ideaOf(v, in.Idea)
	if err != nil {
		return practice.Proposal{}, err
	}
	if stateOf(before) == model.IdeaDelivered {
		return practice.Proposal{}, problem("idea", "%s is delivered already", before.Title())
	}
	after := model.Clone(before)
	after.State, after.Answer = model.IdeaDeclined, in.Answer
	out := practice.Proposal{Why: "Decline " + before.Title()}
	put(v, &out, before, after)
	for _, q := range requestsOf(v, purseOf(v), before) {
		if !q.promised.IsZero() {
			tell(&out, practice.High, q.customer, "%s was promised it for %s: tell the customer first.", q.customer.Title(), q.promised)
		}
	}
	for _, item := range holders[*model.RoadmapItem](v, before.Ref(), "ideas") {
		if openItem(item) {
			tell(&out, practice.Medium, item, "%s on the roadmap still carries it out.", item.Title())
		}
	}
	return out, nil
}

// RecordRequestIn is what a customer wants.
type RecordRequestIn struct {
	// Idea is what is wanted.
	Idea model.Ref `to:"Idea" is:"required"`
	// Customer is the customer.
	Customer model.Ref `to:"Customer" is:"required"`
	// Value is the revenue in a year that hangs on it.
	Value model.Money
	// Promised is the day that the customer is promised. Unset promises nothing new.
	Promised model.Date
	// Words are what the customer said.
	Words string
}

// RecordRequest proposes to note that a customer wants an idea, what it is worth and what was promised. A customer that asked before
// stays one request, and what is said now takes the place of what was said before. What a promise displaces is told by the question promises.
func RecordRequest(v estate.View, in RecordRequestIn) (practice.Proposal, error) {
	before, err := ideaOf(v, in.Idea)
	if err != nil {
		return practice.Proposal{}, err
	}
	customer, ok := estate.Look[*model.Customer](v, in.Customer)
	if !ok {
		return practice.Proposal{}, problem("customer", "there is no such customer")
	}
	if !in.Promised.IsZero() && in.Promised < v.At() {
		return practice.Proposal{}, problem("promised", "%s is in the past: nobody can promise that", in.Promised)
	}
	after := model.Clone(before)
	after.Requests = slices.Clone(before.Requests)
	at := slices.IndexFunc(after.Requests, func(r model.CustomerRequest) bool { return r.Customer == in.Customer })
	if at < 0 {
		at = len(after.Requests)
		after.Requests = append(after.Requests, model.CustomerRequest{Customer: in.Customer, Asked: v.At()})
	}
	r := &after.Requests[at]
	if !in.Value.IsZero() {
		r.Value = in.Value
	}
	r.Promised, r.Words = cmp.Or(in.Promised, r.Promised), cmp.Or(in.Words, r.Words)
	out := practice.Proposal{Why: fmt.Sprintf("%s wants %s", customer.Title(), before.Title())}
	put(v, &out, before, after)
	if !in.Promised.IsZero() && len(holders[*model.RoadmapItem](v, before.Ref(), "ideas")) == 0 {
		tell(&out, practice.High, before, "%s is promised and not on the roadmap.", before.Title())
		out.Findings[len(out.Findings)-1].Mend = mend("plan_idea", "idea", before.Key, "due", in.Promised.String())
	}
	return out, nil
}

// VoteIdeaIn says what is voted for.
type VoteIdeaIn struct {
	// Idea is the idea.
	Idea model.Ref `to:"Idea" is:"required"`
}

// VoteIdea proposes one more vote for a public idea. A vote for an idea that was merged counts for the one that goes on. That
// nobody votes twice is looked after where the vote comes in.
func VoteIdea(v estate.View, in VoteIdeaIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Idea](v, in.Idea)
	if ok && stateOf(before) == model.IdeaMerged {
		before, ok = estate.Look[*model.Idea](v, before.MergedInto)
	}
	if !ok || !before.Public || before.Confidential {
		return practice.Proposal{}, problem("idea", "there is no such idea to vote for")
	}
	if !openIdea(before) {
		return practice.Proposal{}, problem("idea", "%s is decided: votes are over", before.Name)
	}
	after := model.Clone(before)
	after.Votes++
	out := practice.Proposal{Why: "A vote for " + before.Title()}
	put(v, &out, before, after)
	return out, nil
}
