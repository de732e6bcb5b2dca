package door

import (
	"context"
	"errors"
	"time"

	"binnacle/access"
	"binnacle/vault"
)

// Kept is something that a door keeps for one person for a while, beside the journal. Nobody else gets it.
type Kept struct {
	// Key names it.
	Key string
	// Value is the thing itself.
	Value []byte
	// Version counts how often it was written. 0 stands for something that must not be there yet.
	Version int64
	// Expires is when it goes. Zero means never.
	Expires time.Time
}

// ErrKeptChanged says that what is kept is no longer as the caller saw it.
var ErrKeptChanged = errors.New("it was changed in another window or by another program: look at it again")

// shelfKey returns the name in the vault of what is kept for an account.
func shelfKey(p *access.Principal, key string) string { return p.Account.ID.String() + "/" + key }

// Shelf returns what is kept for the principal on a shelf under a key. The error is a [*NotFound] where there is nothing.
func (h *House) Shelf(ctx context.Context, p *access.Principal, shelf, key string) (Kept, error) {
	item, err := h.Vault.Get(ctx, shelf, shelfKey(p, key))
	if errors.Is(err, vault.ErrNone) {
		return Kept{}, &NotFound{"such thing: it may have expired"}
	}
	return Kept{Key: key, Value: item.Value, Version: item.Version, Expires: item.Expires}, err
}

// ShelfAll returns everything that is kept for the principal on a shelf, by key.
func (h *House) ShelfAll(ctx context.Context, p *access.Principal, shelf string) ([]Kept, error) {
	prefix := shelfKey(p, "")
	items, err := h.Vault.List(ctx, shelf, prefix, "", 0)
	out := make([]Kept, len(items))
	for i, item := range items {
		out[i] = Kept{Key: item.Key[len(prefix):], Value: item.Value, Version: item.Version, Expires: item.Expires}
	}
	return out, err
}

// Keep puts something on a shelf for the principal where nobody has changed it since, and returns its new version.
// The error is [ErrKeptChanged] otherwise.
func (h *House) Keep(ctx context.Context, p *access.Principal, shelf string, k Kept) (int64, error) {
	version, err := h.Vault.Swap(ctx, shelf, vault.Item{Key: shelfKey(p, k.Key), Value: k.Value, Version: k.Version, Expires: k.Expires})
	if errors.Is(err, vault.ErrChanged) {
		err = ErrKeptChanged
	}
	return version, err
}

// Unkeep takes something from a shelf of the principal.
func (h *House) Unkeep(ctx context.Context, p *access.Principal, shelf, key string) error {
	_, err := h.Vault.Delete(ctx, shelf, shelfKey(p, key))
	return err
}
