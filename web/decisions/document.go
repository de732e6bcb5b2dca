package decisions

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/model"
	"binnacle/web/draw"
	"binnacle/web/frame"
	"binnacle/web/panel"
	"binnacle/web/prose"
)

// section is one heading of a document with its text.
type section struct {
	ID, Title string
	Text      template.HTML
}

// step is a decision in the chain of those that took each other's place.
type step struct {
	shown
	State   state
	Decided model.Date
	Here    bool
}

// effect is what a decision was expected to bring and what it brought.
type effect struct {
	Name, Before, Predicted, Actual, Unit string
	// Measured is the day of the measurement. Unset means not yet.
	Measured model.Date
	// Verdict says in words how it went, with the class of its badge.
	Verdict, Class string
	Strip          template.HTML
}

// documentView is the page of one decision record.
type documentView struct {
	Number    string
	State     state
	Status    string
	Decided   model.Date
	Makers    []shown
	Others    []string
	Consulted []string
	Informed  []string
	Sections  []section
	// Source is the text as it was read, where no section was found in it.
	Source  template.HTML
	Chain   []step
	Relates []shown
	Touches []shown
	Effects []effect
	Review  model.Date
	// Reviewed is when it was looked at, and by whom.
	Reviewed   model.Date
	ReviewedBy shown
	Learned    template.HTML
	Late       bool
	Before     []shown
	Acts       []template.HTML
	Talk       template.HTML
	Edit       string
	Record     string
	History    string
	Saves      []panel.Save
	From       string
}

func document(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.record()
	if err != nil {
		return err
	}
	b := documentView{Number: numbered(r), State: stateOf(r.State), Decided: r.Decided, Makers: d.namedAll(r.Makers), Consulted: r.Consulted, Informed: r.Informed, Sections: sections(r),
		Chain: d.chain(r), Relates: d.namedAll(r.Relates), Touches: d.namedAll(r.Touches), Review: r.ReviewBy, Reviewed: r.Reviewed, ReviewedBy: d.named(r.ReviewedBy), Late: d.late(r),
		Before: d.successors(r), Record: d.Path(frame.RecordPath("DecisionRecord", r.Key)), Saves: panel.Saves(v, "standards.export", r), From: r.Path}
	for _, name := range r.MakerNames {
		if !slices.ContainsFunc(b.Makers, func(s shown) bool { return s.Title == name }) {
			b.Others = append(b.Others, name)
		}
	}
	if plain := prose.Plain(r.StatusText); !strings.EqualFold(plain, b.State.Label) {
		b.Status = frame.Short(plain, 160)
	}
	if len(b.Sections) == 0 && r.Text != "" {
		b.Source = prose.HTML(withoutFront(r.Text))
	}
	if r.Learned != "" {
		b.Learned = prose.HTML(r.Learned)
	}
	for _, e := range r.Effects {
		b.Effects = append(b.Effects, effectOf(e))
	}
	b.acts(d, r)
	b.Talk = panel.Talk(v, d.view, r, d.Path(path(r, "/comments")))
	return d.show("decision", frame.Page{Title: r.Title(), Crumbs: []frame.Crumb{{Label: "Decisions", Path: "/decisions"}}, Body: b})
}

// acts fills in what the visitor may do with the record.
func (b *documentView) acts(d *desk, r *model.DecisionRecord) {
	if d.past() || !d.Who.MayWrite(r) {
		return
	}
	if r.State == model.DecisionDraft || r.State == model.DecisionProposed {
		b.Edit = d.Path(path(r, "/edit"))
	}
	add := func(a panel.Act) {
		a.About = r
		if form := panel.Form(d.Visit, a); form != "" {
			b.Acts = append(b.Acts, form)
		}
	}
	post := func(action string) string { return d.Path(path(r, "/do/"+action)) }
	open := r.State == model.DecisionDraft || r.State == model.DecisionProposed
	if open || r.State == model.DecisionAccepted {
		label := "Accept or reject"
		if !open {
			label = "Say that it holds no more"
		}
		add(panel.Act{Name: "standards.decide", Label: label, Button: "Write it down", Path: post("decide"), Primary: open, Choices: map[string][]model.Option{"state": becomes(r.State)}})
	}
	if r.State != model.DecisionSuperseded && !open {
		add(panel.Act{Name: "standards.supersede", Label: "Put another decision in its place", Button: "Put it in its place", Path: post("supersede")})
	}
	if r.State == model.DecisionAccepted || len(r.Effects) > 0 && !open {
		add(panel.Act{Name: "standards.record_outcome", Label: "Write down what came of it", Button: "Write it down", Path: post("record_outcome"), Primary: b.Late})
	}
}

// becomes lists what a decision may become by deciding about it: what waits is accepted or rejected, and what holds is deprecated.
func becomes(s model.DecisionState) []model.Option {
	wanted := []model.DecisionState{model.DecisionDeprecated}
	if s != model.DecisionAccepted {
		wanted = []model.DecisionState{model.DecisionAccepted, model.DecisionRejected}
	}
	var out []model.Option
	for _, o := range s.Options() {
		if slices.Contains(wanted, model.DecisionState(o.Value)) {
			out = append(out, o)
		}
	}
	return out
}

// sections returns the sections of a decision record in the order of MADR, those without a text left out.
func sections(r *model.DecisionRecord) []section {
	var out []section
	add := func(id, title, text string) {
		if strings.TrimSpace(text) != "" {
			out = append(out, section{id, title, prose.HTML(text)})
		}
	}
	outcome := r.Outcome
	if r.Chosen != "" && !strings.Contains(outcome, r.Chosen) {
		outcome = "Chosen option: **" + r.Chosen + "**\n\n" + outcome
	}
	add("context", "Context and problem statement", r.Context)
	add("drivers", "Decision drivers", bullets(r.Drivers))
	add("options", "Considered options", bullets(r.Considered))
	add("outcome", "Decision outcome", outcome)
	add("consequences", "Consequences", r.Consequences)
	add("confirmation", "Confirmation", r.Confirmation)
	add("arguments", "Pros and cons of the options", r.Arguments)
	add("more", "More information", r.More)
	return out
}

// bullets writes a list in Markdown.
func bullets(list []string) string {
	var out strings.Builder
	for _, text := range list {
		out.WriteString("- " + strings.ReplaceAll(text, "\n", "\n  ") + "\n")
	}
	return out.String()
}

// withoutFront returns a text without the front matter at its head.
func withoutFront(text string) string {
	rest, has := strings.CutPrefix(text, "---\n")
	if !has {
		return text
	}
	if _, after, closed := strings.Cut(rest, "\n---\n"); closed {
		return after
	}
	return text
}

// mostSteps is how many decisions a chain shows.
const mostSteps = 40

// chain returns the decisions that took each other's place, the oldest first. It is empty where there is but one.
func (d *desk) chain(r *model.DecisionRecord) []step {
	seen := map[model.ID]bool{r.ID: true}
	var before, after []*model.DecisionRecord
	var back, on func(x *model.DecisionRecord)
	back = func(x *model.DecisionRecord) {
		for _, ref := range x.Supersedes {
			if old, ok := d.view.Get(ref).(*model.DecisionRecord); ok && !seen[old.ID] && len(seen) < mostSteps {
				seen[old.ID] = true
				back(old)
				before = append(before, old)
			}
		}
	}
	on = func(x *model.DecisionRecord) {
		for _, next := range d.next(x) {
			if !seen[next.ID] && len(seen) < mostSteps {
				seen[next.ID] = true
				after = append(after, next)
				on(next)
			}
		}
	}
	back(r)
	on(r)
	if len(before)+len(after) == 0 {
		return nil
	}
	var out []step
	for _, x := range append(append(before, r), after...) {
		out = append(out, step{d.named(x.Ref()), stateOf(x.State), x.Decided, x.ID == r.ID})
	}
	return out
}

// effectOf returns how a page shows an effect, with a strip from what was to what was expected, and a mark for what came.
func effectOf(e model.PredictedEffect) effect {
	out := effect{Name: e.Name, Before: draw.Value(e.Before), Predicted: draw.Value(e.Predicted), Unit: e.Unit, Measured: e.MeasuredOn, Verdict: "Not measured yet", Class: "muted"}
	known := !e.MeasuredOn.IsZero()
	if known {
		out.Actual = draw.Value(e.Actual)
		way := 1.0
		if e.Better == model.LessIsBetter {
			way = -1
		}
		switch {
		case way*(e.Actual-e.Predicted) >= 0:
			out.Verdict, out.Class = "As predicted or better", "good"
		case way*(e.Actual-e.Before) > 0:
			out.Verdict, out.Class = "Less than predicted", "warn"
		default:
			out.Verdict, out.Class = "No better than before", "bad"
		}
	}
	out.Strip = strip(e, known)
	return out
}

// strip draws an effect on a line: the span from before to what was predicted, and a mark for what was measured.
func strip(e model.PredictedEffect, known bool) template.HTML {
	low, high := min(e.Before, e.Predicted), max(e.Before, e.Predicted)
	if known {
		low, high = min(low, e.Actual), max(high, e.Actual)
	}
	if high == low {
		return ""
	}
	at := func(x float64) float64 { return 12 + 276*(x-low)/(high-low) }
	words := fmt.Sprintf("From %s, predicted %s", draw.Value(e.Before), draw.Value(e.Predicted))
	mark := ""
	if known {
		words += ", measured " + draw.Value(e.Actual)
		mark = fmt.Sprintf(`<path class="effect-actual" d="M%.1f 4v20"/><circle class="effect-actual-dot" cx="%.1f" cy="14" r="6"/>`, at(e.Actual), at(e.Actual))
	}
	return template.HTML(fmt.Sprintf(`<svg class="effect-strip" viewBox="0 0 300 28" role="img" aria-label="%s"><path class="effect-line" d="M6 14H294"/><path class="effect-span" d="M%.1f 14H%.1f"/><circle class="effect-before" cx="%.1f" cy="14" r="4.5"/><path class="effect-aim" d="M%.1f 5v18"/>%s</svg>`,
		template.HTMLEscapeString(words), at(e.Before), at(e.Predicted), at(e.Before), at(e.Predicted), mark))
}

// editable reports whether the text of a record may still be written here.
func editable(r *model.DecisionRecord) error {
	if r.State == model.DecisionDraft || r.State == model.DecisionProposed || r.State == "" {
		return nil
	}
	return &door.NotFound{What: "draft of this decision: what was decided is replaced by another decision and not rewritten"}
}
