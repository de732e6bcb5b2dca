package compliance

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// StatementIn says which statement is made.
type StatementIn struct {
	// Scope is the scope.
	Scope model.Ref `to:"ComplianceScope" is:"required"`
	// Framework limits the statement to one framework.
	Framework model.Ref `to:"Framework"`
}

// StatementOut is a statement of applicability.
type StatementOut struct {
	// Applicable is how many requirements apply.
	Applicable practice.Figure
	// Excluded is how many do not.
	Excluded practice.Figure
	// Unjustified is how many are excluded and nobody says why.
	Unjustified practice.Figure
	// Statement has one row for each requirement, in the order of the frameworks.
	Statement practice.Table[StatementRow]
	// CSV is the statement as a file for spreadsheets.
	CSV practice.File
	// Markdown is the statement as a document to print or sign.
	Markdown practice.File
}

// StatementRow says of one requirement whether it applies, why, and what is done.
type StatementRow struct {
	// Framework is where it stands.
	Framework practice.Link
	// Number is what people call it.
	Number string
	// Requirement is what is asked for.
	Requirement practice.Link
	// Title is its title.
	Title string
	// Applies says whether it applies.
	Applies bool
	// Reason says why, or why not.
	Reason string
	// Implementation says how far it is put in place.
	Implementation Cover
	// Controls are the controls that meet it.
	Controls []practice.Link
	// State says how it stands.
	State State
}

// StatementOfApplicability says of every requirement whether it applies in a scope, why or why not, which controls meet it and
// how far they are in place, as a table and as files to hand out.
func StatementOfApplicability(v estate.View, in StatementIn) (StatementOut, error) {
	var out StatementOut
	s, err := scopeOf(v, in.Scope)
	if err != nil {
		return out, err
	}
	var yes, no, silent []practice.Link
	for _, f := range s.Frameworks() {
		if !in.Framework.IsZero() && f.Ref() != in.Framework {
			continue
		}
		for _, r := range s.ix.of(f.Ref()) {
			if !s.ix.counts(r) {
				continue
			}
			st := s.Of(r)
			row := StatementRow{Framework: practice.To(f), Number: r.Number, Requirement: practice.To(r), Title: r.Title(), State: st.State}
			row.Applies, row.Reason = s.Applies(r)
			if !row.Applies {
				no = append(no, row.Requirement)
				if row.Reason == "" {
					silent = append(silent, row.Requirement)
				}
			} else {
				yes = append(yes, row.Requirement)
				row.Implementation = st.Cover
				for _, c := range st.Controls {
					row.Controls = append(row.Controls, practice.To(c.Control))
				}
			}
			out.Statement.Rows = append(out.Statement.Rows, row)
		}
	}
	out.Applicable = practice.Counted("requirements", practice.Neither, yes)
	out.Excluded = practice.Counted("requirements", practice.Neither, no)
	out.Unjustified = practice.Counted("requirements", practice.Lower, silent)
	name := "statement-of-applicability-" + s.scope.Key
	if out.CSV, err = statementCSV(name, out.Statement.Rows); err != nil {
		return out, err
	}
	out.Markdown = s.statementMarkdown(name, out.Statement.Rows)
	return out, nil
}

func statementCSV(name string, rows []StatementRow) (practice.File, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	lines := [][]string{{"framework", "number", "title", "applies", "reason", "implementation", "controls", "state"}}
	for _, r := range rows {
		lines = append(lines, []string{cell(r.Framework.Title()), cell(r.Number), cell(r.Title), yesNo(r.Applies), cell(r.Reason), string(r.Implementation), cell(titles(r.Controls)), string(r.State)})
	}
	if err := w.WriteAll(lines); err != nil {
		return practice.File{}, err
	}
	return practice.File{Name: name + ".csv", Type: "text/csv", Content: b.Bytes()}, nil
}

// cell keeps a spreadsheet from taking a text for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

func yesNo(b bool) string { return ifElse(b, "yes", "no") }

func titles(links []practice.Link) string {
	var out []string
	for _, l := range links {
		out = append(out, l.Title())
	}
	return strings.Join(out, "; ")
}

func (s *Scope) statementMarkdown(name string, rows []StatementRow) practice.File {
	var b strings.Builder
	fmt.Fprintf(&b, "# Statement of applicability: %s\n\nAs of %s, entry %d of the journal.\n", plainText(s.scope.Title()), s.at, s.v.Stamp().Seq)
	framework := practice.Link{}
	for _, r := range rows {
		if r.Framework != framework {
			framework = r.Framework
			fmt.Fprintf(&b, "\n## %s\n\n| Number | Requirement | Applies | Reason | Implementation | Controls |\n|---|---|---|---|---|---|\n", plainText(framework.Title()))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", plainText(r.Number), plainText(r.Title), yesNo(r.Applies), plainText(r.Reason), r.Implementation, plainText(titles(r.Controls)))
	}
	return practice.File{Name: name + ".md", Type: "text/markdown", Content: []byte(b.String())}
}

// plainText writes a text so that it means nothing in Markdown and stays in its cell.
func plainText(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "\r", " ", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "<", `\<`, "#", `\#`).Replace(s)
}

// MaturityIn says which scope is looked at.
type MaturityIn struct {
	// Scope is the scope.
	Scope model.Ref `to:"ComplianceScope" is:"required"`
}

// MaturityOut is how far a scope has come, in tiers of the Cybersecurity Framework.
type MaturityOut struct {
	// Current is the tier of the scope as a whole today, from 1 to 4.
	Current practice.Figure
	// Target is the tier that is wanted.
	Target practice.Figure
	// Gap is how many rated parts are below their target.
	Gap practice.Figure
	// Ratings has one row for each part that was rated, those furthest from their target first.
	Ratings practice.Table[RatingRow]
	// Profile shows the current and the target tier of each function.
	Profile practice.Picture
	// History is how the tiers of the whole scope and of its functions rose over time.
	History practice.Series
}

// RatingRow is the newest rating of one part.
type RatingRow struct {
	// Part is the function, category or subcategory, or the scope as a whole.
	Part practice.Link
	// Current is the tier of today.
	Current model.Tier
	// Target is the tier that is wanted.
	Target model.Tier
	// Gap is by how many tiers it is below its target.
	Gap int
	// On is the day of the rating.
	On model.Date
	// By is who rated it.
	By practice.Link
	// Rating is the record.
	Rating practice.Link
	// Evidence is what it rests on.
	Evidence []practice.Link
}

// Maturity shows how far a scope has come with the Cybersecurity Framework: the current and the target tier of the scope and
// of each part that was rated, and where the gap is largest. Tiers describe how risk is governed and managed; they are no marks of single controls.
func Maturity(v estate.View, in MaturityIn) (MaturityOut, error) {
	var out MaturityOut
	s, err := scopeOf(v, in.Scope)
	if err != nil {
		return out, err
	}
	newest := map[model.Ref]*model.MaturityRating{}
	lines := map[model.Ref][]*model.MaturityRating{}
	for r := range estate.Each[*model.MaturityRating](v) {
		if r.Scope != in.Scope || r.On > v.At() {
			continue
		}
		lines[r.Requirement] = append(lines[r.Requirement], r)
		if before := newest[r.Requirement]; before == nil || r.On >= before.On {
			newest[r.Requirement] = r
		}
	}
	current, target := s.scope.CurrentTier, s.scope.TargetTier
	if whole := newest[model.Ref{}]; whole != nil {
		current, target = whole.Current, whole.Target
	}
	out.Current, out.Target = tierFigure(current), tierFigure(target)
	var below []practice.Link
	for ref, r := range newest {
		row := RatingRow{Part: practice.To(v.Get(ref)), Current: r.Current, Target: r.Target, On: r.On, By: practice.To(v.Get(r.By)), Rating: practice.To(r), Evidence: linksOf(v, r.Evidence)}
		if r.Target != "" {
			row.Gap = max(0, model.Rank(r.Target)-model.Rank(r.Current))
		}
		if row.Gap > 0 {
			below = append(below, row.Rating)
		}
		out.Ratings.Rows = append(out.Ratings.Rows, row)
	}
	slices.SortFunc(out.Ratings.Rows, func(a, b RatingRow) int { return compareRatings(s, a, b) })
	slices.SortFunc(below, func(a, b practice.Link) int { return strings.Compare(a.Key, b.Key) })
	out.Gap = practice.Counted("parts", practice.Lower, below)
	out.Profile = profile(out.Ratings.Rows)
	for _, row := range out.Ratings.Rows {
		list := lines[model.Ref(row.Part.ID)]
		slices.SortStableFunc(list, func(a, b *model.MaturityRating) int { return int(a.On) - int(b.On) })
		line := practice.Line{Name: ifElse(row.Part.IsZero(), s.scope.Title(), row.Part.Title())}
		for _, r := range list {
			line.Points = append(line.Points, practice.Point{At: r.On, Label: r.On.String(), Value: float64(model.Rank(r.Current)), From: []practice.Link{practice.To(r)}})
		}
		out.History.Lines = append(out.History.Lines, line)
	}
	for i := range out.Ratings.Rows {
		if out.Ratings.Rows[i].Part.IsZero() {
			out.Ratings.Rows[i].Part = practice.To(s.scope)
		}
	}
	out.History.Unit = "tier"
	return out, nil
}

// compareRatings puts the largest gap first, and then the order of the document.
func compareRatings(s *Scope, a, b RatingRow) int {
	if a.Gap != b.Gap {
		return b.Gap - a.Gap
	}
	x, y := s.ix.requirements[model.Ref(a.Part.ID)], s.ix.requirements[model.Ref(b.Part.ID)]
	if x != nil && y != nil && x.Framework == y.Framework && x != y {
		list := s.ix.of(x.Framework)
		return slices.Index(list, x) - slices.Index(list, y)
	}
	return strings.Compare(a.Part.Key, b.Part.Key)
}

func tierFigure(t model.Tier) practice.Figure {
	f := practice.Figure{Value: float64(model.Rank(t)), Unit: "tier", Better: practice.Higher}
	if t == "" {
		f.Unknown, f.Note = true, "Nobody has rated it."
	}
	return f
}

// profile draws the current and the target tier of each part as a matrix.
func profile(rows []RatingRow) practice.Picture {
	out := practice.Picture{Type: practice.MatrixPicture}
	for _, r := range rows {
		if r.Part.IsZero() {
			continue
		}
		severity := practice.Info
		if r.Gap > 0 {
			severity = ifElse(r.Gap > 1, practice.High, practice.Medium)
		}
		out.Nodes = append(out.Nodes,
			practice.Node{Link: r.Part, Group: "current", Value: float64(model.Rank(r.Current)), Severity: severity},
			practice.Node{Link: r.Part, Group: "target", Value: float64(model.Rank(r.Target)), Severity: practice.Info})
	}
	return out
}
