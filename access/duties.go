package access

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
)

// Some records say by whom something was done, allowed or decided. Rights alone do not keep people from writing somebody else's name
// there, or from allowing what they asked for themselves by setting the fields of the record directly. The duties here hold on every door,
// whatever the way: the page, a program, an import of a file, a change of many records, a scenario that is merged. They do not hold for whoever works
// on the estate at its own machine. What undoing brings back was written by somebody who kept them.

// plain are the fields that say nothing about what happened.
var plain = []string{"key", "name", "description", "tags", "owner", "confidential", "origin", "origins", "sightings"}

// Evidence are the kinds whose records say what happened. Only who administers takes any away, and not even the one that made it undoes that.
var Evidence = []string{"Observation", "Attestation", "AccessReview", "ReviewDecision"}

// duty is a change of a record that the principal may make by its rights.
type duty struct {
	p  *Principal
	v  estate.View
	c  *model.Change
	me model.Ref
	// before is nil for a new record, and after for one that goes.
	before, after model.Record
}

// duties refuses a change by which something would be done in the name of somebody else, in one's own matter, or to what is evidence.
// Where restores is set, the change takes an earlier one back.
func (p *Principal) duties(v estate.View, c *model.Change, e extent, restores bool) error {
	k := v.Schema().Kind(c.Kind)
	if p.Account.ID.IsZero() || k == nil || !hasDuties(k) {
		return nil
	}
	d := &duty{p: p, v: v, c: c, me: p.Account.Person, before: v.Get(model.Ref(c.ID))}
	if c.Op == model.Create {
		d.before = nil
	}
	if c.Op != model.Remove {
		if d.after = c.Result(); d.after == nil {
			d.after, _ = k.ApplyFields(d.before, c)
		}
		if d.after == nil {
			return nil
		}
	}
	if why := d.evidence(); why != "" {
		return p.denied("change", c.Kind, d.key(), "%s", why)
	}
	if restores || c.Op == model.Remove {
		return nil
	}
	if why := d.signed(k); why != "" {
		return p.denied("write", c.Kind, d.key(), "%s", why)
	}
	if why := d.unsaid(k, e); why != "" {
		return p.denied("write", c.Kind, d.key(), "%s", why)
	}
	if why := d.outward(e); why != "" {
		return p.denied("write", c.Kind, d.key(), "%s", why)
	}
	if why := d.approval(); why != "" {
		return p.denied("approve", c.Kind, d.key(), "%s", why)
	}
	if why := d.reach(e); why != "" {
		return p.denied("write", c.Kind, d.key(), "%s", why)
	}
	return nil
}

// dutiful are the kinds with duties of their own, besides those with fields that are signed.
var dutiful = []string{"Observation", "ReviewDecision", "AccessReview", "Attestation", "Exception", "Finding", "Policy", "AuditRequest", "Risk", "VexStatement", "ControlTest", "DecisionMatrix", "MatrixScoring", "Experiment",
	"RadarEdition", "RadarVote", "DecisionRecord", "RoadmapItem", "Idea", "SkillLevel", "LearningItem", "ChangeFreeze"}

func hasDuties(k *model.Kind) bool {
	signed := func(f *model.Field) bool { return f.Signed }
	return slices.Contains(dutiful, k.Name) || slices.ContainsFunc(k.Fields, func(f *model.Field) bool {
		return f.Signed || slices.ContainsFunc(f.Columns, signed)
	})
}

func (d *duty) key() string {
	if d.before != nil {
		return d.before.Base().Key
	}
	return d.after.Base().Key
}

// touches reports whether the change is about one of some fields.
func (d *duty) touches(names ...string) bool {
	return slices.ContainsFunc(d.c.Fields, func(f model.FieldChange) bool { return slices.Contains(names, f.Name) })
}

// only reports whether the change is about nothing but some fields and those that say nothing about what happened.
func (d *duty) only(names ...string) bool {
	return !slices.ContainsFunc(d.c.Fields, func(f model.FieldChange) bool {
		return !slices.Contains(plain, f.Name) && !slices.Contains(names, f.Name)
	})
}

// signed says why a name may not be written, or nothing. Each field that says by whom something was done takes one's own name, or none.
func (d *duty) signed(k *model.Kind) string {
	for _, f := range k.Fields {
		if why := d.signedRows(f); why != "" {
			return why
		}
		if !f.Signed || !d.touches(f.Name) {
			continue
		}
		for _, ref := range f.AppendRefs(nil, d.after) {
			if ref != d.me {
				return f.Name + " takes nobody's name but your own"
			}
		}
	}
	return ""
}

// evidence says why what happened may not be changed or taken away, or nothing.
func (d *duty) evidence() string {
	gone := d.after == nil
	switch r := d.before.(type) {
	case *model.Observation:
		if gone && !d.p.Administers() || !gone && !d.only() {
			return "what was observed stays as it is: record another observation"
		}
	case *model.Attestation:
		if gone && !d.p.Administers() || !gone && !d.only() {
			return "what somebody confirmed stays as it is"
		}
	case *model.AccessReview:
		over := r.State == model.ReviewClosed || r.State == model.ReviewCancelled
		if gone && r.State != "" && r.State != model.ReviewPlanned && !d.p.Administers() || !gone && over && !d.only() {
			return "an access review that is over stays as it is"
		}
	case *model.ReviewDecision:
		return d.decision(r)
	case *model.RadarEdition:
		if !gone && !d.only() {
			return "what was published stays as it is: publish another edition"
		}
	case *model.DecisionMatrix:
		return d.matrix(r)
	case *model.Experiment:
		return d.experiment(r)
	}
	if s, ok := cmp.Or(d.before, d.after).(*model.MatrixScoring); ok {
		return d.scoring(s)
	}
	if r, ok := d.after.(*model.ReviewDecision); ok && d.before == nil && (r.Decision != "" || !r.Looked.IsZero()) {
		return "an item of an access review begins without a decision"
	}
	return ""
}

// decision says why an item of an access review may not be changed so, or nothing.
func (d *duty) decision(before *model.ReviewDecision) string {
	after, ok := d.after.(*model.ReviewDecision)
	review, _ := estate.Look[*model.AccessReview](d.v, before.Review)
	if !ok {
		if d.p.Administers() {
			return ""
		}
		return "what is reviewed stays until somebody who administers takes it away"
	}
	verdict := d.touches("decision", "reason", "decided", "decided_by", "looked")
	switch {
	case d.only("gone", "gone_by", "verified"):
		return ""
	case review == nil || review.State != model.ReviewOpen:
		return "the access review that it belongs to is not open"
	case !d.only("gone", "gone_by", "verified", "looked", "decision", "reason", "decided", "decided_by", "reviewer", "moves"):
		return "what is reviewed was frozen when the review was opened"
	case after.Reviewer != before.Reviewer:
		if after.Decision != "" || !after.Looked.IsZero() || len(after.Moves) <= len(before.Moves) {
			return "whoever decides instead has to look at it anew, and moves say from whom it came"
		}
	case verdict && after.DecidedBy.IsZero() && after.Decision != "":
		if !d.p.MayWrite(review) {
			return "only who keeps the review settles what nobody decided about"
		}
	case verdict && before.Person == d.me && !d.me.IsZero():
		return "nobody decides about the own access"
	case verdict && (before.Reviewer != d.me || d.me.IsZero()):
		return "somebody else is to decide about it"
	case after.Decision != "" && (before.Looked.IsZero() || after.DecidedBy != d.me):
		return "who decides has looked at it before, and gives the own name"
	}
	return ""
}

// approval says why the principal may not allow something, or nothing.
func (d *duty) approval() string {
	switch after := d.after.(type) {
	case *model.Exception:
		before, _ := d.before.(*model.Exception)
		return d.exception(before, after)
	case *model.Finding:
		before, _ := d.before.(*model.Finding)
		return d.finding(before, after)
	case *model.Policy:
		before, _ := d.before.(*model.Policy)
		return d.policy(before, after)
	case *model.AuditRequest:
		before, _ := d.before.(*model.AuditRequest)
		return d.request(before, after)
	case *model.Risk:
		before, _ := d.before.(*model.Risk)
		if after.State == model.RiskAccepted && (before == nil || before.State != model.RiskAccepted) && (after.AcceptedBy != d.me || d.me.IsZero()) {
			return "who accepts a risk gives the own name: fill in accepted_by"
		}
	}
	return ""
}

func (d *duty) exception(before, after *model.Exception) string {
	if before == nil {
		before = &model.Exception{}
	}
	switch {
	case after.State != model.ExceptionApproved:
		return ""
	case before.State == model.ExceptionApproved:
		if !d.only() {
			return "what was approved stays as it is: withdraw it and ask anew"
		}
		return ""
	case d.me.IsZero() || after.ApprovedBy != d.me:
		return "who approves gives the own name: fill in approved_by"
	case after.AskedBy.IsZero():
		return "nobody says who asked for it"
	case after.AskedBy == d.me || before.AskedBy == d.me:
		return "nobody approves what they asked for"
	}
	for _, ref := range after.From {
		switch rec := d.v.Get(ref).(type) {
		case *model.ControlTest, *model.Finding, *model.Risk:
			if d.mine(rec) {
				return "nobody approves an exception from a test, a finding or a risk that they answer for"
			}
		}
	}
	return ""
}

// mine reports whether the person behind the account answers for a record, alone or as the lead of a team.
func (d *duty) mine(rec model.Record) bool {
	owner := rec.Base().Owner
	team, ok := estate.Look[*model.Team](d.v, owner)
	return !d.me.IsZero() && (owner == d.me || ok && team.Lead == d.me)
}

func (d *duty) finding(before, after *model.Finding) string {
	if before == nil {
		before = &model.Finding{}
	}
	switch {
	case after.State != model.FindingClosed || before.State == model.FindingClosed:
		return ""
	case d.me.IsZero() || after.ClosedBy != d.me:
		return "who closes a finding gives the own name: fill in closed_by"
	case after.MendedBy == d.me || before.MendedBy == d.me || after.Owner == d.me || before.Owner == d.me:
		return "who mended something, or answers for mending it, does not close it"
	}
	return ""
}

func (d *duty) policy(before, after *model.Policy) string {
	if before == nil {
		before = &model.Policy{}
	}
	holds := before.State == model.PolicyInForce
	writer := func(p *model.Policy) model.Ref {
		if p.WrittenBy.IsZero() {
			return p.Owner
		}
		return p.WrittenBy
	}
	switch {
	case d.touches("text") && after.Text != "" && after.WrittenBy != d.me:
		return "who changes the text is who wrote this version: fill in written_by"
	case holds && after.State == model.PolicyInForce && d.touches("text", "link", "written_by"):
		return "the version in force stays as it is: make it a draft first"
	case after.State != model.PolicyInForce || holds && !d.touches("edition", "approved_by", "approved", "editions"):
		return ""
	case d.me.IsZero() || after.ApprovedBy != d.me:
		return "who puts a policy in force gives the own name: fill in approved_by"
	case writer(before) == d.me || writer(after) == d.me:
		return "nobody puts in force what they wrote"
	}
	return ""
}

func (d *duty) request(before, after *model.AuditRequest) string {
	if before == nil {
		before = &model.AuditRequest{}
	}
	judged := after.State != before.State && (after.State == model.RequestAccepted || after.State == model.RequestReturned)
	switch {
	case judged && !d.me.IsZero() && (before.AnsweredBy == d.me || after.AnsweredBy == d.me):
		return "who answered does not judge the answer"
	case d.touches("answer") && after.Answer != "" && after.AnsweredBy != d.me:
		return "who answers gives the own name: fill in answered_by"
	}
	return ""
}

// reach says why a record would reach further than the rights of whoever writes it, or nothing: a statement that silences vulnerabilities of others, or
// a test by which the estate would be asked about what the writer does not see.
func (d *duty) reach(e extent) string {
	switch after := d.after.(type) {
	case *model.VexStatement:
		if e != own {
			return ""
		}
		for _, ref := range after.Subjects {
			if rec := d.v.Get(ref); rec == nil || !d.p.owns(rec) {
				return "it is about something that is not yours"
			}
		}
		if len(after.Subjects) == 0 {
			return "say which of your own records it is about"
		}
	case *model.ControlTest:
		if !d.touches("kind", "where", "rule", "check", "parameters", "confidential") {
			return ""
		}
		if after.Confidential && !d.p.rights.confidential {
			return "a confidential test looks at what is confidential, and you do not"
		}
		if k := d.v.Schema().Kind(after.Kind); k != nil && d.p.grant(k.Name).read != all {
			return "a rule looks at every " + k.Name + ", and you do not"
		}
	}
	return ""
}
