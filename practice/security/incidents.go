package security

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// IncidentsIn says which incidents are wanted.
type IncidentsIn struct {
	// Months is how many months back closed incidents and means count, from the first day of the month. The default is 12.
	Months int `min:"1" max:"240"`
	// Severity is the least severity that counts.
	Severity model.Severity
	// Category limits the answer to one sort of incident.
	Category model.IncidentCategory
	// Open leaves closed incidents out of the table.
	Open bool
}

// IncidentsOut says which security incidents there are and how quickly they were dealt with.
type IncidentsOut struct {
	// Open is how many incidents are not closed.
	Open practice.Figure
	// Closed is how many incidents of the time looked at are closed and were really incidents.
	Closed practice.Figure
	// NoticesLate is how many notices about them are late.
	NoticesLate practice.Figure
	// TimeToDetect is the mean time from the beginning of an incident to its detection, in hours.
	TimeToDetect practice.Figure
	// TimeToContain is the mean time from detection until it could spread no further, in hours.
	TimeToContain practice.Figure
	// TimeToRecover is the mean time from detection until everything worked again, in hours.
	TimeToRecover practice.Figure
	// Findings say what needs somebody now.
	Findings []practice.Finding
	// ByMonth counts incidents by the month in which they were detected.
	ByMonth practice.Series
	// Incidents are the incidents, open ones first, the worst first.
	Incidents practice.Table[IncidentRow]
}

// IncidentRow is one security incident.
type IncidentRow struct {
	// Incident is the incident.
	Incident practice.Link
	// State says how far the work on it is.
	State model.IncidentStage
	// Severity says how bad it is.
	Severity model.Severity
	// Category says what sort of incident it is.
	Category model.IncidentCategory
	// Detected is when it was noticed.
	Detected model.Time
	// OpenFor is how long it has been open, or was.
	OpenFor model.Duration
	// Affected are the things that it harmed or could harm.
	Affected []practice.Link
	// Persons is how many persons the data is about.
	Persons int
	// NextNotice is the notice that is to be sent next.
	NextNotice string
	// NoticeDue is by when it must be there.
	NoticeDue model.Time
	// Left is how long there is still time for it, below zero where it is late.
	Left string
	// Commander is who leads the work on it.
	Commander practice.Link
}

// Incidents lists the security incidents with the clocks of the notices that they need, and tells how long it took to detect, contain and
// recover from those that were detected in the time looked at. What turned out to be none does not count in the means.
func Incidents(v estate.View, in IncidentsIn) (IncidentsOut, error) {
	now := practice.NowOf(v)
	from := firstOfMonth(v.At()).AddMonths(1 - cmp.Or(in.Months, 12))
	var out IncidentsOut
	var open, closed, late []practice.Link
	var counted []*model.SecurityIncident
	for i := range estate.Each[*model.SecurityIncident](v) {
		if in.Category != "" && i.Category != in.Category || model.Rank(i.Severity) < model.Rank(in.Severity) {
			continue
		}
		link := practice.To(i)
		isOpen := i.State != model.IncidentClosed
		seen := cmp.Or(i.Detected, i.Confirmed, i.Created.At)
		if !isOpen && seen.Date() < from {
			continue
		}
		if isOpen {
			open = append(open, link)
		}
		if seen.Date() >= from && !wasNone(i) {
			counted = append(counted, i)
			if !isOpen {
				closed = append(closed, link)
			}
		}
		row, notices := incidentRow(v, i, now)
		for k := range notices {
			if notices[k].state != NoticeLate {
				continue
			}
			if late = append(late, link); !isOpen {
				out.Findings = append(out.Findings, notices[k].finding(v, now))
			}
		}
		if isOpen {
			out.Findings = append(out.Findings, incidentFindings(v, i, notices, now)...)
		}
		if isOpen || !in.Open {
			out.Incidents.Rows = append(out.Incidents.Rows, row)
		}
	}
	slices.SortStableFunc(out.Incidents.Rows, func(a, b IncidentRow) int {
		return cmp.Or(boolOrder(a.State != model.IncidentClosed, b.State != model.IncidentClosed), cmp.Compare(model.Rank(b.Severity), model.Rank(a.Severity)), cmp.Compare(b.Detected, a.Detected), cmp.Compare(a.Incident.Key, b.Incident.Key))
	})
	heaviestFirst(out.Findings)
	out.Open = practice.Counted("incidents", practice.Lower, open)
	out.Closed = practice.Counted("incidents", practice.Neither, closed)
	out.NoticesLate = practice.Counted("notices", practice.Lower, late)
	out.TimeToDetect = meanHours(counted, func(i *model.SecurityIncident) (model.Time, model.Time) { return i.Occurred, i.Detected })
	out.TimeToContain = meanHours(counted, func(i *model.SecurityIncident) (model.Time, model.Time) { return i.Detected, i.Contained })
	out.TimeToRecover = meanHours(counted, func(i *model.SecurityIncident) (model.Time, model.Time) { return i.Detected, i.Recovered })
	out.ByMonth = incidentsByMonth(counted, from, v.At())
	return out, nil
}

// boolOrder puts what is so before what is not.
func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func firstOfMonth(day model.Date) model.Date {
	y, m, _ := day.Time().Date()
	return model.NewDate(y, m, 1)
}

// incidentRow returns an incident as a row, with its notices, the most pressing first.
func incidentRow(v estate.View, i *model.SecurityIncident, now model.Time) (IncidentRow, []notice) {
	row := IncidentRow{Incident: practice.To(i), State: cmp.Or(i.State, model.IncidentDetection), Severity: i.Severity, Category: i.Category, Detected: i.Detected, Affected: linksTo(v, i.Affected), Persons: i.PersonsAffected, Commander: commander(v, i)}
	if start := cmp.Or(i.Detected, i.Confirmed); !start.IsZero() {
		if end := cmp.Or(i.Closed, now); end > start {
			row.OpenFor = model.Duration(time.Duration(between(start, end)).Round(time.Minute))
		}
	}
	notices := noticesOf(v, i, now)
	pressing(notices)
	if len(notices) > 0 && notices[0].state.Open() {
		n := &notices[0]
		row.NextNotice, row.NoticeDue, row.Left = n.regime+" "+n.stage, n.due, n.leftText(now)
	}
	return row, notices
}

// linksTo returns links to the records of some refs that the view sees.
func linksTo(v estate.View, refs []model.Ref) []practice.Link {
	var out []practice.Link
	for _, ref := range refs {
		if rec := v.Get(ref); rec != nil {
			out = append(out, practice.To(rec))
		}
	}
	return out
}

// incidentFindings say what an open incident needs now.
func incidentFindings(v estate.View, i *model.SecurityIncident, notices []notice, now model.Time) []practice.Finding {
	var out []practice.Finding
	link := practice.To(i)
	add := func(s practice.Severity, text string, args ...any) {
		out = append(out, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: link, From: []practice.Link{link}, Owner: commander(v, i)})
	}
	for k := range notices {
		if n := &notices[k]; n.state.Open() && n.state != NoticeWaiting {
			out = append(out, n.finding(v, now))
		}
	}
	started := model.Rank(i.State) > model.Rank(model.IncidentTriage)
	switch {
	case aware(i).IsZero():
		add(practice.Medium, "Nobody says when %s was detected: without it no clock of a notice runs.", i.Title())
	case !started && between(aware(i), now) > 24*hour:
		add(practice.High, "%s has been waiting for a decision since %s.", i.Title(), aware(i))
	}
	if commander(v, i).IsZero() {
		add(practice.High, "Nobody leads the work on %s.", i.Title())
	}
	if i.State == model.IncidentLessons && i.RootCause == "" && i.Lessons == "" {
		add(practice.Medium, "%s is over: write down its cause and what was learned.", i.Title())
	}
	return out
}

// meanHours returns the mean of a length of time over the incidents that have both its ends, in hours with one place.
func meanHours(list []*model.SecurityIncident, ends func(*model.SecurityIncident) (from, to model.Time)) practice.Figure {
	f := practice.Figure{Unit: "h", Better: practice.Lower}
	total := 0.0
	for _, i := range list {
		from, to := ends(i)
		if from.IsZero() || to.IsZero() || to < from {
			continue
		}
		total += time.Duration(between(from, to)).Hours()
		f.From = append(f.From, practice.To(i))
	}
	if len(f.From) == 0 {
		f.Unknown, f.Note = true, "no incident says both when it began and when it ended"
		return f
	}
	f.Value = float64(int64(total/float64(len(f.From))*10+0.5)) / 10
	f.Note = fmt.Sprintf("the mean of %s", practice.Count(len(f.From), "incident", "incidents"))
	return f
}

// incidentsByMonth counts incidents by month, each of severity high or worse also in a line of its own.
func incidentsByMonth(list []*model.SecurityIncident, from, until model.Date) practice.Series {
	all, grave := practice.Line{Name: "All"}, practice.Line{Name: "High or critical"}
	for month := from; month <= until; month = month.AddMonths(1) {
		point := practice.Point{At: month, Label: month.String()[:7]}
		worse := point
		for _, i := range list {
			if seen := cmp.Or(i.Detected, i.Confirmed, i.Created.At).Date(); firstOfMonth(seen) != month {
				continue
			}
			point.From = append(point.From, practice.To(i))
			if model.Rank(i.Severity) >= model.Rank(model.SeverityHigh) {
				worse.From = append(worse.From, practice.To(i))
			}
		}
		point.Value, worse.Value = float64(len(point.From)), float64(len(worse.From))
		all.Points, grave.Points = append(all.Points, point), append(grave.Points, worse)
	}
	return practice.Series{Unit: "incidents", Lines: []practice.Line{all, grave}}
}

// IncidentIn says which incident is wanted.
type IncidentIn struct {
	// Incident is the incident.
	Incident model.Ref `to:"SecurityIncident" is:"required"`
}

// IncidentOut is everything about one incident.
type IncidentOut struct {
	// OpenFor is how long it has been open, or was, in hours.
	OpenFor practice.Figure
	// Persons is how many persons the data is about.
	Persons practice.Figure
	// Critical is how many things of the business with high criticality it reaches.
	Critical practice.Figure
	// Findings say what needs somebody now.
	Findings []practice.Finding
	// Notices are the notices that it needs, the most pressing first.
	Notices practice.Table[NoticeRow]
	// Stages are when each stage was reached and how long after the detection.
	Stages practice.Table[IncidentStageRow]
	// Timeline is what happened and what was done, in order of time.
	Timeline practice.Table[IncidentEventRow]
	// Impact is what of the business it reaches, by the shortest path.
	Impact practice.Table[IncidentImpactRow]
	// Actions are what is done so that it does not happen again.
	Actions practice.Table[IncidentActionRow]
}

// IncidentStageRow is a moment in the course of an incident.
type IncidentStageRow struct {
	// Stage says what was reached.
	Stage string
	// At is when.
	At model.Time
	// After is how long after the detection, below zero where it was before.
	After model.Duration
}

// IncidentEventRow is one line of the timeline.
type IncidentEventRow struct {
	// At is when it happened.
	At model.Time
	// Type says what sort of event it is.
	Type model.IncidentEventType
	// Who did or saw it.
	Who practice.Link
	// What says what happened.
	What string
}

// IncidentImpactRow is something of the business that an incident reaches.
type IncidentImpactRow struct {
	// Record is what is reached.
	Record practice.Link
	// Criticality says how much the business depends on it.
	Criticality model.Criticality
	// Path is the chain from what the incident affected.
	Path practice.Path
}

// IncidentActionRow is something that is done so that an incident does not happen again.
type IncidentActionRow struct {
	// Action is the item of the plan.
	Action practice.Link
	// State says where it stands.
	State model.PlanItemState
	// Due is the day by which it is to be done.
	Due model.Date
	// Owner is who answers for it.
	Owner practice.Link
}

// Incident tells everything about one security incident: the clocks of its notices, its course, and what of the business it reaches along the
// paths by which failure travels.
func Incident(v estate.View, in IncidentIn) (IncidentOut, error) {
	var out IncidentOut
	i, ok := estate.Look[*model.SecurityIncident](v, in.Incident)
	if !ok {
		return out, model.Problem{Field: "incident", Text: "there is no such incident"}
	}
	now := practice.NowOf(v)
	row, notices := incidentRow(v, i, now)
	link := []practice.Link{practice.To(i)}
	out.OpenFor = practice.Figure{Value: float64(int64(time.Duration(row.OpenFor).Hours()*10+0.5)) / 10, Unit: "h", Better: practice.Lower, From: link}
	out.Persons = practice.Figure{Value: float64(i.PersonsAffected), Unit: "persons", From: link}
	for k := range notices {
		out.Notices.Rows = append(out.Notices.Rows, notices[k].row(now))
	}
	if i.State != model.IncidentClosed {
		out.Findings = incidentFindings(v, i, notices, now)
	}
	out.Stages.Rows = stagesOf(i)
	if problem := disorder(i); problem != "" {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: problem, About: link[0], From: link})
	}
	for _, e := range withoutOrder(i.Timeline) {
		out.Timeline.Rows = append(out.Timeline.Rows, IncidentEventRow{At: e.At, Type: e.Type, Who: practice.To(v.Get(e.Who)), What: e.What})
	}
	critical := out.reach(v, i)
	out.Critical = practice.Counted("records", practice.Lower, critical)
	for _, ref := range i.Actions {
		if p, ok := estate.Look[*model.PlanItem](v, ref); ok {
			out.Actions.Rows = append(out.Actions.Rows, IncidentActionRow{Action: practice.To(p), State: p.State, Due: p.Due, Owner: practice.OwnerOf(v, p)})
		}
	}
	heaviestFirst(out.Findings)
	return out, nil
}

// stagesOf lists the moments of an incident that are known, in the order in which they should come.
func stagesOf(i *model.SecurityIncident) []IncidentStageRow {
	var out []IncidentStageRow
	for _, s := range []struct {
		name string
		at   model.Time
	}{{"occurred", i.Occurred}, {"detected", i.Detected}, {"confirmed", i.Confirmed}, {"classified", i.Classified}, {"contained", i.Contained}, {"eradicated", i.Eradicated}, {"recovered", i.Recovered}, {"closed", i.Closed}} {
		if s.at.IsZero() {
			continue
		}
		row := IncidentStageRow{Stage: s.name, At: s.at}
		if !i.Detected.IsZero() {
			row.After = between(i.Detected, s.at)
		}
		out = append(out, row)
	}
	return out
}

// disorder says which moments of an incident cannot be right, or nothing.
func disorder(i *model.SecurityIncident) string {
	stages := slices.DeleteFunc(stagesOf(i), func(s IncidentStageRow) bool { return s.Stage == "classified" })
	for k := 1; k < len(stages); k++ {
		if stages[k].At < stages[k-1].At {
			return fmt.Sprintf("It was %s at %s, before it was %s at %s: correct one of them.", stages[k].Stage, stages[k].At, stages[k-1].Stage, stages[k-1].At)
		}
	}
	return ""
}

// withoutOrder returns the events of a timeline in order of time, however they were written.
func withoutOrder(timeline []model.IncidentEvent) []model.IncidentEvent {
	out := slices.Clone(timeline)
	slices.SortStableFunc(out, func(a, b model.IncidentEvent) int { return cmp.Compare(a.At, b.At) })
	return out
}

// reach fills in what of the business an incident reaches, the most critical first, and returns what is highly critical.
func (out *IncidentOut) reach(v estate.View, i *model.SecurityIncident) (critical []practice.Link) {
	starts := slices.DeleteFunc(append(slices.Clone(i.Affected), i.DataSets...), func(r model.Ref) bool { return v.Get(r) == nil })
	if len(starts) == 0 {
		out.Impact.Note = "nobody says what the incident affects"
		return nil
	}
	outage := v.Fail(starts...)
	for k, s := range outage.Steps {
		switch s.Record.(type) {
		case *model.Application, *model.Service, *model.Capability, *model.Process, *model.Product, *model.Goal:
		default:
			continue
		}
		if practice.Gone(s.Record, v.At()) {
			continue
		}
		row := IncidentImpactRow{Record: practice.To(s.Record), Criticality: practice.CriticalityOf(s.Record), Path: practice.PathOf(outage.Path(k))}
		if model.Rank(row.Criticality) >= model.Rank(model.CriticalityHigh) {
			critical = append(critical, row.Record)
		}
		out.Impact.Rows = append(out.Impact.Rows, row)
	}
	slices.SortStableFunc(out.Impact.Rows, func(a, b IncidentImpactRow) int {
		return cmp.Or(cmp.Compare(model.Rank(b.Criticality), model.Rank(a.Criticality)), cmp.Compare(len(a.Path), len(b.Path)), cmp.Compare(a.Record.String(), b.Record.String()))
	})
	return critical
}
