package imports

import (
	"slices"

	"binnacle/door"
	"binnacle/feed"
	"binnacle/model"
)

// loadLine is the lines of one account and period, as a page shows them: a row for each total.
type loadLine struct {
	Key      string       `json:"key"`
	Outcome  feed.Outcome `json:"outcome"`
	File     string       `json:"file"`
	Provider string       `json:"provider"`
	Account  string       `json:"account,omitempty"`
	From     model.Date   `json:"from"`
	Until    model.Date   `json:"until"`
	Lines    int          `json:"lines"`
	Refused  int          `json:"refused,omitempty"`
	Warnings int          `json:"warnings,omitempty"`
	Replaces []string     `json:"replaces,omitempty"`
	Sums     []sumLine    `json:"sums"`
}

// sumLine is a total, with how much more it is than that of the lines which are replaced.
type sumLine struct {
	Measure    string `json:"measure"`
	Amount     string `json:"amount"`
	Currency   string `json:"currency,omitempty"`
	Difference string `json:"difference,omitempty"`
}

// loadLines lists the bulk lines that an import brings.
func loadLines(r *door.ImportReport) []loadLine {
	var out []loadLine
	for _, f := range r.Files {
		for _, l := range f.Loads {
			one := loadLine{l.Key, l.Outcome, f.File, l.Provider, l.Account, l.From, l.Until, l.Lines, l.Refused, l.Warnings, l.Replaces, nil}
			for _, t := range l.Totals {
				s := sumLine{Measure: t.Measure, Amount: t.Amount, Currency: t.Currency}
				for _, d := range l.Difference {
					if d.Measure == t.Measure && d.Currency == t.Currency {
						s.Difference = d.Amount
					}
				}
				one.Sums = append(one.Sums, s)
			}
			// What was there before in a currency that is gone now.
			for _, d := range l.Difference {
				if !slices.ContainsFunc(one.Sums, func(s sumLine) bool { return s.Measure == d.Measure && s.Currency == d.Currency }) {
					one.Sums = append(one.Sums, sumLine{Measure: d.Measure, Amount: "0", Currency: d.Currency, Difference: d.Amount})
				}
			}
			out = append(out, one)
		}
	}
	return out
}

// newLoads counts the loads that an import brings.
func newLoads(list []loadLine) (n int) {
	for _, l := range list {
		if l.Outcome == feed.Created {
			n++
		}
	}
	return n
}
