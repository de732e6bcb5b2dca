package sheet

import (
	"strings"
	"unicode/utf8"
)

// Spreadsheet programs run a cell as a formula where it begins with certain
// characters. What Binnacle writes has an apostrophe before these, and what
// it reads loses that apostrophe again. A text that has such an apostrophe of its own gets another.

// dangerous reports whether a cell that begins with a character may be run.
func dangerous(r rune) bool {
	switch r {
	case '=', '+', '-', '@', '\t', '\r', 0, '＝', '＋', '－', '＠':
		return true
	}
	return false
}

// opens reports whether a program that splits a row at other characters would begin a cell behind this one.
func opens(c byte) bool {
	switch c {
	case ',', ';', '\t', '|', '"', '\n', '\r':
		return true
	}
	return false
}

// saysNothing reports whether people write a text into a cell that has no value.
func saysNothing(text string) bool {
	switch text {
	case "-", "–", "—", "NULL", "null", "n/a", "N/A", "#N/A":
		return true
	}
	return false
}

// risky reports whether a text would be read otherwise than it stands there, apart from apostrophes.
func risky(text string) bool {
	first, _ := utf8.DecodeRuneInString(text)
	return text != "" && (dangerous(first) || saysNothing(text) || strings.TrimSpace(text) != text)
}

// guarded reports whether a text begins with apostrophes that stand before something risky.
func guarded(text string) bool {
	rest := strings.TrimLeft(text, "'")
	return len(rest) < len(text) && risky(rest)
}

// guardStart puts an apostrophe before a text that reading would change.
func guardStart(text string) string {
	if risky(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

// unguardStart undoes guardStart and reports whether there was an apostrophe to take away.
func unguardStart(text string) (string, bool) {
	if guarded(text) {
		return text[1:], true
	}
	return text, false
}

// guardInside puts an apostrophe before everything dangerous at which a program that splits rows in another way would begin a cell.
func guardInside(text string) string { return inside(text, 1) }

// unguardInside undoes guardInside.
func unguardInside(text string) string { return inside(text, -1) }

// inside puts in or takes out one apostrophe wherever a separator, perhaps apostrophes, and something dangerous follow each other.
func inside(text string, change int) string {
	var out strings.Builder
	kept := 0
	for i := 1; i < len(text); i++ {
		if !opens(text[i-1]) {
			continue
		}
		end := i
		for end < len(text) && text[end] == '\'' {
			end++
		}
		next, _ := utf8.DecodeRuneInString(text[end:])
		if end == len(text) || !dangerous(next) || change < 0 && end == i {
			continue
		}
		out.WriteString(text[kept:i])
		kept = i
		if change > 0 {
			out.WriteByte('\'')
		} else {
			kept++
		}
	}
	if kept == 0 {
		return text
	}
	out.WriteString(text[kept:])
	return out.String()
}

// Guard returns a text as a cell that no spreadsheet program runs as a formula.
// [Read] takes the apostrophes away again.
func Guard(text string) string { return guardInside(guardStart(text)) }
