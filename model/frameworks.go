package model

// Framework is a body of requirements that somebody else wrote: a standard, a law, a contract, a catalogue of controls.
type Framework struct {
	Meta
	// Edition is the version of the framework.
	Edition string
	// Issuer is who wrote it.
	Issuer string
	// Identifier is the identifier of its document, a UUID in OSCAL.
	Identifier string `ident:"oscal"`
	// Published is the day of this edition.
	Published Date
	// Link is where its text is.
	Link string `format:"url"`
	// Rights say what its licence allows, such as CC0 or own use only.
	Rights string
	// Replaces is the edition before.
	Replaces Ref `to:"Framework" back:"replaced by"`
	// KnownAs are names and addresses by which other documents refer to it, such as the name of its file.
	KnownAs []string
	// Placeholder says that only documents that refer to it are here: its requirements have numbers and no text until it is imported itself.
	Placeholder bool
}

// Requirement is one thing that a framework asks for: a control of a catalogue, a subcategory, an article, or a group of them.
type Requirement struct {
	Meta
	// Framework is where it stands.
	Framework Ref `to:"Framework" is:"required" back:"requirements"`
	// Number is what people call it, such as AC-2(1), PR.AA-01 or Art. 30.
	Number string
	// Identifier is its identifier in its document, such as ac-2.1. It is unique within the framework.
	Identifier string
	// Type says what sort of requirement it is.
	Type RequirementType
	// Class is the class that its document gives it, such as SP800-53-enhancement or subcategory.
	Class string
	// Parent is the group or requirement that it is part of.
	Parent Ref `to:"Requirement" back:"parts"`
	// Position is its place among the parts of its parent, from 1.
	Position int `min:"0"`
	// Statement is what is asked for. Markdown is understood.
	Statement string `is:"long"`
	// Guidance explains it. Markdown is understood.
	Guidance string `is:"long"`
	// Objectives are what an assessor looks for. Markdown is understood.
	Objectives string `is:"long"`
	// Withdrawn says that the framework no longer asks for it.
	Withdrawn bool
	// MovedTo are the requirements that took its place.
	MovedTo []Ref `to:"Requirement" back:"incorporates"`
	// Related are other requirements that have to do with it.
	Related []Ref `to:"Requirement" back:"related to"`
	// Parameters are the values that the organisation fills in.
	Parameters []RequirementParameter
}

// RequirementParameter is a value in the text of a requirement that the organisation fills in.
type RequirementParameter struct {
	// Identifier is what its document calls it, such as ac-02_odp.01.
	Identifier string `is:"required"`
	// Label says what is to be filled in.
	Label string
	// Choices are the values to choose from, separated by bars.
	Choices string
	// Value is what the organisation filled in.
	Value string
}

// RequirementType says what sort of requirement something is.
type RequirementType string

// The types of requirements.
const (
	RequirementGroup       RequirementType = "group"
	RequirementControl     RequirementType = "requirement"
	RequirementEnhancement RequirementType = "enhancement"
)

// Options lists the types.
func (RequirementType) Options() []Option {
	return []Option{
		{"group", "Group", "It only gathers others: a family, a function, a category, a chapter."},
		{"requirement", "Requirement", "It asks for something."},
		{"enhancement", "Enhancement", "It asks for more of another requirement."},
	}
}

// Baseline is a choice of requirements, such as the LOW baseline of a catalogue: a profile in OSCAL.
type Baseline struct {
	Meta
	// Identifier is the identifier of its document.
	Identifier string `ident:"oscal"`
	// Edition is the version of the baseline.
	Edition string
	// Frameworks are what it chooses from.
	Frameworks []Ref `to:"Framework" back:"baselines"`
	// Includes are the requirements that it chooses.
	Includes []Ref `to:"Requirement" back:"in baselines"`
	// Unresolved are the identifiers that it names and that no framework here has.
	Unresolved []string
	// Values are the values that it sets for parameters.
	Values []ParameterValue
	// KnownAs are names and addresses by which other documents refer to it, such as the name of its file.
	KnownAs []string
	// Choices are the rules by which it chooses. When a framework comes or changes, what it includes is found out again by them.
	Choices []BaselineChoice
}

// BaselineChoice is one rule by which a baseline takes requirements from a framework or another baseline, or leaves them out again.
type BaselineChoice struct {
	// Source is what the document calls the place that it takes from: addresses and names of files, separated by spaces.
	Source string `is:"required"`
	// From is that place, where it is here.
	From Ref `to:"Framework,Baseline" back:"chosen by"`
	// Leaves says that the rule leaves requirements out.
	Leaves bool
	// All says that the rule is about everything there.
	All bool
	// Identifiers are the requirements that the rule is about, separated by spaces.
	Identifiers string `is:"long"`
	// Patterns are patterns of such identifiers, separated by spaces; * stands for anything and ? for one character.
	Patterns string
	// Parts says that enhancements and other parts of these requirements go with them.
	Parts bool
}

// OscalDocument is a document in OSCAL that was imported. What became records is kept there; the rest is kept here and given back when the document is written again.
type OscalDocument struct {
	Meta
	// Identifier is the UUID of the document.
	Identifier string `ident:"oscal"`
	// Model is what sort of document it is, such as assessment-results.
	Model OscalModel `is:"required"`
	// Edition is the version of the document.
	Edition string
	// OscalVersion is the version of OSCAL that it was written in.
	OscalVersion string
	// Modified is when it was changed last by whoever wrote it.
	Modified Time
	// KnownAs are names and addresses by which other documents refer to it, such as the name of its file or the identifier of its system.
	KnownAs []string
	// About is what it describes.
	About Ref `to:"Framework,Baseline,ComplianceScope,Audit" back:"OSCAL documents"`
	// Content is the document as JSON. Of catalogues only what stands around the controls is kept. What is long is compressed.
	Content string `is:"long"`
}

// OscalModel is a model of OSCAL: a sort of document.
type OscalModel string

// The models of OSCAL.
const (
	OscalCatalog             OscalModel = "catalog"
	OscalProfile             OscalModel = "profile"
	OscalComponentDefinition OscalModel = "component-definition"
	OscalSecurityPlan        OscalModel = "system-security-plan"
	OscalAssessmentPlan      OscalModel = "assessment-plan"
	OscalAssessmentResults   OscalModel = "assessment-results"
	OscalPlanOfAction        OscalModel = "plan-of-action-and-milestones"
	OscalMapping             OscalModel = "mapping-collection"
)

// Options lists the models.
func (OscalModel) Options() []Option {
	return []Option{
		{"catalog", "Catalogue", "The requirements of a framework."},
		{"profile", "Profile", "A baseline: a choice of requirements."},
		{"component-definition", "Component definition", "What components do for requirements."},
		{"system-security-plan", "System security plan", "How a system meets its requirements."},
		{"assessment-plan", "Assessment plan", "How it will be found out whether it does."},
		{"assessment-results", "Assessment results", "What was found."},
		{"plan-of-action-and-milestones", "Plan of action", "What is done about it."},
		{"mapping-collection", "Mapping", "How requirements of two frameworks relate."},
	}
}

// ParameterValue sets the value of a parameter.
type ParameterValue struct {
	// Parameter is what the document calls the parameter.
	Parameter string `is:"required"`
	// Value is the value.
	Value string
}

// RequirementMapping says how a requirement of one framework relates to one of another, as NIST IR 8477 does.
type RequirementMapping struct {
	Meta
	// From is the first requirement.
	From Ref `to:"Requirement" is:"required" back:"maps to"`
	// Into is the second requirement.
	Into Ref `to:"Requirement" is:"required" back:"mapped from"`
	// Relation says how the first relates to the second.
	Relation MappingRelation `is:"required"`
	// Rationale says what the comparison rests on.
	Rationale MappingRationale
	// State says how far the mapping can be relied on.
	State MappingState
	// Identifier is the identifier of the mapping in OSCAL documents.
	Identifier string `ident:"oscal"`
	// By says who made the mapping.
	By string
	// Remarks explain it.
	Remarks string `is:"long"`
}

// MappingRelation says how a requirement relates to another.
type MappingRelation string

// The relations between requirements.
const (
	EqualTo        MappingRelation = "equal_to"
	EquivalentTo   MappingRelation = "equivalent_to"
	SubsetOf       MappingRelation = "subset_of"
	SupersetOf     MappingRelation = "superset_of"
	IntersectsWith MappingRelation = "intersects_with"
	NoRelationship MappingRelation = "no_relationship"
)

// Options lists the relations.
func (MappingRelation) Options() []Option {
	return []Option{
		{"equal_to", "Equal", "Both ask for the same in the same words."},
		{"equivalent_to", "Equivalent", "Both ask for the same in other words."},
		{"subset_of", "Subset of", "The first asks for a part of the second."},
		{"superset_of", "Superset of", "The first asks for all of the second and more."},
		{"intersects_with", "Intersects with", "They share a part, and each has more."},
		{"no_relationship", "No relationship", "They have nothing in common."},
	}
}

// MappingRationale says what a comparison of requirements rests on.
type MappingRationale string

// Options lists the rationales.
func (MappingRationale) Options() []Option {
	return []Option{
		{"syntactic", "Syntactic", "The words were compared."},
		{"semantic", "Semantic", "The meanings were compared."},
		{"functional", "Functional", "What comes of meeting them was compared."},
	}
}

// MappingState says how far a mapping can be relied on.
type MappingState string

// Options lists the states of a mapping.
func (MappingState) Options() []Option {
	return []Option{
		{"draft", "Draft", "It is a proposal and does not count."},
		{"not_complete", "Not complete", "It holds as far as it goes."},
		{"complete", "Complete", "It holds."},
		{"deprecated", "Deprecated", "It should not be used any more."},
		{"superseded", "Superseded", "Another took its place."},
	}
}

// ComplianceScope says what a set of frameworks is to hold for: a company, a system, a product. It is a system in OSCAL.
type ComplianceScope struct {
	Meta
	// Identifier is the identifier of its system security plan in OSCAL documents.
	Identifier string `ident:"oscal"`
	// Frameworks are what must hold in it as a whole.
	Frameworks []Ref `to:"Framework" back:"scopes"`
	// Baselines are the choices of requirements that must hold in it.
	Baselines []Ref `to:"Baseline" back:"scopes"`
	// Covers are the things inside of it.
	Covers []Ref `to:"any" back:"in scopes"`
	// Applicability says of single requirements whether they apply, and why.
	Applicability []ApplicabilityChoice
	// Sensitivity says how much harm could come from it.
	Sensitivity Level
	// Authorised is the day on which it was allowed to run.
	Authorised Date
	// AuthorisedBy is the person that allowed it.
	AuthorisedBy Ref `to:"Person" back:"authorised scopes"`
	// CurrentTier is the CSF tier of today.
	CurrentTier Tier
	// TargetTier is the CSF tier that is wanted.
	TargetTier Tier
}

// ApplicabilityChoice says whether a requirement applies in a scope, and why.
type ApplicabilityChoice struct {
	// Requirement is what is asked for. What is said of a group holds for its parts.
	Requirement Ref `to:"Requirement" is:"required" back:"applicability"`
	// Applies says that it applies.
	Applies bool
	// Reason says why it applies, or why not.
	Reason string
}

// Tier is a tier of the Cybersecurity Framework.
type Tier string

// Options lists the tiers, lowest first.
func (Tier) Options() []Option {
	return []Option{
		{"partial", "1 Partial", "Risk is managed case by case."},
		{"risk_informed", "2 Risk informed", "Management approves practices that not everybody follows yet."},
		{"repeatable", "3 Repeatable", "Practices are policy and are kept everywhere."},
		{"adaptive", "4 Adaptive", "Practices improve by what was learned and foreseen."},
	}
}
