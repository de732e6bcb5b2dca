package cli

import (
	"context"
	"fmt"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
)

type scenarioCmd struct {
	List  scenarioListCmd  `cmd:"" default:"1" help:"List the scenarios."`
	Show  scenarioShowCmd  `cmd:"" help:"Show the entries of a scenario and the differences it makes."`
	Merge scenarioMergeCmd `cmd:"" help:"Make the changes of a scenario in the estate, as one entry."`
	Drop  scenarioDropCmd  `cmd:"" help:"Close a scenario that is no longer wanted."`
}

// Help shows how the command is used.
func (scenarioCmd) Help() string {
	return `A scenario is a named list of changes that are not made yet. Every command that writes adds to it with --scenario NAME, and every command that reads looks at the estate under it.

Examples:

    binnacle set Host/rtm-db-01 os_version=13 --scenario refresh
    binnacle ask lifecycle.exposure --scenario refresh
    binnacle scenario
    binnacle scenario show refresh
    binnacle scenario merge refresh --why "Approved by the board"
    binnacle scenario drop refresh`
}

type scenarioListCmd struct{}

// Run lists the scenarios.
func (c scenarioListCmd) Run(ctx context.Context, s *session) error {
	if err := s.noScenario("scenario list"); err != nil {
		return err
	}
	if s.far != nil {
		return c.far(ctx, s)
	}
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	var list []scenarioTold
	for rec := range estate.Each[*model.Scenario](v) {
		one := scenarioTold{Scenario: rec.Key, Name: rec.Name, State: string(rec.State), BasedOn: rec.BasedOn, Entries: len(rec.Entries)}
		if rec.State == "open" || rec.State == "" {
			if _, one.Conflicts, err = s.store.Under(v.Snapshot(), rec.Key); err != nil {
				return err
			}
		}
		list = append(list, one)
	}
	return c.print(s, list)
}

// scenarioTold is a scenario as it is printed.
type scenarioTold struct {
	Scenario  string             `json:"scenario"`
	Name      string             `json:"name"`
	State     string             `json:"state"`
	BasedOn   int                `json:"based_on"`
	Entries   int                `json:"entries"`
	Conflicts []*estate.Conflict `json:"conflicts"`
}

// print prints scenarios.
func (scenarioListCmd) print(s *session, list []scenarioTold) error {
	g := &grid{columns: columns("scenario", "name", "state", ">based on", ">entries", ">conflicts")}
	if list == nil {
		list = []scenarioTold{}
	}
	for i := range list {
		one := &list[i]
		if one.Conflicts == nil {
			one.Conflicts = []*estate.Conflict{}
		}
		g.add(one.Scenario, one.Name, one.State, fmt.Sprint(one.BasedOn), fmt.Sprint(one.Entries), fmt.Sprint(len(one.Conflicts)))
	}
	return s.out.print(answer{data: list, blocks: []block{table(g)}})
}

type scenarioShowCmd struct {
	Name string `arg:"" help:"The scenario."`
}

// Run shows a scenario.
func (c *scenarioShowCmd) Run(ctx context.Context, s *session) error {
	if err := s.noScenario("scenario show"); err != nil {
		return err
	}
	if s.far != nil {
		return c.far(ctx, s)
	}
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	rec, err := s.store.Scenario(v.Snapshot(), c.Name)
	if err != nil {
		return err
	}
	under, conflicts, err := s.store.Under(v.Snapshot(), c.Name)
	if err != nil {
		return err
	}
	full := scenarioFull{scenarioTold: scenarioTold{Scenario: rec.Key, State: string(rec.State), BasedOn: rec.BasedOn, Conflicts: conflicts}}
	for _, e := range rec.Entries {
		full.List = append(full.List, scenarioEntry{e.At, e.Who, e.Why})
	}
	full.Differences = door.Report(v, under.View(v.At()), estate.Differences(v.Snapshot(), under))
	return c.print(s, full)
}

// scenarioFull is a scenario with everything in it.
type scenarioFull struct {
	scenarioTold
	List        []scenarioEntry     `json:"list"`
	Differences []door.ChangeReport `json:"differences"`
}

type scenarioEntry struct {
	At  model.Time `json:"at"`
	Who string     `json:"who"`
	Why string     `json:"why"`
}

// print prints a scenario with everything in it.
func (c *scenarioShowCmd) print(s *session, f scenarioFull) error {
	entries := &grid{columns: columns("at", "who", "why"), wrap: true}
	for _, e := range f.List {
		entries.add(e.At.String(), e.Who, e.Why)
	}
	blocks := []block{{title: "Entries", grid: entries}, {title: "Differences", grid: changeTable(f.Differences)}}
	if len(f.Conflicts) > 0 {
		clashes := &grid{columns: columns("record", "field", "base", "theirs", "yours"), wrap: true}
		for _, conflict := range f.Conflicts {
			for _, one := range conflict.Fields {
				if one.Clash {
					clashes.add(conflict.Kind+"/"+conflict.Key, one.Field, one.Base, one.Theirs, one.Yours)
				}
			}
		}
		blocks = append(blocks, block{title: "Conflicts with what has happened since", grid: clashes})
	} else {
		f.Conflicts = []*estate.Conflict{}
	}
	return s.out.print(answer{data: object{{"scenario", f.Scenario}, {"state", f.State}, {"based_on", f.BasedOn}, {"entries", gridData(entries)}, {"differences", f.Differences}, {"conflicts", f.Conflicts}}, blocks: blocks})
}

type scenarioMergeCmd struct {
	Name string `arg:"" help:"The scenario."`
	Why  string `placeholder:"TEXT" help:"Why it is merged."`
}

// Run merges a scenario.
func (c *scenarioMergeCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("scenario merge"); err != nil {
		return err
	}
	if s.far != nil {
		return c.far(ctx, s)
	}
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	under, _, err := s.store.Under(v.Snapshot(), c.Name)
	if err != nil {
		return err
	}
	changes := estate.Differences(v.Snapshot(), under)
	stamp, err := s.store.Merge(ctx, c.Name, s.who(), c.Why)
	if err != nil {
		return s.explain(err)
	}
	return s.out.print(s.changed(v, changes, stamp, false))
}

type scenarioDropCmd struct {
	Name string `arg:"" help:"The scenario."`
	Why  string `placeholder:"TEXT" help:"Why it is dropped."`
}

// Run drops a scenario.
func (c *scenarioDropCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("scenario drop"); err != nil {
		return err
	}
	if s.far != nil {
		return c.far(ctx, s)
	}
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	rec, err := s.store.Scenario(v.Snapshot(), c.Name)
	if err != nil {
		return err
	}
	k := v.Schema().Of(rec)
	after := model.Clone(rec)
	after.State = "dropped"
	door.Own(k, rec, after)
	change, _ := model.Difference(k, rec, after)
	why := c.Why
	if why == "" {
		why = "Drop scenario " + c.Name
	}
	stamp, err := s.commit(ctx, v, store.Tx{Why: why, Changes: []model.Change{change}}, false)
	if err != nil {
		return err
	}
	return s.out.print(s.changed(v, []model.Change{change}, stamp, false))
}
