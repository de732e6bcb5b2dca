package spdx

import (
	"fmt"
	"strings"

	"binnacle/feed"
)

// graph is the elements of an SPDX 3 document by their identifiers.
type graph struct {
	batch    *feed.Batch
	doc      *document
	elements map[string]*value
}

// fromGraph reads the packages of SPDX 3 and what stands between them. Its
// elements may hold others or name them by their identifiers.
func fromGraph(root *value, b *feed.Batch) (*document, error) {
	context := root.get("@context")
	if context == nil || !strings.Contains(context.text, "spdx.org/rdf/3.") {
		return nil, fmt.Errorf("@context: %q is not that of SPDX 3: SPDX-2.1, SPDX-2.2, SPDX-2.3 and 3.0 are read", short(context.plain()))
	}
	g := &graph{batch: b, doc: &document{files: map[string]bool{}}, elements: map[string]*value{}}
	list := root.list("@graph")
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
		at := b.At(v.line, v.column, fmt.Sprintf("@graph[%d]", i))
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
			g.doc.name, g.doc.namespace = v.string("name"), identifier(v)
			g.doc.created = first(g.element(v.get("creationInfo")).string("created"), g.doc.created)
			g.describe(v, 0)
		case "CreationInfo":
			g.doc.created = first(g.doc.created, v.string("created"))
		}
	}
	g.licences()
	return g.doc, nil
}

// kindOf returns the type of an element without the profile in front.
func kindOf(v *value) string {
	text := first(v.string("type"), v.string("@type"))
	return text[strings.LastIndexAny(text, "_/:#")+1:]
}

func identifier(v *value) string { return first(v.string("spdxId"), v.string("@id")) }

// element returns the element that a value is or names.
func (g *graph) element(v *value) *value {
	if v != nil && v.kind == scalarValue {
		return g.elements[v.plain()]
	}
	return v
}

// describe follows the root elements of a document, through the bills of materials among them, to packages.
func (g *graph) describe(v *value, depth int) {
	for _, ref := range v.list("rootElement") {
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

func (g *graph) addPackage(v *value, at feed.Where, known map[string]bool) {
	p := &pkg{
		id: identifier(v), name: v.string("name"), version: v.string("software_packageVersion"), purpose: v.string("software_primaryPurpose"),
		about: first(v.string("summary"), v.string("description")), purl: v.string("software_packageUrl"), at: at,
	}
	switch {
	case p.name == "":
		g.batch.RefuseRecord(at, p.id, "name", "name is missing: every package needs one")
		return
	case p.id == "":
		g.batch.RefuseRecord(at, p.name, "", "spdxId is missing: every package needs one")
		return
	case known[p.id]:
		g.batch.RefuseRecord(at, p.name, "", fmt.Sprintf("the spdxId %q is there more than once", short(p.id)))
		return
	}
	known[p.id] = true
	p.setSupplier(g.element(v.get("suppliedBy")).string("name"))
	for _, who := range v.list("originatedBy") {
		p.setSupplier(g.element(who).string("name"))
	}
	for _, method := range v.list("verifiedUsing") {
		if m := g.element(method); kindOf(m) == "Hash" {
			if wrong := p.addDigest(m.string("algorithm"), m.string("hashValue")); wrong != "" {
				g.batch.RefuseRecord(at, p.name, "hashes", wrong)
			}
		}
	}
	for _, name := range v.list("externalIdentifier") {
		id := g.element(name)
		switch id.string("externalIdentifierType") {
		case "packageURL", "packageUrl":
			p.addReference("purl", id.string("identifier"))
		case "cpe23":
			p.addReference("cpe23Type", id.string("identifier"))
		case "cpe22":
			p.addReference("cpe22Type", id.string("identifier"))
		}
	}
	g.doc.packages = append(g.doc.packages, p)
}

func (g *graph) addRelationship(v *value, at feed.Where) {
	from, how := g.name(v.get("from")), v.string("relationshipType")
	how = how[strings.LastIndexAny(how, "/:#")+1:]
	if from == "" || how == "" {
		g.batch.Refuse(at, "a relationship needs from and relationshipType")
		return
	}
	for _, to := range v.list("to") {
		g.doc.relationships = append(g.doc.relationships, relationship{from, how, g.name(to)})
	}
}

// name returns the identifier of the element that a value is or names.
func (g *graph) name(v *value) string {
	if v != nil && v.kind == objectValue {
		return identifier(v)
	}
	return v.plain()
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
		p.addLicence(first(licence.string("simplelicensing_licenseExpression"), licence.string("name")))
	}
}
