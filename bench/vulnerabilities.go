package main

import (
	"fmt"
	"runtime"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice/vulnerable"
)

// vulnerableWorld is components and advisories of which it is known by plain numbers which fit. It is made by
// counting, so that every run has the same.
type vulnerableWorld struct {
	components, advisories, packages int
	snap                             *estate.Snapshot
	ids                              int
}

// sorts are the sorts of packages, in turn. The second text is the ecosystem in the words of OSV.
var sorts = [][2]string{{"npm", "npm"}, {"maven", "Maven"}, {"pypi", "PyPI"}, {"golang", "Go"}}

// mixed spreads numbers, so that what is next to each other does not look alike.
func mixed(n int) int {
	x := uint64(n)*0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019
	x ^= x >> 31
	x *= 0xBF58476D1CE4E5B9
	return int(x >> 33)
}

// nameOf returns the name of a package, in the words of its registry.
func nameOf(pkg int) string {
	switch sorts[pkg%len(sorts)][0] {
	case "maven":
		return fmt.Sprintf("org.example.p%d:part-%d", pkg%997, pkg)
	case "golang":
		return fmt.Sprintf("example.com/p%d/part-%d", pkg%997, pkg)
	}
	return fmt.Sprintf("part-%d", pkg)
}

// purlOf returns the package URL of a package without a version.
func purlOf(pkg int) string {
	switch kind := sorts[pkg%len(sorts)][0]; kind {
	case "maven":
		return fmt.Sprintf("pkg:maven/org.example.p%d/part-%d", pkg%997, pkg)
	default:
		return "pkg:" + kind + "/" + nameOf(pkg)
	}
}

// triple is a version as three numbers.
type triple [3]int

func (t triple) String() string { return fmt.Sprintf("%d.%d.%d", t[0], t[1], t[2]) }

func (t triple) below(u triple) bool {
	for i := range t {
		if t[i] != u[i] {
			return t[i] < u[i]
		}
	}
	return false
}

func versionOf(n int) triple {
	m := mixed(n)
	return triple{m % 8, m / 8 % 20, m / 160 % 30}
}

// span is the versions that an advisory is about: from the first up to the second, which is mended.
func spanOf(advisory int) (from, until triple) {
	m := mixed(advisory + 1<<40)
	from = triple{m % 4, 0, 0}
	return from, triple{from[0] + m/4%3, 1 + m/12%15, m / 180 % 30}
}

// componentOf returns the package and the version of a component.
func (w *vulnerableWorld) componentOf(n int) (pkg int, version triple) {
	return mixed(n+1<<41) % w.packages, versionOf(n)
}

// aboutOf returns the package that an advisory is about.
func (w *vulnerableWorld) aboutOf(advisory int) int { return mixed(advisory+1<<42) % w.packages }

// pairs counts by plain numbers how many pairs fit.
func (w *vulnerableWorld) pairs(version func(n int) triple) int {
	about := make([][]int, w.packages)
	for a := range w.advisories {
		about[w.aboutOf(a)] = append(about[w.aboutOf(a)], a)
	}
	n := 0
	for c := range w.components {
		pkg, _ := w.componentOf(c)
		v := version(c)
		for _, a := range about[pkg] {
			if from, until := spanOf(a); !v.below(from) && v.below(until) {
				n++
			}
		}
	}
	return n
}

func (w *vulnerableWorld) newID() model.ID {
	w.ids++
	return model.ID{0: 1, 6: 0x70, 12: byte(w.ids >> 24), 13: byte(w.ids >> 16), 14: byte(w.ids >> 8), 15: byte(w.ids)}
}

// perApplication is how many components the bill of materials of one application has.
const perApplication = 1000

// make puts the world into an estate.
func (w *vulnerableWorld) make() error {
	w.snap = estate.Empty()
	var changes []model.Change
	add := func(rec model.Record) error {
		rec.Base().ID = w.newID()
		change, _ := model.Difference(w.snap.Schema().Of(rec), nil, rec)
		if changes = append(changes, change); len(changes) < 50_000 {
			return nil
		}
		return w.apply(&changes)
	}
	var application model.Ref
	for c := range w.components {
		if c%perApplication == 0 {
			app := &model.Application{Meta: model.Meta{Key: fmt.Sprintf("app-%06d", c/perApplication)}}
			if err := add(app); err != nil {
				return err
			}
			application = app.Ref()
		}
		pkg, version := w.componentOf(c)
		if err := add(&model.Component{
			Meta: model.Meta{Key: fmt.Sprintf("app-%06d/%07d", c/perApplication, c)}, Application: application,
			PackageURL: purlOf(pkg) + "@" + version.String(), Version: version.String(),
		}); err != nil {
			return err
		}
	}
	for a := range w.advisories {
		if err := add(w.advisory(a)); err != nil {
			return err
		}
	}
	return w.apply(&changes)
}

// advisory returns an advisory as its feed would make it.
func (w *vulnerableWorld) advisory(a int) *model.Advisory {
	pkg := w.aboutOf(a)
	from, until := spanOf(a)
	kind := sorts[pkg%len(sorts)]
	return &model.Advisory{
		Meta: model.Meta{Key: fmt.Sprintf("BENCH-%07d", a), Name: "A weakness"}, Aliases: []string{fmt.Sprintf("CVE-2020-%07d", a/2)},
		Affected: []model.AffectedPackage{{
			Package: purlOf(pkg), Ecosystem: kind[1], Ranges: []string{fmt.Sprintf("vers:%s/>=%s|<%s", kind[0], from, until)}, Fixed: []string{until.String()},
		}},
	}
}

func (w *vulnerableWorld) apply(changes *[]model.Change) error {
	next, err := w.snap.Apply(model.Stamp{Seq: w.snap.Stamp().Seq + 1, At: 1_800_000_000_000}, *changes)
	if err != nil {
		return err
	}
	w.snap, *changes = next, nil
	return nil
}

// change gives every component of one bill of materials another version, and returns the versions that components then have.
func (w *vulnerableWorld) change(application int) (func(c int) triple, error) {
	version := func(c int) triple {
		if c/perApplication == application {
			return versionOf(c + 1<<43)
		}
		return versionOf(c)
	}
	var changes []model.Change
	kind := w.snap.Schema().Kind("Component")
	for c := application * perApplication; c < min(w.components, (application+1)*perApplication); c++ {
		before := w.snap.Find("Component", fmt.Sprintf("app-%06d/%07d", application, c))
		after := model.Clone(before).(*model.Component)
		pkg, _ := w.componentOf(c)
		after.Version, after.PackageURL = version(c).String(), purlOf(pkg)+"@"+version(c).String()
		if change, differs := model.Difference(kind, before, after); differs {
			changes = append(changes, change)
		}
	}
	return version, w.apply(&changes)
}

// heapInUse returns how many bytes are in use.
func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// vulnerabilities matches components with advisories, from cold and after one bill of materials has changed, and counts
// the pairs in another way. Beside it osv-scanner runs on a smaller estate of the same sort, where it is installed.
func vulnerabilities(r *run) error {
	w := &vulnerableWorld{components: r.size, advisories: r.size / 4, packages: max(1, r.size/5)}
	if err := w.make(); err != nil {
		return err
	}
	before := heapInUse()
	today := model.DateOf(time.Now())
	began := begin()
	got := len(vulnerable.In(w.snap.View(today)).Matches())
	cold := began.lap()
	used := heapInUse() - before
	if want := w.pairs(versionOf); got != want {
		return fmt.Errorf("vulnerabilities: %d pairs, and by counting %d", got, want)
	}
	what := fmt.Sprintf("%d components × %d advisories", w.components, w.advisories)
	r.report(what+" matched from cold", "", "<= 30 s", "%s, %d pairs, %d MB", cold, got, used>>20)
	version, err := w.change(w.components / perApplication / 2)
	if err != nil {
		return err
	}
	began = begin()
	got = len(vulnerable.In(w.snap.View(today)).Matches())
	again := began.lap()
	if want := w.pairs(version); got != want {
		return fmt.Errorf("vulnerabilities: %d pairs after a change, and by counting %d", got, want)
	}
	r.report("the same after one bill of materials of 1,000 components changed", "", "<= 1 s", "%s", again)
	return besideScanner(r)
}
