package facts

import (
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"binnacle/model"
)

// Decimal is an exact decimal number, or nothing at all. The zero Decimal is
// nothing, which is not the number 0. Decimals of up to 18 digits, which nearly all
// are, need no memory of their own.
type Decimal struct {
	coef  int64
	scale uint8
	state uint8
	large *apd.Decimal
}

// The states of a decimal: nothing, coef × 10^-scale, or large.
const (
	null uint8 = iota
	small
	huge
)

// mostDigits is how many digits a decimal may have, and how many places after the point.
const mostDigits = 60

// NewDecimal returns coef × 10^-scale. The scale is at most 18.
func NewDecimal(coef int64, scale uint8) Decimal {
	return Decimal{coef: coef, scale: scale, state: small}
}

// ParseDecimal reads a number such as -12.50 or 8.0E-7. White space around it is
// left out. The text must not be empty. Numbers have at most 60 digits.
func ParseDecimal[T string | []byte](text T) (Decimal, error) {
	if d, ok := quick(text); ok {
		return d, nil
	}
	s := strings.TrimSpace(string(text))
	if d, ok := quick(s); ok {
		return d, nil
	}
	bad := func() (Decimal, error) {
		return Decimal{}, fmt.Errorf("%.80q is not a number: write at most %d digits with a point, such as 1200.50", s, mostDigits)
	}
	if s == "" || len(s) > 100 || strings.ContainsAny(s, "_xXpPnN") {
		return bad()
	}
	large, _, err := apd.NewFromString(s)
	if err == nil && large.Form == apd.Finite && large.IsZero() {
		return NewDecimal(0, 0), nil
	}
	if err != nil || large.Form != apd.Finite || large.Exponent > mostDigits || large.Exponent < -mostDigits || large.NumDigits() > mostDigits {
		return bad()
	}
	return fromLarge(large), nil
}

// quick reads a plain number of at most 18 digits.
func quick[T string | []byte](text T) (Decimal, bool) {
	i, n := 0, len(text)
	if n == 0 || n > 20 {
		return Decimal{}, false
	}
	negative := text[0] == '-'
	if negative || text[0] == '+' {
		i++
	}
	var coef int64
	digits, point := 0, -1
	for ; i < n; i++ {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			coef = coef*10 + int64(c-'0')
			digits++
		case c == '.' && point < 0:
			point = digits
		default:
			return Decimal{}, false
		}
	}
	if digits == 0 || digits > 18 {
		return Decimal{}, false
	}
	scale := 0
	if point >= 0 {
		scale = digits - point
	}
	for scale > 0 && coef%10 == 0 {
		coef, scale = coef/10, scale-1
	}
	if negative {
		coef = -coef
	}
	return Decimal{coef: coef, scale: uint8(scale), state: small}, true
}

// fromLarge makes a decimal of a number of any size, small where it fits.
func fromLarge(large *apd.Decimal) Decimal {
	var r apd.Decimal
	r.Reduce(large)
	if r.Exponent <= 0 && r.Exponent >= -18 && r.NumDigits() <= 18 {
		coef, _ := strconv.ParseInt(r.Coeff.String(), 10, 64)
		if r.Negative {
			coef = -coef
		}
		return Decimal{coef: coef, scale: uint8(-r.Exponent), state: small}
	}
	return Decimal{state: huge, large: &r}
}

// IsNull reports whether there is no number.
func (d Decimal) IsNull() bool { return d.state == null }

// Sign returns -1, 0 or 1. Nothing has the sign 0.
func (d Decimal) Sign() int {
	switch {
	case d.state == huge:
		return d.large.Sign()
	case d.coef < 0:
		return -1
	case d.coef > 0:
		return 1
	}
	return 0
}

// Small returns the number as coef × 10^-scale, and false where it is nothing or does not fit.
func (d Decimal) Small() (coef int64, scale uint8, ok bool) { return d.coef, d.scale, d.state == small }

// Neg returns the number with the other sign.
func (d Decimal) Neg() Decimal {
	if d.state == huge {
		var n apd.Decimal
		n.Neg(d.large)
		return Decimal{state: huge, large: &n}
	}
	d.coef = -d.coef
	return d
}

// Cmp compares two numbers. Nothing counts as 0.
func (d Decimal) Cmp(o Decimal) int {
	if d.state != huge && o.state != huge && d.scale == o.scale {
		switch {
		case d.coef < o.coef:
			return -1
		case d.coef > o.coef:
			return 1
		}
		return 0
	}
	return d.apd().Cmp(o.apd())
}

// Mul returns the exact product. Nothing times anything is nothing.
func (d Decimal) Mul(o Decimal) Decimal {
	if d.state == null || o.state == null {
		return Decimal{}
	}
	if d.state == small && o.state == small && d.scale+o.scale <= 18 {
		hi, lo := bits.Mul64(magnitude(d.coef), magnitude(o.coef))
		if hi == 0 && lo < 1e18 {
			coef, scale := int64(lo), d.scale+o.scale
			if (d.coef < 0) != (o.coef < 0) {
				coef = -coef
			}
			for scale > 0 && coef%10 == 0 {
				coef, scale = coef/10, scale-1
			}
			return Decimal{coef: coef, scale: scale, state: small}
		}
	}
	var out apd.Decimal
	wide.Mul(&out, d.apd(), o.apd())
	return fromLarge(&out)
}

// wide calculates with more digits than sums of decimals and of their products
// have: from 240 digits before the point to 240 behind it, and some for adding up.
var wide = apd.Context{Precision: 9 * mostDigits, MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent}

// apd returns the number in the form of the library. Nothing becomes 0. It must not be written to.
func (d Decimal) apd() *apd.Decimal {
	if d.state == huge {
		return d.large
	}
	return apd.New(d.coef, -int32(d.scale))
}

// Float returns the number as a float64. It is for drawing and statistics, never for sums of money.
func (d Decimal) Float() float64 {
	if d.state == huge {
		f, _ := d.large.Float64()
		return f
	}
	return float64(d.coef) / math.Pow10(int(d.scale))
}

// String writes the number with all its digits and without an exponent, and nothing as an empty text.
func (d Decimal) String() string {
	switch d.state {
	case null:
		return ""
	case huge:
		return d.large.Text('f')
	}
	return string(appendSmall(nil, d.coef, d.scale))
}

func appendSmall(b []byte, coef int64, scale uint8) []byte {
	if coef < 0 {
		b = append(b, '-')
	}
	digits := strconv.FormatUint(magnitude(coef), 10)
	if scale == 0 {
		return append(b, digits...)
	}
	for len(digits) <= int(scale) {
		digits = "0" + digits
	}
	point := len(digits) - int(scale)
	b = append(b, digits[:point]...)
	b = append(b, '.')
	return append(b, digits[point:]...)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// MarshalText writes the number as String does.
func (d Decimal) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads a number, and an empty text as nothing.
func (d *Decimal) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Decimal{}
		return nil
	}
	parsed, err := ParseDecimal(text)
	*d = parsed
	return err
}

// Money returns the number as an amount of a currency.
func (d Decimal) Money(currency string) (model.Money, error) {
	if d.state == null {
		return model.Money{}, nil
	}
	return model.NewMoney(d.String(), currency)
}

// Of returns the amount of money as a decimal. Unset money is nothing.
func Of(m model.Money) Decimal {
	if m.IsZero() {
		return Decimal{}
	}
	d, _ := ParseDecimal(m.Amount())
	return d
}

// Sum adds up decimals exactly. The zero Sum is 0 and ready to use. It has 18
// places after the point in two words; what does not fit goes into a number of any size.
type Sum struct {
	hi   int64
	lo   uint64
	rest *apd.Decimal
}

var powers = func() (out [19]uint64) {
	out[0] = 1
	for i := 1; i < len(out); i++ {
		out[i] = out[i-1] * 10
	}
	return out
}()

// Add adds a number. Nothing adds nothing.
func (s *Sum) Add(d Decimal) {
	switch d.state {
	case null:
		return
	case huge:
		s.addRest(d.large)
		return
	}
	if d.scale > 18 {
		s.addRest(d.apd())
		return
	}
	hi, lo := bits.Mul64(magnitude(d.coef), powers[18-d.scale])
	if d.coef < 0 {
		lo, hi = -lo, ^hi
		if lo == 0 {
			hi++
		}
	}
	s.addWords(int64(hi), lo)
}

func (s *Sum) addWords(hi int64, lo uint64) {
	sum, carry := bits.Add64(s.lo, lo, 0)
	high := s.hi + hi + int64(carry)
	if (s.hi < 0) == (hi < 0) && (high < 0) != (hi < 0) {
		s.addRest(words(hi, lo))
		return
	}
	s.hi, s.lo = high, sum
}

func (s *Sum) addRest(d *apd.Decimal) {
	var out apd.Decimal
	if s.rest != nil {
		wide.Add(&out, s.rest, d)
	} else {
		out.Set(d)
	}
	s.rest = &out
}

// words returns the number that two words stand for.
func words(hi int64, lo uint64) *apd.Decimal {
	n := new(big.Int).Lsh(big.NewInt(hi), 64)
	n.Add(n, new(big.Int).SetUint64(lo))
	out := new(apd.Decimal)
	out.Negative = n.Sign() < 0
	out.Coeff.SetMathBigInt(n.Abs(n))
	out.Exponent = -18
	return out
}

// AddSum adds another sum.
func (s *Sum) AddSum(o Sum) {
	s.addWords(o.hi, o.lo)
	if o.rest != nil {
		s.addRest(o.rest)
	}
}

// Sub takes another sum away.
func (s *Sum) Sub(o Sum) { s.AddSum(o.Neg()) }

// Neg returns the sum with the other sign.
func (s Sum) Neg() Sum {
	if s.hi == math.MinInt64 && s.lo == 0 {
		var out Sum
		var n apd.Decimal
		n.Neg(words(s.hi, s.lo))
		out.addRest(&n)
		return out
	}
	out := Sum{hi: ^s.hi, lo: -s.lo}
	if s.lo == 0 {
		out.hi++
	}
	if s.rest != nil {
		out.rest = new(apd.Decimal)
		out.rest.Neg(s.rest)
	}
	return out
}

// Sign returns -1, 0 or 1.
func (s Sum) Sign() int {
	if s.rest != nil {
		return s.total().Sign()
	}
	switch {
	case s.hi < 0:
		return -1
	case s.hi > 0 || s.lo > 0:
		return 1
	}
	return 0
}

func (s Sum) total() *apd.Decimal {
	out := words(s.hi, s.lo)
	if s.rest != nil {
		wide.Add(out, out, s.rest)
	}
	return out
}

// AppendText writes the sum with all its digits behind a text. It needs no memory of its own in the usual case.
func (s Sum) AppendText(b []byte) ([]byte, error) {
	hi, lo := uint64(s.hi), s.lo
	if s.hi < 0 {
		lo, hi = -lo, ^hi
		if lo == 0 {
			hi++
		}
	}
	if s.rest != nil || hi >= powers[18] {
		return append(b, s.Decimal().String()...), nil
	}
	if s.hi < 0 {
		b = append(b, '-')
	}
	whole, part := bits.Div64(hi, lo, powers[18])
	b = strconv.AppendUint(b, whole, 10)
	if part == 0 {
		return b, nil
	}
	b = append(b, '.')
	for scale := 17; part > 0; scale-- {
		b = append(b, '0'+byte(part/powers[scale]))
		part %= powers[scale]
	}
	return b, nil
}

// ParseSum reads what String wrote, of however many digits a sum has.
func ParseSum[T string | []byte](text T) (Sum, error) {
	var s Sum
	if d, ok := quick(text); ok {
		s.Add(d)
		return s, nil
	}
	d, err := parseLong(string(text))
	s.Add(d)
	return s, err
}

// mostLong is how long the text of a sum or of a product may be.
const mostLong = 1000

// parseLong reads a plain number that may have more digits than people may write.
func parseLong(text string) (Decimal, error) {
	if len(text) > mostLong || strings.Trim(text, "0123456789.-") != "" {
		return Decimal{}, fmt.Errorf("%.80q is not a number of plain digits", text)
	}
	large, _, err := apd.NewFromString(text)
	if err != nil || large.Form != apd.Finite {
		return Decimal{}, fmt.Errorf("%.80q is not a number of plain digits", text)
	}
	return fromLarge(large), nil
}

// Decimal returns the sum as a number.
func (s Sum) Decimal() Decimal {
	total := s.total()
	if total.IsZero() {
		return NewDecimal(0, 0)
	}
	return fromLarge(total)
}

// String writes the sum with all its digits.
func (s Sum) String() string {
	b, _ := s.AppendText(nil)
	return string(b)
}

// Float returns the sum as a float64. It is for drawing and statistics.
func (s Sum) Float() float64 {
	if s.rest == nil {
		return (float64(s.hi)*math.Pow(2, 64) + float64(s.lo)) / 1e18
	}
	return s.Decimal().Float()
}

// Money returns the sum as an amount of a currency.
func (s Sum) Money(currency string) (model.Money, error) { return s.Decimal().Money(currency) }

// Minor returns the sum in units of 10^-places, rounded half to even, and what the rounding left over.
func (s Sum) Minor(places int32) (*big.Int, Decimal) {
	total := s.total()
	var rounded, left apd.Decimal
	c := wide
	c.Rounding = apd.RoundHalfEven
	c.Quantize(&rounded, total, -places)
	wide.Sub(&left, total, &rounded)
	n := rounded.Coeff.MathBigInt()
	if rounded.Negative {
		n.Neg(n)
	}
	return n, fromLarge(&left)
}
