package delivery

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// By says what is measured as one.
type By string

// The things that are measured as one.
const (
	ByService    By = "service"
	ByTeam       By = "team"
	ByRepository By = "repository"
)

// Options lists what can be measured as one.
func (By) Options() []model.Option {
	return []model.Option{
		{Value: "service", Label: "Service", Help: "Each application, service and product by itself."},
		{Value: "team", Label: "Team", Help: "Everything that a team works on, together."},
		{Value: "repository", Label: "Repository", Help: "Each repository by itself."},
	}
}

// DORAIn says whose delivery is measured, and when.
type DORAIn struct {
	// Service limits the answer to one application, service or product.
	Service model.Ref `to:"Application,Service,Product"`
	// Team limits the answer to one team.
	Team model.Ref `to:"Team"`
	// By says what is measured as one. The default is each service.
	By By
	// Window is how far back deployments count. The default is 90 days.
	Window model.Duration
	// Compare shows beside each figure that of the window before.
	Compare bool
}

// DORAOut are DORA's five metrics.
type DORAOut struct {
	// Measured is how many services, teams or repositories had a deployment to production.
	Measured practice.Figure
	// Deployments is how many deployments to production all of them had. It says how much was counted, and nothing about how well anybody delivers.
	Deployments practice.Figure
	// Silent is how many had events and no deployment to production, so that nothing can be said about them.
	Silent practice.Figure
	// Method says how the figures are defined.
	Method string
	// Findings say what is missing in the figures.
	Findings []practice.Finding
	// Rows are the five metrics of each. There is no row for all together: figures of different services are not blended.
	Rows practice.Table[DORARow]
	// Spread says how the metrics differ among the rows. Each row counts once, however often it deploys.
	Spread practice.Table[SpreadRow]
	// Counted says what each figure was counted from and what was left out.
	Counted practice.Table[CountedRow]
}

// DORARow are the five metrics of a service, a team or a repository.
type DORARow struct {
	// Of is what is measured.
	Of practice.Link
	// Team is who works on it.
	Team practice.Link
	// LeadTime is the median time from writing a commit to the end of the deployment that brought it to production, in hours.
	LeadTime *float64 `unit:"h"`
	// LeadBand is the answer of the DORA survey that this belongs to.
	LeadBand string
	// PerWeek is how many deployments to production there were in a week.
	PerWeek *float64
	// Days is on how many days there was one.
	Days int
	// Gap is the median time between two deployments, in hours.
	Gap *float64 `unit:"h"`
	// Recovery is the median time from the end of a deployment that failed to the recovery from it, in hours.
	Recovery *float64 `unit:"h"`
	// RecoveryBand is the answer of the DORA survey that this belongs to.
	RecoveryBand string
	// FailRate is the share of deployments that somebody had to intervene after, in percent.
	FailRate *float64 `unit:"%"`
	// Rework is the share of deployments that were unplanned repairs, in percent.
	Rework *float64 `unit:"%"`
	// LeadTimeBefore is the lead time in the window before.
	LeadTimeBefore *float64 `unit:"h"`
	// PerWeekBefore is how many deployments there were in a week of the window before.
	PerWeekBefore *float64
	// RecoveryBefore is the recovery time in the window before.
	RecoveryBefore *float64 `unit:"h"`
	// FailRateBefore is the change fail rate in the window before.
	FailRateBefore *float64 `unit:"%"`
	// ReworkBefore is the rework rate in the window before.
	ReworkBefore *float64 `unit:"%"`
	// Note says what to know when reading the row.
	Note string
	// From are the repositories and the loads that the row was computed from.
	From []practice.Link
}

// SpreadRow says how one metric differs.
type SpreadRow struct {
	// Metric is the metric.
	Metric string
	// Rows is how many rows have it.
	Rows int
	// Lowest is the lowest one.
	Lowest *float64
	// Quarter is what a quarter of the rows are below.
	Quarter *float64
	// Median is what half of the rows are below.
	Median *float64
	// ThreeQuarters is what three quarters of the rows are below.
	ThreeQuarters *float64
	// Highest is the highest one.
	Highest *float64
	// Unit is what it is counted in.
	Unit string
}

// CountedRow says what figures were counted from.
type CountedRow struct {
	// Of is what is measured.
	Of practice.Link
	// Deployments is how many deployments to production succeeded: what the rates are shares of.
	Deployments int
	// Failed is how many of them somebody had to intervene after.
	Failed int
	// Unplanned is how many of them were hotfixes and rollbacks.
	Unplanned int
	// Recovered is how many of those that failed were recovered from.
	Recovered int
	// Changes is how many lead times there are.
	Changes int
	// ChangesAre says whether these are of commits, or of requests from their opening on.
	ChangesAre string
	// Undated is how many changes came to production without a commit that is known. They are left out of lead time.
	Undated int
	// Elsewhere is how many deployments went to other environments. They are left out.
	Elsewhere int
	// NeverReached is how many deployments to production failed before they reached it. They are left out: nothing changed there.
	NeverReached int
	// Unfinished is how many deployments to production have no result. They are left out.
	Unfinished int
	// OtherIncidents is how many incidents no deployment caused. They do not count for recovery.
	OtherIncidents int
}

// dataSource is what figures count where nobody tells otherwise.
const dataSource = "A deployment counts when it succeeded in production, on the day on which it was over; hotfixes and rollbacks count as deployments. Lead time is the median from writing a commit to the end of the deployment that brought it. " +
	"A deployment failed where an incident names it, or where a rollback or a hotfix begins within 48 hours; recovery is the median from its end to the end of the incident, or else of the repair. Rework are hotfixes and rollbacks. " +
	"Runs that never reached production are no failed deployments, and outages that no deployment caused never count. The figures are for learning and not for ranking."

// DORA tells DORA's five metrics (dora.dev, 2024 and later) for each service or team: change lead time, deployment frequency, failed deployment recovery time, change fail rate
// and deployment rework rate. Figures of several services are not blended into one. What was not counted is said, and where nothing was counted a figure is unknown and not zero.
func DORA(v estate.View, in DORAIn) (DORAOut, error) {
	out := DORAOut{Method: dataSource}
	b := bookOf(v)
	w := windowOf(v, cmp.Or(in.Window, 90*model.Duration(24*time.Hour)))
	units := b.chosen(in.By, in.Service, in.Team)
	now, then := make([]five, len(units)), make([]five, len(units))
	each(len(units), func(i int) {
		now[i] = units[i].five(w)
		if in.Compare {
			then[i] = units[i].five(w.before())
		}
	})
	var measured, silent []practice.Link
	total := 0
	for i, u := range units {
		if len(now[i].deployments) == 0 {
			silent = append(silent, u.link)
		} else {
			measured = append(measured, u.link)
		}
		total += len(now[i].deployments)
		row := b.row(u, &now[i], w)
		if in.Compare {
			was := b.row(u, &then[i], w.before())
			row.LeadTimeBefore, row.PerWeekBefore, row.RecoveryBefore, row.FailRateBefore, row.ReworkBefore = was.LeadTime, was.PerWeek, was.Recovery, was.FailRate, was.Rework
		}
		out.Rows.Rows = append(out.Rows.Rows, row)
		out.Counted.Rows = append(out.Counted.Rows, countedRow(u, &now[i], w))
	}
	noun := string(cmp.Or(in.By, ByService)) + "s"
	if in.By == ByRepository {
		noun = "repositories"
	}
	out.Measured = practice.Counted(noun, practice.Higher, measured)
	out.Silent = practice.Counted(noun, practice.Lower, silent)
	out.Deployments = practice.Figure{Value: float64(total), Unit: "deployments", From: practice.ToAll(b.loads[:min(len(b.loads), 20)]), Note: "Those of a repository that several services are built from are counted for each of them."}
	out.Spread = spread(out.Rows.Rows)
	out.Findings = append(b.trouble(), b.missing(in.Service.IsZero() && in.Team.IsZero())...)
	out.Rows.Note = fmt.Sprintf("Deployments that were over from %s to %s.", day(w.from), day(w.until))
	return out, nil
}

// each does something for each of n numbers, on all cores.
func each(n int, do func(int)) {
	var wait sync.WaitGroup
	cores := min(n, runtime.GOMAXPROCS(0))
	for c := range cores {
		wait.Go(func() {
			for i := c; i < n; i += cores {
				do(i)
			}
		})
	}
	wait.Wait()
}

// day returns the day of a second, in UTC.
func day(at uint32) model.Date { return moment(at).Date() }

// moment returns the moment of a second, or nothing for 0.
func moment(at uint32) model.Time {
	if at == 0 {
		return 0
	}
	return model.TimeOf(time.Unix(int64(at), 0))
}

// chosen returns the units that are measured.
func (b *book) chosen(by By, service, team model.Ref) []*unit {
	units := b.services
	switch by {
	case ByTeam:
		units = b.teams()
	case ByRepository:
		units = b.repositories()
	}
	var out []*unit
	for _, u := range units {
		if !team.IsZero() && u.team != team {
			continue
		}
		if !service.IsZero() && by != ByTeam && model.Ref(u.link.ID) != service && !slices.ContainsFunc(u.repositories, func(r *model.Repository) bool { return by == ByRepository && slices.Contains(r.Builds, service) }) {
			continue
		}
		if !service.IsZero() && by == ByTeam && (b.byRef[service] == nil || b.byRef[service].team != u.team) {
			continue
		}
		out = append(out, u)
	}
	return out
}

// row makes the row of a unit.
func (b *book) row(u *unit, f *five, w window) DORARow {
	row := DORARow{Of: u.link, Team: practice.To(b.view.Get(u.team)), Days: f.days, LeadTime: median(f.leads, hour), Recovery: median(f.recoveries, hour), Gap: median(f.gaps, hour),
		FailRate: percent(len(f.failed), len(f.deployments)), Rework: percent(len(f.unplanned), len(f.deployments)), From: b.links(u)}
	row.LeadBand, row.RecoveryBand = bandOf(row.LeadTime), bandOf(row.Recovery)
	if len(f.deployments) > 0 {
		row.PerWeek = rounded(float64(len(f.deployments)) / w.weeks())
	}
	var notes []string
	note := func(text string, args ...any) { notes = append(notes, fmt.Sprintf(text, args...)) }
	var since uint32
	built := false
	for _, g := range u.groups {
		if first := g.flow.first; first > 0 && (since == 0 || first < since) {
			since = first
		}
		built = built || g.flow.builtAsDeployed
	}
	if len(f.deployments) == 0 {
		note("No deployment to production is known, so nothing can be said.")
	} else if since > w.from+86400 {
		note("Events are known since %s only, so the frequency is too low.", day(since))
	}
	if f.byChange {
		note("No commit is known: lead time begins when a request was opened, and is too short.")
	}
	if f.unrecovered > 0 {
		note("%s not recovered from yet, and left out of recovery.", practice.Count(f.unrecovered, "deployment is", "deployments are"))
	}
	if u.loose > 0 {
		note("%s a deployment that is not known.", practice.Count(u.loose, "incident names", "incidents name"))
	}
	if built {
		note("No deployment is told: builds of the workflows that deploy count as such.")
	}
	if len(u.shared) > 0 {
		note("Built from the same repository, and counted there too: %s.", practice.Some(u.shared))
	}
	if u.services > 1 {
		note("%d services together.", u.services)
	}
	row.Note = strings.Join(notes, " ")
	return row
}

// countedRow says what the figures of a unit were counted from.
func countedRow(u *unit, f *five, w window) CountedRow {
	row := CountedRow{Of: u.link, Deployments: len(f.deployments), Failed: len(f.failed), Unplanned: len(f.unplanned), Recovered: len(f.recoveries), Changes: len(f.leads), Undated: f.undated, ChangesAre: "commits"}
	if f.byChange {
		row.ChangesAre = "requests"
	}
	for _, g := range u.groups {
		for _, o := range within(g.leftOut, w, func(o *omitted) uint32 { return o.end }) {
			switch o.why {
			case notProduction:
				row.Elsewhere++
			case notSucceeded:
				row.NeverReached++
			default:
				row.Unfinished++
			}
		}
		for _, x := range within(g.incidents, w, func(x *broken) uint32 { return x.start }) {
			if x.cause != byDeployment {
				row.OtherIncidents++
			}
		}
	}
	return row
}

// spread says how the metrics differ among rows.
func spread(rows []DORARow) practice.Table[SpreadRow] {
	var out practice.Table[SpreadRow]
	for _, m := range []struct {
		name, unit string
		of         func(*DORARow) *float64
	}{
		{"change lead time", "h", func(r *DORARow) *float64 { return r.LeadTime }},
		{"deployments in a week", "deployments", func(r *DORARow) *float64 { return r.PerWeek }},
		{"failed deployment recovery time", "h", func(r *DORARow) *float64 { return r.Recovery }},
		{"change fail rate", "%", func(r *DORARow) *float64 { return r.FailRate }},
		{"deployment rework rate", "%", func(r *DORARow) *float64 { return r.Rework }},
	} {
		var list []float64
		for i := range rows {
			if x := m.of(&rows[i]); x != nil {
				list = append(list, *x)
			}
		}
		out.Rows = append(out.Rows, SpreadRow{Metric: m.name, Rows: len(list), Unit: m.unit, Lowest: share(list, 0, 1), Quarter: share(list, 0.25, 1), Median: share(list, 0.5, 1), ThreeQuarters: share(list, 0.75, 1), Highest: share(list, 1, 1)})
	}
	return out
}

// missing says what keeps figures from being complete.
func (b *book) missing(whole bool) []practice.Finding {
	var out []practice.Finding
	if len(b.loads) == 0 {
		if b.view.Count("Application")+b.view.Count("Service")+b.view.Count("Repository") == 0 {
			return out
		}
		return append(out, practice.Finding{Severity: practice.Info, Text: "Nothing is known about deliveries yet: import an export of a code provider, or let it send its events to an event receiver."})
	}
	if !whole {
		return out
	}
	if n := len(b.unmapped); n > 0 {
		events := 0
		for _, g := range b.unmapped {
			events += len(g.deployments) + len(g.changes) + len(g.builds) + len(g.incidents)
		}
		if events > 0 {
			out = append(out, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("%s to no service, with %s: delivery.repositories names them.", practice.Count(n, "group of events belongs", "groups of events belong"), practice.Count(events, "event", "events"))})
		}
	}
	if b.other > 0 {
		out = append(out, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s of a sort that is not known, and left out.", practice.Count(b.other, "line is", "lines are"))})
	}
	if b.merged {
		out = append(out, practice.Finding{Severity: practice.Low, Text: "There are so many branches that some of them are not known: what was pushed to these counts as pushed to the branch that is delivered."})
	}
	return out
}
