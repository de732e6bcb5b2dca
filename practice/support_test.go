package practice_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/practicetest"
)

const technologies = `
- {kind: Technology, key: debian, name: Debian, cpes: ["cpe:2.3:o:debian:debian_linux"], cycles: [{name: "13", released: 2025-08-09, security_support: 2028-08-09}, {name: "12", label: "12 (Bookworm)", released: 2023-06-10, security_support: 2026-06-10, extended_support: 2028-06-30}, {name: "3.1", released: 2005-06-06, security_support: 2008-03-31}]}
- {kind: Technology, key: windows-server, name: Microsoft Windows Server, aliases: [windowsserver], cycles: [{name: "2025", released: 2024-11-01, lts: true, security_support: 2034-11-14}, {name: "23h2-ac", released: 2023-10-24, security_support: 2026-05-12}, {name: "2019", released: 2018-11-13, lts: true, security_support: 2029-01-09, latest: 10.0.17763}, {name: "1809-sac", released: 2018-11-13, security_support: 2020-11-10, latest: 10.0.17763}, {name: 2012-r2, released: 2013-11-25, security_support: 2023-10-10, extended_support: 2026-10-13}, {name: "2012", released: 2012-10-30, security_support: 2023-10-10}]}
- {kind: Technology, key: windows, name: Microsoft Windows, cycles: [{name: 11-25h2-e, released: 2025-09-30, security_support: 2028-10-10}, {name: 11-25h2-w, released: 2025-09-30, security_support: 2027-10-12}, {name: 11-24h2-e, label: 11 24H2 (E), released: 2024-10-01, security_support: 2027-10-12, latest: 10.0.26100}, {name: 11-24h2-w, released: 2024-10-01, security_support: 2026-10-13, latest: 10.0.26100}, {name: 10-22h2, released: 2022-10-18, security_support: 2025-10-14, latest: 10.0.19045}]}
- {kind: Technology, key: rhel, name: Red Hat Enterprise Linux, aliases: [redhat], cycles: [{name: "9", released: 2022-05-17, lts: true, security_support: 2032-05-31}, {name: "7", released: 2013-12-11, security_support: 2024-06-30}]}
- {kind: Technology, key: ubuntu, name: Ubuntu, cycles: [{name: "25.10", released: 2025-10-09, security_support: 2026-07-09}, {name: "24.04", released: 2024-04-25, lts: true, security_support: 2029-04-25}, {name: "20.10", released: 2020-10-22, security_support: 2021-07-22}, {name: "20.04", released: 2020-04-23, lts: true, security_support: 2025-05-31}]}
- {kind: Technology, key: centos, name: CentOS, cycles: [{name: "8", security_support: 2021-12-31}, {name: "7", security_support: 2024-06-30}]}
- {kind: Technology, key: opensuse, name: openSUSE, cycles: [{name: "15.6", label: Leap 15.6, security_support: 2026-04-30}, {name: "15.4", label: Leap 15.4, security_support: 2023-12-07}]}
- {kind: Technology, key: sles, name: SUSE Linux Enterprise Server, cycles: [{name: "15.4", security_support: 2023-12-31}, {name: "15.0", security_support: 2019-12-31}]}
- {kind: Technology, key: esxi, name: VMware ESXi, cpes: ["cpe:2.3:o:vmware:esxi"], cycles: [{name: "9.0", released: 2025-06-17, security_support: 2027-09-17}, {name: "8.0", released: 2022-10-11, security_support: 2027-10-11}, {name: "7.0", released: 2020-04-02, security_support: 2025-10-02}]}
- {kind: Technology, key: cisco-ios-xe, name: Cisco IOS XE, cycles: [{name: "17.12", security_support: 2027-07-28}, {name: "16.12", security_support: 2024-01-01}]}
- {kind: Technology, key: ios, name: Apple iOS, cycles: [{name: "15", security_support: 2024-01-01}]}
- {kind: Technology, key: python, name: Python, cpes: ["cpe:2.3:a:python:python"], cycles: [{name: "3.11", security_support: 2027-10-31}, {name: "3.3", security_support: 2017-09-29}, {name: "3.1", security_support: 2012-04-09}]}
- {kind: Technology, key: temurin, name: Eclipse Temurin, cycles: [{name: "17", security_support: 2027-10-31}, {name: "8", security_support: 2030-12-31}]}
- {kind: Technology, key: nodejs, name: Node.js, aliases: [node], package_urls: ["pkg:generic/node"], cycles: [{name: "18", security_support: 2025-04-30}]}
- {kind: Technology, key: mssqlserver, name: Microsoft SQL Server, cpes: ["cpe:2.3:a:microsoft:sql_server"], cycles: [{name: "15.0", label: "2019 'Seattle'", security_support: 2030-01-08}]}
- {kind: Technology, key: postgresql, name: PostgreSQL, package_urls: ["pkg:deb/ubuntu/postgresql"], cycles: [{name: "13", security_support: 2025-11-13}, {name: "9.6", security_support: 2021-11-11}]}
- {kind: Technology, key: angular, name: Angular, package_urls: ["pkg:npm/%40angular/core"], cycles: [{name: "17", security_support: 2025-05-19}]}
- {kind: Technology, key: log4j, name: Apache Log4j, package_urls: ["pkg:maven/org.apache.logging.log4j/log4j-core"], cpes: ["cpe:2.3:a:apache:log4j"], cycles: [{name: "2", supported: true}, {name: "1", unsupported: true}]}
- {kind: Technology, key: macos, name: Apple macOS, cycles: [{name: "26", security_support: 2028-09-30}]}
- {kind: Technology, key: oracle-linux, name: Oracle Linux, cpes: ["cpe:2.3:o:oracle:linux"], cycles: [{name: "8", security_support: 2029-07-31}]}
- {kind: Technology, key: home-made, name: Home made}
`

func supports(t *testing.T, at string) practice.Supports {
	t.Helper()
	snap, err := practicetest.Estate(technologies)
	if err != nil {
		t.Fatal(err)
	}
	return practice.SupportsIn(snap.View(model.MustDate(at)))
}

func found(s practice.Standing) string {
	switch {
	case s.Technology == nil:
		return "nothing"
	case s.Cycle == nil:
		return s.Technology.Key + " ?"
	}
	return s.Technology.Key + " " + s.Cycle.Name
}

func TestInventoryNamesFindTheirRelease(t *testing.T) {
	s := supports(t, "2026-11-21")
	for _, c := range []struct{ maker, name, version, want string }{
		{"", "Windows Server 2012 R2 Standard", "", "windows-server 2012-r2"},
		{"", "Windows Server 2012R2", "", "windows-server 2012-r2"},
		{"", "Microsoft Windows Server 2012 Datacenter", "6.2.9200", "windows-server 2012"},
		{"", "Windows Server", "2019", "windows-server 2019"},
		{"", "Windows Server 2019", "1809", "windows-server 2019"},
		{"", "Windows Server", "10.0.17763", "windows-server 2019"},
		{"", "Windows Server 2008 R2", "", "windows-server ?"},
		{"", "Debian GNU/Linux 12 (bookworm)", "", "debian 12"},
		{"", "Debian", "12.15", "debian 12"},
		{"", "Debian GNU/Linux", "3.11", "debian ?"},
		{"", "Red Hat Enterprise Linux 7.9", "", "rhel 7"},
		{"", "Red Hat Enterprise Linux 7", "7.9", "rhel 7"},
		{"", "redhat", "9.4", "rhel 9"},
		{"", "Ubuntu 20.04.6 LTS", "", "ubuntu 20.04"},
		{"", "Ubuntu", "20", "ubuntu ?"},
		{"", "CentOS Linux 7 (Core)", "", "centos 7"},
		{"", "CentOS Stream 8", "", "nothing"},
		{"", "Microsoft Windows 10 Enterprise 22H2", "", "windows 10-22h2"},
		{"", "Windows 10 Pro", "10.0.19045", "windows 10-22h2"},
		{"", "Windows 11", "25H2", "windows 11-25h2-w"},
		{"", "Windows 11 Enterprise", "25H2", "windows 11-25h2-e"},
		{"", "Windows 11 Enterprise", "10.0.26100", "windows 11-24h2-e"},
		{"", "Windows 11 Pro 24H2", "", "windows 11-24h2-w"},
		{"", "Windows Embedded 8.1", "", "nothing"},
		{"", "openSUSE Leap 15.4", "", "opensuse 15.4"},
		{"", "SUSE Linux Enterprise Server 15 SP4", "", "sles 15.4"},
		{"", "VMware ESXi 7.0.3", "", "esxi 7.0"},
		{"", "ESXi", "7", "esxi 7.0"},
		{"", "Cisco IOS XE 16.12", "", "cisco-ios-xe 16.12"},
		{"Cisco", "IOS XE", "17.12.4", "cisco-ios-xe 17.12"},
		{"Cisco", "IOS", "15.2(7)E13", "nothing"},
		{"", "macOS", "26.1", "macos 26"},
		{"", "Linux Mint 21", "", "nothing"},
		{"", "Linux", "5.4", "nothing"},
		{"", "Oracle Linux Server", "8.9", "oracle-linux 8"},
		{"", "Microsoft SQL Server 2019 Standard", "", "mssqlserver 15.0"},
		{"", "Home made", "1", "home-made ?"},
		{"", "", "", "nothing"},
	} {
		if got := found(s.Named(c.maker, c.name, c.version)); got != c.want {
			t.Errorf("%s %q %q is %s, want %s", c.maker, c.name, c.version, got, c.want)
		}
	}
}

func TestPackagesOnAHostMustBeNamedInFull(t *testing.T) {
	s := supports(t, "2026-11-21")
	for _, c := range []struct{ name, version, want string }{
		{"Python 3.11.4 (64-bit)", "3.11.4150.0", "python 3.11"},
		{"Python 3", "3.11.2", "python 3.11"},
		{"Python 3.11 Standard Library", "3.11.2", "nothing"},
		{"postgresql-13", "13.14-0+deb11u1", "postgresql 13"},
		{"PostgreSQL ODBC Driver", "13.02", "nothing"},
		{"node", "v18.19.0", "nodejs 18"},
		{"Microsoft SQL Server 2019", "15.0.2000.5", "mssqlserver 15.0"},
		{"libc6", "2.36", "nothing"},
	} {
		if got := found(s.Software(model.InstalledSoftware{Name: c.name, Version: c.version})); got != c.want {
			t.Errorf("%q %q is %s, want %s", c.name, c.version, got, c.want)
		}
	}
}

func TestComponentsFindTheirTechnology(t *testing.T) {
	s := supports(t, "2026-11-21")
	for _, c := range []struct{ purl, cpe, version, want string }{
		{"pkg:npm/%40angular/core@17.3.1", "", "", "angular 17"},
		{"pkg:npm/@angular/core@17.3.1", "", "", "angular 17"},
		{"pkg:npm/%40angular/common@17.3.1", "", "", "nothing"},
		{"pkg:maven/org.apache.logging.log4j/log4j-core@2.17.1?type=jar", "", "", "log4j 2"},
		{"pkg:maven/org.apache.logging.log4j/log4j-core", "", "1.2.17", "log4j 1"},
		{"", "cpe:2.3:a:apache:log4j:1.2.17:*:*:*:*:*:*:*", "", "log4j 1"},
		{"", "cpe:/a:apache:log4j:2.17.1", "", "log4j 2"},
		{"pkg:deb/ubuntu/postgresql@1:13.4-4.pgdg20.04+1", "", "", "postgresql 13"},
		{"lodash", "", "4", "nothing"},
		{"", "", "", "nothing"},
	} {
		got := found(s.Component(&model.Component{PackageURL: c.purl, CPE: c.cpe, Version: c.version}))
		if got != c.want {
			t.Errorf("%q %q %q is %s, want %s", c.purl, c.cpe, c.version, got, c.want)
		}
	}
}

func TestCycleOfAVersion(t *testing.T) {
	cycles := func(names ...string) *model.Technology {
		tech := &model.Technology{}
		for _, n := range names {
			tech.Cycles = append(tech.Cycles, model.Cycle{Name: n})
		}
		return tech
	}
	for _, c := range []struct {
		tech    *model.Technology
		version string
		want    string
	}{
		{cycles("12", "11"), "12.4", "12"},
		{cycles("3.11", "3.1"), "3.11.2", "3.11"},
		{cycles("3.1"), "3.11.2", ""},
		{cycles("17", "1"), "17.0.5", "17"},
		{cycles("9.6", "9"), "9.6.24", "9.6"},
		{cycles("17", "8"), "1.8.0_392", "8"},
		{cycles("8"), "8u392", "8"},
		{cycles("20.04"), "20.4", ""},
		{cycles("7.0", "8.0"), "7", "7.0"},
		{cycles("7.0", "7.1"), "7", ""},
		{cycles("1.28"), "v1.28.3-eks-1", "1.28"},
		{cycles("2012", "2012-r2"), "2012 Service Pack 1", "2012"},
		{cycles("2012"), "2012 R2", ""},
		{cycles("rolling"), "Rolling", "rolling"},
		{cycles("12"), "", ""},
		{cycles(), "1", ""},
	} {
		got := ""
		if found := practice.CycleOf(c.tech, c.version); found != nil {
			got = found.Name
		}
		if got != c.want {
			t.Errorf("version %q belongs to %q, want %q", c.version, got, c.want)
		}
	}
}

func TestStateOfSupportOnADay(t *testing.T) {
	full := model.Cycle{ActiveSupport: model.MustDate("2024-06-30"), SecuritySupport: model.MustDate("2026-06-30"), ExtendedSupport: model.MustDate("2028-06-30")}
	for _, c := range []struct {
		name  string
		cycle model.Cycle
		at    string
		want  practice.SupportState
	}{
		{"the last day of active support", full, "2024-06-30", practice.Supported},
		{"the day after", full, "2024-07-01", practice.ActiveEnded},
		{"the last day of security support", full, "2026-06-30", practice.ActiveEnded},
		{"the day after that", full, "2026-07-01", practice.ExtendedOnly},
		{"the last day of extended support", full, "2028-06-30", practice.ExtendedOnly},
		{"after everything", full, "2028-07-01", practice.Unsupported},
		{"ended on a day not known", model.Cycle{Unsupported: true}, "2026-01-01", practice.Unsupported},
		{"ended, but extended", model.Cycle{Unsupported: true, ExtendedSupport: model.MustDate("2027-01-01")}, "2026-01-01", practice.ExtendedOnly},
		{"goes on without a date", model.Cycle{Supported: true}, "2030-01-01", practice.Supported},
		{"goes on, active support has ended", model.Cycle{Supported: true, ActiveEnded: true}, "2030-01-01", practice.ActiveEnded},
		{"only active support is known and not over", model.Cycle{ActiveSupport: model.MustDate("2027-01-01")}, "2026-01-01", practice.Supported},
		{"only active support is known and over", model.Cycle{ActiveSupport: model.MustDate("2025-01-01")}, "2026-01-01", practice.SupportUnknown},
		{"only extended support is known and over", model.Cycle{ExtendedSupport: model.MustDate("2025-01-01")}, "2026-01-01", practice.Unsupported},
		{"nothing is known", model.Cycle{}, "2026-01-01", practice.SupportUnknown},
	} {
		if got := practice.StateOf(&c.cycle, model.MustDate(c.at)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if got := practice.StateOf(nil, model.MustDate("2026-01-01")); got != practice.SupportUnknown {
		t.Errorf("no release: %s", got)
	}
}

func TestNextReleaseIsLaterSupportedAndLongTerm(t *testing.T) {
	for _, c := range []struct{ at, name, version, want string }{
		{"2026-11-21", "Windows Server", "2012 R2", "2025"},
		{"2024-10-01", "Windows Server", "2012 R2", "2019"},
		{"2026-11-21", "Ubuntu", "20.04", "24.04"},
		{"2025-12-01", "Ubuntu", "20.04", "24.04"},
		{"2026-11-21", "Debian", "13.1", ""},
		{"2026-11-21", "Windows 11 Enterprise", "24H2", "11-25h2-e"},
		{"2026-11-21", "VMware ESXi", "7.0", "9.0"},
		{"2026-11-21", "VMware ESXi", "8.0", ""},
		{"2025-06-16", "VMware ESXi", "7.0", "8.0"},
		{"2026-11-21", "openSUSE", "15.4", ""},
		{"2026-01-01", "openSUSE", "15.4", "15.6"},
		{"2028-01-01", "VMware ESXi", "7.0", ""},
	} {
		got := ""
		if next := supports(t, c.at).Named("", c.name, c.version).Next; next != nil {
			got = next.Name
		}
		if got != c.want {
			t.Errorf("on %s from %s %s go to %q, want %q", c.at, c.name, c.version, got, c.want)
		}
	}
}

func TestSupportOfWhatAViewMayNotSeeIsUnknown(t *testing.T) {
	snap, err := practicetest.Estate(technologies)
	if err != nil {
		t.Fatal(err)
	}
	v := snap.View(model.MustDate("2026-11-21"))
	if got := found(practice.SupportsIn(v).Named("", "Debian", "12")); got != "debian 12" {
		t.Fatalf("with full sight: %s", got)
	}
	blind := v.Through(estate.SightFunc(func(rec model.Record) bool { return rec.Base().Key != "debian" }))
	if got := found(practice.SupportsIn(blind).Named("", "Debian", "12")); got != "nothing" {
		t.Errorf("out of sight: %s, want nothing", got)
	}
	deb := snap.Find("Technology", "debian").Base().Ref()
	want := practice.Unsupported
	if got := practice.SupportsIn(v.On(model.MustDate("2030-01-01"))).Use(model.TechnologyUse{Technology: deb, Version: "12.4"}); got.State != want || got.Title() != "Debian 12" || got.Ends() != model.MustDate("2026-06-10") {
		t.Errorf("a use of Debian 12.4 in 2030 is %+v", got)
	}
}

// TestRealReleaseNames reads names of real release lists where they are at hand:
// every release must be found by its own name, and by a patch of it.
func TestRealReleaseNames(t *testing.T) {
	files, _ := filepath.Glob("../../shared/data/05-endoflife/products/*.md")
	if len(files) == 0 {
		t.Skip("the release lists are not at hand")
	}
	name := regexp.MustCompile(`(?m)^  - releaseCycle: "?([^"\n]+)"?`)
	cycles := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tech := &model.Technology{}
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			tech.Cycles = append(tech.Cycles, model.Cycle{Name: strings.TrimSpace(m[1])})
		}
		for _, c := range tech.Cycles {
			cycles++
			if got := practice.CycleOf(tech, c.Name); got == nil || got.Name != c.Name {
				t.Errorf("%s: release %q is taken for %v", filepath.Base(file), c.Name, got)
			}
			patch := c.Name + ".1"
			if strings.Trim(c.Name, "0123456789.") != "" || slices.ContainsFunc(tech.Cycles, func(o model.Cycle) bool { return strings.HasPrefix(o.Name, patch) }) {
				continue
			}
			if got := practice.CycleOf(tech, patch); got == nil || got.Name != c.Name {
				t.Errorf("%s: version %q belongs to %v, want %s", filepath.Base(file), patch, got, c.Name)
			}
		}
	}
	t.Logf("%d releases of %d products", cycles, len(files))
}

func FuzzSupportNames(f *testing.F) {
	for _, s := range []string{"Windows Server 2012 R2 Standard", "pkg:npm/%40angular/core@17", "cpe:2.3:a:apache:log4j:1.2.17:*", "Debian GNU/Linux 12 (bookworm)", "v", "((", "1:2:3", "sp", "r2"} {
		f.Add(s, "12.4")
	}
	snap, err := practicetest.Estate(technologies)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, version string) {
		s := practice.SupportsIn(snap.View(model.MustDate("2026-11-21")))
		for _, got := range []practice.Standing{
			s.Named("", name, version), s.Named(version, name, ""), s.Software(model.InstalledSoftware{Name: name, Version: version}),
			s.Component(&model.Component{PackageURL: name, CPE: version, Version: version}),
		} {
			if got.Cycle != nil && got.Technology == nil {
				t.Errorf("%q %q: a release without a technology", name, version)
			}
			if got.Cycle == nil && got.State != practice.SupportUnknown {
				t.Errorf("%q %q: %s without a release", name, version, got.State)
			}
			if got.State == practice.SupportUnknown && got.Note == "" {
				t.Errorf("%q %q: unknown without a reason", name, version)
			}
		}
	})
}
