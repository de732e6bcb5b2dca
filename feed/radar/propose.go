package radar

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// usualRings and usualQuadrants are what radars are made of where nobody says otherwise.
var (
	usualRings     = []string{"Adopt", "Trial", "Assess", "Hold"}
	usualQuadrants = []string{"Techniques", "Tools", "Platforms", "Languages & Frameworks"}
)

// radar returns the record of the radar.
func (r *reader) radar() *model.Radar {
	out := &model.Radar{Meta: model.Meta{Key: r.key, Name: r.title}}
	for _, q := range r.quadrants {
		out.Quadrants = append(out.Quadrants, model.RadarQuadrant{Name: q})
	}
	for i, ring := range r.rings {
		out.Rings = append(out.Rings, model.RadarRing{Name: ring, Means: r.meaning(i)})
	}
	return out
}

// meaning returns what a ring asks for: what the field means by its name, else what its place says.
func (r *reader) meaning(ring int) model.RingMeaning {
	if means := meaningOf(r.rings[ring]); means != "" {
		return means
	}
	switch {
	case ring == 0:
		return model.RingAdopt
	case ring == len(r.rings)-1:
		return model.RingHold
	case ring == 1:
		return model.RingTrial
	}
	return model.RingAssess
}

// arrange puts the rings and sectors of entries in order and writes each in one way.
func (r *reader) arrange(entries []*entry) {
	r.rings, r.quadrants = distinct(r.rings), distinct(r.quadrants)
	for i, ring := range r.rings {
		r.rings[i] = usual(ring, usualRings)
	}
	for i, q := range r.quadrants {
		r.quadrants[i] = usual(q, usualQuadrants)
	}
	given := len(r.rings) > 0
	var own []string
	written := map[model.RingMeaning]string{}
	for _, e := range entries {
		e.ring, e.quadrant = usual(e.ring, usualRings), usual(e.quadrant, usualQuadrants)
		r.quadrants = with(r.quadrants, e.quadrant)
		if means := meaningOf(e.ring); means != "" && written[means] == "" {
			written[means] = e.ring
		} else if means == "" || !alike(written[means], e.ring) {
			own = with(own, e.ring)
		}
	}
	if !given && len(written) > 0 {
		for _, ring := range usualRings {
			r.rings = append(r.rings, cmp.Or(written[meaningOf(ring)], ring))
		}
	}
	for _, ring := range own {
		// Hold and caution are the same ring under two names.
		at := slices.IndexFunc(r.rings, func(o string) bool { return meaningOf(o) != "" && meaningOf(o) == meaningOf(ring) })
		if at < 0 {
			r.rings = with(r.rings, ring)
		}
	}
	for _, e := range entries {
		e.ring = r.rings[r.ringAt(e.ring)]
		e.quadrant = r.quadrants[slices.IndexFunc(r.quadrants, func(q string) bool { return alike(q, e.quadrant) })]
	}
}

// ringAt returns the place of a ring, by its name or by what the field means by that.
func (r *reader) ringAt(name string) int {
	at := slices.IndexFunc(r.rings, func(o string) bool { return alike(o, name) })
	if at < 0 {
		at = slices.IndexFunc(r.rings, func(o string) bool { return meaningOf(o) != "" && meaningOf(o) == meaningOf(name) })
	}
	return max(at, 0)
}

func alike(a, b string) bool { return strings.EqualFold(a, b) }

// with adds a name to a list where it is not there in any case.
func with(list []string, name string) []string {
	if slices.ContainsFunc(list, func(o string) bool { return alike(o, name) }) {
		return list
	}
	return append(list, name)
}

func distinct(list []string) []string {
	var out []string
	for _, name := range list {
		if name != "" {
			out = with(out, name)
		}
	}
	return out
}

// usual writes a name as the field does where it differs by case alone.
func usual(name string, names []string) string {
	for _, n := range names {
		if alike(n, name) {
			return n
		}
	}
	return name
}

// propose fills a batch with the radar, its blips and its editions.
func (r *reader) propose(b *feed.Batch, entries []*entry) {
	r.arrange(entries)
	r.home = r.radar()
	home := b.Add(r.home, b.At(1, 0, ""), feed.External(r.key))
	latest := r.latest(b, entries)
	byName := map[string][]*entry{}
	for _, e := range entries {
		byName[nameOf(e)] = append(byName[nameOf(e)], e)
	}
	refs := map[string]model.Ref{}
	for _, name := range orderOf(entries) {
		e := latest[name]
		if e == nil {
			continue
		}
		blip := &model.Blip{Meta: model.Meta{Key: r.key + "-" + slug(e.name), Name: e.name, Tags: e.tags}, Radar: home, Quadrant: e.quadrant, Ring: e.ring, Since: since(byName[name], e), Rationale: e.text, Link: e.link, State: model.BlipShown}
		if e.hidden {
			blip.State = model.BlipRetired
		}
		refs[name] = b.Add(blip, e.where, feed.External(r.key+"/"+name))
		r.blips = append(r.blips, blip)
	}
	r.editions(b, home, entries, byName, refs)
}

// nameOf is what tells a blip from others of its radar.
func nameOf(e *entry) string { return strings.ToLower(e.name) }

func orderOf(entries []*entry) []string {
	var out []string
	seen := map[string]bool{}
	for _, e := range entries {
		if !seen[nameOf(e)] {
			seen[nameOf(e)] = true
			out = append(out, nameOf(e))
		}
	}
	return out
}

// latest returns the newest entry of each blip. Two of the same day contradict each other, and the first counts.
func (r *reader) latest(b *feed.Batch, entries []*entry) map[string]*entry {
	out := map[string]*entry{}
	said := map[string]map[model.Date]bool{}
	for _, e := range entries {
		name := nameOf(e)
		if said[name] == nil {
			said[name] = map[model.Date]bool{}
		}
		if said[name][e.day] {
			b.RefuseRecord(e.where, kit.Short(e.name), "name", "there is a blip of this name already: give each its own name")
			continue
		}
		said[name][e.day] = true
		if was := out[name]; was == nil || e.day.IsZero() && !was.day.IsZero() || !was.day.IsZero() && e.day > was.day {
			out[name] = e
		}
	}
	return out
}

// since returns the day from which on a blip lies in the ring where the newest of its entries puts it.
func since(entries []*entry, latest *entry) model.Date {
	mine := slices.DeleteFunc(slices.Clone(entries), func(e *entry) bool { return e.day.IsZero() })
	slices.SortStableFunc(mine, func(a, b *entry) int { return cmp.Compare(b.day, a.day) })
	out := latest.day
	for _, e := range mine {
		if !alike(e.ring, latest.ring) {
			break
		}
		out = e.day
	}
	return out
}

// editions proposes an edition for each day on which something was said. A content without such days that has a day of its own is one edition.
func (r *reader) editions(b *feed.Batch, home model.Ref, entries []*entry, byName map[string][]*entry, refs map[string]model.Ref) {
	var days []model.Date
	for _, e := range entries {
		if !e.day.IsZero() && !slices.Contains(days, e.day) {
			days = append(days, e.day)
		}
	}
	slices.Sort(days)
	dated := len(days) > 0
	if !dated && !r.day.IsZero() {
		days = []model.Date{r.day}
	}
	const most = 400
	if len(days) > most {
		b.Note("The radar has %d days; the newest %d become editions.", len(days), most)
		days = days[len(days)-most:]
	}
	order := orderOf(entries)
	before := map[string]int{}
	for _, day := range days {
		e := &model.RadarEdition{Meta: model.Meta{Key: r.key + "-" + day.String(), Name: r.title + " " + day.String()}, Radar: home, Published: day}
		now := map[string]int{}
		for _, name := range order {
			said := saidOn(byName[name], day, dated)
			if said == nil || said.hidden || refs[name].IsZero() {
				continue
			}
			ring := r.ringAt(said.ring)
			now[name] = ring
			row := model.EditionBlip{Blip: refs[name], Name: said.name, Quadrant: said.quadrant, Ring: said.ring, Moved: said.moved, Rationale: said.text}
			if dated {
				was, there := before[name]
				row.Moved = movedFrom(was, ring, there)
			}
			e.Blips = append(e.Blips, row)
		}
		before = now
		b.Add(e, b.At(1, 0, ""), feed.External(r.key+"/"+day.String()))
	}
}

// saidOn returns what was said last of a blip on a day.
func saidOn(list []*entry, day model.Date, dated bool) *entry {
	var out *entry
	for _, e := range list {
		if dated && (e.day.IsZero() || e.day > day) {
			continue
		}
		if out == nil || e.day > out.day {
			out = e
		}
	}
	return out
}

func movedFrom(was, is int, there bool) model.BlipMove {
	switch {
	case !there:
		return model.MoveNew
	case is < was:
		return model.MoveIn
	case is > was:
		return model.MoveOut
	}
	return model.MoveSame
}

// Settle proposes what several files say together, and ties radars and blips to those of the estate and to its technologies.
func (r *reader) Settle(v estate.View, b *feed.Batch, all []feed.Settler) {
	whole := map[string]*reader{}
	var list []*reader
	for _, one := range all {
		part, ok := one.(*reader)
		switch {
		case !ok:
		case !part.late:
			list = append(list, part)
		case whole[part.key] == nil:
			// What is settled again for another view must start from the same entries.
			joined := &reader{key: part.key, title: part.title, entries: copies(part.entries)}
			whole[part.key] = joined
			list = append(list, joined)
		default:
			whole[part.key].entries = append(whole[part.key].entries, copies(part.entries)...)
		}
	}
	for _, one := range list {
		if whole[one.key] == one {
			one.propose(b, one.entries)
		}
	}
	t := newTies(v)
	for _, one := range list {
		t.tie(one)
	}
}

func copies(list []*entry) []*entry {
	out := make([]*entry, len(list))
	for i, e := range list {
		one := *e
		out[i] = &one
	}
	return out
}

// ties are the radars, blips and technologies of the estate by name.
type ties struct {
	view         estate.View
	radars       map[string]*model.Radar
	technologies map[string]model.Ref
}

func newTies(v estate.View) *ties {
	t := &ties{view: v, radars: map[string]*model.Radar{}, technologies: map[string]model.Ref{}}
	for r := range estate.Each[*model.Radar](v) {
		if name := strings.ToLower(r.Title()); t.radars[name] == nil {
			t.radars[name] = r
		}
	}
	for tech := range estate.Each[*model.Technology](v) {
		for _, name := range append([]string{tech.Title(), tech.Key, tech.ExternalID}, tech.Aliases...) {
			if name = slug(name); name != "" {
				if _, taken := t.technologies[name]; !taken {
					t.technologies[name] = tech.Ref()
				}
			}
		}
	}
	return t
}

// tie gives a radar and its blips the keys of those that the estate has under the same names, and blips the technologies of the same names.
func (t *ties) tie(r *reader) {
	if r.home == nil {
		return
	}
	known := map[string]string{}
	if here := t.radars[strings.ToLower(r.title)]; here != nil {
		r.home.Key = here.Key
		for e := range t.view.In(here.Ref()) {
			if blip, ok := e.Record.(*model.Blip); ok && e.Field.Name == "radar" {
				known[strings.ToLower(blip.Title())] = blip.Key
			}
		}
	}
	for _, blip := range r.blips {
		if key := known[strings.ToLower(blip.Name)]; key != "" {
			blip.Key = key
		}
		blip.Technology = t.technologies[slug(blip.Name)]
	}
}
