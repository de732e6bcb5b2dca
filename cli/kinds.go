package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

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
	schema, count := model.Builtin(), func(string) int { return 0 }
	place, database, err := s.where()
	if err != nil {
		return err
	}
	if database || fileExists(place) {
		v, err := s.view(ctx)
		if err != nil {
			return err
		}
		schema, count = v.Schema(), v.Count
	}
	if c.Kind != "" {
		k, err := kindOf(schema, c.Kind)
		if err != nil {
			return err
		}
		return s.fields(schema, k)
	}
	g := &grid{columns: columns("group", "kind", "plural", ">records", "help"), wrap: true}
	data := []object{}
	for _, k := range schema.Kinds() {
		g.add(k.Group, k.Name, k.Plural, fmt.Sprint(count(k.Name)), model.Sentence(k.Help))
		data = append(data, object{{"name", k.Name}, {"label", k.Label}, {"plural", k.Plural}, {"group", k.Group}, {"help", k.Help}, {"custom", k.Custom}, {"records", count(k.Name)}})
	}
	return s.out.print(answer{data: data, blocks: []block{table(g)}})
}

// fields lists the fields of a kind, and what points to it.
func (s *session) fields(schema *model.Schema, k *model.Kind) error {
	g := &grid{columns: columns("field", "type", "notes", "help"), wrap: true}
	fields := []object{}
	for _, f := range k.Fields {
		g.add(f.Name, fieldTypeText(f), fieldNotes(f), f.Help)
		fields = append(fields, fieldData(f))
		for _, col := range f.Columns {
			g.add("  "+col.Path(), fieldTypeText(col), fieldNotes(col), col.Help)
		}
	}
	blocks := []block{{title: k.Name, lines: paragraphs(k.Help)}, {grid: g}}
	options := &grid{columns: columns("field", "option", "label", "help"), wrap: true}
	for _, f := range k.Fields {
		for _, o := range f.Options {
			options.add(f.Name, o.Value, o.Label, o.Help)
		}
	}
	if len(options.rows) > 0 {
		blocks = append(blocks, block{title: "Options, lowest first", grid: options})
	}
	back := &grid{columns: columns("field", "called")}
	backs := []object{}
	for _, other := range schema.Kinds() {
		for _, f := range other.RefFields() {
			if slices.Contains(f.To, k.Name) {
				back.add(other.Name+"."+f.Path(), f.Back)
				backs = append(backs, object{{"kind", other.Name}, {"field", f.Path()}, {"called", f.Back}})
			}
		}
	}
	if len(back.rows) > 0 {
		blocks = append(blocks, block{title: "Links to it", grid: back})
	}
	data := object{{"name", k.Name}, {"label", k.Label}, {"plural", k.Plural}, {"group", k.Group}, {"help", k.Help}, {"custom", k.Custom}, {"fields", fields}, {"links_to_it", backs}}
	return s.out.print(answer{data: data, blocks: blocks})
}

// fieldTypeText writes the type of a field, with what a link may point to.
func fieldTypeText(f *model.Field) string {
	out := string(f.Type)
	if f.IsRef() {
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
func fieldNotes(f *model.Field) string {
	var out []string
	for _, note := range []struct {
		holds bool
		text  string
	}{{f.Required, "required"}, {f.System, "set by Binnacle"}, {f.Custom, "own field"}, {f.Personal, "personal"}, {f.Ident != "", "unique"}, {f.Format != "", f.Format}, {f.HasMin, fmt.Sprintf("from %g", f.Min)}, {f.HasMax, fmt.Sprintf("up to %g", f.Max)}} {
		if note.holds {
			out = append(out, note.text)
		}
	}
	return strings.Join(out, ", ")
}

// fieldData describes a field for programs.
func fieldData(f *model.Field) object {
	o := object{{"name", f.Name}, {"label", f.Label}, {"type", string(f.Type)}, {"help", f.Help}, {"required", f.Required}}
	for _, flag := range []struct {
		name  string
		holds bool
	}{{"system", f.System}, {"custom", f.Custom}, {"personal", f.Personal}} {
		if flag.holds {
			o.set(flag.name, true)
		}
	}
	for _, word := range []member{{"unit", f.Unit}, {"format", f.Format}, {"ident", f.Ident}, {"back", f.Back}, {"flow", string(f.Flow)}} {
		if word.value != "" {
			o.set(word.name, word.value)
		}
	}
	if f.HasMin {
		o.set("min", f.Min)
	}
	if f.HasMax {
		o.set("max", f.Max)
	}
	if f.IsRef() && len(f.To) > 0 {
		o.set("to", f.To)
	}
	if len(f.Options) > 0 {
		options := []object{}
		for _, opt := range f.Options {
			options = append(options, object{{"value", opt.Value}, {"label", opt.Label}, {"help", opt.Help}})
		}
		o.set("options", options)
	}
	if f.Moves != nil {
		o.set("transitions", f.Moves)
	}
	if len(f.Columns) > 0 {
		cols := []object{}
		for _, c := range f.Columns {
			cols = append(cols, fieldData(c))
		}
		o.set("columns", cols)
	}
	return o
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
func (sourcesCmd) Run(ctx context.Context, s *session) error {
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	seen, stale := sightings(v)
	g := &grid{columns: columns("source", "format", "location", "last seen", "age", ">rank", ">records", ">stale", "state")}
	data := []object{}
	for rec := range estate.Each[*model.Source](v) {
		age := model.Duration(s.env.Now().Sub(rec.LastSeen.Time()))
		state := "fresh"
		if rec.MaxAge > 0 && age > rec.MaxAge {
			state = "out of date"
		}
		if rec.LastSeen.IsZero() {
			age, state = 0, "never read"
		}
		g.add(rec.Key, rec.Format, rec.Location, rec.LastSeen.String(), ageText(age), fmt.Sprint(rec.Rank), fmt.Sprint(seen[rec.Key]), fmt.Sprint(stale[rec.Key]), state)
		o := recordData(v, rec, nil)
		o.set("age", age.String())
		o.set("records", seen[rec.Key])
		o.set("stale", stale[rec.Key])
		o.set("state", state)
		data = append(data, o)
	}
	return s.out.print(answer{data: data, blocks: []block{table(g)}})
}

// sightings counts the records that each source sees, and those that it no longer sees.
func sightings(v estate.View) (seen, stale map[string]int) {
	seen, stale = map[string]int{}, map[string]int{}
	for _, k := range v.Schema().Kinds() {
		for rec := range v.All(k.Name) {
			for _, sight := range rec.Base().Sightings {
				if sight.Stale.IsZero() {
					seen[sight.Source]++
				} else {
					stale[sight.Source]++
				}
			}
		}
	}
	return seen, stale
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
