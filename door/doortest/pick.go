package doortest

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Pick returns the text of every element of a page that a selector of CSS names, with single spaces. It knows tags, #id, .class and [name=value], and spaces for
// elements that stand within others, such as "section.card h2 a".
func Pick(t testing.TB, page, selector string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatalf("the page is no HTML: %v", err)
	}
	steps := strings.Fields(selector)
	var out []string
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && chosen(n, steps) {
			out = append(out, strings.Join(strings.Fields(textOf(n)), " "))
		}
	}
	return out
}

// chosen reports whether an element is what the last step names, within elements that the steps before it name.
func chosen(n *html.Node, steps []string) bool {
	if !fits(n, steps[len(steps)-1]) {
		return false
	}
	rest := steps[:len(steps)-1]
	for up := n.Parent; up != nil && len(rest) > 0; up = up.Parent {
		if up.Type == html.ElementNode && fits(up, rest[len(rest)-1]) {
			rest = rest[:len(rest)-1]
		}
	}
	return len(rest) == 0
}

// fits reports whether an element is what one step names.
func fits(n *html.Node, step string) bool {
	at := strings.IndexAny(step, "#.[")
	if at < 0 {
		at = len(step)
	}
	if tag := step[:at]; tag != "" && tag != n.Data {
		return false
	}
	for rest := step[at:]; rest != ""; {
		end := strings.IndexAny(rest[1:], "#.[") + 1
		if rest[0] == '[' {
			end = strings.IndexByte(rest, ']') + 1
		}
		if end <= 0 {
			end = len(rest)
		}
		part := rest[:end]
		rest = rest[end:]
		name, want := "id", part[1:]
		switch part[0] {
		case '.':
			if !slices.Contains(strings.Fields(attribute(n, "class")), want) {
				return false
			}
			continue
		case '[':
			var valued bool
			if name, want, valued = strings.Cut(strings.Trim(part, "[]"), "="); !valued {
				if !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name }) {
					return false
				}
				continue
			}
		}
		if attribute(n, name) != strings.Trim(want, `"`) {
			return false
		}
	}
	return true
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// textOf returns the text in an element.
func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var out strings.Builder
	for c := range n.ChildNodes() {
		out.WriteString(textOf(c) + " ")
	}
	return out.String()
}
