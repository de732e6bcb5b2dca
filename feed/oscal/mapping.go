package oscal

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// mappings reads a collection of mappings between controls of two documents (OSCAL 1.2).
func (d *document) mappings() {
	top := d.body.Get("provenance")
	for i, m := range d.body.List("mappings") {
		from, into := d.addresses(m.Get("source-resource").String("href")), d.addresses(m.Get("target-resource").String("href"))
		for j, n := range m.List("maps") {
			where := fmt.Sprintf("mappings[%d].maps[%d]", i, j)
			id := strings.ToLower(line(n.String("uuid")))
			relation := n.Get("relationship").Plain()
			if relation == "" {
				relation = n.Get("relationship").String("type")
			}
			rec := &model.RequirementMapping{Relation: model.MappingRelation(strings.ReplaceAll(strings.ToLower(relation), "-", "_")), Remarks: n.String("remarks"), Identifier: id}
			if !slices.ContainsFunc(rec.Relation.Options(), func(o model.Option) bool { return o.Value == string(rec.Relation) }) {
				d.batch.Refuse(d.at(n, where+".relationship"), "the relation %q is none of OSCAL: use equal-to, equivalent-to, subset-of, superset-of, intersects-with or no-relationship", kit.Short(relation))
				continue
			}
			rec.Rationale = option[model.MappingRationale](first(n, m, top, "matching-rationale"))
			rec.State = option[model.MappingState](first(n, m, top, "status"))
			d.pairs(rec, n, where, from, into)
		}
	}
	d.batch.Source.Describes, d.batch.Source.Release = d.title, d.edition
}

// first returns a member of the first of some nodes that has it.
func first(n, m, top *kit.Node, name string) string {
	for _, one := range []*kit.Node{n, m, top} {
		if text := one.String(name); text != "" {
			return text
		}
	}
	return ""
}

// option returns a text as a value of an enumeration, or nothing where it is none.
func option[E interface {
	~string
	Options() []model.Option
}](text string) E {
	value := E(strings.ReplaceAll(strings.ToLower(text), "-", "_"))
	if slices.ContainsFunc(value.Options(), func(o model.Option) bool { return o.Value == string(value) }) {
		return value
	}
	return ""
}

// pairs proposes a mapping for every pair of a source and a target.
func (d *document) pairs(rec *model.RequirementMapping, n *kit.Node, where string, from, into []string) {
	sources, targets := refsOf(n, "sources"), refsOf(n, "targets")
	if len(sources)*len(targets) > 1000 {
		d.batch.Refuse(d.at(n, where), "the map has more than 1000 pairs of sources and targets: split it")
		return
	}
	for _, s := range sources {
		for _, t := range targets {
			one := model.Clone(rec)
			one.Key = keyOf(s+"-"+string(rec.Relation)+"-"+t, 120)
			if len(sources)*len(targets) > 1 {
				one.Identifier = ""
			}
			d.rows = append(d.rows,
				&rowDraft{addresses: from, ids: []string{s}, where: d.at(n, where), make: true, put: func(refs []model.Ref) { one.From = refs[0] }},
				&rowDraft{addresses: into, ids: []string{t}, where: d.at(n, where), make: true, put: func(refs []model.Ref) { one.Into = refs[0] }})
			d.add(one, n, where)
		}
	}
}

// refsOf returns the controls that one side of a map names.
func refsOf(n *kit.Node, side string) []string {
	var out []string
	for _, r := range n.List(side) {
		id := line(r.String("id-ref"))
		if id = part.ReplaceAllString(id, ""); id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}
