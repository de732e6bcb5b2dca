package cli

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"binnacle/door"
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
	if s.far != nil {
		return c.far(ctx, s)
	}
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
	return c.print(s, v, k, page)
}

// print prints a list of records.
func (c *getCmd) print(s *session, v lens, k *model.Kind, page estate.Page) error {
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

func recordGrid(v lens, cols []recordColumn, records []model.Record) *grid {
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
	if c.After != "" && c.Search != "" {
		return estate.Page{}, usage("--after does not work with --search: give a larger --limit")
	}
	page, err := door.List(v, q, c.Search)
	if err != nil {
		return page, usage("%v", err)
	}
	return page, nil
}

// one prints one record: what it says, since when and from where, and what points to it.
func (c *getCmd) one(ctx context.Context, s *session, v estate.View, name string) error {
	k, rec, err := record(v, name)
	if err != nil {
		return err
	}
	return c.printOne(s, v, k, rec, func() (map[string]model.Stamp, []backLink, error) {
		set, err := s.lastSet(ctx, v, rec)
		return set, backLinks(v, rec), err
	})
}

// printOne prints one record. What is said of it elsewhere is only asked for where it is shown.
func (c *getCmd) printOne(s *session, v lens, k *model.Kind, rec model.Record, more func() (map[string]model.Stamp, []backLink, error)) error {
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
	set, back, err := more()
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
	if links := backGrid(back); len(links.rows) > 0 {
		out.blocks = append(out.blocks, block{title: "Links to it", grid: links})
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

func fieldGrid(v lens, k *model.Kind, rec model.Record, only []*model.Field, set map[string]model.Stamp) *grid {
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
func rowsText(f *model.Field, rec model.Record, v lens) string {
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

// backLink is a link that points to a record: what it says of it, and from where.
type backLink struct{ label, from string }

// backLinks lists the links that point to a record.
func backLinks(v estate.View, rec model.Record) []backLink {
	var out []backLink
	for e := range v.In(rec.Base().Ref()) {
		out = append(out, backLink{cmp.Or(e.Field.Back, e.Field.Path()+" of"), nameOf(e.Record)})
	}
	return out
}

// backGrid lists the records that point to a record, by what they say of it.
func backGrid(links []backLink) *grid {
	g := &grid{columns: columns("link", "records"), wrap: true}
	names := map[string][]string{}
	var order []string
	for _, l := range links {
		if names[l.label] == nil {
			order = append(order, l.label)
		}
		if !slices.Contains(names[l.label], l.from) {
			names[l.label] = append(names[l.label], l.from)
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
	if s.far != nil {
		return c.far(ctx, s)
	}
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
	var hits []hit
	more := false
	for _, h := range v.Search(strings.Join(c.Words, " "), 0) {
		if kind != "" && model.NameOf(h.Record) != kind {
			continue
		}
		if more = c.Limit > 0 && len(hits) == c.Limit; more {
			break
		}
		one := hit{rec: h.Record}
		if h.Field != nil {
			one.field, one.text = h.Field.Name, h.Field.Text(h.Record, v)
		}
		hits = append(hits, one)
	}
	return c.print(s, v, hits, more)
}

// hit is a record that was found, and where.
type hit struct {
	rec         model.Record
	field, text string
}

// print prints what was found.
func (c *searchCmd) print(s *session, v lens, hits []hit, more bool) error {
	g := &grid{columns: columns("record", "name", "field", "text")}
	data := []object{}
	for _, h := range hits {
		g.add(nameOf(h.rec), h.rec.Base().Name, h.field, h.text)
		o := recordData(v, h.rec, nil)
		o.set("found_in", h.field)
		data = append(data, o)
	}
	if more {
		s.say("there are more: give a larger --limit")
	}
	return s.out.print(answer{data: data, blocks: []block{table(g)}})
}
