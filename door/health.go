package door

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// Condition says how something that is measured stands.
type Condition string

// The conditions, the worst first.
const (
	// OffTarget means that the figure misses its target, or that the check does not hold.
	OffTarget Condition = "off"
	// Failed means that the question could not be answered.
	Failed Condition = "failed"
	// Slow means that the answer takes longer than there was time for.
	Slow Condition = "slow"
	// Unknown means that the estate does not know enough.
	Unknown Condition = "unknown"
	// OnTarget means that the figure meets its target, or that the check holds.
	OnTarget Condition = "good"
	// NotThere means that nothing measures it yet, or that the practice of the question is not there yet.
	NotThere Condition = "absent"
)

var conditions = []Condition{OffTarget, Failed, Slow, Unknown, OnTarget, NotThere}

// Duty is a responsibility of the charter with its health.
type Duty struct {
	// Record is the responsibility. It leads nowhere before the charter is adopted.
	Record practice.Link
	// Key is the key that it has or will get.
	Key string
	// Name is what it is called, and Text says what it is.
	Name, Text string
	// Face is the side that it belongs to.
	Face model.Face
	// Accountable are those who answer for it.
	Accountable []practice.Link
	// Note says what is special about it.
	Note string
	// Missing are the names of the practices that would help with it and are not there yet.
	Missing []string
	// Gauges are its measures.
	Gauges []Gauge
	// Condition is the worst of its gauges.
	Condition Condition
}

// Gauge is one measure of a responsibility.
type Gauge struct {
	// Question and Parameters are what is asked, as in an address.
	Question, Parameters string
	// Title is what the charter calls it. It may be empty.
	Title string
	// Part is the figure that the answer gave, with its target. A check gives how many findings there are.
	Part practice.Part
	// Before is the same part thirty days before, or nil where history does not go back that far.
	Before *practice.Part
	// Findings are what the answer found.
	Findings []practice.Finding
	// Condition says how the figure stands.
	Condition Condition
	// Problem says why there is no figure.
	Problem string
}

// TrendDays is how far back the trend of a figure looks.
const TrendDays = 30

// Health returns the responsibilities of a face in the order of the charter, each
// with its measures as the principal sees them at a moment. It waits only so long
// for the answers. Whether the charter is the estate's own is told too.
func (h *House) Health(ctx context.Context, p *access.Principal, m Moment, face model.Face, wait time.Duration) (duties []Duty, adopted bool, err error) {
	answer, err := h.Glance(ctx, p, m, "offices.board", "face="+string(face), 5*wait)
	if err != nil {
		return nil, false, err
	}
	duties, adopted = h.dutiesOf(answer)
	before, haveBefore := h.before(ctx, p, m, answer.View, wait)
	var work sync.WaitGroup
	for i := range duties {
		for j := range duties[i].Gauges {
			g := &duties[i].Gauges[j]
			then := *g
			work.Go(func() { h.read(ctx, p, m, g, wait) })
			if !haveBefore {
				continue
			}
			work.Go(func() {
				h.read(ctx, p, before, &then, wait)
				if f := then.Part.Figure; f != nil && !f.Unknown {
					g.Before = &then.Part
				}
			})
		}
	}
	work.Wait()
	for i := range duties {
		duties[i].Condition = worst(duties[i].Gauges)
	}
	return duties, adopted, nil
}

// Gauged asks one measure, for a page that fetches it later.
func (h *House) Gauged(ctx context.Context, p *access.Principal, m Moment, measure model.Measure, wait time.Duration) Gauge {
	g := Gauge{Question: measure.Question, Parameters: measure.Parameters, Title: measure.Title}
	g.Part.Name = measure.Part
	g.Part.Figure = &practice.Figure{Target: &measure.Target}
	h.read(ctx, p, m, &g, wait)
	return g
}

func worst(gauges []Gauge) Condition {
	for _, c := range conditions {
		if slices.ContainsFunc(gauges, func(g Gauge) bool { return g.Condition == c }) {
			return c
		}
	}
	return NotThere
}

// dutiesOf reads the answer to offices.board.
func (h *House) dutiesOf(answer Answer) ([]Duty, bool) {
	var out []Duty
	at := map[string]int{}
	adopted := false
	for _, p := range answer.Parts() {
		switch {
		case p.Name == "adopted":
			adopted = p.Text == "yes"
		case p.Grid == nil:
		case p.Name == "lines":
			for row := range Rows(p.Grid) {
				d := Duty{Key: row.Text("key"), Name: row.Text("name"), Text: row.Text("text"), Note: row.Text("note")}
				d.Record, _ = row["responsibility"].Value.(practice.Link)
				d.Face, _ = row["face"].Value.(model.Face)
				d.Accountable, _ = row["accountable"].Value.([]practice.Link)
				names, _ := row["practices"].Value.([]string)
				for _, name := range names {
					if !slices.ContainsFunc(h.Practices, func(p *practice.Practice) bool { return p.Name == name }) {
						d.Missing = append(d.Missing, name)
					}
				}
				at[d.Key] = len(out)
				out = append(out, d)
			}
		case p.Name == "measures":
			for row := range Rows(p.Grid) {
				target, _ := row["target"].Value.(float64)
				g := Gauge{Question: row.Text("question"), Parameters: row.Text("parameters"), Title: row.Text("title")}
				g.Part.Name = row.Text("part")
				g.Part.Figure = &practice.Figure{Target: &target}
				d := &out[at[row.Text("key")]]
				d.Gauges = append(d.Gauges, g)
			}
		}
	}
	return out, adopted
}

// Row is a row of a table by the names of its columns.
type Row map[string]practice.Cell

// Text returns what a column shows.
func (r Row) Text(column string) string { return r[column].Text }

// Rows yields the rows of a table by the names of their columns.
func Rows(g *practice.Grid) func(yield func(Row) bool) {
	return func(yield func(Row) bool) {
		for _, cells := range g.Rows {
			row := Row{}
			for i, c := range cells {
				row[g.Columns[i].Name] = c
			}
			if !yield(row) {
				return
			}
		}
	}
}

// before returns the moment thirty days before another, and whether the history goes back that far.
func (h *House) before(ctx context.Context, p *access.Principal, m Moment, v estate.View, wait time.Duration) (Moment, bool) {
	if m.Scenario != "" {
		return Moment{}, false
	}
	day := h.Today()
	if m.AsOf != "" {
		day = v.Stamp().At.Date()
		if d, err := model.ParseDate(m.AsOf); err == nil {
			day = d
		}
	}
	then := day.AddDays(-TrendDays).String()
	out := Moment{AsOf: then, At: then}
	if m.At != "" {
		out.At = m.At
	}
	found := make(chan bool, 1)
	go func() {
		past, err := h.Look(context.WithoutCancel(ctx), p, out)
		found <- err == nil && past.Stamp().Seq > 0
	}()
	select {
	case ok := <-found:
		return out, ok
	case <-time.After(wait):
		return Moment{}, false
	case <-ctx.Done():
		return Moment{}, false
	}
}

// read asks a measure and fills in what came of it.
func (h *House) read(ctx context.Context, p *access.Principal, m Moment, g *Gauge, wait time.Duration) {
	target, name := g.Part.Figure.Target, g.Part.Name
	g.Part.Figure = nil
	answer, err := h.Glance(ctx, p, m, g.Question, g.Parameters, wait)
	var missing *NotFound
	switch {
	case errors.As(err, &missing):
		g.Condition, g.Problem = NotThere, "There is no question "+g.Question+" yet."
		return
	case errors.Is(err, ErrSlow):
		g.Condition, g.Problem = Slow, "The answer takes longer than usual."
		return
	case err != nil:
		g.Condition, g.Problem = Failed, err.Error()
		return
	}
	parts := answer.Parts()
	if verdict, ok := answer.Value.(practice.Verdict); ok {
		g.fromVerdict(verdict, parts, target)
		return
	}
	at := slices.IndexFunc(parts, func(p practice.Part) bool { return p.Figure != nil && (name == "" || p.Name == name) })
	if at < 0 {
		g.Condition, g.Problem = Failed, "The answer to "+g.Question+" has no figure "+name+"."
		return
	}
	g.Part = parts[at]
	f := *g.Part.Figure
	f.Target = target
	g.Part.Figure = &f
	g.Condition = standing(f)
	for _, p := range parts {
		g.Findings = append(g.Findings, p.Findings...)
	}
}

// fromVerdict makes a figure of what a check answered.
func (g *Gauge) fromVerdict(verdict practice.Verdict, parts []practice.Part, target *float64) {
	f := practice.Figure{Value: float64(len(verdict.Findings)), Unit: "findings", Unknown: verdict.Unknown, Target: target, Better: practice.Lower, Note: verdict.Text, From: verdict.Checked}
	if len(verdict.Findings) == 1 {
		f.Unit = "finding"
	}
	g.Findings = verdict.Findings
	for _, p := range parts {
		if p.Name == "findings" {
			g.Part = p
		}
	}
	g.Part.Findings, g.Part.Figure = nil, &f
	if g.Condition = standing(f); verdict.Pass {
		g.Condition = OnTarget
	}
}

// standing compares a figure with its target.
func standing(f practice.Figure) Condition {
	switch {
	case f.Unknown:
		return Unknown
	case f.Target == nil, f.Better == practice.Neither:
		return OnTarget
	case f.Better == practice.Higher && f.Value < *f.Target, f.Better == practice.Lower && f.Value > *f.Target:
		return OffTarget
	}
	return OnTarget
}
