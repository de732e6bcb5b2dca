package delivery

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ServiceIn says which service is measured.
type ServiceIn struct {
	// Service is the application, service or product.
	Service model.Ref `to:"Application,Service,Product" is:"required"`
	// Window is how far back deployments count. The default is 90 days.
	Window model.Duration
	// Months is how many months the lines go back. The default is 12.
	Months int `min:"1" max:"120"`
	// Limit is how many events are listed at most. The default is 200.
	Limit int `min:"0" max:"100000"`
}

// ServiceOut are DORA's five metrics of one service, and what they were counted from.
type ServiceOut struct {
	// LeadTime is the median time from writing a commit to its deployment.
	LeadTime practice.Figure
	// PerWeek is how many deployments there were in a week.
	PerWeek practice.Figure
	// Recovery is the median time to recover from a deployment that failed.
	Recovery practice.Figure
	// FailRate is the share of deployments that somebody had to intervene after.
	FailRate practice.Figure
	// Rework is the share of deployments that were unplanned repairs.
	Rework practice.Figure
	// Method says how the figures are defined.
	Method string
	// Note says what to know when reading them.
	Note string
	// Deployments are the deployments of each month: all, those that failed, and unplanned ones.
	Deployments practice.Series
	// LeadTimes are the median lead times of each month, in hours.
	LeadTimes practice.Series
	// Counted says what the figures were counted from and what was left out.
	Counted practice.Table[CountedRow]
	// Events are the deployments themselves, the newest first, with what was left out.
	Events practice.Table[EventRow]
}

// EventRow is one deployment.
type EventRow struct {
	// Finished is the moment at which it was over.
	Finished model.Time
	// Repository is the full name of the repository.
	Repository string
	// Number is its number there.
	Number string
	// Page is where the provider shows it, or its commit.
	Page string
	// Counted says whether it counts, or why not.
	Counted string
	// Cause is planned, hotfix or rollback.
	Cause string
	// Failed says why it is known that somebody had to intervene.
	Failed string
	// Recovery is how long it took to recover.
	Recovery string
	// Changes is how many commits with a known time it brought.
	Changes int
	// LeadTime is their median lead time, in hours.
	LeadTime *float64 `unit:"h"`
}

// Service tells DORA's five metrics of one service with their course by month, and lists the deployments behind them.
func Service(v estate.View, in ServiceIn) (ServiceOut, error) {
	out := ServiceOut{Method: dataSource}
	b := bookOf(v)
	w := windowOf(v, cmp.Or(in.Window, 90*model.Duration(24*time.Hour)))
	u := b.byRef[in.Service]
	if u == nil {
		u = &unit{link: practice.To(v.Get(in.Service)), services: 1}
	}
	f := u.five(w)
	row := b.row(u, &f, w)
	figure := func(x *float64, unit string, better practice.Better, note string) practice.Figure {
		if x == nil {
			return practice.Figure{Unknown: true, Unit: unit, Better: better, Note: note, From: row.From}
		}
		return practice.Figure{Value: *x, Unit: unit, Better: better, From: row.From}
	}
	out.LeadTime = figure(row.LeadTime, "h", practice.Lower, "No deployment is known that brought a commit whose time is known.")
	out.PerWeek = figure(row.PerWeek, "deployments/week", practice.Higher, "No deployment to production is known.")
	out.Recovery = figure(row.Recovery, "h", practice.Lower, "No deployment failed and was recovered from.")
	out.FailRate = figure(row.FailRate, "%", practice.Lower, "No deployment to production is known.")
	out.Rework = figure(row.Rework, "%", practice.Lower, "No deployment to production is known.")
	out.Note = row.Note
	out.Counted.Rows = []CountedRow{countedRow(u, &f, w)}
	u.byMonth(&out, v, cmp.Or(in.Months, 12))
	out.Events = b.listed(u, w, cmp.Or(in.Limit, 200))
	return out, nil
}

// byMonth draws the months.
func (u *unit) byMonth(out *ServiceOut, v estate.View, months int) {
	today := v.At().Time()
	lines := [4]practice.Line{{Name: "deployments"}, {Name: "failed"}, {Name: "unplanned"}, {Name: "median lead time"}}
	now := windowOf(v, 0).until
	for i := months - 1; i >= 0; i-- {
		first := model.NewDate(today.Year(), today.Month()-time.Month(i), 1)
		w := window{second(first.Time().Unix()), min(now, second(first.AddMonths(1).Time().Unix()-1))}
		f := u.five(w)
		point := func(line int, value float64) {
			lines[line].Points = append(lines[line].Points, practice.Point{At: first, Label: first.String()[:7], Value: value})
		}
		point(0, float64(len(f.deployments)))
		point(1, float64(len(f.failed)))
		point(2, float64(len(f.unplanned)))
		if lead := median(f.leads, hour); lead != nil {
			point(3, *lead)
		}
	}
	out.Deployments = practice.Series{Unit: "deployments", Lines: lines[:3]}
	out.LeadTimes = practice.Series{Unit: "h", Lines: lines[3:]}
}

// listed lists the deployments of a unit in a span, the newest first.
func (b *book) listed(u *unit, w window, limit int) practice.Table[EventRow] {
	var out practice.Table[EventRow]
	type dated struct {
		at  uint32
		row EventRow
	}
	var all []dated
	leads := map[*group]map[uint32][]float64{}
	for _, g := range u.groups {
		leads[g] = map[uint32][]float64{}
		for _, s := range within(g.samples, w, func(s *sample) uint32 { return s.at }) {
			leads[g][s.at] = append(leads[g][s.at], float64(s.lead))
		}
		for _, o := range within(g.leftOut, w, func(o *omitted) uint32 { return o.end }) {
			all = append(all, dated{o.end, EventRow{Finished: moment(o.end), Repository: g.flow.repository, Number: fmt.Sprint(o.id), Page: b.page(g.flow.repository, deployment, o.id), Counted: "left out: " + o.why}})
		}
	}
	for _, d := range within(u.deployments(), w, func(d *judged) uint32 { return d.end }) {
		row := EventRow{Finished: moment(d.end), Repository: d.group.flow.repository, Number: fmt.Sprint(d.id), Page: b.page(d.group.flow.repository, commit, d.commit), Counted: "counts", Cause: cmp.Or(causes[d.cause], "planned")}
		list := leads[d.group][d.end]
		row.Changes, row.LeadTime = len(list), median(list, hour)
		if d.failed && d.known <= w.until {
			row.Failed = d.why
			row.Recovery = "not yet"
			if d.recovered > 0 && d.recovered <= w.until {
				row.Recovery = model.Duration(time.Duration(d.recovered-min(d.recovered, d.end)) * time.Second).String()
			}
		}
		all = append(all, dated{d.end, row})
	}
	slices.SortStableFunc(all, func(x, y dated) int { return cmp.Compare(y.at, x.at) })
	for _, d := range all[:min(limit, len(all))] {
		out.Rows = append(out.Rows, d.row)
	}
	if len(all) > limit {
		out.Note = fmt.Sprintf("The newest %d of %d.", limit, len(all))
	}
	return out
}

// mostPlain is above every number that providers give out one by one. Greater ones were made of other identifiers.
const mostPlain = 1_000_000_000_000

// page returns where the provider of a repository shows an event, or nothing where nobody can tell.
func (b *book) page(repository string, s sort, id int64) string {
	rec := b.recordOf[strings.ToLower(repository)]
	if rec == nil || rec.URL == "" || id == 0 || s != commit && id >= mostPlain {
		return ""
	}
	address := strings.TrimSuffix(strings.TrimSuffix(rec.URL, "/"), ".git")
	short := fmt.Sprintf("%015x", id)
	words := map[model.CodeProvider]map[sort]string{
		"github":       {commit: "/commit/" + short, change: "/pull/%d", incident: "/issues/%d", build: "/actions/runs/%d", deployment: "/deployments"},
		"gitlab":       {commit: "/-/commit/" + short, change: "/-/merge_requests/%d", incident: "/-/issues/%d", build: "/-/pipelines/%d", deployment: "/-/deployments/%d"},
		"gitea":        {commit: "/commit/" + short, change: "/pulls/%d", incident: "/issues/%d", build: "/actions/runs/%d"},
		"bitbucket":    {commit: "/commits/" + short, change: "/pull-requests/%d", build: "/pipelines/results/%d"},
		"azure_devops": {commit: "/commit/" + short, change: "/pullrequest/%d"},
	}
	path := words[rec.Provider][s]
	if strings.Contains(path, "%d") {
		path = fmt.Sprintf(path, id)
	}
	if path == "" {
		return ""
	}
	return address + path
}
