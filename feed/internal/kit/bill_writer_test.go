package kit

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/model"
)

// shelf is a sink that keeps the parts.
type shelf struct {
	store   *facts.Memory
	columns []string
	parts   map[feed.Scope]facts.Writer
	told    []string
}

func (s *shelf) Columns(names []string) error { s.columns = names; return nil }
func (s *shelf) Part(scope feed.Scope) (facts.Writer, error) {
	if w, ok := s.parts[scope]; ok {
		return w, nil
	}
	w, err := s.store.Write(context.Background(), facts.Header{Load: model.ID{15: byte(len(s.parts) + 1)}, Series: facts.Costs.Name, Columns: s.columns})
	s.parts[scope] = w
	return w, err
}
func (s *shelf) Refuse(r feed.Refusal) { s.told = append(s.told, "refused "+r.String()) }
func (s *shelf) Warn(r feed.Refusal)   { s.told = append(s.told, "warned "+r.String()) }
func (s *shelf) Note(string, ...any)   {}
func (s *shelf) Read(int64)            {}

func TestBillWriter(t *testing.T) {
	sink := &shelf{store: facts.NewMemory(true), parts: map[feed.Scope]facts.Writer{}}
	w, err := NewBillWriter(feed.BulkInput{Name: "bill.csv"}, sink, []string{"ServiceName", "RegionId"})
	if err != nil {
		t.Fatal(err)
	}
	line := BillLine{Provider: []byte("Cloudworks"), Account: []byte("a-1"), Items: make([][]byte, 2)}
	line.Values[facts.Billed] = facts.NewDecimal(15, 1)
	// The values of the third and fourth line are the same letters, split in another place.
	for _, c := range []struct{ day, service, region string }{{"2026-01-31", "disk", "north"}, {"2026-02-01", "disk", "north"}, {"2026-02-28", "ab", "c"}, {"2026-02-28", "a", "bc"}, {"2026-02-28", "ab", "c"}, {"2026-02-28", "\x01tab\xFF ", ""}} {
		line.Start, err = BillTime([]byte(c.day))
		if err != nil {
			t.Fatal(err)
		}
		line.End = line.Start + 3600
		line.Items[0], line.Items[1] = []byte(c.service), []byte(c.region)
		if err := w.Write(&line); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string][][]string{}
	for scope, part := range sink.parts {
		totals, err := part.Commit(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		id := model.ID{15: 1}
		if scope.From.String() == "2026-02-01" {
			id[15] = 2
		}
		roll, err := sink.store.Rollup(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		got[fmt.Sprint(scope.Provider, " ", scope.Account, " ", scope.From, " ", scope.Until, " ", totals.Sums[facts.Billed])] = roll.Items
	}
	want := map[string][][]string{
		"Cloudworks a-1 2026-01-01 2026-01-31 1.5": {{"disk", "north"}},
		"Cloudworks a-1 2026-02-01 2026-02-28 7.5": {{"disk", "north"}, {"ab", "c"}, {"a", "bc"}, {"tab", ""}},
	}
	if d := cmp.Diff(want, got); d != "" || w.Taken() != 6 {
		t.Error(d)
	}
	row := &Row{Line: 7}
	w.Refuse(row, 3, "BilledCost", "no number")
	w.Warn(row, -1, "", "short")
	if d := cmp.Diff([]string{"refused bill.csv:7: BilledCost: no number", "warned bill.csv:7: short"}, sink.told); d != "" {
		t.Error(d)
	}
}

// TestParquetTexts writes values of the types that bills have as texts.
func TestParquetTexts(t *testing.T) {
	for _, c := range []struct {
		digits, want string
		scale        int
	}{
		{"12345", "123.45", 2}, {"-5", "-0.05", 2}, {"5", "0.00005", 5}, {"100", "1.00", 2}, {"-12", "-12", 0}, {"7", "7e3", -3}, {"0", "0", -3},
	} {
		if got := string(appendScaled(nil, c.digits, c.scale)); got != c.want {
			t.Errorf("%s by %d is %s, not %s", c.digits, c.scale, got, c.want)
		}
	}
	for _, c := range []struct {
		value parquet.Value
		want  string
	}{
		{parquet.FixedLenByteArrayValue([]byte{0xFF, 0xFF, 0xFF, 0x85}), "-1.23"},
		{parquet.FixedLenByteArrayValue([]byte{0x00, 0x7B}), "1.23"},
		{parquet.ByteArrayValue([]byte{0x80}), "-1.28"},
		{parquet.ByteArrayValue(nil), "0.00"},
		{parquet.Int64Value(-123), "-1.23"},
		{parquet.Int32Value(123), "1.23"},
		{parquet.ByteArrayValue(bytes.Repeat([]byte{1}, 65)), "a decimal of more than 64 bytes"},
	} {
		if got := string(appendDecimal(nil, c.value, 2)); got != c.want {
			t.Errorf("%v is %s, not %s", c.value, got, c.want)
		}
	}
	for unit, want := range map[int64]string{-1: "1969-12-31T23:59:59.999Z", 0: "1970-01-01T00:00:00Z", 1_726_696_800_000: "2024-09-18T22:00:00Z"} {
		if got := string(appendTime(nil, unit, 1_000_000)); got != want {
			t.Errorf("%d is %s, not %s", unit, got, want)
		}
	}
	// Julian day 2440588 is 1 January 1970, and an hour has 3.6e12 nanoseconds.
	if got := string(appendInt96(nil, parquet.Int96Value([3]uint32{817405952, 838, 2440588}))); got != "1970-01-01T01:00:00Z" {
		t.Errorf("one hour is %s", got)
	}
	if got := string(AppendJSONText(nil, []byte("a\"\xFF\n"))); got != `"a\"`+"\uFFFD"+`\n"` {
		t.Errorf("got %s", got)
	}
}

// TestPagesThatLie has pages that say they are small and unpack to more than a page may have.
func TestPagesThatLie(t *testing.T) {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		codec  format.CompressionCodec
		packed []byte
		want   string
	}{
		{format.Zstd, w.EncodeAll(make([]byte, longestPage+1), nil), "unpacks to more"},
		{format.Zstd, w.EncodeAll(make([]byte, 1000), nil), ""},
		{format.Zstd, []byte("no page"), "cannot be unpacked"},
		{format.Snappy, binary.AppendUvarint(nil, longestPage+1), "wrong"},
		{format.Lz4Raw, []byte{0}, "snappy"},
	} {
		p := pageCheck{packed: c.packed}
		err := p.unpack(c.codec)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %d bytes: got %v", c.codec, len(c.packed), err)
		}
	}
}

func TestHeadColumns(t *testing.T) {
	for head, want := range map[string]string{
		"a;b;\"c;d\"\n1;2;3":                     "a|b|c;d",
		"[{\"a\": 1}]":                           "a",
		"PAR1\x00\x01":                           "",
		"":                                       "",
		strings.Repeat("a,", feed.DetectBytes/2): "",
	} {
		if got := strings.Join(HeadColumns([]byte(head)), "|"); got != want {
			t.Errorf("%.40q has the columns %s", head, got)
		}
	}
}
