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
}

// menu returns the menu of the layout.
func (v *Visit) menu(section string) []MenuGroup {
	if v.Who == nil {
		return nil
	}
	item := func(name, label, path string) MenuItem { return MenuItem{label, v.Path(path), name == section} }
	out := []MenuGroup{
		{"", []MenuItem{
			item("home", "Home", "/"), item("boards", "Boards", "/boards"), item("questions", "Questions", "/questions"), item("offices", "Offices", "/offices"),
			item("pictures", "Pictures", "/pictures"), item("scenarios", "Scenarios", "/scenarios"), item("history", "History", "/history"), item("imports", "Import", "/imports"),
		}},
		{"Records", nil},
	}
	var seen []string
	schema := v.schema()
	for _, name := range v.Who.Readable() {
		k := schema.Kind(name)
		if k == nil || slices.Contains(seen, k.Group) {
			continue
		}
		seen = append(seen, k.Group)
		out[1].Items = append(out[1].Items, item(k.Group, k.Group, "/records?group="+urlEscape(k.Group)))
	}
	if v.Who.Administers() {
		out = append(out, MenuGroup{"Administration", []MenuItem{item("admin", "Access", "/admin")}})
	}
	return out
}

func (v *Visit) schema() *model.Schema {
	view, err := v.House.Look(v.Ctx(), v.Who, v.Moment)
	if err != nil {
		return model.Builtin()
	}
	return view.Schema()
}
