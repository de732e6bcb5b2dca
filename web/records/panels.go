package records

import (
	"html/template"
	"net/url"
	"slices"
	"time"

	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// glance is what a question says about the record, on its page.
type glance struct {
	Title, Open string
	// Figures stand side by side, and Body below them.
	Figures, Body template.HTML
	// Strip are the runs of a test, the oldest first.
	Strip []run
	// Slow says that the answer is not there yet.
	Slow bool
	// Way says what leads to a page of its own, where the record has one.
	Way string
}

// run is one run of a test as a strip shows it.
type run struct{ Class, Text, Path string }

// glanceOf says what the page of a record of some kind shows of which question.
type glanceOf struct {
	question, parameter, title string
	// figures and parts are the names of what is shown, in this order.
	figures, parts []string
}

// panels are the kinds whose pages show what a question says about the record.
var panels = map[string]glanceOf{
	"Risk":             {"risk.simulate", "risk", "What it can cost in a year", []string{"expected", "p95", "tail", "no_loss"}, []string{"curve", "factors", "controls"}},
	"Advisory":         {"security.affected", "vulnerability", "Who is affected", []string{"applications", "capabilities", "goals"}, []string{"text", "places"}},
	"ControlTest":      {"compliance.observations", "test", "How its runs went", []string{"runs", "passed"}, []string{"evidence"}},
	"SecurityIncident": {"security.incident", "incident", "Clocks and what happened", []string{"open_for", "persons", "critical"}, []string{"notices", "timeline", "findings"}},
}

// ways are the kinds whose records have a page of their own, with its address and what leads there.
var ways = map[string]struct{ path, label string }{
	"Framework":    {"/frameworks/", "How the company stands with it"},
	"AccessReview": {"/reviews/", "Decide on its items"},
	"Audit":        {"/audits/", "Requests and evidence"},
}

// panelPatience is how long the page of a record waits for what a question says about it.
const panelPatience = 1500 * time.Millisecond

// mostRuns is how many runs of a test its strip shows, and mostPanelRows how many rows of a table a panel shows.
const mostRuns, mostPanelRows = 40, 8

// glance returns what a question says about the record, or nil where no question does.
func (d *desk) glance() *glance {
	key := d.rec.Base().Key
	if w, ok := ways[d.kind.Name]; ok {
		return &glance{Way: w.label, Open: d.Path(w.path + url.PathEscape(key))}
	}
	of, ok := panels[d.kind.Name]
	if !ok {
		return nil
	}
	if _, err := d.House.Question(of.question); err != nil {
		return nil
	}
	value := d.kind.Name + "/" + key
	if of.parameter == "vulnerability" {
		value = key
	}
	asked := url.Values{of.parameter: {value}}.Encode()
	open := "/questions/" + of.question + "?" + asked
	out := &glance{Title: of.title, Open: d.Path(open)}
	answer, err := d.House.Glance(d.Ctx(), d.Who, d.Moment, of.question, asked, panelPatience)
	if err != nil {
		// What the question refuses to answer about this record, its own page says best.
		out.Slow = true
		return out
	}
	list := answer.Parts()
	named := func(name string) (practice.Part, bool) {
		i := slices.IndexFunc(list, func(p practice.Part) bool { return p.Name == name })
		if i < 0 {
			return practice.Part{}, false
		}
		return list[i], true
	}
	for _, name := range of.figures {
		if p, ok := named(name); ok {
			out.Figures += parts.Render(d.Visit, p, parts.Options{Heading: 3, Compact: true, Open: open})
		}
	}
	for _, name := range of.parts {
		p, ok := named(name)
		if !ok || p.Grid != nil && len(p.Grid.Rows) == 0 || p.Grid == nil && p.Picture == nil && p.Text == "" && len(p.Findings) == 0 {
			continue
		}
		if p.Grid != nil {
			p.Grid = d.withoutItself(p.Grid)
		}
		opt := parts.Options{Heading: 3, Compact: true, Open: open, Limit: mostPanelRows}
		if p.Text != "" {
			opt.Heading = -1
		}
		out.Body += parts.Render(d.Visit, p, opt)
	}
	if p, ok := named("observations"); ok {
		out.Strip = strip(d.Visit, p.Grid)
	}
	return out
}

// withoutItself leaves out the columns of a table that only name the record.
func (d *desk) withoutItself(g *practice.Grid) *practice.Grid {
	out := &practice.Grid{Note: g.Note, Rows: make([][]practice.Cell, len(g.Rows))}
	for i, c := range g.Columns {
		if !slices.ContainsFunc(g.Rows, func(row []practice.Cell) bool {
			l, isLink := row[i].Value.(practice.Link)
			return !isLink || l.ID != practice.To(d.rec).ID
		}) {
			continue
		}
		out.Columns = append(out.Columns, c)
		for n, row := range g.Rows {
			out.Rows[n] = append(out.Rows[n], row[i])
		}
	}
	return out
}

// strip makes the strip of runs from their table, which has the newest first.
func strip(v *frame.Visit, g *practice.Grid) []run {
	if g == nil {
		return nil
	}
	column := func(name string) int {
		return slices.IndexFunc(g.Columns, func(c practice.Column) bool { return c.Name == name })
	}
	at, result, link := column("collected"), column("result"), column("observation")
	if at < 0 || result < 0 || link < 0 {
		return nil
	}
	var out []run
	for _, row := range slices.Backward(g.Rows[:min(mostRuns, len(g.Rows))]) {
		l, _ := row[link].Value.(practice.Link)
		out = append(out, run{Class: row[result].Text, Text: row[at].Text + ": " + row[result].Text, Path: v.Record(l)})
	}
	return out
}
