package jobs

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"binnacle/facts"
	"binnacle/model"
	"binnacle/outbound"
)

const juneBill = `BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingAccountName,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodStart,ChargePeriodEnd,InvoiceIssuerName,ProviderName,PublisherName,ServiceCategory,ServiceName,PricingQuantity,PricingUnit
1.25,1.25,1.25,1.25,42,Bakery,EUR,2027-06-01T00:00:00Z,2027-07-01T00:00:00Z,Usage,,Warmth,Usage-Based,2027-06-01T00:00:00Z,2027-06-02T00:00:00Z,Baker Cloud,Baker Cloud,Baker Cloud,Compute,Ovens,1,Hours
`

// Bills that lie in a folder, packed or not, come in on their own beside the records, and a restated one replaces what it restates.
func TestAFolderWithBillsIsRead(t *testing.T) {
	folder, lines := t.TempDir(), facts.NewMemory(true)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, juneBill)
	z.Close()
	write(t, filepath.Join(folder, "june.csv.gz"), packed.String())
	write(t, filepath.Join(folder, "hosts.yaml"), oneHost)
	s := newStation(t, ScheduleOptions{Folders: []string{folder}, Facts: lines, Temp: t.TempDir()})
	sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: "bills"}, Location: folder, Every: model.Duration(time.Hour)})
	if run := s.tick(sub); run.Outcome != "taken" || run.Counts.Created != 2 || run.Files != 2 {
		t.Fatalf("the first run: %+v", run)
	}
	s.advance(time.Hour)
	if run := s.tick(sub); run.Outcome != "unchanged" {
		t.Errorf("the same bills: %+v", run)
	}
	write(t, filepath.Join(folder, "june.csv.gz"), string(bytes.ReplaceAll([]byte(juneBill), []byte("1.25"), []byte("2.50"))))
	s.advance(time.Hour)
	if run := s.tick(sub); run.Outcome != "taken" || run.Counts.Created != 1 {
		t.Errorf("a restated bill: %+v", run)
	}
	states := map[model.LoadState]string{}
	for load := range loadsOf(s.store.Snapshot()) {
		states[load.State] = load.Totals[0].Amount
	}
	if states[model.LoadCounts] != "2.5" || states[model.LoadReplaced] != "1.25" {
		t.Errorf("the loads are %v", states)
	}
	if left, _ := filepath.Glob(filepath.Join(s.opt.Temp, "*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}

// A bill that is longer than other answers may be is streamed into a file and taken, and the file goes.
func TestALongBillIsFetched(t *testing.T) {
	head, row, _ := strings.Cut(juneBill, "\n")
	const rows = 60_000
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, head+"\n"+strings.Repeat(row, rows))
	}))
	defer server.Close()
	s := newStation(t, ScheduleOptions{Client: outbound.New(outbound.Policy{Allow: []string{"127.0.0.1"}, MaxBytes: 1 << 20}), Facts: facts.NewMemory(true), Temp: t.TempDir()})
	sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: "bill"}, Location: server.URL + "/june.csv", Every: model.Duration(time.Hour)})
	if run := s.tick(sub); run.Outcome != "taken" || run.Counts.Created != 1 || run.Bytes < spoolHeld {
		t.Fatalf("%+v", run)
	}
	for load := range loadsOf(s.store.Snapshot()) {
		if load.Lines != rows || load.Totals[0].Amount != "75000" {
			t.Errorf("the load has %d lines with %s", load.Lines, load.Totals[0].Amount)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(s.opt.Temp, "*")); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
}
