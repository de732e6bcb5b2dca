package parts

import (
	"html/template"
	"math"

	"binnacle/practice"
	"binnacle/web/assets"
	"binnacle/web/draw"
)

// library draws charts in the browser.
const library = "echarts.min.js"

// chartData is what the script that draws a chart gets.
type chartData struct {
	Title string      `json:"title"`
	Unit  string      `json:"unit"`
	Bars  bool        `json:"bars"`
	Axis  []string    `json:"axis"`
	Lines []chartLine `json:"lines"`
}

type chartLine struct {
	Name string `json:"name"`
	// Values has null where the line has no point.
	Values []*float64 `json:"values"`
}

// seriesView is a series as its template gets it.
type seriesView struct {
	Label, Unit string
	Data        chartData
	Static      template.HTML
	Library     string
	Names       []string
	Rows        []seriesRow
	Compact     bool
}

// Swatch returns the number of the colour of a line, from 0.
func (seriesView) Swatch(line int) int { return line % draw.Colours }

// seriesRow is one step of the axis with the values of the lines.
type seriesRow struct {
	At    string
	Cells []seriesCell
}

// seriesCell is one value and what it was computed from.
type seriesCell struct {
	Value string
	From  *source
}

func (r renderer) series(s shown) template.HTML {
	p := s.Part
	places, values := draw.Axis(*p.Series)
	v := seriesView{Label: s.Label, Unit: p.Series.Unit, Static: draw.Chart(*p.Series, s.Label), Compact: r.opt.Compact,
		Data: chartData{Title: s.Label, Unit: p.Series.Unit, Bars: draw.Bars(*p.Series), Axis: draw.Months(places)}}
	if assets.Has(library) && len(places) > 0 {
		v.Library = assets.URL(library)
	}
	from := make([]map[string][]practice.Link, len(p.Series.Lines))
	for n, l := range p.Series.Lines {
		line := chartLine{Name: l.Name}
		for _, f := range values[n] {
			if math.IsNaN(f) {
				line.Values = append(line.Values, nil)
				continue
			}
			line.Values = append(line.Values, &f)
		}
		v.Data.Lines = append(v.Data.Lines, line)
		v.Names = append(v.Names, l.Name)
		from[n] = map[string][]practice.Link{}
		for _, point := range l.Points {
			label := point.Label
			if label == "" {
				label = point.At.String()
			}
			from[n][label] = point.From
		}
	}
	for i, at := range places {
		row := seriesRow{At: v.Data.Axis[i]}
		for n := range values {
			cell := seriesCell{}
			if !math.IsNaN(values[n][i]) {
				cell.Value = draw.Value(values[n][i])
				cell.From = r.source(p.Name, from[n][at])
			}
			if cell.From != nil {
				cell.From.More = ""
			}
			row.Cells = append(row.Cells, cell)
		}
		v.Rows = append(v.Rows, row)
	}
	return execute("series", v)
}
