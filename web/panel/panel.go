// Package panel is what pages about one subject share: the forms of actions on the page itself, and what people say about a record.
package panel

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

//go:embed templates
var files embed.FS

var set = template.Must(template.New("").Option("missingkey=error").Funcs(frame.Funcs).ParseFS(files, "templates/*.html"))

// execute runs a template of this package. Its data is made here, so that a fault is one of the templates.
func execute(name string, data any) template.HTML {
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, name, data); err != nil {
		return template.HTML(`<p class="problem">This part of the page could not be shown.</p>`)
	}
	return template.HTML(out.String())
}

// Act is an action as a page offers it.
type Act struct {
	// Name is the full name of the action, such as radar.vote.
	Name string
	// Label is the heading of its form, and Button what its button says.
	Label, Button string
	// About is the record that the action is about. It is sent as the first parameter that may hold it.
	About model.Record
	// Fixed are parameters that the page knows, by name.
	Fixed map[string]string
	// Values are what fields show at first, by name.
	Values map[string]string
	// Choices are what can be chosen for a parameter that is written as text.
	Choices map[string][]model.Option
	// Only are the parameters that the form shows. None means all that are not fixed.
	Only []string
	// Path is where the form is sent.
	Path string
	// Open says that the form is not folded.
	Open bool
	// Primary says that the button is the one to press.
	Primary bool
	// Tell says that what the action found of weight is told once it is done.
	Tell bool
}

// field is one parameter as a form shows it.
type field struct {
	Name, ID, Label, Help, Hint string
	// Control is select, check, date, number, long or text.
	Control, Value, Kinds, Min, Max string
	Options                         []model.Option
	Required, Many, Picks           bool
}

// actView is a form as its template gets it.
type actView struct {
	Act
	ID     string
	Fields []field
}

// Form draws the form of an action. It is empty where there is no such action.
func Form(v *frame.Visit, a Act) template.HTML {
	asked, err := v.House.Question(a.Name)
	if err != nil || asked.Question.Type != practice.Doing {
		return ""
	}
	fixed := a.fixed(asked)
	view := actView{Act: a, ID: "act-" + strings.NewReplacer(".", "-", "_", "-").Replace(a.Name) + suffix(a.Fixed)}
	if view.Label == "" {
		view.Label = parts.ActionLabel(a.Name)
	}
	if view.Button == "" {
		view.Button = view.Label
	}
	for _, f := range asked.Parameters() {
		if _, known := fixed[f.Name]; known || f.Asker || len(a.Only) > 0 && !slices.Contains(a.Only, f.Name) {
			continue
		}
		view.Fields = append(view.Fields, fieldOf(view.ID, f, a))
	}
	return execute("act", view)
}

// suffix tells forms of one action apart that stand on the same page.
func suffix(fixed map[string]string) string {
	var out strings.Builder
	for _, value := range sortedValues(fixed) {
		for _, r := range strings.ToLower(value) {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				out.WriteRune(r)
			}
		}
	}
	if out.Len() == 0 {
		return ""
	}
	return "-" + out.String()
}

func sortedValues(m map[string]string) []string {
	var out []string
	for _, value := range m {
		out = append(out, value)
	}
	slices.Sort(out)
	return out
}

// fixed returns the parameters that the page knows, with the record that the action is about.
func (a Act) fixed(asked practice.Asked) map[string]string {
	out := map[string]string{}
	for name, value := range a.Fixed {
		out[name] = value
	}
	if a.About == nil {
		return out
	}
	kind := model.NameOf(a.About)
	for _, f := range asked.Parameters() {
		if _, known := out[f.Name]; !known && !f.Asker && f.Type == model.RefField && slices.Contains(f.To, kind) {
			out[f.Name] = kind + "/" + a.About.Base().Key
			break
		}
	}
	return out
}

// fieldOf returns how a form shows a parameter.
func fieldOf(form string, f *model.Field, a Act) field {
	out := field{Name: f.Name, ID: form + "-" + f.Name, Label: f.Label, Help: parts.Plain(f.Label, f.Help), Control: "text", Required: f.Required, Value: a.Values[f.Name], Options: f.Options}
	if choices := a.Choices[f.Name]; len(choices) > 0 {
		out.Control, out.Options = "select", choices
		return out
	}
	switch f.Type {
	case model.EnumField:
		out.Control = "select"
	case model.BoolField:
		out.Control = "check"
	case model.DateField:
		out.Control = "date"
	case model.IntegerField, model.NumberField, model.PercentField:
		out.Control, out.Hint = "number", f.Unit
		if f.HasMin {
			out.Min = strconv.FormatFloat(f.Min, 'f', -1, 64)
		}
		if f.HasMax {
			out.Max = strconv.FormatFloat(f.Max, 'f', -1, 64)
		}
	case model.MoneyField:
		out.Hint = "such as 25000 EUR"
	case model.RefField, model.RefsField:
		out.Picks, out.Many, out.Kinds = true, f.Type == model.RefsField, strings.Join(f.To, ",")
	case model.TextsField:
		out.Many = true
		out.Hint = "separated by commas"
	case model.TextField:
		if f.Long || longWords[f.Name] {
			out.Control = "long"
		}
	}
	return out
}

// longWords are parameters of text that people write sentences into.
var longWords = map[string]bool{"reason": true, "rationale": true, "why": true, "learned": true, "summary": true, "answer": true, "text": true}

// Do does an action with what a form sent, and leads to another page. What is wrong with the parameters is told as a page.
func Do(v *frame.Visit, a Act, to, text string) error {
	asked, err := v.House.Question(a.Name)
	if err != nil {
		return err
	}
	if err := v.R.ParseForm(); err != nil {
		return frame.Bad("the form could not be read")
	}
	given := url.Values{}
	for _, f := range asked.Parameters() {
		if values := v.R.PostForm[f.Name]; len(values) > 0 && !f.Asker {
			given[f.Name] = values
		}
	}
	for name, value := range a.fixed(asked) {
		given.Set(name, value)
	}
	parameters, err := door.Parameters(asked, given)
	if err != nil {
		return frame.Bad("%s", err.Error())
	}
	receipt, answer, err := v.House.Do(v.Ctx(), v.Who, v.Moment, a.Name, parameters, "", false)
	var problem model.Problem
	switch {
	case errors.As(err, &problem):
		return frame.Bad("%s", problem.Error())
	case err != nil:
		return err
	}
	if proposal, ok := answer.Value.(practice.Proposal); ok && a.Tell {
		text += told(proposal.Findings)
	}
	return v.Done(to, text, receipt)
}

// told writes the first of what an action found that is of medium weight or more.
func told(findings []practice.Finding) string {
	const most = 2
	var out strings.Builder
	left := 0
	for n, f := range findings {
		switch {
		case f.Severity.Weight() < practice.Medium.Weight():
		case slices.ContainsFunc(findings[:n], func(g practice.Finding) bool { return g.Text == f.Text }):
		case left < most:
			out.WriteString(" " + f.Text)
			left++
		default:
			left++
		}
	}
	if left > most {
		out.WriteString(" And " + strconv.Itoa(left-most) + " more.")
	}
	return out.String()
}

// ParameterFor returns the name of the first parameter of a question that may hold a record of a kind, or nothing.
func ParameterFor(asked practice.Asked, kind string) string {
	for _, f := range asked.Parameters() {
		if !f.Asker && (f.Type == model.RefField || f.Type == model.RefsField) && slices.Contains(f.To, kind) {
			return f.Name
		}
	}
	return ""
}

// Save is a file that a question hands out, as a page offers it.
type Save struct{ Label, Path string }

// Saves are the files of a question about a record, once for each format where the question has a parameter of that name.
func Saves(v *frame.Visit, question string, about model.Record) []Save {
	asked, err := v.House.Question(question)
	if err != nil {
		return nil
	}
	q := url.Values{}
	if about != nil {
		name := ParameterFor(asked, model.NameOf(about))
		if name == "" {
			return nil
		}
		q.Set(name, model.NameOf(about)+"/"+about.Base().Key)
	}
	part := ""
	for _, p := range asked.Shape() {
		if p.File != nil {
			part = p.Name
			break
		}
	}
	if part == "" {
		return nil
	}
	q.Set("part", part)
	path := func() string { return v.Path("/questions/" + question + "." + parts.FileSuffix + "?" + q.Encode()) }
	for _, f := range asked.Parameters() {
		if f.Name == "format" && f.Type == model.EnumField {
			var out []Save
			for _, o := range f.Options {
				q.Set("format", o.Value)
				out = append(out, Save{o.Label, path()})
			}
			return out
		}
	}
	return []Save{{"", path()}}
}
