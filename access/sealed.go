package access

import (
	"slices"

	"binnacle/estate"
	"binnacle/model"
)

// What is sealed is seen by the person that made it and by nobody else, whatever roles the others have: scores of a decision matrix that is scored blindly, until it is closed.
// Everything that shows records looks through a [sight], so that one rule there holds for lists, single records, searches, refs, totals, exports, answers and
// the history alike. The duties here see to it that the seal is not broken by changing what it hangs on. None of this binds whoever works on the estate at its own machine,
// who holds the database.

// sealed reports whether a record is sealed for the principal. What holds now decides, also for the past and under a scenario, in which somebody may have
// closed the matrix. A matrix that is not there now is taken as the snapshot has it.
func (s *sight) sealed(rec model.Record) bool {
	r, ok := rec.(model.SealedRecord)
	if !ok || s.p.Account.ID.IsZero() {
		return false
	}
	if who := r.SealedFor(); !who.IsZero() && who == s.p.Account.Person {
		return false
	}
	return r.IsSealed(func(ref model.Ref) model.Record {
		if now := s.p.now.Get(ref); now != nil {
			return now
		}
		return s.snap.Get(ref)
	})
}

// sealsNew reports whether a record that only a scenario has would be sealed for the principal: the scenario holds its values.
func (s *sight) sealsNew(r *model.Scenario, t touched) bool {
	k := s.p.now.Schema().Kind(t.kind)
	if k == nil || s.p.Account.ID.IsZero() {
		return false
	}
	_, sealable := k.New().(model.SealedRecord)
	return sealable && !s.p.Owners[r.Owner]
}

// matrix says why a decision matrix may not be changed so, or nothing: while scores are sealed, nothing lets others see them but closing it.
func (d *duty) matrix(before *model.DecisionMatrix) string {
	after, ok := d.after.(*model.DecisionMatrix)
	if before.Sealed() && (!ok || !after.Blind) && hasScorings(d.v, before) {
		return "it is scored blindly, and scores are there: close it to see them"
	}
	if ok && before.State != model.MatrixDraft && before.State != "" && hasScorings(d.v, before) && d.touches("options", "criteria", "method", "pairs") {
		return "options, criteria, comparisons and the method stay as they are once somebody has scored: make another matrix"
	}
	if ok && (before.State == model.MatrixClosed || before.State == model.MatrixDecided) && (after.State == model.MatrixOpen || after.State == model.MatrixDraft) {
		return "a matrix whose scores were seen is not scored again: make another one"
	}
	return ""
}

// hasScorings reports whether somebody has scored a matrix, be the scores in sight or not.
func hasScorings(v estate.View, m *model.DecisionMatrix) bool {
	for e := range v.Snapshot().View(v.At()).In(m.Ref()) {
		if _, ok := e.Record.(*model.MatrixScoring); ok {
			return true
		}
	}
	return false
}

// scoring says why scores may not be changed or taken away so, or nothing. Each person writes the own ones, while the matrix is scored.
func (d *duty) scoring(s *model.MatrixScoring) string {
	gone := d.after == nil
	if after, ok := d.after.(*model.MatrixScoring); ok && d.before != nil && (after.Matrix != s.Matrix || after.Scorer != s.Scorer) {
		return "scores stay with their matrix and their scorer"
	}
	if d.before != nil && !gone && d.only() || gone && d.p.Administers() {
		return ""
	}
	if d.me.IsZero() || s.Scorer != d.me {
		return "scores are written in the own name: fill in scorer"
	}
	m, ok := estate.Look[*model.DecisionMatrix](d.v, s.Matrix)
	if !ok || m.State != model.MatrixOpen {
		return "the matrix is not open for scores"
	}
	if len(m.Scorers) > 0 && !slices.Contains(m.Scorers, d.me) {
		return "you are not one of those who are asked to score it"
	}
	return ""
}

// experiment says why an experiment may not be changed so, or nothing: what was to be shown stays as it was when work began.
func (d *duty) experiment(before *model.Experiment) string {
	after, ok := d.after.(*model.Experiment)
	if !ok || before.CriteriaDigest == "" {
		return ""
	}
	if after.DigestOfCriteria() != before.CriteriaDigest || after.CriteriaDigest != before.CriteriaDigest || after.CriteriaSet != before.CriteriaSet {
		return "exit criteria stay as they were when work began: only what was measured is filled in"
	}
	return ""
}
