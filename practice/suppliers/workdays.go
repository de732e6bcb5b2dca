package suppliers

import (
	"binnacle/model"
	"binnacle/practice"
)

// hasHolidays reports whether the holidays of a country are known.
func hasHolidays(country string) bool { return practice.HasHolidays(country) }

// isWorkday reports whether a day is a business day in a country.
func isWorkday(country string, day model.Date) bool { return practice.IsWorkday(country, day) }

// workdayBefore returns the day itself where it is a business day, and the last business day before it otherwise.
func workdayBefore(country string, day model.Date) model.Date {
	for !isWorkday(country, day) {
		day--
	}
	return day
}

// workdaysBack returns the last business day after which n business days lie up to and with a last day.
func workdaysBack(country string, last model.Date, n int) model.Date {
	for day := last; ; day-- {
		switch {
		case !isWorkday(country, day):
		case n == 0:
			return day
		default:
			n--
		}
	}
}

// workdaysAhead returns the n-th business day after a day.
func workdaysAhead(country string, day model.Date, n int) model.Date {
	for n > 0 {
		day++
		if isWorkday(country, day) {
			n--
		}
	}
	return day
}
