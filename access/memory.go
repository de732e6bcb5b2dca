package access

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"binnacle/vault"
)

// memory is the vault of a service that remembers sessions and tokens for a moment, because every request
// shows one. What this program changes is forgotten at once, what another one on the same vault changes after [memoryLife].
type memory struct {
	vault.Vault

	mu sync.RWMutex
	// changes counts what was changed, so that nothing is remembered that was read before.
	changes uint64
	known   map[string]remembered
}

// remembered is what was read of an item.
type remembered struct {
	item  vault.Item
	value any
	until time.Time
}

const (
	// memoryLife is how long something is remembered.
	memoryLife = time.Second
	// mostRemembered is how many items are remembered. All are forgotten when there are more.
	mostRemembered = 10_000
)

func newMemory(v vault.Vault) *memory { return &memory{Vault: v, known: map[string]remembered{}} }

// recall returns what is kept under a key and the item that holds it. The error is [vault.ErrNone] where there is nothing, or
// nothing that can be read.
func recall[T any](ctx context.Context, m *memory, bucket, key string) (T, vault.Item, error) {
	name, now := bucket+"/"+key, time.Now()
	m.mu.RLock()
	changes := m.changes
	known, ok := m.known[name]
	m.mu.RUnlock()
	if value, is := known.value.(T); ok && is && now.Before(known.until) {
		return value, known.item, nil
	}
	var value T
	item, err := m.Get(ctx, bucket, key)
	if err != nil {
		return value, item, err
	}
	if err := json.Unmarshal(item.Value, &value); err != nil {
		return value, item, vault.ErrNone
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.changes == changes {
		if len(m.known) >= mostRemembered {
			clear(m.known)
		}
		m.known[name] = remembered{item, value, now.Add(memoryLife)}
	}
	return value, item, nil
}

// forget forgets an item that was changed.
func (m *memory) forget(bucket, key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.changes++
	delete(m.known, bucket+"/"+key)
}

// Put writes an item, whatever was there before.
func (m *memory) Put(ctx context.Context, bucket string, item vault.Item) (int64, error) {
	defer m.forget(bucket, item.Key)
	return m.Vault.Put(ctx, bucket, item)
}

// Swap writes an item where it is as the caller saw it.
func (m *memory) Swap(ctx context.Context, bucket string, item vault.Item) (int64, error) {
	defer m.forget(bucket, item.Key)
	return m.Vault.Swap(ctx, bucket, item)
}

// Delete takes an item away.
func (m *memory) Delete(ctx context.Context, bucket, key string) (bool, error) {
	defer m.forget(bucket, key)
	return m.Vault.Delete(ctx, bucket, key)
}
