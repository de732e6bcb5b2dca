package radar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// PictureIn says which radar is shown, and as of when.
type PictureIn struct {
	// Radar is the radar. Unset means that of the company.
	Radar model.Ref `to:"Radar"`
	// Edition is a published edition of it. Unset means the radar as it is now.
	Edition model.Ref `to:"RadarEdition"`
	// Quadrant limits the answer to one sector.
	Quadrant string
}

// PictureOut is a radar.
type PictureOut struct {
	// Shown is the radar.
	Shown string
	// Published is the day of the edition, or of the last edition where the radar is shown as it is now.
	Published model.Date
	// Summary says what is new in the edition.
	Summary string
	// Blips is how many there are.
	Blips practice.Figure
	// Moved is how many are new or lie in another ring than in the edition before.
	Moved practice.Figure
	// Radar shows where each blip lies.
	Radar practice.Picture
	// Table lists the blips by sector and ring.
	Table practice.Table[BlipRow]
	// Rings say what each ring asks of people.
	Rings practice.Table[RingRow]
}

// BlipRow is a blip on a radar.
type BlipRow struct {
	// Number is the number in the picture.
	Number int
	// Blip is the blip. Of an edition whose blip is gone only the name is left.
	Blip practice.Link
	// Name is what it is called.
	Name string
	// Quadrant is its sector.
	Quadrant string
	// Ring is its ring.
	Ring string
	// Moved says how it lies compared with the edition before.
	Moved model.BlipMove
	// Since is the day from which it lies in that ring.
	Since model.Date
	// Technology is what it stands for.
	Technology practice.Link
	// Votes say how many people would put it into which ring.
	Votes string
	// Decision is the decision record that it rests on.
	Decision practice.Link
	// Rationale says why it lies there.
	Rationale string
}

// RingRow is a ring of a radar.
type RingRow struct {
	// Ring is its name.
	Ring string
	// Means says what is to be done with what lies there.
	Means model.RingMeaning
	// Blips is how many lie there.
	Blips int
	// Help says what the ring asks of people.
	Help string
}

// Picture shows a radar as it is now or as it was published: where each blip
// lies, since when, how that differs from the edition before, why, and what people who voted think.
func Picture(v estate.View, in PictureIn) (PictureOut, error) {
	b, err := boardOf(v, editionRadar(v, in))
	if err != nil {
		return PictureOut{}, err
	}
	out := PictureOut{Shown: b.radar.Title(), Radar: practice.Picture{Type: practice.RadarPicture}}
	var rows []BlipRow
	if in.Edition.IsZero() {
		rows = b.rowsNow(v)
		if e := b.last(); e != nil {
			out.Published = e.Published
		}
	} else {
		e, ok := estate.Look[*model.RadarEdition](v, in.Edition)
		if !ok || e.Radar != b.radar.Ref() {
			return PictureOut{}, model.Problem{Field: "edition", Text: b.radar.Title() + " has no such edition"}
		}
		rows = b.rowsOf(v, e)
		out.Published, out.Summary = e.Published, e.Summary
	}
	if in.Quadrant != "" {
		q, err := b.quadrantNamed("quadrant", in.Quadrant)
		if err != nil {
			return PictureOut{}, err
		}
		rows = slices.DeleteFunc(rows, func(r BlipRow) bool { return !alike(r.Quadrant, q.Name) })
	}
	b.draw(&out, rows)
	return out, nil
}

// editionRadar returns the radar that was asked for, or that of the edition.
func editionRadar(v estate.View, in PictureIn) model.Ref {
	if e, ok := estate.Look[*model.RadarEdition](v, in.Edition); ok && in.Radar.IsZero() {
		return e.Radar
	}
	return in.Radar
}

func (b *board) rowsNow(v estate.View) []BlipRow {
	var out []BlipRow
	last := b.last()
	for _, blip := range b.blips {
		out = append(out, BlipRow{
			Blip: practice.To(blip), Name: blip.Title(), Quadrant: b.quadrantName(blip.Quadrant), Ring: b.ringName(blip.Ring), Moved: b.moved(blip, blip.Ring, last), Since: blip.Since,
			Technology: practice.To(v.Get(blip.Technology)), Votes: b.tally(votesOn(v, blip.Ref())), Decision: practice.To(v.Get(blip.Decision)), Rationale: blip.Rationale,
		})
	}
	return out
}

func (b *board) rowsOf(v estate.View, e *model.RadarEdition) []BlipRow {
	var out []BlipRow
	for i := range e.Blips {
		was := &e.Blips[i]
		row := BlipRow{Name: was.Name, Quadrant: b.quadrantName(was.Quadrant), Ring: b.ringName(was.Ring), Moved: was.Moved, Since: b.since(e, was), Rationale: was.Rationale}
		if blip, ok := estate.Look[*model.Blip](v, was.Blip); ok {
			row.Blip, row.Technology, row.Decision = practice.To(blip), practice.To(v.Get(blip.Technology)), practice.To(v.Get(blip.Decision))
		}
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(x, y BlipRow) int {
		return cmp.Or(cmp.Compare(b.quadrantAt(x.Quadrant), b.quadrantAt(y.Quadrant)), cmp.Compare(b.ringAt(x.Ring), b.ringAt(y.Ring)), cmp.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)))
	})
	return out
}

// since returns the day of the first edition from which on a blip lay in the ring where an edition shows it.
func (b *board) since(e *model.RadarEdition, was *model.EditionBlip) model.Date {
	out := e.Published
	for _, earlier := range slices.Backward(b.editions) {
		if earlier.Published >= e.Published {
			continue
		}
		then := shownIn(earlier, was.Blip, was.Name)
		if then == nil || b.ringAt(then.Ring) != b.ringAt(was.Ring) {
			break
		}
		out = earlier.Published
	}
	return out
}

func (b *board) ringName(name string) string {
	if at := b.ringAt(name); at >= 0 {
		return b.rings[at].Name
	}
	return name
}

func (b *board) quadrantName(name string) string {
	if at := b.quadrantAt(name); at >= 0 {
		return b.quadrants[at].Name
	}
	return name
}

// draw fills the picture, the tables and the figures.
func (b *board) draw(out *PictureOut, rows []BlipRow) {
	plan := &practice.Radar{}
	counts := map[string]int{}
	var all, moved []practice.Link
	for i := range rows {
		r := &rows[i]
		r.Number = i + 1
		counts[r.Ring]++
		link := r.Blip
		if link.IsZero() {
			link = practice.Link{Name: r.Name}
		}
		all = append(all, link)
		node := practice.Node{Link: link, Group: r.Quadrant, Value: float64(b.ringAt(r.Ring) + 1)}
		if r.Moved != model.MoveSame {
			moved = append(moved, link)
			node.Moved = string(r.Moved)
		}
		out.Radar.Nodes = append(out.Radar.Nodes, node)
	}
	for _, q := range b.quadrants {
		plan.Quadrants = append(plan.Quadrants, q.Name)
	}
	for _, r := range b.rings {
		plan.Rings = append(plan.Rings, r.Name)
		out.Rings.Rows = append(out.Rings.Rows, RingRow{r.Name, r.Means, counts[r.Name], r.Help})
	}
	out.Radar.Radar = plan
	out.Table.Rows = rows
	out.Blips, out.Moved = practice.Counted("blips", practice.Neither, all), practice.Counted("blips", practice.Neither, moved)
	if len(b.editions) == 0 {
		out.Moved.Unknown, out.Moved.Note = true, "no edition was published yet, so there is nothing to compare with"
	}
}

// HistoryIn says which radar, and perhaps which blip.
type HistoryIn struct {
	// Radar is the radar. Unset means that of the company.
	Radar model.Ref `to:"Radar"`
	// Blip limits the answer to one blip.
	Blip model.Ref `to:"Blip"`
}

// HistoryOut is how blips moved over the editions of a radar.
type HistoryOut struct {
	// Editions are the published ones, the newest first.
	Editions practice.Table[EditionRow]
	// Rings shows how many blips lay in each ring, edition by edition.
	Rings practice.Series
	// Moves are the rings of each blip, edition by edition.
	Moves practice.Table[MoveRow]
}

// EditionRow is a published edition.
type EditionRow struct {
	// Edition is the edition.
	Edition practice.Link
	// Published is the day of publication.
	Published model.Date
	// Blips is how many it shows.
	Blips int
	// New is how many were not on the edition before.
	New int
	// In is how many lie further inside than before.
	In int
	// Out is how many lie further outside than before.
	Out int
	// Dropped is how many of the edition before it does not show any more.
	Dropped int
	// By is the person that published it.
	By practice.Link
	// Summary says what is new in it.
	Summary string
}

// MoveRow is the way of one blip over the editions.
type MoveRow struct {
	// Blip is the blip.
	Blip practice.Link
	// Name is what it is called.
	Name string
	// Way are its rings with the days of the editions from which on it lay there, the oldest first.
	Way string
	// Moves is how often it changed its ring.
	Moves int
	// Now is its ring now. Empty means that it is not on the radar any more.
	Now string
}

// History tells how blips moved over the editions of a radar, and when they came and went.
func History(v estate.View, in HistoryIn) (HistoryOut, error) {
	if blip, ok := estate.Look[*model.Blip](v, in.Blip); ok && in.Radar.IsZero() {
		in.Radar = blip.Radar
	}
	b, err := boardOf(v, in.Radar)
	if err != nil {
		return HistoryOut{}, err
	}
	var out HistoryOut
	for i, e := range b.editions {
		row := EditionRow{Edition: practice.To(e), Published: e.Published, Blips: len(e.Blips), By: practice.To(v.Get(e.PublishedBy)), Summary: e.Summary}
		for j := range e.Blips {
			switch e.Blips[j].Moved {
			case model.MoveNew:
				row.New++
			case model.MoveIn:
				row.In++
			case model.MoveOut:
				row.Out++
			}
		}
		if i > 0 {
			row.Dropped = dropped(b.editions[i-1], e)
		}
		out.Editions.Rows = append(out.Editions.Rows, row)
	}
	slices.Reverse(out.Editions.Rows)
	out.Rings = b.ringSeries()
	for _, w := range b.ways() {
		if in.Blip.IsZero() || w.blip == in.Blip {
			out.Moves.Rows = append(out.Moves.Rows, w.row(v))
		}
	}
	if len(b.editions) == 0 {
		out.Editions.Note = "No edition was published yet: publish one with radar.publish."
	}
	return out, nil
}

// dropped counts the blips of an edition that the next one does not show any more.
func dropped(before, now *model.RadarEdition) int {
	shown := map[model.Ref]bool{}
	names := map[string]bool{}
	for i := range now.Blips {
		shown[now.Blips[i].Blip] = true
		names[strings.ToLower(now.Blips[i].Name)] = true
	}
	n := 0
	for i := range before.Blips {
		was := &before.Blips[i]
		if !(shown[was.Blip] && !was.Blip.IsZero()) && !names[strings.ToLower(was.Name)] {
			n++
		}
	}
	return n
}

func (b *board) ringSeries() practice.Series {
	out := practice.Series{Unit: "blips"}
	for i, r := range b.rings {
		line := practice.Line{Name: r.Name}
		for _, e := range b.editions {
			n := 0
			for j := range e.Blips {
				if b.ringAt(e.Blips[j].Ring) == i {
					n++
				}
			}
			line.Points = append(line.Points, practice.Point{At: e.Published, Value: float64(n), From: []practice.Link{practice.To(e)}})
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

// way is where one blip lay, edition by edition.
type way struct {
	blip  model.Ref
	name  string
	steps []string
	moves int
	ring  string
	now   string
}

// ways returns the way of every blip that is or was on the radar, by name.
func (b *board) ways() []*way {
	byRef, byName := map[model.Ref]*way{}, map[string]*way{}
	var all []*way
	find := func(ref model.Ref, name string) *way {
		w := byRef[ref]
		if w == nil || ref.IsZero() {
			w = byName[strings.ToLower(name)]
		}
		if w == nil {
			w = &way{name: name}
			all = append(all, w)
		}
		if !ref.IsZero() {
			w.blip, byRef[ref] = ref, w
		}
		byName[strings.ToLower(name)] = w
		return w
	}
	for i, e := range b.editions {
		here := map[*way]bool{}
		for j := range e.Blips {
			w := find(e.Blips[j].Blip, e.Blips[j].Name)
			w.step(b.ringName(e.Blips[j].Ring), e.Published)
			here[w] = true
		}
		for _, w := range all {
			if i > 0 && !here[w] && w.ring != "" {
				w.step("", e.Published)
			}
		}
	}
	for _, blip := range b.blips {
		w := find(blip.Ref(), blip.Title())
		w.now = b.ringName(blip.Ring)
		if w.ring != w.now {
			w.step(w.now, blip.Since)
		}
	}
	slices.SortFunc(all, func(x, y *way) int { return cmp.Compare(strings.ToLower(x.name), strings.ToLower(y.name)) })
	return all
}

// step notes the ring of a blip from a day on. An empty ring means that it is not shown any more.
func (w *way) step(ring string, on model.Date) {
	if len(w.steps) > 0 && ring == w.ring {
		return
	}
	if len(w.steps) > 0 {
		w.moves++
	}
	w.ring = ring
	text := cmp.Or(ring, "not shown")
	if !on.IsZero() {
		text = fmt.Sprintf("%s %s", on, text)
	}
	w.steps = append(w.steps, text)
}

func (w *way) row(v estate.View) MoveRow {
	return MoveRow{Blip: practice.To(v.Get(w.blip)), Name: w.name, Way: strings.Join(w.steps, " → "), Moves: w.moves, Now: w.now}
}
