package frame

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/assets"
)

//go:embed templates
var own embed.FS

// Templates are the templates of one part of the site, on top of the components.
type Templates struct{ set *template.Template }

// MustTemplates parses every .html file of a folder together with the
// components. It is for package variables: a template that does not parse is
// found by every test.
func MustTemplates(files fs.FS, patterns ...string) *Templates {
	set := template.New("").Option("missingkey=error").Funcs(Funcs)
	set = template.Must(set.ParseFS(own, "templates/*.html"))
	if files != nil {
		set = template.Must(set.ParseFS(files, patterns...))
	}
	return &Templates{set}
}

// Funcs are the functions that every template may call.
var Funcs = template.FuncMap{
	"asset":   assets.URL,
	"has":     assets.Has,
	"dict":    dict,
	"plural":  practice.Count,
	"recpath": RecordPath,
	"number":  Number,
	"short":   func(n int, s string) string { return Short(s, n) },
	"lower":   strings.ToLower,
	"inc":     func(n int) int { return n + 1 },
	"faces":   func() []model.Face { return Faces },
}

// dict makes a map of names and values, to give a template several things.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, errors.New("dict needs names and values")
	}
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		out[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return out, nil
}

// taken are the words that stand for pages of a whole kind where a key could stand.
var taken = []string{"new", "bulk", "export", "duplicates"}

// RecordPath returns the path of the page of a record, or of a page below it, such as /edit. A record whose key is also
// the name of a page of its kind is told apart by a slash at the end.
func RecordPath(kind, key string, below ...string) string {
	path := "/records/" + url.PathEscape(kind) + "/" + url.PathEscape(key)
	for _, b := range below {
		path += b
	}
	if Taken(key) && strings.HasSuffix(path, "/"+key) {
		path += "/"
	}
	return path
}

// Taken reports whether a key is also the name of a page of its kind.
func Taken(key string) bool { return slices.Contains(taken, key) }

// Number writes a whole number with thin spaces between thousands.
func Number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// Short cuts a text after some characters.
func Short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return strings.TrimSpace(string(r[:n-1])) + "…"
}

// initials returns the first letters of the first and the last word of a name.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if len(words) == 0 {
		return "?"
	}
	first := []rune(words[0])[:1]
	if len(words) > 1 {
		first = append(first, []rune(words[len(words)-1])[0])
	}
	return strings.ToUpper(string(first))
}

func urlEscape(s string) string { return url.QueryEscape(s) }

// Page is what a handler shows.
type Page struct {
	// Title stands in the tab of the browser and above the page.
	Title string
	// Lead is a sentence below the title.
	Lead string
	// Crumbs lead to where the page is, without the page itself.
	Crumbs []Crumb
	// Section marks the entry of the menu: the name of a group of kinds, practice:NAME, or home, questions, boards, pictures, imports, history, scenarios, offices, assetdesk, frameworks, reviews, policies, audits, calibration, radar, decisions, roadmap, ideas, experiments, matrices, portals, admin.
	Section string
	// Body is what the template of the page gets as .Body.
	Body any
	// Scripts are names of assets that only this page needs.
	Scripts []string
	// Styles are names of style sheets that only this page needs.
	Styles []string
	// Status is the status of the answer. Unset means 200.
	Status int
	// Bare leaves out the menu: for signing in and for the first visit.
	Bare bool
}

// Crumb is one step of the way to a page.
type Crumb struct{ Label, Path string }

// Screen is what templates get.
type Screen struct {
	*Visit
	Page
	// Toast tells what was just done.
	Toast *Toast
	// Bar is the bar of the moment.
	Bar *Bar
	// Stamp is the entry that the page shows the state after.
	Stamp model.Stamp

	menuDrawn string
}

// Toast tells what was just done, and how to take it back.
type Toast struct {
	Text string
	// Entry is the entry that can be undone, or 0.
	Entry uint64
}

// Path returns an address with the moment that is looked at. Pairs are further names and values; empty values are left out.
func (v *Visit) Path(path string, pairs ...string) string {
	base, query, _ := strings.Cut(path, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		q = url.Values{}
	}
	for name, values := range v.Moment.Values() {
		if !q.Has(name) {
			q[name] = values
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		} else {
			q.Del(pairs[i])
		}
	}
	if len(q) == 0 {
		return base
	}
	return base + "?" + q.Encode()
}

// Record returns the address of the page of a record, at the moment that is looked at.
func (v *Visit) Record(l practice.Link) string { return v.Path(RecordPath(l.Kind, l.Key)) }

// View returns the estate at the moment of the visit, as the visitor may see it, on the side that is shown.
func (v *Visit) View() (estate.View, error) { return v.House.Look(v.Ctx(), v.Who, v.Moment) }

// Render shows a page: the named template inside the layout, or alone where only a part is asked for.
func (v *Visit) Render(t *Templates, name string, p Page) error {
	s := &Screen{Visit: v, Page: p, Stamp: v.House.Head()}
	content := contents.Get().(*bytes.Buffer)
	defer func() {
		if content.Cap() <= largestDrawing {
			content.Reset()
			contents.Put(content)
		}
	}()
	if err := t.set.ExecuteTemplate(content, name, s); err != nil {
		return fmt.Errorf("template %s: %w", name, err)
	}
	if v.Partial() {
		return v.answer(p.Status, content.Bytes())
	}
	s.Toast, s.Bar, s.menuDrawn = v.toast(), v.bar(), v.drawnMenu(p.Section)
	d := drawings.Get().(*drawing)
	defer func() {
		if cap(d.buf) <= largestDrawing {
			d.buf = d.buf[:0]
			drawings.Put(d)
		}
	}()
	s.layout(d, content.Bytes())
	return v.answer(p.Status, d.buf)
}

// contents lends out memory for what templates make.
var contents = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, 32<<10)) }}

// answer sends HTML.
func (v *Visit) answer(status int, page []byte) error {
	h := v.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(page)))
	if status != 0 {
		v.W.WriteHeader(status)
	}
	// Whoever asked may have gone away.
	v.W.Write(page)
	return nil
}

// Part shows a named template alone, with data of its own.
func (v *Visit) Part(t *Templates, name string, body any) error {
	var content bytes.Buffer
	if err := t.set.ExecuteTemplate(&content, name, &Screen{Visit: v, Page: Page{Body: body}}); err != nil {
		return fmt.Errorf("template %s: %w", name, err)
	}
	v.W.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err := content.WriteTo(v.W)
	return err
}

// Redirect leads the browser to another page with GET.
func (v *Visit) Redirect(to string) error {
	if v.R.Header.Get("HX-Request") == "true" {
		v.W.Header().Set("HX-Redirect", to)
		return nil
	}
	http.Redirect(v.W, v.R, to, http.StatusSeeOther)
	return nil
}

// Done leads the browser to another page, which tells what was done and offers to take it back.
func (v *Visit) Done(to, text string, r door.Receipt) error {
	value := text
	if r.Stamp.Seq != 0 && r.Scenario == "" {
		value = strconv.FormatUint(r.Stamp.Seq, 10) + "|" + text
	} else {
		value = "|" + text
	}
	v.SetCookie("toast", url.QueryEscape(value), 0)
	return v.Redirect(to)
}

// toast returns what the page before left to be told, once.
func (v *Visit) toast() *Toast {
	text, err := url.QueryUnescape(v.Cookie("toast"))
	if err != nil || text == "" {
		return nil
	}
	v.SetCookie("toast", "", -1)
	entry, said, _ := strings.Cut(text, "|")
	seq, _ := strconv.ParseUint(entry, 10, 64)
	return &Toast{Text: said, Entry: seq}
}

var basic = MustTemplates(nil)

// Problem is a fault as a page shows it.
type Problem struct {
	Status int
	Text   string
	Hint   string
	ID     string
	Lines  []string
}

// fail shows an error as a page. What the visitor cannot do anything about is logged under a name.
func (v *Visit) fail(err error) {
	status, p := v.explain(err)
	p.Status = status
	v.W.Header().Del("Content-Disposition")
	v.W.Header().Set("Content-Security-Policy", policy)
	title := map[int]string{404: "Not found", 403: "Not allowed", 400: "Not understood", 409: "Changed by somebody else", 422: "Refused", 413: "Too large", 500: "Something went wrong"}[status]
	if rendered := v.Render(basic, "problem", Page{Title: title, Body: p, Status: status, Bare: v.Who == nil}); rendered != nil {
		v.Log().Error("the page of a fault could not be made", "error", rendered)
		http.Error(v.W, title, status)
	}
}

// Words returns the status and the words for an error that a page shows among its own content.
func (v *Visit) Words(err error) (int, string) {
	status, p := v.explain(err)
	return status, strings.Join(append([]string{p.Text}, p.Lines...), " ")
}

// explain returns the status and the words for an error.
func (v *Visit) explain(err error) (int, Problem) {
	var missing *door.NotFound
	var denied *access.Denied
	var moment *door.BadMoment
	var refused *door.Refused
	var large *http.MaxBytesError
	var bad *BadRequest
	var unresolved estate.NotFound
	switch {
	case errors.As(err, &missing):
		return http.StatusNotFound, Problem{Text: upper(missing.Error()) + ".", Hint: "It may have been removed, or your roles do not let you see it."}
	case errors.As(err, &denied):
		return http.StatusForbidden, Problem{Text: upper(denied.Error()) + "."}
	case errors.As(err, &moment):
		return http.StatusBadRequest, Problem{Text: upper(moment.Err.Error()) + "."}
	case errors.As(err, &refused):
		p := Problem{Text: "Nothing was changed."}
		for _, r := range refused.Problems {
			p.Lines = append(p.Lines, r.Error())
		}
		return http.StatusUnprocessableEntity, p
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge, Problem{Text: fmt.Sprintf("That is too long: the limit is %d MB.", large.Limit>>20)}
	case errors.As(err, &bad), errors.As(err, &unresolved):
		return http.StatusBadRequest, Problem{Text: upper(err.Error()) + "."}
	case door.IsConflict(err) != nil:
		return http.StatusConflict, Problem{Text: upper(err.Error()) + "."}
	case errors.Is(err, door.ErrNothing):
		return http.StatusUnprocessableEntity, Problem{Text: "There is nothing to change."}
	}
	p := Problem{Text: "The page could not be made.", ID: newID(), Hint: "Try again. If it stays, tell whoever runs Binnacle the number of the fault."}
	v.Log().Error("a page failed", "path", v.R.URL.Path, "fault", p.ID, "error", err.Error())
	return http.StatusInternalServerError, p
}

// BadRequest says that what the visitor sent makes no sense.
type BadRequest struct{ Text string }

// Error says what is wrong.
func (b *BadRequest) Error() string { return b.Text }

// Bad returns an error about what the visitor sent.
func Bad(format string, args ...any) error { return &BadRequest{fmt.Sprintf(format, args...)} }

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
