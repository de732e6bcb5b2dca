package suppliers

import (
	"fmt"

	"binnacle/model"
)

// Stage says where a contract stands on a day, as its dates have it.
type Stage string

// The stages of a contract.
const (
	// Draft is a contract that is not signed.
	Draft Stage = "draft"
	// Ahead is a contract whose term has not begun.
	Ahead Stage = "ahead"
	// Running is a contract that goes on until somebody gives notice.
	Running Stage = "running"
	// RunsOut is a contract that ends by itself.
	RunsOut Stage = "runs_out"
	// NoticeGiven is a contract that ends because somebody gave notice.
	NoticeGiven Stage = "notice_given"
	// Over is a contract that has ended.
	Over Stage = "over"
	// Contradictory is a contract whose dates cannot be right.
	Contradictory Stage = "contradictory"
)

// Options lists the stages of a contract.
func (Stage) Options() []model.Option {
	return []model.Option{
		{Value: "draft", Label: "Draft", Help: "It is not signed."},
		{Value: "ahead", Label: "Ahead", Help: "Its term has not begun."},
		{Value: "running", Label: "Running", Help: "It goes on until somebody gives notice."},
		{Value: "runs_out", Label: "Runs out", Help: "It ends by itself."},
		{Value: "notice_given", Label: "Notice given", Help: "It ends because somebody gave notice."},
		{Value: "over", Label: "Over", Help: "It has ended."},
		{Value: "contradictory", Label: "Contradictory", Help: "Its dates cannot be right."},
	}
}

// Standing is how a contract stands on a day, counted from its terms.
type Standing struct {
	// Stage says where it stands.
	Stage Stage
	// Terms are what holds on the day.
	Terms Terms
	// Term is the term that the day is in, or the next one where it is in none. After the end it is the last one.
	Term Term
	// NoticeBy is the next last day of notice. Unset where none is needed, possible or known.
	NoticeBy model.Date
	// Exit is the first day with which the contract can end, if notice is given on the day asked about. Unset where nobody can tell.
	Exit model.Date
	// Missed is the last day of notice for the term that the day is in, where it has passed and the contract therefore goes on.
	Missed model.Date
	// Ends is the day with which it ends for good, where that is settled.
	Ends model.Date
	// Notes say what was assumed, or what is wrong with the contract.
	Notes []string
}

// Live reports whether the contract is in force or will be.
func (s Standing) Live() bool {
	return s.Stage != Draft && s.Stage != Over && s.Stage != Contradictory
}

// Decide returns the next day by which somebody must have decided: the last day of notice, or the end of a contract that ends by itself.
func (s Standing) Decide() model.Date {
	switch {
	case !s.NoticeBy.IsZero():
		return s.NoticeBy
	case s.Live():
		return s.Ends
	}
	return 0
}

// StandingOn returns how a contract stands on a day.
func StandingOn(c *model.Contract, day model.Date) Standing {
	s := Standing{Terms: TermsOn(c, day), Term: Term{From: c.Start, Until: c.End}}
	if wrong := contradiction(c); wrong != "" {
		s.Stage, s.Notes = Contradictory, []string{wrong}
		return s
	}
	s.note(c)
	switch c.State {
	case "draft":
		s.Stage = Draft
		return s
	case "ended":
		s.Stage = Over
		return s
	}
	s.follow(c, day)
	if periodMonths(c.NoticeRule) > 0 || s.Term.Until.IsZero() {
		s.anyTime(c, day)
	}
	s.judge(c, day)
	return s
}

// contradiction says what cannot be right about the dates of a contract, or nothing.
func contradiction(c *model.Contract) string {
	if !c.End.IsZero() && c.End < c.Start {
		return fmt.Sprintf("The end, %s, is before the start, %s: correct one of them.", c.End, c.Start)
	}
	for _, a := range c.Amendments {
		if !a.End.IsZero() && a.End < c.Start {
			return fmt.Sprintf("The amendment of %s sets an end, %s, before the start of the contract, %s: correct one of them.", a.On, a.End, c.Start)
		}
	}
	return ""
}

// note says what is assumed about how notice is counted.
func (s *Standing) note(c *model.Contract) {
	if c.NoticeRule == "business" {
		switch {
		case c.NoticeCountry == "":
			s.add("No country says which holidays count: business days are Monday to Friday.")
		case !hasHolidays(c.NoticeCountry):
			s.add("The holidays of %s are not known: business days are Monday to Friday.", c.NoticeCountry)
		default:
			s.add("Holidays of the whole country %s count; those of its regions do not.", c.NoticeCountry)
		}
	}
}

func (s *Standing) add(text string, args ...any) {
	s.Notes = append(s.Notes, fmt.Sprintf(text, args...))
}

// follow goes along the terms until the day, and from there to the next day of notice that has not passed.
func (s *Standing) follow(c *model.Contract, day model.Date) {
	found := false
	given := !c.NoticeGiven.IsZero() && !takenBack(c)
	for t := range TermsOf(c) {
		if !found {
			s.Term = t
		}
		if !t.Until.IsZero() && t.Until < day {
			if t.Last {
				s.Ends = t.Until
			}
			continue
		}
		first := !found
		found = true
		if t.Until.IsZero() {
			return
		}
		if t.Last {
			s.Ends, s.Exit = t.Until, t.Until
			return
		}
		if c.State == "terminated" && c.NoticeGiven.IsZero() {
			s.Ends, s.Exit = t.Until, t.Until
			s.add("The contract is marked as terminated, but nobody said when notice was given: it is taken to end with its term.")
			return
		}
		by, known := noticeDay(c, t.Until)
		if !known {
			s.Exit = t.Until
			s.add("There is no notice period: nobody can tell the last day of notice.")
			return
		}
		if by >= day && !given {
			s.NoticeBy, s.Exit = by, t.Until
			return
		}
		// Where terms are shorter than the notice, every day of notice lies before its term, and none was missed.
		if first && by < day && by >= t.From {
			s.Missed = by
		}
	}
}

// anyTime finds the exit of a contract that notice ends at any time or at the end of a period.
func (s *Standing) anyTime(c *model.Contract, day model.Date) {
	if c.State == "terminated" && c.NoticeGiven.IsZero() {
		if s.Ends.IsZero() {
			s.add("The contract is marked as terminated, but nobody said when notice was given: its end is not known.")
		}
		return
	}
	if !c.NoticeGiven.IsZero() && !takenBack(c) {
		exit, _ := exitFor(c, c.NoticeGiven)
		if !exit.IsZero() && (s.Ends.IsZero() || exit < s.Ends) {
			s.Ends, s.Exit, s.NoticeBy, s.Missed = exit, exit, 0, 0
			s.Term.Until, s.Term.Last = exit, true
		}
		return
	}
	exit, last := exitFor(c, max(day, c.Start))
	switch {
	case exit.IsZero():
		if s.Term.Until.IsZero() {
			s.add("There is no notice period: nobody can tell when the contract could end.")
		}
		return
	case !s.Ends.IsZero() && exit >= s.Ends:
		return
	}
	s.Exit, s.Missed, s.NoticeBy = exit, 0, 0
	if periodMonths(c.NoticeRule) > 0 {
		s.NoticeBy = last
	} else {
		s.add("Notice is possible on any day; the contract then ends on %s at the earliest.", exit)
	}
}

// takenBack reports whether a new end was agreed after notice was given.
func takenBack(c *model.Contract) bool {
	for _, a := range c.Amendments {
		if !a.End.IsZero() && a.On > c.NoticeGiven {
			return true
		}
	}
	return false
}

// judge finds the stage that follows from the dates.
func (s *Standing) judge(c *model.Contract, day model.Date) {
	given := !c.NoticeGiven.IsZero() && !takenBack(c)
	switch {
	case !s.Ends.IsZero() && s.Ends < day:
		s.Stage, s.Exit, s.NoticeBy, s.Missed = Over, 0, 0, 0
	case s.Ends.IsZero() && given:
		s.Stage = Running
		s.add("Notice was given on %s, but without a notice period nobody can tell with which day it ends the contract.", c.NoticeGiven)
	case given || c.State == "terminated":
		s.Stage = NoticeGiven
	case s.Term.From > day:
		s.Stage = Ahead
	case !s.Ends.IsZero():
		s.Stage = RunsOut
	default:
		s.Stage = Running
	}
	if !c.NoticeGiven.IsZero() && takenBack(c) {
		s.add("A new end was agreed after the notice of %s, which takes it back.", c.NoticeGiven)
	}
	if given {
		s.late(c)
	}
}

// late says where notice came too late for the term in which it was given.
func (s *Standing) late(c *model.Contract) {
	for t := range TermsOf(c) {
		if t.Until.IsZero() || t.Until >= s.Ends {
			return
		}
		if by, known := noticeDay(c, t.Until); known && t.From <= c.NoticeGiven && c.NoticeGiven <= t.Until {
			s.add("The notice of %s came after %s, the last day for the end on %s: the contract goes on until %s.", c.NoticeGiven, by, t.Until, s.Ends)
			return
		}
	}
}
