package netbox

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// object is a JSON object. Its values are nil, bool, string, number, list or object.
type object map[string]any

// number is a JSON number as it was written.
type number string

var errTooDeep = errors.New("values are nested too deeply")

// decode reads the next value. Where it breaks off, what was read of an object is returned with the error.
func decode(dec *jsontext.Decoder, depth int) (any, error) {
	tok, err := dec.ReadToken()
	if err != nil {
		return nil, err
	}
	switch tok.Kind() {
	case '{', '[':
		if depth <= 0 {
			return nil, errTooDeep
		}
	case '"':
		return tok.String(), nil
	case '0':
		return number(tok.String()), nil
	case 't', 'f':
		return tok.Bool(), nil
	default:
		return nil, nil
	}
	if tok.Kind() == '[' {
		list := []any{}
		for dec.PeekKind() != ']' {
			item, err := decode(dec, depth-1)
			if err != nil {
				return list, err
			}
			list = append(list, item)
		}
		_, err := dec.ReadToken()
		return list, err
	}
	out := object{}
	for dec.PeekKind() != '}' {
		member, err := dec.ReadToken()
		if err != nil {
			return out, err
		}
		key := member.String()
		if out[key], err = decode(dec, depth-1); err != nil {
			return out, err
		}
	}
	_, err = dec.ReadToken()
	return out, err
}

// text returns a value as a text fit for a record, or nothing. Choices are objects with a value and a label.
func (o object) text(members ...string) string {
	for _, member := range members {
		text := ""
		switch v := o[member].(type) {
		case string:
			text = v
		case number:
			text = string(v)
		case object:
			text = v.text("value")
		}
		if text = kit.Clean(text); text != "" {
			return text
		}
	}
	return ""
}

// id returns the number of a row that a value names, or nothing.
func (o object) id(members ...string) string {
	for _, member := range members {
		switch v := o[member].(type) {
		case number:
			return string(v)
		case string:
			if _, err := strconv.ParseUint(v, 10, 64); err == nil {
				return v
			}
		case object:
			if id := v.id("id"); id != "" {
				return id
			}
		}
	}
	return ""
}

// float returns a number that is not negative and not beyond all reason, or 0.
func (o object) float(member string) float64 {
	f, err := strconv.ParseFloat(o.text(member), 64)
	if err != nil || f != f || f < 0 || f > 1e12 {
		return 0
	}
	return f
}

// row is one row of a table.
type row struct {
	object
	pk    string
	where feed.Where
	// brief says that the row is only known from where others name it.
	brief bool
}

// table is the rows of one sort, by their numbers.
type table map[string]*row

// get returns the row with a number, or an empty one.
func (t table) get(pk string) *row {
	if r := t[pk]; r != nil {
		return r
	}
	return &row{object: object{}}
}

// sorted returns the rows that are described, in the order of their numbers.
func (t table) sorted() []*row {
	out := make([]*row, 0, len(t))
	for _, r := range t {
		if !r.brief {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *row) int { return cmp.Or(cmp.Compare(len(a.pk), len(b.pk)), cmp.Compare(a.pk, b.pk)) })
	return out
}

// database is the tables of a content that matter.
type database struct {
	batch  *feed.Batch
	tables map[string]table
	// owners are the devices and virtual machines that ports and interfaces belong to, by table and number.
	owners map[string]map[string]owner
	apps   map[string]bool
	// sites and locations are refs to the records that stand for rows.
	sites, locations map[string]model.Ref
	// tagsOf are the tags of everything in a dump, by table and number.
	tagsOf map[string][]*row
}

// owner is the device or the virtual machine that a port belongs to.
type owner struct{ table, pk string }

func newDatabase(b *feed.Batch) *database {
	return &database{batch: b, tables: map[string]table{}, owners: map[string]map[string]owner{}, apps: map[string]bool{},
		sites: map[string]model.Ref{}, locations: map[string]model.Ref{}}
}

// kept are the tables that are read, by the words of NetBox for what is in them. Tables without words are needed, but not counted.
var kept = map[string]string{
	"dcim.region": "regions", "dcim.sitegroup": "site groups", "dcim.site": "sites", "dcim.location": "locations", "dcim.rack": "racks",
	"dcim.device": "devices", "dcim.devicerole": "", "dcim.devicetype": "", "dcim.manufacturer": "", "dcim.platform": "", "dcim.virtualchassis": "",
	"dcim.interface": "interfaces", "dcim.frontport": "front ports", "dcim.rearport": "rear ports", "dcim.powerport": "power ports", "dcim.poweroutlet": "power outlets",
	"dcim.consoleport": "console ports", "dcim.consoleserverport": "console server ports", "dcim.macaddress": "",
	"dcim.cable": "cables", "dcim.cabletermination": "",
	"virtualization.cluster": "clusters", "virtualization.virtualmachine": "virtual machines", "virtualization.vminterface": "vm interfaces",
	"ipam.ipaddress": "ip addresses", "tenancy.tenant": "tenants", "tenancy.contact": "contacts",
	"circuits.provider": "providers", "circuits.circuit": "circuits", "extras.tag": "", "extras.taggeditem": "", "contenttypes.contenttype": "",
}

// paths are the tables by their paths in the REST interface.
var paths = map[string]string{
	"dcim/regions": "dcim.region", "dcim/site-groups": "dcim.sitegroup", "dcim/sites": "dcim.site", "dcim/locations": "dcim.location", "dcim/racks": "dcim.rack",
	"dcim/devices": "dcim.device", "dcim/device-roles": "dcim.devicerole", "dcim/device-types": "dcim.devicetype", "dcim/manufacturers": "dcim.manufacturer",
	"dcim/platforms": "dcim.platform", "dcim/virtual-chassis": "dcim.virtualchassis", "dcim/interfaces": "dcim.interface", "dcim/front-ports": "dcim.frontport",
	"dcim/rear-ports": "dcim.rearport", "dcim/power-ports": "dcim.powerport", "dcim/power-outlets": "dcim.poweroutlet", "dcim/console-ports": "dcim.consoleport",
	"dcim/console-server-ports": "dcim.consoleserverport", "dcim/mac-addresses": "dcim.macaddress", "dcim/cables": "dcim.cable",
	"virtualization/clusters": "virtualization.cluster", "virtualization/virtual-machines": "virtualization.virtualmachine",
	"virtualization/interfaces": "virtualization.vminterface", "ipam/ip-addresses": "ipam.ipaddress", "tenancy/tenants": "tenancy.tenant",
	"tenancy/contacts": "tenancy.contact", "circuits/providers": "circuits.provider", "circuits/circuits": "circuits.circuit", "extras/tags": "extras.tag",
	"virtualization/cluster-types": "virtualization.clustertype", "virtualization/cluster-groups": "virtualization.clustergroup", "dcim/rack-roles": "dcim.rackrole",
	"ipam/prefixes": "ipam.prefix", "ipam/vlans": "ipam.vlan", "ipam/vrfs": "ipam.vrf", "tenancy/tenant-groups": "tenancy.tenantgroup",
	"tenancy/contact-groups": "tenancy.contactgroup", "dcim/power-panels": "dcim.powerpanel", "dcim/power-feeds": "dcim.powerfeed", "dcim/modules": "dcim.module",
	"dcim/inventory-items": "dcim.inventoryitem", "dcim/device-bays": "dcim.devicebay",
}

// modelOfURL returns the table that an address of the REST interface belongs to, or nothing.
func modelOfURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	_, path, ok := strings.Cut(u.Path, "/api/")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if !ok || len(parts) < 3 {
		return ""
	}
	return paths[parts[0]+"/"+parts[1]]
}

// flatten turns an object of the interface into a row of a dump: what it names becomes the number of a brief row.
func (d *database) flatten(o object, depth int) object {
	out := make(object, len(o))
	for member, value := range o {
		if child, isObject := value.(object); isObject {
			if name := modelOfURL(child.text("url")); name != "" && depth < 5 {
				value = number(child.id("id"))
				d.mention(name, child.id("id"), d.flatten(child, depth+1))
			}
		}
		out[member] = value
	}
	return out
}

// mention keeps what others say of a row.
func (d *database) mention(name, pk string, values object) {
	if _, wanted := kept[name]; !wanted || pk == "" {
		return
	}
	if d.tables[name] == nil {
		d.tables[name] = table{}
	}
	if known := d.tables[name][pk]; known == nil {
		d.tables[name][pk] = &row{object: values, pk: pk, brief: true}
	} else if known.brief {
		for member, value := range values {
			if _, has := known.object[member]; !has {
				known.object[member] = value
			}
		}
	}
}

// take keeps a row. Of ports only what they belong to is kept.
func (d *database) take(name, pk string, values object, where feed.Where) {
	app, _, _ := strings.Cut(name, ".")
	d.apps[app] = true
	words, wanted := kept[name]
	if !wanted {
		return
	}
	if words != "" {
		d.batch.Count(words, 1)
	}
	if at, err := model.ParseTime(values.text("last_updated")); err == nil {
		d.batch.Source.Produced = max(d.batch.Source.Produced, at)
	}
	switch name {
	case "dcim.interface", "dcim.frontport", "dcim.rearport", "dcim.powerport", "dcim.poweroutlet", "dcim.consoleport", "dcim.consoleserverport", "virtualization.vminterface":
		if d.owners[name] == nil {
			d.owners[name] = map[string]owner{}
		}
		if vm := values.id("virtual_machine"); vm != "" {
			d.owners[name][pk] = owner{"virtualization.virtualmachine", vm}
		} else {
			d.owners[name][pk] = owner{"dcim.device", values.id("device")}
		}
		values = object{"mac_address": values["mac_address"], "type": values["type"], "mgmt_only": values["mgmt_only"]}
	}
	if d.tables[name] == nil {
		d.tables[name] = table{}
	}
	if known := d.tables[name][pk]; known != nil && !known.brief {
		d.batch.Refuse(where, "%s %s is in the content twice: this one was left out; the first is %s", name, pk, known.where.Path)
		return
	}
	d.tables[name][pk] = &row{object: values, pk: pk, where: where}
}

// get returns the row that a member names, or an empty one.
func (d *database) get(name string, o object, members ...string) *row {
	for _, member := range members {
		if pk := o.id(member); pk != "" {
			return d.tables[name].get(pk)
		}
	}
	return d.tables[name].get("")
}

// contentType returns the table that a value names: as two texts, as one, or as the number of a row.
func (d *database) contentType(value any) string {
	switch v := value.(type) {
	case []any:
		if len(v) == 2 {
			app, _ := v[0].(string)
			name, _ := v[1].(string)
			return app + "." + name
		}
	case string:
		return v
	case number:
		if r := d.tables["contenttypes.contenttype"][string(v)]; r != nil {
			return r.text("app_label") + "." + r.text("model")
		}
	}
	return ""
}

// external is the name that NetBox itself has for a row.
func external(name, pk string) feed.Ident { return feed.External(fmt.Sprintf("%s:%s", name, pk)) }
