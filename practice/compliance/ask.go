package compliance

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"

	"binnacle/estate"
	"binnacle/estate/rule"
	"binnacle/model"
	"binnacle/practice"
)

// outcome is what one run of a test found.
type outcome struct {
	result   model.TestResult
	text     string
	looked   int
	subjects []model.Ref
	evidence []model.EvidenceItem
	digest   string
	method   string
}

// method names the engine with its version. It changes when the same estate could give another result.
const method = "compliance.run_tests/1"

// runner runs tests over one view. Tests that ask the same are asked once, and rules over one kind share what they read.
type runner struct {
	v         estate.View
	practices []*practice.Practice
	programs  *rule.Programs

	mu      sync.Mutex
	kinds   map[string]*kindColumns
	answers map[string]*answered
}

type kindColumns struct {
	once sync.Once
	cols *rule.Columns
}

type answered struct {
	once sync.Once
	out  outcome
}

func newRunner(v estate.View) *runner {
	return &runner{v: v, practices: practice.PracticesOf(v), programs: rule.NewPrograms(), kinds: map[string]*kindColumns{}, answers: map[string]*answered{}}
}

// runAll runs tests and returns what each found, in their order. Those that are not confidential see nothing confidential.
func runAll(v estate.View, tests []*model.ControlTest) []outcome {
	out := make([]outcome, len(tests))
	for _, secret := range []bool{false, true} {
		var chosen []*model.ControlTest
		var places []int
		for i, t := range tests {
			if t.Confidential == secret {
				chosen, places = append(chosen, t), append(places, i)
			}
		}
		if len(chosen) == 0 {
			continue
		}
		sees := v.WithoutSealed()
		if !secret {
			sees = v.Open()
		}
		for i, o := range newRunner(sees).run(chosen) {
			out[places[i]] = o
		}
	}
	return out
}

// run runs tests on all cores and returns what each found, in their order.
func (r *runner) run(tests []*model.ControlTest) []outcome {
	out := make([]outcome, len(tests))
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(len(tests), runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := range next {
				out[i] = r.one(tests[i])
			}
		})
	}
	for i := range tests {
		next <- i
	}
	close(next)
	wait.Wait()
	return out
}

// one runs a test, or takes what the same test found in this run before. A fault in it is its result.
func (r *runner) one(t *model.ControlTest) outcome {
	key := strings.Join([]string{t.Check, t.Parameters, t.Kind, t.Where, t.Rule}, "\x00")
	r.mu.Lock()
	a := r.answers[key]
	if a == nil {
		a = &answered{}
		r.answers[key] = a
	}
	r.mu.Unlock()
	a.once.Do(func() { a.out = r.ask(t) })
	return a.out
}

func (r *runner) ask(t *model.ControlTest) (out outcome) {
	defer func() {
		if f := recover(); f != nil {
			out = outcome{result: model.TestError, text: fmt.Sprintf("The test could not be run because of a fault in Binnacle: %v", f), method: method}
		}
		if out.digest == "" {
			out.digest = digestOf(out.text)
		}
	}()
	if t.Check != "" {
		return r.check(t)
	}
	return r.rule(t)
}

func faulty(method, text string, args ...any) outcome {
	return outcome{result: model.TestError, text: "The test could not be run: " + fmt.Sprintf(text, args...), method: method}
}

// check asks the check that a test names.
func (r *runner) check(t *model.ControlTest) outcome {
	how := method + " " + t.Check
	if t.Parameters != "" {
		how += "?" + t.Parameters
	}
	asked, err := practice.Find(r.practices, t.Check)
	if err != nil {
		return faulty(how, "there is no check %q: look at the checks with binnacle check.", t.Check)
	}
	if asked.Question.Type != practice.Checking {
		return faulty(how, "%s is no check, but a question of another type.", t.Check)
	}
	values, err := url.ParseQuery(t.Parameters)
	if err != nil {
		return faulty(how, "the parameters %q are not name=value joined by &: %v.", t.Parameters, err)
	}
	parameters := map[string]any{}
	for name, list := range values {
		if parameters[name] = any(list[0]); len(list) > 1 {
			parameters[name] = list
		}
	}
	answer, err := asked.Ask(r.v, parameters)
	if err != nil {
		return faulty(how, "%v.", strings.TrimSuffix(err.Error(), "."))
	}
	verdict, ok := answer.(practice.Verdict)
	if !ok {
		return faulty(how, "%s gave no verdict.", t.Check)
	}
	return ofVerdict(verdict, how)
}

// ofVerdict makes what a test found of the verdict of a check.
func ofVerdict(verdict practice.Verdict, how string) outcome {
	out := outcome{result: model.TestFailed, text: verdict.Text, looked: len(verdict.Checked), method: how, digest: digestOf(practice.JSON(verdict))}
	switch {
	case verdict.Unknown:
		out.result = model.TestUnknown
	case verdict.Pass:
		out.result = model.TestPassed
	}
	seen := map[model.Ref]bool{}
	for _, f := range verdict.Findings {
		ref := model.Ref(f.About.ID)
		if !ref.IsZero() && !seen[ref] && out.result != model.TestPassed {
			seen[ref] = true
			out.subjects = append(out.subjects, ref)
		}
		if len(out.evidence) < mostEvidence {
			out.evidence = append(out.evidence, model.EvidenceItem{Subject: ref, Text: f.Text, Holds: out.result == model.TestPassed})
		}
	}
	for _, link := range verdict.Checked[:min(len(verdict.Checked), samples)] {
		if out.result == model.TestPassed && len(out.evidence) < mostEvidence {
			out.evidence = append(out.evidence, model.EvidenceItem{Subject: model.Ref(link.ID), Text: "It was looked at and nothing was found.", Holds: true})
		}
	}
	return out
}

// samples is how many records that hold are kept as evidence.
const samples = 5

// columns returns the columns of all records of a kind, made once for all rules.
func (r *runner) columns(k *model.Kind) *rule.Columns {
	r.mu.Lock()
	one := r.kinds[k.Name]
	if one == nil {
		one = &kindColumns{}
		r.kinds[k.Name] = one
	}
	r.mu.Unlock()
	one.once.Do(func() { one.cols = rule.NewColumns(k, slices.Collect(r.v.All(k.Name)), r.v) })
	return one.cols
}

// rule looks for the records that a rule does not hold for.
func (r *runner) rule(t *model.ControlTest) outcome {
	how := fmt.Sprintf("%s rule %s %s: %s", method, t.Kind, t.Where, t.Rule)
	k := r.v.Schema().Kind(t.Kind)
	if k == nil {
		return faulty(how, "there is no kind %q.", t.Kind)
	}
	program, err := r.programs.Compile(t.Rule)
	if err != nil {
		return faulty(how, "the rule cannot be read: %v", err)
	}
	if names := program.Unknown(k); len(names) > 0 {
		return faulty(how, "%s has no field %s.", k.Name, strings.Join(names, ", "))
	}
	if r.v.Closed(k.Name) {
		return outcome{result: model.TestUnknown, text: fmt.Sprintf("Whoever ran the test may see no %s.", strings.ToLower(k.Plural)), method: how}
	}
	cols := r.columns(k)
	among, err := r.among(cols, t.Where)
	if err != nil {
		return faulty(how, "the condition %q cannot be read: %v.", t.Where, err)
	}
	looked := len(cols.Records())
	if among != nil {
		looked = len(among)
	}
	if looked == 0 {
		return outcome{result: model.TestUnknown, text: fmt.Sprintf("There are no %s to look at.", strings.ToLower(k.Plural)), method: how}
	}
	return r.judged(t, k, program, cols, among, looked, how)
}

// among returns the places of the records that conditions joined by & choose, or nil where there are none.
func (r *runner) among(cols *rule.Columns, where string) ([]int, error) {
	var among []int
	for text := range strings.SplitSeq(where, "&") {
		if strings.TrimSpace(text) == "" {
			continue
		}
		c, err := estate.ParseCondition(text)
		if err != nil {
			return nil, err
		}
		test, err := r.v.Matcher(cols.Kind().Name, c)
		if err != nil {
			return nil, err
		}
		if among = cols.Matching(strings.ToLower(c.Field), among, test); among == nil {
			among = []int{}
		}
	}
	return among, nil
}

// ruleAnswer is the whole answer of a rule, which the digest is of.
type ruleAnswer struct {
	Kind, Where, Rule string
	Looked, Broken    int
	First             []practice.Link
	Evidence          []string
}

// judged makes what a test found of the records that its rule does not hold for.
func (r *runner) judged(t *model.ControlTest, k *model.Kind, program *rule.Program, cols *rule.Columns, among []int, looked int, how string) outcome {
	broken := cols.Broken(program, among)
	records := cols.Records()
	out := outcome{looked: looked, method: how, result: model.TestPassed}
	answer := ruleAnswer{Kind: k.Name, Where: t.Where, Rule: t.Rule, Looked: looked, Broken: len(broken)}
	all := practice.Count(looked, strings.ToLower(k.Label), strings.ToLower(k.Plural))
	var links []practice.Link
	for i, b := range broken {
		rec := records[b.Place]
		out.subjects = append(out.subjects, rec.Base().Ref())
		if i < mostSubjects {
			links = append(links, practice.To(rec))
		}
		if i < mostEvidence {
			text := r.values(program, k, rec)
			if b.Err != nil {
				text += fmt.Sprintf(" (the rule could not be evaluated: %v)", b.Err)
			}
			out.evidence = append(out.evidence, model.EvidenceItem{Subject: rec.Base().Ref(), Text: text})
		}
	}
	if len(broken) > 0 {
		out.result = model.TestFailed
		out.text = fmt.Sprintf("The rule does not hold for %d of %s: %s.", len(broken), all, practice.SomeOf(links, len(broken)))
	} else {
		out.text = fmt.Sprintf("The rule holds for all of %s.", all)
		for n := range min(samples, looked) {
			place := n
			if among != nil {
				place = among[n]
			}
			out.evidence = append(out.evidence, model.EvidenceItem{Subject: records[place].Base().Ref(), Text: r.values(program, k, records[place]), Holds: true})
		}
	}
	answer.First = links
	for _, e := range out.evidence {
		answer.Evidence = append(answer.Evidence, e.Text)
	}
	out.digest = digestOf(answer)
	return out
}

// values writes the fields that a rule names with their values, as they are in one record.
func (r *runner) values(program *rule.Program, k *model.Kind, rec model.Record) string {
	names, _ := program.Fields()
	var out []string
	for _, name := range names {
		if f := k.Field(name); f != nil {
			text := "nothing"
			if f.Has(rec) {
				text = f.Text(rec, r.v)
			}
			if runes := []rune(text); len(runes) > 200 {
				text = string(runes[:200]) + "…"
			}
			out = append(out, name+": "+text)
		}
	}
	if len(out) == 0 {
		return "The record as a whole was looked at."
	}
	return strings.Join(out, "; ")
}

// digestOf returns the SHA-256 of an answer as JSON, in hexadecimal.
func digestOf(answer any) string {
	raw, err := json.Marshal(answer)
	if err != nil {
		raw = fmt.Appendf(nil, "%+v", answer)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
