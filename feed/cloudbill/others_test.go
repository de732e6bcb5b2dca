package cloudbill

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/feedtest"
)

const ociReport = "lineItem/referenceNo,lineItem/tenantId,lineItem/intervalUsageStart,lineItem/intervalUsageEnd,product/service,product/compartmentName,product/region,product/resourceId,usage/billedQuantity,cost/subscriptionId,cost/productSku,product/Description,cost/unitPrice,cost/myCost,cost/myCostOverage,cost/currencyCode,cost/billingUnitReadable,cost/overageFlag,lineItem/isCorrection,lineItem/backreferenceNo,tags/Oracle-Tags.CreatedBy,tags/team\n" +
	"r1,ocid1.tenancy,2024-03-31T23:00Z,2024-04-01T00:00Z,COMPUTE,shop,eu-frankfurt-1,ocid1.instance,2,5551,B88317,VM Standard,0.05,0.1,0.1,EUR,OCPU PER HOUR,N,false,,me,web\n" +
	"r2,ocid1.tenancy,2024-04-01T00:00Z,2024-04-01T01:00Z,BLOCK_STORAGE,shop,eu-frankfurt-1,ocid1.volume,100,5551,B91961,Block,0.00003,0.0030000000000001,,EUR,GB PER MONTH,N,false,,,\n" +
	"r3,ocid1.tenancy,2024-03-30T00:00Z,2024-03-30T01:00Z,COMPUTE,shop,eu-frankfurt-1,ocid1.instance,-1,5551,B88317,VM Standard,0.05,-0.05,,EUR,OCPU PER HOUR,N,true,r0,,\n"

func TestOracle(t *testing.T) {
	if c := Oracle.Detect([]byte(ociReport)); c < 85 {
		t.Errorf("detected with %d", c)
	}
	b := feedtest.ReadBulk(t, Oracle, "oci.csv", []byte(ociReport))
	want := []string{
		`Oracle/5551 2024-03-01..2024-03-31 | COMPUTE | Compute |  | {"Oracle-Tags.CreatedBy":"me","team":"web"} | shop | 0.1 | 0.1 | 0.1 | 0.1 | 2`,
		`Oracle/5551 2024-03-01..2024-03-31 | COMPUTE | Compute | Correction |  | shop | -0.05 | -0.05 | -0.05 | -0.05 | -1`,
		`Oracle/5551 2024-04-01..2024-04-30 | BLOCK_STORAGE | Storage |  |  | shop | 0.0030000000000001 | 0.0030000000000001 | 0.0030000000000001 | 0.0030000000000001 | 100`,
	}
	columns := []string{"scope", "ServiceName", "ServiceCategory", "ChargeClass", "Tags", "product/compartmentName"}
	if d := cmp.Diff(want, b.Show(columns, facts.Billed, facts.Effective, facts.List, facts.Contracted, facts.ConsumedQuantity)); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	if got := b.Sum(facts.Billed); got != "0.0530000000000001" {
		t.Errorf("billed %s, want the sum of cost/myCost, 0.0530000000000001", got)
	}
	usage := strings.Replace(ociReport, "cost/myCost,", "usage/consumedQuantity,", 1)
	if _, err := feedtest.TryBulk(Oracle, "usage.csv", []byte(usage)); err == nil || !strings.Contains(err.Error(), "cost/myCost is missing") {
		t.Errorf("a report of usage alone: %v", err)
	}
}

const gcpExport = "billing_account_id,service.description,sku.id,sku.description,usage_start_time,usage_end_time,project.id,project.name,labels,location.region,cost,cost_at_list,currency,usage.amount,usage.unit,usage.amount_in_pricing_units,usage.pricing_unit,credits,invoice.month,cost_type\n" +
	`01A,Compute Engine,S1,N2 core,2024-03-31 23:00:00 UTC,2024-04-01 00:00:00 UTC,shop,Shop,"[{""key"":""team"",""value"":""web""}]",europe-west3,1.000001,1.2,EUR,3600,seconds,1,hour,"[{""name"":""Committed"",""type"":""COMMITTED_USAGE_DISCOUNT"",""amount"":-0.3},{""name"":""Promo"",""type"":""PROMOTION"",""amount"":-0.000001}]",202403,regular` + "\n" +
	"01A,Invoice,T,VAT,2024-03-31 23:00:00 UTC,2024-04-01 00:00:00 UTC,,,,,0.19,,EUR,,,,,[],202403,tax\n"

func TestGoogle(t *testing.T) {
	if c := Google.Detect([]byte(gcpExport)); c < 85 {
		t.Errorf("detected with %d", c)
	}
	b := feedtest.ReadBulk(t, Google, "gcp.csv", []byte(gcpExport))
	want := []string{
		`Google Cloud/01A 2024-03-01..2024-03-31 | Usage | N2 core |  | {"team":"web"} | 1.000001 | 1.000001 | 1.2 | 1`,
		`Google Cloud/01A 2024-03-01..2024-03-31 | Credit | Committed | Committed use discount | {"team":"web"} | -0.3 | -0.3 | -0.3 | `,
		`Google Cloud/01A 2024-03-01..2024-03-31 | Credit | Promo |  | {"team":"web"} | -0.000001 | -0.000001 | -0.000001 | `,
		"Google Cloud/01A 2024-03-01..2024-03-31 | Tax | VAT |  |  | 0.19 | 0.19 | 0.19 | ",
	}
	columns := []string{"scope", "ChargeCategory", "ChargeDescription", "CommitmentDiscountType", "Tags"}
	if d := cmp.Diff(want, b.Show(columns, facts.Billed, facts.Effective, facts.List, facts.PricingQuantity)); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	// The column cost and the credits in it: 1.000001 + 0.19 − 0.3 − 0.000001.
	if got := b.Sum(facts.Billed); got != "0.89" {
		t.Errorf("billed %s, want 0.89", got)
	}
	broken := strings.Replace(gcpExport, `""amount"":-0.3`, `""amount"":`, 1)
	if b := feedtest.ReadBulk(t, Google, "gcp.csv", []byte(broken)); len(b.Refused) != 1 || b.Sum(facts.Billed) != "0.19" {
		t.Errorf("a line whose credits cannot be read must not count without them: %q", b.Refused)
	}
}

func TestCurrencyThatIsMissing(t *testing.T) {
	text := strings.ReplaceAll(ociReport, "cost/currencyCode", "cost/exchange")
	b := feedtest.ReadBulk(t, Oracle, "oci.csv", []byte(text))
	if got := b.Sum(facts.Billed, "BillingCurrency=XXX"); got != "0.0530000000000001" || !strings.Contains(strings.Join(b.Notes, " "), "does not name its currency") {
		t.Errorf("%s, notes %q", got, b.Notes)
	}
	b = feedtest.ReadBulk(t, Oracle, "oci.csv", []byte(text), func(in *feed.BulkInput) { in.Currency = "CHF" })
	if got := b.Sum(facts.Billed, "BillingCurrency=CHF"); got != "0.0530000000000001" {
		t.Errorf("%s in CHF", got)
	}
}

func FuzzOracle(f *testing.F) {
	f.Add([]byte(ociReport))
	feedtest.FuzzBulk(f, Oracle)
}

func FuzzGoogle(f *testing.F) {
	f.Add([]byte(gcpExport))
	feedtest.FuzzBulk(f, Google)
}
