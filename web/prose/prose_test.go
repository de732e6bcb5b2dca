package prose_test

import (
	"strings"
	"testing"

	"binnacle/web/prose"
)

// TestNothingGetsThrough: scripts, styles, pictures and addresses that run code are left out, whatever stands around them.
func TestNothingGetsThrough(t *testing.T) {
	for _, text := range []string{"<script>alert(1)</script>", "[a](javascript:alert(1))", "![x](https://example.org/x.png)", `<p style="color:red" onclick="x()">a</p>`, "<iframe src=//example.org></iframe>", "<form action=/x><input></form>"} {
		got := string(prose.HTML("# Title\n\n" + text))
		for _, bad := range []string{"<script", "javascript:", "<img", "style=", "onclick", "<iframe", "<form", "<input", "<h1"} {
			if strings.Contains(got, bad) {
				t.Errorf("%s becomes %s", text, got)
			}
		}
	}
}

// TestPlain are the words alone.
func TestPlain(t *testing.T) {
	for text, want := range map[string]string{"Show the **last three**\n\n- a & b\n- `c`": "Show the last three a & b c", "": "", "<b>x</b> y": "x y", "1 < 2": "1 < 2"} {
		if got := prose.Plain(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// FuzzHTML makes nothing that a browser could run of any text.
func FuzzHTML(f *testing.F) {
	for _, seed := range []string{"# a", "<script>x</script>", "[a](javascript:x)", "`<b>`", "|a|\n|-|\n|<img src=x onerror=y>|"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := strings.ToLower(string(prose.HTML(text)))
		if strings.Contains(got, "<script") || strings.Contains(got, "<img") || strings.Contains(got, `href="javascript`) {
			t.Errorf("%q becomes %q", text, got)
		}
	})
}
