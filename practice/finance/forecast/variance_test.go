package forecast_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/facts"
	"binnacle/practice/finance/forecast"
)

func side(quantity, price, rate string) forecast.Side {
	number := func(text string) facts.Decimal {
		var d facts.Decimal
		if err := d.UnmarshalText([]byte(text)); err != nil {
			panic(err)
		}
		return d
	}
	return forecast.Side{Quantity: number(quantity), Price: number(price), Rate: number(rate)}
}

// Worked by hand, in cents.
func TestVariancesByHand(t *testing.T) {
	for _, c := range []struct {
		name   string
		line   forecast.Compared
		budget int64
		actual int64
		want   forecast.Drivers
	}{
		// 100 × 10.00 × 0.90 = 900.00 planned; 120 × 11.00 × 0.95 = 1,254.00 came: 354.00 more.
		// Volume 20 × 10 × 0.90 = 180.00; price 120 × 1 × 0.90 = 108.00; currency 120 × 11 × 0.05 = 66.00.
		{"all three", forecast.Compared{Budget: side("100", "10", "0.90"), Actual: side("120", "11", "0.95")}, 900_00, 1254_00,
			forecast.Drivers{Volume: 180_00, Price: 108_00, Currency: 66_00}},
		{"less of everything", forecast.Compared{Budget: side("120", "11", "0.95"), Actual: side("100", "10", "0.90")}, 1254_00, 900_00,
			forecast.Drivers{Volume: -209_00, Price: -95_00, Currency: -50_00}},
		{"the currency alone", forecast.Compared{Budget: side("", "1000", "0.90"), Actual: side("", "1000", "0.95")}, 900_00, 950_00,
			forecast.Drivers{Currency: 50_00}},
		{"the amount alone is price", forecast.Compared{Budget: side("", "1000", ""), Actual: side("", "1100", "")}, 1000_00, 1100_00,
			forecast.Drivers{Price: 100_00}},
		{"new", forecast.Compared{Actual: side("3", "33.335", "")}, 0, 100_00, forecast.Drivers{New: 100_00}},
		{"ended", forecast.Compared{Budget: side("3", "10", "")}, 30_00, 0, forecast.Drivers{Ended: -30_00}},
		{"no change", forecast.Compared{Budget: side("3", "10", "0.9"), Actual: side("3", "10", "0.9")}, 27_00, 27_00, forecast.Drivers{}},
		// 1/3 of a cent each way: 1 × 0.004 = 0; 2 × 0.004 = 0.008 is one cent of volume.
		{"parts of cents", forecast.Compared{Budget: side("1", "0.004", ""), Actual: side("2", "0.004", "")}, 0, 1, forecast.Drivers{Volume: 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, total, err := forecast.Variances([]forecast.Compared{c.line}, 2)
			if err != nil {
				t.Fatal(err)
			}
			if got[0].Budget != c.budget || got[0].Actual != c.actual || got[0].Drivers != c.want || total != c.want {
				t.Errorf("got %+v, want %d, %d, %+v", got[0], c.budget, c.actual, c.want)
			}
		})
	}
}

// Two sizes of machine: 100 small at 10 and 100 large at 30 were planned, 180 small and 60 large came. 240 instead of 200 at the planned half and half
// would be 120 each: volume 20 × 10 + 20 × 30 = 800. Mix: 60 more small ones at 10 and 60 fewer large ones at 30: 600 − 1,800 = −1,200.
func TestMix(t *testing.T) {
	got, total, err := forecast.Variances([]forecast.Compared{
		{Key: "small", Unit: "machine", Budget: side("100", "10", ""), Actual: side("180", "10", "")},
		{Key: "large", Unit: "machine", Budget: side("100", "30", ""), Actual: side("60", "30", "")},
		{Key: "other", Unit: "gigabyte", Budget: side("10", "1", ""), Actual: side("11", "1", "")},
		{Key: "huge", Unit: "machine", Actual: side("1", "100", "")},
	}, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []forecast.Variance{
		{"small", 1000_00, 1800_00, forecast.Drivers{Volume: 200_00, Mix: 600_00}},
		{"large", 3000_00, 1800_00, forecast.Drivers{Volume: 600_00, Mix: -1800_00}},
		{"other", 10_00, 11_00, forecast.Drivers{Volume: 1_00}},
		{"huge", 0, 100_00, forecast.Drivers{New: 100_00}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(forecast.Drivers{Volume: 801_00, Mix: -1200_00, New: 100_00}, total); d != "" {
		t.Error(d)
	}
}

// Whatever the lines are, each adds up to the cent, and mix moves money between lines of equal prices without changing the sum by more than rounding.
func TestVariancesAddUp(t *testing.T) {
	decimal := rapid.Custom(func(t *rapid.T) facts.Decimal {
		if rapid.IntRange(0, 5).Draw(t, "none") == 0 {
			return facts.Decimal{}
		}
		return facts.NewDecimal(rapid.Int64Range(-1000, 1_000_000).Draw(t, "coefficient"), uint8(rapid.IntRange(0, 6).Draw(t, "places")))
	})
	rapid.Check(t, func(t *rapid.T) {
		lines := make([]forecast.Compared, rapid.IntRange(0, 8).Draw(t, "lines"))
		for i := range lines {
			lines[i] = forecast.Compared{
				Unit:   rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, "unit"),
				Budget: forecast.Side{Quantity: decimal.Draw(t, "q"), Price: decimal.Draw(t, "p"), Rate: decimal.Draw(t, "r")},
				Actual: forecast.Side{Quantity: decimal.Draw(t, "q"), Price: decimal.Draw(t, "p"), Rate: decimal.Draw(t, "r")},
			}
		}
		got, total, err := forecast.Variances(lines, 2)
		if err != nil {
			t.Fatal(err)
		}
		var sum int64
		for i, v := range got {
			if v.Drivers.Total() != v.Actual-v.Budget {
				t.Fatalf("%+v does not add up: %+v", lines[i], v)
			}
			same := func(a, b facts.Decimal) bool { return a.Cmp(b) == 0 && a.IsNull() == b.IsNull() }
			if l := lines[i]; same(l.Budget.Rate, l.Actual.Rate) && v.Drivers.Currency != 0 {
				t.Fatalf("the rate has not changed, and the currency drives %d", v.Drivers.Currency)
			}
			sum += v.Actual - v.Budget
		}
		if total.Total() != sum {
			t.Fatalf("together %d, and the lines %d", total.Total(), sum)
		}
	})
}
