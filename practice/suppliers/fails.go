package suppliers

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// FailsIn says which vendor fails.
type FailsIn struct {
	// Vendor is the vendor that can deliver nothing any more.
	Vendor model.Ref `to:"Vendor" is:"required"`
	// ReplaceIn is how long it would take to replace it, as far as somebody has thought about it: 180d. Unset means that nobody knows.
	ReplaceIn model.Duration
}

// FailsOut says what a vendor takes along when it fails.
type FailsOut struct {
	// Capabilities are the capabilities that the business loses.
	Capabilities practice.Figure
	// Products are the products that cannot be sold or used.
	Products practice.Figure
	// Goals are the goals that are in danger.
	Goals practice.Figure
	// Revenue is what customers paid for these products in the last full year.
	Revenue practice.Figure
	// AtRisk is the part of that revenue until the vendor is replaced.
	AtRisk practice.Figure
	// Endures is how long the business can do without what stops: the shortest recovery time among it, in hours.
	Endures practice.Figure
	// ReplaceIn is how long it takes to replace the vendor, in days.
	ReplaceIn practice.Figure
	// Contracts are the contracts that fall with it.
	Contracts practice.Figure
	// DataSets are the data sets that are with it or that stop.
	DataSets practice.Figure
	// Findings say what is lost, the worst first.
	Findings []practice.Finding
	// Lost are the records that stop, the nearest first.
	Lost practice.Table[Loss]
	// Alternatives are vendors that provide the same as those that fail.
	Alternatives practice.Table[Alternative]
}

// Loss is something that stops when a vendor fails.
type Loss struct {
	// Record is what stops.
	Record practice.Link
	// Kind is the kind of that record.
	Kind string
	// Criticality says how much the business depends on it.
	Criticality model.Criticality
	// RecoveryTime is how long the business can do without it.
	RecoveryTime string
	// Owner is who answers for it.
	Owner practice.Link
	// Path is the chain from the vendor to it.
	Path practice.Path
}

// Alternative is something that could take the place of something else.
type Alternative struct {
	// Record is the vendor or the application that could.
	Record practice.Link
	// Why says what it has in common.
	Why string
}

// Fails tells what happens if a vendor fails: what stops through which chains,
// subsidiaries and vendors that depend on it among them, which revenue and goals hang on that, which data it holds, and how long the
// business can do without. How long it takes to replace a vendor nobody can compute: say it, and the revenue at risk follows.
func Fails(v estate.View, in FailsIn) (FailsOut, error) {
	vendor, ok := estate.Look[*model.Vendor](v, in.Vendor)
	if !ok {
		return FailsOut{}, model.Problem{Field: "vendor", Text: "there is no such vendor"}
	}
	var out FailsOut
	fall := fallOf(v, in.Vendor)
	var contracts, data []practice.Link
	keep := func(d model.Record) {
		if link := practice.To(d); !slices.Contains(data, link) {
			data = append(data, link)
		}
	}
	shortest := time.Duration(0)
	var patient practice.Link
	for i, s := range fall.outage.Steps {
		if with, ok := s.Record.(*model.Vendor); ok {
			for _, h := range holdings(v, with) {
				keep(h.set)
			}
			for _, a := range alternativesTo(v, with) {
				if !slices.ContainsFunc(out.Alternatives.Rows, func(o Alternative) bool { return o.Record == a.Record }) && fall.outage.Find(model.Ref(a.Record.ID)) < 0 {
					out.Alternatives.Rows = append(out.Alternatives.Rows, a)
				}
			}
		}
		if i == 0 || practice.Gone(s.Record, v.At()) {
			continue
		}
		link := practice.To(s.Record)
		row := Loss{Record: link, Kind: model.NameOf(s.Record), Criticality: practice.CriticalityOf(s.Record), Owner: practice.OwnerOf(v, s.Record), Path: practice.PathOf(fall.outage.Path(i))}
		if d := recoveryOf(s.Record); d > 0 {
			row.RecoveryTime = model.Duration(d).String()
			if shortest == 0 || d < shortest {
				shortest, patient = d, link
			}
		}
		switch rec := s.Record.(type) {
		case *model.Contract:
			if !StandingOn(rec, v.At()).Live() {
				continue
			}
			contracts = append(contracts, link)
		case *model.DataSet:
			keep(rec)
		}
		out.Lost.Rows = append(out.Lost.Rows, row)
	}
	for _, rec := range fall.critical {
		c := practice.CriticalityOf(rec)
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.SeverityOf(c), Text: fmt.Sprintf("If %s fails, %s stops. Its criticality is %s.", vendor.Title(), rec.Base().Title(), c),
			About: practice.To(rec), Owner: practice.OwnerOf(v, rec), Paths: []practice.Path{fall.path(rec)}})
	}
	out.money(v, fall, in.ReplaceIn)
	out.Capabilities = practice.Counted("capabilities", practice.Lower, practice.ToAll(fall.Capabilities))
	out.Products = practice.Counted("products", practice.Lower, practice.ToAll(fall.Products))
	out.Goals = practice.Counted("goals", practice.Lower, practice.ToAll(fall.Goals))
	out.Contracts = practice.Counted("contracts", practice.Neither, contracts)
	out.DataSets = practice.Counted("data sets", practice.Neither, data)
	out.Endures = practice.Figure{Value: rounded(shortest.Hours()), Unit: "h", Better: practice.Higher}
	if shortest == 0 {
		out.Endures.Unknown, out.Endures.Note = true, "nothing that stops has a recovery time"
	} else {
		out.Endures.Note, out.Endures.From = patient.Title(), []practice.Link{patient}
		if days := time.Duration(in.ReplaceIn); days > shortest {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, Text: fmt.Sprintf("Replacing %s takes %s, but the business can do without %s for %s only.", vendor.Title(), in.ReplaceIn, patient.Title(), model.Duration(shortest)), About: practice.To(vendor), From: []practice.Link{patient}})
		}
	}
	practice.WorstFirst(out.Findings)
	return out, nil
}

// money fills in the revenue of the products that stop, and what of it is at risk until the vendor is replaced.
func (out *FailsOut) money(v estate.View, fall fallen, replaceIn model.Duration) {
	var revenue []model.Money
	var from []practice.Link
	for _, rec := range fall.Products {
		revenue = append(revenue, rec.(*model.Product).Revenue)
		from = append(from, practice.To(rec))
	}
	out.Revenue = practice.SumOf("", practice.Lower, revenue, from)
	if len(from) == 0 {
		out.Revenue.Note = "no product stops"
	}
	out.ReplaceIn = practice.Figure{Value: float64(wholeDays(replaceIn)), Unit: "days", Better: practice.Lower}
	out.AtRisk = practice.Figure{Unknown: true, Better: practice.Lower, Note: "nobody said how long it takes to replace the vendor: ask again with replace_in"}
	if replaceIn == 0 {
		out.ReplaceIn.Unknown, out.ReplaceIn.Note = true, out.AtRisk.Note
		return
	}
	if out.Revenue.Money.IsZero() {
		out.AtRisk.Note = out.Revenue.Note
		return
	}
	r := ratOf(out.Revenue.Money)
	year := big.NewRat(int64(wholeDays(replaceIn)), 365)
	if year.Cmp(big.NewRat(1, 1)) > 0 {
		year = big.NewRat(1, 1)
	}
	risk := moneyOf(r.Mul(r, year), out.Revenue.Money.Currency(), 2)
	out.AtRisk = practice.Figure{Money: risk, Value: risk.Float(), Better: practice.Lower, From: from, Note: "the part of a year's revenue that falls into the time until the vendor is replaced, a year at most"}
}

// recoveryOf returns how long the business can do without a record, or 0 where nobody said.
func recoveryOf(rec model.Record) time.Duration {
	switch r := rec.(type) {
	case *model.Service:
		return time.Duration(r.RecoveryTime)
	case *model.Process:
		return time.Duration(r.RecoveryTime)
	}
	return 0
}

// alternativesTo returns vendors of other groups that provide the same as a vendor, those with the most in common first.
func alternativesTo(v estate.View, vendor *model.Vendor) []Alternative {
	type match struct {
		Alternative
		common int
	}
	var found []match
	head := headOf(v, vendor)
	for other := range estate.Each[*model.Vendor](v) {
		if other.ID == vendor.ID || headOf(v, other) == head {
			continue
		}
		var common []string
		for _, s := range vendor.Services {
			if slices.ContainsFunc(other.Services, func(o string) bool { return alike(o, s) }) {
				common = append(common, s)
			}
		}
		if len(common) > 0 {
			found = append(found, match{Alternative{practice.To(other), "provides " + joined(common)}, len(common)})
		}
	}
	slices.SortStableFunc(found, func(a, b match) int { return cmp.Compare(b.common, a.common) })
	var out []Alternative
	for _, m := range found {
		out = append(out, m.Alternative)
	}
	return out
}
