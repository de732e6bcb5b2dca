package kit

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"binnacle/facts"
)

// NumberStyle says what stands before the decimals of the numbers of a column.
type NumberStyle byte

// The styles of numbers.
const (
	// NumbersOpen means that no number of the column shows its style.
	NumbersOpen NumberStyle = iota
	// DecimalPoint is the style of 1,234.56.
	DecimalPoint
	// DecimalComma is the style of 1.234,56.
	DecimalComma
)

// Numbers looks at the numbers of a column as people write them, and finds out
// their style from all of them together, because 1,234 alone may be two numbers.
// The zero value is ready to use.
type Numbers struct {
	// point, comma and open are the first line with a number that is sure to have a decimal point or comma, and that may be either.
	point, comma, open numberSeen
}

type numberSeen struct {
	line int
	text string
}

func (s *numberSeen) note(line int, text string) {
	if s.line == 0 {
		*s = numberSeen{line, Short(text)}
	}
}

// Add looks at the text of a cell in a line of the file. What is no number is passed over.
func (n *Numbers) Add(text string, line int) {
	p, err := splitNumber(text)
	if err != nil || p.plain {
		return
	}
	switch style, open := styleOf(p); {
	case open:
		n.open.note(line, text)
	case style == DecimalPoint:
		n.point.note(line, text)
	case style == DecimalComma:
		n.comma.note(line, text)
	}
}

// Style returns the style of the column. The error is a question to whoever
// imports, where the numbers can be read in two ways or contradict each other. Given is what that person said already.
func (n *Numbers) Style(column string, given NumberStyle) (NumberStyle, error) {
	switch {
	case given != NumbersOpen:
		return given, nil
	case n.point.line > 0 && n.comma.line > 0:
		return 0, fmt.Errorf("the column %s has numbers with a decimal point (line %d: %s) and with a decimal comma (line %d: %s): write them in one way",
			column, n.point.line, n.point.text, n.comma.line, n.comma.text)
	case n.point.line > 0:
		return DecimalPoint, nil
	case n.comma.line > 0:
		return DecimalComma, nil
	case n.open.line > 0:
		return 0, fmt.Errorf("the column %s can be read in two ways: is %s in line %d a number of thousands or one with three decimals? Map the column to its field with (decimal comma) or (decimal point) behind the name",
			column, n.open.text, n.open.line)
	}
	return DecimalPoint, nil
}

// ParseNumber reads a number as people write it: with separators of thousands,
// in parentheses or with a minus before or behind it where it is negative, and with the
// sign or the three letters of a currency, which it returns too.
func ParseNumber(text string, style NumberStyle) (n facts.Decimal, currency string, err error) {
	p, err := splitNumber(text)
	if err != nil {
		return n, "", err
	}
	body := p.body
	if !p.plain {
		own, open := styleOf(p)
		if !open && own != style && style != NumbersOpen {
			return n, "", fmt.Errorf("%q is written otherwise than the numbers above and below it", Short(text))
		}
		if open {
			own = style
		}
		thousands, decimal := ",", "."
		if own == DecimalComma {
			thousands, decimal = ".", ","
		}
		whole, part, _ := strings.Cut(body, decimal)
		if !grouped(whole, thousands) || strings.ContainsAny(part, ".,") {
			return n, "", fmt.Errorf("%q is not a number: the separators of its thousands do not stand at every third digit", Short(text))
		}
		body = strings.ReplaceAll(whole, thousands, "")
		if part != "" {
			body += "." + part
		}
	}
	n, err = facts.ParseDecimal(body)
	if p.negative {
		n = n.Neg()
	}
	return n, p.currency, err
}

// numberParts is a number without what stands around it.
type numberParts struct {
	negative bool
	currency string
	// body has digits, points and commas alone, or is a number with an exponent.
	body string
	// spaced says that thousands are separated by white space or apostrophes.
	spaced bool
	// plain says that body can be read as it is.
	plain bool
}

var (
	exponent   = regexp.MustCompile(`^\d+(\.\d+)?[eE][+-]?\d{1,2}$`)
	spacedBody = regexp.MustCompile(`^\d{1,3}([ '’]\d{3})+([.,]\d*)?$`)
)

var currencySigns = map[rune]string{'€': "EUR", '$': "USD", '£': "GBP", '¥': "JPY"}

// splitNumber takes the sign and the currency off a number.
func splitNumber(text string) (numberParts, error) {
	var p numberParts
	rest := strings.Map(func(r rune) rune {
		switch {
		case r == '−' || r == '–':
			return '-'
		case unicode.IsSpace(r) || r == 0x202F:
			return ' '
		}
		return r
	}, text)
	bad := func() (numberParts, error) {
		return numberParts{}, fmt.Errorf("%q is not a number: write it such as 1234.50", Short(strings.TrimSpace(text)))
	}
	signs := 0
	for {
		before := rest
		rest = strings.TrimSpace(rest)
		if inner, ok := strings.CutPrefix(rest, "("); ok && strings.HasSuffix(inner, ")") {
			rest, p.negative, signs = inner[:len(inner)-1], true, signs+1
		}
		for _, sign := range []string{"-", "+"} {
			if inner, ok := strings.CutPrefix(rest, sign); ok {
				rest, signs, p.negative = inner, signs+1, p.negative || sign == "-"
			} else if inner, ok := strings.CutSuffix(rest, sign); ok {
				rest, signs, p.negative = inner, signs+1, p.negative || sign == "-"
			}
		}
		if inner, ok := cutWord(rest, "CR"); ok {
			rest, p.negative, signs = inner, true, signs+1
		} else if inner, ok := cutWord(rest, "DR"); ok {
			rest, signs = inner, signs+1
		}
		if inner, code := cutCurrency(rest); code != "" {
			if p.currency != "" && p.currency != code {
				return bad()
			}
			rest, p.currency = inner, code
		}
		if rest == before {
			break
		}
	}
	if exponent.MatchString(rest) && signs <= 1 {
		p.body, p.plain = rest, true
		return p, nil
	}
	if spacedBody.MatchString(rest) {
		p.spaced = true
		rest = strings.NewReplacer(" ", "", "'", "", "’", "").Replace(rest)
	}
	if rest == "" || signs > 1 || strings.Trim(rest, "0123456789.,") != "" || strings.Trim(rest, ".,") == "" {
		return bad()
	}
	p.body, p.plain = rest, !strings.ContainsAny(rest, ".,")
	return p, nil
}

// cutWord takes a word of two letters off the end of a text.
func cutWord(text, word string) (string, bool) {
	at := len(text) - len(word)
	if at > 0 && strings.EqualFold(text[at:], word) {
		return strings.TrimSpace(text[:at]), true
	}
	return text, false
}

// cutCurrency takes the sign or the three capitals of a currency off the beginning or the end of a text.
func cutCurrency(text string) (rest, code string) {
	if first, size := utf8.DecodeRuneInString(text); currencySigns[first] != "" {
		return text[size:], currencySigns[first]
	}
	if last, size := utf8.DecodeLastRuneInString(text); currencySigns[last] != "" {
		return text[:len(text)-size], currencySigns[last]
	}
	if len(text) > 3 && IsCurrency(text[:3]) {
		return text[3:], text[:3]
	}
	if at := len(text) - 3; at > 0 && IsCurrency(text[at:]) {
		return text[:at], text[at:]
	}
	return text, ""
}

// IsCurrency reports whether a text has the form of a code of ISO 4217: three capitals.
func IsCurrency(text string) bool {
	return len(text) == 3 && text == strings.ToUpper(text) && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// styleOf says which style a number shows, or that it can be read in both.
func styleOf(p numberParts) (style NumberStyle, open bool) {
	body := p.body
	points, commas := strings.Count(body, "."), strings.Count(body, ",")
	switch {
	case points > 0 && commas > 0:
		if strings.LastIndex(body, ".") > strings.LastIndex(body, ",") {
			return DecimalPoint, false
		}
		return DecimalComma, false
	case points > 1:
		return DecimalComma, false
	case commas > 1:
		return DecimalPoint, false
	}
	whole, part, comma := strings.Cut(body, ",")
	style = DecimalComma
	if !comma {
		whole, part, _ = strings.Cut(body, ".")
		style = DecimalPoint
	}
	open = !p.spaced && len(part) == 3 && len(whole) >= 1 && len(whole) <= 3 && whole[0] != '0'
	return style, open
}

// grouped reports whether separators stand where those of thousands do: before the
// last three digits, and before every two or three further ones.
func grouped(whole, separator string) bool {
	parts := strings.Split(whole, separator)
	for i, part := range parts {
		last := i == len(parts)-1
		switch {
		case len(parts) == 1:
		case last && len(part) != 3, i == 0 && (len(part) < 1 || len(part) > 3), !last && i > 0 && len(part) != 2 && len(part) != 3:
			return false
		}
		if strings.Trim(part, "0123456789") != "" {
			return false
		}
	}
	return true
}
