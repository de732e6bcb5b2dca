package questions

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// tileForm is the form by which an answer is put on a board.
type tileForm struct {
	Action string
	Boards []model.Option
	Parts  []model.Option
	Asked  url.Values
	Width  int
}

// tileForm returns the form, or nil where the visitor has no board and may make none.
func (p *pages) tileForm(v *frame.Visit, answer door.Answer, parameters map[string]any) *tileForm {
	out := &tileForm{Action: "/questions/" + url.PathEscape(answer.Asked.Name()) + "/tile", Asked: door.Query(parameters), Width: 4}
	for _, b := range boards(v, answer.View) {
		out.Boards = append(out.Boards, model.Option{Value: b.Key, Label: b.Title()})
	}
	if len(out.Boards) == 0 && !v.Who.MayCreate("Board") {
		return nil
	}
	for _, part := range answer.Parts() {
		out.Parts = append(out.Parts, model.Option{Value: part.Name, Label: part.Label})
	}
	return out
}

// boards returns the boards that the visitor may add to.
func boards(v *frame.Visit, view estate.View) []*model.Board {
	var out []*model.Board
	for b := range estate.Each[*model.Board](view) {
		if v.Who.MayWrite(b) {
			out = append(out, b)
		}
	}
	return out
}

// saveTile puts a part of an answer on a board, or on a new one.
func (p *pages) saveTile(v *frame.Visit) error {
	a, err := v.House.Question(v.R.PathValue("name"))
	if err != nil {
		return err
	}
	if err := v.R.ParseForm(); err != nil {
		return frame.Bad("the form could not be read: %v", err)
	}
	parameters, err := door.Parameters(a, v.R.PostForm, "tile_board", "tile_new", "tile_part", "tile_title", "tile_width")
	if err != nil {
		return frame.Bad("%s", err.Error())
	}
	part := v.R.PostForm.Get("tile_part")
	if part != "" && !slices.ContainsFunc(a.Shape(), func(p practice.Part) bool { return p.Name == part }) {
		return frame.Bad("the answer has no part %q", part)
	}
	// A board belongs to the estate as it is, whatever moment the question was looked at.
	now := door.Moment{}
	view, err := v.House.Look(v.Ctx(), v.Who, now)
	if err != nil {
		return err
	}
	tile := map[string]any{"question": a.Name(), "parameters": door.Query(parameters).Encode(), "part": part, "title": v.Form("tile_title")}
	if width, err := strconv.Atoi(v.Form("tile_width")); err == nil && width >= 1 && width <= 12 {
		tile["width"] = width
	}
	edit, title, err := tileEdit(view, v.Form("tile_board"), v.Form("tile_new"), tile)
	if err != nil {
		return err
	}
	c, err := v.House.Build(v.Ctx(), v.Who, view, edit)
	if err != nil {
		return err
	}
	receipt, err := v.House.Write(v.Ctx(), v.Who, now, door.Tx{Why: "Put " + parts.ActionLabel(a.Name()) + " on the board " + title, Changes: []model.Change{c}})
	if err != nil {
		return err
	}
	return v.Done(v.Path("/boards/"+url.PathEscape(edit.Key)), "The tile is on the board "+title, receipt)
}

// tileEdit adds a tile to a board, or makes a new board of it.
func tileEdit(view estate.View, key, name string, tile map[string]any) (door.Edit, string, error) {
	if key == "" {
		if name == "" {
			return door.Edit{}, "", frame.Bad("choose a board, or write a name for a new one")
		}
		return door.Edit{Kind: "Board", Key: freeKey(view, name), Create: true, Set: map[string]any{"name": name, "tiles": []any{tile}}}, name, nil
	}
	_, rec, err := door.Find(view, "Board", key)
	if err != nil {
		return door.Edit{}, "", err
	}
	var rows []any
	for _, t := range rec.(*model.Board).Tiles {
		row := map[string]any{"question": t.Question, "parameters": t.Parameters, "part": t.Part, "title": t.Title}
		// A width that is not set is below what may be written.
		if t.Width > 0 {
			row["width"] = t.Width
		}
		rows = append(rows, row)
	}
	return door.Edit{Kind: "Board", Key: rec.Base().Key, Version: rec.Base().Version, Set: map[string]any{"tiles": append(rows, tile)}}, rec.Base().Title(), nil
}

// freeKey makes a key of a name that no board has yet.
func freeKey(view estate.View, name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r < 128 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	key := strings.Trim(b.String(), "-")
	if key == "" {
		key = "board"
	}
	out := key
	for n := 2; view.Find("Board", out) != nil; n++ {
		out = key + "-" + strconv.Itoa(n)
	}
	return out
}
