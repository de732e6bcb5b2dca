package host

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// fromKey is the key under which a request carries the address of its sender.
type fromKey struct{}

// From returns the network address of whoever sent a request: that of the
// connection, or the one that a trusted proxy tells.
func From(r *http.Request) string {
	if from, ok := r.Context().Value(fromKey{}).(string); ok {
		return from
	}
	return remote(r)
}

func remote(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.Unmap().WithZone("").String()
	}
	return host
}

// known finds out who sent a request. What a visitor writes into the headers of
// a proxy counts for nothing: the list is read from its end, as far as the proxies are trusted.
func (s *Server) known(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := remote(r)
		if addr, err := netip.ParseAddr(from); err == nil && within(s.config.Proxies, addr) {
			hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
			for i := len(hops) - 1; i >= 0; i-- {
				hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
				if err != nil {
					break
				}
				from = hop.Unmap().WithZone("").String()
				if !within(s.config.Proxies, hop.Unmap()) {
					break
				}
			}
		}
		for _, name := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded"} {
			r.Header.Del(name)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), fromKey{}, from)))
	})
}

func within(networks []netip.Prefix, addr netip.Addr) bool {
	for _, n := range networks {
		if n.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

// Networks reads networks or single addresses, such as 10.0.0.0/8 and 192.0.2.7.
func Networks(texts []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range texts {
		text = strings.TrimSpace(text)
		if addr, err := netip.ParseAddr(text); err == nil {
			out = append(out, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%q is not a network: write it as 10.0.0.0/8 or as a single address", text)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// parseBase reads the address under which people reach Binnacle.
func parseBase(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("base-url: %q is not an address such as https://binnacle.example.com, without a path", text)
	}
	return u, nil
}
