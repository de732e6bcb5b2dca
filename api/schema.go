package api

import (
	"reflect"
	"slices"
	"strings"

	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// object is a piece of a document, such as a schema.
type object = map[string]any

// ref points to a schema of the document.
func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func array(of any) object { return object{"type": "array", "items": of} }

// structure is the schema of an object whose members are listed as name, schema, name, schema. A name with a question mark is optional.
func structure(pairs ...any) object {
	members, required := object{}, []string{}
	for i := 0; i < len(pairs); i += 2 {
		name, optional := strings.CutSuffix(pairs[i].(string), "?")
		members[name] = pairs[i+1]
		if !optional {
			required = append(required, name)
		}
	}
	out := object{"type": "object", "properties": members}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// The schemas of plain values.
var (
	textValue    = object{"type": "string"}
	wholeValue   = object{"type": "integer"}
	numberValue  = object{"type": "number"}
	yesValue     = object{"type": "boolean"}
	dateValue    = object{"type": "string", "format": "date"}
	timeValue    = object{"type": "string", "format": "date-time"}
	idValue      = object{"type": "string", "format": "uuid"}
	moneyPattern = `^-?[0-9]+(\.[0-9]+)? [A-Z]{3}$`
)

// fieldSchema is the schema of the values of a field, as records show them.
func fieldSchema(f *model.Field) object {
	out := object{}
	switch f.Type {
	case model.IntegerField:
		out["type"] = "integer"
	case model.NumberField, model.PercentField:
		out["type"] = "number"
	case model.BoolField:
		out["type"] = "boolean"
	case model.TextsField, model.RefsField:
		out = array(object{"type": "string"})
	case model.TableField:
		out = array(rowSchema(f.Columns))
	default:
		out["type"] = "string"
	}
	switch f.Type {
	case model.EnumField:
		values := []string{}
		for _, o := range f.Options {
			values = append(values, o.Value)
		}
		out["enum"] = values
	case model.DateField:
		out["format"] = "date"
	case model.TimeField:
		out["format"] = "date-time"
	case model.MoneyField:
		out["examples"] = []string{"1200.50 EUR"}
	case model.DurationField:
		out["examples"] = []string{"90d", "4h30m"}
	case model.RangeField:
		out["examples"] = []string{"10..20..60"}
	}
	if form, ok := map[string]string{"email": "email", "url": "uri", "fqdn": "hostname"}[f.Format]; ok && f.Type == model.TextField {
		out["format"] = form
	}
	if f.HasMin {
		out["minimum"] = f.Min
	}
	if f.HasMax {
		out["maximum"] = f.Max
	}
	help := f.Help
	if f.IsRef() {
		to := "any kind, as Kind/key"
		if len(f.To) > 0 {
			to = strings.Join(f.To, ", ")
		}
		help = strings.TrimSpace(help + " A link to " + to + ".")
	}
	if f.Unit != "" {
		help = strings.TrimSpace(help + " In " + f.Unit + ".")
	}
	if help != "" {
		out["description"] = help
	}
	return out
}

func rowSchema(columns []*model.Field) object {
	members, required := object{}, []string{}
	for _, c := range columns {
		members[c.Name] = fieldSchema(c)
		if c.Required {
			required = append(required, c.Name)
		}
	}
	out := object{"type": "object", "properties": members}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

// recordSchema is the schema of a record of a kind.
func recordSchema(k *model.Kind) object {
	members := object{
		"kind":            object{"type": "string", "const": k.Name},
		"id":              object{"type": "string", "format": "uuid", "readOnly": true, "description": "The name of the record for ever, also when its key changes."},
		k.VersionMember(): object{"type": "integer", "readOnly": true, "description": "How often the record was changed, from 1."},
	}
	required := []string{"kind", "id", k.VersionMember()}
	for _, f := range k.Fields {
		s := fieldSchema(f)
		if f.System {
			s["readOnly"] = true
		}
		members[f.Member()] = s
		if f.Required {
			required = append(required, f.Member())
		}
	}
	slices.Sort(required)
	return object{"type": "object", "title": k.Label, "description": k.Help, "properties": members, "required": required}
}

// answerSchema is the schema of the answer to a question, from the parts that every answer has.
func answerSchema(a practice.Asked) object {
	members := object{}
	for _, p := range a.Shape() {
		s := partSchema(p)
		if p.Help != "" {
			s["description"] = p.Help
		}
		members[p.Name] = s
	}
	return object{"type": "object", "description": a.Help(), "properties": members}
}

func partSchema(p practice.Part) object {
	switch {
	case p.Figure != nil:
		return object{"allOf": []any{ref("Figure")}}
	case p.Series != nil:
		return object{"allOf": []any{ref("Series")}}
	case p.Picture != nil:
		return object{"allOf": []any{ref("Picture")}}
	case p.File != nil:
		return object{"anyOf": []any{ref("File"), object{"type": "null"}}}
	case p.Grid != nil:
		columns := object{}
		for _, c := range p.Grid.Columns {
			one := object{}
			if c.Help != "" {
				one["description"] = c.Help
			}
			columns[c.Name] = one
		}
		if len(columns) > 0 && columns["op"] == nil {
			return structure("rows", array(object{"type": "object", "properties": columns}), "note?", textValue)
		}
		return object{"type": "array"}
	}
	return object{}
}

// schemaOf is the schema of a Go struct that is written as JSON by its tags.
func schemaOf(t reflect.Type) object {
	switch t {
	case reflect.TypeFor[model.ID](), reflect.TypeFor[model.Ref]():
		return idValue
	case reflect.TypeFor[model.Date]():
		return object{"type": []string{"string", "null"}, "format": "date"}
	case reflect.TypeFor[model.Time]():
		return timeValue
	case reflect.TypeFor[model.Money]():
		return object{"type": []string{"string", "null"}, "pattern": moneyPattern}
	case reflect.TypeFor[practice.Link]():
		return object{"anyOf": []any{ref("Link"), object{"type": "null"}}}
	case reflect.TypeFor[facts.Decimal]():
		return textValue
	case reflect.TypeFor[rawJSON]():
		return object{}
	case reflect.TypeFor[practice.File]():
		return ref("File")
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.String:
		return textValue
	case reflect.Bool:
		return yesValue
	case reflect.Float64, reflect.Float32:
		return numberValue
	case reflect.Int, reflect.Int64, reflect.Uint32, reflect.Uint64:
		return wholeValue
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return object{}
		}
		return array(schemaOf(t.Elem()))
	case reflect.Map:
		return object{"type": "object", "additionalProperties": schemaOf(t.Elem())}
	case reflect.Struct:
		return structSchema(t)
	}
	return object{}
}

func structSchema(t reflect.Type) object {
	members, required := object{}, []string{}
	for _, f := range reflect.VisibleFields(t) {
		tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "" || tag == "-" || !f.IsExported() {
			continue
		}
		members[tag] = schemaOf(f.Type)
		if !strings.Contains(options, "omit") {
			required = append(required, tag)
		}
	}
	slices.Sort(required)
	out := object{"type": "object", "properties": members}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}
