package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/grants"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/identity"
)

const (
	// grantRows is how many grants the export has.
	grantRows = 200_000
	// grantsPerAccount is how many of them an account has.
	grantsPerAccount = 10
	// grantSystems and grantRoles are how many systems there are, and how many roles each has.
	grantSystems, grantRoles = 50, 40
)

// granted reads an export of grants, and asks everything about identities that needs no parameter, with rules for duties that
// conflict. The slowest question is told.
func granted(r *run) error {
	snap := estate.Empty()
	began := begin()
	b, err := feed.Read(context.Background(), grants.Format, snap.Schema(), feed.Input{Name: "grants.csv", Data: grantTable()})
	if err != nil {
		return err
	}
	if len(b.Refused) > 0 {
		return fmt.Errorf("grants: %d rows were refused, the first because %v", len(b.Refused), b.Refused[0])
	}
	w := &vulnerableWorld{snap: snap}
	plan := feed.Reconcile(snap.View(0), b, feed.Options{Now: 1_800_000_000_000, NewID: w.newID, Rank: 50})
	if err := w.apply(&plan.Changes); err != nil {
		return err
	}
	took := began.lap()
	if n := w.snap.View(0).Count("Grant"); n != grantRows {
		return fmt.Errorf("grants: there are %d of %d", n, grantRows)
	}
	r.report(fmt.Sprintf("%d grants read from a table, compared and applied", grantRows), "", "", "%s, %.0f/s", took, grantRows/took.clock.Seconds())
	if err := w.duties(); err != nil {
		return err
	}
	v := w.snap.View(model.MustDate("2027-06-01"))
	slowest, name := lap{}, ""
	for _, a := range practice.List([]*practice.Practice{&identity.Practice}) {
		if a.Question.Type == practice.Doing || slices.ContainsFunc(a.Parameters(), func(f *model.Field) bool { return f.Required || f.Asker }) {
			continue
		}
		began := begin()
		if _, err := a.Ask(v, nil); err != nil {
			return err
		}
		if t := began.lap(); t.processor > slowest.processor {
			slowest, name = t, a.Name()
		}
	}
	r.report(fmt.Sprintf("the slowest question about %d grants, asked first", grantRows), "", "", "%s, %s", slowest, name)
	return nil
}

// grantTable writes the export.
func grantTable() []byte {
	var out strings.Builder
	out.WriteString("account,email,system,entitlement,granted,last_used,privileged\n")
	for i := range grantRows {
		account := i / grantsPerAccount
		system := mixed(account) % grantSystems
		privileged := "no"
		if mixed(i+1<<44)%50 == 0 {
			privileged = "yes"
		}
		fmt.Fprintf(&out, "user-%05d,user-%05d@example.com,system-%02d,role-%02d,2025-03-%02d,2027-05-%02d,%s\n",
			account, account, system, (mixed(account+1<<45)+i%grantsPerAccount)%grantRoles, 1+i%28, 1+mixed(i)%28, privileged)
	}
	return []byte(out.String())
}

// duties adds a rule for each system: whoever has one of its first four roles may not have one of the next four.
func (w *vulnerableWorld) duties() error {
	of := map[model.Ref][]model.Ref{}
	for e := range estate.Each[*model.Entitlement](w.snap.View(0)) {
		of[e.System] = append(of[e.System], e.Ref())
	}
	var changes []model.Change
	add := func(rec model.Record) model.Ref {
		rec.Base().ID = w.newID()
		change, _ := model.Difference(w.snap.Schema().Of(rec), nil, rec)
		changes = append(changes, change)
		return rec.Base().Ref()
	}
	n := 0
	for a := range estate.Each[*model.Application](w.snap.View(0)) {
		list := of[a.Ref()]
		if len(list) < 8 {
			continue
		}
		n++
		first := add(&model.DutyFunction{Meta: model.Meta{Key: fmt.Sprint("ask-", n)}, Permissions: list[:4]})
		second := add(&model.DutyFunction{Meta: model.Meta{Key: fmt.Sprint("approve-", n)}, Permissions: list[4:8]})
		add(&model.DutyRule{Meta: model.Meta{Key: fmt.Sprint("rule-", n)}, Functions: []model.Ref{first, second}, Severity: model.SeverityHigh})
	}
	return w.apply(&changes)
}
