package vulnerable

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/model/vers"
)

// Standing is what VEX statements say about a match.
type Standing struct {
	// Status is what counts: affected where nobody has said anything.
	Status model.VexStatus
	// Statement is the statement that counts, or nil.
	Statement *model.VexStatement
	// Silenced says that nothing needs to be done, because it is not affected or mended. The match stays visible.
	Silenced bool
	// Others are statements of other authors that are about the same and do not count.
	Others []*model.VexStatement
}

// statement is a VEX statement made ready to be compared.
type statement struct {
	*model.VexStatement
	said     model.Time
	products []vers.Package
	names    []string
}

// StatusOf returns what VEX statements say about a match. A later statement of an author takes the place of an
// earlier one. Between authors what people here have typed comes first, and then the more careful one: affected before under
// investigation before fixed before not affected.
func (x *Index) StatusOf(m *Match) Standing {
	x.parts.vexOnce.Do(x.readStatements)
	latest := map[string]*statement{}
	for _, s := range x.parts.vex[m.Group] {
		if old := latest[s.Author]; x.about(s, m) && (old == nil || compareSaid(old, s) < 0) {
			latest[s.Author] = s
		}
	}
	if len(latest) == 0 {
		return Standing{Status: model.VexAffected}
	}
	all := make([]*statement, 0, len(latest))
	for _, s := range latest {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *statement) int {
		return cmp.Or(cmp.Compare(ours(b), ours(a)), cmp.Compare(care(a.Status), care(b.Status)), compareSaid(b, a))
	})
	out := Standing{Status: all[0].Status, Statement: all[0].VexStatement}
	out.Silenced = out.Status == model.VexNotAffected || out.Status == model.VexFixed
	for _, s := range all[1:] {
		out.Others = append(out.Others, s.VexStatement)
	}
	return out
}

func compareSaid(a, b *statement) int {
	return cmp.Or(cmp.Compare(a.said, b.said), strings.Compare(a.Key, b.Key))
}

func ours(s *statement) int {
	if s.Origin == model.PersonSource {
		return 1
	}
	return 0
}

// care puts statuses in order, the most careful one first.
func care(s model.VexStatus) int {
	return slices.Index([]model.VexStatus{model.VexAffected, model.VexInvestigated, model.VexFixed, model.VexNotAffected}, s)
}

// readStatements reads the statements of the view that were made by its day.
func (x *Index) readStatements() {
	x.parts.vex = map[*Group][]*statement{}
	for s := range estate.Each[*model.VexStatement](x.view) {
		g := x.Group(s.Vulnerability)
		said := cmp.Or(s.Stated, s.Created.At)
		if g == nil || !said.IsZero() && said.Date() > x.view.At() {
			continue
		}
		ready := &statement{VexStatement: s, said: said}
		for _, product := range s.Products {
			if p, err := vers.ParseURL(product); err == nil {
				ready.products = append(ready.products, p)
			} else {
				ready.names = append(ready.names, strings.ToLower(product))
			}
		}
		x.parts.vex[g] = append(x.parts.vex[g], ready)
	}
}

// about reports whether a statement is about a match: about one of its products, in one of its things, and of both where it names both.
func (x *Index) about(s *statement, m *Match) bool {
	if len(s.Products)+len(s.Subjects) == 0 {
		return false
	}
	return (len(s.Products) == 0 || x.ofProduct(s, m)) && (len(s.Subjects) == 0 || x.inSubject(s, m))
}

// ofProduct reports whether a statement names the component, or the application that has it, as a product.
func (x *Index) ofProduct(s *statement, m *Match) bool {
	own, err := vers.ParseURL(m.Component.PackageURL)
	if err == nil && slices.ContainsFunc(s.products, func(p vers.Package) bool { return names(p, own, m.Version) }) {
		return true
	}
	if m.Component.CPE != "" && slices.Contains(s.names, strings.ToLower(m.Component.CPE)) {
		return true
	}
	subject, version := m.Subject(), ""
	if r, ok := estate.Look[*model.Release](x.view, subject); ok {
		subject, version = r.Of, r.Version
	}
	app, ok := estate.Look[*model.Application](x.view, subject)
	if !ok || app.PackageURL == "" {
		return false
	}
	whole, err := vers.ParseURL(app.PackageURL)
	return err == nil && slices.ContainsFunc(s.products, func(p vers.Package) bool { return names(p, whole, cmp.Or(version, app.Version)) })
}

// names reports whether a package URL of a statement names a package in a version. One without a version names all.
func names(stated, has vers.Package, version string) bool {
	if stated.Key() != has.Key() || stated.Release != "" && has.Release != "" && stated.Release != has.Release {
		return false
	}
	return stated.Version == "" || vers.Read(stated.Type, stated.Version).Equal(vers.Read(stated.Type, version))
}

// inSubject reports whether a statement is about the component itself, or what its bill of materials describes, or what that is a release of.
func (x *Index) inSubject(s *statement, m *Match) bool {
	if slices.Contains(s.Subjects, m.Component.Ref()) || slices.Contains(s.Subjects, m.Subject()) {
		return true
	}
	r, ok := estate.Look[*model.Release](x.view, m.Subject())
	return ok && slices.Contains(s.Subjects, r.Of)
}
