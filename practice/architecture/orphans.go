package architecture

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// OrphansIn says which loose ends are looked for.
type OrphansIn struct {
	// Problems limits the search to some problems: no_owner, owner_left, serves_nothing, runs_nothing, goal_unserved, capability_bare, vendor_without_contract or contract_covers_nothing. None means all.
	Problems []string
	// Limit is how many rows the table has at most. 0 means all.
	Limit int `min:"0"`
}

// OrphansOut are the loose ends of the estate.
type OrphansOut struct {
	// Unowned is how many applications, services and products nobody answers for, or somebody who has left.
	Unowned practice.Figure
	// Unused is how many records nothing uses or that serve nothing.
	Unused practice.Figure
	// Findings name each loose end and the action that would mend it, the worst first.
	Findings []practice.Finding
	// Table lists the loose ends by problem.
	Table practice.Table[Orphan]
}

// Orphan is one loose end.
type Orphan struct {
	// Problem says what is wrong.
	Problem Problem
	// Record is what it is wrong with.
	Record practice.Link
	// Kind is the kind of that record.
	Kind string
	// Owner is who answers for it, or who did.
	Owner practice.Link
	// Detail says more.
	Detail string
}

// Problem is a sort of loose end.
type Problem string

// The sorts of loose ends.
const (
	// NoOwner means that nobody answers for the record.
	NoOwner Problem = "no_owner"
	// OwnerLeft means that who answered for the record no longer works here.
	OwnerLeft Problem = "owner_left"
	// ServesNothing means that an application reaches no capability, process, product or goal.
	ServesNothing Problem = "serves_nothing"
	// RunsNothing means that nothing depends on a host.
	RunsNothing Problem = "runs_nothing"
	// GoalUnserved means that no capability, product or initiative serves a goal.
	GoalUnserved Problem = "goal_unserved"
	// CapabilityBare means that no application or service carries a capability.
	CapabilityBare Problem = "capability_bare"
	// VendorWithoutContract means that a vendor has no contract that is in force.
	VendorWithoutContract Problem = "vendor_without_contract"
	// ContractCoversNothing means that a contract names nothing that it is for.
	ContractCoversNothing Problem = "contract_covers_nothing"
)

// search is one sort of loose end with the way to find it.
type search struct {
	problem Problem
	find    func(v estate.View, found report)
}

var searches = []search{
	{NoOwner, withoutOwner},
	{OwnerLeft, ownerLeft},
	{ServesNothing, servesNothing},
	{RunsNothing, runsNothing},
	{GoalUnserved, goalUnserved},
	{CapabilityBare, capabilityBare},
	{VendorWithoutContract, vendorWithoutContract},
	{ContractCoversNothing, contractCoversNothing},
}

// Orphans finds what nobody owns and what nothing uses: applications, services
// and products without an owner, anything whose owner has left, applications that
// serve nothing, hosts that run nothing, goals and capabilities without support,
// vendors without a contract, contracts that cover nothing. Records whose life
// has ended before the date do not count.
func Orphans(v estate.View, in OrphansIn) (OrphansOut, error) {
	for _, p := range in.Problems {
		if !slices.ContainsFunc(searches, func(s search) bool { return string(s.problem) == p }) {
			return OrphansOut{}, model.Problem{Field: "problems", Text: fmt.Sprintf("there is no problem %q: see the help of the parameter", p)}
		}
	}
	var out OrphansOut
	var unowned, unused []practice.Link
	for _, s := range searches {
		if len(in.Problems) > 0 && !slices.Contains(in.Problems, string(s.problem)) {
			continue
		}
		s.find(v, func(rec model.Record, severity practice.Severity, detail string) {
			row := Orphan{Problem: s.problem, Record: practice.To(rec), Kind: model.NameOf(rec), Owner: practice.OwnerOf(v, rec), Detail: detail}
			out.Table.Rows = append(out.Table.Rows, row)
			f := practice.Finding{Severity: severity, Text: detail, About: row.Record, Owner: row.Owner}
			if s.problem == NoOwner || s.problem == OwnerLeft {
				unowned = append(unowned, row.Record)
				f.Mend = &practice.Mend{Action: "architecture.assign_owner", Parameters: map[string]string{"records": row.Record.String()}}
			} else {
				unused = append(unused, row.Record)
			}
			out.Findings = append(out.Findings, f)
		})
	}
	practice.WorstFirst(out.Findings)
	out.Unowned = practice.Counted("records", practice.Lower, unowned)
	out.Unused = practice.Counted("records", practice.Lower, unused)
	if in.Limit > 0 && len(out.Table.Rows) > in.Limit {
		out.Table.Note = leftOut(len(out.Table.Rows), in.Limit)
		out.Table.Rows = out.Table.Rows[:in.Limit]
		out.Findings = out.Findings[:in.Limit]
	}
	return out, nil
}

// owned are the kinds that must have an owner.
var owned = []string{"Application", "Service", "Product"}

// report takes a loose end that was found.
type report = func(rec model.Record, s practice.Severity, detail string)

func withoutOwner(v estate.View, found report) {
	for _, kind := range owned {
		for rec := range v.All(kind) {
			if v.Get(rec.Base().Owner) == nil && !practice.Gone(rec, v.At()) {
				found(rec, practice.SeverityOf(practice.CriticalityOf(rec)), fmt.Sprintf("Nobody owns the %s.", spoken(v.Schema().Of(rec), rec)))
			}
		}
	}
}

func ownerLeft(v estate.View, found report) {
	for p := range estate.Each[*model.Person](v) {
		if !practice.HasLeft(p, v.At()) {
			continue
		}
		for e := range v.In(p.Ref()) {
			if e.Field.Name == "owner" && !practice.Gone(e.Record, v.At()) {
				found(e.Record, practice.SeverityOf(practice.CriticalityOf(e.Record)), fmt.Sprintf("%s, who owns the %s, left on %s.", p.Title(), spoken(v.Schema().Of(e.Record), e.Record), p.Left))
			}
		}
	}
}

func servesNothing(v estate.View, found report) {
	for a := range estate.Each[*model.Application](v) {
		phase := a.PhaseAt(v.At())
		if phase == model.PhaseEndOfLife || phase == model.PhasePlan || phase == model.PhasePhaseIn {
			continue
		}
		if len(a.Supports) == 0 && practice.ServedOf(v.Reach(estate.Down, a.Ref()).Steps).IsZero() {
			found(a, practice.Low, fmt.Sprintf("The application %s serves no capability, process or product, directly or through others.", a.Title()))
		}
	}
}

func runsNothing(v estate.View, found report) {
	for h := range estate.Each[*model.Host](v) {
		switch h.Type {
		case "", "physical", "virtual", "hypervisor", "container_host", "storage":
		default:
			continue
		}
		used := false
		for e := range v.In(h.Ref()) {
			used = used || e.Field.Flow == model.Needs && !practice.Gone(e.Record, v.At())
		}
		if !used && !practice.Gone(h, v.At()) {
			severity := practice.Low
			if h.Environment != "" && h.Environment != model.EnvironmentProduction {
				severity = practice.Info
			}
			found(h, severity, fmt.Sprintf("Nothing depends on the host %s.", h.Title()))
		}
	}
}

func goalUnserved(v estate.View, found report) {
	for g := range estate.Each[*model.Goal](v) {
		if g.State != "" && g.State != "active" && g.State != "draft" {
			continue
		}
		served := false
		for e := range v.In(g.Ref()) {
			served = served || e.Field.Flow == model.Serves && model.NameOf(e.Record) != "KeyResult"
		}
		if !served {
			found(g, practice.Medium, fmt.Sprintf("No capability, product or initiative serves the goal %s.", g.Title()))
		}
	}
}

func capabilityBare(v estate.View, found report) {
	for c := range estate.Each[*model.Capability](v) {
		if carriers, composed := carriersOf(v, c); len(carriers) == 0 && !composed {
			f := bareFinding(v, c)
			found(c, f.Severity, f.Text)
		}
	}
}

func vendorWithoutContract(v estate.View, found report) {
	for vendor := range estate.Each[*model.Vendor](v) {
		contracted, used := false, false
		for e := range v.In(vendor.Ref()) {
			switch rec := e.Record.(type) {
			case *model.Contract:
				contracted = contracted || inForce(rec, v.At())
			case *model.Technology:
				// Much technology is used without paying its maker.
			default:
				used = used || !practice.Gone(rec, v.At())
			}
		}
		switch {
		case contracted:
		case used:
			found(vendor, practice.SeverityOf(vendor.Criticality), fmt.Sprintf("The vendor %s provides something, but has no contract that is in force.", vendor.Title()))
		case !hasTechnology(v, vendor):
			found(vendor, practice.Info, fmt.Sprintf("The vendor %s has no contract in force and provides nothing that is known here.", vendor.Title()))
		}
	}
}

func hasTechnology(v estate.View, vendor *model.Vendor) bool {
	for e := range v.In(vendor.Ref()) {
		if _, ok := e.Record.(*model.Technology); ok {
			return true
		}
	}
	return false
}

func contractCoversNothing(v estate.View, found report) {
	for c := range estate.Each[*model.Contract](v) {
		used := false
		for range v.In(c.Ref()) {
			used = true
		}
		if len(c.Covers) == 0 && !used && inForce(c, v.At()) {
			found(c, practice.Low, fmt.Sprintf("The contract %s covers nothing that is known here.", c.Title()))
		}
	}
}

// inForce reports whether a contract holds on a day. One that renews itself holds beyond its end.
func inForce(c *model.Contract, at model.Date) bool {
	if c.State == "draft" || c.State == "ended" || c.Start > at {
		return false
	}
	return c.End.IsZero() || at <= c.End || c.AutoRenew > 0 && c.State != "terminated"
}

func byKey(records []model.Record) {
	slices.SortFunc(records, func(a, b model.Record) int {
		return cmp.Or(cmp.Compare(a.Base().Key, b.Base().Key), cmp.Compare(model.NameOf(a), model.NameOf(b)))
	})
}
