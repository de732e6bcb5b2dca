package offices

import (
	"html/template"
	"net/url"
	"slices"
	"time"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// patience is how long the page waits for one question.
const patience = 5 * time.Second

// charterView is the page of the charter.
type charterView struct {
	Adopted bool
	// MayAdopt, MayEdit and MayAgree say what the visitor may do.
	MayAdopt, MayEdit, MayAgree bool
	// Editing says that the matrix has a form in every row.
	Editing bool
	People  []practice.Link
	// Holders are the persons that are proposed to hold the two offices, by key of the office.
	Holders map[string]string
	Columns []column
	Faces   []faceRows
	// Choices are whom one may make accountable.
	Choices []practice.Link
	// Sections are the answers below the matrix.
	Gaps, Overlaps, Findings, Pairs, Agreements template.HTML
	Carriers                                    []carrier
	LoadNote                                    string
	Figures                                     template.HTML
	Compare                                     string
}

// Span returns how many columns the matrix has.
func (c charterView) Span() int {
	if c.Editing {
		return len(c.Columns) + 3
	}
	return len(c.Columns) + 2
}

// column is an office or a person of the matrix.
type column struct {
	practice.Link
	Holder practice.Link
	Path   string
}

// faceRows are the lines of one face.
type faceRows struct {
	Label string
	Rows  []row
}

// row is a line of the matrix.
type row struct {
	Key, Name, Text, Note, Path, Edit string
	// Letters are the parts of the columns: A, R, C, I, or several.
	Letters [][]string
	// Others are those who have a part and no column, such as teams.
	Others     []other
	Missing    []string
	Gap, Twice bool
	// Only is who alone answers for the line.
	Only string
}

// other is somebody who has a part in a line and no column of its own.
type other struct {
	Letter string
	Link   practice.Link
	Path   string
}

// carrier is an office or a person with its load.
type carrier struct {
	Who, Holder      practice.Link
	Path             string
	Days, Capacity   float64
	Responsibilities string
	Over             bool
}

// Most returns the end of the scale on which the load is shown.
func (c carrier) Most() float64 { return max(1.2*c.Capacity, c.Days) }

func charter(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	answer, err := v.House.Glance(v.Ctx(), v.Who, v.Moment, "offices.charter", "", patience)
	if err != nil {
		return err
	}
	writable := v.Moment.AsOf == ""
	body := charterView{MayAdopt: writable && v.Who.MayCreate("Responsibility") && v.Who.MayCreate("Office"), MayAgree: writable && v.Who.MayCreate("Agreement"), Compare: v.Path("/compare", "page", "/questions/offices.charter")}
	body.Adopted = view.Count("Responsibility") > 0
	for r := range estate.Each[*model.Responsibility](view) {
		body.MayEdit = writable && v.Who.MayWrite(r)
		body.Editing = body.MayEdit && v.Form("edit") != ""
		break
	}
	body.matrix(v, view, answer)
	if body.Adopted {
		body.sections(v)
	} else if body.MayAdopt {
		body.proposeHolders(view)
	}
	if body.Editing {
		for _, c := range body.Columns {
			body.Choices = append(body.Choices, c.Link)
		}
	}
	return v.Render(templates, "charter", page(frame.Page{Title: "Offices", Lead: "Who answers for what, how much each office carries, and what one owes the other.", Body: body}))
}

// proposeHolders lists who could hold the offices, and picks those whose position says so.
func (c *charterView) proposeHolders(view estate.View) {
	c.Holders = map[string]string{}
	positions := map[string]string{"Chief Information Officer": "cio", "Chief Technology Officer": "cto", "CIO": "cio", "CTO": "cto"}
	for p := range estate.Each[*model.Person](view) {
		if practice.HasLeft(p, view.At()) {
			continue
		}
		c.People = append(c.People, practice.To(p))
		if office := positions[p.Position]; office != "" {
			c.Holders[office] = p.Key
		}
		if len(c.People) == 1000 {
			break
		}
	}
	slices.SortFunc(c.People, func(a, b practice.Link) int { return compareText(a.Title(), b.Title()) })
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// raci are the columns of the charter that say who has which part.
var raci = []struct{ name, letter string }{{"accountable", "A"}, {"responsible", "R"}, {"consulted", "C"}, {"informed", "I"}}

// matrix makes the rows and columns of the charter.
func (c *charterView) matrix(v *frame.Visit, view estate.View, answer door.Answer) {
	i := slices.IndexFunc(answer.Parts(), func(p practice.Part) bool { return p.Name == "lines" })
	if i < 0 {
		return
	}
	grid := answer.Parts()[i].Grid
	c.columns(v, view, grid)
	byFace := map[string][]row{}
	for line := range door.Rows(grid) {
		r := row{Key: line.Text("key"), Name: line.Text("name"), Text: line.Text("text"), Note: line.Text("note"), Letters: make([][]string, len(c.Columns))}
		if l, _ := line["responsibility"].Value.(practice.Link); !l.IsZero() {
			r.Path, r.Edit = v.Record(l), v.Path(frame.RecordPath(l.Kind, l.Key, "/edit"))
		}
		for _, part := range raci {
			links, _ := line[part.name].Value.([]practice.Link)
			if part.letter == "A" {
				r.Gap, r.Twice = len(links) == 0, len(links) > 1
				if len(links) == 1 {
					r.Only = links[0].String()
				}
			}
			for _, l := range links {
				at := slices.IndexFunc(c.Columns, func(col column) bool { return same(col.Link, l) })
				if at >= 0 {
					r.Letters[at] = append(r.Letters[at], part.letter)
					continue
				}
				r.Others = append(r.Others, other{part.letter, l, v.Record(l)})
			}
		}
		names, _ := line["practices"].Value.([]string)
		for _, name := range names {
			if !slices.ContainsFunc(v.House.Practices, func(p *practice.Practice) bool { return p.Name == name }) {
				r.Missing = append(r.Missing, name)
			}
		}
		byFace[line.Text("face")] = append(byFace[line.Text("face")], r)
	}
	for _, o := range model.Face("").Options() {
		label := map[string]string{"inward": "Inward: keep the business running", "outward": "Outward: bring in what comes next", "both": "Shared by both faces"}[o.Value]
		if rows := byFace[o.Value]; len(rows) > 0 {
			c.Faces = append(c.Faces, faceRows{label, rows})
		}
	}
}

func same(a, b practice.Link) bool {
	return a.Kind == b.Kind && a.Key == b.Key && (a.Key != "" || a.Name == b.Name)
}

// columns are the offices, those of the delivered charter where there are none, and the persons that answer for something themselves.
func (c *charterView) columns(v *frame.Visit, view estate.View, grid *practice.Grid) {
	for o := range estate.Each[*model.Office](view) {
		c.Columns = append(c.Columns, column{practice.To(o), practice.To(view.Get(o.Holder)), v.Record(practice.To(o))})
	}
	for line := range door.Rows(grid) {
		links, _ := line["accountable"].Value.([]practice.Link)
		for _, l := range links {
			if !slices.ContainsFunc(c.Columns, func(col column) bool { return same(col.Link, l) }) {
				col := column{Link: l}
				if l.Key != "" {
					col.Path = v.Record(l)
				}
				c.Columns = append(c.Columns, col)
			}
		}
	}
}

// sections asks the questions below the matrix.
func (c *charterView) sections(v *frame.Visit) {
	part := func(question, name string, opt parts.Options) template.HTML {
		answer, err := v.House.Glance(v.Ctx(), v.Who, v.Moment, question, "", patience)
		if err != nil {
			return template.HTML(`<p class="problem">` + template.HTMLEscapeString(err.Error()) + `</p>`)
		}
		for _, p := range answer.Parts() {
			if p.Name == name {
				opt.Open = "/questions/" + url.PathEscape(question)
				return parts.Render(v, p, opt)
			}
		}
		return ""
	}
	small := func(title string) parts.Options { return parts.Options{Heading: 3, Title: title, Compact: true} }
	c.Figures = part("offices.gaps", "unanswered", small("Nobody answers")) + part("offices.gaps", "vacant", small("Vacant offices")) +
		part("offices.overlaps", "overlaps", small("Two or more answer")) + part("offices.load", "overloaded", small("Overloaded")) + part("offices.agreements", "overdue", small("Agreements overdue"))
	c.Gaps = part("offices.gaps", "findings", small("Gaps"))
	c.Overlaps = part("offices.overlaps", "findings", small("Overlaps"))
	c.Findings = part("offices.agreements", "findings", small("Overdue, and due soon"))
	c.Pairs = part("offices.agreements", "pairs", small("Who waits for whom"))
	c.Agreements = part("offices.agreements", "table", parts.Options{Heading: 3, Title: "Open agreements", Compact: true, Limit: 20})
	answer, err := v.House.Glance(v.Ctx(), v.Who, v.Moment, "offices.load", "", patience)
	if err != nil {
		c.LoadNote = err.Error()
		return
	}
	for _, p := range answer.Parts() {
		if p.Name != "table" {
			continue
		}
		for line := range door.Rows(p.Grid) {
			r := carrier{Responsibilities: line.Text("responsibilities")}
			r.Who, _ = line["who"].Value.(practice.Link)
			r.Holder, _ = line["holder"].Value.(practice.Link)
			r.Days, _ = line["days"].Value.(float64)
			r.Capacity, _ = line["capacity"].Value.(float64)
			r.Path, r.Over = v.Record(r.Who), r.Days > r.Capacity
			c.Carriers = append(c.Carriers, r)
		}
	}
}

// adopt makes the delivered charter the estate's own.
func adopt(v *frame.Visit) error {
	parameters := map[string]any{}
	for _, name := range []string{"cio", "cto"} {
		if key := v.Form(name); key != "" {
			parameters[name] = "Person/" + key
		}
	}
	r, _, err := v.House.Do(v.Ctx(), v.Who, v.Moment, "offices.adopt_charter", parameters, "", false)
	if err != nil {
		return err
	}
	return v.Done(v.Path("/offices"), "The charter is yours now: "+practice.Count(len(r.Changes), "record was", "records were")+" created.", r)
}

// accountable says who alone answers for a responsibility.
func accountable(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	_, rec, err := door.Find(view, "Responsibility", v.Form("key"))
	if err != nil {
		return err
	}
	who := v.Form("who")
	set := map[string]any{"accountable": []any{}}
	if who != "" {
		ref, err := view.Resolve([]string{"Office", "Person"}, who)
		if err != nil {
			return err
		}
		set["accountable"] = []any{ref.String()}
	}
	change, err := v.House.Build(v.Ctx(), v.Who, view, door.Edit{Kind: "Responsibility", Key: rec.Base().Key, Set: set})
	if err != nil {
		return err
	}
	if len(change.Fields) == 0 {
		return v.Redirect(v.Path("/offices?edit=yes"))
	}
	r, err := v.House.Write(v.Ctx(), v.Who, v.Moment, door.Tx{Why: "Say who answers for " + rec.Base().Title(), Changes: []model.Change{change}})
	if err != nil {
		return err
	}
	return v.Done(v.Path("/offices?edit=yes")+"#"+rec.Base().Key, rec.Base().Title()+" was changed.", r)
}

// oneOrTwoView is the comparison of one officer with two.
type oneOrTwoView struct {
	Conclusion, Uncertainty string
	Figures, Criteria       template.HTML
	Help                    string
	Compare                 string
}

func oneOrTwo(v *frame.Visit) error {
	answer, err := v.House.Glance(v.Ctx(), v.Who, v.Moment, "offices.one_or_two", "", patience)
	if err != nil {
		return err
	}
	body := oneOrTwoView{Help: answer.Asked.Help(), Compare: v.Path("/compare", "page", "/questions/offices.one_or_two")}
	opt := parts.Options{Heading: 2, Open: "/questions/offices.one_or_two"}
	for _, p := range answer.Parts() {
		switch {
		case p.Name == "conclusion":
			body.Conclusion = p.Text
		case p.Name == "uncertainty":
			body.Uncertainty = p.Text
		case p.Figure != nil:
			body.Figures += parts.Render(v, p, parts.Options{Heading: 2, Compact: true, Open: opt.Open})
		case p.Grid != nil:
			body.Criteria = parts.Render(v, p, opt)
		}
	}
	return v.Render(templates, "one-or-two", page(frame.Page{Title: "One officer or two?", Lead: "Whether one person with both hats or two officers suit this company, from its own figures.",
		Crumbs: []frame.Crumb{{Label: "Offices", Path: "/offices"}}, Body: body}))
}
