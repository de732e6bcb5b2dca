package adr

import (
	"path"
	"regexp"
	"strings"
)

// verb is what one decision does to another.
type verb int

const (
	relates verb = iota
	supersedes
)

// Relation is a link from one decision record to another.
type Relation struct {
	// Supersedes says that one takes the place of the other. Otherwise they only have to do with each other.
	Supersedes bool
	// Passive says that the other one does it to this one, as in superseded by.
	Passive bool
	// Words are what the link is called.
	Words string
	// File is the file that it leads to. It may be empty.
	File string
	// Number is the number of the other record, where the link names one. It is -1 otherwise.
	Number int
}

// relationWord is a word that stands before a link.
type relationWord struct {
	pattern *regexp.Regexp
	kind    verb
	passive bool
}

var relationWords = []relationWord{
	{regexp.MustCompile(`(?i)\bpart(?:ly|ially)[ _-]+super[sc]+e+d+ed[ _-]+by\b`), relates, true},
	{regexp.MustCompile(`(?i)\b(?:super[sc]+e+d+ed|replaced|obsoleted|overridden)[ _-]+by\b`), supersedes, true},
	{regexp.MustCompile(`(?i)\b(?:super[sc]+e+d+e?s|replaces|obsoletes|overrides)\b`), supersedes, false},
	{regexp.MustCompile(`(?i)\b(?:amended|clarified|extended|refined|required|influenced|updated|modified|enabled|constrained|referenced|needed)[ _-]+(?:by|in)\b`), relates, true},
	{regexp.MustCompile(`(?i)\b(?:amends|clarifies|extends|refines|requires|depends[ _-]+on|enables|constrains|updates|modifies|conflicts[ _-]+with|relates[ _-]+to|related[ _-]+to|related|linked[ _-]+to|based[ _-]+on|builds[ _-]+on|follows|see|see[ _-]+also|references|links?[ _-]+to|links?)\b`), relates, false},
}

// relationOf returns the word of relation that a line has first, or nil.
func relationOf(line string) *relationWord {
	var best *relationWord
	at := len(line) + 1
	for i := range relationWords {
		if m := relationWords[i].pattern.FindStringIndex(line); m != nil && m[0] < at {
			best, at = &relationWords[i], m[0]
		}
	}
	return best
}

var namedRecord = regexp.MustCompile(`(?i)\b(?:adr|decision|record)s?[ _#-]*(\d{1,5})\b|#(\d{1,5})\b|\b(\d{1,5})-[a-z][\w-]*(?:\.md)?\b`)
var listedNumber = regexp.MustCompile(`^\s*(?:and|&|,)\s*(?:adr[ _#-]*)?#?(\d{1,5})\b`)
var numberFirst = regexp.MustCompile(`(?i)^\s*(?:adr[ _#-]*)?0*(\d{1,5})\b`)

// Relations lists the links to other records: those of the status, of lines under the title and of the front matter with what they mean, and those anywhere in the text without.
func (d *Document) Relations() []Relation {
	var out []Relation
	seen, files := map[Relation]bool{}, map[string]bool{}
	add := func(r Relation) {
		if !seen[r] {
			seen[r] = true
			files[r.File] = true
			out = append(out, r)
		}
	}
	for _, e := range d.entries {
		said := relationOf(e.key)
		for _, text := range append(e.list, e.text) {
			switch {
			case e.role == roleStatus:
				relationsIn(text, nil, add)
			case e.role == roleNone && said != nil:
				relationsIn(text, said, add)
			}
		}
	}
	for _, s := range d.sections {
		own := relationOf(s.heading)
		switch {
		case s.role == roleStatus:
			relationsIn(d.in(s.body), nil, add)
		case s.role == roleNone && own != nil && own.kind == supersedes:
			relationsIn(d.in(s.body), own, add)
		case s.role == roleMore:
			relationsIn(d.in(s.body), &relationWords[len(relationWords)-1], func(r Relation) {
				if r.File != "" || r.Supersedes {
					add(r)
				}
			})
		}
	}
	d.mentions(func(r Relation) {
		if !files[r.File] {
			add(r)
		}
	})
	return out
}

// relationsIn reads the links of a text line by line. A line without a word of relation goes on with the one before it, where it is an item or a table row of a list.
func relationsIn(text string, said *relationWord, add func(Relation)) {
	usual := said
	for line := range strings.Lines(stripComments(text)) {
		word := relationOf(linkMark.ReplaceAllStringFunc(line, func(link string) string { return strings.Repeat("x", len(link)) }))
		rest := line
		if word != nil {
			rest = line[word.pattern.FindStringIndex(line)[0]:]
			if said == nil && strings.HasSuffix(strings.TrimRight(line, " \t\r\n*_"), ":") {
				usual = word
			}
		} else if word = badgeWord(line); word == nil {
			word = usual
		}
		if word == nil {
			continue
		}
		for _, r := range targets(rest) {
			r.Supersedes, r.Passive = word.kind == supersedes, word.passive
			add(r)
		}
	}
}

// badgeWord returns the word of relation that a badge says.
func badgeWord(line string) *relationWord {
	for _, m := range imageMark.FindAllStringSubmatch(line, -1) {
		if r := relationOf(badgeMessage(m[2])); r != nil {
			return r
		}
	}
	return nil
}

// targets lists the records that a text names: by links, and by numbers where there are none.
func targets(text string) []Relation {
	var out []Relation
	for _, m := range wikiMark.FindAllStringSubmatch(text, -1) {
		out = append(out, target(m[1], m[1]))
	}
	plainText := imageMark.ReplaceAllStringFunc(text, func(image string) string { return badgeMessage(imageMark.FindStringSubmatch(image)[2]) })
	for _, m := range linkMark.FindAllStringSubmatch(plainText, -1) {
		out = append(out, target(m[1], m[2]))
	}
	if len(out) > 0 {
		return out
	}
	text = words(text)
	if m := namedRecord.FindStringSubmatchIndex(text); m != nil {
		for _, m := range namedRecord.FindAllStringSubmatch(text, -1) {
			n := atoi(m[1] + m[2] + m[3])
			out = append(out, Relation{Words: strings.TrimSpace(m[0]), Number: n})
		}
		for rest := text[m[1]:]; ; {
			more := listedNumber.FindStringSubmatchIndex(rest)
			if more == nil {
				return out
			}
			out = append(out, Relation{Words: rest[more[2]:more[3]], Number: atoi(rest[more[2]:more[3]])})
			rest = rest[more[1]:]
		}
	}
	return out
}

// target takes a link apart.
func target(text, address string) Relation {
	r := Relation{Words: strings.TrimSpace(text), Number: -1}
	address, _, _ = strings.Cut(address, "#")
	address, _, _ = strings.Cut(address, "?")
	if strings.Contains(address, "://") {
		address = path.Base(address)
	}
	if address != "" {
		r.File = path.Clean(strings.ReplaceAll(strings.ReplaceAll(address, `\`, "/"), "%20", " "))
	}
	if m := numberFirst.FindStringSubmatch(path.Base(r.File)); m != nil {
		r.Number = atoi(m[1])
	} else if m := numberFirst.FindStringSubmatch(r.Words); m != nil {
		r.Number = atoi(m[1])
	}
	return r
}

// mentions lists the links to files of Markdown in the text.
func (d *Document) mentions(add func(Relation)) {
	var s scan
	d.lines(d.start, len(d.Text), func(_ span, text string) bool {
		if s.hidden(text) {
			return true
		}
		for _, m := range linkMark.FindAllStringSubmatch(stripComments(text), -1) {
			address, _, _ := strings.Cut(m[2], "#")
			if strings.HasSuffix(strings.ToLower(address), ".md") && !strings.Contains(address, "://") {
				add(target(m[1], m[2]))
			}
		}
		return true
	})
}
