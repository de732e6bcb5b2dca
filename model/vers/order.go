// Package vers orders the versions of packages as their ecosystems do, reads ranges of versions in VERS notation, evaluates
// ranges of OSV, and brings package URLs into the form in which packages are compared.
package vers

import (
	"fmt"
	"strings"

	"github.com/google/osv-scalibr/semantic"
)

// orders names, for every scheme of versions, the ecosystem of OSV whose order it has. A scheme is a type of package URLs;
// those behind the blank line are schemes of VERS that are none.
var orders = map[string]string{
	"apk": "Alpine", "bioconductor": "Bioconductor", "bitnami": "Bitnami", "cargo": "crates.io", "composer": "Packagist", "conan": "ConanCenter",
	"cran": "CRAN", "deb": "Debian", "gem": "RubyGems", "github": "npm", "githubactions": "npm", "golang": "Go", "hackage": "Hackage", "hex": "Hex", "julia": "Julia",
	"maven": "Maven", "npm": "npm", "nuget": "NuGet", "pub": "Pub", "pypi": "PyPI", "rpm": "Red Hat", "swift": "SwiftURL", "vscode": "npm",

	"alpine": "Alpine", "debian": "Debian", "semver": "npm",
}

// longestVersion is how many bytes a version may have for it to be ordered.
const longestVersion = 400

// Ordered reports whether the versions of a scheme have an order that is known.
func Ordered(scheme string) bool { return orders[scheme] != "" }

// Version is a version that was read once, to be compared many times.
type Version struct {
	text   string
	parsed semantic.Version
}

// Read reads a version of a scheme. A version of a scheme without a known order, or one that the
// order cannot place, is equal to the same text alone.
func Read(scheme, text string) Version {
	text = plain(scheme, text)
	v := Version{text: text}
	if eco := orders[scheme]; eco != "" && text != "" && len(text) <= longestVersion {
		if parsed, err := parse(text, eco); err == nil {
			v.parsed = parsed
		}
	}
	return v
}

// parse reads a version. A fault in the library is an error and not a panic.
func parse(text, ecosystem string) (v semantic.Version, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the version %q cannot be read: %v", text, r)
		}
	}()
	return semantic.Parse(text, ecosystem)
}

// plain takes off a version what its scheme puts before it.
func plain(scheme, text string) string {
	text = strings.TrimSpace(text)
	if scheme == "golang" {
		text = strings.TrimPrefix(strings.TrimPrefix(text, "go"), "v")
	}
	return text
}

// String returns the version as it was written.
func (v Version) String() string { return v.text }

// Placed reports whether the version has a place in an order.
func (v Version) Placed() bool { return v.parsed != nil }

// Equal reports whether two versions of one scheme are the same: by their order, or as texts.
func (v Version) Equal(w Version) bool {
	if v.text == w.text {
		return true
	}
	c, ok := v.Compare(w)
	return ok && c == 0
}

// Compare puts two versions of one scheme in order. It reports false where that is not known.
func (v Version) Compare(w Version) (order int, known bool) {
	if v.parsed == nil || w.parsed == nil {
		return 0, false
	}
	defer func() {
		if recover() != nil {
			order, known = 0, false
		}
	}()
	c, err := v.parsed.Compare(w.parsed)
	return c, err == nil
}

// Compare puts two versions of a scheme in order. The error says why that cannot be done.
func Compare(scheme, a, b string) (int, error) {
	if !Ordered(scheme) {
		return 0, fmt.Errorf("the order of versions of %q is not known", scheme)
	}
	v, w := Read(scheme, a), Read(scheme, b)
	for _, one := range []Version{v, w} {
		if !one.Placed() {
			return 0, fmt.Errorf("%q is not a version of %s", one.text, scheme)
		}
	}
	c, ok := v.Compare(w)
	if !ok {
		return 0, fmt.Errorf("%q and %q cannot be compared as versions of %s", a, b, scheme)
	}
	return c, nil
}
