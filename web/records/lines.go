package records

import (
	"io"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// linesPage is the lines of a load, page by page.
type linesPage struct {
	*door.LinePage
	Tabs []choice
	// Same are the columns that have one value in all lines of the page, with that value.
	Same []sameValue
	// Heads are the other columns, and Rows the lines with their values.
	Heads []string
	Rows  []lineRow
	// Measures are the numbers that some line of the page has.
	Amounts []string
	Chips   []lineChip
	From    string
	Until   string
	CSV     string
	Forward string
	Back    string
	First   int
	Last    int
	// Hidden are the conditions that a form passes on.
	Hidden []string
}

type sameValue struct{ Column, Value, Only string }

// lineRow is a line; each value leads to the lines that have the same.
type lineRow struct {
	Row        int64
	Start, End string
	Cells      []lineCell
	Amounts    []string
}

type lineCell struct{ Value, Only string }

// lineChip is a condition, with the address of the page without it.
type lineChip struct{ Text, Without string }

// linesFilter reads which lines an address asks for.
func linesFilter(v *frame.Visit) (door.LineFilter, error) {
	q := v.R.URL.Query()
	where := q["where"]
	if name := q.Get("column"); name != "" {
		where = append(where, name+"="+q.Get("value"))
	}
	return door.ReadLineFilter(where, q.Get("from"), q.Get("until"), q.Get("limit"))
}

// linesPath returns the address of the lines of a load with a filter.
func linesPath(v *frame.Visit, key, ending string, f door.LineFilter, cursor string) string {
	q := v.Moment.Values()
	for _, name := range columnsOf(f) {
		q.Add("where", name+"="+f.Columns[name])
	}
	if !f.From.IsZero() {
		q.Set("from", f.From.String())
	}
	if !f.Until.IsZero() {
		q.Set("until", f.Until.String())
	}
	if cursor != "" && cursor != "0" {
		q.Set("cursor", cursor)
	}
	path := "/loads/" + url.PathEscape(key) + "/lines" + ending
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

func columnsOf(f door.LineFilter) []string {
	var out []string
	for name := range f.Columns {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// only returns a filter that wants one more value of a column, or with no name any value.
func only(f door.LineFilter, name, value string, wanted bool) door.LineFilter {
	columns := map[string]string{}
	for n, v := range f.Columns {
		columns[n] = v
	}
	if delete(columns, name); wanted {
		columns[name] = value
	}
	f.Columns = columns
	return f
}

// linePage is how many lines a page has.
const linePage = 100

// lines shows the lines of a load.
func lines(v *frame.Visit) error {
	filter, err := linesFilter(v)
	if err != nil {
		return err
	}
	filter.Limit = linePage
	key := v.R.PathValue("key")
	page, err := v.House.Lines(v.Ctx(), v.Who, v.Moment, key, filter, v.Form("cursor"))
	if err != nil {
		return err
	}
	link := practice.To(page.Load)
	b := &linesPage{LinePage: page, From: dayText(filter.From), Until: dayText(filter.Until), CSV: linesPath(v, key, ".csv", filter, ""), First: page.Before + 1, Last: page.Before + len(page.Lines)}
	b.Tabs = []choice{{"Record", v.Record(link), false}, {"Lines", linesPath(v, key, "", door.LineFilter{}, ""), true}, {"History", v.Path(frame.RecordPath("Load", key) + "/history"), false}}
	for _, name := range columnsOf(filter) {
		b.Chips = append(b.Chips, lineChip{name + " is " + valueText(filter.Columns[name]), linesPath(v, key, "", only(filter, name, "", false), "")})
		b.Hidden = append(b.Hidden, name+"="+filter.Columns[name])
	}
	b.fill(v, key, filter)
	if page.Next != "" {
		b.Forward = linesPath(v, key, "", filter, page.Next)
	}
	if page.Before > 0 {
		b.Back = linesPath(v, key, "", filter, strconv.Itoa(max(0, page.Before-linePage)))
	}
	crumbs := []frame.Crumb{{Label: "Loads", Path: v.Path("/records/Load")}, {Label: page.Load.Title(), Path: v.Record(link)}}
	return v.Render(templates, "lines", frame.Page{Title: "Lines of " + page.Load.Title(), Lead: "Each line as it came, with all its digits.", Section: "records", Body: b, Crumbs: crumbs, Styles: styles, Scripts: scripts})
}

// fill sets out the columns: those with one value for all lines once above, the others in the table.
func (b *linesPage) fill(v *frame.Visit, key string, filter door.LineFilter) {
	if len(b.Lines) == 0 {
		return
	}
	var shown, amounts []int
	for i, name := range b.Columns {
		first := b.Lines[0].Values[i]
		switch {
		case slices.ContainsFunc(b.Lines, func(l door.BulkLine) bool { return l.Values[i] != first }):
			shown, b.Heads = append(shown, i), append(b.Heads, name)
		case first != "":
			b.Same = append(b.Same, sameValue{name, first, linesPath(v, key, "", only(filter, name, first, true), "")})
		}
	}
	for i, name := range b.Measures {
		if slices.ContainsFunc(b.Lines, func(l door.BulkLine) bool { return !l.Amounts[i].IsNull() }) {
			amounts, b.Amounts = append(amounts, i), append(b.Amounts, name)
		}
	}
	for _, l := range b.Lines {
		row := lineRow{Row: l.Row, Start: l.Start, End: l.End}
		for _, i := range shown {
			cell := lineCell{Value: l.Values[i]}
			if cell.Value != "" {
				cell.Only = linesPath(v, key, "", only(filter, b.Columns[i], cell.Value, true), "")
			}
			row.Cells = append(row.Cells, cell)
		}
		for _, i := range amounts {
			row.Amounts = append(row.Amounts, l.Amounts[i].String())
		}
		b.Rows = append(b.Rows, row)
	}
}

func dayText(d model.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

func valueText(text string) string {
	if text == "" {
		return "empty"
	}
	return frame.Short(text, 60)
}

// linesCSV gives out exactly the lines that the filter wants.
func linesCSV(v *frame.Visit) error {
	filter, err := linesFilter(v)
	if err != nil {
		return err
	}
	return v.House.ExportLines(v.Ctx(), v.Who, v.Moment, v.R.PathValue("key"), filter, func(load *model.Load) io.Writer {
		h := v.W.Header()
		h.Set("Content-Type", "text/csv; charset=utf-8")
		h.Set("Content-Security-Policy", frame.FilePolicy)
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": strings.ReplaceAll(load.Key, "/", "-") + ".csv"}))
		return v.W
	})
}
