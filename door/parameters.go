package door

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"binnacle/model"
	"binnacle/practice"
)

// Parameters reads the parameters of a question from those of an address or of a form. In names hyphens count as
// underscores. Lists may repeat their name, or separate values by commas, semicolons and lines. Values that are empty
// count as not given. The moment belongs to no question; others names what else is not for the question. The error
// is a [model.Problem] that names the parameter.
func Parameters(a practice.Asked, q url.Values, others ...string) (map[string]any, error) {
	fields := a.Parameters()
	out := map[string]any{}
	for name, values := range q {
		f := parameterNamed(fields, name)
		if f == nil {
			if slices.Contains([]string{"as_of", "at", "scenario"}, name) || slices.Contains(others, name) {
				continue
			}
			return nil, model.Problem{Field: name, Text: unknownParameter(a, fields)}
		}
		var given []string
		for _, v := range values {
			if v = strings.TrimSpace(v); v != "" {
				given = append(given, v)
			}
		}
		switch {
		case len(given) == 0:
		case f.Type == model.TextsField || f.Type == model.RefsField:
			out[f.Name] = items(given)
		case len(given) > 1:
			return nil, model.Problem{Field: f.Name, Text: fmt.Sprintf("it takes one value and was given %d", len(given))}
		default:
			out[f.Name] = given[0]
		}
	}
	return out, nil
}

func unknownParameter(a practice.Asked, fields []*model.Field) string {
	if len(fields) == 0 {
		return a.Name() + " has no parameters"
	}
	var names []string
	for _, f := range fields {
		names = append(names, f.Name)
	}
	return fmt.Sprintf("%s has no such parameter: it has %s", a.Name(), strings.Join(names, ", "))
}

// parameterNamed returns the parameter with a name, in which hyphens count as underscores, or nil.
func parameterNamed(fields []*model.Field, name string) *model.Field {
	want := strings.ReplaceAll(strings.ToLower(name), "-", "_")
	i := slices.IndexFunc(fields, func(f *model.Field) bool { return f.Name == want })
	if i < 0 {
		return nil
	}
	return fields[i]
}

// items splits lists that are written with commas, semicolons or lines.
func items(given []string) []string {
	var out []string
	for _, one := range given {
		for item := range strings.FieldsFuncSeq(one, func(r rune) bool { return r == ';' || r == ',' || r == '\n' }) {
			if item = strings.TrimSpace(item); item != "" {
				out = append(out, item)
			}
		}
	}
	return out
}

// Query writes parameters as [Parameters] reads them, in the form of an address and without a question mark.
func Query(parameters map[string]any) url.Values {
	out := url.Values{}
	for name, value := range parameters {
		switch value := value.(type) {
		case []string:
			out.Set(name, strings.Join(value, ","))
		default:
			out.Set(name, fmt.Sprint(value))
		}
	}
	return out
}

// CommandLine writes the command that asks a question at a moment.
func CommandLine(a practice.Asked, parameters map[string]any, m Moment) string {
	command := map[practice.Type]string{practice.Doing: "do", practice.Checking: "check"}[a.Question.Type]
	if command == "" {
		command = "ask"
	}
	out := []string{"binnacle", command, a.Name()}
	add := func(name, value string) {
		if value != "" {
			out = append(out, "--"+strings.ReplaceAll(name, "_", "-"), shell(value))
		}
	}
	q := Query(parameters)
	for _, f := range a.Parameters() {
		add(f.Name, q.Get(f.Name))
	}
	add("as_of", m.AsOf)
	add("at", m.At)
	add("scenario", m.Scenario)
	return strings.Join(out, " ")
}

// APIPath returns the address of the answer to a question in the interface for programs.
func APIPath(a practice.Asked, parameters map[string]any, m Moment) string {
	q := m.Values()
	for name, values := range Query(parameters) {
		q[name] = values
	}
	out := "/api/v1/questions/" + url.PathEscape(a.Name())
	if len(q) > 0 {
		out += "?" + q.Encode()
	}
	return out
}

// shell writes a value as one word of a command line.
func shell(value string) string {
	plain := strings.IndexFunc(value, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./:,@%+", r))
	}) < 0
	if plain && value != "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
