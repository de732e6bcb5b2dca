package vers

import (
	"regexp"
	"strings"
)

// ecosystem is an ecosystem of OSV as a package URL has it.
type ecosystem struct {
	kind string
	// space is the namespace of its packages, for distributions.
	space string
}

// ecosystems are the ecosystems of OSV whose packages have package URLs.
var ecosystems = map[string]ecosystem{
	"AlmaLinux": {"rpm", "almalinux"}, "Alpaquita": {"apk", "alpaquita"}, "Alpine": {"apk", "alpine"}, "Azure Linux": {"rpm", "azurelinux"},
	"BellSoft Hardened Containers": {"apk", "bellsoft-hardened-containers"}, "Bioconductor": {"bioconductor", ""}, "Bitnami": {"bitnami", ""}, "CRAN": {"cran", ""},
	"Chainguard": {"apk", "chainguard"}, "ConanCenter": {"conan", ""}, "Debian": {"deb", "debian"}, "Echo": {"deb", "echo"},
	"GitHub Actions": {githubType, ""}, "Go": {"golang", ""}, "Hackage": {"hackage", ""}, "Hex": {"hex", ""}, "Julia": {"julia", ""},
	"Mageia": {"rpm", "mageia"}, "Maven": {"maven", ""}, "MinimOS": {"apk", "minimos"}, "NuGet": {"nuget", ""}, "Packagist": {"composer", ""}, "Photon OS": {"rpm", "photon"},
	"Pub": {"pub", ""}, "PyPI": {"pypi", ""}, "Red Hat": {"rpm", "redhat"}, "Rocky Linux": {"rpm", "rocky-linux"}, "RubyGems": {"gem", ""},
	"SUSE": {"rpm", "suse"}, "SwiftURL": {"swift", ""}, "Ubuntu": {"deb", "ubuntu"}, "VSCode": {"vscode", ""}, "Wolfi": {"apk", "wolfi"}, "crates.io": {"cargo", ""},
	"npm": {"npm", ""}, "openEuler": {"rpm", "openeuler"}, "openSUSE": {"rpm", "opensuse"},
}

// KnownEcosystem reports whether the packages of an ecosystem of OSV, such as Maven or Debian:12, have package URLs.
func KnownEcosystem(name string) bool {
	base, _, _ := strings.Cut(name, ":")
	_, ok := ecosystems[base]
	return ok
}

// InEcosystem returns the package with a name in an ecosystem of OSV, such as Maven or Debian:12. It reports false for
// ecosystems whose packages have no package URLs.
func InEcosystem(name, pkg string) (Package, bool) {
	base, _, _ := strings.Cut(name, ":")
	e, ok := ecosystems[base]
	pkg = strings.Trim(pkg, "/")
	if !ok || pkg == "" {
		return Package{}, false
	}
	if e.space != "" {
		pkg = e.space + "/" + pkg
	}
	p := Package{Type: e.kind, Name: normal(e.kind, pkg), Release: ReleaseOf(name)}
	return p, p.Name != ""
}

// SchemeOf returns the scheme of the versions of a package: that of its ecosystem in OSV where it is known, else the type of its package URL.
func SchemeOf(name, purl string) string {
	base, _, _ := strings.Cut(name, ":")
	if e, ok := ecosystems[base]; ok {
		return e.kind
	}
	if p, err := ParseURL(purl); err == nil {
		return p.Type
	}
	return ""
}

// ReleaseOf returns the release that an ecosystem of OSV names behind a colon, in the form of [Package.Release]: 12 for
// Debian:12, 22.04 for Ubuntu:22.04:LTS, 3.18 for Alpine:v3.18, 9 for Red Hat:enterprise_linux:9::baseos. It is empty where none is named.
func ReleaseOf(name string) string {
	base, suffix, _ := strings.Cut(name, ":")
	e, ok := ecosystems[base]
	if !ok || e.space == "" || suffix == "" {
		return ""
	}
	if base == "Red Hat" && !strings.HasPrefix(suffix, "enterprise_linux") {
		// Another product, such as extended support of one minor release, whose packages are not those of the release itself.
		return suffix
	}
	return releaseOf(e.space, suffix)
}

// codenames are the names of releases that tools write in place of their numbers.
var codenames = map[string]string{
	"wheezy": "7", "jessie": "8", "stretch": "9", "buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14",
	"trusty": "14.04", "xenial": "16.04", "bionic": "18.04", "focal": "20.04", "jammy": "22.04", "noble": "24.04", "oracular": "24.10", "plucky": "25.04", "questing": "25.10",
}

// minors are the distributions whose releases are told apart by more than their first number.
var minors = map[string]bool{"ubuntu": true, "alpine": true, "opensuse": true, "suse": true, "openeuler": true}

var (
	number      = regexp.MustCompile(`\d+(\.\d+)?`)
	servicePack = regexp.MustCompile(`(\d+)[ -]*sp[ -]*(\d+)`)
)

// releaseOf finds the release of a distribution in a text such as debian-12.4, bookworm, v3.18, el9 or Linux Enterprise Server 15 SP4.
func releaseOf(distribution, text string) string {
	text = strings.ToLower(text)
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '-' || r == ':' || r == '_' || r == ' ' }) {
		if n := codenames[word]; n != "" {
			return n
		}
	}
	if m := servicePack.FindStringSubmatch(text); m != nil {
		return m[1] + "." + m[2]
	}
	n := number.FindString(text)
	if !minors[distribution] {
		n, _, _ = strings.Cut(n, ".")
	}
	return n
}

// distribution returns the namespace that OSV uses for a distribution of RPM packages, because tools use several.
func distribution(space string) string {
	switch space {
	case "rhel", "red-hat":
		return "redhat"
	case "rocky", "rockylinux":
		return "rocky-linux"
	case "alma":
		return "almalinux"
	case "sles", "sled":
		return "suse"
	case "opensuse-leap", "opensuse-tumbleweed":
		return "opensuse"
	}
	return space
}
