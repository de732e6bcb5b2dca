package security

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"binnacle/model"
)

// hide adds confidential risks, findings, vulnerabilities, incidents and what belongs to them, about an application and a host.
func (w *world) hide(app *model.Application, host *model.Host, who *model.Person) {
	dark := func(rec model.Record, key string) model.Record {
		named(rec, key+"-in-the-dark", secretWord)
		rec.Base().Confidential, rec.Base().Owner = true, who.Ref()
		return rec
	}
	at := model.TimeOf(model.MustDate("2026-01-01").Time())
	framework := dark(&model.Framework{}, "framework")
	w.Put(framework)
	requirement := dark(&model.Requirement{Framework: framework.Base().Ref(), Number: "1"}, "requirement")
	w.Put(requirement)
	control := dark(&model.Control{Satisfies: []model.Satisfaction{{Requirement: requirement.Base().Ref(), Coverage: "full"}}}, "control")
	w.Put(control)
	test := dark(&model.ControlTest{Controls: []model.Ref{control.Base().Ref()}, Kind: "Host", Rule: "has(record.owner)"}, "test")
	w.Put(test)
	w.Put(dark(&model.Risk{State: "open", Assets: []model.Ref{app.Ref()}}, "risk"),
		dark(&model.Observation{Test: test.Base().Ref(), Result: model.TestFailed, Collected: at, Text: secretWord, Subjects: []model.Ref{host.Ref()}}, "observation"),
		dark(&model.Finding{State: model.FindingOpen, Severity: "high", Test: test.Base().Ref(), Subjects: []model.Ref{host.Ref()}, Opened: at.Date(), Due: at.Date().AddDays(9)}, "finding"),
		dark(&model.Exception{State: "requested", Reason: secretWord, From: []model.Ref{control.Base().Ref()}, AskedBy: who.Ref(), Expires: model.MustDate("2028-01-01")}, "exception"),
		dark(&model.PlanItem{State: "open", Due: at.Date()}, "plan"),
		dark(&model.Advisory{}, "advisory"),
		dark(&model.ScanFinding{Target: secretWord}, "scan"),
		dark(&model.VexStatement{Vulnerability: "CVE-2027-0001", Status: "affected", Subjects: []model.Ref{app.Ref()}, Impact: secretWord}, "vex"),
		dark(&model.SecurityIncident{Severity: "high", Affected: []model.Ref{app.Ref()}, Detected: at}, "incident"),
		dark(&model.Credential{}, "credential"),
		dark(&model.Policy{State: "in_force", Edition: "1", Text: secretWord, InForce: at.Date()}, "policy"),
		dark(&model.ProcessingActivity{}, "activity"),
		dark(&model.DataSubjectRequest{Type: "access", Received: at.Date()}, "request"),
		dark(&model.UserAccount{System: host.Ref(), UserName: secretWord}, "user"))
}

// TestB5_ScannerBombs holds that files of scanners, advisories and frameworks that are small outside and large inside are refused or read in time, and
// that none brings a file of this machine.
func TestB5_ScannerBombs(t *testing.T) {
	w := newWorld(t)
	v := w.withToken(t, "cio", "approve")
	laughs := `<?xml version="1.0"?><!DOCTYPE catalog [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>`
	outside := `<?xml version="1.0"?><!DOCTYPE catalog SYSTEM "file:///etc/passwd" [<!ENTITY d SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]>`
	oscal := `<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0" uuid="11111111-1111-4111-8111-111111111111"><metadata><title>&d;</title></metadata><control id="a-1"><title>&d;</title></control></catalog>`
	yaml := "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\ncatalog:\n  uuid: 11111111-1111-4111-8111-111111111111\n  groups: *f\n"
	deep := func(head string) string { return head + strings.Repeat(`{"a":[`, 60000) }
	deepGroups := `{"catalog":{"uuid":"11111111-1111-4111-8111-111111111111","metadata":{"title":"x"},"groups":[` + strings.Repeat(`{"title":"g","groups":[`, 4000) + strings.Repeat(`]}`, 4000) + `]}}`
	cases := map[string]string{
		"oscal laughs.xml":  laughs + oscal,
		"oscal outside.xml": outside + oscal,
		"oscal bomb.yaml":   yaml,
		"oscal groups.json": deepGroups,
		"deep catalog.json": deep(`{"catalog":`),
		"deep sarif.json":   deep(`{"version":"2.1.0","$schema":"sarif-2.1.0.json","runs":`),
		"deep csaf.json":    deep(`{"document":{"csaf_version":"2.0","category":"csaf_vex"},"product_tree":`),
		"branches.json":     `{"document":{"csaf_version":"2.0","category":"csaf_vex","title":"x","tracking":{"id":"x"}},"product_tree":{"branches":[` + strings.Repeat(`{"category":"vendor","name":"x","branches":[`, 4000) + strings.Repeat(`]}`, 4000) + `]}}`,
		"deep osv.json":     deep(`{"id":"X-1","modified":"2026-01-01T00:00:00Z","affected":`),
		"deep vex.json":     deep(`{"@context":"https://openvex.dev/ns/v0.2.0","statements":`),
		"deep trivy.json":   deep(`{"SchemaVersion":2,"Results":`),
		"deep grype.json":   deep(`{"matches":[],"descriptor":{"name":"grype"},"source":`),
		"deep bom.json":     deep(`{"bomFormat":"CycloneDX","specVersion":"1.5","vulnerabilities":`),
		"many runs.json":    `{"version":"2.1.0","runs":[` + strings.TrimSuffix(strings.Repeat(`{"tool":{"driver":{"name":"x"}},"results":[]},`, 100000), ",") + `]}`,
		"aliases.json":      `{"id":"X-1","modified":"2026-01-01T00:00:00Z","aliases":[` + strings.TrimSuffix(strings.Repeat(`"CVE-2027-1",`, 300000), ",") + `]}`,
	}
	for name, body := range cases {
		w.Advance(time.Minute)
		start := time.Now()
		r := v.do(http.MethodPost, "/api/v1/imports?dry_run=true&name="+strings.ReplaceAll(name, " ", "-"), bytes.NewReader([]byte(body)), "Content-Type", "application/octet-stream")
		if r.status >= 500 || strings.Contains(r.body, "root:") || strings.Contains(r.body, "hahaha") {
			t.Errorf("%s: %v", name, r)
		}
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}
