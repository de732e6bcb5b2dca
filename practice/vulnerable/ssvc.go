package vulnerable

import (
	"slices"

	"binnacle/model"
)

// The values of the decision points of SSVC, least urgent first. The words are those of CERT/CC with underscores.
var (
	// ExploitationValues say whether a vulnerability is used in attacks.
	ExploitationValues = []string{"none", "public_poc", "active"}
	// ExposureValues say how easily an attacker reaches something.
	ExposureValues = []string{"small", "controlled", "open"}
	// JudgementValues are for automatable, and for in the catalogue of known exploited vulnerabilities and publicly exposed.
	JudgementValues = []string{"no", "yes"}
	// TechnicalImpactValues say how much control an attacker gets.
	TechnicalImpactValues = []string{"partial", "total"}
	// SafetyValues say how much harm to people there may be.
	SafetyValues = []string{"negligible", "marginal", "critical", "catastrophic"}
	// MissionValues say what becomes of what the company is there for.
	MissionValues = []string{"degraded", "mef_support_crippled", "mef_failure", "mission_failure"}
	// HumanImpactValues combine safety and mission.
	HumanImpactValues = []string{"low", "medium", "high", "very_high"}
	// WellBeingValues are for the mission and the well-being of the public, in the tree of coordinators.
	WellBeingValues = []string{"low", "medium", "high"}
)

// The outcomes of the tables, least urgent first.
var (
	// DeployerOutcomes are those of the deployer table.
	DeployerOutcomes = []string{"defer", "scheduled", "out_of_cycle", "immediate"}
	// CoordinatorOutcomes are those of CISA's tree.
	CoordinatorOutcomes = []string{"track", "track*", "attend", "act"}
	// TimelineOutcomes are those of BOD 26-04: what is to be done within how many days.
	TimelineOutcomes = []string{"on_upgrade", "60_days", "14_days", "3_days", "3_days_forensic"}
)

// table is a decision table: the values of its points in their order, and one outcome for each combination, the last point fastest.
type table struct {
	points   [][]string
	outcomes []string
	cells    string
}

// deployer is the deployer table of SSVC, version 1.0.0 (CERT/CC): exploitation, exposure, automatable, human impact. d, s, o, i are its outcomes.
var deployer = table{[][]string{ExploitationValues, ExposureValues, JudgementValues, HumanImpactValues}, DeployerOutcomes, "" +
	"ddss" + "dsss" + "dsss" + "ssss" + "dsss" + "ssso" +
	"dsss" + "ssss" + "dsss" + "ssso" + "ssso" + "ssoo" +
	"ssoo" + "sooo" + "ssoo" + "oooo" + "sooi" + "ooii"}

// humanImpact is the table of human impact (CERT/CC): safety, mission.
var humanImpact = table{[][]string{SafetyValues, MissionValues}, HumanImpactValues, "" +
	"llmv" + "llmv" + "mhhv" + "vvvv"}

// coordinator is CISA's coordinator tree of SSVC, version 2.0.3: exploitation, automatable, technical impact, mission and well-being. t, * (track*), a (attend), c (act).
var coordinator = table{[][]string{ExploitationValues, JudgementValues, TechnicalImpactValues, WellBeingValues}, CoordinatorOutcomes, "" +
	"ttt" + "tt*" + "tta" + "tta" +
	"tt*" + "t*a" + "tta" + "t*a" +
	"tta" + "tac" + "aac" + "acc"}

// timeline is the table of CISA's BOD 26-04: in the KEV catalogue, publicly exposed, automatable, technical impact. u (on upgrade), 6 (60 days), 4 (14 days), 3 (3 days), f (3 days and forensic).
var timeline = table{[][]string{JudgementValues, JudgementValues, JudgementValues, TechnicalImpactValues}, TimelineOutcomes, "" +
	"uu" + "66" + "64" + "43" +
	"44" + "4f" + "4f" + "3f"}

// letters are the outcomes of all tables by the letters in their cells.
var letters = map[byte]string{
	'd': "defer", 's': "scheduled", 'o': "out_of_cycle", 'i': "immediate",
	'l': "low", 'm': "medium", 'h': "high", 'v': "very_high",
	't': "track", '*': "track*", 'a': "attend", 'c': "act",
	'u': "on_upgrade", '6': "60_days", '4': "14_days", '3': "3_days", 'f': "3_days_forensic",
}

// at returns the outcome of a combination of values.
func (t *table) at(values ...string) string {
	n := 0
	for i, p := range t.points {
		n = n*len(p) + slices.Index(p, values[i])
	}
	return letters[t.cells[n]]
}

// span evaluates the table for every combination of the values that points may have, and returns the least and the most urgent outcome.
func (t *table) span(points ...Point) (least, most string) {
	values := make([]string, len(points))
	low, high := len(t.outcomes), -1
	var walk func(i int)
	walk = func(i int) {
		if i == len(points) {
			n := slices.Index(t.outcomes, t.at(values...))
			low, high = min(low, n), max(high, n)
			return
		}
		for _, v := range points[i].options(t.points[i]) {
			values[i] = v
			walk(i + 1)
		}
	}
	walk(0)
	return t.outcomes[low], t.outcomes[high]
}

// Point is a decision point with its value and the reason for it. One that is not known counts with every value that it may have.
type Point struct {
	// Value is the value, or empty where it is not known.
	Value string
	// Least and Most are the ends of what it may be, where it lies between two values. Both are empty where nothing is known.
	Least, Most string
	// Why says in a sentence where the value comes from, or why it is not known.
	Why string
	// From are the records that say so.
	From []model.Ref
}

// Known reports whether the point has one value.
func (p Point) Known() bool { return p.Value != "" }

// options lists the values that the point may have.
func (p Point) options(all []string) []string {
	if i := slices.Index(all, p.Value); i >= 0 {
		return all[i : i+1]
	}
	low, high := slices.Index(all, p.Least), slices.Index(all, p.Most)
	if low >= 0 && high >= low {
		return all[low : high+1]
	}
	return all
}

// Deploy decides by the deployer table of SSVC. Least and most differ where points are not known; most is what counts.
func Deploy(exploitation, exposure, automatable, human Point) (least, most model.SSVCDecision) {
	a, b := deployer.span(exploitation, exposure, automatable, human)
	return model.SSVCDecision(a), model.SSVCDecision(b)
}

// HumanImpact combines safety and mission impact. Where these are not known, it lies between the ends of what it may be.
func HumanImpact(safety, mission Point) Point {
	least, most := humanImpact.span(safety, mission)
	p := Point{Least: least, Most: most, Why: "Safety: " + safety.Why + " Mission: " + mission.Why, From: append(slices.Clone(safety.From), mission.From...)}
	if least == most {
		p.Value = least
	}
	return p
}

// Coordinate decides by CISA's coordinator tree. Most is what counts.
func Coordinate(exploitation, automatable, technical, wellBeing Point) (least, most string) {
	return coordinator.span(exploitation, automatable, technical, wellBeing)
}

// Timeline decides by the table of CISA's BOD 26-04 until when something is to be mended. Most is what counts.
func Timeline(inCatalogue, publiclyExposed, automatable, technical Point) (least, most string) {
	return timeline.span(inCatalogue, publiclyExposed, automatable, technical)
}
