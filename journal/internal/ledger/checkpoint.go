package ledger

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Keys are what a journal signs its checkpoints with. The origin that
// checkpoints name is the name of the key.
type Keys struct {
	// Signer is the private key in the form of package note.
	Signer string
	// Verifier is the public key in the form of package note.
	Verifier string
}

// NewKeys makes the keys of a new journal. The name is random, so that no two journals have the same.
func NewKeys() (Keys, error) {
	var raw [8]byte
	rand.Read(raw[:])
	signer, verifier, err := note.GenerateKey(rand.Reader, "binnacle/"+hex.EncodeToString(raw[:]))
	if err != nil {
		return Keys{}, fmt.Errorf("make the keys of the journal: %w", err)
	}
	return Keys{signer, verifier}, nil
}

// check says what is wrong with the keys.
func (k Keys) check() error {
	signer, err := note.NewSigner(k.Signer)
	if err != nil {
		return errors.New("the private key of the journal is damaged")
	}
	verifier, err := note.NewVerifier(k.Verifier)
	if err != nil {
		return errors.New("the public key of the journal is damaged")
	}
	if signer.Name() != verifier.Name() || signer.KeyHash() != verifier.KeyHash() {
		return errors.New("the private and the public key of the journal do not belong together")
	}
	const probe = "binnacle key probe\n"
	msg, err := note.Sign(&note.Note{Text: probe}, signer)
	if err == nil {
		_, err = note.Open(msg, note.VerifierList(verifier))
	}
	if err != nil {
		return errors.New("the private and the public key of the journal do not belong together")
	}
	return nil
}

// CheckpointRow is a checkpoint as a back end keeps it.
type CheckpointRow struct {
	// Number counts the checkpoints, from 1.
	Number uint64
	// Size is how many entries the tree had.
	Size uint64
	// Note is the signed text.
	Note string
}

// checkpoint is what a note says.
type checkpoint struct {
	size uint64
	root tlog.Hash
}

// sign writes a checkpoint in the form that transparency logs have agreed on:
// the origin, the size and the root, each on a line.
func (k Keys) sign(size uint64, root tlog.Hash) (string, error) {
	signer, err := note.NewSigner(k.Signer)
	if err != nil {
		return "", errors.New("the private key of the journal is damaged: run verify")
	}
	text := fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), size, base64.StdEncoding.EncodeToString(root[:]))
	msg, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return "", fmt.Errorf("sign a checkpoint: %w", err)
	}
	return string(msg), nil
}

// open reads a checkpoint and checks who signed it.
func (k Keys) open(signed string) (checkpoint, error) {
	var c checkpoint
	verifier, err := note.NewVerifier(k.Verifier)
	if err != nil {
		return c, errors.New("the public key of the journal is damaged")
	}
	n, err := note.Open([]byte(signed), note.VerifierList(verifier))
	var unverified *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unverified):
		return c, errors.New("it is not signed with the key of this journal")
	case err != nil:
		return c, errors.New("its signature is wrong or it is not a signed note")
	}
	lines := strings.SplitN(n.Text, "\n", 4)
	if len(lines) < 4 {
		return c, errors.New("it does not have an origin, a size and a root")
	}
	if lines[0] != verifier.Name() {
		return c, fmt.Errorf("it is of the journal %q and not of %q", lines[0], verifier.Name())
	}
	if c.size, err = strconv.ParseUint(lines[1], 10, 63); err != nil {
		return c, fmt.Errorf("its size %q is not a number", lines[1])
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return c, fmt.Errorf("its root %q is not a hash", lines[2])
	}
	c.root = tlog.Hash(root)
	return c, nil
}
