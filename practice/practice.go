// Package practice says what a practice is: a discipline with its questions,
// actions and checks, and the small vocabulary that answers are made of. From
// the Go types of a question every door derives its form, its help and its answer.
package practice

import (
	"fmt"
	"io/fs"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"

	"binnacle/estate"
	"binnacle/model"
)

// Practice is a discipline of the two offices.
type Practice struct {
	// Name is what doors call it, in lower case.
	Name string
	// Label is what a screen calls it.
	Label string
	// Face says which office it mainly serves.
	Face model.Face
	// Source holds the Go files of the practice, whose doc comments are the help.
	Source fs.FS
	// Questions are its questions, actions and checks, in the order of a menu.
	Questions []Question
}

// Type says what a question answers with.
type Type string

// The types of questions.
const (
	// Asking is a question that answers with figures, tables and findings.
	Asking Type = "question"
	// Doing is a question that answers with proposed changes.
	Doing Type = "action"
	// Checking is a question that answers pass or fail, with the evidence.
	Checking Type = "check"
)

// Question is a named pure function from a view and typed parameters to a typed answer.
type Question struct {
	// Name is what doors call it within its practice.
	Name string
	// Type says what it answers with.
	Type Type
	// Notifies says that its findings are told to whoever they concern, without being asked for.
	Notifies bool

	function string
	in, out  reflect.Type
	run      func(v estate.View, in any) (any, error)
}

// Ask makes a question of a function.
func Ask[In, Out any](name string, f func(estate.View, In) (Out, error)) Question {
	return question(name, Asking, f)
}

// Do makes an action of a function. What it proposes is committed by the store, if at all.
func Do[In any](name string, f func(estate.View, In) (Proposal, error)) Question {
	return question(name, Doing, f)
}

// Check makes a check of a function.
func Check[In any](name string, f func(estate.View, In) (Verdict, error)) Question {
	return question(name, Checking, f)
}

// Notify marks a question whose findings are told, without being asked for, to those who own what they
// are about. It is asked without parameters, so none of them may be required.
func Notify(q Question) Question {
	q.Notifies = true
	return q
}

func question[In, Out any](name string, t Type, f func(estate.View, In) (Out, error)) Question {
	function := runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name()
	return Question{
		Name: name, Type: t, function: function[strings.LastIndexByte(function, '.')+1:], in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](),
		run: func(v estate.View, in any) (any, error) { return f(v, in.(In)) },
	}
}

// Asked is a question together with its practice: what a door works with.
type Asked struct {
	Practice *Practice
	Question *Question
}

// List returns every question of some practices, in the order of the menu.
func List(practices []*Practice) []Asked {
	var out []Asked
	for _, p := range practices {
		for i := range p.Questions {
			out = append(out, Asked{p, &p.Questions[i]})
		}
	}
	return out
}

// Find returns the question with a full name, such as lifecycle.exposure.
func Find(practices []*Practice, name string) (Asked, error) {
	var names []string
	for _, a := range List(practices) {
		if strings.EqualFold(a.Name(), name) {
			return a, nil
		}
		names = append(names, a.Name())
	}
	return Asked{}, fmt.Errorf("there is no question %q: the questions are %s", name, strings.Join(names, ", "))
}

// Name returns the full name, such as lifecycle.exposure.
func (a Asked) Name() string { return a.Practice.Name + "." + a.Question.Name }

// docsOf keeps the doc comments of every practice that somebody asked for help.
var docsOf sync.Map

func (p *Practice) docs() model.Docs {
	if d, ok := docsOf.Load(p); ok {
		return d.(model.Docs)
	}
	d := model.Docs{}
	if p.Source != nil {
		d = model.ReadDocs(p.Source)
	}
	docsOf.Store(p, d)
	return d
}

// Help returns what the practice is for, in paragraphs.
func (p *Practice) Help() string { return p.docs()["package"] }

// Help returns what the question answers, in paragraphs.
func (a Asked) Help() string { return a.Practice.docs()[a.Question.function] }

// Parameters returns the parameters of the question, with their types and help.
func (a Asked) Parameters() []*model.Field { return model.FieldsOf(a.Question.in, a.Practice.docs()) }

// Ask answers the question. The parameters are by name, as a person or a program
// gave them: text, numbers, lists. Names that the question does not have are refused.
func (a Asked) Ask(v estate.View, parameters map[string]any) (answer any, err error) {
	in := reflect.New(a.Question.in).Elem()
	fields := a.Parameters()
	for name := range parameters {
		if !slices.ContainsFunc(fields, func(f *model.Field) bool { return f.Name == name }) {
			return nil, model.Problem{Field: name, Text: fmt.Sprintf("%s has no such parameter", a.Name())}
		}
	}
	for _, f := range fields {
		value, err := f.Read(parameters[f.Name], v)
		if err != nil {
			return nil, err
		}
		if f.Asker {
			if value, err = asker(v, f, value); err != nil {
				return nil, err
			}
		}
		if value == nil && f.Required {
			return nil, model.Problem{Field: f.Name, Text: "a value is required: " + f.Help}
		}
		if err := within(f, value); err != nil {
			return nil, err
		}
		f.SetIn(in, value)
	}
	defer func() {
		if r := recover(); r != nil {
			answer, err = nil, fmt.Errorf("%s could not be answered because of a fault in Binnacle: %v", a.Name(), r)
		}
	}()
	return a.Question.run(v, in.Interface())
}

// within checks a number against the limits of its parameter.
func within(f *model.Field, value any) error {
	var n float64
	switch value := value.(type) {
	case int:
		n = float64(value)
	case float64:
		n = value
	case model.Percent:
		n = float64(value)
	default:
		return nil
	}
	if f.HasMin && n < f.Min {
		return model.Problem{Field: f.Name, Text: fmt.Sprintf("%g is below the limit of %g", n, f.Min)}
	}
	if f.HasMax && n > f.Max {
		return model.Problem{Field: f.Name, Text: fmt.Sprintf("%g is above the limit of %g", n, f.Max)}
	}
	return nil
}
