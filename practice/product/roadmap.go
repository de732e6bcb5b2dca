package product

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// RoadmapIn says which roadmap is shown.
type RoadmapIn struct {
	// Product limits the roadmap to one product.
	Product model.Ref `to:"Product"`
	// Team limits the roadmap to what one team builds.
	Team model.Ref `to:"Team"`
	// Done says that what was delivered or dropped is shown too.
	Done bool
	// Quarters is how many quarters the capacity is compared for, from the running one on. Unset means 6.
	Quarters int `min:"0" max:"40"`
}

// RoadmapOut is what products are going to bring their customers, and what stands in the way.
type RoadmapOut struct {
	// Items is how many items are to come.
	Items practice.Figure
	// Late is how many of them should have been there already.
	Late practice.Figure
	// Conflicts is how many need something that comes later than themselves, or never.
	Conflicts practice.Figure
	// Overloaded is how many quarters of products hold more work than their teams can do.
	Overloaded practice.Figure
	// Value is the revenue or the saving in a year that is expected of all of them.
	Value practice.Figure
	// Findings say what is late, what does not fit, and what it runs on that will not hold, the worst first.
	Findings []practice.Finding
	// Now is what is being worked on.
	Now practice.Table[RoadmapRow]
	// Next is what comes after that.
	Next practice.Table[RoadmapRow]
	// Later is what is wanted, and open when.
	Later practice.Table[RoadmapRow]
	// Done is what was delivered or dropped, where that is asked for.
	Done practice.Table[RoadmapRow]
	// Timeline shows the items that have a day, by product, with what they wait for.
	Timeline practice.Picture
	// Capacity compares the work of each quarter with what the teams of a product can do.
	Capacity practice.Table[QuarterRow]
	// CSV is the roadmap as a table for other programs.
	CSV practice.File
}

// RoadmapRow is an item of a roadmap.
type RoadmapRow struct {
	// Item is the item.
	Item practice.Link
	// Product is the product.
	Product practice.Link
	// State says where it stands.
	State model.RoadmapState
	// Start is the first day of work.
	Start model.Date
	// Due is the day by which it is to be there.
	Due model.Date
	// Done is the day on which it was there.
	Done model.Date
	// Left is how many days are left until it is due. Below 0 it is late.
	Left *int `unit:"days"`
	// Confidence is how sure the day is.
	Confidence *float64 `unit:"%"`
	// Effort is the work of all, in person-months.
	Effort float64 `unit:"person-months"`
	// Value is the revenue or the saving in a year that is expected of it, in the currency of the books.
	Value model.Money
	// Asked is the revenue in a year of the requests that customers named for its ideas, each customer once.
	Asked model.Money
	// Customers are the customers that asked for it.
	Customers []practice.Link
	// Waits are the items and projects that must be there before.
	Waits []practice.Link
	// Team is the team that builds it.
	Team practice.Link
	// Goals are the goals that it serves.
	Goals []practice.Link
	// RunsOn is what it is built on.
	RunsOn []practice.Link
	// Risks say in short what stands in its way.
	Risks []string
}

// Roadmap shows what products bring as now, next and later and as a timeline, and finds what is late, what needs something that
// comes later than itself, which quarters hold more work than the teams can do, and what it runs on that ends or changes in its time.
func Roadmap(v estate.View, in RoadmapIn) (RoadmapOut, error) {
	var out RoadmapOut
	p := purseOf(v)
	var open []*model.RoadmapItem
	var shown []RoadmapRow
	value := total{purse: p}
	var all, late, conflicts []practice.Link
	for _, i := range every[*model.RoadmapItem](v) {
		if !ofProduct(in.Product, i.Product) || !in.Team.IsZero() && i.Team != in.Team || !openItem(i) && !in.Done {
			continue
		}
		row := roadmapRow(v, p, i)
		if openItem(i) {
			open = append(open, i)
			all = append(all, row.Item)
			value.add(i.Value)
			findings, conflict := hindrances(v, i)
			for _, h := range findings {
				row.Risks = append(row.Risks, h.short)
				out.Findings = append(out.Findings, h.finding)
			}
			if conflict {
				conflicts = append(conflicts, row.Item)
			}
			if !i.Due.IsZero() && i.Due < v.At() {
				late = append(late, row.Item)
			}
		}
		shown = append(shown, row)
		out.place(row, i)
	}
	out.Findings = append(out.Findings, circles(v, open)...)
	rows, overloads := capacityOf(v, open, in)
	out.Capacity = rows
	out.Findings = append(out.Findings, overloads...)
	practice.WorstFirst(out.Findings)
	for _, t := range []*practice.Table[RoadmapRow]{&out.Now, &out.Next, &out.Later, &out.Done} {
		slices.SortStableFunc(t.Rows, byDue)
	}
	slices.SortStableFunc(shown, byDue)
	out.Timeline = timeline(v, shown)
	out.Items = practice.Counted("items", practice.Neither, all)
	out.Late = practice.Counted("items", practice.Lower, late)
	out.Conflicts = practice.Counted("items", practice.Lower, conflicts)
	var full []practice.Link
	for _, f := range overloads {
		full = append(full, f.About)
	}
	out.Overloaded = practice.Counted("quarters", practice.Lower, full)
	out.Value = value.figure(practice.Higher, all, "")
	out.CSV = roadmapCSV(v, shown)
	return out, nil
}

// place puts a row into the table that it belongs to. What nobody put into a bucket is now where work goes on, and later otherwise.
func (out *RoadmapOut) place(row RoadmapRow, i *model.RoadmapItem) {
	switch {
	case !openItem(i):
		out.Done.Rows = append(out.Done.Rows, row)
	case bucketOf(i) == "now":
		out.Now.Rows = append(out.Now.Rows, row)
	case bucketOf(i) == "next":
		out.Next.Rows = append(out.Next.Rows, row)
	default:
		out.Later.Rows = append(out.Later.Rows, row)
	}
}

// bucketOf returns how soon an item comes. Where nobody said, work that goes on is now, and the rest is later.
func bucketOf(i *model.RoadmapItem) model.RoadmapBucket {
	if i.Bucket == "" && i.State == model.RoadmapRunning {
		return "now"
	}
	return cmp.Or(i.Bucket, "later")
}

func byDue(a, b RoadmapRow) int {
	undated := func(r RoadmapRow) int {
		if r.Due.IsZero() {
			return 1
		}
		return 0
	}
	return cmp.Or(undated(a)-undated(b), cmp.Compare(a.Due, b.Due), descending(a.Value, b.Value), cmp.Compare(a.Item.Key, b.Item.Key))
}

func roadmapRow(v estate.View, p *purse, i *model.RoadmapItem) RoadmapRow {
	requests := requestsOf(v, p, ideasOf(v, i)...)
	asked := valueOf(p, requests)
	row := RoadmapRow{Item: practice.To(i), Product: practice.To(v.Get(i.Product)), State: cmp.Or(i.State, model.RoadmapProposed), Start: i.Start, Due: i.Due, Done: i.Done, Effort: i.Effort,
		Asked: asked.sum, Customers: customersOf(requests), Waits: links(v, i.DependsOn), Team: practice.To(v.Get(i.Team)), Goals: links(v, i.Goals), RunsOn: links(v, i.RunsOn)}
	row.Value, _ = p.convert(i.Value)
	if i.Confidence > 0 {
		c := float64(i.Confidence)
		row.Confidence = &c
	}
	if openItem(i) && !i.Due.IsZero() {
		left := int(i.Due - v.At())
		row.Left = &left
	}
	return row
}

// ideasOf returns the ideas that a roadmap item carries out, with those that were merged into them.
func ideasOf(v estate.View, i *model.RoadmapItem) []*model.Idea {
	var out []*model.Idea
	for _, ref := range i.Ideas {
		if idea, ok := estate.Look[*model.Idea](v, ref); ok {
			out = append(out, idea)
			out = append(out, holders[*model.Idea](v, ref, "merged_into")...)
		}
	}
	return out
}

// timeline draws the items that have a day, in lanes by product. An item without a first day is drawn on its last.
func timeline(v estate.View, rows []RoadmapRow) practice.Picture {
	out := practice.Picture{Type: practice.RoadmapPicture}
	at := map[model.ID]int{}
	for _, r := range rows {
		until := cmp.Or(r.Done, r.Due)
		if until.IsZero() {
			continue
		}
		n := practice.Node{Link: r.Item, Group: r.Product.Title(), From: min(cmp.Or(r.Start, until), until), Until: until}
		if r.Confidence != nil {
			n.Value = *r.Confidence
		}
		switch {
		case r.Left != nil && *r.Left < 0:
			n.Severity = practice.High
		case len(r.Risks) > 0:
			n.Severity = practice.Medium
		}
		at[r.Item.ID] = len(out.Nodes)
		out.Nodes = append(out.Nodes, n)
	}
	for _, r := range rows {
		to, drawn := at[r.Item.ID]
		for _, w := range r.Waits {
			if from, ok := at[w.ID]; ok && drawn {
				out.Edges = append(out.Edges, practice.Join{From: from, To: to, Label: "before"})
			}
		}
	}
	return out
}

// roadmapCSV writes a roadmap as comma-separated values. A text that a spreadsheet would take for a formula gets a quote in front.
func roadmapCSV(v estate.View, rows []RoadmapRow) practice.File {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	write := func(cells ...string) {
		for i, c := range cells {
			cells[i] = inert(c)
		}
		// A buffer takes everything, so there is no error to tell.
		_ = w.Write(cells)
	}
	write("key", "name", "product", "bucket", "state", "start", "due", "done", "confidence", "effort", "value", "currency", "team", "depends_on")
	for _, r := range rows {
		i, ok := estate.Look[*model.RoadmapItem](v, model.Ref(r.Item.ID))
		if !ok {
			continue
		}
		confidence, amount, waits := "", "", ""
		if r.Confidence != nil {
			confidence = number(*r.Confidence)
		}
		if !r.Value.IsZero() {
			amount = r.Value.Amount()
		}
		for n, l := range r.Waits {
			if n > 0 {
				waits += " "
			}
			waits += l.Key
		}
		write(i.Key, i.Title(), r.Product.Key, string(bucketOf(i)), string(r.State), r.Start.String(), r.Due.String(), r.Done.String(), confidence, number(r.Effort), amount, r.Value.Currency(), r.Team.Key, waits)
	}
	w.Flush()
	return practice.File{Name: "roadmap.csv", Type: "text/csv", Content: text.Bytes()}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// inert puts a quote before what a spreadsheet would run as a formula.
func inert(text string) string {
	if text == "" || !slices.Contains([]byte("=+-@\t\r"), text[0]) {
		return text
	}
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return "'" + text
}

// hindrance is something that stands in the way of a roadmap item.
type hindrance struct {
	short   string
	finding practice.Finding
}

// hindrances finds what stands in the way of one item, and whether it needs something that comes later than itself or never.
func hindrances(v estate.View, i *model.RoadmapItem) (out []hindrance, conflict bool) {
	owner := answersFor(v, i, i.Product)
	add := func(severity practice.Severity, m *practice.Mend, from []practice.Link, short, text string, args ...any) {
		out = append(out, hindrance{short, practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: practice.To(i), From: from, Owner: owner, Mend: m}})
	}
	shift := mend("schedule", "item", i.Key)
	switch {
	case !i.Due.IsZero() && i.Due < v.At():
		add(practice.High, shift, nil, "late", "%s was due on %s, %s ago.", i.Title(), i.Due, practice.Count(int(v.At()-i.Due), "day", "days"))
	case !i.Due.IsZero() && !i.Start.IsZero() && i.Start > i.Due:
		add(practice.Medium, shift, nil, "dates turned round", "%s starts on %s, after it is due on %s.", i.Title(), i.Start, i.Due)
	case !i.Due.IsZero() && i.Due <= v.At().AddDays(90) && i.Confidence > 0 && i.Confidence < 50:
		add(practice.Medium, shift, nil, "low confidence", "%s is due on %s, in %d days, with a confidence of %g %% only.", i.Title(), i.Due, int(i.Due-v.At()), float64(i.Confidence))
	case bucketOf(i) == "now" && i.Due.IsZero():
		add(practice.Low, shift, nil, "no date", "%s is being worked on and has no date.", i.Title())
	}
	for _, ref := range i.DependsOn {
		severity, short, text := waitsFor(v, i, ref)
		if severity == "" {
			continue
		}
		conflict = conflict || severity == practice.High
		add(severity, shift, links(v, []model.Ref{ref}), short, "%s", text)
	}
	for _, g := range ground(v, i) {
		add(g.severity, nil, g.from, g.short, "%s", g.text)
	}
	return out, conflict
}

// waitsFor judges one thing that an item waits for. The severity is empty where it comes in time.
func waitsFor(v estate.View, i *model.RoadmapItem, ref model.Ref) (severity practice.Severity, short, text string) {
	var title string
	var due model.Date
	var dropped bool
	var bucket model.RoadmapBucket
	switch d := v.Get(ref).(type) {
	case *model.RoadmapItem:
		if d.State == model.RoadmapDelivered {
			return "", "", ""
		}
		title, due, dropped, bucket = d.Title(), d.Due, d.State == model.RoadmapDropped, bucketOf(d)
	case *model.Project:
		if d.State == "done" {
			return "", "", ""
		}
		title, due, dropped = d.Title(), d.Due, d.State == "stopped"
	default:
		return "", "", ""
	}
	soon := map[model.RoadmapBucket]int{"now": 1, "next": 2, "later": 3}
	switch {
	case dropped:
		return practice.High, "needs " + title + ", which was dropped", fmt.Sprintf("%s needs %s, which is not going to be done.", i.Title(), title)
	case !i.Due.IsZero() && !due.IsZero() && due > i.Due:
		return practice.High, "needs " + title + ", which comes later", fmt.Sprintf("%s is due on %s and needs %s, which is due on %s, %s later.", i.Title(), i.Due, title, due, practice.Count(int(due-i.Due), "day", "days"))
	case !i.Due.IsZero() && due.IsZero():
		return practice.Medium, "needs " + title + ", which has no date", fmt.Sprintf("%s is due on %s and needs %s, which has no date.", i.Title(), i.Due, title)
	case !i.Start.IsZero() && due >= i.Start:
		return practice.Low, "starts before " + title + " is there", fmt.Sprintf("%s starts on %s, before what it needs, %s, is due on %s.", i.Title(), i.Start, title, due)
	case i.Due.IsZero() && bucket != "" && soon[bucket] > soon[bucketOf(i)]:
		return practice.High, "needs " + title + ", which comes later", fmt.Sprintf("%s stands under %s and needs %s, which stands under %s.", i.Title(), bucketOf(i), title, bucket)
	}
	return "", "", ""
}

// circles finds items that wait for themselves through others. Each circle is told once.
func circles(v estate.View, open []*model.RoadmapItem) []practice.Finding {
	const visiting, visited = 1, 2
	state := map[model.Ref]int{}
	var out []practice.Finding
	var stack []*model.RoadmapItem
	var visit func(i *model.RoadmapItem)
	visit = func(i *model.RoadmapItem) {
		state[i.Ref()] = visiting
		stack = append(stack, i)
		for _, ref := range i.DependsOn {
			next, ok := estate.Look[*model.RoadmapItem](v, ref)
			if !ok || !openItem(next) {
				continue
			}
			switch state[ref] {
			case 0:
				visit(next)
			case visiting:
				from := slices.Index(stack, next)
				path := practice.Path(append(practice.ToAll(stack[from:]), practice.To(next)))
				out = append(out, practice.Finding{Severity: practice.High, Text: fmt.Sprintf("%s waits for itself, through %s.", next.Title(), practice.Count(len(path)-1, "item", "items")), About: practice.To(next),
					Paths: []practice.Path{path}, Owner: answersFor(v, next, next.Product), Mend: mend("schedule", "item", next.Key)})
			}
		}
		stack = stack[:len(stack)-1]
		state[i.Ref()] = visited
	}
	for _, i := range open {
		if state[i.Ref()] == 0 {
			visit(i)
		}
	}
	return out
}
