package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/jobs"
	"binnacle/model"
	"binnacle/practice"
)

type initCmd struct{}

// Help shows how the command is used.
func (initCmd) Help() string {
	return `The data directory is --data, else $BINNACLE_DATA, else binnacle in $XDG_DATA_HOME or in ~/.local/share. With --database, the tables are made in PostgreSQL. What is there already is left as it is.

Examples:

    binnacle init
    binnacle init --data /srv/binnacle
    binnacle init --database postgres://binnacle@db/binnacle`
}

// Run makes the place for an estate.
func (initCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("init"); err != nil {
		return err
	}
	made, err := s.openJournal(ctx, true)
	if err != nil {
		return err
	}
	place, database, err := s.where()
	if err != nil {
		return err
	}
	head, err := s.journal.Head(ctx)
	if err != nil {
		return err
	}
	name := placeName(place, database)
	line := fmt.Sprintf("There is an estate in %s already, with %s.", name, counted(int(head), "entry"))
	switch {
	case made:
		line = fmt.Sprintf("Made an empty estate in %s.", name)
	case head == 0:
		line = fmt.Sprintf("There is an empty estate in %s.", name)
	}
	return s.out.print(answer{data: object{{"place", name}, {"made", made}, {"entries", head}}, blocks: []block{text(line, "Fill it with binnacle import FILE, or look at binnacle demo.")}})
}

func fileExists(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, DatabaseFile))
	return err == nil
}

type versionCmd struct{}

// Run prints the release.
func (versionCmd) Run(s *session) error {
	data := object{{"version", s.env.Version}, {"go", runtime.Version()}, {"system", runtime.GOOS + "/" + runtime.GOARCH}}
	return s.out.print(answer{data: data, blocks: []block{text(fmt.Sprintf("binnacle %s (%s, %s/%s)", s.env.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH))}})
}

type helpCmd struct {
	Words []string `arg:"" optional:"" help:"The command, and perhaps the question, action or check."`
}

// Help shows how the command is used.
func (helpCmd) Help() string {
	return `Examples:

    binnacle help
    binnacle help import
    binnacle help ask architecture.impact`
}

// Run prints the help.
func (c *helpCmd) Run(s *session) error { return s.help(c.Words) }

type demoCmd struct{}

// Help shows how the command is used.
func (demoCmd) Help() string {
	return `The demo is a company of our own invention. It is imported from files in the formats that other systems write, like your own would be. Loading it again changes nothing.

Examples:

    binnacle demo
    binnacle demo --data /tmp/demo
    binnacle ask lifecycle.exposure --at 2027-06-30 --data /tmp/demo`
}

// Run loads the demo and asks it something.
func (demoCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("demo"); err != nil {
		return err
	}
	if s.env.Demo == nil {
		return errors.New("this build has no demo company in it")
	}
	if err := s.open(ctx, true); err != nil {
		return err
	}
	p := s.progress("sources taken")
	lines, err := s.openFacts(ctx, true)
	if err != nil {
		return err
	}
	report, err := jobs.Import(ctx, s.store, s.demoFiles(), all.Detect, jobs.ImportOptions{
		Who: s.who(), Why: "Load the demo", Facts: lines, Progress: func(done, total int, _ string) { p.step(done, total) },
	})
	p.end()
	if err != nil {
		return err
	}
	v := s.store.View().On(s.at()).With(s.beside())
	if err := s.out.print(s.demoAnswer(v, report)); err != nil {
		return err
	}
	if report.Total.Refused > 0 {
		return refuse("%s of the demo refused", counted(report.Total.Refused, "item"))
	}
	return nil
}

// demoFiles yields the files of the demo.
func (s *session) demoFiles() iter.Seq2[feed.Input, error] {
	return func(yield func(feed.Input, error) bool) {
		names := s.env.DemoFiles
		if len(names) == 0 {
			fs.WalkDir(s.env.Demo, ".", func(name string, d fs.DirEntry, err error) error {
				if err == nil && d.Type().IsRegular() {
					names = append(names, name)
				}
				return err
			})
		}
		for _, name := range names {
			data, err := fs.ReadFile(s.env.Demo, name)
			if !yield(feed.Input{Name: name, Data: data, Release: feed.ReleaseNamed(name)}, err) {
				return
			}
		}
	}
}

// firstQuestions are what the demo is asked, as far as the practices are there.
var firstQuestions = []struct{ question, parameter string }{{"lifecycle.exposure", ""}, {"architecture.spof", ""}}

// firstRows is how many rows of each table the demo shows.
const firstRows = 5

// demoAnswer sums up the estate and asks the first questions.
func (s *session) demoAnswer(v estate.View, report *jobs.ImportReport) answer {
	totals := map[string]int{}
	var kinds []*model.Kind
	for _, k := range v.Schema().Kinds() {
		if n := v.Count(k.Name); n > 0 {
			totals[k.Name] = n
			kinds = append(kinds, k)
		}
	}
	slices.SortStableFunc(kinds, func(a, b *model.Kind) int { return totals[b.Name] - totals[a.Name] })
	lines := []string{
		fmt.Sprintf("%s read: %s.", counted(len(report.Files), "file"), counts(report.Total)),
		fmt.Sprintf("The estate has %d records:", v.Snapshot().Len()),
	}
	for _, f := range report.Files {
		for _, r := range f.Refused {
			lines = append(lines, "refused: "+r.String())
		}
		if f.Error != "" {
			lines = append(lines, "refused: "+f.Error)
		}
	}
	var sums []string
	for _, k := range kinds {
		sums = append(sums, fmt.Sprintf("%d %s", totals[k.Name], strings.ToLower(k.Plural)))
	}
	lines = append(lines, "  "+strings.Join(sums, ", "))
	out := answer{data: object{{"files", len(report.Files)}, {"total", report.Total}, {"records", v.Snapshot().Len()}, {"kinds", totals}}, blocks: []block{text(lines...)}}
	for _, first := range firstQuestions {
		a, ok := s.question(first.question)
		if !ok {
			continue
		}
		result, err := a.Ask(v, map[string]any{})
		if err != nil {
			continue
		}
		out.blocks = append(out.blocks, text("", "> binnacle ask "+a.Name(), model.Sentence(a.Help())))
		out.blocks = append(out.blocks, shortened(a.Parts(result))...)
	}
	next := []string{"Try next:"}
	for _, try := range []string{"ask architecture.impact Host/rtm-db-01", "ask lifecycle.exposure --at 2027-06-30", "get applications --where \"criticality>=high\"", "search oracle", "questions"} {
		next = append(next, "  binnacle "+try)
	}
	out.blocks = append(out.blocks, text(append([]string{""}, next...)...))
	return out
}

// shortened keeps what is worth a first look: the figures, and the first rows of the first table or list of findings.
func shortened(parts []practice.Part) []block {
	var some []practice.Part
	more := 0
	for _, p := range parts {
		if p.Figure != nil {
			some = append(some, p)
		}
	}
	for _, p := range parts {
		switch {
		case len(p.Findings) > 0:
			more, p.Findings = len(p.Findings), slices.Clone(p.Findings[:min(firstRows, len(p.Findings))])
			for i := range p.Findings {
				p.Findings[i].Paths = p.Findings[i].Paths[:min(1, len(p.Findings[i].Paths))]
			}
		case p.Grid != nil && len(p.Grid.Rows) > 0:
			shorter := *p.Grid
			more, shorter.Rows = len(shorter.Rows), shorter.Rows[:min(firstRows, len(shorter.Rows))]
			p.Grid = &shorter
		default:
			continue
		}
		some = append(some, p)
		break
	}
	out := blocksOf(some)
	if more > firstRows {
		out[len(out)-1].note = fmt.Sprintf("… and %d more", more-firstRows)
	}
	return out
}

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"The shell: bash, zsh or fish."`
}

// Help shows how the command is used.
func (completionCmd) Help() string {
	return `Examples:

    binnacle completion bash > /etc/bash_completion.d/binnacle
    binnacle completion zsh > "${fpath[1]}/_binnacle"
    binnacle completion fish > ~/.config/fish/completions/binnacle.fish`
}

// Run prints the script.
func (c *completionCmd) Run(s *session) error {
	script := completions{commands: map[string][]string{}}
	for name := range flagsOf(s.parser.Model.Node) {
		script.global = append(script.global, "--"+name)
	}
	slices.Sort(script.global)
	kinds := []string{}
	for _, k := range model.Builtin().Kinds() {
		kinds = append(kinds, k.Name)
	}
	words := map[string][]string{"get": kinds, "kinds": kinds, "export": kinds, "completion": {"bash", "zsh", "fish"}}
	for command, t := range askers {
		for _, a := range s.ofType(t) {
			words[command] = append(words[command], a.Name())
		}
	}
	for _, a := range practice.List(s.env.Practices) {
		words["questions"] = append(words["questions"], a.Name())
	}
	for _, n := range s.parser.Model.Node.Children {
		list := slices.Clone(words[n.Name])
		for _, child := range n.Children {
			list = append(list, child.Name)
		}
		for _, f := range n.Flags {
			list = append(list, "--"+f.Name)
		}
		script.names = append(script.names, n.Name)
		script.commands[n.Name] = list
		words["help"] = append(words["help"], n.Name)
	}
	script.commands["help"] = words["help"]
	_, err := s.env.Stdout.Write([]byte(script.render(c.Shell)))
	return err
}

// completions are the words that a shell may complete.
type completions struct {
	names    []string
	global   []string
	commands map[string][]string
}

func (c completions) render(shell string) string {
	var out strings.Builder
	switch shell {
	case "fish":
		fmt.Fprintf(&out, "complete -c binnacle -n __fish_use_subcommand -f -a '%s'\n", strings.Join(c.names, " "))
		for _, flag := range c.global {
			fmt.Fprintf(&out, "complete -c binnacle -l %s\n", strings.TrimPrefix(flag, "--"))
		}
		for _, name := range c.names {
			fmt.Fprintf(&out, "complete -c binnacle -n '__fish_seen_subcommand_from %s' -a '%s'\n", name, strings.Join(c.commands[name], " "))
		}
		return out.String()
	case "zsh":
		out.WriteString("#compdef binnacle\nautoload -U +X bashcompinit && bashcompinit\n")
	}
	out.WriteString("_binnacle() {\n  local cur=\"${COMP_WORDS[COMP_CWORD]}\" word words=\"\"\n  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$word\" in\n")
	for _, name := range c.names {
		fmt.Fprintf(&out, "      %s) words=\"%s\"; break ;;\n", name, strings.Join(c.commands[name], " "))
	}
	fmt.Fprintf(&out, "    esac\n  done\n  [ -z \"$words\" ] && words=\"%s\"\n", strings.Join(c.names, " "))
	fmt.Fprintf(&out, "  COMPREPLY=($(compgen -o default -W \"$words %s\" -- \"$cur\"))\n}\ncomplete -o default -F _binnacle binnacle\n", strings.Join(c.global, " "))
	return out.String()
}
