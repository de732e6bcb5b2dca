package ledger

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// table is a ledger whose rows can be read several times.
type table struct {
	ctx  context.Context
	in   feed.BulkInput
	book *kit.Workbook
	// sheet is the sheet that is read, and leftSheets are those that are not.
	sheet      string
	leftSheets []string
	comma      byte
	note       string
	headerLine int
	plan       *plan
}

// headerDepth is how many rows may stand above the headers.
const headerDepth = 20

func openTable(ctx context.Context, in feed.BulkInput) (*table, error) {
	t := &table{ctx: ctx, in: in}
	head := make([]byte, min(in.Size, 64<<10))
	if n, err := in.Content.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	} else if head = head[:n]; n == 0 {
		return nil, errors.New("the file is empty")
	}
	if kit.IsWorkbook(head) {
		book, err := kit.OpenWorkbook(in.Content, in.Size)
		t.book = book
		return t, err
	}
	text, note, err := kit.TableText(in)
	if err != nil {
		return nil, err
	}
	n, err := io.ReadFull(text, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	t.comma, t.note = commaOf(head[:n]), note
	return t, nil
}

// commaOf returns the character that separates most of the first rows into the same number of values. What stands above the headers has none.
func commaOf(head []byte) byte {
	best, most := byte(','), 0
	for _, comma := range []byte(";\t|,") {
		count := map[int]int{}
		for i, line := range bytes.SplitN(head, []byte{'\n'}, 40) {
			if i == 39 {
				break
			}
			if n := separators(line, comma); n > 0 {
				count[n]++
			}
		}
		score := 0
		for n, times := range count {
			score = max(score, times*1000+min(n, 999))
		}
		if score > most {
			best, most = comma, score
		}
	}
	return best
}

// separators counts a character outside of quotes.
func separators(line []byte, comma byte) int {
	n, quoted := 0, false
	for _, c := range line {
		switch {
		case c == '"':
			quoted = !quoted
		case c == comma && !quoted:
			n++
		}
	}
	return n
}

// rows returns the rows of the table from its first line on.
func (t *table) rows() (kit.Rows, error) {
	if t.book != nil {
		return t.book.Rows(t.sheet)
	}
	text, _, err := kit.TableText(t.in)
	if err != nil {
		return nil, err
	}
	return kit.NewLines(t.ctx, text, t.comma), nil
}

func (t *table) close() {
	if t.book != nil {
		t.book.Close()
	}
}

// findHeader finds the row with the headers, in the first sheet that has one. The error says what is missing.
func (t *table) findHeader(mapping *model.Mapping) error {
	if t.book == nil {
		return t.findIn(mapping)
	}
	var first error
	sheets := t.book.Sheets()
	for i, sheet := range sheets {
		t.sheet = sheet
		err := t.findIn(mapping)
		if err == nil && t.plan.complete() == nil {
			t.leftSheets = append(append([]string{}, sheets[:i]...), sheets[i+1:]...)
			return nil
		}
		if err == nil {
			err = t.plan.complete()
		}
		first = cmp.Or(first, fmt.Errorf("the sheet %s: %w", sheet, err))
	}
	return cmp.Or(first, errors.New("the workbook has no visible sheet"))
}

// findIn finds the row with the headers among the first ones: the one whose words are known best.
func (t *table) findIn(mapping *model.Mapping) error {
	rows, err := t.rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	t.plan = nil
	for n := 0; n < headerDepth && rows.Next(); n++ {
		row := rows.Row()
		if row.Problem != "" {
			continue
		}
		headers := make([]string, row.Len())
		for i := range headers {
			headers[i] = kit.BillText(bytes.Join(bytes.Fields(row.Value(i)), []byte{' '}))
		}
		p, err := newPlan(headers, mapping)
		if err != nil {
			return err
		}
		if t.plan == nil || p.known > t.plan.known {
			t.plan, t.headerLine = p, row.Line
		}
	}
	if rows.Err() != nil {
		return rows.Err()
	}
	if t.plan == nil {
		return errors.New("the table has no rows")
	}
	return t.plan.check(mapping)
}
