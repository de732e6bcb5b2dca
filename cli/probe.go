package cli

import (
	"context"
	"log/slog"

	"binnacle/jobs"
	"binnacle/model"
	"binnacle/outbound"
)

type probeCmd struct {
	Endpoint      []string `arg:"" optional:"" name:"endpoint" help:"The endpoints to look at, by key or name. Default: all that are not paused."`
	OutboundAllow []string `placeholder:"HOST|NETWORK" help:"Internal hosts or networks that endpoints may be in. Public addresses need no entry."`
}

// Help shows how the command is used.
func (probeCmd) Help() string {
	return `Looks at endpoints now, due or not: which certificate each shows and until when it holds, whether somebody vouches for it, which versions of TLS it speaks, and what it answers. binnacle serve does the same by itself, as often as each endpoint says.

Examples:

    binnacle set Endpoint shop address=www.example.com:443 belongs_to=Application/web-shop
    binnacle probe
    binnacle probe shop
    binnacle probe intranet --outbound-allow intranet.example.internal`
}

// Run looks at the endpoints.
func (c *probeCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("probe"); err != nil {
		return err
	}
	policy := probePolicy(c.OutboundAllow, nil)
	if err := policy.Check(); err != nil {
		return usage("--outbound-allow: %v", err)
	}
	v, err := s.writable(ctx, false)
	if err != nil {
		return err
	}
	var refs []model.Ref
	for _, name := range c.Endpoint {
		ref, err := v.Resolve([]string{"Endpoint"}, name)
		if err != nil {
			return usage("%v", err)
		}
		refs = append(refs, ref)
	}
	state, err := s.openVault(ctx)
	if err != nil {
		return err
	}
	defer state.Close()
	n, err := jobs.NewProber(s.store, state, jobs.ProberOptions{Now: s.env.Now, Dial: outbound.Dialer(policy)}).Now(ctx, refs...)
	if err != nil {
		return s.explain(err)
	}
	s.say("looked at %s", counted(n, "endpoint"))
	return nil
}

// probePolicy says where endpoints may be: at the ports of public hosts at which TLS is usual, and wherever the operator allows.
func probePolicy(allow []string, log *slog.Logger) outbound.Policy {
	return outbound.Policy{Allow: allow, Ports: jobs.ProbePorts, Log: log}
}
