package suppliers_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/practice/suppliers"
)

func costs(annual string) func(*model.Contract) {
	return func(c *model.Contract) { c.AnnualCost = model.MustMoney(annual) }
}
func rises(percent model.Percent) func(*model.Contract) {
	return func(c *model.Contract) { c.Indexation = percent }
}
func priced(from, amount string, quantity float64, unit string, per model.PricePeriod) func(*model.Contract) {
	return func(c *model.Contract) {
		c.Prices = append(c.Prices, model.PriceStep{From: day(from), Amount: model.MustMoney(amount), Quantity: quantity, Unit: unit, Per: per})
	}
}

// TestCostOnADay holds prices that were worked out by hand.
func TestCostOnADay(t *testing.T) {
	for _, c := range []struct {
		name string
		c    *model.Contract
		on   string
		want string
	}{
		{"agreed for a year", contract("2024-01-01", "", costs("12000 EUR")), "2026-11-22", "12000.00 EUR"},
		{"nobody knows", contract("2024-01-01", ""), "2026-11-22", ""},
		{"by amendment, from its day", contract("2024-01-01", "", costs("12000 EUR"), amended(model.ContractAmendment{On: day("2026-01-01"), AnnualCost: model.MustMoney("15000 EUR")})), "2026-01-01", "15000.00 EUR"},
		{"by amendment, the day before", contract("2024-01-01", "", costs("12000 EUR"), amended(model.ContractAmendment{On: day("2026-01-01"), AnnualCost: model.MustMoney("15000 EUR")})), "2025-12-31", "12000.00 EUR"},
		// 100 users at 12.50 a month: 100 × 12.50 × 12 = 15,000. It takes the place of the cost that was agreed for a year.
		{"by the month and user", contract("2024-01-01", "", costs("1 EUR"), priced("2024-01-01", "12.50 EUR", 100, "user", "month")), "2026-11-22", "15000.00 EUR"},
		// From 2026 on 120 users at 13: 120 × 13 × 12 = 18,720, and support for 500 a quarter: 2,000.
		{"two units, one with a second step", contract("2024-01-01", "", priced("2024-01-01", "12.50 EUR", 100, "user", "month"), priced("2026-01-01", "13 EUR", 120, "User", "month"), priced("2024-01-01", "500 EUR", 0, "support", "quarter")), "2026-11-22", "20720.00 EUR"},
		{"what is paid once is not in a year", contract("2024-01-01", "", costs("1200 EUR"), priced("2024-01-01", "9000 EUR", 1, "set-up", "once")), "2026-11-22", "1200.00 EUR"},
		// 10,000 × 1.03 = 10,300 from 2025, × 1.03 = 10,609 from 2026.
		{"three percent at two anniversaries", contract("2024-03-15", "", costs("10000 EUR"), rises(3)), "2026-03-15", "10609.00 EUR"},
		{"a day before the second anniversary", contract("2024-03-15", "", costs("10000 EUR"), rises(3)), "2026-03-14", "10300.00 EUR"},
		// 0.99 × 1.025 = 1.01475, which is 1.01; × 1.025 = 1.03525, which is 1.04. Rounded at each anniversary, as an invoice would be.
		{"rounded at each anniversary", contract("2024-01-01", "", costs("0.99 EUR"), rises(2.5)), "2026-01-01", "1.04 EUR"},
		// A price step of 2026 is new: it rises for the first time in 2027.
		{"a new price begins anew", contract("2024-01-01", "", rises(10), priced("2024-01-01", "100 EUR", 1, "", "year"), priced("2026-01-01", "90 EUR", 1, "", "year")), "2026-11-22", "90.00 EUR"},
		// A contract of 29 February has its anniversary on the 28th in 2025: 100 × 1.1.
		{"anniversary of a leap day", contract("2024-02-29", "", costs("100 EUR"), rises(10)), "2025-02-28", "110.00 EUR"},
	} {
		got, err := suppliers.CostOn(c.c, day(c.on))
		if err != nil || got.String() != c.want {
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
		}
	}
	if _, err := suppliers.CostOn(contract("2024-01-01", "", priced("2024-01-01", "1 EUR", 1, "a", "year"), priced("2024-01-01", "1 USD", 1, "b", "year")), day("2026-01-01")); err == nil {
		t.Error("prices in two currencies were added")
	}
}

// TestCostOverATime holds costs that were worked out by hand.
func TestCostOverATime(t *testing.T) {
	for _, c := range []struct {
		name        string
		c           *model.Contract
		from, until string
		want        string
	}{
		{"a year", contract("2024-01-01", "", costs("12000 EUR")), "2026-01-01", "2026-12-31", "12000.00 EUR"},
		{"a year from the middle of a month", contract("2024-01-01", "", costs("12000 EUR")), "2026-03-15", "2027-03-14", "12000.00 EUR"},
		{"a month", contract("2024-01-01", "", costs("12000 EUR")), "2026-02-01", "2026-02-28", "1000.00 EUR"},
		// Nine of thirty days of November: 1,000 × 9/30 = 300. December: 1,000.
		{"from 22 November to the end of the year", contract("2024-01-01", "", costs("12000 EUR")), "2026-11-22", "2026-12-31", "1300.00 EUR"},
		{"one day of February", contract("2024-01-01", "", costs("12000 EUR")), "2026-02-28", "2026-02-28", "35.71 EUR"},
		// Three months at 1,000 and three at 1,100, since the price rises on 1 July.
		{"over an anniversary", contract("2024-07-01", "", costs("12000 EUR"), rises(10), amended(model.ContractAmendment{On: day("2026-01-01"), AnnualCost: model.MustMoney("12000 EUR")})), "2026-04-01", "2026-09-30", "6300.00 EUR"},
		{"with what is paid once", contract("2024-01-01", "", costs("12000 EUR"), priced("2026-02-10", "500 EUR", 2, "training", "once")), "2026-02-01", "2026-02-28", "2000.00 EUR"},
		{"what is paid once, before", contract("2024-01-01", "", costs("12000 EUR"), priced("2026-01-31", "500 EUR", 2, "training", "once")), "2026-02-01", "2026-02-28", "1000.00 EUR"},
	} {
		got, err := suppliers.CostOver(c.c, day(c.from), day(c.until))
		if err != nil || got.String() != c.want {
			t.Errorf("%s: %q, %v, want %q", c.name, got, err, c.want)
		}
	}
}

// TestOutstanding says what is still to be paid when one leaves.
func TestOutstanding(t *testing.T) {
	c := contract("2024-01-01", "2026-12-31", costs("12000 EUR"))
	for _, w := range []struct{ committed, exit, want string }{
		// 300 for the rest of November and 1,000 for December.
		{"", "2026-12-31", "1300.00 EUR"},
		// 24,000 a year are to be bought at least: twice as much.
		{"24000 EUR", "2026-12-31", "2600.00 EUR"},
		{"6000 EUR", "2026-12-31", "1300.00 EUR"},
		{"", "", ""},
		{"", "2026-11-21", ""},
	} {
		c.Committed = model.Money{}
		if w.committed != "" {
			c.Committed = model.MustMoney(w.committed)
		}
		got, err := suppliers.Outstanding(c, day("2026-11-22"), day(w.exit))
		if err != nil || got.String() != w.want {
			t.Errorf("at least %q until %s: %q, %v, want %q", w.committed, w.exit, got, err, w.want)
		}
	}
}

// TestCostOfATimeIsTheCostOfItsParts splits a time at a random day: nothing is lost but the rounding of the cents.
func TestCostOfATimeIsTheCostOfItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := contract("2020-02-29", "", costs(fmt.Sprintf("%d.%02d EUR", rapid.IntRange(0, 1_000_000).Draw(t, "amount"), rapid.IntRange(0, 99).Draw(t, "cents"))), rises(model.Percent(rapid.IntRange(0, 9).Draw(t, "rises"))))
		from := day("2020-02-29") + model.Date(rapid.IntRange(0, 2000).Draw(t, "from"))
		until := from + model.Date(rapid.IntRange(1, 2000).Draw(t, "length"))
		cut := from + model.Date(rapid.IntRange(0, int(until-from)-1).Draw(t, "cut"))
		cost := func(from, until model.Date) float64 {
			m, err := suppliers.CostOver(c, from, until)
			if err != nil {
				t.Fatal(err)
			}
			return m.Float()
		}
		whole, parts := cost(from, until), cost(from, cut)+cost(cut+1, until)
		if d := whole - parts; d > 0.011 || d < -0.011 {
			t.Fatalf("%s to %s costs %.2f, but in two parts %.2f", from, until, whole, parts)
		}
	})
}
