package architecture

import (
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// AssignOwnerIn says who is to answer for what.
type AssignOwnerIn struct {
	// Owner is the team or person that is to answer for the records.
	Owner model.Ref `to:"Team,Person" is:"required"`
	// Records are what gets the owner. None means all applications, services and products that nobody owns or whose owner has left.
	Records []model.Ref `to:"any"`
}

// AssignOwner proposes to give records to an owner. Records that somebody owns
// who still works here are left alone, and named.
func AssignOwner(v estate.View, in AssignOwnerIn) (practice.Proposal, error) {
	owner := v.Get(in.Owner)
	if owner == nil {
		return practice.Proposal{}, model.Problem{Field: "owner", Text: "there is no such team or person"}
	}
	if practice.HasLeft(owner, v.At()) {
		return practice.Proposal{}, model.Problem{Field: "owner", Text: owner.Base().Title() + " no longer works here: choose somebody who does, or a team"}
	}
	refs := in.Records
	if len(refs) == 0 {
		for _, kind := range owned {
			for rec := range v.All(kind) {
				if ownerless(v, rec) && !practice.Gone(rec, v.At()) {
					refs = append(refs, rec.Base().Ref())
				}
			}
		}
	}
	out := practice.Proposal{Why: fmt.Sprintf("%s takes over what nobody answers for", owner.Base().Title())}
	for _, ref := range refs {
		rec := v.Get(ref)
		if rec == nil {
			return practice.Proposal{}, model.Problem{Field: "records", Text: fmt.Sprintf("there is no record %s", ref)}
		}
		if !ownerless(v, rec) {
			out.Findings = append(out.Findings, practice.Finding{
				Severity: practice.Info, About: practice.To(rec), Owner: practice.OwnerOf(v, rec),
				Text: fmt.Sprintf("%s is left alone: %s owns it.", rec.Base().Title(), practice.OwnerOf(v, rec).Title()),
			})
			continue
		}
		after := model.Clone(rec)
		after.Base().Owner = in.Owner
		if change, differs := model.Difference(v.Schema().Of(rec), rec, after); differs {
			out.Changes = append(out.Changes, change)
		}
	}
	return out, nil
}

// ownerless reports whether nobody who still works here answers for a record.
func ownerless(v estate.View, rec model.Record) bool {
	owner := v.Get(rec.Base().Owner)
	return owner == nil || practice.HasLeft(owner, v.At())
}

// EveryApplicationHasOwnerIn says which applications are checked.
type EveryApplicationHasOwnerIn struct {
	// Criticality leaves out applications that are less critical. The default is to check all.
	Criticality model.Criticality
}

// EveryApplicationHasOwner checks that somebody who works here, or a team,
// answers for every application whose life has not ended.
func EveryApplicationHasOwner(v estate.View, in EveryApplicationHasOwnerIn) (practice.Verdict, error) {
	var out practice.Verdict
	for a := range estate.Each[*model.Application](v) {
		if practice.Gone(a, v.At()) || model.Rank(a.Criticality) < model.Rank(in.Criticality) {
			continue
		}
		out.Checked = append(out.Checked, practice.To(a))
		if !ownerless(v, a) {
			continue
		}
		f := practice.Finding{
			Severity: practice.SeverityOf(a.Criticality), Text: fmt.Sprintf("Nobody owns the application %s.", a.Title()), About: practice.To(a),
			Mend: &practice.Mend{Action: "architecture.assign_owner", Parameters: map[string]string{"records": practice.To(a).String()}},
		}
		if owner := v.Get(a.Owner); owner != nil {
			f.Text = fmt.Sprintf("%s, who owns the application %s, has left.", owner.Base().Title(), a.Title())
			f.Owner = practice.To(owner)
		}
		out.Findings = append(out.Findings, f)
	}
	practice.WorstFirst(out.Findings)
	switch bad := len(out.Findings); {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "There is no application to check."
	case bad == 0:
		out.Pass, out.Text = true, fmt.Sprintf("Somebody answers for each of %s.", practice.Count(len(out.Checked), "application", "applications"))
	default:
		out.Text = fmt.Sprintf("%d of %s have no owner who works here.", bad, practice.Count(len(out.Checked), "application", "applications"))
	}
	return out, nil
}
