package partners

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// AdvanceIn says which partner comes to which stage.
type AdvanceIn struct {
	// Partner is the partner.
	Partner model.Ref `to:"Partner" is:"required"`
	// To is the stage that it comes to. Unset means the next one on the way to an active partnership.
	To model.PartnerStage
	// Reason says why.
	Reason string `is:"required"`
	// NextStep says what is to be done next.
	NextStep string
	// NextBy is the day by which that is to be done.
	NextBy model.Date
}

// Advance proposes to bring a partner to another stage and to note the day and the reason. An agreement is not
// reached while due diligence speaks against the partner, nor without a record of what was agreed on; active is only who has an agreement in force.
func Advance(v estate.View, in AdvanceIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Partner](v, in.Partner)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "partner", Text: "there is no such partner"}
	}
	from, to := stageOf(before), in.To
	if to == "" {
		place := slices.Index(path, from)
		if place < 0 || place == len(path)-1 {
			return practice.Proposal{}, model.Problem{Field: "to", Text: fmt.Sprintf("nothing follows of itself after the stage %q: say which stage %s comes to", labelOf(from), before.Title())}
		}
		to = path[place+1]
	}
	if next := from.Transitions()[string(from)]; !slices.Contains(next, string(to)) {
		return practice.Proposal{}, model.Problem{Field: "to", Text: fmt.Sprintf("%s is in the stage %q, from which it comes to %s", before.Title(), from, strings.Join(next, " or "))}
	}
	if to == model.PartnerExiting {
		return practice.Proposal{}, model.Problem{Field: "to", Text: "the end of a partnership is opened with partners.exit, which looks at what depends on it"}
	}
	if err := mayBind(v, before, from, to); err != nil {
		return practice.Proposal{}, err
	}
	after := model.Clone(before)
	after.Stage = to
	after.Stages = append(slices.Clone(before.Stages), model.StageReached{Stage: to, On: v.At(), Reason: in.Reason})
	after.NextStep, after.NextBy = in.NextStep, in.NextBy
	out := proposal(v, before, after, fmt.Sprintf("Bring %s to %s: %s", before.Title(), strings.ToLower(labelOf(to)), in.Reason))
	if open, _ := diligence(before); len(open) > 0 && (to == model.PartnerAgreed || to == model.PartnerActive) {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("Due diligence is not finished: %s.", joined(open)), About: practice.To(before)})
	}
	rows, _ := conflictsIn(v)
	for _, r := range rows {
		if r.Partner.ID == before.ID && r.open(v.At()) {
			out.Findings = append(out.Findings, conflictFinding(r))
		}
	}
	return out, nil
}

// mayBind says why a partner must not be bound to the company, or nothing.
func mayBind(v estate.View, p *model.Partner, from, to model.PartnerStage) error {
	if to != model.PartnerAgreed && to != model.PartnerActive || from == model.PartnerExiting {
		return nil
	}
	if _, blockers := diligence(p); len(blockers) > 0 {
		return model.Problem{Field: "to", Text: fmt.Sprintf("due diligence speaks against %s: %s. Settle this first, and note the verdict", p.Title(), joined(blockers))}
	}
	agreements := slices.DeleteFunc(agreementsOf(v, p), func(a *model.PartnerAgreement) bool { return !a.End.IsZero() && a.End < v.At() })
	if len(agreements) == 0 {
		return model.Problem{Field: "to", Text: fmt.Sprintf("there is no agreement with %s: write down what was agreed on first, as a record of kind PartnerAgreement", p.Title())}
	}
	if to == model.PartnerActive && !slices.ContainsFunc(agreements, func(a *model.PartnerAgreement) bool { return inForce(a, v.At()) }) {
		return model.Problem{Field: "to", Text: fmt.Sprintf("no agreement with %s is in force yet: the first begins on %s", p.Title(), agreements[0].Start)}
	}
	return nil
}

// proposal makes a proposal of one record that changes.
func proposal(v estate.View, before, after model.Record, why string) practice.Proposal {
	out := practice.Proposal{Why: why}
	if change, differs := model.Difference(v.Schema().Of(after), before, after); differs {
		out.Changes = append(out.Changes, change)
	}
	return out
}

// ScoreFitIn says how well a partner fits by one criterion.
type ScoreFitIn struct {
	// Partner is the partner.
	Partner model.Ref `to:"Partner" is:"required"`
	// Criterion is what was looked at, such as strategy, technology, culture or finances.
	Criterion string `is:"required"`
	// Score is how well it fits, from 0 to 5.
	Score float64 `is:"required" min:"0" max:"5"`
	// Weight says how much the criterion counts. Unset means as before, or 1.
	Weight float64 `min:"0"`
	// Note says why.
	Note string
}

// ScoreFit proposes to note how well a partner fits by one criterion. A score for the same criterion takes the place of the earlier one.
func ScoreFit(v estate.View, in ScoreFitIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Partner](v, in.Partner)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "partner", Text: "there is no such partner"}
	}
	after := model.Clone(before)
	after.Fit = slices.Clone(before.Fit)
	score := model.PartnerFit{Criterion: strings.TrimSpace(in.Criterion), Score: in.Score, Weight: in.Weight, Note: in.Note}
	if i := slices.IndexFunc(after.Fit, func(f model.PartnerFit) bool { return folded(f.Criterion) == folded(in.Criterion) }); i >= 0 {
		score.Criterion, score.Weight = after.Fit[i].Criterion, cmp.Or(in.Weight, after.Fit[i].Weight)
		after.Fit[i] = score
	} else {
		after.Fit = append(after.Fit, score)
	}
	fit, _ := FitOf(after.Fit)
	out := proposal(v, before, after, fmt.Sprintf("Score %s by %s with %g", before.Title(), score.Criterion, in.Score))
	out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: fmt.Sprintf("%s then fits with %.1f of 5 over %s.", before.Title(), fit, practice.Count(len(after.Fit), "criterion", "criteria")), About: practice.To(before)})
	return out, nil
}

// FulfilIn says which obligation was fulfilled.
type FulfilIn struct {
	// Agreement is where the obligation is written.
	Agreement model.Ref `to:"PartnerAgreement" is:"required"`
	// Obligation is its place in the agreement, from 1.
	Obligation int `is:"required" min:"1" max:"10000"`
	// On is the day on which it was fulfilled. Unset means today.
	On model.Date
}

// Fulfil proposes to note that an obligation was fulfilled.
func Fulfil(v estate.View, in FulfilIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.PartnerAgreement](v, in.Agreement)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "agreement", Text: "there is no such agreement"}
	}
	on := cmp.Or(in.On, v.At())
	if in.Obligation > len(before.Obligations) {
		return practice.Proposal{}, model.Problem{Field: "obligation", Text: fmt.Sprintf("%s has %s", before.Title(), practice.Count(len(before.Obligations), "obligation", "obligations"))}
	}
	o := before.Obligations[in.Obligation-1]
	switch {
	case !o.Done.IsZero():
		return practice.Proposal{}, model.Problem{Field: "obligation", Text: fmt.Sprintf("this was fulfilled on %s already: %s", o.Done, sentence(o.Text))}
	case on > v.At():
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("%s is to come: note it once it is done", on)}
	}
	after := model.Clone(before)
	after.Obligations = slices.Clone(before.Obligations)
	after.Obligations[in.Obligation-1].Done = on
	return proposal(v, before, after, fmt.Sprintf("Fulfilled under %s: %s", before.Title(), sentence(o.Text))), nil
}

// RecordValueIn says what a partnership brought or cost.
type RecordValueIn struct {
	// Partner is the partner.
	Partner model.Ref `to:"Partner" is:"required"`
	// Amount is what it brought. What it cost is below zero.
	Amount model.Money `is:"required"`
	// Text says what it was.
	Text string `is:"required"`
	// On is the day. Unset means today.
	On model.Date
}

// RecordValue proposes to note what a partnership brought. Bills of its contracts and experiments together are counted by themselves and need no note.
func RecordValue(v estate.View, in RecordValueIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Partner](v, in.Partner)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "partner", Text: "there is no such partner"}
	}
	on := cmp.Or(in.On, v.At())
	if on > v.At() {
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("%s is to come: note value once it is there", on)}
	}
	after := model.Clone(before)
	after.Value = append(slices.Clone(before.Value), model.PartnerValue{On: on, Amount: in.Amount, Text: in.Text})
	verb := "brought"
	if in.Amount.Sign() < 0 {
		verb = "cost"
	}
	amount := in.Amount
	if amount.Sign() < 0 {
		amount = amount.Neg()
	}
	return proposal(v, before, after, fmt.Sprintf("%s %s %s: %s", before.Title(), verb, amount, in.Text)), nil
}

// DecideConflictIn says what is decided about a conflict of interest.
type DecideConflictIn struct {
	// Partner is the partner.
	Partner model.Ref `to:"Partner" is:"required"`
	// Type says what sort of conflict it is.
	Type model.PartnerConflictType `is:"required"`
	// With is what the partner is in conflict with. Unset means all conflicts of this type.
	With model.Ref `to:"Vendor,Product,Partner,Competitor"`
	// Verdict says what is done about it.
	Verdict model.ConflictVerdict `is:"required"`
	// Reason says why.
	Reason string `is:"required"`
	// Until is the day by which it is to be decided anew. Unset means that the decision stays.
	Until model.Date
	// By is the person that decides.
	By model.Ref `to:"Person" is:"asker"`
}

// DecideConflict proposes to note what is decided about a conflict of interest with a partner.
func DecideConflict(v estate.View, in DecideConflictIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Partner](v, in.Partner)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "partner", Text: "there is no such partner"}
	}
	rows, _ := conflictsIn(v)
	if !slices.ContainsFunc(rows, func(r ConflictRow) bool {
		return r.Partner.ID == before.ID && r.Type == in.Type && (in.With.IsZero() || model.Ref(r.With.ID) == in.With)
	}) {
		return practice.Proposal{}, model.Problem{Field: "type", Text: fmt.Sprintf("there is no such conflict with %s: partners.conflicts lists those that there are", before.Title())}
	}
	if !in.Until.IsZero() && in.Until <= v.At() {
		return practice.Proposal{}, model.Problem{Field: "until", Text: fmt.Sprintf("%s is past: the decision would be over at once", in.Until)}
	}
	after := model.Clone(before)
	after.Conflicts = slices.DeleteFunc(slices.Clone(before.Conflicts), func(c model.PartnerConflict) bool { return c.Type == in.Type && c.With == in.With })
	after.Conflicts = append(after.Conflicts, model.PartnerConflict{Type: in.Type, With: in.With, Verdict: in.Verdict, Reason: in.Reason, Decided: v.At(), DecidedBy: in.By, Until: in.Until})
	return proposal(v, before, after, fmt.Sprintf("Decide about the conflict of %s (%s): %s. %s", before.Title(), strings.ToLower(labelOf(in.Type)), strings.ToLower(labelOf(in.Verdict)), in.Reason)), nil
}

// ExitIn says which partnership is to end.
type ExitIn struct {
	// Partner is the partner.
	Partner model.Ref `to:"Partner" is:"required"`
	// Reason says why it is to end.
	Reason string `is:"required"`
	// Plan says how it is ended without harm. Unset means as the partner says already.
	Plan string `is:"long"`
}

// Exit proposes to open the end of an active partnership, and says what depends on it, which agreements are to be ended by which
// day, what each side still owes and what is tried together. Where products depend on the partner, the plan must say how they go on.
func Exit(v estate.View, in ExitIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Partner](v, in.Partner)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "partner", Text: "there is no such partner"}
	}
	if before.Stage != model.PartnerActive {
		return practice.Proposal{}, model.Problem{Field: "partner", Text: fmt.Sprintf("%s is in the stage %q: only an active partnership needs an exit, others are brought on with partners.advance", before.Title(), labelOf(stageOf(before)))}
	}
	after := model.Clone(before)
	after.Exit = cmp.Or(strings.TrimSpace(in.Plan), before.Exit)
	products, critical := dependents(v, before)
	if len(products) > 0 && after.Exit == "" {
		return practice.Proposal{}, model.Problem{Field: "plan", Text: fmt.Sprintf("%s depends on %s: say how it goes on without it", practice.Some(products), before.Title())}
	}
	after.Stage = model.PartnerExiting
	after.Stages = append(slices.Clone(before.Stages), model.StageReached{Stage: model.PartnerExiting, On: v.At(), Reason: in.Reason})
	var findings []practice.Finding
	add := func(s practice.Severity, about practice.Link, mend *practice.Mend, text string, args ...any) {
		findings = append(findings, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: about, From: []practice.Link{about}, Mend: mend})
	}
	for _, l := range products {
		add(practice.High, l, nil, "%s has to go on without %s.", l.Title(), before.Title())
	}
	if len(critical) > 0 {
		add(practice.High, practice.To(v.Get(before.Vendor)), nil, "This falls with the vendor that %s is, if its contracts end too: %s.", before.Title(), practice.Some(critical))
	}
	after.NextStep, after.NextBy = "Settle what each side still owes", 0
	for _, a := range agreementsOf(v, before) {
		if !a.End.IsZero() && a.End < v.At() {
			continue
		}
		endFinding(v, a, add)
		if a.NoticeBy >= v.At() && (after.NextBy.IsZero() || a.NoticeBy < after.NextBy) {
			after.NextStep, after.NextBy = "Give notice to "+a.Title(), a.NoticeBy
		}
	}
	eachOpen(v, func(row ObligationRow) {
		if row.Partner.ID == before.ID {
			add(practice.Medium, row.Agreement, nil, "Still owed (%s): %s.", strings.ToLower(labelOf(row.Side)), sentence(row.Text))
		}
	})
	for _, e := range held[*model.Experiment](v, before.Ref(), "with") {
		if e.State == model.ExperimentRunning {
			add(practice.Medium, practice.To(e), nil, "%s runs together with it: decide how it ends.", e.Title())
		}
	}
	practice.WorstFirst(findings)
	out := proposal(v, before, after, fmt.Sprintf("End the partnership with %s: %s", before.Title(), in.Reason))
	out.Findings = findings
	return out, nil
}

// endFinding says how an agreement ends.
func endFinding(v estate.View, a *model.PartnerAgreement, add func(practice.Severity, practice.Link, *practice.Mend, string, ...any)) {
	link := practice.To(a)
	var mend *practice.Mend
	if c := v.Get(a.Contract); c != nil {
		mend = &practice.Mend{Action: "suppliers.give_notice", Parameters: map[string]string{"contract": c.Base().Key}}
	}
	switch {
	case a.NoticeBy >= v.At():
		add(practice.Medium, link, mend, "Give notice to %s by %s.", a.Title(), a.NoticeBy)
	case !a.NoticeBy.IsZero() && !a.End.IsZero():
		add(practice.Medium, link, mend, "The last day of notice of %s was %s: find out whether it goes on after %s.", a.Title(), a.NoticeBy, a.End)
	case !a.End.IsZero():
		add(practice.Info, link, nil, "%s ends by itself on %s.", a.Title(), a.End)
	default:
		add(practice.Medium, link, mend, "%s has neither an end nor a day of notice: find out how it can be ended.", a.Title())
	}
}
