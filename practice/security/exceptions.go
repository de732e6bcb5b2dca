package security

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
)

// ExceptionsIn says which exceptions are wanted.
type ExceptionsIn struct {
	// About limits the answer to exceptions that hold for a record or except from it.
	About model.Ref `to:"any"`
	// All includes exceptions that ended and that nothing relies on.
	All bool
}

// ExceptionsOut says which exceptions hold and which come to their end.
type ExceptionsOut struct {
	// Active is how many exceptions hold.
	Active practice.Figure
	// Requested is how many wait for a decision.
	Requested practice.Figure
	// In30 is how many end within 30 days.
	In30 practice.Figure
	// In60 is how many end within 60 days, those above among them.
	In60 practice.Figure
	// In90 is how many end within 90 days, those above among them.
	In90 practice.Figure
	// ReliedOn is how many ended although something still relies on them.
	ReliedOn practice.Figure
	// SelfApproved is how many were approved by the person that asked.
	SelfApproved practice.Figure
	// Findings say what needs somebody.
	Findings []practice.Finding
	// Exceptions are the exceptions, the one that ends first before the others.
	Exceptions practice.Table[ExceptionRow]
}

// ExceptionRow is one exception.
type ExceptionRow struct {
	// Exception is the exception.
	Exception practice.Link
	// Stands says how it stands: active, requested, expired, rejected, withdrawn, or not begun.
	Stands string
	// Excepts are what it excepts from.
	Excepts []practice.Link
	// Subjects are the things that it holds for.
	Subjects []practice.Link
	// Vulnerabilities are the vulnerabilities that it holds for.
	Vulnerabilities []string
	// AskedBy is who wants it.
	AskedBy practice.Link
	// ApprovedBy is who allowed it.
	ApprovedBy practice.Link
	// Expires is its last day.
	Expires model.Date
	// DaysLeft is how many days are left, below zero where it is over. Unset where it has no end.
	DaysLeft string
	// Compensated says that controls stand in meanwhile.
	Compensated bool
	// ReliedOn are what still relies on it after its end.
	ReliedOn []practice.Link
	// Owner is who answers for it.
	Owner practice.Link
}

// standing says how an exception stands on a day.
func standing(e *model.Exception, at model.Date) string {
	switch {
	case e.State != model.ExceptionApproved:
		return string(cmp.Or(e.State, "requested"))
	case e.Start > at:
		return "not begun"
	case !e.Holds(at):
		return "expired"
	}
	return "active"
}

// reliances finds out what still relies on exceptions that are over.
type reliances struct {
	view  estate.View
	book  controls.Book
	open  map[string][]practice.Link
	holds map[model.Ref][]*model.Exception
}

func reliancesIn(v estate.View) *reliances {
	r := &reliances{view: v, book: controls.In(v), open: map[string][]practice.Link{}, holds: map[model.Ref][]*model.Exception{}}
	for f := range estate.Each[*model.ScanFinding](v) {
		if f.State == "" || f.State == "open" {
			if !f.Stale().IsZero() {
				continue
			}
			for _, name := range append([]string{f.Rule}, f.Aliases...) {
				r.open[strings.ToUpper(name)] = append(r.open[strings.ToUpper(name)], practice.To(f))
			}
		}
	}
	for e := range estate.Each[*model.Exception](v) {
		if e.Holds(v.At()) {
			for _, ref := range e.From {
				r.holds[ref] = append(r.holds[ref], e)
			}
		}
	}
	return r
}

// of returns what still relies on an exception that is over: findings that are still there, risks that are still accepted, tests that still fail
// and vulnerabilities that scanners still find, unless another exception that holds covers the same.
func (r *reliances) of(e *model.Exception) []practice.Link {
	var out []practice.Link
	for _, ref := range e.From {
		if slices.ContainsFunc(r.holds[ref], func(o *model.Exception) bool { return covers(o, e) }) {
			continue
		}
		switch rec := r.view.Get(ref).(type) {
		case *model.Finding:
			if rec.State != model.FindingClosed && rec.State != model.FindingMended {
				out = append(out, practice.To(rec))
			}
		case *model.Risk:
			if rec.State != model.RiskClosed {
				out = append(out, practice.To(rec))
			}
		case *model.ControlTest:
			if r.book.Test(rec).State == controls.Failed {
				out = append(out, practice.To(rec))
			}
		}
	}
	for _, name := range e.Vulnerabilities {
		for _, link := range r.open[strings.ToUpper(name)] {
			f, _ := estate.Look[*model.ScanFinding](r.view, model.Ref(link.ID))
			if f != nil && (len(e.Subjects) == 0 || slices.Contains(e.Subjects, f.Subject)) && !slices.Contains(out, link) {
				out = append(out, link)
			}
		}
	}
	return out
}

// covers reports whether one exception holds for all things that another held for.
func covers(by, e *model.Exception) bool {
	if len(by.Subjects) == 0 {
		return true
	}
	return len(e.Subjects) > 0 && !slices.ContainsFunc(e.Subjects, func(ref model.Ref) bool { return !slices.Contains(by.Subjects, ref) })
}

// selfApproved reports whether an exception was approved by the person that asked for it.
func selfApproved(e *model.Exception) bool {
	return e.State == model.ExceptionApproved && !e.ApprovedBy.IsZero() && e.ApprovedBy == e.AskedBy
}

// Exceptions lists what is allowed for a time although a policy, a requirement or a deadline forbids it: what holds, what ends soon, and what is
// over while something still relies on it. Of exceptions from policies and requirements alone nobody can tell whether something relies on them.
func Exceptions(v estate.View, in ExceptionsIn) (ExceptionsOut, error) {
	var out ExceptionsOut
	r := reliancesIn(v)
	var active, requested, in30, in60, in90, relied, self []practice.Link
	for e := range estate.Each[*model.Exception](v) {
		if !in.About.IsZero() && !slices.Contains(e.From, in.About) && !slices.Contains(e.Subjects, in.About) {
			continue
		}
		row := ExceptionRow{Exception: practice.To(e), Stands: standing(e, v.At()), Excepts: linksTo(v, e.From), Subjects: linksTo(v, e.Subjects), Vulnerabilities: e.Vulnerabilities, AskedBy: practice.To(v.Get(e.AskedBy)), ApprovedBy: practice.To(v.Get(e.ApprovedBy)),
			Expires: e.Expires, Compensated: len(e.Compensation) > 0, Owner: practice.OwnerOf(v, e)}
		if !e.Expires.IsZero() {
			row.DaysLeft = fmt.Sprint(int(e.Expires - v.At()))
		}
		switch row.Stands {
		case "active":
			active = append(active, row.Exception)
			for days, list := range map[int]*[]practice.Link{30: &in30, 60: &in60, 90: &in90} {
				if !e.Expires.IsZero() && e.Expires <= v.At().AddDays(days) {
					*list = append(*list, row.Exception)
				}
			}
		case "requested":
			requested = append(requested, row.Exception)
		case "expired":
			if row.ReliedOn = r.of(e); len(row.ReliedOn) > 0 {
				relied = append(relied, row.Exception)
			}
		}
		if selfApproved(e) {
			self = append(self, row.Exception)
		}
		out.Findings = append(out.Findings, exceptionFindings(v, e, row)...)
		if in.All || len(row.ReliedOn) > 0 || row.Stands == "active" || row.Stands == "requested" || row.Stands == "not begun" {
			out.Exceptions.Rows = append(out.Exceptions.Rows, row)
		}
	}
	slices.SortStableFunc(out.Exceptions.Rows, func(a, b ExceptionRow) int {
		return cmp.Or(boolOrder(!a.Expires.IsZero(), !b.Expires.IsZero()), cmp.Compare(a.Expires, b.Expires), cmp.Compare(a.Exception.Key, b.Exception.Key))
	})
	heaviestFirst(out.Findings)
	figure := func(better practice.Better, from []practice.Link) practice.Figure {
		return practice.Counted("exceptions", better, from)
	}
	out.Active, out.Requested = figure(practice.Neither, active), figure(practice.Lower, requested)
	out.In30, out.In60, out.In90 = figure(practice.Neither, in30), figure(practice.Neither, in60), figure(practice.Neither, in90)
	out.ReliedOn, out.SelfApproved = figure(practice.Lower, relied), figure(practice.Lower, self)
	return out, nil
}

// exceptionFindings say what is wrong with an exception.
func exceptionFindings(v estate.View, e *model.Exception, row ExceptionRow) []practice.Finding {
	var out []practice.Finding
	add := func(s practice.Severity, action, text string, args ...any) {
		f := practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: row.Exception, From: append([]practice.Link{row.Exception}, row.ReliedOn...), Owner: row.Owner}
		if action != "" {
			f.Mend = &practice.Mend{Action: action, Parameters: map[string]string{"exception": e.Key}}
		}
		out = append(out, f)
	}
	if selfApproved(e) && (row.Stands == "active" || row.Stands == "not begun") {
		add(practice.High, "security.withdraw_exception", "%s was approved by the person that asked for it.", e.Title())
	}
	switch {
	case len(row.ReliedOn) > 0:
		add(practice.High, "", "%s ended on %s and is still needed for %s.", e.Title(), e.Expires, practice.Some(row.ReliedOn))
	case row.Stands == "active" && e.Expires.IsZero():
		add(practice.High, "", "%s has no end: give it one.", e.Title())
	case row.Stands == "active" && e.Expires <= v.At().AddDays(30):
		add(practice.Medium, "", "%s ends on %s, in %d days.", e.Title(), e.Expires, int(e.Expires-v.At()))
	case row.Stands == "requested":
		add(practice.Low, "security.approve_exception", "%s waits for a decision.", e.Title())
	}
	if row.Stands == "active" && e.ApprovedBy.IsZero() {
		add(practice.Medium, "", "%s holds, and nobody says who approved it.", e.Title())
	}
	return out
}

// ExceptionsInTime checks that nothing relies on an exception that is over, that every exception has an end, and that nobody approved one for himself.
func ExceptionsInTime(v estate.View, _ struct{}) (practice.Verdict, error) {
	found, err := Exceptions(v, ExceptionsIn{All: true})
	if err != nil {
		return practice.Verdict{}, err
	}
	var out practice.Verdict
	for _, row := range found.Exceptions.Rows {
		if row.Stands == "active" || row.Stands == "expired" || row.Stands == "not begun" {
			out.Checked = append(out.Checked, row.Exception)
		}
	}
	for _, f := range found.Findings {
		if f.Severity.Weight() >= practice.High.Weight() {
			out.Findings = append(out.Findings, f)
		}
	}
	switch n := practice.Count(len(out.Checked), "exception", "exceptions"); {
	case len(out.Checked) == 0:
		out.Pass, out.Text = true, "There is no exception."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("Something is wrong with %d of %s.", countAbout(out.Findings), n)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Each of %s has an end, was approved by another person, and is not needed after its end.", n)
	}
	return out, nil
}

// countAbout counts the records that findings are about.
func countAbout(findings []practice.Finding) int {
	about := map[model.ID]bool{}
	for _, f := range findings {
		about[f.About.ID] = true
	}
	return len(about)
}
