package delivery

import (
	"cmp"
	"maps"
	"slices"
	gosort "sort"
)

// brought finds out which commits and requests each deployment to production brought. Where an inclusion tells the commits of a
// deployment, these are they. Elsewhere they are the commits of the branch that is delivered which were pushed up to the commit that was deployed, and after
// that of the deployment before it of the same service. What the first deployment of a service brought nobody can tell, because nobody knows what was there before.
func (b *builder) brought() {
	told, named := b.told()
	for _, service := range sortedKeys(b.groups) {
		if g := b.groups[service]; len(g.deployments) > 0 {
			t := &bringer{b: b, g: g, commits: map[int64]int{}, requests: map[int64]int{}}
			t.inclusions(told)
			t.byTime(told, named)
			t.samples()
		}
	}
}

// told returns the commits of deployments that inclusions name, and all commits that any of those to production has.
func (b *builder) told() (map[int64][]int64, map[int64]bool) {
	told, named := map[int64][]int64{}, map[int64]bool{}
	if len(b.of[inclusion]) == 0 {
		return told, named
	}
	reached := map[int64]bool{}
	for _, g := range b.groups {
		for i := range g.deployments {
			reached[g.deployments[i].id] = true
		}
	}
	for i := range b.of[inclusion] {
		r := &b.of[inclusion][i]
		told[r.parent] = append(told[r.parent], r.id)
		if reached[r.parent] {
			named[r.id] = true
		}
	}
	return told, named
}

// bringer does that for one service. Its maps lead from a commit and from a request to the place of the first deployment that brought it.
type bringer struct {
	b                 *builder
	g                 *group
	commits, requests map[int64]int
}

func first(m map[int64]int, id int64, at int) {
	if had, ok := m[id]; !ok || at < had {
		m[id] = at
	}
}

// inclusions takes what is told.
func (t *bringer) inclusions(told map[int64][]int64) {
	if len(told) == 0 {
		return
	}
	of := map[int64][]int64{}
	for i := range t.b.of[change] {
		if r := &t.b.of[change][i]; r.parent != 0 && r.result == merged {
			of[r.parent] = append(of[r.parent], r.id)
		}
	}
	for i := range t.g.deployments {
		for _, c := range told[t.g.deployments[i].id] {
			first(t.commits, c, i)
			for _, id := range of[c] {
				first(t.requests, id, i)
			}
		}
	}
}

// byTime finds by the moment of the push what no inclusion names.
func (t *bringer) byTime(told map[int64][]int64, named map[int64]bool) {
	ds := t.g.deployments
	until := make([]uint32, len(ds))
	for i := range ds {
		until[i] = ds[i].start
		if c := t.b.find(commit, ds[i].commit); c != nil {
			until[i] = max(c.start, c.end)
		}
		if i > 0 {
			until[i] = max(until[i], until[i-1])
		}
	}
	branches := map[string]bool{}
	for i := range t.b.of[deployment] {
		if r := &t.b.of[deployment][i]; r.service == t.g.service {
			branches[r.branch] = true
		}
	}
	// place returns the deployment that brought what was pushed at a moment, or -1.
	place := func(at uint32) int {
		i := gosort.Search(len(until), func(i int) bool { return until[i] >= at })
		if at == 0 || i == 0 || i == len(until) || len(told[ds[i].id]) > 0 {
			return -1
		}
		return i
	}
	for i := range t.b.of[commit] {
		r := &t.b.of[commit][i]
		if named[r.id] || r.service != "" && r.service != t.g.service || r.branch != "" && !t.b.settings.delivered(r.branch) && !branches[r.branch] {
			continue
		}
		if at := place(max(r.start, r.end)); at >= 0 {
			first(t.commits, r.id, at)
		}
	}
	for i := range t.b.of[change] {
		r := &t.b.of[change][i]
		if r.result != merged || named[r.parent] || r.service != "" && r.service != t.g.service {
			continue
		}
		at := place(r.end)
		if by, ok := t.commits[r.parent]; ok {
			at = by
		}
		if at >= 0 {
			first(t.requests, r.id, at)
		}
	}
}

// samples notes the commits with their lead times: those that were brought themselves, and those of requests that were brought. What a
// request became when it was merged was written by nobody, so it is left out where commits of the request are known.
func (t *bringer) samples() {
	commits := maps.Clone(t.commits)
	has := map[int64]bool{}
	for i := range t.b.of[commit] {
		r := &t.b.of[commit][i]
		if at, ok := t.requests[r.parent]; ok && r.parent != 0 {
			first(commits, r.id, at)
			if r.start > 0 {
				has[r.parent] = true
			}
		}
	}
	for _, id := range sortedKeys(t.requests) {
		at := t.requests[id]
		end := t.g.deployments[at].end
		t.g.changes = append(t.g.changes, changed{id: id, deployed: end})
		if r := t.b.find(change, id); has[id] {
			if own := t.b.find(commit, r.parent); own == nil || own.parent != id || own.start >= r.end {
				delete(commits, r.parent)
			}
		} else if t.b.find(commit, r.parent) == nil {
			delete(commits, r.parent)
			t.g.undated = append(t.g.undated, end)
		}
	}
	for _, id := range sortedKeys(commits) {
		end := t.g.deployments[commits[id]].end
		r := t.b.find(commit, id)
		if r == nil || r.start == 0 {
			t.g.undated = append(t.g.undated, end)
			continue
		}
		t.g.samples = append(t.g.samples, sample{at: end, lead: end - min(end, r.start), commit: id})
	}
	slices.SortFunc(t.g.samples, func(x, y sample) int {
		return cmp.Or(cmp.Compare(x.at, y.at), cmp.Compare(x.lead, y.lead), cmp.Compare(x.commit, y.commit))
	})
	slices.Sort(t.g.undated)
}

// sortedKeys returns the keys of a map in their order.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
