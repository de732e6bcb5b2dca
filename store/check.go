package store

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

// RecordProblem is what is wrong with one field of one record.
type RecordProblem struct {
	model.Problem
	// Kind is the kind of the record.
	Kind string `json:"kind,omitempty"`
	// Key is the key of the record.
	Key string `json:"key,omitempty"`
}

// Error writes the record, the field and what is wrong.
func (p RecordProblem) Error() string {
	if p.Kind == "" {
		return p.Problem.Error()
	}
	return p.Kind + "/" + p.Key + ": " + p.Problem.Error()
}

// Refused says why changes were not made. Nothing of them was.
type Refused struct {
	// Problems are all that is wrong.
	Problems []RecordProblem `json:"problems"`
}

// Error writes one problem on each line.
func (r *Refused) Error() string {
	lines := make([]string, len(r.Problems))
	for i, p := range r.Problems {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// maxProblems is how many problems are told at once.
const maxProblems = 1000

type checker struct {
	before, after *estate.Snapshot
	problems      []RecordProblem
}

func (c *checker) refuse(k string, rec model.Record, field, format string, args ...any) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, RecordProblem{model.Problem{Field: field, Text: fmt.Sprintf(format, args...)}, k, rec.Base().Key})
	}
}

// check looks at every record that changes touch: types and limits, required
// values, refs, identities, state machines and the rules of the organisation.
func (s *Store) check(before, after *estate.Snapshot, changes []model.Change) error {
	c := &checker{before: before, after: after}
	rules, err := s.rules.of(after)
	if err != nil {
		c.problems = append(c.problems, RecordProblem{Problem: model.Problem{Text: err.Error()}})
	}
	seen := make(map[model.ID]bool, len(changes))
	for i := range changes {
		ch := &changes[i]
		if seen[ch.ID] {
			continue
		}
		seen[ch.ID] = true
		was, is := before.Get(model.Ref(ch.ID)), after.Get(model.Ref(ch.ID))
		if is == nil {
			if was != nil {
				c.checkRemoval(ch.Kind, was)
			}
			continue
		}
		c.checkRecord(was, is)
		for _, p := range rules.broken(after, is) {
			c.refuse(ch.Kind, is, p.Field, "%s", p.Text)
		}
	}
	c.checkDefinitions(changes)
	if len(c.problems) > 0 {
		return &Refused{c.problems}
	}
	return nil
}

func (c *checker) checkRecord(was, is model.Record) {
	k := c.after.Schema().Of(is)
	for _, p := range k.Check(is) {
		c.refuse(k.Name, is, p.Field, "%s", p.Text)
	}
	for _, f := range k.RefFields() {
		for _, r := range f.AppendRefs(nil, is) {
			c.checkRef(k, f, is, r)
		}
	}
	for _, f := range k.IdentFields() {
		for _, value := range f.Idents(is) {
			if other := c.after.Identify(k.Name, f.Ident, value); other != nil && other.Base().ID != is.Base().ID {
				c.refuse(k.Name, is, f.Name, "%s is already that of %s/%s, and it must be unique", value, k.Name, other.Base().Key)
			}
		}
	}
	if was != nil {
		c.checkMoves(k, was, is)
	}
}

func (c *checker) checkRef(k *model.Kind, f *model.Field, rec model.Record, r model.Ref) {
	to := c.after.Get(r)
	if to == nil {
		c.refuse(k.Name, rec, f.Path(), "it points to the record %s, which there is not", r)
		return
	}
	if kind := model.NameOf(to); len(f.To) > 0 && !slices.Contains(f.To, kind) {
		c.refuse(k.Name, rec, f.Path(), "it points to %s/%s, but must point to %s", kind, to.Base().Key, strings.Join(f.To, " or "))
	}
}

func (c *checker) checkMoves(k *model.Kind, was, is model.Record) {
	for _, f := range k.Fields {
		if f.Moves == nil {
			continue
		}
		from, to := f.Text(was, c.before.View(0)), f.Text(is, c.after.View(0))
		if from == "" || from == to || slices.Contains(f.Moves[from], to) {
			continue
		}
		next := "nothing may follow it"
		if moves := f.Moves[from]; len(moves) > 0 {
			next = "it may become " + strings.Join(moves, " or ")
		}
		c.refuse(k.Name, is, f.Name, "%s cannot become %q: %s", from, to, next)
	}
}

// checkRemoval refuses to remove what other records point to.
func (c *checker) checkRemoval(kind string, rec model.Record) {
	for e := range c.before.View(0).In(rec.Base().Ref()) {
		holder := c.after.Get(e.Record.Base().Ref())
		if holder == nil {
			continue
		}
		f := e.Field
		k := c.after.Schema().Of(holder)
		if slices.ContainsFunc(k.RefFields(), func(g *model.Field) bool {
			return g.Path() == f.Path() && slices.Contains(g.AppendRefs(nil, holder), rec.Base().Ref())
		}) {
			c.refuse(kind, rec, "", "%s/%s points to it with %s: change or remove that first", k.Name, holder.Base().Key, f.Path())
		}
	}
}

// checkDefinitions refuses definitions that cannot work, and the removal of a kind that still has records.
func (c *checker) checkDefinitions(changes []model.Change) {
	defines := slices.ContainsFunc(changes, func(ch model.Change) bool { return ch.Kind == "KindDefinition" || ch.Kind == "FieldDefinition" })
	if !defines {
		return
	}
	var kinds []*model.KindDefinition
	var fields []*model.FieldDefinition
	for d := range estate.Each[*model.KindDefinition](c.after.View(0)) {
		kinds = append(kinds, d)
	}
	for d := range estate.Each[*model.FieldDefinition](c.after.View(0)) {
		fields = append(fields, d)
	}
	if _, errs := model.Builtin().With(kinds, fields); len(errs) > 0 {
		for _, err := range errs {
			c.problems = append(c.problems, RecordProblem{Problem: model.Problem{Text: err.Error()}})
		}
	}
	for _, k := range c.before.Schema().Kinds() {
		if c.after.Schema().Kind(k.Name) == nil && c.before.View(0).Count(k.Name) > 0 {
			c.problems = append(c.problems, RecordProblem{Problem: model.Problem{Text: fmt.Sprintf("the kind %s still has %d records: remove these first", k.Name, c.before.View(0).Count(k.Name))}})
		}
	}
}

// Check tells whether changes could be committed on a snapshot, without doing so.
func (s *Store) Check(snap *estate.Snapshot, changes []model.Change) (*estate.Snapshot, error) {
	if err := conflicts(snap, changes); err != nil {
		return nil, err
	}
	changes = stamped(snap, changes)
	next, err := snap.Apply(snap.Stamp(), changes)
	if err != nil {
		return nil, &Refused{Problems: []RecordProblem{{Problem: model.Problem{Text: err.Error()}}}}
	}
	return next, s.check(snap, next, changes)
}
