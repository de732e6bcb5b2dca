package focus

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// The columns that a line is read from. They are places in header.at.
const (
	billedCost = iota
	effectiveCost
	listCost
	contractedCost
	pricingQuantity
	consumedQuantity
	commitmentQuantity
	measures

	chargeStart = iota - 1
	chargeEnd
	billingStart
	billingEnd
	notItems

	category = iota - 2
	class
	frequency
	currency
	account
	provider
	serviceProvider
	publisher
	issuer
	listPrice
	contractedPrice
	commitmentID
	commitmentStatus
	tags
	used
)

// usedNames are the names of the columns that a line is read from, in the words of FOCUS 1.2.
var usedNames = [used]string{
	"BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "PricingQuantity", "ConsumedQuantity", "CommitmentDiscountQuantity",
	"ChargePeriodStart", "ChargePeriodEnd", "BillingPeriodStart", "BillingPeriodEnd",
	"ChargeCategory", "ChargeClass", "ChargeFrequency", "BillingCurrency", "BillingAccountId", "ProviderName", "ServiceProviderName", "PublisherName", "InvoiceIssuerName",
	"ListUnitPrice", "ContractedUnitPrice", "CommitmentDiscountId", "CommitmentDiscountStatus", "Tags",
}

// canonical are the names of all columns of FOCUS, as the versions 1.0 to 1.4 write them.
var canonical = slices.Concat(usedNames[:], []string{
	"AllocatedMethodDetails", "AllocatedMethodId", "AllocatedResourceId", "AllocatedResourceName", "AllocatedTags", "AvailabilityZone",
	"BillingAccountName", "BillingAccountType", "CapacityReservationId", "CapacityReservationStatus", "ChargeDescription",
	"CommitmentDiscountCategory", "CommitmentDiscountName", "CommitmentDiscountType", "CommitmentDiscountUnit",
	"ConsumedUnit", "ContractApplied", "HostProviderName", "InvoiceDetailId", "InvoiceId", "PricingCategory", "PricingCurrency",
	"PricingCurrencyContractedUnitPrice", "PricingCurrencyEffectiveCost", "PricingCurrencyListUnitPrice", "PricingUnit",
	"RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType", "ServiceCategory", "ServiceName", "ServiceSubcategory",
	"SkuId", "SkuMeter", "SkuPriceDetails", "SkuPriceId", "SubAccountId", "SubAccountName", "SubAccountType",
	"ChargeSubcategory",
})

// older are names that other versions, and the previews of 1.0, give to columns.
var older = map[string]string{
	"amortizedcost": "EffectiveCost", "chargetype": "ChargeCategory", "provider": "ProviderName", "publisher": "PublisherName",
	"invoiceissuer": "InvoiceIssuerName", "region": "RegionId", "usagequantity": "ConsumedQuantity", "usageunit": "ConsumedUnit",
}

// known leads from the letters of a name to the canonical one.
var known = func() map[string]string {
	out := map[string]string{}
	for _, name := range canonical {
		out[strings.ToLower(name)] = name
	}
	return out
}()

// notMarks are names of FOCUS that bills of other formats have too, so that they do not tell that a content is FOCUS.
var notMarks = []string{
	"BillingAccountId", "BillingAccountName", "BillingCurrency", "ProviderName", "PublisherName", "ResourceId", "ResourceName", "ResourceType",
	"ServiceName", "ServiceCategory", "RegionId", "RegionName", "Tags", "InvoiceId", "PricingUnit", "PricingCurrency", "AvailabilityZone", "SkuId", "BillingAccountType",
}

// letters leaves of a header what counts: no white space, no underscores, no capitals, and no prefix F: of a namespace.
func letters(header string) string {
	header = strings.TrimSpace(header)
	if len(header) > 2 && strings.EqualFold(header[:2], "f:") {
		header = header[2:]
	}
	return strings.ToLower(strings.Map(func(r rune) rune {
		if r == ' ' || r == '_' {
			return -1
		}
		return r
	}, header))
}

// isMark reports whether a header is a name that only FOCUS has.
func isMark(header string) bool {
	l := letters(header)
	if l == "invoiceissuer" || l == "amortizedcost" {
		return true
	}
	name, ok := known[l]
	return ok && !slices.Contains(notMarks, name)
}

// header says where the columns of a content are.
type header struct {
	// names are the headers as they stand in the content, without white space.
	names []string
	// at is where the columns are that a line is read from, or -1.
	at [used]int
	// columns are the names of the columns that make up an item, and items says where their values are. -1 is the currency that the content lacks.
	columns []string
	items   []int
	// version is the version of FOCUS that the names are of.
	version string
	marks   int
}

// newHeader finds the columns of a content. What a mapping says goes before the names of FOCUS.
func newHeader(names []string, mapping *model.Mapping) *header {
	h := &header{}
	for i := range h.at {
		h.at[i] = -1
	}
	for len(names) > 0 && strings.TrimSpace(names[len(names)-1]) == "" {
		names = names[:len(names)-1]
	}
	canon := make([]string, len(names))
	taken := map[string]bool{}
	give := func(i int, name string) {
		if canon[i] == "" && name != "" && !taken[name] {
			canon[i], taken[name] = name, true
		}
	}
	left := map[int]bool{}
	for i, name := range names {
		h.names = append(h.names, strings.TrimSpace(name))
		if isMark(name) {
			h.marks++
		}
		if field, ok := mapped(mapping, h.names[i]); ok {
			give(i, field)
			left[i] = field == ""
		}
	}
	for i, name := range h.names {
		give(i, known[letters(name)])
	}
	for i, name := range h.names {
		give(i, older[letters(name)])
		if letters(name) == "billedcurrency" {
			give(i, "BillingCurrency")
		}
		if letters(name) == "serviceprovidername" && !taken["ProviderName"] {
			canon[i], taken["ProviderName"] = "ProviderName", true
		}
	}
	for i, name := range canon {
		if left[i] || h.names[i] == "" {
			continue
		}
		at := slices.Index(usedNames[:], name)
		if at >= 0 {
			h.at[at] = i
		}
		if at >= 0 && at < notItems {
			continue
		}
		if name == "" {
			name = h.names[i]
			for n := 2; taken[name]; n++ {
				name = fmt.Sprintf("%s (%d)", h.names[i], n)
			}
			taken[name] = true
		}
		h.columns, h.items = append(h.columns, name), append(h.items, i)
	}
	if h.at[currency] < 0 {
		h.columns, h.items = append(h.columns, usedNames[currency]), append(h.items, -1)
	}
	h.version = versionOf(h.names)
	return h
}

// mapped returns what a person said that a header is.
func mapped(m *model.Mapping, header string) (string, bool) {
	if m == nil {
		return "", false
	}
	for _, c := range m.Columns {
		if strings.EqualFold(strings.TrimSpace(c.Header), header) {
			if name, ok := known[letters(c.Field)]; ok {
				return name, true
			}
			return c.Field, true
		}
	}
	return "", false
}

// versionOf finds out the version from columns that came, went or were renamed.
func versionOf(names []string) string {
	has := map[string]bool{}
	for _, name := range names {
		has[letters(name)] = true
	}
	any := func(of ...string) bool { return slices.ContainsFunc(of, func(n string) bool { return has[n] }) }
	switch {
	case any("serviceprovidername", "hostprovidername", "allocatedmethodid", "allocatedresourceid", "allocatedtags", "contractapplied"):
		if any("providername", "publishername") {
			return "1.3"
		}
		return "1.4"
	case any("amortizedcost", "invoiceissuer") || has["chargetype"] && any("provider", "publisher") && !any("listcost", "effectivecost"):
		return "0.5"
	case any("chargetype", "chargesubcategory", "usagequantity"):
		return "1.0-preview"
	case any("invoiceid", "invoicedetailid", "billingaccounttype", "subaccounttype", "pricingcurrency", "pricingcurrencyeffectivecost", "pricingcurrencylistunitprice", "pricingcurrencycontractedunitprice"):
		return "1.2"
	case any("capacityreservationid", "capacityreservationstatus", "commitmentdiscountquantity", "commitmentdiscountunit", "servicesubcategory", "skumeter", "skupricedetails"):
		return "1.1"
	}
	return "1.0"
}

// musts are the columns that every content of FOCUS 1.0 to 1.2 must have.
var musts = []string{
	"BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd",
	"ChargeCategory", "ChargeClass", "ChargeDescription", "ChargePeriodStart", "ChargePeriodEnd", "InvoiceIssuerName",
	"PricingQuantity", "PricingUnit", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
}

// firstMusts are the columns that every content of FOCUS 0.5 must have, by their later names.
var firstMusts = []string{
	"BilledCost", "EffectiveCost", "BillingAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargeCategory", "ChargePeriodStart", "ChargePeriodEnd",
	"InvoiceIssuerName", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
}

// missing returns the columns that the version demands and the content lacks.
func (h *header) missing() []string {
	want := musts
	switch h.version {
	case "0.5":
		want = firstMusts
	case "1.3":
		want = append(slices.Clone(musts), "HostProviderName", "ServiceProviderName")
	case "1.4":
		want = append(slices.DeleteFunc(slices.Clone(musts), func(n string) bool { return n == "PublisherName" || n == "ProviderName" }), "HostProviderName", "ServiceProviderName")
	}
	var out []string
	for _, name := range want {
		at := slices.Index(usedNames[:], name)
		isThere := slices.Contains(h.columns, name) && name != usedNames[currency] || at >= 0 && h.at[at] >= 0
		if name == "ServiceProviderName" {
			isThere = slices.ContainsFunc(h.names, func(n string) bool { return letters(n) == "serviceprovidername" })
		}
		if !isThere {
			out = append(out, name)
		}
	}
	return out
}

// nearestHint names the column that was perhaps meant where the content lacks one.
func (h *header) nearestHint(name string) string { return kit.Nearest(name, h.names) }
