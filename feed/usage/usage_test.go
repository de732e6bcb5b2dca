package usage

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

const table = "subject,user,metric,unit,from,until,quantity\n" +
	"Application/shop,BusinessUnit/retail,requests,1,2025-03-01,2025-03-31,1200000\n" +
	"Application/shop,,requests,1,2025-04-01,,0.5\n" +
	"Service/mail,Team/web,storage,GB,2025-04-01T10:00:00Z,2025-04-01T11:00:00Z,12.000000000000000001\n"

func TestUse(t *testing.T) {
	if c := Detect([]byte(table)); c < 85 {
		t.Errorf("detected with %d", c)
	}
	b := feedtest.ReadBulk(t, Format, "use.csv", []byte(table))
	want := []string{
		"Usage/ 2025-03-01..2025-03-31 | 2025-03-01 | 2025-03-31 | Application/shop | BusinessUnit/retail | requests | 1 | 1200000",
		"Usage/ 2025-04-01..2025-04-30 | 2025-04-01 | 2025-04-01 | Application/shop |  | requests | 1 | 0.5",
		"Usage/ 2025-04-01..2025-04-30 | 2025-04-01 | 2025-04-01 | Service/mail | Team/web | storage | GB | 12.000000000000000001",
	}
	if d := cmp.Diff(want, b.Show([]string{"scope", "from", "until", "Subject", "User", "Metric", "Unit"}, 0)); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	if hour := b.Lines[2].End - b.Lines[2].Start; hour != 3600 {
		t.Errorf("an hour has %d seconds", hour)
	}
}

func TestUseInGerman(t *testing.T) {
	b := feedtest.ReadBulk(t, Format, "use.csv", []byte("Subject;Metrik;Einheit;Datum;Menge\nApplication/shop;requests;1;31.03.2025;1.234,5\n"))
	if got := b.Show([]string{"from", "Unit"}, 0); got[0] != "2025-03-31 | 1 | 1234.5" {
		t.Errorf("%s", got)
	}
}

func TestWhatDoesNotParseIsRefused(t *testing.T) {
	text := "subject,user,metric,from,until,quantity\n" +
		"shop,,requests,2025-03-01,,1\n" +
		"Application/shop,retail,requests,2025-03-01,,1\n" +
		"Application/shop,,,2025-03-01,,1\n" +
		"Application/shop,,requests,soon,,1\n" +
		"Application/shop,,requests,2025-03-01,2025-02-01,1\n" +
		"Application/shop,,requests,2025-03-01,,many\n" +
		"Application/shop,,requests,2025-03-01,,1 EUR\n" +
		"Application/shop,,requests,2025-03-01,,\n" +
		"Application/shop,,requests,2025-03-01,,1,2\n" +
		"Application/shop,,requests,2025-03-01,,7\n"
	b := feedtest.ReadBulk(t, Format, "u.csv", []byte(text))
	if got := b.Sum(0); got != "7" {
		t.Errorf("the good row has %s, want 7", got)
	}
	want := []string{
		`u.csv:2:1: subject: "shop" does not name a record: write its kind and its key, such as Application/shop`,
		`u.csv:3:18: user: "retail" does not name a record: write its kind and its key, such as Application/shop`,
		"u.csv:4:19: metric: the row has no metric: say what was measured, such as requests",
		`u.csv:5:28: from: "soon" is not a day: write it such as 2025-12-31`,
		"u.csv:6:39: until: the use ends before it begins",
		`u.csv:7:40: quantity: "many" is not a number: write it such as 1234.50`,
		"u.csv:8:40: quantity: a quantity has no currency: cost comes in as a bill or a ledger",
		`u.csv:9:40: quantity: "" is not a number: write it such as 1234.50`,
		"u.csv:10:1: subject: the row has 7 values and the header has 6 columns: the values are not where they should be",
	}
	if d := cmp.Diff(want, b.Refused); d != "" {
		t.Errorf("refused (-want +got):\n%s", d)
	}
}

func TestColumns(t *testing.T) {
	if _, err := feedtest.TryBulk(Format, "u.csv", []byte("subject,metric,from\nApplication/a,m,2025-01-01\n")); err == nil || !strings.Contains(err.Error(), "no column is called quantity") {
		t.Errorf("without quantity: %v", err)
	}
	mapped := func(in *feed.BulkInput) {
		in.Mapping = &model.Mapping{Columns: []model.MappedColumn{{Header: "what", Field: "Subject"}, {Header: "n", Field: "Quantity (decimal comma)"}}}
	}
	b := feedtest.ReadBulk(t, Format, "u.csv", []byte("what;metric;date;n\nApplication/a;m;2025-01-01;1,234\n"), mapped)
	if got := b.Show([]string{"Subject"}, 0); got[0] != "Application/a | 1.234" {
		t.Errorf("%s", got)
	}
	for _, other := range []string{"subject,metric,from,quantity\nhello,m,2025-01-01,1\n", "name,serial\na,1\n", "", "{}"} {
		if c := Detect([]byte(other)); c != 0 {
			t.Errorf("%q: detected with %d", other, c)
		}
	}
}

func FuzzUsage(f *testing.F) {
	f.Add([]byte(table))
	f.Add([]byte("Subject;Metrik;Datum;Menge\nApplication/shop;requests;31.03.2025;1.234,5\n"))
	feedtest.FuzzBulk(f, Format)
}
