package parts

import (
	"html/template"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/draw"
)

// gridView is a table as its template gets it.
type gridView struct {
	Label, Note string
	Columns     []practice.Column
	// Body is the rows. They are written by hand, because tables are most of what pages are made of.
	Body template.HTML
	// All is how many rows there are, also those that are not shown.
	All, Shown int
	// More leads to the whole table.
	More    string
	Compact bool
	// Wide says that there are so many columns that a phone shows each row as a list.
	Wide bool
}

// manyColumns is how many columns a phone still shows side by side.
const manyColumns = 4

// longText is how many bytes of text get a broader column.
const longText = 60

// cellView is one cell.
type cellView struct {
	// HTML is what it shows.
	HTML template.HTML
	// Sort is what it is sorted by.
	Sort   string
	Number bool
	// Class keeps short things on one line.
	Class string
	// Label names the column, where a phone shows the row as a list.
	Label string
}

func (r renderer) grid(p practice.Part) template.HTML {
	g := p.Grid
	v := gridView{Label: p.Label, Note: sayMoney(g.Note), Columns: slices.Clone(g.Columns), All: len(g.Rows), Shown: r.opt.limit(len(g.Rows)), Compact: r.opt.Compact}
	for i := range v.Columns {
		v.Columns[i].Help = Plain(v.Columns[i].Label, v.Columns[i].Help)
	}
	g, v.Columns = withoutTwins(g, v.Columns, v.Shown)
	if r.opt.Compact {
		g, v.Columns = withoutEmpty(g, v.Columns, v.Shown)
	}
	v.Wide = len(v.Columns) > manyColumns
	looks := make([]columnLook, len(v.Columns))
	for i := range v.Columns {
		looks[i] = lookOf(&v.Columns[i], i, g.Rows[:v.Shown])
	}
	var body strings.Builder
	for _, row := range g.Rows[:v.Shown] {
		body.WriteString("<tr>")
		for i, c := range row {
			var look columnLook
			if i < len(looks) {
				look = looks[i]
			}
			cell := r.cell(c, look)
			if v.Wide && i < len(v.Columns) && cell.HTML != "" {
				cell.Label = v.Columns[i].Label
			}
			cell.write(&body)
		}
		body.WriteString("</tr>\n")
	}
	v.Body = template.HTML(body.String())
	if v.Shown < v.All && r.opt.Open != "" {
		v.More = r.v.Path(r.opt.Open, "rows", "all") + "#part-" + p.Name
	}
	return execute("grid", v)
}

// withoutTwins leaves out columns of words that only repeat the title of the record before them, in every row that is shown.
func withoutTwins(g *practice.Grid, columns []practice.Column, shown int) (*practice.Grid, []practice.Column) {
	twin := func(row []practice.Cell, i int) bool {
		if i >= len(row) {
			return false
		}
		l, isLink := row[i-1].Value.(practice.Link)
		text, isText := row[i].Value.(string)
		return isLink && isText && text != "" && text == l.Title()
	}
	for i := len(columns) - 1; i > 0; i-- {
		if shown == 0 || slices.ContainsFunc(g.Rows[:shown], func(row []practice.Cell) bool { return !twin(row, i) }) {
			continue
		}
		cut := &practice.Grid{Note: g.Note, Columns: columns, Rows: slices.Clone(g.Rows)}
		for n, row := range cut.Rows {
			if i < len(row) {
				cut.Rows[n] = slices.Delete(slices.Clone(row), i, i+1)
			}
		}
		g, columns = cut, slices.Delete(columns, i, i+1)
	}
	return g, columns
}

// withoutEmpty leaves out columns in which every row that is shown is empty.
func withoutEmpty(g *practice.Grid, columns []practice.Column, shown int) (*practice.Grid, []practice.Column) {
	used := make([]bool, len(columns))
	for _, row := range g.Rows[:shown] {
		for i := range min(len(row), len(used)) {
			used[i] = used[i] || row[i].Text != ""
		}
	}
	if shown == 0 || !slices.Contains(used, false) {
		return g, columns
	}
	cut := &practice.Grid{Note: g.Note, Columns: columns, Rows: slices.Clone(g.Rows)}
	for n := range cut.Rows {
		cut.Rows[n] = slices.Clone(cut.Rows[n])
	}
	dropUnused(cut, used)
	return cut, cut.Columns
}

// columnLook is what the cells of a column have in common.
type columnLook struct {
	number bool
	// currency stands in the head where all amounts have the same.
	currency string
	// cents says that amounts have two decimal places, so that they stand under each other.
	cents bool
}

// lookOf finds out how a column is shown, and gives its head the unit.
func lookOf(c *practice.Column, at int, rows [][]practice.Cell) columnLook {
	look := columnLook{number: c.Number}
	several := false
	for _, row := range rows {
		if at >= len(row) {
			continue
		}
		switch x := row[at].Value.(type) {
		case *float64, *int:
			look.number = true
		case model.Time:
			c.Unit = "UTC"
		case model.Money:
			if x.IsZero() {
				continue
			}
			several = several || look.currency != "" && look.currency != x.Currency()
			look.currency = x.Currency()
			look.cents = look.cents || x.Float() != math.Trunc(x.Float())
		}
	}
	if strings.HasSuffix(c.Label, c.Unit) {
		c.Unit = ""
	}
	if several {
		look.currency = ""
	}
	c.Number = look.number
	if look.currency != "" {
		c.Unit = look.currency
	}
	return look
}

// amount writes an amount of a column.
func (l columnLook) amount(m model.Money) string {
	whole, cents, _ := strings.Cut(m.Short(), ".")
	text := draw.Digits(whole)
	switch {
	case len(cents) > 2:
		text += "." + cents
	case l.cents:
		text += "." + (cents + "00")[:2]
	}
	if l.currency == "" {
		text += "\u00a0" + m.Currency()
	}
	return text
}

// write writes the cell as a part of a row.
func (c cellView) write(b *strings.Builder) {
	switch {
	case c.Number:
		b.WriteString(`<td class="num"`)
	case c.Class != "":
		b.WriteString(`<td class="` + template.HTMLEscapeString(c.Class) + `"`)
	default:
		b.WriteString("<td")
	}
	b.WriteString(` data-v="` + template.HTMLEscapeString(c.Sort) + `"`)
	if c.Label == "" {
		b.WriteString(">" + string(c.HTML) + "</td>")
		return
	}
	b.WriteString(` data-l="` + template.HTMLEscapeString(c.Label) + `"><div>` + string(c.HTML) + "</div></td>")
}

func (r renderer) cell(c practice.Cell, look columnLook) cellView {
	out := cellView{Sort: c.Text, Number: look.number}
	switch x := c.Value.(type) {
	case practice.Link:
		out.HTML, out.Sort = r.links([]practice.Link{x}, ", "), strings.ToLower(x.Title())
	case []practice.Link:
		out.HTML = r.links(x, ", ")
	case practice.Path:
		out.HTML = r.links(x, " → ")
	case []practice.Path:
		out.HTML = r.paths(x)
	case practice.Severity:
		out.HTML, out.Sort = badge(string(x), string(x)), strconv.Itoa(x.Weight())
	case model.Criticality:
		out.HTML, out.Sort = badge(string(x), optionLabel(x, string(x))), strconv.Itoa(model.Rank(x))
	case model.Money:
		out.Sort = strconv.FormatFloat(x.Float(), 'f', -1, 64)
		if !x.IsZero() {
			out.HTML = template.HTML(template.HTMLEscapeString(look.amount(x)))
		}
	case model.Time:
		out.HTML, out.Class = template.HTML(sayTime(x)), "nowrap"
	case model.Date:
		out.HTML, out.Class = r.linked(c), "nowrap"
	default:
		if look.number {
			out.HTML = template.HTML(template.HTMLEscapeString(grouped(c.Text)))
			break
		}
		out.HTML = r.linked(c)
		if len(c.Text) > longText {
			out.Class = "long"
		}
	}
	return out
}

// sayTime writes a moment as people read it, in UTC.
func sayTime(t model.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Time().UTC().Format("2006-01-02 15:04")
}

// grouped puts thin spaces into a text that is a number, and leaves every other as it is.
func grouped(s string) string {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.ContainsAny(s, "eExXnN") {
		return s
	}
	if _, decimals, _ := strings.Cut(s, "."); len(decimals) > 4 {
		return draw.Value(f)
	}
	return draw.Digits(s)
}

// optionLabel returns what a screen calls a value of an enum.
func optionLabel(e model.Enum, value string) string {
	for _, o := range e.Options() {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// badge shows a level. The levels of severity have colours of their own; every level is also a word.
func badge(class, text string) template.HTML {
	if text == "" {
		return ""
	}
	switch class {
	case "info", "low", "medium", "high", "critical":
	default:
		class = "muted"
	}
	return template.HTML(`<span class="badge ` + class + `">` + template.HTMLEscapeString(text) + `</span>`)
}

// links names records, each with a way to it.
func (r renderer) links(list []practice.Link, between string) template.HTML {
	const most = 40
	var out strings.Builder
	for i, l := range list {
		if l.IsZero() {
			continue
		}
		if i == most {
			out.WriteString(" and " + strconv.Itoa(len(list)-most) + " more")
			break
		}
		if out.Len() > 0 {
			out.WriteString(between)
		}
		out.WriteString(string(r.link(l)))
	}
	return template.HTML(out.String())
}

// link names one record, with a way to it where there is one.
func (r renderer) link(l practice.Link) template.HTML {
	title := template.HTMLEscapeString(l.Title())
	href := r.href(l)
	if href == "" {
		return template.HTML(title)
	}
	return template.HTML(`<a href="` + template.HTMLEscapeString(href) + `" title="` + template.HTMLEscapeString(l.String()) + `">` + title + `</a>`)
}

func (r renderer) paths(list []practice.Path) template.HTML {
	const most = 5
	var out strings.Builder
	for i, p := range list {
		if i == most {
			out.WriteString(`<span class="path muted">and ` + strconv.Itoa(len(list)-most) + ` more</span>`)
			break
		}
		out.WriteString(`<span class="path">` + string(r.links(p, " → ")) + `</span>`)
	}
	return template.HTML(out.String())
}

// linked shows the text of a cell with its records linked where they stand in it.
func (r renderer) linked(c practice.Cell) template.HTML {
	text := c.Text
	if e, ok := c.Value.(model.Enum); ok && reflect.ValueOf(c.Value).Kind() == reflect.String {
		text = optionLabel(e, reflect.ValueOf(c.Value).String())
	} else if _, ok := c.Value.(string); ok {
		text = sayMoney(text)
	}
	var out strings.Builder
	for _, l := range c.Links {
		name := l.String()
		at := strings.Index(text, name)
		if at < 0 || name == "" {
			name = l.Key
			at = strings.Index(text, name)
		}
		if at < 0 || name == "" {
			continue
		}
		out.WriteString(template.HTMLEscapeString(text[:at]))
		out.WriteString(string(r.link(l)))
		text = text[at+len(name):]
	}
	out.WriteString(template.HTMLEscapeString(text))
	return template.HTML(out.String())
}
