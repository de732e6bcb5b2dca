package practice

import (
	"embed"
	"encoding/json"
	"reflect"
	"sync"

	"binnacle/model"
)

//go:embed *.go
var source embed.FS

var ownDocs = sync.OnceValue(func() model.Docs { return model.ReadDocs(source) })

// JSON returns an answer in the form that is written as JSON: objects with the
// names of the parts and columns, and the words of the vocabulary as they are.
// A date, an amount or a link that is not set is null.
func JSON(answer any) any { return plain(reflect.ValueOf(answer)) }

func plain(v reflect.Value) any {
	if !v.IsValid() {
		return nil
	}
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return nil
		}
		return plain(v.Elem())
	}
	if z, ok := v.Interface().(interface{ IsZero() bool }); ok && z.IsZero() {
		return nil
	}
	if _, ok := v.Interface().(interface{ MarshalText() ([]byte, error) }); ok {
		return v.Interface()
	}
	if _, ok := v.Interface().(json.Marshaler); ok {
		return v.Interface()
	}
	switch v.Kind() {
	case reflect.Struct:
		out := &object{}
		for i := range v.NumField() {
			sf := v.Type().Field(i)
			if !sf.IsExported() || v.Field(i).IsZero() && isOptional(sf) {
				continue
			}
			out.names = append(out.names, jsonName(sf))
			out.values = append(out.values, plain(v.Field(i)))
		}
		return out
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = plain(v.Index(i))
		}
		return out
	}
	return v.Interface()
}

func isOptional(sf reflect.StructField) bool {
	return sf.Tag.Get("json") != "" && sf.Tag.Get("json") != jsonName(sf)
}

// object is a JSON object that keeps the order of its members.
type object struct {
	names  []string
	values []any
}

// MarshalJSON writes the members in order.
func (o *object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, name := range o.names {
		if i > 0 {
			out = append(out, ',')
		}
		key, _ := json.Marshal(name)
		value, err := json.Marshal(o.values[i])
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, key...), ':'), value...)
	}
	return append(out, '}'), nil
}
