package outbound_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"binnacle/outbound"
)

// inside is a system that must not be reached. It counts who does.
func inside(t *testing.T) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	var reached atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { reached.Add(1); io.WriteString(w, "secret") }))
	t.Cleanup(s.Close)
	return s, &reached
}

func port(s *httptest.Server) int {
	return s.Listener.Addr().(*net.TCPAddr).Port
}

func addrs(texts ...string) []netip.Addr {
	var out []netip.Addr
	for _, t := range texts {
		out = append(out, netip.MustParseAddr(t))
	}
	return out
}

// names is a resolver that answers each time with the next of several answers.
func names(answers ...[]netip.Addr) func(context.Context, string) ([]netip.Addr, error) {
	n := 0
	return func(context.Context, string) ([]netip.Addr, error) {
		a := answers[min(n, len(answers)-1)]
		n++
		return a, nil
	}
}

func get(c *http.Client, url string) (string, error) {
	res, err := c.Get(url)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return fmt.Sprint(res.StatusCode, " ", string(body)), err
}

// TestASVS1_3_6_SSRFAddresses is METHODS B5 "SSRF": every class of address that is not public.
func TestASVS1_3_6_SSRFAddresses(t *testing.T) {
	for class, list := range map[string]string{
		"loopback":      "127.0.0.1 127.255.255.254 ::1",
		"unspecified":   "0.0.0.0 0.1.2.3 ::",
		"private":       "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1",
		"CGNAT":         "100.64.0.1 100.127.255.255",
		"link-local":    "169.254.1.1 fe80::1 fe80::1%eth0",
		"metadata":      "169.254.169.254 168.63.129.16 100.100.100.200 192.0.0.192 fd00:ec2::254",
		"ULA":           "fc00::1 fdff::1 fec0::1",
		"multicast":     "224.0.0.1 239.255.255.255 ff02::1",
		"broadcast":     "255.255.255.255 240.0.0.1",
		"IPv4-mapped":   "::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1",
		"NAT64":         "64:ff9b::7f00:1 64:ff9b:1::7f00:1",
		"6to4":          "2002:7f00:1:: 192.88.99.1",
		"Teredo":        "2001:0:7f00:1::",
		"documentation": "192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1",
		"measuring":     "198.18.0.1 198.19.255.255 2001:2::1",
		"discard":       "100::1",
	} {
		for text := range strings.FieldsSeq(list) {
			if outbound.Public(netip.MustParseAddr(text)) {
				t.Errorf("%s: %s counts as public", class, text)
			}
		}
	}
	for _, text := range []string{"8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.32.0.1", "169.253.0.1", "2606:4700::1111", "2a00:1450::1", "2001:4860::8888"} {
		if !outbound.Public(netip.MustParseAddr(text)) {
			t.Errorf("%s does not count as public", text)
		}
	}
	if outbound.Public(netip.Addr{}) {
		t.Error("no address counts as public")
	}
}

// TestSSRFSpellings is METHODS B5 "odd spellings": none of them reaches loopback, whoever would resolve it.
func TestSSRFSpellings(t *testing.T) {
	s, reached := inside(t)
	c := outbound.New(outbound.Policy{Ports: []int{port(s)}, Resolve: func(_ context.Context, host string) ([]netip.Addr, error) {
		t.Errorf("%q was given to the resolver", host)
		return addrs("127.0.0.1"), nil
	}})
	for _, host := range []string{"127.0.0.1", "0x7f.1", "2130706433", "127.1", "0177.0.0.1", "0x7f000001", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
		"[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1%25lo]", "0", "0.0.0.0", "127.0.0.0x1", "①②⑦.⓪.⓪.①", "127。0。0。1", "00", "1.2.3.4.5"} {
		_, err := get(c, fmt.Sprintf("http://%s:%d/", host, port(s)))
		if err == nil {
			t.Errorf("%s was reached", host)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the inside was reached %d times", n)
	}
}

// TestSSRFSchemes keeps other schemes, and names in the address, out.
func TestSSRFSchemes(t *testing.T) {
	c := outbound.New(outbound.Policy{Resolve: names(addrs("127.0.0.1"))})
	for _, u := range []string{"file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "unix:///run/docker.sock", "http:///x", "http://user:pw@example.com/", "http://localhost/"} {
		if body, err := get(c, u); err == nil {
			t.Errorf("%s answered %q", u, body)
		}
	}
}

// TestSSRFRebinding is METHODS B5 "rebinding server with TTL 0": the name is public when it is asked first, and loopback then.
func TestSSRFRebinding(t *testing.T) {
	s, reached := inside(t)
	resolve := names(addrs("8.8.8.8"), addrs("127.0.0.1"))
	if a, err := resolve(t.Context(), "rebind.example"); err != nil || !outbound.Public(a[0]) {
		t.Fatal("the first answer is not public")
	}
	c := outbound.New(outbound.Policy{Ports: []int{port(s)}, Resolve: resolve})
	for range 3 {
		if _, err := get(c, fmt.Sprintf("http://rebind.example:%d/", port(s))); !errors.Is(err, outbound.ErrUnreachable) {
			t.Errorf("rebinding: %v", err)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the inside was reached %d times", n)
	}
}

// TestSSRFMultiAnswer is METHODS B5 "multi-answer DNS": one bad answer among good ones refuses them all.
func TestSSRFMultiAnswer(t *testing.T) {
	s, reached := inside(t)
	for _, answer := range [][]netip.Addr{addrs("8.8.8.8", "127.0.0.1"), addrs("127.0.0.1", "8.8.8.8"), addrs("::ffff:127.0.0.1"), addrs("2606:4700::1111", "::1")} {
		c := outbound.New(outbound.Policy{Ports: []int{port(s)}, Resolve: names(answer)})
		start := time.Now()
		if _, err := get(c, fmt.Sprintf("http://two.example:%d/", port(s))); !errors.Is(err, outbound.ErrUnreachable) {
			t.Errorf("%v: %v", answer, err)
		}
		if time.Since(start) > 3*time.Second {
			t.Errorf("%v: one of the addresses was dialled", answer)
		}
	}
	if n := reached.Load(); n != 0 {
		t.Errorf("the inside was reached %d times", n)
	}
}

// TestSSRFFailsClosed is METHODS B5 "fail closed on DNS error".
func TestSSRFFailsClosed(t *testing.T) {
	for name, resolve := range map[string]func(context.Context, string) ([]netip.Addr, error){
		"an error":             func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("SERVFAIL") },
		"an error with answer": func(context.Context, string) ([]netip.Addr, error) { return addrs("8.8.8.8"), errors.New("truncated") },
		"nothing":              names(nil),
		"too much":             names(make([]netip.Addr, 1000)),
	} {
		if _, err := get(outbound.New(outbound.Policy{Resolve: resolve}), "http://x.example/"); !errors.Is(err, outbound.ErrUnreachable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSSRFNoOracle: what is refused and what does not answer sound the same.
func TestSSRFNoOracle(t *testing.T) {
	s, _ := inside(t)
	closed := httptest.NewServer(nil)
	closed.Close()
	texts := map[string]bool{}
	for _, p := range []struct {
		policy outbound.Policy
		port   int
	}{
		{outbound.Policy{Resolve: names(addrs("127.0.0.1")), Ports: []int{port(s)}}, port(s)},
		{outbound.Policy{Resolve: names(addrs("127.0.0.1")), Allow: []string{"127.0.0.1"}}, port(closed)},
		{outbound.Policy{Resolve: names(addrs("8.8.8.8"))}, 22},
		{outbound.Policy{Resolve: func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("no such host") }}, 80},
		{outbound.Policy{Resolve: names(addrs("8.8.8.8")), Only: []string{"other.example"}}, 80},
	} {
		_, err := get(outbound.New(p.policy), fmt.Sprintf("http://x.example:%d/", p.port))
		if err == nil {
			t.Fatal("it was reached")
		}
		texts[strings.Replace(err.Error(), fmt.Sprintf(":%d", p.port), "", 1)] = true
	}
	if len(texts) != 1 {
		t.Errorf("the reasons can be told apart: %v", texts)
	}
}

// TestASVS13_2_4_AllowList: internal systems are reached where they are named, and nothing else beside them.
func TestASVS13_2_4_AllowList(t *testing.T) {
	s, _ := inside(t)
	other, reached := inside(t)
	for _, allow := range []string{"127.0.0.1", "127.0.0.0/8", fmt.Sprintf("127.0.0.1:%d", port(s)), "ci.internal", fmt.Sprintf("CI.internal:%d", port(s))} {
		c := outbound.New(outbound.Policy{Allow: []string{allow}, Resolve: names(addrs("127.0.0.1"))})
		if body, err := get(c, fmt.Sprintf("http://ci.internal:%d/", port(s))); err != nil || body != "200 secret" {
			t.Errorf("%s: %q %v", allow, body, err)
		}
		if strings.Contains(allow, ":") {
			if _, err := get(c, fmt.Sprintf("http://ci.internal:%d/", port(other))); err == nil {
				t.Errorf("%s opens another port", allow)
			}
		}
		if strings.Contains(strings.ToLower(allow), "ci.") {
			if _, err := get(c, fmt.Sprintf("http://evil.example:%d/", port(other))); err == nil {
				t.Errorf("%s opens the address for another name", allow)
			}
		}
	}
	_ = reached
	for _, a := range []string{"169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"} {
		c := outbound.New(outbound.Policy{Allow: []string{"ci.internal"}, Resolve: names(addrs(a)), Timeout: time.Second})
		if _, err := get(c, "http://ci.internal/"); !errors.Is(err, outbound.ErrUnreachable) {
			t.Errorf("a name opens %s: %v", a, err)
		}
	}
	only := outbound.New(outbound.Policy{Only: []string{"*.example.com"}, Allow: []string{"ci.internal"}, Resolve: names(addrs("127.0.0.1"))})
	if _, err := get(only, fmt.Sprintf("http://ci.internal:%d/", port(s))); err != nil {
		t.Errorf("what is allowed is kept out by the list of public hosts: %v", err)
	}
	for _, line := range []string{"", "10.0.0.0/33", "host:port", "127.1", "a b", "[::1", "x:1:2"} {
		if (outbound.Policy{Allow: []string{line}}).Check() == nil {
			t.Errorf("%q is taken for an address", line)
		}
	}
}

// TestASVS15_3_2_Redirects: none is followed unless wanted, each hop is checked, and https never becomes http.
func TestASVS15_3_2_Redirects(t *testing.T) {
	s, reached := inside(t)
	to := ""
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }))
	defer front.Close()
	allow := []string{fmt.Sprintf("127.0.0.1:%d", port(front))}

	to = s.URL
	c := outbound.New(outbound.Policy{Allow: allow})
	if body, err := get(c, front.URL); err != nil || !strings.HasPrefix(body, "302 ") {
		t.Errorf("a redirect that nobody wants: %q %v", body, err)
	}
	c = outbound.New(outbound.Policy{Allow: allow, Redirects: 3})
	for _, to = range []string{s.URL, "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", fmt.Sprintf("http://localhost:%d", port(s))} {
		if body, err := get(c, front.URL); err == nil {
			t.Errorf("a redirect to %s was followed: %q", to, body)
		}
	}
	if reached.Load() != 0 {
		t.Error("the inside was reached")
	}
	c = outbound.New(outbound.Policy{Allow: append(allow, fmt.Sprintf("127.0.0.1:%d", port(s))), Redirects: 1})
	if to = s.URL; true {
		if body, err := get(c, front.URL); err != nil || body != "200 secret" {
			t.Errorf("a redirect to where it may go: %q %v", body, err)
		}
	}
	to = front.URL
	if body, err := get(c, front.URL); err != nil || !strings.HasPrefix(body, "302") {
		t.Errorf("a circle: %q %v", body, err)
	}
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, s.URL, http.StatusFound) }))
	defer secure.Close()
	c = outbound.New(outbound.Policy{Allow: []string{"127.0.0.1"}, Redirects: 1, Roots: roots(secure)})
	if body, err := get(c, secure.URL); err == nil {
		t.Errorf("https became http: %q", body)
	}
}

func roots(s *httptest.Server) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return pool
}

// TestASVS12_3_2_Certificates: who cannot prove who it is gets nothing.
func TestASVS12_3_2_Certificates(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer s.Close()
	if _, err := get(outbound.New(outbound.Policy{Allow: []string{"127.0.0.1"}}), s.URL); !errors.Is(err, outbound.ErrCertificate) {
		t.Errorf("an unknown authority: %v", err)
	}
	other := outbound.New(outbound.Policy{Allow: []string{"other.internal"}, Roots: roots(s), Resolve: names(addrs("127.0.0.1"))})
	if _, err := get(other, fmt.Sprintf("https://other.internal:%d/", port(s))); !errors.Is(err, outbound.ErrCertificate) {
		t.Errorf("another name: %v", err)
	}
	if _, err := get(outbound.New(outbound.Policy{Allow: []string{"127.0.0.1"}, Roots: roots(s)}), s.URL); err != nil {
		t.Errorf("a good one: %v", err)
	}
	old := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	old.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	old.Config.ErrorLog = nil
	old.StartTLS()
	defer old.Close()
	if _, err := get(outbound.New(outbound.Policy{Allow: []string{"127.0.0.1"}, Roots: roots(old)}), old.URL); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}

// TestProxiesOfTheEnvironmentAreIgnored: what the environment names is not asked.
func TestProxiesOfTheEnvironmentAreIgnored(t *testing.T) {
	s, reached := inside(t)
	t.Setenv("HTTP_PROXY", s.URL)
	t.Setenv("http_proxy", s.URL)
	t.Setenv("ALL_PROXY", s.URL)
	if body, err := get(outbound.New(outbound.Policy{Resolve: names(addrs("10.1.2.3"))}), "http://x.example/"); err == nil || reached.Load() != 0 {
		t.Errorf("the proxy was asked: %q", body)
	}
}

// TestCaps: an answer that is too long, unpacks too far or takes too long ends.
func TestCaps(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	z.Write(make([]byte, 4<<20))
	z.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/exact":
			w.Write(make([]byte, 1000))
		case "/told":
			w.Write(make([]byte, 1001))
		case "/stream":
			for range 100 {
				w.Write(make([]byte, 100))
				w.(http.Flusher).Flush()
			}
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		case "/slow":
			w.Write([]byte("a"))
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Second):
			}
		}
	}))
	defer s.Close()
	c := outbound.New(outbound.Policy{Allow: []string{"127.0.0.1"}, MaxBytes: 1000, Timeout: 300 * time.Millisecond})
	if body, err := get(c, s.URL+"/exact"); err != nil || len(body) != 1004 {
		t.Errorf("as long as it may be: %d %v", len(body), err)
	}
	for _, path := range []string{"/told", "/stream"} {
		if _, err := get(c, s.URL+path); !errors.Is(err, outbound.ErrTooLong) {
			t.Errorf("%s: %v", path, err)
		}
	}
	c5 := outbound.New(outbound.Policy{Allow: []string{"127.0.0.1"}, MaxBytes: 1 << 20})
	if _, err := get(c5, s.URL+"/bomb"); !errors.Is(err, outbound.ErrTooLong) {
		t.Errorf("a bomb of %d bytes: %v", bomb.Len(), err)
	}
	if _, err := get(c, s.URL+"/slow"); err == nil {
		t.Error("it waited for a slow body")
	}
}

// FuzzAddress: whatever a host is written as, and whatever a resolver says, no connection is made to this machine.
func FuzzAddress(f *testing.F) {
	for _, host := range []string{"127.0.0.1", "0x7f.1", "2130706433", "[::1]", "localhost", "a.example", "[::ffff:127.0.0.1]", "①②⑦.⓪.⓪.①", "127.1", "%31%32%37.0.0.1"} {
		f.Add(host, []byte{127, 0, 0, 1})
		f.Add(host, netip.MustParseAddr("::ffff:10.0.0.1").AsSlice())
	}
	var reached atomic.Int32
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			reached.Add(1)
			c.Close()
		}
	}()
	f.Cleanup(func() { l.Close() })
	at := l.Addr().(*net.TCPAddr).Port
	f.Fuzz(func(t *testing.T, host string, raw []byte) {
		a, ok := netip.AddrFromSlice(raw)
		if ok && outbound.Public(a) {
			u := a.Unmap()
			if u.IsLoopback() || u.IsPrivate() || u.IsLinkLocalUnicast() || u.IsMulticast() || u.IsUnspecified() || a.Is4In6() {
				t.Fatalf("%s counts as public", a)
			}
			// A public answer is not dialled from a test.
			ok = false
		}
		c := outbound.New(outbound.Policy{Ports: []int{at}, Timeout: time.Second, Resolve: func(context.Context, string) ([]netip.Addr, error) {
			if !ok {
				return nil, errors.New("no answer")
			}
			return []netip.Addr{a}, nil
		}})
		r, err := http.NewRequest("GET", fmt.Sprintf("http://%s:%d/", host, at), nil)
		if err != nil {
			return
		}
		if p, err := netip.ParseAddr(r.URL.Hostname()); err == nil && outbound.Public(p) {
			return
		}
		if res, err := c.Do(r); err == nil {
			res.Body.Close()
			t.Fatalf("%q answered", host)
		}
		if reached.Load() != 0 {
			t.Fatalf("%q and %v reached this machine", host, a)
		}
	})
}
