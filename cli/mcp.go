package cli

import (
	"context"
	"errors"
	"io"

	"binnacle/access"
	"binnacle/door"
	"binnacle/mcp"
)

type mcpCmd struct{}

// Help shows how the command is used.
func (mcpCmd) Help() string {
	return `Assistants that start programs speak the Model Context Protocol with this command over its input and output. Tools that change something only show what would change unless the assistant says otherwise, and each change is an entry of the history, which can be undone. Over the network the same tools are at /mcp of the server.

With a token, in --token, --token-file or $BINNACLE_TOKEN, assistants never have more rights than that; without one they act as the owner of the estate, who may do everything.

Examples:

    binnacle mcp --data /srv/binnacle
    BINNACLE_TOKEN=bnc_… binnacle mcp`
}

// Run speaks the protocol until the input ends.
func (c *mcpCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("mcp"); err != nil {
		return err
	}
	if err := s.open(ctx, false); err != nil {
		return err
	}
	v, err := s.openVault(ctx)
	if err != nil {
		return err
	}
	defer v.Close()
	lines, err := s.openFacts(ctx, true)
	if err != nil {
		return err
	}
	a := access.New(s.store, v, access.Options{Now: s.env.Now})
	h := door.Open(door.Config{Store: s.store, Vault: v, Facts: lines, Access: a, Practices: s.env.Practices, Version: s.env.Version, Log: s.logger("text")})
	who := func(context.Context) (*access.Principal, error) { return a.Owner(s.who()), nil }
	token, err := s.anyToken()
	if err != nil {
		return err
	}
	if token != "" {
		who = func(ctx context.Context) (*access.Principal, error) { return a.Token(ctx, token) }
		if _, err := who(ctx); errors.Is(err, access.ErrSignedOut) {
			return usage("--token: the token is not, or no longer, good for anything")
		}
	}
	return mcp.Serve(ctx, h, who, io.NopCloser(s.env.Stdin), out{s.env.Stdout})
}

// out is a writer that need not be closed.
type out struct{ io.Writer }

// Close does nothing.
func (out) Close() error { return nil }
