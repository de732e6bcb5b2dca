package cloudbill

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/facts"
	"binnacle/feed/feedtest"
)

const azureHead = "BillingAccountId,BillingPeriodStartDate,BillingPeriodEndDate,SubscriptionId,SubscriptionName,Date,ProductName,MeterCategory,MeterName,UnitOfMeasure,Quantity,EffectivePrice,CostInBillingCurrency,CostCenter,ResourceLocation,ResourceId,Tags,ResourceName,ReservationId,ReservationName,UnitPrice,ChargeType,Frequency,PricingModel,BillingCurrencyCode,PayGPrice,ServiceFamily,ResourceGroup\n"

// azureRow writes a row of an enterprise export from the values that matter.
func azureRow(date, quantity, cost, reservation, unitPrice, charge, model string) string {
	return "8611537,03/01/2024,03/31/2024,sub-1,Shop," + date + ",VM D2,Virtual Machines,D2 v3,1 Hour," + quantity + ",0.1," + cost +
		",4711,westeurope,/subscriptions/sub-1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm1,\"\"\"Env\"\": \"\"prod\"\",\"\"Team\"\": \"\"web\"\"\",," +
		reservation + ",One year," + unitPrice + "," + charge + ",," + model + ",EUR,0.15,Compute,rg\n"
}

// A reservation of 12 in a month: 9 of it were used, and 3 were not.
var (
	azureActual = azureHead +
		azureRow("03/05/2024", "10", "1.2", "", "0.12", "Usage", "OnDemand") +
		azureRow("03/13/2024", "100", "0", "res-1", "0.12", "Usage", "Reservation") +
		azureRow("03/01/2024", "1", "12", "res-1", "12", "Purchase", "Reservation") +
		azureRow("03/14/2024", "1", "-2", "res-1", "-2", "Refund", "Reservation") +
		azureRow("03/31/2024", "1", "0.0000000001", "", "", "RoundingAdjustment", "")
	azureAmortised = azureHead +
		azureRow("03/05/2024", "10", "1.2", "", "0.12", "Usage", "OnDemand") +
		azureRow("03/13/2024", "100", "9", "res-1", "0.12", "Usage", "Reservation") +
		azureRow("03/13/2024", "33", "3", "res-1", "", "UnusedReservation", "Reservation") +
		azureRow("03/31/2024", "1", "0.0000000001", "", "", "RoundingAdjustment", "")
)

func TestAzureActual(t *testing.T) {
	b := feedtest.ReadBulk(t, Azure, "actual.csv", []byte(azureActual))
	want := []string{
		"2024-03-05 | Usage |  | Usage-Based | Standard |  |  | 1.2 | 1.2 | 1.5 | 1.2",
		"2024-03-13 | Usage |  | Usage-Based | Committed | res-1 | Used | 0 | 0 | 15 | 12",
		"2024-03-01 | Purchase |  | One-Time | Standard | res-1 |  | 12 | 12 | 12 | 12",
		"2024-03-14 | Purchase | Correction | One-Time | Standard | res-1 |  | -2 | -2 | -2 | -2",
		"2024-03-31 | Adjustment |  | One-Time |  |  |  | 0.0000000001 | 0.0000000001 | 0.0000000001 | 0.0000000001",
	}
	columns := []string{"from", "ChargeCategory", "ChargeClass", "ChargeFrequency", "PricingCategory", "CommitmentDiscountId", "CommitmentDiscountStatus"}
	if d := cmp.Diff(want, b.Show(columns, facts.Billed, facts.Effective, facts.List, facts.Contracted)); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	if got := b.Sum(facts.Billed); got != "11.2000000001" {
		t.Errorf("billed %s, want the sum of the cost column, 11.2000000001", got)
	}
	if len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "actual export") {
		t.Errorf("notes: %q", b.Notes)
	}
}

func TestAzureAmortised(t *testing.T) {
	b := feedtest.ReadBulk(t, Azure, "amortised.csv", []byte(azureAmortised))
	want := []string{
		"2024-03-05 |  | 1.2 | 1.2 | 1.5 | 1.2",
		"2024-03-13 | Used | 0 | 9 | 15 | 12",
		"2024-03-13 | Unused | 0 | 3 | 0 | 0",
		"2024-03-31 |  | 0.0000000001 | 0.0000000001 | 0.0000000001 | 0.0000000001",
	}
	if d := cmp.Diff(want, b.Show([]string{"from", "CommitmentDiscountStatus"}, facts.Billed, facts.Effective, facts.List, facts.Contracted)); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
	if got := b.Sum(facts.Effective); got != "13.2000000001" {
		t.Errorf("effective %s, want the sum of the cost column, 13.2000000001", got)
	}
	if len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "amortised export") {
		t.Errorf("notes: %q", b.Notes)
	}
}

func TestAzureColumns(t *testing.T) {
	b := feedtest.ReadBulk(t, Azure, "actual.csv", []byte(azureActual))
	for column, want := range map[string]string{
		"ProviderName": "Microsoft", "SubAccountId": "sub-1", "SubAccountName": "Shop", "BillingAccountId": "8611537", "BillingCurrency": "EUR",
		"ServiceName": "Virtual Machines", "ServiceCategory": "Compute", "RegionId": "westeurope", "ResourceName": "vm1", "ResourceType": "Microsoft.Compute/virtualMachines",
		"Tags": `{"Env":"prod","Team":"web"}`, "x_CostCentre": "4711", "ChargeDescription": "VM D2", "SkuMeter": "D2 v3", "ConsumedUnit": "1 Hour",
		"ListUnitPrice": "0.15", "ContractedUnitPrice": "0.12", "ResourceGroup": "rg", "ServiceFamily": "Compute",
	} {
		if got := b.Value(b.Lines[0], column); got != want {
			t.Errorf("%s = %q, want %q", column, got, want)
		}
	}
	if got := b.Show([]string{"scope"})[0]; got != "Microsoft/8611537 2024-03-01..2024-03-31" {
		t.Errorf("scope %s", got)
	}
}

func TestAzureTwoExportsInOneFile(t *testing.T) {
	_, err := feedtest.TryBulk(Azure, "both.csv", []byte(azureActual+strings.TrimPrefix(azureAmortised, azureHead)))
	if err == nil || !strings.Contains(err.Error(), "two exports in one file") {
		t.Errorf("both exports in one file would count twice: %v", err)
	}
}

func TestAzureCustomerAgreement(t *testing.T) {
	text := "invoiceId,previousInvoiceId,billingAccountId,billingProfileId,date,subscriptionId,meterCategory,meterId,unitOfMeasure,quantity,effectivePrice,costInBillingCurrency,costInPricingCurrency,costInUsd,paygCostInBillingCurrency,billingCurrency,pricingCurrency,exchangeRatePricingToBilling,chargeType,pricingModel,benefitId,payGPrice,unitPrice,tags,frequency\n" +
		`INV9,,acc:1,prof,2024-03-05,sub-2,Storage,m1,1 GB,10,0.2,1.8,2,2,2.7,EUR,USD,0.9,Usage,OnDemand,,0.3,0.2,"{""a"":""b""}",UsageBased` + "\n" +
		`INV9,,acc:1,prof,2024-03-06,sub-2,Virtual Machines,m2,1 Hour,10,0.2,1.8,2,2,0,EUR,USD,0.9,Usage,SavingsPlan,/providers/Microsoft.BillingBenefits/savingsPlanOrders/x,0.4,0.3,,UsageBased` + "\n"
	if c := Azure.Detect([]byte(text)); c < 85 {
		t.Errorf("detected with %d", c)
	}
	b := feedtest.ReadBulk(t, Azure, "mca.csv", []byte(text))
	want := []string{
		`INV9 |  |  | EUR | USD | {"a":"b"} | 0.9 | 1.8 | 1.8 | 2.7 | 1.8`,
		"INV9 | Savings plan | Used | EUR | USD |  | 0.9 | 0 | 1.8 | 3.6 | 2.7",
	}
	columns := []string{"InvoiceId", "CommitmentDiscountType", "CommitmentDiscountStatus", "BillingCurrency", "PricingCurrency", "Tags", "exchangeRatePricingToBilling"}
	if d := cmp.Diff(want, b.Show(columns, facts.Billed, facts.Effective, facts.List, facts.Contracted)); d != "" {
		t.Errorf("lines (-want +got):\n%s", d)
	}
}

func TestAzureDays(t *testing.T) {
	row := func(date string) string { return azureRow(date, "1", "1", "", "1", "Usage", "OnDemand") }
	for _, c := range []struct{ rows, want string }{
		{row("03/04/2024"), "2024-03-04"},
		{row("03/04/2024") + row("03/25/2024"), "2024-03-04 2024-03-25"},
		{row("2024-03-04"), "2024-03-04"},
		{row("3/4/2024"), "2024-03-04"},
	} {
		b := feedtest.ReadBulk(t, Azure, "x.csv", []byte(azureHead+c.rows))
		if got := strings.Join(b.Show([]string{"from"}), " "); got != c.want {
			t.Errorf("%q: %s, want %s", c.rows, got, c.want)
		}
	}
	if _, err := feedtest.TryBulk(Azure, "x.csv", []byte(azureHead+row("13/04/2024")+row("04/13/2024"))); err == nil {
		t.Error("days in two styles were taken")
	}
	b := feedtest.ReadBulk(t, Azure, "x.csv", []byte(azureHead+row("02/30/2024")+row("02/28/2024")))
	if len(b.Refused) != 1 || !strings.Contains(b.Refused[0], `x.csv:2:42: Date: "02/30/2024" is not a day`) || len(b.Lines) != 1 {
		t.Errorf("refused %q", b.Refused)
	}
}

func TestAzureTagsThatAreNone(t *testing.T) {
	text := strings.Replace(azureHead+azureRow("03/05/2024", "1", "1", "", "1", "Usage", "OnDemand"), `"""Env"": ""prod"",""Team"": ""web"""`, "prod", 1)
	b := feedtest.ReadBulk(t, Azure, "x.csv", []byte(text))
	if len(b.Warned) != 1 || !strings.Contains(b.Warned[0], "Tags: the tags are not pairs") || b.Sum(facts.Billed) != "1" {
		t.Errorf("warned %q", b.Warned)
	}
}

func FuzzAzure(f *testing.F) {
	f.Add([]byte(azureActual))
	f.Add([]byte(azureAmortised))
	feedtest.FuzzBulk(f, Azure)
}
