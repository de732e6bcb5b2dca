package risk

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// CalibrationIn says whom it is about.
type CalibrationIn struct {
	// Person limits the scores to one person, and gives this person's next questions.
	Person model.Ref `to:"Person"`
	// Questions is how many questions of each type to ask. The default is 10.
	Questions int `min:"1" max:"100"`
}

// CalibrationOut says how well people know how sure they may be.
type CalibrationOut struct {
	// Estimators is how many people have a score.
	Estimators practice.Figure
	// Overconfident is how many of them give ranges that are too narrow, or are too sure of what they claim.
	Overconfident practice.Figure
	// Findings say who should train.
	Findings []practice.Finding
	// Scores are the people with their scores, the least calibrated first.
	Scores practice.Table[ScoreRow]
	// Next are the questions to answer next, without the answers.
	Next practice.Table[QuestionRow]
}

// ScoreRow is the score of one estimator.
type ScoreRow struct {
	// Person is the estimator.
	Person practice.Link
	// Rounds is how many rounds there were.
	Rounds int
	// Ranges is how many ranges were given.
	Ranges int
	// Inside is the share of ranges that hold the true number. 90 is the aim.
	Inside *float64 `unit:"%"`
	// Least is the low end of the 95 % interval of that share.
	Least *float64 `unit:"%"`
	// Most is the high end of the 95 % interval of that share.
	Most *float64 `unit:"%"`
	// Claims is how many claims were judged.
	Claims int
	// Sure is how sure the person was of them on average.
	Sure *float64 `unit:"%"`
	// Right is the share that was judged rightly.
	Right *float64 `unit:"%"`
	// Brier is the mean square of the difference between the probability given and the truth: 0 is perfect, 0.25 is tossing a coin.
	Brier *float64
	// Result says what follows.
	Result CalibrationResult
	// Advice says what to do.
	Advice string
}

// CalibrationResult says what a score means.
type CalibrationResult string

// What a score may mean.
const (
	TooFew         CalibrationResult = "too_few"
	Overconfident  CalibrationResult = "overconfident"
	Underconfident CalibrationResult = "underconfident"
	Calibrated     CalibrationResult = "calibrated"
)

// Options lists what a score may mean.
func (CalibrationResult) Options() []model.Option {
	return []model.Option{
		{Value: "overconfident", Label: "Overconfident", Help: "Ranges are too narrow, or claims too sure."},
		{Value: "underconfident", Label: "Underconfident", Help: "Ranges are too wide, or claims not sure enough."},
		{Value: "too_few", Label: "Too few answers", Help: "There are fewer than ten answers of a type."},
		{Value: "calibrated", Label: "Calibrated", Help: "The answers do not speak against it."},
	}
}

// QuestionRow is a question to answer.
type QuestionRow struct {
	// Key is what to answer with.
	Key string
	// Question is what is asked, or what is claimed.
	Question string
	// Type says how it is answered.
	Type model.CalibrationType
	// Unit is what the number counts.
	Unit string
	// Answer says how to write the answer.
	Answer string
}

// aim is the share of ranges that should hold the true number.
const aim = 0.9

// enough is how many answers of a type tell something.
const enough = 10

// Calibration scores everybody who answered questions with known answers: whether their 90 % ranges hold the truth in 90 of 100 cases, and whether they are
// right as often as they say. A share comes with its 95 % interval (Wilson), because ten answers tell little.
func Calibration(v estate.View, in CalibrationIn) (CalibrationOut, error) {
	var out CalibrationOut
	rounds := map[model.Ref][]*model.CalibrationRound{}
	var people []model.Ref
	for r := range estate.Each[*model.CalibrationRound](v) {
		if !in.Person.IsZero() && r.Person != in.Person || r.Taken > v.At() {
			continue
		}
		if rounds[r.Person] == nil {
			people = append(people, r.Person)
		}
		rounds[r.Person] = append(rounds[r.Person], r)
	}
	var scored, over []practice.Link
	for _, ref := range people {
		person := v.Get(ref)
		if person == nil {
			continue
		}
		row := scoreOf(rounds[ref])
		row.Person = practice.To(person)
		scored = append(scored, row.Person)
		if row.Result == Overconfident {
			over = append(over, row.Person)
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, About: row.Person, From: practice.ToAll(rounds[ref]), Owner: row.Person,
				Text: fmt.Sprintf("%s is overconfident: %s", row.Person.Title(), row.Advice)})
		}
		out.Scores.Rows = append(out.Scores.Rows, row)
	}
	sortRows(out.Scores.Rows, func(r ScoreRow) int { return model.Rank(r.Result) })
	out.Estimators, out.Overconfident = practice.Counted("people", practice.Higher, scored), practice.Counted("people", practice.Lower, over)
	n := in.Questions
	if n == 0 {
		n = 10
	}
	out.Next = nextQuestions(v, rounds[in.Person], n)
	return out, nil
}

// scoreOf scores the answers of one person.
func scoreOf(rounds []*model.CalibrationRound) ScoreRow {
	row := ScoreRow{Rounds: len(rounds)}
	inside, right := 0, 0
	sure, brier := 0.0, 0.0
	for _, r := range rounds {
		for _, a := range r.Answers {
			if a.Type != model.CalibrationClaimType {
				row.Ranges++
				inside += b2i(a.Right())
				continue
			}
			row.Claims++
			right += b2i(a.Right())
			p := min(max(float64(a.Confidence)/100, 0), 1)
			sure += p
			brier += (p - float64(b2i(a.Right()))) * (p - float64(b2i(a.Right())))
		}
	}
	row.Result = TooFew
	low, high := 0.0, 1.0
	if row.Ranges > 0 {
		low, high = wilson(inside, row.Ranges)
		row.Inside, row.Least, row.Most = pointer(percent(float64(inside)/float64(row.Ranges))), pointer(percent(low)), pointer(percent(high))
	}
	claimLow, claimHigh := 0.0, 1.0
	mean := 0.0
	if row.Claims > 0 {
		n := float64(row.Claims)
		mean = sure / n
		claimLow, claimHigh = wilson(right, row.Claims)
		row.Sure, row.Right, row.Brier = pointer(percent(mean)), pointer(percent(float64(right)/n)), pointer(digits(brier/n, 3))
	}
	manyRanges, manyClaims := row.Ranges >= enough, row.Claims >= enough
	switch {
	case manyRanges && high < aim:
		row.Result, row.Advice = Overconfident, fmt.Sprintf("widen the ranges, since they hold the truth in %g of 100 cases and should in 90. Ask of each end: would I bet nine to one on it?", *row.Inside)
	case manyClaims && claimHigh < mean:
		row.Result, row.Advice = Overconfident, fmt.Sprintf("say lower percentages, since you are sure to %g %% and right in %g of 100 cases. Ask first what would speak against it.", *row.Sure, *row.Right)
	case manyRanges && low > aim:
		row.Result, row.Advice = Underconfident, fmt.Sprintf("narrow the ranges, since they hold the truth in %g of 100 cases and 90 are enough.", *row.Inside)
	case manyClaims && claimLow > mean:
		row.Result, row.Advice = Underconfident, fmt.Sprintf("say higher percentages, since you are sure to %g %% and right in %g of 100 cases.", *row.Sure, *row.Right)
	case manyRanges || manyClaims:
		row.Result, row.Advice = Calibrated, "go on, and take a round before each larger estimate. More answers would tell more."
	default:
		row.Advice = "answer at least ten questions of a type, so that the score means something."
	}
	return row
}

// wilson returns the 95 % interval of a share of which some of n cases hold (Wilson, 1927).
func wilson(some, n int) (low, high float64) {
	const z = 1.959963984540054
	p, all := float64(some)/float64(n), float64(n)
	centre := (p + z*z/(2*all)) / (1 + z*z/all)
	half := z / (1 + z*z/all) * math.Sqrt(p*(1-p)/all+z*z/(4*all*all))
	return max(0, centre-half), min(1, centre+half)
}

func pointer(f float64) *float64 { return &f }

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// nextQuestions returns some questions of each type that a person has not answered yet, and answered ones where there are no others.
func nextQuestions(v estate.View, rounds []*model.CalibrationRound, n int) practice.Table[QuestionRow] {
	seen := map[string]int{}
	for _, r := range rounds {
		for _, a := range r.Answers {
			seen[a.Question]++
		}
	}
	var out practice.Table[QuestionRow]
	for _, kind := range []model.CalibrationType{model.CalibrationRangeType, model.CalibrationClaimType} {
		var list []*model.CalibrationQuestion
		for _, q := range questionsOf(v) {
			if q.Type == kind {
				list = append(list, q)
			}
		}
		sortRows(list, func(q *model.CalibrationQuestion) int { return seen[q.Key] })
		how := "the ends of a range that you are sure of to 90 %, such as 1950..1980"
		if kind == model.CalibrationClaimType {
			how = "true or false, and how sure you are from 50 to 100 %, such as true 80"
		}
		for _, q := range list[:min(n, len(list))] {
			out.Rows = append(out.Rows, QuestionRow{q.Key, q.Question, kind, q.Unit, how})
		}
	}
	out.Note = "answer with risk.take_calibration"
	return out
}

// TakeCalibrationIn is what somebody answered.
type TakeCalibrationIn struct {
	// Person is who answers.
	Person model.Ref `to:"Person" is:"asker"`
	// Answers are the answers, each as the key of the question, a colon and the answer: a 90 % range such as arpanet: 1960..1975, or true or false and how sure, such as md5: false 80.
	Answers []string `is:"required"`
}

// TakeCalibration proposes to record the answers of a person to questions of calibration, and says how they turned out.
func TakeCalibration(v estate.View, in TakeCalibrationIn) (practice.Proposal, error) {
	person, ok := estate.Look[*model.Person](v, in.Person)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "person", Text: "there is no such person"}
	}
	known := map[string]*model.CalibrationQuestion{}
	for _, q := range questionsOf(v) {
		known[q.Key] = q
	}
	round := &model.CalibrationRound{Person: in.Person, Taken: v.At()}
	for _, text := range in.Answers {
		a, err := readAnswer(known, text)
		if err != nil {
			return practice.Proposal{}, model.Problem{Field: "answers", Text: err.Error()}
		}
		if slices.ContainsFunc(round.Answers, func(b model.CalibrationAnswer) bool { return b.Question == a.Question }) {
			return practice.Proposal{}, model.Problem{Field: "answers", Text: a.Question + " is answered twice: answer it once"}
		}
		round.Answers = append(round.Answers, a)
	}
	for n := 1; ; n++ {
		round.Key = fmt.Sprintf("%s-%s-%d", person.Key, v.At(), n)
		if v.Snapshot().Find("CalibrationRound", round.Key) == nil {
			break
		}
	}
	round.Name = fmt.Sprintf("Calibration of %s on %s", person.Title(), v.At())
	round.ID = practice.NewID(v, "CalibrationRound", round.Key)
	out := proposal(v, nil, round, "Record a calibration of "+person.Title())
	score := scoreOf([]*model.CalibrationRound{round})
	add := func(text string, args ...any) {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: fmt.Sprintf(text, args...), About: practice.To(person)})
	}
	if score.Inside != nil {
		add("%g %% of %s hold the true number. The aim is 90 %%.", *score.Inside, practice.Count(score.Ranges, "range", "ranges"))
	}
	if score.Right != nil {
		add("%g %% of %s were judged rightly, at %g %% sure on average. The Brier score is %g.", *score.Right, practice.Count(score.Claims, "claim", "claims"), *score.Sure, *score.Brier)
	}
	for _, a := range round.Answers {
		if !a.Right() {
			add("%s The answer is %s.", known[a.Question].Question, truth(known[a.Question]))
		}
	}
	return out, nil
}

// truth writes the answer to a question.
func truth(q *model.CalibrationQuestion) string {
	if q.Type == model.CalibrationClaimType {
		return strconv.FormatBool(q.Holds)
	}
	return strings.TrimSpace(strconv.FormatFloat(q.Number, 'f', -1, 64) + " " + strings.TrimPrefix(q.Unit, "year"))
}

// readAnswer reads one answer.
func readAnswer(known map[string]*model.CalibrationQuestion, text string) (model.CalibrationAnswer, error) {
	key, answer, ok := strings.Cut(text, ":")
	key, answer = strings.TrimSpace(key), strings.TrimSpace(answer)
	if !ok || answer == "" {
		return model.CalibrationAnswer{}, fmt.Errorf("%.80q is no answer: write the key of the question, a colon and the answer, such as arpanet: 1960..1975", text)
	}
	q := known[key]
	if q == nil {
		return model.CalibrationAnswer{}, fmt.Errorf("there is no question %.80q: risk.calibration lists them", key)
	}
	out := model.CalibrationAnswer{Question: key, Type: q.Type, Number: q.Number, Holds: q.Holds}
	if q.Type != model.CalibrationClaimType {
		r, err := model.ParseRange(answer)
		if err != nil {
			return out, fmt.Errorf("%s: %w", key, err)
		}
		out.Low, out.High = r.Low, r.High
		return out, nil
	}
	word, sure, _ := strings.Cut(answer, " ")
	switch strings.ToLower(word) {
	case "true", "yes":
		out.Says = true
	case "false", "no":
	default:
		return out, fmt.Errorf("%s: %.80q is neither true nor false: write true 80 or false 60", key, answer)
	}
	p, err := model.ParsePercent(sure)
	if err != nil || p < 50 || p > 100 {
		return out, fmt.Errorf("%s: %.80q does not say how sure you are: write a number from 50 to 100 behind it, such as true 80", key, answer)
	}
	out.Confidence = p
	return out, nil
}
