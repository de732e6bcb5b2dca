package practice_test

import (
	"math/big"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

func number(t testing.TB, text string) facts.Decimal {
	t.Helper()
	d, err := facts.ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestStraightLine and TestDecliningBalance hold the figures that spreadsheets publish for SLN and DDB.
func TestStraightLine(t *testing.T) {
	got, err := practice.StraightLine(number(t, "30000"), number(t, "7500"), 10)
	if err != nil || got.String() != "2250" {
		t.Errorf("SLN(30000, 7500, 10) is %s, %v: 2250 is right", got, err)
	}
}

func TestDecliningBalance(t *testing.T) {
	two, oneAndAHalf := big.NewRat(2, 1), big.NewRat(3, 2)
	for _, c := range []struct {
		name         string
		life, period int
		factor       *big.Rat
		want         string
	}{
		{"first day of 3650", 3650, 1, two, "1.32"},
		{"first month of 120", 120, 1, two, "40"},
		{"first year", 10, 1, two, "480"},
		{"second year, factor 1.5", 10, 2, oneAndAHalf, "306"},
		{"last year, down to the salvage", 10, 10, two, "22.12"},
	} {
		got, err := practice.DecliningBalance(number(t, "2400"), number(t, "300"), c.life, c.period, c.factor)
		if err != nil || got.String() != c.want {
			t.Errorf("%s: %s, %v: %s is right", c.name, got, err, c.want)
		}
	}
	var all []string
	var sum facts.Sum
	for year := 1; year <= 10; year++ {
		d, err := practice.DecliningBalance(number(t, "2400"), number(t, "300"), 10, year, two)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, d.String())
		sum.Add(d)
	}
	if diff := cmp.Diff([]string{"480", "384", "307.2", "245.76", "196.61", "157.29", "125.83", "100.66", "80.53", "22.12"}, all); diff != "" || sum.String() != "2100" {
		t.Errorf("the schedule of ten years adds up to %s (2100 is right) and differs:\n%s", sum, diff)
	}
	for _, wrong := range [][2]int{{0, 1}, {10, 0}, {10, 11}, {200000, 1}} {
		if _, err := practice.DecliningBalance(number(t, "1"), number(t, "0"), wrong[0], wrong[1], two); err == nil {
			t.Errorf("a life of %d and period %d are taken", wrong[0], wrong[1])
		}
	}
}

// TestBookValue follows things through the months. What was bought on 15 May
// counts the whole of May, and a month is over on its last day.
func TestBookValue(t *testing.T) {
	thing := func(cost, salvage, method string, months int) practice.Depreciation {
		d := practice.Depreciation{Cost: model.MustMoney(cost), Method: model.DepreciationMethod(method), Months: months, From: model.MustDate("2024-05-15")}
		if salvage != "" {
			d.Salvage = model.MustMoney(salvage)
		}
		return d
	}
	for _, c := range []struct {
		thing practice.Depreciation
		day   string
		want  string
	}{
		{thing("1200 EUR", "", "", 36), "2024-05-30", "1200.00 EUR"},
		{thing("1200 EUR", "", "", 36), "2024-05-31", "1166.67 EUR"},
		{thing("1200 EUR", "", "", 36), "2024-12-31", "933.33 EUR"},
		{thing("1200 EUR", "", "straight_line", 36), "2027-04-30", "0.00 EUR"},
		{thing("1200 EUR", "", "", 36), "2040-01-01", "0.00 EUR"},
		{thing("1200 EUR", "", "", 36), "2020-01-01", "1200.00 EUR"},
		{thing("100000 JPY", "", "", 36), "2024-05-31", "97222 JPY"},
		// The first year takes 480 of 2400, a month of it 40; ten years leave the salvage.
		{thing("2400 EUR", "300 EUR", "declining", 120), "2024-05-31", "2360.00 EUR"},
		{thing("2400 EUR", "300 EUR", "declining", 120), "2025-04-30", "1920.00 EUR"},
		{thing("2400 EUR", "300 EUR", "declining", 120), "2026-04-30", "1536.00 EUR"},
		{thing("2400 EUR", "300 EUR", "declining", 120), "2034-04-30", "300.00 EUR"},
		// Over five years without salvage: 40, 24, 14.40, then equal parts of the rest, 10.80 each.
		{thing("100 EUR", "", "declining_then_line", 60), "2027-04-30", "21.60 EUR"},
		{thing("100 EUR", "", "declining_then_line", 60), "2028-04-30", "10.80 EUR"},
		{thing("100 EUR", "", "declining_then_line", 60), "2029-04-30", "0.00 EUR"},
		// Without the change to equal parts, 7.78 stay for ever.
		{thing("100 EUR", "", "declining", 60), "2040-04-30", "7.78 EUR"},
		{thing("100 EUR", "", "none", 0), "2040-04-30", "100.00 EUR"},
	} {
		got, err := c.thing.BookValue(model.MustDate(c.day))
		if err != nil || got.String() != c.want {
			t.Errorf("%s %s on %s: %s, %v: %s is right", c.thing.Cost, c.thing.Method, c.day, got, err, c.want)
		}
	}
	if ends := thing("1 EUR", "", "", 36).Ends(); ends != model.MustDate("2027-04-30") {
		t.Errorf("three years from May 2024 end on %s", ends)
	}
	for name, wrong := range map[string]practice.Depreciation{"no life": thing("1 EUR", "", "", 0), "other currency": thing("1 EUR", "1 USD", "", 12), "salvage above": thing("1 EUR", "2 EUR", "", 12), "no price": {From: 1, Months: 1}, "no day": {Cost: model.MustMoney("1 EUR"), Months: 1}} {
		if _, err := wrong.BookValue(model.MustDate("2030-01-01")); err == nil {
			t.Errorf("%s: there is a value all the same", name)
		}
	}
}

// TestDepreciationLaws: value never rises, never falls below the salvage, and equal parts and the change to them end exactly there.
func TestDepreciationLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cost := rapid.IntRange(0, 100_000_00).Draw(t, "cents")
		salvage := rapid.IntRange(0, cost).Draw(t, "salvage")
		d := practice.Depreciation{Cost: cash(cost), Salvage: cash(salvage), Months: rapid.IntRange(1, 130).Draw(t, "months"), From: model.MustDate("2024-02-29"),
			Method: model.DepreciationMethod(rapid.SampledFrom([]string{"", "straight_line", "declining", "declining_then_line", "none"}).Draw(t, "method"))}
		before := model.MustMoney("0 EUR")
		for m := 0; m <= d.Months+2; m++ {
			now, err := d.WrittenOff(m)
			if err != nil {
				t.Fatal(err)
			}
			if c, _ := now.Cmp(before); c < 0 {
				t.Fatalf("after %d months %s are written off, and %s before", m, now, before)
			}
			before = now
		}
		left, _ := d.Cost.Add(before.Neg())
		if c, _ := left.Cmp(d.Salvage); c < 0 || c > 0 && d.Method != "declining" && d.Method != "none" {
			t.Fatalf("%s are left, and the salvage is %s", left, d.Salvage)
		}
	})
}

func cash(cents int) model.Money {
	m, _ := facts.NewDecimal(int64(cents), 2).Money("EUR")
	return m
}
