package imports

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/feed/sheet"
	"binnacle/model"
	"binnacle/web/frame"
)

const (
	// worksAtOnce is how many uploads are worked on at the same time, and worksKept how many previews are remembered.
	worksAtOnce = 2
	worksKept   = 12
	// patience is how long a page waits for a preview before it shows that it is being made.
	patience = 1500 * time.Millisecond
	// beat is how often an import that runs tells how far it is.
	beat = 2 * time.Second
)

// content is one content of an upload: a file, or a file in an archive.
type content struct {
	Name   string
	Format feed.Format
	// Sure is how sure the format is, from 0 to 100, and Next the format that comes next.
	Sure int
	Next string
	// Tables are what the tables in it say of themselves.
	Tables []sheet.Table
	// Saved is the key of the mapping that was used because its headers are the same.
	Saved string
	// Problem says why it is not read.
	Problem string
}

// work is a preview in the making, or made.
type work struct {
	settings uint64
	began    time.Time
	ready    chan struct{}
	// far is how far large files have been read.
	far atomic.Pointer[step]

	// What follows is set when ready is closed.
	contents []*content
	report   *door.ImportReport
	head     model.Stamp
	err      error
}

// preview returns the preview of an upload. It is being made where it is not ready.
func (d *desk) preview(who *access.Principal, p *pending, again bool) *work {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.works[p.ID]
	if w != nil && w.settings == p.settings() && !again {
		return w
	}
	if w != nil && !w.isReady() && w.settings == p.settings() {
		return w
	}
	w = &work{settings: p.settings(), began: d.now(), ready: make(chan struct{})}
	d.works[p.ID] = w
	d.trim()
	go d.make(who, p, w)
	return w
}

func (w *work) isReady() bool {
	select {
	case <-w.ready:
		return true
	default:
		return false
	}
}

// trim forgets the oldest previews that are ready. The lock is held.
func (d *desk) trim() {
	for len(d.works) > worksKept {
		oldest := ""
		for id, w := range d.works {
			if w.isReady() && (oldest == "" || w.began.Before(d.works[oldest].began)) {
				oldest = id
			}
		}
		if oldest == "" {
			return
		}
		delete(d.works, oldest)
	}
}

// over forgets the preview of an upload.
func (d *desk) over(id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.works, id)
}

// make makes a preview.
func (d *desk) make(who *access.Principal, p *pending, w *work) {
	defer close(w.ready)
	defer func() {
		if fault := recover(); fault != nil {
			d.House.Log.Error("a preview failed", "fault", fmt.Sprint(fault))
			w.err = errors.New("a fault in Binnacle stopped the preview")
		}
	}()
	d.slots <- struct{}{}
	defer func() { <-d.slots }()
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Minute)
	defer stop()
	var inputs []feed.Input
	if inputs, w.err = d.inputs(ctx, who, p); w.err != nil {
		return
	}
	w.head = d.House.Head()
	opened := d.open(ctx, who, p, inputs)
	w.contents = opened.contents
	req := opened.request(p, true)
	req.Bytes = func(done, total int64, name string) {
		w.far.Store(&step{int(done >> 20), int(total >> 20), name, "MiB"})
	}
	w.report, w.err = d.House.Import(ctx, who, req)
}

// opened is an upload taken apart.
type opened struct {
	contents []*content
	files    []feed.Input
	// read says how the contents that can be read are read, in their order.
	read []reading
}

// reading is how a table is read.
type reading struct {
	kind    string
	mapping *model.Mapping
}

func (o opened) request(p *pending, dryRun bool) door.ImportRequest {
	next := 0
	return door.ImportRequest{Files: o.files, DryRun: dryRun, Source: p.Source, Kind: p.Kind, Overwrite: p.Overwrite, Complete: p.Complete, Why: p.Why, Append: p.Append, Currency: p.Currency,
		Adjust: func(in *feed.Input) {
			if next < len(o.read) {
				in.Kind, in.Mapping = o.read[next].kind, o.read[next].mapping
			}
			next++
		}}
}

// open takes the files of an upload apart and finds out what is in them.
func (d *desk) open(ctx context.Context, who *access.Principal, p *pending, inputs []feed.Input) opened {
	out := opened{files: inputs}
	view, err := d.House.Look(ctx, who, door.Moment{})
	if err != nil {
		return out
	}
	for _, file := range inputs {
		for c, err := range d.House.Unpack(file) {
			one := &content{Name: c.Input.Name, Format: c.Format, Problem: c.Skipped}
			if err != nil {
				one.Name, one.Problem = file.Name, strings.TrimPrefix(err.Error(), "open "+file.Name+": ")
				out.contents = append(out.contents, one)
				continue
			}
			out.contents = append(out.contents, one)
			if c.Skipped != "" {
				continue
			}
			in := c.Input
			if in.Bulk != nil {
				one.Format.Name, one.Format.Label, one.Sure = in.Bulk.Name, in.Bulk.Label, 100
			} else {
				one.Sure, one.Next = sureness(c.Format, in.Data)
			}
			if c.Format.Name == "sheet" {
				d.lay(ctx, view, p, one, &in)
			}
			out.read = append(out.read, reading{in.Kind, in.Mapping})
		}
	}
	return out
}

// sureness tells how sure a format is and which comes next.
func sureness(format feed.Format, data []byte) (sure int, next string) {
	best := 0
	for _, f := range all.Formats() {
		switch n := f.Detect(data); {
		case f.Name == format.Name:
			sure = n
		case n > best:
			best, next = n, f.Label
		}
	}
	return sure, next
}

// wait waits a little for a preview and reports whether it is ready.
func (w *work) wait(ctx context.Context) bool {
	select {
	case <-w.ready:
		return true
	case <-ctx.Done():
	case <-time.After(patience):
	}
	return false
}

// run imports an upload. It goes on when the person leaves the page.
func (d *desk) run(who *access.Principal, p *pending) {
	ctx := context.Background()
	progress, over := make(chan step, 1), make(chan struct{})
	copied := *p
	go d.tell(ctx, who, p, progress, over)
	d.slots <- struct{}{}
	report, err := d.commit(ctx, who, &copied, progress)
	<-d.slots
	close(progress)
	<-over
	d.end(ctx, who, p, report, err)
}

// commit imports an upload and tells how far it is. A fault in it is an error.
func (d *desk) commit(ctx context.Context, who *access.Principal, p *pending, progress chan<- step) (report *door.ImportReport, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			d.House.Log.Error("an import failed", "fault", fmt.Sprint(fault))
			err = errors.New("a fault in Binnacle stopped the import")
		}
	}()
	inputs, err := d.inputs(ctx, who, p)
	if err != nil {
		return nil, err
	}
	opened := d.open(ctx, who, p, inputs)
	req := opened.request(p, false)
	req.Leave = p.Leave
	req.Progress = func(done, total int, name string) {
		select {
		case progress <- step{done, total, name, "sources"}:
		default:
		}
	}
	req.Bytes = func(done, total int64, name string) {
		select {
		case progress <- step{int(done >> 20), int(total >> 20), name, "MiB"}:
		default:
		}
	}
	return d.House.Import(ctx, who, req)
}

// step is how far an import is.
type step struct {
	done, total int
	name        string
	// unit is what is counted.
	unit string
}

// tell notes from time to time how far an import is.
func (d *desk) tell(ctx context.Context, who *access.Principal, p *pending, progress <-chan step, over chan<- struct{}) {
	defer close(over)
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case s, more := <-progress:
			if !more {
				return
			}
			p.Done, p.Total, p.At, p.Unit = s.done, s.total, s.name, s.unit
			continue
		case <-tick.C:
		}
		p.Beat = d.now()
		if err := d.save(ctx, who, p); err != nil {
			d.House.Log.Error("the progress of an import could not be noted", "error", err)
		}
	}
}

// end notes what became of an import.
func (d *desk) end(ctx context.Context, who *access.Principal, p *pending, report *door.ImportReport, err error) {
	p.State, p.Ended, p.Beat = done, d.now(), d.now()
	if report != nil {
		p.Result = summary(report)
	}
	if err != nil {
		p.State, p.Problem = failed, "The import stopped. What was taken before is in the history; import the files again for the rest."
		var bad *frame.BadRequest
		var denied *access.Denied
		if errors.As(err, &bad) || errors.As(err, &denied) {
			p.Problem = err.Error()
		} else {
			d.House.Log.Error("an import stopped", "error", err)
		}
	}
	d.over(p.ID)
	if err := d.save(ctx, who, p); err != nil {
		d.House.Log.Error("the result of an import could not be noted", "error", err)
	}
	d.forget(ctx, who, p)
}

// result is what became of an import, as it is kept.
type result struct {
	Total   feed.Counts   `json:"total"`
	Files   []fileResult  `json:"files"`
	Entries []uint64      `json:"entries,omitempty"`
	Refused []refusedItem `json:"refused,omitempty"`
	Kept    []refusedItem `json:"kept,omitempty"`
	Notes   []string      `json:"notes,omitempty"`
	// More counts the refusals that are not kept.
	More int `json:"more,omitempty"`
	// Loads are the bulk lines that came, and Warnings those that look wrong. Warned counts all.
	Loads    []loadLine    `json:"loads,omitempty"`
	Warnings []refusedItem `json:"warnings,omitempty"`
	Warned   int           `json:"warned,omitempty"`
}

// fileResult is what became of one content.
type fileResult struct {
	Name   string      `json:"name"`
	Format string      `json:"format"`
	Source string      `json:"source,omitempty"`
	Counts feed.Counts `json:"counts"`
	Entry  uint64      `json:"entry,omitempty"`
	Error  string      `json:"error,omitempty"`
}

// refusedItem is an item that was not taken, or a value that was kept, with its place.
type refusedItem struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Path   string `json:"path,omitempty"`
	Record string `json:"record,omitempty"`
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason"`
}

// Wrong says why the content is not read, without its name.
func (f fileResult) Wrong() string { return bare(f.Error, f.Name) }

// mostResults is how many refusals, and how many other lines, a result keeps.
const (
	mostResults = 20_000
	mostLines   = 500
)

// summary returns what is kept of a report.
func summary(r *door.ImportReport) *result {
	out := &result{Total: r.Total}
	for _, f := range r.Files {
		out.Files = append(out.Files, fileResult{f.File, f.Format, f.Source, f.Counts, f.Entry, f.Error})
		if f.Entry != 0 && !slices.Contains(out.Entries, f.Entry) {
			out.Entries = append(out.Entries, f.Entry)
		}
		for _, n := range f.Notes {
			if len(out.Notes) < mostLines {
				out.Notes = append(out.Notes, n)
			}
		}
		out.Kept = append(out.Kept, items(f.Kept, mostLines-len(out.Kept))...)
		out.Warnings = append(out.Warnings, items(f.Warnings, mostLines-len(out.Warnings))...)
		out.Warned += f.Warned
	}
	out.Loads = loadLines(r)
	out.Loads = out.Loads[:min(len(out.Loads), mostLines)]
	all := refusals(r)
	out.Refused = all[:min(len(all), mostResults)]
	out.More = max(r.Total.Refused, len(all)) - len(out.Refused)
	return out
}

// refusals lists everything that was not taken, with contents that could not be read at all.
func refusals(r *door.ImportReport) []refusedItem {
	var out []refusedItem
	for _, f := range r.Files {
		if f.Error != "" {
			out = append(out, refusedItem{File: f.File, Reason: bare(f.Error, f.File)})
		}
		out = append(out, items(f.Refused, len(f.Refused))...)
	}
	return out
}

func items(list []feed.Refusal, most int) []refusedItem {
	var out []refusedItem
	for _, r := range list[:min(len(list), max(0, most))] {
		out = append(out, refusedItem{r.Where.File, r.Where.Line, r.Where.Column, r.Where.Path, r.Record, r.Field, r.Reason})
	}
	return out
}
