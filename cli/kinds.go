package cli

import (
	"context"
	"fmt"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

type kindsCmd struct {
	Kind string `arg:"" optional:"" help:"The kind whose fields are listed."`
}

// Help shows how the command is used.
func (kindsCmd) Help() string {
	return `Kinds and fields that the organisation defined for itself are listed like the others. Define a kind with a record of the kind KindDefinition, and a field with one of FieldDefinition.

Examples:

    binnacle kinds
    binnacle kinds Application
    binnacle kinds Host --format json`
}

// Run lists the kinds, or the fields of one.
func (c *kindsCmd) Run(ctx context.Context, s *session) error {
	if s.far != nil {
		return c.far(ctx, s)
	}
	v := estate.View{}
	place, database, err := s.where()
	if err != nil {
		return err
	}
	schema := model.Builtin()
	if database || fileExists(place) {
		if v, err = s.view(ctx); err != nil {
			return err
		}
		schema = v.Schema()
	}
	if c.Kind != "" {
		k, err := kindOf(schema, c.Kind)
		if err != nil {
			return err
		}
		return s.fields(door.DescribeKind(schema, k))
	}
	if v.Snapshot() == nil {
		empty, err := estate.Load(model.Stamp{}, func(func(model.Record) bool) {})
		if err != nil {
			return err
		}
		v = empty.View(0)
	}
	return s.kinds(door.DescribeKinds(v))
}

// kinds lists kinds.
func (s *session) kinds(list []door.KindInfo) error {
	g := &grid{columns: columns("group", "kind", "plural", ">records", "help"), wrap: true}
	for i := range list {
		k := &list[i]
		// The fields of each are another list.
		k.Fields = nil
		g.add(k.Group, k.Name, k.Plural, fmt.Sprint(*k.Records), model.Sentence(k.Help))
	}
	return s.out.print(answer{data: list, blocks: []block{table(g)}})
}

// fields lists the fields of a kind, and what points to it.
func (s *session) fields(k door.KindInfo) error {
	g := &grid{columns: columns("field", "type", "notes", "help"), wrap: true}
	options := &grid{columns: columns("field", "option", "label", "help"), wrap: true}
	for _, f := range k.Fields {
		g.add(f.Name, fieldTypeText(f), fieldNotes(f), f.Help)
		for _, col := range f.Columns {
			g.add("  "+f.Name+"."+col.Name, fieldTypeText(col), fieldNotes(col), col.Help)
		}
		for _, o := range f.Options {
			options.add(f.Name, o.Value, o.Label, o.Help)
		}
	}
	blocks := []block{{title: k.Name, lines: paragraphs(k.Help)}, {grid: g}}
	if len(options.rows) > 0 {
		blocks = append(blocks, block{title: "Options, lowest first", grid: options})
	}
	back := &grid{columns: columns("field", "called")}
	for _, b := range k.LinksToIt {
		back.add(b.Kind+"."+b.Field, b.Called)
	}
	if len(back.rows) > 0 {
		blocks = append(blocks, block{title: "Links to it", grid: back})
	}
	return s.out.print(answer{data: k, blocks: blocks})
}

// fieldTypeText writes the type of a field, with what a link may point to.
func fieldTypeText(f door.FieldInfo) string {
	out := f.Type
	if f.Type == string(model.RefField) || f.Type == string(model.RefsField) {
		to := "any kind"
		if len(f.To) > 0 {
			to = strings.Join(f.To, ", ")
		}
		out += " to " + to
	}
	if f.Unit != "" {
		out += ", " + f.Unit
	}
	return out
}

// fieldNotes writes what else is to be known of a field.
func fieldNotes(f door.FieldInfo) string {
	var out []string
	for _, note := range []struct {
		holds bool
		text  string
	}{{f.Required, "required"}, {f.System, "set by Binnacle"}, {f.Custom, "own field"}, {f.Personal, "personal"}, {f.Ident != "", "unique"}, {f.Format != "", f.Format}} {
		if note.holds {
			out = append(out, note.text)
		}
	}
	if f.Min != nil {
		out = append(out, fmt.Sprintf("from %g", *f.Min))
	}
	if f.Max != nil {
		out = append(out, fmt.Sprintf("up to %g", *f.Max))
	}
	return strings.Join(out, ", ")
}

type sourcesCmd struct{}

// Help shows how the command is used.
func (sourcesCmd) Help() string {
	return `A source is out of date when it was read longer ago than its max_age allows. Records that a source no longer sees are stale.

Examples:

    binnacle sources
    binnacle set Source/netbox max_age=7d
    binnacle sources --format json`
}

// Run lists the sources.
func (c sourcesCmd) Run(ctx context.Context, s *session) error {
	if s.far != nil {
		return c.far(ctx, s)
	}
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	return s.sources(v, door.Sources(v, model.TimeOf(s.env.Now())))
}

// sources prints sources.
func (s *session) sources(v lens, list []door.SourceState) error {
	g := &grid{columns: columns("source", "format", "location", "last seen", "age", ">rank", ">records", ">stale", "state")}
	data := []object{}
	for _, one := range list {
		rec := one.Source
		g.add(rec.Key, rec.Format, rec.Location, rec.LastSeen.String(), ageText(one.Age), fmt.Sprint(rec.Rank), fmt.Sprint(one.Records), fmt.Sprint(one.Stale), one.State)
		o := recordData(v, rec, nil)
		o.set("age", one.Age.String())
		o.set("records", one.Records)
		o.set("stale", one.Stale)
		o.set("state", one.State)
		data = append(data, o)
	}
	return s.out.print(answer{data: data, blocks: []block{table(g)}})
}

// ageText writes an age in its largest unit.
func ageText(d model.Duration) string {
	const second = model.Duration(1e9)
	for _, unit := range []struct {
		length model.Duration
		name   string
	}{{86400 * second, "day"}, {3600 * second, "hour"}, {60 * second, "minute"}} {
		if d >= unit.length {
			return counted(int(d/unit.length), unit.name)
		}
	}
	if d <= 0 {
		return ""
	}
	return "now"
}
