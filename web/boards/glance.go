package boards

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// panel is what a board says at a glance about one thing that an officer wants to know: a figure that leads, further ones
// below it, and what is most urgent of what was found.
type panel struct {
	// Class is the look: moved, decide, risk or earns.
	Class, Heading, Open string
	// Lines are the figures. The first one leads.
	Lines []gauge
	// First is what is most urgent.
	First []attention
	// Step is shown instead where the estate knows nothing of it yet.
	Step *step
}

// step says what to do next where the estate knows nothing yet. Without a path there is nothing that the visitor may do.
type step struct{ Text, Path, Label string }

// stepFor leaves out the way to a form for who may not fill it in.
func stepFor(v *frame.Visit, s step) *step {
	kind, form := strings.CutPrefix(s.Path, "/records/")
	if form && !v.Who.MayCreate(strings.TrimSuffix(kind, "/new")) {
		return &step{Text: s.Text + " Or it is not for you to see."}
	}
	return &step{s.Text, v.Path(s.Path), s.Label}
}

// wanted is what a panel asks.
type wanted struct {
	class, heading, open string
	lines                []line
	// findings are the questions whose worst findings are shown.
	findings []string
	step     step
}

// line is a figure of a panel.
type line struct {
	// kinds are those of which there must be a record, so that the figure says anything. One is enough, and none means always.
	kinds                 []string
	title, question, part string
	// target is what the figure should keep to, or nil where it only tells.
	target *float64
	// own is a figure that a board makes of records itself.
	own *piece
}

func tells(kind, title, question, part string) line {
	return line{kinds: []string{kind}, title: title, question: question, part: part}
}

func keeps(kind, title, question, part string, target float64) line {
	return line{kinds: []string{kind}, title: title, question: question, part: part, target: &target}
}

// mostUrgent is how many findings a panel has room for.
const mostUrgent = 2

// glance asks what panels show, all at the same time.
func glance(v *frame.Visit, list ...wanted) (group, error) {
	view, err := v.View()
	if err != nil {
		return group{}, err
	}
	out := make([]panel, len(list))
	var work sync.WaitGroup
	for i, w := range list {
		work.Go(func() { out[i] = panelOf(v, view, w, 1000+100*i) })
	}
	work.Wait()
	return group{Panels: out}, nil
}

// panelOf asks what one panel shows. Its places begin with the given one.
func panelOf(v *frame.Visit, view estate.View, w wanted, at int) panel {
	out := panel{Class: w.class, Heading: w.heading, Open: v.Path(w.open)}
	lines := slices.DeleteFunc(slices.Clone(w.lines), func(l line) bool {
		return len(l.kinds) > 0 && !slices.ContainsFunc(l.kinds, func(kind string) bool { return view.Count(kind) > 0 })
	})
	if len(lines) == 0 {
		out.Step = stepFor(v, w.step)
		return out
	}
	out.Lines = make([]gauge, len(lines))
	var work sync.WaitGroup
	for i, l := range lines {
		work.Go(func() { out.Lines[i] = l.ask(v, at+i) })
	}
	work.Go(func() { out.First = urgent(v, w.findings) })
	work.Wait()
	return out
}

// ask fills a line. The number makes its id the only one on the page.
func (l line) ask(v *frame.Visit, n int) gauge {
	switch {
	case l.own != nil:
		return gauge{Title: l.title, Open: v.Path(l.own.open), Body: show(v, l.own.part, l.title, l.own.open, nil, "gauge-"+strconv.Itoa(n))}
	case l.target != nil:
		return gaugeOf(v, v.House.Gauged(v.Ctx(), v.Who, v.Moment, model.Measure{Question: l.question, Part: l.part, Title: l.title, Target: *l.target}, patience), n)
	}
	t := model.Tile{Question: l.question, Part: l.part, Title: l.title}
	open := questionPath(l.question, "")
	out := gauge{Title: l.title, Open: v.Path(open)}
	part, err := find(v, v.Moment, t, patience)
	switch {
	case errors.Is(err, door.ErrSlow):
		out.Later = v.Path("/boards/tile", "question", t.Question, "part", t.Part, "title", t.Title, "n", strconv.Itoa(n))
	case err != nil:
		out.Problem = problemOf(err)
	default:
		out.Body = show(v, bare(part), l.title, open, nil, "gauge-"+strconv.Itoa(n))
	}
	return out
}

// bare returns a figure without the unit of what is counted, where the title says it already.
func bare(p practice.Part) practice.Part {
	if f := p.Figure; f != nil && !strings.HasPrefix(f.Unit, "%") {
		plain := *f
		plain.Unit = ""
		p.Figure = &plain
	}
	return p
}

// urgent returns the worst finding of each of some questions, the worst of all first, about no record twice. What takes too long is left out.
func urgent(v *frame.Visit, questions []string) []attention {
	var out []attention
	for _, question := range questions {
		part, err := find(v, v.Moment, model.Tile{Question: question, Part: "findings"}, patience)
		if err != nil {
			continue
		}
		for _, f := range part.Findings {
			if f.Severity.Weight() < practice.Medium.Weight() || slices.ContainsFunc(out, func(a attention) bool { return a.About.Key == f.About.Key && a.About.Kind == f.About.Kind }) {
				continue
			}
			f.Text = parts.Sentence(f.Text)
			a := attention{Finding: f, Question: question, Path: v.Path(questionPath(question, ""))}
			if f.Mend != nil {
				a.Mend, a.MendText = v.Path(parts.MendPath(f.Mend)), parts.ActionLabel(f.Mend.Action)
			}
			out = append(out, a)
			break
		}
	}
	slices.SortStableFunc(out, func(a, b attention) int { return cmp.Compare(b.Severity.Weight(), a.Severity.Weight()) })
	return out[:min(mostUrgent, len(out))]
}

// outwardGlance is what the board of who looks outward begins with: what moved, what to decide, what is at risk, and what it earns.
func outwardGlance(v *frame.Visit) (group, error) {
	view, err := v.View()
	if err != nil {
		return group{}, err
	}
	return glance(v, moved(view), toDecide(), outwardRisk(), earns())
}

func moved(view estate.View) wanted {
	w := wanted{class: "moved", heading: "What moved", open: "/radar", findings: []string{"radar.trends", "product.market"},
		step: step{"There is no radar yet. Begin with the usual rings and sectors, and put on it what teams use.", "/questions/radar.adopt_defaults", "Make the first radar"}}
	if p := lastEdition(view); p != nil {
		w.lines = append(w.lines, line{title: p.part.Label, own: p})
	}
	w.lines = append(w.lines,
		tells("RadarEdition", "Moved since then", "radar.strategy", "moved"),
		tells("Trend", "Trends watched", "radar.trends", "watched"),
		keeps("Trend", "Strong trends, no answer", "radar.trends", "unanswered", 0),
		keeps("MarketSignal", "Market signals, no answer", "product.market", "unanswered", 0),
		tells("Blip", "Used, and on no radar", "radar.drift", "unlisted"))
	return w
}

func toDecide() wanted {
	return wanted{class: "decide", heading: "What to decide", open: "/questions/research.decisions_due",
		findings: []string{"research.decisions_due", "radar.to_discuss", "partners.agreements", "standards.review_due"},
		lines: []line{
			{kinds: []string{"Experiment", "DecisionMatrix"}, title: "Experiments and choices due", question: "research.decisions_due", part: "due", target: new(float64)},
			tells("Blip", "Radar: disputes and reviews", "radar.strategy", "to_decide"),
			keeps("DecisionRecord", "Decisions past their review", "standards.review_due", "overdue", 0),
			keeps("Idea", "Ideas not looked at", "product.ideas", "unread", 0),
			keeps("Partner", "Steps with partners overdue", "partners.pipeline", "overdue", 0),
			keeps("PartnerAgreement", "Agreements to go on or end", "partners.agreements", "notice", 0),
		},
		step: step{"Nothing waits for a decision: no experiment, choice, decision record, idea or partner is known yet.", "/records/Experiment/new", "Plan the first experiment"}}
}

func outwardRisk() wanted {
	return wanted{class: "risk", heading: "What is at risk", open: "/questions/product.portfolio",
		findings: []string{"product.promises", "delivery.quality", "radar.drift", "partners.health"},
		lines: []line{
			keeps("Product", "Revenue that runs on what will not hold", "product.portfolio", "threatened", 0),
			keeps("Idea", "Promises that fail", "product.promises", "at_stake", 0),
			keeps("Customer", "Customers at risk", "product.customers", "at_risk", 0),
			keeps("Blip", "Blips the estate contradicts", "radar.strategy", "contradicted", 0),
			keeps("Repository", "Deployments in a freeze", "delivery.freezes", "broken", 0),
			keeps("Partner", "Partnerships in danger", "partners.health", "red", 0),
		},
		step: step{"No product is known, so nobody can say which revenue runs on what will not hold.", "/records/Product/new", "Add the first product"}}
}

func earns() wanted {
	return wanted{class: "earns", heading: "What it earns", open: "/questions/product.top_line", findings: []string{"product.outcomes", "partners.value"},
		lines: []line{
			tells("Product", "Revenue of products in a year", "product.top_line", "revenue"),
			keeps("Product", "Growth in a year", "product.top_line", "growth", 0),
			tells("RoadmapItem", "Roadmap is to bring", "product.roadmap", "value"),
			keeps("RoadmapItem", "Effects as predicted", "product.outcomes", "hit_rate", 60),
			tells("TechnologyBet", "Put on open bets", "radar.bets", "stake"),
			tells("Partner", "Partners, net", "partners.value", "net"),
		},
		step: step{"No product is known yet. Say what the company sells, to whom, and what it brings in.", "/records/Product/new", "Add the first product"}}
}

// customersWait is what customers wait for.
func customersWait() wanted {
	return wanted{class: "decide", heading: "What is promised", open: "/questions/product.promises", findings: []string{"product.promises", "product.customers"},
		lines: []line{
			keeps("Idea", "Promises broken, late or unplanned", "product.top_line", "promised_late", 0),
			keeps("Idea", "Hangs on them", "product.promises", "at_stake", 0),
			keeps("Customer", "Customers at risk", "product.customers", "at_risk", 0),
			tells("Customer", "Renewing soon", "product.customers", "renewing"),
			tells("Customer", "The largest customer pays", "product.customers", "concentration"),
		},
		step: step{"No customer and no promise is written down yet.", "/records/Customer/new", "Add the first customer"}}
}

// companyRisk is what endangers the company, for who answers for all of it.
func companyRisk() wanted {
	return wanted{class: "risk", heading: "What is at risk", open: "/boards/risk", findings: []string{"risk.appetite", "product.portfolio"},
		lines: []line{
			keeps("Product", "Revenue that runs on what will not hold", "product.portfolio", "threatened", 0),
			tells("Risk", "A bad year costs", "risk.portfolio", "p95"),
			keeps("Risk", "Limits of appetite exceeded", "risk.appetite", "beyond", 0),
			keeps("Advisory", "Vulnerabilities: now", "security.queue", "immediate", 0),
			keeps("Application", "Critical, on one point", "architecture.spof", "endangered", 0),
		},
		step: step{"Nothing is known that could be at risk.", "/imports", "Import a file"}}
}

// whatItCosts is the money of technology.
func whatItCosts() wanted {
	return wanted{class: "moved", heading: "What it costs", open: "/boards/money", findings: []string{"finance.budget", "finance.savings"},
		lines: []line{
			tells("Load", "Spent this fiscal year", "finance.budget", "actual"),
			keeps("Load", "Beyond plan", "finance.budget", "variance", 0),
			tells("Load", "Savings possible", "finance.savings", "possible"),
			keeps("Load", "Serves no goal", "finance.trace", "unallocated", 0),
			tells("Experiment", "Caps of experiments", "research.pipeline", "committed"),
		},
		step: step{"Nothing is known of what technology costs. Import a bill or the ledger.", "/imports", "Import a bill"}}
}

// marketMoves is what happens in the market.
func marketMoves() wanted {
	return wanted{class: "moved", heading: "What the market does", open: "/questions/product.market", findings: []string{"product.market", "radar.trends"},
		lines: []line{
			tells("MarketSignal", "Signals seen lately", "product.market", "signals"),
			keeps("MarketSignal", "Without an answer", "product.market", "unanswered", 0),
			tells("Competitor", "Competitors watched", "product.market", "competitors"),
			tells("CustomerSegment", "Segments", "product.market", "segments"),
			tells("Trend", "Trends watched", "radar.trends", "watched"),
		},
		step: step{"Nothing is written down about the market yet.", "/records/MarketSignal/new", "Write down what was seen"}}
}

// askedFor is what customers and guests ask for.
func askedFor(view estate.View) wanted {
	w := wanted{class: "decide", heading: "What is asked for", open: "/questions/product.ideas", findings: []string{"product.ideas", "product.tree"},
		lines: []line{
			tells("Idea", "Open ideas", "product.ideas", "ideas"),
			keeps("Idea", "Not looked at", "product.ideas", "unread", 0),
			tells("Idea", "Customers that ask", "product.ideas", "customers"),
			tells("Idea", "Worth to them", "product.ideas", "value"),
		},
		step: step{"Nobody asked for anything yet. Open a portal, or write down the first idea.", "/records/Idea/new", "Write down an idea"}}
	if p := portalIdeas(view); p != nil {
		w.lines = append(w.lines, line{title: p.part.Label, own: p})
	}
	return w
}

// portalIdeas counts the open ideas that came in through portals, or is nothing where there is no portal.
func portalIdeas(view estate.View) *piece {
	if view.Count("Portal") == 0 {
		return nil
	}
	var from []practice.Link
	for i := range estate.Each[*model.Idea](view) {
		if i.Channel == "portal" && (i.State == model.IdeaNew || i.State == model.IdeaReviewed || i.State == model.IdeaPlanned) {
			from = append(from, practice.To(i))
		}
	}
	f := practice.Counted("", practice.Neither, from)
	return &piece{practice.Part{Name: "portal", Label: "Of them from portals", Figure: &f}, "/records/Idea?channel=portal", 3}
}

// lastEdition counts what moved or was new in the newest edition of a company's radar, or nothing where there is no edition.
func lastEdition(view estate.View) *piece {
	var last *model.RadarEdition
	for e := range estate.Each[*model.RadarEdition](view) {
		r, ok := estate.Look[*model.Radar](view, e.Radar)
		if !ok || len(r.For) > 0 || e.Published > view.At() || last != nil && e.Published <= last.Published {
			continue
		}
		last = e
	}
	if last == nil {
		return nil
	}
	count := map[model.BlipMove]int{}
	var from []practice.Link
	note := ""
	for _, b := range last.Blips {
		count[b.Moved]++
		if b.Moved == model.MoveSame || b.Moved == "" {
			continue
		}
		if blip := view.Get(b.Blip); blip != nil {
			from = append(from, practice.To(blip))
		}
		if b.Moved != model.MoveNew {
			note += b.Name + " to " + b.Ring + ", "
		}
	}
	n := count[model.MoveNew] + count[model.MoveIn] + count[model.MoveOut]
	f := practice.Figure{Value: float64(n), From: from, Note: note + strconv.Itoa(count[model.MoveNew]) + " new"}
	return &piece{practice.Part{Name: "edition", Label: "Blips moved or new in the edition of " + last.Published.String(), Figure: &f}, "/questions/radar.history", 3}
}
