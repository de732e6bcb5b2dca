package model

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Namer tells what people call the record that a ref points to.
type Namer interface {
	// NameOf returns the kind and the key of a record, or false where there is none.
	NameOf(Ref) (kind, key string, ok bool)
}

// Resolver finds the record that people mean.
type Resolver interface {
	// Resolve returns a ref to the record of one of the kinds that a text names, by key, by Kind/key or by id.
	Resolve(kinds []string, text string) (Ref, error)
}

// Problem says what is wrong with one field of a record.
type Problem struct {
	// Field is the path of the field.
	Field string `json:"field"`
	// Text says what is wrong and what to do, as a sentence without a full stop.
	Text string `json:"text"`
}

// Error writes the field and what is wrong with it.
func (p Problem) Error() string {
	if p.Field == "" {
		return p.Text
	}
	return p.Field + ": " + p.Text
}

// Text writes the value of a field as a person would type it: refs by key,
// lists with semicolons between. No value is the empty text.
func (f *Field) Text(rec Record, names Namer) string {
	v := f.value(rec)
	if empty(v) {
		return ""
	}
	return f.text(v, names)
}

func (f *Field) text(v reflect.Value, names Namer) string {
	switch f.Type {
	case TextField, EnumField:
		return v.String()
	case IntegerField:
		return strconv.FormatInt(v.Int(), 10)
	case NumberField, PercentField:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case BoolField:
		return strconv.FormatBool(v.Bool())
	case RefField:
		return f.refText(v.Interface().(Ref), names)
	case RefsField:
		var keys []string
		for _, r := range v.Interface().([]Ref) {
			keys = append(keys, f.refText(r, names))
		}
		return listText(keys)
	case TextsField:
		return listText(v.Interface().([]string))
	case TableField:
		text, _ := json.Marshal(f.tree(v, names))
		return string(text)
	}
	return fmt.Sprint(v.Interface())
}

// listText writes a list with semicolons between, or as a JSON array where the
// items could not be told apart again.
func listText(list []string) string {
	joined := strings.Join(list, "; ")
	if got := items(joined); len(got) == len(list) && !slices.ContainsFunc(list, func(s string) bool { return s == "" }) {
		same := true
		for i := range got {
			same = same && got[i] == list[i]
		}
		if same {
			return joined
		}
	}
	text := appendList(nil, len(list), func(dst []byte, i int) []byte { return appendString(dst, list[i]) })
	return string(text)
}

// Unseen stands for a record that whoever looks may not see or that is there no more.
const Unseen = "out of sight"

// refText writes a ref as its key, and as Kind/key where the field may point to several kinds.
func (f *Field) refText(r Ref, names Namer) string {
	kind, key := f.refName(r, names)
	if kind == "" {
		return key
	}
	return kind + "/" + key
}

// refName returns the key that a ref is written with, and the kind where it is needed to tell what is meant.
func (f *Field) refName(r Ref, names Namer) (kind, key string) {
	kind, key, ok := names.NameOf(r)
	if !ok {
		return "", Unseen
	}
	if len(f.To) == 1 && f.To[0] == kind {
		return "", key
	}
	return kind, key
}

// Tree returns the value of a field as JSON and YAML show it to people: text,
// number, bool, list or map, with refs by key. No value is nil.
func (f *Field) Tree(rec Record, names Namer) any {
	v := f.value(rec)
	if empty(v) {
		return nil
	}
	return f.tree(v, names)
}

func (f *Field) tree(v reflect.Value, names Namer) any {
	switch f.Type {
	case IntegerField:
		return v.Int()
	case NumberField, PercentField:
		return v.Float()
	case BoolField:
		return v.Bool()
	case TextsField:
		return v.Interface().([]string)
	case RefsField:
		out := []string{}
		for _, r := range v.Interface().([]Ref) {
			out = append(out, f.refText(r, names))
		}
		return out
	case TableField:
		rows := make([]map[string]any, v.Len())
		for i := range rows {
			rows[i] = map[string]any{}
			for _, c := range f.Columns {
				if cell := v.Index(i).FieldByIndex(c.index); !empty(cell) {
					rows[i][c.Name] = c.tree(cell, names)
				}
			}
		}
		return rows
	}
	return f.text(v, names)
}

// Read makes a value of the field from what a person or a file gave: a text, a
// number, a bool, a list or a map, as JSON, YAML or a form have them. Numbers
// may be text. Nil and the empty text are no value, which is nil.
// The error is a [Problem] with the path of the field or column.
func (f *Field) Read(in any, refs Resolver) (any, error) {
	if in == nil || in == "" {
		return nil, nil
	}
	v := reflect.New(f.typ).Elem()
	if err := f.read(v, in, refs); err != nil {
		if p, ok := err.(Problem); ok {
			return nil, p
		}
		return nil, Problem{f.Path(), err.Error()}
	}
	if empty(v) && f.Type != IntegerField && f.Type != NumberField && f.Type != PercentField {
		return nil, nil
	}
	return v.Interface(), nil
}

func (f *Field) read(v reflect.Value, in any, refs Resolver) error {
	switch f.Type {
	case TextsField, RefsField:
		return f.readItems(v, in, refs)
	case TableField:
		return f.readRows(v, in, refs)
	}
	text, err := scalar(in)
	if err != nil {
		return err
	}
	if f.Type != TextField {
		text = strings.TrimSpace(text)
	}
	return f.readText(v, text, refs)
}

func (f *Field) readText(v reflect.Value, text string, refs Resolver) error {
	switch f.Type {
	case TextField:
		v.SetString(text)
	case EnumField:
		value, err := f.option(text)
		if err != nil {
			return err
		}
		v.SetString(value)
	case IntegerField:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is not a whole number", text)
		}
		v.SetInt(n)
	case NumberField:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return fmt.Errorf("%q is not a number", text)
		}
		v.SetFloat(n)
	case PercentField:
		p, err := ParsePercent(text)
		v.SetFloat(float64(p))
		return err
	case BoolField:
		return readBool(v, text)
	case DurationField:
		d, err := ParseDuration(text)
		v.SetInt(int64(d))
		return err
	case RefField:
		r, err := refs.Resolve(f.To, text)
		v.Set(reflect.ValueOf(r))
		return err
	default:
		return v.Addr().Interface().(interface{ UnmarshalText([]byte) error }).UnmarshalText([]byte(text))
	}
	return nil
}

func readBool(v reflect.Value, text string) error {
	switch strings.ToLower(text) {
	case "true", "yes", "y", "1", "on", "x":
		v.SetBool(true)
	case "false", "no", "n", "0", "off":
	default:
		return fmt.Errorf("%q is neither yes nor no", text)
	}
	return nil
}

// option finds the option that a text names by value or label, in any case.
func (f *Field) option(text string) (string, error) {
	var values []string
	for _, o := range f.Options {
		if strings.EqualFold(o.Value, text) || strings.EqualFold(o.Label, text) {
			return o.Value, nil
		}
		values = append(values, o.Value)
	}
	return "", fmt.Errorf("%q is not one of %s", text, strings.Join(values, ", "))
}

func (f *Field) readItems(v reflect.Value, in any, refs Resolver) error {
	item := &Field{Name: f.Name, Type: TextField, To: f.To, typ: f.typ.Elem()}
	if f.Type == RefsField {
		item.Type = RefField
	}
	seen := map[Ref]bool{}
	for _, one := range items(in) {
		cell := reflect.New(f.typ.Elem()).Elem()
		if err := item.read(cell, one, refs); err != nil {
			return err
		}
		if cell.IsZero() {
			continue
		}
		if r, ok := cell.Interface().(Ref); ok {
			if seen[r] {
				continue
			}
			seen[r] = true
		}
		v.Set(reflect.Append(v, cell))
	}
	return nil
}

// items splits what stands for a list: a list, a text with semicolons or line
// ends between the items, or a JSON array of texts.
func items(in any) []any {
	switch in := in.(type) {
	case []any:
		return in
	case []string:
		out := make([]any, len(in))
		for i, s := range in {
			out[i] = s
		}
		return out
	case string:
		var out []any
		if strings.HasPrefix(in, "[") {
			var list []string
			if json.Unmarshal([]byte(in), &list) == nil {
				return items(list)
			}
		}
		for part := range strings.FieldsFuncSeq(in, func(r rune) bool { return r == ';' || r == '\n' }) {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
		return out
	}
	return []any{in}
}

func (f *Field) readRows(v reflect.Value, in any, refs Resolver) error {
	if text, ok := in.(string); ok {
		var rows []any
		dec := json.NewDecoder(strings.NewReader(text))
		dec.UseNumber() // Large numbers stay exact.
		if err := dec.Decode(&rows); err != nil || dec.More() {
			return fmt.Errorf("%.40q is not a list of rows: write it as a JSON array of objects", text)
		}
		in = rows
	}
	if maps, ok := in.([]map[string]any); ok {
		rows := make([]any, len(maps))
		for i, m := range maps {
			rows[i] = m
		}
		in = rows
	}
	rows, ok := in.([]any)
	if !ok {
		return fmt.Errorf("a list of rows is wanted, not %T", in)
	}
	for i, one := range rows {
		row := reflect.New(f.typ.Elem()).Elem()
		members, ok := one.(map[string]any)
		if !ok {
			return Problem{fmt.Sprintf("%s[%d]", f.Name, i), fmt.Sprintf("a row is wanted, with names and values, not %v", one)}
		}
		for _, name := range slices.Sorted(maps.Keys(members)) {
			if err := f.readCell(row, name, members[name], refs); err != nil {
				return Problem{fmt.Sprintf("%s[%d].%s", f.Name, i, name), err.Error()}
			}
		}
		v.Set(reflect.Append(v, row))
	}
	return nil
}

func (f *Field) readCell(row reflect.Value, name string, in any, refs Resolver) error {
	for _, c := range f.Columns {
		if c.Name != name {
			continue
		}
		if in == nil || in == "" {
			return nil
		}
		return c.read(row.FieldByIndex(c.index), in, refs)
	}
	return fmt.Errorf("there is no such column")
}

func scalar(in any) (string, error) {
	switch in := in.(type) {
	case string:
		return in, nil
	case bool:
		return strconv.FormatBool(in), nil
	case int:
		return strconv.Itoa(in), nil
	case int64:
		return strconv.FormatInt(in, 10), nil
	case float64:
		return strconv.FormatFloat(in, 'f', -1, 64), nil
	case uint64:
		return strconv.FormatUint(in, 10), nil
	case time.Time:
		return in.Format(time.RFC3339Nano), nil
	case fmt.Stringer:
		return in.String(), nil
	}
	return "", fmt.Errorf("a single value is wanted, not %T", in)
}

// Check lists what is wrong with the values of a record, apart from its refs.
func (k *Kind) Check(rec Record) []Problem {
	var out []Problem
	for _, f := range k.Fields {
		v := f.value(rec)
		if empty(v) {
			if f.Required {
				out = append(out, Problem{f.Path(), "a value is required"})
			}
			continue
		}
		if f.Type == TableField {
			for i := range v.Len() {
				for _, c := range f.Columns {
					out = c.check(out, fmt.Sprintf("%s[%d].%s", f.Name, i, c.Name), v.Index(i).FieldByIndex(c.index))
				}
			}
			continue
		}
		out = f.check(out, f.Path(), v)
	}
	if s, ok := rec.(Sound); ok {
		out = append(out, s.Faults()...)
	}
	return out
}

// longest is how many bytes one text may have.
const longest = 1 << 20

func (f *Field) check(out []Problem, path string, v reflect.Value) []Problem {
	if empty(v) {
		if f.Required {
			out = append(out, Problem{path, "a value is required"})
		}
		return out
	}
	switch f.Type {
	case IntegerField, NumberField, PercentField:
		n := 0.0
		if v.CanInt() {
			n = float64(v.Int())
		} else {
			n = v.Float()
		}
		if math.IsNaN(n) || math.IsInf(n, 0) {
			out = append(out, Problem{path, "it is not a number that can be kept"})
		}
		if f.HasMin && n < f.Min {
			out = append(out, Problem{path, fmt.Sprintf("%g is below the limit of %g", n, f.Min)})
		}
		if f.HasMax && n > f.Max {
			out = append(out, Problem{path, fmt.Sprintf("%g is above the limit of %g", n, f.Max)})
		}
	case EnumField:
		if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == v.String() }) {
			_, err := f.option(v.String())
			if err == nil {
				err = fmt.Errorf("%q is the name of an option and not its value", v.String())
			}
			out = append(out, Problem{path, err.Error()})
		}
	case DateField, TimeField:
		day, ok := v.Interface().(Date)
		if !ok {
			day = v.Interface().(Time).Date()
		}
		if year := day.Time().Year(); year < firstYear || year > lastYear {
			out = append(out, Problem{path, fmt.Sprintf("the year %d is not one that four digits can tell", year)})
		}
	case DurationField:
		if d := v.Interface().(Duration); d < 0 || d > longestDuration {
			out = append(out, Problem{path, "a length of time must be between nothing and 146 years"})
		}
	case RangeField:
		r := v.Interface().(Range)
		if again, err := ParseRange(r.String()); err != nil || again != r {
			out = append(out, Problem{path, "it is not a range: low, likely and high must be numbers that rise"})
		}
	case TextField:
		out = f.checkText(out, path, v.String())
	case TextsField:
		for _, s := range v.Interface().([]string) {
			out = f.checkText(out, path, s)
		}
	case RefsField:
		refs := v.Interface().([]Ref)
		seen := make(map[Ref]bool, len(refs))
		for _, r := range refs {
			if r.IsZero() || seen[r] {
				out = append(out, Problem{path, "it points to a record twice, or to none"})
				break
			}
			seen[r] = true
		}
	}
	return out
}

func (f *Field) checkText(out []Problem, path, s string) []Problem {
	if len(s) > longest {
		return append(out, Problem{path, fmt.Sprintf("the text has %d bytes; the limit is %d", len(s), longest)})
	}
	if unprintable(s) {
		return append(out, Problem{path, "the text has a control character or is not valid UTF-8"})
	}
	if problem := wrongFormat(f.Format, s); problem != "" {
		out = append(out, Problem{path, fmt.Sprintf("%q %s", s, problem)})
	}
	return out
}

// formats are the forms that a text can be asked to have.
var formats = []string{"key", "email", "url", "fqdn", "ip", "mac", "purl", "country"}

// unprintable reports whether a text has a control character or is not valid UTF-8. Line ends and tabs are allowed.
func unprintable(s string) bool {
	plain := 0
	for plain < len(s) && s[plain] >= ' ' && s[plain] < 0x7F {
		plain++
	}
	return strings.ContainsFunc(s[plain:], func(r rune) bool {
		return r == unicode.ReplacementChar || unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r'
	})
}

// wrongFormat says what keeps a text from having a format, or nothing.
func wrongFormat(format, s string) string {
	switch format {
	case "key":
		if len(s) > 300 || strings.ContainsFunc(s, unicode.IsSpace) {
			return "is not a key: it must have no spaces and at most 300 bytes"
		}
	case "email":
		if a, err := mail.ParseAddress(s); err != nil || a.Address != s {
			return "is not a mail address"
		}
	case "url":
		if u, err := url.Parse(s); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return "is not a web address: it must start with https:// or http://"
		}
	case "ip":
		_, err := netip.ParseAddr(s)
		if strings.Contains(s, "/") {
			_, err = netip.ParsePrefix(s)
		}
		if err != nil {
			return "is not an IP address"
		}
	case "purl":
		if !strings.HasPrefix(s, "pkg:") {
			return "is not a package URL: it must start with pkg:"
		}
	case "country":
		if len(s) != 2 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return "is not a country: use the two letters of ISO 3166, such as DE"
		}
	}
	return ""
}
