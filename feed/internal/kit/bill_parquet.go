package kit

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
)

// rowsAtOnce is how many rows are turned into text at a time.
const rowsAtOnce = 256

// parquetRows gives the rows of a Parquet file as texts: numbers with all digits
// that they have (the shortest that stands for a binary floating point number), times as ISO
// 8601, maps as JSON objects. The line of a row is its number, from 1.
type parquetRows struct {
	*stream
	file    *parquet.File
	columns []parquetColumn
	group   int
	rows    parquet.Rows
	pages   pageCheck
	buffer  []parquet.Row
	line    int
	// lengths is about how many bytes of the file a row has.
	lengths int64
}

// parquetColumn is a column of a table: one leaf of the file, or all leaves below a name.
type parquetColumn struct {
	name   string
	leaves []parquetLeaf
	// pairs says that the leaves are the keys and values of a map.
	pairs bool
}

// parquetLeaf is a leaf of the file.
type parquetLeaf struct {
	index int
	name  string
	write func(b []byte, v parquet.Value) []byte
	// quoted says that the value is a text in JSON, and not a number or a word.
	quoted   bool
	repeated bool
}

// OpenParquet returns the rows of a Parquet file and the names of its columns. The rows must be closed.
func OpenParquet(ctx context.Context, content io.ReaderAt, size int64) (rows Rows, names []string, err error) {
	defer func() {
		if p := recover(); p != nil {
			rows, names, err = nil, nil, fmt.Errorf("the Parquet file is damaged: %.200s", fmt.Sprint(p))
		}
	}()
	file, err := openParquet(content, size)
	if err != nil {
		return nil, nil, err
	}
	r := &parquetRows{file: file, columns: parquetColumns(file.Root())}
	for _, c := range r.columns {
		names = append(names, c.name)
	}
	if len(names) == 0 || len(names) > MostColumns {
		return nil, nil, fmt.Errorf("the Parquet file has %d columns: it must have 1 to %d", len(names), MostColumns)
	}
	if n := file.NumRows(); n > 0 {
		r.lengths = size / n
	}
	r.stream = newStream(ctx, false)
	go r.run(r.fill)
	return r, names, nil
}

// largestParquetEnd is how long the description at the end of a Parquet file may be.
const largestParquetEnd = 256 << 20

// openParquet opens a Parquet file. The library takes as much memory as the file says that its description is long, so that this is compared with the file first.
func openParquet(content io.ReaderAt, size int64) (*parquet.File, error) {
	var end [8]byte
	if size < 12 {
		return nil, errors.New("the Parquet file is damaged: it is too short")
	}
	if n, err := content.ReadAt(end[:], size-int64(len(end))); n < len(end) {
		return nil, fmt.Errorf("the Parquet file cannot be read: %w", err)
	}
	if length := int64(binary.LittleEndian.Uint32(end[:4])); length > min(size-12, largestParquetEnd) {
		return nil, fmt.Errorf("the Parquet file is damaged: it says that the description at its end has %d bytes", length)
	}
	file, err := parquet.OpenFile(content, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("the Parquet file cannot be read: %w", err)
	}
	return file, nil
}

// parquetNames returns the names of the columns of a Parquet file that is not longer than what is there of it.
func parquetNames(content []byte) (names []string) {
	defer func() {
		if recover() != nil {
			names = nil
		}
	}()
	if !bytes.HasSuffix(content, []byte("PAR1")) {
		return nil
	}
	file, err := openParquet(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil
	}
	for _, c := range parquetColumns(file.Root()) {
		names = append(names, c.name)
	}
	return names
}

// fill turns some rows into a block.
func (r *parquetRows) fill(b *block) bool {
	b.reset()
	if r.buffer == nil {
		r.buffer = make([]parquet.Row, rowsAtOnce)
	}
	for r.rows == nil {
		groups := r.file.RowGroups()
		if r.group == len(groups) {
			return false
		}
		if b.err = r.pages.check(r.ctx, r.file, r.group); b.err != nil {
			return false
		}
		r.rows = groups[r.group].Rows()
		r.group++
	}
	for i := range r.buffer {
		r.buffer[i] = r.buffer[i][:0]
	}
	n, err := r.rows.ReadRows(r.buffer)
	for _, row := range r.buffer[:n] {
		r.line++
		b.begin(r.line)
		r.write(b, row)
	}
	b.used = int64(n) * r.lengths
	if n == 0 && err == nil {
		err = io.ErrNoProgress
	}
	if err != nil {
		closing := r.rows.Close()
		r.rows = nil
		if !errors.Is(err, io.EOF) {
			b.err = fmt.Errorf("the Parquet file cannot be read behind row %d: %w", r.line, err)
			return false
		}
		if closing != nil {
			b.err = closing
			return false
		}
	}
	return true
}

// Close ends the reading.
func (r *parquetRows) Close() {
	r.stream.Close()
	if r.rows != nil {
		_ = r.rows.Close()
	}
}

// write writes the values of a row, which stand in the order of the leaves.
func (r *parquetRows) write(b *block, row parquet.Row) {
	at := 0
	of := func(leaf int) []parquet.Value {
		for at < len(row) && row[at].Column() < leaf {
			at++
		}
		from := at
		for at < len(row) && row[at].Column() == leaf {
			at++
		}
		return row[from:at]
	}
	for i := range r.columns {
		c := &r.columns[i]
		from := len(b.text)
		switch {
		case len(c.leaves) == 1 && !c.leaves[0].repeated:
			if v := of(c.leaves[0].index); len(v) > 0 && !v[0].IsNull() {
				b.text = c.leaves[0].write(b.text, v[0])
			}
		case c.pairs:
			keys := of(c.leaves[0].index)
			b.text = appendPairs(b.text, &c.leaves[0], &c.leaves[1], keys, of(c.leaves[1].index))
		default:
			b.text = appendNested(b.text, c.leaves, of)
		}
		b.end(from)
		if problem := b.rows[len(b.rows)-1].problem; problem != "" {
			return
		}
	}
}

// appendPairs writes a map as a JSON object. One without keys is nothing.
func appendPairs(b []byte, key, value *parquetLeaf, keys, values []parquet.Value) []byte {
	start := len(b)
	for i, k := range keys {
		if k.IsNull() {
			continue
		}
		if len(b) == start {
			b = append(b, '{')
		} else {
			b = append(b, ',')
		}
		name := *key
		name.quoted = true
		b = append(name.json(b, k), ':')
		if i < len(values) {
			b = value.json(b, values[i])
		} else {
			b = append(b, "null"...)
		}
		if len(b)-start > LongestValue {
			return b
		}
	}
	if len(b) > start {
		b = append(b, '}')
	}
	return b
}

// appendNested writes a list as a JSON array, and a group as a JSON object.
func appendNested(b []byte, leaves []parquetLeaf, of func(int) []parquet.Value) []byte {
	start, some := len(b), false
	if len(leaves) > 1 {
		b = append(b, '{')
	}
	for i := range leaves {
		leaf := &leaves[i]
		if len(leaves) > 1 {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(AppendJSONText(b, []byte(leaf.name)), ':')
		}
		values := of(leaf.index)
		if leaf.repeated {
			b = append(b, '[')
		}
		written := 0
		for _, v := range values {
			if leaf.repeated && v.IsNull() {
				continue
			}
			if written > 0 {
				b = append(b, ',')
			}
			b = leaf.json(b, v)
			written++
			some = some || !v.IsNull()
			if len(b)-start > LongestValue {
				return b
			}
		}
		if leaf.repeated {
			b = append(b, ']')
		} else if written == 0 {
			b = append(b, "null"...)
		}
	}
	if len(leaves) > 1 {
		b = append(b, '}')
	}
	if !some {
		return b[:start]
	}
	return b
}

// json writes a value as JSON.
func (l *parquetLeaf) json(b []byte, v parquet.Value) []byte {
	switch {
	case v.IsNull():
		return append(b, "null"...)
	case !l.quoted:
		return l.write(b, v)
	}
	return AppendJSONText(b, l.write(nil, v))
}

// parquetColumns returns the columns below the root of a file.
func parquetColumns(root *parquet.Column) []parquetColumn {
	var out []parquetColumn
	for _, top := range root.Columns() {
		c := parquetColumn{name: top.Name()}
		depth := len(top.Path())
		var walk func(*parquet.Column)
		walk = func(col *parquet.Column) {
			if !col.Leaf() {
				for _, child := range col.Columns() {
					walk(child)
				}
				return
			}
			write, quoted := parquetText(col.Type())
			c.leaves = append(c.leaves, parquetLeaf{index: col.Index(), name: strings.Join(col.Path()[depth:], "."), write: write, quoted: quoted, repeated: col.MaxRepetitionLevel() > 0})
		}
		walk(top)
		if len(c.leaves) == 0 {
			continue
		}
		if l := c.leaves; len(l) == 2 {
			c.pairs = l[0].repeated && l[1].repeated && strings.HasSuffix(l[0].name, "key") && strings.HasSuffix(l[1].name, "value")
		}
		out = append(out, c)
	}
	return out
}
