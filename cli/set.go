package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
)

type setCmd struct {
	Record      string   `arg:"" help:"The record as Kind/key. It is created where there is none."`
	Assignments []string `arg:"" optional:"" help:"What to set: field=value. Lists have semicolons between; field+=x and field-=x add to a list and take away from it."`
	Clear       []string `placeholder:"FIELD" help:"Take the value of this field away. May be given again."`
	Version     uint32   `placeholder:"N" help:"The version of the record that you saw. Where it has changed since, nothing is done and the three sides are shown."`
	Why         string   `placeholder:"TEXT" help:"What the change is for."`
	DryRun      bool     `help:"Show what would be changed, and change nothing."`
}

// Help shows how the command is used.
func (setCmd) Help() string {
	return `What you set is yours: imports do not overwrite it unless told to. Links are set by key; a table is set as a JSON array of objects.

Examples:

    binnacle set Application/web-shop name="Web shop" criticality=critical owner=Team/commerce
    binnacle set Host/rtm-db-01 tags+=blue --why "Blue ring of the migration"
    binnacle set Application/web-shop "runs_on=Host/a; Host/b" --version 7
    binnacle set Contract/mail --clear vendor
    binnacle set KindDefinition/Vessel label=Vessel
    binnacle set Host/rtm-db-01 operating_system=Debian os_version=13 --scenario refresh`
}

// Run creates or edits the record.
func (c *setCmd) Run(ctx context.Context, s *session) error {
	if s.far != nil {
		return c.far(ctx, s)
	}
	v, err := s.writable(ctx, true)
	if err != nil {
		return err
	}
	k, key, err := splitName(v.Schema(), c.Record)
	if err != nil {
		return err
	}
	base, err := c.base(ctx, s, v, k, key)
	if err != nil {
		return err
	}
	after, err := c.apply(s, v, k, key, base)
	if err != nil {
		return err
	}
	change, differs := model.Difference(k, base, after)
	if base != nil && !differs {
		return s.out.print(s.changed(v, nil, model.Stamp{}, c.DryRun))
	}
	why := c.Why
	if why == "" {
		why = map[bool]string{true: "Create ", false: "Edit "}[base == nil] + k.Name + "/" + after.Base().Key
	}
	stamp, err := s.commit(ctx, v, store.Tx{Why: why, Changes: []model.Change{change}}, c.DryRun)
	if err != nil {
		return err
	}
	return s.out.print(s.changed(v, []model.Change{change}, stamp, c.DryRun))
}

// base returns the record as the person saw it, or nil where there is none yet.
func (c *setCmd) base(ctx context.Context, s *session, v estate.View, k *model.Kind, key string) (model.Record, error) {
	ref, err := v.Resolve([]string{k.Name}, key)
	var none estate.NotFound
	switch {
	case errors.As(err, &none) && c.Version > 0:
		return nil, coded{ExitConflict, fmt.Errorf("%s/%s is not there, and you saw version %d: look at it with binnacle history %s/%s", k.Name, key, c.Version, k.Name, key)}
	case errors.As(err, &none):
		return nil, nil
	case err != nil:
		return nil, err
	}
	rec := v.Get(ref)
	m := rec.Base()
	if c.Version == 0 || c.Version == m.Version {
		return rec, nil
	}
	if c.Version > m.Version {
		return nil, usage("--version: %s/%s is at version %d and never was at %d", k.Name, m.Key, m.Version, c.Version)
	}
	entries, err := s.store.History(ctx, ref)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		for _, change := range e.Changes {
			if change.ID == m.ID && change.Version+1 == c.Version {
				snap, err := s.store.AsOf(ctx, e.Seq)
				if err != nil {
					return nil, err
				}
				return snap.Get(ref), nil
			}
		}
	}
	return nil, usage("--version: the history has no version %d of %s/%s", c.Version, k.Name, m.Key)
}

// apply returns the record as the person wants it.
func (c *setCmd) apply(s *session, v estate.View, k *model.Kind, key string, base model.Record) (model.Record, error) {
	var rec model.Record
	if base == nil {
		rec = k.New()
		rec.Base().ID, rec.Base().Key, rec.Base().Origin = s.store.NewID(), key, model.PersonSource
	} else {
		rec = model.Clone(base)
	}
	if err := c.fill(v, k, rec); err != nil {
		return nil, err
	}
	door.Own(k, base, rec)
	return rec, nil
}

// fill gives a record the values of the command.
func (c *setCmd) fill(v model.Resolver, k *model.Kind, rec model.Record) error {
	for _, text := range c.Assignments {
		if err := assign(v, k, rec, text); err != nil {
			return err
		}
	}
	for _, name := range c.Clear {
		f, err := writableField(k, name)
		if err != nil {
			return err
		}
		f.Set(rec, nil)
	}
	return nil
}

func writableField(k *model.Kind, name string) (*model.Field, error) {
	f, err := fieldOf(k, name)
	if err == nil && f.System {
		return nil, usage("%s.%s is set by Binnacle and not by people", k.Name, f.Name)
	}
	return f, err
}

// assign does what field=value, field+=value or field-=value says to a record.
func assign(v model.Resolver, k *model.Kind, rec model.Record, text string) error {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return usage("%q sets nothing: write field=value, such as name=\"Web shop\"", text)
	}
	op := "="
	if last := name[len(name)-1]; last == '+' || last == '-' {
		op, name = string(last)+"=", name[:len(name)-1]
	}
	f, err := writableField(k, name)
	if err != nil {
		return err
	}
	isList := f.Type == model.TextsField || f.Type == model.RefsField || f.Type == model.TableField
	if op != "=" && !isList {
		return usage("%s.%s is not a list: set it with %s=%s", k.Name, f.Name, f.Name, value)
	}
	if f.Type == model.TableField && op == "-=" {
		return usage("%s.%s is a table: set it anew with %s='[{…}]'", k.Name, f.Name, f.Name)
	}
	if f.Type == model.TableField && strings.HasPrefix(strings.TrimSpace(value), "{") {
		value = "[" + value + "]"
	}
	read, err := f.Read(value, v)
	if err != nil {
		return refuse("%s/%s: %v", k.Name, rec.Base().Key, err)
	}
	if op != "=" {
		read = combine(f.Get(rec), read, op)
	}
	f.Set(rec, read)
	return nil
}

// combine adds the items of one list to another, or takes them away.
func combine(list, items any, op string) any {
	switch items := items.(type) {
	case []string:
		have, _ := list.([]string)
		return combined(have, items, op)
	case []model.Ref:
		have, _ := list.([]model.Ref)
		return combined(have, items, op)
	case nil:
		return list
	}
	if list == nil {
		return items
	}
	return reflect.AppendSlice(reflect.ValueOf(list).Slice3(0, reflect.ValueOf(list).Len(), reflect.ValueOf(list).Len()), reflect.ValueOf(items)).Interface()
}

func combined[T comparable](have, items []T, op string) any {
	out := slices.DeleteFunc(slices.Clone(have), func(one T) bool { return op == "-=" && slices.Contains(items, one) })
	for _, one := range items {
		if op == "+=" && !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// changed tells what changes did: the answer of every command that writes here.
func (s *session) changed(v estate.View, changes []model.Change, stamp model.Stamp, dryRun bool) answer {
	after := v
	if snap, _, err := v.Snapshot().Overlay(changes); err == nil {
		after = snap.View(v.At())
	}
	return written(door.Receipt{Stamp: stamp, Changes: changes, Scenario: s.globals.Scenario}.Told(v, after, dryRun))
}

// written tells what a write did.
func written(r door.WriteReport) answer {
	if r.Changes == nil {
		r.Changes = []door.ChangeReport{}
	}
	// Findings are shown below, and warnings were told beside the answer.
	shown := r.Findings
	r.Findings, r.Warnings = nil, nil
	sum := "Nothing to change."
	counts := map[string]int{}
	for _, c := range r.Changes {
		counts[c.Outcome]++
	}
	if len(r.Changes) > 0 {
		var words []string
		for _, word := range slices.Sorted(maps.Keys(counts)) {
			words = append(words, fmt.Sprintf("%d %s", counts[word], word))
		}
		sum = strings.Join(words, ", ")
		switch {
		case r.DryRun:
			sum += "; this was a dry run and nothing was changed"
		case r.Scenario != "":
			sum += " in the scenario " + r.Scenario
		default:
			sum += fmt.Sprintf(", entry %d", r.Entry)
		}
		sum += "."
	}
	out := answer{data: r, blocks: []block{text(sum)}}
	if len(r.Changes) > 0 {
		out.blocks = []block{table(changeTable(r.Changes)), text(sum)}
	}
	if len(shown) > 0 {
		out.blocks = append(out.blocks, findings("Why", shown))
	}
	return out
}
