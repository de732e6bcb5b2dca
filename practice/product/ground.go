package product

import (
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// grounded is something about what a roadmap item runs on that matters in its time.
type grounded struct {
	severity practice.Severity
	short    string
	text     string
	from     []practice.Link
}

// reliance is how many months what is delivered is to rest on the same ground without being rebuilt.
const reliance = 12

// ground looks at what an item runs on in its time, from today until it is due: what leaves support or use before it is
// due or in the twelve months after, and what projects change while it is built.
func ground(v estate.View, i *model.RoadmapItem) []grounded {
	if len(i.RunsOn) == 0 {
		return nil
	}
	from, until := max(i.Start, v.At()), max(i.Due, v.At())
	var out []grounded
	for _, rec := range under(v, i) {
		if app, ok := rec.(*model.Application); ok {
			for _, use := range app.BuiltWith {
				out = append(out, support(v, i, app, use, until)...)
			}
		}
		if l, ok := rec.(interface{ Phases() model.Lifecycle }); ok {
			out = append(out, phase(i, rec, l.Phases(), until)...)
		}
		for _, project := range holders[*model.Project](v, rec.Base().Ref(), "changes") {
			if project.State == "done" || project.State == "stopped" || project.State == "idea" || slices.Contains(i.DependsOn, project.Ref()) {
				continue
			}
			if (project.Start.IsZero() || project.Start <= until) && (project.Due.IsZero() || project.Due >= from) && !(project.Start.IsZero() && project.Due.IsZero()) {
				out = append(out, grounded{practice.Low, rec.Base().Title() + " is being changed", fmt.Sprintf("%s runs on %s, which %s changes in the same time.", i.Title(), rec.Base().Title(), project.Title()), []practice.Link{practice.To(rec), practice.To(project)}})
			}
		}
	}
	return out
}

// under returns the applications, services and technologies that an item runs on, also through others, the nearest first.
func under(v estate.View, i *model.RoadmapItem) []model.Record {
	var out []model.Record
	for _, s := range v.Reach(estate.Up, i.Ref()).Steps {
		switch s.Record.(type) {
		case *model.Application, *model.Service:
			out = append(out, s.Record)
		case *model.Technology:
			if slices.Contains(i.RunsOn, s.Record.Base().Ref()) {
				out = append(out, s.Record)
			}
		}
	}
	return out
}

// support judges one technology that an application is built with, on the day when an item is due and a year later.
func support(v estate.View, i *model.RoadmapItem, app *model.Application, use model.TechnologyUse, due model.Date) []grounded {
	s := practice.SupportsIn(v.On(due)).Use(use)
	ends := s.Ends()
	from := []practice.Link{practice.To(app)}
	if s.Technology != nil {
		from = append(from, practice.To(s.Technology))
	}
	switch {
	case s.Ended() && (ends.IsZero() || ends < v.At()):
		return []grounded{{practice.High, s.Title() + " is out of support", fmt.Sprintf("%s runs on %s with %s, which is out of support.", i.Title(), app.Title(), s.Title()), from}}
	case s.Ended():
		return []grounded{{practice.High, s.Title() + " leaves support", fmt.Sprintf("%s runs on %s with %s, whose support ends on %s, before it is due.", i.Title(), app.Title(), s.Title(), ends), from}}
	case !ends.IsZero() && ends < due.AddMonths(reliance):
		return []grounded{{practice.Medium, s.Title() + " leaves support soon after", fmt.Sprintf("%s runs on %s with %s, whose support ends on %s, less than a year after it is due.", i.Title(), app.Title(), s.Title(), ends), from}}
	}
	return nil
}

// phase judges the life of something that an item runs on.
func phase(i *model.RoadmapItem, rec model.Record, life model.Lifecycle, due model.Date) []grounded {
	title, from := rec.Base().Title(), []practice.Link{practice.To(rec)}
	switch {
	case !life.EndOfLife.IsZero() && life.EndOfLife <= due:
		return []grounded{{practice.High, title + " ends", fmt.Sprintf("%s runs on %s, which is out of use from %s on.", i.Title(), title, life.EndOfLife), from}}
	case !life.EndOfLife.IsZero() && life.EndOfLife < due.AddMonths(reliance):
		return []grounded{{practice.Medium, title + " ends soon after", fmt.Sprintf("%s runs on %s, which is out of use from %s on, less than a year after it is due.", i.Title(), title, life.EndOfLife), from}}
	case !life.PhaseOut.IsZero() && life.PhaseOut <= due:
		return []grounded{{practice.Medium, title + " is phased out", fmt.Sprintf("%s runs on %s, which is phased out from %s on.", i.Title(), title, life.PhaseOut), from}}
	}
	return nil
}
