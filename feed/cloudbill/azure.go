package cloudbill

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// Azure reads the usage details of Azure as customers with an enterprise
// agreement or a Microsoft customer agreement export them.
//
// There are two sorts of exports, which do not say so: the actual one has what is billed, and the amortised
// one has what was paid in advance spread over its use. Lines that commitments cover
// tell them apart. Both are the same bill, so that they have the same accounts and periods, and the one that is read later takes the place of the other.
var Azure feed.Bulk = azureBulk()

func azureBulk() feed.Bulk {
	b := azureDialect(azureFindings{}).bulk("azure-usage", "Azure usage details",
		"Lines of a bill of Azure (enterprise or customer agreement, actual or amortised, CSV or Parquet) become lines of cost with the columns of FOCUS.")
	b.Read = func(ctx context.Context, in feed.BulkInput, sink feed.Sink) error {
		found, err := lookAtAzure(ctx, in)
		if err != nil {
			return err
		}
		return azureDialect(found).read(ctx, in, sink)
	}
	return b
}

func azureDialect(found azureFindings) dialect {
	return dialect{
		needs: [][]string{azureCost, {"meterCategory"}, azureDate, {"subscriptionId", "subscriptionGuid"}},
		shows: []string{"meterId", "meterSubCategory", "unitOfMeasure", "chargeType"},
		begin: func(r *reader) (func(*kit.Row) error, error) { return beginAzure(r, found) },
	}
}

// The columns that older and newer exports call otherwise, the best first.
var (
	azureCost       = []string{"costInBillingCurrency", "cost", "preTaxCost", "extendedCost"}
	azureDate       = []string{"date", "usageDateTime", "usageDate"}
	azureQuantity   = []string{"quantity", "consumedQuantity", "usageQuantity"}
	azureCommitment = []string{"benefitId", "reservationId"}
)

// azureFindings is what has to be known of a whole export before its first line is taken.
type azureFindings struct {
	// amortised says that costs are spread over the use; certain, that a line shows of which sort the export is.
	amortised, certain bool
	days               kit.DayStyle
}

// lookAtAzure reads an export to find out of which sort it is and how it writes its days.
func lookAtAzure(ctx context.Context, in feed.BulkInput) (found azureFindings, err error) {
	rows, names, err := kit.OpenTable(ctx, in)
	if err != nil {
		return found, err
	}
	defer rows.Close()
	h := newHeader(names)
	cost, date, kind, model := h.find(azureCost...), h.find(azureDate...), h.find("chargeType"), h.find("pricingModel")
	benefit, reservation := h.find("benefitId"), h.find("reservationId")
	if cost < 0 || date < 0 {
		return found, nil // Reading says what is missing.
	}
	spread, bought, free := 0, 0, false
	var days kit.Days
	for n := 0; rows.Next(); n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return found, ctx.Err()
		}
		row := rows.Row()
		if row.Problem != "" || row.Len() <= max(cost, date) {
			continue
		}
		if v := row.Value(date); len(v) > 2 && (v[1] == '/' || v[2] == '/') {
			days.Add(string(v), row.Line)
		}
		covered := len(row.Value(benefit)) > 0 || len(row.Value(reservation)) > 0 || commitmentModel(row.Value(model))
		amount, err := kit.BillNumber(bytes.TrimSpace(row.Value(cost)))
		if !covered || err != nil {
			continue
		}
		switch typ := squeeze(string(row.Value(kind))); {
		case strings.HasPrefix(typ, "unused"), typ == "usage" && amount.Sign() != 0:
			spread = max(spread, row.Line)
		case typ == "purchase" && amount.Sign() != 0:
			bought = max(bought, row.Line)
		case typ == "usage":
			free = true
		}
	}
	if rows.Err() != nil {
		return found, rows.Err()
	}
	if spread > 0 && bought > 0 {
		return found, fmt.Errorf("line %d buys a commitment, as only an actual export has it, and line %d has its spread cost, as only an amortised export has it: are these two exports in one file? Import one of them, or the money counts twice", bought, spread)
	}
	found.amortised, found.certain = spread > 0, spread > 0 || bought > 0 || free
	found.days, err = days.StyleOr(names[date], kit.MonthFirst)
	return found, err
}

// commitmentModel reports whether a pricing model is that of a commitment.
func commitmentModel(model []byte) bool {
	switch squeeze(string(model)) {
	case "reservation", "savingsplan":
		return true
	}
	return false
}

// azureBill is what is known of the columns of one export: first those of the export, and then those of the lines.
type azureBill struct {
	*reader
	found                                                     azureFindings
	cost, date, from, until, currencyAt, kind, model          int
	quantity, payg, paygCost, unitPrice, rate, tagsAt, family int
	reservationAt, benefitAt, frequencyAt                     int

	account, category, class, frequency, currencyTo, provider int
	issuer, service, serviceCategory, resource, resourceName  int
	resourceType, pricing, listPrice, contractedPrice         int
	pricingUnit, consumedUnit, commitment, commitmentCategory int
	commitmentType, commitmentStatus, unit, tags              int
	warned                                                    map[string]bool
}

func beginAzure(r *reader, found azureFindings) (func(*kit.Row) error, error) {
	a := &azureBill{reader: r, found: found, warned: map[string]bool{}}
	a.columnsOut()
	a.cost, a.date = r.source(azureCost...), r.source(azureDate...)
	a.from, a.until = r.source("billingPeriodStartDate", "billingPeriodStart"), r.source("billingPeriodEndDate", "billingPeriodEnd")
	a.currencyAt = r.header.find("billingCurrencyCode", "billingCurrency", "currency")
	a.kind, a.model = r.header.find("chargeType"), r.header.find("pricingModel")
	a.quantity, a.payg = r.source(azureQuantity...), r.header.find("payGPrice")
	a.paygCost, a.unitPrice = r.source("paygCostInBillingCurrency"), r.header.find("unitPrice", "resourceRate")
	a.rate, a.tagsAt, a.family = r.header.find("exchangeRatePricingToBilling"), r.source("tags"), r.header.find("serviceFamily")
	a.reservationAt, a.benefitAt = r.header.find("reservationId"), r.header.find("benefitId")
	a.frequencyAt = r.source("frequency")
	r.leave("costInPricingCurrency", "costInUsd", "paygCostInUsd")
	switch {
	case found.amortised:
		r.sink.Note("This is an amortised export: EffectiveCost is its cost. BilledCost was taken as 0 where a commitment covers the line and as its cost elsewhere, because what was paid for commitments is in the actual export alone. Import one of the two exports for a period: the later one takes the place of the earlier one.")
	case found.certain:
		r.sink.Note("This is an actual export: BilledCost is its cost. EffectiveCost was taken as the same, so that what was paid for a commitment counts in full when it was bought; the amortised export spreads it. Import one of the two exports for a period: the later one takes the place of the earlier one.")
	default:
		r.sink.Note("No line has to do with a commitment, so that actual and amortised cost are the same: BilledCost and EffectiveCost are both the cost of the line.")
	}
	if a.payg < 0 && a.paygCost < 0 {
		r.sink.Note("The export has no public prices (PayGPrice); ListCost was taken as the contracted cost.")
	}
	r.noteCurrency(a.currencyAt)
	return a.row, nil
}

// columnsOut says which columns the lines have, in the order in which people read them.
func (a *azureBill) columnsOut() {
	r := a.reader
	a.provider = r.column("ProviderName")
	r.copy("PublisherName", "publisherName")
	r.copy("InvoiceIssuerName", "resellerName")
	a.issuer = r.column("InvoiceIssuerName")
	r.copy("BillingAccountId", "billingAccountId", "enrollmentNumber")
	a.account = r.column("BillingAccountId")
	r.copy("BillingAccountName", "billingAccountName")
	r.copy("SubAccountId", "subscriptionId", "subscriptionGuid")
	r.copy("SubAccountName", "subscriptionName")
	r.copy("InvoiceId", "invoiceId")
	r.copy("BillingCurrency", "billingCurrencyCode", "billingCurrency", "currency")
	a.currencyTo = r.column("BillingCurrency")
	r.copy("PricingCurrency", "pricingCurrency", "pricingCurrencyCode")
	a.category, a.class, a.frequency = r.column("ChargeCategory"), r.column("ChargeClass"), r.column("ChargeFrequency")
	r.copy("ChargeDescription", "productName", "product")
	a.serviceCategory = r.column("ServiceCategory")
	r.copy("ServiceName", "meterCategory")
	a.service = r.column("ServiceName")
	r.copy("RegionId", "resourceLocation", "location")
	r.copy("RegionName", "meterRegion")
	r.copy("AvailabilityZone", "availabilityZone")
	r.copy("ResourceId", "resourceId", "instanceId", "instanceName")
	a.resource = r.column("ResourceId")
	r.copy("ResourceName", "resourceName")
	a.resourceName, a.resourceType = r.column("ResourceName"), r.column("ResourceType")
	r.copy("SkuMeter", "meterName")
	r.copy("SkuPriceId", "productId", "partNumber")
	a.pricing = r.column("PricingCategory")
	r.copy("PricingUnit", "unitOfMeasure")
	a.pricingUnit, a.consumedUnit = r.column("PricingUnit"), r.column("ConsumedUnit")
	r.copy("ListUnitPrice", "payGPrice")
	r.copy("ContractedUnitPrice", "unitPrice", "resourceRate")
	a.listPrice, a.contractedPrice = r.column("ListUnitPrice"), r.column("ContractedUnitPrice")
	r.copy("CommitmentDiscountId", azureCommitment...)
	r.copy("CommitmentDiscountName", "benefitName", "reservationName")
	a.commitment, a.commitmentCategory = r.column("CommitmentDiscountId"), r.column("CommitmentDiscountCategory")
	a.commitmentType, a.commitmentStatus = r.column("CommitmentDiscountType"), r.column("CommitmentDiscountStatus")
	a.unit = r.column("CommitmentDiscountUnit")
	a.tags = r.column("Tags")
	r.copy("x_CostCentre", "costCenter", "costCentre")
}

// row makes the line of a row.
func (a *azureBill) row(row *kit.Row) error {
	r := a.reader
	cost, err := r.cost(row, a.cost)
	if err != nil {
		return err
	}
	if err := a.period(row); err != nil {
		return err
	}
	covered := len(r.line.Items[a.commitment]) > 0 || commitmentModel(row.Value(a.model))
	kind := a.charge(row)
	r.set(a.provider, "Microsoft")
	r.fill(a.issuer, "Microsoft")
	r.set(a.serviceCategory, r.category(row.Value(a.family), r.line.Items[a.service]))
	a.nameResource()
	a.writeTags(row)
	if err := r.currency(row, a.currencyTo, a.currencyAt); err != nil {
		return err
	}
	if covered {
		a.commit(row, kind)
	}
	a.amounts(row, kind, covered, cost)
	r.line.Provider, r.line.Account = r.line.Items[a.provider], r.line.Items[a.account]
	return r.writer.Write(&r.line)
}

// period reads the day of the line and the billing period, whose last day is in it.
func (a *azureBill) period(row *kit.Row) error {
	r := a.reader
	day := func(text []byte) (int64, error) {
		d, err := kit.ParseDay(string(text), a.found.days)
		return facts.SecondsOf(d), err
	}
	start, err := r.time(row, a.date, day)
	if err != nil {
		return err
	}
	r.line.Start, r.line.End = start, start+86400
	if len(row.Value(a.from)) == 0 || len(row.Value(a.until)) == 0 {
		return nil
	}
	from, err := r.time(row, a.from, day)
	if err != nil {
		return err
	}
	until, err := r.time(row, a.until, day)
	if err != nil {
		return err
	}
	r.line.From, r.line.Until = facts.DayOf(from), facts.DayOf(until)
	if until > from && r.line.From.Time().Day() == 1 && r.line.Until.Time().Day() == 1 {
		// Some exports name the day behind the period.
		r.line.Until = r.line.Until.AddDays(-1)
	}
	if until < from {
		return refused{a.until, "the billing period ends before it begins"}
	}
	return nil
}

// charge says what sort of charge the line is. It returns the type of the export in the form of squeeze.
func (a *azureBill) charge(row *kit.Row) string {
	r := a.reader
	kind := squeeze(string(row.Value(a.kind)))
	switch kind {
	case "", "usage":
		kind = "usage"
		r.set(a.category, "Usage")
	case "unusedreservation", "unusedsavingsplan":
		r.set(a.category, "Usage")
	case "purchase":
		r.set(a.category, "Purchase")
	case "refund":
		r.set(a.category, "Purchase")
		r.set(a.class, "Correction")
	case "tax":
		r.set(a.category, "Tax")
	case "credit":
		r.set(a.category, "Credit")
	default:
		r.set(a.category, "Adjustment")
		if kind != "roundingadjustment" && kind != "adjustment" && !a.warned[kind] && len(a.warned) < 100 {
			a.warned[kind] = true
			r.writer.Warn(row, a.kind, r.header.names[a.kind], "the type of charge "+kit.Short(string(row.Value(a.kind)))+" is not known: it was taken as an adjustment")
		}
	}
	switch squeeze(string(row.Value(a.frequencyAt))) {
	case "onetime":
		r.set(a.frequency, "One-Time")
	case "recurring", "monthly":
		r.set(a.frequency, "Recurring")
	default:
		if kind == "usage" || strings.HasPrefix(kind, "unused") {
			r.set(a.frequency, "Usage-Based")
		} else {
			r.set(a.frequency, "One-Time")
		}
	}
	switch squeeze(string(row.Value(a.model))) {
	case "spot":
		r.set(a.pricing, "Dynamic")
	case "reservation", "savingsplan":
		if kind == "usage" || strings.HasPrefix(kind, "unused") {
			r.set(a.pricing, "Committed")
			break
		}
		r.set(a.pricing, "Standard")
	default:
		if kind == "usage" || kind == "purchase" {
			r.set(a.pricing, "Standard")
		}
	}
	return kind
}

// commit names the commitment that the line has to do with.
func (a *azureBill) commit(row *kit.Row, kind string) {
	r := a.reader
	id := strings.ToLower(r.text(a.commitment))
	savings := squeeze(string(row.Value(a.model))) == "savingsplan" || kind == "unusedsavingsplan" || strings.Contains(id, "savingsplan")
	if savings {
		r.set(a.commitmentCategory, "Spend")
		r.set(a.commitmentType, "Savings plan")
		r.line.Items[a.unit] = r.line.Items[a.currencyTo]
	} else {
		r.set(a.commitmentCategory, "Usage")
		r.set(a.commitmentType, "Reservation")
		r.line.Items[a.unit] = r.line.Items[a.pricingUnit]
	}
	switch {
	case kind == "usage":
		r.set(a.commitmentStatus, "Used")
		r.set(a.pricing, "Committed")
	case strings.HasPrefix(kind, "unused"):
		r.set(a.commitmentStatus, "Unused")
		r.set(a.pricing, "Committed")
	}
}

// nameResource takes the name and the type of a resource from its id.
func (a *azureBill) nameResource() {
	r := a.reader
	if len(r.line.Items[a.resource]) == 0 {
		return
	}
	found := r.remember("resource ", r.line.Items[a.resource], azureResource)
	r.fill(a.resourceType, found[0])
	r.fill(a.resourceName, found[1])
}

// azureResource takes the id of a resource apart into the type and the name of the resource. They are empty where it is another sort of id.
func azureResource(id string) [2]string {
	at := strings.LastIndex(strings.ToLower(id), "/providers/")
	if at < 0 || at+len("/providers/") > len(id) {
		return [2]string{}
	}
	parts := strings.Split(id[at+len("/providers/"):], "/")
	if len(parts) < 3 {
		return [2]string{}
	}
	typ := parts[0]
	for i := 1; i < len(parts); i += 2 {
		typ += "/" + parts[i]
	}
	return [2]string{typ, parts[len(parts)-1]}
}

// writeTags writes tags as one JSON object. Enterprise exports leave its braces out.
func (a *azureBill) writeTags(row *kit.Row) {
	r := a.reader
	text := bytes.TrimSpace(row.Value(a.tagsAt))
	if len(text) == 0 {
		return
	}
	if text[0] != '{' {
		text = append(append([]byte{'{'}, text...), '}')
	}
	m, err := r.mapOf(text)
	if err != nil {
		r.writer.Warn(row, a.tagsAt, r.header.names[a.tagsAt], errors.New("the tags are not pairs such as \"team\": \"web\"").Error()+"; they were left out")
		return
	}
	r.line.Items[a.tags] = writeMap(m, func(key string) string { return key })
}

// amounts fills the four costs and the quantities of a line.
func (a *azureBill) amounts(row *kit.Row, kind string, covered bool, cost facts.Decimal) {
	r := a.reader
	r.same(cost)
	v := &r.line.Values
	zero := facts.NewDecimal(0, 0)
	quantity := r.extra(row, a.quantity)
	unused := strings.HasPrefix(kind, "unused")
	if kind != "tax" && kind != "credit" {
		v[facts.PricingQuantity] = quantity
	}
	if a.found.amortised && covered && (kind == "usage" || unused) {
		v[facts.Billed] = zero
	}
	if covered {
		v[facts.CommitmentQuantity] = quantity
		if string(r.line.Items[a.commitmentCategory]) == "Spend" {
			v[facts.CommitmentQuantity] = cost
		}
	}
	switch {
	case unused:
		v[facts.List], v[facts.Contracted] = zero, zero
		v[facts.PricingQuantity] = facts.Decimal{}
	case kind == "usage":
		v[facts.ConsumedQuantity] = quantity
		r.line.Items[a.consumedUnit] = r.line.Items[a.pricingUnit]
		list := r.extra(row, a.paygCost)
		if list.IsNull() || list.Sign() == 0 {
			list = a.times(row, quantity, a.payg)
		}
		contracted := a.times(row, quantity, a.unitPrice)
		if contracted.IsNull() && covered {
			contracted = list
		}
		if !contracted.IsNull() {
			v[facts.Contracted] = contracted
		}
		v[facts.List] = v[facts.Contracted]
		if !list.IsNull() {
			v[facts.List] = list
		}
	}
}

// times returns a quantity at a price in the currency of the bill, or nothing where the export has no price other than 0.
func (a *azureBill) times(row *kit.Row, quantity facts.Decimal, at int) facts.Decimal {
	price := a.extra(row, at)
	if quantity.IsNull() || price.Sign() == 0 {
		return facts.Decimal{}
	}
	out := quantity.Mul(price)
	if rate := a.extra(row, a.rate); rate.Sign() > 0 {
		out = out.Mul(rate)
	}
	if len(out.String()) > 58 {
		return facts.Decimal{}
	}
	return out
}
