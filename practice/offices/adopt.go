package offices

import (
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// AdoptCharterIn says who holds the offices from the start.
type AdoptCharterIn struct {
	// CIO is the person that looks inward: the holder of the office cio where that is created.
	CIO model.Ref `name:"cio" to:"Person"`
	// CTO is the person that looks outward: the holder of the office cto where that is created. It may be the same person.
	CTO model.Ref `name:"cto" to:"Person"`
}

// AdoptCharter proposes to create the two offices and every responsibility of the
// delivered charter that the estate does not have yet, by key. What is there
// already is left as it is, so that asking again only fills what is missing.
func AdoptCharter(v estate.View, in AdoptCharterIn) (practice.Proposal, error) {
	out := practice.Proposal{Why: "Adopt the charter of the two offices"}
	create := func(rec model.Record) {
		k := v.Schema().Of(rec)
		m := rec.Base()
		m.ID = practice.NewID(v, k.Name, m.Key)
		change, _ := model.Difference(k, nil, rec)
		out.Changes = append(out.Changes, change)
	}
	holders := map[string]model.Ref{"cio": in.CIO, "cto": in.CTO}
	offices := map[string]model.Ref{}
	left := 0
	for _, p := range posts {
		holder := v.Get(holders[p.key])
		if practice.HasLeft(holder, v.At()) {
			return practice.Proposal{}, model.Problem{Field: p.key, Text: holder.Base().Title() + " no longer works here"}
		}
		if rec := v.Find("Office", p.key); rec != nil {
			offices[p.key] = rec.Base().Ref()
			left++
			continue
		}
		o := &model.Office{Holder: holders[p.key], Face: p.face}
		o.Key, o.Name, o.Description = p.key, p.name, p.text
		create(o)
		offices[p.key] = o.Ref()
		if holder == nil {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("The office %s will be vacant: say who holds it.", p.name)})
		}
	}
	for i, d := range delivered {
		if v.Find("Responsibility", d.key) != nil {
			left++
			continue
		}
		r := &model.Responsibility{Face: d.face, Order: 10 * (i + 1), Practices: d.practices, Effort: d.effort, Measures: d.measures}
		r.Key, r.Name, r.Description = d.key, d.name, d.text
		for _, key := range d.accountable {
			r.Accountable = append(r.Accountable, offices[key])
		}
		create(r)
	}
	if left > 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: fmt.Sprintf("%s there already and left as they are.", practice.Count(left, "record is", "records are"))})
	}
	return out, nil
}
