// Package csaf reads documents of the Common Security Advisory Framework (CSAF), version 2.0 and, as far as they are alike, 2.1: security
// advisories and VEX statements.
package csaf

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Format reads CSAF documents.
var Format = feed.Format{
	Name:  name,
	Label: "CSAF advisory",
	Help: "Vulnerabilities become advisories with the packages that have them, and statements of which products have them and which do not. " +
		"What a newer version of the same document no longer says becomes stale.",
	Rank:   60,
	Detect: detect,
	Read:   read,
}

const name = "csaf"

// glance is how many bytes of a content are looked at to find out its format.
const glance = 256 << 10

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	if len(text) == 0 || text[0] != '{' {
		return 0
	}
	names := kit.Members(text)
	switch {
	case !names["document"] && !names["vulnerabilities"]:
		return 0
	case names["document"] && bytes.Contains(text, []byte(`"csaf_version"`)):
		return 100
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
	document := root.Get("document")
	tracking, publisher := document.Get("tracking"), document.Get("publisher")
	id, author := kit.Line(tracking.String("id")), kit.Line(publisher.String("name"))
	switch version := document.String("csaf_version"); {
	case document == nil:
		return errors.New("document: there is no description of the document")
	case version != "2.0" && version != "2.1":
		return fmt.Errorf("document.csaf_version: %q is not known: versions 2.0 and 2.1 are read", kit.Short(version))
	case id == "":
		return errors.New("document.tracking.id: the document has no identifier")
	case author == "":
		return errors.New("document.publisher.name: the document does not say who publishes it")
	}
	r := &reader{batch: b, id: id, document: document, products: map[string]kit.Product{}, groups: map[string][]string{}}
	r.stated = cmp.Or(kit.TimeAt(tracking.String("current_release_date")), kit.TimeAt(tracking.String("initial_release_date")))
	space := kit.RepositoryKey(publisher.String("namespace") + "/" + id)
	b.Source = model.Source{Meta: model.Meta{Key: name + ":" + kit.SubjectKey(kit.KeyOf(id)) + "~" + kit.Digest(cmp.Or(space, author))[:6], Name: kit.Line(cmp.Or(document.String("title"), id))}, Format: name, Describes: author + " " + id,
		Release: kit.Line(tracking.String("version")), Serial: id, Produced: r.stated}
	b.Complete = true
	if status := tracking.String("status"); status == "draft" {
		b.Note("The document is a draft: what it says may change.")
	}
	r.said = &kit.Statements{Batch: b, Document: id, Author: author, Stated: r.stated}
	r.said.Begin()
	r.tree(root.Get("product_tree"))
	b.Count("products", len(r.products))
	for i, n := range root.List("vulnerabilities") {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(b.Items) > b.Limits.Items {
			return fmt.Errorf("the document has more than %d statements, which is the limit", b.Limits.Items)
		}
		r.vulnerability(n, fmt.Sprintf("vulnerabilities[%d]", i))
	}
	if len(b.Refused) > 0 {
		b.Complete = false
	}
	if len(root.List("vulnerabilities")) == 0 {
		b.Note("The document tells of no vulnerability.")
	}
	return nil
}

// reader fills a batch from a document.
type reader struct {
	batch    *feed.Batch
	id       string
	document *kit.Node
	stated   model.Time
	said     *kit.Statements
	// products are the products by their identifiers in the document, and groups the identifiers of products in each group.
	products map[string]kit.Product
	groups   map[string][]string
}

func (r *reader) refuse(n *kit.Node, path, format string, args ...any) {
	r.batch.Refuse(r.batch.At(n.Line, n.Column, path), format, args...)
}

// tree reads the products: of branches, single ones, those that are made of others, and groups.
func (r *reader) tree(tree *kit.Node) {
	for i, n := range tree.List("branches") {
		r.branch(n, "", "", fmt.Sprintf("product_tree.branches[%d]", i))
	}
	for i, n := range tree.List("full_product_names") {
		r.product(n, "", "", fmt.Sprintf("product_tree.full_product_names[%d]", i))
	}
	for i, n := range tree.List("relationships") {
		r.relationship(n, fmt.Sprintf("product_tree.relationships[%d]", i))
	}
	for i, n := range tree.List("product_groups") {
		path := fmt.Sprintf("product_tree.product_groups[%d]", i)
		id := n.String("group_id")
		if id == "" {
			r.refuse(n, path, "group_id: the group has no identifier")
			continue
		}
		for _, p := range n.List("product_ids") {
			r.groups[id] = append(r.groups[id], p.Plain())
		}
	}
}

// branch reads a branch with what is below it. The version of a product is that of the nearest branch of versions above it.
func (r *reader) branch(n *kit.Node, version, ranges, path string) {
	text := kit.Line(n.String("name"))
	switch n.String("category") {
	case "product_version":
		version, ranges = text, ""
	case "product_version_range":
		version, ranges = "", text
	}
	if p := n.Get("product"); p != nil {
		r.product(p, version, ranges, path+".product")
	}
	for i, below := range n.List("branches") {
		r.branch(below, version, ranges, fmt.Sprintf("%s.branches[%d]", path, i))
	}
}

// product reads one product with its identifiers.
func (r *reader) product(n *kit.Node, version, ranges, path string) {
	id := n.String("product_id")
	if id == "" {
		r.refuse(n, path, "product_id: the product has no identifier")
		return
	}
	helper := n.Get("product_identification_helper")
	purl := helper.String("purl")
	for _, other := range helper.List("purls") {
		purl = cmp.Or(purl, other.Plain())
	}
	if _, twice := r.products[id]; twice {
		r.refuse(n, path, "product_id: %q is given to two products", kit.Short(id))
		return
	}
	r.products[id] = kit.Product{Name: kit.Line(cmp.Or(n.String("name"), id)), Version: version, Range: ranges, PackageURL: kit.PackageText(purl), CPE: kit.Line(helper.String("cpe"))}
}

// relationship reads a product that is made of others, such as a package as part of a distribution. It is the part that has a vulnerability; where
// the part has no version, the statement is about this part in this distribution alone, and is written in words, which fit no component.
func (r *reader) relationship(n *kit.Node, path string) {
	full := n.Get("full_product_name")
	part, whole := r.products[n.String("product_reference")], r.products[n.String("relates_to_product_reference")]
	if full == nil || part.Name == "" || whole.Name == "" {
		r.refuse(n, path, "the relationship names a product that is not in the tree before it")
		return
	}
	r.product(full, "", "", path+".full_product_name")
	own, ok := r.products[full.String("product_id")]
	if !ok || own.PackageURL != "" || own.CPE != "" {
		return
	}
	own.Version, own.Range, own.PackageURL = part.Version, part.Range, part.PackageURL
	if part.PackageURL != "" && part.Version == "" && part.Range == "" && !strings.Contains(part.PackageURL, "@") {
		own.Range = "in " + whole.Name
	}
	if part.PackageURL == "" {
		own.CPE = part.CPE
	}
	r.products[full.String("product_id")] = own
}
