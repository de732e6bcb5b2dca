// Package openvex reads documents of OpenVEX, version 0.2 and the versions before it.
package openvex

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Format reads OpenVEX documents.
var Format = feed.Format{
	Name:   name,
	Label:  "OpenVEX document",
	Help:   "Statements say which products have a vulnerability and which do not. What a newer version of the same document no longer says becomes stale.",
	Rank:   60,
	Detect: detect,
	Read:   read,
}

const name = "openvex"

// glance is how many bytes of a content are looked at to find out its format.
const glance = 256 << 10

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	if len(text) == 0 || text[0] != '{' {
		return 0
	}
	names := kit.Members(text)
	switch {
	case names["@context"] && strings.Contains(string(text[:min(len(text), 4096)]), "openvex.dev"):
		return 100
	case names["statements"] && (names["@id"] || names["author"]) && !names["document"]:
		return 60
	}
	return 0
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	root, err := kit.JSONNodes(kit.NewText(text), b.Limits)
	if err != nil {
		return err
	}
	if root.Shape != kit.Object {
		return errors.New("an OpenVEX document is a JSON object")
	}
	if kind := root.String("@context"); kind != "" && !strings.Contains(kind, "openvex") {
		return fmt.Errorf("@context: %q is not that of OpenVEX", kit.Short(kind))
	}
	id, author := kit.Line(root.String("@id")), kit.Line(root.String("author"))
	switch {
	case id == "":
		return errors.New("@id: the document has no identifier")
	case author == "":
		return errors.New("author: the document does not say who states it")
	case root.Get("statements") == nil || root.Get("statements").Shape != kit.List:
		return errors.New("statements: there is no list of statements")
	}
	stated := cmp.Or(kit.TimeAt(root.String("last_updated")), kit.TimeAt(root.String("timestamp")))
	b.Source = model.Source{Meta: model.Meta{Key: name + ":" + kit.SubjectKey(kit.KeyOf(id)), Name: "OpenVEX document of " + author}, Format: name, Describes: id, Release: kit.Line(root.String("version")), Serial: id, Produced: stated}
	b.Complete = true
	r := &reader{batch: b, said: &kit.Statements{Batch: b, Document: id, Author: author, Stated: stated}}
	r.said.Begin()
	for i, n := range root.List("statements") {
		if i%1000 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if len(b.Items) > b.Limits.Items {
			return fmt.Errorf("the document has more than %d statements, which is the limit: split it", b.Limits.Items)
		}
		at := b.At(n.Line, n.Column, fmt.Sprintf("statements[%d]", i))
		if err := r.statement(n, at); err != nil {
			b.Refuse(at, "%v", err)
			b.Complete = false
		}
	}
	return nil
}

// reader fills a batch from a document.
type reader struct {
	batch *feed.Batch
	said  *kit.Statements
}

// statement adds one statement. The error says why it cannot be taken.
func (r *reader) statement(n *kit.Node, at feed.Where) error {
	v := n.Get("vulnerability")
	id := kit.Line(cmp.Or(v.String("name"), v.Plain(), v.String("@id")))
	out := model.VexStatement{Vulnerability: id, Status: model.VexStatus(n.String("status")), Justification: model.VexJustification(n.String("justification"))}
	out.Impact, out.Action = kit.Clean(n.String("impact_statement")), kit.Clean(n.String("action_statement"))
	out.Description = kit.Clean(cmp.Or(n.String("status_notes"), v.String("description")))
	out.Stated = cmp.Or(kit.TimeAt(n.String("last_updated")), kit.TimeAt(n.String("timestamp")))
	switch {
	case id == "":
		return errors.New("vulnerability.name: the statement does not say which vulnerability it is about")
	case model.Rank(out.Status) == 0:
		return fmt.Errorf("status: %q is none: not_affected, affected, fixed and under_investigation are known", kit.Short(string(out.Status)))
	case out.Justification != "" && model.Rank(out.Justification) == 0:
		return fmt.Errorf("justification: %q is not one that OpenVEX knows", kit.Short(string(out.Justification)))
	case out.Status == model.VexNotAffected && out.Justification == "" && out.Impact == "":
		return errors.New("a statement that something is not affected needs a justification or an impact_statement")
	}
	var products []kit.Product
	for _, p := range n.List("products") {
		own := productOf(p)
		if own.Text() == "" {
			return errors.New("products: a product has no @id and no identifiers")
		}
		subs := p.List("subcomponents")
		if len(subs) == 0 {
			products = append(products, own)
		}
		// A statement about a part of a product is about that part: the matches are those of the part.
		for _, sub := range subs {
			if part := productOf(sub); part.Text() != "" {
				products = append(products, part)
			}
		}
		if len(subs) > 0 && own.Name != "" {
			out.Description = strings.TrimSpace(out.Description + "\n\nIt is said of parts of " + own.Text() + ".")
		}
	}
	if len(products) == 0 {
		return errors.New("products: the statement names no product")
	}
	slices.SortStableFunc(products, func(a, b kit.Product) int { return strings.Compare(a.Text(), b.Text()) })
	r.said.Add(out, products, nil, at)
	return nil
}

// productOf reads a product: its package URL or CPE among the identifiers, or else its name. Old documents have texts alone.
func productOf(n *kit.Node) kit.Product {
	ids := n.Get("identifiers")
	id := kit.Line(cmp.Or(n.String("@id"), n.Plain()))
	p := kit.Product{Name: id, PackageURL: kit.PackageText(cmp.Or(ids.String("purl"), id)), CPE: kit.Line(cmp.Or(ids.String("cpe23"), ids.String("cpe22")))}
	if strings.HasPrefix(id, "cpe:") {
		p.CPE = cmp.Or(p.CPE, id)
	}
	return p
}
