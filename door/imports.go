package door

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"slices"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/jobs"
	"binnacle/model"
)

// ImportReport says what became of an import, file by file.
type ImportReport = jobs.ImportReport

// FileReport says what became of one content of an import.
type FileReport = jobs.FileReport

// ImportRequest says what somebody wants to import, and how.
type ImportRequest struct {
	// Files are the contents. Archives are taken apart. Each may say of which kind its rows are and how its columns are meant.
	Files []feed.Input
	// DryRun finds out what would happen and changes nothing.
	DryRun bool
	// As is the name of the format. Empty means that each content tells.
	As string
	// Source is the key of the source. Empty means what the format says.
	Source string
	// Kind is the kind that the rows of tables become. Empty means what the table tells.
	Kind string
	// Release is the version that bills of materials describe, where their components are to be kept for that release.
	Release string
	// Mapping says which columns of tables go into which fields.
	Mapping *model.Mapping
	// Overwrite lets the contents replace what people have typed.
	Overwrite bool
	// Complete says that each content tells everything its source knows.
	Complete bool
	// Why says what the import is for.
	Why string
	// Leave names records, by Kind/key, that are not wanted. Kind/ stands for all of a kind.
	Leave map[string]bool
	// Append lets bulk lines count beside those of the same account and period that are there, in place of replacing them.
	Append bool
	// Currency is the currency of bulk lines that name none.
	Currency string
	// Progress is told how many sources have been dealt with.
	Progress func(done, total int, name string)
	// Bytes is told how many bytes of a content of bulk lines have been read.
	Bytes func(done, total int64, name string)
	// Adjust may change how a content is read that was found in a file, such as its mapping. It may be nil.
	Adjust func(in *feed.Input)
}

// Import reads contents and commits, in the name of the principal, what they
// propose. What the principal may not write is refused record by record, and the
// rest is taken. The error is a [*access.Denied] where the principal may not
// import at all; what is wrong with single contents is in the report.
func (h *House) Import(ctx context.Context, p *access.Principal, req ImportRequest) (*ImportReport, error) {
	if err := p.MayImport(); err != nil {
		return nil, h.deny(ctx, p, err)
	}
	detect := all.Detect
	if req.As != "" {
		format, bulk, err := all.Named(req.As)
		if err != nil {
			return nil, refuse("", "", "as", err.Error())
		}
		detect = func([]byte) (feed.Format, error) { return format, nil }
		req.Adjust = asFormat(bulk, req.Adjust)
	}
	if req.Currency != "" {
		none, err := model.NewMoney("0", req.Currency)
		if err != nil {
			return nil, refuse("", "", "currency", err.Error())
		}
		req.Currency = none.Currency()
	}
	if req.Kind != "" {
		k := h.store.Snapshot().Schema().Kind(req.Kind)
		if k == nil {
			return nil, refuse("", "", "kind", "there is no kind "+req.Kind)
		}
		req.Kind = k.Name
	}
	return jobs.Import(ctx, h.store, contents(req.Files, h.limits(), req.Adjust), detect, jobs.ImportOptions{
		DryRun: req.DryRun, Overwrite: req.Overwrite, Complete: req.Complete, Source: req.Source, Kind: req.Kind, Mapping: req.Mapping, Leave: req.Leave,
		Who: p.Who(), Why: req.Why, Progress: req.Progress, Sight: p.Sight, Allow: h.importer(p),
		Facts: h.facts, Records: req.As != "", Append: req.Append, Release: req.Release, Currency: req.Currency, Bytes: req.Bytes,
	})
}

// asFormat makes every content be of one format: of bulk lines, or of records where there is none.
func asFormat(bulk *feed.Bulk, then func(*feed.Input)) func(*feed.Input) {
	return func(in *feed.Input) {
		in.Bulk = bulk
		if then != nil {
			then(in)
		}
	}
}

// limits are the limits of imports, with the place where bulk lines are unpacked.
func (h *House) limits() feed.Limits {
	out := feed.DefaultLimits
	out.Temp = h.Temp
	return out
}

// importer returns what says why a principal may not make a change by an import.
func (h *House) importer(p *access.Principal) func(*estate.Snapshot, *model.Change) error {
	return func(snap *estate.Snapshot, c *model.Change) error {
		if k := snap.Schema().Kind(c.Kind); k != nil && k.Group == access.AccessGroup {
			return errNoAccess
		}
		return p.Check(snap.View(h.store.Today()).Through(p.Sight(snap)), []model.Change{*c})
	}
}

// LoadDemo imports the demo company. Who administers loads all of it: it holds the work of many people, some of whom must
// not be one. Everybody else loads what their roles let them write.
func (h *House) LoadDemo(ctx context.Context, p *access.Principal) error {
	if err := p.MayImport(); err != nil {
		return err
	}
	var inputs []feed.Input
	for _, name := range h.DemoFiles {
		data, err := fs.ReadFile(h.Demo, name)
		if err != nil {
			return err
		}
		inputs = append(inputs, feed.Input{Name: name, Data: data, Release: feed.ReleaseNamed(name)})
	}
	allow := h.importer(p)
	if p.Administers() {
		allow = func(snap *estate.Snapshot, c *model.Change) error {
			if k := snap.Schema().Kind(c.Kind); k != nil && k.Group == access.AccessGroup {
				return errNoAccess
			}
			return nil
		}
	}
	_, err := jobs.Import(ctx, h.store, contents(inputs, h.limits(), nil), all.Detect, jobs.ImportOptions{Who: p.Who(), Why: "Load the demo", Sight: p.Sight, Allow: allow, Facts: h.facts})
	return err
}

// errNoAccess says that who may do what is not imported, because a file that somebody made elsewhere must not give rights.
var errNoAccess = errors.New("accounts, roles and everything else that gives rights is not imported: change it on its own page")

// Contents yields contents, and what is inside those that are archives. Files in
// an archive that Binnacle does not read are left out.
func Contents(files []feed.Input) iter.Seq2[feed.Input, error] {
	return contents(files, feed.DefaultLimits, nil)
}

// Unpack yields what is in a file that may be held or streamed, with the formats of the contents.
func (h *House) Unpack(file feed.Input) iter.Seq2[all.Content, error] {
	return unpack(file, h.limits())
}

func unpack(file feed.Input, limits feed.Limits) iter.Seq2[all.Content, error] {
	if file.Open != nil {
		return all.UnpackStream(file.Name, file.Open, limits)
	}
	return all.Unpack(file.Name, file.Data, limits)
}

func contents(files []feed.Input, limits feed.Limits, adjust func(*feed.Input)) iter.Seq2[feed.Input, error] {
	return func(yield func(feed.Input, error) bool) {
		for _, file := range files {
			for c, err := range unpack(file, limits) {
				if c.Skipped != "" {
					continue
				}
				if err != nil {
					c.Input.Name = file.Name
				}
				c.Input.Kind, c.Input.Mapping, c.Input.Release = file.Kind, file.Mapping, file.Release
				if adjust != nil {
					adjust(&c.Input)
				}
				if !yield(c.Input, err) {
					return
				}
			}
		}
	}
}

// Imported returns the estate as it is after an import or, where that was a dry
// run, as it would be, with what the principal may see.
func (h *House) Imported(p *access.Principal, r *ImportReport) estate.View {
	return r.After.View(h.store.Today()).Through(p.Sight(r.After)).With(h.beside(p))
}

// mostPages is how many pages of the journal are looked through for entries of imports.
const mostPages = 10

// ImportEntries returns the newest entries that came from a source other than
// people and Binnacle itself, before one, at most a number of them, with what the principal may see.
func (h *House) ImportEntries(ctx context.Context, p *access.Principal, before uint64, limit int) ([]Entry, error) {
	var out []Entry
	for range mostPages {
		list, err := h.Entries(ctx, p, before, page)
		if err != nil || len(list) == 0 {
			return out, err
		}
		before = list[len(list)-1].Seq
		list = slices.DeleteFunc(list, func(e Entry) bool { return e.Source == "" || e.Source == model.PersonSource || e.Source == "binnacle" })
		out = append(out, list...)
		if before <= 1 || len(out) >= limit {
			break
		}
	}
	return out[:min(limit, len(out))], nil
}
