package oscal

import (
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

// rewritten returns what a document said that was imported, with what its records say now. What was a record and is none any more is left out.
func (s *scope) rewritten(was object, m model.OscalModel) object {
	w := rewriter{s: s, model: m, rows: map[string]model.Satisfaction{}}
	for c := range estate.Each[*model.Control](s.view) {
		for _, x := range c.Satisfies {
			if x.Identifier != "" {
				w.rows[strings.ToLower(x.Identifier)] = x
			}
		}
	}
	return w.object(was)
}

type rewriter struct {
	s     *scope
	model model.OscalModel
	// rows are what controls say of requirements, by its identifier.
	rows map[string]model.Satisfaction
}

// kinds are the kinds of records that the items of lists become.
var kinds = map[string]string{"observations": "Observation", "findings": "Finding", "risks": "Risk", "poam-items": "PlanItem", "activities": "ControlTest"}

func (w *rewriter) object(o object) object {
	out := object{}
	for name, value := range o {
		switch value := value.(type) {
		case object:
			out[name] = w.object(value)
		case []any:
			if list := w.list(name, value); len(list) > 0 || len(value) == 0 {
				out[name] = list
			}
		default:
			out[name] = value
		}
	}
	return out
}

func (w *rewriter) list(name string, list []any) []any {
	var out []any
	for _, item := range list {
		o, ok := item.(object)
		if !ok {
			out = append(out, item)
			continue
		}
		o = w.object(o)
		id := strings.ToLower(text(o["uuid"]))
		switch {
		case kinds[name] != "" && id != "":
			rec := w.s.view.Identify(kinds[name], "oscal", id)
			if rec == nil {
				continue
			}
			w.patch(o, rec)
		case name == "components" && id != "":
			if c, ok := w.s.view.Identify("Control", "oscal", id).(*model.Control); ok {
				replace(o, "description", c.Description)
			}
		case name == "by-components":
			if x, ok := w.rows[id]; ok && x.State != "" {
				status, _ := o["implementation-status"].(object)
				if status == nil {
					status = object{}
				}
				status["state"] = hyphens(string(x.State))
				o["implementation-status"] = status
			}
		}
		out = append(out, o)
	}
	return out
}

// replace sets a member that is there already unless the text is empty.
func replace(o object, name, value string) {
	if _, ok := o[name]; ok && strings.TrimSpace(value) != "" {
		o[name] = value
	}
}

// patch puts what a record says into the item that it came from.
func (w *rewriter) patch(o object, rec model.Record) {
	base := rec.Base()
	if strings.Join(strings.Fields(text(o["title"])), " ") != base.Name {
		replace(o, "title", base.Name)
	}
	if strings.TrimSpace(text(o["description"])) != base.Description {
		replace(o, "description", base.Description)
	}
	switch rec := rec.(type) {
	case *model.Risk:
		if rec.State != "" {
			o["status"] = hyphens(string(rec.State))
		}
	case *model.Finding:
		if target, ok := o["target"].(object); ok {
			met := rec.State == model.FindingClosed || rec.State == model.FindingMended
			status, _ := target["status"].(object)
			if status != nil && met != (text(status["state"]) == "satisfied") {
				status["state"] = map[bool]string{true: "satisfied", false: "not-satisfied"}[met]
				delete(status, "reason")
			}
		}
	case *model.PlanItem:
		if rec.Remarks != "" {
			o["remarks"] = rec.Remarks
		}
	}
}

// complete adds what every document of a model must have and records do not say.
func (s *scope) complete(m model.OscalModel, body object) {
	if m != model.OscalSecurityPlan {
		return
	}
	inside := func(name string) object {
		o, ok := body[name].(object)
		if !ok {
			o = object{}
			body[name] = o
		}
		return o
	}
	sys := inside("system-characteristics")
	unless(sys, "system-ids", []any{object{"identifier-type": "http://ietf.org/rfc/rfc4122", "id": derived(s.rec, "system")}})
	unless(sys, "status", object{"state": "operational"})
	unless(sys, "authorization-boundary", object{"description": prose(s.covered(), s.rec.Description, s.rec.Title())})
	unless(sys, "system-information", object{"information-types": []any{object{"uuid": derived(s.rec, "information"), "title": "Information of " + s.rec.Title(), "description": "What the system keeps and works with."}}})
	impl := inside("system-implementation")
	unless(impl, "users", []any{object{"uuid": derived(s.rec, "users"), "title": "Users"}})
	components, _ := impl["components"].([]any)
	system := false
	for _, c := range components {
		o, _ := c.(object)
		system = system || text(o["type"]) == "this-system"
		if o != nil {
			unless(o, "status", object{"state": "operational"})
		}
	}
	if !system {
		impl["components"] = append([]any{object{"uuid": derived(s.rec, "this-system"), "type": "this-system", "title": line(s.rec.Name, s.rec.Key), "description": prose(s.rec.Description, s.rec.Title()), "status": object{"state": "operational"}}}, components...)
	}
	unless(inside("control-implementation"), "description", "How the requirements of "+s.rec.Title()+" are met.")
}

// unless sets a member that is not there.
func unless(o object, name string, value any) {
	if _, ok := o[name]; !ok {
		o[name] = value
	}
}

// covered lists what is inside of the scope.
func (s *scope) covered() string {
	var out []string
	for _, ref := range s.rec.Covers {
		if rec := s.view.Get(ref); rec != nil {
			out = append(out, "- "+line(rec.Base().Title()))
		}
	}
	return strings.Join(out, "\n")
}

// align gives what is written for a scope the identifiers that the document had which was imported, and leaves out what stands there in another place.
func align(was, is object) {
	for _, name := range []string{"import-profile", "import-ssp", "import-ap"} {
		if was[name] != nil {
			delete(is, name)
		}
	}
	if was["uuid"] != nil {
		is["uuid"] = was["uuid"]
	}
	if meta, ok := is["metadata"].(object); ok {
		delete(meta, "title")
	}
	known := map[string]bool{}
	identifiers(was, known)
	before, _ := was["control-implementation"].(object)
	impl, _ := is["control-implementation"].(object)
	if before == nil || impl == nil {
		return
	}
	ids := map[string]any{}
	list, _ := before["implemented-requirements"].([]any)
	for _, item := range list {
		if o, ok := item.(object); ok && ids[text(o["control-id"])] == nil {
			ids[text(o["control-id"])] = o["uuid"]
		}
	}
	now, _ := impl["implemented-requirements"].([]any)
	for _, item := range now {
		o := item.(object)
		if id := ids[text(o["control-id"])]; id != nil {
			o["uuid"] = id
		}
		var by []any
		list, _ := o["by-components"].([]any)
		for _, b := range list {
			if !known[strings.ToLower(text(b.(object)["uuid"]))] {
				by = append(by, b)
			}
		}
		delete(o, "by-components")
		put(o, "by-components", by)
	}
}

// identifiers collects every UUID in a document.
func identifiers(value any, into map[string]bool) {
	switch value := value.(type) {
	case object:
		if id := text(value["uuid"]); id != "" {
			into[strings.ToLower(id)] = true
		}
		for _, v := range value {
			identifiers(v, into)
		}
	case []any:
		for _, v := range value {
			identifiers(v, into)
		}
	}
}
