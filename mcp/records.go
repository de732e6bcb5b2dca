package mcp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// The schemas that several tools share.
var (
	kindArg = object{"type": "string", "description": "The name of the kind, such as Application. list_kinds lists them."}
	keyArg  = object{"type": "string", "description": "The key of the record, or its id."}
)

// lookups are the tools that look at records.
func (s *server) lookups() []tool {
	return []tool{
		{name: "list_kinds", title: "List the kinds of records", call: s.listKinds, properties: object{},
			help: "Lists the kinds of records that there are, with what each is for and how many records it has."},
		{name: "describe_kind", title: "Describe a kind", call: s.describeKind, properties: object{"kind": kindArg}, required: []string{"kind"},
			help: "Tells which fields the records of a kind have, with types, units, choices and meaning, and which other kinds point to it."},
		{name: "get_record", title: "Look at a record", call: s.getRecord, properties: object{"kind": kindArg, "key": keyArg}, required: []string{"kind", "key"},
			help: "Returns one record with all its fields, and the records that it points to and that point to it."},
		{name: "list_records", title: "List records", call: s.listRecords, required: []string{"kind"}, properties: object{
			"kind": kindArg,
			"where": object{"type": "array", "items": object{"type": "string"}, "description": "Conditions that must all hold, such as criticality>=high, name~shop, owner=commerce, owner.name~Ada, serial:empty, owner:set. " +
				"Comparisons: = != < <= > >= and ~ for contains."},
			"search":  object{"type": "string", "description": "Words that must stand somewhere in the texts of the record."},
			"sort":    object{"type": "string", "description": "Fields with commas between, a minus for the largest first: -criticality,name."},
			"columns": object{"type": "array", "items": object{"type": "string"}, "description": "The fields to return. Default: the most useful ones."},
			"limit":   object{"type": "integer", "minimum": 1, "maximum": 200, "description": "How many records. Default: 50."},
			"after":   object{"type": "string", "description": "The cursor next of the answer before, for the next page."},
		}, help: "Lists records of one kind by conditions, in an order, page by page, and tells how many there are in all."},
		{name: "search", title: "Search everything", call: s.search, required: []string{"text"}, properties: object{
			"text":  object{"type": "string", "description": "Words to look for. Quotation marks keep words together."},
			"limit": object{"type": "integer", "minimum": 1, "maximum": 100, "description": "How many records. Default: 20."},
		}, help: "Finds records of every kind by words in their texts, the best first."},
		{name: "neighbours", title: "What hangs together with a record", call: s.neighbours, required: []string{"kind", "key"}, properties: object{
			"kind": kindArg, "key": keyArg,
			"direction": object{"type": "string", "enum": []string{"around", "needs", "serves"}, "description": "around: the records at the other end of its links. needs: everything that it depends on, however far. " +
				"serves: everything that fails or suffers when it fails. Default: around."},
			"limit": object{"type": "integer", "minimum": 1, "maximum": 300, "description": "How many records. Default: 100."},
		}, help: "Tells what a record hangs together with: its direct links, or everything upstream or downstream of it with the way there."},
		{name: "history", title: "The history of a record", call: s.history, required: []string{"kind", "key"}, properties: object{
			"kind": kindArg, "key": keyArg,
			"limit":  object{"type": "integer", "minimum": 1, "maximum": 100, "description": "How many entries. Default: 20."},
			"before": object{"type": "integer", "description": "Only entries older than the one with this number, for the next page."},
		}, timeless: true, help: "Tells who changed a record when and why, field by field, newest first."},
	}
}

func (s *server) listKinds(ctx context.Context, p *access.Principal, in args) (answer, error) {
	v, err := s.house.Look(ctx, p, in.moment())
	if err != nil {
		return answer{}, err
	}
	var kinds []object
	var text strings.Builder
	for _, k := range door.DescribeKinds(v) {
		if read, _, _ := p.Extents(k.Name); read == "none" {
			continue
		}
		kinds = append(kinds, object{"name": k.Name, "plural": k.Plural, "group": k.Group, "help": k.Help, "records": k.Records})
		fmt.Fprintf(&text, "%s | %d | %s\n", k.Name, *k.Records, oneLine(k.Help))
	}
	return answer{object{"kinds": kinds}, "Kind | Records | What it is\n" + text.String()}, nil
}

// kindOf returns a kind that the caller may read.
func kindOf(p *access.Principal, schema *model.Schema, name string) (*model.Kind, error) {
	k := schema.Kind(name)
	if k == nil {
		return nil, &door.NotFound{What: fmt.Sprintf("kind %q", name)}
	}
	return k, nil
}

func (s *server) describeKind(ctx context.Context, p *access.Principal, in args) (answer, error) {
	v, err := s.house.Look(ctx, p, in.moment())
	if err != nil {
		return answer{}, err
	}
	k, err := kindOf(p, v.Schema(), in.text("kind"))
	if err != nil {
		return answer{}, err
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s\n", k.Name, k.Help)
	for _, f := range k.Fields {
		fmt.Fprintf(&text, "- %s (%s): %s\n", f.Name, f.Type, oneLine(f.Help))
	}
	return answer{object{"kind": door.DescribeKind(v.Schema(), k)}, text.String()}, nil
}

// recordData returns the fields of a record that have a value.
func recordData(v estate.View, k *model.Kind, rec model.Record, fields []*model.Field) object {
	m := rec.Base()
	out := object{}
	for _, f := range fields {
		if value := f.Tree(rec, v); value != nil {
			out[f.Name] = value
		}
	}
	return object{"kind": k.Name, "key": m.Key, "title": m.Title(), "version": m.Version, "changed": m.Changed.At, "fields": out}
}

// mostLinks is how many links of each side a record shows.
const mostLinks = 60

func (s *server) getRecord(ctx context.Context, p *access.Principal, in args) (answer, error) {
	v, err := s.house.Look(ctx, p, in.moment())
	if err != nil {
		return answer{}, err
	}
	k, rec, err := door.Find(v, in.text("kind"), in.text("key"))
	if err != nil {
		return answer{}, err
	}
	data := recordData(v, k, rec, k.Fields)
	var text strings.Builder
	fmt.Fprintf(&text, "%s/%s: %s (version %d)\n", k.Name, rec.Base().Key, rec.Base().Title(), rec.Base().Version)
	for _, f := range k.Fields {
		if shown := f.Text(rec, v); shown != "" && !f.System {
			fmt.Fprintf(&text, "- %s: %s\n", f.Label, oneLine(shown))
		}
	}
	from, n := edges(v.In(rec.Base().Ref()), mostLinks)
	data["pointed_to_by"], data["pointed_to_by_total"] = from, n
	for _, l := range from {
		fmt.Fprintf(&text, "- %s of %s\n", l["field"], l["record"])
	}
	if n > len(from) {
		fmt.Fprintf(&text, "… and %d more point to it: use neighbours.\n", n-len(from))
	}
	return answer{object{"record": data}, text.String()}, nil
}

// edges lists links with the records at their other end.
func edges(list func(yield func(estate.Edge) bool), most int) (out []object, n int) {
	out = []object{}
	for e := range list {
		if n++; n <= most {
			out = append(out, object{"field": e.Field.Path(), "record": model.NameOf(e.Record) + "/" + e.Record.Base().Key, "title": e.Record.Base().Title()})
		}
	}
	return out, n
}

func (s *server) listRecords(ctx context.Context, p *access.Principal, in args) (answer, error) {
	v, err := s.house.Look(ctx, p, in.moment())
	if err != nil {
		return answer{}, err
	}
	k, err := kindOf(p, v.Schema(), in.text("kind"))
	if err != nil {
		return answer{}, err
	}
	listing, err := door.ListingOf(k, map[string][]string{"where": in.list("where"), "sort": {in.text("sort")}, "columns": in.list("columns")})
	if err != nil {
		return answer{}, err
	}
	q := listing.Query()
	q.Limit, q.After = in.number("limit", 50, 1, 200), in.text("after")
	page, err := door.List(v, q, in.text("search"))
	if err != nil {
		return answer{}, unreadable(err)
	}
	records := []object{}
	var text strings.Builder
	text.WriteString("key")
	for _, f := range listing.Columns {
		text.WriteString(" | " + f.Name)
	}
	for _, rec := range page.Records {
		records = append(records, recordData(v, k, rec, listing.Columns))
		text.WriteString("\n" + rec.Base().Key)
		for _, f := range listing.Columns {
			text.WriteString(" | " + oneLine(f.Text(rec, v)))
		}
	}
	data := object{"kind": k.Name, "total": page.Total, "records": records}
	if page.Next != "" {
		data["next"] = page.Next
	}
	return answer{data, fmt.Sprintf("%s of %d %s\n%s", practice.Count(len(records), "record", "records"), page.Total, k.Plural, text.String())}, nil
}

func (s *server) search(ctx context.Context, p *access.Principal, in args) (answer, error) {
	v, err := s.house.Look(ctx, p, in.moment())
	if err != nil {
		return answer{}, err
	}
	hits := []object{}
	var text strings.Builder
	for _, h := range v.Search(in.text("text"), in.number("limit", 20, 1, 100)) {
		name := model.NameOf(h.Record) + "/" + h.Record.Base().Key
		one := object{"record": name, "title": h.Record.Base().Title()}
		shown := ""
		if h.Field != nil {
			shown = oneLine(h.Field.Text(h.Record, v))
			one["field"], one["text"] = h.Field.Name, shown
		}
		hits = append(hits, one)
		fmt.Fprintf(&text, "%s | %s | %s\n", name, oneLine(h.Record.Base().Title()), shown)
	}
	if len(hits) == 0 {
		text.WriteString("Nothing was found. Try other words, or list_records with a condition.")
	}
	return answer{object{"hits": hits}, text.String()}, nil
}

func (s *server) neighbours(ctx context.Context, p *access.Principal, in args) (answer, error) {
	v, err := s.house.Look(ctx, p, in.moment())
	if err != nil {
		return answer{}, err
	}
	k, rec, err := door.Find(v, in.text("kind"), in.text("key"))
	if err != nil {
		return answer{}, err
	}
	limit, ref := in.number("limit", 100, 1, 300), rec.Base().Ref()
	name := k.Name + "/" + rec.Base().Key
	direction := estate.Up
	switch in.text("direction") {
	case "", "around":
		out, n := edges(v.Out(ref), limit)
		back, m := edges(v.In(ref), limit)
		text := fmt.Sprintf("%s points to %d and is pointed to by %d.\n", name, n, m)
		for _, e := range out {
			text += fmt.Sprintf("→ %s: %s\n", e["field"], e["record"])
		}
		for _, e := range back {
			text += fmt.Sprintf("← %s of %s\n", e["field"], e["record"])
		}
		return answer{object{"record": name, "out": out, "out_total": n, "in": back, "in_total": m}, text}, nil
	case "needs":
	case "serves":
		direction = estate.Down
	default:
		return answer{}, bad("direction is around, needs or serves")
	}
	return closure(v, name, in.text("direction"), direction, ref, limit), nil
}

// closure lists everything in one direction of a record, the nearest first.
func closure(v estate.View, name, word string, direction estate.Direction, ref model.Ref, limit int) answer {
	c := v.Reach(direction, ref)
	steps := []object{}
	var text strings.Builder
	for i, step := range c.Steps {
		if step.Depth == 0 || len(steps) == limit {
			continue
		}
		path := practice.PathOf(c.Path(i)).String()
		steps = append(steps, object{"record": practice.To(step.Record).String(), "title": step.Record.Base().Title(), "distance": step.Depth, "path": path})
		fmt.Fprintf(&text, "%d | %s | %s\n", step.Depth, practice.To(step.Record), oneLine(path))
	}
	total := max(0, len(c.Steps)-1)
	return answer{object{"record": name, "direction": word, "total": total, "records": steps}, fmt.Sprintf("%s %s %d records.\nDistance | Record | Way\n%s", name, word, total, text.String())}
}

func (s *server) history(ctx context.Context, p *access.Principal, in args) (answer, error) {
	v, err := s.house.Look(ctx, p, door.Moment{})
	if err != nil {
		return answer{}, err
	}
	ref, name, live, err := s.house.Trace(ctx, p, v, in.text("kind"), in.text("key"))
	if err != nil {
		return answer{}, err
	}
	list, err := s.house.History(ctx, p, ref, uint64(in.number("before", 0, 0, 1<<52)), in.number("limit", 20, 1, 100))
	if err != nil {
		return answer{}, err
	}
	entries := []object{}
	var text strings.Builder
	for _, e := range list {
		var fields []door.FieldReport
		for i := range e.Changes {
			fields = append(fields, door.FieldReports(v, v, &e.Changes[i])...)
		}
		entries = append(entries, object{"entry": e.Seq, "at": e.At, "who": e.Who, "why": e.Why, "source": e.Source, "fields": fields})
		fmt.Fprintf(&text, "Entry %d, %s, %s: %s\n", e.Seq, e.At, e.Who, oneLine(e.Why))
		for _, f := range fields {
			fmt.Fprintf(&text, "  %s: %s → %s\n", f.Field, oneLine(f.Before), oneLine(f.After))
		}
	}
	return answer{object{"record": name, "live": live, "entries": entries}, text.String()}, nil
}

// isTold reports whether an error has words of its own for assistants.
func isTold(err error) bool {
	var missing *door.NotFound
	var denied *access.Denied
	var moment *door.BadMoment
	var refused *door.Refused
	var problem model.Problem
	return errors.As(err, &missing) || errors.As(err, &denied) || errors.As(err, &moment) || errors.As(err, &refused) || errors.As(err, &problem) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}
