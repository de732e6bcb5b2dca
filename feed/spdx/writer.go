package spdx

import (
	"fmt"
	"hash/fnv"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"

	"binnacle/feed"
	"binnacle/model"
)

// writer fills a batch from a document.
type writer struct {
	batch   *feed.Batch
	doc     *document
	file    string
	refused bool

	subject  *pkg
	key      string
	identity string
	ref      model.Ref
	parts    []*part
	oddURLs  int
}

// part is a package that becomes a component.
type part struct {
	*pkg
	base      string
	stem      string
	full      string
	versioned bool
	identity  string
	key       string
	record    *model.Component
}

func (w *writer) write() {
	w.findSubject()
	for _, p := range w.doc.packages {
		if p != w.subject {
			w.parts = append(w.parts, w.part(p))
		}
	}
	w.describeSource()
	if w.subject != nil || len(w.parts) > 0 {
		w.mentionSubject()
	}
	w.settle()
	slices.SortFunc(w.parts, func(a, b *part) int { return strings.Compare(a.key, b.key) })
	for _, p := range w.parts {
		w.add(p)
	}
	w.link()
	if w.oddURLs > 0 {
		w.batch.Note("%d package URLs cannot be understood and identify nothing.", w.oddURLs)
	}
	if len(w.doc.files) > 0 {
		w.batch.Note("%d files and snippets were counted and not taken.", len(w.doc.files))
	}
	if w.refused && len(w.parts) > 0 {
		w.batch.Note("Because something was refused, nothing that is missing from this document counts as gone.")
	}
}

// findSubject finds the one package that the document describes. Where there
// is none or more than one, the document itself stands for what it describes.
func (w *writer) findSubject() {
	described := map[string]bool{}
	for _, id := range w.doc.describes {
		described[id] = true
	}
	for _, r := range w.doc.relationships {
		switch {
		case r.how == "DESCRIBES" && r.from == documentID, r.how == "describes" && r.from == w.doc.namespace:
			described[r.to] = true
		case r.how == "DESCRIBED_BY" && r.to == documentID:
			described[r.from] = true
		}
	}
	var found []*pkg
	for _, p := range w.doc.packages {
		if described[p.id] {
			found = append(found, p)
		}
	}
	name := first(w.doc.name, plainName(w.file))
	if len(found) == 1 {
		w.subject = found[0]
		name = w.subject.name
		if purl, err := packageurl.FromString(w.subject.purl); err == nil {
			w.identity = packageurl.NewPackageURL(purl.Type, purl.Namespace, purl.Name, "", nil, "").ToString()
		}
	}
	w.key = first(strings.Trim(feed.SlugOf(lastPart(name)), "/."), strings.Trim(feed.SlugOf(plainName(w.file)), "/."), "unnamed")
	if len(w.key) > 80 {
		w.key = strings.ToValidUTF8(w.key[:60], "") + "~" + digest(w.key)
	}
	w.identity = first(w.identity, name, w.key)
}

func (w *writer) describeSource() {
	s := model.Source{Format: formatName, Describes: w.identity, Serial: w.doc.namespace}
	s.Key, s.Name = "bom:"+w.key, "Bill of materials of "+w.key
	if w.subject != nil {
		s.Release, s.Name = w.subject.version, "Bill of materials of "+w.subject.name
	}
	if t, err := model.ParseTime(w.doc.created); err == nil {
		s.Produced = t
	}
	w.batch.Source = s
	w.batch.Complete, w.batch.Compare = !w.refused, "Component"
}

// mentionSubject names what the document describes. Where it is known as something other than an application, it stays what it is.
func (w *writer) mentionSubject() {
	app, at := &model.Application{}, w.batch.At(1, 1, "")
	app.Key, app.Name = w.key, first(w.doc.name, w.key)
	if w.subject != nil {
		app.Name, app.Description, at = w.subject.name, w.subject.about, w.subject.at
		if strings.HasPrefix(w.identity, "pkg:") {
			app.PackageURL = w.identity
		}
	}
	w.ref = w.batch.AddItem(&feed.Item{
		Record: app, Where: at, Mention: true, Idents: []feed.Ident{feed.External(w.identity)}, Or: []string{"Product", "Host", "NetworkDevice", "Service"},
	})
}

// part finds out by what a package can be known again.
func (w *writer) part(p *pkg) *part {
	out := &part{pkg: p}
	purl, err := packageurl.FromString(p.purl)
	switch {
	case p.purl != "" && err == nil:
		p.version = first(p.version, purl.Version)
		out.base = keyOf(purl.Type, purl.Namespace, purl.Name, purl.Subpath)
		out.stem, out.full = withoutVersion(purl), purl.ToString()
	default:
		if p.purl != "" {
			w.oddURLs++
		}
		if !strings.HasPrefix(p.purl, "pkg:") {
			p.purl = ""
		}
		out.base, out.stem = keyOf(p.kind(), p.name), p.kind()+"/"+p.name
		out.full = out.stem + "@" + p.version
	}
	out.base = first(out.base, "package-"+digest(out.stem))
	return out
}

// inWords finds where the next word of a name such as operatingSystem begins.
var inWords = regexp.MustCompile(`([a-z])([A-Z])`)

// kind returns the purpose of a package as the type of a component. OPERATING_SYSTEM and operatingSystem are both operating-system.
func (p *pkg) kind() string {
	words := inWords.ReplaceAllString(p.purpose, "$1-$2")
	return first(strings.ReplaceAll(strings.ToLower(words), "_", "-"), "library")
}

func (w *writer) add(p *part) {
	c := &model.Component{
		Application: w.ref, PackageURL: p.purl, Version: p.version, Type: p.kind(), Licences: slices.Sorted(slices.Values(p.licences)),
		Supplier: p.supplier, CPE: p.cpe, Hashes: slices.Sorted(slices.Values(p.digests)),
	}
	if purl, err := packageurl.FromString(p.purl); err == nil {
		c.Group = purl.Namespace
	}
	c.Key, c.Name, c.Description = p.key, p.name, p.about
	p.record = c
	w.batch.AddItem(&feed.Item{Record: c, Where: p.at, Idents: []feed.Ident{feed.External(w.identity + " " + p.identity)}, Clear: gone(c)})
}

// gone names the fields that belong to one version of a package and have no
// value, so that those of the version before do not stay.
func gone(c *model.Component) []string {
	var out []string
	for name, missing := range map[string]bool{"version": c.Version == "", "package_url": c.PackageURL == "", "cpe": c.CPE == "", "hashes": len(c.Hashes) == 0} {
		if missing {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// needs says of a relationship which side needs the other: 1 the left, -1 the right.
var needs = map[string]int{
	"DEPENDS_ON": 1, "CONTAINS": 1, "DYNAMIC_LINK": 1, "STATIC_LINK": 1, "HAS_PREREQUISITE": 1,
	"DEPENDENCY_OF": -1, "CONTAINED_BY": -1, "PREREQUISITE_FOR": -1, "RUNTIME_DEPENDENCY_OF": -1, "BUILD_DEPENDENCY_OF": -1, "DEV_DEPENDENCY_OF": -1,
	"OPTIONAL_DEPENDENCY_OF": -1, "PROVIDED_DEPENDENCY_OF": -1, "TEST_DEPENDENCY_OF": -1,
	"dependsOn": 1, "contains": 1, "hasDynamicLink": 1, "hasStaticLink": 1, "hasPrerequisite": 1, "hasOptionalDependency": 1, "hasProvidedDependency": 1,
}

// link puts the dependencies into the records.
func (w *writer) link() {
	parts, edges, lost := map[string]*part{}, map[*part]map[*part]bool{}, map[string]bool{}
	for _, p := range w.parts {
		parts[p.id] = p
	}
	for _, r := range w.doc.relationships {
		from, to := r.from, r.to
		switch needs[r.how] {
		case 0:
			continue
		case -1:
			from, to = to, from
		}
		for _, id := range []string{from, to} {
			if parts[id] == nil && !w.elsewhere(id) {
				lost[id] = true
			}
		}
		a, b := parts[from], parts[to]
		if a == nil || b == nil || a == b {
			continue
		}
		if edges[a] == nil {
			edges[a] = map[*part]bool{}
		}
		edges[a][b] = true
	}
	for p, needed := range edges {
		for _, need := range slices.SortedFunc(maps.Keys(needed), func(a, b *part) int { return strings.Compare(a.key, b.key) }) {
			p.record.DependsOn = append(p.record.DependsOn, need.record.Ref())
		}
	}
	if names := slices.Sorted(maps.Keys(lost)); len(names) > 0 {
		w.batch.Note("%d elements in the relationships are no packages that were taken and were left out, such as %q.", len(names), short(names[0]))
	}
}

// elsewhere reports whether an element is known though it is no component: the document, what it describes, a file, another document.
func (w *writer) elsewhere(id string) bool {
	return id == documentID || id == w.doc.namespace || id == "NONE" || id == "NOASSERTION" || w.doc.files[id] || w.subject != nil && w.subject.id == id ||
		strings.HasPrefix(id, "DocumentRef-")
}

// volatile are the qualifiers of package URLs that change with the version or with the place it was fetched from.
var volatile = map[string]bool{
	"checksum": true, "vcs_url": true, "download_url": true, "file_name": true, "tag": true, "distro": true, "upstream": true, "package-id": true,
	"goos": true, "goarch": true, "buildid": true, "vers": true,
}

// withoutVersion writes a package URL without its version and without what changes with it.
func withoutVersion(p packageurl.PackageURL) string {
	p.Version = ""
	p.Qualifiers = slices.DeleteFunc(slices.Clone(p.Qualifiers), func(q packageurl.Qualifier) bool { return volatile[q.Key] })
	return p.ToString()
}

// longestKey is how long a key gets before its end is replaced by a digest.
const longestKey = 240

// settle gives every part an identity and a key of its own. The identity has no
// version where the package is there once, so that a newer version of it edits the record.
func (w *writer) settle() {
	stems, taken, keys, versioned := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, p := range w.parts {
		stems[p.stem]++
	}
	byIdentity := slices.SortedFunc(slices.Values(w.parts), func(a, b *part) int { return strings.Compare(a.full+"\n"+a.id, b.full+"\n"+b.id) })
	for _, p := range byIdentity {
		p.identity, p.key = p.stem, w.key+"/"+p.base
		if stems[p.stem] > 1 {
			p.identity, p.versioned = p.full, true
		}
		if taken[p.identity]++; taken[p.identity] > 1 {
			p.identity = fmt.Sprintf("%s (%d)", p.identity, taken[p.identity])
		}
		keys[p.key]++
	}
	for _, p := range w.parts {
		if keys[p.key] > 1 && p.versioned && p.version != "" {
			p.key += "@" + feed.SlugOf(p.version)
			versioned[p.key]++
		}
	}
	for _, p := range w.parts {
		if keys[p.key] > 1 || versioned[p.key] > 1 || len(p.key) > longestKey {
			p.key = fmt.Sprintf("%s~%s", strings.ToValidUTF8(p.key[:min(len(p.key), longestKey)], ""), digest(p.identity))
		}
	}
}

// digest returns a short digest of a text in hexadecimal digits.
func digest(text string) string {
	h := fnv.New64a()
	h.Write([]byte(text))
	return fmt.Sprintf("%016x", h.Sum64())
}

// keyOf makes a key of parts of which some may be empty.
func keyOf(parts ...string) string {
	var out []string
	for _, one := range parts {
		if slug := strings.Trim(feed.SlugOf(one), "/"); slug != "" {
			out = append(out, slug)
		}
	}
	return strings.Join(out, "/")
}

var majorVersion = regexp.MustCompile(`^v\d+$`)

// lastPart returns the last part of a name that is a path, without the tag or digest of an image and without the major version of a Go module.
func lastPart(name string) string {
	name, _, _ = strings.Cut(name, "@sha256:")
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' })
	if n := len(parts); n > 1 && majorVersion.MatchString(parts[n-1]) {
		parts = parts[:n-1]
	}
	if len(parts) == 0 {
		return ""
	}
	last := parts[len(parts)-1]
	if before, _, found := strings.Cut(last, ":"); found && before != "" {
		return before
	}
	return last
}

// plainName returns the name of a file without its folder and without the endings that bills of materials have.
func plainName(file string) string {
	name := strings.ToLower(path.Base(strings.ReplaceAll(file, `\`, "/")))
	for {
		before := name
		for _, ending := range []string{".json", ".jsonld", ".yaml", ".yml", ".spdx", ".spdx3", ".sbom", ".gz"} {
			name = strings.TrimSuffix(name, ending)
		}
		if name == before {
			break
		}
	}
	if slices.Contains([]string{"bom", "sbom", "spdx", "-", ".", "/"}, name) {
		return ""
	}
	return name
}
