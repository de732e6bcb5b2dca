package boards

import (
	"fmt"
	"html/template"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// ceoBoard is the board of who decides on goals and money.
func ceoBoard(v *frame.Visit) ([]group, error) {
	view, err := v.View()
	if err != nil {
		return nil, err
	}
	tiles := ask(v, []model.Tile{
		{Question: "architecture.landscape", Part: "bare", Title: "Capabilities that nothing carries", Width: 4},
		{Question: "lifecycle.exposure", Parameters: "kinds=Application", Part: "share_of_applications", Title: "Applications out of support", Width: 4},
		{Question: "offices.agreements", Part: "overdue", Title: "Agreements overdue between offices", Width: 4},
		{Question: "architecture.spof", Parameters: "kinds=Vendor&limit=5", Part: "findings", Title: "Vendors that the company hangs on", Width: 6},
		{Question: "offices.agreements", Part: "findings", Title: "What offices owe each other", Width: 6},
		{Question: "offices.one_or_two", Part: "conclusion", Title: "One officer or two", Width: 12},
	}, patience)
	first, err := glance(v, earns(), customersWait(), companyRisk(), whatItCosts())
	if err != nil {
		return nil, err
	}
	var danger []tile
	if view.Count("Risk") > 0 {
		danger = renumber(ask(v, []model.Tile{
			{Question: "risk.portfolio", Part: "curve", Title: "How likely a year costs more", Width: 7},
			{Question: "risk.appetite", Part: "findings", Title: "Beyond what is wanted", Width: 5},
		}, patience), 450)
	}
	var costs []tile
	if view.Count("Load") > 0 {
		costs = ask(v, []model.Tile{
			{Question: "finance.trace", Part: "ends", Title: "What each goal costs", Width: 12},
			{Question: "finance.mix", Part: "months", Title: "Run, grow and transform", Width: 12},
		}, patience)
	}
	return slices.DeleteFunc([]group{
		first,
		{Heading: "Where the company is going", Tiles: derived(v, goalFigures(view), goals(view))},
		{Heading: "What it is doing about it", Tiles: derived(v, nil, initiatives(view, ""), troubled(view))},
		{Heading: "What stands in the way", Tiles: renumber(tiles, 100)},
		{Heading: "What could go wrong", Tiles: danger},
		{Heading: "What earns the money", Tiles: productTiles(v, view)},
		{Heading: "What it costs", Tiles: renumber(costs, 300)},
	}, func(g group) bool { return len(g.Tiles) == 0 && len(g.Panels) == 0 }), nil
}

// cmoBoard is the board of who speaks for market and customers.
func cmoBoard(v *frame.Visit) ([]group, error) {
	view, err := v.View()
	if err != nil {
		return nil, err
	}
	first, err := glance(v, earns(), customersWait(), marketMoves(), askedFor(view))
	if err != nil {
		return nil, err
	}
	waiting := model.Tile{Question: "offices.agreements", Part: "findings", Title: "Agreements with other offices", Width: 6}
	if view.Find("Office", "cmo") != nil {
		waiting.Parameters, waiting.Title = "office=Office%2Fcmo", "What marketing owes and waits for"
	}
	tiles := ask(v, []model.Tile{
		{Question: "architecture.spof", Parameters: "limit=5", Part: "findings", Title: "Single parts that can stop what customers use", Width: 6},
		waiting,
	}, patience)
	var costs []tile
	if view.Count("Load") > 0 {
		costs = ask(v, []model.Tile{{Question: "finance.true_cost", Parameters: "of=Product", Part: "table", Title: "What products truly cost", Width: 12}}, patience)
	}
	return slices.DeleteFunc([]group{
		first,
		{Heading: "Products", Tiles: productTiles(v, view)},
		{Heading: "Goals and key results", Tiles: renumber(derived(v, goalFigures(view), keyResults(view)), 50)},
		{Heading: "Being built for the market", Tiles: renumber(derived(v, nil, initiatives(view, "outward")), 100)},
		{Heading: "What could go wrong", Tiles: renumber(tiles, 200)},
		{Heading: "What products cost", Tiles: renumber(costs, 300)},
	}, func(g group) bool { return len(g.Tiles) == 0 && len(g.Panels) == 0 }), nil
}

// piece is a part that a board makes of records itself, with what leads to all of them.
type piece struct {
	part  practice.Part
	open  string
	width int
}

// derived makes tiles of pieces.
func derived(v *frame.Visit, figures []piece, pieces ...piece) []tile {
	var out []tile
	for i, p := range append(figures, pieces...) {
		t := tile{At: i, Title: p.part.Label, Open: v.Path(p.open), Width: p.width}
		t.Body = show(v, p.part, p.part.Label, p.open, nil, "piece-"+p.part.Name+"-"+strconv.Itoa(i))
		out = append(out, t)
	}
	return out
}

// renumber moves the places of tiles, so that ids differ between groups.
func renumber(list []tile, from int) []tile {
	for i, t := range list {
		was, is := strconv.Itoa(t.At), strconv.Itoa(t.At+from)
		list[i].At += from
		list[i].Body = template.HTML(strings.Replace(string(t.Body), `id="tile-`+was+`"`, `id="tile-`+is+`"`, 1))
		if path, query, ok := strings.Cut(t.Later, "?"); ok {
			if q, err := url.ParseQuery(query); err == nil {
				q.Set("n", is)
				list[i].Later = path + "?" + q.Encode()
			}
		}
	}
	return list
}

func column(name, label string, number bool) practice.Column {
	return practice.Column{Name: name, Label: label, Number: number}
}

func link(l practice.Link) practice.Cell { return practice.Cell{Text: l.Key, Value: l} }
func words(s string) practice.Cell       { return practice.Cell{Text: s, Value: s} }
func share(f float64) practice.Cell      { return words(fmt.Sprintf("%.0f %%", f)) }

func table(name, label, open string, width int, columns []practice.Column, rows [][]practice.Cell) piece {
	return piece{practice.Part{Name: name, Label: label, Grid: &practice.Grid{Columns: columns, Rows: rows}}, open, width}
}

// progress returns how far a key result is on its way, in percent from 0 to 100.
func progress(k *model.KeyResult) float64 {
	if k.Target == k.Baseline {
		return 0
	}
	return math.Round(100 * max(0, min(1, (k.Current-k.Baseline)/(k.Target-k.Baseline))))
}

// progressOf returns the mean progress of the key results of a goal, and how many there are.
func progressOf(v estate.View, goal model.Ref) (mean float64, n int) {
	for e := range v.In(goal) {
		if k, ok := e.Record.(*model.KeyResult); ok {
			mean += progress(k)
			n++
		}
	}
	if n > 0 {
		mean = math.Round(mean / float64(n))
	}
	return mean, n
}

func activeGoals(v estate.View) []*model.Goal {
	var out []*model.Goal
	for g := range estate.Each[*model.Goal](v) {
		if g.State == "active" || g.State == "" {
			out = append(out, g)
		}
	}
	slices.SortStableFunc(out, func(a, b *model.Goal) int { return int(a.Due) - int(b.Due) })
	return out
}

func goalFigures(v estate.View) []piece {
	list := activeGoals(v)
	sum, n := 0.0, 0
	var measured []practice.Link
	for _, g := range list {
		if mean, m := progressOf(v, g.Ref()); m > 0 {
			sum, n = sum+mean, n+1
			measured = append(measured, practice.To(g))
		}
	}
	way := practice.Figure{Unit: "% of the way", From: measured, Better: practice.Higher, Unknown: n == 0, Note: "the mean of the goals that have key results"}
	if n > 0 {
		way.Value = math.Round(sum / float64(n))
	}
	late := 0
	for p := range estate.Each[*model.Project](v) {
		if trouble(p, v.At()) != "" {
			late++
		}
	}
	return []piece{
		{practice.Part{Name: "goals", Label: "Active goals", Figure: &practice.Figure{Value: float64(len(list)), Unit: "goals"}}, "/records/Goal?state=active", 4},
		{practice.Part{Name: "progress", Label: "Progress of goals", Figure: &way}, "/records/KeyResult", 4},
		{practice.Part{Name: "late", Label: "Projects late or over budget", Figure: &practice.Figure{Value: float64(late), Unit: "projects", Better: practice.Lower}}, "/records/Project?state=running", 4},
	}
}

func goals(v estate.View) piece {
	var rows [][]practice.Cell
	for _, g := range activeGoals(v) {
		mean, n := progressOf(v, g.Ref())
		cell := words("no key result")
		if n > 0 {
			cell = share(mean)
		}
		rows = append(rows, []practice.Cell{link(practice.To(g)), cell, words(g.Due.String()), link(practice.OwnerOf(v, g)), {Text: g.Value.String(), Value: g.Value}})
	}
	return table("goals-list", "Goals", "/records/Goal", 12, []practice.Column{column("goal", "Goal", false), column("progress", "Progress", true), column("due", "Due", false), column("owner", "Owner", false), column("value", "Worth a year", true)}, rows)
}

func keyResults(v estate.View) piece {
	var rows [][]practice.Cell
	for k := range estate.Each[*model.KeyResult](v) {
		goal, ok := estate.Look[*model.Goal](v, k.Goal)
		if ok && goal.State != "active" && goal.State != "" {
			continue
		}
		rows = append(rows, []practice.Cell{link(practice.To(k)), link(practice.To(v.Get(k.Goal))), words(fmt.Sprintf("%g of %g %s", k.Current, k.Target, k.Unit)), share(progress(k)), words(k.Due.String())})
	}
	return table("key-results", "Key results", "/records/KeyResult", 12, []practice.Column{column("key_result", "Key result", false), column("goal", "Goal", false), column("current", "Now", false), column("progress", "Progress", true), column("due", "Due", false)}, rows)
}

// trouble says what is wrong with a project that runs, or nothing.
func trouble(p *model.Project, at model.Date) string {
	if p.State != "running" {
		return ""
	}
	out := ""
	if !p.Due.IsZero() && p.Due < at && p.Progress < 100 {
		out = "late since " + p.Due.String()
	}
	if !p.Budget.IsZero() && !p.Spent.IsZero() && p.Budget.Currency() == p.Spent.Currency() && p.Spent.Float() > p.Budget.Float() {
		if out != "" {
			out += ", "
		}
		out += "over budget"
	}
	return out
}

func troubled(v estate.View) piece {
	var rows [][]practice.Cell
	list := slices.SortedStableFunc(estate.Each[*model.Project](v), func(a, b *model.Project) int { return int(a.Due) - int(b.Due) })
	for _, p := range list {
		if text := trouble(p, v.At()); text != "" {
			rows = append(rows, []practice.Cell{link(practice.To(p)), words(text), {Text: p.Progress.String() + " %", Value: p.Progress}, {Text: p.Spent.String(), Value: p.Spent}, {Text: p.Budget.String(), Value: p.Budget}})
		}
	}
	return table("troubled", "Projects that are late or over budget", "/records/Project?state=running", 12, []practice.Column{column("project", "Project", false), column("problem", "Problem", false), column("progress", "Done", true), column("spent", "Spent", true), column("budget", "Budget", true)}, rows)
}

func initiatives(v estate.View, face model.Face) piece {
	var rows [][]practice.Cell
	for i := range estate.Each[*model.Initiative](v) {
		if face != "" && i.Face != face && i.Face != "both" {
			continue
		}
		running, ill := 0, 0
		for e := range v.In(i.Ref()) {
			if p, ok := e.Record.(*model.Project); ok {
				if p.State == "running" {
					running++
				}
				if trouble(p, v.At()) != "" {
					ill++
				}
			}
		}
		rows = append(rows, []practice.Cell{link(practice.To(i)), {Text: string(i.Face), Value: i.Face}, link(practice.To(v.Get(i.Sponsor))), words(i.Due.String()), {Text: i.Budget.String(), Value: i.Budget}, words(strconv.Itoa(running)), words(strconv.Itoa(ill))})
	}
	return table("initiatives", "Initiatives", "/records/Initiative", 12, []practice.Column{column("initiative", "Initiative", false), column("face", "Face", false), column("sponsor", "Sponsor", false), column("due", "Due", false), column("budget", "Budget", true), column("running", "Projects running", true), column("ill", "Late or over budget", true)}, rows)
}

// productTiles show what products earn and what comes for them.
func productTiles(v *frame.Visit, view estate.View) []tile {
	if view.Count("Product") == 0 {
		return nil
	}
	list := []model.Tile{{Question: "product.top_line", Part: "products", Title: "Products", Width: 12}}
	if view.Count("RoadmapItem") > 0 {
		list = append(list, model.Tile{Question: "product.roadmap", Part: "timeline", Title: "What comes", Width: 12})
	}
	return renumber(ask(v, list, patience), 500)
}
