package research

import (
	"html/template"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/panel"
	"binnacle/web/parts"
)

// sheetCard is a decision matrix on the list.
type sheetCard struct {
	Title, Path, Type, Method string
	State, Class              string
	Options                   string
	HandedIn, Asked           int
	Missing                   []named
	Mine                      bool
	Due                       model.Date
	Late                      bool
	First, Chosen             string
	Contract, Written         named
}

// matricesView is the list of decision matrices.
type matricesView struct {
	Cards    []sheetCard
	Types    []option
	Type     string
	Findings template.HTML
	New      string
	Links    []panel.Save
}

// matrixClasses are the colours of the states of a decision matrix.
var matrixClasses = map[string]string{"draft": "muted", "scoring": "brass", "closed": "info", "decided": "good"}

func matrices(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	b := matricesView{Type: v.Form("type")}
	answer, err := panel.Ask(v, "research.matrices", "type", b.Type)
	if err != nil {
		return err
	}
	counts := map[string]int{}
	for m := range estate.Each[*model.DecisionMatrix](d.view) {
		counts[string(m.Type)]++
		counts[""]++
	}
	for _, o := range append([]model.Option{{Label: "All"}}, model.SelectionType("").Options()...) {
		b.Types = append(b.Types, option{Label: o.Label, Path: d.Path("/matrices", "type", o.Value), On: o.Value == b.Type, Count: counts[o.Value]})
	}
	me := d.Who.Person()
	for _, row := range answer.Rows("matrices") {
		l := panel.LinkOf(row, "matrix")
		in, _ := panel.NumberOf(row, "handed_in")
		c := sheetCard{Title: l.Title(), Path: d.href(l), Type: panel.WordOf(model.SelectionType("").Options(), row.Text("type")), Method: panel.WordOf(model.MatrixMethod("").Options(), row.Text("method")),
			State: panel.WordOf(model.MatrixState("").Options(), row.Text("state")), Class: matrixClasses[row.Text("state")], Options: row.Text("options"), HandedIn: int(in), Due: panel.DateOf(row, "due"),
			First: row.Text("first"), Chosen: row.Text("chosen"), Contract: d.link(panel.LinkOf(row, "contract")), Written: d.link(panel.LinkOf(row, "record"))}
		c.Late = row.Text("state") == string(model.MatrixOpen) && !c.Due.IsZero() && c.Due < d.view.At()
		if m, ok := d.view.Find("DecisionMatrix", l.Key).(*model.DecisionMatrix); ok {
			c.Asked = len(m.Scorers)
		}
		for _, who := range row["missing"].Links {
			c.Missing = append(c.Missing, d.link(who))
			c.Mine = c.Mine || me != nil && me.Key == who.Key
		}
		b.Cards = append(b.Cards, c)
	}
	if p := answer["findings"]; len(p.Findings) > 0 {
		b.Findings = parts.Render(v, p, parts.Options{Title: "What waits for somebody", Open: d.Path("/questions/research.matrices"), Href: d.href})
	}
	if !d.past() && d.Who.MayCreate("DecisionMatrix") {
		b.New = d.Path("/records/DecisionMatrix/new")
	}
	b.Links = []panel.Save{{Label: "Experiments", Path: d.Path("/experiments")}, {Label: "Decisions", Path: d.Path("/decisions")}, {Label: "Contracts", Path: d.Path("/records/Contract")}}
	return d.show("matrices", "matrices", frame.Page{Title: "Decision matrices", Lead: "Tools, platforms, methods and providers compared by what counts, scored by several people.", Body: b})
}

// scoring returns the scores of the visitor, handed in or not, or nil.
func (d *desk) scoring(m *model.DecisionMatrix) *model.MatrixScoring {
	p := d.Who.Person()
	if p == nil {
		return nil
	}
	for e := range d.view.In(m.Ref()) {
		if s, ok := e.Record.(*model.MatrixScoring); ok && s.Scorer == p.Ref() {
			return s
		}
	}
	return nil
}

// titled returns how a page names a person.
func titled(l practice.Link) string {
	if l.IsZero() {
		return "Somebody"
	}
	return l.Title()
}
