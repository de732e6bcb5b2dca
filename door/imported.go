package door

import (
	"strings"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/jobs"
)

// RefusalInfo is something that an import did not take, as programs read it.
type RefusalInfo struct {
	// File, Line, Column and Path say where it stands.
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Path   string `json:"path,omitempty"`
	// Record and Field name what it is about.
	Record string `json:"record,omitempty"`
	Field  string `json:"field,omitempty"`
	// Reason says what is wrong and what to do.
	Reason string `json:"reason"`
}

// String writes the refusal on one line.
func (r RefusalInfo) String() string {
	return feed.Refusal{Where: feed.Where{File: r.File, Line: r.Line, Column: r.Column, Path: r.Path}, Record: r.Record, Field: r.Field, Reason: r.Reason}.String()
}

// LineInfo says what would become of one record.
type LineInfo struct {
	// Outcome is created, edited or stale.
	Outcome string `json:"outcome"`
	// Record is the record, as Kind/key.
	Record string `json:"record"`
	// Line is where it stands in the file.
	Line int `json:"line"`
	// Place says the same with the name of the file and the path inside it.
	Place string `json:"place"`
	// Fields are the fields that would change.
	Fields []FieldReport `json:"fields"`
}

// FileInfo says what became of one file.
type FileInfo struct {
	// File, Format and Source say what was read.
	File   string `json:"file"`
	Format string `json:"format"`
	Source string `json:"source"`
	feed.Counts
	// Kinds count the records by kind, and Contents what the file holds in its own words.
	Kinds    map[string]feed.Counts `json:"kinds"`
	Contents map[string]int         `json:"contents"`
	// Describes and Release are what a bill of materials is about.
	Describes string `json:"describes,omitempty"`
	Release   string `json:"release,omitempty"`
	// Changed, Added and Removed compare a bill of materials with the one before.
	Changed *int `json:"changed,omitempty"`
	Added   *int `json:"added,omitempty"`
	Removed *int `json:"removed,omitempty"`
	// Loads are the bulk lines that came, by account and period.
	Loads []*jobs.LoadReport `json:"loads,omitempty"`
	// Warnings are the first bulk lines that were taken and look wrong, and Warned counts all.
	Warnings []RefusalInfo `json:"warnings,omitempty"`
	Warned   int           `json:"warned,omitempty"`
	// Refusals are what was not taken, and Kept what a person or a better source had set.
	Refusals []RefusalInfo `json:"refusals"`
	Kept     []RefusalInfo `json:"kept"`
	// Notes are sentences for the person that imports.
	Notes []string `json:"notes"`
	// Entry is the number of the entry, or 0.
	Entry uint64 `json:"entry"`
	// Error says why the file as a whole was not read.
	Error string `json:"error,omitempty"`
	// Lines say, on a dry run, what would become of each record.
	Lines []LineInfo `json:"lines,omitempty"`
}

// ImportInfo says what became of an import, as every door tells it.
type ImportInfo struct {
	// Files are the files, in their order.
	Files []FileInfo `json:"files"`
	// Total adds up their counts.
	Total feed.Counts `json:"total"`
	// DryRun says that nothing was changed.
	DryRun bool `json:"dry_run"`
}

// DescribeImport tells what became of an import, for views before and after it. Lines are told on a dry run.
func DescribeImport(before, after estate.View, report *ImportReport, dryRun bool) ImportInfo {
	out := ImportInfo{Files: []FileInfo{}, Total: report.Total, DryRun: dryRun}
	for _, f := range report.Files {
		out.Files = append(out.Files, describeFile(before, after, f, dryRun))
	}
	return out
}

func describeFile(before, after estate.View, f *FileReport, dryRun bool) FileInfo {
	out := FileInfo{File: f.File, Format: f.Format, Source: f.Source, Counts: f.Counts, Kinds: f.Kinds, Contents: f.Contents, Describes: f.Describes,
		Refusals: refusalInfos(f.Refused), Kept: refusalInfos(f.Kept), Notes: f.Notes, Entry: f.Entry,
		Loads: f.Loads, Warned: f.Warned}
	if len(f.Warnings) > 0 {
		out.Warnings = refusalInfos(f.Warnings)
	}
	if out.Kinds == nil {
		out.Kinds = map[string]feed.Counts{}
	}
	if out.Contents == nil {
		out.Contents = map[string]int{}
	}
	if out.Notes == nil {
		out.Notes = []string{}
	}
	if f.Describes != "" {
		out.Release = f.Release
	}
	if c := f.Compared; c != nil {
		out.Changed, out.Added, out.Removed = &c.Changed, &c.Added, &c.Removed
	}
	if f.Error != "" {
		out.Error = strings.TrimPrefix(f.Error, f.File+": ")
		out.Refusals = append(out.Refusals, RefusalInfo{File: f.File, Reason: out.Error})
	}
	if !dryRun {
		return out
	}
	for i := range f.Lines {
		l := &f.Lines[i]
		info := LineInfo{Outcome: string(l.Outcome), Record: l.Kind + "/" + l.Key, Line: l.Where.Line, Place: l.Where.String(), Fields: []FieldReport{}}
		if l.Outcome != feed.Stale {
			info.Fields = FieldReports(before, after, &l.Change)
		}
		out.Lines = append(out.Lines, info)
	}
	return out
}

func refusalInfos(list []feed.Refusal) []RefusalInfo {
	out := []RefusalInfo{}
	for _, r := range list {
		out = append(out, RefusalInfo{r.Where.File, r.Where.Line, r.Where.Column, r.Where.Path, r.Record, r.Field, r.Reason})
	}
	return out
}
