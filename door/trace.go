package door

import (
	"context"
	"encoding/json"
	"slices"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/model"
)

// Trace returns the record that a kind and a key name, also where it has been
// deleted and the principal could see it before. Live says which of both it is.
func (h *House) Trace(ctx context.Context, p *access.Principal, v estate.View, kind, key string) (ref model.Ref, name string, live bool, err error) {
	k, rec, missing := Find(v, kind, key)
	if rec != nil {
		return rec.Base().Ref(), k.Name + "/" + rec.Base().Key, true, nil
	}
	if k == nil {
		return model.Ref{}, "", false, missing
	}
	for before := h.Head().Seq + 1; before > 1; {
		from := uint64(0)
		if before > page {
			from = before - 1 - page
		}
		entries, err := h.after(ctx, p, from, before-1)
		if err != nil {
			return model.Ref{}, "", false, err
		}
		for _, e := range slices.Backward(entries) {
			for i := range e.Changes {
				c := &e.Changes[i]
				was, _ := c.Field("key")
				var text string
				if c.Kind == k.Name && c.Op == model.Remove && (c.ID.String() == key || json.Unmarshal(was.Before, &text) == nil && text == key) {
					return model.Ref(c.ID), k.Name + "/" + key, false, nil
				}
			}
		}
		before = from + 1
	}
	return model.Ref{}, "", false, missing
}
