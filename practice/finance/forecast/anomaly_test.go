package forecast_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/practice/finance/forecast"
)

// spend is daily spend of about 1,000.00, less at weekends, with noise of 3 % and a slow rise.
func spend(r *rand.Rand, days int) []int64 {
	out := make([]int64, days)
	for i := range out {
		base := 1000_00.0 + 40*float64(i)
		if i%7 >= 5 {
			base *= 0.6
		}
		out[i] = int64(base * (1 + 0.03*r.NormFloat64()))
	}
	return out
}

var start = model.MustDate("2026-01-05")

func anomalies(t rapid.TB, amounts []int64, w forecast.Watch) []forecast.Anomaly {
	t.Helper()
	out, err := forecast.Anomalies(forecast.Daily{First: start, Amounts: amounts}, w)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPlantedAnomalies(t *testing.T) {
	for _, c := range []struct {
		name        string
		plant       func(amounts []int64)
		kind        forecast.AnomalyKind
		first, last int
		excess      int64
	}{
		{"one day at half more", func(a []int64) { a[100] += 500_00 }, forecast.Rise, 100, 100, 500_00},
		{"a weekend as dear as a weekday", func(a []int64) { a[103] += 400_00 }, forecast.Rise, 103, 103, 400_00},
		{"five days in a row", func(a []int64) {
			for i := 112; i < 117; i++ {
				a[i] += 300_00
			}
		}, forecast.Rise, 112, 116, 1500_00},
		{"one usual day does not end it", func(a []int64) { a[110] += 400_00; a[112] += 400_00 }, forecast.Rise, 110, 112, 800_00},
		{"a day without spend", func(a []int64) { a[120] = 0 }, forecast.Fall, 120, 120, -1048_00},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(20) {
				a := spend(rand.New(rand.NewPCG(seed, 3)), 180)
				c.plant(a)
				found := anomalies(t, a, forecast.Watch{Least: 200_00, From: start.AddDays(60)})
				if len(found) != 1 {
					t.Fatalf("run %d: found %+v", seed, found)
				}
				f := found[0]
				if f.Kind != c.kind || f.First != start.AddDays(c.first) || f.Last != start.AddDays(c.last) || f.Open {
					t.Fatalf("run %d: found %+v, want %s from day %d to %d", seed, f, c.kind, c.first, c.last)
				}
				if f.Excess != f.Actual-f.Expected || max(f.Excess-c.excess, c.excess-f.Excess) > 250_00 {
					t.Fatalf("run %d: excess %d, want about %d", seed, f.Excess, c.excess)
				}
			}
		})
	}
}

// Without anything planted, fewer than one day in 500 is taken for unusual.
func TestFalseAlarms(t *testing.T) {
	alarms, days := 0, 0
	for seed := range uint64(40) {
		a := spend(rand.New(rand.NewPCG(seed, 9)), 365)
		alarms += len(anomalies(t, a, forecast.Watch{Least: 1_00}))
		days += len(a) - 28
	}
	t.Logf("%d alarms in %d days", alarms, days)
	if alarms*500 > days {
		t.Errorf("%d alarms in %d usual days", alarms, days)
	}
}

func TestNewSpend(t *testing.T) {
	a := make([]int64, 120)
	for i := 60; i < 120; i++ {
		a[i] = 80_00
	}
	found := anomalies(t, a, forecast.Watch{Least: 50_00})
	want := []forecast.Anomaly{{Kind: forecast.NewSpend, First: start.AddDays(60), Last: start.AddDays(73), Actual: 14 * 80_00, Excess: 14 * 80_00}}
	if d := cmp.Diff(want, found); d != "" {
		t.Error(d)
	}
	if found := anomalies(t, a[:61], forecast.Watch{Least: 50_00}); len(found) != 1 || !found[0].Open {
		t.Errorf("on the first day: %+v", found)
	}
	if found := anomalies(t, a, forecast.Watch{Least: 2000_00}); len(found) != 0 {
		t.Errorf("less than the least amount: %+v", found)
	}
	if found := anomalies(t, a[60:], forecast.Watch{}); len(found) != 0 {
		t.Errorf("a series that begins with spend: %+v", found)
	}
}

// A fee on the first of each month is usual from its second time on.
func TestMonthlyFee(t *testing.T) {
	a := spend(rand.New(rand.NewPCG(1, 1)), 300)
	for i := range a {
		if start.AddDays(i).Time().Day() == 1 {
			a[i] += 700_00
		}
	}
	if found := anomalies(t, a, forecast.Watch{Least: 200_00}); len(found) != 0 {
		t.Errorf("found %+v", found)
	}
	a[40+90] += 700_00
	if found := anomalies(t, a, forecast.Watch{Least: 200_00}); len(found) != 1 {
		t.Errorf("found %+v", found)
	}
}

// A lasting step is told when it happens, and no longer once it is usual. What follows is not taken for a fall.
func TestLastingStep(t *testing.T) {
	for seed := range uint64(10) {
		a := spend(rand.New(rand.NewPCG(seed, 4)), 250)
		for i := 100; i < len(a); i++ {
			a[i] += 600_00
		}
		found := anomalies(t, a, forecast.Watch{Least: 200_00})
		if len(found) == 0 || found[0].Kind != forecast.Rise || found[0].First != start.AddDays(100) {
			t.Fatalf("run %d: %+v", seed, found)
		}
		for _, f := range found {
			if f.Kind != forecast.Rise || f.Last > start.AddDays(160) {
				t.Errorf("run %d: %+v", seed, f)
			}
		}
	}
}

func TestAnomaliesOfAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(rapid.Int64Range(-1e6, 1e9), 0, 150).Draw(t, "amounts")
		w := forecast.Watch{Least: rapid.Int64Range(0, 1e9).Draw(t, "least")}
		found := anomalies(t, a, w)
		last := model.Date(0)
		for _, f := range found {
			if f.First <= last || f.Last < f.First || f.Excess != f.Actual-f.Expected || max(f.Excess, -f.Excess) < w.Least {
				t.Fatalf("found %+v after %s", f, last)
			}
			last = f.Last
		}
	})
	if _, err := forecast.Anomalies(forecast.Daily{}, forecast.Watch{Least: -1}); err == nil || !strings.Contains(err.Error(), "negative") {
		t.Errorf("got %v", err)
	}
}

// Spend that grows by a twentieth of where it began each week is no anomaly.
func TestGrowthIsUsual(t *testing.T) {
	alarms := 0
	for seed := range uint64(20) {
		a := spend(rand.New(rand.NewPCG(seed, 11)), 200)
		for i := range a {
			a[i] += a[i] * int64(i) / 140
		}
		alarms += len(anomalies(t, a, forecast.Watch{Least: 50_00}))
	}
	if alarms > 10 {
		t.Errorf("%d alarms in 20 times 200 days", alarms)
	}
}

// Spend grows by 10.00 each day without noise: 1,000.00 on day 0 and 2,500.00 on day 150. What is above is the excess.
func TestExcessOverATrend(t *testing.T) {
	a := make([]int64, 170)
	for i := range a {
		a[i] = 1000_00 + 10_00*int64(i)
	}
	a[150] += 500_00
	found := anomalies(t, a, forecast.Watch{Least: 100_00})
	if len(found) != 1 || found[0].First != start.AddDays(150) || found[0].Expected < 2490_00 || found[0].Expected > 2510_00 {
		t.Errorf("found %+v, want 500.00 more than 2,500.00", found)
	}
}
