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

// ShelfwareIn says how much must be spare to be shown.
type ShelfwareIn struct {
	// Days is over how many days use is looked at where it is measured. The default is 365.
	Days int `min:"1" max:"3650" unit:"days"`
	// Share leaves out positions of which less than this share is spare. The default is 5 percent.
	Share model.Percent `min:"0" max:"100" unit:"%"`
}

// ShelfwareOut is what was bought and nothing uses.
type ShelfwareOut struct {
	// Yearly is what is paid for it in a year.
	Yearly practice.Figure
	// Once is what was paid for it once.
	Once practice.Figure
	// Positions is how many positions have something to spare.
	Positions practice.Figure
	// Findings name the largest, with the next day on which it can be given up.
	Findings []practice.Finding
	// Table lists the positions, the dearest first.
	Table practice.Table[ShelfRow]
}

// ShelfRow is a position with something to spare.
type ShelfRow struct {
	// Product is the software.
	Product string
	// Pool is the group of licences that cover each other.
	Pool string
	// Metric is what is counted.
	Metric model.LicenceMetric
	// Entitled is how much may be used.
	Entitled float64
	// Used is how much is in use.
	Used float64
	// Surplus is how much is spare.
	Surplus float64
	// Share is the part of what may be used that is spare, in percent.
	Share model.Percent
	// Price is what one costs.
	Price model.Money
	// Worth is what the surplus costs.
	Worth model.Money
	// Paid says whether that is paid in a year or was paid once.
	Paid string
	// Until is the next day on which one of the licences ends.
	Until model.Date
	// Contract is the contract that they are part of.
	Contract practice.Link
	// From are the licences.
	From []practice.Link
}

// Shelfware lists the licences that were bought and that nothing uses, in money:
// what is paid for them in a year, and what was paid once. What was paid once is taken to be used
// first, so that what is left over can be given up. Positions whose use is not known are left out.
func Shelfware(v estate.View, in ShelfwareIn) (ShelfwareOut, error) {
	var out ShelfwareOut
	all, err := positions(v, PositionIn{Days: in.Days})
	if err != nil {
		return out, err
	}
	least := in.Share
	if least == 0 {
		least = 5
	}
	var yearly, once []model.Money
	var yearlyFrom, onceFrom, from []practice.Link
	left := 0
	for _, p := range all {
		if p.unknown != "" {
			left++
			continue
		}
		if p.spare <= 0 || p.entitled == 0 || p.metric == "site" || float64(p.spare)*100 < float64(least)*float64(p.entitled) {
			continue
		}
		from = append(from, p.links()[0])
		for _, row := range p.shelves(v) {
			if row.Paid == "once" {
				once, onceFrom = append(once, row.Worth), append(onceFrom, row.From...)
			} else {
				yearly, yearlyFrom = append(yearly, row.Worth), append(yearlyFrom, row.From...)
			}
			out.Table.Rows = append(out.Table.Rows, row)
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b ShelfRow) int {
		return cmp.Or(cmp.Compare(b.Worth.Float(), a.Worth.Float()), cmp.Compare(normal(a.Product), normal(b.Product)), cmp.Compare(a.Pool, b.Pool))
	})
	for _, row := range out.Table.Rows {
		if row.Worth.IsZero() {
			continue
		}
		text := fmt.Sprintf("%g of %g %s of %s are paid for and not used: %s %s.", row.Surplus, row.Entitled, unitOf(row.Metric), row.Product, row.Worth, row.Paid)
		if !row.Until.IsZero() {
			text = strings.TrimSuffix(text, ".") + fmt.Sprintf(". The next of them end on %s.", row.Until)
		}
		l, _ := estate.Look[*model.Licence](v, model.Ref(row.From[0].ID))
		f := practice.Finding{Severity: practice.Medium, About: row.From[0], From: row.From, Owner: practice.OwnerOf(v, l), Text: text}
		if row.Paid == "once" {
			f.Severity = practice.Info
		}
		out.Findings = append(out.Findings, f)
	}
	if left > 0 {
		out.Table.Note = fmt.Sprintf("%s left out, because the use is not known", practice.Count(left, "position is", "positions are"))
	}
	sorted(out.Findings)
	out.Yearly = orNothing(practice.SumOf("a year", practice.Lower, yearly, yearlyFrom), len(yearly) == 0)
	out.Once = orNothing(practice.SumOf("", practice.Lower, once, onceFrom), len(once) == 0)
	out.Positions = practice.Counted("positions", practice.Lower, from)
	return out, nil
}

// shelves returns what is spare of a position: what is paid for in a year and what was paid once, each price apart.
func (p positioned) shelves(v estate.View) []ShelfRow {
	var out []ShelfRow
	for _, s := range p.spares {
		paid, price := "in a year", p.each(s.right)
		if s.Perpetual {
			paid = "once"
		}
		i := slices.IndexFunc(out, func(r ShelfRow) bool { return r.Paid == paid && r.Price.Equal(price) })
		if i < 0 {
			i = len(out)
			out = append(out, ShelfRow{Product: p.product, Pool: p.pool, Metric: p.metric, Entitled: plain(p.entitled), Used: plain(p.demand()), Price: price, Paid: paid})
		}
		row := &out[i]
		row.Surplus += plain(s.quantity)
		row.Worth, _ = row.Worth.Add(times(price, s.quantity))
		row.Share = model.Percent(practice.Share(int(row.Surplus*1000), int(p.entitled)))
		if !s.End.IsZero() && (row.Until.IsZero() || s.End < row.Until) {
			row.Until = s.End
		}
		if row.Contract.IsZero() {
			row.Contract = link(v, s.Contract)
		}
		row.From = append(row.From, practice.To(s.Licence))
	}
	return out
}

// ExpiringIn says how far ahead licences are looked at.
type ExpiringIn struct {
	// Days is how many days ahead an end counts. The default is 90.
	Days int `min:"1" max:"3650" unit:"days"`
}

// ExpiringOut is which licences and maintenance end.
type ExpiringOut struct {
	// Ending is how many licences end soon.
	Ending practice.Figure
	// Lapsing is of how many licences maintenance ends soon.
	Lapsing practice.Figure
	// Ended is how many licences have ended whose product is still in use without enough others.
	Ended practice.Figure
	// Cost is what the licences that end soon cost in a year.
	Cost practice.Figure
	// Findings name what ends and is in use.
	Findings []practice.Finding
	// Table lists what ends, the next first.
	Table practice.Table[ExpiringRow]
}

// ExpiringRow is a licence or a maintenance that ends.
type ExpiringRow struct {
	// Licence is the record.
	Licence practice.Link
	// Product is the software.
	Product string
	// What says what ends: the licence or its maintenance.
	What string
	// Ends is the last day.
	Ends model.Date
	// Days is how many days are left, below zero where it is over.
	Days int
	// Quantity is how much may be used until then.
	Quantity float64
	// Metric is what is counted.
	Metric model.LicenceMetric
	// Cost is what it costs.
	Cost model.Money
	// Without is how much would be missing without it, if the use stays as it is. Empty where the use is not known.
	Without *float64 `label:"Missing then"`
	// Contract is the contract that it is part of.
	Contract practice.Link
	// Vendor is who sells it.
	Vendor practice.Link
}

// Expiring lists the licences and the maintenance that end soon, with how much would be
// missing without them if the use stays as it is, and licences that have ended already while too little is left for what is in use.
func Expiring(v estate.View, in ExpiringIn) (ExpiringOut, error) {
	var out ExpiringOut
	all, err := positions(v, PositionIn{})
	if err != nil {
		return out, err
	}
	soon := v.At().AddDays(cmp.Or(in.Days, 90))
	var ending, lapsing, ended []practice.Link
	var costs []model.Money
	for _, p := range all {
		for _, r := range p.rights {
			row := ExpiringRow{Licence: practice.To(r.Licence), Product: r.Product, What: "licence", Ends: r.End, Quantity: r.Quantity, Metric: p.metric, Cost: r.Cost, Contract: link(v, r.Contract), Vendor: p.vendor}
			switch {
			case !r.End.IsZero() && r.End < v.At():
				if p.missing <= 0 {
					continue
				}
				ended = append(ended, row.Licence)
				missing := plain(p.missing)
				row.Without = &missing
			case !r.End.IsZero() && r.End <= soon:
				ending, costs = append(ending, row.Licence), append(costs, r.Cost)
				row.Without = p.without(v, r)
			case r.ended == "" && !r.Maintenance.IsZero() && r.Maintenance >= v.At() && r.Maintenance <= soon:
				row.What, row.Ends = "maintenance", r.Maintenance
				lapsing = append(lapsing, row.Licence)
			default:
				continue
			}
			row.Days = int(row.Ends - v.At())
			out.Table.Rows = append(out.Table.Rows, row)
			out.find(v, row, r)
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b ExpiringRow) int {
		return cmp.Or(cmp.Compare(a.Ends, b.Ends), cmp.Compare(a.Licence.Key, b.Licence.Key))
	})
	sorted(out.Findings)
	out.Ending = practice.Counted("licences", practice.Lower, ending)
	out.Lapsing = practice.Counted("licences", practice.Lower, lapsing)
	out.Ended = practice.Counted("licences", practice.Lower, ended)
	out.Cost = orNothing(practice.SumOf("a year", practice.Neither, costs, ending), len(ending) == 0)
	return out, nil
}

// without returns how much would be missing without one licence, or nil where the use is not known.
func (p positioned) without(v estate.View, r right) *float64 {
	if p.unknown != "" {
		return nil
	}
	less := *p.line
	less.rights = slices.DeleteFunc(slices.Clone(p.rights), func(o right) bool { return o.ID == r.ID })
	missing := plain(less.settle(v.At()).missing)
	return &missing
}

func (out *ExpiringOut) find(v estate.View, row ExpiringRow, r right) {
	if row.What != "licence" || row.Without == nil || *row.Without <= 0 {
		return
	}
	f := practice.Finding{Severity: practice.Medium, About: row.Licence, From: []practice.Link{row.Licence}, Owner: practice.OwnerOf(v, r.Licence),
		Text: fmt.Sprintf("The licence %s ends on %s; without it %g %s of %s would be missing.", r.Title(), row.Ends, *row.Without, unitOf(row.Metric), row.Product)}
	if row.Days < 0 {
		f.Severity = practice.High
		f.Text = fmt.Sprintf("The licence %s ended on %s, and %g %s of %s are in use without a right.", r.Title(), row.Ends, *row.Without, unitOf(row.Metric), row.Product)
	}
	out.Findings = append(out.Findings, f)
}
