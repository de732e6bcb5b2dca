package kit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
)

// ErrDoctype is the answer to declarations that could make a small content large or read other files.
var ErrDoctype = errors.New("the content declares entities or a grammar of its own, which is not accepted: take the declaration out")

// NewXML returns a decoder of XML for a content that [UTF8] has returned. It turns other encodings into UTF-8, as the declaration of the XML names them.
func NewXML(text []byte) *xml.Decoder {
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

// RootElement returns the name of the element that everything else is in, or nothing where the text is not XML.
func RootElement(text []byte) string {
	dec := NewXML(text)
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

// Attribute returns an attribute of an element as it was written, or nothing.
func Attribute(attributes []xml.Attr, name string) string {
	for _, a := range attributes {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
