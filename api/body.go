package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// deepest is how deep lists and objects of a body may be nested.
const deepest = 32

// readBody returns the body of the request. It may be called again.
func (c *call) readBody() ([]byte, error) {
	if c.body == nil {
		var err error
		if c.body, err = io.ReadAll(c.r.Body); err != nil {
			return nil, bodyError(err)
		}
	}
	return c.body, nil
}

// bodyError says why a body could not be read. What is not too long has been cut off.
func bodyError(err error) error {
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return err
	}
	return &problem{Status: http.StatusBadRequest, Title: "The body could not be read"}
}

// object reads the body as one object of JSON. An empty body is an empty object where that is allowed.
func (c *call) object(mayBeEmpty bool, types ...string) (map[string]any, error) {
	if err := c.mediaType(append(types, "application/json")); err != nil {
		return nil, err
	}
	raw, err := c.readBody()
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(raw)) == 0 && mayBeEmpty {
		return map[string]any{}, nil
	}
	if err := wellFormed(raw); err != nil {
		return nil, err
	}
	var out map[string]any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&out); err != nil || out == nil {
		return nil, &problem{Status: http.StatusBadRequest, Title: "The body is not right", Detail: "an object of JSON is wanted"}
	}
	return out, nil
}

// into reads the body into a struct. Members that it does not have are refused by name.
func (c *call) into(v any, mayBeEmpty bool) error {
	members, err := c.object(mayBeEmpty)
	if err != nil || len(members) == 0 {
		return err
	}
	if wrong := unknown("", members, reflect.TypeOf(v).Elem()); len(wrong) > 0 {
		return &problem{Status: http.StatusUnprocessableEntity, Title: "The body has members that mean nothing here", Errors: wrong}
	}
	d := json.NewDecoder(bytes.NewReader(c.body))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return decodeError(err)
	}
	return nil
}

// decodeError says which member has a value of the wrong type.
func decodeError(err error) error {
	out := &problem{Status: http.StatusUnprocessableEntity, Title: "The body is not right", Detail: "a value cannot be read"}
	if t, ok := err.(*json.UnmarshalTypeError); ok {
		out.Detail = ""
		out.Errors = []fault{{Pointer: pointer("", t.Field), Text: fmt.Sprintf("a value of another type than %s is wanted", t.Value)}}
	}
	return out
}

// unknown lists the members that a struct does not have, however deep.
func unknown(under string, value any, t reflect.Type) []fault {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var out []fault
	switch v := value.(type) {
	case []any:
		if t.Kind() == reflect.Slice {
			for i, one := range v {
				out = append(out, unknown(fmt.Sprintf("%s/%d", under, i), one, t.Elem())...)
			}
		}
	case map[string]any:
		if t.Kind() != reflect.Struct {
			return nil
		}
		for name, one := range v {
			i := slices.IndexFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool {
				tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				return tag == name
			})
			if i < 0 {
				out = append(out, fault{Pointer: pointer(under, name), Text: "there is no such member"})
				continue
			}
			out = append(out, unknown(pointer(under, name), one, reflect.VisibleFields(t)[i].Type)...)
		}
	}
	slices.SortFunc(out, func(a, b fault) int { return strings.Compare(a.Pointer, b.Pointer) })
	return out
}

// wellFormed refuses what is not JSON, has a name twice in one object, or is nested too deeply.
func wellFormed(raw []byte) error {
	if deep(raw) {
		return &problem{Status: http.StatusBadRequest, Title: "The body is not right", Detail: fmt.Sprintf("it is nested more than %d deep", deepest)}
	}
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	_, err := d.ReadValue()
	if err == nil {
		if _, err = d.ReadToken(); err == io.EOF {
			return nil
		}
	}
	return &problem{Status: http.StatusBadRequest, Title: "The body is not right", Detail: fmt.Sprintf("it is not one value of JSON, or has a name twice in one object, near byte %d", d.InputOffset())}
}

// deep reports whether a text is nested too deeply, without reading its values.
func deep(raw []byte) bool {
	depth, inText := 0, false
	for i := 0; i < len(raw); i++ {
		switch b := raw[i]; {
		case inText && b == '\\':
			i++
		case b == '"':
			inText = !inText
		case inText:
		case b == '{' || b == '[':
			if depth++; depth > deepest {
				return true
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return false
}

// mediaType refuses a body of another type. None at all is taken for the first.
func (c *call) mediaType(types []string) error {
	given := c.r.Header.Get("Content-Type")
	if given == "" {
		return nil
	}
	t, _, err := mime.ParseMediaType(given)
	if err == nil && slices.Contains(types, t) {
		return nil
	}
	return &problem{Status: http.StatusUnsupportedMediaType, Title: "The body is of another type", Detail: "send " + strings.Join(types, " or ")}
}

// json answers with a value.
func (c *call) json(status int, v any) error {
	raw, err := marshal(v)
	if err != nil {
		return err
	}
	return c.bytes(status, "application/json", append(raw, '\n'))
}

// shortAnswer is how long an answer is at most whose length net/http finds out by itself, in bytes.
const shortAnswer = 2000

// bytes answers with bytes.
func (c *call) bytes(status int, mediaType string, raw []byte) error {
	h := c.w.Header()
	h.Set("Content-Type", mediaType)
	if len(raw) > shortAnswer {
		h.Set("Content-Length", strconv.Itoa(len(raw)))
	}
	c.w.WriteHeader(status)
	// Whoever asked may have gone away.
	c.w.Write(raw)
	return nil
}

// marshal writes a value as JSON and leaves <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSpace(out.Bytes()), err
}
