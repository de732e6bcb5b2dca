package adr

import (
	"net/url"
	"regexp"
	"strings"
)

var (
	metaLine  = regexp.MustCompile(`^\s*(?:#{1,6}\s+|[-*+]\s+|>\s*)?[*_]{0,3}([\p{L}][\p{L} -]{1,30}?)[*_]{0,3}\s*:\s*[*_]{0,3}[ \t]*(.*?)[ \t]*$`)
	tableLine = regexp.MustCompile(`^\s*\|\s*[*_]{0,3}([\p{L}][\p{L} -]{1,30}?):?[*_]{0,3}\s*\|\s*(.*?)\s*\|\s*$`)
	badgeLine = regexp.MustCompile(`(?i)^\s*\[?!\[[^\]]*\]\([^)]*\bstatus\b[^)]*\)`)
	hardBreak = regexp.MustCompile(`(?:\\|<br\s*/?>)\s*$`)
)

// readPreamble reads what stands between the title and the first section: lines that say something about the record, and text.
func (d *Document) readPreamble(from, to int) {
	var s scan
	d.lines(from, to, func(line span, text string) bool {
		hidden := s.hidden(text)
		if !hidden {
			if e, ok := metaOf(line, text); ok {
				d.entries = append(d.entries, e)
				return true
			}
		}
		if last := len(d.preamble) - 1; last >= 0 && d.preamble[last].to == line.from {
			d.preamble[last].to = line.to
		} else {
			d.preamble = append(d.preamble, line)
		}
		return true
	})
	kept := d.preamble[:0]
	for _, p := range d.preamble {
		if p = d.trimmed(p); p.from < p.to {
			kept = append(kept, p)
		}
	}
	d.preamble = kept
}

// metaOf reads a line that says something about the record.
func metaOf(line span, text string) (entry, bool) {
	for _, try := range []struct {
		pattern *regexp.Regexp
		form    form
	}{{metaLine, inLine}, {tableLine, inTable}} {
		m := try.pattern.FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		key := strings.ToLower(text[m[2]:m[3]])
		r := entryRole(key)
		if r == roleNone && relationOf(key) == nil {
			continue
		}
		value := text[m[4]:m[5]]
		value = strings.TrimRight(value[:len(value)-len(hardBreak.FindString(value))], " \t")
		return entry{role: r, key: key, lines: line, value: span{line.from + m[4], line.from + m[4] + len(value)}, text: strings.TrimSpace(stripComments(value)), form: try.form}, true
	}
	if badgeLine.MatchString(text) {
		value := strings.TrimSpace(text)
		at := line.from + strings.Index(text, value)
		return entry{role: roleStatus, key: "status", lines: line, value: span{at, at + len(value)}, text: value, form: inBadge}, true
	}
	return entry{}, false
}

// description returns the text between the title and the first section.
func (d *Document) description() string {
	var parts []string
	for _, p := range d.preamble {
		parts = append(parts, d.in(p))
	}
	return strings.Join(parts, "\n\n")
}

var (
	imageMark   = regexp.MustCompile(`!\[([^\]]*)\]\(([^)]*)\)`)
	linkMark    = regexp.MustCompile(`\[([^\[\]]*)\]\(\s*<?([^)>\s]*)>?(?:\s+"[^"]*")?\s*\)`)
	wikiMark    = regexp.MustCompile(`\[\[([^\[\]|]+)(?:\|([^\[\]]*))?\]\]`)
	badgePath   = regexp.MustCompile(`(?i)/badge/(?:[^/?]*?\bstatus|[^/?-]*)-([^/?]+?)(?:-[A-Za-z0-9]+)?(?:\.(?:svg|png))?(?:[?#]|$)`)
	struckOut   = regexp.MustCompile(`~~[^~]*~~`)
	marksInText = strings.NewReplacer("*", "", "`", "", "\\", "")
)

// badgeMessage returns what the address of a badge says.
func badgeMessage(address string) string {
	if u, err := url.Parse(address); err == nil && u.Query().Get("message") != "" {
		return u.Query().Get("message")
	}
	m := badgePath.FindStringSubmatch(address)
	if m == nil {
		return ""
	}
	text, err := url.PathUnescape(m[1])
	if err != nil {
		text = m[1]
	}
	return strings.NewReplacer("__", "_", "_", " ", "--", "-").Replace(text)
}

// words returns a text as it reads: without comments, marks and what is struck out; a badge is what it says, and a link is its words.
func words(text string) string {
	text = struckOut.ReplaceAllString(stripComments(text), "")
	text = imageMark.ReplaceAllStringFunc(text, func(image string) string {
		m := imageMark.FindStringSubmatch(image)
		if message := badgeMessage(m[2]); message != "" {
			return message
		}
		return m[1]
	})
	text = wikiMark.ReplaceAllString(text, "$1")
	text = linkMark.ReplaceAllString(text, "$1")
	return marksInText.Replace(text)
}
