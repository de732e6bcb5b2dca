package risk_test

import (
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/practicetest"
	"binnacle/practice/risk"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &risk.Practice)
}

// TestNISTTable holds every cell of table I-2 of NIST SP 800-30 revision 1 and the bins of its levels.
func TestNISTTable(t *testing.T) {
	// The rows are likelihoods, the highest first as printed; the columns are impacts from very low to very high.
	printed := map[model.Level]string{
		model.LevelVeryHigh: "VL L M H VH",
		model.LevelHigh:     "VL L M H VH",
		model.LevelMedium:   "VL L M M H",
		model.LevelLow:      "VL L L L M",
		model.LevelVeryLow:  "VL VL VL L L",
	}
	short := map[string]model.Level{"VL": model.LevelVeryLow, "L": model.LevelLow, "M": model.LevelMedium, "H": model.LevelHigh, "VH": model.LevelVeryHigh}
	impacts := []model.Level{model.LevelVeryLow, model.LevelLow, model.LevelMedium, model.LevelHigh, model.LevelVeryHigh}
	m := risk.DeliveredMatrix()
	got := map[[2]model.Level]model.Level{}
	for _, c := range m.Cells {
		got[[2]model.Level{c.Likelihood, c.Impact}] = c.Risk
	}
	if len(m.Cells) != 25 || len(got) != 25 {
		t.Fatalf("there are %d cells, %d of them different", len(m.Cells), len(got))
	}
	for likelihood, row := range printed {
		for i, cell := range strings.Fields(row) {
			if g := got[[2]model.Level{likelihood, impacts[i]}]; g != short[cell] {
				t.Errorf("likelihood %s, impact %s: %s, want %s", likelihood, impacts[i], g, short[cell])
			}
		}
	}
	// The trap: five times one is five, and the table says very low.
	if got[[2]model.Level{model.LevelVeryHigh, model.LevelVeryLow}] != model.LevelVeryLow {
		t.Error("very high likelihood and very low impact must be very low")
	}
	var bins []string
	for _, s := range m.Likelihoods {
		bins = append(bins, fmt.Sprintf("%g-%g %g", s.Low, s.High, s.Representative))
	}
	if d := cmp.Diff([]string{"0-4 0", "5-20 2", "21-79 5", "80-95 8", "96-100 10"}, bins); d != "" {
		t.Error(d)
	}
}

// ask asks a question of the practice.
func ask[Out any](t testing.TB, v estate.View, name string, parameters map[string]any) Out {
	t.Helper()
	q, err := practice.Find([]*practice.Practice{&risk.Practice}, name)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := q.Ask(v, parameters)
	if err != nil {
		t.Fatal(err)
	}
	return answer.(Out)
}

func view(t testing.TB, yaml string) estate.View {
	t.Helper()
	snap, err := practicetest.Estate(yaml)
	if err != nil {
		t.Fatal(err)
	}
	return snap.View(model.NewDate(2026, 11, 22))
}

// company is an estate of some risks, each of which follows one of five causes.
func company(risks int) string {
	var out strings.Builder
	out.WriteString("- {kind: Person, key: ada}\n- {kind: RiskAppetite, key: all, name: All, points: [{amount: 100000 EUR, appetite: 60, tolerance: 80}, {amount: 1000000 EUR, appetite: 1}]}\n")
	for i := range 5 {
		fmt.Fprintf(&out, "- {kind: RiskCause, key: cause-%d}\n", i)
	}
	for i := range risks / 4 {
		fmt.Fprintf(&out, "- {kind: Control, key: control-%d, cost: %d EUR}\n", i, 1000*(1+i%20))
	}
	for i := range risks {
		fmt.Fprintf(&out, "- {kind: Risk, key: risk-%d, category: c%d, owner: Person/ada, currency: EUR, threat_frequency: 0.1..%g..%d, susceptibility: 0.1..0.2..0.5, loss_shape: lognormal, losses: [{form: response, amount: 1000..5000..%d}, {form: fines, secondary: true, amount: 100..5000..1000000}], secondary_frequency: 0.01..0.05..0.2, causes: [{cause: cause-%d, correlation: 0.5}], protections: [{control: control-%d, against: loss, reduction: 30}]}\n",
			i, i%4, 0.5+float64(i%7)/4, 3+i%5, 20_000+1000*i, i%5, i%max(1, risks/4))
	}
	return out.String()
}

// TestCurve: the curve carries the appetite and the tolerance, its ends and the named places.
func TestCurve(t *testing.T) {
	v := view(t, company(8))
	out := ask[risk.PortfolioOut](t, v, "risk.portfolio", nil)
	c := out.Curve.Curves
	var names []string
	for _, l := range c.Lines {
		names = append(names, fmt.Sprintf("%s %v %d", l.Name, l.Limit, len(l.Points)))
	}
	if d := cmp.Diff([]string{"All risks false 40", "Appetite true 2", "Tolerance true 2"}, names); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]practice.XY{{X: 100_000, Y: 60}, {X: 1_000_000, Y: 1}}, c.Lines[1].Points); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]practice.XY{{X: 100_000, Y: 80}, {X: 1_000_000, Y: 1}}, c.Lines[2].Points); d != "" {
		t.Error(d)
	}
	points := c.Lines[0].Points
	for i := 1; i < len(points); i++ {
		if points[i].X <= points[i-1].X || points[i].Y > points[i-1].Y {
			t.Errorf("the curve does not fall from %v to %v", points[i-1], points[i])
		}
	}
	if !c.X.Log || c.X.Unit != "EUR" || len(c.Marks) != 3 || c.Marks[1].X < 0.99*out.P95.Value || c.Marks[1].X > 1.01*out.P95.Value {
		t.Errorf("axis %+v, marks %+v, P95 %v", c.X, c.Marks, out.P95.Money)
	}
}

// TestContributionsAddUpToTheUnit: parts in whole units are exactly the whole.
func TestContributionsAddUpToTheUnit(t *testing.T) {
	v := view(t, company(60))
	for _, seed := range []int{1, 2, 3} {
		out := ask[risk.PortfolioOut](t, v, "risk.portfolio", map[string]any{"seed": float64(seed), "years": 5000.0})
		tail := model.MustMoney("0 EUR")
		for _, row := range out.Contributions.Rows {
			tail, _ = tail.Add(row.Tail)
		}
		if !tail.Equal(out.Tail.Money) {
			t.Errorf("seed %d: the parts add up to %s, the tail is %s", seed, tail, out.Tail.Money)
		}
		if !strings.Contains(out.Method, "binnacle-fair/1") || !strings.Contains(out.Method, fmt.Sprintf("seed %d", seed)) || !strings.Contains(out.Method, "5,000 years") {
			t.Errorf("the method does not say how to get the figures again: %s", out.Method)
		}
	}
}

// TestAnswersDoNotDependOnTheMachine: on one core and on several, from a fresh estate and from a remembered one.
func TestAnswersDoNotDependOnTheMachine(t *testing.T) {
	yaml := company(30)
	v := view(t, yaml)
	first := practicetest.Answer(v.Snapshot(), []*practice.Practice{&risk.Practice}, "risk.portfolio\nat: 2026-11-22\n")
	again := practicetest.Answer(v.Snapshot(), []*practice.Practice{&risk.Practice}, "risk.portfolio\nat: 2026-11-22\n")
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	alone := practicetest.Answer(view(t, yaml).Snapshot(), []*practice.Practice{&risk.Practice}, "risk.portfolio\nat: 2026-11-22\n")
	if first != again || first != alone {
		t.Errorf("answers differ:\n%s\n%s\n%s", first, again, alone)
	}
}

// TestRisksOutOfSightDoNotCount: who may not see a risk gets figures without it, from the same snapshot.
func TestRisksOutOfSightDoNotCount(t *testing.T) {
	v := view(t, company(4))
	all := ask[risk.PortfolioOut](t, v, "risk.portfolio", nil)
	part := ask[risk.PortfolioOut](t, v.Through(estate.SightFunc(func(rec model.Record) bool { return rec.Base().Key != "risk-3" })), "risk.portfolio", nil)
	var keys []string
	for _, row := range part.Contributions.Rows {
		keys = append(keys, row.Risk.Key)
	}
	if part.Risks.Value != 3 || part.Expected.Value >= all.Expected.Value || strings.Contains(fmt.Sprint(keys), "risk-3") {
		t.Errorf("all cost %v, without one they cost %v: %v", all.Expected.Money, part.Expected.Money, keys)
	}
}

// TestTheRegisterAgreesWithTheSimulation of each risk, where both play as many years.
func TestTheRegisterAgreesWithTheSimulation(t *testing.T) {
	v := view(t, company(6))
	for _, row := range ask[risk.RegisterOut](t, v, "risk.register", nil).Risks.Rows {
		one := ask[risk.SimulateOut](t, v, "risk.simulate", map[string]any{"risk": row.Risk.Key})
		if !one.Expected.Money.Equal(row.Expected) || !one.P95.Money.Equal(row.P95) || !one.Tail.Money.Equal(row.Tail) {
			t.Errorf("%s: %v, %v, %v in the register and %v, %v, %v by itself", row.Risk.Key, row.Expected, row.P95, row.Tail, one.Expected.Money, one.P95.Money, one.Tail.Money)
		}
		share := 0.0
		for _, f := range one.Forms.Rows {
			share += f.Share
		}
		if math.Abs(share-100) > 0.03 {
			t.Errorf("%s: the forms of loss are %g %% of the mean", row.Risk.Key, share)
		}
	}
}

// TestDeliveredQuestions: enough of both types, no two alike, and ten of each are asked.
func TestDeliveredQuestions(t *testing.T) {
	out := ask[risk.CalibrationOut](t, view(t, "- {kind: Person, key: ada}\n"), "risk.calibration", map[string]any{"questions": 100.0})
	keys, texts, types := map[string]bool{}, map[string]bool{}, map[model.CalibrationType]int{}
	for _, q := range out.Next.Rows {
		if keys[q.Key] || texts[q.Question] {
			t.Errorf("%s is there twice", q.Key)
		}
		keys[q.Key], texts[q.Question] = true, true
		types[q.Type]++
	}
	if types[model.CalibrationRangeType] < 30 || types[model.CalibrationClaimType] < 20 {
		t.Errorf("there are %v", types)
	}
}

// FuzzAnswers: whatever somebody types as answers or losses is recorded or refused, and never breaks.
func FuzzAnswers(f *testing.F) {
	for _, s := range []string{"arpanet: 1960..1975", "md5: false 80", "md5: true", "x", ":", "arpanet: NaN..1", "secondary fines: 0..1..2", "fines: 1e400", "productivity: 5..1"} {
		f.Add(s)
	}
	snap, err := practicetest.Estate("- {kind: Person, key: ada}\n- {kind: Risk, key: r, event_frequency: 1..2..3}\n")
	if err != nil {
		f.Fatal(err)
	}
	v := snap.View(model.NewDate(2026, 11, 22))
	ada, r := v.Find("Person", "ada").Base().Ref(), v.Find("Risk", "r").Base().Ref()
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := risk.TakeCalibration(v, risk.TakeCalibrationIn{Person: ada, Answers: []string{text}}); err == nil && len(p.Changes) != 1 {
			t.Errorf("%q: %d changes", text, len(p.Changes))
		}
		if p, err := risk.Estimate(v, risk.EstimateIn{Risk: r, Losses: []string{text}}); err == nil && len(p.Findings) == 0 {
			t.Errorf("%q: no finding", text)
		}
	})
}

// BenchmarkPages asks the heavy questions about 200 risks, each time of a fresh snapshot.
func BenchmarkPages(b *testing.B) {
	yaml := company(200)
	for _, name := range []string{"risk.register", "risk.portfolio", "risk.treatments", "risk.appetite"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				v := view(b, yaml)
				b.StartTimer()
				q, _ := practice.Find([]*practice.Practice{&risk.Practice}, name)
				if _, err := q.Ask(v, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
