package practice

import (
	"fmt"
	"math/big"
	"strings"

	"binnacle/facts"
	"binnacle/model"
)

// Depreciation is how the value of one thing falls over the months of its use.
// Amounts are kept in whole cents, as books do, so that the parts always add up
// to what was paid.
type Depreciation struct {
	// Cost is what it cost.
	Cost model.Money
	// Salvage is what it is worth at the end. Unset means nothing.
	Salvage model.Money
	// Method says how the value falls. Unset means in equal parts.
	Method model.DepreciationMethod
	// Months is over how many months the value falls.
	Months int
	// From is the day of the first use. The month that it lies in counts as a whole.
	From model.Date
}

// doubled is the factor of the double declining balance.
var doubled = big.NewRat(2, 1)

// Check reports why the value cannot be told, or nil.
func (d Depreciation) Check() error {
	switch {
	case d.Cost.IsZero():
		return fmt.Errorf("the price is not known")
	case d.From.IsZero():
		return fmt.Errorf("the day of the purchase or of the delivery is not known")
	case d.Months <= 0 && d.Method != "none":
		return fmt.Errorf("the useful life is not known")
	case !d.Salvage.IsZero() && d.Salvage.Currency() != d.Cost.Currency():
		return fmt.Errorf("the price is in %s and the value at the end in %s", d.Cost.Currency(), d.Salvage.Currency())
	case d.Cost.Sign() < 0 || d.Salvage.Sign() < 0:
		return fmt.Errorf("the price or the value at the end is below nothing")
	}
	if !d.Salvage.IsZero() {
		if above, _ := d.Salvage.Cmp(d.Cost); above > 0 {
			return fmt.Errorf("the value at the end is above the price")
		}
	}
	return nil
}

// First returns the first day of the month in which the value begins to fall.
func (d Depreciation) First() model.Date { return firstOfMonth(d.From) }

// Ends returns the last day of the month in which the value has fallen to the
// end, or nothing where it never falls.
func (d Depreciation) Ends() model.Date {
	if d.Method == "none" {
		return 0
	}
	return d.First().AddMonths(d.Months).AddDays(-1)
}

// MonthsBy returns how many months of the use are over at the end of a day. A month is over on its last day.
func (d Depreciation) MonthsBy(day model.Date) int {
	a, b := d.First().Time(), day.AddDays(1).Time()
	return max(0, (b.Year()-a.Year())*12+int(b.Month())-int(a.Month()))
}

// WrittenOff returns by how much the value has fallen after some months.
// The declining methods count years of twelve months from the first one; within a
// year each month has the same part. Cents that do not divide fall to later months.
func (d Depreciation) WrittenOff(months int) (model.Money, error) {
	if err := d.Check(); err != nil {
		return model.Money{}, err
	}
	places := placesOf(d.Cost, d.Salvage)
	cost, salvage := minor(d.Cost, places), minor(d.Salvage, places)
	months = min(max(months, 0), d.Months)
	return money(d.written(cost, salvage, months), places, d.Cost.Currency())
}

// written returns the same in units of the smallest coin.
func (d Depreciation) written(cost, salvage *big.Int, months int) *big.Int {
	whole := new(big.Int).Sub(cost, salvage)
	switch d.Method {
	case "none":
		return new(big.Int)
	case "declining", "declining_then_line":
	default:
		return part(whole, months, d.Months)
	}
	sum := new(big.Int)
	for done := 0; done < months; done += 12 {
		year := min(12, d.Months-done)
		left := new(big.Int).Sub(cost, sum)
		charge := declining(left, salvage, big.NewRat(int64(d.Months), int64(year)), doubled)
		if d.Method == "declining_then_line" {
			if line := part(new(big.Int).Sub(left, salvage), year, d.Months-done); line.Cmp(charge) > 0 {
				charge = line
			}
		}
		sum.Add(sum, part(charge, min(year, months-done), year))
	}
	return sum
}

// BookValue returns what it is worth in the books at the end of a day. Before the first use that is what it cost.
func (d Depreciation) BookValue(day model.Date) (model.Money, error) {
	written, err := d.WrittenOff(d.MonthsBy(day))
	if err != nil {
		return model.Money{}, err
	}
	return d.Cost.Add(written.Neg())
}

// StraightLine returns the depreciation of one period by equal parts, rounded to the cent: (cost - salvage) / life.
func StraightLine(cost, salvage facts.Decimal, life int) (facts.Decimal, error) {
	if err := checkLife(life, 1); err != nil {
		return facts.Decimal{}, err
	}
	whole := new(big.Int).Sub(cents(cost), cents(salvage))
	return decimal(part(whole, 1, life), 2), nil
}

// DecliningBalance returns the depreciation of one period, counted from 1, by a
// fixed part of what is left: what is left times factor / life, and never below the
// salvage. What is left is rounded to the cent in each period. With a factor of 2 it
// is the double declining balance.
func DecliningBalance(cost, salvage facts.Decimal, life, period int, factor *big.Rat) (facts.Decimal, error) {
	if err := checkLife(life, period); err != nil {
		return facts.Decimal{}, err
	}
	if factor.Sign() <= 0 {
		return facts.Decimal{}, fmt.Errorf("the factor is %s: it must be above 0", factor.RatString())
	}
	left, end, charge := cents(cost), cents(salvage), new(big.Int)
	for range period {
		charge = declining(left, end, big.NewRat(int64(life), 1), factor)
		left.Sub(left, charge)
	}
	return decimal(charge, 2), nil
}

func checkLife(life, period int) error {
	if life < 1 || life > 100000 {
		return fmt.Errorf("a life of %d periods cannot be: it must be from 1 to 100000", life)
	}
	if period < 1 || period > life {
		return fmt.Errorf("there is no period %d in a life of %d", period, life)
	}
	return nil
}

// declining returns left × factor / life, at most what is above the salvage and at least nothing.
func declining(left, salvage *big.Int, life, factor *big.Rat) *big.Int {
	exact := new(big.Rat).SetInt(left)
	exact.Mul(exact, factor).Quo(exact, life)
	charge := round(exact)
	if most := new(big.Int).Sub(left, salvage); charge.Cmp(most) > 0 {
		charge = most
	}
	if charge.Sign() < 0 {
		return new(big.Int)
	}
	return charge
}

// part returns a × n / of, rounded.
func part(a *big.Int, n, of int) *big.Int {
	return round(new(big.Rat).SetFrac(new(big.Int).Mul(a, big.NewInt(int64(n))), big.NewInt(int64(of))))
}

// round rounds half away from zero.
func round(r *big.Rat) *big.Int {
	twice := new(big.Int).Mul(r.Num(), big.NewInt(2))
	if r.Sign() < 0 {
		twice.Sub(twice, r.Denom())
	} else {
		twice.Add(twice, r.Denom())
	}
	return twice.Quo(twice, new(big.Int).Mul(r.Denom(), big.NewInt(2)))
}

// coinless are the currencies that have no smaller coin, as ISO 4217 lists them.
const coinless = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"

// placesOf returns how many places after the point amounts are kept with: those of
// the currency, or those that the amounts themselves have where they have more.
func placesOf(amounts ...model.Money) int {
	places := 2
	if strings.Contains(coinless, amounts[0].Currency()) {
		places = 0
	}
	for _, m := range amounts {
		if _, after, found := strings.Cut(m.Amount(), "."); found {
			places = max(places, len(strings.TrimRight(after, "0")))
		}
	}
	return places
}

func minor(m model.Money, places int) *big.Int {
	var s facts.Sum
	s.Add(facts.Of(m))
	n, _ := s.Minor(int32(places))
	return n
}

func cents(d facts.Decimal) *big.Int {
	var s facts.Sum
	s.Add(d)
	n, _ := s.Minor(2)
	return n
}

// digits writes a number of smallest coins with its point.
func digits(n *big.Int, places int) string {
	text := new(big.Int).Abs(n).String()
	if places > 0 {
		for len(text) <= places {
			text = "0" + text
		}
		text = text[:len(text)-places] + "." + text[len(text)-places:]
	}
	if n.Sign() < 0 {
		return "-" + text
	}
	return text
}

func decimal(n *big.Int, places int) facts.Decimal {
	d, _ := facts.ParseDecimal(digits(n, places))
	return d
}

func money(n *big.Int, places int, currency string) (model.Money, error) {
	return model.NewMoney(digits(n, places), currency)
}

func firstOfMonth(day model.Date) model.Date {
	t := day.Time()
	return model.NewDate(t.Year(), t.Month(), 1)
}
