package access

import (
	"fmt"
	"strings"

	"binnacle/model"
)

// position is a role as it is delivered. Each line is "kinds: read write approve".
type position struct {
	key, name, about string
	face             model.Face
	lines            string
	powers           string
}

// everyone is what every position may do: look something up, and keep one's own notes.
const everyone = `
Knowledge:    all own own
SavedView:    all own own
Board:        all own own
Scenario:     all own own`

// A bill or a ledger is one record, so that whoever reads it reads what every team
// in it costs, and in a ledger what people are paid. It is therefore read by those who answer for money, contracts or the estate
// as a whole, and by nobody else: not by an engineer, who may be given the line "Load: all none none" where a company shows everybody what
// the cloud costs, and not by an employee. Those who see budgets and cases of their own need the words that these are written in.

// books is what somebody needs to understand a budget or a case of their own: no amount of anybody else is in it.
const books = `
Finance:        own own none
FiscalCalendar: all none none
ExchangeRate:   all none none
CostPool:       all none none
ResourceTower:  all none none`

// positions are the roles that Binnacle comes with. An organisation changes them as records, without a release.
var positions = []position{
	{"administrator", "Administrator", "Manages accounts, roles, feeds and kinds, and sees what is not confidential.", "both", `
		*:        all own none
		Binnacle: all all all`, "administers imports"},
	{"cio", "CIO", "Answers for the inward face: operations, budgets, security, compliance, vendors, life cycle.", "inward", `
		*: all all all`, "confidential imports"},
	{"cto", "CTO", "Answers for the outward face: technology, products, standards, research, partners.", "outward", `
		*: all all all
		Finance: all own own`, "confidential imports"},
	{"ceo", "CEO", "Sees all that the offices answer for, and approves of goals and initiatives.", "both", `
		*:            all none none
		Strategy:     all all all
		Offices:      all all all
		Budget:       all none all
		BusinessCase: all none all`, "confidential"},
	{"cmo", "CMO", "Works on products, goals and what technology does for the market.", "outward", `
		*:        all none none
		Products: all all own
		Strategy: all own own
		Assets:   none none none`, ""},
	{"enterprise-architect", "Enterprise architect", "Keeps the picture of applications, technology and infrastructure.", "both", `
		*:              all own none
		Applications:   all all all
		Technology:     all all all
		Infrastructure: all all own
		Strategy:       all own own
		Scenario:       all all all`, "imports"},
	{"finance", "Finance", "Keeps cost centres, bills, budgets, contracts and what things cost.", "inward", `
		*:          all none none
		Finance:    all all all
		CostCentre: all all all
		Suppliers:  all all own
		Assets:     all all own`, "imports"},
	{"security-officer", "Security officer", "Answers for security across the estate, and reads what is confidential.", "inward", `
		*:              all own own
		Infrastructure: all all own
		Applications:   all all own
		Technology:     all all own
		Assets:         all all own
		Knowledge:      all all all`, "confidential imports"},
	{"compliance-officer", "Compliance officer", "Shows that rules are followed: policies, data, vendors.", "inward", `
		*:         all own own
		DataSet:   all all own
		Knowledge: all all all
		Access:    all none none`, "confidential imports"},
	{"vendor-manager", "Vendor manager", "Keeps vendors, contracts, orders and invoices.", "inward", `
		*:             all own none
		Suppliers:     all all all
		Invoice:       all all all
		PurchaseOrder: all all all
		Licence:       all all own`, "imports"},
	{"project-manager", "Project manager", "Leads projects and initiatives.", "both", `
		*:         all own none
		Project:   all all own
		Initiative: all own own
		Suppliers: own own none` + books, ""},
	{"service-desk", "Service desk", "Helps people and keeps assets and machines up to date.", "inward", `
		*:              all none none
		Assets:         all all own
		Infrastructure: all all none
		Suppliers:      none none none
		Finance:        none none none
		Strategy:       none none none
		Offices:        none none none`, "imports"},
	{"engineer", "Engineer", "Builds and runs applications, and keeps those of the own team.", "outward", `
		*:              all own own
		Suppliers:      own own none
		CostCentre:     none none none
		Offices:        none none none` + books, "imports"},
	{"product-manager", "Product manager", "Answers for products and what customers get.", "outward", `
		*:          all own none
		Products:   all all own
		Strategy:   all own own
		Suppliers:  own none none
		CostCentre: none none none` + books, ""},
	{"employee", "Employee", "Looks up people, services and knowledge, and sees what is one's own, such as the laptop.", "both", `
		*:            own none none
		Finance:      none none none
		Suppliers:    none none none
		Licence:      none none none
		Stocktake:    none none none
		Organisation: all none none
		CostCentre:   none none none
		Service:      all none none
		Application:  all none none`, ""},
	{"auditor", "Auditor", "Reads everything and changes nothing.", "both", `
		*:      all none none
		Access: all none none`, "confidential reading"},
}

// DeliveredRoles returns the roles that Binnacle comes with, as records without ids.
func DeliveredRoles() []*model.Role {
	var out []*model.Role
	for _, p := range positions {
		r := &model.Role{Face: p.face}
		r.Key, r.Name, r.Description = p.key, p.name, p.about
		lines := p.lines
		if !strings.Contains(p.powers, "reading") && !strings.Contains(p.lines, "*: all all all") {
			lines = everyone + lines
		}
		seen := map[string]int{}
		for line := range strings.Lines(lines) {
			kinds, rest, ok := strings.Cut(strings.TrimSpace(line), ":")
			if !ok {
				continue
			}
			var read, write, approve model.Extent
			if _, err := fmt.Sscan(rest, &read, &write, &approve); err != nil {
				panic("the line " + line + " of the role " + p.key + " is not three extents")
			}
			perm := model.Permission{Kinds: kinds, Read: read, Write: write, Approve: approve}
			if at, ok := seen[kinds]; ok {
				r.Permissions[at] = perm
				continue
			}
			seen[kinds] = len(r.Permissions)
			r.Permissions = append(r.Permissions, perm)
		}
		for power := range strings.FieldsSeq(p.powers) {
			switch power {
			case "confidential":
				r.ReadsConfidential = true
			case "imports":
				r.Imports = true
			case "administers":
				r.Administers = true
			case "second-factor":
				r.SecondFactor = true
			}
		}
		out = append(out, r)
	}
	return out
}
