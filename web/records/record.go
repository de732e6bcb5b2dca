package records

import (
	"cmp"
	"errors"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
	"binnacle/web/prose"
)

// recordPage is a record with everything around it.
type recordPage struct {
	Kind         *model.Kind
	Link         practice.Link
	Description  template.HTML
	Groups       []valueGroup
	Empty        []emptyField
	Tables       []valueTable
	Back         []backRefs
	Sources      []sourceRow
	Stale        string
	Comments     []commentRow
	Files        []fileRow
	Questions    []askable
	Graph        template.HTML
	Tabs         []choice
	Past         bool
	Confidential bool
	Changed      string
	// The addresses of what can be done; empty where the visitor may not.
	Edit, Delete, Merge, Comment, Attach, Explore string
	// Panel is what a question says about the record, or nil.
	Panel *glance
	// Related counts what points to the record.
	Related int
}

// valueGroup is values under a heading.
type valueGroup struct {
	Label  string
	Values []value
}

// value is a field with its value, where it comes from and how old it is.
type value struct {
	Name, Label, Help string
	HTML              template.HTML
	Source, Age       string
	AgeExact          string
	Edit              string
}

// emptyField is a field without a value.
type emptyField struct{ Label, Help, Edit string }

// valueTable is a table of a record.
type valueTable struct {
	Name, Label, Help string
	Heads             []string
	Rows              [][]template.HTML
	Source, Age       string
	Edit              string
}

// backRefs are the records that point to this one with one field.
type backRefs struct {
	Label, Kind string
	Count       int
	Links       []practice.Link
	More        string
}

// sourceRow is a source that knows the record.
type sourceRow struct {
	Source   string
	Link     practice.Link
	External string
	Since    string
}

// show shows a record.
func show(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	m := d.rec.Base()
	b := &recordPage{Kind: d.kind, Link: practice.To(d.rec), Past: d.past(), Confidential: m.Confidential, Tabs: d.tabs("")}
	if m.Description != "" {
		b.Description = prose.HTML(m.Description)
	}
	if d.mayWrite() {
		b.Edit = d.Path(d.path("/edit"))
		b.Merge = d.Path(d.path("/merge"))
	}
	if d.mayRemove() {
		b.Delete = d.Path(d.path("/delete"))
	}
	b.Explore = d.Path("/pictures/graph", "focus", d.kind.Name+"/"+m.Key)
	d.fillValues(b, d.ages())
	in := d.incoming()
	d.fillBack(b, in)
	d.fillSources(b)
	d.fillNotes(b, in)
	b.Graph = d.neighbourhood(in)
	b.Questions = d.questions()
	b.Panel = d.glance()
	p := d.page(m.Title(), b)
	if b.Panel != nil {
		p.Styles, p.Scripts = slices.Concat(parts.Styles, p.Styles), slices.Concat(p.Scripts, parts.Scripts)
	}
	p.Lead = ""
	return v.Render(templates, "record", p)
}

// tabs returns the pages of a record.
func (d *desk) tabs(current string) []choice {
	out := []choice{{"Record", d.Path(d.path("")), current == ""}, {"History", d.Path(d.path("/history")), current == "history"}, {"Neighbours", d.Path(d.path("/graph")), current == "graph"}}
	if load, ok := d.rec.(*model.Load); ok {
		out = slices.Insert(out, 1, choice{"Lines", linesPath(d.Visit, load.Key, "", door.LineFilter{}, ""), false})
	}
	if a, ok := d.rec.(*model.Assessment); ok && d.view.Get(a.Questionnaire) != nil {
		out = slices.Insert(out, 1, choice{"Questionnaire", questionnairePath(d.Visit, a.Key, "/questionnaire"), current == "questionnaire"})
	}
	return out
}

// stamped is when a field got its value, and by whom.
type stamped struct {
	at  model.Time
	who string
}

// ages returns when each field of the record was changed last.
func (d *desk) ages() map[string]stamped {
	out := map[string]stamped{}
	entries, err := d.House.History(d.Ctx(), d.Who, d.rec.Base().Ref(), 0, 0)
	if err != nil {
		return out // It is only in a scenario, or has been there for longer than the journal.
	}
	now := d.view.Stamp().Seq
	for _, e := range entries {
		if e.Seq > now {
			continue
		}
		for _, c := range e.Changes {
			for _, f := range c.Fields {
				if _, ok := out[f.Name]; !ok {
					out[f.Name] = stamped{e.At, e.Who}
				}
			}
		}
	}
	return out
}

// age writes how long ago something was, roughly.
func (d *desk) age(at model.Time) string {
	if at.IsZero() {
		return ""
	}
	days := int(d.House.Today() - at.Date())
	switch {
	case days <= 0:
		return "today"
	case days == 1:
		return "yesterday"
	case days < 60:
		return practice.Count(days, "day", "days") + " ago"
	case days < 730:
		return practice.Count(days/30, "month", "months") + " ago"
	}
	return practice.Count(days/365, "year", "years") + " ago"
}

// fillValues adds the fields: those with a value under their headings, tables by themselves, and empty ones.
func (d *desk) fillValues(b *recordPage, ages map[string]stamped) {
	groups := map[string][]value{}
	m := d.rec.Base()
	for _, f := range d.kind.Fields {
		if f.System || f.Name == "description" {
			continue
		}
		editPath := ""
		if b.Edit != "" {
			editPath = d.Path(d.path("/edit"), "field", f.Name)
		}
		if !f.Has(d.rec) {
			b.Empty = append(b.Empty, emptyField{f.Label, help(f), editPath})
			continue
		}
		x := value{Name: f.Name, Label: f.Label, Help: help(f), Source: d.sourceName(m.OriginOf(f.Name)), Edit: editPath}
		if s, ok := ages[f.Name]; ok {
			x.Age, x.AgeExact = d.age(s.at), s.at.Time().Format("2006-01-02 15:04")+" by "+s.who
		}
		if f.Type == model.TableField {
			b.Tables = append(b.Tables, d.table(f, x))
			continue
		}
		w := &writer{view: d.view, suffix: d.suffix}
		w.whole(f, d.rec)
		if x.HTML = template.HTML(w.buf); len(w.buf) == 0 {
			continue
		}
		groups[groupOf(f)] = append(groups[groupOf(f)], x)
	}
	for _, name := range formGroups {
		if len(groups[name]) > 0 {
			b.Groups = append(b.Groups, valueGroup{name, groups[name]})
		}
	}
	if m.Description == "" && b.Edit != "" {
		b.Empty = append(b.Empty, emptyField{"Description", "", d.Path(d.path("/edit"), "field", "description")})
	}
	b.Changed = d.age(m.Changed.At)
}

// sourceName returns what to call the source of a value.
func (d *desk) sourceName(source string) string {
	if source == model.PersonSource {
		return "a person"
	}
	if rec := d.view.Find("Source", source); rec != nil {
		return rec.Base().Title()
	}
	return source
}

// whole writes a value as the page of a record shows it: with every link and all text.
func (w *writer) whole(f *model.Field, rec model.Record) {
	switch v := f.Get(rec).(type) {
	case string:
		switch {
		case f.Long:
			w.raw(string(prose.HTML(v)))
		case f.Format == "url" && (strings.HasPrefix(v, "https://") || strings.HasPrefix(v, "http://")):
			w.raw(`<a rel="noopener noreferrer nofollow" href="`)
			w.text(v)
			w.raw(`">`)
			w.text(v)
			w.raw("</a>")
		default:
			w.text(v)
		}
	case []model.Ref:
		w.refs(v, 40)
	case []string:
		for _, s := range v {
			w.raw(`<span class="chip">`)
			w.text(s)
			w.raw("</span> ")
		}
	default:
		w.cell(f, rec)
		if f.Unit != "" && f.Unit != "%" {
			w.raw(" ")
			w.text(f.Unit)
		}
	}
}

// table makes the rows of a table of the record.
func (d *desk) table(f *model.Field, x value) valueTable {
	t := valueTable{Name: f.Name, Label: f.Label, Help: help(f), Source: x.Source, Age: x.Age, Edit: x.Edit}
	for _, c := range f.Columns {
		t.Heads = append(t.Heads, c.Label)
	}
	rows, _ := f.Tree(d.rec, d.view).([]map[string]any)
	for i, row := range rows {
		if i == mostRows {
			break
		}
		cells := make([]template.HTML, len(f.Columns))
		for j, c := range f.Columns {
			cells[j] = d.tableCell(c, row[c.Name])
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

func (d *desk) tableCell(c *model.Field, cell any) template.HTML {
	if cell == nil {
		return ""
	}
	w := &writer{view: d.view, suffix: d.suffix}
	texts, _ := cell.([]string)
	if !c.IsRef() || c.Type == model.RefField {
		texts = []string{cellValue(cell)}
	}
	for i, text := range texts {
		if c.IsRef() {
			r, err := d.view.Resolve(c.To, text)
			if err != nil {
				continue
			}
			if i > 0 {
				w.raw(", ")
			}
			w.link(d.view.Get(r))
			continue
		}
		if c.Type == model.EnumField {
			w.option(c, text)
			continue
		}
		if c.Type == model.TimeField && len(text) > 16 {
			text = strings.Replace(text[:16], "T", " ", 1)
		}
		w.text(text)
	}
	return template.HTML(w.buf)
}

// mostIncoming is how many records of one field the page keeps to show.
const mostIncoming = 20

// incoming returns what points to the record, by field, with at most some records of each and how many there are.
func (d *desk) incoming() []*backList {
	var out []*backList
	at := map[*model.Field]*backList{}
	for e := range d.view.In(d.rec.Base().Ref()) {
		f := e.Field.Kind.Field(strings.Split(e.Field.Path(), ".")[0])
		if e.Field.Parent != nil {
			f = e.Field
		}
		l := at[f]
		if l == nil {
			l = &backList{field: f}
			at[f] = l
			out = append(out, l)
		}
		l.count++
		if len(l.recs) < mostIncoming || model.NameOf(e.Record) == "Comment" || model.NameOf(e.Record) == "Attachment" {
			if !slices.Contains(l.recs, e.Record) {
				l.recs = append(l.recs, e.Record)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *backList) int {
		return cmp.Or(cmp.Compare(a.field.Kind.Plural, b.field.Kind.Plural), cmp.Compare(a.field.Name, b.field.Name))
	})
	for _, l := range out {
		slices.SortFunc(l.recs, func(a, b model.Record) int { return cmp.Compare(a.Base().Title(), b.Base().Title()) })
	}
	return out
}

// backList is what points to the record with one field, and how many there are.
type backList struct {
	field *model.Field
	recs  []model.Record
	count int
}

// notes reports whether the list is comments or attachments of the record, which have places of their own.
func (l *backList) notes() bool {
	return l.field.Name == "about" && (l.field.Kind.Name == "Comment" || l.field.Kind.Name == "Attachment")
}

// fillBack adds what points to the record.
func (d *desk) fillBack(b *recordPage, in []*backList) {
	for _, l := range in {
		if l.notes() {
			continue
		}
		r := backRefs{Label: cmp.Or(l.field.Back, l.field.Label), Kind: l.field.Kind.Plural, Count: l.count, Links: practice.ToAll(l.recs)}
		if strings.EqualFold(r.Label, r.Kind) {
			r.Label = ""
		}
		if l.count > len(l.recs) {
			r.More = d.filtered(l.field)
		}
		b.Related += l.count
		b.Back = append(b.Back, r)
	}
}

// filtered returns the address of the list of the records that point to this one with a field.
func (d *desk) filtered(f *model.Field) string {
	text := d.kind.Name + "/" + d.rec.Base().Key
	if f.Parent != nil && len(f.To) == 1 {
		text = d.rec.Base().Key
	}
	return d.Path(listPath(f.Kind) + "?where=" + url.QueryEscape(f.Path()+"="+text))
}

// fillSources adds the sources that know the record.
func (d *desk) fillSources(b *recordPage) {
	m := d.rec.Base()
	if stale := m.Stale(); !stale.IsZero() {
		b.Stale = stale.Date().String()
	}
	for _, s := range m.Sightings {
		row := sourceRow{Source: d.sourceName(s.Source), Link: practice.To(d.view.Find("Source", s.Source)), External: s.External}
		if !s.Stale.IsZero() {
			row.Since = s.Stale.Date().String()
		}
		b.Sources = append(b.Sources, row)
	}
}

// askable is a question that can be asked about a record.
type askable struct {
	Label, Practice, Help, Path string
	// own says that the question is about records of this kind, and not about any.
	own bool
}

// questions returns the questions that can be asked about a record of this kind, with the record filled in, those first that are about this kind.
func (d *desk) questions() []askable {
	var out []askable
	for _, a := range practice.List(d.House.Practices) {
		for _, f := range a.Parameters() {
			if f.IsRef() && (slices.Contains(f.To, d.kind.Name) || len(f.To) == 0) {
				path := d.Path("/questions/"+url.PathEscape(a.Name()), f.Name, d.kind.Name+"/"+d.rec.Base().Key)
				out = append(out, askable{parts.ActionLabel(a.Name()), a.Practice.Label, words(model.Sentence(a.Help())), path, len(f.To) > 0 && len(f.To) <= 12})
				break
			}
		}
	}
	slices.SortStableFunc(out, func(a, b askable) int {
		switch {
		case a.own && !b.own:
			return -1
		case b.own && !a.own:
			return 1
		}
		return 0
	})
	return out
}

// historyPage is what happened to a record.
type historyPage struct {
	Tabs    []choice
	Entries []historyEntry
	Older   string
}

// historyEntry is an entry of the journal with what it did to the record.
type historyEntry struct {
	Seq       uint64
	Who, Why  string
	At, Age   string
	Op        string
	Path      string
	Fields    []historyField
	Bookkeeps int
}

// historyField is a field before and after.
type historyField struct {
	Label         string
	Before, After string
	Erased        bool
}

// historySize is how many entries a page of the history has.
const historySize = 30

// history shows what happened to a record, newest first.
func history(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	b := &historyPage{Tabs: d.tabs("history")}
	before := parseSeq(v.Form("before"))
	if now := d.view.Stamp().Seq; d.past() && (before == 0 || before > now+1) {
		before = now + 1
	}
	entries, err := d.House.History(d.Ctx(), d.Who, d.rec.Base().Ref(), before, historySize+1)
	var missing *door.NotFound
	if err != nil && !errors.As(err, &missing) {
		return err
	}
	if len(entries) > historySize {
		entries = entries[:historySize]
		b.Older = d.Path(d.path("/history"), "before", seqText(entries[historySize-1].Seq))
	}
	for _, e := range entries {
		h := historyEntry{Seq: e.Seq, Who: e.Who, Why: e.Why, At: e.At.Time().Format("2006-01-02 15:04"), Age: d.age(e.At), Path: d.Path("/history/" + seqText(e.Seq))}
		for _, c := range e.Changes {
			h.Op = map[model.Op]string{model.Create: "Created", model.Edit: "Changed", model.Remove: "Deleted"}[c.Op]
			for _, fc := range c.Fields {
				f := d.kind.Field(fc.Name)
				if f != nil && f.System {
					h.Bookkeeps++
					continue
				}
				h.Fields = append(h.Fields, d.historyField(f, fc))
			}
		}
		b.Entries = append(b.Entries, h)
	}
	p := d.page("History of "+d.rec.Base().Title(), b)
	return v.Render(templates, "history", p)
}

func (d *desk) historyField(f *model.Field, fc model.FieldChange) historyField {
	if f == nil {
		return historyField{Label: fc.Name, Before: string(fc.Before), After: string(fc.After), Erased: fc.Erased}
	}
	out := historyField{Label: f.Label, Before: d.shown(f, fc.Before), After: d.shown(f, fc.After), Erased: fc.Erased}
	return out
}

// related returns the records that this one points to, by field.
func (d *desk) related() []estate.Edge {
	var out []estate.Edge
	for e := range d.view.Out(d.rec.Base().Ref()) {
		out = append(out, e)
	}
	return out
}
