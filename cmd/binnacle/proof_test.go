package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/feed"
	"binnacle/hooks"
	"binnacle/journal/journaltest/pgtest"
	"binnacle/model"
	"binnacle/outbound"
	"binnacle/practice"
	practices "binnacle/practice/all"
	"binnacle/practice/compliance"
	"binnacle/practice/controls"
	"binnacle/store"
)

// proof is a house on one back end with a clock of its own, as it is put together for serving.
type proof struct {
	*door.House
	t     *testing.T
	store *store.Store
	mu    sync.Mutex
	clock time.Time
	told  []string
}

func (p *proof) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.clock
}

func (p *proof) advance(by time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clock = p.clock.Add(by)
}

// openProof opens a house whose parts are at the places that are named.
func openProof(t *testing.T, journalAt, vaultAt, factsAt string) *proof {
	p := &proof{t: t, clock: time.Date(2027, 7, 1, 9, 0, 0, 0, time.UTC)}
	j, err := openJournal(t.Context(), journalAt)
	if err != nil {
		t.Fatal(err)
	}
	if p.store, err = store.Open(t.Context(), j, store.Options{Now: p.now}); err != nil {
		t.Fatal(err)
	}
	v, err := openVault(t.Context(), vaultAt)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := openFacts(t.Context(), factsAt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.store.Close()
		lines.Close()
		v.Close()
	})
	p.House = door.Open(door.Config{Store: p.store, Vault: v, Facts: lines, Temp: t.TempDir(), Access: access.New(p.store, v, access.Options{Now: p.now}), Practices: practices.Practices(),
		Client: outbound.New(outbound.Policy{Allow: []string{"127.0.0.1"}}), Version: "test", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	return p
}

// as returns the principal of an account.
func (p *proof) as(account string) *access.Principal {
	p.t.Helper()
	rec := p.store.Snapshot().Find("Account", account)
	if rec == nil {
		p.t.Fatalf("there is no account %s", account)
	}
	out, err := p.Access.Principal(rec.Base().Ref())
	if err != nil {
		p.t.Fatal(err)
	}
	whole := *out
	whole.Session, whole.Proved = "test", p.now()
	return &whole
}

// begin makes the first person, an account for each other one, and a webhook that tells of findings, risks and the plan.
func (p *proof) begin(people map[string]string) {
	p.t.Helper()
	code, err := p.Access.SetupCode(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.Access.CreateFirst(p.t.Context(), access.First{Code: code, FullName: "Ada Day", UserName: "ada", Password: "a compass for the steering", Roles: []string{"cio", "compliance-officer"}, From: "192.0.2.1"}); err != nil {
		p.t.Fatal(err)
	}
	for person, role := range people {
		a := &model.Account{UserName: person, State: "active", Person: p.find("Person", person).Base().Ref(), Roles: []model.Ref{p.find("Role", role).Base().Ref()}}
		a.Key, a.Name = person, person
		p.put(a)
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.told = append(p.told, string(body))
	}))
	p.t.Cleanup(receiver.Close)
	hook := &model.Webhook{URL: receiver.URL, Account: p.find("Account", "ada").Base().Ref(), Kinds: []string{"Finding", "Risk", "PlanItem"}}
	hook.Key = "hook"
	p.put(hook)
	if _, err := hooks.NewSecret(p.t.Context(), p.House, p.as("ada"), hook.Ref()); err != nil {
		p.t.Fatal(err)
	}
	p.messages()
}

func (p *proof) find(kind, key string) model.Record {
	p.t.Helper()
	rec := p.store.Snapshot().Find(kind, key)
	if rec == nil {
		p.t.Fatalf("there is no %s/%s", kind, key)
	}
	return rec
}

func (p *proof) put(rec model.Record) {
	p.t.Helper()
	rec.Base().ID, rec.Base().Origin = p.store.NewID(), model.PersonSource
	c, _ := model.Difference(p.store.Snapshot().Schema().Of(rec), nil, rec)
	if _, err := p.store.Commit(p.t.Context(), store.Tx{Who: "test", Source: model.PersonSource, Changes: []model.Change{c}}); err != nil {
		p.t.Fatal(err)
	}
}

// bring imports a manifest in the name of the first person, and returns the number of its entry.
func (p *proof) bring(source, text string) uint64 {
	p.t.Helper()
	report, err := p.Import(p.t.Context(), p.as("ada"), door.ImportRequest{Files: []feed.Input{{Name: source + ".yaml", Data: []byte(text)}}, Source: source, Why: "Bring " + source})
	if err != nil {
		p.t.Fatal(err)
	}
	if report.Total.Refused > 0 {
		p.t.Fatalf("refused: %v %s", report.Files[0].Refused, report.Files[0].Error)
	}
	return p.Head().Seq
}

// run lets the runner of control tests that serves work until it has written an entry.
func (p *proof) run() {
	p.t.Helper()
	ctx, stop := context.WithTimeout(p.t.Context(), 20*time.Second)
	defer stop()
	before := p.Head().Seq
	changed := p.Watch(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		p.RunControls(ctx)
	}()
	for p.Head().Seq == before {
		select {
		case <-changed:
		case <-ctx.Done():
			p.t.Fatal("the runner of control tests wrote nothing")
		}
	}
	stop()
	<-over
}

// messages sends what webhooks are to tell, and returns the changes that were told, as operation Kind/key.
func (p *proof) messages() []string {
	p.t.Helper()
	hooks.New(p.House).Once(p.t.Context())
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []string
	for _, body := range p.told {
		var m struct {
			Data struct {
				Changes []struct{ Op, Kind, Key string }
			}
		}
		if err := json.Unmarshal([]byte(body), &m); err != nil {
			p.t.Fatal(err)
		}
		for _, c := range m.Data.Changes {
			out = append(out, c.Op+" "+c.Kind+"/"+c.Key)
		}
	}
	p.told = nil
	return out
}

// asked returns the answer to a question at a moment, as somebody sees it.
func asked[Out any](p *proof, who string, m door.Moment, question string, parameters map[string]any) Out {
	p.t.Helper()
	answer, err := p.Ask(p.t.Context(), p.as(who), m, question, parameters)
	if err != nil {
		p.t.Fatal(err)
	}
	out, ok := answer.Value.(Out)
	if !ok {
		p.t.Fatalf("%s answers with %T", question, answer.Value)
	}
	return out
}

// testStands returns how the one control test stands at a moment.
func (p *proof) testStands(m door.Moment) controls.State {
	p.t.Helper()
	out := asked[compliance.TestsOut](p, "ada", m, "compliance.tests", nil)
	if len(out.Tests.Rows) != 1 {
		p.t.Fatalf("there are %d tests", len(out.Tests.Rows))
	}
	return out.Tests.Rows[0].State
}

// requirementStands returns how the one requirement stands on the page of its framework.
func (p *proof) requirementStands(m door.Moment) compliance.State {
	p.t.Helper()
	out := asked[compliance.FrameworkOut](p, "ada", m, "compliance.framework", map[string]any{"framework": "code"})
	for _, row := range out.Requirements.Rows {
		if row.Requirement.Key == "code-1" {
			return row.State
		}
	}
	p.t.Fatal("the requirement is not on the page")
	return ""
}

// evidence returns the files of the evidence package of a scope, and the package itself.
func (p *proof) evidence(m door.Moment) (map[string]string, practice.File) {
	p.t.Helper()
	out := asked[compliance.EvidencePackageOut](p, "ada", m, "compliance.evidence_package", map[string]any{"scope": "company"})
	r, err := zip.NewReader(bytes.NewReader(out.Package.Content), int64(len(out.Package.Content)))
	if err != nil {
		p.t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			p.t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			p.t.Fatal(err)
		}
		files[f.Name] = string(data)
	}
	return files, out.Package
}

// notices returns the texts of what somebody is told without asking.
func (p *proof) notices(who string) []string {
	p.t.Helper()
	all, err := p.Notices(p.t.Context(), p.as(who), 20*time.Second)
	if err != nil || len(all.Waiting)+len(all.Failed) > 0 {
		p.t.Fatalf("notices: %v, waiting %v, failed %v", err, all.Waiting, all.Failed)
	}
	var out []string
	for _, n := range all.List {
		out = append(out, n.Question+": "+n.Text)
	}
	return out
}

const codeOfConduct = `
- kind: Framework
  key: code
  name: The Code
- kind: Requirement
  key: code-1
  framework: code
  number: C-1
  name: No server runs what is out of support
  type: requirement
- kind: ComplianceScope
  key: company
  name: The company
  frameworks: [code]
- kind: Control
  key: renewal
  name: Systems are renewed in time
  owner: ben
  satisfies:
    - requirement: code-1
- kind: ControlTest
  key: no-old-systems
  name: No old systems
  controls: [renewal]
  ControlTest.kind: Host
  rule: '!has(record.operating_system) || record.operating_system != "Debian 8"'
  severity: high
  treat: plan
- kind: Host
  key: s1
  owner: ben
`

// The story of a control: it is proved, an import breaks it, everybody who must act hears of it, what was proved before
// stays proved as of then, the import is taken back, and the control is proved again. All of it can be taken away as evidence.
func TestFromImportToProof(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		dir := t.TempDir()
		fromImportToProof(openProof(t, filepath.Join(dir, "binnacle.db"), filepath.Join(dir, "vault.db"), filepath.Join(dir, "facts.db")))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		at := pgtest.Database(t)
		fromImportToProof(openProof(t, at, at, at))
	})
}

func fromImportToProof(p *proof) {
	t := p.t
	ben, cleo := &model.Person{}, &model.Person{}
	ben.Key, ben.Name, cleo.Key, cleo.Name = "ben", "Ben Oar", "cleo", "Cleo Fry"
	p.put(ben)
	p.put(cleo)
	p.begin(map[string]string{"ben": "engineer", "cleo": "engineer"})
	p.bring("policy", codeOfConduct)

	p.run()
	if got := p.testStands(door.Moment{}); got != controls.Passed {
		t.Fatalf("at first the test stands %s", got)
	}
	if got := p.requirementStands(door.Moment{}); got != compliance.Satisfied {
		t.Fatalf("at first the requirement is %s", got)
	}
	if got := p.messages(); len(got) > 0 {
		t.Errorf("told before anything failed: %v", got)
	}
	if got := p.notices("ben"); len(got) > 0 {
		t.Errorf("ben is told before anything failed: %v", got)
	}
	before := door.Moment{AsOf: p.Head().At.String()}
	filesBefore, packageBefore := p.evidence(door.Moment{})
	if page := filesBefore["index.html"]; !strings.Contains(page, "passed") || strings.Contains(page, "No old systems fails") {
		t.Errorf("the page of the evidence is:\n%s", page)
	}

	p.advance(time.Hour)
	broken := p.bring("discovery", "kind: Host\nkey: s1\noperating_system: Debian 8\n")
	p.advance(time.Minute)
	p.run()
	p.afterTheImport(before)
	filesBroken, _ := p.evidence(door.Moment{})
	if page := filesBroken["index.html"]; !strings.Contains(page, "No old systems fails") {
		t.Errorf("the evidence does not show the failure:\n%s", page)
	}
	if _, again := p.evidence(before); !bytes.Equal(again.Content, packageBefore.Content) {
		t.Error("the evidence package as of before the import is another than it was then")
	}

	p.advance(time.Hour)
	if _, err := p.Undo(t.Context(), p.as("ada"), broken, "", false); err != nil {
		t.Fatal(err)
	}
	p.advance(time.Minute)
	p.run()
	p.afterTheUndo(before)
	filesAfter, _ := p.evidence(door.Moment{})
	if runs := strings.Count(filesAfter["records.json"], `{"kind":"Observation","record":`); runs != 3 {
		t.Errorf("the evidence has %d observations", runs)
	}
}

// afterTheImport looks at everything that follows from the broken control.
func (p *proof) afterTheImport(before door.Moment) {
	t := p.t
	t.Helper()
	if now, then := p.testStands(door.Moment{}), p.testStands(before); now != controls.Failed || then != controls.Passed {
		t.Errorf("after the import the test stands %s, and as of before %s", now, then)
	}
	if now, then := p.requirementStands(door.Moment{}), p.requirementStands(before); now != compliance.NotSatisfied || then != compliance.Satisfied {
		t.Errorf("after the import the requirement is %s, and as of before %s", now, then)
	}
	told := p.messages()
	for _, want := range []string{"create Finding/finding-no-old-systems-2027-07-01", "create Risk/risk-no-old-systems-2027-07-01", "create PlanItem/plan-no-old-systems-2027-07-01"} {
		if !slices.Contains(told, want) {
			t.Errorf("the webhook was not told %q but %v", want, told)
		}
	}
	want := "compliance.findings: No old systems fails, to be mended by 2027-07-31."
	if got := p.notices("ben"); !slices.Contains(got, want) {
		t.Errorf("the owner of the control is told %v", got)
	}
	if got := p.notices("cleo"); slices.Contains(got, want) {
		t.Error("somebody who has nothing to do with it is told")
	}
	plan := asked[compliance.PlanOut](p, "ada", door.Moment{}, "compliance.plan", nil)
	if plan.Open.Value != 1 {
		t.Errorf("the plan has %v open items", plan.Open.Value)
	}
}

// afterTheUndo looks at everything that follows from taking the import back.
func (p *proof) afterTheUndo(before door.Moment) {
	t := p.t
	t.Helper()
	if now, then := p.testStands(door.Moment{}), p.testStands(before); now != controls.Passed || then != controls.Passed {
		t.Errorf("after the undo the test stands %s, and as of before the import %s", now, then)
	}
	if now := p.requirementStands(door.Moment{}); now != compliance.Satisfied {
		t.Errorf("after the undo the requirement is %s", now)
	}
	f := p.find("Finding", "finding-no-old-systems-2027-07-01").(*model.Finding)
	item := p.find("PlanItem", "plan-no-old-systems-2027-07-01").(*model.PlanItem)
	risk := p.find("Risk", "risk-no-old-systems-2027-07-01").(*model.Risk)
	if f.State != model.FindingMended || item.State != model.PlanDone || risk.State != model.RiskOpen {
		t.Errorf("after the undo the finding is %s, the item %s and the risk %s", f.State, item.State, risk.State)
	}
	if told := p.messages(); !slices.Contains(told, "edit Finding/"+f.Key) {
		t.Errorf("the webhook was not told that the finding is mended: %v", told)
	}
	if got := p.notices("ben"); slices.ContainsFunc(got, func(n string) bool { return strings.HasPrefix(n, "compliance.findings") }) {
		t.Errorf("the owner is told of what is mended: %v", got)
	}
}
