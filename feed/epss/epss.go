// Package epss reads the daily file of the Exploit Prediction Scoring System: the probability of every vulnerability that
// it is used in the next 30 days.
package epss

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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
	text := kit.Glance(data, 4096)
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	if bytes.HasPrefix(first, []byte("#")) {
		second, _, _ := bytes.Cut(rest, []byte("\n"))
		if bytes.Contains(first, []byte("model_version")) && bytes.EqualFold(bytes.TrimSpace(second), []byte(columns)) {
			return 98
		}
		return 0
	}
	if bytes.EqualFold(bytes.TrimSpace(first), []byte(columns)) {
		return 90
	}
	return 0
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
	line, header := 0, false
	for raw := range strings.Lines(string(text)) {
		if line++; line%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row := strings.TrimSpace(raw)
		switch {
		case row == "":
		case strings.HasPrefix(row, "#"):
			if version, day, err = comment(row); err != nil {
				return fmt.Errorf("line %d: %w", line, err)
			}
			if t, err := model.ParseTime(member(row, "score_date")); err == nil {
				b.Source.Produced = t
			}
		case !header:
			if !strings.EqualFold(row, columns) {
				return fmt.Errorf("line %d: the first row of the table must be %s", line, columns)
			}
			header = true
		default:
			r.row(row, line)
		}
	}
	switch {
	case !header:
		return fmt.Errorf("there is no table: its first row is %s", columns)
	case day.IsZero():
		return errors.New("the comment line is missing, which says of which day and model the scores are, such as #model_version:v2025.03.14,score_date:2025-12-26T12:55:00Z: keep it as the first line")
	}
	b.Source.Release = version
	return r.add(version, day)
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
func (r *reader) row(row string, line int) {
	at := r.batch.At(line, 0, "")
	cells := strings.Split(row, ",")
	if len(cells) != 3 {
		r.batch.Refuse(at, "the row has %d columns and not 3: %s", len(cells), kit.Short(row))
		return
	}
	in, number, ok := identifier(strings.Trim(cells[0], `" `))
	if !ok {
		r.batch.Refuse(at, "%q is not the identifier of a vulnerability: it is written as CVE-2021-44228", kit.Short(cells[0]))
		return
	}
	s := model.ExploitScore{Number: number}
	for i, into := range []*uint64{&s.Probability, &s.Percentile} {
		if *into, ok = units(strings.Trim(cells[i+1], `" `)); !ok {
			r.batch.Refuse(at, "%q is not a number from 0 to 1", kit.Short(cells[i+1]))
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
		r.batch.Refuse(at, "%s is there twice: the first row counts", strings.Trim(cells[0], `" `))
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
		if older[day] {
			b.Note("scores of %s were left out where there are newer ones", day)
		}
	}
}
