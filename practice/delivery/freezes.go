package delivery

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// FreezesIn says which freezes are listed.
type FreezesIn struct {
	// Of limits the answer to freezes that hold for one application, service or product.
	Of model.Ref `to:"Application,Service,Product"`
	// Past is how many days after their end freezes are still listed. The default is 90.
	Past int `min:"0" max:"3650"`
}

// FreezesOut are the times in which nothing is to be delivered.
type FreezesOut struct {
	// Now is how many freezes hold now.
	Now practice.Figure
	// Broken is how many deployments went to production during the freezes listed, against them.
	Broken practice.Figure
	// Findings name freezes that hold or begin within a week, and those that were broken.
	Findings []practice.Finding
	// Freezes are the freezes, those that end last first.
	Freezes practice.Table[FreezeRow]
}

// FreezeRow is a freeze.
type FreezeRow struct {
	// Freeze is the freeze.
	Freeze practice.Link
	// State is ahead, now or over.
	State string
	// Begins is the first moment.
	Begins model.Time
	// Until is the last moment.
	Until model.Time
	// For are the things that it holds for. None means everything.
	For []practice.Link
	// Hotfixes says that unplanned repairs may be delivered.
	Hotfixes bool
	// Reason says why.
	Reason string
	// Deployments is how many deployments to production began in it.
	Deployments int
	// Broken is how many of them it does not allow.
	Broken int
	// Services are the services whose deployments these were.
	Services []practice.Link
	// Owner is who answers for the freeze and can lift it.
	Owner practice.Link
}

// covered returns what a freeze holds for: the things themselves, what they run on, and what belongs to the teams and business units. Nil means everything.
func covered(v estate.View, b *book, f *model.ChangeFreeze) map[model.Ref]bool {
	if len(f.AppliesTo) == 0 {
		return nil
	}
	out := map[model.Ref]bool{}
	var things []model.Ref
	for _, ref := range f.AppliesTo {
		switch v.Get(ref).(type) {
		case *model.Team:
			for _, u := range b.services {
				if u.team == ref {
					things = append(things, model.Ref(u.link.ID))
				}
			}
			for e := range v.In(ref) {
				if e.Field.Name == "owner" {
					things = append(things, e.Record.Base().Ref())
				}
			}
		case *model.BusinessUnit:
			for e := range v.In(ref) {
				switch e.Record.(type) {
				case *model.Application, *model.Product:
					things = append(things, e.Record.Base().Ref())
				}
			}
		default:
			things = append(things, ref)
		}
	}
	for _, ref := range things {
		out[ref] = true
	}
	if len(things) > 0 {
		for _, s := range v.Reach(estate.Up, things...).Steps {
			out[s.Record.Base().Ref()] = true
		}
	}
	return out
}

// during returns the deployments of a unit that began in a freeze up to a moment, and how many of them it does not allow.
func during(u *unit, f *model.ChangeFreeze, now uint32) (all []judged, broken int) {
	from, until := second(f.From.Time().Unix()), min(now, second(f.Until.Time().Unix()))
	for _, d := range u.deployments() {
		if d.start >= from && d.start <= until {
			all = append(all, d)
			broken += b2i(!(f.AllowsHotfixes && d.unplanned()))
		}
	}
	return all, broken
}

// Freezes lists the times in which nothing is to be delivered, what they hold for, and what was delivered nevertheless.
func Freezes(v estate.View, in FreezesIn) (FreezesOut, error) {
	var out FreezesOut
	b, now := bookOf(v), practice.NowOf(v)
	past := now.Time().AddDate(0, 0, -cmp.Or(in.Past, 90))
	var current []practice.Link
	broken := 0
	for f := range estate.Each[*model.ChangeFreeze](v) {
		if f.Until.Time().Before(past) {
			continue
		}
		of := covered(v, b, f)
		if !in.Of.IsZero() && of != nil && !of[in.Of] {
			continue
		}
		link := practice.To(f)
		row := FreezeRow{Freeze: link, State: "over", Begins: f.From, Until: f.Until, Hotfixes: f.AllowsHotfixes, Reason: f.Reason, Owner: practice.OwnerOf(v, f)}
		for _, ref := range f.AppliesTo {
			if rec := v.Get(ref); rec != nil {
				row.For = append(row.For, practice.To(rec))
			}
		}
		for _, u := range b.services {
			ref := model.Ref(u.link.ID)
			if of != nil && !of[ref] || !in.Of.IsZero() && ref != in.Of {
				continue
			}
			all, bad := during(u, f, second(now.Time().Unix()))
			if row.Deployments += len(all); len(all) > 0 {
				row.Services = append(row.Services, u.link)
			}
			if row.Broken += bad; bad > 0 {
				out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("%s of %s went to production in %s, which does not allow that.", practice.Count(bad, "deployment", "deployments"), u.link.Title(), f.Title()), About: u.link, From: append(b.links(u), link), Owner: practice.To(v.Get(u.team))})
			}
		}
		switch {
		case now < f.From:
			row.State = "ahead"
			if f.From.Time().Sub(now.Time()) <= 7*24*time.Hour {
				out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: fmt.Sprintf("%s begins on %s.", f.Title(), f.From.Date()), About: link, From: []practice.Link{link}, Owner: row.Owner})
			}
		case now <= f.Until:
			row.State = "now"
			current = append(current, link)
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: fmt.Sprintf("%s holds until %s.", f.Title(), f.Until.Date()), About: link, From: []practice.Link{link}, Owner: row.Owner})
		}
		broken += row.Broken
		out.Freezes.Rows = append(out.Freezes.Rows, row)
	}
	slices.SortStableFunc(out.Freezes.Rows, func(x, y FreezeRow) int {
		return cmp.Or(cmp.Compare(y.Until, x.Until), strings.Compare(x.Freeze.Key, y.Freeze.Key))
	})
	sortFindings(out.Findings)
	out.Now = practice.Counted("freezes", practice.Neither, current)
	out.Broken = practice.Figure{Value: float64(broken), Unit: "deployments", Better: practice.Lower, From: practice.ToAll(b.loads[:min(len(b.loads), 20)])}
	return out, nil
}

// sortFindings puts the findings that matter most first, and else by what they are about.
func sortFindings(list []practice.Finding) {
	slices.SortStableFunc(list, func(a, b practice.Finding) int {
		return cmp.Or(b.Severity.Weight()-a.Severity.Weight(), strings.Compare(a.About.Key, b.About.Key))
	})
}

// NoFreezeBrokenIn says how far back the check looks.
type NoFreezeBrokenIn struct {
	// Past is how many days after their end freezes are looked at. The default is 30.
	Past int `min:"0" max:"3650"`
}

// NoFreezeBroken checks that nothing went to production in a freeze that does not allow it.
func NoFreezeBroken(v estate.View, in NoFreezeBrokenIn) (practice.Verdict, error) {
	found, err := Freezes(v, FreezesIn{Past: cmp.Or(in.Past, 30)})
	if err != nil {
		return practice.Verdict{}, err
	}
	var out practice.Verdict
	for _, row := range found.Freezes.Rows {
		if row.State != "ahead" {
			out.Checked = append(out.Checked, row.Freeze)
		}
	}
	for _, f := range found.Findings {
		if f.Severity != practice.Info {
			out.Findings = append(out.Findings, f)
		}
	}
	events, _ := bookOf(v).events()
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "There was no freeze, so there is nothing to check."
	case events == 0:
		out.Unknown, out.Text = true, "Nothing is known about deliveries, so nobody can tell."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("%s went to production in a freeze that does not allow it.", practice.Count(int(found.Broken.Value), "deployment", "deployments"))
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Nothing went to production in %s that did not allow it.", practice.Count(len(out.Checked), "freeze", "freezes"))
	}
	return out, nil
}

// FreezeIn says when nothing is to be delivered.
type FreezeIn struct {
	// Key is the short name of the freeze. Unset means one of the first day.
	Key string `format:"key"`
	// Name is what it is called.
	Name string
	// From is the first moment. Unset means now.
	From model.Time
	// Until is the last moment.
	Until model.Time `is:"required"`
	// AppliesTo are the things that it holds for, and what they run on. Unset means everything.
	AppliesTo []model.Ref `to:"Application,Service,Product,BusinessUnit,Team"`
	// Reason says why.
	Reason string
	// AllowsHotfixes says that unplanned repairs may still be delivered.
	AllowsHotfixes bool
	// Owner is the team or person that answers for it and can lift it.
	Owner model.Ref `to:"Team,Person"`
}

// Freeze proposes a time in which nothing is to be delivered.
func Freeze(v estate.View, in FreezeIn) (practice.Proposal, error) {
	from := in.From
	if from.IsZero() {
		from = practice.NowOf(v)
	}
	if in.Until <= from {
		return practice.Proposal{}, model.Problem{Field: "until", Text: fmt.Sprintf("%s is not after the first moment, %s", in.Until, from)}
	}
	f := &model.ChangeFreeze{From: from, Until: in.Until, AppliesTo: in.AppliesTo, Reason: in.Reason, AllowsHotfixes: in.AllowsHotfixes}
	f.Key, f.Owner = cmp.Or(in.Key, "freeze-"+from.Date().String()), in.Owner
	f.Name = cmp.Or(in.Name, "Freeze of "+from.Date().String())
	if v.Find("ChangeFreeze", f.Key) != nil {
		return practice.Proposal{}, model.Problem{Field: "key", Text: fmt.Sprintf("there is a freeze %s already: give this one another key", f.Key)}
	}
	f.ID = practice.NewID(v, "ChangeFreeze", f.Key)
	change, _ := model.Difference(v.Schema().Of(f), nil, f)
	return practice.Proposal{Why: "Deliver nothing until " + in.Until.Date().String(), Changes: []model.Change{change}}, nil
}
