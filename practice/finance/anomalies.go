package finance

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
	"binnacle/practice/finance/forecast"
)

// AnomaliesIn says which days are looked at, and what counts as unusual.
type AnomaliesIn struct {
	// Days is how many of the last days are looked at. The default is 60.
	Days int `min:"1" max:"800" unit:"days"`
	// Least is the least amount that spend must be away from what was expected. Unset means 50 of the currency of the books.
	Least model.Money
	// Measure says which of the four amounts is looked at. Unset means the effective cost.
	Measure costs.Measure
}

// AnomaliesOut is spend that was not as usual.
type AnomaliesOut struct {
	// Excess is what all rises and all new spend cost beyond what was expected.
	Excess practice.Figure
	// Open is how many of them still go on.
	Open practice.Figure
	// Days is the spend day by day.
	Days practice.Series
	// Findings tell of the largest ones.
	Findings []practice.Finding
	// Table lists them, the largest first.
	Table practice.Table[AnomalyRow]
}

// AnomalyRow is a time of unusual spend on one service of one account.
type AnomalyRow struct {
	// Type is rise, fall or new.
	Type string
	// Service is what the spend is on.
	Service string
	// Account is whose spend it is.
	Account string
	// Provider is the company that sent the bill.
	Provider string
	// First is the first unusual day.
	First model.Date
	// Last is the last one.
	Last model.Date
	// Expected is what these days were expected to cost.
	Expected model.Money
	// Actual is what they cost.
	Actual model.Money
	// Excess is actual less expected.
	Excess model.Money
	// Open says that it still goes on.
	Open bool
	// From are the loads.
	From []practice.Link
}

// Anomalies finds days on which clouds cost more or less than usual, by account and
// service: each day is judged by the eight weeks before it and by its day of the week, with statistics that single odd days
// do not move (median and median absolute deviation). Bills that have no lines by the day are left out.
func Anomalies(v estate.View, in AnomaliesIn) (AnomaliesOut, error) {
	return remember(anomaliesIn)(v, in)
}

func anomaliesIn(v estate.View, in AnomaliesIn) (AnomaliesOut, error) {
	var out AnomaliesOut
	book := costs.Of(v)
	d := newDaily(v, book, cmp.Or(in.Measure, costs.Effective))
	if len(d.order) == 0 {
		out.Table.Note = "No bill that counts has lines by the day."
		return out, nil
	}
	from := d.last.AddDays(1 - cmp.Or(in.Days, 60))
	scale := costs.Places(book.Currency)
	least := int64(50)
	if !in.Least.IsZero() {
		converted, ok := costs.NewRates(v, book.Currency).Convert(in.Least, v.At())
		if !ok {
			return out, model.Problem{Field: "least", Text: fmt.Sprintf("there is no exchange rate from %s to %s: write the amount in %s", in.Least.Currency(), book.Currency, book.Currency)}
		}
		n, _ := sumOf(facts.Of(converted)).Minor(scale)
		if !n.IsInt64() || n.Sign() < 0 {
			return out, model.Problem{Field: "least", Text: "write an amount of 0 or more that is not larger than any bill"}
		}
		least = n.Int64()
	} else {
		for range scale {
			least *= 10
		}
	}
	c := &carried{book: book}
	excess, open := int64(0), []practice.Link{}
	var about []practice.Link
	for _, key := range d.order {
		// A provider whose bills begin later, or are not there yet, is not new and has not ended.
		first, last := d.firstOf[key.provider], d.lastOf[key.provider]
		series, ok := d.groups[key].amounts(first, last, scale)
		if !ok {
			continue
		}
		found, err := forecast.Anomalies(forecast.Daily{First: first, Amounts: series}, forecast.Watch{Least: least, From: from})
		if err != nil {
			return out, err
		}
		for _, a := range found {
			row := AnomalyRow{string(a.Kind), key.service, key.account, key.provider, a.First, a.Last, c.money(a.Expected), c.money(a.Actual), c.money(a.Excess), a.Open, d.groups[key].loads}
			out.Table.Rows = append(out.Table.Rows, row)
			if a.Kind != forecast.Fall {
				excess += a.Excess
				about = addLoads(about, row.From)
			}
			if a.Open {
				open = addLoads(open, row.From)
				out.Open.Value++
			}
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b AnomalyRow) int {
		return cmp.Or(cmp.Compare(abs(b.Excess), abs(a.Excess)), cmp.Compare(a.First, b.First), strings.Compare(a.Service, b.Service))
	})
	out.Excess = moneyFigure(c.money(excess), about, fmt.Sprintf("From %s until %s.", from, d.last))
	out.Excess.Better = practice.Lower
	out.Open.Unit, out.Open.Better, out.Open.From = "anomalies", practice.Lower, open
	out.Days = d.series(max(from, d.first), book.Currency)
	for i, row := range out.Table.Rows {
		if i == 10 {
			break
		}
		out.Findings = append(out.Findings, anomalyFinding(row))
	}
	return out, nil
}

func abs(m model.Money) float64 { return max(m.Float(), -m.Float()) }

func anomalyFinding(row AnomalyRow) practice.Finding {
	f := practice.Finding{Severity: practice.Medium, From: row.From}
	where := row.Service
	if row.Account != "" {
		where += " in " + row.Account
	}
	days := fmt.Sprintf("from %s to %s", row.First, row.Last)
	if row.First == row.Last {
		days = fmt.Sprintf("on %s", row.First)
	}
	switch row.Type {
	case string(forecast.Fall):
		f.Severity = practice.Info
		f.Text = fmt.Sprintf("%s cost %s less than usual %s.", where, roundMoney(row.Excess.Neg()), days)
	case string(forecast.NewSpend):
		f.Text = fmt.Sprintf("%s is new: it cost %s %s.", where, row.Actual, days)
	default:
		f.Text = fmt.Sprintf("%s cost %s %s, and %s were to be expected: %s too much.", where, row.Actual, days, row.Expected, row.Excess)
	}
	if row.Open && f.Severity != practice.Info {
		f.Severity = practice.High
		f.Text += " It still goes on."
	}
	return f
}

// daily is spend by the day.
type daily struct {
	groups      map[dailyKey]*dailyGroup
	order       []dailyKey
	first, last model.Date
	// firstOf and lastOf are the first and the last day by provider.
	firstOf, lastOf map[string]model.Date
}

type dailyKey struct{ provider, account, service string }

type dailyGroup struct {
	days  map[model.Date]*facts.Sum
	loads []practice.Link
}

// leastDays is on how many days of a month a bill must have lines to count as one by the day.
const leastDays = 10

// newDaily adds up the days of all loads that count, in the currency of the books. Taxes, credits and purchases are left out, because they come when they come.
func newDaily(v estate.View, book *costs.Book, m costs.Measure) *daily {
	d := &daily{groups: map[dailyKey]*dailyGroup{}, firstOf: map[string]model.Date{}, lastOf: map[string]model.Date{}}
	rates := costs.NewRates(v, book.Currency)
	for _, load := range book.Loads {
		r, err := practice.FactsOf(v).Rollup(load.ID)
		if err != nil || !byTheDay(r) {
			continue
		}
		at := func(t *facts.Total, column string) string {
			if i := slices.Index(r.GroupColumns, column); i >= 0 {
				return r.Groups[t.Of][i]
			}
			return ""
		}
		for i := range r.Days {
			t := &r.Days[i]
			if category := at(t, "ChargeCategory"); category != "Usage" && category != "" || at(t, "ServiceName") == "" || t.At >= v.At() {
				continue
			}
			amount, ok := rates.Sum(t.Sums[m.Index()], at(t, "BillingCurrency"), costs.LastDay(t.At))
			if !ok {
				continue
			}
			d.add(dailyKey{at(t, "ProviderName"), cmp.Or(at(t, "SubAccountName"), at(t, "SubAccountId")), at(t, "ServiceName")}, t.At, amount, practice.To(load))
		}
	}
	slices.SortFunc(d.order, func(a, b dailyKey) int {
		return cmp.Or(strings.Compare(a.provider, b.provider), strings.Compare(a.account, b.account), strings.Compare(a.service, b.service))
	})
	return d
}

// byTheDay reports whether a load has lines on many days of its months.
func byTheDay(r *facts.Rollup) bool {
	days := map[model.Date]map[model.Date]bool{}
	for i := range r.Days {
		month := costs.FirstDay(r.Days[i].At)
		if days[month] == nil {
			days[month] = map[model.Date]bool{}
		}
		days[month][r.Days[i].At] = true
	}
	for _, seen := range days {
		if len(seen) >= leastDays {
			return true
		}
	}
	return false
}

func (d *daily) add(key dailyKey, day model.Date, amount facts.Sum, load practice.Link) {
	g := d.groups[key]
	if g == nil {
		g = &dailyGroup{days: map[model.Date]*facts.Sum{}}
		d.groups[key] = g
		d.order = append(d.order, key)
	}
	if g.days[day] == nil {
		g.days[day] = &facts.Sum{}
	}
	g.days[day].AddSum(amount)
	if !slices.Contains(g.loads, load) {
		g.loads = append(g.loads, load)
	}
	if d.first.IsZero() || day < d.first {
		d.first = day
	}
	d.last = max(d.last, day)
	if first, ok := d.firstOf[key.provider]; !ok || day < first {
		d.firstOf[key.provider] = day
	}
	d.lastOf[key.provider] = max(d.lastOf[key.provider], day)
}

// amounts returns the minor units of each day. It reports false where they are too large to be counted.
func (g *dailyGroup) amounts(first, last model.Date, scale int32) ([]int64, bool) {
	out := make([]int64, int(last-first)+1)
	for day, sum := range g.days {
		n, _ := sum.Minor(scale)
		if n.BitLen() > 55 {
			return nil, false
		}
		out[int(day-first)] = n.Int64()
	}
	return out, true
}

// series returns the spend of all groups day by day.
func (d *daily) series(from model.Date, currency string) practice.Series {
	line := practice.Line{Name: "Spend"}
	for day := from; day <= d.last; day++ {
		var s facts.Sum
		for _, key := range d.order {
			if one := d.groups[key].days[day]; one != nil {
				s.AddSum(*one)
			}
		}
		line.Points = append(line.Points, practice.Point{At: day, Value: math.Round(s.Float()*100) / 100})
	}
	return practice.Series{Unit: currency, Lines: []practice.Line{line}}
}
