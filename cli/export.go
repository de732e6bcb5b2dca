package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"binnacle/feed/manifest"
	"binnacle/feed/sheet"
	"binnacle/model"
)

// exportFormats are the formats that export writes.
var exportFormats = []string{"yaml", "csv", "xlsx", "json"}

type exportCmd struct {
	Kinds  []string `arg:"" optional:"" help:"The kinds to write. Default: all but the bookkeeping (sources and scenarios)."`
	Output string   `short:"o" placeholder:"PATH" help:"A folder, which gets one file for each kind, or a file. Default: the standard output."`
}

// Help shows how the command is used.
func (exportCmd) Help() string {
	return `The formats are yaml (default), csv, xlsx and json; all of them are read back by binnacle import. Reading a whole export into an empty estate gives the same estate, and reading it again changes nothing. What Binnacle keeps for itself, such as where a value came from, is left out: binnacle backup keeps that too.

Examples:

    binnacle export --output estate/
    binnacle export Application Host --format json
    binnacle export contracts --format xlsx --output contracts.xlsx
    binnacle export --as-of 2026-06-30 --output june/`
}

// Run writes the records.
func (c *exportCmd) Run(ctx context.Context, s *session) error {
	format := s.globals.Format
	if format == "" {
		format = "yaml"
		for _, f := range exportFormats {
			if strings.HasSuffix(c.Output, "."+f) {
				format = f
			}
		}
	}
	if s.far != nil {
		return c.far(ctx, s, format)
	}
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	kinds, err := c.kinds(v.Schema(), v.Count)
	if err != nil {
		return err
	}
	return c.export(s, &exporter{names: v, all: v.All, format: format}, kinds)
}

// export writes kinds to where the flags say.
func (c *exportCmd) export(s *session, e *exporter, kinds []*model.Kind) error {
	format := e.format
	switch {
	case c.Output == "" || c.Output == "-":
		return c.toStdout(s, e, kinds)
	case isFolder(c.Output):
		return c.toFolder(s, e, kinds)
	}
	if len(kinds) != 1 && (format == "csv" || format == "xlsx") {
		return usage("a %s file holds one kind: name it, or give a folder to --output", format)
	}
	if err := writeFile(c.Output, true, func(w io.Writer) error { return e.write(w, kinds) }); err != nil {
		return err
	}
	s.say("%s written to %s", counted(e.written, "record"), c.Output)
	return nil
}

// isFolder reports whether a path is meant as a folder: one that is there, ends with a slash or has no extension.
func isFolder(path string) bool {
	if info, err := os.Stat(path); err == nil {
		return info.IsDir()
	}
	return strings.HasSuffix(path, "/") || filepath.Ext(path) == ""
}

// kinds returns the kinds to write, definitions first.
func (c *exportCmd) kinds(schema *model.Schema, count func(string) int) ([]*model.Kind, error) {
	var out []*model.Kind
	for _, name := range c.Kinds {
		k, err := kindOf(schema, name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	for _, k := range schema.Kinds() {
		if len(c.Kinds) == 0 && k.Name != "Source" && k.Name != "Scenario" && count(k.Name) > 0 {
			out = append(out, k)
		}
	}
	slices.SortStableFunc(out, func(a, b *model.Kind) int {
		place := func(k *model.Kind) int {
			if i := slices.Index(definitions, k.Name); i >= 0 {
				return i
			}
			return len(definitions)
		}
		return place(a) - place(b)
	})
	return out, nil
}

func (c *exportCmd) toStdout(s *session, e *exporter, kinds []*model.Kind) error {
	switch {
	case e.format == "xlsx":
		return usage("a workbook is not written to a terminal: give --output FILE.xlsx")
	case e.format == "csv" && len(kinds) != 1:
		return usage("a csv file holds one kind: name it, or give a folder to --output")
	}
	out := bufio.NewWriterSize(s.env.Stdout, 64<<10)
	if err := e.write(out, kinds); err != nil {
		return err
	}
	return out.Flush()
}

// definitions are the kinds that others need to be read, in the order in which they are needed.
var definitions = []string{"KindDefinition", "FieldDefinition"}

// fileName returns the name of the file of a kind in a folder. Definitions come
// first by name, because a folder is read in that order.
func fileName(k *model.Kind) string {
	name := strings.ReplaceAll(strings.ToLower(k.Plural), " ", "-")
	if i := slices.Index(definitions, k.Name); i >= 0 {
		return fmt.Sprintf("%d-%s", i+1, name)
	}
	return name
}

func (c *exportCmd) toFolder(s *session, e *exporter, kinds []*model.Kind) error {
	if err := os.MkdirAll(c.Output, 0o777); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	for _, k := range kinds {
		name := filepath.Join(c.Output, fileName(k)+"."+e.format)
		if err := writeFile(name, true, func(w io.Writer) error { return e.write(w, []*model.Kind{k}) }); err != nil {
			return err
		}
	}
	s.say("%s of %s written to %s", counted(e.written, "record"), counted(len(kinds), "kind"), c.Output)
	return nil
}

// exporter writes the records of kinds in a format that import reads.
type exporter struct {
	names lens
	// all yields the records of a kind.
	all     func(kind string) iter.Seq[model.Record]
	format  string
	written int
	// fault is why not all of them could be had.
	fault error
}

func (e *exporter) write(w io.Writer, kinds []*model.Kind) error {
	if err := e.writeAll(w, kinds); err != nil {
		return err
	}
	return e.fault
}

func (e *exporter) writeAll(w io.Writer, kinds []*model.Kind) error {
	if e.format == "json" {
		return e.writeJSON(w, kinds)
	}
	for _, k := range kinds {
		switch e.format {
		case "csv":
			return sheet.WriteCSV(w, k, exported(k), e.records(k), e.names)
		case "xlsx":
			return sheet.WriteXLSX(w, k, exported(k), e.records(k), e.names)
		}
		for rec := range e.records(k) {
			if err := manifest.Write(w, k, rec, e.names); err != nil {
				return err
			}
		}
	}
	return nil
}

// exported returns the fields that an export has columns for.
func exported(k *model.Kind) []*model.Field {
	return slices.DeleteFunc(slices.Clone(k.Fields), func(f *model.Field) bool { return f.System })
}

// records yields the records of a kind and counts them.
func (e *exporter) records(k *model.Kind) iter.Seq[model.Record] {
	return func(yield func(model.Record) bool) {
		for rec := range e.all(k.Name) {
			e.written++
			if !yield(rec) {
				return
			}
		}
	}
}

// writeJSON writes one list of records, one on each line.
func (e *exporter) writeJSON(w io.Writer, kinds []*model.Kind) error {
	separator := "[\n"
	for _, k := range kinds {
		for rec := range e.records(k) {
			o := object{{"kind", k.Name}}
			for _, f := range exported(k) {
				if value := f.Tree(rec, e.names); value != nil {
					o.set(manifest.Name(f), value)
				}
			}
			raw, err := marshal(o)
			if err != nil {
				return fmt.Errorf("write %s: %w", nameOf(rec), err)
			}
			if _, err := fmt.Fprintf(w, "%s%s", separator, raw); err != nil {
				return err
			}
			separator = ",\n"
		}
	}
	end := "\n]\n"
	if e.written == 0 {
		end = "[]\n"
	}
	_, err := io.WriteString(w, end)
	return err
}
