package panel

import (
	"cmp"
	"html/template"
	"slices"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/prose"
)

// said is a comment as a page shows it.
type said struct {
	By, Age, Exact string
	Text           template.HTML
	at             model.Time
}

// talkView is what people say about a record.
type talkView struct {
	Comments []said
	// Path is where a new comment is sent. It is empty where the visitor may not comment.
	Path string
}

// Talk shows what people say about a record, with a form to say something. Path is where the form is sent.
func Talk(v *frame.Visit, view estate.View, rec model.Record, path string) template.HTML {
	out := talkView{}
	if v.Moment.AsOf == "" && v.Who.MayCreate("Comment") {
		out.Path = path
	}
	seen := map[model.ID]bool{}
	for e := range view.In(rec.Base().Ref()) {
		c, ok := e.Record.(*model.Comment)
		if !ok || c.About != rec.Base().Ref() || seen[c.ID] {
			continue
		}
		seen[c.ID] = true
		out.Comments = append(out.Comments, said{By: author(v, view, c), Age: v.Ago(c.Created.At), Exact: c.Created.At.String(), Text: prose.HTML(c.Text), at: c.Created.At})
	}
	slices.SortStableFunc(out.Comments, func(a, b said) int { return cmp.Compare(a.at, b.at) })
	return execute("talk", out)
}

// author returns who wrote a comment, as far as the visitor may know.
func author(v *frame.Visit, view estate.View, c *model.Comment) string {
	if c.Author == v.Who.Account.Ref() {
		return v.Who.Title()
	}
	if a, ok := view.Get(c.Author).(*model.Account); ok {
		if person := view.Get(a.Person); person != nil {
			return person.Base().Title()
		}
		return a.Title()
	}
	if owner := view.Get(c.Owner); owner != nil {
		return owner.Base().Title()
	}
	return "somebody"
}

// Say adds what the visitor says about a record, and leads to another page.
func Say(v *frame.Visit, view estate.View, rec model.Record, to string) error {
	text := v.Form("text")
	if text == "" {
		return frame.Bad("the comment is empty")
	}
	change, err := v.House.Build(v.Ctx(), v.Who, view, door.Edit{Kind: "Comment", Key: door.NewKey("comment"), Create: true,
		Set: map[string]any{"about": rec.Base().ID.String(), "text": text, "author": v.Who.Account.ID.String()}})
	if err != nil {
		return err
	}
	r, err := v.House.Write(v.Ctx(), v.Who, v.Moment, door.Tx{Why: "Comment on " + model.NameOf(rec) + "/" + rec.Base().Key, Changes: []model.Change{change}})
	if err != nil {
		return err
	}
	return v.Done(to, "Added your comment.", r)
}
