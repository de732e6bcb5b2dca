package estate

// edit owns the parts of a persistent structure that one builder has made, and
// that it may therefore write. Parts of any other owner are copied first.
type edit struct{ _ byte }

const (
	chunkBits = 7
	dirBits   = 9
	chunkSize = 1 << chunkBits
	dirSize   = 1 << dirBits
)

// vector is a list that shares what has not changed with the lists that it was made from.
type vector[T any] struct {
	dirs []*dir[T]
	n    uint32
}

type dir[T any] struct {
	owner  *edit
	chunks [dirSize]*chunk[T]
}

type chunk[T any] struct {
	owner *edit
	items [chunkSize]T
}

// at returns the item in a slot, for reading.
func (v *vector[T]) at(slot uint32) *T {
	return &v.dirs[slot>>(chunkBits+dirBits)].chunks[slot>>chunkBits&(dirSize-1)].items[slot&(chunkSize-1)]
}

// own returns the item in a slot, for writing by the owner of e.
func (v *vector[T]) own(e *edit, slot uint32) *T {
	d := v.dirs[slot>>(chunkBits+dirBits)]
	if d.owner != e {
		fresh := *d
		fresh.owner = e
		d = &fresh
		v.dirs[slot>>(chunkBits+dirBits)] = d
	}
	c := d.chunks[slot>>chunkBits&(dirSize-1)]
	if c.owner != e {
		fresh := *c
		fresh.owner = e
		c = &fresh
		d.chunks[slot>>chunkBits&(dirSize-1)] = c
	}
	return &c.items[slot&(chunkSize-1)]
}

// grow adds an empty item and returns its slot.
func (v *vector[T]) grow(e *edit) uint32 {
	slot := v.n
	v.n++
	if int(slot>>(chunkBits+dirBits)) == len(v.dirs) {
		v.dirs = append(v.dirs, &dir[T]{owner: e})
	}
	d := v.dirs[slot>>(chunkBits+dirBits)]
	if d.owner != e {
		fresh := *d
		fresh.owner = e
		d = &fresh
		v.dirs[slot>>(chunkBits+dirBits)] = d
	}
	if d.chunks[slot>>chunkBits&(dirSize-1)] == nil {
		d.chunks[slot>>chunkBits&(dirSize-1)] = &chunk[T]{owner: e}
	}
	return slot
}

// fork returns a copy that may be written without the original noticing.
func (v vector[T]) fork() vector[T] {
	v.dirs = append(make([]*dir[T], 0, len(v.dirs)+1), v.dirs...)
	return v
}

const (
	topBits  = 8
	leafBits = 8
)

// table finds slots by the hash of what is in them. It shares what has not
// changed with the tables that it was made from. Whoever looks something up
// checks that the slot holds it, because hashes may collide.
type table struct {
	tops [1 << topBits]*top
}

type top struct {
	owner  *edit
	leaves [1 << leafBits]leaf
}

type leaf struct {
	owner   *edit
	entries []place
}

// place is a slot and the part of the hash that the way to the leaf does not tell.
type place struct {
	hash uint32
	slot uint32
}

// find yields the slots under a hash until one is wanted.
func (t *table) find(hash uint64, wanted func(slot uint32) bool) (uint32, bool) {
	up := t.tops[hash>>(64-topBits)]
	if up == nil {
		return 0, false
	}
	for _, p := range up.leaves[hash>>(64-topBits-leafBits)&(1<<leafBits-1)].entries {
		if p.hash == uint32(hash) && wanted(p.slot) {
			return p.slot, true
		}
	}
	return 0, false
}

// leaf returns the leaf of a hash, for writing by the owner of e.
func (t *table) leaf(e *edit, hash uint64) *leaf {
	up := t.tops[hash>>(64-topBits)]
	if up == nil || up.owner != e {
		fresh := &top{owner: e}
		if up != nil {
			fresh.leaves = up.leaves
		}
		up = fresh
		t.tops[hash>>(64-topBits)] = up
	}
	l := &up.leaves[hash>>(64-topBits-leafBits)&(1<<leafBits-1)]
	if l.owner != e {
		l.entries = append(make([]place, 0, len(l.entries)+2), l.entries...)
		l.owner = e
	}
	return l
}

func (t *table) put(e *edit, hash uint64, slot uint32) {
	l := t.leaf(e, hash)
	l.entries = append(l.entries, place{uint32(hash), slot})
}

func (t *table) drop(e *edit, hash uint64, slot uint32) {
	l := t.leaf(e, hash)
	for i, p := range l.entries {
		if p.hash == uint32(hash) && p.slot == slot {
			l.entries = append(l.entries[:i], l.entries[i+1:]...)
			return
		}
	}
}
