package oscal

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
)

// scope is what the documents of a scope are made of.
type scope struct {
	view  estate.View
	now   model.Time
	rec   *model.ComplianceScope
	audit *model.Audit
	// requirements are what must hold, in their order, and required tells whether one is among them.
	requirements []*model.Requirement
	required     map[model.Ref]bool
	controls     []*model.Control
	tests        []*model.ControlTest
	observations []*model.Observation
	found        []*model.Finding
	risks        []*model.Risk
	items        []*model.PlanItem
}

func newScope(v estate.View, rec *model.ComplianceScope, audit *model.Audit) (*scope, error) {
	s := &scope{view: v, now: v.Stamp().At, rec: rec, audit: audit, required: map[model.Ref]bool{}}
	for _, ref := range rec.Frameworks {
		for _, r := range requirementsOf(v, ref) {
			s.require(r)
		}
	}
	for _, ref := range rec.Baselines {
		if b, ok := estate.Look[*model.Baseline](v, ref); ok {
			for _, ref := range b.Includes {
				if r, ok := estate.Look[*model.Requirement](v, ref); ok {
					s.require(r)
				}
			}
		}
	}
	if len(s.requirements) == 0 {
		return nil, fmt.Errorf("%w: nothing is required in the scope %s: give it a framework or a baseline that has requirements", ErrNothing, rec.Title())
	}
	s.findControls()
	s.findTests()
	s.findFindings()
	s.findObservations()
	return s, nil
}

func (s *scope) require(r *model.Requirement) {
	if r.Type == model.RequirementGroup || r.Withdrawn || s.required[r.Ref()] {
		return
	}
	s.required[r.Ref()] = true
	s.requirements = append(s.requirements, r)
}

// choice returns what the scope says about a requirement or about what it is part of, or nil.
func (s *scope) choice(r *model.Requirement) *model.ApplicabilityChoice {
	for range mostNested {
		for i := range s.rec.Applicability {
			if s.rec.Applicability[i].Requirement == r.Ref() {
				return &s.rec.Applicability[i]
			}
		}
		up, ok := estate.Look[*model.Requirement](s.view, r.Parent)
		if !ok {
			return nil
		}
		r = up
	}
	return nil
}

// findControls finds the controls that meet one of the requirements and are not in place for something else alone.
func (s *scope) findControls() {
	inside := map[model.Ref]bool{s.rec.Ref(): true}
	for _, ref := range s.rec.Covers {
		inside[ref] = true
	}
	for c := range estate.Each[*model.Control](s.view) {
		meets := slices.ContainsFunc(c.Satisfies, func(x model.Satisfaction) bool { return s.required[x.Requirement] })
		here := len(c.AppliesTo) == 0
		for _, ref := range c.AppliesTo {
			_, other := estate.Look[*model.ComplianceScope](s.view, ref)
			here = here || inside[ref] || len(s.rec.Covers) == 0 && !other
		}
		if meets && here {
			s.controls = append(s.controls, c)
		}
	}
	slices.SortFunc(s.controls, func(a, b *model.Control) int { return cmp.Compare(a.Key, b.Key) })
}

func (s *scope) findTests() {
	controls := map[model.Ref]bool{}
	for _, c := range s.controls {
		controls[c.Ref()] = true
	}
	for t := range estate.Each[*model.ControlTest](s.view) {
		if slices.ContainsFunc(t.Controls, func(ref model.Ref) bool { return controls[ref] }) || slices.ContainsFunc(t.Requirements, func(ref model.Ref) bool { return s.required[ref] }) {
			s.tests = append(s.tests, t)
		}
	}
	slices.SortFunc(s.tests, func(a, b *model.ControlTest) int { return cmp.Compare(a.Key, b.Key) })
}

// findFindings finds the findings about what is tested or required here, the risks that came of them, and what is planned about both.
func (s *scope) findFindings() {
	about := map[model.Ref]bool{}
	for _, t := range s.tests {
		about[t.Ref()] = true
	}
	for _, c := range s.controls {
		about[c.Ref()] = true
	}
	here := func(refs []model.Ref) bool {
		return slices.ContainsFunc(refs, func(ref model.Ref) bool { return about[ref] || s.required[ref] })
	}
	findings, risks, items := map[model.Ref]bool{}, map[model.Ref]bool{}, map[model.Ref]bool{}
	for f := range estate.Each[*model.Finding](s.view) {
		if audit, ok := estate.Look[*model.Audit](s.view, f.Audit); ok && audit.Scope == s.rec.Ref() || here(slices.Concat([]model.Ref{f.Test}, f.Controls, f.Requirements)) {
			findings[f.Ref()] = true
		}
	}
	for r := range estate.Each[*model.Risk](s.view) {
		if findings[r.Found] {
			risks[r.Ref()] = true
		}
	}
	for p := range estate.Each[*model.PlanItem](s.view) {
		if here(p.Controls) || slices.ContainsFunc(p.Findings, func(ref model.Ref) bool { return findings[ref] }) || slices.ContainsFunc(p.Risks, func(ref model.Ref) bool { return risks[ref] }) {
			items[p.Ref()] = true
			for _, ref := range p.Risks {
				risks[ref] = true
			}
			for _, ref := range p.Findings {
				findings[ref] = true
			}
		}
	}
	s.found, s.risks, s.items = sorted[*model.Finding](s.view, findings), sorted[*model.Risk](s.view, risks), sorted[*model.PlanItem](s.view, items)
}

// findObservations finds the newest observation of every test, those that findings rest on, and, for an audit, all of its period.
func (s *scope) findObservations() {
	tests := map[model.Ref]bool{}
	for _, t := range s.tests {
		tests[t.Ref()] = true
	}
	in, newest := map[model.Ref]bool{}, map[model.Ref]*model.Observation{}
	for o := range estate.Each[*model.Observation](s.view) {
		if !tests[o.Test] {
			continue
		}
		day := o.Collected.Date()
		if s.audit != nil && !s.audit.From.IsZero() && day >= s.audit.From && (s.audit.Until.IsZero() || day <= s.audit.Until) {
			in[o.Ref()] = true
		}
		if was := newest[o.Test]; was == nil || o.Collected > was.Collected || o.Collected == was.Collected && o.Key < was.Key {
			newest[o.Test] = o
		}
	}
	for _, o := range newest {
		in[o.Ref()] = true
	}
	for _, f := range s.found {
		for _, ref := range f.Observations {
			in[ref] = true
		}
	}
	s.observations = sorted[*model.Observation](s.view, in)
}

// source returns the href of what the scope must meet and the resource that it leads to: its baseline or its framework, or a profile of both where there are several.
func (s *scope) source() (href string, resource object) {
	frameworks, baselines := s.rec.Frameworks, s.rec.Baselines
	if len(frameworks) == 0 && len(baselines) == 1 {
		if b, ok := estate.Look[*model.Baseline](s.view, baselines[0]); ok {
			id := idOf(b, b.Identifier)
			return "#" + id, resourceOf(b, id, model.OscalProfile)
		}
	}
	if len(frameworks) == 1 && len(baselines) == 0 {
		if f, ok := estate.Look[*model.Framework](s.view, frameworks[0]); ok {
			id := idOf(f, f.Identifier)
			return "#" + id, resourceOf(f, id, model.OscalCatalog)
		}
	}
	id := derived(s.rec, "profile")
	return "#" + id, resourceOf(s.rec, id, model.OscalProfile)
}

// profile writes the choice of requirements of a scope that has several frameworks or baselines.
func (s *scope) profile() (model.OscalModel, object) {
	if len(s.rec.Frameworks)+len(s.rec.Baselines) < 2 {
		return model.OscalProfile, nil
	}
	var refs []model.Ref
	for _, r := range s.requirements {
		refs = append(refs, r.Ref())
	}
	imports, resources := chosen(s.view, refs, nil)
	return model.OscalProfile, object{"uuid": derived(s.rec, "profile"), "metadata": object{"title": "Requirements of " + s.rec.Title()}, "imports": imports, "back-matter": object{"resources": resources}}
}

// componentType returns what sort of component a control is.
func componentType(c *model.Control) string {
	switch {
	case c.Automated:
		return "service"
	case c.Type == "directive":
		return "policy"
	}
	return "process-procedure"
}

func (s *scope) component(c *model.Control) object {
	return object{"uuid": idOf(c, c.Identifier), "type": componentType(c), "title": line(c.Name, c.Key), "description": prose(c.Statement, c.Description, c.Name, c.Key), "props": []any{keyProp(c)}}
}

// components writes what the controls do for requirements, framework by framework.
func (s *scope) components() (model.OscalModel, object) {
	resources := map[string]object{}
	var components []any
	for _, c := range s.controls {
		by := map[model.Ref][]any{}
		var order []*model.Framework
		for _, x := range c.Satisfies {
			r, ok := estate.Look[*model.Requirement](s.view, x.Requirement)
			if !ok || !s.required[x.Requirement] {
				continue
			}
			f, ok := estate.Look[*model.Framework](s.view, r.Framework)
			if !ok {
				continue
			}
			if by[f.Ref()] == nil {
				order = append(order, f)
			}
			one := object{"uuid": model.OscalIdentifier(x.Identifier, "Control satisfies "+r.ID.String(), c.ID), "control-id": controlID(r), "description": prose(x.Remarks, c.Statement, c.Description, c.Title())}
			if x.State != "" {
				one["props"] = []any{object{"name": "implementation-status", "value": hyphens(string(x.State))}}
			}
			by[f.Ref()] = append(by[f.Ref()], one)
		}
		one := s.component(c)
		var impls []any
		for _, f := range order {
			id := idOf(f, f.Identifier)
			resources[id] = resourceOf(f, id, model.OscalCatalog)
			impls = append(impls, object{"uuid": model.OscalIdentifier("", "Control implements "+f.ID.String(), c.ID), "source": "#" + id, "description": "What it does for " + f.Title() + ".", "implemented-requirements": by[f.Ref()]})
		}
		put(one, "control-implementations", impls)
		components = append(components, one)
	}
	if len(components) == 0 {
		return model.OscalComponentDefinition, nil
	}
	return model.OscalComponentDefinition, object{"uuid": derived(s.rec, "component-definition"), "metadata": object{"title": "Controls of " + s.rec.Title(), "props": []any{prop("system-security-plan", idOf(s.rec, s.rec.Identifier))}}, "components": components, "back-matter": object{"resources": listed(resources)}}
}

// listed returns objects in the order of their names.
func listed(objects map[string]object) []any {
	var names []string
	for name := range objects {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []any
	for _, name := range names {
		out = append(out, objects[name])
	}
	return out
}

// plan writes the system security plan: every requirement of the scope with what is done for it.
func (s *scope) plan() (model.OscalModel, object) {
	href, resource := s.source()
	system := derived(s.rec, "this-system")
	components := []any{}
	met := map[model.Ref][]any{}
	for _, c := range s.controls {
		one := s.component(c)
		one["status"] = object{"state": "operational"}
		components = append(components, one)
		for _, x := range c.Satisfies {
			by := object{"uuid": model.OscalIdentifier(x.Identifier, "Control satisfies "+model.ID(x.Requirement).String(), c.ID), "component-uuid": idOf(c, c.Identifier), "description": prose(x.Remarks, c.Statement, c.Description, c.Title())}
			if x.State != "" {
				by["implementation-status"] = object{"state": hyphens(string(x.State))}
			}
			met[x.Requirement] = append(met[x.Requirement], by)
		}
	}
	var implemented []any
	for _, r := range s.requirements {
		one := object{"uuid": model.OscalIdentifier("", "ComplianceScope requires "+r.ID.String(), s.rec.ID), "control-id": controlID(r)}
		by := met[r.Ref()]
		if c := s.choice(r); c != nil && !c.Applies {
			by = []any{object{"uuid": model.OscalIdentifier("", "ComplianceScope leaves "+r.ID.String(), s.rec.ID), "component-uuid": system, "description": prose(c.Reason, "It does not apply."), "implementation-status": object{"state": "not-applicable"}}}
		}
		put(one, "by-components", by)
		implemented = append(implemented, one)
	}
	about := object{"system-name": line(s.rec.Name, s.rec.Key), "system-name-short": s.rec.Key, "description": prose(s.rec.Description, s.rec.Title())}
	if s.rec.Sensitivity != "" {
		about["security-sensitivity-level"] = sensitivity(s.rec.Sensitivity)
	}
	if !s.rec.Authorised.IsZero() {
		about["date-authorized"] = s.rec.Authorised.String()
	}
	body := object{
		"uuid": idOf(s.rec, s.rec.Identifier), "metadata": object{"title": "Security plan of " + s.rec.Title()}, "import-profile": object{"href": href}, "system-characteristics": about,
		"system-implementation":  object{"components": components},
		"control-implementation": object{"implemented-requirements": implemented},
		"back-matter":            object{"resources": []any{resource}},
	}
	return model.OscalSecurityPlan, body
}

// sensitivity writes a level in the words that security plans use.
func sensitivity(l model.Level) string {
	if l == model.LevelMedium {
		return "moderate"
	}
	return hyphens(string(l))
}
