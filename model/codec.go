package model

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"unique"

	"github.com/go-json-experiment/json/jsontext"
)

// value returns the Go value of a field of a record, which is invalid where a
// field of the organisation has none.
func (f *Field) value(rec Record) reflect.Value {
	if f.Custom {
		return f.extra(rec.Base().Extra[f.Name])
	}
	return reflect.ValueOf(rec).Elem().FieldByIndex(f.index)
}

// extra returns the value of a field of the organisation. A value that was kept
// raw while its definition was away, or that was set under a definition of
// another type, is read now. One that cannot be read counts as none.
func (f *Field) extra(v any) reflect.Value {
	if v == nil {
		return reflect.Value{}
	}
	if reflect.TypeOf(v) == f.typ {
		return reflect.ValueOf(v)
	}
	out := reflect.New(f.typ).Elem()
	if f.readJSON(out, rawJSON(v)) != nil {
		return reflect.Value{}
	}
	return out
}

// rawJSON writes a value under Extra by its Go type alone, for when no field says what it is.
func rawJSON(v any) json.RawMessage {
	if raw, ok := v.(json.RawMessage); ok {
		return raw
	}
	value := reflect.ValueOf(v)
	t := typeOf(value.Type())
	if t == "" || t == TableField || empty(value) {
		return nil
	}
	return (&Field{Type: t}).appendJSON(nil, value, nil)
}

// Get returns the value of the field, or nil where it has none.
func (f *Field) Get(rec Record) any {
	v := f.value(rec)
	if empty(v) {
		return nil
	}
	return v.Interface()
}

// Has reports whether the record has a value of the field.
func (f *Field) Has(rec Record) bool { return !empty(f.value(rec)) }

// Set puts a value into a record that nobody else has seen yet. Nil takes the
// value away. It panics where the value is not of the Go type of the field.
func (f *Field) Set(rec Record, value any) {
	var in reflect.Value
	if value != nil {
		in = reflect.ValueOf(value)
		if in.Type() != f.typ {
			in = in.Convert(f.typ)
		}
	}
	if f.Custom {
		m := rec.Base()
		switch {
		case empty(in):
			delete(m.Extra, f.Name)
		case m.Extra == nil:
			m.Extra = map[string]any{f.Name: in.Interface()}
		default:
			m.Extra[f.Name] = in.Interface()
		}
		return
	}
	v := reflect.ValueOf(rec).Elem().FieldByIndex(f.index)
	if value == nil {
		v.SetZero()
		return
	}
	v.Set(in)
}

// empty reports whether a value counts as none.
func empty(v reflect.Value) bool {
	if !v.IsValid() {
		return true
	}
	switch v.Kind() {
	case reflect.Slice:
		return v.Len() == 0
	case reflect.Float64:
		return v.Float() == 0 // A zero with a minus sign is one too.
	case reflect.Struct:
		return v.Interface().(interface{ IsZero() bool }).IsZero()
	}
	return v.IsZero()
}

// AppendRefs appends the refs that a record holds in a ref field or in the column of a table.
func (f *Field) AppendRefs(dst []Ref, rec Record) []Ref {
	if f.Parent != nil {
		rows := f.Parent.value(rec)
		if !rows.IsValid() {
			return dst
		}
		for i := range rows.Len() {
			dst = appendRefs(dst, f, rows.Index(i).FieldByIndex(f.index))
		}
		return dst
	}
	return appendRefs(dst, f, f.value(rec))
}

// CountRefs returns how many refs AppendRefs appends.
func (f *Field) CountRefs(rec Record) int {
	if f.Parent == nil && f.Type == RefField && !f.Custom {
		if f.value(rec).IsZero() {
			return 0
		}
		return 1
	}
	return len(f.AppendRefs(nil, rec))
}

func appendRefs(dst []Ref, f *Field, v reflect.Value) []Ref {
	if !v.IsValid() {
		return dst
	}
	if f.Type == RefsField {
		return append(dst, v.Interface().([]Ref)...)
	}
	if r := v.Interface().(Ref); !r.IsZero() {
		return append(dst, r)
	}
	return dst
}

// MapRefs replaces every ref of a record that nobody else has seen yet. Refs that become zero go away.
func (f *Field) MapRefs(rec Record, swap func(*Field, Ref) Ref) {
	if f.Type == TableField {
		rows := f.value(rec)
		if empty(rows) {
			return
		}
		fresh := reflect.MakeSlice(rows.Type(), rows.Len(), rows.Len())
		reflect.Copy(fresh, rows)
		for _, c := range f.Columns {
			if !c.IsRef() {
				continue
			}
			for i := range fresh.Len() {
				cell := fresh.Index(i).FieldByIndex(c.index)
				cell.Set(reflect.ValueOf(mapRefs(c, cell.Interface(), swap)))
			}
		}
		f.Set(rec, fresh.Interface())
		return
	}
	if v := f.Get(rec); f.IsRef() && v != nil {
		f.Set(rec, mapRefs(f, v, swap))
	}
}

// DropRefs takes refs out of a record that nobody else has seen yet: out of a ref field, or out of the column of a table.
func (f *Field) DropRefs(rec Record, gone map[Ref]bool) {
	holder := f
	if f.Parent != nil {
		holder = f.Parent
	}
	holder.MapRefs(rec, func(in *Field, r Ref) Ref {
		if in == f && gone[r] {
			return Ref{}
		}
		return r
	})
}

func mapRefs(f *Field, v any, swap func(*Field, Ref) Ref) any {
	if r, ok := v.(Ref); ok {
		if r.IsZero() {
			return r
		}
		return swap(f, r)
	}
	var out []Ref
	seen := map[Ref]bool{}
	for _, r := range v.([]Ref) {
		if r = swap(f, r); !r.IsZero() && !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	return out
}

// JSON returns the value of the field as the journal keeps it, or nil where it has none.
func (f *Field) JSON(rec Record) json.RawMessage {
	v := f.value(rec)
	if empty(v) {
		return nil
	}
	return f.appendJSON(nil, v, nil)
}

// appendJSON appends a value as the journal keeps it: canonical, with refs as
// ids. With names it is for people, and refs are as [Field.Text] has them.
func (f *Field) appendJSON(dst []byte, v reflect.Value, names Namer) []byte {
	switch f.Type {
	case TextField, EnumField:
		return appendString(dst, v.String())
	case IntegerField:
		return strconv.AppendInt(dst, v.Int(), 10)
	case NumberField, PercentField:
		return appendFloat(dst, v.Float())
	case BoolField:
		return strconv.AppendBool(dst, v.Bool())
	case TextsField:
		return appendList(dst, v.Len(), func(dst []byte, i int) []byte { return appendString(dst, v.Index(i).String()) })
	case RefsField:
		refs := v.Interface().([]Ref)
		return appendList(dst, len(refs), func(dst []byte, i int) []byte { return f.appendRef(dst, refs[i], names) })
	case RefField:
		return f.appendRef(dst, refOf(v), names)
	case TableField:
		return appendList(dst, v.Len(), func(dst []byte, i int) []byte { return f.appendRow(dst, v.Index(i), names) })
	}
	if text, ok := v.Interface().(fmt.Stringer); ok {
		return appendString(dst, text.String())
	}
	return appendString(dst, fmt.Sprint(v.Interface()))
}

func (f *Field) appendRow(dst []byte, row reflect.Value, names Namer) []byte {
	dst = append(dst, '{')
	first := true
	for _, c := range f.Columns {
		cell := row.FieldByIndex(c.index)
		if empty(cell) {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(append(dst, '"'), c.Name...), `":`...)
		dst = c.appendJSON(dst, cell, names)
	}
	return append(dst, '}')
}

func (f *Field) appendRef(dst []byte, r Ref, names Namer) []byte {
	if names != nil {
		kind, key := f.refName(r, names)
		if kind == "" {
			return appendString(dst, key)
		}
		if plain(kind) && plain(key) {
			return append(append(append(append(append(dst, '"'), kind...), '/'), key...), '"')
		}
		return appendString(dst, kind+"/"+key)
	}
	dst, _ = ID(r).AppendText(append(dst, '"'))
	return append(dst, '"')
}

func appendString(dst []byte, s string) []byte {
	if plain(s) {
		return append(append(append(dst, '"'), s...), '"')
	}
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}

// plain reports whether a text can stand in JSON as it is.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// refOf returns the ref in a value, without a copy on the heap where it lies in a record.
func refOf(v reflect.Value) Ref {
	if v.CanAddr() {
		return *v.Addr().Interface().(*Ref)
	}
	return v.Interface().(Ref)
}

func appendFloat(dst []byte, f float64) []byte {
	if math.Abs(f) < 1e15 && f == math.Trunc(f) {
		return strconv.AppendInt(dst, int64(f), 10)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}

func appendList(dst []byte, n int, item func([]byte, int) []byte) []byte {
	dst = append(dst, '[')
	for i := range n {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, i)
	}
	return append(dst, ']')
}

// SetJSON puts a value in the form of AppendJSON into a record that nobody
// else has seen yet. Nil takes the value away. It forgives what an older
// release wrote and a newer one no longer has, such as an option of an enum.
func (f *Field) SetJSON(rec Record, raw json.RawMessage) error {
	if raw != nil {
		if err := valid(raw); err != nil {
			return fmt.Errorf("field %s: %w", f.Path(), err)
		}
	}
	return f.setJSON(rec, raw)
}

// setJSON is SetJSON for a text that is known to be valid.
func (f *Field) setJSON(rec Record, raw []byte) error {
	if raw == nil || string(raw) == "null" {
		f.Set(rec, nil)
		return nil
	}
	var v reflect.Value
	if f.Custom {
		v = reflect.New(f.typ).Elem()
	} else {
		v = reflect.ValueOf(rec).Elem().FieldByIndex(f.index)
		v.SetZero()
	}
	if err := f.readJSON(v, raw); err != nil {
		return fmt.Errorf("field %s: %w", f.Path(), err)
	}
	if f.Custom {
		f.Set(rec, v.Interface())
	}
	return nil
}

func (f *Field) readJSON(v reflect.Value, raw []byte) error {
	switch f.Type {
	case TextField, EnumField:
		s, err := unquote(raw)
		v.SetString(f.shared(s))
		return err
	case IntegerField:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		v.SetInt(n)
		return err
	case NumberField, PercentField:
		n, err := strconv.ParseFloat(string(raw), 64)
		v.SetFloat(n)
		return err
	case BoolField:
		v.SetBool(string(raw) == "true")
		return nil
	case TextsField, RefsField, TableField:
		return f.readList(v, raw)
	case DurationField:
		s, err := unquote(raw)
		if err == nil {
			var d Duration
			d, err = ParseDuration(s)
			v.SetInt(int64(d))
		}
		return err
	}
	s, err := unquote(raw)
	if err != nil {
		return err
	}
	return v.Addr().Interface().(interface{ UnmarshalText([]byte) error }).UnmarshalText([]byte(s))
}

// shared returns a text that records have in common, such as an option or the name of a source, from one place in memory.
func (f *Field) shared(s string) string {
	switch {
	case f.Type == EnumField:
		for i := range f.Options {
			if f.Options[i].Value == s {
				return f.Options[i].Value
			}
		}
	case f.System || f.Parent != nil && f.Parent.System && f.Name == "source":
		return unique.Make(s).Value()
	}
	return s
}

func (f *Field) readList(v reflect.Value, raw []byte) error {
	return eachItem(raw, func(item []byte) error {
		v.Grow(1)
		v.SetLen(v.Len() + 1)
		cell := v.Index(v.Len() - 1)
		switch f.Type {
		case TextsField:
			s, err := unquote(item)
			cell.SetString(s)
			return err
		case RefsField:
			return refItem.readJSON(cell, item)
		}
		return f.readRow(cell, item)
	})
}

// refItem reads one ref of a list.
var refItem = &Field{Type: RefField}

func (f *Field) readRow(row reflect.Value, raw []byte) error {
	return eachMember(raw, func(name, value []byte) error {
		for _, c := range f.Columns {
			if c.Name == string(name) {
				return c.readJSON(row.FieldByIndex(c.index), value)
			}
		}
		return nil
	})
}

// Encode writes the fields of a record as one JSON object, by name, with refs as ids.
// The id, the version and the stamps are not among them: the journal has columns for these.
func (k *Kind) Encode(rec Record) []byte {
	dst := make([]byte, 0, 256)
	dst = append(dst, '{')
	for _, f := range k.inOrder {
		v := f.value(rec)
		if empty(v) {
			continue
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), f.Name...), `":`...)
		dst = f.appendJSON(dst, v, nil)
	}
	for _, name := range k.undefined(rec) {
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(append(appendString(dst, name), ':'), rawJSON(rec.Base().Extra[name])...)
	}
	return append(dst, '}')
}

// EncodeCreated writes what Encode writes of the record that a creation makes,
// from the values that the creation holds already.
func EncodeCreated(c *Change) []byte {
	size := 2
	for i := range c.Fields {
		size += len(c.Fields[i].Name) + len(c.Fields[i].After) + 4
	}
	dst := append(make([]byte, 0, size), '{')
	for i := range c.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(append(append(dst, '"'), c.Fields[i].Name...), `":`...)
		dst = append(dst, c.Fields[i].After...)
	}
	return append(dst, '}')
}

// AppendRecord appends a record as people and programs read it: one JSON object
// with its kind, its key and its other fields, refs by key, its id and its
// version. With fields given, these alone stand between the kind and the id.
func (k *Kind) AppendRecord(dst []byte, rec Record, names Namer, only ...*Field) []byte {
	m := rec.Base()
	dst = appendString(append(dst, `{"kind":`...), k.Name)
	fields := k.Fields
	if len(only) > 0 {
		fields = only
	}
	for _, f := range fields {
		if f.System && len(only) == 0 {
			continue
		}
		v := f.value(rec)
		if empty(v) {
			continue
		}
		dst = append(append(append(dst, `,"`...), f.Member()...), `":`...)
		dst = f.appendJSON(dst, v, names)
	}
	dst = append(dst, `,"id":`...)
	dst = (&Field{}).appendRef(dst, m.Ref(), nil)
	dst = append(append(append(dst, `,"`...), k.VersionMember()...), `":`...)
	return append(strconv.AppendUint(dst, uint64(m.Version), 10), '}')
}

// Member returns what a record as JSON calls the field: its name, and behind its
// kind where the name alone would be taken for the kind of the record.
func (f *Field) Member() string {
	if f.Name == "kind" && f.Kind != nil {
		return f.Kind.Name + ".kind"
	}
	return f.Name
}

// VersionMember returns what a record as JSON calls its version: version, and
// record_version where the kind has a field of that name.
func (k *Kind) VersionMember() string {
	if k.byName["version"] != nil {
		return "record_version"
	}
	return "version"
}

// undefined lists the values under Extra that no field reads, because its
// definition is away or has another type now.
func (k *Kind) undefined(rec Record) []string {
	var names []string
	for name, v := range rec.Base().Extra {
		if f := k.byName[name]; f == nil && rawJSON(v) != nil || f != nil && f.Custom && !f.extra(v).IsValid() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Raw returns the value that a record keeps under a name that no field reads,
// as the journal keeps it, or nil where it keeps none.
func (k *Kind) Raw(rec Record, name string) json.RawMessage {
	if slices.Contains(k.undefined(rec), name) {
		return rawJSON(rec.Base().Extra[name])
	}
	return nil
}

// Decode reads what Encode wrote. Members that no field has are kept under
// Extra as raw JSON, so that nothing is lost while a definition is away.
func (k *Kind) Decode(raw []byte) (Record, error) {
	if err := valid(raw); err != nil {
		return nil, fmt.Errorf("decode a record of kind %s: %w", k.Name, err)
	}
	rec := k.New()
	err := eachMember(raw, func(name, value []byte) error {
		f := k.byName[string(name)]
		if f == nil {
			k.keep(rec, string(name), value)
			return nil
		}
		err := f.setJSON(rec, value)
		if err != nil && f.Custom {
			k.keep(rec, string(name), value)
			return nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("decode a record of kind %s: %w", k.Name, err)
	}
	return rec, nil
}

// keep keeps a value that no field reads. Nil takes it away.
func (k *Kind) keep(rec Record, name string, value []byte) {
	m := rec.Base()
	if value == nil {
		delete(m.Extra, name)
		return
	}
	if m.Extra == nil {
		m.Extra = map[string]any{}
	}
	compact := jsontext.Value(slices.Clone(value))
	if compact.Compact() != nil {
		compact = slices.Clone(value)
	}
	m.Extra[name] = json.RawMessage(compact)
}

// ErasedKey is the key of a record whose key has been erased for good.
func ErasedKey(id ID) string { return "erased-" + id.String()[24:] }

// ApplyFields makes the record that a change leads to. Before may be nil. The
// stamps and the version of the result are those of before. Values that have
// been erased are none, but for a key, which is that of [ErasedKey].
func (k *Kind) ApplyFields(before Record, c *Change) (Record, error) {
	var rec Record
	if before == nil {
		rec = k.New()
		rec.Base().ID = c.ID
	} else {
		rec = Clone(before)
	}
	for _, fc := range c.Fields {
		f := k.byName[fc.Name]
		if f == nil {
			k.keep(rec, fc.Name, fc.After)
			continue
		}
		if fc.Erased && fc.After == nil && fc.Name == "key" {
			rec.Base().Key = ErasedKey(c.ID)
			continue
		}
		err := f.SetJSON(rec, fc.After)
		if err != nil && f.Custom {
			k.keep(rec, fc.Name, fc.After)
		} else if err != nil {
			return nil, fmt.Errorf("%s %s: %w", k.Name, c.ID, err)
		}
	}
	return rec, nil
}
