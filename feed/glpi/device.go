package glpi

import (
	"cmp"
	"regexp"
	"strings"

	"binnacle/feed"
	"binnacle/model"
)

// networkDevice makes a network device and its assets of a switch, a router or the like.
func (r *reader) networkDevice(content, device *node) {
	b := r.batch
	b.Count("network equipments", 1)
	serial := identity("serial", device.text("serial"), content.get("bios").text("ssn"))
	known := cmp.Or(device.text("name", "snmphostname", "dnshostname", "netbiosname"), content.get("hardware").text("name"))
	key := feed.SlugOf(cmp.Or(known, serial, device.text("mac"), device.text("ip")))
	if key == "" {
		b.Refuse(r.place(content, ""), "the device has no name, no serial number and no address: it cannot be told from others")
		return
	}
	record := "NetworkDevice/" + key
	d := &model.NetworkDevice{
		Meta:            model.Meta{Key: key, Tags: r.tags},
		FQDN:            fullName(content, known),
		Serial:          serial,
		MACs:            r.cards(record, ".network_device.mac", device.all("mac")...),
		IPs:             r.addresses(record, ".network_device.ips", append(listed(device, "ips", "ip"), device.all("ip")...)...),
		Manufacturer:    cmp.Or(device.text("manufacturer"), content.get("bios").text("smanufacturer")),
		Model:           cmp.Or(device.text("model"), content.get("bios").text("smodel")),
		FirmwareVersion: device.text("firmware"),
	}
	if known != key {
		d.Name = known
	}
	for _, firmware := range content.all("firmwares") {
		if kind := strings.ToLower(firmware.text("type")); d.FirmwareVersion == "" && (kind == "device" || kind == "") {
			d.FirmwareVersion = firmware.text("version")
		}
	}
	about := device.text("description", "comments") + " " + d.Model
	if system := systems.FindString(about); system != "" {
		d.Firmware = system
	}
	for _, port := range content.all("network_ports") {
		b.Count("network ports", 1)
		if kind := port.text("iftype"); kind == "" || ethernet[kind] {
			d.Ports++
		}
	}
	d.Type = deviceType(device.text("type"), about+" "+known, d.Ports)
	external := cmp.Or(serial, strings.Join(d.MACs, " "), strings.Join(d.IPs, " "), known)
	ref := b.Add(d, r.place(content, ""), feed.External(external))
	kind := cmp.Or(string(d.Type), "network device")
	r.asset(ref, serial, d.Manufacturer, d.Model, kind, device.text("assettag"))
	seen := map[string]bool{serial: true}
	for _, part := range content.all("network_components") {
		number := identity("serial", part.text("serial"))
		if strings.ToLower(part.text("type")) == "chassis" && number != "" && !seen[number] {
			seen[number] = true
			r.asset(ref, number, cmp.Or(part.text("manufacturer"), d.Manufacturer), cmp.Or(part.text("model"), d.Model), kind, "")
		}
	}
	if len(content.all("virtualmachines")) > 0 {
		b.Note("%s: %s lists %d virtual machines, which were not read.", r.path, key, len(content.all("virtualmachines")))
	}
}

// ethernet lists the types of interfaces that are sockets in the case, by their numbers at IANA.
var ethernet = map[string]bool{"6": true, "62": true, "69": true, "117": true}

// systems finds the name of the system software in the words of the maker.
var systems = regexp.MustCompile(`IOS[ -]XE|IOS[ -]XR|NX-OS|IOS|JUNOS|Junos|ArubaOS|EOS|FortiOS|PAN-OS|RouterOS|Comware|ExtremeXOS`)

// words tells the type of a device from what the maker writes about it.
var words = []struct {
	pattern *regexp.Regexp
	is      model.NetworkDeviceType
}{
	{regexp.MustCompile(`(?i)firewall|fortigate|palo alto|\basa ?\d|checkpoint|sophos|stormshield`), "firewall"},
	{regexp.MustCompile(`(?i)access point|aironet|\bwap\d|\bunifi ap|wireless`), "access_point"},
	{regexp.MustCompile(`(?i)load balancer|big-ip|netscaler`), "load_balancer"},
	{regexp.MustCompile(`(?i)switch|catalyst|nexus|procurve|\bWS-C\d|fabric interconnect|\bUCS 6\d{3}|\b\d{4}-\d{2}G`), "switch"},
	{regexp.MustCompile(`(?i)router|\bISR|\bASR\d|\bMX\d`), "router"},
}

// deviceType returns what a device does, as far as its type, the words of its maker and its number of ports show.
func deviceType(kind, about string, ports int) model.NetworkDeviceType {
	switch strings.ToLower(kind) {
	case "power":
		return "power"
	case "kvm":
		return "console"
	}
	for _, w := range words {
		if w.pattern.MatchString(about) {
			return w.is
		}
	}
	if ports >= 12 {
		return "switch"
	}
	return ""
}
