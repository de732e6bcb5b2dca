package estate

import "binnacle/model"

// Open returns the same view without what is confidential or sealed, what belongs to something confidential, and what is private to somebody.
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
		if sealed, ok := rec.(model.SealedRecord); ok && sealed.IsSealed(s.snap.Get) {
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
	case model.Attached, model.Private, model.SealedRecord:
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

// WithoutSealed returns the same view without what is sealed for a time, and what belongs to it. It is for what looks at the estate on
// behalf of nobody, and tells others what it finds.
func (v View) WithoutSealed() View {
	if !v.snap.hasSealed() {
		return v
	}
	s := unsealed{v.sight, v.snap}
	switch under := v.sight.(type) {
	case nil:
		v.sight = namedUnsealed{s, "unsealed"}
	case Named:
		v.sight = namedUnsealed{s, "unsealed/" + under.Name()}
	default:
		v.sight = s
	}
	return v
}

// hasSealed reports whether there is any record that is sealed.
func (s *Snapshot) hasSealed() bool {
	type key struct{}
	return s.Memo(key{}, func() any {
		for _, k := range s.schema.Kinds() {
			if _, ok := k.New().(model.SealedRecord); !ok {
				continue
			}
			for rec := range s.each(k.Name) {
				if rec.(model.SealedRecord).IsSealed(s.Get) {
					return true
				}
			}
		}
		return false
	}).(bool)
}

// unsealed is what is not sealed of what somebody sees.
type unsealed struct {
	under Sight
	snap  *Snapshot
}

// Sees reports whether a record is in sight and neither sealed nor belongs to something sealed.
func (s unsealed) Sees(rec model.Record) bool {
	if s.under != nil && !s.under.Sees(rec) {
		return false
	}
	for range belongings {
		if sealed, ok := rec.(model.SealedRecord); ok && sealed.IsSealed(s.snap.Get) {
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

// SeesAll reports whether every record of a kind is in sight. Kinds of which some may be sealed are looked at one by one.
func (s unsealed) SeesAll(kind string) (open, confidential bool) {
	k := s.snap.schema.Kind(kind)
	if k == nil {
		return false, false
	}
	switch k.New().(type) {
	case model.Attached, model.SealedRecord:
		return false, false
	}
	if s.under == nil {
		return true, true
	}
	return s.under.SeesAll(kind)
}

// SeesNone reports whether nothing of a kind is ever in sight.
func (s unsealed) SeesNone(kind string) bool {
	c, ok := s.under.(Closed)
	return ok && c.SeesNone(kind)
}

// namedUnsealed is what is not sealed of a sight that has a name.
type namedUnsealed struct {
	unsealed
	name string
}

// Name returns the name.
func (s namedUnsealed) Name() string { return s.name }
