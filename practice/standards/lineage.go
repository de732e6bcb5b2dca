package standards

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// LineageIn says whose lineage is shown.
type LineageIn struct {
	// Decision is one decision of the lineage. Unset means all lineages.
	Decision model.Ref `to:"DecisionRecord"`
}

// LineageOut is which decisions took the place of which.
type LineageOut struct {
	// Superseded are the decisions whose place another one took.
	Superseded practice.Figure
	// Lines are the decisions with what they took the place of.
	Lines practice.Table[LineageRow]
	// Lineage shows them.
	Lineage practice.Picture
	// Findings are chains that are broken, lead back to themselves or end in nothing that holds.
	Findings []practice.Finding
}

// LineageRow is a decision that took the place of others.
type LineageRow struct {
	// Decision is the decision.
	Decision practice.Link
	// State says where it stands.
	State model.DecisionState
	// Supersedes are the decisions whose place it took.
	Supersedes []practice.Link
	// Holds is the decision that holds today, at the end of the chain. Empty means that none does.
	Holds []practice.Link
}

// Lineage shows which decisions took the place of which, and finds chains that are broken or circular.
func Lineage(v estate.View, in LineageIn) (LineageOut, error) {
	var out LineageOut
	list := allDecisions(v)
	if !in.Decision.IsZero() {
		d, err := looked[*model.DecisionRecord](v, "decision", in.Decision)
		if err != nil {
			return out, err
		}
		list = familyOf(v, d)
	}
	var drawn []*model.DecisionRecord
	var replaced []practice.Link
	for _, d := range list {
		by := supersededBy(v, d)
		if len(by) > 0 {
			replaced = append(replaced, practice.To(d))
		}
		if len(by) > 0 || len(d.Supersedes) > 0 || !in.Decision.IsZero() {
			drawn = append(drawn, d)
		}
		if len(d.Supersedes) > 0 {
			out.Lines.Rows = append(out.Lines.Rows, LineageRow{practice.To(d), d.State, linksOf(v, d.Supersedes), practice.ToAll(heads(v, d))})
		}
	}
	out.Superseded = practice.Counted("decisions", practice.Neither, replaced)
	out.Lineage = lineagePicture(v, drawn)
	out.Findings = lineageFaults(v, list)
	return out, nil
}

// familyOf returns a decision with all that it is joined to by superseding, by key.
func familyOf(v estate.View, d *model.DecisionRecord) []*model.DecisionRecord {
	seen := map[model.Ref]bool{d.Ref(): true}
	out := []*model.DecisionRecord{d}
	for i := 0; i < len(out); i++ {
		next := supersededBy(v, out[i])
		for _, ref := range out[i].Supersedes {
			if o, ok := estate.Look[*model.DecisionRecord](v, ref); ok {
				next = append(next, o)
			}
		}
		for _, o := range next {
			if !seen[o.Ref()] {
				seen[o.Ref()] = true
				out = append(out, o)
			}
		}
	}
	slices.SortFunc(out, func(a, b *model.DecisionRecord) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// heads returns the decisions that hold at the end of the chain that starts at one: those that nothing supersedes and that are accepted, or whose text says no status.
func heads(v estate.View, d *model.DecisionRecord) []*model.DecisionRecord {
	seen := map[model.Ref]bool{d.Ref(): true}
	var out []*model.DecisionRecord
	for queue := []*model.DecisionRecord{d}; len(queue) > 0; queue = queue[1:] {
		by := supersededBy(v, queue[0])
		if len(by) == 0 && (queue[0].State == model.DecisionAccepted || queue[0].State == "") {
			out = append(out, queue[0])
		}
		for _, o := range by {
			if !seen[o.Ref()] {
				seen[o.Ref()] = true
				queue = append(queue, o)
			}
		}
	}
	return out
}

// lineagePicture draws decisions with arrows from the newer one to the older one.
func lineagePicture(v estate.View, list []*model.DecisionRecord) practice.Picture {
	out := practice.Picture{Type: practice.GraphPicture}
	place := map[model.Ref]int{}
	for i, d := range list {
		place[d.Ref()] = i
		n := practice.Node{Link: practice.To(d), Group: string(d.State)}
		if d.State == model.DecisionAccepted {
			n.Severity = practice.Info
		}
		out.Nodes = append(out.Nodes, n)
	}
	for i, d := range list {
		for _, ref := range d.Supersedes {
			if j, ok := place[ref]; ok {
				out.Edges = append(out.Edges, practice.Join{From: i, To: j, Label: "supersedes"})
			}
		}
		for _, ref := range d.Relates {
			if j, ok := place[ref]; ok {
				out.Edges = append(out.Edges, practice.Join{From: i, To: j, Label: "relates to"})
			}
		}
	}
	return out
}

// lineageFaults finds what is wrong with how decisions take each other's place.
func lineageFaults(v estate.View, list []*model.DecisionRecord) []practice.Finding {
	var out []practice.Finding
	add := func(s practice.Severity, d *model.DecisionRecord, from []practice.Link, mend *practice.Mend, text string, args ...any) {
		out = append(out, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: practice.To(d), From: from, Owner: practice.OwnerOf(v, d), Mend: mend})
	}
	inCircle := circles(v, list)
	for _, d := range list {
		if circle := inCircle[d.Ref()]; circle != nil {
			if circle[0] == d {
				add(practice.High, d, practice.ToAll(circle), nil, "These decisions supersede each other in a circle, so that none holds: %s.", practice.Some(practice.ToAll(circle)))
			}
			continue
		}
		by := supersededBy(v, d)
		links := practice.ToAll(by)
		holds := slices.IndexFunc(by, func(o *model.DecisionRecord) bool {
			return o.State == model.DecisionAccepted || o.State == model.DecisionSuperseded || o.State == model.DecisionDeprecated
		})
		rejected := slices.IndexFunc(by, func(o *model.DecisionRecord) bool { return o.State == model.DecisionRejected })
		switch {
		case d.State == model.DecisionSuperseded && len(by) == 0:
			add(practice.Medium, d, nil, nil, "%s is superseded, and nothing says by which decision: name it.", d.Title())
		case rejected >= 0 && holds < 0:
			add(practice.High, d, links, &practice.Mend{Action: "standards.decide", Parameters: map[string]string{"decision": d.Key, "state": "accepted"}}, "%s is superseded by %s, which was rejected: nothing holds in its place.", d.Title(), by[rejected].Title())
		case d.State == model.DecisionAccepted && holds >= 0 && by[holds].State == model.DecisionAccepted:
			add(practice.Medium, d, links, &practice.Mend{Action: "standards.supersede", Parameters: map[string]string{"old": d.Key, "new": by[holds].Key}}, "%s is accepted, and %s supersedes it: only one of them can hold.", d.Title(), by[holds].Title())
		case d.State == model.DecisionSuperseded && holds < 0 && by[0].State != "":
			add(practice.Medium, d, links, &practice.Mend{Action: "standards.decide", Parameters: map[string]string{"decision": by[0].Key}}, "%s is superseded by %s, which is only %s: nothing holds until that is decided.", d.Title(), by[0].Title(), by[0].State)
		}
	}
	practice.WorstFirst(out)
	return out
}

// circles finds the decisions that supersede themselves over others: the circle that each is in, the same list for all of one circle.
func circles(v estate.View, list []*model.DecisionRecord) map[model.Ref][]*model.DecisionRecord {
	const (
		fresh = iota
		onPath
		done
	)
	mark := map[model.Ref]int{}
	out := map[model.Ref][]*model.DecisionRecord{}
	type step struct {
		rec  *model.DecisionRecord
		next int
	}
	for _, start := range list {
		if mark[start.Ref()] != fresh {
			continue
		}
		path := []step{{rec: start}}
		mark[start.Ref()] = onPath
		for len(path) > 0 {
			at := &path[len(path)-1]
			if at.next == len(at.rec.Supersedes) {
				mark[at.rec.Ref()] = done
				path = path[:len(path)-1]
				continue
			}
			next, ok := estate.Look[*model.DecisionRecord](v, at.rec.Supersedes[at.next])
			at.next++
			switch {
			case !ok:
			case mark[next.Ref()] == fresh:
				mark[next.Ref()] = onPath
				path = append(path, step{rec: next})
			case mark[next.Ref()] == onPath:
				i := slices.IndexFunc(path, func(s step) bool { return s.rec == next })
				var circle []*model.DecisionRecord
				for _, s := range path[i:] {
					circle = append(circle, s.rec)
				}
				slices.SortFunc(circle, func(a, b *model.DecisionRecord) int { return strings.Compare(a.Key, b.Key) })
				for _, d := range circle {
					if out[d.Ref()] == nil {
						out[d.Ref()] = circle
					}
				}
			}
		}
	}
	return out
}
