// Package draw makes pictures as SVG on the server: charts, maps of capabilities,
// roadmaps, graphs and matrices. Colours come from classes of a style sheet, so
// that a picture is right in light and dark and on paper, and every text fits
// where it stands.
package draw

import (
	"html/template"
	"math"
	"strconv"
	"strings"

	"binnacle/practice"
)

// Linker returns the address of the page of a record, or nothing where there is none.
type Linker func(practice.Link) string

// drawing is a picture in the making.
type drawing struct {
	strings.Builder
	linked bool
}

// num writes a coordinate with at most one decimal place, so that the same picture is always the same text.
func num(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

func esc(s string) string { return template.HTMLEscapeString(s) }

// rect adds a box with round corners.
func (d *drawing) rect(x, y, w, h, r float64, class string) {
	d.WriteString(`<rect x="` + num(x) + `" y="` + num(y) + `" width="` + num(max(0, w)) + `" height="` + num(max(0, h)) + `" rx="` + num(r) + `" class="` + esc(class) + `"/>`)
}

// line adds a straight line.
func (d *drawing) line(x1, y1, x2, y2 float64, class string) {
	d.WriteString(`<line x1="` + num(x1) + `" y1="` + num(y1) + `" x2="` + num(x2) + `" y2="` + num(y2) + `" class="` + esc(class) + `"/>`)
}

// path adds a line of any form.
func (d *drawing) path(data, class string) {
	d.WriteString(`<path d="` + data + `" class="` + esc(class) + `"/>`)
}

// The places where a text can be anchored.
const (
	atStart  = ""
	atMiddle = "middle"
	atEnd    = "end"
)

// text adds a text that is cut to a width, in a size of letters. What was cut stands whole in a title.
func (d *drawing) text(x, y, width, size float64, anchor, class, s string) {
	short := Fit(s, width, size)
	d.WriteString(`<text x="` + num(x) + `" y="` + num(y) + `" font-size="` + num(size) + `"`)
	if anchor != atStart {
		d.WriteString(` text-anchor="` + anchor + `"`)
	}
	d.WriteString(` class="` + esc(class) + `">` + esc(short))
	if short != s {
		d.WriteString(`<title>` + esc(s) + `</title>`)
	}
	d.WriteString(`</text>`)
}

// open begins a link, where there is an address. It must be ended by shut with the same address.
func (d *drawing) open(href, label string) {
	if href == "" {
		d.WriteString(`<g>`)
	} else {
		d.linked = true
		d.WriteString(`<a href="` + esc(href) + `">`)
	}
	d.WriteString(`<title>` + esc(label) + `</title>`)
}

func (d *drawing) shut(href string) {
	if href == "" {
		d.WriteString(`</g>`)
	} else {
		d.WriteString(`</a>`)
	}
}

// finish wraps the picture up. A picture with links is a group to readers of
// screens, since what stands inside an image could not be reached.
func (d *drawing) finish(w, h float64, class, title, desc string) template.HTML {
	role := "img"
	if d.linked {
		role = "group"
	}
	label := title
	if desc != "" {
		label += ". " + desc
	}
	return template.HTML(`<svg xmlns="http://www.w3.org/2000/svg" class="drawing ` + esc(class) + `" viewBox="0 0 ` + num(w) + ` ` + num(h) + `" width="` + num(w) + `" height="` + num(h) +
		`" role="` + role + `" aria-label="` + esc(label) + `"><title>` + esc(title) + `</title><desc>` + esc(desc) + `</desc>` + d.String() + `</svg>`)
}

// Width estimates how wide a text is in a sans-serif face, a little too wide rather than too narrow.
func Width(s string, size float64) float64 {
	em := 0.0
	for _, r := range s {
		switch {
		case strings.ContainsRune("iljtfrI.,;:'|!()[]/-", r):
			em += 0.36
		case strings.ContainsRune("mwMW@%—…", r):
			em += 0.95
		case r == ' ':
			em += 0.3
		case r >= 'A' && r <= 'Z':
			em += 0.71
		case r < 0x250:
			em += 0.59
		default:
			em += 1.05
		}
	}
	return em * size
}

// Fit cuts a text so that it is no wider than a width.
func Fit(s string, width, size float64) string {
	if Width(s, size) <= width {
		return s
	}
	runes := []rune(s)
	for n := len(runes) - 1; n > 0; n-- {
		if short := strings.TrimRight(string(runes[:n]), " ,.-") + "…"; Width(short, size) <= width {
			return short
		}
	}
	return ""
}

// Wrap breaks a text into lines no wider than a width, and cuts what does not fit into the number of lines.
func Wrap(s string, width, size float64, lines int) []string {
	var out []string
	line := ""
	words := strings.Fields(s)
	for i, word := range words {
		joined := strings.TrimSpace(line + " " + word)
		if line == "" || Width(joined, size) <= width {
			line = joined
			continue
		}
		if len(out) == lines-1 {
			return append(out, Fit(strings.Join(append([]string{line}, words[i:]...), " "), width, size))
		}
		out = append(out, Fit(line, width, size))
		line = word
	}
	if line != "" {
		out = append(out, Fit(line, width, size))
	}
	return out
}

// Value writes a number as people read it: with thin spaces between thousands, and no more decimal places than matter.
func Value(f float64) string {
	if math.Abs(f) < 1000 {
		f = math.Round(f*1000) / 1000
	} else {
		f = math.Round(f*100) / 100
	}
	return Digits(strconv.FormatFloat(f, 'f', -1, 64))
}

// Whole writes a number as Value does, but without decimal places from a thousand on.
func Whole(f float64) string {
	if math.Abs(f) >= 1000 {
		f = math.Round(f)
	}
	return Value(f)
}

// Money writes an amount of money for people: with thin spaces between the thousands, and without cents where it has none and is large.
func Money(amount string) string {
	const large = len("100000.00")
	if whole, ok := strings.CutSuffix(amount, ".00"); ok && len(amount) >= large {
		return Digits(whole)
	}
	return Digits(amount)
}

// Digits puts thin spaces between the thousands of a decimal number.
func Digits(s string) string {
	whole, rest, point := strings.Cut(s, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "−", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "\u202f" + whole[i:]
	}
	if point {
		return sign + whole + "." + rest
	}
	return sign + whole
}
