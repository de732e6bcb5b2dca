package factstest

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/facts"
)

// merged writes a load with many more different items than its roll-up may have: 3,000 resources of 6 services in 2 currencies,
// of which 192 items are left as they are. What is merged adds up to the last digit, and every line keeps its values.
func merged(t *testing.T, s facts.Store) {
	const lines, resources = 9000, 3000
	h := facts.Header{Load: ID(1), Series: "cost", Columns: []string{"ProviderName", "BillingCurrency", "ServiceName", "ResourceId", "x_Team"}, Whole: 192}
	row := func(i int) []string {
		i %= resources
		return []string{"P", []string{"EUR", "USD"}[i%2], "S" + strconv.Itoa(i%6), "r-" + strconv.Itoa(i), "team " + strconv.Itoa(i%3)}
	}
	amount := func(i int) facts.Decimal { return facts.NewDecimal(int64(i)*1_000_003, 12) }
	w, err := s.Write(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]facts.Sum{}
	for i := range lines {
		values := row(i)
		item, err := w.Item(facts.HashOf(values), func() []string { return values })
		if err != nil {
			t.Fatal(err)
		}
		line := facts.Line{Item: item, Row: int64(i), Start: At("2027-03-01T00:00"), End: At("2027-03-02T00:00")}
		line.Values[facts.Billed] = amount(i)
		if err := w.Add(&line); err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprint(values[1], values[2], values[4])
		sum := want[key]
		sum.Add(amount(i))
		want[key] = sum
	}
	totals, err := w.Commit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"ResourceId"}, totals.Merged); diff != "" {
		t.Errorf("the columns that are left out (-want +got):\n%s", diff)
	}
	r, err := s.Rollup(t.Context(), h.Load)
	if err != nil {
		t.Fatal(err)
	}
	if r.Whole != 192 || len(r.Items) != 192+6 || r.Items[191][3] != "r-191" || r.Items[192][3] != "" {
		t.Errorf("the roll-up has %d items, %d of them whole; the last whole one is %q and the next %q", len(r.Items), r.Whole, r.Items[191], r.Items[192])
	}
	got := map[string]facts.Sum{}
	for _, m := range r.Months {
		item := r.Items[m.Of]
		key := fmt.Sprint(item[1], item[2], item[4])
		sum := got[key]
		sum.AddSum(m.Sums[facts.Billed])
		got[key] = sum
	}
	if diff := cmp.Diff(texts(want), texts(got)); diff != "" {
		t.Errorf("what is merged does not add up (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wholeLines(t.Context(), t, s, h, nil), wantLines(lines, row, amount)); diff != "" {
		t.Errorf("the lines (-got +want):\n%s", diff)
	}
	// The lines of an item that stands for several.
	for _, text := range wholeLines(t.Context(), t, s, h, map[uint32]bool{192: true}) {
		var i int
		fmt.Sscanf(text, "%d", &i)
		if i%resources < 192 || row(i)[2] != r.Items[192][2] {
			t.Fatalf("the line %s is not of the item %q", text, r.Items[192])
		}
	}
	roundTrip(t, s, h)
}

func texts(sums map[string]facts.Sum) map[string]string {
	out := map[string]string{}
	for k, s := range sums {
		out[k] = s.String()
	}
	return out
}

func wantLines(n int, row func(int) []string, amount func(int) facts.Decimal) []string {
	var out []string
	for i := range n {
		out = append(out, fmt.Sprintf("%d %q %s", i, row(i), amount(i)))
	}
	return out
}

// wholeLines writes lines with all their values.
func wholeLines(ctx context.Context, t *testing.T, s facts.Store, h facts.Header, items map[uint32]bool) []string {
	t.Helper()
	values, err := s.Items(ctx, h.Load)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for line, err := range s.Lines(ctx, h.Load, items) {
		if err != nil {
			t.Fatal(err)
		}
		row, err := values.Values(line.Own)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%d %q %s", line.Row, row, line.Values[facts.Billed]))
	}
	if _, err := values.Values(uint32(values.Len())); err == nil {
		t.Error("there are values of a number that is not there")
	}
	return out
}

// roundTrip dumps what is there and loads it into memory.
func roundTrip(t *testing.T, s facts.Store, h facts.Header) {
	t.Helper()
	var dump bytes.Buffer
	if _, err := facts.Dump(t.Context(), s, &dump); err != nil {
		t.Fatal(err)
	}
	other := facts.NewMemory(true)
	if _, err := facts.Load(t.Context(), other, &dump); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wholeLines(t.Context(), t, s, h, nil), wholeLines(t.Context(), t, other, h, nil)); diff != "" {
		t.Errorf("after a dump the lines differ:\n%s", diff)
	}
}

// together commits several loads at once, and finds none of them where one cannot be committed.
func together(t *testing.T, s facts.Store) {
	row := []Row{{[]string{"P", "EUR", "S", "R"}, "2027-03-01T00:00", "2027-03-01T01:00", []string{"1.5"}}}
	begin := func(n int) facts.Writer {
		t.Helper()
		w, err := s.Write(t.Context(), costs(n))
		if err == nil {
			err = add(w, row)
		}
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	totals, err := facts.CommitAll(t.Context(), s, []facts.Writer{begin(1), begin(2), begin(3)})
	if err != nil || len(totals) != 3 || totals[2].Sums[0].String() != "1.5" {
		t.Fatalf("the totals are %v, %v", totals, err)
	}
	if loads, err := s.Loads(t.Context()); err != nil || len(loads) != 3 {
		t.Fatalf("the loads are %v, %v", loads, err)
	}
	one, again := begin(4), begin(4)
	if totals, err = facts.CommitAll(t.Context(), s, []facts.Writer{one, again}); err == nil {
		t.Error("the same load was committed twice")
	}
	if loads, err := s.Loads(t.Context()); err != nil || len(loads) != 3+len(totals) {
		t.Errorf("after an error there are %d loads, and %d were told: %v", len(loads), len(totals), err)
	}
}
