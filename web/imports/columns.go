package imports

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/sheet"
	"binnacle/model"
	"binnacle/web/frame"
)

// lay finds out how the columns of a table are meant: as the person said, as a
// saved mapping for the same headers says, or as the headers themselves say.
func (d *desk) lay(ctx context.Context, v estate.View, p *pending, c *content, in *feed.Input) {
	choice, chosen := p.Tables[c.Name]
	if !chosen && p.Kind == "" {
		if m := d.remembered(ctx, v, *in); m != nil {
			choice, c.Saved = tableChoice{Kind: m.Kind, Columns: m.Columns, Saved: m.Key}, m.Key
		}
	}
	if chosen {
		c.Saved = choice.Saved
	}
	in.Kind, in.Mapping = cmp.Or(choice.Kind, p.Kind), choice.mapping()
	tables, err := sheet.Inspect(ctx, v.Schema(), *in)
	if err != nil {
		// What is wrong is told by the import itself.
		return
	}
	c.Tables = tables
}

// remembered returns the saved mapping whose headers are those of a table, or nil.
func (d *desk) remembered(ctx context.Context, v estate.View, in feed.Input) *model.Mapping {
	tables, err := sheet.Inspect(ctx, v.Schema(), in)
	if err != nil || len(tables) != 1 {
		return nil
	}
	var found *model.Mapping
	for m := range estate.Each[*model.Mapping](v) {
		if fits(m, tables[0]) && (found == nil || m.Changed.Seq > found.Changed.Seq) {
			found = m
		}
	}
	return found
}

// fits reports whether a mapping is for a table: every header of either is known to the other, apart from those that no field takes.
func fits(m *model.Mapping, t sheet.Table) bool {
	for _, c := range t.Columns {
		known := slices.ContainsFunc(m.Columns, func(mc model.MappedColumn) bool { return sheet.SameHeader(mc.Header, c.Header) })
		if !known && (c.Use == "field" || c.Use == "unknown" || c.Use == "twin") && c.Header != "" {
			return false
		}
	}
	for _, mc := range m.Columns {
		if !slices.ContainsFunc(t.Columns, func(c sheet.Column) bool { return sheet.SameHeader(mc.Header, c.Header) }) {
			return false
		}
	}
	return len(m.Columns) > 0
}

// tableForm is the form in which a person says how the columns of a table are meant.
type tableForm struct {
	Index   int
	Content *content
	Table   sheet.Table
	Kinds   []kindGroup
	Columns []columnForm
	// Open says that something needs a decision.
	Open bool
	// Unknown counts the columns that go nowhere.
	Unknown int
	// Name is offered as the name of the mapping.
	Name string
}

type kindGroup struct {
	Label string
	Kinds []*model.Kind
}

type columnForm struct {
	sheet.Column
	Index   int
	Auto    string
	Options []fieldOption
	// Chosen is the value of the option that counts.
	Chosen string
}

type fieldOption struct{ Value, Label string }

// leftOutColumn is the value of the option that leaves a column out.
const leftOutColumn = "-"

// tableForms returns the forms of the tables of an upload that can be given another meaning.
func tableForms(v *frame.Visit, view estate.View, w *work) []tableForm {
	var out []tableForm
	for i, c := range w.contents {
		if len(c.Tables) != 1 {
			continue
		}
		t := c.Tables[0]
		f := tableForm{Index: i, Content: c, Table: t, Kinds: writableKinds(v.Who, view.Schema(), t), Open: t.Kind == "" && !t.ByRow, Name: nameFor(c.Name)}
		k := view.Schema().Kind(t.Kind)
		for n, column := range t.Columns {
			one := columnForm{Column: column, Index: n, Chosen: column.Field}
			switch column.Use {
			case "left":
				one.Chosen = leftOutColumn
			case "unknown", "twin":
				f.Unknown++
			case "kind", "host", "external", "system":
				one.Auto = autoUse[column.Use]
			}
			one.Options = fieldOptions(k)
			f.Columns = append(f.Columns, one)
		}
		out = append(out, f)
	}
	return out
}

var autoUse = map[string]string{
	"kind": "names the kind of each row", "host": "names the machine: key and full name", "external": "is the name that the other system gives to the record",
	"system": "is set by Binnacle itself and is left out",
}

func nameFor(content string) string {
	name := content[strings.LastIndexByte(content, '/')+1:]
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		name = name[:i]
	}
	return feed.SlugOf(name)
}

// writableKinds returns the kinds that a person may create, by their groups, with the likely ones first.
func writableKinds(who *access.Principal, schema *model.Schema, t sheet.Table) []kindGroup {
	likely := kindGroup{Label: "Likely"}
	for _, name := range t.Likely {
		if k := schema.Kind(name); k != nil && who.MayCreate(name) {
			likely.Kinds = append(likely.Kinds, k)
		}
	}
	out := []kindGroup{}
	if len(likely.Kinds) > 0 {
		out = append(out, likely)
	}
	groups := map[string]int{}
	for _, k := range schema.Kinds() {
		if k.Group == access.AccessGroup || !who.MayCreate(k.Name) {
			continue
		}
		at, ok := groups[k.Group]
		if !ok {
			at = len(out)
			groups[k.Group] = at
			out = append(out, kindGroup{Label: k.Group})
		}
		out[at].Kinds = append(out[at].Kinds, k)
	}
	return out
}

// fieldOptions returns the fields of a kind that a column may go into.
func fieldOptions(k *model.Kind) []fieldOption {
	if k == nil {
		return nil
	}
	var out []fieldOption
	for _, f := range k.Fields {
		if f.System {
			continue
		}
		label := f.Label
		switch {
		case f.Unit != "":
			label += " (" + f.Unit + ")"
		case f.IsRef():
			label += " (link to " + strings.Join(f.To, ", ") + ")"
		case f.Type != model.TextField:
			label += " (" + string(f.Type) + ")"
		}
		if f.Required {
			label += " *"
		}
		out = append(out, fieldOption{f.Name, label})
	}
	return out
}

// columns takes what a person says about the columns of a table, and keeps it as a mapping where it is given a name.
func (d *desk) columns(v *frame.Visit) error {
	p, err := d.waiting(v)
	if err != nil {
		return err
	}
	view, err := v.House.Look(v.Ctx(), v.Who, door.Moment{})
	if err != nil {
		return err
	}
	name := v.Form("content")
	choice, err := choiceOf(v, view.Schema())
	if err != nil {
		return err
	}
	text, receipt := "The columns are read in another way now.", door.Receipt{}
	if key := v.Form("save"); key != "" {
		if receipt, err = d.remember(v, view, key, choice); err != nil {
			return err
		}
		choice.Saved = key
		text = fmt.Sprintf("The mapping %s is kept. Tables with the same headers are read by it.", key)
	}
	p.Tables = maps.Clone(p.Tables)
	if p.Tables == nil {
		p.Tables = map[string]tableChoice{}
	}
	p.Tables[name] = choice
	p.Leave = nil
	if err := d.save(v.Ctx(), v.Who, p); err != nil {
		return err
	}
	return v.Done("/imports/"+p.ID, text, receipt)
}

// mostColumns is how many columns a form may have.
const mostColumns = 500

// choiceOf reads how the columns of a table are meant.
func choiceOf(v *frame.Visit, schema *model.Schema) (tableChoice, error) {
	choice := tableChoice{}
	k := schema.Kind(v.Form("kind"))
	if k == nil && v.Form("kind") != "" {
		return choice, frame.Bad("there is no kind %q", v.Form("kind"))
	}
	if k == nil {
		return choice, nil
	}
	choice.Kind = k.Name
	if v.Form("was") != "" && v.Form("was") != k.Name {
		// The columns of the form are fields of another kind.
		return choice, nil
	}
	for i := range mostColumns {
		header := v.Form(fmt.Sprintf("header-%d", i))
		if header == "" {
			if v.R.Form.Has(fmt.Sprintf("header-%d", i)) {
				continue
			}
			break
		}
		switch field := v.Form(fmt.Sprintf("field-%d", i)); {
		case field == "":
		case field == leftOutColumn:
			choice.Columns = append(choice.Columns, model.MappedColumn{Header: header})
		case k.Field(field) == nil:
			return choice, frame.Bad("%s has no field %q", k.Label, field)
		default:
			choice.Columns = append(choice.Columns, model.MappedColumn{Header: header, Field: field})
		}
	}
	return choice, nil
}

// remember keeps how columns are meant as a mapping.
func (d *desk) remember(v *frame.Visit, view estate.View, key string, choice tableChoice) (door.Receipt, error) {
	rows := make([]any, len(choice.Columns))
	for i, c := range choice.Columns {
		rows[i] = map[string]any{"header": c.Header, "field": c.Field}
	}
	e := door.Edit{Kind: "Mapping", Key: key, Create: view.Find("Mapping", key) == nil, Set: map[string]any{"kind": choice.Kind, "columns": rows}}
	change, err := v.House.Build(v.Ctx(), v.Who, view, e)
	if err != nil {
		return door.Receipt{}, err
	}
	if change.Op == model.Edit && len(change.Fields) == 0 {
		return door.Receipt{}, nil
	}
	return v.House.Write(v.Ctx(), v.Who, door.Moment{}, door.Tx{Why: "Keep how the columns of a table are meant: " + key, Changes: []model.Change{change}})
}
