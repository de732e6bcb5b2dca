package main

import "fmt"

// use is what was measured of one thing by one user, in the last month, with how it got there.
type use struct {
	subject, user, metric, unit string
	last                        int64 // in October 2026
	growth                      int64 // a month, in hundredths of a percent; negative where use falls
	shape                       int
	from                        month
}

// measures are the counters that the systems of Halyard Lines hand out.
var measures = []use{
	// Who works the shared databases, the bus and the clusters: the drivers of allocations.
	{subject: "Service/core-database", user: "Application/booking-engine", metric: "database_hours", unit: "h", last: 5210, growth: 30, shape: guests},
	{subject: "Service/core-database", user: "Application/web-shop", metric: "database_hours", unit: "h", last: 3140, growth: 90, shape: guests},
	{subject: "Service/core-database", user: "Application/freight-booking", metric: "database_hours", unit: "h", last: 2650, growth: 20},
	{subject: "Service/postgres-cluster", user: "Application/payment-hub", metric: "database_hours", unit: "h", last: 1480, growth: 60, shape: guests},
	{subject: "Service/postgres-cluster", user: "Application/fare-engine", metric: "database_hours", unit: "h", last: 1210, growth: 70, shape: guests},
	{subject: "Service/postgres-cluster", user: "Application/freight-invoicing", metric: "database_hours", unit: "h", last: 640},
	{subject: "Service/postgres-cluster", user: "Application/dangerous-goods", metric: "database_hours", unit: "h", last: 520},
	{subject: "Service/postgres-cluster", user: "Application/voyage-optimiser", metric: "database_hours", unit: "h", last: 470, growth: 50},
	{subject: "Service/postgres-cluster", user: "Application/sign-on", metric: "database_hours", unit: "h", last: 330},
	{subject: "Service/sql-server-cluster", user: "Application/terminal-system", metric: "database_hours", unit: "h", last: 2320},
	{subject: "Service/sql-server-cluster", user: "Application/gate-control", metric: "database_hours", unit: "h", last: 1190, growth: 40},
	{subject: "Service/sql-server-cluster", user: "Application/boarding-control", metric: "database_hours", unit: "h", last: 870, shape: guests},
	{subject: "Service/sql-server-cluster", user: "Application/onboard-tills", metric: "database_hours", unit: "h", last: 940, shape: guests},
	{subject: "Application/harbour-bus", user: "Application/booking-engine", metric: "messages", unit: "1000", last: 48_200, growth: 60, shape: guests},
	{subject: "Application/harbour-bus", user: "Application/freight-booking", metric: "messages", unit: "1000", last: 31_900, growth: 20},
	{subject: "Application/harbour-bus", user: "Application/edi-hub", metric: "messages", unit: "1000", last: 22_400},
	{subject: "Application/harbour-bus", user: "Application/dangerous-goods", metric: "messages", unit: "1000", last: 6_300},
	{subject: "Application/booking-engine", user: "Application/mobile-app", metric: "api_calls", unit: "1000", last: 93_400, growth: 150, shape: guests},
	{subject: "Application/booking-engine", user: "Application/web-shop", metric: "api_calls", unit: "1000", last: 71_800, growth: 60, shape: guests},
	{subject: "Application/booking-engine", user: "Application/check-in-kiosk", metric: "api_calls", unit: "1000", last: 18_900, shape: guests},
	{subject: "Application/fare-engine", user: "Application/web-shop", metric: "api_calls", unit: "1000", last: 54_100, growth: 80, shape: guests},
	{subject: "Application/payment-hub", user: "Application/web-shop", metric: "api_calls", unit: "1000", last: 2_310, growth: 60, shape: guests},
	{subject: "Application/payment-hub", user: "Application/gift-shop", metric: "api_calls", unit: "1000", last: 190, growth: 120},
	{subject: "Application/freight-portal", metric: "api_calls", unit: "1000", last: 9_800, growth: 40},
	// Bookings and sailings: what a unit of the business is.
	{subject: "Product/passenger-crossings", metric: "bookings", unit: "bookings", last: 98_400, growth: 40, shape: guests},
	{subject: "Product/freight-lanes", metric: "trailers", unit: "trailers", last: 16_190, growth: 15},
	{subject: "Product/halyard-goods", metric: "orders", unit: "orders", last: 7_350, growth: 90, shape: guests},
	// People who signed in during the month, by application and by licence.
	{subject: "Application/crew-planner", metric: "users", unit: "people", last: 226},
	{subject: "Application/rosterwise", metric: "users", unit: "people", last: 541, growth: 60, from: monthOf(2025, 4)},
	{subject: "Application/learning-hub", metric: "users", unit: "people", last: 58, growth: -320, from: monthOf(2025, 3)},
	{subject: "Application/insight-bi", metric: "users", unit: "people", last: 238, growth: 60},
	{subject: "Application/docuhaven-workspace", metric: "users", unit: "people", last: 611},
	{subject: "Application/document-archive", metric: "users", unit: "people", last: 41, growth: -250},
	{subject: "Application/fox-reports", metric: "users", unit: "people", last: 37, growth: -280},
	{subject: "Licence/lantern-seats", metric: "users", unit: "people", last: 58, growth: -320, from: monthOf(2025, 3)},
	{subject: "Licence/rosterwise-crew", metric: "users", unit: "people", last: 541, growth: 60, from: monthOf(2025, 4)},
	{subject: "Licence/m365-e5", metric: "users", unit: "people", last: 312},
	{subject: "Licence/m365-f3", metric: "users", unit: "people", last: 548},
	{subject: "Licence/windows-rds", metric: "users", unit: "people", last: 113},
	{subject: "Licence/gitlab-seats", metric: "users", unit: "people", last: 103},
	{subject: "Licence/grafana-seats", metric: "users", unit: "people", last: 74},
	{subject: "Licence/jsm-agents", metric: "users", unit: "people", last: 39},
	{subject: "Licence/confluence-users", metric: "users", unit: "people", last: 244},
	{subject: "Licence/quaysoft-tos-users", metric: "concurrent", unit: "people", last: 207},
	{subject: "Licence/rhel-server", metric: "licences", unit: "subscriptions", last: 14},
	{subject: "Licence/oracle-ee", metric: "licences", unit: "processors", last: 42},
	{subject: "Licence/oracle-diagnostics", metric: "licences", unit: "processors", last: 42},
	{subject: "Licence/veeam-vul", metric: "licences", unit: "machines", last: 172},
	{subject: "Licence/optigate-lanes", metric: "points", unit: "lanes", last: 44},
	{subject: "Licence/voxline-seats", metric: "concurrent", unit: "people", last: 80},
	{subject: "Licence/peoplekeel-employees", metric: "users", unit: "people", last: 883},
	{subject: "Licence/finhaven-named", metric: "users", unit: "people", last: 133},
	{subject: "Licence/finhaven-treasury", metric: "users", unit: "people", last: 6},
	{subject: "Licence/docuhaven-seats", metric: "users", unit: "people", last: 611},
	{subject: "Licence/insight-viewers", metric: "users", unit: "people", last: 238, growth: 60},
	{subject: "Licence/keystone-users", metric: "users", unit: "people", last: 1_047},
}

// working are cloud resources whose requests are counted. The pilot of the tills has counters too: they stand still since the project was stopped.
var working = []struct {
	key  string
	last int64
}{
	{"app-gateway", 640_000}, {"app-functions-booking", 310_000}, {"app-profiles", 290_000}, {"shop-search", 210_000}, {"gift-shop-cluster", 8_400}, {"gift-shop-db", 31_000},
	{"loyalty-db", 26_000}, {"wifi-portal-cluster", 19_000}, {"lake-warehouse", 4_100}, {"lake-notebooks", 2_700}, {"track-hub", 88_000}, {"track-store", 61_000},
	{"azure-sentinel", 9_200}, {"sandbox-eks", 1_900}, {"sandbox-runner-01", 740}, {"sandbox-runner-02", 610},
}

var pilot = []string{"cluster", "sql", "documents", "cache", "disks", "gateway", "firewall", "stream", "logs", "backup"}

// pilotEnds is the last month in which a till of the pilot spoke with the cloud.
var pilotEnds = monthOf(2026, 1)

// seats are licences whose sign-ins are known by person.
var seats = []struct {
	licence string
	people  []string
	idle    int // the last so many never sign in any more
}{
	{"Licence/gitlab-seats", []string{"rdevries", "anowak", "pzielinski", "klewandowski", "dmulder", "ekaminska", "jkok", "omazur", "ksorensen", "wbakker", "hvirtanen", "bkowalczyk",
		"jwisniewski", "mgrabowska", "adombrowski", "mwrobel", "mlaine", "fbaran", "dkazlauskas", "ksikora", "nfernandes", "wduda", "lbrandt", "awilk", "jscholten", "hbakker"}, 2},
	{"Licence/grafana-seats", []string{"lbrandt", "awilk", "ngorska", "swillemsen", "jczarnecki", "wdekker", "helamrani", "rschouten", "dvos", "klorenzen", "ybenali", "rbrouwer"}, 1},
}

// usage returns the table of measured use.
func usage() *table {
	t := &table{header: []string{"subject", "user", "metric", "unit", "from", "until", "quantity"}}
	add := func(mon month, subject, user, metric, unit string, quantity int64) {
		t.add(subject, user, metric, unit, mon.day(1), mon.last(), fmt.Sprint(quantity))
	}
	for mon := firstMonth; mon <= lastMonth; mon++ {
		back := int64(lastMonth - mon)
		for _, u := range measures {
			if mon < u.from {
				continue
			}
			q := u.last * 10_000 / (10_000 + u.growth*back)
			if u.shape == guests {
				q = q * season[mon.number()-1] / season[lastMonth.number()-1]
			}
			if back > 0 && u.metric != "licences" {
				q += q * noise(u.subject+u.user+u.metric+mon.String()) / 60_000
			}
			add(mon, u.subject, u.user, u.metric, u.unit, q)
		}
		for _, w := range working {
			add(mon, "CloudResource/"+w.key, "", "requests", "1000", w.last+w.last*noise(w.key+mon.String())/20_000)
		}
		for i, key := range pilot {
			if mon < tillsPilot {
				continue
			}
			q := int64(0)
			if mon <= pilotEnds {
				q = int64(1200-90*i) + noise(key+mon.String())/20
			}
			add(mon, "CloudResource/tills-pilot-"+key, "", "requests", "1000", q)
		}
		if back >= 6 {
			continue
		}
		for _, s := range seats {
			for i, p := range s.people {
				q := 9 + (noise(p+mon.String())+1000)/130
				if i >= len(s.people)-s.idle {
					q = 0
				}
				add(mon, s.licence, "Person/"+p, "logins", "logins", q)
			}
		}
	}
	return t
}
