package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/feed/all"
	"binnacle/jobs"
	"binnacle/web"
	"binnacle/web/frame"
)

type serveCmd struct {
	Listen string `default:"127.0.0.1:8470" placeholder:"HOST:PORT" help:"Where to listen for browsers and programs."`
	Demo   bool   `help:"Load the demo company where the estate is empty."`
}

// Help shows how the command is used.
func (serveCmd) Help() string {
	return `Examples:

    binnacle serve
    binnacle serve --data /srv/binnacle --listen 127.0.0.1:8470
    binnacle serve --demo --data /tmp/demo`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("serve"); err != nil {
		return err
	}
	if err := s.open(ctx, true); err != nil {
		return err
	}
	if c.Demo && s.store.Snapshot().Len() == 0 {
		if _, err := jobs.Import(ctx, s.store, s.demoFiles(), all.Detect, jobs.ImportOptions{Who: s.who(), Why: "Load the demo"}); err != nil {
			return err
		}
	}
	h, err := s.house(ctx, c)
	if err != nil {
		return err
	}
	defer h.Vault.Close()
	listener, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", c.Listen, err)
	}
	fmt.Fprintf(s.env.Stdout, "Binnacle is at http://%s\n", listener.Addr())
	if code, err := h.Access.SetupCode(ctx); err != nil {
		return err
	} else if code != "" {
		fmt.Fprintf(s.env.Stdout, "Nobody can sign in yet. Begin at http://%s/first?code=%s\n", listener.Addr(), url.QueryEscape(code))
	}
	server := &http.Server{Handler: web.Handler(h, frame.Options{}), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		server.Shutdown(stop)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// house opens everything that doors need.
func (s *session) house(ctx context.Context, c *serveCmd) (*door.House, error) {
	place, database, err := s.where()
	if err != nil {
		return nil, err
	}
	if !database {
		place = filepath.Join(place, VaultFile)
	}
	v, err := s.env.OpenVault(ctx, place)
	if err != nil {
		return nil, err
	}
	a := access.New(s.store, v, access.Options{Now: s.env.Now})
	return door.Open(door.Config{Store: s.store, Vault: v, Access: a, Practices: s.env.Practices, Demo: s.env.Demo, DemoFiles: s.env.DemoFiles,
		Version: s.env.Version, Log: slog.New(slog.NewTextHandler(s.env.Stderr, nil))}), nil
}
