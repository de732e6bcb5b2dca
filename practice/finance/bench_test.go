package finance_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/finance"
	"binnacle/practice/practicetest"
)

// large returns a view of 24 loads with together so many items, of 40 services in 30 accounts, for 400 applications by tag.
func large(tb testing.TB, items int) func() estate.View {
	var y strings.Builder
	fmt.Fprint(&y, "- {kind: FiscalCalendar, key: books, currency: EUR}\n- {kind: ExchangeRate, key: usd, currency: EUR, costs: 1.08 USD, on: 2024-01-01}\n- {kind: CostRule, key: tag, order: 1, for_tag: app}\n")
	for i := range 20 {
		fmt.Fprintf(&y, "- {kind: Goal, key: g%d}\n- {kind: BusinessUnit, key: u%d}\n- {kind: Capability, key: c%d, goals: [g%d], business_unit: u%d}\n- {kind: CostCentre, key: k%d, number: '%d'}\n- {kind: Budget, key: b%d, fiscal_year: 2026, cost_centre: k%d, amount: 100000 EUR, state: approved}\n", i, i, i, i, i, i, i, i, i)
		fmt.Fprintf(&y, "- {kind: CostRule, key: r%d, order: %d, cost_centre: k%d, when: [{column: ServiceName, is: equals, value: Service %d}]}\n", i, 10+i, i, i)
	}
	for i := range 400 {
		fmt.Fprintf(&y, "- {kind: Application, key: a%d, capabilities: [c%d], depends_on: [a%d]}\n", i, i%20, (i*7+1)%400)
	}
	for m := range 24 {
		first := model.NewDate(2025, time.January, 1).AddMonths(m)
		fmt.Fprintf(&y, "- {kind: Load, key: l%d, series: cost, state: counts, from: %s, until: %s}\n", m, first, first.AddMonths(1)-1)
	}
	snap, _, err := practicetest.World(y.String())
	if err != nil {
		tb.Fatal(err)
	}
	store := facts.NewMemory(false)
	header := facts.Header{Series: "cost", Columns: []string{"ProviderName", "BillingCurrency", "SubAccountId", "ServiceName", "ChargeCategory", "ResourceId", "InvoiceId", "Tags"}}
	for m := range 24 {
		first := model.NewDate(2025, time.January, 1).AddMonths(m)
		header.Load = snap.Find("Load", fmt.Sprintf("l%d", m)).Base().ID
		w, err := store.Write(context.Background(), header)
		if err != nil {
			tb.Fatal(err)
		}
		for i := range items / 24 {
			values := []string{"Cloudy", []string{"EUR", "USD"}[i%2], fmt.Sprint("acc", i%30), fmt.Sprint("Service ", i%40), "Usage", fmt.Sprint("res-", i), fmt.Sprint("I-", m, "-", i%10), fmt.Sprintf(`{"app":"a%d"}`, i%420)}
			item, _ := w.Item(facts.HashOf(values), func() []string { return values })
			start := facts.SecondsOf(first.AddDays(i % 28))
			amount := facts.NewDecimal(int64(100+i*37%99_991), 4)
			line := facts.Line{Item: item, Start: start, End: start + 86400}
			for k := range 4 {
				line.Values[k] = amount
			}
			if err := w.Add(&line); err != nil {
				tb.Fatal(err)
			}
		}
		if _, err := w.Commit(context.Background()); err != nil {
			tb.Fatal(err)
		}
	}
	// Every reader is new to the view, so that what was remembered before does not count.
	return func() estate.View {
		return snap.View(model.MustDate("2027-01-05")).With(facts.NewReader(store, 1<<30))
	}
}

// BenchmarkPages asks each question of an estate with 200,000 items of bills in two currencies: the first time, with nothing remembered but the roll-ups, and again.
func BenchmarkPages(b *testing.B) {
	fresh := large(b, 200_000)
	for _, asked := range practice.List([]*practice.Practice{&finance.Practice}) {
		if asked.Question.Type == practice.Doing {
			continue
		}
		ask := func(b *testing.B, v estate.View) {
			if _, err := asked.Ask(v, map[string]any{}); err != nil {
				b.Fatal(err)
			}
		}
		b.Run(asked.Question.Name+"/first", func(b *testing.B) {
			for b.Loop() {
				ask(b, fresh())
			}
		})
		b.Run(asked.Question.Name+"/again", func(b *testing.B) {
			v := fresh()
			ask(b, v)
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				ask(b, v)
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}
