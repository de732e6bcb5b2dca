package estate

import "binnacle/model"

// Open returns the same view without what is confidential, what belongs to something confidential, and what is private to somebody.
// What is found out by looking at it may be told to everybody who may read the answer.
func (v View) Open() View {
	s := open{v.sight, v.snap}
	switch under := v.sight.(type) {
	case nil:
		v.sight = namedOpen{s, "open"}
	case Named:
		v.sight = namedOpen{s, "open/" + under.Name()}
	default:
		v.sight = s
	}
	return v
}

// open is what is open of what somebody sees.
type open struct {
	under Sight
	snap  *Snapshot
}

// belongings bounds chains of records that belong to each other.
const belongings = 8

// Sees reports whether a record is in sight and open.
func (s open) Sees(rec model.Record) bool {
	if s.under != nil && !s.under.Sees(rec) {
		return false
	}
	if p, ok := rec.(model.Private); ok && !p.IsShared() {
		return false
	}
	for range belongings {
		if rec == nil || rec.Base().Confidential {
			return false
		}
		a, ok := rec.(model.Attached)
		if !ok {
			return true
		}
		rec = s.snap.Get(a.BelongsTo())
	}
	return false
}

// SeesAll reports whether every open record of a kind is in sight. Confidential ones never are.
func (s open) SeesAll(kind string) (open, confidential bool) {
	k := s.snap.schema.Kind(kind)
	if k == nil {
		return false, false
	}
	switch k.New().(type) {
	case model.Attached, model.Private:
		return false, false
	}
	if s.under == nil {
		return true, false
	}
	open, _ = s.under.SeesAll(kind)
	return open, false
}

// SeesNone reports whether nothing of a kind is ever in sight.
func (s open) SeesNone(kind string) bool {
	c, ok := s.under.(Closed)
	return ok && c.SeesNone(kind)
}

// namedOpen is what is open of a sight that has a name.
type namedOpen struct {
	open
	name string
}

// Name returns the name.
func (s namedOpen) Name() string { return s.name }
