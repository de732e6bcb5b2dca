package kit

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binnacle/facts"
	"binnacle/model"
)

func TestParseNumber(t *testing.T) {
	for _, c := range []struct {
		text  string
		style NumberStyle
		want  string
	}{
		{"1234", DecimalComma, "1234"},
		{"1.234,56", DecimalComma, "1234.56"},
		{"1,234.56", DecimalPoint, "1234.56"},
		{"1,234", DecimalPoint, "1234"},
		{"1,234", DecimalComma, "1.234"},
		{"12,34,567.89", DecimalPoint, "1234567.89"},
		{"-5", DecimalPoint, "-5"},
		{"−5", DecimalPoint, "-5"},
		{"5-", DecimalPoint, "-5"},
		{"(5.00)", DecimalPoint, "-5"},
		{"($5.00)", DecimalPoint, "-5 USD"},
		{"$(5.00)", DecimalPoint, "-5 USD"},
		{"5,00 EUR", DecimalComma, "5 EUR"},
		{"EUR -5,00", DecimalComma, "-5 EUR"},
		{"-€ 5,00", DecimalComma, "-5 EUR"},
		{"12.00 CR", DecimalPoint, "-12"},
		{"12.00 Dr", DecimalPoint, "12"},
		{"1 234 567,8", DecimalComma, "1234567.8"},
		{"1\u00a0234", DecimalComma, "1234"},
		{"1'234.5", DecimalPoint, "1234.5"},
		{".5", DecimalPoint, "0.5"},
		{"1.5E-3", DecimalComma, "0.0015"},
		{"", DecimalPoint, "error"},
		{"-", DecimalPoint, "error"},
		{"--5", DecimalPoint, "error"},
		{"(-5)", DecimalPoint, "error"},
		{"1,23,4", DecimalPoint, "error"},
		{"1.2.3", DecimalPoint, "error"},
		{"1,5", DecimalPoint, "error"},
		{"12 34", DecimalPoint, "error"},
		{"5 EUR USD", DecimalPoint, "error"},
		{"five", DecimalPoint, "error"},
		{"0x10", DecimalPoint, "error"},
		{"1_000", DecimalPoint, "error"},
	} {
		n, code, err := ParseNumber(c.text, c.style)
		got := strings.TrimSpace(n.String() + " " + code)
		if err != nil {
			got = "error"
		}
		if got != c.want {
			t.Errorf("ParseNumber(%q, %d) = %s (%v), want %s", c.text, c.style, got, err, c.want)
		}
	}
}

// A number that is written with separators is read as itself, in either style, whatever it is.
func TestNumbersComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := facts.NewDecimal(rapid.Int64Range(-1e15, 1e15).Draw(t, "coef"), uint8(rapid.IntRange(0, 6).Draw(t, "scale")))
		style := rapid.SampledFrom([]NumberStyle{DecimalPoint, DecimalComma}).Draw(t, "style")
		thousands, decimal := ",", "."
		if style == DecimalComma {
			thousands, decimal = ".", ","
		}
		text := strings.TrimPrefix(want.String(), "-")
		whole, part, found := strings.Cut(text, ".")
		for at := len(whole) - 3; at > 0; at -= 3 {
			whole = whole[:at] + thousands + whole[at:]
		}
		if text = whole; found {
			text += decimal + part
		}
		if want.Sign() < 0 {
			text = fmt.Sprintf(rapid.SampledFrom([]string{"-%s", "%s-", "(%s)", "%s CR", "EUR -%s"}).Draw(t, "sign"), text)
		}
		got, _, err := ParseNumber(text, style)
		if err != nil || got.Cmp(want) != 0 {
			t.Fatalf("%s was read as %s (%v), not %s", text, got, err, want)
		}
		var n Numbers
		n.Add(text, 1)
		if found, err := n.Style("x", NumbersOpen); err == nil && found != style && strings.ContainsAny(text, ".,") {
			t.Fatalf("%s shows the style %d, not %d", text, found, style)
		}
	})
}

func TestParseDay(t *testing.T) {
	for _, c := range []struct {
		text  string
		style DayStyle
		want  string
	}{
		{"2025-03-31", DayFirst, "2025-03-31"},
		{"2025/3/31", DayFirst, "2025-03-31"},
		{"20250331", DayFirst, "2025-03-31"},
		{"2025-03-31T10:00:00Z", DayFirst, "2025-03-31"},
		{"31.03.2025", MonthFirst, "2025-03-31"},
		{"31. 3. 2025", MonthFirst, "2025-03-31"},
		{"31.3.25", MonthFirst, "2025-03-31"},
		{"31.3.99", MonthFirst, "1999-03-31"},
		{"03/04/2025", DayFirst, "2025-04-03"},
		{"03/04/2025", MonthFirst, "2025-03-04"},
		{"3-4-2025 12:00", MonthFirst, "2025-03-04"},
		{"31 Dec 2025", DayFirst, "2025-12-31"},
		{"31-Dez-25", DayFirst, "2025-12-31"},
		{"1. März 2025", DayFirst, "2025-03-01"},
		{"December 31, 2025", DayFirst, "2025-12-31"},
		{"29.02.2024", DayFirst, "2024-02-29"},
		{"29.02.2025", DayFirst, "error"},
		{"13/13/2025", DayFirst, "error"},
		{"31/12/2025", MonthFirst, "error"},
		{"03/04/2025", DaysOpen, "error"},
		{"0.0.2025", DayFirst, "error"},
		{"1 Foo 2025", DayFirst, "error"},
		{"12345678", DayFirst, "error"},
		{"", DayFirst, "error"},
	} {
		d, err := ParseDay(c.text, c.style)
		got := d.String()
		if err != nil {
			got = "error"
		}
		if got != c.want {
			t.Errorf("ParseDay(%q, %d) = %s (%v), want %s", c.text, c.style, got, err, c.want)
		}
	}
	for text, want := range map[string]string{"45747": "2025-03-31", "45747.75": "2025-03-31", "60000": "2064-04-08"} {
		if d, ok := ParseSerialDay(text, false); !ok || d.String() != want {
			t.Errorf("day %s of a workbook = %s, want %s", text, d, want)
		}
	}
	if d, ok := ParseSerialDay("44285", true); !ok || d.String() != "2025-03-31" {
		t.Errorf("day 44285 since 1904 = %s", d)
	}
}

func TestParseMonth(t *testing.T) {
	for text, want := range map[string]string{
		"2025-03": "2025-03-01", "03/2025": "2025-03-01", "3.2025": "2025-03-01", "202503": "2025-03-01", "003/2025": "2025-03-01", "2025-003": "2025-03-01", "2025P03": "2025-03-01",
		"März 2025": "2025-03-01", "Mar-25": "2025-03-01", "13/2025": "error", "2025": "error", "": "error", "016/2025": "error",
	} {
		d, err := ParseMonth(text)
		got := d.String()
		if err != nil {
			got = "error"
		}
		if got != want {
			t.Errorf("ParseMonth(%q) = %s (%v), want %s", text, got, err, want)
		}
	}
}

func FuzzParseNumber(f *testing.F) {
	f.Add("(1.234,50) EUR", "31.12.2025")
	f.Fuzz(func(t *testing.T, text, day string) {
		for style := NumbersOpen; style <= DecimalComma; style++ {
			n, code, err := ParseNumber(text, style)
			if err == nil && (n.IsNull() || code != "" && !IsCurrency(code)) {
				t.Errorf("%q became %s %s", text, n, code)
			}
		}
		for style := DaysOpen; style <= MonthFirst; style++ {
			if d, err := ParseDay(day, style); err == nil && (d.Time().Year() < 1900 || d.Time().Year() > 2200) {
				t.Errorf("%q became %s", day, d)
			}
		}
		if d, err := ParseMonth(day); err == nil && d == model.Date(0) {
			t.Errorf("%q became no month", day)
		}
		var days Days
		var numbers Numbers
		days.Add(day, 1)
		numbers.Add(text, 1)
	})
}
