// Package manifest reads and writes Binnacle's own form of records as text: YAML
// documents, or the same as JSON, each with a kind, a key and fields by name.
//
//	kind: Application
//	key: web-shop
//	name: Web shop
//	criticality: critical
//	capabilities: [sell-online]
//
// A name may be the name of a field, its label, or both behind the kind as in
// Rule.kind, which is how the field called kind is told from the kind of the record.
package manifest

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

const formatName = "manifest"

// Format reads manifests.
var Format = feed.Format{
	Name:     formatName,
	Label:    "Binnacle manifest",
	Help:     "Every YAML document or JSON object with a kind and a key becomes that record. A field with null, an empty text or an empty list is cleared.",
	Rank:     90,
	Together: true,
	Detect:   Detect,
	Read:     Read,
}

// peek is how many bytes detection looks at.
const peek = 64 << 10

// Detect says how likely a content is a manifest. Documents with an apiVersion
// or metadata are those of other programs that have kinds too.
func Detect(data []byte) int {
	text := kit.Glance(data, peek)
	if looksLikeJSON(text) {
		return detectJSON(text)
	}
	return detectYAML(string(text))
}

// seen is what detection found out about one document.
type seen struct {
	kind    string
	key     bool
	foreign bool
}

func (s *seen) note(name, value string) {
	switch strings.ToLower(name) {
	case "kind":
		s.kind = value
	case "key":
		s.key = true
	case "apiversion", "metadata", "spec", "bomformat", "spdxversion", "$schema":
		s.foreign = true
	}
}

var kindLike = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_ -]{0,60}$`)

func (s seen) confidence() int {
	known := s.kind != "" && model.Builtin().Kind(s.kind) != nil
	switch {
	case s.foreign || !kindLike.MatchString(s.kind):
		return 0
	case known && s.key:
		return 95
	case s.key:
		return 70
	case known:
		return 40
	}
	return 0
}

var topLevel = regexp.MustCompile(`^["']?([A-Za-z$_][A-Za-z0-9_. -]*?)["']?\s*:(?:\s+(.*?))?\s*$`)

func detectYAML(text string) int {
	best, doc := 0, seen{}
	list := false
	end := func() {
		best = max(best, doc.confidence())
		doc = seen{}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "---" || line == "..." || strings.HasPrefix(line, "--- ") {
			end()
			list = false
			continue
		}
		if strings.HasPrefix(line, "- ") {
			end()
			list = true
			line = "  " + line[2:]
		}
		if list {
			if len(line) < 3 || line[:2] != "  " {
				continue
			}
			line = line[2:]
		}
		if m := topLevel.FindStringSubmatch(line); m != nil {
			value, _, _ := strings.Cut(m[2], " #")
			doc.note(m[1], strings.Trim(strings.TrimSpace(value), `"'`))
		}
	}
	end()
	if trimmed := strings.TrimSpace(text); best == 0 && strings.HasPrefix(trimmed, "{") && flowKind.MatchString(trimmed) {
		return 60
	}
	return best
}

var flowKind = regexp.MustCompile(`^\{\s*(kind\s*:[^{}]*\bkey|key\s*:[^{}]*\bkind)\s*:`)

// detectJSON looks at the objects at the top and those in a list at the top.
func detectJSON(text []byte) int {
	dec := kit.NewJSON(text)
	best, doc, name := 0, seen{}, ""
	for {
		tok, err := dec.ReadToken()
		if err != nil {
			return max(best, doc.confidence())
		}
		depth := dec.StackDepth()
		kind, n := dec.StackIndex(depth)
		first := jsontext.Kind(0)
		if depth > 0 {
			first, _ = dec.StackIndex(1)
		}
		record := kind == '{' && (depth == 1 || depth == 2 && first == '[')
		switch {
		case depth == 0 || depth == 1 && first == '[':
			best = max(best, doc.confidence())
			doc = seen{}
		case record && n%2 == 1 && tok.Kind() == '"':
			name = tok.String()
			doc.note(name, "")
		case record && tok.Kind() == '"':
			doc.note(name, tok.String())
		}
	}
}

// looksLikeJSON reports whether a text starts as a JSON object or list of objects does, and not as YAML with braces.
func looksLikeJSON(text []byte) bool {
	rest := bytes.TrimLeft(text, " \t\r\n")
	if len(rest) == 0 || rest[0] != '{' && rest[0] != '[' {
		return false
	}
	if rest[0] == '[' {
		rest = bytes.TrimLeft(rest[1:], " \t\r\n")
		if len(rest) == 0 || rest[0] == ']' {
			return true
		}
		if rest[0] != '{' {
			return false
		}
	}
	rest = bytes.TrimLeft(rest[1:], " \t\r\n")
	return len(rest) == 0 || rest[0] == '"' || rest[0] == '}'
}
