package cloudbill

import (
	"bytes"
	"encoding/json"
	"strings"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// Google reads the billing export of Google Cloud as it is taken from BigQuery, with a
// column for each field, as in service.description. Credits of a line become lines of their own.
var Google feed.Bulk = googleDialect.bulk("gcp-billing", "Google Cloud billing export",
	"Lines of the billing export of Google Cloud become lines of cost with the columns of FOCUS; credits become lines of their own.")

var googleDialect = dialect{
	needs: [][]string{{"cost"}, {"usage_start_time"}, {"service.description"}, {"sku.id", "sku.description"}},
	shows: []string{"billing_account_id", "project.id", "usage.pricing_unit", "cost_type"},
	begin: beginGoogle,
}

// googleBill is what is known of the columns of one export: first those of the export, and then those of the lines.
type googleBill struct {
	*reader
	cost, list, start, end, amount, priced, currencyAt, kind, month, labels, credits, project int

	provider, account, category, frequency, pricing, currencyTo, service, serviceCategory int
	pricingUnit, consumedUnit, tags, description, commitment                              int
}

func beginGoogle(r *reader) (func(*kit.Row) error, error) {
	g := &googleBill{reader: r}
	g.provider = r.column("ProviderName")
	r.copy("PublisherName", "seller_name")
	r.copy("BillingAccountId", "billing_account_id")
	g.account = r.column("BillingAccountId")
	r.copy("SubAccountId", "project.id")
	r.copy("SubAccountName", "project.name")
	r.copy("BillingCurrency", "currency")
	g.currencyTo = r.column("BillingCurrency")
	g.category, g.frequency = r.column("ChargeCategory"), r.column("ChargeFrequency")
	r.copy("ChargeDescription", "sku.description")
	g.description = r.column("ChargeDescription")
	g.serviceCategory = r.column("ServiceCategory")
	r.copy("ServiceName", "service.description")
	g.service = r.column("ServiceName")
	r.copy("RegionId", "location.region", "location.location")
	r.copy("AvailabilityZone", "location.zone")
	r.copy("ResourceId", "resource.global_name", "resource.name")
	r.copy("ResourceName", "resource.name")
	r.copy("SkuId", "sku.id")
	g.pricing = r.column("PricingCategory")
	r.copy("PricingUnit", "usage.pricing_unit")
	r.copy("ConsumedUnit", "usage.unit")
	g.pricingUnit, g.consumedUnit = r.column("PricingUnit"), r.column("ConsumedUnit")
	g.commitment = r.column("CommitmentDiscountType")
	g.tags = r.column("Tags")
	g.cost, g.list = r.source("cost"), r.source("cost_at_list")
	g.start, g.end = r.source("usage_start_time"), r.source("usage_end_time")
	g.amount, g.priced = r.source("usage.amount"), r.source("usage.amount_in_pricing_units")
	g.currencyAt, g.kind = r.header.find("currency"), r.header.find("cost_type")
	g.month, g.labels, g.credits = r.source("invoice.month"), r.source("labels"), r.source("credits")
	g.project = r.source("project.labels")
	r.leave("export_time", "cost_at_effective_price_default", "cost_at_list_consumption_model")
	r.sink.Note("EffectiveCost was taken as what is billed: the export has commitments as fees and credits, and does not spread them.")
	r.noteCurrency(g.currencyAt)
	return g.row, nil
}

// googleTypes are the categories of the types of cost.
var googleTypes = map[string]string{"": "Usage", "regular": "Usage", "tax": "Tax", "adjustment": "Adjustment", "rounding_error": "Adjustment"}

// row makes the line of a row, and a line for each of its credits.
func (g *googleBill) row(row *kit.Row) (err error) {
	r := g.reader
	cost, err := r.cost(row, g.cost)
	if err != nil {
		return err
	}
	if err := g.period(row); err != nil {
		return err
	}
	category, ok := googleTypes[string(row.Value(g.kind))]
	if !ok {
		category = "Adjustment"
	}
	credits, err := g.creditsOf(row)
	if err != nil {
		return err
	}
	r.set(g.provider, "Google Cloud")
	r.set(g.category, category)
	r.set(g.frequency, "Usage-Based")
	if category == "Usage" {
		r.set(g.pricing, "Standard")
	} else {
		r.set(g.frequency, "One-Time")
	}
	r.set(g.serviceCategory, r.category(nil, r.line.Items[g.service]))
	g.writeLabels(row)
	if err := r.currency(row, g.currencyTo, g.currencyAt); err != nil {
		return err
	}
	r.same(cost)
	v := &r.line.Values
	if category == "Usage" {
		v[facts.ConsumedQuantity] = r.extra(row, g.amount)
		v[facts.PricingQuantity] = r.extra(row, g.priced)
		if list := r.extra(row, g.list); !list.IsNull() {
			v[facts.List] = list
		}
	}
	r.line.Provider, r.line.Account = r.line.Items[g.provider], r.line.Items[g.account]
	if err := r.writer.Write(&r.line); err != nil {
		return err
	}
	for _, c := range credits {
		*v = [facts.MaxMeasures]facts.Decimal{}
		r.same(c.amount)
		r.set(g.category, "Credit")
		r.set(g.frequency, "One-Time")
		r.set(g.description, c.name)
		r.set(g.commitment, c.commitment())
		for _, column := range []int{g.pricing, g.pricingUnit, g.consumedUnit} {
			r.line.Items[column] = nil
		}
		if err := r.writer.Write(&r.line); err != nil {
			return err
		}
	}
	return nil
}

// period reads when the line was and the month of its invoice.
func (g *googleBill) period(row *kit.Row) (err error) {
	r := g.reader
	if r.line.Start, err = r.time(row, g.start, kit.BillTime); err != nil {
		return err
	}
	r.line.End = r.line.Start + 3600
	if len(row.Value(g.end)) > 0 {
		if r.line.End, err = r.time(row, g.end, kit.BillTime); err != nil {
			return err
		}
	}
	if r.line.End < r.line.Start {
		return refused{g.end, "the line ends before it begins"}
	}
	if len(row.Value(g.month)) > 0 {
		month, err := r.time(row, g.month, func(text []byte) (int64, error) {
			d, err := kit.ParseMonth(string(text))
			return facts.SecondsOf(d), err
		})
		if err != nil {
			return err
		}
		r.line.From, r.line.Until = kit.MonthOf(month)
	}
	return nil
}

// googleCredit is an amount that is taken off a line.
type googleCredit struct {
	name, kind string
	amount     facts.Decimal
}

// commitment returns the type of the commitment that the credit comes from, or nothing.
func (c googleCredit) commitment() string {
	if strings.HasPrefix(c.kind, "COMMITTED_USAGE_DISCOUNT") {
		return "Committed use discount"
	}
	return ""
}

// creditsOf reads the credits of a row, which are a list in JSON.
func (g *googleBill) creditsOf(row *kit.Row) ([]googleCredit, error) {
	text := bytes.TrimSpace(row.Value(g.credits))
	if len(text) == 0 || string(text) == "[]" {
		return nil, nil
	}
	var list []struct {
		Name, Type, FullName string
		Amount               json.Number
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, refused{g.credits, "the credits are not a list in JSON such as [{\"name\":\"Discount\",\"amount\":-1.5}]: the line cannot be counted without them"}
	}
	out := make([]googleCredit, len(list))
	for i, c := range list {
		amount, err := kit.BillNumber([]byte(c.Amount))
		if err != nil || amount.IsNull() {
			return nil, refused{g.credits, "a credit has no amount: the line cannot be counted without it"}
		}
		out[i] = googleCredit{c.Name, c.Type, amount}
	}
	return out, nil
}

// writeLabels writes the labels of the project and of the resource, which go before, as tags.
func (g *googleBill) writeLabels(row *kit.Row) {
	r := g.reader
	tags := map[string]string{}
	for _, at := range []int{g.project, g.labels} {
		text := bytes.TrimSpace(row.Value(at))
		if len(text) == 0 {
			continue
		}
		var pairs []struct{ Key, Value string }
		if text[0] == '[' && json.Unmarshal(text, &pairs) == nil {
			for _, p := range pairs {
				tags[p.Key] = p.Value
			}
			continue
		}
		m, err := r.mapOf(text)
		if err != nil {
			r.writer.Warn(row, at, r.header.names[at], "the labels are not a list of keys and values in JSON; they were left out")
			continue
		}
		for key, v := range m {
			tags[key] = v
		}
	}
	r.line.Items[g.tags] = writeMap(tags, func(key string) string { return key })
}
