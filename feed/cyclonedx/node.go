package cyclonedx

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"binnacle/feed"
)

// nodeKind is what a value is in JSON.
type nodeKind byte

const (
	objectNode nodeKind = '{'
	listNode   nodeKind = '['
	textNode   nodeKind = '"'
	numberNode nodeKind = '0'
	boolNode   nodeKind = 't'
	nullNode   nodeKind = 'n'
	// xmlNode is the text of an element or an attribute, which may stand for any single value.
	xmlNode nodeKind = 'x'
)

// node is one value of a document in the form that JSON gives it.
type node struct {
	kind  nodeKind
	name  string
	text  string
	nodes []*node
	at    int
	// unknown says that XML has an element here that the table does not know.
	unknown bool
	// bad says that something is wrong with the component, service or dependency.
	bad bool
}

// get returns a member of an object, or nil.
func (n *node) get(name string) *node {
	if n == nil || n.kind != objectNode {
		return nil
	}
	for _, kid := range n.nodes {
		if kid.name == name && !kid.unknown {
			return kid
		}
	}
	return nil
}

// list returns the items of a member that is a list.
func (n *node) list(name string) []*node {
	if kid := n.get(name); kid != nil && kid.kind == listNode {
		return kid.nodes
	}
	return nil
}

// string returns the text of a member, cleaned of what no text of a record may hold.
func (n *node) string(name string) string { return n.get(name).value() }

// value returns the text of a value, cleaned of what no text of a record may hold.
func (n *node) value() string {
	if n == nil || n.kind != textNode && n.kind != xmlNode {
		return ""
	}
	return clean(n.text)
}

// maxNodes bounds how much memory a content of many tiny values may take.
const maxNodes = 20_000_000

// jsonReader builds the nodes of a JSON document.
type jsonReader struct {
	dec   *jsontext.Decoder
	src   *source
	depth int
	nodes int
}

// parseJSON reads a whole JSON document.
func parseJSON(src *source, limits feed.Limits) (*node, error) {
	r := &jsonReader{src: src, depth: limits.Depth}
	r.dec = jsontext.NewDecoder(bytes.NewReader(src.text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	root, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, r.fail(errors.New("there is more after the end of the document: only one document is read"))
	}
	return root, nil
}

func (r *jsonReader) value(depth int) (*node, error) {
	if depth > r.depth {
		return nil, r.fail(fmt.Errorf("lists and objects are nested more than %d deep", r.depth))
	}
	if r.nodes++; r.nodes > maxNodes {
		return nil, r.fail(fmt.Errorf("the document has more than %d values", maxNodes))
	}
	tok, err := r.dec.ReadToken()
	if err != nil {
		return nil, r.fail(err)
	}
	n := &node{kind: nodeKind(tok.Kind()), at: int(r.dec.InputOffset())}
	switch tok.Kind() {
	case '"', '0':
		n.text = tok.String()
		n.at -= len(n.text)
	case 't', 'f':
		n.kind, n.text = boolNode, tok.String()
	case '{':
		return n, r.object(n, depth)
	case '[':
		for r.dec.PeekKind() != ']' {
			kid, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			n.nodes = append(n.nodes, kid)
		}
		return n, r.end()
	}
	return n, nil
}

func (r *jsonReader) object(n *node, depth int) error {
	for r.dec.PeekKind() != '}' {
		name, err := r.dec.ReadToken()
		if err != nil {
			return r.fail(err)
		}
		text := name.String()
		kid, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		kid.name = text
		n.nodes = append(n.nodes, kid)
	}
	return r.end()
}

// end reads what closes a list or an object.
func (r *jsonReader) end() error {
	if _, err := r.dec.ReadToken(); err != nil {
		return r.fail(err)
	}
	return nil
}

// fail says where the document cannot be read any further, and why.
func (r *jsonReader) fail(err error) error {
	offset := int(r.dec.InputOffset())
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		offset, err = int(syntactic.ByteOffset), syntactic.Err
	}
	line, column := r.src.position(offset)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		err = errors.New("the document ends too early: the file may be cut off")
	}
	return fmt.Errorf("line %d, column %d: the JSON cannot be read: %w", line, column, err)
}

// clean takes out of a text what no text of a record may hold: control characters, and characters that were lost on the way.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == '\uFFFD' || r < ' ' && r != '\n' && r != '\t' || r >= 0x7F && r < 0xA0 {
			return -1
		}
		return r
	}, text)
	return strings.TrimSpace(text)
}
