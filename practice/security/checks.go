package security

import (
	"cmp"
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/vulnerable"
)

// NoKnownExploitedIn says where nothing may be open that is used in attacks.
type NoKnownExploitedIn struct {
	// Application limits the check to one thing and its releases.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Release,CloudResource"`
	// Criticality leaves out things that are less critical.
	Criticality model.Criticality
}

// NoKnownExploited checks that no vulnerability is open that is known to be used
// in attacks (the KEV catalogue). What somebody accepted for a time, and what VEX statements silence, is not open.
func NoKnownExploited(v estate.View, in NoKnownExploitedIn) (practice.Verdict, error) {
	x, now := vulnerable.In(v), practice.NowOf(v)
	out := practice.Verdict{Checked: checkedBills(v, in.Application, in.Criticality)}
	scope := QueueIn{Application: in.Application, Type: "vulnerability"}
	open := 0
	for _, i := range issuesOf(v) {
		if !i.open() || !i.exploited() || !scope.wants(v, i) || in.Criticality != "" && (i.holder == nil || model.Rank(criticalityOf(productOf(v, i.holder))) < model.Rank(in.Criticality)) {
			continue
		}
		open++
		out.Findings = append(out.Findings, findingOf(v, x, i, now))
	}
	switch {
	case open > 0:
		out.Text = fmt.Sprintf("%s known to be used in attacks %s open.", practice.Count(open, "vulnerability", "vulnerabilities"), isAre(open))
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "There is no bill of materials to be checked."
	case !catalogued(v):
		out.Unknown, out.Text = true, "No catalogue of known exploited vulnerabilities was imported, so that nobody can tell."
	default:
		out.Pass, out.Text = true, fmt.Sprintf("No vulnerability known to be used in attacks is open in %s.", practice.Count(len(out.Checked), "bill of materials", "bills of materials"))
	}
	return out, nil
}

// catalogued reports whether an advisory of the view is known to be used in attacks, so that a catalogue of these was read.
func catalogued(v estate.View) bool {
	type key struct{ name string }
	return v.Memo(key{"security.catalogued"}, func() any {
		for a := range estate.Each[*model.Advisory](v) {
			if !a.Exploited.IsZero() {
				return true
			}
		}
		return false
	}).(bool)
}

// checkedBills returns what bills of materials in use describe: one thing with its releases, or everything, of a criticality at least.
func checkedBills(v estate.View, of model.Ref, least model.Criticality) []practice.Link {
	var out []practice.Link
	for _, b := range billsOf(v) {
		whole := productOf(v, b.holder)
		if inUse(v, b.holder) && (of.IsZero() || b.holder.Base().Ref() == of || whole.Base().Ref() == of) && model.Rank(criticalityOf(whole)) >= model.Rank(least) {
			out = append(out, practice.To(b.holder))
		}
	}
	return out
}

func isAre(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

// PatchedInTimeIn says what must not be late.
type PatchedInTimeIn struct {
	// Application limits the check to one thing and its releases.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Release,CloudResource"`
	// Decision leaves out what is less urgent.
	Decision model.SSVCDecision
}

// PatchedInTime checks that nothing that is open is past its deadline.
func PatchedInTime(v estate.View, in PatchedInTimeIn) (practice.Verdict, error) {
	x, now := vulnerable.In(v), practice.NowOf(v)
	out := practice.Verdict{Checked: checkedBills(v, in.Application, "")}
	scope := QueueIn{Application: in.Application, Decision: in.Decision}
	open, late := 0, 0
	for _, i := range issuesOf(v) {
		if !i.open() || !scope.wants(v, i) {
			continue
		}
		open++
		if i.late(now) {
			late++
			out.Findings = append(out.Findings, findingOf(v, x, i, now))
		}
	}
	switch {
	case late > 0:
		out.Text = fmt.Sprintf("%d of %s %s late.", late, practice.Count(open, "open issue", "open issues"), isAre(late))
	case len(out.Checked) == 0 && open == 0:
		out.Unknown, out.Text = true, "There is no bill of materials to be checked."
	default:
		out.Pass, out.Text = true, fmt.Sprintf("None of %s is late.", practice.Count(open, "open issue", "open issues"))
	}
	return out, nil
}

// LicencesAllowedIn says whose licences are checked.
type LicencesAllowedIn struct {
	// Application limits the check to one thing or one release of it.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Release"`
	// Review says that components which somebody must look at fail the check too.
	Review bool
}

// LicencesAllowed checks that no component is under a licence that a policy denies.
func LicencesAllowed(v estate.View, in LicencesAllowedIn) (practice.Verdict, error) {
	var out practice.Verdict
	found, err := licensed(v, in.Application)
	if err != nil {
		return out, err
	}
	var bad []LicensedComponent
	for _, c := range found {
		out.Checked = append(out.Checked, c.Component)
		if c.Verdict == "denied" || in.Review && c.Verdict == "review" {
			bad = append(bad, c)
		}
	}
	out.Findings = licenceFindings(v, bad)
	all := practice.Count(len(found), "component", "components")
	switch {
	case len(found) == 0:
		out.Unknown, out.Text = true, "There is no component to be checked."
	case v.Count("LicencePolicy") == 0:
		out.Unknown, out.Text = true, "There is no licence policy, so that nobody can tell."
	case len(bad) > 0:
		out.Text = fmt.Sprintf("%d of %s %s under licences that are not allowed.", len(bad), all, isAre(len(bad)))
	default:
		out.Pass, out.Text = true, fmt.Sprintf("None of %s is under a licence that is denied.", all)
	}
	return out, nil
}

// SbomPresentIn says which applications need a bill of materials, and how old it may be.
type SbomPresentIn struct {
	// Criticality is how critical an application must be to be checked. The default is critical.
	Criticality model.Criticality
	// Days is how many days ago it may have been read. The default is 90.
	Days int `min:"0" max:"3650"`
}

// SbomPresent checks that every critical application in use has a bill of
// materials, its own or that of a release in use, that was read not too long ago. One that people typed has no age.
func SbomPresent(v estate.View, in SbomPresentIn) (practice.Verdict, error) {
	var out practice.Verdict
	least, days := cmp.Or(in.Criticality, model.CriticalityCritical), cmp.Or(in.Days, 90)
	read := map[model.Ref]model.Time{}
	has := map[model.Ref]bool{}
	for _, b := range billsOf(v) {
		if !inUse(v, b.holder) {
			continue
		}
		ref := productOf(v, b.holder).Base().Ref()
		has[ref] = true
		if b.source != nil {
			read[ref] = max(read[ref], b.source.LastSeen)
		}
	}
	for a := range estate.Each[*model.Application](v) {
		if practice.Gone(a, v.At()) || model.Rank(a.Criticality) < model.Rank(least) {
			continue
		}
		link := practice.To(a)
		out.Checked = append(out.Checked, link)
		f := practice.Finding{Severity: practice.SeverityOf(a.Criticality), About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, a)}
		when := read[a.Ref()]
		switch {
		case !has[a.Ref()]:
			f.Text = fmt.Sprintf("%s has no bill of materials: import one.", a.Title())
		case !when.IsZero() && int(v.At()-when.Date()) > days:
			f.Text = fmt.Sprintf("The bill of materials of %s was read on %s, %d days ago: import a newer one.", a.Title(), when.Date(), int(v.At()-when.Date()))
		default:
			continue
		}
		out.Findings = append(out.Findings, f)
	}
	worstFindingsFirst(out.Findings)
	all := practice.Count(len(out.Checked), "application", "applications")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, fmt.Sprintf("No application is marked as %s, so there is nothing to check.", least)
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("%d of %s lack a bill of materials of the last %d days.", len(out.Findings), all, days)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Each of %s has a bill of materials of the last %d days.", all, days)
	}
	return out, nil
}

// NoSecretsFound checks that scanners see no key or password where it should not
// lie. Where no scanner ever reported anything, nobody can tell.
func NoSecretsFound(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	x, now := vulnerable.In(v), practice.NowOf(v)
	for f := range estate.Each[*model.ScanFinding](v) {
		out.Checked = append(out.Checked, practice.To(f))
	}
	n := 0
	for _, i := range issuesOf(v) {
		if i.kind == "secret" && i.open() {
			n += len(i.findings)
			out.Findings = append(out.Findings, findingOf(v, x, i, now))
		}
	}
	switch {
	case n > 0:
		out.Text = fmt.Sprintf("%s where it should not be.", practice.Count(n, "secret lies", "secrets lie"))
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No scanner has reported anything, so that nobody can tell."
	default:
		out.Pass, out.Text = true, "No scanner sees a secret where it should not be."
	}
	return out, nil
}
