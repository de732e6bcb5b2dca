package cyclonedx

import (
	"fmt"
	"hash/fnv"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"

	"binnacle/feed"
)

// volatile are the qualifiers of package URLs that change with the version or with the place it was fetched from.
var volatile = map[string]bool{
	"checksum": true, "vcs_url": true, "download_url": true, "file_name": true, "tag": true, "distro": true, "upstream": true, "package-id": true,
	"goos": true, "goarch": true, "buildid": true, "vers": true,
}

// withoutVersion writes a package URL without its version and without what changes with it.
func withoutVersion(p packageurl.PackageURL) string {
	p.Version = ""
	p.Qualifiers = slices.DeleteFunc(slices.Clone(p.Qualifiers), func(q packageurl.Qualifier) bool { return volatile[q.Key] })
	return p.ToString()
}

// nameOnly writes a package URL without version, qualifiers and subpath. It names what a bill of materials describes.
func nameOnly(p packageurl.PackageURL) string {
	return packageurl.NewPackageURL(p.Type, p.Namespace, p.Name, "", nil, "").ToString()
}

var majorVersion = regexp.MustCompile(`^v\d+$`)

// lastPart returns the last part of a name that is a path, without the tag or digest of an image and without the major version of a Go module.
func lastPart(name string) string {
	name, _, _ = strings.Cut(name, "@sha256:")
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '/' || r == '\\' })
	if n := len(parts); n > 1 && majorVersion.MatchString(parts[n-1]) {
		parts = parts[:n-1]
	}
	if len(parts) == 0 {
		return ""
	}
	last := parts[len(parts)-1]
	if before, _, found := strings.Cut(last, ":"); found && before != "" {
		return before
	}
	return last
}

// keyOf makes a key of parts of which some may be empty.
func keyOf(parts ...string) string {
	var out []string
	for _, part := range parts {
		if slug := strings.Trim(feed.SlugOf(part), "/"); slug != "" {
			out = append(out, slug)
		}
	}
	return strings.Join(out, "/")
}

// longestKey is how long a key gets before its end is replaced by a digest.
const longestKey = 240

// settle gives every part an identity and a key of its own. The identity has no
// version where the package is there once, so that a newer version of it edits the record.
func settle(subject string, parts []*part) {
	groups := map[string][]*part{}
	for _, p := range parts {
		groups[p.stem] = append(groups[p.stem], p)
	}
	taken := map[string]int{}
	for _, p := range slices.SortedFunc(slices.Values(parts), (*part).compare) {
		p.identity = p.stem
		if len(groups[p.stem]) > 1 {
			p.identity = p.full
			p.versioned = true
		}
		taken[p.identity]++
		if n := taken[p.identity]; n > 1 {
			p.identity = fmt.Sprintf("%s (%d)", p.identity, n)
		}
	}
	keys := map[string]int{}
	for _, p := range parts {
		p.key = subject + "/" + p.base
		keys[p.key]++
	}
	versioned := map[string]int{}
	for _, p := range parts {
		if keys[p.key] > 1 && p.versioned && p.version != "" {
			p.key += "@" + feed.SlugOf(p.version)
			versioned[p.key]++
		}
	}
	for _, p := range parts {
		if keys[p.key] > 1 || versioned[p.key] > 1 || len(p.key) > longestKey {
			p.key = fmt.Sprintf("%s~%s", strings.ToValidUTF8(p.key[:min(len(p.key), longestKey)], ""), digest(p.identity))
		}
	}
}

// compare puts parts into an order that does not depend on where they stand.
func (p *part) compare(other *part) int {
	if c := strings.Compare(p.full, other.full); c != 0 {
		return c
	}
	return strings.Compare(p.ref, other.ref)
}

// digest returns a short digest of a text in hexadecimal digits.
func digest(text string) string {
	h := fnv.New64a()
	h.Write([]byte(text))
	return fmt.Sprintf("%016x", h.Sum64())
}

// plainName returns the name of a file without its folder and without the endings that bills of materials have.
func plainName(file string) string {
	name := strings.ToLower(path.Base(strings.ReplaceAll(file, `\`, "/")))
	for {
		before := name
		for _, ending := range []string{".json", ".xml", ".bom", ".cdx", ".sbom", ".cyclonedx", ".gz"} {
			name = strings.TrimSuffix(name, ending)
		}
		if name == before {
			break
		}
	}
	if slices.Contains([]string{"bom", "sbom", "cdx", "cyclonedx", "vex", "-", ".", "/"}, name) {
		return ""
	}
	return name
}
