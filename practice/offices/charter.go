package offices

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// line is a responsibility as the estate has it, or as it is delivered where the estate has none.
type line struct {
	link        practice.Link
	key, text   string
	face        model.Face
	order       int
	practices   []string
	accountable []practice.Link
	responsible []practice.Link
	consulted   []practice.Link
	informed    []practice.Link
	effort      float64
	measures    []model.Measure
	// refs are those that are accountable, with what the view knows of them.
	refs []model.Record
	// delivered says that the estate has no such record.
	delivered bool
}

// adopted reports whether the estate has a charter of its own.
func adopted(v estate.View) bool { return v.Count("Responsibility") > 0 }

// linesOf returns the charter of the estate in order, else the delivered one.
func linesOf(v estate.View) []line {
	if !adopted(v) {
		return deliveredLines(v)
	}
	var out []line
	for r := range estate.Each[*model.Responsibility](v) {
		l := line{link: practice.To(r), key: r.Key, text: r.Description, face: r.Face, order: r.Order, practices: r.Practices, effort: r.Effort, measures: r.Measures}
		l.accountable, l.refs = known(v, r.Accountable)
		l.responsible, _ = known(v, r.Responsible)
		l.consulted, _ = known(v, r.Consulted)
		l.informed, _ = known(v, r.Informed)
		out = append(out, l)
	}
	slices.SortStableFunc(out, func(a, b line) int { return cmp.Or(cmp.Compare(a.order, b.order), strings.Compare(a.key, b.key)) })
	return out
}

// known returns those of some refs that the view has.
func known(v estate.View, refs []model.Ref) ([]practice.Link, []model.Record) {
	var links []practice.Link
	var records []model.Record
	for _, ref := range refs {
		if rec := v.Get(ref); rec != nil {
			links, records = append(links, practice.To(rec)), append(records, rec)
		}
	}
	return links, records
}

// deliveredLines returns the charter as it is delivered. Its offices are those of the estate where these have the usual keys.
func deliveredLines(v estate.View) []line {
	var out []line
	for i, d := range delivered {
		l := line{link: practice.Link{Name: d.name}, key: d.key, text: d.text, face: d.face, order: 10 * (i + 1), practices: d.practices, effort: d.effort, measures: d.measures, delivered: true}
		for _, key := range d.accountable {
			if rec := v.Find("Office", key); rec != nil {
				l.accountable, l.refs = append(l.accountable, practice.To(rec)), append(l.refs, rec)
				continue
			}
			i := slices.IndexFunc(posts, func(p post) bool { return p.key == key })
			l.accountable = append(l.accountable, practice.Link{Name: posts[i].name})
		}
		out = append(out, l)
	}
	return out
}

// shared reports whether more than one answers for a line because both faces share it.
func (l line) shared() bool { return l.face == "both" && len(l.accountable) == 2 }

// note says what a reader of the line should know.
func (l line) note() string {
	var out []string
	if l.delivered {
		out = append(out, "as delivered: not adopted yet")
	}
	if l.shared() {
		out = append(out, "both offices share it")
	}
	if len(l.measures) == 0 {
		out = append(out, "nothing measures it yet")
	}
	return strings.Join(out, "; ")
}

// CharterIn says which part of the charter is wanted.
type CharterIn struct {
	// Face limits the charter to the lines of one face. Lines of both faces always count. Unset means all.
	Face model.Face
	// Practice limits the charter to lines that a practice helps with, such as lifecycle.
	Practice string
}

// CharterOut is the charter: what the offices answer for.
type CharterOut struct {
	// Responsibilities is how many lines there are.
	Responsibilities practice.Figure
	// Measured is how many of them have at least one measure.
	Measured practice.Figure
	// Adopted says whether the lines are records of the estate, or as Binnacle delivers them.
	Adopted bool
	// Lines are the responsibilities in their order.
	Lines practice.Table[Line]
	// Measures are the questions that tell how healthy each is.
	Measures practice.Table[MeasureRow]
}

// Line is a responsibility with who has which part in it.
type Line struct {
	// Responsibility is the record. It has no key before the charter is adopted.
	Responsibility practice.Link
	// Key is the key that the record has or will get.
	Key string
	// Name is what the responsibility is called.
	Name string
	// Text says in a sentence what it is.
	Text string
	// Face is the side that it belongs to.
	Face model.Face
	// Accountable are those who answer for the result.
	Accountable []practice.Link
	// Responsible are those who do the work.
	Responsible []practice.Link
	// Consulted are those who are asked before.
	Consulted []practice.Link
	// Informed are those who are told afterwards.
	Informed []practice.Link
	// Effort is how many days a week it takes from who is accountable.
	Effort float64 `label:"Days a week"`
	// Practices are the practices that help with it.
	Practices []string
	// Measures is how many questions measure it.
	Measures int
	// Note says what a reader should know: that it is not adopted, shared or not measured.
	Note string
}

// MeasureRow is a question that tells how healthy a responsibility is.
type MeasureRow struct {
	// Key is the key of the responsibility.
	Key string
	// Question is the full name of the question.
	Question string
	// Parameters are what it is asked with, as in an address.
	Parameters string
	// Part is the figure in the answer. Empty means the first figure, or whether a check passes.
	Part string
	// Title is what stands above the figure.
	Title string
	// Target is what the figure should be, or how many findings of a check are allowed.
	Target float64
}

// Charter lists what the two offices answer for, in the order of the boards:
// who is accountable, responsible, consulted and informed, and the questions that
// measure how healthy it is. Before an organisation adopts a charter it is the one
// that Binnacle delivers.
func Charter(v estate.View, in CharterIn) (CharterOut, error) {
	out := CharterOut{Adopted: adopted(v)}
	var all, measured []practice.Link
	for _, l := range linesOf(v) {
		if in.Face != "" && in.Face != "both" && l.face != in.Face && l.face != "both" || in.Practice != "" && !slices.Contains(l.practices, in.Practice) {
			continue
		}
		row, measures := l.rows()
		all = append(all, l.link)
		if len(measures) > 0 {
			measured = append(measured, l.link)
		}
		out.Lines.Rows = append(out.Lines.Rows, row)
		out.Measures.Rows = append(out.Measures.Rows, measures...)
	}
	out.Responsibilities = counted("responsibilities", practice.Neither, all)
	out.Measured = counted("responsibilities", practice.Higher, measured)
	if !out.Adopted {
		out.Lines.Note = "This is the charter as it is delivered. Adopt it with offices.adopt_charter, then change it as you like."
	}
	return out, nil
}

// rows returns a line as it stands in tables.
func (l line) rows() (Line, []MeasureRow) {
	row := Line{Responsibility: l.link, Key: l.key, Name: l.link.Title(), Text: l.text, Face: l.face, Accountable: l.accountable, Responsible: l.responsible,
		Consulted: l.consulted, Informed: l.informed, Effort: l.effort, Practices: l.practices, Measures: len(l.measures), Note: l.note()}
	if l.delivered {
		row.Responsibility = practice.Link{}
	}
	var measures []MeasureRow
	for _, m := range l.measures {
		measures = append(measures, MeasureRow{Key: l.key, Question: m.Question, Parameters: m.Parameters, Part: m.Part, Title: m.Title, Target: m.Target})
	}
	return row, measures
}

// counted returns a figure of how many there are. Links that lead nowhere count too, but cannot be opened.
func counted(unit string, better practice.Better, links []practice.Link) practice.Figure {
	f := practice.Counted(unit, better, links)
	f.From = slices.DeleteFunc(slices.Clone(links), practice.Link.IsZero)
	return f
}

// BoardIn says whose board is wanted.
type BoardIn struct {
	// Face is the side whose board it is. The default is both.
	Face model.Face
}

// BoardOut is the order that the board of an office follows.
type BoardOut struct {
	// Adopted says whether the lines are records of the estate, or as Binnacle delivers them.
	Adopted bool
	// Lines are the responsibilities of the face, in the order of the charter.
	Lines practice.Table[Line]
	// Measures are the questions that each of them shows.
	Measures practice.Table[MeasureRow]
}

// Board gives the board of an office its order: the responsibilities of its face
// in the order of the charter, those that both faces share, and those of the other
// face that an office of this face answers for all the same. So an
// organisation that splits the duties otherwise sees its own split.
func Board(v estate.View, in BoardIn) (BoardOut, error) {
	face := cmp.Or(in.Face, "both")
	out := BoardOut{Adopted: adopted(v)}
	for _, l := range linesOf(v) {
		note := ""
		if face != "both" && l.face != face && l.face != "both" {
			if !l.answeredFrom(face) {
				continue
			}
			note = "it belongs to the other face, but this office answers for it"
		} else if face != "both" && l.face == face && l.answeredFrom("") && !l.answeredFrom(face) {
			note = practice.Some(l.accountable) + " of the other face answers for it"
		}
		row, measures := l.rows()
		row.Note = strings.TrimPrefix(row.Note+"; "+note, "; ")
		row.Note = strings.TrimSuffix(row.Note, "; ")
		out.Lines.Rows = append(out.Lines.Rows, row)
		out.Measures.Rows = append(out.Measures.Rows, measures...)
	}
	return out, nil
}

// answeredFrom reports whether an office of a face, or any office where no face is given, answers for a line.
func (l line) answeredFrom(face model.Face) bool {
	return slices.ContainsFunc(l.refs, func(rec model.Record) bool {
		o, ok := rec.(*model.Office)
		return ok && (face == "" || o.Face == face || o.Face == "both")
	})
}
