// Package jobs does the work that a door starts or that runs by itself: imports,
// and later monitors, rules and digests.
package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/model"
	"binnacle/store"
)

// ImportOptions say how contents are imported.
type ImportOptions struct {
	// DryRun finds out what would happen and changes nothing.
	DryRun bool
	// Overwrite lets the contents replace what people have typed.
	Overwrite bool
	// Complete says that each content tells everything its source knows.
	Complete bool
	// Source is the key of the source, where the person gave one.
	Source string
	// Kind is the kind that the rows of tables become, where the person gave one and the content itself has none.
	Kind string
	// Mapping says which columns of tables go into which fields, where the content itself has none.
	Mapping *model.Mapping
	// Release is the version that bills of materials describe, where their components are to be kept for that release.
	Release string
	// Leave names records, by Kind/key, that the person does not want.
	Leave map[string]bool
	// Allow says why whoever imports may not make a change of a snapshot. Nil allows everything.
	Allow func(*estate.Snapshot, *model.Change) error
	// Sight returns what whoever imports may see of a snapshot. Nil sees everything.
	Sight func(*estate.Snapshot) estate.Sight
	// Who imports.
	Who string
	// Why says what the import is for.
	Why string
	// Progress is told how many contents have been dealt with.
	Progress func(done, total int, name string)
	// Facts keeps bulk lines. Nil refuses contents of bulk lines.
	Facts facts.Store
	// Records says that no content is looked at as bulk lines, because the person named a format of records.
	Records bool
	// Append lets bulk lines count beside those of the same account and period that are there, in place of replacing them.
	Append bool
	// Currency is the currency of bulk lines that name none.
	Currency string
	// Bytes is told how many bytes of a content of bulk lines have been read.
	Bytes func(done, total int64, name string)

	// bulkOf finds out whether a content that is held is of bulk lines.
	bulkOf func(data []byte) *feed.Bulk
}

// FileReport says what became of one content.
type FileReport struct {
	// File is the name of the content.
	File string
	// Format is the name of its format.
	Format string
	// Source is the key of the source that it was taken from.
	Source string
	// Describes is what the content is about.
	Describes string
	// Release is the version of what it describes.
	Release string
	feed.Counts
	// Kinds count the records by kind.
	Kinds map[string]feed.Counts
	// Contents counts what the content holds in the words of its format.
	Contents map[string]int
	// Compared is set for bills of materials.
	Compared *feed.Compared
	// Lines are what became of each record that did not stay as it was.
	Lines []feed.Line
	// Refused are the items that were not taken.
	Refused []feed.Refusal
	// Loads are the bulk lines that came, by account and period.
	Loads []*LoadReport
	// Warnings are bulk lines that were taken and look wrong: the first thousand. Warned counts all.
	Warnings []feed.Refusal
	Warned   int
	// Kept are values that a person or a source of a higher rank had set.
	Kept []feed.Refusal
	// Notes are sentences for the person that imports.
	Notes []string
	// Entry is the number of the entry in the journal, or 0.
	Entry uint64
	// Error says why the content as a whole was not read.
	Error string

	// bulk says that the content is of bulk lines.
	bulk bool
}

// ImportReport says what became of an import.
type ImportReport struct {
	// Files are the contents, in their order.
	Files []*FileReport
	// Total adds up the counts of the files.
	Total feed.Counts
	// After is the estate with everything that was taken or, on a dry run, would be.
	After *estate.Snapshot
}

// Import reads contents and commits what they propose, each source as one
// entry. Records that refer to something which another content brings are taken
// once that has come, so the order of the contents does not matter.
func Import(ctx context.Context, s *store.Store, inputs iter.Seq2[feed.Input, error], detect func([]byte) (feed.Format, error), opt ImportOptions) (*ImportReport, error) {
	im := newImporter(s, opt)
	if err := im.readAll(ctx, inputs, detect); err != nil {
		im.dropAll()
		return im.report, err
	}
	for i, g := range im.groups {
		if opt.Progress != nil {
			opt.Progress(i, len(im.groups), g.batch.Source.Key)
		}
		if err := im.take(ctx, g); err != nil {
			return im.finish(), err
		}
	}
	if err := im.takeRest(ctx); err != nil {
		return im.finish(), err
	}
	if err := im.commitLoads(ctx); err != nil {
		return im.finish(), err
	}
	if opt.Progress != nil {
		opt.Progress(len(im.groups), len(im.groups), "")
	}
	return im.finish(), nil
}

func newImporter(s *store.Store, opt ImportOptions) *importer {
	if opt.bulkOf == nil {
		opt.bulkOf = func(data []byte) *feed.Bulk { return all.BulkOf(all.HeadOf(data)) }
	}
	im := &importer{store: s, opt: opt, snap: s.Snapshot(), report: &ImportReport{}}
	im.bulk = bulkImport{store: opt.Facts, seen: map[string]string{}, confirmed: map[model.ID]bool{}}
	if opt.DryRun && opt.Facts != nil {
		im.bulk.store = facts.NewMemory(false)
	}
	return im
}

// content is what is to be read, or why it could not be had.
type content struct {
	in  feed.Input
	err error
}

// group is contents that are reconciled as one whole.
type group struct {
	format feed.Format
	batch  *feed.Batch
	files  []*FileReport
	// taken says that the group has been reconciled at least once.
	taken bool
	// waiting says that something in it names a record which is not there yet.
	waiting bool
	// gained is how many records the last attempt created or edited.
	gained int
}

type importer struct {
	store  *store.Store
	opt    ImportOptions
	snap   *estate.Snapshot
	schema *model.Schema
	groups []*group
	bulk   bulkImport
	report *ImportReport
}

// readAll reads the contents. Where one defines kinds or fields, all are read
// again, because those before it may use them.
func (im *importer) readAll(ctx context.Context, inputs iter.Seq2[feed.Input, error], detect func([]byte) (feed.Format, error)) error {
	im.schema = im.snap.Schema()
	var contents []content
	for in, err := range inputs {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if bulk := im.isBulk(in); bulk != nil && err == nil {
			im.readBulk(ctx, bulk, in)
			continue
		}
		contents = append(contents, content{in, err})
		im.read(ctx, in, err, detect)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if im.schema == im.snap.Schema() {
		return nil
	}
	im.groups = nil
	im.report.Files = slices.DeleteFunc(im.report.Files, func(f *FileReport) bool { return !f.bulk })
	for _, c := range contents {
		im.read(ctx, c.in, c.err, detect)
	}
	return nil
}

// read reads one content and puts it into its group.
func (im *importer) read(ctx context.Context, in feed.Input, err error, detect func([]byte) (feed.Format, error)) {
	file := &FileReport{File: in.Name}
	im.report.Files = append(im.report.Files, file)
	fail := func(err error) { file.Error, file.Counts.Refused = err.Error(), 1 }
	if err != nil {
		fail(err)
		return
	}
	if in.Data, err = held(in); err != nil {
		fail(fmt.Errorf("%s: %w", in.Name, err))
		return
	}
	format, err := detect(in.Data)
	if err != nil {
		fail(fmt.Errorf("%s: %w", in.Name, err))
		return
	}
	file.Format = format.Name
	if im.opt.Release != "" && !format.Releases {
		fail(fmt.Errorf("%s: a release can be named for bills of materials alone, and this is %s: leave the release out", in.Name, format.Label))
		return
	}
	in.Kind, in.Release = cmp.Or(in.Kind, im.opt.Kind), cmp.Or(in.Release, im.opt.Release)
	in.Mapping = cmp.Or(in.Mapping, im.opt.Mapping)
	b, err := feed.Read(ctx, format, im.schema, in)
	if err != nil {
		fail(err)
		return
	}
	if im.opt.Source != "" {
		b.Source.Key = im.opt.Source
	}
	file.Source, file.Describes, file.Release, file.Contents = b.Source.Key, b.Source.Describes, b.Source.Release, maps.Clone(b.Contents)
	if len(b.Schema.Kinds()) > len(im.schema.Kinds()) || b.Schema != im.schema && format.Together {
		im.schema = b.Schema
	}
	if format.Together {
		for _, g := range im.groups {
			if g.format.Name == format.Name && g.batch.Source.Key == b.Source.Key {
				g.batch.Join(b)
				g.files = append(g.files, file)
				return
			}
		}
	}
	im.groups = append(im.groups, &group{format: format, batch: b, files: []*FileReport{file}})
}

// held returns the whole of a content of records, which may not be longer than what can be held.
func held(in feed.Input) ([]byte, error) {
	if in.Open == nil {
		return in.Data, nil
	}
	stream, err := in.Open()
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	if most := feed.DefaultLimits.Bytes; stream.Size > most {
		return nil, fmt.Errorf("it has %d bytes; the limit is %d: split it", stream.Size, most)
	}
	return io.ReadAll(io.NewSectionReader(stream, 0, stream.Size))
}

// takeRest takes again what named records that were not there, as long as that brings something. Then
// contents that look for records once the estate is known look again, because these may have come only now.
func (im *importer) takeRest(ctx context.Context) error {
	late := false
	for progress := true; progress; {
		progress = false
		for _, g := range im.groups {
			if !g.waiting {
				continue
			}
			if err := im.take(ctx, g); err != nil {
				return err
			}
			progress = progress || g.gained > 0
			late = late || g.gained > 0
		}
	}
	for _, g := range im.groups {
		if late && len(g.batch.Settlers) > 0 {
			if err := im.take(ctx, g); err != nil {
				return err
			}
		}
	}
	return nil
}

// maxAttempts is how often a group is reconciled anew because the store refused some of it or because somebody else was faster.
const maxAttempts = 50

// take reconciles a group and commits what it proposes.
func (im *importer) take(ctx context.Context, g *group) error {
	opt := feed.Options{
		Now: im.store.Now(), NewID: im.store.NewID, Rank: g.format.Rank, Source: im.opt.Source, Overwrite: im.opt.Overwrite,
		Complete: im.opt.Complete, Refuse: map[string]model.Problem{}, Leave: im.opt.Leave,
	}
	for range maxAttempts {
		im.permit(&opt)
		plan := feed.Reconcile(im.snap.View(im.store.Today()), g.batch, opt)
		entry, err := im.commit(ctx, g, plan)
		var refused *store.Refused
		var conflict *estate.Conflict
		switch {
		case errors.As(err, &refused):
			before := len(opt.Refuse)
			for _, p := range refused.Problems {
				if p.Kind != "" {
					opt.Refuse[p.Kind+"/"+p.Key] = p.Problem
				}
			}
			if len(opt.Refuse) == before {
				im.refuseAll(g, refused)
				return nil
			}
		case errors.As(err, &conflict):
			im.snap = im.store.Snapshot()
		case err != nil:
			return err
		default:
			for _, w := range im.store.Warnings(im.snap, plan.Changes) {
				plan.Notes = append(plan.Notes, w.Error())
			}
			im.note(g, plan, entry)
			return nil
		}
	}
	return fmt.Errorf("%s: the records kept changing while they were imported: try again", g.files[0].File)
}

// permit puts into the options what whoever imports may see and do on the estate as it is by now.
func (im *importer) permit(opt *feed.Options) {
	snap := im.snap
	if im.opt.Allow != nil {
		opt.Allow = func(c *model.Change) error { return im.opt.Allow(snap, c) }
	}
	if im.opt.Sight != nil {
		opt.Sight = im.opt.Sight(snap)
	}
}

func (im *importer) refuseAll(g *group, why error) {
	g.waiting = false
	for _, f := range g.files {
		f.Error, f.Counts.Refused = why.Error(), f.Counts.Refused+1
	}
}

// commit makes the changes of a plan durable, or on a dry run only in the mind.
func (im *importer) commit(ctx context.Context, g *group, plan *feed.Plan) (uint64, error) {
	if len(plan.Changes) == 0 || g.taken && plan.Counts.Created+plan.Counts.Edited == 0 {
		return 0, nil
	}
	if im.opt.DryRun {
		next, err := im.store.Check(im.snap, plan.Changes)
		if err != nil {
			return 0, err
		}
		im.snap = next
		return 0, nil
	}
	why := im.opt.Why
	if why == "" {
		why = fmt.Sprintf("Import %s from %s", g.format.Label, g.files[0].File)
		if len(g.files) > 1 {
			why = fmt.Sprintf("Import %s from %d files", g.format.Label, len(g.files))
		}
	}
	stamp, err := im.store.Commit(ctx, store.Tx{Who: im.opt.Who, Why: why, Source: plan.Source, Changes: plan.Changes})
	im.snap = im.store.Snapshot()
	if errors.Is(err, store.ErrNothing) {
		err = nil
	}
	return stamp.Seq, err
}

// note writes what a plan did into the reports of the files of a group.
func (im *importer) note(g *group, plan *feed.Plan, entry uint64) {
	g.waiting, g.gained = plan.Unresolved(), plan.Counts.Created+plan.Counts.Edited
	g.files[0].Kinds = addKinds(g.files[0].Kinds, plan.Kinds, g.taken)
	refused, kept := byFile(plan.Refused), byFile(plan.Kept)
	lines := map[string][]feed.Line{}
	for _, l := range plan.Lines {
		if l.Outcome != feed.Refused && l.Outcome != feed.Left {
			lines[l.Where.File] = append(lines[l.Where.File], l)
		}
	}
	for i, f := range g.files {
		c := plan.Files[f.File]
		if g.taken {
			c.Unchanged = 0
		}
		f.Source, f.Refused = plan.Source, refused[f.File]
		f.Created, f.Edited, f.Unchanged, f.Stale = f.Created+c.Created, f.Edited+c.Edited, f.Unchanged+c.Unchanged, f.Stale+c.Stale
		f.Counts.Refused, f.Left = c.Refused, c.Left
		if entry != 0 {
			f.Entry = entry
		}
		f.Lines = append(f.Lines, lines[f.File]...)
		if g.taken {
			continue
		}
		f.Kept = append(f.Kept, kept[f.File]...)
		if i == 0 {
			f.Notes, f.Compared = plan.Notes, plan.Compared
		}
	}
	g.taken = true
}

// byFile puts refusals to the files that they are about. An import may have very many files.
func byFile(all []feed.Refusal) map[string][]feed.Refusal {
	out := map[string][]feed.Refusal{}
	for _, r := range all {
		out[r.Where.File] = append(out[r.Where.File], r)
	}
	return out
}

// addKinds adds the counts of a further attempt, in which what was unchanged or
// refused stands for what the attempt before could not settle.
func addKinds(sum, more map[string]feed.Counts, again bool) map[string]feed.Counts {
	if !again {
		return maps.Clone(more)
	}
	for kind, c := range more {
		was := sum[kind]
		c.Unchanged = was.Unchanged
		c.Created, c.Edited, c.Stale = c.Created+was.Created, c.Edited+was.Edited, c.Stale+was.Stale
		sum[kind] = c
	}
	return sum
}

// finish adds up the counts.
func (im *importer) finish() *ImportReport {
	im.report.Total, im.report.After = feed.Counts{}, im.snap
	for _, f := range im.report.Files {
		im.report.Total.Add(f.Counts)
	}
	return im.report
}
