package store

import (
	"bytes"
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
	undoes        bool
	problems      []RecordProblem
}

func (c *checker) refuse(k string, rec model.Record, field, format string, args ...any) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, RecordProblem{model.Problem{Field: field, Text: fmt.Sprintf(format, args...)}, k, rec.Base().Key})
	}
}

// check looks at every record that changes touch: types and limits, required
// values, refs, identities, state machines and the rules of the organisation.
// An entry that takes another back need not go along the transitions of a state machine.
func (s *Store) check(before, after *estate.Snapshot, changes []model.Change, undoes bool) error {
	c := &checker{before: before, after: after, undoes: undoes}
	rules, err := s.rules.of(after)
	defines := slices.ContainsFunc(changes, func(ch model.Change) bool {
		return ch.Kind == "Rule" || ch.Kind == "KindDefinition" || ch.Kind == "FieldDefinition"
	})
	if err != nil && defines {
		c.problems = append(c.problems, RecordProblem{Problem: model.Problem{Text: err.Error()}})
	}
	first := firstChanges(changes)
	found := make([][]RecordProblem, len(first))
	estate.Spread(len(first), func(i int) {
		own := &checker{before: before, after: after, undoes: undoes}
		own.checkChange(first[i], rules)
		found[i] = own.problems
	})
	for _, problems := range found {
		c.problems = append(c.problems, problems[:min(len(problems), maxProblems-min(len(c.problems), maxProblems))]...)
	}
	c.checkDefinitions(changes)
	if len(c.problems) > 0 {
		return &Refused{c.problems}
	}
	return nil
}

// firstChanges returns the first change of each record.
func firstChanges(changes []model.Change) []*model.Change {
	out := make([]*model.Change, 0, len(changes))
	seen := make(map[model.ID]bool, len(changes))
	for i := range changes {
		if id := changes[i].ID; !seen[id] {
			seen[id] = true
			out = append(out, &changes[i])
		}
	}
	return out
}

// checkChange looks at the record that a change touches, as it is after all changes.
func (c *checker) checkChange(ch *model.Change, rules ruleSet) {
	was, is := c.before.Get(model.Ref(ch.ID)), c.after.Get(model.Ref(ch.ID))
	switch {
	case is != nil:
		c.checkRecord(was, is, ch.Vouched())
		for _, p := range rules.broken(c.after, is, false) {
			c.refuse(ch.Kind, is, p.Field, "%s", p.Text)
		}
	case was != nil:
		c.checkRemoval(ch.Kind, was)
	}
}

func (c *checker) checkRecord(was, is model.Record, vouched bool) {
	k := c.after.Schema().Of(is)
	if !vouched {
		for _, p := range k.Check(is) {
			c.refuse(k.Name, is, p.Field, "%s", p.Text)
		}
	}
	if !c.refsHold(k, is) {
		for _, f := range k.RefFields() {
			for _, r := range f.AppendRefs(nil, is) {
				c.checkRef(k, f, is, r)
			}
		}
	}
	for _, f := range k.IdentFields() {
		for _, value := range f.Idents(is) {
			if other := c.after.Identify(k.Name, f.Ident, value); other != nil && other.Base().ID != is.Base().ID {
				c.refuse(k.Name, is, f.Name, "%s is already that of %s/%s, and it must be unique", value, k.Name, other.Base().Key)
			}
		}
	}
	if was != nil && !c.undoes {
		c.checkMoves(k, was, is)
	}
}

// refsHold reports whether every ref of a record has an edge to a record of a
// kind that it may point to. It is quicker than to look at each ref.
func (c *checker) refsHold(k *model.Kind, rec model.Record) bool {
	refs, edges := 0, 0
	for _, f := range k.RefFields() {
		refs += f.CountRefs(rec)
	}
	if refs == 0 {
		return true
	}
	for e := range c.after.View(0).Out(rec.Base().Ref()) {
		if len(e.Field.To) > 0 && !slices.Contains(e.Field.To, model.NameOf(e.Record)) {
			return false
		}
		edges++
	}
	return edges == refs
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
		if n := c.after.View(0).Count(k.Name); n > 0 && c.after.Schema().Kind(k.Name) == nil {
			c.problems = append(c.problems, RecordProblem{Problem: model.Problem{Text: fmt.Sprintf("the kind %s still has %d records: remove these first", k.Name, n)}})
		}
	}
	for _, ch := range changes {
		if d, ok := c.after.Get(model.Ref(ch.ID)).(*model.FieldDefinition); ok && d.Ident != "" {
			c.checkIdentity(d)
		}
	}
}

// checkIdentity refuses to let a field identify records that have the same value of it.
func (c *checker) checkIdentity(d *model.FieldDefinition) {
	k := c.after.Schema().Kind(d.Kind)
	if k == nil || k.Field(d.Field) == nil {
		return
	}
	first := map[string]model.Record{}
	for rec := range c.after.View(0).All(k.Name) {
		for _, value := range k.Field(d.Field).Idents(rec) {
			if other := first[value]; other != nil && other != rec {
				c.refuse("FieldDefinition", d, "ident", "%s/%s and %s/%s both have %s: an identity must be unique", k.Name, other.Base().Key, k.Name, rec.Base().Key, value)
				return
			}
			first[value] = rec
		}
	}
}

// Check tells whether changes could be committed on a snapshot, without doing so.
func (s *Store) Check(snap *estate.Snapshot, changes []model.Change) (*estate.Snapshot, error) {
	next, _, err := s.try(snap, snap.Stamp(), changes, false)
	return next, err
}

// try applies changes to a snapshot and checks what comes of it. It returns the
// changes as they are to be kept: complete, in order, and only those that change something.
func (s *Store) try(snap *estate.Snapshot, stamp model.Stamp, changes []model.Change, undoes bool) (*estate.Snapshot, []model.Change, error) {
	changes = withoutTraces(snap, changes)
	if err := onlyOnce(changes); err != nil {
		return nil, nil, err
	}
	if err := conflicts(snap, changes); err != nil {
		return nil, nil, err
	}
	changes = complete(snap, changes)
	next, err := snap.Apply(stamp, changes)
	if err != nil {
		return nil, nil, &Refused{Problems: []RecordProblem{{Problem: model.Problem{Text: err.Error()}}}}
	}
	if err := s.check(snap, next, changes, undoes); err != nil {
		return nil, nil, err
	}
	return next, changes, nil
}

// withoutTraces adds the changes that take the traces of removed records out of others: what only names something that was seen does
// not keep it from being removed. Taking the entry back brings both again.
func withoutTraces(snap *estate.Snapshot, changes []model.Change) []model.Change {
	var holders []model.Record
	gone, own := map[model.Ref]bool{}, map[model.ID]bool{}
	for i := range changes {
		own[changes[i].ID] = true
		if changes[i].Op == model.Remove {
			gone[model.Ref(changes[i].ID)] = true
		}
	}
	for ref := range gone {
		for e := range snap.View(0).In(ref) {
			if id := e.Record.Base().ID; e.Field.Trace && !own[id] {
				own[id] = true
				holders = append(holders, e.Record)
			}
		}
	}
	if len(holders) == 0 {
		return changes
	}
	slices.SortFunc(holders, func(a, b model.Record) int { return bytes.Compare(a.Base().ID[:], b.Base().ID[:]) })
	changes = slices.Clone(changes)
	for _, rec := range holders {
		k, after := snap.Schema().Of(rec), model.Clone(rec)
		for _, f := range k.RefFields() {
			if f.Trace {
				f.DropRefs(after, gone)
			}
		}
		if c, differs := model.Difference(k, rec, after); differs {
			changes = append(changes, c)
		}
	}
	return changes
}

// onlyOnce refuses to change a record twice in one entry, because only one of the changes can be right about what was before.
func onlyOnce(changes []model.Change) error {
	seen := make(map[model.ID]bool, len(changes))
	for i := range changes {
		c := &changes[i]
		if seen[c.ID] && !c.ID.IsZero() {
			text := fmt.Sprintf("%s %s is changed twice: join the changes, or make two entries", c.Kind, c.ID)
			return &Refused{Problems: []RecordProblem{{Problem: model.Problem{Text: text}}}}
		}
		seen[c.ID] = true
	}
	return nil
}

// complete returns the changes as the journal is to keep them. What a caller
// made by hand is trusted for what it wants, and for nothing else: the values
// before, the stamps and the order of the fields come from the snapshot.
func complete(snap *estate.Snapshot, changes []model.Change) []model.Change {
	out := make([]model.Change, 0, len(changes))
	for i := range changes {
		c := changes[i]
		k, rec := snap.Schema().Kind(c.Kind), snap.Get(model.Ref(c.ID))
		switch {
		case c.Op == model.Create:
			if c.Result() != nil {
				break
			}
			// The kind may be defined by another change of the entry.
			c.Fields = slices.SortedFunc(slices.Values(c.Fields), func(a, b model.FieldChange) int { return strings.Compare(a.Name, b.Name) })
			if k == nil {
				break
			}
			if rec, err := k.ApplyFields(nil, &c); err == nil {
				c, _ = model.Difference(k, nil, rec)
			}
		case k == nil || rec == nil:
		case c.Op == model.Remove:
			c, _ = model.Difference(k, rec, nil)
		case c.Result() == nil:
			after, err := k.ApplyFields(rec, &c)
			if err != nil {
				break
			}
			m, was := after.Base(), rec.Base()
			m.Version, m.Created, m.Changed = was.Version, was.Created, was.Changed
			differs := false
			if c, differs = model.Difference(k, rec, after); !differs {
				continue
			}
		default:
			c.Prior, c.Born = rec.Base().Changed, rec.Base().Created
		}
		out = append(out, c)
	}
	return out
}
