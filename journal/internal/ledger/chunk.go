package ledger

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"unique"

	"golang.org/x/mod/sumdb/tlog"

	"binnacle/model"
)

// Format is the number of the form in which entries and chunks are written. Every form ever released can be read for ever.
const Format = 1

// The limits of a chunk. One of the two ends it.
const (
	chunkChanges = 500
	chunkBytes   = 256 << 10
	// chunkLimit is how long a chunk may be once it is unpacked: a single change may be larger than chunkBytes.
	chunkLimit = 1 << 30
	// packFrom is the length from which packing is worth its time.
	packFrom = 1 << 10
)

// The ways in which a chunk is written.
const (
	plain  = 0
	packed = 1
)

// The flags of a change and of a field.
const (
	flagSeals  = 0x10
	flagBefore = 1
	flagAfter  = 2
	flagErased = 4
)

// errShort says that a chunk or a header ends too early.
var errShort = errors.New("it ends too early")

// EncodeChunk writes changes of one entry in the newest form.
func EncodeChunk(changes []Sealed) ([]byte, error) {
	names, index := []string{}, map[string]uint64{}
	number := func(name string) uint64 {
		n, ok := index[name]
		if !ok {
			n = uint64(len(names))
			index[name] = n
			names = append(names, name)
		}
		return n
	}
	body := make([]byte, 0, 64<<10)
	for i := range changes {
		body = appendChange(body, &changes[i], number)
	}
	head := binary.AppendUvarint(nil, uint64(len(names)))
	for _, name := range names {
		head = appendText(head, name)
	}
	head = binary.AppendUvarint(head, uint64(len(changes)))
	return pack(head, body)
}

func appendChange(b []byte, c *Sealed, number func(string) uint64) []byte {
	op := opCode(c.Op)
	if c.Seals != nil {
		op |= flagSeals
	}
	b = append(b, op)
	b = binary.AppendUvarint(b, number(c.Kind))
	b = append(b, c.ID[:]...)
	b = binary.AppendUvarint(b, uint64(c.Version))
	b = appendStamp(appendStamp(b, c.Prior), c.Born)
	if c.Seals == nil {
		b = append(b, c.Salt[:]...)
	}
	b = binary.AppendUvarint(b, uint64(len(c.Fields)))
	for i := range c.Fields {
		f := &c.Fields[i]
		b = binary.AppendUvarint(b, number(f.Name))
		if f.Erased {
			b = append(b, flagErased)
			b = append(b, c.Seals[i].Commitment[:]...)
			continue
		}
		at := len(b)
		b = append(b, 0)
		if c.Seals != nil {
			b = append(b, c.Seals[i].Salt[:]...)
		}
		if len(f.Before) > 0 {
			b[at] |= flagBefore
			b = appendBytes(b, f.Before)
		}
		if len(f.After) > 0 {
			b[at] |= flagAfter
			b = appendBytes(b, f.After)
		}
	}
	return b
}

var packers = sync.Pool{New: func() any {
	w, _ := flate.NewWriter(nil, flate.BestSpeed)
	return w
}}

// pack puts the form and the length before what it is given, and packs it where that is worth it.
func pack(head, body []byte) ([]byte, error) {
	size := len(head) + len(body)
	if size < packFrom {
		out := binary.AppendUvarint([]byte{Format, plain}, uint64(size))
		return append(append(out, head...), body...), nil
	}
	out := bytes.NewBuffer(make([]byte, 0, size/3))
	out.Write(binary.AppendUvarint([]byte{Format, packed}, uint64(size)))
	w := packers.Get().(*flate.Writer)
	defer packers.Put(w)
	w.Reset(out)
	for _, part := range [][]byte{head, body} {
		if _, err := w.Write(part); err != nil {
			return nil, fmt.Errorf("pack a chunk: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack a chunk: %w", err)
	}
	return out.Bytes(), nil
}

var unpackers = sync.Pool{New: func() any { return flate.NewReader(bytes.NewReader(nil)) }}

func unpack(data []byte) ([]byte, error) {
	if len(data) < 2 {
		return nil, errShort
	}
	if data[0] != Format {
		return nil, fmt.Errorf("it has the form %d, and this release reads up to %d", data[0], Format)
	}
	r := reader{rest: data[2:]}
	size := r.uvarint()
	if r.err != nil {
		return nil, r.err
	}
	if size > chunkLimit {
		return nil, fmt.Errorf("it says that it has %d bytes; the limit is %d", size, chunkLimit)
	}
	switch data[1] {
	case plain:
		if uint64(len(r.rest)) != size {
			return nil, fmt.Errorf("it has %d bytes where it says %d", len(r.rest), size)
		}
		return r.rest, nil
	case packed:
		return inflate(r.rest, int(size))
	}
	return nil, fmt.Errorf("it is packed in the way %d, which this release does not know", data[1])
}

func inflate(data []byte, size int) ([]byte, error) {
	in := bytes.NewReader(data)
	r := unpackers.Get().(io.ReadCloser)
	defer unpackers.Put(r)
	if err := r.(flate.Resetter).Reset(in, nil); err != nil {
		return nil, err
	}
	// Deflate shrinks no text to less than a thousandth, so that a false size cannot make it reserve more.
	var out bytes.Buffer
	out.Grow(min(size, len(data)*1032+64) + bytes.MinRead)
	n, err := out.ReadFrom(io.LimitReader(r, int64(size)+1))
	if err != nil {
		return nil, fmt.Errorf("it cannot be unpacked: %w", err)
	}
	if n != int64(size) || in.Len() > 0 {
		return nil, fmt.Errorf("it does not have the %d bytes that it says", size)
	}
	return out.Bytes(), nil
}

// DecodeChunk reads changes in any form ever released. Only changes of wanted
// records are returned; nil wants all. The values point into memory that belongs to the result.
func DecodeChunk(data []byte, wanted func(model.ID) bool) ([]Sealed, error) {
	raw, err := unpack(data)
	if err != nil {
		return nil, err
	}
	r := reader{rest: raw}
	names := make([]string, r.count(1))
	for i := range names {
		names[i] = unique.Make(string(r.bytes())).Value()
	}
	n := r.count(19)
	var out []Sealed
	if wanted == nil {
		out = make([]Sealed, 0, n)
	}
	slab := fieldSlab{}
	for range n {
		if r.err != nil {
			break
		}
		c := r.change(names, &slab)
		if r.err == nil && (wanted == nil || wanted(c.ID)) {
			out = append(out, c)
		} else {
			slab.drop(len(c.Fields))
		}
	}
	if r.err == nil && len(r.rest) > 0 {
		r.err = fmt.Errorf("there are %d bytes behind the last change", len(r.rest))
	}
	return out, r.err
}

// fieldSlab hands out field lists from large pieces.
type fieldSlab struct{ free []model.FieldChange }

func (s *fieldSlab) take(n int) []model.FieldChange {
	if cap(s.free)-len(s.free) < n {
		s.free = make([]model.FieldChange, 0, max(n, 512))
	}
	at := len(s.free)
	s.free = s.free[:at+n]
	return s.free[at : at+n : at+n]
}

// drop gives back the list that was taken last.
func (s *fieldSlab) drop(n int) {
	clear(s.free[len(s.free)-n:])
	s.free = s.free[:len(s.free)-n]
}

// reader takes values from the front of a text until one is missing.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) take(n uint64) []byte {
	if r.err != nil || uint64(len(r.rest)) < n {
		r.fail(errShort)
		return nil
	}
	out := r.rest[:n:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if r.err != nil || n <= 0 {
		r.fail(errShort)
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count reads how many things follow, each of at least so many bytes.
func (r *reader) count(size uint64) int {
	n := r.uvarint()
	if n > uint64(len(r.rest))/size {
		r.fail(errShort)
		return 0
	}
	return int(n)
}

func (r *reader) bytes() []byte { return r.take(r.uvarint()) }

func (r *reader) name(names []string) string {
	n := r.uvarint()
	if n >= uint64(len(names)) {
		r.fail(fmt.Errorf("it names the text %d of %d", n, len(names)))
		return ""
	}
	return names[n]
}

func (r *reader) stamp() model.Stamp {
	seq := r.uvarint()
	at, n := binary.Varint(r.rest)
	if r.err != nil || n <= 0 {
		r.fail(errShort)
		return model.Stamp{}
	}
	r.rest = r.rest[n:]
	return model.Stamp{Seq: seq, At: model.Time(at)}
}

func (r *reader) salt() (s Salt) {
	copy(s[:], r.take(uint64(len(s))))
	return s
}

func (r *reader) change(names []string, slab *fieldSlab) Sealed {
	var c Sealed
	op := r.byte()
	switch op &^ flagSeals {
	case 1:
		c.Op = model.Create
	case 2:
		c.Op = model.Edit
	case 3:
		c.Op = model.Remove
	default:
		r.fail(fmt.Errorf("it has the operation %d, which this release does not know", op))
	}
	c.Kind = r.name(names)
	copy(c.ID[:], r.take(16))
	version := r.uvarint()
	if version > 1<<32-1 {
		r.fail(fmt.Errorf("the version %d is out of range", version))
	}
	c.Version = uint32(version)
	c.Prior, c.Born = r.stamp(), r.stamp()
	if op&flagSeals == 0 {
		c.Salt = r.salt()
	}
	n := r.count(2)
	if r.err != nil {
		return Sealed{}
	}
	c.Fields = slab.take(n)
	if op&flagSeals != 0 {
		c.Seals = make([]Seal, n)
	}
	for i := range c.Fields {
		r.field(names, &c, i)
	}
	return c
}

func (r *reader) field(names []string, c *Sealed, i int) {
	f := &c.Fields[i]
	f.Name = r.name(names)
	flags := r.byte()
	if flags&flagErased != 0 {
		if flags != flagErased || c.Seals == nil {
			r.fail(fmt.Errorf("the erased field %s has values or no commitment", f.Name))
			return
		}
		f.Erased = true
		c.Seals[i].Commitment = tlog.Hash(append(r.take(tlog.HashSize), make([]byte, tlog.HashSize)...)[:tlog.HashSize])
		return
	}
	if flags > flagBefore|flagAfter {
		r.fail(fmt.Errorf("the field %s has the flags %d, which this release does not know", f.Name, flags))
	}
	if c.Seals != nil {
		c.Seals[i].Salt = r.salt()
	}
	if flags&flagBefore != 0 {
		f.Before = r.value(f.Name)
	}
	if flags&flagAfter != 0 {
		f.After = r.value(f.Name)
	}
}

func (r *reader) value(name string) []byte {
	v := r.bytes()
	if len(v) == 0 {
		r.fail(fmt.Errorf("the field %s has an empty value", name))
	}
	return v
}
