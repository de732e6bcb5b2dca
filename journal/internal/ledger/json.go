package ledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math"
	"math/big"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// EachMember calls member for every member of a JSON object, in order. Empty text has none.
func EachMember(raw []byte, member func(name string, value []byte) error) error {
	if len(raw) == 0 {
		return nil
	}
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	if tok, err := dec.ReadToken(); err != nil || tok.Kind() != '{' {
		return fmt.Errorf("%.40q is not an object", raw)
	}
	for dec.PeekKind() != '}' {
		tok, err := dec.ReadToken()
		if err != nil {
			return err
		}
		name := tok.String()
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := member(name, value); err != nil {
			return err
		}
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	if len(bytes.TrimSpace(raw[dec.InputOffset():])) > 0 {
		return fmt.Errorf("there is something behind the object")
	}
	return nil
}

// digest sums up a field and its value in 64 bits, under a seed that nobody
// knows beforehand. Values that differ only in how they are written, which a
// database may change, have the same digest. No value has the digest 0.
func digest(seed maphash.Seed, name string, value []byte) uint64 {
	if len(value) == 0 {
		return 0
	}
	var h maphash.Hash
	h.SetSeed(seed)
	h.WriteString(name)
	h.WriteByte(0)
	if c := value[0]; c == '"' || c == 't' || c == 'f' {
		h.Write(value)
	} else {
		digestValue(&h, value)
	}
	return h.Sum64()
}

// digestValue writes a value in one form. What is not JSON is written as it is.
func digestValue(h *maphash.Hash, value []byte) {
	switch value[0] {
	case '[', '{':
		if bytes.IndexByte(value, '{') < 0 {
			digestList(h, value)
			return
		}
		canonical := jsontext.Value(bytes.Clone(value))
		if canonical.Canonicalize() == nil {
			value = canonical
		}
		h.Write(value)
	default:
		f, err := strconv.ParseFloat(string(value), 64)
		if err != nil {
			h.Write(value)
			return
		}
		if math.Abs(f) >= 1<<53 {
			if exact, ok := new(big.Rat).SetString(string(value)); ok {
				h.WriteString(exact.RatString())
				return
			}
		}
		h.Write(binary.BigEndian.AppendUint64(nil, math.Float64bits(f)))
	}
}

// digestList writes a list without objects, leaving out the space between its items.
func digestList(h *maphash.Hash, value []byte) {
	start, inText := 0, false
	for i := 0; i < len(value); i++ {
		switch c := value[i]; {
		case c == '"':
			inText = !inText
		case inText && c == '\\':
			i++
		case !inText && c == ' ':
			h.Write(value[start:i])
			start = i + 1
		}
	}
	h.Write(value[start:])
}

// quote writes a text as JSON.
func quote(s string) []byte {
	out, _ := jsontext.AppendQuote(nil, s)
	return out
}
