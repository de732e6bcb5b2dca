package radar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

// usualQuadrants are the sectors of a radar that names none, as the field uses them.
var usualQuadrants = []model.RadarQuadrant{
	{Name: "Techniques", Help: "Ways of working, processes and designs."},
	{Name: "Tools", Help: "What is used to build, test and run software."},
	{Name: "Platforms", Help: "What other things are built and run on."},
	{Name: "Languages & Frameworks", Help: "What software is written in and with."},
}

// usualRings are the rings of a radar that names none, from the inside out.
var usualRings = []model.RadarRing{
	{Name: "Adopt", Means: model.RingAdopt, Help: "Proven and mature: consider it seriously for use."},
	{Name: "Trial", Means: model.RingTrial, Help: "Ready for use, though not as completely proven: try it where the risk can be borne."},
	{Name: "Assess", Means: model.RingAssess, Help: "Worth a close look, and not necessarily a trial yet."},
	{Name: "Hold", Means: model.RingHold, Help: "Proceed with caution: start nothing new with it."},
}

// board is a radar with its sectors, rings and blips as a view shows them.
type board struct {
	radar     *model.Radar
	quadrants []model.RadarQuadrant
	rings     []model.RadarRing
	// blips are those that are shown, by sector, ring and name.
	blips []*model.Blip
	// proposed are those that somebody wants on it, by name.
	proposed []*model.Blip
	// editions are the published ones, the oldest first.
	editions []*model.RadarEdition
}

// radarOf returns the radar that a question is about: the one named, else the first of the company, else the first of all. It returns nil where there is none.
func radarOf(v estate.View, ref model.Ref) (*model.Radar, error) {
	if !ref.IsZero() {
		r, ok := estate.Look[*model.Radar](v, ref)
		if !ok {
			return nil, model.Problem{Field: "radar", Text: "there is no such radar"}
		}
		return r, nil
	}
	var best *model.Radar
	for r := range estate.Each[*model.Radar](v) {
		if best == nil || company(r) && !company(best) {
			best = r
		}
	}
	return best, nil
}

func company(r *model.Radar) bool {
	return r.Scope == "company" || r.Scope == "" && len(r.For) == 0
}

// boardOf returns a radar with what is on it. The error says what to do where there is no radar at all.
func boardOf(v estate.View, ref model.Ref) (*board, error) {
	r, err := radarOf(v, ref)
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		return nil, model.Problem{Field: "radar", Text: "there is no radar yet: create one with radar.adopt_defaults, or import one"}
	}
	return newBoard(v, r), nil
}

func newBoard(v estate.View, r *model.Radar) *board {
	b := &board{radar: r, quadrants: r.Quadrants, rings: r.Rings}
	if len(b.quadrants) == 0 {
		b.quadrants = usualQuadrants
	}
	if len(b.rings) == 0 {
		b.rings = usualRings
	}
	for e := range v.In(r.Ref()) {
		switch rec := e.Record.(type) {
		case *model.Blip:
			switch rec.State {
			case model.BlipProposed:
				b.proposed = append(b.proposed, rec)
			case model.BlipShown, "":
				b.blips = append(b.blips, rec)
			}
		case *model.RadarEdition:
			if rec.Published <= v.At() {
				b.editions = append(b.editions, rec)
			}
		}
	}
	b.widen()
	name := func(a, c *model.Blip) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Title()), strings.ToLower(c.Title())), cmp.Compare(a.Key, c.Key))
	}
	slices.SortFunc(b.proposed, name)
	slices.SortFunc(b.blips, func(a, c *model.Blip) int {
		return cmp.Or(cmp.Compare(b.quadrantAt(a.Quadrant), b.quadrantAt(c.Quadrant)), cmp.Compare(b.ringAt(a.Ring), b.ringAt(c.Ring)), name(a, c))
	})
	slices.SortFunc(b.editions, func(a, c *model.RadarEdition) int {
		return cmp.Or(cmp.Compare(a.Published, c.Published), cmp.Compare(a.Key, c.Key))
	})
	return b
}

// widen adds sectors and rings that blips name and the radar does not, so that no blip is lost.
func (b *board) widen() {
	b.quadrants, b.rings = slices.Clip(b.quadrants), slices.Clip(b.rings)
	var quadrants, rings []string
	for _, blip := range b.blips {
		if b.quadrantAt(blip.Quadrant) < 0 {
			quadrants = append(quadrants, blip.Quadrant)
		}
		if b.ringAt(blip.Ring) < 0 {
			rings = append(rings, blip.Ring)
		}
	}
	slices.Sort(quadrants)
	slices.Sort(rings)
	for _, q := range quadrants {
		if b.quadrantAt(q) < 0 {
			b.quadrants = append(b.quadrants, model.RadarQuadrant{Name: q})
		}
	}
	for _, r := range rings {
		if b.ringAt(r) < 0 {
			b.rings = append(b.rings, model.RadarRing{Name: r, Means: meaningOf(r)})
		}
	}
}

// quadrantAt returns the place of a sector, or -1.
func (b *board) quadrantAt(name string) int {
	return slices.IndexFunc(b.quadrants, func(q model.RadarQuadrant) bool { return alike(q.Name, name) })
}

// ringAt returns the place of a ring from the inside, or -1. A name that the radar does not have finds the ring with the
// meaning that the field gives to the name, so that Caution is Hold.
func (b *board) ringAt(name string) int {
	at := slices.IndexFunc(b.rings, func(r model.RadarRing) bool { return alike(r.Name, name) })
	if means := meaningOf(name); at < 0 && means != "" {
		at = slices.IndexFunc(b.rings, func(r model.RadarRing) bool { return r.Means == means && meaningOf(r.Name) != "" })
	}
	return at
}

// means returns what a ring of the radar asks for, and nothing where nobody knows.
func (b *board) means(ring string) model.RingMeaning {
	if at := b.ringAt(ring); at >= 0 {
		return b.rings[at].Means
	}
	return meaningOf(ring)
}

// ringNamed returns the ring with a name, or an error that lists the rings.
func (b *board) ringNamed(field, name string) (model.RadarRing, error) {
	if at := b.ringAt(name); at >= 0 {
		return b.rings[at], nil
	}
	var names []string
	for _, r := range b.rings {
		names = append(names, r.Name)
	}
	return model.RadarRing{}, model.Problem{Field: field, Text: fmt.Sprintf("%s has no ring %q: its rings are %s", b.radar.Title(), name, strings.Join(names, ", "))}
}

// quadrantNamed returns the sector with a name, or an error that lists the sectors.
func (b *board) quadrantNamed(field, name string) (model.RadarQuadrant, error) {
	if at := b.quadrantAt(name); at >= 0 {
		return b.quadrants[at], nil
	}
	var names []string
	for _, q := range b.quadrants {
		names = append(names, q.Name)
	}
	return model.RadarQuadrant{}, model.Problem{Field: field, Text: fmt.Sprintf("%s has no sector %q: its sectors are %s", b.radar.Title(), name, strings.Join(names, ", "))}
}

// meaningOf returns what the field means by the name of a ring, and nothing for a name that it does not use. Caution is what later
// volumes of the best known radar call hold.
func meaningOf(name string) model.RingMeaning {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "adopt", "adopted", "use":
		return model.RingAdopt
	case "trial", "try", "pilot":
		return model.RingTrial
	case "assess", "explore", "evaluate", "watch":
		return model.RingAssess
	case "hold", "caution", "avoid", "retire", "stop":
		return model.RingHold
	}
	return ""
}

// last returns the newest edition, or nil.
func (b *board) last() *model.RadarEdition {
	if len(b.editions) == 0 {
		return nil
	}
	return b.editions[len(b.editions)-1]
}

// shownIn returns how an edition shows a blip, or nil. A blip that lost its record is known by its name.
func shownIn(e *model.RadarEdition, blip model.Ref, name string) *model.EditionBlip {
	if e == nil {
		return nil
	}
	for i := range e.Blips {
		if b := &e.Blips[i]; !blip.IsZero() && b.Blip == blip {
			return b
		}
	}
	for i := range e.Blips {
		if b := &e.Blips[i]; (b.Blip.IsZero() || blip.IsZero()) && alike(b.Name, name) {
			return b
		}
	}
	return nil
}

// moved says how a blip lies in a ring compared with an edition. Without an edition nothing has moved.
func (b *board) moved(blip *model.Blip, ring string, e *model.RadarEdition) model.BlipMove {
	if e == nil {
		return model.MoveSame
	}
	was := shownIn(e, blip.Ref(), blip.Title())
	if was == nil {
		return model.MoveNew
	}
	switch c := cmp.Compare(b.ringAt(ring), b.ringAt(was.Ring)); {
	case c < 0:
		return model.MoveIn
	case c > 0:
		return model.MoveOut
	}
	return model.MoveSame
}

// votesOn returns the votes on a blip that count: the last of each person, by name of the voter.
func votesOn(v estate.View, blip model.Ref) []*model.RadarVote {
	last := map[model.Ref]*model.RadarVote{}
	for e := range v.In(blip) {
		vote, ok := e.Record.(*model.RadarVote)
		if !ok || vote.Cast > v.At() {
			continue
		}
		before := last[vote.Voter]
		if before == nil || vote.Cast > before.Cast || vote.Cast == before.Cast && vote.Created.Seq > before.Created.Seq {
			last[vote.Voter] = vote
		}
	}
	out := make([]*model.RadarVote, 0, len(last))
	for _, vote := range last {
		out = append(out, vote)
	}
	slices.SortFunc(out, func(a, b *model.RadarVote) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// tally writes how many votes each ring has, from the inside out, such as Adopt 3, Trial 1.
func (b *board) tally(votes []*model.RadarVote) string {
	counts := make([]int, len(b.rings))
	for _, vote := range votes {
		if at := b.ringAt(vote.Ring); at >= 0 {
			counts[at]++
		}
	}
	var out []string
	for i, n := range counts {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s %d", b.rings[i].Name, n))
		}
	}
	return strings.Join(out, ", ")
}

// alike reports whether two words are the same but for case and the space around them.
func alike(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }
