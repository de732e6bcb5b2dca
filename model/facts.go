package model

// Load is bulk lines that came in together: the lines of one account and one period of a bill. The lines themselves are kept
// beside the graph and never change; this record says whether they count.
type Load struct {
	Meta
	// Series says what the lines measure, such as cost or usage.
	Series string `is:"required"`
	// Subject names what the lines are about within their source, such as the account of the bill.
	Subject string
	// Provider is the company that sent the lines, as they say it.
	Provider string
	// SourceKey is the key of the source.
	SourceKey string
	// File is the name of the file that they came from.
	File string
	// Format is the name of its format.
	Format string
	// Digest is the SHA-256 of the file, in hexadecimal.
	Digest string
	// From is the first day of the period that the lines are about.
	From Date
	// Until is the last day of the period.
	Until Date
	// Lines is how many lines there are.
	Lines int `min:"0"`
	// RefusedLines is how many lines of the file were refused because they cannot be right.
	RefusedLines int `min:"0"`
	// Warnings is how many lines look wrong and were taken nevertheless.
	Warnings int `min:"0"`
	// Totals are what the lines add up to, by currency.
	Totals []LoadTotal
	// State says whether the lines count.
	State LoadState
	// Replaces are the loads that no longer count because of this one.
	Replaces []Ref `to:"Load" back:"replaced by"`
}

// LoadTotal is what the lines of a load add up to in one currency, to the last digit.
type LoadTotal struct {
	// Measure is what is added up, such as BilledCost.
	Measure string `is:"required"`
	// Currency is the currency, where the measure is money.
	Currency string
	// Amount is the sum with all its digits.
	Amount string
}

// LoadState says whether the lines of a load count.
type LoadState string

// The states of a load.
const (
	LoadCounts   LoadState = "counts"
	LoadReplaced LoadState = "replaced"
	LoadLeftOut  LoadState = "left_out"
)

// Options lists the states of a load.
func (LoadState) Options() []Option {
	return []Option{
		{"counts", "Counts", "The lines are in every total."},
		{"replaced", "Replaced", "Newer lines about the same period took their place."},
		{"left_out", "Left out", "Somebody decided that the lines do not count."},
	}
}
