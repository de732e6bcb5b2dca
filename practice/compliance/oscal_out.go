package compliance

import (
	"errors"
	"fmt"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/compliance/oscal"
)

// OSCALIn says what documents are written about.
type OSCALIn struct {
	// About is the scope, the audit, the framework, the baseline or the imported document.
	About model.Ref `to:"ComplianceScope,Audit,Framework,Baseline,OscalDocument" is:"required"`
}

// OSCALOut is the documents, one for each model of OSCAL that there is something to say in.
type OSCALOut struct {
	// Documents lists what was written.
	Documents practice.Table[DocumentRow]
	// Catalog holds the requirements of a framework.
	Catalog practice.File
	// Profile holds the choice of requirements.
	Profile practice.File
	// Components is the component definition: what controls do for requirements.
	Components practice.File `json:"component_definition"`
	// SecurityPlan is the system security plan: how the scope meets its requirements.
	SecurityPlan practice.File `json:"system_security_plan"`
	// AssessmentPlan says how it is found out whether it does.
	AssessmentPlan practice.File
	// AssessmentResults is what was found: observations, findings and risks.
	AssessmentResults practice.File
	// PlanOfAction is the plan of action and milestones.
	PlanOfAction practice.File
	// Mapping says how requirements of two frameworks relate.
	Mapping practice.File
}

// DocumentRow is one document.
type DocumentRow struct {
	// Model is what sort of document it is.
	Model model.OscalModel
	// Name is the name of the file.
	Name string
	// Size is how long it is.
	Size int `unit:"bytes"`
}

// OSCAL writes what the estate knows about a scope, an audit, a framework or a baseline as documents in OSCAL, which other programs read. The same
// estate always gives the same bytes, and every identifier stays the same.
func OSCAL(v estate.View, in OSCALIn) (OSCALOut, error) {
	var out OSCALOut
	files, err := oscal.Files(v, in.About)
	if err != nil {
		return out, model.Problem{Field: "about", Text: err.Error()}
	}
	places := map[model.OscalModel]*practice.File{
		model.OscalCatalog: &out.Catalog, model.OscalProfile: &out.Profile, model.OscalComponentDefinition: &out.Components, model.OscalSecurityPlan: &out.SecurityPlan,
		model.OscalAssessmentPlan: &out.AssessmentPlan, model.OscalAssessmentResults: &out.AssessmentResults, model.OscalPlanOfAction: &out.PlanOfAction, model.OscalMapping: &out.Mapping,
	}
	for _, f := range files {
		m := modelOf(f)
		place := places[m]
		if place == nil {
			return out, fmt.Errorf("%s is of no model of OSCAL that is known", f.Name)
		}
		*place = f
		out.Documents.Rows = append(out.Documents.Rows, DocumentRow{m, f.Name, len(f.Content)})
	}
	return out, nil
}

// modelOf returns the model of a document, which stands in its name before the ending.
func modelOf(f practice.File) model.OscalModel {
	name := strings.TrimSuffix(f.Name, ".json")
	return model.OscalModel(name[strings.LastIndexByte(name, '.')+1:])
}

// oscalFiles returns the OSCAL documents that belong into an evidence package: those of the audit, or else of the scope. Without
// either, and where nothing is required, there are none.
func oscalFiles(v estate.View, scope, audit model.Ref) ([]practice.File, error) {
	about := audit
	if a, ok := estate.Look[*model.Audit](v, audit); !ok || a.Scope.IsZero() {
		about = scope
	}
	if about.IsZero() {
		return nil, nil
	}
	files, err := oscal.Files(v, about)
	if errors.Is(err, oscal.ErrNothing) {
		return nil, nil
	}
	return files, err
}
