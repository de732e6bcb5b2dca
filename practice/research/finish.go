package research

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// reviewAfter is after how many months the effects of a decision are looked at, where nobody says otherwise.
const reviewAfter = 12

// GraduateIn says what follows from an experiment that has shown what it was to show.
type GraduateIn struct {
	// Experiment is the experiment.
	Experiment model.Ref `to:"Experiment" is:"required"`
	// Ring is the name of the ring to which its blip moves. Unset leaves the blip where it is.
	Ring string
	// Blip is the blip that moves. Unset means that of the experiment, or else the only one of its technologies.
	Blip model.Ref `to:"Blip"`
	// Product is the product whose roadmap gets an item. Unset means that of the idea that it tests.
	Product model.Ref `to:"Product"`
	// Title is what the decision record is called. Unset means Graduate with the name of the experiment.
	Title string
	// Item is what the roadmap item is called. Unset means as the experiment.
	Item string
	// Bucket says how soon the roadmap item comes. Unset means next.
	Bucket model.RoadmapBucket
	// Reason says why, and what was learned. It is required where not every exit criterion is met.
	Reason string
	// ReviewBy is the day by which predicted and actual effects are compared. Unset means in twelve months.
	ReviewBy model.Date
	// By is who decides.
	By model.Ref `to:"Person" is:"asker"`
}

// Graduate proposes to end an experiment with success, in one step: its blip moves to a ring, a decision record says what is expected of it and when that is looked at, and
// a roadmap item opens. Where exit criteria are not met it asks for a reason.
func Graduate(v estate.View, in GraduateIn) (practice.Proposal, error) {
	e, err := lookUp(v, in.Experiment)
	if err != nil {
		return practice.Proposal{}, err
	}
	s := standingOf(v, e)
	review := cmp.Or(in.ReviewBy, v.At().AddMonths(reviewAfter))
	switch {
	case !running(e):
		return practice.Proposal{}, model.Problem{Field: "experiment", Text: e.Title() + " does not run"}
	case !s.allMet() && strings.TrimSpace(in.Reason) == "":
		return practice.Proposal{}, model.Problem{Field: "reason", Text: fmt.Sprintf("of its exit criteria %s: say why it is graduated all the same", s.criteria())}
	case review <= v.At():
		return practice.Proposal{}, model.Problem{Field: "review_by", Text: fmt.Sprintf("%s is not in the future", review)}
	}
	after := model.Clone(e)
	after.State, after.Decision, after.DecidedBy, after.Decided, after.Reason = model.ExperimentDecided, model.Graduate, in.By, v.At(), in.Reason
	out := practice.Proposal{Why: "Graduate " + e.Title()}
	record := recordOf(v, s, in, review)
	after.Record = record.Ref()
	product, item := in.Product, (*model.RoadmapItem)(nil)
	if idea, ok := estate.Look[*model.Idea](v, e.Solution); ok && product.IsZero() {
		product = idea.Product
	}
	if p, ok := estate.Look[*model.Product](v, product); ok {
		item = itemOf(v, s, in, p, record)
		after.Opens = item.Ref()
		record.Touches = append(record.Touches, p.Ref())
	} else {
		out.Findings = append(out.Findings, s.finding(v, practice.Medium, "", "No roadmap item is opened, because nothing says of which product: name one."))
	}
	blip, moved, err := moves(v, e, in.Blip, in.Ring)
	if err != nil {
		return practice.Proposal{}, err
	}
	switch {
	case moved != nil:
		moved.Decision = record.Ref()
		after.Blip = moved.Ref()
		record.Touches = append(record.Touches, moved.Ref())
		out.Findings = append(out.Findings, s.finding(v, practice.Info, "", "%s moves from %s to %s.", blip.Title(), blip.Ring, moved.Ring))
	default:
		out.Findings = append(out.Findings, s.finding(v, practice.Low, "", "No blip moves: name a ring, and the blip where the experiment has none."))
	}
	add(v, &out, nil, record)
	if item != nil {
		add(v, &out, nil, item)
	}
	if moved != nil {
		add(v, &out, blip, moved)
	}
	add(v, &out, e, after)
	if !s.allMet() {
		out.Findings = append(out.Findings, s.finding(v, practice.High, "", "Of its exit criteria %s.", s.criteria()))
	}
	out.Findings = append(out.Findings, s.finding(v, practice.Info, "", "It has cost %s. What it brings is compared with what was predicted by %s.", spentNow(s), review))
	return out, nil
}

// effects are what a decision is expected to bring: what was measured, or else what was to be reached.
func effects(e *model.Experiment, at model.Date) []model.PredictedEffect {
	var out []model.PredictedEffect
	for _, c := range e.Criteria {
		p := model.PredictedEffect{Name: c.Name, Better: c.Better, Unit: c.Unit, Before: c.Before, Predicted: c.Target}
		if StateOfCriterion(c, at) != NotMeasured {
			p.Predicted = c.Measured
		}
		out = append(out, p)
	}
	return out
}

// recordOf returns the decision record that an experiment ends with.
func recordOf(v estate.View, s standing, in GraduateIn, review model.Date) *model.DecisionRecord {
	e := s.e
	r := &model.DecisionRecord{State: model.DecisionAccepted, Decided: v.At(), Makers: []model.Ref{in.By}, Context: e.Hypothesis, Considered: []string{"Graduate it", "End it"}, Chosen: "Graduate it", ReviewBy: review}
	r.Key = practice.FreeKey(v, "DecisionRecord", "graduate-"+e.Key)
	r.ID, r.Name, r.Owner = practice.NewID(v, "DecisionRecord", r.Key), cmp.Or(strings.TrimSpace(in.Title), "Graduate "+e.Title()), ownerRef(v, e)
	r.Outcome = strings.TrimSpace(fmt.Sprintf("The experiment %s is graduated. %s", e.Title(), in.Reason))
	var confirmed []string
	for _, c := range e.Criteria {
		r.Drivers = append(r.Drivers, fmt.Sprintf("%s: %g %s", c.Name, c.Target, c.Unit))
		switch StateOfCriterion(c, v.At()) {
		case NotMeasured:
			confirmed = append(confirmed, fmt.Sprintf("- %s was not measured; the target is %g %s.", c.Name, c.Target, c.Unit))
		default:
			confirmed = append(confirmed, fmt.Sprintf("- %s was %g %s on %s; the target is %g %s.", c.Name, c.Measured, c.Unit, c.MeasuredOn, c.Target, c.Unit))
		}
	}
	r.Confirmation = strings.Join(confirmed, "\n")
	r.Effects = effects(e, v.At())
	r.Touches = append(slices.Clone(e.Technologies), e.Ref())
	return r
}

// itemOf returns the roadmap item that an experiment opens.
func itemOf(v estate.View, s standing, in GraduateIn, p *model.Product, r *model.DecisionRecord) *model.RoadmapItem {
	e := s.e
	i := &model.RoadmapItem{Product: p.Ref(), Bucket: cmp.Or(in.Bucket, "next"), State: model.RoadmapProposed, Team: e.Team, RunsOn: slices.Clone(e.Technologies), Outcomes: effects(e, v.At()), ReviewBy: r.ReviewBy}
	if !e.Solution.IsZero() {
		i.Ideas = []model.Ref{e.Solution}
	}
	i.Key = practice.FreeKey(v, "RoadmapItem", e.Key)
	i.ID, i.Name = practice.NewID(v, "RoadmapItem", i.Key), cmp.Or(in.Item, e.Name, e.Key)
	i.Owner = cmp.Or(p.Owner, ownerRef(v, e))
	i.Description = "It follows from the experiment " + e.Title() + "."
	return i
}

// moves returns the blip of an experiment, before and after it moves to a ring. Both are nil where none is to move.
func moves(v estate.View, e *model.Experiment, named model.Ref, ring string) (before, after *model.Blip, err error) {
	if ring == "" {
		return nil, nil, nil
	}
	blip, ok := estate.Look[*model.Blip](v, cmp.Or(named, e.Blip))
	if !ok {
		var found []*model.Blip
		for _, t := range e.Technologies {
			for edge := range v.In(t) {
				if b, ok := edge.Record.(*model.Blip); ok && edge.Field.Name == "technology" && b.State != "retired" {
					found = append(found, b)
				}
			}
		}
		if len(found) != 1 {
			return nil, nil, model.Problem{Field: "blip", Text: fmt.Sprintf("say which blip moves: its technologies have %s", practice.Count(len(found), "blip", "blips"))}
		}
		blip = found[0]
	}
	var rings []string
	if r, ok := estate.Look[*model.Radar](v, blip.Radar); ok {
		for _, one := range r.Rings {
			rings = append(rings, one.Name)
		}
	}
	if len(rings) == 0 {
		for _, o := range model.RingMeaning("").Options() {
			rings = append(rings, o.Label)
		}
	}
	at := slices.IndexFunc(rings, func(name string) bool { return strings.EqualFold(name, strings.TrimSpace(ring)) })
	if at < 0 {
		return nil, nil, model.Problem{Field: "ring", Text: fmt.Sprintf("the rings of the radar are %s", join(rings))}
	}
	if strings.EqualFold(blip.Ring, rings[at]) && blip.State == "shown" {
		return nil, nil, nil
	}
	moved := model.Clone(blip)
	if !strings.EqualFold(blip.Ring, rings[at]) {
		moved.Ring, moved.Since = rings[at], v.At()
	}
	moved.State = "shown"
	return blip, moved, nil
}

// KillIn says why an experiment ends without success.
type KillIn struct {
	// Experiment is the experiment.
	Experiment model.Ref `to:"Experiment" is:"required"`
	// Reason says why, and what was learned.
	Reason string `is:"required"`
	// Ring is the name of the ring to which its blip moves. Unset leaves the blip where it is.
	Ring string
	// Blip is the blip that moves. Unset means that of the experiment, or else the only one of its technologies.
	Blip model.Ref `to:"Blip"`
	// By is who decides.
	By model.Ref `to:"Person" is:"asker"`
}

// Kill proposes to end an experiment that does not show what it was to show. What was learned is kept with it.
func Kill(v estate.View, in KillIn) (practice.Proposal, error) {
	e, err := lookUp(v, in.Experiment)
	if err != nil {
		return practice.Proposal{}, err
	}
	switch {
	case !running(e):
		return practice.Proposal{}, model.Problem{Field: "experiment", Text: e.Title() + " does not run"}
	case strings.TrimSpace(in.Reason) == "":
		return practice.Proposal{}, model.Problem{Field: "reason", Text: "say why it ends, and what was learned"}
	}
	s := standingOf(v, e)
	after := model.Clone(e)
	after.State, after.Decision, after.DecidedBy, after.Decided, after.Reason = model.ExperimentDecided, model.Kill, in.By, v.At(), in.Reason
	out := practice.Proposal{Why: "Kill " + e.Title()}
	blip, moved, err := moves(v, e, in.Blip, in.Ring)
	if err != nil {
		return practice.Proposal{}, err
	}
	if moved != nil {
		after.Blip = moved.Ref()
		add(v, &out, blip, moved)
		out.Findings = append(out.Findings, s.finding(v, practice.Info, "", "%s moves from %s to %s.", blip.Title(), blip.Ring, moved.Ring))
	}
	add(v, &out, e, after)
	if s.allMet() {
		out.Findings = append(out.Findings, s.finding(v, practice.Medium, "", "It has met all of its exit criteria."))
	}
	ended := standing{e: after, spend: s.spend}
	text := fmt.Sprintf("It has cost %s.", spentNow(s))
	if rest := ended.saved(); !rest.IsZero() && rest.Sign() > 0 {
		text += fmt.Sprintf(" Ending it saves %s of its cap.", rest)
	}
	out.Findings = append(out.Findings, s.finding(v, practice.Info, "", "%s", text))
	return out, nil
}
