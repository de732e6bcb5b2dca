package door

import (
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// FieldInfo describes a field for people and programs.
type FieldInfo struct {
	// Name is what programs call it.
	Name string `json:"name"`
	// Label is what a screen calls it.
	Label string `json:"label"`
	// Type is the type of the values.
	Type string `json:"type"`
	// Help says what it means.
	Help string `json:"help"`
	// Required says that a record without a value is refused.
	Required bool `json:"required"`
	// System says that people do not set it.
	System bool `json:"system,omitempty"`
	// Custom says that the organisation defined it for itself.
	Custom bool `json:"custom,omitempty"`
	// Personal says that the value is about a natural person.
	Personal bool `json:"personal,omitempty"`
	// Long says that the text may have several paragraphs.
	Long bool `json:"long,omitempty"`
	// Unit is what a number counts.
	Unit string `json:"unit,omitempty"`
	// Format is the form that a text must have.
	Format string `json:"format,omitempty"`
	// Ident names the identity that a value gives to its record.
	Ident string `json:"ident,omitempty"`
	// Back is what a link is called when seen from the record it points to.
	Back string `json:"back,omitempty"`
	// Flow says how a failure travels along a link.
	Flow string `json:"flow,omitempty"`
	// Min and Max are the limits of a number, where there are some.
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
	// To lists the kinds that a link may point to. None means any.
	To []string `json:"to,omitempty"`
	// Options are the values of a choice, lowest first.
	Options []OptionInfo `json:"options,omitempty"`
	// Transitions say which values may follow which.
	Transitions map[string][]string `json:"transitions,omitempty"`
	// Columns are the fields of the rows of a table.
	Columns []FieldInfo `json:"columns,omitempty"`
}

// OptionInfo describes one value of a choice.
type OptionInfo struct {
	// Value is what is stored and typed.
	Value string `json:"value"`
	// Label is what is shown.
	Label string `json:"label"`
	// Help says what the value means.
	Help string `json:"help"`
}

// DescribeField describes a field.
func DescribeField(f *model.Field) FieldInfo {
	out := FieldInfo{
		Name: f.Name, Label: f.Label, Type: string(f.Type), Help: f.Help, Required: f.Required, System: f.System, Custom: f.Custom, Personal: f.Personal, Long: f.Long,
		Unit: f.Unit, Format: f.Format, Ident: f.Ident, Back: f.Back, Flow: string(f.Flow), Transitions: f.Moves,
	}
	if f.HasMin {
		out.Min = &f.Min
	}
	if f.HasMax {
		out.Max = &f.Max
	}
	if f.IsRef() {
		out.To = f.To
	}
	for _, o := range f.Options {
		out.Options = append(out.Options, OptionInfo{o.Value, o.Label, o.Help})
	}
	for _, c := range f.Columns {
		out.Columns = append(out.Columns, DescribeField(c))
	}
	return out
}

// KindInfo describes a kind for people and programs.
type KindInfo struct {
	// Name is what programs call it.
	Name string `json:"name"`
	// Label is what a screen calls one record.
	Label string `json:"label"`
	// Plural is what a screen calls several.
	Plural string `json:"plural"`
	// Group is the subject that the kind belongs to.
	Group string `json:"group"`
	// Help says what it is for.
	Help string `json:"help"`
	// Custom says that the organisation defined it for itself.
	Custom bool `json:"custom"`
	// Records is how many there are. It is unset where nobody counted.
	Records *int `json:"records,omitempty"`
	// Fields are its fields, where they were asked for; of a list of kinds, those that the organisation defined.
	Fields []FieldInfo `json:"fields,omitempty"`
	// LinksToIt are the fields of other kinds that may point to it.
	LinksToIt []BackInfo `json:"links_to_it,omitempty"`
}

// BackInfo is a field of another kind that may point to a kind.
type BackInfo struct {
	// Kind holds the field.
	Kind string `json:"kind"`
	// Field is the path of the field.
	Field string `json:"field"`
	// Called is what the link is called from this side.
	Called string `json:"called"`
}

// DescribeKind describes a kind with its fields.
func DescribeKind(schema *model.Schema, k *model.Kind) KindInfo {
	out := KindInfo{Name: k.Name, Label: k.Label, Plural: k.Plural, Group: k.Group, Help: k.Help, Custom: k.Custom}
	for _, f := range k.Fields {
		out.Fields = append(out.Fields, DescribeField(f))
	}
	for _, other := range schema.Kinds() {
		for _, f := range other.RefFields() {
			if slices.Contains(f.To, k.Name) {
				out.LinksToIt = append(out.LinksToIt, BackInfo{other.Name, f.Path(), f.Back})
			}
		}
	}
	return out
}

// DescribeKinds lists the kinds of a view with how many records there are, and with the fields that the organisation defined.
func DescribeKinds(v estate.View) []KindInfo {
	var out []KindInfo
	for _, k := range v.Schema().Kinds() {
		n := v.Count(k.Name)
		info := KindInfo{Name: k.Name, Label: k.Label, Plural: k.Plural, Group: k.Group, Help: k.Help, Custom: k.Custom, Records: &n}
		for _, f := range k.Fields {
			if f.Custom {
				info.Fields = append(info.Fields, DescribeField(f))
			}
		}
		out = append(out, info)
	}
	return out
}

// QuestionInfo describes a question for people and programs.
type QuestionInfo struct {
	// Name is its full name.
	Name string `json:"name"`
	// Type is question, action or check.
	Type string `json:"type"`
	// Help says what it answers.
	Help string `json:"help"`
	// Parameters are what it is asked with.
	Parameters []FieldInfo `json:"parameters"`
}

// DescribeQuestion describes a question.
func DescribeQuestion(a practice.Asked) QuestionInfo {
	out := QuestionInfo{Name: a.Name(), Type: string(a.Question.Type), Help: a.Help(), Parameters: []FieldInfo{}}
	for _, f := range a.Parameters() {
		out.Parameters = append(out.Parameters, DescribeField(f))
	}
	return out
}
