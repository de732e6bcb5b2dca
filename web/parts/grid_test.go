package parts

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/model"
	"binnacle/practice"
)

// TestColumnsOfMoney shows how amounts of one column look together: the currency stands in the head where there is only one, and all have
// cents where one has.
func TestColumnsOfMoney(t *testing.T) {
	for _, test := range []struct {
		name, unit string
		amounts    []string
		want       []string
	}{
		{"whole amounts", "EUR", []string{"684000 EUR", "37325.00 EUR"}, []string{"684\u202f000", "37\u202f325"}},
		{"cents under cents", "EUR", []string{"17496018.1 EUR", "36432 EUR", "-0.5 EUR"}, []string{"17\u202f496\u202f018.10", "36\u202f432.00", "−0.50"}},
		{"more places than cents", "EUR", []string{"291239.793651 EUR", "0.00012345678 EUR"}, []string{"291\u202f239.79", "0.0001235"}},
		{"two currencies", "", []string{"12 EUR", "3.5 USD"}, []string{"12.00\u00a0EUR", "3.50\u00a0USD"}},
	} {
		var rows [][]practice.Cell
		for _, text := range test.amounts {
			m, err := model.ParseMoney(text)
			if err != nil {
				t.Fatal(err)
			}
			rows = append(rows, []practice.Cell{{Text: text, Value: m}})
		}
		column := practice.Column{Label: "Amount", Number: true}
		look := lookOf(&column, 0, rows)
		var got []string
		for _, row := range rows {
			got = append(got, string(renderer{}.cell(row[0], look).HTML))
		}
		if d := cmp.Diff(test.want, got); d != "" || column.Unit != test.unit {
			t.Errorf("%s: unit %q, want %q; cells (-want +got):\n%s", test.name, column.Unit, test.unit, d)
		}
	}
}

// TestColumnsOfNumbers shows that numbers which may be missing stand at the right, and that noise of floating point is not shown.
func TestColumnsOfNumbers(t *testing.T) {
	rate := 9.03
	column := practice.Column{Label: "IRR", Unit: "%"}
	rows := [][]practice.Cell{{{Text: "9.03", Value: &rate}}, {{Text: ""}}}
	if look := lookOf(&column, 0, rows); !look.number || !column.Number || column.Unit != "%" {
		t.Errorf("a column of numbers that may be missing looks like %+v, its head like %+v", look, column)
	}
	if got := grouped("229.74999999999997"); got != "229.75" {
		t.Errorf("grouped gives %q", got)
	}
}

// TestTwins shows that a name is not written twice: beside the record whose name it is.
func TestTwins(t *testing.T) {
	row := func(name, text string) []practice.Cell {
		return []practice.Cell{{Value: practice.Link{Kind: "Budget", Key: name, Name: name}}, {Text: text, Value: text}, {Text: "3", Value: 3}}
	}
	head := func() []practice.Column {
		return []practice.Column{{Label: "Budget"}, {Label: "Name"}, {Label: "Lines", Number: true}}
	}
	same := &practice.Grid{Rows: [][]practice.Cell{row("staff", "staff"), row("power", "power")}}
	if g, c := withoutTwins(same, head(), 2); len(c) != 2 || len(g.Rows[1]) != 2 || len(same.Rows[1]) != 3 {
		t.Errorf("the column that repeats is still there, or the answer was changed: %v", c)
	}
	other := &practice.Grid{Rows: [][]practice.Cell{row("staff", "staff"), row("power", "electricity")}}
	if _, c := withoutTwins(other, head(), 2); len(c) != 3 {
		t.Errorf("a column that says something of its own is gone: %v", c)
	}
}
