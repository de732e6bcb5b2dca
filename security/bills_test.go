package security

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"binnacle/door"
	"binnacle/feed"
	"binnacle/model"
)

// charge is one line of a bill of a cloud.
type charge struct {
	provider, account, service, text, tags, amount string
}

// headsOfBill are the columns of a bill in the words of FOCUS.
var headsOfBill = []string{"BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargeCategory", "ChargeClass",
	"ChargeDescription", "ChargeFrequency", "ChargePeriodStart", "ChargePeriodEnd", "InvoiceIssuerName", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName", "PricingQuantity", "PricingUnit", "Tags", "SubAccountId",
	"SubAccountName", "ResourceId", "ResourceName", "RegionId", "SkuId"}

// row returns the values of a charge in a month, in the order of the columns.
func (c charge) row(month string, n int) []string {
	from := model.MustDate(month + "-01")
	day := fmt.Sprintf("%s-%02dT", month, n%28+1)
	return []string{c.amount, c.amount, c.amount, c.amount, c.account, c.account, "EUR", from.String() + "T00:00:00Z", from.AddMonths(1).String() + "T00:00:00Z", "Usage", "",
		c.text, "Usage-Based", day + "00:00:00Z", day + "01:00:00Z", c.provider, c.provider, c.provider, "Compute", c.service, "1", "Hours", c.tags, c.account,
		c.account, c.service, c.service, "north", c.service}
}

// bill writes a bill of a month.
func bill(month string, charges ...charge) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.Write(headsOfBill)
	for i, c := range charges {
		w.Write(c.row(month, i))
	}
	w.Flush()
	return out.Bytes()
}

// load imports a bill in the name of the finance department and returns the key of its load.
func (w *world) load(t testing.TB, name string, data []byte) string {
	t.Helper()
	r, err := w.Import(t.Context(), w.account(t, "finance"), door.ImportRequest{Files: []feed.Input{{Name: name, Data: data}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Files) != 1 || len(r.Files[0].Loads) != 1 || r.Files[0].Loads[0].Key == "" || r.Total.Refused > 0 {
		t.Fatalf("the bill was not taken: %+v", r.Files)
	}
	return r.Files[0].Loads[0].Key
}

// darken makes a record confidential.
func (w *world) darken(t *testing.T, kind, key string) {
	t.Helper()
	before := w.Store.Snapshot().Find(kind, key)
	after := model.Clone(before)
	after.Base().Confidential = true
	after.Base().Description = "It speaks of " + secretWord + "."
	w.change(t, before, after)
}

// The amounts of the two bills. Nothing else costs as much.
const (
	openAmount = "1000.25"
	darkAmount = "77777.13"
)

func darkBill(month string) []byte {
	return bill(month, charge{"Night Cloud", "night-7", secretWord, "Watching " + secretWord, `{"app":"` + secretWord + `"}`, darkAmount})
}

// spend adds money: bills and everything around them, once open and once confidential.
func (w *world) spend(t *testing.T, vendor *model.Vendor, contract *model.Contract) {
	t.Helper()
	w.open = w.load(t, "open.csv", bill("2027-05", charge{"Day Cloud", "day-7", "Ovens", "Baking", `{"app":"` + foreignKey + `"}`, openAmount}))
	w.dark = w.load(t, "dark.csv", darkBill("2027-05"))
	w.darken(t, "Load", w.dark)
	dark := named(&model.Application{}, "app-of-the-night", secretWord)
	dark.Confidential = true
	w.Put(dark)
	// What is open leads to what is confidential: by a rule, and by an invoice.
	rule := named(&model.CostRule{Order: 1, When: []model.CostCondition{{Column: "ServiceName", Is: "equals", Value: "Ovens"}}, For: []model.CostShare{{To: dark.Ref()}}, Vendor: vendor.Ref(), Contract: contract.Ref()}, "rule-of-ovens", foreignWord)
	amount, err := model.NewMoney("120.00", "EUR")
	if err != nil {
		t.Fatal(err)
	}
	on := model.MustDate("2027-05-31")
	visible := named(&model.Invoice{Number: "F-1", Vendor: vendor.Ref(), Contract: contract.Ref(), Issued: on, Amount: amount}, "invoice-of-all", foreignWord)
	w.Put(rule, visible)
	hide := func(rec model.Record) { rec.Base().Confidential = true; w.Put(rec) }
	order := named(&model.PurchaseOrder{Vendor: vendor.Ref()}, "order-in-the-dark", secretWord)
	hide(order)
	questions := named(&model.Questionnaire{Questions: []model.AskedQuestion{{ID: "1", Text: "Who knows of " + secretWord + "?"}}}, "questions-in-the-dark", secretWord)
	hide(questions)
	for _, rec := range []model.Record{
		named(&model.Invoice{Number: secretWord, Vendor: vendor.Ref(), Issued: on, Amount: amount}, "invoice-in-the-dark", secretWord),
		named(&model.Licence{Product: secretWord, Vendor: vendor.Ref(), Contract: contract.Ref()}, "licence-in-the-dark", secretWord),
		named(&model.Budget{FiscalYear: 2027, Amount: amount}, "budget-in-the-dark", secretWord),
		named(&model.Saving{}, "saving-in-the-dark", secretWord),
		named(&model.BusinessCase{}, "case-in-the-dark", secretWord),
		named(&model.CostRule{Order: 2, When: []model.CostCondition{{Column: "ServiceName", Is: "equals", Value: secretWord}}}, "rule-in-the-dark", secretWord),
		named(&model.Obligation{Contract: contract.Ref(), Due: model.MustDate("2027-08-01")}, "obligation-in-the-dark", secretWord),
		named(&model.ServiceLevel{Contract: contract.Ref(), Metric: secretWord}, "level-in-the-dark", secretWord),
		named(&model.Assessment{Vendor: vendor.Ref(), Questionnaire: questions.Ref(), Answers: []model.GivenAnswer{{ID: "1", Answer: secretWord}}}, "assessment-in-the-dark", secretWord),
		named(&model.Stocktake{Scanned: []string{secretWord}}, "count-in-the-dark", secretWord),
		named(&model.Asset{Serial: secretWord, InventoryNumber: secretWord, Contract: contract.Ref()}, "asset-in-the-dark", secretWord),
	} {
		hide(rec)
	}
	// An asset of somebody else came with what is confidential.
	w.Put(named(&model.Asset{InventoryNumber: "W-1", Contract: contract.Ref(), PurchaseOrder: order.Ref(), Vendor: vendor.Ref()}, "asset-of-all", foreignWord))
	if !strings.Contains(w.dark, "night") {
		t.Fatalf("the load is called %s", w.dark)
	}
}
