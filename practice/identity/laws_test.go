package identity

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/model"
)

// id returns an id for the n-th record of a sort.
func id(sort byte, n int) model.ID {
	return model.ID{0: sort, 6: 0x70, 8: 0x80, 12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
}

func meta(sort byte, n int, name string) model.Meta {
	return model.Meta{ID: id(sort, n), Key: fmt.Sprintf("%s-%07d", name, n), Version: 1}
}

const someEntitlements, someFunctions = 12, 4

// drawn is an estate with one person, and what that person was granted.
type drawn struct {
	includes  [someEntitlements][]int
	functions [someFunctions][]int
	rules     [][]int
}

func drawEstate(t *rapid.T) drawn {
	var d drawn
	some := func(n, most int, label string) []int {
		return rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 0, most, rapid.ID[int]).Draw(t, label)
	}
	for i := range d.includes {
		d.includes[i] = some(someEntitlements, 3, "includes")
	}
	for i := range d.functions {
		d.functions[i] = some(someEntitlements, 3, "function")
	}
	for range rapid.IntRange(1, 4).Draw(t, "rules") {
		d.rules = append(d.rules, some(someFunctions, 3, "rule"))
	}
	return d
}

// violated returns the rules that somebody breaks who was granted some entitlements, in their order.
func (d *drawn) violated(t *rapid.T, granted []int) []int {
	person, system := &model.Person{Meta: meta(1, 1, "person")}, &model.Application{Meta: meta(2, 1, "system")}
	account := &model.UserAccount{Meta: meta(3, 1, "account"), System: system.Ref(), Person: person.Ref()}
	records := []model.Record{person, system, account}
	refs := func(sort byte, list []int) (out []model.Ref) {
		for _, n := range list {
			out = append(out, model.Ref(id(sort, n)))
		}
		return out
	}
	for i, list := range d.includes {
		records = append(records, &model.Entitlement{Meta: meta(4, i, "entitlement"), System: system.Ref(), Includes: refs(4, list)})
	}
	for i, list := range d.functions {
		records = append(records, &model.DutyFunction{Meta: meta(5, i, "function"), Permissions: refs(4, list)})
	}
	for i, list := range d.rules {
		records = append(records, &model.DutyRule{Meta: meta(6, i, "rule"), Functions: refs(5, list)})
	}
	for i, n := range granted {
		records = append(records, &model.Grant{Meta: meta(7, i, "grant"), Account: account.Ref(), Entitlement: model.Ref(id(4, n))})
	}
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values(records))
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	for _, x := range violationsIn(snap.View(model.MustDate("2026-11-22"))) {
		r := x.rule.record.ID
		out = append(out, int(r[15]))
	}
	return out
}

// expected finds the same by the definition alone: close the set under what entitlements include, and hold every function of each rule against it.
func (d *drawn) expected(granted []int) []int {
	var effective [someEntitlements]bool
	var add func(n int)
	add = func(n int) {
		if !effective[n] {
			effective[n] = true
			for _, m := range d.includes[n] {
				add(m)
			}
		}
	}
	for _, n := range granted {
		add(n)
	}
	var out []int
	for i, rule := range d.rules {
		broken := len(rule) > 1
		for _, f := range rule {
			broken = broken && slices.ContainsFunc(d.functions[f], func(n int) bool { return effective[n] })
		}
		if broken {
			out = append(out, i)
		}
	}
	return out
}

// TestLawsOfDuties: the violations are those of the definition, one more role can only add violations, nobody without roles has any, and the order of
// roles does not matter. Entitlements may include each other in circles.
func TestLawsOfDuties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawEstate(t)
		granted := rapid.SliceOfNDistinct(rapid.IntRange(0, someEntitlements-1), 0, 6, rapid.ID[int]).Draw(t, "granted")
		got := d.violated(t, granted)
		if want := d.expected(granted); !slices.Equal(got, want) {
			t.Fatalf("%v was granted: %v, want %v", granted, got, want)
		}
		if none := d.violated(t, nil); len(none) > 0 {
			t.Fatalf("without a role %v are broken", none)
		}
		turned := slices.Clone(granted)
		slices.Reverse(turned)
		if other := d.violated(t, turned); !slices.Equal(got, other) {
			t.Fatalf("in another order %v and not %v are broken", other, got)
		}
		more := d.violated(t, append(slices.Clone(granted), rapid.IntRange(0, someEntitlements-1).Draw(t, "more")))
		for _, n := range got {
			if !slices.Contains(more, n) {
				t.Fatalf("one more role takes the violation of rule %d away", n)
			}
		}
	})
}

// TestLawsOfSamples: a sample is the same for the same seed, has all that is privileged or a conflict, and as much of the rest as its share says, rounded up.
// What is drawn of the rest does not depend on the order.
func TestLawsOfSamples(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []*candidate
		always := 0
		for i := range rapid.IntRange(1, 80).Draw(t, "grants") {
			c := &candidate{grant: &model.Grant{Meta: meta(7, i, "grant")}, privileged: rapid.IntRange(0, 9).Draw(t, "privileged") == 0}
			if c.always() {
				always++
			}
			all = append(all, c)
		}
		share, seed := rapid.IntRange(1, 99).Draw(t, "share"), rapid.IntRange(0, 1000).Draw(t, "seed")
		got := sample(all, float64(share), seed)
		if !slices.Equal(got, sample(all, float64(share), seed)) {
			t.Fatal("the same seed draws something else")
		}
		if want := always + ((len(all)-always)*share+99)/100; len(got) != want {
			t.Fatalf("%d%% of %d with %d always: %d were drawn, want %d", share, len(all), always, len(got), want)
		}
		for _, c := range all {
			if c.always() && !slices.Contains(got, c) {
				t.Fatal("something privileged was not drawn")
			}
		}
		turned := slices.Clone(all)
		slices.Reverse(turned)
		other := sample(turned, float64(share), seed)
		for _, c := range got {
			if !slices.Contains(other, c) {
				t.Fatal("another order draws something else")
			}
		}
	})
}

// crowd returns an estate with many people, grants and nested groups.
func crowd(tb testing.TB, people, grants int) *estate.Snapshot {
	const groups, roles = 1000, 1000
	records := make([]model.Record, 0, people*2+grants+groups+roles)
	system := &model.Application{Meta: meta(2, 1, "system")}
	records = append(records, system)
	for i := range groups + roles {
		e := &model.Entitlement{Meta: meta(4, i, "entitlement"), System: system.Ref(), Privileged: i%500 == 499}
		if i < groups {
			e.Includes = []model.Ref{model.Ref(id(4, (i*7+1)%groups)), model.Ref(id(4, groups+i))}
			if i%10 != 0 {
				e.Includes = e.Includes[1:]
			}
		}
		records = append(records, e)
	}
	for i := range 40 {
		records = append(records, &model.DutyFunction{Meta: meta(5, i, "function"), Permissions: []model.Ref{model.Ref(id(4, groups+i*20)), model.Ref(id(4, groups+i*20+1))}})
	}
	for i := range 20 {
		records = append(records, &model.DutyRule{Meta: meta(6, i, "rule"), Functions: []model.Ref{model.Ref(id(5, 2*i)), model.Ref(id(5, 2*i+1))}})
	}
	for i := range people {
		p := &model.Person{Meta: meta(1, i, "person")}
		a := &model.UserAccount{Meta: meta(3, i, "account"), System: system.Ref(), Person: p.Ref()}
		records = append(records, p, a)
	}
	for i := range grants {
		records = append(records, &model.Grant{Meta: meta(7, i, "grant"), Account: model.Ref(id(3, i%people)), Entitlement: model.Ref(id(4, (i*31+i/people*17)%(groups+roles)))})
	}
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values(records))
	if err != nil {
		tb.Fatal(err)
	}
	return snap
}

// TestSpeed: the effective permissions of 10,000 people with 200,000 grants, with their conflicts of duties, are found in about a second.
func TestSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	v := crowd(t, 10_000, 200_000).View(model.MustDate("2026-11-22"))
	begin := time.Now()
	b := bookOf(v)
	made := time.Since(begin)
	all := 0
	for _, s := range b.subjects {
		all += len(b.effective(s))
	}
	effective := time.Since(begin) - made
	found := violationsIn(v)
	t.Logf("book %v, %d effective permissions %v, %d violations %v", made, all, effective, len(found), time.Since(begin)-made-effective)
	// Three seconds leave room for a machine that does other things too.
	if took := time.Since(begin); took > 3*time.Second || all < 200_000 || len(found) == 0 {
		t.Errorf("%d permissions and %d violations took %v", all, len(found), took)
	}
}

// BenchmarkConflicts asks for the first time on each snapshot.
func BenchmarkConflicts(b *testing.B) {
	snap := crowd(b, 10_000, 200_000)
	for b.Loop() {
		b.StopTimer()
		fresh, err := snap.Apply(model.Stamp{Seq: 2}, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if out, err := Conflicts(fresh.View(model.MustDate("2026-11-22")), ConflictsIn{}); err != nil || out.Violations.Value == 0 {
			b.Fatal(err)
		}
	}
}
