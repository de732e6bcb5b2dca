package sheet

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"binnacle/feed/internal/kit"
)

// decode returns the content as UTF-8 without a byte-order mark, and a note
// where the encoding had to be guessed.
func decode(data []byte) (text []byte, note string, err error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xEF, 0xBB, 0xBF}):
		text = data[3:]
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}):
		text, err = kit.UTF16(data[2:], false)
	case bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		text, err = kit.UTF16(data[2:], true)
	case zeros(data, 1):
		note = "The file has no byte-order mark; it was read as UTF-16, little endian."
		text, err = kit.UTF16(data, false)
	case zeros(data, 0):
		note = "The file has no byte-order mark; it was read as UTF-16, big endian."
		text, err = kit.UTF16(data, true)
	case utf8.Valid(data):
		text = data
	default:
		note = "The file is not UTF-8; it was read as Windows-1252. Where letters look wrong, save it as UTF-8."
		text, err = charmap.Windows1252.NewDecoder().Bytes(data)
	}
	if err != nil {
		return nil, "", err
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return nil, "", fmt.Errorf("line %d has a NUL byte: this is not a text file", 1+bytes.Count(text[:at], []byte("\n")))
	}
	return text, note, nil
}

// zeros reports whether every second byte at the beginning is zero, as the halves of Latin letters are in UTF-16.
func zeros(data []byte, from int) bool {
	data = data[:min(len(data), 256)&^1]
	if len(data) < 8 {
		return false
	}
	n, other := 0, 0
	for i := 0; i < len(data); i += 2 {
		if data[i+from] == 0 {
			n++
		}
		if data[i+1-from] == 0 {
			other++
		}
	}
	return other == 0 && n*10 >= len(data)/2*8
}
