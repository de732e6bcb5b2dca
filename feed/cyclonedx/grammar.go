package cyclonedx

import (
	"regexp"
	"strings"
	"sync"
)

// grammar is the tables in the form that the reader and the checker use.
type grammar struct {
	types map[string]*typ
	words map[string]map[string]span
}

// typ is an object type: its members and the rules between them.
type typ struct {
	name    string
	members []*member
	byName  map[string]*member
	byElem  map[string]*member
	byAttr  map[string]*member
	text    *member
	rules   []rule
	open    span
}

// member is one member of an object type.
type member struct {
	name     string
	expr     *expr
	known    span
	required span
	place    place
}

// place says where XML keeps a member.
type place struct {
	how  byte // 0 element, '@' attribute, '.' text, '/' wrapped list, '*' flat list, '-' not looked into
	name string
	item string
	attr string
}

// expr is the type of a member.
type expr struct {
	value string
	of    *expr
	obj   *typ
	alts  []*expr
}

// rule is a condition between the members of an object: one, some or most of them.
type rule struct {
	how     string
	members []string
}

// span is a range of versions, each times ten: 14 is 1.4.
type span struct{ from, to int }

func (s span) has(version int) bool { return version >= s.from && version <= s.to }

var always, never = span{0, 99}, span{99, 0}

// rules returns the tables, read once.
var rules = sync.OnceValue(func() *grammar {
	g := &grammar{types: map[string]*typ{}, words: map[string]map[string]span{}}
	for _, table := range []string{bomTable, noteTable, deepTable} {
		for line := range strings.Lines(table) {
			if name := strings.TrimSpace(line); name != "" && line[0] != ' ' {
				g.types[name] = &typ{name: name, open: never, byName: map[string]*member{}, byElem: map[string]*member{}, byAttr: map[string]*member{}}
			}
		}
	}
	for _, table := range []string{bomTable, noteTable, deepTable} {
		g.readTable(table)
	}
	g.readWords(wordTable)
	return g
})

func (g *grammar) readTable(table string) {
	var t *typ
	for line := range strings.Lines(table) {
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case line[0] != ' ':
			t = g.types[words[0]]
		case words[0] == "?open":
			t.open = always
			if len(words) > 1 {
				t.open = spanOf(words[1])
			}
		case words[0][0] == '?':
			t.rules = append(t.rules, rule{words[0][1:], words[1:]})
		default:
			t.add(g.member(words))
		}
	}
}

func (t *typ) add(m *member) {
	t.members = append(t.members, m)
	t.byName[m.name] = m
	switch m.place.how {
	case '@':
		t.byAttr[m.place.name] = m
	case '.':
		t.text = m
	default:
		t.byElem[m.place.name] = m
	}
}

var versionSpan = regexp.MustCompile(`^!?(\d\.\d\+|-\d\.\d)$`)

func (g *grammar) member(words []string) *member {
	m := &member{known: always, required: never}
	if m.name = strings.TrimSuffix(words[0], "!"); m.name != words[0] {
		m.required = always
	}
	m.expr = g.expr(words[1])
	m.place = place{name: m.name}
	for _, word := range words[2:] {
		switch {
		case versionSpan.MatchString(word) && word[0] == '!':
			m.required = spanOf(word[1:])
		case versionSpan.MatchString(word):
			m.known = spanOf(word)
		case word[0] == '@':
			m.place.how = '@'
			if word != "@" {
				m.place.name = word[1:]
			}
		case strings.Contains(word, "/"):
			m.place.how = '/'
			outer, item, _ := strings.Cut(word, "/")
			if outer != "" {
				m.place.name = outer
			}
			m.place.item, m.place.attr, _ = strings.Cut(item, "@")
		default:
			m.place.how = word[0]
		}
	}
	return m
}

func (g *grammar) expr(text string) *expr {
	if strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]") && strings.Count(text, "[") == 1 {
		return &expr{value: "list", of: g.expr(text[1 : len(text)-1])}
	}
	if strings.Contains(text, "|") {
		e := &expr{value: "either"}
		for alt := range strings.SplitSeq(text, "|") {
			e.alts = append(e.alts, g.expr(alt))
		}
		return e
	}
	if t := g.types[text]; t != nil {
		return &expr{value: "object", obj: t}
	}
	return &expr{value: text}
}

func (g *grammar) readWords(table string) {
	var name string
	for word := range strings.FieldsSeq(table) {
		if strings.HasSuffix(word, ":") {
			name = strings.TrimSuffix(word, ":")
			g.words[name] = map[string]span{}
			continue
		}
		word, versions, found := strings.Cut(word, ":")
		g.words[name][word] = always
		if found {
			g.words[name][word] = spanOf(versions)
		}
	}
}

func spanOf(text string) span {
	if text[0] == '-' {
		return span{0, versionOf(text[1:])}
	}
	return span{versionOf(strings.TrimSuffix(text, "+")), 99}
}

// versionOf returns a version times ten, or 0 where it is none of those that are read.
func versionOf(text string) int {
	if len(text) == 3 && text[0] == '1' && text[1] == '.' && text[2] >= '0' && text[2] <= '7' {
		return 10 + int(text[2]-'0')
	}
	return 0
}
