package kit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"

	"binnacle/feed"
)

// UTF8 takes the byte-order mark off a content and turns UTF-16 into UTF-8. What an
// XML declaration says of other encodings is left to [NewXML], and bytes that are no
// UTF-8 are left to [Clean]. The error says that the content is not text at all.
func UTF8(data []byte) ([]byte, error) {
	rest, wide, big := unmark(data)
	switch {
	case bytes.HasPrefix(data, []byte("<\x00")):
		wide = true
	case bytes.HasPrefix(data, []byte("\x00<")):
		wide, big = true, true
	}
	if wide {
		return UTF16(rest[:len(rest)&^1], big)
	}
	if bytes.IndexByte(rest, 0) >= 0 {
		return nil, errors.New("the content has NUL bytes: it is not text in UTF-8, or in UTF-16 with a byte-order mark")
	}
	return rest, nil
}

// UTF16 turns UTF-16 without a byte-order mark into UTF-8. Big says that the high
// byte of each unit stands first. The error says that half a unit is missing.
func UTF16(data []byte, big bool) ([]byte, error) {
	if len(data)%2 != 0 {
		return nil, errors.New("the file is UTF-16 and ends inside a character: it is not complete")
	}
	high, low := 1, 0
	if big {
		high, low = 0, 1
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = uint16(data[2*i+high])<<8 | uint16(data[2*i+low])
	}
	out := make([]byte, 0, len(data))
	for _, r := range utf16.Decode(units) {
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

// Content returns the text of a content as [UTF8] does. The error says that it is longer than the limits of the batch allow, or no text.
func Content(in feed.Input, b *feed.Batch) ([]byte, error) {
	if int64(len(in.Data)) > b.Limits.Bytes {
		return nil, tooLarge(in.Data, b.Limits.Bytes)
	}
	return UTF8(in.Data)
}

// Glance returns the beginning of a content as detection looks at it: so many
// bytes as most says, as [UTF8] returns them and without white space in front. It is empty where the content is not text.
func Glance(data []byte, most int) []byte {
	text, err := UTF8(data[:min(len(data), most)])
	if err != nil {
		return nil
	}
	return bytes.TrimLeft(text, " \t\r\n")
}

// Start returns a content as detection looks at it that may have to look at all of it: without a
// byte-order mark and white space in front. Of UTF-16 only so many bytes are decoded as most says.
func Start(data []byte, most int) []byte {
	text, wide, big := unmark(data)
	if wide {
		decoded, err := UTF16(text[:min(len(text), most)&^1], big)
		if err != nil {
			return nil
		}
		text = decoded
	}
	return bytes.TrimLeft(text, " \t\r\n")
}

// unmark takes the byte-order mark off a content. It reports whether the rest is
// UTF-16, and whether the high bytes of that stand first.
func unmark(data []byte) (rest []byte, wide, big bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:], false, false
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return data[2:], true, false
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return data[2:], true, true
	}
	return data, false, false
}

var xmlEncoding = regexp.MustCompile(`^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']`)

// ReadText makes text of a content whose every byte must be right. It understands
// UTF-8, UTF-16 with a byte-order mark and the encodings that an XML declaration names.
// The error says where the content is not text, or that it has more than limit bytes, as it is or as UTF-8.
func ReadText(data []byte, limit int64) (*Text, error) {
	if int64(len(data)) > limit {
		return nil, tooLarge(data, limit)
	}
	text, wide, big := unmark(data)
	if wide {
		out, err := UTF16(text, big)
		if err == nil && int64(len(out)) > limit {
			err = tooLong(limit)
		}
		if err != nil {
			return nil, err
		}
		return NewText(out), nil
	}
	if m := xmlEncoding.FindSubmatch(text[:min(len(text), 300)]); m != nil && !isUTF8(m[1]) {
		reader, err := charset.NewReaderLabel(string(m[1]), bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("the XML declaration names the encoding %q, which is not known: save the file as UTF-8", m[1])
		}
		text, err = io.ReadAll(io.LimitReader(reader, limit+1))
		if err == nil && int64(len(text)) > limit {
			err = tooLong(limit)
		}
		if err != nil {
			return nil, fmt.Errorf("the text cannot be read as %s: %w", m[1], err)
		}
	}
	out := NewText(text)
	if at := invalidUTF8(text); at >= 0 {
		line, column := out.Place(at)
		return nil, fmt.Errorf("line %d, column %d: the byte 0x%02X is not valid UTF-8: save the file as UTF-8", line, column, text[at])
	}
	return out, nil
}

func tooLarge(data []byte, limit int64) error {
	return fmt.Errorf("the content has %d bytes; the limit is %d: split it", len(data), limit)
}

func tooLong(limit int64) error {
	return fmt.Errorf("the content has more than %d bytes as UTF-8, which is the limit", limit)
}

func isUTF8(label []byte) bool {
	return bytes.EqualFold(label, []byte("utf-8")) || bytes.EqualFold(label, []byte("utf8")) || bytes.EqualFold(label, []byte("us-ascii"))
}

// invalidUTF8 returns the first byte that is not UTF-8, or -1.
func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
