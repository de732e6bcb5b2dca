// Package kev reads the catalogue of known exploited vulnerabilities of CISA (KEV), as JSON and as CSV.
package kev

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Format reads the catalogue.
var Format = feed.Format{
	Name:   name,
	Label:  "Known exploited vulnerabilities (KEV)",
	Help:   "Rows become advisories with the day since which they are known to be used in attacks. Other advisories about the same CVE are enriched.",
	Rank:   50,
	Detect: detect,
	Read:   read,
}

const name = "kev"

const glance = 64 << 10

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	switch {
	case len(text) == 0:
		return 0
	case text[0] == '{':
		names := kit.Members(text)
		if names["catalogVersion"] && names["vulnerabilities"] || names["vulnerabilities"] && bytes.Contains(text, []byte(`"knownRansomwareCampaignUse"`)) {
			return 95
		}
		return 0
	}
	header, _, _ := bytes.Cut(text, []byte("\n"))
	if bytes.Contains(header, []byte("cveID")) && bytes.Contains(header, []byte("dateAdded")) {
		return 95
	}
	return 0
}

// row is one row of the catalogue by the names of its columns.
type row func(column string) string

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	b.Source = model.Source{
		Meta: model.Meta{Key: name, Name: "CISA known exploited vulnerabilities"}, Format: name, Describes: "Vulnerabilities that are used in attacks",
	}
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	if len(trimmed) > 0 && trimmed[0] == '{' {
		return readJSON(ctx, text, b)
	}
	return readCSV(ctx, text, b)
}

func readJSON(ctx context.Context, text []byte, b *feed.Batch) error {
	root, err := kit.JSONNodes(kit.NewText(text), b.Limits)
	if err != nil {
		return err
	}
	if root.Get("vulnerabilities") == nil {
		return errors.New("there is no member called vulnerabilities: this is not the catalogue")
	}
	b.Source.Release = root.String("catalogVersion")
	if t, err := model.ParseTime(root.String("dateReleased")); err == nil {
		b.Source.Produced = t
	}
	all := root.List("vulnerabilities")
	for i, n := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		add(b, b.At(n.Line, n.Column, fmt.Sprintf("vulnerabilities[%d]", i)), func(column string) string {
			if column == "cwes" {
				var out []string
				for _, cwe := range n.List(column) {
					out = append(out, cwe.Plain())
				}
				return strings.Join(out, ",")
			}
			return n.String(column)
		})
	}
	if stated := root.String("count"); stated != "" && stated != fmt.Sprint(len(all)) {
		b.Note("the catalogue says that it has %s rows and has %d", stated, len(all))
	}
	return nil
}

func readCSV(ctx context.Context, text []byte, b *feed.Batch) error {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, true
	header, err := r.Read()
	if err != nil {
		return fmt.Errorf("the first row cannot be read: %w", err)
	}
	header = slices.Clone(header)
	if !slices.Contains(header, "cveID") {
		return errors.New("the first row has no column cveID: this is not the catalogue")
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the table cannot be read: %w", err)
		}
		line, _ := r.FieldPos(0)
		add(b, b.At(line, 0, ""), func(column string) string {
			if i := slices.Index(header, column); i >= 0 && i < len(cells) {
				return kit.Clean(cells[i])
			}
			return ""
		})
	}
}

var (
	identifier = regexp.MustCompile(`^CVE-\d{4}-\d{4,}$`)
	address    = regexp.MustCompile(`https?://[^\s;,"]+`)
	weakness   = regexp.MustCompile(`CWE-\d+`)
)

// add proposes the advisory of one row.
func add(b *feed.Batch, at feed.Where, get row) {
	id := strings.ToUpper(get("cveID"))
	if !identifier.MatchString(id) {
		b.Refuse(at, "%q is not the identifier of a vulnerability: it is written as CVE-2021-44228", kit.Short(get("cveID")))
		return
	}
	a := &model.Advisory{Meta: model.Meta{Key: id, Name: get("vulnerabilityName"), Description: get("shortDescription")}, RequiredAction: get("requiredAction")}
	added, err := model.ParseDate(get("dateAdded"))
	if err != nil {
		b.RefuseRecord(at, "Advisory/"+id, "dateAdded", fmt.Sprintf("%q is not a day: write it as 2024-05-01", kit.Short(get("dateAdded"))))
		return
	}
	a.Exploited = added
	if text := get("dueDate"); text != "" {
		due, err := model.ParseDate(text)
		if err != nil {
			b.RefuseRecord(at, "Advisory/"+id, "dueDate", fmt.Sprintf("%q is not a day: write it as 2024-05-01", kit.Short(text)))
			return
		}
		a.ExploitedDue = due
	}
	a.Ransomware = strings.EqualFold(get("knownRansomwareCampaignUse"), "Known")
	a.References = unique(address.FindAllString(get("notes"), -1))
	a.Weaknesses = unique(weakness.FindAllString(get("cwes"), -1))
	b.Count("known exploited vulnerabilities", 1)
	if a.Ransomware {
		b.Count("used by ransomware", 1)
	}
	b.Add(a, at)
}

// unique leaves out what is there already.
func unique(all []string) []string {
	var out []string
	for _, s := range all {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
