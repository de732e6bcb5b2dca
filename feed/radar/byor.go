package radar

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// columns are the places of the columns of a table, from 1. 0 means that there is none.
type columns struct{ name, ring, quadrant, isNew, status, description, link, tags int }

// whole reports whether a table has what every blip needs.
func (c columns) whole() bool { return c.name > 0 && c.ring > 0 && c.quadrant > 0 }

// heads finds the separator and the columns of a table by its first line.
func heads(text []byte) (comma rune, found columns) {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	if len(line) > 4096 {
		return ',', columns{}
	}
	comma, most := ',', 0
	for _, c := range []byte(",;\t|") {
		if n := bytes.Count(line, []byte{c}); n > most {
			comma, most = rune(c), n
		}
	}
	for i, head := range strings.Split(string(line), string(comma)) {
		switch strings.ToLower(strings.Trim(strings.TrimSpace(head), `"'`)) {
		case "name":
			found.name = i + 1
		case "ring":
			found.ring = i + 1
		case "quadrant":
			found.quadrant = i + 1
		case "isnew", "is_new", "new":
			found.isNew = i + 1
		case "status", "moved":
			found.status = i + 1
		case "description":
			found.description = i + 1
		case "link", "url":
			found.link = i + 1
		case "tags":
			found.tags = i + 1
		}
	}
	return comma, found
}

// table reads the CSV of build your own radar. Descriptions may go over several lines.
func (r *reader) table(raw []byte) error {
	text := bytes.TrimLeft(raw, " \t\r\n")
	above := bytes.Count(raw[:len(raw)-len(text)], []byte("\n"))
	comma, at := heads(text)
	if !at.whole() {
		return errors.New("the first line must name the columns name, ring and quadrant")
	}
	rows := csv.NewReader(bytes.NewReader(text))
	rows.Comma, rows.FieldsPerRecord, rows.LazyQuotes = comma, -1, true
	for n := 0; ; n++ {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		row, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		var wrong *csv.ParseError
		if errors.As(err, &wrong) {
			r.batch.Refuse(r.batch.At(above+wrong.Line, wrong.Column, ""), "this line cannot be read: %v", wrong.Err)
			continue
		}
		if err != nil {
			return err
		}
		if n == 0 {
			continue
		}
		line, _ := rows.FieldPos(0)
		cell := func(place int) string {
			if place == 0 || place > len(row) {
				return ""
			}
			return unguarded(row[place-1])
		}
		e := &entry{name: cell(at.name), ring: cell(at.ring), quadrant: cell(at.quadrant), text: cell(at.description), link: cell(at.link), where: r.batch.At(above+line, 0, "")}
		e.tags = tagsOf(strings.FieldsFunc(cell(at.tags), func(c rune) bool { return c == ',' || c == ';' }))
		r.move(e, cell(at.isNew), cell(at.status))
		r.add(e)
	}
}

// unguarded takes away the apostrophe by which a cell is kept from being read as a formula.
func unguarded(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.IndexByte("=+-@", cell[1]) >= 0 {
		return cell[1:]
	}
	return cell
}

// move reads how a blip moved. The status says more than whether it is new.
func (r *reader) move(e *entry, isNew, status string) {
	moved, err := movedOf(status)
	if err != nil {
		r.batch.RefuseRecord(e.where, kit.Short(e.name), "status", err.Error()+". The blip was taken as unchanged")
		moved = model.MoveSame
	}
	switch strings.ToLower(strings.TrimSpace(isNew)) {
	case "true", "yes", "1":
		if strings.TrimSpace(status) == "" {
			moved = model.MoveNew
		}
	}
	e.moved = moved
}

func tagsOf(list []string) []string {
	var out []string
	for _, tag := range list {
		if tag = kit.Line(tag); tag != "" {
			out = append(out, tag)
		}
	}
	return out
}

// list reads the JSON of build your own radar: a list with an object for each blip.
func (r *reader) list(root *kit.Node) error {
	for i, item := range root.Items {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		where := r.batch.At(item.Line, item.Column, fmt.Sprintf("[%d]", i))
		if item.Shape != kit.Object {
			r.batch.Refuse(where, "a blip is an object with a name, a ring and a quadrant")
			continue
		}
		e := &entry{name: item.String("name"), ring: item.String("ring"), quadrant: item.String("quadrant"), text: item.String("description"), link: item.String("link"), where: where}
		e.tags = tagsOf(kit.Texts(item.List("tags")))
		status := item.String("status")
		if status == "" {
			status = item.String("moved")
		}
		r.move(e, item.String("isNew"), status)
		r.add(e)
	}
	return nil
}
