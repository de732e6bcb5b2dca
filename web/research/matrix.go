package research

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/draw"
	"binnacle/web/frame"
	"binnacle/web/panel"
	"binnacle/web/parts"
	"binnacle/web/prose"
)

// head is a criterion above a column.
type head struct {
	Name, Weight, Help string
	Less               bool
}

// cell is what an option scored by a criterion.
type cell struct {
	Mean, Range string
	Best        bool
}

// line is an option with its scores.
type line struct {
	Rank   int
	Option named
	Name   string
	Price  string
	Cells  []cell
	Value  string
	Bar    template.HTML
	Chosen bool
}

// field is a score that somebody may write.
type field struct {
	ID, Name, Option, Value, Note string
}

// question is a criterion by which somebody scores all options.
type question struct {
	Name, Weight, Help string
	Less               bool
	Fields             []field
}

// alone is how one person ranks the options.
type alone struct {
	Who  string
	List []string
}

// matrixView is the page of one decision matrix.
type matrixView struct {
	State, Class, Type, Method, MethodHelp string
	About, Reason                          template.HTML
	Sealed, Blind, Open, Closed, Decided   bool
	Due                                    model.Date
	Late                                   bool
	HandedIn, Asked                        int
	Missing                                []named
	Heads                                  []head
	Lines                                  []line
	// Own says that the scores in the table are those of the visitor alone.
	Own        bool
	Note       string
	Consistent template.HTML
	Agreement  template.HTML
	Turns      []string
	Stable     string
	Apart      []string
	Alone      []alone
	AloneNote  string
	Findings   template.HTML
	Questions  []question
	Score      string
	Submitted  model.Date
	NotAsked   bool
	NoPerson   bool
	Problem    string
	Chosen     string
	By         named
	Contract   named
	Written    named
	Experiment named
	Owner      named
	Acts       []template.HTML
	Talk       template.HTML
	Record     string
}

func matrix(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	m, err := d.matrix()
	if err != nil {
		return err
	}
	return d.showMatrix(m, nil, "", 0)
}

// showMatrix shows a decision matrix, with what somebody has just written and what is wrong with it, if anything.
func (d *desk) showMatrix(m *model.DecisionMatrix, given url.Values, wrong string, status int) error {
	answer, err := panel.Ask(d.Visit, "research.matrix", "matrix", "DecisionMatrix/"+m.Key)
	if err != nil {
		return err
	}
	b := matrixView{State: panel.WordOf(m.State.Options(), string(m.State)), Class: matrixClasses[string(m.State)], Type: panel.WordOf(m.Type.Options(), string(m.Type)), Method: panel.WordOf(m.Method.Options(), string(m.Method)),
		Sealed: m.Sealed(), Blind: m.Blind, Open: m.State == model.MatrixOpen, Closed: m.State == model.MatrixClosed, Decided: m.State == model.MatrixDecided, Due: m.Due, Asked: len(m.Scorers), HandedIn: int(answer.Figure("handed_in").Value),
		Chosen: m.Chosen, By: d.named(m.DecidedBy), Contract: d.named(m.Contract), Written: d.named(m.Record), Experiment: d.named(m.Experiment), Owner: d.named(m.Owner), Record: d.Record(practice.To(m)), Problem: wrong}
	for _, o := range m.Method.Options() {
		if o.Value == string(m.Method) {
			b.MethodHelp = o.Help
		}
	}
	if m.Description != "" {
		b.About = prose.HTML(m.Description)
	}
	if m.Reason != "" {
		b.Reason = prose.HTML(m.Reason)
	}
	b.Late = b.Open && !m.Due.IsZero() && m.Due < d.view.At()
	b.table(d, m, answer)
	b.insight(d, m, answer)
	b.missing(d, m)
	b.form(d, m, given)
	b.acts(d, m)
	b.Talk = panel.Talk(d.Visit, d.view, m, d.Path(matrixPath(m.Key, "/comments")))
	return d.show("matrix", "matrices", frame.Page{Title: m.Title(), Crumbs: []frame.Crumb{{Label: "Decision matrices", Path: "/matrices"}}, Body: b, Status: status})
}

// missing fills in who was asked and has not handed in.
func (b *matrixView) missing(d *desk, m *model.DecisionMatrix) {
	if !b.Open {
		return
	}
	answer, err := panel.Ask(d.Visit, "research.matrices")
	if err != nil {
		return
	}
	for _, row := range answer.Rows("matrices") {
		if panel.LinkOf(row, "matrix").Key == m.Key {
			for _, l := range row["missing"].Links {
				b.Missing = append(b.Missing, d.link(l))
			}
		}
	}
}

// table fills in options and criteria with the scores that the visitor may see: the mean of all, or while they are sealed the own.
func (b *matrixView) table(d *desk, m *model.DecisionMatrix, answer panel.Reply) {
	weights := map[string]string{}
	for _, row := range answer.Rows("weights") {
		weights[row.Text("criterion")] = row.Text("weight") + " %"
	}
	for _, c := range m.Criteria {
		b.Heads = append(b.Heads, head{c.Name, weights[c.Name], c.Help, c.Better == model.LessIsBetter})
	}
	type place struct{ option, criterion string }
	cells := map[place]cell{}
	most, least := map[string]float64{}, map[string]float64{}
	for _, row := range answer.Rows("cells") {
		mean, _ := panel.NumberOf(row, "mean")
		by := row.Text("criterion")
		if old, is := most[by]; !is || mean > old {
			most[by] = mean
		}
		if old, is := least[by]; !is || mean < old {
			least[by] = mean
		}
	}
	for _, row := range answer.Rows("cells") {
		mean, _ := panel.NumberOf(row, "mean")
		by := row.Text("criterion")
		c := cell{Mean: draw.Value(float64(int(mean*100+0.5)) / 100)}
		if low, high := row.Text("lowest"), row.Text("highest"); low != high {
			c.Range = low + " to " + high
		}
		at := slices.IndexFunc(m.Criteria, func(x model.MatrixCriterion) bool { return x.Name == by })
		best := most[by]
		if at >= 0 && m.Criteria[at].Better == model.LessIsBetter {
			best = least[by]
		}
		c.Best = mean == best && most[by] != least[by]
		cells[place{row.Text("option"), by}] = c
	}
	ranked := answer.Rows("ranking")
	var order []string
	for _, row := range ranked {
		order = append(order, row.Text("option"))
	}
	for _, o := range m.Options {
		if !slices.Contains(order, o.Name) {
			order = append(order, o.Name)
		}
	}
	b.Own = b.Sealed && len(cells) > 0
	if g := answer["ranking"].Grid; g != nil && len(g.Rows) == 0 && !b.Sealed {
		b.Note = g.Note
	}
	top := 0.0
	for _, row := range ranked {
		value, _ := panel.NumberOf(row, "value")
		top = max(top, value)
	}
	for _, name := range order {
		o := m.Options[slices.IndexFunc(m.Options, func(x model.MatrixOption) bool { return x.Name == name })]
		l := line{Name: o.Name, Option: d.named(o.Stands), Price: money(o.Price), Chosen: o.Name == m.Chosen}
		for _, c := range m.Criteria {
			l.Cells = append(l.Cells, cells[place{o.Name, c.Name}])
		}
		for _, row := range ranked {
			if row.Text("option") == o.Name {
				value, _ := panel.NumberOf(row, "value")
				rank, _ := panel.NumberOf(row, "rank")
				l.Rank, l.Value = int(rank), fmt.Sprintf("%.3g", value)
				if top > 0 {
					l.Bar = bar(100*value/top, map[bool]string{true: "good"}[l.Rank == 1])
				}
			}
		}
		b.Lines = append(b.Lines, l)
	}
}

// fewTurns and fewApart are how many changes of weights and how many differences the page tells.
const (
	fewTurns = 5
	fewApart = 5
)

// insight fills in what the ranking rests on: how much a weight may change, where people differ, and how consistent comparisons are.
func (b *matrixView) insight(d *desk, m *model.DecisionMatrix, answer panel.Reply) {
	where := d.Path("/questions/research.matrix", "matrix", "DecisionMatrix/"+m.Key)
	p := answer["findings"]
	if b.Sealed {
		// That it is scored blindly the page says by itself.
		p.Findings = slices.DeleteFunc(slices.Clone(p.Findings), func(f practice.Finding) bool { return f.Severity == practice.Info })
	}
	if len(p.Findings) > 0 {
		b.Findings = parts.Render(d.Visit, p, parts.Options{Heading: -1, Href: d.href})
	}
	if m.Method == model.AHPMatrix {
		b.Consistent = parts.Render(d.Visit, answer["consistency"], parts.Options{Heading: 3, Open: where})
	}
	if b.Sealed {
		return
	}
	if !answer.Figure("agreement").Unknown {
		b.Agreement = parts.Render(d.Visit, answer["agreement"], parts.Options{Heading: 3, Open: where})
	}
	weights := map[string]string{}
	for _, row := range answer.Rows("weights") {
		weights[row.Text("criterion")] = row.Text("weight")
	}
	turns := answer.Rows("turns")
	for _, row := range turns[:min(len(turns), fewTurns)] {
		b.Turns = append(b.Turns, fmt.Sprintf("If %s counted %s %% in the place of %s %%, %s would be level with the first, and beyond that lead.", row.Text("criterion"), row.Text("to"), weights[row.Text("criterion")], row.Text("leader")))
	}
	if len(turns) == 0 && len(answer.Rows("ranking")) > 0 && m.Method != model.TopsisMatrix {
		b.Stable = "No change of one weight alone changes who leads."
	}
	for _, row := range answer.Rows("cells") {
		deviation, _ := panel.NumberOf(row, "deviation")
		people, _ := panel.NumberOf(row, "scorers")
		if deviation > 0 && people > 1 && len(b.Apart) < fewApart {
			b.Apart = append(b.Apart, fmt.Sprintf("%s by %s: from %s to %s, on average %s.", row.Text("option"), row.Text("criterion"), row.Text("lowest"), row.Text("highest"), draw.Value(float64(int(number(row, "mean")*100+0.5))/100)))
		}
	}
	for _, row := range answer.Rows("alone") {
		who := titled(panel.LinkOf(row, "scorer"))
		if n := len(b.Alone); n == 0 || b.Alone[n-1].Who != who {
			b.Alone = append(b.Alone, alone{Who: who})
		}
		last := &b.Alone[len(b.Alone)-1]
		last.List = append(last.List, row.Text("rank")+". "+row.Text("option"))
	}
	if g := answer["alone"].Grid; g != nil {
		b.AloneNote = g.Note
	}
}

func number(row door.Row, column string) float64 {
	f, _ := panel.NumberOf(row, column)
	return f
}

// form fills in the scores that the visitor may write, with what is there already.
func (b *matrixView) form(d *desk, m *model.DecisionMatrix, given url.Values) {
	if !b.Open || d.past() || !d.Who.MayCreate("MatrixScoring") {
		return
	}
	person := d.Who.Person()
	if b.NoPerson = person == nil; b.NoPerson {
		return
	}
	if b.NotAsked = len(m.Scorers) > 0 && !slices.Contains(m.Scorers, person.Ref()); b.NotAsked {
		return
	}
	own := d.scoring(m)
	if own != nil {
		b.Submitted = own.Submitted
	}
	b.Score = d.Path(matrixPath(m.Key, "/scores"))
	for j, c := range m.Criteria {
		q := question{Name: c.Name, Weight: b.Heads[j].Weight, Help: c.Help, Less: c.Better == model.LessIsBetter}
		for i, o := range m.Options {
			f := field{ID: fmt.Sprintf("score-%d-%d", i, j), Name: fmt.Sprintf("%d.%d", i, j), Option: o.Name}
			if own != nil {
				for _, s := range own.Scores {
					if s.Option == o.Name && s.Criterion == c.Name {
						f.Value, f.Note = fmt.Sprintf("%g", s.Score), s.Note
					}
				}
			}
			if given != nil {
				f.Value, f.Note = given.Get("score."+f.Name), given.Get("note."+f.Name)
			}
			q.Fields = append(q.Fields, f)
		}
		b.Questions = append(b.Questions, q)
	}
}

// score keeps the scores of the visitor, as a draft or handed in.
func score(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	m, err := d.matrix()
	if err != nil {
		return err
	}
	if err := v.R.ParseForm(); err != nil {
		return frame.Bad("the form could not be read")
	}
	parameters := map[string]any{"matrix": "DecisionMatrix/" + m.Key}
	draft := v.Form("as") == "draft"
	if draft {
		parameters["draft"] = "yes"
	}
	list := scoresOf(m, v.R.PostForm)
	if len(list) == 0 {
		return d.showMatrix(m, v.R.PostForm, "Write down at least one score.", http.StatusUnprocessableEntity)
	}
	parameters["scores"] = list
	receipt, _, err := v.House.Do(v.Ctx(), v.Who, v.Moment, "research.submit_scores", parameters, "", false)
	var problem model.Problem
	switch to := d.Path(matrixPath(m.Key, "")); {
	case errors.As(err, &problem):
		return d.showMatrix(m, v.R.PostForm, strings.ToUpper(problem.Text[:1])+problem.Text[1:]+".", http.StatusUnprocessableEntity)
	case errors.Is(err, door.ErrNothing):
		return v.Redirect(to)
	case err != nil:
		return err
	case draft:
		return v.Done(to, "Your scores are kept, and not handed in yet.", receipt)
	default:
		return v.Done(to, "Your scores are handed in.", receipt)
	}
}

// scoresOf returns what a form says as the action that takes scores reads it. What is empty is left out.
func scoresOf(m *model.DecisionMatrix, form url.Values) []any {
	var out []any
	for j, c := range m.Criteria {
		for i, o := range m.Options {
			name := fmt.Sprintf("%d.%d", i, j)
			value := strings.Replace(strings.TrimSpace(form.Get("score."+name)), ",", ".", 1)
			if value == "" {
				continue
			}
			text := o.Name + ": " + c.Name + " = " + value
			if note := strings.Join(strings.Fields(form.Get("note."+name)), " "); note != "" {
				text += " (" + note + ")"
			}
			out = append(out, text)
		}
	}
	return out
}

// acts fills in what the visitor may do with the matrix.
func (b *matrixView) acts(d *desk, m *model.DecisionMatrix) {
	if d.past() || !d.Who.MayWrite(m) {
		return
	}
	post := func(action string) string { return d.Path(matrixPath(m.Key, "/do/"+action)) }
	add := func(a panel.Act) {
		a.About = m
		if form := panel.Form(d.Visit, a); form != "" {
			b.Acts = append(b.Acts, form)
		}
	}
	switch m.State {
	case model.MatrixDraft, "":
		add(panel.Act{Name: "research.open_matrix", Label: "Open it for scores", Button: "Open it", Path: post("open"), Primary: true})
	case model.MatrixOpen:
		add(panel.Act{Name: "research.close_matrix", Label: "Close the scoring", Button: "Close it", Path: post("close")})
	case model.MatrixClosed:
		if b.NoPerson = d.Who.Person() == nil; b.NoPerson {
			return
		}
		var options []model.Option
		for _, l := range b.Lines {
			label := l.Name
			if l.Rank > 0 {
				label = fmt.Sprintf("%s (%d.)", l.Name, l.Rank)
			}
			options = append(options, model.Option{Value: l.Name, Label: label})
		}
		add(panel.Act{Name: "research.choose", Label: "Choose", Button: "Choose it", Path: post("choose"), Primary: true, Choices: map[string][]model.Option{"option": options}})
	case model.MatrixDecided:
		label := "Tie what followed to it"
		if b.Contract.Title != "" {
			label = "Tie something else to it"
		}
		add(panel.Act{Name: "research.follow", Label: label, Button: "Tie it", Path: post("follow"), Primary: b.Contract.Title == "" && m.Type == "provider"})
	}
}
