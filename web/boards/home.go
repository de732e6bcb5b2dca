package boards

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

func escape(s string) string { return url.QueryEscape(s) }

// homeView is what somebody sees first.
type homeView struct {
	Board boardView
	// Name is the board that it shows.
	Name, Open string
	// Waiting are agreements that are due soon or overdue.
	Waiting []waiting
	Recent  []recent
	Sources []source
	// Steps are shown while the estate is empty.
	Steps bool
	// Imports and Administers say what the visitor may do about that.
	Imports, Administers bool
}

// waiting is an agreement that is due soon or overdue.
type waiting struct {
	practice.Finding
	// Rest is what the finding says after the name of the agreement.
	Rest string
}

// recent is an entry of the journal in a line.
type recent struct {
	Seq       uint64
	Why, When string
	Who       string
	Changes   int
}

// source is a source with its age.
type source struct {
	practice.Link
	When  string
	Stale bool
}

func home(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	body := homeView{Imports: v.Who.Imports(), Administers: v.Who.Administers()}
	if body.Steps = isEmpty(view); body.Steps {
		return v.Render(templates, "steps", page(frame.Page{Title: "Welcome, " + firstName(v.Who.Title()), Lead: "Binnacle knows nothing about your company yet. Three ways to begin:", Section: "home", Body: body}))
	}
	r := readyBoards[slices.IndexFunc(readyBoards, func(r ready) bool { return r.Face == v.Face })]
	if body.Board, err = charterBoard(v, r.Face); err != nil {
		return err
	}
	body.Name, body.Open = r.Title, v.Path("/boards/"+r.Key)
	body.Board.Compare = v.Path("/compare", "page", "/boards/"+r.Key)
	if part, err := find(v, v.Moment, model.Tile{Question: "offices.agreements", Part: "findings"}, patience); err == nil {
		for _, f := range part.Findings[:min(6, len(part.Findings))] {
			body.Waiting = append(body.Waiting, waiting{f, strings.TrimPrefix(f.Text, f.About.Title()+" is ")})
		}
	}
	if v.Moment.AsOf == "" {
		if body.Recent, err = lately(v); err != nil {
			return err
		}
	}
	body.Sources = sources(v, view)
	return v.Render(templates, "home", page(frame.Page{Title: greeting(v.House.Now().Time()) + ", " + firstName(v.Who.Title()), Lead: r.Lead, Section: "home", Body: body}))
}

// isEmpty reports whether there is nothing yet but what Binnacle itself needs and the first person.
func isEmpty(view estate.View) bool {
	for _, k := range view.Schema().Kinds() {
		switch {
		case k.Group == "Access", k.Group == "Binnacle", k.Name == "Person":
		case view.Count(k.Name) > 0:
			return false
		}
	}
	return true
}

// greeting says good morning by the clock of the server, which runs in UTC.
func greeting(now time.Time) string {
	switch h := now.Hour(); {
	case h >= 4 && h < 12:
		return "Good morning"
	case h >= 12 && h < 18:
		return "Good afternoon"
	}
	return "Good evening"
}

func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}

// lately returns the newest entries that the visitor may see, without those about accounts alone.
func lately(v *frame.Visit) ([]recent, error) {
	entries, err := v.House.Entries(v.Ctx(), v.Who, 0, 60)
	if err != nil {
		return nil, err
	}
	var out []recent
	for _, e := range entries {
		// Who signs in does not change the company.
		if len(e.Changes) > 0 && !slices.ContainsFunc(e.Changes, func(c model.Change) bool {
			return c.Kind != "Account" && c.Kind != "AccessToken"
		}) {
			continue
		}
		if len(out) == 6 {
			break
		}
		why := e.Why
		if why == "" {
			why = practice.Count(len(e.Changes), "change", "changes")
		}
		who := e.Who
		if who == "unknown" {
			who = ""
		}
		out = append(out, recent{e.Seq, why, v.Ago(e.At), who, len(e.Changes)})
	}
	return out, nil
}

// sources returns the sources that were read longest ago, the stale ones first.
func sources(v *frame.Visit, view estate.View) []source {
	var out []source
	now := v.House.Now().Time()
	var list []*model.Source
	for s := range estate.Each[*model.Source](view) {
		if !s.LastSeen.IsZero() {
			list = append(list, s)
		}
	}
	stale := func(s *model.Source) bool {
		return s.MaxAge > 0 && now.Sub(s.LastSeen.Time()) > time.Duration(s.MaxAge)
	}
	slices.SortStableFunc(list, func(a, b *model.Source) int {
		switch {
		case stale(a) != stale(b) && stale(a):
			return -1
		case stale(a) != stale(b):
			return 1
		}
		return int((a.LastSeen - b.LastSeen) / 1000)
	})
	for _, s := range list[:min(5, len(list))] {
		out = append(out, source{practice.To(s), v.Ago(s.LastSeen), stale(s)})
	}
	return out
}
