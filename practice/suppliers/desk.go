package suppliers

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

// RenewalsIn says which contracts are on the desk.
type RenewalsIn struct {
	// Within is how many days ahead is looked. The default is 180.
	Within int `min:"0" max:"36500"`
	// Vendor limits the answer to one vendor.
	Vendor model.Ref `to:"Vendor"`
	// Owner limits the answer to the contracts of a person or a team.
	Owner model.Ref `to:"Person,Team"`
	// All puts every contract in force on the desk, whenever something must be decided about it.
	All bool
}

// RenewalsOut is the renewal desk.
type RenewalsOut struct {
	// Due is how many contracts must be decided about in this time.
	Due practice.Figure
	// Urgent is how many of them must be decided about within 30 days.
	Urgent practice.Figure
	// Missed is how many contracts go on because the last day of notice for the running term has passed.
	Missed practice.Figure
	// Untold is how many contracts in force have no day of notice that anybody could tell.
	Untold practice.Figure
	// Annual is what the contracts on the desk cost in a year, in the currency of the books.
	Annual practice.Figure
	// Proposed is what those cost in a year that should not simply go on: those to renegotiate, replace or end.
	Proposed practice.Figure
	// Findings are what to do, the most urgent first.
	Findings []practice.Finding
	// Contracts are the contracts on the desk, by the day of the decision.
	Contracts practice.Table[Renewal]
}

// Renewal is everything that one must know to decide about a contract.
type Renewal struct {
	// Contract is the contract.
	Contract practice.Link
	// Vendor is the other side.
	Vendor practice.Link
	// Stage says where the contract stands.
	Stage Stage
	// DecideBy is the last day of notice, or the end of a contract that ends by itself.
	DecideBy model.Date
	// DaysLeft is how many days are left until then. Empty where there is no such day.
	DaysLeft *int
	// TermEnd is the last day of the running term.
	TermEnd model.Date
	// Exit is the first day with which the contract can end now.
	Exit model.Date
	// Annual is what it costs in a year.
	Annual model.Money
	// Spent is what the bills of the last twelve full months show for the contract, or for its vendor where no rule names the contract.
	Spent model.Money
	// Licences says how many licences were bought, given out and used in the last three full months.
	Licences string
	// Users is how many people use the applications that it covers.
	Users int
	// SupportEnds is the first day on which the maker's support of something that it covers ends, or on which that is to be retired.
	SupportEnds model.Date
	// Criticality is the highest criticality of what stops without it.
	Criticality model.Criticality
	// Carries are the capabilities that stop without it.
	Carries []practice.Link
	// Alternatives are vendors that provide the same, and applications that carry the same capabilities.
	Alternatives []practice.Link
	// Outstanding is what must still be paid until the exit.
	Outstanding model.Money
	// ExitCost is what leaving costs once.
	ExitCost model.Money
	// Proposal is what the reasons speak for.
	Proposal Proposed
	// Reasons are why, in sentences.
	Reasons string
	// Notes say what was assumed about the dates.
	Notes string
	// Owner is who answers for the contract.
	Owner practice.Link
	// Path is the chain to the most critical thing that stops.
	Path practice.Path
	// From are the records that all this was taken from.
	From []practice.Link
}

// Proposed is what to do about a contract.
type Proposed string

// The proposals, the least change first.
const (
	// ProposeRenew lets the contract go on.
	ProposeRenew Proposed = "renew"
	// ProposeRenegotiate lets it go on at better terms.
	ProposeRenegotiate Proposed = "renegotiate"
	// ProposeReplace ends it and puts something else in its place.
	ProposeReplace Proposed = "replace"
	// ProposeEnd ends it.
	ProposeEnd Proposed = "end"
)

// Options lists the proposals, the least change first.
func (Proposed) Options() []model.Option {
	return []model.Option{
		{Value: "renew", Label: "Renew", Help: "Let it go on."},
		{Value: "renegotiate", Label: "Renegotiate", Help: "Let it go on at better terms."},
		{Value: "replace", Label: "Replace", Help: "End it and put something else in its place."},
		{Value: "end", Label: "End", Help: "End it: nothing needs it."},
	}
}

// Renewals is the renewal desk: for every contract that must be decided about soon,
// the last day of notice, what it costs by contract and by the bills, how much of it is used, until when the makers support what
// it covers, what stops without it, what could take its place, what leaving costs, and a proposal with its reasons. The proposal
// is a rule of thumb that says why: who decides may know better. Open risks are not in it, since nothing records them yet.
func Renewals(v estate.View, in RenewalsIn) (RenewalsOut, error) {
	var out RenewalsOut
	d := newDesk(v)
	until := v.At().AddDays(cmp.Or(in.Within, 180))
	var due, urgent, missed, untold, on, changed []practice.Link
	var annual, change []model.Money
	for c := range estate.Each[*model.Contract](v) {
		s := StandingOn(c, v.At())
		owned := in.Owner.IsZero() || c.Owner == in.Owner || c.Manager == in.Owner
		if !s.Live() || !owned || !in.Vendor.IsZero() && c.Vendor != in.Vendor {
			continue
		}
		link, decide := practice.To(c), s.Decide()
		isDue := !decide.IsZero() && decide <= until && s.Stage != NoticeGiven
		silent := s.Stage == Running && !s.Terms.knowsNotice()
		if silent {
			untold = append(untold, link)
		}
		if !s.Missed.IsZero() {
			missed = append(missed, link)
		}
		isSilent := silent && !s.Exit.IsZero() && s.Exit <= until
		if !isDue && !isSilent && s.Missed.IsZero() && !in.All {
			continue
		}
		row := d.row(c, s)
		if isDue {
			due = append(due, link)
			if decide <= v.At().AddDays(30) {
				urgent = append(urgent, link)
			}
		}
		on = append(on, link)
		annual = append(annual, row.Annual)
		if row.Proposal != ProposeRenew {
			changed, change = append(changed, link), append(change, row.Annual)
		}
		out.Contracts.Rows = append(out.Contracts.Rows, row)
		out.Findings = append(out.Findings, d.finding(c, s, row, isDue))
	}
	d.sort(out.Findings, out.Contracts.Rows)
	slices.SortStableFunc(out.Contracts.Rows, func(a, b Renewal) int {
		return cmp.Or(cmp.Compare(b2i(a.DecideBy.IsZero()), b2i(b.DecideBy.IsZero())), cmp.Compare(a.DecideBy, b.DecideBy))
	})
	out.Due = practice.Counted("contracts", practice.Neither, due)
	out.Urgent = practice.Counted("contracts", practice.Lower, urgent)
	out.Missed = practice.Counted("contracts", practice.Lower, missed)
	out.Untold = practice.Counted("contracts", practice.Lower, untold)
	out.Annual = d.books.sum(annual, practice.Neither, on)
	out.Proposed = d.books.sum(change, practice.Neither, changed)
	out.Contracts.Note = "open risks are not in it, since nothing records them yet"
	return out, nil
}

// sort orders the findings of rows: the worst first, among equal ones those that should not simply go on, and among these the dearest.
func (d *desk) sort(findings []practice.Finding, rows []Renewal) {
	weight := map[model.ID]float64{}
	for _, row := range rows {
		weight[row.Contract.ID] = d.books.convert(row.Annual).Float()
		if row.Proposal != ProposeRenew {
			weight[row.Contract.ID] += 1e15
		}
	}
	slices.SortStableFunc(findings, func(a, b practice.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity.Weight(), a.Severity.Weight()), cmp.Compare(weight[b.About.ID], weight[a.About.ID]))
	})
}

// desk holds what the rows of the renewal desk share.
type desk struct {
	view  estate.View
	spent *spending
	books *bookkeeper
	uses  *costs.Uses
	made  practice.Supports
}

func newDesk(v estate.View) *desk {
	return &desk{v, spendingIn(v), bookkeeperOf(v), costs.UsesOf(v), practice.SupportsIn(v)}
}

// row gathers what there is to know about a contract.
func (d *desk) row(c *model.Contract, s Standing) Renewal {
	v := d.view
	row := Renewal{Contract: practice.To(c), Vendor: practice.To(v.Get(c.Vendor)), Stage: s.Stage, DecideBy: s.Decide(), TermEnd: s.Term.Until, Exit: s.Exit, ExitCost: c.ExitCost, Owner: answersFor(v, c)}
	if !row.DecideBy.IsZero() {
		left := int(row.DecideBy - v.At())
		row.DaysLeft = &left
	}
	row.From = []practice.Link{row.Contract}
	var err error
	if row.Annual, err = CostOn(c, v.At()); err != nil {
		s.Notes = append(s.Notes, err.Error()+".")
	}
	if row.Outstanding, err = Outstanding(c, v.At(), s.Exit); err != nil {
		row.Outstanding = model.Money{}
	}
	ofContract := d.spent.contract[c.Ref()]
	paid := ofContract
	if paid == nil {
		paid = d.spent.vendors[c.Vendor]
	}
	if row.Spent = d.spent.money(paid); paid != nil {
		row.From = append(row.From, paid.loads...)
	}
	use := d.useOf(c)
	row.Licences, row.Users = use.String(), use.people
	row.From = append(row.From, use.from...)
	end, theirs := d.supportEnd(c)
	row.SupportEnds = end.on
	fall := fallOf(v, c.Ref())
	row.Carries = practice.ToAll(fall.Capabilities)
	if len(fall.critical) > 0 {
		row.Path = fall.path(fall.critical[0])
	}
	row.Criticality = criticalityOf(v, fall)
	same, alternatives := d.alternatives(c)
	row.Alternatives = append(same, alternatives...)
	why := reasons{desk: d, contract: c, standing: s, row: &row, use: use, paid: ofContract, theirs: theirs, same: same, others: alternatives}
	row.Proposal = why.propose()
	row.Reasons, row.Notes = sentences(why.text), sentences(s.Notes)
	return row
}

// criticalityOf returns the highest criticality of what falls.
func criticalityOf(v estate.View, fall fallen) model.Criticality {
	var all []model.Record
	for i, s := range fall.outage.Steps {
		if _, vendor := s.Record.(*model.Vendor); i > 0 && !vendor && !practice.Gone(s.Record, v.At()) {
			all = append(all, s.Record)
		}
	}
	top, _ := worst(all)
	return top
}

// finding says what to do about a contract on the desk.
func (d *desk) finding(c *model.Contract, s Standing, row Renewal, due bool) practice.Finding {
	f := practice.Finding{Severity: practice.Info, About: row.Contract, Owner: row.Owner, From: row.From}
	if len(row.Path) > 0 {
		f.Paths = []practice.Path{row.Path}
	}
	days := 0
	if row.DaysLeft != nil {
		days = *row.DaysLeft
	}
	switch {
	case due && days <= 30:
		f.Severity = practice.High
	case due && days <= 90:
		f.Severity = practice.Medium
	case due:
		f.Severity = practice.Low
	case !s.Missed.IsZero():
		f.Severity = practice.Low
	case s.Stage == Running && !s.Terms.knowsNotice():
		f.Severity = practice.Medium
	}
	var text []string
	switch {
	case !s.Missed.IsZero():
		text = append(text, fmt.Sprintf("%s goes on until %s at least, because no notice was given by %s.", c.Title(), s.Exit, s.Missed))
	case s.Stage == RunsOut:
		text = append(text, fmt.Sprintf("%s ends by itself on %s, in %s: agree on what follows.", c.Title(), s.Ends, practice.Count(days, "day", "days")))
	case s.Stage == NoticeGiven:
		text = append(text, fmt.Sprintf("%s ends on %s, since notice was given.", c.Title(), s.Ends))
	case !s.NoticeBy.IsZero():
		text = append(text, fmt.Sprintf("Decide about %s by %s, in %s: without notice it goes on after %s.", c.Title(), s.NoticeBy, practice.Count(days, "day", "days"), s.Exit))
	case s.Stage == Running && !s.Terms.knowsNotice() && !s.Exit.IsZero():
		text = append(text, fmt.Sprintf("%s goes on after %s unless it is ended before, and nobody knows its notice period: look it up.", c.Title(), s.Exit))
	default:
		text = append(text, fmt.Sprintf("Nothing has to be decided about %s by a certain day.", c.Title()))
	}
	if s.Stage != NoticeGiven {
		text = append(text, fmt.Sprintf("Proposal: %s. %s", row.Proposal, row.Reasons))
	}
	f.Text = strings.TrimSpace(strings.Join(text, " "))
	if due && s.Stage == Running && (row.Proposal == ProposeEnd || row.Proposal == ProposeReplace) {
		f.Mend = &practice.Mend{Action: "suppliers.give_notice", Parameters: map[string]string{"contract": c.Key}}
	}
	if due && s.Stage == RunsOut && (row.Proposal == ProposeRenew || row.Proposal == ProposeRenegotiate) {
		f.Mend = &practice.Mend{Action: "suppliers.renew", Parameters: map[string]string{"contract": c.Key}}
	}
	return f
}
