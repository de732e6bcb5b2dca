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

// RepositoriesIn says which repositories are listed.
type RepositoriesIn struct {
	// Team limits the answer to repositories of one team.
	Team model.Ref `to:"Team"`
	// Silent is after how many days without an event a repository is silent. The default is 90.
	Silent int `min:"1" max:"3650"`
}

// RepositoriesOut are the repositories.
type RepositoriesOut struct {
	// Repositories is how many there are with events.
	Repositories practice.Figure
	// Unmapped is how many of them nobody knows the service of.
	Unmapped practice.Figure
	// Silent is how many records have had no event for a while.
	Silent practice.Figure
	// Findings name what is not mapped or is silent, and what would mend it.
	Findings []practice.Finding
	// Rows are the repositories, by name.
	Rows practice.Table[RepositoryRow]
}

// RepositoryRow is a repository.
type RepositoryRow struct {
	// Repository is the full name of the repository.
	Repository string
	// Record is its record. It is empty where events name a repository that the estate does not know.
	Record practice.Link
	// Services are what is built from it.
	Services []practice.Link
	// Team is the team that works on it.
	Team practice.Link
	// State is mapped, not mapped, silent, or archived.
	State string
	// Events is how many different events there are.
	Events int
	// Commits is how many of them are commits.
	Commits int
	// Changes is how many are pull or merge requests.
	Changes int
	// Builds is how many are builds.
	Builds int
	// Deployments is how many are deployments, to wherever.
	Deployments int
	// Production is how many deployments reached production.
	Production int
	// Incidents is how many are incidents.
	Incidents int
	// Unnumbered is how many lines were left out because they do not say which event they are about.
	Unnumbered int
	// Last is the day of the last event.
	Last model.Date
}

// Repositories lists the repositories with what their events are mapped to: which services are built from them, which team works on them, what nobody knows the service of, and which have been silent.
func Repositories(v estate.View, in RepositoriesIn) (RepositoriesOut, error) {
	var out RepositoriesOut
	b := bookOf(v)
	oldest := v.At().AddDays(-cmp.Or(in.Silent, 90))
	seen := map[*model.Repository]bool{}
	var with, unmapped, silent []practice.Link
	lost := 0
	for _, f := range b.flows {
		rec := b.recordOf[strings.ToLower(f.repository)]
		row := b.repositoryRow(f, rec)
		if rec != nil {
			seen[rec] = true
			with = append(with, row.Record)
		}
		if !in.Team.IsZero() && (rec == nil || rec.Team != in.Team) {
			continue
		}
		name := cmp.Or(f.repository, "no repository")
		switch {
		case len(row.Services) == 0:
			row.State = "not mapped"
			if lost++; rec != nil {
				unmapped = append(unmapped, row.Record)
			}
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("Nobody knows what is built from %s: %s in no figure of a service.", name, practice.Count(row.Events, "event is", "events are")), About: row.Record, Owner: row.Team,
				Mend: &practice.Mend{Action: "delivery.map_repository", Parameters: map[string]string{"full_name": f.repository}}})
		case rec != nil && rec.Archived:
			row.State = "archived"
		case row.Last < oldest:
			row.State = "silent"
			if rec != nil {
				silent = append(silent, row.Record)
			}
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s has told nothing since %s.", name, row.Last), About: row.Record, Owner: row.Team})
		default:
			row.State = "mapped"
		}
		out.Rows.Rows = append(out.Rows.Rows, row)
	}
	for rec := range estate.Each[*model.Repository](v) {
		if seen[rec] || !in.Team.IsZero() && rec.Team != in.Team {
			continue
		}
		row := RepositoryRow{Repository: cmp.Or(rec.FullName, nameOf(rec)), Record: practice.To(rec), Team: practice.To(v.Get(rec.Team)), State: "silent"}
		for _, ref := range rec.Builds {
			if target := v.Get(ref); target != nil {
				row.Services = append(row.Services, practice.To(target))
			}
		}
		if rec.Archived {
			row.State = "archived"
		} else {
			silent = append(silent, row.Record)
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("Nothing is known about what happens in %s.", rec.Title()), About: row.Record, Owner: row.Team})
		}
		out.Rows.Rows = append(out.Rows.Rows, row)
	}
	slices.SortStableFunc(out.Rows.Rows, func(x, y RepositoryRow) int { return strings.Compare(x.Repository, y.Repository) })
	sortFindings(out.Findings)
	out.Findings = append(b.trouble(), out.Findings...)
	out.Repositories = practice.Figure{Value: float64(len(b.flows)), Unit: "repositories", From: with}
	out.Unmapped = practice.Figure{Value: float64(lost), Unit: "repositories", Better: practice.Lower, From: unmapped}
	out.Silent = practice.Counted("repositories", practice.Lower, silent)
	return out, nil
}

// repositoryRow counts what happened in a repository.
func (b *book) repositoryRow(f *flow, rec *model.Repository) RepositoryRow {
	row := RepositoryRow{Repository: f.repository, Last: day(f.last), Commits: f.counted[commit], Changes: f.counted[change], Builds: f.counted[build], Deployments: f.counted[deployment], Incidents: f.counted[incident], Unnumbered: f.unnumbered}
	if rec != nil {
		row.Record, row.Team = practice.To(rec), practice.To(b.view.Get(rec.Team))
	}
	for _, n := range f.counted {
		row.Events += n
	}
	for _, g := range f.groups {
		row.Production += len(g.deployments)
	}
	for _, u := range b.servicesOf[f] {
		row.Services = append(row.Services, u.link)
	}
	return row
}

// CoverageIn says what should be measured.
type CoverageIn struct {
	// Criticality leaves out what is less critical.
	Criticality model.Criticality
	// Window is within which time there should be a deployment. The default is 180 days.
	Window model.Duration
	// Everything counts what nobody builds here too, such as what is bought. Otherwise only what has a repository or events is counted.
	Everything bool
}

// CoverageOut says how much is measured.
type CoverageOut struct {
	// Share is how much of what should be measured is.
	Share practice.Figure
	// Without is how much is not measured.
	Without practice.Figure
	// Findings name what is not measured.
	Findings []practice.Finding
	// Rows are the services with what is known about their delivery.
	Rows practice.Table[CoverageRow]
}

// CoverageRow is an application, a service or a product.
type CoverageRow struct {
	// Of is the application, service or product.
	Of practice.Link
	// Criticality says how much the business depends on it.
	Criticality model.Criticality
	// State is measured, no deployment, no events, or no repository.
	State string
	// Repositories are where its source is.
	Repositories []practice.Link
	// Last is the day of its last deployment to production.
	Last model.Date
	// Owner is who answers for it.
	Owner practice.Link
}

// Coverage tells which applications and services have figures of delivery, and what the others lack: a repository, events, or a deployment.
func Coverage(v estate.View, in CoverageIn) (CoverageOut, error) {
	var out CoverageOut
	rows := coverage(v, in)
	var all, without []practice.Link
	for _, row := range rows {
		if all = append(all, row.Of); row.State == "measured" {
			continue
		}
		without = append(without, row.Of)
		out.Findings = append(out.Findings, uncovered(row))
	}
	out.Rows.Rows = rows
	out.Share = practice.Figure{Unit: "%", Better: practice.Higher, From: all, Unknown: len(all) == 0}
	if len(all) > 0 {
		out.Share.Value = practice.Share(len(all)-len(without), len(all))
	} else {
		out.Share.Note = "Nothing has a repository, so there is nothing to measure."
	}
	out.Without = practice.Counted("services", practice.Lower, without)
	sortFindings(out.Findings)
	return out, nil
}

func uncovered(row CoverageRow) practice.Finding {
	text := map[string]string{
		"no repository": "%s has no repository and no events, so nobody can tell how it is delivered.",
		"no events":     "Nothing is known about what happens in the repositories of %s.",
		"no deployment": "No deployment of %s to production is known in the time looked at.",
	}[row.State]
	f := practice.Finding{Severity: practice.SeverityOf(row.Criticality).Less(), Text: fmt.Sprintf(text, row.Of.Title()), About: row.Of, From: append([]practice.Link{row.Of}, row.Repositories...), Owner: row.Owner}
	if row.State == "no repository" {
		f.Mend = &practice.Mend{Action: "delivery.map_repository", Parameters: map[string]string{"builds": row.Of.String()}}
	}
	return f
}

// coverage returns what should be measured, by key.
func coverage(v estate.View, in CoverageIn) []CoverageRow {
	b := bookOf(v)
	w := windowOf(v, cmp.Or(in.Window, 180*model.Duration(24*time.Hour)))
	sources := map[model.Ref][]practice.Link{}
	for r := range estate.Each[*model.Repository](v) {
		for _, ref := range r.Builds {
			if !r.Archived {
				sources[ref] = append(sources[ref], practice.To(r))
			}
		}
	}
	var out []CoverageRow
	look := func(rec model.Record, always bool) {
		ref := rec.Base().Ref()
		u, known := b.byRef[ref]
		critical := practice.CriticalityOf(rec)
		if practice.Gone(rec, v.At()) || !always && !known && len(sources[ref]) == 0 && !in.Everything || model.Rank(critical) < model.Rank(in.Criticality) {
			return
		}
		row := CoverageRow{Of: practice.To(rec), Criticality: critical, Repositories: sources[ref], Owner: practice.OwnerOf(v, rec)}
		switch {
		case !known && len(sources[ref]) == 0:
			row.State = "no repository"
		case !known:
			row.State = "no events"
		default:
			row.State = "no deployment"
			if list := within(u.deployments(), window{0, w.until}, func(d *judged) uint32 { return d.end }); len(list) > 0 {
				last := list[len(list)-1].end
				if row.Last = day(last); w.has(last) {
					row.State = "measured"
				}
			}
		}
		out = append(out, row)
	}
	for a := range estate.Each[*model.Application](v) {
		look(a, false)
	}
	for s := range estate.Each[*model.Service](v) {
		look(s, in.Everything)
	}
	for p := range estate.Each[*model.Product](v) {
		if _, known := b.byRef[p.Ref()]; known || len(sources[p.Ref()]) > 0 {
			look(p, false)
		}
	}
	slices.SortFunc(out, func(x, y CoverageRow) int {
		return cmp.Or(strings.Compare(x.Of.Key, y.Of.Key), strings.Compare(x.Of.Kind, y.Of.Kind))
	})
	return out
}

// EveryServiceMeasured checks that every application and service that is built here has had a deployment to production in the time looked at, so that its delivery can be measured.
func EveryServiceMeasured(v estate.View, in CoverageIn) (practice.Verdict, error) {
	var out practice.Verdict
	for _, row := range coverage(v, in) {
		out.Checked = append(out.Checked, row.Of)
		if row.State != "measured" {
			out.Findings = append(out.Findings, uncovered(row))
		}
	}
	sortFindings(out.Findings)
	all := practice.Count(len(out.Checked), "service", "services")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "Nothing has a repository, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("The delivery of %d of %s cannot be measured.", len(out.Findings), all)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("The delivery of each of %s is measured.", all)
	}
	return out, nil
}

// MapRepositoryIn says what is built from a repository.
type MapRepositoryIn struct {
	// FullName is the name at the provider, such as acme/shop. A repository that the estate does not know is created.
	FullName string
	// Repository is the repository, where the estate knows it.
	Repository model.Ref `to:"Repository"`
	// Builds are the applications, services and products that are built from it. They are added to those that it has.
	Builds []model.Ref `to:"Application,Service,Product"`
	// Team is the team that works on it. Unset means as before.
	Team model.Ref `to:"Team"`
	// Provider is where it is kept. Unset means as before.
	Provider model.CodeProvider
	// URL is its address. Unset means as before.
	URL string `name:"url" format:"url"`
}

// MapRepository proposes which services are built from a repository and which team works on it, so that its events count for them.
func MapRepository(v estate.View, in MapRepositoryIn) (practice.Proposal, error) {
	var before *model.Repository
	switch {
	case !in.Repository.IsZero():
		before, _ = estate.Look[*model.Repository](v, in.Repository)
		if before == nil {
			return practice.Proposal{}, model.Problem{Field: "repository", Text: "there is no such repository"}
		}
	case in.FullName != "":
		before = bookOf(v).recordOf[strings.ToLower(in.FullName)]
	default:
		return practice.Proposal{}, model.Problem{Field: "full_name", Text: "say which repository: its full name, such as acme/shop"}
	}
	if len(in.Builds) == 0 && in.Team.IsZero() {
		return practice.Proposal{}, model.Problem{Field: "builds", Text: "say what is built from it, or which team works on it"}
	}
	after := &model.Repository{FullName: in.FullName}
	if before != nil {
		after = model.Clone(before)
	} else {
		after.Key = keyOf(v, in.FullName)
		after.ID = practice.NewID(v, "Repository", after.Key)
	}
	after.Builds = slices.Clone(after.Builds)
	for _, ref := range in.Builds {
		if !slices.Contains(after.Builds, ref) {
			after.Builds = append(after.Builds, ref)
		}
	}
	if !in.Team.IsZero() {
		after.Team = in.Team
	}
	after.Provider, after.URL = cmp.Or(in.Provider, after.Provider), cmp.Or(in.URL, after.URL)
	out := practice.Proposal{Why: "Map " + cmp.Or(after.FullName, after.Title()) + " to what is built from it"}
	var was model.Record
	if before != nil {
		was = before
	}
	if change, differs := model.Difference(v.Schema().Of(after), was, after); differs {
		out.Changes = append(out.Changes, change)
	}
	if len(after.Builds) > 1 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: fmt.Sprintf("%d things are built from it: events that do not say which one they are about count for each of them.", len(after.Builds)), About: practice.To(after)})
	}
	return out, nil
}

// keyOf makes a key of the full name of a repository that no other has.
func keyOf(v estate.View, name string) string {
	key := strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, strings.ToLower(name)), "-.")
	key = cmp.Or(key, "repository")
	for n := 2; ; n++ {
		if v.Find("Repository", key) == nil {
			return key
		}
		key = fmt.Sprintf("%s-%d", strings.TrimSuffix(key, fmt.Sprintf("-%d", n-1)), n)
	}
}
