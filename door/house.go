// Package door is what every door does in the same way: it opens the estate for
// one person at a moment, asks, and writes in that person's name. Doors reach the
// store through it alone, so that no door can show or change what the person may not.
package door

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/facts"
	"binnacle/jobs"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/store"
	"binnacle/vault"
)

// Config is what a house is made of.
type Config struct {
	// Store holds the estate. The house keeps it to itself: after Open it is nil.
	Store *store.Store
	// Vault keeps what is beside the journal.
	Vault vault.Vault
	// Facts keeps bulk lines beside the records. The house keeps it to itself: after Open it is nil. Unset means that they are kept in
	// memory alone.
	Facts facts.Store
	// Temp is the folder for what is too large for memory while it is uploaded or unpacked. Empty means that of the system.
	Temp string
	// UploadLimit is how many bytes the files of one import may have together. 0 means 256 MiB.
	UploadLimit int64
	// Access decides who somebody is.
	Access *access.Service
	// Practices are the disciplines whose questions can be asked.
	Practices []*practice.Practice
	// Client makes requests to the outside. It must be the one that guards what goes out.
	Client *http.Client
	// Dial makes the connections by which endpoints are looked at. It must be that of the package which guards what goes out. Unset
	// means that none is looked at.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Demo holds the files of the demo company, and DemoFiles their names in order.
	Demo      fs.FS
	DemoFiles []string
	// Version is the release of the program.
	Version string
	// BaseURL is the address under which people reach Binnacle. It may be empty.
	BaseURL string
	// FeedFolders are the folders of the server below which subscriptions may read. None means that they read none.
	FeedFolders []string
	// Mails says that letters about what people own are sent.
	Mails bool
	// Log is where faults are told. Unset means the default logger.
	Log *slog.Logger
}

// House is the estate with everything that doors need. All methods may be called at the same time.
type House struct {
	Config
	store    *store.Store
	facts    facts.Store
	reader   facts.Reader
	schedule *jobs.Schedule
	inbox    *jobs.Inbox
	glances  glances
}

const (
	// rollupBytes is how much memory the sums of bulk lines that are kept may take.
	rollupBytes = 256 << 20
	// uploadLimit is how many bytes an import may have where the configuration does not say.
	uploadLimit = 256 << 20
)

// Open returns a house.
func Open(c Config) *House {
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Facts == nil {
		c.Facts = facts.NewMemory(true)
	}
	if c.UploadLimit <= 0 {
		c.UploadLimit = uploadLimit
	}
	h := &House{Config: c, store: c.Store, facts: c.Facts, reader: facts.NewReader(c.Facts, rollupBytes)}
	h.Store, h.Facts = nil, nil
	h.schedule = h.newSchedule()
	h.inbox = jobs.NewInbox(h.store, h.Vault, jobs.InboxOptions{Now: func() time.Time { return h.store.Now().Time() }, Facts: h.facts, Log: h.Log})
	return h
}

// beside is what every view carries.
func (h *House) beside(p *access.Principal) practice.Beside {
	return practice.Beside{Reader: h.reader, Practices: h.Practices, Now: h.store.Now(), Who: p.Account.Person, Anybody: p.Account.ID.IsZero()}
}

// Moment says which estate somebody looks at.
type Moment struct {
	// AsOf is the past: the number of an entry, a day or a moment. Empty means now.
	AsOf string
	// At is the date at which plans are looked at. Empty means today.
	At string
	// Scenario is the key of a scenario. Empty means none.
	Scenario string
}

// MomentOf reads a moment from the parameters as_of, at and scenario of an address.
func MomentOf(q url.Values) Moment {
	return Moment{AsOf: strings.TrimSpace(q.Get("as_of")), At: strings.TrimSpace(q.Get("at")), Scenario: strings.TrimSpace(q.Get("scenario"))}
}

// Values returns the moment as parameters of an address, without those that are not set.
func (m Moment) Values() url.Values {
	out := url.Values{}
	for name, value := range map[string]string{"as_of": m.AsOf, "at": m.At, "scenario": m.Scenario} {
		if value != "" {
			out.Set(name, value)
		}
	}
	return out
}

// IsNow reports whether the moment is the estate as it is now, without a scenario.
func (m Moment) IsNow() bool { return m == Moment{} }

// BadMoment says that a moment cannot be looked at.
type BadMoment struct {
	// Parameter is as_of, at or scenario.
	Parameter string
	// Err says what is wrong.
	Err error
}

// Error says what is wrong with the moment.
func (b *BadMoment) Error() string { return b.Parameter + ": " + b.Err.Error() }

// Unwrap returns the error inside.
func (b *BadMoment) Unwrap() error { return b.Err }

// Look returns the estate at a moment as a principal sees it. The error is a [*BadMoment] where there is no such moment.
func (h *House) Look(ctx context.Context, p *access.Principal, m Moment) (estate.View, error) {
	snap := h.store.Snapshot()
	if m.AsOf != "" {
		var err error
		if snap, err = h.past(ctx, m.AsOf); err != nil {
			return estate.View{}, &BadMoment{"as_of", err}
		}
	}
	at := h.store.Today()
	if m.At != "" {
		var err error
		if at, err = model.ParseDate(m.At); err != nil {
			return estate.View{}, &BadMoment{"at", err}
		}
	}
	if m.Scenario != "" {
		sc := snap.View(at).Through(p.Sight(snap)).Find("Scenario", m.Scenario)
		if sc == nil {
			return estate.View{}, &BadMoment{"scenario", fmt.Errorf("there is no scenario %q", m.Scenario)}
		}
		under, _, err := h.store.Under(snap, m.Scenario)
		if err != nil {
			return estate.View{}, &BadMoment{"scenario", err}
		}
		snap = under
	}
	return snap.View(at).Under(m.Scenario).Through(p.Sight(snap)).With(h.beside(p)), nil
}

// past returns the estate as it was after an entry, at the end of a day or at a moment.
func (h *House) past(ctx context.Context, text string) (*estate.Snapshot, error) {
	return AsOf(ctx, h.store, text)
}

// AsOf returns the estate as it was: after an entry, at the end of a day or at a moment, as a person writes it.
func AsOf(ctx context.Context, s *store.Store, text string) (*estate.Snapshot, error) {
	if seq, err := strconv.ParseUint(text, 10, 64); err == nil && len(text) < 15 {
		return s.AsOf(ctx, seq)
	}
	moment, err := model.ParseTime(text)
	if err != nil {
		return nil, fmt.Errorf("%q is not the number of an entry, a date such as 2027-06-30 or a moment such as 2027-06-30T14:00:00Z", text)
	}
	if len(strings.TrimSpace(text)) == len(time.DateOnly) {
		moment = model.TimeOf(moment.Time().Add(24*time.Hour - time.Millisecond))
	}
	return s.AsOfTime(ctx, moment)
}

// Now returns the moment of the clock.
func (h *House) Now() model.Time { return h.store.Now() }

// Today returns the day of the clock, in UTC.
func (h *House) Today() model.Date { return h.store.Today() }

// Watch returns a channel that receives after the estate has changed, until the context ends.
func (h *House) Watch(ctx context.Context) <-chan struct{} { return h.store.Watch(ctx) }

// Head returns the last entry of the estate as it is now.
func (h *House) Head() model.Stamp { return h.store.Snapshot().Stamp() }

// Ready tells why the house cannot serve, or nil.
func (h *House) Ready() error { return h.store.Fault() }

// NotFound says that there is nothing under a name, or nothing that the person may see.
type NotFound struct {
	// What was asked for.
	What string
}

// Error says what was not found.
func (n *NotFound) Error() string { return "there is no " + n.What }

// Find returns the record of a kind with a key, as a view has it. The kind may
// be written in any form. The error is a [*NotFound] where there is none.
func Find(v estate.View, kind, key string) (*model.Kind, model.Record, error) {
	k := v.Schema().Kind(kind)
	if k == nil {
		return nil, nil, &NotFound{"kind " + strconv.Quote(kind)}
	}
	rec := v.Find(k.Name, key)
	if rec == nil {
		if id, err := model.ParseID(key); err == nil {
			if rec = v.Get(model.Ref(id)); rec != nil && model.NameOf(rec) != k.Name {
				rec = nil
			}
		}
	}
	if rec == nil {
		return k, nil, &NotFound{k.Name + "/" + key}
	}
	return k, rec, nil
}

// Question returns a question by its full name. The error is a [*NotFound] where there is none.
func (h *House) Question(name string) (practice.Asked, error) {
	a, err := practice.Find(h.Practices, name)
	if err != nil {
		return a, &NotFound{"question " + strconv.Quote(name)}
	}
	return a, nil
}

// Refused says why changes were not made: what is wrong with which field.
type Refused = store.Refused

// ErrNothing says that there is nothing to change.
var ErrNothing = store.ErrNothing

// IsConflict returns the conflict behind an error, or nil.
func IsConflict(err error) *estate.Conflict {
	var c *estate.Conflict
	if errors.As(err, &c) {
		return c
	}
	return nil
}
