package portal

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"binnacle/door"
	"binnacle/model"
	"binnacle/web/assets"
	"binnacle/web/frame"
	"binnacle/web/prose"
)

// policy is what browsers may do with the public page: show it with the style sheets of the site, and send its forms there.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"

// linkKept is how long a browser remembers the link of a customer.
const linkKept = 90 * 24 * time.Hour

// thing is something that the page shows under a heading.
type thing struct {
	Name string
	Text template.HTML
	Day  model.Date
}

// On writes the day as people read it.
func (t thing) On() string { return t.Day.Time().Format("2 January 2006") }

// bucket is a column of the roadmap.
type bucket struct {
	Name, Help string
	Items      []thing
}

// idea is an idea that visitors may vote for.
type idea struct {
	ID, Name     string
	Text, Answer template.HTML
	State, Class string
	Votes        int
	// Voted says that the vote of the visitor counts already, and Open that votes are taken.
	Voted, Open bool
}

// view is the public page.
type view struct {
	Product string
	Welcome template.HTML
	// Said tells what became of what the visitor sent, and Problem why it was not taken.
	Said, Problem string
	Buckets       []bucket
	Delivered     []thing
	News          []thing
	Releases      []thing
	Ideas         []idea
	Takes         bool
	Sent          door.SentIdea
	IdeasPath     string
	VotesPath     string
	Path          string
	Indexed       bool
	Styles        []string
	MostTitle     int
	MostText      int
	MostFrom      int
	Limited       bool
}

// cookie returns the name of the cookie that remembers the link of a customer to a portal.
func cookie(key string) string {
	return "portal-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '_'
	}, key)
}

// path returns the address of a portal.
func path(key string) string { return "/portal/" + url.PathEscape(key) }

// show shows the portal. A link is remembered and taken out of the address, so that it stands in no history and no log.
func show(v *frame.Visit) error {
	key := v.R.PathValue("key")
	query := v.R.URL.Query()
	if secret := query.Get("link"); secret != "" {
		if len(secret) > 200 {
			return nowhere(v)
		}
		if _, err := v.House.EnterPortal(v.Ctx(), key, secret, v.From()); err != nil {
			return unless(v, err)
		}
		v.SetCookie(cookie(key), secret, linkKept)
		http.Redirect(v.W, v.R, path(key), http.StatusSeeOther)
		return nil
	}
	p, err := enter(v)
	if err != nil {
		return unless(v, err)
	}
	said := map[string]string{"idea": "Thank you. Your idea has arrived, and somebody is going to read it.", "vote": "Thank you. Your vote counts."}[query.Get("done")]
	return render(v, p, view{Said: said}, http.StatusOK)
}

// enter opens the portal that the address names.
func enter(v *frame.Visit) (*door.PortalVisit, error) {
	key := v.R.PathValue("key")
	return v.House.EnterPortal(v.Ctx(), key, v.Cookie(cookie(key)), v.From())
}

// send takes an idea.
func send(v *frame.Visit) error {
	p, err := begin(v)
	if p == nil {
		return err
	}
	// The field is out of sight of people. Whatever fills it in is told that all is well.
	if v.Form("website") != "" {
		return back(v, "idea")
	}
	sent := door.SentIdea{Title: v.R.PostFormValue("title"), Text: v.R.PostFormValue("text"), From: v.R.PostFormValue("from")}
	if _, err := sent.Check(); err != nil {
		return render(v, p, view{Sent: sent, Problem: sentence(err)}, http.StatusUnprocessableEntity)
	}
	return settle(v, p, sent, p.Send(v.Ctx(), sent), "idea")
}

// vote takes a vote.
func vote(v *frame.Visit) error {
	p, err := begin(v)
	if p == nil {
		return err
	}
	return settle(v, p, door.SentIdea{}, p.Vote(v.Ctx(), v.R.PostFormValue("idea")), "vote")
}

// begin opens the portal and reads the form that was sent. Where that fails it has answered already and returns no visit.
func begin(v *frame.Visit) (*door.PortalVisit, error) {
	p, err := enter(v)
	if err != nil {
		return nil, unless(v, err)
	}
	v.R.Body = http.MaxBytesReader(v.W, v.R.Body, mostSent)
	if err := v.R.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, render(v, p, view{Problem: "That is too long."}, http.StatusRequestEntityTooLarge)
		}
		return nil, render(v, p, view{Problem: "The form could not be read."}, http.StatusBadRequest)
	}
	return p, nil
}

// settle answers after something was sent.
func settle(v *frame.Visit, p *door.PortalVisit, sent door.SentIdea, err error, done string) error {
	var later door.PortalLater
	var refused *door.Refused
	switch {
	case err == nil:
		return back(v, done)
	case errors.As(err, &later):
		return render(v, p, view{Sent: sent, Problem: sentence(later)}, http.StatusTooManyRequests)
	case errors.As(err, &refused):
		v.Log().Warn("what a visitor sent to a portal was refused", "portal", p.Portal.Key, "error", err)
		return render(v, p, view{Sent: sent, Problem: "That could not be taken. Please write it in other words."}, http.StatusUnprocessableEntity)
	}
	return unless(v, err)
}

// back leads the visitor back to the page.
func back(v *frame.Visit, done string) error {
	http.Redirect(v.W, v.R, path(v.R.PathValue("key"))+"?done="+done, http.StatusSeeOther)
	return nil
}

// unless shows the page for everything that is not there. What went wrong otherwise is logged and not told.
func unless(v *frame.Visit, err error) error {
	var missing *door.NotFound
	if errors.As(err, &missing) {
		return nowhere(v)
	}
	v.Log().Error("a portal failed", "error", err)
	return document(v, "portal-fault", view{Product: "Something went wrong"}, http.StatusInternalServerError)
}

// nowhere is the page for everything that is not there, closed or not for the visitor. It is always the same.
func nowhere(v *frame.Visit) error {
	return document(v, "portal-nowhere", view{Product: "There is nothing here"}, http.StatusNotFound)
}

// document sends a page that is a document of its own, with a policy that allows it no script.
func document(v *frame.Visit, name string, b view, status int) error {
	b.Styles = []string{assets.URL("app.css"), assets.URL("portal.css")}
	h := v.W.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	if !b.Indexed {
		h.Set("X-Robots-Tag", "noindex, nofollow")
	}
	if status != http.StatusOK {
		v.W.WriteHeader(status)
	}
	return v.Part(templates, name, b)
}

// render shows the portal with what its question answers.
func render(v *frame.Visit, p *door.PortalVisit, b view, status int) error {
	key := p.Portal.Key
	b.Path, b.IdeasPath, b.VotesPath = path(key), path(key)+"/ideas", path(key)+"/votes"
	b.Indexed, b.Limited = p.Portal.Audience == "everybody", p.Portal.Audience != "everybody"
	b.MostTitle, b.MostText, b.MostFrom = door.MostIdeaTitle, door.MostIdeaText, door.MostIdeaFrom
	b.Takes = p.Portal.TakesIdeas
	buckets := []bucket{{Name: "Now", Help: "Being worked on"}, {Name: "Next", Help: "Comes after that"}, {Name: "Later", Help: "Wanted, and open when"}}
	for _, part := range p.Answer.Parts() {
		switch part.Name {
		case "product":
			b.Product = part.Text
		case "welcome":
			b.Welcome = html(part.Text)
		}
		if part.Grid == nil {
			continue
		}
		for row := range door.Rows(part.Grid) {
			switch part.Name {
			case "roadmap":
				item := thing{row.Text("name"), html(row.Text("text")), day(row, "delivered")}
				at := map[string]int{"now": 0, "next": 1, "later": 2}
				if n, open := at[word(row, "bucket")]; open {
					buckets[n].Items = append(buckets[n].Items, item)
				} else {
					b.Delivered = append(b.Delivered, item)
				}
			case "announcements":
				b.News = append(b.News, thing{row.Text("name"), html(row.Text("text")), day(row, "published")})
			case "releases":
				b.Releases = append(b.Releases, thing{row.Text("version"), html(row.Text("notes")), day(row, "released")})
			case "ideas":
				b.Ideas = append(b.Ideas, ideaOf(p, row))
			}
		}
	}
	if len(buckets[0].Items)+len(buckets[1].Items)+len(buckets[2].Items) > 0 {
		b.Buckets = buckets
	}
	return document(v, "portal", b, status)
}

// ideaOf returns an idea of the answer for the page.
func ideaOf(p *door.PortalVisit, row door.Row) idea {
	out := idea{ID: row.Text("idea"), Name: row.Text("name"), Text: html(row.Text("text")), Answer: html(row.Text("answer"))}
	out.Votes, _ = row["votes"].Value.(int)
	state := model.IdeaState(word(row, "state"))
	labels := map[model.IdeaState][2]string{model.IdeaPlanned: {"Planned", "info"}, model.IdeaDelivered: {"Delivered", "good"}, model.IdeaDeclined: {"Not planned", "muted"}}
	out.State, out.Class = labels[state][0], labels[state][1]
	out.Voted = p.Voted[out.ID]
	out.Open = p.Portal.TakesIdeas && state != model.IdeaDelivered && state != model.IdeaDeclined
	return out
}

// html makes safe HTML of a text, and nothing of nothing.
func html(text string) template.HTML {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	return prose.HTML(text)
}

// day returns the day in a cell.
func day(row door.Row, column string) model.Date {
	d, _ := row[column].Value.(model.Date)
	return d
}

// word returns the word of a vocabulary in a cell, and not what people call it.
func word(row door.Row, column string) string {
	switch x := row[column].Value.(type) {
	case model.RoadmapBucket:
		return string(x)
	case model.IdeaState:
		return string(x)
	case string:
		return x
	}
	return row.Text(column)
}

// sentence writes an error as a sentence.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}
