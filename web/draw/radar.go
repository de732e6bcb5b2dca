package draw

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
)

// RadarBlip is a thing on a radar.
type RadarBlip struct {
	// Title is its name.
	Title string
	// Href is the address of its page, or nothing.
	Href string
	// Quadrant and Ring say where it lies. Both count from 0, rings from the inside.
	Quadrant, Ring int
	// Moved is new, in, out, or nothing.
	Moved string
	// Number is what stands in it and in the legend.
	Number int
}

// RadarView is a radar to be drawn.
type RadarView struct {
	// Quadrants are the sectors, clockwise from the right top.
	Quadrants []string
	// Rings are the rings from the inside out.
	Rings []string
	// Blips are what lies on it.
	Blips []RadarBlip
	// Compact leaves the legend out.
	Compact bool
}

// The measures of a radar in the units of its picture. A blip with all its marks lies within blipRadius.
const (
	blipRadius  = 12.0
	blipGap     = 3.0
	ringLeast   = 52.0
	radarMargin = 26.0
	// ringNameSize is the size of the names of rings, and mostName how broad they may be.
	ringNameSize, mostName = 13.0, 76.0
)

// spot is where a blip lies: its middle, seen from the middle of the radar.
type spot struct{ x, y float64 }

// sector is a part of a ring within a quadrant: between two radii and two angles, clockwise from the top.
type sector struct {
	inner, outer, from, until float64
	// clearFrom and clearUntil are how far blips keep clear of its sides, where the names of rings stand.
	clearFrom, clearUntil float64
}

// holds reports whether a blip lies wholly within the sector.
func (s sector) holds(p spot) bool {
	const slack = 1e-6
	r := math.Hypot(p.x, p.y)
	if r-blipRadius < s.inner-slack || r+blipRadius > s.outer+slack {
		return false
	}
	angle := angleOf(p)
	if angle < s.from {
		angle += 2 * math.Pi
	}
	return beside(r, angle-s.from, s.clearFrom) && beside(r, s.until-angle, s.clearUntil)
}

// beside reports whether a blip at a distance from the middle keeps clear of a side at an angle.
func beside(r, angle, clear float64) bool {
	return angle >= math.Pi/2-1e-9 || angle >= 0 && r*math.Sin(angle) >= blipRadius+clear-1e-6
}

// angleOf returns the angle of a place, clockwise from the top, from 0 to a full turn.
func angleOf(p spot) float64 {
	a := math.Atan2(p.x, -p.y)
	if a < 0 {
		a += 2 * math.Pi
	}
	return a
}

func at(r, angle float64) spot { return spot{r * math.Sin(angle), -r * math.Cos(angle)} }

// slots returns places within a sector that keep apart from each other and from its sides: arcs one blip wide, each filled from side to side.
func (s sector) slots() []spot {
	const apart = 2*blipRadius + blipGap
	var out []spot
	for r := max(s.inner+blipRadius, blipRadius); r+blipRadius <= s.outer+1e-9; r += apart {
		first := s.from + math.Asin(min(1, (blipRadius+blipGap/2+s.clearFrom)/r))
		room := s.until - math.Asin(min(1, (blipRadius+blipGap/2+s.clearUntil)/r)) - first
		if room < 0 {
			continue
		}
		n := int(room/(2*math.Asin(min(1, apart/2/r)))+1e-9) + 1
		for i := range n {
			angle := first + room/2
			if n > 1 {
				angle = first + room*float64(i)/float64(n-1)
			}
			out = append(out, at(r, angle))
		}
	}
	return out
}

// radarPlan is where everything on a radar lies.
type radarPlan struct {
	// radii are the outer edges of the rings.
	radii []float64
	// clear is half as broad as the names of the rings.
	clear float64
	spots []spot
}

// sector returns the part of a ring in a quadrant.
func (p *radarPlan) sector(quadrants, quadrant, ring int) sector {
	s := sector{outer: p.radii[ring], from: 2 * math.Pi * float64(quadrant) / float64(quadrants), until: 2 * math.Pi * float64(quadrant+1) / float64(quadrants)}
	if ring > 0 {
		s.inner = p.radii[ring-1]
	}
	if quadrant == 0 {
		s.clearFrom = p.clear
	}
	if quadrant == quadrants-1 {
		s.clearUntil = p.clear
	}
	return s
}

// plan finds a place for every blip. Rings grow until each sector has room to spare for what lies there, so that no two blips can
// touch. Which place a blip takes follows from its name, so that it stays where it is while others come and go; then blips move apart as far as they can.
func (v RadarView) plan() *radarPlan {
	p := &radarPlan{spots: make([]spot, len(v.Blips))}
	for _, name := range v.Rings {
		p.clear = max(p.clear, min(mostName, Width(name, ringNameSize))/2+2)
	}
	inside := map[[2]int][]int{}
	for i, b := range v.Blips {
		cell := [2]int{b.Ring, b.Quadrant}
		inside[cell] = append(inside[cell], i)
	}
	inner := 0.0
	for ring := range v.Rings {
		// Inner rings are broader, because the same breadth has less room there.
		p.radii = append(p.radii, inner+ringLeast+30/float64(ring+1))
		for q := range v.Quadrants {
			n := len(inside[[2]int{ring, q}])
			for len(p.sector(len(v.Quadrants), q, ring).slots()) < n+n/3+1 && n > 0 {
				p.radii[ring] += 4
			}
		}
		inner = p.radii[ring]
	}
	for ring := range v.Rings {
		for q := range v.Quadrants {
			p.fill(v, inside[[2]int{ring, q}], p.sector(len(v.Quadrants), q, ring))
		}
	}
	return p
}

// fill places the blips of one sector.
func (p *radarPlan) fill(v RadarView, blips []int, s sector) {
	if len(blips) == 0 {
		return
	}
	slots := s.slots()
	order := slices.Clone(blips)
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(hashOf(v.Blips[a].Title), hashOf(v.Blips[b].Title)), cmp.Compare(a, b))
	})
	taken := make([]bool, len(slots))
	for _, i := range order {
		n := int(hashOf(v.Blips[i].Title+"\x00") % uint64(len(slots)))
		for taken[n] {
			n = (n + 1) % len(slots)
		}
		taken[n] = true
		p.spots[i] = slots[n]
	}
	// A move that would bring two blips too near, or one over an edge, is not made.
	for round := range 40 {
		reach := 6 * (1 - float64(round)/40)
		for _, i := range order {
			p.push(i, order, s, reach)
		}
	}
}

// push moves a blip away from its neighbours by at most so much.
func (p *radarPlan) push(i int, others []int, s sector, reach float64) {
	const near = 4 * blipRadius
	var force spot
	here := p.spots[i]
	for _, j := range others {
		dx, dy := here.x-p.spots[j].x, here.y-p.spots[j].y
		if d := math.Hypot(dx, dy); j != i && d < near && d > 0 {
			force.x += dx / d * (near - d) / near
			force.y += dy / d * (near - d) / near
		}
	}
	length := math.Hypot(force.x, force.y)
	if length < 0.05 {
		return
	}
	step := min(reach, reach*length)
	there := spot{here.x + force.x/length*step, here.y + force.y/length*step}
	if !s.holds(there) {
		return
	}
	for _, j := range others {
		if j != i && math.Hypot(there.x-p.spots[j].x, there.y-p.spots[j].y) < 2*blipRadius+blipGap {
			return
		}
	}
	p.spots[i] = there
}

func hashOf(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}

// Draw draws the radar with a numbered legend. Beside its colour a blip shows how it moved: a whole ring around it is new, an arc towards
// the middle moved in, an arc away from it moved out. Blips whose sector or ring the radar does not have are in the legend alone.
func (v RadarView) Draw(title string) template.HTML {
	placed := v
	placed.Blips = slices.DeleteFunc(slices.Clone(v.Blips), func(b RadarBlip) bool {
		return b.Ring < 0 || b.Ring >= len(v.Rings) || b.Quadrant < 0 || b.Quadrant >= len(v.Quadrants)
	})
	d := &drawing{}
	if len(v.Quadrants) == 0 || len(v.Rings) == 0 {
		d.text(260, 60, 520, 13, atMiddle, "muted", "There is no radar")
		return d.finish(520, 120, "radar", title, "No radar")
	}
	p := placed.plan()
	whole := p.radii[len(p.radii)-1]
	size := 2 * (whole + radarMargin)
	c := size / 2
	d.field(v, p, c, whole)
	for i, b := range placed.Blips {
		d.blip(v, b, spot{c + p.spots[i].x, c + p.spots[i].y}, p.spots[i])
	}
	picture := d.finish(size, size, "radar", title, fmt.Sprintf("%d blips in %d sectors and %d rings", len(placed.Blips), len(v.Quadrants), len(v.Rings)))
	if v.Compact {
		return picture
	}
	return `<div class="radar-picture"><div class="radar-field">` + picture + `</div>` + v.legend() + `</div>`
}

// field draws rings, sectors and their names.
func (d *drawing) field(v RadarView, p *radarPlan, c, whole float64) {
	for i, r := range slices.Backward(p.radii) {
		d.WriteString(`<circle cx="` + num(c) + `" cy="` + num(c) + `" r="` + num(r) + `" class="radar-ring radar-ring-` + strconv.Itoa(min(i, 3)+1) + `"/>`)
	}
	if len(v.Quadrants) > 1 {
		for q := range v.Quadrants {
			end := at(whole, 2*math.Pi*float64(q)/float64(len(v.Quadrants)))
			d.line(c, c, c+end.x, c+end.y, "radar-side")
		}
	}
	for q, name := range v.Quadrants {
		d.quadrantName(v, q, name, c, whole)
	}
	inner := 0.0
	for i, r := range p.radii {
		d.WriteString(`<g class="radar-name">`)
		d.text(c, c-(inner+r)/2+4, mostName, ringNameSize, atMiddle, "radar-ring-name", v.Rings[i])
		d.WriteString(`</g>`)
		inner = r
	}
}

// quadrantName writes the name of a sector into the corner or beside the circle.
func (d *drawing) quadrantName(v RadarView, q int, name string, c, whole float64) {
	middle := at(whole*1.2, 2*math.Pi*(float64(q)+0.5)/float64(len(v.Quadrants)))
	x, y, anchor := 2*c-6, 20.0, atEnd
	if middle.x < -1 {
		x, anchor = 6, atStart
	}
	if middle.y > 1 {
		y = 2*c - 10
	}
	// Several sectors of a side stand one below the other.
	row := 0
	for other := range q {
		o := at(whole*1.2, 2*math.Pi*(float64(other)+0.5)/float64(len(v.Quadrants)))
		if o.x < -1 == (middle.x < -1) && o.y > 1 == (middle.y > 1) {
			row++
		}
	}
	if middle.y > 1 {
		y -= 18 * float64(row)
	} else {
		y += 18 * float64(row)
	}
	d.WriteString(`<g class="radar-` + strconv.Itoa(q%Colours+1) + `">`)
	d.text(x, y, c*0.62, 15, anchor, "strong radar-quadrant", name)
	d.WriteString(`</g>`)
}

// blip draws one blip as a link.
func (d *drawing) blip(v RadarView, b RadarBlip, p, from spot) {
	label := fmt.Sprintf("%d. %s: %s, %s%s", b.Number, b.Title, v.Rings[b.Ring], v.Quadrants[b.Quadrant], movedText(b.Moved))
	d.WriteString(`<g class="radar-` + strconv.Itoa(b.Quadrant%Colours+1) + `">`)
	d.open(b.Href, label)
	d.WriteString(`<circle cx="` + num(p.x) + `" cy="` + num(p.y) + `" r="` + num(blipRadius-2.6) + `" class="radar-blip"/>`)
	const edge = blipRadius - 0.9
	switch b.Moved {
	case "new":
		d.WriteString(`<circle cx="` + num(p.x) + `" cy="` + num(p.y) + `" r="` + num(edge) + `" class="radar-move"/>`)
	case "in", "out":
		middle := angleOf(from)
		if b.Moved == "in" {
			middle += math.Pi
		}
		first, last := at(edge, middle-1), at(edge, middle+1)
		d.path(fmt.Sprintf("M%s %sA%s %s 0 0 1 %s %s", num(p.x+first.x), num(p.y+first.y), num(edge), num(edge), num(p.x+last.x), num(p.y+last.y)), "radar-move")
	}
	size := 10.0
	if b.Number > 99 {
		size = 8
	}
	d.text(p.x, p.y+size*0.36, 3*blipRadius, size, atMiddle, "radar-number", strconv.Itoa(b.Number))
	d.shut(b.Href)
	d.WriteString(`</g>`)
}

func movedText(moved string) string {
	switch moved {
	case "new":
		return ", new"
	case "in":
		return ", moved in"
	case "out":
		return ", moved out"
	}
	return ""
}

// movedSign is what stands behind the name of a blip in the legend.
func movedSign(moved string) string {
	switch moved {
	case "new":
		return "new"
	case "in":
		return "▲ in"
	case "out":
		return "▼ out"
	}
	return ""
}

// legend lists the blips by sector and ring under their numbers, as text that wraps and that a phone shows below the picture.
func (v RadarView) legend() template.HTML {
	var out strings.Builder
	out.WriteString(`<div class="radar-legend">`)
	for q := -1; q < len(v.Quadrants); q++ {
		name, class := "Elsewhere", "radar-0"
		if q >= 0 {
			name, class = v.Quadrants[q], "radar-"+strconv.Itoa(q%Colours+1)
		}
		var part strings.Builder
		for ring := -1; ring < len(v.Rings); ring++ {
			v.legendOf(&part, q, ring)
		}
		if part.Len() > 0 {
			out.WriteString(`<section class="` + class + `"><h4>` + esc(name) + `</h4>` + part.String() + `</section>`)
		}
	}
	out.WriteString(`<p class="radar-signs">○ around a number: new · arc towards the middle, ▲: moved in · arc away from it, ▼: moved out</p></div>`)
	return template.HTML(out.String())
}

// legendOf lists the blips of one sector and ring. What has no place stands under -1.
func (v RadarView) legendOf(out *strings.Builder, quadrant, ring int) {
	first := true
	for _, b := range v.Blips {
		if outside(b.Quadrant, len(v.Quadrants)) != quadrant || outside(b.Ring, len(v.Rings)) != ring {
			continue
		}
		if first {
			name := "No ring"
			if ring >= 0 {
				name = v.Rings[ring]
			}
			out.WriteString(`<h5>` + esc(name) + `</h5><ol>`)
			first = false
		}
		title := esc(b.Title)
		if b.Href != "" {
			title = `<a href="` + esc(b.Href) + `">` + title + `</a>`
		}
		out.WriteString(`<li value="` + strconv.Itoa(b.Number) + `">` + title)
		if sign := movedSign(b.Moved); sign != "" {
			out.WriteString(` <span class="radar-sign">` + sign + `</span>`)
		}
		out.WriteString(`</li>`)
	}
	if !first {
		out.WriteString(`</ol>`)
	}
}

// outside returns a number that there is, or -1.
func outside(n, count int) int {
	if n < 0 || n >= count {
		return -1
	}
	return n
}
