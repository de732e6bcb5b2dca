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
	"fmt"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"binnacle/feed"
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
	text := data[:min(len(data), peek)]
	if decoded, err := decode(text); err == nil {
		text = decoded
	} else if text = bytes.TrimPrefix(text, utf8BOM); bytes.IndexByte(text, 0) >= 0 {
		return 0
	}
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
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
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

var utf8BOM = []byte{0xEF, 0xBB, 0xBF}

// decode returns the content as UTF-8 without a byte-order mark. The error
// names the line where the content is not text.
func decode(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, utf8BOM):
		data = data[3:]
	case len(data) >= 2 && (data[0] == 0xFF && data[1] == 0xFE || data[0] == 0xFE && data[1] == 0xFF):
		return decodeUTF16(data)
	}
	if !utf8.Valid(data) {
		at := 0
		for at < len(data) {
			r, n := utf8.DecodeRune(data[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
		return nil, fmt.Errorf("line %d is not UTF-8: save the file with the encoding UTF-8", 1+bytes.Count(data[:at], []byte("\n")))
	}
	return data, nil
}

func decodeUTF16(data []byte) ([]byte, error) {
	low, high := 0, 1
	if data[0] == 0xFE {
		low, high = 1, 0
	}
	if len(data)%2 != 0 {
		return nil, fmt.Errorf("the file is UTF-16 and ends inside a character: it is not complete")
	}
	units := make([]uint16, 0, len(data)/2-1)
	for i := 2; i < len(data); i += 2 {
		units = append(units, uint16(data[i+low])|uint16(data[i+high])<<8)
	}
	return []byte(string(utf16.Decode(units))), nil
}
