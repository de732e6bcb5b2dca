package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"binnacle/access"
	"binnacle/door"
	"binnacle/doors"
	"binnacle/feed/all"
	"binnacle/hooks"
	"binnacle/host"
	"binnacle/jobs"
	"binnacle/mail"
	"binnacle/outbound"
	"binnacle/store"
)

type serveCmd struct {
	Listen         string        `default:"127.0.0.1:8470" placeholder:"HOST:PORT" help:"Where to listen for browsers and programs."`
	BaseURL        string        `name:"base-url" placeholder:"URL" help:"The address under which people reach Binnacle, such as https://binnacle.example.com. Needed behind a proxy and for single sign-on."`
	TLSCert        string        `name:"tls-cert" placeholder:"FILE" help:"The certificate in PEM, where Binnacle itself speaks TLS. It is read again when it changes."`
	TLSKey         string        `name:"tls-key" placeholder:"FILE" help:"The key of the certificate in PEM."`
	TrustedProxies []string      `placeholder:"NETWORK" help:"Networks of proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8."`
	MetricsFrom    []string      `placeholder:"NETWORK" help:"Networks that may read /metrics. Default: this machine."`
	OutboundAllow  []string      `placeholder:"HOST|NETWORK" help:"Internal hosts or networks that feeds, webhooks, endpoints and identity providers may be in. Public addresses need no entry."`
	FeedRoots      []string      `placeholder:"DIR" help:"Folders that scheduled feeds may read below."`
	SessionLife    time.Duration `default:"12h" placeholder:"TIME" help:"How long a session lasts at most."`
	SessionIdle    time.Duration `default:"1h" placeholder:"TIME" help:"How long a session lasts without use."`
	SecondFactor   bool          `help:"Ask everybody with a password for a second factor too."`
	LogFormat      string        `default:"text" enum:"text,json" placeholder:"text|json" help:"How to write the log."`
	LogRequests    bool          `help:"Write one line for every request."`
	MailServer     string        `placeholder:"URL" help:"Send letters about what people own through this server: smtps://user@host:465, or smtp://user@host:587. The password is in $BINNACLE_MAIL_PASSWORD."`
	MailFrom       string        `placeholder:"ADDRESS" help:"The address that letters come from. Needed with --mail-server."`
	MailHour       int           `default:"6" placeholder:"HOUR" help:"The hour, in UTC, from which the daily letter goes."`
	OTLPEndpoint   string        `name:"otlp-endpoint" placeholder:"URL" help:"Send OpenTelemetry traces there."`
	UploadLimit    int           `name:"upload-limit" default:"4096" placeholder:"MIB" help:"How many MiB the files of one import may have together. What is large is kept beside the data until it is read."`
	Demo           bool          `help:"Load the demo company where the estate is empty."`
}

// Help shows how the command is used.
func (serveCmd) Help() string {
	return `Every flag can also be set in the environment, such as BINNACLE_BASE_URL, or in a YAML file that --config or BINNACLE_CONFIG names, such as base-url: https://binnacle.example.com. The flag counts before the environment, and that before the file.

Nobody but the first person, who needs the code that is printed at the start, can come in before an account is made. /healthz says that the program runs, /readyz that it can answer, /metrics is for Prometheus. Send SIGTERM to stop: what is under way is finished.

Examples:

    binnacle serve
    binnacle serve --data /srv/binnacle --listen 127.0.0.1:8470
    binnacle serve --database postgres://binnacle@db/binnacle --base-url https://binnacle.example.com --trusted-proxies 10.0.0.0/8
    binnacle serve --tls-cert cert.pem --tls-key key.pem --listen :443 --base-url https://binnacle.example.com
    binnacle serve --demo --data /tmp/demo`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("serve"); err != nil {
		return err
	}
	log := s.logger(c.LogFormat)
	config, err := c.config(log)
	if err != nil {
		return err
	}
	if err := s.open(ctx, true); err != nil {
		return err
	}
	lines, err := s.openFacts(ctx, true)
	if err != nil {
		return err
	}
	if c.Demo && s.store.Snapshot().Len() == 0 {
		s.say("Loading the demo company …")
		if _, err := jobs.Import(ctx, s.store, s.demoFiles(), all.Detect, jobs.ImportOptions{Who: s.who(), Why: "Load the demo", Facts: lines}); err != nil {
			return err
		}
	}
	config.Ready = s.store.Fault
	config.Measure = measurements(s.store)
	letters, err := c.letters(s, log)
	if err != nil {
		return err
	}
	server, err := host.New(config)
	if err != nil {
		return err
	}
	defer server.Close()
	h, err := s.house(ctx, c, server.URL(), log)
	if err != nil {
		return err
	}
	defer h.Vault.Close()
	if c.OTLPEndpoint != "" {
		stop, err := host.Trace(ctx, c.OTLPEndpoint, s.env.Version)
		if err != nil {
			return err
		}
		defer stop(context.WithoutCancel(ctx))
	}
	server.Handle("/", doors.Handler(h, doors.Options{Secure: server.Secure()}))
	if err := s.greet(ctx, h, server.URL()); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return server.Serve(ctx) })
	s.background(ctx, group, h, c, log)
	if letters != nil {
		group.Go(func() error {
			mail.New(h, letters, mail.Options{BaseURL: server.URL(), Hour: c.MailHour, Log: log}).Run(ctx)
			return nil
		})
	}
	return group.Wait()
}

// greet tells the person that started the server where to go.
func (s *session) greet(ctx context.Context, h *door.House, address string) error {
	fmt.Fprintf(s.env.Stdout, "Binnacle serves at %s\n", address)
	code, err := h.Access.SetupCode(ctx)
	if err != nil || code == "" {
		return err
	}
	fmt.Fprintf(s.env.Stdout, "Nobody can sign in yet. Begin here:\n\n    %s/first?code=%s\n\n", address, url.QueryEscape(code))
	return nil
}

// letters returns what carries letters, or nil where there is no mail server.
func (c *serveCmd) letters(s *session, log *slog.Logger) (mail.Post, error) {
	if c.MailServer == "" {
		return nil, nil
	}
	u, err := url.Parse(c.MailServer)
	if err != nil || c.MailFrom == "" {
		return nil, usage("--mail-server needs an address such as smtps://user@host:465, and --mail-from the address that letters come from")
	}
	policy := outbound.Policy{Allow: append(slices.Clone(c.OutboundAllow), u.Hostname()), Ports: []int{25, 465, 587}, Log: log}
	if err := policy.Check(); err != nil {
		return nil, usage("--mail-server: %v", err)
	}
	return mail.SMTP{Server: c.MailServer, Password: s.env.Getenv("BINNACLE_MAIL_PASSWORD"), From: c.MailFrom, Dial: outbound.Dialer(policy)}.Open()
}

// sweepEvery is how often what has expired is taken out of the vault.
const sweepEvery = 10 * time.Minute

// flushEvery is how often failed sign-ins and denials that were gathered are written into the journal.
const flushEvery = time.Minute

// background starts what runs by itself.
func (s *session) background(ctx context.Context, group *errgroup.Group, h *door.House, c *serveCmd, log *slog.Logger) {
	group.Go(func() error { h.RunFeeds(ctx); return nil })
	group.Go(func() error { h.RunControls(ctx); return nil })
	group.Go(func() error { h.RunProbes(ctx); return nil })
	group.Go(func() error { h.RunReceivers(ctx); return nil })
	group.Go(func() error { h.SweepBulk(ctx); return nil })
	group.Go(func() error { return hooks.Run(ctx, h) })
	group.Go(func() error {
		every(ctx, sweepEvery, func() {
			if _, err := h.Vault.Sweep(ctx); err != nil && ctx.Err() == nil {
				log.Error("the vault could not be swept", "error", err.Error())
			}
		})
		return nil
	})
	group.Go(func() error {
		flush := func(ctx context.Context) {
			if err := h.Access.Flush(ctx); err != nil {
				log.Error("what was denied could not be written into the journal", "error", err.Error())
			}
		}
		every(ctx, flushEvery, func() { flush(ctx) })
		flush(context.WithoutCancel(ctx))
		return nil
	})
}

// every calls something again and again until the context ends.
func every(ctx context.Context, wait time.Duration, do func()) {
	tick := time.NewTicker(wait)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do()
		}
	}
}

// logger returns the log of a server.
func (s *session) logger(format string) *slog.Logger {
	if format == "json" {
		return host.Logger(slog.NewJSONHandler(s.env.Stderr, nil))
	}
	return host.Logger(slog.NewTextHandler(s.env.Stderr, nil))
}

// config returns how the doors are put on the network.
func (c *serveCmd) config(log *slog.Logger) (host.Config, error) {
	out := host.Config{Listen: c.Listen, BaseURL: c.BaseURL, Cert: c.TLSCert, Key: c.TLSKey}
	if c.LogRequests {
		out.Log = log
	}
	var err error
	if out.Proxies, err = host.Networks(c.TrustedProxies); err != nil {
		return out, usage("--trusted-proxies: %v", err)
	}
	if out.Watchers, err = host.Networks(c.MetricsFrom); err != nil {
		return out, usage("--metrics-from: %v", err)
	}
	if c.UploadLimit < 1 || c.UploadLimit > 1<<20 {
		return out, usage("--upload-limit: %d is not between 1 and 1048576 MiB", c.UploadLimit)
	}
	if c.SessionIdle <= 0 || c.SessionLife < c.SessionIdle {
		return out, usage("--session-life: %s is shorter than --session-idle %s", c.SessionLife, c.SessionIdle)
	}
	return out, nil
}

// measurements returns the figures of the estate.
func measurements(st *store.Store) *host.Measurements {
	m := host.NewMeasurements()
	m.Gauge("binnacle_records", "Records in the estate.", func() float64 { return float64(st.Snapshot().Len()) })
	m.Gauge("binnacle_journal_entry", "Number of the last entry of the journal.", func() float64 { return float64(st.Snapshot().Stamp().Seq) })
	m.Gauge("binnacle_ready", "1 where the estate follows the journal.", func() float64 {
		if st.Fault() != nil {
			return 0
		}
		return 1
	})
	return m
}

// house opens everything that doors need.
func (s *session) house(ctx context.Context, c *serveCmd, address string, log *slog.Logger) (*door.House, error) {
	v, err := s.openVault(ctx)
	if err != nil {
		return nil, err
	}
	lines, err := s.openFacts(ctx, true)
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	temp, err := s.tempFolder()
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	client, err := c.client(log)
	if err != nil {
		return nil, errors.Join(err, v.Close())
	}
	a := access.New(s.store, v, access.Options{Now: s.env.Now, Client: client, BaseURL: address, SessionLife: c.SessionLife, SessionIdle: c.SessionIdle, SecondFactor: c.SecondFactor})
	return door.Open(door.Config{Store: s.store, Vault: v, Facts: lines, Temp: temp, UploadLimit: int64(c.UploadLimit) << 20, Access: a, Mails: c.MailServer != "", Practices: s.env.Practices, Client: client, Dial: outbound.Dialer(probePolicy(c.OutboundAllow, log)), Demo: s.env.Demo, DemoFiles: s.env.DemoFiles,
		Version: s.env.Version, BaseURL: address, FeedFolders: c.FeedRoots, Log: log}), nil
}

// UploadsFolder is the name of the folder in a data directory for what is too large for memory while it is uploaded or unpacked.
const UploadsFolder = "uploads"

// tempFolder makes the folder for uploads beside the data. With a database it is that of the system, which the empty name stands for.
func (s *session) tempFolder() (string, error) {
	place, database, err := s.where()
	if err != nil || database {
		return "", err
	}
	folder := filepath.Join(place, UploadsFolder)
	return folder, os.MkdirAll(folder, 0o700)
}

// client returns the client through which everything goes out.
func (c *serveCmd) client(log *slog.Logger) (*http.Client, error) {
	policy := outbound.Policy{Allow: c.OutboundAllow, Log: log}
	if err := policy.Check(); err != nil {
		return nil, usage("--outbound-allow: %v", err)
	}
	return outbound.New(policy), nil
}
