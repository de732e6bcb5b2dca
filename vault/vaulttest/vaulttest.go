// Package vaulttest is the suite that every back end of the vault passes.
package vaulttest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"binnacle/vault"
)

// Clock is a clock that a test moves.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that stands at a fixed moment.
func NewClock() *Clock { return &Clock{now: time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)} }

// Now returns the time of the clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock on.
func (c *Clock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// Run runs the suite. Open opens an empty vault that tells the time by a clock.
func Run(t *testing.T, open func(t *testing.T, now func() time.Time) vault.Vault) {
	ctx := t.Context()
	clock := NewClock()
	v := open(t, clock.Now)
	t.Run("keep", func(t *testing.T) { keep(ctx, t, v) })
	t.Run("swap", func(t *testing.T) { swap(ctx, t, v) })
	t.Run("expire", func(t *testing.T) { expire(ctx, t, v, clock) })
	t.Run("list", func(t *testing.T) { list(ctx, t, v) })
	t.Run("dump", func(t *testing.T) { dump(ctx, t, v) })
	t.Run("together", func(t *testing.T) { together(ctx, t, v) })
}

func keep(ctx context.Context, t *testing.T, v vault.Vault) {
	if _, err := v.Get(ctx, "b", "none"); !errors.Is(err, vault.ErrNone) {
		t.Errorf("an item that is not there: %v", err)
	}
	odd := "k'\";--\u00e4\n"
	for want := int64(1); want <= 2; want++ {
		if got, err := v.Put(ctx, "b", vault.Item{Key: odd, Value: []byte{0, 1, byte(want)}}); err != nil || got != want {
			t.Fatalf("put: version %d, %v", got, err)
		}
	}
	if _, err := v.Put(ctx, "c", vault.Item{Key: odd}); err != nil {
		t.Fatal(err)
	}
	got, err := v.Get(ctx, "b", odd)
	if err != nil || !slices.Equal(got.Value, []byte{0, 1, 2}) || got.Version != 2 || !got.Expires.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := v.Get(ctx, "c", odd); err != nil || len(got.Value) != 0 {
		t.Errorf("the same key in another bucket: %+v, %v", got, err)
	}
	for _, want := range []bool{true, false} {
		if was, err := v.Delete(ctx, "b", odd); err != nil || was != want {
			t.Errorf("delete: %v, %v", was, err)
		}
	}
}

func swap(ctx context.Context, t *testing.T, v vault.Vault) {
	one, err := v.Swap(ctx, "s", vault.Item{Key: "k", Value: []byte("a")})
	if err != nil || one != 1 {
		t.Fatalf("first: %d, %v", one, err)
	}
	for _, seen := range []int64{0, 2} {
		if _, err := v.Swap(ctx, "s", vault.Item{Key: "k", Version: seen}); !errors.Is(err, vault.ErrChanged) {
			t.Errorf("swap of version %d on 1: %v", seen, err)
		}
	}
	if two, err := v.Swap(ctx, "s", vault.Item{Key: "k", Value: []byte("b"), Version: 1}); err != nil || two != 2 {
		t.Errorf("second: %d, %v", two, err)
	}
	if _, err := v.Swap(ctx, "s", vault.Item{Key: "nobody", Version: 3}); !errors.Is(err, vault.ErrChanged) {
		t.Errorf("swap of what is not there: %v", err)
	}
}

func expire(ctx context.Context, t *testing.T, v vault.Vault, clock *Clock) {
	for _, key := range []string{"a", "b"} {
		if _, err := v.Put(ctx, "e", vault.Item{Key: key, Expires: clock.Now().Add(time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := v.Get(ctx, "e", "a"); err != nil || !got.Expires.Equal(clock.Now().Add(time.Minute)) {
		t.Errorf("before: %+v, %v", got, err)
	}
	clock.Advance(time.Minute)
	if _, err := v.Get(ctx, "e", "a"); !errors.Is(err, vault.ErrNone) {
		t.Errorf("after: %v", err)
	}
	if items, err := v.List(ctx, "e", "", "", 0); err != nil || len(items) != 0 {
		t.Errorf("listed after: %v, %v", items, err)
	}
	if was, err := v.Delete(ctx, "e", "a"); err != nil || was {
		t.Errorf("deleted after: %v, %v", was, err)
	}
	if _, err := v.Swap(ctx, "e", vault.Item{Key: "a", Version: 1}); !errors.Is(err, vault.ErrChanged) {
		t.Errorf("swapped after: %v", err)
	}
	if version, err := v.Swap(ctx, "e", vault.Item{Key: "a"}); err != nil || version != 2 {
		t.Errorf("made again: version %d, %v", version, err)
	}
	if n, err := v.Sweep(ctx); err != nil || n != 1 {
		t.Errorf("swept %d, %v", n, err)
	}
}

func list(ctx context.Context, t *testing.T, v vault.Vault) {
	for _, key := range []string{"b/2", "a/1", "b/10", "B/1", "b%", "c"} {
		if _, err := v.Put(ctx, "l", vault.Item{Key: key, Value: []byte(key)}); err != nil {
			t.Fatal(err)
		}
	}
	keys := func(prefix, after string, limit int) []string {
		items, err := v.List(ctx, "l", prefix, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		out := []string{}
		for _, i := range items {
			if string(i.Value) != i.Key {
				t.Errorf("%s has the value %s", i.Key, i.Value)
			}
			out = append(out, i.Key)
		}
		return out
	}
	for _, c := range []struct {
		prefix, after string
		limit         int
		want          []string
	}{
		{"", "", 0, []string{"B/1", "a/1", "b%", "b/10", "b/2", "c"}},
		{"b/", "", 0, []string{"b/10", "b/2"}},
		{"b%", "", 0, []string{"b%"}},
		{"", "a/1", 2, []string{"b%", "b/10"}},
		{"x", "", 0, []string{}},
	} {
		if got := keys(c.prefix, c.after, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("list %q after %q: %q, want %q", c.prefix, c.after, got, c.want)
		}
	}
}

// dump writes a vault to a file and reads it into another.
func dump(ctx context.Context, t *testing.T, v vault.Vault) {
	for _, bucket := range []string{"kept", "passing"} {
		item := vault.Item{Key: "k", Value: []byte{0, 255, '\n'}}
		if bucket == "passing" {
			item.Expires = time.Now().AddDate(100, 0, 0)
		}
		if _, err := v.Put(ctx, bucket, item); err != nil {
			t.Fatal(err)
		}
	}
	var file bytes.Buffer
	if _, err := vault.Dump(ctx, v, &file); err != nil {
		t.Fatal(err)
	}
	if err := v.Empty(ctx); err != nil {
		t.Fatal(err)
	}
	text := file.String()
	for _, broken := range []string{text[:len(text)/2], strings.Replace(text, "AP8K", "AP8L", 1), text + text} {
		if _, err := vault.Load(ctx, v, strings.NewReader(broken)); err == nil {
			t.Error("a damaged dump was loaded")
		}
		if names, err := v.Buckets(ctx); err != nil || len(names) > 0 {
			t.Errorf("a damaged dump left %q, %v", names, err)
		}
	}
	if _, err := vault.Load(ctx, v, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	got, err := v.Get(ctx, "kept", "k")
	if err != nil || !slices.Equal(got.Value, []byte{0, 255, '\n'}) {
		t.Errorf("loaded %+v, %v", got, err)
	}
	if _, err := v.Get(ctx, "passing", "k"); !errors.Is(err, vault.ErrNone) {
		t.Errorf("what was to be left out: %v", err)
	}
	if _, err := vault.Load(ctx, v, strings.NewReader(text)); err == nil {
		t.Error("a dump was loaded into a vault that is not empty")
	}
}

// together counts with many hands: nothing is lost.
func together(ctx context.Context, t *testing.T, v vault.Vault) {
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if _, err := vault.Update(ctx, v, "t", "n", func(i vault.Item) (vault.Item, error) {
					n := byte(0)
					if len(i.Value) > 0 {
						n = i.Value[0]
					}
					return vault.Item{Value: []byte{n + 1}}, nil
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got, err := v.Get(ctx, "t", "n"); err != nil || len(got.Value) != 1 || got.Value[0] != 40 {
		t.Errorf("counted %+v, %v, want 40", got, err)
	}
}
