package endoflife

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"

	"binnacle/feed"
)

// node is a value of YAML or JSON: a scalar, a map or a list.
type node struct {
	value   string
	null    bool
	members map[string]*node
	list    []*node
	line    int
	column  int
}

// get returns a member of a map, or nil.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	return n.members[name]
}

// text returns the scalar under a name, fit for a record, or nothing.
func (n *node) text(name string) string {
	m := n.get(name)
	if m == nil || m.null {
		return ""
	}
	return strings.TrimSpace(clean(m.value))
}

// clean takes away what no text of a record may have: control characters and bytes that are no UTF-8.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}

// toUTF8 returns the content as UTF-8 without a byte-order mark.
func toUTF8(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:], nil
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], 1, 0), nil
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], 0, 1), nil
	case bytes.IndexByte(data, 0) >= 0:
		return nil, errors.New("the content has NUL bytes: it is not text in UTF-8, or UTF-16 without a byte-order mark")
	}
	return data, nil
}

func fromUTF16(data []byte, high, low int) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = uint16(data[2*i+high])<<8 | uint16(data[2*i+low])
	}
	out := make([]byte, 0, len(data))
	for _, r := range utf16.Decode(units) {
		out = utf8.AppendRune(out, r)
	}
	return out
}

// parseYAML reads one YAML document.
func parseYAML(text []byte, limits feed.Limits) (root *node, err error) {
	defer func() {
		if p := recover(); p != nil {
			root, err = nil, fmt.Errorf("the front matter is not YAML that can be read: %v", p)
		}
	}()
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("the front matter is not YAML: %w", err)
	}
	if len(doc.Content) == 0 {
		return nil, errors.New("the front matter is empty")
	}
	budget := 1_000_000
	root, err = fromYAML(doc.Content[0], limits.Depth, &budget)
	if err == nil && root.members == nil {
		return nil, errors.New("the front matter is not a map of names and values")
	}
	return root, err
}

func fromYAML(y *yaml.Node, depth int, budget *int) (*node, error) {
	*budget--
	if depth <= 0 || *budget < 0 {
		return nil, fmt.Errorf("line %d: the front matter is nested too deeply or repeats its anchors too often", y.Line)
	}
	n := &node{line: y.Line, column: y.Column}
	switch y.Kind {
	case yaml.AliasNode:
		return fromYAML(y.Alias, depth-1, budget)
	case yaml.ScalarNode:
		n.value, n.null = y.Value, y.Tag == "!!null"
	case yaml.SequenceNode:
		n.list = []*node{}
		for _, item := range y.Content {
			child, err := fromYAML(item, depth-1, budget)
			if err != nil {
				return nil, err
			}
			n.list = append(n.list, child)
		}
	case yaml.MappingNode:
		n.members = map[string]*node{}
		for i := 0; i+1 < len(y.Content); i += 2 {
			child, err := fromYAML(y.Content[i+1], depth-1, budget)
			if err != nil {
				return nil, err
			}
			n.members[y.Content[i].Value] = child
		}
	}
	return n, nil
}

// parseJSON reads one JSON value.
func parseJSON(text []byte, limits feed.Limits) (*node, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	lines := lineCounter{text: text, line: 1}
	root, err := fromJSON(dec, &lines, limits.Depth)
	if err == nil {
		if _, next := dec.ReadToken(); next != io.EOF {
			err = errors.New("there is more behind the end of the JSON value")
		}
	}
	if err != nil {
		line, column := lines.at(dec.InputOffset())
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the file ends in the middle")
		}
		return nil, fmt.Errorf("line %d, column %d: the content is not JSON that can be read: %w", line, column, err)
	}
	return root, nil
}

func fromJSON(dec *jsontext.Decoder, lines *lineCounter, depth int) (*node, error) {
	tok, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	n := &node{}
	n.line, n.column = lines.at(dec.InputOffset())
	if depth <= 0 && (tok.Kind() == '{' || tok.Kind() == '[') {
		return nil, errors.New("values are nested too deeply")
	}
	switch tok.Kind() {
	case '{':
		n.members = map[string]*node{}
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return nil, err
			}
			key := name.String()
			if n.members[key], err = fromJSON(dec, lines, depth-1); err != nil {
				return nil, err
			}
		}
		_, err = dec.ReadToken()
	case '[':
		n.list = []*node{}
		for dec.PeekKind() != ']' {
			item, err := fromJSON(dec, lines, depth-1)
			if err != nil {
				return nil, err
			}
			n.list = append(n.list, item)
		}
		_, err = dec.ReadToken()
	case 'n':
		n.null = true
	default:
		n.value = tok.String()
	}
	return n, err
}

// lineCounter turns offsets that only grow into lines and columns.
type lineCounter struct {
	text []byte
	done int
	line int
	from int
}

func (l *lineCounter) at(offset int64) (line, column int) {
	end := min(int(offset), len(l.text))
	for l.done < end {
		if l.text[l.done] == '\n' {
			l.line++
			l.from = l.done + 1
		}
		l.done++
	}
	return l.line, end - l.from + 1
}

// memberNames returns the names of the members of the JSON object that a text
// starts with, as far as the text goes.
func memberNames(text []byte) map[string]bool {
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	names := map[string]bool{}
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '{' {
		return names
	}
	for dec.PeekKind() == '"' {
		tok, err := dec.ReadToken()
		if err != nil {
			break
		}
		names[tok.String()] = true
		if dec.SkipValue() != nil {
			break
		}
	}
	return names
}
