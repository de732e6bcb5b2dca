package records

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// listPage is a list of records with everything around it.
type listPage struct {
	Kind    *model.Kind
	Listing door.Listing
	// Head and Rows are the table, and Tools and Pager the links above and below it, made by hand because they take most of the work of a page.
	Head, Rows, Tools, Pager template.HTML
	Count                    int
	Total                    int
	// Next and Prev lead to the pages beside this one.
	Next, Prev, First string
	Limit             int
	Limits            []choice
	Chips             []chip
	ClearAll          string
	Panels            []panel
	Panel             string
	Filter            *filterForm
	Columns           []columnChoice
	Groups            *groupTable
	Totals            *totalsRow
	TotalsPath        string
	Exports           []choice
	Views             []viewChip
	ViewForm          *viewForm
	Hidden            []pair
	New, Bulk, Twins  string
	// Compare leads to the same list at two moments side by side.
	Compare string
	Problem string
	// Here is the address of the list without anything behind it.
	Here   string
	Past   bool
	Select bool
	May    bool
}

// choice is a link that may be the one chosen.
type choice struct {
	Label, Path string
	Current     bool
}

// chip is a condition that can be taken away.
type chip struct{ Label, Remove string }

// panel is a tool of the list that opens above it.
type panel struct {
	Name, Label, Path string
	Open              bool
}

// pair is a hidden value of a form.
type pair struct{ Name, Value string }

// pageSizes are how many rows a page may have.
var pageSizes = []int{50, 100, 200}

// list shows the records of a kind.
func list(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	q := d.R.URL.Query()
	l, wrong := door.ListingOf(d.kind, q)
	b := &listPage{Here: listPath(d.kind), Kind: d.kind, Listing: l, Limit: pageSizes[0], Past: d.past(), Panel: q.Get("panel")}
	if n, _ := strconv.Atoi(q.Get("limit")); slices.Contains(pageSizes, n) {
		b.Limit = n
	}
	if to := d.addCondition(q, l); to != "" {
		return d.Redirect(to)
	}
	page := estate.Page{}
	if wrong == nil {
		query := l.Query()
		query.Limit, query.After, query.Before = b.Limit, q.Get("after"), q.Get("before")
		page, wrong = d.view.List(query)
	}
	status := 0
	if wrong != nil {
		var p model.Problem
		if b.Problem = wrong.Error(); errors.As(wrong, &p) {
			b.Problem = p.Text
		}
		status = http.StatusUnprocessableEntity
	}
	b.Count, b.Total = len(page.Records), page.Total
	b.Select = d.mayCreate()
	d.fillTable(b, page)
	d.fillTools(b, q)
	if err := d.fillSums(b, q); err != nil {
		return err
	}
	d.drawLinks(b)
	p := d.page(d.kind.Plural, b)
	p.Lead, p.Status = parts.Plain(d.kind.Name, model.Sentence(d.kind.Help)), status
	return v.Render(templates, "list", p)
}

// address returns the address of the list with a listing, and other names and values behind it.
func (d *desk) address(l door.Listing, pairs ...string) string {
	q := l.Values()
	for name, values := range d.Moment.Values() {
		q[name] = values
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return listPath(d.kind)
	}
	return listPath(d.kind) + "?" + q.Encode()
}

// fillTable makes the table and the links to the pages beside it.
func (d *desk) fillTable(b *listPage, page estate.Page) {
	held := buffers.Get().(*[]byte)
	w := &writer{buf: (*held)[:0], view: d.view, suffix: d.suffix}
	d.head(w, b)
	b.Head = template.HTML(w.buf)
	w.buf = w.buf[:0]
	kind := url.PathEscape(d.kind.Name)
	for _, rec := range page.Records {
		d.row(w, b, kind, rec)
	}
	b.Rows = template.HTML(w.buf)
	*held = w.buf
	buffers.Put(held)
	limit := ""
	if b.Limit != pageSizes[0] {
		limit = strconv.Itoa(b.Limit)
	}
	if page.Next != "" {
		b.Next = d.address(b.Listing, "limit", limit, "after", page.Next)
	}
	if page.Prev != "" {
		b.Prev = d.address(b.Listing, "limit", limit, "before", page.Prev)
		b.First = d.address(b.Listing, "limit", limit)
	}
	for _, n := range pageSizes {
		b.Limits = append(b.Limits, choice{strconv.Itoa(n), d.address(b.Listing, "limit", strconv.Itoa(n)), n == b.Limit})
	}
}

// drawLinks makes the links above and below the table.
func (d *desk) drawLinks(b *listPage) {
	w := &writer{buf: make([]byte, 0, 2<<10)}
	for _, p := range b.Panels {
		class := "button"
		if p.Open {
			class = "button on"
		}
		w.choice(class, p.Path, ` aria-expanded="`+strconv.FormatBool(p.Open)+`"`, p.Label)
	}
	totals := "Totals"
	if b.Totals != nil {
		totals = "Hide totals"
	}
	w.choice("button", b.TotalsPath, "", totals)
	b.Tools = template.HTML(w.buf)
	w.buf = w.buf[:0]
	w.raw(`<nav class="pager" aria-label="Pages">`)
	if b.Prev != "" {
		w.choice("button small", b.First, "", "First")
		w.choice("button small", b.Prev, ` rel="prev"`, "Previous")
	}
	if b.Next != "" {
		w.choice("button small", b.Next, ` rel="next"`, "Next")
	}
	w.raw("<span>" + frame.Number(b.Count) + " of " + frame.Number(b.Total) + ` shown</span><span class="right row">Rows `)
	for _, l := range b.Limits {
		current := ""
		if l.Current {
			current = ` aria-current="true"`
		}
		w.choice("", l.Path, current, l.Label)
	}
	w.raw("</span></nav>")
	b.Pager = template.HTML(w.buf)
}

// choice writes a link with more attributes.
func (w *writer) choice(class, to, more, label string) {
	w.raw("<a")
	if class != "" {
		w.raw(` class="` + class + `"`)
	}
	w.raw(` href="`)
	w.text(to)
	w.raw(`"` + more + ">")
	w.text(label)
	w.raw("</a>\n")
}

// head writes the heads of the columns, which sort. Sorting by one keeps the order that was there for what is equal.
func (d *desk) head(w *writer, b *listPage) {
	if b.Select {
		w.raw(`<th scope="col" class="pick"><span class="visually-hidden">Select</span></th>`)
	}
	for _, f := range b.Listing.Columns {
		at := slices.IndexFunc(b.Listing.Sort, func(s estate.Sort) bool { return s.Field == f.Name })
		w.raw(`<th scope="col"`)
		if numeric(f) {
			w.raw(` class="num"`)
		}
		if at >= 0 {
			w.raw(` aria-sort="`)
			if b.Listing.Sort[at].Down {
				w.raw(`descending"`)
			} else {
				w.raw(`ascending"`)
			}
		}
		w.raw(`><a href="`)
		w.text(d.address(sortedBy(b.Listing, f.Name, at)))
		w.raw(`">`)
		w.text(f.Label)
		if at >= 0 && len(b.Listing.Sort) > 1 {
			w.raw(`<span class="order"><span class="visually-hidden">, order </span>`)
			w.raw(strconv.Itoa(at + 1))
			w.raw("</span>")
		}
		w.raw("</a></th>")
	}
}

// mostSorts is how many fields an order made by clicking has.
const mostSorts = 3

// sortedBy returns the listing as it is when somebody clicks on a head: up, down, and no more.
func sortedBy(l door.Listing, name string, at int) door.Listing {
	sort := slices.Clone(l.Sort)
	switch {
	case at > 0 || at < 0:
		if at > 0 {
			sort = slices.Delete(sort, at, at+1)
		}
		sort = slices.Insert(sort, 0, estate.Sort{Field: name})
	case !sort[0].Down:
		sort[0].Down = true
	default:
		sort = sort[1:]
	}
	l.Sort = sort[:min(len(sort), mostSorts)]
	return l
}

// row writes one row. The first column is its head and leads to the record.
func (d *desk) row(w *writer, b *listPage, kind string, rec model.Record) {
	m := rec.Base()
	w.raw("<tr>")
	if b.Select {
		w.raw(`<td class="pick"><input type="checkbox" name="key" form="select" value="`)
		w.text(m.Key)
		w.raw(`" aria-label="Select `)
		w.text(m.Title())
		w.raw(`"></td>`)
	}
	for i, f := range b.Listing.Columns {
		switch {
		case i == 0:
			w.raw(`<th scope="row"><a`)
			w.href(kind, m.Key)
			w.raw(">")
			if f.Name == "name" || !f.Has(rec) || f.IsRef() || f.Type == model.TableField {
				w.text(m.Title())
			} else {
				w.cell(f, rec)
			}
			w.raw("</a>")
			if m.Confidential {
				w.raw(` <span class="badge muted">Confidential</span>`)
			}
			if !m.Stale().IsZero() {
				w.raw(` <span class="badge medium">Stale</span>`)
			}
			w.raw("</th>")
			continue
		case numeric(f):
			w.raw(`<td class="num">`)
		case f.Type == model.DateField, f.Type == model.TimeField:
			w.raw(`<td class="nowrap">`)
		default:
			w.raw("<td>")
		}
		w.cell(f, rec)
		w.raw("</td>")
	}
	w.raw("</tr>\n")
}

// export hands out the list exactly as it is seen.
func export(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	l, err := door.ListingOf(d.kind, d.R.URL.Query())
	if err != nil {
		return frame.Bad("%s", err)
	}
	f, err := door.FormatNamed(d.R.URL.Query().Get("format"))
	if err != nil {
		return err
	}
	if _, err := d.view.List(estate.Query{Kind: d.kind.Name, Where: l.Conditions, Sort: l.Sort, Limit: 1}); err != nil {
		return frame.Bad("%s", err)
	}
	h := d.W.Header()
	h.Set("Content-Type", f.MediaType)
	h.Set("Content-Disposition", `attachment; filename="`+door.SafeFileName(d.kind.Plural)+"-"+d.view.At().String()+"."+f.Name+`"`)
	h.Set("Content-Security-Policy", frame.FilePolicy)
	out := &counted{w: d.W}
	if err := l.Export(out, d.view, f); err != nil {
		if out.n == 0 {
			return err
		}
		// The answer is under way: breaking it off is the only way to say that it is not whole.
		d.Log().Error("an export broke off", "kind", d.kind.Name, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// counted counts what has been written.
type counted struct {
	w http.ResponseWriter
	n int
}

// Write writes and counts.
func (c *counted) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += n
	return n, err
}
