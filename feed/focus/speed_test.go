package focus

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"binnacle/facts"
	"binnacle/feed"
)

// hourly writes a bill of a number of lines: hours of some thousand resources, with 45 columns and about 700 bytes a line.
func hourly(lines int) []byte {
	var out bytes.Buffer
	out.WriteString("BilledCost,BillingAccountId,BillingAccountName,BillingAccountType,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,CapacityReservationId,CapacityReservationStatus,ChargeCategory,ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,CommitmentDiscountId,CommitmentDiscountQuantity,CommitmentDiscountStatus,CommitmentDiscountType,ConsumedQuantity,ConsumedUnit,ContractedCost,ContractedUnitPrice,EffectiveCost,InvoiceId,InvoiceIssuerName,ListCost,ListUnitPrice,PricingCategory,PricingQuantity,PricingUnit,ProviderName,PublisherName,RegionId,RegionName,ResourceId,ResourceName,ResourceType,ServiceCategory,ServiceName,SkuId,SkuPriceId,SubAccountId,SubAccountName,Tags\n")
	start := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	const resources = 4000
	for i := range lines {
		res, hour := i%resources, i/resources
		at := start.Add(time.Duration(hour%744) * time.Hour)
		quantity := float64(1+(i*7919)%1000) / 1000
		list, contracted := 0.0416*quantity, 0.0354*quantity
		fmt.Fprintf(&out, `%.10f,"100200300400","Harbour Group","Payer","EUR","2026-11-01T00:00:00Z","2026-10-01T00:00:00Z",,,"Usage",,"0.0416 EUR per hour of a general purpose machine in the region of Frankfurt","Usage-Based","%s","%s",,,,,%.6f,"Hours",%.10f,0.0354,%.10f,"INV-2026-10-%03d","Cloudworks Europe S.a r.l.",%.10f,0.0416,"Standard",%.6f,"Hours","Cloudworks","Cloudworks Europe S.a r.l.","eu-central-1","Europe (Frankfurt)","crn:cloudworks:compute:eu-central-1:%d:machine/m-%012x","machine-%04d","Machine","Compute","Elastic Machines","SKU%06d","SKU%06d.P%04d","%012d","team-%02d","{""application"":""app-%03d"",""environment"":""production"",""cost-centre"":""%d"",""owner"":""team-%02d@harbour.example""}"`+"\n",
			contracted, at.Add(time.Hour).Format(time.RFC3339), at.Format(time.RFC3339), quantity, contracted, contracted, res%17, list, quantity, res%40, res*7919, res, res%200, res%200, res%9, res%40, res%40, res%300, 4000+res%60, res%40)
	}
	return out.Bytes()
}

// mute is a sink that adds up and keeps nothing else.
type mute struct {
	store *facts.Memory
	of    []string
	parts map[feed.Scope]facts.Writer
}

func (m *mute) Columns(names []string) error { m.of = names; return nil }
func (m *mute) Part(s feed.Scope) (facts.Writer, error) {
	if w, ok := m.parts[s]; ok {
		return w, nil
	}
	w, err := m.store.Write(context.Background(), facts.Header{Series: facts.Costs.Name, Columns: m.of})
	m.parts[s] = w
	return w, err
}
func (m *mute) Refuse(feed.Refusal) {}
func (m *mute) Warn(feed.Refusal)   {}
func (m *mute) Note(string, ...any) {}
func (m *mute) Read(int64)          {}

func BenchmarkRead(b *testing.B) {
	const lines = 200_000
	content := hourly(lines)
	b.Logf("%d bytes a line, %d columns", len(content)/lines, strings.Count(string(content[:bytes.IndexByte(content, '\n')]), ",")+1)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Format.Read(context.Background(), input(content), &mute{store: facts.NewMemory(false), parts: map[feed.Scope]facts.Writer{}}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(lines)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
