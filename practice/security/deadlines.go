package security

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/vulnerable"
)

// DeadlinesIn says whose deadlines are wanted.
type DeadlinesIn struct {
	// Application limits the answer to one thing and its releases.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Release,CloudResource"`
	// Owner limits the answer to what a team or person answers for.
	Owner model.Ref `to:"Team,Person"`
	// Within is how many days ahead a deadline counts as near. The default is 7.
	Within int `min:"0" max:"3650"`
}

// DeadlinesOut says what is to be mended until when.
type DeadlinesOut struct {
	// Late is how much is past its deadline.
	Late practice.Figure
	// Near is how much is due soon.
	Near practice.Figure
	// InTime is the share of what is open that is not late.
	InTime practice.Figure
	// ToMend is how many days it took on average to mend what scanners found, as far as that can be told.
	ToMend practice.Figure
	// Targets lists how what is open stands, decision by decision.
	Targets practice.Table[TargetRow]
	// Due lists what is late or near, the longest overdue first.
	Due practice.Table[DueRow]
}

// TargetRow is how what is open with one decision stands.
type TargetRow struct {
	// Decision is the decision.
	Decision model.SSVCDecision
	// Within is the time for it. Empty means that there is no deadline.
	Within string
	// Target is the record that sets the time. Empty means that it is the time delivered with Binnacle.
	Target practice.Link
	// Open is how much is open.
	Open int
	// Late is how much of it is past its deadline.
	Late int
	// Near is how much of it is due soon.
	Near int
	// Oldest is for how many days the oldest is known.
	Oldest *int
	// Accepted is how much somebody accepted.
	Accepted int
}

// DueRow is something that is late or due soon.
type DueRow struct {
	// Issue is the identifier of the vulnerability, or the rule of the scanner.
	Issue string
	// Application is what has it.
	Application practice.Link
	// Decision is what is to be done.
	Decision model.SSVCDecision
	// Known is the day on which it was first known here.
	Known model.Date
	// Due is the day by which it is to be mended.
	Due model.Date
	// Left is how much time is left. A minus sign means that it is late.
	Left string
	// Upgrade says which versions mend it.
	Upgrade string
	// Owner is who answers for what has it.
	Owner practice.Link
	// From are the records behind it.
	From []practice.Link
}

// Deadlines tells how much of what is open is late or due soon, decision by
// decision. The time for each decision is the organisation's own (ResponseTarget); where it set none, it is two days for immediate, 15 for out of
// cycle, 90 for scheduled, and none for defer. The clock starts when the component in its version and the advisory were both known
// here: when the import that brought the later of the two was made. It does not start anew when anything else about them changes.
func Deadlines(v estate.View, in DeadlinesIn) (DeadlinesOut, error) {
	var out DeadlinesOut
	now := practice.NowOf(v)
	near := now + model.Time((time.Duration(cmp.Or(in.Within, 7)) * 24 * time.Hour).Milliseconds())
	rows := targetRows(v)
	scope := QueueIn{Application: in.Application, Owner: in.Owner}
	var late, soon, open []practice.Link
	var listed []*issue
	for _, i := range issuesOf(v) {
		if !scope.wants(v, i) || i.silenced() {
			continue
		}
		row := &rows[slices.IndexFunc(rows, func(r TargetRow) bool { return r.Decision == i.most })]
		if i.accepted != nil {
			row.Accepted++
			continue
		}
		row.Open++
		open = append(open, i.link())
		if !i.known.IsZero() {
			if days := int(v.At() - i.known.Date()); row.Oldest == nil || days > *row.Oldest {
				row.Oldest = &days
			}
		}
		switch {
		case i.due.IsZero() || i.due > near:
			continue
		case i.late(now):
			row.Late++
			late = append(late, i.link())
		default:
			row.Near++
			soon = append(soon, i.link())
		}
		listed = append(listed, i)
	}
	slices.SortStableFunc(listed, func(a, b *issue) int { return cmp.Or(cmp.Compare(a.due, b.due), a.place-b.place) })
	for _, i := range listed {
		row := DueRow{Issue: i.name, Application: practice.To(i.holder), Decision: i.most, Known: i.known.Date(), Due: i.due.Date(), Left: leftOf(i.due, now), Upgrade: i.upgrade(), From: i.from()}
		if i.holder != nil {
			row.Owner = answersFor(v, i.holder)
		}
		out.Due.Rows = append(out.Due.Rows, row)
	}
	out.Targets.Rows = rows
	out.Late, out.Near = practice.Counted("issues", practice.Lower, late), practice.Counted("issues", practice.Lower, soon)
	out.InTime = practice.Figure{Value: practice.Share(len(open)-len(late), len(open)), Unit: "%", Better: practice.Higher, From: open, Unknown: len(open) == 0}
	if out.InTime.Unknown {
		out.InTime.Note = "nothing is open"
	}
	out.ToMend = timeToMend(v, scope)
	return out, nil
}

// targetRows returns a row for each decision, the most urgent first.
func targetRows(v estate.View) []TargetRow {
	within, set := targetsOf(v), map[model.SSVCDecision]practice.Link{}
	for t := range estate.Each[*model.ResponseTarget](v) {
		if _, first := set[t.Decision]; t.Within == within[t.Decision] && !first {
			set[t.Decision] = practice.To(t)
		}
	}
	var rows []TargetRow
	for _, o := range slices.Backward(model.SSVCDecision("").Options()) {
		d := model.SSVCDecision(o.Value)
		row := TargetRow{Decision: d, Target: set[d]}
		if within[d] > 0 {
			row.Within = within[d].String()
		}
		rows = append(rows, row)
	}
	return rows
}

// timeToMend returns for how many days what scanners no longer see, or what was set to fixed, was known. What the estate found by
// itself leaves nothing behind when it is mended, so views of the past must be compared for that.
func timeToMend(v estate.View, scope QueueIn) practice.Figure {
	f := practice.Figure{Unit: "days", Better: practice.Lower}
	days := 0.0
	for s := range estate.Each[*model.ScanFinding](v) {
		holder := v.Get(s.Subject)
		if !scope.wants(v, &issue{holder: holder, kind: s.Type}) {
			continue
		}
		end := s.Stale()
		if s.State == "fixed" {
			end = cmp.Or(end, s.Changed.At)
		}
		start := s.Created.At
		if s.State == "dismissed" || end.IsZero() || start.IsZero() || end < start {
			continue
		}
		days += float64(end-start) / float64((24 * time.Hour).Milliseconds())
		f.From = append(f.From, practice.To(s))
	}
	if len(f.From) == 0 {
		f.Unknown, f.Note = true, "no finding of a scanner was mended yet; of what the estate finds by itself, compare views of the past"
		return f
	}
	f.Value = float64(int(days/float64(len(f.From))*10+0.5)) / 10
	f.Note = "of " + practice.Count(len(f.From), "finding", "findings") + " of scanners that were mended"
	return f
}

// TrendIn says whose trend is wanted.
type TrendIn struct {
	// Application limits the answer to one thing and its releases.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Release,CloudResource"`
	// Months is how many months are looked back. The default is 12.
	Months int `min:"0" max:"120"`
}

// TrendOut are the figures to be followed over time.
type TrendOut struct {
	// Matches is how many pairs of a component and an advisory are open.
	Matches practice.Figure
	// Open is how much is to be done.
	Open practice.Figure
	// Immediate is how much of it is to be done now.
	Immediate practice.Figure
	// OutOfCycle is how much of it is to be done at the next occasion.
	OutOfCycle practice.Figure
	// Scheduled is how much of it is to be done in regular maintenance.
	Scheduled practice.Figure
	// Exploited is how much of it is known to be used in attacks.
	Exploited practice.Figure
	// Late is how much of it is past its deadline.
	Late practice.Figure
	// Accepted is how much somebody accepted for a time.
	Accepted practice.Figure
	// Silenced is how much VEX statements silence.
	Silenced practice.Figure
	// Age shows what is open today by the month in which it was known: how much of it was there at the end of each month.
	Age practice.Series
}

// Trend gives the figures of vulnerabilities that are to be followed, and shows
// since when what is open today is known. What was mended meanwhile is not in the lines: the trend of each figure, which is drawn from views of the
// past, has it.
func Trend(v estate.View, in TrendIn) (TrendOut, error) {
	var out TrendOut
	scope, now := QueueIn{Application: in.Application}, practice.NowOf(v)
	var open, exploited, late, accepted, silenced, matches []practice.Link
	pairs := 0
	byDecision := map[model.SSVCDecision][]*issue{}
	for _, i := range issuesOf(v) {
		if !scope.wants(v, i) {
			continue
		}
		link := i.link()
		switch {
		case i.silenced():
			silenced = append(silenced, link)
			continue
		case i.accepted != nil:
			accepted = append(accepted, link)
			continue
		}
		open = append(open, link)
		byDecision[i.most] = append(byDecision[i.most], i)
		if i.exploited() {
			exploited = append(exploited, link)
		}
		if i.late(now) {
			late = append(late, link)
		}
		pairs += len(i.pairs)
		matches = append(matches, link)
	}
	figure := func(links []practice.Link) practice.Figure { return practice.Counted("issues", practice.Lower, links) }
	out.Matches = practice.Figure{Value: float64(pairs), Unit: "pairs", Better: practice.Lower, From: distinct(matches)}
	out.Open, out.Exploited, out.Late, out.Accepted, out.Silenced = figure(open), figure(exploited), figure(late), figure(accepted), figure(silenced)
	out.Immediate, out.OutOfCycle, out.Scheduled = figure(linksIn(byDecision[model.SSVCImmediate])), figure(linksIn(byDecision[model.SSVCOutOfCycle])), figure(linksIn(byDecision[model.SSVCScheduled]))
	out.Age = ageOf(v, byDecision, cmp.Or(in.Months, 12))
	return out, nil
}

func linksIn(list []*issue) []practice.Link {
	out := make([]practice.Link, len(list))
	for n, i := range list {
		out[n] = i.link()
	}
	return out
}

// ageOf counts what is open today by the month in which it was known. What has no date counts as known all the time.
func ageOf(v estate.View, byDecision map[model.SSVCDecision][]*issue, months int) practice.Series {
	out := practice.Series{Unit: "issues"}
	today := v.At()
	for _, o := range slices.Backward(model.SSVCDecision("").Options()) {
		line := practice.Line{Name: o.Label}
		for n := months - 1; n >= 0; n-- {
			end := today
			if n > 0 {
				end = firstOfMonth(today).AddMonths(-n+1) - 1
			}
			count := 0
			for _, i := range byDecision[model.SSVCDecision(o.Value)] {
				count += b2i(i.known.IsZero() || i.known.Date() <= end)
			}
			line.Points = append(line.Points, practice.Point{At: end, Value: float64(count)})
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

// ExposureMapIn says how much of the map is wanted.
type ExposureMapIn struct {
	// Limit is how many things there are at most. The default is 50.
	Limit int `min:"0" max:"10000"`
}

// ExposureMapOut shows which things have how much to be done.
type ExposureMapOut struct {
	// Map shows things against decisions.
	Map practice.Picture
	// Things lists each thing, the one with the most urgent issues first.
	Things practice.Table[ExposedThing]
}

// ExposedThing is something and how much of what decision it has open.
type ExposedThing struct {
	// Application is the thing.
	Application practice.Link
	// Target is what a scanner calls it, where the estate does not know it.
	Target string
	// Criticality says how much the business depends on it.
	Criticality model.Criticality
	// Exposure says how easily an attacker reaches it.
	Exposure string
	// Immediate is how much is to be done now.
	Immediate int
	// OutOfCycle is how much is to be done at the next occasion.
	OutOfCycle int
	// Scheduled is how much is to be done in regular maintenance.
	Scheduled int
	// Defer is how much nobody needs to act on now.
	Defer int
	// Exploited is how much is known to be used in attacks.
	Exploited int
	// Late is how much is past its deadline.
	Late int
	// Owner is who answers for it.
	Owner practice.Link
	// From are the components and findings behind it.
	From []practice.Link
}

// ExposureMap shows which things have how much of what decision open.
func ExposureMap(v estate.View, in ExposureMapIn) (ExposureMapOut, error) {
	out := ExposureMapOut{Map: practice.Picture{Type: practice.MatrixPicture}}
	at := map[thing]int{}
	x, now := vulnerable.In(v), practice.NowOf(v)
	var rows []ExposedThing
	for _, i := range issuesOf(v) {
		if !i.open() {
			continue
		}
		n, known := at[i.subject()]
		if !known {
			n = len(rows)
			at[i.subject()] = n
			row := ExposedThing{Application: practice.To(i.holder), Target: i.target}
			if i.holder != nil {
				row.Criticality, row.Owner = criticalityOf(productOf(v, i.holder)), answersFor(v, i.holder)
				row.Exposure = pointText(x.SubjectOf(i.holder.Base().Ref()).Exposure)
			}
			rows = append(rows, row)
		}
		row := &rows[n]
		row.Immediate += b2i(i.most == model.SSVCImmediate)
		row.OutOfCycle += b2i(i.most == model.SSVCOutOfCycle)
		row.Scheduled += b2i(i.most == model.SSVCScheduled)
		row.Defer += b2i(i.most == model.SSVCDefer)
		row.Exploited += b2i(i.exploited())
		row.Late += b2i(i.late(now))
		row.From = append(row.From, i.link())
	}
	slices.SortStableFunc(rows, func(a, b ExposedThing) int {
		return cmp.Or(b.Immediate-a.Immediate, b.OutOfCycle-a.OutOfCycle, b.Scheduled-a.Scheduled, b.Defer-a.Defer,
			strings.Compare(a.Application.String(), b.Application.String()), strings.Compare(a.Target, b.Target))
	})
	limit := cmp.Or(in.Limit, 50)
	out.Things.Rows = rows[:min(limit, len(rows))]
	if len(rows) > limit {
		out.Things.Note = fmt.Sprintf("%d of %d are shown; raise the limit to see the rest", limit, len(rows))
	}
	for _, o := range slices.Backward(model.SSVCDecision("").Options()) {
		out.Map.Stages = append(out.Map.Stages, o.Label)
	}
	for _, row := range out.Things.Rows {
		link := row.Application
		if link.IsZero() {
			link = row.From[0]
		}
		counts := map[model.SSVCDecision]int{model.SSVCImmediate: row.Immediate, model.SSVCOutOfCycle: row.OutOfCycle, model.SSVCScheduled: row.Scheduled, model.SSVCDefer: row.Defer}
		for _, o := range slices.Backward(model.SSVCDecision("").Options()) {
			d := model.SSVCDecision(o.Value)
			if counts[d] > 0 {
				out.Map.Nodes = append(out.Map.Nodes, practice.Node{Link: link, Group: o.Label, Value: float64(counts[d]), Severity: severityOfDecision(d)})
			}
		}
	}
	return out, nil
}
