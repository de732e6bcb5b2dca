package model

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// FieldType is the type of a field as a form, a column or a schema needs to know it.
type FieldType string

// The types of fields. Every Go type that a record uses maps to one of them.
const (
	TextField     FieldType = "text"
	EnumField     FieldType = "enum"
	IntegerField  FieldType = "integer"
	NumberField   FieldType = "number"
	PercentField  FieldType = "percent"
	BoolField     FieldType = "bool"
	DateField     FieldType = "date"
	TimeField     FieldType = "time"
	MoneyField    FieldType = "money"
	DurationField FieldType = "duration"
	RangeField    FieldType = "range"
	RefField      FieldType = "ref"
	RefsField     FieldType = "refs"
	TextsField    FieldType = "texts"
	TableField    FieldType = "table"
)

// Flow says how a failure travels along a ref.
type Flow string

// The ways that a failure can travel along a ref.
const (
	// NoFlow is a ref along which nothing fails.
	NoFlow Flow = ""
	// Needs is a ref to something that this record cannot do without: its failure is this record's failure.
	Needs Flow = "needs"
	// Serves is a ref to something that cannot do without this record: this record's failure is its failure.
	Serves Flow = "serves"
)

// Field describes one field of a kind, or one column of a table field.
type Field struct {
	// Name is what manifests, filters and JSON call it: lower case with underscores.
	Name string
	// Label is what a screen calls it.
	Label string
	// Help is the doc comment of the Go field, or what the organisation wrote about its own field.
	Help string
	// Type is the type of the values.
	Type FieldType
	// Required says that a record without a value is refused.
	Required bool
	// Long says that the text may have several paragraphs.
	Long bool
	// Personal says that the value is about a natural person and can be erased.
	Personal bool
	// Asker says that the value is the person that asks. Whoever is known to ask can name nobody else.
	Asker bool
	// Signed says that the value is the person by whom something was done. Whoever is known to write can put nobody else there.
	Signed bool
	// Trace says that a ref only names what was seen: the record may be removed, and the ref goes with it.
	Trace bool
	// System says that sources and the store set the field, and people do not.
	System bool
	// Custom says that the organisation defined the field for itself.
	Custom bool
	// Unit is what a number counts, such as GiB.
	Unit string
	// Format is the form that a text must have: key, email, url, fqdn, ip, mac, purl or country.
	Format string
	// Min and Max are the limits of a number where HasMin and HasMax say so.
	Min, Max float64
	// HasMin says that Min is a limit.
	HasMin bool
	// HasMax says that Max is a limit.
	HasMax bool
	// Ident names the identity that a value gives to its record, such as serial. Values of one identity are unique within the kind.
	Ident string
	// To lists the kinds that a ref may point to. None means any kind.
	To []string
	// Back is what the ref is called when seen from the record it points to.
	Back string
	// Flow says how a failure travels along the ref.
	Flow Flow
	// FlowIf names the yes-or-no field without which a failure does not travel along the ref. Empty means that it always does.
	FlowIf string
	// NeededBy names the integer field that says how many of the refs must work. Empty means all.
	NeededBy string
	// Options are the values of an enum, lowest first.
	Options []Option
	// Moves are the transitions of a state machine: from a value to the values that may follow. Nil means any.
	Moves map[string][]string
	// Columns are the fields of the rows of a table.
	Columns []*Field
	// Parent is the table field that this is a column of.
	Parent *Field
	// Kind is the kind that the field belongs to.
	Kind *Kind
	// Number is the place of a ref field among all ref fields of the schema. It stands for the field in the graph.
	Number uint16

	index []int
	typ   reflect.Type
}

// Path returns the name of the field, behind that of the table it is a column of.
func (f *Field) Path() string {
	if f.Parent != nil {
		return f.Parent.Name + "." + f.Name
	}
	return f.Name
}

// NumberIn returns the number of the field for the refs of one record: its own,
// or the next one, which stands for the same field without a flow.
func (f *Field) NumberIn(rec Record) uint16 {
	if f.FlowIf != "" && !f.Kind.byName[f.FlowIf].Has(rec) {
		return f.Number + 1
	}
	return f.Number
}

// IsRef reports whether the values are refs.
func (f *Field) IsRef() bool { return f.Type == RefField || f.Type == RefsField }

// Kind describes one kind of record.
type Kind struct {
	// Name is the name of the Go type, or the key that the organisation gave its own kind.
	Name string
	// Label is what a screen calls one record.
	Label string
	// Plural is what a screen calls several.
	Plural string
	// Help is the doc comment of the Go type.
	Help string
	// Custom says that the organisation defined the kind for itself.
	Custom bool
	// Group is the subject that the kind belongs to on a menu.
	Group string
	// Fields are in the order of the struct, those of Meta first.
	Fields []*Field

	typ     reflect.Type
	byName  map[string]*Field
	inOrder []*Field
	refs    []*Field
	idents  []*Field
}

// New returns an empty record of the kind.
func (k *Kind) New() Record {
	if k.Custom {
		return &Custom{kind: k.Name}
	}
	return reflect.New(k.typ).Interface().(Record)
}

// Field returns the field with a name, or nil.
func (k *Kind) Field(name string) *Field { return k.byName[name] }

// RefFields returns the fields that hold refs, columns of tables among them.
func (k *Kind) RefFields() []*Field { return k.refs }

// Schema is all kinds that an estate knows: the built-in ones and those of the organisation. It is never changed.
type Schema struct {
	kinds     []*Kind
	byName    map[string]*Kind
	byType    map[reflect.Type]*Kind
	refFields []*Field
	// nicknames are other words for kinds, with the names of these. A kind of the organisation may be called so all the same.
	nicknames map[string]string
}

// Nicknamed is a record of a kind that people also ask for by other words than its name.
type Nicknamed interface {
	Record
	// Nicknames lists the words, in lower case.
	Nicknames() []string
}

// Builtin returns the schema of the kinds that are Go structs.
var Builtin = sync.OnceValue(func() *Schema {
	s := &Schema{byName: map[string]*Kind{}, byType: map[reflect.Type]*Kind{}, nicknames: map[string]string{}}
	for _, group := range kinds {
		for _, rec := range group.records {
			k := kindOfStruct(reflect.TypeOf(rec).Elem())
			k.Group = group.name
			s.add(k)
			if n, ok := rec.(Nicknamed); ok {
				for _, word := range n.Nicknames() {
					s.nicknames[word] = k.Name
				}
			}
		}
	}
	return s
})

func (s *Schema) add(k *Kind) {
	s.kinds = append(s.kinds, k)
	if k.typ != nil && !k.Custom {
		s.byType[k.typ] = k
	}
	for _, name := range []string{k.Name, k.Plural, k.Label} {
		for _, form := range []string{name, snake(name), strings.ReplaceAll(snake(name), "_", "-"), strings.ReplaceAll(snake(name), "_", "")} {
			if _, taken := s.byName[strings.ToLower(form)]; !taken {
				s.byName[strings.ToLower(form)] = k
			}
		}
	}
	// Nearly always the name is written as it is, and to be found without a look at its letters.
	if s.byName[strings.ToLower(k.Name)] == k {
		s.byName[k.Name] = k
	}
	for _, f := range k.refs {
		s.number(f)
	}
}

func (s *Schema) number(f *Field) {
	f.Number = uint16(len(s.refFields))
	s.refFields = append(s.refFields, f)
	if f.FlowIf != "" {
		still := *f
		still.Flow, still.Number = NoFlow, f.Number+1
		s.refFields = append(s.refFields, &still)
	}
}

// Kinds returns all kinds, the built-in ones first.
func (s *Schema) Kinds() []*Kind { return s.kinds }

// Kind returns the kind with a name, its plural, its label or a nickname, in any case, or nil.
func (s *Schema) Kind(name string) *Kind {
	if k := s.called(name); k != nil {
		return k
	}
	if full, ok := s.nicknames[strings.ToLower(strings.TrimSpace(name))]; ok {
		return s.byName[full]
	}
	return nil
}

// called returns the kind with a name, its plural or its label, or nil.
func (s *Schema) called(name string) *Kind {
	if k := s.byName[name]; k != nil {
		return k
	}
	return s.byName[strings.ToLower(strings.TrimSpace(name))]
}

// Of returns the kind of a record, or nil where the schema does not know it.
func (s *Schema) Of(rec Record) *Kind {
	if c, ok := rec.(*Custom); ok {
		return s.Kind(c.kind)
	}
	return s.byType[reflect.TypeOf(rec).Elem()]
}

// RefField returns the ref field with a number.
func (s *Schema) RefField(number uint16) *Field { return s.refFields[number] }

// RefFields returns how many ref fields the schema has.
func (s *Schema) RefFields() int { return len(s.refFields) }

// NameOf returns the name of the kind of a record.
func NameOf(rec Record) string {
	if c, ok := rec.(*Custom); ok {
		return c.kind
	}
	return reflect.TypeOf(rec).Elem().Name()
}

// Clone returns a copy of a record that may be changed. Lists and maps are
// shared with the original: replace them, never write into them.
func Clone[R Record](rec R) R {
	v := reflect.ValueOf(rec).Elem()
	out := reflect.New(v.Type())
	out.Elem().Set(v)
	clone := out.Interface().(R)
	clone.Base().Extra = maps.Clone(rec.Base().Extra)
	return clone
}

func kindOfStruct(t reflect.Type) *Kind {
	k := &Kind{Name: t.Name(), Label: spaced(t.Name()), typ: t, Help: modelDocs()[t.Name()], byName: map[string]*Field{}}
	k.Plural = plural(k.Label)
	k.addFields(fieldsOf(t, modelDocs(), nil, true))
	return k
}

func (k *Kind) addFields(fields []*Field) {
	for _, f := range fields {
		f.Kind = k
		k.Fields = append(k.Fields, f)
		k.byName[f.Name] = f
		if f.Ident != "" {
			k.idents = append(k.idents, f)
		}
		if f.IsRef() {
			k.refs = append(k.refs, f)
		}
		for _, c := range f.Columns {
			c.Kind = k
			if c.IsRef() {
				k.refs = append(k.refs, c)
			}
		}
	}
	k.inOrder = slices.SortedFunc(slices.Values(k.Fields), func(a, b *Field) int { return strings.Compare(a.Name, b.Name) })
}

// FieldsOf lists the fields of any struct as those of a record are listed, with
// help from the docs of its package. It is for the parameters of questions. It
// panics on a field of a type that no field type stands for.
func FieldsOf(t reflect.Type, docs Docs) []*Field { return fieldsOf(t, docs, nil, true) }

// SetIn puts a value that Read made into a struct that FieldsOf listed the fields of.
func (f *Field) SetIn(structure reflect.Value, value any) {
	if value != nil {
		structure.FieldByIndex(f.index).Set(reflect.ValueOf(value).Convert(f.typ))
	}
}

// fieldsOf lists the fields of a struct. Embedded structs are flattened.
func fieldsOf(t reflect.Type, docs Docs, index []int, top bool) []*Field {
	var out []*Field
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(slices.Clone(index), i)
		if sf.Anonymous {
			out = append(out, fieldsOf(sf.Type, docs, at, top)...)
			continue
		}
		if !sf.IsExported() || strings.Contains(sf.Tag.Get("is"), "hidden") {
			continue
		}
		out = append(out, fieldOf(t, sf, docs, at, top))
	}
	return out
}

func fieldOf(owner reflect.Type, sf reflect.StructField, docs Docs, index []int, top bool) *Field {
	name := sf.Tag.Get("name")
	if name == "" {
		name = snake(sf.Name)
	}
	f := &Field{Name: name, Label: spaced(sf.Name), Help: docs[owner.Name()+"."+sf.Name], index: index, typ: sf.Type}
	for _, flag := range strings.Fields(sf.Tag.Get("is")) {
		switch flag {
		case "required":
			f.Required = true
		case "long":
			f.Long = true
		case "personal":
			f.Personal = true
		case "trace":
			f.Trace = true
		case "asker":
			f.Asker = true
		case "signed":
			f.Signed = true
		case "system":
			f.System = true
		default:
			panic(fmt.Sprintf("model: %s.%s: unknown flag %q", owner.Name(), sf.Name, flag))
		}
	}
	f.Unit, f.Format, f.Ident, f.Back = sf.Tag.Get("unit"), sf.Tag.Get("format"), sf.Tag.Get("ident"), sf.Tag.Get("back")
	f.Flow, f.NeededBy = Flow(sf.Tag.Get("flow")), snake(sf.Tag.Get("needed"))
	f.FlowIf = snake(sf.Tag.Get("flowif"))
	f.Min, f.HasMin = limit(sf.Tag.Get("min"))
	f.Max, f.HasMax = limit(sf.Tag.Get("max"))
	if to := sf.Tag.Get("to"); to != "" && to != "any" {
		f.To = strings.Split(to, ",")
	}
	f.Type = typeOf(sf.Type)
	if f.Type == "" {
		panic(fmt.Sprintf("model: %s.%s has the type %s, which no field type stands for", owner.Name(), sf.Name, sf.Type))
	}
	switch f.Type {
	case EnumField:
		e := reflect.Zero(sf.Type).Interface().(Enum)
		f.Options = e.Options()
		if m, ok := e.(Machine); ok {
			f.Moves = m.Transitions()
		}
	case TableField:
		if !top {
			panic(fmt.Sprintf("model: %s.%s is a table inside a table", owner.Name(), sf.Name))
		}
		f.Columns = fieldsOf(sf.Type.Elem(), docs, nil, false)
		for _, c := range f.Columns {
			c.Parent = f
		}
	}
	return f
}

func limit(text string) (float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil
}

var (
	enumType     = reflect.TypeFor[Enum]()
	dateType     = reflect.TypeFor[Date]()
	timeType     = reflect.TypeFor[Time]()
	moneyType    = reflect.TypeFor[Money]()
	percentType  = reflect.TypeFor[Percent]()
	durationType = reflect.TypeFor[Duration]()
	rangeType    = reflect.TypeFor[Range]()
	refType      = reflect.TypeFor[Ref]()
	refsType     = reflect.TypeFor[[]Ref]()
	textsType    = reflect.TypeFor[[]string]()
)

func typeOf(t reflect.Type) FieldType {
	switch t {
	case dateType:
		return DateField
	case timeType:
		return TimeField
	case moneyType:
		return MoneyField
	case percentType:
		return PercentField
	case durationType:
		return DurationField
	case rangeType:
		return RangeField
	case refType:
		return RefField
	case refsType:
		return RefsField
	case textsType:
		return TextsField
	}
	switch {
	case t.Kind() == reflect.String && t.Implements(enumType):
		return EnumField
	case t.Kind() == reflect.String:
		return TextField
	case t.Kind() == reflect.Int:
		return IntegerField
	case t.Kind() == reflect.Float64:
		return NumberField
	case t.Kind() == reflect.Bool:
		return BoolField
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return TableField
	}
	return ""
}

// Snake writes a Go name as JSON and filters do: EndOfLife becomes end_of_life.
func Snake(name string) string { return snake(name) }

// Spaced writes a Go name as a screen does: EndOfLife becomes End of life.
func Spaced(name string) string { return spaced(name) }

// snake writes a Go name in lower case with underscores: EndOfLife becomes end_of_life, and CPUCores cpu_cores.
func snake(name string) string { return strings.ReplaceAll(strings.ToLower(spaced(name)), " ", "_") }

// spaced writes a Go name in words: EndOfLife becomes End of life. Initials stay as they are.
func spaced(name string) string {
	var words []string
	runes := []rune(name)
	start := 0
	for i := 1; i <= len(runes); i++ {
		if i < len(runes) && (!unicode.IsUpper(runes[i]) || unicode.IsUpper(runes[i-1]) && (i+1 == len(runes) || !unicode.IsLower(runes[i+1]) || pluralInitial(runes[i:]))) {
			continue
		}
		words = append(words, string(runes[start:i]))
		start = i
	}
	for i, w := range words {
		if initials := strings.TrimSuffix(w, "s"); i > 0 && (len(w) == 1 || len(initials) < 2 || strings.ToUpper(initials) != initials) {
			words[i] = strings.ToLower(w)
		}
	}
	return strings.Join(words, " ")
}

// pluralInitial reports whether a name goes on with the last of some initials and the s of their plural, as in CPUs.
func pluralInitial(rest []rune) bool {
	return rest[1] == 's' && (len(rest) == 2 || unicode.IsUpper(rest[2]))
}

func plural(label string) string {
	switch {
	case label == "Person":
		return "People"
	case label == "Exploit scores":
		return "Years of exploit scores"
	case len(label) > 1 && strings.HasSuffix(label, "y") && !strings.ContainsAny(label[len(label)-2:len(label)-1], "aeiou"):
		return label[:len(label)-1] + "ies"
	case strings.HasSuffix(label, "s"), strings.HasSuffix(label, "x"), strings.HasSuffix(label, "ch"):
		return label + "es"
	case strings.HasSuffix(label, "software"), strings.HasSuffix(label, "hardware"):
		return label
	}
	return label + "s"
}
