package main

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"binnacle/facts"
)

// billHeader are the columns of the bill, those of FOCUS 1.2.
const billHeader = "BilledCost,BillingAccountId,BillingAccountName,BillingAccountType,BillingCurrency,BillingPeriodEnd,BillingPeriodStart,CapacityReservationId,CapacityReservationStatus," +
	"ChargeCategory,ChargeClass,ChargeDescription,ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,CommitmentDiscountCategory,CommitmentDiscountId,CommitmentDiscountName,CommitmentDiscountQuantity,CommitmentDiscountStatus,CommitmentDiscountType,CommitmentDiscountUnit," +
	"ConsumedQuantity,ConsumedUnit,ContractedCost,ContractedUnitPrice,EffectiveCost,InvoiceId,InvoiceIssuerName,ListCost,ListUnitPrice,PricingCategory,PricingCurrency,PricingQuantity,PricingUnit," +
	"ProviderName,PublisherName,RegionId,RegionName,ResourceId,ResourceName,ResourceType,ServiceCategory,ServiceName,ServiceSubcategory,SkuId,SkuMeter,SkuPriceId,SubAccountId,SubAccountName,SubAccountType,Tags\n"

// The bill is of a month of 30 days, hour by hour. Prices have 7 places, quantities 3, and so costs have 10.
const (
	billStart  = "2026-09-01"
	billHours  = 30 * 24
	costPlaces = 10
)

// billSku is what resources of one kind are and cost.
type billSku struct {
	category, service, sub, kind, unit, what string
	// list and contracted are prices of a unit, in units of the seventh place.
	list, contracted int64
}

var billSkus = []billSku{
	{"Compute", "Elastic Machines", "Virtual Machines", "Machine", "Hours", "hour of a general purpose machine", 416000, 353600},
	{"Compute", "Elastic Machines", "Virtual Machines", "Machine", "Hours", "hour of a machine with much memory", 1008000, 907200},
	{"Storage", "Block Store", "Block Storage", "Disk", "GB-Hours", "gigabyte and hour of fast disks", 1644, 1315},
	{"Storage", "Object Store", "Object Storage", "Bucket", "GB-Hours", "gigabyte and hour of objects", 315, 299},
	{"Networking", "Balancer", "Application Networking", "Balancer", "Hours", "hour of a balancer", 252000, 239400},
	{"Databases", "Relational Store", "Relational Databases", "Database", "Hours", "hour of a database with two copies", 3420000, 2907000},
	{"Integration", "Queues", "Messaging", "Queue", "Requests", "request to a queue", 4, 4},
}

// bill makes the lines of a bill. The same numbers always make the same bill.
type bill struct {
	lines, resources int
	start            int64
	distinct         bool
	tails            [][]byte
	hours            []string
}

// billLine is one line, as numbers.
type billLine struct {
	resource   int
	start      int64
	quantity   int64
	list       int64
	contracted int64
}

// newBill returns a bill of so many lines. In a distinct one every line is of a resource of its own.
func newBill(lines int, distinct bool) *bill {
	begin, _ := time.Parse(time.DateOnly, billStart)
	b := &bill{lines: lines, resources: max(2000, (lines+billHours-1)/billHours), start: begin.Unix(), distinct: distinct}
	for hour := range billHours + 1 {
		b.hours = append(b.hours, begin.Add(time.Duration(hour)*time.Hour).Format(time.RFC3339))
	}
	return b
}

func (b *bill) line(i int) billLine {
	l := billLine{resource: i % b.resources, start: b.start + int64(i/b.resources)*3600}
	sku := &billSkus[l.resource%len(billSkus)]
	l.quantity = 1 + int64(uint64(i)*2654435761%997)
	l.list, l.contracted = sku.list*l.quantity, sku.contracted*l.quantity
	return l
}

// tail returns the end of the lines of a resource, from its id on.
func (b *bill) tail(resource, name int) []byte {
	sku := &billSkus[resource%len(billSkus)]
	team := resource % 41
	tags := fmt.Sprintf(`"{""application"":""app-%03d"",""cost-centre"":""%d"",""environment"":""%s"",""owner"":""team-%02d@harbour.example""}"`,
		resource%307, 4000+resource%61, []string{"production", "staging", "development"}[resource%3], team)
	if resource%10 == 0 {
		tags = ""
	}
	return fmt.Appendf(nil, `"crn:cloudworks:eu-central-1:%012d:%s/r-%012x","%s-%07d","%s","%s","%s","%s","SKU%06d","%s","SKU%06d.P%04d","%012d","Team %02d","Account",%s`+"\n",
		300200100000+team, sku.kind, name, sku.kind, name, sku.kind, sku.category, sku.service, sku.sub, resource%len(billSkus), sku.unit, resource%len(billSkus), resource%5, 300200100000+team, team, tags)
}

// append writes a line of the file.
func (b *bill) append(dst []byte, i int) []byte {
	l := b.line(i)
	sku := &billSkus[l.resource%len(billSkus)]
	hour := i / b.resources
	cost := func(n int64) {
		dst = append(dst, facts.NewDecimal(n, costPlaces).String()...)
		dst = append(dst, ',')
	}
	text := func(s string) { dst = append(dst, s...) }
	number := func(n int64, places uint8) { text(facts.NewDecimal(n, places).String()) }
	cost(l.contracted)
	text(`"100200300400","Harbour Group","Payer","EUR","2026-10-01T00:00:00Z","2026-09-01T00:00:00Z",,,"Usage",,"`)
	number(sku.list, 7)
	text(` EUR per ` + sku.what + ` in Europe (Frankfurt)","Usage-Based","`)
	text(b.hours[hour+1] + `","` + b.hours[hour] + `",,,,,,,,`)
	number(l.quantity, 3)
	text(`,"` + sku.unit + `",`)
	cost(l.contracted)
	number(sku.contracted, 7)
	text(`,`)
	cost(l.contracted)
	text(`"INV-2026-09-1","Cloudworks Europe",`)
	cost(l.list)
	number(sku.list, 7)
	text(`,"Standard","EUR",`)
	number(l.quantity, 3)
	text(`,"` + sku.unit + `","Cloudworks","Cloudworks Europe","eu-central-1","Europe (Frankfurt)",`)
	if b.distinct {
		return append(dst, b.tail(l.resource, i)...)
	}
	return append(dst, b.tails[l.resource]...)
}

// billMade is what is in a bill.
type billMade struct {
	lines  int64
	billed string
}

// writeBill writes a bill to a file.
func writeBill(path string, lines int, distinct bool) (billMade, error) {
	b := newBill(lines, distinct)
	for resource := range b.resources {
		b.tails = append(b.tails, b.tail(resource, resource))
	}
	f, err := os.Create(path)
	if err != nil {
		return billMade{}, err
	}
	defer f.Close()
	out := bufio.NewWriterSize(f, 1<<20)
	out.WriteString(billHeader)
	var billed facts.Sum
	var text []byte
	for i := range lines {
		text = b.append(text[:0], i)
		if _, err := out.Write(text); err != nil {
			return billMade{}, err
		}
		billed.Add(facts.NewDecimal(b.line(i).contracted, costPlaces))
	}
	if err := out.Flush(); err != nil {
		return billMade{}, err
	}
	return billMade{int64(lines), billed.String()}, f.Close()
}
