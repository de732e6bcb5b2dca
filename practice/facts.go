package practice

import (
	"fmt"
	"iter"
	"slices"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
)

// FactsOf returns the reader of the bulk lines that belong to a view. Where
// there is none, it has no lines.
func FactsOf(v estate.View) facts.Reader {
	if r, ok := v.Facts().(facts.Reader); ok {
		return r
	}
	return noFacts{}
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
