package outbound

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// special are the ranges of 0.0.0.0/0 and of 2000::/3 that do not lead to a public host, after the registries of IANA.
var special = prefixes(
	"0.0.0.0/8",         // this network
	"10.0.0.0/8",        // private
	"100.64.0.0/10",     // carrier-grade NAT, and metadata of a cloud
	"127.0.0.0/8",       // loopback
	"168.63.129.16/32",  // the host agent of a cloud
	"169.254.0.0/16",    // link-local, and metadata of most clouds
	"172.16.0.0/12",     // private
	"192.0.0.0/24",      // protocol assignments, and metadata of a cloud
	"192.0.2.0/24",      // documentation
	"192.31.196.0/24",   // AS112
	"192.52.193.0/24",   // automatic multicast tunnelling
	"192.88.99.0/24",    // 6to4 relays
	"192.168.0.0/16",    // private
	"192.175.48.0/24",   // AS112
	"198.18.0.0/15",     // measuring
	"198.51.100.0/24",   // documentation
	"203.0.113.0/24",    // documentation
	"224.0.0.0/4",       // multicast
	"240.0.0.0/4",       // reserved, and broadcast
	"2001::/23",         // protocol assignments, Teredo among them
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
)

// global is the part of IPv6 that holds public hosts. What lies outside is loopback, mapped IPv4, NAT64, unique local, link-local or multicast.
var global = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, t := range texts {
		out = append(out, netip.MustParsePrefix(t))
	}
	return out
}

// Public reports whether an address leads to a host of the public internet, and to nothing that only this machine can reach.
func Public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" || a.Is6() && !global.Contains(a) {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// canonical returns the form in which hosts are compared.
func canonical(host string) string {
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// literal returns the address that a host is written as, and whether it is one.
// Spellings that only some programs read as an address are refused.
func literal(host string) (netip.Addr, bool, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		if a.Zone() != "" || a.Is4In6() {
			return netip.Addr{}, true, fmt.Errorf("%s is an odd spelling of an address", host)
		}
		return a, true, nil
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" || strings.ContainsAny(host, ":%[]/\\@ \x00") || numeric(last) {
		return netip.Addr{}, false, fmt.Errorf("%q is neither an address nor a name", host)
	}
	return netip.Addr{}, false, nil
}

// numeric reports whether the last label of a host is a number, so that the whole might be read as an address: 127.1, 0x7f.1, 2130706433.
func numeric(label string) bool {
	if strings.HasPrefix(label, "0x") {
		return true
	}
	return strings.Trim(label, "0123456789") == ""
}

// rule is one line of Policy.Allow.
type rule struct {
	host  string
	where netip.Prefix
	port  int
}

// rules reads the lines of Policy.Allow.
func rules(lines []string) ([]rule, error) {
	var out []rule
	for _, line := range lines {
		r, err := ruleOf(line)
		if err != nil {
			return nil, fmt.Errorf("allowed address %q: %w", line, err)
		}
		out = append(out, r)
	}
	return out, nil
}

func ruleOf(line string) (rule, error) {
	line = strings.TrimSpace(line)
	if p, err := netip.ParsePrefix(line); err == nil {
		return rule{where: p.Masked()}, nil
	}
	if a, err := netip.ParseAddr(line); err == nil {
		return rule{where: netip.PrefixFrom(a, a.BitLen())}, nil
	}
	if host, port, err := net.SplitHostPort(line); err == nil {
		r, err := ruleOf(host)
		if err != nil || r.port != 0 {
			return rule{}, fmt.Errorf("it is not a host and a port")
		}
		if r.port, err = strconv.Atoi(port); err != nil || r.port < 1 || r.port > 65535 {
			return rule{}, fmt.Errorf("%q is not a port", port)
		}
		return r, nil
	}
	host := canonical(line)
	if _, isAddress, err := literal(host); err != nil || isAddress {
		return rule{}, fmt.Errorf("it is not a host name, an address or a range such as 10.1.0.0/16")
	}
	return rule{host: host}, nil
}

// names reports whether a rule is for a host by its name or by the address that it is written as.
func (r rule) names(host string) bool {
	if r.host != "" {
		return r.host == host
	}
	a, err := netip.ParseAddr(host)
	return err == nil && r.where.Contains(a)
}

// allows reports whether a rule opens an address of a host.
func (r rule) allows(host string, a netip.Addr, port int) bool {
	if r.port != 0 && r.port != port {
		return false
	}
	if r.host == "" {
		return r.where.Contains(a)
	}
	return r.host == host && !a.IsLinkLocalUnicast() && !a.IsMulticast() && !a.IsUnspecified() && a.Zone() == "" && (Public(a) || a.IsPrivate() || a.IsLoopback() || shared.Contains(a))
}

// shared is the range that networks inside of a company use where the private ones are taken.
var shared = netip.MustParsePrefix("100.64.0.0/10")
