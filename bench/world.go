package main

import (
	"fmt"
	"math/rand/v2"

	"binnacle/feed"
	"binnacle/model"
)

// world makes the records of the benchmark: a large company with hosts on
// networks on sites, applications on hosts, components in applications, and
// capabilities and goals above them. The same size always makes the same world.
type world struct {
	random *rand.Rand
	refs   int
	// made counts records by kind, so that later ones can refer to earlier ones.
	made map[string]int
}

func newWorld() *world {
	return &world{random: rand.New(rand.NewPCG(1, 2)), made: map[string]int{}}
}

// share is how many of a thousand records are of a kind, in the order in which they are made.
var share = []struct {
	kind string
	of   int
}{
	{"Goal", 1}, {"Capability", 4}, {"Team", 5}, {"Site", 5}, {"Vendor", 10}, {"NetworkDevice", 20}, {"Host", 300}, {"Application", 55}, {"Component", 600},
}

// batches yields the world as batches of at most so many records.
func (w *world) batches(schema *model.Schema, records, most int) func(yield func(*feed.Batch) bool) {
	return func(yield func(*feed.Batch) bool) {
		b := feed.NewBatch(schema, "bench")
		b.Source.Key = "bench"
		for _, s := range share {
			for i := range records * s.of / 1000 {
				w.add(b, s.kind, i)
				if len(b.Items) == most {
					if !yield(b) {
						return
					}
					b = feed.NewBatch(schema, "bench")
					b.Source.Key = "bench"
				}
			}
		}
		if len(b.Items) > 0 {
			yield(b)
		}
	}
}

// to links to one of the records of a kind that exist so far.
func (w *world) to(b *feed.Batch, kind string) model.Ref {
	w.refs++
	return b.LinkTo(feed.Link{Kinds: []string{kind}, Text: keyOf(kind, w.random.IntN(w.made[kind]))})
}

// near links to a record of a kind that was made a short while ago.
func (w *world) near(b *feed.Batch, kind string) model.Ref {
	w.refs++
	n := w.made[kind]
	return b.LinkTo(feed.Link{Kinds: []string{kind}, Text: keyOf(kind, n-1-w.random.IntN(min(n, 50)))})
}

func keyOf(kind string, i int) string { return fmt.Sprintf("%s-%07d", kind, i) }

var criticalities = []model.Criticality{model.CriticalityLow, model.CriticalityMedium, model.CriticalityHigh, model.CriticalityCritical}

func (w *world) add(b *feed.Batch, kind string, i int) {
	rec := w.record(b, kind, i)
	m := rec.Base()
	m.Key, m.Name = keyOf(kind, i), fmt.Sprintf("%s number %d", kind, i)
	m.Description = "Made for measuring, with a description of about the usual length."
	b.Add(rec, feed.Where{Line: i + 1})
	w.made[kind]++
}

func (w *world) record(b *feed.Batch, kind string, i int) model.Record {
	switch kind {
	case "Goal":
		return &model.Goal{State: "active", Due: model.NewDate(2027, 6, 30)}
	case "Capability":
		return &model.Capability{Goals: []model.Ref{w.to(b, "Goal")}, Criticality: criticalities[i%4]}
	case "Team":
		return &model.Team{Mission: "Keep it running."}
	case "Site":
		return &model.Site{Use: "data_centre", Country: "DE"}
	case "Vendor":
		return &model.Vendor{Category: "software", Country: "DE"}
	case "NetworkDevice":
		return &model.NetworkDevice{Serial: fmt.Sprintf("ND%08d", i), Site: w.to(b, "Site"), Type: "switch"}
	case "Host":
		h := &model.Host{Serial: fmt.Sprintf("SN%08d", i), FQDN: fmt.Sprintf("host-%07d.example.org", i), OperatingSystem: "Debian", OSVersion: fmt.Sprintf("%d.1", 9+i%5), CPUs: 4 + i%60, Memory: float64(int(8) << (i % 6))}
		h.Environment, h.Type, h.Site, h.Network, h.Owner = "production", "virtual", w.to(b, "Site"), []model.Ref{w.to(b, "NetworkDevice")}, w.to(b, "Team")
		return h
	case "Application":
		a := &model.Application{Criticality: criticalities[i%4], Users: i % 5000, Version: "1.2.3"}
		a.RunsOn, a.Capabilities, a.Owner, a.Vendor = []model.Ref{w.to(b, "Host"), w.to(b, "Host"), w.to(b, "Host")}, []model.Ref{w.to(b, "Capability")}, w.to(b, "Team"), w.to(b, "Vendor")
		if i > 100 {
			a.DependsOn = []model.Ref{w.near(b, "Application"), w.near(b, "Application"), w.to(b, "Application")}
		}
		return a
	}
	c := &model.Component{PackageURL: fmt.Sprintf("pkg:npm/package-%d@1.%d.0", i%20000, i%7), Version: fmt.Sprintf("1.%d.0", i%7), Type: "library", Licences: []string{"MIT"}}
	c.Application = w.to(b, "Application")
	if i > 10 {
		c.DependsOn = []model.Ref{w.near(b, "Component"), w.near(b, "Component")}
	}
	return c
}
