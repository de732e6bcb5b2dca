package compliance

import (
	"html/template"
	"math"
	"net/url"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/draw"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// indexView is the list of frameworks.
type indexView struct {
	Scopes  []choice
	Hidden  url.Values
	Figures template.HTML
	List    []frameworkRow
	Below   []template.HTML
	// Imports says that the visitor may import frameworks.
	Imports bool
}

// choice is a scope to choose.
type choice struct {
	Key, Label string
	Current    bool
}

// frameworkRow is one framework on the list.
type frameworkRow struct {
	Title, Path, Edition string
	Bar                  template.HTML
	Counts               []standing
	Satisfied            string
	Tests                int
	Change               string
	Better               bool
	Passed, Failed       int
	Stale, Untested      int
}

func index(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	scope, scopes, err := scopesOf(v, view)
	if err != nil {
		return err
	}
	body := indexView{Scopes: scopes, Hidden: v.Moment.Values(), Imports: v.Who.Imports()}
	answer, err := v.House.Glance(v.Ctx(), v.Who, v.Moment, "compliance.frameworks", parameters("scope", scope), patience)
	if err != nil {
		return err
	}
	list := answer.Parts()
	open := "/questions/compliance.frameworks"
	if q := parameters("scope", scope); q != "" {
		open += "?" + q
	}
	for _, p := range list {
		switch {
		case p.Figure != nil:
			body.Figures += parts.Render(v, p, parts.Options{Heading: 3, Compact: true, Open: open})
		case p.Series != nil && len(tableOf(list, "frameworks").rows) > 0:
			body.Below = append(body.Below, parts.Render(v, p, parts.Options{Heading: 2, Title: "Requirements met, over the last months", Compact: true, Open: open}))
		}
	}
	t := tableOf(list, "frameworks")
	for _, row := range t.rows {
		f, err := frameworkRowOf(v, t, row, scope)
		if err != nil {
			return err
		}
		body.List = append(body.List, f)
	}
	if len(body.List) > 0 && len(scopes) > 1 {
		if answer, err := v.House.Glance(v.Ctx(), v.Who, v.Moment, "compliance.coverage", "", patience); err == nil {
			for _, p := range answer.Parts() {
				if p.Picture != nil {
					body.Below = append(body.Below, parts.Render(v, p, parts.Options{Heading: 2, Title: "In every scope", Compact: true, Open: "/questions/compliance.coverage"}))
				}
			}
		}
	}
	return v.Render(templates, "frameworks", page(frame.Page{Title: "Frameworks", Lead: "How the company stands with what it must keep, by standard, law and contract.", Body: body}))
}

// frameworkRowOf makes the row of a framework with the bar of its requirements.
func frameworkRowOf(v *frame.Visit, t table, row []practice.Cell, scope practice.Link) (frameworkRow, error) {
	l := t.link(row, "framework")
	out := frameworkRow{Title: l.Title(), Path: pathOf(v, l, scope, ""), Edition: t.text(row, "edition"), Satisfied: t.text(row, "satisfied"),
		Passed: t.number(row, "passed"), Failed: t.number(row, "failed"), Stale: t.number(row, "stale"), Untested: t.number(row, "untested")}
	out.Tests = out.Passed + out.Failed + out.Stale + out.Untested
	if change, _ := t.cell(row, "change").Value.(float64); change != 0 {
		out.Change, out.Better = draw.Value(math.Abs(change)), change > 0
	}
	answer, err := v.House.Glance(v.Ctx(), v.Who, v.Moment, "compliance.framework", parameters("framework", l, "scope", scope), patience)
	if err != nil {
		return out, err
	}
	counted := tallyOf(tableOf(answer.Parts(), "requirements"))
	out.Bar, out.Counts = counted.bar(), counted.list()
	return out, nil
}

// tallyOf counts the requirements of a framework.
func tallyOf(t table) tally {
	out := tally{}
	for _, row := range t.rows {
		if s := standingOf(t.text(row, "state"), t.text(row, "tests")); s != "" {
			out[s]++
		}
	}
	return out
}

// scopesOf returns the scope that the address names, and all that can be chosen. No scope is the company as a whole.
func scopesOf(v *frame.Visit, view estate.View) (practice.Link, []choice, error) {
	wanted := v.Form("scope")
	var scope practice.Link
	out := []choice{{"", "The company as a whole", wanted == ""}}
	for s := range estate.Each[*model.ComplianceScope](view) {
		if s.Key == wanted {
			scope = practice.To(s)
		}
		out = append(out, choice{s.Key, s.Title(), s.Key == wanted})
	}
	if wanted != "" && scope.IsZero() {
		return scope, nil, frame.Bad("there is no scope %s", wanted)
	}
	return scope, out, nil
}

// parameters writes pairs of a name and a record as in an address. What is unset is left out.
func parameters(pairs ...any) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if l := pairs[i+1].(practice.Link); !l.IsZero() {
			q.Set(pairs[i].(string), l.String())
		}
	}
	return q.Encode()
}

// pathOf returns the address of the page of a framework.
func pathOf(v *frame.Visit, f, scope practice.Link, state string) string {
	return v.Path("/frameworks/"+url.PathEscape(f.Key), "scope", scope.Key, "state", state)
}
