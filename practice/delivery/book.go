package delivery

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// book is all that is known about delivery, as a view sees it.
type book struct {
	view  estate.View
	loads []*model.Load
	flows []*flow
	// recordOf leads from the name of a repository to its record.
	recordOf map[string]*model.Repository
	// services are what events are about, by key.
	services []*unit
	byRef    map[model.Ref]*unit
	// servicesOf are the services that events of a repository are about, by key.
	servicesOf map[*flow][]*unit
	// unmapped are the groups of events that nobody knows the service of.
	unmapped []*group
	// other is how many lines tell an event of a sort that is not known.
	other int
	// merged says that some branches are not known.
	merged   bool
	problems []error
}

// unit is what is measured as one: a service, a team or a repository.
type unit struct {
	link         practice.Link
	team         model.Ref
	groups       []*group
	repositories []*model.Repository
	// services is how many services are in it.
	services int
	// shared are services that are built from one of the same repositories, whose deployments are counted for each of them.
	shared []practice.Link

	once   sync.Once
	judged []judged
	// loose is how many incidents name a deployment that is not known.
	loose int
}

type bookKey struct{ reader any }

// bookOf returns the book of a view. It is made once for each snapshot and sight, of flows that live on until something is told about their repository.
func bookOf(v estate.View) *book {
	reader := practice.FactsOf(v)
	return v.Memo(bookKey{reader}, func() any { return newBook(v, reader) }).(*book)
}

func newBook(v estate.View, reader facts.Reader) *book {
	b := &book{view: v.With(nil), loads: loadsOf(v), recordOf: map[string]*model.Repository{}, byRef: map[model.Ref]*unit{}, servicesOf: map[*flow][]*unit{}}
	for r := range estate.Each[*model.Repository](v) {
		if name := nameOf(r); name != "" {
			if had := b.recordOf[name]; had == nil || r.Key < had.Key {
				b.recordOf[name] = r
			}
		}
	}
	k := keptOf(v, reader)
	k.mu.Lock()
	defer k.mu.Unlock()
	parts, problems := k.partsOf(reader, b.loads)
	b.problems = problems
	for _, p := range parts {
		b.other += p.other
		b.merged = b.merged || p.merged
	}
	b.flows = k.flowsOf(b.loads, parts, b.recordOf)
	b.settle()
	return b
}

// nameOf returns the name by which events name a repository, in lower case.
func nameOf(r *model.Repository) string {
	if r.FullName != "" {
		return strings.ToLower(r.FullName)
	}
	if u, err := url.Parse(r.URL); err == nil {
		return strings.ToLower(strings.TrimSuffix(strings.Trim(u.Path, "/"), ".git"))
	}
	return ""
}

// flowsOf returns the flow of every repository that events name, by name. Those of which nothing new was told are taken over.
func (k *kept) flowsOf(loads []*model.Load, parts []*part, recordOf map[string]*model.Repository) []*flow {
	in := map[string][]int{}
	for i, p := range parts {
		for name := range p.events {
			in[name] = append(in[name], i)
		}
	}
	names := sortedKeys(in)
	out := make([]*flow, len(names))
	var missing []int
	keys := make([]flowKey, len(names))
	for i, name := range names {
		ids := fnv.New128a()
		for _, p := range in[name] {
			ids.Write(loads[p].ID[:])
		}
		keys[i] = flowKey{repository: name, loads: string(ids.Sum(nil)), settings: settingsOf(recordOf[strings.ToLower(name)])}
		if out[i] = k.flows[keys[i]]; out[i] == nil {
			missing = append(missing, i)
		}
	}
	next := make(chan int)
	var wait sync.WaitGroup
	for range min(len(missing), runtime.GOMAXPROCS(0)) {
		wait.Go(func() {
			for i := range next {
				mine := make([]*part, len(in[names[i]]))
				for j, p := range in[names[i]] {
					mine[j] = parts[p]
				}
				out[i] = newFlow(keys[i], mine)
			}
		})
	}
	for _, i := range missing {
		next <- i
	}
	close(next)
	wait.Wait()
	// What other views made is kept too, until it is more than what this one needs.
	if len(k.flows) > 2*len(names) {
		k.flows = map[flowKey]*flow{}
	}
	for i, f := range out {
		k.flows[keys[i]] = f
	}
	return out
}

func settingsOf(r *model.Repository) settings {
	if r == nil {
		return settings{}
	}
	join := func(list []string) string { return strings.Join(list, "\n") }
	return settings{r.DefaultBranch, join(r.ProductionEnvironments), join(r.DeployWorkflows), join(r.HotfixBranches)}
}

// settle finds out which services the groups of events belong to.
func (b *book) settle() {
	refs := map[string]model.Ref{}
	for _, f := range b.flows {
		rec := b.recordOf[strings.ToLower(f.repository)]
		for _, g := range f.groups {
			var of []model.Ref
			if g.service != "" {
				ref, ok := refs[g.service]
				if !ok {
					ref = b.named(g.service)
					refs[g.service] = ref
				}
				if !ref.IsZero() {
					of = []model.Ref{ref}
				}
			} else if rec != nil {
				of = rec.Builds
			}
			settled := 0
			for _, ref := range of {
				if target := b.view.Get(ref); target != nil {
					b.unit(target).add(g, rec)
					settled++
				}
			}
			if settled == 0 {
				b.unmapped = append(b.unmapped, g)
			}
		}
		if rec != nil && len(rec.Builds) > 1 {
			b.share(rec)
		}
	}
	slices.SortFunc(b.services, func(x, y *unit) int {
		return cmp.Or(strings.Compare(x.link.Key, y.link.Key), strings.Compare(x.link.Kind, y.link.Kind))
	})
	for _, u := range b.services {
		for _, g := range u.groups {
			if list := b.servicesOf[g.flow]; len(list) == 0 || list[len(list)-1] != u {
				b.servicesOf[g.flow] = append(list, u)
			}
		}
		for _, r := range u.repositories {
			if u.team.IsZero() {
				u.team = r.Team
			}
		}
		if rec := b.view.Get(model.Ref(u.link.ID)); u.team.IsZero() && rec != nil {
			if _, isTeam := b.view.Get(rec.Base().Owner).(*model.Team); isTeam {
				u.team = rec.Base().Owner
			}
		}
	}
}

// named returns the record that Kind/key names, or nothing.
func (b *book) named(text string) model.Ref {
	kind, key, found := strings.Cut(text, "/")
	if k := b.view.Schema().Kind(kind); found && k != nil {
		if rec := b.view.Find(k.Name, key); rec != nil {
			return rec.Base().Ref()
		}
	}
	return model.Ref{}
}

func (b *book) unit(rec model.Record) *unit {
	u := b.byRef[rec.Base().Ref()]
	if u == nil {
		u = &unit{link: practice.To(rec), services: 1}
		b.byRef[rec.Base().Ref()] = u
		b.services = append(b.services, u)
	}
	return u
}

func (u *unit) add(g *group, rec *model.Repository) {
	u.groups = append(u.groups, g)
	if rec != nil && !slices.Contains(u.repositories, rec) {
		u.repositories = append(u.repositories, rec)
	}
}

// share notes at the services of a repository which others are built from it.
func (b *book) share(rec *model.Repository) {
	for _, ref := range rec.Builds {
		u := b.byRef[ref]
		for _, other := range rec.Builds {
			if o := b.byRef[other]; u != nil && o != nil && o != u && !slices.Contains(u.shared, o.link) {
				u.shared = append(u.shared, o.link)
			}
		}
	}
}

// links returns what the figures of a unit were computed from.
func (b *book) links(u *unit) []practice.Link {
	out := practice.ToAll(u.repositories)
	return append(out, practice.ToAll(b.loads[:min(len(b.loads), 20)])...)
}

// teams returns one unit for each team, of all groups that its services and repositories have, each once.
func (b *book) teams() []*unit {
	byTeam := map[model.Ref]*unit{}
	var out []*unit
	of := func(team model.Ref) *unit {
		rec := b.view.Get(team)
		if rec == nil {
			return nil
		}
		if byTeam[team] == nil {
			byTeam[team] = &unit{link: practice.To(rec), team: team}
			out = append(out, byTeam[team])
		}
		return byTeam[team]
	}
	have := map[*unit]map[*group]bool{}
	add := func(u *unit, g *group) {
		if have[u] == nil {
			have[u] = map[*group]bool{}
		}
		if !have[u][g] {
			have[u][g] = true
			u.add(g, b.recordOf[strings.ToLower(g.flow.repository)])
		}
	}
	for _, s := range b.services {
		if u := of(s.team); u != nil {
			u.services++
			for _, g := range s.groups {
				add(u, g)
			}
		}
	}
	for _, g := range b.unmapped {
		if rec := b.recordOf[strings.ToLower(g.flow.repository)]; rec != nil {
			if u := of(rec.Team); u != nil {
				add(u, g)
			}
		}
	}
	slices.SortFunc(out, func(x, y *unit) int { return strings.Compare(x.link.Key, y.link.Key) })
	return out
}

// repositories returns one unit for each repository that has a record.
func (b *book) repositories() []*unit {
	var out []*unit
	for _, f := range b.flows {
		if rec := b.recordOf[strings.ToLower(f.repository)]; rec != nil {
			u := &unit{link: practice.To(rec), team: rec.Team, services: len(rec.Builds)}
			for _, g := range f.groups {
				u.add(g, rec)
			}
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(x, y *unit) int { return strings.Compare(x.link.Key, y.link.Key) })
	return out
}

// events is how many events the book has, and since when.
func (b *book) events() (n int, since uint32) {
	for _, f := range b.flows {
		for _, c := range f.counted {
			n += c
		}
		if f.first > 0 && (since == 0 || f.first < since) {
			since = f.first
		}
	}
	return n, since
}

// trouble names the loads that cannot be read.
func (b *book) trouble() []practice.Finding {
	var out []practice.Finding
	for _, err := range b.problems {
		out = append(out, practice.Finding{Severity: practice.High, Text: fmt.Sprintf("Events are missing from every figure, because a load cannot be read: %v.", err)})
	}
	return out
}
