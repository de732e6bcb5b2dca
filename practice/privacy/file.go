package privacy

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"

	"binnacle/model"
	"binnacle/practice"
)

// controllerHeads and processorHeads are the heads of the parts in the register as a file.
var (
	controllerHeads = []string{"(a) Controller, joint controllers, representative, data protection officer", "(b) Purposes", "(c) Categories of persons and of personal data", "(d) Recipients",
		"(e) Transfers and documented safeguards", "(f) Time limits for erasure", "(g) Technical and organisational measures"}
	processorHeads = []string{"(a) Processor, controllers, representative, data protection officer", "(b) Categories of processing for each controller", "(c) Transfers and documented safeguards",
		"(d) Technical and organisational measures"}
)

// file writes entries of the register as a file: what GDPR Art. 30 asks for, and what is good practice where that is wanted.
func (b *book) file(name string, heads []string, activities []*model.ProcessingActivity, in RegisterIn) practice.File {
	head := append([]string{"Processing"}, heads...)
	if in.GoodPractice {
		head = append(head, "Legal basis (good practice, Art. 6)", "Impact assessment (good practice, Art. 35)")
	}
	var rows [][]string
	for _, a := range activities {
		row := []string{a.Title()}
		for _, p := range b.parts(a) {
			row = append(row, p.Text)
		}
		if in.GoodPractice {
			row = append(row, joined(labelOf(a.LegalBasis), a.LegalNote), strings.Join(titlesOf(assessmentsOf(b.view, a)), "; "))
		}
		rows = append(rows, row)
	}
	name += "-" + b.view.At().String()
	if in.Format == "markdown" {
		return practice.File{Name: name + ".md", Type: "text/markdown", Content: b.markdown(head, rows)}
	}
	return practice.File{Name: name + ".csv", Type: "text/csv", Content: table(head, rows)}
}

// titlesOf returns what to call records.
func titlesOf[R model.Record](records []R) []string {
	var out []string
	for _, r := range records {
		out = append(out, r.Base().Title())
	}
	return out
}

// table writes rows as CSV after RFC 4180. No cell begins with a sign that makes a spreadsheet program run it.
func table(head []string, rows [][]string) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	for _, row := range append([][]string{head}, rows...) {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = guarded(c)
		}
		// A buffer takes every write.
		_ = w.Write(cells)
	}
	w.Flush()
	return out.Bytes()
}

// guarded puts an apostrophe before what a spreadsheet program would run.
func guarded(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// markdown writes rows as a text, one entry below the other.
func (b *book) markdown(head []string, rows [][]string) []byte {
	var out strings.Builder
	p := b.profile(nil)
	fmt.Fprintf(&out, "# Records of processing activities\n\n")
	if name := joined(p.Controller, p.Contact); name != "" {
		fmt.Fprintf(&out, "%s\n\n", plain(name))
	}
	fmt.Fprintf(&out, "As of %s, %s.\n", b.view.At(), practice.Count(len(rows), "entry", "entries"))
	for _, row := range rows {
		fmt.Fprintf(&out, "\n## %s\n\n", plain(row[0]))
		for i, cell := range row[1:] {
			text := plain(cell)
			if text == "" {
				text = "—"
			}
			fmt.Fprintf(&out, "- **%s**: %s\n", head[i+1], text)
		}
	}
	return []byte(out.String())
}

// plain takes out of a text what Markdown would read as more than text.
func plain(text string) string {
	return strings.NewReplacer("\\", "\\\\", "*", "\\*", "_", "\\_", "`", "\\`", "#", "\\#", "[", "\\[", "]", "\\]", "<", "&lt;", ">", "&gt;", "\n", " ", "\r", " ").Replace(text)
}
