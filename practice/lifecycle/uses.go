package lifecycle

import (
	"iter"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// use is one place where a version of a technology is in use.
type use struct {
	// holder is what has it: a host, an application, a resource, a device.
	holder model.Record
	// component is the component of a bill of materials that it is, or nil.
	component *model.Component
	// as says in what role: operating system, firmware, built with, runs, component or software.
	as string
	// text is the name and the version as an inventory found them. Empty where a record names the technology.
	text string
	practice.Standing
}

// found returns the name and the version as they were found.
func (u use) found() string {
	if u.text == "" {
		return u.Title()
	}
	return u.text
}

// path returns the chain from the holder to the technology.
func (u use) path() practice.Path {
	out := practice.Path{practice.To(u.holder)}
	if u.component != nil {
		out = append(out, practice.To(u.component))
	}
	if u.Technology != nil {
		out = append(out, practice.To(u.Technology))
	}
	return out
}

// release names a technology in one of its releases.
type release struct {
	technology model.Ref
	cycle      string
}

func (u use) release() release {
	r := release{}
	if u.Technology != nil {
		r.technology = u.Technology.Ref()
	}
	if u.Cycle != nil {
		r.cycle = u.Cycle.Name
	}
	return r
}

// uses yields every use of a technology by something that is still alive on the
// day of the view, kind by kind and by key.
func uses(v estate.View) iter.Seq[use] {
	return func(yield func(use) bool) {
		s := practice.SupportsIn(v)
		_ = ofHosts(v, s, yield) && ofApplications(v, s, yield) && ofResources(v, s, yield) && ofDevices(v, s, yield) && ofComponents(v, s, yield)
	}
}

func ofHosts(v estate.View, s practice.Supports, yield func(use) bool) bool {
	for h := range estate.Each[*model.Host](v) {
		if practice.Gone(h, v.At()) {
			continue
		}
		if !yield(use{holder: h, as: "operating system", text: joined(h.OperatingSystem, h.OSVersion), Standing: s.Host(h)}) || !ofList(s, h, "runs", h.Runs, yield) {
			return false
		}
		for _, p := range h.Software {
			if standing := s.Software(p); standing.Technology != nil && !yield(use{holder: h, as: "software", text: joined(p.Name, p.Version), Standing: standing}) {
				return false
			}
		}
	}
	return true
}

func ofList(s practice.Supports, holder model.Record, as string, list []model.TechnologyUse, yield func(use) bool) bool {
	for _, u := range list {
		if !yield(use{holder: holder, as: as, Standing: s.Use(u)}) {
			return false
		}
	}
	return true
}

func ofApplications(v estate.View, s practice.Supports, yield func(use) bool) bool {
	for a := range estate.Each[*model.Application](v) {
		if !practice.Gone(a, v.At()) && !ofList(s, a, "built with", a.BuiltWith, yield) {
			return false
		}
	}
	return true
}

func ofResources(v estate.View, s practice.Supports, yield func(use) bool) bool {
	for r := range estate.Each[*model.CloudResource](v) {
		if !practice.Gone(r, v.At()) && !ofList(s, r, "runs", r.Runs, yield) {
			return false
		}
	}
	return true
}

func ofDevices(v estate.View, s practice.Supports, yield func(use) bool) bool {
	for d := range estate.Each[*model.NetworkDevice](v) {
		if practice.Gone(d, v.At()) {
			continue
		}
		if !yield(use{holder: d, as: "firmware", text: joined(d.Firmware, d.FirmwareVersion), Standing: s.Device(d)}) {
			return false
		}
	}
	return true
}

// ofComponents yields the components that a technology fits. Of most packages nobody publishes an end.
func ofComponents(v estate.View, s practice.Supports, yield func(use) bool) bool {
	for c := range estate.Each[*model.Component](v) {
		if c.Scope == "excluded" {
			continue
		}
		standing := s.Component(c)
		holder := v.Get(c.Application)
		if standing.Technology == nil || holder == nil || practice.Gone(holder, v.At()) {
			continue
		}
		if !yield(use{holder: holder, component: c, as: "component", text: c.Title(), Standing: standing}) {
			return false
		}
	}
	return true
}

func joined(name, version string) string {
	if name == "" || version == "" {
		return name + version
	}
	return name + " " + version
}

// carries reports whether a ref leads to what something runs on, as opposed to
// other applications and services that it calls.
func carries(f *model.Field) bool {
	switch f.Kind.Name + "." + f.Path() {
	case "Application.runs_on", "Service.built_from", "Host.runs_on", "Host.network", "NetworkDevice.uplinks", "CloudResource.depends_on":
		return true
	}
	return f.Custom && f.Flow == model.Needs
}

// carriesOrCalls reports whether a ref leads to anything that something needs to work.
func carriesOrCalls(f *model.Field) bool {
	switch f.Kind.Name + "." + f.Path() {
	case "Application.depends_on", "Service.depends_on", "DataSet.stored_in", "Interface.from", "Interface.into":
		return f.Flow != model.NoFlow
	}
	return carries(f)
}
