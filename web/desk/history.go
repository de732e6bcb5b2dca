package desk

import (
	"net/http"
	"net/url"
	"strconv"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// maxScanned is how many entries are looked at for one page of a filtered history.
const maxScanned = 2000

// historyPage is what the page of the journal shows.
type historyPage struct {
	Who, Kind string
	People    []practice.Link
	Kinds     []*model.Kind
	Days      []day
	Older     string
	// Scanned says up to which entry was looked, where too few fit.
	Scanned uint64
	Newest  string
}

// day is the entries of one day.
type day struct {
	Date    string
	Entries []entryView
}

// entryView is an entry as a page shows it.
type entryView struct {
	Seq               uint64
	At                model.Time
	Clock, Ago        string
	Moment            string
	Who               practice.Link
	Why, Source       string
	Undoes            uint64
	Sums, Kinds, Path string
	First             []changeView
	More              int
}

func history(v *frame.Visit) error {
	view, err := v.House.Look(v.Ctx(), v.Who, door.Moment{AsOf: v.Moment.AsOf})
	if err != nil {
		return err
	}
	b := &historyPage{Who: v.Form("who"), Kind: v.Form("kind")}
	for rec := range estate.Each[*model.Account](view) {
		b.People = append(b.People, practice.To(rec))
	}
	for _, name := range v.Who.Readable() {
		if k := view.Schema().Kind(name); k != nil {
			b.Kinds = append(b.Kinds, k)
		}
	}
	before := view.Stamp().Seq + 1
	if text := v.Form("before"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return frame.Bad("before: write the number of an entry")
		}
		if n < before {
			before = n
			b.Newest = v.Path("/history", "who", b.Who, "kind", b.Kind)
		}
	}
	entries, next, err := someEntries(v, before, func(e *door.Entry) bool { return b.fits(e) })
	if err != nil {
		return err
	}
	for _, e := range entries {
		b.add(entryOf(v, view, e))
	}
	if next > 1 {
		b.Older = v.Path("/history", "who", b.Who, "kind", b.Kind, "before", strconv.FormatUint(next, 10))
		if len(entries) < perPage {
			b.Scanned = next
		}
	}
	return v.Render(templates, "history", frame.Page{Title: "History", Lead: "Everything that was changed, newest first: who, when and why.", Section: "history", Body: b})
}

// someEntries returns up to a page of entries before one that fit, and the entry before which to go on, or 0.
func someEntries(v *frame.Visit, before uint64, fits func(*door.Entry) bool) ([]door.Entry, uint64, error) {
	var out []door.Entry
	for scanned := 0; scanned < maxScanned && before > 1; {
		some, err := v.House.Entries(v.Ctx(), v.Who, before, perPage)
		if err != nil {
			return nil, 0, err
		}
		if len(some) == 0 {
			return out, 0, nil
		}
		for i := range some {
			before = some[i].Seq
			if !fits(&some[i]) {
				continue
			}
			if out = append(out, some[i]); len(out) == perPage {
				return out, before, nil
			}
		}
		scanned += len(some)
		if len(some) < perPage {
			return out, 0, nil
		}
	}
	return out, before, nil
}

// fits reports whether an entry is among those that were asked for.
func (b *historyPage) fits(e *door.Entry) bool {
	if b.Who != "" && e.Who != b.Who {
		return false
	}
	if b.Kind == "" {
		return true
	}
	for i := range e.Changes {
		if e.Changes[i].Kind == b.Kind {
			return true
		}
	}
	return false
}

// add puts an entry below its day.
func (b *historyPage) add(e entryView) {
	date := e.At.Time().UTC().Format("Monday, 2 January 2006")
	if n := len(b.Days); n == 0 || b.Days[n-1].Date != date {
		b.Days = append(b.Days, day{Date: date})
	}
	last := &b.Days[len(b.Days)-1]
	last.Entries = append(last.Entries, e)
}

// maxFirst is how many records of an entry a list names.
const maxFirst = 3

// entryOf writes an entry for a page.
func entryOf(v *frame.Visit, view estate.View, e door.Entry) entryView {
	out := entryView{Seq: e.Seq, At: e.At, Clock: e.At.Time().UTC().Format("15:04"), Moment: e.At.Time().UTC().Format("2 January 2006, 15:04:05 UTC"), Ago: v.Ago(e.At), Why: e.Why, Source: e.Source, Undoes: e.Undoes,
		Sums: sums(e.Changes), Kinds: kindsIn(view.Schema(), e.Changes), Path: v.Path("/history/" + strconv.FormatUint(e.Seq, 10))}
	out.Who = practice.Link{Key: e.Who}
	if rec := view.Find("Account", e.Who); rec != nil {
		out.Who = practice.To(rec)
	}
	out.First = viewsOf(view, view, e.Changes[:min(maxFirst, len(e.Changes))])
	out.More = len(e.Changes) - len(out.First)
	return out
}

// entryPage is what the page of one entry shows.
type entryPage struct {
	entryView
	Changes          []changeView
	From, To, Total  int
	Next, Prev, Undo string
	LookAt           string
}

// perEntry is how many changes of an entry a page shows.
const perEntry = 100

func entry(v *frame.Visit) error {
	e, before, after, err := open(v)
	if err != nil {
		return err
	}
	b := &entryPage{entryView: entryOf(v, after, e), Total: len(e.Changes)}
	number, _ := strconv.Atoi(v.Form("page"))
	b.From = min(max(number-1, 0)*perEntry, len(e.Changes))
	b.To = min(b.From+perEntry, len(e.Changes))
	b.Changes = viewsOf(before, after, e.Changes[b.From:b.To])
	base := "/history/" + strconv.FormatUint(e.Seq, 10)
	if b.To < b.Total {
		b.Next = v.Path(base, "page", strconv.Itoa(b.To/perEntry+1))
	}
	if b.From > 0 {
		b.Prev = v.Path(base, "page", strconv.Itoa(b.From/perEntry))
	}
	b.Undo = base + "/undo"
	b.LookAt = "/records?as_of=" + strconv.FormatUint(e.Seq, 10)
	return v.Render(templates, "entry", frame.Page{Title: "Entry " + strconv.FormatUint(e.Seq, 10), Lead: e.Why, Section: "history",
		Crumbs: []frame.Crumb{{Label: "History", Path: "/history"}}, Body: b})
}

// open returns the entry that an address names, with the estate before and after it as the visitor sees them.
func open(v *frame.Visit) (e door.Entry, before, after estate.View, err error) {
	seq, err := strconv.ParseUint(v.R.PathValue("seq"), 10, 64)
	if err != nil {
		return e, before, after, &door.NotFound{What: "entry " + v.R.PathValue("seq")}
	}
	if e, err = v.House.Entry(v.Ctx(), v.Who, seq); err != nil {
		return e, before, after, err
	}
	at := func(seq uint64) (estate.View, error) {
		return v.House.Look(v.Ctx(), v.Who, door.Moment{AsOf: strconv.FormatUint(seq, 10)})
	}
	if after, err = at(seq); err != nil {
		return e, before, after, err
	}
	before, err = at(seq - 1)
	return e, before, after, err
}

// undoPage is what the page asks before an entry is taken back.
type undoPage struct {
	entryView
	Changes   []changeView
	More      int
	Conflicts []conflictView
	Problem   string
	Why       string
}

func askUndo(v *frame.Visit) error {
	e, _, _, err := open(v)
	if err != nil {
		return err
	}
	return showUndo(v, e, nil)
}

// showUndo shows what would be taken back, or what stands in the way.
func showUndo(v *frame.Visit, e door.Entry, failed error) error {
	now, err := v.House.Look(v.Ctx(), v.Who, door.Moment{})
	if err != nil {
		return err
	}
	b := &undoPage{entryView: entryOf(v, now, e), Why: v.Form("why")}
	p := frame.Page{Title: "Undo entry " + strconv.FormatUint(e.Seq, 10), Lead: e.Why, Section: "history", Body: b,
		Crumbs: []frame.Crumb{{Label: "History", Path: "/history"}, {Label: "Entry " + strconv.FormatUint(e.Seq, 10), Path: "/history/" + strconv.FormatUint(e.Seq, 10)}}}
	r, err := v.House.Undo(v.Ctx(), v.Who, e.Seq, "", true)
	if failed != nil {
		err = failed
	}
	status := http.StatusUnprocessableEntity
	switch c := door.IsConflict(err); {
	case c != nil:
		b.Conflicts, status = []conflictView{undoing(now, c, e)}, http.StatusConflict
	case err == door.ErrNothing:
		b.Problem = "There is nothing left to take back: the records are already as they were before this entry."
	case err != nil:
		if status, b.Problem = v.Words(err); status >= http.StatusInternalServerError {
			return err
		}
	}
	if failed != nil {
		p.Status = status
	}
	const shown = 50
	b.Changes = viewsOf(now, now, r.Changes[:min(shown, len(r.Changes))])
	b.More = len(r.Changes) - len(b.Changes)
	return v.Render(templates, "undo", p)
}

func undo(v *frame.Visit) error {
	e, _, _, err := open(v)
	if err != nil {
		return err
	}
	r, err := v.House.Undo(v.Ctx(), v.Who, e.Seq, v.Form("why"), false)
	if err != nil {
		return showUndo(v, e, err)
	}
	to := "/history/" + strconv.FormatUint(r.Stamp.Seq, 10)
	if back := v.Form("to"); back != "" && !removes(r.Changes) {
		to = frame.Local(back)
	}
	return v.Done(to, "Entry "+strconv.FormatUint(e.Seq, 10)+" was taken back.", r)
}

// removes reports whether some changes remove a record, so that the page that somebody comes from may no longer be there.
func removes(changes []model.Change) bool {
	for i := range changes {
		if changes[i].Op == model.Remove {
			return true
		}
	}
	return false
}

// WhoPath returns the address of everything that the person of the entry did.
func (e entryView) WhoPath() string { return "/history?who=" + url.QueryEscape(e.Who.Key) }
