package door_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/feed"
	"binnacle/model"
)

// bill is a small bill of a cloud: one line for each service and amount.
func bill(lines ...string) string {
	out := "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodStart,ChargePeriodEnd,InvoiceIssuerName,ProviderName,PublisherName,ServiceCategory,ServiceName,PricingQuantity,PricingUnit\n"
	for i, l := range lines {
		service, amount, _ := strings.Cut(l, " ")
		out += fmt.Sprintf("%[1]s,%[1]s,%[1]s,%[1]s,42,Bakery,EUR,2027-06-01T00:00:00Z,2027-07-01T00:00:00Z,Usage,,=Warmth,Usage-Based,2027-06-%02[2]dT00:00:00Z,2027-06-%02[3]dT00:00:00Z,Baker Cloud,Baker Cloud,Baker Cloud,Compute,%[4]s,1,Hours\n", amount, i+1, i+2, service)
	}
	return out
}

func opened(t *testing.T) (*doortest.World, string) {
	t.Helper()
	w := doortest.Open(t)
	p := w.As("cio", "", "cio")
	r, err := w.Import(t.Context(), p, door.ImportRequest{Files: []feed.Input{{Name: "june.csv", Data: []byte(bill("Ovens 1.10", "Mills 2", "Ovens 3.000000000000000001"))}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Files) != 1 || len(r.Files[0].Loads) != 1 || r.Total.Refused != 0 {
		t.Fatalf("%+v\n%s", r.Files[0], reasons(r))
	}
	return w, r.Files[0].Loads[0].Key
}

// amounts writes the lines of a page: the row, the service and the amount.
func amounts(page *door.LinePage) (out []string) {
	for _, l := range page.Lines {
		service := ""
		for i, name := range page.Columns {
			if name == "ServiceName" {
				service = l.Values[i]
			}
		}
		out = append(out, fmt.Sprintf("%d %s %s %s", l.Row, l.Start[:10], service, l.Amounts[0]))
	}
	return out
}

func TestLinesOfALoadAreReadPageByPageAndByValue(t *testing.T) {
	w, key := opened(t)
	p := w.Principal("cio")
	for name, test := range map[string]struct {
		filter door.LineFilter
		cursor string
		want   []string
		next   string
	}{
		"all":         {door.LineFilter{}, "", []string{"2 2027-06-01 Ovens 1.1", "3 2027-06-02 Mills 2", "4 2027-06-03 Ovens 3.000000000000000001"}, ""},
		"first two":   {door.LineFilter{Limit: 2}, "", []string{"2 2027-06-01 Ovens 1.1", "3 2027-06-02 Mills 2"}, "2"},
		"the rest":    {door.LineFilter{Limit: 2}, "2", []string{"4 2027-06-03 Ovens 3.000000000000000001"}, ""},
		"one service": {door.LineFilter{Columns: map[string]string{"ServiceName": "Mills"}}, "", []string{"3 2027-06-02 Mills 2"}, ""},
		"no such":     {door.LineFilter{Columns: map[string]string{"ServiceName": "Fans"}}, "", nil, ""},
		"some days":   {door.LineFilter{From: model.MustDate("2027-06-02"), Until: model.MustDate("2027-06-02")}, "", []string{"3 2027-06-02 Mills 2"}, ""},
	} {
		page, err := w.Lines(t.Context(), p, door.Moment{}, key, test.filter, test.cursor)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, amounts(page)); diff != "" || page.Next != test.next {
			t.Errorf("%s: next %q (-want +got):\n%s", name, page.Next, diff)
		}
	}
	var refused *door.Refused
	if _, err := w.Lines(t.Context(), p, door.Moment{}, key, door.LineFilter{Columns: map[string]string{"Sails": "3"}}, ""); !errors.As(err, &refused) {
		t.Errorf("a column that is not there: %v", err)
	}
	if _, err := w.Lines(t.Context(), p, door.Moment{}, key, door.LineFilter{}, "soon"); !errors.As(err, &refused) {
		t.Errorf("a cursor that is none: %v", err)
	}
	var out bytes.Buffer
	if err := w.ExportLines(t.Context(), p, door.Moment{}, key, door.LineFilter{Columns: map[string]string{"ServiceName": "Ovens"}}, func(*model.Load) io.Writer { return &out }); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); strings.Count(text, "\n") != 3 || !strings.Contains(text, "'=Warmth") || !strings.Contains(text, ",3.000000000000000001,") {
		t.Errorf("the table is\n%s", text)
	}
}

// Who does not see the record of a load sees none of its lines, and is told the same as where there is none.
func TestLinesAreSeenByWhoSeesTheirLoad(t *testing.T) {
	w, key := opened(t)
	load := model.Clone(w.Store.Snapshot().Find("Load", key).(*model.Load))
	for name, confidential := range map[string]bool{"open": false, "confidential": true} {
		load.Confidential = confidential
		if confidential {
			change, err := w.Build(t.Context(), w.Principal("ada"), w.Store.View(), door.Edit{Kind: "Load", Key: key, Set: map[string]any{"confidential": true}})
			if err == nil {
				_, err = w.Write(t.Context(), w.Access.Owner("test"), door.Moment{}, door.Tx{Why: "Hide", Changes: []model.Change{change}})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.Lines(t.Context(), w.As("eva", "", "vendor-manager"), door.Moment{}, key, door.LineFilter{}, "")
		var none *door.NotFound
		if hidden := errors.As(err, &none); hidden != confidential || err != nil && !hidden {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A large bill comes through a file beside the data, is unpacked there, and nothing of it stays.
func TestALargeBillIsStreamedAndLeavesNoFile(t *testing.T) {
	w := doortest.Open(t)
	head, row, _ := strings.Cut(strings.TrimSpace(bill("Ovens 0.01")), "\n")
	var text strings.Builder
	text.WriteString(head + "\n")
	for i := range 56_000 {
		text.WriteString(strings.Replace(row, "=Warmth", fmt.Sprintf("%x", sha256.Sum256([]byte{byte(i), byte(i >> 8)})), 1) + "\n")
	}
	plain := text.String()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, plain)
	z.Close()
	for name, content := range map[string]string{"plain": plain, "packed": packed.String()} {
		in, done, err := w.Spool(name+".csv.gz", strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		if streamed := in.Open != nil; streamed != (len(content) > 8<<20) {
			t.Errorf("%s: %d bytes are streamed: %t", name, len(content), streamed)
		}
		r, err := w.Import(t.Context(), w.Access.Owner("test"), door.ImportRequest{Files: []feed.Input{in}, Source: name})
		done()
		if err != nil {
			t.Fatal(err)
		}
		if r.Total.Refused > 0 || len(r.Files[0].Loads) != 1 || r.Files[0].Loads[0].Lines != 56_000 || r.Files[0].Loads[0].Totals[0].Amount != "560" {
			t.Errorf("%s: %+v %s", name, r.Files[0], reasons(r))
		}
		if left, _ := filepath.Glob(filepath.Join(w.Temp, "*")); len(left) > 0 {
			t.Errorf("%s: %v is left", name, left)
		}
	}
	file, size, err := w.KeepUpload(strings.NewReader("kept"))
	if err != nil || size != 4 {
		t.Fatal(size, err)
	}
	if stream, err := w.OpenUpload(file); err != nil || stream.Size != 4 {
		t.Error(err)
	} else {
		stream.Close()
	}
	if err := w.DropUpload(file); err != nil {
		t.Error(err)
	}
	var none *door.NotFound
	for _, name := range []string{file, "../binnacle.db", "upload-/../../binnacle.db"} {
		if _, err := w.OpenUpload(name); !errors.As(err, &none) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(w.Dir, "facts.db")); err != nil {
		t.Error(err)
	}
}
