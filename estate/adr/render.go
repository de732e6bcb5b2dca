package adr

import (
	"regexp"
	"slices"
	"strings"

	"binnacle/model"
)

// Render writes a decision record as MADR 4, whatever form it came in.
func Render(r *model.DecisionRecord) string {
	var out strings.Builder
	front := func(name, value string) {
		if value != "" {
			out.WriteString(name + ": " + value + "\n")
		}
	}
	status := r.StatusText
	if status == "" || r.State != "" && !tells(status, r.State) {
		status = string(r.State)
	}
	out.WriteString("---\n")
	front("status", frontValue(status, nil))
	if !r.Decided.IsZero() {
		front("date", r.Decided.String())
	}
	front("decision-makers", frontValue(strings.Join(r.MakerNames, ", "), r.MakerNames))
	front("consulted", frontValue(strings.Join(r.Consulted, ", "), r.Consulted))
	front("informed", frontValue(strings.Join(r.Informed, ", "), r.Informed))
	front("tags", frontValue(strings.Join(r.Tags, ", "), r.Tags))
	out.WriteString("---\n")
	if out.Len() == len("---\n---\n") {
		out.Reset()
	}
	name := r.Name
	if name == "" {
		name = r.Key
	}
	out.WriteString("# " + strings.Join(strings.Fields(name), " ") + "\n")
	section := func(level int, heading, text string) {
		if text = strings.TrimSpace(text); text == "" {
			return
		}
		out.WriteString("\n")
		if heading != "" {
			out.WriteString(strings.Repeat("#", level) + " " + heading + "\n\n")
		}
		out.WriteString(lowered(text, level) + "\n")
	}
	section(2, "", r.Description)
	section(2, title(roleContext, madr), r.Context)
	section(2, title(roleDrivers, madr), list(r.Drivers, "*"))
	section(2, title(roleOptions, madr), list(r.Considered, "*"))
	outcome := r.Outcome
	if r.Chosen != "" && Chosen(outcome) != r.Chosen {
		outcome = nameChosen(outcome, r.Chosen)
	}
	section(2, title(roleOutcome, madr), outcome)
	under := 3
	if strings.TrimSpace(outcome) == "" {
		under = 2
	}
	section(under, title(roleConsequences, madr), r.Consequences)
	section(under, title(roleConfirmation, madr), r.Confirmation)
	section(2, title(roleArguments, madr), r.Arguments)
	section(2, title(roleMore, madr), r.More)
	for _, s := range r.Sections {
		out.WriteString("\n## " + strings.Join(strings.Fields(s.Heading), " ") + "\n")
		if text := strings.TrimSpace(s.Text); text != "" {
			out.WriteString("\n" + lowered(text, 2) + "\n")
		}
	}
	return out.String()
}

// tells reports whether the words of a status tell a state.
func tells(status string, state model.DecisionState) bool {
	told, _ := stateOf(status)
	return told == state
}

// title returns what a section is called in a family of files.
func title(r role, s style) string {
	switch r {
	case roleStatus:
		return "Status"
	case roleContext:
		if s == madr {
			return "Context and Problem Statement"
		}
		return "Context"
	case roleDrivers:
		return "Decision Drivers"
	case roleOptions:
		return "Considered Options"
	case roleOutcome:
		if s == madr {
			return "Decision Outcome"
		}
		return "Decision"
	case roleConsequences:
		return "Consequences"
	case roleConfirmation:
		return "Confirmation"
	case roleArguments:
		return "Pros and Cons of the Options"
	case roleMore:
		return "More Information"
	}
	return strings.ToUpper(string(r[:1])) + string(r[1:])
}

// frontName returns what the front matter calls something.
func frontName(r role) string {
	if r == roleMakers {
		return "decision-makers"
	}
	return string(r)
}

// frontValue writes a value of the front matter. Names that have commas of their own are written as a list.
func frontValue(text string, names []string) string {
	if slices.ContainsFunc(names, func(n string) bool { return strings.ContainsAny(n, ",;()[]<>{}") }) {
		var list []string
		for _, n := range names {
			list = append(list, quote(n))
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	return scalarOut(text)
}

var plainScalar = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N} ._,/()@+-]*$`)

// scalarOut writes a text for the front matter, in quotes where YAML would read it as something else.
func scalarOut(text string) string {
	if text == "" || plainScalar.MatchString(text) && text == strings.TrimSpace(text) {
		return text
	}
	return quote(text)
}

func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(text) + `"`
}

// list writes items with a mark before each.
func list(items []string, mark string) string {
	var out strings.Builder
	for _, item := range items {
		out.WriteString(mark + " ")
		for i, line := range strings.Split(item, "\n") {
			if i > 0 {
				out.WriteString("\n")
				if line != "" {
					out.WriteString(strings.Repeat(" ", len(mark)+1))
				}
			}
			out.WriteString(line)
		}
		out.WriteString("\n")
	}
	return strings.TrimRight(out.String(), "\n")
}

// lowered puts the headings inside of a section below the heading of the section, so that they do not end it.
func lowered(text string, level int) string {
	var out strings.Builder
	var s scan
	for line := range strings.Lines(text) {
		plainText := strings.TrimRight(line, "\r\n")
		if !s.hidden(plainText) {
			if m := atxHeading.FindStringSubmatchIndex(plainText); m != nil && m[3]-m[2] <= level {
				line = strings.Repeat("#", level+1) + line[m[3]:]
			} else if setextLine.MatchString(plainText) && out.Len() > 0 {
				line = "\\" + strings.TrimLeft(line, " ")
			}
		}
		out.WriteString(line)
	}
	if s.comment {
		out.WriteString(" -->")
	}
	if s.fence != "" {
		out.WriteString("\n" + s.fence)
	}
	return out.String()
}

// FileName returns the name of the file of a record: the one that it was read from, or its number and the words of its key.
func FileName(r *model.DecisionRecord) string {
	if r.Path != "" {
		return r.Path
	}
	words := r.Key
	if rest, ok := strings.CutPrefix(words, "adr-"); ok {
		words = rest[len(fileNumber.FindString(rest)):]
	}
	words = strings.NewReplacer("/", "-", `\`, "-").Replace(words)
	if r.Number > 0 {
		words = strings.TrimSuffix(four(r.Number)+"-"+words, "-")
	}
	return words + ".md"
}
