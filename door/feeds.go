package door

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/jobs"
	"binnacle/model"
)

// FeedRun is one run of a subscription.
type FeedRun = jobs.FeedRun

// FeedSecret is what a subscription shows to the server that it asks.
type FeedSecret = jobs.FeedSecret

// Feed is a subscription and how it stands.
type Feed struct {
	*model.Subscription
	// State is how it stands.
	State jobs.FeedState
	// Next is when it runs next. It is zero for now, and where it is paused.
	Next time.Time
	// Running says that it runs at this moment.
	Running bool
	// Secret says that it shows a password or a token.
	Secret bool
}

// newSchedule returns the schedule of the subscriptions of the house.
func (h *House) newSchedule() *jobs.Schedule {
	return jobs.NewSchedule(h.store, h.Vault, jobs.ScheduleOptions{Now: func() time.Time { return h.store.Now().Time() }, Client: h.Client, Folders: h.FeedFolders, Facts: h.facts, Temp: h.Temp,
		Allow: feedMay, Log: h.Log})
}

// errNoFeed says that a feed does not change what steers Binnacle itself.
var errNoFeed = errors.New("a feed does not change who may do what, kinds, rules, feeds or webhooks: import it by hand, or change it on its own page")

// feedMay says why a feed may not make a change, or nothing. Feeds act with the
// rights of whoever administers, but what lies at an address must not give rights or open further addresses.
func feedMay(snap *estate.Snapshot, c *model.Change) error {
	k := snap.Schema().Kind(c.Kind)
	if k == nil || k.Group == access.AccessGroup || slices.Contains(access.Governed, k.Name) {
		return errNoFeed
	}
	return nil
}

// RunControls runs the control tests that are due or that an import calls for, until the context ends.
func (h *House) RunControls(ctx context.Context) {
	jobs.NewControls(h.store, h.Vault, jobs.ControlsOptions{Now: func() time.Time { return h.store.Now().Time() }, Practices: h.Practices, Reader: h.reader, Log: h.Log}).Run(ctx)
}

// RunProbes looks at the endpoints that are due, until the context ends.
func (h *House) RunProbes(ctx context.Context) {
	jobs.NewProber(h.store, h.Vault, jobs.ProberOptions{Now: func() time.Time { return h.store.Now().Time() }, Dial: h.Dial, Log: h.Log}).Run(ctx)
}

// RunFeeds runs the subscriptions that are due, until the context ends and everything that it started is over.
func (h *House) RunFeeds(ctx context.Context) { h.schedule.Run(ctx) }

// Feeds returns the subscriptions and how they stand, by key. Only who administers may look at them.
func (h *House) Feeds(ctx context.Context, p *access.Principal) ([]Feed, error) {
	if err := p.MayAdminister(); err != nil {
		return nil, h.deny(ctx, p, err)
	}
	v, err := h.Look(ctx, p, Moment{})
	if err != nil {
		return nil, err
	}
	var out []Feed
	for sub := range estate.Each[*model.Subscription](v) {
		f, err := h.feed(ctx, sub)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Feed) int { return cmp.Compare(a.Key, b.Key) })
	return out, nil
}

func (h *House) feed(ctx context.Context, sub *model.Subscription) (Feed, error) {
	st, err := h.schedule.State(ctx, sub)
	if err != nil {
		return Feed{}, err
	}
	f := Feed{Subscription: sub, State: st, Running: st.Running(h.store.Now().Time())}
	if !sub.Paused {
		f.Next = st.Due(sub)
	}
	f.Secret, err = h.schedule.HasSecret(ctx, sub)
	return f, err
}

// subscription returns the subscription with a key, for who administers.
func (h *House) subscription(ctx context.Context, p *access.Principal, key string) (*model.Subscription, error) {
	if err := p.MayAdminister(); err != nil {
		return nil, h.deny(ctx, p, err)
	}
	v, err := h.Look(ctx, p, Moment{})
	if err != nil {
		return nil, err
	}
	if sub, ok := v.Find("Subscription", key).(*model.Subscription); ok {
		return sub, nil
	}
	return nil, &NotFound{"feed " + key}
}

// Feed returns a subscription, how it stands, and its last runs, newest first.
func (h *House) Feed(ctx context.Context, p *access.Principal, key string) (Feed, []FeedRun, error) {
	sub, err := h.subscription(ctx, p, key)
	if err != nil {
		return Feed{}, nil, err
	}
	f, err := h.feed(ctx, sub)
	if err != nil {
		return Feed{}, nil, err
	}
	runs, err := h.schedule.Runs(ctx, sub)
	return f, runs, err
}

// SaveFeed creates or edits a subscription. A secret that is nil leaves the one that is there.
func (h *House) SaveFeed(ctx context.Context, p *access.Principal, e Edit, secret *FeedSecret) (Receipt, error) {
	if err := p.MayAdminister(); err != nil {
		return Receipt{}, h.deny(ctx, p, err)
	}
	v, err := h.Look(ctx, p, Moment{})
	if err != nil {
		return Receipt{}, err
	}
	e.Kind = "Subscription"
	change, err := h.Build(ctx, p, v, e)
	if err != nil {
		return Receipt{}, err
	}
	after, _ := change.Result().(*model.Subscription)
	if err := h.checkFeed(v, after); err != nil {
		return Receipt{}, err
	}
	r := Receipt{}
	if change.Op == model.Create || len(change.Fields) > 0 {
		why := map[bool]string{true: "Add the feed ", false: "Change the feed "}[e.Create] + cmp.Or(after.Name, after.Key)
		if r, err = h.Write(ctx, p, Moment{}, Tx{Why: why, Changes: []model.Change{change}}); err != nil {
			return r, err
		}
	}
	if secret == nil {
		return r, nil
	}
	if err := h.schedule.SetSecret(ctx, after, *secret); err != nil {
		return r, refuse("Subscription", after.Key, "secret", err.Error())
	}
	return r, nil
}

// checkFeed says what is wrong with a subscription beyond what its kind says.
func (h *House) checkFeed(v estate.View, sub *model.Subscription) error {
	if err := h.schedule.CheckLocation(sub.Location); err != nil && sub.Location != "" {
		return refuse("Subscription", sub.Key, "location", err.Error())
	}
	if sub.Kind != "" && v.Schema().Kind(sub.Kind) == nil {
		return refuse("Subscription", sub.Key, "kind", "there is no kind "+sub.Kind)
	}
	if sub.Every != 0 && time.Duration(sub.Every) < time.Minute {
		return refuse("Subscription", sub.Key, "every", "a minute is the least")
	}
	return nil
}

// RunFeed runs a subscription now, and returns while it runs.
func (h *House) RunFeed(ctx context.Context, p *access.Principal, key string) error {
	sub, err := h.subscription(ctx, p, key)
	if err != nil {
		return err
	}
	if err := h.schedule.Start(ctx, sub); errors.Is(err, jobs.ErrRunning) || errors.Is(err, jobs.ErrBusy) {
		return refuse("Subscription", sub.Key, "", err.Error())
	} else if err != nil {
		return err
	}
	return nil
}

// RemoveFeed removes a subscription and what is kept of it. What it imported stays.
func (h *House) RemoveFeed(ctx context.Context, p *access.Principal, key string) (Receipt, error) {
	sub, err := h.subscription(ctx, p, key)
	if err != nil {
		return Receipt{}, err
	}
	v, err := h.Look(ctx, p, Moment{})
	if err != nil {
		return Receipt{}, err
	}
	r, err := h.Write(ctx, p, Moment{}, Tx{Why: "Remove the feed " + cmp.Or(sub.Name, sub.Key), Changes: []model.Change{Removal(v, sub)}})
	if err != nil {
		return r, err
	}
	return r, h.schedule.SetSecret(ctx, sub, FeedSecret{})
}
