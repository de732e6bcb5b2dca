package cli

import (
	"context"
	"reflect"
	"slices"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
)

type deleteCmd struct {
	Records []string `arg:"" help:"The records as Kind/key."`
	Cascade bool     `help:"Clear the links that point to them in the same entry. A link that is required refuses."`
	Why     string   `placeholder:"TEXT" help:"What the deletion is for."`
	DryRun  bool     `help:"Show what would be changed, and change nothing."`
}

// Help shows how the command is used.
func (deleteCmd) Help() string {
	return `Records that others point to are not deleted: what would dangle is shown, and the exit code is 3. History keeps what was deleted, and binnacle undo brings it back.

Examples:

    binnacle delete Host/old-web-01 Host/old-web-02 --why "Moved to the cloud"
    binnacle delete Vendor/acme --cascade --dry-run`
}

// Run deletes the records.
func (c *deleteCmd) Run(ctx context.Context, s *session) error {
	if s.far != nil {
		return c.far(ctx, s)
	}
	v, err := s.writable(ctx, false)
	if err != nil {
		return err
	}
	var gone []model.Record
	for _, name := range c.Records {
		_, rec, err := record(v, name)
		if err != nil {
			return err
		}
		if !slices.Contains(gone, rec) {
			gone = append(gone, rec)
		}
	}
	holders, dangling := danglers(v, gone)
	if len(dangling.rows) > 0 && !c.Cascade {
		return s.printDangling(dangling)
	}
	changes := uncoupled(v, gone, holders)
	for _, rec := range gone {
		change, _ := model.Difference(v.Schema().Of(rec), rec, nil)
		changes = append(changes, change)
	}
	why := c.why(nameOf(gone[0]), len(gone))
	stamp, err := s.commit(ctx, v, store.Tx{Why: why, Changes: changes}, c.DryRun)
	if err != nil {
		return err
	}
	return s.out.print(s.changed(v, changes, stamp, c.DryRun))
}

// why returns what the deletion is for.
func (c *deleteCmd) why(first string, n int) string {
	switch {
	case c.Why != "":
		return c.Why
	case n > 1:
		return "Delete " + counted(n, "record")
	}
	return "Delete " + first
}

// printDangling prints the links that would lead nowhere, and refuses.
func (s *session) printDangling(dangling *grid) error {
	data := object{{"deleted", []string{}}, {"dangling", gridData(dangling)}}
	if err := s.out.print(answer{data: data, blocks: []block{{title: "These links would lead nowhere", grid: dangling}}}); err != nil {
		return err
	}
	return refuse("nothing was deleted: other records point to what you want to delete: change them first, or add --cascade to clear these links")
}

// danglers lists the records that point to those that go, and the links that would lead nowhere.
func danglers(v estate.View, gone []model.Record) ([]model.Record, *grid) {
	g := &grid{columns: columns("record", "field", "points_to")}
	var holders []model.Record
	for _, rec := range gone {
		for e := range v.In(rec.Base().Ref()) {
			if slices.Contains(gone, e.Record) {
				continue
			}
			if !slices.Contains(holders, e.Record) {
				holders = append(holders, e.Record)
			}
			row := []string{nameOf(e.Record), e.Field.Path(), nameOf(rec)}
			if !slices.ContainsFunc(g.rows, func(other []string) bool { return slices.Equal(row, other) }) {
				g.rows = append(g.rows, row)
			}
		}
	}
	slices.SortFunc(g.rows, slices.Compare)
	return holders, g
}

// uncoupled returns the changes that clear the links of holders to what goes.
// A row of a table that cannot be without its link goes as a whole.
func uncoupled(v estate.View, gone, holders []model.Record) []model.Change {
	dead := map[model.Ref]bool{}
	for _, rec := range gone {
		dead[rec.Base().Ref()] = true
	}
	var out []model.Change
	for _, rec := range holders {
		k := v.Schema().Of(rec)
		after := model.Clone(rec)
		for _, f := range k.Fields {
			if f.Type == model.TableField {
				dropRows(f, after, dead)
			}
			f.MapRefs(after, func(_ *model.Field, ref model.Ref) model.Ref {
				if dead[ref] {
					return model.Ref{}
				}
				return ref
			})
		}
		door.Own(k, rec, after)
		if change, differs := model.Difference(k, rec, after); differs {
			out = append(out, change)
		}
	}
	return out
}

// dropRows takes the rows out of a table whose required link leads to what goes.
func dropRows(f *model.Field, rec model.Record, dead map[model.Ref]bool) {
	required := slices.DeleteFunc(slices.Clone(f.Columns), func(c *model.Field) bool { return c.Type != model.RefField || !c.Required })
	rows := reflect.ValueOf(f.Get(rec))
	if len(required) == 0 || !rows.IsValid() {
		return
	}
	kept := reflect.MakeSlice(rows.Type(), 0, rows.Len())
	for i := range rows.Len() {
		one := model.Clone(rec)
		f.Set(one, rows.Slice(i, i+1).Interface())
		if !slices.ContainsFunc(required, func(c *model.Field) bool {
			return slices.ContainsFunc(c.AppendRefs(nil, one), func(r model.Ref) bool { return dead[r] })
		}) {
			kept = reflect.Append(kept, rows.Index(i))
		}
	}
	if kept.Len() < rows.Len() {
		f.Set(rec, kept.Interface())
	}
}

// gridData turns a table into objects for programs.
func gridData(g *grid) []object {
	out := []object{}
	for _, row := range g.rows {
		var o object
		for i, c := range g.columns {
			o.set(c.name, row[i])
		}
		out = append(out, o)
	}
	return out
}
