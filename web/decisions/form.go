package decisions

import (
	"errors"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/prose"
)

// part is one part of the form, as MADR has it.
type part struct {
	Name, Label, Help, Value string
	// Rows is how many lines its box has. 1 is a line.
	Rows int
	// List says that each line is one item.
	List     bool
	Required bool
}

// formView is the form of a decision record.
type formView struct {
	Action, Preview string
	Title, State    string
	Decided, Review string
	Makers          string
	Touches         string
	// Key and Version name the record that is edited, and what of it was seen.
	Key     string
	Version uint32
	Parts   []part
	Problem string
	Shown   template.HTML
	States  []model.Option
	Button  string
	Back    string
}

// madr are the sections of a decision record in the order of MADR 4.
var madr = []part{
	{Name: "context", Label: "Context and problem statement", Help: "What is the problem? Two or three sentences, or a question.", Rows: 5, Required: true},
	{Name: "drivers", Label: "Decision drivers", Help: "The forces that matter, one on each line.", Rows: 3, List: true},
	{Name: "considered", Label: "Considered options", Help: "One on each line.", Rows: 3, List: true, Required: true},
	{Name: "chosen", Label: "Chosen option", Help: "One of the options above, as it stands there.", Rows: 1},
	{Name: "outcome", Label: "Decision outcome", Help: "Why this option: which driver decides, what speaks against the others.", Rows: 4},
	{Name: "consequences", Label: "Consequences", Help: "What gets better, and what gets worse.", Rows: 4},
	{Name: "confirmation", Label: "Confirmation", Help: "How it is made sure that the decision is followed, such as a review or a check.", Rows: 2},
	{Name: "arguments", Label: "Pros and cons of the options", Help: "For each option: good, because …; bad, because ….", Rows: 5},
	{Name: "more", Label: "More information", Help: "Evidence, agreements, links, when to look again.", Rows: 3},
}

// values reads what the form says.
func values(v *frame.Visit) map[string]string {
	out := map[string]string{}
	for _, name := range []string{"title", "state", "decided", "review_by", "makers", "touches"} {
		out[name] = v.Form(name)
	}
	for _, p := range madr {
		out[p.Name] = strings.ReplaceAll(v.Form(p.Name), "\r\n", "\n")
	}
	return out
}

// lines returns the items that stand on lines of their own, without marks of lists.
func lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		for _, mark := range []string{"- ", "* ", "+ "} {
			line = strings.TrimPrefix(line, mark)
		}
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// drafted makes a record of what the form says, to be shown and not to be kept.
func drafted(given map[string]string) *model.DecisionRecord {
	r := &model.DecisionRecord{State: model.DecisionState(given["state"]), Context: given["context"], Drivers: lines(given["drivers"]), Considered: lines(given["considered"]), Chosen: given["chosen"],
		Outcome: given["outcome"], Consequences: given["consequences"], Confirmation: given["confirmation"], Arguments: given["arguments"], More: given["more"]}
	r.Name = given["title"]
	return r
}

// form returns the form with some values.
func (d *desk) form(given map[string]string) formView {
	b := formView{Preview: d.Path("/decisions/preview"), Title: given["title"], State: given["state"], Decided: given["decided"], Review: given["review_by"], Makers: given["makers"], Touches: given["touches"],
		Parts: slices.Clone(madr), States: model.DecisionState("").Options()[:2], Back: d.Path("/decisions")}
	if b.State == "" {
		b.State = "proposed"
	}
	for i := range b.Parts {
		b.Parts[i].Value = given[b.Parts[i].Name]
	}
	b.Shown = previewed(given)
	return b
}

// previewed draws what the record is going to look like.
func previewed(given map[string]string) template.HTML {
	var out strings.Builder
	if given["title"] != "" {
		out.WriteString("<h2>" + template.HTMLEscapeString(given["title"]) + "</h2>")
	}
	for _, s := range sections(drafted(given)) {
		out.WriteString("<section><h3>" + template.HTMLEscapeString(s.Title) + "</h3>" + string(s.Text) + "</section>")
	}
	return template.HTML(out.String())
}

// preview shows what a record is going to look like: alone where a script asks, and with the form elsewhere.
func preview(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	given := values(v)
	if v.Partial() {
		return v.Part(templates, "decision-preview", previewed(given))
	}
	b := d.form(given)
	if key := v.Form("key"); key != "" {
		v.R.SetPathValue("key", key)
		r, err := d.record()
		if err != nil {
			return err
		}
		d.amends(&b, r)
	} else {
		b.Action, b.Button = d.Path("/decisions/new"), "Keep it"
	}
	return d.showForm(b, 0)
}

// amends turns the form into that of a record that is there already.
func (d *desk) amends(b *formView, r *model.DecisionRecord) {
	b.Action, b.Button, b.Key, b.Version, b.Back = d.Path(path(r, "/edit")), "Keep the changes", r.Key, r.Version, d.Path(path(r, ""))
}

func (d *desk) showForm(b formView, status int) error {
	title := "Write a decision down"
	if b.Version > 0 {
		title = "Edit " + b.Title
	}
	return d.show("decision-form", frame.Page{Title: title, Lead: "The sections are those of MADR, so that the record can live in a folder of Markdown files too.", Status: status,
		Crumbs: []frame.Crumb{{Label: "Decisions", Path: "/decisions"}}, Body: b})
}

func newForm(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	given := map[string]string{"decided": d.view.At().String(), "review_by": d.view.At().AddMonths(12).String(), "touches": v.Form("touches"), "title": v.Form("title")}
	if p := v.Who.Person(); p != nil {
		given["makers"] = p.Key
	}
	b := d.form(given)
	b.Action, b.Button = d.Path("/decisions/new"), "Keep it"
	return d.showForm(b, 0)
}

func editForm(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.record()
	if err != nil {
		return err
	}
	if err := editable(r); err != nil {
		return err
	}
	b := d.form(map[string]string{"title": r.Name, "state": string(r.State), "decided": r.Decided.String(), "review_by": r.ReviewBy.String(), "makers": d.keys(r.Makers, false), "touches": d.keys(r.Touches, true),
		"context": r.Context, "drivers": strings.Join(r.Drivers, "\n"), "considered": strings.Join(r.Considered, "\n"), "chosen": r.Chosen, "outcome": r.Outcome, "consequences": r.Consequences,
		"confirmation": r.Confirmation, "arguments": r.Arguments, "more": r.More})
	d.amends(&b, r)
	return d.showForm(b, 0)
}

// keys names records as people type them.
func (d *desk) keys(refs []model.Ref, kinds bool) string {
	var out []string
	for _, ref := range refs {
		if kind, key, ok := d.view.NameOf(ref); ok {
			if kinds || kind != "Person" {
				key = kind + "/" + key
			}
			out = append(out, key)
		}
	}
	return strings.Join(out, ", ")
}

// fields returns what a form says as fields of a record.
func fields(given map[string]string) map[string]any {
	out := map[string]any{"name": given["title"], "state": given["state"], "decided": given["decided"], "review_by": given["review_by"], "makers": given["makers"], "touches": given["touches"],
		"drivers": texts(lines(given["drivers"])), "considered": texts(lines(given["considered"]))}
	for _, name := range []string{"context", "chosen", "outcome", "consequences", "confirmation", "arguments", "more"} {
		out[name] = given[name]
	}
	return out
}

// texts returns a list as a field reads it.
func texts(list []string) []any {
	out := make([]any, 0, len(list))
	for _, text := range list {
		out = append(out, text)
	}
	return out
}

// wrong says what is wrong with what a form says, or nothing.
func wrong(given map[string]string) string {
	switch {
	case given["title"] == "":
		return "Give the decision a title, such as: Use PostgreSQL for orders."
	case given["state"] != "draft" && given["state"] != "proposed":
		return "A new decision is a draft or proposed. It is accepted on its own page."
	case given["state"] == "proposed" && prose.Plain(given["context"]) == "":
		return "Say what the problem is before you propose a decision about it, or keep it as a draft."
	}
	return ""
}

func create(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	given := values(v)
	if text := wrong(given); text != "" {
		return d.again(given, nil, text, http.StatusUnprocessableEntity)
	}
	number := 1
	for r := range estate.Each[*model.DecisionRecord](d.view) {
		number = max(number, r.Number+1)
	}
	set := fields(given)
	set["number"] = number
	key := "adr-" + strconv.Itoa(number) + "-" + slug(given["title"])
	for n := 2; d.House.Taken("DecisionRecord", key); n++ {
		key = "adr-" + strconv.Itoa(number) + "-" + slug(given["title"]) + "-" + strconv.Itoa(n)
	}
	return d.keep(given, nil, door.Edit{Kind: "DecisionRecord", Key: key, Create: true, Set: set}, "Write down the decision "+given["title"])
}

func edit(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.record()
	if err != nil {
		return err
	}
	if err := editable(r); err != nil {
		return err
	}
	given := values(v)
	if text := wrong(given); text != "" {
		return d.again(given, r, text, http.StatusUnprocessableEntity)
	}
	version, err := strconv.ParseUint(v.Form("version"), 10, 32)
	if err != nil {
		return frame.Bad("version: write the number of the version that was seen")
	}
	return d.keep(given, r, door.Edit{Kind: "DecisionRecord", Key: r.Key, Version: uint32(version), Set: fields(given)}, "Edit the decision "+given["title"])
}

// again shows the form with what was given, and what is wrong with it.
func (d *desk) again(given map[string]string, r *model.DecisionRecord, text string, status int) error {
	b := d.form(given)
	b.Action, b.Button, b.Problem = d.Path("/decisions/new"), "Keep it", text
	if r != nil {
		d.amends(&b, r)
	}
	return d.showForm(b, status)
}

// keep writes a record, or shows the form again with what is wrong.
func (d *desk) keep(given map[string]string, r *model.DecisionRecord, e door.Edit, why string) error {
	change, err := d.House.Build(d.Ctx(), d.Who, d.view, e)
	var receipt door.Receipt
	if err == nil {
		receipt, err = d.House.Write(d.Ctx(), d.Who, d.Moment, door.Tx{Why: why, Changes: []model.Change{change}})
	}
	var refused *door.Refused
	switch {
	case errors.As(err, &refused):
		status, text := d.Words(err)
		return d.again(given, r, text, status)
	case errors.Is(err, door.ErrNothing):
		return d.Redirect(d.Path("/decisions/" + e.Key))
	case err != nil:
		return err
	}
	return d.Done(d.Path("/decisions/"+e.Key), "Kept "+given["title"]+".", receipt)
}

// slug returns a title as a key is written: words of small letters and digits with hyphens between.
func slug(title string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			out.WriteRune(r)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "-"):
			out.WriteByte('-')
		}
		if out.Len() >= 50 {
			break
		}
	}
	if s := strings.Trim(out.String(), "-"); s != "" {
		return s
	}
	return "decision"
}
