package jobs

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binnacle/model"
	"binnacle/outbound"
	"binnacle/store"
)

// authority is an authority of certificates for tests.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

// dayOne is the moment at which the stations of the tests begin.
var dayOne = time.Date(2027, 7, 1, 9, 0, 0, 0, time.UTC)

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	a.cert, a.key = a.make(t, "Test authority", dayOne.AddDate(-5, 0, 0), dayOne.AddDate(5, 0, 0), true)
	a.pool.AddCert(a.cert)
	return a
}

// make makes a certificate that the authority signs, or one that signs itself where there is no authority yet.
func (a *authority) make(t *testing.T, name string, from, until time.Time, itself bool) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	leaf := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: until, BasicConstraintsValid: true, IsCA: a.cert == nil, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IPAddresses: []net.IP{net.ParseIP("127.0.0.1")}, DNSNames: []string{name + ".example"}}
	if strings.Contains(name, " ") {
		leaf.DNSNames = nil
	}
	signer, by := leaf, key
	if !itself {
		signer, by = a.cert, a.key
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, signer, &key.PublicKey, by)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// serve starts a server on this machine with a certificate, and returns its address.
func (a *authority) serve(t *testing.T, cert *x509.Certificate, key *ecdsa.PrivateKey, change func(*tls.Config)) string {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		w.WriteHeader(http.StatusNoContent)
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{cert.Raw}, PrivateKey: key}}}
	if change != nil {
		change(s.TLS)
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// prober returns a prober that may look at this machine, with the estate that it writes to.
func prober(t *testing.T, a *authority, allow ...string) (*Prober, *station) {
	t.Helper()
	s := newStation(t, ScheduleOptions{})
	policy := outbound.Policy{Allow: allow, Ports: ProbePorts}
	return NewProber(s.store, s.vault, ProberOptions{Now: s.now, Dial: outbound.Dialer(policy), Roots: a.pool, Node: "first", Log: s.opt.Log}), s
}

// keep writes a record into the estate, as a person does.
func (s *station) keep(rec model.Record) {
	s.t.Helper()
	m := rec.Base()
	m.ID, m.Origin = s.store.NewID(), model.PersonSource
	change, _ := model.Difference(s.store.Snapshot().Schema().Of(rec), nil, rec)
	if _, err := s.store.Commit(s.t.Context(), store.Tx{Who: "test", Why: "set up", Source: model.PersonSource, Changes: []model.Change{change}}); err != nil {
		s.t.Fatal(err)
	}
}

// endpoint returns an endpoint with the certificate that it showed.
func (s *station) endpoint(key string) (*model.Endpoint, *model.Credential) {
	s.t.Helper()
	e := s.store.Snapshot().Find("Endpoint", key).(*model.Endpoint)
	c, _ := s.store.Snapshot().Get(e.Certificate).(*model.Credential)
	return e, c
}

func TestProbeReadsCertificates(t *testing.T) {
	a := newAuthority(t)
	p, s := prober(t, a, "127.0.0.1")
	good, goodKey := a.make(t, "good", dayOne.AddDate(0, -1, 0), dayOne.AddDate(0, 2, 0), false)
	over, overKey := a.make(t, "over", dayOne.AddDate(0, -3, 0), dayOne.AddDate(0, 0, -2), false)
	own, ownKey := a.make(t, "own", dayOne.AddDate(0, -1, 0), dayOne.AddDate(1, 0, 0), true)
	s.keep(&model.Endpoint{Meta: model.Meta{Key: "good"}, Address: a.serve(t, good, goodKey, nil)})
	s.keep(&model.Endpoint{Meta: model.Meta{Key: "over"}, Address: a.serve(t, over, overKey, nil)})
	s.keep(&model.Endpoint{Meta: model.Meta{Key: "own"}, Address: a.serve(t, own, ownKey, nil), Names: []string{"own.example", "other.example"}})
	s.keep(&model.Endpoint{Meta: model.Meta{Key: "old"}, Type: "tls", Address: a.serve(t, good, goodKey, func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS12 })})
	s.keep(&model.Endpoint{Meta: model.Meta{Key: "paused"}, Address: "127.0.0.1:1", Paused: true})
	if n, err := p.Due(t.Context()); n != 4 || err != nil {
		t.Fatalf("%d endpoints were looked at, not 4: %v", n, err)
	}
	for key, want := range map[string]struct {
		problems            []string
		version, oldest     string
		status              int
		expires             time.Time
		selfSigned, answers bool
	}{
		"good": {nil, "TLS 1.3", "TLS 1.2", 204, good.NotAfter, false, true},
		"over": {[]string{"the certificate no longer holds since 2027-06-29T09:00:00Z"}, "TLS 1.3", "TLS 1.2", 204, over.NotAfter, false, true},
		"own":  {[]string{"the certificate is not for other.example", "the certificate is signed by itself, and nobody else vouches for it"}, "TLS 1.3", "TLS 1.2", 204, own.NotAfter, true, true},
		"old":  {nil, "TLS 1.2", "TLS 1.0", 0, good.NotAfter, false, false},
	} {
		e, c := s.endpoint(key)
		if c == nil || e.Error != "" {
			t.Errorf("%s: there is no certificate: %q", key, e.Error)
			continue
		}
		if diff := cmp.Diff(want.problems, e.ChainProblems); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", key, diff)
		}
		if e.TLSVersion != want.version || e.OldestTLS != want.oldest || e.HTTPStatus != want.status || (e.HSTS == model.Duration(365*24*time.Hour)) != want.answers || e.Probed != model.TimeOf(dayOne) {
			t.Errorf("%s: %s, oldest %s, status %d, HSTS %s, probed %s", key, e.TLSVersion, e.OldestTLS, e.HTTPStatus, e.HSTS, e.Probed)
		}
		if c.Expires != model.TimeOf(want.expires) || c.SelfSigned != want.selfSigned || c.Algorithm != "ECDSA" || c.KeySize != 256 || c.Type != "certificate" || c.Origin != ProbeSource {
			t.Errorf("%s: the credential is %+v", key, c)
		}
	}
	// Two endpoints that show the same certificate share the record.
	if _, c := s.endpoint("good"); c != nil {
		if _, other := s.endpoint("old"); other != c {
			t.Error("one certificate became two records")
		}
	}
	// Nothing is due before a day is over, and the next look changes nothing but its time.
	if n, _ := p.Due(t.Context()); n != 0 {
		t.Errorf("%d endpoints are due again at once", n)
	}
	s.advance(24 * time.Hour)
	if n, err := p.Due(t.Context()); n != 4 || err != nil {
		t.Errorf("%d endpoints are due after a day, not 4: %v", n, err)
	}
	if n := s.store.View().Count("Credential"); n != 3 {
		t.Errorf("there are %d credentials, not 3", n)
	}
}

// A certificate that is replaced keeps its record, with its owner, and is noted as replaced.
func TestProbeNotesThatACertificateWasReplaced(t *testing.T) {
	a := newAuthority(t)
	p, s := prober(t, a, "127.0.0.1")
	shown := make([]tls.Certificate, 1)
	first, key := a.make(t, "shop", dayOne.AddDate(0, -1, 0), dayOne.AddDate(0, 1, 0), false)
	shown[0] = tls.Certificate{Certificate: [][]byte{first.Raw}, PrivateKey: key}
	address := a.serve(t, first, key, func(c *tls.Config) {
		c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return &tls.Config{Certificates: shown}, nil }
	})
	s.keep(&model.Credential{Meta: model.Meta{Key: "shop-tls", Name: "Certificate of the shop"}, Type: "certificate", RotateEvery: model.Duration(60 * 24 * time.Hour)})
	known := s.store.Snapshot().Find("Credential", "shop-tls")
	s.keep(&model.Endpoint{Meta: model.Meta{Key: "shop"}, Address: address, Certificate: known.Base().Ref()})
	if _, err := p.Now(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, c := s.endpoint("shop"); c.Key != "shop-tls" || !c.Rotated.IsZero() || c.Expires != model.TimeOf(first.NotAfter) || c.OriginOf("expires") != ProbeSource || c.OriginOf("rotate_every") != model.PersonSource {
		t.Errorf("the first look made %+v", c)
	}
	second, key := a.make(t, "shop", dayOne, dayOne.AddDate(0, 3, 0), false)
	shown[0] = tls.Certificate{Certificate: [][]byte{second.Raw}, PrivateKey: key}
	s.advance(48 * time.Hour)
	if _, err := p.Now(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, c := s.endpoint("shop"); c.Key != "shop-tls" || c.Rotated != model.TimeOf(s.now()) || c.Expires != model.TimeOf(second.NotAfter) || c.Name != "Certificate of the shop" {
		t.Errorf("the second look made %+v", c)
	}
}

func TestProbeGoesNowhereElse(t *testing.T) {
	a := newAuthority(t)
	p, s := prober(t, a)
	cert, key := a.make(t, "inside", dayOne.AddDate(0, -1, 0), dayOne.AddDate(0, 1, 0), false)
	s.keep(&model.Endpoint{Meta: model.Meta{Key: "inside"}, Address: a.serve(t, cert, key, nil)})
	s.keep(&model.Endpoint{Meta: model.Meta{Key: "wrong"}, Address: "a:b:c"})
	if _, err := p.Due(t.Context()); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"inside": "nothing answers there, or the address is not one that this server may ask", "wrong": `"a:b:c" is not an address: write it as www.example.com:443`} {
		if e, _ := s.endpoint(key); e.Error != want || !e.Certificate.IsZero() {
			t.Errorf("%s: the error is %q", key, e.Error)
		}
	}
	// After a failure the next look comes within the hour.
	s.advance(time.Hour)
	if n, _ := p.Due(t.Context()); n != 2 {
		t.Errorf("%d endpoints are looked at again after an hour, not 2", n)
	}
}

func TestProbeOfWhatSpeaksNoTLS(t *testing.T) {
	a := newAuthority(t)
	p, s := prober(t, a, "127.0.0.1")
	plain := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(plain.Close)
	s.keep(&model.Endpoint{Meta: model.Meta{Key: "plain"}, Address: plain.Listener.Addr().String()})
	if _, err := p.Now(t.Context()); err != nil {
		t.Fatal(err)
	}
	if e, _ := s.endpoint("plain"); e.Error != "what answers there does not speak TLS" {
		t.Errorf("the error is %q", e.Error)
	}
}

// Only one of several nodes looks at a time, and another goes on when the lease of the first is over.
func TestProbeHoldsALease(t *testing.T) {
	p, s := prober(t, newAuthority(t))
	s.keep(&model.Endpoint{Meta: model.Meta{Key: "one"}, Address: "127.0.0.1:1"})
	if err := p.take(t.Context()); err != nil {
		t.Fatal(err)
	}
	other := NewProber(s.store, s.vault, ProberOptions{Now: s.now, Node: "second", Log: s.opt.Log, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no way") }})
	if _, err := other.Due(t.Context()); !errors.Is(err, ErrRunning) {
		t.Errorf("two nodes look at the same time: %v", err)
	}
	s.advance(probeLease + time.Second)
	if n, err := other.Due(t.Context()); n != 1 || err != nil {
		t.Errorf("nobody goes on: %d, %v", n, err)
	}
}

func TestHSTS(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": 0, "max-age=0": 0, "max-age=60": time.Minute, `includeSubDomains; Max-Age="3600"`: time.Hour, "max-age=-1": 0, "max-age=x": 0, "max-age=99999999999999": longestHSTS * time.Second,
	} {
		if got := hstsOf(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}
