package postgres_test

import (
	"os"
	"testing"
	"time"

	"binnacle/journal/journaltest/pgtest"
	"binnacle/vault"
	"binnacle/vault/postgres"
	"binnacle/vault/vaulttest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestVault(t *testing.T) {
	dsn := pgtest.Database(t)
	vaulttest.Run(t, func(t *testing.T, now func() time.Time) vault.Vault {
		v, err := postgres.Open(t.Context(), dsn, now)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { v.Close() })
		return v
	})
}
