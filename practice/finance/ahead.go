package finance

import (
	"cmp"
	"errors"
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

// ForecastIn says what is forecast.
type ForecastIn struct {
	// Months is how many months ahead are forecast. The default is 12.
	Months int `min:"1" max:"60" unit:"months"`
	// For limits the forecast to lines that belong to a record, or are booked on it.
	For model.Ref `to:"Application,Service,Product,Team,BusinessUnit,CostCentre,Project,Initiative"`
	// Service limits the forecast to lines of a service, as ServiceName has it.
	Service string
	// Measure says which of the four amounts is forecast. Unset means the effective cost.
	Measure costs.Measure
	// Plain leaves contracts and positions out: everything is forecast from its own past.
	Plain bool
}

// ForecastOut is what the coming months will cost.
type ForecastOut struct {
	// Expected is what all months ahead will cost.
	Expected practice.Figure
	// Past is what as many months before have cost.
	Past practice.Figure
	// Change is by how many percent that differs.
	Change practice.Figure
	// Months are the past and the months ahead, with the range that holds the cost in 80 of 100 cases.
	Months practice.Series
	// Method says how the forecast was made.
	Method string
	// Tested says how well the same method would have done in the past.
	Tested string
	// Findings tell what makes the forecast uncertain.
	Findings []practice.Finding
	// Table lists the months ahead.
	Table practice.Table[ForecastRow]
}

// ForecastRow is one month ahead.
type ForecastRow struct {
	// Month is its first day.
	Month model.Date
	// Expected is what it will cost.
	Expected model.Money
	// Low is the lower end of the range that holds the cost in 80 of 100 cases.
	Low model.Money `label:"Low (80 %)"`
	// High is its upper end.
	High model.Money `label:"High (80 %)"`
	// Low95 is the lower end of the range that holds the cost in 95 of 100 cases.
	Low95 model.Money `label:"Low (95 %)"`
	// High95 is its upper end.
	High95 model.Money `label:"High (95 %)"`
	// Contracts is the part that contracts set.
	Contracts model.Money
	// Positions is the part that positions of teams set.
	Positions model.Money
	// Trend is the part that goes on as in the past.
	Trend model.Money
}

// Forecast tells what the coming months will cost. What contracts set is taken from their price and term, what teams
// cost from their positions, and the rest goes on with its level, trend and season (Holt and Winters), with ranges that
// grow with the distance. How well that would have done in the past is tested and told.
func Forecast(v estate.View, in ForecastIn) (ForecastOut, error) {
	return remember(forecastOf)(v, in)
}

func forecastOf(v estate.View, in ForecastIn) (ForecastOut, error) {
	a := newAhead(v, in)
	var out ForecastOut
	if len(a.months) == 0 {
		out.Table.Note = "There are no bills of whole months yet: a forecast needs three months at least."
		if a.book.Closed {
			out.Table.Note = a.book.None()
		}
		return out, nil
	}
	horizon := cmp.Or(in.Months, 12)
	rest := a.values(a.rest)
	f, err := forecast.Ahead(rest, horizon, 12)
	var little *forecast.TooLittle
	if errors.As(err, &little) && len(a.rest) == 0 && horizon > 0 && horizon <= forecast.MostHorizon {
		// Contracts and positions set all of it: no past is needed.
		f, err = forecast.Forecast{Points: make([]forecast.Point, horizon), Why: "Contracts and positions set all of the cost."}, nil
	}
	if errors.As(err, &little) && err != nil {
		out.Table.Note = err.Error() + "."
		for _, f := range []*practice.Figure{&out.Expected, &out.Past, &out.Change} {
			f.Unknown, f.Note = true, out.Table.Note
		}
		return out, nil
	}
	if err != nil {
		return out, err
	}
	out.Method = f.Why
	if accuracy := forecast.BackTest(rest, 3, 12, 12); accuracy.Tests > 0 {
		out.Tested = fmt.Sprintf("Of %s forecast from the months before them, %d were inside of the range of 80 of 100 and %d inside of that of 95.", practice.Count(accuracy.Tests, "month", "months"), accuracy.Inside80, accuracy.Inside95)
	}
	a.fill(&out, f, horizon)
	return out, nil
}

// ahead looks at whole months of the past, by what sets their cost.
type ahead struct {
	view   estate.View
	in     ForecastIn
	book   *costs.Book
	rates  *costs.Rates
	months []model.Date
	lines  []*costs.Line
	rest   []*costs.Line
	// contracts and teams set the cost of lines. Their values are the parts of their cost that the lines have: all of it, unless lines were chosen.
	contracts map[*model.Contract]float64
	teams     map[*model.Team]float64
	// loose are contracts whose lines cost much more or less than they say.
	loose []practice.Finding
}

func newAhead(v estate.View, in ForecastIn) *ahead {
	a := &ahead{view: v, in: in, book: costs.Of(v), contracts: map[*model.Contract]float64{}, teams: map[*model.Team]float64{}}
	a.rates = costs.NewRates(v, a.book.Currency)
	a.lines = pick(a.book.Lines, func(l *costs.Line) bool {
		return costs.LastDay(l.Month) < v.At() && (in.Service == "" || strings.EqualFold(l.Value("ServiceName"), in.Service))
	})
	if !in.For.IsZero() {
		a.lines = belonging(a.lines, in.For)
	}
	if len(a.lines) == 0 {
		return a
	}
	first, last := a.lines[0].Month, a.lines[len(a.lines)-1].Month
	for m := first; m <= last; m = m.AddMonths(1) {
		a.months = append(a.months, m)
	}
	a.split(last)
	return a
}

// recentMonths is how many of the last months say what a contract or a team costs now.
const recentMonths = 3

// split takes the lines apart whose cost a contract or the positions of a team set.
func (a *ahead) split(last model.Date) {
	if a.in.Plain {
		a.rest = a.lines
		return
	}
	first := max(last.AddMonths(1-recentMonths), a.months[0])
	months := monthsBetween(first, last)
	// What all lines and the chosen ones of each contract and team cost lately.
	all, chosen := map[any]float64{}, map[any]float64{}
	for _, l := range a.book.Between(first, last) {
		if by := a.setBy(l); by != nil {
			all[by] += l.Amount(a.measure()).Float()
		}
	}
	for _, l := range a.lines {
		if by := a.setBy(l); by != nil && l.Month >= first {
			chosen[by] += l.Amount(a.measure()).Float()
		}
	}
	loose := map[any]bool{}
	for by, cost := range all {
		contract, ok := by.(*model.Contract)
		said := 0.0
		if ok {
			m, _ := a.rates.Convert(contract.AnnualCost, a.view.At())
			said = m.Float()
		}
		if run := cost / float64(months) * 12; ok && cost > 0 && math.Abs(run-said) > said*mostLoose {
			loose[by] = true
			a.loose = append(a.loose, practice.Finding{Severity: practice.Low, About: practice.To(contract), Text: fmt.Sprintf("%s says %s a year and its lines of late make %.0f %s: it is forecast from its own past.", contract.Title(), contract.AnnualCost, run, a.book.Currency)})
		}
	}
	slices.SortFunc(a.loose, func(x, y practice.Finding) int { return strings.Compare(x.About.Key, y.About.Key) })
	for _, l := range a.lines {
		by := a.setBy(l)
		if by == nil || loose[by] {
			a.rest = append(a.rest, l)
			continue
		}
		part := 0.0
		if all[by] > 0 {
			part = min(max(chosen[by]/all[by], 0), 1)
		}
		if part == 0 {
			continue
		}
		switch by := by.(type) {
		case *model.Contract:
			a.contracts[by] = part
		case *model.Team:
			a.teams[by] = part
		}
	}
}

// mostLoose is by which part the lines of a contract may differ from what it says, and it still sets their cost.
const mostLoose = 0.2

// setBy returns the contract or the team that sets the cost of a line, or nil.
func (a *ahead) setBy(l *costs.Line) any {
	known := func(m model.Money) bool {
		_, ok := a.rates.Convert(m, a.view.At())
		return ok && m.Sign() > 0
	}
	if c, ok := estate.Look[*model.Contract](a.view, l.Contract); ok && known(c.AnnualCost) {
		return c
	}
	if owner, ok := l.Owner(); ok {
		if t, ok := estate.Look[*model.Team](a.view, owner); ok && t.Headcount > 0 && known(t.CostPerPosition) {
			return t
		}
	}
	return nil
}

func (a *ahead) measure() costs.Measure { return cmp.Or(a.in.Measure, costs.Effective) }

// values returns the cost of lines month by month.
func (a *ahead) values(lines []*costs.Line) []float64 {
	out := make([]float64, len(a.months))
	sums := make([]facts.Sum, len(a.months))
	for _, l := range lines {
		sums[monthsBetween(a.months[0], l.Month)-1].AddSum(l.Amount(a.measure()))
	}
	for i := range sums {
		out[i] = sums[i].Float()
	}
	return out
}

// contracted returns what contracts cost in a month.
func (a *ahead) contracted(month model.Date) float64 {
	total := 0.0
	for _, c := range a.contractsInOrder() {
		if !c.End.IsZero() && c.End < month && (c.AutoRenew == 0 || !c.NoticeGiven.IsZero()) {
			continue
		}
		if m, ok := a.rates.Convert(c.AnnualCost, a.view.At()); ok {
			total += m.Float() / 12 * a.contracts[c]
		}
	}
	return total
}

// positions returns what the positions of teams cost in a month.
func (a *ahead) positions() float64 {
	total := 0.0
	for t, part := range a.teams {
		if m, ok := a.rates.Convert(t.CostPerPosition, a.view.At()); ok {
			total += m.Float() * t.Headcount / 12 * part
		}
	}
	return total
}

func (a *ahead) fill(out *ForecastOut, f forecast.Forecast, horizon int) {
	money := func(x float64) model.Money {
		m, err := model.NewMoney(fmt.Sprintf("%.4f", x), cmp.Or(a.book.Currency, costs.NoCurrency))
		if err != nil {
			return model.Money{}
		}
		return roundMoney(m)
	}
	past := a.values(a.lines)
	actual, mean, low, high := practice.Line{Name: "Actual"}, practice.Line{Name: "Expected"}, practice.Line{Name: "Low (80 %)"}, practice.Line{Name: "High (80 %)"}
	for i, m := range a.months {
		actual.Points = append(actual.Points, practice.Point{At: m, Value: money(past[i]).Float()})
	}
	expected := 0.0
	month := a.months[len(a.months)-1]
	for i, p := range f.Points {
		month = month.AddMonths(1)
		fixed := a.contracted(month) + a.positions()
		expected += p.Mean + fixed
		for _, one := range []struct {
			line  *practice.Line
			value float64
		}{{&mean, p.Mean + fixed}, {&low, p.Low80 + fixed}, {&high, p.High80 + fixed}} {
			one.line.Points = append(one.line.Points, practice.Point{At: month, Value: money(one.value).Float()})
		}
		out.Table.Rows = append(out.Table.Rows, ForecastRow{
			month, money(p.Mean + fixed), money(p.Low80 + fixed), money(p.High80 + fixed), money(p.Low95 + fixed), money(p.High95 + fixed),
			money(a.contracted(month)), money(a.positions()), money(f.Points[i].Mean),
		})
	}
	out.Months = practice.Series{Unit: a.book.Currency, Lines: []practice.Line{actual, mean, low, high}}
	n := min(horizon, len(past))
	before := 0.0
	for _, x := range past[len(past)-n:] {
		before += x
	}
	from := loadsOf(a.lines)
	out.Expected = moneyFigure(money(expected), from, practice.Count(horizon, "month ahead.", "months ahead."))
	out.Past = moneyFigure(money(before), from, practice.Count(n, "month before.", "months before."))
	out.Change = practice.Figure{Unit: "%", Better: practice.Lower, Unknown: before <= 0 || n < horizon, From: from}
	if !out.Change.Unknown {
		out.Change.Value = oneDecimal((expected/before - 1) * 100)
	} else {
		out.Change.Note = "The past is shorter than what is forecast."
	}
	a.tell(out, f)
}

// tell says what makes the forecast uncertain.
func (a *ahead) tell(out *ForecastOut, f forecast.Forecast) {
	out.Findings = append(bookFindings(a.book), a.loose...)
	if last := a.months[len(a.months)-1]; costs.LastDay(last.AddMonths(1)) < a.view.At() {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("The last month with lines is %s: the forecast begins after it. Import the bills since then.", last.String()[:7])})
	}
	for _, c := range a.contractsInOrder() {
		last := out.Table.Rows[len(out.Table.Rows)-1].Month
		if !c.End.IsZero() && c.End < last && c.AutoRenew > 0 && c.NoticeGiven.IsZero() {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: practice.To(c), Text: fmt.Sprintf("%s ends on %s: the forecast takes it that it goes on.", c.Title(), c.End)})
		}
	}
	if f.Method == forecast.Drift {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: "The history is short: the ranges are wide and the season is not known."})
	}
}

func (a *ahead) contractsInOrder() []*model.Contract {
	out := make([]*model.Contract, 0, len(a.contracts))
	for c := range a.contracts {
		out = append(out, c)
	}
	slices.SortFunc(out, func(x, y *model.Contract) int { return strings.Compare(x.Key, y.Key) })
	return out
}
