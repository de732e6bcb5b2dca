package delivery

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestOrderDoesNotMatter: the same lines in another order, and in several loads, give the same answers.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		begin := at("2027-03-01 00:00")
		var lines []string
		for range rapid.IntRange(1, 40).Draw(rt, "lines") {
			start := begin.Add(time.Duration(rapid.IntRange(0, 500).Draw(rt, "start")) * time.Hour)
			h := happening{event: rapid.SampledFrom(sorts).Draw(rt, "event"), repository: "acme/shop", branch: rapid.SampledFrom([]string{"main", "work"}).Draw(rt, "branch"), environment: rapid.SampledFrom([]string{"production", "staging"}).Draw(rt, "environment"),
				result: rapid.SampledFrom(results).Draw(rt, "result"), cause: rapid.SampledFrom(causes).Draw(rt, "cause"), start: start, end: start.Add(time.Duration(rapid.IntRange(0, 90).Draw(rt, "length")) * time.Minute),
				id: int64(rapid.IntRange(0, 6).Draw(rt, "id")), parent: int64(rapid.IntRange(0, 6).Draw(rt, "parent"))}
			one := newTold()
			one.tell(h)
			_, text, _ := strings.Cut(one.String(), "\n")
			lines = append(lines, strings.TrimSuffix(text, "\n"))
		}
		answer := func(lines []string, loads func(int) string) any {
			l := &told{}
			l.WriteString("Load,Start,End,Event,Service,Repository,Branch,Environment,Result,Cause,EventId,ParentId,LinesAdded,LinesDeleted,TestsRun,TestsFailed\n")
			for i, line := range lines {
				fmt.Fprintf(l, "%s,%s\n", loads(i), line)
			}
			v := view(t, shop, "2027-03-25T00:00:00Z", l)
			five, err := DORA(v, DORAIn{})
			if err != nil {
				rt.Fatal(err)
			}
			stages, err := LeadTime(v, LeadTimeIn{})
			if err != nil {
				rt.Fatal(err)
			}
			quality, err := Quality(v, QualityIn{})
			if err != nil {
				rt.Fatal(err)
			}
			for i := range five.Rows.Rows {
				five.Rows.Rows[i].From, quality.Rows.Rows[i].From = nil, nil
			}
			return []any{five.Rows, five.Counted, stages.Stages, quality.Rows}
		}
		one := answer(lines, func(int) string { return "all" })
		other := answer(rapid.Permutation(slices.Clone(lines)).Draw(rt, "order"), func(i int) string { return fmt.Sprintf("load-%d", i%3) })
		if diff := cmp.Diff(one, other); diff != "" {
			rt.Fatalf("the order of the lines matters:\n%s", diff)
		}
	})
}

// TestLawsOfForecasts: a probability never falls with time, more items never take less, and a grown past never takes longer.
func TestLawsOfForecasts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		history := rapid.SliceOfN(rapid.IntRange(0, 9), 1, 12).Draw(t, "history")
		items := rapid.IntRange(1, 40).Draw(t, "items")
		chances, harder := Exactly(history, items, 30), Exactly(history, items+1, 30)
		better := slices.Clone(history)
		better[0]++
		easier := Exactly(better, items, 30)
		for i, p := range chances {
			if p < -1e-12 || p > 1+1e-12 || i > 0 && p < chances[i-1]-1e-12 || harder[i] > p+1e-12 || easier[i] < p-1e-12 {
				t.Fatalf("%v, %d items: %v, with one more %v, with a better week %v", history, items, chances, harder, easier)
			}
		}
		drawn := Simulated(history, items, 30, 4000, 3)
		for i, p := range drawn {
			// Six standard errors at most, and a little for very small probabilities.
			if math.Abs(p-chances[i]) > 0.05 {
				t.Fatalf("%v, %d items: drawn %g and exactly %g within %d periods", history, items, p, chances[i], i+1)
			}
		}
	})
}
