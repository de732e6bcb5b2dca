package estate

import (
	"slices"

	"binnacle/model"
)

// flow is the graph of dependence in one direction as plain arrays, which is the
// quickest form to search. It is made when somebody asks first; slots whose
// edges changed since are looked up in the nodes instead.
type flow struct {
	first []uint32
	edges []flowEdge
	// changed marks the slots whose edges are no longer those here.
	changed []uint64
	// changes is how many slots are marked.
	changes int
}

// flowEdge leads to a slot. The lowest bit of via says that the ref is followed
// forward; the rest is the number of its field.
type flowEdge struct {
	slot uint32
	via  uint32
}

func (f *flow) knows(slot uint32) bool {
	return int(slot) < len(f.first)-1 && f.changed[slot/64]&(1<<(slot%64)) == 0
}

// with returns the flow for a later snapshot, or nil where it is time to make it anew.
func (f *flow) with(rewired map[uint32]bool, slots uint32) *flow {
	if f == nil || f.changes+len(rewired)+int(slots)-len(f.first) > 1000+len(f.first)/16 {
		return nil
	}
	if len(rewired) == 0 {
		return f
	}
	next := &flow{first: f.first, edges: f.edges, changed: slices.Clone(f.changed), changes: f.changes + len(rewired)}
	for slot := range rewired {
		if int(slot/64) < len(next.changed) {
			next.changed[slot/64] |= 1 << (slot % 64)
		}
	}
	return next
}

// flow returns the graph of dependence in a direction.
func (s *Snapshot) flow(dir Direction) *flow {
	s.lazy.mu.Lock()
	f := s.lazy.flows[dir]
	s.lazy.mu.Unlock()
	if f != nil {
		return f
	}
	f = s.makeFlow(dir)
	s.lazy.mu.Lock()
	defer s.lazy.mu.Unlock()
	s.lazy.flows[dir] = f
	return f
}

func (s *Snapshot) makeFlow(dir Direction) *flow {
	forward, backward := s.masks(dir, func(f *model.Field) bool { return f.Flow != model.NoFlow })
	f := &flow{first: make([]uint32, s.nodes.n+1), changed: make([]uint64, s.nodes.n/64+1)}
	for slot := range s.nodes.n {
		f.first[slot] = uint32(len(f.edges))
		f.edges = s.appendFlow(f.edges, slot, forward, backward)
	}
	f.first[s.nodes.n] = uint32(len(f.edges))
	f.edges = slices.Clip(f.edges)
	return f
}

// appendFlow appends the edges of one slot along which dependence is followed.
func (s *Snapshot) appendFlow(dst []flowEdge, slot uint32, forward, backward []bool) []flowEdge {
	n := s.nodes.at(slot)
	for _, e := range n.out {
		if forward[e.field] {
			dst = append(dst, flowEdge{e.slot, uint32(e.field)<<1 | 1})
		}
	}
	for _, e := range n.in {
		if backward[e.field] {
			dst = append(dst, flowEdge{e.slot, uint32(e.field) << 1})
		}
	}
	return dst
}

// walkFlow is the breadth-first search along all fields that have a flow.
func (v View) walkFlow(dir Direction, starts []model.Ref) []found {
	s := v.snap
	f := s.flow(dir)
	forward, backward := s.masks(dir, func(f *model.Field) bool { return f.Flow != model.NoFlow })
	seen := borrow(s.nodes.n)
	bits := *seen
	out := v.start(bits, starts)
	var own []flowEdge
	for i := 0; i < len(out); i++ {
		slot := out[i].slot
		var edges []flowEdge
		if f.knows(slot) {
			edges = f.edges[f.first[slot]:f.first[slot+1]]
		} else {
			own = s.appendFlow(own[:0], slot, forward, backward)
			edges = own
		}
		for _, e := range edges {
			if bits[e.slot/64]&(1<<(e.slot%64)) != 0 || v.sight != nil && !v.sees(s.nodes.at(e.slot).rec) {
				continue
			}
			bits[e.slot/64] |= 1 << (e.slot % 64)
			out = append(out, found{slot: e.slot, from: int32(i), via: e.via})
		}
	}
	giveBack(seen, out)
	return out
}
