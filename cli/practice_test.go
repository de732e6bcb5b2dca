package cli_test

import (
	"cmp"
	_ "embed"
	"slices"
	"testing/fstest"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

//go:embed practice_test.go
var source []byte

// practices are a discipline of the tests: small questions with every sort of part.
func practices() []*practice.Practice {
	return []*practice.Practice{{
		Name: "fleet", Label: "Fleet", Source: fstest.MapFS{"fleet.go": &fstest.MapFile{Data: source}},
		Questions: []practice.Question{
			practice.Ask("hosts", HostsOf), practice.Ask("pulse", Pulse), practice.Do("adopt", Adopt), practice.Check("owned", Owned),
		},
	}}
}

// HostsIn asks for the hosts of an application.
type HostsIn struct {
	// Application is what runs.
	Application model.Ref `to:"Application" is:"required"`
	// OnlyOld leaves out the hosts whose operating system is not told.
	OnlyOld bool
	// Tags are words that a host must have, all of them.
	Tags []string
}

// HostsOut is what runs an application.
type HostsOut struct {
	// Hosts counts them.
	Hosts practice.Figure
	// Runs lists them.
	Runs practice.Table[HostRow]
	// Findings are the hosts that nobody owns.
	Findings []practice.Finding
}

// HostRow is one host.
type HostRow struct {
	// Host is the machine.
	Host practice.Link
	// System is what it runs.
	System string
	// Cores is how many it has.
	Cores int
}

// HostsOf lists the hosts that an application runs on. It is a question of the tests.
func HostsOf(v estate.View, in HostsIn) (HostsOut, error) {
	app, _ := estate.Look[*model.Application](v, in.Application)
	var out HostsOut
	for _, ref := range app.RunsOn {
		host, ok := estate.Look[*model.Host](v, ref)
		if !ok || in.OnlyOld && host.OperatingSystem == "" || slices.ContainsFunc(in.Tags, func(t string) bool { return !slices.Contains(host.Tags, t) }) {
			continue
		}
		out.Hosts.From = append(out.Hosts.From, practice.To(host))
		out.Runs.Rows = append(out.Runs.Rows, HostRow{practice.To(host), host.OperatingSystem, host.CPUs})
		if host.Owner.IsZero() {
			out.Findings = append(out.Findings, practice.Finding{
				Severity: practice.High, Text: "Nobody owns " + host.Title() + ".", About: practice.To(host), Paths: []practice.Path{{practice.To(app), practice.To(host)}},
				Mend: &practice.Mend{Action: "fleet.adopt", Parameters: map[string]string{"team": "web"}},
			})
		}
	}
	slices.SortFunc(out.Runs.Rows, func(a, b HostRow) int { return cmp.Compare(a.Host.Key, b.Host.Key) })
	out.Hosts = practice.Counted("hosts", practice.Neither, out.Hosts.From)
	return out, nil
}

// PulseIn has no parameters.
type PulseIn struct{}

// PulseOut is the date that was asked for, and a line.
type PulseOut struct {
	// Day is the date that plans are looked at.
	Day model.Date
	// Growth is a line.
	Growth practice.Series
}

// Pulse tells the date that it was asked for.
func Pulse(v estate.View, _ PulseIn) (PulseOut, error) {
	return PulseOut{Day: v.At(), Growth: practice.Series{Unit: "hosts", Lines: []practice.Line{{Name: "Hosts", Points: []practice.Point{{Label: "2026 Q4", Value: float64(v.Count("Host"))}}}}}}, nil
}

// AdoptIn says who adopts.
type AdoptIn struct {
	// Team is who will own the hosts.
	Team model.Ref `to:"Team" is:"required"`
}

// Adopt proposes a team as the owner of every host that nobody owns.
func Adopt(v estate.View, in AdoptIn) (practice.Proposal, error) {
	out := practice.Proposal{Why: "Adopt hosts without owner"}
	for host := range estate.Each[*model.Host](v) {
		if host.Owner.IsZero() {
			after := model.Clone(host)
			after.Owner = in.Team
			change, _ := model.Difference(v.Schema().Of(host), host, after)
			out.Changes = append(out.Changes, change)
		}
	}
	return out, nil
}

// OwnedIn has no parameters.
type OwnedIn struct{}

// Owned checks that every host has an owner.
func Owned(v estate.View, _ OwnedIn) (practice.Verdict, error) {
	out := practice.Verdict{Pass: true, Text: "Every host has an owner."}
	for host := range estate.Each[*model.Host](v) {
		if host.Owner.IsZero() {
			out.Pass, out.Text = false, "Some hosts have no owner."
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, Text: "Nobody owns " + host.Title() + ".", About: practice.To(host)})
		}
	}
	return out, nil
}
