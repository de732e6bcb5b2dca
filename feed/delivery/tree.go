package delivery

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// node is a value of a message. Whatever is not there, or is of another type, is empty: messages differ by release and by provider.
type node struct{ v any }

// parse reads a JSON text. The error says on which line and in which column it is broken.
func parse(text []byte) (node, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			line, column := placeOf(text, dec.InputOffset())
			return node{}, fmt.Errorf("line %d, column %d: something is left over behind the JSON", line, column)
		}
		return node{v}, nil
	}
	var syntax *json.SyntaxError
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return node{}, errors.New("the body is empty: a message is a JSON object")
	case errors.As(err, &syntax):
		line, column := placeOf(text, syntax.Offset-1)
		return node{}, fmt.Errorf("line %d, column %d: it is not JSON: %s", line, column, strings.TrimPrefix(syntax.Error(), "json: "))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		line, column := placeOf(text, int64(len(text)))
		return node{}, fmt.Errorf("line %d, column %d: the JSON ends too early: it is not complete", line, column)
	}
	return node{}, fmt.Errorf("it is not JSON that can be read: %w", err)
}

// placeOf returns the line and the column, both from 1, of an offset.
func placeOf(text []byte, offset int64) (line, column int) {
	before := text[:min(max(offset, 0), int64(len(text)))]
	return bytes.Count(before, []byte{'\n'}) + 1, len(before) - (bytes.LastIndexByte(before, '\n') + 1) + 1
}

// isObject reports whether it is an object.
func (n node) isObject() bool {
	_, ok := n.v.(map[string]any)
	return ok
}

// names returns the names of the members of an object.
func (n node) names() map[string]bool {
	object, _ := n.v.(map[string]any)
	out := map[string]bool{}
	for name := range object {
		out[name] = true
	}
	return out
}

// get follows the names of members, with points between.
func (n node) get(path string) node {
	for name := range strings.SplitSeq(path, ".") {
		object, _ := n.v.(map[string]any)
		n = node{object[name]}
	}
	return n
}

// has reports whether there is a value that is not null.
func (n node) has(path string) bool { return n.get(path).v != nil }

// list returns the items of a list.
func (n node) list(path string) []node {
	items, _ := n.get(path).v.([]any)
	out := make([]node, len(items))
	for i, item := range items {
		out[i] = node{item}
	}
	return out
}

// text returns a text, or a number or a truth value as a text. Everything else is empty.
func (n node) text(path string) string {
	switch v := n.get(path).v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// first returns the first of some texts that is not empty.
func (n node) first(paths ...string) string {
	for _, p := range paths {
		if t := n.text(p); t != "" {
			return t
		}
	}
	return ""
}

// yes reports whether a value is true.
func (n node) yes(path string) bool { return n.text(path) == "true" }

// count returns a number of things, or 0.
func (n node) count(path string) int64 { return count(n.text(path)) }

// count reads a whole number that is not below 0 nor above a million million. Everything else is 0.
func count(text string) int64 {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v < 0 || v > 1e12 {
		return 0
	}
	return v
}

// texts returns the names of a list whose items are texts or objects with a name.
func (n node) texts(path string, names ...string) []string {
	var out []string
	for _, item := range n.list(path) {
		if t := item.first(append(names, "name", "title")...); t != "" {
			out = append(out, t)
		} else if t, ok := item.v.(string); ok {
			out = append(out, t)
		}
	}
	return out
}

// time returns the first of some moments that can be read, in seconds since 1970, or 0.
func (n node) time(paths ...string) int64 {
	for _, p := range paths {
		if s := moment(n.text(p)); s != 0 {
			return s
		}
	}
	return 0
}

// layouts are how providers write moments.
var layouts = []string{time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05.999Z0700", "2006-01-02 15:04:05 MST", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05",
	"2006-1-2 15:04:05", "2006-01-02 15:04:05.999999999", "2006-1-2 15:04", "2006-01-02"}

// The moments between which something may have happened: the years from 1970 to 2200.
const latest = 7_258_118_400

// moment reads a moment as providers write it: as a text, or as seconds or thousandths of seconds since 1970. It is 0 where it cannot be read.
func moment(text string) int64 {
	if text == "" {
		return 0
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		if n > latest {
			n /= 1000
		}
		return within(n)
	}
	for _, layout := range layouts {
		t, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		if name, offset := t.Zone(); offset == 0 && strings.HasSuffix(layout, "MST") && !slices.Contains([]string{"UTC", "GMT"}, name) {
			// The offset of other abbreviations is not known.
			return 0
		}
		return within(t.Unix())
	}
	return 0
}

func within(seconds int64) int64 {
	if seconds <= 0 || seconds >= latest {
		return 0
	}
	return seconds
}
