package records

import (
	"html"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/frame"
)

// buffers lends out memory for the rows of lists.
var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

// writer makes the HTML of values. Everything that it writes from the estate goes through [writer.text]: this is
// the one place outside of the templates where HTML is made.
type writer struct {
	buf    []byte
	view   estate.View
	suffix string
}

// raw writes markup of the program itself.
func (w *writer) raw(markup string) { w.buf = append(w.buf, markup...) }

// text writes anything from the estate, also inside of quoted attributes.
func (w *writer) text(s string) {
	if !strings.ContainsAny(s, "&<>\"'\x00") {
		w.buf = append(w.buf, s...)
		return
	}
	w.buf = append(w.buf, html.EscapeString(strings.ReplaceAll(s, "\x00", "\uFFFD"))...)
}

// href writes the address of the page of a record as an attribute.
func (w *writer) href(kind, key string) {
	w.raw(` href="/records/`)
	w.text(url.PathEscape(kind))
	w.raw("/")
	if plainKey(key) {
		w.raw(key)
	} else {
		w.text(url.PathEscape(key))
	}
	if frame.Taken(key) {
		w.raw("/")
	}
	w.text(w.suffix)
	w.raw(`"`)
}

// plainKey reports whether a key can stand in an address as it is.
func plainKey(key string) bool {
	for i := range len(key) {
		c := key[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '-' && c != '_' {
			return false
		}
	}
	return key != "" && key != "." && key != ".."
}

// link writes a link to a record with its title.
func (w *writer) link(rec model.Record) {
	w.raw("<a")
	w.href(model.NameOf(rec), rec.Base().Key)
	w.raw(">")
	w.text(rec.Base().Title())
	w.raw("</a>")
}

// numeric reports whether the values of a field stand to the right in a table.
func numeric(f *model.Field) bool {
	switch f.Type {
	case model.IntegerField, model.NumberField, model.PercentField, model.MoneyField, model.DurationField:
		return true
	}
	return false
}

// optionClass returns the class of an option: a badge in the colour of its level where more is worse, a plain badge for a
// state, and nothing for all else.
func optionClass(f *model.Field, value string) string {
	switch f.Name {
	case "criticality", "severity", "priority", "urgency", "impact", "likelihood", "risk":
		return "badge " + value
	case "state", "status", "phase", "hosting", "type", "stage", "ring":
		return "badge muted"
	}
	return "plain"
}

// longestCell is how many characters of a text a cell of a list shows.
const longestCell = 90

// cell writes the value of a field as a list shows it.
func (w *writer) cell(f *model.Field, rec model.Record) {
	if f.Name == "key" {
		w.text(rec.Base().Key)
		return
	}
	v := f.Get(rec)
	if v == nil {
		return
	}
	switch v := v.(type) {
	case string:
		w.text(frame.Short(v, longestCell))
	case model.Ref:
		if to := w.view.Get(v); to != nil {
			w.link(to)
		}
	case []model.Ref:
		w.refs(v, 3)
	case []string:
		for i, s := range v {
			if i == 3 {
				w.raw(`<span class="muted">+`)
				w.buf = strconv.AppendInt(w.buf, int64(len(v)-3), 10)
				w.raw("</span>")
				break
			}
			w.raw(`<span class="chip">`)
			w.text(frame.Short(s, 30))
			w.raw("</span> ")
		}
	case bool:
		w.raw("Yes")
	case int:
		w.raw(frame.Number(v))
	case model.Money:
		w.money(v)
	default:
		w.other(f, rec)
	}
}

// other writes a value of one of the rarer types.
func (w *writer) other(f *model.Field, rec model.Record) {
	switch f.Type {
	case model.EnumField:
		w.option(f, f.Text(rec, w.view))
	case model.PercentField:
		w.text(f.Text(rec, w.view))
		w.raw("\u202f%")
	case model.TableField:
		rows, _ := f.Tree(rec, w.view).([]map[string]any)
		w.buf = strconv.AppendInt(w.buf, int64(len(rows)), 10)
		if len(rows) == 1 {
			w.raw(" row")
		} else {
			w.raw(" rows")
		}
	case model.TimeField:
		t, _ := f.Get(rec).(model.Time)
		w.raw(t.Time().Format("2006-01-02 15:04"))
	default:
		w.text(f.Text(rec, w.view))
	}
}

// option writes an option of an enum by its label.
func (w *writer) option(f *model.Field, value string) {
	if value == "" {
		return
	}
	label := value
	for i := range f.Options {
		if f.Options[i].Value == value {
			label = f.Options[i].Label
		}
	}
	w.raw(`<span class="`)
	w.text(optionClass(f, value))
	w.raw(`">`)
	w.text(label)
	w.raw("</span>")
}

// refs writes links to records in sight, and how many more there are.
func (w *writer) refs(refs []model.Ref, most int) {
	n := 0
	for _, r := range refs {
		to := w.view.Get(r)
		if to == nil {
			continue
		}
		if n < most {
			if n > 0 {
				w.raw(", ")
			}
			w.link(to)
		}
		n++
	}
	if n > most {
		w.raw(` <span class="muted">+`)
		w.buf = strconv.AppendInt(w.buf, int64(n-most), 10)
		w.raw("</span>")
	}
}

// money writes an amount with thin spaces between thousands.
func (w *writer) money(m model.Money) { w.raw(moneyText(m)) }

// moneyText writes money for people. Amounts are digits and currencies are letters, so that it is safe anywhere.
func moneyText(m model.Money) string {
	whole, fraction, _ := strings.Cut(m.Amount(), ".")
	var out strings.Builder
	digits := strings.TrimPrefix(whole, "-")
	if len(digits) < len(whole) {
		out.WriteByte('-')
	}
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteString("\u202f")
		}
		out.WriteRune(c)
	}
	if fraction != "" {
		out.WriteString("." + fraction)
	}
	return out.String() + "\u00a0" + m.Currency()
}

// words returns a help text with the name of the Go field at its start in words: BusinessValue says becomes Business value says.
func words(text string) string {
	first, rest, ok := strings.Cut(text, " ")
	if !ok || first == "" || strings.ToLower(first[1:]) == first[1:] || strings.ToUpper(first) == first {
		return text
	}
	return model.Spaced(first) + " " + rest
}
