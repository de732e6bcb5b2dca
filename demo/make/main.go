// Command make writes the bulk files of the demo company: two years of bills of
// two clouds, the ledger, measured use, and the tables of invoices, budgets, exchange
// rates and workplace assets that must agree with them to the cent, the tables of
// who may do what in which system, which follow from the people, and the events on the way of software to its users.
//
// Run it in the root of the project: go run ./demo/make. It is deterministic; a
// test compares what it makes with what is there.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// folder is where the files of the demo company are, seen from the root of the project.
const folder = "demo"

func main() {
	if err := run(folder); err != nil {
		fmt.Fprintln(os.Stderr, "make:", err)
		os.Exit(1)
	}
}

// run writes all files into a folder that holds the manifests.
func run(dir string) error {
	made, err := files(os.DirFS(dir))
	if err != nil {
		return err
	}
	for name, content := range made {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("make the folder of %s: %w", name, err)
		}
		if strings.HasSuffix(name, ".gz") {
			if content, err = squeeze(content); err != nil {
				return fmt.Errorf("compress %s: %w", name, err)
			}
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}

// squeeze compresses a content, without a time or a name in its head.
func squeeze(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(content); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// table is a CSV file in the making.
type table struct {
	header []string
	rows   [][]string
}

// add appends a row.
func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// kind puts a first column before all rows that says which kind of record they are.
func (t *table) kind(name string) {
	t.header = append([]string{"kind"}, t.header...)
	for i, row := range t.rows {
		t.rows[i] = append([]string{name}, row...)
	}
}

// bytes returns the file.
func (t *table) bytes() ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	if err := w.WriteAll(slices.Concat([][]string{t.header}, t.rows)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
