package people

import (
	"fmt"
	"slices"
	"strconv"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// AdoptedOnSeveral checks that every skill whose technology a radar says to adopt can be done alone by two people at least. Where you may see no
// level of anybody, it cannot be told.
func AdoptedOnSeveral(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	gap, err := SkillsGap(v, SkillsGapIn{})
	if err != nil {
		return out, err
	}
	for _, r := range gap.Skills.Rows {
		if r.Ring != model.RingAdopt {
			continue
		}
		out.Checked = append(out.Checked, r.Skill)
		if r.Can > 1 {
			continue
		}
		f := practice.Finding{Severity: practice.High, Text: fmt.Sprintf("%s is to be adopted, and one person alone can do it.", r.Skill.Title()), About: r.Skill, From: append([]practice.Link{r.Skill}, r.Blips...), Owner: practice.OwnerOf(v, v.Get(model.Ref(r.Skill.ID)))}
		if r.Can == 0 {
			f.Text = fmt.Sprintf("%s is to be adopted, and nobody can do it.", r.Skill.Title())
		}
		if len(r.Learning) == 0 {
			f.Mend = &practice.Mend{Action: "people.plan_learning", Parameters: map[string]string{"about": r.Skill.String()}}
		}
		out.Findings = append(out.Findings, f)
	}
	all := practice.Count(len(out.Checked), "skill that is to be adopted", "skills that are to be adopted")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No skill is about anything that a radar says to adopt, so there is nothing to check."
	case v.Count("SkillLevel") == 0:
		out.Unknown, out.Text, out.Findings = true, "No level of anybody is known, or you may see none.", nil
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("Too few people for %d of %s: one person, or nobody.", len(out.Findings), all)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Two people at least can do each of %s.", all)
	}
	return out, nil
}

// OfficersLearn checks that everybody who holds an office has planned or done something to learn in this calendar year. What is only proposed does not
// count, and neither does a plan without a day.
func OfficersLearn(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	year := v.At().Time().Year()
	for office := range estate.Each[*model.Office](v) {
		holder, ok := estate.Look[*model.Person](v, office.Holder)
		if !ok {
			continue
		}
		link := practice.To(office)
		out.Checked = append(out.Checked, link)
		if slices.ContainsFunc(held[*model.LearningItem](v, office.Holder, "for"), func(i *model.LearningItem) bool { return learnsIn(i, office.Holder, year) }) {
			continue
		}
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("%s, who holds the office %s, has planned nothing to learn in %d.", holder.Title(), office.Title(), year), About: link, From: []practice.Link{link, practice.To(holder)}, Owner: practice.To(holder),
			Mend: &practice.Mend{Action: "people.plan_learning", Parameters: map[string]string{"for": holder.Key, "until": strconv.Itoa(year) + "-12-31"}}})
	}
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "Nobody holds an office, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("Nothing to learn in %d is planned for the holders of %d of %s.", year, len(out.Findings), practice.Count(len(out.Checked), "office", "offices"))
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Every holder of an office has planned or done something to learn in %d. Looked at: %s.", year, practice.Count(len(out.Checked), "office", "offices"))
	}
	return out, nil
}

// learnsIn reports whether something is planned for a person in a year, or was done by the person in it.
func learnsIn(i *model.LearningItem, person model.Ref, year int) bool {
	if on := hasFinished(i, person); !on.IsZero() {
		return on.Time().Year() == year
	}
	day := dayOf(i)
	return i.State == model.LearningPlanned && !day.IsZero() && day.Time().Year() == year
}
