package risk

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
	"binnacle/practice/costs"
	"binnacle/practice/risk/fair"
)

// assessor turns risks into what can be counted, with the controls as they stand and the rates of the day.
type assessor struct {
	view     estate.View
	book     controls.Book
	currency string
	rates    *costs.Rates
	known    map[string]float64
	standing map[model.Ref]standing
	// models are those that were made for this question, by what they are made of.
	models map[[32]byte]compiled
}

// standing says whether a control counts as in place, and why.
type standing struct {
	control *model.Control
	state   controls.State
	counts  bool
	why     string
}

// assessed is a risk made ready for counting.
type assessed struct {
	risk *model.Risk
	in   fair.Risk
	// lacks says what is missing to count it in money. It is empty where it can be counted.
	lacks  []string
	digest [32]byte
	model  *fair.Model
}

func newAssessor(v estate.View) *assessor {
	a := &assessor{view: v, book: controls.In(v), known: map[string]float64{}, standing: map[model.Ref]standing{}, models: map[[32]byte]compiled{}}
	a.currency = currencyOf(v)
	a.rates = costs.NewRates(v, a.currency)
	return a
}

// currencyOf returns the currency that losses are counted in: that of the books, otherwise that of most risks, otherwise none.
func currencyOf(v estate.View) string {
	if c := costs.BooksCurrency(v); c != "" {
		return c
	}
	count := map[string]int{}
	for r := range estate.Each[*model.Risk](v) {
		if r.Currency != "" {
			count[strings.ToUpper(r.Currency)]++
		}
	}
	best := ""
	for _, c := range slices.Sorted(maps.Keys(count)) {
		if best == "" || count[c] > count[best] {
			best = c
		}
	}
	return cmp.Or(best, costs.Of(v).Currency, costs.NoCurrency)
}

// rate returns what one unit of a currency is worth in the currency of the result, and false where there is no rate.
func (a *assessor) rate(currency string) (float64, bool) {
	currency = strings.ToUpper(strings.TrimSpace(currency))
	if currency == "" || currency == a.currency {
		return 1, true
	}
	if r, ok := a.known[currency]; ok {
		return r, r > 0
	}
	rate := 0.0
	if d, ok := a.rates.On(currency, a.view.At()); ok {
		rate, _ = strconv.ParseFloat(d.String(), 64)
	}
	a.known[currency] = rate
	return rate, rate > 0
}

// amount returns money in the currency of the result, and false where it is unset or there is no rate.
func (a *assessor) amount(m model.Money) (float64, bool) {
	if m.IsZero() {
		return 0, false
	}
	rate, ok := a.rate(m.Currency())
	return m.Float() * rate, ok
}

// money returns an amount in whole units of the currency of the result.
func (a *assessor) money(x float64) model.Money { return moneyOf(x, a.currency) }

func moneyOf(x float64, currency string) model.Money {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return model.Money{}
	}
	m, _ := model.NewMoney(strconv.FormatFloat(math.Round(x), 'f', 0, 64), currency)
	return m
}

// figure returns an amount as a figure.
func (a *assessor) figure(x float64, note string, from []practice.Link) practice.Figure {
	m := a.money(x)
	return practice.Figure{Value: m.Float(), Money: m, Better: practice.Lower, Note: note, From: from}
}

// control says whether a control counts as in place: one that failed, could not tell or whose test is too old does not, nor one
// whose life has not begun or is over. One that was never tested counts on trust.
func (a *assessor) control(ref model.Ref) standing {
	if s, ok := a.standing[ref]; ok {
		return s
	}
	s := standing{why: "there is no such control in sight"}
	if c, ok := estate.Look[*model.Control](a.view, ref); ok {
		at := a.view.At()
		s = standing{control: c}
		s.state, _ = a.book.Of(ref)
		switch {
		case !c.Active.IsZero() && c.Active > at, c.Active.IsZero() && (c.Plan > 0 || c.PhaseIn > 0):
			s.why = "it is planned and not in full use yet"
		case !c.EndOfLife.IsZero() && c.EndOfLife < at:
			s.why = "its life ended on " + c.EndOfLife.String()
		case s.state == controls.Passed:
			s.counts, s.why = true, "its tests passed"
		case s.state == controls.Untested:
			s.counts, s.why = true, "it was never tested and counts on trust"
		case s.state == controls.Failed:
			s.why = "a test failed"
		case s.state == controls.Stale:
			s.why = "its last test is too old to count"
		default:
			s.why = "a test could not tell"
		}
	}
	a.standing[ref] = s
	return s
}

// counted reports whether a control counts as it stands.
func (a *assessor) counted(ref model.Ref) bool { return a.control(ref).counts }

// shapeOf returns how values lie within a range. PERT where nobody said.
func shapeOf(s model.RangeShape) fair.Shape {
	switch s {
	case model.ShapeLognormal:
		return fair.Lognormal
	case model.ShapeUniform:
		return fair.Uniform
	}
	return fair.PERT
}

func estimateOf(r model.Range, s model.RangeShape) fair.Estimate {
	if r.IsZero() {
		return fair.Estimate{}
	}
	return fair.Estimate{Low: r.Low, Likely: r.Likely, High: r.High, Shape: shapeOf(s), Set: true}
}

func nameOf(id model.Ref) uint64 {
	h := fnv.New64a()
	h.Write(id[:])
	return h.Sum64()
}

// translate returns a risk as it is counted, with those controls in place for which counts says so.
func (a *assessor) translate(r *model.Risk, counts func(model.Ref) bool) (fair.Risk, []string) {
	// Strengths lie on a scale from 0 to 100 and have the shape of frequencies and probabilities.
	e := func(x model.Range) fair.Estimate { return estimateOf(x, r.Shape) }
	out := fair.Risk{Name: nameOf(r.Ref()), Frequency: e(r.EventFrequency), Threat: e(r.ThreatFrequency), Contact: e(r.ContactFrequency), Action: e(r.ActionProbability),
		Susceptibility: e(r.Susceptibility), Capability: e(r.ThreatCapability), Resistance: e(r.ResistanceStrength), Reaction: e(r.SecondaryFrequency), AtMostOnce: r.Events == model.EventsBinomial}
	for _, l := range r.Losses {
		out.Forms = append(out.Forms, fair.Form{Secondary: l.Secondary, Amount: estimateOf(l.Amount, r.LossShape)})
	}
	for _, p := range r.Protections {
		if !counts(p.Control) {
			continue
		}
		cut := min(max(float64(p.Reduction)/100, 0), 1)
		switch p.Against {
		case model.AgainstResistance:
			if !p.Strength.IsZero() {
				out.Strengths = append(out.Strengths, e(p.Strength))
			}
		case model.AgainstContact:
			out.Cuts = out.Cuts.And(fair.Cuts{Contact: cut})
		case model.AgainstAction:
			out.Cuts = out.Cuts.And(fair.Cuts{Action: cut})
		case model.AgainstLoss:
			out.Cuts = out.Cuts.And(fair.Cuts{Loss: cut})
		case model.AgainstSecondary:
			out.Cuts = out.Cuts.And(fair.Cuts{Reaction: cut})
		}
	}
	for _, c := range r.Causes {
		out.Causes = append(out.Causes, fair.Share{Cause: nameOf(c.Cause), Correlation: c.Correlation})
	}
	lacks := out.Lacks()
	rate, ok := a.rate(r.Currency)
	out.Rate = rate
	if !ok {
		lacks = append(lacks, fmt.Sprintf("an exchange rate from %s to %s on or before %s", strings.ToUpper(r.Currency), a.currency, a.view.At()))
		out.Rate = 1
	}
	return out, lacks
}

// modelKinds are the kinds whose changes make a snapshot forget models and results, which follow from their keys alone.
var modelKinds = []string{"Risk", "RiskCause", "Control"}

// compiled is a model, or why there is none.
type compiled struct {
	model *fair.Model
	err   error
}

// assess returns risks ready for counting. Models are remembered by what they are made of.
func (a *assessor) assess(risks []*model.Risk, counts func(model.Ref) bool) []*assessed {
	out := a.read(risks, counts)
	a.compile(out)
	return out
}

// read returns risks as they are counted, without their models.
func (a *assessor) read(risks []*model.Risk, counts func(model.Ref) bool) []*assessed {
	out := make([]*assessed, len(risks))
	for i, r := range risks {
		x := &assessed{risk: r}
		x.in, x.lacks = a.translate(r, counts)
		x.digest = sha256.Sum256(fmt.Appendf(nil, "%s %+v", fair.Method, x.in))
		out[i] = x
	}
	return out
}

// compile makes the models of risks, and remembers those of a whole list for other questions.
func (a *assessor) compile(list []*assessed) {
	type key struct{ digest [32]byte }
	made := a.view.Snapshot().MemoOf(key{digestOf(list)}, modelKinds, func() any {
		var fresh []fair.Risk
		var names [][32]byte
		named := map[[32]byte]bool{}
		for _, x := range list {
			if _, known := a.models[x.digest]; !known && !named[x.digest] && len(x.lacks) == 0 {
				fresh, names, named[x.digest] = append(fresh, x.in), append(names, x.digest), true
			}
		}
		models, errs := fair.NewAll(fresh)
		for i, name := range names {
			a.models[name] = compiled{models[i], errs[i]}
		}
		all := make([]compiled, len(list))
		for i, x := range list {
			all[i] = a.models[x.digest]
		}
		return all
	}).([]compiled)
	for i, x := range list {
		if len(x.lacks) > 0 {
			continue
		}
		x.model, a.models[x.digest] = made[i].model, made[i]
		if err := made[i].err; err != nil {
			x.lacks = []string{"ranges that can be right (" + err.Error() + ")"}
		}
	}
}

// digestOf names a list of risks by what they are made of.
func digestOf(list []*assessed) [32]byte {
	h := sha256.New()
	for _, x := range list {
		fmt.Fprintf(h, "%x %d ", x.digest, len(x.lacks))
	}
	return [32]byte(h.Sum(nil))
}

// modelsOf returns the models of the risks that can be counted, and these risks.
func modelsOf(list []*assessed) ([]*fair.Model, []*assessed) {
	var models []*fair.Model
	var counted []*assessed
	for _, x := range list {
		if x.model != nil {
			models, counted = append(models, x.model), append(counted, x)
		}
	}
	return models, counted
}

// openRisks returns the risks that are not closed and that a condition holds for, by key.
func openRisks(v estate.View, keep func(*model.Risk) bool) []*model.Risk {
	var out []*model.Risk
	for r := range estate.Each[*model.Risk](v) {
		if r.State != model.RiskClosed && (keep == nil || keep(r)) {
			out = append(out, r)
		}
	}
	return out
}

// The years and the seed that are simulated where nobody says otherwise.
const (
	yearsOfOne  = 100_000
	yearsOfMany = 20_000
	manyRisks   = 20
	// yearsOfTreatments are fewer, because every treatment is played without and with. Both have the same luck, so that the difference is sharp.
	yearsOfTreatments = 10_000
	usualSeed         = 1
)

// optionsFor returns how to simulate some risks: 100,000 years of up to 20 risks, and 20,000 of more, where nobody says otherwise.
func optionsFor(risks, years, seed int) fair.Options {
	usual := yearsOfOne
	if risks > manyRisks {
		usual = yearsOfMany
	}
	return fair.Options{Years: cmp.Or(years, usual), Seed: uint64(cmp.Or(seed, usualSeed))}
}

// tail is the share of years that are not among the worst ones of the tail value at risk.
const tail = 0.95

type resultKey struct {
	what    string
	digest  [32]byte
	options fair.Options
}

// remembered returns what compute makes of some risks, and remembers it by what the risks are made of.
func remembered[R any](v estate.View, what string, list []*assessed, o fair.Options, compute func(models []*fair.Model) R) R {
	return v.Snapshot().MemoOf(resultKey{what, digestOf(list), o}, modelKinds, func() any {
		models, _ := modelsOf(list)
		return compute(models)
	}).(R)
}

// together returns what risks cost together.
func together(v estate.View, list []*assessed, o fair.Options) *fair.Portfolio {
	return remembered(v, "risk.together", list, o, func(models []*fair.Model) *fair.Portfolio { return fair.SimulateAll(models, o, tail) })
}

// summary is what is kept of the simulation of one risk among many.
type summary struct{ mean, p95, tail float64 }

// alone returns what each risk that can be counted costs by itself.
func alone(v estate.View, list []*assessed, o fair.Options) []summary {
	return remembered(v, "risk.alone", list, o, func(models []*fair.Model) []summary {
		out := make([]summary, len(models))
		for i, r := range fair.Each(models, o) {
			out[i] = summary{models[i].Expected(), r.Quantile(0.95), r.Tail(tail)}
		}
		return out
	})
}

// method says in a sentence how figures came about, so that anybody can get them again.
func method(o fair.Options) string {
	return fmt.Sprintf("%s years of method %s from seed %d; ranges are modified PERT by Vose, so tools with classical PERT differ", thousands(o.Years), fair.Method, o.Seed)
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// percent turns a probability into percent with two places.
func percent(p float64) float64 { return math.Round(p*10_000) / 100 }

// digits rounds to a number of significant digits.
func digits(x float64, n int) float64 {
	f, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', n, 64), 64)
	return f
}

// parts splits a total into whole units in proportion to parts that add up to it: what is left of rounding goes to those that lost most by it.
func (a *assessor) parts(list []float64, total float64) []model.Money {
	whole := make([]float64, len(list))
	rest := math.Round(total)
	order := make([]int, len(list))
	for i, x := range list {
		whole[i] = math.Floor(x)
		rest -= whole[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(list[j]-whole[j], list[i]-whole[i]) })
	for _, i := range order {
		if rest < 0.5 {
			break
		}
		whole[i]++
		rest--
	}
	out := make([]model.Money, len(list))
	for i, x := range whole {
		out[i] = a.money(x)
	}
	return out
}
