package security

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/model/vers"
	"binnacle/practice"
	"binnacle/practice/vulnerable"
)

// issue is one thing to be done: a vulnerability in something, or what a scanner found in its code or settings.
type issue struct {
	// group is the vulnerability, and nil where it is a weakness in code, a setting, a secret.
	group *vulnerable.Group
	// name is the identifier of the vulnerability or the rule of the scanner.
	name string
	kind model.ScanFindingType
	// holder is what has it. Nil where a scanner looked at something that the estate does not know; target is then its name.
	holder model.Record
	target string
	pairs  []*pair
	// silent are the pairs that VEX statements silence.
	silent   []*pair
	findings []*model.ScanFinding
	// assessed is set for vulnerabilities. least and most are the decision.
	assessed    *vulnerable.Assessment
	severity    model.Severity
	least, most model.SSVCDecision
	// accepted is the exception that holds for it.
	accepted *model.Exception
	// known is when it first was known here, and due until when it is to be mended. Unset where there is no deadline.
	known, due model.Time
	// order is what the place in the queue follows from, and place is that place.
	order urgency
	place int
}

// urgency is what the place of an issue in the queue follows from.
type urgency struct {
	decision, impact, criticality int
	due                           model.Time
	name                          string
}

// thing is what has an issue: a record, or the name that a scanner gave to something that the estate does not know.
type thing struct {
	ref    model.Ref
	target string
}

// subject returns what has the issue.
func (i *issue) subject() thing {
	if i.holder != nil {
		return thing{ref: i.holder.Base().Ref()}
	}
	return thing{target: i.target}
}

// open reports whether somebody must do something: no VEX statement silences all of it and no exception holds.
func (i *issue) open() bool { return i.accepted == nil && (len(i.pairs) > 0 || i.group == nil) }

// silenced reports whether VEX statements silence all of it.
func (i *issue) silenced() bool { return i.group != nil && len(i.pairs) == 0 }

// exploited reports whether it is known to be used in attacks (the KEV catalogue).
func (i *issue) exploited() bool { return i.assessed != nil && !i.assessed.Exploited.IsZero() }

// late reports whether its deadline is over at a moment.
func (i *issue) late(now model.Time) bool { return i.open() && !i.due.IsZero() && now > i.due }

// link returns what to open for the issue: the first component, or the first finding.
func (i *issue) link() practice.Link {
	for _, list := range [...][]*pair{i.pairs, i.silent} {
		for _, p := range list {
			if p.finding == nil {
				return practice.To(p.Component)
			}
		}
	}
	if len(i.findings) > 0 {
		return practice.To(i.findings[0])
	}
	return practice.Link{}
}

// from returns the components, advisories, findings and statements behind the issue.
func (i *issue) from() []practice.Link {
	var out []practice.Link
	for _, p := range slices.Concat(i.pairs, i.silent) {
		if p.finding == nil {
			out = append(out, practice.To(p.Component), practice.To(p.Advisory))
		}
		if p.standing.Statement != nil {
			out = append(out, practice.To(p.standing.Statement))
		}
	}
	for _, f := range i.findings {
		out = append(out, practice.To(f))
	}
	return distinct(out)
}

// issuesOf returns everything to be done in what is in use, silenced and accepted things too, the most urgent first:
// by decision, then by deadline, then by what it does to the business. Scores do not count.
func issuesOf(v estate.View) []*issue {
	type key struct {
		name string
		at   model.Date
	}
	return v.Memo(key{"security.issues", v.At()}, func() any {
		b := &issueBook{view: v, x: vulnerable.In(v), issues: map[issueKey]*issue{}, own: map[string]*vulnerable.Group{}, counts: map[model.Ref]bool{}}
		for _, p := range pairsOf(v) {
			if p.holder != nil && b.counted(p.holder) {
				b.add(p)
			}
		}
		for f := range estate.Each[*model.ScanFinding](v) {
			if standingOf(f) == "open" {
				b.addFinding(f)
			}
		}
		return b.finish()
	}).([]*issue)
}

// issueKey tells issues apart.
type issueKey struct {
	group *vulnerable.Group
	rule  string
	in    thing
}

// issueBook gathers issues.
type issueBook struct {
	view   estate.View
	x      *vulnerable.Index
	issues map[issueKey]*issue
	// own are the vulnerabilities that scanners alone know, by identifier in upper case.
	own    map[string]*vulnerable.Group
	counts map[model.Ref]bool
}

// counted reports whether what holds components is in use.
func (b *issueBook) counted(holder model.Record) bool {
	ref := holder.Base().Ref()
	is, known := b.counts[ref]
	if !known {
		is = inUse(b.view, holder)
		b.counts[ref] = is
	}
	return is
}

// at returns the issue with a key, which is made where there is none.
func (b *issueBook) at(key issueKey, holder model.Record) *issue {
	i := b.issues[key]
	if i == nil {
		i = &issue{group: key.group, name: key.rule, holder: holder, target: key.in.target}
		if key.group != nil {
			i.name, i.kind = key.group.ID, "vulnerability"
		}
		b.issues[key] = i
	}
	return i
}

// add adds a pair.
func (b *issueBook) add(p *pair) {
	key := issueKey{group: p.Group}
	if p.holder != nil {
		key.in.ref = p.holder.Base().Ref()
	} else {
		key.in.target = p.finding.Target
	}
	i := b.at(key, p.holder)
	if p.silenced() {
		i.silent = append(i.silent, p)
	} else {
		i.pairs = append(i.pairs, p)
	}
}

// addFinding adds what a scanner found. A vulnerability that the estate finds in the same package by itself is counted once.
func (b *issueBook) addFinding(f *model.ScanFinding) {
	holder := b.view.Get(f.Subject)
	if c, ok := holder.(*model.Component); ok {
		holder = b.view.Get(c.Application)
	}
	if holder != nil && !b.counted(holder) || f.Type == "licence" {
		return
	}
	in := thing{target: cmp.Or(f.Target, f.Tool)}
	if holder != nil {
		in = thing{ref: holder.Base().Ref()}
	}
	if f.Type != "vulnerability" {
		i := b.at(issueKey{rule: string(f.Type) + " " + f.Rule, in: in}, holder)
		i.name, i.kind, i.findings = f.Rule, f.Type, append(i.findings, f)
		return
	}
	g := b.groupOf(f)
	i := b.at(issueKey{group: g, in: in}, holder)
	i.findings = append(i.findings, f)
	found := packageKey(f.PackageURL)
	if slices.ContainsFunc(slices.Concat(i.pairs, i.silent), func(p *pair) bool {
		return p.finding == nil && (found == "" || packageKey(p.Component.PackageURL) == found)
	}) {
		return
	}
	c := &model.Component{PackageURL: f.PackageURL, Version: f.Version}
	if holder != nil {
		c.Application = holder.Base().Ref()
	}
	fit := &vulnerable.Fit{Version: f.Version, Group: g, Advisory: g.Advisories[0]}
	if p, err := vers.ParseURL(f.PackageURL); err == nil {
		fit.Package, fit.Version = p.URL(), cmp.Or(f.Version, p.Version)
	}
	if len(f.Fixed) > 0 {
		fit.Fixed = f.Fixed[0]
	}
	p := &pair{Match: &vulnerable.Match{Component: c, Fit: fit}, holder: holder, finding: f}
	p.standing = b.x.StatusOf(p.Match)
	b.add(p)
}

// packageKey returns what a package URL is compared by, or nothing where it is none.
func packageKey(purl string) string {
	if p, err := vers.ParseURL(purl); err == nil {
		return p.Key()
	}
	return ""
}

// groupOf returns the vulnerability that a finding is about: one of those that advisories tell of, or one that scanners alone know.
func (b *issueBook) groupOf(f *model.ScanFinding) *vulnerable.Group {
	ids := slices.DeleteFunc(append([]string{f.Rule}, f.Aliases...), func(id string) bool { return id == "" })
	for _, id := range ids {
		if g := b.x.Group(id); g != nil {
			return g
		}
	}
	for _, id := range ids {
		if g := b.own[strings.ToUpper(id)]; g != nil {
			a := g.Advisories[0]
			a.Aliases, a.Vectors = append(a.Aliases, f.Aliases...), append(a.Vectors, f.Vectors...)
			b.own[strings.ToUpper(f.Rule)] = g
			return g
		}
	}
	a := &model.Advisory{Meta: model.Meta{Key: cmp.Or(f.Rule, f.Key)}, Aliases: slices.Clone(f.Aliases), Severity: f.Severity, Vectors: slices.Clone(f.Vectors)}
	g := &vulnerable.Group{ID: a.Key, Advisories: []*model.Advisory{a}}
	if cve := slices.IndexFunc(ids, func(id string) bool { return strings.HasPrefix(strings.ToUpper(id), "CVE-") }); cve >= 0 {
		g.ID = ids[cve]
	}
	for _, id := range append(ids, a.Key) {
		b.own[strings.ToUpper(id)] = g
	}
	return g
}

// finish decides about every issue and sorts them.
func (b *issueBook) finish() []*issue {
	targets, exceptions := targetsOf(b.view), exceptionsOf(b.view)
	out := make([]*issue, 0, len(b.issues))
	for _, i := range b.issues {
		b.decide(i)
		i.accepted = exceptions.of(b.view, i)
		i.known = i.since()
		if within := targets[i.most]; within > 0 && !i.known.IsZero() {
			i.due = i.known + model.Time(time.Duration(within).Milliseconds())
		}
		i.order = i.urgency()
		out = append(out, i)
	}
	slices.SortFunc(out, moreUrgent)
	for n, i := range out {
		i.place = n
	}
	return out
}

// decide decides about an issue.
func (b *issueBook) decide(i *issue) {
	if i.group != nil {
		i.assessed = b.x.Assess(i.group, i.subject().ref)
		i.severity, i.least, i.most = i.assessed.Severity, i.assessed.Least, i.assessed.Most
		return
	}
	for _, f := range i.findings {
		if model.Rank(f.Severity) > model.Rank(i.severity) {
			i.severity = f.Severity
		}
	}
	i.most = decisionBySeverity(i.kind, i.severity)
	i.least = i.most
}

// decisionBySeverity decides about code, settings and secrets, of which SSVC says nothing: by the severity that the scanner gives. A
// secret that lies open is out of cycle at least, because everybody who reads it can use it.
func decisionBySeverity(t model.ScanFindingType, s model.Severity) model.SSVCDecision {
	switch {
	case s == model.SeverityCritical:
		return model.SSVCImmediate
	case s == model.SeverityHigh || t == "secret":
		return model.SSVCOutOfCycle
	case s == model.SeverityMedium || s == "":
		return model.SSVCScheduled
	}
	return model.SSVCDefer
}

// since returns the earliest moment at which any of it was known here.
func (i *issue) since() model.Time {
	var first model.Time
	note := func(t model.Time) {
		if !t.IsZero() && (first.IsZero() || t < first) {
			first = t
		}
	}
	pairs := i.pairs
	if len(pairs) == 0 {
		pairs = i.silent
	}
	for _, p := range pairs {
		note(p.known())
	}
	for _, f := range i.findings {
		note(cmp.Or(f.First, f.Created.At, f.Seen))
	}
	return first
}

// impact returns how bad it is for people and the business, from 0 for low to 3 for very high.
func (i *issue) impact() int {
	if i.assessed == nil {
		return 0
	}
	h := i.assessed.Subject.Human
	return slices.Index(vulnerable.HumanImpactValues, cmp.Or(h.Value, h.Most))
}

// urgency returns what the place of the issue in the queue follows from. Its name tells it from all others.
func (i *issue) urgency() urgency {
	return urgency{
		decision: model.Rank(i.most), impact: i.impact(), criticality: model.Rank(criticalityOf(i.holder)), due: orNever(i.due),
		name: strings.Join([]string{practice.To(i.holder).String(), i.target, string(i.kind), i.name}, "\x00"),
	}
}

// moreUrgent puts issues in order: by decision, deadline and impact, and then by names, so that no two are alike.
func moreUrgent(a, b *issue) int {
	return cmp.Or(b.order.decision-a.order.decision, cmp.Compare(a.order.due, b.order.due), b.order.impact-a.order.impact,
		b.order.criticality-a.order.criticality, strings.Compare(a.order.name, b.order.name))
}

func criticalityOf(rec model.Record) model.Criticality {
	if rec == nil {
		return ""
	}
	return practice.CriticalityOf(rec)
}

// orNever returns a deadline, and the end of time where there is none.
func orNever(t model.Time) model.Time {
	if t.IsZero() {
		return 1<<62 - 1
	}
	return t
}

// delivered are the times for mending that hold where the organisation has set none: nothing for defer.
var delivered = map[model.SSVCDecision]time.Duration{
	model.SSVCImmediate: 2 * 24 * time.Hour, model.SSVCOutOfCycle: 15 * 24 * time.Hour, model.SSVCScheduled: 90 * 24 * time.Hour,
}

// targetsOf returns within which time what was decided is to be done. Of several targets for a decision the shortest counts.
func targetsOf(v estate.View) map[model.SSVCDecision]model.Duration {
	out := map[model.SSVCDecision]model.Duration{}
	for t := range estate.Each[*model.ResponseTarget](v) {
		if was, known := out[t.Decision]; !known || t.Within < was {
			out[t.Decision] = t.Within
		}
	}
	for decision, within := range delivered {
		if _, set := out[decision]; !set {
			out[decision] = model.Duration(within)
		}
	}
	return out
}

// exceptionBook are the exceptions for vulnerabilities that hold on the day of a view, by identifier in upper case.
type exceptionBook map[string][]*model.Exception

func exceptionsOf(v estate.View) exceptionBook {
	out := exceptionBook{}
	for e := range estate.Each[*model.Exception](v) {
		if !e.Holds(v.At()) {
			continue
		}
		for _, id := range e.Vulnerabilities {
			id = strings.ToUpper(strings.TrimSpace(id))
			out[id] = append(out[id], e)
		}
	}
	return out
}

// of returns the exception that holds for an issue, the one that ends last, or nil.
func (b exceptionBook) of(v estate.View, i *issue) *model.Exception {
	if len(b) == 0 {
		return nil
	}
	ids := []string{i.name}
	if i.group != nil {
		ids = append(ids, i.group.IDs()...)
	}
	var out *model.Exception
	for _, id := range ids {
		for _, e := range b[strings.ToUpper(id)] {
			if i.covered(v, e) && (out == nil || orLast(e.Expires) > orLast(out.Expires)) {
				out = e
			}
		}
	}
	return out
}

// covered reports whether an exception is about all of an issue: about everything, about what has it or what that is a release of, or about each of its components.
func (i *issue) covered(v estate.View, e *model.Exception) bool {
	if len(e.Subjects) == 0 {
		return true
	}
	if i.holder != nil && (slices.Contains(e.Subjects, i.holder.Base().Ref()) || slices.Contains(e.Subjects, productOf(v, i.holder).Base().Ref())) {
		return true
	}
	return len(i.pairs) > 0 && !slices.ContainsFunc(i.pairs, func(p *pair) bool { return !slices.Contains(e.Subjects, p.Component.Ref()) })
}

// orLast returns a day, and the end of time where there is none.
func orLast(d model.Date) model.Date {
	if d.IsZero() {
		return 1 << 30
	}
	return d
}

// title names an issue in a sentence.
func (i *issue) title() string {
	if i.kind == "vulnerability" {
		return i.name
	}
	return fmt.Sprintf("%s (%s)", i.name, i.kind)
}
