package facts

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"binnacle/model"
)

// dumpFormat is the number of the form in which Dump writes. Every form ever released can be loaded for ever.
const dumpFormat = 1

// dumpLine is one line of a dump. It has one of its members. A load begins with its header; then come all its items, then all its lines, then its end.
type dumpLine struct {
	Facts int       `json:"facts,omitempty"`
	Load  *dumpLoad `json:"load,omitempty"`
	// Items and Lines are packed and compressed.
	Items []byte    `json:"items,omitempty"`
	Lines []byte    `json:"lines,omitempty"`
	Done  *dumpDone `json:"done,omitempty"`
	End   *dumpEnd  `json:"end,omitempty"`
}

type dumpLoad struct {
	ID      model.ID `json:"id"`
	Series  string   `json:"series"`
	Columns []string `json:"columns"`
}

type dumpDone struct {
	Items int      `json:"items"`
	Lines int64    `json:"lines"`
	Sums  []string `json:"sums"`
}

type dumpEnd struct {
	Loads int `json:"loads"`
	// Sum is the SHA-256 of all lines before, in hexadecimal.
	Sum string `json:"sum"`
}

// dumpTogether is how many items or lines are in one line of a dump.
const dumpTogether = 8192

// Dump writes all loads of a store as lines of JSON that Load of any back end
// reads, and returns how many loads that are.
func Dump(ctx context.Context, s Store, w io.Writer) (int, error) {
	sum := sha256.New()
	out := bufio.NewWriterSize(w, 1<<16)
	enc := json.NewEncoder(io.MultiWriter(out, sum))
	if err := enc.Encode(dumpLine{Facts: dumpFormat}); err != nil {
		return 0, err
	}
	loads, err := s.Loads(ctx)
	if err != nil {
		return 0, err
	}
	for i, h := range loads {
		if err := dumpOne(ctx, s, h, enc); err != nil {
			return i, fmt.Errorf("dump load %s: %w", h.Load, err)
		}
	}
	if err := enc.Encode(dumpLine{End: &dumpEnd{len(loads), hex.EncodeToString(sum.Sum(nil))}}); err != nil {
		return 0, err
	}
	return len(loads), out.Flush()
}

func dumpOne(ctx context.Context, s Store, h Header, enc *json.Encoder) error {
	series, ok := SeriesOf(h.Series)
	if !ok {
		return fmt.Errorf("there is no series %q", h.Series)
	}
	if err := enc.Encode(dumpLine{Load: &dumpLoad{h.Load, h.Series, h.Columns}}); err != nil {
		return err
	}
	all, err := s.Items(ctx, h.Load)
	if err != nil {
		return err
	}
	items := NewItemPacker(len(h.Columns))
	for i := range all.Len() {
		row, err := all.Values(uint32(i))
		if err != nil {
			return err
		}
		items.Add(row)
		if items.Len() == dumpTogether || items.Size() > 4<<20 || i == all.Len()-1 {
			sealed, _, err := Seal("", items.Pack(nil))
			if err == nil {
				err = enc.Encode(dumpLine{Items: sealed})
			}
			if err != nil {
				return err
			}
		}
	}
	n, measures := int64(0), len(series.Measures)
	sums := make([]Sum, measures)
	lines := NewLinePacker(measures)
	flush := func() error {
		sealed, _, err := Seal("", lines.Pack(nil))
		if err != nil {
			return err
		}
		return enc.Encode(dumpLine{Lines: sealed})
	}
	for line, err := range s.Lines(ctx, h.Load, nil) {
		if err != nil {
			return err
		}
		for i := range sums {
			sums[i].Add(line.Values[i])
		}
		n++
		line.Item = line.Own
		lines.Add(&line)
		if lines.Len() == dumpTogether {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if lines.Len() > 0 {
		if err := flush(); err != nil {
			return err
		}
	}
	return enc.Encode(dumpLine{Done: &dumpDone{all.Len(), n, textsOf(sums)}})
}

func textsOf(sums []Sum) []string {
	out := make([]string, len(sums))
	for i, s := range sums {
		out[i] = s.String()
	}
	return out
}

// Load reads into an empty store what Dump wrote, and returns how many loads
// that are. Where anything is wrong it keeps nothing.
func Load(ctx context.Context, s Store, r io.Reader) (int, error) {
	there, err := s.Loads(ctx)
	if err != nil {
		return 0, err
	}
	if len(there) > 0 {
		return 0, errors.New("load the facts: there are facts already: load into an empty store")
	}
	l := &loader{ctx: ctx, store: s, sum: sha256.New()}
	if err := l.read(bufio.NewReaderSize(r, 1<<16)); err != nil {
		err = fmt.Errorf("load the facts: %w", err)
		if l.writer != nil {
			l.writer.Abort()
		}
		for _, id := range l.done {
			err = errors.Join(err, s.Drop(context.WithoutCancel(ctx), id))
		}
		return 0, err
	}
	return len(l.done), nil
}

// loader reads a dump.
type loader struct {
	ctx      context.Context
	store    Store
	sum      hash.Hash
	done     []model.ID
	header   Header
	measures int
	writer   Writer
	// numbers are the numbers that the store gave to the items of the dump.
	numbers []uint32
	lines   int64
	ended   bool
}

func (l *loader) read(in *bufio.Reader) error {
	for number := 1; ; number++ {
		text, err := longLine(in)
		if err == io.EOF {
			break
		}
		var line dumpLine
		if err == nil {
			err = json.Unmarshal(text, &line)
		}
		if err == nil {
			err = l.take(number, &line)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
		l.sum.Write(text)
	}
	if !l.ended {
		return errors.New("the end is missing: the file was cut off")
	}
	return nil
}

// mostDumpLine is how long a line of a dump may be, in bytes.
const mostDumpLine = 256 << 20

// longLine reads a line with its end. The end of the content is io.EOF.
func longLine(in *bufio.Reader) ([]byte, error) {
	var text []byte
	for {
		part, err := in.ReadSlice('\n')
		text = append(text, part...)
		switch {
		case err == io.EOF && len(text) > 0:
			return text, nil
		case err == nil || err != bufio.ErrBufferFull:
			return text, err
		case len(text) > mostDumpLine:
			return nil, errors.New("the line is too long")
		}
	}
}

func (l *loader) take(number int, line *dumpLine) error {
	switch {
	case l.ended:
		return errors.New("there is something behind the end")
	case number == 1 && line.Facts != dumpFormat:
		return fmt.Errorf("the form %d is not known: a later release has written it", line.Facts)
	case number == 1:
		return nil
	case line.Load != nil && l.writer == nil:
		return l.begin(line.Load)
	case line.Items != nil && l.writer != nil && l.lines == 0:
		return l.items(line.Items)
	case line.Lines != nil && l.writer != nil:
		return l.add(line.Lines)
	case line.Done != nil && l.writer != nil:
		return l.finish(line.Done)
	case line.End != nil && l.writer == nil:
		if got := hex.EncodeToString(l.sum.Sum(nil)); line.End.Loads != len(l.done) || line.End.Sum != got {
			return errors.New("the sum does not fit: something is missing or changed")
		}
		l.ended = true
		return nil
	}
	return errors.New("this line is not expected here")
}

func (l *loader) begin(load *dumpLoad) error {
	series, ok := SeriesOf(load.Series)
	if !ok {
		return fmt.Errorf("there is no series %q: a later release has written it", load.Series)
	}
	l.header = Header{Load: load.ID, Series: load.Series, Columns: load.Columns}
	l.measures, l.numbers, l.lines = len(series.Measures), l.numbers[:0], 0
	w, err := l.store.Write(l.ctx, l.header)
	if err != nil {
		return err
	}
	l.writer = w
	return nil
}

func (l *loader) items(sealed []byte) error {
	raw, err := unsealed(sealed)
	if err != nil {
		return err
	}
	rows, err := UnpackItems(raw, len(l.header.Columns))
	if err != nil {
		return err
	}
	for _, row := range rows {
		// Every item of a dump gets a number of its own, even where two are the same.
		n, err := l.writer.Item(Hash{1, uint64(len(l.numbers))}, func() []string { return row })
		if err != nil {
			return err
		}
		l.numbers = append(l.numbers, n)
	}
	return nil
}

// unsealed decompresses what a dump has. The sum of the whole dump stands for sums of its parts.
func unsealed(sealed []byte) ([]byte, error) { return Unseal("", sealed, sumOf("", sealed)) }

func (l *loader) add(sealed []byte) error {
	raw, err := unsealed(sealed)
	if err != nil {
		return err
	}
	for line, err := range UnpackLines(raw, l.measures) {
		if err != nil {
			return err
		}
		if int(line.Item) >= len(l.numbers) {
			return fmt.Errorf("a line of load %s has the item %d, which is not there", l.header.Load, line.Item)
		}
		own := *line
		own.Item = l.numbers[line.Item]
		if err := l.writer.Add(&own); err != nil {
			return err
		}
		l.lines++
	}
	return nil
}

func (l *loader) finish(done *dumpDone) error {
	totals, err := l.writer.Commit(l.ctx)
	if err != nil {
		return err
	}
	l.writer = nil
	l.done = append(l.done, l.header.Load)
	got, err := json.Marshal(dumpDone{len(l.numbers), totals.Lines, textsOf(totals.Sums)})
	if err != nil {
		return err
	}
	want, err := json.Marshal(done)
	if err == nil && !bytes.Equal(got, want) {
		err = fmt.Errorf("load %s has other lines than were written", l.header.Load)
	}
	return err
}
