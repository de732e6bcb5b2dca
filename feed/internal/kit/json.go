package kit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"binnacle/feed"
)

// NewJSON returns a decoder of JSON that bears with names that are given twice and with bytes that are no UTF-8.
func NewJSON(text []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// Members returns the names of the members of the JSON object that a text starts with, as far as the text goes.
func Members(text []byte) map[string]bool {
	dec := NewJSON(text)
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

// EndsEarly reports whether an error of a decoder of JSON or XML means that the content is cut off.
func EndsEarly(err error) bool {
	var syntax *xml.SyntaxError
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &syntax) && syntax.Msg == "unexpected EOF"
}

// ErrEndsEarly is the reason that is given where a document is cut off.
var ErrEndsEarly = errors.New("the document ends too early: the file may be cut off")

// MaxValues bounds how much memory a content of many tiny values may take.
const MaxValues = 20_000_000

// Value is one value of a JSON document when all that is in it has been read.
type Value[N any] struct {
	// Kind is the kind of the value; both booleans are 't'.
	Kind jsontext.Kind
	// Text is the text of a single value, without quotes.
	Text string
	// End is the offset behind the first token of the value, which is all of a single value.
	End int
	// Names are the names of the members of an object.
	Names []string
	// Items are what the values of the members of an object, or those of a list, have become. They are nil for a single value alone.
	Items []N
}

// ReadJSON reads a text that is one JSON document and makes a tree of it: build
// is called for every value, the inner ones first. The error says where and why the document cannot be read.
func ReadJSON[N any](t *Text, limits feed.Limits, build func(Value[N]) N) (N, error) {
	r := &jsonReader[N]{dec: NewJSON(t.Bytes), depth: limits.Depth, build: build}
	root, err := r.value(0)
	if err == nil {
		if _, next := r.dec.ReadToken(); !errors.Is(next, io.EOF) {
			err = errors.New("there is more behind the end of the document: only one document is read")
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
	if EndsEarly(err) {
		err = ErrEndsEarly
	}
	line, column := t.Place(offset)
	return root, fmt.Errorf("line %d, column %d: the JSON cannot be read: %w", line, column, err)
}

type jsonReader[N any] struct {
	dec   *jsontext.Decoder
	depth int
	count int
	build func(Value[N]) N
}

func (r *jsonReader[N]) value(depth int) (out N, err error) {
	if depth > r.depth {
		return out, fmt.Errorf("lists and objects are nested more than %d deep", r.depth)
	}
	if r.count++; r.count > MaxValues {
		return out, fmt.Errorf("the document has more than %d values", MaxValues)
	}
	tok, err := r.dec.ReadToken()
	if err != nil {
		return out, err
	}
	v := Value[N]{Kind: tok.Kind(), End: int(r.dec.InputOffset())}
	switch v.Kind {
	case '{', '[':
		if err := r.inside(&v, depth); err != nil {
			return out, err
		}
	case '"', '0':
		v.Text = tok.String()
	case 't', 'f':
		v.Kind, v.Text = 't', tok.String()
	}
	return r.build(v), nil
}

// inside reads what is in an object or a list, up to its end.
func (r *jsonReader[N]) inside(v *Value[N], depth int) error {
	v.Items = []N{}
	for r.dec.PeekKind() != '}' && r.dec.PeekKind() != ']' {
		if v.Kind == '{' {
			name, err := r.dec.ReadToken()
			if err != nil {
				return err
			}
			v.Names = append(v.Names, name.String())
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		v.Items = append(v.Items, item)
	}
	_, err := r.dec.ReadToken()
	return err
}
