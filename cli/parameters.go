package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"binnacle/model"
	"binnacle/practice"
)

// parameter is a parameter of a question as it stands on the command line.
type parameter struct{ name, value string }

// askers are the commands whose flags come from the question, and the type of question that each works with.
var askers = map[string]practice.Type{"ask": practice.Asking, "do": practice.Doing, "check": practice.Checking}

// arranged puts the command first and its flags behind it, whichever side they
// stood on, and ties every flag to its value.
func arranged(parser *kong.Kong, args []string) []string {
	root := parser.Model.Node
	known := flagsOf(root)
	for _, n := range root.Leaves(false) {
		maps.Copy(known, flagsOf(n))
	}
	var path, rest []string
	node := root
	for i := 0; i < len(args); i++ {
		name, isFlag := strings.CutPrefix(args[i], "--")
		switch f := known[name]; {
		case args[i] == "--":
			return append(append(path, rest...), args[i:]...)
		case isFlag && f != nil && !f.IsBool() && i+1 < len(args) && !strings.HasPrefix(args[i+1], "--"):
			rest = append(rest, args[i]+"="+args[i+1])
			i++
		case isFlag || strings.HasPrefix(args[i], "-") && args[i] != "-":
			if short := shortFlag(known, args[i]); short != nil && !short.IsBool() && i+1 < len(args) {
				rest = append(rest, "--"+short.Name+"="+args[i+1])
				i++
				continue
			}
			rest = append(rest, args[i])
		default:
			if child := childNamed(node, args[i]); child != nil {
				node, path = child, append(path, args[i])
				continue
			}
			if node == root && len(path) == 0 && !followsUnknown(known, args, i) {
				return args
			}
			rest = append(rest, args[i])
		}
	}
	return append(path, rest...)
}

// shortFlag returns the flag with a short name such as -o, or nil.
func shortFlag(known map[string]*kong.Flag, arg string) *kong.Flag {
	for _, f := range known {
		if f.Short != 0 && arg == "-"+string(f.Short) {
			return f
		}
	}
	return nil
}

// followsUnknown reports whether an argument stands behind a flag that only a question may know, whose value it then is.
func followsUnknown(known map[string]*kong.Flag, args []string, i int) bool {
	name, isFlag := "", false
	if i > 0 {
		name, isFlag = strings.CutPrefix(args[i-1], "--")
	}
	return isFlag && known[name] == nil && !strings.Contains(name, "=")
}

func childNamed(node *kong.Node, name string) *kong.Node {
	i := slices.IndexFunc(node.Children, func(n *kong.Node) bool { return n.Name == name })
	if i < 0 {
		return nil
	}
	return node.Children[i]
}

// splitParameters takes the parameters of a question out of the arguments, which
// are arranged, so that the parser sees only flags that it knows.
func splitParameters(parser *kong.Kong, practices []*practice.Practice, args []string) (rest []string, out []parameter, err error) {
	if len(args) == 0 || askers[args[0]] == "" {
		return args, nil, nil
	}
	known := flagsOf(parser.Model.Node, childNamed(parser.Model.Node, args[0]))
	asked, found := questionAmong(practices, args[1:])
	if !found {
		return args, nil, nil
	}
	fields := asked.Parameters()
	rest = append(rest, args[0])
	for i := 1; i < len(args); i++ {
		text, isFlag := strings.CutPrefix(args[i], "--")
		name, value, given := strings.Cut(text, "=")
		if !isFlag || text == "" || known[name] != nil {
			rest = append(rest, args[i])
			continue
		}
		f, err := parameterField(asked, fields, name)
		if err != nil {
			return nil, nil, err
		}
		if !given {
			value = "true"
			if f.Type != model.BoolField {
				if i++; i == len(args) {
					return nil, nil, usage("--%s needs a value: %s", name, f.Help)
				}
				value = args[i]
			}
		}
		out = append(out, parameter{f.Name, value})
	}
	return rest, out, nil
}

// questionAmong returns the question that one of the arguments names.
func questionAmong(practices []*practice.Practice, args []string) (practice.Asked, bool) {
	for _, a := range practice.List(practices) {
		if slices.ContainsFunc(args, func(arg string) bool { return strings.EqualFold(arg, a.Name()) }) {
			return a, true
		}
	}
	return practice.Asked{}, false
}

// parameterField returns the parameter of a question with a name, in which hyphens count as underscores.
func parameterField(a practice.Asked, fields []*model.Field, name string) (*model.Field, error) {
	want := strings.ReplaceAll(strings.ToLower(name), "-", "_")
	var names []string
	for _, f := range fields {
		if f.Name == want {
			return f, nil
		}
		names = append(names, flagName(f.Name))
	}
	if len(names) == 0 {
		return nil, usage("%s has no parameters, so --%s means nothing", a.Name(), name)
	}
	return nil, usage("%s has no parameter --%s%s: its parameters are --%s", a.Name(), name, suggest(flagName(want), names), strings.Join(names, ", --"))
}

// flagName writes the name of a field as a flag has it.
func flagName(name string) string { return strings.ReplaceAll(name, "_", "-") }

// question returns the question with a full name, in any case.
func (s *session) question(name string) (practice.Asked, bool) {
	return questionAmong(s.env.Practices, []string{name})
}

// ofType lists the questions of one type.
func (s *session) ofType(t practice.Type) []practice.Asked {
	var out []practice.Asked
	for _, a := range practice.List(s.env.Practices) {
		if a.Question.Type == t {
			out = append(out, a)
		}
	}
	return out
}

// find returns the question of a type with a name, or an error that suggests one.
func (s *session) find(t practice.Type, name string) (practice.Asked, error) {
	if a, ok := s.question(name); ok {
		if a.Question.Type == t {
			return a, nil
		}
		for command, of := range askers {
			if of == a.Question.Type {
				return a, usage("%s is not a %s: run: binnacle %s %s", a.Name(), t, command, a.Name())
			}
		}
	}
	var names []string
	for _, a := range s.ofType(t) {
		names = append(names, a.Name())
	}
	return practice.Asked{}, usage("there is no %s %q%s: list them with: binnacle questions", t, name, suggest(name, names))
}

// values turns what was given for a question into its parameters: flags, then
// name=value pairs, then values in the order of the parameters.
func (s *session) values(a practice.Asked, pairs, positional []string) (map[string]any, error) {
	fields := a.Parameters()
	given := map[string][]string{}
	for _, p := range s.parameters {
		given[p.name] = append(given[p.name], p.value)
	}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return nil, usage("--param: %q is not name=value", pair)
		}
		f, err := parameterField(a, fields, name)
		if err != nil {
			return nil, err
		}
		given[f.Name] = append(given[f.Name], value)
	}
	for _, f := range fields {
		if len(positional) == 0 {
			break
		}
		if given[f.Name] == nil {
			given[f.Name] = positional[:1]
			if f.Type == model.TextsField || f.Type == model.RefsField {
				given[f.Name], positional = positional, nil
				break
			}
			positional = positional[1:]
		}
	}
	if len(positional) > 0 {
		return nil, usage("%s has no parameter for %q: run: binnacle help ask %s", a.Name(), positional[0], a.Name())
	}
	out := map[string]any{}
	for _, f := range fields {
		list := given[f.Name]
		switch {
		case list == nil:
		case f.Type == model.TextsField || f.Type == model.RefsField:
			var items []string
			for _, one := range list {
				items = append(items, splitList(one)...)
			}
			out[f.Name] = items
		case len(list) > 1:
			return nil, usage("--%s takes one value and was given %d", flagName(f.Name), len(list))
		default:
			out[f.Name] = list[0]
		}
	}
	return out, nil
}

// splitList splits a list written with semicolons or commas.
func splitList(text string) []string {
	var out []string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ';' || r == ',' || r == '\n' }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// suggest returns a question for the word that was perhaps meant, or nothing.
func suggest(word string, among []string) string {
	best, least := "", max(2, len(word)/3)+1
	for _, a := range among {
		n := distance(strings.ToLower(word), strings.ToLower(a))
		if _, last, ok := strings.Cut(a, "."); ok {
			n = min(n, distance(strings.ToLower(word), strings.ToLower(last)))
		}
		if n < least {
			best, least = a, n
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", best)
}

// distance counts the letters to add, take away or replace to make one word of another.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		last := row[0]
		row[0] = i + 1
		for j := range y {
			cost := last
			if x[i] != y[j] {
				cost = 1 + min(last, row[j], row[j+1])
			}
			last, row[j+1] = row[j+1], cost
		}
	}
	return row[len(y)]
}
