// Package epss reads the daily file of the Exploit Prediction Scoring System: the probability of every vulnerability that
// it is used in the next 30 days.
package epss

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Format reads the daily file. It has some hundred thousand rows and most change every day, so all rows of the vulnerabilities of
// one year become one record. None is left out, so that it does not matter whether the scores or the advisories come first.
var Format = feed.Format{
	Name:     name,
	Label:    "EPSS scores",
	Help:     "The probabilities of all vulnerabilities become one record for each year in their identifiers. Questions about vulnerabilities look them up there.",
	Rank:     50,
	Together: true,
	Detect:   detect,
	Read:     read,
}

const name = "epss"

// columns is the first row of the table.
const columns = "cve,epss,percentile"

func detect(data []byte) int {
	first, rest, _ := bytes.Cut(kit.Glance(data, 4096), []byte("\n"))
	if bytes.HasPrefix(first, []byte("#")) {
		second, _, _ := bytes.Cut(rest, []byte("\n"))
		if _, ok := headOf(string(second)); ok && bytes.Contains(first, []byte("model_version")) {
			return 98
		}
		return 0
	}
	if _, ok := headOf(string(first)); ok {
		return 90
	}
	return 0
}

// head says in which column what stands.
type head struct{ cve, probability, percentile, width int }

// headOf reads the first row of a table.
func headOf(row string) (h head, ok bool) {
	h = head{-1, -1, -1, 0}
	for i, cell := range strings.Split(strings.TrimSpace(row), ",") {
		switch strings.ToLower(strings.Trim(cell, `" `)) {
		case "cve", "cve id", "cve_id":
			h.cve = i
		case "epss", "epss score", "epss_score":
			h.probability = i
		case "percentile", "epss percentile", "epss_percentile":
			h.percentile = i
		}
		h.width = i + 1
	}
	return h, h.cve >= 0 && h.probability >= 0 && h.percentile >= 0
}

// reader fills the batch of one file.
type reader struct {
	batch *feed.Batch
	years map[int]*year
	order []int
}

// year is the scores of the vulnerabilities of one year.
type year struct {
	scores []model.ExploitScore
	seen   map[uint64]bool
	line   int
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	b.Source = model.Source{Meta: model.Meta{Key: name, Name: "EPSS scores"}, Format: name, Describes: "Probabilities that vulnerabilities are used"}
	r := &reader{batch: b, years: map[int]*year{}}
	version, day := "", model.Date(0)
	rest, skipped := string(text), 0
	for strings.HasPrefix(rest, "#") {
		row, after, _ := strings.Cut(rest, "\n")
		if version, day, err = comment(row); err != nil {
			return fmt.Errorf("line %d: %w", skipped+1, err)
		}
		if t, err := model.ParseTime(member(row, "score_date")); err == nil {
			b.Source.Produced = t
		}
		rest, skipped = after, skipped+1
	}
	if day.IsZero() {
		b.Note("the file does not say of which day and model the scores are: scores of a known day take their place")
	}
	if err := r.table(ctx, rest, skipped); err != nil {
		return err
	}
	b.Source.Release = version
	return r.add(version, day)
}

// table reads the table with its first row. Some lines stand before it.
func (r *reader) table(ctx context.Context, text string, before int) error {
	first, _, _ := strings.Cut(text, "\n")
	h, ok := headOf(first)
	if !ok {
		return fmt.Errorf("line %d: the first row of the table must name the columns %s", before+1, columns)
	}
	in := csv.NewReader(strings.NewReader(text))
	in.FieldsPerRecord, in.ReuseRecord, in.LazyQuotes = -1, true, true
	if _, err := in.Read(); err != nil {
		return fmt.Errorf("line %d: %w", before+1, err)
	}
	for n := 0; ; n++ {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the table cannot be read: %w", err)
		}
		line, _ := in.FieldPos(0)
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		r.row(h, cells, before+line)
	}
}

// comment reads the comment line with the version of the model and the day.
func comment(row string) (version string, day model.Date, err error) {
	version = kit.Clean(member(row, "model_version"))
	text := member(row, "score_date")
	if len(text) >= 10 {
		day, err = model.ParseDate(text[:10])
	}
	if day.IsZero() || err != nil || version == "" {
		return "", 0, errors.New("the comment line must say model_version and score_date, such as #model_version:v2025.03.14,score_date:2025-12-26T12:55:00Z")
	}
	return version, day, nil
}

// member returns what stands behind a name in the comment line.
func member(row, name string) string {
	for part := range strings.SplitSeq(strings.TrimPrefix(row, "#"), ",") {
		if key, value, ok := strings.Cut(part, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// row reads one score.
func (r *reader) row(h head, cells []string, line int) {
	at := r.batch.At(line, 0, "")
	if len(cells) != h.width {
		r.batch.Refuse(at, "the row has %d columns and not %d: %s", len(cells), h.width, kit.Short(strings.Join(cells, ",")))
		return
	}
	id := strings.TrimSpace(cells[h.cve])
	in, number, ok := identifier(id)
	if !ok {
		r.batch.Refuse(at, "%q is not the identifier of a vulnerability: it is written as CVE-2021-44228", kit.Short(id))
		return
	}
	s := model.ExploitScore{Number: number}
	for column, into := range map[int]*uint64{h.probability: &s.Probability, h.percentile: &s.Percentile} {
		if *into, ok = units(strings.TrimSpace(cells[column])); !ok {
			r.batch.Refuse(at, "%q is not a number from 0 to 1", kit.Short(cells[column]))
			return
		}
	}
	y := r.years[in]
	if y == nil {
		y = &year{seen: map[uint64]bool{}, line: line}
		r.years[in] = y
		r.order = append(r.order, in)
	}
	if y.seen[number] {
		r.batch.Refuse(at, "%s is there twice: the first row counts", id)
		return
	}
	y.seen[number] = true
	y.scores = append(y.scores, s)
}

// identifier takes the identifier of a vulnerability apart.
func identifier(text string) (year int, number uint64, ok bool) {
	rest, found := strings.CutPrefix(strings.ToUpper(text), "CVE-")
	if !found || len(rest) < 9 || rest[4] != '-' {
		return 0, 0, false
	}
	year, err := strconv.Atoi(rest[:4])
	if err != nil || year < 1999 {
		return 0, 0, false
	}
	number, err = strconv.ParseUint(rest[5:], 10, 53)
	return year, number, err == nil
}

// units reads a number from 0 to 1 in units of [model.ScoreUnit].
func units(text string) (uint64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, false
	}
	return uint64(math.Round(f * model.ScoreUnit)), true
}

// add proposes one record for each year.
func (r *reader) add(version string, day model.Date) error {
	n := 0
	for _, in := range r.order {
		y := r.years[in]
		packed, err := model.PackScores(y.scores)
		if err != nil {
			return fmt.Errorf("the scores of %d: %w", in, err)
		}
		n += len(y.scores)
		r.batch.Add(&model.ExploitScores{
			Meta:  model.Meta{Key: fmt.Sprintf("epss-%d", in), Name: fmt.Sprintf("EPSS scores of CVE-%d", in)},
			Model: version, Scored: day, Year: in, Vulnerabilities: len(y.scores), Packed: packed,
		}, r.batch.At(y.line, 0, ""))
	}
	r.batch.Count("scores", n)
	r.batch.Settlers = append(r.batch.Settlers, newest{})
	return nil
}

// newest lets the scores of the newest day count, whichever file comes last.
type newest struct{}

// Settle leaves records as they are that the estate, or another file of the import, has of a later day.
func (newest) Settle(v estate.View, b *feed.Batch, _ []feed.Settler) {
	latest := map[string]model.Date{}
	older := map[string]bool{}
	for rec := range estate.Each[*model.ExploitScores](v) {
		latest[rec.Key] = rec.Scored
	}
	for _, item := range b.Items {
		if rec, ok := item.Record.(*model.ExploitScores); ok {
			latest[rec.Key] = max(latest[rec.Key], rec.Scored)
		}
	}
	for _, item := range b.Items {
		if rec, ok := item.Record.(*model.ExploitScores); ok {
			item.Mention = rec.Scored < latest[rec.Key]
			older[rec.Scored.String()] = older[rec.Scored.String()] || item.Mention
		}
	}
	for _, day := range slices.Sorted(maps.Keys(older)) {
		if older[day] && day == "" {
			b.Note("scores of no known day were left out where there are scores of a known one")
		} else if older[day] {
			b.Note("scores of %s were left out where there are newer ones", day)
		}
	}
}
