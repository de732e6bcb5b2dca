package mcp

import (
	"context"
	"fmt"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"binnacle/practice"
)

// prompt is a usual job, in words that an assistant works by.
type prompt struct {
	name, title, help string
	arguments         []*sdk.PromptArgument
	// text has %ARG% where an argument belongs, and lines that begin with a question in brackets, which are left out where there is no such question.
	text string
}

func argument(name, help string, required bool) *sdk.PromptArgument {
	return &sdk.PromptArgument{Name: name, Description: help, Required: required}
}

var prompts = []prompt{
	{"prepare_renewal", "Prepare the renewal of a contract", "What to know before the notice date of a contract: use, cost, dependence, alternatives.",
		[]*sdk.PromptArgument{argument("contract", "The key or the name of the contract.", true)},
		`Prepare the renewal of the contract %contract% for the person who negotiates it.
Look at the contract with get_record (search for it if needed), and at its vendor and everything that points to it with neighbours.
Tell: the end, the notice date and whether it renews by itself; what it costs; which applications and services depend on the vendor and how critical these are (neighbours with direction serves).
[lifecycle.exposure] Ask lifecycle_exposure for technology of this vendor that loses support during the next term.
[architecture.impact] Ask architecture_impact for what would stop if the vendor stopped.
Look at the history of the contract for what was agreed before.
End with three options (renew, renegotiate, leave), what speaks for each, and what is not known and whom to ask. Name the record behind every number as Kind/key.`},
	{"what_breaks", "What breaks if something fails", "Everything that suffers when a record fails, and what to prepare.",
		[]*sdk.PromptArgument{argument("record", "The record as Kind/key, or words to search for.", true)},
		`Find out what breaks if %record% fails.
[architecture.impact] Ask architecture_impact for it.
Use neighbours with direction serves for the ways on which the failure travels, and with direction needs for what it depends on itself.
[architecture.spof] Ask architecture_spof whether it is a single point of failure.
Tell first which capabilities, processes and products stop, then which applications and services, then who must be told (owners). Say where there is redundancy and where the records only suggest it.
End with what to prepare, the most critical first.`},
	{"monthly_brief", "Monthly brief for an officer", "What a CIO or CTO should know this month: changes, risks, dates, decisions.",
		[]*sdk.PromptArgument{argument("office", "CIO, CTO or both.", true), argument("since", "The day of the last brief, such as 2027-05-31.", false)},
		`Write the monthly brief for the %office%.
Compare with the last brief: ask each question once as of now and once with as_of=%since% (if no day is given, take the last day of the month before last), and tell what changed.
[offices.board] Begin with offices_board for the health of the responsibilities of the office.
[offices.gaps] Add offices_gaps, and offices_agreements for what one office owes the other.
[lifecycle.exposure] Ask lifecycle_exposure for technology out of support within the next 90 days.
[architecture.spof] Ask architecture_spof for new single points of failure.
[architecture.orphans] Ask architecture_orphans for what nobody answers for.
One page: three sentences at the top, then at most seven points by weight, each with the number, its change, its owner and the tool it came from. End with the decisions that are needed this month.`},
	{"assess_end_of_life", "Assess an end-of-life plan", "What runs on a technology that loses support, what it would take to move, and by when.",
		[]*sdk.PromptArgument{argument("technology", "The technology, such as debian or PostgreSQL.", true), argument("within", "How far to look ahead, such as 365d.", false)},
		`Assess what the end of life of %technology% means for us, looking ahead %within%.
[lifecycle.exposure] Ask lifecycle_exposure for it: which hosts and applications use which release, and when support ends.
[lifecycle.timeline] Ask lifecycle_timeline for the dates.
[lifecycle.plan] Ask lifecycle_plan for the order in which to move.
[lifecycle.unknown] Ask lifecycle_unknown for what is not known, and say how much that could change the answer.
For the most critical users, use neighbours with direction serves to tell which business capabilities they carry.
End with a plan by quarter: what moves, who owns it, what it depends on, and what risk stays until then. Do not invent cost; say where it is not recorded.`},
	{"one_or_two_officers", "One officer or two", "Whether this company is better served by one person for both offices or by a CIO and a CTO.",
		nil,
		`Help to decide whether this company should have one officer for both technology offices, or a CIO who looks inward and a CTO who looks outward.
[offices.one_or_two] Ask offices_one_or_two for the reasoned comparison from the company's own figures.
[offices.charter] Ask offices_charter for who answers for what today.
[offices.load] Ask offices_load for the load of each office.
[offices.gaps] Ask offices_gaps and offices_overlaps.
Weigh load, conflicts between keeping the business running and building what comes next, size, cost and the people who are there. Say clearly what the figures support, what is judgement, and what would change the answer.`},
}

// addPrompts offers the usual jobs.
func (s *server) addPrompts(out *sdk.Server) {
	for _, p := range prompts {
		out.AddPrompt(&sdk.Prompt{Name: p.name, Title: p.title, Description: p.help, Arguments: p.arguments}, func(ctx context.Context, req *sdk.GetPromptRequest) (*sdk.GetPromptResult, error) {
			if _, err := s.who(ctx); err != nil {
				return nil, fmt.Errorf("the token is not, or no longer, good for anything")
			}
			text, err := s.fill(p, req.Params.Arguments)
			if err != nil {
				return nil, err
			}
			return &sdk.GetPromptResult{Description: p.help, Messages: []*sdk.PromptMessage{{Role: "user", Content: &sdk.TextContent{Text: text}}}}, nil
		})
	}
}

// fill puts arguments into a prompt and leaves out the lines about questions that there are not.
func (s *server) fill(p prompt, given map[string]string) (string, error) {
	text := p.text
	for _, a := range p.arguments {
		value := strings.TrimSpace(given[a.Name])
		if value == "" && a.Required {
			return "", fmt.Errorf("%s needs the argument %s: %s", p.name, a.Name, a.Description)
		}
		if value == "" {
			value = "(not given)"
		}
		text = strings.ReplaceAll(text, "%"+a.Name+"%", "“"+oneLine(value)+"”")
	}
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		if name, rest, ok := strings.Cut(strings.TrimPrefix(line, "["), "] "); ok && strings.HasPrefix(line, "[") {
			if _, err := practice.Find(s.house.Practices, name); err != nil {
				continue
			}
			line = rest
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n") + "\n" + asData, nil
}
