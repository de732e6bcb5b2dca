package ledger

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

// all are the columns that tests show.
var all = []string{"scope", "from", "ProviderName", "ChargeCategory", "BillingCurrency", "x_LedgerAccount", "x_CostCentre", "x_Text", "InvoiceId"}

func TestEnglishLedger(t *testing.T) {
	text := "Posting Date,Account,Cost Center,Vendor,Description,Invoice No.,Amount,Currency,PO Number,Project,Approver\n" +
		"2025-03-31,6400,IT-100,Contoso,Licences,R-1,\"1,234.50\",EUR,PO-7,P1,Kim\n" +
		"2025-03-31,6400,IT-100,Contoso,Credit note,R-2,(34.50),EUR,,,Kim\n" +
		"2025-04-01,6410,IT-200,,Internal,J-3,0.10,USD,,,Lee\n"
	if c := Detect([]byte(text)); c != likelyText {
		t.Errorf("detected with %d", c)
	}
	b := feedtest.ReadBulk(t, Format, "gl.csv", []byte(text))
	want := []string{
		"Ledger/ 2025-03-01..2025-03-31 | 2025-03-31 | Contoso | Usage | EUR | 6400 | IT-100 | Licences | R-1 | 1234.5 | 1234.5 | 1234.5 | 1234.5",
		"Ledger/ 2025-03-01..2025-03-31 | 2025-03-31 | Contoso | Credit | EUR | 6400 | IT-100 | Credit note | R-2 | -34.5 | -34.5 | -34.5 | -34.5",
		"Ledger/ 2025-04-01..2025-04-30 | 2025-04-01 | Ledger | Usage | USD | 6410 | IT-200 | Internal | J-3 | 0.1 | 0.1 | 0.1 | 0.1",
	}
	if d := cmp.Diff(want, b.Show(all, facts.Billed, facts.Effective, facts.List, facts.Contracted)); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	for column, want := range map[string]string{"x_PurchaseOrder": "PO-7", "x_Project": "P1", "x_Vendor": "Contoso", "Approver": "Kim"} {
		if got := b.Value(b.Lines[0], column); got != want {
			t.Errorf("%s = %q, want %q", column, got, want)
		}
	}
	if len(b.Refused) > 0 {
		t.Errorf("refused %q", b.Refused)
	}
}

func TestGermanJournal(t *testing.T) {
	text := "Sachkontenjournal;;;;;;;;\n" +
		"Buchungskreis;Buchungsdatum;Belegnummer;Konto;Kostenstelle;Lieferant;Kreditorennummer;Soll;Haben;Währung;Buchungstext\n" +
		"1000;31.01.2025;1900001;0640000;4711;Müller GmbH;70001;1.234,56;;EUR;Wartung; \n" +
		"1000;03.02.2025;1900002;0640000;4711;Müller GmbH;70001;;34,56;EUR;Gutschrift\n" +
		"1000;03.02.2025;1900003;0640000;4711;;70002;12,3-;;EUR;Storno\n" +
		"Summe;;;;;;;1.222,26;34,56;;\n"
	encoded, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"UTF-8": text, "Windows-1252": encoded} {
		if c := Detect([]byte(data)); c != likelyText {
			t.Errorf("%s: detected with %d", name, c)
		}
		b := feedtest.ReadBulk(t, Format, "fibu.csv", []byte(data))
		want := []string{
			"Ledger/1000 2025-01-01..2025-01-31 | 2025-01-31 | Müller GmbH | Usage | EUR | 0640000 | 4711 | Wartung | 1900001 | 1234.56",
			"Ledger/1000 2025-02-01..2025-02-28 | 2025-02-03 | Müller GmbH | Credit | EUR | 0640000 | 4711 | Gutschrift | 1900002 | -34.56",
			"Ledger/1000 2025-02-01..2025-02-28 | 2025-02-03 | 70002 | Credit | EUR | 0640000 | 4711 | Storno | 1900003 | -12.3",
		}
		if d := cmp.Diff(want, b.Show(all, facts.Billed)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if len(b.Refused) > 0 || !strings.Contains(strings.Join(b.Notes, " "), "1 rows that only add up others, the first in line 6") {
			t.Errorf("%s: refused %q, notes %q", name, b.Refused, b.Notes)
		}
	}
}

// A number or a day that can be read in two ways is decided by the rest of its column, by a mapping, or not at all.
func TestWhatCanBeReadInTwoWays(t *testing.T) {
	head := "Datum;Konto;Betrag;Währung\n"
	for _, c := range []struct{ name, rows, want string }{
		{"thousands, as another row shows a comma", "01.02.2025;1;1.234;EUR\n01.02.2025;1;5,5;EUR\n", "1234 5.5"},
		{"decimals, as another row shows a point", "01.02.2025;1;1.234;EUR\n01.02.2025;1;5.5;EUR\n", "1.234 5.5"},
		{"whole numbers show nothing and need nothing", "01.02.2025;1;1234;EUR\n01.02.2025;1;5;EUR\n", "1234 5"},
		{"two separators", "01.02.2025;1;1.234.567;EUR\n01.02.2025;1;1.234;EUR\n", "1234567 1234"},
		{"a comma before a point", "01.02.2025;1;1,234.5;EUR\n01.02.2025;1;1,234;EUR\n", "1234.5 1234"},
		{"Swiss", "01.02.2025;1;1'234.50;EUR\n01.02.2025;1;CHF 2'000;CHF\n", "1234.5 2000"},
		{"white space", "01.02.2025;1;1 234,50 €;EUR\n01.02.2025;1;-2 000;EUR\n", "1234.5 -2000"},
		{"a zero before the comma is no thousand", "01.02.2025;1;0,125;EUR\n01.02.2025;1;1,125;EUR\n", "0.125 1.125"},
		{"only such numbers", "01.02.2025;1;1,234;EUR\n01.02.2025;1;5;EUR\n", "error: the column Betrag can be read in two ways: is 1,234 in line 2"},
		{"both", "01.02.2025;1;1,5;EUR\n01.02.2025;1;1.5;EUR\n", "error: the column Betrag has numbers with a decimal point (line 3: 1.5) and with a decimal comma (line 2: 1,5)"},
		{"a day above twelve", "13/02/2025;1;1;EUR\n03/04/2025;1;2;EUR\n", "1 2"},
		{"no day above twelve", "03/04/2025;1;1;EUR\n", "error: the column Datum can be read in two ways: does 03/04/2025 in line 2 have the day or the month first?"},
		{"the same either way", "04/04/2025;1;1;EUR\n", "1"},
		{"both orders", "13/04/2025;1;1;EUR\n04/13/2025;1;1;EUR\n", "error: the column Datum has days with the day first (line 2: 13/04/2025) and with the month first (line 3: 04/13/2025)"},
	} {
		b, err := feedtest.TryBulk(Format, "x.csv", []byte(head+c.rows))
		if err != nil {
			if got := "error: " + err.Error(); !strings.HasPrefix(got, c.want) {
				t.Errorf("%s: %s, want %s", c.name, got, c.want)
			}
			continue
		}
		if got := strings.Join(b.Show(nil, facts.Billed), " "); strings.ReplaceAll(got, " | ", "") != c.want || len(b.Refused) > 0 {
			t.Errorf("%s: %s, want %s; refused %q", c.name, got, c.want, b.Refused)
		}
	}
}

func TestMappingAnswersTheQuestion(t *testing.T) {
	text := "D,K,B,Note\n03/04/2025,77,\"1,234\",hello\n"
	mapped := func(day, amount string) func(*feed.BulkInput) {
		return func(in *feed.BulkInput) {
			in.Currency = "CHF"
			in.Mapping = &model.Mapping{Columns: []model.MappedColumn{{Header: "D", Field: day}, {Header: "B", Field: amount}, {Header: "K", Field: "x_CostCentre"}, {Header: "Note"}}}
		}
	}
	for _, c := range []struct{ day, amount, want string }{
		{"Date (day first)", "Amount (decimal point)", "2025-04-03 | 77 | CHF | 1234"},
		{"Date (month first)", "BilledCost (decimal comma)", "2025-03-04 | 77 | CHF | 1.234"},
	} {
		b := feedtest.ReadBulk(t, Format, "x.csv", []byte(text), mapped(c.day, c.amount))
		if got := b.Show([]string{"from", "x_CostCentre", "BillingCurrency"}, facts.Billed); got[0] != c.want {
			t.Errorf("%s, %s: %s, want %s", c.day, c.amount, got, c.want)
		}
		if strings.Contains(strings.Join(b.Columns, " "), "Note") {
			t.Error("a column that the mapping leaves out was kept")
		}
	}
	if _, err := feedtest.TryBulk(Format, "x.csv", []byte(text), mapped("Dates", "Amount")); err == nil || !strings.Contains(err.Error(), "did you mean Date?") {
		t.Errorf("a field that there is not: %v", err)
	}
}

func TestSidesAndCurrencies(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a column for the side", "Date,Account,Amount,DC,Currency\n2025-01-02,1,10,D,EUR\n2025-01-02,1,4,C,EUR\n", "EUR | Usage | 10; EUR | Credit | -4"},
		{"Soll and Haben", "Datum;Konto;Betrag;Soll/Haben;Währung\n02.01.2025;1;10;S;EUR\n02.01.2025;1;4;H;EUR\n", "EUR | Usage | 10; EUR | Credit | -4"},
		{"the currency in the header", "Date,Account,Amount (GBP)\n2025-01-02,1,10\n", "GBP | Usage | 10"},
		{"the currency in words", "Datum;Konto;Betrag in EUR\n02.01.2025;1;10\n", "EUR | Usage | 10"},
		{"the sign of a currency", "Date,Account,Amount\n2025-01-02,1,€10\n2025-01-02,1,£ 2\n", "EUR | Usage | 10; GBP | Usage | 2"},
		{"periods alone", "Period,Account,Amount,Currency\n2025-02,1,10,EUR\n", "EUR | Usage | 10"},
		{"trailing minus and CR", "Date,Account,Amount,Currency\n2025-01-02,1,10.00-,EUR\n2025-01-02,1,4.00 CR,EUR\n", "EUR | Credit | -10; EUR | Credit | -4"},
	} {
		b := feedtest.ReadBulk(t, Format, "x.csv", []byte(c.text))
		if got := strings.Join(b.Show([]string{"BillingCurrency", "ChargeCategory"}, facts.Billed), "; "); got != c.want || len(b.Refused) > 0 {
			t.Errorf("%s: %s, want %s; refused %q", c.name, got, c.want, b.Refused)
		}
	}
	b := feedtest.ReadBulk(t, Format, "x.csv", []byte("Date,Account,Debit,Credit,Currency\n2025-01-02,6000,10,,EUR\n2025-01-02,1600,,10,EUR\n"))
	if !strings.Contains(strings.Join(b.Notes, " "), "both sides of every entry") {
		t.Errorf("a journal with both sides adds up to 0, and nobody is told: %q", b.Notes)
	}
	b = feedtest.ReadBulk(t, Format, "x.csv", []byte("Date,Account,Amount\n2025-01-02,6000,$10\n2025-01-02,6000,10\n"))
	if got := strings.Join(b.Show([]string{"BillingCurrency"}, facts.Billed), "; "); got != "USD | 10; XXX | 10" || len(b.Notes) != 3 {
		t.Errorf("%s, notes %q", got, b.Notes)
	}
}

func TestRowsThatAreRefused(t *testing.T) {
	text := "Date,Account,Vendor,Amount,Currency\n" +
		"2025-01-02,1,A,10.00,EUR\n" +
		"2025-02-30,1,A,10.00,EUR\n" +
		"2025-01-02,1,A,ten,EUR\n" +
		"2025-01-02,1,A,,EUR\n" +
		",1,A,3.00,EUR\n" +
		"2025-01-02,1,\"A\nB\",3.00,Euro\n" +
		"2025-01-02,1,A,\"1,00,0\",EUR\n" +
		"2025-01-02,1,A,$1.00,EUR\n" +
		"2025-01-02,1,A,10.00,EUR,shifted\n" +
		"2025-01-02,1,A,5.50,EUR\n"
	b := feedtest.ReadBulk(t, Format, "x.csv", []byte(text))
	if got := b.Sum(facts.Billed); got != "15.5" {
		t.Errorf("the good rows add up to %s, want 15.5", got)
	}
	want := []string{
		`x.csv:3:1: Date: "2025-02-30" is not a day: write it such as 2025-12-31`,
		`x.csv:4:16: Amount: "ten" is not a number: write it such as 1234.50`,
		"x.csv:5:16: Amount: the row has no amount: it cannot be counted",
		"x.csv:6:1: Date: the row has no date: it cannot be counted",
		`x.csv:8:9: Currency: "EURO" is not a currency: write its three letters, such as EUR`,
		`x.csv:9:17: Amount: "1,00,0" is not a number: the separators of its thousands do not stand at every third digit`,
		"x.csv:10:22: Currency: the amount is in USD and the currency is EUR: which is right?",
		"x.csv:11:26: the row has more values than the 5 headers: a separator inside of a value must be in quotes",
	}
	if d := cmp.Diff(want, b.Refused); d != "" {
		t.Errorf("refused (-want +got):\n%s", d)
	}
}

func TestWorkbook(t *testing.T) {
	book := excelize.NewFile()
	set := func(sheet, cell string, values ...any) {
		t.Helper()
		if err := book.SetSheetRow(sheet, cell, &values); err != nil {
			t.Fatal(err)
		}
	}
	set("Sheet1", "A1", "Budget")
	if _, err := book.NewSheet("Journal"); err != nil {
		t.Fatal(err)
	}
	set("Journal", "A1", "Export of the ledger")
	set("Journal", "A3", "Buchungsdatum", "Konto", "Kostenstelle", "Betrag", "Währung")
	set("Journal", "A4", 45747, 6400, "IT", 1234.56, "EUR") // 31 March 2025
	set("Journal", "A5", "01.04.2025", 6400, "IT", 0.1+0.2, "EUR")
	set("Journal", "A6", 45747, 6400, "IT", "1.234,50", "EUR")
	set("Journal", "A7", 45747, 6400, "IT", "viel", "EUR")
	var data bytes.Buffer
	if err := book.Write(&data); err != nil {
		t.Fatal(err)
	}
	if c := Detect(data.Bytes()); c != likelyBook {
		t.Errorf("detected with %d", c)
	}
	b := feedtest.ReadBulk(t, Format, "x.xlsx", data.Bytes())
	want := []string{"4 | 2025-03-31 | 6400 | 1234.56", "6 | 2025-03-31 | 6400 | 1234.5", "5 | 2025-04-01 | 6400 | 0.3"}
	if d := cmp.Diff(want, b.Show([]string{"row", "from", "x_LedgerAccount"}, facts.Billed)); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	if len(b.Refused) != 1 || b.Refused[0] != `x.xlsx:7: Journal!D7 (Betrag): "viel" is not a number: write it such as 1234.50` {
		t.Errorf("refused %q", b.Refused)
	}
	if !strings.Contains(strings.Join(b.Notes, " "), "The sheet Sheet1 was left out") {
		t.Errorf("notes %q", b.Notes)
	}
}

func TestDetectLeavesRecordsAlone(t *testing.T) {
	for name, text := range map[string]string{
		"invoices":        "number,vendor,issued,due,amount,costCentre,state\nR-1,contoso,2025-01-02,2025-02-02,10 EUR,it,received\n",
		"purchase orders": "number,vendor,ordered,expected,amount,costCentre\n1,contoso,2025-01-02,2025-02-02,10 EUR,it\n",
		"budgets":         "fiscalYear,costCentre,amount\n2025,it,100 EUR\n",
		"contracts":       "number,vendor,start,end,annualCost,costCentre\n1,contoso,2025-01-02,2026-01-01,10 EUR,it\n",
		"with keys":       "key,date,account,amount\na,2025-01-02,1,10\n",
		"assets":          "name,serial,purchased,price,cost centre\na,1,2025-01-02,10 EUR,it\n",
		"no amounts":      "date,account,amount\n2025-01-02,admin,a lot\n2025-01-03,root,some\n",
		"no dates":        "date,account,amount\nmonday,admin,1\ntuesday,root,2\n2025-01-01,root,3\n",
		"no account":      "date,amount\n2025-01-02,1\n",
		"hosts":           "hostname,ip,account\na,10.0.0.1,root\n",
		"prose":           "The date, the account and the amount are missing.\n",
		"nothing":         "",
		"half a workbook": "PK\x03\x04 and no more",
	} {
		if c := Detect([]byte(text)); c != 0 {
			t.Errorf("%s: detected with %d", name, c)
		}
	}
}

func TestWhatIsMissing(t *testing.T) {
	for text, want := range map[string]string{
		"":                         "the file is empty",
		"a,b\n1,2\n":               "no column is known as the date",
		"date,b\n2025-01-01,2\n":   "no column is known as the amount",
		"PK\x03\x04 is no archive": "the workbook is not complete",
	} {
		if _, err := feedtest.TryBulk(Format, "x", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func FuzzLedger(f *testing.F) {
	f.Add([]byte("Buchungsdatum;Konto;Soll;Haben;Währung\n31.01.2025;1;1.234,56;;EUR\nSumme;;1.234,56;;\n"))
	f.Add([]byte("Date,Account,Amount (EUR)\n03/14/2025,1,\"(1,234.50)\"\n"))
	f.Add([]byte("PK\x03\x04"))
	feedtest.FuzzBulk(f, Format)
}
