package security

import (
	"net/url"
	"strconv"
	"strings"

	"binnacle/model/vers"
)

// schemeOf returns the order of the versions of a package.
func schemeOf(pkg string) string { return vers.SchemeOf("", pkg) }

// newer reports whether a version of a package comes after another. Where their order is not known, none does.
func newer(pkg, a, b string) bool {
	scheme := schemeOf(pkg)
	c, known := vers.Read(scheme, a).Compare(vers.Read(scheme, b))
	return known && c > 0
}

// lastName returns the name of a package without its type and namespace.
func lastName(pkg string) string {
	name := pkg[strings.LastIndexByte(pkg, '/')+1:]
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}

// jumpOf says how far a version is from another in the words of semantic versioning: major, minor or patch, and
// other where only something behind the third number differs or where the versions have no such numbers.
func jumpOf(from, to string) string {
	a, b := numbersOf(from), numbersOf(to)
	for i, name := range []string{"major", "minor", "patch"} {
		if a[i] != b[i] {
			return name
		}
	}
	return "other"
}

// numbersOf returns the first three numbers of a version. Missing ones are 0, and -1 stands for what is no number.
func numbersOf(version string) [3]int {
	var out [3]int
	if _, after, epoch := strings.Cut(version, ":"); epoch {
		version = after
	}
	version = strings.TrimLeft(version, "vV")
	for i, part := range strings.SplitN(version, ".", 4) {
		if i == 3 {
			break
		}
		end := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(part)
		}
		n, err := strconv.Atoi(part[:end])
		if err != nil {
			n = -1
		}
		if out[i] = n; end < len(part) {
			break
		}
	}
	return out
}
