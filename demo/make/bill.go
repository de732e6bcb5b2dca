package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// provider is a cloud that sends a bill every month.
type provider struct {
	name, issuer, publisher string
	home                    string // key of the account that pays for what no resource is charged for
	account, accountName    string // billing account
	accountType, subType    string
	currency, invoice       string // invoice is the beginning of the numbers of invoices
	discount                int64  // negotiated, in percent of the public price
	meters                  []meter
	plan                    *plan
	support                 cents // a month
	extras                  []extra
	groups                  bool // resources are in groups, which the bill names
}

// plan is a commitment to spend so much an hour.
type plan struct {
	id, name string
	hourly   micro
	rate     int64 // what a covered unit costs, in percent of the public price
	from     month
}

// extra is a line that no meter has: a credit or the correction of an earlier invoice.
type extra struct {
	on                           month
	category, class, description string
	resource, service            string
	amount                       cents
}

var aws = provider{
	home: "aws-halyard",
	name: "AWS", issuer: "Amazon Web Services EMEA SARL", publisher: "Amazon Web Services",
	account: "418200913377", accountName: "Halyard Lines", accountType: "Organisation", subType: "Account",
	currency: "USD", invoice: "EUINHL", discount: 6, meters: amazon, support: 142_000,
	plan: &plan{id: "arn:aws:savingsplans::418200913377:savingsplan/0b6ff1d2-61c9-4a5e-9d1e-3f9b7a2c5e10", name: "Compute Savings Plan 2025", hourly: 9_000_000, rate: 66, from: monthOf(2025, 3)},
	extras: []extra{
		{on: monthOf(2025, 6), category: "Credit", description: "Credit for moving the gift shop", amount: -150_000},
		{on: monthOf(2026, 3), category: "Usage", class: "Correction", description: "Correction of February: delivery was charged at the wrong tier", resource: "shop-cdn", service: "Amazon CloudFront", amount: -41_250},
		{on: monthOf(2026, 9), category: "Credit", description: "Service credit for the incident of 12 August", amount: -38_640},
	},
}

var msAzure = provider{
	groups: true,
	home:   "azure-halyard",
	name:   "Microsoft", issuer: "Microsoft Ireland Operations Ltd", publisher: "Microsoft",
	account: "81274455", accountName: "Halyard Lines B.V.", accountType: "Enrollment", subType: "Subscription",
	currency: "EUR", invoice: "E0700HL", discount: 4, meters: azure, support: 90_000,
	extras: []extra{
		{on: monthOf(2025, 2), category: "Credit", description: "Credit for the move of the warehouse", amount: -220_000},
		{on: monthOf(2026, 5), category: "Usage", class: "Correction", description: "Correction of April: data movement was counted twice", resource: "lake-pipelines", service: "Azure Data Factory", amount: -63_780},
	},
}

// accounts are the subscriptions and accounts below the billing accounts, with their numbers and names.
var accounts = map[string][2]string{
	"aws-halyard":   {"418200913377", "halyard-organisation"},
	"aws-commerce":  {"733105528164", "commerce-production"},
	"aws-sandbox":   {"290664187351", "sandbox"},
	"azure-halyard": {"6d1b7f6e-3c0a-4c55-9f0b-8a2f64e0b7c3", "Halyard Production"},
}

// line is one line of a bill.
type line struct {
	from, until                            string // first day, and the day after the last one
	category, class, frequency, text       string
	m                                      meter
	res                                    resource
	quantity                               milli
	counted, consumed                      bool // has a quantity for the price; has one that was used
	list, contracted                       micro
	billed, effective, listCost, contrCost nano
	status, pricing                        string
	commitment                             *plan
}

var billHeader = []string{
	"BillingAccountId", "BillingAccountName", "BillingAccountType", "SubAccountId", "SubAccountName", "SubAccountType", "BillingCurrency", "PricingCurrency",
	"BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", "ChargeCategory", "ChargeClass", "ChargeDescription", "ChargeFrequency",
	"BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "ListUnitPrice", "ContractedUnitPrice", "PricingQuantity", "PricingUnit", "PricingCategory",
	"ConsumedQuantity", "ConsumedUnit", "CommitmentDiscountCategory", "CommitmentDiscountId", "CommitmentDiscountName", "CommitmentDiscountQuantity",
	"CommitmentDiscountStatus", "CommitmentDiscountType", "CommitmentDiscountUnit", "InvoiceId", "InvoiceIssuerName", "ProviderName", "PublisherName",
	"RegionId", "RegionName", "ResourceId", "ResourceName", "ResourceType", "ServiceCategory", "ServiceSubcategory", "ServiceName", "SkuId", "SkuMeter", "SkuPriceId", "Tags",
}

// invoiced is what a provider asked for in a month.
type invoiced struct {
	provider *provider
	month    month
	number   string
	amount   cents
	accounts map[string]nano // what was used, by key of the account
}

// bill writes all bills of a provider, and returns the invoices that belong to them.
func (p *provider) bill(rented map[string]resource) (*table, []invoiced, error) {
	t := &table{header: billHeader}
	if p.groups {
		t.header = append(slices.Clone(billHeader), "x_ResourceGroupName")
	}
	var invoices []invoiced
	for mon := firstMonth; mon <= lastMonth; mon++ {
		var lines []line
		for _, m := range p.meters {
			r, ok := rented[m.resource]
			if !ok {
				return nil, nil, fmt.Errorf("manifests/cloud.yaml has no resource %s", m.resource)
			}
			lines = append(lines, p.measured(mon, m, r)...)
		}
		lines = append(lines, p.committed(mon, lines)...)
		lines = append(lines, p.others(mon, rented)...)
		in := invoiced{provider: p, month: mon, accounts: map[string]nano{}, number: fmt.Sprintf("%s%d-%06d", p.invoice, mon.year()%100, 410_000+int(mon)*37%1000*97)}
		var sum nano
		for _, l := range lines {
			sum += l.billed
			in.accounts[p.accountOf(l)] += l.effective
		}
		in.amount = sum.toCents()
		if rest := nano(in.amount)*perCent - sum; rest != 0 {
			lines = append(lines, p.single(mon, "Adjustment", "", "Rounding of the invoice", rest))
		}
		for _, l := range lines {
			cells := p.cells(mon, in.number, l)
			if p.groups {
				cells = append(cells, resourceGroup(l.res.ResourceID))
			}
			t.add(cells...)
		}
		invoices = append(invoices, in)
	}
	return t, invoices, nil
}

// measured returns the lines of a meter in a month: one, or one for each day.
func (p *provider) measured(mon month, m meter, r resource) []line {
	if mon < m.from || m.until != 0 && mon > m.until {
		return nil
	}
	var total milli
	var out []line
	for d := 1; d <= mon.days(); d++ {
		q := m.on(mon, d)
		total += q
		if mon >= firstDaily {
			out = append(out, p.usage(mon.day(d), mon.day(d+1), m, r, q))
		}
	}
	if mon < firstDaily {
		out = append(out, p.usage(mon.day(1), mon.day(mon.days()+1), m, r, total))
	}
	return out
}

// season is how busy guests keep the systems, in percent, by calendar month.
var season = [12]int64{80, 82, 90, 100, 108, 124, 148, 145, 112, 100, 86, 92}

// on is how much is used on a day.
func (m meter) on(mon month, d int) milli {
	if m.shape == steady && m.growth == 0 {
		return m.daily
	}
	q := grown(int64(m.daily), int(mon-firstMonth), m.growth)
	weekday := mon.first().AddDate(0, 0, d-1).Weekday()
	switch m.shape {
	case guests:
		q = q * season[mon.number()-1] / 100
		if weekday == time.Friday || weekday == time.Saturday {
			q = q * 118 / 100
		}
	case office:
		if weekday == time.Saturday || weekday == time.Sunday {
			q = q * 22 / 100
		}
	}
	if m.shape != steady {
		q += q * noise(m.resource+m.sku+mon.day(d)) / 25_000
	}
	if m.resource == stormResource && mon == stormMonth && d >= stormFirst && d <= stormLast {
		q *= stormFactor
	}
	return milli(q)
}

// The anomaly: a release of the app asked again and again for bookings, for three days.
const (
	stormResource = "app-functions-booking"
	stormFirst    = 13
	stormLast     = 15
	stormFactor   = 24
)

var stormMonth = monthOf(2026, 10)

// usage returns one line of use.
func (p *provider) usage(from, until string, m meter, r resource, q milli) line {
	l := line{from: from, until: until, category: "Usage", frequency: "Usage-Based", m: m, res: r, quantity: q, counted: true, consumed: true, pricing: "Standard", list: m.price}
	l.contracted = m.price * micro(100-p.discount) / 100
	l.text = m.sku + ", " + r.Name
	if p.plan != nil && m.covered && from >= p.plan.from.day(1) {
		l.commitment, l.status, l.pricing = p.plan, "Used", "Committed"
	}
	l.listCost, l.contrCost = nano(int64(l.list)*int64(q)), nano(int64(l.contracted)*int64(q))
	l.billed, l.effective = l.contrCost, l.contrCost
	if l.commitment != nil {
		l.billed, l.effective = 0, nano(int64(m.price*micro(p.plan.rate)/100)*int64(q))
	}
	return l
}

// committed returns the purchase of the commitment, and what of it nobody used.
func (p *provider) committed(mon month, lines []line) []line {
	if p.plan == nil || mon < p.plan.from {
		return nil
	}
	used := map[string]nano{}
	for _, l := range lines {
		if l.commitment != nil {
			used[l.from] += l.effective
		}
	}
	var out []line
	step := func(from, until string, days int) {
		q := milli(days * 24 * 1000)
		amount := nano(int64(p.plan.hourly) * int64(q))
		buy := line{from: from, until: until, category: "Purchase", frequency: "Recurring", text: p.plan.name + ", hourly fee", quantity: q, counted: true,
			pricing: "Committed", list: p.plan.hourly, contracted: p.plan.hourly, listCost: amount, contrCost: amount, billed: amount, commitment: p.plan,
			m: meter{service: "AWS Savings Plans", category: compute, sku: "ComputeSP:3yrNoUpfront", unit: "Hours"}}
		buy.res = resource{ResourceID: p.plan.id, Name: p.plan.name, Type: "savingsplans:savingsplan", Account: "aws-halyard"}
		out = append(out, buy)
		if rest := amount - used[from]; rest > 0 {
			unused := buy
			unused.category, unused.frequency, unused.status, unused.text = "Usage", "Usage-Based", "Unused", p.plan.name+", not used"
			unused.billed, unused.effective, unused.listCost, unused.contrCost, unused.list, unused.contracted = 0, rest, 0, 0, 0, 0
			out = append(out, unused)
		}
	}
	if mon < firstDaily {
		step(mon.day(1), mon.day(mon.days()+1), mon.days())
		return out
	}
	for d := 1; d <= mon.days(); d++ {
		step(mon.day(d), mon.day(d+1), 1)
	}
	return out
}

// others returns support, tax, credits and corrections.
func (p *provider) others(mon month, rented map[string]resource) []line {
	fee := nano(p.support) * perCent
	support := p.single(mon, "Purchase", "", "Support plan", fee)
	support.frequency, support.quantity, support.counted, support.pricing = "Recurring", 1000, true, "Standard"
	support.list, support.contracted = micro(p.support)*10_000, micro(p.support)*10_000
	support.m.service, support.m.sku, support.m.unit = "Support", "Support", "Month"
	tax := p.single(mon, "Tax", "", "Value added tax on support, 21 %", fee*21/100)
	out := []line{support, tax}
	for _, x := range p.extras {
		if x.on != mon {
			continue
		}
		l := p.single(mon, x.category, x.class, x.description, nano(x.amount)*perCent)
		if r, ok := rented[x.resource]; ok {
			i := slices.IndexFunc(p.meters, func(m meter) bool { return m.resource == x.resource })
			l.res, l.m = r, p.meters[i]
			l.m.unit = ""
		}
		out = append(out, l)
	}
	return out
}

// single returns a line for the whole month that has an amount and no quantity.
func (p *provider) single(mon month, category, class, text string, amount nano) line {
	return line{from: mon.day(1), until: mon.day(mon.days() + 1), category: category, class: class, frequency: "One-Time", text: text,
		m:      meter{service: "Billing", category: "Other"},
		billed: amount, effective: amount, listCost: amount, contrCost: amount}
}

// regions are the names of regions.
var regions = map[string]string{
	"eu-central-1": "Europe (Frankfurt)", "eu-west-1": "Europe (Ireland)", "eu-west-3": "Europe (Paris)", "eu-north-1": "Europe (Stockholm)", "us-east-1": "US East (N. Virginia)",
	"global": "Global", "westeurope": "West Europe", "germanywestcentral": "Germany West Central",
}

// accountOf is the key of the account that a line is charged to.
func (p *provider) accountOf(l line) string {
	if l.res.Account != "" {
		return l.res.Account
	}
	return p.home
}

// cells returns the values of a line, in the order of the header.
func (p *provider) cells(mon month, invoice string, l line) []string {
	const midnight = "T00:00:00Z"
	account := accounts[p.accountOf(l)]
	when := func(holds bool, text string) string {
		if holds {
			return text
		}
		return ""
	}
	var c [7]string // the commitment
	if l.commitment != nil {
		amount := l.effective
		if l.category == "Purchase" {
			amount = l.billed
		}
		c = [7]string{"Spend", l.commitment.id, l.commitment.name, amount.String(), l.status, "Compute Savings Plan", p.currency}
	}
	priced := l.counted && (l.list != 0 || l.status == "")
	return []string{
		p.account, p.accountName, p.accountType, account[0], account[1], p.subType, p.currency, p.currency,
		mon.day(1) + midnight, mon.day(mon.days()+1) + midnight, l.from + midnight, l.until + midnight, l.category, l.class, l.text, l.frequency,
		l.billed.String(), l.effective.String(), l.listCost.String(), l.contrCost.String(), when(priced, l.list.String()), when(priced, l.contracted.String()),
		when(l.counted, l.quantity.String()), when(l.counted, l.m.unit), l.pricing,
		when(l.consumed, l.quantity.String()), when(l.consumed, l.m.unit), c[0], c[1], c[2], c[3], c[4], c[5], c[6],
		invoice, p.issuer, p.name, p.publisher, l.res.Region, regions[l.res.Region], l.res.ResourceID, l.res.Name, l.res.Type,
		l.m.category, "Other (" + l.m.category + ")", l.m.service, when(l.m.sku != "", p.name+"-"+l.m.sku), l.m.sku, when(l.m.sku != "", p.name+"-"+l.m.sku+"-"+l.res.Region), tagsOf(l.m.tags),
	}
}

// resourceGroup is the group that the number of a resource of Azure names, or nothing.
func resourceGroup(id string) string {
	_, rest, _ := strings.Cut(id, "/resourceGroups/")
	group, _, _ := strings.Cut(rest, "/")
	return group
}

// tagsOf writes tags as FOCUS has them: one JSON object.
func tagsOf(tags string) string {
	if tags == "" {
		return ""
	}
	var out []string
	values := strings.Split(tags, "|")
	for i, name := range []string{"application", "team", "environment", "cost-centre"} {
		if values[i] != "" {
			out = append(out, fmt.Sprintf("%q:%q", name, values[i]))
		}
	}
	return "{" + strings.Join(out, ",") + "}"
}
