package door

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/feed/sheet"
	"binnacle/model"
)

// AnswersAction is the action that writes the answers of a vendor.
const AnswersAction = "suppliers.record_answers"

// questionHeads are the columns of a questionnaire that is sent out.
var questionHeads = []string{"ID", "Section", "Question", "Mandatory", "Answer"}

// The limits of a filled questionnaire: bytes of the file, bytes after it is unpacked, rows, cells of a row, and characters of an answer.
const (
	mostAnswerBytes  = 8 << 20
	mostUnpacked     = 64 << 20
	mostAnswerRows   = 10_000
	mostAnswerCells  = 100
	longestAnswer    = 10_000
	questionnaireTab = "Questionnaire"
)

// WriteQuestionnaire writes the questions of an assessment as a file that a
// vendor can fill in, with the answers that are there already. What we count as a good answer is not in it.
// The format is csv or xlsx.
func WriteQuestionnaire(w io.Writer, v estate.View, a *model.Assessment, f Format) error {
	q, ok := estate.Look[*model.Questionnaire](v, a.Questionnaire)
	if !ok {
		return &NotFound{"questionnaire of " + a.Key}
	}
	rows := [][]string{questionHeads}
	for _, ask := range q.Questions {
		row := []string{ask.ID, ask.Section, ask.Text, "", ""}
		if ask.Mandatory {
			row[3] = "yes"
		}
		for _, given := range a.Answers {
			if strings.EqualFold(given.ID, ask.ID) {
				row[4] = given.Answer
			}
		}
		for i := range row {
			row[i] = sheet.Guard(row[i])
		}
		rows = append(rows, row)
	}
	switch f.Name {
	case "csv":
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
		out := csv.NewWriter(w)
		out.UseCRLF = true
		return out.WriteAll(rows)
	case "xlsx":
		return writeQuestionBook(w, rows)
	}
	return &NotFound{fmt.Sprintf("format %q of a questionnaire", f.Name)}
}

func writeQuestionBook(w io.Writer, rows [][]string) error {
	book := excelize.NewFile()
	defer book.Close()
	if err := book.SetSheetName("Sheet1", questionnaireTab); err != nil {
		return err
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return err
	}
	for i, row := range rows {
		for j, text := range row {
			cell, err := excelize.CoordinatesToCellName(j+1, i+1)
			if err == nil {
				err = book.SetCellStr(questionnaireTab, cell, text)
			}
			if err == nil && i == 0 {
				err = book.SetCellStyle(questionnaireTab, cell, cell, bold)
			}
			if err != nil {
				return err
			}
		}
	}
	for column, width := range map[string]float64{"A": 10, "B": 20, "C": 70, "D": 12, "E": 50} {
		if err := book.SetColWidth(questionnaireTab, column, column, width); err != nil {
			return err
		}
	}
	return book.Write(w)
}

// ReadAnswers reads a questionnaire that a vendor has filled in, CSV or XLSX, and
// returns each answer as the name of its question, a colon and the answer. Only the columns ID and Answer count; they may stand anywhere. Rows without
// an answer are left out. The error says where the file is wrong.
func ReadAnswers(data []byte) ([]string, error) {
	if len(data) > mostAnswerBytes {
		return nil, fmt.Errorf("the file is longer than %d MiB", mostAnswerBytes>>20)
	}
	var rows [][]string
	var err error
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		rows, err = bookRows(data)
	} else {
		rows, err = csvRows(data)
	}
	if err != nil {
		return nil, err
	}
	return answersIn(rows)
}

// answersIn finds the answers in rows.
func answersIn(rows [][]string) ([]string, error) {
	column := func(row []string, name string) int {
		return slices.IndexFunc(row, func(cell string) bool { return strings.EqualFold(strings.TrimSpace(cell), name) })
	}
	head := slices.IndexFunc(rows, func(row []string) bool { return column(row, "ID") >= 0 && column(row, "Answer") >= 0 })
	if head < 0 {
		return nil, errors.New("no row has the heads ID and Answer: send back the file that was sent, with the answers filled in")
	}
	id, answer := column(rows[head], "ID"), column(rows[head], "Answer")
	seen := map[string]int{}
	var out []string
	for i, row := range rows[head+1:] {
		line := head + i + 2
		name, text := at(row, id), strings.Join(strings.Fields(at(row, answer)), " ")
		switch {
		case text == "":
			continue
		case name == "":
			return nil, fmt.Errorf("row %d has an answer and no ID: write the name of the question into the column ID", line)
		case strings.Contains(name, ":"):
			return nil, fmt.Errorf("row %d: %.40q is not the name of a question", line, name)
		case seen[strings.ToLower(name)] > 0:
			return nil, fmt.Errorf("row %d answers %s again, after row %d: leave one of them", line, name, seen[strings.ToLower(name)])
		case utf8.RuneCountInString(text) > longestAnswer:
			return nil, fmt.Errorf("row %d: the answer is longer than %d characters", line, longestAnswer)
		}
		seen[strings.ToLower(name)] = line
		out = append(out, name+": "+text)
	}
	if len(out) == 0 {
		return nil, errors.New("there is no answer in the file: fill in the column Answer")
	}
	return out, nil
}

// at returns a cell without the guard against formulas and the space around it, and nothing where the row is shorter.
func at(row []string, i int) string {
	if i >= len(row) {
		return ""
	}
	text := strings.TrimSpace(row[i])
	if bare, ok := strings.CutPrefix(text, "'"); ok && sheet.Guard(bare) == text {
		return bare
	}
	return text
}

func csvRows(data []byte) ([][]string, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return nil, errors.New("the file is not UTF-8: save it as CSV UTF-8, or as XLSX")
	}
	first, _, _ := bytes.Cut(data, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.LazyQuotes = -1, false
	for _, separator := range ";\t" {
		if bytes.Count(first, []byte(string(separator))) > bytes.Count(first, []byte(string(r.Comma))) {
			r.Comma = separator
		}
	}
	var rows [][]string
	for len(rows) <= mostAnswerRows {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("the file is not CSV: %w", err)
		}
		// The reader passes over empty lines; rows are numbered as a person counts them.
		for line, _ := r.FieldPos(0); len(rows)+1 < line && len(rows) < mostAnswerRows; {
			rows = append(rows, nil)
		}
		rows = append(rows, row)
	}
	return nil, fmt.Errorf("the file has more than %d rows", mostAnswerRows)
}

func bookRows(data []byte) (rows [][]string, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			rows, err = nil, errors.New("the file is not a workbook that can be read")
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostUnpacked})
	if err != nil {
		return nil, fmt.Errorf("the file is not a workbook that can be read: %w", err)
	}
	defer book.Close()
	name := book.GetSheetName(0)
	if i, err := book.GetSheetIndex(questionnaireTab); err == nil && i >= 0 {
		name = questionnaireTab
	}
	all, err := book.Rows(name)
	if err != nil {
		return nil, err
	}
	defer all.Close()
	for all.Next() {
		row, err := all.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, err
		}
		// A row with one cell far to the right takes as much memory as a full one.
		if len(row) > mostAnswerCells {
			return nil, fmt.Errorf("row %d has more than %d cells: send back the file that was sent, with the answers filled in", len(rows)+1, mostAnswerCells)
		}
		if rows = append(rows, row); len(rows) > mostAnswerRows {
			return nil, fmt.Errorf("the file has more than %d rows", mostAnswerRows)
		}
	}
	return rows, all.Error()
}

// TakeAnswers reads a questionnaire that a vendor has filled in and writes the answers into the assessment with a key.
func (h *House) TakeAnswers(ctx context.Context, p *access.Principal, m Moment, key string, data []byte, dryRun bool) (Receipt, Answer, error) {
	answers, err := ReadAnswers(data)
	if err != nil {
		return Receipt{}, Answer{}, model.Problem{Field: "file", Text: err.Error()}
	}
	list := make([]any, len(answers))
	for i, a := range answers {
		list[i] = a
	}
	return h.Do(ctx, p, m, AnswersAction, map[string]any{"assessment": key, "answers": list}, "", dryRun)
}
