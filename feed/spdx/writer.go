package spdx

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// writer fills a batch from a document.
type writer struct {
	batch   *feed.Batch
	doc     *document
	file    string
	refused bool
	// release is the version that the components are kept for, where whoever imports said so.
	release string

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
	kit.Part
	record *model.Component
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
		w.mentionRelease()
	}
	kit.Settle(w.key, w.parts, func(p *part) *kit.Part { return &p.Part })
	slices.SortFunc(w.parts, func(a, b *part) int { return strings.Compare(a.Key, b.Key) })
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

// endings are what the names of the files end with, and plainNames are names that say nothing of the content.
var (
	endings    = []string{".json", ".jsonld", ".yaml", ".yml", ".spdx", ".spdx3", ".sbom", ".gz"}
	plainNames = []string{"bom", "sbom", "spdx"}
)

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
	name := cmp.Or(w.doc.name, kit.FileName(w.file, endings, plainNames))
	if len(found) == 1 {
		w.subject = found[0]
		name = w.subject.name
		if purl, err := packageurl.FromString(w.subject.purl); err == nil {
			w.identity = kit.PackageName(purl)
		}
	}
	w.key = kit.SubjectKey(kit.NameKey(name), kit.FileKey(w.file, endings, plainNames))
	w.identity = cmp.Or(w.identity, name, w.key)
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
	app.Key, app.Name = w.key, cmp.Or(w.doc.name, w.key)
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

// mentionRelease puts the release that the components are kept for in the place of what it is a release of.
func (w *writer) mentionRelease() {
	if w.release == "" || len(w.parts) == 0 {
		return
	}
	name, said := w.key, ""
	if w.subject != nil {
		name, said = w.subject.name, w.subject.version
	}
	release := kit.ReleaseOf(w.key, w.identity, w.release)
	w.ref = release.AddTo(w.batch, w.ref, name, w.release, said, w.batch.At(1, 1, ""))
	w.key, w.identity, w.batch.Source.Key, w.batch.Source.Release = release.Key, release.Identity, release.Source, w.release
	w.batch.Source.Name += " " + w.release
}

// part finds out by what a package can be known again.
func (w *writer) part(p *pkg) *part {
	out := &part{pkg: p}
	purl, err := packageurl.FromString(p.purl)
	switch {
	case p.purl != "" && err == nil:
		p.version = cmp.Or(p.version, purl.Version)
		out.Base = kit.KeyOf(purl.Type, purl.Namespace, purl.Name, purl.Subpath)
		out.Stem, out.Full = kit.PackageStem(purl), purl.ToString()
	default:
		if p.purl != "" {
			w.oddURLs++
		}
		if !strings.HasPrefix(p.purl, "pkg:") {
			p.purl = ""
		}
		out.Base, out.Stem = kit.KeyOf(p.kind(), p.name), p.kind()+"/"+p.name
		out.Full = out.Stem + "@" + p.version
	}
	out.Base, out.Ref, out.Version = cmp.Or(out.Base, "package-"+kit.Digest(out.Stem)), p.id, p.version
	return out
}

// inWords finds where the next word of a name such as operatingSystem begins.
var inWords = regexp.MustCompile(`([a-z])([A-Z])`)

// kind returns the purpose of a package as the type of a component. OPERATING_SYSTEM and operatingSystem are both operating-system.
func (p *pkg) kind() string {
	words := inWords.ReplaceAllString(p.purpose, "$1-$2")
	return cmp.Or(strings.ReplaceAll(strings.ToLower(words), "_", "-"), "library")
}

func (w *writer) add(p *part) {
	c := &model.Component{
		Application: w.ref, PackageURL: p.purl, Version: p.version, Type: p.kind(), Licences: slices.Sorted(slices.Values(p.licences)),
		Supplier: p.supplier, CPE: p.cpe, Hashes: slices.Sorted(slices.Values(p.digests)),
	}
	if purl, err := packageurl.FromString(p.purl); err == nil {
		c.Group = purl.Namespace
	}
	c.Key, c.Name, c.Description = p.Key, p.name, p.about
	p.record = c
	w.batch.AddItem(&feed.Item{Record: c, Where: p.at, Idents: []feed.Ident{feed.External(w.identity + " " + p.Identity)}, Clear: kit.Gone(c)})
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
		for _, need := range slices.SortedFunc(maps.Keys(needed), func(a, b *part) int { return strings.Compare(a.Key, b.Key) }) {
			p.record.DependsOn = append(p.record.DependsOn, need.record.Ref())
		}
	}
	if names := slices.Sorted(maps.Keys(lost)); len(names) > 0 {
		w.batch.Note("%d elements in the relationships are no packages that were taken and were left out, such as %q.", len(names), kit.Short(names[0]))
	}
}

// elsewhere reports whether an element is known though it is no component: the document, what it describes, a file, another document.
func (w *writer) elsewhere(id string) bool {
	return id == documentID || id == w.doc.namespace || id == "NONE" || id == "NOASSERTION" || w.doc.files[id] || w.subject != nil && w.subject.id == id ||
		strings.HasPrefix(id, "DocumentRef-")
}
