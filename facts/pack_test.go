package facts

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestLinesComeBack packs lines of any kind and unpacks them.
func TestLinesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		measures := rapid.IntRange(0, MaxMeasures).Draw(t, "measures")
		p := NewLinePacker(measures)
		var want []string
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			start := rapid.Int64Range(firstSecond, lastSecond).Draw(t, "start")
			line := Line{Item: rapid.Uint32Range(0, mostItems-1).Draw(t, "item"), Start: start, End: start + rapid.Int64Range(0, 1<<33).Draw(t, "span"), Row: rapid.Int64().Draw(t, "row")}
			for m := range measures {
				switch rapid.IntRange(0, 2).Draw(t, "state") {
				case 0:
					line.Values[m], _ = number(t)
				case 1:
					line.Values[m] = NewDecimal(rapid.Int64().Draw(t, "coef"), rapid.Uint8Range(0, 18).Draw(t, "scale"))
				}
			}
			p.Add(&line)
			want = append(want, fmt.Sprint(line))
		}
		var got []string
		for line, err := range UnpackLines(p.Pack(nil), measures) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(*line))
		}
		if diff := cmp.Diff(want, got); diff != "" || p.Len() != 0 {
			t.Fatal(diff)
		}
	})
}

// TestItemsComeBack packs items of any texts and unpacks them.
func TestItemsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		columns := rapid.IntRange(1, 5).Draw(t, "columns")
		p := NewItemPacker(columns)
		for range 2 {
			want := rapid.SliceOfN(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]string{"", "a", "b"}), rapid.String()), columns, columns), 0, 30).Draw(t, "rows")
			for _, row := range want {
				p.Add(row)
			}
			got, err := UnpackItems(p.Pack(nil), columns)
			if err != nil || !slices.EqualFunc(want, got, slices.Equal[[]string]) {
				t.Fatalf("%q came back as %q, %v", want, got, err)
			}
		}
	})
}

// TestDamagedBytes cuts and lengthens what was packed: it is an error, and never a part of it.
func TestDamagedBytes(t *testing.T) {
	lines, items := NewLinePacker(2), NewItemPacker(2)
	for i := range 20 {
		lines.Add(&Line{Item: uint32(i), Start: 7, End: 9, Values: [MaxMeasures]Decimal{NewDecimal(5, 1)}})
		items.Add([]string{"same", strings.Repeat("x", i)})
	}
	packedLines, packedItems := lines.Pack(nil), items.Pack(nil)
	failed := func(packed []byte) bool {
		for _, err := range UnpackLines(packed, 2) {
			if err != nil {
				return true
			}
		}
		return false
	}
	for n := range packedLines {
		if !failed(packedLines[:n]) {
			t.Errorf("lines cut at %d of %d bytes were taken", n, len(packedLines))
		}
	}
	for n := range packedItems {
		if _, err := UnpackItems(packedItems[:n], 2); err == nil {
			t.Errorf("items cut at %d of %d bytes were taken", n, len(packedItems))
		}
	}
	if _, err := UnpackItems(append(packedItems, 0), 2); err == nil || !failed(append(packedLines, 0)) {
		t.Error("a byte too many was taken")
	}
}

// TestSeal compresses bytes and finds what was changed.
func TestSeal(t *testing.T) {
	raw := []byte(strings.Repeat("a line of a bill ", 100))
	sealed, sum, err := Seal("chunk 1", raw)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Unseal("chunk 1", sealed, sum); err != nil || string(got) != string(raw) {
		t.Errorf("%d bytes came back, %v", len(got), err)
	}
	if _, err := Unseal("chunk 2", sealed, sum); err == nil || !strings.Contains(err.Error(), "chunk 2") {
		t.Errorf("bytes in the wrong place: %v", err)
	}
	for i := range sealed {
		changed := slices.Clone(sealed)
		changed[i] ^= 4
		if _, err := Unseal("chunk 1", changed, sum); err == nil {
			t.Errorf("the change of byte %d was not found", i)
		}
	}
}

// FuzzUnpack unpacks any bytes: they are lines or items, or an error.
func FuzzUnpack(f *testing.F) {
	lines, items := NewLinePacker(2), NewItemPacker(2)
	lines.Add(&Line{Item: 3, Start: 7, End: 9, Values: [MaxMeasures]Decimal{NewDecimal(5, 1)}})
	items.Add([]string{"a", "b"})
	f.Add(lines.Pack(nil))
	f.Add(items.Pack(nil))
	f.Add([]byte{255, 255, 3, 2})
	f.Fuzz(func(t *testing.T, packed []byte) {
		n := 0
		for line, err := range UnpackLines(packed, 2) {
			if n++; n > MostPacked+1 {
				t.Fatal("there is no end of lines")
			}
			if err == nil && line.Item >= mostItems {
				t.Fatalf("the item %d", line.Item)
			}
		}
		if rows, err := UnpackItems(packed, 2); err == nil && len(rows) > len(packed) {
			t.Fatalf("%d items in %d bytes", len(rows), len(packed))
		}
	})
}

// FuzzParseDecimal reads any text: it is a number that comes back, or an error.
func FuzzParseDecimal(f *testing.F) {
	for _, text := range []string{"1", "-1.5", "8.0E-7", "1e60", "", "nan", strings.Repeat("9", 60)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d, err := ParseDecimal(text)
		if err != nil {
			return
		}
		var s Sum
		s.Add(d)
		back, err := ParseSum(s.String())
		if err != nil || back.Decimal().Cmp(d) != 0 || d.IsNull() {
			t.Fatalf("%q is %s and comes back as %s, %v", text, d, back, err)
		}
	})
}

// FuzzLoad loads any bytes: they are a dump, or an error that leaves nothing.
func FuzzLoad(f *testing.F) {
	s := NewMemory(true)
	w, err := s.Write(f.Context(), Header{Series: "usage", Columns: []string{"Subject"}})
	if err != nil {
		f.Fatal(err)
	}
	if _, err := w.Item(Hash{1}, func() []string { return []string{"Application/a"} }); err != nil {
		f.Fatal(err)
	}
	if err := w.Add(&Line{Start: 7, End: 9}); err != nil {
		f.Fatal(err)
	}
	if _, err := w.Commit(f.Context()); err != nil {
		f.Fatal(err)
	}
	var dump strings.Builder
	if _, err := Dump(f.Context(), s, &dump); err != nil {
		f.Fatal(err)
	}
	f.Add(dump.String())
	f.Add(dump.String()[:dump.Len()/2])
	f.Fuzz(func(t *testing.T, text string) {
		s := NewMemory(true)
		if _, err := Load(t.Context(), s, strings.NewReader(text)); err == nil {
			return
		}
		if loads, err := s.Loads(t.Context()); err != nil || len(loads) > 0 {
			t.Fatalf("what cannot be loaded left %v, %v", loads, err)
		}
	})
}
