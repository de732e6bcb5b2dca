package imports

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// startPage is the page where files are dropped, with what was imported before.
type startPage struct {
	Mine    []*pending
	Entries []importEntry
	Source  string
	Formats []feed.Format
	Bulks   []feed.Bulk
	Limit   int
	Feeds   bool
}

type importEntry struct {
	door.Entry
	Kinds string
}

// mostEntries is how many entries the page of imports lists.
const mostEntries = 30

func (d *desk) start(v *frame.Visit) error {
	mine, err := d.mine(v)
	if err != nil {
		return err
	}
	body := startPage{Mine: mine, Formats: all.Formats(), Bulks: all.Bulks(), Limit: int(d.House.UploadLimit >> 20), Feeds: v.Who.Administers(), Source: v.Form("source")}
	entries, err := v.House.ImportEntries(v.Ctx(), v.Who, 0, 10*mostEntries)
	if err != nil {
		return err
	}
	view, err := v.View()
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Who == "unknown" {
			e.Who = ""
		}
		if (body.Source == "" || e.Source == body.Source) && len(body.Entries) < mostEntries {
			body.Entries = append(body.Entries, importEntry{e, kindsOf(view.Schema(), e.Changes)})
		}
	}
	return v.Render(templates, "start", page("Import", "Drop what other systems know. You see every change before anything is written, and you can take it back.", body))
}

// kindsOf tells of which kinds the records of some changes are, the most frequent first.
func kindsOf(schema *model.Schema, changes []model.Change) string {
	counts := map[string]int{}
	for _, c := range changes {
		if c.Kind != "Source" {
			counts[c.Kind]++
		}
	}
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	out := ""
	for i, name := range names[:min(3, len(names))] {
		if i > 0 {
			out += ", "
		}
		one, many := name, name
		if k := schema.Kind(name); k != nil {
			one, many = strings.ToLower(k.Label), strings.ToLower(k.Plural)
		}
		out += practice.Count(counts[name], one, many)
	}
	if more := len(names) - 3; more > 0 {
		out += " and " + practice.Count(more, "more kind", "more kinds")
	}
	return out
}

// waiting returns an upload of the visitor's own that waits for a decision.
func (d *desk) waiting(v *frame.Visit) (*pending, error) {
	p, err := d.load(v, v.R.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if p.State != waiting {
		return nil, frame.Bad("this import has begun already and cannot be changed")
	}
	return p, nil
}

// show shows the preview of an upload, how far an import is, or what became of it.
func (d *desk) show(v *frame.Visit) error {
	p, err := d.load(v, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	crumb := frame.Crumb{Label: "Import", Path: "/imports"}
	switch {
	case p.State == running && !p.Interrupted(d.now()):
		return v.Render(templates, "running", page("Importing "+p.Title(), "You may leave this page; the import goes on.", p, crumb))
	case p.State != waiting:
		return v.Render(templates, "result", page(p.Title(), "", resultPage{p, p.Interrupted(d.now())}, crumb))
	}
	w := d.preview(v.Who, p, v.Form("again") != "")
	if !w.wait(v.Ctx()) {
		return v.Render(templates, "reading", page("Reading "+p.Title(), "Nothing is written yet.", p, crumb))
	}
	if w.err != nil {
		d.over(p.ID)
		return w.err
	}
	body, err := d.previewPage(v, p, w)
	if err != nil {
		return err
	}
	return v.Render(templates, "preview", page(p.Title(), "This is what would change. Nothing is written yet.", body, crumb))
}

// resultPage is what became of an import.
type resultPage struct {
	*pending
	Lost bool
}

// FirstRefused returns the first items that were refused: as many as a page shows.
func (r resultPage) FirstRefused() []refusedItem { return r.first(r.Result.Refused) }

// FirstKept returns the first values that were kept.
func (r resultPage) FirstKept() []refusedItem { return r.first(r.Result.Kept) }

// FirstWarnings returns the first lines that look wrong.
func (r resultPage) FirstWarnings() []refusedItem { return r.first(r.Result.Warnings) }

func (r resultPage) first(list []refusedItem) []refusedItem { return list[:min(len(list), mostLines)] }

// previewPage is everything that the page of a preview shows.
type previewPage struct {
	*pending
	Report *door.ImportReport
	Files  []fileLine
	Tables []tableForm
	// Show is which list is shown: changes, refused, kept or notes.
	Show  string
	Kinds []kindCount
	Kind  string
	// Outcome limits the list to one outcome.
	Outcome string
	Rows    []rowLine
	Items   []refusedItem
	Notes   []string
	// Sheets says which sheets of workbooks are left out.
	Sheets []string
	Page   int
	Pages  int
	First  int
	Of     int
	// Would is how many changes would be made with what is chosen.
	Would    int
	LeftOut  int
	Refused  int
	KeptN    int
	NotesN   int
	Changed  bool
	Mappings bool
	// Loads are the bulk lines that would come, and WarnedN counts those that look wrong.
	Loads   []loadLine
	WarnedN int
}

type fileLine struct {
	*door.FileReport
	Label string
	Why   string
}

// Wrong says why the file is not read, without its name.
func (f fileLine) Wrong() string { return bare(f.Error, f.File) }

// bare takes the name of a file off what is said of it.
func bare(text, file string) string {
	for text != "" && strings.HasPrefix(strings.TrimPrefix(text, "open "), file+": ") {
		text = strings.TrimPrefix(strings.TrimPrefix(text, "open "), file+": ")
	}
	return text
}

type kindCount struct {
	Kind, Label string
	feed.Counts
	N    int
	Left bool
}

// rowLine is a record that would change.
type rowLine struct {
	feed.Line
	Name   string
	Title  string
	Left   bool
	Locked bool
	Path   string
	Fields []fieldLine
	More   []fieldLine
}

type fieldLine struct{ Label, Before, After string }

const (
	// pageRows is how many rows one page of a preview has.
	pageRows = 50
	// fewFields is how many fields of a row are shown at once.
	fewFields = 5
)

func (d *desk) previewPage(v *frame.Visit, p *pending, w *work) (*previewPage, error) {
	now, err := v.House.Look(v.Ctx(), v.Who, door.Moment{})
	if err != nil {
		return nil, err
	}
	b := &previewPage{pending: p, Report: w.report, Show: v.Form("show"), Kind: v.Form("kind"), Outcome: v.Form("outcome"), Changed: d.changedSince(v, w.head.Seq),
		Tables: tableForms(v, now, w), Mappings: v.Who.MayCreate("Mapping")}
	lines, others := b.sort(w)
	refused := refusals(w.report)
	b.Refused = max(len(refused), w.report.Total.Refused)
	b.Loads = loadLines(w.report)
	b.Would += newLoads(b.Loads)
	if b.Show == "" && len(lines) == 0 && b.Kind == "" && b.Outcome == "" {
		b.Show = map[bool]string{true: "refused", false: "changes"}[b.Refused > 0]
	}
	b.Page, _ = strconv.Atoi(v.Form("page"))
	switch b.Show {
	case "refused":
		from, to := b.span(len(refused))
		b.Items = refused[from:to]
	case "warnings":
		from, to := b.span(len(others.warnings))
		b.Items = others.warnings[from:to]
	case "kept":
		from, to := b.span(len(others.kept))
		b.Items = others.kept[from:to]
	case "notes":
		from, to := b.span(len(others.notes))
		b.Notes = others.notes[from:to]
	default:
		b.Show = "changes"
		after := v.House.Imported(v.Who, w.report)
		from, to := b.span(len(lines))
		for _, l := range lines[from:to] {
			b.Rows = append(b.Rows, b.row(v, now, after, l))
		}
	}
	return b, nil
}

// changedSince reports whether records were changed since an entry. That somebody signed in does not count.
func (d *desk) changedSince(v *frame.Visit, seq uint64) bool {
	entries, upto, err := v.House.Since(v.Ctx(), v.Who, seq)
	if err != nil || upto < d.House.Head().Seq {
		return true
	}
	schema := model.Builtin()
	return slices.ContainsFunc(entries, func(e door.Entry) bool {
		return slices.ContainsFunc(e.Changes, func(c model.Change) bool {
			k := schema.Kind(c.Kind)
			return k == nil || k.Group != access.AccessGroup
		})
	})
}

// apart is what a preview tells beside the changes.
type apart struct {
	kept, warnings []refusedItem
	notes          []string
}

// sort counts what is in a preview, and returns the changes to list.
func (b *previewPage) sort(w *work) ([]feed.Line, apart) {
	var lines []feed.Line
	var other apart
	contents := map[string]*content{}
	for _, c := range w.contents {
		contents[c.Name] = c
		if c.Problem != "" {
			other.notes = append(other.notes, c.Name+": not read: "+c.Problem)
		}
	}
	kinds := map[string]*kindCount{}
	for _, f := range w.report.Files {
		line := fileLine{FileReport: f}
		if c := contents[f.File]; c != nil && c.Format.Label != "" {
			line.Label, line.Why = c.Format.Label, why(c)
		}
		b.Files = append(b.Files, line)
		other.kept = append(other.kept, items(f.Kept, len(f.Kept))...)
		other.warnings = append(other.warnings, items(f.Warnings, len(f.Warnings))...)
		b.WarnedN += f.Warned
		for _, n := range f.Notes {
			other.notes = append(other.notes, f.File+": "+n)
		}
		for _, l := range f.Lines {
			k := kinds[l.Kind]
			if k == nil {
				k = &kindCount{Kind: l.Kind, Label: l.Kind, Left: b.Leave[l.Kind+"/"]}
				kinds[l.Kind] = k
			}
			k.N++
			if b.Leave[l.Kind+"/"+l.Key] || k.Left {
				b.LeftOut++
			} else {
				b.Would++
			}
			if (b.Kind == "" || b.Kind == l.Kind) && (b.Outcome == "" || b.Outcome == string(l.Outcome)) {
				lines = append(lines, l)
			}
		}
	}
	for _, k := range kinds {
		b.Kinds = append(b.Kinds, *k)
	}
	slices.SortFunc(b.Kinds, func(x, y kindCount) int { return strings.Compare(x.Kind, y.Kind) })
	for _, note := range other.notes {
		if strings.Contains(note, ": The sheet ") {
			b.Sheets = append(b.Sheets, note)
		}
	}
	b.KeptN, b.NotesN = len(other.kept), len(other.notes)
	return lines, other
}

// All returns how many changes there are, chosen or not.
func (b *previewPage) All() int { return b.Would + b.LeftOut }

// Outcomes are the outcomes by which the list can be limited.
func (b *previewPage) Outcomes() []fieldOption {
	return []fieldOption{{"created", "Created"}, {"edited", "Edited"}, {"stale", "No longer seen"}}
}

// why tells how a format was recognised.
func why(c *content) string {
	text := fmt.Sprintf("recognised by its content, %d %% sure", c.Sure)
	if c.Next != "" {
		text += "; otherwise it would be " + c.Next
	}
	return text
}

// span returns which part of a list the page shows.
func (b *previewPage) span(n int) (from, to int) {
	b.Of, b.Pages = n, max(1, (n+pageRows-1)/pageRows)
	b.Page = min(max(1, b.Page), b.Pages)
	from = (b.Page - 1) * pageRows
	b.First = from + 1
	return from, min(n, from+pageRows)
}

// Prev returns the page before this one, or 0.
func (b *previewPage) Prev() int { return b.Page - 1 }

// Next returns the page behind this one, or 0.
func (b *previewPage) Next() int {
	if b.Page < b.Pages {
		return b.Page + 1
	}
	return 0
}

// Last returns the number of the last row of the page.
func (b *previewPage) Last() int { return min(b.Of, b.First+pageRows-1) }

// row tells field by field what a change does.
func (b *previewPage) row(v *frame.Visit, now, after estate.View, l feed.Line) rowLine {
	r := rowLine{Line: l, Name: l.Kind + "/" + l.Key, Locked: b.Leave[l.Kind+"/"]}
	r.Left = r.Locked || b.Leave[r.Name]
	k := after.Schema().Kind(l.Kind)
	if rec := now.Get(model.Ref(l.Change.ID)); rec != nil {
		r.Path, r.Title = v.Record(practice.To(rec)), rec.Base().Title()
	} else if rec := after.Get(model.Ref(l.Change.ID)); rec != nil {
		r.Title = rec.Base().Title()
	}
	if k == nil || l.Outcome == feed.Stale {
		return r
	}
	for _, c := range l.Change.Fields {
		f := k.Field(c.Name)
		if f == nil || f.System || c.Name == "key" && l.Outcome == feed.Created {
			continue
		}
		label := f.Label
		if f.Unit != "" {
			label += " (" + f.Unit + ")"
		}
		one := fieldLine{label, frame.Short(now.Show(k.Name, c.Name, c.Before), 300), frame.Short(after.Show(k.Name, c.Name, c.After), 300)}
		if len(r.Fields) < fewFields {
			r.Fields = append(r.Fields, one)
		} else {
			r.More = append(r.More, one)
		}
	}
	return r
}

// options takes how an upload is imported.
func (d *desk) options(v *frame.Visit) error {
	p, err := d.waiting(v)
	if err != nil {
		return err
	}
	o := Options{Source: v.Form("source"), Kind: v.Form("kind"), Why: v.Form("why"), Overwrite: v.Form("overwrite") != "", Complete: v.Form("complete") != "",
		Append: v.Form("append") != "", Currency: strings.ToUpper(v.Form("currency"))}
	if _, err := model.NewMoney("0", cmp.Or(o.Currency, "EUR")); err != nil {
		return frame.Bad("%v", err)
	}
	if len(o.Source) > 200 || len(o.Why) > 2000 || strings.ContainsAny(o.Source, "/\n\r\x00") {
		return frame.Bad("the source is too long, or has a character that a key cannot have")
	}
	p.Options, p.Leave = o, nil
	if err := d.save(v.Ctx(), v.Who, p); err != nil {
		return err
	}
	return v.Redirect("/imports/" + p.ID)
}

// mostLeft is how many single rows a person may leave out.
const mostLeft = 20_000

// choose takes which rows of the page are wanted, and goes on to another page or imports.
func (d *desk) choose(v *frame.Visit) error {
	p, err := d.waiting(v)
	if err != nil {
		return err
	}
	if err := v.R.ParseForm(); err != nil {
		return frame.Bad("the form could not be read: go back and try again")
	}
	leave := map[string]bool{}
	for name := range p.Leave {
		leave[name] = true
	}
	take := v.R.PostForm["take"]
	for _, name := range v.R.PostForm["shown"] {
		if delete(leave, name); !slices.Contains(take, name) {
			leave[name] = true
		}
	}
	if kind := v.R.PostForm.Get("none"); kind != "" {
		leave[kind+"/"] = true
	}
	if kind := v.R.PostForm.Get("all"); kind != "" {
		for name := range leave {
			if strings.HasPrefix(name, kind+"/") {
				delete(leave, name)
			}
		}
	}
	if len(leave) > mostLeft {
		return frame.Bad("more than %d rows are left out one by one: leave out a whole kind, or split the file", mostLeft)
	}
	p.Leave = leave
	if v.R.PostForm.Get("commit") == "" {
		if err := d.save(v.Ctx(), v.Who, p); err != nil {
			return err
		}
		return v.Redirect(listPath(v, p))
	}
	p.State, p.Beat = running, d.now()
	if err := d.save(v.Ctx(), v.Who, p); err != nil {
		return err
	}
	id := p.ID
	go d.run(v.Who, p)
	return v.Redirect("/imports/" + id)
}

// listPath returns the address of the list that a form stood on, at the page that was asked for.
func listPath(v *frame.Visit, p *pending) string {
	return v.Path("/imports/"+p.ID, "kind", v.R.PostForm.Get("kind"), "outcome", v.R.PostForm.Get("outcome"), "page", v.R.PostForm.Get("page")) + "#rows"
}

// state tells a script how far an import or a preview is.
func (d *desk) state(v *frame.Visit) error {
	p, err := d.load(v, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	out := map[string]any{"state": p.State, "done": p.Done, "total": p.Total, "at": p.At, "unit": cmp.Or(p.Unit, "sources")}
	if p.State == waiting {
		out["state"] = "reading"
		w := d.preview(v.Who, p, false)
		if far := w.far.Load(); far != nil {
			out["done"], out["total"], out["at"], out["unit"] = far.done, far.total, far.name, far.unit
		}
		if w.isReady() {
			out["state"] = "ready"
		}
	} else if p.Interrupted(d.now()) {
		out["state"] = failed
	}
	v.W.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.W).Encode(out)
}

// refusedCSV gives out what was not taken, or on a preview would not be, as a table.
func (d *desk) refusedCSV(v *frame.Visit) error {
	p, err := d.load(v, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	var list []refusedItem
	switch {
	case p.Result != nil:
		list = p.Result.Refused
	case p.State == waiting:
		w := d.preview(v.Who, p, false)
		if !w.wait(v.Ctx()) || w.err != nil {
			return frame.Bad("the preview is not ready yet: try again in a moment")
		}
		list = refusals(w.report)
	}
	h := v.W.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Security-Policy", frame.FilePolicy)
	h.Set("Content-Disposition", `attachment; filename="refused.csv"`)
	v.W.WriteHeader(http.StatusOK)
	out := csv.NewWriter(v.W)
	out.Write([]string{"file", "line", "column", "place", "record", "field", "reason"})
	for _, i := range list {
		out.Write([]string{guard(i.File), number(i.Line), number(i.Column), guard(i.Path), guard(i.Record), guard(i.Field), guard(i.Reason)})
	}
	out.Flush()
	return out.Error()
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// guard puts an apostrophe before everything that a spreadsheet program would run.
func guard(text string) string {
	if text == "" || !strings.ContainsRune("=+-@\t\r\n\x00＝＋－＠", []rune(text)[0]) {
		return text
	}
	return "'" + text
}
