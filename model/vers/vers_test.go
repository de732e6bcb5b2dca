package vers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/model/vers"
)

func TestOrders(t *testing.T) {
	// Each list rises.
	tests := map[string][]string{
		"npm":      {"1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.10.0"},
		"golang":   {"v0.0.0-20190802002840-cff245a6509b", "0.0.1", "v1.2.3-rc.1", "v1.2.3", "go1.20.1"},
		"maven":    {"1.0-alpha-1", "1.0-beta-1", "1.0-rc1", "1.0-SNAPSHOT", "1.0", "1.0-sp1", "1.0.1", "1.10"},
		"pypi":     {"1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.1", "1!0.1"},
		"deb":      {"1.0~rc1-1", "1.0-1", "1.0-1+deb12u1", "1.0-2", "1:0.9-1"},
		"rpm":      {"1.0~rc1-1", "1.0-1.el8", "1.0-2.el8", "1:0.9-1.el8"},
		"apk":      {"1.0_alpha", "1.0_rc1", "1.0", "1.0-r1", "1.0.1-r0"},
		"gem":      {"1.0.a", "1.0", "1.0.1", "1.10"},
		"composer": {"1.0.0-alpha", "1.0.0-RC1", "1.0.0", "1.0.1"},
		"nuget":    {"1.0.0-alpha", "1.0.0", "1.0.0.1", "1.2"},
	}
	for scheme, rising := range tests {
		for i := range rising[1:] {
			if c, err := vers.Compare(scheme, rising[i], rising[i+1]); err != nil || c >= 0 {
				t.Errorf("%s: %s against %s is %d, %v; it is lower", scheme, rising[i], rising[i+1], c, err)
			}
		}
	}
	if _, err := vers.Compare("generic", "1", "2"); err == nil {
		t.Error("generic versions have an order")
	}
}

func TestContains(t *testing.T) {
	tests := []struct {
		text    string
		in, out []string
	}{
		{"vers:maven/>=2.0|<2.15.0", []string{"2.0", "2.14.1", "2.15.0-rc1"}, []string{"1.9", "2.15.0", "3"}},
		{"vers:npm/1.2.3|>=2.0.0|<5.0.0", []string{"1.2.3", "2.0.0", "4.9.9"}, []string{"1.2.4", "1.9.9", "5.0.0"}},
		{"vers:npm/*", []string{"0.0.0", "9.9.9"}, nil},
		{"vers:npm/>=0|<1.0.0", []string{"0.0.0-alpha", "0.9.9"}, []string{"1.0.0"}},
		{"vers:npm/>=1.0.0", []string{"1.0.0", "99.0.0"}, []string{"0.9.9"}},
		{"vers:npm/<=1.0.0", []string{"0.0.1", "1.0.0"}, []string{"1.0.1"}},
		{"vers:npm/>1.0.0", []string{"1.0.1"}, []string{"1.0.0"}},
		{"vers:npm/!=1.0.0", []string{"0.9.0", "1.0.1"}, []string{"1.0.0"}},
		{"vers:npm/>=1.0.0|!=1.5.0|<2.0.0", []string{"1.0.0", "1.5.1"}, []string{"1.5.0", "2.0.0"}},
		{"vers:npm/<1.0.0|>=2.0.0|<3.0.0|>=4.0.0", []string{"0.1.0", "2.5.0", "4.0.0"}, []string{"1.0.0", "3.0.0", "3.9.9"}},
		{"vers:pypi/1.0", []string{"1.0", "1.0.0"}, []string{"1.0.1"}},
		{"vers:deb/>=1%3A2.0-1|<1:3.0", []string{"1:2.0-1"}, []string{"2.5", "1:3.0"}},
		{"vers:generic/alpha|beta", []string{"alpha", "beta"}, []string{"gamma"}},
		{"vers:generic/>=1|<2", nil, []string{"1", "1.5"}},
		// These are not canonical, and mean what they say.
		{" vers:NPM/ <2.0.0 | >=1.0.0 ", []string{"1.5.0"}, []string{"0.5.0", "2.0.0"}},
		{"vers:pypi/>=3.0.0|2.0.3", []string{"2.0.3", "3.0.0", "4"}, []string{"2.0.2", "2.9"}},
		{"vers:npm/<1.0.0|<2.0.0", []string{"1.5.0"}, []string{"2.0.0"}},
		{"vers:npm/>1.0.0|>2.0.0", []string{"1.5.0"}, []string{"1.0.0"}},
	}
	for _, test := range tests {
		r, err := vers.Parse(test.text)
		if err != nil {
			t.Errorf("%s: %v", test.text, err)
			continue
		}
		for _, v := range test.in {
			if !r.Contains(v) {
				t.Errorf("%s has no %s in it", test.text, v)
			}
		}
		for _, v := range test.out {
			if r.Contains(v) {
				t.Errorf("%s has %s in it", test.text, v)
			}
		}
	}
}

func TestParseStrict(t *testing.T) {
	for _, good := range []string{
		"vers:npm/1.2.3", "vers:npm/*", "vers:npm/>=1.0.0|<2.0.0", "vers:npm/1.0.0|1.1.0|>=2.0.0|!=2.1.0|<3.0.0", "vers:maven/>=2.0-beta9|<2.15.0", "vers:deb/>=1:2.0%2Bdfsg-1",
	} {
		r, err := vers.ParseStrict(good)
		if err != nil {
			t.Errorf("%s: %v", good, err)
		} else if r.String() != good {
			t.Errorf("%s is written %s", good, r)
		}
	}
	bad := [][2]string{
		{"npm/1.0", "not a range"}, {"vers:npm", "not a range"}, {"vers:npm/", "no version"}, {"VERS:npm/1.0.0", "lower case"}, {"vers:NPM/1.0.0", "lower case"},
		{"vers:npm/ 1.0.0", "no spaces"}, {"vers:npm/>=2.0.0|<1.0.0", "sort them"}, {"vers:npm/1.0.0|1.0.0", "twice"}, {"vers:npm/=1.0.0", "must be written"},
		{"vers:npm/1.0.0%2b1", "must be written"}, {"vers:npm/%31.0.0", "must be written"}, {"vers:npm/1.0.0|*", "stands alone"}, {"vers:npm/>=1.0.0|>2.0.0", "same side"},
		{"vers:npm/<1.0.0|<=2.0.0", "same side"}, {"vers:npm/1.0.0|<2.0.0", "leave the exact version out"}, {"vers:npm/>=1.0.0||<2.0.0", "no version"},
		{"vers:npm/1.0.0%zz", "not encoded"}, {"vers:pypi/>=3.0.0|2.0.3", "sort them"}, {"vers:pypi/1.0|1.0.0", "the same"},
	}
	for _, row := range bad {
		if r, err := vers.ParseStrict(row[0]); err == nil {
			t.Errorf("%s was read as %v", row[0], r)
		} else if !strings.Contains(err.Error(), row[1]) {
			t.Errorf("%s: %v; it should say %q", row[0], err, row[1])
		}
	}
}

func TestEventsOfOSV(t *testing.T) {
	two := []vers.Event{{Introduced: "1.0.0"}, {Fixed: "1.0.2"}, {Introduced: "3.0.0"}, {Fixed: "3.2.5"}}
	last := []vers.Event{{Introduced: "0"}, {LastAffected: "2.1.214"}}
	fixed := []vers.Event{{Introduced: "0"}, {Fixed: "2.1.214"}}
	limited := []vers.Event{{Introduced: "1.0.0"}, {Limit: "2.0.0"}}
	tests := []struct {
		scheme  string
		events  []vers.Event
		vers    string
		in, out []string
	}{
		{"npm", two, "vers:npm/>=1.0.0|<1.0.2|>=3.0.0|<3.2.5", []string{"1.0.0", "1.0.1", "3.2.4", "1.0.2-rc.1"}, []string{"1.0.2", "2.9.9", "3.2.5", "1.0.0-rc.1"}},
		{"npm", []vers.Event{two[3], two[0], two[2], two[1]}, "vers:npm/>=1.0.0|<1.0.2|>=3.0.0|<3.2.5", []string{"1.0.1", "3.2.4"}, []string{"2.9.9"}},
		{"maven", last, "vers:maven/>=0|<=2.1.214", []string{"2.1.214", "0.1"}, []string{"2.1.215"}},
		{"maven", fixed, "vers:maven/>=0|<2.1.214", []string{"2.1.213"}, []string{"2.1.214"}},
		{"npm", limited, "vers:npm/>=1.0.0|<2.0.0", []string{"1.9.9"}, []string{"0.9.0", "2.0.0"}},
		{"npm", append(slices.Clone(limited), vers.Event{Limit: "3.0.0"}), "vers:npm/>=1.0.0|<3.0.0", []string{"2.9.9"}, []string{"3.0.0"}},
		{"npm", append(slices.Clone(limited), vers.Event{Limit: "*"}), "vers:npm/>=1.0.0", []string{"9.0.0"}, []string{"0.9.0"}},
		{"npm", []vers.Event{{Introduced: "1.0.0"}, {LastAffected: "1.0.0"}}, "vers:npm/1.0.0", []string{"1.0.0"}, []string{"1.0.1"}},
		{"npm", []vers.Event{{Introduced: "0"}}, "vers:npm/>=0", []string{"0.0.0-a", "1.0.0"}, nil},
	}
	for _, test := range tests {
		r, some, err := vers.FromEvents(test.scheme, test.events)
		if err != nil || !some || r.String() != test.vers {
			t.Errorf("%v is %s, %v; want %s", test.events, r, err, test.vers)
		}
		if _, err := vers.ParseStrict(r.String()); err != nil {
			t.Errorf("%s is not canonical: %v", r, err)
		}
		for want, versions := range map[bool][]string{true: test.in, false: test.out} {
			for _, v := range versions {
				if got, err := vers.Affected(test.scheme, test.events, v); err != nil || got != want {
					t.Errorf("%v: %s is affected: %v, %v; want %v", test.events, v, got, err, want)
				}
				if got := r.Contains(v); got != want {
					t.Errorf("%s: %s is inside: %v; want %v", r, v, got, want)
				}
			}
		}
	}
	if _, some, err := vers.FromEvents("npm", []vers.Event{{Introduced: "1.0.0"}, {Fixed: "1.0.0"}}); some || err != nil {
		t.Errorf("a range without versions has some: %v", err)
	}
}

// TestEventsAndRangesAgree is a law: what the algorithm of OSV says of events, the range that is written for them says too.
func TestEventsAndRangesAgree(t *testing.T) {
	version := rapid.Custom(func(t *rapid.T) string {
		v := fmt.Sprintf("%d.%d.0", rapid.IntRange(0, 3).Draw(t, "major"), rapid.IntRange(0, 3).Draw(t, "minor"))
		return v + rapid.SampledFrom([]string{"", "", "-rc.1"}).Draw(t, "pre")
	})
	rapid.Check(t, func(t *rapid.T) {
		bound := rapid.Bool().Draw(t, "fixed")
		var events []vers.Event
		at := map[string]bool{}
		for range rapid.IntRange(1, 6).Draw(t, "n") {
			v := version.Draw(t, "at")
			if at[v] {
				continue // Which of two events at one version counts is not told.
			}
			at[v] = true
			switch {
			case rapid.Bool().Draw(t, "introduced"):
				events = append(events, vers.Event{Introduced: rapid.SampledFrom([]string{v, v, "0"}).Draw(t, "or 0")})
			case bound:
				events = append(events, vers.Event{Fixed: v})
			default:
				events = append(events, vers.Event{LastAffected: v})
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "limited") == 0 {
			events = append(events, vers.Event{Limit: version.Draw(t, "limit")})
		}
		r, some, err := vers.FromEvents("npm", events)
		if err != nil {
			t.Fatal(err)
		}
		for range 8 {
			v := version.Draw(t, "version")
			want, err := vers.Affected("npm", events, v)
			if err != nil {
				t.Fatal(err)
			}
			if got := some && r.Contains(v); got != want {
				t.Fatalf("%v: %s is affected: %v, and inside %s: %v", events, v, want, r, got)
			}
		}
		if some {
			if _, err := vers.ParseStrict(r.String()); err != nil {
				t.Fatalf("%v: %s is not canonical: %v", events, r, err)
			}
		}
	})
}

func TestPackageURLs(t *testing.T) {
	tests := []struct {
		purl, key, version, release string
	}{
		{"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar", "maven/org.apache.logging.log4j/log4j-core", "2.14.1", ""},
		{"pkg:npm/%40Angular/Core@12.0.0", "npm/@angular/core", "12.0.0", ""},
		{"pkg:npm/@angular/core@12.0.0", "npm/@angular/core", "12.0.0", ""},
		{"pkg:npm/@angular/core", "npm/@angular/core", "", ""},
		{"pkg:pypi/Zope.Interface_x@5", "pypi/zope-interface-x", "5", ""},
		{"pkg:golang/github.com/Masterminds/goutils@v1.1.0#sub", "golang/github.com/masterminds/goutils", "1.1.0", ""},
		{"pkg:golang/std@go1.20.3", "golang/stdlib", "1.20.3", ""},
		{"pkg:golang/example.com/a@1.0.0%2Bincompatible", "golang/example.com/a", "1.0.0+incompatible", ""},
		{"pkg:gem/Rails@6.0", "gem/Rails", "6.0", ""},
		{"pkg:nuget/Newtonsoft.Json@13.0.1", "nuget/newtonsoft.json", "13.0.1", ""},
		{"pkg:deb/debian/curl@7.88.1-10?arch=amd64&distro=debian-12", "deb/debian/curl", "7.88.1-10", "12"},
		{"pkg:deb/debian/libcurl4@7.88.1-10?distro=bookworm&upstream=curl", "deb/debian/curl", "7.88.1-10", "12"},
		{"pkg:deb/ubuntu/curl@7.81.0?distro=jammy", "deb/ubuntu/curl", "7.81.0", "22.04"},
		{"pkg:apk/alpine/libcrypto3@3.1.4-r0?distro=3.18.4&upstream=openssl", "apk/alpine/openssl", "3.1.4-r0", "3.18"},
		{"pkg:rpm/rhel/openssl@3.0.7-1.el9?epoch=1&distro=rhel-9.2", "rpm/redhat/openssl", "1:3.0.7-1.el9", "9"},
		{"pkg:github/actions/Checkout@v3", "githubactions/actions/checkout", "v3", ""},
		{"PKG:NPM/lodash@4", "npm/lodash", "4", ""},
	}
	for _, test := range tests {
		p, err := vers.ParseURL(test.purl)
		if err != nil || p.SourceKey() != test.key || p.Version != test.version || p.Release != test.release {
			t.Errorf("%s is %s %s %s, %v; want %s %s %s", test.purl, p.SourceKey(), p.Version, p.Release, err, test.key, test.version, test.release)
		}
	}
	for _, bad := range []string{"", "lodash", "pkg:", "pkg:npm", "pkg:npm/", "npm:lodash/x"} {
		if p, err := vers.ParseURL(bad); err == nil {
			t.Errorf("%q is %v", bad, p)
		}
	}
}

func TestEcosystems(t *testing.T) {
	tests := [][4]string{
		{"Maven", "org.apache.logging.log4j:log4j-core", "pkg:maven/org.apache.logging.log4j/log4j-core", ""},
		{"npm", "@angular/core", "pkg:npm/%40angular/core", ""}, {"PyPI", "Django", "pkg:pypi/django", ""}, {"Go", "github.com/gin-gonic/gin", "pkg:golang/github.com/gin-gonic/gin", ""},
		{"Debian:12", "curl", "pkg:deb/debian/curl", "12"}, {"Ubuntu:22.04:LTS", "curl", "pkg:deb/ubuntu/curl", "22.04"}, {"Alpine:v3.18", "openssl", "pkg:apk/alpine/openssl", "3.18"},
		{"Red Hat:enterprise_linux:9::baseos", "openssl", "pkg:rpm/redhat/openssl", "9"}, {"Red Hat:rhel_eus:8.4::baseos", "openssl", "pkg:rpm/redhat/openssl", "rhel_eus:8.4::baseos"},
		{"SUSE:Linux Enterprise Server 15 SP4", "openssl", "pkg:rpm/suse/openssl", "15.4"}, {"crates.io", "tokio", "pkg:cargo/tokio", ""}, {"Packagist", "Symfony/http-kernel", "pkg:composer/symfony/http-kernel", ""},
	}
	for _, test := range tests {
		p, ok := vers.InEcosystem(test[0], test[1])
		if !ok || p.URL() != test[2] || p.Release != test[3] {
			t.Errorf("%s %s is %s %s", test[0], test[1], p.URL(), p.Release)
		}
	}
	if _, ok := vers.InEcosystem("Somewhere", "x"); ok {
		t.Error("an ecosystem that nobody knows has package URLs")
	}
}

func TestCanonical(t *testing.T) {
	r, err := vers.Parse("vers:pypi/2.0|1.0|1.0.0|1.10")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("vers:pypi/1.0|1.10|2.0", r.Canonical().String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"vers:npm/>=1.0.0|<2.0.0", "vers:deb/1:2%2B3~x|!=4", "vers:maven/*", "vers:pypi/>=3.0.0|2.0.3", "vers:/", "vers:gem/<\xff"} {
		f.Add(seed, "1.0.0")
	}
	f.Fuzz(func(t *testing.T, text, version string) {
		loose, err := vers.Parse(text)
		strict, wrong := vers.ParseStrict(text)
		if wrong == nil && (err != nil || strict.String() != text) {
			t.Fatalf("%q is canonical and is written %q, %v", text, strict, err)
		}
		if err == nil {
			loose.Contains(version)
			loose.Canonical()
		}
	})
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"pkg:npm/%40a/b@1", "pkg:deb/debian/x@1?distro=12&epoch=%zz", "pkg:rpm/a/b@c#d", "pkg:///"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, purl string) {
		p, err := vers.ParseURL(purl)
		if err != nil {
			return
		}
		if again, err := vers.ParseURL(p.URL()); p.URL() != "" && err == nil && again.URL() != p.URL() {
			t.Fatalf("%q is %q and then %q", purl, p.URL(), again.URL())
		}
	})
}
