package scim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The limits of a filter.
const (
	maxFilter = 4096
	maxDepth  = 16
)

// node is a part of a filter.
type node interface {
	// holds reports whether the part is true of a resource, or of one value of an attribute.
	holds(attrs []*attribute, value map[string]any) bool
}

// The parts that a filter is made of.
type (
	both   struct{ a, b node }
	either struct{ a, b node }
	not    struct{ a node }
	// compare compares an attribute with a value. The operator pr has none.
	compare struct {
		path path
		op   string
		with any
	}
	// among is true where one value of an attribute fits a filter.
	among struct {
		path   path
		filter node
	}
)

// path names an attribute: its schema, where it is written, its name and that of a part of it.
type path struct {
	schema, name, sub string
	// where picks some of the values of the attribute. It is only set in the path of a patch.
	where node
}

// parser reads a filter or a path.
type parser struct {
	text  string
	at    int
	depth int
}

// parseFilter reads a filter of RFC 7644, 3.4.2.2.
func parseFilter(text string) (node, error) {
	if len(text) > maxFilter {
		return nil, bad("invalidFilter", "the filter is longer than %d bytes", maxFilter)
	}
	p := &parser{text: text}
	n, err := p.or()
	if err == nil {
		if p.space(); p.at < len(p.text) {
			err = p.fault("something is left over")
		}
	}
	if err != nil {
		return nil, bad("invalidFilter", "%s", err)
	}
	return n, nil
}

// parsePath reads the path of a patch of RFC 7644, 3.5.2.
func parsePath(text string) (path, error) {
	if len(text) > maxFilter {
		return path{}, bad("invalidPath", "the path is longer than %d bytes", maxFilter)
	}
	p := &parser{text: strings.TrimSpace(text)}
	out, err := p.path()
	if err == nil && p.take("[") {
		if out.sub != "" {
			err = p.fault("a part of an attribute has no values to choose from")
		} else if out.where, err = p.or(); err == nil {
			if p.space(); !p.take("]") {
				err = p.fault("a ] is missing")
			} else if p.take(".") {
				out.sub, err = p.name()
			}
		}
	}
	if err == nil && p.at < len(p.text) {
		err = p.fault("something is left over")
	}
	if err != nil {
		return path{}, bad("invalidPath", "%s", err)
	}
	return out, nil
}

func (p *parser) fault(text string) error { return fmt.Errorf("%s at character %d", text, p.at+1) }

func (p *parser) space() bool {
	from := p.at
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
	return p.at > from
}

func (p *parser) take(token string) bool {
	if strings.HasPrefix(p.text[p.at:], token) {
		p.at += len(token)
		return true
	}
	return false
}

// word takes a keyword that a space or a bracket ends, in any case.
func (p *parser) word(word string) bool {
	end := p.at + len(word)
	if end > len(p.text) || !strings.EqualFold(p.text[p.at:end], word) || end < len(p.text) && isName(p.text[end]) {
		return false
	}
	p.at = end
	return true
}

func (p *parser) or() (node, error)  { return p.chain("or", p.and) }
func (p *parser) and() (node, error) { return p.chain("and", p.term) }

// chain reads terms between which a keyword stands.
func (p *parser) chain(word string, next func() (node, error)) (node, error) {
	a, err := next()
	for err == nil {
		from := p.at
		if !p.space() || !p.word(word) {
			p.at = from
			break
		}
		var b node
		if b, err = next(); err == nil && word == "or" {
			a = either{a, b}
		} else {
			a = both{a, b}
		}
	}
	return a, err
}

func (p *parser) term() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fault("the filter is nested too deep")
	}
	defer func() { p.depth-- }()
	p.space()
	from := p.at
	negated := p.word("not")
	if negated {
		p.space()
	}
	if p.take("(") {
		n, err := p.or()
		if p.space(); err == nil && !p.take(")") {
			err = p.fault("a ) is missing")
		}
		if negated {
			n = not{n}
		}
		return n, err
	}
	if p.at = from; negated && !strings.HasPrefix(p.text[from+3:], " ") {
		return nil, p.fault("not needs brackets")
	}
	return p.comparison()
}

// operators are what compares an attribute with a value.
var operators = []string{"eq", "ne", "co", "sw", "ew", "gt", "lt", "ge", "le"}

func (p *parser) comparison() (node, error) {
	name, err := p.path()
	if err != nil {
		return nil, err
	}
	if p.take("[") {
		n, err := p.or()
		if p.space(); err == nil && !p.take("]") {
			err = p.fault("a ] is missing")
		}
		return among{name, n}, err
	}
	if !p.space() {
		return nil, p.fault("an operator such as eq is missing")
	}
	if p.word("pr") {
		return compare{path: name, op: "pr"}, nil
	}
	if i := slices.IndexFunc(operators, p.operator); i >= 0 {
		p.space()
		value, err := p.value()
		return compare{name, operators[i], value}, err
	}
	return nil, p.fault("there is no such operator: eq, ne, co, sw, ew, gt, ge, lt, le and pr are")
}

// operator takes an operator. Some write the text behind it without a space.
func (p *parser) operator(op string) bool { return p.word(op) }

// path takes the name of an attribute, perhaps behind its schema and before the name of a part.
func (p *parser) path() (path, error) {
	var out path
	if len(p.text)-p.at > 4 && strings.EqualFold(p.text[p.at:p.at+4], "urn:") {
		rest := p.text[p.at:]
		if end := strings.IndexAny(rest, " []()\""); end >= 0 {
			rest = rest[:end]
		}
		// The whole may be the name of an extension, or end with an attribute.
		for _, schema := range []string{userSchema, groupSchema, enterpriseSchema} {
			if len(rest) >= len(schema) && strings.EqualFold(rest[:len(schema)], schema) && (len(rest) == len(schema) || rest[len(schema)] == ':') {
				out.schema = schema
				p.at += len(schema)
				if !p.take(":") {
					return out, nil
				}
				break
			}
		}
		if out.schema == "" {
			i := strings.LastIndexByte(rest, ':')
			out.schema = rest[:i]
			p.at += i + 1
		}
	}
	var err error
	if out.name, err = p.name(); err != nil {
		return out, err
	}
	if p.take(".") {
		out.sub, err = p.name()
	}
	return out, err
}

func isName(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

func (p *parser) name() (string, error) {
	from := p.at
	p.take("$")
	for p.at < len(p.text) && isName(p.text[p.at]) {
		p.at++
	}
	name := p.text[from:p.at]
	if first := strings.TrimPrefix(name, "$"); first == "" || !(first[0]|0x20 >= 'a' && first[0]|0x20 <= 'z') {
		p.at = from
		return "", p.fault("the name of an attribute is missing")
	}
	return name, nil
}

// value takes a value of JSON that is no object and no list.
func (p *parser) value() (any, error) {
	rest := p.text[p.at:]
	end := 0
	if strings.HasPrefix(rest, `"`) {
		for end = 1; end < len(rest) && rest[end] != '"'; end++ {
			if rest[end] == '\\' {
				end++
			}
		}
		end++
	} else {
		for end < len(rest) && !strings.ContainsRune(" )]", rune(rest[end])) {
			end++
		}
	}
	var out any
	if end > len(rest) || json.Unmarshal([]byte(rest[:end]), &out) != nil {
		return nil, p.fault(`a value such as "text", 5, true or null is missing`)
	}
	switch out.(type) {
	case map[string]any, []any:
		return nil, p.fault("a value is no list")
	}
	p.at += end
	return out, nil
}

func (n both) holds(a []*attribute, v map[string]any) bool {
	return n.a.holds(a, v) && n.b.holds(a, v)
}

func (n either) holds(a []*attribute, v map[string]any) bool {
	return n.a.holds(a, v) || n.b.holds(a, v)
}

func (n not) holds(a []*attribute, v map[string]any) bool { return !n.a.holds(a, v) }

func (n among) holds(attrs []*attribute, v map[string]any) bool {
	attr, value := look(attrs, v, n.path)
	if attr == nil {
		return false
	}
	return slices.ContainsFunc(list(value), func(one any) bool { m, ok := one.(map[string]any); return ok && n.filter.holds(attr.subs, m) })
}

func (n compare) holds(attrs []*attribute, v map[string]any) bool {
	attr, value := look(attrs, v, n.path)
	if attr == nil {
		return n.op == "eq" && n.with == nil || n.op == "ne" && n.with != nil
	}
	values := list(value)
	// A value with parts is compared by its main part, or by the part that the path names.
	if len(attr.subs) > 0 {
		sub := n.path.sub
		if sub == "" {
			sub = "value"
		}
		part := find(attr.subs, sub)
		if n.op == "pr" && n.path.sub == "" {
			return len(values) > 0
		}
		if part == nil {
			return false
		}
		attr = part
		var inner []any
		for _, one := range values {
			if m, ok := one.(map[string]any); ok && m[part.name] != nil {
				inner = append(inner, m[part.name])
			}
		}
		values = inner
	}
	switch {
	case n.op == "pr":
		return slices.ContainsFunc(values, func(v any) bool { return v != "" })
	case len(values) == 0:
		return n.op == "eq" && n.with == nil || n.op == "ne" && n.with != nil
	case n.op == "ne":
		return !slices.ContainsFunc(values, func(v any) bool { return test(attr, "eq", v, n.with) })
	}
	return slices.ContainsFunc(values, func(v any) bool { return test(attr, n.op, v, n.with) })
}

// list returns the values of an attribute that may have several.
func list(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{value}
}

// test compares one value.
func test(attr *attribute, op string, value, with any) bool {
	a, isText := value.(string)
	b, ok := with.(string)
	if !isText || !ok {
		if x, y := value, with; op == "eq" {
			return x == y
		}
		x, okX := value.(float64)
		y, okY := with.(float64)
		return okX && okY && ordered(op, compareNumbers(x, y))
	}
	if attr.kind == "dateTime" {
		x, errX := time.Parse(time.RFC3339Nano, a)
		y, errY := time.Parse(time.RFC3339Nano, b)
		if errX == nil && errY == nil {
			return ordered(op, x.Compare(y))
		}
	}
	if !attr.exact {
		a, b = strings.ToLower(a), strings.ToLower(b)
	}
	switch op {
	case "co":
		return strings.Contains(a, b)
	case "sw":
		return strings.HasPrefix(a, b)
	case "ew":
		return strings.HasSuffix(a, b)
	}
	return ordered(op, strings.Compare(a, b))
}

func compareNumbers(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// ordered reports whether an order of two values is what an operator asks for.
func ordered(op string, order int) bool {
	switch op {
	case "eq":
		return order == 0
	case "gt":
		return order > 0
	case "ge":
		return order >= 0
	case "lt":
		return order < 0
	case "le":
		return order <= 0
	}
	return false
}
