package radar

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/model"
	"binnacle/practice"
)

// leastUsers is how many things must use a technology before it belongs on a radar.
const leastUsers = 2

// unlisted finds technologies and packages in use that no radar shows, the most used first.
func (d *drifting) unlisted() {
	for _, s := range d.adoption.others {
		var users []*holding
		for _, h := range s.order {
			if d.adoption.on(h, d.view.At()) == yes {
				users = append(users, h)
			}
		}
		if len(users) < leastUsers {
			continue
		}
		d.out.Others.Rows = append(d.out.Others.Rows, OtherRow{Name: s.technology.Title(), Technology: practice.To(s.technology), Users: len(users), Chosen: len(users), Components: proofsOf(users), From: named(users)})
	}
	d.packages()
	slices.SortStableFunc(d.out.Others.Rows, func(a, b OtherRow) int {
		return cmp.Or(cmp.Compare(b.Chosen, a.Chosen), cmp.Compare(b.Users, a.Users), cmp.Compare(a.Name, b.Name))
	})
	for i, row := range d.out.Others.Rows {
		about := row.Technology
		severity := practice.Low
		parameters := map[string]string{"name": row.Name}
		if about.IsZero() {
			about = row.Components[0]
			severity = practice.Info
			parameters = map[string]string{"name": shortName(row.Name), "packages": row.Name}
		} else {
			parameters["technology"] = about.Key
		}
		d.unlistedLinks = append(d.unlistedLinks, about)
		if i >= d.limit() || row.Chosen == 0 {
			continue
		}
		if d.board.radar.Key != "" {
			parameters["radar"] = d.board.radar.Key
		}
		d.out.Findings = append(d.out.Findings, practice.Finding{
			Severity: severity, About: about, From: row.Components, Mend: &practice.Mend{Action: "radar.propose", Parameters: parameters},
			Text: fmt.Sprintf("%s %s, and no radar shows it: %s.", practice.Count(row.Users, "thing uses", "things use"), row.Name, practice.Some(row.From)),
		})
	}
}

func (d *drifting) limit() int { return cmp.Or(d.in.Limit, 20) }

// packages adds the most used packages that neither a blip nor a technology accounts for. Only those that could be among the most used are looked at one by one.
func (d *drifting) packages() {
	least := cmp.Or(d.in.Least, 5)
	p := d.adoption.packages
	var often []int32
	for i, list := range p.uses {
		if len(list) >= least && !d.adoption.covered[p.names[i]] {
			often = append(often, int32(i))
		}
	}
	slices.SortFunc(often, func(a, b int32) int {
		return cmp.Or(cmp.Compare(len(p.uses[b]), len(p.uses[a])), cmp.Compare(p.names[a], p.names[b]))
	})
	kept := 0
	for n, i := range often {
		if kept == d.limit() {
			d.out.Others.Note = fmt.Sprintf("%d more packages may be used by %d things or more; raise the limit to see them.", len(often)-n, least)
			return
		}
		if row := d.row(p.names[i], p.uses[i]); row.Users >= least {
			d.out.Others.Rows = append(d.out.Others.Rows, row)
			kept++
		}
	}
}

// row counts who uses a package, and how many of them chose it.
func (d *drifting) row(name string, uses []*model.Component) OtherRow {
	row := OtherRow{Name: name}
	chosen, seen := map[model.Ref]bool{}, map[model.Ref]bool{}
	for _, c := range uses {
		if d.view.Get(c.Ref()) == nil || !c.Stale().IsZero() {
			continue
		}
		holder := d.view.Get(c.Application)
		if _, release := holder.(*model.Release); holder == nil || release || practice.Gone(holder, d.view.At()) || !d.adoption.scope.has(holder) {
			continue
		}
		if !seen[c.Application] {
			seen[c.Application] = true
			row.Users++
			row.From = append(row.From, practice.To(holder))
		}
		if len(row.Components) < mostProofs {
			row.Components = append(row.Components, practice.To(c))
		}
		if !chosen[c.Application] && !needed(d.view, c) {
			chosen[c.Application] = true
			row.Chosen++
		}
	}
	return row
}

// finish sorts the answer and fills in its figures.
func (d *drifting) finish() {
	out := d.out
	practice.WorstFirst(out.Findings)
	slices.SortStableFunc(out.Blips.Rows, func(a, b AdoptionRow) int {
		return cmp.Or(cmp.Compare(d.board.ringAt(a.Ring), d.board.ringAt(b.Ring)), cmp.Compare(b.Users, a.Users), cmp.Compare(a.Blip.Key, b.Blip.Key))
	})
	slices.SortStableFunc(out.Teams.Rows, func(a, b TeamRow) int {
		return cmp.Or(cmp.Compare(a.Team.Key, b.Team.Key), cmp.Compare(d.board.ringAt(a.Ring), d.board.ringAt(b.Ring)), cmp.Compare(b.Users, a.Users), cmp.Compare(a.Blip.Key, b.Blip.Key))
	})
	out.Growing = practice.Counted("blips", practice.Lower, d.growing)
	out.Unused = practice.Counted("blips", practice.Lower, d.unused)
	out.Early = practice.Counted("blips", practice.Neither, d.early)
	out.Unlisted = practice.Counted("technologies and packages", practice.Lower, d.unlistedLinks)
	out.Unmeasured = practice.Counted("blips", practice.Neither, d.unmeasured)
	out.Unmeasured.Note = "Techniques and the like leave no trace in the estate. Where one does, name a technology or packages on the blip."
	unknown := 0
	for _, row := range out.Blips.Rows {
		unknown += row.Untold
	}
	out.Blips.Note = "What a record said before it changed, and what was removed since, is not counted: the figures of past days hold for the things of which they can be told."
	if unknown > 0 {
		out.Blips.Note += fmt.Sprintf(" Of %s nobody can tell how it was a year ago, because what the estate knows of them began or changed later.", practice.Count(unknown, "use", "uses"))
	}
}
