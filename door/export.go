package door

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"binnacle/estate"
	"binnacle/feed/sheet"
	"binnacle/model"
)

// Format is a form in which a list leaves the house.
type Format struct {
	// Name is what addresses call it: csv, xlsx or json.
	Name string
	// Label is what a screen calls it.
	Label string
	// MediaType is the type of the content.
	MediaType string
}

// Formats lists the forms in which a list can leave the house.
func Formats() []Format {
	return []Format{
		{"csv", "CSV", "text/csv; charset=utf-8"},
		{"xlsx", "Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"json", "JSON", "application/json"},
	}
}

// FormatNamed returns the form with a name. The error is a [*NotFound] where there is none.
func FormatNamed(name string) (Format, error) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, &NotFound{"format " + fmt.Sprintf("%q", name)}
}

// servedAs are the types of content that are named as what they are.
var servedAs = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf", "application/zip", "text/plain", "text/csv; charset=utf-8", "application/json"}

// SafeMediaType returns the type that a content is handed out under: its own where no browser runs such content, and otherwise that of plain bytes.
func SafeMediaType(mediaType string) string {
	if slices.Contains(servedAs, mediaType) {
		return mediaType
	}
	return "application/octet-stream"
}

// Export writes all records of a listing in a format, record by record: the same ones, in the same order and with the
// same columns as on the screen, and the key of each. Cells never run as formulas.
func (l Listing) Export(w io.Writer, v estate.View, f Format) error {
	page, err := v.List(l.Query())
	if err != nil {
		return err
	}
	fields := l.Columns
	if key := l.Kind.Field("key"); !slices.Contains(fields, key) {
		fields = append([]*model.Field{key}, fields...)
	}
	switch f.Name {
	case "csv":
		return sheet.WriteCSV(w, l.Kind, fields, slices.Values(page.Records), v)
	case "xlsx":
		return sheet.WriteXLSX(w, l.Kind, fields, slices.Values(page.Records), v)
	}
	return writeJSON(w, l.Kind, fields, page.Records, v)
}

// writeJSON writes an array with an object for each record.
func writeJSON(w io.Writer, k *model.Kind, fields []*model.Field, records []model.Record, names model.Namer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	var line bytes.Buffer
	enc := json.NewEncoder(&line)
	put := func(value any) error {
		line.Reset()
		if err := enc.Encode(value); err != nil {
			return err
		}
		_, err := out.Write(bytes.TrimRight(line.Bytes(), "\n"))
		return err
	}
	out.WriteString("[")
	for i, rec := range records {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n{\"kind\":")
		if err := put(k.Name); err != nil {
			return err
		}
		for _, f := range fields {
			value := f.Tree(rec, names)
			if value == nil {
				continue
			}
			fmt.Fprintf(out, ",%q:", f.Name)
			if err := put(value); err != nil {
				return fmt.Errorf("%s: %s: %w", rec.Base().Key, f.Name, err)
			}
		}
		if _, err := out.WriteString("}"); err != nil {
			return err
		}
	}
	out.WriteString("\n]\n")
	return out.Flush()
}
