package delivery

import (
	"cmp"
	"path"
	"slices"
	gosort "sort"
	"strings"
)

// settings are what the record of a repository says about its events.
type settings struct {
	branch       string
	environments string
	workflows    string
	hotfixes     string
}

// flowKey names what a flow was made of: the repository, its settings and the loads.
type flowKey struct {
	repository string
	settings   settings
	loads      string
}

// flow is what happened in one repository, worked out once: which commits each deployment brought, and what followed it.
type flow struct {
	repository string
	// groups are the services that lines of the repository name. The one without a name is what no line names a service of.
	groups []*group
	// counted is how many different events there are of each sort.
	counted [otherSort]int
	first   uint32
	last    uint32
	// builtAsDeployed says that no deployment is told and that builds count as such.
	builtAsDeployed bool
	// unnumbered is how many lines have no number, so that nobody can tell which event they are about.
	unnumbered int
}

// group is what happened to one service in one repository.
type group struct {
	flow *flow
	// service is Kind/key, or empty.
	service string
	// deployments are those that reached production, by the moment at which they were over.
	deployments []deployed
	// leftOut are deployments that do not count, and why.
	leftOut []omitted
	// samples are the commits that deployments brought, by the moment of the deployment.
	samples []sample
	// undated are the moments of deployments that brought changes none of whose commits is known.
	undated []uint32
	// changes are the pull and merge requests, by the moment of opening.
	changes []changed
	// builds are the builds, by the moment at which they were over.
	builds []built
	// incidents are the incidents, by their begin.
	incidents []broken
}

// deployed is one deployment to production.
type deployed struct {
	id, commit int64
	start, end uint32
	cause      cause
	// fixBegan is when the first deployment that repairs it began, and fixed when the last one of these was over. Both are 0 for none.
	fixBegan, fixed uint32
	// fixCause says whether it was rolled back or repaired.
	fixCause cause
}

// unplanned reports whether the deployment repairs something.
func (d *deployed) unplanned() bool { return d.cause == hotfix || d.cause == rollback }

// omitted is a deployment that does not count.
type omitted struct {
	id  int64
	end uint32
	why string
}

// The reasons for which deployments are left out.
const (
	notProduction = "not production"
	notSucceeded  = "failed before production"
	notFinished   = "not finished"
)

// sample is one commit that came to production: seconds from writing it to the end of the deployment.
type sample struct {
	at, lead uint32
	commit   int64
}

// changed is one pull or merge request. Times that are not known are 0.
type changed struct {
	id                                             int64
	commit, opened, review, merged, deployed, size uint32
	// closed says that it was closed without being merged.
	closed bool
}

// built is one build.
type built struct {
	end, start  uint32
	result      result
	run, failed uint32
	// flaky says that it failed and that another build of the same commit succeeded.
	flaky bool
}

// broken is one incident.
type broken struct {
	id, parent int64
	start, end uint32
	cause      cause
	resolved   bool
}

// row is one event while a flow is worked out.
type row struct {
	event
	*label
	load int
}

// newFlow works out what happened in a repository from the lines of several loads.
func newFlow(key flowKey, parts []*part) *flow {
	var rows []row
	n, unnumbered := 0, 0
	for _, p := range parts {
		n += len(p.events[key.repository])
	}
	rows = make([]row, 0, n)
	for i, p := range parts {
		for _, e := range p.events[key.repository] {
			if e.id == 0 || e.parent == 0 && p.labels[e.label].sort == inclusion {
				unnumbered++
				continue
			}
			rows = append(rows, row{e, &p.labels[e.label], i})
		}
	}
	rows = latest(rows)
	b := &builder{flow: &flow{repository: key.repository, unnumbered: unnumbered}, settings: key.settings, groups: map[string]*group{}}
	for i := range rows {
		r := &rows[i]
		b.flow.counted[r.sort]++
		if moment := max(r.start, r.end); moment > 0 {
			b.flow.last = max(b.flow.last, moment)
			if b.flow.first == 0 || r.start < b.flow.first {
				b.flow.first = r.start
			}
		}
		if n := len(b.of[r.sort]); n == 0 {
			b.of[r.sort] = rows[i : i+1 : len(rows)]
		} else {
			b.of[r.sort] = b.of[r.sort][:n+1]
		}
	}
	b.deployments()
	b.brought()
	b.changes()
	b.builds()
	b.incidents()
	for _, name := range sortedKeys(b.groups) {
		b.flow.groups = append(b.flow.groups, b.groups[name])
	}
	return b.flow
}

// bySort returns rows by sort. Sorts are few, so that rows are put into their places without comparing them.
func bySort(rows []row) []row {
	var place [otherSort + 2]int
	for i := range rows {
		place[rows[i].sort+1]++
	}
	for i := 1; i < len(place); i++ {
		place[i] += place[i-1]
	}
	out := make([]row, len(rows))
	for i := range rows {
		at := &place[rows[i].sort]
		out[*at] = rows[i]
		*at++
	}
	return out
}

// aboutOne compares rows of one sort and number: what tells most about the event comes first.
func aboutOne(a, b row) int {
	if a.sort == inclusion && a.parent != b.parent {
		// A deployment brings many commits, and a commit comes with many deployments.
		return cmp.Compare(a.parent, b.parent)
	}
	return cmp.Or(cmp.Compare(b.end, a.end), int(b.result)-int(a.result), int(b.cause)-int(a.cause), b.load-a.load, cmp.Compare(b.start, a.start), cmp.Compare(b.parent, a.parent),
		strings.Compare(b.service, a.service), strings.Compare(b.environment, a.environment), strings.Compare(b.branch, a.branch), cmp.Compare(b.a, a.a), cmp.Compare(b.b, a.b))
}

// latest sorts rows by sort and number and keeps the latest of those about one event: the one that ends later, then the one that says more.
// What it does not say is taken from the others. The order of the lines has no influence.
func latest(rows []row) []row {
	rows = bySort(rows)
	for from, until := 0, 0; from < len(rows); from = until {
		for until = from + 1; until < len(rows) && rows[until].sort == rows[from].sort; until++ {
		}
		slices.SortFunc(rows[from:until], func(a, b row) int {
			if a.id != b.id {
				return cmp.Compare(a.id, b.id)
			}
			return aboutOne(a, b)
		})
	}
	out := rows[:0]
	for _, r := range rows {
		if n := len(out); n > 0 && out[n-1].sort == r.sort && out[n-1].id == r.id && (r.sort != inclusion || out[n-1].parent == r.parent) {
			last := &out[n-1]
			if last.parent == 0 {
				last.parent = r.parent
			}
			if last.cause == noCause && r.cause != noCause {
				own := *last.label
				own.cause = r.cause
				last.label = &own
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

// builder works a flow out.
type builder struct {
	flow     *flow
	settings settings
	// of are the rows of each sort, by number.
	of     [otherSort][]row
	groups map[string]*group
}

func (b *builder) group(service string) *group {
	g := b.groups[service]
	if g == nil {
		g = &group{flow: b.flow, service: service}
		b.groups[service] = g
	}
	return g
}

// find returns the row of a sort with a number, or nil.
func (b *builder) find(s sort, id int64) *row {
	rows := b.of[s]
	at := gosort.Search(len(rows), func(i int) bool { return rows[i].id >= id })
	if id == 0 || at == len(rows) || rows[at].id != id {
		return nil
	}
	return &rows[at]
}

// fits reports whether a name is one of those of a list. The star stands for anything; case does not matter.
func fits(list, name string) bool {
	name = strings.ToLower(name)
	for pattern := range strings.SplitSeq(list, "\n") {
		if pattern == "" {
			continue
		}
		pattern = strings.ToLower(pattern)
		if pattern == name {
			return true
		}
		// A slash of a branch is no border for the star.
		if ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(name, "/", "\x00")); err == nil && ok {
			return true
		}
	}
	return false
}

// production reports whether an environment is production.
func (s settings) production(name string) bool {
	if s.environments != "" {
		return fits(s.environments, name)
	}
	name = strings.ToLower(strings.TrimSpace(name))
	return strings.HasPrefix(name, "prod") || strings.HasPrefix(name, "live")
}

// repair reports whether a branch is that of an unplanned repair.
func (s settings) repair(branch string) bool {
	if s.hotfixes != "" {
		return fits(s.hotfixes, branch)
	}
	branch = strings.ToLower(branch)
	return strings.Contains(branch, "hotfix") || strings.Contains(branch, "revert")
}

// delivered reports whether a branch is the one that is delivered.
func (s settings) delivered(branch string) bool {
	if s.branch != "" {
		return strings.EqualFold(branch, s.branch)
	}
	return branch == "" || branch == "main" || branch == "master"
}

// deployments sorts the deployments out: which reached production, why, and which repair followed each.
func (b *builder) deployments() {
	rows := b.of[deployment]
	if len(rows) == 0 && b.settings.workflows != "" {
		for _, r := range b.of[build] {
			if fits(b.settings.workflows, r.environment) {
				rows = append(rows, r)
			}
		}
		b.flow.builtAsDeployed = len(rows) > 0
	}
	repairs := map[int64]bool{}
	for i := range b.of[change] {
		if c := &b.of[change][i]; c.parent != 0 && c.result == merged && (b.settings.repair(c.branch) || c.cause == hotfix) {
			repairs[c.parent] = true
		}
	}
	for i := range rows {
		r := &rows[i]
		g := b.group(r.service)
		switch {
		case !b.flow.builtAsDeployed && !b.settings.production(r.environment):
			g.leftOut = append(g.leftOut, omitted{r.id, r.end, notProduction})
		case r.result == failure || r.result == cancelled || r.result == closed:
			g.leftOut = append(g.leftOut, omitted{r.id, r.end, notSucceeded})
		case r.result != success:
			g.leftOut = append(g.leftOut, omitted{r.id, r.end, notFinished})
		default:
			d := deployed{id: r.id, commit: r.parent, start: r.start, end: max(r.start, r.end), cause: r.cause}
			if d.cause == noCause && (b.settings.repair(r.branch) || repairs[d.commit]) {
				d.cause = hotfix
			}
			g.deployments = append(g.deployments, d)
		}
	}
	for _, g := range b.groups {
		slices.SortFunc(g.deployments, func(x, y deployed) int {
			return cmp.Or(cmp.Compare(x.end, y.end), cmp.Compare(x.start, y.start), cmp.Compare(x.id, y.id))
		})
		slices.SortFunc(g.leftOut, func(x, y omitted) int { return cmp.Or(cmp.Compare(x.end, y.end), cmp.Compare(x.id, y.id)) })
		g.follow()
	}
}

// immediate is how many seconds after a deployment the repair of it begins at the latest. A repair that comes later repairs something else.
const immediate = 48 * 3600

// follow notes at each planned deployment the repairs that follow it at once, before the next planned one. Of several repairs the last one ends the failure.
func (g *group) follow() {
	last := -1
	for i := range g.deployments {
		d := &g.deployments[i]
		if !d.unplanned() {
			last = i
			continue
		}
		if last < 0 {
			continue
		}
		of := &g.deployments[last]
		if d.start > max(of.end, of.fixed)+immediate {
			last = -1
			continue
		}
		if of.fixed == 0 {
			of.fixBegan, of.fixCause = d.start, d.cause
		}
		of.fixed = d.end
		if d.cause == rollback {
			of.fixCause = rollback
		}
	}
}

// changes notes the requests with their stages. What was deployed is known already from brought.
func (b *builder) changes() {
	firstCommit, firstReview := map[int64]uint32{}, map[int64]uint32{}
	least := func(m map[int64]uint32, id int64, at uint32) {
		if id != 0 && at > 0 {
			if had, ok := m[id]; !ok || at < had {
				m[id] = at
			}
		}
	}
	for i := range b.of[commit] {
		least(firstCommit, b.of[commit][i].parent, b.of[commit][i].start)
	}
	for i := range b.of[review] {
		least(firstReview, b.of[review][i].parent, b.of[review][i].start)
	}
	placed := map[int64]bool{}
	for _, g := range b.groups {
		for i := range g.changes {
			placed[g.changes[i].id] = true
		}
	}
	for i := range b.of[change] {
		r := &b.of[change][i]
		if !placed[r.id] {
			g := b.group(r.service)
			g.changes = append(g.changes, changed{id: r.id})
		}
	}
	for _, g := range b.groups {
		for i := range g.changes {
			c := &g.changes[i]
			r := b.find(change, c.id)
			c.opened, c.size = r.start, r.a+r.b
			c.commit, c.review = firstCommit[c.id], firstReview[c.id]
			if r.result == merged {
				c.merged = r.end
			}
			c.closed = r.result == closed
		}
		slices.SortFunc(g.changes, func(x, y changed) int { return cmp.Or(cmp.Compare(x.opened, y.opened), cmp.Compare(x.id, y.id)) })
	}
}

// builds notes the builds, and which of them failed by chance.
func (b *builder) builds() {
	good := map[int64]bool{}
	for i := range b.of[build] {
		if r := &b.of[build][i]; r.result == success && r.parent != 0 {
			good[r.parent] = true
		}
	}
	for i := range b.of[build] {
		r := &b.of[build][i]
		if r.result != success && r.result != failure {
			continue
		}
		g := b.group(r.service)
		g.builds = append(g.builds, built{end: r.end, start: r.start, result: r.result, run: r.a, failed: r.b, flaky: r.result == failure && good[r.parent]})
	}
	for _, g := range b.groups {
		slices.SortFunc(g.builds, func(x, y built) int {
			return cmp.Or(cmp.Compare(x.end, y.end), cmp.Compare(x.start, y.start), int(x.result)-int(y.result))
		})
	}
}

// incidents notes the incidents. One that names a deployment and no service is of the service of that deployment.
func (b *builder) incidents() {
	for i := range b.of[incident] {
		r := &b.of[incident][i]
		service := r.service
		if d := b.find(deployment, r.parent); service == "" && d != nil {
			service = d.service
		}
		x := broken{id: r.id, parent: r.parent, start: r.start, end: r.end, cause: r.cause, resolved: r.end > r.start}
		if x.cause == noCause && x.parent != 0 {
			x.cause = byDeployment
		}
		g := b.group(service)
		g.incidents = append(g.incidents, x)
	}
	for _, g := range b.groups {
		slices.SortFunc(g.incidents, func(x, y broken) int { return cmp.Or(cmp.Compare(x.start, y.start), cmp.Compare(x.id, y.id)) })
	}
}
