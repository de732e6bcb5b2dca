package cyclonedx

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// namespace is how the XML namespaces of all versions begin.
const namespace = "http://cyclonedx.org/schema/bom/"

// element is one XML element of the namespace of the document.
type element struct {
	name  string
	attrs []xml.Attr
	text  strings.Builder
	kids  []*element
	at    int
}

// parseXML reads a whole XML document and gives it the form of a JSON document of the same version.
func parseXML(src *kit.Text, limits feed.Limits) (*node, error) {
	root, space, err := readElements(src, limits)
	if err != nil {
		return nil, err
	}
	number, ok := strings.CutPrefix(space, namespace)
	if root.name != "bom" || !ok || versionOf(number) == 0 {
		return nil, fmt.Errorf("the element %s is of the namespace %q: a bill of materials is an element bom of the namespace %s with one of the versions 1.0 to 1.7 behind it",
			root.name, space, namespace)
	}
	out := rules().types["bom"].fromXML(root)
	out.nodes = append(out.nodes, &node{kind: textNode, name: "bomFormat", text: "CycloneDX", at: root.at}, &node{kind: textNode, name: "specVersion", text: number, at: root.at})
	if out.get("version") == nil {
		out.nodes = append(out.nodes, &node{kind: xmlNode, name: "version", text: "1", at: root.at})
	}
	return out, nil
}

// newDecoder returns a decoder of XML for a text that is UTF-8 whatever its declaration says.
func newDecoder(text []byte) *xml.Decoder {
	dec := xml.NewDecoder(bytes.NewReader(text))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	return dec
}

// readElements reads the elements of the namespace of the root. Those of other namespaces are extensions and are left out.
func readElements(src *kit.Text, limits feed.Limits) (root *element, space string, err error) {
	dec := newDecoder(src.Bytes)
	fail := func(reason error) (*element, string, error) {
		line, column := src.Place(int(dec.InputOffset()))
		return nil, "", fmt.Errorf("line %d, column %d: the XML cannot be read: %w", line, column, reason)
	}
	var stack []*element
	foreign, count := 0, 0
	for {
		at := int(dec.InputOffset())
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, space, nil
		}
		if err != nil {
			return fail(plainer(err))
		}
		switch tok := tok.(type) {
		case xml.Directive:
			return fail(errors.New("it has a document type declaration, which could define entities: take the line with <!DOCTYPE out"))
		case xml.StartElement:
			if root != nil && len(stack) == 0 {
				return fail(errors.New("there is a second root element"))
			}
			if len(stack)+foreign >= limits.Depth {
				return fail(fmt.Errorf("elements are nested more than %d deep", limits.Depth))
			}
			if count++; count > kit.MaxValues {
				return fail(fmt.Errorf("the document has more than %d elements", kit.MaxValues))
			}
			e := &element{name: tok.Name.Local, attrs: tok.Attr, at: at}
			switch {
			case root == nil:
				root, space = e, tok.Name.Space
			case foreign > 0 || tok.Name.Space != space:
				foreign++
				continue
			default:
				up := stack[len(stack)-1]
				up.kids = append(up.kids, e)
			}
			stack = append(stack, e)
		case xml.EndElement:
			if foreign > 0 {
				foreign--
			} else {
				stack = stack[:len(stack)-1]
			}
		case xml.CharData:
			if foreign == 0 && len(stack) > 0 {
				stack[len(stack)-1].text.Write(tok)
			}
		}
	}
}

// plainer says what an XML error means without the line, which stands in front.
func plainer(err error) error {
	var syntax *xml.SyntaxError
	switch {
	case kit.EndsEarly(err):
		return kit.ErrEndsEarly
	case errors.As(err, &syntax):
		return errors.New(syntax.Msg)
	}
	return err
}

// fromXML gives an element the form of a JSON object of the type.
func (t *typ) fromXML(e *element) *node {
	n := &node{kind: objectNode, at: e.at}
	for _, a := range e.attrs {
		if m := t.byAttr[a.Name.Local]; m != nil && a.Name.Space == "" {
			n.nodes = append(n.nodes, &node{kind: xmlNode, name: m.name, text: a.Value, at: e.at})
		}
	}
	if t.text != nil && len(e.kids) == 0 {
		n.nodes = append(n.nodes, &node{kind: xmlNode, name: t.text.name, text: e.text.String(), at: e.at})
	}
	for _, kid := range e.kids {
		m := t.byElem[kid.name]
		switch {
		case m == nil:
			n.nodes = append(n.nodes, &node{kind: xmlNode, name: kid.name, unknown: true, at: kid.at})
		case m.place.how == '-':
		case m.place.how == '*':
			n.addFlat(m, kid)
		default:
			value := m.fromXML(kid)
			value.name = m.name
			n.nodes = append(n.nodes, value)
		}
	}
	return n
}

// addFlat adds one of the items that stand beside each other without a wrapper.
func (n *node) addFlat(m *member, e *element) {
	list := n.get(m.name)
	if list == nil {
		list = &node{kind: listNode, name: m.name, at: e.at}
		n.nodes = append(n.nodes, list)
	}
	of := m.expr
	if of.value == "either" {
		of = of.alts[0]
	}
	list.nodes = append(list.nodes, of.of.fromXML(e))
}

func (m *member) fromXML(e *element) *node {
	switch {
	case m.expr.value == "licenses":
		return licensesFromXML(e)
	case m.expr.value == "dependencies":
		n := &node{kind: listNode, at: e.at}
		n.addDependencies(e.kids)
		return n
	case m.name == "data" && m.expr.value == "list":
		return serviceDataFromXML(e)
	case m.place.how != '/':
		return m.expr.fromXML(e)
	}
	list := m.expr
	if list.value == "either" {
		if len(e.kids) > 0 && e.kids[0].name != m.place.item {
			return list.alts[1].fromXML(e)
		}
		list = list.alts[0]
	}
	n := &node{kind: listNode, at: e.at}
	for _, kid := range e.kids {
		switch {
		case kid.name != m.place.item:
			n.nodes = append(n.nodes, &node{kind: xmlNode, name: kid.name, unknown: true, at: kid.at})
		case m.place.attr != "":
			n.nodes = append(n.nodes, &node{kind: xmlNode, text: kid.attr(m.place.attr), at: kid.at})
		default:
			n.nodes = append(n.nodes, list.of.fromXML(kid))
		}
	}
	return n
}

func (x *expr) fromXML(e *element) *node {
	if x.obj != nil {
		return x.obj.fromXML(e)
	}
	n := &node{kind: xmlNode, text: strings.TrimSpace(e.text.String()), at: e.at}
	for _, kid := range e.kids {
		n.nodes = append(n.nodes, &node{kind: xmlNode, name: kid.name, unknown: true, at: kid.at})
	}
	return n
}

func (e *element) attr(name string) string {
	for _, a := range e.attrs {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// licensesFromXML makes the list of choices that JSON has of licences and expressions beside each other.
func licensesFromXML(e *element) *node {
	n := &node{kind: listNode, at: e.at}
	for _, kid := range e.kids {
		choice := &node{kind: objectNode, at: kid.at}
		n.nodes = append(n.nodes, choice)
		add := func(name, text string) {
			choice.nodes = append(choice.nodes, &node{kind: xmlNode, name: name, text: text, at: kid.at})
		}
		switch kid.name {
		case "license":
			license := rules().types["license"].fromXML(kid)
			license.name = "license"
			choice.nodes = append(choice.nodes, license)
		case "expression":
			add("expression", strings.TrimSpace(kid.text.String()))
		case "expression-detailed":
			add("expression", kid.attr("expression"))
		default:
			choice.nodes = append(choice.nodes, &node{kind: xmlNode, name: kid.name, unknown: true, at: kid.at})
		}
		if kid.name != "license" && kid.attr("acknowledgement") != "" {
			add("acknowledgement", kid.attr("acknowledgement"))
		}
	}
	return n
}

// addDependencies adds what each element depends on. Elements inside elements
// are what is depended on, and may themselves depend on something.
func (n *node) addDependencies(kids []*element) {
	for _, kid := range kids {
		d := &node{kind: objectNode, at: kid.at}
		for _, a := range kid.attrs {
			if a.Name.Local == "ref" {
				d.nodes = append(d.nodes, &node{kind: xmlNode, name: "ref", text: a.Value, at: kid.at})
			}
		}
		lists := map[string]*node{"dependency": {kind: listNode, name: "dependsOn", at: kid.at}, "provides": {kind: listNode, name: "provides", at: kid.at}}
		for _, needed := range kid.kids {
			if list := lists[needed.name]; list != nil {
				list.nodes = append(list.nodes, &node{kind: xmlNode, text: needed.attr("ref"), at: needed.at})
			} else {
				d.nodes = append(d.nodes, &node{kind: xmlNode, name: needed.name, unknown: true, at: needed.at})
			}
			if len(needed.kids) > 0 {
				n.addDependencies([]*element{needed})
			}
		}
		for _, name := range []string{"dependency", "provides"} {
			if len(lists[name].nodes) > 0 {
				d.nodes = append(d.nodes, lists[name])
			}
		}
		n.nodes = append(n.nodes, d)
	}
}

// serviceDataFromXML makes the list that JSON has of the two forms that XML knows: classifications, and flows with a classification inside.
func serviceDataFromXML(e *element) *node {
	n := &node{kind: listNode, at: e.at}
	for _, kid := range e.kids {
		d := &node{kind: objectNode, at: kid.at}
		n.nodes = append(n.nodes, d)
		class := kid
		if kid.name == "dataflow" {
			class = &element{at: kid.at}
			for _, inner := range kid.kids {
				if inner.name == "classification" {
					class = inner
				}
			}
		} else if kid.name != "classification" {
			d.nodes = append(d.nodes, &node{kind: xmlNode, name: kid.name, unknown: true, at: kid.at})
			continue
		}
		d.nodes = append(d.nodes, &node{kind: xmlNode, name: "classification", text: strings.TrimSpace(class.text.String()), at: class.at})
		for _, a := range class.attrs {
			if a.Name.Local == "flow" {
				d.nodes = append(d.nodes, &node{kind: xmlNode, name: "flow", text: a.Value, at: class.at})
			}
		}
	}
	return n
}
