package assetdesk

import (
	"html/template"
	"time"

	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// patience is how long a page waits for one question.
const patience = 5 * time.Second

// overviewView is the first page.
type overviewView struct {
	// MayScan says that the visitor may make a stocktake.
	MayScan bool
	// Hardware and Licences are the figures of both sides.
	Hardware, Licences template.HTML
	// Sections are the lists below.
	Sections []template.HTML
	// Questions are all questions of the practice.
	Questions []question
}

// question is a question on the list.
type question struct{ Label, Path, Help string }

// glimpse is a part of the answer to a question.
type glimpse struct{ question, parameters, part, title string }

var (
	hardware = []glimpse{{"assets.register", "", "in_use", "In use"}, {"assets.register", "", "in_stock", "In stock"}, {"assets.overdue", "", "overdue", "Not given back"},
		{"assets.leavers", "", "assets", "With people who left"}, {"assets.warranty", "", "over", "Warranty over"}, {"assets.refresh", "life=60", "overdue", "Past their time"}}
	licences = []glimpse{{"assets.position", "", "short", "Too few licences"}, {"assets.position", "", "missing", "To buy what is missing"}, {"assets.position", "", "exposure", "Audit exposure"},
		{"assets.shelfware", "", "yearly", "Paid for and unused"}, {"assets.reclaim", "", "worth", "To take back"}, {"assets.expiring", "", "ending", "End within 90 days"}}
	sections = []glimpse{{"assets.position", "", "findings", "Licences to look at"}, {"assets.shelfware", "", "findings", "Paid for and unused"}, {"assets.reclaim", "", "findings", "Licences to take back"},
		{"assets.overdue", "", "findings", "Not given back"}, {"assets.leavers", "", "findings", "With people who left"}, {"assets.warranty", "", "findings", "Warranties"}}
)

func overview(v *frame.Visit) error {
	body := overviewView{MayScan: v.Moment.AsOf == "" && v.Who.MayCreate("Stocktake")}
	for _, g := range hardware {
		body.Hardware += show(v, g)
	}
	for _, g := range licences {
		body.Licences += show(v, g)
	}
	for _, g := range sections {
		body.Sections = append(body.Sections, show(v, g))
	}
	for _, a := range practice.List(v.House.Practices) {
		if a.Practice.Name == "assets" {
			body.Questions = append(body.Questions, question{a.Name(), v.Path("/questions/" + a.Name()), frame.Short(a.Help(), 160)})
		}
	}
	return v.Render(templates, "overview", page(frame.Page{Title: "Assets and licences", Lead: "What the company owns and may use, what is missing, and what is paid for nothing.", Body: body}))
}

// show shows one part of an answer in a small form.
func show(v *frame.Visit, g glimpse) template.HTML {
	answer, err := v.House.Glance(v.Ctx(), v.Who, v.Moment, g.question, g.parameters, patience)
	if err != nil {
		return template.HTML(`<p class="problem">` + template.HTMLEscapeString(err.Error()) + `</p>`)
	}
	open := "/questions/" + g.question
	if g.parameters != "" {
		open += "?" + g.parameters
	}
	for _, p := range answer.Parts() {
		if p.Name == g.part {
			return parts.Render(v, p, parts.Options{Heading: 3, Title: g.title, Compact: true, Open: open})
		}
	}
	return ""
}
