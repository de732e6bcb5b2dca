package kit

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"binnacle/feed"
)

// Shape is what a node is.
type Shape byte

// The shapes of nodes.
const (
	Scalar Shape = iota
	Null
	List
	Object
)

// Node is one value of a JSON or YAML document and the place where it stands.
type Node struct {
	// Shape says whether it is a single value, nothing, a list or an object.
	Shape Shape
	// Name is its name, where it is a member of an object.
	Name string
	// Text is a single value as it was written.
	Text string
	// Items are the items of a list or the members of an object.
	Items []*Node
	// Line and Column say where it stands. Both count from 1.
	Line, Column int
}

// Get returns a member of an object, or nil.
func (n *Node) Get(name string) *Node {
	if n == nil || n.Shape != Object {
		return nil
	}
	for _, member := range n.Items {
		if member.Name == name {
			return member
		}
	}
	return nil
}

// List returns the items of a member that is a list. A single value or object counts as a list of one.
func (n *Node) List(name string) []*Node {
	switch member := n.Get(name); {
	case member == nil || member.Shape == Null:
		return nil
	case member.Shape == List:
		return member.Items
	default:
		return []*Node{member}
	}
}

// String returns the text of a member that is a single value, fit for a record, or nothing.
func (n *Node) String(name string) string { return n.Get(name).Plain() }

// Plain returns the text of a single value, fit for a record, or nothing.
func (n *Node) Plain() string {
	if n == nil || n.Shape != Scalar {
		return ""
	}
	return Clean(n.Text)
}

// JSONNodes reads a text that is one JSON document. The place of a node is behind its first token.
func JSONNodes(t *Text, limits feed.Limits) (*Node, error) {
	return ReadJSON(t, limits, func(v Value[*Node]) *Node {
		n := &Node{Text: v.Text, Items: v.Items}
		n.Line, n.Column = t.Place(v.End)
		switch v.Kind {
		case '{':
			n.Shape = Object
		case '[':
			n.Shape = List
		case 'n':
			n.Shape = Null
		}
		for i, name := range v.Names {
			v.Items[i].Name = name
		}
		return n
	})
}

// YAMLNodes reads the first document of a YAML text. Aliases may stand for so
// many values in all as repeats says, because they can make a small text large; 0 refuses them.
func YAMLNodes(text []byte, limits feed.Limits, repeats int) (root *Node, err error) {
	defer func() {
		if trouble := recover(); trouble != nil {
			root, err = nil, fmt.Errorf("%v", trouble)
		}
	}()
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if len(doc.Content) == 0 {
		return nil, errors.New("there is nothing in it")
	}
	r := yamlReader{aliases: repeats > 0, left: repeats}
	return r.node(doc.Content[0], limits.Depth)
}

// yamlReader makes nodes of what the YAML library has read.
type yamlReader struct {
	aliases bool
	left    int
	inside  int
}

func (r *yamlReader) node(y *yaml.Node, depth int) (*Node, error) {
	if depth < 0 {
		return nil, fmt.Errorf("line %d: lists and maps are nested too deeply", y.Line)
	}
	if r.inside > 0 {
		if r.left--; r.left < 0 {
			return nil, fmt.Errorf("line %d: aliases repeat values too often: write the values out", y.Line)
		}
	}
	n := &Node{Text: y.Value, Line: y.Line, Column: y.Column}
	step := 1
	switch y.Kind {
	case yaml.AliasNode:
		if !r.aliases {
			return nil, fmt.Errorf("line %d, column %d: there is an alias (*%s): write the value out", y.Line, y.Column, y.Value)
		}
		r.inside++
		defer func() { r.inside-- }()
		return r.node(y.Alias, depth-1)
	case yaml.MappingNode:
		n.Shape, step = Object, 2
	case yaml.SequenceNode:
		n.Shape = List
	default:
		if y.Tag == "!!null" {
			n.Shape = Null
		}
		return n, nil
	}
	for i := step - 1; i < len(y.Content); i += step {
		item, err := r.node(y.Content[i], depth-1)
		if err != nil {
			return nil, err
		}
		if step == 2 {
			item.Name = y.Content[i-1].Value
		}
		n.Items = append(n.Items, item)
	}
	return n, nil
}
