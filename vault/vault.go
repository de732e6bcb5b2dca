// Package vault keeps what does not belong into the journal: secrets and their
// hashes, sessions, the contents of attachments, keys of repeated requests and
// the state of work that runs by itself. It lies beside the journal, in a file or
// a schema of its own, so that whoever reads the estate with other programs does not read it.
package vault

import (
	"context"
	"errors"
	"time"
)

// ErrNone says that there is no such item, or that it has expired.
var ErrNone = errors.New("there is no such item")

// ErrChanged says that the item is no longer as the caller saw it.
var ErrChanged = errors.New("the item has been changed by somebody else")

// Item is one thing in a bucket.
type Item struct {
	// Key names the item within its bucket.
	Key string
	// Value is the item itself.
	Value []byte
	// Version counts how often the item was written, from 1. 0 stands for an item that is not there.
	Version int64
	// Expires is the moment from which the item is as if it were not there. Zero means never.
	Expires time.Time
}

// Vault is what a back end offers. All methods may be called at the same time, by several programs on one database.
type Vault interface {
	// Get returns an item. The error is [ErrNone] where there is none.
	Get(ctx context.Context, bucket, key string) (Item, error)
	// Put writes an item, whatever was there before, and returns its new version.
	Put(ctx context.Context, bucket string, item Item) (int64, error)
	// Swap writes an item where it still has the version that it carries, 0 for one that must not be there yet, and returns its
	// new version. Otherwise the error is [ErrChanged].
	Swap(ctx context.Context, bucket string, item Item) (int64, error)
	// Delete takes an item away and reports whether it was there.
	Delete(ctx context.Context, bucket, key string) (bool, error)
	// List returns the items whose keys start with a prefix, by key, after a key. Limit 0 means all.
	List(ctx context.Context, bucket, prefix, after string, limit int) ([]Item, error)
	// Buckets returns the names of the buckets that have something in them, in order.
	Buckets(ctx context.Context) ([]string, error)
	// Sweep takes away everything that has expired and returns how much that was.
	Sweep(ctx context.Context) (int, error)
	// Empty takes everything away, for a restore that failed half-way.
	Empty(ctx context.Context) error
	// Close ends the use of the vault.
	Close() error
}

// Update changes an item by a function of what it was, again and again until
// nobody else was faster. The function gets an item of version 0 where there is
// none. What it returns is written, with the key and under the version that it was given.
func Update(ctx context.Context, v Vault, bucket, key string, change func(Item) (Item, error)) (Item, error) {
	for {
		item, err := v.Get(ctx, bucket, key)
		if errors.Is(err, ErrNone) {
			item = Item{Key: key}
		} else if err != nil {
			return Item{}, err
		}
		next, err := change(item)
		if err != nil {
			return Item{}, err
		}
		next.Key, next.Version = key, item.Version
		next.Version, err = v.Swap(ctx, bucket, next)
		if !errors.Is(err, ErrChanged) {
			return next, err
		}
		if ctx.Err() != nil {
			return Item{}, ctx.Err()
		}
	}
}
