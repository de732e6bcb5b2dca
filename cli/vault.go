package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"binnacle/facts"
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

// dump writes the journal, then the vault and then the bulk lines, where there are any. The lines of a load are
// durable before its record, so lines that are read after the records are complete.
func (s *session) dump(ctx context.Context, w io.Writer) error {
	if err := s.journal.Proof().Dump(ctx, w); err != nil {
		return err
	}
	if err := s.dumpVault(ctx, w); err != nil {
		return err
	}
	lines, err := s.openFacts(ctx, false)
	if err != nil {
		return err
	}
	headers, err := lines.Loads(ctx)
	if err != nil || len(headers) == 0 {
		return err
	}
	_, err = facts.Dump(ctx, lines, w)
	return err
}

func (s *session) dumpVault(ctx context.Context, w io.Writer) error {
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

// halves reads a part of a backup, such as the journal, up to its end and leaves the rest.
type halves struct {
	r    *bufio.Reader
	rest []byte
	done bool
}

// Read reads on. It ends behind the line that ends the part.
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
	if start, err := r.Peek(len(factsStart)); len(start) == 0 && errors.Is(err, io.EOF) || string(start) == factsStart {
		return nil
	}
	v, err := s.openVault(ctx)
	if err != nil {
		return err
	}
	defer v.Close()
	_, err = vault.Load(ctx, v, &halves{r: r})
	return err
}

// factsStart is how the bulk lines of a backup begin.
const factsStart = `{"facts":`

// restoreFacts reads what a backup holds of bulk lines, which those of estates without any do not.
func (s *session) restoreFacts(ctx context.Context, r *bufio.Reader) error {
	if _, err := r.Peek(1); errors.Is(err, io.EOF) {
		return nil
	}
	lines, err := s.openFacts(ctx, true)
	if err != nil {
		return err
	}
	_, err = facts.Load(ctx, lines, r)
	return err
}
