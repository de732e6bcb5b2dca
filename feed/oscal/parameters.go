package oscal

import (
	"cmp"
	"regexp"
	"strings"

	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// insertion is where a parameter stands in a text, in the form of OSCAL 1.0 and in that of drafts before it.
var insertion = regexp.MustCompile(`\{\{\s*(?:insert:\s*param,\s*)?([^\s{},]+)\s*\}\}`)

// mostNested is how deep choices may insert other parameters.
const mostNested = 4

// allParameters returns what stands in texts for every parameter of the catalogue, such as [Assignment: frequency].
func (d *document) allParameters(f *frameworkDraft) map[string]string {
	nodes := map[string]*kit.Node{}
	note := func(n *kit.Node) {
		for _, p := range n.List("params") {
			if id := p.String("id"); id != "" && nodes[id] == nil {
				nodes[id] = p
			}
		}
	}
	note(d.body)
	for _, r := range f.order {
		note(r.node)
	}
	out := make(map[string]string, len(nodes))
	for id, p := range nodes {
		out[id] = assignment(p, id, nodes, mostNested)
	}
	return out
}

// assignment writes a parameter as people read it.
func assignment(p *kit.Node, id string, nodes map[string]*kit.Node, depth int) string {
	if p == nil || depth == 0 {
		return "[Assignment: " + id + "]"
	}
	if values := plains(p.List("values")); len(values) > 0 {
		return strings.Join(values, ", ")
	}
	choices := choicesOf(p)
	if len(choices) == 0 {
		return "[Assignment: " + cmp.Or(line(p.String("label")), id) + "]"
	}
	how := ""
	if p.Get("select").String("how-many") == "one-or-more" {
		how = " (one or more)"
	}
	text := "[Selection" + how + ": " + strings.Join(choices, "; ") + "]"
	out := insertion.ReplaceAllStringFunc(text, func(found string) string {
		inner := insertion.FindStringSubmatch(found)[1]
		return assignment(nodes[inner], inner, nodes, depth-1)
	})
	return out[:min(len(out), 64<<10)]
}

func choicesOf(p *kit.Node) []string { return plains(p.Get("select").List("choice")) }

// plains returns the texts of nodes, each on one line.
func plains(nodes []*kit.Node) []string {
	var out []string
	for _, n := range nodes {
		if text := line(n.Plain()); text != "" {
			out = append(out, text)
		}
	}
	return out
}

// inserted writes what stands for parameters into a text.
func inserted(text string, params map[string]string) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	return insertion.ReplaceAllStringFunc(text, func(found string) string {
		id := insertion.FindStringSubmatch(found)[1]
		return cmp.Or(params[id], "[Assignment: "+id+"]")
	})
}

// parameters keeps the parameters of a control.
func (d *document) parameters(r *requirementDraft, params map[string]string) {
	for _, p := range r.node.List("params") {
		id := line(p.String("id"))
		if id == "" {
			d.batch.Refuse(d.at(p, r.id+".params"), "the parameter has no id")
			continue
		}
		out := model.RequirementParameter{Identifier: id, Label: line(inserted(p.String("label"), params)), Value: strings.Join(plains(p.List("values")), ", ")}
		out.Choices = inserted(strings.Join(choicesOf(p), " | "), params)
		r.rec.Parameters = append(r.rec.Parameters, out)
	}
}

// partText writes a part and the parts inside of it as Markdown. Parts inside become items of a list, behind their labels.
func partText(p *kit.Node, params map[string]string) string {
	var out strings.Builder
	if prose := strings.TrimSpace(inserted(p.String("prose"), params)); prose != "" {
		out.WriteString(prose)
	}
	items(&out, p, params, "")
	return strings.TrimSpace(out.String())
}

func items(out *strings.Builder, up *kit.Node, params map[string]string, indent string) {
	for i, p := range up.List("parts") {
		if out.Len() > 1<<20-64 {
			return
		}
		if i == 0 && indent == "" && out.Len() > 0 {
			out.WriteString("\n")
		}
		if out.Len() > 0 {
			out.WriteString("\n")
		}
		text := strings.TrimSpace(inserted(p.String("prose"), params))
		if title := line(p.String("title")); title != "" {
			text = strings.TrimSpace("**" + title + "** " + text)
		}
		text = strings.TrimSpace(property(p, "label") + " " + text)
		out.WriteString(indent + "- " + strings.ReplaceAll(text, "\n", "\n"+indent+"  "))
		items(out, p, params, indent+"  ")
	}
}
