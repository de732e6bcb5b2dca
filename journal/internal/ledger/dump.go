package ledger

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"

	"binnacle/model"
)

// DumpFormat is the number of the form in which Dump writes. Every form ever released can be loaded for ever.
const DumpFormat = 1

// A dump is a text of JSON objects, one on a line, of which each has one of
// the members below: the start, the checkpoints, every entry with its chunks
// behind it, the rows and the end.
type dumpLine struct {
	Start      *dumpStart      `json:"start,omitempty"`
	Entry      *dumpEntry      `json:"entry,omitempty"`
	Chunk      *dumpChunk      `json:"chunk,omitempty"`
	Checkpoint *dumpCheckpoint `json:"checkpoint,omitempty"`
	Row        *dumpRow        `json:"row,omitempty"`
	End        *dumpEnd        `json:"end,omitempty"`
}

type dumpStart struct {
	Format   int    `json:"format"`
	Signer   string `json:"signer"`
	Verifier string `json:"verifier"`
}

type dumpEntry struct {
	Seq     uint64 `json:"seq"`
	At      int64  `json:"at"`
	Data    []byte `json:"data"`
	Changes int    `json:"changes"`
	Leaf    []byte `json:"leaf"`
}

type dumpChunk struct {
	ID   uint64 `json:"id"`
	Seq  uint64 `json:"seq"`
	Data []byte `json:"data"`
}

type dumpCheckpoint struct {
	Number uint64 `json:"number"`
	Size   uint64 `json:"size"`
	Note   string `json:"note"`
}

type dumpRow struct {
	Kind    string          `json:"kind"`
	ID      model.ID        `json:"id"`
	Key     string          `json:"key"`
	Version uint32          `json:"version"`
	Created [2]int64        `json:"created"`
	Changed [2]int64        `json:"changed"`
	First   uint64          `json:"first"`
	Body    json.RawMessage `json:"body"`
}

type dumpEnd struct {
	Entries     uint64 `json:"entries"`
	Changes     uint64 `json:"changes"`
	Checkpoints uint64 `json:"checkpoints"`
	Rows        uint64 `json:"rows"`
	Root        []byte `json:"root"`
	// Sum is the SHA-256 of all lines before this one, in hexadecimal.
	Sum string `json:"sum"`
}

// dumper writes lines and sums them up.
type dumper struct {
	out *bufio.Writer
	sum hash.Hash
	enc *json.Encoder
}

func newDumper(w io.Writer) *dumper {
	d := &dumper{out: bufio.NewWriterSize(w, 256<<10), sum: sha256.New()}
	d.enc = json.NewEncoder(io.MultiWriter(d.out, d.sum))
	d.enc.SetEscapeHTML(false)
	return d
}

// Dump writes the whole journal with its proof and its private key. Whoever has
// the dump can sign in the name of the journal: keep it as safe as the database.
func (j *Journal) Dump(ctx context.Context, w io.Writer) error {
	return j.store.Read(ctx, func(r Reader) error {
		head, err := r.Head()
		if err != nil {
			return err
		}
		keys, err := r.Keys()
		if err != nil {
			return err
		}
		d := newDumper(w)
		if err := d.enc.Encode(dumpLine{Start: &dumpStart{DumpFormat, keys.Signer, keys.Verifier}}); err != nil {
			return err
		}
		end := dumpEnd{Entries: head.Seq, Changes: head.Changes, Checkpoints: head.Checkpoints, Root: head.Root[:]}
		notes, err := r.Checkpoints()
		if err != nil {
			return err
		}
		for _, n := range notes {
			if err := d.enc.Encode(dumpLine{Checkpoint: &dumpCheckpoint{n.Number, n.Size, n.Note}}); err != nil {
				return err
			}
		}
		if err := d.entries(r); err != nil {
			return err
		}
		if end.Rows, err = d.rows(r); err != nil {
			return err
		}
		end.Sum = hex.EncodeToString(d.sum.Sum(nil))
		if err := d.enc.Encode(dumpLine{End: &end}); err != nil {
			return err
		}
		return d.out.Flush()
	})
}

func (d *dumper) entries(r Reader) error {
	for after := uint64(0); ; {
		rows, err := r.Entries(after, 1<<62, readEntries)
		if err != nil || len(rows) == 0 {
			return err
		}
		last := rows[len(rows)-1].Seq
		next := func(upto uint64) error {
			for len(rows) > 0 && rows[0].Seq <= upto {
				row := rows[0]
				rows = rows[1:]
				if err := d.enc.Encode(dumpLine{Entry: &dumpEntry{row.Seq, int64(row.At), row.Data, row.Changes, row.Leaf[:]}}); err != nil {
					return err
				}
			}
			return nil
		}
		for chunk, err := range r.Chunks(after+1, last) {
			if err == nil {
				err = next(chunk.Seq)
			}
			if err == nil {
				err = d.enc.Encode(dumpLine{Chunk: &dumpChunk{chunk.ID, chunk.Seq, chunk.Data}})
			}
			if err != nil {
				return err
			}
		}
		if err := next(last); err != nil {
			return err
		}
		after = last
	}
}

func (d *dumper) rows(r Reader) (n uint64, err error) {
	for row, err := range r.Records(true) {
		if err != nil {
			return n, err
		}
		line := dumpRow{
			Kind: row.Kind, ID: row.ID, Key: row.Key, Version: row.Version, First: row.First, Body: row.Body,
			Created: [2]int64{int64(row.Created.Seq), int64(row.Created.At)},
			Changed: [2]int64{int64(row.Changed.Seq), int64(row.Changed.At)},
		}
		if err := d.enc.Encode(dumpLine{Row: &line}); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
