package glpi

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// errDoctype is the answer to declarations that could make a small content large or read other files.
var errDoctype = errors.New("the content declares entities or a grammar of its own, which is not accepted: take the declaration out")

// newDecoder returns a decoder of XML for a content that [toUTF8] has returned.
func newDecoder(text []byte) *xml.Decoder {
	dec := xml.NewDecoder(bytes.NewReader(text))
	dec.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		if strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return in, nil
		}
		out, err := charset.NewReaderLabel(label, in)
		if err != nil {
			return nil, fmt.Errorf("the encoding %q is not known: save the content in UTF-8", label)
		}
		return out, nil
	}
	return dec
}

// glance is how many bytes of a content are looked at to find out its format.
const glance = 1 << 20

// rootOf returns the name of the element that everything else is in, or nothing where the content is not XML.
func rootOf(data []byte) string {
	text, err := toUTF8(data[:min(len(data), glance)])
	if err != nil {
		return ""
	}
	dec := newDecoder(bytes.TrimLeft(text, " \t\r\n"))
	for {
		tok, err := dec.Token()
		if err != nil {
			return ""
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			return tok.Name.Local
		case xml.CharData:
			if len(bytes.TrimSpace(tok)) > 0 {
				return ""
			}
		}
	}
}

// clean takes away what no text of a record may have: control characters and bytes that are no UTF-8.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == unicode.ReplacementChar || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s)
}

// toUTF8 takes byte-order marks away and turns UTF-16 into UTF-8. Other encodings are left to the declaration of the XML.
func toUTF8(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return data[3:], nil
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return fromUTF16(data[2:], 1, 0), nil
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return fromUTF16(data[2:], 0, 1), nil
	case bytes.IndexByte(data, 0) >= 0:
		return nil, errors.New("the content has NUL bytes: it is not text in UTF-8")
	}
	return data, nil
}

func fromUTF16(data []byte, high, low int) []byte {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = uint16(data[2*i+high])<<8 | uint16(data[2*i+low])
	}
	out := make([]byte, 0, len(data))
	for _, r := range utf16.Decode(units) {
		out = utf8.AppendRune(out, r)
	}
	return out
}
