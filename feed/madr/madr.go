// Package madr reads decision records that are kept as Markdown, one file for each: MADR 2 to 4, the form of Michael
// Nygard that adr-tools and log4brains keep, and Y-statements.
package madr

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"binnacle/estate/adr"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

const name = "madr"

// Format reads decision records.
var Format = feed.Format{
	Name:     name,
	Label:    "decision records in Markdown",
	Help:     "Each file becomes a decision record with its status, its sections and its links to other records. The text is kept to the last byte, so that it can be written back.",
	Rank:     60,
	Together: true,
	Detect:   detect,
	Read:     read,
}

const (
	// glance is how many bytes of a content are looked at to find out its format.
	glance = 256 << 10
	// longest is how long a decision record may be.
	longest = 1 << 20
)

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	if len(text) == 0 || strings.IndexByte("{[<%&", text[0]) >= 0 && !strings.HasPrefix(string(text[:min(4, len(text))]), "<!--") {
		return 0
	}
	_, sure := adr.Parse("", string(text)).Kind()
	return sure
}

func read(_ context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	switch {
	case strings.TrimSpace(string(text)) == "":
		return errors.New("the content is empty")
	case len(in.Data) > longest*3/4:
		return fmt.Errorf("it has %d bytes, and a decision record has %d at most: split it", len(in.Data), longest*3/4)
	}
	source, file := placeOf(in.Name)
	b.Source = model.Source{Meta: model.Meta{Key: name + ":" + source, Name: "Decision records of " + source}, Format: name, Describes: "Decision records of " + source}
	r := &reader{source: source}
	b.Settlers = append(b.Settlers, r)
	kept := keepable(text)
	d := adr.Parse(file, kept)
	switch kind, _ := d.Kind(); kind {
	case adr.AList:
		b.Count("pages that are no decision", 1)
		b.Note("%s was left out: it is a page about decisions, such as a list of them, and no decision record", in.Name)
		return nil
	case adr.NoRecord:
		return fmt.Errorf("%s is no decision record: it has neither a context with a decision nor a status with one under headings of their own", path.Base(file))
	}
	rec := d.Record()
	tidy(rec)
	if kept != string(in.Data) {
		rec.Raw = base64.StdEncoding.EncodeToString(in.Data)
		b.Note("%s has bytes that no text may have: they are kept beside it", in.Name)
	}
	b.Count("decision records", 1)
	item := &feed.Item{Record: rec, Where: b.At(1, 1, ""), Idents: []feed.Ident{feed.External(file)}, Clear: unsaid(rec)}
	b.AddItem(item)
	r.docs = append(r.docs, &document{item: item, rec: rec, file: file, links: d.Relations()})
	return nil
}

// keepable returns a text without what no text of a record may hold. Nothing else is changed.
func keepable(text []byte) string {
	if utf8.Valid(text) && !strings.ContainsFunc(string(text), unfit) {
		return string(text)
	}
	return strings.Map(func(r rune) rune {
		if unfit(r) {
			return -1
		}
		return r
	}, string(text))
}

func unfit(r rune) bool {
	return r == unicode.ReplacementChar || unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r'
}

// tidy makes short fields fit for a record. The text itself is not touched.
func tidy(rec *model.DecisionRecord) {
	rec.Name = kit.Line(rec.Name)
	if rec.Name == "" {
		rec.Name = rec.Key
	}
	for i, s := range rec.Sections {
		rec.Sections[i].Heading = kit.Line(s.Heading)
	}
}

// unsaid names the fields about which a text says nothing, so that what was taken out of a file goes from the record too.
func unsaid(rec *model.DecisionRecord) []string {
	var out []string
	k := model.Builtin().Of(rec)
	for _, field := range []string{"description", "tags", "number", "decided", "maker_names", "consulted", "informed", "context", "drivers", "considered", "chosen", "outcome",
		"consequences", "confirmation", "arguments", "more", "sections", "status_text", "raw"} {
		if f := k.Field(field); f != nil && !f.Has(rec) {
			out = append(out, field)
		}
	}
	return out
}

// usual are names of folders that say nothing about whose decisions are in them.
var usual = map[string]bool{"": true, ".": true, "..": true, "doc": true, "docs": true, "documentation": true, "adr": true, "adrs": true, "decision": true, "decisions": true, "arch": true, "architecture": true,
	"architecture-decisions": true, "architecture_decisions": true, "architecture-decision-records": true, "architectural-decisions": true, "decision-records": true, "decision-log": true, "src": true, "main": true, "markdown": true, "md": true}

// placeOf returns whose decisions a file is one of, by the folder or archive that it lies in, and the path of the file within that.
func placeOf(file string) (source, within string) {
	parts := strings.Split(path.Clean(strings.ReplaceAll(file, `\`, "/")), "/")
	for i := len(parts) - 2; i >= 0; i-- {
		folder := parts[i]
		if strings.HasSuffix(strings.ToLower(folder), ".zip") {
			folder = folder[:len(folder)-len(".zip")]
		}
		if slug := feed.SlugOf(folder); !usual[slug] && slug != "" {
			return strings.ReplaceAll(slug, "/", "-"), strings.Join(parts[i+1:], "/")
		}
	}
	return "decisions", strings.Join(parts[max(0, len(parts)-1):], "/")
}
