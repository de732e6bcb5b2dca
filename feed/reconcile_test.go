package feed_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/model"
)

// company is an estate that imports change.
type company struct {
	t    rapid.TB
	snap *estate.Snapshot
	ids  int
	now  model.Time
}

func newCompany(t rapid.TB, records ...model.Record) *company {
	c := &company{t: t, snap: estate.Empty(), now: model.Time(1_900_000_000_000)}
	c.put(records...)
	return c
}

func (c *company) newID() model.ID {
	c.ids++
	return model.ID{0: 1, 6: 0x70, 14: byte(c.ids >> 8), 15: byte(c.ids)}
}

// put creates or edits records as a person does.
func (c *company) put(records ...model.Record) {
	c.t.Helper()
	var changes []model.Change
	for _, rec := range records {
		if rec.Base().ID.IsZero() {
			rec.Base().ID, rec.Base().Origin = c.newID(), cmp.Or(rec.Base().Origin, model.PersonSource)
		}
		if change, differs := model.Difference(c.snap.Schema().Of(rec), c.snap.Get(rec.Base().Ref()), rec); differs {
			changes = append(changes, change)
		}
	}
	c.apply(changes)
}

func (c *company) apply(changes []model.Change) {
	c.t.Helper()
	c.now++
	next, err := c.snap.Apply(model.Stamp{Seq: c.snap.Stamp().Seq + 1, At: c.now}, changes)
	if err != nil {
		c.t.Fatal(err)
	}
	c.snap = next
}

// take imports what fill puts into a batch of a source.
func (c *company) take(source string, fill func(b *feed.Batch), change ...func(*feed.Options)) *feed.Plan {
	c.t.Helper()
	b := feed.NewBatch(c.snap.Schema(), source+".json")
	b.Source.Key = source
	fill(b)
	return c.takeBatch(b, change...)
}

func (c *company) takeBatch(b *feed.Batch, change ...func(*feed.Options)) *feed.Plan {
	c.t.Helper()
	c.now++
	opt := feed.Options{Now: c.now, NewID: c.newID, Rank: 50}
	for _, f := range change {
		f(&opt)
	}
	plan := feed.Reconcile(c.snap.View(0), b, opt)
	c.checkPlan(plan)
	c.apply(plan.Changes)
	for _, k := range c.snap.Schema().Kinds() {
		for rec := range c.snap.View(0).All(k.Name) {
			for _, p := range k.Check(rec) {
				c.t.Errorf("%s/%s is wrong after the import: %v", k.Name, rec.Base().Key, p)
			}
		}
	}
	return plan
}

// checkPlan makes sure that the counts of a plan say what its changes do, and that no ref leads nowhere.
func (c *company) checkPlan(p *feed.Plan) {
	c.t.Helper()
	kinds, files := feed.Counts{}, feed.Counts{}
	for _, k := range p.Kinds {
		kinds.Add(k)
	}
	for _, f := range p.Files {
		files.Add(f)
	}
	if files != p.Counts || kinds.Created != p.Counts.Created || kinds.Edited != p.Counts.Edited {
		c.t.Errorf("the counts are %+v, by kind %+v, by file %+v", p.Counts, kinds, files)
	}
	created := map[model.Ref]bool{}
	for _, ch := range p.Changes {
		created[model.Ref(ch.ID)] = true
	}
	for _, ch := range p.Changes {
		rec := ch.Result()
		k := c.snap.Schema().Of(rec)
		if k == nil {
			continue
		}
		for _, f := range k.RefFields() {
			for _, r := range f.AppendRefs(nil, rec) {
				if !created[r] && c.snap.Get(r) == nil {
					c.t.Errorf("%s/%s: %s leads to %s, which there is not", k.Name, rec.Base().Key, f.Path(), r)
				}
			}
		}
	}
}

func (c *company) host(key string) *model.Host {
	c.t.Helper()
	h, ok := c.snap.Find("Host", key).(*model.Host)
	if !ok {
		c.t.Fatalf("there is no host %s", key)
	}
	return model.Clone(h)
}

func wantCounts(t testing.TB, p *feed.Plan, want feed.Counts) {
	t.Helper()
	if p.Counts != want {
		t.Errorf("the counts are %+v, want %+v; refused %v", p.Counts, want, p.Refused)
	}
}

func wantReason(t testing.TB, p *feed.Plan, parts ...string) {
	t.Helper()
	if len(p.Refused) != len(parts) {
		t.Errorf("%d refusals, want %d: %v", len(p.Refused), len(parts), p.Refused)
	}
	for _, part := range parts {
		if !slices.ContainsFunc(p.Refused, func(r feed.Refusal) bool { return strings.Contains(r.String(), part) }) {
			t.Errorf("nothing is refused because of %q: %v", part, p.Refused)
		}
	}
}

func wantNote(t testing.TB, p *feed.Plan, part string) {
	t.Helper()
	if !slices.ContainsFunc(p.Notes, func(n string) bool { return strings.Contains(n, part) }) {
		t.Errorf("no note says %q: %v", part, p.Notes)
	}
}

func aHost(key, serial, mac string) *model.Host {
	h := &model.Host{Meta: model.Meta{Key: key}, Serial: serial}
	if mac != "" {
		h.MACs = []string{mac}
	}
	return h
}

const (
	mac1 = "02:00:00:00:00:01"
	mac2 = "02:00:00:00:00:02"
)

func TestARecordIsKnownByItsStrongestIdentity(t *testing.T) {
	for name, line := range map[string]struct {
		item   *model.Host
		idents []feed.Ident
		want   string
	}{
		"by what the source calls it":    {aHost("other", "S2", mac2), []feed.Ident{feed.External("17")}, "a"},
		"by its serial number":           {aHost("b", "s1", ""), nil, "a"},
		"by a network card":              {aHost("other", "", "020000000001"), nil, "a"},
		"by its key":                     {aHost("b", "", ""), nil, "b"},
		"by a key that was given":        {aHost("", "", ""), []feed.Ident{feed.ByKey("b")}, "b"},
		"by a key, against its serial":   {aHost("", "S9", ""), []feed.Ident{feed.ByKey("b")}, "b"},
		"new, where the serial is other": {aHost("b", "S9", ""), nil, "b-2"},
		"new, where nothing is known":    {aHost("c", "S9", ""), nil, "c"},
		"by key, where it has no serial": {aHost("c", "N/A", ""), nil, "c"},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := aHost("a", "S1", mac1), aHost("b", "S2", mac2)
			a.Sightings = []model.Sighting{{Source: "scan", External: "17"}}
			c := newCompany(t, a, b)
			before := c.snap
			plan := c.take("scan", func(batch *feed.Batch) {
				line.item.Model = "X1"
				batch.Add(line.item, batch.At(1, 0, ""), line.idents...)
			})
			got := c.host(line.want)
			if got.Model != "X1" {
				t.Errorf("%s is not the one that was meant: %+v", line.want, plan.Lines)
			}
			isNew := before.Find("Host", line.want) == nil
			if isNew != (plan.Counts.Created == 1) || plan.Counts.Created+plan.Counts.Edited != 1 {
				t.Errorf("the counts are %+v", plan.Counts)
			}
		})
	}
}

func TestTheItemsOfOneRecordAreJoined(t *testing.T) {
	items := []*model.Host{aHost("web", "S1", ""), aHost("web-eth0", "", mac1), aHost("web-full", "S1", mac1), aHost("db", "S2", "")}
	items[0].Rack, items[1].Status, items[2].Manufacturer = "R1", "active", "Acme"
	for _, order := range [][]int{{0, 1, 2, 3}, {2, 1, 0, 3}, {3, 1, 0, 2}, {0, 3, 2, 1}, {1, 2, 0, 3}} {
		c := newCompany(t)
		plan := c.take("scan", func(b *feed.Batch) {
			for _, i := range order {
				b.Add(model.Clone(items[i]), b.At(i+1, 0, ""))
			}
		})
		wantCounts(t, plan, feed.Counts{Created: 2})
		web := c.snap.Identify("Host", "serial", "S1")
		if h, ok := web.(*model.Host); !ok || h.Rack != "R1" || h.Status != "active" || h.Manufacturer != "Acme" || len(h.MACs) != 1 {
			t.Errorf("in the order %v the host is %+v", order, web)
		}
	}
}

// TestAnItemMayTieANewRecordToOneThatIsKnown names a known host first by nothing that the estate knows.
func TestAnItemMayTieANewRecordToOneThatIsKnown(t *testing.T) {
	for _, flip := range []bool{false, true} {
		c := newCompany(t, aHost("web", "S1", ""))
		plan := c.take("scan", func(b *feed.Batch) {
			first, second := aHost("eth0", "", mac1), aHost("eth0-of-web", "S1", mac1)
			first.Rack = "R1"
			if flip {
				first, second = second, first
			}
			b.Add(first, b.At(1, 0, ""))
			b.Add(second, b.At(2, 0, ""))
		})
		wantCounts(t, plan, feed.Counts{Edited: 1})
		if h := c.host("web"); h.Rack != "R1" || len(h.MACs) != 1 {
			t.Errorf("flipped %v: the host is %+v", flip, h)
		}
	}
}

func TestAMentionOnlyCreatesWhatIsMissing(t *testing.T) {
	c := newCompany(t, &model.Site{Meta: model.Meta{Key: "hq", Name: "Headquarters"}})
	fill := func(b *feed.Batch) {
		hq := b.Mention(&model.Site{Meta: model.Meta{Key: "hq", Name: "HQ"}}, b.At(1, 0, ""))
		lab := b.Mention(&model.Site{Meta: model.Meta{Key: "lab", Name: "Lab"}}, b.At(2, 0, ""))
		for i, site := range []model.Ref{hq, lab} {
			h := aHost(fmt.Sprint("h", i), "", "")
			h.Site = site
			b.Add(h, b.At(3+i, 0, ""))
		}
	}
	wantCounts(t, c.take("scan", fill), feed.Counts{Created: 3, Unchanged: 1})
	hq, lab := c.snap.Find("Site", "hq"), c.snap.Find("Site", "lab")
	if hq.Base().Name != "Headquarters" || lab.Base().Name != "Lab" || len(hq.Base().Sightings)+len(lab.Base().Sightings) != 0 {
		t.Errorf("the sites are %+v and %+v", hq, lab)
	}
	if c.host("h0").Site != hq.Base().Ref() || c.host("h1").Site != lab.Base().Ref() {
		t.Error("the hosts are on other sites")
	}
}

func TestAThingMayBeKnownUnderAnotherKind(t *testing.T) {
	c := newCompany(t, &model.NetworkDevice{Meta: model.Meta{Key: "fw"}, Serial: "S1"})
	fill := func(b *feed.Batch) {
		fw := aHost("scanned", "S1", "")
		fw.Model = "guess"
		b.AddItem(&feed.Item{Record: fw, Or: []string{"NetworkDevice"}, Where: b.At(1, 0, "")})
		b.AddItem(&feed.Item{Record: aHost("new", "S2", ""), Or: []string{"NetworkDevice"}, Where: b.At(2, 0, "")})
	}
	wantCounts(t, c.take("scan", fill), feed.Counts{Created: 1, Unchanged: 1})
	fw := c.snap.Find("NetworkDevice", "fw").(*model.NetworkDevice)
	if fw.Model != "" || len(fw.Sightings) != 1 || c.snap.View(0).Count("Host") != 1 {
		t.Errorf("the firewall is %+v", fw)
	}
}

func TestLinksAreFound(t *testing.T) {
	site := func(key, name string) *model.Site { return &model.Site{Meta: model.Meta{Key: key, Name: name}} }
	team := &model.Team{Meta: model.Meta{Key: "twin", Name: "Twin"}}
	for name, line := range map[string]struct {
		kinds []string
		text  string
		want  string
		why   string
	}{
		"by key in the estate":          {[]string{"Site"}, "hq", "Site/hq", ""},
		"by kind and key":               {nil, "Site/hq", "Site/hq", ""},
		"by name in the estate":         {[]string{"Site"}, "Headquarters", "Site/hq", ""},
		"by key in the batch":           {[]string{"Site"}, "fresh", "Site/fresh", ""},
		"by name in the batch":          {[]string{"Site"}, "Fresh air", "Site/fresh", ""},
		"by kind and key in the batch":  {nil, "site/fresh", "Site/fresh", ""},
		"a key of two kinds":            {[]string{"Site", "Team"}, "twin", "", "write which one"},
		"a key of two kinds, told":      {[]string{"Site", "Team"}, "Team/twin", "Team/twin", ""},
		"a name of two":                 {[]string{"Site"}, "Same", "", "write which one"},
		"a key of another kind":         {[]string{"Site"}, "lonely", "", "there is no Site"},
		"a key here and in the batch":   {[]string{"Site", "Team"}, "both", "", "write which one"},
		"nothing":                       {[]string{"Site"}, "nowhere", "", "there is no Site"},
		"a name of two in the batch":    {[]string{"Site"}, "New twins", "", "write which one"},
		"with spaces around it":         {[]string{"Site"}, "  hq ", "Site/hq", ""},
		"a kind that must not be there": {[]string{"Site"}, "Team/twin", "", "there is no Site"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t, site("hq", "Headquarters"), site("twin", "T"), model.Clone(team), site("a", "Same"), site("b", "Same"), &model.Team{Meta: model.Meta{Key: "both"}}, aHost("lonely", "", ""))
			plan := c.take("file", func(b *feed.Batch) {
				d := &model.Document{Meta: model.Meta{Key: "d"}, About: []model.Ref{b.LinkTo(feed.Link{Kinds: line.kinds, Text: line.text, Where: b.At(1, 0, "")})}}
				b.Add(d, b.At(1, 0, ""))
				b.Add(site("fresh", "Fresh air"), b.At(2, 0, ""))
				b.Add(site("both", ""), b.At(3, 0, ""))
				b.Add(site("n1", "New twins"), b.At(4, 0, ""))
				b.Add(site("n2", "New twins"), b.At(5, 0, ""))
			})
			if line.why != "" {
				wantReason(t, plan, line.why)
				if !plan.Unresolved() {
					t.Error("another content could bring what is missing, and the plan does not say so")
				}
				return
			}
			wantReason(t, plan)
			about := c.snap.Find("Document", "d").(*model.Document).About
			if kind, key, _ := c.snap.View(0).NameOf(about[0]); kind+"/"+key != line.want {
				t.Errorf("the link leads to %s/%s, want %s", kind, key, line.want)
			}
		})
	}
}

func TestALinkThatMayBeLeftOut(t *testing.T) {
	c := newCompany(t)
	plan := c.take("file", func(b *feed.Batch) {
		h := aHost("web", "", "")
		h.Site = b.LinkTo(feed.Link{Kinds: []string{"Site"}, Text: "nowhere", Optional: true, Where: b.At(1, 0, "")})
		h.Owner = b.LinkTo(feed.Link{Kinds: []string{"Team"}, Text: "wrong", Optional: true, Where: b.At(1, 0, "")})
		b.Add(h, b.At(1, 0, ""))
		b.Add(&model.Team{Meta: model.Meta{Key: "wrong"}, Email: "no address"}, b.At(2, 0, ""))
	})
	wantReason(t, plan, "is not a mail address")
	wantNote(t, plan, "the link was left out")
	if h := c.host("web"); !h.Site.IsZero() || !h.Owner.IsZero() {
		t.Errorf("the host leads to %v and %v", h.Site, h.Owner)
	}
}

func TestRefusalsReachWhatDependsOnThem(t *testing.T) {
	c := newCompany(t)
	plan := c.take("file", func(b *feed.Batch) {
		vendor := b.Add(&model.Vendor{Meta: model.Meta{Key: "acme"}, Country: "Germany"}, b.At(1, 0, ""))
		contract := b.Add(&model.Contract{Meta: model.Meta{Key: "c1"}, Vendor: vendor}, b.At(2, 0, ""))
		b.Add(&model.Licence{Meta: model.Meta{Key: "l1"}, Product: "Office", Contract: contract}, b.At(3, 0, ""))
		a := aHost("linked", "", "")
		a.RunsOn = b.LinkTo(feed.Link{Kinds: []string{"Host"}, Text: "broken", Where: b.At(4, 0, "")})
		b.Add(a, b.At(4, 0, ""))
		broken := aHost("broken", "", "")
		broken.Site = b.LinkTo(feed.Link{Kinds: []string{"Site"}, Text: "nowhere", Where: b.At(5, 0, "")})
		b.Add(broken, b.At(5, 0, ""))
		b.Add(aHost("fine", "", ""), b.At(6, 0, ""))
	})
	wantReason(t, plan, "is not a country", "that it belongs to was refused itself", `"broken" was refused itself`, "there is no Site")
	wantCounts(t, plan, feed.Counts{Created: 2, Refused: 4})
	if l := c.snap.Find("Licence", "l1").(*model.Licence); !l.Contract.IsZero() {
		t.Error("a licence that can do without its contract leads to one that was refused")
	}
}

func TestWhoMayOverwriteWhom(t *testing.T) {
	ranked := func(key string, rank int, fields ...model.FieldRank) *model.Source {
		return &model.Source{Meta: model.Meta{Key: key, Origin: model.PersonSource}, Rank: rank, Precedence: fields}
	}
	for name, line := range map[string]struct {
		first, second string
		sources       []model.Record
		overwrite     bool
		want          string
	}{
		"the same source":                          {"scan", "scan", nil, false, "second"},
		"equal sources, the first by name comes":   {"b", "a", nil, false, "second"},
		"equal sources, the first by name stays":   {"a", "b", nil, false, "first"},
		"a higher rank":                            {"a", "b", []model.Record{ranked("b", 60)}, false, "second"},
		"a lower rank":                             {"b", "a", []model.Record{ranked("a", 40)}, false, "first"},
		"a person stays":                           {"person", "a", nil, false, "first"},
		"a person does not stay against a command": {"person", "a", nil, true, "second"},
		"a person does not stay against rank 200":  {"person", "a", []model.Record{ranked("a", 200)}, false, "second"},
		"a rank for the field":                     {"a", "b", []model.Record{ranked("b", 10, model.FieldRank{Field: "rack", Rank: 90})}, false, "second"},
		"a rank for the field of the kind":         {"a", "b", []model.Record{ranked("b", 10, model.FieldRank{Field: "Host.rack", Rank: 90})}, false, "second"},
		"a rank for another field":                 {"a", "b", []model.Record{ranked("b", 10, model.FieldRank{Field: "Site.rack", Rank: 90})}, false, "first"},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t, line.sources...)
			tell := func(source, rack string, overwrite bool) *feed.Plan {
				h := aHost("web", "S1", "")
				h.Rack = rack
				if source == model.PersonSource {
					c.put(h)
					return nil
				}
				return c.take(source, func(b *feed.Batch) { b.Add(h, b.At(1, 0, "")) }, func(o *feed.Options) { o.Overwrite = overwrite })
			}
			tell(line.first, "first", false)
			plan := tell(line.second, "second", line.overwrite)
			if got := c.host("web").Rack; got != line.want {
				t.Errorf("the rack is that of the %s, want the %s", got, line.want)
			}
			if kept := len(plan.Kept) > 0; kept != (line.want == "first") {
				t.Errorf("what was kept is told as %v", plan.Kept)
			}
			origin := map[string]string{"first": line.first, "second": line.second}[line.want]
			if got := c.host("web").OriginOf("rack"); got != origin {
				t.Errorf("the rack is from %s, want %s", got, origin)
			}
		})
	}
}

func TestAPersonMayClearAndFillIn(t *testing.T) {
	c := newCompany(t)
	tell := func() {
		h := aHost("web", "S1", "")
		h.Rack, h.Model = "R1", "X1"
		c.take("scan", func(b *feed.Batch) { b.Add(h, b.At(1, 0, "")) })
	}
	tell()
	h := c.host("web")
	h.Rack = ""
	h.SetOrigin("rack", model.PersonSource)
	h.Status = "mine"
	h.SetOrigin("status", model.PersonSource)
	c.put(h)
	tell()
	if got := c.host("web"); got.Rack != "" || got.Model != "X1" || got.Status != "mine" {
		t.Errorf("the host is %+v", got)
	}
}

func TestASourceMaySayThatThereIsNoValue(t *testing.T) {
	c := newCompany(t)
	tell := func(clear ...string) {
		c.take("scan", func(b *feed.Batch) {
			h := aHost("web", "S1", "")
			if len(clear) == 0 {
				h.Rack, h.Status = "R1", "active"
			}
			b.AddItem(&feed.Item{Record: h, Clear: clear, Where: b.At(1, 0, "")})
		})
	}
	tell()
	tell("rack")
	if got := c.host("web"); got.Rack != "" || got.Status != "active" {
		t.Errorf("the host is %+v", got)
	}
}

func TestWhatASourceNoLongerSeesBecomesStale(t *testing.T) {
	c := newCompany(t)
	complete := func(o *feed.Options) { o.Complete = true }
	tell := func(source string, keys ...string) *feed.Plan {
		return c.take(source, func(b *feed.Batch) {
			for i, key := range keys {
				b.Add(aHost(key, "", ""), b.At(i+1, 0, ""), feed.External(key))
			}
		}, complete)
	}
	stale := func(key string) bool { h := c.host(key); return !h.Stale().IsZero() }
	wantCounts(t, tell("scan", "a", "b"), feed.Counts{Created: 2})
	tell("agent", "b")
	wantCounts(t, tell("scan"), feed.Counts{Stale: 2})
	if !stale("a") || stale("b") {
		t.Errorf("a is stale: %v, and b, which an agent sees: %v", stale("a"), stale("b"))
	}
	wantCounts(t, tell("scan"), feed.Counts{})
	wantCounts(t, tell("scan", "a"), feed.Counts{Edited: 1})
	if stale("a") {
		t.Error("a came back and is still stale")
	}
	c.take("scan", func(b *feed.Batch) { b.Mention(aHost("a", "", ""), b.At(1, 0, "")) }, complete)
	if !stale("a") {
		t.Error("a is only mentioned and counts as seen")
	}
}

func TestASecondImportChangesNothingButTheSource(t *testing.T) {
	c := newCompany(t, aHost("old", "S1", mac1))
	fill := func(b *feed.Batch) {
		site := b.Mention(&model.Site{Meta: model.Meta{Key: "hq"}}, b.At(1, 0, ""))
		h := aHost("web", "S1", mac2)
		h.Site = site
		b.Add(h, b.At(2, 0, ""), feed.External("1"))
		b.Add(aHost("db", "S3", ""), b.At(3, 0, ""), feed.External("2"))
		b.Add(aHost("db", "S4", ""), b.At(4, 0, ""), feed.External("3"))
		b.Complete = true
	}
	c.take("scan", fill)
	plan := c.take("scan", fill)
	if len(plan.Changes) != 1 || plan.Changes[0].Kind != "Source" {
		t.Errorf("the second import changes %+v", plan.Changes)
	}
	wantCounts(t, plan, feed.Counts{Unchanged: 4})
}

func TestAnIdentityOfAnotherRecordIsLeftOut(t *testing.T) {
	a, b := aHost("a", "S1", mac1), aHost("b", "S2", "")
	b.Sightings = []model.Sighting{{Source: "scan", External: "b"}}
	c := newCompany(t, a, b)
	plan := c.take("scan", func(batch *feed.Batch) {
		said := aHost("b", "S1", mac1)
		said.MACs = append(said.MACs, mac2)
		batch.Add(said, batch.At(1, 0, ""), feed.External("b"))
	}, func(o *feed.Options) { o.Overwrite = true })
	wantNote(t, plan, "S1 was left out of Host/b")
	wantNote(t, plan, mac1+" was left out of Host/b")
	if got := c.host("b"); got.Serial != "S2" || len(got.MACs) != 1 || got.MACs[0] != mac2 {
		t.Errorf("the host has the serial %q and the cards %v", got.Serial, got.MACs)
	}
}

func TestTheBatchMayTellOfItsOwnSource(t *testing.T) {
	c := newCompany(t)
	fill := func(b *feed.Batch) {
		b.Source.Format = "manifest"
		b.Add(&model.Source{Meta: model.Meta{Key: "files", Name: "Our files"}, Rank: 90}, b.At(1, 0, ""))
	}
	for range 2 {
		c.take("files", fill)
		src := c.snap.Find("Source", "files").(*model.Source)
		if src.Rank != 90 || src.Name != "Our files" || src.Format != "manifest" || src.LastSeen.IsZero() {
			t.Errorf("the source is %+v", src)
		}
	}
}

// vessels reads lines: kind NAME, field KIND NAME TYPE, add KIND KEY FIELD=VALUE.
var vessels = feed.Format{Name: "vessels", Label: "Vessels", Together: true, Rank: 90, Read: func(_ context.Context, in feed.Input, b *feed.Batch) error {
	b.Source.Key = "vessels"
	for i, line := range strings.Split(string(in.Data), "\n") {
		w := strings.Fields(line)
		at := b.At(i+1, 0, "")
		switch w[0] {
		case "kind":
			b.Add(&model.KindDefinition{Meta: model.Meta{Key: w[1]}}, at)
		case "field":
			b.Add(&model.FieldDefinition{Meta: model.Meta{Key: w[1] + "." + w[2]}, Kind: w[1], Field: w[2], Type: model.DefinableType(w[3])}, at)
		case "add":
			k := b.Schema.Kind(w[1])
			if k == nil {
				b.Refuse(at, "there is no kind %s", w[1])
				continue
			}
			rec := k.New()
			rec.Base().Key = w[2]
			name, value, _ := strings.Cut(w[3], "=")
			v, err := k.Field(name).Read(value, b.Resolver(at))
			if err != nil {
				return err
			}
			k.Field(name).Set(rec, v)
			b.Add(rec, at)
		}
	}
	return nil
}}

func TestWhatABatchDefinesItMayUse(t *testing.T) {
	c := newCompany(t)
	b, err := feed.Read(t.Context(), vessels, c.snap.Schema(), feed.Input{Name: "a", Data: []byte("add Vessel anna berth=7\nadd Vessel berta escort=Vessel/anna\nfield Vessel berth integer\nfield Vessel escort ref\nkind Vessel")})
	if err != nil {
		t.Fatal(err)
	}
	other, err := feed.Read(t.Context(), vessels, b.Schema, feed.Input{Name: "b", Data: []byte("add Vessel carla escort=berta\nfield Vessel flag text")})
	if err != nil {
		t.Fatal(err)
	}
	b.Join(other)
	plan := c.takeBatch(b)
	wantCounts(t, plan, feed.Counts{Created: 7})
	if len(plan.Files) != 2 || plan.Files["b"].Created != 2 {
		t.Errorf("by file the counts are %+v", plan.Files)
	}
	k := c.snap.Schema().Kind("Vessel")
	berta, carla := c.snap.Find("Vessel", "berta"), c.snap.Find("Vessel", "carla")
	if k.Field("escort").Get(carla) != berta.Base().Ref() || k.Field("berth").Get(c.snap.Find("Vessel", "anna")) != 7 || k.Field("flag") == nil {
		t.Error("the vessels are not as they were told")
	}
	if plan := c.takeBatch(b); plan.Counts.Unchanged != 7 {
		t.Errorf("the second time the counts are %+v", plan.Counts)
	}
}

func TestAFaultOfAReaderIsAnError(t *testing.T) {
	bad := feed.Format{Label: "Bad", Read: func(context.Context, feed.Input, *feed.Batch) error { panic("boom") }}
	if _, err := feed.Read(t.Context(), bad, model.Builtin(), feed.Input{Name: "x"}); err == nil || !strings.Contains(err.Error(), "boom") {
		t.Errorf("the error is %v", err)
	}
}

func TestRefusedByNameLeavesTheRest(t *testing.T) {
	c := newCompany(t)
	plan := c.take("scan", func(b *feed.Batch) {
		bad := b.Add(aHost("bad", "", ""), b.At(1, 0, ""))
		h := aHost("good", "", "")
		h.RunsOn = bad
		b.Add(h, b.At(2, 0, ""))
	}, func(o *feed.Options) { o.Refuse = map[string]model.Problem{"Host/bad": {Text: "not this one"}} })
	wantReason(t, plan, "not this one")
	if h := c.host("good"); !h.RunsOn.IsZero() {
		t.Error("the good host runs on the bad one")
	}
}

// TestTheOrderDoesNotMatter tells the same of the same hosts from several
// sources, in any order of items and of sources, and compares what comes of it.
func TestTheOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sources := []string{"agent", "cmdb", "scan"}
		hosts := rapid.IntRange(1, 4).Draw(t, "hosts")
		said := map[string][]*model.Host{}
		for _, source := range sources {
			for i := range hosts {
				for part := range rapid.IntRange(0, 2).Draw(t, "parts") {
					h := aHost(fmt.Sprintf("%s-%d", source, i), fmt.Sprint("S", i), "")
					if part == 1 && rapid.Bool().Draw(t, "by card alone") {
						h.Serial = ""
					}
					h.MACs = []string{fmt.Sprintf("02:00:00:00:00:%02x", i)}
					if rapid.Bool().Draw(t, "rack") {
						h.Rack = "rack " + source
					}
					if rapid.Bool().Draw(t, "status") {
						h.Status = "active"
					}
					if rapid.Bool().Draw(t, "model") {
						h.Model = fmt.Sprint("model ", source)
					}
					said[source] = append(said[source], h)
				}
			}
		}
		var want map[string]string
		rank := rapid.SampledFrom([]int{50, 60}).Draw(t, "rank of the cmdb")
		for range 3 {
			c := newCompany(t, &model.Source{Meta: model.Meta{Key: "cmdb"}, Rank: rank})
			for range 2 {
				for _, source := range rapid.Permutation(sources).Draw(t, "sources") {
					items := rapid.Permutation(said[source]).Draw(t, "items")
					c.take(source, func(b *feed.Batch) {
						for i, h := range items {
							b.Add(model.Clone(h), b.At(i+1, 0, ""))
						}
					})
				}
			}
			got := c.told()
			if want == nil {
				want = got
			} else if !maps.Equal(got, want) {
				t.Fatalf("in another order:\n%v\nwant\n%v", got, want)
			}
		}
	})
}

// told writes what is known of each host, and from whom, by its serial number.
func (c *company) told() map[string]string {
	out := map[string]string{}
	k := c.snap.Schema().Kind("Host")
	for rec := range c.snap.View(0).All("Host") {
		line := ""
		for _, f := range k.Fields {
			if f.Has(rec) && !f.System {
				line += fmt.Sprintf("%s=%s(%s) ", f.Name, f.Text(rec, c.snap.View(0)), rec.Base().OriginOf(f.Name))
			}
		}
		for _, s := range rec.Base().Sightings {
			line += " " + s.Source
		}
		out[fmt.Sprint(rec.(*model.Host).MACs)] = line
	}
	return out
}

func TestWhatAContentSaysTwiceDifferentlyIsTold(t *testing.T) {
	c := newCompany(t)
	plan := c.take("sheet", func(b *feed.Batch) {
		b.Add(aHost("h1", "S1", ""), b.At(2, 0, ""))
		b.Add(aHost("h3", "S1", ""), b.At(4, 0, ""))
	})
	wantCounts(t, plan, feed.Counts{Created: 1})
	if len(plan.Notes) != 1 || !strings.Contains(plan.Notes[0], `key "h3" was left out`) {
		t.Errorf("the notes are %q", plan.Notes)
	}
}
