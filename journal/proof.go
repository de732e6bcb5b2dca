package journal

import (
	"context"
	"io"

	"binnacle/model"
)

// Proof is what makes a journal provable: a Merkle tree as RFC 6962 has it
// over the entries, and checkpoints of it that are signed and never forgotten.
type Proof interface {
	// Checkpoint signs the tree as it is now, keeps the checkpoint and returns it as a signed note.
	Checkpoint(ctx context.Context) (note string, err error)
	// Checkpoints returns every checkpoint ever issued, oldest first.
	Checkpoints(ctx context.Context) ([]string, error)
	// VerifierKey returns the public key that checkpoints are verified with.
	VerifierKey(ctx context.Context) (string, error)
	// Verify proves that every entry is in the tree, that the tree agrees with
	// every checkpoint issued and with the notes given, which were kept
	// elsewhere, that numbers have no gap and that time does not run back, and
	// that the rows and the indexes follow from the entries. Progress may be nil;
	// it is told how many changes of how many have been looked at. The report
	// says what was found, in the order that it was looked at.
	Verify(ctx context.Context, kept []string, progress func(done, total uint64)) (Report, error)
	// Dump writes the whole journal with its proof and its private key in a form
	// that Load of any back end reads. It is to be kept as safe as the database.
	Dump(ctx context.Context, w io.Writer) error
	// Load reads into an empty journal what Dump wrote, and verifies it on the way. Where anything is wrong it keeps nothing.
	Load(ctx context.Context, r io.Reader) error
}

// Report is the result of a verification.
type Report struct {
	// Entries is how many entries were looked at.
	Entries uint64 `json:"entries"`
	// Changes is how many changes are in them.
	Changes uint64 `json:"changes"`
	// Root is the root hash of the tree, in hexadecimal.
	Root string `json:"root"`
	// Checkpoints is how many checkpoints agree with the tree.
	Checkpoints int `json:"checkpoints"`
	// Kept is how many checkpoints that were kept elsewhere agree with the tree.
	Kept int `json:"kept"`
	// Erased is how many values have been erased for good.
	Erased int `json:"erased"`
	// Problems are what does not hold. None means that the journal is proved.
	Problems []Finding `json:"problems,omitempty"`
}

// Finding is one thing that does not hold.
type Finding struct {
	// Seq is the number of the entry, or 0 where it is not about one.
	Seq uint64 `json:"seq,omitempty"`
	// ID names the record, where it is about one.
	ID model.ID `json:"id,omitzero"`
	// Text says what does not hold.
	Text string `json:"text"`
}
