package door_test

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/practice"
)

// traced is the part of a trace that the test reads, as a program does: from JSON.
type traced struct {
	Amount  struct{ Money string }
	Ends    struct{ Rows []endRow }
	Sources struct{ Rows []sourceRow }
}

type endRow struct {
	End    *struct{ Kind, Key string }
	Amount string
}

type sourceRow struct{ Label, Amount string }

// TestMoneyOfTheDemoAgreesBothWays follows the money of the demo company from every goal back to its invoices, and from
// invoices to their goals. Both tell the same cents, and everything adds up to what was billed.
func TestMoneyOfTheDemoAgreesBothWays(t *testing.T) {
	w := doortest.Demo(t)
	cio := w.As("cio-of-the-test", "", "cio")
	ask := func(from string) traced {
		t.Helper()
		a, err := w.Ask(t.Context(), cio, door.Moment{}, "finance.trace", map[string]any{"from": from, "start": "2025-11-01", "until": "2026-10-31"})
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(practice.JSON(a.Value))
		if err != nil {
			t.Fatal(err)
		}
		var out traced
		if err := json.Unmarshal(raw, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	cents := func(money string) int64 {
		amount, _, _ := strings.Cut(money, " ")
		r, ok := new(big.Rat).SetString(amount)
		if !ok {
			t.Fatalf("%q is not money", money)
		}
		r.Mul(r, big.NewRat(100, 1))
		if !r.IsInt() {
			t.Fatalf("%s is not whole cents", money)
		}
		return r.Num().Int64()
	}
	all := ask("")
	goals, total := map[string]map[string]int64{}, int64(0)
	for _, end := range all.Ends.Rows {
		total += cents(end.Amount)
		if end.End == nil || end.End.Kind != "Goal" {
			continue
		}
		goals[end.End.Key] = map[string]int64{}
	}
	if total != cents(all.Amount.Money) || len(goals) < 5 {
		t.Fatalf("the ends add up to %d cents of %s, at %d goals", total, all.Amount.Money, len(goals))
	}
	sum := int64(0)
	for goal, sources := range goals {
		// A goal with parts is told with them; single goals are what the ends name.
		for _, s := range ask("goal:" + goal).Sources.Rows {
			sources[s.Label] += cents(s.Amount)
		}
	}
	for _, s := range all.Sources.Rows {
		sum += cents(s.Amount)
	}
	if sum != total {
		t.Errorf("the sources add up to %d cents and the ends to %d", sum, total)
	}
	followed := 0
	for _, s := range all.Sources.Rows {
		number, isInvoice := strings.CutPrefix(s.Label, "Invoice ")
		if !isInvoice || followed == 25 {
			continue
		}
		followed++
		one := ask("invoice:" + number)
		arrived := int64(0)
		for _, end := range one.Ends.Rows {
			arrived += cents(end.Amount)
			if end.End == nil || end.End.Kind != "Goal" {
				continue
			}
			if back := goals[end.End.Key][s.Label]; back < cents(end.Amount) {
				t.Errorf("invoice %s gives %s to the goal %s, and the goal says %d cents", number, end.Amount, end.End.Key, back)
			}
		}
		if arrived != cents(s.Amount) || cents(one.Amount.Money) != arrived {
			t.Errorf("invoice %s is %s: it is told as %s and its ends add up to %d cents", number, s.Amount, one.Amount.Money, arrived)
		}
	}
	if followed < 20 {
		t.Errorf("only %d invoices could be followed", followed)
	}
}
