package model

import (
	"fmt"
	"strings"
	"time"
)

// Date is a day of the Gregorian calendar without a time zone. The zero Date is unset.
type Date int32

// dayOne is how many days lie between 1 January of year 1 and 1 January 1970, plus one.
const dayOne = 719163

// NewDate makes a date from its parts. Parts out of range are carried over as time.Date does.
func NewDate(year int, month time.Month, day int) Date {
	return DateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// DateOf returns the day of a moment in the time zone of that moment. The zero time gives an unset date.
func DateOf(t time.Time) Date {
	if t.IsZero() {
		return 0
	}
	y, m, d := t.Date()
	unix := time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix()
	return Date(unix/86400 + dayOne)
}

// The years of dates and moments: those that four digits can tell.
const (
	firstYear = 1
	lastYear  = 9999
)

// ParseDate reads a date written as 2027-06-30. A time of day behind it is
// dropped. 1 January of year 1, which some systems write for no date, is unset.
func ParseDate(text string) (Date, error) {
	text = strings.TrimSpace(text)
	if len(text) > 10 && (text[10] == 'T' || text[10] == ' ') {
		text = text[:10]
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < firstYear {
		return 0, fmt.Errorf("%.40q is not a date: write it as 2027-06-30", text)
	}
	return DateOf(t), nil
}

// MustDate reads a date and panics where the text is not one. It is for constants.
func MustDate(text string) Date {
	d, err := ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// IsZero reports whether the date is unset.
func (d Date) IsZero() bool { return d == 0 }

// Time returns midnight UTC of the day.
func (d Date) Time() time.Time {
	if d == 0 {
		return time.Time{}
	}
	return time.Unix((int64(d)-dayOne)*86400, 0).UTC()
}

// String writes the date as 2027-06-30, and an unset date as nothing.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format(time.DateOnly)
}

// AddDays returns the date so many days later.
func (d Date) AddDays(days int) Date { return d + Date(days) }

// AddMonths returns the same day so many months later, or the last day of that month where it has no such day.
func (d Date) AddMonths(months int) Date {
	y, m, day := d.Time().Date()
	first := time.Date(y, m+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return DateOf(first.AddDate(0, 0, min(day, last)-1))
}

// Quarter writes the quarter of the calendar year that the date is in, as 2027 Q2.
func (d Date) Quarter() string {
	y, m, _ := d.Time().Date()
	return fmt.Sprintf("%d Q%d", y, (int(m)+2)/3)
}

// MarshalText writes the date as 2027-06-30.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a date written as 2027-06-30, and nothing as an unset date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = 0
		return nil
	}
	parsed, err := ParseDate(string(text))
	*d = parsed
	return err
}

// Time is a moment to the millisecond, in UTC. The zero Time is unset.
type Time int64

// TimeOf returns the moment of a time.Time. The zero time gives an unset moment.
func TimeOf(t time.Time) Time {
	if t.IsZero() {
		return 0
	}
	return Time(t.UnixMilli())
}

// ParseTime reads a moment written as RFC 3339 has it, or a date, which stands for its midnight in UTC.
func ParseTime(text string) (Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.UTC().Year() >= firstYear && t.UTC().Year() <= lastYear {
			return TimeOf(t), nil
		}
	}
	return 0, fmt.Errorf("%q is not a moment: write it as 2027-06-30T14:00:00Z", text)
}

// IsZero reports whether the moment is unset.
func (t Time) IsZero() bool { return t == 0 }

// Time returns the moment as a time.Time in UTC.
func (t Time) Time() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(t)).UTC()
}

// Date returns the day of the moment in UTC.
func (t Time) Date() Date { return DateOf(t.Time()) }

// String writes the moment as RFC 3339 has it, and an unset moment as nothing.
func (t Time) String() string {
	if t == 0 {
		return ""
	}
	return t.Time().Format("2006-01-02T15:04:05.999Z07:00")
}

// MarshalText writes the moment as RFC 3339 has it.
func (t Time) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads a moment as RFC 3339 has it, and nothing as an unset moment.
func (t *Time) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*t = 0
		return nil
	}
	parsed, err := ParseTime(string(text))
	*t = parsed
	return err
}
