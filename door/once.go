package door

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"binnacle/access"
	"binnacle/vault"
)

// onceBucket keeps the answers of requests that are to be carried out once.
const onceBucket = "door.once"

// The times for which a key is kept: while its request is under way, and with its answer.
const (
	onceUnderWay = 15 * time.Minute
	onceKept     = 24 * time.Hour
)

// The reasons why a request with a key is not carried out.
var (
	// ErrUnderWay says that the same request is just being carried out.
	ErrUnderWay = errors.New("the same request is under way")
	// ErrOtherRequest says that the key was used for another request.
	ErrOtherRequest = errors.New("the key belongs to another request")
)

// KeptAnswer is the answer of a request that was carried out.
type KeptAnswer struct {
	// Status is the status of the answer.
	Status int `json:"status,omitempty"`
	// Header has the headers that belong to it.
	Header map[string]string `json:"header,omitempty"`
	// Body is the answer.
	Body []byte `json:"body,omitempty"`
}

// keptRequest is what the vault keeps: the sum of a request, and its answer once there is one.
type keptRequest struct {
	Request string `json:"request"`
	KeptAnswer
}

// Once is a request that is carried out once, by a key that the program chose.
type Once struct {
	house   *House
	key     string
	request string
	version int64
}

// Once begins to carry out a request with a key, for a principal. Where that has
// been done before, the answer is returned in place of it. The request is a sum of
// everything that makes it what it is. The error may be [ErrUnderWay] or [ErrOtherRequest].
func (h *House) Once(ctx context.Context, p *access.Principal, key, request string) (*Once, *KeptAnswer, error) {
	sum := sha256.Sum256([]byte(key))
	o := &Once{house: h, key: p.Account.ID.String() + "/" + hex.EncodeToString(sum[:]), request: request}
	raw, err := json.Marshal(keptRequest{Request: request})
	if err != nil {
		return nil, nil, err
	}
	o.version, err = h.Vault.Swap(ctx, onceBucket, vault.Item{Key: o.key, Value: raw, Expires: h.Now().Time().Add(onceUnderWay)})
	if !errors.Is(err, vault.ErrChanged) {
		return o, nil, err
	}
	item, err := h.Vault.Get(ctx, onceBucket, o.key)
	if errors.Is(err, vault.ErrNone) {
		return nil, nil, ErrUnderWay
	} else if err != nil {
		return nil, nil, err
	}
	var before keptRequest
	if err := json.Unmarshal(item.Value, &before); err != nil {
		return nil, nil, err
	}
	switch {
	case before.Request != request:
		return nil, nil, ErrOtherRequest
	case before.Status == 0:
		return nil, nil, ErrUnderWay
	}
	return nil, &before.KeptAnswer, nil
}

// Keep keeps the answer for a day, also where whoever asked has gone away.
func (o *Once) Keep(ctx context.Context, a KeptAnswer) error {
	raw, err := json.Marshal(keptRequest{o.request, a})
	if err != nil {
		return err
	}
	_, err = o.house.Vault.Swap(context.WithoutCancel(ctx), onceBucket, vault.Item{Key: o.key, Value: raw, Version: o.version, Expires: o.house.Now().Time().Add(onceKept)})
	return err
}

// Forget lets the request be carried out again, because it changed nothing.
func (o *Once) Forget(ctx context.Context) error {
	_, err := o.house.Vault.Delete(context.WithoutCancel(ctx), onceBucket, o.key)
	return err
}
