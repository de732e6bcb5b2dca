package cloudbill

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"binnacle/facts"
	"binnacle/feed/feedtest"
)

// curHead are the columns of a small report, and curRows lines of every type. A reservation of which 24 of 40 hours were used costs 1.50 in
// the month: 0.90 for the hours used, 0.20 + 0.40 for those not used. A savings plan of 2.50 was used for 2.10.
const curHead = "identity/LineItemId,bill/InvoiceId,bill/PayerAccountId,bill/BillType,bill/BillingPeriodStartDate,bill/BillingPeriodEndDate," +
	"lineItem/UsageAccountId,lineItem/LineItemType,lineItem/UsageStartDate,lineItem/UsageEndDate,lineItem/ProductCode,lineItem/UsageType,lineItem/AvailabilityZone,lineItem/ResourceId," +
	"lineItem/UsageAmount,lineItem/CurrencyCode,lineItem/UnblendedRate,lineItem/UnblendedCost,lineItem/BlendedCost,lineItem/LineItemDescription," +
	"product/ProductName,product/instanceType,product/region,product/sku,pricing/publicOnDemandCost,pricing/term,pricing/unit," +
	"reservation/EffectiveCost,reservation/ReservationARN,reservation/TotalReservedUnits,reservation/UnusedAmortizedUpfrontFeeForBillingPeriod,reservation/UnusedQuantity,reservation/UnusedRecurringFee," +
	"savingsPlan/SavingsPlanARN,savingsPlan/SavingsPlanEffectiveCost,savingsPlan/TotalCommitmentToDate,savingsPlan/UsedCommitment,resourceTags/user:Team,resourceTags/aws:createdBy\n"

// curRow writes a row of the report from the values that matter.
func curRow(typ, code, amount, cost, public, rest string) string {
	return "id-" + typ + ",INV-1,111122223333,Anniversary,2024-03-01T00:00:00Z,2024-04-01T00:00:00Z," +
		"444455556666," + typ + ",2024-03-05T00:00:00Z,2024-03-05T01:00:00Z," + code + ",BoxUsage:m5.large,eu-west-1b,i-1," +
		amount + ",USD,0.1," + cost + ",9.99,\"" + typ + ", as billed\"," +
		"Amazon Elastic Compute Cloud,m5.large,eu-west-1,SKU1," + public + ",OnDemand,Hrs," + rest + ",web,\n"
}

var curRows = curRow("Usage", "AmazonEC2", "10", "1.00", "1.10", ",,,,,,,,,") +
	curRow("DiscountedUsage", "AmazonEC2", "24", "0", "2.40", "0.90,arn:ri,,,,,,,,") +
	curRow("RIFee", "AmazonEC2", "40", "1.50", "0", ",arn:ri,40,0.20,16,0.40,,,,") +
	curRow("SavingsPlanCoveredUsage", "AmazonEC2", "30", "3.00", "3.00", ",,,,,,arn:sp,2.10,,") +
	curRow("SavingsPlanNegation", "AmazonEC2", "30", "-3.00", "0", ",,,,,,arn:sp,,,") +
	curRow("SavingsPlanRecurringFee", "ComputeSavingsPlans", "1", "2.50", "0", ",,,,,,arn:sp,,2.50,2.10") +
	curRow("SavingsPlanUpfrontFee", "ComputeSavingsPlans", "1", "50", "0", ",,,,,,arn:sp,,,") +
	curRow("Fee", "AmazonEC2", "1", "100", "0", ",arn:ri,8760,,,,,,,") +
	curRow("Fee", "AmazonRegistrar", "1", "12", "0", ",,,,,,,,,") +
	curRow("Tax", "AmazonEC2", "1", "0.79", "", ",,,,,,,,,") +
	curRow("Credit", "AmazonEC2", "0", "-0.50", "", ",,,,,,,,,") +
	curRow("Refund", "AmazonEC2", "0", "-0.10", "", ",,,,,,,,,") +
	curRow("EdpDiscount", "AmazonEC2", "0", "-0.25", "", ",,,,,,,,,") +
	curRow("BundledDiscount", "AmazonEC2", "0", "-0.050000000001", "", ",,,,,,,,,")

func TestAWSTypesOfLines(t *testing.T) {
	b := feedtest.ReadBulk(t, AWS, "cur.csv", []byte(curHead+curRows))
	want := []string{
		// Row, category, class, frequency, price, status of the commitment, its id; billed, effective, list, contracted.
		"2 | Usage |  | Usage-Based | Standard |  |  | 1 | 1 | 1.1 | 1",
		"3 | Usage |  | Usage-Based | Committed | Used | arn:ri | 0 | 0.9 | 2.4 | 2.4",
		"4 | Purchase |  | Recurring | Standard |  | arn:ri | 1.5 | 0 | 1.5 | 1.5",
		"4 | Usage |  | Usage-Based | Committed | Unused | arn:ri | 0 | 0.6 | 0 | 0",
		"5 | Usage |  | Usage-Based | Committed | Used | arn:sp | 3 | 2.1 | 3 | 3",
		"6 | Usage |  | Usage-Based | Standard |  | arn:sp | -3 | 0 | 0 | 0",
		"7 | Purchase |  | Recurring | Standard |  | arn:sp | 2.5 | 0 | 2.5 | 2.5",
		"7 | Usage |  | Usage-Based | Committed | Unused | arn:sp | 0 | 0.4 | 0 | 0",
		"8 | Purchase |  | One-Time | Standard |  | arn:sp | 50 | 0 | 50 | 50",
		"9 | Purchase |  | One-Time | Standard |  | arn:ri | 100 | 0 | 100 | 100",
		"10 | Purchase |  | One-Time | Standard |  |  | 12 | 12 | 12 | 12",
		"11 | Tax |  | One-Time |  |  |  | 0.79 | 0.79 | 0.79 | 0.79",
		"12 | Credit |  | One-Time |  |  |  | -0.5 | -0.5 | -0.5 | -0.5",
		"13 | Credit | Correction | One-Time |  |  |  | -0.1 | -0.1 | -0.1 | -0.1",
		"14 | Credit |  | One-Time |  |  |  | -0.25 | -0.25 | -0.25 | -0.25",
		"15 | Credit |  | One-Time |  |  |  | -0.050000000001 | -0.050000000001 | -0.050000000001 | -0.050000000001",
	}
	got := b.Show([]string{"row", "ChargeCategory", "ChargeClass", "ChargeFrequency", "PricingCategory", "CommitmentDiscountStatus", "CommitmentDiscountId"},
		facts.Billed, facts.Effective, facts.List, facts.Contracted)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	if len(b.Refused)+len(b.Warned) > 0 {
		t.Errorf("refused %q, warned %q", b.Refused, b.Warned)
	}
}

// What is billed is the unblended cost of the report to the last digit. What is effective is 16.89 less the digits of the last discount:
// 1 + 0.90 + 0.60 + 2.10 + 0.40 + 12 + 0.79 − 0.50 − 0.10 − 0.25 − 0.05, as if what was paid in advance had been paid while it was used.
func TestAWSTotals(t *testing.T) {
	b := feedtest.ReadBulk(t, AWS, "cur.csv", []byte(curHead+curRows))
	for _, row := range []struct {
		measure int
		where   string
		want    string
	}{
		{facts.Billed, "ProviderName=AWS", "166.889999999999"},
		{facts.Effective, "ProviderName=AWS", "16.889999999999"},
		{facts.Billed, "ChargeCategory=Usage", "1"},
		{facts.Billed, "ChargeCategory=Purchase", "166"},
		{facts.Effective, "ChargeCategory=Purchase", "12"},
		{facts.Billed, "ChargeCategory=Tax", "0.79"},
		{facts.Billed, "ChargeCategory=Credit", "-0.900000000001"},
		// The reservation costs in the month what its fee is, used or not.
		{facts.Effective, "CommitmentDiscountId=arn:ri", "1.5"},
		{facts.Effective, "CommitmentDiscountId=arn:sp", "2.5"},
		{facts.CommitmentQuantity, "CommitmentDiscountStatus=Unused", "16.4"},
	} {
		if got := b.Sum(row.measure, row.where); got != row.want {
			t.Errorf("%s where %s = %s, want %s", facts.Costs.Measures[row.measure], row.where, got, row.want)
		}
	}
}

func TestAWSColumns(t *testing.T) {
	b := feedtest.ReadBulk(t, AWS, "cur.csv", []byte(curHead+curRows))
	want := map[string]string{
		"ProviderName": "AWS", "PublisherName": "Amazon Web Services, Inc.", "InvoiceIssuerName": "Amazon Web Services, Inc.", "BillingAccountId": "111122223333", "SubAccountId": "444455556666", "InvoiceId": "INV-1",
		"BillingCurrency": "USD", "ServiceName": "Amazon Elastic Compute Cloud", "ServiceCategory": "Compute", "RegionId": "eu-west-1", "AvailabilityZone": "eu-west-1b", "ResourceId": "i-1",
		"SkuId": "SKU1", "SkuMeter": "BoxUsage:m5.large", "PricingUnit": "Hrs", "ConsumedUnit": "Hrs", "ContractedUnitPrice": "0.1", "ChargeDescription": "Usage, as billed",
		"Tags": `{"Team":"web"}`, "SkuPriceDetails": `{"InstanceType":"m5.large"}`,
		// What FOCUS does not know keeps its own name.
		"lineItem/LineItemType": "Usage", "lineItem/ProductCode": "AmazonEC2", "pricing/term": "OnDemand", "bill/BillType": "Anniversary",
	}
	for column, value := range want {
		if got := b.Value(b.Lines[0], column); got != value {
			t.Errorf("%s = %q, want %q", column, got, value)
		}
	}
	for _, column := range []string{"identity/LineItemId", "lineItem/BlendedCost", "lineItem/UnblendedCost"} {
		for _, c := range b.Columns {
			if c == column {
				t.Errorf("the column %s differs on every line and must not make an item of each", column)
			}
		}
	}
	if got := b.Show([]string{"scope", "from", "until"})[0]; got != "AWS/111122223333 2024-03-01..2024-03-31 | 2024-03-05 | 2024-03-05" {
		t.Errorf("scope: %s", got)
	}
	if len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "lineItem/BlendedCost") {
		t.Errorf("notes: %q", b.Notes)
	}
}

func TestAWSRefusesWhatCannotBeCounted(t *testing.T) {
	good := curRow("Usage", "AmazonEC2", "10", "1.00", "1.10", ",,,,,,,,,")
	rows := good +
		strings.Replace(good, ",1.00,", ",free,", 1) +
		strings.Replace(good, ",1.00,", ",,", 1) +
		strings.Replace(good, "2024-03-05T00:00:00Z", "5 March", 1) +
		strings.Replace(good, "2024-03-05T01", "2024-03-04T01", 1) +
		strings.Replace(good, "USD", "Dollar", 1) +
		"one,two\n" + good[:len(good)-1] + ",more,values\n" + good
	b := feedtest.ReadBulk(t, AWS, "cur.csv", []byte(curHead+rows))
	if got := b.Sum(facts.Billed); got != "2" {
		t.Errorf("the good lines add up to %s, want 2", got)
	}
	want := []string{
		`cur.csv:3:198: lineItem/UnblendedCost: "free" is not a number`,
		"cur.csv:4:198: lineItem/UnblendedCost: the line has no cost",
		`cur.csv:5:102: lineItem/UsageStartDate: "5 March" is not a time`,
		"cur.csv:6:123: lineItem/UsageEndDate: the line ends before it begins",
		`cur.csv:7:190: lineItem/CurrencyCode: "Dollar" is not a currency`,
		"cur.csv:8: lineItem/UnblendedCost: the line has no cost",
		"cur.csv:9: the row has 41 values",
	}
	for i, w := range want {
		if i >= len(b.Refused) || !strings.HasPrefix(b.Refused[i], w) {
			t.Errorf("refusal %d: want %s\ngot %q", i, w, b.Refused)
			break
		}
	}
}

func TestAWSWarnsOfTypesItDoesNotKnow(t *testing.T) {
	rows := curRow("MagicFee", "AmazonEC2", "1", "4.00", "", ",,,,,,,,,")
	b := feedtest.ReadBulk(t, AWS, "cur.csv", []byte(curHead+rows+rows))
	if got := b.Sum(facts.Billed, "ChargeCategory=Adjustment"); got != "8" || len(b.Warned) != 1 {
		t.Errorf("adjustments %s, warned %q", got, b.Warned)
	}
}

// cur2 is a line of the second version of the report, as Parquet has it.
type cur2 struct {
	Start   int64             `parquet:"line_item_usage_start_date,timestamp(millisecond)"`
	Type    string            `parquet:"line_item_line_item_type"`
	Cost    float64           `parquet:"line_item_unblended_cost"`
	Payer   string            `parquet:"bill_payer_account_id"`
	Code    string            `parquet:"line_item_product_code"`
	Code2   string            `parquet:"line_item_currency_code"`
	Product map[string]string `parquet:"product"`
	Tags    map[string]string `parquet:"resource_tags"`
}

func TestAWSSecondVersion(t *testing.T) {
	text := "bill_payer_account_id,line_item_usage_start_date,line_item_line_item_type,line_item_unblended_cost,line_item_product_code,line_item_currency_code,product,resource_tags\n" +
		`1,2024-03-05T00:00:00.000Z,Usage,0.1,AmazonS3,EUR,"{""product_name"":""Simple Storage"",""region"":""eu-central-1""}","{""user_team"":""web"",""aws_created_by"":""me""}"` + "\n" +
		`1,2024-03-05T00:00:00.000Z,Usage,0.2,AmazonS3,EUR,,not json` + "\n"
	var file bytes.Buffer
	w := parquet.NewGenericWriter[cur2](&file)
	for i, cost := range []float64{0.1, 0.2} {
		row := cur2{Start: 1709596800000, Type: "Usage", Cost: cost, Payer: "1", Code: "AmazonS3", Code2: "EUR"}
		if i == 0 {
			row.Product = map[string]string{"product_name": "Simple Storage", "region": "eu-central-1"}
			row.Tags = map[string]string{"user_team": "web", "aws_created_by": "me"}
		}
		if _, err := w.Write([]cur2{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"csv": []byte(text), "parquet": file.Bytes()} {
		if c := AWS.Detect(data); c < 85 {
			t.Errorf("%s: detected with %d", name, c)
		}
		b := feedtest.ReadBulk(t, AWS, name, data)
		want := []string{
			`2024-03-05 | Simple Storage | Storage | eu-central-1 | {"aws:created_by":"me","team":"web"} | 0.1 | 0.1`,
			"2024-03-05 | AmazonS3 | Storage |  |  | 0.2 | 0.2",
		}
		if d := cmp.Diff(want, b.Show([]string{"from", "ServiceName", "ServiceCategory", "RegionId", "Tags"}, facts.Billed, facts.List)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if got := b.Sum(facts.Billed); got != "0.3" {
			t.Errorf("%s: billed %s, want 0.3", name, got)
		}
		if name == "csv" && len(b.Warned) != 1 {
			t.Errorf("warned: %q", b.Warned)
		}
	}
}

func TestNobodyReadsTheBillOfAnother(t *testing.T) {
	heads := map[string]string{
		"aws-cur":     curHead,
		"azure-usage": "SubscriptionId,Date,MeterCategory,MeterId,Quantity,CostInBillingCurrency,CostCenter\n",
		"oci-cost":    "lineItem/referenceNo,lineItem/tenantId,lineItem/intervalUsageStart,product/service,cost/myCost\n",
		"gcp-billing": "billing_account_id,service.description,sku.id,usage_start_time,cost,currency\n",
		"focus":       "ProviderName,BilledCost,ChargePeriodStart,BillingCurrency,Tags\n",
		"a table":     "date,amount,account\n",
		"nothing":     "",
	}
	for name, head := range heads {
		for _, f := range Formats() {
			if got := f.Detect([]byte(head)); (got > 0) != (f.Name == name) {
				t.Errorf("%s says %d of %s", f.Name, got, name)
			}
		}
	}
}

func FuzzAWS(f *testing.F) {
	f.Add([]byte(curHead + curRows))
	feedtest.FuzzBulk(f, AWS)
}
