package access

import (
	"fmt"
	"strings"

	"binnacle/model"
)

// Line is what somebody may do with some kinds of a group.
type Line struct {
	// Group is the name of the group.
	Group string
	// Kinds are the labels of the kinds, and Whole says that they are all of the group.
	Kinds []string
	Whole bool
	// Read, Write and Approve say which records.
	Read, Write, Approve model.Extent
}

// Table lists what roles add up to, group by group. Kinds of one group that are alike share a line.
func Table(schema *model.Schema, roles []*model.Role) []Line {
	r := rightsOf(schema, roles)
	return lines(schema, func(k *model.Kind) grant { return r.kinds[k.Name] })
}

// Table lists what the principal may do, group by group.
func (p *Principal) Table() []Line {
	return lines(p.now.Schema(), func(k *model.Kind) grant { return p.grant(k.Name) })
}

func lines(schema *model.Schema, of func(*model.Kind) grant) []Line {
	type key struct {
		group string
		grant grant
	}
	var out []Line
	at, size := map[key]int{}, map[string]int{}
	for _, k := range schema.Kinds() {
		g := of(k)
		size[k.Group]++
		i, ok := at[key{k.Group, g}]
		if !ok {
			i = len(out)
			at[key{k.Group, g}] = i
			out = append(out, Line{Group: k.Group, Read: g.read.name(), Write: g.write.name(), Approve: g.approve.name()})
		}
		out[i].Kinds = append(out[i].Kinds, k.Plural)
	}
	for i := range out {
		out[i].Whole = len(out[i].Kinds) == size[out[i].Group]
	}
	return out
}

// Matrix writes out for people what each role may do with each kind.
func Matrix(schema *model.Schema, roles []*model.Role) string {
	var b strings.Builder
	for _, r := range roles {
		fmt.Fprintf(&b, "%s: %s\n", r.Title(), r.Description)
		for _, p := range Powers(r) {
			fmt.Fprintf(&b, "    %s\n", p)
		}
		fmt.Fprintf(&b, "    %-6s %-6s %-8s %s\n", "read", "write", "approve", "kinds")
		for _, l := range Table(schema, []*model.Role{r}) {
			kinds := l.Group
			if !l.Whole {
				kinds += ": " + strings.Join(l.Kinds, ", ")
			}
			fmt.Fprintf(&b, "    %-6s %-6s %-8s %s\n", l.Read, l.Write, l.Approve, kinds)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Powers says what a role allows or asks for beside its table.
func Powers(r *model.Role) []string {
	var out []string
	for _, p := range []struct {
		has  bool
		says string
	}{
		{r.Administers, "Administers accounts, roles, feeds and kinds"},
		{r.ReadsConfidential, "Reads confidential records"},
		{r.Imports, "Imports files"},
		{r.SecondFactor, "Comes in only with a second factor"},
	} {
		if p.has {
			out = append(out, p.says)
		}
	}
	return out
}
