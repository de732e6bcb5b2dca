package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
	"binnacle/vault"
)

// The buckets of the vault that this package uses.
const (
	sessionBucket    = "access.sessions"
	credentialBucket = "access.credentials"
	setupBucket      = "access.setup"
	counterBucket    = "access.counters"
	gatheredBucket   = "access.gathered"
	failedBucket     = "access.failed"
	deviceBucket     = "access.devices"
	halfwayBucket    = "access.halfway"
	ceremonyBucket   = "access.ceremonies"
	startedBucket    = "access.started"
	inviteBucket     = "access.invites"
	tokenBucket      = "access.tokens"
	providerBucket   = "access.providers"
)

// read returns what is kept under a key. The error is [vault.ErrNone] where there is nothing, or nothing that can be read.
func read[T any](ctx context.Context, v vault.Vault, bucket, key string) (T, error) {
	var out T
	item, err := v.Get(ctx, bucket, key)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(item.Value, &out); err != nil {
		return out, vault.ErrNone
	}
	return out, nil
}

// write keeps a value under a key until it expires. A moment of zero stands for ever.
func write[T any](ctx context.Context, v vault.Vault, bucket, key string, value T, expires time.Time) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = v.Put(ctx, bucket, vault.Item{Key: key, Value: raw, Expires: expires})
	return err
}

// rewrite changes what is kept under a key, as one step whoever else is at it. The function gets the zero value where there is
// nothing, and returns until when the new value is kept.
func rewrite[T any](ctx context.Context, v vault.Vault, bucket, key string, change func(*T) (time.Time, error)) (T, error) {
	var out T
	_, err := vault.Update(ctx, v, bucket, key, func(i vault.Item) (vault.Item, error) {
		var value T
		if len(i.Value) > 0 {
			if err := json.Unmarshal(i.Value, &value); err != nil {
				return i, fmt.Errorf("%s/%s cannot be read: %w", bucket, key, err)
			}
		}
		expires, err := change(&value)
		if err != nil {
			return i, err
		}
		i.Expires = expires
		i.Value, err = json.Marshal(value)
		out = value
		return i, err
	})
	return out, err
}

// takeOut returns what is kept under a key and takes it away. Of several who ask at the same time one gets it.
func takeOut[T any](ctx context.Context, v vault.Vault, bucket, key string) (T, error) {
	out, err := read[T](ctx, v, bucket, key)
	if err != nil {
		return out, err
	}
	was, err := v.Delete(ctx, bucket, key)
	if err == nil && !was {
		err = vault.ErrNone
	}
	return out, err
}

// clear takes away everything in a bucket whose key starts with a prefix, one key apart.
func (s *Service) clear(ctx context.Context, bucket, prefix, except string) error {
	items, err := s.vault.List(ctx, bucket, prefix, "", 0)
	for _, i := range items {
		if i.Key == except {
			continue
		}
		if _, err := s.vault.Delete(ctx, bucket, i.Key); err != nil {
			return err
		}
	}
	return err
}

// amend changes a record whatever else happens to it at the same time. A record that is not there stays away.
func amend[R model.Record](ctx context.Context, s *Service, ref model.Ref, who, why, source string, change func(R)) error {
	for range 20 {
		snap := s.store.Snapshot()
		before, ok := snap.Get(ref).(R)
		if !ok {
			return nil
		}
		after := model.Clone(before)
		change(after)
		c, differs := model.Difference(snap.Schema().Of(before), before, after)
		if !differs {
			return nil
		}
		_, err := s.store.Commit(ctx, store.Tx{Who: who, Why: why, Source: source, Changes: []model.Change{c}})
		var conflict *estate.Conflict
		if !errors.As(err, &conflict) {
			return err
		}
	}
	return errors.New("others change the same record all the time: try again")
}

// create makes records.
func (s *Service) create(ctx context.Context, who, why, source string, records ...model.Record) error {
	schema := s.store.Snapshot().Schema()
	tx := store.Tx{Who: who, Why: why, Source: source}
	for _, rec := range records {
		m := rec.Base()
		if m.ID.IsZero() {
			m.ID = s.store.NewID()
		}
		m.Origin = source
		c, _ := model.Difference(schema.Of(rec), nil, rec)
		tx.Changes = append(tx.Changes, c)
	}
	_, err := s.store.Commit(ctx, tx)
	return err
}
