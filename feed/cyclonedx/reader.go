package cyclonedx

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/package-url/packageurl-go"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// reader fills a batch from a document that has been checked.
type reader struct {
	batch *feed.Batch
	src   *kit.Text
	root  *node
	file  string
	// release is the version that the components are kept for, where whoever imports said so.
	release string

	subject    subject
	parts      []*part
	services   []*service
	providers  map[string]bool
	found      int
	incomplete bool
	oddURLs    int
	oddURLAt   feed.Where
}

// subject is what the bill of materials describes.
type subject struct {
	node     *node
	key      string
	identity string
	ref      model.Ref
}

// part is one component.
type part struct {
	node *node
	path string

	purl  string
	group string
	name  string
	kind  string
	cpe   string

	kit.Part
	record *model.Component
	item   *feed.Item
}

func (r *reader) read() error {
	r.count()
	if err := r.collect(r.root.list("components"), "components"); err != nil {
		return err
	}
	own := r.root.get("metadata").get("component")
	if err := r.collect(own.list("components"), "metadata.component.components"); err != nil {
		return err
	}
	if err := r.collectServices(r.root.list("services"), "services"); err != nil {
		return err
	}
	r.findSubject()
	r.describeSource()
	if r.subject.node != nil || len(r.parts) > 0 || len(r.services) > 0 {
		r.mentionSubject()
		r.mentionRelease()
	}
	kit.Settle(r.subject.key, r.parts, func(p *part) *kit.Part { return &p.Part })
	slices.SortFunc(r.parts, func(a, b *part) int { return strings.Compare(a.Key, b.Key) })
	for _, p := range r.parts {
		r.addPart(p)
	}
	r.addServices()
	r.link()
	r.addVulnerabilities()
	r.notes()
	return nil
}

// count counts what the document holds in the words of the format.
func (r *reader) count() {
	r.batch.Count("components", nested(r.root, "components"))
	r.batch.Count("services", nested(r.root, "services"))
	r.batch.Count("dependencies", len(r.root.list("dependencies")))
	r.batch.Count("vulnerabilities", len(r.root.list("vulnerabilities")))
	if n := nested(r.root.get("metadata").get("component"), "components"); n > 0 {
		r.batch.Count("components of the subject", n)
	}
	for _, name := range []string{"compositions", "annotations"} {
		if n := len(r.root.list(name)); n > 0 {
			r.batch.Count(name, n)
		}
	}
}

func nested(n *node, name string) int {
	count := 0
	for _, kid := range n.list(name) {
		count += 1 + nested(kid, name)
	}
	return count
}

// at returns the place of a node.
func (r *reader) at(n *node, path string) feed.Where {
	line, column := r.src.Place(n.at)
	return r.batch.At(line, column, path)
}

// room counts a record and fails where there are more than the limits allow.
func (r *reader) room() error {
	if r.found++; r.found > r.batch.Limits.Items {
		return fmt.Errorf("the bill of materials has more than %d components and services, which is the limit", r.batch.Limits.Items)
	}
	return nil
}

// collect gathers the components of a list and those inside them.
func (r *reader) collect(list []*node, path string) error {
	for i, n := range list {
		if err := r.room(); err != nil {
			return err
		}
		path := path + "[" + strconv.Itoa(i) + "]"
		switch {
		case n.kind != objectNode || n.bad:
			r.incomplete = true
		default:
			r.collectPart(n, path)
		}
		if err := r.collect(n.list("components"), path+".components"); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) collectPart(n *node, path string) {
	p := &part{
		node: n, path: path, group: n.string("group"), name: n.string("name"), kind: n.string("type"), cpe: n.string("cpe"),
		Part: kit.Part{Ref: n.string("bom-ref"), Version: n.string("version")},
	}
	text := n.string("purl")
	purl, err := packageurl.FromString(text)
	switch {
	case text == "":
	case err != nil:
		if r.oddURLs++; r.oddURLs == 1 {
			r.oddURLAt = r.at(n.get("purl"), path+".purl")
		}
		if strings.HasPrefix(text, "pkg:") {
			p.purl = text
		}
	default:
		p.purl = text
		p.name, p.group, p.Version = cmp.Or(p.name, purl.Name), cmp.Or(p.group, purl.Namespace), cmp.Or(p.Version, purl.Version)
	}
	if p.name == "" {
		r.incomplete = true
		r.batch.RefuseRecord(r.at(n, path), p.purl, "name", "the name is empty: a component needs a name")
		return
	}
	switch {
	case p.purl != "" && err == nil:
		p.Base = kit.KeyOf(purl.Type, purl.Namespace, purl.Name, purl.Subpath)
		p.Stem, p.Full = kit.PackageStem(purl), purl.ToString()
	case p.cpe != "" && cpeStem(p.cpe) != "":
		p.Base = kit.KeyOf(p.kind, p.group, p.name)
		p.Stem, p.Full = cpeStem(p.cpe), p.cpe
	default:
		p.Base = kit.KeyOf(p.kind, p.group, p.name)
		p.Stem = strings.Join([]string{p.kind, p.group, p.name}, "/")
		p.Full = p.Stem + "@" + p.Version
	}
	p.Base = cmp.Or(p.Base, "component-"+kit.Digest(p.Stem))
	r.parts = append(r.parts, p)
}

// cpeStem returns the sort, vendor and product of a name in the Common Platform Enumeration, or nothing.
func cpeStem(cpe string) string {
	rest, ok := strings.CutPrefix(strings.ToLower(cpe), "cpe:2.3:")
	if !ok {
		if rest, ok = strings.CutPrefix(strings.ToLower(cpe), "cpe:/"); !ok {
			return ""
		}
	}
	parts := strings.Split(rest, ":")
	if len(parts) < 3 || parts[2] == "" || parts[2] == "*" {
		return ""
	}
	return "cpe:" + strings.Join(parts[:3], ":")
}

// endings are what the names of the files end with, and plainNames are names that say nothing of the content.
var (
	endings    = []string{".json", ".xml", ".bom", ".cdx", ".sbom", ".cyclonedx", ".gz"}
	plainNames = []string{"bom", "sbom", "cdx", "cyclonedx", "vex"}
)

// findSubject finds out what the document describes.
func (r *reader) findSubject() {
	s := &r.subject
	n := r.root.get("metadata").get("component")
	if n != nil && cmp.Or(n.string("name"), n.string("purl")) != "" {
		s.node = n
		s.identity = cmp.Or(n.string("name"), n.string("purl"))
		if group := n.string("group"); group != "" {
			s.identity = group + "/" + s.identity
		}
		s.key = kit.NameKey(n.string("name"))
		if purl, err := packageurl.FromString(n.string("purl")); err == nil {
			s.identity = kit.PackageName(purl)
			s.key = cmp.Or(s.key, feed.SlugOf(purl.Name))
		}
	}
	s.key = kit.SubjectKey(s.key, kit.FileKey(r.file, endings, plainNames), strings.TrimPrefix(r.root.string("serialNumber"), "urn:uuid:"))
	s.identity = cmp.Or(s.identity, s.key)
}

func (r *reader) describeSource() {
	n, meta := r.subject.node, r.root.get("metadata")
	what := "bom"
	if len(r.parts)+len(r.services) == 0 && len(r.root.list("vulnerabilities")) > 0 {
		what, r.incomplete = "vex", true
	}
	r.batch.Source = model.Source{
		Format: formatName, Describes: r.subject.identity, Release: n.string("version"), Serial: r.root.string("serialNumber"),
	}
	r.batch.Source.Key = what + ":" + r.subject.key
	r.batch.Source.Name = "Bill of materials of " + cmp.Or(n.string("name"), r.subject.key)
	if t, ok := timeOf(meta.string("timestamp")); ok {
		r.batch.Source.Produced = model.TimeOf(t)
	}
	r.batch.Complete, r.batch.Compare = !r.incomplete, "Component"
}

// mentionSubject names what the document describes. Where it is known as something other than an application, it stays what it is.
func (r *reader) mentionSubject() {
	app := &model.Application{}
	app.Key, app.Name = r.subject.key, r.subject.key
	at := r.at(r.root, "")
	if n := r.subject.node; n != nil {
		app.Name, app.Description = cmp.Or(n.string("name"), app.Name), n.string("description")
		if purl, err := packageurl.FromString(n.string("purl")); err == nil {
			app.PackageURL = kit.PackageName(purl)
		}
		at = r.at(n, "metadata.component")
	}
	r.subject.ref = r.batch.AddItem(&feed.Item{
		Record: app, Where: at, Mention: true, Idents: []feed.Ident{feed.External(r.subject.identity)},
		Or: []string{"Product", "Host", "NetworkDevice", "Service"},
	})
}

// mentionRelease puts the release that the components are kept for in the place of what it is a release of.
func (r *reader) mentionRelease() {
	if r.release == "" || len(r.parts) == 0 {
		return
	}
	s, said := &r.subject, r.subject.node.string("version")
	release := kit.ReleaseOf(s.key, s.identity, r.release)
	s.ref = release.AddTo(r.batch, s.ref, cmp.Or(s.node.string("name"), s.key), r.release, said, r.at(r.root, ""))
	s.key, s.identity, r.batch.Source.Key, r.batch.Source.Release = release.Key, release.Identity, release.Source, r.release
	r.batch.Source.Name += " " + r.release
}

func (r *reader) addPart(p *part) {
	c := &model.Component{
		Application: r.subject.ref, PackageURL: p.purl, Version: p.Version, Group: p.group, Type: p.kind, Scope: p.node.string("scope"),
		Licences: licences(p.node), Supplier: supplier(p.node), CPE: p.cpe, Hashes: hashes(p.node),
	}
	c.Key, c.Name, c.Description = p.Key, p.name, p.node.string("description")
	p.record = c
	p.item = &feed.Item{Record: c, Where: r.at(p.node, p.path), Idents: []feed.Ident{feed.External(r.subject.identity + " " + p.Identity)}, Clear: kit.Gone(c)}
	r.batch.AddItem(p.item)
}

// licences lists the identifiers, names and expressions of the licences of a component.
func licences(n *node) []string {
	var out []string
	for _, choice := range n.list("licenses") {
		license := choice.get("license")
		text := cmp.Or(choice.string("expression"), license.string("id"), license.string("name"))
		if text != "" && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return out
}

// supplier returns who supplied a component, or who made or published it where that is not said.
func supplier(n *node) string {
	return cmp.Or(n.get("supplier").string("name"), n.get("manufacturer").string("name"), n.string("publisher"))
}

// hashes lists the digests of a component as algorithm:hex.
func hashes(n *node) []string {
	var out []string
	for _, h := range n.list("hashes") {
		text := h.string("alg") + ":" + strings.ToLower(h.string("content"))
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return out
}

// link puts the dependencies into the records.
func (r *reader) link() {
	parts, services, known := map[string]*part{}, map[string]*service{}, map[string]bool{r.subject.node.string("bom-ref"): true}
	for _, p := range r.parts {
		parts[p.Ref], known[p.Ref] = p, true
	}
	for _, s := range r.services {
		services[s.ref], known[s.ref] = s, true
	}
	components, others, lost := map[*part]map[*part]bool{}, map[*service]map[*service]bool{}, map[string]bool{}
	for _, d := range r.root.list("dependencies") {
		from := d.string("ref")
		if d.kind != objectNode || d.bad || from == "" {
			continue
		}
		if !known[from] {
			lost[from] = true
		}
		for _, to := range d.list("dependsOn") {
			text := to.value()
			if !known[text] {
				lost[text] = true
			}
			note(components, parts, from, text)
			note(others, services, from, text)
		}
	}
	for p, needs := range components {
		for _, need := range slices.SortedFunc(maps.Keys(needs), func(a, b *part) int { return strings.Compare(a.Key, b.Key) }) {
			p.record.DependsOn = append(p.record.DependsOn, need.record.Ref())
		}
	}
	for s, needs := range others {
		for _, need := range slices.SortedFunc(maps.Keys(needs), func(a, b *service) int { return strings.Compare(a.record.Key, b.record.Key) }) {
			s.record.DependsOn = append(s.record.DependsOn, need.record.Ref())
		}
	}
	for _, d := range r.root.list("dependencies") {
		if p := parts[d.string("ref")]; p != nil && p.Ref != "" && !d.bad && len(p.record.DependsOn) == 0 && !slices.Contains(p.item.Clear, "depends_on") {
			p.item.Clear = append(p.item.Clear, "depends_on")
		}
	}
	delete(lost, "")
	if names := slices.Sorted(maps.Keys(lost)); len(names) > 0 {
		r.batch.Note("%d names in the dependencies belong to no component or service that was taken and were left out, such as %q.", len(names), kit.Short(names[0]))
	}
}

// note remembers that one thing needs another, where both are of the same sort and not the same.
func note[T comparable](edges map[T]map[T]bool, byRef map[string]T, from, to string) {
	a, ok := byRef[from]
	b, found := byRef[to]
	if from == "" || to == "" || !ok || !found || a == b {
		return
	}
	if edges[a] == nil {
		edges[a] = map[T]bool{}
	}
	edges[a][b] = true
}

// notes tells what was read and not taken.
func (r *reader) notes() {
	if r.oddURLs > 0 {
		r.batch.Note("%d package URLs cannot be understood and identify nothing, the first at %s.", r.oddURLs, r.oddURLAt)
	}
	if r.incomplete && len(r.parts)+len(r.services) > 0 {
		r.batch.Note("Because something was refused, nothing that is missing from this document counts as gone.")
	}
}

// webAddress returns the first text that is the address of a web page.
func webAddress(list []*node) string {
	for _, n := range list {
		if address := kit.WebAddress(n.value()); address != "" {
			return address
		}
	}
	return ""
}
