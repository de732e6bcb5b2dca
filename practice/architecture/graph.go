package architecture

import (
	"binnacle/estate"
	"binnacle/model"
)

// graph is a part of the estate in a form that is quick to fail: records as
// numbers, each with what it cannot do without.
type graph struct {
	parts []part
	place map[model.Ref]int32
	// groups is how many groups all parts have together. Each has a number.
	groups int
}

// part is a record in a graph.
type part struct {
	// rec is nil for a part that only ties others together.
	rec model.Record
	// all are the parts that must all work.
	all []int32
	// some are the groups of parts of which only a number must work.
	some []group
	// users are the parts that need this one.
	users []user
}

// group is several parts of which at least need must work.
type group struct {
	number int32
	need   int
	of     []int32
}

// user is a part that needs another, in one of its groups, or without any where group is -1.
type user struct{ part, group int32 }

// upFrom returns everything that some records depend on, and themselves.
func upFrom(v estate.View, starts ...model.Ref) *graph {
	steps := v.Reach(estate.Up, starts...).Steps
	g := &graph{parts: make([]part, len(steps)), place: make(map[model.Ref]int32, len(steps))}
	for i, s := range steps {
		g.parts[i].rec = s.Record
		g.place[s.Record.Base().Ref()] = int32(i)
	}
	for i := range g.parts {
		g.connect(v, int32(i))
	}
	g.link()
	return g
}

// connect fills in what a part needs, and that the parts which it serves need it.
func (g *graph) connect(v estate.View, at int32) {
	p := &g.parts[at]
	byField := map[*model.Field]int{}
	for e := range v.Out(p.rec.Base().Ref()) {
		to, inside := g.place[e.Record.Base().Ref()]
		switch {
		case !inside || to == at:
		case e.Field.Flow == model.Serves:
			g.parts[to].all = append(g.parts[to].all, at)
		case e.Field.Flow == model.Needs && estate.Needed(e.Field, p.rec) > 0:
			i, seen := byField[e.Field]
			if !seen {
				i = len(p.some)
				byField[e.Field] = i
				p.some = append(p.some, group{need: estate.Needed(e.Field, p.rec)})
			}
			p.some[i].of = append(p.some[i].of, to)
		case e.Field.Flow == model.Needs:
			p.all = append(p.all, to)
		}
	}
}

// link numbers the groups and makes the way back from each part to its users.
func (g *graph) link() {
	g.groups = 0
	for i := range g.parts {
		p := &g.parts[i]
		for _, need := range p.all {
			g.parts[need].users = append(g.parts[need].users, user{int32(i), -1})
		}
		for j := range p.some {
			p.some[j].number = int32(g.groups)
			g.groups++
			for _, need := range p.some[j].of {
				g.parts[need].users = append(g.parts[need].users, user{int32(i), int32(j)})
			}
		}
	}
}

// failure plays the failure of parts of a graph, over and over without allocating.
type failure struct {
	g     *graph
	round uint32
	down  []uint32
	from  []int32
	lost  []int
	lostR []uint32
	queue []int32
	// out marks parts that are as if they were not there: they neither fail nor make fail. Nil means none.
	out []bool
}

func newFailure(g *graph) *failure {
	return &failure{g: g, down: make([]uint32, len(g.parts)), from: make([]int32, len(g.parts)), lost: make([]int, g.groups), lostR: make([]uint32, g.groups)}
}

// of fails some parts and returns all that fail with them, these first. The
// result holds until the next call.
func (f *failure) of(starts ...int32) []int32 {
	f.round++
	f.queue = f.queue[:0]
	for _, s := range starts {
		f.fail(s, -1)
	}
	for i := 0; i < len(f.queue); i++ {
		at := f.queue[i]
		for _, u := range f.g.parts[at].users {
			if f.down[u.part] == f.round || u.group >= 0 && f.stillEnough(u) {
				continue
			}
			f.fail(u.part, at)
		}
	}
	return f.queue
}

func (f *failure) fail(at, from int32) {
	if f.down[at] != f.round && !f.hidden(at) {
		f.down[at], f.from[at] = f.round, from
		f.queue = append(f.queue, at)
	}
}

// stillEnough takes one part of a group away and reports whether enough is left.
func (f *failure) stillEnough(u user) bool {
	grp := &f.g.parts[u.part].some[u.group]
	if f.lostR[grp.number] != f.round {
		f.lostR[grp.number], f.lost[grp.number] = f.round, 0
	}
	f.lost[grp.number]++
	return len(grp.of)-f.lost[grp.number] >= grp.need
}

// hidden reports whether a part is as if it were not there.
func (f *failure) hidden(at int32) bool { return f.out != nil && f.out[at] }

// failed reports whether a part failed in the last round.
func (f *failure) failed(at int32) bool { return f.down[at] == f.round }

// path returns the parts through which the last failure came to a part, the cause first.
func (f *failure) path(at int32) []int32 {
	var out []int32
	for ; at >= 0; at = f.from[at] {
		out = append([]int32{at}, out...)
	}
	return out
}
