package security_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binnacle/practice/security"
)

// TestExpressions reads licence expressions as annex D of SPDX 2.3 has them.
func TestExpressions(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"MIT", "MIT"},
		{"GPL-2.0+", "GPL-2.0+"},
		{"LGPL-2.1-only OR MIT AND BSD-3-Clause", "LGPL-2.1-only OR MIT AND BSD-3-Clause"},
		{"(LGPL-2.1-only OR MIT) AND BSD-3-Clause", "(LGPL-2.1-only OR MIT) AND BSD-3-Clause"},
		{"((MIT))", "MIT"},
		{"MIT AND (Apache-2.0 AND ISC)", "MIT AND Apache-2.0 AND ISC"},
		{"GPL-2.0-or-later WITH Bison-exception-2.2", "GPL-2.0-or-later WITH Bison-exception-2.2"},
		{"MIT or(apache-2.0 and ISC)", "MIT OR apache-2.0 AND ISC"},
		{"DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2", "DocumentRef-spdx-tool-1.2:LicenseRef-MIT-Style-2"},
	} {
		e, err := security.ParseExpression(c.text)
		if err != nil || e.String() != c.want {
			t.Errorf("%q: %v, %v; want %q", c.text, e, err, c.want)
		}
	}
	for _, text := range []string{"", "()", "MIT AND", "OR MIT", "(MIT", "MIT)", "MIT Apache-2.0", "MIT WITH", "MIT WITH OR", "(MIT OR ISC) WITH x", "MIT And ISC", "Apache License, 2.0",
		strings.Repeat("(", 60) + "MIT" + strings.Repeat(")", 60)} {
		if e, err := security.ParseExpression(text); err == nil {
			t.Errorf("%q is read as %v", text, e)
		}
	}
}

// TestExpressionsAreWrittenAsTheyAreRead: what is written is read again as the same.
func TestExpressionsAreWrittenAsTheyAreRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := expressions(4).Draw(t, "expression")
		read, err := security.ParseExpression(e)
		if err != nil {
			t.Fatalf("%q: %v", e, err)
		}
		again, err := security.ParseExpression(read.String())
		if err != nil || again.String() != read.String() {
			t.Fatalf("%q is written %q and read as %v, %v", e, read, again, err)
		}
	})
}

func expressions(depth int) *rapid.Generator[string] {
	one := rapid.SampledFrom([]string{"MIT", "ISC", "GPL-2.0+", "GPL-2.0-only WITH Classpath-exception-2.0", "LicenseRef-Own"})
	if depth == 0 {
		return one
	}
	joined := rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(expressions(depth-1), 2, 3).Draw(t, "parts")
		text := strings.Join(parts, rapid.SampledFrom([]string{" AND ", " OR "}).Draw(t, "operator"))
		if rapid.Bool().Draw(t, "brackets") {
			text = "(" + text + ")"
		}
		return text
	})
	return rapid.OneOf(one, joined)
}

func FuzzExpression(f *testing.F) {
	for _, seed := range []string{"MIT", "(A OR B) AND C", "GPL-2.0+ WITH x", "((((", "A AND OR", "DocumentRef-a:b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := security.ParseExpression(text)
		if err != nil {
			return
		}
		if again, err := security.ParseExpression(e.String()); err != nil || again.String() != e.String() {
			t.Fatalf("%q is written %q and read as %v, %v", text, e, again, err)
		}
	})
}
