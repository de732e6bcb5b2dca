package assets

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// PositionIn says which licences are compared with what is in use, and how it is counted.
type PositionIn struct {
	// Product limits the position to one product, as its licences call it.
	Product string
	// Vendor limits the position to the licences of one vendor.
	Vendor model.Ref `to:"Vendor"`
	// Days is over how many days use is looked at where it is measured. The default is 365.
	Days int `min:"1" max:"3650" unit:"days"`
	// ProductionOnly leaves out machines for development and test, where the contracts allow use there without a licence.
	ProductionOnly bool
	// WholeMachines counts all cores of the machine below a virtual one, as vendors ask for that do not accept parts of machines.
	WholeMachines bool
	// Limit is how many rows of evidence there are at most. The default is 500.
	Limit int `min:"1" max:"1000000"`
}

// PositionOut is what was bought against what is in use.
type PositionOut struct {
	// Short is how many positions have less than is in use.
	Short practice.Figure
	// Missing is what it would cost to buy what is missing.
	Missing practice.Figure
	// Exposure is the part of that from vendors who may audit.
	Exposure practice.Figure
	// Spare is what was bought and nothing uses.
	Spare practice.Figure
	// Unknown is how many positions cannot be told because the use is not known.
	Unknown practice.Figure
	// NonProduction is how many of the machines that were counted are for development or test.
	NonProduction practice.Figure `label:"Not production"`
	// Findings name what is missing, what cannot be told, and licences for the wrong version.
	Findings []practice.Finding
	// Table is the position of each product in each pool, what is missing first.
	Table practice.Table[PositionRow]
	// Vendors say how much each vendor could ask for.
	Vendors practice.Table[ExposureRow]
	// Evidence lists what takes licences, and how much.
	Evidence practice.Table[EvidenceRow]
}

// PositionRow is the position of one product in one pool.
type PositionRow struct {
	// Product is the software.
	Product string
	// Pool is the group of licences that cover each other. Empty means the company.
	Pool string
	// Metric is what is counted.
	Metric model.LicenceMetric
	// Entitled is how much may be used on the date.
	Entitled float64
	// Idle is how much was bought that does not count on the date.
	Idle float64 `label:"Not in force"`
	// Used is how much is in use.
	Used float64
	// Surplus is how much may be used and is not.
	Surplus float64
	// Shortfall is how much is in use without a right.
	Shortfall float64
	// Packs is how many packs must be bought to cover it.
	Packs int
	// Price is what one of the metric costs.
	Price model.Money
	// Cost is what it costs to cover the shortfall.
	Cost model.Money
	// Spare is what the surplus cost.
	Spare model.Money
	// Vendor is who sells it.
	Vendor practice.Link
	// Note says what is uncertain.
	Note string
	// Licences are the licences of the position.
	Licences []practice.Link
	// From are the licences and everything that the use was seen in.
	From []practice.Link
}

// ExposureRow is what one vendor could ask for.
type ExposureRow struct {
	// Vendor is the company.
	Vendor practice.Link
	// Products are those of which too little was bought.
	Products string
	// Audit says whether the vendor may audit.
	Audit bool `label:"May audit"`
	// Cost is what it costs to cover the shortfall.
	Cost model.Money
	// From are the licences.
	From []practice.Link
}

// EvidenceRow is something that takes licences.
type EvidenceRow struct {
	// Product is the software.
	Product string
	// Pool is the group of licences that it counts against.
	Pool string
	// Who is the machine, the person, the application or the site.
	Who practice.Link
	// Found is the software as it was found.
	Found string
	// Quantity is how much it takes.
	Quantity float64
	// Why says how that was counted.
	Why string
	// Test says that it is on a machine for development or test.
	Test bool `label:"Not production"`
	// From are the records that it was seen in.
	From []practice.Link
}

// positioned is a line with its position.
type positioned struct {
	*line
	settled
	entitled, idle, units int64
	packs                 int
	price                 model.Money
	cost, spareCost       model.Money
	vendor                practice.Link
	audit                 bool
}

// positions finds the position of every line.
func positions(v estate.View, in PositionIn) ([]positioned, error) {
	d, err := newDemand(v, in)
	if err != nil {
		return nil, err
	}
	var out []positioned
	lines := linesOf(v, in.Product)
	for start := 0; start < len(lines); {
		end := start + 1
		for end < len(lines) && normal(lines[end].product) == normal(lines[start].product) {
			end++
		}
		group := lines[start:end]
		d.fill(group)
		for _, l := range group {
			p := positioned{line: l}
			if p.vendor, p.audit = l.vendor(v); !in.Vendor.IsZero() && !slices.ContainsFunc(l.rights, func(r right) bool { return r.Vendor == in.Vendor }) {
				continue
			}
			p.entitled, p.idle = l.entitled()
			p.price, _ = l.price()
			if l.unknown == "" {
				p.settled = l.settle(v.At())
				p.packs, p.units = l.packs(p.missing)
				if p.missing > 0 {
					p.cost = times(p.price, p.units)
				}
				p.spareCost = p.value()
			}
			out = append(out, p)
		}
		start = end
	}
	return out, nil
}

// value returns what the spare licences cost, and unset money where that is not known or in several currencies.
func (p positioned) value() model.Money {
	var sum model.Money
	for _, s := range p.spares {
		worth, err := sum.Add(times(p.each(s.right), s.quantity))
		if err != nil {
			return model.Money{}
		}
		sum = worth
	}
	return sum
}

// each returns what one of a licence costs: by its own price, or else by that of the others.
func (p positioned) each(r right) model.Money {
	own := line{rights: []right{r}}
	if price, _ := own.price(); !price.IsZero() {
		return price
	}
	return p.price
}

// Position compares, for each product and each pool of licences, what may be used
// on the date with what is in use, in the same metric: the effective licence position.
//
// What may be used are the licences in force, for the versions that they cover: their
// own, older ones with the right to downgrade, newer ones with the right to upgrade while maintenance
// lasts or as far as they came before it ended. What is in use comes from the software, the technologies and
// the operating systems on machines, from bills of materials, from the people and machines that licences
// were given to, and from measured use. A product counts once on each machine.
// Cores count with the minimum of the licence for each processor and each machine;
// processors with the factor for a core, or as a whole without one.
func Position(v estate.View, in PositionIn) (PositionOut, error) {
	var out PositionOut
	all, err := positions(v, in)
	if err != nil {
		return out, err
	}
	var short, unknown, test, missingFrom, spareFrom, exposedFrom []practice.Link
	var missing, spare, exposed []model.Money
	tests := map[practice.Link]bool{}
	for _, p := range all {
		links := p.links()
		out.Table.Rows = append(out.Table.Rows, p.row())
		out.find(v, p)
		switch {
		case p.unknown != "":
			unknown = append(unknown, links...)
		case p.missing > 0:
			short = append(short, links[0])
			missing, missingFrom = append(missing, p.cost), append(missingFrom, slices.Concat(links, p.evidence())...)
			if p.audit {
				exposed, exposedFrom = append(exposed, p.cost), append(exposedFrom, links...)
			}
		}
		if p.spare > 0 {
			spare, spareFrom = append(spare, p.spareCost), append(spareFrom, links...)
		}
		for _, n := range p.needs {
			if n.test && !tests[n.who] {
				tests[n.who] = true
				test = append(test, n.who)
			}
			out.Evidence.Rows = append(out.Evidence.Rows, EvidenceRow{Product: p.product, Pool: p.pool, Who: n.who, Found: n.String(), Quantity: plain(n.quantity), Why: n.why, Test: n.test, From: n.from})
		}
	}
	if limit := cmp.Or(in.Limit, 500); len(out.Evidence.Rows) > limit {
		out.Evidence.Note = fmt.Sprintf("%d rows are left out: ask for one product, or raise the limit", len(out.Evidence.Rows)-limit)
		out.Evidence.Rows = out.Evidence.Rows[:limit]
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b PositionRow) int {
		return cmp.Or(cmp.Compare(b.Cost.Float(), a.Cost.Float()), -compareBool(a.Shortfall > 0, b.Shortfall > 0), cmp.Compare(b.Spare.Float(), a.Spare.Float()), cmp.Compare(normal(a.Product), normal(b.Product)), cmp.Compare(a.Pool, b.Pool))
	})
	sorted(out.Findings)
	out.Short = practice.Counted("positions", practice.Lower, short)
	out.Missing = orNothing(practice.SumOf("", practice.Lower, missing, missingFrom), len(short) == 0)
	out.Exposure = orNothing(practice.SumOf("", practice.Lower, exposed, exposedFrom), len(exposed) == 0)
	out.Spare = orNothing(practice.SumOf("", practice.Lower, spare, spareFrom), len(spare) == 0)
	out.Unknown = practice.Counted("licences", practice.Lower, unknown)
	out.NonProduction = practice.Counted("machines", practice.Neither, test)
	if len(test) > 0 && !in.ProductionOnly {
		out.NonProduction.Note = "they are counted; some contracts allow use there without a licence"
	}
	out.Vendors.Rows, err = exposures(all)
	return out, err
}

// orNothing says nothing instead of unknown where there is nothing to add up.
func orNothing(f practice.Figure, nothing bool) practice.Figure {
	if nothing {
		f.Unknown, f.Note = false, "nothing"
	}
	return f
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// row writes the position as a row.
func (p positioned) row() PositionRow {
	row := PositionRow{Product: p.product, Pool: p.pool, Metric: p.metric, Entitled: plain(p.entitled), Idle: plain(p.idle), Used: plain(p.demand()), Surplus: plain(p.spare), Shortfall: plain(p.missing),
		Packs: p.packs, Price: p.price, Cost: p.cost, Vendor: p.vendor, Licences: p.links()}
	row.Spare = p.spareCost
	notes := slices.Clone(p.notes)
	if p.unknown != "" {
		notes = append(notes, "the use is not known: "+p.unknown)
	}
	if p.wrong > 0 {
		notes = append(notes, fmt.Sprintf("%s of the shortfall could be covered by what is spare, if it were for that version", quantityText(p.wrong)))
	}
	if p.missing > 0 && p.price.IsZero() {
		notes = append(notes, "no price is known")
	}
	row.Note = strings.Join(notes, "; ")
	row.From = slices.Concat(row.Licences, p.evidence())
	return row
}

// name is the product, with its pool where it has one.
func (p positioned) name() string {
	if p.pool == "" {
		return p.product
	}
	return p.product + " in " + p.pool
}

// find adds what should be looked at.
func (out *PositionOut) find(v estate.View, p positioned) {
	links := p.links()
	about, owner := links[0], practice.OwnerOf(v, p.rights[0].Licence)
	switch {
	case p.unknown != "":
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, About: about, From: links, Owner: owner, Text: fmt.Sprintf("Nobody can tell how much of %s is in use: %s.", p.name(), p.unknown)})
	case p.missing > 0:
		s := practice.Medium
		text := fmt.Sprintf("%s of %s in use and %s licensed: %s missing", quantityText(p.demand())+" "+unitOf(p.metric), p.name(), quantityText(p.entitled), quantityText(p.missing))
		if p.packs > 0 && p.units != int64(p.packs)*1000 {
			text += fmt.Sprintf(", %s", practice.Count(p.packs, "pack", "packs"))
		}
		if !p.cost.IsZero() {
			text += ", " + p.cost.String()
		}
		if p.audit {
			s = practice.High
			text += "; the vendor may audit"
		}
		f := practice.Finding{Severity: s, About: about, From: slices.Concat(links, p.evidence()), Owner: owner, Text: text + "."}
		for _, r := range p.rights {
			for _, ref := range r.AssignedTo {
				if holderLeft(v, ref) && f.Mend == nil {
					f.Mend = mend("take_back", "licence", practice.To(r.Licence).String())
				}
			}
		}
		out.Findings = append(out.Findings, f)
		if len(p.uncovered) > 0 && p.wrong > 0 {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, About: about, From: links, Owner: owner,
				Text: fmt.Sprintf("There are licences of %s to spare, but not enough for %s: rights to upgrade or downgrade, or maintenance, are missing.", p.name(), strings.Join(p.uncovered, " and "))})
		}
	}
}

// unitOf is what a metric counts, for a sentence.
func unitOf(m model.LicenceMetric) string {
	return map[model.LicenceMetric]string{"install": "installations", "user": "users", "device": "devices", "concurrent": "users at one time", "core": "cores", "processor": "processors",
		"points": "points", "site": "sites", "subscription": "units"}[m]
}

// exposures adds the shortfalls up by vendor, the largest first.
func exposures(all []positioned) ([]ExposureRow, error) {
	type key struct {
		vendor practice.Link
		audit  bool
		money  string
	}
	rows := map[key]*ExposureRow{}
	var order []*ExposureRow
	for _, p := range all {
		if p.missing <= 0 {
			continue
		}
		k := key{p.vendor, p.audit, p.cost.Currency()}
		row := rows[k]
		if row == nil {
			row = &ExposureRow{Vendor: p.vendor, Audit: p.audit}
			rows[k] = row
			order = append(order, row)
		}
		if row.Products != "" {
			row.Products += ", "
		}
		row.Products += p.name()
		var err error
		if row.Cost, err = row.Cost.Add(p.cost); err != nil {
			return nil, err
		}
		row.From = append(row.From, p.links()...)
	}
	slices.SortStableFunc(order, func(a, b *ExposureRow) int {
		return cmp.Or(-compareBool(a.Audit, b.Audit), cmp.Compare(b.Cost.Float(), a.Cost.Float()))
	})
	out := make([]ExposureRow, len(order))
	for i, r := range order {
		out[i] = *r
	}
	return out, nil
}

// LicencesCoverUseIn says which licences are checked.
type LicencesCoverUseIn struct {
	// Vendor limits the check to the licences of one vendor.
	Vendor model.Ref `to:"Vendor"`
	// AuditedOnly limits the check to vendors who may audit.
	AuditedOnly bool
}

// LicencesCoverUse checks that of every product as much may be used as is in use. What cannot be told is not checked.
func LicencesCoverUse(v estate.View, in LicencesCoverUseIn) (practice.Verdict, error) {
	var out practice.Verdict
	all, err := positions(v, PositionIn{Vendor: in.Vendor})
	if err != nil {
		return out, err
	}
	var found PositionOut
	for _, p := range all {
		if p.unknown != "" || in.AuditedOnly && !p.audit {
			continue
		}
		out.Checked = append(out.Checked, p.links()...)
		if p.missing > 0 {
			p.wrong = 0
			found.find(v, p)
		}
	}
	out.Findings = found.Findings
	return verdict(out, "licence", "licences", "what may be used covers what is in use", "more is in use than they allow"), nil
}
