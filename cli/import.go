package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/jobs"
	"binnacle/model"
	"binnacle/store"
)

type importCmd struct {
	Paths       []string `arg:"" help:"Files, folders and archives to read, or - for the standard input."`
	DryRun      bool     `help:"Show exactly what would happen, and change nothing."`
	Kind        string   `placeholder:"KIND" help:"The kind that the rows of a table become. Default: what the table itself tells."`
	Mapping     string   `placeholder:"NAME" help:"The saved mapping that says which column of a table goes into which field."`
	Map         []string `placeholder:"HEADER=FIELD" help:"Which column goes into which field, on top of what the headers say. An empty field leaves the column out."`
	SaveMapping string   `placeholder:"NAME" help:"Keep what --map and --kind say as a mapping with this name."`
	Source      string   `placeholder:"KEY" help:"The source that the records come from. Default: what the format says."`
	Release     string   `placeholder:"VERSION" help:"The version that bills of materials describe. Their components are kept for that release. Default: they are those of what is in use now."`
	Complete    bool     `help:"Each content tells everything that its source knows: what is not in it any more becomes stale."`
	Overwrite   bool     `help:"Replace what people have typed, and what better sources have said."`
	As          string   `placeholder:"FORMAT" help:"The format of the contents. Default: what they look like."`
	Append      bool     `help:"Let lines of bills count beside those of the same account and period that are there. Default: they replace them."`
	Currency    string   `placeholder:"CODE" help:"The currency of amounts in bills and ledgers that name none, such as EUR."`
	Why         string   `placeholder:"TEXT" help:"What the import is for."`
}

// Help shows how the command is used.
func (importCmd) Help() string {
	var names []string
	for _, f := range all.Formats() {
		names = append(names, f.Name+" ("+f.Label+")")
	}
	for _, b := range all.Bulks() {
		names = append(names, b.Name+" ("+b.Label+")")
	}
	return `Formats are told apart by content, not by name: ` + strings.Join(names, ", ") + `.

Records are known again by serial numbers, addresses, package URLs and keys, so the same file may be read again and the order of files does not matter. What a person has typed is kept. What is refused is listed with its place and the reason, the rest is taken, and the exit code is 3.

The lines of bills, ledgers and measured use are kept beside the records, in one load for each account and period. They are streamed and may be of any length, also in gzip or zip. A newer bill of the same account and period takes the place of the one before, which stays in the past and comes back with binnacle undo.

Examples:

    binnacle import inventory/ contracts.csv sbom.json
    binnacle import hosts.csv --kind Host --map "Rechnername=key,Betriebssystem=operating_system" --save-mapping hosts
    binnacle import hosts-2.csv --mapping hosts --dry-run
    binnacle import scan.xml --source scanner --complete
    binnacle import shop-2.4.0.cdx.json --release 2.4.0
    binnacle import bills/2027-06.csv.gz
    binnacle import ledger.csv --as ledger --currency EUR --dry-run
    cat records.yaml | binnacle import -`
}

// Run imports the contents.
func (c *importCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("import"); err != nil {
		return err
	}
	if s.far != nil {
		return c.far(ctx, s)
	}
	s.scratch = c.DryRun
	if err := s.open(ctx, true); err != nil {
		return err
	}
	mapping, err := c.mapping(ctx, s)
	if err != nil {
		return err
	}
	detect := all.Detect
	var bulk *feed.Bulk
	if c.As != "" {
		format, lines, err := all.Named(c.As)
		if err != nil {
			return usage("--as: %v", err)
		}
		bulk, detect = lines, func([]byte) (feed.Format, error) { return format, nil }
	}
	if c.Currency != "" {
		none, err := model.NewMoney("0", c.Currency)
		if err != nil {
			return usage("--currency: %v", err)
		}
		c.Currency = none.Currency()
	}
	lines, err := s.openFacts(ctx, true)
	if err != nil {
		return err
	}
	if c.Kind != "" {
		k, err := kindOf(s.store.Snapshot().Schema(), c.Kind)
		if err != nil {
			return err
		}
		c.Kind = k.Name
	}
	p, read := s.progress("sources taken"), s.progress("MiB read")
	defer read.end()
	report, err := jobs.Import(ctx, s.store, c.inputs(s, bulk), detect, jobs.ImportOptions{
		DryRun: c.DryRun, Overwrite: c.Overwrite, Complete: c.Complete, Source: c.Source, Kind: c.Kind, Mapping: mapping, Who: s.who(), Why: c.Why,
		Progress: func(done, total int, _ string) { p.step(done, total) },
		Facts:    lines, Records: c.As != "", Append: c.Append, Currency: c.Currency, Release: c.Release,
		Bytes: func(done, total int64, _ string) { read.step(int(done>>20), int(total>>20)) },
	})
	p.end()
	read.end()
	if report == nil {
		return err
	}
	return errors.Join(c.print(s, c.told(s, report)), s.explain(err))
}

// told tells what became of an import here.
func (c *importCmd) told(s *session, report *jobs.ImportReport) door.ImportInfo {
	v := s.store.View()
	var changes []model.Change
	for _, f := range report.Files {
		for _, l := range f.Lines {
			changes = append(changes, l.Change)
		}
	}
	after := v
	if snap, _, err := v.Snapshot().Overlay(changes); err == nil && c.DryRun {
		after = snap.View(v.At())
	}
	return door.DescribeImport(v, after, report, c.DryRun)
}

// print prints what became of an import.
func (c *importCmd) print(s *session, info door.ImportInfo) error {
	if err := s.out.print(c.answer(info)); err != nil {
		return err
	}
	if info.Total.Refused > 0 {
		return refuse("%s refused; everything else was %s", counted(info.Total.Refused, "item"), map[bool]string{false: "taken", true: "all right"}[c.DryRun])
	}
	return nil
}

// inputs yields the contents of the paths, as bulk lines of a format where the person named one. What is skipped is told.
func (c *importCmd) inputs(s *session, bulk *feed.Bulk) iter.Seq2[feed.Input, error] {
	return func(yield func(feed.Input, error) bool) {
		for _, path := range c.Paths {
			for content, err := range c.contents(s, path) {
				if content.Skipped != "" {
					s.say("skipped %s: %s", content.Input.Name, content.Skipped)
					continue
				}
				if content.Input.Name == "" {
					content.Input.Name = path
				}
				if c.As != "" {
					content.Input.Bulk = bulk
				}
				if !yield(content.Input, err) {
					return
				}
			}
		}
	}
}

func (c *importCmd) contents(s *session, path string) iter.Seq2[all.Content, error] {
	if path == "-" {
		data, err := io.ReadAll(io.LimitReader(s.env.Stdin, feed.DefaultLimits.Bytes+1))
		if err == nil && c.As == "" {
			return all.Unpack("-", data, feed.DefaultLimits)
		}
		return one("-", data, err)
	}
	if info, err := os.Stat(path); c.As != "" && err == nil && info.Mode().IsRegular() {
		return func(yield func(all.Content, error) bool) {
			yield(all.Content{Input: feed.Input{Name: path, Open: func() (*feed.Stream, error) { return feed.OpenStream(path) }}}, nil)
		}
	}
	return all.Open(path, feed.DefaultLimits)
}

// one yields one content.
func one(name string, data []byte, err error) iter.Seq2[all.Content, error] {
	return func(yield func(all.Content, error) bool) {
		yield(all.Content{Input: feed.Input{Name: name, Data: data}}, err)
	}
}

// mapping returns the mapping that the flags ask for, and saves it where they say so.
func (c *importCmd) mapping(ctx context.Context, s *session) (*model.Mapping, error) {
	if c.Mapping == "" && len(c.Map) == 0 {
		if c.SaveMapping != "" {
			return nil, usage("--save-mapping needs --map, which says what to save")
		}
		return nil, nil
	}
	v := s.store.View()
	out := &model.Mapping{Kind: c.Kind}
	if c.Mapping != "" {
		_, rec, err := record(v, "Mapping/"+c.Mapping)
		if err != nil {
			return nil, fmt.Errorf("--mapping: %w", err)
		}
		out = model.Clone(rec.(*model.Mapping))
		if c.Kind != "" {
			out.Kind = c.Kind
		}
	}
	if out.Kind == "" && all.Bulk(c.As) != nil {
		out.Kind = loadKind
	}
	k := v.Schema().Kind(out.Kind)
	if k == nil {
		return nil, usage("--map needs --kind, which says what the rows become, or --as ledger or --as usage")
	}
	out.Columns = slices.Clone(out.Columns)
	for _, pair := range c.Map {
		header, field, ok := strings.Cut(pair, "=")
		if !ok || strings.TrimSpace(header) == "" {
			return nil, usage("--map: %q is not Header=field", pair)
		}
		if field = strings.TrimSpace(field); field != "" && out.Kind != loadKind {
			f, err := fieldOf(k, field)
			if err != nil {
				return nil, err
			}
			field = f.Name
		}
		out.Columns = append(out.Columns, model.MappedColumn{Header: strings.TrimSpace(header), Field: field})
	}
	if c.SaveMapping != "" && !c.DryRun {
		return out, c.save(ctx, s, v, out)
	}
	return out, nil
}

// loadKind is the kind of mappings whose fields are columns of bulk lines, which their format checks.
const loadKind = "Load"

// save keeps a mapping as a record.
func (c *importCmd) save(ctx context.Context, s *session, v estate.View, mapping *model.Mapping) error {
	k := v.Schema().Kind("Mapping")
	var before model.Record
	after := &model.Mapping{}
	if rec := v.Find("Mapping", c.SaveMapping); rec != nil {
		before, after = rec, model.Clone(rec.(*model.Mapping))
	} else {
		after.ID, after.Key, after.Origin = s.store.NewID(), c.SaveMapping, model.PersonSource
	}
	after.Kind, after.Columns = mapping.Kind, mapping.Columns
	door.Own(k, before, after)
	change, differs := model.Difference(k, before, after)
	if !differs {
		return nil
	}
	_, err := s.commit(ctx, v, store.Tx{Why: "Save mapping " + c.SaveMapping, Changes: []model.Change{change}}, false)
	return err
}

// answer tells what became of an import.
func (c *importCmd) answer(info door.ImportInfo) answer {
	g := &grid{columns: columns("file", "format", "source", ">created", ">edited", ">unchanged", ">stale", ">refused", ">entry")}
	var lines []string
	for _, f := range info.Files {
		entry := ""
		if f.Entry > 0 {
			entry = fmt.Sprint(f.Entry)
		}
		g.add(f.File, f.Format, f.Source, fmt.Sprint(f.Created), fmt.Sprint(f.Edited), fmt.Sprint(f.Unchanged), fmt.Sprint(f.Stale), fmt.Sprint(f.Refused), entry)
	}
	for _, files := range alike(info.Files) {
		if len(files) > mostAlike {
			lines = append(lines, alikeLine(files))
			continue
		}
		for _, f := range files {
			lines = append(lines, fileLines(f)...)
		}
	}
	total := fmt.Sprintf("Total: %s", counts(info.Total))
	if info.DryRun {
		total += ". This was a dry run and nothing was changed."
	}
	blocks := []block{{grid: g, lines: append(lines, total)}}
	if loads := loads(info); len(loads.rows) > 0 {
		blocks = append(blocks, block{title: "Lines of bills and of use", grid: loads})
	}
	if changes := dryRun(info); len(changes.rows) > 0 {
		blocks = append(blocks, block{title: "What would happen", grid: changes})
	}
	return answer{data: info, blocks: blocks}
}

// mostAlike is how many files of one source that went well are told one by one. A database of advisories has thousands.
const mostAlike = 20

// alike groups files that follow each other, come from one source and need no word of their own.
func alike(files []door.FileInfo) [][]door.FileInfo {
	quiet := func(f door.FileInfo) bool {
		return f.Error == "" && f.Changed == nil && f.Refused == 0 && f.Warned == 0 && len(f.Refusals)+len(f.Warnings)+len(f.Kept)+len(f.Notes)+len(f.Loads) == 0
	}
	var out [][]door.FileInfo
	for i, f := range files {
		if i > 0 && quiet(f) && quiet(files[i-1]) && f.Format == files[i-1].Format && f.Source == files[i-1].Source {
			out[len(out)-1] = append(out[len(out)-1], f)
			continue
		}
		out = append(out, files[i:i+1:i+1])
	}
	return out
}

// alikeLine tells about many files at once.
func alikeLine(files []door.FileInfo) string {
	var sum feed.Counts
	for _, f := range files {
		sum.Created, sum.Edited, sum.Unchanged, sum.Stale = sum.Created+f.Created, sum.Edited+f.Edited, sum.Unchanged+f.Unchanged, sum.Stale+f.Stale
	}
	return fmt.Sprintf("%s to %s, %s: %s (%s from %s)", files[0].File, filepath.Base(files[len(files)-1].File), counted(len(files), "file"), counts(sum), files[0].Format, files[0].Source)
}

func counts(c feed.Counts) string {
	return fmt.Sprintf("%d created, %d edited, %d unchanged, %d stale, %d refused", c.Created, c.Edited, c.Unchanged, c.Stale, c.Refused)
}

// fileLines tells about one file: the counts, then what was refused and the notes.
func fileLines(f door.FileInfo) []string {
	head := f.File + ": "
	switch {
	case f.Error != "":
		head += "refused"
	case f.Changed != nil && f.Describes != "":
		head += fmt.Sprintf("%s: %d changed, %d added, %d removed", strings.TrimSpace(describes(f)), *f.Changed, *f.Added, *f.Removed)
	default:
		head += counts(f.Counts)
	}
	if f.Format != "" {
		head += " (" + f.Format
		if f.Source != "" {
			head += " from " + f.Source
		}
		head += ")"
	}
	out := []string{head}
	if f.Error != "" {
		out = append(out, "  refused: "+f.Error)
	}
	for _, r := range f.Refusals {
		if f.Error == "" || r.Reason != f.Error {
			out = append(out, "  refused: "+r.String())
		}
	}
	if f.Error == "" && f.Counts.Refused > len(f.Refusals) {
		out = append(out, fmt.Sprintf("  refused: and %d more", f.Counts.Refused-len(f.Refusals)))
	}
	for _, r := range f.Warnings {
		out = append(out, "  warning: "+r.String())
	}
	if f.Warned > len(f.Warnings) {
		out = append(out, fmt.Sprintf("  warning: and %d more", f.Warned-len(f.Warnings)))
	}
	for _, r := range f.Kept {
		out = append(out, "  kept: "+r.String())
	}
	for _, n := range f.Notes {
		out = append(out, "  note: "+n)
	}
	return out
}

// loads lists the bulk lines that came: each account and period with what its lines add up to.
func loads(info door.ImportInfo) *grid {
	g := &grid{columns: columns("load", "outcome", "period", ">lines", ">refused", ">warnings", "measure", ">total", ">difference", "replaces")}
	for _, f := range info.Files {
		for _, l := range f.Loads {
			row := []string{l.Key, string(l.Outcome), l.From.String() + " to " + l.Until.String(), fmt.Sprint(l.Lines), fmt.Sprint(l.Refused), fmt.Sprint(l.Warnings)}
			for i, t := range l.Totals {
				difference, replaces := "", ""
				if at := slices.IndexFunc(l.Difference, func(d jobs.LoadSum) bool { return d.Measure == t.Measure && d.Currency == t.Currency }); at >= 0 {
					difference = l.Difference[at].Amount
				}
				if i == 0 {
					replaces = strings.Join(l.Replaces, ", ")
				}
				g.add(append(row, t.Measure, strings.TrimSpace(t.Amount+" "+t.Currency), difference, replaces)...)
				row = make([]string, len(row))
			}
			if len(l.Totals) == 0 {
				g.add(append(row, "", "", "", strings.Join(l.Replaces, ", "))...)
			}
		}
	}
	return g
}

// describes names what a bill of materials is about, with its version.
func describes(f door.FileInfo) string {
	name := f.Describes
	if i := strings.LastIndexByte(name, '/'); strings.HasPrefix(name, "pkg:") && i >= 0 {
		name = name[i+1:]
	}
	name, _, _ = strings.Cut(name, "@")
	if f.Release == "" {
		return name
	}
	return name + " v" + strings.TrimPrefix(f.Release, "v")
}

// dryRun lists what would be created, edited and made stale, field by field.
func dryRun(info door.ImportInfo) *grid {
	g := &grid{columns: columns("place", "outcome", "record", "field", "before", "after"), wrap: true}
	for _, f := range info.Files {
		for _, l := range f.Lines {
			place, word, name := l.Place, l.Outcome, l.Record
			if len(l.Fields) == 0 {
				g.add(place, word, name, "", "", "")
			}
			for _, field := range l.Fields {
				g.add(place, word, name, field.Field, field.Before, field.After)
				place, word, name = "", "", ""
			}
		}
	}
	return g
}
