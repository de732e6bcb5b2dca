package adr

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"binnacle/model"
)

// Kind says what a Markdown text is.
type Kind string

// What a Markdown text may be.
const (
	// NoRecord is a text that has nothing to do with decision records.
	NoRecord Kind = ""
	// ARecord is a decision record.
	ARecord Kind = "record"
	// AList is a page about decision records, such as a list of them, and none itself.
	AList Kind = "list"
)

var (
	adrTitle  = regexp.MustCompile(`(?i)^\W*(?:adr|decision record)[ _#-]*\d+\b`)
	listTitle = regexp.MustCompile(`(?i)^\W*(?:(?:index of |list of )?(?:architect\w*|technical|any|markdown)? ?(?:decisions?(?: records?| log)?|design decisions)|adrs?|adr log|decision log)(?: ?\([^)]*\))?\W*$`)
	yWords    = regexp.MustCompile(`(?is)\bin the context of\b.*?\b(?:facing|faced with)\b.*?\bwe (?:have )?(?:decided|chose|choose|decide|opted)\b`)
)

// Kind finds out what the text is, and how sure that is, from 0 to 100.
func (d *Document) Kind() (Kind, int) {
	if d.entry("ring") >= 0 && d.entry("quadrant") >= 0 || d.entry("releases") >= 0 {
		return NoRecord, 0
	}
	has := map[role]bool{}
	for _, s := range d.sections {
		has[s.role] = true
	}
	status := has[roleStatus]
	if i := d.entryOf(roleStatus); i >= 0 {
		status = status || d.entries[i].text != ""
	}
	title := d.title != ""
	switch {
	case has[roleOutcome] && has[roleContext]:
		return ARecord, 90
	case has[roleOutcome] && (has[roleOptions] && (has[roleDrivers] || has[roleArguments]) || status || has[roleConsequences]):
		return ARecord, 85
	case has[roleContext] && (has[roleOptions] || has[roleConsequences]) && (status || has[roleDrivers] || has[roleArguments] || title && has[roleOptions]):
		return ARecord, 75
	case title && yWords.MatchString(d.Text):
		return ARecord, 60
	case adrTitle.MatchString(d.title) && status:
		return ARecord, 60
	case listTitle.MatchString(d.title):
		return AList, 10
	}
	return NoRecord, 0
}

// Record returns what the text says as the fields of a decision record, without an id and without refs.
func (d *Document) Record() *model.DecisionRecord {
	r := &model.DecisionRecord{Text: d.Text, Path: d.Name}
	r.Number, r.Name = d.numbered()
	r.Key = keyOf(d.Name, r.Number, r.Name)
	r.Description = d.description()
	r.StatusText = d.value(roleStatus)
	state, day := stateOf(r.StatusText)
	r.State = state
	if r.StatusText == "" && d.isTemplate() {
		r.State = model.DecisionDraft
	}
	if r.Decided = dayIn(words(d.value(roleDate))); r.Decided.IsZero() {
		r.Decided = day
	}
	if r.Decided.IsZero() {
		if m := nameDay.FindStringSubmatch(path.Base(d.Name)); m != nil {
			r.Decided = dayOf(m[1], m[2], m[3])
		}
	}
	r.MakerNames, r.Consulted, r.Informed, r.Tags = d.names(roleMakers), d.names(roleConsulted), d.names(roleInformed), d.names(roleTags)
	r.Context = d.body(roleContext)
	r.Drivers, r.Considered = items(d.body(roleDrivers)), items(d.body(roleOptions))
	r.Outcome, r.Consequences = d.body(roleOutcome), d.body(roleConsequences)
	r.Confirmation, r.Arguments, r.More = d.body(roleConfirmation), d.body(roleArguments), d.body(roleMore)
	if r.Outcome == "" && yWords.MatchString(r.Description) && len(d.preamble) == 1 {
		r.Outcome, r.Description = r.Description, ""
	}
	r.Chosen = Chosen(r.Outcome)
	for _, i := range d.others() {
		if s := d.sections[i]; s.heading != "" {
			r.Sections = append(r.Sections, model.DecisionSection{Heading: s.heading, Text: d.in(s.body)})
		}
	}
	return r
}

// others returns the places of the sections that no field has: those without a role, and those of a role that come again later.
func (d *Document) others() []int {
	var out []int
	for i, s := range d.sections {
		if s.role == roleNone || !slices.Contains(d.sectionsOf(s.role), i) {
			out = append(out, i)
		}
	}
	return out
}

// isTemplate reports whether the title is one that nobody has filled in.
func (d *Document) isTemplate() bool {
	return placeholder.MatchString(d.title) || strings.Contains(strings.ToLower(d.title), "short title of solved problem")
}

// value returns what an entry or a section says, as it stands there.
func (d *Document) value(r role) string {
	if i := d.entryOf(r); i >= 0 && (d.entries[i].text != "" || len(d.entries[i].list) > 0) {
		if e := d.entries[i]; e.text != "" {
			return e.text
		} else {
			return strings.Join(e.list, ", ")
		}
	}
	return strings.TrimSpace(d.body(r))
}

// body returns what stands under the sections with a role: under one alone, or of several the whole with their headings.
func (d *Document) body(r role) string {
	found := d.sectionsOf(r)
	switch len(found) {
	case 0:
		return ""
	case 1:
		return d.in(d.sections[found[0]].body)
	}
	return d.in(d.wholeOf(found))
}

// wholeOf returns the part with several sections that follow each other.
func (d *Document) wholeOf(found []int) span {
	first, last := d.sections[found[0]], d.sections[found[len(found)-1]]
	return span{first.all.from, max(last.body.to, last.body.from)}
}

// names returns the names that an entry or a section lists.
func (d *Document) names(r role) []string {
	if i := d.entryOf(r); i >= 0 {
		e := d.entries[i]
		list := e.list
		if len(list) == 0 {
			list = splitNames(e.text)
		}
		return clean(list)
	}
	body := d.body(r)
	list := items(body)
	if len(list) == 1 && !itemMark.MatchString(body) {
		list = splitNames(list[0])
	}
	return clean(list)
}

// splitNames splits names outside of brackets: at semicolons where there are some, and otherwise at commas.
func splitNames(text string) []string {
	if placeholder.MatchString(text) && !linkMark.MatchString(text) {
		return nil
	}
	mark := ','
	if strings.Contains(text, ";") {
		mark = ';'
	}
	var out []string
	depth, from := 0, 0
	for i, r := range text {
		switch {
		case r == '(' || r == '[' || r == '<':
			depth++
		case (r == ')' || r == ']' || r == '>') && depth > 0:
			depth--
		case r == mark && depth == 0:
			out = append(out, text[from:i])
			from = i + 1
		}
	}
	return append(out, text[from:])
}

func clean(list []string) []string {
	var out []string
	for _, one := range list {
		if one = strings.TrimSpace(one); one != "" {
			out = append(out, one)
		}
	}
	return out
}

var itemMark = regexp.MustCompile(`^( {0,3})([-*+]|\d{1,3}[.)])([ \t]+|$)`)

// items takes a text apart into the items of its list. What is no list is an item too, paragraph by paragraph, so that nothing is lost.
func items(text string) []string {
	var out []string
	var s scan
	width, blank := 0, true
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		hidden := s.hidden(line)
		m := itemMark.FindStringSubmatch(line)
		inside := width > 0 && len(line)-len(strings.TrimLeft(line, " ")) >= width
		switch {
		case strings.TrimSpace(line) == "":
			blank = true
			if hidden && len(out) > 0 {
				out[len(out)-1] += "\n"
			}
			continue
		case m != nil && !hidden && !inside:
			width = len(m[0])
			out = append(out, line[len(m[0]):])
		case len(out) > 0 && (!blank || hidden || inside):
			rest := line
			if inside {
				rest = line[width:]
			}
			gap := "\n"
			if blank && !strings.HasSuffix(out[len(out)-1], "\n") {
				gap = "\n\n"
			}
			out[len(out)-1] += gap + strings.TrimRight(rest, " \t")
		default:
			width = 0
			out = append(out, strings.TrimSpace(line))
		}
		blank = false
	}
	return clean(out)
}

var (
	chosenWords = regexp.MustCompile(`(?i)chosen (?:option|alternative|solution)s?[*_]{0,3}\s*(?::|is|are)[*_]{0,3}\s*`)
	chosenY     = regexp.MustCompile(`(?is)\bwe (?:have )?(?:decided|decide|opted) (?:for|to use|on) (.+?)(?:,|\.|;|\band (?:neglected|against)\b|\bto achieve\b|\bbecause\b|$)`)
	chosenEnds  = regexp.MustCompile(`,? (?:because|since|as it|for)\b|,\s|\.(?:\s|$)|\n`)
)

// Chosen returns the option that an outcome names, and nothing where it names none.
func Chosen(outcome string) string {
	if s, ok := chosenAt(outcome); ok {
		return outcome[s.from:s.to]
	}
	return ""
}

// chosenAt returns where an outcome names the option that was chosen.
func chosenAt(outcome string) (span, bool) {
	m := chosenWords.FindStringIndex(outcome)
	if m == nil {
		if y := chosenY.FindStringSubmatchIndex(outcome); y != nil && yWords.MatchString(outcome) {
			return tight(outcome, span{y[2], y[3]})
		}
		return span{}, false
	}
	from := m[1]
	line := outcome[from:]
	if i := strings.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	for _, pair := range [][2]string{{`"`, `"`}, {"“", "”"}, {"**", "**"}, {"`", "`"}, {"'", "'"}, {"„", "“"}} {
		inner, ok := strings.CutPrefix(line, pair[0])
		if !ok {
			continue
		}
		at := len(pair[0])
		// The closing mark is the one that a comma, a full stop or the end follows, because names have marks in them too.
		for end := strings.Index(inner, pair[1]); end >= 0; {
			rest := inner[end+len(pair[1]):]
			if rest == "" || strings.ContainsRune(",.; \t", rune(rest[0])) {
				return tight(outcome, span{from + at, from + at + end})
			}
			next := strings.Index(inner[end+len(pair[1]):], pair[1])
			if next < 0 {
				break
			}
			end += len(pair[1]) + next
		}
	}
	end := len(line)
	if m := chosenEnds.FindStringIndex(line + "\n"); m != nil {
		end = min(m[0], len(line))
	}
	return tight(outcome, span{from, from + end})
}

// tight takes white space off both ends.
func tight(text string, s span) (span, bool) {
	part := text[s.from:s.to]
	s.from += len(part) - len(strings.TrimLeft(part, " \t"))
	s.to -= len(part) - len(strings.TrimRight(part, " \t\r\n"))
	return s, s.from < s.to
}

var (
	fileNumber  = regexp.MustCompile(`(?i)^(?:adr[-_ ]?)?(\d{1,5})(?:[-_. ]|$)`)
	titleNumber = regexp.MustCompile(`(?i)^\s*\[?(?:(?:adr|decision record|decision)[ _#:-]*#?(\d{1,5})\]?\s*(?:[.:)–—-]+|\s|$)|#?(\d{1,5})\]?(?:[.:)]|\s+[–—-])(?:\s|$))\s*`)
)

// numbered returns the number of the record, of its file or of its title, and the title without it.
func (d *Document) numbered() (int, string) {
	number, title := -1, d.title
	if m := titleNumber.FindStringSubmatch(title); m != nil {
		number = atoi(m[1] + m[2])
		title = strings.TrimSpace(title[len(m[0]):])
	}
	if i := d.entry("number"); i >= 0 && atoi(d.entries[i].text) >= 0 {
		number = atoi(d.entries[i].text)
	}
	if m := fileNumber.FindStringSubmatch(path.Base(d.Name)); m != nil {
		number = atoi(m[1])
	}
	if title == "" {
		title = strings.TrimSpace(d.title)
	}
	return max(number, 0), title
}

// keyOf returns the key of a record: adr, its number and the words of its file, or these words alone.
func keyOf(name string, number int, title string) string {
	base := path.Base(strings.ReplaceAll(name, `\`, "/"))
	if i := strings.LastIndexByte(base, '.'); i > 0 {
		base = base[:i]
	}
	numbered := fileNumber.MatchString(base)
	base = fileNumber.ReplaceAllString(base, "")
	slug := slugOf(base)
	if slug == "" || name == "" {
		slug = slugOf(title)
	}
	if numbered || number > 0 {
		slug = strings.TrimSuffix("adr-"+four(number)+"-"+slug, "-")
	}
	if slug == "" {
		slug = "decision"
	}
	if len(slug) > 200 {
		slug = strings.TrimRight(strings.ToValidUTF8(slug[:200], ""), "-")
	}
	return slug
}

func four(n int) string {
	digits := ""
	for ; n > 0; n /= 10 {
		digits = string(rune('0'+n%10)) + digits
	}
	for len(digits) < 4 {
		digits = "0" + digits
	}
	return digits
}

// slugOf returns the words of a text in lower case with hyphens between them.
func slugOf(text string) string {
	var out strings.Builder
	gap := false
	for _, r := range strings.ToLower(text) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '.' || r == '_' {
			if gap && out.Len() > 0 {
				out.WriteByte('-')
			}
			gap = false
			out.WriteRune(r)
		} else {
			gap = true
		}
	}
	return out.String()
}
