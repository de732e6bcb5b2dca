package vulnerable

import "binnacle/model"

// Assessment is what is to be decided about a vulnerability in something, and why.
type Assessment struct {
	*Signals
	// Subject is what the estate says about what has it.
	Subject *Subject
	// Least and Most are the decisions of the deployer table of SSVC. They differ where something is not known.
	Least, Most model.SSVCDecision
	// CoordinatorLeast and CoordinatorMost are the decisions of CISA's coordinator tree.
	CoordinatorLeast, CoordinatorMost string
	// TimelineLeast and TimelineMost are what the table of CISA's BOD 26-04 wants.
	TimelineLeast, TimelineMost string
}

// Decision is the decision that counts: the most urgent that may be right.
func (a *Assessment) Decision() model.SSVCDecision { return a.Most }

// Certain reports whether everything that the decision depends on is known well enough for one outcome.
func (a *Assessment) Certain() bool { return a.Least == a.Most }

// Assess decides about a vulnerability in something that a bill of materials describes.
func (x *Index) Assess(g *Group, subject model.Ref) *Assessment {
	a := &Assessment{Signals: x.SignalsOf(g), Subject: x.SubjectOf(subject)}
	s := a.Subject
	a.Least, a.Most = Deploy(a.Exploitation, s.Exposure, a.Automatable, s.Human)
	a.CoordinatorLeast, a.CoordinatorMost = Coordinate(a.Exploitation, a.Automatable, a.TechnicalImpact, WellBeing(s.Human))
	a.TimelineLeast, a.TimelineMost = Timeline(a.InCatalogue, s.Public, a.Automatable, a.TechnicalImpact)
	return a
}
