package product

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/ext"

	"binnacle/model"
)

// formulaNames are what a formula may name. All are numbers.
var formulaNames = []string{
	"reach", "impact", "confidence", "effort", "user_value", "time_criticality", "risk_reduction", "job_size", "votes", "customers", "value", "age",
}

// formulaCost bounds what the evaluation of one formula may cost, in the units of CEL.
const formulaCost = 10_000

// longestFormula is how many bytes a formula may have.
const longestFormula = 2000

// Formula is a compiled formula of an organisation's own.
type Formula struct {
	program cel.Program
	names   []string
}

// Figures are the numbers of an idea beside its own fields.
type Figures struct {
	// Customers is how many customers asked for it.
	Customers int
	// Value is the revenue in a year that hangs on it, in the currency of the books.
	Value float64
	// Age is how many days ago it came in.
	Age int
}

// NewFormula compiles a formula over an idea, written in CEL, such as
// value * confidence / effort. Names are fields of an idea; every number is a decimal one, also 2. Confidence reads as 0.8 where it is 80 %. math.greatest
// and math.least are there. The error says in which column something is wrong.
func NewFormula(text string) (*Formula, error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("formula: there is none: write one over " + strings.Join(formulaNames, ", "))
	}
	if len(text) > longestFormula {
		return nil, fmt.Errorf("formula: it has %d bytes; the limit is %d", len(text), longestFormula)
	}
	options := []cel.EnvOption{ext.Math()}
	for _, name := range formulaNames {
		options = append(options, cel.Variable(name, cel.DoubleType))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, err
	}
	tree, issues := env.Parse(text)
	if err := told(issues); err != nil {
		return nil, err
	}
	out := &Formula{}
	decimals(tree, &out.names)
	tree, issues = env.Check(tree)
	if err := told(issues); err != nil {
		return nil, err
	}
	if tree.OutputType() != cel.DoubleType {
		return nil, fmt.Errorf("formula: it must give a number, not %s", tree.OutputType())
	}
	out.program, err = env.Program(tree, cel.CostLimit(formulaCost))
	return out, err
}

// told makes an error of the first issue, with its place.
func told(issues *cel.Issues) error {
	if issues == nil || issues.Err() == nil || len(issues.Errors()) == 0 {
		return nil
	}
	e := issues.Errors()[0]
	text := strings.TrimSpace(e.Message)
	if name, found := strings.CutPrefix(text, "undeclared reference to '"); found {
		name, _, _ = strings.Cut(name, "'")
		text = fmt.Sprintf("there is no %s: the names are %s", name, strings.Join(formulaNames, ", "))
	}
	return fmt.Errorf("formula, line %d, column %d: %s", e.Location.Line(), e.Location.Column()+1, text)
}

// decimals makes decimal numbers of whole ones, because CEL does not mix them, and lists the names that are used.
func decimals(tree *cel.Ast, names *[]string) {
	make := ast.NewExprFactory()
	ast.PostOrderVisit(tree.NativeRep().Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.LiteralKind:
			if n, ok := e.AsLiteral().(types.Int); ok {
				e.SetKindCase(make.NewLiteral(e.ID(), types.Double(n)))
			}
		case ast.IdentKind:
			if name := e.AsIdent(); slices.Contains(formulaNames, name) && !slices.Contains(*names, name) {
				*names = append(*names, name)
			}
		}
	}))
}

// Score evaluates the formula for an idea. Where it gives no number, the score is unknown, and names what is not set.
func (f *Formula) Score(i *model.Idea, more Figures) Score {
	values := map[string]any{
		"reach": i.Reach, "impact": i.Impact, "confidence": float64(i.Confidence) / 100, "effort": i.Effort,
		"user_value": i.UserValue, "time_criticality": i.TimeCriticality, "risk_reduction": i.RiskReduction, "job_size": i.JobSize,
		"votes": float64(i.Votes), "customers": float64(more.Customers), "value": more.Value, "age": float64(more.Age),
	}
	result, _, err := f.program.Eval(values)
	if err != nil {
		return Score{Unknown: "the formula could not be evaluated: " + err.Error()}
	}
	number, ok := result.(types.Double)
	if !ok {
		return Score{Unknown: "the formula gives no number"}
	}
	out := known(float64(number), nil)
	if out.Unknown != "" {
		out.Unknown = "the formula gives no number"
		for _, name := range f.names {
			if values[name].(float64) == 0 {
				out.Unknown += ", and " + spaced(name) + " is 0"
			}
		}
	}
	return out
}
