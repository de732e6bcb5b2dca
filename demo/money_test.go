package demo

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"binnacle/model"

	"github.com/cockroachdb/apd/v3"
	"github.com/google/go-cmp/cmp"
)

// The tests of this file find what is planted in two years of money. They read the files by themselves and add up exactly.

// row is one row of a table, by column.
type row map[string]string

// tables holds the tables that were read already. Nobody writes to them.
var tables = map[string][]row{}

func rows(t *testing.T, names ...string) []row {
	t.Helper()
	var out []row
	for _, name := range names {
		if tables[name] == nil {
			tables[name] = readRows(t, name)
		}
		out = append(out, tables[name]...)
	}
	return out
}

func readRows(t *testing.T, name string) []row {
	t.Helper()
	var out []row
	lines, err := csv.NewReader(strings.NewReader(text(t, name))).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, line := range lines[1:] {
		r := row{}
		for i, column := range lines[0] {
			r[column] = line[i]
		}
		out = append(out, r)
	}
	return out
}

var exact = apd.BaseContext.WithPrecision(60)

func decimal(t *testing.T, text string) *apd.Decimal {
	t.Helper()
	d, _, err := apd.NewFromString(text)
	if err != nil {
		t.Fatalf("%q is not a number", text)
	}
	return d
}

// sums adds up a column by what of returns. Rows for which it returns nothing are left out.
func sums(t *testing.T, of []row, column string, by func(row) string) map[string]*apd.Decimal {
	t.Helper()
	out := map[string]*apd.Decimal{}
	for _, r := range of {
		k := by(r)
		if k == "" {
			continue
		}
		if out[k] == nil {
			out[k] = new(apd.Decimal)
		}
		if _, err := exact.Add(out[k], out[k], decimal(t, r[column])); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// rounded returns whole units of a sum, for comparing by eye.
func rounded(d *apd.Decimal) int64 {
	if d == nil {
		return 0
	}
	var whole apd.Decimal
	exact.Quantize(&whole, d, 0)
	n, _ := whole.Int64()
	return n
}

func bills(t *testing.T) []row { return rows(t, "bills/aws.csv", "bills/azure.csv") }

func ledger(t *testing.T) []row {
	return rows(t, "ledger/2024.csv", "ledger/2025.csv", "ledger/2026.csv")
}

func column(name string) func(row) string { return func(r row) string { return r[name] } }

// tillsPilot are the resources of the pilot of the tills in the cloud. Its project was stopped.
func tillsPilot() []string {
	var out []string
	for _, part := range strings.Fields("cluster sql documents cache disks gateway firewall stream logs backup") {
		out = append(out, "tills-pilot-"+part)
	}
	return out
}

// Every invoice of a cloud asks for what the lines of the bill add up to, to the cent, and the ledger repeats it at the rate of the month.
func TestInvoicesEqualBills(t *testing.T) {
	c := load(t)
	billed := sums(t, bills(t), "BilledCost", column("InvoiceId"))
	booked := sums(t, ledger(t), "Amount", func(r row) string {
		if r["Account"] == "6430" {
			return r["Invoice number"]
		}
		return ""
	})
	if len(billed) != 48 || len(booked) != 48 {
		t.Fatalf("%d invoices in the bills and %d in the ledger; 48 were planned", len(billed), len(booked))
	}
	byNumber := map[string]*model.Invoice{}
	for _, in := range all[*model.Invoice](c) {
		byNumber[in.Number] = in
	}
	rates := map[model.Date]*model.ExchangeRate{}
	for _, r := range all[*model.ExchangeRate](c) {
		rates[r.On] = r
	}
	for number, sum := range billed {
		in := byNumber[number]
		if in == nil {
			t.Errorf("there is no invoice %s", number)
			continue
		}
		amount, currency, _ := strings.Cut(fmt.Sprint(in.Amount), " ")
		if decimal(t, strings.ReplaceAll(amount, ",", "")).Cmp(sum) != 0 {
			t.Errorf("invoice %s asks for %s, its lines add up to %s", number, in.Amount, sum)
		}
		want := new(apd.Decimal).Set(sum)
		if currency == "USD" {
			rate, _, _ := strings.Cut(fmt.Sprint(rates[in.From].Costs), " ")
			exact.Mul(want, want, decimal(t, rate))
			exact.Quantize(want, want, -2)
		}
		if want.Cmp(booked[number]) != 0 {
			t.Errorf("invoice %s is booked as %s, not as %s", number, booked[number], want)
		}
	}
	rule := get[*model.CostRule](t, c, "cloud-in-the-ledger")
	if !rule.LeaveOut || rule.When[0].Column != "x_LedgerAccount" || rule.When[0].Value != "6430" {
		t.Errorf("no rule leaves out what the ledger repeats: %+v", rule)
	}
}

// Every invoice number of the ledger has an invoice with what was booked.
func TestInvoicesEqualLedger(t *testing.T) {
	amounts := map[string]string{}
	for _, r := range rows(t, "finance/invoices.csv") {
		amounts[r["number"]], _, _ = strings.Cut(r["amount"], " ")
	}
	for number, sum := range sums(t, ledger(t), "Amount", func(r row) string {
		if r["Account"] == "6430" {
			return ""
		}
		return r["Invoice number"]
	}) {
		if amounts[number] == "" || decimal(t, amounts[number]).Cmp(sum) != 0 {
			t.Errorf("invoice %s asks for %q and is booked as %s", number, amounts[number], sum)
		}
	}
}

// The bills keep the musts of FOCUS that a line shows by itself.
func TestBillsKeepTheRulesOfFOCUS(t *testing.T) {
	product := func(price, quantity string) *apd.Decimal {
		var p apd.Decimal
		exact.Mul(&p, decimal(t, price), decimal(t, quantity))
		return &p
	}
	seen := map[string]bool{}
	for i, r := range bills(t) {
		seen[r["ChargeCategory"]+r["ChargeClass"]] = true
		for _, pair := range [][2]string{{"ListUnitPrice", "ListCost"}, {"ContractedUnitPrice", "ContractedCost"}} {
			if r[pair[0]] != "" && r["ChargeClass"] == "" && product(r[pair[0]], r["PricingQuantity"]).Cmp(decimal(t, r[pair[1]])) != 0 {
				t.Errorf("line %d: %s times the quantity is not %s: %v", i, pair[0], pair[1], r)
			}
		}
		usage, unused := r["ChargeCategory"] == "Usage" && r["ChargeClass"] == "", r["CommitmentDiscountStatus"] == "Unused"
		if (r["ConsumedQuantity"] != "") != (usage && !unused) {
			t.Errorf("line %d: %q was consumed: %v", i, r["ConsumedQuantity"], r)
		}
		if (usage || r["ChargeCategory"] == "Purchase") && r["PricingQuantity"] == "" || r["ChargeCategory"] == "Tax" && r["PricingQuantity"] != "" {
			t.Errorf("line %d: the quantity is %q", i, r["PricingQuantity"])
		}
		if r["CommitmentDiscountId"] != "" && r["ChargeCategory"] == "Usage" && r["CommitmentDiscountStatus"] == "" {
			t.Errorf("line %d: a commitment without a status", i)
		}
		if r["Tags"] != "" && !json.Valid([]byte(r["Tags"])) {
			t.Errorf("line %d: the tags are %s", i, r["Tags"])
		}
		if r["ChargePeriodStart"] < r["BillingPeriodStart"] || r["ChargePeriodEnd"] > r["BillingPeriodEnd"] || r["ChargePeriodEnd"] <= r["ChargePeriodStart"] {
			t.Errorf("line %d: the charge from %s to %s is not in its bill", i, r["ChargePeriodStart"], r["ChargePeriodEnd"])
		}
	}
	wantKeys(t, "sorts of charges", slices.Collect(maps.Keys(seen)), "Usage", "Purchase", "Tax", "Credit", "Adjustment", "UsageCorrection")
}

// Every line of the last three months of use is a day.
func TestDaysAtTheEnd(t *testing.T) {
	days := map[string]bool{}
	for _, r := range bills(t) {
		if r["ChargeCategory"] == "Usage" && r["ChargeClass"] == "" && r["ChargePeriodStart"] >= "2026-08" {
			days[r["ChargePeriodStart"][:10]] = true
			if r["ConsumedUnit"] == "Hours" && r["ChargePeriodStart"][:8] == r["ChargePeriodEnd"][:8] && r["ChargePeriodEnd"][8:10] == r["ChargePeriodStart"][8:10] {
				t.Errorf("a line without an end: %v", r)
			}
		}
	}
	if len(days) != 92 {
		t.Errorf("%d days; August to October have 92", len(days))
	}
}

// The resources of a pilot that was stopped cost more than all other resources without an owner, and do nothing.
func TestPlantedIdleResources(t *testing.T) {
	c := load(t)
	if p := get[*model.Project](t, c, "onboard-tills-cloud"); p.State != "stopped" {
		t.Errorf("the project of the pilot is %s", p.State)
	}
	ids := map[string]string{}
	for key, r := range all[*model.CloudResource](c) {
		ids[strings.TrimSpace(r.ResourceID)] = key
	}
	year := sums(t, bills(t), "BilledCost", func(r row) string {
		switch key := ids[r["ResourceId"]]; {
		case r["BillingPeriodStart"] < "2025-11" || key == "" || r["Tags"] != "":
			return ""
		case slices.Contains(tillsPilot(), key):
			return "pilot"
		}
		return "others"
	})
	if n := rounded(year["pilot"]); n != 288_866 {
		t.Errorf("the pilot costs %d EUR a year", n)
	}
	if pilot, others := rounded(year["pilot"]), rounded(year["others"]); others*3 > pilot {
		t.Errorf("other resources without tags cost %d a year: that hides the pilot with its %d", others, pilot)
	}
	used := sums(t, rows(t, "usage/use.csv"), "quantity", func(r row) string {
		if r["from"] < "2026-02-01" {
			return ""
		}
		return r["subject"]
	})
	for _, key := range tillsPilot() {
		if r := get[*model.CloudResource](t, c, key); !r.Owner.IsZero() {
			t.Errorf("%s has an owner", key)
		}
		if n := used["CloudResource/"+key]; n == nil || !n.IsZero() {
			t.Errorf("%s was used %v times since February 2026", key, n)
		}
	}
}

// contractYear is what was booked for a contract between November 2025 and October 2026.
func contractYear(t *testing.T, number string) int64 {
	t.Helper()
	return rounded(sums(t, ledger(t), "Amount", func(r row) string {
		if strings.HasPrefix(r["Text"], number+" ") && r["Posting date"] >= "2025-11" {
			return "year"
		}
		return ""
	})["year"])
}

// Two applications for one capability, and each of them is dear.
func TestPlantedDoubleApplications(t *testing.T) {
	c := load(t)
	planner, wise := get[*model.Contract](t, c, "crew-planner-care"), get[*model.Contract](t, c, "shiftly-rosterwise")
	inStep := rounded(sums(t, ledger(t), "Amount", func(r row) string {
		if strings.HasPrefix(r["Text"], "Keeping the two rosters") && r["Posting date"] >= "2025-11" {
			return "year"
		}
		return ""
	})["year"])
	got := map[string]int64{"crew planner": contractYear(t, planner.Number), "kept in step": inStep, "rosterwise": contractYear(t, wise.Number)}
	if diff := cmp.Diff(map[string]int64{"crew planner": 216_000, "kept in step": 74_400, "rosterwise": 186_000}, got); diff != "" {
		t.Errorf("what crew scheduling costs in a year (-want +got):\n%s", diff)
	}
}

// Seats for everybody, used by a few, and notice must be given soon. No other licence has so much that nobody uses.
func TestPlantedShelfware(t *testing.T) {
	c := load(t)
	used := sums(t, rows(t, "usage/use.csv"), "quantity", func(r row) string {
		if r["from"] == "2026-10-01" && r["user"] == "" && strings.HasPrefix(r["subject"], "Licence/") {
			return r["subject"]
		}
		return ""
	})
	shelf := map[string]int64{}
	for key, l := range all[*model.Licence](c) {
		u := used["Licence/"+key]
		if u == nil || l.UnitPrice.IsZero() {
			continue
		}
		price, _, _ := strings.Cut(strings.ReplaceAll(fmt.Sprint(l.UnitPrice), ",", ""), " ")
		shelf[key] = (int64(l.Quantity) - rounded(u)) * rounded(decimal(t, price))
	}
	if shelf["lantern-seats"] != 185_240 {
		t.Errorf("seats of Lantern Learning for %d EUR are not used", shelf["lantern-seats"])
	}
	for key, n := range shelf {
		if key != "lantern-seats" && n > 31_000 {
			t.Errorf("of %s %d EUR are not used either: that hides what is planted", key, n)
		}
		if n < 0 {
			t.Errorf("%s is used by more than it may be", key)
		}
	}
}

// Three days in October on which the app asked again and again.
func TestPlantedAnomaly(t *testing.T) {
	var high []string
	for day, sum := range sums(t, rows(t, "bills/aws.csv"), "BilledCost", func(r row) string {
		if r["ServiceName"] == "AWS Lambda" && r["ChargePeriodStart"] >= "2026-08" {
			return r["ChargePeriodStart"][:10]
		}
		return ""
	}) {
		if rounded(sum) > 300 {
			high = append(high, day)
		}
	}
	wantKeys(t, "days on which functions cost more than 300 USD", high, "2026-10-13", "2026-10-14", "2026-10-15")
}

// The advisers of the gate renewal cost more than twice what was planned for the year, after ten months. No other budget is a quarter above its share.
func TestPlantedOverrun(t *testing.T) {
	c := load(t)
	pools := map[string]string{}
	for key, p := range all[*model.CostPool](c) {
		for _, a := range p.Accounts {
			pools[a] = key
		}
	}
	spent := sums(t, ledger(t), "Amount", func(r row) string {
		pool := pools[r["Account"]]
		if pool == "" {
			pool = pools[r["Account"][:2]+"*"]
		}
		if r["Posting date"] < "2026" || pool == "cloud" {
			return ""
		}
		return "fy2026-" + r["Cost centre"] + "-" + pool
	})
	var over []string
	for key, sum := range spent {
		b := get[*model.Budget](t, c, key)
		amount, _, _ := strings.Cut(strings.ReplaceAll(fmt.Sprint(b.Amount), ",", ""), " ")
		if 100*12*rounded(sum) > 125*10*rounded(decimal(t, amount)) {
			over = append(over, key)
		}
	}
	wantKeys(t, "budgets that are overspent", over, "fy2026-2300-outside-services")
	if n := rounded(spent["fy2026-2300-outside-services"]); n != 318_000 {
		t.Errorf("the advisers cost %d EUR", n)
	}
}

// The budget of a cost centre is what its budgets of the year add up to.
func TestBudgetsAddUp(t *testing.T) {
	c := load(t)
	of := map[string]*apd.Decimal{}
	for _, r := range rows(t, "finance/budgets.csv") {
		if r["fiscal_year"] != "2026" {
			continue
		}
		if of[r["cost_centre"]] == nil {
			of[r["cost_centre"]] = new(apd.Decimal)
		}
		amount, _, _ := strings.Cut(r["amount"], " ")
		if _, err := exact.Add(of[r["cost_centre"]], of[r["cost_centre"]], decimal(t, amount)); err != nil {
			t.Fatal(err)
		}
	}
	for key, sum := range of {
		amount, _, _ := strings.Cut(strings.ReplaceAll(fmt.Sprint(get[*model.CostCentre](t, c, key).Budget), ",", ""), " ")
		if sum.Cmp(decimal(t, amount)) != 0 {
			t.Errorf("%s has a budget of %s, and its budgets of 2026 add up to %s", key, amount, sum)
		}
	}
}

// A savings plan that is used less and less.
func TestPlantedUnusedCommitment(t *testing.T) {
	lines := rows(t, "bills/aws.csv")
	part := func(status string) map[string]*apd.Decimal {
		return sums(t, lines, "EffectiveCost", func(r row) string {
			if r["CommitmentDiscountStatus"] == status {
				return r["BillingPeriodStart"][:7]
			}
			return ""
		})
	}
	bought := sums(t, lines, "BilledCost", func(r row) string {
		if r["ChargeCategory"] == "Purchase" && r["CommitmentDiscountId"] != "" {
			return r["BillingPeriodStart"][:7]
		}
		return ""
	})
	used, unused := part("Used"), part("Unused")
	share := map[string]int64{}
	for m, b := range bought {
		var both apd.Decimal
		exact.Add(&both, used[m], unused[m])
		if both.Cmp(b) != 0 {
			t.Errorf("%s: %s were bought, %s used and %s not used", m, b, used[m], unused[m])
		}
		share[m] = 100 * rounded(used[m]) / rounded(b)
	}
	want := map[string]int64{"2025-03": 97, "2026-02": 97, "2026-03": 73, "2026-06": 61, "2026-10": 56}
	got := map[string]int64{}
	for m := range want {
		got[m] = share[m]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("how much of the savings plan is used, in percent (-want +got):\n%s", diff)
	}
	if len(bought) != 20 {
		t.Errorf("the plan was paid for in %d months", len(bought))
	}
}

// Notice for Veeam had to be given last week, and nobody did. The lines to Hull went on by themselves three weeks ago for the same reason.
func TestPlantedMissedNotice(t *testing.T) {
	c := load(t)
	goesOn := func(k *model.Contract) bool {
		return k.State == "active" && k.AutoRenew > 0 && !k.End.IsZero() && k.NoticeGiven.IsZero()
	}
	wantKeys(t, "contracts whose notice was missed and whose term is not over", pick(c, func(k *model.Contract) bool {
		return goesOn(k) && k.End >= today && k.End.AddDays(-int(time.Duration(k.Notice)/(24*time.Hour))) < today
	}), "veeam-backup")
	wantKeys(t, "active contracts that went on by themselves lately", pick(c, func(k *model.Contract) bool {
		return goesOn(k) && k.End < today && k.End >= today.AddDays(-92)
	}), "northbay-lines")
}

// Every measured subject and user, every tag that is spelt rightly, and every line of a rule's text is there.
func TestMoneyNamesWhatIsThere(t *testing.T) {
	c := load(t)
	for i, r := range rows(t, "usage/use.csv") {
		for _, name := range []string{r["subject"], r["user"]} {
			if _, ok := c.files[name]; name != "" && !ok {
				t.Errorf("usage/use.csv, line %d: there is no %s", i+2, name)
			}
		}
	}
	unknown := map[string]bool{}
	ids := map[string]bool{}
	for _, r := range all[*model.CloudResource](c) {
		ids[strings.TrimSpace(r.ResourceID)] = true
	}
	for _, r := range bills(t) {
		var tags map[string]string
		if r["Tags"] != "" {
			if err := json.Unmarshal([]byte(r["Tags"]), &tags); err != nil {
				t.Fatal(err)
			}
		}
		for tag, kind := range map[string]string{"application": "Application", "team": "Team"} {
			if v := tags[tag]; v != "" && c.files[kind+"/"+v] == "" {
				unknown[v] = true
			}
		}
		if id := r["ResourceId"]; id != "" && !ids[id] && r["CommitmentDiscountId"] == "" {
			t.Errorf("manifests/cloud.yaml has no %s", id)
		}
	}
	wantKeys(t, "tags that are misspelt", slices.Collect(maps.Keys(unknown)), "gift-shp", "comerce", "compas-club")
	prefixes := map[string]bool{}
	for _, rule := range all[*model.CostRule](c) {
		for _, w := range rule.When {
			if w.Column == "x_Text" {
				prefixes[w.Value] = false
			}
		}
	}
	unruled := map[string]bool{}
	for _, r := range ledger(t) {
		hit := r["Account"] == "6430" || r["Vendor"] == "Veeam Software"
		for p := range prefixes {
			if strings.HasPrefix(r["Text"], p) {
				prefixes[p], hit = true, true
			}
		}
		if !hit {
			unruled[r["Text"][:10]] = true
		}
	}
	wantKeys(t, "postings that no rule knows by their text", slices.Collect(maps.Keys(unruled)), "Salaries I")
	for p, hit := range prefixes {
		if !hit && p != "HL-2019-381" {
			t.Errorf("no posting begins with %q", p)
		}
	}
}
