package practice

import (
	"crypto/sha256"
	"fmt"

	"binnacle/estate"
	"binnacle/model"
)

// NewID returns the id of a record that an action proposes to create. An action
// has no clock and no chance, so the id follows from the kind, the key and the
// entry that the view is the state after: who asks twice gets the same id, and a
// record that is created again after it was removed gets another one.
func NewID(v estate.View, kind, key string) model.ID {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%s", kind, key, v.Stamp().Seq, v.Scenario()))
	id := model.ID(sum[:16])
	// These bits say that it is a UUID made by a rule of its own: version 8.
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}
