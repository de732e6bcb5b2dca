package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// colleague is a person of people.yaml, as far as accounts go by it.
type colleague struct {
	Kind, Key, Name, Email, Position, Manager, Team string
	EmployeeNumber                                  string `yaml:"employee_number"`
	Joined, Left                                    string
}

// colleagues reads the people, in the order of the file.
func colleagues(company fs.FS) ([]colleague, error) {
	data, err := fs.ReadFile(company, "manifests/people.yaml")
	if err != nil {
		return nil, err
	}
	var out []colleague
	for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var c colleague
		err := dec.Decode(&c)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read manifests/people.yaml: %w", err)
		}
		out = append(out, c)
	}
}

// right is what people of some teams or of some names have in a system.
type right struct {
	name, sort string
	privileged bool
	// teams have it as a whole; everybody stands for all. people are further ones, by key.
	teams, people string
}

// exported is a system that writes down who may do what in it.
type exported struct {
	key    string
	rights []right
	// others are accounts that are not those of somebody who works here, and exact ones that differ from what the others look like.
	others []login
}

// login is an account with what is told of it. What is not told is worked out.
type login struct {
	account, person, right, sort, state, kind, signedIn, used, granted, factor string
	privileged                                                                 bool
}

// everybody stands for all teams.
const everybody = "everybody"

// exports are the systems, each with one table.
var exports = []exported{
	{"sign-on", []right{
		{"Staff", "group", false, everybody, ""},
		{"Desk operator", "role", false, "service-desk", ""},
		{"Sign-on administrator", "role", true, "", "rfuchs avink tostrowski rschouten"},
	}, []login{
		{account: "hbakker", person: "hbakker", right: "Staff", sort: "group", signedIn: "2026-05-11"},
		{account: "rbrouwer", person: "rbrouwer", right: "Staff", sort: "group", state: "disabled", signedIn: "2026-09-30"},
		{account: "breakglass-1", right: "Sign-on administrator", sort: "role", kind: "emergency", signedIn: "2026-01-19", factor: "yes", privileged: true},
	}},
	{"code-forge", []right{
		{"Developer", "role", false, "commerce passenger-booking freight-systems port-systems fleet-systems integration data-platform platform", ""},
		{"Maintainer", "role", false, "", "anowak pzielinski wbakker hvirtanen jwisniewski kszymanska mwrobel pkrawczyk gozolina fbaran ksikora tvandijk wduda mstepien msobczak swillemsen"},
		{"Production deployer", "role", true, "", "awilk ngorska tdeboer fweiss"},
		{"Forge administrator", "role", true, "", "msobczak lbrandt"},
	}, []login{
		{account: "hbakker", person: "hbakker", right: "Maintainer", sort: "role", signedIn: "2026-04-02"},
		{account: "jdijkstra", right: "Developer", sort: "role", signedIn: "2025-12-18"},
		{account: "pipeline", right: "Production deployer", sort: "role", kind: "service", signedIn: "2026-11-20", privileged: true},
	}},
	{"erp", []right{
		{"Books reader", "role", false, "", "lsmit mwillems pvandenberg hschulz tbecker bwagner akrol jreus"},
		{"Payables clerk", "role", false, "", "bwagner tbecker wpostma"},
		{"Vendor keeper", "role", false, "", "mwillems bwagner skrause"},
		{"Payment approver", "role", false, "", "pvandenberg bwagner wpostma"},
		{"Finance managers", "group", false, "", "skrause pvandenberg"},
		{"ERP administrator", "role", true, "", "hschulz tbecker"},
	}, []login{
		{account: "skrause", person: "skrause", right: "Payment approver", sort: "role", used: "2026-10-28", granted: "2026-02-02"},
		{account: "fin-test", right: "Payables clerk", sort: "role", signedIn: "2025-03-04"},
		{account: "nightly", right: "Books reader", sort: "role", kind: "service", signedIn: "2026-11-20"},
	}},
	{"payroll-run", []right{
		{"Salary editor", "role", false, "", "idegraaf ivermeer"},
		{"Run releaser", "role", false, "", "skrause"},
		{"Pay slip reader", "role", false, "", "ivermeer pvandenberg lsmit"},
	}, []login{
		{account: "idegraaf", person: "idegraaf", right: "Run releaser", sort: "role", used: "no", granted: "2025-08-04"},
	}},
	{"booking-engine", []right{
		{"Booking clerk", "role", false, "passenger-booking", "shendriks vblom"},
		{"Refund approver", "role", false, "", "nhofmann ptimmermans"},
		{"Booking administrator", "role", true, "", "wbakker ksorensen helamrani"},
	}, []login{
		{account: "kverbeek", person: "kverbeek", right: "Booking clerk", sort: "role", signedIn: "2026-02-11"},
		{account: "till-sync", right: "Booking clerk", sort: "role", kind: "service", signedIn: "2026-11-20"},
	}},
	{"customs-gateway", []right{
		{"Declarant", "role", false, "", "smaas dvogel apetersen"},
		{"Gateway administrator", "role", true, "", "jwisniewski"},
	}, []login{
		{account: "hbakker", person: "hbakker", right: "Gateway administrator", sort: "role", signedIn: "2026-10-30", factor: "no", privileged: true},
		{account: "customs", right: "Declarant", sort: "role", kind: "shared", signedIn: "2026-11-20"},
	}},
	{"aws-commerce", []right{
		{"Cloud reader", "role", false, "commerce platform", "lsmit"},
		{"Cloud engineer", "role", false, "platform", "anowak"},
		{"Account administrator", "role", true, "", "lbrandt swillemsen jczarnecki"},
	}, []login{
		{account: "demo-day", right: "Account administrator", sort: "role", granted: "2024-05-27", signedIn: "2024-06-12", factor: "no", privileged: true},
		{account: "sclaes", person: "sclaes", right: "Cloud engineer", sort: "role", signedIn: "2026-06-22", granted: "2024-03-11"},
	}},
}

// oneFactor are accounts that sign in with a password alone where it matters.
const oneFactor = "rschouten helamrani wbakker"

// away are accounts that were not used for long though somebody who works here has them.
var away = map[string]string{"erp akrol": "2026-04-17", "code-forge vkramer": "2026-01-29", "booking-engine leriksen": "2026-06-30", "aws-commerce bjacobs": ""}

// grants makes the table of each system.
func grants(people []colleague) map[string]*table {
	out := map[string]*table{}
	for _, s := range exports {
		t := &table{header: []string{"system", "account", "name", "email", "employee number", "state", "account type", "second factor", "opened", "last sign-in", "entitlement", "entitlement type", "privileged", "granted", "last used", "used"}}
		strong := map[string]bool{}
		for _, r := range s.rights {
			for _, p := range people {
				if r.privileged && r.has(p) {
					strong[p.Key] = true
				}
			}
		}
		for _, p := range people {
			for _, r := range s.rights {
				if p.Kind == "Person" && p.Left == "" && r.has(p) {
					t.add(s.row(p, login{account: p.Key, person: p.Key, right: r.name, sort: r.sort, privileged: r.privileged}, strong[p.Key])...)
				}
			}
			for _, l := range s.others {
				if l.person != "" && l.person == p.Key {
					t.add(s.row(p, l, strong[p.Key])...)
				}
			}
		}
		for _, l := range s.others {
			if l.person == "" {
				t.add(s.row(colleague{}, l, l.privileged)...)
			}
		}
		out["grants/"+s.key+".csv"] = t
	}
	return out
}

// has reports whether a person has a right.
func (r right) has(p colleague) bool {
	return r.teams == everybody || slices.Contains(strings.Fields(r.teams), p.Team) && p.Team != "" || slices.Contains(strings.Fields(r.people), p.Key)
}

// lastDay is the day before that of the exports, counted from which somebody signed in so many days ago.
var lastDay = time.Date(2026, time.November, 20, 0, 0, 0, 0, time.UTC)

// row writes one row. Days that are not told follow from the names, the same ones each time.
func (s exported) row(p colleague, l login, strong bool) []string {
	seed := func(what string, most int64) int64 { return (noise(s.key+l.account+what) + 1000) % most }
	signedIn := lastDay.AddDate(0, 0, -int(seed("in", 18))).Format(time.DateOnly)
	if day, ok := away[s.key+" "+l.account]; ok {
		signedIn = day
	}
	if l.signedIn != "" {
		signedIn = l.signedIn
	}
	opened := "2018-10-01"
	if p.Joined > opened {
		opened = p.Joined
	}
	granted := l.granted
	if granted == "" {
		day, _ := time.Parse(time.DateOnly, opened)
		granted = day.AddDate(0, 0, int(seed(l.right, 240))).Format(time.DateOnly)
	}
	used, ever := signedIn, "yes"
	switch l.used {
	case "no":
		used, ever = "", "no"
	case "":
	default:
		used = l.used
	}
	if used == "" {
		ever = "no"
	}
	factor := l.factor
	if factor == "" {
		factor = "yes"
		if slices.Contains(strings.Fields(oneFactor), l.account) && strong || l.kind == "service" || l.kind == "shared" {
			factor = "no"
		}
	}
	state, kind, yes := l.state, l.kind, "no"
	if state == "" {
		state = "active"
	}
	if kind == "" {
		kind = "person"
	}
	if l.privileged {
		yes = "yes"
	}
	return []string{s.key, l.account, p.Name, p.Email, p.EmployeeNumber, state, kind, factor, opened, signedIn, l.right, l.sort, yes, granted, used, ever}
}
