package decisions

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/panel"
	"binnacle/web/prose"
)

// mostListed is how many decision records the list shows at once.
const mostListed = 300

// state is a state of decisions, with the class of its badge and its sign.
type state struct{ Name, Label, Class, Sign, Help string }

// stateOf returns how a page shows the state of a decision.
func stateOf(s model.DecisionState) state {
	out := state{Name: string(s), Label: "No status", Class: "muted", Sign: "–"}
	for _, o := range s.Options() {
		if o.Value == string(s) {
			out.Label, out.Help = o.Label, o.Help
		}
	}
	switch s {
	case model.DecisionAccepted:
		out.Class, out.Sign = "good", "✓"
	case model.DecisionProposed:
		out.Class, out.Sign = "info", "?"
	case model.DecisionRejected:
		out.Class, out.Sign = "bad", "✕"
	case model.DecisionSuperseded:
		out.Class, out.Sign = "brass", "→"
	case model.DecisionDeprecated:
		out.Class, out.Sign = "warn", "↓"
	case model.DecisionDraft:
		out.Sign = "…"
	}
	return out
}

// filter is one way to list less.
type filter struct {
	Label, Path string
	Count       int
	On          bool
}

// row is a decision record on the list.
type row struct {
	Number, Title, Path, Outcome string
	State                        state
	Decided                      model.Date
	Makers                       string
	Touches                      int
	// Review is the day by which it is to be looked at, and Late says that the day has passed.
	Review model.Date
	Late   bool
	// Holds says that the decision was accepted and not taken back.
	Holds bool
	// After and Before name what it replaces and what replaces it.
	After, Before []shown
}

// listView is the list of decision records.
type listView struct {
	Words, State string
	Filters      []filter
	Rows         []row
	Hidden, All  int
	// Moment are the values of the moment that forms send along.
	Moment map[string][]string
	// New is where a new one is written, where the visitor may.
	New   string
	Saves []panel.Save
	// Questions are pages of questions about all decisions.
	Questions []panel.Save
}

func list(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	b := listView{Words: frame.Short(v.Form("q"), 200), State: v.Form("state"), Moment: v.Moment.Values(), Saves: panel.Saves(v, "standards.export", nil)}
	if !d.past() && v.Who.MayCreate("DecisionRecord") {
		b.New = d.Path("/decisions/new")
	}
	for _, q := range []panel.Save{{Label: "What came of them", Path: "standards.outcomes"}, {Label: "What replaced what", Path: "standards.lineage"}, {Label: "Reviews due", Path: "standards.review_due"}} {
		if _, err := v.House.Question(q.Path); err == nil {
			b.Questions = append(b.Questions, panel.Save{Label: q.Label, Path: d.Path("/questions/" + q.Path)})
		}
	}
	words := strings.Fields(strings.ToLower(b.Words))
	counts, due := map[model.DecisionState]int{}, 0
	var found []*model.DecisionRecord
	for r := range estate.Each[*model.DecisionRecord](d.view) {
		b.All++
		if !speaksOf(r, words) {
			continue
		}
		counts[r.State]++
		late := d.late(r)
		if late {
			due++
		}
		if b.State == "" || b.State == string(r.State) || b.State == "due" && late {
			found = append(found, r)
		}
	}
	b.filters(d, counts, due)
	slices.SortFunc(found, func(x, y *model.DecisionRecord) int {
		return cmp.Or(cmp.Compare(y.Number, x.Number), cmp.Compare(y.Decided, x.Decided), cmp.Compare(x.Key, y.Key))
	})
	if len(found) > mostListed {
		b.Hidden, found = len(found)-mostListed, found[:mostListed]
	}
	for _, r := range found {
		b.Rows = append(b.Rows, d.row(r))
	}
	return d.show("decisions", frame.Page{Title: "Decisions", Lead: "What was decided about technology, why, and what came of it.", Body: b})
}

// filters fills in the states that can be chosen, with how many there are.
func (b *listView) filters(d *desk, counts map[model.DecisionState]int, due int) {
	all := 0
	for _, n := range counts {
		all += n
	}
	add := func(label, name string, n int) {
		if n > 0 || name == "" || name == b.State {
			b.Filters = append(b.Filters, filter{label, d.Path("/decisions", "q", b.Words, "state", name), n, name == b.State})
		}
	}
	add("All", "", all)
	for _, o := range model.DecisionState("").Options() {
		add(o.Label, o.Value, counts[model.DecisionState(o.Value)])
	}
	add("Review due", "due", due)
}

// speaksOf reports whether a decision record has all of some words.
func speaksOf(r *model.DecisionRecord, words []string) bool {
	if len(words) == 0 {
		return true
	}
	text := strings.ToLower(strings.Join([]string{r.Name, r.Key, numbered(r), r.Context, r.Outcome, r.Chosen, r.Consequences, strings.Join(r.Considered, " "), strings.Join(r.Drivers, " "),
		strings.Join(r.MakerNames, " "), r.Arguments, r.More}, " "))
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// late reports whether a decision that holds was to be looked at by now and was not.
func (d *desk) late(r *model.DecisionRecord) bool {
	return r.State == model.DecisionAccepted && !r.ReviewBy.IsZero() && r.ReviewBy < d.view.At() && r.Reviewed < r.ReviewBy
}

// numbered returns the number of a decision record as people write it, such as ADR-0012.
func numbered(r *model.DecisionRecord) string {
	if r.Number == 0 {
		return ""
	}
	return fmt.Sprintf("ADR-%04d", r.Number)
}

// row returns a decision record for the list.
func (d *desk) row(r *model.DecisionRecord) row {
	out := row{Number: numbered(r), Title: r.Title(), Path: d.Path(path(r, "")), State: stateOf(r.State), Decided: r.Decided, Makers: strings.Join(d.makers(r), ", "), Touches: len(d.namedAll(r.Touches)),
		Review: r.ReviewBy, Late: d.late(r), Holds: r.State == model.DecisionAccepted, After: d.namedAll(r.Supersedes), Before: d.successors(r)}
	out.Outcome = r.Chosen
	if out.Outcome == "" {
		out.Outcome = r.Outcome
	}
	if out.Outcome == "" {
		out.Outcome = r.Context
	}
	out.Outcome = frame.Short(prose.Plain(out.Outcome), 170)
	return out
}

// makers names who took part in a decision.
func (d *desk) makers(r *model.DecisionRecord) []string {
	var out []string
	for _, s := range d.namedAll(r.Makers) {
		out = append(out, s.Title)
	}
	for _, name := range r.MakerNames {
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// successors are the decisions that take the place of one.
func (d *desk) successors(r *model.DecisionRecord) []shown {
	var out []shown
	for _, next := range d.next(r) {
		out = append(out, d.named(next.Ref()))
	}
	return out
}

// next returns the decisions that take the place of one.
func (d *desk) next(r *model.DecisionRecord) []*model.DecisionRecord {
	var out []*model.DecisionRecord
	for e := range d.view.In(r.Ref()) {
		if next, ok := e.Record.(*model.DecisionRecord); ok && next.ID != r.ID && slices.Contains(next.Supersedes, r.Ref()) && !slices.Contains(out, next) {
			out = append(out, next)
		}
	}
	return out
}
