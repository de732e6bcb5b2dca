package frame

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// Bar is what the bar of the moment shows: which estate is looked at, and how fresh it is.
type Bar struct {
	// Action is the path that the form leads to, and Keep are the other parameters of its address.
	Action string
	Keep   []Parameter
	// Past says which past is looked at, Plan at which date plans are, and Under under which scenario. Empty means none.
	Past, Plan, Under string
	// Back is the address of the same page as of now.
	Back string
	// Compare is the address where the page stands beside the same one as of now. It is empty for pages that cannot be compared.
	Compare string
	// Scenarios are the open scenarios that the visitor sees.
	Scenarios []practice.Link
	// Entry is the entry that the page shows the state after, and When says how long ago that was.
	Entry uint64
	At    model.Time
	When  string
	// Stale are the sources that are out of date.
	Stale []Parameter
	// Broken says that there is no such moment.
	Broken bool
}

// Parameter is a name with a value.
type Parameter struct{ Name, Value string }

// bar returns what the bar of the moment shows.
func (v *Visit) bar() *Bar {
	if v.Who == nil {
		return nil
	}
	b := &Bar{Action: "/", Back: "/", Past: v.Moment.AsOf, Plan: v.Moment.At, Under: v.Moment.Scenario}
	if v.R.Method == "GET" {
		b.Action = v.R.URL.EscapedPath()
		q := v.R.URL.Query()
		for _, name := range momentNames {
			q.Del(name)
		}
		for name, values := range q {
			for _, value := range values {
				b.Keep = append(b.Keep, Parameter{name, value})
			}
		}
		slices.SortFunc(b.Keep, func(x, y Parameter) int { return strings.Compare(x.Name, y.Name) })
		b.Back = b.Action
		if len(q) > 0 {
			b.Back += "?" + q.Encode()
		}
	}
	if !v.Moment.IsNow() && (b.Action == "/" || strings.HasPrefix(b.Action, "/boards/") || strings.HasPrefix(b.Action, "/records/") || strings.HasPrefix(b.Action, "/questions/")) {
		b.Compare = "/compare?" + url.Values{"page": {b.Back}, "left": {v.Moment.Values().Encode()}, "right": {""}}.Encode()
		if b.Action == "/" {
			b.Compare = "/compare?" + url.Values{"left": {v.Moment.Values().Encode()}}.Encode()
		}
	}
	view, err := v.View()
	if err != nil {
		b.Broken = true
		now := v.Moment
		now.AsOf, now.At, now.Scenario = "", "", ""
		if view, err = v.House.Look(v.Ctx(), v.Who, now); err != nil {
			return b
		}
	}
	b.Entry, b.At = view.Stamp().Seq, view.Stamp().At
	if b.Entry > 0 {
		b.When = v.Ago(b.At)
	}
	a := v.around(view)
	b.Scenarios, b.Stale = a.scenarios, v.stale(a.sources)
	return b
}

// around is what the bar shows of an estate, whatever the page.
type around struct {
	scenarios []practice.Link
	sources   []*model.Source
}

// around finds the open scenarios and the sources with a limit to their age, once for each estate and who looks at it.
func (v *Visit) around(view estate.View) around {
	return view.Snapshot().Memo(v.look(), func() any {
		var out around
		for rec := range estate.Each[*model.Scenario](view) {
			if rec.State == "open" || rec.State == "" {
				out.scenarios = append(out.scenarios, practice.To(rec))
			}
		}
		for s := range estate.Each[*model.Source](view) {
			if s.MaxAge > 0 {
				out.sources = append(out.sources, s)
			}
		}
		return out
	}).(around)
}

// momentNames are the names of the parameters that say which estate is looked at.
var momentNames = []string{"as_of", "at", "scenario"}

// stale lists the sources that are older than they may be, with how old they are.
func (v *Visit) stale(sources []*model.Source) []Parameter {
	var out []Parameter
	now := v.House.Now().Time()
	for _, s := range sources {
		read := s.LastSeen
		if read.IsZero() {
			read = s.Produced
		}
		if !read.IsZero() && now.Sub(read.Time()) > time.Duration(s.MaxAge) {
			out = append(out, Parameter{s.Title(), v.Ago(read)})
		}
	}
	return out
}

// InputType returns what kind of field shows the past: a date, or text where it is an entry or a moment.
func (b *Bar) InputType() string {
	if b.Past == "" {
		return "date"
	}
	if _, err := time.Parse(time.DateOnly, b.Past); err == nil {
		return "date"
	}
	return "text"
}

// ScenarioTitle returns what the scenario that is looked at is called.
func (b *Bar) ScenarioTitle() string {
	for _, s := range b.Scenarios {
		if s.Key == b.Under {
			return s.Title()
		}
	}
	return b.Under
}

// PastWords says which past is looked at.
func (b *Bar) PastWords() string {
	if t, err := time.Parse(time.DateOnly, b.Past); err == nil {
		return t.Format("2 January 2006")
	}
	if strings.Trim(b.Past, "0123456789") == "" && b.Past != "" {
		return "entry " + b.Past
	}
	return b.Past
}

// Ago says how long ago a moment was.
func (v *Visit) Ago(t model.Time) string {
	if t.IsZero() {
		return "never"
	}
	age := v.House.Now().Time().Sub(t.Time())
	switch {
	case age < -time.Minute:
		return t.Time().UTC().Format("2 Jan 2006")
	case age < time.Minute:
		return "just now"
	case age < time.Hour:
		return some(int(age/time.Minute), "minute") + " ago"
	case age < 24*time.Hour:
		return some(int(age/time.Hour), "hour") + " ago"
	case age < 45*24*time.Hour:
		return some(int(age/(24*time.Hour)), "day") + " ago"
	}
	return "on " + t.Time().UTC().Format("2 Jan 2006")
}

func some(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
