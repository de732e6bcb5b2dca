package manifest

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v4"

	"binnacle/model"
)

// Write writes a record as one YAML document that [Read] reads back, beginning
// with ---, so that documents may follow one another. Fields are in the order of the
// model; those without a value and those that Binnacle sets itself are left out.
func Write(w io.Writer, kind *model.Kind, rec model.Record, names model.Namer) error {
	doc := &yaml.Node{Kind: yaml.MappingNode}
	add := func(n *yaml.Node, name string, value *yaml.Node) {
		n.Content = append(n.Content, textNode(name), value)
	}
	add(doc, "kind", textNode(kind.Name))
	for _, f := range kind.Fields {
		if f.System || !f.Has(rec) {
			continue
		}
		if f.Type != model.TableField {
			add(doc, Name(f), valueNode(f, f.Tree(rec, names)))
			continue
		}
		table := &yaml.Node{Kind: yaml.SequenceNode}
		for _, row := range f.Tree(rec, names).([]map[string]any) {
			line := &yaml.Node{Kind: yaml.MappingNode}
			for _, c := range f.Columns {
				if cell, ok := row[c.Name]; ok {
					add(line, c.Name, valueNode(c, cell))
				}
			}
			if len(line.Content) == 0 {
				line.Style = yaml.FlowStyle
			}
			table.Content = append(table.Content, line)
		}
		add(doc, Name(f), table)
	}
	out, err := yaml.Dump(doc, yaml.WithV4Defaults(), yaml.WithIndent(2), yaml.WithLineWidth(-1), yaml.WithUnicode(true))
	if err != nil {
		return fmt.Errorf("write %s %s: %w", kind.Name, rec.Base().Key, err)
	}
	if _, err := w.Write(append([]byte("---\n"), out...)); err != nil {
		return fmt.Errorf("write %s %s: %w", kind.Name, rec.Base().Key, err)
	}
	return nil
}

// Name returns what a manifest calls a field: its name, and behind its kind
// where the name alone would be taken for the kind of the record.
func Name(f *model.Field) string {
	if f.Name == "kind" {
		return f.Kind.Name + ".kind"
	}
	return f.Name
}

// valueNode makes a node of a value in the form of [model.Field.Tree].
func valueNode(f *model.Field, value any) *yaml.Node {
	switch value := value.(type) {
	case []string:
		out := &yaml.Node{Kind: yaml.SequenceNode}
		for _, one := range value {
			out.Content = append(out.Content, textNode(one))
		}
		return out
	case string:
		if f.Type == model.DateField || f.Type == model.TimeField {
			return &yaml.Node{Kind: yaml.ScalarNode, Value: value}
		}
		return textNode(value)
	case int64:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatInt(value, 10)}
	case float64:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: strconv.FormatFloat(value, 'f', -1, 64)}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(value)}
}

// textNode makes a node of a text, so that every reader of YAML takes it for a text.
func textNode(text string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	switch {
	case strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }):
		n.Style = yaml.DoubleQuotedStyle
	case oldBool[strings.ToLower(text)]:
		n.Style = yaml.SingleQuotedStyle
	case !strings.Contains(text, "\n"):
	case unreadable(text):
		n.Style = yaml.DoubleQuotedStyle
	default:
		n.Style = yaml.LiteralStyle
	}
	return n
}

// oldBool are the texts that programs with YAML 1.1 take for yes and no.
var oldBool = map[string]bool{"y": true, "yes": true, "on": true, "n": true, "no": true, "off": true}

// unreadable reports whether a text of several lines would look as a block like what it is not: white space at its ends or at the end of a line.
func unreadable(text string) bool {
	body := strings.TrimSuffix(text, "\n")
	return body != strings.TrimSpace(body) || strings.Contains(text, " \n")
}
