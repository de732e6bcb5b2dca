package boards

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// compareView is two moments side by side.
type compareView struct {
	// Page is the address of what is compared, without a moment, and Title what it is called.
	Page, Title string
	Left, Right side
	Scenarios   []practice.Link
	Pages       []choice
	Figures     []figurePair
	Tables      []tablePair
	// Kinds summarise how the two estates differ, and Changes list the records of one kind.
	Kinds   []kindPair
	Changes []changed
	Kind    string
	// Hidden is how many changed records are not listed.
	Hidden  int
	Problem string
	// Swap leads to the same comparison the other way round.
	Swap string
}

// side is one of the two moments.
type side struct {
	door.Moment
	Text string
	// Open leads to the page at this moment.
	Open string
	view estate.View
}

// figurePair is a figure at both moments.
type figurePair struct {
	Label, Left, Right, Unit, Change, Class string
	Open                                    string
}

// kindPair counts what differs in one kind.
type kindPair struct {
	Name, Label             string
	Added, Changed, Removed int
	Open                    string
}

// changed is a record that differs.
type changed struct {
	Link    practice.Link
	Path    string
	Outcome string
	Fields  []door.FieldReport
}

// mostChanges is how many records are listed at most.
const mostChanges = 100

func compare(v *frame.Visit) error {
	if v.R.URL.Query().Has("left_as_of") {
		return v.Redirect(chosen(v))
	}
	body := compareView{Page: frame.Local(cmp.Or(v.Form("page"), "/boards/both")), Kind: v.Form("kind")}
	left, right := v.Form("left"), v.Form("right")
	if left == "" && right == "" {
		left = "as_of=" + v.House.Today().AddDays(-door.TrendDays).String()
		right = v.Moment.Values().Encode()
	}
	var err error
	if body.Left, err = sideOf(v, left, body.Page); err != nil {
		return err
	}
	if body.Right, err = sideOf(v, right, body.Page); err != nil {
		return err
	}
	again := func(l, r, kind string) string {
		q := url.Values{"page": {body.Page}, "left": {l}, "right": {r}}
		if kind != "" {
			q.Set("kind", kind)
		}
		return "/compare?" + q.Encode()
	}
	body.Swap = again(right, left, body.Kind)
	body.Pages = pages(v)
	if now, err := v.House.Look(v.Ctx(), v.Who, door.Moment{}); err == nil {
		for s := range estate.Each[*model.Scenario](now) {
			if s.State == "open" || s.State == "" {
				body.Scenarios = append(body.Scenarios, practice.To(s))
			}
		}
	}
	limit := ""
	if body.Title, limit, err = body.fill(v); err != nil {
		body.Problem = problemOf(err)
	}
	body.estates(v, limit, func(kind string) string { return again(left, right, kind) })
	return v.Render(templates, "compare", page(frame.Page{Title: "Compare " + body.Title, Lead: body.Left.Text + ", beside " + strings.ToLower(body.Right.Text[:1]) + body.Right.Text[1:] + ".", Body: body}))
}

// chosen makes the address of what the form asks for.
func chosen(v *frame.Visit) string {
	q := url.Values{"page": {v.Form("page")}}
	for _, name := range []string{"left", "right"} {
		m := door.Moment{AsOf: v.Form(name + "_as_of"), At: v.Form(name + "_at"), Scenario: v.Form(name + "_scenario")}
		q.Set(name, m.Values().Encode())
	}
	if q.Get("left") == "" && q.Get("right") == "" {
		q.Set("left", "as_of=")
	}
	return "/compare?" + q.Encode()
}

// sideOf reads one of the two moments.
func sideOf(v *frame.Visit, text, page string) (side, error) {
	q, err := url.ParseQuery(text)
	if err != nil {
		return side{}, frame.Bad("%q is not a moment: write it as as_of=2027-06-30 or scenario=KEY", text)
	}
	s := side{Moment: door.MomentOf(q)}
	s.Text = momentWords(s.Moment)
	if s.view, err = v.House.Look(v.Ctx(), v.Who, s.Moment); err != nil {
		return side{}, err
	}
	path, query, _ := strings.Cut(page, "?")
	values, _ := url.ParseQuery(query)
	for name, list := range s.Moment.Values() {
		values[name] = list
	}
	s.Open = path
	if len(values) > 0 {
		s.Open += "?" + values.Encode()
	}
	return s, nil
}

// momentWords says which estate a moment is.
func momentWords(m door.Moment) string {
	out := "Now"
	if m.AsOf != "" {
		out = "As of " + m.AsOf
		if strings.Trim(m.AsOf, "0123456789") == "" {
			out = "As of entry " + m.AsOf
		}
	}
	if m.Scenario != "" {
		out += ", scenario " + m.Scenario
	}
	if m.At != "" {
		out += " with plans at " + m.At
	}
	return out
}

// pages are what the form offers to compare.
func pages(v *frame.Visit) []choice {
	out := []choice{{"/", "The estate"}}
	for _, r := range readyBoards {
		if r.own == nil {
			out = append(out, choice{"/boards/" + r.Key, "Board: " + r.Title})
		}
	}
	for _, a := range practice.List(v.House.Practices) {
		needs := slices.ContainsFunc(a.Parameters(), func(f *model.Field) bool { return f.Required })
		if a.Question.Type != practice.Doing && !needs {
			out = append(out, choice{"/questions/" + a.Name(), a.Practice.Label + ": " + parts.ActionLabel(a.Name())})
		}
	}
	return out
}

// fill compares the page itself. It returns what the page is called and, where the page is about records, which kind or record these are.
func (c *compareView) fill(v *frame.Visit) (title, limit string, err error) {
	u, err := url.Parse(c.Page)
	if err != nil {
		return "", "", frame.Bad("%q is not the address of a page", c.Page)
	}
	steps := strings.Split(strings.Trim(u.Path, "/"), "/")
	switch {
	case steps[0] == "questions" && len(steps) == 2:
		q := u.Query()
		for name := range (door.Moment{AsOf: "x", At: "x", Scenario: "x"}).Values() {
			q.Del(name)
		}
		q.Del("rows")
		a, err := v.House.Question(steps[1])
		if err != nil {
			return steps[1], "", err
		}
		return parts.ActionLabel(a.Name()), "", c.question(v, a, q.Encode())
	case steps[0] == "boards" && len(steps) == 2:
		return c.board(v, steps[1])
	case steps[0] == "records" && len(steps) == 2:
		k := c.Right.view.Schema().Kind(steps[1])
		if k == nil {
			return steps[1], "", &door.NotFound{What: "kind " + steps[1]}
		}
		return k.Plural, k.Name, c.list(k.Name, u.Query())
	case steps[0] == "records" && len(steps) >= 3:
		k := c.Right.view.Schema().Kind(steps[1])
		if k == nil {
			return steps[1], "", &door.NotFound{What: "kind " + steps[1]}
		}
		return steps[2], k.Name + "/" + steps[2], nil
	}
	c.Page = "/"
	return "the estate", "", nil
}

// question compares the answers to one question.
func (c *compareView) question(v *frame.Visit, a practice.Asked, parameters string) error {
	before, err := v.House.Glance(v.Ctx(), v.Who, c.Left.Moment, a.Name(), parameters, time.Minute)
	if err != nil {
		return err
	}
	after, err := v.House.Glance(v.Ctx(), v.Who, c.Right.Moment, a.Name(), parameters, time.Minute)
	if err != nil {
		return err
	}
	was := map[string]practice.Part{}
	for _, p := range before.Parts() {
		was[p.Name] = p
	}
	for _, p := range after.Parts() {
		old, there := was[p.Name]
		switch {
		case p.Figure != nil && there:
			c.Figures = append(c.Figures, pairOf(p.Label, old.Figure, p.Figure))
		case p.Grid != nil && there:
			c.Tables = append(c.Tables, joinGrids(v, p.Label, old.Grid, p.Grid))
		case p.Findings != nil || old.Findings != nil:
			c.Tables = append(c.Tables, joinFindings(v, p.Label, old.Findings, p.Findings))
		case p.Text != "":
			c.Figures = append(c.Figures, figurePair{Label: p.Label, Left: old.Text, Right: p.Text, Change: textChange(old.Text, p.Text)})
		}
	}
	return nil
}

func textChange(before, after string) string {
	if before == after {
		return "unchanged"
	}
	return "changed"
}

// pairOf compares a figure at both moments.
func pairOf(label string, before, after *practice.Figure) figurePair {
	out := figurePair{Label: label, Left: parts.Amount(*before), Right: parts.Amount(*after), Unit: after.Unit}
	if !after.Money.IsZero() {
		out.Unit = after.Money.Currency()
	}
	if before.Unknown || after.Unknown {
		out.Change = textChange(out.Left, out.Right)
		return out
	}
	diff := after.Value - before.Value
	shown := practice.Figure{Value: diff}
	if !before.Money.IsZero() && !after.Money.IsZero() {
		if sum, err := after.Money.Add(before.Money.Neg()); err == nil {
			shown.Money = sum
		}
	}
	switch {
	case diff == 0:
		out.Change = "unchanged"
		return out
	case diff > 0:
		out.Change = "+" + parts.Amount(shown)
	default:
		out.Change = parts.Amount(shown)
	}
	switch {
	case after.Better == practice.Neither:
	case (diff > 0) == (after.Better == practice.Higher):
		out.Class, out.Change = "good", out.Change+", better"
	default:
		out.Class, out.Change = "bad", out.Change+", worse"
	}
	return out
}

// board compares the figures of a board.
func (c *compareView) board(v *frame.Visit, key string) (title, limit string, err error) {
	if r, ok := readyBoard(key); ok {
		if r.own != nil {
			return r.Title, "", nil
		}
		before, _, err := v.House.Health(v.Ctx(), v.Who, c.Left.Moment, r.Face, 10*time.Second)
		if err != nil {
			return r.Title, "", err
		}
		after, _, err := v.House.Health(v.Ctx(), v.Who, c.Right.Moment, r.Face, 10*time.Second)
		if err != nil {
			return r.Title, "", err
		}
		was := map[string]door.Gauge{}
		for _, d := range before {
			for _, g := range d.Gauges {
				was[d.Key+" "+g.Question+" "+g.Parameters+" "+g.Part.Name] = g
			}
		}
		for _, d := range after {
			for _, g := range d.Gauges {
				old, there := was[d.Key+" "+g.Question+" "+g.Parameters+" "+g.Part.Name]
				if !there || g.Part.Figure == nil || old.Part.Figure == nil {
					continue
				}
				p := pairOf(d.Name+" · "+titleOf(g), old.Part.Figure, g.Part.Figure)
				p.Open = compareOne(c, g.Question, g.Parameters)
				c.Figures = append(c.Figures, p)
			}
		}
		return r.Title, "", nil
	}
	_, rec, err := own(v, key)
	if err != nil {
		return key, "", err
	}
	for _, t := range rec.Tiles {
		old, err := find(v, c.Left.Moment, t, 10*time.Second)
		if err != nil {
			continue
		}
		now, err := find(v, c.Right.Moment, t, 10*time.Second)
		if err != nil {
			continue
		}
		title := cmp.Or(t.Title, parts.ActionLabel(t.Question)+" · "+now.Label)
		switch {
		case now.Figure != nil && old.Figure != nil:
			p := pairOf(title, old.Figure, now.Figure)
			p.Open = compareOne(c, t.Question, t.Parameters)
			c.Figures = append(c.Figures, p)
		case now.Grid != nil && old.Grid != nil:
			c.Tables = append(c.Tables, joinGrids(v, title, old.Grid, now.Grid))
		case now.Findings != nil || old.Findings != nil:
			c.Tables = append(c.Tables, joinFindings(v, title, old.Findings, now.Findings))
		}
	}
	return rec.Title(), "", nil
}

// compareOne leads to the comparison of one question at the same moments.
func compareOne(c *compareView, question, parameters string) string {
	q := url.Values{"page": {questionPath(question, parameters)}, "left": {c.Left.Moment.Values().Encode()}, "right": {c.Right.Moment.Values().Encode()}}
	return "/compare?" + q.Encode()
}

// estates compares the two estates. The limit is nothing, a kind, or Kind/key.
func (c *compareView) estates(v *frame.Visit, limit string, open func(kind string) string) {
	onlyKind, onlyKey, _ := strings.Cut(limit, "/")
	kind := cmp.Or(c.Kind, onlyKind)
	counts := map[string]*kindPair{}
	for _, change := range door.Differences(c.Left.view, c.Right.view) {
		if onlyKind != "" && change.Kind != onlyKind {
			continue
		}
		name := door.NameOfChange(c.Left.view, c.Right.view, &change)
		if onlyKey != "" && name != limit {
			continue
		}
		p := counts[change.Kind]
		if p == nil {
			p = &kindPair{Name: change.Kind, Label: change.Kind, Open: open(change.Kind)}
			if k := c.Right.view.Schema().Kind(change.Kind); k != nil {
				p.Label = k.Plural
			}
			counts[change.Kind] = p
		}
		switch change.Op {
		case model.Create:
			p.Added++
		case model.Remove:
			p.Removed++
		default:
			p.Changed++
		}
		if change.Kind != kind {
			continue
		}
		if len(c.Changes) == mostChanges {
			c.Hidden++
			continue
		}
		c.Changes = append(c.Changes, c.changedBy(v, name, &change))
	}
	for _, p := range counts {
		c.Kinds = append(c.Kinds, *p)
	}
	slices.SortFunc(c.Kinds, func(a, b kindPair) int {
		return cmp.Or(cmp.Compare(b.Added+b.Changed+b.Removed, a.Added+a.Changed+a.Removed), cmp.Compare(a.Label, b.Label))
	})
}

func (c *compareView) changedBy(v *frame.Visit, name string, change *model.Change) changed {
	out := changed{Outcome: string(change.Op)}
	s := c.Right
	if change.Op == model.Remove {
		s = c.Left
	}
	if rec := s.view.Get(model.Ref(change.ID)); rec != nil {
		out.Link = practice.To(rec)
		path := frame.RecordPath(out.Link.Kind, out.Link.Key)
		if q := s.Moment.Values(); len(q) > 0 {
			path += "?" + q.Encode()
		}
		out.Path = path
	} else {
		out.Link = practice.Link{Name: name}
	}
	if change.Op == model.Edit {
		out.Fields = door.FieldReports(c.Left.view, c.Right.view, change)
	}
	return out
}
