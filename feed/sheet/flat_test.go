package sheet

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed"
	"binnacle/model"
)

// TestIdeas reads ideas as other systems write them: flat, with the customer who wants it and the value in columns of their own.
func TestIdeas(t *testing.T) {
	const csv = "Title,Description,Customer,Value,Votes,Asked\nPay by phone,Anywhere.,north,30000 EUR,7,2027-12-05\nDark mode,,,,2,\nLost,,,500 EUR,1,\n"
	b := feed.NewBatch(model.Builtin(), "ideas.csv")
	if err := Format.Read(context.Background(), feed.Input{Name: "ideas.csv", Data: []byte(csv)}, b); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, item := range b.Items {
		i, ok := item.Record.(*model.Idea)
		if !ok {
			t.Fatalf("a row became %s", model.NameOf(item.Record))
		}
		line := i.Name + " | " + i.Description
		for _, r := range i.Requests {
			line += " | " + r.Value.String() + " " + r.Asked.String()
		}
		got = append(got, line+" | "+strings.Repeat("+", i.Votes))
	}
	if diff := cmp.Diff([]string{"Pay by phone | Anywhere. | 30000 EUR 2027-12-05 | +++++++", "Dark mode |  | ++"}, got); diff != "" {
		t.Error(diff)
	}
	if len(b.Links) != 1 || b.Links[0].Text != "north" || !cmp.Equal(b.Links[0].Kinds, []string{"Customer"}) {
		t.Errorf("the customers are %+v", b.Links)
	}
	if len(b.Refused) != 1 || !strings.Contains(b.Refused[0].String(), "ideas.csv:4:") || !strings.Contains(b.Refused[0].Reason, "the column customer is missing") {
		t.Errorf("refused: %v", b.Refused)
	}
	if len(b.Notes) != 0 {
		t.Errorf("notes: %v", b.Notes)
	}
}
