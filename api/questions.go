package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// questions lists what can be asked.
func (c *call) questions() error {
	out := []door.QuestionInfo{}
	for _, a := range practice.List(c.house.Practices) {
		out = append(out, door.DescribeQuestion(a))
	}
	return c.json(http.StatusOK, struct {
		Questions []door.QuestionInfo `json:"questions"`
	}{out})
}

// asking is the body of a question.
type asking struct {
	// Parameters are by name, as text or as JSON values.
	Parameters anything `json:"parameters"`
}

// anything is an object whose members are checked elsewhere.
type anything map[string]any

// doing is the body of an action.
type doing struct {
	Parameters anything `json:"parameters"`
	Why        string   `json:"why"`
	DryRun     bool     `json:"dry_run"`
}

// ask asks a question with the parameters of the address.
func (c *call) ask() error {
	a, err := c.house.Question(c.r.PathValue("name"))
	if err != nil {
		return err
	}
	parameters := map[string]any{}
	own := map[string]bool{}
	for _, f := range a.Parameters() {
		own[f.Name] = true
		if values := c.query[f.Name]; len(values) == 1 {
			parameters[f.Name] = values[0]
		} else if len(values) > 1 {
			parameters[f.Name] = values
		}
	}
	var wrong []fault
	for name := range c.query {
		if !own[name] && name != "as_of" && name != "at" && name != "scenario" && name != "parts" {
			wrong = append(wrong, fault{Parameter: name, Text: a.Name() + " has no such parameter"})
		}
	}
	if len(wrong) > 0 {
		return &problem{Status: http.StatusBadRequest, Title: "A parameter is not right", Errors: wrong}
	}
	err = c.answer(a, parameters)
	var p model.Problem
	if errors.As(err, &p) {
		return badParameter(p.Field, p.Text)
	}
	return err
}

// askWithBody asks a question with the parameters of the body.
func (c *call) askWithBody() error {
	a, err := c.house.Question(c.r.PathValue("name"))
	if err != nil {
		return err
	}
	var in asking
	if err := c.into(&in, true); err != nil {
		return err
	}
	return underParameters(c.answer(a, in.Parameters))
}

// underParameters points to a parameter of the body.
func underParameters(err error) error {
	var p model.Problem
	if errors.As(err, &p) {
		return &problem{Status: http.StatusUnprocessableEntity, Title: "A parameter is not right", Errors: []fault{{Pointer: pointer("/parameters", p.Field), Field: p.Field, Text: p.Text}}}
	}
	return err
}

// answer asks a question and answers with what it says.
func (c *call) answer(a practice.Asked, parameters map[string]any) error {
	showParts, err := c.yes("parts")
	if err != nil {
		return err
	}
	got, err := c.house.Ask(c.r.Context(), c.who, c.moment, a.Name(), parameters)
	if err != nil {
		return questionError(err)
	}
	out := struct {
		Question string     `json:"question"`
		At       model.Date `json:"at"`
		Scenario string     `json:"scenario,omitempty"`
		Entry    uint64     `json:"entry"`
		Answer   any        `json:"answer"`
		Parts    []partJSON `json:"parts,omitempty"`
	}{a.Name(), got.View.At(), got.View.Scenario(), got.View.Stamp().Seq, practice.JSON(got.Value), nil}
	if showParts {
		for _, p := range got.Parts() {
			out.Parts = append(out.Parts, partOf(p))
		}
	}
	return c.json(http.StatusOK, out)
}

// questionError tells why a question was not answered. What it cannot do with
// its parameters it says in plain words; a fault of its own is not told.
func questionError(err error) error {
	var p model.Problem
	var moment *door.BadMoment
	var none *door.NotFound
	var denied *access.Denied
	if errors.As(err, &p) || errors.As(err, &moment) || errors.As(err, &none) || errors.As(err, &denied) || strings.Contains(err.Error(), "a fault in Binnacle") {
		return err
	}
	return &problem{Status: http.StatusUnprocessableEntity, Title: "The question cannot be answered", Detail: err.Error()}
}

// partJSON is a part of an answer as a screen shows it.
type partJSON struct {
	Name     string             `json:"name"`
	Label    string             `json:"label"`
	Help     string             `json:"help,omitempty"`
	Figure   *practice.Figure   `json:"figure,omitempty"`
	Grid     *gridJSON          `json:"grid,omitempty"`
	Series   *practice.Series   `json:"series,omitempty"`
	Findings []practice.Finding `json:"findings,omitempty"`
	Picture  *practice.Picture  `json:"picture,omitempty"`
	File     *practice.File     `json:"file,omitempty"`
	Text     string             `json:"text,omitempty"`
}

type gridJSON struct {
	Columns []columnJSON `json:"columns"`
	Rows    [][]cellJSON `json:"rows"`
	Note    string       `json:"note,omitempty"`
}

type columnJSON struct {
	Name   string `json:"name"`
	Label  string `json:"label"`
	Help   string `json:"help,omitempty"`
	Number bool   `json:"number,omitempty"`
}

type cellJSON struct {
	Text  string          `json:"text"`
	Links []practice.Link `json:"links,omitempty"`
	Value any             `json:"value"`
}

func partOf(p practice.Part) partJSON {
	out := partJSON{Name: p.Name, Label: p.Label, Help: p.Help, Figure: p.Figure, Series: p.Series, Findings: p.Findings, Picture: p.Picture, File: p.File, Text: p.Text}
	if p.Grid == nil {
		return out
	}
	out.Grid = &gridJSON{Note: p.Grid.Note, Columns: []columnJSON{}, Rows: [][]cellJSON{}}
	for _, c := range p.Grid.Columns {
		out.Grid.Columns = append(out.Grid.Columns, columnJSON{c.Name, c.Label, c.Help, c.Number})
	}
	for _, row := range p.Grid.Rows {
		cells := []cellJSON{}
		for _, cell := range row {
			cells = append(cells, cellJSON{cell.Text, cell.Links, practice.JSON(cell.Value)})
		}
		out.Grid.Rows = append(out.Grid.Rows, cells)
	}
	return out
}

// do lets an action propose, and makes what it proposes.
func (c *call) do() error {
	a, err := c.house.Question(c.r.PathValue("name"))
	if err != nil {
		return err
	}
	if a.Question.Type != practice.Doing {
		return &door.NotFound{What: fmt.Sprintf("action %q", a.Name())}
	}
	var in doing
	if err := c.into(&in, true); err != nil {
		return err
	}
	v, err := c.base()
	if err != nil {
		return err
	}
	r, answer, err := c.house.Do(c.r.Context(), c.who, c.moment, a.Name(), in.Parameters, in.Why, in.DryRun)
	if errors.Is(err, door.ErrNothing) {
		r, err = door.Receipt{Scenario: c.moment.Scenario}, nil
	}
	if err != nil {
		return underParameters(c.sided(v, changesOf(answer), questionErrorOfWrite(err)))
	}
	after, err := c.after(v, r, in.DryRun)
	if err != nil {
		return err
	}
	out := receipt{WriteReport: r.Told(v, after, in.DryRun)}
	if proposal, ok := answer.Value.(practice.Proposal); ok {
		out.Findings = proposal.Findings
	}
	return c.json(http.StatusOK, out)
}

func changesOf(a door.Answer) []model.Change {
	proposal, _ := a.Value.(practice.Proposal)
	return proposal.Changes
}

// questionErrorOfWrite tells why an action was not answered, and leaves what the store said as it is.
func questionErrorOfWrite(err error) error {
	var refused *door.Refused
	if errors.As(err, &refused) || door.IsConflict(err) != nil {
		return err
	}
	return questionError(err)
}

// checked is a check with its verdict.
type checked struct {
	Check   string `json:"check"`
	Result  string `json:"result"`
	Verdict any    `json:"verdict"`
}

// checks runs every check.
func (c *call) checks() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	out := []checked{}
	for _, a := range practice.List(c.house.Practices) {
		if a.Question.Type != practice.Checking {
			continue
		}
		one, err := check(v, a)
		if err != nil {
			return err
		}
		out = append(out, one)
	}
	return c.json(http.StatusOK, struct {
		Checks []checked `json:"checks"`
	}{out})
}

func check(v estate.View, a practice.Asked) (checked, error) {
	value, err := a.Ask(v, nil)
	var needs model.Problem
	if errors.As(err, &needs) {
		// A check that needs a parameter cannot be told without it.
		return checked{a.Name(), "unknown", practice.JSON(practice.Verdict{Unknown: true, Text: needs.Error()})}, nil
	}
	if err != nil {
		return checked{}, questionError(fmt.Errorf("%s: %w", a.Name(), err))
	}
	verdict := value.(practice.Verdict)
	result := "fail"
	switch {
	case verdict.Unknown:
		result = "unknown"
	case verdict.Pass:
		result = "pass"
	}
	return checked{a.Name(), result, practice.JSON(verdict)}, nil
}

// UnmarshalJSON keeps numbers exact.
func (a *anything) UnmarshalJSON(raw []byte) error {
	values, err := door.Values(raw)
	if string(raw) == "null" {
		values, err = nil, nil
	}
	if err != nil {
		return &json.UnmarshalTypeError{Value: "not an object", Field: "parameters"}
	}
	*a = values
	return nil
}
