// Package access decides who somebody is and what that account may see and do:
// accounts, sessions, tokens, roles and single sign-on.
package access

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
)

// Principal is who asks: an account, with what it may do as of one snapshot.
type Principal struct {
	// Account is the record of the account.
	Account *model.Account
	// Roles are the roles that its rights come from.
	Roles []*model.Role
	// Owners are the person and the teams whose records count as its own.
	Owners map[model.Ref]bool
	// Scope is the most that a program may do with the token that it showed. It is empty for a person in a session.
	Scope model.TokenScope
	// Session names the session, where there is one. It is not the secret.
	Session string
	// Proved is when the person last showed who they are, with all factors that the account has.
	Proved time.Time

	rights *rights
	// grants are what the roles and the scope allow on each kind, where that was worked out already.
	grants map[string]grant
	now    *estate.Snapshot
}

// Who returns the name under which the principal writes into the journal: the key of the account.
func (p *Principal) Who() string { return p.Account.Key }

// Stamp returns the entry that the rights of the principal are the state after.
func (p *Principal) Stamp() model.Stamp { return p.now.Stamp() }

// Title returns what to call the principal on a screen.
func (p *Principal) Title() string {
	if rec := p.now.Get(p.Account.Person); rec != nil {
		return rec.Base().Title()
	}
	return p.Account.Title()
}

// Person returns the person behind the account, or nil.
func (p *Principal) Person() *model.Person {
	person, _ := p.now.Get(p.Account.Person).(*model.Person)
	return person
}

// Owner returns the ref that a record of the principal's own is given as its owner. It is zero where there is no person behind the account.
func (p *Principal) Owner() model.Ref {
	if p.Owners[p.Account.Person] {
		return p.Account.Person
	}
	return model.Ref{}
}

// Face returns the office whose pages the principal starts with: both where the roles serve both.
func (p *Principal) Face() model.Face {
	var face model.Face
	for _, r := range p.Roles {
		switch {
		case r.Face == "":
		case face == "":
			face = r.Face
		case face != r.Face:
			return "both"
		}
	}
	if face == "" {
		return "both"
	}
	return face
}

// Administers reports whether the principal manages accounts, roles and what runs by itself. No token does.
func (p *Principal) Administers() bool { return p.rights.administers && p.Scope == "" }

// Imports reports whether the principal may import files.
func (p *Principal) Imports() bool {
	return p.rights.imports && (p.Scope == "" || p.Scope == "write" || p.Scope == "approve")
}

// ReadsConfidential reports whether the principal reads confidential records that are not its own.
func (p *Principal) ReadsConfidential() bool { return p.rights.confidential }

// Extents returns what the principal may do with the records of a kind, for a screen: none, own or all.
func (p *Principal) Extents(kind string) (read, write, approve model.Extent) {
	g := p.grant(kind)
	return g.read.name(), g.write.name(), g.approve.name()
}

// grant returns what the roles and the scope allow on a kind.
func (p *Principal) grant(kind string) grant {
	if p.grants != nil {
		return p.grants[kind]
	}
	g := p.rights.kinds[kind]
	switch p.Scope {
	case "read":
		g.write, g.approve = none, none
	case "write":
		g.approve = none
	case "provision":
		return grant{}
	}
	if p.Scope != "" && !p.Administers() && (slices.Contains(Governed, kind) || p.inAccess(kind)) {
		g.write, g.approve = none, none
	}
	return g
}

func (p *Principal) inAccess(kind string) bool {
	k := p.now.Schema().Kind(kind)
	return k != nil && k.Group == AccessGroup
}

// owns reports whether a record counts as the principal's own.
func (p *Principal) owns(rec model.Record) bool {
	if l, ok := rec.(*model.SkillLevel); ok {
		return p.answersFor(l.Person)
	}
	if p.Owners[rec.Base().Owner] {
		return true
	}
	switch r := rec.(type) {
	case *model.Person:
		return p.Owners[r.Ref()]
	case *model.Team:
		return p.Owners[r.Ref()]
	case *model.Account:
		return r.ID == p.Account.ID
	case *model.AccessToken:
		return r.Account == p.Account.Ref()
	case *model.Comment:
		return r.Author == p.Account.Ref()
	case *model.Attestation:
		return p.Owners[r.Person]
	case *model.CalibrationRound:
		return p.Owners[r.Person]
	case *model.ReviewDecision:
		return p.Owners[r.Reviewer]
	case *model.MatrixScoring:
		return !r.Scorer.IsZero() && r.Scorer == p.Account.Person
	case *model.RadarVote:
		return p.Owners[r.Voter]
	case *model.LearningItem:
		return slices.ContainsFunc(r.For, func(ref model.Ref) bool { return ref == p.Account.Person && p.Owners[ref] })
	case *model.AuditRequest:
		return slices.ContainsFunc(r.AskedOf, func(ref model.Ref) bool { return p.Owners[ref] })
	}
	return false
}

// holds reports whether a record is something that the principal or a team of the principal was given to use, or is about the principal.
// It may be looked at as one's own is, and not changed.
func (p *Principal) holds(rec model.Record) bool {
	switch r := rec.(type) {
	case *model.Asset:
		return p.Owners[r.AssignedTo]
	case *model.UserAccount:
		return p.Owners[r.Person]
	case *model.TrainingRecord:
		return p.Owners[r.Person]
	case *model.Exception:
		return p.Owners[r.AskedBy]
	case *model.Load:
		// What pipelines tell has no person and no money in it.
		return r.Series == facts.Delivery.Name
	case *model.DecisionMatrix:
		return slices.ContainsFunc(r.Scorers, func(ref model.Ref) bool { return ref == p.Account.Person && p.Owners[ref] })
	}
	return false
}

// Sight returns what the principal sees of a snapshot. It is nil where that is
// everything. A record of the past is in sight where it was then and still is.
func (p *Principal) Sight(snap *estate.Snapshot) estate.Sight {
	s := &sight{p: p, snap: snap}
	if snap == p.now {
		return s
	}
	s.now = &sight{p: p, snap: p.now}
	return s
}

// sight is what a principal sees of one snapshot.
type sight struct {
	p    *Principal
	snap *estate.Snapshot
	// now is what the principal sees of the estate as it is now, where the snapshot is another one.
	now *sight
}

// Name names what the principal sees: the account, as of which entry, and with how much of its rights.
func (s *sight) Name() string {
	return fmt.Sprintf("%s@%d/%s", s.p.Account.ID, s.p.now.Stamp().Seq, s.p.Scope)
}

// SeesAll reports whether every record of a kind may be seen.
func (s *sight) SeesAll(kind string) (open, confidential bool) {
	switch kind {
	case "Comment", "Attachment", "SavedView", "Board", "Scenario", "MatrixScoring":
		return false, false
	}
	open = s.p.grant(kind).read == all
	confidential = open && s.p.rights.confidential
	if s.now != nil && !confidential {
		// What was open then may be confidential now.
		return false, false
	}
	return open, confidential
}

// SeesNone reports whether no record of a kind may be seen, or none but one's own.
func (s *sight) SeesNone(kind string) bool { return s.p.grant(kind).read != all }

// Sees reports whether a record may be seen.
func (s *sight) Sees(rec model.Record) bool {
	if !s.seesThis(rec, 0) {
		return false
	}
	if s.now == nil {
		return true
	}
	today := s.now.snap.Get(rec.Base().Ref())
	return today == nil || today == rec || s.now.seesThis(today, 0)
}

// attachedDepth bounds chains of comments about comments.
const attachedDepth = 8

func (s *sight) seesThis(rec model.Record, depth int) bool {
	kind := model.NameOf(rec)
	if s.sealed(rec) {
		return false
	}
	g := s.p.grant(kind)
	if g.read == all && s.p.rights.confidential {
		switch kind {
		case "Comment", "Attachment", "SavedView", "Board", "Scenario":
		default:
			return true
		}
	}
	mine := s.p.owns(rec)
	if g.read == none && !(mine && (kind == "Account" || kind == "AccessToken")) || g.read == own && !mine && !s.p.holds(rec) {
		return false
	}
	if rec.Base().Confidential && !mine && !s.p.rights.confidential {
		return false
	}
	switch r := rec.(type) {
	case model.Attached:
		to := s.snap.Get(r.BelongsTo())
		return to != nil && depth < attachedDepth && s.seesThis(to, depth+1)
	case model.Private:
		return mine || r.IsShared()
	case *model.Scenario:
		return s.seesScenario(r)
	}
	return true
}

// touched is a record that a scenario changes.
type touched struct {
	id     model.ID
	kind   string
	secret bool
}

// seesScenario reports whether every record that a scenario changes is in sight: the scenario holds their values.
func (s *sight) seesScenario(r *model.Scenario) bool {
	type key struct{ scenario *model.Scenario }
	list := s.snap.Memo(key{r}, func() any { return touchedBy(r) }).([]touched)
	for _, t := range list {
		if rec := s.snap.Get(model.Ref(t.id)); rec != nil {
			if rec != model.Record(r) && !s.seesThis(rec, attachedDepth) {
				return false
			}
			continue
		}
		if s.p.grant(t.kind).read != all || t.secret && !s.p.rights.confidential || s.sealsNew(r, t) {
			return false
		}
	}
	return true
}

func touchedBy(r *model.Scenario) []touched {
	var out []touched
	for _, e := range r.Entries {
		var changes []model.Change
		if err := json.Unmarshal([]byte(e.Changes), &changes); err != nil {
			// What cannot be read might be about anything.
			return []touched{{kind: "?", secret: true}}
		}
		for i := range changes {
			t := touched{id: changes[i].ID, kind: changes[i].Kind}
			if f, ok := changes[i].Field("confidential"); ok && (string(f.After) == "true" || string(f.Before) == "true") {
				t.secret = true
			}
			out = append(out, t)
		}
	}
	return out
}

// Denied says what a principal may not do.
type Denied struct {
	// Who is the key of the account.
	Who string `json:"who"`
	// Need is what would be needed: read, write, approve, import or administer.
	Need string `json:"need"`
	// Kind is the kind of the record, where it is about one.
	Kind string `json:"kind,omitempty"`
	// Key is the key of the record, where it may be seen.
	Key string `json:"key,omitempty"`
	// Why says what stands in the way.
	Why string `json:"why,omitempty"`
}

// Error says what is denied and whom to ask.
func (d *Denied) Error() string {
	about := d.Kind
	if d.Key != "" {
		about += "/" + d.Key
	}
	text := "your roles do not allow you to " + d.Need
	if about != "" {
		text += " " + about
	}
	if d.Why != "" {
		text += ": " + d.Why
	}
	return text + ". Somebody who administers Binnacle can change that"
}

func (p *Principal) denied(need, kind, key, why string, args ...any) *Denied {
	return &Denied{Who: p.Who(), Need: need, Kind: kind, Key: key, Why: fmt.Sprintf(why, args...)}
}
