package boards

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// indexView is the list of boards.
type indexView struct {
	Ready  []ready
	Own    []ownBoard
	Others []ownBoard
	// May says that the visitor may make boards.
	May bool
}

// ownBoard is a board that somebody made.
type ownBoard struct {
	practice.Link
	Tiles  int
	Shared bool
	Owner  practice.Link
	About  string
}

func index(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	body := indexView{Ready: readyBoards, May: v.Who.MayCreate("Board") && v.Moment.AsOf == ""}
	for b := range estate.Each[*model.Board](view) {
		o := ownBoard{practice.To(b), len(b.Tiles), b.Shared, practice.OwnerOf(view, b), b.Description}
		if v.Who.Owners[b.Owner] {
			body.Own = append(body.Own, o)
		} else {
			body.Others = append(body.Others, o)
		}
	}
	return v.Render(templates, "index", page(frame.Page{Title: "Boards", Lead: "Answers on one page: the boards that follow the charter, and your own.", Body: body}))
}

func board(v *frame.Visit) error {
	key := v.R.PathValue("key")
	compare := v.Path("/compare", "page", "/boards/"+key)
	if r, ok := readyBoard(key); ok {
		p := frame.Page{Title: r.Title, Lead: r.Lead, Crumbs: []frame.Crumb{{Label: "Boards", Path: "/boards"}}}
		body, err := readyView(v, r)
		if err != nil {
			return err
		}
		body.Key, body.Compare = key, compare
		p.Body = body
		return v.Render(templates, "board", page(p))
	}
	view, rec, err := own(v, key)
	if err != nil {
		return err
	}
	body := boardView{Key: key, Compare: compare}
	if v.Who.MayWrite(rec) && v.Moment.AsOf == "" {
		body.Arrange = v.Path("/boards/" + key + "/arrange")
	}
	if len(rec.Tiles) == 0 {
		body.Empty = "There is nothing on this board yet. Add a tile here, or save one from the page of a question."
	} else {
		body.Groups = []group{{Tiles: ask(v, rec.Tiles, patience)}}
	}
	lead := rec.Description
	if owner := practice.OwnerOf(view, rec); lead == "" && !owner.IsZero() {
		lead = "A board of " + owner.Title() + "."
	}
	return v.Render(templates, "board", page(frame.Page{Title: rec.Title(), Lead: lead, Crumbs: []frame.Crumb{{Label: "Boards", Path: "/boards"}}, Body: body}))
}

// readyView makes a board that Binnacle comes with.
func readyView(v *frame.Visit, r ready) (boardView, error) {
	if r.own == nil {
		return charterBoard(v, r.Face)
	}
	groups, err := r.own(v)
	return boardView{Groups: groups}, err
}

// own returns a board that somebody made.
func own(v *frame.Visit, key string) (estate.View, *model.Board, error) {
	view, err := v.View()
	if err != nil {
		return view, nil, err
	}
	_, rec, err := door.Find(view, "Board", key)
	if err != nil {
		return view, nil, err
	}
	return view, rec.(*model.Board), nil
}

// create makes a board of one's own.
func create(v *frame.Visit) error {
	name := v.Form("name")
	if name == "" {
		return frame.Bad("a board needs a name")
	}
	view, err := v.View()
	if err != nil {
		return err
	}
	key := keyFor(view, name)
	change, err := v.House.Build(v.Ctx(), v.Who, view, door.Edit{Kind: "Board", Key: key, Create: true, Set: map[string]any{"name": name, "face": string(v.Face)}})
	if err != nil {
		return err
	}
	r, err := v.House.Write(v.Ctx(), v.Who, v.Moment, door.Tx{Why: "Make the board " + name, Changes: []model.Change{change}})
	if err != nil {
		return err
	}
	return v.Done(v.Path("/boards/"+key+"/arrange"), "The board is there. Now add tiles.", r)
}

// keyFor makes a key of a name that no board has.
func keyFor(view estate.View, name string) string {
	base := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, strings.ToLower(name)), "-")
	for strings.Contains(base, "--") {
		base = strings.ReplaceAll(base, "--", "-")
	}
	base = strings.Trim(base[:min(len(base), 40)], "-")
	base = cmp.Or(base, "board")
	key := base
	for n := 2; ; n++ {
		// The whole snapshot counts: a key is taken also where the board is not in sight.
		if _, reserved := readyBoard(key); !reserved && key != "tile" && view.Snapshot().Find("Board", key) == nil {
			return key
		}
		key = base + "-" + strconv.Itoa(n)
	}
}

// arrangeView is the page on which a board is put together.
type arrangeView struct {
	Key   string
	Board *model.Board
	Tiles []arranged
	// Questions are what tiles can show, by practice.
	Questions []choices
	// Chosen is the question whose parts are offered.
	Chosen     string
	Parts      []practice.Part
	Parameters []*model.Field
	Faces      []model.Option
}

// arranged is a tile on the page on which a board is put together.
type arranged struct {
	model.Tile
	At          int
	First, Last bool
	Label       string
}

// choices are the questions of one practice.
type choices struct {
	Label string
	List  []choice
}

type choice struct{ Name, Label string }

func arrange(v *frame.Visit) error {
	_, rec, err := own(v, v.R.PathValue("key"))
	if err != nil {
		return err
	}
	if !v.Who.MayWrite(rec) {
		return frame.Bad("this is not your board: make one of your own")
	}
	body := arrangeView{Key: rec.Key, Board: rec, Chosen: v.Form("question"), Faces: model.Face("").Options()}
	for i, t := range rec.Tiles {
		body.Tiles = append(body.Tiles, arranged{t, i, i == 0, i == len(rec.Tiles)-1, cmp.Or(t.Title, parts.ActionLabel(t.Question))})
	}
	for _, p := range v.House.Practices {
		c := choices{Label: p.Label}
		for _, a := range practice.List([]*practice.Practice{p}) {
			if a.Question.Type != practice.Doing {
				c.List = append(c.List, choice{a.Name(), parts.ActionLabel(a.Name())})
			}
		}
		body.Questions = append(body.Questions, c)
	}
	if body.Chosen != "" {
		a, err := v.House.Question(body.Chosen)
		if err != nil {
			return err
		}
		body.Parts, body.Parameters = a.Shape(), a.Parameters()
	}
	return v.Render(templates, "arrange", page(frame.Page{Title: "Arrange " + rec.Title(), Crumbs: []frame.Crumb{{Label: "Boards", Path: "/boards"}, {Label: rec.Title(), Path: "/boards/" + rec.Key}}, Body: body}))
}

// edit changes a board and leads back to the page on which it is put together.
func edit(v *frame.Visit, why string, change func(b *model.Board) (map[string]any, error)) error {
	view, rec, err := own(v, v.R.PathValue("key"))
	if err != nil {
		return err
	}
	b := model.Clone(rec)
	set, err := change(b)
	if err != nil {
		return err
	}
	if set == nil {
		set = map[string]any{"tiles": rows(b.Tiles)}
	}
	c, err := v.House.Build(v.Ctx(), v.Who, view, door.Edit{Kind: "Board", Key: rec.Key, Set: set})
	if err != nil {
		return err
	}
	if len(c.Fields) == 0 {
		return v.Redirect(v.Path("/boards/" + rec.Key + "/arrange"))
	}
	r, err := v.House.Write(v.Ctx(), v.Who, v.Moment, door.Tx{Why: why + " of the board " + rec.Title(), Changes: []model.Change{c}})
	if err != nil {
		return err
	}
	return v.Done(v.Path("/boards/"+rec.Key+"/arrange"), "The board was changed.", r)
}

// rows writes tiles as the values of a field.
func rows(tiles []model.Tile) []any {
	out := []any{}
	for _, t := range tiles {
		row := map[string]any{"question": t.Question}
		for name, value := range map[string]string{"parameters": t.Parameters, "part": t.Part, "title": t.Title} {
			if value != "" {
				row[name] = value
			}
		}
		if t.Width > 0 {
			row["width"] = strconv.Itoa(t.Width)
		}
		out = append(out, row)
	}
	return out
}

func settings(v *frame.Visit) error {
	return edit(v, "Change the settings", func(*model.Board) (map[string]any, error) {
		return map[string]any{"name": v.Form("name"), "description": v.Form("description"), "face": v.Form("face"), "shared": strconv.FormatBool(v.Form("shared") != "")}, nil
	})
}

// addTile puts a tile at the end of a board. The parameters come as one text, or each in a field of its own named p.NAME.
func addTile(v *frame.Visit) error {
	a, err := v.House.Question(v.Form("question"))
	if err != nil {
		return err
	}
	t := model.Tile{Question: a.Name(), Parameters: v.Form("parameters"), Part: v.Form("part"), Title: v.Form("title")}
	if t.Parameters == "" {
		t.Parameters = given(v, a)
	}
	if _, err := door.ReadQuery(a, t.Parameters); err != nil {
		return frame.Bad("%s", err.Error())
	}
	if t.Width, err = width(v.Form("width")); err != nil {
		return err
	}
	return edit(v, "Add a tile", func(b *model.Board) (map[string]any, error) {
		b.Tiles = append(slices.Clip(b.Tiles), t)
		return nil, nil
	})
}

// given reads the parameters of a form, each in a field of its own.
func given(v *frame.Visit, a practice.Asked) string {
	var out []string
	for _, f := range a.Parameters() {
		for _, item := range v.R.Form["p."+f.Name] {
			list := []string{item}
			if f.Type == model.TextsField || f.Type == model.RefsField {
				list = strings.FieldsFunc(item, func(r rune) bool { return r == ',' || r == ';' })
			}
			for _, one := range list {
				if one = strings.TrimSpace(one); one != "" {
					out = append(out, f.Name+"="+escape(one))
				}
			}
		}
	}
	return strings.Join(out, "&")
}

func width(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 12 {
		return 0, frame.Bad("the width %q is not a number from 1 to 12", text)
	}
	return n, nil
}

// changeTile moves, changes or takes away one tile.
func changeTile(v *frame.Visit) error {
	at, err := strconv.Atoi(v.R.PathValue("at"))
	if err != nil {
		return frame.Bad("%q is not the place of a tile", v.R.PathValue("at"))
	}
	return edit(v, "Arrange the tiles", func(b *model.Board) (map[string]any, error) {
		if at < 0 || at >= len(b.Tiles) || v.Form("question") != b.Tiles[at].Question {
			return nil, frame.Bad("the board was changed meanwhile: look at it again")
		}
		switch v.Form("do") {
		case "up":
			if at > 0 {
				b.Tiles[at-1], b.Tiles[at] = b.Tiles[at], b.Tiles[at-1]
			}
		case "down":
			if at+1 < len(b.Tiles) {
				b.Tiles[at+1], b.Tiles[at] = b.Tiles[at], b.Tiles[at+1]
			}
		case "remove":
			b.Tiles = slices.Delete(b.Tiles, at, at+1)
		case "save":
			var err error
			b.Tiles[at].Title = v.Form("title")
			if b.Tiles[at].Width, err = width(v.Form("width")); err != nil {
				return nil, err
			}
		default:
			return nil, frame.Bad("there is nothing called %q to do with a tile", v.Form("do"))
		}
		return nil, nil
	})
}

func remove(v *frame.Visit) error {
	view, rec, err := own(v, v.R.PathValue("key"))
	if err != nil {
		return err
	}
	r, err := v.House.Write(v.Ctx(), v.Who, v.Moment, door.Tx{Why: "Delete the board " + rec.Title(), Changes: []model.Change{door.Removal(view, rec)}})
	if err != nil {
		return err
	}
	return v.Done(v.Path("/boards"), fmt.Sprintf("The board %s is gone.", rec.Title()), r)
}
