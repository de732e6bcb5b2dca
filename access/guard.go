package access

import (
	"slices"

	"binnacle/estate"
	"binnacle/model"
)

// MayWrite reports whether the principal may edit a record.
func (p *Principal) MayWrite(rec model.Record) bool {
	return p.may(p.grant(model.NameOf(rec)).write, rec)
}

// MayApprove reports whether the principal may delete a record, merge it from a scenario and undo what others did to it.
func (p *Principal) MayApprove(rec model.Record) bool {
	return p.may(p.grant(model.NameOf(rec)).approve, rec) || p.personal(rec)
}

// MayCreate reports whether the principal may create records of a kind, be it only of its own.
func (p *Principal) MayCreate(kind string) bool { return p.grant(kind).write != none }

// CreatesOwn reports whether records of a kind that the principal creates must be its own.
func (p *Principal) CreatesOwn(kind string) bool { return p.grant(kind).write == own }

func (p *Principal) may(e extent, rec model.Record) bool {
	return e == all || e == own && p.owns(rec)
}

// personal reports whether a record is the principal's own work that others only look at: a comment, a saved view, a board.
func (p *Principal) personal(rec model.Record) bool {
	switch rec.(type) {
	case *model.Comment, *model.Attachment, *model.SavedView, *model.Board:
		return p.grant(model.NameOf(rec)).write != none && p.owns(rec)
	}
	return false
}

// Check tells whether the principal may make changes on a view, which must be
// the principal's own. The error is a [*Denied] for the first one that is not allowed.
func (p *Principal) Check(v estate.View, changes []model.Change) error {
	for i := range changes {
		if err := p.check(v, &changes[i], p.grant(changes[i].Kind).write, "write", false); err != nil {
			return err
		}
	}
	return nil
}

// CheckUndo tells whether the principal may make changes that take an entry back: as one that approves, or where the entry is the
// principal's own as one that writes. The error is a [*Denied] for the first one that is not allowed.
func (p *Principal) CheckUndo(v estate.View, changes []model.Change, mine bool) error {
	for i := range changes {
		g := p.grant(changes[i].Kind)
		e, need := g.approve, "approve changes of"
		if mine {
			e, need = g.write, "write"
		}
		if err := p.check(v, &changes[i], e, need, true); err != nil {
			return err
		}
	}
	return nil
}

// CheckApproval tells whether the principal may approve of changes that others
// proposed, as who merges them from a scenario does.
func (p *Principal) CheckApproval(v estate.View, changes []model.Change) error {
	for i := range changes {
		if err := p.check(v, &changes[i], p.grant(changes[i].Kind).approve, "approve changes of", false); err != nil {
			return err
		}
	}
	return nil
}

func (p *Principal) check(v estate.View, c *model.Change, e extent, need string, restores bool) error {
	if c.Op == model.Create {
		rec := c.Result()
		if k := v.Schema().Kind(c.Kind); rec == nil && k != nil {
			rec, _ = k.ApplyFields(nil, c)
		}
		if rec == nil {
			return p.denied(need, c.Kind, "", "the kind is not known")
		}
		if e == own && !p.owns(rec) {
			return p.denied(need, c.Kind, rec.Base().Key, "it must be owned by you or by a team of yours")
		}
		if e == none {
			return p.denied(need, c.Kind, rec.Base().Key, "")
		}
		if err := p.attach(v, rec); err != nil {
			return err
		}
		return p.duties(v, c, e, restores)
	}
	before := v.Get(model.Ref(c.ID))
	if before == nil {
		// Whether it is there is not told.
		return p.denied("read", c.Kind, "", "")
	}
	key := before.Base().Key
	if c.Op == model.Remove && !p.MayApprove(before) {
		return p.denied("delete", c.Kind, key, "")
	}
	if c.Op == model.Edit && !p.may(e, before) {
		return p.denied(need, c.Kind, key, "")
	}
	if _, ok := c.Field("confidential"); ok && !p.owns(before) && !p.rights.confidential {
		return p.denied(need, c.Kind, key, "only its owner and those who read confidential records change whether it is confidential")
	}
	return p.duties(v, c, e, restores)
}

// attach refuses what is attached to a record that is not in sight, or written in somebody else's name.
func (p *Principal) attach(v estate.View, rec model.Record) error {
	if a, ok := rec.(model.Attached); ok && v.Get(a.BelongsTo()) == nil {
		return p.denied("read", "", "", "the record that it belongs to is not there for you")
	}
	if c, ok := rec.(*model.Comment); ok && c.Author != p.Account.Ref() {
		return p.denied("write", "Comment", "", "a comment is written in your own name")
	}
	return nil
}

// MayAdminister tells whether the principal may administer. The error is a [*Denied].
func (p *Principal) MayAdminister() error {
	if p.Administers() {
		return nil
	}
	return p.denied("administer", "", "", "")
}

// MayImport tells whether the principal may import. The error is a [*Denied].
func (p *Principal) MayImport() error {
	if p.Imports() {
		return nil
	}
	return p.denied("import", "", "", "")
}

// Readable lists the names of the kinds of which the principal may see at least its own records.
func (p *Principal) Readable() []string {
	var out []string
	for _, k := range p.now.Schema().Kinds() {
		if p.grant(k.Name).read != none {
			out = append(out, k.Name)
		}
	}
	return slices.Clip(out)
}
