// Package host puts the doors on the network: listening, TLS, proxies in front,
// limits, health, measurements, traces, logs and an end that loses nothing.
package host

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
)

// Config says how the doors are put on the network. Everything is optional.
type Config struct {
	// Listen is the address to listen on, such as 127.0.0.1:8470.
	Listen string
	// BaseURL is the address under which people reach Binnacle. Other host names are refused where it is set.
	BaseURL string
	// Cert and Key are files in PEM. They are read again when they change.
	Cert, Key string
	// Proxies are the networks of proxies whose word about the visitor's address and about TLS is taken.
	Proxies []netip.Prefix
	// Watchers are the networks that may read the measurements. Unset means this machine.
	Watchers []netip.Prefix
	// Grace is how long requests may go on after the end was asked for. Unset means 20 seconds.
	Grace time.Duration
	// Log receives one line for each request. Unset means none.
	Log *slog.Logger
	// Ready tells why nothing can be served, or nil.
	Ready func() error
	// Measure is told the figures that are read at /metrics.
	Measure *Measurements
}

// Server is a set of doors on the network.
type Server struct {
	config   Config
	mux      *http.ServeMux
	listener net.Listener
	hosts    []string
}

// New listens, without answering yet.
func New(c Config) (*Server, error) {
	if c.Grace == 0 {
		c.Grace = 20 * time.Second
	}
	if len(c.Watchers) == 0 {
		c.Watchers = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	s := &Server{config: c, mux: http.NewServeMux()}
	var err error
	if s.hosts, err = hostsOf(c); err != nil {
		return nil, err
	}
	if s.listener, err = net.Listen("tcp", c.Listen); err != nil {
		return nil, fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	if c.Cert != "" || c.Key != "" {
		certificate, err := newCertificate(c.Cert, c.Key)
		if err != nil {
			s.listener.Close()
			return nil, err
		}
		s.listener = tls.NewListener(s.listener, &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: certificate.get, NextProtos: []string{"h2", "http/1.1"}})
	}
	s.mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	s.mux.HandleFunc("GET /readyz", s.ready)
	if c.Measure != nil {
		s.mux.Handle("GET /metrics", s.watched(c.Measure.handler()))
	}
	return s, nil
}

// Secure reports whether people reach the server over TLS, here or at a proxy in front of it.
func (s *Server) Secure() bool {
	return s.config.Cert != "" || strings.HasPrefix(s.config.BaseURL, "https://")
}

// URL returns the address under which the server is reached.
func (s *Server) URL() string {
	if s.config.BaseURL != "" {
		return strings.TrimSuffix(s.config.BaseURL, "/")
	}
	scheme := "http://"
	if s.Secure() {
		scheme = "https://"
	}
	return scheme + s.listener.Addr().String()
}

// Handle puts a door at a pattern of [http.ServeMux].
func (s *Server) Handle(pattern string, h http.Handler) { s.mux.Handle(pattern, h) }

// ready tells whether requests can be answered. Why not is only logged.
func (s *Server) ready(w http.ResponseWriter, _ *http.Request) {
	if s.config.Ready != nil {
		if err := s.config.Ready(); err != nil {
			if s.config.Log != nil {
				s.config.Log.Error("not ready", "error", err.Error())
			}
			http.Error(w, "not ready", http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprintln(w, "ready")
}

// watched lets only the networks of the watchers in.
func (s *Server) watched(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddr(From(r))
		if err != nil || !within(s.config.Watchers, from) {
			http.NotFound(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Serve answers requests until the context ends, and then lets those that are under way finish.
func (s *Server) Serve(ctx context.Context) error {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	var handler http.Handler = s.mux
	handler = s.named(handler)
	handler = s.told(handler)
	handler = s.known(handler)
	server := &http.Server{
		Handler:           otelhttp.NewHandler(handler, "http"),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       10 * time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(quiet{s.config.Log}, slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.Grace)
		defer cancel()
		// Streams never end by themselves: they are cut after half of the time.
		time.AfterFunc(s.config.Grace/2, cut)
		ended <- server.Shutdown(stop)
	}()
	if err := server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	if err := <-ended; err != nil {
		server.Close()
		return fmt.Errorf("some requests were cut off, because they took longer than %s to end", s.config.Grace)
	}
	return nil
}

// Close stops listening, where Serve was never called.
func (s *Server) Close() error { return s.listener.Close() }

// named refuses requests that were sent to another name: a page elsewhere could point its own name here.
func (s *Server) named(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		host = strings.ToLower(strings.Trim(host, "[]"))
		if s.hosts != nil && r.URL.Path != "/healthz" && r.URL.Path != "/readyz" {
			allowed := false
			for _, h := range s.hosts {
				allowed = allowed || h == host
			}
			if !allowed {
				http.Error(w, "Binnacle is not served under this name. Whoever runs it can set base-url.", http.StatusMisdirectedRequest)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

// hostsOf returns the host names under which requests are taken, or nil for all.
func hostsOf(c Config) ([]string, error) {
	hosts := []string{"localhost", "127.0.0.1", "::1"}
	if c.BaseURL != "" {
		u, err := parseBase(c.BaseURL)
		if err != nil {
			return nil, err
		}
		return append(hosts, strings.ToLower(u.Hostname())), nil
	}
	host, _, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: write it as 127.0.0.1:8470", c.Listen)
	}
	if addr, err := netip.ParseAddr(host); host == "localhost" || err == nil && addr.IsLoopback() {
		return append(hosts, host), nil
	}
	return nil, nil
}
