// Package kit is what the readers of formats have in common: text that is fit for
// a record, encodings, places in a content, JSON, YAML and XML, tables of bulk lines, hints at names that
// were meant, and the identities of what bills of materials list.
package kit

import (
	"net/mail"
	"net/url"
	"strings"
	"unicode"
)

// Clean takes out of a text what no text of a record may hold: control characters,
// bytes that are no UTF-8, and white space around it.
func Clean(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text))
}

// Short cuts a text that a message quotes to 80 bytes.
func Short(text string) string {
	if len(text) > 80 {
		return strings.ToValidUTF8(text[:77], "") + "…"
	}
	return text
}

// WebAddress returns the address of a web page that a record may have, or nothing.
func WebAddress(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ContainsAny(text, " \t\n") {
		return ""
	}
	return text
}

// MailAddress returns a mail address that a record may have, or nothing.
func MailAddress(text string) string {
	if a, err := mail.ParseAddress(text); err != nil || a.Address != text {
		return ""
	}
	return text
}

// SplitVersion splits the name of a system from the version behind it, such as Ubuntu Linux 20.04 or Linux 2.6.32 - 3.13.
func SplitVersion(text string) (name, version string) {
	words := strings.Fields(text)
	for i, word := range words {
		if i > 0 && word[0] >= '0' && word[0] <= '9' {
			return strings.Join(words[:i], " "), strings.Join(words[i:], " ")
		}
	}
	return strings.Join(words, " "), ""
}
