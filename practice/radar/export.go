package radar

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ExportFormat is a public format of radars.
type ExportFormat string

// The formats of radars.
const (
	BYORCSV  ExportFormat = "byor-csv"
	BYORJSON ExportFormat = "byor-json"
	Zalando  ExportFormat = "zalando"
	Markdown ExportFormat = "markdown"
)

// Options lists the formats.
func (ExportFormat) Options() []model.Option {
	return []model.Option{
		{Value: "byor-csv", Label: "Build your own radar (CSV)", Help: "A table with one blip a line."},
		{Value: "byor-json", Label: "Build your own radar (JSON)", Help: "A list with one object for each blip."},
		{Value: "zalando", Label: "Zalando tech radar (JSON)", Help: "An object with sectors, rings and entries, which name these by number."},
		{Value: "markdown", Label: "Markdown", Help: "A folder with one file for each blip, in folders by edition, packed into a zip."},
	}
}

// ExportIn says what is written in which format.
type ExportIn struct {
	// Radar is the radar. Unset means that of the company.
	Radar model.Ref `to:"Radar"`
	// Edition is a published edition. Unset means the radar as it is now. Markdown has all editions.
	Edition model.Ref `to:"RadarEdition"`
	// Format is the format. The default is the JSON of build your own radar.
	Format ExportFormat
}

// ExportOut is a radar as a file.
type ExportOut struct {
	// Blips is how many blips the file has.
	Blips practice.Figure
	// File is the file.
	File practice.File
}

// Export writes a radar in a public format, so that other programs can show it.
func Export(v estate.View, in ExportIn) (ExportOut, error) {
	shown, err := Picture(v, PictureIn{Radar: in.Radar, Edition: in.Edition})
	if err != nil {
		return ExportOut{}, err
	}
	b, err := boardOf(v, editionRadar(v, PictureIn{Radar: in.Radar, Edition: in.Edition}))
	if err != nil {
		return ExportOut{}, err
	}
	rows := shown.Table.Rows
	out := ExportOut{Blips: shown.Blips, File: practice.File{Name: b.radar.Key}}
	switch cmp.Or(in.Format, BYORJSON) {
	case BYORCSV:
		out.File.Name, out.File.Type = out.File.Name+".csv", "text/csv"
		out.File.Content, err = byorCSV(rows)
	case BYORJSON:
		out.File.Name, out.File.Type = out.File.Name+".json", "application/json"
		out.File.Content, err = byorJSON(rows)
	case Zalando:
		out.File.Name, out.File.Type = out.File.Name+"-config.json", "application/json"
		out.File.Content, err = b.zalando(v, rows, cmp.Or(shown.Published, v.At()))
	case Markdown:
		out.File.Name, out.File.Type = out.File.Name+".zip", "application/zip"
		out.File.Content, err = b.markdown(v)
	default:
		err = model.Problem{Field: "format", Text: fmt.Sprintf("there is no format %q: use byor-csv, byor-json, zalando or markdown", in.Format)}
	}
	return out, err
}

// status writes a move as build your own radar does.
func status(m model.BlipMove) string {
	switch m {
	case model.MoveNew:
		return "new"
	case model.MoveIn:
		return "moved in"
	case model.MoveOut:
		return "moved out"
	}
	return "no change"
}

func isNew(m model.BlipMove) string {
	if m == model.MoveNew {
		return "TRUE"
	}
	return "FALSE"
}

func byorCSV(rows []BlipRow) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	lines := [][]string{{"name", "ring", "quadrant", "isNew", "status", "description"}}
	for _, r := range rows {
		lines = append(lines, []string{text(r.Name), text(r.Ring), text(r.Quadrant), isNew(r.Moved), status(r.Moved), text(r.Rationale)})
	}
	err := w.WriteAll(lines)
	return out.Bytes(), err
}

// text keeps a cell from being read as a formula by programs for tables.
func text(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// byorBlip is a blip as build your own radar writes it.
type byorBlip struct {
	Name        string `json:"name"`
	Ring        string `json:"ring"`
	Quadrant    string `json:"quadrant"`
	IsNew       string `json:"isNew"`
	Status      string `json:"status"`
	Description string `json:"description"`
}

func byorJSON(rows []BlipRow) ([]byte, error) {
	out := []byorBlip{}
	for _, r := range rows {
		out = append(out, byorBlip{r.Name, r.Ring, r.Quadrant, isNew(r.Moved), status(r.Moved), r.Rationale})
	}
	return indented(out)
}

func indented(value any) ([]byte, error) {
	raw, err := json.MarshalIndent(value, "", "  ")
	return append(raw, '\n'), err
}

// zalandoRadar is a radar in the words of the format.
type zalandoRadar struct {
	Title     string          `json:"title"`
	Date      string          `json:"date"`
	Quadrants []zalandoName   `json:"quadrants"`
	Rings     []zalandoName   `json:"rings"`
	Entries   []zalandoRecord `json:"entries"`
}

type zalandoName struct {
	Name string `json:"name"`
}

type zalandoRecord struct {
	Quadrant int    `json:"quadrant"`
	Ring     int    `json:"ring"`
	Label    string `json:"label"`
	Link     string `json:"link,omitempty"`
	Active   bool   `json:"active"`
	// Moved is -1 for out, 0 for no change, 1 for in and 2 for new.
	Moved int `json:"moved"`
}

func (b *board) zalando(v estate.View, rows []BlipRow, day model.Date) ([]byte, error) {
	out := zalandoRadar{Title: b.radar.Title(), Date: day.String()[:7], Entries: []zalandoRecord{}}
	out.Date = strings.ReplaceAll(out.Date, "-", ".")
	for _, q := range b.quadrants {
		out.Quadrants = append(out.Quadrants, zalandoName{q.Name})
	}
	for _, r := range b.rings {
		out.Rings = append(out.Rings, zalandoName{strings.ToUpper(r.Name)})
	}
	moves := map[model.BlipMove]int{model.MoveOut: -1, model.MoveIn: 1, model.MoveNew: 2}
	for _, r := range rows {
		e := zalandoRecord{Quadrant: b.quadrantAt(r.Quadrant), Ring: b.ringAt(r.Ring), Label: r.Name, Active: true, Moved: moves[r.Moved]}
		if blip, ok := estate.Look[*model.Blip](v, model.Ref(r.Blip.ID)); ok {
			e.Link = blip.Link
		}
		out.Entries = append(out.Entries, e)
	}
	return indented(out)
}

// markdown writes each edition as a folder with one file for each blip that is new in it, moved or has another reason, and what is as it is now
// as the folder of the day of the view. The newest file of a blip says where it lies. A zip has no clock: its files are of the day of the edition.
func (b *board) markdown(v estate.View) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	before := map[string]BlipRow{}
	folder := func(day model.Date, rows []BlipRow) error {
		taken := map[string]bool{}
		for _, r := range rows {
			was, seen := before[strings.ToLower(r.Name)]
			before[strings.ToLower(r.Name)] = r
			if seen && was.Ring == r.Ring && was.Quadrant == r.Quadrant && was.Rationale == r.Rationale {
				continue
			}
			name := practice.Slug(r.Name)
			for n := 2; taken[name]; n++ {
				name = fmt.Sprintf("%s-%d", practice.Slug(r.Name), n)
			}
			taken[name] = true
			h := &zip.FileHeader{Name: fmt.Sprintf("%s/%s/%s.md", b.radar.Key, day, name), Method: zip.Deflate, Modified: day.Time().In(time.UTC)}
			file, err := w.CreateHeader(h)
			if err != nil {
				return err
			}
			content, err := blipFile(v, r)
			if err != nil {
				return err
			}
			if _, err := file.Write(content); err != nil {
				return err
			}
		}
		return nil
	}
	for _, e := range b.editions {
		if err := folder(e.Published, b.rowsOf(v, e)); err != nil {
			return nil, err
		}
	}
	if last := b.last(); last == nil || last.Published < v.At() {
		if err := folder(v.At(), b.rowsNow(v)); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

// blipFile writes a blip as Markdown with a front matter.
func blipFile(v estate.View, r BlipRow) ([]byte, error) {
	front := struct {
		Title    string   `yaml:"title"`
		Ring     string   `yaml:"ring"`
		Quadrant string   `yaml:"quadrant"`
		Tags     []string `yaml:"tags,omitempty,flow"`
	}{Title: r.Name, Ring: strings.ToLower(r.Ring), Quadrant: r.Quadrant}
	if blip, ok := estate.Look[*model.Blip](v, model.Ref(r.Blip.ID)); ok {
		front.Tags = blip.Tags
	}
	raw, err := yaml.Marshal(front)
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "---\n%s---\n\n%s\n", raw, strings.TrimSpace(r.Rationale)), nil
}
