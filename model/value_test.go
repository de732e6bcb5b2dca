package model_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"binnacle/model"
)

// parsed is one line of a table of texts: what a person types, and the form in which it is kept. No form means that it is refused.
type parsed struct{ in, want string }

func checkParser[T interface{ String() string }](t *testing.T, parse func(string) (T, error), table []parsed) {
	t.Helper()
	for _, line := range table {
		got, err := parse(line.in)
		switch {
		case line.want == "!" && err == nil:
			t.Errorf("%.60q was read as %q, and should be refused", line.in, got)
		case line.want == "!" && !strings.Contains(err.Error(), "is"):
			t.Errorf("%.60q: the error %q is no sentence", line.in, err)
		case line.want == "!" && len(err.Error()) > 400:
			t.Errorf("%.60q: the error has %d bytes", line.in, len(err.Error()))
		case line.want != "!" && err != nil:
			t.Errorf("%.60q: %v", line.in, err)
		case line.want != "!" && got.String() != line.want:
			t.Errorf("%.60q was read as %q, want %q", line.in, got, line.want)
		}
	}
}

func TestMoneyThatPeopleType(t *testing.T) {
	checkParser(t, model.ParseMoney, []parsed{
		{"1200.50 EUR", "1200.50 EUR"}, {"EUR 1200.50", "1200.50 EUR"}, {" 12  eur ", "12 EUR"}, {"-3.1 USD", "-3.1 USD"}, {"0 JPY", "0 JPY"},
		{"-0 JPY", "0 JPY"}, {"-0.00 JPY", "0.00 JPY"}, {"1e3 EUR", "1000 EUR"}, {"0e10 EUR", "0 EUR"}, {"-1e3 EUR", "-1000 EUR"}, {"0e-3 EUR", "0.000 EUR"}, {"+5 EUR", "5 EUR"}, {"0.0001 CHF", "0.0001 CHF"},
		{"", "!"}, {"12", "!"}, {"EUR", "!"}, {"12 EURO", "!"}, {"12 E1R", "!"}, {"12 €", "!"}, {"1,200.50 EUR", "!"}, {"1.200,50 EUR", "!"}, {"1 200 EUR", "!"},
		{"NaN EUR", "!"}, {"Infinity EUR", "!"}, {"-Inf EUR", "!"}, {"sNaN EUR", "!"}, {"1e31 EUR", "!"}, {"123456789012345678901234567890123456789012345678901234e30 EUR", "!"}, {"1e-31 EUR", "!"}, {"1e999999999 EUR", "!"},
		{strings.Repeat("9", 61) + " EUR", "!"}, {strings.Repeat("9", 1<<20) + " EUR", "!"}, {"0x10 EUR", "!"}, {"1_000 EUR", "!"}, {"12 EUR USD", "!"}, {"١٢ EUR", "!"},
	})
}

func TestMoneyIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := rapid.SliceOfN(rapid.Int64Range(-1e12, 1e12), 1, 50).Draw(t, "cents")
		var sum model.Money
		var want int64
		for _, c := range cents {
			sign := ""
			if want += c; c < 0 {
				sign, c = "-", -c
			}
			var err error
			if sum, err = sum.Add(model.MustMoney(sign + digits(c/100) + "." + twoDigits(c%100) + " EUR")); err != nil {
				t.Fatal(err)
			}
		}
		sign, left := "", want
		if want < 0 {
			sign, left = "-", -want
		}
		if total := model.MustMoney(sign + digits(left/100) + "." + twoDigits(left%100) + " EUR"); !sum.Equal(total) {
			t.Fatalf("the sum is %s, want %s", sum, total)
		}
		if back, err := sum.Add(sum.Neg()); err != nil || back.Sign() != 0 || back.Currency() != "EUR" || back.IsZero() {
			t.Fatalf("%s and its negative are %q (%v)", sum, back, err)
		}
	})
	if _, err := model.MustMoney("1 EUR").Add(model.MustMoney("1 USD")); err == nil {
		t.Error("euros and dollars were added")
	}
	if _, err := model.MustMoney("1 EUR").Cmp(model.MustMoney("1 USD")); err == nil {
		t.Error("euros and dollars were compared")
	}
	if _, err := model.MustMoney("1e30 EUR").Add(model.MustMoney("1e-30 EUR")); err == nil {
		t.Error("a sum that does not fit was rounded silently")
	}
}

func digits(n int64) string {
	text := twoDigits(n % 100)
	for n /= 100; n > 0; n /= 100 {
		text = twoDigits(n%100) + text
	}
	return text
}

func twoDigits(n int64) string { return string([]byte{byte('0' + n/10), byte('0' + n%10)}) }

func TestDatesThatPeopleType(t *testing.T) {
	checkParser(t, model.ParseDate, []parsed{
		{"2027-06-30", "2027-06-30"}, {" 2027-06-30 ", "2027-06-30"}, {"2027-06-30T23:59:59Z", "2027-06-30"}, {"2027-06-30 10:00", "2027-06-30"}, {"2024-02-29", "2024-02-29"},
		{"9999-12-31", "9999-12-31"}, {"0001-01-02", "0001-01-02"}, {"1970-01-01", "1970-01-01"}, {"0001-01-01", ""},
		{"", "!"}, {"2023-02-29", "!"}, {"2027-13-01", "!"}, {"2027-00-10", "!"}, {"0000-00-00", "!"}, {"0000-12-31", "!"}, {"30.06.2027", "!"}, {"06/30/2027", "!"}, {"2027-6-30", "!"}, {"10000-01-01", "!"},
		{"-2027-06-30", "!"}, {"2027-06-30x", "!"}, {"tomorrow", "!"}, {strings.Repeat("2", 1<<20), "!"},
	})
	if got := model.NewDate(2024, time.February, 29).AddMonths(12); got.String() != "2025-02-28" {
		t.Errorf("a year after 29 February 2024 is %s, want the last of February", got)
	}
}

func TestMomentsThatPeopleType(t *testing.T) {
	checkParser(t, model.ParseTime, []parsed{
		{"2027-06-30T14:00:00Z", "2027-06-30T14:00:00Z"}, {"2027-06-30T14:00:00.1234Z", "2027-06-30T14:00:00.123Z"}, {"2027-06-30T14:00:00+02:00", "2027-06-30T12:00:00Z"},
		{"2027-06-30", "2027-06-30T00:00:00Z"}, {"2027-06-30 14:00", "2027-06-30T14:00:00Z"}, {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
		{"", "!"}, {"14:00", "!"}, {"2027-06-30T25:00:00Z", "!"}, {"9999-12-31T23:59:59-23:59", "!"}, {"0001-01-01T00:00:00+23:59", "!"}, {"0000-01-01T00:00:00Z", "!"}, {"now", "!"},
	})
}

func TestLengthsOfTimeThatPeopleType(t *testing.T) {
	checkParser(t, model.ParseDuration, []parsed{
		{"90d", "90d"}, {"4h30m", "4h30m"}, {"2w", "14d"}, {"1.5h", "1h30m"}, {"90m", "1h30m"}, {" 2 d 4 h ", "2d4h"}, {"0s", "0s"}, {"59.999999999s", "59.999999999s"}, {".5s", "0.5s"},
		{"40000d1s", "40000d1s"}, {"0.001s", "0.001s"}, {"1w1w", "14d"},
		{"", "!"}, {"90", "!"}, {"d", "!"}, {"-5h", "!"}, {"1ms", "!"}, {"5y", "!"}, {"NaNh", "!"}, {"Infd", "!"}, {"1e3h", "!"}, {"0x1p4h", "!"}, {"1.2.3h", "!"}, {"147000000000000h", "!"},
		{strings.Repeat("99999999999", 1000) + "d", "!"}, {strings.Repeat("50000d", 3), "!"}, {"1_0h", "!"}, {"+5h", "!"},
	})
	if got := model.Duration(-26 * time.Hour).String(); got != "-1d2h" {
		t.Errorf("26 hours over are written as %q", got)
	}
	if got := model.Duration(math.MinInt64).String(); !strings.HasPrefix(got, "-") {
		t.Errorf("the smallest length is written as %q", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		d := model.Duration(rapid.Int64Range(0, math.MaxInt64/2).Draw(t, "nanoseconds"))
		if again, err := model.ParseDuration(d.String()); err != nil || again != d {
			t.Fatalf("%d is written as %s and read as %d (%v)", d, d, again, err)
		}
	})
}

func TestRangesThatPeopleType(t *testing.T) {
	checkParser(t, model.ParseRange, []parsed{
		{"10..20..60", "10..20..60"}, {"10..60", "10..35..60"}, {"7", "7..7..7"}, {"-5..5", "-5..0..5"}, {"0.5 .. 1 .. 2", "0.5..1..2"}, {"0..0..0", ""},
		{"", "!"}, {"10..", "!"}, {"..10", "!"}, {"60..20..10", "!"}, {"10..70..60", "!"}, {"1..2..3..4", "!"}, {"NaN..1..2", "!"}, {"1..Inf", "!"}, {"a..b", "!"}, {"1-2", "!"},
	})
	if r, err := model.ParseRange("-1.7e308..1.7e308"); err != nil || r.Likely != 0 {
		t.Errorf("the middle of the widest range is %v (%v)", r.Likely, err)
	}
}

func TestPercentagesThatPeopleType(t *testing.T) {
	checkParser(t, model.ParsePercent, []parsed{
		{"99.95", "99.95"}, {"99.95 %", "99.95"}, {"0%", "0"}, {"-3", "-3"}, {"150", "150"},
		{"", "!"}, {"%", "!"}, {"NaN", "!"}, {"Inf%", "!"}, {"9,5", "!"}, {"1e400", "!"}, {"ten", "!"},
	})
}

func TestIDsThatPeopleType(t *testing.T) {
	const id = "01890a5d-ac96-774b-bcce-b302099a8057"
	checkParser(t, model.ParseID, []parsed{
		{id, id}, {strings.ToUpper(id), id},
		{"", "!"}, {id[:35], "!"}, {id + "0", "!"}, {strings.ReplaceAll(id, "-", ""), "!"}, {"{" + id + "}", "!"}, {strings.Replace(id, "0", "g", 1), "!"},
		{"01890a5d-ac96-774b-bcce-b302099a80-7", "!"}, {"01890a5--ac96-774b-bcce-b302099a8057", "!"}, {"01890a5d-ac96-774b-bcce-b302099a8ä7", "!"}, {strings.Repeat("-", 36), "!"},
	})
}

func fuzzParser[T interface {
	comparable
	String() string
}](f *testing.F, parse func(string) (T, error), seeds ...string) {
	for _, s := range seeds {
		f.Add(s)
	}
	var none T
	f.Fuzz(func(t *testing.T, text string) {
		value, err := parse(text)
		if err != nil || value == none {
			return
		}
		again, err := parse(value.String())
		if err != nil || again != value {
			t.Errorf("%q is kept as %q, which is read as %q (%v)", text, value, again, err)
		}
	})
}

func FuzzParseDate(f *testing.F) {
	fuzzParser(f, model.ParseDate, "2027-06-30", "0000-12-31", "9999-12-31T1")
}

func FuzzParseTime(f *testing.F) {
	fuzzParser(f, model.ParseTime, "2027-06-30T14:00:00.5Z", "9999-12-31T23:59:59-23:59", "2027-06-30")
}

func FuzzParseDuration(f *testing.F) {
	fuzzParser(f, model.ParseDuration, "2w3d4h5m6.7s", "NaNh", "0.0000000001s")
}

func FuzzParseRange(f *testing.F) {
	fuzzParser(f, model.ParseRange, "1..2..3", "-1e308..1e308", "1...5")
}

func FuzzParsePercent(f *testing.F) { fuzzParser(f, model.ParsePercent, "99.95 %", "0x1p-2", "-0") }

func FuzzParseID(f *testing.F) {
	fuzzParser(f, model.ParseID, "01890a5d-ac96-774b-bcce-b302099a8057", "01890a5d-ac96-774b-bcce-b302099a80-7")
}

func FuzzParseMoney(f *testing.F) {
	f.Add("1200.50 EUR")
	f.Add("EUR -1e30")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := model.ParseMoney(text)
		if err != nil {
			return
		}
		if again, err := model.ParseMoney(m.String()); err != nil || !again.Equal(m) || again.String() != m.String() {
			t.Errorf("%q is kept as %q, which is read as %q (%v)", text, m, again, err)
		}
	})
}
