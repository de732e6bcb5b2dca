package spdx

import (
	"cmp"
	"fmt"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// graph is the elements of an SPDX 3 document by their identifiers.
type graph struct {
	batch    *feed.Batch
	doc      *document
	elements map[string]*kit.Node
}

// fromGraph reads the packages of SPDX 3 and what stands between them. Its
// elements may hold others or name them by their identifiers.
func fromGraph(root *kit.Node, b *feed.Batch) (*document, error) {
	context := root.Get("@context")
	if context == nil || !strings.Contains(context.Text, "spdx.org/rdf/3.") {
		return nil, fmt.Errorf("@context: %q is not that of SPDX 3: SPDX-2.1, SPDX-2.2, SPDX-2.3 and 3.0 are read", kit.Short(context.Plain()))
	}
	g := &graph{batch: b, doc: &document{files: map[string]bool{}}, elements: map[string]*kit.Node{}}
	list := root.List("@graph")
	for _, v := range list {
		if id := identifier(v); id != "" && g.elements[id] == nil {
			g.elements[id] = v
		}
	}
	for _, what := range []string{"packages", "files", "relationships"} {
		b.Count(what, 0)
	}
	known := map[string]bool{}
	for i, v := range list {
		at := b.At(v.Line, v.Column, fmt.Sprintf("@graph[%d]", i))
		switch kindOf(v) {
		case "Package":
			b.Count("packages", 1)
			g.addPackage(v, at, known)
		case "File", "Snippet":
			b.Count("files", 1)
			g.doc.files[identifier(v)] = true
		case "Relationship", "LifecycleScopedRelationship":
			b.Count("relationships", 1)
			g.addRelationship(v, at)
		case "SpdxDocument":
			g.doc.name, g.doc.namespace = v.String("name"), identifier(v)
			g.doc.created = cmp.Or(g.element(v.Get("creationInfo")).String("created"), g.doc.created)
			g.describe(v, 0)
		case "CreationInfo":
			g.doc.created = cmp.Or(g.doc.created, v.String("created"))
		}
	}
	g.licences()
	return g.doc, nil
}

// kindOf returns the type of an element without the profile in front.
func kindOf(v *kit.Node) string {
	text := cmp.Or(v.String("type"), v.String("@type"))
	return text[strings.LastIndexAny(text, "_/:#")+1:]
}

func identifier(v *kit.Node) string { return cmp.Or(v.String("spdxId"), v.String("@id")) }

// element returns the element that a value is or names.
func (g *graph) element(v *kit.Node) *kit.Node {
	if v != nil && v.Shape == kit.Scalar {
		return g.elements[v.Plain()]
	}
	return v
}

// describe follows the root elements of a document, through the bills of materials among them, to packages.
func (g *graph) describe(v *kit.Node, depth int) {
	for _, ref := range v.List("rootElement") {
		target := g.element(ref)
		switch kindOf(target) {
		case "Package", "File":
			g.doc.describes = append(g.doc.describes, identifier(target))
		case "Sbom", "Bom", "Bundle":
			if depth < 3 {
				g.describe(target, depth+1)
			}
		}
	}
}

func (g *graph) addPackage(v *kit.Node, at feed.Where, known map[string]bool) {
	p := &pkg{
		id: identifier(v), name: v.String("name"), version: v.String("software_packageVersion"), purpose: v.String("software_primaryPurpose"),
		about: cmp.Or(v.String("summary"), v.String("description")), purl: v.String("software_packageUrl"), at: at,
	}
	switch {
	case p.name == "":
		g.batch.RefuseRecord(at, p.id, "name", "name is missing: every package needs one")
		return
	case p.id == "":
		g.batch.RefuseRecord(at, p.name, "", "spdxId is missing: every package needs one")
		return
	case known[p.id]:
		g.batch.RefuseRecord(at, p.name, "", fmt.Sprintf("the spdxId %q is there more than once", kit.Short(p.id)))
		return
	}
	known[p.id] = true
	p.setSupplier(g.element(v.Get("suppliedBy")).String("name"))
	for _, who := range v.List("originatedBy") {
		p.setSupplier(g.element(who).String("name"))
	}
	for _, method := range v.List("verifiedUsing") {
		if m := g.element(method); kindOf(m) == "Hash" {
			if wrong := p.addDigest(m.String("algorithm"), m.String("hashValue")); wrong != "" {
				g.batch.RefuseRecord(at, p.name, "hashes", wrong)
			}
		}
	}
	for _, name := range v.List("externalIdentifier") {
		id := g.element(name)
		switch id.String("externalIdentifierType") {
		case "packageURL", "packageUrl":
			p.addReference("purl", id.String("identifier"))
		case "cpe23":
			p.addReference("cpe23Type", id.String("identifier"))
		case "cpe22":
			p.addReference("cpe22Type", id.String("identifier"))
		}
	}
	g.doc.packages = append(g.doc.packages, p)
}

func (g *graph) addRelationship(v *kit.Node, at feed.Where) {
	from, how := g.name(v.Get("from")), v.String("relationshipType")
	how = how[strings.LastIndexAny(how, "/:#")+1:]
	if from == "" || how == "" {
		g.batch.Refuse(at, "a relationship needs from and relationshipType")
		return
	}
	for _, to := range v.List("to") {
		g.doc.relationships = append(g.doc.relationships, relationship{from, how, g.name(to)})
	}
}

// name returns the identifier of the element that a value is or names.
func (g *graph) name(v *kit.Node) string {
	if v != nil && v.Shape == kit.Object {
		return identifier(v)
	}
	return v.Plain()
}

// licences gives packages the licences that relationships say they have.
func (g *graph) licences() {
	packages := map[string]*pkg{}
	for _, p := range g.doc.packages {
		packages[p.id] = p
	}
	for _, r := range g.doc.relationships {
		p := packages[r.from]
		if p == nil || r.how != "hasConcludedLicense" && r.how != "hasDeclaredLicense" {
			continue
		}
		licence := g.elements[r.to]
		p.addLicence(cmp.Or(licence.String("simplelicensing_licenseExpression"), licence.String("name")))
	}
}
