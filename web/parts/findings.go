package parts

import (
	"html/template"
	"math"
	"regexp"
	"strconv"
	"strings"

	"binnacle/practice"
	"binnacle/web/draw"
)

// findingView is a finding as its template gets it.
type findingView struct {
	Severity, Text string
	About, Owner   *anchor
	Paths          template.HTML
	PathCount      int
	From           *source
	Mend           *mendView
}

// mendView is the action that mends a finding.
type mendView struct{ Label, Path string }

// findingsView is a list of findings.
type findingsView struct {
	List []findingView
	// Counts say how many there are of each severity, the worst first.
	Counts     []severityCount
	All, Shown int
	More       string
	Compact    bool
}

// severityCount is how many findings have a severity.
type severityCount struct {
	Severity string
	Count    int
}

func (r renderer) findings(p practice.Part) template.HTML {
	v := findingsView{All: len(p.Findings), Shown: r.opt.limit(len(p.Findings)), Compact: r.opt.Compact}
	if r.opt.Compact && r.opt.Limit == 0 {
		v.Shown = min(v.Shown, mostOnTile)
	}
	for _, s := range []practice.Severity{practice.Critical, practice.High, practice.Medium, practice.Low, practice.Info} {
		n := 0
		for _, f := range p.Findings {
			if f.Severity == s {
				n++
			}
		}
		if n > 0 {
			v.Counts = append(v.Counts, severityCount{string(s), n})
		}
	}
	for _, f := range p.Findings[:v.Shown] {
		v.List = append(v.List, r.finding(p.Name, f))
	}
	if v.Shown < v.All && r.opt.Open != "" {
		v.More = r.v.Path(r.opt.Open, "rows", "all") + "#part-" + p.Name
	}
	return execute("findings", v)
}

// mostOnTile is how many findings a tile of a board shows.
const mostOnTile = 4

var amountInText = regexp.MustCompile(`-?\b\d{4,}(\.\d+)? [A-Z]{3}\b`)

var momentInText = regexp.MustCompile(`\b(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::\d{2})?Z\b`)

// Sentence writes a sentence of a finding as people read it: moments in words, and amounts from a thousand on with thin spaces and without cents.
func Sentence(text string) string { return sayMoney(text) }

// sayMoney writes the moments and amounts in a sentence as people read them: amounts from a thousand on with thin spaces and without cents.
func sayMoney(text string) string {
	text = momentInText.ReplaceAllString(text, "$1 $2 UTC")
	return amountInText.ReplaceAllStringFunc(text, func(s string) string {
		amount, currency, _ := strings.Cut(s, " ")
		f, err := strconv.ParseFloat(amount, 64)
		if err != nil {
			return s
		}
		return draw.Value(math.Round(f)) + "\u00a0" + currency
	})
}

func (r renderer) finding(part string, f practice.Finding) findingView {
	out := findingView{Severity: string(f.Severity), Text: sayMoney(f.Text), PathCount: len(f.Paths), Paths: r.paths(f.Paths)}
	if !f.About.IsZero() {
		a := r.anchor(f.About)
		out.About = &a
	}
	if !f.Owner.IsZero() {
		a := r.anchor(f.Owner)
		out.Owner = &a
	}
	if f.Mend != nil {
		out.Mend = &mendView{ActionLabel(f.Mend.Action), r.v.Path(MendPath(f.Mend))}
	}
	if len(f.From) > 0 {
		out.From = r.source(part, f.From)
		out.From.More = ""
	}
	return out
}

// ActionLabel returns what a screen calls a question: Assign owner for architecture.assign_owner.
func ActionLabel(name string) string {
	_, last, ok := strings.Cut(name, ".")
	if !ok {
		last = name
	}
	last = strings.ReplaceAll(last, "_", " ")
	if last == "spof" {
		return "Single points of failure"
	}
	return strings.ToUpper(last[:min(1, len(last))]) + last[min(1, len(last)):]
}
