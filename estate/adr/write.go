package adr

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"binnacle/model"
)

// edit replaces a part of the text.
type edit struct {
	at  span
	new string
}

// Write returns a decision record as a file. One that was read and not edited is the file as it was, to the last byte. In one that
// was edited only that changes which differs, in the form that the file had. One that was written here is made as MADR 4.
func Write(r *model.DecisionRecord) []byte {
	if r.Text == "" {
		return []byte(Render(r))
	}
	d := Parse(r.Path, r.Text)
	before := d.Record()
	w := &writer{d: d, before: before, after: r}
	w.change()
	if len(w.edits) == 0 && r.Raw != "" {
		if raw, err := base64.StdEncoding.DecodeString(r.Raw); err == nil {
			return raw
		}
	}
	return []byte(w.apply())
}

type writer struct {
	d             *Document
	before, after *model.DecisionRecord
	edits         []edit
}

func (w *writer) replace(at span, text string) {
	w.edits = append(w.edits, edit{at, strings.ReplaceAll(text, "\n", w.d.eol)})
}

// change notes an edit for every field that differs.
func (w *writer) change() {
	d, a, b := w.d, w.after, w.before
	if a.Name != b.Name && a.Name != "" {
		w.title(a.Name)
	}
	w.status()
	if a.Decided != b.Decided {
		text := ""
		if !a.Decided.IsZero() {
			text = a.Decided.String()
		}
		w.said(roleDate, text, nil)
	}
	for _, one := range []struct {
		role   role
		now, d []string
	}{{roleMakers, a.MakerNames, b.MakerNames}, {roleConsulted, a.Consulted, b.Consulted}, {roleInformed, a.Informed, b.Informed}, {roleTags, a.Tags, b.Tags}} {
		if !slices.Equal(one.now, one.d) {
			w.said(one.role, joined(one.now), one.now)
		}
	}
	if a.Description != b.Description {
		w.description(a.Description)
	}
	outcome := withChosen(a, b)
	if b.Outcome != "" && d.body(roleOutcome) == "" {
		// A Y-statement stands under the title.
		if outcome != b.Outcome {
			w.replace(d.preamble[0], outcome)
		}
	} else if outcome != b.Outcome {
		w.section(roleOutcome, outcome)
	}
	for _, one := range []struct {
		role     role
		now, was string
	}{{roleContext, a.Context, b.Context}, {roleConsequences, a.Consequences, b.Consequences}, {roleConfirmation, a.Confirmation, b.Confirmation}, {roleArguments, a.Arguments, b.Arguments}, {roleMore, a.More, b.More}} {
		if one.now != one.was {
			w.section(one.role, one.now)
		}
	}
	if !slices.Equal(a.Drivers, b.Drivers) {
		w.section(roleDrivers, list(a.Drivers, w.bullet(roleDrivers)))
	}
	if !slices.Equal(a.Considered, b.Considered) {
		w.section(roleOptions, list(a.Considered, w.bullet(roleOptions)))
	}
	if !slices.Equal(a.Sections, b.Sections) {
		w.others()
	}
}

// joined writes names on one line. Where one has a comma of its own they are parted by semicolons.
func joined(names []string) string {
	if !slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, ",") }) {
		return strings.Join(names, ", ")
	}
	return strings.TrimSuffix(strings.Join(names, "; ")+";", ";;")
}

// withChosen returns the outcome with the option that was chosen in it.
func withChosen(a, b *model.DecisionRecord) string {
	if a.Chosen == b.Chosen || a.Chosen == "" || Chosen(a.Outcome) == a.Chosen {
		return a.Outcome
	}
	return nameChosen(a.Outcome, a.Chosen)
}

// nameChosen writes into an outcome which option was chosen.
func nameChosen(outcome, chosen string) string {
	if at, ok := chosenAt(outcome); ok {
		return outcome[:at.from] + chosen + outcome[at.to:]
	}
	return strings.TrimSpace(`Chosen option: "` + chosen + "\".\n\n" + outcome)
}

func (w *writer) title(name string) {
	d := w.d
	if d.titleAt.to > d.titleAt.from && d.title != "" {
		head := d.Text[d.titleAt.from:d.titleAt.to]
		if m := titleNumber.FindString(head); m != "" && strings.TrimSpace(head[len(m):]) != "" {
			name = m + name
		}
		if d.titleEnd == 0 {
			name = scalarOut(name)
		}
		w.replace(d.titleAt, name)
		return
	}
	w.replace(span{d.afterFront(), d.afterFront()}, "# "+name+"\n\n")
}

// afterFront returns where the text behind the front matter starts.
func (d *Document) afterFront() int {
	if !d.hasFront {
		return d.start
	}
	end := d.front.to
	if i := strings.IndexByte(d.Text[end:], '\n'); i >= 0 {
		return end + i + 1
	}
	return len(d.Text)
}

// status writes the status where it differs.
func (w *writer) status() {
	a, b := w.after, w.before
	switch {
	case a.StatusText != b.StatusText:
		w.said(roleStatus, a.StatusText, nil)
	case a.State != b.State:
		w.said(roleStatus, Restated(b.StatusText, a.State), nil)
	}
}

// statusAs returns the words of a status after the state has changed: the first line is the new state, and what else it says stays.
func statusAs(before string, state model.DecisionState) string {
	_, rest, more := strings.Cut(before, "\n")
	out := string(state)
	if first := strings.TrimLeft(before, "*_ "); first != "" && first[:1] != strings.ToLower(first[:1]) && out != "" {
		out = strings.ToUpper(out[:1]) + out[1:]
	}
	if more && strings.TrimSpace(rest) != "" {
		out += "\n" + rest
	}
	return out
}

// Restated returns the words of a status with another state in them.
func Restated(before string, state model.DecisionState) string {
	if m := imageMark.FindStringSubmatch(before); m != nil {
		if message := badgeMessage(m[2]); message != "" {
			raw := strings.ReplaceAll(strings.ReplaceAll(message, "-", "--"), " ", "_")
			for _, form := range []string{raw, strings.ReplaceAll(message, " ", "%20"), message} {
				if strings.Contains(m[2], "-"+form+"-") {
					return strings.Replace(before, "-"+form+"-", "-"+string(state)+"-", 1)
				}
				if strings.Contains(m[2], "message="+form) {
					return strings.Replace(before, "message="+form, "message="+string(state), 1)
				}
			}
		}
	}
	out := statusAs(before, state)
	// Lines that are left and say another state would win.
	if now, _ := stateOf(out); now != state {
		out, _, _ = strings.Cut(out, "\n")
	}
	return out
}

// said writes what an entry or a section says: where it stands, or where the file has its likes.
func (w *writer) said(r role, text string, names []string) {
	d := w.d
	if i := d.entryOf(r); i >= 0 && (d.entries[i].text != "" || len(d.entries[i].list) > 0 || len(d.sectionsOf(r)) == 0) {
		w.entry(d.entries[i], text, names)
		return
	}
	if found := d.sectionsOf(r); len(found) > 0 {
		if names != nil && itemMark.MatchString(d.body(r)) {
			text = list(names, w.bullet(r))
		}
		w.section(r, text)
		return
	}
	if text == "" {
		return
	}
	var line *entry
	for i := range d.entries {
		if d.entries[i].form == inLine && d.entries[i].role != roleNone {
			line = &d.entries[i]
		}
	}
	switch {
	case d.hasFront || line == nil && d.style() == madr:
		w.front(frontName(r) + ": " + frontValue(text, names) + "\n")
	case line != nil && !strings.Contains(text, "\n"):
		old := d.Text[line.lines.from:line.lines.to]
		at := strings.Index(strings.ToLower(old), line.key)
		name := strings.ToUpper(frontName(r)[:1]) + frontName(r)[1:]
		made := old[:at] + name + old[at+len(line.key):line.value.from-line.lines.from] + text
		if strings.HasSuffix(old, "\n") {
			w.edits = append(w.edits, edit{span{line.lines.to, line.lines.to}, w.gap(line.lines) + made + d.eol})
		} else {
			w.edits = append(w.edits, edit{span{line.lines.to, line.lines.to}, d.eol + w.gap(line.lines) + made})
		}
	case r == roleStatus:
		w.section(r, text)
	default:
		at := max(d.titleEnd, d.afterFront())
		w.replace(span{at, at}, "\n"+strings.ToUpper(frontName(r)[:1])+frontName(r)[1:]+": "+text+"\n")
	}
}

// gap returns the blank line that a new line under the title needs, so that it does not run into a paragraph.
func (w *writer) gap(line span) string {
	if itemMark.MatchString(w.d.Text[line.from:line.to]) {
		return ""
	}
	return w.d.eol
}

// entry replaces what an entry says, or takes it out.
func (w *writer) entry(e entry, text string, names []string) {
	switch {
	case text == "" && e.form != inTable:
		w.replace(e.lines, "")
	case e.form == inFront:
		made := w.d.Text[e.lines.from : e.lines.from+len(e.key)]
		end := ""
		if strings.HasSuffix(w.d.Text[e.lines.from:e.lines.to], "\n") {
			end = "\n"
		}
		w.replace(e.lines, made+": "+frontValue(text, names)+end)
	default:
		w.replace(e.value, strings.Join(strings.Fields(text), " "))
	}
}

// front adds a line to the front matter, or makes one.
func (w *writer) front(line string) {
	d := w.d
	if d.hasFront {
		w.replace(span{d.front.to, d.front.to}, line)
		return
	}
	w.replace(span{d.start, d.start}, line)
}

// description replaces the text between the title and the first section.
func (w *writer) description(text string) {
	d := w.d
	if len(d.preamble) == 0 {
		at := d.afterFront()
		if d.titleEnd > 0 {
			at = d.titleEnd
		}
		for _, e := range d.entries {
			if e.form != inFront {
				at = max(at, e.lines.to)
			}
		}
		w.replace(span{at, at}, "\n"+text+"\n")
		return
	}
	for i, p := range d.preamble {
		if i == 0 {
			w.replace(p, text)
		} else {
			w.replace(p, "")
		}
	}
}

// section replaces what stands under the sections with a role, or adds or removes them.
func (w *writer) section(r role, text string) {
	d := w.d
	found := d.sectionsOf(r)
	if len(found) == 0 {
		if text != "" {
			w.insert(r, text)
		}
		return
	}
	first, last := d.sections[found[0]], d.sections[found[len(found)-1]]
	if len(found) == 1 {
		text = lowered(text, first.level)
	}
	switch {
	case text == "":
		w.replace(span{first.all.from, last.all.to}, "")
	case len(found) > 1:
		w.replace(d.wholeOf(found), text)
	case first.body.from == first.body.to:
		w.replace(first.body, "\n"+text+"\n")
	default:
		w.replace(first.body, text)
	}
}

// others writes the sections without a field: those that were there in their places, and new ones at the end.
func (w *writer) others() {
	d := w.d
	left := slices.Clone(w.after.Sections)
	for _, i := range d.others() {
		s := d.sections[i]
		at := slices.IndexFunc(left, func(o model.DecisionSection) bool { return o.Heading == s.heading })
		switch {
		case s.heading == "":
		case at < 0:
			w.replace(s.all, "")
		default:
			if text := left[at].Text; text != d.in(s.body) {
				text = lowered(text, s.level)
				if s.body.from == s.body.to {
					text = "\n" + text + "\n"
				}
				w.replace(s.body, text)
			}
			left = slices.Delete(left, at, at+1)
		}
	}
	for _, s := range left {
		w.end("\n" + strings.Repeat("#", d.level) + " " + s.Heading + "\n\n" + lowered(s.Text, d.level) + "\n")
	}
}

// end adds something at the end of the text.
func (w *writer) end(text string) {
	if n := len(w.d.Text); n > 0 && w.d.Text[n-1] != '\n' && !slices.ContainsFunc(w.edits, func(e edit) bool { return e.at.from == n }) {
		text = "\n" + text
	}
	w.replace(span{len(w.d.Text), len(w.d.Text)}, text)
}

// style is the family that a file belongs to.
type style int

const (
	nygard style = iota
	madr
)

func (d *Document) style() style {
	for _, s := range d.sections {
		if words := plain(s.heading); words == "decision outcome" || words == "context and problem statement" || words == "considered options" {
			return madr
		}
		if s.role == roleStatus {
			return nygard
		}
	}
	if d.hasFront {
		return madr
	}
	return nygard
}

// insert adds a section in its place among the others.
func (w *writer) insert(r role, text string) {
	d := w.d
	level, heading := d.level, title(r, d.style())
	rank := slices.Index(order, r)
	at := len(d.Text)
	if (r == roleConsequences || r == roleConfirmation) && d.style() == madr && len(d.sectionsOf(roleOutcome)) > 0 {
		level++
	}
	for _, s := range d.sections {
		if s.role != roleNone && slices.Index(order, s.role) > rank {
			at = s.all.from
			break
		}
	}
	made := strings.Repeat("#", level) + " " + heading + "\n\n" + lowered(text, level) + "\n"
	if at == len(d.Text) {
		w.end("\n" + made)
		return
	}
	w.replace(span{at, at}, made+"\n")
}

// bullet returns the mark that the list of a section has.
func (w *writer) bullet(r role) string {
	for line := range strings.Lines(w.d.body(r)) {
		if m := itemMark.FindStringSubmatch(line); m != nil {
			if m[2][0] >= '0' && m[2][0] <= '9' {
				return "1."
			}
			return m[2]
		}
	}
	return "*"
}

// apply makes the edits, from the last to the first.
func (w *writer) apply() string {
	text := w.d.Text
	if len(w.edits) == 0 {
		return text
	}
	front := ""
	if !w.d.hasFront {
		w.edits = slices.DeleteFunc(w.edits, func(e edit) bool {
			is := e.at == span{w.d.start, w.d.start} && frontKey.MatchString(strings.TrimRight(e.new, "\r\n"))
			if is {
				front += e.new
			}
			return is
		})
	}
	slices.SortStableFunc(w.edits, func(a, b edit) int { return a.at.from - b.at.from })
	var out strings.Builder
	at := 0
	for _, e := range w.edits {
		if e.at.from < at {
			continue
		}
		out.WriteString(text[at:e.at.from])
		out.WriteString(e.new)
		at = e.at.to
	}
	out.WriteString(text[at:])
	if front == "" {
		return out.String()
	}
	made := out.String()
	return made[:w.d.start] + fmt.Sprintf("---%[1]s%[2]s---%[1]s", w.d.eol, front) + made[w.d.start:]
}

// SupersededBy returns the status of a decision whose place another one takes, in the form that its file has.
func SupersededBy(old, by *model.DecisionRecord) string {
	words := "superseded by " + called(by)
	if old.Text != "" && Parse(old.Path, old.Text).style() == nygard {
		return "Superseded by " + linked(by)
	}
	return words
}

// Superseding returns the status of a decision that takes the place of another one. Files of Nygard's form say so in their status; others say nothing.
func Superseding(by, old *model.DecisionRecord) string {
	if by.Text == "" || Parse(by.Path, by.Text).style() != nygard || by.StatusText == "" {
		return by.StatusText
	}
	return by.StatusText + "\n\nSupersedes " + linked(old)
}

// called returns the words by which one decision names another: its number, or its title.
func called(to *model.DecisionRecord) string {
	if to.Number > 0 {
		return "ADR-" + four(to.Number)
	}
	return linked(to)
}

// linked returns a link to the file of another decision.
func linked(to *model.DecisionRecord) string {
	words := strings.NewReplacer("[", "", "]", "").Replace(to.Title())
	if to.Number > 0 {
		words = fmt.Sprintf("%d. %s", to.Number, words)
	}
	name := FileName(to)
	return "[" + words + "](" + name[strings.LastIndexByte(name, '/')+1:] + ")"
}
