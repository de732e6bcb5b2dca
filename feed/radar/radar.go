// Package radar reads technology radars that other programs keep: tables and lists of build your own radar, the configuration of
// Zalando's radar as JSON and as script, radars with a timeline, and folders with one Markdown file for each blip.
package radar

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

const name = "radar"

// Format reads technology radars.
var Format = feed.Format{
	Name:     name,
	Label:    "Technology radar",
	Help:     "Every entry becomes a blip with its ring and sector, tied to the technology of the same name. Dated folders and timelines become editions.",
	Rank:     60,
	Together: true,
	Detect:   detect,
	Read:     read,
}

// glance is how many bytes of a content are looked at to find out its format.
const glance = 1 << 20

// mostParts is how many rings and quadrants a radar may have in all.
const mostParts = 100

// script is how a page calls Zalando's radar.
const script = "radar_visualization("

func detect(data []byte) int {
	text := kit.Glance(data, glance)
	switch {
	case len(text) == 0:
		return 0
	case text[0] == '{':
		return detectObject(text)
	case text[0] == '[':
		names := kit.Members(bytes.TrimLeft(text[1:], " \t\r\n"))
		if names["name"] && names["ring"] && names["quadrant"] {
			return 90
		}
		return 0
	case bytes.HasPrefix(text, []byte("---")):
		if front, _, ok := frontMatter(text); ok && hasKey(front, "ring") && (hasKey(front, "quadrant") || hasKey(front, "title")) {
			return 90
		}
		return 0
	case bytes.Contains(text, []byte(script)) && bytes.Contains(text, []byte("entries")):
		return 90
	}
	if _, columns := heads(text); columns.whole() {
		return 90
	}
	return 0
}

func detectObject(text []byte) int {
	names := kit.Members(text)
	if names["entries"] && (names["rings"] || names["quadrants"]) {
		return 90
	}
	if names["entries"] && bytes.Contains(text, []byte(`"ring"`)) && bytes.Contains(text, []byte(`"quadrant"`)) {
		return 85
	}
	return 0
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	raw, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	r := newReader(ctx, b, in.Name)
	text := bytes.TrimLeft(raw, " \t\r\n")
	switch {
	case len(text) == 0:
		return errors.New("the content is empty")
	case text[0] == '{' || text[0] == '[':
		err = r.json(raw)
	case bytes.HasPrefix(text, []byte("---")):
		// What one file says of a blip holds together with what the others say: it is proposed when all are read.
		r.late = true
		err = r.markdown(text, in.Name)
	case bytes.Contains(text, []byte(script)):
		err = r.script(raw)
	default:
		err = r.table(raw)
	}
	if err != nil {
		return err
	}
	b.Source = model.Source{Meta: model.Meta{Key: name + ":" + r.key, Name: "Technology radar " + r.title}, Format: name, Describes: r.title}
	b.Settlers = append(b.Settlers, r)
	if r.late {
		b.Mention(&model.Radar{Meta: model.Meta{Key: r.key, Name: r.title}}, b.At(1, 0, ""), feed.External(r.key))
		return nil
	}
	r.propose(b, r.entries)
	return nil
}

// reader reads one content.
type reader struct {
	ctx   context.Context
	batch *feed.Batch
	// key and title are those of the radar.
	key, title string
	// quadrants and rings are in the order of the content.
	quadrants, rings []string
	// day is the day of the content, where it tells one.
	day     model.Date
	entries []*entry
	// seen are the rings and quadrants that entries named.
	seen map[[2]string]bool
	// late says that the records are proposed when all contents are read.
	late bool
	// home and blips are the records that were proposed, to be tied to the estate.
	home  *model.Radar
	blips []*model.Blip
}

// entry is what a content says of a blip on a day.
type entry struct {
	name, ring, quadrant string
	moved                model.BlipMove
	text, link           string
	tags                 []string
	// day is the day from which on it holds. Zero means now.
	day model.Date
	// hidden says that it is not shown any more.
	hidden bool
	where  feed.Where
}

func newReader(ctx context.Context, b *feed.Batch, file string) *reader {
	base := path.Base(strings.ReplaceAll(file, `\`, "/"))
	r := &reader{ctx: ctx, batch: b, seen: map[[2]string]bool{}}
	r.call(strings.TrimSuffix(base, path.Ext(base)))
	return r
}

// call names the radar.
func (r *reader) call(title string) {
	if title = kit.Line(title); slug(title) == "" {
		title = "Radar"
	}
	r.title, r.key = title, slug(title)
}

// add takes an entry, or refuses it with what it lacks.
func (r *reader) add(e *entry) {
	e.name, e.ring, e.quadrant, e.link = kit.Line(e.name), kit.Line(e.ring), kit.Line(e.quadrant), kit.WebAddress(strings.TrimSpace(e.link))
	e.text = plainText(e.text)
	r.batch.Count("blips", 1)
	for _, lack := range [][2]string{{"name", e.name}, {"ring", e.ring}, {"quadrant", e.quadrant}} {
		if lack[1] == "" {
			r.batch.RefuseRecord(e.where, kit.Short(e.name), lack[0], "a blip needs a name, a ring and a quadrant: fill in the "+lack[0])
			return
		}
	}
	if slug(e.name) == "" {
		r.batch.RefuseRecord(e.where, "", "name", "the name has neither a letter nor a digit")
		return
	}
	for _, part := range [][2]string{{"ring", e.ring}, {"quadrant", e.quadrant}} {
		if r.seen[part] || len(r.seen) < mostParts {
			r.seen[part] = true
			continue
		}
		r.batch.RefuseRecord(e.where, kit.Short(e.name), part[0], fmt.Sprintf("the radar has more than %d rings and quadrants: join some of them", mostParts))
		return
	}
	if len(r.entries) >= r.batch.Limits.Items {
		r.batch.Refuse(e.where, "there are more than %d blips", r.batch.Limits.Items)
		return
	}
	r.entries = append(r.entries, e)
}

// slug makes a key of a name, so that C, C++ and C# have different ones.
func slug(name string) string {
	name = strings.ReplaceAll(strings.ToLower(kit.Line(name)), ".net", "dotnet")
	name = strings.NewReplacer("#", " sharp ", "+", " plus ", "/", " ", "@", " ", ".", " ").Replace(name)
	return strings.Trim(feed.SlugOf(name), "-_")
}

// meaningOf returns what the field means by the name of a ring, and nothing for a name that it does not use.
func meaningOf(ring string) model.RingMeaning {
	switch strings.ToLower(ring) {
	case "adopt", "use":
		return model.RingAdopt
	case "trial", "try":
		return model.RingTrial
	case "assess", "explore":
		return model.RingAssess
	case "hold", "caution", "avoid":
		return model.RingHold
	}
	return ""
}

// movedOf reads how a blip moved, in the words and numbers of the formats.
func movedOf(text string) (model.BlipMove, error) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "0", "no change", "none", "same", "unchanged":
		return model.MoveSame, nil
	case "2", "new":
		return model.MoveNew, nil
	case "1", "in", "moved in", "up":
		return model.MoveIn, nil
	case "-1", "out", "moved out", "down":
		return model.MoveOut, nil
	}
	return "", fmt.Errorf("%q does not say how it moved: write new, moved in, moved out or no change", kit.Short(text))
}
