// Package backstage reads the catalog files of Backstage: YAML with one entity in each document.
package backstage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

const name = "backstage"

// Format reads the entities of a software catalog.
var Format = feed.Format{
	Name:  name,
	Label: "Backstage catalog",
	Help: "Components become applications, systems services, domains capabilities, resources cloud resources, groups teams and users people. " +
		"An API becomes an interface for every pair of a component that provides it and one that consumes it.",
	Rank:   60,
	Detect: detect,
	Read:   read,
}

// glance is how many bytes of a content are looked at to find out its format.
const glance = 256 << 10

var (
	catalogVersion = regexp.MustCompile(`(?m)^[\s{\[-]*["']?apiVersion["']?\s*:\s*["']?(?:[a-z]+\.)?backstage\.io/|[{,]\s*"apiVersion"\s*:\s*"(?:[a-z]+\.)?backstage\.io/`)
	firstKey       = regexp.MustCompile(`^[\s{\[-]*["']?[A-Za-z_$][A-Za-z0-9_.$-]*["']?\s*:`)
)

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	if !catalogVersion.Match(text) {
		return 0
	}
	rest := text
	for len(rest) > 0 {
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		trimmed := bytes.TrimSpace(line)
		if len(trimmed) > 0 && trimmed[0] != '#' && trimmed[0] != '%' && !bytes.Equal(trimmed, []byte("[")) && !bytes.Equal(trimmed, []byte("{")) && !bytes.HasPrefix(trimmed, []byte("---")) {
			if firstKey.Match(line) {
				return 95
			}
			return 0
		}
		rest = after
	}
	return 0
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return errors.New("the content is empty")
	}
	b.Source = model.Source{Meta: model.Meta{Key: name, Name: "Backstage"}, Format: name, Describes: "Software catalog"}
	c := newCatalog(b)
	documents := split(text)
	if len(documents) > b.Limits.Items {
		return fmt.Errorf("there are %d documents; the limit is %d: split the content", len(documents), b.Limits.Items)
	}
	for _, d := range documents {
		if err := ctx.Err(); err != nil {
			return err
		}
		c.document(d)
	}
	if c.parsed == 0 {
		if len(b.Refused) > 0 {
			return fmt.Errorf("nothing could be read: %s", b.Refused[0])
		}
		return errors.New("there are no documents in the content")
	}
	c.propose()
	return nil
}

// document is one YAML document of a content.
type document struct {
	text []byte
	// before is how many lines stand before it.
	before int
}

// split takes a content apart at the marks between documents, so that a broken one does not take the others with it.
func split(text []byte) []document {
	var out []document
	start, from, line := 0, 0, 0
	for at := 0; at < len(text); {
		end := len(text)
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		mark := text[at:end]
		if bytes.HasPrefix(mark, []byte("---")) && (len(mark) == 3 || bytes.IndexByte([]byte(" \t\r\n"), mark[3]) >= 0) {
			out = append(out, document{text[start:at], from})
			start, from = at+3, line
		} else if bytes.Equal(bytes.TrimRight(mark, " \t\r\n"), []byte("...")) {
			out = append(out, document{text[start:at], from})
			start, from = end, line+1
		}
		at = end
		line++
	}
	return append(out, document{text[start:], from})
}

var errorLine = regexp.MustCompile(`line (\d+)`)

// parse reads a document. It returns nil where there is nothing in it.
func (d document) parse() (root *yaml.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			root, err = nil, fmt.Errorf("%v", p)
		}
	}()
	if onlyDirectives(d.text) {
		return nil, nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(d.text, &doc); err != nil {
		return nil, err
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return nil, nil
	}
	return doc.Content[0], nil
}

// onlyDirectives reports whether there is nothing but comments and directives of YAML itself, as before the first mark.
func onlyDirectives(text []byte) bool {
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' && line[0] != '%' {
			return false
		}
	}
	return true
}

// document reads the entities of one document: one as a rule, or a list of them as the catalog's own interface answers.
func (c *catalog) document(d document) {
	root, err := d.parse()
	if err != nil {
		line := d.before + 1
		text := strings.TrimPrefix(err.Error(), "yaml: ")
		if m := errorLine.FindStringSubmatch(text); m != nil {
			n := 0
			fmt.Sscan(m[1], &n)
			line = d.before + n
			text = strings.TrimLeft(strings.Replace(text, m[0], "", 1), ": ")
		}
		c.batch.Refuse(c.batch.At(line, 0, ""), "the document is not YAML: %s%s", text, templateHint(d.text))
		return
	}
	if root == nil {
		return
	}
	c.parsed++
	if tooDeep(root, c.batch.Limits.Depth) {
		c.batch.Refuse(c.batch.At(d.before+root.Line, root.Column, ""), "the document is nested too deeply")
		return
	}
	list := []*yaml.Node{root}
	if root.Kind == yaml.SequenceNode {
		list = root.Content
	} else if items := get(root, "items"); items != nil && items.Kind == yaml.SequenceNode && get(root, "apiVersion") == nil {
		list = items.Content
	}
	for _, one := range list {
		c.entity(resolve(one), d.before)
	}
}

// templateHint says what a document that is no YAML probably is.
func templateHint(text []byte) string {
	if bytes.Contains(text, []byte("{%")) || bytes.Contains(text, []byte("{{")) {
		return "; it has placeholders of a template: import what the template makes of it"
	}
	return ""
}

// tooDeep reports whether a value is nested deeper than a limit. Aliases are not followed: what they stand for is looked at where it is defined.
func tooDeep(n *yaml.Node, limit int) bool {
	if limit <= 0 {
		return true
	}
	return slices.ContainsFunc(n.Content, func(child *yaml.Node) bool { return tooDeep(child, limit-1) })
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	for range 10 {
		if n == nil || n.Kind != yaml.AliasNode {
			return n
		}
		n = n.Alias
	}
	return nil
}

// get returns a member of a map, or nil. Members that are merged in count where the map has none of its own.
func get(n *yaml.Node, member string) *yaml.Node { return getWithin(n, member, 10) }

func getWithin(n *yaml.Node, member string, hops int) *yaml.Node {
	if n = resolve(n); n == nil || n.Kind != yaml.MappingNode || hops == 0 {
		return nil
	}
	var merged *yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == member {
			return resolve(n.Content[i+1])
		}
		if n.Content[i].Tag == "!!merge" {
			merged = n.Content[i+1]
		}
	}
	return getWithin(merged, member, hops-1)
}

// text returns the scalar under a member, fit for a record, or nothing.
func text(n *yaml.Node, member string) string {
	m := get(n, member)
	if m == nil || m.Kind != yaml.ScalarNode || m.Tag == "!!null" {
		return ""
	}
	return kit.Clean(m.Value)
}

// items returns what stands in a list, or the one value.
func items(n *yaml.Node, member string) []*yaml.Node {
	m := get(n, member)
	if m == nil || m.Tag == "!!null" {
		return nil
	}
	if m.Kind != yaml.SequenceNode {
		return []*yaml.Node{m}
	}
	var out []*yaml.Node
	for _, item := range m.Content {
		if item = resolve(item); item != nil && item.Tag != "!!null" {
			out = append(out, item)
		}
	}
	return out
}
