package door

import (
	"context"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
)

// Webhooks lists all webhooks, for the part of Binnacle that sends their messages. It is no answer to a person.
func (h *House) Webhooks() []*model.Webhook {
	return slices.Collect(estate.Each[*model.Webhook](h.store.Snapshot().View(0)))
}

// PauseWebhook pauses a webhook in the name of Binnacle, and says in the journal why.
func (h *House) PauseWebhook(ctx context.Context, webhook model.Ref, why string) error {
	snap := h.store.Snapshot()
	before, ok := snap.Get(webhook).(*model.Webhook)
	if !ok || before.Paused {
		return nil
	}
	after := model.Clone(before)
	after.Paused = true
	change, _ := model.Difference(snap.Schema().Of(before), before, after)
	_, err := h.store.Commit(ctx, store.Tx{Who: "binnacle", Why: why, Source: "binnacle", Changes: []model.Change{change}})
	return err
}
