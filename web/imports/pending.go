package imports

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/feed"
	"binnacle/model"
	"binnacle/web/frame"
)

// The shelves that imports use.
const (
	pendingShelf = "imports"
	chunkShelf   = "imports.files"
)

const (
	// chunkBytes is how long one piece of a file is in the vault.
	chunkBytes = 4 << 20
	// pendingLife is how long an upload waits for a decision, and doneLife how long the result of an import is kept.
	pendingLife = time.Hour
	doneLife    = 30 * 24 * time.Hour
	// mostPending is how many uploads of one account may wait. Together they may be as long as two of the longest.
	mostPending = 10
	// heldBytes is how long a file may be that is kept in the vault, where every node finds it. Longer ones are files beside the data.
	heldBytes = 2 * chunkBytes
	// mostFiles is how many files one upload may have.
	mostFiles = 1000
)

// The states of an import.
const (
	waiting = "waiting"
	running = "running"
	done    = "done"
	failed  = "failed"
)

// pending is an upload, and later the import that came of it.
type pending struct {
	ID    string       `json:"id"`
	Made  time.Time    `json:"made"`
	Files []storedFile `json:"files"`
	State string       `json:"state"`
	Options
	// Tables say by content how its columns are meant.
	Tables map[string]tableChoice `json:"tables,omitempty"`
	// Leave names records that are not wanted, and Kind/ all of a kind.
	Leave map[string]bool `json:"leave,omitempty"`
	// Beat is when the import last gave a sign of life.
	Beat time.Time `json:"beat,omitzero"`
	// Done, Total and At tell how far it is.
	Done  int    `json:"done,omitempty"`
	Total int    `json:"total,omitempty"`
	At    string `json:"at,omitempty"`
	// Unit is what is counted.
	Unit string `json:"unit,omitempty"`
	// Result is what became of it.
	Result *result `json:"result,omitempty"`
	// Problem says why it stopped.
	Problem string    `json:"problem,omitempty"`
	Ended   time.Time `json:"ended,omitzero"`

	version int64
}

// Options are how an upload is imported.
type Options struct {
	Source    string `json:"source,omitempty"`
	Kind      string `json:"kind,omitempty"`
	Why       string `json:"why,omitempty"`
	Overwrite bool   `json:"overwrite,omitempty"`
	Complete  bool   `json:"complete,omitempty"`
	Append    bool   `json:"append,omitempty"`
	Currency  string `json:"currency,omitempty"`
}

// tableChoice says how the columns of a table are meant.
type tableChoice struct {
	Kind    string               `json:"kind"`
	Columns []model.MappedColumn `json:"columns,omitempty"`
	// Saved is the key of the mapping that it comes from.
	Saved string `json:"saved,omitempty"`
}

func (t tableChoice) mapping() *model.Mapping {
	if t.Kind == "" && len(t.Columns) == 0 {
		return nil
	}
	return &model.Mapping{Meta: model.Meta{Key: "import"}, Kind: t.Kind, Columns: t.Columns}
}

// storedFile is a file in the vault, or, where it is large, beside the data.
type storedFile struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	Chunks int    `json:"chunks"`
	// File is the name of the file beside the data.
	File string `json:"file,omitempty"`
}

// Bytes returns how long the files are together.
func (p *pending) Bytes() (n int64) {
	for _, f := range p.Files {
		n += f.Size
	}
	return n
}

// Title names the import by its files.
func (p *pending) Title() string {
	switch len(p.Files) {
	case 0:
		return "Import"
	case 1:
		return p.Files[0].Name
	}
	return fmt.Sprintf("%s and %d more", p.Files[0].Name, len(p.Files)-1)
}

// Interrupted reports whether the import no longer runs although nobody said that it is over.
func (p *pending) Interrupted(now time.Time) bool {
	return p.State == running && now.Sub(p.Beat) > time.Minute
}

// settings names everything that the preview depends on.
func (p *pending) settings() uint64 {
	h := fnv.New64a()
	json.NewEncoder(h).Encode(struct {
		O Options
		T map[string]tableChoice
	}{p.Options, p.Tables})
	return h.Sum64()
}

// load returns an import of the visitor's own. The error is a [*door.NotFound] where there is none.
func (d *desk) load(v *frame.Visit, id string) (*pending, error) {
	kept, err := d.House.Shelf(v.Ctx(), v.Who, pendingShelf, id)
	if missing := (*door.NotFound)(nil); errors.As(err, &missing) {
		return nil, &door.NotFound{What: "such import: uploads wait for an hour, and results stay for 30 days"}
	} else if err != nil {
		return nil, err
	}
	return read(kept)
}

func read(item door.Kept) (*pending, error) {
	p := &pending{}
	if err := json.Unmarshal(item.Value, p); err != nil {
		return nil, fmt.Errorf("read the import: %w", err)
	}
	p.version = item.Version
	return p, nil
}

// save writes an import where nobody else has changed it meanwhile.
func (d *desk) save(ctx context.Context, who *access.Principal, p *pending) error {
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	expires := p.Made.Add(pendingLife)
	if p.State != waiting {
		expires = d.now().Add(doneLife)
	}
	p.version, err = d.House.Keep(ctx, who, pendingShelf, door.Kept{Key: p.ID, Value: raw, Version: p.version, Expires: expires})
	if errors.Is(err, door.ErrKeptChanged) {
		return frame.Bad("this import was changed in another window: load the page again")
	}
	return err
}

// mine returns the visitor's imports, newest first.
func (d *desk) mine(v *frame.Visit) ([]*pending, error) {
	items, err := d.House.ShelfAll(v.Ctx(), v.Who, pendingShelf)
	if err != nil {
		return nil, err
	}
	var out []*pending
	for _, item := range items {
		if p, err := read(item); err == nil {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *pending) int { return b.Made.Compare(a.Made) })
	return out, nil
}

// upload takes files and leads to the preview.
func (d *desk) upload(v *frame.Visit) error {
	if err := d.room(v); err != nil {
		return err
	}
	form, err := v.R.MultipartReader()
	if err != nil {
		return frame.Bad("no file came with the form: choose one or several files")
	}
	p := &pending{ID: strings.ToLower(rand.Text()), Made: d.now(), State: waiting}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			d.forget(v.Ctx(), v.Who, p)
			return unreadable(err)
		}
		if part.FormName() != "files" || part.FileName() == "" {
			continue
		}
		if len(p.Files) == mostFiles {
			d.forget(v.Ctx(), v.Who, p)
			return frame.Bad("more than %d files: put them into an archive", mostFiles)
		}
		if err := d.take(v.Ctx(), v.Who, p, fileName(part.FileName()), part); err != nil {
			d.forget(v.Ctx(), v.Who, p)
			return unreadable(err)
		}
	}
	if len(p.Files) == 0 {
		return frame.Bad("no file was chosen")
	}
	if err := d.save(v.Ctx(), v.Who, p); err != nil {
		return err
	}
	return v.Redirect("/imports/" + p.ID)
}

// unreadable says that a form broke off, unless it was too long, which the frame says better.
func unreadable(err error) error {
	if strings.Contains(err.Error(), "multipart") || strings.Contains(err.Error(), "malformed MIME") || errors.Is(err, io.ErrUnexpectedEOF) {
		return frame.Bad("the upload broke off: try again")
	}
	return err
}

// room refuses an upload where too much waits already.
func (d *desk) room(v *frame.Visit) error {
	list, err := d.mine(v)
	if err != nil {
		return err
	}
	n, bytes := 0, int64(0)
	for _, p := range list {
		if p.State == waiting {
			n, bytes = n+1, bytes+p.Bytes()
		}
	}
	if n >= mostPending || bytes >= 2*d.House.UploadLimit {
		return frame.Bad("%d uploads of yours wait for a decision: import or drop one of them first", n)
	}
	return nil
}

// fileName returns the name of a file without a way to it and without anything that does not show.
func fileName(name string) string {
	name = strings.ReplaceAll(name, "\\", "/")
	name = name[strings.LastIndexByte(name, '/')+1:]
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7F || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	if name = strings.TrimSpace(name); name == "" {
		return "file"
	}
	return frame.Short(name, 120)
}

// take puts a file into the vault, piece by piece.
func (d *desk) take(ctx context.Context, who *access.Principal, p *pending, name string, r io.Reader) error {
	f := storedFile{Name: name}
	start, err := io.ReadAll(io.LimitReader(r, heldBytes+1))
	if err == nil && len(start) > heldBytes {
		if f.File, f.Size, err = d.House.KeepUpload(io.MultiReader(bytes.NewReader(start), r)); err == nil {
			p.Files = append(p.Files, f)
		}
		return err
	} else if err != nil {
		return err
	}
	r = bytes.NewReader(start)
	buffer := make([]byte, chunkBytes)
	for {
		n, err := io.ReadFull(r, buffer)
		if n > 0 {
			piece := door.Kept{Key: chunkKey(p.ID, len(p.Files), f.Chunks), Value: slices.Clone(buffer[:n]), Expires: p.Made.Add(pendingLife)}
			if _, err := d.House.Keep(ctx, who, chunkShelf, piece); err != nil {
				return err
			}
			f.Chunks, f.Size = f.Chunks+1, f.Size+int64(n)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) && n < len(buffer) {
			break
		} else if err != nil {
			p.Files = append(p.Files, f)
			return err
		}
	}
	p.Files = append(p.Files, f)
	return nil
}

func chunkKey(id string, file, chunk int) string { return fmt.Sprintf("%s/%04d/%04d", id, file, chunk) }

// inputs returns the files of an upload.
func (d *desk) inputs(ctx context.Context, who *access.Principal, p *pending) ([]feed.Input, error) {
	var out []feed.Input
	for i, f := range p.Files {
		if f.File != "" {
			out = append(out, feed.Input{Name: f.Name, Open: func() (*feed.Stream, error) { return d.House.OpenUpload(f.File) }})
			continue
		}
		data := make([]byte, 0, f.Size)
		for n := range f.Chunks {
			item, err := d.House.Shelf(ctx, who, chunkShelf, chunkKey(p.ID, i, n))
			if missing := (*door.NotFound)(nil); errors.As(err, &missing) {
				return nil, frame.Bad("the files of this upload are no longer kept: upload them again")
			} else if err != nil {
				return nil, err
			}
			data = append(data, item.Value...)
		}
		out = append(out, feed.Input{Name: f.Name, Data: data})
	}
	return out, nil
}

// forget takes the files of an upload out of the vault.
func (d *desk) forget(ctx context.Context, who *access.Principal, p *pending) {
	ctx = context.WithoutCancel(ctx)
	for i, f := range p.Files {
		if f.File != "" {
			if err := d.House.DropUpload(f.File); err != nil {
				d.House.Log.Error("the file of an upload could not be removed", "error", err)
			}
		}
		for n := range f.Chunks {
			if err := d.House.Unkeep(ctx, who, chunkShelf, chunkKey(p.ID, i, n)); err != nil {
				d.House.Log.Error("a piece of an upload could not be removed", "error", err)
				return
			}
		}
	}
}

// drop takes an upload away.
func (d *desk) drop(v *frame.Visit) error {
	p, err := d.load(v, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	if p.State == running && !p.Interrupted(d.now()) {
		return frame.Bad("the import runs and cannot be dropped: wait for its end and undo it")
	}
	d.forget(v.Ctx(), v.Who, p)
	d.over(p.ID)
	if err := d.House.Unkeep(v.Ctx(), v.Who, pendingShelf, p.ID); err != nil {
		return err
	}
	return v.Done("/imports", "The upload was dropped. Nothing was imported.", door.Receipt{})
}
