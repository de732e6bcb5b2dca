package security

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/model/vers"
	"binnacle/practice"
	"binnacle/practice/vulnerable"
)

// AffectedIn says what somebody heard of.
type AffectedIn struct {
	// Vulnerability is an identifier such as CVE-2021-44228, or a package such as pkg:npm/lodash@4.17.20, log4j-core@2.14.1 or log4j-core.
	Vulnerability string `is:"required"`
}

// AffectedOut says whether the company is affected, and where.
type AffectedOut struct {
	// Answer is yes, no or perhaps.
	Answer string
	// Text says the answer in a sentence.
	Text string
	// Applications are the things in use that are affected.
	Applications practice.Figure
	// Capabilities are the capabilities that these carry.
	Capabilities practice.Figure
	// Goals are the goals that these serve in the end.
	Goals practice.Figure
	// Untold are the applications in use without a bill of materials: of these nobody can tell.
	Untold practice.Figure
	// Places lists each component with what it is part of and the way to the business.
	Places practice.Table[AffectedPlace]
	// Advisories are the advisories that tell of it.
	Advisories practice.Table[AdvisoryRow]
}

// AffectedPlace is a component that is affected, or would be.
type AffectedPlace struct {
	// Component is the component, or the host that has the software.
	Component practice.Link
	// Version is its version.
	Version string
	// Application is what it is part of.
	Application practice.Link
	// InUse says whether that is in use.
	InUse bool
	// Standing says what counts here: affected, silenced by VEX, fixed, perhaps.
	Standing string
	// Decision is what is to be done (SSVC), where there is an advisory.
	Decision model.SSVCDecision
	// Fixed is the lowest version that mends it.
	Fixed string
	// RunsOn are the hosts and resources that the application runs on.
	RunsOn []practice.Link
	// Services are the services made of it.
	Services []practice.Link
	// Capabilities are the capabilities that it carries.
	Capabilities []practice.Link
	// Goals are the goals that it serves in the end.
	Goals []practice.Link
	// Owner is who answers for it.
	Owner practice.Link
	// Path leads from the component to the business.
	Path practice.Path
	// From are the component, the advisory, the statement and the finding.
	From []practice.Link
}

// AdvisoryRow is an advisory that tells of a vulnerability.
type AdvisoryRow struct {
	// Advisory is the advisory.
	Advisory practice.Link
	// Aliases are its other identifiers.
	Aliases []string
	// Severity is how bad it is.
	Severity model.Severity
	// Packages are the packages that have it.
	Packages []string
	// Published is when it was published.
	Published model.Time
	// Exploited is the day since which it is known to be used in attacks.
	Exploited model.Date
	// Withdrawn is when it was taken back.
	Withdrawn model.Time
}

// identifiers are the forms of identifiers of vulnerabilities that people use.
var identifiers = regexp.MustCompile(`(?i)^(CVE-\d{4}-\d{4,}|GHSA(-[0-9a-z]{4}){3}|[A-Z]+(-[A-Z]+)*-\d{4}-\d+|[A-Z]+-[A-Z0-9]+(-\S+)?-\d+)$`)

// Affected answers whether the company is affected by a vulnerability: by any of
// its identifiers, or, before any advisory exists, by a package in a version or in any version. Yes means that a component in use has it and no
// VEX statement says otherwise; perhaps, that no advisory is known or that it cannot be told which versions have it; no, that the bills of
// materials do not list it. Applications without a bill of materials are counted, because of them nobody can tell.
func Affected(v estate.View, in AffectedIn) (AffectedOut, error) {
	text := strings.TrimSpace(in.Vulnerability)
	a := &affected{view: v, x: vulnerable.In(v), homes: map[model.Ref]*home{}}
	g := a.x.Group(text)
	switch {
	case text == "":
		return AffectedOut{}, model.Problem{Field: "vulnerability", Text: "write an identifier such as CVE-2021-44228, or a package such as log4j-core@2.14.1"}
	case g != nil || identifiers.MatchString(text) && !strings.HasPrefix(text, "pkg:"):
		a.byID(text, g)
	default:
		a.byPackage(text)
	}
	a.finish()
	return a.out, nil
}

// affected finds out where something is.
type affected struct {
	view  estate.View
	x     *vulnerable.Index
	homes map[model.Ref]*home
	out   AffectedOut
}

// home is what the estate knows about what components are part of.
type home struct {
	services, runsOn    []practice.Link
	served              practice.Served
	owner               practice.Link
	inUse               bool
	path                practice.Path
	capabilities, goals []practice.Link
}

func (a *affected) home(holder model.Record) *home {
	ref := holder.Base().Ref()
	if h := a.homes[ref]; h != nil {
		return h
	}
	of := productOf(a.view, holder)
	h := &home{inUse: inUse(a.view, holder), owner: answersFor(a.view, holder), served: practice.ServedBy(a.view, of.Base().Ref()), path: wayUp(a.x, holder)}
	for e := range a.view.Out(of.Base().Ref()) {
		if e.Field.Name == "runs_on" {
			h.runsOn = append(h.runsOn, practice.To(e.Record))
		}
	}
	for e := range a.view.In(of.Base().Ref()) {
		if s, ok := e.Record.(*model.Service); ok && e.Field.Name == "built_from" {
			h.services = append(h.services, practice.To(s))
		}
	}
	h.capabilities, h.goals = practice.ToAll(h.served.Capabilities), practice.ToAll(h.served.Goals)
	a.homes[ref] = h
	return h
}

// place adds a place.
func (a *affected) place(holder model.Record, p AffectedPlace) {
	if holder != nil {
		h := a.home(holder)
		p.Application, p.InUse, p.RunsOn, p.Services, p.Owner = practice.To(holder), h.inUse, h.runsOn, h.services, h.owner
		p.Capabilities, p.Goals = h.capabilities, h.goals
		p.Path = append(p.Path, h.path...)
	}
	a.out.Places.Rows = append(a.out.Places.Rows, p)
}

// byID finds where a vulnerability is.
func (a *affected) byID(id string, g *vulnerable.Group) {
	v := a.view
	for _, i := range issuesOf(v) {
		if i.group == nil || i.group != g && !hasID(i.group, id) {
			continue
		}
		for _, p := range slices.Concat(i.pairs, i.silent) {
			a.pair(p, i)
		}
	}
	for _, p := range pairsOf(v) {
		if g != nil && p.Group == g && (p.holder == nil || !inUse(v, p.holder)) {
			a.pair(p, nil)
		}
	}
	told := a.advisories(id, g)
	open, perhaps := a.count("affected"), a.count("perhaps", "under investigation")
	name := id
	if g != nil && !strings.EqualFold(g.ID, id) {
		name = fmt.Sprintf("%s (%s)", id, g.ID)
	}
	out := &a.out
	switch {
	case open > 0:
		out.Answer, out.Text = "yes", fmt.Sprintf("%s is in %s.", name, practice.Count(open, "component in use", "components in use"))
	case perhaps > 0:
		out.Answer, out.Text = "perhaps", fmt.Sprintf("%s may be in %s: it is being investigated, or nobody can tell from the version.", name, practice.Count(perhaps, "component in use", "components in use"))
	case told == withdrawnAdvisory:
		out.Answer, out.Text = "no", fmt.Sprintf("The advisory about %s was withdrawn.", name)
	case g == nil:
		out.Answer, out.Text = "perhaps", fmt.Sprintf("No advisory in the estate tells of %s: import one, or ask by the package that has it.", name)
	case told == advisoryWithoutPackages:
		out.Answer, out.Text = "perhaps", fmt.Sprintf("What tells of %s does not name packages that components can be compared with: ask by the package that has it.", name)
	case a.count("") > 0:
		out.Answer, out.Text = "no", fmt.Sprintf("%s is in components, and of each a statement says that nothing needs to be done, or it is not in use.", name)
	default:
		out.Answer, out.Text = "no", fmt.Sprintf("No component that a bill of materials lists is in a version that has %s.", name)
	}
}

// What the advisories about a vulnerability are good for.
const (
	advisoryWithPackages = iota
	advisoryWithoutPackages
	withdrawnAdvisory
)

// advisories lists the advisories about a vulnerability, and says what they are good for.
func (a *affected) advisories(id string, g *vulnerable.Group) int {
	good := advisoryWithoutPackages
	var all []*model.Advisory
	if g != nil {
		all = g.Advisories
	} else {
		for adv := range estate.Each[*model.Advisory](a.view) {
			if strings.EqualFold(adv.Key, id) || slices.ContainsFunc(adv.Aliases, func(alias string) bool { return strings.EqualFold(alias, id) }) {
				all = append(all, adv)
				good = withdrawnAdvisory
			}
		}
	}
	for _, adv := range all {
		row := AdvisoryRow{Advisory: practice.To(adv), Aliases: adv.Aliases, Severity: adv.Severity, Published: adv.Published, Exploited: adv.Exploited, Withdrawn: adv.Withdrawn}
		for _, p := range adv.Affected {
			if name := cmp.Or(p.Package, p.Name); name != "" && !slices.Contains(row.Packages, name) {
				row.Packages = append(row.Packages, name)
			}
			if packageKey(p.Package) != "" && good != withdrawnAdvisory {
				good = advisoryWithPackages
			}
		}
		a.out.Advisories.Rows = append(a.out.Advisories.Rows, row)
	}
	return good
}

// pair adds a pair as a place.
func (a *affected) pair(p *pair, i *issue) {
	place := AffectedPlace{Version: p.Version, Fixed: p.Fixed, Standing: "affected"}
	switch {
	case p.standing.Status == model.VexNotAffected:
		place.Standing = "not affected"
	case p.standing.Status == model.VexFixed:
		place.Standing = "fixed"
	case p.standing.Status == model.VexInvestigated:
		place.Standing = "under investigation"
	case p.Perhaps != "":
		place.Standing = "perhaps"
	}
	if p.finding != nil {
		place.Component = practice.To(p.finding)
		place.From = []practice.Link{place.Component}
	} else {
		place.Component = practice.To(p.Component)
		place.From = []practice.Link{place.Component, practice.To(p.Advisory)}
	}
	if p.standing.Statement != nil {
		place.From = append(place.From, practice.To(p.standing.Statement))
	}
	if i != nil {
		place.Decision = i.most
	}
	place.Path = practice.Path{place.Component}
	a.place(p.holder, place)
}

// count counts the places in use that stand in one of some ways, or in any way and place where none is named.
func (a *affected) count(standings ...string) int {
	n := 0
	for _, p := range a.out.Places.Rows {
		if standings[0] == "" || slices.Contains(standings, p.Standing) && (p.InUse || p.Application.IsZero()) {
			n++
		}
	}
	return n
}

// byPackage finds where a package is.
func (a *affected) byPackage(text string) {
	wanted := wantedOf(text)
	others := map[string]int{}
	for c := range estate.Each[*model.Component](a.view) {
		if !c.Stale().IsZero() || !wanted.is(c) {
			continue
		}
		_, version := vulnerable.Component(c)
		version = cmp.Or(version, c.Version)
		if wanted.version != "" && !wanted.same(version) {
			others[version]++
			continue
		}
		a.place(a.view.Get(c.Application), AffectedPlace{Component: practice.To(c), Version: version, Standing: "has it", Path: practice.Path{practice.To(c)}, From: []practice.Link{practice.To(c)}})
	}
	a.installed(wanted)
	out := &a.out
	in := 0
	for _, p := range out.Places.Rows {
		in += b2i(p.InUse || p.Application.IsZero())
	}
	switch {
	case in > 0:
		out.Answer, out.Text = "yes", fmt.Sprintf("%s is in %s in use.", text, practice.Count(in, "place", "places"))
	case len(out.Places.Rows) > 0:
		out.Answer, out.Text = "no", fmt.Sprintf("%s is only in what is not in use.", text)
	case len(others) > 0:
		out.Answer, out.Text = "no", fmt.Sprintf("%s is in no bill of materials in this version, but in others: %s.", wanted.name, otherVersions(others))
	default:
		out.Answer, out.Text = "no", fmt.Sprintf("No bill of materials lists %s.", text)
	}
	if wanted.key != "" && wanted.version != "" {
		for _, f := range a.x.Fits(text) {
			if !slices.ContainsFunc(out.Advisories.Rows, func(r AdvisoryRow) bool { return r.Advisory.ID == f.Advisory.ID }) {
				a.advisories("", &vulnerable.Group{Advisories: []*model.Advisory{f.Advisory}})
			}
		}
	}
}

func otherVersions(counts map[string]int) string {
	var out []string
	for version, n := range counts {
		out = append(out, fmt.Sprintf("%s (%d)", cmp.Or(version, "unknown"), n))
	}
	slices.Sort(out)
	if len(out) > 10 {
		out = append(out[:10], fmt.Sprintf("and %d more", len(out)-10))
	}
	return strings.Join(out, ", ")
}

// installed adds the hosts on which an inventory found software of the name.
func (a *affected) installed(wanted wantedPackage) {
	for h := range estate.Each[*model.Host](a.view) {
		for _, s := range h.Software {
			if wanted.key == "" && strings.EqualFold(s.Name, wanted.name) && (wanted.version == "" || s.Version == wanted.version) {
				a.place(h, AffectedPlace{Component: practice.To(h), Version: s.Version, Standing: "has it", From: []practice.Link{practice.To(h)}})
			}
		}
	}
}

// wantedPackage is a package that somebody asked for.
type wantedPackage struct {
	// key is what package URLs are compared by. It is empty where only a name was given.
	key, scheme   string
	name, version string
}

// wantedOf takes the text of a question apart: a package URL, a name with a version behind an at sign, or a name.
func wantedOf(text string) wantedPackage {
	if p, err := vers.ParseURL(text); err == nil && strings.HasPrefix(text, "pkg:") {
		return wantedPackage{key: p.Key(), scheme: p.Type, name: p.Name, version: p.Version}
	}
	at := strings.LastIndexByte(text, '@')
	if at <= 0 {
		return wantedPackage{name: text}
	}
	return wantedPackage{name: text[:at], version: text[at+1:]}
}

// is reports whether a component is the package: by its package URL, else by its name, with or without its group.
func (w wantedPackage) is(c *model.Component) bool {
	if w.key != "" {
		return packageKey(c.PackageURL) == w.key
	}
	name := strings.ToLower(strings.ReplaceAll(w.name, ":", "/"))
	if strings.EqualFold(c.Name, w.name) || c.Group != "" && strings.ToLower(c.Group+"/"+c.Name) == name {
		return true
	}
	p, err := vers.ParseURL(c.PackageURL)
	return err == nil && (strings.ToLower(p.Name) == name || strings.EqualFold(lastName(p.Name), w.name))
}

// same reports whether a version is the one that was asked for.
func (w wantedPackage) same(version string) bool {
	return w.version == version || w.scheme != "" && vers.Read(w.scheme, w.version).Equal(vers.Read(w.scheme, version))
}

// finish counts what is affected, and sorts the places: affected ones in use first.
func (a *affected) finish() {
	out := &a.out
	order := []string{"affected", "has it", "perhaps", "under investigation", "fixed", "not affected"}
	slices.SortStableFunc(out.Places.Rows, func(x, y AffectedPlace) int {
		return cmp.Or(slices.Index(order, x.Standing)-slices.Index(order, y.Standing), b2i(y.InUse)-b2i(x.InUse),
			model.Rank(y.Decision)-model.Rank(x.Decision), strings.Compare(x.Application.String(), y.Application.String()), strings.Compare(x.Component.Key, y.Component.Key))
	})
	var apps, capabilities, goals []practice.Link
	for _, p := range out.Places.Rows {
		if p.InUse && slices.Contains(order[:4], p.Standing) {
			apps, capabilities, goals = append(apps, p.Application), append(capabilities, p.Capabilities...), append(goals, p.Goals...)
		}
	}
	out.Applications = practice.Counted("things", practice.Lower, distinct(apps))
	out.Capabilities, out.Goals = practice.Counted("capabilities", practice.Lower, distinct(capabilities)), practice.Counted("goals", practice.Lower, distinct(goals))
	out.Untold = practice.Counted("applications", practice.Lower, withoutBills(a.view))
	if n := len(out.Untold.From); n > 0 && out.Answer != "yes" {
		out.Text += fmt.Sprintf(" Of %s without a bill of materials nobody can tell.", practice.Count(n, "application", "applications"))
	}
	if a.view.Closed("Component") || a.view.Closed("Advisory") {
		out.Answer, out.Text = "perhaps", "You may not see components or advisories, so that this cannot be told to you."
	}
}
