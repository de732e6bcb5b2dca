package oscal

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// assessing is what a document of an assessment or a plan of action has proposed so far.
type assessing struct {
	tests        map[string]*model.ControlTest
	observations map[string]*observationDraft
	findings     map[string]*model.Finding
	risks        map[string]*model.Risk
	// testOf says which activity a task carries out.
	testOf map[string]string
	// due and milestones are what risks say of the plan.
	due        map[string]model.Date
	milestones map[string][]model.Milestone
	// answers are the risks by the UUIDs of what was said in them, which some documents refer to instead.
	answers map[string]string
	// addresses lead to the framework that is assessed. They are mostly unknown.
	addresses []string
	// list are the findings in their order.
	list []*model.Finding
}

func newAssessing() *assessing {
	return &assessing{tests: map[string]*model.ControlTest{}, observations: map[string]*observationDraft{}, findings: map[string]*model.Finding{}, risks: map[string]*model.Risk{},
		testOf: map[string]string{}, due: map[string]model.Date{}, milestones: map[string][]model.Milestone{}, answers: map[string]string{}}
}

// uuidOf returns the UUID of a node, or notes that it has none.
func (d *document) uuidOf(n *kit.Node, where string) string {
	id := strings.ToLower(line(n.String("uuid")))
	if id == "" {
		d.batch.Refuse(d.at(n, where), "there is no uuid")
	}
	return id
}

// assessmentPlan reads a plan into an audit and its tests.
func (d *document) assessmentPlan() {
	a := newAssessing()
	d.activities(a, d.body.Get("local-definitions"))
	d.batch.Source.Describes, d.batch.Source.Release = d.title, d.edition
	if ours(d.body.Get("metadata"), "about") == "scope" {
		// Binnacle wrote it for a scope without an audit.
		d.imports = append(d.imports, d.chain("import-ssp", model.OscalSecurityPlan, func(about model.Ref, _ bool) { d.about(about) }))
		return
	}
	rec := &model.Audit{Meta: model.Meta{Key: recordKey(d.body.Get("metadata"), d.title), Name: d.title, Description: d.body.Get("metadata").String("remarks")}, Identifier: d.uuid}
	d.add(rec, d.body, "assessment-plan", feed.External("assessment-plan|"+cmp.Or(d.uuid, d.title)))
	d.about(rec.Ref())
	for _, t := range d.body.List("tasks") {
		if from := day(t.Get("timing").Get("within-date-range").String("start")); rec.Start.IsZero() || !from.IsZero() && from < rec.Start {
			rec.Start = from
		}
		if due := day(t.Get("timing").Get("within-date-range").String("end")); due > rec.Due {
			rec.Due = due
		}
	}
	if rec.Due < rec.Start {
		rec.Due = 0
	}
	d.imports = append(d.imports, d.chain("import-ssp", model.OscalSecurityPlan, func(about model.Ref, _ bool) { rec.Scope = about }))
}

// chain is a ref to another document.
func (d *document) chain(member string, m model.OscalModel, put func(about model.Ref, audit bool)) *importDraft {
	n := d.body.Get(member)
	return &importDraft{addresses: d.addresses(n.String("href")), model: m, where: d.at(n, member), put: put}
}

var methods = map[string]model.TestMethod{"TEST": "test", "TEST-AUTOMATED": "test", "TEST-MANUAL": "test", "EXAMINE": "examine", "INTERVIEW": "interview"}

// activities reads what will be done to find out, into control tests.
func (d *document) activities(a *assessing, local *kit.Node) {
	for i, n := range local.List("activities") {
		where := fmt.Sprintf("local-definitions.activities[%d]", i)
		id := d.uuidOf(n, where)
		if id == "" || a.tests[id] != nil {
			continue
		}
		title := line(cmp.Or(n.String("title"), n.String("description"), id))
		rec := &model.ControlTest{Meta: model.Meta{Key: recordKey(n, title), Name: cut(title), Description: n.String("description")}, Identifier: id, Method: methods[strings.ToUpper(property(n, "method"))]}
		var steps []string
		for j, step := range n.List("steps") {
			text := strings.TrimSpace(step.String("description"))
			if title := line(step.String("title")); title != "" {
				text = strings.TrimSpace("**" + title + ".** " + text)
			}
			steps = append(steps, fmt.Sprintf("%d. %s", j+1, strings.ReplaceAll(text, "\n", "\n   ")))
		}
		rec.Steps = cut(strings.Join(steps, "\n"))
		d.add(rec, n, where)
		a.tests[id] = rec
		d.requirements(a, n, selected(n.Get("related-controls")), func(refs []model.Ref) { rec.Requirements = refs })
	}
}

// requirements asks for the requirements with some identifiers, each once.
func (d *document) requirements(a *assessing, n *kit.Node, ids []string, put func([]model.Ref)) {
	if len(ids) == 0 {
		return
	}
	d.rows = append(d.rows, &rowDraft{addresses: a.addresses, ids: ids, where: d.at(n, ""), put: func(refs []model.Ref) {
		var out []model.Ref
		for _, ref := range refs {
			out = addRef(out, ref, model.Ref{})
		}
		put(out)
	}})
}

// selected returns the controls that a selection names.
func selected(n *kit.Node) []string {
	var out []string
	for _, sel := range n.List("control-selections") {
		for _, c := range sel.List("include-controls") {
			if id := line(c.String("control-id")); id != "" && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// tasks notes which activity each task carries out.
func (a *assessing) tasks(nodes []*kit.Node, depth int) {
	for _, t := range nodes {
		for _, act := range t.List("associated-activities") {
			a.testOf[strings.ToLower(t.String("uuid"))] = strings.ToLower(act.String("activity-uuid"))
		}
		if depth < 10 {
			a.tasks(t.List("tasks"), depth+1)
		}
	}
}

// assessmentResults reads results into tests, observations, findings and risks.
func (d *document) assessmentResults() {
	a := newAssessing()
	d.activities(a, d.body.Get("local-definitions"))
	a.tasks(d.body.Get("local-definitions").List("tasks"), 0)
	for i, r := range d.body.List("results") {
		a.tasks(r.Get("local-definitions").List("tasks"), 0)
		d.activities(a, r.Get("local-definitions"))
		d.findings(a, r, fmt.Sprintf("results[%d]", i), moment(r.String("start")))
	}
	doc := d.record.Record.(*model.OscalDocument)
	d.imports = append(d.imports, d.chain("import-ap", model.OscalAssessmentPlan, func(about model.Ref, audit bool) {
		doc.About = about
		if !audit {
			return
		}
		for _, f := range a.list {
			f.Audit = about
		}
	}))
	d.batch.Source.Describes, d.batch.Source.Release = d.title, d.edition
}

// findings reads the observations, risks and findings of a result or a plan of action.
func (d *document) findings(a *assessing, n *kit.Node, where string, began model.Time) {
	for i, o := range n.List("observations") {
		d.observation(a, o, fmt.Sprintf("%s.observations[%d]", where, i), began)
	}
	for i, r := range n.List("risks") {
		d.risk(a, r, fmt.Sprintf("%s.risks[%d]", where, i))
	}
	for i, f := range n.List("findings") {
		d.finding(a, f, fmt.Sprintf("%s.findings[%d]", where, i), began)
	}
}

func (d *document) observation(a *assessing, n *kit.Node, where string, began model.Time) {
	id := d.uuidOf(n, where)
	if id == "" || a.observations[id] != nil {
		return
	}
	rec := &model.Observation{Identifier: id, Collected: cmp.Or(moment(n.String("collected")), began), Expires: moment(n.String("expires")), Result: model.TestUnknown}
	if rec.Collected.IsZero() {
		d.batch.Refuse(d.at(n, where+".collected"), "%q is no moment: write it such as 2025-06-30T10:00:00Z", kit.Short(n.String("collected")))
		return
	}
	title := line(cmp.Or(n.String("title"), n.String("description"), id))
	rec.Key, rec.Name, rec.Description = recordKey(n, keyOf(title, 60)+"."+rec.Collected.Date().String()), cut(title), n.String("description")
	rec.Text = cut(line(n.String("description")))
	switch strings.ToLower(property(n, "result")) {
	case "pass", "satisfied":
		rec.Result = model.TestPassed
	case "fail", "not-satisfied":
		rec.Result = model.TestFailed
	case "error":
		rec.Result = model.TestError
	}
	for _, e := range n.List("relevant-evidence") {
		text := line(cmp.Or(e.String("description"), e.String("remarks"), e.String("href")))
		rec.Evidence = append(rec.Evidence, model.EvidenceItem{Text: cut(text), Link: line(e.String("href"))})
	}
	o := &observationDraft{rec: rec}
	o.test, o.own = d.testFor(a, n, id, title, where)
	rec.Test = o.test.Ref()
	d.add(rec, n, where)
	d.observed = append(d.observed, o)
	a.observations[id] = o
	if rec.Result != model.TestUnknown {
		o.result = rec.Result
	}
}

// observationDraft is an observation that is being read.
type observationDraft struct {
	rec *model.Observation
	// result is what the document says of it, where it says something.
	result model.TestResult
	// test is the test that it is a run of, and own the item of that test where the document names none.
	test *model.ControlTest
	own  *feed.Item
}

// testFor returns the test that an observation is a run of: the activity that its origin names, the only one there is, or one of its own.
func (d *document) testFor(a *assessing, n *kit.Node, id, title, where string) (*model.ControlTest, *feed.Item) {
	for _, o := range n.List("origins") {
		for _, t := range o.List("related-tasks") {
			if test := a.tests[a.testOf[strings.ToLower(t.String("task-uuid"))]]; test != nil {
				return test, nil
			}
		}
	}
	if len(a.tests) == 1 && d.model == model.OscalAssessmentResults {
		for _, test := range a.tests {
			return test, nil
		}
	}
	own := &model.ControlTest{Meta: model.Meta{Key: keyOf(title, 60), Name: cut(title)}}
	for _, m := range n.List("methods") {
		own.Method = cmp.Or(own.Method, methods[strings.ToUpper(m.Plain())])
	}
	return own, d.add(own, n, where, feed.External("test of observation "+id))
}

func (d *document) risk(a *assessing, n *kit.Node, where string) {
	id := d.uuidOf(n, where)
	if id == "" || a.risks[id] != nil {
		return
	}
	title := line(cmp.Or(n.String("title"), n.String("description"), id))
	rec := &model.Risk{Meta: model.Meta{Key: recordKey(n, title), Name: cut(title), Description: n.String("description")}, Identifier: id, Category: "compliance",
		Effect: cut(strings.TrimSpace(n.String("statement"))), ReviewBy: day(n.String("deadline"))}
	state := strings.ToLower(strings.ReplaceAll(n.String("status"), "-", "_"))
	if slices.ContainsFunc(rec.State.Options(), func(o model.Option) bool { return o.Value == state }) {
		rec.State = model.RiskState(state)
	} else {
		rec.State = model.RiskOpen
	}
	d.facets(rec, n)
	for _, r := range n.List("mitigating-factors") {
		a.answers[strings.ToLower(r.String("uuid"))] = id
	}
	a.due[id] = day(n.String("deadline"))
	for _, r := range n.List("remediations") {
		a.answers[strings.ToLower(r.String("uuid"))] = id
		switch kind := strings.ToLower(property(r, "type")); kind {
		case "accept", "avoid", "transfer", "mitigate":
			rec.Treatment = model.RiskTreatment(kind)
		}
		a.timed(id, r.List("tasks"), 0)
	}
	d.add(rec, n, where)
	a.risks[id] = rec
}

// timed notes the milestones of a remediation.
func (a *assessing) timed(id string, tasks []*kit.Node, depth int) {
	for _, t := range tasks {
		timing := t.Get("timing")
		due := cmp.Or(day(timing.Get("within-date-range").String("end")), day(timing.Get("on-date").String("date")))
		if name := line(t.String("title")); name != "" {
			a.milestones[id] = append(a.milestones[id], model.Milestone{Name: name, Due: due})
		}
		if depth < 10 {
			a.timed(id, t.List("tasks"), depth+1)
		}
	}
}

// facets reads how likely and how bad a risk is. Initial facets are those before any measure.
func (d *document) facets(rec *model.Risk, n *kit.Node) {
	for _, c := range n.List("characterizations") {
		for _, f := range c.List("facets") {
			kind, value := strings.ToLower(f.String("name")), level(f.String("value"))
			initial := strings.ToLower(property(f, "state")) == "initial"
			switch {
			case value == "":
				d.batch.Count("risk facets kept with the document", 1)
			case kind == "likelihood" && initial:
				rec.InherentLikelihood = value
			case kind == "likelihood":
				rec.Likelihood = value
			case kind == "impact" && initial:
				rec.InherentImpact = value
			case kind == "impact":
				rec.Impact = value
			default:
				d.batch.Count("risk facets kept with the document", 1)
			}
		}
	}
}

// part is what follows the id of a control in that of one of its statements or objectives.
var part = regexp.MustCompile(`_(?:smt|stmt|obj|gdn|asm|fr|prm|statement|objective)\b.*$|_(?:smt|stmt|obj|asm)[-._].*$`)

func (d *document) finding(a *assessing, n *kit.Node, where string, began model.Time) {
	id := d.uuidOf(n, where)
	if id == "" || a.findings[id] != nil {
		return
	}
	title := line(cmp.Or(n.String("title"), n.String("description"), id))
	rec := &model.Finding{Meta: model.Meta{Key: recordKey(n, title), Name: cut(title), Description: n.String("description")}, Identifier: id, State: model.FindingOpen}
	if opened, err := model.ParseDate(ours(n, "opened")); err == nil && opened.Time().Year() < 2200 {
		rec.Opened = opened
	} else if !began.IsZero() && d.model == model.OscalAssessmentResults {
		rec.Opened = began.Date()
	}
	target := n.Get("target")
	status := target.Get("status")
	held := strings.ToLower(cmp.Or(status.String("state"), status.Plain()))
	result := model.TestFailed
	if held == "satisfied" {
		result, rec.State = model.TestPassed, model.FindingClosed
	}
	rec.State = cmp.Or(option[model.FindingState](ours(n, "state")), rec.State)
	for _, o := range n.List("related-observations") {
		if obs := a.observations[strings.ToLower(o.String("observation-uuid"))]; obs != nil {
			rec.Observations = addRef(rec.Observations, obs.rec.Ref(), model.Ref{})
			rec.Test = cmp.Or(rec.Test, obs.rec.Test)
			if obs.result == "" || result == model.TestFailed {
				obs.rec.Result, obs.result = result, result
			}
		}
	}
	d.add(rec, n, where)
	a.findings[id] = rec
	a.list = append(a.list, rec)
	for _, list := range []string{"related-risks", "associated-risks"} {
		for _, r := range n.List(list) {
			if risk := a.risks[strings.ToLower(r.String("risk-uuid"))]; risk != nil && risk.Found.IsZero() {
				risk.Found = rec.Ref()
			}
		}
	}
	if control := part.ReplaceAllString(line(target.String("target-id")), ""); control != "" {
		d.requirements(a, n, []string{control}, func(refs []model.Ref) { rec.Requirements = refs })
	}
}

// planOfAction reads a plan of action and milestones.
func (d *document) planOfAction() {
	a := newAssessing()
	d.activities(a, d.body.Get("local-definitions"))
	d.findings(a, d.body, "plan-of-action-and-milestones", d.modified)
	for i, n := range d.body.List("poam-items") {
		d.planItem(a, n, fmt.Sprintf("poam-items[%d]", i))
	}
	chain := d.chain("import-ssp", model.OscalSecurityPlan, func(scope model.Ref, _ bool) { d.about(scope) })
	if id := line(d.body.Get("system-id").String("id")); id != "" {
		chain.addresses = append(chain.addresses, id)
	}
	if len(chain.addresses) > 0 {
		d.imports = append(d.imports, chain)
	}
	d.batch.Source.Describes, d.batch.Source.Release = d.title, d.edition
}

func (d *document) planItem(a *assessing, n *kit.Node, where string) {
	// Items had no UUID that was required before OSCAL 1.1.
	id := strings.ToLower(line(n.String("uuid")))
	title := line(cmp.Or(n.String("title"), n.String("description"), id))
	if title == "" {
		d.batch.Refuse(d.at(n, where), "the item has neither a title nor a uuid")
		return
	}
	rec := &model.PlanItem{Meta: model.Meta{Key: recordKey(n, title), Name: cut(title), Description: n.String("description")}, Identifier: id, State: "open", Remarks: n.String("remarks")}
	for _, f := range n.List("related-findings") {
		if finding := a.findings[strings.ToLower(f.String("finding-uuid"))]; finding != nil {
			rec.Findings = addRef(rec.Findings, finding.Ref(), model.Ref{})
		}
	}
	closed := 0
	for _, list := range []string{"related-risks", "associated-risks"} {
		for _, r := range n.List(list) {
			uuid := strings.ToLower(r.String("risk-uuid"))
			if a.risks[uuid] == nil {
				uuid = a.answers[uuid]
			}
			risk := a.risks[uuid]
			if risk == nil {
				d.batch.Note("%s: the risk %s is not in the document: the ref was left out.", d.at(r, where), kit.Short(r.String("risk-uuid")))
				continue
			}
			rec.Risks = addRef(rec.Risks, risk.Ref(), model.Ref{})
			rec.Due = max(rec.Due, a.due[uuid])
			rec.Milestones = append(rec.Milestones, a.milestones[uuid]...)
			if risk.State == model.RiskClosed {
				closed++
			}
		}
	}
	if closed > 0 && closed == len(rec.Risks) {
		rec.State = "closed"
	}
	rec.State = cmp.Or(option[model.PlanItemState](ours(n, "state")), rec.State)
	if due, err := model.ParseDate(ours(n, "due")); err == nil && due.Time().Year() < 2200 {
		rec.Due = due
	}
	idents := []feed.Ident{}
	if id == "" {
		idents = append(idents, feed.External("item "+d.uuid+" "+title))
	}
	d.add(rec, n, where, idents...)
}
