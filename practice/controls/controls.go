// Package controls is what several practices know about controls: whether their
// tests passed, failed, were never run or are too old to count.
package controls

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// State says how a control or a test stands.
type State string

// The states, worst first. A control stands as the worst of its tests.
const (
	// Failed means that a test says that it does not work.
	Failed State = "failed"
	// Unknown means that a test could not tell.
	Unknown State = "unknown"
	// Stale means that a test passed and is too old to count.
	Stale State = "stale"
	// Untested means that there is no test, or that one was never run.
	Untested State = "untested"
	// Passed means that every test passed and counts.
	Passed State = "passed"
)

// Options lists the states, worst first.
func (State) Options() []model.Option {
	return []model.Option{
		{Value: "failed", Label: "Failed", Help: "A test says that it does not work."},
		{Value: "unknown", Label: "Unknown", Help: "A test could not tell."},
		{Value: "stale", Label: "Stale", Help: "A test passed and is too old to count."},
		{Value: "untested", Label: "Untested", Help: "There is no test, or one was never run."},
		{Value: "passed", Label: "Passed", Help: "Every test passed and counts."},
	}
}

// Standing is how one test stands at the moment of a view.
type Standing struct {
	// Test is the test.
	Test *model.ControlTest
	// State says how it stands.
	State State
	// Last is its newest observation, or nil.
	Last *model.Observation
	// Due is when it is to be run again.
	Due model.Time
}

// Every returns how much time lies between two runs of a test: what it says, else a
// day for what Binnacle runs and a year for what people do.
func Every(t *model.ControlTest) time.Duration {
	switch {
	case t.Every > 0:
		return time.Duration(t.Every)
	case Manual(t):
		return 365 * 24 * time.Hour
	}
	return 24 * time.Hour
}

// ValidFor returns for how long a result of a test counts: what it says, else twice the time between two runs.
func ValidFor(t *model.ControlTest) time.Duration {
	if t.ValidFor > 0 {
		return time.Duration(t.ValidFor)
	}
	return 2 * Every(t)
}

// Manual reports whether people do the test.
func Manual(t *model.ControlTest) bool { return t.Check == "" && t.Rule == "" }

// Book tells how the controls of a view stand at a moment. What was observed later does not count.
type Book struct {
	now model.Time
	ix  *index
}

// index is what the book needs from the estate as a view sees it.
type index struct {
	// seen are the observations of each test, oldest first.
	seen map[model.Ref][]*model.Observation
	// tests are the tests of each control and requirement, by key.
	tests map[model.Ref][]*model.ControlTest
}

// In returns the book of a view, at its moment.
func In(v estate.View) Book {
	type key struct{ name string }
	return Book{now: practice.NowOf(v), ix: v.Memo(key{"controls"}, func() any { return newIndex(v) }).(*index)}
}

// At returns the same book at another moment.
func (b Book) At(moment model.Time) Book { b.now = moment; return b }

func newIndex(v estate.View) *index {
	ix := &index{seen: map[model.Ref][]*model.Observation{}, tests: map[model.Ref][]*model.ControlTest{}}
	for o := range estate.Each[*model.Observation](v) {
		ix.seen[o.Test] = append(ix.seen[o.Test], o)
	}
	for _, list := range ix.seen {
		slices.SortFunc(list, func(a, b *model.Observation) int {
			return cmp.Or(cmp.Compare(a.Collected, b.Collected), cmp.Compare(a.Created.Seq, b.Created.Seq), cmp.Compare(a.Key, b.Key))
		})
	}
	for t := range estate.Each[*model.ControlTest](v) {
		for _, ref := range slices.Concat(t.Controls, t.Requirements) {
			ix.tests[ref] = append(ix.tests[ref], t)
		}
	}
	return ix
}

// History returns the observations of a test up to the moment of the book, oldest first. Of two of one moment, the one recorded later comes later.
func (b Book) History(t *model.ControlTest) []*model.Observation {
	list := b.ix.seen[t.Ref()]
	n := sort.Search(len(list), func(i int) bool { return list[i].Collected > b.now })
	return list[:n]
}

// Test tells how a test stands. A result that has expired is stale when it was good; a failure stays one.
func (b Book) Test(t *model.ControlTest) Standing {
	s := Standing{Test: t, State: Untested, Due: b.now}
	seen := b.History(t)
	if len(seen) == 0 {
		return s
	}
	s.Last = seen[len(seen)-1]
	s.Due = s.Last.Collected + model.Time(Every(t).Milliseconds())
	switch {
	case s.Last.Result == model.TestFailed:
		s.State = Failed
	case !s.Last.Expires.IsZero() && s.Last.Expires < b.now:
		s.State = Stale
	case s.Last.Result == model.TestPassed:
		s.State = Passed
	default:
		s.State = Unknown
	}
	return s
}

// Of returns the tests of a control or of a requirement, and how they stand together: as the worst of them.
func (b Book) Of(ref model.Ref) (State, []Standing) {
	state := Untested
	var out []Standing
	for i, t := range b.ix.tests[ref] {
		s := b.Test(t)
		if out = append(out, s); i == 0 || model.Rank(s.State) < model.Rank(state) {
			state = s.State
		}
	}
	return state, out
}

// Tests returns the tests of a control or of a requirement, by key.
func (b Book) Tests(ref model.Ref) []*model.ControlTest { return b.ix.tests[ref] }

// Now returns the moment that the book looks at.
func (b Book) Now() model.Time { return b.now }
