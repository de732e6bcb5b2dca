package outline

import (
	"bytes"
	"cmp"
	"context"
	"regexp"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// reader reads one file.
type reader struct {
	ctx   context.Context
	batch *feed.Batch
	// file is the name of the file without its ending.
	file       string
	frameworks map[string]*framework
	order      []*framework
	mappings   []*mapping
}

// framework is a framework that is being read.
type framework struct {
	item  *feed.Item
	rec   *model.Framework
	rows  map[string]*requirement
	order []*requirement
}

// requirement is one row of an outline.
type requirement struct {
	item *feed.Item
	rec  *model.Requirement
	// parent is the number that the row names as its parent, and typed says that the row says of what type it is.
	parent string
	typed  bool
	parts  int
}

// mapping is one row of a mapping.
type mapping struct {
	rec        *model.RequirementMapping
	item       *feed.Item
	from, into end
}

// end is one end of a mapping, as the row names it.
type end struct {
	framework, number string
	where             feed.Where
}

// book reads the sheets of a workbook that are outlines or mappings.
func (r *reader) book(data []byte) error {
	book, err := kit.OpenWorkbook(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	defer book.Close()
	some := false
	for _, sheet := range book.Sheets() {
		rows, err := book.Rows(sheet)
		if err != nil {
			return err
		}
		found, err := r.table(rows, sheet)
		rows.Close()
		if err != nil {
			return err
		}
		if !found {
			r.batch.Note("The sheet %s is neither an outline nor a mapping and was left out.", sheet)
		}
		some = some || found
	}
	if !some {
		return r.none()
	}
	return nil
}

// mostBefore is how many rows may stand before the one that names the columns.
const mostBefore = 20

// table reads a table. It reports false where no row names columns that are known. A single text above the heads is the name of the framework.
func (r *reader) table(rows kit.Rows, sheet string) (bool, error) {
	title := ""
	var h heads
	for n := 0; rows.Next(); n++ {
		if err := r.ctx.Err(); err != nil {
			return false, err
		}
		row := rows.Row()
		if h.at == nil {
			if n > mostBefore {
				return false, nil
			}
			values := cells(row)
			found := headsOf(values)
			if found.isMapping() || found.isOutline() {
				h = found
			} else if text := only(values); text != "" && title == "" {
				title = text
			}
			continue
		}
		at := place{batch: r.batch, row: row, sheet: sheet, heads: h}
		switch {
		case row.Problem != "":
			r.batch.Refuse(at.of(noColumn), "%s", row.Problem)
		case h.isMapping():
			r.mapping(at)
		default:
			r.requirement(at, cmp.Or(title, r.file))
		}
	}
	if err := rows.Err(); err != nil {
		return false, err
	}
	r.finish()
	return h.at != nil, nil
}

func cells(row *kit.Row) []string {
	out := make([]string, row.Len())
	for i := range out {
		out[i] = kit.Clean(string(row.Value(i)))
	}
	return out
}

// only returns the only text of a row, or nothing where it has several.
func only(values []string) string {
	found := ""
	for _, v := range values {
		if v != "" && found != "" {
			return ""
		}
		found = cmp.Or(found, v)
	}
	return strings.Join(strings.Fields(found), " ")
}

// place is a row and where it stands.
type place struct {
	batch *feed.Batch
	row   *kit.Row
	sheet string
	heads heads
}

// get returns the text of a column.
func (p place) get(c column) string {
	i, ok := p.heads.at[c]
	if !ok {
		return ""
	}
	return kit.Clean(string(p.row.Value(i)))
}

// line returns the text of a column on one line.
func (p place) line(c column) string { return strings.Join(strings.Fields(p.get(c)), " ") }

// of returns the place of a column in the row.
func (p place) of(c column) feed.Where {
	i, ok := p.heads.at[c]
	line, at := p.row.Line, 0
	if ok && p.sheet == "" {
		line, at = p.row.Place(i)
	} else if ok {
		at = i + 1
	}
	where := strings.TrimPrefix(p.sheet+"!", "!")
	if head := p.heads.head(c); ok && head != "" {
		where += "column " + head
	}
	return p.batch.At(line, at, strings.TrimSuffix(where, "!"))
}

// framework returns the framework with a name.
func (r *reader) framework(title string, at feed.Where) *framework {
	if f := r.frameworks[strings.ToLower(title)]; f != nil {
		return f
	}
	rec := &model.Framework{Meta: model.Meta{Key: keyOf(title, 32), Name: title}}
	rec.KnownAs = []string{title}
	f := &framework{rec: rec, rows: map[string]*requirement{}}
	f.item = &feed.Item{Record: rec, Where: at}
	r.batch.AddItem(f.item)
	r.frameworks[strings.ToLower(title)] = f
	r.order = append(r.order, f)
	r.batch.Count("frameworks", 1)
	return f
}

// keyOf makes a key of a name that is no longer than so many bytes.
func keyOf(title string, most int) string {
	key := strings.Trim(strings.ReplaceAll(feed.SlugOf(title), "/", "-"), "-.")
	if len(key) > most {
		key = strings.Trim(strings.ToValidUTF8(key[:most], ""), "-.")
	}
	return cmp.Or(key, "framework")
}

var types = map[string]model.RequirementType{
	"group": model.RequirementGroup, "function": model.RequirementGroup, "category": model.RequirementGroup, "family": model.RequirementGroup, "chapter": model.RequirementGroup, "section": model.RequirementGroup, "domain": model.RequirementGroup, "theme": model.RequirementGroup,
	"requirement": model.RequirementControl, "control": model.RequirementControl, "subcategory": model.RequirementControl, "article": model.RequirementControl, "clause": model.RequirementControl,
	"enhancement": model.RequirementEnhancement, "controlenhancement": model.RequirementEnhancement,
}

// requirement reads one row of an outline.
func (r *reader) requirement(at place, title string) {
	number := at.line(numberColumn)
	if number == "" {
		if only(cells(at.row)) == "" || at.line(titleColumn) != "" || at.line(textColumn) != "" {
			r.batch.Refuse(at.of(numberColumn), "the row has no number: every requirement needs one, such as A.5.1")
		}
		return
	}
	if len(number) > 100 {
		r.batch.Refuse(at.of(numberColumn), "%q is too long for a number: it may have 100 bytes", kit.Short(number))
		return
	}
	f := r.framework(cmp.Or(at.line(frameworkColumn), title), at.of(frameworkColumn))
	if was := f.rows[number]; was != nil {
		r.batch.Refuse(at.of(numberColumn), "the number %s is there twice, first in line %d: give each requirement a number of its own", number, was.item.Where.Line)
		return
	}
	text := at.get(textColumn)
	rec := &model.Requirement{Framework: f.rec.Ref(), Number: number, Identifier: number, Statement: text, Guidance: at.get(guidanceColumn), Class: at.line(classColumn), Position: len(f.order) + 1, Type: model.RequirementControl}
	rec.Name = cmp.Or(at.line(titleColumn), first(text), number)
	q := &requirement{rec: rec, parent: at.line(parentColumn)}
	if word := at.line(typeColumn); word != "" {
		t, ok := types[squeeze(word)]
		switch {
		case ok:
			rec.Type, q.typed = t, true
			rec.Class = cmp.Or(rec.Class, strings.ToLower(word))
		default:
			rec.Class = cmp.Or(rec.Class, word)
		}
	}
	switch squeeze(at.get(withdrawnColumn)) {
	case "yes", "true", "x", "1", "withdrawn", "ja":
		rec.Withdrawn = true
	}
	rec.Key = requirementKey(f.rec.Key, number)
	q.item = &feed.Item{Record: rec, Where: at.of(numberColumn)}
	r.batch.AddItem(q.item)
	f.rows[number] = q
	f.order = append(f.order, q)
	r.batch.Count("requirements", 1)
}

// requirementKey is the key of a requirement: that of its framework, a point, and its number.
func requirementKey(framework, number string) string { return framework + "." + keyOf(number, 200) }

// first returns the beginning of a text as a title: its first sentence, where that is short.
func first(text string) string {
	line := strings.Join(strings.Fields(text), " ")
	if head, _, ok := strings.Cut(line, ". "); ok {
		line = head
	}
	if runes := []rune(line); len(runes) > 100 {
		return string(runes[:99]) + "…"
	}
	return line
}

var lastStep = regexp.MustCompile(`^(.+?)(?:[.\-/:]\s*[^.\-/:()\s]+|\s*\([^()]*\))$`)

// finish finds the parent of every requirement: the one that it names, or by numbers, where A.5.1 is part of A.5.
func (r *reader) finish() {
	for _, f := range r.order {
		for _, q := range f.order {
			up := f.above(q)
			switch {
			case up == nil && q.parent != "":
				r.batch.Note("%s: the parent %s of %s is not in the outline: it stands by itself.", q.item.Where, kit.Short(q.parent), q.rec.Number)
			case up != nil:
				q.rec.Parent = up.rec.Ref()
				up.parts++
				q.rec.Position = up.parts
			}
		}
		for _, q := range f.order {
			if !q.typed && q.parts > 0 && q.rec.Statement == "" {
				q.rec.Type = model.RequirementGroup
			}
		}
	}
}

// above returns what a requirement is part of, or nil. Circles of parents are cut.
func (f *framework) above(q *requirement) *requirement {
	if q.parent != "" {
		up := f.rows[q.parent]
		seen := map[*requirement]bool{q: true}
		for at := up; at != nil && at.parent != ""; at = f.rows[at.parent] {
			if seen[at] {
				return nil
			}
			seen[at] = true
		}
		if up == q {
			return nil
		}
		return up
	}
	number := q.rec.Number
	for range 20 {
		m := lastStep.FindStringSubmatch(number)
		if m == nil {
			return nil
		}
		number = strings.TrimSpace(m[1])
		if up := f.rows[number]; up != nil && up != q {
			return up
		}
	}
	return nil
}

// relations are the words for relations, in lower case with letters, digits and signs alone.
var relations = map[string]model.MappingRelation{
	"equal": model.EqualTo, "equalto": model.EqualTo, "isequalto": model.EqualTo, "=": model.EqualTo, "==": model.EqualTo, "identical": model.EqualTo, "same": model.EqualTo,
	"equivalent": model.EquivalentTo, "equivalentto": model.EquivalentTo, "isequivalentto": model.EquivalentTo, "≡": model.EquivalentTo, "≈": model.EquivalentTo,
	"subset": model.SubsetOf, "subsetof": model.SubsetOf, "issubsetof": model.SubsetOf, "isasubsetof": model.SubsetOf, "⊂": model.SubsetOf, "⊆": model.SubsetOf, "narrowerthan": model.SubsetOf, "partof": model.SubsetOf,
	"superset": model.SupersetOf, "supersetof": model.SupersetOf, "issupersetof": model.SupersetOf, "isasupersetof": model.SupersetOf, "⊃": model.SupersetOf, "⊇": model.SupersetOf, "broaderthan": model.SupersetOf, "includes": model.SupersetOf,
	"intersects": model.IntersectsWith, "intersectswith": model.IntersectsWith, "intersect": model.IntersectsWith, "overlaps": model.IntersectsWith, "overlapswith": model.IntersectsWith, "∩": model.IntersectsWith, "related": model.IntersectsWith,
	"norelationship": model.NoRelationship, "notrelated": model.NoRelationship, "none": model.NoRelationship, "∅": model.NoRelationship, "disjoint": model.NoRelationship,
}

// relationOf reads a relation in the words of NIST IR 8477 and in those that people use.
func relationOf(text string) (model.MappingRelation, bool) {
	text = strings.TrimSpace(text)
	if r, ok := relations[squeeze(text)]; ok && squeeze(text) != "" {
		return r, true
	}
	r, ok := relations[text]
	return r, ok
}

// mapping reads one row of a mapping.
func (r *reader) mapping(at place) {
	relation, ok := relationOf(at.get(relationColumn))
	if !ok {
		if only(cells(at.row)) != "" || at.get(fromColumn) != "" {
			r.batch.Refuse(at.of(relationColumn), "%q is no relation: use equal to, equivalent to, subset of, superset of, intersects with or no relationship", kit.Short(at.get(relationColumn)))
		}
		return
	}
	rec := &model.RequirementMapping{Relation: relation, Remarks: at.get(remarksColumn)}
	switch word := squeeze(at.get(rationaleColumn)); word {
	case "syntactic", "semantic", "functional":
		rec.Rationale = model.MappingRationale(word)
	case "":
	default:
		rec.Remarks = strings.TrimSpace(rec.Remarks + "\n\n" + at.get(rationaleColumn))
	}
	state := strings.ReplaceAll(strings.ToLower(at.line(stateColumn)), " ", "_")
	for _, o := range rec.State.Options() {
		if o.Value == state {
			rec.State = model.MappingState(state)
		}
	}
	m := &mapping{rec: rec}
	var good bool
	if m.from, good = r.end(at, fromColumn, fromFrameworkColumn); !good {
		return
	}
	if m.into, good = r.end(at, intoColumn, intoFrameworkColumn); !good {
		return
	}
	rec.Key = keyOf(m.from.framework+"-"+m.from.number, 120) + "." + keyOf(m.into.framework+"-"+m.into.number, 120)
	m.item = &feed.Item{Record: rec, Where: at.of(fromColumn)}
	r.batch.AddItem(m.item)
	r.mappings = append(r.mappings, m)
	r.batch.Count("mappings", 1)
}

// end reads one end of a mapping. The framework may stand in a column of its own, or before the number behind a colon.
func (r *reader) end(at place, number, framework column) (end, bool) {
	e := end{framework: at.line(framework), number: at.line(number), where: at.of(number)}
	if e.framework == "" {
		if before, after, ok := strings.Cut(e.number, ":"); ok && strings.TrimSpace(after) != "" {
			e.framework, e.number = strings.TrimSpace(before), strings.TrimSpace(after)
		}
	}
	if e.number == "" || len(e.number) > 200 || len(e.framework) > 300 {
		r.batch.Refuse(at.of(number), "%q names no requirement: write its number, such as A.5.1", kit.Short(e.number))
		return e, false
	}
	return e, true
}
