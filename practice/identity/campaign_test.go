package identity_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/identity"
	"binnacle/practice/practicetest"
)

// harbour is a company in which Ada reports to Ben, Ben to Cy, and Cy to nobody. Cy owns the ledger.
const harbour = `
- {kind: Person, key: ada, name: Ada, manager: ben}
- {kind: Person, key: ben, name: Ben, manager: cy}
- {kind: Person, key: cy, name: Cy}
- {kind: Application, key: ledger, name: Ledger, owner: Person/cy}
- {kind: Entitlement, key: pay, name: Pay, system: ledger}
- {kind: Entitlement, key: root, name: Root, system: ledger, privileged: true}
- {kind: UserAccount, key: ada, system: ledger, user_name: ada, person: ada, last_sign_in: 2026-11-20T08:00:00Z, sightings: [{source: "grants:ledger", external: ada}]}
- {kind: UserAccount, key: ben, system: ledger, user_name: ben, person: ben, last_sign_in: 2026-11-20T08:00:00Z}
- {kind: UserAccount, key: cy, system: ledger, user_name: cy, person: cy, last_sign_in: 2026-11-20T08:00:00Z}
- {kind: Grant, key: ada-pay, account: ada, entitlement: pay, sightings: [{source: "grants:ledger", external: ada-pay}]}
- {kind: Grant, key: ben-root, account: ben, entitlement: root}
- {kind: Grant, key: cy-root, account: cy, entitlement: root}
- {kind: AccessReview, key: q4, name: Fourth quarter, state: planned, reviewed_by: by_manager, owner: Person/ben}
`

// campaign is an estate on which actions are carried out one after the other.
type campaign struct {
	t    *testing.T
	snap *estate.Snapshot
	day  model.Date
}

func (c *campaign) view() estate.View {
	now := model.TimeOf(c.day.Time()) + 10*3600*1000
	return c.snap.View(c.day).With(practice.Beside{Now: now, Practices: []*practice.Practice{&identity.Practice}, Anybody: true})
}

// do carries out an action and returns the error that it answers with, or nothing.
func (c *campaign) do(name string, parameters map[string]any) string {
	c.t.Helper()
	asked, err := practice.Find([]*practice.Practice{&identity.Practice}, "identity."+name)
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := asked.Ask(c.view(), parameters)
	if err != nil {
		return err.Error()
	}
	c.apply(answer.(practice.Proposal).Changes...)
	return ""
}

func (c *campaign) apply(changes ...model.Change) {
	c.t.Helper()
	for i := range changes {
		if rec := changes[i].Result(); rec != nil {
			for _, p := range c.snap.Schema().Of(rec).Check(rec) {
				c.t.Fatalf("%s would be refused: %v", rec.Base().Key, p)
			}
		}
	}
	stamp := c.snap.Stamp()
	snap, err := c.snap.Apply(model.Stamp{Seq: stamp.Seq + 1}, changes)
	if err != nil {
		c.t.Fatal(err)
	}
	c.snap = snap
}

func (c *campaign) item(key string) *model.ReviewDecision {
	c.t.Helper()
	d, ok := c.snap.Find("ReviewDecision", key).(*model.ReviewDecision)
	if !ok {
		c.t.Fatalf("there is no item %s", key)
	}
	return d
}

func (c *campaign) passes(name string) bool {
	c.t.Helper()
	asked, err := practice.Find([]*practice.Practice{&identity.Practice}, "identity."+name)
	if err != nil {
		c.t.Fatal(err)
	}
	answer, err := asked.Ask(c.view(), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer.(practice.Verdict).Pass
}

// TestCampaign leads an access review from its opening to the evidence that what was to go has gone.
func TestCampaign(t *testing.T) {
	snap, err := practicetest.Estate(harbour)
	if err != nil {
		t.Fatal(err)
	}
	c := &campaign{t, snap, model.MustDate("2026-11-22")}
	must := func(name string, parameters map[string]any) {
		t.Helper()
		if problem := c.do(name, parameters); problem != "" {
			t.Fatalf("%s: %s", name, problem)
		}
	}
	fails := func(says, name string, parameters map[string]any) {
		t.Helper()
		if problem := c.do(name, parameters); !strings.Contains(problem, says) {
			t.Fatalf("%s answers %q; it should say %q", name, problem, says)
		}
	}
	must("open_review", map[string]any{"review": "q4"})

	// Ada is reviewed by Ben, Ben by Cy. Cy has no manager and owns the ledger, and is reviewed by Ben, who owns the review.
	got := map[string]string{}
	for _, key := range []string{"q4-00001", "q4-00002", "q4-00003"} {
		d := c.item(key)
		got[d.AccountName+" "+d.EntitlementName] = c.snap.Get(d.Reviewer).Base().Key
	}
	if diff := cmp.Diff(map[string]string{"ada Pay": "ben", "ben Root": "cy", "cy Root": "ben"}, got); diff != "" {
		t.Fatalf("reviewers (-want +got):\n%s", diff)
	}

	fails("nobody has looked", "decide", map[string]any{"items": "q4-00001", "by": "ben", "decision": "revoke"})
	must("look", map[string]any{"item": "q4-00001", "by": "ben"})
	must("look", map[string]any{"item": "q4-00002", "by": "cy"})
	fails("own access", "decide", map[string]any{"items": "q4-00002", "by": "ben", "decision": "keep", "reason": "I need it"})
	fails("privileged", "decide", map[string]any{"items": "q4-00002", "by": "cy", "decision": "keep"})
	must("decide", map[string]any{"items": "q4-00002", "by": "cy", "decision": "keep", "reason": "Ben runs the ledger"})
	fails("in use", "decide", map[string]any{"items": "q4-00001", "by": "ben", "decision": "revoke"})
	must("decide", map[string]any{"items": "q4-00001", "by": "ben", "decision": "revoke", "reason": "Ada moved to the quay"})

	// What is frozen does not follow the estate.
	before := c.snap.Find("Entitlement", "pay").(*model.Entitlement)
	after := model.Clone(before)
	after.Name = "Something else"
	change, _ := model.Difference(c.snap.Schema().Of(after), before, after)
	c.apply(change)
	if name := c.item("q4-00001").EntitlementName; name != "Pay" {
		t.Errorf("the frozen item is called %s", name)
	}

	c.day = c.day.AddDays(31)
	if c.passes("reviews_in_time") {
		t.Error("one item is late, and the check passes")
	}
	must("close_review", map[string]any{"review": "q4"})
	if d := c.item("q4-00003"); d.Decision != model.VerdictRevoke || !d.DecidedBy.IsZero() {
		t.Errorf("what nobody decided about is %s by %v", d.Decision, d.DecidedBy)
	}
	if !c.passes("reviews_in_time") || c.passes("revocations_done") {
		t.Error("the review is closed in time, and Ada's grant is still there after 31 days")
	}

	// An import no longer has the grant of Ada, and the record of Cy's is removed.
	grant := c.snap.Find("Grant", "ada-pay").(*model.Grant)
	stale := model.Clone(grant)
	stale.Sightings = []model.Sighting{{Source: "grants:ledger", External: "ada-pay", Stale: model.TimeOf(c.day.Time())}}
	seen, _ := model.Difference(c.snap.Schema().Of(stale), grant, stale)
	removed, _ := model.Difference(c.snap.Schema().Of(grant), c.snap.Find("Grant", "cy-root"), nil)
	c.apply(seen, removed)
	must("verify_revocations", nil)
	for key, by := range map[string]string{"q4-00001": "grants:ledger", "q4-00003": "estate"} {
		if d := c.item(key); d.GoneBy != by || d.Gone.IsZero() || d.Verified != c.day {
			t.Errorf("%s went by %q on %v, verified %v", key, d.GoneBy, d.Gone, d.Verified)
		}
	}
	if !c.passes("revocations_done") {
		t.Error("everything has gone, and the check fails")
	}

	// Somebody gives Ada the grant again: that shows.
	gone := c.snap.Find("Grant", "ada-pay").(*model.Grant)
	back := model.Clone(gone)
	back.Sightings = []model.Sighting{{Source: "grants:ledger", External: "ada-pay"}}
	again, _ := model.Difference(c.snap.Schema().Of(back), gone, back)
	c.apply(again)
	if c.passes("revocations_done") {
		t.Error("the grant came back, and the check passes")
	}
}
