package door

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"binnacle/model"
)

// Digest names a list of changes by its content, so that nobody makes changes that were not looked at.
func Digest(changes []model.Change) string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for i := range changes {
		c := &changes[i]
		// A change that would create a record has a new id every time it is proposed.
		id := c.ID.String()
		if c.Op == model.Create {
			id = ""
		}
		enc.Encode([]any{c.Op, c.Kind, id, c.Version})
		for _, f := range c.Fields {
			enc.Encode([]any{f.Name, string(f.After)})
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}
