package panel

import (
	"errors"
	"net/url"
	"time"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// patience is how long a page waits for one question.
const patience = 20 * time.Second

// Reply is the answer to a question, by the names of its parts.
type Reply map[string]practice.Part

// Ask asks a question for a page. Parameters are pairs of a name and a value; empty ones are left out.
func Ask(v *frame.Visit, question string, pairs ...string) (Reply, error) {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	a, err := v.House.Glance(v.Ctx(), v.Who, v.Moment, question, q.Encode(), patience)
	var problem model.Problem
	if errors.As(err, &problem) {
		return nil, frame.Bad("%s", problem.Text)
	}
	if err != nil {
		return nil, err
	}
	out := Reply{}
	for _, p := range a.Parts() {
		out[p.Name] = p
	}
	return out, nil
}

// Text returns a text of the answer.
func (r Reply) Text(name string) string { return r[name].Text }

// Figure returns a figure of the answer. It is unknown where the answer has none of that name.
func (r Reply) Figure(name string) practice.Figure {
	if f := r[name].Figure; f != nil {
		return *f
	}
	return practice.Figure{Unknown: true}
}

// Rows returns the rows of a table of the answer.
func (r Reply) Rows(name string) []door.Row {
	var out []door.Row
	if g := r[name].Grid; g != nil {
		for row := range door.Rows(g) {
			out = append(out, row)
		}
	}
	return out
}

// LinkOf returns the record that a cell names.
func LinkOf(row door.Row, column string) practice.Link {
	l, _ := row[column].Value.(practice.Link)
	return l
}

// NumberOf returns the number in a cell, and whether there is one.
func NumberOf(row door.Row, column string) (float64, bool) {
	switch x := row[column].Value.(type) {
	case float64:
		return x, true
	case int:
		return float64(x), true
	case *float64:
		if x != nil {
			return *x, true
		}
	case *int:
		if x != nil {
			return float64(*x), true
		}
	}
	return 0, false
}

// DateOf returns the day in a cell.
func DateOf(row door.Row, column string) model.Date {
	day, _ := row[column].Value.(model.Date)
	return day
}

// MoneyOf returns the amount in a cell.
func MoneyOf(row door.Row, column string) model.Money {
	m, _ := row[column].Value.(model.Money)
	return m
}

// WordOf returns the label of a word of a vocabulary.
func WordOf(options []model.Option, value string) string {
	for _, o := range options {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}
