package compliance

import (
	"html/template"
	"net/url"
	"slices"
	"strconv"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// frameworkView is the page of one framework.
type frameworkView struct {
	Record               practice.Link
	Edition, Issuer      string
	Published, Rights    string
	Text                 string
	Scope                practice.Link
	Scopes               []choice
	Hidden               url.Values
	Action               string
	At                   string
	Entry                uint64
	Satisfied            string
	Applicable           string
	Bar                  template.HTML
	Filters              []standing
	All                  standing
	State                string
	Groups               []groupView
	Saves                []save
	Trend                template.HTML
	Placeholder, Nothing bool
}

// save is a file that can be taken away, or a page that offers some.
type save struct {
	Label, Help, Path string
	File              bool
}

// groupView is a function, family or chapter at the top of a framework.
type groupView struct {
	ID, Number, Title, Path string
	Bar                     template.HTML
	Counts                  []standing
	All                     int
	Open                    bool
	// More leads to the page with the rows of this group, where the framework is too large to show all at once.
	More string
	Rows []rowView
}

// rowView is a requirement, or a group below the top.
type rowView struct {
	Group               bool
	Level               int
	Number, Title, Path string
	State               standing
	Reason              string
	Controls, Evidence  []practice.Link
	Findings            []practice.Link
	Exceptions          []practice.Link
	Via                 practice.Link
	Observed, Expires   string
	// Over and Soon say that the result has run out, or does within 30 days.
	Over, Soon bool
}

// mostRows is how many requirements a page shows at once. Larger frameworks show one group.
const mostRows = 400

func framework(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	_, rec, err := door.Find(view, "Framework", v.R.PathValue("key"))
	if err != nil {
		return err
	}
	f := rec.(*model.Framework)
	link := practice.To(f)
	scope, scopes, err := scopesOf(v, view)
	if err != nil {
		return err
	}
	state := v.Form("state")
	if state != "" && !slices.ContainsFunc(standings, func(s standing) bool { return s.Name == state }) {
		return frame.Bad("there is no state %s", state)
	}
	answer, err := v.House.Glance(v.Ctx(), v.Who, v.Moment, "compliance.framework", parameters("framework", link, "scope", scope), patience)
	if err != nil {
		return err
	}
	list := answer.Parts()
	t := tableOf(list, "requirements")
	counted := tallyOf(t)
	body := frameworkView{Record: link, Edition: f.Edition, Issuer: f.Issuer, Rights: f.Rights, Text: f.Link, Scope: scope, Scopes: scopes, Hidden: v.Moment.Values(), State: state, Placeholder: f.Placeholder,
		Action: "/frameworks/" + url.PathEscape(f.Key), At: view.At().String(), Entry: view.Stamp().Seq, Bar: counted.bar(), Filters: counted.list(), Saves: saves(v, link, scope)}
	if !f.Published.IsZero() {
		body.Published = f.Published.String()
	}
	for _, p := range list {
		switch {
		case p.Name == "satisfied" && p.Figure != nil:
			body.Satisfied, body.Applicable = parts.Amount(*p.Figure), p.Figure.Note
		case p.Series != nil:
			body.Trend = parts.Render(v, p, parts.Options{Heading: 2, Title: "Requirements met, over the last months", Compact: true})
		}
	}
	for i := range body.Filters {
		s := &body.Filters[i]
		s.Path, s.Current = pathOf(v, link, scope, s.Name), s.Name == state
	}
	body.All = standing{Label: "All", Count: counted.all(), Path: pathOf(v, link, scope, ""), Current: state == ""}
	b := builder{Visit: v, table: t, framework: link, scope: scope, state: state, only: v.Form("group"), today: view.At()}
	body.Groups = b.groups()
	body.Nothing = len(body.Groups) == 0
	return v.Render(templates, "framework", page(frame.Page{Title: f.Title(), Crumbs: []frame.Crumb{{Label: "Frameworks", Path: v.Path("/frameworks", "scope", scope.Key)}}, Body: body}))
}

// saves are the files that an auditor, a customer or another program takes away.
func saves(v *frame.Visit, f, scope practice.Link) []save {
	file := func(question, part string, pairs ...any) string {
		return v.Path("/questions/" + question + "." + parts.FileSuffix + "?" + parameters(pairs...) + "&part=" + part)
	}
	out := []save{
		{"Save the evidence package", "Requirements, controls, observations and their evidence with digests, as a ZIP file that opens without Binnacle.", file("compliance.evidence_package", "package", "framework", f, "scope", scope), true},
		{"Save the catalogue in OSCAL", "The requirements for other programs.", file("compliance.oscal", "catalog", "about", f), true},
	}
	if scope.IsZero() {
		return append(out, save{"Statement of applicability", "Choose a scope first: it is made for one.", v.Path("/questions/compliance.statement_of_applicability?" + parameters("framework", f)), false})
	}
	return append(out,
		save{"Save the statement of applicability", "What applies and why, as a table.", file("compliance.statement_of_applicability", "csv", "framework", f, "scope", scope), true},
		save{"Plans and results in OSCAL", "Security plan, assessment and plan of action of the scope.", v.Path("/questions/compliance.oscal?" + parameters("about", scope)), false})
}

// builder makes the groups of a framework from the rows of the answer.
type builder struct {
	*frame.Visit
	table            table
	framework, scope practice.Link
	state, only      string
	today            model.Date
}

// groups returns the groups in the order of the document, those without a requirement that is wanted left out. Requirements that stand
// in no group come under a heading of their own.
func (b builder) groups() []groupView {
	var out []groupView
	var counts []tally
	wanted := 0
	for _, row := range b.table.rows {
		l, level := b.table.link(row, "requirement"), b.table.number(row, "level")
		r := b.row(row, l, level)
		if level == 0 && (r.Group || len(out) == 0 || out[len(out)-1].Number+out[len(out)-1].Title != "Requirements") {
			g := groupView{ID: "group-" + strconv.Itoa(len(out)+1), Title: "Requirements"}
			if r.Group {
				g.Number, g.Title, g.Path = r.Number, r.Title, r.Path
			}
			out, counts = append(out, g), append(counts, tally{})
		}
		if level == 0 && r.Group || len(out) == 0 {
			continue
		}
		at := len(out) - 1
		if !r.Group {
			counts[at][r.State.Name]++
		}
		if r.Group || b.state == "" || b.state == r.State.Name {
			out[at].Rows = append(out[at].Rows, r)
			wanted++
		}
	}
	var shown []groupView
	for i, g := range out {
		g.Rows = withoutEmpty(g.Rows)
		if len(g.Rows) == 0 {
			continue
		}
		g.Bar, g.Counts, g.All = counts[i].bar(), counts[i].list(), counts[i].all()
		g.Open = b.state != "" || b.only == g.ID || counts[i]["failed"] > 0 && wanted <= mostRows/4
		if wanted > mostRows && b.only != g.ID {
			g.Rows, g.Open = nil, false
			g.More = b.Path(pathOf(b.Visit, b.framework, b.scope, b.state), "group", g.ID) + "#" + g.ID
		}
		shown = append(shown, g)
	}
	return shown
}

// withoutEmpty leaves out groups below the top in which nothing is left.
func withoutEmpty(rows []rowView) []rowView {
	var out []rowView
	for i, r := range rows {
		if r.Group {
			end := i + 1
			for end < len(rows) && rows[end].Level > r.Level {
				end++
			}
			if !slices.ContainsFunc(rows[i+1:end], func(below rowView) bool { return !below.Group }) {
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

// row makes the row of a requirement.
func (b builder) row(row []practice.Cell, l practice.Link, level int) rowView {
	t := b.table
	out := rowView{Level: min(level, 4), Number: t.text(row, "number"), Title: t.text(row, "title"), Path: b.Record(l), Reason: t.text(row, "reason"), Via: t.link(row, "via"),
		Controls: t.links(row, "controls"), Evidence: t.links(row, "evidence"), Findings: t.links(row, "findings"), Exceptions: t.links(row, "exceptions"), Observed: t.text(row, "observed"), Expires: t.text(row, "expires")}
	if out.Number == out.Title {
		out.Number = ""
	}
	name := standingOf(t.text(row, "state"), t.text(row, "tests"))
	if out.Group = name == ""; out.Group {
		return out
	}
	if i := slices.IndexFunc(standings, func(s standing) bool { return s.Name == name }); i >= 0 {
		out.State = standings[i]
	}
	if on, ok := t.cell(row, "expires").Value.(model.Date); ok && !on.IsZero() {
		out.Over, out.Soon = on < b.today, on >= b.today && on <= b.today.AddDays(30)
	}
	return out
}
