package spdx

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// tagReader reads SPDX 2 as lines with a tag, a colon and a value.
type tagReader struct {
	batch   *feed.Batch
	doc     *document
	version string
	current *pkg
	inFile  bool
	known   map[string]bool
}

// parseTags reads a document of the tag-value form.
func parseTags(src *kit.Text, b *feed.Batch) (*document, error) {
	r := &tagReader{batch: b, doc: &document{files: map[string]bool{}}, known: map[string]bool{}}
	for _, what := range []string{"packages", "files", "relationships"} {
		b.Count(what, 0)
	}
	lines := strings.Split(string(src.Bytes), "\n")
	for i := 0; i < len(lines); i++ {
		line, number := strings.TrimSpace(lines[i]), i+1
		if line == "" || line[0] == '#' {
			continue
		}
		tag, text, found := strings.Cut(line, ":")
		if !found {
			b.Refuse(b.At(number, 1, ""), "%q has no colon: a line is a tag, a colon and a value", kit.Short(kit.Clean(line)))
			continue
		}
		text = strings.TrimSpace(text)
		if rest, ok := strings.CutPrefix(text, "<text>"); ok {
			for !strings.Contains(rest, "</text>") {
				if i++; i >= len(lines) {
					return nil, fmt.Errorf("line %d: the text of %s does not end: </text> is missing, the file may be cut off", number, kit.Short(tag))
				}
				rest += "\n" + strings.TrimRight(lines[i], "\r")
			}
			text, _, _ = strings.Cut(rest, "</text>")
		}
		r.tag(strings.TrimSpace(tag), kit.Clean(text), b.At(number, 1, kit.Clean(tag)))
		if len(r.doc.packages) > b.Limits.Items {
			break
		}
	}
	r.finish()
	if err := checkVersion(r.version); err != nil {
		return nil, err
	}
	if r.doc.name == "" && len(r.doc.packages) == 0 {
		return nil, errors.New("there is neither a DocumentName nor a package: the file may be cut off")
	}
	return r.doc, nil
}

// tag takes one tag with its value.
func (r *tagReader) tag(tag, text string, at feed.Where) {
	switch tag {
	case "SPDXVersion":
		r.version = text
	case "DocumentName":
		r.doc.name = text
	case "DocumentNamespace":
		r.doc.namespace = text
	case "Created":
		r.doc.created = text
	case "PackageName":
		r.finish()
		r.batch.Count("packages", 1)
		r.current, r.inFile = &pkg{name: text, at: at}, false
	case "FileName":
		r.finish()
		r.batch.Count("files", 1)
		r.inFile = true
	case "SnippetSPDXID", "SnippetSPDXIdentifier":
		r.finish()
		r.doc.files[text] = true
		r.inFile = true
	case "LicenseID":
		r.finish()
		r.inFile = true
	case "SPDXID":
		if r.current != nil && r.current.id == "" {
			r.current.id = text
		} else if r.inFile {
			r.doc.files[text] = true
		}
	case "Relationship":
		r.batch.Count("relationships", 1)
		words := strings.Fields(text)
		if len(words) != 3 {
			r.batch.Refuse(at, "%q is not a relationship: two elements are wanted with a word between them", kit.Short(text))
			return
		}
		r.doc.relationships = append(r.doc.relationships, relationship{words[0], strings.ToUpper(words[1]), words[2]})
	default:
		if r.current != nil {
			r.packageTag(tag, text, at)
		}
	}
}

func (r *tagReader) packageTag(tag, text string, at feed.Where) {
	p := r.current
	switch tag {
	case "PackageVersion":
		p.version = text
	case "PackageSupplier":
		p.supplier = ""
		p.setSupplier(text)
	case "PackageOriginator":
		p.setSupplier(text)
	case "PackageSummary":
		p.about = text
	case "PackageDescription":
		p.about = cmp.Or(p.about, text)
	case "PrimaryPackagePurpose":
		p.purpose = text
	case "PackageLicenseConcluded", "PackageLicenseDeclared":
		p.addLicence(text)
	case "PackageChecksum":
		algorithm, digest, _ := strings.Cut(text, ":")
		if wrong := p.addDigest(strings.TrimSpace(algorithm), strings.TrimSpace(digest)); wrong != "" {
			r.batch.RefuseRecord(at, p.name, "hashes", wrong)
		}
	case "ExternalRef":
		if words := strings.Fields(text); len(words) == 3 {
			p.addReference(words[1], words[2])
			return
		}
		r.batch.RefuseRecord(at, p.name, "", fmt.Sprintf("%q is not an external reference: a category, a type and a locator are wanted", kit.Short(text)))
	}
}

// finish takes the package that the tags before were about.
func (r *tagReader) finish() {
	p := r.current
	r.current, r.inFile = nil, false
	if p == nil {
		return
	}
	if wrong := p.check(r.known); wrong != "" {
		r.batch.RefuseRecord(p.at, p.name, "", wrong)
		return
	}
	r.known[p.id] = true
	r.doc.packages = append(r.doc.packages, p)
}
