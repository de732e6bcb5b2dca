package desk

import (
	"slices"
	"strconv"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// picked is a record that a picker offers.
type picked struct {
	Kind string `json:"kind"`
	Key  string `json:"key"`
	Name string `json:"name"`
}

// maxPicked is how many records a picker offers at once.
const maxPicked = 12

// pick lists records of some kinds for a picker. Without words it lists the first ones by key.
func pick(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	var kinds []string
	for name := range strings.SplitSeq(v.Form("kinds"), ",") {
		if k := view.Schema().Kind(name); k != nil {
			kinds = append(kinds, k.Name)
		} else if name = strings.TrimSpace(name); name != "" && name != "any" {
			return frame.Bad("kinds: there is no kind %q", name)
		}
	}
	out := []picked{}
	add := func(rec model.Record) bool {
		l := practice.To(rec)
		out = append(out, picked{l.Kind, l.Key, l.Name})
		return len(out) < maxPicked
	}
	q := frame.Short(v.Form("q"), maxQuery)
	if q != "" {
		for _, h := range view.Search(q, 0) {
			if (len(kinds) == 0 || slices.Contains(kinds, model.NameOf(h.Record))) && !add(h.Record) {
				break
			}
		}
		return answer(v, out)
	}
	for _, kind := range kinds {
		for rec := range view.All(kind) {
			if !add(rec) {
				return answer(v, out)
			}
		}
	}
	return answer(v, out)
}

// choice is one line of the palette. It leads to a path, or posts a form.
type choice struct {
	Group  string            `json:"group"`
	Label  string            `json:"label"`
	Hint   string            `json:"hint,omitempty"`
	Path   string            `json:"path,omitempty"`
	Post   string            `json:"post,omitempty"`
	Fields map[string]string `json:"fields,omitempty"`
}

// palette lists pages, records, questions and actions that fit some words.
func palette(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	q := frame.Short(v.Form("q"), maxQuery)
	words := wordsOf(q)
	out := []choice{}
	take := func(limit int, from []choice) {
		n := 0
		for _, c := range from {
			if matches(c.Label+" "+c.Hint, words) && n < limit {
				out = append(out, c)
				n++
			}
		}
	}
	if len(words) == 0 {
		take(9, pages(v))
		take(4, commands(v))
		return answer(v, out)
	}
	take(5, pages(v))
	// A question whose own name was typed comes before the records that only speak of it.
	named, others := parted(asked(v), q)
	take(3, named)
	for _, h := range view.Search(q, 8) {
		l := practice.To(h.Record)
		out = append(out, choice{Group: "Records", Label: l.Title(), Hint: view.Schema().Of(h.Record).Label + " · " + l.Key, Path: frame.RecordPath(l.Kind, l.Key)})
	}
	take(6, others)
	take(5, kindsOf(v, view))
	take(4, commands(v))
	return answer(v, out)
}

// parted tells the choices whose label begins with some words from all others.
func parted(all []choice, words string) (named, others []choice) {
	words = strings.ToLower(strings.TrimSpace(words))
	for _, c := range all {
		if strings.HasPrefix(strings.ToLower(c.Label), words) {
			named = append(named, c)
		} else {
			others = append(others, c)
		}
	}
	return named, others
}

// pages are the pages of the menu.
func pages(v *frame.Visit) []choice {
	page := func(label, hint, path string) choice {
		return choice{Group: "Pages", Label: label, Hint: hint, Path: path}
	}
	out := []choice{
		page("Home", "your board", "/"), page("Boards", "", "/boards"), page("Questions", "actions and checks", "/questions"), page("Records", "all kinds", "/records"),
		page("Pictures", "", "/pictures"), page("Graph", "what depends on what", "/pictures/graph"), page("Capability map", "heat map", "/pictures/capabilities"),
		page("Roadmap", "life cycle", "/pictures/roadmap"), page("Offices", "charter, responsibilities, agreements", "/offices"), page("Scenarios", "what if", "/scenarios"),
		page("History", "journal, undo", "/history"), page("Compare", "two dates or scenarios", "/compare"), page("Your account", "password, keys, tokens", "/me"), page("Help", "words, keyboard", "/help"),
	}
	for _, p := range []struct{ kind, label, hint, path string }{{"ReviewDecision", "Access reviews", "decide", "/reviews"}, {"Policy", "Policies to know", "read, confirm", "/policies"},
		{"AuditRequest", "Audits", "requests, evidence", "/audits"}, {"CalibrationRound", "Calibration", "how sure you may be", "/calibration"},
		{"Radar", "Technology radar", "adopt, trial, assess, hold", "/radar"}, {"DecisionRecord", "Decisions", "decision records", "/decisions"}, {"RoadmapItem", "Roadmap", "now, next, later", "/roadmap"}, {"Idea", "Ideas", "inbox, scores, answers", "/ideas"},
		{"Experiment", "Experiments", "hypothesis, cap, exit criteria", "/experiments"}, {"DecisionMatrix", "Decision matrices", "options, criteria, scores", "/matrices"}, {"Portal", "Portals", "what customers see", "/portals"}} {
		if slices.Contains(v.Who.Readable(), p.kind) {
			out = append(out, page(p.label, p.hint, p.path))
		}
	}
	if v.Who.Imports() {
		out = append(out, page("Import", "drop a file", "/imports"), page("Feeds", "subscriptions", "/feeds"))
	}
	if v.Who.Administers() {
		out = append(out, page("Access and accounts", "administration, roles", "/admin"))
	}
	return out
}

// asked are the questions, actions and checks.
func asked(v *frame.Visit) []choice {
	var out []choice
	groups := map[practice.Type]string{practice.Asking: "Questions", practice.Doing: "Actions", practice.Checking: "Checks"}
	for _, t := range []practice.Type{practice.Asking, practice.Doing, practice.Checking} {
		for _, a := range practice.List(v.House.Practices) {
			if a.Question.Type == t {
				out = append(out, choice{Group: groups[t], Label: parts.ActionLabel(a.Name()), Hint: a.Name(), Path: "/questions/" + a.Name()})
			}
		}
	}
	return out
}

// kindsOf are the lists of records, and the forms for new ones.
func kindsOf(v *frame.Visit, view estate.View) []choice {
	var out []choice
	for _, name := range v.Who.Readable() {
		if k := view.Schema().Kind(name); k != nil {
			out = append(out, choice{Group: "Lists", Label: k.Plural, Hint: k.Group, Path: "/records/" + name})
		}
	}
	for _, k := range view.Schema().Kinds() {
		if v.Who.MayCreate(k.Name) {
			out = append(out, choice{Group: "New", Label: "New " + strings.ToLower(k.Label), Hint: k.Group, Path: "/records/" + k.Name + "/new"})
		}
	}
	return out
}

// commands are what changes how pages look.
func commands(v *frame.Visit) []choice {
	out := []choice{
		{Group: "Commands", Label: "Look inward", Hint: "the CIO's face", Post: "/face", Fields: map[string]string{"face": "inward"}},
		{Group: "Commands", Label: "Look outward", Hint: "the CTO's face", Post: "/face", Fields: map[string]string{"face": "outward"}},
		{Group: "Commands", Label: "Look both ways", Hint: "both faces", Post: "/face", Fields: map[string]string{"face": "both"}},
		{Group: "Commands", Label: "Light theme", Hint: "appearance", Post: "/theme", Fields: map[string]string{"theme": "light"}},
		{Group: "Commands", Label: "Dark theme", Hint: "appearance", Post: "/theme", Fields: map[string]string{"theme": "dark"}},
		{Group: "Commands", Label: "Theme of the device", Hint: "appearance", Post: "/theme", Fields: map[string]string{"theme": "auto"}},
		{Group: "Commands", Label: "Sign out", Post: "/sign-out"},
	}
	return slices.DeleteFunc(out, func(c choice) bool {
		return c.Fields["face"] == string(v.Face) || v.Theme != "" && c.Fields["theme"] == v.Theme
	})
}

// fresh tells how many entries that the visitor may see came after one.
func fresh(v *frame.Visit) error {
	since, err := strconv.ParseUint(v.Form("since"), 10, 64)
	if err != nil {
		return frame.Bad("since: write the number of an entry")
	}
	entries, upto, err := v.House.Since(v.Ctx(), v.Who, since)
	if err != nil {
		return err
	}
	n := 0
	for _, e := range entries {
		if e.Who != v.Who.Who() {
			n++
		}
	}
	return answer(v, map[string]uint64{"entries": uint64(n), "upto": upto})
}
