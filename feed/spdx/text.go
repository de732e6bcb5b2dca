package spdx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"binnacle/feed"
)

// source is a content as UTF-8 text without a byte-order mark, which knows its lines.
type source struct {
	text  []byte
	lines []int
	marks []int
}

// decode makes UTF-8 text of a content. It understands UTF-16 with a byte-order mark.
func decode(data []byte, limit int64) (*source, error) {
	text := bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	if bytes.HasPrefix(data, []byte("\xFF\xFE")) || bytes.HasPrefix(data, []byte("\xFE\xFF")) {
		reader := transform.NewReader(bytes.NewReader(data), unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder())
		out, err := io.ReadAll(io.LimitReader(reader, limit+1))
		if err != nil {
			return nil, fmt.Errorf("the text cannot be read as UTF-16: %w", err)
		}
		if int64(len(out)) > limit {
			return nil, fmt.Errorf("the document has more than %d bytes as UTF-8, which is the limit", limit)
		}
		text = out
	}
	src, valid := &source{text: text}, utf8.Valid(text)
	for i := 0; !valid && i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			line, column := src.position(i)
			return nil, fmt.Errorf("line %d, column %d: the byte 0x%02X is not valid UTF-8: save the file as UTF-8", line, column, text[i])
		}
		i += size
	}
	return src, nil
}

// position returns the line and the column of an offset, both counted from 1.
func (s *source) position(offset int) (line, column int) {
	if s.lines == nil {
		s.lines = []int{0}
		for i, c := range s.text {
			if c == '\n' {
				s.lines = append(s.lines, i+1)
			}
		}
	}
	offset = min(max(offset, 0), len(s.text))
	line = sort.SearchInts(s.lines, offset+1)
	return line, s.characters(offset) - s.characters(s.lines[line-1]) + 1
}

// stride is how many bytes lie between two places where the characters before are known.
const stride = 4096

// characters returns how many characters stand before an offset. It is quick also where all of a long text is one line.
func (s *source) characters(offset int) int {
	if s.marks == nil {
		s.marks = []int{0}
		for from := 0; from+stride <= len(s.text); from += stride {
			s.marks = append(s.marks, s.marks[len(s.marks)-1]+starts(s.text[from:from+stride]))
		}
	}
	return s.marks[offset/stride] + starts(s.text[offset/stride*stride:offset])
}

// starts counts the bytes that start a character.
func starts(text []byte) int {
	n := 0
	for _, c := range text {
		if c&0xC0 != 0x80 {
			n++
		}
	}
	return n
}

// valueKind is what a value of JSON or YAML is.
type valueKind byte

const (
	objectValue valueKind = '{'
	listValue   valueKind = '['
	scalarValue valueKind = '"'
	nullValue   valueKind = 'n'
)

// value is one value of a JSON or YAML document and the place where it stands.
type value struct {
	kind   valueKind
	name   string
	text   string
	values []*value
	line   int
	column int
}

// get returns a member of an object, or nil.
func (v *value) get(name string) *value {
	if v == nil || v.kind != objectValue {
		return nil
	}
	for _, kid := range v.values {
		if kid.name == name {
			return kid
		}
	}
	return nil
}

// list returns the items of a member that is a list. A single value counts as a list of one.
func (v *value) list(name string) []*value {
	switch kid := v.get(name); {
	case kid == nil || kid.kind == nullValue:
		return nil
	case kid.kind == listValue:
		return kid.values
	default:
		return []*value{kid}
	}
}

// string returns the text of a member, cleaned of what no text of a record may hold.
func (v *value) string(name string) string { return v.get(name).plain() }

func (v *value) plain() string {
	if v == nil || v.kind != scalarValue {
		return ""
	}
	return clean(v.text)
}

// maxValues bounds how much memory a content of many tiny values may take.
const maxValues = 20_000_000

// treeReader builds the values of a JSON document.
type treeReader struct {
	dec   *jsontext.Decoder
	src   *source
	depth int
	count int
}

func parseJSON(src *source, limits feed.Limits) (*value, error) {
	r := &treeReader{src: src, depth: limits.Depth}
	r.dec = jsontext.NewDecoder(bytes.NewReader(src.text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	root, err := r.value(0)
	if err == nil {
		if _, next := r.dec.ReadToken(); !errors.Is(next, io.EOF) {
			err = errors.New("there is more after the end of the document")
		}
	}
	if err == nil {
		return root, nil
	}
	offset := int(r.dec.InputOffset())
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		offset, err = int(syntactic.ByteOffset), syntactic.Err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errors.New("the document ends too early: the file may be cut off")
	}
	line, column := src.position(offset)
	return nil, fmt.Errorf("line %d, column %d: the JSON cannot be read: %w", line, column, err)
}

func (r *treeReader) value(depth int) (*value, error) {
	if depth > r.depth {
		return nil, fmt.Errorf("lists and objects are nested more than %d deep", r.depth)
	}
	if r.count++; r.count > maxValues {
		return nil, fmt.Errorf("the document has more than %d values", maxValues)
	}
	tok, err := r.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	v := &value{kind: scalarValue}
	v.line, v.column = r.src.position(int(r.dec.InputOffset()))
	switch tok.Kind() {
	case '"', '0', 't', 'f':
		v.text = tok.String()
		return v, nil
	case 'n':
		v.kind = nullValue
		return v, nil
	}
	v.kind = valueKind(tok.Kind())
	for r.dec.PeekKind() != '}' && r.dec.PeekKind() != ']' {
		var name string
		if v.kind == objectValue {
			tok, err := r.dec.ReadToken()
			if err != nil {
				return nil, err
			}
			name = tok.String()
		}
		kid, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		kid.name = name
		v.values = append(v.values, kid)
	}
	_, err = r.dec.ReadToken()
	return v, err
}

// parseYAML reads the first document of a YAML text. Aliases, which could make a small text large, are refused.
func parseYAML(src *source, limits feed.Limits) (root *value, err error) {
	defer func() {
		if trouble := recover(); trouble != nil {
			root, err = nil, fmt.Errorf("the YAML cannot be read: %v", trouble)
		}
	}()
	var doc yaml.Node
	if err := yaml.Unmarshal(src.text, &doc); err != nil {
		return nil, fmt.Errorf("the YAML cannot be read: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 {
		return nil, errors.New("the document is empty")
	}
	return fromNode(doc.Content[0], limits.Depth)
}

func fromNode(n *yaml.Node, depth int) (*value, error) {
	v := &value{kind: scalarValue, text: n.Value, line: n.Line, column: n.Column}
	if depth < 0 {
		return nil, fmt.Errorf("line %d: lists and maps are nested too deep", n.Line)
	}
	step := 1
	switch n.Kind {
	case yaml.AliasNode:
		return nil, fmt.Errorf("line %d, column %d: there is an alias (*%s): write the value out", n.Line, n.Column, n.Value)
	case yaml.MappingNode:
		v.kind, step = objectValue, 2
	case yaml.SequenceNode:
		v.kind = listValue
	default:
		if n.Tag == "!!null" {
			v.kind = nullValue
		}
		return v, nil
	}
	for i := step - 1; i < len(n.Content); i += step {
		kid, err := fromNode(n.Content[i], depth-1)
		if err != nil {
			return nil, err
		}
		if step == 2 {
			kid.name = n.Content[i-1].Value
		}
		v.values = append(v.values, kid)
	}
	return v, nil
}

// clean takes out of a text what no text of a record may hold: control characters, and characters that were lost on the way.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < ' ' && r != '\n' && r != '\t' || r >= 0x7F && r < 0xA0 {
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}

// short cuts a text that a message quotes.
func short(text string) string {
	if len(text) > 80 {
		return strings.ToValidUTF8(text[:77], "") + "…"
	}
	return text
}
