package journaltest

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"binnacle/journal"
	"binnacle/model"
)

// samples has, for every format ever released, a journal as Dump wrote it and
// its entries as they must be read for ever. Nothing in it is ever changed.
//
//go:embed testdata/*.dump testdata/*.json
var samples embed.FS

// writeSample is where the sample of a new format is written to.
var writeSample = flag.String("write-sample", "", "write a sample of the newest format of the journal under this name, once for every release that changes it")

// testSamples reads the journals of all formats.
func testSamples(t *testing.T, fresh func(testing.TB) Place) {
	if *writeSample != "" {
		j := written(t, fresh(t))
		entries, err := json.MarshalIndent(all(t, j, 0, 0), "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{*writeSample + ".dump": dumped(t, j), *writeSample + ".json": append(entries, '\n')} {
			if err := os.WriteFile(filepath.Join("..", "journaltest", "testdata", name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	names, err := fs.Glob(samples, "testdata/*.dump")
	if err != nil || len(names) == 0 {
		t.Fatal("there are no samples:", err)
	}
	for _, name := range names {
		dump, err := samples.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want, err := samples.ReadFile(name[:len(name)-len(".dump")] + ".json")
		if err != nil {
			t.Fatal(err)
		}
		j := open(t, fresh(t))
		if err := j.Proof().Load(t.Context(), bytes.NewReader(dump)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		proved(t, j)
		got, err := json.MarshalIndent(all(t, j, 0, 0), "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(append(got, '\n'), want) {
			t.Errorf("%s: the entries are not read as they were when the sample was made", name)
		}
		replay(t, name, j)
	}
}

// replay applies the entries with the kinds of this release and compares the result with the rows.
func replay(t *testing.T, name string, j journal.Journal) {
	t.Helper()
	records := map[model.ID]model.Record{}
	for _, e := range all(t, j, 0, 0) {
		for i := range e.Changes {
			c := &e.Changes[i]
			if c.Op == model.Remove {
				delete(records, c.ID)
				continue
			}
			rec, err := model.Builtin().Kind(c.Kind).ApplyFields(records[c.ID], c)
			if err != nil {
				t.Errorf("%s: entry %d: %v", name, e.Seq, err)
				return
			}
			records[c.ID] = rec
		}
	}
	_, rows := readRows(t, j)
	if len(rows) != len(records) {
		t.Errorf("%s: there are %d rows, and the replay has %d records", name, len(rows), len(records))
	}
	for _, r := range rows {
		k := model.Builtin().Kind(r.Kind)
		rec, err := k.Decode(r.Body)
		if err != nil || records[r.ID] == nil {
			t.Errorf("%s: the row of %s: %v", name, r.Key, err)
			continue
		}
		if got, want := k.Encode(rec), k.Encode(records[r.ID]); !bytes.Equal(got, want) {
			t.Errorf("%s: the row of %s is %s, and the replay leads to %s", name, r.Key, got, want)
		}
	}
}

func testNewer(t *testing.T, fresh func(testing.TB) Place) {
	place := fresh(t)
	j, err := place.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	place.Exec(t, "UPDATE {journal_schema} SET version = version + 1")
	later, err := place.Open()
	if err == nil {
		later.Close()
	}
	if !errors.Is(err, journal.ErrNewer) {
		t.Errorf("tables of a newer release: %v, want ErrNewer", err)
	}
	place.Exec(t, "UPDATE {journal_schema} SET version = version - 1")
	open(t, place)
}
