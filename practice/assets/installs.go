package assets

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// install is a product on a machine. A machine has a product once, however often it was found.
type install struct {
	// on is the machine: a host, or an application where nobody knows the hosts that it runs on.
	on model.Record
	release
	// from are the records that say so.
	from []practice.Link
	// times is how often it was found there.
	times int
}

// names finds products by the names that inventories use for them.
type names struct {
	exact    map[string]string
	prefixes []prefix
	known    map[string]string
}

// prefix is the start of names of a product.
type prefix struct {
	text, product string
	// own says that it is the name of the product itself, which must be followed by a version or something in parentheses.
	own bool
}

// namesOf gathers the names of all products that there are licences for. The longest one that fits decides.
func namesOf(v estate.View) *names {
	x := &names{exact: map[string]string{}, known: map[string]string{}}
	add := func(name, product string) {
		if _, taken := x.exact[name]; !taken && name != "" {
			x.exact[name] = product
		}
	}
	for l := range estate.Each[*model.Licence](v) {
		product := normal(l.Product)
		add(product, product)
		x.prefixes = append(x.prefixes, prefix{product + " ", product, true})
		for _, n := range l.Names {
			if start, all := strings.CutSuffix(strings.TrimSpace(n), "*"); all {
				if start = strings.TrimLeft(strings.ToLower(start), " "); start != "" {
					x.prefixes = append(x.prefixes, prefix{start, product, false})
				}
				continue
			}
			add(normal(n), product)
		}
	}
	slices.SortStableFunc(x.prefixes, func(a, b prefix) int {
		return cmp.Or(cmp.Compare(len(b.text), len(a.text)), cmp.Compare(a.product, b.product))
	})
	return x
}

// product returns the product that a name stands for, or nothing.
func (x *names) product(name string) string {
	if p, ok := x.known[name]; ok {
		return p
	}
	text, found := normal(name), ""
	if found = x.exact[text]; found == "" && text != "" {
		for _, p := range x.prefixes {
			rest, ok := strings.CutPrefix(text, p.text)
			if ok && (!p.own || rest != "" && strings.ContainsRune("0123456789(v", rune(rest[0]))) {
				found = p.product
				break
			}
		}
	}
	x.known[name] = found
	return found
}

// found gathers installs by product and machine.
type found struct {
	view     estate.View
	names    *names
	supports practice.Supports
	// products has the installs of each product, in the order of the machines.
	products map[string][]*install
	at       map[model.Ref]map[string]*install
	// inventoried is how many machines any inventory has listed software of.
	inventoried int
}

// installsOf finds where the products are that there are licences for: in the
// software and the operating systems of hosts, in the technologies that run on them,
// and in the bills of materials of what is deployed on them. Machines past their life do not count.
func installsOf(v estate.View) *found {
	f := &found{view: v, names: namesOf(v), supports: practice.SupportsIn(v), products: map[string][]*install{}, at: map[model.Ref]map[string]*install{}}
	for h := range estate.Each[*model.Host](v) {
		if practice.Gone(h, v.At()) {
			continue
		}
		if len(h.Software) > 0 {
			f.inventoried++
		}
		for _, s := range h.Software {
			if p := f.names.product(s.Name); p != "" {
				f.add(p, h, releaseOf(s.Name, s.Version, f.supports.Software(s)))
			}
		}
		if p := f.names.product(h.OperatingSystem); p != "" {
			f.add(p, h, releaseOf(h.OperatingSystem, h.OSVersion, f.supports.Host(h)))
		}
		for _, u := range h.Runs {
			if t, ok := estate.Look[*model.Technology](v, u.Technology); ok {
				if p := f.technology(t); p != "" {
					f.add(p, h, releaseOf(t.Title(), u.Version, f.supports.Use(u)), practice.To(t))
				}
			}
		}
	}
	for c := range estate.Each[*model.Component](v) {
		if c.Scope != "excluded" {
			f.component(c)
		}
	}
	return f
}

func releaseOf(name, version string, s practice.Standing) release {
	r := release{name: name, version: version}
	if s.Cycle != nil {
		r.cycle, r.released = s.Cycle.Name+" "+s.Cycle.Label, s.Cycle.Released
	}
	return r
}

// technology returns the product that a technology is.
func (f *found) technology(t *model.Technology) string {
	for _, name := range append([]string{t.Name, t.Key}, t.Aliases...) {
		if p := f.names.product(name); p != "" {
			return p
		}
	}
	return ""
}

func (f *found) component(c *model.Component) {
	holder := f.view.Get(c.Application)
	if holder == nil || practice.Gone(holder, f.view.At()) {
		return
	}
	product := ""
	for _, name := range []string{c.Name, packageName(c.PackageURL)} {
		if product = f.names.product(name); product != "" {
			break
		}
	}
	if t, ok := estate.Look[*model.Technology](f.view, c.Technology); ok && product == "" {
		product = f.technology(t)
	}
	if product == "" {
		return
	}
	r := releaseOf(cmp.Or(c.Name, packageName(c.PackageURL)), c.Version, f.supports.Component(c))
	hosts := f.hostsOf(holder)
	if len(hosts) == 0 {
		f.add(product, holder, r, practice.To(c))
	}
	for _, h := range hosts {
		f.add(product, h, r, practice.To(c), practice.To(holder))
	}
}

// packageName returns the name in a package URL without its version.
func packageName(purl string) string {
	_, rest, _ := strings.Cut(purl, ":")
	rest, _, _ = strings.Cut(rest, "?")
	rest = rest[strings.LastIndexByte(rest, '/')+1:]
	rest, _, _ = strings.Cut(rest, "@")
	return rest
}

// hostsOf returns the hosts that something runs on.
func (f *found) hostsOf(rec model.Record) []*model.Host {
	var refs []model.Ref
	switch r := rec.(type) {
	case *model.Host:
		return []*model.Host{r}
	case *model.Application:
		refs = r.RunsOn
	case *model.Service:
		refs = r.BuiltFrom
	}
	var out []*model.Host
	for _, ref := range refs {
		if h, ok := estate.Look[*model.Host](f.view, ref); ok && !practice.Gone(h, f.view.At()) {
			out = append(out, h)
		}
	}
	return out
}

// add notes that a product was found on a machine. Of several releases the newest counts.
func (f *found) add(product string, on model.Record, r release, from ...practice.Link) {
	ref := on.Base().Ref()
	if f.at[ref] == nil {
		f.at[ref] = map[string]*install{}
	}
	i := f.at[ref][product]
	if i == nil {
		i = &install{on: on, release: r}
		f.at[ref][product] = i
		f.products[product] = append(f.products[product], i)
	} else if compareParts(numbers(r.version), numbers(i.version)) == newer || i.version == "" && r.version != "" {
		i.release = r
	}
	i.times++
	for _, l := range from {
		if !slices.Contains(i.from, l) {
			i.from = append(i.from, l)
		}
	}
}
