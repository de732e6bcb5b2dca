package kit

import (
	"bytes"
	"fmt"
	"time"

	"binnacle/facts"
	"binnacle/model"
)

// BillTime reads a date, or a date and a time, as ISO 8601 writes it:
// 2024-09-01, 2024-09-01T22:00:00Z, 2024-09-01 22:00:00.000+02:00. It returns seconds since
// 1970 in UTC. A time without a zone is in UTC. Fractions of a second are left out. The hour 24 is the end of a day, where minute and second are 0.
func BillTime(text []byte) (int64, error) {
	t := bytes.TrimSpace(text)
	bad := func(what string) (int64, error) {
		return 0, fmt.Errorf("%.40q is not a time: %s; write it like 2024-09-01T22:00:00Z", t, what)
	}
	if len(t) < 10 || t[4] != '-' || t[7] != '-' {
		return bad("there is no date")
	}
	year, month, day := digits(t[0:4]), digits(t[5:7]), digits(t[8:10])
	if year < 1900 || year > 9998 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return bad("there is no such day")
	}
	out := daysSince(year, month, day) * 86400
	if len(t) == 10 {
		return out, nil
	}
	if t[10] != 'T' && t[10] != ' ' && t[10] != 't' || len(t) < 16 || t[13] != ':' {
		return bad("what stands behind the date is not a time of day")
	}
	hour, minute, second := digits(t[11:13]), digits(t[14:16]), 0
	rest := t[16:]
	if len(rest) >= 3 && rest[0] == ':' {
		second = digits(rest[1:3])
		rest = rest[3:]
		if len(rest) > 1 && rest[0] == '.' {
			for rest = rest[1:]; len(rest) > 0 && rest[0] >= '0' && rest[0] <= '9'; {
				rest = rest[1:]
			}
		}
	}
	switch {
	case hour == 24 && minute == 0 && second == 0:
	case hour < 0 || hour > 23:
		return bad("hours go from 00 to 23")
	case minute < 0 || minute > 59 || second < 0 || second > 59:
		return bad("minutes and seconds go from 00 to 59")
	}
	out += int64(hour*3600 + minute*60 + second)
	offset, ok := zone(bytes.TrimLeft(rest, " "))
	if !ok {
		return bad("its zone must be Z or an offset such as +02:00")
	}
	return out - offset, nil
}

// zone reads Z, UTC, or an offset with or without a colon.
func zone(t []byte) (seconds int64, ok bool) {
	switch string(t) {
	case "", "Z", "z", "UTC", "GMT":
		return 0, true
	}
	if len(t) < 3 || t[0] != '+' && t[0] != '-' {
		return 0, false
	}
	hour, minute := digits(t[1:3]), 0
	if rest := bytes.TrimPrefix(t[3:], []byte{':'}); len(rest) == 2 {
		minute = digits(rest)
	} else if len(rest) != 0 {
		return 0, false
	}
	if hour < 0 || hour > 18 || minute < 0 || minute > 59 {
		return 0, false
	}
	seconds = int64(hour*3600 + minute*60)
	if t[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// digits reads a number of digits only, and returns -1 for anything else.
func digits(t []byte) int {
	n := 0
	for _, c := range t {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// daysSince counts the days since 1970 in the Gregorian calendar, with years that begin in March.
func daysSince(year, month, day int) int64 {
	if month <= 2 {
		year, month = year-1, month+12
	}
	return int64(365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468)
}

// MonthOf returns the first and the last day of the month of a number of seconds since 1970.
func MonthOf(seconds int64) (from, until model.Date) {
	t := time.Unix(seconds, 0).UTC()
	from = model.NewDate(t.Year(), t.Month(), 1)
	return from, from.AddMonths(1).AddDays(-1)
}

// BillNumber reads a number with a decimal point, such as -12.50 or 8.0E-7.
// Nothing is nothing. It is exact and, for up to 18 digits, takes no memory.
func BillNumber(text []byte) (facts.Decimal, error) {
	if len(text) == 0 {
		return facts.Decimal{}, nil
	}
	if d, ok := shortNumber(text); ok {
		return d, nil
	}
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return facts.Decimal{}, nil
	}
	return facts.ParseDecimal(text)
}

// shortNumber reads a number of at most 18 digits that count and an exponent, and reports whether it is one.
func shortNumber(t []byte) (facts.Decimal, bool) {
	i, n := 0, len(t)
	negative := t[0] == '-'
	if negative || t[0] == '+' {
		i++
	}
	var coef int64
	seen, places, zeros := false, 0, 0
	point := false
	for ; i < n; i++ {
		c := t[i]
		if c == '.' && !point {
			point = true
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		seen = true
		if point {
			places++
		}
		if c == '0' && point {
			zeros++
			continue
		}
		for ; zeros > 0; zeros-- {
			if coef >= 1e17 {
				return facts.Decimal{}, false
			}
			coef *= 10
		}
		if coef >= 1e17 {
			return facts.Decimal{}, false
		}
		coef = coef*10 + int64(c-'0')
	}
	places -= zeros
	if !seen {
		return facts.Decimal{}, false
	}
	if i < n {
		exponent, ok := power(t[i:])
		if !ok {
			return facts.Decimal{}, false
		}
		places -= exponent
	}
	for places > 0 && coef%10 == 0 && coef != 0 {
		coef, places = coef/10, places-1
	}
	if coef == 0 {
		places = 0
	}
	for ; places < 0; places++ {
		if coef >= 1e17 {
			return facts.Decimal{}, false
		}
		coef *= 10
	}
	if places > 18 {
		return facts.Decimal{}, false
	}
	if negative {
		coef = -coef
	}
	return facts.NewDecimal(coef, uint8(places)), true
}

// power reads an exponent of at most two digits.
func power(t []byte) (int, bool) {
	if len(t) < 2 || t[0]|0x20 != 'e' {
		return 0, false
	}
	t = t[1:]
	negative := t[0] == '-'
	if negative || t[0] == '+' {
		t = t[1:]
	}
	n := digits(t)
	if len(t) == 0 || len(t) > 2 || n < 0 {
		return 0, false
	}
	if negative {
		n = -n
	}
	return n, true
}

// BillCurrency reports whether a text is three capital letters, as ISO 4217 names currencies.
func BillCurrency(text []byte) bool {
	if len(text) != 3 {
		return false
	}
	for _, c := range text {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}
