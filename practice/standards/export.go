package standards

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/estate/adr"
	"binnacle/model"
	"binnacle/practice"
)

// ExportIn says which decisions are written.
type ExportIn struct {
	// Decisions are the decisions to write. Unset means all.
	Decisions []model.Ref `to:"DecisionRecord"`
	// Source writes the decisions that came from this source alone, such as madr:web-shop.
	Source string
	// Madr writes every decision as MADR 4, whatever form it came in. Otherwise a decision is written in the form that it had.
	Madr bool
}

// ExportOut is the file.
type ExportOut struct {
	// Written are the decisions in the file.
	Written practice.Figure
	// Edited are the decisions that differ from the text that was read.
	Edited practice.Figure
	// File is the decision as Markdown, or an archive of all of them.
	File practice.File
}

// Export writes decision records as Markdown: one file, or an archive with the folder of all. A record that nobody edited is written as it was read, to the last byte;
// in an edited one only that changes which differs.
func Export(v estate.View, in ExportIn) (ExportOut, error) {
	var out ExportOut
	var list []*model.DecisionRecord
	for _, d := range allDecisions(v) {
		if (len(in.Decisions) == 0 || slices.Contains(in.Decisions, d.Ref())) && (in.Source == "" || sourceOf(d) == in.Source) {
			list = append(list, d)
		}
	}
	if len(list) == 0 {
		return out, model.Problem{Field: "decisions", Text: "there is no such decision"}
	}
	var edited []practice.Link
	content := make([][]byte, len(list))
	for i, d := range list {
		content[i] = adr.Write(d)
		if d.Raw == "" && string(content[i]) != d.Text {
			edited = append(edited, practice.To(d))
		}
		if in.Madr {
			content[i] = []byte(adr.Render(d))
		}
	}
	out.Written, out.Edited = practice.Counted("decisions", practice.Neither, practice.ToAll(list)), practice.Counted("decisions", practice.Neither, edited)
	if len(list) == 1 && len(in.Decisions) == 1 {
		out.File = practice.File{Name: path.Base(adr.FileName(list[0])), Type: "text/markdown", Content: content[0]}
		return out, nil
	}
	packed, err := pack(fileNames(list), content)
	out.File = practice.File{Name: "decisions.zip", Type: "application/zip", Content: packed}
	return out, err
}

// sourceOf returns the source that a decision came from, or nothing where it was written here.
func sourceOf(d *model.DecisionRecord) string {
	if len(d.Sightings) == 0 {
		return ""
	}
	return d.Sightings[0].Source
}

// fileNames returns a name for each decision that no other has: those of several sources stand in folders of their own.
func fileNames(list []*model.DecisionRecord) []string {
	several := slices.ContainsFunc(list, func(d *model.DecisionRecord) bool { return sourceOf(d) != sourceOf(list[0]) })
	taken := map[string]bool{}
	out := make([]string, len(list))
	for i, d := range list {
		name := strings.TrimLeft(path.Clean("/"+strings.ReplaceAll(adr.FileName(d), `\`, "/")), "/")
		if several {
			_, folder, _ := strings.Cut(sourceOf(d), ":")
			name = path.Join(slug(cmp.Or(folder, sourceOf(d), "written-here")), name)
		}
		base := strings.TrimSuffix(name, path.Ext(name))
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s-%d%s", base, n, path.Ext(name))
		}
		taken[strings.ToLower(name)] = true
		out[i] = name
	}
	return out
}

// pack makes an archive, which is the same for the same files.
func pack(names []string, content [][]byte) ([]byte, error) {
	places := make([]int, len(names))
	for i := range places {
		places[i] = i
	}
	slices.SortFunc(places, func(a, b int) int { return cmp.Compare(names[a], names[b]) })
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, i := range places {
		w, err := z.CreateHeader(&zip.FileHeader{Name: names[i], Method: zip.Deflate})
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(content[i]); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}
