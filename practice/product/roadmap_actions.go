package product

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// PlanIdeaIn says how an idea comes onto the roadmap.
type PlanIdeaIn struct {
	// Idea is the idea.
	Idea model.Ref `to:"Idea" is:"required"`
	// Item is the roadmap item that carries it out too. Unset makes a new one.
	Item model.Ref `to:"RoadmapItem"`
	// Bucket says how soon it comes. Unset means later.
	Bucket model.RoadmapBucket
	// Start is the first day of work.
	Start model.Date
	// Due is the day by which it is to be there.
	Due model.Date
	// Confidence is how sure the day is.
	Confidence model.Percent `min:"0" max:"100" unit:"%"`
	// Team is the team that builds it.
	Team model.Ref `to:"Team"`
}

// PlanIdea proposes to put an idea onto the roadmap, as a new item with its effort and the value that customers named, or as part of one that is there.
func PlanIdea(v estate.View, in PlanIdeaIn) (practice.Proposal, error) {
	idea, err := ideaOf(v, in.Idea)
	if err != nil {
		return practice.Proposal{}, err
	}
	if s := stateOf(idea); s == model.IdeaDelivered || s == model.IdeaDeclined {
		return practice.Proposal{}, problem("idea", "%s is %s already", idea.Title(), s)
	}
	out := practice.Proposal{Why: fmt.Sprintf("Plan %s", idea.Title())}
	after := model.Clone(idea)
	after.State = model.IdeaPlanned
	var before, item *model.RoadmapItem
	if !in.Item.IsZero() {
		found, ok := estate.Look[*model.RoadmapItem](v, in.Item)
		if !ok || !openItem(found) {
			return out, problem("item", "there is no such item on the roadmap, or it is over")
		}
		before, item = found, model.Clone(found)
		if !slices.Contains(item.Ideas, idea.Ref()) {
			item.Ideas = append(slices.Clone(item.Ideas), idea.Ref())
		}
		item.Bucket, item.Start, item.Due = cmp.Or(in.Bucket, item.Bucket), cmp.Or(in.Start, item.Start), cmp.Or(in.Due, item.Due)
		item.Confidence, item.Team = cmp.Or(in.Confidence, item.Confidence), cmp.Or(in.Team, item.Team)
	} else {
		product, ok := estate.Look[*model.Product](v, idea.Product)
		if !ok {
			return out, problem("idea", "%s is about no product: say which first", idea.Title())
		}
		t := valueOf(purseOf(v), requestsOf(v, purseOf(v), idea))
		item = &model.RoadmapItem{Product: idea.Product, State: model.RoadmapPlanned, Bucket: cmp.Or(in.Bucket, "later"), Start: in.Start, Due: in.Due, Confidence: in.Confidence, Team: in.Team, Effort: idea.Effort, Value: t.sum, Ideas: []model.Ref{idea.Ref()}, Goals: slices.Clone(product.Goals)}
		item.Name, item.Confidential = idea.Title(), idea.Confidential
		create(v, item)
	}
	if !item.Start.IsZero() && !item.Due.IsZero() && item.Start > item.Due {
		return out, problem("due", "%s is before the first day of work, %s", item.Due, item.Start)
	}
	put(v, &out, idea, after)
	if before == nil {
		put(v, &out, nil, item)
	} else {
		put(v, &out, before, item)
	}
	for _, q := range requestsOf(v, purseOf(v), idea) {
		if !q.promised.IsZero() && !item.Due.IsZero() && item.Due > q.promised {
			tell(&out, practice.High, q.customer, "%s was promised it for %s, %s earlier.", q.customer.Title(), q.promised, practice.Count(int(item.Due-q.promised), "day", "days"))
		}
	}
	return out, nil
}

// ScheduleIn says when a roadmap item comes.
type ScheduleIn struct {
	// Item is the item.
	Item model.Ref `to:"RoadmapItem" is:"required"`
	// Bucket says how soon it comes. Unset means as before.
	Bucket model.RoadmapBucket
	// State says where it stands. Unset means as before. What is delivered is told by the action deliver.
	State model.RoadmapState
	// Start is the first day of work. Unset means as before.
	Start model.Date
	// Due is the day by which it is to be there. Unset means as before.
	Due model.Date
	// Confidence is how sure the day is. Unset means as before.
	Confidence model.Percent `min:"0" max:"100" unit:"%"`
}

// Schedule proposes days, bucket and confidence of a roadmap item and tells what that does to promises, to what waits for it and to the load of the quarters.
func Schedule(v estate.View, in ScheduleIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.RoadmapItem](v, in.Item)
	switch {
	case !ok:
		return practice.Proposal{}, problem("item", "there is no such roadmap item")
	case before.State == model.RoadmapDelivered:
		return practice.Proposal{}, problem("item", "%s is delivered already", before.Title())
	case in.State == model.RoadmapDelivered:
		return practice.Proposal{}, problem("state", "use product.deliver to say that it is delivered")
	}
	after := model.Clone(before)
	after.Bucket, after.State = cmp.Or(in.Bucket, before.Bucket), cmp.Or(in.State, before.State)
	after.Start, after.Due, after.Confidence = cmp.Or(in.Start, before.Start), cmp.Or(in.Due, before.Due), cmp.Or(in.Confidence, before.Confidence)
	if !after.Start.IsZero() && !after.Due.IsZero() && after.Start > after.Due {
		return practice.Proposal{}, problem("due", "%s is before the first day of work, %s", after.Due, after.Start)
	}
	out := practice.Proposal{Why: "Schedule " + before.Title()}
	put(v, &out, before, after)
	for _, q := range requestsOf(v, purseOf(v), ideasOf(v, before)...) {
		if !q.promised.IsZero() && after.Due > q.promised {
			tell(&out, practice.High, q.customer, "%s was promised it for %s, %s earlier.", q.customer.Title(), q.promised, practice.Count(int(after.Due-q.promised), "day", "days"))
		}
	}
	for _, ref := range after.DependsOn {
		if severity, _, text := waitsFor(v, after, ref); severity != "" {
			tell(&out, severity, after, "%s", text)
		}
	}
	for _, waiting := range holders[*model.RoadmapItem](v, in.Item, "depends_on") {
		if openItem(waiting) && !waiting.Due.IsZero() && after.Due > waiting.Due {
			tell(&out, practice.High, waiting, "%s waits for it and is due on %s already.", waiting.Title(), waiting.Due)
		}
	}
	loads(v, &out, after)
	return out, nil
}

// loads tells which quarters hold too much once an item is scheduled anew.
func loads(v estate.View, out *practice.Proposal, changed *model.RoadmapItem) {
	var open []*model.RoadmapItem
	for _, i := range holders[*model.RoadmapItem](v, changed.Product, "product") {
		if i.ID == changed.ID {
			i = changed
		}
		if openItem(i) {
			open = append(open, i)
		}
	}
	_, findings := capacityOf(v, open, RoadmapIn{})
	for _, f := range findings {
		if slices.ContainsFunc(f.From, func(l practice.Link) bool { return l.ID == changed.ID }) {
			out.Findings = append(out.Findings, f)
		}
	}
}

// DeliverIn says what was delivered.
type DeliverIn struct {
	// Item is the roadmap item.
	Item model.Ref `to:"RoadmapItem" is:"required"`
	// Release is the release that brought it.
	Release model.Ref `to:"Release"`
	// On is the day on which customers had it. Unset means the day of the release, or today.
	On model.Date
	// Review is the day by which what came of it is to be looked at. Unset means half a year later.
	Review model.Date
}

// Deliver proposes that a roadmap item is there: its ideas are delivered, its review gets a day, and an announcement is drafted for customers, which is neither public nor published until somebody says so.
func Deliver(v estate.View, in DeliverIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.RoadmapItem](v, in.Item)
	switch {
	case !ok:
		return practice.Proposal{}, problem("item", "there is no such roadmap item")
	case !openItem(before):
		return practice.Proposal{}, problem("item", "%s is %s already", before.Title(), before.State)
	}
	release, _ := estate.Look[*model.Release](v, in.Release)
	on := in.On
	if release != nil {
		on = cmp.Or(on, release.Released)
	}
	if on = cmp.Or(on, v.At()); on > v.At() {
		return practice.Proposal{}, problem("on", "%s is in the future: it is delivered once customers have it", on)
	}
	after := model.Clone(before)
	after.State, after.Done = model.RoadmapDelivered, on
	after.ReviewBy = cmp.Or(in.Review, before.ReviewBy, on.AddDays(afterwards))
	if release != nil && !slices.Contains(before.Releases, in.Release) {
		after.Releases = append(slices.Clone(before.Releases), in.Release)
	}
	out := practice.Proposal{Why: "Deliver " + before.Title()}
	put(v, &out, before, after)
	ideas := ideasOf(v, before)
	for _, i := range ideas {
		if openIdea(i) {
			done := model.Clone(i)
			done.State = model.IdeaDelivered
			put(v, &out, i, done)
		}
	}
	text := &model.Announcement{Product: before.Product, Release: in.Release, Items: []model.Ref{in.Item}, Text: strings.TrimSpace(cmp.Or(before.PublicText, before.Title()+" is there."))}
	text.Name, text.Confidential = before.Title(), before.Confidential
	create(v, text)
	put(v, &out, nil, text)
	for _, q := range requestsOf(v, purseOf(v), ideas...) {
		tell(&out, practice.Info, q.customer, "%s asked for it: say that it is there.", q.customer.Title())
	}
	if len(before.Outcomes) == 0 {
		tell(&out, practice.Low, before, "Nothing was predicted of %s, so that nobody can tell later whether it was worth it.", before.Title())
	}
	return out, nil
}

// RecordOutcomeIn is what came of a roadmap item.
type RecordOutcomeIn struct {
	// Item is the roadmap item.
	Item model.Ref `to:"RoadmapItem" is:"required"`
	// Effect names the effect that was measured, as it was predicted. Unset only notes what was learned.
	Effect string
	// Actual is the value of the effect that was measured.
	Actual float64
	// On is the day of the measurement. Unset means today.
	On model.Date
	// Learned says what came of it.
	Learned string `is:"long"`
	// Done says that the review is over. It is over by itself once every effect is measured.
	Done bool
}

// RecordOutcome proposes to note what came of a roadmap item: the measured value of a predicted effect, what was learned, and that it was reviewed.
func RecordOutcome(v estate.View, in RecordOutcomeIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.RoadmapItem](v, in.Item)
	if !ok {
		return practice.Proposal{}, problem("item", "there is no such roadmap item")
	}
	if before.State != model.RoadmapDelivered {
		return practice.Proposal{}, problem("item", "%s is not delivered yet", before.Title())
	}
	on := cmp.Or(in.On, v.At())
	if on > v.At() {
		return practice.Proposal{}, problem("on", "%s is in the future", on)
	}
	after := model.Clone(before)
	after.Learned = cmp.Or(in.Learned, before.Learned)
	out := practice.Proposal{Why: "Review " + before.Title()}
	if in.Effect != "" {
		after.Outcomes = slices.Clone(before.Outcomes)
		at := slices.IndexFunc(after.Outcomes, func(e model.PredictedEffect) bool { return strings.EqualFold(e.Name, strings.TrimSpace(in.Effect)) })
		if at < 0 {
			return out, problem("effect", "%s was not predicted of %s: name one of %s", in.Effect, before.Title(), effects(before))
		}
		e := &after.Outcomes[at]
		e.Actual, e.MeasuredOn = in.Actual, on
		verdict, reached := Judge(*e)
		text := fmt.Sprintf("%s: %s were predicted and %s measured", e.Name, number(e.Predicted), number(e.Actual))
		if reached != nil {
			text += fmt.Sprintf(", %s %% of the way", number(*reached))
		}
		tell(&out, practice.Info, before, "%s: %s.", text, verdict)
	}
	if in.Done || len(after.Outcomes) > 0 && !slices.ContainsFunc(after.Outcomes, func(e model.PredictedEffect) bool { return e.MeasuredOn.IsZero() }) {
		after.Reviewed = on
	}
	put(v, &out, before, after)
	return out, nil
}

// effects names the predicted effects of an item.
func effects(i *model.RoadmapItem) string {
	var names []string
	for _, e := range i.Outcomes {
		names = append(names, e.Name)
	}
	return cmp.Or(strings.Join(names, ", "), "none, because nothing was predicted")
}

// AnnounceIn is what customers or colleagues are told.
type AnnounceIn struct {
	// Product is the product.
	Product model.Ref `to:"Product" is:"required"`
	// Announcement is a draft that is published now. Unset makes a new announcement.
	Announcement model.Ref `to:"Announcement"`
	// Title says in a few words what is new.
	Title string
	// Text is what is told. Markdown is understood.
	Text string `is:"long"`
	// Release is the release that it is about.
	Release model.Ref `to:"Release"`
	// From is the day from which it may be seen. Unset means today.
	From model.Date
	// Public says that portals show it.
	Public bool
}

// Announce proposes to tell customers or colleagues what a product now has, as a new announcement or by publishing a draft. Nothing confidential is made public.
func Announce(v estate.View, in AnnounceIn) (practice.Proposal, error) {
	a, _ := estate.Look[*model.Announcement](v, in.Announcement)
	after := &model.Announcement{Product: in.Product}
	if a != nil {
		if a.Product != in.Product {
			return practice.Proposal{}, problem("announcement", "%s is about another product", a.Title())
		}
		after = model.Clone(a)
	}
	release, _ := estate.Look[*model.Release](v, in.Release)
	title := in.Title
	if title == "" && release != nil && a == nil {
		title = strings.TrimSpace(practice.To(v.Get(in.Product)).Title() + " " + release.Version)
		in.Text = cmp.Or(in.Text, release.Notes)
	}
	after.Name, after.Text, after.Release = cmp.Or(title, after.Name), cmp.Or(in.Text, after.Text), cmp.Or(in.Release, after.Release)
	after.Published, after.Public = cmp.Or(in.From, v.At()), in.Public || after.Public
	if after.Name == "" || after.Text == "" {
		return practice.Proposal{}, problem("text", "say what is new: a title and a text are wanted")
	}
	if after.Public && (after.Confidential || secret(v, append(slices.Clone(after.Items), after.Release))) {
		return practice.Proposal{}, problem("public", "%s is about something confidential: it cannot be public", after.Name)
	}
	out := practice.Proposal{Why: "Announce " + after.Name}
	if a == nil {
		create(v, after)
		put(v, &out, nil, after)
	} else {
		put(v, &out, a, after)
	}
	return out, nil
}

// RecordMonthIn are the figures of a month.
type RecordMonthIn struct {
	// Product is the product.
	Product model.Ref `to:"Product" is:"required"`
	// Month is any day of the month. Unset means the last full month.
	Month model.Date
	// Revenue is what customers paid.
	Revenue model.Money
	// Customers is how many customers there were at its end.
	Customers int `min:"0"`
	// Active is how many customers or users used it.
	Active int `min:"0"`
	// Lost is how many customers left.
	Lost int `min:"0"`
}

// RecordMonth proposes the figures of a product in one month. Figures of a month that is there already are replaced.
func RecordMonth(v estate.View, in RecordMonthIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Product](v, in.Product)
	if !ok {
		return practice.Proposal{}, problem("product", "there is no such product")
	}
	month := costs.FirstDay(cmp.Or(in.Month, costs.FirstDay(v.At())-1))
	if month > v.At() {
		return practice.Proposal{}, problem("month", "%s has not begun yet", month.String()[:7])
	}
	after := model.Clone(before)
	after.Months = slices.DeleteFunc(slices.Clone(before.Months), func(m model.ProductMonth) bool { return costs.FirstDay(m.Month) == month })
	after.Months = append(after.Months, model.ProductMonth{Month: month, Revenue: in.Revenue, Customers: in.Customers, Active: in.Active, Lost: in.Lost})
	slices.SortStableFunc(after.Months, func(a, b model.ProductMonth) int { return cmp.Compare(b.Month, a.Month) })
	out := practice.Proposal{Why: fmt.Sprintf("Figures of %s for %s", before.Title(), month.String()[:7])}
	put(v, &out, before, after)
	if len(after.Months) == len(before.Months) {
		tell(&out, practice.Info, before, "The figures of %s were there and are replaced.", month.String()[:7])
	}
	return out, nil
}
