package questions

import (
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// planView is what an action proposes.
type planView struct {
	Why      string
	Findings template.HTML
	Changes  []changeView
	Count    int
	// Digest names exactly what is proposed, so that nobody commits what they have not seen.
	Digest string
	// Not says why it cannot be done, or nothing.
	Not string
	// Scenario is the scenario that the changes go into, or nothing.
	Scenario string
	// Stale says that the proposal is another one than was seen before.
	Stale bool
}

// changeView is what would happen to one record.
type changeView struct {
	Word, Title, Name, Path string
	Fields                  []fieldView
}

// fieldView is what would happen to one field.
type fieldView struct{ Label, Before, After string }

// shownChanges is how many changes the page lists. All are made.
const shownChanges = 200

// plan shows what an action proposes, as the changes that the visitor would make.
func plan(v *frame.Visit, answer door.Answer, proposal practice.Proposal, opt parts.Options) *planView {
	out := &planView{Why: proposal.Why, Scenario: v.Moment.Scenario}
	if len(proposal.Findings) > 0 {
		out.Findings = parts.Render(v, practice.Part{Name: "findings", Label: "Why", Findings: proposal.Findings}, opt)
	}
	changes, err := door.ByPerson(v.Who, answer.View, proposal.Changes)
	if err != nil {
		out.Not = upperFirst(err.Error())
		return out
	}
	out.Count, out.Digest = len(changes), door.Digest(changes)
	for i := range changes[:min(len(changes), shownChanges)] {
		out.Changes = append(out.Changes, change(v, answer.View, &changes[i]))
	}
	switch err := v.Who.Check(answer.View, changes); {
	case v.Moment.AsOf != "":
		out.Not = "You look at the past, which cannot be changed. Go back to now to make these changes."
	case err != nil:
		out.Not = upperFirst(err.Error()) + "."
		var denied *access.Denied
		if !errors.As(err, &denied) {
			v.Log().Error("a proposal could not be checked", "action", answer.Asked.Name(), "error", err)
		}
	}
	return out
}

func change(v *frame.Visit, view estate.View, c *model.Change) changeView {
	out := changeView{Word: string(c.Op), Title: c.ID.String(), Name: c.Kind}
	k := view.Schema().Kind(c.Kind)
	if rec := view.Get(model.Ref(c.ID)); rec != nil {
		link := practice.To(rec)
		out.Title, out.Name, out.Path = link.Title(), link.String(), v.Record(link)
	}
	for _, f := range c.Fields {
		label := f.Name
		if k != nil {
			if field := k.Field(f.Name); field != nil {
				label = field.Label
				if field.System {
					continue
				}
			}
		}
		before, after := view.Show(c.Kind, f.Name, f.Before), view.Show(c.Kind, f.Name, f.After)
		if c.Op == model.Create && (f.Name == "key" || f.Name == "name") {
			out.Title = after
		}
		if before != after {
			out.Fields = append(out.Fields, fieldView{label, before, after})
		}
	}
	return out
}

// do makes the changes that an action proposes, where they are the ones that the visitor has seen.
func (p *pages) do(v *frame.Visit) error {
	a, err := v.House.Question(v.R.PathValue("name"))
	if err != nil {
		return err
	}
	if a.Question.Type != practice.Doing {
		return frame.Bad("%s is a %s and changes nothing: look at it instead", a.Name(), a.Question.Type)
	}
	if err := v.R.ParseForm(); err != nil {
		return frame.Bad("the form could not be read: %v", err)
	}
	given := url.Values{}
	for name, values := range v.R.PostForm {
		given[name] = values
	}
	parameters, err := door.Parameters(a, given, own...)
	if err != nil {
		return frame.Bad("%s", err.Error())
	}
	answer, err := v.House.Ask(v.Ctx(), v.Who, v.Moment, a.Name(), parameters)
	if err != nil {
		return err
	}
	proposal, ok := answer.Value.(practice.Proposal)
	if !ok {
		return fmt.Errorf("%s did not answer with a proposal", a.Name())
	}
	changes, err := door.ByPerson(v.Who, answer.View, proposal.Changes)
	if err != nil {
		return err
	}
	if len(changes) == 0 {
		return door.ErrNothing
	}
	if door.Digest(changes) != v.R.PostForm.Get("proposed") {
		return p.stale(v, answer, parameters)
	}
	why := strings.TrimSpace(v.R.PostForm.Get("why"))
	if why == "" {
		why = proposal.Why
	}
	receipt, err := v.House.Write(v.Ctx(), v.Who, v.Moment, door.Tx{Why: why, Changes: changes})
	if err != nil {
		return err
	}
	text := practice.Count(len(changes), "record was changed", "records were changed")
	if v.Moment.Scenario != "" {
		text += " in the scenario " + v.Moment.Scenario
	}
	to := "/questions/" + url.PathEscape(a.Name())
	if q := door.Query(parameters); len(q) > 0 {
		to += "?" + q.Encode()
	}
	return v.Done(v.Path(to), text, receipt)
}

// stale shows the proposal anew, since it is no longer the one that was seen.
func (p *pages) stale(v *frame.Visit, answer door.Answer, parameters map[string]any) error {
	b := p.body(v, answer.View, answer.Asked, parameters)
	b.Inputs = inputs(answer.View, answer.Asked, door.Query(parameters), nil)
	p.show(v, b, answer, parameters)
	b.Plan.Stale = true
	f := questionFrame(v, answer.Asked, b)
	f.Status = http.StatusConflict
	return v.Render(templates, "question", f)
}
