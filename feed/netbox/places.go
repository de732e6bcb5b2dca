package netbox

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// propose makes records of the tables.
func (d *database) propose(ctx context.Context) error {
	if d.apps["dcim"] && d.apps["ipam"] && d.apps["virtualization"] && (d.apps["extras"] || d.apps["tenancy"]) {
		// A dump of this many parts is a dump of everything.
		d.batch.Complete = true
	}
	d.tenants()
	d.contacts()
	d.providers()
	d.places()
	if err := ctx.Err(); err != nil {
		return err
	}
	m := newMachines(d)
	m.propose()
	m.cables()
	return nil
}

// common fills in what all records share.
func (d *database) common(r *row, table string, m *model.Meta) {
	m.Name = r.text("name")
	m.Description = strings.TrimSpace(r.text("description") + "\n\n" + r.text("comments"))
	m.Tags = d.tags(r, table)
}

// tags returns the tags of a row and the name of its tenant.
func (d *database) tags(r *row, table string) []string {
	var out []string
	if list, ok := r.object["tags"].([]any); ok {
		for _, one := range list {
			switch tag := one.(type) {
			case object:
				out = append(out, cmp.Or(tag.text("slug"), feed.SlugOf(tag.text("name"))))
			case string:
				out = append(out, feed.SlugOf(kit.Clean(tag)))
			}
		}
	}
	for _, link := range d.tagged()[table+":"+r.pk] {
		out = append(out, cmp.Or(link.text("slug"), feed.SlugOf(link.text("name"))))
	}
	if tenant := d.get("tenancy.tenant", r.object, "tenant"); tenant.pk != "" {
		out = append(out, slug(tenant))
	}
	slices.Sort(out)
	return slices.DeleteFunc(slices.Compact(out), func(t string) bool { return t == "" })
}

// tagged returns the tags of everything in a dump, by table and number.
func (d *database) tagged() map[string][]*row {
	if d.tagsOf == nil {
		d.tagsOf = map[string][]*row{}
		for _, item := range d.tables["extras.taggeditem"] {
			of := d.contentType(item.object["content_type"]) + ":" + item.id("object_id")
			if tag := d.get("extras.tag", item.object, "tag"); tag.pk != "" {
				d.tagsOf[of] = append(d.tagsOf[of], tag)
			}
		}
	}
	return d.tagsOf
}

// slug returns the short name of a row.
func slug(r *row) string { return feed.SlugOf(cmp.Or(r.text("slug"), r.text("name"))) }

// add proposes a record for a row, or mentions it where the row is only named.
func (d *database) add(rec model.Record, r *row, table string) model.Ref {
	if r.brief {
		return d.batch.Mention(rec, d.batch.At(0, 0, ""), external(table, r.pk))
	}
	return d.batch.Add(rec, r.where, external(table, r.pk))
}

// named refuses a row that has no name and reports whether it has one.
func (d *database) named(r *row, table string) bool {
	if slug(r) != "" {
		return true
	}
	if !r.brief {
		d.batch.RefuseRecord(r.where, table+" "+r.pk, "name", "it has no name: give it one in NetBox")
	}
	return false
}

// tenants proposes a business unit for every tenant.
func (d *database) tenants() {
	for _, r := range d.tables["tenancy.tenant"].sorted() {
		if d.named(r, "tenancy.tenant") {
			unit := &model.BusinessUnit{}
			d.common(r, "tenancy.tenant", &unit.Meta)
			unit.Key = slug(r)
			d.add(unit, r, "tenancy.tenant")
		}
	}
}

// contacts proposes a person for every contact. Names are kept only where they can be erased.
func (d *database) contacts() {
	keys := map[string]int{}
	rows := d.tables["tenancy.contact"].sorted()
	for _, r := range rows {
		keys[slug(r)]++
	}
	for _, r := range rows {
		if !d.named(r, "tenancy.contact") {
			continue
		}
		p := &model.Person{Meta: model.Meta{Key: slug(r), Description: r.text("description"), Tags: d.tags(r, "tenancy.contact")}, FullName: r.text("name"), Phone: r.text("phone"), Position: r.text("title")}
		if keys[p.Key] > 1 {
			p.Key += "-" + r.pk
		}
		if address := r.text("email"); address != "" {
			if p.Email = kit.MailAddress(address); p.Email == "" {
				d.batch.RefuseRecord(r.where, "Person/"+p.Key, "email", fmt.Sprintf("%.80q is not a mail address; the person was taken without it", address))
			}
		}
		d.add(p, r, "tenancy.contact")
	}
}

// providers proposes a vendor for every provider of circuits.
func (d *database) providers() {
	for _, r := range d.tables["circuits.provider"].sorted() {
		if !d.named(r, "circuits.provider") {
			continue
		}
		v := &model.Vendor{Category: "telecom", Website: kit.WebAddress(r.text("portal_url"))}
		d.common(r, "circuits.provider", &v.Meta)
		v.Key = slug(r)
		d.add(v, r, "circuits.provider")
	}
}

// places proposes a site for every site and for every location in one.
func (d *database) places() {
	for _, r := range d.tables["dcim.site"].sorted() {
		d.site(r)
	}
	for _, r := range d.tables["dcim.location"].sorted() {
		d.location(r, 0)
	}
}

// site returns a ref to the record that stands for a site, and proposes it the first time.
func (d *database) site(r *row) model.Ref {
	if ref, known := d.sites[r.pk]; known || r.pk == "" || !d.named(r, "dcim.site") {
		return ref
	}
	s := &model.Site{Address: r.text("physical_address"), TimeZone: r.text("time_zone"), Region: d.get("dcim.region", r.object, "region").text("name")}
	d.common(r, "dcim.site", &s.Meta)
	s.Key = slug(r)
	if group := d.get("dcim.sitegroup", r.object, "group"); group.pk != "" {
		s.Tags = append(s.Tags, slug(group))
	}
	if status := r.text("status"); status != "" && status != "active" {
		s.Tags = append(s.Tags, status)
	}
	slices.Sort(s.Tags)
	s.Tags = slices.Compact(s.Tags)
	s.Latitude, s.Longitude = degrees(r, "latitude", 90), degrees(r, "longitude", 180)
	d.sites[r.pk] = d.add(s, r, "dcim.site")
	return d.sites[r.pk]
}

// degrees returns a coordinate within its limits, or nothing.
func degrees(r *row, member string, limit float64) float64 {
	text, south := strings.CutPrefix(r.text(member), "-")
	value := object{"d": text}.float("d")
	if value > limit {
		return 0
	}
	if south {
		return -value
	}
	return value
}

// location returns a ref to the record that stands for a location, and proposes it the first time.
func (d *database) location(r *row, depth int) model.Ref {
	if ref, known := d.locations[r.pk]; known || r.pk == "" || depth > 20 || !d.named(r, "dcim.location") {
		return ref
	}
	site := d.get("dcim.site", r.object, "site")
	l := &model.Site{Use: "room", Parent: d.site(site)}
	d.common(r, "dcim.location", &l.Meta)
	l.Key = feed.SlugOf(slug(site) + "/" + slug(r))
	if l.Parent.IsZero() {
		l.Key = slug(r)
	}
	if parent := d.get("dcim.location", r.object, "parent"); parent.pk != "" && parent.pk != r.pk {
		if ref := d.location(parent, depth+1); !ref.IsZero() {
			l.Parent = ref
		}
	}
	if ref, known := d.locations[r.pk]; known {
		// The locations go round in a circle.
		return ref
	}
	d.locations[r.pk] = d.add(l, r, "dcim.location")
	return d.locations[r.pk]
}

// place returns the narrowest place that a row names: its location, its site, or those of its rack.
func (d *database) place(r *row) model.Ref {
	rack := d.get("dcim.rack", r.object, "rack")
	for _, from := range []object{r.object, rack.object} {
		if ref := d.location(d.get("dcim.location", from, "location"), 0); !ref.IsZero() {
			return ref
		}
		if ref := d.site(d.get("dcim.site", from, "site")); !ref.IsZero() {
			return ref
		}
	}
	// Clusters of newer versions name a scope, which may be a place.
	switch scope := r.id("scope_id", "scope"); d.contentType(r.object["scope_type"]) {
	case "dcim.location":
		return d.location(d.tables["dcim.location"].get(scope), 0)
	case "dcim.site":
		return d.site(d.tables["dcim.site"].get(scope))
	}
	return model.Ref{}
}
