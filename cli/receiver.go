package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"binnacle/feed/delivery"
	"binnacle/jobs"
	"binnacle/model"
	"binnacle/store"
)

type receiverCmd struct {
	Secret receiverSecretCmd `cmd:"" help:"Make a secret for a receiver of delivery events, and print it once."`
}

// Help shows how the command is used.
func (receiverCmd) Help() string {
	return `A receiver is an address at which GitHub, GitLab, Gitea, Forgejo, Bitbucket, Azure DevOps or a pipeline of your own tells what it does: /hooks/KEY of this server. Every message must show that the sender knows the secret of the receiver.

Where the secret goes: GitHub, Gitea, Forgejo and Bitbucket have a field for it, and sign with it; send as application/json. In GitLab it is the secret token or, since GitLab signs its messages, the signing token. In Azure DevOps it is the password of basic authentication. Pipelines of your own send it in the header X-Binnacle-Token, or sign as GitHub does.

Examples:

    binnacle receiver secret shop --provider github
    binnacle receiver secret shop --only
    binnacle receiver secret shop --given < secret.txt
    binnacle events take`
}

type receiverSecretCmd struct {
	Key      string `arg:"" help:"The key of the receiver. With --provider, one that is not there is created."`
	Provider string `placeholder:"PROVIDER" help:"Who sends: github, gitlab, gitea, bitbucket, azure_devops or other. Needed for a new receiver."`
	Only     bool   `help:"Let no earlier secret hold any longer. Without it, the one before holds until the next is made."`
	Given    bool   `help:"Take the secret that the sender has made, from the first line of the input, in place of making one."`
}

// Run makes the secret and prints it.
func (c *receiverSecretCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("receiver secret"); err != nil {
		return err
	}
	if err := s.noScenario("receiver secret"); err != nil {
		return err
	}
	v, err := s.writable(ctx, c.Provider != "")
	if err != nil {
		return err
	}
	receiver, _ := v.Find("EventReceiver", c.Key).(*model.EventReceiver)
	provider := model.CodeProvider(strings.ToLower(c.Provider))
	switch {
	case receiver == nil && c.Provider == "":
		return usage("there is no event receiver %q: name who sends with --provider, and it is created", c.Key)
	case c.Provider != "" && !known(provider):
		return usage("--provider: %q is not one of %s%s", c.Provider, strings.Join(providerNames(), ", "), suggest(c.Provider, providerNames()))
	case receiver != nil && c.Provider != "" && receiver.Provider != provider:
		return usage("the event receiver %s is for %s: change its provider first, or choose another key", c.Key, receiver.Provider)
	case receiver == nil:
		if receiver, err = s.newReceiver(ctx, c.Key, provider); err != nil {
			return err
		}
	}
	secrets, err := s.openVault(ctx)
	if err != nil {
		return err
	}
	defer secrets.Close()
	inbox := jobs.NewInbox(s.store, secrets, jobs.InboxOptions{Now: s.env.Now})
	if c.Given {
		line, err := bufio.NewReader(s.env.Stdin).ReadString('\n')
		if line = strings.TrimSpace(line); line == "" {
			return usage("--given: the input has no secret: %v", err)
		}
		if err := inbox.AddSecret(ctx, receiver.Ref(), line, c.Only); err != nil {
			return err
		}
		s.say("The secret of %s is kept. Its messages go to /hooks/%s.", c.Key, c.Key)
		return nil
	}
	secret, err := inbox.NewSecret(ctx, receiver.Ref(), c.Only)
	if err != nil {
		return err
	}
	s.say("Messages go to /hooks/%s. This is the secret; it is not shown again:", c.Key)
	fmt.Fprintln(s.env.Stdout, secret)
	return nil
}

// newReceiver creates a receiver of the events of a provider.
func (s *session) newReceiver(ctx context.Context, key string, provider model.CodeProvider) (*model.EventReceiver, error) {
	rec := &model.EventReceiver{Provider: provider}
	rec.ID, rec.Key, rec.Name = s.store.NewID(), key, key
	change, _ := model.Difference(s.store.Snapshot().Schema().Of(rec), nil, rec)
	v, err := s.view(ctx)
	if err != nil {
		return nil, err
	}
	_, err = s.commit(ctx, v, store.Tx{Why: "Receive delivery events of " + delivery.Label(provider), Changes: []model.Change{change}}, false)
	return rec, err
}

func providerNames() []string {
	var out []string
	for _, p := range delivery.Providers() {
		out = append(out, string(p))
	}
	return out
}

func known(provider model.CodeProvider) bool {
	for _, p := range delivery.Providers() {
		if p == provider {
			return true
		}
	}
	return false
}

type eventsCmd struct {
	Take eventsTakeCmd `cmd:"" help:"Take the delivery events that were received and wait, at once."`
}

// Help shows how the command is used.
func (eventsCmd) Help() string {
	return `What code providers send is kept when it comes, and taken into the estate at most an hour later or as soon as 500 messages wait. This takes it at once.

Example:

    binnacle events take`
}

type eventsTakeCmd struct{}

// Run takes the events that wait.
func (eventsTakeCmd) Run(ctx context.Context, s *session) error {
	if err := s.noTime("events take"); err != nil {
		return err
	}
	if err := s.noScenario("events take"); err != nil {
		return err
	}
	if _, err := s.writable(ctx, false); err != nil {
		return err
	}
	state, err := s.openVault(ctx)
	if err != nil {
		return err
	}
	defer state.Close()
	lines, err := s.openFacts(ctx, true)
	if err != nil {
		return err
	}
	taken, err := jobs.NewInbox(s.store, state, jobs.InboxOptions{Now: s.env.Now, Facts: lines}).Take(ctx)
	if err != nil {
		return s.explain(err)
	}
	for _, t := range taken {
		s.say("%s: took %s from %s%s", t.Receiver, counted(t.Events, "event"), counted(t.Messages, "message"), noted(t.Repositories))
	}
	if len(taken) == 0 {
		s.say("nothing waits")
	}
	return nil
}

// noted says which repositories are new.
func noted(keys []string) string {
	if len(keys) == 0 {
		return ""
	}
	return "; new repositories: " + strings.Join(keys, ", ")
}
