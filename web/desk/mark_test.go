package desk

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMark(t *testing.T) {
	for _, c := range []struct {
		text, words string
		want        []piece
	}{
		{"Harbour crane", "crane", []piece{{"Harbour ", false}, {"crane", true}}},
		{"Harbour cranes", "CRANE har", []piece{{"Har", true}, {"bour ", false}, {"crane", true}, {"s", false}}},
		{"arm, charm", "arm", []piece{{"arm", true}, {", charm", false}}},
		{"<b>arm</b>", "b", []piece{{"<", false}, {"b", true}, {">arm</", false}, {"b", true}, {">", false}}},
		{"nothing", "", []piece{{"nothing", false}}},
		{"", "word", nil},
	} {
		if diff := cmp.Diff(c.want, mark(c.text, wordsOf(c.words))); diff != "" {
			t.Errorf("%q for %q:\n%s", c.text, c.words, diff)
		}
	}
}

func TestMarkKeepsTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, words := rapid.String().Draw(t, "text"), rapid.SliceOf(rapid.StringMatching(`[a-zäß0-9]{1,4}`)).Draw(t, "words")
		var out strings.Builder
		for _, p := range mark(text, words) {
			out.WriteString(p.Text)
		}
		if want := string([]rune(text)); out.String() != want {
			t.Fatalf("%q became %q", want, out.String())
		}
		around(text, words)
	})
}

func TestAroundShowsTheWord(t *testing.T) {
	text := strings.Repeat("much that nobody looks for ", 30) + "needle" + strings.Repeat(" and more", 30)
	got := around(text, []string{"needle"})
	if !strings.Contains(got, "needle") || len([]rune(got)) > 202 {
		t.Errorf("%q", got)
	}
}
