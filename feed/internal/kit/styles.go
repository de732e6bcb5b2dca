package kit

import (
	"regexp"
	"strings"

	"binnacle/model"
)

// written is what may stand behind the name of a field in a mapping of bulk lines.
var written = regexp.MustCompile(`(?i)\s*\((decimal comma|decimal point|day first|month first)\)\s*$`)

// SplitStyle takes off the field of a mapping how its numbers or days are written, as in Amount (decimal comma) or Date (day first).
func SplitStyle(field string) (name string, days DayStyle, numbers NumberStyle) {
	m := written.FindStringSubmatch(field)
	if m == nil {
		return strings.TrimSpace(field), DaysOpen, NumbersOpen
	}
	switch strings.ToLower(m[1]) {
	case "decimal comma":
		numbers = DecimalComma
	case "decimal point":
		numbers = DecimalPoint
	case "day first":
		days = DayFirst
	case "month first":
		days = MonthFirst
	}
	return strings.TrimSpace(strings.TrimSuffix(field, m[0])), days, numbers
}

// StylesOf returns how a mapping says that days and numbers are written.
func StylesOf(mapping *model.Mapping) (days DayStyle, numbers NumberStyle) {
	if mapping == nil {
		return DaysOpen, NumbersOpen
	}
	for _, c := range mapping.Columns {
		_, d, n := SplitStyle(c.Field)
		days, numbers = max(days, d), max(numbers, n)
	}
	return days, numbers
}
