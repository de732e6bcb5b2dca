package standards

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"binnacle/estate"
	"binnacle/estate/adr"
	"binnacle/model"
	"binnacle/practice"
)

// NewDecisionIn says what a new decision record holds.
type NewDecisionIn struct {
	// Name says in a few words what is decided.
	Name string `is:"required"`
	// By is the person that writes it down.
	By model.Ref `to:"Person" is:"asker"`
	// State is where it stands: draft, proposed or accepted. Unset means proposed.
	State model.DecisionState
	// Context says what the problem is.
	Context string `is:"required long"`
	// Drivers are the forces that matter.
	Drivers []string
	// Considered are the options that were considered.
	Considered []string
	// Chosen is the option that was chosen.
	Chosen string
	// Because says why.
	Because string `is:"long"`
	// Consequences say what follows, good and bad.
	Consequences string `is:"long"`
	// Confirmation says how it is made sure that the decision is followed.
	Confirmation string `is:"long"`
	// Touches are the things that it is about.
	Touches []model.Ref `to:"any"`
	// ReviewBy is the day by which the decision is to be looked at again.
	ReviewBy model.Date
}

// NewDecision proposes a new decision record, with the next number that is free among those that were written here.
func NewDecision(v estate.View, in NewDecisionIn) (practice.Proposal, error) {
	state := cmp.Or(in.State, model.DecisionProposed)
	switch {
	case state != model.DecisionDraft && state != model.DecisionProposed && state != model.DecisionAccepted:
		return practice.Proposal{}, model.Problem{Field: "state", Text: "a new decision is a draft, proposed or accepted"}
	case state == model.DecisionAccepted && in.Chosen == "":
		return practice.Proposal{}, model.Problem{Field: "chosen", Text: "a decision that is accepted says which option was chosen"}
	case in.Chosen != "" && len(in.Considered) > 0 && !slices.ContainsFunc(in.Considered, func(o string) bool { return strings.HasPrefix(o, in.Chosen) }):
		return practice.Proposal{}, model.Problem{Field: "chosen", Text: fmt.Sprintf("%q is none of the options that were considered", in.Chosen)}
	}
	number := 1
	for d := range estate.Each[*model.DecisionRecord](v) {
		if d.Text == "" {
			number = max(number, d.Number+1)
		}
	}
	d := &model.DecisionRecord{Number: number, State: state, Decided: v.At(), Makers: []model.Ref{in.By}, Context: in.Context, Drivers: in.Drivers, Considered: in.Considered, Chosen: in.Chosen,
		Consequences: in.Consequences, Confirmation: in.Confirmation, Touches: in.Touches, ReviewBy: in.ReviewBy}
	if by := v.Get(in.By); by != nil {
		d.MakerNames = []string{by.Base().Title()}
	}
	if in.Chosen != "" {
		d.Outcome = fmt.Sprintf("Chosen option: %q.", in.Chosen)
		if in.Because != "" {
			d.Outcome = fmt.Sprintf("Chosen option: \"%s\", because %s", in.Chosen, in.Because)
		}
	} else {
		d.Outcome = in.Because
	}
	d.Name, d.Owner = in.Name, in.By
	d.Key = freeKey(v, "DecisionRecord", fmt.Sprintf("adr-%04d-%s", number, slug(in.Name)))
	d.ID = practice.NewID(v, "DecisionRecord", d.Key)
	return changeOf(v, nil, d, "Write down the decision: "+in.Name), nil
}

// DecideIn says what is decided about a decision record.
type DecideIn struct {
	// Decision is the decision record.
	Decision model.Ref `to:"DecisionRecord" is:"required"`
	// State is what it becomes: accepted, rejected, deprecated, or proposed again. Unset means accepted.
	State model.DecisionState
	// By is the person that decides.
	By model.Ref `to:"Person" is:"asker"`
	// ReviewBy is the day by which the decision is to be looked at again. Unset leaves it as it is.
	ReviewBy model.Date
	// Reason says why. It becomes part of the reason of the entry.
	Reason string
}

// decisionFlow says what a decision may become by deciding about it.
var decisionFlow = map[model.DecisionState][]model.DecisionState{
	"":                       {model.DecisionAccepted, model.DecisionRejected, model.DecisionDeprecated, model.DecisionProposed},
	model.DecisionDraft:      {model.DecisionAccepted, model.DecisionRejected, model.DecisionProposed},
	model.DecisionProposed:   {model.DecisionAccepted, model.DecisionRejected},
	model.DecisionAccepted:   {model.DecisionDeprecated},
	model.DecisionRejected:   {model.DecisionProposed},
	model.DecisionDeprecated: {model.DecisionAccepted},
	model.DecisionSuperseded: {model.DecisionAccepted},
}

// Decide proposes to accept, reject or deprecate a decision, in the name of the person that asks. The file of the record will say so in the form that it has.
func Decide(v estate.View, in DecideIn) (practice.Proposal, error) {
	before, err := looked[*model.DecisionRecord](v, "decision", in.Decision)
	if err != nil {
		return practice.Proposal{}, err
	}
	state := cmp.Or(in.State, model.DecisionAccepted)
	if !slices.Contains(decisionFlow[before.State], state) {
		return practice.Proposal{}, model.Problem{Field: "state", Text: fmt.Sprintf("%s is %s and cannot become %s by deciding about it", before.Title(), cmp.Or(string(before.State), "without a status"), state)}
	}
	after := model.Clone(before)
	after.State, after.Decided = state, v.At()
	if before.StatusText != "" {
		after.StatusText = adr.Restated(before.StatusText, state)
	}
	if !in.ReviewBy.IsZero() {
		after.ReviewBy = in.ReviewBy
	}
	if !slices.Contains(after.Makers, in.By) {
		after.Makers = append(slices.Clone(after.Makers), in.By)
	}
	why := fmt.Sprintf("%s is %s", before.Title(), state)
	if in.Reason != "" {
		why += ": " + in.Reason
	}
	out := changeOf(v, before, after, why)
	if state == model.DecisionAccepted {
		for _, by := range supersededBy(v, before) {
			if by.State == model.DecisionAccepted {
				out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: practice.To(by), Text: fmt.Sprintf("%s supersedes it and is accepted: only one of them can hold.", by.Title())})
			}
		}
	}
	return out, nil
}

// SupersedeIn says which decision takes the place of which.
type SupersedeIn struct {
	// Old is the decision whose place is taken.
	Old model.Ref `to:"DecisionRecord" is:"required"`
	// New is the decision that takes it. It is accepted.
	New model.Ref `to:"DecisionRecord" is:"required"`
	// By is the person that decides.
	By model.Ref `to:"Person" is:"asker"`
}

// Supersede proposes that one decision takes the place of another. Both records change together, and their files will say so.
func Supersede(v estate.View, in SupersedeIn) (practice.Proposal, error) {
	older, err := looked[*model.DecisionRecord](v, "old", in.Old)
	if err != nil {
		return practice.Proposal{}, err
	}
	newer, err := looked[*model.DecisionRecord](v, "new", in.New)
	if err != nil {
		return practice.Proposal{}, err
	}
	switch {
	case in.Old == in.New:
		return practice.Proposal{}, model.Problem{Field: "new", Text: "a decision cannot take its own place"}
	case newer.State != model.DecisionAccepted && newer.State != "":
		return practice.Proposal{}, model.Problem{Field: "new", Text: fmt.Sprintf("%s is %s: accept it first", newer.Title(), newer.State)}
	case older.State == model.DecisionRejected || older.State == model.DecisionDraft:
		return practice.Proposal{}, model.Problem{Field: "old", Text: fmt.Sprintf("%s is %s and never held", older.Title(), older.State)}
	case leadsTo(v, older, in.New):
		return practice.Proposal{}, model.Problem{Field: "new", Text: fmt.Sprintf("%s supersedes %s already: they would go in a circle", older.Title(), newer.Title())}
	}
	out := practice.Proposal{Why: fmt.Sprintf("%s takes the place of %s", newer.Title(), older.Title())}
	was := model.Clone(older)
	if older.State != model.DecisionSuperseded || len(supersededBy(v, older)) == 0 {
		was.State, was.Decided = model.DecisionSuperseded, v.At()
		was.StatusText = adr.SupersededBy(older, newer)
	}
	now := model.Clone(newer)
	if !slices.Contains(now.Supersedes, in.Old) {
		now.Supersedes = append(slices.Clone(now.Supersedes), in.Old)
		now.StatusText = adr.Superseding(newer, older)
	}
	out.Changes = append(changeOf(v, older, was, "").Changes, changeOf(v, newer, now, "").Changes...)
	for e := range v.In(in.Old) {
		if s, ok := e.Record.(*model.Standard); ok && s.State == "effective" {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: practice.To(s), Owner: practice.OwnerOf(v, s), Text: fmt.Sprintf("%s rests on %s: let it rest on %s.", s.Title(), older.Title(), newer.Title())})
		}
	}
	return out, nil
}

// leadsTo reports whether a decision supersedes another one, over others or directly.
func leadsTo(v estate.View, from *model.DecisionRecord, to model.Ref) bool {
	seen := map[model.Ref]bool{}
	for queue := []*model.DecisionRecord{from}; len(queue) > 0; queue = queue[1:] {
		for _, ref := range queue[0].Supersedes {
			if ref == to {
				return true
			}
			if d, ok := estate.Look[*model.DecisionRecord](v, ref); ok && !seen[ref] {
				seen[ref] = true
				queue = append(queue, d)
			}
		}
	}
	return false
}

// RecordOutcomeIn says what came of a decision.
type RecordOutcomeIn struct {
	// Decision is the decision record.
	Decision model.Ref `to:"DecisionRecord" is:"required"`
	// By is the person that looked.
	By model.Ref `to:"Person" is:"asker"`
	// Actuals are the values that were measured, each as the name of the effect, an equals sign and the value, such as Build time=12.5.
	Actuals []string
	// Learned says what came of it.
	Learned string `is:"long"`
	// ReviewBy is the day by which to look again. Unset means that this was the last time.
	ReviewBy model.Date
}

// RecordOutcome proposes to note what came of a decision: the values of its predicted effects as they are today, and what was learned.
func RecordOutcome(v estate.View, in RecordOutcomeIn) (practice.Proposal, error) {
	before, err := looked[*model.DecisionRecord](v, "decision", in.Decision)
	if err != nil {
		return practice.Proposal{}, err
	}
	after := model.Clone(before)
	after.Effects = slices.Clone(before.Effects)
	for _, text := range in.Actuals {
		i := strings.LastIndexByte(text, '=')
		if i < 0 {
			return practice.Proposal{}, model.Problem{Field: "actuals", Text: fmt.Sprintf("%q is not a name, an equals sign and a value", text)}
		}
		name := strings.TrimSpace(text[:i])
		value, err := strconv.ParseFloat(strings.TrimSpace(text[i+1:]), 64)
		at := slices.IndexFunc(after.Effects, func(e model.PredictedEffect) bool { return strings.EqualFold(e.Name, name) })
		switch {
		case err != nil || value-value != 0:
			return practice.Proposal{}, model.Problem{Field: "actuals", Text: fmt.Sprintf("%q is not a number", strings.TrimSpace(text[i+1:]))}
		case at < 0:
			return practice.Proposal{}, model.Problem{Field: "actuals", Text: fmt.Sprintf("%s predicted no effect called %q", before.Title(), name)}
		}
		after.Effects[at].Actual, after.Effects[at].MeasuredOn = value, v.At()
	}
	if len(in.Actuals) == 0 && in.Learned == "" {
		return practice.Proposal{}, model.Problem{Field: "learned", Text: "say what was measured, or what was learned"}
	}
	after.Reviewed, after.ReviewedBy = v.At(), in.By
	if in.Learned != "" {
		after.Learned = in.Learned
	}
	if !in.ReviewBy.IsZero() {
		after.ReviewBy = in.ReviewBy
	}
	out := changeOf(v, before, after, "What came of "+before.Title())
	for _, e := range after.Effects {
		row := effectRow(after, e)
		switch row.Met {
		case effectMissed, effectWrong:
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: practice.To(before), Text: fmt.Sprintf("%s: %g was predicted and %g came: %s.", e.Name, e.Predicted, e.Actual, row.Met)})
		case effectOpen:
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, About: practice.To(before), Text: e.Name + " is still not measured."})
		}
	}
	return out, nil
}

// RequestExemptionIn says what somebody wants to be exempted from.
type RequestExemptionIn struct {
	// Name says in a few words what it is about.
	Name string `is:"required"`
	// Reason says why it is needed.
	Reason string `is:"required long"`
	// From are the standards and scorecards that it is from.
	From []model.Ref `to:"Standard,Scorecard" is:"required"`
	// Criteria are the names of the criteria of these that it is from. Unset means all.
	Criteria []string
	// Subjects are the things that it holds for. Unset means all.
	Subjects []model.Ref `to:"any"`
	// Compensation are the controls that stand in meanwhile.
	Compensation []model.Ref `to:"Control"`
	// Expires is the last day on which it holds, at most a year from today.
	Expires model.Date `is:"required"`
	// AskedBy is who wants it.
	AskedBy model.Ref `to:"Person" is:"asker"`
}

// longestExemption is how many days an exemption may hold before somebody must ask again.
const longestExemption = 366

// RequestExemption proposes to ask for an exemption from a standard or from criteria of a scorecard. It holds once somebody else approves it with security.approve_exception, and for a year at most.
func RequestExemption(v estate.View, in RequestExemptionIn) (practice.Proposal, error) {
	switch {
	case in.Expires < v.At():
		return practice.Proposal{}, model.Problem{Field: "expires", Text: fmt.Sprintf("%s is over", in.Expires)}
	case in.Expires > v.At().AddDays(longestExemption):
		return practice.Proposal{}, model.Problem{Field: "expires", Text: "an exemption holds for a year at most: ask again when it ends"}
	}
	e := &model.Exception{State: "requested", Subjects: in.Subjects, From: in.From, Criteria: in.Criteria, Reason: in.Reason, Compensation: in.Compensation, AskedBy: in.AskedBy, Expires: in.Expires}
	for _, name := range in.Criteria {
		known := slices.ContainsFunc(cardsOf(v), func(card *model.Scorecard) bool {
			return slices.ContainsFunc(card.Criteria, func(c model.ScorecardCriterion) bool {
				return strings.EqualFold(c.Name, name) && covers(e, card, c)
			})
		})
		if !known {
			return practice.Proposal{}, model.Problem{Field: "criteria", Text: fmt.Sprintf("nothing that it is from has a criterion %q", name)}
		}
	}
	e.Name, e.Owner = in.Name, in.AskedBy
	e.Key = freeKey(v, "Exception", "exemption/"+v.At().String()+"/"+cmp.Or(slug(in.Name), "exemption"))
	e.ID = practice.NewID(v, "Exception", e.Key)
	out := changeOf(v, nil, e, "Ask for an exemption: "+in.Name)
	if r := reliedOn(v, e); len(r) > 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, From: r, Text: fmt.Sprintf("It is needed for %s.", practice.Some(r))})
	}
	return out, nil
}

// StartCampaignIn says which campaign starts.
type StartCampaignIn struct {
	// Campaign is the campaign.
	Campaign model.Ref `to:"Campaign" is:"required"`
	// Due is the day by which the level is to be reached. Unset means the day that the campaign has.
	Due model.Date
}

// StartCampaign proposes to start a campaign today: how many have the level now becomes its baseline.
func StartCampaign(v estate.View, in StartCampaignIn) (practice.Proposal, error) {
	before, err := looked[*model.Campaign](v, "campaign", in.Campaign)
	if err != nil {
		return practice.Proposal{}, err
	}
	due := cmp.Or(in.Due, before.Due)
	p := progressOf(v, before)
	switch {
	case before.State != "" && before.State != "planned":
		return practice.Proposal{}, model.Problem{Field: "campaign", Text: fmt.Sprintf("%s is %s", before.Title(), before.State)}
	case due <= v.At():
		return practice.Proposal{}, model.Problem{Field: "due", Text: "say by which day the level is to be reached: a day that is still to come"}
	case p.s == nil || levelAt(p.s.card, before.Level) < 0:
		return practice.Proposal{}, model.Problem{Field: "campaign", Text: fmt.Sprintf("its scorecard has no level %q", before.Level)}
	case p.row.Records == 0:
		return practice.Proposal{}, model.Problem{Field: "campaign", Text: "its scorecard scores none of its records"}
	}
	after := model.Clone(before)
	after.State, after.Start, after.Due, after.Baseline = "running", v.At(), due, p.row.Reached
	out := changeOf(v, before, after, "Start "+before.Title())
	out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: practice.To(before), Text: fmt.Sprintf("%d of %d are at %s now.", p.row.Reached, p.row.Records, before.Level)})
	return out, nil
}
