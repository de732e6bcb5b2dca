package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/store"
)

type askCmd struct {
	Question string   `arg:"" optional:"" help:"The full name of the question, such as architecture.impact. Without one, the questions are listed."`
	Values   []string `arg:"" optional:"" help:"Values of its parameters, in their order."`
	Param    []string `sep:"none" placeholder:"NAME=VALUE" help:"A parameter of the question. Every parameter is a flag too: binnacle help ask QUESTION lists them."`
	Part     string   `placeholder:"NAME" help:"Print only this part of the answer."`
	Save     string   `placeholder:"PATH" help:"Keep the file that the answer hands out: in this folder, or under this name. - prints it."`
}

// Help shows how the command is used.
func (askCmd) Help() string {
	return `A question belongs to a practice and answers with figures, tables and findings. Its parameters are flags; the values of the first ones may also just follow the question.

Examples:

    binnacle ask
    binnacle ask architecture.impact Host/rtm-db-01
    binnacle ask lifecycle.exposure --at 2027-06-30
    binnacle ask lifecycle.exposure --format csv --part exposed
    binnacle help ask architecture.impact`
}

// Run asks the question.
func (c *askCmd) Run(ctx context.Context, s *session) error {
	if c.Question == "" {
		return s.listQuestions(infos(s.ofType(practice.Asking)))
	}
	a, err := s.find(practice.Asking, c.Question)
	if err != nil {
		return err
	}
	result, parts, err := s.answer(ctx, a, c.Param, c.Values)
	if err != nil {
		return err
	}
	if c.Save != "" {
		return s.saveFiles(parts, c.Part, c.Save)
	}
	out := answer{data: result, blocks: blocksOf(parts)}
	if c.Part != "" {
		if out, err = onlyPart(parts, c.Part); err != nil {
			return err
		}
	}
	if s.out.format == "csv" && len(out.blocks) > 1 {
		s.say("the answer has several parts and is written as part, row, column, value: choose one with --part")
	}
	return s.out.print(out)
}

// answer returns what a question answers as JSON, and its parts: here, or on the server.
func (s *session) answer(ctx context.Context, a practice.Asked, pairs, positional []string) (any, []practice.Part, error) {
	if s.far != nil {
		return s.far.answer(ctx, s, a, pairs, positional)
	}
	v, err := s.view(ctx)
	if err != nil {
		return nil, nil, err
	}
	result, err := s.ask(v, a, pairs, positional)
	if err != nil {
		return nil, nil, err
	}
	return practice.JSON(result), a.Parts(result), nil
}

// ask answers a question with the parameters of the command line.
func (s *session) ask(v estate.View, a practice.Asked, pairs, positional []string) (any, error) {
	values, err := s.values(a, pairs, positional)
	if err != nil {
		return nil, err
	}
	result, err := a.Ask(v, values)
	var problem model.Problem
	if errors.As(err, &problem) {
		return nil, usage("--%s: %s: run: binnacle help ask %s", flagName(problem.Field), problem.Text, a.Name())
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.Name(), err)
	}
	return result, nil
}

// saveFiles writes the files of an answer into a folder, or one of them under a name or to the output.
func (s *session) saveFiles(parts []practice.Part, only, path string) error {
	var files []*practice.File
	for _, p := range parts {
		if p.File != nil && !p.File.IsZero() && (only == "" || flagName(p.Name) == flagName(strings.ToLower(only))) {
			files = append(files, p.File)
		}
	}
	info, err := os.Stat(path)
	folder := err == nil && info.IsDir()
	switch {
	case len(files) == 0:
		return usage("--save: the answer hands out no file")
	case len(files) > 1 && !folder:
		return usage("--save: the answer hands out %d files: name a folder that is there, or choose one with --part", len(files))
	case path == "-":
		_, err := s.out.w.Write(files[0].Content)
		return err
	}
	for _, f := range files {
		name := path
		if folder {
			name = filepath.Join(path, filepath.Base(f.Name))
		}
		if err := os.WriteFile(name, f.Content, 0o644); err != nil {
			return fmt.Errorf("the file could not be kept: %w", err)
		}
		s.say("%s: %d bytes of %s", name, len(f.Content), f.Type)
	}
	return nil
}

// onlyPart returns the answer that holds one part.
func onlyPart(parts []practice.Part, name string) (answer, error) {
	var names []string
	for _, p := range parts {
		if flagName(p.Name) == flagName(strings.ToLower(name)) {
			return answer{data: partData(p), blocks: blocksOf([]practice.Part{p})}, nil
		}
		names = append(names, p.Name)
	}
	return answer{}, usage("--part: the answer has no part %q%s: its parts are %s", name, suggest(name, names), strings.Join(names, ", "))
}

// partData returns one part of an answer in the form that is written as JSON.
func partData(p practice.Part) any {
	switch {
	case p.Figure != nil:
		return p.Figure
	case p.Series != nil:
		return p.Series
	case p.Picture != nil:
		return p.Picture
	case p.File != nil:
		return p.File
	case p.Findings != nil:
		return p.Findings
	case p.Grid == nil:
		return p.Text
	}
	rows := make([]object, len(p.Grid.Rows))
	for i, row := range p.Grid.Rows {
		for j, cell := range row {
			rows[i].set(p.Grid.Columns[j].Name, practice.JSON(cell.Value))
		}
	}
	return rows
}

type checkCmd struct {
	Check  string   `arg:"" optional:"" help:"The full name of the check. Without one, all are run."`
	Values []string `arg:"" optional:"" help:"Values of its parameters, in their order."`
	Param  []string `sep:"none" placeholder:"NAME=VALUE" help:"A parameter of the check. Every parameter is a flag too."`
}

// Help shows how the command is used.
func (checkCmd) Help() string {
	return `A check says whether something holds, with the evidence. The exit code is 5 where one does not hold or cannot be told.

Examples:

    binnacle check
    binnacle check lifecycle.no_unsupported_critical --at 2027-06-30
    binnacle check --as-of 2026-01-01 --format json`
}

// Run runs one check or all.
func (c *checkCmd) Run(ctx context.Context, s *session) error {
	checks := s.ofType(practice.Checking)
	if c.Check != "" {
		a, err := s.find(practice.Checking, c.Check)
		if err != nil {
			return err
		}
		checks = []practice.Asked{a}
	}
	g := &grid{columns: columns("check", "result", "text"), wrap: true}
	data, blocks, failed := []object{}, []block{table(g)}, 0
	for _, a := range checks {
		verdict, err := c.verdict(ctx, s, a)
		if err != nil {
			return err
		}
		word := "pass"
		switch {
		case verdict.Unknown:
			word = "unknown"
		case !verdict.Pass:
			word = "fail"
		}
		if word != "pass" {
			failed++
		}
		g.add(a.Name(), word, verdict.Text)
		o := object{{"check", a.Name()}, {"result", word}}
		o.set("verdict", practice.JSON(verdict))
		data = append(data, o)
		if len(verdict.Findings) > 0 {
			blocks = append(blocks, findings(a.Name(), verdict.Findings))
		}
	}
	if err := s.out.print(answer{data: data, blocks: blocks}); err != nil {
		return err
	}
	if failed > 0 {
		return coded{ExitVerify, fmt.Errorf("%d of %s failed", failed, counted(len(checks), "check"))}
	}
	return nil
}

// verdict runs a check, here or on the server.
func (c *checkCmd) verdict(ctx context.Context, s *session, a practice.Asked) (practice.Verdict, error) {
	if s.far != nil {
		return s.far.verdict(ctx, s, a, c.Param, c.Values)
	}
	v, err := s.view(ctx)
	if err != nil {
		return practice.Verdict{}, err
	}
	result, err := s.ask(v, a, c.Param, c.Values)
	if err != nil {
		return practice.Verdict{}, err
	}
	return result.(practice.Verdict), nil
}

type doCmd struct {
	Action string   `arg:"" optional:"" help:"The full name of the action. Without one, the actions are listed."`
	Values []string `arg:"" optional:"" help:"Values of its parameters, in their order."`
	Param  []string `sep:"none" placeholder:"NAME=VALUE" help:"A parameter of the action. Every parameter is a flag too."`
	DryRun bool     `help:"Show what would be changed, and change nothing."`
	Why    string   `placeholder:"TEXT" help:"What the changes are for. Default: what the action says."`
}

// Help shows how the command is used.
func (doCmd) Help() string {
	return `An action answers with changes. They are made as one entry, which binnacle undo takes back; with --scenario they go into the scenario.

Examples:

    binnacle do
    binnacle do architecture.assign_owner --team platform --dry-run
    binnacle do architecture.assign_owner --team platform --why "Nobody owned these"`
}

// Run lets the action propose and commits what it proposes.
func (c *doCmd) Run(ctx context.Context, s *session) error {
	if c.Action == "" {
		return s.listQuestions(infos(s.ofType(practice.Doing)))
	}
	a, err := s.find(practice.Doing, c.Action)
	if err != nil {
		return err
	}
	if s.far != nil {
		return c.far(ctx, s, a)
	}
	v, err := s.writable(ctx, false)
	if err != nil {
		return err
	}
	result, err := s.ask(v, a, c.Param, c.Values)
	if err != nil {
		return err
	}
	proposal := result.(practice.Proposal)
	why := proposal.Why
	if c.Why != "" {
		why = c.Why
	}
	changes, err := door.ByPerson(nil, v, proposal.Changes)
	if err != nil {
		return err
	}
	var stamp model.Stamp
	if len(changes) > 0 {
		if stamp, err = s.commit(ctx, v, store.Tx{Why: why, Changes: changes}, c.DryRun); err != nil {
			return err
		}
	}
	out := s.changed(v, changes, stamp, c.DryRun)
	if len(proposal.Findings) > 0 {
		out.blocks = append(out.blocks, findings("Why", proposal.Findings))
	}
	return s.out.print(out)
}

type questionsCmd struct {
	Name string `arg:"" optional:"" help:"A practice, or the full name of a question. Without one, all are listed."`
}

// Help shows how the command is used.
func (questionsCmd) Help() string {
	return `Lists questions (ask), actions (do) and checks (check) with what they answer and their parameters.

Examples:

    binnacle questions
    binnacle questions lifecycle
    binnacle questions architecture.impact
    binnacle questions --format json`
}

// Run lists the questions.
func (c *questionsCmd) Run(ctx context.Context, s *session) error {
	all, err := s.questionInfos(ctx)
	if err != nil {
		return err
	}
	if c.Name == "" {
		return s.listQuestions(all)
	}
	if i := slices.IndexFunc(all, func(q door.QuestionInfo) bool { return strings.EqualFold(q.Name, c.Name) }); i >= 0 {
		return s.describe(all[i])
	}
	practiceOf := func(q door.QuestionInfo) string { name, _, _ := strings.Cut(q.Name, "."); return name }
	some := slices.DeleteFunc(slices.Clone(all), func(q door.QuestionInfo) bool { return !strings.EqualFold(practiceOf(q), c.Name) })
	if len(some) > 0 {
		return s.listQuestions(some)
	}
	var names []string
	for _, a := range all {
		names = append(names, a.Name, practiceOf(a))
	}
	return usage("there is no question or practice %q%s", c.Name, suggest(c.Name, names))
}

// questionInfos describes every question that can be asked, here or on the server.
func (s *session) questionInfos(ctx context.Context) ([]door.QuestionInfo, error) {
	if s.far != nil {
		return s.far.questions(ctx)
	}
	return infos(practice.List(s.env.Practices)), nil
}

func infos(list []practice.Asked) []door.QuestionInfo {
	var out []door.QuestionInfo
	for _, a := range list {
		out = append(out, door.DescribeQuestion(a))
	}
	return out
}

// listQuestions prints questions with their parameters.
func (s *session) listQuestions(list []door.QuestionInfo) error {
	g := &grid{columns: columns("question", "type", "parameters", "answers"), wrap: true}
	for _, q := range list {
		var flags []string
		for _, f := range q.Parameters {
			name := "--" + flagName(f.Name)
			if !f.Required {
				name = "[" + name + "]"
			}
			flags = append(flags, name)
		}
		g.add(q.Name, q.Type, strings.Join(flags, " "), model.Sentence(q.Help))
	}
	if list == nil {
		list = []door.QuestionInfo{}
	}
	return s.out.print(answer{data: list, blocks: []block{table(g)}})
}

// describe prints one question with the help of its parameters.
func (s *session) describe(q door.QuestionInfo) error {
	g := &grid{columns: columns("parameter", "type", "required", "help"), wrap: true}
	for _, f := range q.Parameters {
		g.add("--"+flagName(f.Name), fieldTypeText(f), yes(f.Required), f.Help)
	}
	blocks := []block{{title: q.Name, lines: paragraphs(q.Help)}}
	if len(g.rows) > 0 {
		blocks = append(blocks, block{title: "Parameters", grid: g})
	}
	return s.out.print(answer{data: q, blocks: blocks})
}

// helpOnQuestion prints the help of one question as that of a command.
func (s *session) helpOnQuestion(command string, a practice.Asked) error {
	if err := s.prepare(command); err != nil {
		return err
	}
	fmt.Fprintf(s.env.Stdout, "Usage: binnacle %s %s", command, a.Name())
	for i, f := range a.Parameters() {
		form := fmt.Sprintf(" [--%s=%s]", flagName(f.Name), strings.ToUpper(string(f.Type)))
		if f.Required {
			form = fmt.Sprintf(" --%s=%s", flagName(f.Name), strings.ToUpper(string(f.Type)))
		}
		if i == 0 && f.Required {
			form = " " + strings.ToUpper(f.Name)
		}
		fmt.Fprint(s.env.Stdout, form)
	}
	fmt.Fprint(s.env.Stdout, "\n\n")
	return s.describe(door.DescribeQuestion(a))
}

// paragraphs returns the paragraphs of a text as lines, with an empty one between.
func paragraphs(text string) []string {
	var out []string
	for p := range strings.SplitSeq(text, "\n\n") {
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, strings.Join(strings.Fields(p), " "))
	}
	return out
}

// counted writes a number with the word for what is counted.
func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if strings.HasSuffix(word, "y") {
		return fmt.Sprintf("%d %sies", n, word[:len(word)-1])
	}
	return fmt.Sprintf("%d %ss", n, word)
}
