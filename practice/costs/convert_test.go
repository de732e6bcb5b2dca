package costs

import (
	"testing"

	"pgregory.net/rapid"

	"binnacle/facts"
	"binnacle/model"
)

// Dividing whole numbers of two words gives what dividing with 34 digits and rounding to twelve places gives.
func TestQuickDivisionIsExact(t *testing.T) {
	if d, ok := divided(facts.NewDecimal(108, 0), facts.NewDecimal(108, 2)); !ok || d.Cmp(facts.NewDecimal(100, 0)) != 0 {
		t.Fatalf("108 / 1.08 is %s", d)
	}
	rapid.Check(t, func(t *rapid.T) {
		amount := facts.NewDecimal(rapid.Int64Range(-1e12, 1e12).Draw(t, "amount"), uint8(rapid.IntRange(0, 10).Draw(t, "places")))
		price := facts.NewDecimal(rapid.Int64Range(1, 1e9).Draw(t, "price"), uint8(rapid.IntRange(0, 6).Draw(t, "of")))
		quick, ok := divided(amount, price)
		if !ok {
			return
		}
		money, err := price.Money("USD")
		if err != nil {
			t.Fatal(err)
		}
		table := NewRateTable([]*model.ExchangeRate{{Currency: "EUR", Costs: money, On: 1}}, "EUR")
		rate, err := table.On("USD", "EUR", 1)
		if err != nil {
			t.Fatal(err)
		}
		slow := RoundTo(rate.Convert(amount), linePlaces)
		if quick.Cmp(slow) != 0 {
			t.Fatalf("%s / %s is %s and not %s", amount, price, quick, slow)
		}
	})
}
