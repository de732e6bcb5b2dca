package boards

import (
	"errors"
	"html/template"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// tile is a part of an answer as a board shows it.
type tile struct {
	// At is its place on the board.
	At int
	// Title stands above it.
	Title string
	// Open leads to the question with the same parameters and moment.
	Open string
	// Width is how many of the twelve columns it takes.
	Width int
	// Body is what it shows.
	Body template.HTML
	// Later is the address that the tile is fetched from where it takes long.
	Later string
	// Problem says why it shows nothing.
	Problem string
	// Tile is what the record of the board has.
	Tile model.Tile
}

// questionPath returns the address of the page of a question.
func questionPath(question, parameters string) string {
	path := "/questions/" + url.PathEscape(question)
	if parameters != "" {
		path += "?" + parameters
	}
	return path
}

// ask fills tiles with answers, all at the same time.
func ask(v *frame.Visit, list []model.Tile, wait time.Duration) []tile {
	out := make([]tile, len(list))
	var work sync.WaitGroup
	for i := range list {
		work.Go(func() { out[i] = askOne(v, list[i], i, wait) })
	}
	work.Wait()
	return out
}

func askOne(v *frame.Visit, t model.Tile, at int, wait time.Duration) tile {
	return askSome(v, t, at, wait, "")
}

// mostNarrow is how many rows a table with some of its columns shows.
const mostNarrow = 15

// narrow shows a table with some of its columns, their names set apart by commas, where all of them have no room. The page of the question has all.
func narrow(v *frame.Visit, t model.Tile, at int, columns string) tile {
	return askSome(v, t, at, patience, columns)
}

func askSome(v *frame.Visit, t model.Tile, at int, wait time.Duration, columns string) tile {
	out := tile{At: at, Title: t.Title, Open: v.Path(questionPath(t.Question, t.Parameters)), Width: max(1, min(t.Width, 12)), Tile: t}
	if t.Width == 0 {
		out.Width = 4
	}
	if out.Title == "" {
		out.Title = parts.ActionLabel(t.Question)
	}
	part, err := find(v, v.Moment, t, wait)
	switch {
	case errors.Is(err, door.ErrSlow):
		out.Later = v.Path("/boards/tile", "question", t.Question, "parameters", t.Parameters, "part", t.Part, "title", out.Title, "n", strconv.Itoa(at), "columns", columns)
	case err != nil:
		out.Problem = problemOf(err)
	default:
		if t.Title == "" && part.Label != "" && part.Name != "findings" {
			out.Title += " · " + part.Label
		}
		rows := 0
		if columns != "" {
			part, rows = only(part, columns), mostNarrow
		}
		out.Body = showUpTo(v, rows, part, out.Title, questionPath(t.Question, t.Parameters), nil, "tile-"+strconv.Itoa(at))
	}
	return out
}

// only leaves the columns of a table with these names, in this order, or all where there are none of these.
func only(p practice.Part, columns string) practice.Part {
	if p.Grid == nil || columns == "" {
		return p
	}
	g := *p.Grid
	g.Columns, g.Rows = nil, make([][]practice.Cell, len(p.Grid.Rows))
	for name := range strings.SplitSeq(columns, ",") {
		at := slices.IndexFunc(p.Grid.Columns, func(c practice.Column) bool { return c.Name == name })
		if at < 0 {
			continue
		}
		g.Columns = append(g.Columns, p.Grid.Columns[at])
		for i, row := range p.Grid.Rows {
			g.Rows[i] = append(g.Rows[i], row[at])
		}
	}
	if len(g.Columns) > 0 {
		p.Grid = &g
	}
	return p
}

// problemOf says in a sentence why there is no answer.
func problemOf(err error) string {
	var missing *door.NotFound
	if errors.As(err, &missing) {
		return "This question is not there yet."
	}
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// find asks a question and returns the part that a tile shows.
func find(v *frame.Visit, m door.Moment, t model.Tile, wait time.Duration) (practice.Part, error) {
	answer, err := v.House.Glance(v.Ctx(), v.Who, m, t.Question, t.Parameters, wait)
	if err != nil {
		return practice.Part{}, err
	}
	if _, isCheck := answer.Value.(practice.Verdict); isCheck && (t.Part == "" || t.Part == "pass") {
		g := v.House.Gauged(v.Ctx(), v.Who, m, model.Measure{Question: t.Question, Parameters: t.Parameters}, wait)
		return g.Part, nil
	}
	list := answer.Parts()
	at := slices.IndexFunc(list, func(p practice.Part) bool { return t.Part == "" || p.Name == t.Part })
	if at < 0 {
		return practice.Part{}, errors.New("the answer has no part " + t.Part + ", or it is empty")
	}
	return list[at], nil
}

// show renders a part for a board. The name makes its id the only one on the page.
func show(v *frame.Visit, p practice.Part, title, open string, before *practice.Part, name string) template.HTML {
	return showUpTo(v, 0, p, title, open, before, name)
}

// showUpTo shows as many rows at most, or as many as a tile has room for where that is 0.
func showUpTo(v *frame.Visit, rows int, p practice.Part, title, open string, before *practice.Part, name string) template.HTML {
	opt := parts.Options{Heading: 3, Title: title, Compact: true, Open: open, Before: before, Limit: rows}
	if before != nil && before.Figure != nil && p.Figure != nil && before.Figure.Value != p.Figure.Value {
		opt.Than = strconv.Itoa(door.TrendDays) + " days ago"
	}
	html := parts.Render(v, p, opt)
	return template.HTML(strings.Replace(string(html), `id="part-`+p.Name+`"`, `id="`+name+`"`, 1))
}

// later answers with one tile that took too long for its board.
func later(v *frame.Visit) error {
	n, _ := strconv.Atoi(v.Form("n"))
	t := model.Tile{Question: v.Form("question"), Parameters: v.Form("parameters"), Part: v.Form("part"), Title: v.Form("title")}
	if target := v.Form("target"); target != "" {
		value, err := strconv.ParseFloat(target, 64)
		if err != nil {
			return frame.Bad("the target %q is not a number", target)
		}
		g := v.House.Gauged(v.Ctx(), v.Who, v.Moment, model.Measure{Question: t.Question, Parameters: t.Parameters, Part: t.Part, Title: t.Title, Target: value}, time.Minute)
		return v.Part(templates, "gauge", gaugeOf(v, g, n))
	}
	return v.Part(templates, "tile-body", askSome(v, t, n, time.Minute, v.Form("columns")))
}

// gauge is a measure of a responsibility as a board shows it.
type gauge struct {
	Condition door.Condition
	Title     string
	Open      string
	Body      template.HTML
	Later     string
	Problem   string
}

// gaugeOf shows a measure. The number makes its id the only one on the page.
func gaugeOf(v *frame.Visit, g door.Gauge, n int) gauge {
	open := questionPath(g.Question, g.Parameters)
	out := gauge{Condition: g.Condition, Title: titleOf(g), Open: v.Path(open), Problem: g.Problem}
	switch g.Condition {
	case door.Slow:
		target := "0"
		if f := g.Part.Figure; f != nil && f.Target != nil {
			target = strconv.FormatFloat(*f.Target, 'f', -1, 64)
		}
		out.Later = v.Path("/boards/tile", "question", g.Question, "parameters", g.Parameters, "part", g.Part.Name, "title", g.Title, "target", target, "n", strconv.Itoa(n))
	case door.NotThere, door.Failed:
	default:
		out.Body = show(v, bare(g.Part), out.Title, open, g.Before, "gauge-"+strconv.Itoa(n))
	}
	return out
}

// titleOf says what a measure shows: the question, the figure in it, and what it is limited to.
func titleOf(g door.Gauge) string {
	if g.Title != "" {
		return g.Title
	}
	title := parts.ActionLabel(g.Question)
	if g.Part.Label != "" && g.Part.Name != "findings" && g.Part.Name != "count" {
		title += ": " + strings.ToLower(g.Part.Label[:1]) + g.Part.Label[1:]
	}
	values, err := url.ParseQuery(g.Parameters)
	if err != nil || len(values) == 0 {
		return title
	}
	var words []string
	for _, list := range values {
		for _, value := range list {
			words = append(words, strings.ReplaceAll(value, "_", " "))
		}
	}
	slices.Sort(words)
	return title + " (" + strings.Join(words, ", ") + ")"
}
