package security

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// LicencesIn says whose components are looked at.
type LicencesIn struct {
	// Application limits the answer to what one thing or one release of it is made of.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Release"`
	// Verdict limits the tables to one verdict.
	Verdict model.LicenceVerdict
	// Limit is how many components are listed at most. The default is 1000.
	Limit int `min:"0" max:"10000000"`
}

// LicencesOut is what the policies think of the licences of components.
type LicencesOut struct {
	// Denied are the components under licences that are forbidden.
	Denied practice.Figure
	// Review are the components that somebody must look at.
	Review practice.Figure
	// Untold are the components whose licence is not known or not listed in a policy, whatever holds for these.
	Untold practice.Figure
	// Findings say what is forbidden or not known, the worst first.
	Findings []practice.Finding
	// Licences lists each licence, the worst first.
	Licences practice.Table[LicenceRow]
	// Components lists each component with what holds for it, the worst first.
	Components practice.Table[LicensedComponent]
}

// LicenceRow is one licence, or one expression of licences.
type LicenceRow struct {
	// Licence is the licence as the bills of materials have it. Empty where they have none.
	Licence string
	// Verdict is what the policies think of it.
	Verdict model.LicenceVerdict
	// Why says which licence decides and which policy.
	Why string
	// Components is how many components are under it.
	Components int
	// Applications are the things that have them.
	Applications []practice.Link
}

// LicensedComponent is a component and what the policies think of its licences.
type LicensedComponent struct {
	// Component is the component.
	Component practice.Link
	// Version is its version.
	Version string
	// Application is what it is part of.
	Application practice.Link
	// Licences are its licences as the bill of materials has them. Several that no expression joins must all be kept.
	Licences []string
	// Verdict is what the policies think of it.
	Verdict model.LicenceVerdict
	// Known says whether a policy lists the licence that decides.
	Known bool
	// Why says which licence decides and which policy.
	Why string
}

// Licences tells what the licence policies think of every component. An
// expression of SPDX is understood: of what OR joins the best counts, of what AND joins the worst, and
// several licences without an expression count like AND. A licence WITH an exception counts as listed with it,
// else as without it. GPL-2.0+ and GPL-2.0-or-later are one, and where they are not listed the version itself counts.
// A policy for a thing takes the place of those for everything; where several hold, the strictest counts.
func Licences(v estate.View, in LicencesIn) (LicencesOut, error) {
	var out LicencesOut
	found, err := licensed(v, in.Application)
	if err != nil {
		return out, err
	}
	counts := map[model.LicenceVerdict][]practice.Link{}
	var untold []practice.Link
	for _, c := range found {
		counts[c.Verdict] = append(counts[c.Verdict], c.Component)
		if !c.Known {
			untold = append(untold, c.Component)
		}
	}
	out.Denied = practice.Counted("components", practice.Lower, counts["denied"])
	out.Review = practice.Counted("components", practice.Lower, counts["review"])
	out.Untold = practice.Counted("components", practice.Lower, untold)
	out.Findings = licenceFindings(v, slices.DeleteFunc(slices.Clone(found), func(c LicensedComponent) bool { return c.Verdict != "denied" && c.Known }))
	if in.Verdict != "" {
		found = slices.DeleteFunc(found, func(c LicensedComponent) bool { return c.Verdict != in.Verdict })
	}
	out.Licences.Rows = licenceRows(found)
	limit := cmp.Or(in.Limit, 1000)
	out.Components.Rows = found[:min(limit, len(found))]
	if len(found) > limit {
		out.Components.Note = fmt.Sprintf("%d of %d are shown; raise the limit to see the rest", limit, len(found))
	}
	if v.Count("LicencePolicy") == 0 {
		out.Licences.Note = "there is no licence policy: everything is to be looked at until there is one"
	}
	return out, nil
}

// licensed judges the components of what is in use, or of one thing, the worst first.
func licensed(v estate.View, of model.Ref) ([]LicensedComponent, error) {
	judges := map[model.Ref]*licenceJudge{}
	var out []LicensedComponent
	for c := range estate.Each[*model.Component](v) {
		if !of.IsZero() && c.Application != of {
			continue
		}
		holder := v.Get(c.Application)
		if holder == nil || of.IsZero() && !inUse(v, holder) || !c.Stale().IsZero() {
			continue
		}
		judge := judges[c.Application]
		if judge == nil {
			judge = newLicenceJudge(v, holder)
			judges[c.Application] = judge
		}
		row := LicensedComponent{Component: practice.To(c), Version: c.Version, Application: practice.To(holder), Licences: c.Licences}
		row.Verdict, row.Known, row.Why = judge.component(c.Licences)
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b LicensedComponent) int {
		return cmp.Or(model.Rank(b.Verdict)-model.Rank(a.Verdict), strings.Compare(a.Application.Key, b.Application.Key), strings.Compare(a.Component.Key, b.Component.Key))
	})
	return out, nil
}

func licenceRows(found []LicensedComponent) []LicenceRow {
	type group struct {
		licence string
		verdict model.LicenceVerdict
	}
	at := map[group]int{}
	var rows []LicenceRow
	for _, c := range found {
		g := group{strings.Join(c.Licences, ", "), c.Verdict}
		i, ok := at[g]
		if !ok {
			i = len(rows)
			at[g] = i
			rows = append(rows, LicenceRow{Licence: g.licence, Verdict: c.Verdict, Why: c.Why})
		}
		rows[i].Components++
		if !slices.Contains(rows[i].Applications, c.Application) {
			rows[i].Applications = append(rows[i].Applications, c.Application)
		}
	}
	slices.SortStableFunc(rows, func(a, b LicenceRow) int {
		return cmp.Or(model.Rank(b.Verdict)-model.Rank(a.Verdict), cmp.Compare(b.Components, a.Components), strings.Compare(a.Licence, b.Licence))
	})
	return rows
}

// licenceFindings makes one finding for each licence of each thing.
func licenceFindings(v estate.View, found []LicensedComponent) []practice.Finding {
	type group struct {
		in  model.ID
		why string
	}
	groups := map[group][]LicensedComponent{}
	var order []group
	for _, c := range found {
		g := group{c.Application.ID, c.Why}
		if groups[g] == nil {
			order = append(order, g)
		}
		groups[g] = append(groups[g], c)
	}
	var out []practice.Finding
	for _, g := range order {
		first := groups[g][0]
		f := practice.Finding{Severity: practice.Low, About: first.Application}
		if first.Verdict == "denied" {
			f.Severity = practice.High
		}
		if holder := v.Get(model.Ref(first.Application.ID)); holder != nil {
			f.Owner = practice.OwnerOf(v, holder)
		}
		for _, c := range groups[g] {
			f.From = append(f.From, c.Component)
		}
		f.Text = fmt.Sprintf("%s of %s: %s: %s.", practice.Count(len(f.From), "component", "components"), first.Application.Title(), first.Why, practice.Some(f.From))
		out = append(out, f)
	}
	worstFindingsFirst(out)
	return out
}

// licenceJudge applies the policies that hold for one thing. What it found out about a list of licences it remembers.
type licenceJudge struct {
	policies []*model.LicencePolicy
	known    map[string]judged
}

// judged is what the policies think of something.
type judged struct {
	verdict model.LicenceVerdict
	known   bool
	why     string
}

func newLicenceJudge(v estate.View, holder model.Record) *licenceJudge {
	j := &licenceJudge{known: map[string]judged{}}
	refs := []model.Ref{holder.Base().Ref()}
	if r, ok := holder.(*model.Release); ok {
		refs = append(refs, r.Of)
	}
	var general []*model.LicencePolicy
	for p := range estate.Each[*model.LicencePolicy](v) {
		switch {
		case len(p.AppliesTo) == 0:
			general = append(general, p)
		case slices.ContainsFunc(refs, func(r model.Ref) bool { return slices.Contains(p.AppliesTo, r) }):
			j.policies = append(j.policies, p)
		}
	}
	if len(j.policies) == 0 {
		j.policies = general
	}
	return j
}

// component judges the licences of a component, which all hold.
func (j *licenceJudge) component(licences []string) (model.LicenceVerdict, bool, string) {
	key := strings.Join(licences, "\x00")
	got, ok := j.known[key]
	if !ok {
		got = j.all(licences)
		j.known[key] = got
	}
	return got.verdict, got.known, got.why
}

func (j *licenceJudge) all(licences []string) judged {
	if len(licences) == 0 {
		return j.unlisted("no licence is known")
	}
	var out judged
	for i, text := range licences {
		got := j.text(text)
		if i == 0 || worseLicence(got, out) {
			out = got
		}
	}
	return out
}

// worseLicence reports whether one judgement is stricter than another. Of two alike the one that no policy lists counts.
func worseLicence(a, b judged) bool {
	if a.verdict != b.verdict {
		return model.Rank(a.verdict) > model.Rank(b.verdict)
	}
	return !a.known && b.known
}

// text judges one licence text: as a policy lists it word for word, as an expression, or as something that nobody knows.
func (j *licenceJudge) text(text string) judged {
	text = strings.TrimSpace(text)
	switch strings.ToUpper(text) {
	case "", "NONE", "NOASSERTION":
		return j.unlisted("no licence is known")
	}
	if got, ok := j.listed(text); ok {
		return got
	}
	e, err := ParseExpression(text)
	if err != nil {
		return j.unlisted(fmt.Sprintf("%q is no licence expression and in no policy", text))
	}
	return j.expression(e)
}

func (j *licenceJudge) expression(e *Expression) judged {
	if e.Op == "" {
		return j.single(e)
	}
	var out judged
	for i, p := range e.Parts {
		got := j.expression(p)
		if i == 0 || e.Op == "AND" && worseLicence(got, out) || e.Op == "OR" && worseLicence(out, got) {
			out = got
		}
	}
	return out
}

// single judges one licence with its exception.
func (j *licenceJudge) single(e *Expression) judged {
	names := licenceNames(e)
	if e.Exception != "" {
		for _, name := range names {
			if got, ok := j.listed(name + " WITH " + e.Exception); ok {
				return got
			}
		}
	}
	for _, name := range names {
		if got, ok := j.listed(name); ok {
			return got
		}
	}
	return j.unlisted(fmt.Sprintf("%s is in no policy", e))
}

// licenceNames returns the names under which a policy may list a licence, the most exact first. The names of the
// GNU licences changed: GPL-2.0 is now GPL-2.0-only, and GPL-2.0+ is GPL-2.0-or-later.
func licenceNames(e *Expression) []string {
	base, later := e.Licence, e.Later
	if stem, ok := strings.CutSuffix(base, "-or-later"); ok {
		base, later = stem, true
	}
	base = strings.TrimSuffix(base, "-only")
	only := []string{base + "-only", base}
	if later {
		return append([]string{base + "-or-later", base + "+"}, only...)
	}
	return only
}

// listed returns what the policies say of a name. Where several list it, the strictest counts.
func (j *licenceJudge) listed(name string) (judged, bool) {
	var out judged
	for _, p := range j.policies {
		for _, list := range []struct {
			names   []string
			verdict model.LicenceVerdict
			text    string
		}{{p.Denied, "denied", "%s is denied by %s"}, {p.Review, "review", "%s is to be looked at by %s"}, {p.Allowed, "allowed", "%s is allowed by %s"}} {
			if !slices.ContainsFunc(list.names, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), name) }) {
				continue
			}
			if got := (judged{list.verdict, true, fmt.Sprintf(list.text, name, p.Title())}); !out.known || worseLicence(got, out) {
				out = got
			}
			break
		}
	}
	return out, out.known
}

// unlistedText says in words what a policy thinks of what none lists.
var unlistedText = map[model.LicenceVerdict]string{"allowed": ", which %s allows", "review": ", so that somebody must look at it, says %s", "denied": ", which %s denies"}

// unlisted returns what holds where no policy lists anything: the strictest of what the policies say of that, and a look where none says anything.
func (j *licenceJudge) unlisted(why string) judged {
	out := judged{why: why}
	for _, p := range j.policies {
		if model.Rank(p.Unknown) > model.Rank(out.verdict) {
			out.verdict, out.why = p.Unknown, why+fmt.Sprintf(unlistedText[p.Unknown], p.Title())
		}
	}
	out.verdict = cmp.Or(out.verdict, "review")
	return out
}
