package desk

import (
	"encoding/json"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// changeView is a change of one record, as a page shows it.
type changeView struct {
	// Op is created, edited or deleted.
	Op string
	// Kind is what a screen calls the kind, and Name what it calls the record.
	Kind, Name string
	// Link leads to the record. It is empty where the record is no longer there.
	Link practice.Link
	// Fields are what differs, apart from what Binnacle keeps for itself.
	Fields []fieldView
	// System says that only what Binnacle keeps for itself differs.
	System bool
}

// fieldView is what a change does to a field.
type fieldView struct {
	Label, Before, After string
	Erased               bool
}

// op is the word for what a change does to a record.
func op(o model.Op) string {
	switch o {
	case model.Create:
		return "created"
	case model.Remove:
		return "deleted"
	}
	return "edited"
}

// viewOf writes a change as somebody may see it. Links are shown as the view before or after knows their names.
func viewOf(before, after estate.View, c *model.Change) changeView {
	out := changeView{Op: op(c.Op), Kind: c.Kind, Name: nameIn(c)}
	k := after.Schema().Kind(c.Kind)
	if k == nil {
		k = before.Schema().Kind(c.Kind)
	}
	if k != nil {
		out.Kind = k.Label
	}
	if rec := after.Get(model.Ref(c.ID)); rec != nil {
		out.Link, out.Name = practice.To(rec), rec.Base().Title()
	} else if rec := before.Get(model.Ref(c.ID)); rec != nil {
		out.Name = rec.Base().Title()
	}
	for _, fc := range c.Fields {
		f := (*model.Field)(nil)
		label := fc.Name
		if k != nil {
			f = k.Field(fc.Name)
		}
		if f != nil {
			if f.System {
				out.System = true
				continue
			}
			label = f.Label
		}
		if c.Kind == "Scenario" && fc.Name == "entries" {
			out.Fields = append(out.Fields, fieldView{Label: label, Before: entriesIn(fc.Before), After: entriesIn(fc.After)})
			continue
		}
		out.Fields = append(out.Fields, fieldView{label, before.Show(c.Kind, fc.Name, fc.Before), after.Show(c.Kind, fc.Name, fc.After), fc.Erased})
	}
	out.System = out.System && len(out.Fields) == 0
	return out
}

// nameIn returns the name or the key that a change gives to its record, or takes away with it.
func nameIn(c *model.Change) string {
	for _, name := range []string{"name", "key"} {
		fc, ok := c.Field(name)
		if !ok || fc.Erased {
			continue
		}
		for _, raw := range []json.RawMessage{fc.After, fc.Before} {
			var text string
			if json.Unmarshal(raw, &text) == nil && text != "" {
				return text
			}
		}
	}
	return c.ID.String()
}

// entriesIn says how many entries a scenario has, in place of the changes themselves.
func entriesIn(raw json.RawMessage) string {
	var entries []json.RawMessage
	if json.Unmarshal(raw, &entries) != nil || len(entries) == 0 {
		return ""
	}
	return practice.Count(len(entries), "entry", "entries")
}

// viewsOf writes some of the changes of an entry.
func viewsOf(before, after estate.View, changes []model.Change) []changeView {
	var out []changeView
	for i := range changes {
		out = append(out, viewOf(before, after, &changes[i]))
	}
	return out
}

// sums counts what some changes do, such as "3 created, 2 edited".
func sums(changes []model.Change) string {
	counts := map[model.Op]int{}
	for i := range changes {
		counts[changes[i].Op]++
	}
	var out []string
	for _, o := range []model.Op{model.Create, model.Edit, model.Remove} {
		if counts[o] > 0 {
			out = append(out, frame.Number(counts[o])+" "+op(o))
		}
	}
	return strings.Join(out, ", ")
}

// kindsIn counts the kinds of some changes, such as "3 applications, 1 host", the most first.
func kindsIn(schema *model.Schema, changes []model.Change) string {
	counts := map[string]int{}
	for i := range changes {
		counts[changes[i].Kind]++
	}
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if d := counts[b] - counts[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var out []string
	for i, name := range names {
		if i == 4 {
			out = append(out, practice.Count(len(names)-i, "further kind", "further kinds"))
			break
		}
		one, several := name, name
		if k := schema.Kind(name); k != nil {
			one, several = strings.ToLower(k.Label), strings.ToLower(k.Plural)
		}
		out = append(out, practice.Count(counts[name], one, several))
	}
	return strings.Join(out, ", ")
}

// conflictView is a conflict with its three sides.
type conflictView struct {
	Kind, Key string
	Link      practice.Link
	// Gone says that the record is no longer there.
	Gone   bool
	Fields []estate.Sides
}

// conflictOf writes a conflict as somebody may see it, with the fields that clash.
func conflictOf(v estate.View, c *estate.Conflict) conflictView {
	out := conflictView{Kind: c.Kind, Key: c.Key}
	k := v.Schema().Kind(c.Kind)
	if rec := v.Get(model.Ref(c.ID)); rec != nil {
		out.Link = practice.To(rec)
	} else {
		out.Gone = true
		return out
	}
	for _, side := range c.Fields {
		if !side.Clash {
			continue
		}
		if f := k.Field(side.Field); f != nil {
			side.Field = f.Label
		}
		out.Fields = append(out.Fields, side)
	}
	return out
}

// undoing returns the conflict of an undo with its sides written as the viewer sees them.
func undoing(v estate.View, c *estate.Conflict, e door.Entry) conflictView {
	for i := range e.Changes {
		if e.Changes[i].ID == c.ID {
			inverse := e.Changes[i].Inverse(e.Changes[i].Version + 1)
			return conflictOf(v, door.InSight(v, c, &inverse))
		}
	}
	return conflictOf(v, c)
}
