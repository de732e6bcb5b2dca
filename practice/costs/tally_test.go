package costs_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
	"binnacle/practice/practicetest"
)

func conversion(t testing.TB) *costs.Conversion {
	snap, err := practicetest.Estate("- {kind: FiscalCalendar, key: books, currency: EUR, first_month: 1}\n- {kind: ExchangeRate, key: usd, currency: USD, costs: 0.9 EUR, on: 2026-01-01}\n")
	if err != nil {
		t.Fatal(err)
	}
	return costs.NewConversion(snap.View(model.MustDate("2027-01-01")), "")
}

// 10 EUR and 10 USD at 0.9 are 19 EUR; what has no rate is in no sum and is counted.
func TestTally(t *testing.T) {
	c, day := conversion(t), model.MustDate("2026-06-01")
	a, b := practice.Link{ID: practicetest.IDOf(1)}, practice.Link{ID: practicetest.IDOf(2)}
	var sum costs.Tally
	if sum.Known() || !sum.Money(c).IsZero() || !sum.Figure(c, practice.Lower, "nothing").Unknown {
		t.Error("an empty tally knows something")
	}
	for _, m := range []string{"10 EUR", "10 USD", "5 CHF"} {
		sum.Add(c, model.MustMoney(m), day, a)
	}
	sum.Add(c, model.Money{}, day, b)
	sum.AddExact(big.NewRat(0, 1), b)
	sum.AddExact(big.NewRat(0, 1), a)
	f := sum.Figure(c, practice.Lower, "nothing")
	if got := sum.Money(c).String(); got != "19 EUR" || sum.Lost() != 1 || f.Note != "1 amount is not in it, because there is no exchange rate to EUR" || len(f.From) != 2 {
		t.Errorf("the sum is %s without %d amounts: %+v", got, sum.Lost(), f)
	}
	// 19 / 8 = 2.375, which rounds half to even to 2.38.
	if got := sum.Per(c, 8).String(); got != "2.38 EUR" {
		t.Errorf("an eighth is %s, want 2.38 EUR", got)
	}
	if !sum.Per(c, 0).IsZero() {
		t.Error("something was divided by nothing")
	}
	var rest costs.Tally
	rest.Join(&sum)
	rest.Less(&sum)
	if rest.Sign() != 0 || rest.Lost() != 2 {
		t.Errorf("a sum without itself is %s", rest.Money(c))
	}
}

// The parts of an amount are together what the whole is, to the cent.
func TestSharesReconcile(t *testing.T) {
	c := conversion(t)
	rapid.Check(t, func(t *rapid.T) {
		m, err := model.NewMoney(big.NewRat(rapid.Int64Range(1, 1e9).Draw(t, "cents"), 100).FloatString(2), "EUR")
		if err != nil {
			t.Fatal(err)
		}
		parts := rapid.IntRange(1, 40).Draw(t, "parts")
		var sum costs.Tally
		for range parts {
			sum.AddShare(c, m, parts, 0, practice.Link{})
		}
		if got := sum.Money(c); !got.Equal(m) {
			t.Fatalf("%d parts of %s are %s", parts, m, got)
		}
	})
}
