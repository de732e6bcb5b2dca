package estate

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"binnacle/model"
)

// plainly answers a query by looking at every record, and knows nothing of lists that are kept.
func plainly(v View, q Query, records map[model.ID]model.Record) []string {
	k := v.Schema().Kind(q.Kind)
	var out []model.Record
	for _, rec := range records {
		meets := func(c Condition) bool { return meetsPlainly(v, k.Field(c.Field), c, rec) }
		if model.NameOf(rec) == k.Name && !slices.ContainsFunc(q.Where, func(c Condition) bool { return !meets(c) }) {
			out = append(out, rec)
		}
	}
	slices.SortFunc(out, func(a, b model.Record) int {
		for _, s := range q.Sort {
			f := k.Field(s.Field)
			switch x, y := f.Has(a), f.Has(b); {
			case x && !y:
				return -1
			case y && !x:
				return 1
			case x && y:
				c := comparePlainly(v, f, a, b)
				if s.Down {
					c = -c
				}
				if c != 0 {
					return c
				}
			}
		}
		return cmp.Compare(a.Base().Key, b.Base().Key)
	})
	keys := make([]string, len(out))
	for i, rec := range out {
		keys[i] = rec.Base().Key
	}
	return keys
}

// comparePlainly compares the values of two records that both have one.
func comparePlainly(v View, f *model.Field, a, b model.Record) int {
	if f.Type == model.EnumField {
		place := func(rec model.Record) int {
			return slices.IndexFunc(f.Options, func(o model.Option) bool { return o.Value == f.Text(rec, v) })
		}
		return cmp.Compare(place(a), place(b))
	}
	x, y := f.Get(a), f.Get(b)
	switch x := x.(type) {
	case int:
		return cmp.Compare(x, y.(int))
	case float64:
		return cmp.Compare(x, y.(float64))
	case model.Percent:
		return cmp.Compare(x, y.(model.Percent))
	case model.Date:
		return cmp.Compare(x, y.(model.Date))
	case model.Time:
		return cmp.Compare(x, y.(model.Time))
	case model.Duration:
		return cmp.Compare(x, y.(model.Duration))
	case model.Money:
		return cmp.Or(cmp.Compare(x.Float(), y.(model.Money).Float()), cmp.Compare(x.Currency(), y.(model.Money).Currency()))
	case model.Range:
		return cmp.Compare(x.Likely, y.(model.Range).Likely)
	case bool:
		return 0
	case []string:
		return cmp.Compare(strings.ToLower(strings.Join(x, ";")), strings.ToLower(strings.Join(y.([]string), ";")))
	}
	return cmp.Compare(strings.ToLower(f.Text(a, v)), strings.ToLower(f.Text(b, v)))
}

// meetsPlainly says whether a record meets a condition whose value is that of another record.
func meetsPlainly(v View, f *model.Field, c Condition, rec model.Record) bool {
	has := f.Has(rec)
	switch c.Op {
	case IsEmpty:
		return !has
	case IsSet:
		return has
	case Contains:
		return has && strings.Contains(strings.ToLower(f.Text(rec, v)), strings.ToLower(c.Values[0]))
	case In:
		return slices.ContainsFunc(c.Values, func(value string) bool {
			return meetsPlainly(v, f, Condition{c.Field, Is, []string{value}}, rec)
		})
	}
	value := c.Values[0]
	if value == "" {
		return has == (c.Op == IsNot)
	}
	if f.IsRef() {
		want, _ := v.Resolve(f.To, value)
		return slices.Contains(f.AppendRefs(nil, rec), want) == (c.Op != IsNot)
	}
	if list, ok := f.Get(rec).([]string); ok || f.Type == model.TextsField {
		op := c.Op
		if op == IsNot {
			op = Is
		}
		return slices.ContainsFunc(list, func(s string) bool { return holdsPlainly(op, cmp.Compare(strings.ToLower(s), strings.ToLower(value))) }) == (c.Op != IsNot)
	}
	if f.Type == model.TextField || f.Type == model.TableField {
		return has && holdsPlainly(c.Op, cmp.Compare(strings.ToLower(f.Text(rec, v)), strings.ToLower(value))) || !has && c.Op == IsNot
	}
	other := f.Kind.New()
	parsed, _ := f.Read(value, v)
	f.Set(other, parsed)
	switch {
	case !has && !f.Has(other):
		return holdsPlainly(c.Op, 0)
	case !has:
		return c.Op == IsNot
	case !f.Has(other):
		return holdsPlainly(c.Op, signPlainly(f.Get(rec)))
	}
	if m, ok := f.Get(rec).(model.Money); ok && m.Currency() != f.Get(other).(model.Money).Currency() {
		return c.Op == IsNot
	}
	return holdsPlainly(c.Op, comparePlainly(v, f, rec, other))
}

// signPlainly compares a value that is set with one that is not: a number with zero.
func signPlainly(v any) int {
	switch v := reflect.ValueOf(v); {
	case v.CanInt():
		return cmp.Compare(v.Int(), 0)
	case v.CanFloat():
		return cmp.Compare(v.Float(), 0)
	}
	return 1
}

func holdsPlainly(op Op, c int) bool {
	return map[Op]bool{Is: c == 0, IsNot: c != 0, Less: c < 0, AtMost: c <= 0, More: c > 0, AtLeast: c >= 0}[op]
}

// drawQuery draws a query whose values come from records that are there.
func drawQuery(t *rapid.T, h *history) Query {
	v := h.snap().View(0)
	k := v.Schema().Kind(rapid.SampledFrom(append(slices.Clone(plainKinds), "Host", "Host", "Application")).Draw(t, "kind"))
	q := Query{Kind: k.Name}
	for range rapid.IntRange(0, 2).Draw(t, "conditions") {
		f := rapid.SampledFrom(k.Fields).Draw(t, "field")
		c := Condition{Field: f.Name, Op: rapid.SampledFrom([]Op{Is, IsNot, Less, AtMost, More, AtLeast, Contains, In, IsEmpty, IsSet}).Draw(t, "op")}
		for range rapid.IntRange(1, 2).Draw(t, "values") {
			value := ""
			if all := h.sorted(k.Name); len(all) > 0 {
				value = f.Text(rapid.SampledFrom(all).Draw(t, "like"), v)
			}
			numbers := []model.FieldType{model.IntegerField, model.NumberField, model.PercentField}
			if slices.Contains(numbers, f.Type) && rapid.Bool().Draw(t, "zero") {
				value = "0"
			}
			if f.Type == model.RefsField || f.Type == model.RefField {
				value = ""
				if all := h.refs(f.To); len(all) > 0 {
					value = rapid.SampledFrom(all).Draw(t, "to").String()
				}
			}
			if c.Op == Contains && len(value) > 3 {
				value = strings.ToUpper(value[1:3])
			}
			c.Values = append(c.Values, strings.ToValidUTF8(value, ""))
		}
		q.Where = append(q.Where, c)
	}
	for range rapid.IntRange(0, 2).Draw(t, "sorts") {
		q.Sort = append(q.Sort, Sort{rapid.SampledFrom(k.Fields).Draw(t, "by").Name, rapid.Bool().Draw(t, "down")})
	}
	return q
}

// checkQuery compares a query with its plain answer, as one page and as many.
func checkQuery(t *rapid.T, h *history, q Query) {
	v := h.snap().View(0)
	want := plainly(v, q, h.records)
	page, err := v.List(q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	keys := func(records []model.Record) []string {
		out := make([]string, len(records))
		for i, rec := range records {
			out[i] = rec.Base().Key
		}
		return out
	}
	if got := keys(page.Records); !slices.Equal(got, want) || page.Total != len(want) || page.Next != "" {
		t.Fatalf("%+v:\ngot  %v of %d, next %q\nwant %v", q, got, page.Total, page.Next, want)
	}
	paged := q
	paged.Limit = rapid.IntRange(1, 3).Draw(t, "limit")
	var got []string
	for range len(want) + 2 {
		page, err := v.List(paged)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, keys(page.Records)...)
		if paged.After = page.Next; page.Next == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%+v by pages of %d:\ngot  %v\nwant %v", q, paged.Limit, got, want)
	}
}

func TestListsAreWhatAPlainLookFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory()
		var queries []Query
		for range rapid.IntRange(1, 6).Draw(t, "entries") {
			h.step(t)
			queries = append(queries, drawQuery(t, h))
			for _, q := range queries {
				if _, err := h.snap().View(0).List(q); err == nil {
					checkQuery(t, h, q)
				}
			}
		}
	})
}

func TestACursorThatDoesNotFitStandsAtTheStart(t *testing.T) {
	s := hosts(t, 5)
	for _, cursor := range []string{"?", "e30", "bm9uc2Vuc2U"} {
		page, err := s.View(0).List(Query{Kind: "Host", Sort: []Sort{{"cpus", false}}, After: cursor})
		if err != nil || len(page.Records) != 5 {
			t.Errorf("the cursor %q leads to %d hosts (%v), want all 5", cursor, len(page.Records), err)
		}
	}
}

// hosts returns an estate with a site, a team and some hosts on the site.
func hosts(t rapid.TB, n int) *Snapshot {
	t.Helper()
	s, err := Load(model.Stamp{Seq: 1}, func(yield func(model.Record) bool) {
		site := &model.Site{Meta: model.Meta{ID: model.ID{14: 1}, Key: "hq", Version: 1}}
		team := &model.Team{Meta: model.Meta{ID: model.ID{14: 2}, Key: "ops", Name: "Operations", Version: 1}}
		if !yield(site) || !yield(team) {
			return
		}
		for i := range n {
			h := &model.Host{Meta: model.Meta{ID: model.ID{10: 1, 12: byte(i >> 16), 13: byte(i >> 8), 14: byte(i), 15: 1}, Key: fmt.Sprintf("h%06d", i), Version: 1, Owner: team.Ref()}, Site: site.Ref(), CPUs: i % 7}
			h.Ports = []model.OpenPort{{Port: 22 + i, Service: "SSH"}}
			if !yield(h) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConditionsThatPeopleType(t *testing.T) {
	v := hosts(t, 20).View(0)
	for text, want := range map[string]int{
		"cpus>0": 17, "cpus<1": 0, "cpus=0": 3, "cpus!=0": 17, "cpus>=6": 2, "site=hq": 20, "site!=hq": 0, "owner=Team/ops": 20, "owner=Operations": 20, "site:set": 20, "serial:empty": 20, "owner.name~ops": 0,
		"owner.key=ops": 20, "owner.name~oper": 20, "ports.port>=40": 2, "ports.port<100": 20, "ports.service=ssh": 20, "ports.version:empty": 20, "version=1": 20, "version>1": 0, "stale=true": 0, "stale!=true": 20, "key=h000003": 1,
		"name=data:set": 0, "confidential=false": 20, "confidential=yes": 0,
	} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		page, err := v.List(Query{Kind: "hosts", Where: []Condition{c}})
		if err != nil || page.Total != want {
			t.Errorf("%s finds %d (%v), want %d", text, page.Total, err, want)
		}
	}
	for _, text := range []string{"", "cpus", "=3", "cpus!3", "~x"} {
		if c, err := ParseCondition(text); err == nil {
			t.Errorf("%q is read as %+v", text, c)
		}
	}
	for _, text := range []string{"colour=red", "cpus=many", "site=nowhere", "cpus.x=1", "ports.colour=red", "ports.port=x", "owner.owner.owner.owner.owner.owner.owner.owner.key=x", "owner.colour=red"} {
		c, err := ParseCondition(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.List(Query{Kind: "Host", Where: []Condition{c}}); err == nil {
			t.Errorf("%s was taken", text)
		}
	}
	if _, err := v.List(Query{Kind: "Ship"}); err == nil {
		t.Error("a list of an unknown kind was made")
	}
}

// TestOneViewerDoesNotSeeWhatAnotherAsked asks the same question through the eyes of two people.
func TestOneViewerDoesNotSeeWhatAnotherAsked(t *testing.T) {
	q := Query{Kind: "Host", Where: []Condition{{"owner.name", Contains, []string{"oper"}}}}
	blind := func(rec model.Record) bool { return model.NameOf(rec) != "Team" }
	for name, order := range map[string][]bool{"the blind first": {true, false, true}, "the seeing first": {false, true, false}} {
		s := hosts(t, 3)
		for _, isBlind := range order {
			v, want := s.View(0), 3
			if isBlind {
				v, want = v.Through(SightFunc(blind)), 0
			}
			page, err := v.List(q)
			if err != nil || page.Total != want || len(page.Records) != want {
				t.Errorf("%s: blind %v sees %d of %d (%v), want %d", name, isBlind, len(page.Records), page.Total, err, want)
			}
		}
	}
	v := hosts(t, 3).View(0).Through(SightFunc(blind))
	if v.Count("Team") != 0 || v.Find("Team", "ops") != nil || len(v.Search("operations", 9)) != 0 || v.Get(model.Ref{14: 2}) != nil {
		t.Error("what is out of sight is found")
	}
	if _, err := v.Resolve(nil, "ops"); err == nil {
		t.Error("what is out of sight is resolved")
	}
	for range v.In(model.Ref{14: 2}) {
		t.Error("what is out of sight has refs")
	}
}

// TestAnOrderFollowsTheNamesItShows renames a record that others are sorted and tested by.
func TestAnOrderFollowsTheNamesItShows(t *testing.T) {
	s := hosts(t, 2)
	host := model.Clone(s.Find("Host", "h000000").(*model.Host))
	tech := &model.Technology{Meta: model.Meta{ID: model.ID{13: 1, 14: 3}, Key: "debian"}}
	host.Runs = []model.TechnologyUse{{Technology: tech.Ref(), Version: "12"}}
	s = edited(t, s, tech, host)
	q := Query{Kind: "Host", Where: []Condition{{"runs.technology", Is, []string{"devuan"}}}}
	if page, err := s.View(0).List(q); err != nil || page.Total != 0 {
		t.Fatalf("%d hosts run devuan (%v)", page.Total, err)
	}
	renamed := model.Clone(s.Find("Technology", "debian").(*model.Technology))
	renamed.Key = "devuan"
	if page, err := edited(t, s, renamed).View(0).List(q); err != nil || page.Total != 1 {
		t.Errorf("%d hosts run devuan after the rename (%v), want 1", page.Total, err)
	}
}

// edited returns the estate after records were created or edited in one entry.
func edited(t rapid.TB, s *Snapshot, records ...model.Record) *Snapshot {
	t.Helper()
	var changes []model.Change
	for _, rec := range records {
		if c, differs := model.Difference(s.schema.Of(rec), s.Get(rec.Base().Ref()), rec); differs {
			changes = append(changes, c)
		}
	}
	next, err := s.Apply(model.Stamp{Seq: s.stamp.Seq + 1, At: s.stamp.At + 1}, changes)
	if err != nil {
		t.Fatal(err)
	}
	return next
}

func TestSearchFindsWhatAPlainLookFinds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory()
		for range rapid.IntRange(1, 5).Draw(t, "entries") {
			h.step(t)
			v := h.snap().View(0)
			text := rapid.SampledFrom([]string{"h", "a 1", "renamed", "no such words here", "Zürich"}).Draw(t, "text")
			if all := h.sorted(); len(all) > 0 && rapid.Bool().Draw(t, "from a record") {
				text = rapid.SampledFrom(all).Draw(t, "of").Base().Title()
			}
			want := map[model.ID]bool{}
			for id, rec := range h.records {
				if hasWords(v, rec, text) {
					want[id] = true
				}
			}
			hits := v.Search(text, 0)
			for i, hit := range hits {
				if !want[hit.Record.Base().ID] || hit.Field == nil || i > 0 && hits[i-1].Score < hit.Score {
					t.Fatalf("searching %q found %s, which does not fit there", text, hit.Record.Base().Key)
				}
			}
			if len(hits) != len(want) || len(v.Search(text, 2)) != min(2, len(want)) {
				t.Fatalf("searching %q found %d records, want %d: %+v", text, len(hits), len(want), want)
			}
		}
	})
}

// hasWords says whether every word of a text is in a record, the last perhaps only as a beginning.
func hasWords(v View, rec model.Record, text string) bool {
	var have, want []string
	for _, f := range v.Schema().Of(rec).Fields {
		if f.System {
			continue
		}
		switch value := f.Get(rec).(type) {
		case []string:
			have = slices.AppendSeq(have, split(strings.Join(value, "\n")))
		default:
			if f.Type == model.TextField {
				have = slices.AppendSeq(have, split(f.Text(rec, v)))
			}
		}
	}
	for word := range split(text) {
		want = append(want, word)
	}
	for i, w := range want {
		if !slices.ContainsFunc(have, func(s string) bool { return s == w || i == len(want)-1 && strings.HasPrefix(s, w) }) {
			return false
		}
	}
	return len(want) > 0
}

// TestManyReadersAndAWriter is for the race detector.
func TestManyReadersAndAWriter(t *testing.T) {
	s := hosts(t, 200)
	var wg sync.WaitGroup
	for round := range 20 {
		for range 4 {
			wg.Add(1)
			go func(s *Snapshot) {
				defer wg.Done()
				v := s.View(0)
				page, err := v.List(Query{Kind: "Host", Where: []Condition{{"cpus", AtLeast, []string{"2"}}}, Sort: []Sort{{"cpus", true}}, Limit: 10})
				if err != nil || len(page.Records) != 10 {
					t.Errorf("a page has %d hosts (%v)", len(page.Records), err)
				}
				if n := v.Size(Down, model.Ref{14: 1}); n < 200 {
					t.Errorf("%d records hang on the site", n)
				}
				v.Search("operations", 5)
				v.Fail(model.Ref{14: 1})
				v.Resolve(nil, "Operations")
			}(s)
		}
		host := model.Clone(s.Find("Host", fmt.Sprintf("h%06d", round)).(*model.Host))
		host.CPUs, host.Site = 64, model.Ref{}
		if round%2 == 0 {
			host.Site = model.Ref{14: 1}
		}
		extra := &model.Host{Meta: model.Meta{ID: model.ID{9: 9, 15: byte(round)}, Key: fmt.Sprintf("x%d", round)}, Site: model.Ref{14: 1}}
		s = edited(t, s, host, extra)
	}
	wg.Wait()
}

func TestAWordAskedForTwiceIsNotFoundByItsBeginningAlone(t *testing.T) {
	s := edited(t, Empty(), &model.Team{Meta: model.Meta{ID: model.ID{1}, Key: "x"}})
	if hits := s.View(0).Search("ab ab", 0); len(hits) != 0 {
		t.Fatalf("an estate without the word has %d hits", len(hits))
	}
	s = edited(t, s, &model.Team{Meta: model.Meta{ID: model.ID{2}, Key: "abc"}}, &model.Team{Meta: model.Meta{ID: model.ID{3}, Key: "ab"}})
	if hits := s.View(0).Search("ab ab", 0); len(hits) != 1 || hits[0].Record.Base().Key != "ab" {
		t.Errorf("the hits are %v, want ab alone", hits)
	}
}
