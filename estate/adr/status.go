package adr

import (
	"regexp"
	"strings"
	"time"

	"binnacle/model"
)

// stateWords say which words stand for which state, the more final one first.
var stateWords = []struct {
	state   model.DecisionState
	pattern *regexp.Regexp
}{
	{model.DecisionSuperseded, regexp.MustCompile(`\bsuper[sc]+e+d+ed\b|\b(?:replaced|obsoleted|overridden) by\b|\breplaced\b|\bersetzt\b|\bremplacée?\b`)},
	{model.DecisionDeprecated, regexp.MustCompile(`\bdeprecated\b|\bobsoleted?\b|\bretired\b|\bexpired\b|\barchived\b|\boutdated\b|\brevoked\b|\breverted\b|\brolled back\b|\bno longer\b|\binactive\b|\bveraltet\b|\bobsolète\b`)},
	{model.DecisionRejected, regexp.MustCompile(`\brejected\b|\bdeclined\b|\brefused\b|\bdenied\b|\bnot (?:accepted|approved|adopted)\b|\bwithdrawn\b|\babandoned\b|\bcancell?ed\b|\bdiscarded\b|\bdismissed\b|\bwon'?t do\b|\babgelehnt\b|\brejetée?\b`)},
	{model.DecisionAccepted, regexp.MustCompile(`\bpart(?:ly|ially) (?:super[sc]+e+d+ed|replaced|obsoleted?|deprecated)\b|\baccepted\b|\bapproved\b|\bagreed\b|\badopted\b|\bdecided\b|\bimplemented\b|\bratified\b|\beffective\b|\bin (?:effect|force|use)\b|\bdone\b|\bcompleted?\b|\bactive\b|\bfinal\b|\bresolved\b|\bcommitted\b|\bakzeptiert\b|\bangenommen\b|\bacceptée?\b`)},
	{model.DecisionProposed, regexp.MustCompile(`\bpropos(?:ed|al)\b|\bpending\b|\bopen\b|\breview\b|\bdiscussion\b|\bdiscussing\b|\brfc\b|\brequest for comments?\b|\bon hold\b|\bdeferred\b|\bpostponed\b|\bin progress\b|\bsubmitted\b|\bsuggested\b|\bunder consideration\b|\bwaiting\b|\bawaiting\b|\bvorgeschlagen\b|\bproposée?\b`)},
	{model.DecisionDraft, regexp.MustCompile(`\bdraft(?:ed)?\b|\bwip\b|\bwork in progress\b|\btbd\b|\bto ?do\b|\bidea\b|\btemplate\b|\bentwurf\b|\bbrouillon\b`)},
}

// partly is a decision of which a part holds on.
var partly = regexp.MustCompile(`\bpart(?:ly|ially) (?:super[sc]+e+d+ed|replaced|obsoleted?|deprecated)\b`)

// stateSigns say which emoji stand for which state where there are no words.
var stateSigns = []struct {
	state model.DecisionState
	signs string
}{
	{model.DecisionSuperseded, "♻🔄🔁⤴↪"},
	{model.DecisionDeprecated, "🗑⚰🪦🌅🏚"},
	{model.DecisionRejected, "❌🚫⛔🔴👎✖✗✘"},
	{model.DecisionAccepted, "✅✔🟢👍☑✓"},
	{model.DecisionProposed, "💬🤔❓⏳⌛🟡🟠💭❔🕐"},
	{model.DecisionDraft, "🚧📝✏🏗"},
}

var placeholder = regexp.MustCompile(`(?s)^\s*["']?(?:\{.*\}?|\[[^\]]*\](?:\s*$)|<[^>]*>)["']?\s*$`)

// stateOf returns the state that a status tells, and the day that stands beside it. It is empty where the status tells none.
func stateOf(raw string) (model.DecisionState, model.Date) {
	text := strings.ToLower(words(raw))
	if strings.TrimSpace(text) == "" {
		return "", 0
	}
	if isMenu(raw, text) {
		return model.DecisionDraft, 0
	}
	var best, latest model.DecisionState
	var day, last model.Date
	dated := 0
	for line := range strings.Lines(text) {
		state := lineState(line)
		if state == "" {
			continue
		}
		on := dayIn(line)
		if !on.IsZero() {
			dated++
			if on >= last {
				latest, last = state, on
			}
		}
		if best == "" || finality(state) > finality(best) {
			best, day = state, on
		}
	}
	switch {
	case best == "":
		return signState(raw), dayIn(text)
	case dated > 1 && best != model.DecisionSuperseded:
		return latest, last
	}
	return best, max(day, last)
}

// lineState returns the state that one line of a status tells.
func lineState(line string) model.DecisionState {
	if partly.MatchString(line) {
		return model.DecisionAccepted
	}
	if r := relationOf(line); r != nil {
		if r.kind == supersedes && r.passive {
			return model.DecisionSuperseded
		}
		// What stands behind is the name of the other record.
		line = line[:r.pattern.FindStringIndex(line)[0]]
	}
	best, at := model.DecisionState(""), len(line)
	for _, w := range stateWords {
		if m := w.pattern.FindStringIndex(line); m != nil && m[0] < at {
			best, at = w.state, m[0]
		}
	}
	if best != "" && stateWords[0].pattern.MatchString(line) {
		return model.DecisionSuperseded
	}
	return best
}

// finality orders states by how much is left to decide.
func finality(s model.DecisionState) int {
	for i, w := range stateWords {
		if w.state == s {
			return len(stateWords) - i
		}
	}
	return 0
}

func signState(raw string) model.DecisionState {
	for _, s := range stateSigns {
		if strings.ContainsAny(raw, s.signs) {
			return s.state
		}
	}
	return ""
}

// isMenu reports whether a status is one that nobody has filled in: a placeholder, or the list of all states to choose from.
func isMenu(raw, text string) bool {
	if placeholder.MatchString(raw) && !linkMark.MatchString(raw) {
		return true
	}
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	n := 0
	for _, w := range stateWords {
		if w.pattern.MatchString(line) {
			n++
		}
	}
	return n >= 3 && strings.ContainsAny(line, "|/,") && dayIn(line).IsZero()
}

var (
	isoDay    = regexp.MustCompile(`\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b`)
	dayFirst  = regexp.MustCompile(`\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b`)
	dayMonth  = regexp.MustCompile(`(?i)\b(\d{1,2})(?:st|nd|rd|th)?\.?[ -](?:of )?([a-z]{3,9})\.?,?[ -](\d{4})\b`)
	monthDay  = regexp.MustCompile(`(?i)\b([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b`)
	nameDay   = regexp.MustCompile(`^(\d{4})-?(\d{2})-?(\d{2})(?:[-_ ]|$)`)
	monthList = []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}
)

// dayIn returns the first day that a text names, as 2027-03-04, 2027/3/4, 4.3.2027, 4 March 2027 or March 4, 2027. Days of which nobody can tell whether the month stands first are not read.
func dayIn(text string) model.Date {
	for _, m := range isoDay.FindAllStringSubmatch(text, -1) {
		if day := dayOf(m[1], m[2], m[3]); !day.IsZero() {
			return day
		}
	}
	if m := dayFirst.FindStringSubmatch(text); m != nil {
		if day := dayOf(m[3], m[2], m[1]); !day.IsZero() {
			return day
		}
	}
	if m := dayMonth.FindStringSubmatch(text); m != nil {
		if day := dayOf(m[3], monthNumber(m[2]), m[1]); !day.IsZero() {
			return day
		}
	}
	if m := monthDay.FindStringSubmatch(text); m != nil {
		return dayOf(m[3], monthNumber(m[1]), m[2])
	}
	return 0
}

func monthNumber(name string) string {
	for i, short := range monthList {
		if len(name) >= 3 && strings.EqualFold(name[:3], short) {
			return string(rune('0'+(i+1)/10)) + string(rune('0'+(i+1)%10))
		}
	}
	return ""
}

func dayOf(year, month, day string) model.Date {
	y, m, d := atoi(year), atoi(month), atoi(day)
	if y < 1900 || m < 1 || m > 12 || d < 1 {
		return 0
	}
	out := model.NewDate(y, time.Month(m), d)
	if t := out.Time(); t.Day() != d || int(t.Month()) != m {
		return 0
	}
	return out
}

// atoi reads digits. It returns -1 where there are none or too many.
func atoi(text string) int {
	n := 0
	if text == "" || len(text) > 9 {
		return -1
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return -1
		}
		n = n*10 + int(c-'0')
	}
	return n
}
