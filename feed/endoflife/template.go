package endoflife

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// render fills the values of a cycle into a template such as
// "__RELEASE_CYCLE__ (__CODENAME__)". Of the Liquid language it knows what the
// templates of products use. It reports false where the template asks for
// something that the cycle does not say, or uses what is not known.
func render(template string, values map[string]string) (string, bool) {
	known := true
	text := placeholder.ReplaceAllStringFunc(strings.TrimSpace(template), func(name string) string {
		value := values[strings.Trim(name, "_")]
		if value == "" && (name != "__CODENAME__" || !strings.Contains(template, "{%")) {
			known = false
		}
		return value
	})
	if !known {
		return "", false
	}
	if !strings.Contains(text, "{{") && !strings.Contains(text, "{%") {
		return text, true
	}
	out, rest, ok := liquid(text, values, "")
	return out, ok && rest == ""
}

var placeholder = regexp.MustCompile(`__(RELEASE_CYCLE|CODENAME|LATEST|RELEASE_DATE|LATEST_RELEASE_DATE)__`)

// liquid renders a text up to one of the tags given, and returns what is behind it.
func liquid(text string, values map[string]string, until string) (out, rest string, ok bool) {
	var b strings.Builder
	for {
		at := strings.IndexByte(text, '{')
		if at < 0 || at+1 >= len(text) {
			b.WriteString(text)
			return b.String(), "", until == ""
		}
		b.WriteString(text[:at])
		text = text[at:]
		switch text[1] {
		case '{':
			inner, after, found := strings.Cut(text[2:], "}}")
			value, good := expression(inner, values)
			if !found || !good {
				return "", "", false
			}
			b.WriteString(value)
			text = after
		case '%':
			inner, after, found := strings.Cut(text[2:], "%}")
			tag := strings.TrimSpace(strings.Trim(inner, "-"))
			if !found {
				return "", "", false
			}
			if until != "" && (tag == "endif" || tag == "else") {
				return b.String(), text, true
			}
			branch, next, good := condition(tag, after, values)
			if !good {
				return "", "", false
			}
			b.WriteString(branch)
			text = next
		default:
			b.WriteByte('{')
			text = text[1:]
		}
	}
}

// condition renders one of the two branches of an if tag.
func condition(tag, text string, values map[string]string) (branch, rest string, ok bool) {
	test, isIf := strings.CutPrefix(tag, "if ")
	if !isIf {
		return "", "", false
	}
	holds, ok := truth(test, values)
	if !ok {
		return "", "", false
	}
	yes, rest, ok := liquid(text, values, "endif")
	if !ok {
		return "", "", false
	}
	no := ""
	if tagAt(rest) == "else" {
		_, rest, _ = strings.Cut(rest, "%}")
		if no, rest, ok = liquid(rest, values, "endif"); !ok {
			return "", "", false
		}
	}
	if tagAt(rest) != "endif" {
		return "", "", false
	}
	_, rest, _ = strings.Cut(rest, "%}")
	if holds {
		return yes, rest, true
	}
	return no, rest, true
}

func tagAt(text string) string {
	inner, _, _ := strings.Cut(strings.TrimPrefix(text, "{%"), "%}")
	return strings.TrimSpace(strings.Trim(inner, "-"))
}

func truth(test string, values map[string]string) (holds, ok bool) {
	for _, op := range []string{"!=", "=="} {
		if left, right, found := strings.Cut(test, op); found {
			l, okLeft := expression(left, values)
			r, okRight := expression(right, values)
			return (l == r) == (op == "=="), okLeft && okRight
		}
	}
	value, ok := expression(test, values)
	return value != "", ok
}

// expression evaluates a literal or a variable and the filters behind it.
func expression(text string, values map[string]string) (string, bool) {
	parts := splitOutside(text, '|')
	value := strings.TrimSpace(parts[0])
	if literal, isLiteral := unquoted(value); isLiteral {
		value = literal
	} else if value == "r.codename" || value == "codename" {
		value = values["CODENAME"]
	} else if strings.Trim(value, "0123456789.") != "" {
		return "", false
	}
	list := []string{value}
	isList := false
	for _, part := range parts[1:] {
		name, argText, _ := strings.Cut(part, ":")
		var args []string
		if strings.TrimSpace(argText) != "" {
			for _, arg := range splitOutside(argText, ',') {
				literal, isLiteral := unquoted(strings.TrimSpace(arg))
				if !isLiteral {
					literal = strings.TrimSpace(arg)
				}
				args = append(args, literal)
			}
		}
		var ok bool
		if list, isList, ok = filter(strings.TrimSpace(name), args, list, isList); !ok {
			return "", false
		}
	}
	return strings.Join(list, ""), true
}

// filter applies one filter to a text or to a list.
func filter(name string, args, in []string, isList bool) (out []string, outList, ok bool) {
	if isList {
		switch {
		case name == "first" && len(in) > 0:
			return in[:1], false, true
		case name == "last" && len(in) > 0:
			return in[len(in)-1:], false, true
		case name == "pop" && len(in) > 0:
			return in[:len(in)-1], true, true
		case name == "join" && len(args) == 1:
			return []string{strings.Join(in, args[0])}, false, true
		case name == "slice" && len(args) == 2:
			from, err1 := strconv.Atoi(args[0])
			count, err2 := strconv.Atoi(args[1])
			if err1 != nil || err2 != nil || from < 0 || count < 0 || from > len(in) {
				return nil, false, false
			}
			return in[from:min(from+count, len(in))], true, true
		}
		return nil, false, false
	}
	text := strings.Join(in, "")
	one := func(s string) ([]string, bool, bool) { return []string{s}, false, true }
	switch {
	case name == "split" && len(args) == 1 && args[0] != "":
		return strings.Split(text, args[0]), true, true
	case name == "replace" && len(args) == 2:
		return one(strings.ReplaceAll(text, args[0], args[1]))
	case name == "replace_first" && len(args) == 2:
		return one(strings.Replace(text, args[0], args[1], 1))
	case name == "remove" && len(args) == 1:
		return one(strings.ReplaceAll(text, args[0], ""))
	case name == "append" && len(args) == 1:
		return one(text + args[0])
	case name == "prepend" && len(args) == 1:
		return one(args[0] + text)
	case name == "downcase":
		return one(strings.ToLower(text))
	case name == "upcase":
		return one(strings.ToUpper(text))
	case name == "strip":
		return one(strings.TrimSpace(text))
	case name == "drop_zero_patch":
		if strings.Count(text, ".") == 2 {
			text = strings.TrimSuffix(text, ".0")
		}
		return one(text)
	}
	return nil, false, false
}

func unquoted(text string) (string, bool) {
	if len(text) >= 2 && (text[0] == '\'' || text[0] == '"') && text[len(text)-1] == text[0] {
		return text[1 : len(text)-1], true
	}
	return "", false
}

// splitOutside splits a text at a separator that is not inside quotes.
func splitOutside(text string, sep byte) []string {
	var out []string
	var quote byte
	start := 0
	for i := range len(text) {
		switch c := text[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == sep:
			out = append(out, text[start:i])
			start = i + 1
		}
	}
	return append(slices.Clip(out), text[start:])
}
