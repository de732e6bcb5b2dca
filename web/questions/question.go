package questions

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// own are the names in the address of a question's page that are not parameters of the question.
var own = []string{"part", "rows", "format", "part_page", "why", "proposed"}

// questionPage is one question with its form and its answer.
type questionPage struct {
	Name, Label, Type, Help string
	More                    []string
	// Action is where the form leads.
	Action string
	Moment url.Values
	Inputs []input
	// Unfolded says that the form is open from the start.
	Unfolded bool
	// Waiting says that a value that is required is not there yet.
	Waiting bool
	Problem string
	// Answer is the answer, where there is one.
	Answer  template.HTML
	Verdict *verdictView
	Plan    *planView
	Exports []tab
	Tables  []tab
	Command string
	API     string
	// Compare leads to the same question at two moments side by side. It is empty for actions.
	Compare string
	Tile    *tileForm
	Related []questionView
	// Asked are the parameters as a form sends them again.
	Asked url.Values
}

// verdictView is what a check says.
type verdictView struct {
	State, Word, Text string
	Checked           template.HTML
	Findings          template.HTML
	Failed, Count     int
}

// progressPage is what is shown while an answer is in the making.
type progressPage struct {
	Label, Again string
	Seconds      int
}

func (p *pages) question(v *frame.Visit) error {
	name, format := v.R.PathValue("name"), v.Form("format")
	for _, f := range append(door.Formats(), door.Format{Name: parts.FileSuffix}) {
		if base, ok := strings.CutSuffix(name, "."+f.Name); ok {
			name, format = base, f.Name
		}
	}
	a, err := v.House.Question(name)
	if err != nil {
		return err
	}
	parameters, err := door.Parameters(a, v.R.URL.Query(), own...)
	var problem *model.Problem
	if err != nil {
		if problem = problemOf(err); problem == nil {
			return err
		}
	}
	view, err := v.View()
	if err != nil {
		return err
	}
	b := p.body(v, view, a, parameters)
	b.Inputs = inputs(view, a, v.R.URL.Query(), problem)
	if problem != nil {
		return p.refused(v, a, b, problem, format)
	}
	if format == "" && missing(a, parameters) {
		b.Waiting = true
		return v.Render(templates, "question", questionFrame(v, a, b))
	}
	answer, working, err := p.ask(v, a, parameters)
	if problem = problemOf(err); problem != nil {
		b.Inputs = inputs(view, a, v.R.URL.Query(), problem)
		return p.refused(v, a, b, problem, format)
	}
	if err != nil {
		return err
	}
	if working > 0 {
		return progress(v, b, working)
	}
	if format != "" {
		return export(v, answer, format, v.Form("part"))
	}
	p.show(v, b, answer, parameters)
	return v.Render(templates, "question", questionFrame(v, a, b))
}

// body returns the page of a question without an answer.
func (p *pages) body(v *frame.Visit, view estate.View, a practice.Asked, parameters map[string]any) *questionPage {
	paragraphs := strings.Split(withoutName(a.Help()), "\n\n")
	lead := firstSentence(paragraphs[0])
	rest := strings.TrimSpace(strings.TrimPrefix(strings.Join(strings.Fields(paragraphs[0]), " "), lead))
	b := &questionPage{Name: a.Name(), Label: parts.ActionLabel(a.Name()), Type: string(a.Question.Type), Help: lead, Action: "/questions/" + url.PathEscape(a.Name()),
		Moment: v.Moment.Values(), Asked: door.Query(parameters), Command: door.CommandLine(a, parameters, v.Moment)}
	if a.Question.Type != practice.Doing {
		page := b.Action
		if len(b.Asked) > 0 {
			page += "?" + b.Asked.Encode()
		}
		b.Compare = v.Path("/compare", "page", page)
	}
	if rest != "" {
		b.More = append(b.More, rest)
	}
	b.More = append(b.More, paragraphs[1:]...)
	scheme := "http"
	if v.R.TLS != nil {
		scheme = "https"
	}
	base := v.House.BaseURL
	if base == "" {
		base = scheme + "://" + v.R.Host
	}
	b.API = fmt.Sprintf("curl -H \"Authorization: Bearer $TOKEN\" '%s%s'", base, strings.ReplaceAll(door.APIPath(a, parameters, v.Moment), "'", "%27"))
	for i := range a.Practice.Questions {
		if other := (practice.Asked{Practice: a.Practice, Question: &a.Practice.Questions[i]}); other.Name() != a.Name() {
			b.Related = append(b.Related, viewOf(v, other))
		}
	}
	return b
}

// questionFrame returns the page around a question.
func questionFrame(v *frame.Visit, a practice.Asked, b *questionPage) frame.Page {
	f := frame.Page{Title: b.Label, Lead: b.Help, Crumbs: []frame.Crumb{{Label: "Questions", Path: "/questions"}, {Label: a.Practice.Label, Path: "/questions?q=" + url.QueryEscape(a.Practice.Name+".")}}, Body: b}
	b.Unfolded = a.Question.Type == practice.Doing || b.Waiting || b.Problem != "" || slices.ContainsFunc(b.Inputs, func(in input) bool { return in.Required || in.Value != "" || in.Error != "" })
	if b.Problem != "" || slices.ContainsFunc(b.Inputs, func(in input) bool { return in.Error != "" }) {
		f.Status = http.StatusUnprocessableEntity
	}
	return page(f)
}

// refused shows the form with what is wrong with it.
func (p *pages) refused(v *frame.Visit, a practice.Asked, b *questionPage, problem *model.Problem, format string) error {
	if format != "" {
		return frame.Bad("%s", problem.Error())
	}
	if !slices.ContainsFunc(b.Inputs, func(in input) bool { return in.Name == problem.Field }) {
		b.Problem = upperFirst(problem.Error())
	}
	return v.Render(templates, "question", questionFrame(v, a, b))
}

// problemOf returns what is wrong with a parameter, or nil where the error is something else.
func problemOf(err error) *model.Problem {
	var problem model.Problem
	if errors.As(err, &problem) {
		return &problem
	}
	return nil
}

// missing reports whether a value that is required was not given.
func missing(a practice.Asked, parameters map[string]any) bool {
	return slices.ContainsFunc(a.Parameters(), func(f *model.Field) bool { return f.Required && parameters[f.Name] == nil })
}

// ask answers a question, in the background where it takes long.
func (p *pages) ask(v *frame.Visit, a practice.Asked, parameters map[string]any) (door.Answer, time.Duration, error) {
	who, moment, house := v.Who, v.Moment, v.House
	key := strings.Join([]string{who.Who(), string(who.Scope), a.Name(), door.Query(parameters).Encode(), moment.Values().Encode(), fmt.Sprint(house.Head().Seq, house.Today())}, "\x00")
	return p.running.ask(v.Ctx(), who.Who(), key, patience, func(ctx context.Context) (door.Answer, error) {
		return house.Ask(ctx, who, moment, a.Name(), parameters)
	})
}

// progress shows that an answer is in the making. The browser comes back by itself, also without scripts.
func progress(v *frame.Visit, b *questionPage, working time.Duration) error {
	again := v.R.URL.RequestURI()
	v.W.Header().Set("Refresh", "2; url="+again)
	return v.Render(templates, "progress", page(frame.Page{Title: b.Label, Lead: b.Help, Body: progressPage{b.Label, again, int(working.Seconds())}}))
}

// show puts the answer into the page.
func (p *pages) show(v *frame.Visit, b *questionPage, answer door.Answer, parameters map[string]any) {
	open := b.Action
	if q := door.Query(parameters); len(q) > 0 {
		open += "?" + q.Encode()
	}
	opt := parts.Options{Open: open, Here: true}
	if v.Form("rows") == "all" {
		opt.Limit = -1
	}
	list := answer.Parts()
	switch value := answer.Value.(type) {
	case practice.Verdict:
		b.Verdict = verdict(v, value, opt)
	case practice.Proposal:
		b.Plan = plan(v, answer, value, opt)
		return
	default:
		b.Answer = parts.RenderAll(v, list, opt)
	}
	for _, f := range door.Formats() {
		if f.Name != "csv" {
			b.Exports = append(b.Exports, tab{Label: f.Label, Path: v.Path(withSuffix(open, f.Name))})
		}
	}
	for _, part := range list {
		if part.Figure == nil && part.File == nil && part.Text == "" {
			b.Tables = append(b.Tables, tab{Label: part.Label, Path: v.Path(withSuffix(open, "csv"), "part", part.Name)})
		}
	}
	b.Tile = p.tileForm(v, answer, parameters)
}

// withSuffix puts the name of a format behind the path of an address.
func withSuffix(open, format string) string {
	path, query, ok := strings.Cut(open, "?")
	if ok {
		query = "?" + query
	}
	return path + "." + format + query
}

func verdict(v *frame.Visit, value practice.Verdict, opt parts.Options) *verdictView {
	out := &verdictView{State: "bad", Word: "Does not hold", Text: value.Text, Failed: len(value.Findings), Count: len(value.Checked)}
	switch {
	case value.Unknown:
		out.State, out.Word = "unknown", "Cannot be told"
	case value.Pass:
		out.State, out.Word = "good", "Holds"
	}
	checked := practice.Counted("records", practice.Neither, value.Checked)
	hits := practice.Figure{Value: float64(len(value.Findings)), Unit: "findings", Better: practice.Lower}
	figures := []practice.Part{{Name: "checked", Label: "Looked at", Figure: &checked}, {Name: "findings_count", Label: "Do not hold", Figure: &hits}}
	opt.Heading = 2
	out.Checked = parts.RenderAll(v, figures, opt)
	if len(value.Findings) > 0 {
		out.Findings = parts.Render(v, practice.Part{Name: "findings", Label: "Evidence", Findings: value.Findings}, opt)
	}
	return out
}
