package practice

import (
	"slices"
	"sync"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/ar"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"

	"binnacle/model"
)

// holidays are the public holidays by country. Where a country has several
// lists, only a day that all of them have is a holiday of the whole country.
var holidays = map[string][][]*cal.Holiday{
	"AR": {ar.Holidays}, "AT": {at.Holidays}, "BE": {be.Holidays}, "BR": {br.Holidays}, "CA": {ca.Holidays}, "CH": {ch.Holidays}, "CZ": {cz.Holidays},
	"DE": {de.Holidays}, "DK": {dk.Holidays}, "ES": {es.Holidays}, "FR": {fr.Holidays}, "GB": {gb.Holidays}, "IE": {ie.Holidays}, "IT": {it.Holidays},
	"LT": {lt.Holidays}, "NL": {nl.Holidays}, "NO": {no.Holidays}, "NZ": {nz.Holidays}, "PL": {pl.Holidays}, "SE": {se.Holidays}, "SI": {si.Holidays},
	"SK": {sk.Holidays}, "UA": {ua.Holidays}, "US": {us.Holidays}, "ZA": {za.Holidays},
	"AU": {au.HolidaysACT, au.HolidaysNSW, au.HolidaysNT, au.HolidaysQLD, au.HolidaysSA, au.HolidaysTAS, au.HolidaysVIC, au.HolidaysWA},
}

// countryYear names the holidays of one country in one year.
type countryYear struct {
	country string
	year    int
}

// holidaysOf keeps the holidays that were worked out: a map from [countryYear] to a sorted list of dates.
var holidaysOf sync.Map

// holidaysIn returns the days of a year on which a whole country has a public
// holiday or its substitute, in order. A holiday of the next year may be observed in this one.
func holidaysIn(country string, year int) []model.Date {
	if known, ok := holidaysOf.Load(countryYear{country, year}); ok {
		return known.([]model.Date)
	}
	var common []model.Date
	for i, list := range holidays[country] {
		var days []model.Date
		for _, h := range list {
			for y := year - 1; y <= year+1; y++ {
				if _, observed := h.Calc(y); !observed.IsZero() && observed.Year() == year {
					days = append(days, model.DateOf(observed))
				}
			}
		}
		if i == 0 {
			common = days
			continue
		}
		common = slices.DeleteFunc(common, func(d model.Date) bool { return !slices.Contains(days, d) })
	}
	slices.Sort(common)
	common = slices.Compact(common)
	holidaysOf.Store(countryYear{country, year}, common)
	return common
}

// HasHolidays reports whether the public holidays of a country are known.
func HasHolidays(country string) bool { return len(holidays[country]) > 0 }

// IsWorkday reports whether a day is a business day: Monday to Friday and no
// public holiday of the whole country. Holidays of a region do not count. Of a country that is not known, weekends alone count.
func IsWorkday(country string, day model.Date) bool {
	t := day.Time()
	if w := t.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	if !HasHolidays(country) {
		return true
	}
	_, holiday := slices.BinarySearch(holidaysIn(country, t.Year()), day)
	return !holiday
}

// WorkdayFrom returns the day itself where it is a business day in a country, and the next business day otherwise.
func WorkdayFrom(country string, day model.Date) model.Date {
	for !IsWorkday(country, day) {
		day++
	}
	return day
}
