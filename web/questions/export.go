package questions

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"binnacle/door"
	"binnacle/feed/sheet"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/draw"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// table is a part of an answer as rows of texts and numbers.
type table struct {
	name, label string
	head        []string
	rows        [][]any
}

// export sends an answer as a file: JSON of the whole, a workbook with a sheet for each table, or one table as CSV.
func export(v *frame.Visit, answer door.Answer, format, part string) error {
	if format == parts.FileSuffix {
		return sendFile(v, answer, part)
	}
	f, err := door.FormatNamed(format)
	if err != nil {
		return err
	}
	name := strings.ReplaceAll(answer.Asked.Name(), ".", "-")
	tables := tablesOf(answer.Parts())
	if part != "" {
		tables = slices.DeleteFunc(tables, func(t table) bool { return t.name != part })
		if len(tables) == 0 && format != "json" {
			return &door.NotFound{What: "part " + strconv.Quote(part) + " with a table in this answer"}
		}
		name += "-" + part
	}
	v.W.Header().Set("Content-Type", f.MediaType)
	v.W.Header().Set("Content-Security-Policy", frame.FilePolicy)
	v.W.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + "." + f.Name}))
	switch format {
	case "json":
		enc := json.NewEncoder(v.W)
		enc.SetIndent("", "  ")
		return enc.Encode(practice.JSON(answer.Value))
	case "xlsx":
		return writeBook(v, tables)
	}
	if len(tables) == 0 {
		return frame.Bad("the answer has no table")
	}
	return writeCSV(v, tables)
}

// sendFile sends a file that an answer hands out, to be saved and never to be shown as a part of the site.
func sendFile(v *frame.Visit, answer door.Answer, part string) error {
	for _, p := range answer.Parts() {
		if p.File == nil || p.File.IsZero() || part != "" && p.Name != part {
			continue
		}
		h := v.W.Header()
		h.Set("Content-Type", door.SafeMediaType(p.File.Type))
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": door.SafeFileName(p.File.Name)}))
		h.Set("Content-Security-Policy", frame.FilePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Length", strconv.Itoa(len(p.File.Content)))
		_, err := v.W.Write(p.File.Content)
		return err
	}
	return &door.NotFound{What: "file " + strconv.Quote(part) + " in this answer"}
}

// writeCSV writes tables below each other. Where there are several, a line with the name stands above each.
func writeCSV(v *frame.Visit, tables []table) error {
	w := csv.NewWriter(v.W)
	for i, t := range tables {
		if i > 0 {
			w.Write([]string{})
		}
		if len(tables) > 1 {
			w.Write([]string{sheet.Guard(t.label)})
		}
		lines := [][]string{t.head}
		for _, row := range t.rows {
			line := make([]string, len(row))
			for n, cell := range row {
				line[n] = textOf(cell)
			}
			lines = append(lines, line)
		}
		for _, line := range lines {
			if err := w.Write(line); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return w.Error()
}

// textOf writes a cell as a text that no spreadsheet program runs.
func textOf(cell any) string {
	if n, ok := cell.(float64); ok {
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	return sheet.Guard(fmt.Sprint(cell))
}

// writeBook writes a workbook with a sheet for each table. Texts are texts and never formulas.
func writeBook(v *frame.Visit, tables []table) error {
	book := excelize.NewFile()
	defer book.Close()
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	var names []string
	for i, t := range tables {
		name := sheetName(t.label, names)
		names = append(names, name)
		if i == 0 {
			err = book.SetSheetName("Sheet1", name)
		} else {
			_, err = book.NewSheet(name)
		}
		if err != nil {
			return err
		}
		if err := writeSheet(book, name, t, bold); err != nil {
			return err
		}
	}
	return book.Write(v.W)
}

func writeSheet(book *excelize.File, name string, t table, bold int) error {
	w, err := book.NewStreamWriter(name)
	if err != nil {
		return err
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	head := make([]any, len(t.head))
	for i, h := range t.head {
		head[i] = excelize.Cell{StyleID: bold, Value: h}
	}
	for i, row := range append([][]any{head}, t.rows...) {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return err
		}
		if err := w.SetRow(at, row); err != nil {
			return err
		}
	}
	return w.Flush()
}

// sheetName returns a name that a workbook accepts and that no other sheet has.
func sheetName(label string, taken []string) string {
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, label)
	short := []rune(strings.TrimSpace(clean))
	name := string(short[:min(len(short), 28)])
	if name == "" {
		name = "Table"
	}
	out := name
	for n := 2; slices.ContainsFunc(taken, func(t string) bool { return strings.EqualFold(t, out) }); n++ {
		out = fmt.Sprintf("%s %d", name, n)
	}
	return out
}

// tablesOf turns the parts of an answer into tables. All figures are one table.
func tablesOf(list []practice.Part) []table {
	var out []table
	figures := table{name: "figures", label: "Figures", head: []string{"Figure", "Value", "Unit", "Target", "Note"}}
	for _, p := range list {
		switch {
		case p.Figure != nil:
			figures.rows = append(figures.rows, figureRow(p))
		case p.Grid != nil:
			out = append(out, gridTable(p))
		case p.Series != nil:
			out = append(out, seriesTable(p))
		case p.Picture != nil:
			out = append(out, pictureTable(p))
		case p.File != nil:
			if !p.File.IsZero() {
				figures.rows = append(figures.rows, []any{p.Label, p.File.String(), "", "", ""})
			}
		case p.Text != "":
			figures.rows = append(figures.rows, []any{p.Label, p.Text, "", "", ""})
		default:
			out = append(out, findingsTable(p))
		}
	}
	if len(figures.rows) > 0 {
		out = append([]table{figures}, out...)
	}
	return out
}

func figureRow(p practice.Part) []any {
	f := p.Figure
	var value, target any = f.Value, ""
	unit := f.Unit
	switch {
	case f.Unknown:
		value = "unknown"
	case !f.Money.IsZero():
		value, unit = f.Money.Amount(), f.Money.Currency()
	}
	if f.Target != nil {
		target = *f.Target
	}
	return []any{p.Label, value, unit, target, f.Note}
}

func gridTable(p practice.Part) table {
	t := table{name: p.Name, label: p.Label}
	for _, c := range p.Grid.Columns {
		t.head = append(t.head, c.Label)
	}
	for _, row := range p.Grid.Rows {
		cells := make([]any, len(row))
		for i, c := range row {
			cells[i] = c.Text
			if n, err := strconv.ParseFloat(c.Text, 64); err == nil && p.Grid.Columns[i].Number && !math.IsInf(n, 0) && !math.IsNaN(n) {
				cells[i] = n
			}
			if m, ok := c.Value.(model.Money); ok {
				cells[i] = m.String()
			}
		}
		t.rows = append(t.rows, cells)
	}
	return t
}

func seriesTable(p practice.Part) table {
	t := table{name: p.Name, label: p.Label, head: []string{"At"}}
	places, values := draw.Axis(*p.Series)
	for _, l := range p.Series.Lines {
		t.head = append(t.head, l.Name)
	}
	for i, at := range places {
		row := []any{at}
		for n := range values {
			if math.IsNaN(values[n][i]) {
				row = append(row, "")
				continue
			}
			row = append(row, values[n][i])
		}
		t.rows = append(t.rows, row)
	}
	return t
}

func pictureTable(p practice.Part) table {
	if c := p.Picture.Curves; c != nil {
		t := table{name: p.Name, label: p.Label, head: []string{"Line", c.X.Label, c.Y.Label}}
		for _, l := range c.Lines {
			for _, xy := range l.Points {
				t.rows = append(t.rows, []any{l.Name, xy.X, xy.Y})
			}
		}
		return t
	}
	t := table{name: p.Name, label: p.Label, head: []string{"Kind", "Key", "Name", "Group", "Value", "Severity", "From", "Until"}}
	for _, n := range p.Picture.Nodes {
		t.rows = append(t.rows, []any{n.Link.Kind, n.Link.Key, n.Link.Name, n.Group, n.Value, string(n.Severity), n.From.String(), n.Until.String()})
	}
	return t
}

func findingsTable(p practice.Part) table {
	t := table{name: p.Name, label: p.Label, head: []string{"Severity", "Finding", "About", "Owner", "Chains", "Mending action"}}
	for _, f := range p.Findings {
		var chains []string
		for _, path := range f.Paths {
			chains = append(chains, path.String())
		}
		mend := ""
		if f.Mend != nil {
			mend = f.Mend.Action
		}
		t.rows = append(t.rows, []any{string(f.Severity), f.Text, f.About.String(), f.Owner.String(), strings.Join(chains, "; "), mend})
	}
	return t
}
