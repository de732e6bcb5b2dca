package suppliers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// Result is what the answers to a questionnaire come to.
type Result struct {
	// Score is the share of the weight that was answered well, in percent. Questions that do not fit and those that nobody has judged are not in it.
	Score float64
	// Good, Bad, Unanswered and Undecided are the names of the questions by what came of them. Unanswered ones count as bad.
	Good, Bad, Unanswered, Undecided []string
	// FailedMandatory are the names of the mandatory questions without a good answer.
	FailedMandatory []string
	// Unknown are the names of answers to questions that the questionnaire does not have.
	Unknown []string
	// Passes reports whether the pass mark was reached and no mandatory question failed.
	Passes bool
}

// ResultOf judges the answers to a questionnaire. The verdict of a person comes
// first; then an answer is good where the questionnaire lists it among the good ones, whatever the case. Where neither says
// anything, the answer is undecided.
func ResultOf(q *model.Questionnaire, answers []model.GivenAnswer) Result {
	var r Result
	given := map[string]model.GivenAnswer{}
	for _, a := range answers {
		given[strings.ToLower(a.ID)] = a
	}
	good, all := 0.0, 0.0
	for _, ask := range q.Questions {
		weight := cmp.Or(ask.Weight, 1)
		a, ok := given[strings.ToLower(ask.ID)]
		delete(given, strings.ToLower(ask.ID))
		verdict := judged(ask, a)
		switch {
		case verdict == "not_applicable":
			continue
		case verdict == "good":
			good += weight
			r.Good = append(r.Good, ask.ID)
		case !ok || strings.TrimSpace(a.Answer) == "" && verdict == "":
			r.Unanswered = append(r.Unanswered, ask.ID)
		case verdict == "":
			r.Undecided = append(r.Undecided, ask.ID)
			continue
		default:
			r.Bad = append(r.Bad, ask.ID)
		}
		all += weight
		if ask.Mandatory && verdict != "good" {
			r.FailedMandatory = append(r.FailedMandatory, ask.ID)
		}
	}
	for _, a := range answers {
		if _, left := given[strings.ToLower(a.ID)]; left {
			r.Unknown = append(r.Unknown, a.ID)
		}
	}
	if all > 0 {
		r.Score = rounded(100 * good / all)
	}
	r.Passes = all > 0 && 100*good >= float64(q.PassMark)*all && len(r.FailedMandatory) == 0 && len(r.Undecided) == 0
	return r
}

// judged returns the verdict on an answer, or nothing where a person has to decide.
func judged(ask model.AskedQuestion, a model.GivenAnswer) model.AnswerVerdict {
	if a.Verdict != "" || ask.Good == "" || strings.TrimSpace(a.Answer) == "" {
		return a.Verdict
	}
	for _, good := range strings.Split(ask.Good, ",") {
		if alike(good, a.Answer) {
			return "good"
		}
	}
	return "bad"
}

// AssessmentsIn says which assessments are looked at.
type AssessmentsIn struct {
	// Vendor limits the answer to one vendor.
	Vendor model.Ref `to:"Vendor"`
	// Within is how many days ahead a result counts as expiring. The default is 60.
	Within int `min:"0" max:"3650"`
}

// AssessmentsOut is where questionnaires to vendors stand.
type AssessmentsOut struct {
	// Open is how many were sent and have no answers yet.
	Open practice.Figure
	// Overdue is how many of these should have been answered.
	Overdue practice.Figure
	// Failed is how many did not pass.
	Failed practice.Figure
	// Undecided is how many have answers that nobody has judged.
	Undecided practice.Figure
	// Findings say what to do, the most urgent first.
	Findings []practice.Finding
	// Assessments are the questionnaires that were sent, those to be answered first.
	Assessments practice.Table[Assessed]
}

// Assessed is one questionnaire that was sent to a vendor.
type Assessed struct {
	// Assessment is the questionnaire with its answers.
	Assessment practice.Link
	// Vendor is who was asked.
	Vendor practice.Link
	// Questionnaire is what was asked.
	Questionnaire practice.Link
	// State says where it stands.
	State model.AssessmentState
	// Sent is the day when it was sent.
	Sent model.Date
	// Due is the day by which answers are expected.
	Due model.Date
	// Answered is the day when the answers came.
	Answered model.Date
	// Score is the share of the weight that was answered well, in percent. Empty where there are no answers.
	Score *float64
	// Failed are the mandatory questions without a good answer.
	Failed []string
	// Undecided are the questions whose answers nobody has judged.
	Undecided []string
	// Result says whether it passed.
	Result string
	// Expires is the last day on which the result counts.
	Expires model.Date
}

// Assessments tells where the questionnaires to vendors stand: which are open or
// overdue, what those that came back are worth, which mandatory questions failed, and which results expire soon.
func Assessments(v estate.View, in AssessmentsIn) (AssessmentsOut, error) {
	var out AssessmentsOut
	soon := v.At().AddDays(cmp.Or(in.Within, 60))
	var open, overdue, failed, undecided []practice.Link
	for a := range estate.Each[*model.Assessment](v) {
		if !in.Vendor.IsZero() && a.Vendor != in.Vendor {
			continue
		}
		row := assessedOf(v, a)
		out.Assessments.Rows = append(out.Assessments.Rows, row)
		link, owner := practice.To(a), practice.OwnerOf(v, a)
		if owner.IsZero() {
			if vendor, ok := estate.Look[*model.Vendor](v, a.Vendor); ok {
				owner = practice.To(v.Get(vendor.Contact))
			}
		}
		add := func(s practice.Severity, text string, args ...any) {
			out.Findings = append(out.Findings, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: link, Owner: owner, From: []practice.Link{link}})
		}
		switch {
		case isOpen(a):
			open = append(open, link)
			if !a.Due.IsZero() && a.Due < v.At() {
				overdue = append(overdue, link)
				add(practice.Medium, "%s should have answered %s by %s.", row.Vendor.Title(), row.Questionnaire.Title(), a.Due)
			}
		case row.Result == "failed":
			failed = append(failed, link)
			text := "the pass mark was not reached"
			if len(row.Failed) > 0 {
				text = "mandatory questions without a good answer: " + strings.Join(row.Failed, ", ")
			}
			add(practice.High, "%s did not pass %s: %s.", row.Vendor.Title(), row.Questionnaire.Title(), text)
		case row.Result == "undecided":
			undecided = append(undecided, link)
			add(practice.Low, "Nobody has judged the answers of %s to %s.", row.Vendor.Title(), strings.Join(row.Undecided, ", "))
		case !a.Expires.IsZero() && a.Expires < v.At():
			add(practice.Medium, "The result of %s for %s expired on %s: ask again.", row.Questionnaire.Title(), row.Vendor.Title(), a.Expires)
		case !a.Expires.IsZero() && a.Expires <= soon:
			add(practice.Low, "The result of %s for %s expires on %s: ask again in time.", row.Questionnaire.Title(), row.Vendor.Title(), a.Expires)
		}
		if n := len(out.Findings); n > 0 && out.Findings[n-1].About == link && !a.Expires.IsZero() && a.Expires <= soon && !isOpen(a) {
			out.Findings[n-1].Mend = &practice.Mend{Action: "suppliers.send_assessment", Parameters: map[string]string{"vendor": row.Vendor.Key, "questionnaire": row.Questionnaire.Key}}
		}
	}
	slices.SortStableFunc(out.Assessments.Rows, func(a, b Assessed) int {
		return cmp.Or(cmp.Compare(b2i(a.Result != "open"), b2i(b.Result != "open")), cmp.Compare(a.Due, b.Due))
	})
	practice.WorstFirst(out.Findings)
	out.Open = practice.Counted("questionnaires", practice.Neither, open)
	out.Overdue = practice.Counted("questionnaires", practice.Lower, overdue)
	out.Failed = practice.Counted("questionnaires", practice.Lower, failed)
	out.Undecided = practice.Counted("questionnaires", practice.Lower, undecided)
	return out, nil
}

// isOpen reports whether the answers of an assessment have not come.
func isOpen(a *model.Assessment) bool {
	return a.State == "" || a.State == "planned" || a.State == "sent"
}

func assessedOf(v estate.View, a *model.Assessment) Assessed {
	row := Assessed{Assessment: practice.To(a), Vendor: practice.To(v.Get(a.Vendor)), Questionnaire: practice.To(v.Get(a.Questionnaire)), State: a.State, Sent: a.Sent, Due: a.Due, Answered: a.Answered, Expires: a.Expires, Result: "open"}
	q, ok := estate.Look[*model.Questionnaire](v, a.Questionnaire)
	if isOpen(a) || !ok {
		return row
	}
	r := ResultOf(q, a.Answers)
	row.Score, row.Failed, row.Undecided = &r.Score, r.FailedMandatory, r.Undecided
	switch {
	case a.State == "accepted":
		row.Result = "accepted"
	case a.State == "failed" || len(r.FailedMandatory) > 0:
		row.Result = "failed"
	case len(r.Undecided) > 0:
		row.Result = "undecided"
	case r.Passes:
		row.Result = "passed"
	default:
		row.Result = "failed"
	}
	return row
}

// latestAssessment returns the result of the newest assessment of a vendor that still counts, or false.
func latestAssessment(v estate.View, vendor model.Ref) (Assessed, bool) {
	var best *model.Assessment
	for _, a := range held[*model.Assessment](v, vendor, "vendor") {
		if !isOpen(a) && a.Answered <= v.At() && (a.Expires.IsZero() || a.Expires >= v.At()) && (best == nil || a.Answered > best.Answered) {
			best = a
		}
	}
	if best == nil {
		return Assessed{}, false
	}
	return assessedOf(v, best), true
}

// SendAssessmentIn says what is sent to whom.
type SendAssessmentIn struct {
	// Vendor is who is asked.
	Vendor model.Ref `to:"Vendor" is:"required"`
	// Questionnaire is what is asked.
	Questionnaire model.Ref `to:"Questionnaire" is:"required"`
	// Days is how many days the vendor has to answer. The default is 30.
	Days int `min:"0" max:"365"`
}

// SendAssessment proposes to note that a questionnaire is sent to a vendor
// today. The file to send is offered on the page of the new assessment.
func SendAssessment(v estate.View, in SendAssessmentIn) (practice.Proposal, error) {
	vendor, ok := estate.Look[*model.Vendor](v, in.Vendor)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "vendor", Text: "there is no such vendor"}
	}
	q, ok := estate.Look[*model.Questionnaire](v, in.Questionnaire)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "questionnaire", Text: "there is no such questionnaire"}
	}
	if len(q.Questions) == 0 {
		return practice.Proposal{}, model.Problem{Field: "questionnaire", Text: q.Title() + " has no questions yet"}
	}
	a := &model.Assessment{Vendor: in.Vendor, Questionnaire: in.Questionnaire, State: "sent", Sent: v.At(), Due: v.At().AddDays(cmp.Or(in.Days, 30))}
	a.Key = fmt.Sprintf("%s-%s-%s", vendor.Key, q.Key, v.At())
	a.Name = q.Title() + " for " + vendor.Title()
	a.Owner = vendor.Owner
	if v.Find("Assessment", a.Key) != nil {
		return practice.Proposal{}, model.Problem{Field: "vendor", Text: fmt.Sprintf("%s was sent to %s today already", q.Title(), vendor.Title())}
	}
	a.ID = practice.NewID(v, "Assessment", a.Key)
	change, _ := model.Difference(v.Schema().Of(a), nil, a)
	out := practice.Proposal{Why: fmt.Sprintf("Send %s to %s", q.Title(), vendor.Title()), Changes: []model.Change{change}}
	for _, other := range held[*model.Assessment](v, in.Vendor, "vendor") {
		if other.Questionnaire == in.Questionnaire && isOpen(other) {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s is still open: answers to it are expected by %s.", other.Title(), other.Due), About: practice.To(other)})
		}
	}
	return out, nil
}

// RecordAnswersIn says what a vendor answered.
type RecordAnswersIn struct {
	// Assessment is the questionnaire that was sent.
	Assessment model.Ref `to:"Assessment" is:"required"`
	// Answers are the answers, each as the name of the question, a colon and the answer: 4.2: yes.
	Answers []string `is:"required"`
	// On is the day when the answers came. Unset means today.
	On model.Date
}

// RecordAnswers proposes to write the answers of a vendor into an assessment. An
// answer that is there already is replaced; the verdict and the note of a person about it stay where the answer is the same.
func RecordAnswers(v estate.View, in RecordAnswersIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Assessment](v, in.Assessment)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "assessment", Text: "there is no such assessment"}
	}
	q, ok := estate.Look[*model.Questionnaire](v, before.Questionnaire)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "assessment", Text: "its questionnaire is no longer there"}
	}
	after := model.Clone(before)
	after.Answers = slices.Clone(before.Answers)
	for _, line := range in.Answers {
		id, answer, found := strings.Cut(line, ":")
		id, answer = strings.TrimSpace(id), strings.TrimSpace(answer)
		i := slices.IndexFunc(q.Questions, func(a model.AskedQuestion) bool { return strings.EqualFold(a.ID, id) })
		switch {
		case !found:
			return practice.Proposal{}, model.Problem{Field: "answers", Text: fmt.Sprintf("%.60q has no colon: write the name of the question, a colon and the answer", line)}
		case i < 0:
			return practice.Proposal{}, model.Problem{Field: "answers", Text: fmt.Sprintf("%s has no question %.60q", q.Title(), id)}
		}
		after.Answers = withAnswer(after.Answers, q.Questions[i].ID, answer)
	}
	after.Answered = cmp.Or(in.On, v.At())
	if isOpen(before) {
		after.State = "answered"
	}
	change, differs := model.Difference(v.Schema().Of(after), before, after)
	out := practice.Proposal{Why: "Record the answers to " + before.Title()}
	if differs {
		out.Changes = append(out.Changes, change)
	}
	r := ResultOf(q, after.Answers)
	text := fmt.Sprintf("%g %% of the weight is answered well; the pass mark is %s %%.", r.Score, q.PassMark)
	out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: text, About: practice.To(before)})
	for _, list := range []struct {
		ids  []string
		text string
		how  practice.Severity
	}{{r.FailedMandatory, "Mandatory questions without a good answer: ", practice.High}, {r.Unanswered, "Questions without an answer: ", practice.Medium}, {r.Undecided, "Answers that a person must judge: ", practice.Low}} {
		if len(list.ids) > 0 {
			out.Findings = append(out.Findings, practice.Finding{Severity: list.how, Text: list.text + strings.Join(list.ids, ", ") + ".", About: practice.To(before)})
		}
	}
	return out, nil
}

// withAnswer returns answers with one put in, or replaced where there is one to the same question.
func withAnswer(answers []model.GivenAnswer, id, answer string) []model.GivenAnswer {
	i := slices.IndexFunc(answers, func(a model.GivenAnswer) bool { return strings.EqualFold(a.ID, id) })
	switch {
	case i < 0:
		return append(answers, model.GivenAnswer{ID: id, Answer: answer})
	case answers[i].Answer != answer:
		answers[i] = model.GivenAnswer{ID: answers[i].ID, Answer: answer}
	}
	return answers
}
