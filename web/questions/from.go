package questions

import (
	"net/url"
	"slices"
	"strconv"

	"binnacle/door"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// fromPage lists the records that a number was computed from.
type fromPage struct {
	Label, Value string
	Records      []practice.Link
	From, To     int
	Count        int
	Prev, Next   string
}

// fromRows is how many records one page lists.
const fromRows = 200

func (p *pages) from(v *frame.Visit) error {
	a, err := v.House.Question(v.R.PathValue("name"))
	if err != nil {
		return err
	}
	parameters, err := door.Parameters(a, v.R.URL.Query(), own...)
	if err != nil {
		return err
	}
	answer, working, err := p.ask(v, a, parameters)
	if err != nil {
		return err
	}
	if working > 0 {
		return progress(v, &questionPage{Label: parts.ActionLabel(a.Name())}, working)
	}
	label, value, links := behind(answer, v.Form("part"))
	if links == nil {
		return &door.NotFound{What: "part " + strconv.Quote(v.Form("part")) + " of the answer with records behind it"}
	}
	b := fromPage{Label: label, Value: value, Count: len(links)}
	at, _ := strconv.Atoi(v.Form("part_page"))
	at = max(0, min(at, (len(links)-1)/fromRows))
	b.From, b.To = at*fromRows, min(len(links), (at+1)*fromRows)
	b.Records = links[b.From:b.To]
	here := parts.FromPath("/questions/"+url.PathEscape(a.Name())+"?"+door.Query(parameters).Encode(), v.Form("part"))
	if at > 0 {
		b.Prev = v.Path(here, "part_page", strconv.Itoa(at-1))
	}
	if b.To < len(links) {
		b.Next = v.Path(here, "part_page", strconv.Itoa(at+1))
	}
	open := "/questions/" + url.PathEscape(a.Name())
	if q := door.Query(parameters); len(q) > 0 {
		open += "?" + q.Encode()
	}
	return v.Render(templates, "from", page(frame.Page{Title: label, Lead: "What the number was computed from.",
		Crumbs: []frame.Crumb{{Label: "Questions", Path: "/questions"}, {Label: parts.ActionLabel(a.Name()), Path: open}}, Body: b}))
}

// behind returns the records behind a part of an answer.
func behind(answer door.Answer, name string) (label, value string, links []practice.Link) {
	if verdict, ok := answer.Value.(practice.Verdict); ok && name == "checked" {
		return "Looked at", strconv.Itoa(len(verdict.Checked)), verdict.Checked
	}
	list := answer.Parts()
	i := slices.IndexFunc(list, func(p practice.Part) bool { return p.Name == name })
	if i < 0 {
		return "", "", nil
	}
	if f := list[i].Figure; f != nil {
		return list[i].Label, parts.Amount(*f) + " " + f.Unit, f.From
	}
	return "", "", nil
}
