package facts

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// What follows is how lines and items look where they are stored and dumped. Numbers are in the variable length of encoding/binary,
// column by column, and a column that says the same again costs nothing.

// LinePacker packs lines column by column.
type LinePacker struct {
	measures int
	n        int
	item     int64
	start    int64
	span     int64
	row      int64
	// columns are items, starts, spans and rows as differences, and then the runs of states and the numbers of each measure.
	columns [lineColumns + 2*MaxMeasures][]byte
	runs    [MaxMeasures]stateRun
}

// stateRun is how many lines in a row have a number of one state: nothing, large, or of a scale.
type stateRun struct {
	state byte
	n     uint64
}

// lineColumns is how many columns there are before those of the measures.
const lineColumns = 4

// The states of a number in a pack. Smaller ones are the scale of a small number.
const (
	packedNull byte = 255
	packedHuge byte = 254
)

// MostPacked is how many lines or items may be packed together.
const MostPacked = 1 << 16

// NewLinePacker returns an empty packer of lines of so many measures.
func NewLinePacker(measures int) *LinePacker { return &LinePacker{measures: measures} }

// Len returns how many lines there are. There may be at most [MostPacked].
func (p *LinePacker) Len() int { return p.n }

// Add adds a line.
func (p *LinePacker) Add(line *Line) {
	item, span := int64(line.Item), line.End-line.Start
	p.columns[0] = binary.AppendVarint(p.columns[0], item-p.item)
	p.columns[1] = binary.AppendVarint(p.columns[1], line.Start-p.start)
	p.columns[2] = binary.AppendVarint(p.columns[2], span-p.span)
	p.columns[3] = binary.AppendVarint(p.columns[3], line.Row-p.row)
	p.item, p.start, p.span, p.row = item, line.Start, span, line.Row
	for m := range p.measures {
		d := &line.Values[m]
		state := d.scale
		numbers := &p.columns[lineColumns+2*m+1]
		switch d.state {
		case null:
			state = packedNull
		case huge:
			state = packedHuge
			text := d.String()
			*numbers = binary.AppendUvarint(*numbers, uint64(len(text)))
			*numbers = append(*numbers, text...)
		default:
			*numbers = binary.AppendVarint(*numbers, d.coef)
		}
		run := &p.runs[m]
		if run.state != state && run.n > 0 {
			p.endRun(m)
		}
		run.state = state
		run.n++
	}
	p.n++
}

func (p *LinePacker) endRun(m int) {
	states := &p.columns[lineColumns+2*m]
	*states = append(*states, p.runs[m].state)
	*states = binary.AppendUvarint(*states, p.runs[m].n)
	p.runs[m].n = 0
}

// Pack writes the lines behind dst and empties the packer.
func (p *LinePacker) Pack(dst []byte) []byte {
	for m := range p.measures {
		if p.runs[m].n > 0 {
			p.endRun(m)
		}
	}
	dst = binary.AppendUvarint(dst, uint64(p.n))
	dst = binary.AppendUvarint(dst, uint64(p.measures))
	for i := range p.columns[:lineColumns+2*p.measures] {
		dst = binary.AppendUvarint(dst, uint64(len(p.columns[i])))
		dst = append(dst, p.columns[i]...)
		p.columns[i] = p.columns[i][:0]
	}
	p.n, p.item, p.start, p.span, p.row = 0, 0, 0, 0, 0
	return dst
}

// errPacked says that bytes are not what a packer wrote.
var errPacked = errors.New("the packed bytes are damaged")

// unpacker reads packed bytes. After the first thing that is wrong it gives zeros.
type unpacker struct {
	rest []byte
	bad  bool
}

func (u *unpacker) uvarint() uint64 {
	v, n := binary.Uvarint(u.rest)
	if n <= 0 {
		u.bad, u.rest = true, nil
		return 0
	}
	u.rest = u.rest[n:]
	return v
}

func (u *unpacker) varint() int64 {
	v, n := binary.Varint(u.rest)
	if n <= 0 {
		u.bad, u.rest = true, nil
		return 0
	}
	u.rest = u.rest[n:]
	return v
}

// count reads a number that may not be larger than a limit.
func (u *unpacker) count(most int) int {
	if v := u.uvarint(); v <= uint64(most) {
		return int(v)
	}
	u.bad, u.rest = true, nil
	return 0
}

// take returns the next bytes, as many as are written before them.
func (u *unpacker) take() []byte {
	n := u.count(len(u.rest))
	if n > len(u.rest) {
		u.bad, u.rest = true, nil
		return nil
	}
	out := u.rest[:n:n]
	u.rest = u.rest[n:]
	return out
}

// UnpackLines yields the lines that [LinePacker.Pack] packed. Where the bytes are damaged it ends with an error.
func UnpackLines(packed []byte, measures int) iter.Seq2[*Line, error] {
	return func(yield func(*Line, error) bool) {
		u := unpacker{rest: packed}
		n := u.count(MostPacked)
		if u.count(MaxMeasures) != measures {
			u.bad = true
		}
		var columns [lineColumns + 2*MaxMeasures]unpacker
		for i := range columns[:lineColumns+2*measures] {
			columns[i].rest = u.take()
		}
		if u.bad || len(u.rest) > 0 {
			yield(nil, errPacked)
			return
		}
		var runs [MaxMeasures]stateRun
		var item, span int64
		line := &Line{}
		for range n {
			item += columns[0].varint()
			line.Item = uint32(item)
			line.Start += columns[1].varint()
			span += columns[2].varint()
			line.End = line.Start + span
			line.Row += columns[3].varint()
			bad := columns[0].bad || columns[1].bad || columns[2].bad || columns[3].bad || item < 0 || item >= mostItems
			for m := range measures {
				bad = !unpackNumber(&line.Values[m], &runs[m], &columns[lineColumns+2*m], &columns[lineColumns+2*m+1]) || bad
			}
			if bad {
				yield(nil, errPacked)
				return
			}
			if !yield(line, nil) {
				return
			}
		}
		for i := range columns {
			if len(columns[i].rest) > 0 {
				yield(nil, errPacked)
				return
			}
		}
	}
}

func unpackNumber(d *Decimal, run *stateRun, states, numbers *unpacker) bool {
	if run.n == 0 {
		if len(states.rest) == 0 {
			return false
		}
		run.state = states.rest[0]
		states.rest = states.rest[1:]
		if run.n = states.uvarint(); run.n == 0 || run.n > MostPacked {
			return false
		}
	}
	run.n--
	switch run.state {
	case packedNull:
		*d = Decimal{}
	case packedHuge:
		large, err := parseLong(string(numbers.take()))
		if err != nil {
			return false
		}
		*d = large
	default:
		*d = Decimal{coef: numbers.varint(), scale: run.state, state: small}
		return run.state <= 18 && !numbers.bad
	}
	return !numbers.bad
}

// ItemPacker packs items column by column: the distinct values of each column, and which of them each item has.
type ItemPacker struct {
	n       int
	size    int
	columns []itemColumn
}

type itemColumn struct {
	known map[string]uint64
	last  string
	at    uint64
	// values are the distinct values, and places say which one each item has.
	values, places []byte
}

// NewItemPacker returns an empty packer of items of so many columns.
func NewItemPacker(columns int) *ItemPacker {
	p := &ItemPacker{columns: make([]itemColumn, columns)}
	for i := range p.columns {
		p.columns[i].known = map[string]uint64{}
	}
	return p
}

// Len returns how many items there are. There may be at most [MostPacked].
func (p *ItemPacker) Len() int { return p.n }

// Size tells about how many bytes there are.
func (p *ItemPacker) Size() int { return p.size }

// Add adds an item. It copies what it keeps.
func (p *ItemPacker) Add(row []string) {
	for i, value := range row {
		c := &p.columns[i]
		if value != c.last || len(c.known) == 0 {
			at, ok := c.known[value]
			if !ok {
				at = uint64(len(c.known))
				before := len(c.values)
				c.values = binary.AppendUvarint(c.values, uint64(len(value)))
				c.values = append(c.values, value...)
				value = strings.Clone(value)
				c.known[value] = at
				p.size += 2*(len(c.values)-before) + 48
			}
			c.last, c.at = value, at
		}
		c.places = binary.AppendUvarint(c.places, c.at)
		p.size += 2
	}
	p.n++
}

// Pack writes the items behind dst and empties the packer.
func (p *ItemPacker) Pack(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(p.n))
	dst = binary.AppendUvarint(dst, uint64(len(p.columns)))
	for i := range p.columns {
		c := &p.columns[i]
		dst = binary.AppendUvarint(dst, uint64(len(c.known)))
		dst = append(append(dst, c.values...), c.places...)
		clear(c.known)
		c.last, c.at, c.values, c.places = "", 0, c.values[:0], c.places[:0]
	}
	p.n, p.size = 0, 0
	return dst
}

// UnpackItems returns the items that [ItemPacker.Pack] packed.
func UnpackItems(packed []byte, columns int) ([][]string, error) {
	u := unpacker{rest: packed}
	n := u.count(MostPacked)
	// An item takes a byte in each column at least.
	if u.count(len(packed)) != columns || u.bad || columns > 0 && n > len(packed)/columns {
		return nil, errPacked
	}
	cells := make([]string, n*columns)
	for c := range columns {
		values := make([]string, u.count(min(n, len(u.rest))))
		for i := range values {
			values[i] = string(u.take())
		}
		for i := range n {
			at := u.count(len(values))
			if u.bad || at >= len(values) {
				return nil, errPacked
			}
			cells[i*columns+c] = values[at]
		}
	}
	if u.bad || len(u.rest) > 0 {
		return nil, errPacked
	}
	rows := make([][]string, n)
	for i := range rows {
		rows[i] = cells[i*columns : (i+1)*columns : (i+1)*columns]
	}
	return rows, nil
}

// mostSealed is how many bytes sealed bytes may grow to.
const mostSealed = 256 << 20

var encoder = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(2), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
})

var decoder = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(4), zstd.WithDecoderMaxMemory(mostSealed), zstd.WithDecoderMaxWindow(8<<20))
})

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Seal compresses bytes. The sum is of the compressed bytes and of the name of their place, so that bytes in the wrong place are found too.
func Seal(place string, raw []byte) (sealed []byte, sum uint32, err error) {
	z, err := encoder()
	if err != nil {
		return nil, 0, err
	}
	sealed = z.EncodeAll(raw, nil)
	return sealed, sumOf(place, sealed), nil
}

// Unseal returns the bytes that [Seal] compressed. The error says what is damaged.
func Unseal(place string, sealed []byte, sum uint32) ([]byte, error) {
	if sumOf(place, sealed) != sum {
		return nil, fmt.Errorf("%s is damaged: its checksum does not fit. Restore it from a backup", place)
	}
	z, err := decoder()
	if err != nil {
		return nil, err
	}
	raw, err := z.DecodeAll(sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("%s is damaged: %w", place, err)
	}
	return raw, nil
}

func sumOf(place string, sealed []byte) uint32 {
	return crc32.Update(crc32.Checksum([]byte(place), castagnoli), castagnoli, sealed)
}
