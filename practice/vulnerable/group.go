package vulnerable

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/model"
)

// groupsOf puts the advisories that share an identifier into groups, and returns these by every identifier.
func groupsOf(all []*model.Advisory) map[string]*Group {
	u := union{of: make(map[string]int32, 2*len(all))}
	first := make([]int32, len(all))
	for i, a := range all {
		first[i] = u.id(a.Key)
		for _, alias := range a.Aliases {
			u.join(first[i], u.id(alias))
		}
	}
	groups := map[int32]*Group{}
	for i, a := range all {
		root := u.root(first[i])
		g := groups[root]
		if g == nil {
			g = &Group{}
			groups[root] = g
		}
		g.Advisories = append(g.Advisories, a)
		g.name(a.Key)
		for _, alias := range a.Aliases {
			g.name(alias)
		}
	}
	out := make(map[string]*Group, len(u.of))
	for id, n := range u.of {
		out[id] = groups[u.root(n)]
	}
	return out
}

// name takes an identifier as that of the group where people know it better.
func (g *Group) name(id string) {
	if g.ID == "" || better(id, g.ID) {
		g.ID = id
	}
}

// union finds out which identifiers belong together.
type union struct {
	of     map[string]int32
	parent []int32
}

// id returns the number of an identifier. Case does not matter, which is why all are in upper case.
func (u *union) id(text string) int32 {
	text = strings.ToUpper(strings.TrimSpace(text))
	n, ok := u.of[text]
	if !ok {
		n = int32(len(u.parent))
		u.of[text], u.parent = n, append(u.parent, n)
	}
	return n
}

func (u *union) root(n int32) int32 {
	for u.parent[n] != n {
		u.parent[n] = u.parent[u.parent[n]]
		n = u.parent[n]
	}
	return n
}

func (u *union) join(a, b int32) { u.parent[u.root(b)] = u.root(a) }

// prefixes are the beginnings of identifiers that people know best, the best known first.
var prefixes = []string{"CVE-", "GHSA-"}

// better reports whether people know a vulnerability rather by the first identifier than by the second.
func better(a, b string) bool {
	rank := func(id string) int {
		if i := slices.IndexFunc(prefixes, func(p string) bool { return strings.HasPrefix(id, p) }); i >= 0 {
			return i
		}
		return len(prefixes)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(len(a), len(b)), strings.Compare(a, b)) < 0
}

// group returns the group of an identifier, or nil.
func (b *book) group(id string) *Group { return b.groups[strings.ToUpper(strings.TrimSpace(id))] }
