package focus

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/model"
)

// ledger is a sink that keeps what it is given.
type ledger struct {
	columns         []string
	store           *facts.Memory
	scopes          []feed.Scope
	parts           map[feed.Scope]facts.Writer
	ids             []model.ID
	refused, warned []feed.Refusal
	notes           []string
	bytes           int64
}

func (l *ledger) Columns(names []string) error {
	l.columns, l.parts, l.store = names, map[feed.Scope]facts.Writer{}, facts.NewMemory(true)
	return nil
}

func (l *ledger) Part(s feed.Scope) (facts.Writer, error) {
	if p, ok := l.parts[s]; ok {
		return p, nil
	}
	id := model.ID{15: byte(len(l.ids) + 1)}
	w, err := l.store.Write(context.Background(), facts.Header{Load: id, Series: facts.Costs.Name, Columns: l.columns})
	if err != nil {
		return nil, err
	}
	l.scopes, l.ids, l.parts[s] = append(l.scopes, s), append(l.ids, id), w
	return w, nil
}

func (l *ledger) Refuse(r feed.Refusal) { l.refused = append(l.refused, r) }
func (l *ledger) Warn(r feed.Refusal)   { l.warned = append(l.warned, r) }
func (l *ledger) Note(format string, args ...any) {
	l.notes = append(l.notes, fmt.Sprintf(format, args...))
}
func (l *ledger) Read(bytes int64) { l.bytes = bytes }

// commit makes the parts readable.
func (l *ledger) commit(t testing.TB) {
	t.Helper()
	for _, w := range l.parts {
		if _, err := w.Commit(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
}

// row is a line that was taken, with the values of its columns.
type row struct {
	facts.Line
	of map[string]string
}

// rows returns all lines in the order of their parts.
func (l *ledger) rows(t testing.TB) (out []row) {
	t.Helper()
	for _, id := range l.ids {
		roll, err := l.store.Rollup(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		for line, err := range l.store.Lines(context.Background(), id, nil) {
			if err != nil {
				t.Fatal(err)
			}
			r := row{line, map[string]string{}}
			for i, c := range roll.Columns {
				r.of[c] = roll.Items[line.Item][i]
			}
			out = append(out, r)
		}
	}
	return out
}

// total adds up a measure over the lines that have a value in a column, or over all where the column is empty.
func total(rows []row, measure int, column, value string) string {
	var sum facts.Sum
	for _, r := range rows {
		if column == "" || r.of[column] == value {
			sum.Add(r.Values[measure])
		}
	}
	return sum.String()
}

// sums are billed, effective, list and contracted cost, and how many lines there are.
func sums(rows []row) [5]string {
	return [5]string{total(rows, facts.Billed, "", ""), total(rows, facts.Effective, "", ""), total(rows, facts.List, "", ""), total(rows, facts.Contracted, "", ""), fmt.Sprint(len(rows))}
}

// told tells refusals or warnings as file:line:column: path.
func told(list []feed.Refusal) []string {
	var out []string
	for _, r := range list {
		out = append(out, r.Where.String())
	}
	return out
}

// scopesOf tells the scopes as provider, account, first and last day.
func scopesOf(l *ledger) []string {
	var out []string
	for _, s := range l.scopes {
		out = append(out, fmt.Sprint(s.Provider, " ", s.Account, " ", s.From, " ", s.Until))
	}
	return out
}

func input(content []byte) feed.BulkInput {
	return feed.BulkInput{Name: "bill", Size: int64(len(content)), Content: bytes.NewReader(content)}
}

func reading(t testing.TB, content string) *ledger {
	t.Helper()
	l := &ledger{}
	if err := Format.Read(context.Background(), input([]byte(content)), l); err != nil {
		t.Fatal(err)
	}
	l.commit(t)
	return l
}

// sample returns a file of the shared data.
func sample(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../../../shared/data/04-focus", name))
	if err != nil {
		t.Skip("the shared data is not there")
	}
	return content
}

// TestSampleTotals has the totals that the collectors of the sample found by other means.
func TestSampleTotals(t *testing.T) {
	content := sample(t, "focus_sample.csv")
	if got := Format.Detect(content[:feed.DetectBytes]); got != 100 {
		t.Errorf("it is FOCUS by %d", got)
	}
	l := reading(t, string(content))
	rows := l.rows(t)
	if d := cmp.Diff([5]string{"20.52022672899", "14.97651418586", "20.39090575119", total(rows, facts.Contracted, "", ""), "1000"}, sums(rows)); d != "" {
		t.Error(d, told(l.refused))
	}
	if d := cmp.Diff("18.0066386184", total(rows, facts.Billed, "ProviderName", "AWS")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff("-2.6137", total(rows, facts.Billed, "ChargeCategory", "Credit")); d != "" {
		t.Error(d)
	}
	count := map[string]int{}
	for _, r := range rows {
		count["lines of "+r.of["ProviderName"]]++
		if r.of["Tags"] == "" {
			count["lines without tags"]++
		}
	}
	if d := cmp.Diff(map[string]int{"lines of AWS": 942, "lines of Microsoft": 51, "lines of Oracle": 7, "lines without tags": 289}, count); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"AWS 1234567890123 2024-09-01 2024-09-30", "Oracle 20209880 2024-09-01 2024-09-30", "Oracle 20209880 2024-10-01 2024-10-31",
		"Microsoft /providers/Microsoft.Billing/billingAccounts/8611537 2024-09-01 2024-09-30"}, scopesOf(l)); d != "" {
		t.Error(d)
	}
	if l.bytes != int64(len(content)) {
		t.Errorf("%d of %d bytes were read", l.bytes, len(content))
	}
}

// TestScenarios has the figures of the commitment scenarios of the specification.
// Hour 30 of the second and third purchase is no time: these lines are refused and the others stay.
func TestScenarios(t *testing.T) {
	for _, c := range []struct {
		name, billed, effective string
		lines                   int
		refused                 []string
	}{
		{"purchase_scenario_1", "8760", "0", 1, nil},
		{"purchase_scenario_2", "2", "0", 2, []string{"bill:4:64: ChargePeriodEnd"}},
		{"purchase_scenario_3", "4381", "0", 3, []string{"bill:5:64: ChargePeriodEnd"}},
		{"usage_scenario_1", "0", "1", 1, nil},
		{"usage_scenario_2", "0", "1", 1, nil},
		{"usage_scenario_3", "0", "1", 2, nil},
		{"usage_scenario_4", "0.5", "1.5", 2, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			content := sample(t, "focus-spec-examples/commitment_discount_scenarios/commitment_discount_"+c.name+".csv")
			if got := Format.Detect(content); got != 100 {
				t.Errorf("it is FOCUS by %d", got)
			}
			l := reading(t, string(content))
			rows := l.rows(t)
			if d := cmp.Diff([5]string{c.billed, c.effective, "0", "0", fmt.Sprint(c.lines)}, sums(rows)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff(c.refused, told(l.refused)); d != "" {
				t.Error(d)
			}
			if d := cmp.Diff([]string{" bill 2023-01-01 2023-01-31"}, scopesOf(l)); d != "" {
				t.Error(d)
			}
			if rows[0].of["BillingCurrency"] != "XXX" {
				t.Errorf("the currency is %q", rows[0].of["BillingCurrency"])
			}
			if len(l.warned) != 1 || !strings.Contains(l.warned[0].Reason, "ListCost") || l.warned[0].Where.Line != 1 {
				t.Errorf("what is missing is told as %v", l.warned)
			}
		})
	}
}

// TestValidatorSamples reads what the FOCUS validator has for its own tests.
func TestValidatorSamples(t *testing.T) {
	l := reading(t, string(sample(t, "focus-validator-samples/all_pass_0.5.csv")))
	if d := cmp.Diff([5]string{"1.1", "1.01", "0", "0", "2"}, sums(l.rows(t))); d != "" {
		t.Error(d, told(l.refused))
	}
	if !slices.Contains(l.notes, "the columns are those of FOCUS 0.5") {
		t.Error(l.notes)
	}
	// Its billing periods end before they begin, which is told, and the month of the charge is taken.
	if d := cmp.Diff([]string{"A a1 2023-06-01 2023-06-30", "B a2 2023-06-01 2023-06-30"}, scopesOf(l)); d != "" {
		t.Error(d)
	}
	for name, known := range map[string]bool{"all_fail": false, "all_pass_0.5": true, "billedCostTest": true, "fail_charge_type_bad_value": false,
		"fail_invoice_issuer": true, "listUnitPriceTest": true, "multiple_failure_example_namespaced": true, "multiple_failure_examples": true} {
		content := sample(t, "focus-validator-samples/"+name+".csv")
		if got := Format.Detect(content); (got > 0) != known {
			t.Errorf("%s is FOCUS by %d", name, got)
		}
		if name == "all_pass_0.5" {
			continue
		}
		if err := Format.Read(context.Background(), input(content), &ledger{}); err == nil {
			t.Errorf("%s has no time and is read", name)
		}
	}
}
