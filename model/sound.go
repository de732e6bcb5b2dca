package model

// Sound is a record whose fields must fit each other. What [Kind.Check] finds wrong is refused whatever way it comes.
type Sound interface {
	Record
	// Faults lists what does not fit.
	Faults() []Problem
}

// Faults says where somebody decides about their own access.
func (d *ReviewDecision) Faults() []Problem {
	var out []Problem
	if !d.Person.IsZero() && d.Reviewer == d.Person {
		out = append(out, Problem{"reviewer", "nobody decides about the own access"})
	}
	if !d.Person.IsZero() && d.DecidedBy == d.Person {
		out = append(out, Problem{"decided_by", "nobody decides about the own access"})
	}
	return out
}
