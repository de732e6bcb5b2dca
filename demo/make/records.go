package main

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// files makes every file, by its name in the demo.
func files(company fs.FS) (map[string][]byte, error) {
	rented, err := resources(company)
	if err != nil {
		return nil, err
	}
	cs, err := contracts(company)
	if err != nil {
		return nil, err
	}
	tables := map[string]*table{}
	var cloud []invoiced
	for name, p := range map[string]*provider{"bills/aws.csv.gz": &aws, "bills/azure.csv.gz": &msAzure} {
		t, invoices, err := p.bill(rented)
		if err != nil {
			return nil, err
		}
		tables[name] = t
		cloud = append(cloud, invoices...)
	}
	slices.SortFunc(cloud, func(a, b invoiced) int { return strings.Compare(a.month.String()+a.number, b.month.String()+b.number) })
	postings := journal(cs, cloud)
	for name, t := range ledgers(postings) {
		tables[name] = t
	}
	tables["usage/use.csv"] = usage()
	tables["delivery/events.csv.gz"] = deliveries()
	tables["finance/invoices.csv"] = invoices(cs, postings, cloud)
	tables["finance/exchange-rates.csv"] = rates()
	tables["finance/budgets.csv"] = budgets(postings, cloud)
	tables["workplace/assets.csv"] = workplaces()
	people, err := colleagues(company)
	if err != nil {
		return nil, err
	}
	for name, t := range grants(people) {
		tables[name] = t
	}
	out := map[string][]byte{"manifests/cost-rules.yaml": costRules(cs)}
	for name, kind := range map[string]string{"finance/invoices.csv": "Invoice", "finance/exchange-rates.csv": "ExchangeRate", "finance/budgets.csv": "Budget", "workplace/assets.csv": "Asset"} {
		tables[name].kind(kind)
	}
	for name, t := range tables {
		if out[name], err = t.bytes(); err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
	}
	return out, nil
}

// paidUntil is the day up to which the books know of payments.
const paidUntil = "2026-11-16"

// invoices lists every invoice of a cloud, and every one that the ledger names.
func invoices(cs []contract, postings []posting, cloud []invoiced) *table {
	t := &table{header: []string{"key", "name", "number", "vendor", "issued", "due", "paid", "amount", "from", "until", "contract", "cost_centre", "state"}}
	add := func(number, name, vendor string, issued time.Time, amount, contract, centre string, mon month) {
		due := issued.AddDate(0, 0, 30).Format(time.DateOnly)
		paid, state := due, "paid"
		switch {
		case number == "gate-202609":
			paid, state = "", "disputed"
		case due > paidUntil:
			paid, state = "", "checked"
		}
		t.add(strings.ToLower(number), name, number, vendor, issued.Format(time.DateOnly), due, paid, amount, mon.day(1), mon.last(), contract, "cc-"+centre, state)
	}
	for _, in := range cloud {
		vendor, contract := "amazon-web-services", "aws-enterprise"
		if in.provider == &msAzure {
			vendor, contract = "microsoft", "azure-enterprise"
		}
		add(in.number, in.provider.name+", "+in.month.words(), vendor, (in.month+1).first().AddDate(0, 0, 2), in.amount.String()+" "+in.provider.currency, contract, "1200", in.month)
	}
	vendors := map[string]string{"Dijkstra & Partners": "dijkstra-partners", "Bytefabrik Cloud GmbH": "bytefabrik", "Baltcode Sp. z o.o.": "baltcode", "Certiva Audit": "certiva"}
	for _, c := range cs {
		vendors[c.vendorName] = c.vendor
	}
	for _, p := range postings {
		if p.invoice == "" || p.account == "6430" {
			continue
		}
		name, _, _ := strings.Cut(p.text, ";")
		add(p.invoice, name+", "+p.on.words(), vendors[p.vendor], p.on.first().AddDate(0, 0, p.day-1), p.amount.EUR(), p.contract, p.centre, p.on)
	}
	return t
}

// rates lists what a dollar cost, from the first day of each month.
func rates() *table {
	t := &table{header: []string{"key", "name", "currency", "costs", "on", "publisher"}}
	for i, r := range dollar {
		mon := firstMonth + month(i)
		t.add("usd-"+mon.String(), "US dollar, "+mon.words(), "USD", plain(r, 4)+" EUR", mon.day(1), "Treasury desk, rate of the month")
	}
	return t
}

// poolOf is the cost pool of an account of the ledger.
var poolOf = map[string]string{
	"6000": "staff", "6310": "outside-services", "6320": "outside-services", "6410": "software-licences", "6420": "software-as-a-service", "6430": "cloud", "6510": "facilities",
	"6520": "facilities", "6610": "telecom", "6710": "hardware-upkeep", "6720": "leasing", "6810": "depreciation", "6910": "other-cost", "6920": "other-cost", "6950": "other-cost",
}

// centreOf is the cost centre on which a cloud account is booked.
var centreOf = map[string]string{"aws-commerce": "2100", "aws-sandbox": "2000", "aws-halyard": "1200", "azure-halyard": "1200"}

// budgets plans the years 2025 to 2027 by cost centre and pool, near to what is spent, with one exception.
func budgets(postings []posting, cloud []invoiced) *table {
	type slot struct{ centre, pool string }
	spent := map[slot]map[int]cents{}
	book := func(mon month, centre, pool string, amount cents) {
		s := slot{centre, pool}
		if spent[s] == nil {
			spent[s] = map[int]cents{}
		}
		spent[s][mon.year()] += amount
	}
	for _, p := range postings {
		if p.account != "6430" {
			book(p.on, p.centre, poolOf[p.account], p.amount)
		}
	}
	for _, in := range cloud {
		for account, n := range in.accounts {
			amount := n.toCents()
			if in.provider.currency == "USD" {
				amount = amount.euros(in.month)
			}
			book(in.month, centreOf[account], "cloud", amount)
		}
	}
	var slots []slot
	for s := range spent {
		slots = append(slots, s)
	}
	slices.SortFunc(slots, func(a, b slot) int { return strings.Compare(a.centre+a.pool, b.centre+b.pool) })
	t := &table{header: []string{"key", "name", "fiscal_year", "cost_centre", "pool", "purpose", "treatment", "amount", "quantity", "unit", "planned_rate", "state", "owner"}}
	for year := 2025; year <= 2027; year++ {
		for _, s := range slots {
			base := spent[s][min(year, 2026)]
			if year >= 2026 {
				base = base * 12 / 10
			}
			if year == 2027 {
				base = base * 102 / 100
			}
			if s.centre == "2300" && s.pool == "outside-services" && year == 2026 {
				base = 12_000_000
			} else {
				base += base * cents(noise(s.centre+s.pool+number(year))) / 60_000
			}
			if base = (base + 50_000) / 100_000 * 100_000; base <= 0 {
				continue
			}
			t.add(budgetRow(s.centre, s.pool, year, base)...)
		}
	}
	return t
}

// budgetRow is one row of budgets.csv.
func budgetRow(centre, pool string, year int, amount cents) []string {
	purpose, treatment, quantity, unit, rate := purposeOf(map[string]string{"staff": "6000", "outside-services": "6310"}[pool], centre), "opex", "", "", ""
	if pool == "depreciation" {
		treatment = "capex"
	}
	if pool == "staff" {
		n := int64(0)
		for _, t := range teams {
			if t.centre == centre {
				n += t.positions
			}
		}
		quantity, unit = fmt.Sprint(n), "positions"
	}
	if pool == "cloud" && centre != "1200" {
		rate = map[int]string{2025: "0.93 EUR", 2026: "0.88 EUR", 2027: "0.87 EUR"}[year]
	}
	state := map[int]string{2025: "closed", 2026: "approved", 2027: "proposed"}[year]
	return []string{fmt.Sprintf("fy%d-%s-%s", year, centre, pool), fmt.Sprintf("%d, cost centre %s, %s", year, centre, strings.ReplaceAll(pool, "-", " ")), number(year), "cc-" + centre, pool,
		purpose, treatment, amount.EUR(), quantity, unit, rate, state, "Person/lsmit"}
}

// workplaces lists laptops, telephones and screens that no other list has: of the ports, the offices and the pool.
func workplaces() *table {
	t := &table{header: []string{"key", "name", "state", "category", "serial", "inventory_number", "manufacturer", "model", "purchased", "received", "price", "warranty_end", "vendor", "assigned_to",
		"assigned", "site", "cost_centre", "depreciation", "useful_life", "salvage", "return_by", "seen_on", "owner"}}
	models := []struct {
		category, maker, model, serial string
		price, salvage                 cents
		warranty, life, count          int
	}{
		{"laptop", "Lenovo", "ThinkPad L14 Gen 4", "PF5", 112_000, 10_000, 36, 48, 118}, {"laptop", "Apple", "MacBook Air 13", "C02X", 139_000, 25_000, 24, 48, 22},
		{"telephone", "Samsung", "Galaxy XCover 7", "R5C", 38_900, 0, 24, 36, 40}, {"monitor", "Dell Inc.", "P2725H", "CN0Z", 21_900, 0, 36, 60, 30},
	}
	sites := []string{"rtm-office", "ham-office", "gdn-office", "europoort", "kiel-port", "gothenburg-port", "gdynia-port", "klaipeda-port", "zeebrugge-port", "hull-port"}
	holders := []string{"Team/port-systems", "Team/service-desk", "Team/passenger-booking", "Team/corporate-systems", "Team/commerce", "Team/fleet-systems"}
	people := []string{"ajansen", "eokafor", "fhalvorsen", "pvandenberg", "shendriks", "tlindqvist", "mwojcik", "cmoreau", "jkoskinen", "rverhoeven", "mwillems", "gpeters", "ivermeer", "skrause",
		"lsmit", "smaas", "ejohansson", "rpetrauskiene", "gholt", "jvisser", "ucarstens", "amunro", "tbecker", "jbalciunas", "eyildiz", "vblom", "fweiss", "msobczak", "tjankauskas", "haerts",
		"lschroder", "mhaas", "chermans", "kvanleeuwen", "rclaessen", "dzajac", "maydin", "plund", "creid", "shagen", "tdeboer", "tostrowski", "sbianchi", "vkramer", "olindholm", "jreus", "dkubiak", "kverbeek"}
	n := 0
	for _, m := range models {
		for i := range m.count {
			id := fmt.Sprintf("%s-%03d", m.category, n+1)
			bought := monthOf(2022, 7) + month((noise(id)+1000)*50/2001)
			state, holder, assigned, back := "in_use", holders[n%len(holders)], bought.day(20), ""
			if m.category != "monitor" && i < len(people) {
				holder = "Person/" + people[i]
			}
			switch {
			case n%29 == 28:
				state, holder, assigned = "in_stock", "", ""
			case n == 71:
				state = "in_repair"
			case n == 90:
				back = "2026-10-30" // a loan that is overdue
			}
			site := sites[n%len(sites)]
			seen := "2026-10-" + fmt.Sprintf("%02d", 5+n%20)
			if n%37 == 36 {
				seen = "2025-09-12"
			}
			t.add("wp-"+id, m.maker+" "+m.model, state, m.category, fmt.Sprintf("%s%05X", m.serial, (n+11)*7919%1048573), fmt.Sprintf("HL%d", 52_000+3*n), m.maker, m.model, bought.day(8), bought.day(15),
				m.price.EUR(), (bought + month(m.warranty)).day(7), "werkplek-direct", holder, assigned, site, "cc-1130", "straight_line", number(m.life), m.salvage.EUR(), back, seen, "Team/service-desk")
			n++
		}
	}
	return t
}
