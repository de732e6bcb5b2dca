package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"binnacle/vault"
	"binnacle/vault/sqlite"
	"binnacle/vault/vaulttest"
)

func TestVault(t *testing.T) {
	vaulttest.Run(t, func(t *testing.T, now func() time.Time) vault.Vault {
		path := filepath.Join(t.TempDir(), "a folder?", "vault.db")
		if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		v, err := sqlite.Open(t.Context(), path, now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { v.Close() })
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("the file is %v, %v: it must be for its owner alone", info.Mode(), err)
		}
		return v
	})
}
