package assets

import (
	"testing"

	"binnacle/model"
)

// TestAgainst compares what inventories find with versions as licences have them.
func TestAgainst(t *testing.T) {
	for _, c := range []struct {
		name, version, licence string
		want                   order
	}{
		{"Database", "19.3.0", "19", same},
		{"Database", "19.3.0", "19.3", same},
		{"Database", "19", "19.3", same},
		{"Database 19c Enterprise (64-bit)", "", "19", same},
		{"Database", "18.9", "19", older},
		{"Database", "21.1", "19", newer},
		{"Database", "9.2", "10", older},
		{"Server 2019 Standard (64-bit)", "15.0.2000", "2022", older},
		{"Server 2022 Standard", "16.0.1000", "2022", same},
		{"Server 2022 Standard", "16.0.1000", "2019", newer},
		{"Desktop", "2022.3.1", "2022", same},
		{"Server", "15.0.2000", "2019", unknownOrder},
		{"Server", "", "19", unknownOrder},
		{"Server Enterprise", "", "Enterprise", same},
		{"Server Standard", "", "Enterprise", unknownOrder},
		{"Tool", "v3.1-rc2", "3", same},
	} {
		if got := (release{name: c.name, version: c.version}).against(c.licence); got != c.want {
			t.Errorf("%s %s against %s: %d and not %d", c.name, c.version, c.licence, got, c.want)
		}
	}
}

// TestCovers walks through the rights of one licence for version 10.
func TestCovers(t *testing.T) {
	day := model.MustDate
	at := day("2027-01-15")
	ten, nine, eleven := release{name: "Tool", version: "10.4"}, release{name: "Tool", version: "9"}, release{name: "Tool", version: "11", released: day("2025-06-01")}
	for _, c := range []struct {
		text    string
		licence model.Licence
		found   release
		want    bool
	}{
		{"its own version", model.Licence{Version: "10"}, ten, true},
		{"an older one", model.Licence{Version: "10"}, nine, false},
		{"an older one, with the right to", model.Licence{Version: "10", Downgrade: true}, nine, true},
		{"a newer one", model.Licence{Version: "10", Downgrade: true}, eleven, false},
		{"a newer one, while maintenance lasts", model.Licence{Version: "10", Upgrade: true, Perpetual: true, Maintenance: day("2027-12-31")}, eleven, true},
		{"a newer one that came before maintenance ended", model.Licence{Version: "10", Upgrade: true, Perpetual: true, Maintenance: day("2025-12-31")}, eleven, true},
		{"a newer one that came after maintenance ended", model.Licence{Version: "10", Upgrade: true, Perpetual: true, Maintenance: day("2025-05-31")}, eleven, false},
		{"a newer one, for ever and without maintenance", model.Licence{Version: "10", Upgrade: true, Perpetual: true}, eleven, false},
		{"a newer one, by subscription", model.Licence{Version: "10", Upgrade: true}, eleven, true},
		{"any version", model.Licence{}, eleven, true},
		{"a version that nobody knows", model.Licence{Version: "10"}, release{name: "Tool"}, true},
	} {
		if got := (right{Licence: &c.licence}).covers(c.found, at); got != c.want {
			t.Errorf("%s: %t", c.text, got)
		}
	}
}

// FuzzRelease takes names and versions apart: it never fails, a version is the same as itself, and older is the other side of newer.
func FuzzRelease(f *testing.F) {
	for _, seed := range [][2]string{{"19.3.0", "19"}, {"2022.1", "2019"}, {"v3-rc1", "64-bit"}, {"999999999999999999999", "1:2"}, {"", "x"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if got := (release{version: a}).against(a); got == older || got == newer {
			t.Errorf("%q is not the same as itself: %d", a, got)
		}
		there, back := (release{version: a}).against(b), (release{version: b}).against(a)
		if there == older && back == older || there == newer && back == newer {
			t.Errorf("%q and %q are each %d than the other", a, b, there)
		}
		_ = bare(a)
		_ = packageName(a)
	})
}
