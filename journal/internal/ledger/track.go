package ledger

import "binnacle/model"

// track follows one record through the chunks that touch it. A living record
// keeps the number of the chunk that created it; all other chunks are touches.
// So the creation of many records costs no index beside that of the records.
type track struct {
	// first is the chunk that created the living record, or 0 where it is not known or there is none.
	first uint64
	// last is the chunk of the last touch.
	last uint64
	// doubled says that first is a touch too, because the record was removed and created again in it.
	doubled bool
}

// step follows the record through a change in a chunk and adds the touches that this leads to.
func (t *track) step(op model.Op, chunk uint64, add func(chunk uint64)) {
	switch op {
	case model.Create:
		t.first, t.doubled = chunk, t.last == chunk
		return
	case model.Remove:
		if t.first != 0 && !t.doubled {
			add(t.first)
			t.last = max(t.last, t.first)
		}
		if chunk != t.last {
			add(chunk)
		}
		t.first, t.last, t.doubled = 0, chunk, false
		return
	}
	if chunk != t.first && chunk != t.last {
		add(chunk)
		t.last = chunk
	}
}
