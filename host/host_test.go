package host

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// start serves a handler and returns the address, and a function that stops it.
func start(t *testing.T, c Config, doors map[string]http.HandlerFunc) (address string, stop func() error) {
	t.Helper()
	if c.Listen == "" {
		c.Listen = "127.0.0.1:0"
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	for pattern, h := range doors {
		s.Handle(pattern, h)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	stopped := false
	stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() { stop() })
	return s.listener.Addr().String(), stop
}

func get(t *testing.T, address, path string, header ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

var tellsFrom = map[string]http.HandlerFunc{"/": func(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, From(r), " ", r.Header.Get("X-Forwarded-For"))
}}

// TestV4_1_3_HeadersOfProxies holds that only a trusted proxy says who the visitor is.
func TestV4_1_3_HeadersOfProxies(t *testing.T) {
	trusted, err := Networks([]string{"127.0.0.1", "10.0.0.0/8"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		proxies []netip.Prefix
		header  string
		want    string
	}{
		{"nobody is trusted", nil, "203.0.113.9", "127.0.0.1 "},
		{"the proxy is trusted", trusted, "203.0.113.9", "203.0.113.9 "},
		{"the visitor adds a lie in front", trusted, "198.51.100.1, 203.0.113.9", "203.0.113.9 "},
		{"two proxies", trusted, "203.0.113.9, 10.1.2.3", "203.0.113.9 "},
		{"noise", trusted, "203.0.113.9, <script>", "127.0.0.1 "},
		{"mapped", trusted, "::ffff:203.0.113.9", "203.0.113.9 "},
		{"nothing", trusted, "", "127.0.0.1 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			address, _ := start(t, Config{Proxies: c.proxies}, tellsFrom)
			if _, got := get(t, address, "/", "X-Forwarded-For", c.header); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestNamesThatAreNotOurs holds that a page elsewhere cannot point its own name here.
func TestNamesThatAreNotOurs(t *testing.T) {
	for _, c := range []struct {
		listen, base, host string
		want               int
	}{
		{"127.0.0.1:0", "", "attacker.example", http.StatusMisdirectedRequest},
		{"127.0.0.1:0", "", "localhost:99", http.StatusOK},
		{"127.0.0.1:0", "", "[::1]", http.StatusOK},
		{"127.0.0.1:0", "https://binnacle.example.com", "binnacle.example.com", http.StatusOK},
		{"127.0.0.1:0", "https://binnacle.example.com", "BINNACLE.example.com:443", http.StatusOK},
		{"0.0.0.0:0", "https://binnacle.example.com", "other.example.com", http.StatusMisdirectedRequest},
		{"0.0.0.0:0", "", "anything.example.com", http.StatusOK},
	} {
		address, stop := start(t, Config{Listen: c.listen, BaseURL: c.base}, tellsFrom)
		_, port, _ := net.SplitHostPort(address)
		if status, _ := get(t, "127.0.0.1:"+port, "/", "Host", c.host); status != c.want {
			t.Errorf("listening on %s as %q, asked as %s: %d, want %d", c.listen, c.base, c.host, status, c.want)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
}

// TestHealth holds that /healthz, /readyz and /metrics tell no more than they must.
func TestHealth(t *testing.T) {
	var fault error
	m := NewMeasurements()
	m.Gauge("binnacle_test", "A figure.", func() float64 { return 42 })
	address, _ := start(t, Config{Measure: m, Ready: func() error { return fault }}, tellsFrom)
	get(t, address, "/nowhere/"+strings.Repeat("x", 50))
	if status, body := get(t, address, "/metrics"); status != 200 || !strings.Contains(body, "binnacle_test 42") || strings.Contains(body, "xxx") {
		t.Errorf("metrics: %d\n%s", status, body)
	}
	if status, _ := get(t, address, "/readyz"); status != 200 {
		t.Errorf("ready: %d", status)
	}
	fault = fmt.Errorf("the password of the database is hunter2")
	if status, body := get(t, address, "/readyz"); status != 503 || strings.Contains(body, "hunter2") {
		t.Errorf("not ready: %d %s", status, body)
	}
	if status, _ := get(t, address, "/healthz"); status != 200 {
		t.Errorf("healthy: %d", status)
	}
	elsewhere, _ := start(t, Config{Measure: NewMeasurements(), Watchers: []netip.Prefix{netip.MustParsePrefix("10.9.0.0/16")}}, tellsFrom)
	if status, _ := get(t, elsewhere, "/metrics"); status != 404 {
		t.Errorf("metrics from elsewhere: %d", status)
	}
}

// TestTheEnd holds that what is under way is finished, and that a stream does not hold the end up.
func TestTheEnd(t *testing.T) {
	begun := make(chan bool, 2)
	address, stop := start(t, Config{Grace: 2 * time.Second}, map[string]http.HandlerFunc{
		"/slow": func(w http.ResponseWriter, _ *http.Request) {
			begun <- true
			time.Sleep(300 * time.Millisecond)
			fmt.Fprint(w, "done")
		},
		"/stream": func(w http.ResponseWriter, r *http.Request) {
			w.(http.Flusher).Flush()
			begun <- true
			<-r.Context().Done()
		},
	})
	slow := make(chan string, 1)
	go func() {
		_, body := get(t, address, "/slow")
		slow <- body
	}()
	go func() {
		if answer, err := http.Get("http://" + address + "/stream"); err == nil {
			io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
		}
	}()
	<-begun
	<-begun
	if err := stop(); err != nil {
		t.Error(err)
	}
	if body := <-slow; body != "done" {
		t.Errorf("the slow request got %q", body)
	}
}

// TestV16_4_1_Log holds that nothing from outside makes a line of its own and that secrets are kept out.
func TestV16_4_1_Log(t *testing.T) {
	for name, handler := range map[string]func(io.Writer) slog.Handler{
		"text": func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) },
		"json": func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			log := Logger(handler(&out)).With("api_token", "s3cret")
			address, stop := start(t, Config{Log: log}, tellsFrom)
			get(t, address, "/a%0d%0alevel=ERROR%20msg=forged?password=s3cret", "X-Forwarded-For", "1\tmsg=forged")
			log.Info("signed in", "password", "s3cret", "Set-Cookie", "s3cret")
			if err := stop(); err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if len(lines) != 2 || strings.Contains(out.String(), "s3cret") || strings.Contains(out.String(), "\r") {
				t.Errorf("the log has %d lines:\n%s", len(lines), out.String())
			}
		})
	}
}

// TestCertificate serves TLS, and takes a renewed certificate without a restart.
func TestCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	writePair(t, cert, key, 1)
	c, err := newCertificate(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf.SerialNumber.Int64()
	}
	if serial() != 1 {
		t.Error("not the first certificate")
	}
	writePair(t, cert, key, 2)
	later := time.Now().Add(time.Hour)
	os.Chtimes(cert, later, later)
	c.looked = time.Now().Add(-2 * recheck)
	if serial() != 2 {
		t.Error("not the second certificate")
	}
	os.WriteFile(cert, []byte("broken"), 0o600)
	os.Chtimes(cert, later.Add(time.Hour), later.Add(time.Hour))
	c.looked = time.Now().Add(-2 * recheck)
	if serial() != 2 {
		t.Error("a broken file must leave the old certificate in use")
	}
	writePair(t, cert, key, 3)
	address, _ := start(t, Config{Cert: cert, Key: key}, tellsFrom)
	conn, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11})
	if err == nil {
		conn.Close()
		t.Error("an old version of TLS was accepted")
	}
	conn, err = tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if _, err := New(Config{Listen: "127.0.0.1:0", Cert: cert}); err == nil {
		t.Error("a certificate without a key was accepted")
	}
}

func writePair(t *testing.T, cert, key string, serial int64) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
