package door

import (
	"slices"

	"binnacle/estate"
	"binnacle/model"
)

// Dangling is a record that points to one that is to be removed.
type Dangling struct {
	// Record is what points.
	Record model.Record
	// Field is the field that it points with.
	Field *model.Field
	// To is the record that is to be removed.
	To model.Record
	// Goes says that the record goes along, because it cannot be without the other: a comment, an attachment.
	Goes bool
	// Stuck says that the field needs a value, so that the record has to be changed or removed by hand first.
	Stuck bool
}

// Parting is what removing some records means.
type Parting struct {
	// Dangling are the records in sight that point to what is removed.
	Dangling []Dangling
	// Hidden is how many links come from records out of sight.
	Hidden int
	// Changes remove the records, after the links to them are taken away and what cannot be without them has gone.
	Changes []model.Change
}

// Stuck reports whether a record stands in the way that needs its link.
func (p Parting) Stuck() bool {
	return slices.ContainsFunc(p.Dangling, func(d Dangling) bool { return d.Stuck })
}

// Part returns what removing some records means, on a view of who wants it.
func Part(v estate.View, records []model.Record) (Parting, error) {
	var out Parting
	going := map[model.Ref]bool{}
	for _, rec := range records {
		going[rec.Base().Ref()] = true
	}
	var holders []model.Ref
	list := slices.Clone(records)
	for i := 0; i < len(list); i++ {
		to := list[i]
		seen := 0
		for e := range v.In(to.Base().Ref()) {
			seen++
			ref := e.Record.Base().Ref()
			if going[ref] {
				continue
			}
			d := Dangling{Record: e.Record, Field: e.Field, To: to}
			if _, attached := e.Record.(model.Attached); attached && e.Field.Required {
				d.Goes, going[ref] = true, true
				list = append(list, e.Record)
			} else if e.Field.Required && e.Field.Parent == nil {
				d.Stuck = true
			} else if !slices.Contains(holders, ref) {
				holders = append(holders, ref)
			}
			out.Dangling = append(out.Dangling, d)
		}
		for range v.Snapshot().View(0).In(to.Base().Ref()) {
			seen--
		}
		out.Hidden -= seen
	}
	for _, ref := range holders {
		if going[ref] {
			continue
		}
		rec := v.Get(ref)
		change, err := repoint(v, rec, func(r model.Ref) model.Ref {
			if going[r] {
				return model.Ref{}
			}
			return r
		})
		if err != nil {
			return out, err
		}
		out.Changes = append(out.Changes, change)
	}
	for i := len(list) - 1; i >= 0; i-- {
		out.Changes = append(out.Changes, Removal(v, list[i]))
	}
	return out, nil
}

// repoint returns the change that replaces refs of a record. Rows of a table whose required ref goes away go too.
func repoint(v estate.View, rec model.Record, swap func(model.Ref) model.Ref) (model.Change, error) {
	k := v.Schema().Of(rec)
	after := model.Clone(rec)
	for _, f := range k.Fields {
		if f.System {
			continue
		}
		f.MapRefs(after, func(_ *model.Field, r model.Ref) model.Ref { return swap(r) })
		if err := dropRows(v, f, after); err != nil {
			return model.Change{}, err
		}
	}
	Own(k, rec, after)
	change, _ := model.Difference(k, rec, after)
	return change, nil
}

// dropRows takes away the rows of a table that have lost a ref that they need.
func dropRows(v estate.View, f *model.Field, rec model.Record) error {
	if f.Type != model.TableField || !slices.ContainsFunc(f.Columns, func(c *model.Field) bool { return c.IsRef() && c.Required }) {
		return nil
	}
	rows, _ := f.Tree(rec, idNames{}).([]map[string]any)
	kept := slices.DeleteFunc(slices.Clone(rows), func(row map[string]any) bool {
		return slices.ContainsFunc(f.Columns, func(c *model.Field) bool { return c.IsRef() && c.Required && row[c.Name] == nil })
	})
	if len(kept) == len(rows) {
		return nil
	}
	value, err := f.Read(kept, idNames{})
	if err != nil {
		return err
	}
	f.Set(rec, value)
	return nil
}

// idNames writes refs as ids and reads them again, whether or not they are in sight.
type idNames struct{}

// NameOf returns the id in place of the key.
func (idNames) NameOf(r model.Ref) (kind, key string, ok bool) { return "", r.String(), true }

// Resolve reads an id.
func (idNames) Resolve(_ []string, text string) (model.Ref, error) {
	id, err := model.ParseID(text)
	return model.Ref(id), err
}
