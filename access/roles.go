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

// everyone is what every position may do: look something up, keep one's own notes, and do what security asks of everybody.
const everyone = `
Knowledge:           all own own
SavedView:           all own own
Board:               all own own
Scenario:            all own own
Policy:              all none none
Attestation:         own own none
AwarenessCampaign:   all none none
TrainingRecord:      own none none
CalibrationQuestion: all none none
CalibrationRound:    own own none
SecurityIncident:    own own none
Exception:           own own none
AuditRequest:        own own none
AccessReview:        all none none
ReviewDecision:      own own none
RadarVote:           all own none
DecisionMatrix:      all none none
MatrixScoring:       own own none
Idea:                own own none
SkillLevel:          own own none
LearningItem:        own own none
EventReceiver:       none none none`

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

// The accounts of people in other systems, with when each signed in last, and what people ask about their own data are read by those who
// answer for them, and by nobody else.

// discreet is what those see of persons who need to know only what is processed and what can be granted.
const discreet = `
Privacy:            all none none
DataSubjectRequest: none none none
Identity:           none none none
Entitlement:        all none none
DutyFunction:       all none none
DutyRule:           all none none`

// away keeps out those who have nothing to do with the data of persons and with accounts.
const away = `
Privacy:  none none none
Identity: none none none`

// Everybody votes on the radar, scores what one is asked to score, sends in ideas, and sees what one can do oneself and learns; who leads somebody sees and assesses that person too. What
// customers ask for is written in ideas with what it is worth, so that nobody but those who answer for products, for customers or for money
// reads those of others. Addresses at which pipelines tell what they do are for those who administer.

// inside keeps out those who have nothing to do with what each customer pays and with what is looked into about a partner. What a
// product earns is read by those who build it and run it.
const inside = `
Customer: none none none
Partners: own own none`

// looked is what everybody reads who steers nothing: the radar, how things are decided and done here, and what people can learn. Not what the company bets on a technology, nor the
// components of its software, from which its holes can be told.
const looked = `
Technology:    all none none
Component:     none none none
TechnologyBet: none none none
Standards:     all none none
Skill:         all none none`

// positions are the roles that Binnacle comes with. An organisation changes them as records, without a release. None of them both writes
// control tests and approves exceptions from them.
var positions = []position{
	{"administrator", "Administrator", "Manages accounts, roles, feeds and kinds, and sees what is not confidential.", "both", `
		*:        all own none
		Binnacle: all all all` + discreet + inside, "administers imports"},
	{"cio", "CIO", "Answers for the inward face: operations, budgets, security, compliance, vendors, life cycle.", "inward", `
		*: all all all
		ControlTest: all none none`, "confidential imports"},
	{"cto", "CTO", "Answers for the outward face: technology, products, standards, research, partners.", "outward", `
		*: all all all
		Finance: all own own
		ControlTest: all none none
		Observation: all none none
		DataSubjectRequest: none none none
		Identity: all own none`, "confidential imports"},
	{"ceo", "CEO", "Sees all that the offices answer for, and approves of goals and initiatives.", "both", `
		*:            all none none
		Strategy:     all all all
		Offices:      all all all
		Risk:         all own all
		RiskAppetite: all all all
		Budget:       all none all
		BusinessCase: all none all
		TechnologyBet: all none all
		Idea:         all own none` + discreet, "confidential"},
	{"cmo", "CMO", "Works on products, goals and what technology does for the market.", "outward", `
		*:        all none none
		Products: all all own
		Idea:     all all own
		Trend:    all all own
		Partners: all own none
		Strategy: all own own
		Assets:   none none none
		Security: none none none` + away, ""},
	{"enterprise-architect", "Enterprise architect", "Keeps the picture of applications, technology and infrastructure.", "both", `
		*:              all own none
		Applications:   all all all
		Technology:     all all all
		Infrastructure: all all own
		Strategy:       all own own
		Research:       all all own
		DecisionMatrix: all all own
		MatrixScoring:  all own none
		Standards:      all all own
		Delivery:       all all own
		RoadmapItem:    all all none
		Customer:       none none none
		PartnerAgreement: own own none
		Scenario:       all all all` + discreet, "imports"},
	{"finance", "Finance", "Keeps cost centres, bills, budgets, contracts and what things cost.", "inward", `
		*:          all none none
		Finance:    all all all
		CostCentre: all all all
		Suppliers:  all all own
		Assets:     all all own
		Risk:       all own none
		Idea:       all own none
		Security:   none none none` + away, "imports"},
	{"security-officer", "Security officer (CISO)", "Answers for security across the estate, approves exceptions, and reads what is confidential.", "inward", `
		*:                all own own
		Infrastructure:   all all own
		Applications:     all all own
		Technology:       all all own
		Assets:           all all own
		Risk:             all all own
		Security:         all all all
		ReleaseGate:      all all own
		SecurityIncident: all all all
		Policy:           all all all
		Attestation:      all own none
		AwarenessCampaign: all all all
		TrainingRecord:   all all all
		Compliance:       all all own
		ControlTest:      all none none
		Observation:      all none none
		Exception:        all all all
		AuditRequest:     all all none
		Identity:         all all own
		AccessReview:     all all own
		ReviewDecision:   all all none
		DataSubjectRequest: none none none
		Knowledge:        all all all`, "confidential imports"},
	{"security-engineer", "Security engineer", "Works on vulnerabilities, findings of scanners, incidents and certificates.", "inward", `
		*:                all own none
		Security:         all all own
		SecurityIncident: all all none
		Policy:           all own none
		TrainingRecord:   own none none
		Finding:          all all none
		PlanItem:         all all none
		Risk:             all own none
		UserAccount:      all none none
		Suppliers:        own none none
		CostCentre:       none none none` + books + discreet + inside, "imports"},
	{"risk-manager", "Risk manager", "Keeps the register of risks with their causes, the matrix and what was accepted.", "both", `
		*:         all own none
		Risk:      all all all
		CalibrationRound: all own none
		Finding:   all own none
		PlanItem:  all all own
		Exception: all own none
		SecurityIncident: all own none` + discreet, "confidential imports"},
	{"compliance-officer", "Compliance officer", "Shows that rules are followed: policies, controls and their tests, audits, data, vendors.", "inward", `
		*:                 all own own
		DataSet:           all all own
		Policy:            all all own
		Attestation:       all own none
		AwarenessCampaign: all all own
		TrainingRecord:    all all own
		SecurityIncident:  all own none
		Compliance:        all all all
		Exception:         all own none
		AuditRequest:      all all all
		Identity:          all all own
		AccessReview:      all all own
		ReviewDecision:    all all none
		DataSubjectRequest: none none none
		Knowledge:         all all all
		Access:            all none none`, "confidential imports"},
	{"data-protection-officer", "Data protection officer", "Keeps the records of processing, and answers people who ask about their data.", "inward", `
		*:                all own none
		Privacy:          all all all
		DataSet:          all all own
		SecurityIncident: all own none
		Attestation:      all own none
		TrainingRecord:   all none none
		UserAccount:      all none none
		Grant:            all none none
		Suppliers:        all own none
		Risk:             all own none`, "confidential"},
	{"vendor-manager", "Vendor manager", "Keeps vendors, contracts, orders and invoices.", "inward", `
		*:             all own none
		Suppliers:     all all all
		Invoice:       all all all
		PurchaseOrder: all all all
		Licence:       all all own
		Partners:      all all own
		DecisionMatrix: all own none
		Customer:      none none none
		Security:      none none none` + discreet, "imports"},
	{"project-manager", "Project manager", "Leads projects and initiatives.", "both", `
		*:         all own none
		Project:   all all own
		Initiative: all own own
		Suppliers: own own none
		Security:  own own none
		PlanItem:  all own none` + books + discreet + inside, ""},
	{"service-desk", "Service desk", "Helps people and keeps assets and machines up to date.", "inward", `
		*:              all none none
		Assets:         all all own
		Infrastructure: all all none
		Suppliers:      none none none
		Finance:        none none none
		Strategy:       none none none
		Offices:        none none none
		Products:       none none none
		Research:       none none none
		DecisionMatrix: own none none
		Partners:       none none none
		TechnologyBet:  none none none
		Risk:           none none none
		Security:       own none none
		Compliance:     none none none` + away + `
		UserAccount:    all none none
		Entitlement:    all none none`, "imports"},
	{"engineer", "Engineer", "Builds and runs applications, and keeps those of the own team.", "outward", `
		*:              all own own
		Suppliers:      own own none
		CostCentre:     none none none
		Offices:        none none none
		Risk:           own own none
		Credential:     own own own
		Compliance:     all own none
		Observation:    own none none
		Finding:        own own none
		Products:       all none none
		DecisionMatrix: all own none
		Skill:          all none none` + books + discreet + inside, "imports"},
	{"product-manager", "Product manager", "Answers for products and what customers get.", "outward", `
		*:          all own none
		Products:   all all own
		Idea:       all all own
		DecisionMatrix: all own none
		PartnerAgreement: own own none
		Strategy:   all own own
		Suppliers:  own none none
		CostCentre: none none none
		Risk:       own own none
		Security:   own own none
		Observation: own none none
		Finding:    own own none` + books + discreet, ""},
	{"employee", "Employee", "Looks up people, services and knowledge, and sees what is one's own, such as the laptop.", "both", `
		*:            own none none
		Finance:      none none none
		Suppliers:    none none none
		Licence:      none none none
		Stocktake:    none none none
		Organisation: all none none
		CostCentre:   none none none
		DecisionMatrix: own none none
		Service:      all none none
		Application:  all none none` + looked, ""},
	{"sales", "Sales and support", "Speaks with customers: keeps who they are, what they pay, what they ask for and what was promised to them.", "outward", `
		*:            own none none
		Finance:      none none none
		Suppliers:    none none none
		Licence:      none none none
		Stocktake:    none none none
		Organisation: all none none
		CostCentre:   none none none
		Service:      all none none
		Application:  all none none
		DecisionMatrix: own none none
		Products:     all none none
		Customer:     all all none
		Competitor:   all all none
		MarketSignal: all all none
		Idea:         all all none` + looked, "imports"},
	{"human-resources", "Human resources", "Keeps the skills that the company needs, who has them, and what people learn from.", "both", `
		*:            own none none
		Finance:      none none none
		Suppliers:    none none none
		Licence:      none none none
		Stocktake:    none none none
		Organisation: all none none
		CostCentre:   none none none
		Service:      all none none
		Application:  all none none
		DecisionMatrix: own none none` + looked + `
		Skill:        all all own
		SkillLevel:   all own none
		LearningItem: all all own`, "imports"},
	{"auditor", "Auditor", "Reads everything, and writes nothing but requests of audits and findings of one's own.", "both", `
		*:            all none none
		Access:       all none none
		AuditRequest: all all none
		Finding:      all own none`, "confidential reading"},
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
