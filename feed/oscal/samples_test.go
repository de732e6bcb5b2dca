package oscal

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed/feedtest"
	"binnacle/model"
)

// identifiers returns the identifiers of requirements.
func (c *company) identifiers(refs []model.Ref) []string {
	var out []string
	for _, ref := range refs {
		out = append(out, c.snap.Get(ref).(*model.Requirement).Identifier)
	}
	slices.Sort(out)
	return out
}

func TestSP80053(t *testing.T) {
	c := newCompany(t)
	f := sample(t, "NIST_SP-800-53_rev5_catalog_2021-06.json")
	start := time.Now()
	plan := c.take(f)
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("the import took %v", took)
	}
	counts := map[model.RequirementType]int{}
	withdrawn := 0
	for _, r := range each[*model.Requirement](c) {
		counts[r.Type]++
		if r.Withdrawn {
			withdrawn++
			// Of these the catalogue says in words alone where they went.
			if len(r.MovedTo) == 0 && r.Number != "CP-10(3)" && r.Number != "SC-19" {
				t.Errorf("%s is withdrawn and went nowhere", r.Number)
			}
		}
	}
	if counts[model.RequirementControl] != 322 || counts[model.RequirementEnhancement] != 867 || withdrawn != 182 || counts[model.RequirementGroup] != 20 {
		t.Errorf("%v, %d withdrawn", counts, withdrawn)
	}
	if len(plan.Refused)+len(plan.Notes) > 0 {
		t.Errorf("refused %v, notes %v", plan.Refused, plan.Notes)
	}
	r, _ := c.view().Find("Requirement", "sp-800-53-rev5.ac-2.1").(*model.Requirement)
	if r == nil || r.Number != "AC-2(1)" || r.Type != model.RequirementEnhancement || c.snap.Get(r.Parent).Base().Key != "sp-800-53-rev5.ac-2" || !strings.Contains(r.Statement, "[Assignment: organization-defined automated mechanisms]") {
		t.Errorf("AC-2(1) is %+v", r)
	}
	up, _ := c.view().Find("Requirement", "sp-800-53-rev5.ac-1").(*model.Requirement)
	if up == nil || !strings.Contains(up.Statement, "- a. Develop") || !strings.Contains(up.Statement, "\n  - 1. [Selection (one or more): Organization-level; ") || len(up.Related) != 5 || len(up.Parameters) != 7 {
		t.Errorf("AC-1 is %+v", up)
	}
	c.unchanged(f)
}

func TestBaselinesInEitherOrder(t *testing.T) {
	catalog := sample(t, "NIST_SP-800-53_rev5_catalog_2021-06.json")
	low, moderate, privacy := sample(t, "NIST_SP-800-53_rev5_LOW-baseline_profile.json"), sample(t, "NIST_SP-800-53_rev5_MODERATE-baseline_profile.json"), sample(t, "NIST_SP-800-53_rev5_PRIVACY-baseline_profile.json")
	resolved := sample(t, "NIST_SP-800-53_rev5_LOW-baseline-resolved-profile_catalog-min.json")
	for name, order := range map[string][][]file{
		"catalogue first": {{catalog}, {low, moderate}, {privacy}, {resolved}},
		"profiles first":  {{low}, {moderate, privacy}, {resolved}, {catalog}},
		"together":        {{privacy, resolved, low, catalog, moderate}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			for _, files := range order {
				plan := c.take(files...)
				for _, r := range plan.Refused {
					t.Error(r)
				}
			}
			includes := map[string][]string{}
			for _, b := range each[*model.Baseline](c) {
				includes[b.Key] = c.identifiers(b.Includes)
				if len(b.Unresolved) > 0 {
					t.Errorf("%s: %v are not resolved", b.Key, b.Unresolved)
				}
				for _, ref := range b.Frameworks {
					if f := c.snap.Get(ref).(*model.Framework); f.Key != "sp-800-53-rev5" {
						t.Errorf("%s chooses from %s", b.Key, f.Key)
					}
				}
			}
			var lowIDs, resolvedIDs []string
			for key, ids := range includes {
				want := map[bool]int{strings.Contains(key, "low"): 149, strings.Contains(key, "moderate"): 287, strings.Contains(key, "privacy"): 96}[true]
				if len(ids) != want {
					t.Errorf("%s includes %d requirements, not %d", key, len(ids), want)
				}
				if strings.Contains(key, "low") {
					lowIDs = ids
				}
			}
			for key, ids := range includes {
				if strings.Contains(key, "moderate") {
					for _, id := range lowIDs {
						if !slices.Contains(ids, id) {
							t.Errorf("%s is LOW and not MODERATE", id)
						}
					}
				}
			}
			for _, r := range each[*model.Requirement](c) {
				if f := c.snap.Get(r.Framework).(*model.Framework); f.Key != "sp-800-53-rev5" && r.Type != model.RequirementGroup {
					resolvedIDs = append(resolvedIDs, r.Identifier)
				}
			}
			slices.Sort(resolvedIDs)
			if !slices.Equal(lowIDs, resolvedIDs) {
				t.Errorf("the resolved LOW baseline has %d controls, LOW %d", len(resolvedIDs), len(lowIDs))
			}
			for _, files := range order {
				c.unchanged(files...)
			}
		})
	}
}

func TestCSF(t *testing.T) {
	c := newCompany(t)
	f := sample(t, "NIST_CSF_v2.0_catalog.xml")
	plan := c.take(f)
	all, now := map[string]int{}, map[string]int{}
	for _, r := range each[*model.Requirement](c) {
		all[r.Class]++
		if !r.Withdrawn {
			now[r.Class]++
		}
	}
	if now["function"] != 6 || now["category"] != 22 || now["subcategory"] != 106 {
		t.Errorf("CSF 2.0 has %v", now)
	}
	if all["function"] != 6 || all["category"] != 34 || all["subcategory"] != 185 {
		t.Errorf("the file lists %v", all)
	}
	if len(plan.Notes) != 1 || !strings.Contains(plan.Notes[0], "lists 91 categories and subcategories of the edition before") || plan.Contents["withdrawn"] != 91 {
		t.Errorf("notes %v, contents %v", plan.Notes, plan.Contents)
	}
	r, _ := c.view().Find("Requirement", "csf-2.0.gv.oc-01").(*model.Requirement)
	if r == nil || r.Number != "GV.OC-01" || c.snap.Get(r.Parent).(*model.Requirement).Number != "GV.OC" || !strings.HasPrefix(r.Statement, "The organizational mission is understood and informs") || !strings.HasPrefix(r.Guidance, "**Example.** ") {
		t.Errorf("GV.OC-01 is %+v", r)
	}
	c.unchanged(f)
}

func TestExamples(t *testing.T) {
	c := newCompany(t)
	var files []file
	for _, path := range []string{
		"ap/json/ifa_assessment-plan-example.json", "ar/json/ifa_assessment-results-example.json", "catalog/json/basic-catalog.json", "component-definition/json/example-component-definition.json",
		"component-definition/json/example-component.json", "poam/json/ifa_plan-of-action-and-milestones.json", "ssp/json/ifa_ssp-example.json", "ssp/json/oscal_leveraged-example_ssp.json",
		"ssp/json/oscal_leveraging-example_ssp.json", "ssp/json/ssp-example.json",
	} {
		files = append(files, sample(t, "examples/"+path))
	}
	plan := c.take(files...)
	for _, r := range plan.Refused {
		t.Error(r)
	}
	counts := map[string]int{}
	for kind, n := range plan.Kinds {
		counts[kind] = n.Created
	}
	want := map[string]int{"Audit": 1, "ComplianceScope": 4, "Control": 12, "ControlTest": 3, "Finding": 1, "Framework": 7, "Observation": 3, "OscalDocument": 10, "PlanItem": 2, "Requirement": 16, "Risk": 3}
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Errorf("created (-want +got):\n%s", diff)
	}
	finding := each[*model.Finding](c)[0]
	if o, _ := c.snap.Get(finding.Observations[0]).(*model.Observation); finding.State != model.FindingOpen || o == nil || o.Result != model.TestFailed || finding.Test != o.Test {
		t.Errorf("the finding is %+v", finding)
	}
	risk, _ := c.view().Identify("Risk", "oscal", "8b8bae66-b28c-4fa5-9a20-b79e7322fc00").(*model.Risk)
	if risk == nil || risk.State != "deviation_approved" || risk.Likelihood != model.LevelLow || risk.Impact != model.LevelHigh || risk.Treatment != "accept" || risk.ReviewBy != model.MustDate("2024-01-01") {
		t.Errorf("the risk is %+v", risk)
	}
	item, _ := c.view().Identify("PlanItem", "oscal", "48c8368d-43ff-4736-9b28-64b1b1284c03").(*model.PlanItem)
	if item == nil || len(item.Risks) != 1 || len(item.Milestones) != 1 || item.Due != model.MustDate("2023-06-23") {
		t.Errorf("the item of the plan is %+v", item)
	}
	c.unchanged(files...)
	for _, f := range files {
		c.unchanged(f)
	}
}

func TestDetectsOnlyItsOwn(t *testing.T) {
	feedtest.DetectsOnly(t, Format, func(path string) bool { return strings.HasPrefix(path, "01-oscal/") && !strings.HasSuffix(path, ".md") })
}
