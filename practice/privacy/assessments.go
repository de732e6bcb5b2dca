package privacy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// criteria are the nine criteria of the guidelines WP 248 rev. 01, in our words. A privacy profile may have others.
var criteria = []model.ScreeningCriterion{
	{Criterion: "scoring", Question: "Are persons evaluated or scored, or is their behaviour predicted?"},
	{Criterion: "automated_decision", Question: "Does a program alone decide something with legal or similar effect for persons?"},
	{Criterion: "monitoring", Question: "Are persons observed, monitored or controlled systematically?"},
	{Criterion: "sensitive", Question: "Is the data of a special category, about crimes, or highly personal?"},
	{Criterion: "large_scale", Question: "Is it on a large scale: many persons, much data, for long, or over a wide area?"},
	{Criterion: "combining", Question: "Are data sets matched or combined that were collected for different purposes?"},
	{Criterion: "vulnerable", Question: "Are the persons vulnerable, such as children, employees or patients?"},
	{Criterion: "new_technology", Question: "Is technology used in a new way?"},
	{Criterion: "denies", Question: "Does the processing itself keep persons from a right, a service or a contract?"},
}

// usualNeeded is how many of the criteria make an assessment necessary in most cases, after the same guidelines.
const usualNeeded = 2

// Need says whether an impact assessment is needed.
type Need string

// The needs.
const (
	// Needed means that GDPR Art. 35(1) asks for one.
	Needed Need = "needed"
	// NotNeeded means that a screening showed that none is needed.
	NotNeeded Need = "not needed"
	// Unscreened means that nobody has answered the questions that tell.
	Unscreened Need = "unscreened"
)

// screening is what is known about the need for an assessment of processing.
type screening struct {
	need Need
	// applies are the criteria that apply, open those that nobody has answered.
	applies, open []string
	needed        int
}

// screen says whether an impact assessment of processing is needed. Enough criteria that apply, or processing that is marked as risky, say yes. No is said only
// where every criterion was answered. That there is data of a special category or about crimes answers the criterion "sensitive" by itself.
func (b *book) screen(a *model.ProcessingActivity, assessments []*model.ImpactAssessment) screening {
	p := b.profile(a)
	asked := p.Criteria
	if len(asked) == 0 {
		asked = criteria
	}
	s := screening{needed: cmp.Or(p.CriteriaNeeded, usualNeeded)}
	for _, c := range asked {
		answer := model.ScreeningVerdict("")
		for _, i := range assessments {
			for _, given := range i.Screening {
				if alike(given.Criterion, c.Criterion) && given.Answer != "" && answer != model.ScreeningYes {
					answer = given.Answer
				}
			}
		}
		if c.Criterion == "sensitive" && sensitive(a) {
			answer = model.ScreeningYes
		}
		switch answer {
		case model.ScreeningYes:
			s.applies = append(s.applies, c.Criterion)
		case "":
			s.open = append(s.open, c.Criterion)
		}
	}
	switch {
	case a.Risky || len(s.applies) >= s.needed:
		s.need = Needed
	case len(s.open) == 0 || len(s.applies)+len(s.open) < s.needed:
		s.need = NotNeeded
	default:
		s.need = Unscreened
	}
	return s
}

// AssessmentsIn says which processing is looked at.
type AssessmentsIn struct {
	// Activity limits the answer to one processing.
	Activity model.Ref `to:"ProcessingActivity"`
	// Within is how many days ahead a review counts as coming. The default is 60.
	Within int `min:"0" max:"3650"`
}

// AssessmentsOut says where impact assessments stand.
type AssessmentsOut struct {
	// Needed is how much processing needs an impact assessment.
	Needed practice.Figure
	// Lacking is how much of it has none that was decided.
	Lacking practice.Figure
	// Unscreened is how much processing nobody has screened.
	Unscreened practice.Figure
	// Outdated is how many assessments should have been looked at again.
	Outdated practice.Figure
	// Findings say what to do, the worst first.
	Findings []practice.Finding
	// Assessments are the processing and its assessments.
	Assessments practice.Table[Assessed]
	// Criteria are the questions of the screening.
	Criteria practice.Table[CriterionRow]
}

// Assessed is processing with its impact assessment.
type Assessed struct {
	// Activity is the processing.
	Activity practice.Link
	// Need says whether an assessment is needed.
	Need Need
	// Applies are the criteria that apply.
	Applies []string
	// Open is how many criteria nobody has answered.
	Open int
	// Assessment is the assessment.
	Assessment practice.Link
	// State says where that stands.
	State model.ImpactState
	// Decision is what was decided.
	Decision model.ImpactDecision
	// Decided is when.
	Decided model.Date
	// HighLeft is how many risks stay high with the measures.
	HighLeft int
	// Lacks says which parts of GDPR Art. 35(7) are missing.
	Lacks []string
	// AuthorityBy is the day by which the supervisory authority is to answer (GDPR Art. 36(2)).
	AuthorityBy model.Date
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy model.Date
	// Owner is who answers for the processing.
	Owner practice.Link
}

// CriterionRow is one question of the screening.
type CriterionRow struct {
	// Criterion is its short name.
	Criterion string
	// Question is what is asked.
	Question string
}

// Assessments tells which processing needs an impact assessment (GDPR Art. 35), by the screening of the privacy profile or the nine criteria of the guidelines WP 248 rev. 01 of which
// two make one necessary in most cases, and where the assessments stand: what they lack of Art. 35(7), whether a high risk was put before the authority
// (Art. 36), and which should be looked at again.
func Assessments(v estate.View, in AssessmentsIn) (AssessmentsOut, error) {
	var out AssessmentsOut
	b := bookOf(v)
	soon := v.At().AddDays(cmp.Or(in.Within, 60))
	var needed, lacking, unscreened, outdated []practice.Link
	for _, a := range b.activities {
		if over(a, v.At()) || !in.Activity.IsZero() && a.Ref() != in.Activity {
			continue
		}
		assessments := assessmentsOf(v, a)
		s := b.screen(a, assessments)
		link := practice.To(a)
		switch s.need {
		case Needed:
			needed = append(needed, link)
			if !covered(a, assessments) {
				lacking = append(lacking, link)
			}
		case Unscreened:
			unscreened = append(unscreened, link)
		}
		row := Assessed{Activity: link, Need: s.need, Applies: s.applies, Open: len(s.open), Owner: responsible(v, a)}
		out.Findings = append(out.Findings, b.needFindings(a, s, assessments)...)
		if len(assessments) == 0 {
			out.Assessments.Rows = append(out.Assessments.Rows, row)
		}
		for _, i := range assessments {
			r := row
			r.Assessment, r.State, r.Decision, r.Decided, r.ReviewBy = practice.To(i), i.State, i.Decision, i.Decided, i.ReviewBy
			r.HighLeft, r.Lacks, r.AuthorityBy = len(highLeft(i)), lacksOf(i), b.authorityBy(a, i)
			out.Assessments.Rows = append(out.Assessments.Rows, r)
			out.Findings = append(out.Findings, b.assessmentFindings(a, i, soon)...)
			if !i.ReviewBy.IsZero() && i.ReviewBy < v.At() {
				add(&outdated, practice.To(i))
			}
		}
	}
	practice.WorstFirst(out.Findings)
	asked := b.profile(nil).Criteria
	if len(asked) == 0 {
		asked = criteria
		out.Criteria.Note = "These are the nine criteria of the guidelines WP 248 rev. 01. Write your own into the privacy profile to replace them."
	}
	for _, c := range asked {
		out.Criteria.Rows = append(out.Criteria.Rows, CriterionRow(c))
	}
	out.Needed = practice.Counted("activities", practice.Neither, needed)
	out.Lacking = practice.Counted("activities", practice.Lower, lacking)
	out.Unscreened = practice.Counted("activities", practice.Lower, unscreened)
	out.Outdated = practice.Counted("assessments", practice.Lower, outdated)
	return out, nil
}

// covered reports whether processing has an assessment that was decided to let it take place.
func covered(a *model.ProcessingActivity, assessments []*model.ImpactAssessment) bool {
	return slices.ContainsFunc(assessments, func(i *model.ImpactAssessment) bool {
		return i.State == "decided" && (i.Decision == "go" || i.Decision == "go_with_measures" || i.Decision == "stop" && a.State != "active")
	})
}

// stopped reports whether it was decided that processing must not take place. What that means for processing that does, the findings about the assessment say.
func stopped(assessments []*model.ImpactAssessment) bool {
	return slices.ContainsFunc(assessments, func(i *model.ImpactAssessment) bool { return i.State == "decided" && i.Decision == "stop" })
}

// needFindings says what to do where an assessment is needed or nobody knows.
func (b *book) needFindings(a *model.ProcessingActivity, s screening, assessments []*model.ImpactAssessment) []practice.Finding {
	mend := &practice.Mend{Action: "privacy.start_assessment", Parameters: map[string]string{"activity": a.Key}}
	if len(assessments) > 0 {
		mend = nil
	}
	switch {
	case stopped(assessments):
		return nil
	case s.need == Needed && !covered(a, assessments):
		why := "it is marked as likely to bring a risk"
		if len(s.applies) > 0 {
			why = "these criteria apply: " + strings.Join(s.applies, ", ")
		}
		f := b.about(a, practice.High, "%s needs an impact assessment before it takes place (GDPR Art. 35(1)), because %s. None was decided that lets it.", a.Title(), why)
		if a.State == "planned" {
			f.Severity = practice.Medium
		}
		f.Mend = mend
		return []practice.Finding{f}
	case s.need == Unscreened:
		f := b.about(a, practice.Low, "Nobody has found out whether %s needs an impact assessment: %s not answered.", a.Title(), practice.Count(len(s.open), "question is", "questions are"))
		f.Mend = mend
		return []practice.Finding{f}
	}
	return nil
}

// assessmentFindings says what is wrong with one assessment.
func (b *book) assessmentFindings(a *model.ProcessingActivity, i *model.ImpactAssessment, soon model.Date) []practice.Finding {
	var out []practice.Finding
	note := func(s practice.Severity, text string, args ...any) {
		f := b.about(i, s, text, args...)
		add(&f.From, practice.To(a))
		if f.Owner.IsZero() {
			f.Owner = responsible(b.view, a)
		}
		out = append(out, f)
	}
	runs := a.State == "active"
	decided := i.State == "decided"
	if runs && decided && i.Decision == "stop" {
		note(practice.Critical, "%s says that %s must not take place, and it does.", i.Title(), a.Title())
	}
	if runs && i.State == "consulting" {
		note(practice.High, "%s takes place while the authority is being consulted about it (GDPR Art. 36(1)).", a.Title())
	}
	if high := highLeft(i); len(high) > 0 && decided && i.AuthorityAsked.IsZero() && (i.Decision == "go" || i.Decision == "go_with_measures") {
		note(practice.High, "%s leaves a high risk, and the authority was not consulted (GDPR Art. 36(1)): %s.", i.Title(), strings.Join(high, "; "))
	}
	if decided && (i.Decision == "go" || i.Decision == "go_with_measures") && !i.AuthorityAsked.IsZero() && i.AuthorityAnswered.IsZero() {
		severity := practice.High
		if b.authorityBy(a, i) < b.view.At() {
			severity = practice.Low
		}
		note(severity, "%s was decided without the answer of the authority, which was asked on %s (GDPR Art. 36).", i.Title(), i.AuthorityAsked)
	}
	if lacks := lacksOf(i); decided && len(lacks) > 0 {
		note(practice.Medium, "%s was decided without %s.", i.Title(), strings.Join(lacks, ", "))
	}
	p := b.profile(a)
	if decided && i.Decision != "not_needed" && strings.TrimSpace(i.Advice) == "" && (!p.Officer.IsZero() || p.OfficerContact != "" || !a.Officer.IsZero()) {
		note(practice.Medium, "%s was decided without the advice of the data protection officer (GDPR Art. 35(2)).", i.Title())
	}
	if by := b.authorityBy(a, i); i.State == "consulting" && !by.IsZero() && by < b.view.At() {
		note(practice.Medium, "The authority should have answered about %s by %s (GDPR Art. 36(2)).", i.Title(), by)
	}
	switch {
	case !i.ReviewBy.IsZero() && i.ReviewBy < b.view.At():
		note(practice.Medium, "%s should have been looked at again by %s (GDPR Art. 35(11)).", i.Title(), i.ReviewBy)
	case !i.ReviewBy.IsZero() && i.ReviewBy <= soon:
		note(practice.Low, "%s is to be looked at again by %s.", i.Title(), i.ReviewBy)
	}
	if changed := a.Changed.At.Date(); decided && !i.Decided.IsZero() && changed > i.Decided {
		note(practice.Info, "%s was changed on %s, after %s was decided: see whether the risk is another one.", a.Title(), changed, i.Title())
	}
	return out
}

// lacksOf says which parts of GDPR Art. 35(7) an assessment lacks. One that showed that none is needed lacks nothing.
func lacksOf(i *model.ImpactAssessment) []string {
	if i.Decision == "not_needed" {
		return nil
	}
	var out []string
	out = append(out, unless(strings.TrimSpace(i.Processing) != "", "a description of the processing (Art. 35(7)(a))")...)
	out = append(out, unless(strings.TrimSpace(i.Necessity) != "", "why it is necessary and in proportion (b)")...)
	out = append(out, unless(len(i.Risks) > 0, "the risks for the persons (c)")...)
	bare := slices.ContainsFunc(i.Risks, func(r model.PrivacyRisk) bool { return strings.TrimSpace(r.Measures) == "" && r.Risk.IsZero() })
	return append(out, unless(len(i.Risks) > 0 && !bare, "the measures against each risk (d)")...)
}

// highLeft lists the risks that stay high with the measures: both how likely and how bad they are is high or worse, or one of the two is very high and the other at least medium.
// Where nobody said what is left, what was there before counts.
func highLeft(i *model.ImpactAssessment) []string {
	var out []string
	for _, r := range i.Risks {
		likely, bad := model.Rank(cmp.Or(r.ResidualLikelihood, r.Likelihood)), model.Rank(cmp.Or(r.ResidualSeverity, r.Severity))
		low, high := min(likely, bad), max(likely, bad)
		if low >= model.Rank(model.LevelHigh) || high == model.Rank(model.LevelVeryHigh) && low >= model.Rank(model.LevelMedium) {
			out = append(out, r.Text)
		}
	}
	return out
}

// authorityBy returns the day by which the authority is to answer: eight weeks after it got the request, or fourteen where it took six more (GDPR Art. 36(2)).
func (b *book) authorityBy(a *model.ProcessingActivity, i *model.ImpactAssessment) model.Date {
	if i.AuthorityAsked.IsZero() || !i.AuthorityAnswered.IsZero() {
		return 0
	}
	weeks := 8
	if i.AuthorityExtended {
		weeks += 6
	}
	return WeeksAfter(i.AuthorityAsked, weeks, b.profile(a).Country)
}

// StartAssessmentIn says what is assessed.
type StartAssessmentIn struct {
	// Activity is the processing.
	Activity model.Ref `to:"ProcessingActivity" is:"required"`
	// Owner is who writes the assessment. Unset means the owner of the processing.
	Owner model.Ref `to:"Person,Team"`
}

// StartAssessment proposes to begin an impact assessment of some processing, with the questions of the screening to be answered and with what the records say already filled in.
func StartAssessment(v estate.View, in StartAssessmentIn) (practice.Proposal, error) {
	a, ok := estate.Look[*model.ProcessingActivity](v, in.Activity)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "activity", Text: "there is no such processing activity"}
	}
	b := bookOf(v)
	for _, i := range assessmentsOf(v, a) {
		if i.State != "decided" {
			return practice.Proposal{}, model.Problem{Field: "activity", Text: fmt.Sprintf("%s is assessed already: go on with %s", a.Title(), i.Title())}
		}
	}
	i := &model.ImpactAssessment{Activities: []model.Ref{a.Ref()}, State: "draft", Started: v.At()}
	i.Key, i.Name, i.Owner = practice.FreeKey(v, "ImpactAssessment", a.Key+"-"+v.At().String()), "Impact assessment of "+a.Title(), in.Owner
	if i.Owner.IsZero() {
		i.Owner = a.Owner
	}
	i.Processing = list(slices.Concat(a.Purposes, dataOf(a)))
	asked := b.profile(a).Criteria
	if len(asked) == 0 {
		asked = criteria
	}
	for _, c := range asked {
		answer := model.ScreeningAnswer{Criterion: c.Criterion, Note: c.Question}
		if c.Criterion == "sensitive" && sensitive(a) {
			answer.Answer = model.ScreeningYes
		}
		i.Screening = append(i.Screening, answer)
	}
	return created(v, i, "Begin an impact assessment of "+a.Title()), nil
}

// DecideAssessmentIn says what was decided.
type DecideAssessmentIn struct {
	// Assessment is the impact assessment.
	Assessment model.Ref `to:"ImpactAssessment" is:"required"`
	// Decision is what was decided.
	Decision model.ImpactDecision `is:"required"`
	// By is who decided.
	By model.Ref `to:"Person" is:"asker"`
	// On is the day. Unset means today.
	On model.Date
	// Reason says why.
	Reason string
	// ReviewMonths is after how many months it is to be looked at again. The default is 36.
	ReviewMonths int `min:"0" max:"120"`
}

// DecideAssessment proposes to write down what was decided after an impact assessment, and says what the law asks for that is not there. To consult
// the authority puts it with the authority; every other decision ends the assessment until its next look.
func DecideAssessment(v estate.View, in DecideAssessmentIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.ImpactAssessment](v, in.Assessment)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "assessment", Text: "there is no such impact assessment"}
	}
	if before.State == "retired" {
		return practice.Proposal{}, model.Problem{Field: "assessment", Text: before.Title() + " no longer counts: set it back to draft first"}
	}
	if before.State == "decided" && in.Decision != "consult" {
		return practice.Proposal{}, model.Problem{Field: "assessment", Text: fmt.Sprintf("%s was decided on %s: set it back to draft to decide again", before.Title(), before.Decided)}
	}
	if in.On > v.At() {
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("%s has not come yet", in.On)}
	}
	after := model.Clone(before)
	after.Decision, after.DecidedBy, after.Decided, after.Reason = in.Decision, in.By, cmp.Or(in.On, v.At()), first(in.Reason, before.Reason)
	after.State, after.ReviewBy = "decided", after.Decided.AddMonths(cmp.Or(in.ReviewMonths, 36))
	if in.Decision == "consult" {
		after.State, after.ReviewBy, after.AuthorityAsked, after.AuthorityAnswered = "consulting", before.ReviewBy, after.Decided, 0
	}
	out := changed(v, before, after, "Decide "+before.Title())
	b := bookOf(v)
	for _, ref := range after.Activities {
		if a, ok := estate.Look[*model.ProcessingActivity](v, ref); ok {
			out.Findings = append(out.Findings, b.assessmentFindings(a, after, 0)...)
			if in.Decision == "not_needed" {
				if s := b.screen(a, []*model.ImpactAssessment{after}); s.need != NotNeeded {
					out.Findings = append(out.Findings, b.about(a, practice.High, "The screening does not show that none is needed for %s: %s apply, %s not answered.", a.Title(), practice.Count(len(s.applies), "criterion", "criteria"), practice.Count(len(s.open), "is", "are")))
				}
			}
			if by := b.authorityBy(a, after); after.State == "consulting" && !by.IsZero() {
				out.Findings = append(out.Findings, b.about(after, practice.Info, "The authority has until %s to answer, and may take six weeks more (GDPR Art. 36(2)). Processing must not begin before.", by))
			}
		}
	}
	practice.WorstFirst(out.Findings)
	return out, nil
}
