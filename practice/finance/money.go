package finance

import (
	"fmt"
	"math"
	"math/big"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice/costs"
	"binnacle/practice/finance/allocate"
)

// roundMoney returns money rounded half to even to the smallest unit of its currency. It is for sentences and statements, not for sums.
func roundMoney(m model.Money) model.Money {
	if m.IsZero() {
		return m
	}
	n, _ := sumOf(facts.Of(m)).Minor(costs.Places(m.Currency()))
	return minorMoney(n, m.Currency())
}

// minorMoney returns money of a number of smallest units of a currency.
func minorMoney(n *big.Int, currency string) model.Money {
	var d apd.Decimal
	d.Coeff.SetMathBigInt(new(big.Int).Abs(n))
	d.Negative = n.Sign() < 0
	d.Exponent = -costs.Places(currency)
	m, err := model.NewMoney(d.Text('f'), currency)
	if err != nil {
		return model.Money{}
	}
	return m
}

func sumOf(d facts.Decimal) facts.Sum {
	var s facts.Sum
	s.Add(d)
	return s
}

// fraction returns amount × times / of, to 34 digits and at most 18 places after the point.
func fraction(amount facts.Sum, times, of facts.Decimal) facts.Sum {
	var a, b, c, out apd.Decimal
	for _, one := range []struct {
		to   *apd.Decimal
		text string
	}{{&a, amount.String()}, {&b, times.String()}, {&c, of.String()}} {
		if _, _, err := one.to.SetString(one.text); err != nil {
			return facts.Sum{}
		}
	}
	if c.IsZero() {
		return facts.Sum{}
	}
	wide := apd.BaseContext.WithPrecision(200)
	if _, err := wide.Mul(&a, &a, &b); err != nil {
		return facts.Sum{}
	}
	if _, err := apd.BaseContext.WithPrecision(34).Quo(&out, &a, &c); err != nil {
		return facts.Sum{}
	}
	d, err := facts.ParseDecimal(out.Text('f'))
	if err != nil {
		return facts.Sum{}
	}
	return sumOf(costs.RoundTo(d, 18))
}

// number makes a decimal of a number that people gave, such as the part of a share.
func number(f float64) facts.Decimal {
	var d apd.Decimal
	if _, err := d.SetFloat64(f); err != nil || d.Form != apd.Finite {
		return facts.NewDecimal(0, 0)
	}
	out, err := facts.ParseDecimal(d.Text('f'))
	if err != nil {
		return facts.NewDecimal(0, 0)
	}
	return out
}

func integer(n int) facts.Decimal { return facts.NewDecimal(int64(n), 0) }

// shareOut splits an amount into the parts of shares. The last part takes what is left, so that nothing is lost.
func shareOut(amount facts.Sum, shares []costs.Share) []facts.Sum {
	var total facts.Sum
	for _, s := range shares {
		total.Add(number(s.Weight))
	}
	out := make([]facts.Sum, len(shares))
	rest := amount
	for i, s := range shares[:len(shares)-1] {
		out[i] = fraction(amount, number(s.Weight), total.Decimal())
		rest.Sub(out[i])
	}
	out[len(out)-1] = rest
	return out
}

// allocateTo makes whole minor units of sums that add up to a whole, each rounded down or up.
func allocateTo(sums []facts.Sum, whole int64, places int32) ([]int64, error) {
	minor, _, err := allocate.Minor(sums, places)
	if err != nil {
		return nil, err
	}
	left := whole
	for _, n := range minor {
		left -= n
	}
	for ; left != 0 && len(minor) > 0; left -= step(left) {
		best, most := 0, math.Inf(-1)
		for i, n := range minor {
			rest := sums[i]
			rest.Sub(sumOf(facts.NewDecimal(n, uint8(places))))
			if away := rest.Float() * float64(step(left)); away > most {
				best, most = i, away
			}
		}
		minor[best] += step(left)
	}
	return minor, nil
}

func step(n int64) int64 {
	if n < 0 {
		return -1
	}
	return 1
}

// oneDecimal rounds a number to one place, half away from 0.
func oneDecimal(f float64) float64 { return math.Round(f*10) / 10 }

// divide returns money divided by a number, rounded to the units of its currency or, where that is less than one of the currency, to four digits that count.
func divide(m model.Money, by float64) model.Money {
	if by == 0 || m.IsZero() {
		return model.Money{}
	}
	q := fraction(sumOf(facts.Of(m)), integer(1), number(by))
	exact, err := q.Money(m.Currency())
	if err != nil {
		return model.Money{}
	}
	if x := math.Abs(q.Float()); x == 0 || x >= 1 {
		return roundMoney(exact)
	}
	text := fmt.Sprintf("%.*f", digitsAfter(q.Float(), 4), q.Float())
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	out, err := model.NewMoney(text, m.Currency())
	if err != nil {
		return roundMoney(exact)
	}
	return out
}

// digitsAfter returns how many places a number below 1 needs so that it shows some digits that count.
func digitsAfter(f float64, digits int) int {
	return min(max(digits-1-int(math.Floor(math.Log10(math.Abs(f)))), 2), 18)
}
