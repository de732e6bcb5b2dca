package model

// CostPool is a sort of cost as the ledger knows it, such as staffing, hardware or cloud services. Pools follow the taxonomy of the
// TBM Council, or the organisation's own.
type CostPool struct {
	Meta
	// Code is the short code of the pool in the taxonomy or in the chart of accounts. It is unique.
	Code string `ident:"cost_pool"`
	// Parent is the pool that this one is part of.
	Parent Ref `to:"CostPool" back:"sub-pools"`
	// Accounts are the numbers of the ledger accounts that belong to the pool. A number that ends in * stands for all that begin so.
	Accounts []string
}

// ResourceTower is a part of the technology that cost is gathered in, such as compute, storage or end user.
type ResourceTower struct {
	Meta
	// Code is the short code of the tower in the taxonomy. It is unique.
	Code string `ident:"tower"`
	// Parent is the tower that this one is part of.
	Parent Ref `to:"ResourceTower" back:"sub-towers"`
	// Domain groups towers, such as infrastructure, application, operations, or field and office.
	Domain string
}

// Purpose says what money is spent for.
type Purpose string

// Options lists what money can be spent for.
func (Purpose) Options() []Option {
	return []Option{
		{"run", "Run", "It keeps the business running as it is."},
		{"grow", "Grow", "It lets the business do more of what it does."},
		{"transform", "Transform", "It lets the business do something new."},
	}
}

// Treatment says how an expense is treated in the books.
type Treatment string

// Options lists how an expense can be treated.
func (Treatment) Options() []Option {
	return []Option{
		{"opex", "Operating expense", "It is an expense of the period."},
		{"capex", "Capital expense", "It is written off over the years of use."},
	}
}

// CostRule says whom lines of bills and ledgers belong to. Rules are tried in their order; the first one that fits a
// line decides for each of its questions that no rule before has answered.
type CostRule struct {
	Meta
	// Order is the place of the rule. Lower ones are tried first.
	Order int `min:"0" max:"100000"`
	// When are conditions that must all hold. Without one, the rule fits every line.
	When []CostCondition
	// For are the records that the lines belong to, each with its part.
	For []CostShare
	// ForTag names a tag whose value is the key or the name of the record that the line belongs to.
	ForTag string
	// Vendor is the vendor that is paid.
	Vendor Ref `to:"Vendor" back:"cost rules for vendor"`
	// Contract is the contract under which it is paid.
	Contract Ref `to:"Contract" back:"cost rules for contract"`
	// CostCentre is where the lines are booked.
	CostCentre Ref `to:"CostCentre" back:"cost rules for cost centre"`
	// Pool is the cost pool of the lines.
	Pool Ref `to:"CostPool" back:"cost rules"`
	// Tower is the resource tower of the lines.
	Tower Ref `to:"ResourceTower" back:"cost rules"`
	// Purpose says what the money is spent for.
	Purpose Purpose
	// Treatment says how the lines are treated in the books.
	Treatment Treatment
	// LeaveOut says that the lines do not count, because another load has them in more detail.
	LeaveOut bool
	// From is the first day on which the rule holds. Unset means always.
	From Date
	// Until is the last day on which the rule holds. Unset means for ever.
	Until Date
}

// CostShare is the part of one record in the lines that a rule fits.
type CostShare struct {
	// To is the record that the part belongs to: an application, service, product, team, business unit or cost centre.
	To Ref `to:"Application,Service,Product,Team,BusinessUnit,CostCentre,Project,Capability,Initiative,Goal" is:"required" back:"cost rules"`
	// Share is the part. The parts of all records together count as the whole. Unset on all of them means equal parts.
	Share float64 `min:"0"`
}

// CostCondition is a condition on one column of a line.
type CostCondition struct {
	// Column is the column, such as ServiceName or SubAccountId. A tag is written tag:name.
	Column string `is:"required"`
	// Is says how the value is compared.
	Is CostComparison
	// Value is what it is compared with. Upper and lower case are the same.
	Value string
}

// CostComparison says how the value of a column is compared.
type CostComparison string

// Options lists how a value can be compared.
func (CostComparison) Options() []Option {
	return []Option{
		{"equals", "Is", "The value is this text."},
		{"not", "Is not", "The value is anything but this text."},
		{"starts", "Begins with", "The value begins with this text."},
		{"contains", "Contains", "The value has this text in it."},
		{"one_of", "Is one of", "The value is one of these texts, separated by commas."},
		{"set", "Has a value", "There is a value."},
		{"empty", "Has no value", "There is no value."},
	}
}

// Allocation says how the cost of one record is carried on to others. Without one, cost follows the graph in equal parts.
type Allocation struct {
	Meta
	// Of is the record whose cost is carried on: a cost pool, tower, team, application, service, product or capability.
	Of Ref `to:"CostPool,ResourceTower,Team,CostCentre,Application,Service,Product,Capability,BusinessUnit,CloudAccount,Project,Initiative" is:"required" back:"allocations"`
	// Driver says how the parts are found.
	Driver AllocationDriver
	// To are the records that carry the cost, each with its part.
	To []AllocationShare
	// Metric is the metric of usage that decides, where use is measured, such as requests or gigabytes.
	Metric string
	// From is the first day on which the allocation holds. Unset means always.
	From Date
	// Until is the last day on which the allocation holds. Unset means for ever.
	Until Date
}

// AllocationShare is the part of one record in an allocation.
type AllocationShare struct {
	// To is the record that carries the part.
	To Ref `to:"ResourceTower,Team,Application,Service,Product,Capability,BusinessUnit,Goal,CostCentre,Initiative" is:"required" back:"carries cost of"`
	// Share is the part. The parts of all records together count as the whole.
	Share float64 `min:"0"`
}

// AllocationDriver says how the parts of an allocation are found.
type AllocationDriver string

// Options lists how parts can be found.
func (AllocationDriver) Options() []Option {
	return []Option{
		{"fixed", "Fixed share", "Somebody decided the parts."},
		{"measured", "Measured use", "The parts follow what each has used."},
		{"even", "Even split", "All carry the same part."},
	}
}

// FiscalCalendar says when the years and the periods of the books begin.
type FiscalCalendar struct {
	Meta
	// FirstMonth is the month in which the year begins, 1 for January.
	FirstMonth int `min:"1" max:"12"`
	// NamedAfterEnd says that a year has the number of the calendar year in which it ends, and not in which it begins.
	NamedAfterEnd bool
	// Weeks says how many weeks the periods of a quarter have, where they are not calendar months.
	Weeks FiscalWeeks
	// WeekYearStart is the first day of any one year, where periods are counted in weeks.
	WeekYearStart Date
	// Currency is the currency of the books, in three letters.
	Currency string
	// BusinessUnits are the units whose books follow it. None means the whole company.
	BusinessUnits []Ref `to:"BusinessUnit" back:"fiscal calendar"`
}

// FiscalWeeks says how the thirteen weeks of a quarter are split.
type FiscalWeeks string

// Options lists how a quarter can be split.
func (FiscalWeeks) Options() []Option {
	return []Option{
		{"months", "Calendar months", "Periods are calendar months."},
		{"445", "4-4-5 weeks", "The last period of a quarter has five weeks."},
		{"454", "4-5-4 weeks", "The middle period of a quarter has five weeks."},
		{"544", "5-4-4 weeks", "The first period of a quarter has five weeks."},
	}
}

// ExchangeRate is what one unit of a currency costs on a day.
type ExchangeRate struct {
	Meta
	// Currency is the currency that is bought, in three letters.
	Currency string `is:"required"`
	// Costs is what one unit of it costs.
	Costs Money `is:"required"`
	// On is the day from which the rate holds, until the day of the next one.
	On Date `is:"required"`
	// Publisher is who published the rate, such as the European Central Bank.
	Publisher string
}

// Budget is money that may be spent for something in a fiscal year.
type Budget struct {
	Meta
	// FiscalYear is the number of the fiscal year.
	FiscalYear int `min:"1990" max:"2200" is:"required"`
	// CostCentre is where it is booked.
	CostCentre Ref `to:"CostCentre" back:"budgets"`
	// Pool is the cost pool.
	Pool Ref `to:"CostPool" back:"budgets"`
	// Tower is the resource tower.
	Tower Ref `to:"ResourceTower" back:"budgets"`
	// For is what the money is for, where it is for one thing.
	For Ref `to:"Application,Service,Product,Team,Project,Initiative,BusinessUnit,Vendor,Contract" back:"budgets"`
	// Purpose says what the money is spent for.
	Purpose Purpose
	// Treatment says how it is treated in the books.
	Treatment Treatment
	// Amount is what may be spent in the year.
	Amount Money `is:"required"`
	// Periods are the parts of the fiscal periods, where they are not equal. They count in relation to each other.
	Periods []BudgetPeriod
	// Quantity is how many units the plan counts on, where price and volume are planned apart.
	Quantity float64 `min:"0"`
	// Unit is what is counted.
	Unit string
	// PlannedRate is the exchange rate of the plan, as the price of one unit of the currency of the bills.
	PlannedRate Money
	// State says whether the budget holds.
	State BudgetState
}

// BudgetPeriod is the part of a budget in one fiscal period.
type BudgetPeriod struct {
	// Period is the number of the period in the fiscal year, from 1.
	Period int `min:"1" max:"12" is:"required"`
	// Share is the part. The parts of all periods together count as the whole.
	Share float64 `min:"0"`
}

// BudgetState says whether a budget holds.
type BudgetState string

// Options lists the states of a budget.
func (BudgetState) Options() []Option {
	return []Option{
		{"draft", "Draft", "It is being worked on."},
		{"proposed", "Proposed", "It waits for a decision."},
		{"approved", "Approved", "It holds."},
		{"closed", "Closed", "Its year is over."},
	}
}

// Transitions says which state of a budget may follow which.
func (BudgetState) Transitions() map[string][]string {
	return map[string][]string{
		"draft":    {"proposed", "approved"},
		"proposed": {"approved", "draft"},
		"approved": {"closed", "draft"},
		"closed":   {"approved"},
	}
}

// Invoice is what a vendor asks to be paid.
type Invoice struct {
	Meta
	// Number is the number that the vendor gave it.
	Number string `is:"required"`
	// Vendor is who sent it.
	Vendor Ref `to:"Vendor" back:"invoices" flow:"needs"`
	// Issued is the day of the invoice.
	Issued Date
	// Due is the day by which it is to be paid.
	Due Date
	// Paid is the day when it was paid.
	Paid Date
	// Amount is what is to be paid.
	Amount Money
	// From is the first day of the period that it is for.
	From Date
	// Until is the last day of the period that it is for.
	Until Date
	// Contract is the contract that it follows from.
	Contract Ref `to:"Contract" back:"invoices"`
	// PurchaseOrder is the order that it follows from.
	PurchaseOrder Ref `to:"PurchaseOrder" back:"invoices"`
	// CostCentre is where it is booked.
	CostCentre Ref `to:"CostCentre" back:"invoices"`
	// State says where the invoice stands.
	State InvoiceState
}

// InvoiceState says where an invoice stands.
type InvoiceState string

// Options lists the states of an invoice.
func (InvoiceState) Options() []Option {
	return []Option{
		{"received", "Received", "It came and nobody has checked it."},
		{"checked", "Checked", "It is right and may be paid."},
		{"disputed", "Disputed", "It is wrong and the vendor knows."},
		{"paid", "Paid", "It is paid."},
	}
}

// PurchaseOrder is what was ordered of a vendor.
type PurchaseOrder struct {
	Meta
	// Number is the number of the order. It is unique.
	Number string `ident:"purchase_order"`
	// Vendor is who is to deliver.
	Vendor Ref `to:"Vendor" back:"purchase orders" flow:"needs"`
	// Contract is the contract under which it was ordered.
	Contract Ref `to:"Contract" back:"purchase orders"`
	// Requester is the person that asked for it.
	Requester Ref `to:"Person" back:"orders requested"`
	// CostCentre is where it is booked.
	CostCentre Ref `to:"CostCentre" back:"purchase orders"`
	// Pool is the cost pool.
	Pool Ref `to:"CostPool" back:"purchase orders"`
	// For is what it is for, where it is for one thing.
	For Ref `to:"Application,Service,Product,Team,Project,Initiative,BusinessUnit" back:"purchase orders"`
	// Treatment says how it is treated in the books.
	Treatment Treatment
	// Ordered is the day of the order.
	Ordered Date
	// Expected is the day on which delivery is expected.
	Expected Date
	// Amount is what was ordered.
	Amount Money
	// Received is how much of it was delivered so far.
	Received Money
	// Invoiced is how much of it was invoiced so far.
	Invoiced Money
	// State says where the order stands.
	State OrderState
}

// OrderState says where a purchase order stands.
type OrderState string

// Options lists the states of a purchase order.
func (OrderState) Options() []Option {
	return []Option{
		{"requested", "Requested", "Somebody asked for it."},
		{"approved", "Approved", "It may be ordered."},
		{"ordered", "Ordered", "The vendor has it."},
		{"received", "Received", "Everything was delivered."},
		{"closed", "Closed", "It is paid and done."},
		{"cancelled", "Cancelled", "It will not be delivered."},
	}
}

// Transitions says which state of a purchase order may follow which.
func (OrderState) Transitions() map[string][]string {
	return map[string][]string{
		"requested": {"approved", "cancelled"},
		"approved":  {"ordered", "cancelled"},
		"ordered":   {"received", "cancelled", "closed"},
		"received":  {"closed", "ordered"},
		"closed":    {"received"},
		"cancelled": {"requested"},
	}
}

// Saving is money that could be, will be or is saved.
type Saving struct {
	Meta
	// About are the records that the money is saved on.
	About []Ref `to:"any" back:"savings"`
	// Annual is what is saved in a full year.
	Annual Money
	// OneOff is what it costs once to get there.
	OneOff Money
	// State says how far the saving is.
	State SavingState
	// Found is the day when it was found.
	Found Date
	// Due is the day from which it is to count.
	Due Date
	// Banked is what the books show as saved in a year.
	Banked Money
	// BankedOn is the day from which the books show it.
	BankedOn Date
	// Evidence says in a sentence how it was found or what the books show.
	Evidence string `is:"long"`
	// Question is the full name of the question that found it.
	Question string
}

// SavingState says how far a saving is.
type SavingState string

// Options lists how far a saving can be.
func (SavingState) Options() []Option {
	return []Option{
		{"found", "Found", "Somebody or something pointed it out."},
		{"agreed", "Agreed", "Who answers for the cost wants it."},
		{"under_way", "Under way", "It is being carried out."},
		{"banked", "Banked", "The books show it."},
		{"rejected", "Rejected", "It was decided not to."},
	}
}

// Transitions says which state of a saving may follow which.
func (SavingState) Transitions() map[string][]string {
	return map[string][]string{
		"found":     {"agreed", "rejected"},
		"agreed":    {"under_way", "rejected", "found"},
		"under_way": {"banked", "rejected", "agreed"},
		"banked":    {"under_way"},
		"rejected":  {"found"},
	}
}

// BusinessCase says what something costs and brings over the years.
type BusinessCase struct {
	Meta
	// For is what the case is for.
	For Ref `to:"Project,Initiative,Application,Service,Product,Contract" back:"business cases"`
	// DiscountRate is the rate at which later money counts less, in percent a year.
	DiscountRate Percent `min:"0" max:"100" unit:"%"`
	// ReinvestRate is the rate at which what comes back is invested again, in percent a year. Unset means the discount rate.
	ReinvestRate Percent `min:"0" max:"100" unit:"%"`
	// Flows are the money out and in, one or several for each year. Money out is negative.
	Flows []CashFlow
	// Alternative names what is compared with, such as doing nothing.
	Alternative string
}

// CashFlow is money that goes out or comes in.
type CashFlow struct {
	// Year counts from 0, which is not discounted.
	Year int `min:"0" max:"60"`
	// Amount is the money. Money out is negative.
	Amount Money `is:"required"`
	// Note says what it is for.
	Note string
}
