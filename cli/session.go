package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"binnacle/estate"
	"binnacle/journal"
	"binnacle/model"
	"binnacle/store"
)

// session is one command at work.
type session struct {
	env        Env
	globals    *globals
	parser     *kong.Kong
	parameters []parameter
	out        *printer
	// far is the server that the command works on, or nil where it works on an estate of its own.
	far     *remote
	journal journal.Journal
	store   *store.Store
	lines   lines
	// scratch says that a missing estate is made in a folder of its own, which goes when the command ends.
	scratch bool
	// folder is that folder.
	folder string
}

// prepare checks the flags that every command takes.
func (s *session) prepare(command string) error {
	g := s.globals
	s.out = &printer{w: s.env.Stdout, format: g.Format, color: s.env.Terminal && !g.NoColor && s.env.Getenv("NO_COLOR") == "", width: s.env.Width}
	if n, err := strconv.Atoi(s.env.Getenv("COLUMNS")); err == nil && n > 0 {
		s.out.width = n
	}
	known := formats
	if command == "export" {
		known = exportFormats
	} else if g.Format == "" {
		s.out.format = "table"
	}
	if g.Format != "" && !slices.Contains(known, g.Format) {
		return usage("--format: %q is not one of %s%s", g.Format, strings.Join(known, ", "), suggest(g.Format, known))
	}
	if g.At != "" {
		if _, err := model.ParseDate(g.At); err != nil {
			return usage("--at: %v", err)
		}
	}
	return s.connect(command)
}

// where returns the place of the estate: the path of a data directory, or the address of a database.
func (s *session) where() (place string, database bool, err error) {
	g := s.globals
	if g.Data != "" && g.Database != "" {
		return "", false, usage("--data and --database were both given: choose one")
	}
	switch {
	case g.Data != "":
		return g.Data, false, nil
	case g.Database != "":
		return g.Database, true, checkURL(g.Database)
	case s.env.Getenv("BINNACLE_DATA") != "":
		return s.env.Getenv("BINNACLE_DATA"), false, nil
	case s.env.Getenv("BINNACLE_DATABASE") != "":
		u := s.env.Getenv("BINNACLE_DATABASE")
		return u, true, checkURL(u)
	case s.env.Getenv("XDG_DATA_HOME") != "":
		return filepath.Join(s.env.Getenv("XDG_DATA_HOME"), "binnacle"), false, nil
	case s.env.Getenv("HOME") != "":
		return filepath.Join(s.env.Getenv("HOME"), ".local", "share", "binnacle"), false, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", false, errors.New("there is no home directory to keep the estate in: give --data DIR")
	}
	return filepath.Join(home, ".local", "share", "binnacle"), false, nil
}

func checkURL(address string) error {
	if u, err := url.Parse(address); err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return usage("the address of the database must begin with postgres://, such as postgres://user@host/name")
	}
	return nil
}

// placeName returns how to call the place in a message, without a password.
func placeName(place string, database bool) string {
	if u, err := url.Parse(place); database && err == nil {
		return u.Redacted()
	}
	return place
}

// openJournal opens the journal. Make says that it is made where there is none. It reports whether it was made.
func (s *session) openJournal(ctx context.Context, create bool) (made bool, err error) {
	place, database, err := s.where()
	if err != nil {
		return false, err
	}
	where := place
	if !database {
		where = filepath.Join(place, DatabaseFile)
		_, err := os.Stat(where)
		switch {
		case errors.Is(err, os.ErrNotExist) && !create:
			return false, fmt.Errorf("there is no estate in %s: make one with binnacle init, binnacle import or binnacle demo", place)
		case errors.Is(err, os.ErrNotExist) && s.scratch:
			if s.folder, err = os.MkdirTemp("", "binnacle-"); err != nil {
				return false, err
			}
			where = filepath.Join(s.folder, DatabaseFile)
		case errors.Is(err, os.ErrNotExist):
			made = true
			if err := os.MkdirAll(place, 0o700); err != nil {
				return false, fmt.Errorf("make the data directory: %w", err)
			}
		case err != nil:
			return false, err
		}
	}
	if s.journal, err = s.env.OpenJournal(ctx, where); err != nil {
		return false, fmt.Errorf("open the estate in %s: %w", placeName(place, database), err)
	}
	return made, nil
}

// open opens the store. Create says that it is made where there is none.
func (s *session) open(ctx context.Context, create bool) error {
	if _, err := s.openJournal(ctx, create); err != nil {
		return err
	}
	return s.load(ctx)
}

// load loads the estate from the journal that is open.
func (s *session) load(ctx context.Context) error {
	p := s.progress("records loaded")
	defer p.end()
	st, err := store.Open(ctx, s.journal, store.Options{Now: s.env.Now, NewID: s.env.NewID, Progress: func(done int) { p.step(done, 0) }})
	if err != nil {
		return fmt.Errorf("load the estate: %w", err)
	}
	s.store = st
	return nil
}

// close ends the use of the journal. It may be called again.
func (s *session) close() error {
	st, j, folder := s.store, s.journal, s.folder
	s.store, s.journal, s.folder = nil, nil, ""
	err := s.lines.close()
	switch {
	case st != nil:
		err = errors.Join(err, st.Close())
	case j != nil:
		err = errors.Join(err, j.Close())
	}
	if folder != "" {
		err = errors.Join(err, os.RemoveAll(folder))
	}
	return err
}

// view opens the estate for reading, at the moment and under the scenario of the flags.
func (s *session) view(ctx context.Context) (estate.View, error) {
	if s.store == nil {
		if err := s.open(ctx, false); err != nil {
			return estate.View{}, err
		}
	}
	snap := s.store.Snapshot()
	if s.globals.AsOf != "" {
		var err error
		if snap, err = s.asOf(ctx, "--as-of", s.globals.AsOf); err != nil {
			return estate.View{}, err
		}
	}
	if s.globals.Scenario == "" {
		return snap.View(s.at()).With(s.beside()), nil
	}
	under, conflicts, err := s.store.Under(snap, s.globals.Scenario)
	if err != nil {
		return estate.View{}, err
	}
	for _, c := range conflicts {
		s.warn("scenario %s: %v", s.globals.Scenario, c)
	}
	return under.View(s.at()).Under(s.globals.Scenario).With(s.beside()), nil
}

// at returns the date that plans are looked at.
func (s *session) at() model.Date {
	if d, err := model.ParseDate(s.globals.At); err == nil {
		return d
	}
	return s.store.Today()
}

// asOf returns the estate as it was after an entry, at the end of a day or at a moment.
func (s *session) asOf(ctx context.Context, flag, text string) (*estate.Snapshot, error) {
	if seq, err := strconv.ParseUint(text, 10, 64); err == nil && len(text) < 15 {
		snap, err := s.store.AsOf(ctx, seq)
		if err != nil {
			return nil, usage("%s: %v", flag, err)
		}
		return snap, nil
	}
	moment, err := model.ParseTime(text)
	if err != nil {
		return nil, usage("%s: %q is not the number of an entry, a date such as 2027-06-30 or a moment such as 2027-06-30T14:00:00Z", flag, text)
	}
	if len(strings.TrimSpace(text)) == len(time.DateOnly) {
		moment = model.TimeOf(moment.Time().Add(24*time.Hour - time.Millisecond))
	}
	return s.store.AsOfTime(ctx, moment)
}

// writable opens the estate for writing and returns what is written upon: the
// estate as it is now, or as it is under the scenario of the flags.
func (s *session) writable(ctx context.Context, create bool) (estate.View, error) {
	if s.globals.AsOf != "" {
		return estate.View{}, usage("--as-of looks at the past, which cannot be changed: leave it out")
	}
	if err := s.open(ctx, create); err != nil {
		return estate.View{}, err
	}
	if name := s.globals.Scenario; name != "" && s.store.Snapshot().Find("Scenario", name) == nil {
		return s.store.Snapshot().View(s.at()).Under(name).With(s.beside()), nil
	}
	return s.view(ctx)
}

// noScenario refuses a command that has no meaning under a scenario.
func (s *session) noScenario(command string) error {
	if s.globals.Scenario != "" {
		return usage("%s does not work under a scenario: leave --scenario out", command)
	}
	return nil
}

// noTime refuses flags that a command has no use for.
func (s *session) noTime(command string) error {
	if s.globals.AsOf != "" {
		return usage("%s works on the estate as it is now: leave --as-of out", command)
	}
	return s.noScenario(command)
}

// commit makes changes durable, or adds them to the scenario of the flags. A dry run only checks them.
func (s *session) commit(ctx context.Context, v estate.View, tx store.Tx, dryRun bool) (model.Stamp, error) {
	tx.Who = s.who()
	if tx.Source == "" {
		tx.Source = model.PersonSource
	}
	if dryRun {
		_, err := s.store.Check(v.Snapshot(), tx.Changes)
		return model.Stamp{}, s.explain(err)
	}
	if s.globals.Scenario != "" {
		stamp, err := s.store.Propose(ctx, s.globals.Scenario, tx)
		return stamp, s.explain(err)
	}
	stamp, err := s.store.Commit(ctx, tx)
	if fault := s.store.ViewFault(); fault != nil {
		s.warn("%v", fault)
	}
	if err == nil {
		for _, w := range s.store.Warnings(s.store.Snapshot(), tx.Changes) {
			s.warn("%s", w.Error())
		}
	}
	return stamp, s.explain(err)
}

// explain prints the three sides of a conflict and turns it into the error to report.
func (s *session) explain(err error) error {
	var conflict *estate.Conflict
	if !errors.As(err, &conflict) {
		return err
	}
	if conflict.Now == 0 {
		return coded{ExitConflict, fmt.Errorf("%s/%s was removed by somebody else: look at it with binnacle history %s/%s", conflict.Kind, conflict.Key, conflict.Kind, conflict.Key)}
	}
	g := &grid{columns: columns("field", fmt.Sprintf("base (version %d)", conflict.Seen), fmt.Sprintf("theirs (version %d)", conflict.Now), "yours", "clash"), wrap: true}
	g.columns[1].name, g.columns[2].name = "base", "theirs"
	for _, f := range conflict.Fields {
		if !slices.Contains([]string{"origin", "origins", "sightings"}, f.Field) {
			g.add(f.Field, f.Base, f.Theirs, f.Yours, yes(f.Clash))
		}
	}
	title := fmt.Sprintf("%s/%s was changed by somebody else", conflict.Kind, conflict.Key)
	if printed := s.out.print(answer{data: conflict, blocks: []block{{title: title, grid: g}}}); printed != nil {
		return printed
	}
	return coded{ExitConflict, fmt.Errorf("%s/%s is at version %d and you saw version %d, so nothing was changed: look at the three sides and try again with --version %d", conflict.Kind, conflict.Key, conflict.Now, conflict.Seen, conflict.Now)}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

// who returns who gives the command.
func (s *session) who() string {
	for _, name := range []string{s.globals.Who, s.env.Getenv("USER"), s.env.Getenv("LOGNAME")} {
		if name != "" {
			return name
		}
	}
	return "unknown"
}

// say tells a person something that is not an answer.
func (s *session) say(format string, args ...any) {
	if !s.globals.Quiet {
		fmt.Fprintln(s.env.Stderr, clean(fmt.Sprintf(format, args...)))
	}
}

// warn tells a person of something that is perhaps not as it should be.
func (s *session) warn(format string, args ...any) { s.say("warning: "+format, args...) }

// progress shows on a terminal how far something is.
type progress struct {
	s    *session
	what string
	last time.Time
	some bool
}

func (s *session) progress(what string) *progress { return &progress{s: s, what: what} }

// step tells how much is done. A total of 0 is not known.
func (p *progress) step(done, total int) {
	if !p.s.env.Watched || p.s.globals.Quiet || time.Since(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.some = time.Now(), true
	if total == 0 {
		fmt.Fprintf(p.s.env.Stderr, "\r\x1b[K%d %s", done, p.what)
		return
	}
	const bar = 30
	full := bar * min(done, total) / total
	fmt.Fprintf(p.s.env.Stderr, "\r\x1b[K[%s%s] %d of %d %s", strings.Repeat("#", full), strings.Repeat(" ", bar-full), done, total, p.what)
}

// end takes the line away again.
func (p *progress) end() {
	if p.some {
		fmt.Fprint(p.s.env.Stderr, "\r\x1b[K")
	}
	p.some = false
}
