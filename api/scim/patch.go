package scim

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// operation is one step of a patch.
type operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// maxOperations bounds a patch and a bulk.
const maxOperations = 1000

// unkept are the attributes of the standard that Binnacle does not keep. Systems send them by default; they are passed over.
var unkept = strings.Fields(`nickname profileurl usertype preferredlanguage locale timezone ims photos addresses entitlements roles x509certificates password
	costcenter organization division department middlename honorificprefix honorificsuffix schemas`)

// patch applies operations to a resource in its normal form, in their order.
func patch(attrs []*attribute, m map[string]any, ops []operation) error {
	if len(ops) == 0 || len(ops) > maxOperations {
		return bad("invalidSyntax", "a patch has between 1 and %d operations", maxOperations)
	}
	for _, o := range ops {
		o.Op = strings.ToLower(o.Op)
		if o.Op != "add" && o.Op != "replace" && o.Op != "remove" {
			return bad("invalidSyntax", "there is no operation %q: add, replace and remove are", o.Op)
		}
		if o.Path != "" {
			p, err := parsePath(o.Path)
			if err != nil {
				return err
			}
			if err := o.at(attrs, m, p, true); err != nil {
				return err
			}
			continue
		}
		values, ok := o.Value.(map[string]any)
		if o.Op == "remove" {
			return bad("noTarget", "remove needs a path")
		} else if !ok {
			return bad("invalidValue", "without a path the value is an object")
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			p, err := parsePath(name)
			if err != nil {
				return err
			}
			one := operation{Op: o.Op, Value: values[name]}
			if err := one.at(attrs, m, p, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// at applies an operation at a path. Strict refuses to touch what only Binnacle sets.
func (o operation) at(attrs []*attribute, m map[string]any, p path, strict bool) error {
	if p.schema == enterpriseSchema {
		inner, _ := m[enterpriseSchema].(map[string]any)
		inner = maps.Clone(inner)
		if inner == nil {
			inner = map[string]any{}
		}
		ext := find(attrs, enterpriseSchema)
		if ext == nil {
			return bad("invalidPath", "the resource has no such extension")
		}
		m[enterpriseSchema] = inner
		if p.name != "" {
			p.schema = ""
			return o.at(ext.subs, inner, p, strict)
		}
		if o.Op == "remove" {
			delete(m, enterpriseSchema)
			return nil
		}
		values, ok := o.Value.(map[string]any)
		if !ok {
			return bad("invalidValue", "an extension is an object")
		}
		for _, name := range slices.Sorted(maps.Keys(values)) {
			one := operation{Op: o.Op, Value: values[name]}
			if err := one.at(ext.subs, inner, path{name: name}, false); err != nil {
				return err
			}
		}
		return nil
	}
	a := find(attrs, p.name)
	switch {
	case a == nil && slices.Contains(unkept, strings.ToLower(p.name)):
		return nil
	case a == nil:
		return bad("invalidPath", "there is no attribute %q", p.name)
	case a.fixed && strict:
		return bad("mutability", "%s is set by the server alone", a.name)
	case a.fixed:
		return nil
	}
	if p.where != nil {
		return o.chosen(a, m, p)
	}
	if p.sub != "" {
		return o.part(a, m, p.sub)
	}
	return o.whole(a, m)
}

// whole applies an operation to an attribute.
func (o operation) whole(a *attribute, m map[string]any) error {
	if o.Op == "remove" || o.Op == "replace" && o.Value == nil {
		if listed := list(o.Value); o.Op == "remove" && a.many && len(listed) > 0 {
			return o.without(a, m, listed)
		}
		if a.required {
			return bad("invalidValue", "%s cannot be without a value", a.name)
		}
		delete(m, a.name)
		return nil
	}
	value, err := normalValue(a, o.Value)
	if err != nil {
		return err
	}
	switch v := value.(type) {
	case []any:
		if o.Op == "add" {
			have := slices.Clone(list(m[a.name]))
			for _, one := range v {
				if !slices.ContainsFunc(have, func(h any) bool { return same(h, one) }) {
					have = append(have, one)
				}
			}
			value = have
		}
	case map[string]any:
		if have, ok := m[a.name].(map[string]any); ok {
			merged := maps.Clone(have)
			maps.Copy(merged, v)
			value = merged
		}
	}
	m[a.name] = value
	return nil
}

// same reports whether two values of an attribute are the same: by their main part where they have one.
func same(a, b any) bool {
	x, okX := a.(map[string]any)
	y, okY := b.(map[string]any)
	if okX && okY && x["value"] != nil && y["value"] != nil {
		return x["value"] == y["value"]
	}
	return reflect.DeepEqual(a, b)
}

// without takes the values away that one of the large providers lists instead of choosing them by a filter.
func (o operation) without(a *attribute, m map[string]any, listed []any) error {
	value, err := normalValue(a, listed)
	if err != nil {
		return err
	}
	m[a.name] = slices.DeleteFunc(slices.Clone(list(m[a.name])), func(have any) bool {
		return slices.ContainsFunc(list(value), func(one any) bool { return same(have, one) })
	})
	return nil
}

// part applies an operation to a part of an attribute, of every value where it has several.
func (o operation) part(a *attribute, m map[string]any, name string) error {
	sub, err := o.sub(a, name)
	if sub == nil || err != nil {
		return err
	}
	if !a.many {
		inner, _ := m[a.name].(map[string]any)
		if inner = maps.Clone(inner); inner == nil {
			inner = map[string]any{}
		}
		m[a.name] = inner
		return o.whole(sub, inner)
	}
	values := slices.Clone(list(m[a.name]))
	if len(values) == 0 && o.Op != "remove" {
		values = []any{map[string]any{}}
	}
	return o.each(a, sub, m, values, func(map[string]any) bool { return true })
}

// sub returns a part of an attribute, or nil for one that is passed over.
func (o operation) sub(a *attribute, name string) (*attribute, error) {
	sub := find(a.subs, name)
	switch {
	case sub == nil && slices.Contains(unkept, strings.ToLower(name)):
		return nil, nil
	case sub == nil:
		return nil, bad("invalidPath", "%s has no part %q", a.name, name)
	case sub.fixed:
		return nil, bad("mutability", "%s.%s is set by the server alone", a.name, sub.name)
	}
	return sub, nil
}

// each applies an operation to a part of every value that is chosen.
func (o operation) each(a, sub *attribute, m map[string]any, values []any, chosen func(map[string]any) bool) error {
	for i, one := range values {
		inner, ok := one.(map[string]any)
		if !ok || !chosen(inner) {
			continue
		}
		inner = maps.Clone(inner)
		if err := o.whole(sub, inner); err != nil {
			return err
		}
		values[i] = inner
	}
	m[a.name] = values
	return nil
}

// chosen applies an operation to the values of an attribute that fit the filter of the path.
func (o operation) chosen(a *attribute, m map[string]any, p path) error {
	if !a.many {
		return bad("invalidPath", "%s has one value alone", a.name)
	}
	fits := func(v map[string]any) bool { return p.where.holds(a.subs, v) }
	values := slices.Clone(list(m[a.name]))
	any1 := slices.ContainsFunc(values, func(v any) bool { inner, ok := v.(map[string]any); return ok && fits(inner) })
	if o.Op == "remove" && p.sub == "" {
		m[a.name] = slices.DeleteFunc(values, func(v any) bool { inner, ok := v.(map[string]any); return ok && fits(inner) })
		return nil
	}
	if !any1 {
		made := map[string]any{}
		if o.Op == "remove" {
			return nil
		}
		if !told(p.where, made) {
			return bad("noTarget", "no value of %s fits the filter", a.name)
		}
		values = append(values, made)
	}
	if p.sub != "" {
		sub, err := o.sub(a, p.sub)
		if sub == nil || err != nil {
			return err
		}
		return o.each(a, sub, m, values, fits)
	}
	value, err := normalOne(a, o.Value)
	if err != nil {
		return err
	}
	set, ok := value.(map[string]any)
	if !ok {
		return bad("invalidValue", "a value of %s is an object", a.name)
	}
	for i, one := range values {
		if inner, ok := one.(map[string]any); ok && fits(inner) {
			inner = maps.Clone(inner)
			maps.Copy(inner, set)
			values[i] = inner
		}
	}
	m[a.name] = values
	return nil
}

// told puts what a filter says into a new value, and reports whether the filter says all there is: type eq "work".
func told(n node, into map[string]any) bool {
	switch n := n.(type) {
	case compare:
		if n.op != "eq" || n.path.sub != "" || n.with == nil {
			return false
		}
		into[n.path.name] = n.with
		return true
	case both:
		return told(n.a, into) && told(n.b, into)
	}
	return false
}
