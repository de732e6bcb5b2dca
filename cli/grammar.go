package cli

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// globals are the flags that every command takes.
type globals struct {
	Data     string `help:"Keep the estate in this directory. Default: $BINNACLE_DATA, else binnacle in $XDG_DATA_HOME or ~/.local/share." placeholder:"DIR" group:"Where"`
	Database string `help:"Keep the estate in this PostgreSQL database, such as postgres://host/name. Default: $BINNACLE_DATABASE." placeholder:"URL" group:"Where"`
	remoteFlags
	AsOf     string `help:"Look at the estate as it was: after an entry (its number), at the end of a day, or at a moment." placeholder:"WHEN" group:"When"`
	At       string `help:"The date at which plans and support dates are looked at. It may lie in the future. Default: today." placeholder:"DATE" group:"When"`
	Scenario string `help:"Look at the estate under this scenario. What is written goes into the scenario and not into the estate." placeholder:"NAME" group:"When"`
	Config   string `help:"Read settings from this YAML file. Default: $BINNACLE_CONFIG." placeholder:"FILE" group:"Where"`
	Format   string `help:"How to print: table, json, csv, yaml or markdown; export writes xlsx too. Default: table." placeholder:"FORMAT" group:"Output"`
	Who      string `help:"Who you are, for the history. Default: $USER." placeholder:"PERSON" group:"Output"`
	NoColor  bool   `help:"Print without colours, as with $NO_COLOR." group:"Output"`
	Quiet    bool   `short:"q" help:"Print nothing but answers and errors." group:"Output"`
	Help     bool   `short:"h" help:"Show what a command does, with examples." group:"Output"`
}

// grammar is every command.
type grammar struct {
	globals

	Get       getCmd       `cmd:"" help:"Show records of a kind, or one record with where its values come from." group:"Look"`
	Search    searchCmd    `cmd:"" help:"Find records by words in their texts." group:"Look"`
	Ask       askCmd       `cmd:"" help:"Ask a question." group:"Look"`
	Questions questionsCmd `cmd:"" help:"List the questions that can be asked, with their parameters." group:"Look"`
	Check     checkCmd     `cmd:"" help:"Run one check, or all, and say which hold." group:"Look"`
	Kinds     kindsCmd     `cmd:"" help:"List the kinds of records, or the fields of one kind." group:"Look"`
	Sources   sourcesCmd   `cmd:"" help:"List where records come from, and how fresh that is." group:"Look"`

	Set      setCmd      `cmd:"" help:"Create a record, or change fields of one." group:"Change"`
	Delete   deleteCmd   `cmd:"" help:"Delete records." group:"Change"`
	Do       doCmd       `cmd:"" help:"Let a practice propose changes, and make them." group:"Change"`
	Import   importCmd   `cmd:"" help:"Take over what files say." group:"Change"`
	Probe    probeCmd    `cmd:"" help:"Look at the endpoints of the estate: their certificates, and which TLS they speak." group:"Change"`
	Receiver receiverCmd `cmd:"" help:"Make the secrets of receivers of delivery events." group:"Set up"`
	Events   eventsCmd   `cmd:"" help:"Take the delivery events that were received." group:"Change"`
	Export   exportCmd   `cmd:"" help:"Write records to files that import reads back." group:"Change"`

	History  historyCmd  `cmd:"" help:"Show what was changed, when, by whom and why." group:"Time"`
	Diff     diffCmd     `cmd:"" help:"Show how the estate differs between two moments, or under a scenario." group:"Time"`
	Undo     undoCmd     `cmd:"" help:"Take back one entry of the history." group:"Time"`
	Scenarii scenarioCmd `cmd:"" name:"scenario" help:"List, show, merge and drop scenarios." group:"Time"`

	Verify     verifyCmd     `cmd:"" help:"Prove that the journal is whole and that the estate follows from it." group:"Trust"`
	Checkpoint checkpointCmd `cmd:"" help:"Sign the journal as it is now, to be kept elsewhere." group:"Trust"`
	Erase      eraseCmd      `cmd:"" help:"Erase personal values for good, from the past too." group:"Trust"`
	Backup     backupCmd     `cmd:"" help:"Write the whole journal to one file." group:"Trust"`
	Restore    restoreCmd    `cmd:"" help:"Read a backup into an empty place." group:"Trust"`

	Serve      serveCmd      `cmd:"" help:"Serve pages, programs and assistants." group:"Set up"`
	MCP        mcpCmd        `cmd:"" name:"mcp" help:"Speak with an assistant over the input and output." group:"Set up"`
	Init       initCmd       `cmd:"" help:"Make the data directory or the tables of the database." group:"Set up"`
	Demo       demoCmd       `cmd:"" help:"Load a company to look at, and ask it something." group:"Set up"`
	Version    versionCmd    `cmd:"" help:"Print the release." group:"Set up"`
	Completion completionCmd `cmd:"" help:"Print a script that completes commands in a shell." group:"Set up"`
	HelpOn     helpCmd       `cmd:"" name:"help" help:"Show what a command does, with examples." group:"Set up"`
}

const description = `Binnacle knows a company's whole technology estate: what it is, what it costs, what threatens it and what to do next.

Flags may stand before and after the command and its arguments.

Exit codes: 0 done, 1 failed, 2 the command was not understood, 3 something was refused, 4 somebody else changed the same record, 5 a verification or a check does not hold.

Start with: binnacle demo`

// newParser makes the parser of the command line.
func newParser(s *session, g *grammar, args []string) (*kong.Kong, error) {
	return kong.New(g, kong.Name("binnacle"), kong.Description(description), kong.NoDefaultHelp(), kong.WithHyphenPrefixedParameters(true), kong.Resolvers(newSettings(s.env.Getenv, args)),
		kong.Writers(s.env.Stdout, s.env.Stderr), kong.Exit(func(int) {}),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, FlagsLast: true, NoExpandSubcommands: true, WrapUpperBound: 100}),
		kong.ExplicitGroups([]kong.Group{
			{Key: "Look", Title: "Look:"}, {Key: "Change", Title: "Change:"}, {Key: "Time", Title: "Go through time:"}, {Key: "Trust", Title: "Trust and keep:"}, {Key: "Set up", Title: "Set up:"},
			{Key: "Where", Title: "Flags: where the estate is"}, {Key: "When", Title: "Flags: which estate to look at"}, {Key: "Output", Title: "Flags: output"},
		}))
}

// run parses the arguments and runs the command.
func run(ctx context.Context, s *session, args []string) error {
	g := &grammar{}
	parser, err := newParser(s, g, args)
	if err != nil {
		return err
	}
	s.globals, s.parser = &g.globals, parser
	if len(args) == 0 {
		return s.help(nil)
	}
	args = arranged(parser, args)
	if rest, asked := withoutHelp(args); asked {
		return s.help(rest)
	}
	args, s.parameters, err = splitParameters(parser, s.env.Practices, args)
	if err != nil {
		return err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return misused(err)
	}
	if err := s.prepare(command.Selected().Name); err != nil {
		return err
	}
	command.BindTo(ctx, (*context.Context)(nil))
	return command.Run(s)
}

// misused makes an error of the usage of what the parser says, with the help to turn to.
func misused(err error) error {
	hint := "run: binnacle help"
	var wrong *kong.ParseError
	if errors.As(err, &wrong) && wrong.Context.Command() != "" {
		name, _, _ := strings.Cut(wrong.Context.Command(), " ")
		hint += " " + name
	}
	return usage("%v: %s", err, hint)
}

// withoutHelp takes the flags for help out and reports whether there was one.
func withoutHelp(args []string) ([]string, bool) {
	var rest []string
	asked := false
	for i, a := range args {
		if a == "--" {
			return append(rest, args[i:]...), asked
		}
		if a == "--help" || a == "-h" {
			asked = true
			continue
		}
		rest = append(rest, a)
	}
	return rest, asked
}

// help prints the help of the command that the words name, or of the program.
func (s *session) help(args []string) error {
	words := commandWords(args)
	if len(words) > 1 {
		if a, ok := s.question(words[1]); ok && slices.Contains([]string{"ask", "do", "check"}, words[0]) {
			return s.helpOnQuestion(words[0], a)
		}
	}
	node := s.parser.Model.Node
	var path []string
	for _, w := range words {
		child := childNamed(node, w)
		if child == nil {
			break
		}
		node = child
		path = append(path, w)
	}
	if len(words) > 0 && len(path) == 0 {
		var names []string
		for _, n := range s.parser.Model.Node.Children {
			names = append(names, n.Name)
		}
		return usage("there is no command %q%s: run: binnacle help", words[0], suggest(words[0], names))
	}
	node.DefaultCmd = nil
	trace, err := kong.Trace(s.parser, path)
	if err != nil {
		return err
	}
	return trace.PrintUsage(false)
}

// commandWords returns the arguments that are not flags.
func commandWords(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(a string) bool { return strings.HasPrefix(a, "-") })
}

// flagsOf returns the flags of some nodes by their names.
func flagsOf(nodes ...*kong.Node) map[string]*kong.Flag {
	out := map[string]*kong.Flag{}
	for _, n := range nodes {
		for _, f := range n.Flags {
			out[f.Name] = f
		}
	}
	return out
}
