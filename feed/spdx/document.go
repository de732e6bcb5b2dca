package spdx

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// document is what all forms of SPDX say.
type document struct {
	name      string
	namespace string
	created   string
	packages  []*pkg
	// files are the identifiers of files and snippets, which are known and not taken.
	files         map[string]bool
	relationships []relationship
	describes     []string
}

// pkg is one package.
type pkg struct {
	id       string
	name     string
	version  string
	purpose  string
	supplier string
	about    string
	licences []string
	digests  []string
	purl     string
	cpe      string
	at       feed.Where
}

// relationship says how one element stands to another.
type relationship struct{ from, how, to string }

// documentID is how relationships call the document itself.
const documentID = "SPDXRef-DOCUMENT"

var elementID = regexp.MustCompile(`^SPDXRef-[A-Za-z0-9.+_-]+$`)

// algorithms are the digests that the versions of SPDX know, in lower case and without hyphens.
var algorithms = map[string]bool{
	"sha1": true, "sha224": true, "sha256": true, "sha384": true, "sha512": true, "sha3224": true, "sha3256": true, "sha3384": true, "sha3512": true,
	"md2": true, "md4": true, "md5": true, "md6": true, "blake2b256": true, "blake2b384": true, "blake2b512": true, "blake3": true, "adler32": true,
	"crystalskyber": true, "crystalsdilithium": true, "falcon": true, "other": true,
}

var hexadecimal = regexp.MustCompile(`^[0-9a-fA-F]{8,256}$`)

// checkPackage says what keeps a package from being taken, or nothing.
func (p *pkg) check(known map[string]bool) string {
	switch {
	case p.name == "":
		return "name is missing: every package needs one"
	case p.id == "":
		return "SPDXID is missing: every package needs one"
	case !elementID.MatchString(p.id):
		return fmt.Sprintf("the SPDXID %q is wrong: it must start with SPDXRef- and go on with letters, digits, full stops and hyphens", kit.Short(p.id))
	case known[p.id]:
		return fmt.Sprintf("the SPDXID %q is there more than once", kit.Short(p.id))
	}
	return ""
}

// addDigest adds a digest, or says what is wrong with it.
func (p *pkg) addDigest(algorithm, digest string) string {
	plain := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(algorithm))
	if !algorithms[plain] {
		return fmt.Sprintf("%q is not an algorithm of SPDX, and its digest is left out", kit.Short(algorithm))
	}
	if !hexadecimal.MatchString(digest) {
		return fmt.Sprintf("%q is not a digest in hexadecimal digits, and is left out", kit.Short(digest))
	}
	// The other format of bills of materials writes SHA-256 where SPDX writes SHA256.
	if rest, ok := strings.CutPrefix(strings.ToUpper(algorithm), "SHA"); ok && !strings.HasPrefix(rest, "3") && !strings.HasPrefix(rest, "-") {
		algorithm = "SHA-" + rest
	}
	if text := algorithm + ":" + strings.ToLower(digest); !slices.Contains(p.digests, text) {
		p.digests = append(p.digests, text)
	}
	return ""
}

// addLicence adds a licence expression unless it says nothing.
func (p *pkg) addLicence(text string) {
	if text != "" && text != "NOASSERTION" && text != "NONE" && !slices.Contains(p.licences, text) {
		p.licences = append(p.licences, text)
	}
}

// addReference takes a package URL or a name in the Common Platform Enumeration from an external reference.
func (p *pkg) addReference(sort, locator string) {
	sort = sort[strings.LastIndexAny(sort, "/#")+1:]
	switch {
	case sort == "purl" && p.purl == "":
		p.purl = locator
	case (sort == "cpe23Type" || sort == "cpe22Type" && p.cpe == "") && strings.HasPrefix(locator, "cpe:"):
		if !strings.HasPrefix(p.cpe, "cpe:2.3:") {
			p.cpe = locator
		}
	}
}

// setSupplier takes the name out of a text such as Organization: Harbour (mail@harbour.example).
func (p *pkg) setSupplier(text string) {
	name := text
	for _, prefix := range []string{"Organization:", "Person:", "Tool:"} {
		name = strings.TrimPrefix(name, prefix)
	}
	if open := strings.LastIndex(name, "("); open > 0 {
		name = name[:open]
	}
	if name = strings.TrimSpace(name); p.supplier == "" && name != "NOASSERTION" && name != "NONE" {
		p.supplier = name
	}
}

// fromTree reads SPDX 2 from JSON or YAML.
func fromTree(root *kit.Node, b *feed.Batch) (*document, error) {
	if err := checkVersion(root.String("spdxVersion")); err != nil {
		return nil, err
	}
	doc := &document{name: root.String("name"), namespace: root.String("documentNamespace"), created: root.Get("creationInfo").String("created"), files: map[string]bool{}}
	for _, name := range []string{"packages", "files", "relationships"} {
		if v := root.Get(name); v != nil && v.Shape != kit.List && v.Shape != kit.Null {
			b.Refuse(b.At(v.Line, v.Column, name), "a list is wanted")
			v.Shape, v.Items = kit.List, nil
		}
		b.Count(name, len(root.List(name)))
	}
	known := map[string]bool{}
	for i, v := range root.List("packages") {
		path := fmt.Sprintf("packages[%d]", i)
		p := packageOf(v, path, b)
		if wrong := p.check(known); wrong != "" {
			b.RefuseRecord(p.at, p.name, "", wrong)
			continue
		}
		known[p.id] = true
		doc.packages = append(doc.packages, p)
	}
	for _, name := range []string{"files", "snippets"} {
		for _, v := range root.List(name) {
			doc.files[v.String("SPDXID")] = true
		}
	}
	for i, v := range root.List("relationships") {
		r := relationship{v.String("spdxElementId"), strings.ToUpper(v.String("relationshipType")), v.String("relatedSpdxElement")}
		if r.from == "" || r.how == "" || r.to == "" {
			b.Refuse(b.At(v.Line, v.Column, fmt.Sprintf("relationships[%d]", i)), "a relationship needs spdxElementId, relationshipType and relatedSpdxElement")
			continue
		}
		doc.relationships = append(doc.relationships, r)
	}
	for _, v := range root.List("documentDescribes") {
		doc.describes = append(doc.describes, v.Plain())
	}
	return doc, nil
}

func packageOf(v *kit.Node, path string, b *feed.Batch) *pkg {
	p := &pkg{
		id: v.String("SPDXID"), name: v.String("name"), version: v.String("versionInfo"), purpose: v.String("primaryPackagePurpose"),
		about: cmp.Or(v.String("summary"), v.String("description")), at: b.At(v.Line, v.Column, path),
	}
	p.setSupplier(v.String("supplier"))
	p.setSupplier(v.String("originator"))
	p.addLicence(v.String("licenseConcluded"))
	p.addLicence(v.String("licenseDeclared"))
	for i, sum := range v.List("checksums") {
		if wrong := p.addDigest(sum.String("algorithm"), sum.String("checksumValue")); wrong != "" {
			b.RefuseRecord(b.At(sum.Line, sum.Column, fmt.Sprintf("%s.checksums[%d]", path, i)), p.name, "hashes", wrong)
		}
	}
	for _, ref := range v.List("externalRefs") {
		p.addReference(ref.String("referenceType"), ref.String("referenceLocator"))
	}
	return p
}
