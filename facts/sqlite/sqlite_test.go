package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"binnacle/facts"
	"binnacle/facts/factstest"
	"binnacle/facts/sqlite"
)

func TestStore(t *testing.T) {
	factstest.Run(t, func(t *testing.T) facts.Store {
		path := filepath.Join(t.TempDir(), "a folder #1?", "facts.db")
		if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		return open(t, path)
	})
}

func open(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "facts.db")
	s := open(t, path)
	factstest.WriteMany(t.Context(), t, s, facts.Header{Load: factstest.ID(1), Series: "cost", Columns: []string{"A", "B", "C", "D"}}, 10, 2)
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 3 {
		t.Fatalf("the files are %v, %v", files, err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v, %v: it must be for its owner alone", file, info.Mode(), err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if files, err := filepath.Glob(path + "-*"); err != nil || len(files) > 0 {
		t.Errorf("after closing there are still %v, %v", files, err)
	}
}
