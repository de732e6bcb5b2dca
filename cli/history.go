package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/journal"
	"binnacle/model"
)

type historyCmd struct {
	Record string `arg:"" optional:"" help:"One record as Kind/key. It may be deleted."`
	Limit  int    `default:"20" placeholder:"N" help:"At most so many entries. 0 is all."`
}

// Help shows how the command is used.
func (historyCmd) Help() string {
	return `Entries come newest first. For one record, every field is shown as it was before and after.

Examples:

    binnacle history
    binnacle history Host/rtm-db-01
    binnacle history --limit 0 --format csv
    binnacle history --as-of 2026-06-30`
}

// Run prints the entries.
func (c *historyCmd) Run(ctx context.Context, s *session) error {
	if err := s.noScenario("history"); err != nil {
		return err
	}
	if c.Limit < 0 {
		return usage("--limit: %d is below 0", c.Limit)
	}
	if s.far != nil {
		return c.far(ctx, s)
	}
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	if c.Record != "" {
		return c.ofRecord(ctx, s, v)
	}
	var list []told
	err = s.newestFirst(ctx, v.Stamp().Seq, func(e journal.Entry) bool {
		one := toldOf(e)
		for i := range e.Changes {
			switch e.Changes[i].Op {
			case model.Create:
				one.Created++
			case model.Remove:
				one.Deleted++
			default:
				one.Edited++
			}
		}
		list = append(list, one)
		return c.Limit == 0 || len(list) < c.Limit
	})
	if err != nil {
		return err
	}
	return c.print(s, list)
}

// told is an entry as it is printed.
type told struct {
	Entry   uint64              `json:"entry"`
	At      model.Time          `json:"at"`
	Who     string              `json:"who"`
	Source  string              `json:"source"`
	Why     string              `json:"why"`
	Undoes  uint64              `json:"undoes"`
	Created int                 `json:"created"`
	Edited  int                 `json:"edited"`
	Deleted int                 `json:"deleted"`
	Changes []door.ChangeReport `json:"changes"`
}

func toldOf(e journal.Entry) told {
	return told{Entry: e.Seq, At: e.At, Who: e.Who, Source: e.Source, Why: e.Why, Undoes: e.Undoes}
}

func (e told) data() object {
	o := object{{"entry", e.Entry}, {"at", e.At}, {"who", e.Who}, {"source", e.Source}, {"why", e.Why}}
	if e.Undoes != 0 {
		o.set("undoes", e.Undoes)
	}
	return o
}

// print prints entries.
func (c *historyCmd) print(s *session, list []told) error {
	g := &grid{columns: columns(">entry", "at", "who", "source", "why", ">created", ">edited", ">deleted")}
	data := []object{}
	for _, e := range list {
		g.add(fmt.Sprint(e.Entry), e.At.String(), e.Who, e.Source, e.Why, fmt.Sprint(e.Created), fmt.Sprint(e.Edited), fmt.Sprint(e.Deleted))
		o := e.data()
		o.set("created", e.Created)
		o.set("edited", e.Edited)
		o.set("deleted", e.Deleted)
		data = append(data, o)
	}
	return s.out.print(answer{data: data, blocks: []block{table(g)}})
}

// newestFirst calls a function with the entries up to a number, the last one first, until it has enough.
func (s *session) newestFirst(ctx context.Context, upto uint64, take func(journal.Entry) bool) error {
	const step = 64
	for upto > 0 {
		after := upto - min(step, upto)
		var some []journal.Entry
		for e, err := range s.journal.Entries(ctx, after, upto) {
			if err != nil {
				return err
			}
			some = append(some, e)
		}
		for _, e := range slices.Backward(some) {
			if !take(e) {
				return nil
			}
		}
		upto = after
	}
	return nil
}

// ofRecord prints the entries of one record with the differences of its fields.
func (c *historyCmd) ofRecord(ctx context.Context, s *session, v estate.View) error {
	ref, name, err := s.trace(ctx, v, c.Record)
	if err != nil {
		return err
	}
	entries, err := s.store.History(ctx, ref)
	if err != nil {
		return err
	}
	var list []told
	for _, e := range slices.Backward(entries) {
		if e.Seq > v.Stamp().Seq {
			continue
		}
		if c.Limit > 0 && len(list) == c.Limit {
			break
		}
		one := toldOf(e)
		one.Changes = door.Report(v, v, e.Changes)
		for i := range e.Changes {
			one.Changes[i].Version = e.Changes[i].Version + 1
		}
		list = append(list, one)
	}
	return c.printRecord(s, name, list)
}

// printRecord prints the entries of one record with the differences of its fields.
func (c *historyCmd) printRecord(s *session, name string, list []told) error {
	g := &grid{columns: columns(">entry", "at", "who", "why", ">version", "field", "before", "after"), wrap: true}
	data := []object{}
	for _, e := range list {
		for _, change := range e.Changes {
			o := e.data()
			o.set("outcome", change.Outcome)
			o.set("version", change.Version)
			o.set("fields", change.Fields)
			data = append(data, o)
			row := []string{fmt.Sprint(e.Entry), e.At.String(), e.Who, e.Why, fmt.Sprint(change.Version)}
			if change.Outcome == "deleted" || len(change.Fields) == 0 {
				word := "(" + change.Outcome + ")"
				if change.Outcome == "edited" {
					word = "(seen by a source)"
				}
				g.rows = append(g.rows, append(row, word, "", ""))
				continue
			}
			for j, f := range change.Fields {
				if j > 0 {
					row = []string{"", "", "", "", ""}
				}
				if f.Erased {
					f.Before, f.After = "(erased)", "(erased)"
				}
				g.rows = append(g.rows, append(slices.Clone(row), f.Field, f.Before, f.After))
			}
		}
	}
	return s.out.print(answer{data: data, blocks: []block{{title: name, grid: g}}})
}

// trace returns the record that Kind/key names, also where it is deleted.
func (s *session) trace(ctx context.Context, v estate.View, text string) (model.Ref, string, error) {
	k, rec, err := record(v, text)
	if err == nil {
		return rec.Base().Ref(), nameOf(rec), nil
	}
	var none estate.NotFound
	if k == nil || !errors.As(err, &none) {
		return model.Ref{}, "", err
	}
	_, key, _ := strings.Cut(text, "/")
	var found model.ID
	scan := s.newestFirst(ctx, v.Stamp().Seq, func(e journal.Entry) bool {
		for i := range e.Changes {
			c := &e.Changes[i]
			was, _ := c.Field("key")
			var name string
			if c.Kind == k.Name && c.Op == model.Remove && (c.ID.String() == key || json.Unmarshal(was.Before, &name) == nil && name == key) {
				found = c.ID
			}
		}
		return found.IsZero()
	})
	if scan != nil {
		return model.Ref{}, "", scan
	}
	if found.IsZero() {
		return model.Ref{}, "", err
	}
	return model.Ref(found), k.Name + "/" + key + " (deleted)", nil
}

type undoCmd struct {
	Entry  uint64 `arg:"" help:"The number of the entry, as binnacle history shows it."`
	Why    string `placeholder:"TEXT" help:"Why it is taken back."`
	DryRun bool   `help:"Show what would be changed, and change nothing."`
}

// Help shows how the command is used.
func (undoCmd) Help() string {
	return `An entry is taken back by a new entry; nothing is ever taken out of the journal. Where others have changed the same fields since, nothing is done and the exit code is 4.

Examples:

    binnacle history
    binnacle undo 17 --dry-run
    binnacle undo 17 --why "Imported the wrong file"`
}

// Run takes the entry back.
func (c *undoCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("undo"); err != nil {
		return err
	}
	if s.far != nil {
		return c.far(ctx, s)
	}
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	changes, err := s.store.Undoing(ctx, c.Entry)
	if err != nil {
		return s.explain(err)
	}
	if len(changes) == 0 {
		return s.out.print(s.changed(v, nil, model.Stamp{}, c.DryRun))
	}
	var stamp model.Stamp
	if c.DryRun {
		_, err = s.store.Check(v.Snapshot(), changes)
	} else {
		stamp, err = s.store.Undo(ctx, c.Entry, s.who(), c.Why)
	}
	if err != nil {
		return s.explain(err)
	}
	return s.out.print(s.changed(v, changes, stamp, c.DryRun))
}

type diffCmd struct {
	With string `placeholder:"WHEN" help:"The other side: an entry, a date or a moment. Default: now."`
}

// Help shows how the command is used.
func (diffCmd) Help() string {
	return `The first side is --as-of, the second is --with or now. With --scenario, the second side is under the scenario.

Examples:

    binnacle diff --as-of 2026-01-01
    binnacle diff --as-of 12 --with 15
    binnacle diff --scenario cloud-first --format json`
}

// Run prints the differences.
func (c *diffCmd) Run(ctx context.Context, s *session) error {
	if s.globals.AsOf == "" && s.globals.Scenario == "" {
		return usage("there is nothing to compare with: give --as-of WHEN, or --scenario NAME")
	}
	if s.far != nil {
		return c.far(ctx, s)
	}
	if err := s.open(ctx, false); err != nil {
		return err
	}
	scenario := s.globals.Scenario
	s.globals.Scenario = ""
	from, err := s.view(ctx)
	if err != nil {
		return err
	}
	to := s.store.Snapshot()
	if s.globals.AsOf != "" && scenario != "" && c.With == "" {
		to = from.Snapshot()
	}
	if c.With != "" {
		if to, err = s.asOf(ctx, "--with", c.With); err != nil {
			return err
		}
	}
	if scenario != "" {
		under, conflicts, err := s.store.Under(to, scenario)
		if err != nil {
			return err
		}
		for _, conflict := range conflicts {
			s.warn("scenario %s: %v", scenario, conflict)
		}
		to = under
	}
	return s.printDifferences(from, to.View(from.At()))
}

// printDifferences prints what makes one estate of another.
func (s *session) printDifferences(from, to estate.View) error {
	changes := slices.DeleteFunc(estate.Differences(from.Snapshot(), to.Snapshot()), func(c model.Change) bool {
		return c.Op == model.Edit && len(door.FieldReports(from, to, &c)) == 0
	})
	return s.printReports(door.Report(from, to, changes))
}

// printReports prints changes.
func (s *session) printReports(changes []door.ChangeReport) error {
	return s.out.print(answer{data: changes, blocks: []block{table(changeTable(changes))}})
}
