package vulnerable

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"binnacle/estate"
	"binnacle/model"
)

// lazyParts are what an index finds out when somebody asks.
type lazyParts struct {
	mu       sync.Mutex
	signals  map[*Group]*Signals
	subjects map[model.Ref]*Subject

	scoresOnce sync.Once
	scores     map[string][]exploitScore

	vexOnce sync.Once
	vex     map[*Group][]*statement
}

// Subject is what the estate says about what a bill of materials describes.
type Subject struct {
	// Ref is the application, product, host, device, service or release.
	Ref model.Ref
	// Exposure is the decision point of SSVC: small, controlled or open.
	Exposure Point
	// Public says whether it is publicly exposed: no or yes.
	Public Point
	// Safety is the decision point of SSVC: negligible to catastrophic.
	Safety Point
	// Mission is the decision point of SSVC: degraded to mission_failure.
	Mission Point
	// Human combines safety and mission: low to very_high.
	Human Point
	// Path leads by the shortest way from the subject to a goal, or else to a capability, or else to the furthest that depends on it. It begins with the subject.
	Path []estate.Step
}

// SubjectOf returns what the estate says about what a bill of materials describes. It is shared.
func (x *Index) SubjectOf(ref model.Ref) *Subject {
	x.parts.mu.Lock()
	s := x.parts.subjects[ref]
	x.parts.mu.Unlock()
	if s != nil {
		return s
	}
	s = x.subject(ref)
	x.parts.mu.Lock()
	defer x.parts.mu.Unlock()
	if x.parts.subjects == nil {
		x.parts.subjects = map[model.Ref]*Subject{}
	}
	x.parts.subjects[ref] = s
	return s
}

func (x *Index) subject(ref model.Ref) *Subject {
	s := &Subject{Ref: ref}
	about := ref
	if r, ok := estate.Look[*model.Release](x.view, ref); ok {
		about = r.Of
	}
	s.Exposure = exposureOf(x.view, about, 0)
	s.Public = public(s.Exposure)
	closure := x.view.Reach(estate.Down, about)
	s.Safety, s.Mission = safetyOf(x.view, closure), missionOf(x.view, closure)
	s.Human = HumanImpact(s.Safety, s.Mission)
	s.Path = pathOf(closure)
	return s
}

// pathOf returns the steps to the nearest goal of a closure, else to the nearest capability, else to what is furthest away.
func pathOf(c *estate.Closure) []estate.Step {
	for _, kind := range []string{"Goal", "Capability"} {
		if i := slices.IndexFunc(c.Steps, func(s estate.Step) bool { return model.NameOf(s.Record) == kind }); i >= 0 {
			return c.Path(i)
		}
	}
	return c.Path(len(c.Steps) - 1)
}

// Path returns the shortest way from the component of a match over what it is part of to a goal, or as far as the estate knows.
func (x *Index) Path(m *Match) []model.Record {
	out := []model.Record{m.Component}
	for _, s := range x.SubjectOf(m.Subject()).Path {
		out = append(out, s.Record)
	}
	return out
}

// Paths returns the same as text, such as "log4j-core → Web shop → Selling → Grow in Europe".
func (x *Index) Paths(m *Match) string {
	var names []string
	for _, rec := range x.Path(m) {
		names = append(names, rec.Base().Title())
	}
	return strings.Join(names, " → ")
}

// deepest is how many services inside services are looked at for an exposure.
const deepest = 8

// exposureOf finds out how easily an attacker reaches something. What people have set counts. Else an application is reached
// as the hosts are that it runs on, a service as its parts are, and a host by its addresses: a public one makes it open, and
// private ones alone controlled. What a provider runs for everybody is open. Nothing is ever worked out to be small, because no address tells that.
func exposureOf(v estate.View, ref model.Ref, depth int) Point {
	if depth > deepest {
		return Point{Why: "Its parts are nested too deeply."}
	}
	switch rec := v.Get(ref).(type) {
	case *model.Application:
		if rec.Exposure != "" {
			return Point{Value: string(rec.Exposure), Why: "Set on " + rec.Title() + ".", From: []model.Ref{ref}}
		}
		if len(rec.RunsOn) == 0 && rec.Hosting == "saas" {
			return Point{Value: "open", Why: rec.Title() + " is run by a provider for everybody.", From: []model.Ref{ref}}
		}
		return most(v, rec, rec.RunsOn, depth)
	case *model.Service:
		return most(v, rec, rec.BuiltFrom, depth)
	case *model.Product:
		return most(v, rec, rec.RunsOn, depth)
	case *model.Host:
		return reached(rec, rec.IPs)
	case *model.NetworkDevice:
		return reached(rec, rec.IPs)
	case nil:
		return Point{Why: "What the bill of materials describes is not known."}
	}
	return Point{Why: "Nothing in the estate says how it is reached."}
}

// most returns the exposure of something by that of its parts: the most open one, and where parts are not known as far as they may go.
func most(v estate.View, whole model.Record, parts []model.Ref, depth int) Point {
	least, out := -1, Point{}
	unknown := false
	for _, ref := range parts {
		p := exposureOf(v, ref, depth+1)
		n := slices.Index(ExposureValues, p.Value)
		unknown = unknown || n < 0
		n = max(n, slices.Index(ExposureValues, p.Least))
		if n > least {
			least, out = n, p
		}
	}
	switch {
	case least < 0:
		return Point{Why: fmt.Sprintf("%s has no exposure set, and what it runs on does not say how it is reached.", whole.Base().Title())}
	case unknown && ExposureValues[least] != "open":
		return Point{Least: ExposureValues[least], Most: "open", Why: out.Why + " Other parts do not say how they are reached.", From: out.From}
	}
	return out
}

// shared are addresses that are neither private nor public: those between a provider and its customers (RFC 6598).
var shared = netip.MustParsePrefix("100.64.0.0/10")

// reached returns the exposure of something with addresses.
func reached(rec model.Record, ips []string) Point {
	ref := []model.Ref{rec.Base().Ref()}
	some := ""
	for _, text := range ips {
		ip, err := netip.ParseAddr(text)
		if err != nil {
			prefix, err := netip.ParsePrefix(text)
			if err != nil {
				continue
			}
			ip = prefix.Addr()
		}
		ip = ip.Unmap()
		switch {
		case ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast():
		case ip.IsPrivate() || shared.Contains(ip):
			some = text
		default:
			return Point{Value: "open", Why: fmt.Sprintf("%s has the public address %s.", rec.Base().Title(), text), From: ref}
		}
	}
	if some == "" {
		return Point{Why: rec.Base().Title() + " has no address that is known."}
	}
	return Point{Value: "controlled", Why: fmt.Sprintf("%s has private addresses alone, such as %s.", rec.Base().Title(), some), From: ref}
}

// public tells whether something is publicly exposed from its exposure.
func public(exposure Point) Point {
	out := Point{Why: exposure.Why, From: exposure.From}
	switch options := exposure.options(ExposureValues); {
	case exposure.Value == "open":
		out.Value = "yes"
	case !slices.Contains(options, "open"):
		out.Value = "no"
	}
	return out
}

// safetyOf returns the worst harm to people that is set on anything which fails with the subject. Where nothing is set it is not known.
func safetyOf(v estate.View, c *estate.Closure) Point {
	worst := Point{Why: "No safety impact is set on what depends on it."}
	for _, s := range c.Steps {
		if app, ok := s.Record.(*model.Application); ok && slices.Index(SafetyValues, string(app.SafetyImpact)) > slices.Index(SafetyValues, worst.Value) {
			worst = Point{Value: string(app.SafetyImpact), Why: "Set on " + app.Title() + ".", From: []model.Ref{app.Ref()}}
		}
	}
	return worst
}

// missions are the values of the mission impact by how much the business depends on what fails: low criticality only degrades the
// mission, medium cripples what supports an essential function, high is the failure of one, and critical that of the mission.
var missions = map[model.Criticality]string{
	model.CriticalityLow: "degraded", model.CriticalityMedium: "mef_support_crippled", model.CriticalityHigh: "mef_failure", model.CriticalityCritical: "mission_failure",
}

// missionOf returns the mission impact of the most critical record that fails with the subject, which is among them. Where none has a criticality it is not known.
func missionOf(v estate.View, c *estate.Closure) Point {
	worst, rank := Point{Why: "Neither it nor anything that depends on it says how critical it is."}, 0
	for _, s := range c.Steps {
		f := v.Schema().Of(s.Record).Field("criticality")
		if f == nil {
			continue
		}
		level, ok := f.Get(s.Record).(model.Criticality)
		if !ok || model.Rank(level) <= rank {
			continue
		}
		rank = model.Rank(level)
		worst = Point{Value: missions[level], Why: fmt.Sprintf("%s is of %s criticality.", s.Record.Base().Title(), level), From: []model.Ref{s.Record.Base().Ref()}}
	}
	return worst
}

// WellBeing translates human impact into the point of the coordinator tree that stands in its place: low stays low, medium and high are medium, very high is high.
func WellBeing(human Point) Point {
	values := map[string]string{"low": "low", "medium": "medium", "high": "medium", "very_high": "high"}
	return Point{Value: values[human.Value], Least: values[human.Least], Most: values[human.Most], Why: human.Why, From: human.From}
}
