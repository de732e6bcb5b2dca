package architecture

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// SinglePointsIn says where single points of failure are looked for.
type SinglePointsIn struct {
	// Criticality is how critical something must be to count when it stops. The default is high.
	Criticality model.Criticality
	// Kinds are the kinds whose failure is played. The default is Host, NetworkDevice, CloudResource, Site and Application. Ask for Vendor to see whom the company hangs on.
	Kinds []string
	// Limit is how many single points are listed. The default is 50.
	Limit int `min:"0" max:"10000"`
}

// SinglePointsOut are the single points of failure.
type SinglePointsOut struct {
	// Count is how many things stop something critical when they fail alone.
	Count practice.Figure
	// Endangered is how many critical things hang on at least one single point.
	Endangered practice.Figure
	// Findings say for each single point what it stops and through which chain, the worst first.
	Findings []practice.Finding
	// Points are the single points, the worst first.
	Points practice.Table[SinglePoint]
}

// SinglePoint is something whose failure alone stops something critical.
type SinglePoint struct {
	// Record is the single point.
	Record practice.Link
	// Kind is the kind of that record.
	Kind string
	// Worst is the highest criticality among what stops.
	Worst model.Criticality
	// Stops is how many critical things stop, itself not counted.
	Stops int
	// Revenue is what customers paid in the last full year for the products that stop. Empty where none stops or where the currencies differ.
	Revenue model.Money
	// Stopped are the most critical things that stop.
	Stopped []practice.Link
	// Owner is who answers for the single point.
	Owner practice.Link
	// Path is the chain to the most critical thing that stops.
	Path practice.Path
}

// mission is what critical things stand on: everything that they depend on, and products with their revenue.
type mission struct {
	*graph
	// weight is the rank of the criticality of a part that counts, and 0 for others.
	weight []int
}

// SinglePoints finds every machine, device, resource, site and application whose
// failure alone stops something critical, in spite of all redundancy. They are ranked by the criticality of what stops, then by the
// revenue of the products that stop, then by how much stops.
func SinglePoints(v estate.View, in SinglePointsIn) (SinglePointsOut, error) {
	kinds, err := practice.KindsOf(v, in.Kinds, "Host", "NetworkDevice", "CloudResource", "Site", "Application")
	if err != nil {
		return SinglePointsOut{}, err
	}
	m := missionOf(v, cmp.Or(in.Criticality, model.CriticalityHigh))
	points, endangered := m.points(v, kinds)
	var all []practice.Link
	for _, p := range points {
		all = append(all, practice.To(m.parts[p.at].rec))
	}
	out := SinglePointsOut{Count: practice.Counted("single points of failure", practice.Lower, all), Endangered: practice.Counted("critical records", practice.Lower, endangered)}
	play := newFailure(m.graph)
	limit := cmp.Or(in.Limit, 50)
	for _, p := range points[:min(limit, len(points))] {
		row := m.row(v, play, p)
		out.Points.Rows = append(out.Points.Rows, row)
		out.Findings = append(out.Findings, practice.Finding{
			Severity: practice.SeverityOf(row.Worst),
			Text:     fmt.Sprintf("%s alone stops %s: %s.", row.Record.Title(), practice.Count(row.Stops, "critical record", "critical records"), practice.SomeOf(row.Stopped, row.Stops)),
			About:    row.Record, Paths: []practice.Path{row.Path}, From: row.Stopped, Owner: row.Owner,
		})
	}
	out.Points.Note = leftOut(len(points), len(out.Points.Rows))
	return out, nil
}

// missionOf returns what the critical records of a snapshot stand on. It is made
// once for a snapshot, for everybody: what a view may not see is passed over later.
func missionOf(v estate.View, least model.Criticality) *mission {
	type key struct {
		what  string
		least model.Criticality
	}
	return v.Snapshot().Memo(key{"architecture.mission", least}, func() any {
		whole := v.Snapshot().View(v.At())
		var starts []model.Ref
		for _, kind := range []string{"Service", "Application", "Capability", "Process", "Product"} {
			for rec := range whole.All(kind) {
				if _, product := rec.(*model.Product); product || model.Rank(practice.CriticalityOf(rec)) >= model.Rank(least) {
					starts = append(starts, rec.Base().Ref())
				}
			}
		}
		m := &mission{graph: upFrom(whole, starts...)}
		m.weight = make([]int, len(m.parts))
		for i, p := range m.parts {
			if _, vendor := p.rec.(*model.Vendor); vendor {
				continue
			}
			if r := model.Rank(practice.CriticalityOf(p.rec)); r >= model.Rank(least) {
				m.weight[i] = r
			}
		}
		return m
	}).(*mission)
}

// point is what one failure stops.
type point struct {
	at      int32
	worst   int
	stops   int
	revenue model.Money
}

// points plays the failure of every part of some kinds, and returns those that
// stop something critical, the worst first, and everything critical that some of them stops.
func (m *mission) points(v estate.View, kinds []string) ([]point, []practice.Link) {
	play := newFailure(m.graph)
	m.mask(v, play)
	var out []point
	hit := make([]bool, len(m.parts))
	var revenue []model.Money
	for i := range m.parts {
		p := &m.parts[i]
		if len(p.users) == 0 || !among(kinds, model.NameOf(p.rec)) || play.hidden(int32(i)) || practice.Gone(p.rec, v.At()) {
			continue
		}
		is := point{at: int32(i)}
		revenue = revenue[:0]
		for _, f := range play.of(int32(i))[1:] {
			if m.weight[f] > 0 && !practice.Gone(m.parts[f].rec, v.At()) {
				is.stops++
				is.worst = max(is.worst, m.weight[f])
				hit[f] = true
			}
			if product, ok := m.parts[f].rec.(*model.Product); ok && !practice.Gone(product, v.At()) {
				revenue = append(revenue, product.Revenue)
			}
		}
		is.revenue = practice.SumOf("", practice.Neither, revenue, nil).Money
		if is.stops > 0 {
			out = append(out, is)
		}
	}
	slices.SortFunc(out, func(a, b point) int {
		return cmp.Or(cmp.Compare(b.worst, a.worst), cmp.Compare(b.revenue.Float(), a.revenue.Float()), cmp.Compare(b.stops, a.stops),
			cmp.Compare(m.parts[a.at].rec.Base().Key, m.parts[b.at].rec.Base().Key))
	})
	var endangered []practice.Link
	for i, yes := range hit {
		if yes {
			endangered = append(endangered, practice.To(m.parts[i].rec))
		}
	}
	return out, endangered
}

// mask hides from a failure what a view may not see.
func (m *mission) mask(v estate.View, play *failure) {
	play.out = make([]bool, len(m.parts))
	for i := range m.parts {
		play.out[i] = v.Get(m.parts[i].rec.Base().Ref()) == nil
	}
}

// row plays a failure once more and tells about it.
func (m *mission) row(v estate.View, play *failure, p point) SinglePoint {
	if play.out == nil {
		m.mask(v, play)
	}
	rec := m.parts[p.at].rec
	row := SinglePoint{Record: practice.To(rec), Kind: model.NameOf(rec), Stops: p.stops, Revenue: p.revenue, Owner: practice.OwnerOf(v, rec)}
	var stopped []int32
	for _, f := range play.of(p.at)[1:] {
		if m.weight[f] > 0 && !practice.Gone(m.parts[f].rec, v.At()) {
			stopped = append(stopped, f)
		}
	}
	slices.SortStableFunc(stopped, func(a, b int32) int { return cmp.Compare(m.weight[b], m.weight[a]) })
	row.Worst = practice.CriticalityOf(m.parts[stopped[0]].rec)
	for _, at := range play.path(stopped[0]) {
		row.Path = append(row.Path, practice.To(m.parts[at].rec))
	}
	for _, at := range stopped[:min(len(stopped), 20)] {
		row.Stopped = append(row.Stopped, practice.To(m.parts[at].rec))
	}
	return row
}

// NoSinglePointUnderCriticalIn says which single points count.
type NoSinglePointUnderCriticalIn struct {
	// Kinds are the kinds whose failure is played. The default is Host, NetworkDevice and CloudResource.
	Kinds []string
}

// NoSinglePointUnderCritical checks that no single machine, device or resource
// stops anything critical when it fails alone.
func NoSinglePointUnderCritical(v estate.View, in NoSinglePointUnderCriticalIn) (practice.Verdict, error) {
	if len(in.Kinds) == 0 {
		in.Kinds = []string{"Host", "NetworkDevice", "CloudResource"}
	}
	found, err := SinglePoints(v, SinglePointsIn{Criticality: model.CriticalityCritical, Kinds: in.Kinds, Limit: 1000})
	if err != nil {
		return practice.Verdict{}, err
	}
	var checked []practice.Link
	for _, p := range missionOf(v, model.CriticalityCritical).parts {
		if practice.CriticalityOf(p.rec) == model.CriticalityCritical && model.NameOf(p.rec) != "Vendor" && v.Get(p.rec.Base().Ref()) != nil {
			checked = append(checked, practice.To(p.rec))
		}
	}
	out := practice.Verdict{Pass: len(found.Points.Rows) == 0, Checked: checked, Findings: found.Findings}
	switch {
	case len(checked) == 0:
		out.Pass, out.Unknown, out.Text = false, true, "Nothing is marked as critical, so there is nothing to judge by."
	case out.Pass:
		out.Text = fmt.Sprintf("None of %s stops when one part fails.", practice.Count(len(checked), "critical record", "critical records"))
	default:
		out.Text = fmt.Sprintf("%s under %g of %s.", practice.Count(len(found.Count.From), "single point of failure", "single points of failure"), found.Endangered.Value, practice.Count(len(checked), "critical record", "critical records"))
	}
	return out, nil
}
