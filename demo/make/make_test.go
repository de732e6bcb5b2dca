package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What is in the folder is what the program makes. Where this fails, run it and look at the difference.
func TestFilesAreAsMade(t *testing.T) {
	made, err := files(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	again, err := files(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range made {
		if !bytes.Equal(want, again[name]) {
			t.Errorf("%s: making it twice gives two different files", name)
		}
		got, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
		if err != nil {
			t.Errorf("%v: run go run ./demo/make", err)
			continue
		}
		if strings.HasSuffix(name, ".gz") {
			r, err := gzip.NewReader(bytes.NewReader(got))
			if err != nil {
				t.Fatal(err)
			}
			if got, err = io.ReadAll(r); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the program makes: run go run ./demo/make", name)
		}
	}
}

func TestRunWritesWhatItMakes(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "manifests"), os.DirFS("../manifests")); err != nil {
		t.Fatal(err)
	}
	contracts, err := os.ReadFile("../contracts.csv")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "contracts.csv"), contracts, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"bills/aws.csv.gz", "ledger/2026.csv", "manifests/cost-rules.yaml"} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(name, ".gz") && !bytes.Equal(got, want) {
			t.Errorf("%s differs", name)
		}
	}
	if err := run(t.TempDir()); err == nil {
		t.Error("without manifests there is nothing to make, and no error")
	}
}

func TestNumbersInWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{nano(1_500_000_000).String(), "1.5"}, {nano(-10_000_000).String(), "-0.01"}, {nano(0).String(), "0"}, {nano(7).String(), "0.000000007"},
		{micro(24_500).String(), "0.0245"}, {milli(744_000).String(), "744"}, {cents(-5).String(), "-0.05"}, {cents(123_456).EUR(), "1234.56 EUR"},
		{nano(15_000_000).toCents().String(), "0.02"}, {nano(-15_000_000).toCents().String(), "-0.02"}, {nano(14_999_999).toCents().String(), "0.01"},
		{monthOf(2026, 2).last(), "2026-02-28"}, {monthOf(2024, 12).day(32), "2025-01-01"}, {(monthOf(2025, 12) + 1).String(), "2026-01"}, {monthIn("2026-10-31").words(), "October 2026"},
		{cents(10_000).euros(firstMonth).EUR(), "94.10 EUR"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

// Parts of an amount add up to it to the cent.
func TestSpread(t *testing.T) {
	for _, total := range []cents{0, 1, 11, 100, 18_600_001, -349_167} {
		sum := cents(0)
		for k := range 12 {
			sum += spread(total, k, 12)
		}
		if sum != total {
			t.Errorf("the parts of %v add up to %v", total, sum)
		}
	}
}

// Days of a month add up to what one line for the month would have.
func TestDaysAddUpToMonths(t *testing.T) {
	m := amazon[1]
	for d := 1; d <= 31; d++ {
		if q := m.on(lastMonth, d); (q > 20*m.on(lastMonth, 1)) != (d >= stormFirst && d <= stormLast) {
			t.Errorf("on day %d %v were used", d, q)
		}
	}
	late := m
	late.from = lastMonth + 1
	if got := aws.measured(lastMonth, late, resource{}); len(got) != 0 {
		t.Errorf("%d lines before the first month", len(got))
	}
	sum := milli(0)
	for d := 1; d <= firstMonth.days(); d++ {
		sum += m.on(firstMonth, d)
	}
	got := aws.measured(firstMonth, m, resource{})
	if len(got) != 1 || got[0].quantity != sum || got[0].until != "2024-12-01" {
		t.Errorf("the month has %d lines, the first with %v; the days have %v", len(got), got[0].quantity, sum)
	}
}

// A salary is paid thirteen times a year, the thirteenth with that of May.
func TestSalariesOfAYear(t *testing.T) {
	tm := team{key: "x", name: "Nobody has left", centre: "1", positions: 10, position: 1_000_000}
	sum := cents(0)
	for m := 1; m <= 12; m++ {
		p := tm.salaries(monthOf(2026, m))
		if noise(tm.name+p.on.String()) > 500 {
			p.amount = p.amount * 10 / 9 // somebody was missing
		}
		sum += p.amount
	}
	if sum < 9_990_000 || sum > 10_000_100 {
		t.Errorf("the year costs %v, not about 100000.00", sum)
	}
}

func TestTags(t *testing.T) {
	for in, want := range map[string]string{
		tagApp: `{"application":"mobile-app","team":"commerce","environment":"production","cost-centre":"2100"}`, teamSafe: `{"team":"security","environment":"production","cost-centre":"1300"}`, "": "",
	} {
		if diff := cmp.Diff(want, tagsOf(in)); diff != "" {
			t.Error(diff)
		}
	}
}

// Contracts are booked while they hold: a predecessor at an older price, nothing after an end that was agreed.
func TestPostingsOfAContract(t *testing.T) {
	c := contract{key: "some", number: "HL-1", name: "Something", vendorNumber: "70001", centre: "1110", state: "active", start: monthOf(2025, 7), annual: 1_200_000}
	ended := c
	ended.state, ended.end = "ended", monthOf(2026, 1)
	first := c
	first.key = "lantern-catalogue"
	for _, x := range []struct {
		what string
		c    contract
		on   month
		want cents
	}{
		{"in the term", c, monthOf(2026, 1), 100_000}, {"the contract before", c, monthOf(2025, 6), 97_000}, {"the last month", ended, monthOf(2026, 1), 100_000},
		{"after the end", ended, monthOf(2026, 2), 0}, {"before the first contract", first, monthOf(2025, 6), 0},
	} {
		p, _ := x.c.posting(x.on)
		if p.amount != x.want {
			t.Errorf("%s: %v is booked, not %v", x.what, p.amount, x.want)
		}
	}
	if day := lastMonth.first().Weekday(); day != time.Thursday {
		t.Errorf("October 2026 begins on a %v", day)
	}
}

// Events of one sort have numbers of their own, end after they begin, lie in the two years, and name parents that are there.
func TestEventsHangTogether(t *testing.T) {
	rows := deliveries().rows
	if len(rows) < 8_000 || len(rows) > 12_000 {
		t.Errorf("there are %d events", len(rows))
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if id := r[0] + " " + r[1] + " " + r[6]; seen[id] {
			t.Errorf("%s is there twice", id)
		} else {
			seen[id] = true
		}
	}
	of := map[string]string{"commit": "change", "review": "change", "build": "", "deployment": "", "incident": "deployment"}
	merges := map[string]bool{}
	for _, r := range rows {
		if r[0] == "change" {
			merges[r[1]+" "+r[7]] = true
		}
	}
	for _, r := range rows {
		if r[9] < r[8] || r[8] < "2024-08" || r[9] > "2026-11-21" {
			t.Errorf("%s %s of %s is from %s to %s", r[0], r[6], r[1], r[8], r[9])
		}
		if sort := of[r[0]]; sort != "" && !seen[sort+" "+r[1]+" "+r[7]] {
			t.Errorf("%s %s of %s names the %s %s, which is not there", r[0], r[6], r[1], sort, r[7])
		}
		if r[0] == "deployment" && r[7] != "" && !merges[r[1]+" "+r[7]] {
			t.Errorf("deployment %s of %s brings %s, which nobody merged", r[6], r[1], r[7])
		}
	}
}

// Nothing planned goes to production while everything is frozen, but for one Saturday.
func TestFreezesAreKept(t *testing.T) {
	var broken []string
	for _, r := range deliveries().rows {
		at, err := time.Parse(time.RFC3339, r[8])
		if err != nil {
			t.Fatal(err)
		}
		if r[0] == "deployment" && r[5] == "planned" && frozen(at) {
			broken = append(broken, r[1]+" "+r[8][:10])
		}
	}
	if diff := cmp.Diff([]string{"commerce/web-shop 2026-10-24"}, broken); diff != "" {
		t.Error(diff)
	}
}
