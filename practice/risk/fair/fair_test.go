package fair

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"os/exec"
	"regexp"
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// near reports whether two numbers agree within a part of the second.
func near(got, want, part float64) bool { return math.Abs(got-want) <= part*math.Abs(want)+1e-300 }

func lognormal(low, high float64) Estimate {
	return Estimate{Low: low, Likely: (low + high) / 2, High: high, Shape: Lognormal}
}

func pert(low, likely, high, peak float64) Estimate {
	return Estimate{Low: low, Likely: likely, High: high, Peak: peak}
}

// simple is a risk of one form of loss.
func simple(frequency, loss Estimate) Risk {
	return Risk{Name: 7, Frequency: frequency, Forms: []Form{{Amount: loss}}}
}

func must(t testing.TB, r Risk) *Model {
	t.Helper()
	m, err := New(r)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestExpectedLoss holds the means that the tests of riskquant and its manual have.
func TestExpectedLoss(t *testing.T) {
	for _, c := range []struct {
		name       string
		frequency  float64
		low, high  float64
		mean, year float64
	}{
		{"simple loss, one in ten years", 0.1, 1, 10, 4.040012826945718, 0.4040012826945718},
		{"simple loss, three a year", 3, 1, 10, 4.040012826945718, 12.120038480837177},
		{"the manual", 0.1, 100_000, 1_000_000, 404_001.28269457266, 40_400.128269457266},
		{"a wide range", 1, 635_000, 19_000_000, 5_922_706.83351131, 5_922_706.83351131},
		{"a likely frequency of 0.3", 0.3, 1, 10, 4.040012826945718, 1.2120038481},
	} {
		m := must(t, simple(Exactly(c.frequency), lognormal(c.low, c.high)))
		if !near(m.Event(), c.mean, 1e-10) || !near(m.Expected(), c.year, 1e-10) {
			t.Errorf("%s: an event costs %.12g and a year %.12g, want %.12g and %.12g", c.name, m.Event(), m.Expected(), c.mean, c.year)
		}
	}
	// riskquant finds the peak of the frequency by a search, and so another ninth digit.
	_, likely, err := Tornado(simple(pert(0.1, 0.3, 0.7, 1), lognormal(1, 10)), 1)
	if err == nil {
		likely *= must(t, simple(Exactly(1), lognormal(1, 10))).Event() / 5.5
	}
	if err != nil || !near(likely, 1.2120038962, 1e-7) {
		t.Errorf("at the peak of the frequency a year costs %.12g (%v), want 1.2120038962", likely, err)
	}
}

// TestVosePERT holds the percentiles of the modified PERT of Vose, which are not those of classical PERT.
func TestVosePERT(t *testing.T) {
	q := newQuantity(pert(10, 20, 60, 0), mostAmount)
	for p, want := range map[float64]float64{0.05: 12.949, 0.5: 23.834, 0.95: 41.064} {
		// These percentiles are those of alpha 1.8 and beta 4.2.
		if got := q.value(p); math.Abs(got-want) > 0.0006 {
			t.Errorf("P%g is %.4f, want %.3f", 100*p, got, want)
		}
		if got := q.cdf(want); math.Abs(got-p) > 3e-5 {
			t.Errorf("%g lies above a share of %g, want %g", want, got, p)
		}
	}
	if !near(q.mean, 25, 1e-15) || !near(q.beta.lower(1)*50+10, 25, 1e-9) {
		t.Errorf("the mean is %g by formula and %g by table, want 25", q.mean, q.beta.lower(1)*50+10)
	}
	symmetric := newQuantity(pert(0, 5, 10, 4), mostAmount)
	if sd := math.Sqrt(symmetric.variance); math.Abs(sd-1.8898) > 5e-5 {
		t.Errorf("the standard deviation of 0..5..10 is %.4f, want 1.8898 (classical PERT has 1.6667)", sd)
	}
}

// TestOneEvent holds the closed form of a single loss.
func TestOneEvent(t *testing.T) {
	q := newQuantity(lognormal(100_000, 1_000_000), mostAmount)
	if got := 1 - q.cdf(500_000); math.Abs(got-0.25638) > 5e-6 {
		t.Errorf("P(L > 500,000) is %.6f, want 0.25638", got)
	}
	for p, want := range map[float64]float64{0.90: 775_468.24, 0.95: 1_000_000} {
		if got := q.value(p); math.Abs(got-want) > 0.005 {
			t.Errorf("P%g is %.3f, want %.2f", 100*p, got, want)
		}
	}
}

// exceedances are what Panjer's recursion gives for lognormal losses with a 90 % interval of 100,000 to 1,000,000.
var exceedances = []struct {
	frequency float64
	more      map[float64]float64
}{
	{0.1, map[float64]float64{100_000: 0.0906, 500_000: 0.0267, 1_000_000: 0.0057, 2_000_000: 0.0005}},
	{3, map[float64]float64{100_000: 0.9427, 500_000: 0.7756, 1_000_000: 0.5216, 2_000_000: 0.1700}},
}

// TestPanjer holds the digits shown with three steps.
func TestPanjer(t *testing.T) {
	for _, c := range exceedances {
		for _, step := range []float64{10_000, 5_000, 2_500} {
			// Half a step further, an amount is not among those that are put exactly on it.
			severity, err := Discretise(lognormal(100_000, 1_000_000), step, int(8_000_000/step))
			if err != nil {
				t.Fatal(err)
			}
			year, err := Panjer(c.frequency, severity, int(2_000_000/step)+1)
			if err != nil {
				t.Fatal(err)
			}
			for amount, want := range c.more {
				below := 0.0
				n := int(amount / step)
				for i, p := range year[:n+1] {
					if i == n {
						p /= 2
					}
					below += p
				}
				if got := 1 - below; math.Abs(got-want) > 6e-5 {
					t.Errorf("frequency %g, step %g: P(> %g) is %.6f, want %.4f", c.frequency, step, amount, got, want)
				}
			}
		}
	}
}

// TestSimulationAgainstPanjer: within four standard errors of a share.
func TestSimulationAgainstPanjer(t *testing.T) {
	const n = 1_000_000
	for _, c := range exceedances {
		for _, causes := range [][]Share{nil, {{Cause: 3, Correlation: 0.6}}} {
			r := simple(Exactly(c.frequency), lognormal(100_000, 1_000_000))
			r.Causes = causes
			m := must(t, r)
			got := Simulate([]*Model{m}, Options{Years: n, Seed: 20270101})
			for amount, p := range c.more {
				if e := got.Exceeds(amount); math.Abs(e-p) > 4*math.Sqrt(p*(1-p)/n)+5e-5 {
					t.Errorf("frequency %g, causes %v: P(> %g) is %.6f, want %.4f", c.frequency, causes, amount, e, p)
				}
			}
			p := math.Exp(-c.frequency)
			if math.Abs(got.NoLoss()-p) > 4*math.Sqrt(p*(1-p)/n) || math.Abs(m.NoLoss()-p) > 1e-12 {
				t.Errorf("frequency %g: a year without loss has %.6f, exactly %.9f, want %.9f", c.frequency, got.NoLoss(), m.NoLoss(), p)
			}
			if math.Abs(got.Mean-m.Expected()) > 4*got.Error {
				t.Errorf("frequency %g: the mean is %.6g ± %.3g, want %.6g", c.frequency, got.Mean, got.Error, m.Expected())
			}
		}
	}
	if got := must(t, simple(Exactly(0.1), Exactly(1))).NoLoss(); math.Abs(got-0.904837418) > 5e-10 {
		t.Errorf("P(no loss) at 0.1 a year is %.10f, want 0.904837418", got)
	}
}

// TestMeansOfEveryBranch simulates each branch of the tree and holds it to the closed form of its mean.
func TestMeansOfEveryBranch(t *testing.T) {
	tree := func(change func(*Risk)) Risk {
		r := Risk{Name: 11, Threat: pert(1, 4, 10, 0), Susceptibility: pert(0.1, 0.3, 0.6, 0),
			Forms:    []Form{{Amount: pert(1000, 5000, 20_000, 0)}, {Amount: lognormal(500, 4000)}, {Secondary: true, Amount: Estimate{Low: 10, Likely: 50, High: 100_000, Shape: Uniform}}},
			Reaction: pert(0.05, 0.1, 0.3, 0)}
		change(&r)
		return r
	}
	// Triangle of means: threat 4.5, susceptibility 19/60, forms 41,000/6 and the lognormal one, reaction 0.125 of 50,005.
	small := must(t, simple(Exactly(1), lognormal(500, 4000))).Event()
	event := 41_000.0/6 + small + 0.75/6*50_005
	for name, c := range map[string]struct {
		risk Risk
		want float64
	}{
		"threat and susceptibility": {tree(func(*Risk) {}), 4.5 * 1.9 / 6 * event},
		"contact and action": {tree(func(r *Risk) {
			r.Threat, r.Contact, r.Action = Estimate{}, pert(10, 40, 100, 0), pert(0, 0.1, 0.2, 0)
		}), 45 * 0.1 * 1.9 / 6 * event},
		"the frequency takes the place of all": {tree(func(r *Risk) { r.Frequency = pert(0.1, 0.2, 0.3, 0) }), 0.2 * event},
		"strength against strength": {tree(func(r *Risk) {
			r.Susceptibility, r.Capability, r.Resistance = Estimate{}, Estimate{High: 100, Shape: Uniform}, Exactly(75)
		}), 4.5 * 0.25 * event},
		"protections":                   {tree(func(r *Risk) { r.Cuts = Cuts{Contact: 0.5, Action: 0.2, Loss: 0.1, Reaction: 1} }), 4.5 * 0.4 * 1.9 / 6 * 0.9 * (41_000.0/6 + small)},
		"another currency":              {tree(func(r *Risk) { r.Rate = 0.25 }), 4.5 * 1.9 / 6 * event / 4},
		"many events":                   {tree(func(r *Risk) { r.Frequency = pert(100, 200, 400, 0) }), 1300.0 / 6 * event},
		"more events than are counted":  {tree(func(r *Risk) { r.Frequency = pert(1000, 2000, 4000, 0) }), 13_000.0 / 6 * event},
		"a year has one at the most":    {tree(func(r *Risk) { r.Frequency, r.AtMostOnce = pert(0.1, 0.2, 0.3, 0), true }), 0.2 * event},
		"one at the most, and surely":   {tree(func(r *Risk) { r.Frequency, r.AtMostOnce = Exactly(3), true }), event},
		"one at the most, with a cause": {tree(func(r *Risk) { r.Frequency, r.AtMostOnce, r.Causes = Exactly(3), true, []Share{{1, 1}} }), event},
	} {
		m := must(t, c.risk)
		got := Simulate([]*Model{m}, Options{Years: 40_000, Seed: 5})
		if !near(m.Expected(), c.want, 2e-4) {
			t.Errorf("%s: the expected loss is %.8g, want %.8g", name, m.Expected(), c.want)
		}
		if math.Abs(got.Mean-m.Expected()) > 4*got.Error {
			t.Errorf("%s: the mean is %.8g ± %.3g, want %.8g", name, got.Mean, got.Error, m.Expected())
		}
	}
}

// TestRandomNumbers holds the first numbers of SplitMix64 from the seed 1234567, and the table of the normal distribution.
func TestRandomNumbers(t *testing.T) {
	var got []uint64
	for i := range 5 {
		got = append(got, at(1234567, i))
	}
	want := []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	for p, z := range map[float64]float64{0.5: 0, 0.95: half90, 0.975: 1.959963984540054, 0.0013498980316300945: -3, 1e-9: -5.997807015007686} {
		if got := normal(p); math.Abs(got-z) > 1e-13*max(1, math.Abs(z)) {
			t.Errorf("normal(%g) is %.16g, want %.16g", p, got, z)
		}
		if got := below(z); !near(got, p, 1e-12) {
			t.Errorf("below(%g) is %.16g, want %.16g", z, got, p)
		}
	}
	for _, x := range []float64{1e-300, 1e-5, 0.3, 0.70710678, 0.9999999, 1, 1.5, 2, 10, 12345.678, 1e300} {
		if !near(log(x), math.Log(x), 4e-16) || !near(exp(log(x)), x, 3e-13) || !near(exp(-x), math.Exp(-x), 4e-15) && x < 700 {
			t.Errorf("log(%g) is %.17g, want %.17g; exp(-%g) is %.17g, want %.17g", x, log(x), math.Log(x), x, exp(-x), math.Exp(-x))
		}
	}
}

// risks are a portfolio that touches every path of the simulation.
func risks(t testing.TB) []*Model {
	var out []*Model
	for i := range 12 {
		r := simple(pert(0.05, 0.1*float64(i+1), float64(i+1), 0), lognormal(1000, 1000*float64(10+i)))
		r.Name = uint64(100 + i)
		if i%3 == 0 {
			r.Causes = []Share{{1, 0.5}, {2, 0.3}}
		}
		if i%4 == 0 {
			r.Forms = append(r.Forms, Form{Secondary: true, Amount: pert(10, 1e6, 2e6, 0)}, Form{Amount: Exactly(12)})
			r.Reaction = pert(0, 0.1, 0.2, 0)
		}
		if i == 10 {
			r.Frequency, r.Threat, r.Susceptibility = Estimate{}, pert(1, 4, 20, 0), pert(0.1, 0.2, 0.9, 0)
		}
		if i == 9 {
			r.Frequency, r.Contact, r.Action, r.Capability, r.Resistance = Estimate{}, pert(10, 40, 90, 0), pert(0, 0.01, 0.2, 0), pert(10, 50, 90, 0), pert(0, 40, 99, 0)
		}
		if i == 11 {
			r.Frequency = pert(100, 200, 500, 0)
		}
		out = append(out, must(t, r))
	}
	return out
}

func bytesOf(list []float64) uint64 {
	h := fnv.New64a()
	for _, x := range list {
		binary.Write(h, binary.LittleEndian, math.Float64bits(x))
	}
	return h.Sum64()
}

// golden is what a seed gives on every machine. A change of it needs a new name of the method.
const golden = 0xb20323002093ca58

// TestAFixedSeedGivesTheSameBytes on one core and on several, today and at any time.
func TestAFixedSeedGivesTheSameBytes(t *testing.T) {
	models := risks(t)
	o := Options{Years: 10_000, Seed: 42}
	var seen []string
	for _, cores := range []int{1, 2, 7} {
		before := runtime.GOMAXPROCS(cores)
		years := Years(models, o)
		p := SimulateAll(models, o, 0.95)
		runtime.GOMAXPROCS(before)
		seen = append(seen, fmt.Sprintf("%016x %x %x", bytesOf(years), p.TailMean, p.Contributions))
	}
	if seen[0] != seen[1] || seen[0] != seen[2] {
		t.Errorf("the result depends on the number of cores: %q", seen)
	}
	if got := bytesOf(Years(models, o)); got != golden {
		t.Errorf("the years are %#016x, want %#016x: years that people have seen would change", got, uint64(golden))
	}
	if bytesOf(Years(models, Options{Years: 10_000, Seed: 43})) == golden {
		t.Error("another seed gives the same years")
	}
	short := Years(models, Options{Years: 3_000, Seed: 42})
	if d := cmp.Diff(Years(models, o)[:3_000], short); d != "" {
		t.Error("fewer years are not the first of more:", d)
	}
	for i, m := range models {
		alone := Years([]*Model{m}, Options{Years: 200, Seed: 42})
		for y, x := range alone {
			if got := m.Year(42, y); got != x {
				t.Fatalf("risk %d, year %d: alone it costs %v and among others %v", i, y, got, x)
			}
		}
	}
}

// TestNothingIsFused: on processors that join products and sums, no compiled function of this package does.
func TestNothingIsFused(t *testing.T) {
	if testing.Short() {
		t.Skip("compiling for another processor takes some seconds")
	}
	cmd := exec.Command("go", "build", "-gcflags=-S", ".")
	cmd.Env = append(cmd.Environ(), "GOARCH=arm64", "GOOS=linux", "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Skipf("there is no compiler for another processor here: %v", err)
	}
	if found := regexp.MustCompile(`(?m)^.*\b(FMADD|FMSUB|FNMADD|FNMSUB)[DS]\b.*$`).FindAll(out, 3); len(found) > 0 {
		t.Errorf("products and sums are joined, which gives other last digits:\n%s", found)
	}
	if len(out) < 10_000 {
		t.Errorf("the listing of the compiler is too short to tell: %d bytes", len(out))
	}
}

// TestDegenerate: nothing, no time, sure values and enormous ones give numbers.
func TestDegenerate(t *testing.T) {
	o := Options{Years: 2_000, Seed: 1}
	for name, c := range map[string]struct {
		risk Risk
		mean float64
	}{
		"frequency 0":               {simple(Exactly(0), lognormal(1, 10)), 0},
		"a loss of 0":               {simple(Exactly(2), Exactly(0)), 0},
		"all is sure":               {Risk{Frequency: Exactly(1), AtMostOnce: true, Forms: []Form{{Amount: Exactly(5)}}}, 5},
		"equal lognormal":           {Risk{Frequency: Exactly(1), AtMostOnce: true, Forms: []Form{{Amount: lognormal(5, 5)}}}, 5},
		"never susceptible":         {Risk{Threat: Exactly(9), Susceptibility: Exactly(0), Forms: []Form{{Amount: Exactly(5)}}}, 0},
		"too strong for the threat": {Risk{Threat: Exactly(9), Capability: Exactly(50), Resistance: Exactly(50), Forms: []Form{{Amount: Exactly(5)}}}, 0},
	} {
		m := must(t, c.risk)
		r := Simulate([]*Model{m}, o)
		if m.Expected() != c.mean || math.Abs(r.Mean-c.mean) > 1e-9 {
			t.Errorf("%s: expected %g and simulated %g, want %g", name, m.Expected(), r.Mean, c.mean)
		}
	}
	huge := Simulate([]*Model{must(t, simple(Exactly(1e9), lognormal(1e6, 1e18)))}, o)
	wide := Simulate([]*Model{must(t, simple(lognormal(1e-9, 900), lognormal(1e6, 1e18)))}, o)
	none := Simulate(nil, o)
	zero := Simulate(risks(t), Options{})
	for name, r := range map[string]*Result{"huge": huge, "wide": wide, "no risk": none, "no years": zero} {
		for _, x := range []float64{r.Mean, r.Error, r.Maximum, r.NoLoss(), r.Quantile(0.5), r.Quantile(1), r.Quantile(0), r.Tail(0.95), r.Tail(1), r.Exceeds(1)} {
			if math.IsNaN(x) || math.IsInf(x, 0) || x < 0 {
				t.Errorf("%s: %+v has %v", name, r.Mean, x)
			}
		}
	}
	if p := SimulateAll(nil, o, 0.95); p.TailMean != 0 || p.Mean != 0 || len(p.Curve(10)) != 0 {
		t.Errorf("a portfolio of nothing costs %v", p)
	}
}

// TestRefused: what cannot be counted says which estimate is at fault.
func TestRefused(t *testing.T) {
	loss := []Form{{Amount: Exactly(1)}}
	for want, r := range map[string]Risk{
		"estimates: to count it in money it lacks how often it happens, or how often the threat acts and what an event costs, in at least one form of loss": {},
		"estimates: to count it in money it lacks how probable it is that the threat succeeds, or how strong it is":                                         {Threat: Exactly(1), Forms: loss},
		"estimates: to count it in money it lacks how probable it is that the threat acts when it meets the asset":                                          {Contact: Exactly(1), Susceptibility: Exactly(1), Forms: loss},
		"estimates: to count it in money it lacks how probable it is that others react":                                                                     {Frequency: Exactly(1), Forms: []Form{{Amount: Exactly(1), Secondary: true}}},
		"event_frequency: NaN..0..1 has something that is not a number: write low..likely..high":                                                            {Frequency: Estimate{Low: math.NaN(), High: 1}, Forms: loss},
		"event_frequency: -1 is below 0: it must be 0 or more":                                                                                              {Frequency: Estimate{Low: -1, High: 1}, Forms: loss},
		"event_frequency: 3, 2 and 4 must rise":                                                                                                             {Frequency: Estimate{Low: 3, Likely: 2, High: 4}, Forms: loss},
		"susceptibility: 1.5 is above 1: that is the most it can be":                                                                                        {Threat: Exactly(1), Susceptibility: Exactly(1.5), Forms: loss},
		"loss 1: the low end is 0: a lognormal range needs one above 0":                                                                                     {Frequency: Exactly(1), Forms: []Form{{Amount: lognormal(0, 4)}}},
		"loss 1: the high end is more than 1e+12 times the low end: narrow the range":                                                                       {Frequency: Exactly(1), Forms: []Form{{Amount: lognormal(1e-3, 1e12)}}},
		"causes: the correlation is 2: it must be between 0 and 1":                                                                                          {Frequency: Exactly(1), Forms: loss, Causes: []Share{{1, 2}}},
	} {
		if _, err := New(r); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestCausesMoveTheTailAlone: with a common cause the marginals stay and the bad years come together.
func TestCausesMoveTheTailAlone(t *testing.T) {
	const years = 200_000
	portfolio := func(w float64) (*Portfolio, []*Result) {
		var models []*Model
		for i := range 20 {
			r := simple(pert(0.05, 0.1, 0.4, 0), lognormal(10_000, 100_000))
			r.Name, r.Causes = uint64(i+1), []Share{{Cause: 99, Correlation: w}}
			models = append(models, must(t, r))
		}
		o := Options{Years: years, Seed: 3}
		return SimulateAll(models, o, 0.99), Each(models, o)
	}
	apart, alone := portfolio(0)
	together, joined := portfolio(0.8)
	for i := range alone {
		a, b := alone[i], joined[i]
		if math.Abs(a.Mean-b.Mean) > 5*math.Hypot(a.Error, b.Error) || math.Abs(a.NoLoss()-b.NoLoss()) > 0.005 || !near(a.Quantile(0.99), b.Quantile(0.99), 0.06) {
			t.Errorf("risk %d: alone %.0f, %.3f, %.0f and with a cause %.0f, %.3f, %.0f", i, a.Mean, a.NoLoss(), a.Quantile(0.99), b.Mean, b.NoLoss(), b.Quantile(0.99))
		}
	}
	if math.Abs(apart.Mean-together.Mean) > 5*math.Hypot(apart.Error, together.Error) {
		t.Errorf("the mean is %.0f apart and %.0f together", apart.Mean, together.Mean)
	}
	if together.TailMean < 1.5*apart.TailMean {
		t.Errorf("the mean of the worst years is %.0f apart and %.0f together", apart.TailMean, together.TailMean)
	}
}

// TestContributionsAddUp to the mean and to the mean of the worst years.
func TestContributionsAddUp(t *testing.T) {
	p := SimulateAll(risks(t), Options{Years: 30_000, Seed: 9}, 0.95)
	var mean, tail float64
	for _, c := range p.Contributions {
		mean += c.Mean
		tail += c.Tail
	}
	if !near(mean, p.Mean, 1e-12) || !near(tail, p.Tail(0.95), 1e-12) || tail != p.TailMean || p.TailYears != 1500 {
		t.Errorf("contributions add up to %v and %v, want %v and %v in %d years", mean, tail, p.Mean, p.Tail(0.95), p.TailYears)
	}
}

// estimates draws estimates of any shape between 0 and a limit.
func estimates(most float64) *rapid.Generator[Estimate] {
	return rapid.Custom(func(t *rapid.T) Estimate {
		low := rapid.Float64Range(most/1000, most).Draw(t, "low")
		likely := rapid.Float64Range(low, most).Draw(t, "likely")
		return Estimate{Low: low, Likely: likely, High: rapid.Float64Range(likely, most).Draw(t, "high"), Shape: Shape(rapid.IntRange(0, 2).Draw(t, "shape"))}
	})
}

// TestMoreResistanceNeverMeansMoreLoss, whatever the threat and whatever stands against it already.
func TestMoreResistanceNeverMeansMoreLoss(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Risk{Threat: Exactly(1), Capability: estimates(100).Draw(t, "capability"), Strengths: rapid.SliceOfN(estimates(100), 0, 3).Draw(t, "strengths"), Forms: []Form{{Amount: Exactly(1)}}}
		if rapid.Bool().Draw(t, "base") {
			r.Resistance = estimates(100).Draw(t, "resistance")
		}
		before := r.susceptibility()
		r.Strengths = append(r.Strengths, estimates(100).Draw(t, "more"))
		if after := r.susceptibility(); after > before || after < 0 || before > 1+1e-12 {
			t.Fatalf("the susceptibility goes from %v to %v", before, after)
		}
	})
}

// TestLawsOfResults: figures rise with their percent, the curve falls, and protections never make a year dearer.
func TestLawsOfResults(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Risk{Name: 5, Frequency: estimates(20).Draw(t, "frequency"), AtMostOnce: rapid.Bool().Draw(t, "once"), Reaction: estimates(1).Draw(t, "reaction"),
			Forms: []Form{{Amount: estimates(1e6).Draw(t, "primary")}, {Secondary: true, Amount: estimates(1e7).Draw(t, "secondary")}}}
		if rapid.Bool().Draw(t, "cause") {
			r.Causes = []Share{{4, rapid.Float64Range(0, 1).Draw(t, "correlation")}}
		}
		o := Options{Years: 500, Seed: rapid.Uint64().Draw(t, "seed")}
		m, err := New(r)
		if err != nil {
			t.Fatal(err)
		}
		res := Simulate([]*Model{m}, o)
		last := 0.0
		for _, x := range []float64{res.Quantile(0.1), res.Quantile(0.5), res.Quantile(0.9), res.Quantile(0.99), res.Tail(0.99), res.Maximum} {
			if x < last-1e-9*last {
				t.Fatalf("percentiles fall from %v to %v", last, x)
			}
			last = x
		}
		p, x := 1.0, 0.0
		for _, c := range res.Curve(20) {
			if c.Probability > p || c.Amount < x || c.Probability != res.Exceeds(c.Amount) {
				t.Fatalf("the curve has %v after %v, %v", c, x, p)
			}
			x, p = c.Amount, c.Probability
		}
		r.Cuts = Cuts{rapid.Float64Range(0, 1).Draw(t, "contact"), rapid.Float64Range(0, 1).Draw(t, "action"), rapid.Float64Range(0, 1).Draw(t, "loss"), rapid.Float64Range(0, 1).Draw(t, "reaction cut")}
		safer, err := New(r)
		if err != nil {
			t.Fatal(err)
		}
		if safer.Expected() > m.Expected()*(1+1e-12) {
			t.Fatalf("protections raise the expected loss from %v to %v", m.Expected(), safer.Expected())
		}
		for y, before := range Years([]*Model{m}, o) {
			// Each year has the same luck before and after. Only sums of very many events are drawn as one.
			if after := safer.Year(o.Seed, y); after > before*(1+1e-9) && m.Frequency() < 15 {
				t.Fatalf("year %d costs %v with protections and %v without", y, after, before)
			}
		}
	})
}

// TestTablesFollowTheirQuantities: what is drawn from a table is the value at that share, and rises.
func TestTablesFollowTheirQuantities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := newQuantity(estimates(1e6).Draw(t, "estimate"), mostEvent)
		if q.point {
			return
		}
		table := newTable(q)
		// Two of a million lie beyond these ends, where tables of what has limits are straight.
		a, b := rapid.Uint64Range(1<<44, 1<<64-1<<44).Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		x, y := table.draw(min(a, b)), table.draw(max(a, b))
		if x > y*(1+1e-12) {
			t.Fatalf("%x gives %v and %x gives %v", min(a, b), x, max(a, b), y)
		}
		if want := q.value(unit(a)); math.Abs(table.draw(a)-want) > 2e-3*want+1e-5*(q.High-q.Low) {
			t.Fatalf("%x gives %v, want %v", a, table.draw(a), want)
		}
		weights, mean := 0.0, 0.0
		for _, n := range q.nodes(6, 8) {
			weights += n.weight
			mean += n.weight * n.value
		}
		if !near(weights, 1, 1e-12) || !near(mean, q.mean, 1e-6) {
			t.Fatalf("nodes have %v of all and the mean %v, want %v", weights, mean, q.mean)
		}
	})
}

// TestTornado: a frequency and a loss that differ by the same factor swing alike, and what is sure does not swing.
func TestTornado(t *testing.T) {
	r := simple(pert(1, 2, 4, 0), pert(100, 200, 800, 0))
	r.Forms = append(r.Forms, Form{Amount: Exactly(50)})
	bars, likely, err := Tornado(r, 1)
	if err != nil {
		t.Fatal(err)
	}
	type bar struct {
		Name      string
		Low, High float64
	}
	var got []bar
	for _, b := range bars {
		got = append(got, bar{b.Factor.Name, b.Low, b.High})
		if b.Swing() > 0 && b.Rank < 0.3 || b.Swing() == 0 && b.Rank != 0 {
			t.Errorf("the rank correlation of %s is %v", b.Factor.Name, b.Rank)
		}
	}
	// At the likely values two events cost 200 and 50 each.
	want := []bar{{"loss 1", 300, 1700}, {"event_frequency", 250, 1000}, {"loss 2", 500, 500}}
	if d := cmp.Diff(want, got); d != "" || likely != 500 {
		t.Errorf("likely %v, bars %s", likely, d)
	}
	strong := Risk{Threat: Exactly(1), Capability: Estimate{High: 100, Shape: Uniform}, Resistance: pert(20, 40, 60, 0), Forms: []Form{{Amount: Exactly(100)}}}
	bars, _, err = Tornado(strong, 1)
	if err != nil || bars[0].Factor.Name != "threat_capability" || bars[0].Low != 0 || bars[0].High != 100 || bars[0].Rank < 0.5 {
		t.Errorf("a threat against resistance: %+v, %v", bars, err)
	}
	if b := bars[1]; b.Factor.Name != "resistance_strength" || !near(b.Low, 80, 1e-3) || !near(b.High, 40, 1e-3) || b.Rank > -0.1 {
		t.Errorf("resistance against a threat: %+v", b)
	}
}

func BenchmarkOneRiskMillionYears(b *testing.B) {
	m := must(b, simple(pert(0.1, 0.5, 2, 0), lognormal(10_000, 500_000)))
	for b.Loop() {
		Simulate([]*Model{m}, Options{Years: 1_000_000, Seed: 1})
	}
}
