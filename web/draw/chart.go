package draw

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"binnacle/practice"
)

// Sparkline draws values as one small line without axes.
func Sparkline(values []float64, label string) template.HTML {
	const w, h, edge = 120.0, 28.0, 3.0
	d := &drawing{}
	if len(values) == 0 {
		return d.finish(w, h, "sparkline", label, "No values")
	}
	low, high := slices.Min(values), slices.Max(values)
	at := func(i int) (x, y float64) {
		x, y = w/2, h/2
		if len(values) > 1 {
			x = edge + float64(i)*(w-2*edge)/float64(len(values)-1)
		}
		if high > low {
			y = h - edge - (values[i]-low)*(h-2*edge)/(high-low)
		}
		return x, y
	}
	var line strings.Builder
	for i := range values {
		x, y := at(i)
		fmt.Fprintf(&line, "%s%s %s", step(i), num(x), num(y))
	}
	d.path(line.String(), "stroke-1")
	x, y := at(len(values) - 1)
	d.WriteString(`<circle cx="` + num(x) + `" cy="` + num(y) + `" r="2.5" class="fill-1"/>`)
	return d.finish(w, h, "sparkline", label, fmt.Sprintf("From %s to %s", Value(values[0]), Value(values[len(values)-1])))
}

func step(i int) string {
	if i == 0 {
		return "M"
	}
	return "L"
}

// Axis returns the places on the axis of a series, in order, and the value of every line at each of them. A line
// that has no point there has NaN.
func Axis(s practice.Series) (places []string, values [][]float64) {
	index := map[string]int{}
	dated := true
	type place struct {
		label string
		at    int64
	}
	var all []place
	for _, l := range s.Lines {
		for _, p := range l.Points {
			label := cmp.Or(p.Label, p.At.String())
			if _, seen := index[label]; !seen {
				index[label] = 0
				all = append(all, place{label, int64(p.At)})
				dated = dated && !p.At.IsZero()
			}
		}
	}
	if dated {
		slices.SortStableFunc(all, func(a, b place) int { return cmp.Compare(a.at, b.at) })
	}
	for i, p := range all {
		index[p.label] = i
		places = append(places, p.label)
	}
	for _, l := range s.Lines {
		row := make([]float64, len(places))
		for i := range row {
			row[i] = math.NaN()
		}
		for _, p := range l.Points {
			row[index[cmp.Or(p.Label, p.At.String())]] = p.Value
		}
		values = append(values, row)
	}
	return places, values
}

// Colours is how many lines of a chart have a colour of their own.
const Colours = 8

// Months writes days without the day where every one of them is the first of its month: 2026-05 for 2026-05-01.
func Months(days []string) []string {
	out := slices.Clone(days)
	for i, day := range out {
		month, first := strings.CutSuffix(day, "-01")
		if !first || len(day) != len("2026-05-01") {
			return days
		}
		out[i] = month
	}
	return out
}

// Scaled writes a number of an axis short: in thousands or millions where the greatest number of the axis is that large.
func Scaled(f, greatest float64) string {
	for _, unit := range []struct {
		from, size float64
		sign       string
	}{{2e9, 1e9, "G"}, {2e6, 1e6, "M"}, {2e4, 1e3, "k"}} {
		if greatest >= unit.from && f != 0 {
			return Value(f/unit.size) + "\u00a0" + unit.sign
		}
	}
	return Value(f)
}

// Bars reports whether a series is better drawn as bars that stand on each other:
// where it counts things at labelled steps, and no value is below nothing.
func Bars(s practice.Series) bool {
	for _, l := range s.Lines {
		for _, p := range l.Points {
			if p.Label == "" || p.Value < 0 {
				return false
			}
		}
	}
	return len(s.Lines) > 0 && s.Unit != "%"
}

// Chart draws a series with axes and a legend.
func Chart(s practice.Series, title string) template.HTML {
	const w, h, left, right, top, bottom = 640.0, 240.0, 52.0, 12.0, 12.0, 28.0
	places, values := Axis(s)
	d := &drawing{}
	if len(places) == 0 {
		d.text(w/2, h/2, w, 13, atMiddle, "muted", "There are no values")
		return d.finish(w, h, "chart", title, "No values")
	}
	bars := Bars(s)
	low, high := span(values, bars)
	ticks := Ticks(low, high)
	low, high = ticks[0], ticks[len(ticks)-1]
	y := func(v float64) float64 { return h - bottom - (v-low)*(h-top-bottom)/(high-low) }
	for _, t := range ticks {
		d.line(left, y(t), w-right, y(t), "grid")
		d.text(left-6, y(t)+4, left-8, 11, atEnd, "muted", Scaled(t, max(math.Abs(low), math.Abs(high))))
	}
	slot := (w - left - right) / float64(len(places))
	every := int(math.Ceil(66 / slot))
	places = Months(places)
	for i, p := range places {
		if i%every == 0 {
			d.text(left+(float64(i)+0.5)*slot, h-8, slot*float64(every)-4, 11, atMiddle, "muted", p)
		}
	}
	if bars {
		d.bars(s, places, values, left, slot, y)
	} else {
		d.lines(s, values, left, slot, y)
	}
	return d.finish(w, h, "chart", title, Told(s, places, values))
}

func (d *drawing) bars(s practice.Series, places []string, values [][]float64, left, slot float64, y func(float64) float64) {
	for i, p := range places {
		sum := 0.0
		for n, row := range values {
			if math.IsNaN(row[i]) || row[i] == 0 {
				continue
			}
			label := fmt.Sprintf("%s, %s: %s %s", p, s.Lines[n].Name, Value(row[i]), s.Unit)
			d.WriteString(`<g><title>` + esc(label) + `</title>`)
			d.rect(left+float64(i)*slot+slot*0.18, y(sum+row[i]), slot*0.64, y(sum)-y(sum+row[i]), 1.5, fmt.Sprintf("fill-%d", n%Colours+1))
			d.WriteString(`</g>`)
			sum += row[i]
		}
	}
}

func (d *drawing) lines(s practice.Series, values [][]float64, left, slot float64, y func(float64) float64) {
	for n, row := range values {
		var line strings.Builder
		broken := true
		for i, v := range row {
			if math.IsNaN(v) {
				broken = true
				continue
			}
			letter := "L"
			if broken {
				letter = "M"
			}
			fmt.Fprintf(&line, "%s%s %s", letter, num(left+(float64(i)+0.5)*slot), num(y(v)))
			broken = false
		}
		d.WriteString(`<g><title>` + esc(s.Lines[n].Name) + `</title>`)
		d.path(line.String(), fmt.Sprintf("stroke-%d", n%Colours+1))
		d.WriteString(`</g>`)
	}
}

// span returns the least and the greatest height of a chart.
func span(values [][]float64, bars bool) (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for i := range values[0] {
		sum := 0.0
		for _, row := range values {
			if v := row[i]; !math.IsNaN(v) {
				sum += v
				low, high = min(low, v), max(high, v)
			}
		}
		if bars {
			high = max(high, sum)
		}
	}
	if math.IsInf(low, 0) {
		return 0, 1
	}
	if bars || low > 0 && low < high/2 {
		low = 0
	}
	return low, high
}

// Ticks returns round numbers from at most the least to at least the greatest value, about five of them.
func Ticks(low, high float64) []float64 {
	if high <= low {
		high = low + 1
	}
	raw := (high - low) / 4
	unit := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, m := range []float64{1, 2, 2.5, 5, 10} {
		if unit*m >= raw {
			unit *= m
			break
		}
	}
	var out []float64
	first := math.Floor(low / unit)
	for i := 0.0; i < 12; i++ {
		out = append(out, math.Round((first+i)*unit*1e9)/1e9)
		if (first+i)*unit >= high-1e-9*unit {
			break
		}
	}
	return out
}

// Told tells in a sentence what a series shows, for those who cannot see it.
func Told(s practice.Series, places []string, values [][]float64) string {
	var out []string
	for n, row := range values[:min(len(values), 6)] {
		known := slices.DeleteFunc(slices.Clone(row), math.IsNaN)
		if len(known) == 0 {
			continue
		}
		out = append(out, fmt.Sprintf("%s: lowest %s, highest %s", s.Lines[n].Name, Value(slices.Min(known)), Value(slices.Max(known))))
	}
	return fmt.Sprintf("%s from %s to %s. %s", strings.TrimSpace("Values in "+cmp.Or(s.Unit, "numbers")), places[0], places[len(places)-1], strings.Join(out, "; "))
}
