package jobs

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"sync"
)

// digester reads a content and hashes it by the way: what is read from its beginning on, piece behind piece, is hashed in
// passing. What a reader leaves out is read at the end.
type digester struct {
	content io.ReaderAt
	size    int64

	mu sync.Mutex
	// next is the first byte that was not given to the hash yet.
	next int64
	hash hash.Hash
	// pieces are on their way to the hash, which works beside the reader, and idle are those that may be filled again.
	pieces, idle chan []byte
	done         chan struct{}
}

// mostHashed is how many pieces may wait for the hash, and pieceBytes how long one is.
const (
	mostHashed = 4
	pieceBytes = 256 << 10
)

func newDigester(content io.ReaderAt, size int64) *digester {
	return &digester{content: content, size: size, hash: sha256.New()}
}

// ReadAt reads from the content. It may be called by several goroutines.
func (d *digester) ReadAt(p []byte, at int64) (int, error) {
	n, err := d.content.ReadAt(p, at)
	d.mu.Lock()
	defer d.mu.Unlock()
	if n > 0 && at <= d.next && at+int64(n) > d.next {
		d.take(p[d.next-at : n])
	}
	return n, err
}

// take gives the next bytes to the hash.
func (d *digester) take(p []byte) {
	d.next += int64(len(p))
	if d.pieces == nil {
		d.begin()
	}
	for len(p) > 0 {
		piece := <-d.idle
		n := copy(piece[:cap(piece)], p)
		d.pieces <- piece[:n]
		p = p[n:]
	}
}

// begin starts the hash beside the reader. It ends with the last byte, or when the digester is stopped.
func (d *digester) begin() {
	d.pieces, d.idle, d.done = make(chan []byte, mostHashed), make(chan []byte, mostHashed), make(chan struct{})
	for range mostHashed {
		d.idle <- make([]byte, pieceBytes)
	}
	go func() {
		defer close(d.done)
		for piece := range d.pieces {
			d.hash.Write(piece)
			d.idle <- piece
		}
	}()
}

// rest hashes what was not read yet.
func (d *digester) rest(ctx context.Context) error {
	buffer := make([]byte, min(d.size, 1<<20)+1)
	for d.next < d.size {
		n, err := d.ReadAt(buffer, d.next)
		if errors.Is(err, io.EOF) && n > 0 {
			err = nil
		}
		if err = cmp.Or(ctx.Err(), err); err != nil {
			return err
		}
	}
	d.stop()
	return nil
}

// stop ends the hash. What is read afterwards is no longer hashed.
func (d *digester) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.next = d.size
	if d.pieces != nil {
		close(d.pieces)
		<-d.done
		d.pieces = nil
	}
}

// sum returns the SHA-256 of the content, in hexadecimal, after rest.
func (d *digester) sum() string { return hex.EncodeToString(d.hash.Sum(nil)) }
