package kit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/model"
	"binnacle/model/vers"
)

// Product is what a statement about a vulnerability is made of.
type Product struct {
	// Name is what the document calls it.
	Name string
	// Version is the one version that is meant. Empty means all, unless there is a range.
	Version string
	// Range says which versions are meant, where it is several, mostly in VERS notation.
	Range string
	// PackageURL names it as a package, where the document says so.
	PackageURL string
	// CPE names it in the Common Platform Enumeration, where the document says so.
	CPE string
	// Exact says that only this version is meant, so that nothing is said of a product whose version nobody knows.
	Exact bool
	// Serial is the serial number of the bill of materials that lists it, where the document only refers to that.
	Serial string
	// Ref is the record of the batch that it is, where the estate does not know it yet.
	Ref model.Ref
}

// Text writes the product as a statement keeps it: its package URL with the version, its CPE, or its name. A range cannot be part of a package
// URL, so that a product with one is written in words, which fit no component: nothing is silenced that is not meant.
func (p Product) Text() string {
	switch url, err := packageurl.FromString(p.PackageURL); {
	case p.Range != "":
		return Line(cmp.Or(p.PackageURL, p.Name, p.CPE) + " " + p.Range)
	case err == nil:
		if url.Version == "" && p.Version != "" {
			url.Version = p.Version
		}
		return url.ToString()
	case p.CPE != "":
		return Line(p.CPE)
	case p.Version != "" && !strings.HasSuffix(p.Name, p.Version):
		return Line(p.Name + " " + p.Version)
	}
	return Line(p.Name)
}

// named reports whether only its name says what the product is, so that it has to be looked for in the estate.
func (p Product) named() bool {
	_, err := packageurl.FromString(p.PackageURL)
	return err != nil && p.CPE == ""
}

// Statements fills a batch with statements about vulnerabilities. Products that only have a name are looked for in the estate when it is known.
type Statements struct {
	// Batch is what is filled.
	Batch *feed.Batch
	// Document is the identifier of the document, and Author who says what is in it.
	Document, Author string
	// Stated is when the document was made. Statements may have times of their own.
	Stated model.Time

	open  []*openStatement
	taken map[string]int
}

// openStatement is a statement about a product that only has a name.
type openStatement struct {
	item    *feed.Item
	product Product
}

// Begin says that the batch is to look for products in the estate.
func (s *Statements) Begin() {
	s.taken = map[string]int{}
	s.Batch.Settlers = append(s.Batch.Settlers, s)
}

// Add proposes what is said of some products: one statement for those that are packages or have a CPE, and one for each of the others.
func (s *Statements) Add(said model.VexStatement, products []Product, subjects []model.Ref, at feed.Where) {
	var texts []string
	var named []Product
	for _, p := range products {
		switch text := p.Text(); {
		case text == "":
		case p.named():
			named = append(named, p)
		case !slices.Contains(texts, text):
			texts = append(texts, text)
		}
	}
	slices.Sort(texts)
	if len(texts) > 0 || len(subjects) > 0 || len(named) == 0 {
		one := said
		one.Products, one.Subjects = texts, subjects
		s.add(&one, "", at)
	}
	for _, p := range named {
		one := said
		one.Products = []string{p.Text()}
		s.open = append(s.open, &openStatement{s.add(&one, one.Products[0], at), p})
	}
}

func (s *Statements) add(one *model.VexStatement, about string, at feed.Where) *feed.Item {
	one.Document, one.Author = cmp.Or(one.Document, s.Document), cmp.Or(one.Author, s.Author)
	one.Stated = cmp.Or(one.Stated, s.Stated)
	id := strings.Join([]string{one.Vulnerability, string(one.Status), string(one.Justification), about}, "\x00")
	if s.taken[id]++; s.taken[id] > 1 {
		id += fmt.Sprintf("\x00%d", s.taken[id])
	}
	one.Key = SubjectKey(KeyOf(s.Document, one.Vulnerability)) + "~" + Digest(s.Document+"\x00"+id)
	one.Name = Line(one.Vulnerability + " " + strings.ReplaceAll(string(one.Status), "_", " "))
	item := &feed.Item{Record: one, Where: at, Idents: []feed.Ident{feed.External("statement " + identityOf(id))}}
	for field, empty := range map[string]bool{"products": len(one.Products) == 0, "subjects": len(one.Subjects) == 0, "justification": one.Justification == "", "impact": one.Impact == "", "action": one.Action == ""} {
		if empty {
			item.Clear = append(item.Clear, field)
		}
	}
	slices.Sort(item.Clear)
	s.Batch.AddItem(item)
	s.Batch.Count("statements", 1)
	return item
}

// Settle looks for the products that only have a name. A statement about one version of a product is about the release of that version, or
// about the product itself where that is in this version or where nobody knows in which it is.
func (s *Statements) Settle(v estate.View, b *feed.Batch, all []feed.Settler) {
	for _, one := range all {
		if statements, ok := one.(*Statements); ok {
			for _, o := range statements.open {
				o.settle(v)
			}
		}
	}
}

func (o *openStatement) settle(v estate.View) {
	rec := o.item.Record.(*model.VexStatement)
	rec.Products, rec.Subjects = []string{o.product.Text()}, nil
	o.item.Clear = slices.DeleteFunc(slices.Clone(o.item.Clear), func(f string) bool { return f == "products" || f == "subjects" })
	subject := model.Ref{}
	if o.product.Range == "" {
		subject = o.product.in(v)
	}
	if subject.IsZero() {
		o.item.Clear = append(o.item.Clear, "subjects")
		return
	}
	rec.Products, rec.Subjects = nil, []model.Ref{subject}
	o.item.Clear = append(o.item.Clear, "products")
}

// in returns the record that is the version of the product, or nothing.
func (p Product) in(v estate.View) model.Ref {
	ref := described(v, p.Serial, p.Name)
	if p.Serial == "" {
		if ref = FindSubject(v, "", "", p.Name); ref.IsZero() {
			ref = p.Ref
		}
	}
	if ref.IsZero() || p.Version == "" {
		return ref
	}
	for e := range v.In(ref) {
		if r, ok := e.Record.(*model.Release); ok && e.Field.Name == "of" && strings.EqualFold(r.Version, p.Version) {
			return r.Ref()
		}
	}
	a, ok := estate.Look[*model.Application](v, ref)
	if known := ok && a.Version != ""; known && !strings.EqualFold(a.Version, p.Version) || !known && p.Exact {
		return model.Ref{}
	}
	return ref
}

// described returns what the bill of materials with a serial number describes, where that goes by the name that is looked for.
func described(v estate.View, serial, name string) model.Ref {
	if serial == "" {
		return model.Ref{}
	}
	want := feed.SlugOf(name)
	for s := range estate.Each[*model.Source](v) {
		if !strings.EqualFold(strings.TrimPrefix(s.Serial, "urn:uuid:"), serial) {
			continue
		}
		for _, kind := range subjects {
			rec := v.Identify(kind, "external", estate.ExternalIdent(s.Key, s.Describes))
			if rec == nil {
				continue
			}
			for _, own := range []string{feed.SlugOf(rec.Base().Name), rec.Base().Key} {
				if own != "" && (want == own || strings.HasSuffix(want, "-"+own)) {
					return rec.Base().Ref()
				}
			}
		}
	}
	return model.Ref{}
}

// AffectedBy returns which packages have a vulnerability, of the products that are said to have it and those in which it is mended.
func AffectedBy(affected, fixed []Product) (packages []model.AffectedPackage, platforms []string) {
	byName := map[string]*model.AffectedPackage{}
	exact := map[string][]string{}
	var order []string
	for _, p := range affected {
		if p.CPE != "" {
			platforms = append(platforms, Line(p.CPE))
		}
		url, err := packageurl.FromString(p.PackageURL)
		if err != nil {
			continue
		}
		name := PackageName(url)
		a := byName[name]
		if a == nil {
			a = &model.AffectedPackage{Package: name, Ecosystem: ecosystems[url.Type]}
			byName[name] = a
			order = append(order, name)
		}
		switch version := cmp.Or(url.Version, p.Version); {
		case strings.HasPrefix(p.Range, "vers:"):
			if r, err := vers.Parse(p.Range); err == nil && !slices.Contains(a.Ranges, r.String()) {
				a.Ranges = append(a.Ranges, r.String())
			}
		case p.Range != "":
		case version == "":
			a.Ranges = append(a.Ranges, "vers:"+url.Type+"/*")
		case !slices.Contains(exact[name], version):
			exact[name] = append(exact[name], version)
		}
	}
	for _, p := range fixed {
		if url, err := packageurl.FromString(p.PackageURL); err == nil && p.Range == "" {
			if a, version := byName[PackageName(url)], cmp.Or(url.Version, p.Version); a != nil && version != "" && !slices.Contains(a.Fixed, version) {
				a.Fixed = append(a.Fixed, version)
			}
		}
	}
	for _, name := range order {
		a := byName[name]
		url, _ := packageurl.FromString(name)
		if list := exact[name]; len(list) > 0 {
			r := vers.Range{Scheme: url.Type}
			for _, version := range list {
				r.Constraints = append(r.Constraints, vers.Constraint{Is: "=", Version: version})
			}
			a.Ranges = append(a.Ranges, r.Canonical().String())
		}
		a.Ranges = Sorted(a.Ranges)
		if len(a.Ranges) > 0 {
			packages = append(packages, *a)
		}
	}
	return packages, Sorted(platforms)
}

// ecosystems are what OSV calls the ecosystems of the types of package URLs.
var ecosystems = map[string]string{
	"npm": "npm", "pypi": "PyPI", "maven": "Maven", "golang": "Go", "cargo": "crates.io", "gem": "RubyGems", "nuget": "NuGet", "composer": "Packagist", "hex": "Hex", "pub": "Pub", "conan": "ConanCenter", "cran": "CRAN", "swift": "SwiftURL", "github": "GitHub Actions",
}

// IsIdentifier reports whether a text looks like the identifier of a vulnerability, such as CVE-2021-44228, and not like that of a ticket.
func IsIdentifier(text string) bool {
	prefix, rest, ok := strings.Cut(text, "-")
	if !ok || rest == "" || len(text) > 200 || strings.ContainsAny(text, " \t\n/") {
		return false
	}
	return slices.Contains([]string{"CVE", "GHSA", "GO", "PYSEC", "RUSTSEC", "OSV", "EUVD", "GSD", "SNYK", "MAL", "DSA", "DLA", "USN", "ALSA", "RHSA", "CGA", "BIT", "GCVE", "JVNDB", "CNVD", "ZDI"}, strings.ToUpper(prefix))
}
