package api

import (
	"net/http"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

// scenarioJSON is a scenario.
type scenarioJSON struct {
	Scenario  string             `json:"scenario"`
	Name      string             `json:"name"`
	State     string             `json:"state"`
	BasedOn   int                `json:"based_on"`
	Entries   int                `json:"entries"`
	Conflicts []*estate.Conflict `json:"conflicts"`
}

func scenarioOf(s door.ScenarioState) scenarioJSON {
	rec := s.Scenario
	out := scenarioJSON{rec.Key, rec.Name, string(rec.State), rec.BasedOn, len(rec.Entries), s.Conflicts}
	if out.Conflicts == nil {
		out.Conflicts = []*estate.Conflict{}
	}
	return out
}

// scenarios lists the scenarios.
func (c *call) scenarios() error {
	list, err := c.house.Scenarios(c.r.Context(), c.who, c.moment)
	if err != nil {
		return err
	}
	out := []scenarioJSON{}
	for _, s := range list {
		out = append(out, scenarioOf(s))
	}
	return c.json(http.StatusOK, struct {
		Scenarios []scenarioJSON `json:"scenarios"`
	}{out})
}

// scenarioEntry is one entry of a scenario.
type scenarioEntry struct {
	At  model.Time `json:"at"`
	Who string     `json:"who"`
	Why string     `json:"why"`
}

// scenario shows one scenario in full.
func (c *call) scenario() error {
	v, err := c.look()
	if err != nil {
		return err
	}
	s, err := c.house.Scenario(c.r.Context(), c.who, c.moment, c.r.PathValue("key"))
	if err != nil {
		return err
	}
	out := struct {
		scenarioJSON
		List        []scenarioEntry     `json:"list"`
		Differences []door.ChangeReport `json:"differences"`
	}{scenarioOf(s), []scenarioEntry{}, []door.ChangeReport{}}
	for _, e := range s.Scenario.Entries {
		out.List = append(out.List, scenarioEntry{e.At, e.Who, e.Why})
	}
	if s.Scenario.State == "open" || s.Scenario.State == "" {
		out.Differences = door.Report(v, s.Under, door.Differences(v, s.Under))
	}
	return c.json(http.StatusOK, out)
}

// newScenario is the body that opens a scenario.
type newScenario struct {
	// Key is the short name.
	Key string `json:"key"`
	// Name is what a screen calls it.
	Name string `json:"name"`
	// Description says what it is for.
	Description string `json:"description"`
}

// openScenario opens a scenario at the estate of now.
func (c *call) openScenario() error {
	var in newScenario
	if err := c.into(&in, false); err != nil {
		return err
	}
	v, err := c.house.Look(c.r.Context(), c.who, door.Moment{})
	if err != nil {
		return err
	}
	if strings.TrimSpace(in.Key) == "" {
		return &problem{Status: http.StatusUnprocessableEntity, Title: "The body is not right", Errors: []fault{{Pointer: "/key", Field: "key", Text: "a key is needed: a short name without spaces"}}}
	}
	set := map[string]any{"state": "open", "based_on": int(v.Stamp().Seq)}
	if in.Name != "" {
		set["name"] = in.Name
	}
	if in.Description != "" {
		set["description"] = in.Description
	}
	change, err := c.house.Build(c.r.Context(), c.who, v, door.Edit{Kind: "Scenario", Key: in.Key, Create: true, Set: set})
	if err != nil {
		return err
	}
	return c.write(v, door.Tx{Why: "Open scenario " + in.Key, Changes: []model.Change{change}}, model.Ref(change.ID), http.StatusCreated)
}

// dropScenario closes a scenario that is no longer wanted.
func (c *call) dropScenario() error {
	v, err := c.house.Look(c.r.Context(), c.who, door.Moment{})
	if err != nil {
		return err
	}
	key := c.r.PathValue("key")
	s, err := c.house.Scenario(c.r.Context(), c.who, door.Moment{}, key)
	if err != nil {
		return err
	}
	if s.Scenario.State == "merged" || s.Scenario.State == "dropped" {
		return &problem{Status: http.StatusConflict, Title: "The scenario is closed", Detail: "it is " + string(s.Scenario.State)}
	}
	change, err := c.house.Build(c.r.Context(), c.who, v, door.Edit{Kind: "Scenario", Key: key, Set: map[string]any{"state": "dropped"}})
	if err != nil {
		return err
	}
	tx, err := c.tx("Drop scenario " + key)
	if err != nil {
		return err
	}
	tx.Changes = []model.Change{change}
	return c.write(v, tx, model.Ref{}, http.StatusOK)
}

// merge makes the changes of a scenario in the estate.
func (c *call) merge() error {
	var in reason
	if err := c.into(&in, true); err != nil {
		return err
	}
	key := c.r.PathValue("key")
	s, err := c.house.Scenario(c.r.Context(), c.who, door.Moment{}, key)
	if err != nil {
		return err
	}
	if s.Scenario.State == "merged" || s.Scenario.State == "dropped" {
		return &problem{Status: http.StatusConflict, Title: "The scenario is closed", Detail: "it is " + string(s.Scenario.State)}
	}
	if len(s.Conflicts) > 0 {
		return &problem{Status: http.StatusConflict, Title: "Somebody else changed the same record", Detail: "the scenario no longer fits the estate", Conflict: s.Conflicts[0]}
	}
	v, err := c.house.Look(c.r.Context(), c.who, door.Moment{})
	if err != nil {
		return err
	}
	if in.DryRun {
		return c.json(http.StatusOK, receipt{WriteReport: door.Receipt{Changes: door.Differences(v, s.Under)}.Told(v, s.Under, true)})
	}
	r, err := c.house.Merge(c.r.Context(), c.who, key, in.Why)
	if err != nil {
		return err
	}
	return c.told(v, r, false)
}
