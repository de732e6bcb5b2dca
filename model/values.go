package model

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Percent is a share in hundredths: 99.95 means 99.95 %.
type Percent float64

// ParsePercent reads a percentage, with or without the sign.
func ParsePercent(text string) (Percent, error) {
	trimmed := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "%"))
	f, err := strconv.ParseFloat(trimmed, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, fmt.Errorf("%q is not a percentage: write it as 99.95", text)
	}
	return Percent(f), nil
}

// String writes the number without the sign.
func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) }

// Duration is a length of time. It is written in weeks, days, hours, minutes and seconds: 2d4h30m.
type Duration time.Duration

var durationUnits = []struct {
	letter byte
	length time.Duration
}{{'w', 7 * 24 * time.Hour}, {'d', 24 * time.Hour}, {'h', time.Hour}, {'m', time.Minute}, {'s', time.Second}}

// longestDuration is 146 years.
const longestDuration = math.MaxInt64 / 2

// ParseDuration reads a length of time such as 90d, 4h30m or 2w. A day is 24 hours.
func ParseDuration(text string) (Duration, error) {
	rest := strings.ReplaceAll(strings.TrimSpace(text), " ", "")
	if rest == "" {
		return 0, fmt.Errorf("%.40q is not a length of time: write it as 4h30m or 90d", text)
	}
	var total time.Duration
	for rest != "" {
		n := strings.IndexAny(rest, "wdhms")
		if n <= 0 {
			return 0, fmt.Errorf("%.40q is not a length of time: write it as 4h30m or 90d", text)
		}
		for _, unit := range durationUnits {
			if unit.letter != rest[n] {
				continue
			}
			part, err := lengthOf(rest[:n], unit.length)
			if err != nil {
				return 0, fmt.Errorf("%.40q is not a length of time: %w", text, err)
			}
			if total += part; total > longestDuration {
				return 0, fmt.Errorf("%.40q is too long: the limit is 146 years", text)
			}
		}
		rest = rest[n+1:]
	}
	return Duration(total), nil
}

// lengthOf multiplies a count, which may have a fraction, with a unit, to the nanosecond.
func lengthOf(count string, unit time.Duration) (time.Duration, error) {
	whole, fraction, _ := strings.Cut(count, ".")
	if strings.Trim(whole+fraction, "0123456789") != "" || whole+fraction == "" {
		return 0, fmt.Errorf("%.40q is not a number", count)
	}
	n, err := strconv.ParseInt("0"+whole, 10, 64)
	if err != nil || n > longestDuration/int64(unit) {
		return 0, fmt.Errorf("%.40q is too much: the limit is 146 years", count)
	}
	part, err := strconv.ParseFloat("0."+fraction+"0", 64)
	if err != nil {
		return 0, fmt.Errorf("%.40q is not a number", count)
	}
	return time.Duration(n)*unit + time.Duration(math.Round(part*float64(unit))), nil
}

// String writes the length in the largest whole units: 2d4h30m. Zero is 0s. A
// record has no length below zero, but a screen may show one.
func (d Duration) String() string {
	if d == 0 {
		return "0s"
	}
	var out strings.Builder
	rest := time.Duration(d)
	if d < 0 {
		out.WriteByte('-')
		rest = -max(rest, -math.MaxInt64)
	}
	for _, unit := range durationUnits[1:] {
		if unit.letter == 's' {
			if rest > 0 {
				seconds := fmt.Sprintf("%d.%09d", rest/time.Second, rest%time.Second)
				out.WriteString(strings.TrimSuffix(strings.TrimRight(seconds, "0"), ".") + "s")
			}
			break
		}
		if n := rest / unit.length; n > 0 {
			fmt.Fprintf(&out, "%d%c", n, unit.letter)
			rest -= n * unit.length
		}
	}
	return out.String()
}

// Range is a calibrated estimate: a low, a likely and a high value in the unit of its field.
// Low and high are the ends of a 90 % interval unless the field says otherwise.
type Range struct {
	// Low is the value that the truth is below in 5 of 100 cases.
	Low float64
	// Likely is the value thought most likely.
	Likely float64
	// High is the value that the truth is above in 5 of 100 cases.
	High float64
}

// ParseRange reads a range written as 10..20..60, or 10..60 whose likely value is the middle.
func ParseRange(text string) (Range, error) {
	parts := strings.Split(strings.ReplaceAll(text, " ", ""), "..")
	var n [3]float64
	for i, part := range parts {
		f, err := strconv.ParseFloat(part, 64)
		if err != nil || i > 2 || math.IsNaN(f) || math.IsInf(f, 0) {
			return Range{}, fmt.Errorf("%.80q is not a range: write low..likely..high, such as 10..20..60", text)
		}
		n[i] = f
	}
	r := Range{n[0], n[1], n[2]}
	switch len(parts) {
	case 1:
		r = Range{n[0], n[0], n[0]}
	case 2:
		r = Range{n[0], n[0]/2 + n[1]/2, n[1]}
	}
	if r.Low > r.Likely || r.Likely > r.High {
		return Range{}, fmt.Errorf("%.80q is not a range: low, likely and high must rise", text)
	}
	return r, nil
}

// IsZero reports whether the range is unset.
func (r Range) IsZero() bool { return r == Range{} }

// String writes the range as 10..20..60, and an unset range as nothing.
func (r Range) String() string {
	if r.IsZero() {
		return ""
	}
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	return number(r.Low) + ".." + number(r.Likely) + ".." + number(r.High)
}

// MarshalText writes the range as 10..20..60.
func (r Range) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a range as [ParseRange] does, and nothing as an unset range.
func (r *Range) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*r = Range{}
		return nil
	}
	parsed, err := ParseRange(string(text))
	*r = parsed
	return err
}

// Option is one value that an enum may have.
type Option struct {
	// Value is what is stored and typed.
	Value string
	// Label is what is shown.
	Label string
	// Help says in a sentence what the value means.
	Help string
}

// Enum is a text type whose values are fixed. Its options are in order of rank, lowest first.
type Enum interface{ Options() []Option }

// Machine is an enum whose value may only move along the transitions given.
// A value that is not a key may not be left; the empty value may become any.
type Machine interface {
	Enum
	Transitions() map[string][]string
}

// Rank returns the place of a value among the options of its enum, counted
// from 1, and 0 for a value that is not set.
func Rank[E interface {
	~string
	Enum
}](value E) int {
	for i, o := range value.Options() {
		if o.Value == string(value) {
			return i + 1
		}
	}
	return 0
}
