package glpi

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"binnacle/feed"
)

// node is a value of an inventory, whether it was written as JSON or as XML:
// its own text, and what is in it by name in lower case. A list is several nodes of one name.
type node struct {
	value        string
	parts        map[string][]*node
	line, column int
}

// all returns the nodes of a name.
func (n *node) all(name string) []*node {
	if n == nil {
		return nil
	}
	return n.parts[name]
}

// get returns the first node of a name, or nil.
func (n *node) get(name string) *node {
	if list := n.all(name); len(list) > 0 {
		return list[0]
	}
	return nil
}

// text returns the first text under one of the names, fit for a record, or nothing.
func (n *node) text(names ...string) string {
	for _, name := range names {
		if part := n.get(name); part != nil {
			if text := strings.TrimSpace(clean(part.value)); text != "" {
				return text
			}
		}
	}
	return ""
}

// yes reports whether a flag is set.
func (n *node) yes(name string) bool {
	text := strings.ToLower(n.text(name))
	return text == "true" || text == "1" || text == "yes"
}

func (n *node) add(name string, part *node) {
	if n.parts == nil {
		n.parts = map[string][]*node{}
	}
	n.parts[name] = append(n.parts[name], part)
}

// parseJSON reads an inventory in JSON.
func parseJSON(text []byte, limits feed.Limits) (*node, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	r := jsonReader{dec: dec, text: text, line: 1}
	root := &node{}
	err := r.into(root, "", limits.Depth)
	if err == nil {
		if _, next := dec.ReadToken(); next != io.EOF {
			err = errors.New("there is more behind the end of the JSON value")
		}
	}
	if err != nil {
		line, column := r.place()
		if errors.Is(err, io.ErrUnexpectedEOF) || err == io.EOF {
			err = errors.New("the file ends in the middle")
		}
		return nil, fmt.Errorf("line %d, column %d: the content is not JSON that can be read: %w", line, column, err)
	}
	if root = root.get(""); root == nil || root.parts == nil {
		return nil, errors.New("the content is not an inventory: it must be an object with deviceid and content")
	}
	return root, nil
}

// jsonReader reads JSON values and knows the line that it is in.
type jsonReader struct {
	dec              *jsontext.Decoder
	text             []byte
	done, line, from int
}

// place returns the line and the column that the reader has come to.
func (r *jsonReader) place() (line, column int) {
	end := min(int(r.dec.InputOffset()), len(r.text))
	for ; r.done < end; r.done++ {
		if r.text[r.done] == '\n' {
			r.line++
			r.from = r.done + 1
		}
	}
	return r.line, end - r.from + 1
}

// into reads the next value and adds it under a name. The items of a list are added one by one.
func (r *jsonReader) into(parent *node, name string, depth int) error {
	tok, err := r.dec.ReadToken()
	if err != nil {
		return err
	}
	kind := tok.Kind()
	if depth <= 0 && (kind == '{' || kind == '[') {
		return errTooDeep
	}
	if kind == '[' {
		for r.dec.PeekKind() != ']' {
			if err := r.into(parent, name, depth-1); err != nil {
				return err
			}
		}
		_, err = r.dec.ReadToken()
		return err
	}
	n := &node{}
	n.line, n.column = r.place()
	switch kind {
	case 'n':
		return nil
	case '{':
		n.parts = map[string][]*node{}
		for r.dec.PeekKind() != '}' {
			member, err := r.dec.ReadToken()
			if err != nil {
				return err
			}
			if err := r.into(n, strings.ToLower(member.String()), depth-1); err != nil {
				return err
			}
		}
		if _, err := r.dec.ReadToken(); err != nil {
			return err
		}
	default:
		n.value = tok.String()
	}
	parent.add(name, n)
	return nil
}

var errTooDeep = errors.New("values are nested too deeply")

// parseXML reads an inventory in the older XML.
func parseXML(text []byte, limits feed.Limits) (*node, error) {
	dec := newDecoder(text)
	root := &node{}
	open := []*node{root}
	for {
		tok, err := dec.Token()
		if err == io.EOF && len(open) == 1 && root.parts != nil {
			break
		}
		line, column := dec.InputPos()
		if err == nil && len(open) > limits.Depth {
			err = errTooDeep
		}
		if _, isDirective := tok.(xml.Directive); isDirective {
			err = errDoctype
		}
		if err != nil {
			var syntax *xml.SyntaxError
			if errors.Is(err, io.EOF) || errors.As(err, &syntax) && syntax.Msg == "unexpected EOF" {
				err = errors.New("the file ends in the middle")
			}
			return nil, fmt.Errorf("line %d, column %d: the content is not XML that can be read: %w", line, column, err)
		}
		top := open[len(open)-1]
		switch tok := tok.(type) {
		case xml.StartElement:
			n := &node{line: line, column: column}
			top.add(strings.ToLower(tok.Name.Local), n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 1 && len(top.value)+len(tok) <= maxText {
				top.value += string(tok)
			}
		}
	}
	if request := root.get("request"); request != nil {
		return request, nil
	}
	return nil, errors.New("the content is not an inventory: it must start with the element REQUEST")
}

// maxText is how long the text of one element may be, in bytes. Longer ones are keys and pictures that nobody asks for.
const maxText = 64 << 10
