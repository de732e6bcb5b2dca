package records

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// form is a form for one record, or for one of its fields.
type form struct {
	Kind    *model.Kind
	Action  string
	Cancel  string
	Groups  []controlGroup
	Version uint32
	Why     string
	New     bool
	// Problems are what is wrong and belongs to no field.
	Problems []string
	// Wrong are the fields with something wrong, to jump to.
	Wrong []*control
	// Single is the one field of an edit in place.
	Single *control
}

// controlGroup is controls under a heading.
type controlGroup struct {
	Label    string
	Controls []*control
	// Folded says that the group is closed until somebody opens it.
	Folded bool
}

// formGroups are the headings of a form and of a record, in order.
var formGroups = []string{"Essentials", "Details", "Links", "Dates", "Money and numbers", "Lists", "About the record"}

// groupOf returns the heading under which a field stands.
func groupOf(f *model.Field) string {
	switch f.Name {
	case "key", "name", "description", "owner":
		return formGroups[0]
	case "tags", "confidential", "origin", "origins", "sightings":
		return formGroups[6]
	}
	switch {
	case f.Type == model.TableField:
		return formGroups[5]
	case f.Required:
		return formGroups[0]
	case f.IsRef():
		return formGroups[2]
	case f.Type == model.DateField || f.Type == model.TimeField || f.Type == model.DurationField:
		return formGroups[3]
	case f.Type == model.MoneyField || f.Type == model.IntegerField || f.Type == model.NumberField || f.Type == model.PercentField || f.Type == model.RangeField:
		return formGroups[4]
	case f.Type == model.EnumField:
		return formGroups[0]
	}
	return formGroups[1]
}

// form makes the form of a record, with what was typed where it was sent before.
func (d *desk) form(rec model.Record, typed url.Values) *form {
	out := &form{Kind: d.kind, New: d.rec == nil, Why: typed.Get("why")}
	if d.rec == nil {
		out.Action, out.Cancel = d.Path(listPath(d.kind)+"/new"), d.Path(listPath(d.kind))
	} else {
		out.Action, out.Cancel, out.Version = d.Path(d.path("/edit")), d.Path(d.path("")), d.rec.Base().Version
	}
	if n, err := strconv.ParseUint(typed.Get("version"), 10, 32); err == nil {
		out.Version = uint32(n)
	}
	groups := map[string][]*control{}
	for _, f := range d.kind.Fields {
		if f.System {
			continue
		}
		c := d.control(f, rec, typed)
		if f.Name == "key" && out.New {
			c.Required = false
			c.Help += " Left empty, it is made from the name."
		}
		groups[groupOf(f)] = append(groups[groupOf(f)], c)
	}
	first := []string{"name", "key", "owner"}
	slices.SortStableFunc(groups[formGroups[0]], func(a, b *control) int {
		rank := func(c *control) int {
			if at := slices.Index(first, c.Field); at >= 0 {
				return at
			}
			if c.Long {
				return len(first) + 1
			}
			return len(first)
		}
		return rank(a) - rank(b)
	})
	for _, name := range formGroups {
		if len(groups[name]) > 0 {
			out.Groups = append(out.Groups, controlGroup{Label: name, Controls: groups[name]})
		}
	}
	return out
}

// mark puts what is wrong next to the fields. What belongs to none stands above the form.
func (f *form) mark(err error) {
	var refused *door.Refused
	if !errors.As(err, &refused) {
		f.Problems = append(f.Problems, err.Error())
		return
	}
	for _, p := range refused.Problems {
		name, below, _ := strings.Cut(strings.ReplaceAll(p.Field, "[", "."), ".")
		text := p.Text
		if below != "" {
			text = strings.TrimPrefix(p.Field, name) + ": " + text
		}
		found := false
		for _, g := range f.Groups {
			for _, c := range g.Controls {
				if c.Field == name && p.Kind == f.Kind.Name {
					if c.Error == "" {
						f.Wrong = append(f.Wrong, c)
					}
					c.Error, found = strings.TrimPrefix(c.Error+"; "+text, "; "), true
				}
			}
		}
		if !found {
			f.Problems = append(f.Problems, p.Error())
		}
	}
}

// focus returns the control of a field and marks it to be the first that is typed into.
func (f *form) focus(name string) *control {
	for _, g := range f.Groups {
		for _, c := range g.Controls {
			if c.Field == name {
				c.Focus = true
				return c
			}
		}
	}
	return nil
}

// showForm shows a form, or its one field where the page wants only that.
func (d *desk) showForm(f *form, field string, status int) error {
	text := "New " + strings.ToLower(d.kind.Label[:1]) + d.kind.Label[1:]
	if !f.New {
		text = "Edit " + d.rec.Base().Title()
	}
	p := d.page(text, f)
	p.Status = status
	if f.New {
		p.Lead = parts.Plain(d.kind.Name, d.kind.Help)
	}
	if c := f.focus(field); c != nil && d.Partial() {
		f.Single = c
		return d.Render(templates, "inline", p)
	}
	return d.Render(templates, "form", p)
}

// newRecord shows the form for a new record. Parameters with the names of fields fill it.
func newRecord(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	if d.past() {
		return frame.Bad("the past cannot be changed: go back to now to add something")
	}
	if err := d.need("create", nil, d.Who.MayCreate(d.kind.Name)); err != nil {
		return err
	}
	typed := url.Values{}
	for name, values := range v.R.URL.Query() {
		if f := d.kind.Field(name); f != nil {
			typed["has"] = append(typed["has"], name)
			typed[formName(f)] = values
		}
	}
	return d.showForm(d.form(nil, typed), "", 0)
}

// readForm returns what a form says: new values of the fields that it has.
func (d *desk) readForm(rec model.Record, typed url.Values) map[string]any {
	set := map[string]any{}
	for _, name := range typed["has"] {
		f := d.kind.Field(name)
		if f == nil || f.System || rec != nil && d.holdsUnseen(f, rec) {
			continue
		}
		value := readField(f, typed)
		if text, ok := value.(string); ok && rec != nil && f.Type == model.TextField && text == strings.ReplaceAll(f.Text(rec, d.view), "\r\n", "\n") {
			continue // A browser writes line ends in its own way.
		}
		if f.Type == model.BoolField && value == "no" && (rec == nil || !f.Has(rec)) {
			continue
		}
		set[name] = value
	}
	return set
}

// create makes a new record.
func create(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	if err := v.R.ParseForm(); err != nil {
		return err
	}
	if err := d.need("create", nil, d.Who.MayCreate(d.kind.Name)); err != nil {
		return err
	}
	typed := v.R.PostForm
	if typed.Get("more") != "" {
		return d.showForm(d.form(nil, typed), typed.Get("more"), 0)
	}
	set := d.readForm(nil, typed)
	key, _ := set["key"].(string)
	delete(set, "key")
	if strings.TrimSpace(key) == "" {
		name, _ := set["name"].(string)
		key = d.freeKey(name)
	}
	refuse := func(err error) error {
		f := d.form(nil, typed)
		f.mark(err)
		return d.showForm(f, "", http.StatusUnprocessableEntity)
	}
	change, err := d.House.Build(d.Ctx(), d.Who, d.view, door.Edit{Kind: d.kind.Name, Key: key, Create: true, Set: set})
	var refused *door.Refused
	if errors.As(err, &refused) {
		return refuse(err)
	} else if err != nil {
		return err
	}
	r, err := d.House.Write(d.Ctx(), d.Who, d.Moment, door.Tx{Why: typed.Get("why"), Changes: []model.Change{change}})
	switch {
	case errors.As(err, &refused), door.IsConflict(err) != nil:
		return refuse(err)
	case err != nil:
		return err
	}
	return v.Done(v.Path(frame.RecordPath(d.kind.Name, strings.TrimSpace(key))), "Created "+d.kind.Label+" "+strings.TrimSpace(key)+"."+warned(r), r)
}

// warned tells the warnings of a write.
func warned(r door.Receipt) string {
	out := ""
	for _, w := range r.Warnings {
		out += " Mind: " + w.Error() + "."
	}
	return frame.Short(out, 300)
}

// freeKey makes a key from a name: small letters, digits and hyphens.
func (d *desk) freeKey(name string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			out.WriteRune(r)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "-"):
			out.WriteByte('-')
		}
		if out.Len() > 60 {
			break
		}
	}
	base := strings.Trim(out.String(), "-")
	if base == "" {
		return door.NewKey(strings.ToLower(d.kind.Name))
	}
	key := base
	for n := 2; d.view.Find(d.kind.Name, key) != nil && n < 1000; n++ {
		key = fmt.Sprintf("%s-%d", base, n)
	}
	return key
}

// edit shows the form of a record, with one field in focus where the address names it.
func edit(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	if d.past() {
		return frame.Bad("the past cannot be changed: go back to now to edit this")
	}
	if err := d.need("write", d.rec, d.Who.MayWrite(d.rec)); err != nil {
		return err
	}
	return d.showForm(d.form(d.rec, nil), v.Form("field"), 0)
}

// save changes a record as the form says.
func save(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	if err := v.R.ParseForm(); err != nil {
		return err
	}
	if err := d.need("write", d.rec, d.Who.MayWrite(d.rec)); err != nil {
		return err
	}
	typed := v.R.PostForm
	if typed.Get("more") != "" {
		return d.showForm(d.form(d.rec, typed), typed.Get("more"), 0)
	}
	version, err := strconv.ParseUint(typed.Get("version"), 10, 32)
	if err != nil {
		return frame.Bad("the form does not say which version of the record it is about: open it again")
	}
	e := door.Edit{Kind: d.kind.Name, Key: d.rec.Base().Key, Version: uint32(version)}
	if typed.Get("resolve") != "" {
		e.Set = resolved(d.kind, typed)
	} else {
		e.Set = d.readForm(d.rec, typed)
	}
	return d.saveEdit(e, typed)
}

// saveEdit makes an edit and shows what stands in its way.
func (d *desk) saveEdit(e door.Edit, typed url.Values) error {
	refuse := func(err error) error {
		f := d.form(d.rec, typed)
		f.mark(err)
		return d.showForm(f, typed.Get("inline"), http.StatusUnprocessableEntity)
	}
	change, err := d.House.Build(d.Ctx(), d.Who, d.view, e)
	var refused *door.Refused
	if errors.As(err, &refused) {
		return refuse(err)
	} else if err != nil {
		return err
	}
	back := d.Path(d.path(""))
	if len(change.Fields) == 0 {
		return d.Done(back, "There was nothing to change.", door.Receipt{})
	}
	r, err := d.House.Write(d.Ctx(), d.Who, d.Moment, door.Tx{Why: typed.Get("why"), Changes: []model.Change{change}})
	if c := door.IsConflict(err); c != nil {
		return d.settle(c, e, typed, refuse)
	}
	switch {
	case errors.As(err, &refused):
		return refuse(err)
	case errors.Is(err, door.ErrNothing):
		return d.Done(back, "There was nothing to change.", door.Receipt{})
	case err != nil:
		return err
	}
	if key, ok := change.Field("key"); ok {
		back = d.Path(frame.RecordPath(d.kind.Name, d.view.Show(d.kind.Name, "key", key.After)))
	}
	return d.Done(back, "Saved "+d.rec.Base().Title()+"."+warned(r), r)
}

// side is one field of a conflict with its three sides.
type side struct {
	Name, Label, Help    string
	Base, Theirs, Yours  string
	BaseShown, TheirsOut string
}

// clashPage is a conflict: what was there, what somebody else made of it, and what you want.
type clashPage struct {
	Action, Cancel string
	Now            uint32
	Seen           uint32
	Who, When      string
	Clashes, Rest  []side
	Why            string
}

// settle shows the three sides of a conflict. Where only bookkeeping clashes, it saves again by itself.
func (d *desk) settle(c *estate.Conflict, e door.Edit, typed url.Values, refuse func(error) error) error {
	b := &clashPage{Action: d.Path(d.path("/edit")), Cancel: d.Path(d.path("")), Now: c.Now, Seen: c.Seen, Why: typed.Get("why")}
	again := map[string]any{}
	for _, s := range c.Fields {
		f := d.kind.Field(s.Field)
		if f == nil || f.System {
			continue
		}
		if s.Field == "key" && s.Theirs == s.Yours && s.Clash {
			return refuse(fmt.Errorf("another record has the key %s already: choose another one", s.Yours))
		}
		again[s.Field] = s.Yours
		one := side{Name: f.Name, Label: f.Label, Help: help(f), Base: s.Base, Theirs: s.Theirs, Yours: s.Yours}
		if s.Clash {
			b.Clashes = append(b.Clashes, one)
		} else {
			b.Rest = append(b.Rest, one)
		}
	}
	if len(b.Clashes) == 0 && typed.Get("again") == "" {
		typed.Set("again", "1")
		e.Version, e.Set = c.Now, again
		return d.saveEdit(e, typed)
	}
	if entries, err := d.House.History(d.Ctx(), d.Who, d.rec.Base().Ref(), 0, 1); err == nil && len(entries) > 0 {
		b.Who, b.When = entries[0].Who, entries[0].At.Time().Format("2006-01-02 15:04")
	}
	p := d.page("Both of you changed "+d.rec.Base().Title(), b)
	p.Status = http.StatusConflict
	return d.Render(templates, "clash", p)
}

// resolved returns the values that were chosen side by side.
func resolved(k *model.Kind, typed url.Values) map[string]any {
	set := map[string]any{}
	for _, name := range typed["field"] {
		if k.Field(name) == nil {
			continue
		}
		switch typed.Get("pick." + name) {
		case "theirs":
		case "base":
			set[name] = strings.ReplaceAll(typed.Get("base."+name), "\r\n", "\n")
		default:
			set[name] = strings.ReplaceAll(typed.Get("yours."+name), "\r\n", "\n")
		}
	}
	return set
}
