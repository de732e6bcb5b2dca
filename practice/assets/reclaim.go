package assets

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ReclaimIn says what counts as unused.
type ReclaimIn struct {
	// Days is after how many days without use a licence counts as unused. The default is 90.
	Days int `min:"1" max:"3650" unit:"days"`
	// Licence limits the answer to one licence.
	Licence model.Ref `to:"Licence"`
}

// ReclaimOut is what can be taken back.
type ReclaimOut struct {
	// Candidates is how many licences that were given to somebody or are installed can be taken back.
	Candidates practice.Figure
	// Leavers is how many of them are with people who have left.
	Leavers practice.Figure
	// Worth is what they cost, in a year or once.
	Worth practice.Figure
	// Unmeasured is how many licences were given to people without any use of them being measured.
	Unmeasured practice.Figure
	// Findings name the licences with the most to take back.
	Findings []practice.Finding
	// Table lists what can be taken back.
	Table practice.Table[ReclaimRow]
}

// ReclaimRow is a licence that can be taken back from somebody.
type ReclaimRow struct {
	// Licence is the licence.
	Licence practice.Link
	// Product is the software.
	Product string
	// Who is the person or the machine that has it.
	Who practice.Link
	// Why says why it can be taken back.
	Why string
	// Used is the last day on which it was used, as far as that was measured.
	Used model.Date
	// Worth is what one costs.
	Worth model.Money
	// Assigned says that the licence was given to it, and not only installed there.
	Assigned bool
}

// Reclaim finds licences that can be taken back: those of people who have left,
// those that people have who did not use them for some days although use is measured, and
// installations on machines that nobody uses: in stock, retired, lost, or silent for as long.
func Reclaim(v estate.View, in ReclaimIn) (ReclaimOut, error) {
	var out ReclaimOut
	rows, unmeasured, err := reclaimable(v, in)
	if err != nil {
		return out, err
	}
	var who, left, licences []practice.Link
	var worth []model.Money
	by := map[practice.Link][]ReclaimRow{}
	for _, r := range rows {
		who, worth = append(who, r.Who), append(worth, r.Worth)
		if rec := v.Get(model.Ref(r.Who.ID)); practice.HasLeft(rec, v.At()) {
			left = append(left, r.Who)
		}
		if by[r.Licence] == nil {
			licences = append(licences, r.Licence)
		}
		by[r.Licence] = append(by[r.Licence], r)
	}
	out.Table.Rows = rows
	for _, l := range licences {
		var from []practice.Link
		var sum model.Money
		assigned := 0
		for _, r := range by[l] {
			from = append(from, r.Who)
			if s, err := sum.Add(r.Worth); err == nil {
				sum = s
			}
			if r.Assigned {
				assigned++
			}
		}
		licence, _ := estate.Look[*model.Licence](v, model.Ref(l.ID))
		text := fmt.Sprintf("%s of %s can be taken back: %s.", practice.Count(len(from), "licence", "licences"), licence.Product, practice.Some(from))
		if !sum.IsZero() {
			text = fmt.Sprintf("%s of %s worth %s can be taken back: %s.", practice.Count(len(from), "licence", "licences"), licence.Product, sum, practice.Some(from))
		}
		f := practice.Finding{Severity: practice.Low, About: l, From: from, Owner: practice.OwnerOf(v, licence), Text: text}
		if assigned > 0 {
			f.Severity = practice.Medium
			f.Mend = mend("take_back", "licence", l.String())
			if in.Days > 0 {
				f.Mend.Parameters["days"] = fmt.Sprint(in.Days)
			}
		}
		out.Findings = append(out.Findings, f)
	}
	sorted(out.Findings)
	out.Candidates = practice.Counted("licences", practice.Lower, who)
	out.Leavers = practice.Counted("licences", practice.Lower, left)
	out.Worth = orNothing(practice.SumOf("", practice.Lower, worth, who), len(who) == 0)
	out.Unmeasured = practice.Counted("licences", practice.Lower, unmeasured)
	return out, nil
}

// reclaimable lists what can be taken back, licence by licence, and the licences whose use nobody measures.
func reclaimable(v estate.View, in ReclaimIn) (rows []ReclaimRow, unmeasured []practice.Link, err error) {
	days := cmp.Or(in.Days, 90)
	recent, err := usageOf(v, days)
	if err != nil {
		return nil, nil, err
	}
	ever, err := usageOf(v, 3650)
	if err != nil {
		return nil, nil, err
	}
	installs := installsOf(v)
	machines := assetsByMachine(v)
	done := map[string]bool{}
	for _, l := range linesOf(v, "") {
		price, _ := l.price()
		for _, r := range l.counting() {
			if !in.Licence.IsZero() && in.Licence != r.Ref() {
				continue
			}
			row := ReclaimRow{Licence: practice.To(r.Licence), Product: r.Product, Worth: price, Assigned: true}
			measured := false
			for _, s := range subjects(v, r.Licence) {
				measured = measured || recent.users[s] != nil
			}
			people := false
			for _, ref := range r.AssignedTo {
				p, ok := estate.Look[*model.Person](v, ref)
				if !ok {
					continue
				}
				people = true
				row.Who, row.Used = practice.To(p), lastUse(v, ever, r.Licence, p)
				switch {
				case practice.HasLeft(p, v.At()):
					row.Why = fmt.Sprintf("left on %s", p.Left)
				case measured && row.Used.IsZero():
					row.Why = "never used, as far as use was measured"
				case measured && row.Used <= v.At().AddDays(-days):
					row.Why = fmt.Sprintf("not used for %s", practice.Count(int(v.At()-row.Used), "day", "days"))
				default:
					continue
				}
				rows = append(rows, row)
			}
			if people && !measured {
				unmeasured = append(unmeasured, row.Licence)
			}
			if !perMachine(l.metric) || coresCount(l.metric) || done[normal(l.product)] {
				continue
			}
			done[normal(l.product)] = true
			for _, i := range installs.products[normal(l.product)] {
				row.Who, row.Used, row.Assigned = practice.To(i.on), 0, slices.Contains(r.AssignedTo, i.on.Base().Ref())
				if row.Why = idle(v, i.on, machines[i.on.Base().Ref()], days); row.Why != "" {
					rows = append(rows, row)
				}
			}
		}
	}
	return rows, unmeasured, nil
}

// lastUse returns the last day on which a person used what a licence is for.
func lastUse(v estate.View, u *usage, l *model.Licence, p *model.Person) model.Date {
	last := model.Date(0)
	for _, s := range subjects(v, l) {
		for _, name := range []string{"Person/" + p.Key, p.Key} {
			last = max(last, u.users[s][name])
		}
	}
	return last
}

// idle says why nobody uses a machine, or nothing.
func idle(v estate.View, on model.Record, a *model.Asset, days int) string {
	if a != nil {
		switch a.State {
		case "in_stock", "retired", "lost":
			return "the machine is " + spaced(a.State)
		}
	}
	if h, ok := on.(*model.Host); ok && !h.LastContact.IsZero() && h.LastContact.Date() <= v.At().AddDays(-days) {
		return fmt.Sprintf("the machine last answered on %s", h.LastContact.Date())
	}
	return ""
}

// TakeBackIn says what is taken back from whom.
type TakeBackIn struct {
	// Licence is the licence.
	Licence model.Ref `to:"Licence" is:"required"`
	// From are the people, teams and machines that it is taken from. None means all that have left or have not used it.
	From []model.Ref `to:"Person,Team,Host"`
	// Days is after how many days without use it counts as unused. The default is 90.
	Days int `min:"1" max:"3650" unit:"days"`
}

// TakeBack proposes to take a licence back from people, teams and machines that it was given to.
func TakeBack(v estate.View, in TakeBackIn) (practice.Proposal, error) {
	l, ok := estate.Look[*model.Licence](v, in.Licence)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "licence", Text: "there is no such licence"}
	}
	out := practice.Proposal{Why: "Take back unused licences of " + l.Product}
	from := in.From
	for _, ref := range in.From {
		if !slices.Contains(l.AssignedTo, ref) {
			return out, model.Problem{Field: "from", Text: fmt.Sprintf("%s does not have the licence %s", link(v, ref).Title(), l.Key)}
		}
	}
	if len(from) == 0 {
		rows, _, err := reclaimable(v, ReclaimIn{Days: in.Days, Licence: in.Licence})
		if err != nil {
			return out, err
		}
		for _, r := range rows {
			if !r.Assigned {
				continue
			}
			from = append(from, model.Ref(r.Who.ID))
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: r.Who, Text: fmt.Sprintf("%s: %s.", r.Who.Title(), r.Why)})
		}
	}
	after := model.Clone(l)
	after.AssignedTo = slices.DeleteFunc(slices.Clone(l.AssignedTo), func(ref model.Ref) bool { return slices.Contains(from, ref) })
	edit(v, &out, l, after)
	return out, nil
}
