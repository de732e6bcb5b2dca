package compliance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
)

// RunTestsIn says which tests are run.
type RunTestsIn struct {
	// Tests are the tests to run, whether they are due or not. Unset means those that are due.
	Tests []model.Ref `to:"ControlTest"`
	// All runs every test that Binnacle can run by itself, whether it is due or not.
	All bool
	// Changed keeps an observation only where the result or what did not hold is another than last time.
	Changed bool
}

// RunTests proposes one observation for every control test that is run: the result, what was looked at and the evidence for it.
// Where a test fails, it opens a finding, and a risk and an item of the plan of action where the test says so; where it holds
// again, the finding is mended and somebody is to close it. A test that cannot be run gives an error as its result and never stops the others.
//
// A test looks at what is confidential only where the test is confidential itself, so that nobody learns from what it found more than from the estate.
func RunTests(v estate.View, in RunTestsIn) (practice.Proposal, error) {
	chosen, notes := chooseTests(v, in)
	outcomes := runAll(v, chosen)
	p := newProposer(v)
	count := map[model.TestResult]int{}
	var failing []practice.Finding
	for i, t := range chosen {
		o := outcomes[i]
		count[o.result]++
		if in.Changed && p.asBefore(t, o) {
			continue
		}
		p.observe(t, p.observation(t, o), o.subjects)
		if o.result != model.TestPassed {
			failing = append(failing, practice.Finding{Severity: severityOf(t, o.result), Text: t.Title() + ": " + o.text, About: practice.To(t), Owner: ownerOf(v, t)})
		}
	}
	out := practice.Proposal{Changes: p.changes()}
	out.Why = fmt.Sprintf("Run %s: %d passed, %d failed", practice.Count(len(chosen), "control test", "control tests"), count[model.TestPassed], count[model.TestFailed])
	if rest := count[model.TestUnknown] + count[model.TestError]; rest > 0 {
		out.Why += fmt.Sprintf(", %d could not tell", rest)
	}
	if len(chosen) == 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: "No test is due that Binnacle can run by itself."})
	}
	slices.SortStableFunc(failing, func(a, b practice.Finding) int { return b.Severity.Weight() - a.Severity.Weight() })
	if more := len(failing) - mostTold; more > 0 {
		failing = append(failing[:mostTold], practice.Finding{Severity: practice.Info, Text: fmt.Sprintf("%d more tests did not pass.", more)})
	}
	out.Findings = append(append(out.Findings, notes...), failing...)
	return out, nil
}

// mostTold is how many tests that did not pass a proposal names.
const mostTold = 100

// chooseTests returns the tests to run, by key, and says why others that were named are not run.
func chooseTests(v estate.View, in RunTestsIn) (chosen []*model.ControlTest, notes []practice.Finding) {
	book := controls.In(v)
	skip := func(t *model.ControlTest, why string) {
		notes = append(notes, practice.Finding{Severity: practice.Info, Text: t.Title() + " is not run: " + why, About: practice.To(t)})
	}
	if len(in.Tests) > 0 {
		for _, ref := range in.Tests {
			t, ok := estate.Look[*model.ControlTest](v, ref)
			switch {
			case !ok:
			case t.Paused:
				skip(t, "it is paused.")
			case controls.Manual(t):
				skip(t, "people do it. Record what they found with compliance.record_test.")
			default:
				chosen = append(chosen, t)
			}
		}
		return chosen, notes
	}
	for t := range estate.Each[*model.ControlTest](v) {
		if !t.Paused && !controls.Manual(t) && (in.All || book.Test(t).Due <= book.Now()) {
			chosen = append(chosen, t)
		}
	}
	return chosen, notes
}

// asBefore reports whether a test found what it found last time, and that still counts.
func (p *proposer) asBefore(t *model.ControlTest, o outcome) bool {
	s := p.book.Test(t)
	return s.Last != nil && s.State != controls.Stale && s.Last.Result == o.result && slices.Equal(s.Last.Subjects, o.subjects[:min(len(o.subjects), mostSubjects)])
}

// severityOf says how much it matters that a test did not pass.
func severityOf(t *model.ControlTest, r model.TestResult) practice.Severity {
	if r != model.TestFailed {
		return practice.Low
	}
	return practice.Severity(strings.Replace(string(cmp.Or(t.Severity, model.SeverityMedium)), "none", "info", 1))
}

// RecordTestIn is what a person found.
type RecordTestIn struct {
	// Test is the test that was done.
	Test model.Ref `to:"ControlTest" is:"required"`
	// Result says how it went.
	Result model.TestResult `is:"required"`
	// Text says in a sentence what was seen.
	Text string `is:"required"`
	// By is who did the test.
	By model.Ref `to:"Person"`
	// On is when the evidence was gathered. Unset means now.
	On model.Time
	// Subjects are the records that did not hold.
	Subjects []model.Ref `to:"any"`
	// Link is where the evidence is, when it is kept elsewhere.
	Link string `format:"url"`
	// Evidence is what the result rests on: attachments, documents or any other record.
	Evidence []model.Ref `to:"any"`
}

// RecordTest proposes an observation of what a person found when doing a control test, with the same consequences
// as a test that Binnacle runs: a finding where it failed, and a finding mended where it holds again.
func RecordTest(v estate.View, in RecordTestIn) (practice.Proposal, error) {
	t, ok := estate.Look[*model.ControlTest](v, in.Test)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "test", Text: "there is no such test"}
	}
	p := newProposer(v)
	on := cmp.Or(in.On, p.now)
	if on > p.now {
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("%s lies ahead: evidence is gathered before it is recorded", on)}
	}
	o := outcome{result: in.Result, text: in.Text, subjects: in.Subjects, looked: len(in.Subjects), method: "recorded by a person"}
	for _, ref := range in.Evidence {
		o.evidence = append(o.evidence, model.EvidenceItem{Subject: ref, Text: in.Text, Holds: in.Result == model.TestPassed, Link: in.Link})
	}
	if len(in.Evidence) == 0 && in.Link != "" {
		o.evidence = append(o.evidence, model.EvidenceItem{Text: in.Text, Holds: in.Result == model.TestPassed, Link: in.Link})
	}
	o.digest = digestOf(struct {
		Result   model.TestResult
		Text     string
		By       model.Ref
		On       model.Time
		Subjects []model.Ref
		Link     string
		Evidence []model.Ref
	}{in.Result, in.Text, in.By, on, in.Subjects, in.Link, in.Evidence})
	p.now = on
	rec := p.observation(t, o)
	rec.By = in.By
	p.observe(t, rec, o.subjects)
	return practice.Proposal{Why: fmt.Sprintf("%s: %s", t.Title(), in.Text), Changes: p.changes()}, nil
}

// mostSubjects and mostEvidence are how many records and items of evidence one observation keeps.
const (
	mostSubjects = 50
	mostEvidence = 20
)

// observation makes the observation of one run.
func (p *proposer) observation(t *model.ControlTest, o outcome) *model.Observation {
	rec := &model.Observation{
		Test: t.Ref(), Result: o.result, Collected: p.now, Expires: p.now + model.Time(controls.ValidFor(t).Milliseconds()),
		Text: o.text, Looked: o.looked, Subjects: slices.Clone(o.subjects[:min(len(o.subjects), mostSubjects)]), Evidence: o.evidence,
		Position: int(p.v.Stamp().Seq), Digest: o.digest, Method: o.method,
	}
	if more := len(o.subjects) - len(rec.Subjects); more > 0 {
		rec.Text += fmt.Sprintf(" The first %d of %d are kept as subjects.", len(rec.Subjects), len(o.subjects))
	}
	moment := p.now.Time().UTC()
	key := t.Key + "." + moment.Format("2006-01-02T15-04Z")
	if p.v.Find("Observation", key) != nil {
		key = t.Key + "." + moment.Format("2006-01-02T15-04-05.000Z")
	}
	p.found(rec, key)
	rec.Identifier = rec.ID.String()
	rec.Name = t.Title() + ", " + moment.Format("2006-01-02 15:04")
	rec.Owner, rec.Confidential = t.Owner, t.Confidential || p.secret(o)
	return rec
}

// secret reports whether something confidential is among what a test names, so that what it found is confidential too.
func (p *proposer) secret(o outcome) bool {
	hidden := func(ref model.Ref) bool {
		rec := p.v.Get(ref)
		return rec != nil && rec.Base().Confidential
	}
	return slices.ContainsFunc(o.subjects, hidden) || slices.ContainsFunc(o.evidence, func(e model.EvidenceItem) bool { return hidden(e.Subject) })
}

// found gives a record that is proposed a key that is free, and the id that goes with it.
func (p *proposer) found(rec model.Record, key string) {
	kind := model.NameOf(rec)
	free := key
	for n := 2; p.taken[kind+"/"+free] || p.v.Find(kind, free) != nil; n++ {
		free = fmt.Sprintf("%s-%d", key, n)
	}
	p.taken[kind+"/"+free] = true
	rec.Base().Key, rec.Base().ID = free, practice.NewID(p.v, kind, free)
	p.made = append(p.made, rec)
}

// ownerOf returns who answers for a test: the owner of the first control that it tests and that has one, else its own.
func ownerOf(v estate.View, t *model.ControlTest) practice.Link {
	return practice.To(v.Get(ownerRef(v, t)))
}

func ownerRef(v estate.View, t *model.ControlTest) model.Ref {
	for _, ref := range t.Controls {
		if c := v.Get(ref); c != nil && !c.Base().Owner.IsZero() {
			return c.Base().Owner
		}
	}
	return t.Owner
}

// dueIn is how many days there are to mend what failed, by severity. What needs nothing has no day.
var dueIn = map[model.Severity]int{model.SeverityCritical: 7, model.SeverityHigh: 30, model.SeverityMedium: 90, model.SeverityLow: 180}

// dueDay returns the day by which a failure found on a day is to be mended.
func dueDay(s model.Severity, on model.Date) model.Date {
	if days := dueIn[cmp.Or(s, model.SeverityMedium)]; days > 0 {
		return on.AddDays(days)
	}
	return 0
}
