package risk

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/risk/fair"
)

// TreatmentsIn says what is compared.
type TreatmentsIn struct {
	// Risk limits the answer to what acts on one risk.
	Risk model.Ref `to:"Risk"`
	// Spread is over how many years a cost that comes once is spread. The default is 3.
	Spread int `min:"1" max:"30"`
	// Years is how many years are simulated. Unset means 100,000 for up to 20 risks and 10,000 for more.
	Years int `min:"100" max:"1000000"`
	// Seed names the random numbers. Unset means 1.
	Seed int `min:"0"`
}

// TreatmentsOut says what each treatment buys.
type TreatmentsOut struct {
	// Tail is what the worst five of 100 years cost on average today, for all open risks together.
	Tail practice.Figure
	// Findings name controls that cost more than they save, and treatments without a cost.
	Findings []practice.Finding
	// Treatments are the treatments, what buys most for each unit of money first, and then those without a cost.
	Treatments practice.Table[TreatmentRow]
	// Method says how the figures came about.
	Method string
}

// TreatmentType says what would be done.
type TreatmentType string

// What would be done.
const (
	KeepControl  TreatmentType = "keep"
	MendControl  TreatmentType = "mend"
	BuildControl TreatmentType = "build"
	DoPlan       TreatmentType = "plan"
)

// Options lists what may be done.
func (TreatmentType) Options() []model.Option {
	return []model.Option{
		{Value: "keep", Label: "Keep", Help: "The control is in place: what it buys today."},
		{Value: "mend", Label: "Mend", Help: "The control failed or was not tested in time: what it would buy if it worked."},
		{Value: "build", Label: "Build", Help: "The control is planned: what it would buy."},
		{Value: "plan", Label: "Plan", Help: "An item of the plan of action: what its controls would buy together."},
	}
}

// TreatmentRow is what one treatment buys.
type TreatmentRow struct {
	// Treatment is the control or the item of the plan.
	Treatment practice.Link
	// Type says what would be done.
	Type TreatmentType
	// Risks are the risks that it acts on.
	Risks []practice.Link
	// Without is what these risks cost in a year on average without it.
	Without model.Money
	// With is what they cost with it.
	With model.Money
	// Saves is the difference in a year.
	Saves model.Money
	// TailSaves is by how much the worst five of 100 years of all risks together become cheaper on average.
	TailSaves model.Money
	// Cost is what it costs in a year. What it costs once is spread.
	Cost model.Money
	// PerUnit is how many units of money it saves on average for each one that it costs. Empty where the cost is not known.
	PerUnit *float64
	// TailPerUnit is the same for the worst years.
	TailPerUnit *float64
	// Why says how it stands.
	Why string
}

// option is one thing that could be done.
type option struct {
	record model.Record
	kind   TreatmentType
	// turns are the controls that are in place with it and not without it.
	turns []model.Ref
	cost  float64
	known bool
	why   string
}

// Treatments says what each control and each item of the plan of action buys: the mean loss of a year without it and with it, and what that makes
// of the worst years of all risks together, for each unit of money that it costs in a year. A control that is in place is taken away, one that is not is put in place. Before and after have the same luck, so
// that chance does not hide the difference.
func Treatments(v estate.View, in TreatmentsIn) (TreatmentsOut, error) {
	var out TreatmentsOut
	a := newAssessor(v)
	risks := openRisks(v, nil)
	list := a.assess(risks, a.counted)
	_, counted := modelsOf(list)
	options := optionsFor(len(counted), in.Years, in.Seed)
	if len(counted) > manyRisks && in.Years == 0 {
		options.Years = yearsOfTreatments
	}
	if len(counted) == 0 {
		out.Tail = practice.Figure{Unknown: true, Better: practice.Lower, Note: "no open risk has the ranges that it takes to count it in money"}
		return out, nil
	}
	total := remembered(v, "risk.years", list, options, func(models []*fair.Model) []float64 { return fair.Years(models, options) })
	base := fair.Summarise(total, options)
	out.Tail = a.figure(base.Tail(tail), "", linksOf(counted))
	bench := &comparison{a: a, options: options, total: total, base: base.Tail(tail), acting: actingOn(risks)}
	trials := bench.trials(a.options(risks, cmp.Or(in.Spread, 3)), in.Risk)
	effects := bench.effects(list, trials)
	for i, t := range trials {
		o := t.option
		row, ok := bench.row(t, effects[i])
		if !ok {
			continue
		}
		out.Treatments.Rows = append(out.Treatments.Rows, row)
		f := practice.Finding{About: row.Treatment, From: append([]practice.Link{row.Treatment}, row.Risks...), Owner: practice.OwnerOf(v, o.record)}
		switch {
		case !o.known:
			f.Severity, f.Text = practice.Info, fmt.Sprintf("Nobody said what %s costs in a year, so what it buys cannot be held against it.", row.Treatment.Title())
		case row.PerUnit != nil && *row.PerUnit < 1 && (row.TailPerUnit == nil || *row.TailPerUnit < 1):
			f.Severity, f.Text = practice.Low, fmt.Sprintf("%s costs %s a year and saves %s on average, %s in the worst years.", row.Treatment.Title(), row.Cost, row.Saves, row.TailSaves)
		default:
			continue
		}
		out.Findings = append(out.Findings, f)
	}
	sortRows(out.Treatments.Rows, func(r TreatmentRow) float64 {
		if r.PerUnit == nil {
			return 1e18 - r.Saves.Float()
		}
		return -*r.PerUnit
	})
	practice.WorstFirst(out.Findings)
	out.Method = method(options) + a.missingRates()
	return out, nil
}

// actingOn returns the risks that each control protects against.
func actingOn(risks []*model.Risk) map[model.Ref][]*model.Risk {
	out := map[model.Ref][]*model.Risk{}
	for _, r := range risks {
		for _, p := range r.Protections {
			if list := out[p.Control]; len(list) == 0 || list[len(list)-1] != r {
				out[p.Control] = append(list, r)
			}
		}
	}
	return out
}

// options lists what could be done: every control that protects against an open risk, and every item of the plan whose controls do.
func (a *assessor) options(risks []*model.Risk, spread int) []option {
	var out []option
	acting := actingOn(risks)
	for c := range estate.Each[*model.Control](a.view) {
		if len(acting[c.Ref()]) == 0 {
			continue
		}
		s := a.control(c.Ref())
		o := option{record: c, kind: KeepControl, turns: []model.Ref{c.Ref()}, why: s.why}
		if !s.counts {
			o.kind = MendControl
			if c.Active.IsZero() && (c.Plan > 0 || c.PhaseIn > 0) || c.Active > a.view.At() {
				o.kind = BuildControl
			}
		}
		o.cost, o.known = a.amount(c.Cost)
		out = append(out, o)
	}
	for p := range estate.Each[*model.PlanItem](a.view) {
		if p.State == "closed" || p.State == "cancelled" || p.State == "done" {
			continue
		}
		o := option{record: p, kind: DoPlan}
		once, ok := a.amount(p.Cost)
		o.cost, o.known = once/float64(spread), ok
		for _, ref := range p.Controls {
			if s := a.control(ref); s.control != nil && !s.counts && len(acting[ref]) > 0 {
				o.turns = append(o.turns, ref)
				yearly, ok := a.amount(s.control.Cost)
				o.cost, o.known = o.cost+yearly, o.known || ok
			}
		}
		if len(o.turns) == 0 {
			continue
		}
		o.why = practice.Count(len(o.turns), "control is", "controls are") + " not in place yet"
		out = append(out, o)
	}
	return out
}

// comparison compares years without and with something.
type comparison struct {
	a       *assessor
	options fair.Options
	total   []float64
	base    float64
	acting  map[model.Ref][]*model.Risk
}

// of returns what the years of a risk cost.
func (c *comparison) of(x *assessed) []float64 { return fair.Years([]*fair.Model{x.model}, c.options) }

// trial is what could be done, with the risks that it acts on as they are without it and with it.
type trial struct {
	option
	risks         []*model.Risk
	without, with []*assessed
}

// effect is what something does to the years.
type effect struct {
	// before and after are what the risks cost in a year on average without it and with it.
	before, after float64
	// worst is by how much the worst years of all risks become cheaper.
	worst float64
	// counted are the places of the risks that can be counted.
	counted []int
}

// trials returns what could be done about risks, or about one of them alone.
func (c *comparison) trials(options []option, only model.Ref) []trial {
	var out []trial
	for _, o := range options {
		t := trial{option: o}
		for _, ref := range o.turns {
			for _, r := range c.acting[ref] {
				if !slices.Contains(t.risks, r) {
					t.risks = append(t.risks, r)
				}
			}
		}
		if !only.IsZero() && !slices.ContainsFunc(t.risks, func(r *model.Risk) bool { return r.Ref() == only }) {
			continue
		}
		set := func(in bool) func(model.Ref) bool {
			return func(ref model.Ref) bool {
				if slices.Contains(o.turns, ref) {
					return in
				}
				return c.a.counted(ref)
			}
		}
		t.without, t.with = c.a.read(t.risks, set(false)), c.a.read(t.risks, set(true))
		out = append(out, t)
	}
	return out
}

// effects returns what each trial does, where the risks are as in a list. It remembers that by what all risks are made of.
func (c *comparison) effects(list []*assessed, trials []trial) []effect {
	h := sha256.New()
	fmt.Fprintf(h, "%x", digestOf(list))
	var all []*assessed
	for _, t := range trials {
		fmt.Fprintf(h, " %t %d", t.kind == KeepControl, len(t.risks))
		all = append(append(all, t.without...), t.with...)
	}
	fmt.Fprintf(h, " %x", digestOf(all))
	return c.a.view.Snapshot().MemoOf(resultKey{"risk.treatments", [32]byte(h.Sum(nil)), c.options}, modelKinds, func() any {
		c.a.compile(all)
		out := make([]effect, len(trials))
		next := make(chan int)
		var wait sync.WaitGroup
		for range min(len(trials), runtime.GOMAXPROCS(0)) {
			wait.Go(func() {
				for i := range next {
					out[i] = c.effect(trials[i])
				}
			})
		}
		for i := range trials {
			next <- i
		}
		close(next)
		wait.Wait()
		return out
	}).([]effect)
}

// effect plays a trial.
func (c *comparison) effect(t trial) (e effect) {
	other := slices.Clone(c.total)
	for i := range t.risks {
		if t.without[i].model == nil || t.with[i].model == nil {
			continue
		}
		e.counted = append(e.counted, i)
		e.before += t.without[i].model.Expected()
		e.after += t.with[i].model.Expected()
		now, then := c.of(t.without[i]), c.of(t.with[i])
		if t.kind == KeepControl {
			now, then = then, now
		}
		for y := range other {
			other[y] = max(0, other[y]-now[y]+then[y])
		}
	}
	if len(e.counted) == 0 {
		return e
	}
	e.worst = c.base - fair.Summarise(other, c.options).Tail(tail)
	if t.kind == KeepControl {
		e.worst = -e.worst
	}
	return e
}

// row says what a treatment buys. It returns false where it acts on no risk that can be counted.
func (c *comparison) row(t trial, e effect) (TreatmentRow, bool) {
	row := TreatmentRow{Treatment: practice.To(t.record), Type: t.kind, Why: t.why}
	for _, i := range e.counted {
		row.Risks = append(row.Risks, practice.To(t.risks[i]))
	}
	saves := e.before - e.after
	if saves > -0.5 && saves < 0.5 { // It is shown in whole units: what is less than half of one is chance.
		saves = 0
	}
	row.Without, row.With, row.Saves, row.TailSaves = c.a.money(e.before), c.a.money(e.after), c.a.money(saves), c.a.money(e.worst)
	if t.known {
		row.Cost = c.a.money(t.cost)
		if t.cost > 0 {
			mean, tail := digits(saves/t.cost, 3), digits(e.worst/t.cost, 3)
			row.PerUnit, row.TailPerUnit = &mean, &tail
		}
	}
	return row, len(e.counted) > 0
}
