package jobs

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
	"binnacle/vault"
)

// probeStates is the bucket of the vault that says which node looks at endpoints.
const probeStates = "probes.state"

const (
	// probeTick is how often it is looked whether an endpoint is due, and probeLease how long a round belongs to a node that gives no sign of life.
	probeTick  = time.Minute
	probeLease = 10 * time.Minute
	// probeDefault is the time between two looks where an endpoint does not say, probeLeast the shortest, and probeRetry the longest after one that failed.
	probeDefault = 24 * time.Hour
	probeLeast   = 5 * time.Minute
	probeRetry   = time.Hour
	// probesAtOnce is how many endpoints are looked at at the same time, and probesOfRound how many in one round, so that a round ends within its lease.
	probesAtOnce  = 8
	probesOfRound = 80
	// probeTries is how often a result is written where somebody else changes the same records.
	probeTries = 5
)

// ProbeSource is the source of what is seen at endpoints.
const ProbeSource = "probe"

// ProbePorts are the ports at public hosts at which TLS is usual. Others must be allowed by who runs the server.
var ProbePorts = []int{443, 465, 636, 853, 989, 990, 992, 993, 995, 5061, 6443, 8443, 9443}

// ProberOptions are what the prober does not decide for itself.
type ProberOptions struct {
	// Now tells the time. Unset means the clock of the machine.
	Now func() time.Time
	// Dial makes connections. It must be that of the package which guards what goes out. Unset means that nothing is looked at.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Roots are the authorities whose certificates are believed. Unset means those of the machine.
	Roots *x509.CertPool
	// Node names this node among several on one database. Unset means a name made by chance.
	Node string
	// Log is where faults are told. Unset means the default logger.
	Log *slog.Logger
}

// Prober looks at endpoints when they are due: which certificates they show, which versions of TLS they speak and whether they answer.
type Prober struct {
	store *store.Store
	vault vault.Vault
	opt   ProberOptions
}

// NewProber returns the prober of an estate.
func NewProber(s *store.Store, v vault.Vault, opt ProberOptions) *Prober {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Node == "" {
		opt.Node = fmt.Sprintf("%016x", rand.Uint64())
	}
	return &Prober{store: s, vault: v, opt: opt}
}

// Run looks at endpoints that are due, until the context ends.
func (p *Prober) Run(ctx context.Context) {
	tick := time.NewTicker(probeTick)
	defer tick.Stop()
	for {
		if _, err := p.Due(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, ErrRunning) {
			p.opt.Log.Error("endpoints could not be looked at", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// probeState is which node looks at endpoints.
type probeState struct {
	// Holder is the node that looks, until Until.
	Holder string    `json:"holder,omitempty"`
	Until  time.Time `json:"until,omitzero"`
}

// Due looks at the endpoints whose time has come, and returns how many there were. The error is ErrRunning where another node looks.
func (p *Prober) Due(ctx context.Context) (int, error) {
	if p.opt.Dial == nil || len(p.due()) == 0 {
		return 0, nil
	}
	return p.round(ctx, p.due)
}

// Now looks at some endpoints at once, due or not. None means all that are not paused.
func (p *Prober) Now(ctx context.Context, refs ...model.Ref) (int, error) {
	if p.opt.Dial == nil {
		return 0, errors.New("this server makes no connections to the outside")
	}
	return p.round(ctx, func() []*model.Endpoint {
		var out []*model.Endpoint
		for e := range estate.Each[*model.Endpoint](p.store.View()) {
			if len(refs) == 0 && !e.Paused || slices.Contains(refs, e.Ref()) {
				out = append(out, e)
			}
		}
		return out
	})
}

// due lists the endpoints whose time has come, the longest waiting first.
func (p *Prober) due() []*model.Endpoint {
	now := model.TimeOf(p.opt.Now())
	var out []*model.Endpoint
	for e := range estate.Each[*model.Endpoint](p.store.View()) {
		every := max(probeLeast, cmp.Or(time.Duration(e.Every), probeDefault))
		if e.Error != "" {
			every = min(every, probeRetry)
		}
		if !e.Paused && (e.Probed.IsZero() || e.Probed+model.Time(every.Milliseconds()) <= now) {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b *model.Endpoint) int { return cmp.Compare(a.Probed, b.Probed) })
	return out[:min(len(out), probesOfRound)]
}

// round looks at endpoints where no other node does, and writes what was seen as one entry for so many as fit a lease.
func (p *Prober) round(ctx context.Context, which func() []*model.Endpoint) (n int, err error) {
	if err := p.take(ctx); err != nil {
		return 0, err
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("looking at endpoints stopped because of a fault in Binnacle: %v", r)
		}
		err = errors.Join(err, p.release(context.WithoutCancel(ctx)))
	}()
	for part := range slices.Chunk(which(), probesOfRound) {
		results := p.lookAll(ctx, part)
		if err := ctx.Err(); err != nil {
			return n, err
		}
		if err := p.write(ctx, part, results); err != nil {
			return n, err
		}
		if n += len(part); n%probesOfRound == 0 {
			if err := p.take(ctx); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// take makes this node the one that looks, or goes on with it.
func (p *Prober) take(ctx context.Context) error {
	_, err := vault.Update(ctx, p.vault, probeStates, "run", func(item vault.Item) (vault.Item, error) {
		var st probeState
		if json.Unmarshal(item.Value, &st) != nil {
			st = probeState{}
		}
		now := p.opt.Now()
		if st.Holder != "" && st.Holder != p.opt.Node && now.Before(st.Until) {
			return item, ErrRunning
		}
		return encode(probeState{p.opt.Node, now.Add(probeLease)})
	})
	return err
}

// release lets other nodes look.
func (p *Prober) release(ctx context.Context) error {
	_, err := vault.Update(ctx, p.vault, probeStates, "run", func(item vault.Item) (vault.Item, error) {
		var st probeState
		if json.Unmarshal(item.Value, &st) != nil || st.Holder != p.opt.Node {
			return item, errLost
		}
		return encode(probeState{})
	})
	if errors.Is(err, errLost) {
		return nil
	}
	return err
}

// lookAll looks at several endpoints at the same time. A fault at one is told of that one.
func (p *Prober) lookAll(ctx context.Context, list []*model.Endpoint) []seen {
	out := make([]seen, len(list))
	var group sync.WaitGroup
	slots := make(chan struct{}, probesAtOnce)
	for i, e := range list {
		slots <- struct{}{}
		group.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					p.opt.Log.Error("a probe stopped because of a fault", "endpoint", e.Key, "fault", fmt.Sprint(r))
					out[i] = seen{err: "a fault in Binnacle stopped the look"}
				}
				<-slots
			}()
			out[i] = p.look(ctx, e)
		})
	}
	group.Wait()
	return out
}

// write notes what was seen. Where somebody else changes one of the records meanwhile, the changes are made again from what is there then.
func (p *Prober) write(ctx context.Context, list []*model.Endpoint, results []seen) error {
	for try := 1; ; try++ {
		w := &probeWriter{snap: p.store.Snapshot(), newID: p.store.NewID, now: model.TimeOf(p.opt.Now()), after: map[model.ID]model.Record{}}
		for i, e := range list {
			w.endpoint(e.Ref(), &results[i])
		}
		changes := w.changes()
		if len(changes) == 0 {
			return nil
		}
		_, err := p.store.Commit(ctx, store.Tx{Who: ProbeSource, Why: "What was seen at endpoints", Source: ProbeSource, Changes: changes})
		var conflict *estate.Conflict
		if !errors.As(err, &conflict) || try == probeTries {
			return err
		}
	}
}

// probeWriter makes changes of what was seen.
type probeWriter struct {
	snap  *estate.Snapshot
	newID func() model.ID
	now   model.Time
	order []model.ID
	after map[model.ID]model.Record
	// found are the credentials by the fingerprint, those that are new among them.
	found map[string]*model.Credential
}

// edit returns a record that may be written, the same one each time.
func edit[R model.Record](w *probeWriter, rec R) R {
	id := rec.Base().ID
	if known, ok := w.after[id]; ok {
		return known.(R)
	}
	out := model.Clone(rec)
	w.after[id] = out
	w.order = append(w.order, id)
	return out
}

// endpoint notes what was seen at one endpoint.
func (w *probeWriter) endpoint(ref model.Ref, s *seen) {
	known, ok := w.snap.Get(ref).(*model.Endpoint)
	if !ok {
		return
	}
	e := edit(w, known)
	e.Probed, e.Error = w.now, s.err
	if s.err != "" {
		return
	}
	e.TLSVersion, e.OldestTLS, e.Cipher, e.ChainProblems = s.version, s.oldest, s.cipher, s.problems
	e.HTTPStatus, e.HSTS = s.status, model.Duration(s.hsts)
	if len(s.chain) > 0 {
		e.Certificate = w.credential(known, s.chain[0])
	}
}

// credential returns the credential of a certificate: the one with its fingerprint, or the one that the endpoint showed before, which was then
// replaced by a new one, or a new credential.
func (w *probeWriter) credential(e *model.Endpoint, shown *x509.Certificate) model.Ref {
	print := fingerprint(shown)
	if c := w.found[print]; c != nil {
		return c.Ref()
	}
	if w.found == nil {
		w.found = map[string]*model.Credential{}
	}
	v := w.snap.View(w.now.Date())
	c, _ := w.snap.Identify("Credential", "fingerprint", print).(*model.Credential)
	before, _ := w.snap.Get(e.Certificate).(*model.Credential)
	switch {
	case c != nil:
		c = edit(w, c)
	case before != nil && shownOnlyAt(v, before, e):
		replaced := before.Fingerprint != ""
		if c = edit(w, before); replaced {
			c.Rotated = w.now
		}
	default:
		c = &model.Credential{}
		c.ID, c.Origin, c.Owner = w.newID(), ProbeSource, e.Owner
		c.Name = "Certificate of " + cmp.Or(plainText(shown.Subject.CommonName), firstName(shown), e.Address)
		c.Key = "certificate/" + strings.Join(strings.Fields(strings.ToLower(cmp.Or(firstName(shown), e.Key))), "-") + "~" + print[:12]
		w.after[c.ID] = c
		w.order = append(w.order, c.ID)
	}
	state := c.State
	describe(c, shown)
	if state != "" && state != "retired" {
		// What somebody has declared void stays so, also where it is still shown.
		c.State = state
	}
	w.found[print] = c
	return c.Ref()
}

func firstName(c *x509.Certificate) string {
	if len(c.DNSNames) > 0 {
		name := plainText(c.DNSNames[0])
		return name[:min(len(name), 200)]
	}
	return ""
}

// shownOnlyAt reports whether no other endpoint showed a credential.
func shownOnlyAt(v estate.View, c *model.Credential, e *model.Endpoint) bool {
	for in := range v.In(c.Ref()) {
		if other, ok := in.Record.(*model.Endpoint); ok && other.ID != e.ID {
			return false
		}
	}
	return true
}

// changes returns what differs, with the probe as the source of every value that it wrote.
func (w *probeWriter) changes() []model.Change {
	var out []model.Change
	for _, id := range w.order {
		rec := w.after[id]
		kind := w.snap.Schema().Of(rec)
		before := w.snap.Get(model.Ref(id))
		if before != nil {
			for _, f := range kind.Fields {
				if !f.System && string(f.JSON(rec)) != string(f.JSON(before)) {
					rec.Base().SetOrigin(f.Name, ProbeSource)
				}
			}
		}
		if change, differs := model.Difference(kind, before, rec); differs {
			out = append(out, change)
		}
	}
	return out
}
