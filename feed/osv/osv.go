// Package osv reads advisories in the format of the Open Source Vulnerability schema (OSV), version 1: single records in JSON or
// YAML, lists of records, answers of the interface of osv.dev, and one record a line.
package osv

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Format reads advisories. A folder or an archive of records is one source, and one entry in the journal.
var Format = feed.Format{
	Name:     name,
	Label:    "OSV advisories",
	Help:     "Records become advisories with the packages and the ranges of versions that they are about. All records of one import are one source.",
	Rank:     50,
	Together: true,
	Detect:   detect,
	Read:     read,
}

const name = "osv"

// glance is how many bytes of a content are looked at to find out its format.
const glance = 256 << 10

// mostRepeats is how many values the aliases of a YAML record may stand for.
const mostRepeats = 10_000

// own are members that records have and that few other formats use.
var own = []string{"affected", "schema_version", "modified", "withdrawn", "aliases", "references", "details", "summary", "severity"}

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	if len(text) == 0 {
		return 0
	}
	switch text[0] {
	case '{':
		return detectObject(text)
	case '[':
		return min(detectObject(bytes.TrimLeft(text[1:], " \t\r\n")), 98)
	}
	if bytes.HasPrefix(text, []byte("id: ")) || bytes.Contains(text, []byte("\nid: ")) {
		if bytes.Contains(text, []byte("\nmodified: ")) && bytes.Contains(text, []byte("\naffected:")) {
			return 95
		}
	}
	return 0
}

func detectObject(text []byte) int {
	names := kit.Members(text)
	if names["vulns"] && bytes.Contains(text, []byte(`"affected"`)) || names["results"] && bytes.Contains(text, []byte(`"vulns"`)) && bytes.Contains(text, []byte(`"affected"`)) {
		return 90
	}
	if !names["id"] || names["bomFormat"] || names["cveMetadata"] {
		return 0
	}
	n := 0
	for _, member := range own {
		if names[member] {
			n++
		}
	}
	switch {
	case names["modified"] && (names["affected"] || names["schema_version"]) && n >= 3:
		return 100
	case n >= 3 && (names["affected"] || names["modified"]), names["modified"] && names["affected"]:
		return 80
	}
	return 0
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	b.Source = model.Source{
		Meta: model.Meta{Key: name, Name: "OSV advisories"}, Format: name, Location: folder(in.Name),
		Describes: "Vulnerabilities of packages",
	}
	r := &reader{ctx: ctx, batch: b, left: &leftOut{}}
	b.Settlers = append(b.Settlers, r.left)
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	if len(trimmed) == 0 {
		return errors.New("the content is empty")
	}
	if trimmed[0] != '{' && trimmed[0] != '[' {
		root, err := kit.YAMLNodes(text, b.Limits, mostRepeats)
		if err != nil {
			return fmt.Errorf("the YAML cannot be read: %w", err)
		}
		return r.root(root)
	}
	if trimmed[0] == '{' && severalLines(trimmed) {
		return r.lines(text)
	}
	root, err := kit.JSONNodes(kit.NewText(text), b.Limits)
	if err != nil {
		return err
	}
	return r.root(root)
}

// folder returns the folder or the archive that a content came from, because all records in it are one source.
func folder(file string) string {
	if dir := path.Dir(strings.ReplaceAll(file, `\`, "/")); dir != "." {
		return dir
	}
	return ""
}

// severalLines reports whether a text has one JSON object on its first line and another one behind it.
func severalLines(text []byte) bool {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	line, rest = bytes.TrimSpace(line), bytes.TrimSpace(rest)
	return len(line) > 1 && line[len(line)-1] == '}' && len(rest) > 0 && rest[0] == '{'
}

// leftOut counts what is left out of the records of a content. All contents of an import tell it in one note.
type leftOut struct {
	commits, unplaced int
}

// Settle writes the notes for all contents of the import.
func (l *leftOut) Settle(_ estate.View, b *feed.Batch, all []feed.Settler) {
	var sum leftOut
	for _, one := range all {
		if o, ok := one.(*leftOut); ok {
			sum.commits, sum.unplaced = sum.commits+o.commits, sum.unplaced+o.unplaced
		}
	}
	if sum.commits > 0 {
		b.Note("%d ranges of commits (type GIT) were left out: components are known by their versions", sum.commits)
	}
	if sum.unplaced > 0 {
		b.Note("%d ranges name versions whose order is not known: they were kept as they are, and fit no version but those that they name", sum.unplaced)
	}
}

// reader fills the batch of one content.
type reader struct {
	ctx   context.Context
	batch *feed.Batch
	left  *leftOut
	line  int
}

// lines reads one record a line.
func (r *reader) lines(text []byte) error {
	for line := range bytes.Lines(text) {
		r.line++
		if err := r.ctx.Err(); err != nil {
			return err
		}
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		root, err := kit.JSONNodes(kit.NewText(line), r.batch.Limits)
		if err != nil {
			r.batch.Refuse(r.batch.At(r.line, 0, ""), "%v", err)
			continue
		}
		r.record(root, "")
	}
	return nil
}

// root reads a document: a record, a list of records, or an answer of the interface.
func (r *reader) root(root *kit.Node) error {
	switch {
	case root.Shape == kit.List:
		return r.list(root.Items, "")
	case root.Shape != kit.Object:
		return errors.New("it is neither a record nor a list of records")
	case root.Get("vulns") != nil:
		return r.list(root.List("vulns"), "vulns")
	case root.Get("results") != nil:
		for i, result := range root.List("results") {
			if err := r.list(result.List("vulns"), fmt.Sprintf("results[%d].vulns", i)); err != nil {
				return err
			}
		}
		return nil
	}
	r.record(root, "")
	return nil
}

func (r *reader) list(records []*kit.Node, at string) error {
	for i, n := range records {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		r.record(n, fmt.Sprintf("%s[%d]", at, i))
	}
	return nil
}

// at returns the place of a node.
func (r *reader) at(n *kit.Node, path string) feed.Where {
	line, column := n.Line, n.Column
	if r.line > 0 {
		line = r.line
	}
	return r.batch.At(line, column, strings.TrimPrefix(path, "."))
}
