package finance

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
	"binnacle/practice/finance/appraise"
)

// BusinessCasesIn says which business cases are appraised.
type BusinessCasesIn struct {
	// Case limits the answer to one business case.
	Case model.Ref `to:"BusinessCase"`
	// For limits the answer to cases for a record.
	For model.Ref `to:"Project,Initiative,Application,Service,Product,Contract"`
	// Rate takes the place of the discount rates of the cases, in percent a year.
	Rate model.Percent `min:"0" max:"100" unit:"%"`
}

// BusinessCasesOut is what business cases are worth.
type BusinessCasesOut struct {
	// Value is the net present value of all cases together.
	Value practice.Figure
	// Findings name cases that destroy value, and what cannot be told.
	Findings []practice.Finding
	// Flows are the cumulated flows of each case, year by year.
	Flows practice.Series
	// Table lists the cases, the most valuable first.
	Table practice.Table[CaseRow]
	// Years are the flows of one case, where one is asked for.
	Years practice.Table[YearRow]
}

// CaseRow is what one business case is worth.
type CaseRow struct {
	// Case is the record.
	Case practice.Link
	// For is what the case is for.
	For practice.Link
	// Rate is the discount rate.
	Rate model.Percent `unit:"%"`
	// Out is all money that goes out.
	Out model.Money
	// In is all money that comes in.
	In model.Money
	// NPV is the net present value. The flow of year 0 is not discounted.
	NPV model.Money `label:"NPV" json:"npv"`
	// IRR is the internal rate of return in percent a year. Empty where there is none or more than one.
	IRR *float64 `label:"IRR" json:"irr" unit:"%"`
	// MIRR is the modified internal rate of return in percent a year.
	MIRR *float64 `label:"MIRR" json:"mirr" unit:"%"`
	// Payback is after how many years the money has come back. Empty where it does not.
	Payback *float64 `unit:"years"`
	// DiscountedPayback is the same for flows as they are worth today.
	DiscountedPayback *float64 `unit:"years"`
}

// YearRow is one year of a business case.
type YearRow struct {
	// Year counts from 0.
	Year int
	// Flow is the money of the year. Money out is negative.
	Flow model.Money
	// Cumulated is the sum of all flows so far.
	Cumulated model.Money
	// Notes say what the money is for.
	Notes string
}

// BusinessCases appraises business cases: net present value (the flow of year 0 is not
// discounted), internal and modified rate of return, payback and discounted payback. Where no
// rate of return exists, or more than one, it says so and gives none.
func BusinessCases(v estate.View, in BusinessCasesIn) (BusinessCasesOut, error) {
	var out BusinessCasesOut
	books := costs.Of(v).Currency
	rates := costs.NewRates(v, books)
	var lost []string
	var value facts.Sum
	var from []practice.Link
	for c := range estate.Each[*model.BusinessCase](v) {
		if !in.Case.IsZero() && c.Ref() != in.Case || !in.For.IsZero() && c.For != in.For {
			continue
		}
		a, err := appraiseCase(v, c, cmp.Or(in.Rate, c.DiscountRate))
		if err != nil {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: practice.To(c), Text: c.Title() + " cannot be appraised: " + err.Error() + "."})
			continue
		}
		if books == "" {
			books = a.row.NPV.Currency()
			rates = costs.NewRates(v, books)
		}
		if m, ok := rates.Convert(a.row.NPV, v.At()); ok {
			value.Add(facts.Of(m))
		} else {
			lost = append(lost, c.Title())
		}
		from = append(from, a.row.Case)
		out.Table.Rows = append(out.Table.Rows, a.row)
		out.Findings = append(out.Findings, a.findings...)
		out.Flows.Lines = append(out.Flows.Lines, a.line)
		if !in.Case.IsZero() {
			out.Years = a.years
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b CaseRow) int {
		return cmp.Or(cmp.Compare(b.NPV.Float(), a.NPV.Float()), strings.Compare(a.Case.Key, b.Case.Key))
	})
	total, _ := value.Money(cmp.Or(books, costs.NoCurrency))
	out.Value = moneyFigure(roundMoney(total), from, "")
	if len(lost) > 0 {
		out.Value.Note = "Not in it, because there is no exchange rate: " + strings.Join(lost, ", ") + "."
	}
	out.Value.Better = practice.Higher
	if len(from) == 0 {
		out.Table.Note = "There is no business case yet: create one with its flows year by year."
	}
	return out, nil
}

// appraised is what one case is worth.
type appraised struct {
	row      CaseRow
	line     practice.Line
	years    practice.Table[YearRow]
	findings []practice.Finding
}

func appraiseCase(v estate.View, c *model.BusinessCase, rate model.Percent) (*appraised, error) {
	currency, flows, notes, err := flowsOf(c)
	if err != nil {
		return nil, err
	}
	money := func(n int64) model.Money { return minorMoney(big.NewInt(n), currency) }
	a := &appraised{row: CaseRow{Case: practice.To(c), For: practice.To(v.Get(c.For)), Rate: rate}}
	npv, err := appraise.NPV(float64(rate)/100, flows)
	if err != nil {
		return nil, err
	}
	a.row.NPV = money(npv)
	in, paid, total := int64(0), int64(0), int64(0)
	a.line.Name = c.Title()
	for year, f := range flows {
		in, paid, total = in+max(f, 0), paid+min(f, 0), total+f
		a.line.Points = append(a.line.Points, practice.Point{Label: fmt.Sprintf("Year %d", year), Value: money(total).Float(), From: []practice.Link{a.row.Case}})
		a.years.Rows = append(a.years.Rows, YearRow{year, money(f), money(total), strings.Join(notes[year], "; ")})
	}
	a.row.In, a.row.Out = money(in), money(paid)
	percent := func(f float64) *float64 {
		p := math.Round(f*10000) / 100
		return &p
	}
	back, err := appraise.IRR(flows)
	if err != nil {
		return nil, err
	}
	if one, ok := back.One(); ok {
		a.row.IRR = percent(one)
	} else {
		a.findings = append(a.findings, practice.Finding{Severity: practice.Info, About: a.row.Case, Text: fmt.Sprintf("The internal rate of return of %s is not told: %s.", c.Title(), strings.TrimPrefix(back.String(), "none: "))})
	}
	if m, err := appraise.MIRR(flows, float64(rate)/100, float64(cmp.Or(c.ReinvestRate, rate))/100); err == nil {
		a.row.MIRR = percent(m)
	}
	if years, ok := appraise.Payback(flows); ok {
		a.row.Payback = percent(years / 100)
	}
	if years, ok, err := appraise.DiscountedPayback(float64(rate)/100, flows); err == nil && ok {
		a.row.DiscountedPayback = percent(years / 100)
	}
	if npv < 0 {
		a.findings = append(a.findings, practice.Finding{Severity: practice.Medium, About: a.row.Case, Text: fmt.Sprintf("%s destroys value: its net present value at %s %% is %s.", c.Title(), rate, a.row.NPV)})
	}
	return a, nil
}

// mostYears is the last year that a case may have a flow in.
const mostYears = 60

// flowsOf returns the flows of a case year by year in minor units of their currency, and the notes of each year.
func flowsOf(c *model.BusinessCase) (string, []int64, [][]string, error) {
	if len(c.Flows) == 0 {
		return "", nil, nil, fmt.Errorf("it has no flows")
	}
	currency := c.Flows[0].Amount.Currency()
	years := 0
	for _, f := range c.Flows {
		if f.Year < 0 || f.Year > mostYears {
			return "", nil, nil, fmt.Errorf("it has a flow in year %d; years go from 0 to %d", f.Year, mostYears)
		}
		if f.Amount.IsZero() {
			return "", nil, nil, fmt.Errorf("the flow of year %d has no amount", f.Year)
		}
		if f.Amount.Currency() != currency {
			return "", nil, nil, fmt.Errorf("its flows are in %s and in %s; write them in one currency", currency, f.Amount.Currency())
		}
		years = max(years, f.Year+1)
	}
	sums := make([]facts.Sum, years)
	notes := make([][]string, years)
	for _, f := range c.Flows {
		sums[f.Year].Add(facts.Of(f.Amount))
		if f.Note != "" {
			notes[f.Year] = append(notes[f.Year], f.Note)
		}
	}
	flows := make([]int64, years)
	for year, s := range sums {
		n, _ := s.Minor(costs.Places(currency))
		if !n.IsInt64() {
			return "", nil, nil, fmt.Errorf("the flow of year %d is too large", year)
		}
		flows[year] = n.Int64()
	}
	return currency, flows, notes, nil
}
