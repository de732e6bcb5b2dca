package frame

import (
	"slices"

	"binnacle/model"
)

// MenuGroup is a group of the menu.
type MenuGroup struct {
	Label string
	Items []MenuItem
}

// MenuItem is an entry of the menu.
type MenuItem struct {
	Label, Path string
	// Current says that the page belongs to the entry.
	Current bool
	// Icon is the name of the drawing beside it. It may be empty.
	Icon string
	// Away says that the entry belongs to the face that is not looked at, and Side which one that is.
	Away bool
	Side model.Face
}

// faces says which groups of kinds are mainly the work of one office. The others are of both.
var faces = map[string]model.Face{
	"Infrastructure": "inward", "Assets": "inward", "Suppliers": "inward", "Access": "inward",
	"Products": "outward", "Technology": "outward",
}

// FaceOf returns the face that a group of kinds belongs to.
func FaceOf(group string) model.Face {
	if f := faces[group]; f != "" {
		return f
	}
	return "both"
}

// Away reports whether something that belongs to a face is not on the side that the visitor looks at.
func (v *Visit) Away(face model.Face) bool {
	return v.Face != "both" && face != "both" && face != "" && face != v.Face
}

// menu returns the menu of the layout.
func (v *Visit) menu(section string) []MenuGroup {
	if v.Who == nil {
		return nil
	}
	item := func(name, label, path, icon string) MenuItem {
		return MenuItem{Label: label, Path: v.Path(path), Current: name == section, Icon: icon}
	}
	out := []MenuGroup{{"", []MenuItem{
		item("home", "Home", "/", "home"), item("boards", "Boards", "/boards", "boards"), item("questions", "Questions", "/questions", "questions"),
		item("pictures", "Pictures", "/pictures", "pictures"), item("offices", "Offices", "/offices", "offices"), item("scenarios", "Scenarios", "/scenarios", "scenarios"),
		item("notices", "Notices", "/notices", "bell"), item("history", "History", "/history", "history"),
	}}}
	if slices.Contains(v.Who.Readable(), "Asset") {
		out[0].Items = append(out[0].Items, item("assetdesk", "Assets", "/assets", "assets"))
	}
	if slices.Contains(v.Who.Readable(), "Framework") {
		out[0].Items = append(out[0].Items, item("frameworks", "Frameworks", "/frameworks", "frameworks"))
	}
	for _, p := range []struct{ kind, section, label, path, icon string }{
		{"Radar", "radar", "Radar", "/radar", "radar"}, {"DecisionRecord", "decisions", "Decisions", "/decisions", "decisions"}, {"Portal", "portals", "Portals", "/portals", "portals"},
	} {
		if slices.Contains(v.Who.Readable(), p.kind) {
			out[0].Items = append(out[0].Items, v.sided(item(p.section, p.label, p.path, p.icon), "outward"))
		}
	}
	if v.Who.Imports() {
		out[0].Items = append(out[0].Items, item("imports", "Import", "/imports", "imports"))
	}
	if part := v.part(item); len(part.Items) > 0 {
		out = append(out, part)
	}
	records := MenuGroup{Label: "Records"}
	var seen []string
	schema := v.schema()
	for _, name := range v.Who.Readable() {
		k := schema.Kind(name)
		if k == nil || slices.Contains(seen, k.Group) || k.Group == "Access" && !v.Who.Administers() {
			continue
		}
		seen = append(seen, k.Group)
		records.Items = append(records.Items, v.sided(item(k.Group, k.Group, "/records?group="+urlEscape(k.Group), ""), FaceOf(k.Group)))
	}
	questions := MenuGroup{Label: "Practices"}
	for _, p := range v.House.Practices {
		questions.Items = append(questions.Items, v.sided(MenuItem{Label: p.Label, Path: v.Path("/questions") + "#practice-" + urlEscape(p.Name), Current: section == "practice:"+p.Name}, p.Face))
	}
	for _, g := range []MenuGroup{records, questions} {
		slices.SortStableFunc(g.Items, func(a, b MenuItem) int { return order(a) - order(b) })
		if len(g.Items) > 0 {
			out = append(out, g)
		}
	}
	if v.Who.Administers() {
		out = append(out, MenuGroup{"Administration", []MenuItem{item("admin", "Access and accounts", "/admin", "admin")}})
	}
	return out
}

// part returns the pages on which the visitor decides, confirms and answers.
func (v *Visit) part(item func(name, label, path, icon string) MenuItem) MenuGroup {
	out := MenuGroup{Label: "Your part"}
	for _, p := range []struct{ kind, section, label, path, icon string }{
		{"ReviewDecision", "reviews", "Access reviews", "/reviews", "reviews"}, {"Policy", "policies", "Policies", "/policies", "policies"},
		{"AuditRequest", "audits", "Audits", "/audits", "audits"}, {"CalibrationRound", "calibration", "Calibration", "/calibration", "calibration"},
	} {
		if slices.Contains(v.Who.Readable(), p.kind) {
			out.Items = append(out.Items, item(p.section, p.label, p.path, p.icon))
		}
	}
	return out
}

// order puts what belongs to the other face last.
func order(i MenuItem) int {
	if i.Away {
		return 1
	}
	return 0
}

// sided marks an entry with the face that it belongs to, where that is not the one that is looked at.
func (v *Visit) sided(i MenuItem, face model.Face) MenuItem {
	if v.Away(face) {
		i.Away, i.Side = true, face
	}
	return i
}

func (v *Visit) schema() *model.Schema {
	view, err := v.House.Look(v.Ctx(), v.Who, v.Moment)
	if err != nil {
		return model.Builtin()
	}
	return view.Schema()
}
