package demo

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"binnacle/model"
)

// The tests of this file find what is planted about vulnerabilities, personal data, and who may do what.

func TestAdvisoriesAreAboutWhatIsThere(t *testing.T) {
	var advisories []struct {
		ID                string
		Aliases, Upstream []string
		Affected          []struct{ Package struct{ Name string } }
	}
	if err := json.Unmarshal([]byte(text(t, "advisories/osv.json")), &advisories); err != nil {
		t.Fatal(err)
	}
	var boms strings.Builder
	for _, name := range Order {
		if strings.HasPrefix(name, "boms/") {
			boms.WriteString(text(t, name))
		}
	}
	told, nowhere := map[string]bool{}, []string{}
	for _, a := range advisories {
		for _, id := range slices.Concat(a.Aliases, a.Upstream) {
			told[id] = true
		}
		name := strings.Replace(a.Affected[0].Package.Name, ":", "/", 1)
		if !strings.Contains(boms.String(), "/"+name+"@") {
			nowhere = append(nowhere, a.ID)
		}
	}
	wantKeys(t, "advisories about nothing that is here", nowhere, "GHSA-rxwq-x6h5-x525")
	if len(advisories) != 41 {
		t.Errorf("there are %d advisories; 41 were written", len(advisories))
	}
	for file, column := range map[string]string{"advisories/kev.csv": "cveID", "advisories/epss.csv": "cve"} {
		for line := range strings.Lines(text(t, file)) {
			if id, _, _ := strings.Cut(line, ","); strings.HasPrefix(id, "CVE-") && !told[id] {
				t.Errorf("%s: %s %s is in no advisory", file, column, id)
			}
		}
	}
}

func TestExposures(t *testing.T) {
	c := load(t)
	wantKeys(t, "applications that the internet reaches", pick(c, func(a *model.Application) bool { return a.Exposure == model.ExposureOpen }), "web-shop", "mobile-app", "gift-shop", "freight-portal")
	if e := get[*model.Application](t, c, "customs-gateway").Exposure; e != model.ExposureControlled {
		t.Errorf("customs-gateway is %s", e)
	}
	e := get[*model.Exception](t, c, "struts-until-the-freeze-ends")
	if !e.Holds(today) || e.Expires != model.MustDate("2026-12-18") || e.AskedBy == e.ApprovedBy {
		t.Errorf("the exception for Struts is %+v", e)
	}
	if strings.Count(text(t, "boms/booking-engine.cdx.json"), "AGPL-3.0-only") != 1 || !slices.Contains(get[*model.LicencePolicy](t, c, "what-we-ship").Denied, "AGPL-3.0-only") {
		t.Error("one component under a denied licence was planted in booking-engine")
	}
}

func TestPrivacyIsPlanted(t *testing.T) {
	c := load(t)
	wantKeys(t, "processing without a purpose", pick(c, func(a *model.ProcessingActivity) bool { return len(a.Purposes) == 0 && a.Role != "processor" }), "lost-property")
	wantKeys(t, "processing with a transfer without a safeguard", pick(c, func(a *model.ProcessingActivity) bool {
		return slices.ContainsFunc(a.Transfers, func(x model.DataTransfer) bool { return x.Safeguard == "" })
	}), "campaigns")
	assessed := map[string]bool{}
	for _, i := range all[*model.ImpactAssessment](c) {
		for _, a := range i.Activities {
			assessed[c.key(a)] = true
		}
	}
	wantKeys(t, "risky processing that nobody assessed", pick(c, func(a *model.ProcessingActivity) bool { return a.Risky && !assessed[a.Key] }), "campaigns")
	wantKeys(t, "assessments that are outdated", pick(c, func(i *model.ImpactAssessment) bool { return !i.ReviewBy.IsZero() && i.ReviewBy < today }), "employment-2023")
	open := func(r *model.DataSubjectRequest) bool { return r.State == "received" || r.State == "searching" }
	wantKeys(t, "requests that are late", pick(c, func(r *model.DataSubjectRequest) bool {
		return open(r) && r.Extended.IsZero() && r.Received.AddMonths(1) < today
	}), "dsr-2026-016")
	wantKeys(t, "requests that were extended", pick(c, func(r *model.DataSubjectRequest) bool { return open(r) && !r.Extended.IsZero() }), "dsr-2026-014")
	wantKeys(t, "processing that ended and whose data nobody erased", pick(c, func(a *model.ProcessingActivity) bool { return a.State == "ended" && a.Erased.IsZero() }), "jubilee-draw")
}

func TestAccountsArePlanted(t *testing.T) {
	c := load(t)
	people := all[*model.Person](c)
	var leavers, nobody, oneFactor []string
	held := map[string][]string{}
	for _, name := range Order {
		if !strings.HasPrefix(name, "grants/") {
			continue
		}
		for _, r := range rows(t, name) {
			account := r["system"] + ":" + r["account"]
			held[account] = append(held[account], r["entitlement"])
			p := people[r["account"]]
			switch {
			case p != nil && !p.Left.IsZero() && r["state"] == "active":
				leavers = append(leavers, account)
			case p == nil && r["account type"] == "person":
				nobody = append(nobody, account)
			}
			if r["privileged"] == "yes" && r["second factor"] == "no" && r["account type"] == "person" {
				oneFactor = append(oneFactor, account)
			}
		}
	}
	wantKeys(t, "accounts of people who have left", leavers, "sign-on:hbakker", "code-forge:hbakker", "customs-gateway:hbakker")
	wantKeys(t, "accounts of nobody", nobody, "code-forge:jdijkstra", "erp:fin-test", "aws-commerce:demo-day")
	wantKeys(t, "privileged accounts with a password alone", oneFactor, "sign-on:rschouten", "booking-engine:helamrani", "booking-engine:wbakker", "customs-gateway:hbakker", "aws-commerce:demo-day")
	var vendorsAndPayments, salaries []string
	for account, rights := range held {
		has := func(names ...string) bool {
			return slices.ContainsFunc(names, func(n string) bool { return slices.Contains(rights, n) })
		}
		if has("Vendor keeper") && has("Payment approver", "Finance managers") {
			vendorsAndPayments = append(vendorsAndPayments, account)
		}
		if has("Salary editor") && has("Run releaser") {
			salaries = append(salaries, account)
		}
	}
	wantKeys(t, "who creates vendors and approves payments", vendorsAndPayments, "erp:skrause", "erp:bwagner")
	wantKeys(t, "who changes salaries and releases them", salaries, "payroll-run:idegraaf")
	if !slices.Contains(held["erp:wpostma"], "Payment approver") {
		t.Error("the right of wpostma that was to go in May is gone")
	}
	revoked := pick(c, func(d *model.ReviewDecision) bool {
		return c.key(d.Review) == "erp-2026-05" && d.Decision == model.VerdictRevoke
	})
	wantKeys(t, "decisions of the closed review to take away", revoked, "erp-2026-05-00001")
	undecided := pick(c, func(d *model.ReviewDecision) bool {
		return c.key(d.Review) == "privileged-2026-11" && (d.Decision == "" || d.Decision == model.VerdictUnsure)
	})
	if len(undecided) != 15 {
		t.Errorf("%d items of the open review are undecided; 15 were planted", len(undecided))
	}
}
