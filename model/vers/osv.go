package vers

import (
	"fmt"
	"slices"
)

// Event is one event of a range of OSV. Exactly one of its fields is set.
type Event struct {
	// Introduced is the first version that has the vulnerability. 0 stands before every version.
	Introduced string
	// Fixed is the first version that no longer has it.
	Fixed string
	// LastAffected is the last version that has it.
	LastAffected string
	// Limit is a version from which on the range says nothing. * stands behind every version.
	Limit string
}

// version returns the version of the event.
func (e Event) version() string {
	switch {
	case e.Introduced != "":
		return e.Introduced
	case e.Fixed != "":
		return e.Fixed
	case e.LastAffected != "":
		return e.LastAffected
	}
	return e.Limit
}

// Affected evaluates the events of one range of OSV as its specification says: a version is affected where it is before
// a limit and the last event at or before it leaves it so. The error says why that cannot be told.
func Affected(scheme string, events []Event, version string) (bool, error) {
	v := Read(scheme, version)
	if !v.Placed() {
		return false, fmt.Errorf("%q is not a version of %s", version, scheme)
	}
	before := true
	for _, e := range events {
		if e.Limit == "" {
			continue
		}
		if order, ok := v.Compare(Read(scheme, e.Limit)); e.Limit == "*" || ok && order < 0 {
			before = true
			break
		}
		before = false
	}
	if !before {
		return false, nil
	}
	sorted, err := sortEvents(scheme, events)
	if err != nil {
		return false, err
	}
	affected := false
	for _, e := range sorted {
		order, _ := v.Compare(Read(scheme, e.version()))
		switch {
		case e.Introduced == "0", e.Introduced != "" && order >= 0:
			affected = true
		case e.Fixed != "" && order >= 0, e.LastAffected != "" && order > 0:
			affected = false
		}
	}
	return affected, nil
}

// sortEvents puts events other than limits in the order of their versions. Those at one version stay as they are.
func sortEvents(scheme string, events []Event) ([]Event, error) {
	type placed struct {
		Event
		at    Version
		first bool
	}
	var all []placed
	for _, e := range events {
		if e.Limit != "" {
			continue
		}
		p := placed{e, Read(scheme, e.version()), e.Introduced == "0"}
		if !p.first && !p.at.Placed() {
			return nil, fmt.Errorf("%q is not a version of %s", e.version(), scheme)
		}
		all = append(all, p)
	}
	slices.SortStableFunc(all, func(a, b placed) int {
		if a.first || b.first {
			return b2i(b.first) - b2i(a.first)
		}
		order, _ := a.at.Compare(b.at)
		return order
	})
	out := make([]Event, len(all))
	for i, p := range all {
		out[i] = p.Event
	}
	return out, nil
}

// FromEvents writes the events of one range of OSV as a range in VERS notation that has the same versions in it. It
// reports false where that are none. The error says which version has no place in the order.
func FromEvents(scheme string, events []Event) (Range, bool, error) {
	sorted, err := sortEvents(scheme, events)
	if err != nil {
		return Range{}, false, err
	}
	w := writer{scheme: scheme}
	for _, e := range sorted {
		switch {
		case e.Introduced != "":
			w.open(e.Introduced)
		case e.Fixed != "":
			w.close("<", e.Fixed)
		default:
			w.close("<=", e.LastAffected)
		}
	}
	if err := w.limit(events); err != nil {
		return Range{}, false, err
	}
	return Range{scheme, w.out}, len(w.out) > 0, nil
}

// writer writes constraints that alternate and rise.
type writer struct {
	scheme   string
	out      []Constraint
	affected bool
}

func (w *writer) same(a, b string) bool { return Read(w.scheme, a).Equal(Read(w.scheme, b)) }

func (w *writer) last() *Constraint {
	if len(w.out) == 0 {
		return nil
	}
	return &w.out[len(w.out)-1]
}

// open begins an interval, or goes on with the one that ended at the same version.
func (w *writer) open(version string) {
	if w.affected {
		return
	}
	w.affected = true
	switch last := w.last(); {
	case last != nil && version != "0" && last.Is != "=" && w.same(last.Version, version):
		w.out = w.out[:len(w.out)-1]
	case last != nil && version != "0" && last.Is == "=" && w.same(last.Version, version):
		last.Is = ">="
	default:
		w.out = append(w.out, Constraint{">=", version})
	}
}

// close ends the interval that is open, where one is. One of a single version becomes that version, and an empty one nothing.
func (w *writer) close(is, version string) {
	if !w.affected {
		return
	}
	w.affected = false
	last := w.last()
	switch {
	case !last.lowest() && w.same(last.Version, version) && is == "<":
		w.out = w.out[:len(w.out)-1]
	case !last.lowest() && w.same(last.Version, version):
		last.Is = "="
	default:
		w.out = append(w.out, Constraint{is, version})
	}
}

// limit cuts off what is at or behind the highest limit.
func (w *writer) limit(events []Event) error {
	highest, limited := Version{}, false
	for _, e := range events {
		if e.Limit == "" {
			continue
		}
		v := Read(w.scheme, e.Limit)
		switch order, ok := v.Compare(highest); {
		case e.Limit == "*":
			return nil
		case !v.Placed():
			return fmt.Errorf("%q is not a version of %s", e.Limit, w.scheme)
		case !limited || ok && order > 0:
			highest, limited = v, true
		}
	}
	if !limited {
		return nil
	}
	at := slices.IndexFunc(w.out, func(c Constraint) bool {
		order, _ := Read(w.scheme, c.Version).Compare(highest)
		return !c.lowest() && order >= 0
	})
	if at < 0 {
		at = len(w.out)
	}
	w.out = w.out[:at]
	if last := w.last(); last != nil && last.Is == ">=" {
		w.out = append(w.out, Constraint{"<", highest.text})
	}
	return nil
}
