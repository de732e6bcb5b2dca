package cyclonedx

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"binnacle/feed/internal/kit"
)

// checker compares a document with the tables.
type checker struct {
	version int
	xml     bool
	// report is told what is wrong, at which node and under which path, and to which component, service or dependency it belongs, if to any.
	report func(n, item *node, path, reason string)

	path  []string
	items []*node
	refs  map[string]string
}

// check compares a whole document with the tables.
func (c *checker) check(root *node) {
	c.refs = map[string]string{}
	c.value(root, &expr{value: "object", obj: rules().types["bom"]})
}

// wrong reports what is wrong with a node and marks what it belongs to.
func (c *checker) wrong(n *node, format string, args ...any) {
	var item *node
	if len(c.items) > 0 {
		item = c.items[len(c.items)-1]
		item.bad = true
	}
	c.report(n, item, strings.TrimPrefix(strings.Join(c.path, ""), "."), fmt.Sprintf(format, args...))
}

// inside goes on with a part of a value.
func (c *checker) inside(step string, then func()) {
	c.path = append(c.path, step)
	then()
	c.path = c.path[:len(c.path)-1]
}

func (c *checker) value(n *node, x *expr) {
	if c.xml && n.kind == xmlNode && len(n.nodes) > 0 {
		c.inside("."+n.nodes[0].name, func() { c.wrong(n.nodes[0], "there is an element where a text is wanted") })
	}
	switch x.value {
	case "any":
	case "object":
		c.object(n, x.obj)
	case "list":
		c.list(n, x.of)
	case "licenses":
		c.licenses(n)
	case "dependencies":
		c.list(n, &expr{value: "object", obj: rules().types["dependency"]})
	case "either":
		for _, alt := range x.alts {
			if fits(n, alt) {
				c.value(n, alt)
				return
			}
		}
		c.wrong(n, "%s is not wanted here", n.what())
	default:
		c.scalar(n, x.value)
	}
}

// fits reports whether a node has the shape of a type: list, object or single value.
func fits(n *node, x *expr) bool {
	switch x.value {
	case "object":
		return n.kind == objectNode
	case "list":
		return n.kind == listNode
	}
	return n.kind == textNode || n.kind == xmlNode
}

func (c *checker) list(n *node, of *expr) {
	if n.kind != listNode {
		c.wrong(n, "a list is wanted, not %s", n.what())
		return
	}
	for i, kid := range n.nodes {
		c.inside("["+strconv.Itoa(i)+"]", func() {
			if kid.unknown {
				c.wrong(kid, "the element %s has no place here", kid.name)
				return
			}
			c.value(kid, of)
		})
	}
}

// belongings are the types that are taken or refused as a whole.
var belongings = map[string]bool{"component": true, "service": true, "dependency": true, "vulnerability": true}

func (c *checker) object(n *node, t *typ) {
	if belongings[t.name] {
		c.items = append(c.items, n)
		defer func() { c.items = c.items[:len(c.items)-1] }()
	}
	if n.kind != objectNode {
		c.wrong(n, "an object with members is wanted, not %s", n.what())
		return
	}
	seen := map[string]bool{}
	for _, kid := range n.nodes {
		c.inside("."+kid.name, func() { c.member(kid, t, seen) })
	}
	for _, m := range t.members {
		if !seen[m.name] && m.required.has(c.version) {
			c.wrong(n, "%s is missing: version %s requires it in a %s", m.name, versionText(c.version), t.name)
		}
	}
	for _, r := range t.rules {
		c.rule(n, r, seen)
	}
	if t.name == "component" && seen["versionRange"] && n.get("isExternal").flag() != "true" {
		c.wrong(n, "versionRange is only allowed where isExternal is true")
	}
}

// flag returns the value of a bool as a text.
func (n *node) flag() string {
	switch {
	case n == nil:
		return ""
	case n.kind == xmlNode && strings.TrimSpace(n.text) == "1":
		return "true"
	}
	return strings.TrimSpace(n.text)
}

func (c *checker) member(kid *node, t *typ, seen map[string]bool) {
	m := t.byName[kid.name]
	switch {
	case kid.unknown, (m == nil || !m.known.has(c.version)) && !t.open.has(c.version):
		c.wrong(kid, "version %s knows no %s in a %s", versionText(c.version), kid.name, t.name)
		return
	case m == nil || !m.known.has(c.version):
		return
	case seen[kid.name]:
		c.wrong(kid, "%s is there more than once", kid.name)
		return
	}
	seen[kid.name] = true
	c.value(kid, m.expr)
	if m.name == "bom-ref" {
		c.bomRef(kid)
	}
}

// bomRef makes sure that a name within the document is given once. The JSON
// examples of the specification use names again in the formulation, so that it is left out there.
func (c *checker) bomRef(n *node) {
	if n.text == "" || strings.HasPrefix(c.path[0], ".formulation") {
		return
	}
	path := strings.TrimPrefix(strings.Join(c.path[:len(c.path)-1], ""), ".")
	if first, taken := c.refs[n.text]; taken {
		c.wrong(n, "the bom-ref %q is also that of %s: every bom-ref must be unique in its document", kit.Short(n.text), first)
		return
	}
	c.refs[n.text] = path
}

func (c *checker) rule(n *node, r rule, seen map[string]bool) {
	count := 0
	for _, name := range r.members {
		if seen[name] {
			count++
		}
	}
	names := strings.Join(r.members, ", ")
	switch {
	case r.how == "one" && count != 1:
		c.wrong(n, "exactly one of %s must be there, not %d", names, count)
	case r.how == "some" && count == 0:
		c.wrong(n, "at least one of %s must be there", names)
	case r.how == "most" && count > 1:
		c.wrong(n, "only one of %s may be there", names)
	}
}

// licenses checks a list of licences. From version 1.5 (in XML always) to 1.6 it is
// either a list of licences or one single expression.
func (c *checker) licenses(n *node) {
	c.list(n, &expr{value: "object", obj: rules().types["licenseChoice"]})
	if n.kind != listNode || c.version >= 17 || c.version < 15 && !c.xml || len(n.nodes) < 2 {
		return
	}
	for _, choice := range n.nodes {
		if choice.get("expression") != nil {
			c.wrong(choice, "an expression stands alone: version %s allows no other licence or expression beside it", versionText(c.version))
			return
		}
	}
}

// patterns are the forms that texts of the type ~name must have, with the words that explain them.
var patterns = map[string]struct {
	form *regexp.Regexp
	help string
}{
	"format":       {regexp.MustCompile(`^CycloneDX$`), "it must be CycloneDX"},
	"serial":       {regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`), "it must be urn:uuid: with a UUID in lower case behind it"},
	"mime":         {regexp.MustCompile(`^[-+a-z0-9.]+/[-+a-z0-9.]+$`), "it must look like text/plain"},
	"hash":         {regexp.MustCompile(`^([0-9a-fA-F]{32}|[0-9a-fA-F]{40}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})$`), "a digest has 32, 40, 64, 96 or 128 hexadecimal digits"},
	"locale":       {regexp.MustCompile(`^[a-z]{2}(-[A-Z]{2})?$`), "it must look like en or en-US"},
	"cre":          {regexp.MustCompile(`^CRE:[0-9]+-[0-9]+$`), "it must look like CRE:616-305"},
	"patent":       {regexp.MustCompile(`^[A-Za-z0-9][-A-Za-z0-9/.()\s]{0,28}[A-Za-z0-9]$`), "it must be the number of a patent, with letters and digits"},
	"jurisdiction": {regexp.MustCompile(`^[A-Z]{2}$`), "it must be two capital letters"},
}

func (c *checker) scalar(n *node, want string) {
	if n.kind == objectNode || n.kind == listNode || n.kind == nullNode {
		c.wrong(n, "a single value is wanted, not %s", n.what())
		return
	}
	text := n.text
	if n.kind == xmlNode {
		text = strings.TrimSpace(text)
	}
	switch want {
	case "bool", "int", "count", "num":
		c.number(n, want, text)
		return
	}
	if n.kind != textNode && n.kind != xmlNode {
		c.wrong(n, "a text is wanted, not %s", n.what())
		return
	}
	switch {
	case want[0] == '=':
		c.word(n, want[1:], text)
	case want[0] == '~':
		c.form(n, want[1:], text)
	case want == "ref" && text == "":
		c.wrong(n, "it is empty: a bom-ref has at least one character")
	case want == "cpe" && c.xml && text != "" && !strings.HasPrefix(strings.ToLower(text), "cpe:"):
		c.wrong(n, "%q is not a name of the Common Platform Enumeration: it must start with cpe:2.3: or cpe:/", kit.Short(text))
	case want == "licenseId" && !licenceIDs()[text]:
		c.wrong(n, "%q is not an SPDX licence identifier: use one of the SPDX list, or name in place of id", kit.Short(text))
	case want == "time":
		c.time(n, text)
	case want == "day":
		if _, err := time.Parse(time.DateOnly, text); err != nil {
			c.wrong(n, "%q is not a day: it must look like 2027-06-30", kit.Short(text))
		}
	}
}

func (c *checker) number(n *node, want, text string) {
	typed := n.kind == numberNode || n.kind == xmlNode
	switch want {
	case "bool":
		if n.kind != boolNode && (n.kind != xmlNode || !slices.Contains([]string{"true", "false", "0", "1"}, text)) {
			c.wrong(n, "true or false is wanted, not %s", n.what())
		}
	case "num":
		if _, err := strconv.ParseFloat(text, 64); !typed || err != nil {
			c.wrong(n, "a number is wanted, not %s", n.what())
		}
	default:
		f, err := strconv.ParseFloat(text, 64)
		if !typed || err != nil || f != float64(int64(f)) || want == "count" && f < 0 {
			c.wrong(n, "a whole number is wanted, not %s", n.what())
		}
	}
}

func (c *checker) word(n *node, list, text string) {
	words := rules().words[list]
	if known, ok := words[text]; ok && known.has(c.version) {
		return
	}
	var allowed []string
	for _, word := range slices.Sorted(maps.Keys(words)) {
		if words[word].has(c.version) {
			allowed = append(allowed, word)
		}
	}
	if len(allowed) > 14 {
		allowed = append(allowed[:14], "…")
	}
	c.wrong(n, "%q is not one of the words of version %s: %s", kit.Short(text), versionText(c.version), strings.Join(allowed, ", "))
}

func (c *checker) form(n *node, pattern, text string) {
	p := patterns[pattern]
	if p.form.MatchString(text) {
		return
	}
	if pattern == "serial" && c.xml && len(text) == 38 && text[0] == '{' && text[37] == '}' && p.form.MatchString("urn:uuid:"+text[1:37]) {
		return
	}
	c.wrong(n, "%q is wrong: %s", kit.Short(text), p.help)
}

// moment is a day with a time of day, and with or without a zone, as programs write it.
var moment = regexp.MustCompile(`^-?\d{4,}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d`)

func (c *checker) time(n *node, text string) {
	if _, ok := timeOf(text); !ok {
		c.wrong(n, "%q is not a moment: it must look like 2027-06-30T14:00:00Z", kit.Short(text))
	}
}

func timeOf(text string) (time.Time, bool) {
	if !moment.MatchString(text) {
		return time.Time{}, false
	}
	text = strings.Replace(strings.ToUpper(text), " ", "T", 1)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05.999999999Z0700"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// what names a node for a message.
func (n *node) what() string {
	switch n.kind {
	case objectNode:
		return "an object"
	case listNode:
		return "a list"
	case nullNode:
		return "null"
	case numberNode:
		return "the number " + kit.Short(n.text)
	case boolNode:
		return n.text
	}
	return fmt.Sprintf("the text %q", kit.Short(n.text))
}

func versionText(version int) string { return fmt.Sprintf("%d.%d", version/10, version%10) }
