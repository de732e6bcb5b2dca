package lifecycle

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ExposureIn says what is looked at for the end of support.
type ExposureIn struct {
	// Kinds are the kinds that are listed. The default is Application, Service, Host, NetworkDevice and CloudResource.
	Kinds []string
	// Criticality leaves out what is less critical. A machine is as critical as the most critical thing that runs on it.
	Criticality model.Criticality
	// Calls says that applications and services which something calls count as what it runs on. The default is to follow machines, networks and resources alone.
	Calls bool
	// Paid says that releases which are supported for those who pay count as supported.
	Paid bool
	// Limit is how many rows and findings there are at most. The default is 1000.
	Limit int `min:"0" max:"1000000"`
}

// ExposureOut is what runs on technology that is out of support.
type ExposureOut struct {
	// Applications are the applications that run on technology out of support, through whichever chain.
	Applications practice.Figure
	// Services are the services made of such applications and machines.
	Services practice.Figure
	// Hosts are the hosts that themselves have technology out of support.
	Hosts practice.Figure
	// ShareOfApplications is how many of all living applications these are.
	ShareOfApplications practice.Figure
	// ShareOfHosts is how many of all living hosts these are.
	ShareOfHosts practice.Figure
	// Findings say what runs on what, since when support has ended, and where to go, the worst first.
	Findings []practice.Finding
	// Table lists each record with each release out of support that it runs on.
	Table practice.Table[Exposed]
}

// Exposed is a record that runs on a release out of support.
type Exposed struct {
	// Record is what runs on it.
	Record practice.Link
	// Kind is the kind of that record.
	Kind string
	// Technology is what is out of support.
	Technology practice.Link
	// Release is the release that is in use.
	Release string
	// Support says whether nothing is mended any more, or only for those who pay.
	Support practice.SupportState
	// Ended is the last day of security support. Empty where it is not known.
	Ended model.Date
	// Next is the release to go to.
	Next string
	// NextEnds is the last day of security support of that release.
	NextEnds model.Date
	// Criticality says how much the business depends on the record.
	Criticality model.Criticality
	// Owner is who answers for it.
	Owner practice.Link
	// Capabilities are the capabilities that it carries.
	Capabilities []practice.Link
	// Products are the products that need it.
	Products []practice.Link
	// Goals are the goals that it serves in the end.
	Goals []practice.Link
	// Places is how many machines and other things under the record have the release.
	Places int
	// Path is the shortest chain from the record to the technology.
	Path practice.Path
	// From are the places.
	From []practice.Link
}

// exposed is a record with a use that is out of support and the chain that leads from the one to the other.
type exposed struct {
	rec model.Record
	// kind is the kind of the record.
	kind        string
	use         use
	chain       []estate.Step
	criticality model.Criticality
	// told says that applications or services tell of it already, which stand on the record.
	told bool
	// holders are all places under the record that have the release.
	holders []practice.Link
}

func (e *exposed) severity() practice.Severity {
	s := practice.SeverityOf(e.criticality)
	if e.use.State == practice.ExtendedOnly {
		return s.Less()
	}
	return s
}

// Exposure finds what runs on technology that is out of security support on the
// date asked for, today or later: by its own technology, by the components in it,
// and through the machines, networks and resources that it stands on. The last
// day of support still counts as supported.
func Exposure(v estate.View, in ExposureIn) (ExposureOut, error) {
	kinds, err := practice.KindsOf(v, in.Kinds, "Application", "Service", "Host", "NetworkDevice", "CloudResource")
	if err != nil {
		return ExposureOut{}, err
	}
	all := exposures(v, kinds, in.Calls, func(u use) bool {
		return u.State == practice.Unsupported || u.State == practice.ExtendedOnly && !in.Paid
	})
	all = slices.DeleteFunc(all, func(e *exposed) bool { return model.Rank(e.criticality) < model.Rank(in.Criticality) })
	var out ExposureOut
	counts := map[string][]practice.Link{}
	seen := map[model.Ref]bool{}
	for _, e := range all {
		if ref := e.rec.Base().Ref(); !seen[ref] {
			seen[ref] = true
			counts[e.kind] = append(counts[e.kind], practice.To(e.rec))
		}
	}
	limit := cmp.Or(in.Limit, 1000)
	served := map[model.Ref]practice.Served{}
	for _, e := range all[:min(limit, len(all))] {
		out.Table.Rows = append(out.Table.Rows, rowOf(v, e, served))
	}
	if len(all) > limit {
		out.Table.Note = fmt.Sprintf("%d of %d are shown; raise the limit to see the rest", limit, len(all))
	}
	out.Findings = findings(v, all, limit)
	count := func(kind, unit string) practice.Figure {
		if !slices.Contains(kinds, kind) {
			return practice.Figure{Unknown: true, Unit: unit, Note: "they were not asked for"}
		}
		return practice.Counted(unit, practice.Lower, counts[kind])
	}
	out.Applications, out.Services, out.Hosts = count("Application", "applications"), count("Service", "services"), count("Host", "hosts")
	out.ShareOfApplications, out.ShareOfHosts = shareOf(v, "Application", out.Applications), shareOf(v, "Host", out.Hosts)
	return out, nil
}

// shareOf returns how many of all living records of a kind some of them are.
func shareOf(v estate.View, kind string, some practice.Figure) practice.Figure {
	living := 0
	for rec := range v.All(kind) {
		if !practice.Gone(rec, v.At()) {
			living++
		}
	}
	f := practice.Figure{Value: practice.Share(len(some.From), living), Unit: "%", Better: practice.Lower, From: some.From, Unknown: some.Unknown, Note: some.Note}
	if living == 0 {
		f.Unknown, f.Note = true, "there are none"
	}
	return f
}

// exposures returns the records of some kinds with the uses that want says, one
// for each record and release by the shortest chain, the worst first.
func exposures(v estate.View, kinds []string, calls bool, want func(use) bool) []*exposed {
	held := map[model.Ref][]use{}
	for u := range uses(v) {
		if u.Technology != nil && want(u) {
			ref := u.holder.Base().Ref()
			if !slices.ContainsFunc(held[ref], func(other use) bool { return other.release() == u.release() }) {
				held[ref] = append(held[ref], u)
			}
		}
	}
	if len(held) == 0 {
		return nil
	}
	along := carries
	if calls {
		along = carriesOrCalls
	}
	under := map[model.Ref]footing{}
	var out []*exposed
	for _, kind := range []string{"Application", "Service"} {
		for rec := range v.All(kind) {
			if practice.Gone(rec, v.At()) {
				continue
			}
			listed := slices.Contains(kinds, kind)
			found := throughChain(v, rec, along, held, func(holder model.Ref) {
				s := under[holder]
				s.told = s.told || listed
				if c := practice.CriticalityOf(rec); model.Rank(c) > model.Rank(s.criticality) {
					s.criticality = c
				}
				under[holder] = s
			})
			if listed {
				out = append(out, found...)
			}
		}
	}
	for ref, list := range held {
		rec := v.Get(ref)
		kind := model.NameOf(rec)
		if kind == "Application" || kind == "Service" || !slices.Contains(kinds, kind) {
			continue
		}
		for _, u := range list {
			out = append(out, &exposed{rec: rec, kind: kind, use: u, criticality: under[ref].criticality, told: under[ref].told, holders: []practice.Link{practice.To(rec)}})
		}
	}
	slices.SortFunc(out, worstFirst)
	return out
}

// worstFirst orders by severity, then by kind and key, then by the day on which support ended.
func worstFirst(a, b *exposed) int {
	if c := cmp.Or(cmp.Compare(b.severity().Weight(), a.severity().Weight()), cmp.Compare(a.kind, b.kind)); c != 0 {
		return c
	}
	if c := cmp.Or(cmp.Compare(a.rec.Base().Key, b.rec.Base().Key), cmp.Compare(orLast(a.use.Ends()), orLast(b.use.Ends()))); c != 0 {
		return c
	}
	return cmp.Compare(a.use.Title(), b.use.Title())
}

// footing is what is known of a record from the applications and services that stand on it.
type footing struct {
	criticality model.Criticality
	told        bool
}

// throughChain returns what an application or a service is exposed to by itself
// and by all that it stands on, and names each of the records that expose it.
func throughChain(v estate.View, rec model.Record, along func(*model.Field) bool, held map[model.Ref][]use, on func(model.Ref)) []*exposed {
	c, kind := practice.CriticalityOf(rec), model.NameOf(rec)
	reach := v.ReachAlong(estate.Up, along, rec.Base().Ref())
	var out []*exposed
	for i, s := range reach.Steps {
		ref := s.Record.Base().Ref()
		list := held[ref]
		if len(list) == 0 {
			continue
		}
		on(ref)
		for _, u := range list {
			at := slices.IndexFunc(out, func(e *exposed) bool { return e.use.release() == u.release() })
			if at < 0 {
				at = len(out)
				out = append(out, &exposed{rec: rec, kind: kind, use: u, chain: reach.Path(i), criticality: c})
			}
			out[at].holders = append(out[at].holders, practice.To(s.Record))
		}
	}
	return out
}

// path returns the chain from the record to the technology.
func (e *exposed) path() practice.Path {
	if len(e.chain) == 0 {
		return e.use.path()
	}
	return append(practice.PathOf(e.chain[:len(e.chain)-1]), e.use.path()...)
}

func rowOf(v estate.View, e *exposed, known map[model.Ref]practice.Served) Exposed {
	ref := e.rec.Base().Ref()
	served, ok := known[ref]
	if !ok {
		served = practice.ServedBy(v, ref)
		known[ref] = served
	}
	row := Exposed{
		Record: practice.To(e.rec), Kind: e.kind, Technology: practice.To(e.use.Technology), Release: e.use.Cycle.Name, Support: e.use.State, Ended: e.use.Ends(),
		Criticality: e.criticality, Owner: practice.OwnerOf(v, e.rec), Places: len(e.holders), Path: e.path(), From: e.holders,
		Capabilities: practice.ToAll(served.Capabilities), Products: practice.ToAll(served.Products), Goals: practice.ToAll(served.Goals),
	}
	if e.use.Next != nil {
		row.Next, row.NextEnds = e.use.Next.Name, e.use.Next.SecuritySupport
	}
	return row
}

// findings makes one finding of each application, service and device, and one of
// each release on machines that no application stands on.
func findings(v estate.View, all []*exposed, limit int) []practice.Finding {
	byRecord := map[model.Ref][]*exposed{}
	var order []model.Ref
	for _, e := range all {
		if e.kind != "Application" && e.kind != "Service" {
			continue
		}
		ref := e.rec.Base().Ref()
		if byRecord[ref] == nil {
			order = append(order, ref)
		}
		byRecord[ref] = append(byRecord[ref], e)
	}
	var out []practice.Finding
	for _, ref := range order[:min(limit, len(order))] {
		out = append(out, ofRecord(v, byRecord[ref]))
	}
	groups := map[release][]*exposed{}
	var releases []release
	for _, e := range all {
		if e.kind == "Application" || e.kind == "Service" || e.told {
			continue
		}
		r := e.use.release()
		if groups[r] == nil {
			releases = append(releases, r)
		}
		groups[r] = append(groups[r], e)
	}
	for _, r := range releases {
		out = append(out, ofRelease(v, groups[r]))
	}
	slices.SortStableFunc(out, func(a, b practice.Finding) int { return cmp.Compare(b.Severity.Weight(), a.Severity.Weight()) })
	return out[:min(limit, len(out))]
}

// ofRecord makes a finding of an application or a service.
func ofRecord(v estate.View, list []*exposed) practice.Finding {
	first := list[0]
	f := practice.Finding{Severity: first.severity(), About: practice.To(first.rec), Owner: practice.OwnerOf(v, first.rec)}
	f.Text = fmt.Sprintf("%s runs on %s%s", first.rec.Base().Title(), first.use.Title(), endedText(first.use))
	if more := len(list) - 1; more > 0 {
		f.Text += fmt.Sprintf(", and on %s out of support", practice.Count(more, "other release", "other releases"))
	}
	f.Text += "." + nextText(first.use)
	for _, e := range list {
		f.Paths = append(f.Paths, e.path())
		f.From = append(f.From, e.holders...)
	}
	return f
}

// ofRelease makes a finding of a release on machines that no application stands on.
func ofRelease(v estate.View, list []*exposed) practice.Finding {
	first := list[0]
	f := practice.Finding{Severity: first.severity(), About: practice.To(first.use.Technology), Owner: practice.OwnerOf(v, first.rec)}
	for i, e := range list {
		f.From = append(f.From, practice.To(e.rec))
		if i < 10 {
			f.Paths = append(f.Paths, e.path())
		}
		if practice.OwnerOf(v, e.rec) != f.Owner {
			f.Owner = practice.Link{}
		}
	}
	f.Text = fmt.Sprintf("%s without a known application %s %s%s: %s.%s", practice.Count(len(list), "machine", "machines"), have(len(list)), first.use.Title(), endedText(first.use), practice.Some(f.From), nextText(first.use))
	return f
}

func have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

func endedText(u use) string {
	text := ", which is out of support"
	if !u.Ends().IsZero() {
		text = fmt.Sprintf(", whose security support ended on %s", u.Ends())
	}
	if u.State == practice.ExtendedOnly {
		text += fmt.Sprintf(" and goes on until %s only for those who pay", u.Cycle.ExtendedSupport)
	}
	return text
}

func nextText(u use) string {
	switch {
	case u.Next == nil:
		return " No later release is known that is supported."
	case u.Next.SecuritySupport.IsZero():
		return fmt.Sprintf(" Go to %s.", u.Next.Name)
	}
	return fmt.Sprintf(" Go to %s, supported until %s.", u.Next.Name, u.Next.SecuritySupport)
}

func running(n int) string {
	if n == 1 {
		return " runs"
	}
	return " run"
}

// NoUnsupportedCriticalIn says which applications are checked.
type NoUnsupportedCriticalIn struct {
	// Criticality is how critical an application or a service must be to be checked. The default is critical.
	Criticality model.Criticality
	// Paid says that releases which are supported for those who pay count as supported.
	Paid bool
}

// NoUnsupportedCritical checks that no critical application or service runs on
// technology that is out of security support on the date asked for.
func NoUnsupportedCritical(v estate.View, in NoUnsupportedCriticalIn) (practice.Verdict, error) {
	least := cmp.Or(in.Criticality, model.CriticalityCritical)
	found, err := Exposure(v, ExposureIn{Kinds: []string{"Application", "Service"}, Criticality: least, Paid: in.Paid, Limit: 1_000_000})
	if err != nil {
		return practice.Verdict{}, err
	}
	out := practice.Verdict{Findings: found.Findings}
	for _, kind := range []string{"Application", "Service"} {
		for rec := range v.All(kind) {
			if model.Rank(practice.CriticalityOf(rec)) >= model.Rank(least) && !practice.Gone(rec, v.At()) {
				out.Checked = append(out.Checked, practice.To(rec))
			}
		}
	}
	all := practice.Count(len(out.Checked), "application or service", "applications and services")
	switch bad := len(found.Applications.From) + len(found.Services.From); {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, fmt.Sprintf("Nothing is marked as %s, so there is nothing to check.", least)
	case bad == 0:
		out.Pass, out.Text = true, fmt.Sprintf("None of %s runs on technology that is known to be out of support on %s.", all, v.At())
	default:
		out.Text = fmt.Sprintf("%d of %s on technology that is out of support on %s.", bad, all+running(bad), v.At())
	}
	return out, nil
}
