package suppliers

import (
	"cmp"
	"math/big"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// VendorsIn says which vendors are listed.
type VendorsIn struct {
	// Live lists only vendors with a contract in force or money in the last twelve months.
	Live bool
}

// VendorsOut is an overview of the vendors.
type VendorsOut struct {
	// Vendors is how many vendors there are.
	Vendors practice.Figure
	// Contracts is how many contracts are in force.
	Contracts practice.Figure
	// Annual is what the contracts in force cost in a year, in the currency of the books.
	Annual practice.Figure
	// Spent is what vendors were paid in the last twelve full months.
	Spent practice.Figure
	// WithoutContract is the money that went to vendors without a contract in force.
	WithoutContract practice.Figure
	// List are the vendors, those with the most money first.
	List practice.Table[Overview]
}

// Overview is what there is to say about a vendor on one line.
type Overview struct {
	// Vendor is the vendor.
	Vendor practice.Link
	// Category is what it provides.
	Category string
	// Criticality says how much the business depends on it.
	Criticality model.Criticality
	// Country is where it is at home.
	Country string
	// Contracts is how many contracts with it are in force.
	Contracts int
	// Annual is what they cost in a year, in the currency of the books.
	Annual model.Money
	// Spent is what it was paid in the last twelve full months.
	Spent model.Money
	// Trend is by how many percent that differs from the twelve months before.
	Trend *float64
	// NextDecision is the first day by which something must be decided about one of its contracts.
	NextDecision model.Date
	// PersonalData says that it processes personal data for us.
	PersonalData bool
	// Proven says that it has a certificate or an assessment that holds.
	Proven bool
	// Owner is who answers for it on our side.
	Owner practice.Link
}

// Vendors lists the vendors with their contracts, what they cost by contract and
// by the bills, and the next day by which something must be decided.
func Vendors(v estate.View, in VendorsIn) (VendorsOut, error) {
	var out VendorsOut
	spent, books := spendingIn(v), bookkeeperOf(v)
	var vendors, contracts, paidTo, bare []practice.Link
	var annual []model.Money
	total, without := new(big.Rat), new(big.Rat)
	for vendor := range estate.Each[*model.Vendor](v) {
		row := Overview{Vendor: practice.To(vendor), Category: vendor.Category, Criticality: vendor.Criticality, Country: vendor.Country, PersonalData: vendor.PersonalData, Proven: proven(v, vendor), Owner: contactOf(v, vendor)}
		for _, c := range contractsOf(v, vendor.Ref()) {
			s := StandingOn(c, v.At())
			if !s.Live() {
				continue
			}
			row.Contracts++
			contracts = append(contracts, practice.To(c))
			if d := s.Decide(); d >= v.At() && (row.NextDecision.IsZero() || d < row.NextDecision) {
				row.NextDecision = d
			}
		}
		amounts := annualOf(v, vendor)
		annual = append(annual, amounts...)
		row.Annual = books.sum(amounts, practice.Neither, nil).Money
		if p := spent.vendors[vendor.Ref()]; p != nil {
			row.Spent = spent.money(p)
			if trend, ok := p.trend(); ok {
				row.Trend = &trend
			}
			paidTo = append(paidTo, row.Vendor)
			total.Add(total, ratOf(row.Spent))
			if row.Contracts == 0 {
				bare = append(bare, row.Vendor)
				without.Add(without, ratOf(row.Spent))
			}
		}
		vendors = append(vendors, row.Vendor)
		if !in.Live || row.Contracts > 0 || !row.Spent.IsZero() {
			out.List.Rows = append(out.List.Rows, row)
		}
	}
	slices.SortStableFunc(out.List.Rows, func(a, b Overview) int {
		return cmp.Or(cmp.Compare(b.Spent.Float(), a.Spent.Float()), cmp.Compare(b.Annual.Float(), a.Annual.Float()))
	})
	out.Vendors = practice.Counted("vendors", practice.Neither, vendors)
	out.Contracts = practice.Counted("contracts", practice.Neither, contracts)
	out.Annual = books.sum(annual, practice.Neither, contracts)
	out.Spent, out.WithoutContract = spent.figure(total, paidTo), spent.figure(without, bare)
	out.WithoutContract.Better = practice.Lower
	if spent.nobody.Sign() != 0 {
		out.List.Note = spent.rounded(spent.nobody).String() + " of the bills name no vendor that there is"
	}
	return out, nil
}

// figure makes a figure of money that was paid.
func (s *spending) figure(sum *big.Rat, from []practice.Link) practice.Figure {
	f := practice.Figure{From: from}
	if len(s.vendors) == 0 {
		f.Unknown, f.Note = true, "no bill names a vendor"
		return f
	}
	f.Money = moneyOf(sum, cmp.Or(s.book.Currency, "XXX"), 2)
	f.Value = f.Money.Float()
	f.Note = "from " + s.from.String() + " to " + s.until.String()
	if w := s.book.Warnings(); len(w) > 0 {
		f.Note += ". " + strings.Join(w, " ")
	}
	return f
}
