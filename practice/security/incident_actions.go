package security

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ReportIncidentIn says what happened.
type ReportIncidentIn struct {
	// Name says in a few words what happened.
	Name string `is:"required"`
	// Description says more about it. Markdown is understood.
	Description string `is:"long"`
	// Severity says how bad it is.
	Severity model.Severity
	// Category says what sort of incident it is.
	Category model.IncidentCategory
	// Detected is when somebody or something noticed it. Unset means now.
	Detected model.Time
	// Occurred is when it began, as far as that is known.
	Occurred model.Time
	// Affected are the things that it harmed or could harm.
	Affected []model.Ref `to:"any"`
	// DataSets are the data that was seen, changed, lost or out of reach.
	DataSets []model.Ref `to:"DataSet"`
	// PersonalData says that data about natural persons is among it. It follows from the data sets too.
	PersonalData bool
	// PersonRisk says how much it endangers the rights of the persons.
	PersonRisk model.PersonRisk
	// Persons is how many persons the data is about.
	Persons int `min:"0"`
	// Significant says that it is significant in the words of NIS2.
	Significant bool
	// Major says that it is major in the words of DORA.
	Major bool
	// Countries are the countries that it touches, as two letters of ISO 3166.
	Countries []string
	// Commander is the person that leads the work on it.
	Commander model.Ref `to:"Person"`
	// By is who noticed it.
	By model.Ref `to:"Person,Team,Vendor"`
	// Confidential hides it from everyone but its owner and the roles that may read confidential records.
	Confidential bool
}

// ReportIncident proposes to open a security incident, and says which notices it needs and by when.
func ReportIncident(v estate.View, in ReportIncidentIn) (practice.Proposal, error) {
	now := practice.NowOf(v)
	i := &model.SecurityIncident{State: model.IncidentDetection, Severity: in.Severity, Category: in.Category, Detected: cmp.Or(in.Detected, now), Occurred: in.Occurred, Affected: in.Affected, DataSets: in.DataSets,
		PersonalData: in.PersonalData, PersonRisk: in.PersonRisk, PersonsAffected: in.Persons, Significant: in.Significant, Major: in.Major, Countries: in.Countries, Commander: in.Commander}
	switch {
	case i.Detected > now:
		return practice.Proposal{}, model.Problem{Field: "detected", Text: fmt.Sprintf("%s lies ahead", i.Detected)}
	case i.Occurred > i.Detected:
		return practice.Proposal{}, model.Problem{Field: "occurred", Text: "it cannot begin after it was detected"}
	}
	for _, ref := range in.DataSets {
		if d, ok := estate.Look[*model.DataSet](v, ref); ok && d.PersonalData {
			i.PersonalData = true
		}
	}
	i.Number = incidentNumber(v)
	i.Key, i.Name, i.Description, i.Confidential = lowerKey(i.Number), in.Name, in.Description, in.Confidential
	i.ID = practice.NewID(v, "SecurityIncident", i.Key)
	i.Timeline = []model.IncidentEvent{{At: i.Detected, Who: in.By, Type: "seen", What: "Detected: " + in.Name}}
	out := changeOf(v, nil, i, "Report the security incident "+i.Number+": "+in.Name)
	for _, n := range noticesOf(v, i, now) {
		f := n.finding(v, now)
		// The incident is not there yet, so nothing can be noted about it.
		f.Mend = nil
		out.Findings = append(out.Findings, f)
	}
	heaviestFirst(out.Findings)
	return out, nil
}

// incidentNumber returns the next free number of the year of the view, such as SEC-2027-003.
func incidentNumber(v estate.View) string {
	year := v.At().Time().Year()
	for n := 1; ; n++ {
		number := fmt.Sprintf("SEC-%d-%03d", year, n)
		// Incidents out of sight have their keys too: a number is never given twice.
		if v.Snapshot().Find("SecurityIncident", lowerKey(number)) == nil {
			return number
		}
	}
}

// AdvanceIncidentIn says how far the work on an incident has come.
type AdvanceIncidentIn struct {
	// Incident is the incident.
	Incident model.Ref `to:"SecurityIncident" is:"required"`
	// To is the stage that it goes on to. Unset means the one after.
	To model.IncidentStage
	// At is when that was. Unset means now.
	At model.Time
	// By is who says so.
	By model.Ref `to:"Person,Team,Vendor"`
	// Text says what was done or found.
	Text string
}

// AdvanceIncident proposes that the work on an incident goes on to another stage: it notes the moment and writes a line of the timeline.
// Leaving triage for containment confirms the incident. Where work goes back, the moments of what turned out not to be done are taken away.
func AdvanceIncident(v estate.View, in AdvanceIncidentIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.SecurityIncident](v, in.Incident)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "incident", Text: "there is no such incident"}
	}
	now := practice.NowOf(v)
	from := cmp.Or(before.State, model.IncidentDetection)
	to, err := nextStage(from, in.To)
	if err != nil {
		return practice.Proposal{}, err
	}
	at := cmp.Or(in.At, now)
	if at > now {
		return practice.Proposal{}, model.Problem{Field: "at", Text: fmt.Sprintf("%s lies ahead", at)}
	}
	after := model.Clone(before)
	after.State = to
	stamp(after, from, to, at)
	if problem := disorder(after); problem != "" {
		return practice.Proposal{}, model.Problem{Field: "at", Text: problem}
	}
	what := fmt.Sprintf("From %s to %s", from, to)
	if in.Text != "" {
		what += ": " + in.Text
	}
	after.Timeline = withEvent(before.Timeline, model.IncidentEvent{At: at, Who: in.By, Type: "stage", What: what})
	out := changeOf(v, before, after, fmt.Sprintf("%s goes on to %s", before.Title(), to))
	out.Findings = advanceFindings(v, after, now)
	return out, nil
}

// nextStage returns the stage that an incident goes on to, and an error where it may not.
func nextStage(from, to model.IncidentStage) (model.IncidentStage, error) {
	options := from.Options()
	if to == "" {
		if at := model.Rank(from); at < len(options) {
			return model.IncidentStage(options[at].Value), nil
		}
		return "", model.Problem{Field: "to", Text: "the incident is closed: say to which stage it goes back"}
	}
	if !slices.Contains(from.Transitions()[string(from)], string(to)) {
		return "", model.Problem{Field: "to", Text: fmt.Sprintf("from %s it cannot go to %s: it can go to %v", from, to, from.Transitions()[string(from)])}
	}
	return to, nil
}

// stamp notes the moment at which a stage was reached, and takes away those that no longer hold.
func stamp(i *model.SecurityIncident, from, to model.IncidentStage, at model.Time) {
	moments := []struct {
		stage model.IncidentStage
		at    *model.Time
	}{{model.IncidentContainment, &i.Confirmed}, {model.IncidentEradication, &i.Contained}, {model.IncidentRecovery, &i.Eradicated}, {model.IncidentLessons, &i.Recovered}, {model.IncidentClosed, &i.Closed}}
	if model.Rank(to) < model.Rank(from) {
		for _, m := range moments[1:] {
			if model.Rank(m.stage) > model.Rank(to) {
				*m.at = 0
			}
		}
		return
	}
	for _, m := range moments {
		if m.stage == to && m.at.IsZero() {
			*m.at = at
		}
	}
}

// advanceFindings say what the new stage asks for.
func advanceFindings(v estate.View, i *model.SecurityIncident, now model.Time) []practice.Finding {
	var out []practice.Finding
	link := practice.To(i)
	add := func(s practice.Severity, text string) {
		out = append(out, practice.Finding{Severity: s, Text: text, About: link, From: []practice.Link{link}, Owner: commander(v, i)})
	}
	for _, n := range noticesOf(v, i, now) {
		if n.state.Open() {
			out = append(out, n.finding(v, now))
		}
	}
	switch i.State {
	case model.IncidentContainment:
		if i.Severity == "" {
			add(practice.Low, "Nobody says how bad it is: give it a severity.")
		}
	case model.IncidentClosed:
		if !wasNone(i) && i.RootCause == "" {
			add(practice.Medium, "It is closed without a root cause.")
		}
		if !wasNone(i) && len(i.Actions) == 0 {
			add(practice.Low, "It is closed without anything that keeps it from happening again.")
		}
	}
	heaviestFirst(out)
	return out
}
