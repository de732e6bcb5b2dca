package model

import (
	"encoding/hex"
	"fmt"
)

// ID names one record for ever: 16 bytes, written as a UUID. The zero ID names nothing.
type ID [16]byte

// IsZero reports whether the ID names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// String writes the ID in the usual form of a UUID.
func (id ID) String() string {
	text, _ := id.MarshalText()
	return string(text)
}

// MarshalText writes the ID in the usual form of a UUID.
func (id ID) MarshalText() ([]byte, error) { return id.AppendText(make([]byte, 0, 36)) }

// AppendText appends the ID in the usual form of a UUID.
func (id ID) AppendText(dst []byte) ([]byte, error) {
	dst = hex.AppendEncode(dst, id[0:4])
	for _, part := range [][]byte{id[4:6], id[6:8], id[8:10], id[10:16]} {
		dst = append(dst, '-')
		dst = hex.AppendEncode(dst, part)
	}
	return dst, nil
}

// UnmarshalText reads an ID in the usual form of a UUID.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// ParseID reads an ID in the usual form of a UUID.
func ParseID(text string) (ID, error) {
	var id ID
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return id, fmt.Errorf("%q is not an id: it must look like 01890a5d-ac96-774b-bcce-b302099a8057", text)
	}
	at := 0
	for _, part := range []string{text[0:8], text[9:13], text[14:18], text[19:23], text[24:36]} {
		for i := 0; i < len(part); i += 2 {
			high, low := nibble(part[i]), nibble(part[i+1])
			if high > 15 || low > 15 {
				return ID{}, fmt.Errorf("%q is not an id: %q are not two hexadecimal digits", text, part[i:i+2])
			}
			id[at] = high<<4 | low
			at++
		}
	}
	return id, nil
}

func nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	case c >= 'A' && c <= 'F':
		return c - 'A' + 10
	}
	return 255
}

// Ref is a pointer from one record to another. The tag `to` of a field names
// the kinds that it may point to. All refs together are the graph.
type Ref ID

// IsZero reports whether the ref points nowhere.
func (r Ref) IsZero() bool { return r == Ref{} }

// String writes the id that the ref points to.
func (r Ref) String() string { return ID(r).String() }

// MarshalText writes the id that the ref points to.
func (r Ref) MarshalText() ([]byte, error) { return ID(r).MarshalText() }

// UnmarshalText reads the id that the ref points to.
func (r *Ref) UnmarshalText(text []byte) error { return (*ID)(r).UnmarshalText(text) }
