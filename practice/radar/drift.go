package radar

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// DriftIn says which radar is held against the estate.
type DriftIn struct {
	// Radar is the radar. Unset means that of the company. Of the radar of a team or a domain only what belongs to it counts.
	Radar model.Ref `to:"Radar"`
	// Blip limits the answer to one blip.
	Blip model.Ref `to:"Blip"`
	// Team limits the table by team to one team.
	Team model.Ref `to:"Team"`
	// Least is how many applications and other things must use a package before it counts as being on no radar. The default is 5. A technology needs two.
	Least int `min:"1" max:"1000000"`
	// Limit is how many packages on no radar are listed at most. The default is 20.
	Limit int `min:"1" max:"1000"`
}

// DriftOut is what the estate proves about a radar.
type DriftOut struct {
	// Growing is how many blips on hold have users that began after they were put on hold.
	Growing practice.Figure
	// Unused is how many blips in adopt nothing uses, of those whose use can be measured.
	Unused practice.Figure
	// Early is how many blips in trial or assess something critical uses.
	Early practice.Figure
	// Unlisted is how many technologies and packages in use no radar shows.
	Unlisted practice.Figure
	// Unmeasured is how many blips have neither a technology nor a package, so that nobody can measure them.
	Unmeasured practice.Figure
	// Findings say where radar and estate contradict each other, the worst first.
	Findings []practice.Finding
	// Blips are the blips with what uses them.
	Blips practice.Table[AdoptionRow]
	// Teams are the blips in use by team.
	Teams practice.Table[TeamRow]
	// Others are technologies and packages in use that no radar shows, the most used first.
	Others practice.Table[OtherRow]
}

// AdoptionRow is what uses a blip.
type AdoptionRow struct {
	// Blip is the blip.
	Blip practice.Link
	// Ring is its ring.
	Ring string
	// Since is the day from which it lies there.
	Since model.Date
	// Users is how many applications, hosts and other things use it now.
	Users int
	// Quarter is how many used it 90 days ago, of those of which that can be told.
	Quarter int
	// Year is how many used it a year ago, of those of which that can be told.
	Year int
	// Untold is of how many of its users nobody can tell whether they used it a year ago.
	Untold int
	// Trend says whether its use grows, among those of which it can be told.
	Trend Trend
	// Teams is how many teams use it.
	Teams int
	// Critical are the things of high criticality that use it.
	Critical []practice.Link
	// Owner is who answers for the blip or its technology.
	Owner practice.Link
	// Cost is what the applications that use it cost in the last twelve full months, as far as bills are allocated to them. Unset means unknown.
	Cost model.Money
	// Proofs is how many components and other records prove the use.
	Proofs int
	// Components are the first hundred of the records that prove it.
	Components []practice.Link
	// From are all that use it.
	From []practice.Link
}

// TeamRow is the use of a blip by a team.
type TeamRow struct {
	// Team is the team. Empty means that nobody answers for what uses it.
	Team practice.Link
	// Blip is the blip.
	Blip practice.Link
	// Ring is its ring.
	Ring string
	// Users is how many things of the team use it now.
	Users int
	// Year is how many of them used it a year ago, as far as that can be told.
	Year int
	// Things are what of the team uses it.
	Things []practice.Link
}

// OtherRow is something in use that no radar shows.
type OtherRow struct {
	// Name is the technology, or the package without its version.
	Name string
	// Technology is the technology, where the estate has one.
	Technology practice.Link
	// Users is how many applications and other things use it.
	Users int
	// Chosen is how many of these have a package that no other package of theirs needs, so that somebody chose it. Of technologies all count.
	Chosen int
	// Components are the first hundred of the records that prove it.
	Components []practice.Link
	// From are all that use it.
	From []practice.Link
}

// Trend says whether the use of something grows.
type Trend string

// The trends of use.
const (
	Grows   Trend = "grows"
	Steady  Trend = "steady"
	Shrinks Trend = "shrinks"
	Unknown Trend = "unknown"
)

// mostProofs is how many records a row names as proof. The figure beside it counts all.
const mostProofs = 100

// Drift holds a radar against the estate: which applications, hosts and other
// things use what lies on it, proved by the components of their bills of materials, the software on hosts, the technologies that records name, and the
// tags of catalogues and repositories; by team, with trend, owner and cost. It finds what is on hold and grows,
// what is adopted and unused, what is used and on no radar, and what is on trial in critical things. The trend compares the same
// things on three days. Where a bill of materials came later, nobody can tell, and that is said.
func Drift(v estate.View, in DriftIn) (DriftOut, error) {
	if blip, ok := estate.Look[*model.Blip](v, in.Blip); ok && in.Radar.IsZero() {
		in.Radar = blip.Radar
	}
	r, err := radarOf(v, in.Radar)
	if err != nil {
		return DriftOut{}, err
	}
	var out DriftOut
	none := r == nil
	if none {
		r = &model.Radar{}
	}
	d := &drifting{view: v, board: newBoard(v, r), in: in, out: &out, costs: yearOf(v)}
	d.adoption = adoptionOf(v, d.board)
	for _, s := range d.adoption.blips {
		if in.Blip.IsZero() || s.blip.Ref() == in.Blip {
			d.blip(s)
		}
	}
	if in.Blip.IsZero() {
		d.unlisted()
	}
	if none && len(out.Others.Rows) > 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: "There is no radar yet, so everything in use is on none.", Mend: &practice.Mend{Action: "radar.adopt_defaults"}})
	}
	d.finish()
	return out, nil
}

// drifting is a drift in the making.
type drifting struct {
	view     estate.View
	board    *board
	adoption *adoption
	in       DriftIn
	out      *DriftOut
	costs    *costOf

	growing, unused, early, unlistedLinks, unmeasured []practice.Link
}

// count is the use of a subject on the three days.
type count struct {
	users                 []*holding
	quarter, year, untold int
	// grown and shrunk count those of which two days can be compared: first over 90 days, then over a year.
	over90, overYear, told90, toldYear int
}

// quarterDays is how many days back the shorter comparison looks.
const quarterDays = 90

func (d *drifting) count(s *subject) count {
	var c count
	at := d.view.At()
	quarter, year := at.AddDays(-quarterDays), at.AddMonths(-12)
	for _, h := range s.order {
		now, then, before := d.adoption.on(h, at), d.adoption.on(h, quarter), d.adoption.on(h, year)
		if now == yes {
			c.users = append(c.users, h)
			if before == untold {
				c.untold++
			}
		}
		if then == yes {
			c.quarter++
		}
		if before == yes {
			c.year++
		}
		if then != untold {
			c.told90++
			c.over90 += turn(then, now)
		}
		if before != untold {
			c.toldYear++
			c.overYear += turn(before, now)
		}
	}
	return c
}

// turn is 1 where a use began between two days, -1 where it ended, and 0 otherwise.
func turn(before, now told) int {
	switch {
	case before == no && now == yes:
		return 1
	case before == yes && now != yes:
		return -1
	}
	return 0
}

func (c count) trend() Trend {
	switch change := cmp.Or(c.over90, c.overYear); {
	case c.told90+c.toldYear == 0 && len(c.users) > 0:
		return Unknown
	case change > 0:
		return Grows
	case change < 0:
		return Shrinks
	}
	return Steady
}

func (d *drifting) blip(s *subject) {
	link := practice.To(s.blip)
	if !s.measurable {
		d.unmeasured = append(d.unmeasured, link)
		return
	}
	c := d.count(s)
	row := AdoptionRow{
		Blip: link, Ring: d.board.ringName(s.blip.Ring), Since: s.blip.Since, Users: len(c.users), Quarter: c.quarter, Year: c.year, Untold: c.untold, Trend: c.trend(),
		Owner: d.owner(s), Cost: d.cost(c.users),
	}
	teams := map[model.Ref]*TeamRow{}
	var order []*TeamRow
	for _, h := range c.users {
		holder := practice.To(h.holder)
		row.From = append(row.From, holder)
		row.Proofs += len(h.proofs)
		if model.Rank(d.criticality(h.holder)) >= model.Rank(model.CriticalityHigh) {
			row.Critical = append(row.Critical, holder)
		}
		team := teamOf(d.view, h.holder)
		t := teams[team]
		if t == nil {
			t = &TeamRow{Team: practice.To(d.view.Get(team)), Blip: link, Ring: row.Ring}
			teams[team] = t
			order = append(order, t)
		}
		t.Users++
		t.Things = append(t.Things, holder)
		if d.adoption.on(h, d.view.At().AddMonths(-12)) == yes {
			t.Year++
		}
	}
	row.Components, row.Teams = proofsOf(c.users), len(order)
	d.out.Blips.Rows = append(d.out.Blips.Rows, row)
	for _, t := range order {
		if d.in.Team.IsZero() || t.Team.ID == model.ID(d.in.Team) {
			d.out.Teams.Rows = append(d.out.Teams.Rows, *t)
		}
	}
	d.judge(s, c, row)
}

// judge finds what contradicts the ring of a blip.
func (d *drifting) judge(s *subject, c count, row AdoptionRow) {
	about := practice.To(s.blip)
	add := func(severity practice.Severity, users []*holding, mend *practice.Mend, text string, args ...any) {
		f := practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: about, Owner: row.Owner, Mend: mend, From: proofsOf(users)}
		for _, h := range users[:min(3, len(users))] {
			f.Paths = append(f.Paths, practice.Path{practice.To(h.holder), practice.To(h.proofs[0]), about})
			if h.proofs[0] == h.holder {
				f.Paths[len(f.Paths)-1] = practice.Path{practice.To(h.holder), about}
			}
		}
		d.out.Findings = append(d.out.Findings, f)
	}
	move := func(ring model.RingMeaning) *practice.Mend {
		for _, r := range d.board.rings {
			if r.Means == ring {
				return &practice.Mend{Action: "radar.move", Parameters: map[string]string{"blip": s.blip.Key, "ring": r.Name}}
			}
		}
		return nil
	}
	switch means := d.board.means(s.blip.Ring); means {
	case model.RingHold:
		since := max(s.blip.Since, d.view.At().AddMonths(-12))
		if began := d.began(s, since); len(began) > 0 {
			d.growing = append(d.growing, about)
			severity := practice.Medium
			if slices.ContainsFunc(began, func(h *holding) bool {
				return model.Rank(d.criticality(h.holder)) >= model.Rank(model.CriticalityHigh)
			}) {
				severity = practice.High
			}
			add(severity, began, nil, "%s is on hold, and %s to use it since %s: %s. %s it now.", s.blip.Title(), practice.Count(len(began), "thing began", "things began"), since, practice.Some(named(began)), practice.Count(len(c.users), "thing uses", "things use"))
		}
	case model.RingAdopt:
		if len(c.users) == 0 {
			d.unused = append(d.unused, about)
			add(practice.Low, nil, move(model.RingAssess), "%s is to be adopted, and nothing uses it.", s.blip.Title())
		}
		if s.technology != nil && len(s.technology.Cycles) > 0 && !slices.ContainsFunc(s.technology.Cycles, func(c model.Cycle) bool {
			return !(practice.Standing{State: practice.StateOf(&c, d.view.At())}).Ended()
		}) {
			add(practice.Medium, c.users, move(model.RingHold), "%s is to be adopted, and none of its releases is supported any more.", s.blip.Title())
		}
	case model.RingTrial, model.RingAssess:
		var critical []*holding
		for _, h := range c.users {
			if model.Rank(d.criticality(h.holder)) >= model.Rank(model.CriticalityHigh) {
				critical = append(critical, h)
			}
		}
		if len(critical) > 0 {
			d.early = append(d.early, about)
			severity := practice.Low
			if means == model.RingAssess {
				severity = practice.Medium
			}
			add(severity, critical, move(model.RingAdopt), "%s is in %s, and %s of high criticality already use it: %s.", s.blip.Title(), d.board.ringName(s.blip.Ring), practice.Count(len(critical), "thing", "things"), practice.Some(named(critical)))
		}
	}
}

// began returns the users of a subject that did not use it on a day.
func (d *drifting) began(s *subject, since model.Date) []*holding {
	var out []*holding
	for _, h := range s.order {
		if d.adoption.on(h, d.view.At()) == yes && d.adoption.on(h, since) == no {
			out = append(out, h)
		}
	}
	return out
}

func named(list []*holding) []practice.Link {
	out := make([]practice.Link, len(list))
	for i, h := range list {
		out[i] = practice.To(h.holder)
	}
	return out
}

// proofsOf returns the first records that prove the use by some holders, one of each before a second of any.
func proofsOf(list []*holding) []practice.Link {
	var out []practice.Link
	for round := 0; ; round++ {
		more := false
		for _, h := range list {
			if round < len(h.proofs) {
				if len(out) == mostProofs {
					return out
				}
				out = append(out, practice.To(h.proofs[round]))
				more = true
			}
		}
		if !more {
			return out
		}
	}
}

// criticality returns how critical something is. A machine is as critical as the most critical application or service right on it.
func (d *drifting) criticality(rec model.Record) model.Criticality {
	top := practice.CriticalityOf(rec)
	switch rec.(type) {
	case *model.Host, *model.CloudResource, *model.NetworkDevice:
		for e := range d.view.In(rec.Base().Ref()) {
			if c := practice.CriticalityOf(e.Record); e.Field.Flow == model.Needs && model.Rank(c) > model.Rank(top) {
				top = c
			}
		}
	}
	return top
}

func (d *drifting) owner(s *subject) practice.Link {
	if owner := practice.OwnerOf(d.view, s.blip); !owner.IsZero() {
		return owner
	}
	if s.technology != nil {
		if owner := practice.OwnerOf(d.view, s.technology); !owner.IsZero() {
			return owner
		}
	}
	return practice.OwnerOf(d.view, d.board.radar)
}

// cost returns what some holders cost in a year, rounded, and unset where no bill says.
func (d *drifting) cost(users []*holding) model.Money {
	sum, known := 0.0, false
	for _, h := range users {
		if amount, ok := d.costs.sums[h.holder.Base().Ref()]; ok {
			sum += amount
			known = true
		}
	}
	if !known || d.costs.book.Currency == "" {
		return model.Money{}
	}
	m, err := model.NewMoney(strconv.FormatFloat(sum, 'f', int(costs.Places(d.costs.book.Currency)), 64), d.costs.book.Currency)
	if err != nil {
		return model.Money{}
	}
	return m
}
