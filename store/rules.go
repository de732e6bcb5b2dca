package store

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/estate/rule"
	"binnacle/model"
)

// rules keeps the compiled rules of the organisation.
type rules struct{ programs *rule.Programs }

func newRules() *rules { return &rules{programs: rule.NewPrograms()} }

// ruleSet is the rules that hold in one snapshot, by kind.
type ruleSet map[string][]ownRule

type ownRule struct {
	record  *model.Rule
	program *rule.Program
}

// warns reports whether a record that breaks the rule is taken all the same.
func (r ownRule) warns() bool { return r.record.Severity == "warn" }

// of returns the rules of a snapshot. The error names the rules that cannot be compiled.
func (r *rules) of(snap *estate.Snapshot) (ruleSet, error) {
	type key struct{ rules string }
	type result struct {
		set ruleSet
		err error
	}
	got := snap.Memo(key{"rules"}, func() any {
		set, err := r.compileAll(snap)
		return result{set, err}
	}).(result)
	return got.set, got.err
}

func (r *rules) compileAll(snap *estate.Snapshot) (ruleSet, error) {
	set := ruleSet{}
	var wrong []string
	for rec := range estate.Each[*model.Rule](snap.View(0)) {
		k := snap.Schema().Kind(rec.Kind)
		if k == nil {
			wrong = append(wrong, fmt.Sprintf("rule %s: there is no kind %q", rec.Key, rec.Kind))
			continue
		}
		program, err := r.programs.Compile(rec.Expression)
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("rule %s: %v", rec.Key, err))
			continue
		}
		set[k.Name] = append(set[k.Name], ownRule{rec, program})
	}
	if len(wrong) > 0 {
		return set, fmt.Errorf("%s", strings.Join(wrong, "; "))
	}
	return set, nil
}

// broken lists the rules that a record breaks: those that warn, or those that refuse. A rule that cannot be evaluated on a record is broken.
func (set ruleSet) broken(snap *estate.Snapshot, rec model.Record, warn bool) []model.Problem {
	list := set[model.NameOf(rec)]
	if !slices.ContainsFunc(list, func(r ownRule) bool { return r.warns() == warn }) {
		return nil
	}
	v, k := snap.View(0), snap.Schema().Of(rec)
	var out []model.Problem
	for _, r := range list {
		if r.warns() != warn {
			continue
		}
		if holds, err := r.program.Holds(k, rec, v); !holds || err != nil {
			out = append(out, model.Problem{Text: rule.Problem(r.record.Message, r.record.Key, r.record.Expression, err)})
		}
	}
	return out
}

// Warnings lists the rules that only warn and that the records touched by changes break, as these are in a snapshot.
func (s *Store) Warnings(snap *estate.Snapshot, changes []model.Change) []RecordProblem {
	set, _ := s.rules.of(snap)
	var out []RecordProblem
	for i := range changes {
		rec := snap.Get(model.Ref(changes[i].ID))
		if rec == nil {
			continue
		}
		for _, p := range set.broken(snap, rec, true) {
			out = append(out, RecordProblem{p, model.NameOf(rec), rec.Base().Key})
		}
	}
	return out
}
