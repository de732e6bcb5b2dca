package practice

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
)

// FactsOf returns the reader of the bulk lines that belong to a view. Where
// there is none, it has no lines.
func FactsOf(v estate.View) facts.Reader {
	switch r := v.Facts().(type) {
	case Beside:
		if r.Reader != nil {
			return r.Reader
		}
	case facts.Reader:
		return r
	}
	return noFacts{}
}

// Beside is what a view carries beside the graph: the reader of bulk lines and
// the practices whose checks may be asked within a question.
type Beside struct {
	facts.Reader
	// Practices are those that can be asked.
	Practices []*Practice
	// Now is the moment of asking. It counts where the view is of the same day.
	Now model.Time
	// Who is the person that asks. It is nothing where whoever asks belongs to no person.
	Who model.Ref
	// Anybody says that whoever asks may act in any name, as the owner of the estate does at its own machine.
	Anybody bool
}

// asker returns the person in whose name something is done: the one that was named, else the one that asks.
func asker(v estate.View, f *model.Field, named any) (any, error) {
	b, ok := v.Facts().(Beside)
	who, _ := named.(model.Ref)
	switch {
	case (!ok || b.Anybody) && who.IsZero():
		return nil, model.Problem{Field: f.Name, Text: "say in whose name this is done: a person"}
	case !ok || b.Anybody:
		return named, nil
	case b.Who.IsZero():
		return nil, model.Problem{Field: f.Name, Text: "this is done by persons, and your account belongs to none: somebody who administers Binnacle can say whose it is"}
	case !who.IsZero() && who != b.Who:
		return nil, model.Problem{Field: f.Name, Text: "you can do this in your own name only: leave the person out"}
	}
	return b.Who, nil
}

// NowOf returns the moment at which a view is looked at, for clocks that run in
// hours: the moment of asking where the view is of today, and otherwise the last second of its day, in UTC.
func NowOf(v estate.View) model.Time {
	if b, ok := v.Facts().(Beside); ok && !b.Now.IsZero() && b.Now.Date() == v.At() {
		return b.Now
	}
	return model.TimeOf(v.At().Time().Add(24*time.Hour - time.Second))
}

// PracticesOf returns the practices that a question about a view may ask in
// turn, by their full names. A control test runs checks of any practice this way.
func PracticesOf(v estate.View) []*Practice {
	if b, ok := v.Facts().(Beside); ok {
		return b.Practices
	}
	return nil
}

type noFacts struct{}

func (noFacts) Rollup(load model.ID) (*facts.Rollup, error) {
	return nil, fmt.Errorf("load %s: %w", load, facts.ErrNone)
}

func (noFacts) Lines(load model.ID, _ map[uint32]bool) iter.Seq2[facts.Line, error] {
	return func(yield func(facts.Line, error) bool) {
		yield(facts.Line{}, fmt.Errorf("load %s: %w", load, facts.ErrNone))
	}
}

// LoadsOf returns the loads of a series that count and that the view sees, by
// their first day and then by key.
func LoadsOf(v estate.View, series facts.Series) []*model.Load {
	var out []*model.Load
	for load := range estate.Each[*model.Load](v) {
		if load.Series == series.Name && load.State == model.LoadCounts {
			out = append(out, load)
		}
	}
	slices.SortStableFunc(out, func(a, b *model.Load) int { return int(a.From) - int(b.From) })
	return out
}
