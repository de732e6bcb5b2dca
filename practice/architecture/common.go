package architecture

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// drawn is how many things a picture of a graph has at most: more cannot be read.
const drawn = 150

// pictureOf draws a closure, with a line for the way on which each record was reached.
func pictureOf(c *estate.Closure, mark func(estate.Step) practice.Severity) practice.Picture {
	p := practice.Picture{Type: practice.GraphPicture}
	for i, s := range c.Steps[:min(drawn, len(c.Steps))] {
		p.Nodes = append(p.Nodes, practice.Node{Link: practice.To(s.Record), Group: model.NameOf(s.Record), Severity: mark(s)})
		if s.From >= 0 {
			p.Edges = append(p.Edges, practice.Join{From: s.From, To: i, Label: labelOf(s)})
		}
	}
	return p
}

// labelOf says how a record was reached, in the words of the field.
func labelOf(s estate.Step) string {
	if s.Forward {
		return strings.ToLower(s.Field.Label)
	}
	return cmp.Or(s.Field.Back, strings.ToLower(s.Field.Label))
}

// leftOut says how many rows a limit cut off.
func leftOut(all, shown int) string {
	if all <= shown {
		return ""
	}
	return fmt.Sprintf("%d of %d are shown; raise the limit to see the rest", shown, all)
}

// among reports whether a kind is one of some kinds. None means all.
func among(kinds []string, kind string) bool { return len(kinds) == 0 || slices.Contains(kinds, kind) }

// spoken writes a record with its kind for a sentence: application Web shop.
func spoken(kind *model.Kind, rec model.Record) string {
	label := model.NameOf(rec)
	if kind != nil {
		label = kind.Label
	}
	return strings.ToLower(label) + " " + rec.Base().Title()
}
