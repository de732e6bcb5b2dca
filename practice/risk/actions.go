package risk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// AcceptIn says who accepts which risk until when.
type AcceptIn struct {
	// Risk is the risk.
	Risk model.Ref `to:"Risk" is:"required"`
	// Person is who answers for living with it.
	Person model.Ref `to:"Person" is:"asker"`
	// Until is the last day on which the acceptance holds.
	Until model.Date `is:"required"`
}

// Accept proposes to accept what remains of a risk until a day, in the name of a person.
func Accept(v estate.View, in AcceptIn) (practice.Proposal, error) {
	before, err := riskOf(v, in.Risk)
	if err != nil {
		return practice.Proposal{}, err
	}
	person, ok := estate.Look[*model.Person](v, in.Person)
	switch {
	case !ok:
		return practice.Proposal{}, model.Problem{Field: "person", Text: "there is no such person"}
	case practice.HasLeft(person, v.At()):
		return practice.Proposal{}, model.Problem{Field: "person", Text: person.Title() + " has left: somebody who is there must accept it"}
	case in.Until < v.At():
		return practice.Proposal{}, model.Problem{Field: "until", Text: in.Until.String() + " is over: give a day that is not"}
	case before.State == model.RiskClosed:
		return practice.Proposal{}, model.Problem{Field: "risk", Text: before.Title() + " is closed: there is nothing to accept"}
	}
	after := model.Clone(before)
	after.Treatment, after.State, after.AcceptedBy, after.AcceptedUntil = model.TreatAccept, model.RiskAccepted, in.Person, in.Until
	if after.ReviewBy.IsZero() || after.ReviewBy > in.Until || after.ReviewBy < v.At() {
		after.ReviewBy = in.Until
	}
	out := proposal(v, before, after, fmt.Sprintf("Accept %s until %s", before.Title(), in.Until))
	add := func(s practice.Severity, text string, args ...any) {
		out.Findings = append(out.Findings, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: practice.To(before)})
	}
	if in.Until > v.At().AddMonths(12) {
		add(practice.Low, "That is more than a year: the world may be another one by then.")
	}
	m, _ := matrixOf(v, model.Ref{})
	if level := cellOf(m, before.Likelihood, before.Impact); model.Rank(level) >= model.Rank(model.LevelHigh) {
		add(practice.Medium, "The matrix says that this risk is %s.", words(level))
	}
	a := newAssessor(v)
	if x := a.assess([]*model.Risk{before}, a.counted)[0]; x.model != nil {
		s := alone(v, []*assessed{x}, optionsFor(1, 0, 0))[0]
		add(practice.Info, "It costs %s a year on average, and more than %s in one of 20 years.", a.money(s.mean), a.money(s.p95))
	} else {
		add(practice.Low, "Nobody knows what is accepted here in money: it lacks %s.", strings.Join(x.lacks, " and "))
	}
	return out, nil
}

// TreatIn says what is done about a risk.
type TreatIn struct {
	// Risk is the risk.
	Risk model.Ref `to:"Risk" is:"required"`
	// Treatment says what is done. To accept a risk use risk.accept.
	Treatment model.RiskTreatment `is:"required"`
	// Controls are controls that are to stand against it from now on. What they act on is to be said on the risk.
	Controls []model.Ref `to:"Control"`
	// Against says which factor these controls act on. Unset means that they resist.
	Against model.ProtectionFactor
	// Reduction is the part of the factor that each of them takes away, where it does not resist.
	Reduction model.Percent `min:"0" max:"100" unit:"%"`
	// Strength is up to which strength of threats each of them holds, where it resists.
	Strength model.Range
	// ReviewBy is the day by which the risk is to be looked at again.
	ReviewBy model.Date
}

// Treat proposes what is done about a risk, perhaps with controls that stand against it. An acceptance that was there ends.
func Treat(v estate.View, in TreatIn) (practice.Proposal, error) {
	before, err := riskOf(v, in.Risk)
	if err != nil {
		return practice.Proposal{}, err
	}
	if in.Treatment == model.TreatAccept {
		return practice.Proposal{}, model.Problem{Field: "treatment", Text: "accepting needs a person and a day: use risk.accept"}
	}
	after := model.Clone(before)
	after.Treatment, after.AcceptedBy, after.AcceptedUntil = in.Treatment, model.Ref{}, 0
	after.State = model.RiskRemediating
	if in.Treatment == model.TreatUndecided {
		after.State = model.RiskInvestigating
	}
	after.ReviewBy = cmp.Or(in.ReviewBy, before.ReviewBy)
	after.Protections = slices.Clone(before.Protections)
	for _, ref := range in.Controls {
		if v.Get(ref) == nil {
			return practice.Proposal{}, model.Problem{Field: "controls", Text: "there is no such control"}
		}
		p := model.Protection{Control: ref, Against: cmp.Or(in.Against, model.AgainstResistance), Reduction: in.Reduction, Strength: in.Strength}
		same := func(q model.Protection) bool { return q.Control == p.Control && q.Against == p.Against }
		after.Protections = append(slices.DeleteFunc(after.Protections, same), p)
	}
	out := proposal(v, before, after, fmt.Sprintf("Treat %s: %s", before.Title(), words(in.Treatment)))
	a := newAssessor(v)
	was, will := a.assess([]*model.Risk{before}, a.counted)[0], a.assess([]*model.Risk{after}, func(ref model.Ref) bool { return a.counted(ref) || slices.Contains(in.Controls, ref) })[0]
	if was.model != nil && will.model != nil && len(in.Controls) > 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: practice.To(before),
			Text: fmt.Sprintf("It costs %s a year on average today, and %s when these controls are in place.", a.money(was.model.Expected()), a.money(will.model.Expected()))})
	}
	if in.Treatment != model.TreatUndecided && len(after.Protections) == 0 && in.Treatment == "mitigate" {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, About: practice.To(before), Text: "No control stands against it yet: name one."})
	}
	return out, nil
}

// ReviewIn says that a risk was looked at again.
type ReviewIn struct {
	// Risk is the risk.
	Risk model.Ref `to:"Risk" is:"required"`
	// On is the day on which it was looked at. Unset means today.
	On model.Date
	// Next is the day by which it is to be looked at again. Unset means a day that follows from its level.
	Next model.Date
	// Likelihood is how likely it is now, where that has changed.
	Likelihood model.Level
	// Impact is how bad it would be now, where that has changed.
	Impact model.Level
	// Close says that it is gone, or was none.
	Close bool
}

// Review proposes to note that a risk was looked at again, with the next day for it: 30 days later for a very high level, 90 for high, 180 for medium, otherwise a year.
func Review(v estate.View, in ReviewIn) (practice.Proposal, error) {
	before, err := riskOf(v, in.Risk)
	if err != nil {
		return practice.Proposal{}, err
	}
	on := cmp.Or(in.On, v.At())
	if on > v.At() {
		return practice.Proposal{}, model.Problem{Field: "on", Text: on.String() + " has not come yet"}
	}
	after := model.Clone(before)
	after.Reviewed = on
	after.Likelihood, after.Impact = cmp.Or(in.Likelihood, before.Likelihood), cmp.Or(in.Impact, before.Impact)
	m, _ := matrixOf(v, model.Ref{})
	level := cellOf(m, after.Likelihood, after.Impact)
	after.ReviewBy = cmp.Or(in.Next, on.AddDays(reviewDays(level)))
	if after.ReviewBy <= on {
		return practice.Proposal{}, model.Problem{Field: "next", Text: after.ReviewBy.String() + " is not after the day of the review"}
	}
	if in.Close {
		after.State = model.RiskClosed
	}
	out := proposal(v, before, after, "Review "+before.Title())
	if was := cellOf(m, before.Likelihood, before.Impact); was != level && level != "" {
		out.Findings = append(out.Findings, practice.Finding{Severity: severityOrInfo(level), About: practice.To(before), Text: fmt.Sprintf("Its level was %s and is %s.", cmp.Or(words(was), "not known"), words(level))})
	}
	return out, nil
}

func severityOrInfo(l model.Level) practice.Severity { return cmp.Or(severityOf(l), practice.Info) }

// EstimateIn are ranges for a risk. What is unset stays as it is.
type EstimateIn struct {
	// Risk is the risk.
	Risk model.Ref `to:"Risk" is:"required"`
	// EventFrequency is how often loss happens in a year, as low..likely..high. It takes the place of everything that it is made of.
	EventFrequency model.Range
	// ThreatFrequency is how often the threat acts in a year, whether it succeeds or not.
	ThreatFrequency model.Range
	// ContactFrequency is how often the threat meets the asset in a year.
	ContactFrequency model.Range
	// ActionProbability is how probable it is that the threat acts when it meets the asset, from 0 to 1.
	ActionProbability model.Range
	// Susceptibility is how probable it is that the threat succeeds when it acts, from 0 to 1.
	Susceptibility model.Range
	// ThreatCapability is how strong the threat is, from 0 to 100.
	ThreatCapability model.Range
	// ResistanceStrength is up to which strength of threats the asset holds by itself, from 0 to 100.
	ResistanceStrength model.Range
	// SecondaryFrequency is how probable it is that others react to an event, from 0 to 1.
	SecondaryFrequency model.Range
	// Losses are what one event costs, form by form: productivity: 1000..5000..20000. Put secondary before the form for the reaction of others: secondary fines: 0..1000..50000. A form that is there already is replaced.
	Losses []string
	// Shape says how values lie within the ranges of frequency and probability.
	Shape model.RangeShape
	// LossShape says how values lie within the ranges of losses.
	LossShape model.RangeShape
	// Currency is the currency of the losses, as three letters of ISO 4217.
	Currency string
}

// Estimate proposes to write calibrated ranges into a risk, and says what it then costs and what is still missing.
func Estimate(v estate.View, in EstimateIn) (practice.Proposal, error) {
	before, err := riskOf(v, in.Risk)
	if err != nil {
		return practice.Proposal{}, err
	}
	after := model.Clone(before)
	for _, f := range []struct {
		to   *model.Range
		from model.Range
	}{{&after.EventFrequency, in.EventFrequency}, {&after.ThreatFrequency, in.ThreatFrequency}, {&after.ContactFrequency, in.ContactFrequency}, {&after.ActionProbability, in.ActionProbability},
		{&after.Susceptibility, in.Susceptibility}, {&after.ThreatCapability, in.ThreatCapability}, {&after.ResistanceStrength, in.ResistanceStrength}, {&after.SecondaryFrequency, in.SecondaryFrequency}} {
		if !f.from.IsZero() {
			*f.to = f.from
		}
	}
	after.Losses = slices.Clone(before.Losses)
	for _, text := range in.Losses {
		l, err := readLoss(text)
		if err != nil {
			return practice.Proposal{}, model.Problem{Field: "losses", Text: err.Error()}
		}
		same := func(o model.LossForm) bool { return o.Form == l.Form && o.Secondary == l.Secondary }
		if i := slices.IndexFunc(after.Losses, same); i >= 0 {
			l.Note = after.Losses[i].Note
			after.Losses[i] = l
		} else {
			after.Losses = append(after.Losses, l)
		}
	}
	after.Shape, after.LossShape = cmp.Or(in.Shape, before.Shape), cmp.Or(in.LossShape, before.LossShape)
	after.Currency = cmp.Or(strings.ToUpper(in.Currency), before.Currency)
	a := newAssessor(v)
	x := a.assess([]*model.Risk{after}, a.counted)[0]
	if err := x.in.Check(); err != nil && len(x.in.Lacks()) == 0 {
		return practice.Proposal{}, model.Problem{Field: "risk", Text: err.Error()}
	}
	out := proposal(v, before, after, "Estimate "+before.Title())
	f := practice.Finding{Severity: practice.Info, About: practice.To(before)}
	if x.model == nil {
		f.Severity, f.Text = practice.Low, "To count it in money it still lacks "+strings.Join(x.lacks, " and ")+"."
	} else {
		f.Text = fmt.Sprintf("It then costs %s a year on average.", a.money(x.model.Expected()))
	}
	out.Findings = append(out.Findings, f)
	return out, nil
}

// readLoss reads a form of loss written as productivity: 1000..5000..20000.
func readLoss(text string) (model.LossForm, error) {
	name, amount, ok := strings.Cut(text, ":")
	if !ok {
		return model.LossForm{}, fmt.Errorf("%.80q is no loss: write the form, a colon and a range, such as response: 1000..5000..20000", text)
	}
	var l model.LossForm
	name = strings.TrimSpace(name)
	if rest, is := strings.CutPrefix(name, "secondary "); is {
		l.Secondary, name = true, strings.TrimSpace(rest)
	}
	l.Form = model.LossKind(name)
	if model.Rank(l.Form) == 0 {
		var names []string
		for _, o := range l.Form.Options() {
			names = append(names, o.Value)
		}
		return l, fmt.Errorf("%.80q is no form of loss: the forms are %s", name, strings.Join(names, ", "))
	}
	r, err := model.ParseRange(strings.TrimSpace(amount))
	l.Amount = r
	return l, err
}
