package assetdesk

import (
	"slices"
	"strings"
	"testing"
)

// FuzzLabels reads lists as scanners and clipboards give them: what is read is short, clean and in order, and reading it again gives the same.
func FuzzLabels(f *testing.F) {
	for _, seed := range []string{"INV-1\r\nINV-2\r\n", "a\n\n b \t\nc", "", "\x00", strings.Repeat("x", 301)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := labelsIn(text)
		if err != nil {
			return
		}
		for _, l := range got {
			if l == "" || len(l) > longestLabel || l != strings.TrimSpace(l) {
				t.Errorf("a label is %q", l)
			}
		}
		again, err := labelsIn(strings.Join(got, "\n"))
		if err != nil || !slices.Equal(got, again) {
			t.Errorf("%q becomes %q and then %q, %v", text, got, again, err)
		}
	})
}
