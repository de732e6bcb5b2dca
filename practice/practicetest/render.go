package practicetest

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// Render writes the parts of an answer as text: figures and values on a line
// each, tables in columns, findings with their paths. What is proposed is
// written change by change.
func Render(v estate.View, parts []practice.Part, answer any) string {
	var out strings.Builder
	if p, ok := answer.(practice.Proposal); ok {
		renderProposal(&out, v, p)
		return out.String()
	}
	for _, p := range parts {
		switch {
		case p.Figure != nil:
			fmt.Fprintf(&out, "%s: %s\n", p.Label, figure(p.Figure))
		case p.Grid != nil:
			fmt.Fprintf(&out, "%s:\n", p.Label)
			renderGrid(&out, p.Grid)
		case p.Series != nil:
			fmt.Fprintf(&out, "%s:\n", p.Label)
			for _, l := range p.Series.Lines {
				fmt.Fprintf(&out, "  %s:", l.Name)
				for _, point := range l.Points {
					fmt.Fprintf(&out, " %s=%g", point.Label, point.Value)
				}
				out.WriteString("\n")
			}
		case p.Picture != nil:
			renderPicture(&out, p)
		case p.File != nil:
			fmt.Fprintf(&out, "%s: %s\n", p.Label, p.File)
		case p.Text != "":
			fmt.Fprintf(&out, "%s: %s\n", p.Label, p.Text)
		default:
			renderFindings(&out, p.Label, p.Findings)
		}
	}
	return out.String()
}

func figure(f *practice.Figure) string {
	text := fmt.Sprintf("%.10g %s", f.Value, f.Unit)
	switch {
	case f.Unknown:
		text = "unknown"
	case !f.Money.IsZero():
		text = f.Money.String()
	}
	if f.Target != nil {
		text += fmt.Sprintf(" (target %g)", *f.Target)
	}
	if f.Note != "" {
		text += " (" + f.Note + ")"
	}
	return strings.TrimSpace(text)
}

func renderGrid(out *strings.Builder, g *practice.Grid) {
	table := [][]string{{}}
	for _, c := range g.Columns {
		table[0] = append(table[0], c.Label)
	}
	for _, row := range g.Rows {
		var cells []string
		for _, c := range row {
			cells = append(cells, c.Text)
		}
		table = append(table, cells)
	}
	widths := make([]int, len(g.Columns))
	for _, row := range table {
		for i, c := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(c))
		}
	}
	for _, row := range table {
		line := " "
		for i, c := range row {
			gap := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(c))
			if g.Columns[i].Number {
				line += " " + gap + c + " |"
			} else {
				line += " " + c + gap + " |"
			}
		}
		out.WriteString(strings.TrimRight(strings.TrimSuffix(line, "|"), " ") + "\n")
	}
	if g.Note != "" {
		fmt.Fprintf(out, "  note: %s\n", g.Note)
	}
}

func renderFindings(out *strings.Builder, label string, findings []practice.Finding) {
	if len(findings) == 0 {
		fmt.Fprintf(out, "%s: none\n", label)
		return
	}
	fmt.Fprintf(out, "%s:\n", label)
	for _, f := range findings {
		fmt.Fprintf(out, "  %s: %s\n", f.Severity, f.Text)
		for _, p := range f.Paths {
			fmt.Fprintf(out, "    path: %s\n", p)
		}
		if f.Mend != nil {
			fmt.Fprintf(out, "    mend: %s", f.Mend.Action)
			for name, value := range sortedPairs(f.Mend.Parameters) {
				fmt.Fprintf(out, " %s=%s", name, value)
			}
			out.WriteString("\n")
		}
	}
}

func renderPicture(out *strings.Builder, p practice.Part) {
	fmt.Fprintf(out, "%s: a %s of %d things and %d lines\n", p.Label, p.Picture.Type, len(p.Picture.Nodes), len(p.Picture.Edges))
	for _, n := range p.Picture.Nodes {
		line := "  " + nodeName(n)
		if n.Group != "" {
			line += " in " + n.Group
		}
		if n.Value != 0 {
			line += fmt.Sprintf(", %g", n.Value)
		}
		if n.Severity != "" {
			line += ", " + string(n.Severity)
		}
		if !n.From.IsZero() || !n.Until.IsZero() {
			line += fmt.Sprintf(", %s..%s", n.From, n.Until)
		}
		out.WriteString(line + "\n")
	}
	for _, e := range p.Picture.Edges {
		line := fmt.Sprintf("  %s → %s %s", edgeEnd(p.Picture.Nodes[e.From]), edgeEnd(p.Picture.Nodes[e.To]), e.Label)
		if !e.Money.IsZero() {
			line += e.Money.String()
		}
		out.WriteString(line + "\n")
	}
}

func edgeEnd(n practice.Node) string { return cmp.Or(n.Link.Key, n.Link.Name) }

// nodeName names a thing in a picture: the record, or what stands for several.
func nodeName(n practice.Node) string { return cmp.Or(n.Link.String(), n.Link.Name) }

func renderProposal(out *strings.Builder, v estate.View, p practice.Proposal) {
	fmt.Fprintf(out, "Why: %s\n", p.Why)
	for _, c := range p.Changes {
		_, key, _ := v.NameOf(model.Ref(c.ID))
		fmt.Fprintf(out, "%s %s/%s at version %d\n", c.Op, c.Kind, key, c.Version)
		for _, f := range c.Fields {
			fmt.Fprintf(out, "  %s: %s → %s\n", f.Name, orNothing(v.Show(c.Kind, f.Name, f.Before)), orNothing(v.Show(c.Kind, f.Name, f.After)))
		}
	}
	renderFindings(out, "Findings", p.Findings)
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// sortedPairs yields the members of a map by name.
func sortedPairs(m map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !yield(name, m[name]) {
				return
			}
		}
	}
}
