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

// StateVexIn says what is stated about a vulnerability.
type StateVexIn struct {
	// Vulnerability is its identifier, such as CVE-2021-44228.
	Vulnerability string `is:"required"`
	// Subjects are the things that it is said of.
	Subjects []model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Component,Release,Asset"`
	// Package is the package URL that it is said of, with a version or for all versions. Where there are subjects too, it is said of the package in these.
	Package string
	// Status is what is said.
	Status model.VexStatus `is:"required"`
	// Justification says why something is not affected. It is needed for that status.
	Justification model.VexJustification
	// Impact says in words why something is not affected.
	Impact string
	// Action says what to do where something is affected.
	Action string
	// Fixed is the version in which it is mended.
	Fixed string
	// Author is who says it. The default is the company's own security.
	Author string
}

// StateVex proposes a statement about a vulnerability in something: that it is
// affected or not, why, and what to do. A later statement of the same author takes the place of an earlier one about the same.
func StateVex(v estate.View, in StateVexIn) (practice.Proposal, error) {
	id := strings.TrimSpace(in.Vulnerability)
	pkg, _, err := versionOf(in.Package)
	switch {
	case id == "":
		return practice.Proposal{}, model.Problem{Field: "vulnerability", Text: "write an identifier such as CVE-2021-44228"}
	case in.Package != "" && err != nil:
		return practice.Proposal{}, model.Problem{Field: "package", Text: fmt.Sprintf("%q is not a package URL: write it as pkg:npm/lodash or pkg:npm/lodash@4.17.20", in.Package)}
	case len(in.Subjects) == 0 && pkg == "":
		return practice.Proposal{}, model.Problem{Field: "subjects", Text: "say of which things or of which package it is said"}
	case in.Status == model.VexNotAffected && in.Justification == "":
		return practice.Proposal{}, model.Problem{Field: "justification", Text: "a statement that something is not affected needs a justification"}
	case in.Status != model.VexNotAffected && in.Justification != "":
		return practice.Proposal{}, model.Problem{Field: "justification", Text: "only a statement that something is not affected has a justification"}
	}
	x := vulnerable.In(v)
	g := x.Group(id)
	if g != nil {
		id = g.ID
	}
	for _, ref := range in.Subjects {
		if v.Get(ref) == nil {
			return practice.Proposal{}, model.Problem{Field: "subjects", Text: "one of the things is not there"}
		}
	}
	s := &model.VexStatement{Vulnerability: id, Subjects: in.Subjects, Status: in.Status, Justification: in.Justification, Impact: in.Impact, Action: in.Action, Fixed: in.Fixed,
		Author: cmp.Or(in.Author, "own security"), Stated: practice.NowOf(v)}
	if in.Package != "" {
		s.Products = []string{in.Package}
	}
	s.Origin = model.PersonSource
	about := in.Package
	if len(in.Subjects) > 0 {
		about = v.Get(in.Subjects[0]).Base().Key
	}
	s.Name = fmt.Sprintf("%s: %s", id, strings.ReplaceAll(string(in.Status), "_", " "))
	s.Key = freeKey(v, "VexStatement", "vex", id, hashOf(about)[:8], v.At().String())
	s.ID = practice.NewID(v, "VexStatement", s.Key)
	out := changeOf(v, nil, s, "State that "+s.Name)
	note := func(severity practice.Severity, text string) {
		out.Findings = append(out.Findings, practice.Finding{Severity: severity, Text: text})
	}
	if g == nil {
		note(practice.Medium, fmt.Sprintf("No advisory in the estate tells of %s: check the identifier.", id))
		return out, nil
	}
	touched := 0
	for _, m := range x.MatchesOf(g) {
		for _, ref := range in.Subjects {
			touched += b2i(m.Subject() == ref || m.Component.Ref() == ref)
		}
		touched += b2i(len(in.Subjects) == 0 && packageKey(m.Component.PackageURL) == packageKey(pkg))
	}
	note(practice.Info, fmt.Sprintf("It is about %s of a component and an advisory.", practice.Count(touched, "pair", "pairs")))
	return out, nil
}

// DismissFindingIn says which finding of a scanner does not matter.
type DismissFindingIn struct {
	// Finding is the finding.
	Finding model.Ref `to:"ScanFinding" is:"required"`
	// Reason says why it is none, or does not matter here.
	Reason string `is:"required"`
}

// DismissFinding proposes to dismiss a finding of a scanner, with the reason. It stays visible and no longer counts as work.
func DismissFinding(v estate.View, in DismissFindingIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.ScanFinding](v, in.Finding)
	switch {
	case !ok:
		return practice.Proposal{}, model.Problem{Field: "finding", Text: "there is no such finding"}
	case strings.TrimSpace(in.Reason) == "":
		return practice.Proposal{}, model.Problem{Field: "reason", Text: "say why it does not matter"}
	case before.State == "dismissed" || before.State == "fixed":
		return practice.Proposal{}, model.Problem{Field: "finding", Text: fmt.Sprintf("it is %s already", before.State)}
	}
	after := model.Clone(before)
	after.State, after.Reason = "dismissed", in.Reason
	return changeOf(v, before, after, "Dismiss "+before.Title()+": "+in.Reason), nil
}

// AcceptVulnerabilityIn says what is accepted for a time.
type AcceptVulnerabilityIn struct {
	// Vulnerability is its identifier, such as CVE-2021-44228, or the rule of a scanner.
	Vulnerability string `is:"required"`
	// Application is what it is accepted in.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Release,CloudResource,Component" is:"required"`
	// Until is the last day on which it is accepted, at most a year from today.
	Until model.Date `is:"required"`
	// Reason says why it cannot be mended before.
	Reason string `is:"required"`
	// AskedBy is who wants it. It holds once somebody else approves it.
	AskedBy model.Ref `to:"Person" is:"asker"`
	// Compensation are the controls that stand in meanwhile.
	Compensation []model.Ref `to:"Control"`
}

// AcceptVulnerability proposes to ask for an exception: to live with a
// vulnerability in something until a day. It counts as work and its clock runs until somebody other than the one who asked approves it.
func AcceptVulnerability(v estate.View, in AcceptVulnerabilityIn) (practice.Proposal, error) {
	holder, err := holderNamed(v, "application", in.Application)
	if err != nil {
		return practice.Proposal{}, err
	}
	id := strings.TrimSpace(in.Vulnerability)
	if g := vulnerable.In(v).Group(id); g != nil {
		id = g.ID
	}
	out, err := RequestException(v, RequestExceptionIn{
		Name: fmt.Sprintf("%s in %s", id, holder.Base().Title()), Reason: in.Reason, Vulnerabilities: []string{id}, Subjects: []model.Ref{in.Application},
		Compensation: in.Compensation, Expires: in.Until, AskedBy: in.AskedBy,
	})
	if err != nil {
		return out, err
	}
	for _, i := range issuesOf(v) {
		if i.holder == nil || i.group == nil || !hasID(i.group, id) || i.holder.Base().Ref() != in.Application && productOf(v, i.holder).Base().Ref() != in.Application {
			continue
		}
		f := practice.Finding{Severity: severityOfDecision(i.most), About: i.link(), Text: fmt.Sprintf("The decision about %s is: %s.", i.name, decisionText[i.most])}
		if i.exploited() {
			f.Text += fmt.Sprintf(" It is known to be used in attacks since %s.", i.assessed.Exploited)
		}
		if !i.due.IsZero() && i.due.Date() < in.Until {
			f.Text += fmt.Sprintf(" It is due on %s.", i.due.Date())
		}
		out.Findings = append(out.Findings, f)
	}
	return out, nil
}

// PlanUpgradeIn says which upgrade is planned.
type PlanUpgradeIn struct {
	// Package is the package with the version in use, such as pkg:npm/lodash@4.17.20.
	Package string `is:"required"`
	// New is the version to go to. The default is the lowest that removes the most.
	New string
	// Application limits the plan to one thing.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Release"`
	// Due is the day by which it is to be done. The default is the earliest deadline of what it removes.
	Due model.Date
	// Owner is who does it. The default is who answers for what uses the package, where that is one.
	Owner model.Ref `to:"Team,Person"`
}

// PlanUpgrade proposes an item of the plan of action: to upgrade a package wherever it is used in a version, with the vulnerabilities that this removes.
func PlanUpgrade(v estate.View, in PlanUpgradeIn) (practice.Proposal, error) {
	pkg, version, err := versionOf(in.Package)
	if err != nil || version == "" {
		return practice.Proposal{}, model.Problem{Field: "package", Text: fmt.Sprintf("%q is not a package URL with a version: write it as pkg:npm/lodash@4.17.20", in.Package)}
	}
	all, _ := upgradesOf(v, in.Application)
	n := slices.IndexFunc(all, func(u *upgrade) bool { return u.pkg == pkg && u.version == version })
	if n < 0 {
		return practice.Proposal{}, model.Problem{Field: "package", Text: fmt.Sprintf("no upgrade of %s is known that removes something open", in.Package)}
	}
	u := all[n]
	row := u.row(v, practice.NowOf(v))
	item := &model.PlanItem{State: "open", Planned: v.At(), Due: in.Due}
	to := cmp.Or(in.New, u.to)
	item.Name = fmt.Sprintf("Upgrade %s from %s to %s", lastName(pkg), version, to)
	item.Key = freeKey(v, "PlanItem", "upgrade", strings.TrimPrefix(pkg, "pkg:"), version, v.At().String())
	item.ID = practice.NewID(v, "PlanItem", item.Key)
	owners := map[practice.Link]bool{}
	for i := range u.issues {
		if day := i.due.Date(); in.Due.IsZero() && !i.due.IsZero() && (item.Due.IsZero() || day < item.Due) {
			item.Due = day
		}
		if i.holder != nil {
			owners[answersFor(v, i.holder)] = true
		}
	}
	item.Owner = in.Owner
	if len(owners) == 1 && in.Owner.IsZero() {
		for owner := range owners {
			item.Owner = model.Ref(owner.ID)
		}
	}
	item.Remarks = fmt.Sprintf("It removes %s in %s.", strings.Join(row.Vulnerabilities, ", "), practice.Some(row.Applications))
	if len(row.Through) > 0 {
		item.Remarks += fmt.Sprintf(" In some places the package comes with %s: upgrade these so that they bring the new version.", practice.Some(row.Through))
	}
	out := changeOf(v, nil, item, item.Name)
	f := practice.Finding{Severity: practice.Info, Text: fmt.Sprintf("It is a %s change and removes %s.", row.Jump, practice.Count(len(u.issues), "issue", "issues")), From: row.From}
	if in.New == "" && len(u.remaining) > 0 || in.New != "" && len(vulnerable.In(v).Fits(pkg+"@"+escaped(in.New))) > 0 {
		f.Severity, f.Text = practice.Medium, f.Text+" The new version has known vulnerabilities too."
	}
	out.Findings = append(out.Findings, f)
	return out, nil
}
