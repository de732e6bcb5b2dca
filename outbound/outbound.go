// Package outbound is the one dialer of the program: whatever Binnacle fetches
// from the outside or sends there goes through its client. It keeps others from
// making the server talk to systems that only the server can reach.
package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Policy says where requests may go. The zero Policy lets them go to ports 80
// and 443 of public addresses, and follows no redirect.
type Policy struct {
	// Allow names internal systems that may be reached: a host name, an address or a range such as 10.1.0.0/16, each with a port
	// behind a colon or for every port. A host name does not open link-local addresses, behind which clouds keep secrets.
	Allow []string
	// Only lists the hosts that may be reached at all, such as api.example.com, or *.example.com for all below. None means every
	// public host. What Allow names may always be reached.
	Only []string
	// Ports are the ports that may be reached at hosts that Allow does not name. Unset means 80 and 443.
	Ports []int
	// Redirects is how many redirects are followed. Each hop is checked like the first request.
	Redirects int
	// MaxBytes is how long a body may be once it is unpacked. Unset means 32 MiB.
	MaxBytes int64
	// Timeout is how long a request may take, body included. Unset means 30 seconds.
	Timeout time.Duration
	// Roots are the authorities whose certificates are believed. Unset means those of the machine.
	Roots *x509.CertPool
	// Resolve returns the addresses of a host. Unset means the resolver of the machine.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Log is told the true reason of a failure, which the caller does not learn. Unset means nobody.
	Log *slog.Logger
}

// ErrUnreachable says that an address could not be reached, or that it must
// not be. Which of the two is not told, so that nobody can map a network with it.
var ErrUnreachable = errors.New("the address cannot be reached, or must not be: internal systems need a line in the list of allowed ones")

// ErrTooLong says that an answer is longer than the policy allows.
var ErrTooLong = errors.New("the answer is too long")

// ErrCertificate says that the other side could not prove who it is.
var ErrCertificate = errors.New("the certificate of the address is not valid for it")

// client is the policy ready for use.
type client struct {
	Policy
	allowed   []rule
	transport *http.Transport
}

// New returns a client that keeps to a policy. It panics where Allow names
// something that is no host, address or range: [Policy.Check] tells before.
func New(p Policy) *http.Client {
	allowed, err := rules(p.Allow)
	if err != nil {
		panic(err)
	}
	if len(p.Ports) == 0 {
		p.Ports = []int{80, 443}
	}
	if p.MaxBytes == 0 {
		p.MaxBytes = 32 << 20
	}
	if p.Timeout == 0 {
		p.Timeout = 30 * time.Second
	}
	if p.Resolve == nil {
		p.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	c := &client{Policy: p, allowed: allowed}
	c.transport = &http.Transport{
		Proxy:                  nil,
		DialContext:            c.dial,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: p.Roots},
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  p.Timeout,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        30 * time.Second,
	}
	return &http.Client{Transport: c, CheckRedirect: c.redirect, Timeout: p.Timeout}
}

// Check tells what is wrong with the lists of a policy.
func (p Policy) Check() error {
	_, err := rules(p.Allow)
	return err
}

// redirect decides about one more hop.
func (c *client) redirect(next *http.Request, via []*http.Request) error {
	if len(via) > c.Redirects {
		return http.ErrUseLastResponse
	}
	if via[len(via)-1].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return errors.New("the address leads from https to http")
	}
	return nil
}

// RoundTrip makes one request, where the policy allows it.
func (c *client) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := c.permits(r); err != nil {
		if r.Body != nil {
			r.Body.Close()
		}
		return nil, c.hide(r.Context(), r.URL.Host, err)
	}
	res, err := c.transport.RoundTrip(r)
	if err != nil {
		return nil, c.hide(r.Context(), r.URL.Host, err)
	}
	most := c.MaxBytes
	if more, ok := r.Context().Value(moreBytes{}).(int64); ok {
		most = max(most, more)
	}
	if res.ContentLength > most {
		res.Body.Close()
		return nil, ErrTooLong
	}
	res.Body = &limited{ReadCloser: res.Body, left: most}
	return res, nil
}

// moreBytes is the key of what [AllowBytes] says.
type moreBytes struct{}

// AllowBytes returns a context whose requests may be answered with longer bodies than the policy allows otherwise. It is for
// who streams an answer and never holds it, such as a bill.
func AllowBytes(ctx context.Context, most int64) context.Context {
	return context.WithValue(ctx, moreBytes{}, most)
}

// permits tells what is wrong with the address of a request, before anything is looked up.
func (c *client) permits(r *http.Request) error {
	u := r.URL
	if u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("scheme %q", u.Scheme)
	}
	if u.User != nil {
		return errors.New("a name and password in the address")
	}
	host := canonical(u.Hostname())
	if host == "" {
		return errors.New("no host")
	}
	if len(c.Only) == 0 || slices.ContainsFunc(c.Only, func(pattern string) bool { return matches(pattern, host) }) {
		return nil
	}
	if slices.ContainsFunc(c.allowed, func(r rule) bool { return r.names(host) }) {
		return nil
	}
	return errors.New("the host is not in the list of hosts that may be reached")
}

// matches reports whether a host is what a pattern of Policy.Only stands for.
func matches(pattern, host string) bool {
	pattern = canonical(pattern)
	if below, ok := strings.CutPrefix(pattern, "*."); ok {
		return strings.HasSuffix(host, "."+below)
	}
	return pattern == host
}

// dial connects to a host once every one of its addresses has been found good.
func (c *client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	port, err := net.LookupPort("tcp", portText)
	if err != nil {
		return nil, err
	}
	host = canonical(host)
	addrs, err := c.addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, a := range addrs {
		if err := c.may(host, a, port); err != nil {
			return nil, err
		}
	}
	// The address is checked once more where the connection is made: whatever happened in between, no other one is reached.
	dialer := net.Dialer{Timeout: 10 * time.Second, ControlContext: func(_ context.Context, _, connect string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(connect)
		if err != nil {
			return err
		}
		return c.may(host, at.Addr(), int(at.Port()))
	}}
	for _, a := range addrs {
		var conn net.Conn
		if conn, err = dialer.DialContext(ctx, "tcp", netip.AddrPortFrom(a, uint16(port)).String()); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// maxAddresses bounds how many answers of a resolver are looked at.
const maxAddresses = 32

// addresses returns all addresses of a host.
func (c *client) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, literal, err := literal(host); literal || err != nil {
		return []netip.Addr{a}, err
	}
	found, err := c.Resolve(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", host, err)
	}
	if len(found) == 0 || len(found) > maxAddresses {
		return nil, fmt.Errorf("%s has %d addresses", host, len(found))
	}
	out := make([]netip.Addr, len(found))
	for i, a := range found {
		// Resolvers write IPv4 in either form.
		out[i] = a.Unmap()
	}
	return out, nil
}

// may tells why a connection must not be made.
func (c *client) may(host string, a netip.Addr, port int) error {
	for _, r := range c.allowed {
		if r.allows(host, a, port) {
			return nil
		}
	}
	if !Public(a) {
		return fmt.Errorf("%s is not a public address", a)
	}
	if !slices.Contains(c.Ports, port) {
		return fmt.Errorf("port %d", port)
	}
	return nil
}

// hide keeps the true reason to the log.
func (c *client) hide(ctx context.Context, host string, cause error) error {
	if c.Log != nil {
		c.Log.WarnContext(ctx, "a request to the outside failed", "host", host, "cause", cause)
	}
	var bad *tls.CertificateVerificationError
	switch {
	case errors.Is(cause, context.Canceled):
		return context.Canceled
	case errors.As(cause, &bad):
		return ErrCertificate
	}
	return ErrUnreachable
}

// limited is a body that may not be longer than some bytes.
type limited struct {
	io.ReadCloser
	left int64
}

// Read reads on, and fails where the body is longer than it may be.
func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	if int64(n) > l.left {
		n, err = int(l.left), ErrTooLong
	}
	l.left -= int64(n)
	return n, err
}
