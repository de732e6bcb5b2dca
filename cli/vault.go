package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"binnacle/vault"
)

// openVault opens the vault beside the journal.
func (s *session) openVault(ctx context.Context) (vault.Vault, error) {
	place, database, err := s.where()
	if err != nil {
		return nil, err
	}
	if !database {
		place = filepath.Join(place, VaultFile)
	}
	return s.env.OpenVault(ctx, place)
}

// dump writes the journal and then the vault, where there is one.
func (s *session) dump(ctx context.Context, w io.Writer) error {
	if err := s.journal.Proof().Dump(ctx, w); err != nil {
		return err
	}
	place, database, err := s.where()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(place, VaultFile)); !database && errors.Is(err, os.ErrNotExist) || s.env.OpenVault == nil {
		return nil
	}
	v, err := s.openVault(ctx)
	if err != nil {
		return err
	}
	defer v.Close()
	_, err = vault.Dump(ctx, v, w)
	return err
}

// halves reads a backup up to the end of the journal and leaves the rest.
type halves struct {
	r    *bufio.Reader
	rest []byte
	done bool
}

// Read reads on. It ends behind the line that ends the journal.
func (h *halves) Read(p []byte) (int, error) {
	if len(h.rest) == 0 {
		if h.done {
			return 0, io.EOF
		}
		line, err := h.r.ReadBytes('\n')
		if len(line) == 0 {
			return 0, err
		}
		h.rest, h.done = line, bytes.HasPrefix(line, []byte(`{"end":`))
	}
	n := copy(p, h.rest)
	h.rest = h.rest[n:]
	return n, nil
}

// restoreVault reads what a backup holds of a vault, which older ones do not.
func (s *session) restoreVault(ctx context.Context, r *bufio.Reader) error {
	if _, err := r.Peek(1); errors.Is(err, io.EOF) {
		return nil
	}
	v, err := s.openVault(ctx)
	if err != nil {
		return err
	}
	defer v.Close()
	_, err = vault.Load(ctx, v, r)
	return err
}
