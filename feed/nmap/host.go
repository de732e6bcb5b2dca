package nmap

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"binnacle/feed"
	"binnacle/model"
)

// openPort is a port while it is being read.
type openPort struct {
	protocol, number, state string
	answers                 model.OpenPort
}

// service reads what answers on the port.
func (p *openPort) service(e xml.StartElement) {
	p.answers.Service = attr(e, "name")
	if attr(e, "tunnel") == "ssl" && p.answers.Service != "" {
		p.answers.Service = "ssl/" + p.answers.Service
	}
	p.answers.Product, p.answers.Version = attr(e, "product"), attr(e, "version")
}

// addPort keeps a port that is open. A scan of IP protocols lists protocols as if they were ports; these are left out.
func (s *scan) addPort(h *found, p *openPort) {
	if p == nil {
		return
	}
	s.batch.Count("ports", 1)
	if p.state != "open" || p.protocol == "ip" {
		return
	}
	number, err := strconv.Atoi(p.number)
	if err != nil || number < 0 || number > 65535 {
		line, column := s.dec.InputPos()
		s.batch.Refuse(s.batch.At(line, column, h.where.Path+".port"), "%q is not the number of a port: it must be between 0 and 65535", p.number)
		return
	}
	s.batch.Count("open ports", 1)
	p.answers.Port, p.answers.Protocol = number, p.protocol
	h.ports = append(h.ports, p.answers)
}

// address reads an address of a host.
func (s *scan) address(h *found, e xml.StartElement) {
	text := attr(e, "addr")
	if attr(e, "addrtype") == "mac" {
		if mac, err := net.ParseMAC(text); err == nil {
			h.macs = append(h.macs, mac.String())
			h.vendor = cmp.Or(h.vendor, attr(e, "vendor"))
			return
		}
	} else if ip, err := netip.ParseAddr(text); err == nil {
		h.ips = append(h.ips, ip.WithZone("").Unmap().String())
		return
	}
	line, column := s.dec.InputPos()
	s.batch.Refuse(s.batch.At(line, column, h.where.Path+".address"), "%q is not an address", text)
}

// up reports whether the machine answered. Scanners that write no status only list machines that did.
func (h *found) up() bool { return h.state == "up" || h.state == "" && len(h.ports) > 0 }

// merged puts together what was found under one address or one network card,
// in an order that does not depend on that of the scan.
func merged(hosts []*found) []*found {
	slices.SortStableFunc(hosts, func(a, b *found) int {
		return cmp.Or(slices.Compare(a.ips, b.ips), slices.Compare(a.macs, b.macs), cmp.Compare(a.contact, b.contact))
	})
	known := map[string]*found{}
	var out []*found
	for _, h := range hosts {
		var same *found
		for _, address := range slices.Concat(h.macs, h.ips) {
			if other := known[address]; other != nil && other.up() == h.up() {
				same = other
				break
			}
		}
		if same == nil {
			same = h
			out = append(out, h)
		} else {
			same.absorb(h)
		}
		for _, address := range slices.Concat(h.macs, h.ips) {
			known[address] = same
		}
	}
	return out
}

// absorb adds what was found of the same machine another time.
func (h *found) absorb(other *found) {
	h.ips, h.macs = append(h.ips, other.ips...), append(h.macs, other.macs...)
	h.ports = append(h.ports, other.ports...)
	h.ptr, h.user, h.vendor = cmp.Or(h.ptr, other.ptr), cmp.Or(h.user, other.user), cmp.Or(h.vendor, other.vendor)
	h.contact = max(h.contact, other.contact)
	if other.match.accuracy > h.match.accuracy {
		h.match = other.match
	}
	if other.class.accuracy > h.class.accuracy {
		h.class, h.tied = other.class, other.tied
	}
}

// propose counts the machines and proposes those that answered.
func propose(b *feed.Batch, hosts []*found) {
	names := map[string]int{}
	keys := map[string]int{}
	for _, h := range hosts {
		b.Count("hosts", 1)
		switch {
		case h.up():
			b.Count("up", 1)
			names[h.fqdn()]++
			keys[h.key()]++
		case h.state == "down":
			b.Count("down", 1)
		}
	}
	for _, h := range hosts {
		if !h.up() {
			continue
		}
		if len(h.ips)+len(h.macs) == 0 {
			b.Refuse(h.where, "the host has no address: it cannot be told from others")
			continue
		}
		rec := h.record()
		if rec.FQDN != "" && names[rec.FQDN] > 1 {
			b.Note("%d hosts are called %s: the name was not taken as their identity.", names[rec.FQDN], rec.FQDN)
			rec.FQDN = ""
		}
		if keys[rec.Key] > 1 {
			rec.Key = h.address()
		}
		b.AddItem(&feed.Item{Record: rec, Where: h.where, Or: []string{"NetworkDevice"}, Idents: []feed.Ident{feed.External(h.external(rec.FQDN))}})
	}
}

// address returns the address that a person would type.
func (h *found) address() string {
	if len(h.ips) > 0 {
		return h.ips[0]
	}
	return strings.ReplaceAll(h.macs[0], ":", "-")
}

// fqdn returns the full name of the machine, or nothing where it is only known by a short one.
func (h *found) fqdn() string {
	for _, known := range []string{h.ptr, h.user} {
		if _, err := netip.ParseAddr(known); err != nil && strings.Contains(known, ".") && !strings.HasPrefix(known, "localhost") && !strings.ContainsAny(known, " /") {
			return known
		}
	}
	return ""
}

// key returns the name by which people would know the machine.
func (h *found) key() string {
	if known := feed.SlugOf(cmp.Or(h.fqdn(), h.ptr, h.user)); known != "" && !strings.HasPrefix(known, "localhost") {
		return known
	}
	if len(h.ips)+len(h.macs) == 0 {
		return ""
	}
	return h.address()
}

// external returns what stays the same from scan to scan: the network card, the full name, or else the address.
func (h *found) external(fqdn string) string {
	if len(h.macs) > 0 {
		return "mac:" + slices.Min(h.macs)
	}
	return cmp.Or(fqdn, h.address())
}

// record makes a host of what was found.
func (h *found) record() *model.Host {
	slices.Sort(h.ips)
	slices.Sort(h.macs)
	h.ips, h.macs = slices.Compact(h.ips), slices.Compact(h.macs)
	rec := &model.Host{
		Meta:         model.Meta{Key: h.key()},
		Type:         hostType(h),
		FQDN:         h.fqdn(),
		MACs:         h.macs,
		IPs:          h.ips,
		Manufacturer: h.vendor,
		Ports:        bestPorts(h.ports),
		Status:       "up",
		LastContact:  h.contact,
	}
	if short := cmp.Or(h.ptr, h.user); short != rec.Key {
		rec.Name = short
	}
	switch {
	case h.match.name != "":
		rec.OperatingSystem, rec.OSVersion = h.match.name, h.match.version
	case !h.tied && h.class.name != "embedded":
		rec.OperatingSystem, rec.OSVersion = h.class.name, h.class.version
	}
	return rec
}

// bestPorts puts the ports in order, each once and with the most that is known of it.
func bestPorts(ports []model.OpenPort) []model.OpenPort {
	text := func(p model.OpenPort) string { return fmt.Sprint(p.Product, "\x00", p.Version, "\x00", p.Service) }
	slices.SortFunc(ports, func(a, b model.OpenPort) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Port, b.Port), cmp.Compare(len(text(b)), len(text(a))), cmp.Compare(text(a), text(b)))
	})
	return slices.CompactFunc(ports, func(a, b model.OpenPort) bool { return a.Protocol == b.Protocol && a.Port == b.Port })
}

// virtualCards names the makers of network cards that only virtual machines have.
var virtualCards = []string{"vmware", "qemu", "virtualbox", "xensource", "parallels", "bochs"}

// hostTypes maps the types of devices of the scanner to those of hosts. A general purpose machine may be anything.
var hostTypes = map[string]model.HostType{
	"printer": "printer", "print server": "printer", "phone": "phone", "VoIP phone": "phone", "storage-misc": "storage",
	"router": "appliance", "broadband router": "appliance", "switch": "appliance", "WAP": "appliance", "firewall": "appliance", "load balancer": "appliance",
	"bridge": "appliance", "hub": "appliance", "VoIP adapter": "appliance", "PBX": "appliance", "power-device": "appliance", "webcam": "appliance",
	"security-misc": "appliance", "proxy server": "appliance", "terminal server": "appliance", "remote management": "appliance", "media device": "appliance",
}

func hostType(h *found) model.HostType {
	for _, maker := range virtualCards {
		if strings.Contains(strings.ToLower(h.vendor), maker) {
			return "virtual"
		}
	}
	if h.tied {
		return ""
	}
	return hostTypes[h.class.device]
}
