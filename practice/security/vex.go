package security

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/vulnerable"
)

// VexIn says about what statements are wanted.
type VexIn struct {
	// Application is the thing or the release that the documents are about.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Release" is:"required"`
	// Author is who makes the statements. The default is who answers for the thing.
	Author string
}

// VexOut is what the company says about the vulnerabilities in something, to be given to others.
type VexOut struct {
	// NotAffected is how many statements say that nothing needs to be done.
	NotAffected practice.Figure
	// Investigated is how many vulnerabilities nobody has judged yet. They stand in the documents as under investigation.
	Investigated practice.Figure
	// OpenVEX is the document in the format of OpenVEX 0.2.0.
	OpenVEX practice.File `json:"openvex" label:"OpenVEX"`
	// CycloneDX is the document in the format of CycloneDX 1.5.
	CycloneDX practice.File `json:"cyclonedx" label:"CycloneDX"`
	// Statements lists what stands in both.
	Statements practice.Table[StatedRow]
}

// StatedRow is what is said about one vulnerability in some components.
type StatedRow struct {
	// Vulnerability is its identifier.
	Vulnerability string
	// Status is what is said.
	Status model.VexStatus
	// Justification says why something is not affected.
	Justification model.VexJustification
	// Text says more about it.
	Text string
	// Action says what to do.
	Action string
	// Components are the components that it is said of.
	Components []practice.Link
	// Statement is the record that says so. Empty where nobody has judged it.
	Statement practice.Link
	// Stated is when it was said, or when the vulnerability was first known here.
	Stated model.Time
}

// said is what stands in both documents about one vulnerability.
type said struct {
	StatedRow
	group     *vulnerable.Group
	signals   *vulnerable.Signals
	pairs     []*pair
	statement *model.VexStatement
}

// Vex writes what the company says about every known vulnerability in something,
// as documents in the formats of OpenVEX and CycloneDX. What nobody has judged stands there as under investigation. The
// same data gives the same documents: their identifiers follow from the thing, and their time and version from the newest of the records behind them.
func Vex(v estate.View, in VexIn) (VexOut, error) {
	var out VexOut
	holder, err := holderNamed(v, "application", in.Application)
	if err != nil {
		return out, err
	}
	list := saidOf(v, holder)
	d := vexDocument{holder: holder, product: productID(v, holder), author: in.Author, said: list, newest: newestOf(holder, list)}
	d.author = cmp.Or(d.author, answersFor(v, holder).Title(), holder.Base().Title())
	d.name, d.version = productOf(v, holder).Base().Title(), versionOfThing(holder)
	if d.newest.At.IsZero() {
		d.newest.At = practice.NowOf(v)
	}
	if out.OpenVEX, err = d.openVEX(); err != nil {
		return out, err
	}
	if out.CycloneDX, err = d.cycloneDX(); err != nil {
		return out, err
	}
	var silent, untold []practice.Link
	for _, s := range list {
		out.Statements.Rows = append(out.Statements.Rows, s.StatedRow)
		switch s.Status {
		case model.VexNotAffected, model.VexFixed:
			silent = append(silent, s.Statement)
		case model.VexInvestigated:
			untold = append(untold, s.Components[0])
		}
	}
	out.NotAffected, out.Investigated = practice.Counted("statements", practice.Neither, silent), practice.Counted("vulnerabilities", practice.Lower, untold)
	return out, nil
}

// saidOf returns what is said about the vulnerabilities of one thing, by vulnerability.
func saidOf(v estate.View, holder model.Record) []*said {
	type key struct {
		group     *vulnerable.Group
		statement *model.VexStatement
	}
	x, found := vulnerable.In(v), map[key]*said{}
	var out []*said
	for _, p := range pairsOf(v) {
		if p.Subject() != holder.Base().Ref() {
			continue
		}
		k := key{p.Group, p.standing.Statement}
		s := found[k]
		if s == nil {
			s = &said{group: p.Group, signals: x.SignalsOf(p.Group), statement: p.standing.Statement}
			s.Vulnerability, s.Status = p.Group.ID, model.VexInvestigated
			if st := s.statement; st != nil {
				s.Status, s.Justification, s.Text, s.Action, s.Statement = st.Status, st.Justification, st.Impact, st.Action, practice.To(st)
				s.Stated = cmp.Or(st.Stated, st.Changed.At)
			}
			found[k], out = s, append(out, s)
		}
		if known := p.known(); s.statement == nil && (s.Stated.IsZero() || known < s.Stated) {
			s.Stated = known
		}
		s.pairs = append(s.pairs, p)
		if link := practice.To(p.Component); !slices.Contains(s.Components, link) {
			s.Components = append(s.Components, link)
		}
	}
	for _, s := range out {
		s.settle()
	}
	slices.SortStableFunc(out, func(a, b *said) int {
		return cmp.Or(strings.Compare(a.Vulnerability, b.Vulnerability), strings.Compare(a.Statement.Key, b.Statement.Key), strings.Compare(a.Components[0].Key, b.Components[0].Key))
	})
	return out
}

// settle fills in what the formats demand: what is affected needs an action, and what is not affected a justification or a text.
func (s *said) settle() {
	if s.Status == model.VexAffected && s.Action == "" {
		s.Action = "No action is stated yet."
		var fixes []string
		for _, p := range s.pairs {
			if text := fmt.Sprintf("%s to %s", lastName(p.Package), p.Fixed); p.Fixed != "" && !slices.Contains(fixes, text) {
				fixes = append(fixes, text)
			}
		}
		if len(fixes) > 0 {
			s.Action = "Upgrade " + strings.Join(fixes, ", ") + "."
		}
	}
	if s.Status == model.VexNotAffected && s.Justification == "" && s.Text == "" {
		s.Text = "No reason is stated."
	}
}

// newestOf returns the newest stamp of the records behind documents.
func newestOf(holder model.Record, list []*said) model.Stamp {
	newest := holder.Base().Changed
	note := func(rec model.Record) {
		if s := rec.Base().Changed; s.Seq > newest.Seq {
			newest = s
		}
	}
	for _, s := range list {
		for _, p := range s.pairs {
			note(p.Component)
			note(p.Advisory)
		}
		if s.statement != nil {
			note(s.statement)
		}
	}
	return newest
}

// productID returns how documents name a thing: by its package URL with its version, or by its identifier in the estate.
func productID(v estate.View, holder model.Record) string {
	if app, ok := productOf(v, holder).(*model.Application); ok && app.PackageURL != "" {
		if version := versionOfThing(holder); version != "" && !strings.Contains(app.PackageURL, "@") {
			return app.PackageURL + "@" + escaped(version)
		}
		return app.PackageURL
	}
	return "urn:uuid:" + holder.Base().ID.String()
}

func versionOfThing(holder model.Record) string {
	switch rec := holder.(type) {
	case *model.Application:
		return rec.Version
	case *model.Release:
		return rec.Version
	}
	return ""
}
