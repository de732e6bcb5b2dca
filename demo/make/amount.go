package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// nano is an amount in billionths. A unit price in millionths times a quantity in thousandths is one, exactly.
type nano int64

// micro is a unit price in millionths.
type micro int64

// milli is a quantity in thousandths.
type milli int64

// cents is an amount in hundredths.
type cents int64

const perCent = 10_000_000 // nano in a cent

func (n nano) String() string  { return plain(int64(n), 9) }
func (m micro) String() string { return plain(int64(m), 6) }
func (m milli) String() string { return plain(int64(m), 3) }
func (c cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
}

// EUR returns the amount as a money field takes it.
func (c cents) EUR() string { return c.String() + " EUR" }

// plain writes a number with so many decimals and leaves zeros at the end away.
func plain(n int64, decimals int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	digits := fmt.Sprintf("%0*d", decimals+1, n)
	whole, part := digits[:len(digits)-decimals], strings.TrimRight(digits[len(digits)-decimals:], "0")
	if part == "" {
		return sign + whole
	}
	return sign + whole + "." + part
}

// toCents rounds half away from zero.
func (n nano) toCents() cents {
	if n < 0 {
		return -(-n).toCents()
	}
	return cents((n + perCent/2) / perCent)
}

// month counts months from January of the year 0.
type month int

func monthOf(year, m int) month { return month(year*12 + m - 1) }

func (m month) year() int   { return int(m) / 12 }
func (m month) number() int { return int(m)%12 + 1 }
func (m month) first() time.Time {
	return time.Date(m.year(), time.Month(m.number()), 1, 0, 0, 0, 0, time.UTC)
}
func (m month) days() int        { return (m + 1).first().AddDate(0, 0, -1).Day() }
func (m month) String() string   { return m.first().Format("2006-01") }
func (m month) day(d int) string { return m.first().AddDate(0, 0, d-1).Format(time.DateOnly) }
func (m month) last() string     { return m.day(m.days()) }
func (m month) words() string    { return m.first().Format("January 2006") }

// The two years of the demo, and the months of which the bills have days.
var (
	firstMonth = monthOf(2024, 11)
	lastMonth  = monthOf(2026, 10)
	firstDaily = monthOf(2026, 8)
)

// noise is a number between -1000 and 1000 that depends on nothing but the text.
func noise(text string) int64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(text) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 32
	return int64(h%2001) - 1000
}

// grown returns a value after so many months of growth by so many hundredths of a percent each.
func grown(value int64, months int, basisPoints int64) int64 {
	for range months {
		value += value * basisPoints / 10_000
	}
	return value
}

// spread returns part k of n parts of an amount, such that all parts add up to it to the cent.
func spread(total cents, k, n int) cents {
	return total*cents(k+1)/cents(n) - total*cents(k)/cents(n)
}

func number(n int) string { return strconv.Itoa(n) }
