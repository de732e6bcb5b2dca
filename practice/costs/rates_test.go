package costs_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice/costs"
)

func rate(currency, price, on string) *model.ExchangeRate {
	return &model.ExchangeRate{Currency: currency, Costs: model.MustMoney(price), On: model.MustDate(on)}
}

func published() []*model.ExchangeRate {
	return []*model.ExchangeRate{
		rate("USD", "0.92 EUR", "2026-03-02"),
		rate("USD", "0.91 EUR", "2026-03-05"),
		rate("GBP", "1.17 EUR", "2026-03-03"),
		rate("EUR", "160 JPY", "2026-03-01"),
		rate("CHF", "1.10 USD", "2026-03-01"),
		rate("XXX", "0 EUR", "2026-03-01"),
	}
}

func TestRateOfADay(t *testing.T) {
	for _, c := range []struct {
		name   string
		amount string
		to     string
		day    string
		want   string
		rate   string
	}{
		{"of the day", "100 USD", "EUR", "2026-03-02", "92.00 EUR", "1 USD = 0.92 EUR of 2026-03-02"},
		{"the last one before", "100 USD", "EUR", "2026-03-04", "92.00 EUR", "1 USD = 0.92 EUR of 2026-03-02"},
		{"the next one", "100 USD", "EUR", "2026-03-05", "91.00 EUR", "1 USD = 0.91 EUR of 2026-03-05"},
		{"for ever after", "100 USD", "EUR", "2030-01-01", "91.00 EUR", "1 USD = 0.91 EUR of 2026-03-05"},
		{"inverse: 100 / 0.92 = 108.6956", "100 EUR", "USD", "2026-03-03", "108.70 USD", "1 USD = 0.92 EUR of 2026-03-02"},
		{"cross: 100 × 0.92 / 1.17 = 78.6324", "100 USD", "GBP", "2026-03-04", "78.63 GBP", "1 USD = 0.92 EUR of 2026-03-02, 1 GBP = 1.17 EUR of 2026-03-03"},
		{"no units smaller than one yen: 10.01 × 0.92 × 160 = 1473.472", "10.01 USD", "JPY", "2026-03-04", "1473 JPY", "1 USD = 0.92 EUR of 2026-03-02, 1 EUR = 160 JPY of 2026-03-01"},
		{"from yen", "1600 JPY", "EUR", "2026-03-04", "10.00 EUR", "1 EUR = 160 JPY of 2026-03-01"},
		{"through the dollar: 100 × 1.10 × 0.91", "100 CHF", "EUR", "2026-03-05", "100.10 EUR", "1 CHF = 1.10 USD of 2026-03-01, 1 USD = 0.91 EUR of 2026-03-05"},
		{"the same currency", "12.34 EUR", "EUR", "1999-01-01", "12.34 EUR", "1 EUR = 1 EUR"},
		{"half to even: 0.5 × 0.91 = 0.455", "0.5 USD", "EUR", "2026-03-05", "0.46 EUR", "1 USD = 0.91 EUR of 2026-03-05"},
		{"half to even: 1.5 × 0.91 = 1.365", "1.5 USD", "EUR", "2026-03-05", "1.36 EUR", "1 USD = 0.91 EUR of 2026-03-05"},
		{"a credit", "-1.5 USD", "EUR", "2026-03-05", "-1.36 EUR", "1 USD = 0.91 EUR of 2026-03-05"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, used, err := costs.NewRateTable(published(), "EUR").Convert(model.MustMoney(c.amount), c.to, model.MustDate(c.day))
			if err != nil {
				t.Fatal(err)
			}
			if !got.Equal(model.MustMoney(c.want)) || used.String() != c.rate {
				t.Errorf("%s is %s by %q, want %s by %q", c.amount, got, used, c.want, c.rate)
			}
		})
	}
}

func TestNoRate(t *testing.T) {
	rates := costs.NewRateTable(published(), "EUR")
	for _, c := range []struct{ from, to, day string }{{"USD", "EUR", "2026-03-01"}, {"USD", "SEK", "2026-03-05"}, {"XXX", "EUR", "2026-03-05"}} {
		_, err := rates.On(c.from, c.to, model.MustDate(c.day))
		if err == nil || !strings.Contains(err.Error(), "from "+c.from+" to "+c.to+" on or before "+c.day) {
			t.Errorf("%v: %v", c, err)
		}
	}
}

// The books are in pounds, and the European Central Bank says what everything costs in euros: the way goes through the euro.
func TestThroughAnotherCurrency(t *testing.T) {
	r, err := costs.NewRateTable(published(), "GBP").On("USD", "GBP", model.MustDate("2026-03-05"))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Steps) != 2 || r.Steps[0].Inverse || !r.Steps[1].Inverse || r.On != model.MustDate("2026-03-03") {
		t.Errorf("got %s on %s: %+v", r, r.On, r.Steps)
	}
	if want := "0.777777777777777777777777777778"; r.Value().String() != want {
		t.Errorf("0.91 / 1.17 is %s, want %s", r.Value(), want)
	}
}

// Where a rate and its inverse were both published, the later counts; of one day, the publisher whose name comes first.
func TestWhichRateCounts(t *testing.T) {
	a, b := rate("USD", "0.90 EUR", "2026-01-01"), rate("USD", "0.80 EUR", "2026-01-01")
	a.Publisher, b.Publisher = "Bank B", "Bank A"
	for _, records := range [][]*model.ExchangeRate{{a, b}, {b, a}} {
		r, err := costs.NewRateTable(records, "EUR").On("USD", "EUR", model.MustDate("2026-01-01"))
		if err != nil || r.Value().String() != "0.8" {
			t.Errorf("got %v %v, want the rate of Bank A", r, err)
		}
	}
	later := rate("EUR", "2 USD", "2026-01-02")
	r, err := costs.NewRateTable([]*model.ExchangeRate{a, later}, "EUR").On("USD", "EUR", model.MustDate("2026-01-03"))
	if err != nil || r.Value().String() != "0.5" {
		t.Errorf("got %v %v, want half", r, err)
	}
}

// Sums are converted without loss: the parts together are worth what the whole is.
func TestConversionLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := facts.NewDecimal(rapid.Int64Range(-1e15, 1e15).Draw(t, "a"), uint8(rapid.IntRange(0, 10).Draw(t, "places")))
		b := facts.NewDecimal(rapid.Int64Range(-1e15, 1e15).Draw(t, "b"), uint8(rapid.IntRange(0, 10).Draw(t, "places")))
		r, err := costs.NewRateTable(published(), "EUR").On("USD", "JPY", model.MustDate("2026-03-05"))
		if err != nil {
			t.Fatal(err)
		}
		var whole, parts facts.Sum
		whole.Add(a)
		whole.Add(b)
		parts.Add(r.Convert(a))
		parts.Add(r.Convert(b))
		if got := r.Convert(whole.Decimal()); got.Cmp(parts.Decimal()) != 0 {
			t.Fatalf("%s is not %s", got, parts)
		}
		there, _ := costs.NewRateTable(published(), "EUR").On("GBP", "EUR", model.MustDate("2026-03-05"))
		again, _ := costs.NewRateTable(published(), "EUR").On("EUR", "GBP", model.MustDate("2026-03-05"))
		if got := costs.Round(again.Convert(there.Convert(a)), "GBP"); got.Cmp(costs.Round(a, "GBP")) != 0 {
			t.Fatalf("there and back %s is %s", a, got)
		}
	})
}
