package oscal

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// namespace is the XML namespace of OSCAL.
const namespace = "http://csrc.nist.gov/ns/oscal/1.0"

// element is one XML element, or a run of text where it has no name.
type element struct {
	name  string
	text  string
	attrs []xml.Attr
	kids  []*element
	at    int
}

// xmlNodes reads a whole XML document and gives it the form that the same document has in JSON.
func xmlNodes(src *kit.Text, limits feed.Limits) (*kit.Node, error) {
	root, err := readElements(src, limits)
	if err != nil {
		return nil, err
	}
	x := converter{src}
	n := x.object(root)
	n.Name = root.name
	return &kit.Node{Shape: kit.Object, Items: []*kit.Node{n}, Line: n.Line, Column: n.Column}, nil
}

// readElements reads the elements of a document. Elements of other namespaces are left out.
func readElements(src *kit.Text, limits feed.Limits) (*element, error) {
	dec := kit.NewXML(src.Bytes)
	fail := func(reason error) (*element, error) {
		line, column := src.Place(int(dec.InputOffset()))
		return nil, fmt.Errorf("line %d, column %d: the XML cannot be read: %w", line, column, reason)
	}
	var root *element
	var stack []*element
	foreign, count := 0, 0
	for {
		at := int(dec.InputOffset())
		tok, err := dec.Token()
		var syntax *xml.SyntaxError
		switch {
		case errors.Is(err, io.EOF) && root != nil && len(stack) == 0:
			return root, nil
		case kit.EndsEarly(err):
			return fail(kit.ErrEndsEarly)
		case errors.As(err, &syntax):
			return fail(errors.New(syntax.Msg))
		case err != nil:
			return fail(err)
		}
		switch tok := tok.(type) {
		case xml.Directive:
			return fail(kit.ErrDoctype)
		case xml.StartElement:
			if count++; count > kit.MaxValues || len(stack)+foreign > limits.Depth {
				return fail(fmt.Errorf("there are more than %d elements, or they are nested more than %d deep", kit.MaxValues, limits.Depth))
			}
			e := &element{name: tok.Name.Local, attrs: tok.Attr, at: at}
			switch {
			case root != nil && len(stack) == 0:
				return fail(errors.New("there is a second root element"))
			case foreign > 0 || tok.Name.Space != "" && tok.Name.Space != namespace:
				if root == nil {
					return fail(fmt.Errorf("the element %s is of the namespace %q: documents of OSCAL are of %s", tok.Name.Local, tok.Name.Space, namespace))
				}
				foreign++
				continue
			case root == nil:
				root = e
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
				up := stack[len(stack)-1]
				up.kids = append(up.kids, &element{text: string(tok), at: at})
			}
		}
	}
}

// converter makes nodes of elements.
type converter struct{ src *kit.Text }

func (x converter) node(at int, shape kit.Shape, name, text string) *kit.Node {
	n := &kit.Node{Shape: shape, Name: name, Text: text}
	n.Line, n.Column = x.src.Place(at)
	return n
}

// object gives an element the form that its value has in JSON.
func (x converter) object(e *element) *kit.Node {
	out := x.node(e.at, kit.Object, "", "")
	for _, a := range e.attrs {
		if a.Name.Space == "" && a.Name.Local != "xmlns" {
			out.Items = append(out.Items, x.node(e.at, kit.Scalar, a.Name.Local, a.Value))
		}
	}
	markup, block, members := e.content()
	switch {
	case members:
		x.members(out, e)
	case block && (e.name == "part" || e.name == "guideline"):
		out.Items = append(out.Items, x.node(e.at, kit.Scalar, "prose", blocks(e.kids)))
	case block:
		return x.node(e.at, kit.Scalar, "", blocks(e.kids))
	case len(out.Items) > 0 && markup:
		out.Items = append(out.Items, x.node(e.at, kit.Scalar, valueNames[e.name], inline(e.kids)))
		if last := out.Items[len(out.Items)-1]; last.Name == "" {
			last.Name = "value"
		}
	case len(out.Items) == 0 && (markup || texts[e.name]):
		return x.node(e.at, kit.Scalar, "", inline(e.kids))
	}
	return out
}

// content says what is inside of an element: text with inline markup, blocks of markup, or members.
func (e *element) content() (markup, block, members bool) {
	for _, kid := range e.kids {
		switch {
		case kid.name == "":
			markup = markup || strings.TrimSpace(kid.text) != ""
		case blockTags[kid.name]:
			block = true
		case inlineTags[kid.name]:
			markup = true
		default:
			members = true
		}
	}
	return markup, block, members
}

// members adds the child elements of an element, those of one name as a list where JSON has one.
func (x converter) members(out *kit.Node, e *element) {
	lists := map[string]*kit.Node{}
	var prose []*element
	for _, kid := range e.kids {
		if kid.name == "" {
			continue
		}
		if blockTags[kid.name] {
			prose = append(prose, kid)
			continue
		}
		if wrappers[kid.name] {
			list := x.node(kid.at, kit.List, kid.name, "")
			for _, item := range kid.kids {
				if item.name != "" {
					list.Items = append(list.Items, x.object(item))
				}
			}
			out.Items = append(out.Items, list)
			continue
		}
		value := x.object(kid)
		name, many := memberName(kid.name, e.name)
		if !many {
			value.Name = name
			out.Items = append(out.Items, value)
			continue
		}
		if lists[name] == nil {
			lists[name] = x.node(kid.at, kit.List, name, "")
			out.Items = append(out.Items, lists[name])
		}
		lists[name].Items = append(lists[name].Items, value)
	}
	if len(prose) > 0 {
		out.Items = append(out.Items, x.node(prose[0].at, kit.Scalar, "prose", blocks(prose)))
	}
}

// memberName returns what JSON calls a child element, and whether it is one of a list.
func memberName(name, up string) (json string, many bool) {
	switch up + "/" + name {
	case "location/address", "plan-of-action-and-milestones/system-id", "system-security-plan/control-implementation", "risk/statement", "characterization/origin",
		"mapping/source-resource", "mapping/target-resource", "responsible-party/role-id", "logged-by/role-id":
		return name, false
	case "mapping-collection/mapping":
		return "mappings", true
	case "map/source", "map/target":
		return name + "s", true
	case "observation/type":
		return "types", true
	case "observation/method":
		return "methods", true
	case "param/value", "set-parameter/value":
		return "values", true
	case "include-control/statement-id", "exclude-control/statement-id":
		return "statement-ids", true
	case "select/choice", "include-controls/matching", "exclude-controls/matching", "insert-controls/matching", "observation/relevant-evidence",
		"by-component/inherited", "by-component/satisfied", "export/provided", "entry/logged-by", "statement/by-component-uuid":
		return name, true
	case "user/role-id":
		return "role-ids", true
	}
	if json, ok := listNames[name]; ok {
		return json, true
	}
	return name, false
}

func set(names ...string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		out[n] = true
	}
	return out
}

var (
	blockTags  = set("p", "ul", "ol", "table", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "hr")
	inlineTags = set("em", "i", "strong", "b", "code", "a", "insert", "sub", "sup", "q", "img", "br")
	// texts are the elements that are text even where they are empty.
	texts = set("title", "label", "remarks", "description", "text", "value", "name", "version", "prose")
	// wrappers are the elements that hold the items of a list that JSON has under the same name.
	wrappers = set("revisions")
	// valueNames say what JSON calls the text of an element that has attributes beside it.
	valueNames = map[string]string{"telephone-number": "number", "external-id": "id", "document-id": "identifier", "system-id": "id", "threat-id": "id"}
	// listNames say what JSON calls the list of elements of a name.
	listNames = pluralNames()
)

// irregular are the lists that are not called after their elements with an s.
var irregular = map[string]string{
	"include-controls": "include-controls", "exclude-controls": "exclude-controls", "insert-controls": "insert-controls", "objectives-and-methods": "objectives-and-methods",
	"responsible-party": "responsible-parties", "party": "parties", "address": "addresses", "email-address": "email-addresses", "activity": "activities", "associated-activity": "associated-activities",
	"dependency": "dependencies", "capability": "capabilities", "responsibility": "responsibilities", "entry": "entries", "hash": "hashes", "response": "remediations",
	"related-response": "related-responses", "associated-risk": "related-risks", "function-performed": "functions-performed",
	"uses-component": "uses-components", "incorporates-component": "incorporates-components",
}

// regular are the elements whose list is called after them with an s.
const regular = `document-id prop link role location party-uuid location-uuid telephone-number addr-line url member-of-organization external-id
 action resource rlink param constraint test guideline control group part import with-id set-parameter alter remove add import-component-definition component
 control-implementation implemented-requirement statement responsible-role protocol port-range system-id information-type categorization information-type-id diagram
 leveraged-authorization user authorized-privilege inventory-item implemented-component by-component step control-selection include-control exclude-control
 control-objective-selection include-objective exclude-objective assessment-subject include-subject exclude-subject task subject assessment-platform result
 attestation observation origin actor related-task risk threat-id characterization facet mitigating-factor required-asset related-observation related-finding related-risk
 finding poam-item qualifier map`

func pluralNames() map[string]string {
	out := maps.Clone(irregular)
	for _, name := range strings.Fields(regular) {
		out[name] = name + "s"
	}
	return out
}
