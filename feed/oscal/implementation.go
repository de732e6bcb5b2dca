package oscal

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// controlDraft is a control that a component becomes.
type controlDraft struct {
	rec  *model.Control
	node *kit.Node
	rows []*satisfied
}

// satisfied is one requirement that a control meets, as it is being read.
type satisfied struct {
	addresses []string
	id        string
	uuid      string
	state     model.ImplementationState
	texts     []string
	where     *kit.Node
	ref       model.Ref
}

// componentDefinition reads components and capabilities that implement requirements into controls.
func (d *document) componentDefinition() {
	for i, n := range d.body.List("components") {
		d.component(n, fmt.Sprintf("components[%d]", i))
	}
	for i, n := range d.body.List("capabilities") {
		d.component(n, fmt.Sprintf("capabilities[%d]", i))
	}
	if plan := ours(d.body.Get("metadata"), "system-security-plan"); plan != "" {
		d.imports = append(d.imports, &importDraft{addresses: []string{plan}, model: model.OscalSecurityPlan, where: d.at(nil, "metadata"), put: func(about model.Ref, _ bool) { d.about(about) }})
	}
	d.batch.Source.Describes, d.batch.Source.Release = d.title, d.edition
}

// component reads a component of a component definition.
func (d *document) component(n *kit.Node, where string) {
	c := d.control(n, where)
	if c == nil {
		return
	}
	for _, impl := range n.List("control-implementations") {
		addresses := d.addresses(impl.String("source"))
		for _, r := range impl.List("implemented-requirements") {
			row := &satisfied{addresses: addresses, id: line(r.String("control-id")), uuid: strings.ToLower(r.String("uuid")), state: stateOf(r), where: r}
			row.say(r, "")
			for _, st := range r.List("statements") {
				row.say(st, st.String("statement-id"))
			}
			c.rows = append(c.rows, row)
		}
	}
	d.finish(c, where)
}

// say adds what a node says of a requirement, behind the statement that it is about.
func (s *satisfied) say(n *kit.Node, statement string) {
	text := strings.TrimSpace(n.String("description"))
	if text == "" {
		return
	}
	if _, part, ok := strings.Cut(statement, "_smt"); ok && strings.Trim(part, ".") != "" {
		text = "**" + kit.Clean(strings.Trim(part, ".")) + ".** " + text
	}
	s.texts = append(s.texts, text)
}

// stateOf returns how far a requirement is implemented.
func stateOf(n *kit.Node) model.ImplementationState {
	state := n.Get("implementation-status").String("state")
	if state == "" {
		state = property(n, "implementation-status")
	}
	switch state := strings.ToLower(strings.ReplaceAll(state, "-", "_")); state {
	case "implemented", "partial", "planned", "alternative", "not_applicable":
		return model.ImplementationState(state)
	case "partially_implemented":
		return "partial"
	}
	return ""
}

// control begins a control for a component. It returns nil where the component has no UUID.
func (d *document) control(n *kit.Node, where string) *controlDraft {
	id := strings.ToLower(n.String("uuid"))
	if n.Shape != kit.Object || id == "" {
		d.batch.Refuse(d.at(n, where), "the component has no uuid")
		return nil
	}
	title := line(cmp.Or(n.String("title"), n.String("name"), id))
	return &controlDraft{node: n, rec: &model.Control{Meta: model.Meta{Key: recordKey(n, title), Name: title, Description: n.String("description")}, Identifier: id}}
}

// finish proposes a control where its component implements something. Its requirements are found out when the estate is known.
func (d *document) finish(c *controlDraft, where string) {
	if len(c.rows) == 0 {
		d.batch.Count("components that implement nothing", 1)
		return
	}
	d.add(c.rec, c.node, where)
	d.batch.Count("implemented requirements", len(c.rows))
	groups := map[string][]*satisfied{}
	var order []string
	for _, row := range c.rows {
		if row.id == "" {
			d.batch.Refuse(d.at(row.where, where), "the implemented requirement has no control-id")
			continue
		}
		source := strings.Join(row.addresses, " ")
		if groups[source] == nil {
			order = append(order, source)
		}
		groups[source] = append(groups[source], row)
	}
	for _, source := range order {
		rows := groups[source]
		var ids []string
		for _, row := range rows {
			ids = append(ids, row.id)
		}
		d.rows = append(d.rows, &rowDraft{addresses: rows[0].addresses, ids: ids, where: d.at(c.node, where), make: true, put: func(refs []model.Ref) {
			for i, row := range rows {
				row.ref = refs[i]
			}
			c.satisfies()
		}})
	}
}

// satisfies writes down which requirements the control meets, each once.
func (c *controlDraft) satisfies() {
	c.rec.Satisfies = nil
	at := map[model.Ref]int{}
	for _, row := range c.rows {
		if row.ref.IsZero() {
			continue
		}
		text := paragraphs(row.texts...)
		if i, twice := at[row.ref]; twice {
			s := &c.rec.Satisfies[i]
			s.Remarks = paragraphs(s.Remarks, text)
			s.State = cmp.Or(s.State, row.state)
			continue
		}
		at[row.ref] = len(c.rec.Satisfies)
		c.rec.Satisfies = append(c.rec.Satisfies, model.Satisfaction{Requirement: row.ref, State: row.state, Remarks: text, Identifier: row.uuid})
	}
}

// securityPlan reads a system security plan into a scope and the controls of its components.
func (d *document) securityPlan() {
	sys := d.body.Get("system-characteristics")
	title := line(cmp.Or(sys.String("system-name"), d.title))
	scope := &model.ComplianceScope{
		Meta:       model.Meta{Key: keyOf(cmp.Or(line(sys.String("system-name-short")), title), 60), Name: title, Description: sys.String("description")},
		Identifier: d.uuid, Sensitivity: level(sys.String("security-sensitivity-level")), Authorised: day(sys.String("date-authorized")),
	}
	d.add(scope, d.body, "system-security-plan")
	d.about(scope.Ref())
	doc := d.record.Record.(*model.OscalDocument)
	for _, id := range sys.List("system-ids") {
		if text := line(id.String("id")); text != "" {
			doc.KnownAs = union(doc.KnownAs, []string{text})
		}
	}
	addresses := d.addresses(d.body.Get("import-profile").String("href"))
	controls, left := d.planned(addresses)
	var ids []string
	for _, c := range controls {
		for _, row := range c.rows {
			if row.id != "" && !slices.Contains(ids, row.id) {
				ids = append(ids, row.id)
			}
		}
		d.finish(c, "system-implementation.components")
		c.rec.AppliesTo = []model.Ref{scope.Ref()}
	}
	d.rows = append(d.rows, &rowDraft{addresses: addresses, ids: ids, where: d.at(d.body.Get("import-profile"), "import-profile"), make: true, found: func(p *place) {
		scope.Frameworks, scope.Baselines = nil, nil
		if p.baseline != nil {
			scope.Baselines = []model.Ref{p.ref}
		} else {
			scope.Frameworks = []model.Ref{p.ref}
		}
	}})
	d.leave(scope, addresses, left)
	for what, n := range map[string]int{
		"users": len(d.body.Get("system-implementation").List("users")), "inventory items": len(d.body.Get("system-implementation").List("inventory-items")),
		"information types": len(sys.Get("system-information").List("information-types")), "leveraged authorizations": len(d.body.Get("system-implementation").List("leveraged-authorizations")),
	} {
		if n > 0 {
			d.batch.Count(what+" kept with the document", n)
		}
	}
	d.batch.Source.Describes, d.batch.Source.Release = title, d.edition
}

// planned reads the components of a security plan and what each does for which requirement.
// What does not apply in the whole system is no control, and is left to the scope.
func (d *document) planned(addresses []string) (out []*controlDraft, left []*satisfied) {
	byID := map[string]*controlDraft{}
	var system *controlDraft
	for i, n := range d.body.Get("system-implementation").List("components") {
		c := d.control(n, fmt.Sprintf("system-implementation.components[%d]", i))
		if c == nil || byID[c.rec.Identifier] != nil {
			continue
		}
		if n.String("type") == "this-system" && system == nil {
			system = c
			// The name says of which system the component is, because every plan has one like it.
			c.rec.Name = line(d.body.Get("system-characteristics").String("system-name") + ": " + c.rec.Name)
			c.rec.Key = recordKey(n, c.rec.Name)
		}
		byID[c.rec.Identifier] = c
		out = append(out, c)
	}
	for i, r := range d.body.Get("control-implementation").List("implemented-requirements") {
		at := fmt.Sprintf("control-implementation.implemented-requirements[%d]", i)
		some := false
		by := func(up *kit.Node, statement string) {
			for _, n := range up.List("by-components") {
				id := strings.ToLower(n.String("component-uuid"))
				c := byID[id]
				if c == nil {
					d.batch.Refuse(d.at(n, at), "the component %q is not among the components of the plan", kit.Short(id))
					continue
				}
				some = true
				row := rowOf(addresses, r, n, statement)
				if c == system && row.state == "not_applicable" {
					left = append(left, row)
					continue
				}
				c.rows = append(c.rows, row)
			}
		}
		by(r, "")
		for _, st := range r.List("statements") {
			by(st, st.String("statement-id"))
		}
		if some {
			continue
		}
		if system == nil {
			name := line(cmp.Or(d.body.Get("system-characteristics").String("system-name"), d.title))
			system = &controlDraft{node: d.body, rec: &model.Control{Meta: model.Meta{Key: keyOf(name, 60), Name: name}}}
			out = append(out, system)
		}
		row := rowOf(addresses, r, r, "")
		for _, st := range r.List("statements") {
			row.say(st, st.String("statement-id"))
		}
		if len(row.texts) > 0 || row.state != "" {
			system.rows = append(system.rows, row)
		} else {
			d.batch.Count("requirements without an answer", 1)
		}
	}
	return out, left
}

// leave notes which requirements do not apply in a scope.
func (d *document) leave(scope *model.ComplianceScope, addresses []string, left []*satisfied) {
	var ids []string
	for _, row := range left {
		ids = append(ids, row.id)
	}
	if len(ids) == 0 {
		return
	}
	d.rows = append(d.rows, &rowDraft{addresses: addresses, ids: ids, where: d.at(nil, ""), make: true, put: func(refs []model.Ref) {
		scope.Applicability = nil
		for i, ref := range refs {
			if !ref.IsZero() && !slices.ContainsFunc(scope.Applicability, func(c model.ApplicabilityChoice) bool { return c.Requirement == ref }) {
				scope.Applicability = append(scope.Applicability, model.ApplicabilityChoice{Requirement: ref, Reason: line(strings.Join(left[i].texts, " "))})
			}
		}
	}})
}

// rowOf reads what one component does for a requirement.
func rowOf(addresses []string, r, n *kit.Node, statement string) *satisfied {
	row := &satisfied{addresses: addresses, id: line(r.String("control-id")), uuid: strings.ToLower(n.String("uuid")), state: cmp.Or(stateOf(n), stateOf(r)), where: n}
	row.say(n, statement)
	return row
}

// level reads how much something is, in the words that documents use.
func level(text string) model.Level {
	text = strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(strings.TrimSpace(text), "fips-199-"), "-", "_"))
	switch text {
	case "very_low", "low", "medium", "high", "very_high":
		return model.Level(text)
	case "moderate":
		return model.LevelMedium
	case "critical", "severe":
		return model.LevelVeryHigh
	case "negligible", "informational":
		return model.LevelVeryLow
	}
	return ""
}
