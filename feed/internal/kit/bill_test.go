package kit

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/facts"
)

// tableOf reads all rows of a text, with the places of their values.
func tableOf(t testing.TB, in io.Reader, comma byte) (rows [][]string, places []string) {
	t.Helper()
	lines := NewLines(context.Background(), in, comma)
	defer lines.Close()
	for lines.Next() {
		r := lines.Row()
		if r.Problem != "" {
			rows = append(rows, []string{"!" + r.Problem})
			places = append(places, fmt.Sprint(r.Line))
			continue
		}
		var row []string
		var place strings.Builder
		for i := range r.Len() {
			row = append(row, string(r.Value(i)))
			line, column := r.Place(i)
			fmt.Fprintf(&place, "%d:%d ", line, column)
		}
		rows, places = append(rows, row), append(places, strings.TrimSpace(place.String()))
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
	return rows, places
}

func TestLinesSplitAndPlace(t *testing.T) {
	for _, c := range []struct {
		name, text string
		rows       [][]string
		places     []string
	}{
		{"plain", "a,b\n1,2\n", [][]string{{"a", "b"}, {"1", "2"}}, []string{"1:1 1:3", "2:1 2:3"}},
		{"byte-order mark and CRLF", "\uFEFFa,b\r\n1,2", [][]string{{"a", "b"}, {"1", "2"}}, []string{"1:1 1:3", "2:1 2:3"}},
		{"words for nothing", "NULL,null,\"NULL\",\"\",Nullable\n", [][]string{{"", "", "", "", "Nullable"}}, []string{"1:1 1:6 1:12 1:19 1:21"}},
		{"quotes, commas and lines inside", "\"a,\"\"b\"\"\",\"c\nd\",e\nf,g,h\n", [][]string{{`a,"b"`, "c\nd", "e"}, {"f", "g", "h"}}, []string{"1:2 1:12 2:4", "3:1 3:3 3:5"}},
		{"columns count characters", "ä,ö,ü\n", [][]string{{"ä", "ö", "ü"}}, []string{"1:1 1:3 1:5"}},
		{"empty lines are no rows", "a,b\n\n \r\n,\n", [][]string{{"a", "b"}, {"", ""}}, []string{"1:1 1:3", "4:1 4:2"}},
		{"quotes inside of plain values", "a\"b,c\n", [][]string{{`a"b`, "c"}}, []string{"1:1 1:5"}},
		{"a quote that is not closed costs one line", "\"a,b\nc,d\n", [][]string{{"!the row has a quote"}, {"c", "d"}}, []string{"1", "2:1 2:3"}},
		{"a quote that is not doubled", "\"a\"b\",c\nd,e\n", [][]string{{"!a quote inside"}, {"d", "e"}}, []string{"1", "2:1 2:3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, in := range []io.Reader{strings.NewReader(c.text), iotest.OneByteReader(strings.NewReader(c.text))} {
				rows, places := tableOf(t, in, ',')
				for i, row := range rows {
					if strings.HasPrefix(row[0], "!") {
						rows[i] = []string{row[0][:len(c.rows[i][0])]}
					}
				}
				if d := cmp.Diff(c.rows, rows) + cmp.Diff(c.places, places); d != "" {
					t.Error(d)
				}
			}
		})
	}
}

func TestLinesOfAnyLength(t *testing.T) {
	long := strings.Repeat("x", blockBytes+17)
	text := "a," + long[:LongestValue] + "\n\"" + strings.Repeat("y\n", LongestRow) + "\n" + strings.Repeat("b,c\n", 100_000)
	lines := NewLines(context.Background(), strings.NewReader(text), ',')
	defer lines.Close()
	n, problems := 0, 0
	for lines.Next() {
		n++
		if r := lines.Row(); r.Problem != "" {
			problems++
		} else if string(r.Value(0)) == "b" && string(r.Value(1)) != "c" {
			t.Fatalf("line %d is %q, %q", r.Line, r.Value(0), r.Value(1))
		}
	}
	if want := 1 + 1 + LongestRow + 100_000 - 1; lines.Err() != nil || problems != 1 || n < want || lines.Offset() != int64(len(text)) {
		t.Errorf("%d rows, %d problems, %v", n, problems, lines.Err())
	}
}

func TestLinesGiveUpOnQuotes(t *testing.T) {
	lines := NewLines(context.Background(), strings.NewReader(strings.Repeat("\"a\"b,c\n", mostBroken*3)+"\"x"), ',')
	defer lines.Close()
	for lines.Next() {
	}
	if lines.Err() == nil || !strings.Contains(lines.Err().Error(), "broken quotes") {
		t.Errorf("got %v", lines.Err())
	}
}

func TestLinesStop(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	lines := NewLines(ctx, io.MultiReader(strings.NewReader(strings.Repeat("a,b\n", 1<<20))), ',')
	lines.Next()
	cancel()
	for lines.Next() {
	}
	lines.Close()
	if lines.Err() == nil {
		t.Error("a cancelled reading ends without an error")
	}
}

func TestLinesReadErrorsAreTold(t *testing.T) {
	lines := NewLines(context.Background(), io.MultiReader(strings.NewReader("a,b\n"), iotest.ErrReader(os.ErrDeadlineExceeded)), ',')
	defer lines.Close()
	for lines.Next() {
	}
	if lines.Err() == nil {
		t.Error("the error of the file is lost")
	}
}

// TestLinesAgreeWithCSV compares with the reader of the library for whatever is well formed.
func TestLinesAgreeWithCSV(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.StringOf(rapid.RuneFrom([]rune("ab ,;\"\nä"))), rapid.String())
		table := rapid.SliceOfN(rapid.SliceOfN(value, 3, 3), 1, 20).Draw(t, "table")
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		for _, row := range table {
			for i, v := range row {
				row[i] = strings.NewReplacer("\r", "", "\uFEFF", "").Replace(v)
				if strings.EqualFold(row[i], "null") {
					row[i] = ""
				}
			}
			_ = w.Write(row)
		}
		w.Flush()
		lines := NewLines(context.Background(), iotest.HalfReader(&text), ',')
		defer lines.Close()
		for i, want := range table {
			if !lines.Next() {
				t.Fatalf("row %d is missing: %v", i, lines.Err())
			}
			for j := range want {
				if got := string(lines.Row().Value(j)); got != want[j] {
					t.Fatalf("row %d value %d is %q, not %q", i, j, got, want[j])
				}
			}
		}
		if lines.Next() {
			t.Fatal("there are more rows than were written")
		}
	})
}

func TestComma(t *testing.T) {
	for head, want := range map[string]byte{"a,b\n1;2;3;4": ',', "a;\"b,c,d\";e\n": ';', "a\tb": '\t', "": ',', "a|b|c,d": '|'} {
		if got := Comma([]byte(head)); got != want {
			t.Errorf("%q is split at %q", head, got)
		}
	}
}

func TestBillTime(t *testing.T) {
	for text, want := range map[string]string{
		"2024-09-01":                      "2024-09-01T00:00:00Z",
		"2024-09-01 22:15:30":             "2024-09-01T22:15:30Z",
		"2024-09-01T22:00:00Z":            "2024-09-01T22:00:00Z",
		"2024-09-01T22:00Z":               "2024-09-01T22:00:00Z",
		"2024-09-01T22:00:00.999Z":        "2024-09-01T22:00:00Z",
		"2024-09-01T01:00:00+02:00":       "2024-08-31T23:00:00Z",
		"2024-09-01 01:00:00 UTC":         "2024-09-01T01:00:00Z",
		"2024-09-01T01:00:00-0330":        "2024-09-01T04:30:00Z",
		"2024-02-29T24:00:00Z":            "2024-03-01T00:00:00Z",
		"1969-12-31 23:59:59":             "1969-12-31T23:59:59Z",
		" 2024-09-01 00:00:00.000000000 ": "2024-09-01T00:00:00Z",
	} {
		got, err := BillTime([]byte(text))
		if err != nil || time.Unix(got, 0).UTC().Format(time.RFC3339) != want {
			t.Errorf("%q is %s, %v", text, time.Unix(got, 0).UTC().Format(time.RFC3339), err)
		}
	}
	for _, text := range []string{"", "2023-02-01T30:00:00Z", "2023-02-29", "2024-13-01", "2024-09-01T24:00:01Z", "2024-09-01T10:60:00", "2024-09-01T10:00:00+25:00",
		"09/01/2024", "2024-09-01X10:00:00", "2024-09-01T1:00:00Z", "20240901T100000Z", "now", "2024-09-01T10:00:00ZZ"} {
		if got, err := BillTime([]byte(text)); err == nil {
			t.Errorf("%q is read as %d", text, got)
		}
	}
}

func TestBillTimeIsThatOfTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Int64Range(-2_000_000_000, 200_000_000_000).Draw(t, "seconds")
		text := time.Unix(want, 0).UTC().Format(time.RFC3339)
		if got, err := BillTime([]byte(text)); err != nil || got != want {
			t.Fatalf("%s is %d, not %d: %v", text, got, want, err)
		}
	})
}

func TestBillNumber(t *testing.T) {
	for text, want := range map[string]string{
		"": "", "0": "0", "-0.00": "0", "12.50": "12.5", "8.0E-7": "0.0000008", "1e3": "1000", "-2.6137": "-2.6137", "+7": "7", ".5": "0.5", "5.": "5",
		"0.00000000000000000000": "0", "2.000000000000000": "2", "123456789012345678": "123456789012345678", "1234567890123456789": "1234567890123456789",
		"0.0000000000000000001": "0.0000000000000000001", " 3 ": "3", "100000000000000000000.000": "100000000000000000000", "0e-30": "0",
	} {
		if got, err := BillNumber([]byte(text)); err != nil || got.String() != want {
			t.Errorf("%q is %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"-", ".", "1,5", "1.2.3", "$1", "NaN", "Infinity", "1e", "0x10", "1_000", "e5", "1e999999999", "--1"} {
		if got, err := BillNumber([]byte(text)); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func TestBillNumberIsThatOfFacts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[+-]?[0-9]{0,22}(\.[0-9]{0,22})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "text")
		if text == "" {
			return
		}
		got, err := BillNumber([]byte(text))
		want, wrong := facts.ParseDecimal(text)
		if (err == nil) != (wrong == nil) || err == nil && got.Cmp(want) != 0 {
			t.Fatalf("%q is %s (%v), not %s (%v)", text, got, err, want, wrong)
		}
	})
}

func FuzzLines(f *testing.F) {
	for _, text := range []string{"a,b\n1,2\n", "\"a\"\"b\",c\r\n", "\"", "\"\n\"\n", "\xEF\xBB\xBF", "\xFF\xFE", ",\n,", "\"a\"b\",c\n"} {
		f.Add([]byte(text), byte(','))
	}
	f.Fuzz(func(t *testing.T, text []byte, comma byte) {
		if comma == '"' || comma == '\n' || comma == '\r' {
			return
		}
		lines := NewLines(context.Background(), bytes.NewReader(text), comma)
		defer lines.Close()
		last := 0
		for lines.Next() {
			r := lines.Row()
			if r.Line <= last {
				t.Fatalf("line %d follows line %d", r.Line, last)
			}
			last = r.Line
			for i := range r.Len() {
				if line, column := r.Place(i); line < r.Line || column < 1 {
					t.Fatalf("value %d is at %d:%d", i, line, column)
				}
				_ = r.Value(i)
			}
		}
		if _, err := BillTime(text); err == nil && len(text) < 10 {
			t.Fatal("a time is too short")
		}
		if len(text) > 0 {
			_, _ = BillNumber(text)
		}
	})
}

func BenchmarkLines(b *testing.B) {
	text, err := os.ReadFile("../../../../shared/data/04-focus/focus_sample.csv")
	if err != nil {
		b.Skip("the sample is not there")
	}
	text = bytes.Repeat(text, 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		lines := NewLines(context.Background(), bytes.NewReader(text), ',')
		for lines.Next() {
		}
		lines.Close()
	}
}

func BenchmarkLibraryCSV(b *testing.B) {
	text, err := os.ReadFile("../../../../shared/data/04-focus/focus_sample.csv")
	if err != nil {
		b.Skip("the sample is not there")
	}
	text = bytes.Repeat(text, 20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		r := csv.NewReader(bytes.NewReader(text))
		r.ReuseRecord = true
		for {
			if _, err := r.Read(); err != nil {
				break
			}
		}
	}
}
