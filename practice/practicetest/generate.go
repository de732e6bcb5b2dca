package practicetest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"binnacle/estate"
	"binnacle/model"
)

// Generated returns an estate of about so many records for benchmarks: sites,
// two levels of switches, hypervisors with virtual machines, laptops, cloud
// resources, applications with components, services, capabilities and goals. Half of
// the applications have redundant machines. The same number always gives the same estate.
func Generated(records int) (*estate.Snapshot, error) {
	g := &generator{random: rand.New(rand.NewPCG(7, uint64(records))), refs: map[string][]model.Ref{}}
	g.technologies()
	g.organisation(records)
	g.machines(records)
	g.applications(records)
	return estate.Load(model.Stamp{Seq: 1}, slices.Values(g.records))
}

type generator struct {
	random  *rand.Rand
	records []model.Record
	refs    map[string][]model.Ref
}

// add gives a record an id and a key, and keeps it under its group.
func (g *generator) add(group string, rec model.Record) model.Ref {
	m := rec.Base()
	m.ID, m.Version = IDOf(len(g.records)+1), 1
	if m.Key == "" {
		m.Key = fmt.Sprintf("%s-%d", group, len(g.refs[group])+1)
	}
	g.records = append(g.records, rec)
	g.refs[group] = append(g.refs[group], m.Ref())
	return m.Ref()
}

// pick returns some record of a group.
func (g *generator) pick(group string) model.Ref {
	return g.refs[group][g.random.IntN(len(g.refs[group]))]
}

// some returns a few different records of a group.
func (g *generator) some(group string, n int) []model.Ref {
	var out []model.Ref
	for range n {
		if r := g.pick(group); !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

var criticalities = []model.Criticality{"", "low", "low", "low", "medium", "medium", "medium", "medium", "high", "critical"}

func (g *generator) criticality() model.Criticality {
	return criticalities[g.random.IntN(len(criticalities))]
}

func (g *generator) technologies() {
	for i, name := range []string{"Debian", "Ubuntu", "Microsoft Windows Server", "Red Hat Enterprise Linux", "VMware ESXi", "Cisco IOS XE", "PostgreSQL", "Java", "Apache Tomcat", "Python"} {
		t := &model.Technology{Meta: model.Meta{Key: fmt.Sprintf("tech-%d", i), Name: name}}
		for c := range 12 {
			released := model.NewDate(2013+c, 5, 1)
			t.Cycles = append(t.Cycles, model.Cycle{Name: fmt.Sprint(c + 8), Released: released, SecuritySupport: released.AddMonths(60), ExtendedSupport: released.AddMonths(84), LTS: c%2 == 0})
		}
		slices.Reverse(t.Cycles)
		g.add("technology", t)
	}
}

func (g *generator) organisation(records int) {
	for range max(3, records/500) {
		g.add("team", &model.Team{})
	}
	for range 10 {
		g.add("goal", &model.Goal{State: "active"})
	}
	for i := range 200 {
		c := &model.Capability{Criticality: g.criticality(), Goals: g.some("goal", 1)}
		if i >= 20 {
			c.Parent, c.Goals = g.refs["capability"][g.random.IntN(20)], nil
		}
		g.add("capability", c)
	}
	for range max(1, records/2000) {
		g.add("site", &model.Site{Availability: 99.99})
	}
	for range max(1, records/500) {
		g.add("vendor", &model.Vendor{})
	}
	for range 10 {
		g.add("account", &model.CloudAccount{Vendor: g.pick("vendor")})
	}
}

func (g *generator) version() string {
	return fmt.Sprintf("%d.%d", 8+g.random.IntN(12), g.random.IntN(9))
}

func (g *generator) machines(records int) {
	for i := range max(2, records/500) {
		d := &model.NetworkDevice{Type: "switch", Site: g.refs["site"][i%len(g.refs["site"])], Manufacturer: "Cisco", Firmware: "IOS XE", FirmwareVersion: g.version(), Availability: 99.9}
		g.add("core", d)
	}
	for i := range max(2, records/100) {
		at := i % (len(g.refs["core"]) / 2)
		d := &model.NetworkDevice{Type: "switch", Site: g.refs["site"][at%len(g.refs["site"])], Manufacturer: "Cisco", Firmware: "IOS XE", FirmwareVersion: g.version(), Uplinks: g.refs["core"][2*at : 2*at+2], UplinksNeeded: 1, Availability: 99.9}
		g.add("leaf", d)
	}
	systems := []string{"Debian GNU/Linux", "Ubuntu", "Windows Server", "Red Hat Enterprise Linux", "Haiku"}
	for range max(2, records/50) {
		g.add("metal", &model.Host{Meta: model.Meta{Owner: g.pick("team")}, Type: "hypervisor", OperatingSystem: "VMware ESXi", OSVersion: g.version(), Site: g.pick("site"), Network: g.some("leaf", 2), NetworkNeeded: 1, Availability: 99.9})
	}
	for range records * 35 / 100 {
		g.add("vm", &model.Host{Meta: model.Meta{Owner: g.pick("team")}, Type: "virtual", OperatingSystem: systems[g.random.IntN(len(systems))], OSVersion: g.version(), RunsOn: g.pick("metal"), Availability: 99.95,
			Software: []model.InstalledSoftware{{Name: "openssl", Version: "3.0.2"}, {Name: "Python", Version: g.version()}}})
	}
	for range records * 15 / 100 {
		g.add("laptop", &model.Host{Type: "laptop", OperatingSystem: systems[g.random.IntN(len(systems))], OSVersion: g.version(), Site: g.pick("site")})
	}
	for range records * 10 / 100 {
		g.add("resource", &model.CloudResource{Meta: model.Meta{Owner: g.pick("team")}, Account: g.pick("account"), Runs: []model.TechnologyUse{{Technology: g.refs["technology"][6], Version: g.version()}}, Availability: 99.95})
	}
}

func (g *generator) applications(records int) {
	for i := range max(4, records*5/100) {
		a := &model.Application{Meta: model.Meta{Owner: g.pick("team")}, Criticality: g.criticality(), RunsOn: append(g.some("vm", 3), g.some("resource", 1)...), BuiltWith: []model.TechnologyUse{{Technology: g.refs["technology"][7], Version: g.version()}}}
		if i%2 == 0 {
			a.RunsOnNeeded = 1
		}
		if i%3 == 0 {
			a.Capabilities = g.some("capability", 2)
		}
		if i > 10 && i%4 == 0 {
			a.DependsOn = []model.Ref{g.refs["application"][g.random.IntN(i)]}
		}
		g.add("application", a)
	}
	for range max(2, records/100) {
		g.add("service", &model.Service{Meta: model.Meta{Owner: g.pick("team")}, Criticality: g.criticality(), BuiltFrom: g.some("application", 3), TargetAvailability: 99.5})
	}
	for range max(1, records/1000) {
		g.add("product", &model.Product{RunsOn: g.some("service", 1), Goals: g.some("goal", 1), Revenue: model.MustMoney(fmt.Sprintf("%d EUR", 1000*g.random.IntN(1000)))})
	}
	for len(g.records) < records {
		g.add("component", &model.Component{Application: g.pick("application"), PackageURL: fmt.Sprintf("pkg:npm/package-%d@%s", g.random.IntN(5000), g.version())})
	}
}
