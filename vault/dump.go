package vault

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// dumpFormat is the number of the form in which Dump writes. Every form ever released can be loaded for ever.
const dumpFormat = 1

// dumpLine is one line of a dump. It has one of its members: the start, an item or the end.
type dumpLine struct {
	Vault int       `json:"vault,omitempty"`
	Item  *dumpItem `json:"item,omitempty"`
	End   *dumpEnd  `json:"end,omitempty"`
}

type dumpItem struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	Value  []byte `json:"value"`
}

type dumpEnd struct {
	Items int `json:"items"`
	// Sum is the SHA-256 of all lines before, in hexadecimal.
	Sum string `json:"sum"`
}

// Dump writes what is in a vault as lines of JSON that Load of any back end
// reads, and returns how many items that are. What expires, such as sessions, is
// left out. It holds secrets: keep it as safe as the vault.
func Dump(ctx context.Context, v Vault, w io.Writer) (int, error) {
	sum := sha256.New()
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(io.MultiWriter(out, sum))
	if err := enc.Encode(dumpLine{Vault: dumpFormat}); err != nil {
		return 0, err
	}
	buckets, err := v.Buckets(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, bucket := range buckets {
		for after := ""; ; {
			items, err := v.List(ctx, bucket, "", after, 50)
			if err != nil {
				return n, err
			}
			for _, i := range items {
				after = i.Key
				if !i.Expires.IsZero() {
					continue
				}
				if err := enc.Encode(dumpLine{Item: &dumpItem{bucket, i.Key, i.Value}}); err != nil {
					return n, err
				}
				n++
			}
			if len(items) == 0 {
				break
			}
		}
	}
	if err := enc.Encode(dumpLine{End: &dumpEnd{n, hex.EncodeToString(sum.Sum(nil))}}); err != nil {
		return n, err
	}
	return n, out.Flush()
}

// Load reads into an empty vault what Dump wrote, and returns how many items that are. Where anything is wrong it keeps nothing.
func Load(ctx context.Context, v Vault, r io.Reader) (int, error) {
	there, err := v.Buckets(ctx)
	if err != nil {
		return 0, err
	}
	if len(there) > 0 {
		return 0, errors.New("the vault is not empty: load into an empty one")
	}
	n, err := load(ctx, v, r)
	if err != nil {
		return 0, errors.Join(fmt.Errorf("load the vault: %w", err), v.Empty(context.WithoutCancel(ctx)))
	}
	return n, nil
}

func load(ctx context.Context, v Vault, r io.Reader) (n int, err error) {
	in := bufio.NewReader(r)
	sum := sha256.New()
	ended := false
	for number := 1; ; number++ {
		text, err := in.ReadBytes('\n')
		if err == io.EOF && len(text) == 0 {
			break
		}
		if err != nil && err != io.EOF {
			return n, err
		}
		var line dumpLine
		if err := json.Unmarshal(text, &line); err != nil {
			return n, fmt.Errorf("line %d: %w", number, err)
		}
		switch {
		case ended:
			return n, fmt.Errorf("line %d: there is something behind the end", number)
		case number == 1 && line.Vault != dumpFormat:
			return n, fmt.Errorf("line 1: the form %d is not known: a later release has written it", line.Vault)
		case line.Item != nil:
			if _, err := v.Put(ctx, line.Item.Bucket, Item{Key: line.Item.Key, Value: line.Item.Value}); err != nil {
				return n, err
			}
			n++
		case line.End != nil:
			if got := hex.EncodeToString(sum.Sum(nil)); line.End.Items != n || line.End.Sum != got {
				return n, fmt.Errorf("line %d: the sum does not fit: something is missing or changed", number)
			}
			ended = true
		}
		sum.Write(text)
	}
	if !ended {
		return n, errors.New("the end is missing: the file was cut off")
	}
	return n, nil
}
