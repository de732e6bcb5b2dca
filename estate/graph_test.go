package estate

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"binnacle/model"
)

// plainEdges lists, for every record, what depends on it, with the field that says so.
func plainEdges(s *Snapshot, records map[model.ID]model.Record, dir Direction) map[model.ID][]model.ID {
	out := map[model.ID][]model.ID{}
	for id, rec := range records {
		for _, f := range s.schema.Of(rec).RefFields() {
			flow := s.schema.RefField(f.NumberIn(rec)).Flow
			for _, r := range f.AppendRefs(nil, rec) {
				holder, target := id, model.ID(r)
				if flow == model.NoFlow || records[target] == nil {
					continue
				}
				if (flow == model.Serves) == (dir == Down) {
					out[holder] = append(out[holder], target)
				} else {
					out[target] = append(out[target], holder)
				}
			}
		}
	}
	return out
}

// plainDepths walks a graph and returns how far away each record is.
func plainDepths(edges map[model.ID][]model.ID, start model.ID) map[model.ID]int {
	depth, queue := map[model.ID]int{start: 0}, []model.ID{start}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, to := range edges[at] {
			if _, seen := depth[to]; !seen {
				depth[to] = depth[at] + 1
				queue = append(queue, to)
			}
		}
	}
	return depth
}

func TestReachIsWhatAPlainWalkReaches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory()
		if rapid.Bool().Draw(t, "founded") {
			h.found(t)
		}
		for range rapid.IntRange(2, 6).Draw(t, "entries") {
			h.step(t)
			all := h.sorted()
			if len(all) == 0 {
				continue
			}
			start := rapid.SampledFrom(all).Draw(t, "start").Base().Ref()
			for _, dir := range []Direction{Down, Up} {
				v := h.snap().View(0)
				want := plainDepths(plainEdges(h.snap(), h.records, dir), model.ID(start))
				along := v.ReachAlong(dir, func(f *model.Field) bool { return f.Flow != model.NoFlow }, start)
				for name, c := range map[string]*Closure{"Reach": v.Reach(dir, start), "ReachAlong": along} {
					got := map[model.ID]int{}
					for i, s := range c.Steps {
						got[s.Record.Base().ID] = s.Depth
						checkStep(t, v, c, i)
					}
					if !maps.Equal(got, want) {
						t.Fatalf("%s in direction %d from %s: %v, want %v", name, dir, start, got, want)
					}
				}
				if n := v.Size(dir, start); n != len(want) {
					t.Fatalf("Size is %d, want %d", n, len(want))
				}
			}
		}
	})
}

// checkStep fails where a step does not lead along a ref that is there, or where its path does not begin at a start.
func checkStep(t *rapid.T, v View, c *Closure, i int) {
	s := c.Steps[i]
	if path := c.Path(i); len(path) != s.Depth+1 || path[0].From != -1 || c.Find(s.Record.Base().Ref()) != i {
		t.Fatalf("step %d of depth %d has a path of %d", i, s.Depth, len(path))
	}
	if s.From < 0 {
		return
	}
	holder, target := c.Steps[s.From].Record, s.Record
	if !s.Forward {
		holder, target = target, holder
	}
	refs := v.Schema().Of(holder).RefFields()
	if !slices.ContainsFunc(refs, func(f *model.Field) bool {
		return f.Path() == s.Field.Path() && slices.Contains(f.AppendRefs(nil, holder), target.Base().Ref())
	}) {
		t.Fatalf("step %d goes along %s, which leads elsewhere", i, s.Field.Path())
	}
}

// plainOutage grows the set of what fails until nothing more does.
func plainOutage(s *Snapshot, records map[model.ID]model.Record, start model.ID) (failed, weak map[model.ID]bool) {
	failed, weak = map[model.ID]bool{start: true}, map[model.ID]bool{}
	for grown := true; grown; {
		grown = false
		clear(weak)
		for id, rec := range records {
			for _, f := range s.schema.Of(rec).RefFields() {
				flow, left, lost := s.schema.RefField(f.NumberIn(rec)).Flow, map[model.ID]bool{}, false
				for _, r := range f.AppendRefs(nil, rec) {
					to := model.ID(r)
					if records[to] == nil {
						continue
					}
					if flow == model.Serves && failed[id] && !failed[to] {
						failed[to], grown = true, true
					}
					if lost = lost || failed[to]; !failed[to] {
						left[to] = true
					}
				}
				if flow != model.Needs || !lost || failed[id] {
					continue
				}
				if need := Needed(f, rec); need == 0 || len(left) < need {
					failed[id], grown = true, true
				} else {
					weak[id] = true
				}
			}
		}
	}
	for id := range failed {
		delete(weak, id)
	}
	return failed, weak
}

func TestAnOutageSpreadsAsAPlainLookSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := map[model.ID]model.Record{}
		var refs []model.Ref
		for i := range rapid.IntRange(2, 12).Draw(t, "hosts") {
			h := &model.Host{Meta: model.Meta{ID: model.ID{14: 1, 15: byte(i)}, Key: fmt.Sprint("h", i), Version: 1}}
			if i > 0 && rapid.Bool().Draw(t, "virtual") {
				h.RunsOn = rapid.SampledFrom(refs).Draw(t, "on")
			}
			records[h.ID], refs = h, append(refs, h.Ref())
		}
		apps := rapid.IntRange(1, 8).Draw(t, "applications")
		var appRefs []model.Ref
		for i := range apps {
			appRefs = append(appRefs, model.Ref{14: 2, 15: byte(i)})
		}
		for i, ref := range appRefs {
			a := &model.Application{Meta: model.Meta{ID: model.ID(ref), Key: fmt.Sprint("a", i), Version: 1}, RunsOnNeeded: rapid.IntRange(0, 3).Draw(t, "needed")}
			a.RunsOn = rapid.SliceOfNDistinct(rapid.SampledFrom(refs), 0, min(4, len(refs)), rapid.ID[model.Ref]).Draw(t, "runs on")
			a.DependsOn = rapid.SliceOfNDistinct(rapid.SampledFrom(appRefs), 0, min(2, apps), rapid.ID[model.Ref]).Draw(t, "depends on")
			records[a.ID] = a
			f := &model.Interface{Meta: model.Meta{ID: model.ID{14: 3, 15: byte(i)}, Key: fmt.Sprint("i", i), Version: 1}, From: ref, Into: rapid.SampledFrom(appRefs).Draw(t, "into"), Critical: rapid.Bool().Draw(t, "critical")}
			records[f.ID] = f
		}
		s, err := Load(model.Stamp{Seq: 1}, maps.Values(records))
		if err != nil {
			t.Fatal(err)
		}
		start := rapid.SampledFrom(refs).Draw(t, "start")
		failed, weak := plainOutage(s, records, model.ID(start))
		out := s.View(0).Fail(start)
		gotFailed, gotWeak := map[model.ID]bool{}, map[model.ID]bool{}
		for _, step := range out.Steps {
			gotFailed[step.Record.Base().ID] = true
		}
		for _, rec := range out.Weakened {
			gotWeak[rec.Base().ID] = true
		}
		if !maps.Equal(gotFailed, failed) || len(out.Steps) != len(failed) {
			t.Fatalf("%d fail, want %d", len(gotFailed), len(failed))
		}
		if !maps.Equal(gotWeak, weak) || len(out.Weakened) != len(weak) {
			t.Fatalf("%d are weakened, want %d", len(gotWeak), len(weak))
		}
	})
}

func TestAnIdentityThatIsDefinedLaterCountsAtOnce(t *testing.T) {
	d := &model.FieldDefinition{Meta: model.Meta{ID: model.ID{13: 1, 15: 1}, Key: "Host.berth"}, Kind: "Host", Field: "berth", Type: "text"}
	s := edited(t, hosts(t, 3), d)
	host := model.Clone(s.Find("Host", "h000001").(*model.Host))
	s.schema.Kind("Host").Field("berth").Set(host, "N1")
	s = edited(t, s, host)
	known := func() bool { return s.Identify("Host", "berth", "N1") != nil }
	for _, ident := range []string{"", "berth", "", "berth"} {
		now := model.Clone(s.Find("FieldDefinition", "Host.berth").(*model.FieldDefinition))
		now.Ident, now.Description = ident, "Berth, known by "+ident
		if s = edited(t, s, now); known() != (ident != "") {
			t.Errorf("with the identity %q the host is known: %v", ident, known())
		}
	}
	gone, _ := model.Difference(s.schema.Kind("FieldDefinition"), s.Find("FieldDefinition", "Host.berth"), nil)
	var err error
	if s, err = s.Apply(model.Stamp{Seq: 99}, []model.Change{gone}); err != nil || known() {
		t.Errorf("after the definition went the host is known: %v (%v)", known(), err)
	}
}

func TestFieldsKeepTheirEdgesWhenAnOlderOneGoes(t *testing.T) {
	link := func(n byte, field string) *model.FieldDefinition {
		return &model.FieldDefinition{Meta: model.Meta{ID: model.ID{13: 1, 15: n}, Key: "Host." + field}, Kind: "Host", Field: field, Type: "ref", To: []string{"Site"}, Flow: model.DefinableFlow([]string{"none", "needs"}[n-1])}
	}
	s := edited(t, edited(t, hosts(t, 3), link(1, "spare")), link(2, "berth"))
	host := model.Clone(s.Find("Host", "h000001").(*model.Host))
	host.Site = model.Ref{}
	s.schema.Kind("Host").Field("berth").Set(host, model.Ref{14: 1})
	s = edited(t, s, host)
	gone, _ := model.Difference(s.schema.Kind("FieldDefinition"), s.Find("FieldDefinition", "Host.spare"), nil)
	after, err := s.Apply(model.Stamp{Seq: 99}, []model.Change{gone})
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*Snapshot{"before": s, "after": after} {
		c := s.View(0).Reach(Up, host.Ref())
		if len(c.Steps) != 2 || c.Steps[1].Field.Name != "berth" {
			t.Errorf("%s: the host leads up to %d records", name, len(c.Steps)-1)
		}
	}
}

func TestARecordThatCameBackIsTheSame(t *testing.T) {
	s := hosts(t, 300)
	host := s.Find("Host", "h000007")
	gone, _ := model.Difference(s.schema.Of(host), host, nil)
	without, err := s.Apply(model.Stamp{Seq: 2}, []model.Change{gone})
	if err != nil {
		t.Fatal(err)
	}
	back, err := without.Rewind(s.stamp, []model.Change{gone})
	if err != nil {
		t.Fatal(err)
	}
	if d := Differences(s, back); len(d) > 0 {
		t.Errorf("after going back there are differences: %+v", d)
	}
	if d := Differences(without, back); len(d) != 1 || d[0].Op != model.Create {
		t.Errorf("the record that came back makes the differences %+v", d)
	}
}

// TestHubsAreNoTrap changes very many records that point to one, in one entry.
func TestHubsAreNoTrap(t *testing.T) {
	const n = 50_000
	s := hosts(t, n)
	k := s.schema.Kind("Host")
	within := func(what string, f func()) {
		start := time.Now()
		f()
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %v: it must not grow with the square of the records", what, took)
		} else {
			t.Logf("%s: %v", what, took)
		}
	}
	var moves, removals []model.Change
	for rec := range s.each("Host") {
		moved := model.Clone(rec.(*model.Host))
		moved.Site = model.Ref{}
		c, _ := model.Difference(k, rec, moved)
		moves = append(moves, c)
		c, _ = model.Difference(k, rec, nil)
		removals = append(removals, c)
	}
	apply := func(s *Snapshot, changes []model.Change) *Snapshot {
		next, err := s.Apply(model.Stamp{Seq: 2}, changes)
		if err != nil {
			t.Fatal(err)
		}
		return next
	}
	within("moving 50,000 hosts off a site", func() {
		if next := apply(s, moves); next.View(0).Size(Down, model.Ref{14: 1}) != 1 {
			t.Error("hosts are left on the site")
		}
	})
	within("removing 50,000 hosts", func() {
		if next := apply(s, removals); next.Len() != 2 {
			t.Errorf("%d records are left", next.Len())
		}
	})
	all := make([]model.Ref, 0, n)
	for rec := range s.each("Host") {
		all = append(all, rec.Base().Ref())
	}
	service := &model.Service{Meta: model.Meta{ID: model.ID{13: 7}, Key: "all"}, BuiltFrom: all, BuiltFromNeeded: n / 2}
	var covered *Snapshot
	within("a service of 50,000 hosts", func() { covered = edited(t, s, service) })
	within("the removal of everything that one record points to", func() { apply(covered, removals) })
	within("the failure of all hosts, of which half are needed", func() {
		if got := len(covered.View(0).Fail(model.Ref{14: 1}).Steps); got != n+2 {
			t.Errorf("%d records fail, want %d", got, n+2)
		}
	})
	within("300 single edits of hosts on one site", func() {
		at := s
		for i := range 300 {
			h := model.Clone(at.Find("Host", fmt.Sprintf("h%06d", i)).(*model.Host))
			h.Site = model.Ref{}
			at = edited(t, at, h)
		}
	})
	within("300 new hosts on one site, one by one", func() {
		at := s
		for i := range 300 {
			at = edited(t, at, &model.Host{Meta: model.Meta{ID: model.ID{9: 9, 14: byte(i >> 8), 15: byte(i)}, Key: fmt.Sprint("n", i)}, Site: model.Ref{14: 1}})
		}
	})
}
