package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// contract is what contracts.csv says of a contract.
type contract struct {
	key, name, number, vendor, vendorName, vendorNumber, centre, state string
	covers                                                             []string
	start, end                                                         month // 0 where the contract has no end
	annual                                                             cents
}

// contracts reads contracts.csv, with the names of the vendors.
func contracts(company fs.FS) ([]contract, error) {
	vendors, err := vendorNames(company)
	if err != nil {
		return nil, err
	}
	data, err := fs.ReadFile(company, "contracts.csv")
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read contracts.csv: %w", err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	var out []contract
	for i, row := range rows[1:] {
		get := func(name string) string { return row[at[name]] }
		c := contract{key: get("key"), name: get("name"), number: get("number"), vendor: get("vendor"), centre: strings.TrimPrefix(get("cost_centre"), "cc-"), state: get("state")}
		c.covers = strings.Split(get("covers"), "; ")
		c.vendorName, c.vendorNumber = vendors[c.vendor][0], vendors[c.vendor][1]
		euros, _, _ := strings.Cut(get("annual_cost"), ".")
		n, err := strconv.Atoi(euros)
		if err != nil {
			return nil, fmt.Errorf("contracts.csv, line %d: annual_cost: %w", i+2, err)
		}
		c.annual = cents(n) * 100
		c.start, c.end = monthIn(get("start")), monthIn(get("end"))
		out = append(out, c)
	}
	return out, nil
}

// monthIn reads the month of a date, or 0 where there is none.
func monthIn(date string) month {
	if len(date) < 7 {
		return 0
	}
	y, _ := strconv.Atoi(date[:4])
	m, _ := strconv.Atoi(date[5:7])
	return monthOf(y, m)
}

// vendorNames reads names and numbers of vendors by key.
func vendorNames(company fs.FS) (map[string][2]string, error) {
	data, err := fs.ReadFile(company, "manifests/vendors.yaml")
	if err != nil {
		return nil, err
	}
	out := map[string][2]string{}
	for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var v struct{ Key, Name, Number string }
		err := dec.Decode(&v)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read manifests/vendors.yaml: %w", err)
		}
		out[v.Key] = [2]string{v.Name, v.Number}
	}
}

// The accounts of the ledger, by number.
var ledgerAccounts = map[string]string{
	"6000": "Salaries", "6310": "Consulting", "6320": "Managed services", "6410": "Software licences and maintenance", "6420": "Software as a service",
	"6430": "Cloud services", "6510": "Data centre rent and power", "6520": "Data centre upkeep", "6610": "Telecommunication", "6710": "Hardware maintenance",
	"6720": "Leasing and print", "6810": "Depreciation of hardware", "6910": "Training and travel", "6920": "Insurance and audit", "6950": "Fees of payment providers",
}

// accountOf says on which account the cost of a contract is booked. What is not here is software as a service.
var accountOf = map[string]string{
	"microsoft-365": "6420", "windows-server-sa": "6410", "oracle-support": "6410", "redhat-subscription": "6410", "vmware-subscription": "6410", "veeam-backup": "6410",
	"gitlab-premium": "6410", "grafana-enterprise": "6410", "elastic-siem": "6410", "quaysoft-terminal": "6410", "optigate-cameras": "6410", "mareveri-suite": "6410",
	"finhaven-erp": "6410", "foxsoft-maintenance": "6410", "tillkeeper-retail": "6410", "portguard-access": "6410", "customlink-tables": "6410", "edi-kontor-network": "6410",
	"keystone-signon": "6410", "dell-prosupport": "6710", "hpe-care": "6710", "netapp-support": "6710", "cisco-smartnet": "6710", "fortinet-bundle": "6710",
	"zebra-onecare": "6710", "adyen-acquiring": "6950", "kpn-wan": "6610", "telia-lines": "6610", "orange-lines": "6610", "northbay-lines": "6610", "skywake-satellite": "6610",
	"mobilis-fleet": "6610", "hammerbrook-colocation": "6510", "waalkracht-energy": "6510", "koelwacht-cooling": "6520", "brandlicht-fire": "6520", "baltcode-engineers": "6310",
	"rode-toren-testing": "6310", "meldkamer-soc": "6320", "crew-planner-care": "6320", "foxdesk-archive": "6320", "printvaart-printers": "6720", "werkplek-lease": "6720",
}

// billedMonthly are the contracts whose vendors send an invoice every month. The others are paid in advance and written off month by month.
var billedMonthly = []string{
	"kpn-wan", "telia-lines", "orange-lines", "northbay-lines", "skywake-satellite", "mobilis-fleet", "hammerbrook-colocation", "waalkracht-energy", "adyen-acquiring",
	"baltcode-engineers", "meldkamer-soc", "crew-planner-care", "werkplek-lease", "printvaart-printers",
}

// without are the contracts that had none before them.
var without = []string{"shiftly-rosterwise", "lantern-catalogue", "meldkamer-soc", "optigate-cameras"}

// team is a team as the books see it.
type team struct {
	key, name, centre string
	positions         int64
	position          cents // a year, as in manifests/organisation.yaml
}

var teams = []team{
	{"commerce", "Commerce", "2100", 13, 7_800_000}, {"passenger-booking", "Passenger Booking", "2000", 10, 7_400_000}, {"freight-systems", "Freight Systems", "2200", 11, 7_200_000},
	{"port-systems", "Port Systems", "2300", 10, 7_900_000}, {"fleet-systems", "Fleet Systems", "2400", 7, 8_100_000}, {"corporate-systems", "Corporate Systems", "3000", 9, 8_000_000},
	{"integration", "Integration", "2000", 6, 7_000_000}, {"data-platform", "Data Platform", "2000", 7, 7_600_000}, {"platform", "Platform", "1200", 8, 8_200_000},
	{"infrastructure", "Infrastructure", "1100", 14, 7_700_000}, {"service-desk", "Service Desk", "1130", 11, 5_800_000}, {"security", "Security", "1300", 6, 9_200_000},
	{"", "IT management", "1000", 5, 13_600_000},
}

// dollar is what a US dollar costs in euros, in ten-thousandths, by month from the first one.
var dollar = []int64{
	9410, 9545, 9660, 9602, 9254, 8917, 8868, 8680, 8561, 8592, 8524, 8597, 8650, 8541, 8520, 8466, 8602, 8577, 8549, 8633, 8702, 8688, 8745, 8791,
}

// euros turns dollars into euros at the rate of a month, to the cent.
func (c cents) euros(mon month) cents {
	n := int64(c) * dollar[mon-firstMonth]
	return cents((n + 5_000) / 10_000)
}

// posting is one line of the ledger.
type posting struct {
	on                            month
	day                           int
	account, centre, vendor, text string
	invoice, project              string
	amount                        cents
	contract                      string // key of the contract, for those who add up
}

// journal makes all postings of the two years.
func journal(cs []contract, cloud []invoiced) []posting {
	var out []posting
	for mon := firstMonth; mon <= lastMonth; mon++ {
		for _, t := range teams {
			out = append(out, t.salaries(mon))
		}
		for _, c := range cs {
			if p, ok := c.posting(mon); ok {
				out = append(out, p)
			}
		}
		out = append(out, otherPostings(mon)...)
		for _, in := range cloud {
			if in.month != mon {
				continue
			}
			amount := in.amount
			if in.provider.currency == "USD" {
				amount = amount.euros(mon)
			}
			out = append(out, posting{on: mon, day: 28, account: "6430", centre: "1200", vendor: in.provider.issuer, text: "Cloud invoice of " + mon.words(), invoice: in.number, amount: amount})
		}
	}
	return out
}

// salaries books a team: a twelfth of the year, three percent more each January, and the holiday allowance in May.
func (t team) salaries(mon month) posting {
	year := int64(t.position) * t.positions
	for y := 2026; y > mon.year(); y-- {
		year = year * 100 / 103
	}
	amount := year / 13
	if mon.number() == 5 {
		amount = year - 11*amount
	}
	if k := noise(t.name + mon.String()); k > 500 { // somebody has not been replaced yet
		amount -= amount / t.positions
	}
	return posting{on: mon, day: 25, account: "6000", centre: t.centre, text: "Salaries " + t.name + ", " + mon.words(), amount: cents(amount)}
}

// posting books a month of a contract.
func (c contract) posting(mon month) (posting, bool) {
	started := mon >= c.start
	ended := c.end != 0 && mon > c.end && (c.state == "ended" || c.state == "terminated")
	if c.key == "aws-enterprise" || c.key == "azure-enterprise" || c.state == "draft" || ended || !started && slices.Contains(without, c.key) {
		return posting{}, false
	}
	year := c.annual
	if !started {
		year = year * 97 / 100
		if c.key == "baltcode-engineers" {
			year = c.annual * 4 / 6
		}
	}
	amount := spread(year, mon.number()-1, 12)
	if c.key == "adyen-acquiring" {
		amount = year / 12 * cents(season[mon.number()-1]) / 100
	}
	account := accountOf[c.key]
	if account == "" {
		account = "6420"
	}
	p := posting{on: mon, day: 20, account: account, centre: c.centre, vendor: c.vendorName, text: c.number + " " + c.name, amount: amount, contract: c.key}
	if slices.Contains(billedMonthly, c.key) {
		p.day, p.invoice = 12, fmt.Sprintf("%s-%d%02d", c.vendorNumber, mon.year(), mon.number())
		if c.key == "crew-planner-care" {
			p.invoice += "-C"
		}
	}
	return p, true
}

// depreciation is what is written off in a month, by cost centre, from a month on.
var depreciation = []struct {
	centre, what string
	from         month
	amount       cents
}{
	{"1110", "servers and storage", firstMonth, 2_140_000}, {"1120", "network", firstMonth, 930_000}, {"1130", "workplaces", firstMonth, 520_000},
	{"2300", "gates and kiosks", firstMonth, 760_000}, {"2300", "gates of the renewal", monthOf(2026, 2), 610_000}, {"2400", "equipment on board", firstMonth, 400_000},
}

// gateOverrun is what the advisers of the gate renewal sent, in thousands of euros, for each month of 2026. Ten a month were planned.
var gateOverrun = []cents{12, 19, 24, 31, 36, 41, 38, 44, 39, 34}

// otherPostings books what follows from no contract.
func otherPostings(mon month) []posting {
	var out []posting
	for _, d := range depreciation {
		if mon >= d.from {
			out = append(out, posting{on: mon, day: mon.days(), account: "6810", centre: d.centre, text: "Depreciation of " + d.what, amount: d.amount})
		}
	}
	add := func(day int, account, centre, vendor, text, project, invoice string, amount cents) {
		out = append(out, posting{on: mon, day: day, account: account, centre: centre, vendor: vendor, text: text, project: project, invoice: invoice, amount: amount})
	}
	id := func(vendor string) string { return fmt.Sprintf("%s-%d%02d", vendor, mon.year(), mon.number()) }
	gate := cents(900_000)
	if mon.year() == 2026 {
		gate = gateOverrun[mon.number()-1] * 100_000
	}
	add(16, "6310", "2300", "Dijkstra & Partners", "Advisers of the terminal gate renewal", "terminal-gate-renewal", id("gate"), gate)
	if mon >= monthOf(2025, 4) {
		add(17, "6310", "2400", "Dijkstra & Partners", "Keeping the two rosters in step by hand", "one-roster", id("rosters"), 620_000)
	}
	add(18, "6310", "2000", "Bytefabrik Cloud GmbH", "Architects of the booking modules", "booking-engine-modules", id("modules"), 1_850_000+cents(noise("modules"+mon.String()))*200)
	add(21, "6310", "2200", "Baltcode Sp. z o.o.", "Freight platform, work by the day", "freight-platform", id("freight"), 1_420_000+cents(noise("freight"+mon.String()))*150)
	add(22, "6910", "1000", "", "Training and travel", "", "", 640_000+cents(noise("travel"+mon.String()))*120)
	add(23, "6920", "1000", "Hafen Versicherung AG", "Insurance against attacks", "", "", 520_000)
	if mon.number() == 3 {
		add(30, "6920", "1300", "Certiva Audit", "Audit of the year", "", id("audit"), 3_800_000)
	}
	if mon == monthOf(2025, 9) {
		add(24, "6610", "1120", "KPN", "Credit note: line to Zeebrugge was down for nine days", "", "", -840_000)
	}
	if mon == monthOf(2026, 4) {
		add(9, "6410", "1110", "Veeam Software", "Posted twice by mistake", "", "", 349_167)
		add(28, "6410", "1110", "Veeam Software", "Reversal of the posting of 9 April", "", "", -349_167)
	}
	return out
}

// ledgers returns the ledger, one file for each calendar year.
func ledgers(postings []posting) map[string]*table {
	out := map[string]*table{}
	for _, p := range postings {
		name := fmt.Sprintf("ledger/%d.csv", p.on.year())
		t := out[name]
		if t == nil {
			t = &table{header: []string{"Posting date", "Account", "Account name", "Cost centre", "Vendor", "Text", "Invoice number", "Project", "Amount", "Currency"}}
			out[name] = t
		}
		t.add(p.on.day(p.day), p.account, ledgerAccounts[p.account], p.centre, p.vendor, p.text, p.invoice, p.project, p.amount.String(), "EUR")
	}
	return out
}
