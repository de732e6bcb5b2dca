package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/jobs"
	"binnacle/journal"
	"binnacle/model"
	"binnacle/store"
)

type verifyCmd struct {
	Checkpoint []string `sep:"none" placeholder:"FILE" help:"A checkpoint that was kept elsewhere. May be given again."`
}

// Help shows how the command is used.
func (verifyCmd) Help() string {
	return `Proves that every entry is as it was written, that the tree over the entries agrees with every checkpoint, that the estate follows from the entries, and that the lines of every bill add up to what the record of their load says. The exit code is 5 where something does not hold.

A journal alone cannot show that its end was cut off or that all of it was made anew. Issue checkpoints with binnacle checkpoint and keep them where the administrator of the database cannot reach them.

Examples:

    binnacle verify
    binnacle verify --checkpoint /safe/2026-11.checkpoint --checkpoint /safe/2026-12.checkpoint
    binnacle verify --format json`
}

// Run verifies the journal.
func (c *verifyCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("verify"); err != nil {
		return err
	}
	var kept []string
	for _, name := range c.Checkpoint {
		note, err := os.ReadFile(name)
		if err != nil {
			return usage("--checkpoint: %v", err)
		}
		kept = append(kept, string(note))
	}
	if _, err := s.openJournal(ctx, false); err != nil {
		return err
	}
	report, loads, err := s.verify(ctx, kept)
	if err != nil {
		return err
	}
	out := verifyAnswer(report, loads, len(kept))
	if err := s.out.print(out); err != nil {
		return err
	}
	if len(report.Problems) > 0 {
		return coded{ExitVerify, fmt.Errorf("%s: the journal or the estate is not as it was written: restore a backup and compare", counted(len(report.Problems), "problem"))}
	}
	return nil
}

// verify proves the journal, and the estate and its bulk lines where it can be loaded.
func (s *session) verify(ctx context.Context, kept []string) (journal.Report, jobs.LoadCheck, error) {
	report, err := s.verifyJournal(ctx, kept)
	if err != nil || s.store == nil {
		return report, jobs.LoadCheck{}, err
	}
	p := s.progress("loads verified")
	defer p.end()
	lines, err := s.openFacts(ctx, false)
	if err != nil {
		return report, jobs.LoadCheck{}, err
	}
	loads, err := jobs.CheckLoads(ctx, s.store.Snapshot(), lines, func(done int) { p.step(done, 0) })
	for _, wrong := range loads.Problems {
		report.Problems = append(report.Problems, journal.Finding{ID: wrong.Load.ID, Text: wrong.Text})
	}
	return report, loads, err
}

func (s *session) verifyJournal(ctx context.Context, kept []string) (journal.Report, error) {
	p := s.progress("entries verified")
	defer p.end()
	step := func(done, total uint64) { p.step(int(done), int(total)) }
	if err := s.load(ctx); err != nil {
		report, proof := s.journal.Proof().Verify(ctx, kept, step)
		report.Problems = append(report.Problems, journal.Finding{Text: err.Error()})
		return report, proof
	}
	return s.store.Verify(ctx, kept, step)
}

func verifyAnswer(r journal.Report, loads jobs.LoadCheck, kept int) answer {
	if r.Problems == nil {
		r.Problems = []journal.Finding{}
	}
	data := object{{"entries", r.Entries}, {"changes", r.Changes}, {"root", r.Root}, {"checkpoints", r.Checkpoints}, {"kept", r.Kept}, {"erased", r.Erased}, {"loads", loads.Loads}, {"lines", loads.Lines}, {"holds", len(r.Problems) == 0}, {"problems", r.Problems}}
	lines := []string{
		fmt.Sprintf("%s with %s, root %s", counted(int(r.Entries), "entry"), counted(int(r.Changes), "change"), r.Root),
		fmt.Sprintf("%s of its own agree, %s", counted(r.Checkpoints, "checkpoint"), fmt.Sprintf("%d of %d kept elsewhere agree", r.Kept, kept)),
	}
	if r.Erased > 0 {
		lines = append(lines, counted(r.Erased, "value")+" erased for good; the proof holds without them")
	}
	if n := loads.Loads - len(loads.Problems); loads.Loads > 0 {
		lines = append(lines, fmt.Sprintf("%s of bulk lines with %s; %d add up to what their records say, to the last digit", counted(loads.Loads, "load"), counted(int(loads.Lines), "line"), n))
	}
	if len(r.Problems) == 0 {
		lines = append(lines, "The journal holds, and the estate follows from it.")
	}
	if kept == 0 {
		lines = append(lines, "No checkpoint that was kept elsewhere was given: a journal alone cannot show that its end was cut off or that all of it was made anew. Keep what binnacle checkpoint writes in another place, and give it with --checkpoint.")
	}
	blocks := []block{text(lines...)}
	if len(r.Problems) > 0 {
		g := &grid{columns: columns(">entry", "record", "problem"), wrap: true}
		for _, p := range r.Problems {
			entry, id := "", ""
			if p.Seq > 0 {
				entry = fmt.Sprint(p.Seq)
			}
			if !p.ID.IsZero() {
				id = p.ID.String()
			}
			g.add(entry, id, p.Text)
		}
		blocks = append(blocks, block{title: "What does not hold", grid: g})
	}
	return answer{data: data, blocks: blocks}
}

type checkpointCmd struct {
	Output string `short:"o" placeholder:"FILE" help:"Write the checkpoint to this file."`
	List   bool   `help:"Print every checkpoint that was ever issued, oldest first."`
}

// Help shows how the command is used.
func (checkpointCmd) Help() string {
	return `A checkpoint is a signed note of a few lines that says how many entries the journal has and what the root of the tree over them is. Keep it where the administrator of the database cannot reach it: in another system, printed, or sent to an auditor.

Examples:

    binnacle checkpoint --output /safe/2026-11.checkpoint
    binnacle checkpoint --list`
}

// Run issues a checkpoint.
func (c *checkpointCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("checkpoint"); err != nil {
		return err
	}
	if _, err := s.openJournal(ctx, false); err != nil {
		return err
	}
	proof := s.journal.Proof()
	key, err := proof.VerifierKey(ctx)
	if err != nil {
		return err
	}
	if c.List {
		notes, err := proof.Checkpoints(ctx)
		if err != nil {
			return err
		}
		if notes == nil {
			notes = []string{}
		}
		return s.printNotes(object{{"key", key}, {"checkpoints", notes}}, notes)
	}
	note, err := proof.Checkpoint(ctx)
	if err != nil {
		return err
	}
	if c.Output == "" {
		return s.printNotes(object{{"key", key}, {"checkpoint", note}}, []string{note})
	}
	if err := writeFile(c.Output, true, func(w io.Writer) error { _, err := io.WriteString(w, note); return err }); err != nil {
		return err
	}
	return s.out.print(answer{data: object{{"key", key}, {"checkpoint", note}, {"file", c.Output}}, blocks: []block{text(
		"Written to "+c.Output+".", "Keep it where the administrator of the database cannot reach it. The key to verify it with is "+key)}})
}

// printNotes prints notes as they are, because every byte of them is signed.
func (s *session) printNotes(data object, notes []string) error {
	if s.out.format == "table" {
		_, err := io.WriteString(s.env.Stdout, strings.Join(notes, "\n"))
		return err
	}
	g := &grid{columns: columns("checkpoint")}
	for _, n := range notes {
		g.add(n)
	}
	return s.out.print(answer{data: data, blocks: []block{table(g)}})
}

// writeFile writes a file as a whole or not at all. Replace says that a file with that name is replaced.
func writeFile(name string, replace bool, write func(io.Writer) error) (err error) {
	if _, err := os.Stat(name); err == nil && !replace {
		return refuse("%s is there already: choose another name, or add --force to replace it", name)
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	out := bufio.NewWriterSize(f, 1<<20)
	if err := write(out); err != nil {
		return err
	}
	if err := errors.Join(out.Flush(), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(f.Name(), name)
}

type backupCmd struct {
	File  string `arg:"" help:"The file to write, or - for the standard output."`
	Force bool   `help:"Replace a file that is there already."`
}

// Help shows how the command is used.
func (backupCmd) Help() string {
	return `A backup holds every entry with its proof, the checkpoints and the signing key, from the vault what people sign in with and their attachments, and all lines of bills and of use: keep it as safe as the database. It can be written while Binnacle serves, and read into SQLite and into PostgreSQL, whichever it came from. Sessions are left out.

Examples:

    binnacle backup /safe/estate.backup
    binnacle backup - | gzip > estate.backup.gz`
}

// Run writes the backup.
func (c *backupCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("backup"); err != nil {
		return err
	}
	if _, err := s.openJournal(ctx, false); err != nil {
		return err
	}
	head, err := s.journal.Head(ctx)
	if err != nil {
		return err
	}
	p := s.progress("KiB written")
	defer p.end()
	if c.File == "-" {
		return s.dump(ctx, &counter{w: s.env.Stdout, p: p})
	}
	var size int64
	err = writeFile(c.File, c.Force, func(w io.Writer) error {
		n := &counter{w: w, p: p}
		err := s.dump(ctx, n)
		size = n.n
		return err
	})
	if err != nil {
		return err
	}
	p.end()
	return s.out.print(answer{data: object{{"file", c.File}, {"entries", head}, {"bytes", size}}, blocks: []block{text(
		fmt.Sprintf("%s written to %s (%d bytes).", counted(int(head), "entry"), c.File, size))}})
}

// counter counts the bytes that go through it and shows how far it is.
type counter struct {
	w io.Writer
	r io.Reader
	p *progress
	n int64
}

// Write writes and counts.
func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	c.p.step(int(c.n>>10), 0)
	return n, err
}

// Read reads and counts.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	c.p.step(int(c.n>>10), 0)
	return n, err
}

type restoreCmd struct {
	File string `arg:"" help:"The backup to read, or - for the standard input."`
}

// Help shows how the command is used.
func (restoreCmd) Help() string {
	return `A backup is only read into a place without entries: nothing is ever overwritten. It is verified at the end.

Examples:

    binnacle restore /safe/estate.backup --data /srv/binnacle
    binnacle restore /safe/estate.backup --database postgres://binnacle@db/binnacle`
}

// Run reads the backup.
func (c *restoreCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("restore"); err != nil {
		return err
	}
	in := s.env.Stdin
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	if _, err := s.openJournal(ctx, true); err != nil {
		return err
	}
	place, database, err := s.where()
	if err != nil {
		return err
	}
	head, err := s.journal.Head(ctx)
	if err != nil {
		return err
	}
	if head > 0 {
		return refuse("%s has %s already: restore into an empty data directory or database", placeName(place, database), counted(int(head), "entry"))
	}
	p := s.progress("KiB read")
	file := &halves{r: bufio.NewReaderSize(&counter{r: in, p: p}, 1<<20)}
	if err := s.journal.Proof().Load(ctx, file); err != nil {
		p.end()
		return fmt.Errorf("restore %s: %w", c.File, err)
	}
	err = s.restoreVault(ctx, file.r)
	if err == nil {
		err = s.restoreFacts(ctx, file.r)
	}
	if err != nil {
		p.end()
		return fmt.Errorf("restore %s: %w", c.File, err)
	}
	p.end()
	report, loads, err := s.verify(ctx, nil)
	if err != nil {
		return err
	}
	out := verifyAnswer(report, loads, 0)
	out.blocks[0].lines = append([]string{"Restored into " + placeName(place, database) + "."}, out.blocks[0].lines...)
	if err := s.out.print(out); err != nil {
		return err
	}
	if len(report.Problems) > 0 {
		return coded{ExitVerify, errors.New("what was restored does not hold: the backup is damaged")}
	}
	return nil
}

type eraseCmd struct {
	Record  string   `arg:"" help:"The record as Kind/key. It may be deleted."`
	Fields  []string `arg:"" optional:"" help:"The fields to erase. Default: everything personal, the key and the name too."`
	Replace []string `sep:"none" placeholder:"FIELD=VALUE" help:"Put this value in place of what is erased, as a required field needs. May be given again."`
	Why     string   `placeholder:"TEXT" help:"Why it is erased."`
}

// Help shows how the command is used.
func (eraseCmd) Help() string {
	return `The values are taken out of the record and out of every entry of the past, for good. The proof of the journal holds all the same. Backups that were written before still hold the values: write new ones and destroy the old.

Examples:

    binnacle erase Person/jdoe --why "Asked for on 3 March"
    binnacle erase Person/jdoe full_name email --replace name="Former colleague" name
    binnacle kinds Person`
}

// Run erases the values.
func (c *eraseCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("erase"); err != nil {
		return err
	}
	v, err := s.view(ctx)
	if err != nil {
		return err
	}
	ref, name, err := s.trace(ctx, v, c.Record)
	if err != nil {
		return err
	}
	kind, _, _ := strings.Cut(name, "/")
	k, err := kindOf(v.Schema(), kind)
	if err != nil {
		return err
	}
	if rec := v.Get(ref); rec != nil && len(c.Fields)+len(c.Replace) == 0 {
		return c.whole(ctx, s, rec)
	}
	fields, err := c.fields(k)
	if err != nil {
		return err
	}
	tx := store.Tx{Why: c.Why, Erase: []journal.Erasure{{ID: model.ID(ref)}}}
	if tx.Why == "" {
		tx.Why = "Erase " + strings.Join(names(fields), ", ") + " of " + kind + " " + ref.String()
	}
	tx.Erase[0].Fields = names(fields)
	if rec := v.Get(ref); rec != nil {
		after := model.Clone(rec)
		for _, f := range fields {
			f.Set(after, nil)
		}
		for _, text := range c.Replace {
			if err := assign(v, k, after, text); err != nil {
				return err
			}
		}
		door.Own(k, rec, after)
		if change, differs := model.Difference(k, rec, after); differs {
			tx.Changes = []model.Change{change}
		}
	}
	stamp, err := s.commit(ctx, v, tx, false)
	if err != nil {
		return err
	}
	s.say("backups that were written before still hold the values: write new ones and destroy the old")
	return s.out.print(answer{data: object{{"record", name}, {"erased", names(fields)}, {"entry", stamp.Seq}}, blocks: []block{text(
		fmt.Sprintf("Erased %s of %s from all entries, entry %d.", strings.Join(names(fields), ", "), name, stamp.Seq))}})
}

// whole erases everything personal of a record, its key and its name among it.
func (c *eraseCmd) whole(ctx context.Context, s *session, rec model.Record) error {
	name := model.NameOf(rec) + "/" + rec.Base().Key
	stamp, err := s.store.Erase(ctx, rec.Base().Ref(), s.who(), c.Why)
	if err != nil {
		return s.explain(err)
	}
	now := model.NameOf(rec) + "/" + s.store.Snapshot().Get(rec.Base().Ref()).Base().Key
	s.say("backups that were written before still hold the values: write new ones and destroy the old")
	return s.out.print(answer{data: object{{"record", name}, {"now", now}, {"entry", stamp.Seq}}, blocks: []block{text(
		fmt.Sprintf("Erased everything personal of %s from all entries, entry %d. The record is now %s.", name, stamp.Seq, now))}})
}

// fields returns the fields to erase.
func (c *eraseCmd) fields(k *model.Kind) ([]*model.Field, error) {
	var out []*model.Field
	for _, name := range c.Fields {
		f, err := writableField(k, name)
		if err != nil {
			return nil, err
		}
		if f.Name == "key" {
			return nil, usage("the key is a name that others use and is not erased: rename the record first with binnacle set %s key=…", c.Record)
		}
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	for _, f := range k.Fields {
		if f.Personal {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		return nil, usage("%s has no field that is marked as personal: name the fields to erase", k.Name)
	}
	return out, nil
}

func names(fields []*model.Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.Name
	}
	return out
}
