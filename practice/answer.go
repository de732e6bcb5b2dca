package practice

import (
	"binnacle/estate"
	"binnacle/model"
)

// Link names a record, so that a door can open it.
type Link struct {
	// Kind is the kind of the record.
	Kind string `json:"kind"`
	// Key is the key of the record.
	Key string `json:"key"`
	// Name is what to call it.
	Name string `json:"name,omitempty"`
	// ID names the record for ever.
	ID model.ID `json:"id"`
}

// To returns a link to a record. A nil record gives an empty link.
func To(rec model.Record) Link {
	if rec == nil {
		return Link{}
	}
	m := rec.Base()
	return Link{Kind: model.NameOf(rec), Key: m.Key, Name: m.Name, ID: m.ID}
}

// ToAll returns links to records.
func ToAll[R model.Record](records []R) []Link {
	out := make([]Link, len(records))
	for i, rec := range records {
		out[i] = To(rec)
	}
	return out
}

// IsZero reports whether the link leads nowhere.
func (l Link) IsZero() bool { return l.Key == "" && l.ID.IsZero() }

// String writes the link as Kind/key.
func (l Link) String() string {
	if l.IsZero() {
		return ""
	}
	return l.Kind + "/" + l.Key
}

// Title returns what to call the record: its name, or its key.
func (l Link) Title() string {
	if l.Name != "" {
		return l.Name
	}
	return l.Key
}

// Path is a chain of records, each leading to the next.
type Path []Link

// String writes the chain with arrows between the keys.
func (p Path) String() string {
	out := ""
	for i, l := range p {
		if i > 0 {
			out += " → "
		}
		out += l.String()
	}
	return out
}

// PathOf returns the chain of records along the steps of a closure.
func PathOf(steps []estate.Step) Path {
	out := make(Path, len(steps))
	for i, s := range steps {
		out[i] = To(s.Record)
	}
	return out
}

// Better says which way a figure should go.
type Better string

// The ways that a figure should go.
const (
	// Neither says that the figure only informs.
	Neither Better = ""
	// Higher is better.
	Higher Better = "higher"
	// Lower is better.
	Lower Better = "lower"
)

// Figure is one number that matters.
type Figure struct {
	// Value is the number.
	Value float64 `json:"value"`
	// Money is the exact amount where the figure is money. Value is then only for drawing.
	Money model.Money `json:"money,omitzero"`
	// Unit is what is counted, such as hosts or %.
	Unit string `json:"unit,omitempty"`
	// Unknown says that the number cannot be told. Note says why.
	Unknown bool `json:"unknown,omitempty"`
	// Target is what the number should be, where there is a target.
	Target *float64 `json:"target,omitempty"`
	// Better says which way the number should go.
	Better Better `json:"better,omitempty"`
	// Note says in a sentence how the number came about, or what is uncertain about it.
	Note string `json:"note,omitempty"`
	// From are the records that the number was computed from.
	From []Link `json:"from,omitempty"`
}

// Counted returns a figure that counts records.
func Counted(unit string, better Better, from []Link) Figure {
	return Figure{Value: float64(len(from)), Unit: unit, Better: better, From: from}
}

// Table is a list of rows of one Go type, whose fields are the columns.
type Table[Row any] struct {
	// Rows are in the order in which they should be read.
	Rows []Row `json:"rows"`
	// Note says in a sentence what was left out, or how to read the table.
	Note string `json:"note,omitempty"`
}

// Series is one or several lines over time or over steps.
type Series struct {
	// Unit is what the values count.
	Unit string `json:"unit,omitempty"`
	// Lines are drawn in this order.
	Lines []Line `json:"lines"`
}

// Line is one line of a series.
type Line struct {
	// Name says what the line shows.
	Name string `json:"name"`
	// Points are in the order of the axis.
	Points []Point `json:"points"`
}

// Point is one point of a line.
type Point struct {
	// At is the day, where the axis is time.
	At model.Date `json:"at,omitzero"`
	// Label is the text on the axis, such as 2027 Q2.
	Label string `json:"label,omitempty"`
	// Value is the height.
	Value float64 `json:"value"`
	// From are the records that the value was computed from.
	From []Link `json:"from,omitempty"`
}

// Severity says how much a finding matters.
type Severity string

// The severities, lowest first.
const (
	Info     Severity = "info"
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Weight returns the place of a severity, 0 for info to 4 for critical.
func (s Severity) Weight() int {
	switch s {
	case Low:
		return 1
	case Medium:
		return 2
	case High:
		return 3
	case Critical:
		return 4
	}
	return 0
}

// Finding is something that somebody should look at.
type Finding struct {
	// Severity says how much it matters.
	Severity Severity `json:"severity"`
	// Text says what was found, in a sentence.
	Text string `json:"text"`
	// About is the record that it is about.
	About Link `json:"about,omitzero"`
	// Paths are the chains of records that lead to it.
	Paths []Path `json:"paths,omitempty"`
	// From are the records that it was found in.
	From []Link `json:"from,omitempty"`
	// Owner is who answers for what it is about.
	Owner Link `json:"owner,omitzero"`
	// Mend is the action that would mend it.
	Mend *Mend `json:"mend,omitempty"`
}

// Mend is an action that would mend a finding.
type Mend struct {
	// Action is the full name of the action.
	Action string `json:"action"`
	// Parameters are what to call it with.
	Parameters map[string]string `json:"parameters,omitempty"`
}

// PictureType says how a picture is drawn.
type PictureType string

// The types of pictures.
const (
	GraphPicture   PictureType = "graph"
	MapPicture     PictureType = "map"
	RoadmapPicture PictureType = "roadmap"
	RadarPicture   PictureType = "radar"
	MatrixPicture  PictureType = "matrix"
	CurvePicture   PictureType = "curve"
	// FlowPicture shows amounts that flow from one node to another, as a Sankey diagram. The group of a node is its stage.
	FlowPicture PictureType = "flow"
)

// Picture is something that is better drawn than told.
type Picture struct {
	// Type says how it is drawn.
	Type PictureType `json:"type"`
	// Nodes are the things in the picture.
	Nodes []Node `json:"nodes"`
	// Edges join nodes by their places.
	Edges []Join `json:"edges,omitempty"`
	// Stages are the groups of a flow or of a matrix from left to right.
	Stages []string `json:"stages,omitempty"`
	// Curves are the lines of a curve picture over a numeric axis, such as a loss exceedance curve and the appetite that it is held against.
	Curves *Curves `json:"curves,omitempty"`
	// Matrix are the two scales of a matrix picture. Without them every thing is a row, every group a column, and the value stands in the cell.
	Matrix *Matrix `json:"matrix,omitempty"`
	// Radar are the sectors and rings of a radar picture. The group of a node is its sector, its value is the number of its ring from 1 inside.
	Radar *Radar `json:"radar,omitempty"`
	// Unit is what the values of the nodes count, such as %, where that does not go without saying.
	Unit string `json:"unit,omitempty"`
}

// Radar is the sectors and rings of a radar.
type Radar struct {
	// Quadrants are the sectors, clockwise from the right top.
	Quadrants []string `json:"quadrants"`
	// Rings are the rings from the inside out.
	Rings []string `json:"rings"`
}

// Matrix is two scales, and what each pair of their steps means. A thing stands in the row that its group is the number of, and in
// the column that its value is the number of, both from 1.
type Matrix struct {
	// Across names the scale from left to right, such as Impact.
	Across string `json:"across"`
	// Up names the scale from the bottom to the top, such as Likelihood.
	Up string `json:"up"`
	// Columns are the steps from left to right, the lowest first.
	Columns []string `json:"columns"`
	// Rows are the steps from the bottom to the top, the lowest first.
	Rows []string `json:"rows"`
	// Cells has one list for each row, the lowest first, with one cell for each column.
	Cells [][]MatrixCell `json:"cells"`
}

// MatrixCell is what a pair of steps means.
type MatrixCell struct {
	// Label is what the level is called, such as High. It is empty where the matrix has no such cell.
	Label string `json:"label,omitempty"`
	// Severity is how the cell is coloured.
	Severity Severity `json:"severity,omitempty"`
}

// Curves are lines over a numeric axis.
type Curves struct {
	// X is the axis from left to right.
	X Axis `json:"x"`
	// Y is the axis from the bottom to the top.
	Y Axis `json:"y"`
	// Lines are drawn in this order.
	Lines []Curve `json:"lines"`
	// Marks are places on the axis from left to right that have a name, such as P95.
	Marks []Mark `json:"marks,omitempty"`
}

// Axis is an axis of curves.
type Axis struct {
	// Label says what is counted.
	Label string `json:"label"`
	// Unit is what it is counted in, such as EUR or %.
	Unit string `json:"unit,omitempty"`
	// Log says that the axis is logarithmic.
	Log bool `json:"log,omitempty"`
}

// Curve is one line over a numeric axis.
type Curve struct {
	// Name says what the line shows.
	Name string `json:"name"`
	// Limit says that the line is a limit, such as an appetite, and not a result.
	Limit bool `json:"limit,omitempty"`
	// Points rise along the axis from left to right.
	Points []XY `json:"points"`
}

// XY is one point of a curve.
type XY struct {
	// X is the place along the axis from left to right.
	X float64 `json:"x"`
	// Y is the height.
	Y float64 `json:"y"`
}

// Mark is a place on an axis that has a name.
type Mark struct {
	// X is the place.
	X float64 `json:"x"`
	// Label is the name.
	Label string `json:"label"`
}

// Node is a thing in a picture.
type Node struct {
	// Link names the record that it stands for.
	Link Link `json:"link"`
	// Group is the box, ring, row or lane that it belongs to.
	Group string `json:"group,omitempty"`
	// Value is what its size or colour shows.
	Value float64 `json:"value,omitempty"`
	// Severity is how it is marked.
	Severity Severity `json:"severity,omitempty"`
	// From is the first day, on a roadmap.
	From model.Date `json:"from,omitzero"`
	// Until is the last day, on a roadmap.
	Until model.Date `json:"until,omitzero"`
	// Moved says how it lies on a radar compared with the edition before: new, in, out, or nothing.
	Moved string `json:"moved,omitempty"`
}

// Join is a line between two nodes of a picture.
type Join struct {
	// From is the place of the first node.
	From int `json:"from"`
	// To is the place of the second node.
	To int `json:"to"`
	// Label says what the line means.
	Label string `json:"label,omitempty"`
	// Value is how much flows along the line, where that matters.
	Value float64 `json:"value,omitempty"`
	// Money is the exact amount where what flows is money.
	Money model.Money `json:"money,omitzero"`
}

// Proposal is what an action proposes.
type Proposal struct {
	// Why says what the changes are for. It becomes the reason of the entry.
	Why string `json:"why"`
	// Changes are what to do.
	Changes []model.Change `json:"changes"`
	// Findings explain the proposal.
	Findings []Finding `json:"findings,omitempty"`
}

// Verdict is what a check answers.
type Verdict struct {
	// Pass reports whether the check holds.
	Pass bool `json:"pass"`
	// Unknown says that there was not enough to tell. Pass is then false.
	Unknown bool `json:"unknown,omitempty"`
	// Text says the result in a sentence.
	Text string `json:"text"`
	// Checked are the records that were looked at.
	Checked []Link `json:"checked,omitempty"`
	// Findings are what does not hold.
	Findings []Finding `json:"findings,omitempty"`
}
