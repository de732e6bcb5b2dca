package oscal

import (
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"

	"binnacle/feed/internal/kit"
)

// OSCAL has markup as elements in XML and as Markdown in JSON and YAML. Here elements become Markdown.

// blocks writes blocks of markup, with an empty line between them.
func blocks(kids []*element) string {
	var out []string
	for _, kid := range kids {
		if text := strings.TrimRight(block(kid), "\n "); strings.TrimSpace(text) != "" {
			out = append(out, text)
		}
	}
	return strings.Join(out, "\n\n")
}

func block(e *element) string {
	switch e.name {
	case "":
		return strings.TrimSpace(e.text)
	case "ul", "ol":
		return list(e)
	case "table":
		return table(e)
	case "pre":
		return "```\n" + strings.Trim(raw(e), "\n") + "\n```"
	case "blockquote":
		return "> " + strings.ReplaceAll(blocks(e.kids), "\n", "\n> ")
	case "h1", "h2", "h3", "h4", "h5", "h6":
		return strings.Repeat("#", int(e.name[1]-'0')) + " " + inline(e.kids)
	case "hr":
		return "---"
	}
	return inline(e.kids)
}

// list writes a list whose items may hold lists themselves.
func list(e *element) string {
	var out []string
	for _, kid := range e.kids {
		if kid.name != "li" {
			continue
		}
		mark := "- "
		if e.name == "ol" {
			mark = strconv.Itoa(len(out)+1) + ". "
		}
		var text []*element
		var inner []string
		for _, part := range kid.kids {
			if blockTags[part.name] {
				inner = append(inner, block(part))
			} else {
				text = append(text, part)
			}
		}
		lines := append([]string{}, inner...)
		if first := inline(text); first != "" {
			lines = append([]string{first}, inner...)
		}
		out = append(out, mark+strings.ReplaceAll(strings.Join(lines, "\n"), "\n", "\n"+strings.Repeat(" ", len(mark))))
	}
	return strings.Join(out, "\n")
}

// table writes a table whose first row is its head.
func table(e *element) string {
	var out []string
	var walk func(e *element)
	walk = func(e *element) {
		for _, kid := range e.kids {
			if kid.name != "tr" {
				if kid.name != "" {
					walk(kid)
				}
				continue
			}
			row := "|"
			cells := 0
			for _, cell := range kid.kids {
				if cell.name == "td" || cell.name == "th" {
					row += " " + strings.ReplaceAll(inline(cell.kids), "|", `\|`) + " |"
					cells++
				}
			}
			if out = append(out, row); len(out) == 1 {
				out = append(out, "|"+strings.Repeat(" --- |", cells))
			}
		}
	}
	walk(e)
	return strings.Join(out, "\n")
}

var space = regexp.MustCompile(`\s+`)

// inline writes text with markup inside of it. White space is as on one line, but for line breaks.
func inline(kids []*element) string {
	var out strings.Builder
	for _, kid := range kids {
		inside := func() string { return strings.TrimSpace(inline(kid.kids)) }
		switch kid.name {
		case "":
			out.WriteString(space.ReplaceAllString(kid.text, " "))
		case "em", "i":
			out.WriteString("*" + inside() + "*")
		case "strong", "b":
			out.WriteString("**" + inside() + "**")
		case "code":
			out.WriteString("`" + strings.TrimSpace(raw(kid)) + "`")
		case "q":
			out.WriteString(`"` + inside() + `"`)
		case "sub":
			out.WriteString("~" + inside() + "~")
		case "sup":
			out.WriteString("^" + inside() + "^")
		case "a":
			out.WriteString("[" + inside() + "](" + attribute(kid, "href") + ")")
		case "img":
			out.WriteString("![" + attribute(kid, "alt") + "](" + attribute(kid, "src") + ")")
		case "insert":
			out.WriteString("{{ insert: " + attribute(kid, "type") + ", " + attribute(kid, "id-ref") + " }}")
		case "br":
			out.WriteString("\n")
		default:
			out.WriteString(inside())
		}
	}
	return strings.TrimSpace(out.String())
}

// raw returns the text of an element as it stands there.
func raw(e *element) string {
	var out strings.Builder
	out.WriteString(e.text)
	for _, kid := range e.kids {
		out.WriteString(raw(kid))
	}
	return out.String()
}

func attribute(e *element, name string) string {
	return kit.Attribute([]xml.Attr(e.attrs), name)
}
