package finance_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
	"binnacle/practice/finance"
	"binnacle/practice/practicetest"
)

// small is an estate drawn at random: applications that need each other, also around in circles, capabilities, goals, and bills.
type small struct {
	yaml, cost string
	invoices   []string
	goals      []string
}

// drawSmall draws an estate. State is the state of the load that restates the first month.
func drawSmall(t *rapid.T, state string) small {
	var y, c strings.Builder
	out := small{}
	fmt.Fprintf(&y, "- {kind: FiscalCalendar, key: books, currency: EUR, first_month: 1}\n")
	fmt.Fprintf(&y, "- {kind: Load, key: old, series: cost, state: %s, from: 2026-12-01, until: 2026-12-31}\n- {kind: Load, key: new, series: cost, state: %s, from: 2026-12-01, until: 2026-12-31}\n",
		map[string]string{"counts": "replaced"}[state]+map[string]string{"replaced": "counts"}[state], state)
	fmt.Fprint(&y, "- {kind: ExchangeRate, key: usd, currency: EUR, costs: 1.07 USD, on: 2026-01-01}\n- {kind: CostRule, key: tag, order: 1, for_tag: app}\n- {kind: CostRule, key: left, order: 3, leave_out: true, when: [{column: ServiceName, is: equals, value: Left}]}\n")
	goals, apps := rapid.IntRange(0, 3).Draw(t, "goals"), rapid.IntRange(1, 5).Draw(t, "apps")
	for i := range goals {
		out.goals = append(out.goals, fmt.Sprintf("g%d", i))
		fmt.Fprintf(&y, "- {kind: Goal, key: g%d}\n- {kind: Capability, key: c%d, goals: [g%d]}\n", i, i, i)
	}
	some := func(name, prefix string, n int) string {
		var list []string
		for i := range n {
			if rapid.IntRange(0, 3).Draw(t, name) == 0 {
				list = append(list, fmt.Sprintf("%s%d", prefix, i))
			}
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	for i := range apps {
		fmt.Fprintf(&y, "- {kind: Application, key: a%d, depends_on: %s, capabilities: %s}\n", i, some("needs", "a", apps), some("carries", "c", goals))
	}
	fmt.Fprintf(&y, "- {kind: CostRule, key: shared, order: 2, when: [{column: ServiceName, is: equals, value: Shared}], for: [{to: Application/a0, share: %d}, {to: Application/a%d, share: 3}]}\n", rapid.IntRange(1, 9).Draw(t, "share"), apps-1)
	fmt.Fprint(&c, "Load,Start,InvoiceId,ProviderName,ServiceName,BillingCurrency,Tags,BilledCost,EffectiveCost,ListCost,ContractedCost\n")
	seen := map[string]bool{}
	for i := range rapid.IntRange(1, 14).Draw(t, "lines") {
		load := rapid.SampledFrom([]string{"old", "new", "", "", ""}).Draw(t, "load")
		month := rapid.SampledFrom([]string{"2027-01-07", "2027-02-11"}).Draw(t, "month")
		if load != "" {
			month = "2026-12-03"
		}
		invoice := rapid.SampledFrom([]string{"", "I-1", "I-2"}).Draw(t, "invoice")
		if load == "" && invoice != "" && !seen[invoice] {
			seen[invoice] = true
			out.invoices = append(out.invoices, invoice)
		}
		service := rapid.SampledFrom([]string{"Compute", "Shared", "Left"}).Draw(t, "service")
		tag := fmt.Sprintf(`"{""app"":""a%d""}"`, rapid.IntRange(0, apps+1).Draw(t, "tag"))
		if service == "Shared" {
			tag = ""
		}
		amount := func(name string) string {
			return facts.NewDecimal(rapid.Int64Range(-99_999, 9_999_999).Draw(t, name), uint8(rapid.IntRange(0, 6).Draw(t, "places"))).String()
		}
		fmt.Fprintf(&c, "%s,%s,%s,P%d,%s,%s,%s,%s,%s,%s,%s\n", load, month, invoice, i%2, service, rapid.SampledFrom([]string{"EUR", "USD"}).Draw(t, "currency"), tag, amount("billed"), amount("effective"), amount("list"), amount("contracted"))
	}
	out.yaml, out.cost = y.String(), c.String()
	return out
}

func viewOf(t interface{ Fatalf(string, ...any) }, yaml, cost string) estate.View {
	snap, reader, err := practicetest.World(yaml, practicetest.Lines{Series: "cost", CSV: cost})
	if err != nil {
		t.Fatalf("%v\n%s\n%s", err, yaml, cost)
	}
	return snap.View(model.MustDate("2027-03-02")).With(reader)
}

func trace(t *rapid.T, v estate.View, in finance.TraceIn) finance.TraceOut {
	out, err := finance.Trace(v, in)
	if err != nil {
		t.Fatalf("%+v: %v", in, err)
	}
	return out
}

func cents(m ...model.Money) int64 {
	var s facts.Sum
	for _, one := range m {
		s.Add(facts.Of(one))
	}
	n, left := s.Minor(2)
	if left.Sign() != 0 {
		panic(fmt.Sprintf("%s are not whole cents", s))
	}
	return n.Int64()
}

// All money that comes from somewhere arrives somewhere: the sources, the ends and the lines of the bills are the same
// amount, month by month to the cent, and what a goal has of an invoice is what the invoice has in the goal.
func TestTheTraceLosesNoCent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSmall(t, "counts")
		v := viewOf(t, s.yaml, s.cost)
		method := rapid.SampledFrom([]finance.AllocationMethod{"", "reciprocal", "step_down", "direct"}).Draw(t, "method")
		for _, month := range []string{"2026-12-01", "2027-01-01", "2027-02-01"} {
			first := model.MustDate(month)
			in := finance.TraceIn{Start: first, Until: costs.LastDay(first), Method: method}
			all := trace(t, v, in)
			var ends, sources []model.Money
			for _, row := range all.Ends.Rows {
				ends = append(ends, row.Amount)
			}
			for _, row := range all.Sources.Rows {
				sources = append(sources, row.Amount)
			}
			book := costs.Of(v)
			total := costs.Sum(book.Between(in.Start, in.Until), costs.Billed)
			rounded, _ := total.Minor(2)
			if cents(ends...) != cents(sources...) || cents(ends...) != rounded.Int64() || cents(all.Amount.Money) != rounded.Int64() {
				t.Fatalf("%s: ends %d, sources %d, lines %s", month, cents(ends...), cents(sources...), total)
			}
		}
		agree(t, v, s, method)
	})
}

// agree compares what every goal has of every invoice with what every invoice has in every goal.
func agree(t *rapid.T, v estate.View, s small, method finance.AllocationMethod) {
	invoiceOf := map[string]map[string]int64{}
	for _, number := range s.invoices {
		out, err := finance.Trace(v, finance.TraceIn{From: "invoice:" + number, Method: method})
		if err != nil {
			continue
		}
		invoiceOf[number] = map[string]int64{}
		for _, row := range out.Ends.Rows {
			invoiceOf[number][row.End.Key] += cents(row.Amount)
		}
	}
	for _, goal := range s.goals {
		out := trace(t, v, finance.TraceIn{From: "goal:" + goal, Method: method})
		of := map[string]int64{}
		for _, row := range out.Sources.Rows {
			of[strings.TrimPrefix(row.Label, "Invoice ")] += cents(row.Amount)
		}
		for number, ends := range invoiceOf {
			if of[number] != ends[goal] {
				t.Fatalf("%s has %d of %s, and that has %d in it", goal, of[number], number, ends[goal])
			}
		}
	}
}

// The groups of spend, whatever they are, add up to the totals to the last digit.
func TestGroupsAddUpToTheTotals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSmall(t, "counts")
		v := viewOf(t, s.yaml, s.cost)
		by := rapid.SampledFrom([]string{"", "for", "service", "vendor", "month", "load", "tag:app", "BillingCurrency", "nonsense"}).Draw(t, "by")
		out, err := finance.Spend(v, finance.SpendIn{By: by, Most: rapid.IntRange(1, 6).Draw(t, "most")})
		if err != nil {
			t.Fatal(err)
		}
		var billed, effective, list facts.Sum
		for _, row := range out.Table.Rows {
			billed.Add(facts.Of(row.Billed))
			effective.Add(facts.Of(row.Effective))
			list.Add(facts.Of(row.List))
		}
		for _, c := range []struct {
			sum   facts.Sum
			total practice.Figure
		}{{billed, out.Billed}, {effective, out.Effective}, {list, out.List}} {
			if c.sum.Decimal().Cmp(facts.Of(c.total.Money)) != 0 {
				t.Fatalf("by %q the groups are %s and the total %s", by, c.sum, c.total.Money)
			}
		}
	})
}

// A restated month that is undone leaves no trace in the totals, and a restated one is the newer lines alone.
func TestARestatementCanBeUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSmall(t, "replaced")
		v := viewOf(t, s.yaml, s.cost)
		rows := strings.Split(strings.TrimSpace(s.cost), "\n")
		without := slices.DeleteFunc(slices.Clone(rows), func(row string) bool { return strings.HasPrefix(row, "new,") })
		never := viewOf(t, s.yaml, strings.Join(without, "\n")+"\n")
		for _, by := range []string{"service", "for", "month"} {
			a, _ := finance.Spend(v, finance.SpendIn{By: by})
			b, _ := finance.Spend(never, finance.SpendIn{By: by})
			if fmt.Sprint(a.Billed.Money, a.Effective.Money, a.List.Money, a.Contracted.Money, amounts(a)) != fmt.Sprint(b.Billed.Money, b.Effective.Money, b.List.Money, b.Contracted.Money, amounts(b)) {
				t.Fatalf("%v is not %v", amounts(a), amounts(b))
			}
		}
	})
}

func amounts(out finance.SpendOut) []string {
	var rows []string
	for _, r := range out.Table.Rows {
		rows = append(rows, fmt.Sprint(r.Group, r.Billed, r.Effective, r.List, r.Lines))
	}
	slices.Sort(rows)
	return rows
}

// Leaving lines out changes no other line: not whom it belongs to, and not what it costs.
func TestLeavingLinesOutChangesNoOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSmall(t, "counts")
		with := costs.Of(viewOf(t, s.yaml, s.cost))
		rows := strings.Split(strings.TrimSpace(s.cost), "\n")
		kept := slices.DeleteFunc(slices.Clone(rows), func(row string) bool { return strings.Contains(row, ",Left,") })
		if len(kept) == 1 {
			return
		}
		without := costs.Of(viewOf(t, s.yaml, strings.Join(kept, "\n")+"\n"))
		if a, b := said(with.Lines), said(without.Lines); !slices.Equal(a, b) {
			t.Fatalf("%v\nis not\n%v", a, b)
		}
		if len(without.LeftOut) != 0 {
			t.Fatalf("%d lines are left out", len(without.LeftOut))
		}
	})
}

func said(lines []*costs.Line) []string {
	var out []string
	for _, l := range lines {
		out = append(out, fmt.Sprint(l.Month, l.Load.Key, l.Invoice, l.Value("ServiceName"), l.Value("Tags"), l.For, l.Amounts[0].String(), l.Amounts[1].String()))
	}
	slices.SortFunc(out, cmp.Compare)
	return out
}

// No parameters, however foolish, make a question panic or hang.
func TestNoParametersBreakAQuestion(t *testing.T) {
	const yaml = `
- {kind: FiscalCalendar, key: books, currency: EUR, first_month: 4, weeks: "445", week_year_start: 2026-03-30}
- {kind: Goal, key: g}
- {kind: BusinessUnit, key: u, revenue: 100 EUR}
- {kind: Capability, key: c, goals: [g], business_unit: u}
- {kind: Application, key: a, capabilities: [c]}
- {kind: CostRule, key: tag, order: 1, for_tag: app}
- {kind: Budget, key: b, fiscal_year: 2026, amount: 1000 EUR, state: approved}
- {kind: Invoice, key: i, number: I-1, amount: 10 EUR}
- {kind: BusinessCase, key: bc, discount_rate: 5, flows: [{year: 0, amount: -10 EUR}, {year: 1, amount: 12 EUR}]}
`
	const bills = "Start,InvoiceId,ServiceName,Tags,BilledCost\n2027-01-05,I-1,Compute,\"{\"\"app\"\":\"\"a\"\"}\",10\n2027-02-05,I-1,Compute,,-3.333\n"
	views := []estate.View{viewOf(t, yaml, bills), viewOf(t, "- {kind: Team, key: t}\n", "Start,BilledCost\n"), viewOf(t, yaml, "Start,BilledCost\n")}
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SampledFrom(views).Draw(t, "view")
		text := rapid.SampledFrom([]string{"", "0", "-1", "1", "999999999", "1e9", "x", "goal:g", "invoice:I-1", "Application/a", "BusinessUnit/u", "Vendor/none", "a", "g", "u", "9999-12-31", "0001-01-01", "2027-01-31", "NaN", "Inf", "-5 EUR", "1e30 EUR",
			"1 USD", "before", "year", "direct", "step_down", "tag:", "tag:app", "for", "month", "Goal", "Contract", "billed", "\x00", strings.Repeat("é", 300)})
		q := rapid.SampledFrom(practice.List([]*practice.Practice{&finance.Practice})).Draw(t, "question")
		in := map[string]any{}
		for _, f := range q.Parameters() {
			if rapid.Bool().Draw(t, "given") {
				in[f.Name] = text.Draw(t, f.Name)
			}
		}
		// An error that says what is wrong is a good answer.
		if out, err := q.Ask(v.On(rapid.SampledFrom([]model.Date{model.MustDate("2027-03-02"), model.MustDate("0001-01-02"), model.MustDate("9999-12-30")}).Draw(t, "at")), in); err == nil {
			q.Parts(out)
		}
	})
}
