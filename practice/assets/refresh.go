package assets

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// RefreshIn says how far ahead replacements are planned.
type RefreshIn struct {
	// Quarters is how many calendar quarters are shown, the one of the date among them. The default is 8.
	Quarters int `min:"1" max:"80"`
	// Life is after how many months hardware is replaced that has no useful life and no end of life of its own. Without it the end of the warranty counts.
	Life int `min:"1" max:"600" unit:"months"`
	// Category limits the plan to one sort of hardware, such as laptop.
	Category string
	// Rise is by how many percent prices rise in a year. The default is that they do not.
	Rise model.Percent `min:"0" max:"100" unit:"%"`
}

// RefreshOut is what is to be replaced, and when.
type RefreshOut struct {
	// Overdue is how many assets in use should have been replaced already.
	Overdue practice.Figure
	// Planned is how many are to be replaced in the quarters shown, those that are overdue among them.
	Planned practice.Figure
	// Cost is what that costs.
	Cost practice.Figure
	// Undated is how many assets in use nobody knows the end of.
	Undated practice.Figure
	// Chart shows the cost of each quarter.
	Chart practice.Series
	// Quarters are the calendar quarters with their cost. What is overdue counts in the first one.
	Quarters practice.Table[QuarterRow]
	// Table lists the assets in the order in which they are to be replaced.
	Table practice.Table[RefreshRow]
}

// QuarterRow is what is to be replaced in a quarter, in one currency.
type QuarterRow struct {
	// Quarter is the calendar quarter.
	Quarter string
	// Assets is how many assets are to be replaced.
	Assets int
	// Unpriced is how many of them nobody knows a price of.
	Unpriced int
	// Cost is what that costs.
	Cost model.Money
	// From are the assets.
	From []practice.Link
}

// RefreshRow is an asset that is to be replaced.
type RefreshRow struct {
	// Asset is the record.
	Asset practice.Link
	// Name is what it is called.
	Name string
	// Category is the sort of hardware.
	Category string
	// On is the day by which it is to be replaced.
	On model.Date
	// Why says what that day follows from.
	Why string
	// Cost is what another one costs.
	Cost model.Money
	// Like is the asset whose price that is, the last one of its model that was bought.
	Like practice.Link
	// Holder is who has it.
	Holder practice.Link
	// Criticality says how critical the most critical thing on it is.
	Criticality model.Criticality
}

// Refresh plans the replacement of the hardware in use: on its end of life, or else
// when its useful life is over, or else with its warranty. Another one costs what the
// last one of the same maker and model cost, with the rise of prices until then.
func Refresh(v estate.View, in RefreshIn) (RefreshOut, error) {
	var out RefreshOut
	last := lastBought(v)
	first := quarterStart(v.At())
	quarters := cmp.Or(in.Quarters, 8)
	horizon := first.AddMonths(3 * quarters)
	var overdue, planned, undated []practice.Link
	var costs []model.Money
	for a := range estate.Each[*model.Asset](v) {
		if a.State != "in_use" && a.State != "in_repair" || in.Category != "" && !strings.EqualFold(in.Category, a.Category) {
			continue
		}
		on, why := endOf(a, in.Life)
		if on.IsZero() {
			undated = append(undated, practice.To(a))
			continue
		}
		if on >= horizon {
			continue
		}
		row := RefreshRow{Asset: practice.To(a), Name: a.Title(), Category: a.Category, On: on, Why: why, Holder: link(v, a.AssignedTo)}
		like := a
		if l := last[modelOf(a)]; l != nil {
			like = l
		}
		if !like.Price.IsZero() {
			row.Cost, row.Like = risen(like.Price, in.Rise, max(on, v.At())-v.At()), practice.To(like)
		}
		if !a.Is.IsZero() {
			row.Criticality = criticalityBehind(v, a.Is)
		}
		if on < v.At() {
			overdue = append(overdue, row.Asset)
		}
		planned, costs = append(planned, row.Asset), append(costs, row.Cost)
		out.Table.Rows = append(out.Table.Rows, row)
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b RefreshRow) int {
		return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(model.Rank(b.Criticality), model.Rank(a.Criticality)), cmp.Compare(a.Asset.Key, b.Asset.Key))
	})
	out.Overdue = practice.Counted("assets", practice.Lower, overdue)
	out.Planned = practice.Counted("assets", practice.Neither, planned)
	out.Undated = practice.Counted("assets", practice.Lower, undated)
	out.Cost = practice.SumOf("", practice.Neither, costs, planned)
	return out, out.spread(first, quarters)
}

// spread adds the replacements up by quarter.
func (out *RefreshOut) spread(first model.Date, quarters int) error {
	t := newTally()
	for _, r := range out.Table.Rows {
		if err := t.add(max(r.On, first).Quarter(), r.Asset, r.Cost); err != nil {
			return err
		}
	}
	slices.SortStableFunc(t.order, func(a, b *tallied) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.currency, b.currency))
	})
	lines := map[string]int{}
	for _, r := range t.order {
		row := QuarterRow{Quarter: r.name, Assets: len(r.from), Cost: r.sums[0], From: r.from}
		if r.currency == "" {
			row.Unpriced = row.Assets
		} else if _, ok := lines[r.currency]; !ok {
			lines[r.currency] = len(out.Chart.Lines)
			line := practice.Line{Name: "Cost in " + r.currency}
			for q := range quarters {
				day := first.AddMonths(3 * q)
				line.Points = append(line.Points, practice.Point{At: day, Label: day.Quarter()})
			}
			out.Chart.Lines = append(out.Chart.Lines, line)
		}
		if at, ok := lines[r.currency]; ok {
			points := out.Chart.Lines[at].Points
			i := slices.IndexFunc(points, func(p practice.Point) bool { return p.Label == r.name })
			points[i].Value, points[i].From = row.Cost.Float(), row.From
		}
		out.Quarters.Rows = append(out.Quarters.Rows, row)
	}
	return nil
}

// endOf returns the day by which an asset is to be replaced, and what it follows from.
func endOf(a *model.Asset, life int) (model.Date, string) {
	from := firstUse(a)
	switch {
	case !a.EndOfLife.IsZero():
		return a.EndOfLife, "end of life"
	case a.UsefulLife > 0 && !from.IsZero():
		return from.AddMonths(a.UsefulLife), fmt.Sprintf("useful life of %s", practice.Count(a.UsefulLife, "month", "months"))
	case life > 0 && !from.IsZero():
		return from.AddMonths(life), fmt.Sprintf("assumed life of %s", practice.Count(life, "month", "months"))
	case !a.WarrantyEnd.IsZero():
		return a.WarrantyEnd, "end of the warranty"
	}
	return 0, ""
}

func modelOf(a *model.Asset) string {
	if a.Model == "" {
		return ""
	}
	return strings.ToLower(a.Manufacturer + "\x00" + a.Model)
}

// lastBought finds the asset of each model that was bought last and has a price.
func lastBought(v estate.View) map[string]*model.Asset {
	out := map[string]*model.Asset{}
	for a := range estate.Each[*model.Asset](v) {
		name := modelOf(a)
		if best := out[name]; name != "" && !a.Price.IsZero() && (best == nil || a.Purchased > best.Purchased) {
			out[name] = a
		}
	}
	return out
}

func quarterStart(day model.Date) model.Date {
	t := day.Time()
	return model.NewDate(t.Year(), (t.Month()-1)/3*3+1, 1)
}

// risen returns a price after some days in which prices rise by so many percent a year, in whole cents. Within a year it rises evenly.
func risen(price model.Money, rise model.Percent, days model.Date) model.Money {
	if rise == 0 || days <= 0 {
		return price
	}
	yearly := new(big.Rat).Quo(new(big.Rat).SetFloat64(float64(rise)), big.NewRat(100, 1))
	one, factor := big.NewRat(1, 1), big.NewRat(1, 1)
	for ; days >= 365; days -= 365 {
		factor.Mul(factor, new(big.Rat).Add(one, yearly))
	}
	factor.Mul(factor, new(big.Rat).Add(one, yearly.Mul(yearly, big.NewRat(int64(days), 365))))
	share, err := facts.ParseDecimal(factor.FloatString(12))
	if err != nil {
		return price
	}
	var sum facts.Sum
	sum.Add(facts.Of(price).Mul(share))
	n, _ := sum.Minor(2)
	d, err := facts.ParseDecimal(n.String() + "e-2")
	if err != nil {
		return price
	}
	m, err := d.Money(price.Currency())
	if err != nil {
		return price
	}
	return m
}
