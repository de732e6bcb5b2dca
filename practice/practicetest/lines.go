package practicetest

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
)

// Lines are bulk lines of a series as CSV. The first row names the columns. Three names are special, and all of them may be left out:
//
//   - Load is the key of the record of kind Load that the line belongs to. Without it the key is the series and the month
//     of the line, such as cost-2027-06. Where the records have no such load it is made, and counts.
//   - Start is the first day or moment of the line, End the day or moment after its last one. Without a start the line is of 2027-01-01,
//     without an end it is a day long.
//   - The measures of the series, such as BilledCost or Quantity, are numbers, or empty for nothing. Where a cost has no column for
//     EffectiveCost, ListCost or ContractedCost, it is the same as BilledCost.
//
// Every other name is a column of the items, such as ServiceName, SubAccountId, Tags or Subject. Where costs have no column BillingCurrency, it is EUR.
type Lines struct {
	// Series is the name of the series: cost, usage or delivery.
	Series string
	// CSV are the lines.
	CSV string
}

// World returns the estate that a YAML text describes, as [Estate] does, with
// bulk lines beside it. Put the reader beside a view with [estate.View.With].
func World(text string, lines ...Lines) (*estate.Snapshot, facts.Reader, error) {
	records, err := records(text)
	if err != nil {
		return nil, nil, err
	}
	w := &world{records: records, store: facts.NewMemory(true), loads: map[string]*model.Load{}, made: map[string]*part{}}
	for _, rec := range records {
		if load, ok := rec.(*model.Load); ok {
			w.loads[load.Key] = load
		}
	}
	for _, l := range lines {
		if err := w.read(l); err != nil {
			return nil, nil, err
		}
	}
	if err := w.finish(); err != nil {
		return nil, nil, err
	}
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values(w.records))
	return snap, facts.NewReader(w.store, 1<<30), err
}

type world struct {
	records []model.Record
	store   *facts.Memory
	loads   map[string]*model.Load
	made    map[string]*part
	order   []*part
}

// part is one load that is being written.
type part struct {
	record *model.Load
	writer facts.Writer
	tally  *facts.Tally
	// given says that the record stood among the records already.
	given bool
}

// layout says where in a row what stands.
type layout struct {
	series           facts.Series
	load, start, end int
	measures         []int
	columns          []string
	at               []int
	currency         bool
}

func (w *world) read(l Lines) error {
	series, ok := facts.SeriesOf(l.Series)
	if !ok {
		return fmt.Errorf("there is no series %q: write cost, usage or delivery", l.Series)
	}
	r := csv.NewReader(strings.NewReader(l.CSV))
	r.Comment, r.TrimLeadingSpace = '#', true
	head, err := r.Read()
	if err != nil {
		return fmt.Errorf("%s: the first row must name the columns: %w", l.Series, err)
	}
	form := layoutOf(series, head)
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", l.Series, err)
		}
		line, _ := r.FieldPos(0)
		if err := w.line(form, row, int64(line)); err != nil {
			return fmt.Errorf("%s: line %d: %w", l.Series, line, err)
		}
	}
}

func layoutOf(series facts.Series, head []string) *layout {
	form := &layout{series: series, load: slices.Index(head, "Load"), start: slices.Index(head, "Start"), end: slices.Index(head, "End")}
	for _, m := range series.Measures {
		form.measures = append(form.measures, slices.Index(head, m))
	}
	for i, name := range head {
		if i != form.load && i != form.start && i != form.end && !slices.Contains(series.Measures, name) {
			form.columns, form.at = append(form.columns, name), append(form.at, i)
		}
	}
	if form.currency = series.Name == facts.Costs.Name && !slices.Contains(head, "BillingCurrency"); form.currency {
		form.columns = append(form.columns, "BillingCurrency")
	}
	return form
}

func (w *world) line(form *layout, row []string, number int64) error {
	line := facts.Line{Row: number, Start: facts.SecondsOf(model.NewDate(2027, 1, 1))}
	var err error
	if form.start >= 0 {
		if line.Start, err = seconds(row[form.start]); err != nil {
			return err
		}
	}
	line.End = line.Start + 86400
	if form.end >= 0 && row[form.end] != "" {
		if line.End, err = seconds(row[form.end]); err != nil {
			return err
		}
	}
	for i, at := range form.measures {
		switch {
		case at < 0 && form.series.Name == facts.Costs.Name && i <= facts.Contracted && i > 0:
			line.Values[i] = line.Values[facts.Billed]
		case at >= 0 && row[at] != "":
			if line.Values[i], err = facts.ParseDecimal(row[at]); err != nil {
				return fmt.Errorf("%s: %w", form.series.Measures[i], err)
			}
		}
	}
	day := facts.DayOf(line.Start)
	key := fmt.Sprintf("%s-%s", form.series.Name, day.String()[:7])
	if form.load >= 0 && row[form.load] != "" {
		key = row[form.load]
	}
	p, err := w.part(form, key, day)
	if err != nil {
		return err
	}
	values := make([]string, 0, len(form.columns))
	for _, at := range form.at {
		values = append(values, row[at])
	}
	if form.currency {
		values = append(values, "EUR")
	}
	if line.Item, err = p.writer.Item(facts.HashOf(values), func() []string { return values }); err != nil {
		return err
	}
	p.tally.Item(line.Item, values)
	p.tally.Add(&line)
	if !p.given {
		p.note(form, values)
	}
	return p.writer.Add(&line)
}

// note fills the record of a load that was made for the lines.
func (p *part) note(form *layout, values []string) {
	if i := slices.Index(form.columns, "ProviderName"); i >= 0 {
		p.record.Provider = values[i]
	}
	if i := slices.Index(form.columns, "BillingAccountId"); i >= 0 {
		p.record.Subject = values[i]
	}
}

// part returns the load with a key, which is begun where it is new.
func (w *world) part(form *layout, key string, day model.Date) (*part, error) {
	if p := w.made[key]; p != nil {
		return p, nil
	}
	load := w.loads[key]
	p := &part{record: load, given: load != nil}
	if load == nil {
		first := model.NewDate(day.Time().Year(), day.Time().Month(), 1)
		load = &model.Load{Meta: model.Meta{ID: IDOf(1_000_000 + len(w.order)), Key: key, Name: key, Version: 1}, Series: form.series.Name, State: model.LoadCounts,
			From: first, Until: first.AddMonths(1).AddDays(-1)}
		p.record = load
		w.records = append(w.records, load)
	}
	h := facts.Header{Load: load.ID, Series: form.series.Name, Columns: form.columns}
	var err error
	if p.writer, err = w.store.Write(context.Background(), h); err != nil {
		return nil, err
	}
	p.tally = facts.NewTally(h)
	w.made[key] = p
	w.order = append(w.order, p)
	return p, nil
}

// finish commits the loads and writes into their records what they add up to.
func (w *world) finish() error {
	for _, p := range w.order {
		if _, err := p.writer.Commit(context.Background()); err != nil {
			return err
		}
		p.record.Totals, p.record.Lines = p.tally.Totals(), int(p.tally.Lines())
		if p.record.State == "" {
			p.record.State = model.LoadCounts
		}
	}
	return nil
}

// seconds reads a day or a moment, such as 2027-06-30 or 2027-06-30T14:00:00Z.
func seconds(text string) (int64, error) {
	if moment, err := time.Parse(time.RFC3339, text); err == nil {
		return moment.Unix(), nil
	}
	day, err := model.ParseDate(text)
	if err != nil {
		return 0, fmt.Errorf("%s is neither a day nor a moment: write 2027-06-30 or 2027-06-30T14:00:00Z", strconv.Quote(text))
	}
	return facts.SecondsOf(day), nil
}
