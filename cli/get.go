package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

type getCmd struct {
	Kind    string   `arg:"" help:"The kind, such as Host or hosts, or a record as Kind/key."`
	Key     string   `arg:"" optional:"" help:"The key of one record."`
	Where   []string `sep:"none" placeholder:"CONDITION" help:"Only records of which this is true, such as criticality>=high, name~shop, owner=Team/web or serial:empty. May be given again."`
	Search  string   `placeholder:"WORDS" help:"Only records with these words in their texts, the best first."`
	Sort    []string `placeholder:"FIELD" help:"The order, as field,-field; - is from the largest."`
	Columns []string `placeholder:"FIELD" help:"The fields to show. Besides fields: id, version, created, changed, stale."`
	Limit   int      `default:"0" placeholder:"N" help:"At most so many records. 0 is all."`
	After   string   `placeholder:"CURSOR" help:"Go on behind the page that ended with this cursor."`
}

// Help shows how the command is used.
func (getCmd) Help() string {
	return `Conditions are field=value, or with one of != < <= > >= ~ (contains) in place of =, or field:empty, or field:set. A path such as owner.lead.name goes through links.

As JSON a record has its kind, key, fields, id and version; where the kind has a field called version, that of the record is record_version.

Examples:

    binnacle get applications --where "criticality>=high" --sort -users --limit 10
    binnacle get Host/rtm-db-01
    binnacle get hosts --where os_version:empty --columns key,operating_system,owner
    binnacle get contracts --as-of 2026-01-01 --format csv
    binnacle get vendors --search "cloud hosting" --format json`
}

// Run prints records.
func (c *getCmd) Run(ctx context.Context, s *session) error {
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	name := c.Kind
	if c.Key != "" {
		name += "/" + c.Key
	}
	if strings.Contains(name, "/") {
		return c.one(ctx, s, v, name)
	}
	k, err := kindOf(v.Schema(), c.Kind)
	if err != nil {
		return err
	}
	page, err := c.list(v, k)
	if err != nil {
		return err
	}
	cols, err := chosenColumns(k, c.Columns)
	if err != nil {
		return err
	}
	var fields []*model.Field
	for _, col := range cols {
		if col.field != nil {
			fields = append(fields, col.field)
		}
	}
	data := []object{}
	for _, rec := range page.Records {
		data = append(data, recordData(v, rec, fields))
	}
	if len(cols) == 0 && s.out.format == "csv" {
		for _, f := range k.Fields {
			if !f.System {
				cols = append(cols, columnOf(f))
			}
		}
	}
	if len(cols) == 0 {
		cols = usefulColumns(v, k, page.Records, s.out.width)
	}
	if err := s.out.print(answer{data: data, blocks: []block{table(recordGrid(v, cols, page.Records))}}); err != nil {
		return err
	}
	if s.out.format == "table" && s.env.Watched {
		s.say("%s", counted(page.Total, strings.ToLower(k.Label)))
	}
	if page.Next != "" {
		s.say("%d of %d shown; go on with --after %s", len(page.Records), page.Total, page.Next)
	}
	return nil
}

func recordGrid(v estate.View, cols []recordColumn, records []model.Record) *grid {
	g := &grid{}
	for _, col := range cols {
		g.columns = append(g.columns, col.column)
	}
	for _, rec := range records {
		row := make([]string, len(cols))
		for i, col := range cols {
			row[i] = col.cell(v, rec)
		}
		g.rows = append(g.rows, row)
	}
	return g
}

// list returns the records that the flags ask for.
func (c *getCmd) list(v estate.View, k *model.Kind) (estate.Page, error) {
	q := estate.Query{Kind: k.Name, Limit: c.Limit, After: c.After}
	if c.Limit < 0 {
		return estate.Page{}, usage("--limit: %d is below 0", c.Limit)
	}
	for _, text := range c.Where {
		cond, err := estate.ParseCondition(text)
		if err != nil {
			return estate.Page{}, usage("--where: %v", err)
		}
		q.Where = append(q.Where, cond)
	}
	for _, text := range c.Sort {
		name, down := strings.CutPrefix(strings.TrimSpace(text), "-")
		f, err := fieldOf(k, name)
		if err != nil {
			return estate.Page{}, err
		}
		q.Sort = append(q.Sort, estate.Sort{Field: f.Name, Down: down})
	}
	if c.Search == "" {
		page, err := v.List(q)
		if err != nil {
			return page, usage("%v", err)
		}
		return page, nil
	}
	if c.After != "" {
		return estate.Page{}, usage("--after does not work with --search: give a larger --limit")
	}
	return c.search(v, k, q)
}

// search returns the records that have the words and meet the conditions, the best first unless there is a sort.
func (c *getCmd) search(v estate.View, k *model.Kind, q estate.Query) (estate.Page, error) {
	q.Limit = 0
	page, err := v.List(q)
	if err != nil {
		return page, usage("%v", err)
	}
	place := map[model.ID]int{}
	for i, h := range v.Search(c.Search, 0) {
		if model.NameOf(h.Record) == k.Name {
			place[h.Record.Base().ID] = i + 1
		}
	}
	page.Records = slices.DeleteFunc(page.Records, func(rec model.Record) bool { return place[rec.Base().ID] == 0 })
	if len(q.Sort) == 0 {
		slices.SortStableFunc(page.Records, func(a, b model.Record) int { return cmp.Compare(place[a.Base().ID], place[b.Base().ID]) })
	}
	page.Total = len(page.Records)
	if c.Limit > 0 && len(page.Records) > c.Limit {
		page.Records = page.Records[:c.Limit]
	}
	return page, nil
}

// one prints one record: what it says, since when and from where, and what points to it.
func (c *getCmd) one(ctx context.Context, s *session, v estate.View, name string) error {
	k, rec, err := record(v, name)
	if err != nil {
		return err
	}
	cols, err := chosenColumns(k, c.Columns)
	if err != nil {
		return err
	}
	var fields []*model.Field
	for _, col := range cols {
		fields = append(fields, col.field)
	}
	out := answer{data: []object{recordData(v, rec, fields)}}
	if s.out.format == "json" || s.out.format == "yaml" {
		return s.out.print(out)
	}
	if s.out.format == "csv" {
		for _, f := range k.Fields {
			if len(c.Columns) == 0 && !f.System {
				cols = append(cols, columnOf(f))
			}
		}
		out.blocks = []block{table(recordGrid(v, cols, []model.Record{rec}))}
		return s.out.print(out)
	}
	set, err := s.lastSet(ctx, v, rec)
	if err != nil {
		return err
	}
	m := rec.Base()
	head := []string{fmt.Sprintf("id %s, version %d, created %s, changed %s", m.ID, m.Version, when(m.Created), when(m.Changed))}
	for _, sight := range m.Sightings {
		line := "known by " + sight.Source
		if sight.External != "" {
			line += " as " + sight.External
		}
		if !sight.Stale.IsZero() {
			line += ", which no longer sees it since " + sight.Stale.String()
		}
		head = append(head, line)
	}
	if stale := m.Stale(); !stale.IsZero() {
		head = append(head, "STALE since "+stale.String()+": no source sees it any more")
	}
	title := nameOf(rec)
	if m.Name != "" {
		title += "  " + m.Name
	}
	out.blocks = []block{{title: title, lines: head}, {grid: fieldGrid(v, k, rec, fields, set)}}
	if back := backGrid(v, rec); len(back.rows) > 0 {
		out.blocks = append(out.blocks, block{title: "Links to it", grid: back})
	}
	return s.out.print(out)
}

func when(stamp model.Stamp) string { return fmt.Sprintf("%s (entry %d)", stamp.At, stamp.Seq) }

// lastSet returns the entry that set each field of a record last.
func (s *session) lastSet(ctx context.Context, v estate.View, rec model.Record) (map[string]model.Stamp, error) {
	entries, err := s.store.History(ctx, rec.Base().Ref())
	if err != nil {
		return nil, err
	}
	out := map[string]model.Stamp{}
	for _, e := range entries {
		if e.Seq > v.Stamp().Seq {
			break
		}
		for _, c := range e.Changes {
			for _, f := range c.Fields {
				out[f.Name] = model.Stamp{Seq: e.Seq, At: e.At}
			}
		}
	}
	return out, nil
}

func fieldGrid(v estate.View, k *model.Kind, rec model.Record, only []*model.Field, set map[string]model.Stamp) *grid {
	g := &grid{columns: columns("field", "value", "source", "since"), wrap: true}
	for _, f := range k.Fields {
		if f.System || !f.Has(rec) || len(only) > 0 && !slices.Contains(only, f) {
			continue
		}
		value := shown(f, f.Text(rec, v))
		if f.Type == model.TableField {
			value = rowsText(f, rec, v)
		}
		if f.Unit != "" && f.Unit != "%" {
			value += " " + f.Unit
		}
		since := ""
		if stamp, ok := set[f.Name]; ok {
			since = stamp.At.Date().String()
		}
		g.add(f.Label, value, rec.Base().OriginOf(f.Name), since)
	}
	return g
}

// rowsText writes the rows of a table field for people.
func rowsText(f *model.Field, rec model.Record, v estate.View) string {
	rows, _ := f.Tree(rec, v).([]map[string]any)
	var out []string
	for _, row := range rows {
		var cells []string
		for _, c := range f.Columns {
			if value, ok := row[c.Name]; ok {
				cells = append(cells, fmt.Sprintf("%s %v", c.Name, value))
			}
		}
		out = append(out, strings.Join(cells, ", "))
	}
	return strings.Join(out, "; ")
}

// mostLinks is how many records are named that point to one in the same way.
const mostLinks = 12

// backGrid lists the records that point to a record, by what they say of it.
func backGrid(v estate.View, rec model.Record) *grid {
	g := &grid{columns: columns("link", "records"), wrap: true}
	names := map[string][]string{}
	var order []string
	for e := range v.In(rec.Base().Ref()) {
		label := cmp.Or(e.Field.Back, e.Field.Path()+" of")
		if names[label] == nil {
			order = append(order, label)
		}
		if name := nameOf(e.Record); !slices.Contains(names[label], name) {
			names[label] = append(names[label], name)
		}
	}
	slices.Sort(order)
	for _, label := range order {
		slices.Sort(names[label])
		list := names[label]
		if more := len(list) - mostLinks; more > 0 {
			list = append(slices.Clone(list[:mostLinks]), fmt.Sprintf("and %d more", more))
		}
		g.add(label, strings.Join(list, ", "))
	}
	return g
}

type searchCmd struct {
	Words []string `arg:"" help:"Words that must all be in the record. The last may be the start of a word."`
	Kind  string   `placeholder:"KIND" help:"Only records of this kind."`
	Limit int      `default:"20" placeholder:"N" help:"At most so many records. 0 is all."`
}

// Help shows how the command is used.
func (searchCmd) Help() string {
	return `Examples:

    binnacle search web shop
    binnacle search oracle --kind Host --limit 5
    binnacle search oracle --as-of 2025-12-31 --format json`
}

// Run prints the records that have the words, the best first.
func (c *searchCmd) Run(ctx context.Context, s *session) error {
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	kind := ""
	if c.Kind != "" {
		k, err := kindOf(v.Schema(), c.Kind)
		if err != nil {
			return err
		}
		kind = k.Name
	}
	g := &grid{columns: columns("record", "name", "field", "text")}
	data := []object{}
	for _, h := range v.Search(strings.Join(c.Words, " "), 0) {
		if kind != "" && model.NameOf(h.Record) != kind {
			continue
		}
		if c.Limit > 0 && len(data) == c.Limit {
			s.say("there are more: give a larger --limit")
			break
		}
		field, found := "", ""
		if h.Field != nil {
			field, found = h.Field.Name, h.Field.Text(h.Record, v)
		}
		g.add(nameOf(h.Record), h.Record.Base().Name, field, found)
		o := recordData(v, h.Record, nil)
		o.set("found_in", field)
		data = append(data, o)
	}
	return s.out.print(answer{data: data, blocks: []block{table(g)}})
}
