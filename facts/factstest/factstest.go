// Package factstest is the suite that every back end of facts passes.
package factstest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binnacle/facts"
	"binnacle/model"
)

// Run runs the suite. Open opens an empty store.
func Run(t *testing.T, open func(t *testing.T) facts.Store) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, s facts.Store)
	}{
		{"a month of a small bill", smallBill},
		{"numbers of sixty digits", longNumbers},
		{"odd texts", oddTexts},
		{"lines that cannot be right", wrongLines},
		{"nothing counts before the commit", notBefore},
		{"one load of an id", oneOfAnID},
		{"an empty load", emptyLoad},
		{"many lines and items", manyLines},
		{"some items only", someItems},
		{"drop", drop},
		{"sweep", sweep},
		{"dump and load", dumpAndLoad},
		{"more items than a roll-up has", merged},
		{"several at once", together},
		{"many hands", manyHands},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

// ID returns an id that is the same for the same number.
func ID(n int) model.ID { return model.ID{14: byte(n >> 8), 15: byte(n)} }

// Num reads a number.
func Num(text string) facts.Decimal {
	if text == "" {
		return facts.Decimal{}
	}
	d, err := facts.ParseDecimal(text)
	if err != nil {
		panic(err)
	}
	return d
}

// At returns the second of a moment such as 2027-03-01T05:00.
func At(text string) int64 {
	t, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		panic(err)
	}
	return t.Unix()
}

// Row is one line as a test writes it.
type Row struct {
	// Item are the values of the columns.
	Item []string
	// From and To are moments such as 2027-03-01T05:00.
	From, To string
	// Amounts are the numbers. Those that are missing are nothing.
	Amounts []string
}

// Write writes rows as one load and commits it.
func Write(ctx context.Context, t testing.TB, s facts.Store, h facts.Header, rows []Row) facts.Totals {
	t.Helper()
	w, err := s.Write(ctx, h)
	if err != nil {
		t.Fatal(err)
	}
	if err := add(w, rows); err != nil {
		t.Fatal(err)
	}
	totals, err := w.Commit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return totals
}

func add(w facts.Writer, rows []Row) error {
	for i, row := range rows {
		item, err := w.Item(facts.HashOf(row.Item), func() []string { return row.Item })
		if err != nil {
			return err
		}
		line := facts.Line{Item: item, Start: At(row.From), End: At(row.To), Row: int64(i + 2)}
		for j, a := range row.Amounts {
			line.Values[j] = Num(a)
		}
		if err := w.Add(&line); err != nil {
			return err
		}
	}
	return nil
}

// Show writes a load as a text: what each item and group adds up to, and every line.
func Show(ctx context.Context, t testing.TB, s facts.Store, load model.ID) string {
	t.Helper()
	var b strings.Builder
	r, err := s.Rollup(ctx, load)
	if err != nil {
		t.Fatal(err)
	}
	series, _ := facts.SeriesOf(r.Series)
	fmt.Fprintf(&b, "%s %q\n", r.Series, r.Columns)
	totals := func(name string, of [][]string, totals []facts.Total) {
		var out []string
		for _, total := range totals {
			out = append(out, fmt.Sprintf("%s %q %s: %d lines %v\n", name, of[total.Of], total.At, total.Lines, total.Sums))
		}
		for _, line := range out {
			b.WriteString(line)
		}
	}
	totals("month", r.Items, r.Months)
	fmt.Fprintf(&b, "%q\n", r.GroupColumns)
	totals("day", r.Groups, r.Days)
	for line, err := range s.Lines(ctx, load, nil) {
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "row %d %q %d+%d %s\n", line.Row, r.Items[line.Item], line.Start, line.End-line.Start, line.Values[:len(series.Measures)])
	}
	return b.String()
}

// costs is the header of a load of bills with a few columns.
func costs(n int) facts.Header {
	return facts.Header{Load: ID(n), Series: "cost", Columns: []string{"ProviderName", "BillingCurrency", "ServiceName", "ResourceId"}}
}

// smallBill is a bill that one can add up by hand.
func smallBill(t *testing.T, s facts.Store) {
	vm, disk := []string{"AWS", "EUR", "EC2", "i-1"}, []string{"AWS", "EUR", "EC2", "vol-1"}
	totals := Write(t.Context(), t, s, costs(1), []Row{
		{vm, "2027-02-28T23:00", "2027-03-01T00:00", []string{"0.10", "0.08", "0.12", "", "1", "1"}},
		{vm, "2027-03-01T00:00", "2027-03-01T01:00", []string{"0.10", "0.08", "0.12", "", "1", "1"}},
		{disk, "2027-03-01T00:00", "2027-04-01T00:00", []string{"1.005"}},
		{vm, "2027-03-01T01:00", "2027-03-01T02:00", []string{"-0.10", "0", "0.12"}},
	})
	want := strings.Join([]string{
		`cost ["ProviderName" "BillingCurrency" "ServiceName" "ResourceId"]`,
		`month ["AWS" "EUR" "EC2" "i-1"] 2027-02-01: 1 lines [0.1 0.08 0.12 0 1 1 0]`,
		`month ["AWS" "EUR" "EC2" "i-1"] 2027-03-01: 2 lines [0 0.08 0.24 0 1 1 0]`,
		`month ["AWS" "EUR" "EC2" "vol-1"] 2027-03-01: 1 lines [1.005 0 0 0 0 0 0]`,
		`["ProviderName" "BillingCurrency" "ServiceName"]`,
		`day ["AWS" "EUR" "EC2"] 2027-02-28: 1 lines [0.1 0.08 0.12 0 1 1 0]`,
		`day ["AWS" "EUR" "EC2"] 2027-03-01: 3 lines [1.005 0.08 0.24 0 1 1 0]`,
		`row 2 ["AWS" "EUR" "EC2" "i-1"] 1803855600+3600 [0.1 0.08 0.12  1 1 ]`,
		`row 3 ["AWS" "EUR" "EC2" "i-1"] 1803859200+3600 [0.1 0.08 0.12  1 1 ]`,
		`row 4 ["AWS" "EUR" "EC2" "vol-1"] 1803859200+2678400 [1.005      ]`,
		`row 5 ["AWS" "EUR" "EC2" "i-1"] 1803862800+3600 [-0.1 0 0.12    ]`,
	}, "\n") + "\n"
	if diff := cmp.Diff(want, Show(t.Context(), t, s, ID(1))); diff != "" {
		t.Error(diff)
	}
	got := fmt.Sprint(totals.Lines, totals.From, totals.Until, totals.Sums)
	if want := "4 2027-02-28 2027-03-31 [1.105 0.16 0.36 0 2 2 0]"; got != want {
		t.Errorf("the totals are %s, want %s", got, want)
	}
}

// longNumbers adds up numbers of which no digit may get lost.
func longNumbers(t *testing.T, s facts.Store) {
	item := []string{"P", "EUR", "S", "R"}
	rows := []Row{
		{item, "2027-03-01T00:00", "2027-03-01T01:00", []string{"123456789012345678901234567890.123456789012345678901234567891", "999999999999999999", "1e60", "1e-60"}},
		{item, "2027-03-01T00:00", "2027-03-01T01:00", []string{"-123456789012345678901234567890.123456789012345678901234567890", "0.000000000000000001", "1e-60", "-1e-60"}},
		{item, "2027-03-01T00:00", "2027-03-01T01:00", []string{"0.1", "1e18", "-0.5", ""}},
	}
	totals := Write(t.Context(), t, s, costs(1), rows)
	want := "[0.100000000000000000000000000001 1999999999999999999.000000000000000001 " +
		"999999999999999999999999999999999999999999999999999999999999.500000000000000000000000000000000000000000000000000000000001 0 0 0 0]"
	if got := fmt.Sprint(totals.Sums); got != want {
		t.Errorf("the sums are\n%s, want\n%s", got, want)
	}
	r, err := s.Rollup(t.Context(), ID(1))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.Months[0].Sums); got != want {
		t.Errorf("the sums of the month are\n%s, want\n%s", got, want)
	}
	i := 0
	for line, err := range s.Lines(t.Context(), ID(1), nil) {
		if err != nil {
			t.Fatal(err)
		}
		for m, text := range rows[i].Amounts {
			if line.Values[m].Cmp(Num(text)) != 0 || line.Values[m].IsNull() != (text == "") {
				t.Errorf("row %d: the number %s came back as %s", i, text, line.Values[m])
			}
		}
		i++
	}
}

func oddTexts(t *testing.T, s facts.Store) {
	h := facts.Header{Load: ID(1), Series: "cost", Columns: []string{"ProviderName", "x_'\";--", "Tags"}}
	rows := []Row{}
	for _, text := range []string{"", " ", "a\x00b", "\xff\xfe", "O'Reilly \"; DROP TABLE load; --", strings.Repeat("ä", 3000), "?$1{s}"} {
		rows = append(rows, Row{[]string{text, text, `{"a":"` + text + `"}`}, "2027-03-01T00:00", "2027-03-01T01:00", []string{"1"}})
	}
	Write(t.Context(), t, s, h, rows)
	r, err := s.Rollup(t.Context(), ID(1))
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range rows {
		if diff := cmp.Diff(row.Item, r.Items[i]); diff != "" {
			t.Error(diff)
		}
		if r.Groups[i][0] != row.Item[0] {
			t.Errorf("the group %d is %q, want %q", i, r.Groups[i][0], row.Item[0])
		}
	}
}

func wrongLines(t *testing.T, s facts.Store) {
	for name, h := range map[string]facts.Header{
		"a series that is not known": {Load: ID(2), Series: "smells"},
		"a column twice":             {Load: ID(2), Series: "cost", Columns: []string{"A", "A"}},
		"a column without name":      {Load: ID(2), Series: "cost", Columns: []string{""}},
	} {
		if w, err := s.Write(t.Context(), h); err == nil {
			t.Errorf("%s was taken", name)
			w.Abort()
		}
	}
	w, err := s.Write(t.Context(), costs(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Item(facts.Hash{1, 1}, func() []string { return []string{"too few"} }); err == nil {
		t.Error("an item with too few values was taken")
	}
	good := Row{[]string{"P", "EUR", "S", "R"}, "2027-03-01T00:00", "2027-03-01T01:00", []string{"5"}}
	if err := add(w, []Row{good}); err != nil {
		t.Fatal(err)
	}
	for name, line := range map[string]facts.Line{
		"a line of no item":         {Item: 7, Start: At("2027-03-01T00:00"), End: At("2027-03-01T01:00")},
		"a line that ends too soon": {Start: 10, End: 9},
		"a line of the year 0":      {Start: -62167219200, End: -62167219200},
		"a line of the year 292277": {Start: 9223372036854775000, End: 9223372036854775000},
	} {
		line.Values[0] = Num("100")
		if err := w.Add(&line); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	totals, err := w.Commit(t.Context())
	if err != nil || totals.Lines != 1 || totals.Sums[0].String() != "5" {
		t.Errorf("the good line alone should count: %+v, %v", totals, err)
	}
}

func notBefore(t *testing.T, s facts.Store) {
	row := Row{[]string{"P", "EUR", "S", "R"}, "2027-03-01T00:00", "2027-03-01T01:00", []string{"5"}}
	w, err := s.Write(t.Context(), costs(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := add(w, []Row{row, row}); err != nil {
		t.Fatal(err)
	}
	none := func(when string) {
		t.Helper()
		if _, err := s.Rollup(t.Context(), ID(1)); !errors.Is(err, facts.ErrNone) {
			t.Errorf("%s: the load is there: %v", when, err)
		}
		for _, err := range s.Lines(t.Context(), ID(1), nil) {
			if !errors.Is(err, facts.ErrNone) {
				t.Errorf("%s: lines are there: %v", when, err)
			}
		}
		if loads, err := s.Loads(t.Context()); err != nil || len(loads) != 0 {
			t.Errorf("%s: loads are there: %v, %v", when, loads, err)
		}
	}
	none("before the commit")
	w.Abort()
	w.Abort()
	none("after giving up")
	before := time.Now().Add(-time.Minute)
	Write(t.Context(), t, s, costs(1), []Row{row})
	loads, err := s.Loads(t.Context())
	if err != nil || len(loads) != 1 || loads[0].Load != ID(1) || loads[0].Committed.Before(before) {
		t.Errorf("the loads are %v, %v", loads, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w, err = s.Write(t.Context(), costs(2))
	if err != nil {
		t.Fatal(err)
	}
	add(w, []Row{row})
	w.Abort()
	if w, err := s.Write(ctx, costs(3)); err == nil {
		w.Abort()
	}
	if loads, err := s.Loads(t.Context()); err != nil || len(loads) != 1 {
		t.Errorf("the loads are %v, %v", loads, err)
	}
}

func oneOfAnID(t *testing.T, s facts.Store) {
	row := Row{[]string{"P", "EUR", "S", "R"}, "2027-03-01T00:00", "2027-03-01T01:00", []string{"5"}}
	var writers []facts.Writer
	for range 2 {
		w, err := s.Write(t.Context(), costs(1))
		if err != nil {
			t.Fatal(err)
		}
		if err := add(w, []Row{row}); err != nil {
			t.Fatal(err)
		}
		writers = append(writers, w)
	}
	if _, err := writers[1].Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := writers[0].Commit(t.Context()); err == nil {
		t.Error("a load was committed twice")
	}
	if w, err := s.Write(t.Context(), costs(1)); err == nil {
		t.Error("a load that is there was begun")
		w.Abort()
	}
	if r, err := s.Rollup(t.Context(), ID(1)); err != nil || len(r.Months) != 1 || r.Months[0].Lines != 1 {
		t.Errorf("the first one should be there: %+v, %v", r, err)
	}
}

func emptyLoad(t *testing.T, s facts.Store) {
	totals := Write(t.Context(), t, s, facts.Header{Load: ID(1), Series: "usage"}, nil)
	if totals.Lines != 0 || totals.From != 0 || totals.Until != 0 || fmt.Sprint(totals.Sums) != "[0]" {
		t.Errorf("the totals are %+v", totals)
	}
	if got, want := Show(t.Context(), t, s, ID(1)), "usage []\n[]\n"; got != want {
		t.Errorf("the load is %q, want %q", got, want)
	}
}

// generated calls each for n lines of so many items over some days, the same for the same numbers.
func generated(n, items int, each func(item int, line *facts.Line)) {
	for i := range n {
		item := i * 7 % items
		line := facts.Line{Start: At("2027-03-01T00:00") + int64(i%960)*3600, Row: int64(i + 2)}
		line.End = line.Start + 3600
		line.Values[facts.Billed] = facts.NewDecimal(int64(i%977)*int64(1-2*(i%2)), uint8(i%5))
		line.Values[facts.Effective] = facts.NewDecimal(int64(item), 9)
		if i%3 == 0 {
			line.Values[facts.List] = Num(fmt.Sprintf("%d.%030d", i, i))
		}
		each(item, &line)
	}
}

// WriteMany writes and commits a load of generated lines, and returns what they must add up to.
func WriteMany(ctx context.Context, t testing.TB, s facts.Store, h facts.Header, n, items int) facts.Totals {
	t.Helper()
	w, err := s.Write(ctx, h)
	if err != nil {
		t.Fatal(err)
	}
	want := facts.Totals{Sums: make([]facts.Sum, len(facts.Costs.Measures))}
	generated(n, items, func(item int, line *facts.Line) {
		want.Lines++
		for i := range want.Sums {
			want.Sums[i].Add(line.Values[i])
		}
		if line.Item, err = w.Item(facts.Hash{uint64(item), 5}, func() []string { return many(item) }); err == nil {
			err = w.Add(line)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	got, err := w.Commit(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if got.Lines != want.Lines || fmt.Sprint(got.Sums) != fmt.Sprint(want.Sums) {
		t.Errorf("%d lines were committed with the sums %v, want %d with %v", got.Lines, got.Sums, want.Lines, want.Sums)
	}
	return got
}

func many(item int) []string {
	return []string{"AWS", "EUR", fmt.Sprint("service ", item%13), fmt.Sprint("resource ", item)}
}

func manyLines(t *testing.T, s facts.Store) {
	const n, items = 30_000, 3_000
	h := costs(1)
	want := WriteMany(t.Context(), t, s, h, n, items)
	r, err := s.Rollup(t.Context(), h.Load)
	if err != nil {
		t.Fatal(err)
	}
	for name, totals := range map[string][]facts.Total{"months": r.Months, "days": r.Days} {
		sums, lines := make([]facts.Sum, len(want.Sums)), int64(0)
		for _, total := range totals {
			lines += total.Lines
			for i := range sums {
				sums[i].AddSum(total.Sums[i])
			}
		}
		if lines != n || fmt.Sprint(sums) != fmt.Sprint(want.Sums) {
			t.Errorf("the %s have %d lines with %v, want %d with %v", name, lines, sums, n, want.Sums)
		}
	}
	lines := []facts.Line{}
	for line, err := range s.Lines(t.Context(), h.Load, nil) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	i := 0
	generated(n, items, func(item int, line *facts.Line) {
		got := lines[i]
		if i++; got.Start != line.Start || got.End != line.End || got.Row != line.Row || fmt.Sprint(got.Values) != fmt.Sprint(line.Values) {
			t.Fatalf("line %d came back as %v, want %v", i, got, line)
		}
		if diff := cmp.Diff(many(item), r.Items[got.Item]); diff != "" {
			t.Fatalf("line %d: %s", i, diff)
		}
	})
	if len(lines) != n {
		t.Errorf("%d lines came back, want %d", len(lines), n)
	}
}

func someItems(t *testing.T, s facts.Store) {
	WriteMany(t.Context(), t, s, costs(1), 20_000, 500)
	n := 0
	for line, err := range s.Lines(t.Context(), ID(1), map[uint32]bool{3: true, 499: true}) {
		if err != nil {
			t.Fatal(err)
		}
		if line.Item != 3 && line.Item != 499 {
			t.Fatalf("a line of the item %d came too", line.Item)
		}
		if n++; n == 50 {
			break
		}
	}
	for range s.Lines(t.Context(), ID(1), map[uint32]bool{}) {
		t.Fatal("a line came though none was asked for")
	}
	if n != 50 {
		t.Errorf("%d lines came, want 50", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, err := range s.Lines(ctx, ID(1), nil) {
		if err == nil {
			t.Error("lines came after the caller had gone")
		}
		break
	}
}

func drop(t *testing.T, s facts.Store) {
	for n := 1; n <= 3; n++ {
		WriteMany(t.Context(), t, s, costs(n), 1000*n, 10)
	}
	if err := s.Drop(t.Context(), ID(2)); err != nil {
		t.Fatal(err)
	}
	if err := s.Drop(t.Context(), ID(2)); !errors.Is(err, facts.ErrNone) {
		t.Errorf("dropped twice: %v", err)
	}
	if _, err := s.Rollup(t.Context(), ID(2)); !errors.Is(err, facts.ErrNone) {
		t.Errorf("the load is there: %v", err)
	}
	loads, err := s.Loads(t.Context())
	if err != nil || len(loads) != 2 || loads[0].Load != ID(1) || loads[1].Load != ID(3) {
		t.Errorf("the loads are %v, %v", loads, err)
	}
	for _, n := range []int{1, 3} {
		if r, err := s.Rollup(t.Context(), ID(n)); err != nil || len(r.Items) != 10 {
			t.Errorf("another load has changed: %v", err)
		}
	}
	WriteMany(t.Context(), t, s, costs(2), 10, 10)
}

func sweep(t *testing.T, s facts.Store) {
	for n := 1; n <= 3; n++ {
		WriteMany(t.Context(), t, s, costs(n), 10, 10)
	}
	known := func(id model.ID) bool { return id == ID(2) }
	for _, c := range []struct {
		before time.Time
		want   int
	}{{time.Now().Add(-time.Hour), 0}, {time.Now().Add(time.Hour), 2}, {time.Now().Add(time.Hour), 0}} {
		if n, err := facts.Sweep(t.Context(), s, known, c.before); err != nil || n != c.want {
			t.Errorf("before %s %d loads were swept, want %d; %v", c.before, n, c.want, err)
		}
	}
	if loads, err := s.Loads(t.Context()); err != nil || len(loads) != 1 || loads[0].Load != ID(2) {
		t.Errorf("the loads are %v, %v", loads, err)
	}
}

func dumpAndLoad(t *testing.T, s facts.Store) {
	WriteMany(t.Context(), t, s, costs(1), 20_000, 700)
	Write(t.Context(), t, s, facts.Header{Load: ID(2), Series: "usage", Columns: []string{"Subject", "User", "Metric", "Unit"}}, []Row{
		{[]string{"Application/crm", "", "requests", "1"}, "2027-03-01T00:00", "2027-03-02T00:00", []string{"12345678901234567890.5"}},
	})
	Write(t.Context(), t, s, facts.Header{Load: ID(3), Series: "usage"}, nil)
	var file strings.Builder
	if n, err := facts.Dump(t.Context(), s, &file); err != nil || n != 3 {
		t.Fatalf("%d loads were dumped, %v", n, err)
	}
	want := map[int]string{}
	for n := 1; n <= 3; n++ {
		want[n] = Show(t.Context(), t, s, ID(n))
	}
	if _, err := facts.Load(t.Context(), s, strings.NewReader(file.String())); err == nil {
		t.Error("a dump was loaded into a store that is not empty")
	}
	for n := 1; n <= 3; n++ {
		if err := s.Drop(t.Context(), ID(n)); err != nil {
			t.Fatal(err)
		}
	}
	text := file.String()
	for name, broken := range map[string]string{
		"cut": text[:len(text)/2], "without end": text[:len(text)-3], "twice": text + text, "without a load": text[:strings.Index(text, `{"load"`)] + text[strings.LastIndex(text, `{"load"`):],
		"with another number": strings.Replace(text, `"lines":20000`, `"lines":20001`, 1), "of a later release": strings.Replace(text, `{"facts":1}`, `{"facts":2}`, 1), "nothing": "",
	} {
		if _, err := facts.Load(t.Context(), s, strings.NewReader(broken)); err == nil {
			t.Errorf("a damaged dump (%s) was loaded", name)
		}
		if loads, err := s.Loads(t.Context()); err != nil || len(loads) > 0 {
			t.Fatalf("a damaged dump (%s) left %v, %v", name, loads, err)
		}
	}
	if n, err := facts.Load(t.Context(), s, strings.NewReader(text)); err != nil || n != 3 {
		t.Fatalf("%d loads were loaded, %v", n, err)
	}
	for n := 1; n <= 3; n++ {
		if diff := cmp.Diff(want[n], Show(t.Context(), t, s, ID(n))); diff != "" {
			t.Errorf("load %d: %.2000s", n, diff)
		}
	}
}

// manyHands writes, reads and drops at the same time.
func manyHands(t *testing.T, s facts.Store) {
	var wg sync.WaitGroup
	for n := range 6 {
		wg.Go(func() {
			h := costs(10 + n)
			w, err := s.Write(t.Context(), h)
			if err != nil {
				t.Error(err)
				return
			}
			generated(3000, 40, func(item int, line *facts.Line) {
				var err error
				if line.Item, err = w.Item(facts.Hash{uint64(item), 5}, func() []string { return many(item) }); err == nil {
					err = w.Add(line)
				}
				if err != nil {
					t.Error(err)
				}
			})
			if n%3 == 2 {
				w.Abort()
				return
			}
			if _, err := w.Commit(t.Context()); err != nil {
				t.Error(err)
				return
			}
			if r, err := s.Rollup(t.Context(), h.Load); err != nil || len(r.Items) != 40 {
				t.Errorf("read while others write: %v", err)
			}
			if n%3 == 1 {
				if err := s.Drop(t.Context(), h.Load); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if loads, err := s.Loads(t.Context()); err != nil || len(loads) != 2 {
		t.Errorf("the loads are %v, %v", loads, err)
	}
}
