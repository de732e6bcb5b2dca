package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
	"binnacle/store"
	"binnacle/vault"
)

// controlStates is the bucket of the vault in which the nodes agree on who runs the control tests.
const controlStates = "controls.state"

const (
	// controlTick is how often it is looked whether a test is due.
	controlTick = 15 * time.Second
	// controlLease is how long a run belongs to a node that gives no sign of life.
	controlLease = 10 * time.Minute
	// controlQuiet is how long an import must be over before tests are run for it, so that several files of one evening are one run.
	controlQuiet = 10 * time.Second
	// controlAgain is the least time between two runs because of imports.
	controlAgain = time.Minute
	// controlShare is how many times longer than a run the time until the next one because of imports is at least.
	controlShare = 10
)

// runTests is the full name of the action that runs control tests.
const runTests = "compliance.run_tests"

// ControlsOptions are what the runner of control tests does not decide for itself.
type ControlsOptions struct {
	// Now tells the time. Unset means the clock of the machine.
	Now func() time.Time
	// Practices are those whose checks tests may ask. The action that runs tests is among them.
	Practices []*practice.Practice
	// Reader reads the bulk lines that checks may look at. Nil means none.
	Reader facts.Reader
	// Node names this node among several on one database. Unset means a name made by chance.
	Node string
	// Again is the least time between two runs because of imports. Unset means a minute. Less than nothing means that imports cause no run.
	Again time.Duration
	// Log is where faults are told. Unset means the default logger.
	Log *slog.Logger
}

// Controls runs control tests: each when it is due, and those that run at least daily also soon after an import. A scheduled run
// always leaves an observation; a run because of an import leaves one where the result changed.
type Controls struct {
	store *store.Store
	vault vault.Vault
	opt   ControlsOptions
}

// NewControls returns the runner of control tests of an estate.
func NewControls(s *store.Store, v vault.Vault, opt ControlsOptions) *Controls {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Node == "" {
		opt.Node = fmt.Sprintf("%016x", rand.Uint64())
	}
	if opt.Again == 0 {
		opt.Again = controlAgain
	}
	return &Controls{store: s, vault: v, opt: opt}
}

// controlState is what the nodes know of the last run.
type controlState struct {
	// Holder is the node that runs tests, until Until.
	Holder string    `json:"holder,omitempty"`
	Until  time.Time `json:"until,omitzero"`
	// Seen is the last entry of the journal that tests were run after because of an import, or the first one that a node saw.
	Seen uint64 `json:"seen"`
	// Sources is how many sources there were then: where an import is taken back, its source may go with it.
	Sources int `json:"sources,omitempty"`
	// Next is the earliest moment of the next run because of an import.
	Next time.Time `json:"next,omitzero"`
}

// Run runs tests until the context ends.
func (c *Controls) Run(ctx context.Context) {
	tick := time.NewTicker(controlTick)
	defer tick.Stop()
	for {
		if _, err := c.Once(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, ErrRunning) {
			c.opt.Log.Error("control tests could not be run", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Once runs the tests whose time has come, and returns the entries of the journal that came of it. The error is ErrRunning where another node runs them.
func (c *Controls) Once(ctx context.Context) ([]model.Stamp, error) {
	action, err := practice.Find(c.opt.Practices, runTests)
	if err != nil || c.store.View().Count("ControlTest") == 0 {
		return nil, nil
	}
	st, err := c.state(ctx)
	if err != nil {
		return nil, err
	}
	now := c.opt.Now()
	due, hurried := c.waiting(st, now)
	if len(due)+len(hurried) == 0 && st.Seen != 0 {
		return nil, nil
	}
	if st, err = c.take(ctx); err != nil {
		return nil, err
	}
	// Another node may have run them just now. What is imported from here on is for the next run.
	due, hurried = c.waiting(st, now)
	seen, sources := c.lastImport()
	var out []model.Stamp
	for _, part := range []struct {
		tests   []string
		changed bool
	}{{due, false}, {hurried, true}} {
		if len(part.tests) == 0 {
			continue
		}
		stamp, made, runErr := c.ask(ctx, action, part.tests, part.changed, st.Until)
		if runErr != nil {
			err = runErr
			break
		}
		if made {
			out = append(out, stamp)
		}
	}
	if len(hurried) == 0 || err != nil {
		seen = 0
	}
	return out, errors.Join(err, c.release(context.WithoutCancel(ctx), seen, sources, now))
}

func (c *Controls) state(ctx context.Context) (controlState, error) {
	item, err := c.vault.Get(ctx, controlStates, "run")
	if errors.Is(err, vault.ErrNone) {
		return controlState{}, nil
	}
	return controlStateOf(item), err
}

func controlStateOf(item vault.Item) (st controlState) {
	if json.Unmarshal(item.Value, &st) != nil {
		return controlState{}
	}
	return st
}

// waiting lists the keys of the tests that are due, and of those that are to be run because of an import.
func (c *Controls) waiting(st controlState, now time.Time) (due, hurried []string) {
	v := c.view()
	book := controls.In(v)
	imported := c.imported(v, st, now)
	for t := range estate.Each[*model.ControlTest](v) {
		if t.Paused || controls.Manual(t) {
			continue
		}
		switch s := book.Test(t); {
		case s.Due <= book.Now():
			due = append(due, t.Key)
		case imported && controls.Every(t) <= 24*time.Hour:
			hurried = append(hurried, t.Key)
		}
	}
	return due, hurried
}

// imported reports whether an import brought something or was taken back since tests were run because of one, is over, and enough time has passed.
// Every import writes the source that it came from.
func (c *Controls) imported(v estate.View, st controlState, now time.Time) bool {
	if c.opt.Again < 0 || now.Before(st.Next) || st.Seen == 0 {
		return false
	}
	found := v.Count("Source") != st.Sources
	if found && now.Sub(v.Stamp().At.Time()) < controlQuiet {
		return false
	}
	for s := range estate.Each[*model.Source](v) {
		if s.Changed.Seq <= st.Seen {
			continue
		}
		if now.Sub(s.Changed.At.Time()) < controlQuiet {
			return false
		}
		found = true
	}
	return found
}

// view returns the estate as the runner sees it: all of it.
func (c *Controls) view() estate.View {
	now := model.TimeOf(c.opt.Now())
	return c.store.Snapshot().View(now.Date()).With(practice.Beside{Reader: c.opt.Reader, Practices: c.opt.Practices, Now: now})
}

// take makes this node the one that runs tests.
func (c *Controls) take(ctx context.Context) (controlState, error) {
	var st controlState
	_, err := vault.Update(ctx, c.vault, controlStates, "run", func(item vault.Item) (vault.Item, error) {
		st = controlStateOf(item)
		now := c.opt.Now()
		if st.Holder != "" && st.Holder != c.opt.Node && now.Before(st.Until) {
			return item, ErrRunning
		}
		st.Holder, st.Until = c.opt.Node, now.Add(controlLease)
		if st.Seen == 0 {
			st.Seen, st.Sources = max(1, c.store.Snapshot().Stamp().Seq), c.store.View().Count("Source")
		}
		return encode(st)
	})
	return st, err
}

// release lets other nodes run tests again, and notes up to which entry and from how many sources imports were looked at, where they were.
func (c *Controls) release(ctx context.Context, seen uint64, sources int, began time.Time) error {
	_, err := vault.Update(ctx, c.vault, controlStates, "run", func(item vault.Item) (vault.Item, error) {
		st := controlStateOf(item)
		if st.Holder != c.opt.Node {
			return item, errLost
		}
		st.Holder, st.Until = "", time.Time{}
		if seen != 0 {
			now := c.opt.Now()
			st.Seen, st.Sources, st.Next = seen, sources, now.Add(max(c.opt.Again, controlShare*now.Sub(began)))
		}
		return encode(st)
	})
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

// lastImport returns the newest entry by which an import wrote its source, and how many sources there are.
func (c *Controls) lastImport() (last uint64, sources int) {
	last = 1
	for s := range estate.Each[*model.Source](c.store.View()) {
		last = max(last, s.Changed.Seq)
		sources++
	}
	return last, sources
}

// ask lets the action run tests and commits what it proposes. It reports false where nothing came of it. A fault in it is an error and ends nothing else.
func (c *Controls) ask(ctx context.Context, action practice.Asked, tests []string, changed bool, until time.Time) (stamp model.Stamp, made bool, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("control tests stopped because of a fault in Binnacle: %v", r)
		}
	}()
	answer, err := action.Ask(c.view(), map[string]any{"tests": tests, "changed": changed})
	if err != nil {
		return stamp, false, err
	}
	proposal, ok := answer.(practice.Proposal)
	switch {
	case !ok:
		return stamp, false, fmt.Errorf("%s does not answer with a proposal", runTests)
	case len(proposal.Changes) == 0:
		return stamp, false, nil
	case !c.opt.Now().Before(until):
		return stamp, false, errors.New("control tests took longer than they may, and another node may have run them meanwhile")
	}
	stamp, err = c.store.Commit(ctx, store.Tx{Who: "tests", Why: proposal.Why, Source: "tests", Changes: proposal.Changes})
	return stamp, err == nil, err
}
