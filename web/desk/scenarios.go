package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// scenariosPage is what the list of scenarios shows.
type scenariosPage struct {
	Open, Closed []scenarioLine
	MayCreate    bool
	Problem      string
	Key, Name    string
	About        string
}

// scenarioLine is a scenario in the list.
type scenarioLine struct {
	Link, Owner practice.Link
	State       string
	About       string
	Entries     int
	Conflicts   int
	Changes     string
	Based       int
	Path, Look  string
}

func scenarios(v *frame.Visit) error { return listScenarios(v, &scenariosPage{}) }

// listScenarios shows the scenarios, with a form that may already have been filled in.
func listScenarios(v *frame.Visit, b *scenariosPage) error {
	all, err := v.House.Scenarios(v.Ctx(), v.Who, door.Moment{})
	if err != nil {
		return err
	}
	now, err := v.House.Look(v.Ctx(), v.Who, door.Moment{})
	if err != nil {
		return err
	}
	for _, s := range all {
		line := scenarioLine{Link: practice.To(s.Scenario), Owner: practice.To(now.Get(s.Scenario.Owner)), State: stateOf(s.Scenario), About: s.Scenario.Description, Entries: len(s.Scenario.Entries),
			Conflicts: len(s.Conflicts), Based: s.Scenario.BasedOn, Path: "/scenarios/" + s.Scenario.Key}
		if line.State != "open" {
			b.Closed = append(b.Closed, line)
			continue
		}
		line.Changes = sums(door.Differences(now, s.Under))
		line.Look = "/records?scenario=" + s.Scenario.Key
		b.Open = append(b.Open, line)
	}
	b.MayCreate = v.Who.MayCreate("Scenario")
	p := frame.Page{Title: "Scenarios", Lead: "What if: changes that are written down, looked at and compared before anybody makes them.", Section: "scenarios", Body: b}
	if b.Problem != "" {
		p.Status = http.StatusUnprocessableEntity
	}
	return v.Render(templates, "scenarios", p)
}

func stateOf(s *model.Scenario) string {
	if s.State == "" {
		return "open"
	}
	return string(s.State)
}

func createScenario(v *frame.Visit) error {
	b := &scenariosPage{Key: v.Form("key"), Name: v.Form("name"), About: v.Form("description")}
	now, err := v.House.Look(v.Ctx(), v.Who, door.Moment{})
	if err != nil {
		return err
	}
	if b.Key == "" {
		b.Key = keyFrom(b.Name)
	}
	edit := door.Edit{Kind: "Scenario", Key: b.Key, Create: true, Set: map[string]any{"name": b.Name, "description": b.About, "state": "open", "based_on": strconv.FormatUint(now.Stamp().Seq, 10)}}
	change, err := v.House.Build(v.Ctx(), v.Who, now, edit)
	if err == nil {
		var r door.Receipt
		if r, err = v.House.Write(v.Ctx(), v.Who, door.Moment{}, door.Tx{Why: "Open scenario " + b.Key, Changes: []model.Change{change}}); err == nil {
			return v.Done("/scenarios/"+b.Key, "The scenario is open. What you change while you look at it stays in it.", r)
		}
	}
	status, words := v.Words(err)
	if status != http.StatusUnprocessableEntity {
		return err
	}
	b.Problem = words
	return listScenarios(v, b)
}

// keyFrom makes a key of a name: lower case, with hyphens.
func keyFrom(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
}

// scenarioPage is what the page of a scenario shows.
type scenarioPage struct {
	Link, Owner         practice.Link
	State, About        string
	Based               int
	Entries             []scenarioEntry
	Changes             []changeView
	Sums, Kinds         string
	More                int
	Conflicts           []conflictView
	MayMerge, MayDrop   bool
	Look, Home, Compare string
}

// scenarioEntry is one step of a scenario.
type scenarioEntry struct {
	At      model.Time
	Ago     string
	Who     string
	Why     string
	Changes int
}

// maxDifferences is how many changes of a scenario its page shows.
const maxDifferences = 200

func scenario(v *frame.Visit) error {
	now, err := v.House.Look(v.Ctx(), v.Who, door.Moment{})
	if err != nil {
		return err
	}
	s, err := v.House.Scenario(v.Ctx(), v.Who, door.Moment{}, v.R.PathValue("key"))
	if err != nil {
		return err
	}
	rec := s.Scenario
	key := rec.Key
	b := &scenarioPage{Link: practice.To(rec), Owner: practice.To(now.Get(rec.Owner)), State: stateOf(rec), About: rec.Description, Based: rec.BasedOn,
		Look: "/records?scenario=" + key, Home: "/?scenario=" + key, Compare: "/compare?" + url.Values{"right": {"scenario=" + key}}.Encode()}
	for _, e := range slices.Backward(rec.Entries) {
		b.Entries = append(b.Entries, scenarioEntry{e.At, v.Ago(e.At), e.Who, e.Why, strings.Count(e.Changes, `"op":`)})
	}
	if b.State == "open" {
		b.differ(v, now, s)
	}
	return v.Render(templates, "scenario", frame.Page{Title: rec.Title(), Lead: rec.Description, Section: "scenarios", Crumbs: []frame.Crumb{{Label: "Scenarios", Path: "/scenarios"}}, Body: b})
}

// differ finds out what an open scenario would change, what stands in its way, and what the visitor may do with it.
func (b *scenarioPage) differ(v *frame.Visit, now estate.View, s door.ScenarioState) {
	changes := door.Differences(now, s.Under)
	b.Sums, b.Kinds = sums(changes), kindsIn(s.Under.Schema(), changes)
	b.Changes = viewsOf(now, s.Under, changes[:min(maxDifferences, len(changes))])
	b.More = len(changes) - len(b.Changes)
	for _, c := range s.Conflicts {
		b.Conflicts = append(b.Conflicts, conflictOf(now, c))
	}
	b.MayMerge = len(changes) > 0 && len(s.Conflicts) == 0 && v.Who.CheckApproval(now, changes) == nil
	b.MayDrop = v.Who.MayWrite(s.Scenario)
}

func merge(v *frame.Visit) error {
	key := v.R.PathValue("key")
	r, err := v.House.Merge(v.Ctx(), v.Who, key, v.Form("why"))
	if door.IsConflict(err) != nil {
		return scenario(v)
	}
	if err != nil {
		return err
	}
	return v.Done("/scenarios/"+key, "The scenario is merged: "+sums(r.Changes)+".", r)
}

func drop(v *frame.Visit) error {
	key := v.R.PathValue("key")
	now, err := v.House.Look(v.Ctx(), v.Who, door.Moment{})
	if err != nil {
		return err
	}
	change, err := v.House.Build(v.Ctx(), v.Who, now, door.Edit{Kind: "Scenario", Key: key, Set: map[string]any{"state": "dropped"}})
	if err != nil {
		return err
	}
	why := v.Form("why")
	if why == "" {
		why = "Drop scenario " + key
	}
	r, err := v.House.Write(v.Ctx(), v.Who, door.Moment{}, door.Tx{Why: why, Changes: []model.Change{change}})
	if err != nil {
		return err
	}
	return v.Done("/scenarios", "The scenario is dropped.", r)
}
