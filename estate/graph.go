package estate

import (
	"slices"
	"sync"

	"binnacle/model"
)

// Direction is a way through the graph.
type Direction int

// The two ways in which dependence is followed.
const (
	// Down leads from a record to everything that depends on it.
	Down Direction = iota
	// Up leads from a record to everything that it depends on.
	Up
)

// Step is one record that was reached, and how.
type Step struct {
	// Record is what was reached.
	Record model.Record
	// From is the place in the closure of the step before, or -1 at a start.
	From int
	// Field is the ref field along which it was reached. Nil at a start.
	Field *model.Field
	// Forward says that the ref was followed from the record that holds it to the one that it points to.
	Forward bool
	// Depth is how many refs away from a start it is.
	Depth int
}

// Closure is everything that can be reached from some records, each once and by a shortest way, the nearest first.
type Closure struct {
	// Steps are the records, starts first.
	Steps []Step
}

// Path returns the steps from a start to the step at a place.
func (c *Closure) Path(at int) []Step {
	var out []Step
	for ; at >= 0; at = c.Steps[at].From {
		out = append(out, c.Steps[at])
	}
	slices.Reverse(out)
	return out
}

// Find returns the place of a record in the closure, or -1.
func (c *Closure) Find(ref model.Ref) int {
	return slices.IndexFunc(c.Steps, func(s Step) bool { return s.Record.Base().Ref() == ref })
}

// Reach follows dependence from some records, as the flow of the ref fields says.
func (v View) Reach(dir Direction, starts ...model.Ref) *Closure {
	return v.closure(v.walkFlow(dir, starts))
}

// ReachAlong follows dependence along some of the ref fields alone. A field
// without a flow leads up from the record that holds it.
func (v View) ReachAlong(dir Direction, along func(*model.Field) bool, starts ...model.Ref) *Closure {
	forward, backward := v.snap.masks(dir, along)
	return v.closure(v.walk(forward, backward, starts))
}

// closure makes steps of what a walk found.
func (v View) closure(walked []found) *Closure {
	out := &Closure{Steps: make([]Step, len(walked))}
	for i, f := range walked {
		s := Step{Record: v.snap.nodes.at(f.slot).rec, From: int(f.from)}
		if f.from >= 0 {
			s.Field, s.Forward, s.Depth = v.snap.schema.RefField(uint16(f.via>>1)), f.via&1 == 1, out.Steps[f.from].Depth+1
		}
		out.Steps[i] = s
	}
	return out
}

// masks says for every ref field whether it may be followed forward and backward.
func (s *Snapshot) masks(dir Direction, along func(*model.Field) bool) (forward, backward []bool) {
	n := s.schema.RefFields()
	forward, backward = make([]bool, n), make([]bool, n)
	for i := range n {
		f := s.schema.RefField(uint16(i))
		if !along(f) {
			continue
		}
		if (f.Flow == model.Serves) == (dir == Down) {
			forward[i] = true
		} else {
			backward[i] = true
		}
	}
	return forward, backward
}

// found is a slot that a walk reached: from which place, and along which field.
type found struct {
	slot uint32
	from int32
	via  uint32
}

// marks lends out sets of slots, so that a walk does not allocate one.
var marks = sync.Pool{New: func() any { return new([]uint64) }}

// borrow returns an empty set that has room for so many slots.
func borrow(slots uint32) *[]uint64 {
	seen := marks.Get().(*[]uint64)
	if need := int(slots)/64 + 1; len(*seen) < need {
		*seen = make([]uint64, need+need/8)
	}
	return seen
}

// giveBack empties a set of what a walk put into it, and lends it out again.
func giveBack(seen *[]uint64, out []found) {
	for _, f := range out {
		(*seen)[f.slot/64] = 0
	}
	marks.Put(seen)
}

// start marks the starts of a walk.
func (v View) start(bits []uint64, starts []model.Ref) []found {
	out := make([]found, 0, 64)
	for _, r := range starts {
		slot, ok := v.snap.slotOf(model.ID(r))
		if ok && bits[slot/64]&(1<<(slot%64)) == 0 && v.sees(v.snap.nodes.at(slot).rec) {
			bits[slot/64] |= 1 << (slot % 64)
			out = append(out, found{slot: slot, from: -1})
		}
	}
	return out
}

// walk is the breadth-first search along the fields of two masks. Its cost is what it reaches, whatever the size of the estate.
func (v View) walk(forward, backward []bool, starts []model.Ref) []found {
	seen := borrow(v.snap.nodes.n)
	bits := *seen
	out := v.start(bits, starts)
	var own []flowEdge
	for i := 0; i < len(out); i++ {
		own = v.snap.appendFlow(own[:0], out[i].slot, forward, backward)
		for _, e := range own {
			if bits[e.slot/64]&(1<<(e.slot%64)) == 0 && v.sees(v.snap.nodes.at(e.slot).rec) {
				bits[e.slot/64] |= 1 << (e.slot % 64)
				out = append(out, found{slot: e.slot, from: int32(i), via: e.via})
			}
		}
	}
	giveBack(seen, out)
	return out
}

// Size returns how many records a closure has, without making it.
func (v View) Size(dir Direction, starts ...model.Ref) int { return len(v.walkFlow(dir, starts)) }

// Outage is what happens when some records fail.
type Outage struct {
	Closure
	// Weakened are the records that still work although something that they need has failed, because enough of it is left.
	Weakened []model.Record
}

// Fail follows the failure of some records. A record that needs only some of
// several others fails when fewer than that are left.
func (v View) Fail(starts ...model.Ref) *Outage {
	forward, backward := v.snap.masks(Down, func(f *model.Field) bool { return f.Flow != model.NoFlow })
	out := &Outage{}
	failed, places := map[uint32]bool{}, []uint32{}
	weak := map[uint32]bool{}
	left := map[edge]int{}
	var order []uint32
	visit := func(slot uint32, s Step) {
		if rec := v.snap.nodes.at(slot).rec; !failed[slot] && v.sees(rec) {
			failed[slot] = true
			s.Record = rec
			out.Steps, places = append(out.Steps, s), append(places, slot)
		}
	}
	for _, r := range starts {
		if slot, ok := v.snap.slotOf(model.ID(r)); ok {
			visit(slot, Step{From: -1})
		}
	}
	for i := 0; i < len(out.Steps); i++ {
		n := v.snap.nodes.at(places[i])
		step := func(e edge, fwd bool) Step {
			return Step{From: i, Field: v.snap.schema.RefField(e.field), Forward: fwd, Depth: out.Steps[i].Depth + 1}
		}
		for _, e := range n.out {
			if forward[e.field] {
				visit(e.slot, step(e, true))
			}
		}
		for _, e := range n.in {
			switch {
			case !backward[e.field] || failed[e.slot]:
			case v.enough(e, left):
				if !weak[e.slot] {
					weak[e.slot] = true
					order = append(order, e.slot)
				}
			default:
				visit(e.slot, step(e, false))
			}
		}
	}
	for _, slot := range order {
		if rec := v.snap.nodes.at(slot).rec; !failed[slot] && v.sees(rec) {
			out.Weakened = append(out.Weakened, rec)
		}
	}
	return out
}

// enough takes one off what a record has left of what it needs in one field,
// and reports whether that is enough.
func (v View) enough(holder edge, left map[edge]int) bool {
	n := v.snap.nodes.at(holder.slot)
	need := Needed(v.snap.schema.RefField(holder.field), n.rec)
	if need == 0 {
		return false
	}
	have, known := left[holder]
	if !known {
		for _, e := range n.out {
			if e.field == holder.field {
				have++
			}
		}
	}
	left[holder] = have - 1
	return have-1 >= need
}

// Needed returns how many of the refs in a field of a record must work, or 0 for all.
func Needed(f *model.Field, rec model.Record) int {
	if f.NeededBy == "" {
		return 0
	}
	n, _ := f.Kind.Field(f.NeededBy).Get(rec).(int)
	return n
}
