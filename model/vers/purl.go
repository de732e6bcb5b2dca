package vers

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/package-url/packageurl-go"
)

// Package is a package as it is compared: two with the same type and name are the same package.
type Package struct {
	// Type is the type of the package URL, such as maven or deb.
	Type string
	// Name is the namespace and the name in normal form, with a slash between them, such as org.apache.logging.log4j/log4j-core.
	Name string
	// Version is the version, with the epoch before it for RPM. It may be empty.
	Version string
	// Source is, for packages of Debian and Alpine, the source package that it was built from, where the package URL says so.
	Source string
	// Release is the release of the distribution, such as 12 or 22.04, where it is known.
	Release string
}

// Key returns what packages are compared by, such as maven/org.apache.logging.log4j/log4j-core.
func (p Package) Key() string { return p.Type + "/" + p.Name }

// SourceKey returns the key of the source package, or that of the package itself where no other is known. Advisories
// of Debian, Ubuntu and Alpine name source packages.
func (p Package) SourceKey() string {
	if p.Source == "" {
		return p.Key()
	}
	space, _, found := cutLast(p.Name, "/")
	if !found {
		return p.Type + "/" + p.Source
	}
	return p.Type + "/" + space + "/" + p.Source
}

// URL writes the package as a package URL without version and qualifiers, such as pkg:npm/%40angular/core.
func (p Package) URL() string {
	space, name, found := cutLast(p.Name, "/")
	if !found {
		space, name = "", p.Name
	}
	if p.Type == "" || p.Name == "" {
		return ""
	}
	return packageurl.NewPackageURL(p.Type, space, name, "", nil, "").ToString()
}

// Title returns what the ecosystem itself calls the package, as advisories do: group:artifact for Maven, the name alone for
// packages of distributions, and the name with its namespace for all others.
func (p Package) Title() string {
	space, name, found := cutLast(p.Name, "/")
	switch {
	case !found:
		return p.Name
	case p.Type == "maven":
		return space + ":" + name
	case p.Type == "deb" || p.Type == "rpm" || p.Type == "apk" || p.Type == "alpm":
		return name
	}
	return p.Name
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// SplitURL splits a package URL into what names the package, its version and its qualifiers, as they were written.
// It allocates nothing. An at sign before the last slash, as in scopes of npm that are not encoded, is not that of a version.
func SplitURL(purl string) (name, version, qualifiers string) {
	purl, _, _ = strings.Cut(purl, "#")
	purl, qualifiers, _ = strings.Cut(purl, "?")
	slash := strings.LastIndexByte(purl, '/')
	if at := strings.LastIndexByte(purl, '@'); at > slash+1 {
		return purl[:at], purl[at+1:], qualifiers
	}
	return purl, "", qualifiers
}

// ErrPackageURL says that a text is not a package URL.
var ErrPackageURL = errors.New("it is not a package URL: write it as pkg:type/namespace/name@version")

// ParseURL reads a package URL and brings it into the form in which packages are compared: case, hyphens and underscores as
// the type has them. It bears with what tools write although the specification of package URLs wants it otherwise.
func ParseURL(purl string) (Package, error) {
	rest, version, qualifiers := SplitURL(strings.TrimSpace(purl))
	scheme, rest, ok := strings.Cut(rest, ":")
	if !ok || !strings.EqualFold(scheme, "pkg") {
		return Package{}, ErrPackageURL
	}
	kind, path, ok := strings.Cut(strings.Trim(rest, "/"), "/")
	path = strings.Trim(unescape(path), "/")
	if !ok || kind == "" || path == "" {
		return Package{}, ErrPackageURL
	}
	p := Package{Type: strings.ToLower(kind), Version: unescape(version)}
	p.Name = normal(p.Type, path)
	if p.Name == "" {
		return Package{}, ErrPackageURL
	}
	switch p.Type {
	case "deb", "rpm", "apk":
		p.qualify(qualifiers)
	case "github":
		p.Type = githubType
	case "golang":
		p.Version = plain(p.Type, p.Version)
	}
	return p, nil
}

// githubType is the type that actions of GitHub are compared by. Tools write pkg:github and pkg:githubactions for them.
const githubType = "githubactions"

// unescape takes percent-encoding off a part. What is not encoded correctly stays as it is.
func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}

// runs are the marks that names on PyPI do not tell apart (PEP 503).
var runs = regexp.MustCompile(`[-_.]+`)

// normal brings the namespace and the name of a package into the form in which they are compared. The rules are
// those of the types of package URLs, and where a registry tells less apart than they say, those of the registry.
func normal(kind, name string) string {
	switch kind {
	case "pypi":
		return runs.ReplaceAllString(strings.ToLower(name), "-")
	case "npm", "golang", "github", "githubactions", "bitbucket", "composer", "hex", "pub", "nuget", "deb", "apk", "conan", "bitnami", "vscode":
		name = strings.ToLower(name)
		if kind == "golang" && name == "std" {
			return "stdlib"
		}
		return name
	case "swift":
		name = strings.ToLower(name)
		return strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "https://"), "http://"), ".git")
	case "maven":
		// OSV writes a colon between group and artifact, and some tools do so in package URLs.
		return strings.Replace(name, ":", "/", 1)
	case "rpm":
		if space, rest, ok := strings.Cut(name, "/"); ok {
			return distribution(strings.ToLower(space)) + "/" + rest
		}
	}
	return name
}

// qualify reads the qualifiers that tell packages of distributions apart.
func (p *Package) qualify(qualifiers string) {
	for pair := range strings.SplitSeq(qualifiers, "&") {
		name, value, _ := strings.Cut(pair, "=")
		value = unescape(value)
		switch strings.ToLower(name) {
		case "epoch":
			if p.Type == "rpm" && value != "" && value != "0" && !strings.Contains(p.Version, ":") {
				p.Version = value + ":" + p.Version
			}
		case "distro", "distro_version":
			if r := releaseOf(p.space(), value); r != "" && (p.Release == "" || name == "distro_version") {
				p.Release = r
			}
		case "upstream":
			if p.Type != "rpm" {
				p.Source, _, _ = strings.Cut(strings.ToLower(value), "@")
			}
		}
	}
	if p.Source == lastPart(p.Name) {
		p.Source = ""
	}
}

// space returns the first part of the name, which for packages of distributions is the distribution.
func (p Package) space() string {
	space, _, found := strings.Cut(p.Name, "/")
	if !found {
		return ""
	}
	return space
}

func lastPart(s string) string { return s[strings.LastIndexByte(s, '/')+1:] }
