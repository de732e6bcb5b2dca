package security

import (
	"fmt"
	"strings"
)

// Expression is a licence expression of SPDX (version 2.3, annex D): identifiers joined by AND, OR and WITH, with brackets.
type Expression struct {
	// Op is AND, OR or nothing where the expression is one licence.
	Op string
	// Parts are what AND or OR joins, in their order.
	Parts []*Expression
	// Licence is the identifier, such as GPL-2.0-only or LicenseRef-Own. It is empty where parts are joined.
	Licence string
	// Later says that any later version of the licence may be chosen, as the plus sign behind the identifier says.
	Later bool
	// Exception is the identifier behind WITH, such as Classpath-exception-2.0.
	Exception string
}

// mostBrackets is how deep brackets may be nested, and mostWords how many words an expression may have.
const (
	mostBrackets = 50
	mostWords    = 2000
)

// ParseExpression reads a licence expression. WITH binds most tightly, then AND, then OR. Operators may be in upper or in lower case.
func ParseExpression(text string) (*Expression, error) {
	spaced := strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text)
	p := &expressionParser{words: strings.Fields(spaced)}
	switch {
	case len(p.words) == 0:
		return nil, fmt.Errorf("the licence expression is empty")
	case len(p.words) > mostWords:
		return nil, fmt.Errorf("the licence expression has %d words; the limit is %d", len(p.words), mostWords)
	}
	e, err := p.join(0)
	if err != nil {
		return nil, err
	}
	if p.at < len(p.words) {
		return nil, fmt.Errorf("licence expression: %q at word %d is not expected: write AND, OR or WITH before it", p.words[p.at], p.at+1)
	}
	return e, nil
}

// String writes the expression with as few brackets as it needs.
func (e *Expression) String() string {
	if e.Op == "" {
		out := e.Licence
		if e.Later {
			out += "+"
		}
		if e.Exception != "" {
			out += " WITH " + e.Exception
		}
		return out
	}
	parts := make([]string, len(e.Parts))
	for i, p := range e.Parts {
		parts[i] = p.String()
		if p.Op == "OR" && e.Op == "AND" {
			parts[i] = "(" + parts[i] + ")"
		}
	}
	return strings.Join(parts, " "+e.Op+" ")
}

// expressionParser reads the words of an expression from left to right.
type expressionParser struct {
	words []string
	at    int
}

// operator returns the word that comes next where it is an operator, in upper case.
func (p *expressionParser) operator() string {
	if p.at < len(p.words) {
		return operatorOf(p.words[p.at])
	}
	return ""
}

// operatorOf returns a word in upper case where it is an operator, and nothing otherwise.
func operatorOf(word string) string {
	switch word {
	case "AND", "OR", "WITH", "and", "or", "with":
		return strings.ToUpper(word)
	}
	return ""
}

// levels are the operators that join several parts, loosest first.
var levels = [...]string{"OR", "AND"}

// join reads what OR joins, whose parts are what AND joins, whose parts are single licences.
func (p *expressionParser) join(depth int) (*Expression, error) { return p.level(0, depth) }

func (p *expressionParser) level(i, depth int) (*Expression, error) {
	if i == len(levels) {
		return p.single(depth)
	}
	out := &Expression{Op: levels[i]}
	for {
		part, err := p.level(i+1, depth)
		if err != nil {
			return nil, err
		}
		if part.Op == out.Op {
			out.Parts = append(out.Parts, part.Parts...)
		} else {
			out.Parts = append(out.Parts, part)
		}
		if p.operator() != out.Op {
			break
		}
		p.at++
	}
	if len(out.Parts) == 1 {
		return out.Parts[0], nil
	}
	return out, nil
}

// single reads a licence with its exception, or an expression in brackets.
func (p *expressionParser) single(depth int) (*Expression, error) {
	if p.at == len(p.words) {
		return nil, fmt.Errorf("licence expression: it ends where a licence is expected")
	}
	word := p.words[p.at]
	p.at++
	switch {
	case word == "(":
		if depth == mostBrackets {
			return nil, fmt.Errorf("licence expression: brackets are nested more than %d deep", mostBrackets)
		}
		e, err := p.join(depth + 1)
		if err != nil {
			return nil, err
		}
		if p.at == len(p.words) || p.words[p.at] != ")" {
			return nil, fmt.Errorf("licence expression: the bracket is not closed")
		}
		p.at++
		return e, nil
	case word == ")" || operatorOf(word) != "":
		return nil, fmt.Errorf("licence expression: %q at word %d stands where a licence is expected", word, p.at)
	}
	e := &Expression{}
	e.Licence, e.Later = strings.CutSuffix(word, "+")
	if !isLicenceID(e.Licence) {
		return nil, fmt.Errorf("licence expression: %q at word %d is not an identifier: it has letters, digits, hyphens and full stops", word, p.at)
	}
	if p.operator() == "WITH" {
		p.at++
		if p.at == len(p.words) || !isLicenceID(p.words[p.at]) || operatorOf(p.words[p.at]) != "" {
			return nil, fmt.Errorf("licence expression: an exception is expected behind WITH")
		}
		e.Exception = p.words[p.at]
		p.at++
	}
	return e, nil
}

// isLicenceID reports whether a word can be an identifier: letters, digits, hyphens and full stops, and one colon behind a DocumentRef.
func isLicenceID(word string) bool {
	if rest, ok := strings.CutPrefix(word, "DocumentRef-"); ok {
		before, after, _ := strings.Cut(rest, ":")
		return isIDText(before) && isIDText(after)
	}
	return isIDText(word)
}

func isIDText(text string) bool {
	for _, r := range text {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '.' {
			return false
		}
	}
	return text != ""
}
