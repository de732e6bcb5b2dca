package jobs

import (
	"bufio"
	"cmp"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"binnacle/model"
)

const (
	// probeTime is how long looking at one endpoint may take, with all handshakes.
	probeTime = 30 * time.Second
	// mostHeader is how much of the answer of an endpoint is read, and mostChain how many certificates of a chain are looked at.
	mostHeader = 64 << 10
	mostChain  = 10
)

// seen is what was found at an endpoint.
type seen struct {
	// err says in a sentence why nothing could be found.
	err      string
	version  string
	oldest   string
	cipher   string
	chain    []*x509.Certificate
	problems []string
	status   int
	hsts     time.Duration
}

// hostPort takes the address of an endpoint apart. Without a port, 443 is meant.
func hostPort(address string) (host, port string, err error) {
	address = strings.TrimSpace(address)
	if !strings.Contains(address, ":") || strings.HasPrefix(address, "[") && strings.HasSuffix(address, "]") {
		address = strings.Trim(address, "[]")
		return address, "443", nil
	}
	host, port, err = net.SplitHostPort(address)
	if n, bad := strconv.Atoi(port); err == nil && (bad != nil || n < 1 || n > 65535) || err != nil || host == "" {
		return "", "", fmt.Errorf("%.80q is not an address: write it as www.example.com:443", address)
	}
	return host, port, nil
}

// everyCipher are all cipher suites that can be asked for, weak ones among them: the point is to find out what an endpoint would use.
func everyCipher() []uint16 {
	var out []uint16
	for _, c := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		out = append(out, c.ID)
	}
	return out
}

// look makes the handshakes with an endpoint and asks for a page where it speaks HTTP.
func (p *Prober) look(ctx context.Context, e *model.Endpoint) (out seen) {
	ctx, stop := context.WithTimeout(ctx, probeTime)
	defer stop()
	host, port, err := hostPort(e.Address)
	if err != nil {
		return seen{err: err.Error()}
	}
	address := net.JoinHostPort(host, port)
	conn, err := p.handshake(ctx, address, host, tls.VersionTLS13)
	if err != nil {
		return seen{err: handshakeError(err)}
	}
	defer conn.Close()
	state := conn.ConnectionState()
	out.version, out.oldest, out.cipher = tls.VersionName(state.Version), tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite)
	out.chain = state.PeerCertificates[:min(len(state.PeerCertificates), mostChain)]
	names := e.Names
	if len(names) == 0 {
		names = []string{host}
	}
	out.problems = p.judge(out.chain, names)
	if e.Type != "tls" {
		if err := out.ask(conn, address); err != nil {
			out.problems = append(out.problems, err.Error())
		}
	}
	for version := uint16(tls.VersionTLS10); version < state.Version; version++ {
		older, err := p.handshake(ctx, address, host, version)
		if err == nil {
			older.Close()
			out.oldest = tls.VersionName(version)
			break
		}
	}
	return out
}

// handshake makes a handshake of TLS with no newer version than one. The certificates are not checked here: [Prober.judge] does that, because what is
// wrong with them is what is looked for, and nothing is sent that anybody could misuse.
func (p *Prober) handshake(ctx context.Context, address, host string, newest uint16) (*tls.Conn, error) {
	raw, err := p.opt.Dial(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		raw.SetDeadline(deadline)
	}
	config := &tls.Config{InsecureSkipVerify: true, ServerName: host, MinVersion: tls.VersionTLS10, MaxVersion: newest, CipherSuites: everyCipher()}
	if net.ParseIP(host) != nil {
		config.ServerName = ""
	}
	conn := tls.Client(raw, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, &handshakeFailed{err}
	}
	return conn, nil
}

// handshakeFailed says that something answered and that no handshake came about.
type handshakeFailed struct{ err error }

// Error says what went wrong.
func (e *handshakeFailed) Error() string { return e.err.Error() }

// Unwrap returns what went wrong.
func (e *handshakeFailed) Unwrap() error { return e.err }

// handshakeError says why an endpoint could not be looked at, in words that tell nothing of the network behind it.
func handshakeError(err error) string {
	var failed *handshakeFailed
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "it did not answer in time"
	case errors.Is(err, context.Canceled):
		return "the server stopped while it looked"
	case errors.As(err, &record):
		return "what answers there does not speak TLS"
	case errors.As(err, &failed):
		return "what answers there did not agree on TLS"
	}
	return "nothing answers there, or the address is not one that this server may ask"
}

// judge says what is wrong with the certificates that an endpoint showed.
func (p *Prober) judge(chain []*x509.Certificate, names []string) []string {
	if len(chain) == 0 {
		return []string{"it showed no certificate"}
	}
	var out []string
	leaf, now := chain[0], p.opt.Now()
	switch {
	case now.After(leaf.NotAfter):
		out = append(out, "the certificate no longer holds since "+model.TimeOf(leaf.NotAfter).String())
	case now.Before(leaf.NotBefore):
		out = append(out, "the certificate only holds from "+model.TimeOf(leaf.NotBefore).String())
	}
	for _, name := range names {
		if leaf.VerifyHostname(name) != nil {
			out = append(out, "the certificate is not for "+name)
		}
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
		if now.After(c.NotAfter) {
			out = append(out, fmt.Sprintf("the certificate %.80q of the chain no longer holds since %s", c.Subject.CommonName, model.TimeOf(c.NotAfter)))
		}
	}
	// Whether the dates hold is told above: here it is looked whether anybody vouches for the certificate on a day on which it held.
	day := now
	if now.After(leaf.NotAfter) || now.Before(leaf.NotBefore) {
		day = leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore) / 2)
	}
	_, err := leaf.Verify(x509.VerifyOptions{Roots: p.opt.Roots, Intermediates: between, CurrentTime: day, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	var unknown x509.UnknownAuthorityError
	switch {
	case err == nil:
	case selfSigned(leaf):
		out = append(out, "the certificate is signed by itself, and nobody else vouches for it")
	case errors.As(err, &unknown):
		out = append(out, "the chain leads to no authority that is known here: a certificate between may be missing")
	default:
		out = append(out, "the chain does not hold")
	}
	return out
}

func selfSigned(c *x509.Certificate) bool {
	return string(c.RawIssuer) == string(c.RawSubject) && c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

// ask asks for the first page over a connection, and reads the status and the policy of transport of the answer. No redirect is followed.
func (s *seen) ask(conn net.Conn, address string) error {
	host := strings.TrimSuffix(address, ":443")
	if _, err := fmt.Fprintf(conn, "HEAD / HTTP/1.1\r\nHost: %s\r\nUser-Agent: Binnacle\r\nConnection: close\r\n\r\n", host); err != nil {
		return errors.New("it does not answer to HTTP")
	}
	answer, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, mostHeader)), &http.Request{Method: http.MethodHead})
	if err != nil {
		return errors.New("it does not answer to HTTP")
	}
	answer.Body.Close()
	s.status, s.hsts = answer.StatusCode, hstsOf(answer.Header.Get("Strict-Transport-Security"))
	return nil
}

// longestHSTS is the longest time that is taken for one: a hundred years.
const longestHSTS = 100 * 365 * 24 * 3600

// hstsOf reads for how long browsers are told to use TLS alone.
func hstsOf(header string) time.Duration {
	for part := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if strings.EqualFold(strings.TrimSpace(name), "max-age") {
			if n, err := strconv.ParseInt(strings.Trim(strings.TrimSpace(value), `"`), 10, 64); err == nil && n > 0 {
				return time.Duration(min(n, longestHSTS)) * time.Second
			}
		}
	}
	return 0
}

// fingerprint returns the SHA-256 of a certificate in hexadecimal.
func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// describe writes what a certificate says into a credential.
func describe(c *model.Credential, from *x509.Certificate) {
	c.Type, c.State = "certificate", "active"
	c.Issued, c.Expires = model.TimeOf(from.NotBefore), model.TimeOf(from.NotAfter)
	c.Algorithm, c.KeySize = keyOf(from)
	c.Signature, c.SelfSigned, c.Fingerprint = from.SignatureAlgorithm.String(), selfSigned(from), fingerprint(from)
	c.Issuer, c.Serial = plainText(cmp.Or(from.Issuer.CommonName, from.Issuer.String())), from.SerialNumber.Text(16)
	c.SubjectNames = nil
	for _, name := range from.DNSNames[:min(len(from.DNSNames), 200)] {
		c.SubjectNames = append(c.SubjectNames, plainText(name))
	}
	for _, ip := range from.IPAddresses[:min(len(from.IPAddresses), 200)] {
		c.SubjectNames = append(c.SubjectNames, ip.String())
	}
	if len(c.SubjectNames) == 0 && from.Subject.CommonName != "" {
		c.SubjectNames = []string{plainText(from.Subject.CommonName)}
	}
}

// keyOf returns the algorithm of the key of a certificate, and its size in bits.
func keyOf(c *x509.Certificate) (algorithm string, bits int) {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return "RSA", k.N.BitLen()
	case *ecdsa.PublicKey:
		return "ECDSA", k.Curve.Params().BitSize
	case ed25519.PublicKey:
		return "Ed25519", 256
	}
	return c.PublicKeyAlgorithm.String(), 0
}

// plainText takes out of a text of a certificate what no text of a record may hold, and what is too long.
func plainText(text string) string {
	text = strings.ToValidUTF8(text, "")
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == 0xFFFD {
			return -1
		}
		return r
	}, text)
	return strings.ToValidUTF8(text[:min(len(text), 500)], "")
}
