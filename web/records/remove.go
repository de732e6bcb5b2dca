package records

import (
	"fmt"
	"net/http"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// partingPage is what deleting records means.
type partingPage struct {
	Action, Cancel string
	Records        []practice.Link
	More           int
	Dangling       []danglingRow
	MoreDangling   int
	Hidden         int
	Stuck, Allowed bool
	// Why says what keeps the records from being deleted.
	Why     string
	Hiddens []pair
	Changes int
}

// danglingRow is a record that points to one that is to be deleted.
type danglingRow struct {
	Link  practice.Link
	Kind  string
	Field string
	To    string
	Fate  string
	Stuck bool
}

// mostShown is how many records a preview lists.
const mostShown = 100

// parting makes the page about deleting records.
func (d *desk) parting(records []model.Record) (*partingPage, door.Parting, error) {
	parted, err := door.Part(d.view, records)
	if err != nil {
		return nil, parted, err
	}
	b := &partingPage{Hidden: parted.Hidden, Stuck: parted.Stuck(), Changes: len(parted.Changes)}
	for i, rec := range records {
		if i == mostShown {
			b.More = len(records) - i
			break
		}
		b.Records = append(b.Records, practice.To(rec))
	}
	for i, x := range parted.Dangling {
		if i == mostShown {
			b.MoreDangling = len(parted.Dangling) - i
			break
		}
		row := danglingRow{Link: practice.To(x.Record), Kind: d.view.Schema().Of(x.Record).Label, Field: x.Field.Label, To: x.To.Base().Title(), Fate: "The link is taken away", Stuck: x.Stuck}
		if x.Goes {
			row.Fate = "Is deleted too"
		} else if x.Stuck {
			row.Fate = "Needs this link: change it first"
		}
		b.Dangling = append(b.Dangling, row)
	}
	switch {
	case b.Stuck:
		b.Why = "Some records need what you want to delete. Give them another link, or delete them first."
	case b.Hidden > 0:
		b.Why = fmt.Sprintf("%s from records that you may not see. Ask somebody who sees them.", practice.Count(b.Hidden, "link comes", "links come"))
	default:
		if _, err := d.House.Write(d.Ctx(), d.Who, d.Moment, door.Tx{Changes: parted.Changes, DryRun: true}); err != nil {
			b.Why = err.Error()
		}
	}
	b.Allowed = b.Why == ""
	return b, parted, nil
}

// askDelete shows what deleting a record means.
func askDelete(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	if d.past() {
		return frame.Bad("the past cannot be changed: go back to now to delete this")
	}
	if err := d.need("delete", d.rec, d.Who.MayApprove(d.rec)); err != nil {
		return err
	}
	b, _, err := d.parting([]model.Record{d.rec})
	if err != nil {
		return err
	}
	b.Action, b.Cancel = d.Path(d.path("/delete")), d.Path(d.path(""))
	return d.Render(templates, "parting", d.page("Delete "+d.rec.Base().Title()+"?", b))
}

// remove deletes a record, with the links to it.
func remove(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	if err := d.need("delete", d.rec, d.Who.MayApprove(d.rec)); err != nil {
		return err
	}
	return d.removeAll([]model.Record{d.rec}, d.Path(listPath(d.kind)), v.Form("why"))
}

// removeAll deletes records as one entry.
func (d *desk) removeAll(records []model.Record, to, why string) error {
	b, parted, err := d.parting(records)
	if err != nil {
		return err
	}
	name := practice.Count(len(records), d.kind.Label, d.kind.Plural)
	if len(records) == 1 {
		name = records[0].Base().Title()
	}
	if b.Stuck || b.Hidden > 0 {
		b.Action, b.Cancel = d.Path(d.R.URL.Path), to
		p := d.page("Delete "+name+"?", b)
		p.Status = http.StatusUnprocessableEntity
		return d.Render(templates, "parting", p)
	}
	if why == "" {
		why = "Delete " + name
	}
	r, err := d.House.Write(d.Ctx(), d.Who, d.Moment, door.Tx{Why: why, Changes: parted.Changes})
	if err != nil {
		return err
	}
	return d.Done(to, "Deleted "+name+".", r)
}

// mergePage is two records side by side, of which one is to be made.
type mergePage struct {
	Action, Cancel  string
	Keep, Other     practice.Link
	Swap            string
	Rows            []mergeRow
	Same            int
	Links           int
	Allowed         bool
	Why             string
	Candidates      []practice.Link
	CandidatePaths  []string
	KindPath, Kinds string
	Twins           string
}

// mergeRow is a field in which the two differ.
type mergeRow struct {
	Name, Label string
	Keep, Other string
	// Both says that the values are lists that can be joined.
	Both bool
	// Choice is what is chosen to begin with.
	Choice string
}

// askMerge shows a record beside another one, to choose what the one that stays is like.
func askMerge(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	if d.past() {
		return frame.Bad("the past cannot be changed: go back to now to merge records")
	}
	if err := d.need("write", d.rec, d.Who.MayWrite(d.rec)); err != nil {
		return err
	}
	b := &mergePage{Action: d.Path(d.path("/merge")), Cancel: d.Path(d.path("")), Keep: practice.To(d.rec), Kinds: d.kind.Name, KindPath: d.Path(listPath(d.kind)),
		Twins: d.Path(listPath(d.kind) + "/duplicates")}
	other, err := d.other(v.Form("with"))
	if v.Form("with") == "" {
		return d.Render(templates, "merge-pick", d.page("Merge "+d.rec.Base().Title(), b))
	}
	if err != nil {
		return err
	}
	b.Other = practice.To(other)
	b.Swap = d.Path(frame.RecordPath(d.kind.Name, other.Base().Key, "/merge"), "with", d.rec.Base().Key)
	d.fillMerge(b, other)
	return d.Render(templates, "merge", d.page("Merge into "+d.rec.Base().Title(), b))
}

// other returns the other record of a merge.
func (d *desk) other(text string) (model.Record, error) {
	ref, err := d.view.Resolve([]string{d.kind.Name}, text)
	if err != nil {
		return nil, &door.NotFound{What: d.kind.Name + "/" + text}
	}
	if ref == d.rec.Base().Ref() {
		return nil, frame.Bad("a record cannot be merged with itself")
	}
	return d.view.Get(ref), nil
}

func (d *desk) fillMerge(b *mergePage, other model.Record) {
	for _, f := range d.kind.Fields {
		if f.System || f.Name == "key" {
			continue
		}
		keep, that := f.Text(d.rec, d.view), f.Text(other, d.view)
		if keep == that {
			if keep != "" {
				b.Same++
			}
			continue
		}
		row := mergeRow{Name: f.Name, Label: f.Label, Keep: readable(f, keep), Other: readable(f, that), Both: f.Type == model.RefsField || f.Type == model.TextsField, Choice: "keep"}
		if row.Both {
			row.Choice = "both"
		} else if keep == "" {
			row.Choice = "other"
		}
		b.Rows = append(b.Rows, row)
	}
	for range d.view.In(other.Base().Ref()) {
		b.Links++
	}
	b.Allowed = d.Who.MayWrite(d.rec) && d.Who.MayApprove(other)
	if !b.Allowed {
		b.Why = "You need the right to edit the record that stays and to delete the other one."
	}
}

// merge makes one record of two.
func merge(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	other, err := d.other(v.Form("with"))
	if err != nil {
		return err
	}
	if err := d.need("write", d.rec, d.Who.MayWrite(d.rec)); err != nil {
		return err
	}
	if err := d.need("delete", other, d.Who.MayApprove(other)); err != nil {
		return err
	}
	set := map[string]any{}
	for _, f := range d.kind.Fields {
		if choice := v.Form("pick." + f.Name); choice == "other" || choice == "both" {
			set[f.Name] = choice
		}
	}
	changes, err := d.House.Combine(d.Ctx(), d.Who, d.view, d.rec, other, set)
	if err != nil {
		return err
	}
	why := v.Form("why")
	if why == "" {
		why = fmt.Sprintf("Merge %s/%s into %s", d.kind.Name, other.Base().Key, d.rec.Base().Key)
	}
	r, err := d.House.Write(d.Ctx(), d.Who, d.Moment, door.Tx{Why: why, Changes: changes})
	if err != nil {
		return err
	}
	return v.Done(d.Path(d.path("")), "Merged "+other.Base().Title()+" into "+d.rec.Base().Title()+".", r)
}

// twins is records that may be the same thing.
type twins struct {
	Field, Value string
	Records      []twin
}

// twin is one of them. Merge leads to the page that merges it into the first.
type twin struct {
	Link  practice.Link
	Owner string
	Links int
	Merge string
}

// twinsPage proposes duplicates of a kind.
type twinsPage struct {
	Kind  *model.Kind
	Found []twins
	Note  string
	List  string
}

// duplicates proposes records of a kind that may be the same thing.
func duplicates(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	found, all, err := door.Duplicates(d.view, d.kind, mostShown)
	if err != nil {
		return err
	}
	b := &twinsPage{Kind: d.kind, List: d.Path(listPath(d.kind))}
	if !all {
		b.Note = "Only the first " + practice.Count(door.MostTotalled, "record was", "records were") + " compared."
	}
	for _, l := range found {
		t := twins{Field: l.Field, Value: l.Value}
		first := l.Records[0].Base().Key
		for i, rec := range l.Records {
			one := twin{Link: practice.To(rec), Owner: title(d.view.Get(rec.Base().Owner))}
			for range d.view.In(rec.Base().Ref()) {
				one.Links++
			}
			if i > 0 && !d.past() && d.Who.MayWrite(l.Records[0]) {
				one.Merge = d.Path(frame.RecordPath(d.kind.Name, first, "/merge"), "with", rec.Base().Key)
			}
			t.Records = append(t.Records, one)
			if i == 9 {
				break
			}
		}
		b.Found = append(b.Found, t)
	}
	p := d.page("Possible duplicates of "+d.kind.Plural, b)
	p.Lead = "Records whose names are the same but for case, spaces and signs."
	return d.Render(templates, "duplicates", p)
}
