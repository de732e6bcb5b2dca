package demo

import (
	"slices"
	"strings"
	"testing"
	"time"

	"binnacle/model"
)

// The tests of this file find what README.md says about risks, controls, rules and incidents.

// thisMoment is the last second of the day on which the demo company is looked at.
var thisMoment = model.TimeOf(today.Time().Add(24*time.Hour - time.Second))

// newest returns the newest observation of each test by the key of the test.
func newest(c *company) map[string]*model.Observation {
	out := map[string]*model.Observation{}
	for _, o := range all[*model.Observation](c) {
		key := c.key(o.Test)
		if out[key] == nil || o.Collected > out[key].Collected {
			out[key] = o
		}
	}
	return out
}

func TestRisksOfEverySort(t *testing.T) {
	c := load(t)
	open := func(r *model.Risk) bool { return r.State != model.RiskClosed }
	wantKeys(t, "open risks without ranges", pick(c, func(r *model.Risk) bool { return open(r) && len(r.Losses) == 0 }), "key-people-leave")
	wantKeys(t, "risks whose acceptance is over", pick(c, func(r *model.Risk) bool {
		return r.Treatment == model.TreatAccept && r.AcceptedUntil < today
	}), "fare-error")
	wantKeys(t, "accepted risks", pick(c, func(r *model.Risk) bool { return r.State == model.RiskAccepted }), "fare-error", "old-windows-gates", "payroll-insider")
	wantKeys(t, "reviews that are overdue", pick(c, func(r *model.Risk) bool { return open(r) && r.ReviewBy < today }), "key-people-leave", "port-supplier-insolvent")
	wantKeys(t, "risks nobody decided about", pick(c, func(r *model.Risk) bool { return r.Treatment == model.TreatUndecided }), "key-people-leave", "port-supplier-insolvent")
	wantKeys(t, "risks that come with the season of extortion", pick(c, func(r *model.Risk) bool {
		return slices.ContainsFunc(r.Causes, func(s model.CauseShare) bool { return c.key(s.Cause) == "criminals-season" })
	}), "card-data-shop", "ddos-shop", "old-windows-gates", "ransomware-booking")
	if n := len(all[*model.Risk](c)); n != 15 {
		t.Errorf("%d risks", n)
	}
}

func TestOneEstimatorIsOverconfident(t *testing.T) {
	c := load(t)
	wantKeys(t, "rounds with less than six of ten ranges right", pick(c, func(r *model.CalibrationRound) bool {
		asked, right := 0, 0
		for _, a := range r.Answers {
			if a.Type == model.CalibrationRangeType {
				if asked++; a.Right() {
					right++
				}
			}
		}
		if asked < 10 {
			t.Errorf("%s has %d ranges; ten are needed for a score", r.Key, asked)
		}
		return float64(right) < 0.6*float64(asked)
	}), "lsmit-2026-09")
}

// Answers of the rounds are held against the same truth in each of them.
func TestCalibrationAgreesOnTheTruth(t *testing.T) {
	c := load(t)
	truth := map[string]model.CalibrationAnswer{}
	for _, r := range all[*model.CalibrationRound](c) {
		for _, a := range r.Answers {
			if before, ok := truth[a.Question]; ok && (before.Number != a.Number || before.Holds != a.Holds) {
				t.Errorf("%s: %s has two truths", r.Key, a.Question)
			}
			truth[a.Question] = a
		}
	}
}

func TestTestsOfEveryStanding(t *testing.T) {
	c := load(t)
	last := newest(c)
	by := map[string][]string{}
	for key := range all[*model.ControlTest](c) {
		switch o := last[key]; {
		case o == nil:
			by["untested"] = append(by["untested"], key)
		case o.Result == model.TestFailed:
			by["failed"] = append(by["failed"], key)
		case o.Expires < thisMoment:
			by["stale"] = append(by["stale"], key)
		case o.Result == model.TestPassed:
			by["passed"] = append(by["passed"], key)
		}
	}
	wantKeys(t, "tests that were never done", by["untested"], "t-position")
	wantKeys(t, "tests whose result is too old", by["stale"], "t-night", "t-port-day")
	wantKeys(t, "tests that failed", by["failed"], "t-acceptances", "t-applications-owned", "t-attested", "t-bills-present", "t-certificates", "t-duties", "t-exploited", "t-hardware-listed", "t-leavers", "t-patched", "t-plan",
		"t-policies-reviewed", "t-privileged", "t-retention", "t-single-points", "t-supported", "t-suppliers-proven", "t-weak-tls")
	if n := len(by["passed"]); n != 16 {
		t.Errorf("%d tests passed: %v", n, by["passed"])
	}
}

// Whatever failed last has an open finding, so that nothing fails and nobody knows.
func TestEveryFailureHasAFinding(t *testing.T) {
	c := load(t)
	found := map[string]bool{}
	for _, f := range all[*model.Finding](c) {
		if f.State == model.FindingOpen && !f.Test.IsZero() {
			found[c.key(f.Test)] = true
		}
	}
	for key, o := range newest(c) {
		if failed := o.Result == model.TestFailed; failed != found[key] {
			t.Errorf("%s: failed is %v, an open finding is %v", key, failed, found[key])
		}
	}
}

func TestPlanAndExceptions(t *testing.T) {
	c := load(t)
	wantKeys(t, "items of the plan that are late", pick(c, func(p *model.PlanItem) bool {
		return (p.State == model.PlanOpen || p.State == model.PlanRunning) && p.Due < today
	}), "p-leavers")
	wantKeys(t, "findings that are late", pick(c, func(f *model.Finding) bool { return f.State == model.FindingOpen && f.Due < today }), "f-leavers")
	wantKeys(t, "exceptions that ended while their finding is open", pick(c, func(e *model.Exception) bool {
		return e.State == model.ExceptionApproved && !e.Expires.IsZero() && e.Expires < today && slices.ContainsFunc(e.From, func(r model.Ref) bool {
			f, ok := c.records[c.names[r]].(*model.Finding)
			return ok && f.State == model.FindingOpen
		})
	}), "x-leaver-accounts")
	wantKeys(t, "exceptions of this file without an end", pick(c, func(e *model.Exception) bool { return e.Expires.IsZero() }), "x-load-test")
	if e := get[*model.Exception](t, c, "x-windows-gates"); e.Expires != today.AddDays(20) {
		t.Errorf("x-windows-gates ends on %s, not in 20 days", e.Expires)
	}
}

func TestAuditAndTheOneBefore(t *testing.T) {
	c := load(t)
	by := map[string][]string{}
	for key, r := range all[*model.AuditRequest](c) {
		by[string(r.State)] = append(by[string(r.State)], key)
	}
	wantKeys(t, "requests that are open", by["open"], "r-2026-04", "r-2026-06", "r-2026-08")
	wantKeys(t, "requests that came back", by["returned"], "r-2026-05")
	wantKeys(t, "requests that were answered", by["answered"], "r-2026-02", "r-2026-07")
	wantKeys(t, "requests that were accepted", by["accepted"], "r-2026-01", "r-2026-03")
	wantKeys(t, "requests that wait and are late", pick(c, func(r *model.AuditRequest) bool {
		return (r.State == model.RequestOpen || r.State == model.RequestReturned) && r.Due < today
	}), "r-2026-04", "r-2026-05")
	if a := get[*model.Audit](t, c, "customers-2026"); c.key(a.Before) != "customers-2025" {
		t.Errorf("the audit before is %s", c.key(a.Before))
	}
}

func TestEveryRelationIsMapped(t *testing.T) {
	c := load(t)
	seen := map[string]bool{}
	for _, m := range all[*model.RequirementMapping](c) {
		seen[string(m.Relation)] = true
	}
	for _, o := range model.EqualTo.Options() {
		if !seen[o.Value] {
			t.Errorf("no mapping is %s", o.Value)
		}
	}
	wantKeys(t, "mappings that nobody agreed to", pick(c, func(m *model.RequirementMapping) bool { return m.State == "draft" }), "hb-4-4-ca-1")
}

func TestPolicies(t *testing.T) {
	c := load(t)
	wantKeys(t, "rules past their review", pick(c, func(p *model.Policy) bool { return p.State == "in_force" && p.ReviewBy < today }), "backup-and-restore")
	wantKeys(t, "rules that are drafts", pick(c, func(p *model.Policy) bool { return p.State == "draft" }), "machine-learning-tools")
	wantKeys(t, "rules that everybody is to confirm", pick(c, func(p *model.Policy) bool { return p.Attest }), "acceptable-use")
	staff := len(pick(c, func(p *model.Person) bool { return p.Left.IsZero() || p.Left > today }))
	confirmed := map[model.Ref]bool{}
	for _, a := range all[*model.Attestation](c) {
		confirmed[a.Person] = true
	}
	if share := float64(len(confirmed)) / float64(staff); share < 0.595 || share > 0.605 {
		t.Errorf("%d of %d people have confirmed; 60 %% was planted", len(confirmed), staff)
	}
}

func TestIncidentsAndTheirClocks(t *testing.T) {
	c := load(t)
	wantKeys(t, "incidents that are open", pick(c, func(i *model.SecurityIncident) bool { return i.State != model.IncidentClosed }), "sec-2026-041")
	i := get[*model.SecurityIncident](t, c, "sec-2026-041")
	due := i.Confirmed.Time().Add(72 * time.Hour)
	if !i.PersonalData || due.Before(today.Time()) || due.After(today.Time().Add(48*time.Hour)) {
		t.Errorf("the 72 hours of sec-2026-041 end at %s", due)
	}
	if slices.ContainsFunc(i.Notifications, func(n model.IncidentNotification) bool { return strings.HasPrefix(n.Regime, "GDPR") }) {
		t.Error("the authority has been told already")
	}
	for key, i := range all[*model.SecurityIncident](c) {
		steps := []model.Time{i.Occurred, i.Detected, i.Recovered, i.Closed}
		steps = slices.DeleteFunc(steps, func(m model.Time) bool { return m.IsZero() })
		if !slices.IsSorted(steps) || !slices.IsSortedFunc(i.Timeline, func(a, b model.IncidentEvent) int { return int(a.At - b.At) }) {
			t.Errorf("%s: its times do not rise", key)
		}
	}
}

func TestCredentials(t *testing.T) {
	c := load(t)
	soon := thisMoment + model.Time((14 * 24 * time.Hour).Milliseconds())
	wantKeys(t, "certificates that end within two weeks", pick(c, func(x *model.Credential) bool {
		return x.Type == "certificate" && x.InUse() && x.Expires < soon
	}), "freight-portal-tls")
	wantKeys(t, "keys that are too short", pick(c, func(x *model.Credential) bool {
		return x.Algorithm == "RSA" && x.KeySize < 2048
	}), "customs-tls")
	wantKeys(t, "keys that nobody answers for", pick(c, func(x *model.Credential) bool { return x.Owner.IsZero() }), "gate-ssh")
}
