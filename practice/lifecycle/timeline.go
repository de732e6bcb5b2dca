package lifecycle

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// TimelineIn says how far the timeline looks ahead.
type TimelineIn struct {
	// Quarters is how many quarters are shown, the one of the date first. The default is 8.
	Quarters int `min:"1" max:"80"`
}

// TimelineOut says when support ends for how many things.
type TimelineOut struct {
	// Ended is how many things are out of support on the date already.
	Ended practice.Figure
	// Ending is how many things go out of support in the quarters shown.
	Ending practice.Figure
	// Series counts the things that go out of support in each quarter, one line for each kind.
	Series practice.Series
	// Table lists the releases by the day on which their support ends.
	Table practice.Table[Ending]
}

// Ending is a release whose support ends.
type Ending struct {
	// Quarter is the quarter in which support ends.
	Quarter string
	// Ends is the last day of security support.
	Ends model.Date
	// Technology is the technology.
	Technology practice.Link
	// Release is the release.
	Release string
	// Hosts is how many hosts have it.
	Hosts int
	// Applications is how many applications run on it, through whichever chain.
	Applications int
	// Others is how many network devices, cloud resources and services have it or run on it.
	Others int
	// Next is the release to go to, as of the date.
	Next string
	// NextEnds is the last day of security support of that release.
	NextEnds model.Date
	// From are the records that are counted.
	From []practice.Link
}

// lines are the kinds that a timeline counts, in the order of its lines.
var lines = []struct{ kind, name string }{{"Application", "Applications"}, {"Service", "Services"}, {"Host", "Hosts"}, {"NetworkDevice", "Network devices"}, {"CloudResource", "Cloud resources"}}

// Timeline counts, quarter by quarter, the things whose technology goes out of
// security support. Support ends with its last day, so that day decides the quarter.
// A thing that runs on several releases counts once in each quarter in which one of them ends.
func Timeline(v estate.View, in TimelineIn) (TimelineOut, error) {
	count := cmp.Or(in.Quarters, 8)
	first := quarterStart(v.At())
	end := first.AddMonths(3 * count)
	var kinds []string
	for _, l := range lines {
		kinds = append(kinds, l.kind)
	}
	all := exposures(v, kinds, false, func(u use) bool { return u.Ended() || !u.Ends().IsZero() && u.Ends() < end })
	var out TimelineOut
	rows := map[release]*Ending{}
	ended, ending := once{}, once{}
	quarters := map[[2]string]once{}
	for _, e := range all {
		link := practice.To(e.rec)
		if e.use.Ended() {
			ended.add(link)
			continue
		}
		ending.add(link)
		cell := [2]string{e.kind, e.use.Ends().Quarter()}
		if quarters[cell] == nil {
			quarters[cell] = once{}
		}
		quarters[cell].add(link)
		row := rows[e.use.release()]
		if row == nil {
			row = &Ending{Quarter: e.use.Ends().Quarter(), Ends: e.use.Ends(), Technology: practice.To(e.use.Technology), Release: e.use.Cycle.Name}
			if e.use.Next != nil {
				row.Next, row.NextEnds = e.use.Next.Name, e.use.Next.SecuritySupport
			}
			rows[e.use.release()] = row
		}
		row.count(link)
	}
	for _, row := range rows {
		out.Table.Rows = append(out.Table.Rows, *row)
	}
	slices.SortFunc(out.Table.Rows, func(a, b Ending) int {
		return cmp.Or(cmp.Compare(a.Ends, b.Ends), cmp.Compare(a.Technology.Key, b.Technology.Key), cmp.Compare(a.Release, b.Release))
	})
	out.Ended = practice.Counted("records", practice.Lower, ended.list())
	out.Ending = practice.Counted("records", practice.Lower, ending.list())
	out.Series.Unit = "records"
	for _, l := range lines {
		line := practice.Line{Name: l.name}
		for q := range count {
			day := first.AddMonths(3 * q)
			from := quarters[[2]string{l.kind, day.Quarter()}].list()
			line.Points = append(line.Points, practice.Point{At: day, Label: day.Quarter(), Value: float64(len(from)), From: from})
		}
		out.Series.Lines = append(out.Series.Lines, line)
	}
	return out, nil
}

func (row *Ending) count(l practice.Link) {
	switch l.Kind {
	case "Host":
		row.Hosts++
	case "Application":
		row.Applications++
	default:
		row.Others++
	}
	row.From = append(row.From, l)
}

// once is a set of links.
type once map[model.ID]practice.Link

func (o once) add(l practice.Link) { o[l.ID] = l }

// list returns the links by kind and key.
func (o once) list() []practice.Link {
	var out []practice.Link
	for _, l := range o {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b practice.Link) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key)) })
	return out
}

// quarterStart returns the first day of the quarter that a day is in.
func quarterStart(d model.Date) model.Date {
	y, m, _ := d.Time().Date()
	return model.NewDate(y, m-(m-1)%3, 1)
}
