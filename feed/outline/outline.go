// Package outline reads tables that list the requirements of a framework, one a row, and tables that say how the requirements of two
// frameworks relate, as CSV and as XLSX. So frameworks whose text is not free come from those who have bought it.
package outline

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

const name = "outline"

// Format reads outlines of frameworks and mappings between them.
var Format = feed.Format{
	Name:     name,
	Label:    "Outline of a framework (CSV or XLSX)",
	Help:     "Every row with a number and a title or text becomes a requirement of the framework that the file is named after. Rows with two requirements and a relation become mappings.",
	Rank:     60,
	Together: true,
	Detect:   detect,
	Read:     read,
}

// column is what a column of an outline is for.
type column byte

const (
	noColumn column = iota
	numberColumn
	titleColumn
	textColumn
	guidanceColumn
	parentColumn
	typeColumn
	classColumn
	withdrawnColumn
	frameworkColumn
	relationColumn
	fromColumn
	intoColumn
	fromFrameworkColumn
	intoFrameworkColumn
	rationaleColumn
	remarksColumn
	stateColumn
)

// words are the heads by which columns are known, in lower case with letters and digits alone.
var words = map[column][]string{
	numberColumn:        {"number", "no", "nr", "controlid", "controlidentifier", "controlnumber", "requirementnumber", "requirementid", "reference", "ref", "clause", "section", "article", "subcategoryid", "identifier", "id", "control", "nummer"},
	titleColumn:         {"title", "controltitle", "controlname", "requirementtitle", "heading", "name", "shorttitle", "titel"},
	textColumn:          {"text", "requirement", "requirementtext", "statement", "description", "controltext", "controlstatement", "controldescription", "control text", "wording", "anforderung", "subcategory"},
	guidanceColumn:      {"guidance", "discussion", "implementationguidance", "supplementalguidance", "explanation", "example", "examples", "implementationexamples"},
	parentColumn:        {"parent", "parentnumber", "parentid", "partof", "group", "parentcontrol"},
	typeColumn:          {"type", "requirementtype", "kindofrequirement", "level"},
	classColumn:         {"class"},
	withdrawnColumn:     {"withdrawn", "retired", "deprecated"},
	frameworkColumn:     {"framework", "standard", "catalogue", "catalog", "regulation"},
	relationColumn:      {"relation", "relationship", "relationtype", "relationshiptype", "mappingrelation", "strm", "strmrelationship"},
	fromColumn:          {"from", "fromnumber", "source", "sourcenumber", "sourceid", "fromrequirement", "fromcontrol", "focaldocumentelement", "sourcecontrol", "fromid"},
	intoColumn:          {"to", "tonumber", "target", "targetnumber", "targetid", "torequirement", "tocontrol", "referencedocumentelement", "targetcontrol", "toid", "into"},
	fromFrameworkColumn: {"fromframework", "sourceframework", "focaldocument", "sourcestandard"},
	intoFrameworkColumn: {"toframework", "targetframework", "referencedocument", "targetstandard"},
	rationaleColumn:     {"rationale", "basis", "strmrationale"},
	remarksColumn:       {"remarks", "remark", "comment", "comments", "explanation", "note", "notes"},
	stateColumn:         {"state", "status"},
}

// squeeze writes a head as its letters and digits in lower case.
func squeeze(head string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, head)
}

// heads are what the columns of a table are for.
type heads struct {
	at map[column]int
	// texts are the heads as they were written.
	texts []string
}

// headsOf finds out what columns are for. Of two heads for one purpose the one that says it better counts.
func headsOf(row []string) heads {
	h := heads{at: map[column]int{}, texts: row}
	best := map[column]int{}
	short := make([]string, len(row))
	for i, head := range row {
		short[i] = squeeze(head)
	}
	// The columns of mappings go first, because source and reference mean something else in outlines.
	for _, c := range []column{fromFrameworkColumn, intoFrameworkColumn, relationColumn, fromColumn, intoColumn, rationaleColumn, numberColumn, titleColumn, textColumn, guidanceColumn, parentColumn, typeColumn, classColumn, withdrawnColumn, frameworkColumn, remarksColumn, stateColumn} {
		for i, head := range short {
			rank := slices.Index(words[c], head)
			if head == "" || rank < 0 || h.taken(i) {
				continue
			}
			if was, ok := best[c]; !ok || rank < was {
				best[c], h.at[c] = rank, i
			}
		}
	}
	return h
}

func (h heads) taken(i int) bool {
	for _, at := range h.at {
		if at == i {
			return true
		}
	}
	return false
}

func (h heads) has(c column) bool { _, ok := h.at[c]; return ok }

// isMapping reports whether the columns are those of a mapping.
func (h heads) isMapping() bool {
	return h.has(relationColumn) && h.has(fromColumn) && h.has(intoColumn)
}

// isOutline reports whether the columns are those of an outline.
func (h heads) isOutline() bool {
	return h.has(numberColumn) && (h.has(titleColumn) || h.has(textColumn))
}

// head returns the text of the head of a column.
func (h heads) head(c column) string {
	if i, ok := h.at[c]; ok && i < len(h.texts) {
		return h.texts[i]
	}
	return ""
}

// unmistakable are the heads that nothing but an outline of requirements has.
var unmistakable = []string{"controlid", "controlidentifier", "controlnumber", "requirementnumber", "requirementid", "requirementtext", "controltext", "controlstatement", "requirementtitle", "controltitle", "clause", "subcategoryid"}

// detect knows a table by heads that leave no doubt: mappings by their three columns, outlines by two that only they have.
func detect(data []byte) int {
	if kit.IsWorkbook(data) {
		return 0
	}
	text := kit.Start(data, feed.DetectBytes)
	if len(text) == 0 || strings.IndexByte("{[<%#", text[0]) >= 0 {
		return 0
	}
	row := kit.HeadColumns(text[:min(len(text), feed.DetectBytes)])
	if len(row) < 2 {
		return 0
	}
	h := headsOf(row)
	sure := 0
	for _, head := range row {
		if slices.Contains(unmistakable, squeeze(head)) {
			sure++
		}
	}
	switch {
	case h.isMapping() && (h.has(fromFrameworkColumn) || h.has(intoFrameworkColumn) || h.has(rationaleColumn)):
		return 90
	case h.isOutline() && sure >= 2, h.isOutline() && sure >= 1 && h.has(frameworkColumn):
		return 85
	}
	return 0
}

func read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	if int64(len(in.Data)) > b.Limits.Bytes {
		return fmt.Errorf("the content has %d bytes; the limit is %d: split it", len(in.Data), b.Limits.Bytes)
	}
	file := kit.Clean(path.Base(strings.ReplaceAll(in.Name, `\`, "/")))
	b.Source = model.Source{Meta: model.Meta{Key: name, Name: "Outlines of frameworks"}, Format: name}
	r := &reader{ctx: ctx, batch: b, file: strings.TrimSuffix(file, path.Ext(file)), frameworks: map[string]*framework{}}
	b.Settlers = append(b.Settlers, r)
	if kit.IsWorkbook(in.Data) {
		return r.book(in.Data)
	}
	text, err := kit.Content(in, b)
	if err != nil {
		return err
	}
	rows := kit.NewLines(ctx, strings.NewReader(string(text)), kit.Comma(text))
	defer rows.Close()
	found, err := r.table(rows, "")
	if err == nil && !found {
		err = r.none()
	}
	return err
}

// none says what a table must have.
func (r *reader) none() error {
	return fmt.Errorf("there is no row that names the columns: an outline needs a column Number and a column Title or Text, a mapping the columns From, Relation and To")
}
