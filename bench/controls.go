package main

import (
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	practices "binnacle/practice/all"
	"binnacle/practice/practicetest"
)

const (
	// controlRecords is how many records the estate has that control tests look at.
	controlRecords = 100_000
	// controlTests is how many control tests there are.
	controlTests = 2_000
)

// controlRules are rules for every kind that they fit: what people ask of the things they answer for.
var controlRules = []struct{ kind, rule string }{
	{"Host", "has(record.owner)"},
	{"Host", `record.operating_system != "" && has(record.os_version)`},
	{"Host", `record.type != "virtual" || has(record.runs_on)`},
	{"Host", `record.availability >= 99.0 || record.type == "laptop"`},
	{"Host", `record.software.all(s, s.name != "telnet")`},
	{"Host", `!(record.operating_system.startsWith("Windows") && record.os_version < "9")`},
	{"Application", "has(record.owner) && has(record.criticality)"},
	{"Application", "record.runs_on.size() > 1 || !(record.criticality in ['high', 'critical'])"},
	{"Application", "record.built_with.exists(t, has(t.version))"},
	{"Component", "record.package_url != ''"},
	{"Component", `!record.licences.exists(l, l.startsWith("AGPL"))`},
	{"CloudResource", "has(record.owner) && has(record.account)"},
	{"NetworkDevice", "record.firmware_version != '' && record.uplinks.size() >= 0"},
	{"Service", "record.target_availability >= 99.0"},
}

// controlled runs control tests over an estate: three quarters are rules, each for another part of the records of its kind, and the rest
// asks the checks of every practice.
func controlled(r *run) error {
	snap, err := practicetest.Generated(controlRecords)
	if err != nil {
		return err
	}
	list := practices.Practices()
	if snap, err = withTests(snap, list); err != nil {
		return err
	}
	asked, err := practice.Find(list, "compliance.run_tests")
	if err != nil {
		return err
	}
	v := snap.View(model.MustDate("2027-06-01")).With(practice.Beside{Practices: list})
	began := begin()
	answer, err := asked.Ask(v, map[string]any{"all": true})
	if err != nil {
		return err
	}
	took := began.lap()
	p := answer.(practice.Proposal)
	r.report(fmt.Sprintf("%d control tests over %d records, %d changes proposed", v.Count("ControlTest"), snap.Len(), len(p.Changes)), "", "<= 5 s", "%s", took)
	began = begin()
	if _, err := snap.Apply(model.Stamp{Seq: snap.Stamp().Seq + 1}, p.Changes); err != nil {
		return err
	}
	r.report("these changes applied", "", "", "%s", began.lap())
	return nil
}

// withTests adds the control tests to an estate.
func withTests(snap *estate.Snapshot, list []*practice.Practice) (*estate.Snapshot, error) {
	var checks []string
	for _, a := range practice.List(list) {
		if a.Question.Type == practice.Checking {
			checks = append(checks, a.Name())
		}
	}
	v := snap.View(0)
	var teams []string
	for t := range estate.Each[*model.Team](v) {
		teams = append(teams, t.Key)
	}
	var changes []model.Change
	for i := range controlTests {
		t := &model.ControlTest{Treat: model.TreatPlan, Severity: model.SeverityMedium}
		t.Key, t.ID = fmt.Sprintf("test-%04d", i), practice.NewID(v, "ControlTest", fmt.Sprint("test-", i))
		if i%4 == 3 {
			t.Check = checks[i/4%len(checks)]
		} else {
			one := controlRules[i%len(controlRules)]
			t.Kind, t.Rule = one.kind, one.rule
			// Each rule is another one, so that none has its answer from before. One of ten looks at a field that is different in every record.
			field := "origin"
			if i%10 == 0 {
				field = "key"
			}
			t.Rule += fmt.Sprintf(" || record.%s == 'except-%d'", field, i)
			if f := v.Schema().Kind(one.kind).Field("owner"); f != nil && i%2 == 0 {
				t.Where = "owner=" + teams[i%len(teams)]
			}
		}
		change, _ := model.Difference(v.Schema().Of(t), nil, t)
		changes = append(changes, change)
	}
	return snap.Apply(model.Stamp{Seq: snap.Stamp().Seq + 1}, changes)
}
