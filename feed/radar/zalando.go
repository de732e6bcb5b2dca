package radar

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// json reads a list of build your own radar, or an object of the other formats.
func (r *reader) json(raw []byte) error {
	root, err := kit.JSONNodes(kit.NewText(raw), r.batch.Limits)
	switch {
	case err != nil:
		return err
	case root.Shape == kit.List:
		return r.list(root)
	case root.Get("entries") == nil:
		return errors.New("there is no member called entries: this is not a radar")
	}
	return r.object(root)
}

// script reads the call by which a page draws Zalando's radar.
func (r *reader) script(raw []byte) error {
	at := bytes.Index(raw, []byte(script))
	made, err := jsonOf(raw[at+len(script):])
	if err != nil {
		return fmt.Errorf("the call of radar_visualization cannot be read: %w", err)
	}
	above := bytes.Repeat([]byte("\n"), bytes.Count(raw[:at], []byte("\n")))
	root, err := kit.JSONNodes(kit.NewText(append(above, made...)), r.batch.Limits)
	if err != nil {
		return fmt.Errorf("the call of radar_visualization cannot be read: %w", err)
	}
	if root.Shape != kit.Object || root.Get("entries") == nil {
		return errors.New("the call of radar_visualization has no list called entries")
	}
	return r.object(root)
}

// named is a sector or a ring of an object, which entries name by number, by id or by name.
type named struct{ id, name string }

func (r *reader) object(root *kit.Node) error {
	if title := root.String("title"); title != "" {
		r.call(title)
	}
	r.day = dayOf(root.String("date"))
	quadrants, rings := namesOf(root.List("quadrants")), namesOf(root.List("rings"))
	for _, q := range quadrants {
		r.quadrants = append(r.quadrants, q.name)
	}
	for _, ring := range rings {
		r.rings = append(r.rings, ring.name)
	}
	for i, item := range root.List("entries") {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		where := r.batch.At(item.Line, item.Column, fmt.Sprintf("entries[%d]", i))
		if item.Shape != kit.Object {
			r.batch.Refuse(where, "an entry is an object with a label, a quadrant and a ring")
			continue
		}
		e := &entry{name: item.String("label"), link: item.String("link"), text: item.String("description"), where: where, hidden: strings.EqualFold(item.String("active"), "false")}
		for _, other := range []string{"title", "name", "key"} {
			if e.name == "" {
				e.name = item.String(other)
			}
		}
		if e.link == "" {
			e.link = item.String("url")
		}
		var problem error
		if e.quadrant, problem = oneOf(quadrants, item.String("quadrant"), "quadrant"); problem != nil {
			r.batch.RefuseRecord(where, kit.Short(e.name), "quadrant", problem.Error())
			continue
		}
		if steps := item.List("timeline"); len(steps) > 0 {
			r.timeline(e, rings, steps)
			continue
		}
		if e.ring, problem = oneOf(rings, item.String("ring"), "ring"); problem != nil {
			r.batch.RefuseRecord(where, kit.Short(e.name), "ring", problem.Error())
			continue
		}
		r.move(e, "", item.String("moved"))
		r.add(e)
	}
	return nil
}

// timeline reads the rings of an entry over time, each with its day.
func (r *reader) timeline(e *entry, rings []named, steps []*kit.Node) {
	for i, step := range steps {
		one := *e
		one.where = r.batch.At(step.Line, step.Column, fmt.Sprintf("%s.timeline[%d]", e.where.Path, i))
		id := step.String("ringId")
		if id == "" {
			id = step.String("ring")
		}
		ring, err := oneOf(rings, id, "ring")
		if err != nil {
			r.batch.RefuseRecord(one.where, kit.Short(e.name), "ring", err.Error())
			continue
		}
		one.ring, one.day = ring, dayOf(step.String("date"))
		if text := step.String("description"); text != "" {
			one.text = text
		}
		if one.day.IsZero() {
			r.batch.RefuseRecord(one.where, kit.Short(e.name), "date", "the step has no day that can be read: write it as 2027-03-31")
			continue
		}
		r.add(&one)
	}
}

// namesOf reads sectors or rings: objects with a name and perhaps an id, or texts.
func namesOf(list []*kit.Node) []named {
	var out []named
	for _, n := range list {
		one := named{kit.Line(n.String("id")), kit.Line(n.String("name"))}
		if n.Shape == kit.Scalar {
			one.name = kit.Line(n.Plain())
		}
		if one.name == "" {
			one.name = one.id
		}
		out = append(out, one)
	}
	return out
}

// oneOf returns the name of a sector or a ring that an entry names. A radar without a list of its own is named by the entries.
func oneOf(list []named, text, what string) (string, error) {
	text = kit.Line(text)
	for _, n := range list {
		if text != "" && (strings.EqualFold(n.id, text) || strings.EqualFold(n.name, text)) {
			return n.name, nil
		}
	}
	at, err := strconv.Atoi(text)
	switch {
	case text == "":
		return "", fmt.Errorf("the entry names no %s", what)
	case err == nil && at >= 0 && at < len(list):
		return list[at].name, nil
	case len(list) == 0 && err != nil:
		return text, nil
	}
	return "", fmt.Errorf("there is no %s %q: the radar has %d, counted from 0", what, kit.Short(text), len(list))
}

// dayOf reads a day as the formats write it: 2027-03-31, 2027-03-31T00:00:00Z, 2027.03 or 2027-03. A month is its first day.
func dayOf(text string) model.Date {
	text = strings.TrimSpace(text)
	if len(text) > 10 && (text[10] == 'T' || text[10] == ' ') {
		text = text[:10]
	}
	text = strings.ReplaceAll(text, ".", "-")
	if len(text) == len("2027-03") {
		text += "-01"
	}
	day, err := model.ParseDate(text)
	if err != nil {
		return 0
	}
	return day
}
