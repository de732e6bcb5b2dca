package sheet

import (
	"cmp"
	"fmt"
	"math"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// role is what a column is for.
type role byte

const (
	unknownColumn role = iota
	leftOut
	fieldColumn
	kindColumn
	hostColumn
	externalColumn
	systemColumn
	// partColumn is a column of a table within the record, which gets one row.
	partColumn
)

// column is one column of a table, as it is read for one kind.
type column struct {
	header string
	role   role
	field  *model.Field
	// convert turns a number in the unit of the header into the form that the field takes. Nil means that there is nothing to do.
	convert func(text string) string
	// part is the column of the table that the field is, where it goes into one row of it.
	part *model.Field
	// twin is the header that has the same field already.
	twin string
}

// plan says what becomes of the columns of a table in records of one kind.
type plan struct {
	kind    *model.Kind
	columns []column
	// dropped counts by column the values that no field takes.
	dropped []int
}

// plan finds out what the headers mean for a kind. A mapping wins over what the
// headers say. The column at kindAt names the kind.
func (v *vocabulary) plan(kind *model.Kind, headers []heading, mapping *model.Mapping, kindAt int) *plan {
	g := v.kinds[kind]
	p := &plan{kind: kind, columns: make([]column, len(headers)), dropped: make([]int, len(headers))}
	taken := map[*model.Field]string{}
	take := func(i int, m meaning) {
		c := &p.columns[i]
		c.role, c.field, c.convert, c.part = m.role, m.field, m.convert, m.part
		if m.field == nil {
			return
		}
		goal := cmp.Or(m.part, m.field)
		if twin, twice := taken[goal]; twice {
			c.role, c.twin = unknownColumn, twin
			return
		}
		taken[goal] = headers[i].text
	}
	for i, h := range headers {
		p.columns[i].header = h.text
		if m, ok := g.mapped(mapping, h); ok {
			take(i, m)
		}
	}
	// What is said exactly goes before what is only meant.
	for _, find := range []func(*model.Kind, heading) (meaning, bool){g.exactly, g.withUnit, g.byWord} {
		for i, h := range headers {
			if p.columns[i].role != unknownColumn || p.columns[i].twin != "" || h.text == "" {
				continue
			}
			if i == kindAt {
				p.columns[i].role = kindColumn
			} else if m, ok := find(kind, h); ok {
				take(i, m)
			}
		}
	}
	return p
}

// meaning is what a header means for a kind.
type meaning struct {
	role    role
	field   *model.Field
	convert func(string) string
	part    *model.Field
}

func meantBy(f *model.Field) meaning {
	if f.System {
		return meaning{role: systemColumn}
	}
	return meaning{role: fieldColumn, field: f}
}

// heading is a header in the forms in which it may be found.
type heading struct {
	// text is the header itself, short its squeezed form.
	text, short string
	// owner and rest are what stands before and behind a point, as in Rule.kind.
	owner, rest string
	// base is what is left without a unit or a remark in brackets, where there is one, squeezed.
	base, unit string
	bare       bool
}

func newHeading(text string) heading {
	h := heading{text: text, short: squeeze(text), bare: true}
	if owner, rest, ok := strings.Cut(text, "."); ok {
		h.owner, h.rest = owner, squeeze(rest)
	}
	if base, unit := splitUnit(text); base != text {
		h.base, h.unit, h.bare = squeeze(base), unit, false
	}
	return h
}

func (g *glossary) mapped(mapping *model.Mapping, h heading) (meaning, bool) {
	if mapping == nil || h.text == "" {
		return meaning{}, false
	}
	for _, c := range mapping.Columns {
		if squeeze(c.Header) != h.short {
			continue
		}
		if c.Field == "" {
			return meaning{role: leftOut}, true
		}
		if f := g.exact[squeeze(c.Field)]; f != nil {
			m := meantBy(f)
			m.convert = converter(f, h.unit)
			return m, true
		}
	}
	return meaning{}, false
}

// exactly finds the field whose name or label the header is, perhaps behind the kind as in Rule.kind.
func (g *glossary) exactly(kind *model.Kind, h heading) (meaning, bool) {
	short := h.short
	if h.owner != "" && strings.EqualFold(h.owner, kind.Name) {
		short = h.rest
	}
	if f := g.exact[short]; f != nil {
		return meantBy(f), true
	}
	return meaning{}, false
}

func (g *glossary) withUnit(kind *model.Kind, h heading) (meaning, bool) {
	if h.bare {
		return meaning{}, false
	}
	base := heading{text: h.text, short: h.base}
	m, ok := g.exactly(kind, base)
	if !ok {
		m, ok = g.byWord(kind, base)
	}
	if ok && m.field != nil {
		m.convert = converter(m.field, h.unit)
	}
	return m, ok
}

func (g *glossary) byWord(kind *model.Kind, h heading) (meaning, bool) {
	switch {
	case keyWords[h.short]:
		return meantBy(kind.Field("key")), true
	case externalWords[h.short]:
		return meaning{role: externalColumn}, true
	case hostNames[h.short]:
		return meaning{role: hostColumn}, true
	}
	// The name of the kind before a word adds nothing: Contract number, Vendor name.
	short := strings.TrimPrefix(h.short, g.label)
	if f := g.named[short]; f != nil && short != "" {
		return meantBy(f), true
	}
	for _, names := range [][]string{words[h.short], words[short]} {
		for _, name := range names {
			if f := g.named[name]; f != nil {
				return meantBy(f), true
			}
		}
	}
	return g.partly(h.short)
}

// partly finds the column of a table that a header means for kinds whose other systems write one row of it flat.
func (g *glossary) partly(short string) (meaning, bool) {
	name := flat[g.label]
	table := g.named[name]
	if table == nil || table.Type != model.TableField {
		return meaning{}, false
	}
	for _, part := range table.Columns {
		if squeeze(part.Name) == short {
			return meaning{role: partColumn, field: table, part: part}, true
		}
	}
	return meaning{}, false
}

// flat names, by the label of a kind, the table of which other systems write one row flat: an idea with the customer who wants it and the value.
var flat = map[string]string{"idea": "requests"}

var (
	bracketed = regexp.MustCompile(`^(.*?)[\s_]*[(\[]\s*([^()\[\]]*?)\s*[)\]]\s*$`)
	trailing  = regexp.MustCompile(`^(.*?)(?:\s+in\s+|[\s_]+|,\s*)([A-Za-z%]+)\s*$`)
)

// splitUnit takes the unit off a header: RAM (MB), disk_gb, Price in EUR. What
// stands in brackets and is no unit is only a remark.
func splitUnit(header string) (base, unit string) {
	if m := bracketed.FindStringSubmatch(header); m != nil {
		if knownUnit(m[2]) {
			return m[1], m[2]
		}
		return m[1], ""
	}
	if m := trailing.FindStringSubmatch(header); m != nil && knownUnit(m[2]) {
		return m[1], m[2]
	}
	return header, ""
}

// sizes are how many GiB one of a unit is. Inventories mean powers of two, whatever they write.
var sizes = map[string]float64{
	"b": 1.0 / (1 << 30), "bytes": 1.0 / (1 << 30), "kb": 1.0 / (1 << 20), "kib": 1.0 / (1 << 20), "mb": 1.0 / (1 << 10), "mib": 1.0 / (1 << 10), "gb": 1, "gib": 1, "tb": 1 << 10, "tib": 1 << 10,
}

// lengths are the letters of model.ParseDuration for the names of units of time.
var lengths = map[string]string{
	"s": "s", "sec": "s", "seconds": "s", "min": "m", "mins": "m", "minutes": "m", "h": "h", "hrs": "h", "hours": "h", "d": "d", "days": "d", "w": "w", "weeks": "w",
}

var currency = regexp.MustCompile(`^[A-Z]{3}$`)

var signs = map[string]string{"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}

func knownUnit(unit string) bool {
	lower := strings.ToLower(unit)
	return sizes[lower] != 0 || lengths[lower] != "" || unit == "%" || signs[unit] != "" || currency.MatchString(unit)
}

// converter returns how a bare number in a unit is written for a field, or nil where the unit changes nothing.
func converter(f *model.Field, unit string) func(string) string {
	lower := strings.ToLower(unit)
	switch {
	case f.Unit == "GiB" && sizes[lower] != 0 && sizes[lower] != 1:
		return func(text string) string { return scaled(text, sizes[lower]) }
	case f.Type == model.DurationField && lengths[lower] != "":
		return func(text string) string { return behind(text, lengths[lower]) }
	case f.Type == model.MoneyField && signs[unit] != "":
		return func(text string) string { return behind(text, " "+signs[unit]) }
	case f.Type == model.MoneyField && currency.MatchString(unit):
		return func(text string) string { return behind(text, " "+unit) }
	}
	return nil
}

var bareNumber = regexp.MustCompile(`^[+-]?\d+(\.\d+)?$`)

func scaled(text string, factor float64) string {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !bareNumber.MatchString(text) {
		return text
	}
	return strconv.FormatFloat(n*factor, 'f', -1, 64)
}

func behind(text, unit string) string {
	if !bareNumber.MatchString(text) {
		return text
	}
	return text + unit
}

// headersOf returns the headers that a row has, without the empty ones at its end.
func headersOf(r row) []heading {
	out := make([]heading, len(r.cells))
	for i, c := range r.cells {
		out[i] = newHeading(strings.Join(strings.Fields(c.text), " "))
	}
	for len(out) > 0 && out[len(out)-1].text == "" {
		out = out[:len(out)-1]
	}
	return out
}

// kindColumnOf returns the column that names the kind of every row, or -1. A
// kind that was given and has a field of that name keeps it for the field.
func kindColumnOf(headers []heading, given *model.Kind) int {
	for i, h := range headers {
		switch h.short {
		case "recordkind":
			return i
		case "kind":
			if given == nil || given.Field("kind") == nil || slices.ContainsFunc(headers, func(h heading) bool { return strings.EqualFold(h.text, given.Name+".kind") }) {
				return i
			}
		}
	}
	return -1
}

// fit says how well headers fit a kind.
type fit struct {
	kind *model.Kind
	// own is the weight of the fields that few other kinds have.
	own float64
	// known is how many headers mean something.
	known int
}

// fits ranks the kinds by how well headers fit them, the best first.
func (v *vocabulary) fits(headers []heading) []fit {
	schema := v.schema
	fields := make([][]*model.Field, len(schema.Kinds()))
	common := map[string]int{}
	out := make([]fit, len(schema.Kinds()))
	for i, k := range schema.Kinds() {
		out[i].kind = k
		for _, c := range v.plan(k, headers, nil, -1).columns {
			if c.role == unknownColumn || c.role == systemColumn {
				continue
			}
			out[i].known++
			switch {
			case c.role == hostColumn && (k.Name == "Host" || k.Name == "NetworkDevice"):
				out[i].own += 0.4
			case c.role == fieldColumn && k.Field(c.field.Name) == c.field && !everywhere[c.field.Name]:
				fields[i] = append(fields[i], c.field)
				common[c.field.Name]++
			}
		}
	}
	for i := range out {
		for _, f := range fields[i] {
			out[i].own += 1 / math.Sqrt(float64(common[f.Name]))
		}
	}
	slices.SortStableFunc(out, func(a, b fit) int {
		switch {
		case a.own > b.own:
			return -1
		case a.own < b.own:
			return 1
		}
		return b.known - a.known
	})
	return out
}

// everywhere are the fields that every kind has.
var everywhere = map[string]bool{"key": true, "name": true, "description": true, "owner": true, "tags": true, "confidential": true, "origin": true, "origins": true, "sightings": true}

// bestKind returns the kind that headers clearly fit best. Where several fit about as well, the name of the file or of the sheet
// decides, if it names one of them. The error lists the candidates.
func (v *vocabulary) bestKind(headers []heading, name string) (*model.Kind, error) {
	ranked := v.fits(headers)
	best, second := ranked[0], ranked[1]
	if best.own >= 1 && best.own >= 1.25*second.own && 2*best.known >= len(headers) {
		return best.kind, nil
	}
	if named := v.schema.Kind(stem(name)); named != nil {
		for _, r := range ranked {
			if r.kind == named && r.own > 0 && 2*r.own >= best.own && 2*r.known >= len(headers) {
				return named, nil
			}
		}
	}
	var names []string
	for _, r := range ranked[:min(5, len(ranked))] {
		if r.own > 0 && r.own*2 >= best.own {
			names = append(names, r.kind.Name)
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("the headers fit no kind: say which kind the rows are, or add a column called kind")
	}
	return nil, fmt.Errorf("the headers do not say clearly of which kind the rows are; it may be %s: say the kind, or add a column called kind", strings.Join(names, ", "))
}

// stem is the name of a file without its folders and its endings: vendors of lists/vendors.csv.gz.
func stem(name string) string {
	name = path.Base(filepath.ToSlash(name))
	name, _, _ = strings.Cut(name, ".")
	return name
}

// kindNamed returns the kind that a person named.
func kindNamed(schema *model.Schema, name string) (*model.Kind, error) {
	if k := schema.Kind(name); k != nil {
		return k, nil
	}
	var names []string
	for _, k := range schema.Kinds() {
		names = append(names, k.Name)
	}
	return nil, fmt.Errorf("there is no kind %q%s", name, kit.Nearest(name, names))
}

// headerRow finds the row with the headers among the first ones: that whose
// words are known best, or else the first one.
func (v *vocabulary) headerRow(first []row, mapping *model.Mapping, kind *model.Kind) int {
	best, known := 0, 1
	for i, r := range first {
		headers := headersOf(r)
		n := 0
		for _, h := range headers {
			if h.text != "" {
				n++
			}
		}
		if n <= known {
			// Even if every one of them were known, the row would not be better than the best one.
			continue
		}
		n = 0
		if kind != nil {
			for _, c := range v.plan(kind, headers, mapping, kindColumnOf(headers, kind)).columns {
				if c.role != unknownColumn {
					n++
				}
			}
		} else {
			for _, f := range v.fits(headers) {
				n = max(n, f.known)
			}
		}
		if n > known {
			best, known = i, n
		}
	}
	return best
}
