package oscal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

// hyphens writes a value of an enumeration as OSCAL does.
func hyphens(value string) string { return strings.ReplaceAll(value, "_", "-") }

// whole names the record that the assessment is about: the audit, or the scope where there is none.
func (s *scope) whole() model.Record {
	if s.audit != nil {
		return s.audit
	}
	return s.rec
}

// planID returns the identifier of the assessment plan.
func (s *scope) planID() string {
	if s.audit != nil {
		return idOf(s.audit, s.audit.Identifier)
	}
	return derived(s.rec, "assessment-plan")
}

// reviewed writes which requirements are looked at.
func (s *scope) reviewed() object {
	var controls []any
	seen := map[string]bool{}
	for _, r := range s.requirements {
		if id := controlID(r); !seen[id] {
			seen[id] = true
			controls = append(controls, object{"control-id": id})
		}
	}
	return object{"control-selections": []any{object{"include-controls": controls}}}
}

// assessmentPlan writes the tests as activities.
func (s *scope) assessmentPlan() (model.OscalModel, object) {
	if len(s.tests) == 0 && s.audit == nil {
		return model.OscalAssessmentPlan, nil
	}
	id := idOf(s.rec, s.rec.Identifier)
	body := object{
		"uuid": s.planID(), "metadata": object{"title": "Assessment plan of " + s.whole().Base().Title(), "props": []any{keyProp(s.whole())}}, "import-ssp": object{"href": "#" + id}, "reviewed-controls": s.reviewed(),
		"back-matter": object{"resources": []any{resourceOf(s.rec, id, model.OscalSecurityPlan)}},
	}
	if s.audit == nil {
		body["metadata"].(object)["props"] = []any{prop("about", "scope")}
	} else {
		body["metadata"].(object)["title"] = line(s.audit.Name, s.audit.Key)
	}
	activities, tasks := s.activities(s.tests)
	if len(activities) > 0 {
		body["local-definitions"] = object{"activities": activities}
		body["tasks"] = tasks
	}
	return model.OscalAssessmentPlan, body
}

// activities writes tests, and for each the task that carries it out.
func (s *scope) activities(tests []*model.ControlTest) (activities, tasks []any) {
	for _, t := range tests {
		activities = append(activities, s.activity(t))
		task := object{"uuid": derived(t, "task"), "type": "action", "title": line(t.Name, t.Key),
			"associated-activities": []any{object{"activity-uuid": idOf(t, t.Identifier), "subjects": []any{object{"type": "component", "include-all": object{}}}}}}
		if t.Every > 0 {
			task["props"] = []any{prop("every", t.Every.String())}
		}
		tasks = append(tasks, task)
	}
	return activities, tasks
}

func methodOf(t *model.ControlTest) string {
	if t == nil || t.Method == "" {
		if t != nil && (t.Check != "" || t.Rule != "") {
			return "TEST"
		}
		return "EXAMINE"
	}
	return strings.ToUpper(string(t.Method))
}

// activity writes a test.
func (s *scope) activity(t *model.ControlTest) object {
	out := object{"uuid": idOf(t, t.Identifier), "title": line(t.Name, t.Key), "description": prose(t.Description, t.Steps, t.Name, t.Key), "props": []any{object{"name": "method", "value": methodOf(t)}, keyProp(t)}}
	if t.Check != "" {
		out["props"] = append(out["props"].([]any), prop("check", t.Check+cmp.Or(strings.TrimSuffix("?"+t.Parameters, "?"), "")))
	}
	if t.Steps != "" {
		out["steps"] = []any{object{"uuid": derived(t, "step"), "description": t.Steps}}
	}
	var controls []any
	for _, ref := range s.testedBy(t) {
		if r, ok := estate.Look[*model.Requirement](s.view, ref); ok {
			controls = append(controls, object{"control-id": controlID(r)})
		}
	}
	if len(controls) > 0 {
		out["related-controls"] = object{"control-selections": []any{object{"include-controls": controls}}}
	}
	return out
}

// testedBy returns the requirements that a test bears on, directly and through controls, each once.
func (s *scope) testedBy(t *model.ControlTest) []model.Ref {
	var out []model.Ref
	add := func(ref model.Ref) {
		if (s.required == nil || s.required[ref]) && !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	for _, ref := range t.Requirements {
		add(ref)
	}
	for _, ref := range t.Controls {
		if c, ok := estate.Look[*model.Control](s.view, ref); ok {
			for _, x := range c.Satisfies {
				add(x.Requirement)
			}
		}
	}
	return out
}

// tool is the actor that observations of Binnacle come from.
func (s *scope) tool() object {
	return object{"type": "tool", "actor-uuid": model.OscalIdentifier("", "Binnacle", model.ID{})}
}

// results writes the observations, findings and risks.
func (s *scope) results() (model.OscalModel, object) {
	if len(s.observations)+len(s.found) == 0 {
		return model.OscalAssessmentResults, nil
	}
	var tests []*model.ControlTest
	start, end := s.now, model.Time(0)
	for _, o := range s.observations {
		if t, ok := estate.Look[*model.ControlTest](s.view, o.Test); ok && !slices.Contains(tests, t) {
			tests = append(tests, t)
		}
		start, end = min(start, o.Collected), max(end, o.Collected)
	}
	plan := s.planID()
	result := object{"uuid": derived(s.whole(), "result"), "title": "Results of " + s.whole().Base().Title(), "description": "What the tests of the scope " + s.rec.Title() + " have found.", "start": moment(start), "reviewed-controls": s.reviewed()}
	if end > 0 {
		result["end"] = moment(end)
	}
	observations, risks, findings := s.all()
	put(result, "observations", observations)
	put(result, "risks", risks)
	put(result, "findings", findings)
	body := object{"uuid": derived(s.whole(), "assessment-results"), "metadata": object{"title": "Assessment results of " + s.whole().Base().Title()}, "import-ap": object{"href": "#" + plan}, "results": []any{result},
		"back-matter": object{"resources": []any{resourceOf(s.whole(), plan, model.OscalAssessmentPlan)}}}
	if activities, tasks := s.activities(tests); len(activities) > 0 {
		body["local-definitions"] = object{"activities": activities}
		result["local-definitions"] = object{"tasks": tasks}
	}
	return model.OscalAssessmentResults, body
}

func (s *scope) all() (observations, risks, findings []any) {
	for _, o := range s.observations {
		observations = append(observations, s.observation(o))
	}
	for _, r := range s.risks {
		risks = append(risks, s.risk(r))
	}
	for _, f := range s.found {
		findings = append(findings, s.finding(f))
	}
	return observations, risks, findings
}

// observation writes one run of a test with its evidence.
func (s *scope) observation(o *model.Observation) object {
	t, _ := estate.Look[*model.ControlTest](s.view, o.Test)
	out := object{"uuid": idOf(o, o.Identifier), "title": line(o.Name, o.Key), "description": prose(o.Description, o.Text, o.Name, o.Key), "methods": []any{methodOf(t)}, "collected": moment(o.Collected),
		"props": []any{object{"name": "result", "ns": Namespace, "value": string(o.Result)}, keyProp(o)}, "types": []any{"control-objective"}}
	if !o.Expires.IsZero() {
		out["expires"] = moment(o.Expires)
	}
	if o.Digest != "" {
		out["props"] = append(out["props"].([]any), prop("sha-256", o.Digest))
	}
	if t != nil {
		out["origins"] = []any{object{"actors": []any{s.tool()}, "related-tasks": []any{object{"task-uuid": derived(t, "task")}}}}
	}
	var subjects, evidence []any
	for _, ref := range o.Subjects {
		if rec := s.view.Get(ref); rec != nil {
			subjects = append(subjects, object{"subject-uuid": idOf(rec, ""), "type": "inventory-item", "title": line(rec.Base().Title())})
		}
	}
	for _, e := range o.Evidence {
		item := object{"description": prose(e.Text, e.Link)}
		set(item, "href", strings.Join(strings.Fields(e.Link), "%20"))
		evidence = append(evidence, item)
	}
	put(out, "subjects", subjects)
	put(out, "relevant-evidence", evidence)
	return out
}

// finding writes that something is not met, or is met again.
func (s *scope) finding(f *model.Finding) object {
	target := object{"type": "statement-id", "target-id": s.target(f) + "_smt", "status": object{"state": "not-satisfied", "reason": "fail"}}
	if f.State == model.FindingClosed || f.State == model.FindingMended {
		target["status"] = object{"state": "satisfied", "reason": "pass"}
	}
	out := object{"uuid": idOf(f, f.Identifier), "title": line(f.Name, f.Key), "description": prose(f.Description, f.Cause, f.Name, f.Key), "target": target, "props": []any{keyProp(f), prop("state", cmp.Or(string(f.State), "open"))}}
	if !f.Opened.IsZero() {
		out["props"] = append(out["props"].([]any), prop("opened", f.Opened.String()))
	}
	var observations, risks []any
	for _, ref := range f.Observations {
		if o, ok := estate.Look[*model.Observation](s.view, ref); ok {
			observations = append(observations, object{"observation-uuid": idOf(o, o.Identifier)})
		}
	}
	for _, r := range s.risks {
		if r.Found == f.Ref() {
			risks = append(risks, object{"risk-uuid": idOf(r, r.Identifier)})
		}
	}
	put(out, "related-observations", observations)
	put(out, "related-risks", risks)
	return out
}

// target returns the identifier of the requirement that a finding is about: one that it names, or one that its controls or its test bear on.
func (s *scope) target(f *model.Finding) string {
	refs := slices.Clone(f.Requirements)
	for _, ref := range f.Controls {
		if c, ok := estate.Look[*model.Control](s.view, ref); ok {
			for _, x := range c.Satisfies {
				refs = append(refs, x.Requirement)
			}
		}
	}
	if t, ok := estate.Look[*model.ControlTest](s.view, f.Test); ok {
		refs = append(refs, s.testedBy(t)...)
	}
	// What is required in the scope goes before what is not.
	for _, inside := range []bool{true, false} {
		for _, ref := range refs {
			if r, ok := estate.Look[*model.Requirement](s.view, ref); ok && s.required[ref] == inside {
				return controlID(r)
			}
		}
	}
	return model.OscalToken(f.Key)
}

// risk writes a risk with how likely and how bad it is, and what is planned about it.
func (s *scope) risk(r *model.Risk) object {
	out := object{"uuid": idOf(r, r.Identifier), "title": line(r.Name, r.Key), "description": prose(r.Description, r.Threat, r.Name, r.Key), "statement": prose(r.Effect, r.Description, r.Name, r.Key), "status": cmp.Or(hyphens(string(r.State)), "open"), "props": []any{keyProp(r)}}
	var facets []any
	for _, f := range []struct {
		name, state string
		level       model.Level
	}{{"likelihood", "initial", r.InherentLikelihood}, {"impact", "initial", r.InherentImpact}, {"likelihood", "adjusted", r.Likelihood}, {"impact", "adjusted", r.Impact}} {
		if f.level != "" {
			facets = append(facets, object{"name": f.name, "system": Namespace, "value": sensitivity(f.level), "props": []any{object{"name": "state", "value": f.state}}})
		}
	}
	if len(facets) > 0 {
		out["characterizations"] = []any{object{"origin": object{"actors": []any{s.tool()}}, "facets": facets}}
	}
	if !r.ReviewBy.IsZero() {
		out["deadline"] = midnight(r.ReviewBy)
	}
	var remediations []any
	for _, p := range s.items {
		if slices.Contains(p.Risks, r.Ref()) {
			remediations = append(remediations, s.remediation(r, p))
		}
	}
	put(out, "remediations", remediations)
	return out
}

// remediation writes what an item of the plan does about a risk, with its milestones.
func (s *scope) remediation(r *model.Risk, p *model.PlanItem) object {
	purpose := "PlanItem lowers " + r.ID.String()
	out := object{"uuid": model.OscalIdentifier("", purpose, p.ID), "lifecycle": "planned", "title": line(p.Name, p.Key), "description": prose(p.Description, p.Name, p.Key)}
	if p.State == "done" || p.State == "closed" {
		out["lifecycle"] = "completed"
	}
	if r.Treatment != "" && r.Treatment != "undecided" {
		out["props"] = []any{object{"name": "type", "value": string(r.Treatment)}}
	}
	var tasks []any
	for i, m := range p.Milestones {
		task := object{"uuid": model.OscalIdentifier("", fmt.Sprintf("%s milestone %d", purpose, i+1), p.ID), "type": "milestone", "title": line(m.Name)}
		if !m.Due.IsZero() {
			task["timing"] = object{"on-date": object{"date": midnight(m.Due)}}
		}
		tasks = append(tasks, task)
	}
	put(out, "tasks", tasks)
	return out
}

// actions writes the plan of action and milestones.
func (s *scope) actions() (model.OscalModel, object) {
	if len(s.items) == 0 {
		return model.OscalPlanOfAction, nil
	}
	id := idOf(s.rec, s.rec.Identifier)
	body := object{"uuid": derived(s.rec, "plan-of-action"), "metadata": object{"title": "Plan of action of " + s.rec.Title()}, "import-ssp": object{"href": "#" + id},
		"back-matter": object{"resources": []any{resourceOf(s.rec, id, model.OscalSecurityPlan)}}}
	observations, risks, findings := s.all()
	put(body, "observations", observations)
	put(body, "risks", risks)
	put(body, "findings", findings)
	var items []any
	for _, p := range s.items {
		items = append(items, s.item(p))
	}
	body["poam-items"] = items
	return model.OscalPlanOfAction, body
}

// item writes an item of the plan of action.
func (s *scope) item(p *model.PlanItem) object {
	out := object{"uuid": idOf(p, p.Identifier), "title": line(p.Name, p.Key), "description": prose(p.Description, p.Name, p.Key), "props": []any{keyProp(p), prop("state", cmp.Or(string(p.State), "open"))}}
	if !p.Due.IsZero() {
		out["props"] = append(out["props"].([]any), prop("due", p.Due.String()))
	}
	set(out, "remarks", p.Remarks)
	var findings, risks []any
	for _, ref := range p.Findings {
		if f, ok := estate.Look[*model.Finding](s.view, ref); ok {
			findings = append(findings, object{"finding-uuid": idOf(f, f.Identifier)})
		}
	}
	for _, ref := range p.Risks {
		if r, ok := estate.Look[*model.Risk](s.view, ref); ok {
			risks = append(risks, object{"risk-uuid": idOf(r, r.Identifier)})
		}
	}
	put(out, "related-findings", findings)
	put(out, "related-risks", risks)
	return out
}
