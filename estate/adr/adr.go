// Package adr reads and writes decision records as Markdown: MADR 2 to 4, the form of Michael Nygard that adr-tools
// and log4brains keep, and Y-statements. Reading works line by line and remembers where everything stands, so that a
// record of which one thing was edited is written with that one thing changed and every other byte as it was.
package adr

import (
	"regexp"
	"slices"
	"strings"
)

// span is a part of a text, from its first byte to the one behind its last.
type span struct{ from, to int }

// role says what a section or a line is for.
type role string

const (
	roleNone         role = ""
	roleStatus       role = "status"
	roleDate         role = "date"
	roleMakers       role = "makers"
	roleConsulted    role = "consulted"
	roleInformed     role = "informed"
	roleTags         role = "tags"
	roleContext      role = "context"
	roleDrivers      role = "drivers"
	roleOptions      role = "options"
	roleOutcome      role = "outcome"
	roleConsequences role = "consequences"
	roleConfirmation role = "confirmation"
	roleArguments    role = "arguments"
	roleMore         role = "more"
)

// order is the order of the sections, as MADR 4 has it.
var order = []role{roleStatus, roleDate, roleMakers, roleConsulted, roleInformed, roleTags, roleContext, roleDrivers, roleOptions, roleOutcome, roleConsequences, roleConfirmation, roleArguments, roleMore}

// entry is a line that says something about the record: in the front matter, under the title or in a table.
type entry struct {
	role  role
	key   string
	lines span
	// value is where the value stands.
	value span
	text  string
	list  []string
	form  form
}

// form says how an entry is written.
type form int

const (
	inFront form = iota
	inLine
	inTable
	inBadge
)

// section is a heading with what stands under it.
type section struct {
	role    role
	heading string
	level   int
	// all is the heading with everything down to the next section, body what stands under it without blank lines around it.
	all, body span
}

// Document is a Markdown text taken apart. Nothing of it is lost: Text has every byte.
type Document struct {
	// Text is the whole text.
	Text string
	// Name is the name of the file, with its folders.
	Name string

	eol      string
	start    int
	hasFront bool
	front    span
	title    string
	titleAt  span
	titleEnd int
	entries  []entry
	preamble []span
	sections []section
	level    int
}

// mark is one line as the scanner sees it.
type mark struct {
	line  span
	level int
	text  string
	// next is where the line behind the heading starts.
	next int
	// textAt is where the words of the heading stand.
	textAt span
}

// Parse takes a Markdown text apart. It never fails: a text that is no decision record has no sections that make it one, see [Document.Kind].
func Parse(name, text string) *Document {
	d := &Document{Text: text, Name: name, eol: "\n", level: 2}
	if i := strings.IndexByte(text, '\n'); i > 0 && text[i-1] == '\r' {
		d.eol = "\r\n"
	}
	if strings.HasPrefix(text, "\ufeff") {
		d.start = len("\ufeff")
	}
	at := d.readFront()
	heads := d.headings(at)
	at = d.takeTitle(heads, at)
	if len(heads) > 0 && heads[0].next == at {
		heads = heads[1:]
	}
	d.cut(heads, at)
	end := len(text)
	if len(d.sections) > 0 {
		end = d.sections[0].all.from
	}
	d.readPreamble(at, end)
	return d
}

// lines calls do with every line between two places, without its end, until do reports false.
func (d *Document) lines(from, to int, do func(line span, text string) bool) {
	for from < to {
		end := to
		if i := strings.IndexByte(d.Text[from:to], '\n'); i >= 0 {
			end = from + i + 1
		}
		if !do(span{from, end}, strings.TrimRight(d.Text[from:end], "\r\n")) {
			return
		}
		from = end
	}
}

var frontKey = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9 _-]*?)\s*:(?:\s+(.*)|\s*)$`)

// readFront reads the front matter and returns where the text behind it starts.
func (d *Document) readFront() int {
	at, open, end := d.start, -1, -1
	d.lines(at, len(d.Text), func(line span, text string) bool {
		switch trimmed := strings.TrimSpace(text); {
		case open < 0 && trimmed == "":
			return true
		case open < 0 && trimmed == "---" && strings.HasPrefix(text, "---"):
			open = line.to
			return true
		case open < 0:
			return false
		case strings.TrimRight(text, " \t") == "---" || strings.TrimRight(text, " \t") == "...":
			d.front, end = span{open, line.from}, line.to
			return false
		}
		return true
	})
	if end < 0 {
		return at
	}
	var found []entry
	d.lines(d.front.from, d.front.to, func(line span, text string) bool {
		trimmed := strings.TrimSpace(text)
		last := len(found) - 1
		switch m := frontKey.FindStringSubmatchIndex(text); {
		case m != nil:
			e := entry{key: strings.ToLower(text[m[2]:m[3]]), lines: line, value: span{line.from + len(text), line.from + len(text)}, form: inFront}
			if m[4] >= 0 {
				e.value = span{line.from + m[4], line.from + m[5]}
				e.text, e.list = scalar(text[m[4]:m[5]])
			}
			e.role = entryRole(e.key)
			found = append(found, e)
		case last >= 0 && trimmed != "" && trimmed[0] != '#' && (text[0] == ' ' || text[0] == '\t' || text[0] == '-'):
			// Items of a list and lines that go on belong to the key above them.
			e := &found[last]
			e.lines.to = line.to
			if item, ok := strings.CutPrefix(trimmed, "- "); ok {
				one, _ := scalar(item)
				e.list = append(e.list, one)
			} else if more, _ := scalar(trimmed); e.text == ">" || e.text == "|" || e.text == ">-" || e.text == "|-" {
				e.text = more
			} else {
				e.text = strings.TrimSpace(e.text + " " + more)
			}
			e.value = span{e.value.from, line.from + len(text)}
		}
		return true
	})
	d.hasFront, d.entries = true, found
	return end
}

// scalar reads a value of the front matter: plain, quoted, or a list in brackets.
func scalar(text string) (string, []string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	switch text[0] {
	case '"', '\'':
		if value, _, ok := quoted(text); ok {
			return value, nil
		}
		return strings.Trim(text, `"'`), nil
	case '[':
		if list, ok := bracketed(text); ok {
			return "", list
		}
	case '#':
		return "", nil
	}
	if i := strings.Index(text, " #"); i >= 0 && text[0] != '{' {
		text = strings.TrimSpace(text[:i])
	}
	return text, nil
}

// quoted reads a quoted value and returns what stands behind it.
func quoted(text string) (value, rest string, ok bool) {
	quote := text[0]
	var out strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && quote == '"' && i+1 < len(text):
			i++
			switch text[i] {
			case 'n':
				out.WriteByte('\n')
			case 't':
				out.WriteByte('\t')
			default:
				out.WriteByte(text[i])
			}
		case c == quote && quote == '\'' && i+1 < len(text) && text[i+1] == '\'':
			out.WriteByte('\'')
			i++
		case c == quote:
			return out.String(), text[i+1:], true
		default:
			out.WriteByte(c)
		}
	}
	return "", "", false
}

// bracketed reads a list in brackets.
func bracketed(text string) ([]string, bool) {
	rest := strings.TrimSpace(text[1:])
	list := []string{}
	for {
		if rest == "" {
			return nil, false
		}
		if rest[0] == ']' {
			return list, true
		}
		var one string
		if rest[0] == '"' || rest[0] == '\'' {
			var ok bool
			if one, rest, ok = quoted(rest); !ok {
				return nil, false
			}
			rest = strings.TrimSpace(rest)
		} else {
			i := strings.IndexAny(rest, ",]")
			if i < 0 {
				return nil, false
			}
			one, rest = strings.TrimSpace(rest[:i]), rest[i:]
		}
		if one != "" {
			list = append(list, one)
		}
		switch {
		case strings.HasPrefix(rest, ","):
			rest = strings.TrimSpace(rest[1:])
		case !strings.HasPrefix(rest, "]"):
			return nil, false
		}
	}
}

var (
	atxHeading  = regexp.MustCompile(`^ {0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*$`)
	fenceLine   = regexp.MustCompile("^[ \t]*(?:[-*+][ \t]+)?(`{3,}|~{3,})")
	setextLine  = regexp.MustCompile(`^ {0,3}(=+|-{2,})[ \t]*$`)
	endOfHashes = regexp.MustCompile(`[ \t]+#+$`)
)

// scan remembers, from line to line, whether a line is inside of code or of a comment.
type scan struct {
	fence   string
	comment bool
}

// hidden reports whether a line is no text: it is code, or starts inside of a comment.
func (s *scan) hidden(text string) bool {
	if s.fence != "" {
		trimmed := strings.TrimSpace(text)
		if strings.HasPrefix(trimmed, s.fence) && strings.Trim(trimmed, s.fence[:1]) == "" {
			s.fence = ""
		}
		return true
	}
	was := s.comment
	rest := text
	if !was {
		if m := fenceLine.FindStringSubmatch(text); m != nil {
			s.fence = m[1]
			return true
		}
	}
	for {
		if s.comment {
			i := strings.Index(rest, "-->")
			if i < 0 {
				return true
			}
			s.comment, rest = false, rest[i+3:]
			continue
		}
		i := strings.Index(rest, "<!--")
		if i < 0 {
			return was
		}
		s.comment, rest = true, rest[i+4:]
	}
}

// headings lists the headings behind a place, in order.
func (d *Document) headings(at int) []mark {
	var out []mark
	var s scan
	var before, previous string
	var previousAt span
	d.lines(at, len(d.Text), func(line span, text string) bool {
		defer func() { before, previous, previousAt = previous, text, line }()
		if s.hidden(text) {
			text = ""
			return true
		}
		if m := atxHeading.FindStringSubmatchIndex(text); m != nil {
			h := mark{line: line, next: line.to, level: m[3] - m[2]}
			if m[4] >= 0 {
				words := endOfHashes.ReplaceAllString(text[m[4]:m[5]], "")
				h.text, h.textAt = words, span{line.from + m[4], line.from + m[4] + len(words)}
			} else {
				h.textAt = span{line.from + len(text), line.from + len(text)}
			}
			out = append(out, h)
			text = ""
			return true
		}
		if m := setextLine.FindStringSubmatch(text); m != nil && strings.TrimSpace(before) == "" && plainLine(previous) {
			level := 1
			if m[1][0] == '-' {
				level = 2
			}
			words := strings.TrimSpace(previous)
			from := previousAt.from + strings.Index(previous, words)
			out = append(out, mark{line: span{previousAt.from, line.to}, next: line.to, level: level, text: words, textAt: span{from, from + len(words)}})
			text = ""
		}
		return true
	})
	return out
}

// plainLine reports whether a line may be the words of an underlined heading.
func plainLine(text string) bool {
	trimmed := strings.TrimSpace(text)
	return trimmed != "" && !strings.HasPrefix(text, "    ") && !strings.ContainsRune("-*+>|#<", rune(trimmed[0]))
}

// takeTitle finds the title and returns where the text behind it starts.
func (d *Document) takeTitle(heads []mark, at int) int {
	if len(heads) == 0 || roleOf(heads[0].text) != roleNone && !above(heads) {
		if i := d.entry("title"); i >= 0 {
			d.title, d.titleAt = d.entries[i].text, d.entries[i].value
		}
		return at
	}
	h := heads[0]
	d.title, d.titleAt, d.titleEnd = strings.TrimSpace(stripComments(h.text)), h.textAt, h.next
	return h.next
}

// above reports whether the first heading stands above all others, so that it is a title although it reads like a section.
func above(heads []mark) bool {
	for _, h := range heads[1:] {
		if h.level <= heads[0].level {
			return false
		}
	}
	return heads[0].level == 1
}

// valueHeading is a heading that has its value in itself, such as Status: Accepted. It is read like a line under the title.
var valueHeading = regexp.MustCompile(`(?i)^(?:status|date|deciders)\s*:\s*\S`)

// cut makes sections of the headings.
func (d *Document) cut(heads []mark, at int) {
	d.level = 0
	heads = slices.DeleteFunc(slices.Clone(heads), func(h mark) bool { return valueHeading.MatchString(h.text) })
	for _, h := range heads {
		if r := roleOf(h.text); r != roleNone && r != roleConsequences && r != roleConfirmation && (d.level == 0 || h.level < d.level) {
			d.level = h.level
		}
	}
	if d.level == 0 {
		d.level = 2
		for i, h := range heads {
			if i == 0 || h.level < d.level {
				d.level = h.level
			}
		}
	}
	inOutcome := false
	for _, h := range heads {
		r := roleOf(h.text)
		if h.level <= d.level {
			inOutcome = r == roleOutcome
		} else if !(inOutcome && (r == roleConsequences || r == roleConfirmation)) && !(len(d.sections) > 0 && d.sections[len(d.sections)-1].level >= h.level) {
			continue
		}
		d.sections = append(d.sections, section{role: r, heading: strings.TrimSpace(stripComments(h.text)), level: h.level, all: span{h.line.from, len(d.Text)}, body: span{h.next, len(d.Text)}})
	}
	for i := range d.sections {
		s := &d.sections[i]
		if i+1 < len(d.sections) {
			s.all.to, s.body.to = d.sections[i+1].all.from, d.sections[i+1].all.from
		}
		s.body = d.trimmed(s.body)
	}
	d.nameOutcome()
}

// nameOutcome finds the section that holds the decision where none is called so.
func (d *Document) nameOutcome() {
	for _, s := range d.sections {
		if s.role == roleOutcome {
			return
		}
	}
	for i, s := range d.sections {
		if s.role == roleNone && lesserOutcomes[plain(s.heading)] {
			d.sections[i].role = roleOutcome
			return
		}
	}
}

var commentLine = regexp.MustCompile(`^\s*<!--.*-->\s*$`)

// trimmed takes blank lines off both ends of a part, and off its end what only tells how to fill in the next section.
func (d *Document) trimmed(s span) span {
	text := d.Text[s.from:s.to]
	for {
		line, rest, ok := strings.Cut(text, "\n")
		if !ok || strings.TrimSpace(line) != "" {
			break
		}
		s.from, text = s.from+len(line)+1, rest
	}
	for {
		cut := strings.TrimRight(text, " \t\r\n")
		i := strings.LastIndexByte(cut, '\n')
		if last := cut[i+1:]; !commentLine.MatchString(last) || strings.Count(last, "<!--") > 1 {
			text = cut
			break
		}
		text = cut[:max(i, 0)]
	}
	if strings.TrimSpace(text) == "" {
		return span{s.from, s.from}
	}
	return span{s.from, s.from + len(text)}
}

// in returns a part of the text with plain ends of lines.
func (d *Document) in(s span) string {
	return strings.ReplaceAll(d.Text[s.from:s.to], "\r\n", "\n")
}

// entry returns the place of the entry with a key, or -1.
func (d *Document) entry(key string) int {
	for i, e := range d.entries {
		if e.key == key {
			return i
		}
	}
	return -1
}

// entryOf returns the place of the first entry with a role that says something, or of one that says nothing, or -1.
func (d *Document) entryOf(r role) int {
	out := -1
	for i, e := range d.entries {
		if e.role == r {
			if e.text != "" || len(e.list) > 0 {
				return i
			}
			if out < 0 {
				out = i
			}
		}
	}
	return out
}

// sectionsOf returns the places of the sections with a role that follow each other: the first one and those behind it.
func (d *Document) sectionsOf(r role) []int {
	var out []int
	for i, s := range d.sections {
		if s.role == r && (len(out) == 0 || out[len(out)-1] == i-1) {
			out = append(out, i)
		}
	}
	return out
}
