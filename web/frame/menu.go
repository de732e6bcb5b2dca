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
	"Products": "outward", "Technology": "outward", "Research": "outward", "Standards": "outward", "Delivery": "outward", "Partners": "outward",
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
	if v.Who.Imports() {
		out[0].Items = append(out[0].Items, item("imports", "Import", "/imports", "imports"))
	}
	out = append(out, v.sides(item)...)
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

// desks are the pages of the work of each office, with a kind that one must be able to read to have something there.
var desks = []struct {
	face                             model.Face
	kind, section, label, path, icon string
}{
	{"inward", "Asset", "assetdesk", "Assets", "/assets", "assets"},
	{"inward", "Framework", "frameworks", "Frameworks", "/frameworks", "frameworks"},
	{"outward", "Radar", "radar", "Radar", "/radar", "radar"},
	{"outward", "DecisionRecord", "decisions", "Decisions", "/decisions", "decisions"},
	{"outward", "Experiment", "experiments", "Experiments", "/experiments", "experiments"},
	{"outward", "DecisionMatrix", "matrices", "Decision matrices", "/matrices", "matrices"},
	{"outward", "RoadmapItem", "roadmap", "Roadmap", "/roadmap", "roadmap"},
	{"outward", "Idea", "ideas", "Ideas", "/ideas", "ideas"},
	{"outward", "Portal", "portals", "Portals", "/portals", "portals"},
}

// sides returns the pages of the work of each office, that of the side that is looked at first.
func (v *Visit) sides(item func(name, label, path, icon string) MenuItem) []MenuGroup {
	groups := []MenuGroup{{Label: "Inward"}, {Label: "Outward"}}
	for _, d := range desks {
		if slices.Contains(v.Who.Readable(), d.kind) {
			i := 0
			if d.face == "outward" {
				i = 1
			}
			groups[i].Items = append(groups[i].Items, v.sided(item(d.section, d.label, d.path, d.icon), d.face))
		}
	}
	if v.Face == "outward" {
		slices.Reverse(groups)
	}
	return slices.DeleteFunc(groups, func(g MenuGroup) bool { return len(g.Items) == 0 })
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
