package jobs

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/journal/sqlite"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/compliance"
	"binnacle/practice/controls"
	"binnacle/store"
	"binnacle/vault"
	vaultsqlite "binnacle/vault/sqlite"
)

// watch is an estate with control tests and a clock of its own.
type watch struct {
	*Controls
	t     *testing.T
	mu    sync.Mutex
	clock time.Time
}

func (w *watch) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *watch) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func newWatch(t *testing.T) *watch {
	t.Helper()
	w := &watch{t: t, clock: time.Date(2027, 7, 1, 9, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	j, err := sqlite.Open(t.Context(), filepath.Join(dir, "estate.db"))
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), j, store.Options{Now: w.now})
	if err != nil {
		t.Fatal(err)
	}
	v, err := vaultsqlite.Open(t.Context(), filepath.Join(dir, "vault.db"), w.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		v.Close()
		st.Close()
	})
	w.Controls = w.node(st, v, "one")
	return w
}

// node returns a runner of its own on the same estate.
func (w *watch) node(st *store.Store, v vault.Vault, name string) *Controls {
	return NewControls(st, v, ControlsOptions{Now: w.now, Practices: []*practice.Practice{&compliance.Practice}, Node: name, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
}

// bring imports a manifest.
func (w *watch) bring(text string) {
	w.t.Helper()
	files := func(yield func(feed.Input, error) bool) {
		yield(feed.Input{Name: "estate.yaml", Data: []byte(text)}, nil)
	}
	report, err := Import(w.t.Context(), w.store, files, all.Detect, ImportOptions{Who: "test"})
	if err != nil {
		w.t.Fatal(err)
	}
	if report.Total.Refused > 0 {
		w.t.Fatalf("refused: %v %s", report.Files[0].Refused, report.Files[0].Error)
	}
}

// once lets the runner look once, and returns how many entries came of it.
func (w *watch) once() int {
	w.t.Helper()
	stamps, err := w.Once(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return len(stamps)
}

// stands returns how the test of servers stands after an entry, or now where it is 0, and how many findings, risks and items of the plan there are.
func (w *watch) stands(seq uint64) (controls.State, [3]int) {
	w.t.Helper()
	snap := w.store.Snapshot()
	if seq > 0 {
		var err error
		if snap, err = w.store.AsOf(w.t.Context(), seq); err != nil {
			w.t.Fatal(err)
		}
	}
	now := model.TimeOf(w.now())
	v := snap.View(now.Date()).With(practice.Beside{Now: now})
	t, ok := v.Find("ControlTest", "servers-owned").(*model.ControlTest)
	if !ok {
		w.t.Fatal("there is no test")
	}
	return controls.In(v).Test(t).State, [3]int{v.Count("Finding"), v.Count("Risk"), v.Count("PlanItem")}
}

const ownedServers = `
- kind: Team
  key: platform
- kind: Control
  key: owners
  name: Owners are named
  owner: platform
- kind: ControlTest
  key: servers-owned
  controls: [owners]
  ControlTest.kind: Host
  rule: has(record.owner)
  severity: high
  treat: plan
- kind: Host
  key: s1
  owner: platform
`

// An import that breaks a control: soon afterwards the test fails, and the finding, the risk and the item of the plan are there. As of the
// moment before the import it still passes. When a later import mends it, the finding is mended and the item is done.
func TestAControlThatAnImportBreaks(t *testing.T) {
	w := newWatch(t)
	w.bring(ownedServers)
	if n := w.once(); n != 1 {
		t.Fatalf("%d entries came of the first run", n)
	}
	if state, n := w.stands(0); state != controls.Passed || n != [3]int{} {
		t.Fatalf("at first the test stands %s, with %v", state, n)
	}
	before := w.store.Snapshot().Stamp().Seq

	w.advance(time.Hour)
	if n := w.once(); n != 0 {
		t.Errorf("%d entries came where nothing was due", n)
	}
	w.bring("kind: Host\nkey: s2\n")
	if n := w.once(); n != 0 {
		t.Error("the tests were run while the import could still go on")
	}
	w.advance(controlQuiet + time.Second)
	if n := w.once(); n != 1 {
		t.Fatalf("%d entries came of the import", n)
	}
	if state, n := w.stands(0); state != controls.Failed || n != [3]int{1, 1, 1} {
		t.Errorf("after the import the test stands %s, with %v findings, risks and items", state, n)
	}
	if state, n := w.stands(before); state != controls.Passed || n != [3]int{} {
		t.Errorf("as of the entry before the import the test stands %s, with %v", state, n)
	}
	if w.once() != 0 {
		t.Error("the same import caused two runs")
	}
	v := w.store.View()
	f := v.Find("Finding", "finding-servers-owned-2027-07-01").(*model.Finding)
	risk, item := onlyOne[*model.Risk](t, v), onlyOne[*model.PlanItem](t, v)
	if f.State != model.FindingOpen || f.Owner != v.Find("Team", "platform").Base().Ref() || f.Due != model.MustDate("2027-07-31") || len(f.Subjects) != 1 {
		t.Errorf("the finding is %+v", f)
	}
	if risk.Found != f.Ref() || len(item.Findings) != 1 || item.Findings[0] != f.Ref() || item.Risks[0] != risk.Ref() || item.Due != f.Due {
		t.Errorf("the risk is %+v and the item %+v", risk, item)
	}

	w.advance(2 * time.Minute)
	w.bring("kind: Host\nkey: s2\nowner: platform\n")
	w.advance(time.Minute)
	if w.once() != 1 {
		t.Fatal("what mended the control was not noticed")
	}
	v = w.store.View()
	f, risk, item = onlyOne[*model.Finding](t, v), onlyOne[*model.Risk](t, v), onlyOne[*model.PlanItem](t, v)
	if f.State != model.FindingMended || item.State != model.PlanDone || risk.State != model.RiskOpen {
		t.Errorf("afterwards the finding is %s, the item %s and the risk %s", f.State, item.State, risk.State)
	}
	if len(f.Observations) != 2 {
		t.Errorf("the finding rests on %d observations", len(f.Observations))
	}
}

// onlyOne returns the one record of a kind.
func onlyOne[R model.Record](t *testing.T, v estate.View) R {
	t.Helper()
	var out []R
	for rec := range estate.Each[R](v) {
		out = append(out, rec)
	}
	if len(out) != 1 {
		t.Fatalf("there are %d %T", len(out), out)
	}
	return out[0]
}

// A test that is due leaves an observation each time; one that is run because of an import only where something is different.
func TestRunsBetweenTimesLeaveWhatIsNew(t *testing.T) {
	w := newWatch(t)
	w.bring(ownedServers)
	w.once()
	w.advance(time.Hour)
	w.bring("kind: Host\nkey: s3\nowner: platform\n")
	w.advance(time.Minute)
	if n := w.once(); n != 0 || w.store.View().Count("Observation") != 1 {
		t.Errorf("%d entries and %d observations, though the result is the same", n, w.store.View().Count("Observation"))
	}
	w.advance(24 * time.Hour)
	if n := w.once(); n != 1 || w.store.View().Count("Observation") != 2 {
		t.Errorf("%d entries and %d observations after a day", n, w.store.View().Count("Observation"))
	}
}

// While one node runs tests, another leaves them alone; a node that died holds nobody up for ever.
func TestOnlyOneNodeRunsTests(t *testing.T) {
	w := newWatch(t)
	w.bring(ownedServers)
	other := w.node(w.store, w.vault, "two")
	if _, err := other.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Once(t.Context()); !errors.Is(err, ErrRunning) {
		t.Errorf("the error is %v", err)
	}
	w.advance(controlLease)
	if w.once() != 1 {
		t.Error("a node that died keeps the tests from running")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	w.Run(ctx)
}
