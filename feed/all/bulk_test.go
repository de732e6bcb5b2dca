package all

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/xuri/excelize/v2"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

func TestBulksAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Formats() {
		seen[f.Name] = true
	}
	for _, b := range Bulks() {
		if b.Name == "" || b.Label == "" || b.Help == "" || b.Series.Name == "" || b.Detect == nil || b.Read == nil {
			t.Errorf("the format %q lacks something", b.Name)
		}
		if seen[b.Name] {
			t.Errorf("two formats have the name %q", b.Name)
		}
		seen[b.Name] = true
		if got := Bulk(strings.ToUpper(b.Name)); got == nil || got.Label != b.Label {
			t.Errorf("Bulk(%q) = %v", b.Name, got)
		}
	}
	folders, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	several := map[string]string{"cloudbill": "aws-cur"}
	for _, f := range folders {
		switch name := f.Name(); {
		case !f.IsDir(), name == "all", name == "feedtest", name == "internal", seen[name], seen[several[name]]:
		default:
			t.Errorf("the format in feed/%s is not in the list", name)
		}
	}
}

// workbookOf returns a workbook with some rows.
func workbookOf(t *testing.T, rows ...[]any) string {
	t.Helper()
	f := excelize.NewFile()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Bills and ledgers are bulk lines; tables whose headers name the fields of a kind are records, also where they are about money.
func TestBillsAndRecordsAreToldApart(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"FOCUS":               {"ProviderName,BillingAccountId,BillingCurrency,BilledCost,EffectiveCost,ListCost,ContractedCost,ChargeCategory,ChargePeriodStart,ChargePeriodEnd\nAWS,1,USD,1,1,1,1,Usage,2025-01-01,2025-01-02\n", "focus"},
		"AWS":                 {"lineItem/LineItemType,lineItem/UnblendedCost,lineItem/UsageStartDate,bill/PayerAccountId\nUsage,1,2025-01-01T00:00:00Z,1\n", "aws-cur"},
		"Azure":               {"SubscriptionId,Date,MeterCategory,MeterId,Quantity,Cost,CostCenter\ns,01/31/2025,Storage,m,1,1,cc\n", "azure-usage"},
		"Oracle":              {"lineItem/intervalUsageStart,lineItem/tenantId,product/service,cost/myCost\n2025-01-01T00:00Z,t,COMPUTE,1\n", "oci-cost"},
		"Google":              {"billing_account_id,service.description,sku.id,usage_start_time,cost,currency\n1,S,s,2025-01-01,1,EUR\n", "gcp-billing"},
		"a ledger":            {"Posting date;Account;Cost centre;Amount\n31.01.2025;6400;IT;1,50\n", "ledger"},
		"a ledger as XLSX":    {workbookOf(t, []any{"Posting date", "Account", "Amount"}, []any{"2025-01-31", "6400", 1.5}), "ledger"},
		"use":                 {"subject,user,metric,unit,from,until,quantity\nApplication/a,,requests,1,2025-01-01,,5\n", "usage"},
		"invoices":            {"number,vendor,issued,due,amount,cost centre,state\nR1,contoso,2025-01-01,2025-02-01,10 EUR,it,received\n", "Invoice"},
		"invoices as XLSX":    {workbookOf(t, []any{"number", "vendor", "issued", "due", "paid", "amount"}, []any{"R1", "contoso", "2025-01-01", "2025-02-01", "", "10 EUR"}), "Invoice"},
		"purchase orders":     {"number,vendor,requester,cost centre,ordered,expected,amount,received,invoiced\n1,contoso,kim,it,2025-01-01,2025-02-01,10 EUR,,\n", "PurchaseOrder"},
		"hosts":               {"hostname,serial,operating system,ip\na,1,Linux,10.0.0.1\n", "Host"},
		"contracts":           {"number,vendor,start,end,notice,annual cost\n1,contoso,2025-01-01,2026-01-01,90d,10 EUR\n", "Contract"},
		"ledger-like records": {"kind,key,date,account,amount\nHost,a,2025-01-01,1,1\n", "?"},
	} {
		data := []byte(c.text)
		if bulk := BulkOf(data); bulk != nil {
			if bulk.Name != c.want {
				t.Errorf("%s: read as %s, want %s", name, bulk.Name, c.want)
			}
			continue
		}
		f, err := Detect(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b, err := feedtest.Try(f, name, data)
		got := "?"
		if err == nil && len(b.Items) > 0 {
			got = model.Builtin().Of(b.Items[0].Record).Name
		}
		if c.want != "?" && got != c.want {
			t.Errorf("%s: read as %s of the kind %s (%v, %v), want %s", name, f.Name, got, err, b.Refused, c.want)
		}
	}
}

// Real files of other sorts must stay what they are.
func TestBulkFormatsLeaveOtherSamplesAlone(t *testing.T) {
	root := "../../../shared/data"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the sample files are not here")
	}
	known := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, root+"/"))
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		head, err := io.ReadAll(io.LimitReader(f, feed.DetectBytes))
		if err != nil {
			return err
		}
		bulk, sure := DetectBulk(head)
		switch {
		case sure == 0:
		case bulk.Name == "focus" && strings.HasPrefix(name, "04-focus/"):
			known++
		case bulk.Name == "delivery-events" && strings.HasPrefix(name, "11-dora/"):
		default:
			t.Errorf("%s was taken for %s", name, bulk.Name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if known == 0 {
		t.Error("no sample was known as a bill")
	}
}

// wide is a row of a bill in Parquet that is longer than what is looked at.
type wide struct {
	Type string  `parquet:"line_item_line_item_type"`
	Cost float64 `parquet:"line_item_unblended_cost"`
	From string  `parquet:"line_item_usage_start_date"`
	Text string  `parquet:"line_item_line_item_description"`
}

func TestLongParquetFilesAreKnownByTheirEnd(t *testing.T) {
	var file bytes.Buffer
	w := parquet.NewGenericWriter[wide](&file)
	for i := range 400 {
		row := wide{"Usage", 1, "2025-01-01T00:00:00Z", strings.Repeat(fmt.Sprintf("%x", i*7919), 200)}
		if _, err := w.Write([]wide{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if file.Len() <= feed.DetectBytes {
		t.Fatalf("the file has only %d bytes", file.Len())
	}
	if bulk := BulkOf(HeadOf(file.Bytes())); bulk == nil || bulk.Name != "aws-cur" {
		t.Errorf("a long Parquet file was taken for %v", bulk)
	}
	for _, cut := range []int{0, 4, 8, 100} {
		BulkOf(HeadOf(file.Bytes()[:file.Len()-cut]))
	}
}

func TestLargeLedgerWorkbookInMemory(t *testing.T) {
	rows := [][]any{{"Posting date", "Account", "Amount", "Text"}}
	for i := range 5000 {
		rows = append(rows, []any{"2025-01-31", "6400", float64(i) + 0.25, fmt.Sprintf("line %d of many, %x", i, i*7919)})
	}
	data := []byte(workbookOf(t, rows...))
	if len(data) <= feed.DetectBytes {
		t.Fatalf("the workbook has only %d bytes", len(data))
	}
	if bulk := BulkOf(HeadOf(data)); bulk == nil || bulk.Name != "ledger" {
		t.Errorf("a large ledger was taken for %v", bulk)
	}
}
