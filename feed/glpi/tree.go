package glpi

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// node is a value of an inventory, whether it was written as JSON or as XML:
// its own text, and what is in it by name in lower case. A list in something is several nodes of one name.
type node struct {
	value        string
	parts        map[string][]*node
	list         []*node
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
			if text := kit.Clean(part.value); text != "" {
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

// add puts something in under a name: the items of a list one by one, and nothing for null.
func (n *node) add(name string, part *node) {
	if part == nil {
		return
	}
	if part.list != nil {
		for _, item := range part.list {
			n.add(name, item)
		}
		return
	}
	if n.parts == nil {
		n.parts = map[string][]*node{}
	}
	n.parts[name] = append(n.parts[name], part)
}

// parseJSON reads an inventory in JSON.
func parseJSON(text []byte, limits feed.Limits) (*node, error) {
	src := kit.NewText(text)
	root, err := kit.ReadJSON(src, limits, func(v kit.Value[*node]) *node {
		n := &node{value: v.Text}
		n.line, n.column = src.Place(v.End)
		switch v.Kind {
		case 'n':
			return nil
		case '[':
			n.list = v.Items
		case '{':
			n.parts = map[string][]*node{}
			for i, item := range v.Items {
				n.add(strings.ToLower(v.Names[i]), item)
			}
		}
		return n
	})
	if err != nil {
		return nil, err
	}
	if root == nil || root.parts == nil {
		return nil, errors.New("the content is not an inventory: it must be an object with deviceid and content")
	}
	return root, nil
}

var errTooDeep = errors.New("values are nested too deeply")

// parseXML reads an inventory in the older XML.
func parseXML(text []byte, limits feed.Limits) (*node, error) {
	dec := kit.NewXML(text)
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
			err = kit.ErrDoctype
		}
		if err != nil {
			if kit.EndsEarly(err) {
				err = kit.ErrEndsEarly
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
