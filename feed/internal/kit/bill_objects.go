package kit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"

	"binnacle/feed"
)

// objectRows gives the objects of a JSON array, or of one JSON text after the other, as rows.
type objectRows struct {
	*stream
	text  *lineReader
	dec   *jsontext.Decoder
	place map[string]int
	value [][]byte
	last  int64
	// begun says that something was read, list that the objects stand in an array, and ended that its end was read.
	begun, list, ended bool
}

// OpenObjects returns the objects of a JSON content as rows, and the names of all their members. The content is read twice. The rows must be closed.
func OpenObjects(ctx context.Context, in feed.BulkInput) (Rows, []string, error) {
	first := newObjects(ctx, in)
	var names []string
	for {
		more, err := first.each(func(name string, _ []byte) error {
			if _, ok := first.place[name]; !ok {
				if len(names) == MostColumns {
					return fmt.Errorf("the objects have more than %d names of members", MostColumns)
				}
				first.place[name] = len(names)
				names = append(names, name)
			}
			return nil
		})
		if err != nil {
			return nil, nil, fmt.Errorf("the JSON cannot be read behind line %d: %w", first.text.line, err)
		}
		if !more {
			break
		}
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
	}
	if len(names) == 0 {
		return nil, nil, errors.New("the JSON has no objects with members")
	}
	second := newObjects(ctx, in)
	second.place, second.value = first.place, make([][]byte, len(names))
	second.stream = newStream(ctx, false)
	go second.run(second.fill)
	return second, names, nil
}

func newObjects(_ context.Context, in feed.BulkInput) *objectRows {
	o := &objectRows{text: &lineReader{in: in.Reader(), line: 1}, place: map[string]int{}}
	o.dec = jsontext.NewDecoder(o.text, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	return o
}

// objectNames returns the names of the members of the first object in the first bytes of a JSON content.
func objectNames(head []byte) []string {
	at := bytes.IndexByte(head, '{')
	if at < 0 {
		return nil
	}
	var out []string
	for name := range Members(head[at:]) {
		out = append(out, name)
	}
	return out
}

// each gives the members of the next object to a function. It returns false behind the last object.
func (o *objectRows) each(member func(name string, value []byte) error) (bool, error) {
	o.text.room = 4 * LongestRow
	kind := o.dec.PeekKind()
	if kind == '[' && !o.list && !o.ended && !o.begun {
		o.list = true
		if _, err := o.dec.ReadToken(); err != nil {
			return false, err
		}
		kind = o.dec.PeekKind()
	}
	o.begun = true
	if kind == ']' && o.list {
		if _, err := o.dec.ReadToken(); err != nil {
			return false, err
		}
		o.list, o.ended = false, true
		kind = o.dec.PeekKind()
	}
	if kind != '{' || o.ended {
		_, err := o.dec.ReadToken()
		if errors.Is(err, io.EOF) && !o.list {
			return false, nil
		}
		if err == nil {
			err = errors.New("there must be one array of objects, or objects one after the other")
		}
		return false, err
	}
	if _, err := o.dec.ReadToken(); err != nil {
		return false, err
	}
	o.text.reached(o.dec.InputOffset())
	for o.dec.PeekKind() == '"' {
		token, err := o.dec.ReadToken()
		if err != nil {
			return false, err
		}
		name := token.String()
		value, err := o.dec.ReadValue()
		if err != nil {
			return false, err
		}
		if err := member(name, value); err != nil {
			return false, err
		}
	}
	_, err := o.dec.ReadToken()
	return err == nil, err
}

// fill turns some objects into a block.
func (o *objectRows) fill(b *block) bool {
	b.reset()
	for range rowsAtOnce {
		clear(o.value)
		store := b.text
		more, err := o.each(func(name string, value []byte) error {
			i, ok := o.place[name]
			if !ok {
				return fmt.Errorf("the content changed while it was read: %.80q is new", name)
			}
			from := len(store)
			store = appendJSONValue(store, value)
			o.value[i] = store[from:len(store):len(store)]
			return nil
		})
		if err != nil {
			b.err = fmt.Errorf("the JSON cannot be read behind line %d: %w", o.text.line, err)
			return false
		}
		if !more {
			return false
		}
		b.begin(o.text.line)
		b.text = store
		for _, v := range o.value {
			from := len(b.text)
			b.text = append(b.text, v...)
			b.end(from)
		}
	}
	b.used = o.dec.InputOffset() - o.last
	o.last = o.dec.InputOffset()
	return true
}

// appendJSONValue writes a value as the text that it would be in a table: a string without quotes, nothing for null, JSON for what is nested.
func appendJSONValue(b []byte, value jsontext.Value) []byte {
	switch value.Kind() {
	case 'n':
		return b
	case '"':
		if out, err := jsontext.AppendUnquote(b, value); err == nil {
			return out
		}
		return append(b, bytes.Trim(value, `"`)...)
	case '{', '[':
		compact := value.Clone()
		if compact.Compact() == nil {
			value = compact
		}
	}
	return append(b, value...)
}

// lineReader reads a text and knows on which line an offset is that was just reached. It stops a single value from taking memory without end.
type lineReader struct {
	in    io.Reader
	line  int
	ahead []int64
	at    int64
	room  int
}

// errLongObject says that an object is too long.
var errLongObject = fmt.Errorf("an object is longer than %d bytes", LongestRow)

func (r *lineReader) Read(p []byte) (int, error) {
	if r.room <= 0 {
		return 0, errLongObject
	}
	n, err := r.in.Read(p[:min(len(p), r.room)])
	for i, c := range p[:n] {
		if c == '\n' {
			r.ahead = append(r.ahead, r.at+int64(i))
		}
	}
	r.at += int64(n)
	r.room -= n
	return n, err
}

// reached moves the line forward to an offset.
func (r *lineReader) reached(offset int64) {
	n := 0
	for n < len(r.ahead) && r.ahead[n] < offset {
		n++
	}
	r.line += n
	r.ahead = append(r.ahead[:0], r.ahead[n:]...)
}
