package kit

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"

	"binnacle/feed"
	"binnacle/model"
)

// Part is a component of a bill of materials, as far as it must be known again and told from the others.
type Part struct {
	// Base is the key of the part within what the bill describes.
	Base string
	// Stem is what stays the same from version to version, and Full is that with the version.
	Stem, Full string
	// Version is the version of the part.
	Version string
	// Ref is the name that the document gives to the part. It only decides between parts that are alike.
	Ref string
	// Identity is by what the part is known again and Key its key. [Settle] sets both.
	Identity, Key string

	versioned bool
}

// longestKey is how many bytes a key may have before its end is replaced by a digest.
const longestKey = 240

// Settle gives every part an identity and a key of its own. The identity has no
// version where the package is there once, so that a newer version of it edits
// the record. What the parts of a format are is told by of. The order of the parts does not matter.
func Settle[P any](subject string, all []P, of func(P) *Part) {
	parts := make([]*Part, len(all))
	for i, p := range all {
		parts[i] = of(p)
	}
	stems, taken, keys, versioned := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	for _, p := range parts {
		stems[p.Stem]++
	}
	for _, p := range slices.SortedFunc(slices.Values(parts), (*Part).compare) {
		p.Identity, p.Key = p.Stem, subject+"/"+p.Base
		if stems[p.Stem] > 1 {
			p.Identity, p.versioned = p.Full, true
		}
		if taken[p.Identity]++; taken[p.Identity] > 1 {
			p.Identity = fmt.Sprintf("%s (%d)", p.Identity, taken[p.Identity])
		}
		keys[p.Key]++
	}
	for _, p := range parts {
		if keys[p.Key] > 1 && p.versioned && p.Version != "" {
			p.Key += "@" + feed.SlugOf(p.Version)
			versioned[p.Key]++
		}
	}
	for _, p := range parts {
		if keys[p.Key] > 1 || versioned[p.Key] > 1 || len(p.Key) > longestKey {
			p.Key = fmt.Sprintf("%s~%s", strings.ToValidUTF8(p.Key[:min(len(p.Key), longestKey)], ""), Digest(p.Identity))
		}
	}
}

// compare puts parts into an order that does not depend on where they stand.
func (p *Part) compare(other *Part) int {
	return cmp.Or(strings.Compare(p.Full, other.Full), strings.Compare(p.Ref, other.Ref))
}

// Gone names the fields of a component that belong to one version of a package
// and have no value, so that those of the version before do not stay.
func Gone(c *model.Component) []string {
	var out []string
	for name, missing := range map[string]bool{"version": c.Version == "", "package_url": c.PackageURL == "", "cpe": c.CPE == "", "hashes": len(c.Hashes) == 0} {
		if missing {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// volatile are the qualifiers of package URLs that change with the version or with the place it was fetched from.
var volatile = map[string]bool{
	"checksum": true, "vcs_url": true, "download_url": true, "file_name": true, "tag": true, "distro": true, "upstream": true, "package-id": true,
	"goos": true, "goarch": true, "buildid": true, "vers": true,
}

// PackageStem writes a package URL without its version and without what changes with it.
func PackageStem(p packageurl.PackageURL) string {
	p.Version = ""
	p.Qualifiers = slices.DeleteFunc(slices.Clone(p.Qualifiers), func(q packageurl.Qualifier) bool { return volatile[q.Key] })
	return p.ToString()
}

// PackageName writes a package URL without version, qualifiers and subpath. It names what a bill of materials describes.
func PackageName(p packageurl.PackageURL) string {
	return packageurl.NewPackageURL(p.Type, p.Namespace, p.Name, "", nil, "").ToString()
}

// KeyOf makes a key of parts of which some may be empty, with a slash between them.
func KeyOf(parts ...string) string {
	var out []string
	for _, part := range parts {
		if slug := strings.Trim(feed.SlugOf(part), "/"); slug != "" {
			out = append(out, slug)
		}
	}
	return strings.Join(out, "/")
}

// SubjectKey returns the first of the keys that is not empty, cut to a length at which others can follow it.
func SubjectKey(keys ...string) string {
	key := cmp.Or(cmp.Or(keys...), "unnamed")
	if len(key) > 80 {
		key = strings.ToValidUTF8(key[:60], "") + "~" + Digest(key)
	}
	return key
}

// Digest returns a short digest of a text: 16 hexadecimal digits.
func Digest(text string) string {
	h := fnv.New64a()
	h.Write([]byte(text))
	return fmt.Sprintf("%016x", h.Sum64())
}

var majorVersion = regexp.MustCompile(`^v\d+$`)

// NameKey makes a key of the last part of a name that is a path, without the tag
// or digest of an image and without the major version of a Go module.
func NameKey(name string) string {
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
		last = before
	}
	return strings.Trim(feed.SlugOf(last), "/.")
}

// FileKey makes a key of the name of a file, without its folder and without the
// endings that files of its sort have. Names that say nothing give no key.
func FileKey(file string, endings, nothing []string) string {
	return strings.Trim(feed.SlugOf(FileName(file, endings, nothing)), "/.")
}

// FileName returns the name of a file in lower case, without its folder and
// without the endings that files of its sort have. Names that say nothing are left out.
func FileName(file string, endings, nothing []string) string {
	name := strings.ToLower(path.Base(strings.ReplaceAll(file, `\`, "/")))
	for before := ""; before != name; {
		before = name
		for _, ending := range endings {
			name = strings.TrimSuffix(name, ending)
		}
	}
	if slices.Contains(nothing, name) || slices.Contains([]string{"-", ".", "/"}, name) {
		return ""
	}
	return name
}
