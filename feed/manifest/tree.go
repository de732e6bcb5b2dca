package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// shape is what a node of a document is.
type shape byte

const (
	nothing shape = iota
	scalar
	list
	mapping
)

func (s shape) String() string {
	return [...]string{"nothing", "a single value", "a list", "names with values"}[s]
}

// node is a value in a document, with its place. YAML and JSON both become nodes.
type node struct {
	shape        shape
	text         string
	names        []*node
	items        []*node
	line, column int
}

// fault is something that cannot be read, and where it stands.
type fault struct {
	line, column int
	reason       string
}

// Error writes the place and the reason.
func (f fault) Error() string { return fmt.Sprintf("%d:%d: %s", f.line, f.column, f.reason) }

// documents yields the documents of a text. A fault that is yielded with a
// document, or without one, is about that document; reading ends where the text itself is broken.
func documents(text *kit.Text, limits feed.Limits) iter.Seq2[*node, error] {
	if looksLikeJSON(text.Bytes) {
		return jsonDocuments(text, limits)
	}
	return yamlDocuments(text, limits)
}

func yamlDocuments(text *kit.Text, limits feed.Limits) iter.Seq2[*node, error] {
	return func(yield func(*node, error) bool) {
		if at := bytes.IndexFunc(text.Bytes, forbidden); at >= 0 {
			line, column := text.Place(at)
			yield(nil, fault{line, column, "there is a control character: take it out"})
			return
		}
		loader, err := yaml.NewLoader(bytes.NewReader(text.Bytes), yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(limits.Depth))))
		if err != nil {
			yield(nil, fault{1, 1, err.Error()})
			return
		}
		g := grower{budget: 1000 + repeats*len(text.Bytes), depth: limits.Depth}
		for {
			var doc yaml.Node
			switch err := loader.Load(&doc); {
			case errors.Is(err, io.EOF):
				return
			case err != nil:
				yield(nil, yamlFault(err))
				return
			}
			if !yield(g.grow(&doc, 0)) {
				return
			}
		}
	}
}

// forbidden reports whether YAML does not allow a character at all.
func forbidden(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7F || r >= 0x80 && r < 0xA0 && r != 0x85
}

// yamlFault says in plain words where YAML is broken.
func yamlFault(err error) fault {
	var broken *yaml.LoadError
	if !errors.As(err, &broken) {
		return fault{1, 1, "this is not YAML: " + err.Error()}
	}
	out := fault{broken.Mark.Line, broken.Mark.Column, "this is not YAML: " + broken.Message}
	if broken.ContextMsg != "" {
		out.reason += " " + broken.ContextMsg
	}
	if broken.ContextMark.Line > 0 && broken.ContextMark.Line != broken.Mark.Line {
		out.reason += fmt.Sprintf(" that begins on line %d", broken.ContextMark.Line)
	}
	return out
}

// repeats is how many values aliases may repeat for every byte of the content.
const repeats = 4

// grower makes nodes of what the YAML library read. It repeats what aliases
// stand for, up to a budget.
type grower struct {
	budget int
	depth  int
	alias  bool
}

func (g *grower) grow(in *yaml.Node, depth int) (*node, error) {
	at := func(format string, args ...any) error {
		return fault{in.Line, in.Column, fmt.Sprintf(format, args...)}
	}
	if g.alias {
		if g.budget--; g.budget < 0 {
			return nil, at("the aliases repeat more than %d values for every byte of the file: write the values out", repeats)
		}
	}
	if depth > g.depth {
		return nil, at("values are nested more than %d deep", g.depth)
	}
	out := &node{text: in.Value, line: in.Line, column: in.Column}
	if in.Style&yaml.TaggedStyle != 0 && !coreTags[in.ShortTag()] {
		return out, at("the tag %s is not understood: leave it out", in.Tag)
	}
	switch in.Kind {
	case yaml.DocumentNode:
		if len(in.Content) == 0 {
			return out, nil
		}
		return g.grow(in.Content[0], depth)
	case yaml.AliasNode:
		outer := g.alias
		g.alias = true
		defer func() { g.alias = outer }()
		same, err := g.grow(in.Alias, depth+1)
		if same != nil {
			same.line, same.column = in.Line, in.Column
		}
		return same, err
	case yaml.SequenceNode:
		out.shape = list
		for _, c := range in.Content {
			item, err := g.grow(c, depth+1)
			if err != nil {
				return out, err
			}
			out.items = append(out.items, item)
		}
	case yaml.MappingNode:
		return out, g.growMapping(out, in, depth)
	case yaml.ScalarNode:
		if in.ShortTag() != "!!null" {
			out.shape = scalar
		}
	}
	return out, nil
}

var coreTags = map[string]bool{"!!str": true, "!!int": true, "!!float": true, "!!bool": true, "!!null": true, "!!timestamp": true, "!!map": true, "!!seq": true}

func (g *grower) growMapping(out *node, in *yaml.Node, depth int) error {
	out.shape = mapping
	var merged []*node
	for i := 0; i+1 < len(in.Content); i += 2 {
		name, err := g.grow(in.Content[i], depth+1)
		if err != nil {
			return err
		}
		value, err := g.grow(in.Content[i+1], depth+1)
		switch {
		case err != nil:
			return err
		case in.Content[i].ShortTag() == "!!merge":
			merged = append(merged, value)
			continue
		case name.shape != scalar:
			return fault{name.line, name.column, "a name is wanted before the colon, not " + name.shape.String()}
		}
		out.names, out.items = append(out.names, name), append(out.items, value)
	}
	for _, m := range merged {
		if err := out.merge(m); err != nil {
			return err
		}
	}
	return nil
}

// merge adds what a merge key stands for. Names that are there already win.
func (n *node) merge(from *node) error {
	if from.shape == list {
		for _, one := range from.items {
			if one.shape != mapping {
				return fault{one.line, one.column, "<< wants names with values, not " + one.shape.String()}
			}
			if err := n.merge(one); err != nil {
				return err
			}
		}
		return nil
	}
	if from.shape != mapping {
		return fault{from.line, from.column, "<< wants names with values, not " + from.shape.String()}
	}
	have := map[string]bool{}
	for _, name := range n.names {
		have[name.text] = true
	}
	for i, name := range from.names {
		if !have[name.text] {
			n.names, n.items = append(n.names, name), append(n.items, from.items[i])
		}
	}
	return nil
}

func jsonDocuments(text *kit.Text, limits feed.Limits) iter.Seq2[*node, error] {
	return func(yield func(*node, error) bool) {
		p := &jsonParser{text: text, limits: limits}
		p.dec = jsontext.NewDecoder(bytes.NewBuffer(text.Bytes), jsontext.AllowDuplicateNames(true))
		for {
			p.dec.PeekKind()
			if len(bytes.TrimSpace(text.Bytes[p.dec.InputOffset():])) == 0 {
				return
			}
			// A list at the top is taken apart here, so that what is whole in half a file is kept.
			if p.dec.PeekKind() == '[' {
				if _, err := p.dec.ReadToken(); err != nil {
					yield(nil, p.fault(err))
					return
				}
				for p.dec.PeekKind() != ']' {
					doc, err := p.value(1)
					if !yield(doc, err) || err != nil {
						return
					}
				}
				if _, err := p.dec.ReadToken(); err != nil {
					yield(nil, p.fault(err))
					return
				}
				continue
			}
			doc, err := p.value(0)
			if !yield(doc, err) || err != nil {
				return
			}
		}
	}
}

type jsonParser struct {
	text   *kit.Text
	dec    *jsontext.Decoder
	limits feed.Limits
}

func (p *jsonParser) fault(err error) fault {
	line, column := p.text.Place(len(p.text.Bytes))
	if kit.EndsEarly(err) {
		return fault{line, column, "the JSON ends too early: the file is not complete"}
	}
	var broken *jsontext.SyntacticError
	if errors.As(err, &broken) {
		line, column = p.text.Place(int(broken.ByteOffset))
		return fault{line, column, "this is not JSON: " + broken.Err.Error()}
	}
	return fault{line, column, "this is not JSON: " + err.Error()}
}

func (p *jsonParser) value(depth int) (*node, error) {
	out := &node{}
	out.line, out.column = p.text.Place(p.text.Next(int(p.dec.InputOffset())))
	if depth > p.limits.Depth {
		return nil, fault{out.line, out.column, fmt.Sprintf("values are nested more than %d deep", p.limits.Depth)}
	}
	tok, err := p.dec.ReadToken()
	if err != nil {
		return nil, p.fault(err)
	}
	switch tok.Kind() {
	case 'n':
	case '"', '0', 't', 'f':
		out.shape, out.text = scalar, tok.String()
	case '[':
		out.shape = list
		for p.dec.PeekKind() != ']' {
			item, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			out.items = append(out.items, item)
		}
		_, err = p.dec.ReadToken()
	case '{':
		out.shape = mapping
		for p.dec.PeekKind() != '}' {
			name, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			item, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			out.names, out.items = append(out.names, name), append(out.items, item)
		}
		_, err = p.dec.ReadToken()
	}
	if err != nil {
		return nil, p.fault(err)
	}
	if tok.Kind() == '0' {
		out.text = plainNumber(out.text)
	}
	return out, nil
}

// plainNumber writes a JSON number without an exponent where it has one, as a person would.
func plainNumber(text string) string {
	if !strings.ContainsAny(text, "eE") {
		return text
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
