package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Experiment is research that ends with a decision: an idea, a hypothesis, a proof of concept or a prototype with a cap on what it may cost and criteria that were set before it began.
type Experiment struct {
	Meta
	// State says where it stands.
	State ExperimentState
	// Horizon says when its result is expected to bear fruit.
	Horizon Horizon
	// Hypothesis is what is believed and to be shown, such as: with X, Y falls by a third.
	Hypothesis string `is:"long"`
	// Sponsor is the person that wants it and pays for it.
	Sponsor Ref `to:"Person" back:"sponsors experiments"`
	// Team is the team that does it.
	Team Ref `to:"Team" back:"experiments"`
	// Trends are the trends that it looks into.
	Trends []Ref `to:"Trend" back:"experiments"`
	// Technologies are what is tried.
	Technologies []Ref `to:"Technology" back:"experiments"`
	// Solution is the idea of a product that it tests.
	Solution Ref `to:"Idea" back:"experiments"`
	// With are the partners that take part.
	With []Ref `to:"Partner,Vendor" back:"experiments"`
	// UsesSystems are the cloud accounts, applications and other things whose cost is the cost of the experiment.
	UsesSystems []Ref `to:"CloudAccount,CloudResource,Application,Service,Host" back:"experiments"`
	// CostTags are the tags of bills whose lines are its cost, each as name=value, such as experiment=vector-search.
	CostTags []string
	// Cap is what may be spent in all.
	Cap Money
	// Spent is what was spent beside what bills show, such as working time.
	Spent Money
	// Start is the first day of work.
	Start Date
	// Until is the last day of the time box.
	Until Date
	// CriteriaSet is the day on which the exit criteria were agreed on. It is not after the start.
	CriteriaSet Date
	// Criteria are what decides: measurable, and set before the start.
	Criteria []ExitCriterion
	// CriteriaDigest is the SHA-256 of the criteria as they were when work began. It shows whether somebody has changed them since.
	CriteriaDigest string `is:"system"`
	// Evidence are the documents and links that show what was seen.
	Evidence []ExperimentEvidence
	// Extended is the day on which it got more time or money. Unset means that it did not.
	Extended Date
	// ExtendedBy is the person that gave it more time or money.
	ExtendedBy Ref `to:"Person" is:"signed" back:"extended experiments"`
	// ExtendReason says why it got more time or money.
	ExtendReason string
	// FirstCap is the cap before it was extended.
	FirstCap Money
	// FirstUntil is the last day of the time box before it was extended.
	FirstUntil Date
	// Decision is what was decided at the end.
	Decision ExperimentDecision
	// DecidedBy is the person that decided.
	DecidedBy Ref `to:"Person" is:"signed" back:"decided experiments"`
	// Decided is the day of the decision.
	Decided Date
	// Reason says why it was decided so, and what was learned. Markdown is understood.
	Reason string `is:"long"`
	// Blip is the blip that the decision moves.
	Blip Ref `to:"Blip" back:"experiments"`
	// Opens is the roadmap item that the decision opens.
	Opens Ref `to:"RoadmapItem" back:"opened by experiments"`
	// Record is the decision record that was written.
	Record Ref `to:"DecisionRecord" back:"experiments"`
}

// DigestOfCriteria returns the SHA-256 of what the exit criteria ask for, in hexadecimal. What was measured and how is not part of it.
func (e *Experiment) DigestOfCriteria() string {
	sum := sha256.New()
	for _, c := range e.Criteria {
		fmt.Fprintf(sum, "%q %q %q %v\n", c.Name, c.Better, c.Unit, c.Target)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// ExitCriterion is a measurable condition under which an experiment has shown what it was to show.
type ExitCriterion struct {
	// Name says what is measured.
	Name string `is:"required"`
	// Better says which way is better.
	Better Direction
	// Target is the value that must be reached.
	Target float64
	// Unit is what the values count, such as ms or %.
	Unit string
	// Before is the value before the experiment began.
	Before float64
	// Measured is the value that was reached.
	Measured float64
	// MeasuredOn is the day when it was measured. Unset means not yet.
	MeasuredOn Date
	// Note says how it was measured.
	Note string
}

// Direction says whether more or less of something is better.
type Direction string

// The directions.
const (
	MoreIsBetter Direction = "more"
	LessIsBetter Direction = "less"
)

// Options lists the directions.
func (Direction) Options() []Option {
	return []Option{
		{"more", "More is better", "The value must be the target or above it."},
		{"less", "Less is better", "The value must be the target or below it."},
	}
}

// ExperimentEvidence is something that shows what an experiment found.
type ExperimentEvidence struct {
	// Seen is the day when it was seen.
	Seen Date
	// Text says what it shows.
	Text string `is:"required"`
	// Link is where it can be read.
	Link string `format:"url"`
}

// ExperimentState says where an experiment stands.
type ExperimentState string

// The states of an experiment.
const (
	ExperimentIdea       ExperimentState = "idea"
	ExperimentHypothesis ExperimentState = "hypothesis"
	ExperimentRunning    ExperimentState = "running"
	ExperimentDecided    ExperimentState = "decided"
	ExperimentDropped    ExperimentState = "dropped"
)

// Options lists the states of an experiment.
func (ExperimentState) Options() []Option {
	return []Option{
		{"idea", "Idea", "Somebody thinks that it is worth trying."},
		{"hypothesis", "Hypothesis", "It says what is to be shown, by what, for how much and until when."},
		{"running", "Running", "Work goes on."},
		{"decided", "Decided", "It was graduated or killed."},
		{"dropped", "Dropped", "It never ran."},
	}
}

// Transitions says which state of an experiment may follow which.
func (ExperimentState) Transitions() map[string][]string {
	return map[string][]string{
		"idea":       {"hypothesis", "dropped"},
		"hypothesis": {"running", "idea", "dropped"},
		"running":    {"decided"},
		"decided":    {"running"},
		"dropped":    {"idea"},
	}
}

// ExperimentDecision says how an experiment ended.
type ExperimentDecision string

// The decisions about an experiment.
const (
	Graduate ExperimentDecision = "graduate"
	Kill     ExperimentDecision = "kill"
	Extend   ExperimentDecision = "extend"
)

// Options lists the decisions about an experiment.
func (ExperimentDecision) Options() []Option {
	return []Option{
		{"graduate", "Graduate", "It showed what it was to show, and goes on as a product, a standard or a project."},
		{"kill", "Kill", "It did not, and ends here. What was learned is kept."},
		{"extend", "Extend", "It gets more time or money, once, for a reason."},
	}
}

// DecisionMatrix compares options by weighted criteria: tools, platforms, methods or providers.
type DecisionMatrix struct {
	Meta
	// Type says what is chosen.
	Type SelectionType
	// Method says how scores become a ranking.
	Method MatrixMethod
	// State says where it stands.
	State MatrixState
	// Options are what can be chosen.
	Options []MatrixOption
	// Criteria are what they are compared by.
	Criteria []MatrixCriterion
	// Pairs are the comparisons of criteria with each other, for the analytic hierarchy process.
	Pairs []MatrixPair
	// Scorers are the persons that are asked to score.
	Scorers []Ref `to:"Person" back:"scores matrices"`
	// Blind says that nobody sees the scores of others before the matrix is closed.
	Blind bool
	// Due is the day by which scores are to be there.
	Due Date
	// Closed is the day on which scoring ended.
	Closed Date
	// Chosen is the name of the option that was chosen.
	Chosen string
	// DecidedBy is the person that chose.
	DecidedBy Ref `to:"Person" is:"signed" back:"decided matrices"`
	// Reason says why, above all where it is not the option that ranks first.
	Reason string `is:"long"`
	// Contract is the contract that followed.
	Contract Ref `to:"Contract" back:"decision matrices"`
	// Record is the decision record that followed.
	Record Ref `to:"DecisionRecord" back:"decision matrices"`
	// Experiment is the experiment that it belongs to.
	Experiment Ref `to:"Experiment" back:"decision matrices"`
}

// SelectionType says what is chosen.
type SelectionType string

// Options lists what can be chosen.
func (SelectionType) Options() []Option {
	return []Option{
		{"tool", "Tool", "A program for people to work with."},
		{"platform", "Platform", "Something that others build on."},
		{"method", "Method", "A way of working."},
		{"provider", "Provider", "A company to buy from."},
	}
}

// MatrixMethod says how scores become a ranking.
type MatrixMethod string

// The methods of a decision matrix.
const (
	WeightedMatrix MatrixMethod = "weighted"
	TopsisMatrix   MatrixMethod = "topsis"
	AHPMatrix      MatrixMethod = "ahp"
)

// Options lists the methods.
func (MatrixMethod) Options() []Option {
	return []Option{
		{"weighted", "Weighted sum", "Scores times weights, added up."},
		{"topsis", "TOPSIS", "Nearness to the best and distance from the worst of all options."},
		{"ahp", "AHP", "Weights come from comparing criteria in pairs; scores are weighted with them. The consistency of the comparisons is shown."},
	}
}

// MatrixState says where a decision matrix stands.
type MatrixState string

// The states of a decision matrix.
const (
	MatrixDraft   MatrixState = "draft"
	MatrixOpen    MatrixState = "scoring"
	MatrixClosed  MatrixState = "closed"
	MatrixDecided MatrixState = "decided"
)

// Options lists the states of a decision matrix.
func (MatrixState) Options() []Option {
	return []Option{
		{"draft", "Draft", "Options and criteria may still change."},
		{"scoring", "Scoring", "People score."},
		{"closed", "Closed", "Scores are there and everybody sees them."},
		{"decided", "Decided", "An option was chosen."},
	}
}

// Transitions says which state of a decision matrix may follow which.
func (MatrixState) Transitions() map[string][]string {
	return map[string][]string{
		"draft":   {"scoring"},
		"scoring": {"closed", "draft"},
		"closed":  {"decided"},
		"decided": {"closed"},
	}
}

// MatrixOption is something that can be chosen.
type MatrixOption struct {
	// Name is what it is called.
	Name string `is:"required"`
	// Stands is the record that it stands for.
	Stands Ref `to:"Technology,Vendor,Partner,Application,Service,Product,Contract" back:"options"`
	// Price is what it costs in a year.
	Price Money
}

// MatrixCriterion is what options are compared by.
type MatrixCriterion struct {
	// Name is what it is called.
	Name string `is:"required"`
	// Weight says how much it counts beside the others. Weights are brought to a sum of 1.
	Weight float64 `min:"0"`
	// Better says whether a high or a low score is better.
	Better Direction
	// Help says how to score.
	Help string
}

// MatrixPair compares two criteria.
type MatrixPair struct {
	// First is the name of a criterion.
	First string `is:"required"`
	// Second is the name of the other.
	Second string `is:"required"`
	// Value says how many times as much the first counts, from 1/9 to 9.
	Value float64 `min:"0.1111" max:"9"`
}

// MatrixScoring is how one person scores the options of a decision matrix.
type MatrixScoring struct {
	Meta
	// Matrix is the decision matrix.
	Matrix Ref `to:"DecisionMatrix" is:"required" back:"scorings"`
	// Scorer is the person.
	Scorer Ref `to:"Person" is:"required signed" back:"scorings"`
	// Submitted is the day on which it was handed in. Unset means that it may still change.
	Submitted Date
	// Scores are the scores.
	Scores []MatrixScore
}

// SealedRecord is a record that for a time nobody sees but the person that made it, whatever roles the others have.
type SealedRecord interface {
	Record
	// IsSealed reports whether it is sealed. The function returns the record of a ref, or nil.
	IsSealed(look func(Ref) Record) bool
	// SealedFor returns the person that sees it all the same.
	SealedFor() Ref
}

// SealedFor returns the scorer.
func (s *MatrixScoring) SealedFor() Ref { return s.Scorer }

// IsSealed reports whether nobody but the scorer may see the scores: while the matrix is scored blindly and is not closed. The function returns
// the record of a ref, or nil. A scoring whose matrix is not there is sealed.
func (s *MatrixScoring) IsSealed(look func(Ref) Record) bool {
	m, ok := look(s.Matrix).(*DecisionMatrix)
	return !ok || m.Sealed()
}

// Sealed reports whether nobody sees the scores of others yet: it is scored blindly, and neither closed nor decided.
func (m *DecisionMatrix) Sealed() bool {
	return m.Blind && m.State != MatrixClosed && m.State != MatrixDecided
}

// MatrixScore is the score of an option by a criterion.
type MatrixScore struct {
	// Option is the name of the option.
	Option string `is:"required"`
	// Criterion is the name of the criterion.
	Criterion string `is:"required"`
	// Score is the score, or the measured value.
	Score float64
	// Note says why.
	Note string
}
