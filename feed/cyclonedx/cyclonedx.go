// Package cyclonedx reads bills of materials in the CycloneDX format: JSON of
// the versions 1.2 to 1.7 and XML of the versions 1.0 to 1.7. What it reads is
// compared with the grammar of the version that the document names.
package cyclonedx

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

const formatName = "cyclonedx"

// Format reads CycloneDX bills of materials.
var Format = feed.Format{
	Name:  formatName,
	Label: "CycloneDX bill of materials",
	Help: "The components and services become records of what the bill of materials describes, with their licences, package URLs and dependencies. " +
		"Vulnerabilities become advisories and, where they were analysed, VEX statements. " +
		"JSON of the versions 1.2 to 1.7 and XML of the versions 1.0 to 1.7 are read.",
	Rank:     50,
	Releases: true,
	Detect:   detect,
	Read:     read,
}

// detectable is how much of a content is decoded to find out what it is.
const detectable = 1 << 20

func detect(data []byte) int {
	text := kit.Start(data, detectable)
	switch {
	case bytes.HasPrefix(text, []byte("{")):
		return detectJSON(text)
	case bytes.HasPrefix(text, []byte("<")):
		return detectXML(text)
	}
	return 0
}

// detectJSON looks for the member bomFormat of the outermost object.
func detectJSON(text []byte) int {
	if !bytes.Contains(text, []byte(`"bomFormat"`)) {
		return 0
	}
	dec := kit.NewJSON(text)
	if _, err := dec.ReadToken(); err != nil {
		return 0
	}
	for {
		name, err := dec.ReadToken()
		if err != nil || name.Kind() != '"' {
			return 0
		}
		if name.String() != "bomFormat" {
			if dec.SkipValue() != nil {
				return 0
			}
			continue
		}
		value, err := dec.ReadToken()
		switch {
		case err != nil:
			return 0
		case value.Kind() == '"' && value.String() == "CycloneDX":
			return 100
		}
		return 40
	}
}

// detectXML looks at the first element.
func detectXML(text []byte) int {
	if !bytes.Contains(text[:min(len(text), detectable)], []byte(namespace)) {
		return 0
	}
	dec := newDecoder(text)
	for {
		tok, err := dec.Token()
		if err != nil {
			return 0
		}
		if start, ok := tok.(xml.StartElement); ok {
			if start.Name.Local == "bom" && strings.HasPrefix(start.Name.Space, namespace) {
				return 100
			}
			return 0
		}
	}
}

// mostRefusals is how many refusals of one document are told one by one.
const mostRefusals = 2000

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	src, err := kit.ReadText(in.Data, b.Limits.Bytes)
	if err != nil {
		return err
	}
	parse, isXML := parseJSON, bytes.HasPrefix(bytes.TrimLeft(src.Bytes, " \t\r\n"), []byte("<"))
	if isXML {
		parse = parseXML
	}
	root, err := parse(src, b.Limits)
	if err != nil {
		return err
	}
	version, err := versionOfDocument(root, isXML)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	before, more := len(b.Refused), 0
	c := &checker{version: version, xml: isXML, report: func(n, item *node, path, reason string) {
		if len(b.Refused)-before >= mostRefusals {
			more++
			return
		}
		line, column := src.Place(n.at)
		b.RefuseRecord(b.At(line, column, path), item.title(), "", reason)
	}}
	c.check(root)
	if more > 0 {
		b.Note("There are %d more refusals that are not listed.", more)
	}
	r := &reader{batch: b, src: src, root: root, file: in.Name, release: in.Release}
	if err := r.read(); err != nil {
		return err
	}
	if len(b.Items) == 0 && len(b.Refused) > before {
		return fmt.Errorf("nothing of the bill of materials can be taken: %s", b.Refused[before])
	}
	return ctx.Err()
}

// versionOfDocument returns the version that the document names, times ten.
func versionOfDocument(root *node, isXML bool) (int, error) {
	if root.kind != objectNode {
		return 0, fmt.Errorf("a bill of materials is a JSON object, not %s", root.what())
	}
	if format := root.get("bomFormat"); format == nil || format.text != "CycloneDX" {
		return 0, fmt.Errorf("bomFormat: it must be CycloneDX, not %q", root.string("bomFormat"))
	}
	text := root.string("specVersion")
	version := versionOf(text)
	if version == 0 || version < 12 && !isXML {
		return 0, fmt.Errorf("specVersion: the version %q is not known: JSON of the versions 1.2 to 1.7 and XML of the versions 1.0 to 1.7 are read", kit.Short(text))
	}
	return version, nil
}

// title names a component or service for a message.
func (n *node) title() string {
	switch {
	case n == nil:
		return ""
	case n.get("name") != nil:
		return kit.Short(strings.TrimSpace(n.string("name") + " " + n.string("version")))
	}
	return kit.Short(n.string("ref"))
}
