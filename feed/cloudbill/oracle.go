package cloudbill

import (
	"strings"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// Oracle reads the cost reports of Oracle Cloud Infrastructure. They have one
// amount for each line, which counts as all four costs.
var Oracle feed.Bulk = oracleDialect.bulk("oci-cost", "Oracle Cloud cost report",
	"Lines of a cost report of Oracle Cloud become lines of cost with the columns of FOCUS.")

var oracleDialect = dialect{
	needs: [][]string{{"cost/myCost"}, {"lineItem/intervalUsageStart"}, {"product/service"}},
	shows: []string{"lineItem/tenantId", "usage/billedQuantity", "cost/productSku", "cost/currencyCode"},
	begin: beginOracle,
}

// oracleBill is what is known of the columns of one report: first those of the report, and then those of the lines.
type oracleBill struct {
	*reader
	cost, start, end, quantity, currencyAt, correction int

	provider, account, category, class, frequency, pricing, currencyTo int
	service, serviceCategory, pricingUnit, consumedUnit                int
}

func beginOracle(r *reader) (func(*kit.Row) error, error) {
	o := &oracleBill{reader: r}
	o.provider = r.column("ProviderName")
	r.copy("BillingAccountId", "cost/subscriptionId", "lineItem/tenantId")
	o.account = r.column("BillingAccountId")
	r.copy("SubAccountId", "lineItem/tenantId")
	r.copy("BillingCurrency", "cost/currencyCode")
	o.currencyTo = r.column("BillingCurrency")
	o.category, o.class, o.frequency = r.column("ChargeCategory"), r.column("ChargeClass"), r.column("ChargeFrequency")
	r.copy("ChargeDescription", "product/Description", "cost/skuUnitDescription")
	o.serviceCategory = r.column("ServiceCategory")
	r.copy("ServiceName", "product/service")
	o.service = r.column("ServiceName")
	r.copy("RegionId", "product/region")
	r.copy("AvailabilityZone", "product/availabilityDomain")
	r.copy("ResourceId", "product/resourceId")
	r.copy("ResourceType", "product/resource")
	r.copy("SkuId", "cost/productSku")
	o.pricing = r.column("PricingCategory")
	r.copy("PricingUnit", "cost/billingUnitReadable", "cost/skuUnitDescription", "usage/consumedQuantityUnits")
	o.pricingUnit, o.consumedUnit = r.column("PricingUnit"), r.column("ConsumedUnit")
	r.copy("ContractedUnitPrice", "cost/unitPrice")
	r.object("Tags", func(key string) string { return key }, "tags/")
	o.cost, o.quantity = r.source("cost/myCost"), r.source("usage/billedQuantity")
	o.start, o.end = r.source("lineItem/intervalUsageStart"), r.source("lineItem/intervalUsageEnd")
	o.currencyAt, o.correction = r.header.find("cost/currencyCode"), r.source("lineItem/isCorrection")
	r.leave("lineItem/referenceNo", "cost/myCostOverage", "cost/attributedCost", "usage/billedQuantityOverage", "usage/consumedQuantity", "usage/attributedUsage", "cost/attributedUsage")
	r.sink.Note("The report has one amount for each line (cost/myCost): it was taken as billed, effective, contracted and list cost. What a commitment with Oracle was worth is not in it.")
	r.noteCurrency(o.currencyAt)
	return o.row, nil
}

// row makes the line of a row.
func (o *oracleBill) row(row *kit.Row) (err error) {
	r := o.reader
	cost, err := r.cost(row, o.cost)
	if err != nil {
		return err
	}
	if r.line.Start, err = r.time(row, o.start, kit.BillTime); err != nil {
		return err
	}
	r.line.End = r.line.Start + 3600
	if len(row.Value(o.end)) > 0 {
		if r.line.End, err = r.time(row, o.end, kit.BillTime); err != nil {
			return err
		}
	}
	if r.line.End < r.line.Start {
		return refused{o.end, "the line ends before it begins"}
	}
	r.set(o.provider, "Oracle")
	r.set(o.category, "Usage")
	r.set(o.frequency, "Usage-Based")
	r.set(o.pricing, "Standard")
	if strings.EqualFold(string(row.Value(o.correction)), "true") {
		r.set(o.class, "Correction")
	}
	r.set(o.serviceCategory, r.category(nil, r.line.Items[o.service]))
	if err := r.currency(row, o.currencyTo, o.currencyAt); err != nil {
		return err
	}
	r.same(cost)
	r.line.Values[facts.PricingQuantity] = r.extra(row, o.quantity)
	r.line.Values[facts.ConsumedQuantity] = r.line.Values[facts.PricingQuantity]
	r.line.Items[o.consumedUnit] = r.line.Items[o.pricingUnit]
	r.line.Provider, r.line.Account = r.line.Items[o.provider], r.line.Items[o.account]
	return r.writer.Write(&r.line)
}
