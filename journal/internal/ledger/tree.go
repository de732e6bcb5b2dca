package ledger

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// tree grows a Merkle tree as RFC 6962 has it, in the numbering that tlog
// stores hashes in. It holds the peaks, which are the roots of the full trees
// that the leaves make up, and nothing else.
type tree struct {
	size  int64
	known map[int64]tlog.Hash
}

// peaks lists the numbers of the stored hashes that a tree of a size grows from.
func peaks(size int64) []int64 {
	var out []int64
	for level := 62; level >= 0; level-- {
		if size>>level&1 == 1 {
			out = append(out, tlog.StoredHashIndex(level, size>>(level+1)<<1))
		}
	}
	return out
}

// newTree returns the tree of a size whose peaks are read from storage.
func newTree(size uint64, read func([]int64) ([]tlog.Hash, error)) (*tree, error) {
	t := &tree{size: int64(size), known: map[int64]tlog.Hash{}}
	indexes := peaks(t.size)
	if len(indexes) == 0 {
		return t, nil
	}
	hashes, err := read(indexes)
	if err != nil {
		return nil, err
	}
	for i, index := range indexes {
		t.known[index] = hashes[i]
	}
	return t, nil
}

// ReadHashes makes a tree a [tlog.HashReader].
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := t.known[index]
		if !ok {
			return nil, fmt.Errorf("the hash %d of the tree is not known", index)
		}
		out[i] = h
	}
	return out, nil
}

// add puts a leaf at the end and returns the hashes to be stored, in order, from the number first.
func (t *tree) add(leaf tlog.Hash) (first int64, hashes []tlog.Hash, err error) {
	hashes, err = tlog.StoredHashesForRecordHash(t.size, leaf, t)
	if err != nil {
		return 0, nil, err
	}
	first = tlog.StoredHashIndex(0, t.size)
	for i, h := range hashes {
		t.known[first+int64(i)] = h
	}
	t.size++
	t.prune()
	return first, hashes, nil
}

// prune forgets everything but the peaks, from time to time.
func (t *tree) prune() {
	if len(t.known) < 4096 {
		return
	}
	keep := make(map[int64]tlog.Hash, bits.Len64(uint64(t.size)))
	for _, index := range peaks(t.size) {
		keep[index] = t.known[index]
	}
	t.known = keep
}

// root returns the root hash.
func (t *tree) root() (tlog.Hash, error) { return tlog.TreeHash(t.size, t) }
