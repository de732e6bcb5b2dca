package records

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// bulkPage is the form that edits many records, and what it would do.
type bulkPage struct {
	Kind           *model.Kind
	Action, Cancel string
	Count          int
	All            bool
	Hidden         []pair
	Groups         []controlGroup
	How            map[string]string
	Why            string
	Problems       []string
	// Preview is what would be done. It is nil before somebody asks for it.
	Preview *preview
}

// preview is what an edit of many records would do.
type preview struct {
	Count, Same, Refused int
	Rows                 []previewRow
	RefusedRows          []refusedRow
	Moved                string
	// Digest names what is shown, so that nothing else is saved.
	Digest string
}

// previewRow is one change of a field of a record.
type previewRow struct {
	Link          practice.Link
	Field         string
	Before, After string
}

// refusedRow is a record that is left out.
type refusedRow struct {
	Link practice.Link
	Why  string
}

// chosen returns the records that a form is about: those that were ticked, or all that match the list.
func (d *desk) chosen(q url.Values) ([]model.Record, []pair, bool, error) {
	var out []model.Record
	var hidden []pair
	if q.Get("scope") != "all" {
		for _, key := range q["key"] {
			if rec := d.view.Find(d.kind.Name, key); rec != nil && !slices.Contains(out, rec) {
				out = append(out, rec)
				hidden = append(hidden, pair{"key", key})
			}
		}
		return out, hidden, false, nil
	}
	l, err := door.ListingOf(d.kind, q)
	if err != nil {
		return nil, nil, true, frame.Bad("%s", err)
	}
	page, err := d.view.List(estate.Query{Kind: d.kind.Name, Where: l.Conditions, Limit: door.MostBulk})
	if err != nil {
		return nil, nil, true, frame.Bad("%s", err)
	}
	if page.Total > door.MostBulk {
		return nil, nil, true, frame.Bad("%d records are too many for one entry: filter the list to %d at most", page.Total, door.MostBulk)
	}
	hidden = append(hidden, pair{"scope", "all"})
	for _, text := range l.Where {
		hidden = append(hidden, pair{"where", text})
	}
	return page.Records, hidden, true, nil
}

// bulk shows the form that edits many records, or what deleting them means.
func bulk(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	if d.past() {
		return frame.Bad("the past cannot be changed: go back to now to edit records")
	}
	q := d.R.URL.Query()
	records, hidden, all, err := d.chosen(q)
	if err != nil {
		return err
	}
	back := d.backTo(q)
	if len(records) == 0 {
		return d.Done(back, "Tick some records first.", door.Receipt{})
	}
	switch q.Get("do") {
	case "delete":
		if err := d.needAny("delete", records, d.Who.MayApprove); err != nil {
			return err
		}
		b, _, err := d.parting(records)
		if err != nil {
			return err
		}
		b.Action, b.Cancel, b.Hiddens = d.Path(listPath(d.kind)+"/bulk"), back, append(hidden, pair{"do", "delete"}, pair{"count", strconv.Itoa(len(records))})
		return d.Render(templates, "parting", d.page("Delete "+practice.Count(len(records), d.kind.Label, d.kind.Plural)+"?", b))
	case "merge":
		if len(records) != 2 {
			return d.Done(back, "Tick exactly two records to merge them.", door.Receipt{})
		}
		return d.Redirect(d.Path(frame.RecordPath(d.kind.Name, records[0].Base().Key, "/merge"), "with", records[1].Base().Key))
	}
	if err := d.needAny("write", records, d.Who.MayWrite); err != nil {
		return err
	}
	b := d.bulkForm(records, hidden, all, back, nil)
	return d.Render(templates, "bulk", d.page("Edit "+practice.Count(len(records), d.kind.Label, d.kind.Plural), b))
}

// backTo returns the address of the list that the visitor came from.
func (d *desk) backTo(q url.Values) string {
	l, _ := door.ListingOf(d.kind, q)
	return d.address(l)
}

func (d *desk) bulkForm(records []model.Record, hidden []pair, all bool, back string, typed url.Values) *bulkPage {
	b := &bulkPage{Kind: d.kind, Action: d.Path(listPath(d.kind) + "/bulk"), Cancel: back, Count: len(records), All: all, Hidden: hidden, How: map[string]string{}, Why: typed.Get("why")}
	groups := map[string][]*control{}
	for _, f := range d.kind.Fields {
		if f.System || f.Name == "key" || f.Type == model.TableField {
			continue
		}
		c := d.control(f, nil, typed)
		if f.Type == model.BoolField {
			c.Type, c.Options = "enum", []optionChoice{{Value: "yes", Label: "Yes", Selected: c.Value == "yes"}, {Value: "no", Label: "No", Selected: c.Value == "no"}}
		}
		c.Required = false
		b.How[f.Name] = typed.Get("how." + f.Name)
		groups[groupOf(f)] = append(groups[groupOf(f)], c)
	}
	for _, name := range formGroups {
		if len(groups[name]) > 0 {
			b.Groups = append(b.Groups, controlGroup{Label: name, Controls: groups[name]})
		}
	}
	return b
}

// bulkEdits reads what is to be done from the form.
func (d *desk) bulkEdits(typed url.Values) []door.FieldEdit {
	var out []door.FieldEdit
	for _, f := range d.kind.Fields {
		how := typed.Get("how." + f.Name)
		if !slices.Contains([]string{"set", "clear", "add", "remove"}, how) {
			continue
		}
		value := readField(f, typed)
		if f.Type == model.BoolField && value == "no" {
			how = "clear"
		}
		out = append(out, door.FieldEdit{Field: f.Name, How: how, Value: value})
	}
	return out
}

// doBulk shows what an edit of many records would do, and does it when it is sent again.
func doBulk(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	if err := v.R.ParseForm(); err != nil {
		return err
	}
	typed := v.R.PostForm
	records, hidden, all, err := d.chosen(typed)
	if err != nil {
		return err
	}
	back := d.backTo(typed)
	if len(records) == 0 {
		return d.Done(back, "None of the records is there any more.", door.Receipt{})
	}
	if typed.Get("do") == "delete" {
		if n, _ := strconv.Atoi(typed.Get("count")); n != len(records) {
			return d.Done(back, "Nothing was deleted: other records match now than when you looked.", door.Receipt{})
		}
		if err := d.needAny("delete", records, d.Who.MayApprove); err != nil {
			return err
		}
		return d.removeAll(records, back, typed.Get("why"))
	}
	if err := d.needAny("write", records, d.Who.MayWrite); err != nil {
		return err
	}
	b := d.bulkForm(records, hidden, all, back, typed)
	page := d.page("Edit "+practice.Count(len(records), d.kind.Label, d.kind.Plural), b)
	plan, err := d.House.Plan(d.Ctx(), d.Who, d.view, d.Moment, d.kind, records, d.bulkEdits(typed))
	var refused *door.Refused
	if errors.As(err, &refused) {
		f := &form{Kind: d.kind, Groups: b.Groups}
		f.mark(err)
		b.Problems, page.Status = f.Problems, http.StatusUnprocessableEntity
		for _, c := range f.Wrong {
			b.Problems = append(b.Problems, c.Label+": "+c.Error)
		}
		return d.Render(templates, "bulk", page)
	} else if err != nil {
		return err
	}
	if typed.Get("apply") == "" || typed.Get("previewed") != door.Digest(plan.Changes) {
		b.Preview = d.preview(plan)
		if typed.Get("apply") != "" {
			b.Preview.Moved = "This is not what you looked at last: the form was changed, or the records were. Look again before you save."
		}
		return d.Render(templates, "bulk", page)
	}
	why := typed.Get("why")
	if why == "" {
		why = fmt.Sprintf("Edit %s at once", practice.Count(len(plan.Changes), d.kind.Label, d.kind.Plural))
	}
	r, err := d.House.Write(d.Ctx(), d.Who, d.Moment, door.Tx{Why: why, Changes: plan.Changes})
	if err != nil {
		return err
	}
	return d.Done(back, "Changed "+practice.Count(len(plan.Changes), d.kind.Label, d.kind.Plural)+"."+warned(r), r)
}

// preview shows the first changes of a plan and everything that it leaves out.
func (d *desk) preview(plan door.Plan) *preview {
	out := &preview{Digest: door.Digest(plan.Changes), Count: len(plan.Changes), Same: plan.Same, Refused: len(plan.Refused)}
	for i, c := range plan.Changes {
		if i == mostShown {
			break
		}
		link := practice.To(d.view.Get(model.Ref(c.ID)))
		for _, fc := range c.Fields {
			f := d.kind.Field(fc.Name)
			if f == nil || f.System {
				continue
			}
			out.Rows = append(out.Rows, previewRow{link, f.Label, d.shown(f, fc.Before), d.shown(f, fc.After)})
		}
	}
	for i, r := range plan.Refused {
		if i == mostShown {
			break
		}
		out.RefusedRows = append(out.RefusedRows, refusedRow{practice.To(r.Record), r.Why})
	}
	return out
}

// shown writes a value of a change for people.
func (d *desk) shown(f *model.Field, raw []byte) string {
	return readable(f, d.view.Show(d.kind.Name, f.Name, raw))
}

// readable writes a value that was written as a person would type it as a person would rather read it: options by
// their labels, and tables row by row.
func readable(f *model.Field, text string) string {
	for _, o := range f.Options {
		if o.Value == text {
			return o.Label
		}
	}
	var rows []map[string]any
	if f.Type != model.TableField || json.Unmarshal([]byte(text), &rows) != nil {
		return text
	}
	var out strings.Builder
	for i, row := range rows {
		if i > 0 {
			out.WriteByte('\n')
		}
		first := true
		for _, c := range f.Columns {
			if row[c.Name] == nil {
				continue
			}
			if !first {
				out.WriteString(", ")
			}
			first = false
			out.WriteString(c.Label + " " + cellValue(row[c.Name]))
		}
	}
	return out.String()
}
