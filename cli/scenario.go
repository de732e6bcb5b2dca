package cli

import (
	"context"
	"fmt"

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
func (scenarioListCmd) Run(ctx context.Context, s *session) error {
	if err := s.noScenario("scenario list"); err != nil {
		return err
	}
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	g := &grid{columns: columns("scenario", "name", "state", ">based on", ">entries", ">conflicts")}
	data := []object{}
	for rec := range estate.Each[*model.Scenario](v) {
		conflicts := []*estate.Conflict{}
		if rec.State == "open" || rec.State == "" {
			_, found, err := s.store.Under(v.Snapshot(), rec.Key)
			if err != nil {
				return err
			}
			conflicts = append(conflicts, found...)
		}
		g.add(rec.Key, rec.Name, string(rec.State), fmt.Sprint(rec.BasedOn), fmt.Sprint(len(rec.Entries)), fmt.Sprint(len(conflicts)))
		data = append(data, object{{"scenario", rec.Key}, {"name", rec.Name}, {"state", rec.State}, {"based_on", rec.BasedOn}, {"entries", len(rec.Entries)}, {"conflicts", conflicts}})
	}
	return s.out.print(answer{data: data, blocks: []block{table(g)}})
}

type scenarioShowCmd struct {
	Name string `arg:"" help:"The scenario."`
}

// Run shows a scenario.
func (c *scenarioShowCmd) Run(ctx context.Context, s *session) error {
	if err := s.noScenario("scenario show"); err != nil {
		return err
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
	entries := &grid{columns: columns("at", "who", "why"), wrap: true}
	for _, e := range rec.Entries {
		entries.add(e.At.String(), e.Who, e.Why)
	}
	differences, data := changeTable(v, under.View(v.At()), estate.Differences(v.Snapshot(), under))
	blocks := []block{{title: "Entries", grid: entries}, {title: "Differences", grid: differences}}
	if len(conflicts) > 0 {
		clashes := &grid{columns: columns("record", "field", "base", "theirs", "yours"), wrap: true}
		for _, conflict := range conflicts {
			for _, f := range conflict.Fields {
				if f.Clash {
					clashes.add(conflict.Kind+"/"+conflict.Key, f.Field, f.Base, f.Theirs, f.Yours)
				}
			}
		}
		blocks = append(blocks, block{title: "Conflicts with what has happened since", grid: clashes})
	}
	if conflicts == nil {
		conflicts = []*estate.Conflict{}
	}
	return s.out.print(answer{data: object{{"scenario", rec.Key}, {"state", rec.State}, {"based_on", rec.BasedOn}, {"entries", gridData(entries)}, {"differences", data}, {"conflicts", conflicts}}, blocks: blocks})
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
	owned(k, rec, after)
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
