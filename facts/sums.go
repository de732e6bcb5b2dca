package facts

import (
	"iter"

	"binnacle/model"
)

// Sums adds up by number and time: by item and month, or by group and day. The
// usual line finds its place without a look-up: the time of the last line of the same number is at hand.
type Sums struct {
	measures int
	keys     []sumKey
	pages    [][]Sum
	// last has the place of the last row of a number, plus one. Numbers that are far apart share a cell.
	last  []uint32
	index places
}

// sumKey is what one row of sums is about.
type sumKey struct {
	of    uint32
	at    model.Date
	lines int64
}

// pageRows is how many rows of sums a page has.
const pageRows = 64

// mostCells is how many last rows are at hand. It is a power of two, as their number always is.
const mostCells = 1 << 16

// NewSums returns empty sums of so many measures.
func NewSums(measures int) *Sums { return &Sums{measures: measures} }

// Line adds a line to the sums of a number and a time.
func (s *Sums) Line(of uint32, at model.Date, line *Line) {
	lines, sums := s.row(of, at)
	*lines++
	for i := range sums {
		sums[i].Add(line.Values[i])
	}
}

// Add adds a total. Its sums may be fewer than those here.
func (s *Sums) Add(t Total) {
	lines, sums := s.row(t.Of, t.At)
	*lines += t.Lines
	for i := range t.Sums {
		sums[i].AddSum(t.Sums[i])
	}
}

// row returns the row of a number and a time.
func (s *Sums) row(of uint32, at model.Date) (*int64, []Sum) {
	for int(of) >= len(s.last) && len(s.last) < mostCells {
		s.last = append(s.last, make([]uint32, max(256, len(s.last)))...)
	}
	cell := &s.last[int(of)&(len(s.last)-1)]
	i := *cell
	if i == 0 || s.keys[i-1].at != at || s.keys[i-1].of != of {
		place, found := s.index.find(uint64(of)<<32|uint64(uint32(at)), uint32(len(s.keys)))
		if !found {
			if len(s.keys)/pageRows == len(s.pages) {
				s.pages = append(s.pages, make([]Sum, pageRows*s.measures))
			}
			s.keys = append(s.keys, sumKey{of: of, at: at})
		}
		i = place + 1
		*cell = i
	}
	return &s.keys[i-1].lines, s.sums(int(i - 1))
}

func (s *Sums) sums(i int) []Sum {
	from := i % pageRows * s.measures
	return s.pages[i/pageRows][from : from+s.measures : from+s.measures]
}

// Len returns how many rows there are.
func (s *Sums) Len() int { return len(s.keys) }

// All yields the rows in the order in which they began. The sums in them are good until the next row is added.
func (s *Sums) All() iter.Seq[Total] {
	return func(yield func(Total) bool) {
		for i, k := range s.keys {
			if !yield(Total{Of: k.of, At: k.at, Lines: k.lines, Sums: s.sums(i)}) {
				return
			}
		}
	}
}

// Totals returns all rows as a list.
func (s *Sums) Totals() []Total {
	out := make([]Total, 0, len(s.keys))
	for t := range s.All() {
		out = append(out, t)
	}
	return out
}

// reset forgets the rows and keeps their memory for others.
func (s *Sums) reset() {
	for i := range s.pages {
		clear(s.pages[i])
	}
	s.keys = s.keys[:0]
	clear(s.last)
	s.index.reset()
}

// bytes tells about how much memory the rows take.
func (s *Sums) bytes() int64 { return int64(len(s.keys)) * int64(16+24*s.measures+32) }

// places finds the place of a key of 64 bits: a table with open addressing.
type places struct {
	slots []placeSlot
	used  int
}

type placeSlot struct {
	key uint64
	// place is the place plus one. 0 is a free slot.
	place uint32
}

// find returns the place of a key. Where there is none, it is put at next.
func (p *places) find(key uint64, next uint32) (place uint32, found bool) {
	if p.used*4 >= len(p.slots)*3 {
		p.grow()
	}
	mask := uint64(len(p.slots) - 1)
	for i := mix(key) & mask; ; i = (i + 1) & mask {
		slot := &p.slots[i]
		if slot.place == 0 {
			*slot = placeSlot{key, next + 1}
			p.used++
			return next, false
		}
		if slot.key == key {
			return slot.place - 1, true
		}
	}
}

func (p *places) grow() {
	old := p.slots
	p.slots = make([]placeSlot, max(64, 2*len(old)))
	mask := uint64(len(p.slots) - 1)
	for _, slot := range old {
		if slot.place == 0 {
			continue
		}
		i := mix(slot.key) & mask
		for p.slots[i].place != 0 {
			i = (i + 1) & mask
		}
		p.slots[i] = slot
	}
}

func (p *places) reset() {
	clear(p.slots)
	p.used = 0
}

// mix spreads the bits of a key over the table.
func mix(key uint64) uint64 {
	key ^= key >> 32
	key *= 0x9e3779b97f4a7c15
	return key ^ key>>29
}

// numbers finds the number of a hash: a table with open addressing.
type numbers struct {
	slots []numberSlot
	used  int
}

type numberSlot struct {
	hash Hash
	// number is the number plus one. 0 is a free slot.
	number uint32
}

// spread returns a number that differs where either half of a hash does.
func (h Hash) spread() uint64 { return mix(h[0] ^ h[1]*0xbf58476d1ce4e5b9) }

// find returns the number of a hash, or false.
func (n *numbers) find(hash Hash) (uint32, bool) {
	if len(n.slots) == 0 {
		return 0, false
	}
	mask := uint64(len(n.slots) - 1)
	for i := hash.spread() & mask; ; i = (i + 1) & mask {
		slot := &n.slots[i]
		if slot.number == 0 {
			return 0, false
		}
		if slot.hash == hash {
			return slot.number - 1, true
		}
	}
}

// put adds a hash that is not there.
func (n *numbers) put(hash Hash, number uint32) {
	if n.used*4 >= len(n.slots)*3 {
		old := n.slots
		n.slots = make([]numberSlot, max(64, 2*len(old)))
		for _, slot := range old {
			if slot.number > 0 {
				n.place(slot)
			}
		}
	}
	n.place(numberSlot{hash, number + 1})
	n.used++
}

func (n *numbers) place(slot numberSlot) {
	mask := uint64(len(n.slots) - 1)
	i := slot.hash.spread() & mask
	for n.slots[i].number != 0 {
		i = (i + 1) & mask
	}
	n.slots[i] = slot
}

func (n *numbers) reset() {
	clear(n.slots)
	n.used = 0
}

// bytes tells about how much memory the table takes.
func (n *numbers) bytes() int64 { return int64(n.used) * 48 }
