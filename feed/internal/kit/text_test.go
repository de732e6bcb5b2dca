package kit

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/feed"
)

func TestClean(t *testing.T) {
	for text, want := range map[string]string{
		" a\x00b\u0085\n": "ab", "two\nlines\tand a tab": "two\nlines\tand a tab", "caf\xe9": "caf", "a\ufffdb": "ab", "zürich": "zürich", "\x7f": "",
	} {
		if got := Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string]bool{
		"https://charts.example/a?b=c": true, "http://charts.example": true, "ftp://charts.example": false, "charts.example": false, "https://": false, "https://a.example/b c": false, "": false,
	} {
		if got := WebAddress(text); (got == text && text != "") != want || got != "" && got != text {
			t.Errorf("WebAddress(%q) = %q", text, got)
		}
	}
	for text, want := range map[string]bool{"ada@fleet.example": true, "Ada <ada@fleet.example>": false, "ada": false, "": false} {
		if got := MailAddress(text); (got == text && text != "") != want || got != "" && got != text {
			t.Errorf("MailAddress(%q) = %q", text, got)
		}
	}
}

func TestSplitVersion(t *testing.T) {
	for text, want := range map[string][2]string{
		"Ubuntu Linux 20.04": {"Ubuntu Linux", "20.04"}, "Linux 2.6.32 - 3.13": {"Linux", "2.6.32 - 3.13"}, "389 Directory": {"389 Directory", ""}, "": {},
	} {
		if name, version := SplitVersion(text); [2]string{name, version} != want {
			t.Errorf("SplitVersion(%q) = %q, %q", text, name, version)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"end_of_life", "name", "serial"}
	for word, want := range map[string]string{
		"nme": "; did you mean name?", "End of live": "; did you mean end_of_life?", "serail": "; did you mean serial?", "zzz": "", "": "", "wholly different": "",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

// wide writes a text as UTF-16.
func wide(order binary.AppendByteOrder, text string) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// Whatever a text says and however it is encoded, it is read as the same text.
func TestEncodings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.ReplaceAll(rapid.String().Draw(t, "text"), "\x00", "")
		text = strings.TrimLeft(text, "\ufeff")
		for name, data := range map[string][]byte{
			"with a mark":   []byte("\ufeff" + text),
			"little endian": wide(binary.LittleEndian, "\ufeff"+text),
			"big endian":    wide(binary.BigEndian, "\ufeff"+text),
		} {
			if got, err := UTF8(data); err != nil || string(got) != text {
				t.Fatalf("%s: UTF8 gives %q, %v; want %q", name, got, err, text)
			}
			if got, err := ReadText(data, 1<<20); err != nil || string(got.Bytes) != text {
				t.Fatalf("%s: ReadText gives %v, %v; want %q", name, got, err, text)
			}
			if got := Start(data, 1<<20); string(got) != strings.TrimLeft(text, " \t\r\n") {
				t.Fatalf("%s: Start gives %q of %q", name, got, text)
			}
		}
	})
}

func TestContentsThatAreNoText(t *testing.T) {
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"a wrong byte":        {[]byte("a\nbü\xe9"), "line 2, column 3: the byte 0xE9 is not valid UTF-8"},
		"half a unit":         {[]byte("\xff\xfea\x00b"), "ends inside a character"},
		"an unknown encoding": {[]byte(`<?xml version="1.0" encoding="klingon-1"?>`), `"klingon-1"`},
		"too long":            {bytes.Repeat([]byte("a"), 101), "has 101 bytes; the limit is 100"},
		"too long as UTF-8":   {append([]byte("\xff\xfe"), bytes.Repeat([]byte("\x00\x20"), 49)...), "more than 100 bytes as UTF-8"},
	} {
		if _, err := ReadText(test.data, 100); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	if _, err := UTF8([]byte("a\x00b")); err == nil || !strings.Contains(err.Error(), "NUL") {
		t.Errorf("NUL bytes: %v", err)
	}
	if got := Glance([]byte("\ufeff  abcdef"), 8); string(got) != "abc" {
		t.Errorf("a glance gives %q", got)
	}
	latin1 := []byte("<?xml version=\"1.0\" encoding=\"iso-8859-1\"?><a>caf\xe9</a>")
	if got, err := ReadText(latin1, 1000); err != nil || !strings.Contains(string(got.Bytes), "café") {
		t.Errorf("Latin-1 gives %v, %v", got, err)
	}
	if _, err := Content(feed.Input{Data: []byte("abc")}, &feed.Batch{Limits: feed.Limits{Bytes: 2}}); err == nil {
		t.Error("a content beyond the limit was read")
	}
}

// The line and the column of an offset are those that counting from the beginning gives.
func TestPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{"a", "ü", "🧭", "\n", strings.Repeat("x", 300), strings.Repeat("ß", 700)})
		text := strings.Join(rapid.SliceOfN(piece, 0, 20).Draw(t, "pieces"), "")
		offset := rapid.IntRange(0, len(text)).Draw(t, "offset")
		for offset < len(text) && !utf8.RuneStart(text[offset]) {
			offset++
		}
		before := text[:offset]
		wantLine, wantColumn := 1+strings.Count(before, "\n"), 1+utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
		if line, column := NewText([]byte(text)).Place(offset); line != wantLine || column != wantColumn {
			t.Fatalf("the place is %d:%d, want %d:%d", line, column, wantLine, wantColumn)
		}
	})
	text := NewText([]byte("{\n \"a\" : 1}"))
	if diff := cmp.Diff([]int{9, 11}, []int{text.Next(6), text.Next(99)}); diff != "" {
		t.Errorf("where the next value starts (-want +got):\n%s", diff)
	}
}
