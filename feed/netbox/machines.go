package netbox

import (
	"cmp"
	"maps"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// machines makes records of devices and virtual machines.
type machines struct {
	*database
	// ips, macs and ports are those of each device or virtual machine.
	ips, macs map[owner][]string
	ports     map[owner]int
	// keys counts how often a key is wanted, by kind of record, and fqdns how often a full name is.
	keys, fqdns map[string]int
	// inCluster are the hosts of each cluster.
	inCluster map[string][]model.Ref
	// records are those of the devices.
	records map[string]model.Record
}

func newMachines(d *database) *machines {
	m := &machines{database: d, ips: map[owner][]string{}, macs: map[owner][]string{}, ports: map[owner]int{},
		keys: map[string]int{}, fqdns: map[string]int{}, inCluster: map[string][]model.Ref{}, records: map[string]model.Record{}}
	m.readAddresses()
	m.readPorts()
	return m
}

// shared are the roles of addresses that several machines have in turn.
var shared = map[string]bool{"vip": true, "vrrp": true, "hsrp": true, "glbp": true, "carp": true, "anycast": true}

// readAddresses finds out which machine has which address.
func (m *machines) readAddresses() {
	for _, r := range m.tables["ipam.ipaddress"].sorted() {
		text := r.text("address")
		if m.address(text) == "" {
			m.batch.Refuse(m.within(r, "address"), "%.60q is not an IP address", text)
			continue
		}
		who, known := m.assigned(r)
		if known && !shared[r.text("role")] {
			m.ips[who] = append(m.ips[who], m.address(text))
		}
	}
}

// within returns the place of a member of a row.
func (m *machines) within(r *row, member string) feed.Where {
	where := r.where
	where.Path += "." + member
	return where
}

// assigned returns the machine that an address is on.
func (m *machines) assigned(r *row) (owner, bool) {
	who, known := m.owners[m.contentType(r.object["assigned_object_type"])][r.id("assigned_object_id")]
	if known {
		return who, true
	}
	if on, isObject := r.object["assigned_object"].(object); isObject {
		if id := on.id("device"); id != "" {
			return owner{"dcim.device", id}, true
		}
		if id := on.id("virtual_machine"); id != "" {
			return owner{"virtualization.virtualmachine", id}, true
		}
	}
	if pk := r.id("assigned_object"); pk != "" {
		// What an interface of the REST interface belongs to stands in its brief row.
		for _, name := range []string{"dcim.interface", "virtualization.vminterface"} {
			if on := m.tables[name][pk]; on != nil && name == m.contentType(r.object["assigned_object_type"]) {
				if id := on.id("device"); id != "" {
					return owner{"dcim.device", id}, true
				}
				return owner{"virtualization.virtualmachine", on.id("virtual_machine")}, true
			}
		}
	}
	return owner{}, false
}

// address returns an address without the length of its network, or nothing.
func (m *machines) address(text string) string {
	bare, _, _ := strings.Cut(text, "/")
	ip, err := netip.ParseAddr(bare)
	if err != nil {
		return ""
	}
	return ip.WithZone("").String()
}

// readPorts counts the sockets of each machine and collects the addresses of its network cards.
func (m *machines) readPorts() {
	for _, name := range slices.Sorted(maps.Keys(m.owners)) {
		for _, r := range m.tables[name].sorted() {
			who := m.owners[name][r.pk]
			kind := r.text("type")
			if kind != "virtual" && kind != "lag" && kind != "bridge" && (name == "dcim.interface" || name == "dcim.frontport" || name == "dcim.poweroutlet" || name == "dcim.consoleserverport") {
				m.ports[who]++
			}
			m.card(who, r, r.text("mac_address"))
		}
	}
	for _, r := range m.tables["dcim.macaddress"].sorted() {
		if who, known := m.assigned(r); known {
			m.card(who, r, r.text("mac_address"))
		}
	}
}

// card notes the address of a network card. Those of virtual routers move from device to device and are left out.
func (m *machines) card(who owner, r *row, text string) {
	if text == "" {
		return
	}
	mac, err := net.ParseMAC(text)
	if err != nil {
		m.batch.Refuse(m.within(r, "mac_address"), "%.60q is not the address of a network card", text)
		return
	}
	if known := mac.String(); !strings.HasPrefix(known, "00:00:5e:00:0") && feed.Normal("mac", known) != "" {
		m.macs[who] = append(m.macs[who], known)
	}
}

// propose proposes the devices first, because virtual machines run on them.
func (m *machines) propose() {
	devices, virtual := m.tables["dcim.device"].sorted(), m.tables["virtualization.virtualmachine"].sorted()
	for _, r := range devices {
		m.keys[m.kindOf(r)+"/"+m.key(r)]++
		m.fqdns[m.fqdn(r)]++
	}
	for _, r := range virtual {
		m.keys["Host/"+m.key(r)]++
		m.fqdns[m.fqdn(r)]++
	}
	for _, r := range devices {
		m.device(r)
	}
	for _, r := range virtual {
		m.virtual(r)
	}
}

// key returns the name of a machine as a key. Devices without a name are called after their type.
func (m *machines) key(r *row) string {
	if key := feed.SlugOf(r.text("name")); key != "" {
		return key
	}
	if chassis := m.get("dcim.virtualchassis", r.object, "virtual_chassis"); slug(chassis) != "" && r.text("vc_position") != "" {
		return feed.SlugOf(chassis.text("name") + "-" + r.text("vc_position"))
	}
	kind := m.get("dcim.devicetype", r.object, "device_type")
	return feed.SlugOf(cmp.Or(kind.text("slug", "model"), "device") + "-" + r.pk)
}

// fqdn returns the full name of a machine, or nothing: its own name, or that of its primary address.
func (m *machines) fqdn(r *row) string {
	primary := m.get("ipam.ipaddress", r.object, "primary_ip4", "primary_ip6", "primary_ip")
	for _, text := range []string{r.text("name"), primary.text("dns_name")} {
		text = strings.ToLower(strings.TrimSuffix(text, "."))
		if strings.Contains(strings.Trim(text, "."), ".") && !strings.ContainsAny(text, " /:") && strings.Trim(text, "0123456789.") != "" {
			return text
		}
	}
	return ""
}

// unique makes a key and a full name that no other machine of the content has.
func (m *machines) unique(r *row, kind, suffix string) (key, fqdn string) {
	key, fqdn = m.key(r), m.fqdn(r)
	if m.keys[kind+"/"+key] > 1 {
		key += suffix + r.pk
	}
	if m.fqdns[fqdn] > 1 {
		fqdn = ""
	}
	return key, fqdn
}

// addresses returns the addresses of a machine, the primary ones first.
func (m *machines) addresses(r *row, who owner) []string {
	var out []string
	for _, member := range []string{"primary_ip4", "primary_ip6", "primary_ip"} {
		if ip := m.address(m.get("ipam.ipaddress", r.object, member).text("address")); ip != "" && !slices.Contains(out, ip) {
			out = append(out, ip)
		}
	}
	rest := m.ips[who]
	slices.Sort(rest)
	for _, ip := range rest {
		if !slices.Contains(out, ip) {
			out = append(out, ip)
		}
	}
	return out
}

// cards returns the addresses of the network cards of a machine.
func (m *machines) cards(who owner) []string {
	slices.Sort(m.macs[who])
	return slices.Compact(m.macs[who])
}

// roles tells by the role or the type of a device what it is.
var roles = []struct {
	pattern *regexp.Regexp
	kind    string
	is      string
}{
	{regexp.MustCompile(`(?i)\bpdu\b|power|\bups\b`), "NetworkDevice", "power"},
	{regexp.MustCompile(`(?i)patch|fiber panel|fibre panel`), "NetworkDevice", "patch_panel"},
	{regexp.MustCompile(`(?i)console|terminal server|\bkvm\b`), "NetworkDevice", "console"},
	{regexp.MustCompile(`(?i)firewall`), "NetworkDevice", "firewall"},
	{regexp.MustCompile(`(?i)load.?balanc|\badc\b`), "NetworkDevice", "load_balancer"},
	{regexp.MustCompile(`(?i)access.?point|wireless|\bwap\b|wi-?fi`), "NetworkDevice", "access_point"},
	{regexp.MustCompile(`(?i)switch|\bleaf\b|\bspine\b|\btor\b`), "NetworkDevice", "switch"},
	{regexp.MustCompile(`(?i)router|gateway|\bcpe\b|\bwan\b|\bmodem\b`), "NetworkDevice", "router"},
	{regexp.MustCompile(`(?i)network|transceiver|\bmux\b|media converter|optical`), "NetworkDevice", "other"},
	{regexp.MustCompile(`(?i)hypervisor|\besxi?\b|virtuali[sz]ation|\bproxmox\b`), "Host", "hypervisor"},
	{regexp.MustCompile(`(?i)kubernetes|container|docker`), "Host", "container_host"},
	{regexp.MustCompile(`(?i)storage|\bnas\b|\bsan\b|filer|backup`), "Host", "storage"},
	{regexp.MustCompile(`(?i)server|compute|\bnode\b|\bhost\b|blade`), "Host", "physical"},
	{regexp.MustCompile(`(?i)printer`), "Host", "printer"},
	{regexp.MustCompile(`(?i)phone`), "Host", "phone"},
	{regexp.MustCompile(`(?i)laptop|notebook`), "Host", "laptop"},
	{regexp.MustCompile(`(?i)workstation|desktop`), "Host", "workstation"},
	{regexp.MustCompile(`(?i)camera|appliance|sensor|controller`), "Host", "appliance"},
}

// networkMakers are makers whose hardware carries traffic, where the role says nothing.
var networkMakers = regexp.MustCompile(`(?i)cisco|juniper|arista|aruba|fortinet|palo alto|mikrotik|ubiquiti|extreme|brocade|ruckus|meraki`)

// sort returns the kind of record that a device becomes, and its type.
func (m *machines) sort(r *row) (kind, is string) {
	role := m.get("dcim.devicerole", r.object, "role", "device_role")
	hardware := m.get("dcim.devicetype", r.object, "device_type")
	maker := m.get("dcim.manufacturer", hardware.object, "manufacturer")
	for _, text := range []string{role.text("name") + " " + strings.ReplaceAll(role.text("slug"), "-", " "), hardware.text("model")} {
		for _, known := range roles {
			if known.pattern.MatchString(text) {
				if known.is == "physical" && r.id("cluster") != "" {
					return "Host", "hypervisor"
				}
				return known.kind, known.is
			}
		}
	}
	if networkMakers.MatchString(maker.text("name")) {
		return "NetworkDevice", "other"
	}
	return "Host", "other"
}

func (m *machines) kindOf(r *row) string {
	kind, _ := m.sort(r)
	return kind
}

// device proposes a device, and the asset that it is where it has a number of its own.
func (m *machines) device(r *row) {
	kind, is := m.sort(r)
	who := owner{"dcim.device", r.pk}
	hardware := m.get("dcim.devicetype", r.object, "device_type")
	maker := m.get("dcim.manufacturer", hardware.object, "manufacturer").text("name")
	rack := m.get("dcim.rack", r.object, "rack").text("name")
	system, version := kit.SplitVersion(m.get("dcim.platform", r.object, "platform").text("name"))
	serial := r.text("serial")
	if feed.Normal("serial", serial) == "" {
		serial = ""
	}
	key, fqdn := m.unique(r, kind, "-")
	var rec model.Record
	if kind == "Host" {
		rec = &model.Host{Type: model.HostType(is), FQDN: fqdn, Serial: serial, MACs: m.cards(who), IPs: m.addresses(r, who), Manufacturer: maker, Model: hardware.text("model"),
			OperatingSystem: system, OSVersion: version, Site: m.place(r), Rack: rack, Status: r.text("status")}
	} else {
		rec = &model.NetworkDevice{Type: model.NetworkDeviceType(is), FQDN: fqdn, Serial: serial, MACs: m.cards(who), IPs: m.addresses(r, who), Manufacturer: maker, Model: hardware.text("model"),
			Firmware: system, FirmwareVersion: version, Site: m.place(r), Rack: rack, Ports: m.ports[who], Status: r.text("status")}
	}
	m.common(r, "dcim.device", rec.Base())
	rec.Base().Key = key
	m.records[r.pk] = rec
	ref := m.add(rec, r, "dcim.device")
	if cluster := r.id("cluster"); cluster != "" && kind == "Host" {
		m.inCluster[cluster] = append(m.inCluster[cluster], ref)
	}
	label := r.text("asset_tag")
	if number := cmp.Or(serial, label); number != "" && feed.SlugOf(number) != "" {
		m.batch.Add(&model.Asset{Meta: model.Meta{Key: feed.SlugOf(number)}, Serial: serial, InventoryNumber: label, Manufacturer: maker, Model: hardware.text("model"),
			Category: strings.ToLower(m.get("dcim.devicerole", r.object, "role", "device_role").text("name")), Site: m.place(r), Is: ref}, r.where, feed.External("asset:dcim.device:"+r.pk))
	}
}

// virtual proposes a virtual machine. It runs on the device that NetBox names, or on the only host of its cluster.
func (m *machines) virtual(r *row) {
	if r.text("name") == "" {
		m.batch.RefuseRecord(r.where, "virtualization.virtualmachine "+r.pk, "name", "it has no name: give it one in NetBox")
		return
	}
	who := owner{"virtualization.virtualmachine", r.pk}
	cluster := m.get("virtualization.cluster", r.object, "cluster")
	system, version := kit.SplitVersion(m.get("dcim.platform", r.object, "platform").text("name"))
	key, fqdn := m.unique(r, "Host", "-vm")
	h := &model.Host{Type: "virtual", FQDN: fqdn, MACs: m.cards(who), IPs: m.addresses(r, who), OperatingSystem: system, OSVersion: version, Site: m.place(r), Status: r.text("status"),
		CPUs: int(min(r.float("vcpus"), 1<<20)), Memory: hundredths(r.float("memory") / 1024), Disk: hundredths(r.float("disk"))}
	if _, since41 := r.object["serial"]; since41 {
		// From version 4.1 on, which also gave virtual machines a serial number, disks are in megabytes and no longer in gigabytes.
		h.Disk = hundredths(r.float("disk") / 1000)
		if h.Serial = r.text("serial"); feed.Normal("serial", h.Serial) == "" {
			h.Serial = ""
		}
	}
	m.common(r, "virtualization.virtualmachine", &h.Meta)
	h.Key = key
	if tag := slug(cluster); tag != "" {
		h.Tags = append(h.Tags, tag)
		slices.Sort(h.Tags)
		h.Tags = slices.Compact(h.Tags)
	}
	if h.Site.IsZero() {
		h.Site = m.place(cluster)
	}
	if on, isHost := m.records[r.id("device")].(*model.Host); isHost {
		h.RunsOn = on.Ref()
	} else if hosts := m.inCluster[cluster.pk]; len(hosts) == 1 && cluster.pk != "" {
		h.RunsOn = hosts[0]
	}
	m.add(h, r, "virtualization.virtualmachine")
}

func hundredths(f float64) float64 { return float64(int64(f*100+0.5)) / 100 }

// cables joins the devices at the two ends of each cable. The link is kept on one of the two, always the same.
func (m *machines) cables() {
	ends := map[string]map[string][]string{}
	note := func(cable, end, device string) {
		if device == "" {
			return
		}
		if ends[cable] == nil {
			ends[cable] = map[string][]string{}
		}
		ends[cable][end] = append(ends[cable][end], device)
	}
	for _, t := range m.tables["dcim.cabletermination"].sorted() {
		note(t.id("cable"), t.text("cable_end"), cmp.Or(t.id("_device"), m.deviceOf(t.object["termination_type"], t.id("termination_id"))))
	}
	for _, c := range m.tables["dcim.cable"].sorted() {
		for end, letter := range map[string]string{"A": "a", "B": "b"} {
			note(c.pk, end, cmp.Or(c.id("_termination_"+letter+"_device"), m.deviceOf(c.object["termination_"+letter+"_type"], c.id("termination_"+letter+"_id"))))
			list, _ := c.object[letter+"_terminations"].([]any)
			for _, one := range list {
				t, _ := one.(object)
				on, _ := t["object"].(object)
				note(c.pk, end, cmp.Or(on.id("device"), m.deviceOf(t["object_type"], t.id("object_id"))))
			}
		}
	}
	unknown := 0
	for _, c := range m.tables["dcim.cable"].sorted() {
		for _, a := range ends[c.pk]["A"] {
			for _, b := range ends[c.pk]["B"] {
				if m.records[a] == nil || m.records[b] == nil {
					unknown++
				} else {
					m.link(m.records[a], m.records[b])
				}
			}
		}
	}
	if unknown > 0 {
		m.batch.Note("%d cables join devices that are not in this content: import the devices and the cables together.", unknown)
	}
}

// deviceOf returns the number of the device that a port is on.
func (m *machines) deviceOf(kind any, pk string) string {
	if who := m.owners[m.contentType(kind)][pk]; who.table == "dcim.device" {
		return who.pk
	}
	return ""
}

// link joins two devices. A cable between two hosts is no link of the network.
func (m *machines) link(a, b model.Record) {
	if a == b {
		return
	}
	from, isDevice := a.(*model.NetworkDevice)
	other, otherIsDevice := b.(*model.NetworkDevice)
	if !isDevice || otherIsDevice && other.Key < from.Key {
		from, b = other, a
	}
	if from != nil && !slices.Contains(from.Links, b.Base().Ref()) {
		from.Links = append(from.Links, b.Base().Ref())
	}
}
