package boards

import (
	"html/template"
	"net/url"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// mostListed is how long a list may be at either moment to be compared row by row.
const mostListed = 100_000

// list compares a list of records, with its filters, its order and its columns. Rows are joined by record: one that has left
// the list is removed, whether it is gone or no longer matches the filters.
func (c *compareView) list(kind string, q url.Values) error {
	left, before, err := c.Left.list(kind, q)
	if err != nil {
		return err
	}
	right, after, err := c.Right.list(kind, q)
	if err != nil {
		return err
	}
	if len(before)+len(after) > 2*mostListed {
		return frame.Bad("the list has more than %d records: filter it to see which rows differ", mostListed)
	}
	out := tablePair{Label: "Rows of the list", Columns: []practice.Column{{Name: "record", Label: right.Kind.Label}}}
	var fields []*model.Field
	for _, f := range right.Columns {
		if f.Name != "name" {
			fields = append(fields, f)
			out.Columns = append(out.Columns, practice.Column{Name: f.Name, Label: f.Label, Number: f.Type == model.IntegerField || f.Type == model.NumberField || f.Type == model.PercentField || f.Type == model.MoneyField})
		}
	}
	was, is := byRef(before), byRef(after)
	for _, rec := range after {
		old := was[rec.Base().Ref()]
		switch {
		case old == nil:
			out.Added++
			out.line("added", nil, c.Right.cells(rec, right.Kind, fields))
		case old == rec:
			out.Equal++
		default:
			a, b := c.Left.cells(old, left.Kind, fields), c.Right.cells(rec, right.Kind, fields)
			if same(a, b) {
				out.Equal++
				continue
			}
			out.Changed++
			out.line("changed", a, b)
		}
	}
	for _, rec := range before {
		if is[rec.Base().Ref()] == nil {
			out.Removed++
			out.line("removed", c.Left.cells(rec, left.Kind, fields), nil)
		}
	}
	c.Tables = append(c.Tables, out)
	return nil
}

// list returns the records of a list at one of the moments, in the order of the list. A kind that is not there yet has none.
func (s side) list(kind string, q url.Values) (door.Listing, []model.Record, error) {
	k := s.view.Schema().Kind(kind)
	if k == nil {
		return door.Listing{}, nil, nil
	}
	l, err := door.ListingOf(k, q)
	if err != nil {
		return l, nil, frame.Bad("the list cannot be made like this: %s", err)
	}
	page, err := s.view.List(l.Query())
	if err != nil {
		return l, nil, frame.Bad("the list cannot be made like this: %s", err)
	}
	return l, page.Records, nil
}

func byRef(records []model.Record) map[model.Ref]model.Record {
	out := make(map[model.Ref]model.Record, len(records))
	for _, rec := range records {
		out[rec.Base().Ref()] = rec
	}
	return out
}

// longestText is how many characters of a value a cell shows.
const longestText = 160

// cells writes the title of a record, which leads to its page at the moment, and some of its values.
func (s side) cells(rec model.Record, k *model.Kind, fields []*model.Field) []template.HTML {
	path := frame.RecordPath(k.Name, rec.Base().Key)
	if q := s.Moment.Values(); len(q) > 0 {
		path += "?" + q.Encode()
	}
	out := []template.HTML{template.HTML(`<a href="` + template.HTMLEscapeString(path) + `">` + template.HTMLEscapeString(rec.Base().Title()) + `</a>`)}
	for _, f := range fields {
		text := ""
		if f := k.Field(f.Name); f != nil {
			text = f.Text(rec, s.view)
			for _, o := range f.Options {
				if o.Value == text {
					text = o.Label
				}
			}
		}
		out = append(out, template.HTML(template.HTMLEscapeString(frame.Short(text, longestText))))
	}
	return out
}

// same reports whether two rows say the same. The links of their titles lead to different moments and do not count.
func same(a, b []template.HTML) bool {
	for i := range a {
		if i == 0 && title(a[0]) == title(b[0]) {
			continue
		}
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// title returns what a link says.
func title(link template.HTML) string {
	for i := range link {
		if link[i] == '>' {
			return string(link[i:])
		}
	}
	return string(link)
}

// line adds a row that differs.
func (t *tablePair) line(outcome string, before, after []template.HTML) {
	if len(t.Rows) == mostRows {
		t.Hidden++
		return
	}
	r := rowPair{Outcome: outcome}
	for i, col := range t.Columns {
		p := cellPair{Number: col.Number}
		if before != nil {
			p.Left = before[i]
		}
		if after != nil {
			p.Right = after[i]
		}
		if before != nil && after != nil {
			p.Changed = p.Left != p.Right
			if i == 0 {
				p.Changed = title(p.Left) != title(p.Right)
			}
		}
		r.Cells = append(r.Cells, p)
	}
	t.Rows = append(t.Rows, r)
}
