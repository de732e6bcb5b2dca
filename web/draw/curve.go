package draw

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"binnacle/practice"
)

// The measures around the field of a picture of curves.
const (
	curveLeft, curveRight, curveTop, curveBottom = 64.0, 20.0, 46.0, 54.0
	markRow                                      = 13.0
)

// field is how large a picture of curves is in all.
type field struct{ width, height float64 }

// The fields of curves on a page and on a board.
var (
	wholeField = field{760, 400}
	smallField = field{520, 320}
)

// scale maps the values of an axis to a length.
type scale struct {
	low, high, length float64
	log               bool
	ticks             []float64
}

// newScale returns the scale of values. On a logarithmic one, what is not above nothing has no place.
func newScale(values []float64, log bool, length float64) scale {
	s := scale{low: math.Inf(1), high: math.Inf(-1), length: length, log: log}
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) || log && v <= 0 {
			continue
		}
		s.low, s.high = min(s.low, v), max(s.high, v)
	}
	if s.low > s.high {
		s.low, s.high = 1, 10
	}
	if log {
		s.low, s.high = math.Pow(10, math.Floor(math.Log10(s.low)+1e-9)), math.Pow(10, math.Ceil(math.Log10(s.high)-1e-9))
		if s.low == s.high {
			s.high *= 10
		}
		for p := s.low; p <= s.high*1.0001; p *= 10 {
			s.ticks = append(s.ticks, p)
		}
		return s
	}
	if s.low > 0 {
		s.low = 0
	}
	s.ticks = Ticks(s.low, s.high)
	s.low, s.high = s.ticks[0], s.ticks[len(s.ticks)-1]
	return s
}

// at returns the place of a value, within the scale.
func (s scale) at(v float64) float64 {
	v = min(max(v, s.low), s.high)
	if s.log {
		return s.length * math.Log(v/s.low) / math.Log(s.high/s.low)
	}
	return s.length * (v - s.low) / (s.high - s.low)
}

// Curves draws lines over a numeric axis, small for a board. Limits are dashed, marks stand as thin lines with their names above.
func Curves(c practice.Curves, title string, small bool) template.HTML {
	d, f := &drawing{}, wholeField
	if small {
		f = smallField
	}
	var xs, ys []float64
	for _, l := range c.Lines {
		for _, p := range l.Points {
			xs, ys = append(xs, p.X), append(ys, p.Y)
		}
	}
	if len(xs) == 0 {
		d.text(f.width/2, 60, f.width, 13, atMiddle, "muted", "There are no values")
		return d.finish(f.width, 120, "curves", title, "No values")
	}
	x, y := newScale(xs, c.X.Log, f.width-curveLeft-curveRight), newScale(ys, c.Y.Log, f.height-curveTop-curveBottom)
	across := func(v float64) float64 { return curveLeft + x.at(v) }
	up := func(v float64) float64 { return f.height - curveBottom - y.at(v) }
	d.axes(f, c, x, y, across, up)
	d.marks(f, c.Marks, x, across)
	n, limits := 0, 0
	for _, l := range c.Lines {
		var line strings.Builder
		var first, last practice.XY
		drawn := 0
		for _, p := range l.Points {
			if x.log && p.X <= 0 || y.log && p.Y <= 0 {
				continue
			}
			if drawn == 0 {
				first = p
			}
			fmt.Fprintf(&line, "%s%s %s", step(drawn), num(across(p.X)), num(up(p.Y)))
			last = p
			drawn++
		}
		if drawn == 0 {
			continue
		}
		class := ""
		if l.Limit {
			limits++
			class = LimitClass(limits)
		} else {
			if n == 0 {
				d.path(fmt.Sprintf("%sL%s %sL%s %sZ", line.String(), num(across(last.X)), num(up(y.low)), num(across(first.X)), num(up(y.low))), "area")
			}
			n++
			class = fmt.Sprintf("stroke-%d", (n-1)%Colours+1)
		}
		d.WriteString(`<g><title>` + esc(l.Name) + `</title>`)
		d.path(line.String(), class)
		d.WriteString(`</g>`)
	}
	return d.finish(f.width, f.height, "curves", title, toldCurves(c))
}

// LimitClass returns the class of a limit among curves, counted from 1: the first is what is wanted, the next what is borne.
func LimitClass(n int) string {
	if n == 1 {
		return "limit wanted"
	}
	return "limit"
}

// axes draws the grid with its numbers and the names of the axes.
func (d *drawing) axes(f field, c practice.Curves, x, y scale, across, up func(float64) float64) {
	for _, t := range y.ticks {
		d.line(curveLeft, up(t), f.width-curveRight, up(t), "grid")
		d.text(curveLeft-8, up(t)+4, curveLeft-10, 11.5, atEnd, "muted", Scaled(t, y.high))
	}
	every := max(1, int(math.Ceil(float64(len(x.ticks))*52/x.length)))
	for i, t := range x.ticks {
		d.line(across(t), curveTop, across(t), f.height-curveBottom, "grid")
		if i%every == 0 {
			d.text(across(t), f.height-curveBottom+17, 80, 11.5, atMiddle, "muted", short(t))
		}
	}
	d.text(f.width-curveRight, f.height-10, x.length, 12, atEnd, "strong", named(c.X))
	d.text(4, 14, f.width/2, 12, atStart, "strong", named(c.Y))
}

// marks draws places that have a name. Names that would touch move down a row.
func (d *drawing) marks(f field, marks []practice.Mark, x scale, across func(float64) float64) {
	sorted := slices.Clone(marks)
	slices.SortStableFunc(sorted, func(a, b practice.Mark) int {
		switch {
		case a.X < b.X:
			return -1
		case a.X > b.X:
			return 1
		}
		return 0
	})
	var ends [2]float64
	for _, m := range sorted {
		if x.log && m.X <= 0 || m.X < x.low || m.X > x.high {
			continue
		}
		at, half := across(m.X), Width(m.Label, 11)/2
		center := min(max(at, curveLeft+half), f.width-curveRight-half)
		row := 1
		if center-half > ends[1]+6 {
			row = 1
		} else if center-half > ends[0]+6 {
			row = 0
		} else {
			d.line(at, curveTop, at, f.height-curveBottom, "mark")
			continue
		}
		ends[row] = center + half
		d.line(at, curveTop-float64(1-row)*markRow+2, at, f.height-curveBottom, "mark")
		d.text(center, curveTop-2-float64(1-row)*markRow, 120, 11, atMiddle, "muted", m.Label)
	}
}

func named(a practice.Axis) string {
	if a.Unit == "" {
		return a.Label
	}
	return a.Label + ", " + a.Unit
}

// short writes a number of a logarithmic axis with the sign of its size.
func short(f float64) string {
	for _, unit := range []struct {
		size float64
		sign string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if math.Abs(f) >= unit.size {
			return Value(f/unit.size) + "\u00a0" + unit.sign
		}
	}
	return Value(f)
}

// toldCurves says in words what curves show.
func toldCurves(c practice.Curves) string {
	var out []string
	for _, l := range c.Lines {
		if n := len(l.Points); n > 0 {
			out = append(out, fmt.Sprintf("%s: from %s at %s to %s at %s", l.Name, Value(l.Points[0].Y), short(l.Points[0].X), Value(l.Points[n-1].Y), short(l.Points[n-1].X)))
		}
	}
	for _, m := range c.Marks {
		out = append(out, m.Label+" at "+short(m.X))
	}
	return strings.Join(out, "; ")
}
