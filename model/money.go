package model

import (
	"fmt"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// Money is an exact decimal amount in one currency. The zero Money is unset;
// an amount of nothing still has a currency.
type Money struct {
	amount   apd.Decimal
	currency string
}

// exact adds and subtracts without rounding. 60 digits are more than any sum of money needs.
var exact = apd.Context{Precision: 60, MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Traps: apd.DefaultTraps | apd.Inexact}

// NewMoney makes money from an amount such as "1200.50" and an ISO 4217 currency such as "EUR".
func NewMoney(amount, currency string) (Money, error) {
	currency = strings.ToUpper(strings.TrimSpace(currency))
	if len(currency) != 3 || strings.Trim(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return Money{}, fmt.Errorf("%q is not a currency: use the three letters of ISO 4217, such as EUR", currency)
	}
	var m Money
	amount = strings.TrimSpace(amount)
	wrong := len(amount) > 60
	if !wrong {
		_, _, err := m.amount.SetString(amount)
		wrong = err != nil || m.amount.Form != apd.Finite || m.amount.Exponent > 30 || m.amount.Exponent < -30
	}
	if wrong {
		return Money{}, fmt.Errorf("%.80q is not an amount: write at most 60 digits with a point, such as 1200.50", amount)
	}
	if m.amount.IsZero() {
		m.amount.Negative, m.amount.Exponent = false, min(m.amount.Exponent, 0)
	} else if m.amount.Exponent > 0 {
		m.amount.SetString(m.amount.Text('f'))
	}
	if m.amount.NumDigits() > 59 {
		return Money{}, fmt.Errorf("%.80q is not an amount: it has more than 59 digits", amount)
	}
	m.currency = currency
	return m, nil
}

// ParseMoney reads money written as "1200.50 EUR" or "EUR 1200.50".
func ParseMoney(text string) (Money, error) {
	parts := strings.Fields(text)
	if len(parts) != 2 {
		return Money{}, fmt.Errorf("%q is not money: write amount and currency, such as 1200.50 EUR", text)
	}
	if c := parts[0][0]; c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' {
		parts[0], parts[1] = parts[1], parts[0]
	}
	return NewMoney(parts[0], parts[1])
}

// MustMoney reads money and panics where the text is not money. It is for constants.
func MustMoney(text string) Money {
	m, err := ParseMoney(text)
	if err != nil {
		panic(err)
	}
	return m
}

// IsZero reports whether the money is unset. Nothing, in a currency, is not unset.
func (m Money) IsZero() bool { return m.currency == "" }

// Currency returns the three letters of ISO 4217.
func (m Money) Currency() string { return m.currency }

// Amount writes the amount with all its digits and without an exponent.
func (m Money) Amount() string { return m.amount.Text('f') }

// Float returns the amount as a float64. It is for drawing and sorting, never for sums.
func (m Money) Float() float64 {
	f, _ := m.amount.Float64()
	return f
}

// Sign returns -1, 0 or 1 as the amount is below, at or above nothing.
func (m Money) Sign() int { return m.amount.Sign() }

// Cmp compares two amounts of one currency. It returns an error where the currencies differ.
func (m Money) Cmp(other Money) (int, error) {
	if m.currency != other.currency {
		return 0, fmt.Errorf("cannot compare %s with %s", m, other)
	}
	return m.amount.Cmp(&other.amount), nil
}

// Add returns the exact sum. An unset Money adds nothing. It returns an error where the currencies differ.
func (m Money) Add(other Money) (Money, error) {
	if m.IsZero() {
		return other, nil
	}
	if other.IsZero() {
		return m, nil
	}
	if m.currency != other.currency {
		return Money{}, fmt.Errorf("cannot add %s to %s: convert one of them first", other, m)
	}
	sum := Money{currency: m.currency}
	if _, err := exact.Add(&sum.amount, &m.amount, &other.amount); err != nil {
		return Money{}, fmt.Errorf("cannot add %s to %s: %w", other, m, err)
	}
	return sum, nil
}

// Neg returns the money with the other sign.
func (m Money) Neg() Money {
	out := Money{currency: m.currency}
	out.amount.Neg(&m.amount)
	return out
}

// Equal reports whether both are the same amount of the same currency. 1.50 EUR equals 1.5 EUR.
func (m Money) Equal(other Money) bool {
	return m.currency == other.currency && m.amount.Cmp(&other.amount) == 0
}

// Short writes the amount for people: to the hundredth where it is 1 or more, and to four digits that count below that. It is
// for showing, never for sums.
func (m Money) Short() string {
	if m.amount.Exponent >= -2 {
		return m.Amount()
	}
	c := apd.BaseContext.WithPrecision(60)
	var out apd.Decimal
	places := int32(-2)
	if above := m.amount.NumDigits() + int64(m.amount.Exponent); above < 1 {
		places = int32(above) - 4
	}
	if _, err := c.Quantize(&out, &m.amount, max(places, m.amount.Exponent)); err != nil {
		return m.Amount()
	}
	return out.Text('f')
}

// String writes the money as "1200.50 EUR", and unset money as nothing.
func (m Money) String() string {
	if m.IsZero() {
		return ""
	}
	return m.Amount() + " " + m.currency
}

// MarshalText writes the money as "1200.50 EUR".
func (m Money) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads money as [ParseMoney] does, and nothing as unset money.
func (m *Money) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = Money{}
		return nil
	}
	parsed, err := ParseMoney(string(text))
	*m = parsed
	return err
}
