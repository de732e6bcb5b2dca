package architecture

import (
	"slices"

	"binnacle/practice"
)

// untied returns the graph without circles, and the records of each circle. The
// records of a circle become leaves under one new part that needs all of them
// and all that they need from outside; whoever needed one of them needs that part.
func (g *graph) untied() (*graph, [][]practice.Link) {
	circle := g.circles()
	var names [][]practice.Link
	hubs := map[int32]int32{}
	out := &graph{parts: make([]part, len(g.parts)), place: g.place}
	for i, p := range g.parts {
		out.parts[i] = part{rec: p.rec, all: slices.Clone(p.all)}
		for _, s := range p.some {
			out.parts[i].some = append(out.parts[i].some, group{need: s.need, of: slices.Clone(s.of)})
		}
		if c := circle[i]; c >= 0 {
			if _, seen := hubs[c]; !seen {
				hubs[c] = int32(len(g.parts) + len(hubs))
				names = append(names, nil)
			}
			at := hubs[c] - int32(len(g.parts))
			names[at] = append(names[at], practice.To(p.rec))
		}
	}
	if len(hubs) == 0 {
		return g, nil
	}
	out.parts = append(out.parts, make([]part, len(hubs))...)
	for i := range g.parts {
		if c := circle[i]; c >= 0 {
			out.moveToHub(int32(i), hubs[c], func(n int32) bool { return circle[n] == c })
		}
	}
	for i := range out.parts {
		out.redirect(&out.parts[i], int32(i), func(n int32) int32 {
			if int(n) < len(circle) && circle[n] >= 0 {
				return hubs[circle[n]]
			}
			return n
		}, len(g.parts))
	}
	if c := circle[0]; c >= 0 {
		// The first part is what is asked about: it takes the place of its hub.
		out.parts[0].all = append(out.parts[0].all, hubs[c])
		h := &out.parts[hubs[c]]
		h.all = slices.DeleteFunc(h.all, func(n int32) bool { return n == 0 })
	}
	out.link()
	return out, names
}

// moveToHub moves what a part needs from outside its circle to the hub, which also needs the part.
func (g *graph) moveToHub(at, hub int32, inside func(int32) bool) {
	p, h := &g.parts[at], &g.parts[hub]
	h.all = append(h.all, at)
	for _, n := range p.all {
		if !inside(n) {
			h.all = append(h.all, n)
		}
	}
	for _, s := range p.some {
		outside := slices.DeleteFunc(slices.Clone(s.of), inside)
		if need := s.need - (len(s.of) - len(outside)); need > 0 && len(outside) > 0 {
			h.some = append(h.some, group{need: need, of: outside})
		}
	}
	p.all, p.some = nil, nil
}

// redirect replaces parts of circles by their hubs in what a part needs. A hub keeps its own members.
func (g *graph) redirect(p *part, at int32, to func(int32) int32, first int) {
	for i, n := range p.all {
		if int(at) < first || to(n) != at {
			p.all[i] = to(n)
		}
	}
	for _, s := range p.some {
		for i, n := range s.of {
			s.of[i] = to(n)
		}
	}
}

// circles returns for each part the number of the circle that it is in, or -1.
// It is the search of Tarjan, without recursion, because chains may be long.
func (g *graph) circles() []int32 {
	n := len(g.parts)
	circle, index, low := make([]int32, n), make([]int32, n), make([]int32, n)
	onStack := make([]bool, n)
	for i := range circle {
		circle[i] = -1
	}
	type frame struct {
		at    int32
		needs []int32
	}
	var stack []int32
	var next, found int32
	for start := range g.parts {
		if index[start] != 0 {
			continue
		}
		var frames []frame
		enter := func(at int32) {
			next++
			index[at], low[at], onStack[at] = next, next, true
			stack = append(stack, at)
			frames = append(frames, frame{at, g.needs(at)})
		}
		enter(int32(start))
		for len(frames) > 0 {
			f := &frames[len(frames)-1]
			if len(f.needs) > 0 {
				to := f.needs[0]
				f.needs = f.needs[1:]
				if index[to] == 0 {
					enter(to)
				} else if onStack[to] {
					low[f.at] = min(low[f.at], index[to])
				}
				continue
			}
			at := f.at
			frames = frames[:len(frames)-1]
			if len(frames) > 0 {
				up := frames[len(frames)-1].at
				low[up] = min(low[up], low[at])
			}
			if low[at] != index[at] {
				continue
			}
			from := slices.Index(stack, at)
			for _, member := range stack[from:] {
				onStack[member] = false
				if len(stack)-from > 1 {
					circle[member] = found
				}
			}
			if len(stack)-from > 1 {
				found++
			}
			stack = stack[:from]
		}
	}
	return circle
}
