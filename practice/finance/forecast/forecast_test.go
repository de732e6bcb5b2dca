package forecast_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/practice/finance/forecast"
)

// makers are the sorts of spend that forecasts are tested with.
var makers = map[string]func(r *rand.Rand, n int) []float64{
	"steady": func(r *rand.Rand, n int) []float64 {
		return series(n, func(i int) float64 { return 1000 + 50*r.NormFloat64() })
	},
	"growing": func(r *rand.Rand, n int) []float64 {
		return series(n, func(i int) float64 { return 1000 + 12*float64(i) + 40*r.NormFloat64() })
	},
	"seasonal": func(r *rand.Rand, n int) []float64 {
		return series(n, func(i int) float64 { return 1000 + 200*math.Sin(2*math.Pi*float64(i)/12) + 40*r.NormFloat64() })
	},
	"growing and seasonal": func(r *rand.Rand, n int) []float64 {
		return series(n, func(i int) float64 {
			return 1000 + 8*float64(i) + 200*math.Cos(2*math.Pi*float64(i)/12) + 40*r.NormFloat64()
		})
	},
	"wandering": func(r *rand.Rand, n int) []float64 {
		at := 3000.0
		return series(n, func(int) float64 { at += 50 * r.NormFloat64(); return at })
	},
	"wandering level": func(r *rand.Rand, n int) []float64 {
		at := 3000.0
		return series(n, func(int) float64 { at += 20 * r.NormFloat64(); return at + 40*r.NormFloat64() })
	},
}

func series(n int, f func(i int) float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = f(i)
	}
	return out
}

// The ranges hold as many values as they promise: for every sort of spend and history, those of 80 % hold 70 to 90 %, over one year ahead.
func TestRangesKeepTheirPromise(t *testing.T) {
	const runs, ahead = 250, 12
	for name, make := range makers {
		for _, n := range []int{12, 24, 36, 60} {
			r := rand.New(rand.NewPCG(uint64(n), 7))
			inside80, inside95, all := 0.0, 0.0, 0.0
			for range runs {
				s := make(r, n+ahead)
				f, err := forecast.Ahead(s[:n], ahead, 12)
				if err != nil {
					t.Fatal(err)
				}
				for i, p := range f.Points {
					all++
					if v := s[n+i]; v >= p.Low80 && v <= p.High80 {
						inside80++
					}
					if v := s[n+i]; v >= p.Low95 && v <= p.High95 {
						inside95++
					}
				}
			}
			got80, got95 := 100*inside80/all, 100*inside95/all
			t.Logf("%-22s %d: %.1f %% in 80, %.1f %% in 95", name, n, got80, got95)
			// A season that cannot be seen in one year makes ranges too wide, and never too narrow.
			unseen := n < 24 && strings.Contains(name, "seasonal")
			if got80 < 70 || got80 > 90 && !unseen {
				t.Errorf("%s, %d months: %.1f %% are in the range of 80 %%", name, n, got80)
			}
			if got95 < 86 {
				t.Errorf("%s, %d months: %.1f %% are in the range of 95 %%", name, n, got95)
			}
		}
	}
}

// What is expected without noise can be told by hand.
func TestForecastByHand(t *testing.T) {
	for _, c := range []struct {
		name   string
		series []float64
		season int
		method forecast.Method
		want   []float64
		within float64
		why    string
	}{
		{"three values: the mean change goes on", []float64{100, 120, 140}, 12, forecast.Drift, []float64{160, 180}, 0, "only 3 values"},
		{"the same every month", series(18, func(int) float64 { return 500 }), 12, forecast.Level, []float64{500, 500}, 1e-9, "same pattern"},
		{"a line", series(30, func(i int) float64 { return 1000 + 10*float64(i) }), 0, forecast.Trend, []float64{1300, 1310}, 2, "trend"},
		{"a season", series(36, func(i int) float64 { return 1000 + 100*float64(i%12) }), 12, forecast.LevelSeason, []float64{1000, 1100, 1200}, 60, "same pattern"},
		{"less than two years", series(20, func(i int) float64 { return 1000 + 10*float64(i%3) }), 12, forecast.Level, []float64{1010}, 12, "less than two cycles of 12"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := forecast.Ahead(c.series, len(c.want), c.season)
			if err != nil {
				t.Fatal(err)
			}
			if f.Method != c.method && c.method != forecast.LevelSeason || !strings.Contains(f.Why, c.why) {
				t.Errorf("%s: %s, want %s: %s", f.Method, f.Why, c.method, c.why)
			}
			for i, want := range c.want {
				if got := f.Points[i].Mean; math.Abs(got-want) > c.within {
					t.Errorf("%d ahead: %.2f, want %.2f", i+1, got, want)
				}
			}
		})
	}
}

// Spend that grew by 10 a month for 30 months and then by 50 goes on by more than 40.
func TestTrendThatChanges(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	s := series(60, func(i int) float64 { return 5000 + 10*float64(i) + 40*math.Max(0, float64(i-30)) + 4*r.NormFloat64() })
	f, err := forecast.Ahead(s, 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	if grows := (f.Points[2].Mean - s[59]) / 3; f.Method != forecast.Trend || grows < 40 || grows > 60 {
		t.Errorf("%s: it goes on by %.1f a month", f.Method, grows)
	}
}

// Five values by hand: 10, 14, 12, 16, 18 change by 2 on average; the errors 2, -4, 2, 0 have the sum of squares 24 and 3 degrees of freedom.
// One ahead: 20 ± t(3, 90 %) × √(8 × 1 × 5/4) = 20 ± 1.6377 × 3.1623 = 20 ± 5.179; with t(3, 97.5 %) = 3.1824 it is ± 10.064.
func TestDriftByHand(t *testing.T) {
	f, err := forecast.Ahead([]float64{10, 14, 12, 16, 18}, 1, 12)
	if err != nil {
		t.Fatal(err)
	}
	p := f.Points[0]
	for _, c := range []struct{ got, want float64 }{{p.Mean, 20}, {p.Low80, 14.821}, {p.High80, 25.179}, {p.Low95, 9.936}, {p.High95, 30.064}} {
		if math.Abs(c.got-c.want) > 0.001 {
			t.Errorf("got %+v", p)
		}
	}
}

func TestTooLittleHistory(t *testing.T) {
	var little *forecast.TooLittle
	if _, err := forecast.Ahead([]float64{1, 2}, 3, 12); !errors.As(err, &little) || little.Values != 2 {
		t.Errorf("got %v", err)
	}
	for _, bad := range [][]float64{{1, math.NaN(), 2}, {1, 2, math.Inf(1)}} {
		if _, err := forecast.Ahead(bad, 3, 12); err == nil {
			t.Errorf("%v cannot be forecast", bad)
		}
	}
	if _, err := forecast.Ahead([]float64{1, 2, 3}, 1000, 12); err == nil {
		t.Error("1,000 months ahead cannot be forecast")
	}
}

// Forecasts of anything are numbers in order, get no more certain with distance, and are the same each time.
func TestForecastsAreOrdered(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SliceOfN(rapid.Float64Range(-1e9, 1e9), 3, 50).Draw(t, "series")
		season := rapid.SampledFrom([]int{0, 1, 4, 12}).Draw(t, "season")
		f, err := forecast.Ahead(s, 24, season)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := forecast.Ahead(s, 24, season)
		if !cmp.Equal(f, again) {
			t.Fatal("the same series gives another forecast")
		}
		width := 0.0
		for i, p := range f.Points {
			if !(p.Low95 <= p.Low80 && p.Low80 <= p.Mean && p.Mean <= p.High80 && p.High80 <= p.High95) {
				t.Fatalf("%d ahead: %+v", i+1, p)
			}
			if w := p.High80 - p.Mean; w < width*(1-1e-9)-1e-6 {
				t.Fatalf("%d ahead is more certain than the one before: %v after %v", i+1, w, width)
			}
			width = p.High80 - p.Mean
		}
	})
}

func TestSpendIsNotBelowNothing(t *testing.T) {
	f, err := forecast.Ahead([]float64{90, 70, 55, 35, 20, 5, 1, 0}, 12, 12)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range f.Points {
		if p.Low95 < 0 || p.Mean < 0 {
			t.Errorf("%d ahead: %+v", i+1, p)
		}
	}
}

func TestBackTest(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	s := makers["steady"](r, 60)
	a := forecast.BackTest(s, 1, 12, 40)
	if a.Tests != 40 || a.Inside80 < 26 || a.Inside95 < 34 || a.Error < 20 || a.Error > 80 || math.Abs(a.Bias) > 30 {
		t.Errorf("got %+v", a)
	}
	// By hand: 1, 2, 3 goes on with 4, and 14 came.
	if a := forecast.BackTest([]float64{1, 2, 3, 14}, 1, 12, 10); a.Tests != 1 || a.Inside95 != 0 || a.Error != 10 || a.Bias != 10 {
		t.Errorf("got %+v", a)
	}
	if a := forecast.BackTest(nil, 1, 12, 10); a.Tests != 0 {
		t.Errorf("got %+v", a)
	}
}
