package ledger

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"binnacle/model"
)

// The leaves and roots that the reference implementations of RFC 6962 agree on.
var (
	rfcLeaves = []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"}
	rfcRoots  = []string{
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
)

// rfcTree grows the tree of the reference leaves and keeps its stored hashes.
func rfcTree(t *testing.T, size int) (*tree, tlog.HashReaderFunc) {
	t.Helper()
	var stored []tlog.Hash
	read := func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			out[i] = stored[index]
		}
		return out, nil
	}
	grown, err := newTree(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, leaf := range rfcLeaves[:size] {
		data, err := hex.DecodeString(leaf)
		if err != nil {
			t.Fatal(err)
		}
		first, hashes, err := grown.add(tlog.RecordHash(data))
		if err != nil || first != int64(len(stored)) {
			t.Fatalf("leaf %d: the hashes begin at %d, %v; want %d", i, first, err, len(stored))
		}
		stored = append(stored, hashes...)
		again, err := newTree(uint64(i+1), read)
		if err != nil {
			t.Fatal(err)
		}
		if a, _ := again.root(); hex.EncodeToString(a[:]) != rfcRoots[i+1] {
			t.Errorf("a tree of %d leaves that is read from storage has the root %x, want %s", i+1, a, rfcRoots[i+1])
		}
	}
	return grown, read
}

func TestTreeOfRFC6962(t *testing.T) {
	for size, want := range rfcRoots {
		grown, _ := rfcTree(t, size)
		if root, err := grown.root(); err != nil || hex.EncodeToString(root[:]) != want {
			t.Errorf("%d leaves: root %x, %v; want %s", size, root, err, want)
		}
	}
}

func TestProofsOfRFC6962(t *testing.T) {
	_, stored := rfcTree(t, 7)
	begin := func(hashes []tlog.Hash) (out []string) {
		for _, h := range hashes {
			out = append(out, hex.EncodeToString(h[:8]))
		}
		return out
	}
	inclusion, err := tlog.ProveRecord(7, 3, stored)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0298d122906dcfc1", "fac54203e7cc696c", "837dbb152e9b0790"}, begin(inclusion)); diff != "" {
		t.Errorf("leaf 3 in a tree of 7 (-want +got):\n%s", diff)
	}
	consistency, err := tlog.ProveTree(7, 3, stored)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"0298d122906dcfc1", "07506a85fd9dd2f1", "fac54203e7cc696c", "837dbb152e9b0790"}, begin(consistency)); diff != "" {
		t.Errorf("from 3 to 7 leaves (-want +got):\n%s", diff)
	}
}

func TestTreeForgetsWhatItDoesNotNeed(t *testing.T) {
	grown, err := newTree(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20000 {
		if _, _, err := grown.add(tlog.RecordHash(fmt.Append(nil, i))); err != nil {
			t.Fatal(err)
		}
	}
	if len(grown.known) > 5000 {
		t.Errorf("the tree holds %d hashes", len(grown.known))
	}
}

// sealedChanges draws any changes, with and without erased fields.
func sealedChanges(t *rapid.T) []Sealed {
	value := rapid.OneOf(rapid.Just([]byte(nil)), rapid.SliceOfN(rapid.Byte(), 1, 40))
	var h hasher
	var out []Sealed
	for range rapid.IntRange(0, 30).Draw(t, "changes") {
		c := Sealed{Salt: newSalts(1)[0]}
		c.Op = rapid.SampledFrom([]model.Op{model.Create, model.Edit, model.Remove}).Draw(t, "op")
		c.Kind = rapid.SampledFrom([]string{"Host", "Person", "Übergröße"}).Draw(t, "kind")
		copy(c.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		c.Version = rapid.Uint32().Draw(t, "version")
		c.Prior = model.Stamp{Seq: rapid.Uint64().Draw(t, "prior"), At: model.Time(rapid.Int64().Draw(t, "at"))}
		c.Born = model.Stamp{Seq: rapid.Uint64().Draw(t, "born"), At: model.Time(rapid.Int64().Draw(t, "at"))}
		for i := range rapid.IntRange(0, 6).Draw(t, "fields") {
			c.Fields = append(c.Fields, model.FieldChange{Name: fmt.Sprint("field", i), Before: value.Draw(t, "before"), After: value.Draw(t, "after")})
		}
		for i := range c.Fields {
			if rapid.IntRange(0, 4).Draw(t, "erase") == 0 {
				h.erase(&c, c.Fields[i].Name)
			}
		}
		out = append(out, c)
	}
	return out
}

var sameSealed = cmp.Options{cmpopts.IgnoreUnexported(model.Change{}), cmpopts.EquateEmpty()}

func TestChunksComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := sealedChanges(t)
		data, err := EncodeChunk(in)
		if err != nil {
			t.Fatal(err)
		}
		out, err := DecodeChunk(data, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := range in {
			// The salt of a change is not kept where its fields have seals.
			if in[i].Seals != nil {
				in[i].Salt = Salt{}
			}
		}
		if diff := cmp.Diff(in, out, sameSealed); diff != "" {
			t.Errorf("(-in +out):\n%s", diff)
		}
		if len(in) > 0 {
			id := in[len(in)-1].ID
			some, err := DecodeChunk(data, func(other model.ID) bool { return other == id })
			if err != nil || len(some) == 0 || cmp.Diff(in[len(in)-1], some[len(some)-1], sameSealed) != "" {
				t.Errorf("only the last record: %v, %v", some, err)
			}
		}
	})
}

// Erasing must not change what the leaf commits to, in whatever order fields go.
func TestErasureKeepsCommitments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h hasher
		for _, c := range sealedChanges(t) {
			before := h.commitment(&c)
			for _, f := range c.Fields {
				if rapid.Bool().Draw(t, "erase") {
					h.erase(&c, f.Name)
				}
			}
			if after := h.commitment(&c); after != before {
				t.Errorf("the commitment changes from %x to %x", before, after)
			}
		}
	})
}

// The salt of an erased field must not follow from what is kept.
func TestErasedValuesCannotBeGuessed(t *testing.T) {
	var h hasher
	c := Sealed{Salt: newSalts(1)[0], Change: model.Change{Op: model.Create, Kind: "Person", Fields: []model.FieldChange{
		{Name: "email", After: []byte(`"a@example.com"`)}, {Name: "key", After: []byte(`"a"`)},
	}}}
	change := c.Salt
	field := h.fieldSalt(c.Salt, "email")
	h.erase(&c, "email")
	data, err := EncodeChunk([]Sealed{c})
	if err != nil {
		t.Fatal(err)
	}
	for name, secret := range map[string][]byte{"the salt of the change": change[:], "the salt of the field": field[:], "the value": []byte("a@example.com")} {
		if bytes.Contains(data, secret) {
			t.Errorf("%s is still there", name)
		}
	}
}

// Everything that a change says must change its commitment.
func TestCommitmentCoversEverything(t *testing.T) {
	base := func() *Sealed {
		return &Sealed{Salt: Salt{1}, Change: model.Change{Op: model.Edit, Kind: "Host", ID: model.ID{1}, Version: 1,
			Prior: model.Stamp{Seq: 1, At: 1}, Born: model.Stamp{Seq: 1, At: 1},
			Fields: []model.FieldChange{{Name: "a", Before: []byte("1"), After: []byte("2")}, {Name: "b", After: []byte("3")}}}}
	}
	var h hasher
	want := h.commitment(base())
	for name, change := range map[string]func(*Sealed){
		"op": func(c *Sealed) { c.Op = model.Remove }, "kind": func(c *Sealed) { c.Kind = "Hosts" }, "id": func(c *Sealed) { c.ID[15]++ },
		"version": func(c *Sealed) { c.Version++ }, "salt": func(c *Sealed) { c.Salt[3]++ },
		"prior entry": func(c *Sealed) { c.Prior.Seq++ }, "prior moment": func(c *Sealed) { c.Prior.At++ },
		"born entry": func(c *Sealed) { c.Born.Seq++ }, "born moment": func(c *Sealed) { c.Born.At++ },
		"name": func(c *Sealed) { c.Fields[1].Name = "c" }, "before": func(c *Sealed) { c.Fields[0].Before[0]++ }, "after": func(c *Sealed) { c.Fields[0].After[0]++ },
		"no value": func(c *Sealed) { c.Fields[1].After = nil }, "before for after": func(c *Sealed) { c.Fields[1].Before, c.Fields[1].After = c.Fields[1].After, nil },
		"a field less": func(c *Sealed) { c.Fields = c.Fields[:1] }, "fields swapped": func(c *Sealed) { c.Fields[0], c.Fields[1] = c.Fields[1], c.Fields[0] },
	} {
		c := base()
		change(c)
		if h.commitment(c) == want {
			t.Errorf("%s: the commitment stays the same", name)
		}
	}
	header := Header{Seq: 1, At: 2, Who: "a", Why: "b", Source: "c", Undoes: 4, Salt: Salt{5}, Changes: 6}
	leaf := leafHash(&header, sha256.New())
	for name, change := range map[string]func(*Header){
		"seq": func(h *Header) { h.Seq++ }, "at": func(h *Header) { h.At++ }, "who": func(h *Header) { h.Who = "A" }, "why": func(h *Header) { h.Why = "" },
		"source": func(h *Header) { h.Source += "c" }, "undoes": func(h *Header) { h.Undoes++ }, "salt": func(h *Header) { h.Salt[0]++ }, "changes": func(h *Header) { h.Changes++ },
	} {
		other := header
		change(&other)
		if leafHash(&other, sha256.New()) == leaf {
			t.Errorf("%s: the leaf stays the same", name)
		}
	}
}

func TestWhatIsWrittenDifferentlyIsTheSame(t *testing.T) {
	f := newFold()
	for _, pair := range [][2]string{{`1e+20`, `100000000000000000000`}, {`1.5e-07`, `0.00000015`}, {`["a","b"]`, `["a", "b"]`}, {`[{"a":1,"b":"x"}]`, `[{"b": "x", "a": 1}]`}, {`12`, `12`}} {
		if digest(f.seed, "n", []byte(pair[0])) != digest(f.seed, "n", []byte(pair[1])) {
			t.Errorf("%s and %s are told apart", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]string{{`1`, `2`}, {`9007199254740993`, `9007199254740992`}, {`"1"`, `1`}, {`["a","b"]`, `["b","a"]`}, {`true`, `false`}, {`"a"`, `"A"`}, {`[1,2]`, `[12]`}} {
		if digest(f.seed, "n", []byte(pair[0])) == digest(f.seed, "n", []byte(pair[1])) {
			t.Errorf("%s and %s are taken for the same", pair[0], pair[1])
		}
	}
}

func TestNamesOfViews(t *testing.T) {
	taken := map[string]bool{}
	long := strings.Repeat("very_long_", 9)
	for _, test := range []struct{ name, want string }{
		{"application", "application"}, {"application", "application_kind"}, {"application", "application_kind2"},
		{"journal_entry", "kind_journal_entry"}, {"sqlite_schema", "kind_sqlite_schema"}, {"", "kind_"}, {"a\x00b\xff", "a_b_"},
	} {
		if got := free(test.name, "_kind", taken); got != test.want {
			t.Errorf("free(%q) = %q, want %q", test.name, got, test.want)
		}
	}
	one, two := free(long+"one", "_kind", taken), free(long+"two", "_kind", taken)
	if len(one) > 63 || len(two) > 63 || one == two {
		t.Errorf("long names become %q and %q", one, two)
	}
	for name, want := range map[string]string{"DataSet": "data_set", "HTTPPort": "http_port", "Host": "host", "Übergröße": "übergröße", "A": "a", "CloudURL": "cloud_url"} {
		if got := snake(name); got != want {
			t.Errorf("snake(%q) = %q, want %q", name, got, want)
		}
	}
}

func FuzzDecodeChunk(f *testing.F) {
	c := Sealed{Salt: Salt{1}, Change: model.Change{Op: model.Edit, Kind: "Host", ID: model.ID{1}, Version: 1, Fields: []model.FieldChange{{Name: "a", Before: []byte("1")}, {Name: "b", After: []byte(`"x"`)}}}}
	whole, _ := EncodeChunk([]Sealed{c})
	f.Add(whole)
	new(hasher).erase(&c, "a")
	sealed, _ := EncodeChunk([]Sealed{c})
	f.Add(sealed)
	many, _ := EncodeChunk(slices.Repeat([]Sealed{c}, 100))
	f.Add(many)
	f.Fuzz(func(t *testing.T, data []byte) {
		changes, err := DecodeChunk(data, nil)
		if err != nil {
			return
		}
		again, err := EncodeChunk(changes)
		if err != nil {
			t.Fatal(err)
		}
		back, err := DecodeChunk(again, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(changes, back, sameSealed); diff != "" {
			t.Errorf("(-first +second):\n%s", diff)
		}
	})
}

func FuzzDecodeHeader(f *testing.F) {
	f.Add((&Header{Who: "a", Why: "b", Source: "c", Undoes: 300}).encode())
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := DecodeHeader(EntryRow{Seq: 1, Data: data})
		if err != nil {
			return
		}
		again, err := DecodeHeader(EntryRow{Seq: 1, Data: h.encode()})
		if err != nil || again != h {
			t.Errorf("%+v became %+v, %v", h, again, err)
		}
	})
}

func FuzzOpenCheckpoint(f *testing.F) {
	keys, err := NewKeys()
	if err != nil {
		f.Fatal(err)
	}
	good, err := keys.sign(7, tlog.Hash{1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, text string) {
		// Nobody without the key can make a note that passes.
		if c, err := keys.open(text); err == nil && (c.size != 7 || c.root != tlog.Hash{1}) {
			t.Errorf("%q passes as a checkpoint of %d entries", text, c.size)
		}
	})
}
