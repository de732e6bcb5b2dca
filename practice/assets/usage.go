package assets

import (
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// usage is what was measured about licences and applications in the days before a date.
type usage struct {
	// users has, for each subject, the last day on which each user used it.
	users map[string]map[string]model.Date
	// peaks has, for each subject and sort of measure, the most on one day or at one moment.
	peaks map[string]map[measure]int64
	// from are the loads that anything was read from, by subject.
	from map[string][]practice.Link
}

// measure is a sort of metric, whatever its name.
type measure string

const (
	measuresUse        measure = "use"
	measuresUsers      measure = "users"
	measuresConcurrent measure = "concurrent"
	measuresPoints     measure = "points"
	measuresUnits      measure = "units"
)

// measureOf tells from the name of a metric what it measures.
func measureOf(metric string) measure {
	m := strings.ToLower(metric)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(m, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("concurrent", "session", "peak"):
		return measuresConcurrent
	case has("point", "credit"):
		return measuresPoints
	case has("licence", "license", "seat", "unit", "subscription"):
		return measuresUnits
	case has("user"):
		return measuresUsers
	}
	return measuresUse
}

// usageOf reads what was measured in the days before the date of the view, that day among them.
func usageOf(v estate.View, days int) (*usage, error) {
	u := &usage{users: map[string]map[string]model.Date{}, peaks: map[string]map[measure]int64{}, from: map[string][]practice.Link{}}
	reader := practice.FactsOf(v)
	first, last := v.At().AddDays(1-days), v.At()
	for _, load := range practice.LoadsOf(v, facts.Usage) {
		if !load.Until.IsZero() && load.Until < first || load.From > last {
			continue
		}
		r, err := reader.Rollup(load.ID)
		if err != nil {
			return nil, err
		}
		subject, user, metric := r.Column("Subject"), r.Column("User"), r.Column("Metric")
		if subject < 0 {
			continue
		}
		sum := u.daily(r, first, last, practice.To(load))
		moments := map[uint32]bool{}
		for i, item := range r.Items {
			if metric >= 0 && measureOf(item[metric]) == measuresConcurrent && (user < 0 || item[user] == "") && licensed(item[subject]) {
				moments[uint32(i)] = true
			}
		}
		sum.close(u)
		if len(moments) == 0 {
			continue
		}
		if err := u.moments(reader, load.ID, r, moments, first, last); err != nil {
			return nil, err
		}
	}
	return u, nil
}

// licensed reports whether a subject is something that licences are for.
func licensed(subject string) bool {
	kind, _, _ := strings.Cut(subject, "/")
	return kind == "Licence" || kind == "Application" || kind == "Service"
}

// daySums are sums by subject, measure and day.
type daySums map[string]map[measure]map[model.Date]int64

// daily reads the sums by day: who used what when, and how much was used on each day.
func (u *usage) daily(r *facts.Rollup, first, last model.Date, load practice.Link) daySums {
	column := func(name string) int {
		for i, c := range r.GroupColumns {
			if c == name {
				return i
			}
		}
		return -1
	}
	value := func(group []string, at int) string {
		if at < 0 {
			return ""
		}
		return group[at]
	}
	subject, user, metric := column("Subject"), column("User"), column("Metric")
	sums := daySums{}
	for _, t := range r.Days {
		group := r.Groups[t.Of]
		what := value(group, subject)
		if t.At < first || t.At > last || !licensed(what) {
			continue
		}
		if l := u.from[what]; len(l) == 0 || l[len(l)-1] != load {
			u.from[what] = append(l, load)
		}
		m := measureOf(value(group, metric))
		who := value(group, user)
		if who != "" && m == measuresUsers && !strings.HasPrefix(who, "Person/") {
			continue
		}
		if strings.HasPrefix(who, "Person/") {
			if u.users[what] == nil {
				u.users[what] = map[string]model.Date{}
			}
			if t.Sums[0].Sign() > 0 {
				u.users[what][who] = max(u.users[what][who], t.At)
			}
			continue
		}
		if m == measuresConcurrent {
			continue
		}
		if sums[what] == nil {
			sums[what] = map[measure]map[model.Date]int64{}
		}
		if sums[what][m] == nil {
			sums[what][m] = map[model.Date]int64{}
		}
		sums[what][m][t.At] += thousandths(t.Sums[0].Decimal())
	}
	return sums
}

// close keeps the most of one day of each.
func (s daySums) close(u *usage) {
	for what, byMeasure := range s {
		for m, days := range byMeasure {
			for _, n := range days {
				u.peak(what, m, n)
			}
		}
	}
}

func (u *usage) peak(what string, m measure, n int64) {
	if u.peaks[what] == nil {
		u.peaks[what] = map[measure]int64{}
	}
	u.peaks[what][m] = max(u.peaks[what][m], n)
}

// moments reads how many used something at one time: the lines that begin at one moment are added up, and the most of one moment counts.
func (u *usage) moments(reader facts.Reader, load model.ID, r *facts.Rollup, items map[uint32]bool, first, last model.Date) error {
	type moment struct {
		what string
		at   int64
	}
	sums := map[moment]int64{}
	subject := r.Column("Subject")
	for line, err := range reader.Lines(load, items) {
		if err != nil {
			return err
		}
		if day := facts.DayOf(line.Start); day < first || day > last {
			continue
		}
		sums[moment{r.Items[line.Item][subject], line.Start}] += thousandths(line.Values[0])
	}
	for m, n := range sums {
		u.peak(m.what, measuresConcurrent, n)
	}
	return nil
}

// thousandths returns a number in thousandths, rounded.
func thousandths(d facts.Decimal) int64 {
	var s facts.Sum
	s.Add(d)
	n, _ := s.Minor(3)
	if !n.IsInt64() {
		return 0
	}
	return n.Int64()
}

// subjects returns the names under which the use of a licence is measured: its own, and those of the applications that it is for.
func subjects(v estate.View, l *model.Licence) []string {
	out := []string{"Licence/" + l.Key}
	for _, ref := range l.Applications {
		if rec := v.Get(ref); rec != nil {
			out = append(out, practice.To(rec).String())
		}
	}
	return out
}
