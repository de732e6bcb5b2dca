package appraise_test

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/practice/finance/appraise"
)

func schedule(t *testing.T) func(s appraise.Schedule, err error) appraise.Schedule {
	return func(s appraise.Schedule, err error) appraise.Schedule {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

func amounts(s appraise.Schedule) []int64 {
	out := []int64{}
	for _, p := range s.Periods {
		out = append(out, p.Amount)
	}
	return out
}

// The examples of the page on DDB of a well-known spreadsheet: 2,400 of cost and 300 of salvage.
func TestDoubleDecliningBalance(t *testing.T) {
	for _, c := range []struct {
		name   string
		life   int
		factor float64
		period int
		want   int64
	}{
		{"the first day of 3,650", 3650, 2, 1, 1_32},
		{"the first month of 120", 120, 2, 1, 40_00},
		{"the first year of 10", 10, 2, 1, 480_00},
		{"the second year of 10 at factor 1.5", 10, 1.5, 2, 306_00},
		{"the tenth year of 10", 10, 2, 10, 22_12},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := schedule(t)(appraise.DecliningBalance(appraise.Asset{Cost: 2400_00, Salvage: 300_00, Life: c.life}, c.factor))
			if got := s.Periods[c.period-1].Amount; got != c.want {
				t.Errorf("got %d cents, want %d", got, c.want)
			}
		})
	}
	s := schedule(t)(appraise.DecliningBalance(appraise.Asset{Cost: 2400_00, Salvage: 300_00, Life: 10}, 2))
	want := []int64{480_00, 384_00, 307_20, 245_76, 196_61, 157_29, 125_83, 100_66, 80_53, 22_12}
	if d := cmp.Diff(want, amounts(s)); d != "" || s.Between(0, 10) != 2100_00 || s.Left != 0 {
		t.Errorf("%s sum %d left %d", d, s.Between(0, 10), s.Left)
	}
}

func TestStraightLine(t *testing.T) {
	s := schedule(t)(appraise.StraightLine(appraise.Asset{Cost: 30_000_00, Salvage: 7_500_00, Life: 10}))
	for i, p := range s.Periods {
		if p.Amount != 2_250_00 {
			t.Errorf("year %d: %d, want 225000", i+1, p.Amount)
		}
	}
	// 100.00 over three years: no cent is lost.
	s = schedule(t)(appraise.StraightLine(appraise.Asset{Cost: 100_00, Life: 3}))
	if d := cmp.Diff([]appraise.Period{{33_33, 66_67}, {33_34, 33_33}, {33_33, 0}}, s.Periods); d != "" {
		t.Error(d)
	}
}

// Halves of a cent go to the even one: 12.5, 37.5, 62.5 and 87.5 cents are 12, 38, 62 and 88.
func TestHalvesGoToTheEvenCent(t *testing.T) {
	s := schedule(t)(appraise.StraightLine(appraise.Asset{Cost: 100, Life: 8}))
	if d := cmp.Diff([]int64{12, 13, 13, 12, 12, 13, 13, 12}, amounts(s)); d != "" {
		t.Error(d)
	}
}

// The example of the page on DB of a well-known spreadsheet: seven months in the first year.
func TestFixedDecliningBalance(t *testing.T) {
	s := schedule(t)(appraise.FixedDeclining(appraise.Asset{Cost: 1_000_000_00, Salvage: 100_000_00, Life: 6}, 7))
	want := []int64{186_083_33, 259_639_42, 176_814_44, 120_410_64, 81_999_64, 55_841_76, 15_845_10}
	if d := cmp.Diff(want, amounts(s)); d != "" {
		t.Error(d)
	}
	if s.Left != 900_000_00-896_634_33 {
		t.Errorf("left %d", s.Left)
	}
	done := s.WriteOff()
	if last := done.Periods[6]; last.Book != 100_000_00 || done.Left != 0 || done.Between(0, 7) != 900_000_00 {
		t.Errorf("written off: %+v left %d", last, done.Left)
	}
}

// The first years fall as the declining balance does. By hand: 2,400, 300, 10 years, factor 2. At the start of year 7, 629.15 is left:
// a fifth is 125.83, and equal parts of 329.15 over four years are 82.29. Year 9: 80.53 against 102.65/2 = 51.33. The line never wins,
// because of the salvage. Without salvage: year 7 starts with 629.15: 125.83 against 157.29, so that the line wins.
func TestVariableDeclining(t *testing.T) {
	s := schedule(t)(appraise.VariableDeclining(appraise.Asset{Cost: 2400_00, Life: 10}, 2))
	want := []int64{480_00, 384_00, 307_20, 245_76, 196_61, 157_29, 157_28, 157_29, 157_28, 157_29}
	got := amounts(s)
	for i := range want {
		if math.Abs(float64(got[i]-want[i])) > 1 || i < 6 && got[i] != want[i] {
			t.Errorf("year %d: %d, want %d", i+1, got[i], want[i])
		}
	}
	if s.Between(0, 10) != 2400_00 || s.Left != 0 {
		t.Errorf("sum %d left %d", s.Between(0, 10), s.Left)
	}
	// 40 × (59/60)^6 + … + 40 × (59/60)^17 = 2400 × ((59/60)^6 − (59/60)^18) = 396.306, months 7 to 18 of 120.
	// The books round each month to the cent, so that twelve of them may be some cents away.
	s = schedule(t)(appraise.VariableDeclining(appraise.Asset{Cost: 2400_00, Salvage: 300_00, Life: 120}, 2))
	if got := s.Between(6, 18); got < 396_29 || got > 396_32 {
		t.Errorf("months 7 to 18: %d, want about 39631", got)
	}
	if got := s.Between(0, 1); got != 40_00 {
		t.Errorf("month 1: %d, want 4000", got)
	}
}

func TestSchedulesAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := appraise.Asset{Cost: rapid.Int64Range(0, 1e12).Draw(t, "cost"), Life: rapid.IntRange(1, 130).Draw(t, "life")}
		a.Salvage = rapid.Int64Range(0, a.Cost).Draw(t, "salvage")
		factor := float64(rapid.IntRange(1, 40).Draw(t, "factor")) / 10
		for name, f := range map[string]func() (appraise.Schedule, error){
			"line":     func() (appraise.Schedule, error) { return appraise.StraightLine(a) },
			"balance":  func() (appraise.Schedule, error) { return appraise.DecliningBalance(a, factor) },
			"variable": func() (appraise.Schedule, error) { return appraise.VariableDeclining(a, factor) },
			"fixed": func() (appraise.Schedule, error) {
				return appraise.FixedDeclining(a, rapid.IntRange(1, 12).Draw(t, "months"))
			},
		} {
			s, err := f()
			if err != nil {
				t.Fatal(err)
			}
			book := a.Cost
			for i, p := range s.Periods {
				book -= p.Amount
				if p.Amount < 0 || p.Book != book || book < a.Salvage {
					t.Fatalf("%s, period %d: %+v of %+v", name, i, p, a)
				}
			}
			if s.Left != book-a.Salvage || (name == "line" || name == "variable") && s.Left != 0 {
				t.Fatalf("%s leaves %d", name, s.Left)
			}
			if w := s.WriteOff(); w.Between(0, len(w.Periods)) != a.Cost-a.Salvage {
				t.Fatalf("%s writes off %d of %d", name, w.Between(0, len(w.Periods)), a.Cost-a.Salvage)
			}
		}
	})
}

func TestBadAssets(t *testing.T) {
	for _, c := range []struct {
		asset  appraise.Asset
		factor float64
		want   string
	}{
		{appraise.Asset{Cost: 1, Life: 0}, 2, "the life is 0 periods"},
		{appraise.Asset{Cost: 1, Salvage: 2, Life: 1}, 2, "the salvage of 2 minor units is more"},
		{appraise.Asset{Cost: -1, Life: 1}, 2, "neither may be negative"},
		{appraise.Asset{Cost: 1, Life: 1}, 0, "the factor is 0"},
		{appraise.Asset{Cost: 1, Life: 1}, math.NaN(), "the factor is NaN"},
	} {
		if _, err := appraise.DecliningBalance(c.asset, c.factor); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: got %v, want %q", c.asset, err, c.want)
		}
	}
}

// scaled makes flows of minor units with six places, to see more digits than money has.
func scaled(flows ...float64) []int64 {
	out := make([]int64, len(flows))
	for i, f := range flows {
		out[i] = int64(math.Round(f * 1e6))
	}
	return out
}

func TestNetPresentValue(t *testing.T) {
	got, err := appraise.NPV(0.05, scaled(-15000, 1500, 2500, 3500, 4500, 6000))
	if err != nil || math.Abs(float64(got)/1e6-122.8949) > 0.00005 {
		t.Errorf("flow 0 today: %d %v, want 122.8949", got, err)
	}
	got, err = appraise.NPVFromOne(0.10, []int64{-10_000_00, 3_000_00, 4_200_00, 6_800_00})
	if err != nil || got != 1_188_44 {
		t.Errorf("flow 0 in a year: %d %v, want 118844", got, err)
	}
	if got, err := appraise.NPV(0.1, nil); got != 0 || err != nil {
		t.Errorf("no flows: %d %v", got, err)
	}
	for _, rate := range []float64{-1, -2, math.Inf(1), math.NaN()} {
		if _, err := appraise.NPV(rate, []int64{1}); err == nil {
			t.Errorf("a rate of %v is none", rate)
		}
	}
}

func TestInternalRateOfReturn(t *testing.T) {
	for _, c := range []struct {
		name  string
		flows []int64
		want  []float64
	}{
		{"five years", scaled(-150000, 15000, 25000, 35000, 45000, 60000), []float64{0.0524329}},
		{"four years", scaled(-100, 39, 59, 55, 20), []float64{0.2809484}},
		{"a loss", scaled(-100, 0, 0, 74), []float64{-0.0955}},
		{"pay at the end: two rates", scaled(-100, 100, 0, -7), []float64{-0.0833, -0.678894}},
		{"many turns", scaled(-5, 10.5, 1, -8, 1), []float64{0.0886, 0.70956, -0.8702}},
		{"all in", scaled(1, 2, 3), nil},
		{"all out", scaled(-1, -2, -3), nil},
		{"nothing", nil, nil},
		{"only zeros", scaled(0, 0), nil},
		{"turns without a rate", scaled(1, -1, 1), nil},
		// −1 + 2.3 v − 1.32 v² = 0 at v = 1/1.1 and v = 1/1.2.
		{"10 % and 20 %", scaled(-1, 2.3, -1.32), []float64{0.1, 0.2}},
		// (v − 1/2)² × 4: one rate of 100 % that is met twice.
		{"one rate, touched", scaled(1, -4, 4), []float64{1}},
		{"one rate of 200 %, touched", scaled(1, -6, 9), []float64{2}},
		{"nothing gained", scaled(-100, 100), []float64{0}},
		{"later start", scaled(0, 0, -100, 110), []float64{0.1}},
		// v = 1, 1/1.1 and 1/1.5: −(1−v)(1−1.1v)(1−1.5v), times 100.
		{"three rates", []int64{-100, 360, -425, 165}, []float64{0, 0.1, 0.5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := appraise.IRR(c.flows)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Rates) != len(c.want) {
				t.Fatalf("got %v, want %v", r.Rates, c.want)
			}
			for i := range c.want {
				if math.Abs(r.Rates[i]-c.want[i]) > 0.00006 {
					t.Errorf("got %v, want %v", r.Rates, c.want)
				}
			}
			if one, ok := r.One(); ok != (len(c.want) == 1) || ok && one != r.Rates[0] {
				t.Errorf("One says %v %v", one, ok)
			}
		})
	}
}

// A long loan has one rate and is found quickly: 1,000 months at 1 %.
func TestLongCase(t *testing.T) {
	flows := make([]int64, 1001)
	flows[0] = -99_995_229
	for i := range flows[1:] {
		flows[i+1] = 1_000_000
	}
	r, err := appraise.IRR(flows)
	if one, ok := r.One(); err != nil || !ok || math.Abs(one-0.01) > 1e-6 {
		t.Errorf("got %v %v, want 0.01", r, err)
	}
	flows[500] = -1
	if _, err := appraise.IRR(flows); err == nil || !strings.Contains(err.Error(), "add them up to years") {
		t.Errorf("got %v", err)
	}
}

// At every rate that is found the flows are worth nothing, as far as floats can tell, and where the flows turn once there is one.
func TestRatesAreRoots(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		flows := rapid.SliceOfN(rapid.Int64Range(-1000, 1000), 0, 12).Draw(t, "flows")
		r, err := appraise.IRR(flows)
		if err != nil {
			t.Fatal(err)
		}
		turns, last := 0, int64(0)
		for _, f := range flows {
			if f != 0 {
				if last*f < 0 {
					turns++
				}
				last = f
			}
		}
		if len(r.Rates) > turns || turns%2 == 1 && len(r.Rates) == 0 || turns == 1 && len(r.Rates) != 1 {
			t.Fatalf("%d turns and the rates %v", turns, r.Rates)
		}
		for _, rate := range r.Rates {
			if value, size := worth(flows, rate); math.Abs(value) > 1e-9*size {
				t.Fatalf("at %v the flows are worth %v of %v", rate, value, size)
			}
		}
	})
}

// Roots that are known because the flows were made of them are all found.
func TestNoRateIsMissed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		percents := rapid.SliceOfNDistinct(rapid.IntRange(-50, 300), 1, 5, rapid.ID[int]).Draw(t, "percents")
		flows := []int64{1}
		for _, p := range percents {
			next := make([]int64, len(flows)+1)
			for i, f := range flows {
				next[i] += 100 * f
				next[i+1] -= int64(100+p) * f
			}
			flows = next
		}
		r, err := appraise.IRR(flows)
		if err != nil || len(r.Rates) != len(percents) {
			t.Fatalf("made of %v and found %v %v", percents, r.Rates, err)
		}
		for _, p := range percents {
			found := false
			for _, rate := range r.Rates {
				found = found || math.Abs(rate-float64(p)/100) < 1e-9
			}
			if !found {
				t.Fatalf("%d %% is missing in %v", p, r.Rates)
			}
		}
	})
}

func worth(flows []int64, rate float64) (value, size float64) {
	for t, f := range flows {
		v := float64(f) * math.Pow(1+rate, -float64(t))
		value, size = value+v, size+math.Abs(v)
	}
	return value, size
}

func TestModifiedRateOfReturn(t *testing.T) {
	got, err := appraise.MIRR(scaled(-120000, 39000, 30000, 21000, 37000, 46000), 0.10, 0.12)
	if err != nil || math.Abs(got-0.126094) > 0.0000005 {
		t.Errorf("got %v %v, want 0.126094", got, err)
	}
	for _, flows := range [][]int64{nil, {1, 2}, {-1, -2}} {
		if _, err := appraise.MIRR(flows, 0.1, 0.1); err == nil {
			t.Errorf("%v has no modified rate", flows)
		}
	}
}

func TestPayback(t *testing.T) {
	for _, c := range []struct {
		name  string
		flows []int64
		rate  float64
		want  float64
		ok    bool
	}{
		{"in the third year", []int64{-100, 39, 59, 55, 20}, 0, 2 + 2.0/55, true},
		{"to the day", []int64{-100, 50, 50}, 0, 2, true},
		{"never", []int64{-100, 50, 49}, 0, 0, false},
		{"nothing went out", []int64{10, 5}, 0, 0, true},
		{"back, gone again and back", []int64{-100, 120, -40, 40}, 0, 2.5, true},
		{"back and gone again", []int64{-100, 120, -40}, 0, 0, false},
		{"nothing at all", nil, 0, 0, false},
		// -100 + 55/1.1 + 121/1.21 = -100 + 50 + 100: half of the second year.
		{"discounted", []int64{-100, 55, 121}, 0.1, 1.5, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok, err := appraise.DiscountedPayback(c.rate, c.flows)
			if err != nil || ok != c.ok || math.Abs(got-c.want) > 1e-12 {
				t.Errorf("got %v %v %v, want %v %v", got, ok, err, c.want, c.ok)
			}
			if c.rate == 0 {
				if plain, ok := appraise.Payback(c.flows); plain != got || ok != c.ok {
					t.Errorf("not discounted: %v %v", plain, ok)
				}
			}
		})
	}
}
