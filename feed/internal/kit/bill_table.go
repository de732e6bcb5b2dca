package kit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"binnacle/feed"
)

// TableFormat is how a table of bulk lines is written.
type TableFormat byte

// The ways in which tables of bulk lines are written.
const (
	// CSVTable is text with separators.
	CSVTable TableFormat = iota
	// ParquetTable is Apache Parquet.
	ParquetTable
	// JSONTable is a JSON array of objects, or one object on each line.
	JSONTable
)

// TableKind says how a table is written, from its first bytes.
func TableKind(head []byte) TableFormat {
	if bytes.HasPrefix(head, []byte("PAR1")) {
		return ParquetTable
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n")
	if len(text) > 0 && (text[0] == '{' || text[0] == '[' && bytes.HasPrefix(bytes.TrimLeft(text[1:], " \t\r\n"), []byte("{"))) {
		return JSONTable
	}
	return CSVTable
}

// HeadColumns returns the names of the columns of a table, as far as its first bytes
// tell them. Those of a Parquet file stand at its end: a long one tells none.
func HeadColumns(head []byte) []string {
	switch TableKind(head) {
	case ParquetTable:
		return parquetNames(head)
	case JSONTable:
		return objectNames(head)
	}
	line, _, cut := bytes.Cut(head, []byte{'\n'})
	if !cut && len(head) >= feed.DetectBytes || bytes.IndexByte(line, 0) >= 0 {
		return nil
	}
	rows := NewLines(context.Background(), bytes.NewReader(line), Comma(line))
	defer rows.Close()
	if !rows.Next() || rows.Row().Problem != "" {
		return nil
	}
	return valuesOf(rows.Row())
}

// valuesOf returns the values of a row as texts.
func valuesOf(r *Row) []string {
	out := make([]string, r.Len())
	for i := range out {
		out[i] = BillText(r.Value(i))
	}
	return out
}

// OpenTable returns the rows of a table that is CSV, Parquet or JSON, and the names of its columns. The rows must be closed.
func OpenTable(ctx context.Context, in feed.BulkInput) (Rows, []string, error) {
	head := make([]byte, min(in.Size, feed.DetectBytes))
	if n, err := in.Content.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	} else if head = head[:n]; n == 0 {
		return nil, nil, errors.New("the file is empty")
	}
	switch TableKind(head) {
	case ParquetTable:
		return OpenParquet(ctx, in.Content, in.Size)
	case JSONTable:
		return OpenObjects(ctx, in)
	}
	rows := NewLines(ctx, in.Reader(), Comma(head))
	if !rows.Next() {
		defer rows.Close()
		if rows.Err() != nil {
			return nil, nil, rows.Err()
		}
		return nil, nil, errors.New("the file is empty")
	}
	if p := rows.Row().Problem; p != "" {
		rows.Close()
		return nil, nil, errors.New("the first line, which names the columns, cannot be read: " + p)
	}
	names := valuesOf(rows.Row())
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
	}
	return rows, names, nil
}
