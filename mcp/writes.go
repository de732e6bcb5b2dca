package mcp

import (
	"context"
	"fmt"
	"strings"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// The arguments of everything that changes something.
var (
	dryRunArg = object{"type": "boolean", "default": true, "description": "True, which is the default, only shows what would change. Give false after the person has seen that and agreed."}
	whyArg    = object{"type": "string", "description": "What the change is for, in a sentence for the history."}
)

// dryRunHelp is said with every tool that changes something.
const dryRunHelp = "\n\nIt changes something only with dry_run false. Before that, show the person what would change and ask."

// action is the tool of an action.
func (s *server) action(a practice.Asked) tool {
	properties, required, names := parameters(a)
	properties["dry_run"], properties["why"] = dryRunArg, whyArg
	return tool{
		name: toolName(a), title: a.Practice.Label + ": " + model.Spaced(strings.ReplaceAll(a.Question.Name, "_", " ")), help: a.Help() + dryRunHelp,
		properties: properties, required: required, writes: true,
		call: func(ctx context.Context, p *access.Principal, in args) (answer, error) {
			dry, m := in.yes("dry_run", true), in.moment(names...)
			r, got, err := s.house.Do(ctx, p, m, a.Name(), given(in, names), in.text("why"), dry)
			if err != nil {
				return answer{}, unreadable(err)
			}
			proposal, _ := got.Value.(practice.Proposal)
			return s.receipt(ctx, p, m, got.View, r, dry, proposal.Findings)
		},
	}
}

// receipt tells what a write did, or on a dry run would do.
func (s *server) receipt(ctx context.Context, p *access.Principal, m door.Moment, before estate.View, r door.Receipt, dry bool, findings []practice.Finding) (answer, error) {
	after := before
	if snap, _, err := before.Snapshot().Overlay(r.Changes); err == nil {
		after = snap.View(before.At()).Through(p.Sight(snap))
	}
	report := r.Told(before, after, dry)
	report.Findings = findings
	var text strings.Builder
	switch {
	case dry:
		fmt.Fprintf(&text, "This would change %s. Nothing was changed yet.\n", practice.Count(len(report.Changes), "record", "records"))
	case r.Scenario != "":
		fmt.Fprintf(&text, "Written into the scenario %s.\n", r.Scenario)
	default:
		fmt.Fprintf(&text, "Done in entry %d, which can be undone.\n", report.Entry)
	}
	for _, c := range report.Changes[:min(len(report.Changes), usualRows)] {
		fmt.Fprintf(&text, "%s %s\n", c.Record, c.Outcome)
		for _, f := range c.Fields {
			fmt.Fprintf(&text, "  %s: %s → %s\n", f.Field, oneLine(f.Before), oneLine(f.After))
		}
	}
	for _, w := range report.Warnings {
		fmt.Fprintf(&text, "Warning: %s\n", oneLine(w))
	}
	total := len(report.Changes)
	report.Changes = report.Changes[:min(total, mostRows)]
	return answer{object{"report": report, "total": total}, text.String()}, nil
}

// writers are the tools that create and edit records.
func (s *server) writers() []tool {
	fields := object{
		"kind": kindArg, "key": keyArg,
		"values":  object{"type": "object", "description": "The fields to set, by name, as describe_kind tells. A value of null takes the value away. Links are written as keys or Kind/key."},
		"create":  object{"type": "boolean", "description": "True creates the record, which must not be there yet. Default: false."},
		"version": object{"type": "integer", "description": "The version of the record that you saw, so that a change by somebody else is not overwritten."},
		"dry_run": dryRunArg, "why": whyArg,
	}
	set := tool{name: "set_record", title: "Create or edit a record", properties: fields, required: []string{"kind", "key", "values"}, writes: true, call: s.setRecord,
		help: "Creates a record or edits fields of one. With the argument scenario it is only written into that scenario." + dryRunHelp}
	proposing := object{}
	for name, schema := range fields {
		proposing[name] = schema
	}
	proposing["scenario"] = object{"type": "string", "description": "The key of the scenario. One that is not there yet is opened."}
	propose := tool{name: "propose_record", title: "Propose a change in a scenario", properties: proposing, required: []string{"scenario", "kind", "key", "values"}, writes: true, call: s.setRecord,
		help: "Writes a change into a scenario, a branch of the estate that people can compare and merge or drop. The estate itself stays as it is." + dryRunHelp}
	return []tool{set, propose}
}

func (s *server) setRecord(ctx context.Context, p *access.Principal, in args) (answer, error) {
	values, ok := in["values"].(map[string]any)
	if !ok {
		return answer{}, bad("values is an object of fields, such as {\"criticality\": \"high\"}")
	}
	m := in.moment()
	if m.AsOf != "" {
		return answer{}, bad("the past cannot be changed: leave as_of out")
	}
	look := m
	if m.Scenario != "" {
		now, err := s.house.Look(ctx, p, door.Moment{At: m.At})
		if err != nil {
			return answer{}, err
		}
		if now.Find("Scenario", m.Scenario) == nil {
			// The scenario is opened by the write.
			look.Scenario = ""
		}
	}
	v, err := s.house.Look(ctx, p, look)
	if err != nil {
		return answer{}, err
	}
	change, err := s.house.Build(ctx, p, v, door.Edit{Kind: in.text("kind"), Key: in.text("key"), Create: in.yes("create", false), Version: uint32(in.number("version", 0, 0, 1<<31-1)), Set: values})
	if err != nil {
		return answer{}, err
	}
	if change.Op == model.Edit && len(change.Fields) == 0 {
		return answer{}, door.ErrNothing
	}
	dry := in.yes("dry_run", true)
	r, err := s.house.Write(ctx, p, m, door.Tx{Why: in.text("why"), Changes: []model.Change{change}, DryRun: dry})
	if err != nil {
		return answer{}, err
	}
	return s.receipt(ctx, p, m, v, r, dry, nil)
}
