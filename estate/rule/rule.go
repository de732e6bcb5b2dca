// Package rule evaluates expressions over records in CEL, a language that always
// ends: the rules that an organisation sets for its records, and the rules that control tests look for.
package rule

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"

	"binnacle/model"
)

// maxCost bounds what the evaluation of one expression on one record may cost, in the units of CEL.
const maxCost = 100_000

// Programs keeps compiled expressions by their text. All methods may be called at the same time.
type Programs struct {
	mu       sync.Mutex
	compiled map[string]*Program
	env      *cel.Env
}

// NewPrograms returns a keeper without programs.
func NewPrograms() *Programs { return &Programs{compiled: map[string]*Program{}} }

// maxKept is how many programs are kept. Beyond it all are forgotten and compiled again when they are asked for.
const maxKept = 10_000

// Compile returns the program of an expression over record. The error says what is wrong with the text.
func (p *Programs) Compile(expression string) (*Program, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.compile(expression)
}

func (p *Programs) compile(expression string) (*Program, error) {
	if program, ok := p.compiled[expression]; ok {
		return program, nil
	}
	if p.env == nil {
		env, err := cel.NewEnv(cel.Variable("record", cel.MapType(cel.StringType, cel.DynType)), cel.EnableMacroCallTracking())
		if err != nil {
			return nil, err
		}
		p.env = env
	}
	tree, issues := p.env.Compile(expression)
	if issues != nil && issues.Err() != nil {
		return nil, issues.Err()
	}
	if tree.OutputType() != cel.BoolType && tree.OutputType() != cel.DynType {
		return nil, fmt.Errorf("the expression must be true or false, not %s", tree.OutputType())
	}
	program, err := p.env.Program(tree, cel.CostLimit(maxCost))
	if err != nil {
		return nil, err
	}
	if len(p.compiled) >= maxKept {
		p.compiled = map[string]*Program{}
	}
	out := &Program{program: program}
	out.look(tree)
	out.comparison(tree)
	p.split(out, tree)
	p.compiled[expression] = out
	return out, nil
}

// split takes an expression apart that joins others by || or &&, so that each can be judged by the few fields that it names. Where a
// field is both read and asked for whether it is there, the parts depend on each other, and it stays whole.
func (p *Programs) split(out *Program, tree *cel.Ast) {
	top := tree.NativeRep().Expr()
	if out.whole || out.mixed || top.Kind() != ast.CallKind {
		return
	}
	call := top.AsCall()
	if call.FunctionName() != operators.LogicalOr && call.FunctionName() != operators.LogicalAnd {
		return
	}
	var clauses []*Program
	for _, arg := range call.Args() {
		text, err := parser.Unparse(arg, tree.NativeRep().SourceInfo())
		if err != nil {
			return
		}
		clause, err := p.compile(text)
		if err != nil {
			return
		}
		clauses = append(clauses, clause)
	}
	out.clauses, out.all = clauses, call.FunctionName() == operators.LogicalAnd
}

// Program is a compiled expression. It may be used at the same time.
type Program struct {
	program cel.Program
	// fields are the fields that the expression names, sorted by name.
	fields []string
	// tested are those of them that it asks for whether they are there.
	tested []string
	// whole says that the expression uses the record as a whole, so that it may look at any field.
	whole bool
	// mixed says that some field is both read and asked for whether it is there.
	mixed bool
	// clauses are the parts of an expression that joins them by || or, where all is set, by &&.
	clauses []*Program
	all     bool
	// compares says that the expression does nothing but compare a field with a text, and equal is set where they are to be the same.
	compares bool
	equal    bool
	literal  string
}

// comparison notes that an expression does nothing but compare one field with a text, so that it can be judged without an evaluation.
func (p *Program) comparison(tree *cel.Ast) {
	top := tree.NativeRep().Expr()
	if top.Kind() != ast.CallKind || p.whole || len(p.fields) != 1 || len(p.tested) > 0 {
		return
	}
	call := top.AsCall()
	if name := call.FunctionName(); name != operators.Equals && name != operators.NotEquals {
		return
	}
	field, literal := call.Args()[0], call.Args()[1]
	if field.Kind() == ast.LiteralKind {
		field, literal = literal, field
	}
	if field.Kind() != ast.SelectKind || !isRecord(field.AsSelect().Operand()) || literal.Kind() != ast.LiteralKind {
		return
	}
	if text, ok := literal.AsLiteral().(types.String); ok {
		p.compares, p.equal, p.literal = true, call.FunctionName() == operators.Equals, string(text)
	}
}

// compare judges an expression that compares a field with a text by the value of the field, or returns false where that is no text.
func (p *Program) compare(f *model.Field, value any) (v verdict, ok bool) {
	if value == nil {
		value = nothing(f)
	}
	text, ok := value.(string)
	return verdict{known: true, holds: (text == p.literal) == p.equal}, ok && p.compares
}

// look finds out which fields of the record an expression names.
func (p *Program) look(tree *cel.Ast) {
	uses, named := 0, 0
	fields, tested, read := map[string]bool{}, map[string]bool{}, map[string]bool{}
	note := func(name string, asks bool) {
		named++
		fields[name] = true
		if asks {
			tested[name] = true
		} else {
			read[name] = true
		}
		p.mixed = p.mixed || tested[name] && read[name]
	}
	ast.PostOrderVisit(tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			if e.AsIdent() == "record" {
				uses++
			}
		case ast.SelectKind:
			if s := e.AsSelect(); isRecord(s.Operand()) {
				note(s.FieldName(), s.IsTestOnly())
			}
		case ast.CallKind:
			if c := e.AsCall(); c.FunctionName() == "_[_]" && isRecord(c.Args()[0]) && c.Args()[1].Kind() == ast.LiteralKind {
				if name, ok := c.Args()[1].AsLiteral().(types.String); ok {
					note(string(name), false)
				}
			}
		}
	}))
	p.whole = uses != named
	p.fields, p.tested = slices.Sorted(maps.Keys(fields)), slices.Sorted(maps.Keys(tested))
}

func isRecord(e ast.Expr) bool { return e.Kind() == ast.IdentKind && e.AsIdent() == "record" }

// Fields returns the names of the fields of a kind that the expression looks at, in the order of their names, and false where it may look at any.
func (p *Program) Fields() ([]string, bool) { return p.fields, !p.whole }

// Holds evaluates the expression for a record of a kind. A field without a value that the expression looks at
// reads as empty or zero, while has(record.field) says that it is not there. The error says why it could not be evaluated.
func (p *Program) Holds(k *model.Kind, rec model.Record, names model.Namer) (bool, error) {
	values := map[string]any{}
	for _, f := range p.fieldsOf(k) {
		if t := f.Tree(rec, names); t != nil {
			values[f.Name] = t
		}
	}
	return p.eval(k, values)
}

// fieldsOf returns the fields of a kind that have to be there for the evaluation.
func (p *Program) fieldsOf(k *model.Kind) []*model.Field {
	if p.whole {
		return k.Fields
	}
	var out []*model.Field
	for _, name := range p.fields {
		if f := k.Field(name); f != nil {
			out = append(out, f)
		}
	}
	return out
}

// eval evaluates the expression over values by field name. It may add to the map.
func (p *Program) eval(k *model.Kind, values map[string]any) (bool, error) {
	// What is only read, and never asked for whether it is there, may read as nothing from the start.
	for _, name := range p.fields {
		if _, there := values[name]; !there && !p.whole && !slices.Contains(p.tested, name) {
			if f := k.Field(name); f != nil {
				values[name] = nothing(f)
			}
		}
	}
	for {
		result, _, err := p.program.Eval(map[string]any{"record": values})
		if err == nil {
			return result == types.True, nil
		}
		_, name, missing := strings.Cut(err.Error(), "no such key: ")
		f := k.Field(name)
		if _, there := values[name]; !missing || f == nil || there {
			return false, err
		}
		values[name] = nothing(f)
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

// Unknown returns the names that the expression reads and that a kind has no field for: such an expression can hold for no record.
func (p *Program) Unknown(k *model.Kind) []string {
	return slices.DeleteFunc(slices.Clone(p.fields), func(name string) bool { return k.Field(name) != nil })
}

// Problem says in a sentence that an expression does not hold for a record, with the reason where it could not be evaluated.
func Problem(message, key, expression string, err error) string {
	text := cmp.Or(message, "the rule "+key+" does not hold: "+expression)
	if err != nil {
		text += fmt.Sprintf(" (it could not be evaluated: %v)", err)
	}
	return text
}
