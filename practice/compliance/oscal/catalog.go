package oscal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// Catalog writes a framework as an OSCAL catalogue.
func Catalog(v estate.View, f *model.Framework) (practice.File, error) {
	parts := map[model.Ref][]*model.Requirement{}
	n := 0
	for _, r := range requirementsOf(v, f.Ref()) {
		up := r.Parent
		if p, ok := estate.Look[*model.Requirement](v, up); !ok || p.Framework != f.Ref() {
			up = model.Ref{}
		}
		parts[up] = append(parts[up], r)
		n++
	}
	if n == 0 {
		return practice.File{}, fmt.Errorf("%w: the framework %s has no requirements", ErrNothing, f.Title())
	}
	w := catalogWriter{view: v, parts: parts, depth: 0}
	body := w.inside(model.Ref{}, true)
	body["uuid"] = idOf(f, f.Identifier)
	meta := object{"title": f.Title(), "version": cmp.Or(f.Edition, "1")}
	if !f.Published.IsZero() {
		meta["published"] = midnight(f.Published)
	}
	set(meta, "remarks", f.Description)
	body["metadata"] = meta
	if was := storedFor(v, model.OscalCatalog, f.Ref(), body["uuid"].(string)); was != nil {
		delete(was, "groups")
		delete(was, "controls")
		body = merge(was, body).(object)
	}
	return encode(v, model.OscalCatalog, f.Key, body)
}

// storedFor returns the content of the document that was imported about a record, or nil.
func storedFor(v estate.View, m model.OscalModel, about model.Ref, uuid string) object {
	var best *model.OscalDocument
	for d := range estate.Each[*model.OscalDocument](v) {
		if d.Model == m && d.About == about && (best == nil || d.Identifier == uuid) {
			best = d
		}
	}
	if best == nil {
		return nil
	}
	was, err := contentOf(best)
	if err != nil {
		return nil
	}
	return was
}

// requirementsOf returns the requirements of a framework by position and number.
func requirementsOf(v estate.View, framework model.Ref) []*model.Requirement {
	var out []*model.Requirement
	for e := range v.In(framework) {
		if r, ok := e.Record.(*model.Requirement); ok && e.Field.Name == "framework" {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *model.Requirement) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Key, b.Key))
	})
	return out
}

type catalogWriter struct {
	view  estate.View
	parts map[model.Ref][]*model.Requirement
	depth int
}

// mostNested is how deep the parts of requirements are written. Deeper ones would be a circle.
const mostNested = 50

// inside writes the parts of a requirement. Groups stand in groups and requirements in either.
func (w *catalogWriter) inside(up model.Ref, grouped bool) object {
	out := object{}
	if w.depth++; w.depth > mostNested {
		return out
	}
	defer func() { w.depth-- }()
	var groups, controls []any
	for _, r := range w.parts[up] {
		group := grouped && r.Type == model.RequirementGroup && r.Class != "category"
		one := w.inside(r.Ref(), group)
		w.fill(one, r)
		if group {
			groups = append(groups, one)
		} else {
			controls = append(controls, one)
		}
	}
	put(out, "groups", groups)
	put(out, "controls", controls)
	return out
}

// controlID returns the identifier of a requirement in OSCAL documents.
func controlID(r *model.Requirement) string {
	return model.OscalToken(cmp.Or(r.Identifier, r.Number, r.Key))
}

func (w *catalogWriter) fill(out object, r *model.Requirement) {
	id := controlID(r)
	out["id"], out["title"] = id, line(r.Name, r.Number, r.Key)
	if r.Class != "" && model.OscalToken(r.Class) == r.Class {
		out["class"] = r.Class
	}
	props := []any{}
	if r.Number != "" {
		props = append(props, object{"name": "label", "value": line(r.Number)})
	}
	if r.Withdrawn {
		props = append(props, object{"name": "status", "value": "withdrawn"})
	}
	if r.Identifier != "" && r.Identifier != id {
		props = append(props, prop("identifier", r.Identifier))
	}
	put(out, "props", props)
	var links []any
	for _, rel := range []struct {
		name string
		refs []model.Ref
	}{{"moved-to", r.MovedTo}, {"related", r.Related}} {
		for _, ref := range rel.refs {
			if other, ok := estate.Look[*model.Requirement](w.view, ref); ok && other.Framework == r.Framework {
				links = append(links, object{"href": "#" + controlID(other), "rel": rel.name})
			}
		}
	}
	put(out, "links", links)
	var params []any
	for _, p := range r.Parameters {
		param := object{"id": model.OscalToken(p.Identifier)}
		set(param, "label", p.Label)
		if p.Choices != "" {
			choices := []any{}
			for _, c := range strings.Split(p.Choices, " | ") {
				choices = append(choices, c)
			}
			param["select"] = object{"choice": choices}
			delete(param, "label")
		}
		if p.Value != "" {
			param["values"] = []any{line(p.Value)}
		}
		params = append(params, param)
	}
	put(out, "params", params)
	var parts []any
	for _, part := range []struct{ name, ending, prose string }{{"statement", "smt", r.Statement}, {"guidance", "gdn", r.Guidance}, {"assessment-objective", "obj", r.Objectives}} {
		if part.prose != "" {
			parts = append(parts, object{"id": id + "_" + part.ending, "name": part.name, "prose": part.prose})
		}
	}
	put(out, "parts", parts)
}

// Profile writes a baseline as an OSCAL profile.
func Profile(v estate.View, b *model.Baseline) (practice.File, error) {
	body := object{"uuid": idOf(b, b.Identifier), "metadata": object{"title": b.Title(), "version": cmp.Or(b.Edition, "1")}}
	if b.Description != "" {
		body["metadata"].(object)["remarks"] = b.Description
	}
	imports, resources := chosen(v, b.Includes, b)
	if len(imports) == 0 {
		return practice.File{}, fmt.Errorf("%w: the baseline %s includes no requirement", ErrNothing, b.Title())
	}
	body["imports"] = imports
	var values []any
	for _, p := range b.Values {
		values = append(values, object{"param-id": model.OscalToken(p.Parameter), "values": []any{line(p.Value)}})
	}
	if len(values) > 0 {
		body["modify"] = object{"set-parameters": values}
	}
	body["back-matter"] = object{"resources": resources}
	if was := storedFor(v, model.OscalProfile, b.Ref(), body["uuid"].(string)); was != nil {
		// The rules of the document that was imported say more than their result.
		if unchanged(v, b) {
			delete(body, "imports")
			delete(body, "back-matter")
		}
		body = merge(was, body).(object)
	}
	return encode(v, model.OscalProfile, b.Key, body)
}

// unchanged reports whether what a baseline includes comes from the document that was imported: a person has not set it.
func unchanged(v estate.View, b *model.Baseline) bool {
	return len(b.Choices) > 0 && b.OriginOf("includes") != model.PersonSource && v.Get(b.Ref()) != nil
}

// chosen writes the imports of a profile that chooses some requirements, and the resources that they refer to.
func chosen(v estate.View, includes []model.Ref, b *model.Baseline) (imports, resources []any) {
	ids := map[model.Ref][]any{}
	var order []*model.Framework
	for _, ref := range includes {
		r, ok := estate.Look[*model.Requirement](v, ref)
		if !ok {
			continue
		}
		f, ok := estate.Look[*model.Framework](v, r.Framework)
		if !ok {
			continue
		}
		if ids[f.Ref()] == nil {
			order = append(order, f)
		}
		ids[f.Ref()] = append(ids[f.Ref()], controlID(r))
	}
	for _, f := range order {
		if b != nil {
			ids[f.Ref()] = append(ids[f.Ref()], unresolved(b, len(order))...)
		}
		imports = append(imports, object{"href": "#" + idOf(f, f.Identifier), "include-controls": []any{object{"with-ids": ids[f.Ref()]}}})
		resources = append(resources, resourceOf(f, idOf(f, f.Identifier), model.OscalCatalog))
	}
	return imports, resources
}

// unresolved returns the identifiers that a baseline of one framework names and that the framework does not have.
func unresolved(b *model.Baseline, frameworks int) []any {
	var out []any
	if frameworks != 1 {
		return nil
	}
	for _, id := range b.Unresolved {
		out = append(out, model.OscalToken(id))
	}
	return out
}

// resourceOf says where a document is: in the file beside that is written for its record.
func resourceOf(rec model.Record, id string, m model.OscalModel) object {
	return object{"uuid": id, "title": rec.Base().Title(), "rlinks": []any{object{"href": "./" + rec.Base().Key + "." + string(m) + ".json", "media-type": "application/oscal." + string(m) + "+json"}}}
}
