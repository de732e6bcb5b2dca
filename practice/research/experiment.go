package research

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// ExperimentIn says which experiment is looked at.
type ExperimentIn struct {
	// Experiment is the experiment.
	Experiment model.Ref `to:"Experiment" is:"required"`
}

// ExperimentOut is everything about an experiment.
type ExperimentOut struct {
	// Hypothesis is what is believed and to be shown.
	Hypothesis string
	// Stage says where it stands.
	Stage model.ExperimentState
	// Decision says how it ended, or that it was extended.
	Decision model.ExperimentDecision
	// Reason says why it was decided so.
	Reason string
	// Spent is what it has cost, with the cap as its target.
	Spent practice.Figure
	// Used is how much of the cap is spent.
	Used practice.Figure
	// DaysLeft is how many days of the time box are left.
	DaysLeft practice.Figure
	// Met is how many exit criteria are met.
	Met practice.Figure
	// Findings are what is wrong, and what needs a decision.
	Findings []practice.Finding
	// Criteria are what decides.
	Criteria practice.Table[CriterionRow]
	// Lines are what bills show, by month and item.
	Lines practice.Table[SpendRow]
	// Months is what it has cost by month, and all that was spent until then.
	Months practice.Series
	// Evidence is what shows what was found, newest first.
	Evidence practice.Table[EvidenceRow]
	// Links are the records that it has to do with.
	Links practice.Table[LinkRow]
}

// CriterionRow is an exit criterion.
type CriterionRow struct {
	// Criterion says what is measured.
	Criterion string
	// Better says which way is better.
	Better model.Direction
	// Before is the value before the experiment began.
	Before float64
	// Target is the value that must be reached.
	Target float64
	// Measured is the value that was reached.
	Measured *float64
	// Unit is what the values count.
	Unit string
	// MeasuredOn is the day when it was measured.
	MeasuredOn model.Date
	// State says whether it is met.
	State CriterionState
	// Note says how it was measured.
	Note string
}

// SpendRow is what an item of a bill cost in a month, as far as it belongs to an experiment.
type SpendRow struct {
	// Month is the first day of the month.
	Month model.Date
	// Experiment is the experiment.
	Experiment practice.Link
	// Item says what was paid for.
	Item string
	// How says by what it belongs to the experiment: a tag, or a thing that it uses.
	How string
	// Amount is its effective cost, in the currency of the books.
	Amount model.Money
	// Load is the bill.
	Load practice.Link
}

// EvidenceRow is something that shows what was found.
type EvidenceRow struct {
	// Seen is the day when it was seen.
	Seen model.Date
	// Text says what it shows.
	Text string
	// Link is where it can be read.
	Link string
}

// LinkRow is a record that an experiment has to do with.
type LinkRow struct {
	// As says what the record is to the experiment.
	As string
	// Record is the record.
	Record practice.Link
}

// Experiment shows one experiment: its hypothesis, its exit criteria, what it has cost line by line from the bills, its evidence and what came of it. A line of a bill
// counts on the day on which it starts, from the first day of work to the decision, and never twice.
func Experiment(v estate.View, in ExperimentIn) (ExperimentOut, error) {
	e, err := lookUp(v, in.Experiment)
	if err != nil {
		return ExperimentOut{}, err
	}
	s, link := standingOf(v, e), practice.To(e)
	out := ExperimentOut{Hypothesis: e.Hypothesis, Stage: e.State, Decision: e.Decision, Reason: e.Reason, Spent: s.spend.figure(link)}
	out.Used = practice.Figure{Unit: "%", Better: practice.Lower, From: out.Spent.From, Unknown: true, Note: cmp.Or(s.spend.unknown, "it has no cap")}
	if share, ok := s.spend.percent(); ok {
		out.Used.Value, out.Used.Unknown, out.Used.Note = *rounded(share), false, ""
	}
	out.DaysLeft = practice.Figure{Unit: "days", Better: practice.Higher, From: []practice.Link{link}, Unknown: true, Note: "it does not run, or has no time box"}
	if days := s.daysLeft(v.At()); days != nil {
		out.DaysLeft.Value, out.DaysLeft.Unknown, out.DaysLeft.Note = float64(*days), false, ""
	}
	all := float64(len(e.Criteria))
	out.Met = practice.Figure{Value: float64(s.met), Unit: "criteria", Target: &all, Better: practice.Higher, From: []practice.Link{link}}
	out.Findings = append(s.due(v), criteriaFindings(v, s)...)
	if !s.spend.over() && !(s.spend.unknown == "" && s.spend.limit.IsZero()) {
		out.Findings = append(out.Findings, s.money(v)...)
	}
	sortFindings(out.Findings)
	for _, c := range e.Criteria {
		row := CriterionRow{Criterion: c.Name, Better: c.Better, Before: c.Before, Target: c.Target, Unit: c.Unit, State: StateOfCriterion(c, v.At()), Note: c.Note}
		if row.State != NotMeasured {
			row.Measured, row.MeasuredOn = &c.Measured, c.MeasuredOn
		}
		out.Criteria.Rows = append(out.Criteria.Rows, row)
	}
	out.Lines.Rows = s.rows(v)
	out.Lines.Note = spendNote(v, s)
	out.Months = s.months()
	evidence := slices.Clone(e.Evidence)
	slices.SortStableFunc(evidence, func(a, b model.ExperimentEvidence) int { return cmp.Compare(b.Seen, a.Seen) })
	for _, x := range evidence {
		out.Evidence.Rows = append(out.Evidence.Rows, EvidenceRow{x.Seen, x.Text, x.Link})
	}
	out.links(v, e)
	return out, nil
}

// rows returns the lines of bills as rows of a table.
func (s standing) rows(v estate.View) []SpendRow {
	var out []SpendRow
	currency := s.spend.total.Currency()
	for _, l := range s.spend.lines {
		item := l.Value("ServiceName")
		for _, column := range []string{"ChargeDescription", "x_Text", "ResourceId", "SubAccountId"} {
			item = cmp.Or(item, l.Value(column))
		}
		out = append(out, SpendRow{Month: l.Month, Experiment: practice.To(s.e), Item: item, How: l.how, Amount: moneyOf(l.amount, currency), Load: practice.To(l.Load)})
	}
	return out
}

// spendNote says what the spend is made of beside the lines of bills.
func spendNote(v estate.View, s standing) string {
	switch {
	case s.spend.unknown != "":
		return "the sum is not known: " + s.spend.unknown
	case !s.spend.own.IsZero() && len(s.spend.lines) > 0:
		return fmt.Sprintf("besides, %s were written down that no bill shows", s.spend.own)
	case !s.spend.own.IsZero():
		return fmt.Sprintf("no line of a bill belongs to it; %s were written down", s.spend.own)
	case len(s.e.UsesSystems)+len(s.e.CostTags) == 0:
		return "nothing says which lines of bills are its cost: fill in uses_systems or cost_tags"
	case s.e.Start.IsZero():
		return "it has not begun"
	}
	return ""
}

// months returns what was spent in each month and until then.
func (s standing) months() practice.Series {
	month, all := practice.Line{Name: "In the month"}, practice.Line{Name: "Until then"}
	var monthly, total facts.Sum
	for i, l := range s.spend.lines {
		if i == 0 || s.spend.lines[i-1].Month != l.Month {
			label := l.Month.String()[:7]
			month.Points = append(month.Points, practice.Point{At: l.Month, Label: label})
			all.Points = append(all.Points, practice.Point{At: l.Month, Label: label})
			monthly = facts.Sum{}
		}
		monthly.AddSum(l.amount)
		total.AddSum(l.amount)
		last := len(month.Points) - 1
		month.Points[last].Value, all.Points[last].Value = math.Round(100*monthly.Float())/100, math.Round(100*total.Float())/100
		if from := practice.To(l.Load); !slices.Contains(month.Points[last].From, from) {
			month.Points[last].From = append(month.Points[last].From, from)
		}
	}
	if len(month.Points) == 0 {
		return practice.Series{}
	}
	return practice.Series{Unit: s.spend.total.Currency(), Lines: []practice.Line{month, all}}
}

// links fills in the records that an experiment has to do with.
func (out *ExperimentOut) links(v estate.View, e *model.Experiment) {
	add := func(as string, refs ...model.Ref) {
		for _, ref := range refs {
			if rec := v.Get(ref); rec != nil {
				out.Links.Rows = append(out.Links.Rows, LinkRow{as, practice.To(rec)})
			}
		}
	}
	add("sponsor", e.Sponsor)
	add("team", e.Team)
	add("trend", e.Trends...)
	add("tries", e.Technologies...)
	add("tests", e.Solution)
	add("with", e.With...)
	add("uses", e.UsesSystems...)
	for edge := range v.In(e.Ref()) {
		if m, ok := edge.Record.(*model.DecisionMatrix); ok {
			add("matrix", m.Ref())
		}
	}
	add("decided by", e.DecidedBy)
	add("moved", e.Blip)
	add("decision record", e.Record)
	add("opened", e.Opens)
}

// SpendingIn says whose spending is listed.
type SpendingIn struct {
	// Experiment is one experiment. Unset means all that run.
	Experiment model.Ref `to:"Experiment"`
	// Horizon lists the experiments of one horizon. Unset means all.
	Horizon model.Horizon
}

// SpendingOut is what experiments cost.
type SpendingOut struct {
	// Spent is what they have cost in all.
	Spent practice.Figure
	// Billed is the part that bills show.
	Billed practice.Figure
	// Written is the part that was written down beside them, such as working time.
	Written practice.Figure
	// Findings are those that are at 80 % of the cap or above it, or of which nobody can tell.
	Findings []practice.Finding
	// Experiments are the sums, those that are nearest to their cap first.
	Experiments practice.Table[SpendingRow]
	// Lines are the lines of bills.
	Lines practice.Table[SpendRow]
}

// SpendingRow is what one experiment has cost.
type SpendingRow struct {
	// Experiment is the experiment.
	Experiment practice.Link
	// Billed is what bills show.
	Billed model.Money
	// Written is what was written down beside them.
	Written model.Money
	// Spent is both together.
	Spent model.Money
	// Cap is what may be spent, in the currency of the books.
	Cap model.Money
	// Used is how much of the cap is spent.
	Used *float64 `unit:"%"`
	// Left is what may still be spent. It is below 0 where the cap is passed.
	Left model.Money
	// Unknown says why the sum cannot be told.
	Unknown string
}

// Spending adds up what experiments cost, in the currency of the books: lines of bills whose cloud account, resource, application or tag belongs to an experiment, from its first
// day to its decision and each once, and what was written down beside them. A line that several name belongs to the one that names it most exactly: by tag, then by resource, then by account.
func Spending(v estate.View, in SpendingIn) (SpendingOut, error) {
	var out SpendingOut
	var list []standing
	for e := range estate.Each[*model.Experiment](v) {
		if in.Horizon != "" && e.Horizon != in.Horizon || !in.Experiment.IsZero() && e.Ref() != in.Experiment || in.Experiment.IsZero() && !running(e) {
			continue
		}
		list = append(list, standingOf(v, e))
	}
	used := func(s standing) float64 {
		share, _ := s.spend.percent()
		return share
	}
	slices.SortStableFunc(list, func(a, b standing) int { return cmp.Compare(used(b), used(a)) })
	var all, billed, written []model.Money
	var links []practice.Link
	unknown := ""
	for _, s := range list {
		row := SpendingRow{Experiment: practice.To(s.e), Billed: s.spend.bills, Written: s.spend.own, Spent: s.spend.total, Cap: s.spend.limit, Unknown: s.spend.unknown}
		if share, ok := s.spend.percent(); ok {
			row.Used = rounded(share)
			row.Left, _ = s.spend.limit.Add(s.spend.total.Neg())
		}
		if s.spend.unknown != "" {
			row.Spent = model.Money{}
		}
		out.Experiments.Rows = append(out.Experiments.Rows, row)
		out.Lines.Rows = append(out.Lines.Rows, s.rows(v)...)
		out.Findings = append(out.Findings, s.money(v)...)
		all, billed, written, links = append(all, s.spend.total), append(billed, s.spend.bills), append(written, s.spend.own), append(links, row.Experiment)
		unknown = cmp.Or(unknown, s.spend.unknown)
	}
	sortFindings(out.Findings)
	out.Spent, out.Billed, out.Written = sum(all, links, unknown), sum(billed, links, unknown), sum(written, links, "")
	book := ledgerOf(v).book
	if len(book.Lines) == 0 {
		out.Lines.Note = book.None()
	}
	return out, nil
}
