package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/model"
	"binnacle/store"
	"binnacle/vault"
)

// The buckets of the vault that the schedule uses.
const (
	feedStates  = "feeds.state"
	feedRuns    = "feeds.runs"
	feedSecrets = "feeds.secret"
)

const (
	// feedTick is how often the schedule looks whether something is due.
	feedTick = 15 * time.Second
	// feedLease is how long a run belongs to a node that gives no sign of life.
	feedLease = 2 * time.Minute
	// feedTime is how long one run may take.
	feedTime = 30 * time.Minute
	// feedsAtOnce is how many feeds one node runs at the same time.
	feedsAtOnce = 2
	// feedKept is how many runs of each feed are kept.
	feedKept = 50
	// feedDefault is the time between two runs where a subscription does not say, and feedLeast the shortest.
	feedDefault = 24 * time.Hour
	feedLeast   = time.Minute
	// feedRetry is the time before the first further attempt after a run that failed, and feedRetryMost the longest where runs are more frequent than that.
	feedRetry     = 5 * time.Minute
	feedRetryMost = time.Hour
)

// FeedRun is one run of a subscription.
type FeedRun struct {
	// Began is when the run began, and Ended when it was over.
	Began time.Time `json:"began"`
	Ended time.Time `json:"ended"`
	// Outcome is taken, partly where something was refused, unchanged, or failed.
	Outcome string `json:"outcome"`
	// Error says in a sentence why the run failed.
	Error string `json:"error,omitempty"`
	// Counts count the records by what became of them.
	Counts feed.Counts `json:"counts"`
	// Entries are the entries of the journal that the run made.
	Entries []uint64 `json:"entries,omitempty"`
	// Refused are the first items that were not taken.
	Refused []string `json:"refused,omitempty"`
	// Files and Bytes say how much was read.
	Files int   `json:"files"`
	Bytes int64 `json:"bytes"`
	// ByHand says that a person started it.
	ByHand bool `json:"by_hand,omitempty"`
}

// FeedState is how a subscription stands.
type FeedState struct {
	// Last is when the last run began. It is zero where there was none.
	Last time.Time `json:"last"`
	// Good is when a run last read what there is, be it unchanged.
	Good time.Time `json:"good"`
	// Next is when the next run is due. It is zero for now.
	Next time.Time `json:"next"`
	// Failures counts the runs that failed since the last good one.
	Failures int `json:"failures,omitempty"`
	// Error says why the last run failed.
	Error string `json:"error,omitempty"`
	// Outcome is that of the last run.
	Outcome string `json:"outcome,omitempty"`
	// Digest is that of what was read last, with the settings that it was read by.
	Digest string `json:"digest,omitempty"`
	// ETag and Modified are what the server said of what was read last.
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"`
	// Holder is the node that runs it, until Until.
	Holder string    `json:"holder,omitempty"`
	Until  time.Time `json:"until,omitzero"`
}

// Running reports whether a node runs the subscription at a moment.
func (s FeedState) Running(now time.Time) bool { return s.Holder != "" && now.Before(s.Until) }

// ScheduleOptions are what the schedule does not decide for itself.
type ScheduleOptions struct {
	// Now tells the time. Unset means the clock of the machine.
	Now func() time.Time
	// Client makes requests to the outside. It must be the one that guards what goes out. Unset means that nothing is fetched.
	Client *http.Client
	// Folders are the folders of the server below which subscriptions may read. None means that no folder is read.
	Folders []string
	// Node names this node among several on one database. Unset means a name made by chance.
	Node string
	// Facts keeps bulk lines. Nil refuses contents of bulk lines.
	Facts facts.Store
	// Temp is the folder for what is too large for memory while it is read. Empty means that of the system.
	Temp string
	// Allow says why a feed may not make a change. Nil allows everything.
	Allow func(*estate.Snapshot, *model.Change) error
	// Log is where faults are told. Unset means the default logger.
	Log *slog.Logger
}

// Schedule runs subscriptions when they are due.
type Schedule struct {
	store *store.Store
	vault vault.Vault
	opt   ScheduleOptions
	slots chan struct{}

	mu      sync.Mutex
	life    context.Context
	running sync.WaitGroup
}

// NewSchedule returns the schedule of an estate.
func NewSchedule(s *store.Store, v vault.Vault, opt ScheduleOptions) *Schedule {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Node == "" {
		opt.Node = fmt.Sprintf("%016x", rand.Uint64())
	}
	return &Schedule{store: s, vault: v, opt: opt, slots: make(chan struct{}, feedsAtOnce)}
}

// Run runs what is due, until the context ends and everything that it started is over.
func (s *Schedule) Run(ctx context.Context) {
	s.mu.Lock()
	s.life = ctx
	s.mu.Unlock()
	defer s.running.Wait()
	tick := time.NewTicker(feedTick)
	defer tick.Stop()
	for {
		for _, sub := range s.due(ctx) {
			select {
			case s.slots <- struct{}{}:
				s.running.Go(func() {
					defer func() { <-s.slots }()
					s.once(ctx, sub, false)
				})
			default:
				// What finds no slot now is still due at the next tick.
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// due lists the subscriptions whose time has come, the longest waiting first.
func (s *Schedule) due(ctx context.Context) []*model.Subscription {
	now := s.opt.Now()
	type waiting struct {
		sub  *model.Subscription
		next time.Time
	}
	var list []waiting
	for sub := range estate.Each[*model.Subscription](s.store.View()) {
		if sub.Paused || ctx.Err() != nil {
			continue
		}
		st, err := s.State(ctx, sub)
		if err != nil {
			s.opt.Log.Error("the state of a feed cannot be read", "feed", sub.Key, "error", err)
			continue
		}
		if next := st.Due(sub); !now.Before(next) && !st.Running(now) {
			list = append(list, waiting{sub, next})
		}
	}
	slices.SortFunc(list, func(a, b waiting) int { return a.next.Compare(b.next) })
	out := make([]*model.Subscription, len(list))
	for i, w := range list {
		out[i] = w.sub
	}
	return out
}

// Interval returns the time from one good run of a subscription to the next.
func Interval(sub *model.Subscription) time.Duration {
	return max(feedLeast, cmp.Or(time.Duration(sub.Every), feedDefault))
}

// Due returns when the subscription is to run next. A shorter time between runs counts at once, whatever was planned before.
func (s FeedState) Due(sub *model.Subscription) time.Time {
	if s.Last.IsZero() {
		return time.Time{}
	}
	if latest := s.Last.Add(Interval(sub)); s.Failures == 0 {
		return latest
	}
	return s.Next
}

// wait returns how long to wait after some failures: a little at first, then longer, with chance so that not all come back at once.
func wait(sub *model.Subscription, failures int) time.Duration {
	every := Interval(sub)
	d := min(every, feedRetry) << min(failures-1, 20)
	if most := max(every, feedRetryMost); d > most || d <= 0 {
		d = most
	}
	return d + time.Duration((rand.Float64()-0.5)*0.4*float64(d))
}

// State returns how a subscription stands.
func (s *Schedule) State(ctx context.Context, sub *model.Subscription) (FeedState, error) {
	item, err := s.vault.Get(ctx, feedStates, sub.ID.String())
	if errors.Is(err, vault.ErrNone) {
		return FeedState{}, nil
	}
	return stateOf(item), err
}

func stateOf(item vault.Item) (st FeedState) {
	if json.Unmarshal(item.Value, &st) != nil {
		// A state that cannot be read is as good as none: the feed runs anew.
		return FeedState{}
	}
	return st
}

// Runs returns the last runs of a subscription, newest first.
func (s *Schedule) Runs(ctx context.Context, sub *model.Subscription) ([]FeedRun, error) {
	items, err := s.vault.List(ctx, feedRuns, sub.ID.String()+"/", "", 0)
	var out []FeedRun
	for _, item := range slices.Backward(items) {
		var r FeedRun
		if json.Unmarshal(item.Value, &r) == nil {
			out = append(out, r)
		}
	}
	return out, err
}

// Errors that tell why a subscription does not run now.
var (
	// ErrRunning says that the subscription runs already, here or at another node.
	ErrRunning = errors.New("the feed is running already")
	// ErrBusy says that this node has enough to do.
	ErrBusy = errors.New("other feeds are running: try again in a moment")
)

// Start runs a subscription now, whether it is due or not and whether its content has changed or not, and returns while it
// runs. The run goes on after the context has ended, until the schedule itself ends.
func (s *Schedule) Start(ctx context.Context, sub *model.Subscription) error {
	st, err := s.State(ctx, sub)
	if err != nil {
		return err
	}
	if st.Running(s.opt.Now()) {
		return ErrRunning
	}
	select {
	case s.slots <- struct{}{}:
	default:
		return ErrBusy
	}
	s.mu.Lock()
	life := s.life
	s.mu.Unlock()
	if life == nil {
		life = context.WithoutCancel(ctx)
	}
	s.running.Go(func() {
		defer func() { <-s.slots }()
		s.once(life, sub, true)
	})
	return nil
}

// once runs a subscription where no other node does, and notes what became of it.
func (s *Schedule) once(ctx context.Context, sub *model.Subscription, byHand bool) {
	st, ok := s.take(ctx, sub, byHand)
	if !ok {
		return
	}
	work, stop := context.WithTimeout(ctx, feedTime)
	defer stop()
	lost := s.hold(work, sub, stop)
	run := FeedRun{Began: st.Last, ByHand: byHand}
	next := s.guarded(work, sub, st, &run)
	stop()
	if <-lost {
		// Another node has the feed by now, and what it writes counts.
		return
	}
	run.Ended = s.opt.Now()
	s.note(context.WithoutCancel(ctx), sub, next, run)
}

// take makes this node the one that runs a subscription. It reports false where another was faster or where it is no longer due.
func (s *Schedule) take(ctx context.Context, sub *model.Subscription, byHand bool) (FeedState, bool) {
	var st FeedState
	_, err := vault.Update(ctx, s.vault, feedStates, sub.ID.String(), func(item vault.Item) (vault.Item, error) {
		st = stateOf(item)
		now := s.opt.Now()
		if st.Running(now) || !byHand && now.Before(st.Due(sub)) {
			return item, ErrRunning
		}
		st.Holder, st.Until, st.Last = s.opt.Node, now.Add(feedLease), now
		return encode(st)
	})
	if err != nil && !errors.Is(err, ErrRunning) {
		s.opt.Log.Error("a feed cannot be run", "feed", sub.Key, "error", err)
	}
	return st, err == nil
}

func encode(value any) (vault.Item, error) {
	raw, err := json.Marshal(value)
	return vault.Item{Value: raw}, err
}

var errLost = errors.New("another node has taken over")

// hold keeps the lease while a run works, and stops the run where the lease is lost. What it returns tells whether it was.
func (s *Schedule) hold(ctx context.Context, sub *model.Subscription, stop func()) <-chan bool {
	lost := make(chan bool, 1)
	go func() {
		tick := time.NewTicker(feedLease / 4)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				lost <- false
				return
			case <-tick.C:
			}
			_, err := vault.Update(ctx, s.vault, feedStates, sub.ID.String(), func(item vault.Item) (vault.Item, error) {
				st := stateOf(item)
				if st.Holder != s.opt.Node {
					return item, errLost
				}
				st.Until = s.opt.Now().Add(feedLease)
				return encode(st)
			})
			if errors.Is(err, errLost) {
				stop()
				lost <- true
				return
			}
		}
	}()
	return lost
}

// guarded reads and imports. A fault in it fails the run and not the program.
func (s *Schedule) guarded(ctx context.Context, sub *model.Subscription, st FeedState, run *FeedRun) (next FeedState) {
	next = st
	fail := func(text string) {
		run.Outcome, run.Error = "failed", text
		next = st
		next.Failures++
		next.Next = st.Last.Add(wait(sub, next.Failures))
	}
	defer func() {
		if r := recover(); r != nil {
			s.opt.Log.Error("a feed stopped because of a fault", "feed", sub.Key, "fault", fmt.Sprint(r))
			fail("a fault in Binnacle stopped the run")
		}
		next.Error, next.Outcome = run.Error, run.Outcome
	}()
	err := s.run(ctx, sub, &next, run)
	var told *feedError
	switch {
	case err == nil:
		next.Good, next.Failures, next.Next = s.opt.Now(), 0, time.Time{}
	case errors.As(err, &told):
		fail(told.text)
	case errors.Is(err, context.DeadlineExceeded):
		fail("it took longer than half an hour")
	case errors.Is(err, context.Canceled):
		fail("the server stopped in the middle of the run")
	default:
		s.opt.Log.Error("a feed failed", "feed", sub.Key, "error", err)
		fail("the records could not be written: look into the log of the server")
	}
	return next
}

// feedError is an error in words that may be shown: it tells nothing of what is behind the address or the folder.
type feedError struct{ text string }

// Error returns the words.
func (e *feedError) Error() string { return e.text }

func tell(format string, args ...any) error { return &feedError{fmt.Sprintf(format, args...)} }

// run reads what a subscription leads to and imports it where it has changed.
func (s *Schedule) run(ctx context.Context, sub *model.Subscription, st *FeedState, run *FeedRun) error {
	settings := s.settings(sub)
	got, err := s.read(ctx, sub, *st, settings, run.ByHand)
	if err != nil {
		return err
	}
	defer got.close()
	digest, err := got.digest(settings)
	if err != nil {
		return err
	}
	run.Files, run.Bytes = got.files, got.bytes
	if got.unchanged || digest == st.Digest && !run.ByHand {
		run.Outcome = "unchanged"
		return nil
	}
	report, err := Import(ctx, s.store, got.contents(s.limits()), all.Detect, ImportOptions{
		Facts:     s.opt.Facts,
		Overwrite: sub.Overwrite, Complete: sub.Complete, Source: sub.SourceKey, Kind: sub.Kind, Mapping: s.mapping(sub),
		Who: "feed:" + sub.Key, Why: "Import from the feed " + cmp.Or(sub.Name, sub.Key), Allow: s.opt.Allow,
	})
	if err != nil {
		return err
	}
	run.summarise(report)
	st.Digest, st.ETag, st.Modified = digest, got.etag, got.modified
	if run.Counts.Refused > 0 && run.Counts == (feed.Counts{Refused: run.Counts.Refused}) {
		return tell("nothing of it was taken: %s", run.Refused[0])
	}
	return nil
}

// mostRefusals is how many refusals of a run are kept.
const mostRefusals = 20

// summarise notes what an import did.
func (r *FeedRun) summarise(report *ImportReport) {
	r.Counts, r.Outcome = report.Total, "taken"
	for _, f := range report.Files {
		if f.Entry != 0 && !slices.Contains(r.Entries, f.Entry) {
			r.Entries = append(r.Entries, f.Entry)
		}
		if f.Error != "" {
			r.Refused = append(r.Refused, f.Error)
		}
		for _, one := range f.Refused {
			r.Refused = append(r.Refused, one.String())
		}
	}
	if r.Counts.Refused > 0 {
		r.Outcome = "partly"
	}
	r.Refused = r.Refused[:min(len(r.Refused), mostRefusals)]
}

// settings returns what makes the same content be read in another way.
func (s *Schedule) settings(sub *model.Subscription) string {
	version := uint32(0)
	if m := s.mapping(sub); m != nil {
		version = m.Version
	}
	return fmt.Sprintf("%q %q %q %d %t %t", sub.Location, sub.Kind, sub.SourceKey, version, sub.Overwrite, sub.Complete)
}

func (s *Schedule) mapping(sub *model.Subscription) *model.Mapping {
	m, _ := estate.Look[*model.Mapping](s.store.View(), sub.Mapping)
	return m
}

// note writes what became of a run, and gives the subscription back.
func (s *Schedule) note(ctx context.Context, sub *model.Subscription, next FeedState, run FeedRun) {
	_, err := vault.Update(ctx, s.vault, feedStates, sub.ID.String(), func(item vault.Item) (vault.Item, error) {
		if stateOf(item).Holder != s.opt.Node {
			return item, errLost
		}
		next.Holder, next.Until = "", time.Time{}
		return encode(next)
	})
	if err == nil {
		err = s.keep(ctx, sub, run)
	}
	if err != nil && !errors.Is(err, errLost) {
		s.opt.Log.Error("the run of a feed could not be noted", "feed", sub.Key, "error", err)
	}
}

// keep adds a run to those of a subscription and takes the oldest away.
func (s *Schedule) keep(ctx context.Context, sub *model.Subscription, run FeedRun) error {
	item, err := encode(run)
	if err != nil {
		return err
	}
	prefix := sub.ID.String() + "/"
	item.Key = fmt.Sprintf("%s%020d", prefix, run.Began.UnixNano())
	if _, err := s.vault.Put(ctx, feedRuns, item); err != nil {
		return err
	}
	items, err := s.vault.List(ctx, feedRuns, prefix, "", 0)
	for i := 0; i < len(items)-feedKept && err == nil; i++ {
		_, err = s.vault.Delete(ctx, feedRuns, items[i].Key)
	}
	return err
}
