package delivery

import (
	"cmp"
	"fmt"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ThroughputIn says whose throughput is counted.
type ThroughputIn struct {
	// Service limits the answer to one application, service or product.
	Service model.Ref `to:"Application,Service,Product"`
	// Team limits the answer to one team.
	Team model.Ref `to:"Team"`
	// By says what is measured as one. The default is each service.
	By By
	// Weeks is how many weeks are counted. The default is 13.
	Weeks int `min:"1" max:"260"`
}

// ThroughputOut is how much gets done.
type ThroughputOut struct {
	// Rows are the services, teams or repositories.
	Rows practice.Table[ThroughputRow]
	// Weeks are the merged requests of each week, one line for each of the ten that have most.
	Weeks practice.Series
	// Findings say what is missing.
	Findings []practice.Finding
}

// ThroughputRow is how much one service, team or repository gets done.
type ThroughputRow struct {
	// Of is what is counted.
	Of practice.Link
	// Weeks is how many whole weeks are known.
	Weeks int
	// Merged is how many requests were merged in them.
	Merged int
	// PerWeek is how many that are in a week.
	PerWeek *float64
	// Half is what half of the weeks reached at least.
	Half *float64
	// Deployments is how many deployments to production there were in them.
	Deployments int
	// Lines is the median of the lines that a merged request added and deleted.
	Lines *float64
	// Open is how many requests are open now.
	Open int
	// Oldest is how many days ago the oldest of them was opened.
	Oldest *int
	// From are the repositories and the loads that the row was computed from.
	From []practice.Link
}

// Throughput counts what gets done: merged requests and deployments by week, and what waits. It counts for each service or team by itself; what is one request here is two elsewhere, so numbers of teams do not compare.
func Throughput(v estate.View, in ThroughputIn) (ThroughputOut, error) {
	var out ThroughputOut
	b := bookOf(v)
	now := windowOf(v, 0).until
	for _, u := range b.chosen(in.By, in.Service, in.Team) {
		history, from := b.weekly(u, v, cmp.Or(in.Weeks, 13))
		begin := second(from.Time().Unix())
		w := window{begin, begin + uint32(len(history)*7*86400) - 1}
		row := ThroughputRow{Of: u.link, Weeks: len(history), From: b.links(u), Deployments: len(within(u.deployments(), w, func(d *judged) uint32 { return d.end }))}
		var weeks, lines []float64
		line := practice.Line{Name: u.link.Title()}
		for i, n := range history {
			row.Merged += n
			weeks = append(weeks, float64(n))
			at := from.AddDays(7 * i)
			line.Points = append(line.Points, practice.Point{At: at, Label: at.String(), Value: float64(n)})
		}
		for c := range u.requests() {
			switch {
			case c.merged > 0 && w.has(c.merged):
				lines = append(lines, float64(c.size))
			case c.opened <= now && !c.closed && (c.merged == 0 || c.merged > now):
				row.Open++
				age := int((now - c.opened) / 86400)
				if row.Oldest == nil || age > *row.Oldest {
					row.Oldest = &age
				}
			}
		}
		row.Lines = median(lines, 1)
		if row.Merged > 0 || row.Deployments > 0 {
			row.PerWeek, row.Half = rounded(float64(row.Merged)/float64(len(history))), median(weeks, 1)
		}
		out.Rows.Rows = append(out.Rows.Rows, row)
		if len(out.Weeks.Lines) < 10 {
			out.Weeks.Lines = append(out.Weeks.Lines, line)
		}
	}
	out.Weeks.Unit = "merged requests"
	out.Rows.Note = "Whole weeks before today. Weeks before the first event are not counted."
	out.Findings = append(b.trouble(), b.missing(in.Service.IsZero() && in.Team.IsZero())...)
	return out, nil
}

// QualityIn says whose quality is looked at.
type QualityIn struct {
	// Service limits the answer to one application, service or product.
	Service model.Ref `to:"Application,Service,Product"`
	// Team limits the answer to one team.
	Team model.Ref `to:"Team"`
	// By says what is measured as one. The default is each service.
	By By
	// Window is how far back events count. The default is 90 days.
	Window model.Duration
}

// QualityOut is how well changes do.
type QualityOut struct {
	// Method says how the figures are defined.
	Method string
	// Findings name what needs a look.
	Findings []practice.Finding
	// Rows are the services, teams or repositories.
	Rows practice.Table[QualityRow]
}

// QualityRow is how well the changes of one service, team or repository do.
type QualityRow struct {
	// Of is what is measured.
	Of practice.Link
	// Deployments is how many deployments to production there were.
	Deployments int
	// Failed is how many of them somebody had to intervene after.
	Failed int
	// FailRate is their share, in percent.
	FailRate *float64 `unit:"%"`
	// Rework is the share of deployments that were unplanned repairs, in percent.
	Rework *float64 `unit:"%"`
	// Escaped is how many incidents deployments caused: defects that got to the users.
	Escaped int
	// EscapedRate is how many that are for 100 deployments.
	EscapedRate *float64
	// Builds is how many builds succeeded or failed.
	Builds int
	// BuildSuccess is the share of them that succeeded, in percent.
	BuildSuccess *float64 `unit:"%"`
	// BuildTime is the median time of a build, in minutes.
	BuildTime *float64 `unit:"min"`
	// Flaky is the share of failed builds after which another build of the same commit succeeded, in percent.
	Flaky *float64 `unit:"%"`
	// Tests is how many tests ran.
	Tests int
	// TestsFailed is the share of them that failed, in percent.
	TestsFailed *float64 `unit:"%"`
	// From are the repositories and the loads that the row was computed from.
	From []practice.Link
}

// health is how the builds of a unit did.
type health struct {
	builds, good, bad, flaky, run, failed int
	minutes                               []float64
}

func (u *unit) health(w window) health {
	var h health
	for _, g := range u.groups {
		for _, x := range within(g.builds, w, func(x *built) uint32 { return x.end }) {
			h.builds++
			h.good += b2i(x.result == success)
			h.bad += b2i(x.result == failure)
			h.flaky += b2i(x.flaky)
			h.run, h.failed = h.run+int(x.run), h.failed+int(x.failed)
			if x.end > x.start {
				h.minutes = append(h.minutes, float64(x.end-x.start))
			}
		}
	}
	return h
}

// Quality tells how well changes do: deployments that failed, rework, defects that got to the users, builds, and tests that fail by chance.
func Quality(v estate.View, in QualityIn) (QualityOut, error) {
	out := QualityOut{Method: "Failed deployments and rework are those of DORA. An escaped defect is an incident that a deployment caused. A build is flaky where it failed and another build of the same commit succeeded. What was not counted is unknown and not zero."}
	b := bookOf(v)
	w := windowOf(v, cmp.Or(in.Window, 90*model.Duration(24*time.Hour)))
	for _, u := range b.chosen(in.By, in.Service, in.Team) {
		f, h := u.five(w), u.health(w)
		row := QualityRow{Of: u.link, Deployments: len(f.deployments), Failed: len(f.failed), FailRate: percent(len(f.failed), len(f.deployments)), Rework: percent(len(f.unplanned), len(f.deployments)),
			Builds: h.builds, BuildSuccess: percent(h.good, h.builds), BuildTime: median(h.minutes, 60), Flaky: percent(h.flaky, h.bad), Tests: h.run, TestsFailed: percent(h.failed, h.run), From: b.links(u)}
		for _, g := range u.groups {
			for _, x := range within(g.incidents, w, func(x *broken) uint32 { return x.start }) {
				row.Escaped += b2i(x.cause == byDeployment)
			}
		}
		row.EscapedRate = percent(row.Escaped, row.Deployments)
		out.Rows.Rows = append(out.Rows.Rows, row)
		find := func(s practice.Severity, text string, args ...any) {
			out.Findings = append(out.Findings, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: u.link, From: row.From, Owner: practice.To(b.view.Get(u.team))})
		}
		if row.Deployments >= 5 && *row.FailRate > 30 {
			find(practice.Medium, "Somebody had to intervene after %d of %d deployments of %s.", row.Failed, row.Deployments, u.link.Title())
		}
		if h.bad >= 10 && h.flaky*2 > h.bad {
			find(practice.Low, "More than half of the failed builds of %s failed by chance: another build of the same commit succeeded.", u.link.Title())
		}
		if h.builds >= 10 && h.good*2 < h.builds {
			find(practice.Low, "Fewer than half of the builds of %s succeed.", u.link.Title())
		}
	}
	out.Findings = append(out.Findings, append(b.trouble(), b.missing(in.Service.IsZero() && in.Team.IsZero())...)...)
	return out, nil
}
