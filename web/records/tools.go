package records

import (
	"net/url"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/parts"
)

// filterForm is the form that adds one condition. It asks step by step, so that it works without scripts: first the field, then how to compare it and with what.
type filterForm struct {
	Fields []fieldGroup
	// Field is the field that was chosen.
	Field string
	Label string
	Help  string
	Ops   []operator
	Value *control
	// Hops lead on through a link.
	Hops []fieldGroup
}

// fieldGroup is some fields under a heading, for a select.
type fieldGroup struct {
	Label  string
	Fields []fieldOption
}

// fieldOption is a field in a select.
type fieldOption struct {
	Path, Label string
	Current     bool
}

// operator is a comparison in words.
type operator struct {
	Op    estate.Op
	Label string
}

// columnChoice is a field that may be a column.
type columnChoice struct {
	Name, Label, Help string
	On                bool
}

// fillTools makes what stands above the table: conditions, panels, saved views, exports.
func (d *desk) fillTools(b *listPage, q url.Values) {
	l := b.Listing
	b.Compare = listPath(d.kind)
	if values := l.Values(); len(values) > 0 {
		b.Compare += "?" + values.Encode()
	}
	b.Compare = d.Path("/compare", "page", b.Compare)
	for i, text := range l.Where {
		less := l
		less.Where = slices.Delete(slices.Clone(l.Where), i, i+1)
		b.Chips = append(b.Chips, chip{d.conditionLabel(text), d.address(less)})
	}
	if len(l.Where) > 1 {
		none := l
		none.Where = nil
		b.ClearAll = d.address(none)
	}
	for _, p := range []panel{{Name: "filter", Label: "Filter"}, {Name: "columns", Label: "Columns and groups"}, {Name: "views", Label: "Saved views"}, {Name: "export", Label: "Export"}} {
		p.Open = b.Panel == p.Name
		p.Path = d.address(l, "panel", p.Name)
		if p.Open {
			p.Path = d.address(l)
		}
		b.Panels = append(b.Panels, p)
	}
	for name, values := range l.Values() {
		for _, value := range values {
			b.Hidden = append(b.Hidden, pair{name, value})
		}
	}
	for name, values := range d.Moment.Values() {
		b.Hidden = append(b.Hidden, pair{name, values[0]})
	}
	slices.SortStableFunc(b.Hidden, func(x, y pair) int { return strings.Compare(x.Name, y.Name) })
	switch b.Panel {
	case "filter":
		b.Filter = d.filterForm(q.Get("field"))
	case "columns":
		for _, f := range d.kind.Fields {
			b.Columns = append(b.Columns, columnChoice{f.Name, f.Label, help(f), slices.Contains(l.Columns, f)})
		}
	case "export":
		for _, f := range door.Formats() {
			b.Exports = append(b.Exports, choice{Label: f.Label, Path: strings.Replace(d.address(l, "format", f.Name), "?", "/export?", 1)})
		}
	}
	d.fillViews(b, q)
	if b.May = d.mayCreate(); b.May {
		b.New = d.Path(listPath(d.kind) + "/new")
		b.Bulk = listPath(d.kind) + "/bulk"
		b.Twins = d.Path(listPath(d.kind) + "/duplicates")
	}
	b.TotalsPath = d.address(l, "totals", "1")
	if q.Get("totals") != "" {
		b.TotalsPath = d.address(l)
	}
}

// conditionLabel writes a condition in words.
func (d *desk) conditionLabel(text string) string {
	c, err := estate.ParseCondition(text)
	if err != nil {
		return text
	}
	field, _ := d.fieldAt(c.Field)
	label := c.Field
	if field != nil {
		label = d.pathLabel(c.Field)
	}
	words := map[estate.Op]string{estate.Is: "is", estate.IsNot: "is not", estate.Less: "below", estate.AtMost: "at most", estate.More: "above", estate.AtLeast: "at least",
		estate.Contains: "contains", estate.IsEmpty: "is empty", estate.IsSet: "is set"}
	out := label + " " + words[c.Op]
	if len(c.Values) > 0 {
		value := c.Values[0]
		if field != nil {
			for _, o := range field.Options {
				if o.Value == value {
					value = o.Label
				}
			}
			if field.IsRef() {
				if r, err := d.view.Resolve(field.To, value); err == nil {
					value = d.view.Get(r).Base().Title()
				}
			}
		}
		if value == "" {
			value = "empty"
		}
		out += " " + value
	}
	return out
}

// fieldAt follows a path through links and returns the field at its end, or nil, and the kinds that it leads to.
func (d *desk) fieldAt(path string) (*model.Field, []*model.Kind) {
	kinds := []*model.Kind{d.kind}
	var field *model.Field
	for name := range strings.SplitSeq(path, ".") {
		if field != nil && field.Type == model.TableField {
			at := slices.IndexFunc(field.Columns, func(c *model.Field) bool { return c.Name == name })
			if at < 0 {
				return nil, nil
			}
			field, kinds = field.Columns[at], nil
			continue
		}
		field = nil
		for _, k := range kinds {
			if f := k.Field(name); f != nil {
				field = f
				break
			}
		}
		if field == nil {
			return nil, nil
		}
		kinds = d.kindsOf(field)
	}
	return field, kinds
}

// kindsOf returns the kinds that a link may lead to.
func (d *desk) kindsOf(f *model.Field) []*model.Kind {
	var out []*model.Kind
	if f.IsRef() {
		for _, name := range f.To {
			if k := d.view.Schema().Kind(name); k != nil {
				out = append(out, k)
			}
		}
	}
	return out
}

// pathLabel writes a path in words: Owner, Lead, Name.
func (d *desk) pathLabel(path string) string {
	var labels []string
	parts := strings.Split(path, ".")
	for i := range parts {
		if f, _ := d.fieldAt(strings.Join(parts[:i+1], ".")); f != nil {
			labels = append(labels, f.Label)
		}
	}
	return strings.Join(labels, " › ")
}

// filterForm makes the form for a condition on a field, or on one yet to choose.
func (d *desk) filterForm(path string) *filterForm {
	out := &filterForm{}
	own, meta := fieldGroup{Label: d.kind.Label}, fieldGroup{Label: "Every record"}
	for _, f := range d.kind.Fields {
		o := fieldOption{f.Name, f.Label, f.Name == path || strings.HasPrefix(path, f.Name+".")}
		if d.view.Schema().Kind("Comment").Field(f.Name) != nil && f.Name != "text" && f.Name != "about" && f.Name != "author" {
			meta.Fields = append(meta.Fields, o)
		} else {
			own.Fields = append(own.Fields, o)
		}
	}
	out.Fields = []fieldGroup{own, meta}
	f, kinds := d.fieldAt(path)
	if f == nil {
		return out
	}
	out.Field, out.Label, out.Help, out.Ops = path, d.pathLabel(path), words(f.Help), operators(f)
	if f.Type != model.TableField {
		out.Value = d.filterControl(f)
	}
	if strings.Count(path, ".") < 4 {
		for _, k := range kinds {
			g := fieldGroup{Label: k.Label}
			for _, hop := range k.Fields {
				if !hop.System {
					g.Fields = append(g.Fields, fieldOption{Path: path + "." + hop.Name, Label: hop.Label})
				}
			}
			out.Hops = append(out.Hops, g)
		}
		if f.Type == model.TableField {
			g := fieldGroup{Label: f.Label}
			for _, c := range f.Columns {
				g.Fields = append(g.Fields, fieldOption{Path: path + "." + c.Name, Label: c.Label})
			}
			out.Hops = append(out.Hops, g)
		}
	}
	return out
}

// operators returns the comparisons that make sense for a field.
func operators(f *model.Field) []operator {
	empty := []operator{{estate.IsSet, "is set"}, {estate.IsEmpty, "is empty"}}
	is := []operator{{estate.Is, "is"}, {estate.IsNot, "is not"}}
	switch f.Type {
	case model.TableField:
		return empty
	case model.TextField, model.TextsField:
		return append([]operator{{estate.Contains, "contains"}, {estate.Is, "is"}, {estate.IsNot, "is not"}}, empty...)
	case model.RefField, model.RefsField:
		return append(append(is, operator{estate.Contains, "has a key with"}), empty...)
	case model.BoolField:
		return is[:1]
	case model.DateField, model.TimeField:
		return append([]operator{{estate.AtLeast, "on or after"}, {estate.AtMost, "on or before"}, {estate.Is, "is"}}, empty...)
	}
	return append([]operator{{estate.Is, "is"}, {estate.IsNot, "is not"}, {estate.AtLeast, "at least"}, {estate.AtMost, "at most"}, {estate.More, "above"}, {estate.Less, "below"}}, empty...)
}

// filterControl returns the control for the value of a condition.
func (d *desk) filterControl(f *model.Field) *control {
	c := d.control(f, nil, nil)
	c.Name, c.ID, c.Label, c.Required, c.Long = "value", "value", "Value", false, false
	switch f.Type {
	case model.TextsField:
		c.Type = "text"
	case model.RefsField:
		c.Type = "ref"
	case model.BoolField:
		c.Type, c.Options = "enum", []optionChoice{{Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}
	case model.MoneyField, model.RangeField:
		c.Type = "text"
	case model.TimeField:
		c.Type = "text"
	}
	if f.Type == model.EnumField {
		c.Options = options(f, "", false)
	}
	return c
}

// addCondition returns where a list goes on when the form for a condition was sent, or nothing.
func (d *desk) addCondition(q url.Values, l door.Listing) string {
	field, op, value := q.Get("field"), estate.Op(q.Get("op")), strings.TrimSpace(q.Get("value"))
	if field == "" || op == "" || q.Get("add") == "" {
		return ""
	}
	text := field + string(op) + value
	if op == estate.IsEmpty || op == estate.IsSet {
		text = field + ":" + string(op)
	}
	l.Where = append(slices.Clone(l.Where), text)
	return d.address(l)
}

// help returns the first sentence of the help of a field.
func help(f *model.Field) string { return words(parts.Plain(f.Label, model.Sentence(f.Help))) }

// title returns the title of a record that may be nil.
func title(rec model.Record) string {
	if rec == nil {
		return ""
	}
	return rec.Base().Title()
}
