package questions

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/parts"
)

// input is one parameter as the form shows it.
type input struct {
	Name, Label, Help, Error string
	// Control is select, check, date, number, list or text.
	Control  string
	Value    string
	Options  []model.Option
	Required bool
	// Kinds are the kinds that a picker offers, separated by commas. Picks says that there is a picker.
	Kinds string
	Picks bool
	// Many says that several values are separated by commas.
	Many bool
	// Hint is an example, or the unit.
	Hint     string
	Min, Max string
	// Suggestions are values that the browser offers.
	Suggestions []model.Option
}

// suggested is how many records a form offers without a script.
const suggested = 250

// inputs returns the form of a question, with what was given and what is wrong with it.
func inputs(v estate.View, a practice.Asked, q url.Values, problem *model.Problem) []input {
	var out []input
	for _, f := range a.Parameters() {
		if f.Asker {
			continue
		}
		in := input{Name: f.Name, Label: f.Label, Help: parts.Plain(f.Label, f.Help), Required: f.Required, Value: strings.Join(q[f.Name], ", ")}
		if problem != nil && problem.Field == f.Name {
			in.Error = upperFirst(problem.Text)
		}
		control(&in, v, f)
		out = append(out, in)
	}
	return out
}

func control(in *input, v estate.View, f *model.Field) {
	in.Control = "text"
	switch f.Type {
	case model.EnumField:
		in.Control, in.Options = "select", f.Options
	case model.BoolField:
		in.Control = "check"
	case model.DateField:
		in.Control = "date"
	case model.IntegerField, model.NumberField, model.PercentField:
		in.Control, in.Hint = "number", f.Unit
		if f.HasMin {
			in.Min = strconv.FormatFloat(f.Min, 'f', -1, 64)
		}
		if f.HasMax {
			in.Max = strconv.FormatFloat(f.Max, 'f', -1, 64)
		}
	case model.DurationField:
		in.Hint = "such as 90d, 12w or 2h"
	case model.MoneyField:
		in.Hint = "such as 25000 EUR"
	case model.TimeField:
		in.Hint = "such as 2027-06-30T14:00:00Z"
	case model.RangeField:
		in.Hint = "such as 10..20"
	case model.RefField, model.RefsField:
		in.Picks, in.Kinds, in.Many = true, strings.Join(f.To, ","), f.Type == model.RefsField
		in.Hint = "key or name"
		if len(f.To) > 0 {
			in.Suggestions = records(v, f.To)
		} else {
			in.Hint = "Kind/key or name"
		}
	case model.TextsField:
		in.Many, in.Hint = true, "separated by commas"
		if f.Name == "kinds" {
			for _, k := range v.Schema().Kinds() {
				in.Suggestions = append(in.Suggestions, model.Option{Value: k.Name, Label: k.Plural})
			}
		}
	}
}

// records offers the records of some kinds, where they are few.
func records(v estate.View, kinds []string) []model.Option {
	total := 0
	for _, k := range kinds {
		total += v.Count(k)
	}
	if total > suggested {
		return nil
	}
	var out []model.Option
	for _, k := range kinds {
		for rec := range v.All(k) {
			value := rec.Base().Key
			if len(kinds) > 1 {
				value = fmt.Sprintf("%s/%s", k, rec.Base().Key)
			}
			out = append(out, model.Option{Value: value, Label: rec.Base().Title()})
		}
	}
	return out
}
