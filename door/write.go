package door

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
)

// Receipt says what a write did.
type Receipt struct {
	// Stamp is the entry of the journal. It is empty on a dry run.
	Stamp model.Stamp `json:"entry"`
	// Changes are what was done.
	Changes []model.Change `json:"-"`
	// Warnings are rules of the organisation that records now break, and that only warn.
	Warnings []store.RecordProblem `json:"warnings,omitempty"`
	// Scenario is the scenario that it was written into, where it was.
	Scenario string `json:"scenario,omitempty"`
}

// Tx is changes that somebody wants.
type Tx struct {
	// Why says what they are for.
	Why string
	// Changes are what to do.
	Changes []model.Change
	// DryRun only finds out whether they could be done.
	DryRun bool
	// Source says where the changes come from. Unset means a person.
	Source string
}

// Write makes changes at a moment: to the estate as it is now or, where the
// moment names a scenario, to that. The error is a [*access.Denied], a
// [*Refused] or a conflict.
func (h *House) Write(ctx context.Context, p *access.Principal, m Moment, tx Tx) (Receipt, error) {
	if m.AsOf != "" {
		return Receipt{}, &BadMoment{"as_of", errors.New("the past cannot be changed: leave it out")}
	}
	if len(tx.Changes) == 0 {
		return Receipt{}, ErrNothing
	}
	v, err := h.writable(ctx, p, m)
	if err != nil {
		return Receipt{}, err
	}
	if err := p.Check(v, tx.Changes); err != nil {
		return Receipt{}, h.deny(ctx, p, err)
	}
	if m.Scenario != "" {
		if err := h.mayPropose(ctx, p, m.Scenario); err != nil {
			return Receipt{}, err
		}
	}
	return h.commit(ctx, p, v, m, tx, 0)
}

// writable returns the view that is written upon. A scenario that is not there yet is the estate as it is now.
func (h *House) writable(ctx context.Context, p *access.Principal, m Moment) (estate.View, error) {
	if m.Scenario != "" && h.store.Snapshot().Find("Scenario", m.Scenario) == nil {
		snap := h.store.Snapshot()
		return snap.View(h.store.Today()).Under(m.Scenario).Through(p.Sight(snap)), nil
	}
	return h.Look(ctx, p, Moment{At: m.At, Scenario: m.Scenario})
}

// mayPropose tells whether the principal may add to a scenario.
func (h *House) mayPropose(ctx context.Context, p *access.Principal, name string) error {
	rec := h.store.Snapshot().Find("Scenario", name)
	if rec == nil && p.MayCreate("Scenario") || rec != nil && p.MayWrite(rec) {
		return nil
	}
	return h.deny(ctx, p, &access.Denied{Who: p.Who(), Need: "write", Kind: "Scenario", Key: name, Why: "it is not yours"})
}

// commit writes what has been allowed.
func (h *House) commit(ctx context.Context, p *access.Principal, v estate.View, m Moment, tx Tx, undoes uint64) (Receipt, error) {
	if err := h.keepAdministrator(v, tx.Changes); err != nil {
		return Receipt{}, err
	}
	if m.Scenario == "" && undoes == 0 {
		var err error
		if tx.Changes, err = h.withPeople(v.Snapshot(), tx.Changes); err != nil {
			return Receipt{}, err
		}
	}
	r := Receipt{Changes: tx.Changes, Scenario: m.Scenario}
	if tx.Source == "" {
		tx.Source = model.PersonSource
	}
	if tx.DryRun {
		next, err := h.store.Check(v.Snapshot(), tx.Changes)
		if err == nil {
			r.Warnings = h.warnings(p, next, tx.Changes)
		}
		return r, unnamed(v, err)
	}
	var err error
	stx := store.Tx{Who: p.Who(), Why: tx.Why, Source: tx.Source, Changes: tx.Changes, Undoes: undoes}
	if m.Scenario != "" {
		r.Stamp, err = h.propose(ctx, p, m.Scenario, stx)
	} else if r.Stamp, err = h.store.Commit(ctx, stx); err == nil {
		h.settleAccess(ctx, tx.Changes)
	}
	if err == nil {
		r.Warnings = h.warnings(p, h.store.Snapshot(), tx.Changes)
	}
	return r, unnamed(v, err)
}

// withPeople adds the people behind new accounts that have none.
func (h *House) withPeople(snap *estate.Snapshot, changes []model.Change) ([]model.Change, error) {
	out := changes
	for i := range changes {
		if changes[i].Kind != "Account" || changes[i].Op != model.Create {
			continue
		}
		k := snap.Schema().Kind("Account")
		rec, err := k.ApplyFields(nil, &changes[i])
		if err != nil {
			return nil, err
		}
		a := rec.(*model.Account)
		person := access.Behind(snap, a, h.store.NewID())
		if person == nil {
			continue
		}
		if len(out) == len(changes) {
			out = slices.Clone(changes)
		}
		out[i], _ = model.Difference(k, nil, a)
		out = append(out, *person)
	}
	return out, nil
}

// propose adds to a scenario, and makes the principal the owner of one that is new.
func (h *House) propose(ctx context.Context, p *access.Principal, name string, tx store.Tx) (model.Stamp, error) {
	if h.store.Snapshot().Find("Scenario", name) == nil {
		sc := &model.Scenario{State: "open", BasedOn: int(h.store.Snapshot().Stamp().Seq)}
		sc.ID, sc.Key, sc.Origin, sc.Owner = h.store.NewID(), name, model.PersonSource, p.Owner()
		change, _ := model.Difference(h.store.Snapshot().Schema().Kind("Scenario"), nil, sc)
		if _, err := h.store.Commit(ctx, store.Tx{Who: tx.Who, Why: "Open scenario " + name, Source: model.PersonSource, Changes: []model.Change{change}}); err != nil {
			return model.Stamp{}, err
		}
	}
	return h.store.Propose(ctx, name, tx)
}

// warnings lists the warnings about records that the principal sees.
func (h *House) warnings(p *access.Principal, snap *estate.Snapshot, changes []model.Change) []store.RecordProblem {
	v := snap.View(h.store.Today()).Through(p.Sight(snap))
	return slices.DeleteFunc(h.store.Warnings(snap, changes), func(w store.RecordProblem) bool {
		return w.Kind != "" && v.Find(w.Kind, w.Key) == nil
	})
}

// keepAdministrator refuses changes after which nobody could administer any more.
func (h *House) keepAdministrator(v estate.View, changes []model.Change) error {
	if !slices.ContainsFunc(changes, func(c model.Change) bool { return slices.Contains([]string{"Account", "Role", "Group"}, c.Kind) }) {
		return nil
	}
	next, _, err := v.Snapshot().Overlay(changes)
	if err != nil || access.HasAdministrator(next) || !access.HasAdministrator(v.Snapshot()) {
		return nil
	}
	return &Refused{Problems: []store.RecordProblem{{Problem: model.Problem{Text: "after this nobody could administer Binnacle any more: give somebody else the role first"}}}}
}

// settleAccess ends the sessions, tokens and links of accounts that were disabled or removed.
func (h *House) settleAccess(ctx context.Context, changes []model.Change) {
	for i := range changes {
		if changes[i].Kind != "Account" {
			continue
		}
		a, ok := h.store.Snapshot().Get(model.Ref(changes[i].ID)).(*model.Account)
		if ok && a.State != "disabled" {
			continue
		}
		// A session of such an account is refused in any case; this only tidies up.
		if err := h.Access.Shut(ctx, model.Ref(changes[i].ID)); err != nil {
			h.Log.Error("sessions and tokens of a disabled account could not be removed", "error", err)
		}
	}
}

// deny notes what was refused and returns it.
func (h *House) deny(ctx context.Context, p *access.Principal, err error) error {
	var d *access.Denied
	if errors.As(err, &d) {
		h.Access.NoteDenied(ctx, p, d)
	}
	return err
}

// Undo takes back an entry. Who may approve of all its changes may undo what others did; one's own entries need only the right to write.
func (h *House) Undo(ctx context.Context, p *access.Principal, seq uint64, why string, dryRun bool) (Receipt, error) {
	v, err := h.Look(ctx, p, Moment{})
	if err != nil {
		return Receipt{}, err
	}
	entry, err := h.entry(ctx, seq)
	if err != nil {
		return Receipt{}, err
	}
	changes, err := h.store.Undoing(ctx, seq)
	if err != nil {
		if c := IsConflict(err); c != nil && v.Find(c.Kind, c.Key) == nil {
			return Receipt{}, &NotFound{fmt.Sprintf("entry %d", seq)}
		}
		return Receipt{}, err
	}
	if len(changes) == 0 {
		return Receipt{}, ErrNothing
	}
	mine, judged := entry.Who == p.Who(), changes
	if mine {
		judged = withoutRemovals(changes)
	}
	if err := p.CheckUndo(v, judged, mine); err != nil {
		return Receipt{}, h.deny(ctx, p, err)
	}
	if why == "" {
		why = fmt.Sprintf("Undo entry %d", seq)
		if entry.Why != "" {
			why += ": " + entry.Why
		}
	}
	return h.commit(ctx, p, v, Moment{}, Tx{Why: why, Changes: changes, DryRun: dryRun}, seq)
}

// withoutRemovals leaves out the removals: who has just created a record may take that back, unless it is evidence.
func withoutRemovals(changes []model.Change) []model.Change {
	return slices.DeleteFunc(slices.Clone(changes), func(c model.Change) bool {
		return c.Op == model.Remove && !slices.Contains(access.Evidence, c.Kind)
	})
}

// Merge commits the changes of a scenario as one entry and closes it. It needs the right to approve of every change.
func (h *House) Merge(ctx context.Context, p *access.Principal, name, why string) (Receipt, error) {
	v, err := h.Look(ctx, p, Moment{})
	if err != nil {
		return Receipt{}, err
	}
	if v.Find("Scenario", name) == nil {
		return Receipt{}, &NotFound{"scenario " + name}
	}
	under, err := h.Look(ctx, p, Moment{Scenario: name})
	if err != nil {
		return Receipt{}, err
	}
	changes := estate.Differences(v.Snapshot(), under.Snapshot())
	if err := p.CheckApproval(v, changes); err != nil {
		return Receipt{}, h.deny(ctx, p, err)
	}
	stamp, err := h.store.Merge(ctx, name, p.Who(), why)
	return Receipt{Stamp: stamp, Changes: changes}, err
}

// Erase takes everything personal out of a record for good. Only who administers may do so.
func (h *House) Erase(ctx context.Context, p *access.Principal, ref model.Ref, why string) (Receipt, error) {
	if err := p.MayAdminister(); err != nil {
		return Receipt{}, h.deny(ctx, p, err)
	}
	v, err := h.Look(ctx, p, Moment{})
	if err != nil {
		return Receipt{}, err
	}
	if v.Get(ref) == nil {
		return Receipt{}, &NotFound{"record " + ref.String()}
	}
	stamp, err := h.store.Erase(ctx, ref, p.Who(), why)
	return Receipt{Stamp: stamp}, err
}

// Edit is what somebody wants one record to be like.
type Edit struct {
	// Kind is the name of the kind, in any form.
	Kind string
	// Key is the key of the record.
	Key string
	// Create says that the record must not be there yet. Otherwise it must be.
	Create bool
	// Version is the version that the person saw, or 0 for the one of now.
	Version uint32
	// Set gives fields new values, as text in the form that people type or as JSON values. Nil or empty text takes the value away.
	Set map[string]any
}

// Build makes the change of an edit. The error is a [*Refused] that names every field that is wrong, or a [*NotFound].
// The change has no fields where nothing differs.
func (h *House) Build(ctx context.Context, p *access.Principal, v estate.View, e Edit) (model.Change, error) {
	k := v.Schema().Kind(e.Kind)
	if k == nil {
		return model.Change{}, &NotFound{"kind " + fmt.Sprintf("%q", e.Kind)}
	}
	var base, after model.Record
	if e.Create {
		after = k.New()
		m := after.Base()
		m.ID, m.Key, m.Origin = h.store.NewID(), strings.TrimSpace(e.Key), model.PersonSource
		// What is nobody's and shared with nobody would be out of everybody's sight.
		if _, private := after.(model.Private); private || p.CreatesOwn(k.Name) {
			m.Owner = p.Owner()
		}
		if v.Find(k.Name, m.Key) != nil {
			return model.Change{}, refuse(k.Name, m.Key, "key", "there is such a record already")
		}
	} else {
		_, rec, err := Find(v, k.Name, e.Key)
		if err != nil {
			return model.Change{}, err
		}
		if base, err = BaseAt(ctx, h.store, rec, e.Version); err != nil {
			return model.Change{}, err
		}
		after = model.Clone(base)
	}
	if err := set(v, k, after, e.Set); err != nil {
		return model.Change{}, err
	}
	Own(k, base, after)
	change, _ := model.Difference(k, base, after)
	return change, nil
}

func refuse(kind, key, field, text string) *Refused {
	return &Refused{Problems: []store.RecordProblem{{Problem: model.Problem{Field: field, Text: text}, Kind: kind, Key: key}}}
}

// set gives fields of a record the values that a person or a program wrote.
func set(v estate.View, k *model.Kind, rec model.Record, values map[string]any) error {
	r := &Refused{}
	for name, value := range values {
		f := k.Field(name)
		var problem string
		switch {
		case f == nil:
			problem = "there is no such field"
		case f.System:
			problem = "it is set by Binnacle and not by people"
		default:
			keep := keeping{View: v, hidden: hidden(v, f, rec)}
			read, err := f.Read(value, &keep)
			if err == nil {
				f.Set(rec, keep.list(f, read))
				continue
			}
			var p model.Problem
			if problem = err.Error(); errors.As(err, &p) {
				name, problem = p.Field, p.Text
			}
		}
		r.Problems = append(r.Problems, store.RecordProblem{Problem: model.Problem{Field: name, Text: problem}, Kind: k.Name, Key: rec.Base().Key})
	}
	if len(r.Problems) == 0 {
		return nil
	}
	slices.SortFunc(r.Problems, func(a, b store.RecordProblem) int { return strings.Compare(a.Field, b.Field) })
	return r
}

// Removal returns the change that removes a record.
func Removal(v estate.View, rec model.Record) model.Change {
	k := v.Schema().Of(rec)
	change, _ := model.Difference(k, rec, nil)
	return change
}

// BaseAt returns a record as it was at an earlier version of its own. Version 0 is the one it has.
func BaseAt(ctx context.Context, s *store.Store, rec model.Record, version uint32) (model.Record, error) {
	m := rec.Base()
	if version == 0 || version == m.Version {
		return rec, nil
	}
	if version > m.Version {
		return nil, refuse(model.NameOf(rec), m.Key, "version", fmt.Sprintf("it is at version %d and never was at %d", m.Version, version))
	}
	entries, err := s.History(ctx, m.Ref())
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		for _, change := range e.Changes {
			if change.ID == m.ID && change.Version+1 == version {
				snap, err := s.AsOf(ctx, e.Seq)
				if err != nil {
					return nil, err
				}
				return snap.Get(m.Ref()), nil
			}
		}
	}
	return nil, refuse(model.NameOf(rec), m.Key, "version", fmt.Sprintf("the history has no version %d", version))
}

// Own says of every field that differs that a person has set it.
func Own(k *model.Kind, before, after model.Record) {
	for _, f := range k.Fields {
		if f.System || before == nil && !f.Has(after) {
			continue
		}
		if before == nil || string(f.JSON(before)) != string(f.JSON(after)) {
			after.Base().SetOrigin(f.Name, model.PersonSource)
		}
	}
}

// ByPerson returns changes that a practice proposed as those of the person that accepts them. What is new and nobody's becomes the principal's own, where the
// principal writes only that. A nil principal is whoever works at the machine.
func ByPerson(p *access.Principal, v estate.View, changes []model.Change) ([]model.Change, error) {
	var out []model.Change
	for i := range changes {
		c := &changes[i]
		before := v.Get(model.Ref(c.ID))
		k := v.Schema().Kind(c.Kind)
		if k == nil || c.Op == model.Remove || c.Op == model.Edit && before == nil {
			out = append(out, *c)
			continue
		}
		after, err := k.ApplyFields(before, c)
		if err != nil {
			return nil, err
		}
		if after.Base().Origin == "" {
			after.Base().Origin = model.PersonSource
		}
		if p != nil && c.Op == model.Create && after.Base().Owner.IsZero() && p.CreatesOwn(k.Name) {
			after.Base().Owner = p.Owner()
		}
		Own(k, before, after)
		if change, differs := model.Difference(k, before, after); differs {
			change.Version = c.Version
			out = append(out, change)
		}
	}
	return out, nil
}

// Values reads an object of JSON as the values of an edit.
func Values(raw []byte) (map[string]any, error) {
	var out map[string]any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&out); err != nil {
		return nil, fmt.Errorf("the body is not an object of JSON: %w", err)
	}
	return out, nil
}
