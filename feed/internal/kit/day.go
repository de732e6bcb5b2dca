package kit

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"binnacle/model"
)

// DayStyle says what stands first in the days of a column.
type DayStyle byte

// The styles of days.
const (
	// DaysOpen means that no day of the column shows its style.
	DaysOpen DayStyle = iota
	// DayFirst is the style of 31/12/2025.
	DayFirst
	// MonthFirst is the style of 12/31/2025.
	MonthFirst
)

// Days looks at the days of a column as people write them, and finds out their
// style from all of them together, because 03/04/2025 alone may be two days. The zero value is ready to use.
type Days struct {
	day, month, open numberSeen
}

// Add looks at the text of a cell in a line of the file. What is no day is passed over.
func (d *Days) Add(text string, line int) {
	a, b, _, ok := slashed(text)
	switch {
	case !ok || a == b || a > 12 && b > 12:
	case a > 12:
		d.day.note(line, text)
	case b > 12:
		d.month.note(line, text)
	default:
		d.open.note(line, text)
	}
}

// Style returns the style of the column. The error is a question to whoever
// imports, where the days can be read in two ways or contradict each other. Given is what that person said already.
func (d *Days) Style(column string, given DayStyle) (DayStyle, error) {
	switch {
	case given != DaysOpen:
		return given, nil
	case d.day.line > 0 && d.month.line > 0:
		return 0, fmt.Errorf("the column %s has days with the day first (line %d: %s) and with the month first (line %d: %s): write them in one way",
			column, d.day.line, d.day.text, d.month.line, d.month.text)
	case d.day.line > 0:
		return DayFirst, nil
	case d.month.line > 0:
		return MonthFirst, nil
	case d.open.line > 0:
		return 0, fmt.Errorf("the column %s can be read in two ways: does %s in line %d have the day or the month first? Map the column to its field with (day first) or (month first) behind the name",
			column, d.open.text, d.open.line)
	}
	return DayFirst, nil
}

// StyleOr returns the style of the column as [Days.Style] does, and another one where no day shows it.
func (d *Days) StyleOr(column string, open DayStyle) (DayStyle, error) {
	if d.day.line == 0 && d.month.line == 0 {
		return open, nil
	}
	return d.Style(column, DaysOpen)
}

var (
	slashedDay = regexp.MustCompile(`^(\d{1,2})([/-])(\d{1,2})[/-](\d{4}|\d{2})(?:[ T].*)?$`)
	dottedDay  = regexp.MustCompile(`^(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})(?:[ T].*)?$`)
	isoDay     = regexp.MustCompile(`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T].*)?$`)
	plainDay   = regexp.MustCompile(`^((?:19|20)\d\d)(\d\d)(\d\d)$`)
	namedDay   = regexp.MustCompile(`^(\d{1,2})(?:\.|st|nd|rd|th)?[ -]\s?(\p{L}{3,})\.?,?[ -](\d{4}|\d{2})$`)
	namedFirst = regexp.MustCompile(`^(\p{L}{3,})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})$`)
	serialDay  = regexp.MustCompile(`^(\d{5})(?:\.\d+)?$`)
)

// slashed takes a day with slashes or hyphens apart, of which the first or the second number may be the month.
func slashed(text string) (a, b, year int, ok bool) {
	m := slashedDay.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, 0, 0, false
	}
	return number(m[1]), number(m[3]), yearOf(m[4]), true
}

// ParseDay reads a day as people write it: 2025-12-31, 20251231, 31.12.2025,
// 31 Dec 2025, Dezember 31, 2025, or with slashes in the style of its column. A time behind it is left out.
func ParseDay(text string, style DayStyle) (model.Date, error) {
	text = strings.TrimSpace(text)
	if a, b, year, ok := slashed(text); ok {
		if style == MonthFirst {
			a, b = b, a
		}
		if style == DaysOpen && a != b {
			return dayOf(text, 0, 0, 0)
		}
		return dayOf(text, year, b, a)
	}
	if m := dottedDay.FindStringSubmatch(text); m != nil {
		return dayOf(text, yearOf(m[3]), number(m[2]), number(m[1]))
	}
	for _, form := range []*regexp.Regexp{isoDay, plainDay} {
		if m := form.FindStringSubmatch(text); m != nil {
			return dayOf(text, number(m[1]), number(m[2]), number(m[3]))
		}
	}
	if m := namedDay.FindStringSubmatch(text); m != nil {
		return dayOf(text, yearOf(m[3]), monthNamed(m[2]), number(m[1]))
	}
	if m := namedFirst.FindStringSubmatch(text); m != nil {
		return dayOf(text, number(m[3]), monthNamed(m[1]), number(m[2]))
	}
	return dayOf(text, 0, 0, 0)
}

// ParseSerialDay reads a day that a workbook keeps as a number of days since the end of 1899, or since the
// beginning of 1904. It reports whether the text is such a number.
func ParseSerialDay(text string, since1904 bool) (model.Date, bool) {
	m := serialDay.FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return 0, false
	}
	first := model.NewDate(1899, 12, 30)
	if since1904 {
		first = model.NewDate(1904, 1, 1)
	}
	return first.AddDays(number(m[1])), true
}

var (
	monthThenYear = regexp.MustCompile(`^(\d{1,3})[./-](\d{4})$`)
	yearThenMonth = regexp.MustCompile(`^(\d{4})(?:[./-]|-?M|\s?P)?(\d{2,3})$`)
	namedMonth    = regexp.MustCompile(`^(\p{L}{3,})\.?[ -](\d{4}|\d{2})$`)
)

// ParseMonth reads a period of the books that is a calendar month, such as 2025-03, 03/2025, 202503, 003/2025 or März 2025. It returns its first day.
func ParseMonth(text string) (model.Date, error) {
	text = strings.TrimSpace(text)
	year, month := 0, 0
	if m := monthThenYear.FindStringSubmatch(text); m != nil {
		month, year = number(m[1]), number(m[2])
	} else if m := yearThenMonth.FindStringSubmatch(text); m != nil {
		year, month = number(m[1]), number(m[2])
	} else if m := namedMonth.FindStringSubmatch(text); m != nil {
		month, year = monthNamed(m[1]), yearOf(m[2])
	}
	if month < 1 || month > 12 || year < 1900 || year > 2200 {
		return 0, fmt.Errorf("%q is not a month: write it such as 2025-03", Short(text))
	}
	return dayOf(text, year, month, 1)
}

func dayOf(text string, year, month, day int) (model.Date, error) {
	if year >= 1900 && year <= 2200 && month >= 1 && month <= 12 && day >= 1 && day <= 31 {
		if d, err := model.ParseDate(fmt.Sprintf("%04d-%02d-%02d", year, month, day)); err == nil {
			return d, nil
		}
	}
	return 0, fmt.Errorf("%q is not a day: write it such as 2025-12-31", Short(text))
}

func number(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// yearOf reads a year of four digits, or of two: 70 to 99 are years of the last century.
func yearOf(digits string) int {
	year := number(digits)
	switch {
	case len(digits) > 2:
		return year
	case year >= 70:
		return 1900 + year
	}
	return 2000 + year
}

// monthNamed returns the number of a month by its English or German name or the beginning of it, or 0.
func monthNamed(name string) int {
	runes := []rune(strings.ToLower(name))
	switch string(runes[:3]) {
	case "jan", "jän":
		return 1
	case "feb":
		return 2
	case "mar", "mär", "mrz", "mae":
		return 3
	case "apr":
		return 4
	case "may", "mai":
		return 5
	case "jun":
		return 6
	case "jul":
		return 7
	case "aug":
		return 8
	case "sep":
		return 9
	case "oct", "okt":
		return 10
	case "nov":
		return 11
	case "dec", "dez":
		return 12
	}
	return 0
}
