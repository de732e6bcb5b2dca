package assets_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice/assets"
	"binnacle/practice/practicetest"
)

func TestScripts(t *testing.T) { practicetest.Run(t, "testdata", &assets.Practice) }

// TestCores holds the published examples of counting cores: at least 4 for each
// physical processor, and at least 4 for each virtual machine, in packs of two.
func TestCores(t *testing.T) {
	vm := func(cpus int) *model.Host { return &model.Host{Type: "virtual", CPUs: cpus} }
	metal := func(sockets, cpus int) *model.Host {
		return &model.Host{Type: "physical", Sockets: sockets, CPUs: cpus}
	}
	for _, c := range []struct {
		name         string
		host         *model.Host
		cores, packs int
		unknown      bool
	}{
		{"a virtual machine with 2 cores", vm(2), 4, 2, false},
		{"a virtual machine with 6 cores", vm(6), 6, 3, false},
		{"a machine with 2 processors of 2 cores", metal(2, 4), 8, 4, false},
		{"a machine with 2 processors of 16 cores", metal(2, 32), 32, 16, false},
		{"a machine that does not say how many processors it has counts as one", metal(0, 2), 4, 2, false},
		{"a virtual machine that does not say its cores counts the minimum", vm(0), 4, 2, true},
		{"5 cores are 3 packs", vm(5), 5, 3, false},
	} {
		cores, known := assets.Cores(c.host, 4, 4)
		if cores != c.cores || (cores+1)/2 != c.packs || known == c.unknown {
			t.Errorf("%s: %d cores, known %t: %d are right", c.name, cores, known, c.cores)
		}
	}
}

// estateOf makes an estate of records. An inventory has been on one more machine, which has nothing that is licensed.
func estateOf(t interface{ Fatal(...any) }, records ...model.Record) estate.View {
	bystander := &model.Host{Software: []model.InstalledSoftware{{Name: "Editor"}}}
	bystander.Key = "bystander"
	records = append(slices.Clone(records), bystander)
	for i, rec := range records {
		rec.Base().ID, rec.Base().Version = practicetest.IDOf(i+1), 1
	}
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values(records))
	if err != nil {
		t.Fatal(err)
	}
	return snap.View(model.MustDate("2027-01-15"))
}

// licence is a licence of the Database, in cores by packs of two, with a price of 100.
func licence(key string, quantity float64) *model.Licence {
	l := &model.Licence{Product: "Database", Metric: "core", Quantity: quantity, PackSize: 2, MinPerMachine: 4, MinPerProcessor: 4, UnitPrice: model.MustMoney("100 EUR"), AuditClause: true, Names: []string{"Database*"}}
	l.Key = key
	return l
}

func machine(key string, cpus int, version string) *model.Host {
	h := &model.Host{Type: "virtual", CPUs: cpus, Software: []model.InstalledSoftware{{Name: "Database", Version: version}}}
	h.Key = key
	return h
}

func position(t interface{ Fatal(...any) }, v estate.View) assets.PositionOut {
	out, err := assets.Position(v, assets.PositionIn{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestThirtyMachines: 30 virtual machines of 2 cores take 120.
func TestThirtyMachines(t *testing.T) {
	records := []model.Record{licence("db", 100)}
	for i := range 30 {
		records = append(records, machine(fmt.Sprintf("vm-%02d", i), 2, "1"))
	}
	row := position(t, estateOf(t, records...)).Table.Rows[0]
	if row.Used != 120 || row.Shortfall != 20 || row.Packs != 10 || row.Cost.String() != "2000 EUR" || len(row.From) != 31 {
		t.Errorf("%+v", row)
	}
}

// TestPositionAddsUp: licences in two pools that have nothing to do with each other
// have together what each has alone.
func TestPositionAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := func(pool string) []model.Record {
			l := licence("db-"+pool, float64(rapid.IntRange(0, 40).Draw(t, "bought")))
			l.Pool = pool
			out := []model.Record{l}
			for i := range rapid.IntRange(0, 5).Draw(t, "machines") {
				h := machine(fmt.Sprintf("%s-%d", pool, i), rapid.IntRange(0, 12).Draw(t, "cores"), "1")
				h.Tags = []string{pool}
				out = append(out, h)
			}
			return out
		}
		here, there := part("here"), part("there")
		sum := map[string]assets.PositionRow{}
		for _, records := range [][]model.Record{here, there} {
			for _, r := range position(t, estateOf(t, records...)).Table.Rows {
				sum[r.Pool] = r
			}
		}
		both := position(t, estateOf(t, slices.Concat(here, there)...))
		if len(both.Table.Rows) != 2 {
			t.Fatalf("there are %d positions", len(both.Table.Rows))
		}
		cost := 0.0
		for _, r := range both.Table.Rows {
			alone := sum[r.Pool]
			if r.Used != alone.Used || r.Entitled != alone.Entitled || r.Surplus != alone.Surplus || r.Shortfall != alone.Shortfall {
				t.Fatalf("in %s together: %+v\nalone: %+v", r.Pool, r, alone)
			}
			cost += alone.Cost.Float()
		}
		if both.Missing.Value != cost {
			t.Fatalf("together %g are missing, alone %g", both.Missing.Value, cost)
		}
	})
}

// TestMoreNeverHurts: one more licence of the same kind never makes more missing,
// whatever version it is for and whatever rights it has. What is covered and what is missing is always all that is used.
func TestMoreNeverHurts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(key string) *model.Licence {
			l := licence(key, float64(rapid.IntRange(0, 30).Draw(t, "bought")))
			l.Version = rapid.SampledFrom([]string{"", "10", "11", "12"}).Draw(t, "version")
			l.Upgrade, l.Downgrade, l.Perpetual = rapid.Bool().Draw(t, "upgrade"), rapid.Bool().Draw(t, "downgrade"), rapid.Bool().Draw(t, "perpetual")
			l.Start = model.MustDate(rapid.SampledFrom([]string{"2020-01-01", "2028-01-01"}).Draw(t, "start"))
			l.Maintenance = rapid.SampledFrom([]model.Date{0, model.MustDate("2026-01-01"), model.MustDate("2028-01-01")}).Draw(t, "maintenance")
			return l
		}
		var records []model.Record
		for i := range rapid.IntRange(1, 4).Draw(t, "licences") {
			records = append(records, draw(fmt.Sprintf("db-%d", i)))
		}
		for i := range rapid.IntRange(0, 6).Draw(t, "machines") {
			records = append(records, machine(fmt.Sprintf("vm-%d", i), rapid.IntRange(1, 12).Draw(t, "cores"), rapid.SampledFrom([]string{"", "10.2", "11.0", "12.1", "13"}).Draw(t, "runs")))
		}
		before := position(t, estateOf(t, records...)).Table.Rows[0]
		after := position(t, estateOf(t, append(records, draw("one-more"))...)).Table.Rows[0]
		if after.Shortfall > before.Shortfall {
			t.Fatalf("one more licence: %g missing before, %g after", before.Shortfall, after.Shortfall)
		}
		for _, r := range []assets.PositionRow{before, after} {
			if covered := r.Used - r.Shortfall; math.Abs(covered-(r.Entitled-r.Surplus)) > 1e-9 || covered < 0 || r.Surplus < 0 {
				t.Fatalf("%g used, %g missing, %g bought and %g spare do not fit", r.Used, r.Shortfall, r.Entitled, r.Surplus)
			}
		}
	})
}

// TestDepreciationCarriesOver: over random things the years carry over, in every
// year the books agree, and in the end everything that came was written off or has gone or is left.
func TestDepreciationCarriesOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var records []model.Record
		for i := range rapid.IntRange(1, 4).Draw(t, "assets") {
			a := &model.Asset{State: "in_use", Price: model.MustMoney(fmt.Sprintf("%d.%02d EUR", rapid.IntRange(0, 9999).Draw(t, "price"), rapid.IntRange(0, 99).Draw(t, "cents"))),
				UsefulLife: rapid.IntRange(1, 100).Draw(t, "life"), Purchased: model.MustDate("2024-01-01").AddDays(rapid.IntRange(0, 1500).Draw(t, "day")),
				Depreciation: model.DepreciationMethod(rapid.SampledFrom([]string{"", "straight_line", "declining", "declining_then_line", "none"}).Draw(t, "method"))}
			a.Key = fmt.Sprintf("a-%d", i)
			if rapid.Bool().Draw(t, "gone") {
				a.State, a.Disposed = "disposed", a.Purchased.AddDays(rapid.IntRange(0, 3000).Draw(t, "until"))
			}
			records = append(records, a)
		}
		calendar := &model.FiscalCalendar{FirstMonth: rapid.IntRange(1, 12).Draw(t, "month"), NamedAfterEnd: rapid.Bool().Draw(t, "named")}
		calendar.Key = "books"
		out, err := assets.Depreciation(estateOf(t, append(records, calendar)...), assets.DepreciationIn{From: 2022, Years: 20})
		if err != nil {
			t.Fatal(err)
		}
		closing := model.MustMoney("0 EUR")
		for _, y := range out.Years.Rows {
			if !y.Opening.Equal(closing) {
				t.Fatalf("%d opens with %s and the year before closed with %s", y.Year, y.Opening, closing)
			}
			sum := y.Opening
			for _, m := range []model.Money{y.Additions, y.Depreciation.Neg(), y.Disposals.Neg()} {
				if sum, err = sum.Add(m); err != nil {
					t.Fatal(err)
				}
			}
			if !sum.Equal(y.Closing) || y.Depreciation.Sign() < 0 {
				t.Fatalf("%d does not add up: %+v", y.Year, y)
			}
			closing = y.Closing
		}
	})
}
