package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"binnacle/model"
)

// View is the SQL view of a kind. The names are not quoted.
type View struct {
	// Name is the name of the view: that of the kind in lower case with underscores.
	Name string
	// Kind is the name of the kind.
	Kind string
	// Columns are the columns behind id, key, version, created_at and changed_at.
	Columns []Column
}

// Column is one column of a view.
type Column struct {
	// Name is the name of the column.
	Name string
	// Field is the member of the body that the value is in.
	Field string
	// Is says what is taken from the member.
	Is ColumnType
}

// ColumnType says what a column takes from its field and of which type it is.
type ColumnType int

// The types of columns.
const (
	// Text is a text.
	Text ColumnType = iota
	// Whole is a number without a fraction.
	Whole
	// Number is a number.
	Number
	// Bool is a yes or no. No value is a no.
	Bool
	// Day is a date.
	Day
	// Moment is a point in time.
	Moment
	// Amount is the number of money.
	Amount
	// Currency is the currency of money.
	Currency
	// Low is the first number of a range.
	Low
	// Likely is the middle number of a range.
	Likely
	// High is the last number of a range.
	High
	// Link is the id of a record as text.
	Link
	// LinkKey is the key of the record that a link points to.
	LinkKey
	// List is JSON.
	List
)

// part is a column that a field leads to.
type part struct {
	suffix string
	is     ColumnType
}

// partsOf says which columns a type of field leads to.
var partsOf = map[model.FieldType][]part{
	model.TextField:     {{"", Text}},
	model.EnumField:     {{"", Text}},
	model.IntegerField:  {{"", Whole}},
	model.NumberField:   {{"", Number}},
	model.PercentField:  {{"", Number}},
	model.BoolField:     {{"", Bool}},
	model.DateField:     {{"", Day}},
	model.TimeField:     {{"", Moment}},
	model.MoneyField:    {{"_amount", Amount}, {"_currency", Currency}},
	model.DurationField: {{"", Text}},
	model.RangeField:    {{"_low", Low}, {"_likely", Likely}, {"_high", High}},
	model.RefField:      {{"", Link}, {"_key", LinkKey}},
	model.RefsField:     {{"", List}},
	model.TextsField:    {{"", List}},
	model.TableField:    {{"", List}},
}

// fixedColumns are the columns that every view has.
var fixedColumns = []string{"id", "key", "version", "created_at", "changed_at"}

// viewsOf returns the views of all kinds. A column that would have the name of
// another gets _value behind its name, and a number where that is taken too.
func viewsOf(schema *model.Schema) []View {
	var out []View
	taken := map[string]bool{}
	for _, k := range schema.Kinds() {
		v := View{Name: free(snake(k.Name), "_kind", taken), Kind: k.Name}
		columns := map[string]bool{}
		for _, name := range fixedColumns {
			columns[name] = true
		}
		for _, f := range k.Fields {
			if f.Name == "key" {
				continue
			}
			for _, p := range partsOf[f.Type] {
				v.Columns = append(v.Columns, Column{Name: free(f.Name+p.suffix, "_value", columns), Field: f.Name, Is: p.is})
			}
		}
		out = append(out, v)
	}
	return out
}

// reserved are the beginnings of names that belong to the journal or to the database.
var reserved = []string{"journal_", "sqlite_", "facts_", "river_"}

// free returns a name that is not taken and that every database allows, and takes it.
func free(name, suffix string, taken map[string]bool) string {
	name = strings.ReplaceAll(strings.ToValidUTF8(name, "_"), "\x00", "_")
	if name == "" || slices.ContainsFunc(reserved, func(p string) bool { return strings.HasPrefix(name, p) }) {
		name = "kind_" + name
	}
	name = shorten(name)
	for n, base := 1, name; taken[name]; n++ {
		name = shorten(base + suffix)
		if n > 1 {
			name = shorten(base + suffix + strconv.Itoa(n))
		}
	}
	taken[name] = true
	return name
}

// shorten keeps a name within the 63 bytes that PostgreSQL allows, and different from others that begin like it.
func shorten(name string) string {
	const limit = 63
	if len(name) <= limit {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	cut := limit - 9
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + "_" + hex.EncodeToString(sum[:4])
}

// snake writes the name of a kind in lower case with underscores: DataSet becomes data_set.
func snake(name string) string {
	var out strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		start := i > 0 && unicode.IsUpper(r) && runes[i-1] != '_' &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if start {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
