package reviews

import (
	"fmt"
	"html/template"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// asked is how many questions of each type a round has, and every how many there are at most to find the words of one that was answered.
const (
	asked = 10
	every = 100
)

// calibrationView is the page with the questions.
type calibrationView struct {
	Nobody    bool
	MayAnswer bool
	// Ranges and Claims are the questions.
	Ranges, Claims []questionView
	Problem        string
	// Score is what all rounds say.
	Score  *score
	Rounds []roundRow
	// Sure are the percentages to choose from.
	Sure []int
}

// questionView is a question with what was typed as the answer.
type questionView struct {
	Key, Text, Unit       string
	Low, High, Says, Sure string
	Wrong                 string
	Number                int
}

// score is what the answers of a person say about how sure that person may be.
type score struct {
	Result, Label, Advice                 string
	Inside, Least, Most                   *float64
	Sure, Right, Brier                    *float64
	Rounds, Ranges, Claims                int
	InsideMark, LeastMark, Span, MostMark int
}

// roundRow is one round.
type roundRow struct {
	Path           string
	Taken          model.Date
	Inside, Ranges int
	Right, Claims  int
}

func calibration(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	return d.questions("", url.Values{}, nil)
}

// questions shows the questions, with what is wrong with the answers.
func (d *desk) questions(problem string, given url.Values, wrong map[string]string) error {
	b := calibrationView{Nobody: d.nobody(), Problem: problem, MayAnswer: !d.past() && !d.nobody() && d.Who.MayCreate("CalibrationRound"), Sure: []int{50, 60, 70, 80, 90, 95, 100}}
	p := frame.Page{Title: "Calibration", Lead: "Learn how sure you may be, before you estimate what a risk could cost.", Crumbs: []frame.Crumb{{Label: "Risk", Path: "/questions#practice-risk"}}}
	if !d.nobody() {
		answer, err := d.ask("risk.calibration", map[string]any{"person": d.me.String(), "questions": asked})
		if err != nil {
			return err
		}
		next := answer.rows("next")
		for i := range next.cells {
			q := questionView{Key: next.text(i, "key"), Text: next.text(i, "question"), Unit: next.text(i, "unit")}
			q.Low, q.High, q.Says, q.Sure, q.Wrong = given.Get("low."+q.Key), given.Get("high."+q.Key), given.Get("says."+q.Key), given.Get("sure."+q.Key), wrong[q.Key]
			list := &b.Ranges
			if value[model.CalibrationType](next, i, "type") == model.CalibrationClaimType {
				list = &b.Claims
			}
			q.Number = len(*list) + 1
			*list = append(*list, q)
		}
		b.Score, b.Rounds = scoreIn(answer), d.rounds()
	}
	p.Body = b
	if problem != "" {
		p.Status = unprocessable
	}
	return d.show("calibration", "calibration", p)
}

// scoreIn returns the score of the person that an answer is about, or nil where there is none.
func scoreIn(answer reply) *score {
	r := answer.rows("scores")
	if len(r.cells) == 0 {
		return nil
	}
	s := &score{Result: r.text(0, "result"), Advice: upper(r.text(0, "advice")), Inside: value[*float64](r, 0, "inside"), Least: value[*float64](r, 0, "least"), Most: value[*float64](r, 0, "most"),
		Sure: value[*float64](r, 0, "sure"), Right: value[*float64](r, 0, "right"), Brier: value[*float64](r, 0, "brier"), Rounds: value[int](r, 0, "rounds"), Ranges: value[int](r, 0, "ranges"), Claims: value[int](r, 0, "claims")}
	s.Label = parts.Plain("", strings.ReplaceAll(s.Result, "_", " "))
	if s.Inside != nil && s.Least != nil && s.Most != nil {
		s.InsideMark, s.LeastMark, s.Span = int(math.Round(*s.Inside)), int(math.Round(*s.Least)), int(math.Round(*s.Most-*s.Least))
		s.MostMark = s.LeastMark + s.Span
	}
	return s
}

// rounds returns the rounds of the visitor, the newest first.
func (d *desk) rounds() []roundRow {
	var list []*model.CalibrationRound
	for e := range d.view.In(d.me) {
		if r, ok := e.Record.(*model.CalibrationRound); ok && r.Person == d.me {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b *model.CalibrationRound) int {
		if a.Taken != b.Taken {
			return int(b.Taken) - int(a.Taken)
		}
		return strings.Compare(b.Key, a.Key)
	})
	var out []roundRow
	for _, r := range slices.Compact(list) {
		out = append(out, d.row(r))
	}
	return out
}

// row counts the answers of a round.
func (d *desk) row(r *model.CalibrationRound) roundRow {
	out := roundRow{Path: d.Path(roundPath(r.Key)), Taken: r.Taken}
	for _, a := range r.Answers {
		right := 0
		if a.Right() {
			right = 1
		}
		if a.Type == model.CalibrationClaimType {
			out.Claims++
			out.Right += right
		} else {
			out.Ranges++
			out.Inside += right
		}
	}
	return out
}

func roundPath(key string) string { return "/calibration/" + url.PathEscape(key) }

// answer takes the answers of a round. Questions without an answer are left out.
func answer(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	if d.nobody() {
		return frame.Bad("%s", nobodyText)
	}
	if err := v.R.ParseForm(); err != nil {
		return frame.Bad("the form could not be read: %v", err)
	}
	answers, wrong := answersIn(v.R.PostForm)
	switch {
	case len(wrong) > 0:
		return d.questions("Look at "+practice.Count(len(wrong), "answer", "answers")+" again. The others are kept.", v.R.PostForm, wrong)
	case len(answers) == 0:
		return d.questions("Answer at least one question.", v.R.PostForm, nil)
	}
	receipt, err := d.do("risk.take_calibration", map[string]any{"answers": answers})
	if p, ok := problemOf(err); ok {
		return d.questions(upper(p.Text), v.R.PostForm, nil)
	}
	if err != nil {
		return err
	}
	to := "/calibration"
	if again, err := sit(v); err == nil && len(receipt.Changes) > 0 {
		if rec := again.view.Get(model.Ref(receipt.Changes[0].ID)); rec != nil {
			to = roundPath(rec.Base().Key)
		}
	}
	return d.Done(v.Path(to), "Your answers are recorded.", receipt)
}

// answersIn returns the answers of a form as the action wants them, in the order of their questions, and what is wrong with others.
func answersIn(form url.Values) (answers []any, wrong map[string]string) {
	wrong = map[string]string{}
	seen := map[string]bool{}
	for _, name := range form["question"] {
		if seen[name] || len(seen) >= 2*every {
			continue
		}
		seen[name] = true
		low, high := strings.TrimSpace(form.Get("low."+name)), strings.TrimSpace(form.Get("high."+name))
		says, sure := form.Get("says."+name), form.Get("sure."+name)
		switch {
		case low == "" && high == "" && says == "":
		case says != "":
			if sure == "" {
				wrong[name] = "Say how sure you are."
				continue
			}
			answers = append(answers, name+": "+says+" "+sure)
		case low == "" || high == "":
			wrong[name] = "Give both ends of the range."
		default:
			from, err1 := strconv.ParseFloat(low, 64)
			to, err2 := strconv.ParseFloat(high, 64)
			if err1 != nil || err2 != nil || math.IsNaN(from) || math.IsNaN(to) || math.IsInf(from, 0) || math.IsInf(to, 0) {
				wrong[name] = "Write numbers, such as 1950 and 1980."
				continue
			}
			if from > to {
				wrong[name] = "The low end stands above the high end."
				continue
			}
			answers = append(answers, name+": "+low+".."+high)
		}
	}
	return answers, wrong
}

// roundView is the page of a round that was answered.
type roundView struct {
	Row      roundRow
	Person   shown
	Ranges   []outcome
	Claims   []outcome
	Score    *score
	MayAgain bool
}

// outcome is an answer with the truth.
type outcome struct {
	Text, Given, Truth string
	Right              bool
	// Strip draws the range with the truth, where a number was asked for.
	Strip template.HTML
}

func round(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	_, rec, err := door.Find(d.view, "CalibrationRound", v.R.PathValue("round"))
	if err != nil {
		return err
	}
	r := rec.(*model.CalibrationRound)
	answer, err := d.ask("risk.calibration", map[string]any{"person": r.Person.String(), "questions": every})
	if err != nil {
		return err
	}
	type words struct{ text, unit string }
	known := map[string]words{}
	all := answer.rows("next")
	for i := range all.cells {
		known[all.text(i, "key")] = words{all.text(i, "question"), strings.TrimPrefix(all.text(i, "unit"), "year")}
	}
	for q := range estate.Each[*model.CalibrationQuestion](d.view) {
		known[q.Key] = words{q.Question, strings.TrimPrefix(q.Unit, "year")}
	}
	b := roundView{Row: d.row(r), Person: d.named(r.Person), Score: scoreIn(answer), MayAgain: !d.past() && d.me == r.Person}
	for _, a := range r.Answers {
		w, ok := known[a.Question]
		if !ok {
			w.text = a.Question
		}
		o := outcome{Text: w.text, Right: a.Right()}
		if a.Type == model.CalibrationClaimType {
			o.Given, o.Truth = fmt.Sprintf("%s, %s %% sure", yes(a.Says), a.Confidence), yes(a.Holds)
			b.Claims = append(b.Claims, o)
			continue
		}
		o.Given, o.Truth = plain(a.Low)+" to "+plain(a.High), strings.TrimSpace(plain(a.Number)+" "+w.unit)
		o.Strip = strip(a.Low, a.High, a.Number)
		b.Ranges = append(b.Ranges, o)
	}
	return d.show("calibration-round", "calibration", frame.Page{Title: "How it turned out", Lead: "Your answers and the truth, " + r.Taken.String() + ".", Crumbs: []frame.Crumb{{Label: "Calibration", Path: "/calibration"}}, Body: b})
}

func yes(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func plain(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// strip draws a range and where the truth lies: inside of it, or beside it.
func strip(low, high, truth float64) template.HTML {
	from, to := min(low, truth), max(high, truth)
	room := (to - from) * 0.12
	if room == 0 {
		room = 1
	}
	at := func(x float64) float64 {
		p := 200 * (x - (from - room)) / (to - from + 2*room)
		return math.Round(p*10) / 10
	}
	if math.IsNaN(at(low)) || math.IsInf(to-from, 0) {
		return ""
	}
	class := "strip out"
	if low <= truth && truth <= high {
		class = "strip in"
	}
	return template.HTML(fmt.Sprintf(`<svg class="%s" viewBox="0 0 200 20" aria-hidden="true" preserveAspectRatio="none"><path class="strip-line" d="M0 10h200"/><path class="strip-range" d="M%g 10H%g"/><path class="strip-truth" d="M%g 2v16"/></svg>`,
		class, at(low), max(at(high), at(low)+2), at(truth)))
}
