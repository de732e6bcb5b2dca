package door

import (
	"context"
	"net/http"

	"binnacle/access"
	"binnacle/jobs"
	"binnacle/model"
)

// Received says what became of a message of a code provider.
type Received = jobs.Received

// Taking says what was taken of the events of one receiver.
type Taking = jobs.Taking

// BadMessage says what is wrong with a message of a code provider.
type BadMessage = jobs.BadMessage

// MostMessage is how many bytes one message of a code provider may have.
const MostMessage = jobs.MostMessage

// The ways in which a message of a code provider is not taken.
var (
	// ErrForged says that there is no such receiver, or that the message is not signed as it should be.
	ErrForged = jobs.ErrForged
	// ErrReceiverPaused says that the receiver takes no messages for now.
	ErrReceiverPaused = jobs.ErrPaused
	// ErrTaking says that another node takes events at this moment.
	ErrTaking = jobs.ErrRunning
)

// Receive takes in a message of a code provider or a pipeline. It shows by its signature that the sender may tell something: it
// is nobody's session and no token.
func (h *House) Receive(ctx context.Context, key string, header http.Header, body []byte) (Received, error) {
	return h.inbox.Receive(ctx, key, header, body)
}

// RunReceivers takes what was received into the estate, until the context ends.
func (h *House) RunReceivers(ctx context.Context) { h.inbox.Run(ctx) }

// TakeEvents takes what was received and waits, at once. Only who administers may do so.
func (h *House) TakeEvents(ctx context.Context, p *access.Principal) ([]Taking, error) {
	if err := p.MayAdminister(); err != nil {
		return nil, h.deny(ctx, p, err)
	}
	return h.inbox.Take(ctx)
}

// ReceiverStanding tells how a receiver stands: whether it knows its sender, and how many messages wait. Only who administers may ask.
func (h *House) ReceiverStanding(ctx context.Context, p *access.Principal, receiver model.Ref) (jobs.Standing, error) {
	if err := p.MayAdminister(); err != nil {
		return jobs.Standing{}, h.deny(ctx, p, err)
	}
	return h.inbox.Standing(ctx, receiver)
}

// NewReceiverSecret makes the secret by which a receiver knows its sender, and returns it: it is shown once. The one before holds
// until the next is made, or no longer where only is set. Only who administers may do so, shortly after showing who that is.
func (h *House) NewReceiverSecret(ctx context.Context, p *access.Principal, receiver model.Ref, only bool) (string, error) {
	if err := p.MayAdminister(); err != nil {
		return "", h.deny(ctx, p, err)
	}
	if err := h.Access.Fresh(p); err != nil {
		return "", err
	}
	if _, ok := h.store.Snapshot().Get(receiver).(*model.EventReceiver); !ok {
		return "", &NotFound{"event receiver"}
	}
	return h.inbox.NewSecret(ctx, receiver, only)
}
