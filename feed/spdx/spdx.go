// Package spdx reads bills of materials in the SPDX format: the versions 2.1
// to 2.3 as JSON, YAML and tag-value, and the packages of version 3.0 as JSON-LD.
package spdx

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

const formatName = "spdx"

// Format reads SPDX bills of materials.
var Format = feed.Format{
	Name:  formatName,
	Label: "SPDX bill of materials",
	Help: "The packages become components of what the document describes, with their licences, package URLs and dependencies. " +
		"SPDX 2.1 to 2.3 is read as JSON, YAML and tag-value, and SPDX 3.0 as JSON-LD.",
	Rank:     50,
	Releases: true,
	Detect:   detect,
	Read:     read,
}

var (
	tagVersion  = regexp.MustCompile(`(?m)^[ \t]*SPDXVersion:[ \t]*SPDX-\d`)
	yamlVersion = regexp.MustCompile(`(?m)^["']?spdxVersion["']?[ \t]*:[ \t]*["']?SPDX-\d`)
	context3    = []byte("spdx.org/rdf/3.")
)

// detectable is how much of a content is looked at where it must be decoded first.
const detectable = 1 << 20

func detect(data []byte) int {
	text := kit.Start(data, detectable)
	switch {
	case len(text) == 0, text[0] == '<':
		return 0
	case text[0] == '{':
		return detectJSON(text)
	case tagVersion.Match(text):
		return 100
	case yamlVersion.Match(text):
		return 100
	}
	return 0
}

// detectJSON looks for the member spdxVersion, or the context of version 3, in the outermost object.
func detectJSON(text []byte) int {
	if !bytes.Contains(text, []byte(`"spdxVersion"`)) && !bytes.Contains(text, context3) {
		return 0
	}
	dec := kit.NewJSON(text)
	if _, err := dec.ReadToken(); err != nil {
		return 0
	}
	for {
		tok, err := dec.ReadToken()
		if err != nil || tok.Kind() != '"' {
			return 0
		}
		name := tok.String()
		value, err := dec.ReadValue()
		switch {
		case err != nil:
			return 0
		case name == "spdxVersion" && bytes.HasPrefix(value, []byte(`"SPDX-`)):
			return 100
		case name == "@context" && bytes.Contains(value, context3):
			return 100
		}
	}
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	src, err := kit.ReadText(in.Data, b.Limits.Bytes)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(src.Bytes)) == 0 {
		return errors.New("the document is empty")
	}
	before := len(b.Refused)
	doc, err := parse(src, b)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(doc.packages) > b.Limits.Items {
		return fmt.Errorf("the document has more than %d packages, which is the limit", b.Limits.Items)
	}
	w := &writer{batch: b, doc: doc, file: in.Name, release: in.Release, refused: len(b.Refused) > before}
	w.write()
	if len(b.Items) == 0 && len(b.Refused) > before {
		return fmt.Errorf("nothing of the document can be taken: %s", b.Refused[before])
	}
	return nil
}

// parse finds out which of its forms the document has, and reads it.
func parse(src *kit.Text, b *feed.Batch) (*document, error) {
	text := bytes.TrimLeft(src.Bytes, " \t\r\n")
	if text[0] != '{' && tagVersion.Match(text) {
		return parseTags(src, b)
	}
	tree := parseYAML
	if text[0] == '{' {
		tree = kit.JSONNodes
	}
	root, err := tree(src, b.Limits)
	if err != nil {
		return nil, err
	}
	if root.Shape != kit.Object {
		return nil, errors.New("an SPDX document is an object, a map or lines with tags")
	}
	if root.Get("spdxVersion") == nil && root.Get("@graph") != nil {
		return fromGraph(root, b)
	}
	return fromTree(root, b)
}

// checkVersion says whether a version of SPDX 2 is read.
func checkVersion(version string) error {
	switch version {
	case "SPDX-2.1", "SPDX-2.2", "SPDX-2.3":
		return nil
	}
	return fmt.Errorf("spdxVersion: the version %q is not known: SPDX-2.1, SPDX-2.2, SPDX-2.3 and 3.0 are read", kit.Short(version))
}

// parseYAML reads the first document of a YAML text. Aliases, which could make a small text large, are refused.
func parseYAML(src *kit.Text, limits feed.Limits) (*kit.Node, error) {
	root, err := kit.YAMLNodes(src.Bytes, limits, 0)
	if err != nil {
		return nil, fmt.Errorf("the YAML cannot be read: %w", err)
	}
	return root, nil
}
