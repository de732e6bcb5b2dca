package assets

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// Cores returns how many cores of a machine count where cores are licensed: those
// that it has, or more where the licence asks for a minimum for each physical processor
// or for each machine. A virtual machine has no processors of its own. It reports
// false where the machine does not say how many cores it has; the minimum is then taken.
func Cores(h *model.Host, minPerProcessor, minPerMachine int) (cores int, known bool) {
	cores = max(h.CPUs, minPerMachine)
	if !isVirtual(h) {
		cores = max(cores, minPerProcessor*max(1, h.Sockets))
	}
	return cores, h.CPUs > 0
}

// isVirtual reports whether a host is a part of another machine.
func isVirtual(h *model.Host) bool { return h.Type == "virtual" || !h.RunsOn.IsZero() }

// demand finds out how much of each line is in use.
type demand struct {
	view      estate.View
	in        PositionIn
	installs  *found
	usage     *usage
	assets    map[model.Ref]*model.Asset
	members   map[model.Ref][]*model.Person
	countries map[model.Ref][]string
}

func newDemand(v estate.View, in PositionIn) (*demand, error) {
	u, err := usageOf(v, cmp.Or(in.Days, 365))
	if err != nil {
		return nil, err
	}
	d := &demand{view: v, in: in, installs: installsOf(v), usage: u, assets: assetsByMachine(v), members: map[model.Ref][]*model.Person{}, countries: map[model.Ref][]string{}}
	for p := range estate.Each[*model.Person](v) {
		if !p.Team.IsZero() && !practice.HasLeft(p, v.At()) {
			d.members[p.Team] = append(d.members[p.Team], p)
		}
	}
	return d, nil
}

// perMachine says whether a metric counts machines or what is in them.
func perMachine(m model.LicenceMetric) bool {
	switch m {
	case "install", "device", "core", "processor":
		return true
	}
	return false
}

// fill finds the needs of the lines of one product, in all its pools.
func (d *demand) fill(lines []*line) {
	var machines []*line
	for _, l := range lines {
		if perMachine(l.metric) {
			machines = append(machines, l)
		}
	}
	d.machines(machines)
	for _, l := range lines {
		switch l.metric {
		case "user", "subscription":
			d.people(l, lines)
		case "concurrent":
			d.peak(l, measuresConcurrent, "the most at one time")
		case "points":
			d.peak(l, measuresPoints, "the most on one day")
		case "site":
			d.sites(l, lines)
		}
		l.round()
	}
}

// holder returns the person that a machine is with, or nil.
func (d *demand) holder(on model.Record) *model.Person {
	if a := d.assets[on.Base().Ref()]; a != nil {
		if p, ok := estate.Look[*model.Person](d.view, a.AssignedTo); ok {
			return p
		}
	}
	p, _ := estate.Look[*model.Person](d.view, on.Base().Owner)
	return p
}

// words returns everything that can name the pool that a record belongs to: its tags, its sites with their countries, its team and its cost centre.
func (d *demand) words(rec model.Record) []string {
	out := slices.Clone(rec.Base().Tags)
	site := model.Ref{}
	switch r := rec.(type) {
	case *model.Host:
		site = r.Site
	case *model.Person:
		site = r.Site
		out = append(out, d.name(r.Team)...)
	case *model.Application:
		out = append(out, d.name(r.CostCentre)...)
		for _, ref := range r.BusinessUnits {
			out = append(out, d.name(ref)...)
		}
	}
	out = append(out, d.name(rec.Base().Owner)...)
	return append(out, d.places(site)...)
}

func (d *demand) name(ref model.Ref) []string {
	if rec := d.view.Get(ref); rec != nil {
		return []string{rec.Base().Key, rec.Base().Name}
	}
	return nil
}

// places returns the names and countries of a site and of what it is in.
func (d *demand) places(site model.Ref) []string {
	if out, ok := d.countries[site]; ok {
		return out
	}
	d.countries[site] = nil
	s, ok := estate.Look[*model.Site](d.view, site)
	if !ok {
		return nil
	}
	out := append([]string{s.Key, s.Name, s.Country, s.Region}, d.places(s.Parent)...)
	d.countries[site] = out
	return out
}

// home returns the line that a record belongs to, among those of a product: one with
// a licence that was given to it; else one whose pool is the name of its place, its
// team, its business unit or a tag of it; else the pool of the whole company; else the only pool that there is.
func (d *demand) home(lines []*line, rec model.Record) *line {
	if len(lines) == 1 {
		return lines[0]
	}
	var named, company, counting *line
	words := d.words(rec)
	for _, l := range lines {
		for _, r := range l.rights {
			if slices.Contains(r.AssignedTo, rec.Base().Ref()) {
				return l
			}
		}
		if live := len(l.counting()) > 0; live && counting == nil {
			counting = l
		}
		switch {
		case l.pool == "":
			if company == nil || len(company.counting()) == 0 {
				company = l
			}
		case named == nil && slices.ContainsFunc(words, func(w string) bool { return w != "" && normal(w) == normal(l.pool) }):
			named = l
		}
	}
	return cmp.Or(named, company, counting, lines[0])
}

// machines finds the needs of the lines of one product that count machines or cores.
func (d *demand) machines(lines []*line) {
	if len(lines) == 0 {
		return
	}
	product := normal(lines[0].product)
	installs := slices.Clone(d.installs.products[product])
	for _, l := range lines {
		for _, r := range l.counting() {
			for _, ref := range r.AssignedTo {
				if h, ok := estate.Look[*model.Host](d.view, ref); ok && d.installs.at[ref][product] == nil && (l.metric == "device" || coresCount(l.metric)) && !practice.Gone(h, d.view.At()) {
					installs = append(installs, &install{on: h, from: []practice.Link{practice.To(r.Licence)}})
				}
			}
		}
	}
	byLine := map[*line][]*install{}
	for _, i := range installs {
		l := d.home(lines, i.on)
		byLine[l] = append(byLine[l], i)
	}
	blind := len(installs) == 0 && !slices.ContainsFunc(lines, func(l *line) bool {
		return slices.ContainsFunc(l.rights, func(r right) bool { return len(r.Names) > 0 })
	})
	for _, l := range lines {
		switch {
		case d.installs.inventoried == 0 && len(installs) == 0:
			l.unknown = "no inventory has listed the software of any machine"
		case blind:
			l.unknown = "no inventory has software of this name: fill in the names under which it is known"
		case coresCount(l.metric):
			d.cores(l, byLine[l])
		default:
			d.devices(l, byLine[l])
		}
	}
}

func coresCount(m model.LicenceMetric) bool { return m == "core" || m == "processor" }

// isTest reports whether a machine is for development or test.
func isTest(rec model.Record) bool {
	h, ok := rec.(*model.Host)
	return ok && (h.Environment == model.EnvironmentDevelopment || h.Environment == model.EnvironmentTest)
}

// needOf makes a need of an install.
func needOf(i *install, quantity int64, why string) need {
	if i.times > 1 {
		why += fmt.Sprintf(", found %d times", i.times)
	}
	return need{who: practice.To(i.on), release: i.release, quantity: quantity, why: why, test: isTest(i.on), from: i.from}
}

// devices counts machines. Where a person may use further devices, these do not count.
func (d *demand) devices(l *line, installs []*install) {
	further := int(l.most(func(x *model.Licence) float64 { return float64(x.SecondaryUse) }))
	used := map[model.Ref]int{}
	for _, i := range installs {
		n := needOf(i, 1000, "one machine")
		if p := d.holder(i.on); p != nil && further > 0 {
			if used[p.Ref()]%(further+1) > 0 {
				n.quantity, n.why = 0, "further device of "+p.Title()
			}
			used[p.Ref()]++
			n.from = append(slices.Clone(n.from), practice.To(p))
		}
		d.keep(l, n)
	}
}

// keep adds a need, unless it is on a machine for development or test and these are left out.
func (d *demand) keep(l *line, n need) {
	if n.test && d.in.ProductionOnly {
		n.quantity, n.why = 0, "left out: for development or test"
	}
	l.needs = append(l.needs, n)
}

// cores counts cores or processors. Virtual machines on a machine that is licensed
// as a whole do not count; with whole machines wanted, they count as the machine below them.
func (d *demand) cores(l *line, installs []*install) {
	perProcessor := int(l.most(func(x *model.Licence) float64 { return float64(x.MinPerProcessor) }))
	perMachine := int(l.most(func(x *model.Licence) float64 { return float64(x.MinPerMachine) }))
	factor := int64(math.Round(l.most(func(x *model.Licence) float64 { return x.CoreFactor }) * 1000))
	whole := map[model.Ref]bool{}
	for _, i := range installs {
		if h, ok := i.on.(*model.Host); ok && !isVirtual(h) {
			whole[h.Ref()] = true
		}
	}
	unknown, assumed := 0, 0
	for _, i := range installs {
		h, ok := i.on.(*model.Host)
		if !ok {
			unknown++
			d.keep(l, needOf(i, 0, "not counted: nobody knows the machines that it runs on"))
			continue
		}
		if below, ok := estate.Look[*model.Host](d.view, h.RunsOn); ok {
			if !whole[below.Ref()] && d.in.WholeMachines {
				whole[below.Ref()] = true
				i = &install{on: below, release: i.release, from: append([]practice.Link{practice.To(h)}, i.from...)}
				h = below
			} else if whole[below.Ref()] {
				d.keep(l, needOf(i, 0, below.Title()+" below it is licensed"))
				continue
			}
		}
		quantity, why, known := coresOf(l, h, perProcessor, perMachine, factor)
		if !known {
			unknown++
		}
		if !isVirtual(h) && h.Sockets == 0 && (perProcessor > 0 || l.metric == "processor" && factor == 0) {
			assumed++
		}
		d.keep(l, needOf(i, quantity, why))
	}
	if unknown > 0 {
		l.notes = append(l.notes, fmt.Sprintf("the cores of %s are not known", practice.Count(unknown, "machine", "machines")))
	}
	if assumed > 0 {
		l.notes = append(l.notes, fmt.Sprintf("%s taken to have one processor", practice.Count(assumed, "machine is", "machines are")))
	}
}

// coresOf returns how much one machine takes of a line that counts cores or processors.
func coresOf(l *line, h *model.Host, perProcessor, perMachine int, factor int64) (quantity int64, why string, known bool) {
	if l.metric == "processor" && factor == 0 {
		n := max(1, h.Sockets)
		return int64(n) * 1000, practice.Count(n, "processor", "processors"), true
	}
	cores, known := Cores(h, perProcessor, perMachine)
	switch {
	case !known && cores == 0:
		return 0, "the cores are not known", false
	case !known:
		why = fmt.Sprintf("%s at least; the cores are not known", practice.Count(cores, "core", "cores"))
	case cores > h.CPUs:
		why = fmt.Sprintf("%s, counted as %d", practice.Count(h.CPUs, "core", "cores"), cores)
	default:
		why = practice.Count(cores, "core", "cores")
	}
	if l.metric == "processor" {
		return int64(cores) * factor, why + " × " + quantityText(factor), known
	}
	return int64(cores) * 1000, why, known
}

// people counts the people that may use something: those that it was given to,
// those on whose machines it is, and those that were seen using it. A subscription also counts machines that have it and that nobody has. Where an application has more users than are known by name, these count.
func (d *demand) people(l *line, lines []*line) {
	seen := map[model.Ref]bool{}
	only := slices.DeleteFunc(slices.Clone(lines), func(o *line) bool { return o.metric != l.metric })
	add := func(rec model.Record, why string, from ...practice.Link) {
		if rec == nil || seen[rec.Base().Ref()] || len(only) > 1 && d.home(only, rec) != l {
			return
		}
		seen[rec.Base().Ref()] = true
		l.needs = append(l.needs, need{who: practice.To(rec), quantity: 1000, why: why, from: from})
	}
	measured, users, most := false, 0, int64(0)
	var crowded *model.Application
	for _, r := range l.counting() {
		for _, ref := range r.AssignedTo {
			switch rec := d.view.Get(ref).(type) {
			case *model.Team:
				for _, p := range d.members[ref] {
					add(p, "member of "+rec.Title(), practice.To(r.Licence), practice.To(rec))
				}
			case *model.Host:
				if l.metric == "subscription" {
					add(rec, "assigned", practice.To(r.Licence))
				}
			case model.Record:
				add(rec, "assigned", practice.To(r.Licence))
			}
		}
		for _, s := range subjects(d.view, r.Licence) {
			_, users := d.usage.peaks[s][measuresUsers]
			_, units := d.usage.peaks[s][measuresUnits]
			measured = measured || users || units || d.usage.users[s] != nil
			for _, who := range sortedKeys(d.usage.users[s]) {
				if p, err := d.view.Resolve([]string{"Person"}, who); err == nil && !d.usage.users[s][who].IsZero() {
					add(d.view.Get(p), "used "+s, d.usage.from[s]...)
				}
			}
			most = max(most, d.usage.peaks[s][measuresUsers], d.usage.peaks[s][measuresUnits])
		}
		for _, ref := range r.Applications {
			if a, ok := estate.Look[*model.Application](d.view, ref); ok && a.Users > users {
				users, crowded = a.Users, a
			}
		}
	}
	for _, i := range d.installs.products[normal(l.product)] {
		if p := d.holder(i.on); p != nil && !practice.HasLeft(p, d.view.At()) {
			add(p, "has it on "+i.on.Base().Title(), practice.To(i.on))
		} else if p == nil && l.metric == "subscription" {
			add(i.on, "installed", i.from...)
		}
	}
	if more := most - l.demand(); more > 0 {
		l.needs = append(l.needs, need{quantity: more, why: "measured beyond those known by name", from: d.measuredBy(l)})
	}
	if more := int64(users)*1000 - l.demand(); more > 0 && !measured {
		l.needs = append(l.needs, need{who: practice.To(crowded), quantity: more, why: fmt.Sprintf("users of %s beyond those known by name", crowded.Title())})
	}
	if len(l.needs) == 0 && !measured {
		l.unknown = "nobody is known that it was given to, and no use was measured"
	}
}

// measuredBy returns the loads that say something about the use of a line.
func (d *demand) measuredBy(l *line) []practice.Link {
	var out []practice.Link
	for _, r := range l.counting() {
		for _, s := range subjects(d.view, r.Licence) {
			for _, load := range d.usage.from[s] {
				if !slices.Contains(out, load) {
					out = append(out, load)
				}
			}
		}
	}
	return out
}

// peak counts the most that was measured. Of several things that one line is for, the peaks are added up.
func (d *demand) peak(l *line, m measure, why string) {
	seen := map[string]bool{}
	for _, r := range l.counting() {
		for _, s := range subjects(d.view, r.Licence) {
			n, ok := d.usage.peaks[s][m]
			if seen[s] || !ok {
				continue
			}
			seen[s] = true
			kind, key, _ := strings.Cut(s, "/")
			l.needs = append(l.needs, need{who: practice.To(d.view.Find(kind, key)), quantity: n, why: why, from: d.usage.from[s]})
		}
	}
	if len(seen) == 0 {
		l.unknown = fmt.Sprintf("no %s were measured for the licence or for what it is used for", map[measure]string{measuresConcurrent: "concurrent users", measuresPoints: "points"}[m])
	}
}

// sites counts the sites at which something is installed.
func (d *demand) sites(l *line, lines []*line) {
	seen := map[model.Ref]int{}
	only := slices.DeleteFunc(slices.Clone(lines), func(o *line) bool { return o.metric != "site" })
	for _, i := range d.installs.products[normal(l.product)] {
		h, ok := i.on.(*model.Host)
		if !ok || h.Site.IsZero() || d.home(only, h) != l {
			continue
		}
		at, known := seen[h.Site]
		if !known {
			at = len(l.needs)
			seen[h.Site] = at
			l.needs = append(l.needs, need{who: link(d.view, h.Site), quantity: 1000, why: "a site with the software"})
		}
		l.needs[at].from = append(l.needs[at].from, practice.To(h))
	}
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
