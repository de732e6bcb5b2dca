package nmap

import (
	"bytes"
	"encoding/xml"

	"binnacle/feed/internal/kit"
)

// checkDirective accepts a DOCTYPE that only names the root element or its grammar, as every scan has.
func checkDirective(d xml.Directive) error {
	if bytes.HasPrefix(bytes.TrimSpace(d), []byte("DOCTYPE")) && !bytes.ContainsAny(d, "[<") {
		return nil
	}
	return kit.ErrDoctype
}

// attr returns an attribute of an element, fit for a record.
func attr(e xml.StartElement, name string) string { return kit.Clean(kit.Attribute(e.Attr, name)) }
