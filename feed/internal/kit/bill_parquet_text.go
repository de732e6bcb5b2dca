package kit

import (
	"math/big"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// parquetText returns how values of a type are written as text, and whether the text stands in quotes in JSON.
func parquetText(t parquet.Type) (write func([]byte, parquet.Value) []byte, quoted bool) {
	kind := t.Kind()
	if logical := t.LogicalType(); logical != nil {
		switch l := logical.Value.(type) {
		case *format.DecimalType:
			return func(b []byte, v parquet.Value) []byte { return appendDecimal(b, v, int(l.Scale)) }, false
		case *format.DateType:
			return func(b []byte, v parquet.Value) []byte {
				return time.Unix(int64(v.Int32())*86400, 0).UTC().AppendFormat(b, time.DateOnly)
			}, true
		case *format.TimestampType:
			if l.Unit.Value != nil && kind == parquet.Int64 {
				unit := l.Unit.Value.Duration()
				return func(b []byte, v parquet.Value) []byte { return appendTime(b, v.Int64(), unit) }, true
			}
		case *format.IntType:
			if !l.IsSigned && kind == parquet.Int64 {
				return func(b []byte, v parquet.Value) []byte { return strconv.AppendUint(b, v.Uint64(), 10) }, false
			}
			if !l.IsSigned {
				return func(b []byte, v parquet.Value) []byte { return strconv.AppendUint(b, uint64(v.Uint32()), 10) }, false
			}
		}
	}
	switch kind {
	case parquet.Boolean:
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendBool(b, v.Boolean()) }, false
	case parquet.Int32:
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendInt(b, int64(v.Int32()), 10) }, false
	case parquet.Int64:
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendInt(b, v.Int64(), 10) }, false
	case parquet.Float:
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendFloat(b, float64(v.Float()), 'g', -1, 32) }, false
	case parquet.Double:
		return func(b []byte, v parquet.Value) []byte { return strconv.AppendFloat(b, v.Double(), 'g', -1, 64) }, false
	case parquet.Int96:
		return appendInt96, true
	}
	return func(b []byte, v parquet.Value) []byte { return append(b, v.ByteArray()...) }, true
}

// appendDecimal writes an integer that counts units of 10^-scale: a number, or its two's complement with the highest byte first.
func appendDecimal(b []byte, v parquet.Value, scale int) []byte {
	switch v.Kind() {
	case parquet.Int32:
		return appendScaled(b, strconv.FormatInt(int64(v.Int32()), 10), scale)
	case parquet.Int64:
		return appendScaled(b, strconv.FormatInt(v.Int64(), 10), scale)
	}
	raw := v.ByteArray()
	n := new(big.Int)
	if len(raw) > 64 {
		return append(b, "a decimal of more than 64 bytes"...)
	}
	n.SetBytes(raw)
	if len(raw) > 0 && raw[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(raw))))
	}
	return appendScaled(b, n.String(), scale)
}

// appendScaled sets the point into the digits of an integer.
func appendScaled(b []byte, digits string, scale int) []byte {
	if len(digits) > 0 && digits[0] == '-' {
		b, digits = append(b, '-'), digits[1:]
	}
	if scale <= 0 {
		b = append(b, digits...)
		if scale < 0 && digits != "0" {
			b = append(b, 'e')
			b = strconv.AppendInt(b, int64(-scale), 10)
		}
		return b
	}
	if scale > 100 {
		return append(append(append(b, digits...), "e-"...), strconv.Itoa(scale)...)
	}
	if point := len(digits) - scale; point > 0 {
		b = append(append(b, digits[:point]...), '.')
		return append(b, digits[point:]...)
	}
	b = append(b, "0."...)
	for range scale - len(digits) {
		b = append(b, '0')
	}
	return append(b, digits...)
}

// appendTime writes a number of units since 1970.
func appendTime(b []byte, n int64, unit time.Duration) []byte {
	perSecond := int64(time.Second / unit)
	seconds, rest := n/perSecond, n%perSecond
	if rest < 0 {
		seconds, rest = seconds-1, rest+perSecond
	}
	return time.Unix(seconds, rest*int64(unit)).UTC().AppendFormat(b, "2006-01-02T15:04:05.999999999Z")
}

// appendInt96 writes the time that older programs write as nanoseconds of a day and a Julian day.
func appendInt96(b []byte, v parquet.Value) []byte {
	n := v.Int96()
	nanoseconds := int64(uint64(n[1])<<32 | uint64(n[0]))
	return time.Unix((int64(n[2])-2440588)*86400, 0).UTC().Add(time.Duration(nanoseconds)).AppendFormat(b, "2006-01-02T15:04:05.999999999Z")
}

// AppendJSONText writes a text as a JSON string. Bytes that are no UTF-8 are replaced.
func AppendJSONText(b, text []byte) []byte {
	if out, err := jsontext.AppendQuote(b, text); err == nil {
		return out
	}
	clean := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		clean = utf8.AppendRune(clean, r)
		text = text[n:]
	}
	out, err := jsontext.AppendQuote(b, clean)
	if err != nil {
		return append(b, `""`...)
	}
	return out
}
