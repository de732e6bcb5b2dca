package store

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"binnacle/estate"
	"binnacle/model"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// rules keeps the compiled rules of the organisation, by their text.
type rules struct {
	mu       sync.Mutex
	programs map[string]cel.Program
	env      *cel.Env
}

func newRules() *rules { return &rules{programs: map[string]cel.Program{}} }

// maxRuleCost bounds what the evaluation of one rule on one record may cost.
const maxRuleCost = 100_000

// ruleSet is the rules that hold in one snapshot, by kind.
type ruleSet map[string][]rule

type rule struct {
	record  *model.Rule
	program cel.Program
}

// warns reports whether a record that breaks the rule is taken all the same.
func (r rule) warns() bool { return r.record.Severity == "warn" }

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
		program, err := r.compile(rec.Expression)
		if err != nil {
			wrong = append(wrong, fmt.Sprintf("rule %s: %v", rec.Key, err))
			continue
		}
		set[k.Name] = append(set[k.Name], rule{rec, program})
	}
	if len(wrong) > 0 {
		return set, fmt.Errorf("%s", strings.Join(wrong, "; "))
	}
	return set, nil
}

func (r *rules) compile(expression string) (cel.Program, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p, ok := r.programs[expression]; ok {
		return p, nil
	}
	if r.env == nil {
		env, err := cel.NewEnv(cel.Variable("record", cel.MapType(cel.StringType, cel.DynType)))
		if err != nil {
			return nil, err
		}
		r.env = env
	}
	ast, issues := r.env.Compile(expression)
	if issues != nil && issues.Err() != nil {
		return nil, issues.Err()
	}
	if ast.OutputType() != cel.BoolType && ast.OutputType() != cel.DynType {
		return nil, fmt.Errorf("the expression must be true or false, not %s", ast.OutputType())
	}
	program, err := r.env.Program(ast, cel.CostLimit(maxRuleCost))
	if err != nil {
		return nil, err
	}
	r.programs[expression] = program
	return program, nil
}

// eval evaluates a rule. A field without a value that the rule looks at reads as
// empty or zero, while has(record.field) says that it is not there.
func (r rule) eval(k *model.Kind, values map[string]any) (ref.Val, error) {
	own := values
	for {
		result, _, err := r.program.Eval(map[string]any{"record": own})
		if err == nil {
			return result, nil
		}
		_, name, missing := strings.Cut(err.Error(), "no such key: ")
		f := k.Field(name)
		if _, there := own[name]; !missing || f == nil || there {
			return nil, err
		}
		own = maps.Clone(own)
		own[name] = nothing(f)
	}
}

// nothing is what a field without a value reads as.
func nothing(f *model.Field) any {
	switch f.Type {
	case model.IntegerField:
		return int64(0)
	case model.NumberField, model.PercentField:
		return 0.0
	case model.BoolField:
		return false
	case model.RefsField, model.TextsField:
		return []string{}
	case model.TableField:
		return []map[string]any{}
	}
	return ""
}

// broken lists the rules that a record breaks: those that warn, or those that refuse. A rule that cannot be evaluated on a record is broken.
func (set ruleSet) broken(snap *estate.Snapshot, rec model.Record, warn bool) []model.Problem {
	list := set[model.NameOf(rec)]
	if !slices.ContainsFunc(list, func(r rule) bool { return r.warns() == warn }) {
		return nil
	}
	v := snap.View(0)
	values := map[string]any{}
	for _, f := range snap.Schema().Of(rec).Fields {
		if t := f.Tree(rec, v); t != nil {
			values[f.Name] = t
		}
	}
	var out []model.Problem
	for _, r := range list {
		if r.warns() != warn {
			continue
		}
		result, err := r.eval(snap.Schema().Of(rec), values)
		if err == nil && result == types.True {
			continue
		}
		text := cmp.Or(r.record.Message, "the rule "+r.record.Key+" does not hold: "+r.record.Expression)
		if err != nil {
			text += fmt.Sprintf(" (it could not be evaluated: %v)", err)
		}
		out = append(out, model.Problem{Text: text})
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
