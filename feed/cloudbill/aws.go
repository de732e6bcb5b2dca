package cloudbill

import (
	"bytes"
	"strings"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// AWS reads the Cost and Usage Report of AWS, in both of its versions.
//
// What is billed is the unblended cost of every line, so that the sum is that of the
// report. What is effective follows the way in which AWS spreads what was paid in advance: use that
// a reservation or a savings plan covers has the effective cost that the report gives
// it, the fee of the commitment has none, and the part of the fee that nobody
// used becomes a line of its own with the status Unused.
var AWS feed.Bulk = awsDialect.bulk("aws-cur", "AWS Cost and Usage Report",
	"Lines of a bill of AWS (CUR or CUR 2.0, CSV or Parquet) become lines of cost with the columns of FOCUS.")

var awsDialect = dialect{
	needs: [][]string{{"lineItem/UnblendedCost"}, {"lineItem/LineItemType"}, {"lineItem/UsageStartDate"}},
	shows: []string{"bill/PayerAccountId", "lineItem/UsageAccountId", "lineItem/ProductCode", "pricing/unit"},
	begin: beginAWS,
}

// awsType says what a type of line of the report means.
type awsType struct {
	category, frequency string
	// covered says that a commitment pays for the use; fee, that the line is what a commitment costs while it lasts; upfront, what it costs at the beginning.
	covered, fee, upfront bool
	// savings says that the commitment is a savings plan.
	savings bool
	// class is the class of the charge, such as Correction.
	class string
	// used says that the quantity of the line is use.
	used bool
}

// awsTypes are the types of lines. A negation takes back what covered use would have cost, so it belongs to the use.
var awsTypes = map[string]awsType{
	"Usage":                   {category: "Usage", frequency: "Usage-Based", used: true},
	"DiscountedUsage":         {category: "Usage", frequency: "Usage-Based", used: true, covered: true},
	"SavingsPlanCoveredUsage": {category: "Usage", frequency: "Usage-Based", used: true, covered: true, savings: true},
	"SavingsPlanNegation":     {category: "Usage", frequency: "Usage-Based", savings: true},
	"RIFee":                   {category: "Purchase", frequency: "Recurring", fee: true},
	"SavingsPlanRecurringFee": {category: "Purchase", frequency: "Recurring", fee: true, savings: true},
	"SavingsPlanUpfrontFee":   {category: "Purchase", frequency: "One-Time", upfront: true, savings: true},
	"Fee":                     {category: "Purchase", frequency: "One-Time"},
	"Tax":                     {category: "Tax", frequency: "One-Time"},
	"Credit":                  {category: "Credit", frequency: "One-Time"},
	"Refund":                  {category: "Credit", frequency: "One-Time", class: "Correction"},
	"Discount":                {category: "Credit", frequency: "One-Time"},
	"EdpDiscount":             {category: "Credit", frequency: "One-Time"},
	"PrivateRateDiscount":     {category: "Credit", frequency: "One-Time"},
	"BundledDiscount":         {category: "Credit", frequency: "One-Time"},
	"RiVolumeDiscount":        {category: "Credit", frequency: "One-Time"},
	"DistributorDiscount":     {category: "Credit", frequency: "One-Time"},
	"SppDiscount":             {category: "Credit", frequency: "One-Time"},
}

// awsBill is what is known of the columns of one report: first those of the report, and then those of the lines.
type awsBill struct {
	*reader
	cost, kind, start, end, from, until, currencyAt, public, amount int
	reservation, reservationCost, unusedUpfront, unusedRecurring    int
	unusedUnits, units, plan, planCost, committed, drawn            int
	term, code, usageType, billType, tagsAt, product                int

	account, category, class, frequency, currencyTo, provider, issuer int
	publisher, pricing, listPrice, contractedPrice, pricingUnit       int
	commitment, commitmentCategory, commitmentType, commitmentStatus  int
	unit, consumedUnit, service, serviceCategory, region, zone, tags  int
	details, sku, resource                                            int

	// warned has the types of lines that are not known.
	warned map[string]bool
}

func beginAWS(r *reader) (func(*kit.Row) error, error) {
	a := &awsBill{reader: r, warned: map[string]bool{}}
	a.columnsOut()
	a.cost, a.kind = r.source("lineItem/UnblendedCost"), r.header.find("lineItem/LineItemType")
	a.start, a.end = r.source("lineItem/UsageStartDate"), r.source("lineItem/UsageEndDate")
	a.from, a.until = r.source("bill/BillingPeriodStartDate"), r.source("bill/BillingPeriodEndDate")
	a.currencyAt = r.header.find("lineItem/CurrencyCode")
	a.public, a.amount = r.source("pricing/publicOnDemandCost"), r.source("lineItem/UsageAmount")
	a.reservationCost, a.planCost = r.source("reservation/EffectiveCost"), r.source("savingsPlan/SavingsPlanEffectiveCost")
	a.unusedUpfront = r.source("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod")
	a.unusedRecurring = r.source("reservation/UnusedRecurringFee")
	a.unusedUnits, a.units = r.source("reservation/UnusedQuantity"), r.source("reservation/TotalReservedUnits")
	a.committed, a.drawn = r.source("savingsPlan/TotalCommitmentToDate"), r.source("savingsPlan/UsedCommitment")
	a.reservation, a.plan = r.source("reservation/ReservationARN"), r.source("savingsPlan/SavingsPlanARN")
	a.term, a.billType = r.header.find("pricing/term"), r.header.find("bill/BillType")
	a.code, a.usageType = r.header.find("lineItem/ProductCode"), r.header.find("lineItem/UsageType")
	a.tagsAt, a.product = r.source("resource_tags"), r.source("product")
	r.leave("identity/LineItemId", "identity/TimeInterval", "lineItem/BlendedCost", "lineItem/NetUnblendedCost", "lineItem/NormalizedUsageAmount",
		"reservation/NetEffectiveCost", "savingsPlan/NetSavingsPlanEffectiveCost",
		"reservation/AmortizedUpfrontCostForUsage", "reservation/RecurringFeeForUsage", "reservation/NetAmortizedUpfrontCostForUsage", "reservation/NetRecurringFeeForUsage",
		"reservation/NetUnusedAmortizedUpfrontFeeForBillingPeriod", "reservation/NetUnusedRecurringFee", "reservation/UnusedNormalizedUnitQuantity",
		"splitLineItem/SplitUsage", "splitLineItem/SplitUsageRatio", "splitLineItem/ActualUsage", "splitLineItem/ReservedUsage",
		"splitLineItem/SplitCost", "splitLineItem/UnusedCost", "splitLineItem/NetSplitCost", "splitLineItem/NetUnusedCost",
		"splitLineItem/PublicOnDemandSplitCost", "splitLineItem/PublicOnDemandUnusedCost",
		"discount/EdpDiscount", "discount/PrivateRateDiscount", "discount/TotalDiscount", "discount/BundledDiscount")
	r.object("Tags", awsTag, "resourceTags/", "resource_tags_")
	r.object("SkuPriceDetails", awsDetail, "product/", "product_")
	if a.public < 0 {
		r.sink.Note("The report has no public prices (pricing/publicOnDemandCost); ListCost was taken as what is billed.")
	}
	r.noteCurrency(a.currencyAt)
	return a.row, nil
}

// columnsOut says which columns the lines have, in the order in which people read them.
func (a *awsBill) columnsOut() {
	r := a.reader
	a.provider = r.column("ProviderName")
	a.publisher = r.column("PublisherName")
	r.copy("PublisherName", "lineItem/LegalEntity")
	r.copy("InvoiceIssuerName", "bill/InvoicingEntity")
	a.issuer = r.column("InvoiceIssuerName")
	r.copy("BillingAccountId", "bill/PayerAccountId")
	a.account = r.column("BillingAccountId")
	r.copy("BillingAccountName", "bill/PayerAccountName")
	r.copy("SubAccountId", "lineItem/UsageAccountId")
	r.copy("SubAccountName", "lineItem/UsageAccountName")
	r.copy("InvoiceId", "bill/InvoiceId")
	r.copy("BillingCurrency", "lineItem/CurrencyCode")
	a.currencyTo = r.column("BillingCurrency")
	a.category, a.class, a.frequency = r.column("ChargeCategory"), r.column("ChargeClass"), r.column("ChargeFrequency")
	r.copy("ChargeDescription", "lineItem/LineItemDescription")
	a.serviceCategory = r.column("ServiceCategory")
	r.copy("ServiceName", "product/ProductName", "product_product_name")
	a.service = r.column("ServiceName")
	r.copy("RegionId", "product/regionCode", "product/region")
	a.region = r.column("RegionId")
	r.copy("RegionName", "product/location")
	r.copy("AvailabilityZone", "lineItem/AvailabilityZone")
	a.zone = r.column("AvailabilityZone")
	r.copy("ResourceId", "lineItem/ResourceId")
	a.resource = r.column("ResourceId")
	r.copy("SkuId", "product/sku")
	a.sku = r.column("SkuId")
	r.copy("SkuMeter", "lineItem/UsageType")
	r.copy("SkuPriceId", "pricing/RateCode")
	a.pricing = r.column("PricingCategory")
	r.copy("PricingUnit", "pricing/unit")
	a.pricingUnit = r.column("PricingUnit")
	a.consumedUnit = r.column("ConsumedUnit")
	r.copy("ListUnitPrice", "pricing/publicOnDemandRate")
	r.copy("ContractedUnitPrice", "lineItem/UnblendedRate")
	a.listPrice, a.contractedPrice = r.column("ListUnitPrice"), r.column("ContractedUnitPrice")
	a.commitment, a.commitmentCategory = r.column("CommitmentDiscountId"), r.column("CommitmentDiscountCategory")
	a.commitmentType, a.commitmentStatus = r.column("CommitmentDiscountType"), r.column("CommitmentDiscountStatus")
	a.unit = r.column("CommitmentDiscountUnit")
	a.tags, a.details = r.column("Tags"), r.column("SkuPriceDetails")
}

// awsTag makes the key of a tag of the name that the report gives it: those of users lose what stands before.
func awsTag(name string) string {
	for _, prefix := range []string{"user:", "user_"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return rest
		}
	}
	if rest, ok := strings.CutPrefix(name, "aws_"); ok {
		return "aws:" + rest
	}
	return name
}

// awsDetails are the properties of a price that FOCUS names.
var awsDetails = map[string]string{
	"instancetype": "InstanceType", "operatingsystem": "OperatingSystem", "vcpu": "CoreCount", "memory": "MemorySize", "storageclass": "StorageClass", "instancefamily": "InstanceSeries", "gpu": "GpuCount",
}

// awsDetail makes the key of a property of a price: one that FOCUS names, or its own behind x_.
func awsDetail(name string) string {
	if name == "" {
		return ""
	}
	if known := awsDetails[squeeze(name)]; known != "" {
		return known
	}
	return "x_" + name
}

// row makes the line of a row, and a second one where a part of a commitment was not used.
func (a *awsBill) row(row *kit.Row) error {
	r := a.reader
	kind := kit.BillText(bytes.TrimSpace(row.Value(a.kind)))
	typ, ok := awsTypes[kind]
	if !ok {
		typ = awsType{category: "Adjustment", frequency: "One-Time"}
		if !a.warned[kind] && len(a.warned) < 100 {
			a.warned[kind] = true
			r.writer.Warn(row, a.kind, r.header.names[a.kind], "the type of line "+kit.Short(kind)+" is not known: it was taken as an adjustment whose four costs are the same")
		}
	}
	cost, err := r.cost(row, a.cost)
	if err != nil {
		return err
	}
	if err := a.period(row); err != nil {
		return err
	}
	a.describe(row, typ)
	if err := r.currency(row, a.currencyTo, a.currencyAt); err != nil {
		return err
	}
	unused, err := a.amounts(row, kind, typ, cost)
	if err != nil {
		return err
	}
	r.line.Provider, r.line.Account = r.line.Items[a.provider], r.line.Items[a.account]
	if err := r.writer.Write(&r.line); err != nil || unused.Sign() == 0 {
		return err
	}
	return a.unused(row, typ, unused)
}

// period reads when the line was and which billing period it belongs to.
func (a *awsBill) period(row *kit.Row) (err error) {
	r := a.reader
	if r.line.Start, err = r.time(row, a.start, kit.BillTime); err != nil {
		return err
	}
	r.line.End = r.line.Start + 3600
	if a.end >= 0 && len(row.Value(a.end)) > 0 {
		if r.line.End, err = r.time(row, a.end, kit.BillTime); err != nil {
			return err
		}
	}
	if r.line.End < r.line.Start {
		return refused{a.end, "the line ends before it begins"}
	}
	if a.from >= 0 && a.until >= 0 && len(row.Value(a.from)) > 0 && len(row.Value(a.until)) > 0 {
		from, err := r.time(row, a.from, kit.BillTime)
		if err != nil {
			return err
		}
		until, err := r.time(row, a.until, kit.BillTime)
		if err != nil {
			return err
		}
		if until <= from {
			return refused{a.until, "the billing period ends before it begins"}
		}
		r.line.From, r.line.Until = facts.DayOf(from), facts.DayOf(until-1)
	}
	return nil
}

// describe fills the columns that are not only copied.
func (a *awsBill) describe(row *kit.Row, typ awsType) {
	r := a.reader
	r.set(a.provider, "AWS")
	r.fill(a.issuer, "Amazon Web Services, Inc.")
	if len(r.line.Items[a.publisher]) == 0 {
		r.line.Items[a.publisher] = r.line.Items[a.issuer]
	}
	r.set(a.category, typ.category)
	r.set(a.frequency, typ.frequency)
	if typ.class != "" || string(row.Value(a.billType)) == "Refund" {
		r.set(a.class, "Correction")
	}
	a.fromMaps(row)
	if code := row.Value(a.code); len(r.line.Items[a.service]) == 0 {
		r.line.Items[a.service] = code
	}
	r.set(a.serviceCategory, awsCategory(string(row.Value(a.code))))
	if zone := r.text(a.zone); zone != "" && zone[len(zone)-1] >= '0' && zone[len(zone)-1] <= '9' {
		// What the report has here is a region.
		r.fill(a.region, zone)
		r.line.Items[a.zone] = nil
	} else if zone != "" {
		r.fill(a.region, strings.TrimRight(zone, "abcdefgh"))
	}
	a.price(row, typ)
	if typ.used {
		r.line.Items[a.consumedUnit] = r.line.Items[a.pricingUnit]
	}
	a.commit(row, typ)
}

// fromMaps takes apart the columns of the second version that hold many values each.
func (a *awsBill) fromMaps(row *kit.Row) {
	r := a.reader
	if text := row.Value(a.tagsAt); len(text) > 0 {
		m, err := r.mapOf(text)
		if err != nil {
			r.writer.Warn(row, a.tagsAt, r.header.names[a.tagsAt], err.Error()+"; the tags were left out")
		}
		r.line.Items[a.tags] = writeMap(m, awsTag)
	}
	if text := row.Value(a.product); len(text) > 0 {
		m, err := r.mapOf(text)
		if err != nil {
			r.writer.Warn(row, a.product, r.header.names[a.product], err.Error()+"; the properties of the product were left out")
		}
		r.fill(a.service, m["product_name"])
		r.fill(a.region, m["region"])
		r.fill(a.sku, m["sku"])
		r.line.Items[a.details] = writeMap(m, awsDetail)
	}
}

// price says by which sort of price the line was charged.
func (a *awsBill) price(row *kit.Row, typ awsType) {
	r := a.reader
	term := string(row.Value(a.term))
	switch {
	case typ.category == "Tax" || typ.category == "Credit":
		r.line.Items[a.pricingUnit] = nil
	case typ.covered:
		r.set(a.pricing, "Committed")
	case term == "Spot" || bytes.Contains(row.Value(a.usageType), []byte("SpotUsage")):
		r.set(a.pricing, "Dynamic")
	case typ.category == "Usage" || typ.category == "Purchase":
		r.set(a.pricing, "Standard")
	}
}

// commit names the commitment of a line. A fee without one is that of something else.
func (a *awsBill) commit(row *kit.Row, typ awsType) {
	r := a.reader
	arn := row.Value(a.reservation)
	savings := typ.savings
	if savings || len(arn) == 0 && len(row.Value(a.plan)) > 0 {
		arn, savings = row.Value(a.plan), true
	}
	if len(arn) == 0 {
		return
	}
	r.line.Items[a.commitment] = arn
	if savings {
		r.set(a.commitmentCategory, "Spend")
		r.set(a.commitmentType, "Savings Plan")
		r.line.Items[a.unit] = r.line.Items[a.currencyTo]
	} else {
		r.set(a.commitmentCategory, "Usage")
		r.set(a.commitmentType, "Reserved Instance")
		r.line.Items[a.unit] = r.line.Items[a.pricingUnit]
	}
	if typ.covered {
		r.set(a.commitmentStatus, "Used")
	}
	if !typ.covered && !typ.fee && !typ.upfront {
		r.line.Items[a.unit] = nil
	}
}
