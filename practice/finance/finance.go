// Package finance answers what technology costs and whom it serves: what was
// spent and on what, which goal every unit of money serves, what applications, services
// and products truly cost, what was planned and what is coming, and what can be saved.
package finance

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of money.
var Practice = practice.Practice{
	Name:   "finance",
	Label:  "Finance",
	Face:   model.Face("inward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("spend", Spend),
		practice.Ask("unmapped", Unmapped),
		practice.Ask("trace", Trace),
		practice.Ask("true_cost", TrueCost),
		practice.Ask("showback", Showback),
		practice.Ask("budget", Budgets),
		practice.Ask("variance", Variance),
		practice.Ask("forecast", Forecast),
		practice.Notify(practice.Ask("anomalies", Anomalies)),
		practice.Ask("mix", Mix),
		practice.Ask("commitments", Commitments),
		practice.Ask("business_cases", BusinessCases),
		practice.Ask("savings", Savings),
		practice.Ask("savings_register", SavingsRegister),
		practice.Ask("invoices", Invoices),
		practice.Do("map_cost", MapCost),
		practice.Do("register_saving", RegisterSaving),
		practice.Check("invoices_agree", InvoicesAgree),
		practice.Check("within_budget", WithinBudget),
	},
}
