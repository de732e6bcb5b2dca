package cyclonedx

import (
	"binnacle/feed"
	"binnacle/feed/internal/kit"
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
	return kit.Clean(n.text)
}

// parseJSON reads a whole JSON document.
func parseJSON(src *kit.Text, limits feed.Limits) (*node, error) {
	return kit.ReadJSON(src, limits, func(v kit.Value[*node]) *node {
		n := &node{kind: nodeKind(v.Kind), text: v.Text, nodes: v.Items, at: v.End}
		if n.kind == textNode || n.kind == numberNode {
			n.at -= len(n.text)
		}
		for i, name := range v.Names {
			n.nodes[i].name = name
		}
		return n
	})
}
