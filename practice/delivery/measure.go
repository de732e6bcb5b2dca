package delivery

import (
	"cmp"
	"iter"
	"math"
	"slices"
	gosort "sort"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// judged is one deployment to production with what came of it.
type judged struct {
	*deployed
	group *group
	// failed says that somebody had to intervene, and why it is known.
	failed bool
	why    string
	// known is the moment since which that is known, and recovered the one at which it was over. 0 means that it is not over.
	known, recovered uint32
}

// deployments returns the deployments of a unit by the moment at which they were over, each with what came of it. A deployment failed where an
// incident names it as its cause, or where a rollback or a hotfix follows at once. A hotfix for an incident that no deployment caused is no sign of a failed deployment.
func (u *unit) deployments() []judged {
	u.once.Do(u.judge)
	return u.judged
}

func (u *unit) judge() {
	type name struct {
		flow *flow
		id   int64
	}
	for _, g := range u.groups {
		for i := range g.deployments {
			u.judged = append(u.judged, judged{deployed: &g.deployments[i], group: g})
		}
	}
	slices.SortStableFunc(u.judged, func(a, b judged) int { return cmp.Or(cmp.Compare(a.end, b.end), cmp.Compare(a.id, b.id)) })
	var caused, others []broken
	var from []*group
	for _, g := range u.groups {
		for _, x := range g.incidents {
			if x.cause == byDeployment {
				caused, from = append(caused, x), append(from, g)
			} else {
				others = append(others, x)
			}
		}
	}
	var at map[name]int
	if len(caused) > 0 {
		at = make(map[name]int, len(u.judged))
		for i := range u.judged {
			at[name{u.judged[i].group.flow, u.judged[i].id}] = i
		}
	}
	unresolved := map[int]bool{}
	for n, x := range caused {
		i, ok := at[name{from[n].flow, x.parent}]
		if !ok && x.parent == 0 {
			i = gosort.Search(len(u.judged), func(i int) bool { return u.judged[i].end > x.start }) - 1
			ok = i >= 0
		}
		if !ok {
			u.loose++
			continue
		}
		d := &u.judged[i]
		d.fail("an incident names it", x.start)
		if unresolved[i] = unresolved[i] || !x.resolved; !unresolved[i] {
			d.recovered = max(d.recovered, x.end)
		} else {
			d.recovered = 0
		}
	}
	slices.SortFunc(others, func(a, b broken) int { return cmp.Compare(a.start, b.start) })
	for i := range u.judged {
		d := &u.judged[i]
		if d.fixed == 0 || d.fixCause == hotfix && meanwhile(others, d.fixBegan) {
			continue
		}
		known := d.failed
		if d.fail(map[cause]string{hotfix: "a hotfix followed", rollback: "it was rolled back"}[d.fixCause], d.fixBegan); !known {
			d.recovered = d.fixed
		}
	}
}

// fail notes that somebody had to intervene.
func (d *judged) fail(why string, known uint32) {
	if d.failed {
		d.why, d.known = d.why+", "+why, min(d.known, known)
		return
	}
	d.failed, d.why, d.known = true, why, known
}

// meanwhile reports whether one of the incidents, by their begin, goes on at a moment or ended in the hour before.
func meanwhile(incidents []broken, at uint32) bool {
	for _, x := range incidents {
		if x.start > at {
			return false
		}
		if !x.resolved || x.end+3600 >= at {
			return true
		}
	}
	return false
}

// window is a span of time: from the first second to the last.
type window struct{ from, until uint32 }

// windowOf returns the span that ends at the moment of a view.
func windowOf(v estate.View, length model.Duration) window {
	until := practice.NowOf(v).Time().Unix()
	return window{second(until - int64(time.Duration(length)/time.Second) + 1), second(until)}
}

// before returns the span of the same length before this one.
func (w window) before() window {
	length := w.until - w.from + 1
	return window{w.from - min(w.from, length), w.from - min(w.from, 1)}
}

func (w window) has(at uint32) bool { return at >= w.from && at <= w.until }

// weeks returns how many weeks the span has.
func (w window) weeks() float64 { return float64(w.until-w.from+1) / (7 * 86400) }

// within returns the part of a sorted list that is in a span.
func within[E any](list []E, w window, at func(*E) uint32) []E {
	i := gosort.Search(len(list), func(i int) bool { return at(&list[i]) >= w.from })
	j := gosort.Search(len(list), func(i int) bool { return at(&list[i]) > w.until })
	return list[i:max(i, j)]
}

// five are DORA's five metrics of one unit in one span, with what they were counted from. Times are in seconds.
type five struct {
	deployments []judged
	failed      []judged
	unplanned   []judged
	recoveries  []float64
	// unrecovered is how many failed deployments are not recovered from.
	unrecovered int
	days        int
	gaps        []float64
	leads       []float64
	// undated is how many changes came to production none of whose commits is known.
	undated int
	// byChange says that no commit is known, so that leads are of changes from their opening on.
	byChange bool
}

// five measures a unit: every deployment to production counts for the span in which it was over.
func (u *unit) five(w window) five {
	var f five
	f.deployments = within(u.deployments(), w, func(d *judged) uint32 { return d.end })
	day := uint32(math.MaxUint32)
	for i := range f.deployments {
		d := &f.deployments[i]
		if d.end/86400 != day {
			day = d.end / 86400
			f.days++
		}
		if i > 0 {
			f.gaps = append(f.gaps, float64(d.end-f.deployments[i-1].end))
		}
		if d.unplanned() {
			f.unplanned = append(f.unplanned, *d)
		}
		if !d.failed || d.known > w.until {
			continue
		}
		f.failed = append(f.failed, *d)
		if d.recovered == 0 || d.recovered > w.until {
			f.unrecovered++
		} else {
			f.recoveries = append(f.recoveries, float64(d.recovered-min(d.recovered, d.end)))
		}
	}
	for _, g := range u.groups {
		for _, s := range within(g.samples, w, func(s *sample) uint32 { return s.at }) {
			f.leads = append(f.leads, float64(s.lead))
		}
		f.undated += len(within(g.undated, w, func(at *uint32) uint32 { return *at }))
	}
	if len(f.leads) == 0 && f.undated > 0 {
		f.byChange = true
		for c := range u.requests() {
			if c.deployed > 0 && w.has(c.deployed) && c.deployed >= c.opened {
				f.leads = append(f.leads, float64(c.deployed-c.opened))
			}
		}
	}
	return f
}

// requests yields the pull and merge requests of a unit. One that came to production with several services of one repository is yielded once, with the first of them.
func (u *unit) requests() iter.Seq2[*changed, *group] {
	return func(yield func(*changed, *group) bool) {
		of := map[*flow][]*group{}
		for _, g := range u.groups {
			of[g.flow] = append(of[g.flow], g)
		}
		for _, g := range u.groups {
			list := of[g.flow]
			if len(list) == 1 {
				for i := range g.changes {
					if !yield(&g.changes[i], g) {
						return
					}
				}
				continue
			}
			if list[0] != g {
				continue
			}
			once := map[int64]*changed{}
			home := map[int64]*group{}
			for _, other := range list {
				for i := range other.changes {
					c := &other.changes[i]
					if had := once[c.id]; had == nil || c.deployed > 0 && (had.deployed == 0 || c.deployed < had.deployed) {
						once[c.id], home[c.id] = c, other
					}
				}
			}
			for _, id := range sortedKeys(once) {
				if !yield(once[id], home[id]) {
					return
				}
			}
		}
	}
}

// quantile returns a quantile of some numbers, interpolated as NumPy and spreadsheets do by default (Hyndman and Fan's type 7), and whether there are any. It sorts them.
func quantile(list []float64, share float64) (float64, bool) {
	if len(list) == 0 {
		return 0, false
	}
	if !slices.IsSorted(list) {
		slices.Sort(list)
	}
	at := share * float64(len(list)-1)
	low := int(at)
	high := min(low+1, len(list)-1)
	return list[low] + (list[high]-list[low])*(at-float64(low)), true
}

// median returns the median in a unit of so many seconds, rounded to two places, or nil where there is nothing.
func median(list []float64, unit float64) *float64 { return share(list, 0.5, unit) }

// share returns a quantile in a unit, rounded to two places, or nil where there is nothing.
func share(list []float64, of, unit float64) *float64 {
	q, ok := quantile(list, of)
	if !ok {
		return nil
	}
	return rounded(q / unit)
}

func rounded(x float64) *float64 {
	x = math.Round(x*100) / 100
	return &x
}

// percent returns a part of a whole in percent, or nil where there is no whole.
func percent(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	return rounded(100 * float64(part) / float64(whole))
}

// hour is how many seconds an hour has.
const hour = 3600.0

// bandOf returns the answer of the DORA survey that a time in hours belongs to. A month is counted as thirty days.
func bandOf(hours *float64) string {
	switch {
	case hours == nil:
		return ""
	case *hours < 1:
		return "less than an hour"
	case *hours < 24:
		return "less than a day"
	case *hours < 7*24:
		return "a day to a week"
	case *hours < 30*24:
		return "a week to a month"
	case *hours <= 182*24:
		return "one to six months"
	}
	return "more than six months"
}
