package model

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// Custom is a record of a kind that the organisation defined for itself. All its own values are under Extra.
type Custom struct {
	Meta
	kind string
}

// KindDefinition is a kind of record that the organisation defines for itself. Its key is the name of the kind, such as Vessel.
type KindDefinition struct {
	Meta
	// Label is what a screen calls one record. Unset means the key.
	Label string
	// Plural is what a screen calls several records.
	Plural string
	// Group is the menu under which the kind is found. Unset means Own kinds.
	Group string
}

// FieldDefinition is a field that the organisation adds to a kind. Its key is Kind.field, such as Application.gdpr_register.
type FieldDefinition struct {
	Meta
	// Kind is the name of the kind that gets the field.
	Kind string `is:"required"`
	// Field is the name of the field: lower case letters, digits and underscores.
	Field string `is:"required"`
	// Type is the type of the values.
	Type DefinableType `is:"required"`
	// Required says that a record without a value is refused.
	Required bool
	// Personal says that the value is about a natural person and can be erased.
	Personal bool
	// Options are the values of an enum, lowest first.
	Options []string
	// To are the names of the kinds that a ref may point to. None means any.
	To []string
	// Flow says how a failure travels along a ref.
	Flow DefinableFlow
	// Unit is what a number counts.
	Unit string
	// Format is the form that a text must have: email, url, ip, purl or country.
	Format string
	// Ident is the name of the identity that the value gives to its record. Values of one identity are unique within the kind.
	Ident string
}

// DefinableType is the type of a field that the organisation defines.
type DefinableType string

// Options lists the types that a field of the organisation may have.
func (DefinableType) Options() []Option {
	return []Option{
		{"text", "Text", "A line of text."},
		{"long", "Long text", "Several paragraphs. Markdown is understood."},
		{"enum", "Choice", "One of the options."},
		{"integer", "Whole number", "A number without a fraction."},
		{"number", "Number", "A number."},
		{"percent", "Percentage", "A share in hundredths."},
		{"bool", "Yes or no", "A tick."},
		{"date", "Date", "A day."},
		{"time", "Moment", "A day and a time."},
		{"money", "Money", "An amount in a currency."},
		{"duration", "Length of time", "Such as 4h30m or 90d."},
		{"range", "Range", "Low, likely and high."},
		{"ref", "Link", "A link to one record."},
		{"refs", "Links", "Links to several records."},
		{"texts", "List of texts", "Several texts."},
	}
}

// DefinableFlow says how a failure travels along a link that the organisation defines.
type DefinableFlow string

// Options lists how a failure may travel along a link.
func (DefinableFlow) Options() []Option {
	return []Option{
		{"none", "None", "Nothing fails along the link."},
		{"needs", "Needs", "The record cannot do without what it links to."},
		{"serves", "Serves", "What it links to cannot do without the record."},
	}
}

// Rule is a condition of the organisation that records must meet, written in the Common Expression Language.
type Rule struct {
	Meta
	// Kind is the name of the kind whose records are checked.
	Kind string `is:"required"`
	// Expression is true for a good record, such as record.criticality != "critical" || has(record.owner).
	Expression string `is:"required long"`
	// Message says to the person what is wrong and what to do.
	Message string
	// Severity says whether a record that breaks the rule is refused.
	Severity RuleSeverity
}

// RuleSeverity says what happens to a record that breaks a rule.
type RuleSeverity string

// Options lists what may happen to a record that breaks a rule.
func (RuleSeverity) Options() []Option {
	return []Option{
		{"warn", "Warn", "The record is accepted and the person is told."},
		{"refuse", "Refuse", "The record is refused."},
	}
}

// Source is a place that records come from: a file, a folder, a system.
type Source struct {
	Meta
	// Format is the name of the format that it was read in, such as cyclonedx.
	Format string
	// Location is the file or the address that was read last.
	Location string
	// Describes is what the source is about, such as the package of a bill of materials.
	Describes string
	// Release is the version of what it describes.
	Release string
	// Serial is the identifier that the source gave to what was read last.
	Serial string
	// LastSeen is when the source was read last.
	LastSeen Time
	// Produced is when the source made what was read last.
	Produced Time
	// Rank decides between sources: a value is overwritten by a source of the same or a higher rank. Unset means 50; a person has 100.
	Rank int `min:"0" max:"200"`
	// Precedence gives single fields another rank.
	Precedence []FieldRank
	// MaxAge is how old what was read may be before it counts as out of date.
	MaxAge Duration
}

// FieldRank is the rank of a source for one field.
type FieldRank struct {
	// Field is the name of the field, or Kind.field.
	Field string `is:"required"`
	// Rank decides between sources as the rank of the source does.
	Rank int `min:"0" max:"200"`
}

// Mapping says which column of a table goes into which field. Its key is the name by which an import asks for it.
type Mapping struct {
	Meta
	// Kind is the name of the kind that the rows become.
	Kind string `is:"required"`
	// Columns pairs headers with fields.
	Columns []MappedColumn
}

// MappedColumn pairs a header of a table with a field.
type MappedColumn struct {
	// Header is the text in the first row.
	Header string `is:"required"`
	// Field is the name of the field. Empty means that the column is left out.
	Field string
}

// Scenario is a named list of entries that are not in the journal: what would be if.
type Scenario struct {
	Meta
	// State says whether the scenario is open or merged.
	State ScenarioState
	// BasedOn is the number of the journal's entry that the scenario was made at.
	BasedOn int `min:"0"`
	// Entries are the entries of the scenario, oldest first.
	Entries []ScenarioEntry
}

// ScenarioEntry is one entry of a scenario.
type ScenarioEntry struct {
	// At is when the entry was made.
	At Time
	// Who made it.
	Who string
	// Why says what it is for.
	Why string
	// Changes are the changes as JSON.
	Changes string
}

// ScenarioState says where a scenario stands.
type ScenarioState string

// Options lists the states of a scenario.
func (ScenarioState) Options() []Option {
	return []Option{
		{"open", "Open", "It can be changed and compared."},
		{"merged", "Merged", "Its changes are in the journal."},
		{"dropped", "Dropped", "It is no longer wanted."},
	}
}

// With returns the schema with the kinds and fields that the organisation
// defined. Definitions that cannot work are left out and named in the errors.
func (s *Schema) With(kindDefs []*KindDefinition, fieldDefs []*FieldDefinition) (*Schema, []error) {
	if len(kindDefs)+len(fieldDefs) == 0 {
		return s, nil
	}
	out := &Schema{byName: maps.Clone(s.byName), byType: maps.Clone(s.byType), kinds: slices.Clone(s.kinds), refFields: slices.Clone(s.refFields), nicknames: s.nicknames}
	var errs []error
	byKey := func(a, b Record) int {
		return cmp.Or(cmp.Compare(a.Base().Created.Seq, b.Base().Created.Seq), cmp.Compare(a.Base().Key, b.Base().Key))
	}
	for _, d := range slices.SortedFunc(slices.Values(kindDefs), func(a, b *KindDefinition) int { return byKey(a, b) }) {
		if !isKindName(d.Key) {
			errs = append(errs, fmt.Errorf("kind %s: %q is not a name for a kind: use letters, digits and underscores, a letter first", d.Key, d.Key))
			continue
		}
		if out.called(d.Key) != nil {
			errs = append(errs, fmt.Errorf("kind %s: there is such a kind already", d.Key))
			continue
		}
		out.add(d.kind())
	}
	for _, d := range slices.SortedFunc(slices.Values(fieldDefs), func(a, b *FieldDefinition) int { return byKey(a, b) }) {
		if err := out.addCustomField(d); err != nil {
			errs = append(errs, fmt.Errorf("field %s: %w", d.Key, err))
		}
	}
	return out, errs
}

func isKindName(name string) bool {
	for i, r := range name {
		if !unicode.IsLetter(r) && (i == 0 || r != '_' && !unicode.IsDigit(r)) {
			return false
		}
	}
	return name != ""
}

func (d *KindDefinition) kind() *Kind {
	k := &Kind{Name: d.Key, Label: cmp.Or(d.Label, spaced(d.Key)), Help: d.Description, Custom: true, Group: cmp.Or(d.Group, "Own kinds"), byName: map[string]*Field{}}
	k.Plural = cmp.Or(d.Plural, plural(k.Label))
	k.typ = reflect.TypeFor[Custom]()
	k.addFields(fieldsOf(reflect.TypeFor[Meta](), modelDocs(), []int{0}, true))
	return k
}

// addCustomField adds a field to a copy of its kind, so that older schemas stay as they are.
func (s *Schema) addCustomField(d *FieldDefinition) error {
	k := s.Kind(d.Kind)
	if k == nil {
		return fmt.Errorf("there is no kind %q", d.Kind)
	}
	f, err := d.field()
	if err != nil {
		return err
	}
	if k.Field(f.Name) != nil {
		return fmt.Errorf("%s has such a field already", k.Name)
	}
	for i, to := range f.To {
		target := s.Kind(to)
		if target == nil {
			return fmt.Errorf("it points to the kind %q, which there is not", to)
		}
		f.To[i] = target.Name
	}
	grown := *k
	grown.byName = maps.Clone(k.byName)
	grown.Fields, grown.refs, grown.idents = slices.Clip(k.Fields), slices.Clip(k.refs), slices.Clip(k.idents)
	grown.addFields([]*Field{f})
	f.Kind = &grown
	for name, old := range s.byName {
		if old == k {
			s.byName[name] = &grown
		}
	}
	if !k.Custom {
		s.byType[k.typ] = &grown
	}
	s.kinds[slices.Index(s.kinds, k)] = &grown
	if f.IsRef() {
		s.number(f)
	}
	return nil
}

var definable = map[DefinableType]struct {
	is  FieldType
	typ reflect.Type
}{
	"text":     {TextField, reflect.TypeFor[string]()},
	"long":     {TextField, reflect.TypeFor[string]()},
	"enum":     {EnumField, reflect.TypeFor[string]()},
	"integer":  {IntegerField, reflect.TypeFor[int]()},
	"number":   {NumberField, reflect.TypeFor[float64]()},
	"percent":  {PercentField, percentType},
	"bool":     {BoolField, reflect.TypeFor[bool]()},
	"date":     {DateField, dateType},
	"time":     {TimeField, timeType},
	"money":    {MoneyField, moneyType},
	"duration": {DurationField, durationType},
	"range":    {RangeField, rangeType},
	"ref":      {RefField, refType},
	"refs":     {RefsField, refsType},
	"texts":    {TextsField, textsType},
}

func (d *FieldDefinition) field() (*Field, error) {
	if d.Field == "" || strings.Trim(d.Field, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || d.Field[0] < 'a' {
		return nil, fmt.Errorf("%q is not a name for a field: use lower case letters, digits and underscores", d.Field)
	}
	t, ok := definable[d.Type]
	if !ok {
		return nil, fmt.Errorf("%q is not a type of field", d.Type)
	}
	f := &Field{
		Name: d.Field, Label: cmp.Or(d.Name, spaced(strings.ReplaceAll(d.Field, "_", " "))), Help: d.Description, Type: t.is, typ: t.typ, Custom: true,
		Required: d.Required, Long: d.Type == "long", Personal: d.Personal, Unit: d.Unit, Format: d.Format, Ident: d.Ident, To: slices.Clone(d.To),
	}
	if d.Flow != "none" {
		f.Flow = Flow(d.Flow)
	}
	if d.Name == "" {
		f.Label = strings.ToUpper(d.Field[:1]) + strings.ReplaceAll(d.Field[1:], "_", " ")
	}
	if t.is == EnumField && len(d.Options) == 0 {
		return nil, fmt.Errorf("a choice needs options")
	}
	if d.Format != "" && !slices.Contains(formats, d.Format) {
		return nil, fmt.Errorf("%q is not a format: use one of %s", d.Format, strings.Join(formats, ", "))
	}
	if d.Ident != "" && t.is != TextField && t.is != TextsField {
		return nil, fmt.Errorf("only texts can identify a record")
	}
	for _, o := range d.Options {
		if strings.TrimSpace(o) == "" {
			return nil, fmt.Errorf("an option of a choice is empty")
		}
		f.Options = append(f.Options, Option{Value: o, Label: o})
	}
	return f, nil
}
