package suppliers

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// HHI returns the Herfindahl-Hirschman index of some amounts, the sum of the
// squares of their shares in percent, and the effective number: how many vendors of equal size would have the same index, 10,000
// divided by it. Both are 0 where there is no amount above nothing. Amounts below nothing do not count.
func HHI(amounts []float64) (index, effective float64) {
	all := 0.0
	for _, a := range amounts {
		all += max(a, 0)
	}
	if all == 0 {
		return 0, 0
	}
	for _, a := range amounts {
		share := 100 * max(a, 0) / all
		index += share * share
	}
	return index, 10_000 / index
}

// ConcentrationIn says how vendors are counted.
type ConcentrationIn struct {
	// Apart counts every vendor by itself. Otherwise vendors of one group are counted as their uppermost parent.
	Apart bool
	// Limit is how many vendors the table has at most. The default is 50.
	Limit int `min:"0" max:"10000"`
}

// ConcentrationOut says how much hangs on few vendors.
type ConcentrationOut struct {
	// Index is the Herfindahl-Hirschman index of the money that vendors are paid, from 0 to 10,000.
	Index practice.Figure
	// Effective is how many vendors of equal size would have the same index.
	Effective practice.Figure
	// Largest is the share of the largest vendor in the money, in percent.
	Largest practice.Figure
	// Critical is the largest share of critical capabilities that fall with one vendor, in percent.
	Critical practice.Figure
	// Findings name the vendors on which too much hangs.
	Findings []practice.Finding
	// Vendors are the vendors, those with the most money first.
	Vendors practice.Table[Weight]
}

// Weight is how much hangs on one vendor.
type Weight struct {
	// Vendor is the vendor, or the uppermost parent of a group.
	Vendor practice.Link
	// Group are the other vendors of the group.
	Group []practice.Link
	// Spent is what they were paid, in the currency of the books.
	Spent model.Money
	// Share is their part of the money that all vendors were paid, in percent.
	Share float64
	// Falls is how many critical capabilities fall with the vendor, those that hang on it through subsidiaries and sub-processors among them.
	Falls int
	// FallShare is their part of all critical capabilities, in percent.
	FallShare float64
	// Capabilities are those that fall.
	Capabilities []practice.Link
}

const bands = "the usual bands, 1,000 and 1,800, come from the 2023 merger guidelines of the United States and were made for markets: for the risk with vendors they are an analogy"

// Concentration tells how much hangs on few vendors: by the money of the last
// twelve full months, or by the annual cost of contracts in force where no bill names a vendor, and by the critical capabilities that
// fall with each of them. A capability counts as critical where its criticality is high or critical.
func Concentration(v estate.View, in ConcentrationIn) (ConcentrationOut, error) {
	var out ConcentrationOut
	critical := 0
	for c := range estate.Each[*model.Capability](v) {
		critical += b2i(isCriticalCapability(c))
	}
	groups, source := moneyByGroup(v, in.Apart)
	var amounts []float64
	all := 0.0
	for _, g := range groups {
		amounts = append(amounts, g.Spent.Float())
		all += max(g.Spent.Float(), 0)
	}
	var top, deepest Weight
	for _, g := range groups {
		if all > 0 {
			g.Share = rounded(100 * max(g.Spent.Float(), 0) / all)
		}
		fall := fallOf(v, model.Ref(g.Vendor.ID))
		for _, c := range fall.Capabilities {
			if isCriticalCapability(c) {
				g.Capabilities = append(g.Capabilities, practice.To(c))
			}
		}
		g.Falls = len(g.Capabilities)
		g.FallShare = practice.Share(g.Falls, critical)
		if g.Share > top.Share {
			top = *g
		}
		if g.Falls > deepest.Falls {
			deepest = *g
		}
		if f, ok := weightFinding(v, g); ok {
			out.Findings = append(out.Findings, f)
		}
		if len(out.Vendors.Rows) < cmp.Or(in.Limit, 50) {
			out.Vendors.Rows = append(out.Vendors.Rows, *g)
		}
	}
	if len(out.Vendors.Rows) < len(groups) {
		out.Vendors.Note = fmt.Sprintf("%d of %d are shown; raise the limit to see the rest", len(out.Vendors.Rows), len(groups))
	}
	practice.WorstFirst(out.Findings)
	index, effective := HHI(amounts)
	out.Index = practice.Figure{Value: float64(int(index + 0.5)), Better: practice.Lower, Note: source + "; " + bands}
	out.Effective = practice.Figure{Value: float64(int(effective*100+0.5)) / 100, Unit: "vendors", Better: practice.Higher}
	out.Largest = practice.Figure{Value: top.Share, Unit: "%", Better: practice.Lower, Note: top.Vendor.Title()}
	out.Critical = practice.Figure{Value: deepest.FallShare, Unit: "%", Better: practice.Lower, Note: deepest.Vendor.Title(), From: deepest.Capabilities}
	for _, g := range groups {
		out.Index.From = append(out.Index.From, g.Vendor)
	}
	if all == 0 {
		for _, f := range []*practice.Figure{&out.Index, &out.Effective, &out.Largest} {
			f.Unknown, f.Note = true, "nothing says what vendors are paid"
		}
	}
	if critical == 0 {
		out.Critical.Unknown, out.Critical.Note = true, "no capability is marked as high or critical"
	}
	return out, nil
}

func weightFinding(v estate.View, g *Weight) (practice.Finding, bool) {
	var text string
	severity := practice.Medium
	switch {
	case g.FallShare >= 50 && g.Falls > 1:
		severity = practice.High
		text = fmt.Sprintf("%g %% of the critical capabilities fall with %s: %s.", g.FallShare, g.Vendor.Title(), practice.Some(g.Capabilities))
	case g.Share >= 50:
		text = fmt.Sprintf("%g %% of the money goes to %s.", g.Share, g.Vendor.Title())
	default:
		return practice.Finding{}, false
	}
	f := practice.Finding{Severity: severity, Text: text, About: g.Vendor, From: append([]practice.Link{g.Vendor}, g.Capabilities...)}
	if vendor, ok := estate.Look[*model.Vendor](v, model.Ref(g.Vendor.ID)); ok {
		f.Owner = contactOf(v, vendor)
	}
	return f, true
}

// moneyByGroup returns what vendors are paid, the largest first, and says where that is from.
func moneyByGroup(v estate.View, apart bool) ([]*Weight, string) {
	spent, books := spendingIn(v), bookkeeperOf(v)
	source := fmt.Sprintf("by the money of %s to %s", spent.from, spent.until)
	byContract := len(spent.vendors) == 0
	if byContract {
		source = "no bill names a vendor, so that the annual cost of contracts in force is taken"
	}
	groups := map[model.Ref]*Weight{}
	var out []*Weight
	for vendor := range estate.Each[*model.Vendor](v) {
		amount := spent.money(spent.vendors[vendor.Ref()])
		if byContract {
			amount = books.sum(annualOf(v, vendor), practice.Neither, nil).Money
		}
		head := model.Record(vendor)
		if !apart {
			head = headOf(v, vendor)
		}
		g := groups[head.Base().Ref()]
		if g == nil {
			g = &Weight{Vendor: practice.To(head)}
			groups[head.Base().Ref()] = g
			out = append(out, g)
		}
		if head != model.Record(vendor) {
			g.Group = append(g.Group, practice.To(vendor))
		}
		if sum, err := g.Spent.Add(amount); err == nil {
			g.Spent = sum
		}
	}
	slices.SortStableFunc(out, func(a, b *Weight) int { return cmp.Compare(b.Spent.Float(), a.Spent.Float()) })
	return out, source
}

// annualOf returns what the contracts in force with a vendor cost in a year.
func annualOf(v estate.View, vendor *model.Vendor) []model.Money {
	var out []model.Money
	for _, c := range contractsOf(v, vendor.Ref()) {
		if StandingOn(c, v.At()).Live() {
			if cost, err := CostOn(c, v.At()); err == nil {
				out = append(out, cost)
			}
		}
	}
	return out
}

// headOf returns the uppermost parent of a vendor.
func headOf(v estate.View, vendor *model.Vendor) model.Record {
	seen := map[model.Ref]bool{}
	for !seen[vendor.Ref()] {
		seen[vendor.Ref()] = true
		parent, ok := estate.Look[*model.Vendor](v, vendor.Parent)
		if !ok {
			break
		}
		vendor = parent
	}
	return vendor
}
